"""What a compensation fund holds over time, as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from crmcore.primitives import _clock, checks
from crmcore.primitives.periods import in_utc
from crmcore.render._document import (
    MARGIN,
    TOP,
    WIDTH,
    Scale,
    Svg,
    build_document,
    choose_ticks,
    draw_dot,
    draw_line,
    draw_text,
    n,
    write_money,
    write_number,
)
from crmcore.render._ledger import draw_dates, trace_steps
from crmcore.render._widths import cut
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.service.recovery import CompensationFund

_LEAD: Final = 24
"""How far the line shows the opening before the first entry."""


def fund(book: CompensationFund, /, *, title: str = "Compensation fund", words: Mapping[str, str] | None = None) -> Svg:
    """Draw what a fund holds over time: a step at each entry, the lowest and the last balance.

    Examples:
        >>> from crmcore import CompensationFund, Money, instant, render
        >>> book = CompensationFund(opening=Money(100, "EUR"))
        >>> book = book.grant("c1", Money(30, "EUR"), at=instant("2026-03-02"))
        >>> picture = render.fund(book.top_up(Money(50, "EUR"), at=instant("2026-03-09")), title="March")
        >>> "The fund ends at 120.00 EUR; its lowest was 70.00 EUR" in str(picture)
        True

    The line starts at the opening. Days are those of UTC. If many entries fall on the same spot, only the highest and
    the lowest balance among them are drawn.

    Args:
        book: The fund.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    from crmcore.service.recovery import CompensationFund  # noqa: PLC0415 - a picture loads the room it is of

    held = checks.as_instance(book, CompensationFund, "book")
    say = as_words(words)
    left, right, bottom, height = 72, WIDTH - 108, 296, 344
    if not held.entries:
        nothing = say("no entries")
        return build_document(
            title, f"{nothing}.", height, [draw_text(WIDTH / 2, height / 2, nothing, "soft", "middle")]
        )
    first, last = in_utc(held.entries[0].at), in_utc(held.entries[-1].at)
    across = Scale(0.0, (last - first) / _clock.DAY or 1.0, left + _LEAD, right)
    opening, *values = (float(money.amount) for money in (held.opening, *held.balances))
    ticks = choose_ticks(0.0, max(opening, *values))
    up = Scale(ticks[0], ticks[-1], bottom, TOP)
    xs = [across.at((in_utc(entry.at) - first) / _clock.DAY) for entry in held.entries]
    points = [(x, up.at(value)) for x, value in zip(xs, values, strict=True)]
    zero = up.at(0.0)
    start = f"M{n(left)} {n(up.at(opening))}"
    parts = [
        *(draw_line("grid", left, up.at(tick), right, up.at(tick)) for tick in ticks),
        *(draw_text(left - 10, up.at(tick) + 4, write_number(tick, ticks), "soft", "end") for tick in ticks),
        *draw_dates(first, last, across, bottom + 28),
        draw_line("zero", left, zero, right, zero),
        f'<path class="line" d="{start}{trace_steps(points)}"/>',
        *_draw_marks(held, points, say),
    ]
    return build_document(title, _describe(held, say), height, parts)


def _find_lowest(book: CompensationFund) -> int:
    """Return the place of the lowest balance, the first of several."""
    return min(range(len(book.balances)), key=lambda place: book.balances[place].amount)


def _draw_marks(book: CompensationFund, points: list[tuple[float, float]], say: Words) -> Iterator[str]:
    """Draw the last balance, and the lowest one if it is another, with its label on the side that has room."""
    lowest = _find_lowest(book)
    x, y = points[-1]
    yield draw_dot("dot", x, y)
    yield draw_text(x + 9, y + 4, cut(write_money(book.value), WIDTH - MARGIN - x), "", "start")
    if book.balances[lowest] == book.value:
        return
    x, y = points[lowest]
    yield draw_dot("deep", x, y)
    anchor = "start" if x < WIDTH / 2 else "end"
    label = say("{value} on {date}", value=write_money(book.balances[lowest]), date=_write_day(book, lowest))
    text = cut(label, WIDTH / 2 - MARGIN - 9, bold=True)
    yield draw_text(x + (9 if anchor == "start" else -9), y - 9, text, "bad", anchor)


def _describe(book: CompensationFund, say: Words) -> str:
    """Describe the picture in sentences."""
    lowest = _find_lowest(book)
    entries = say(
        "{entries} from {start} to {end}",
        entries=say.count(len(book.entries), "1 entry", "{count} entries"),
        start=_write_day(book, 0),
        end=_write_day(book, -1),
    )
    course = say(
        "The fund ends at {value}; its lowest was {lowest} on {date}",
        value=write_money(book.value),
        lowest=write_money(book.balances[lowest]),
        date=_write_day(book, lowest),
    )
    return f"{entries}. {course}."


def _write_day(book: CompensationFund, place: int) -> str:
    return in_utc(book.entries[place].at).date().isoformat()
