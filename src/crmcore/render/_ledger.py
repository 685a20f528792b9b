"""A balance over time, as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, cast

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
    use_minus_sign,
    write_number,
)
from crmcore.render._widths import cut, measure
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.service.balance import Ledger


def ledger(book: Ledger, /, *, title: str = "Moment balance", words: Mapping[str, str] | None = None) -> Svg:
    """Draw a balance over time: a step at each moment, the zero line, the area below it, and the lowest point.

    Examples:
        >>> from crmcore import Ledger, MomentOfTruth, Valence, instant, render
        >>> moments = [
        ...     MomentOfTruth(valence=Valence.GOOD if day % 7 else Valence.BAD, at=instant(f"2026-03-{day:02}"))
        ...     for day in range(1, 29)
        ... ]
        >>> picture = render.ledger(Ledger(moments=moments), title="The desk in March")
        >>> "<title>The desk in March</title>" in str(picture)
        True

    Days are those of UTC. If many moments fall on the same spot, only the highest and the lowest balance among them are
    drawn. So a picture of a million moments is no longer than one of a thousand.

    Args:
        book: The ledger.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    from crmcore.service.balance import Ledger  # noqa: PLC0415 - a picture loads the room it is of, not all of them

    entries = checks.as_instance(book, Ledger, "book").entries
    say = as_words(words)
    left, right, bottom, height = 72, WIDTH - 76, 296, 344
    if not entries:
        nothing = say("no moments")
        return build_document(
            title, f"{nothing}.", height, [draw_text(WIDTH / 2, height / 2, nothing, "soft", "middle")]
        )
    first, last = in_utc(entries[0].moment.at), in_utc(entries[-1].moment.at)
    across = Scale(0.0, (last - first) / _clock.DAY or 1.0, left, right)
    values = [float(entry.value) for entry in entries]
    ticks = choose_ticks(min(0.0, *values), max(0.0, *values))
    up = Scale(ticks[0], ticks[-1], bottom, TOP)
    points = [
        (across.at((in_utc(entry.moment.at) - first) / _clock.DAY), up.at(value))
        for entry, value in zip(entries, values, strict=True)
    ]
    zero = up.at(0.0)
    below = [(x, max(y, zero)) for x, y in points]
    parts = [
        *(draw_line("grid", left, up.at(tick), right, up.at(tick)) for tick in ticks),
        *(draw_text(left - 10, up.at(tick) + 4, write_number(tick, ticks), "soft", "end") for tick in ticks),
        *draw_dates(first, last, across, bottom + 28),
        f'<path class="below" d="M{n(points[0][0])} {n(zero)}{trace_steps(below)}V{n(zero)}z"/>',
        draw_line("zero", left, zero, right, zero),
        f'<path class="line" d="M{n(points[0][0])} {n(zero)}{trace_steps(points)}"/>',
        *_draw_lowest(book, across.at((in_utc(cast("datetime", book.lowest_at)) - first) / _clock.DAY), up, say),
        *_draw_latest(book, *points[-1]),
    ]
    return build_document(title, _describe(book, first, last, say), height, parts)


def _draw_lowest(book: Ledger, x: float, up: Scale, say: Words) -> Iterator[str]:
    """Draw the lowest point if it is below zero, with its label on the side that has room."""
    lowest, at = cast("Decimal", book.lowest), cast("datetime", book.lowest_at)
    if lowest >= 0:
        return
    y = up.at(float(lowest))
    yield draw_dot("deep", x, y)
    anchor = "start" if x < WIDTH / 2 else "end"
    label = say("{value} on {date}", value=_write_number(lowest), date=in_utc(at).date().isoformat())
    text = cut(label, WIDTH / 2 - MARGIN - 9, bold=True)
    yield draw_text(x + (9 if anchor == "start" else -9), y + 15, text, "bad", anchor)


def _draw_latest(book: Ledger, x: float, y: float) -> Iterator[str]:
    """Draw the last balance, unless it is the lowest one, which has its own label."""
    if book.value >= 0 or book.value != book.lowest:
        yield draw_dot("dot", x, y)
        yield draw_text(x + 9, y + 4, _write_number(book.value), "", "start")


def _describe(book: Ledger, first: datetime, last: datetime, say: Words) -> str:
    """Describe the picture in sentences."""
    moments = say(
        "{moments} from {start} to {end}",
        moments=say.count(len(book.moments), "1 moment", "{count} moments"),
        start=first.date().isoformat(),
        end=last.date().isoformat(),
    )
    lowest, at = cast("Decimal", book.lowest), in_utc(cast("datetime", book.lowest_at))
    course = say(
        "The balance ends at {value}; its lowest was {lowest} on {date}",
        value=_write_number(book.value),
        lowest=_write_number(lowest),
        date=at.date().isoformat(),
    )
    if book.deficit:
        end = say("It is in deficit at the end")
    elif book.repaid_at is None:
        end = say("It was never in deficit")
    else:
        end = say("The last deficit was repaid on {date}", date=in_utc(book.repaid_at).date().isoformat())
    return f"{moments}. {course}. {end}."


def trace_steps(points: Sequence[tuple[float, float]]) -> str:
    """Return the path data of the steps; of steps at the same x only the highest, the lowest and the last one."""
    parts: list[str] = []
    number = 0
    while number < len(points):
        x = points[number][0]
        here: list[float] = []
        while number < len(points) and points[number][0] - x < 0.5:
            here.append(points[number][1])
            number += 1
        reach = [min(here), max(here)] if len(here) > 2 else here[:-1]
        parts.append(f"H{n(x)}" + "".join(f"V{n(y)}" for y in (*reach, here[-1])))
    return "".join(parts)


def draw_dates(first: datetime, last: datetime, across: Scale, y: float, zone: tzinfo = UTC) -> Iterator[str]:
    """Draw up to five dates below the picture, with hours if the time is short.

    Args:
        first: The instant at which the scale starts, in UTC.
        last: The instant at which it ends, in UTC.
        across: The scale, in days since the first instant.
        y: Where the dates stand.
        zone: The time zone in which they are written.
    """
    span = (last - first) / _clock.DAY
    if not span:
        yield draw_text(across.start, y, first.astimezone(zone).date().isoformat(), "soft", "start")
        return
    ends = across.start, across.end
    for quarter in range(5):
        at = (first + (last - first) * quarter / 4).astimezone(zone)
        label = at.date().isoformat() if span >= 4 else at.isoformat(sep=" ", timespec="minutes")[5:16]
        if span >= 4 and 0 < quarter < 4:
            at = at.replace(hour=0, minute=0, second=0, microsecond=0)
        anchor = "start" if quarter == 0 else "end" if quarter == 4 else "middle"
        x = across.at((max(first, in_utc(at)) - first) / _clock.DAY)
        if abs(quarter - 2) == 1 and any(abs(x - end) < 1.5 * measure(label) + 8 for end in ends):
            continue  # midnight is too near to the first or the last date
        yield draw_text(x, y, label, "soft", anchor)


def _write_number(number: Decimal) -> str:
    """Write a number with at most two decimals; further decimals are cut off, not rounded."""
    whole, _, decimals = f"{number:f}".partition(".")
    kept = decimals[:2].rstrip("0")
    return use_minus_sign(f"{whole}.{kept}" if kept else whole)
