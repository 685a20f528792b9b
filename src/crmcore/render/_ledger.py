"""A balance over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

from crmcore.primitives import checks
from crmcore.primitives.periods import in_utc
from crmcore.render._document import TOP, WIDTH, Scale, Svg, decimals, document, dot, line, n, signed, text, ticks_from

if TYPE_CHECKING:
    from crmcore.service.balance import Ledger

_DAY: Final = timedelta(days=1)


def ledger(book: Ledger, /, *, title: str = "Moment balance") -> Svg:
    """A balance over time: a step at each moment, the line of nought, what lies below it, and the lowest point.

    Examples:
        >>> from crmcore import Ledger, MomentOfTruth, Valence, instant, render
        >>> moments = [
        ...     MomentOfTruth(valence=Valence.GOOD if day % 7 else Valence.BAD, at=instant(f"2026-03-{day:02}"))
        ...     for day in range(1, 29)
        ... ]
        >>> picture = render.ledger(Ledger(moments=moments), title="The desk in March")
        >>> "<title>The desk in March</title>" in str(picture)
        True

    Days are those of UTC. Where many moments fall on one spot, the highest and the lowest balance among them are drawn:
    a picture of a million moments is no longer than one of a thousand.

    Args:
        book: The ledger.
        title: What stands above it.

    Raises:
        WrongTypeError: It is no `Ledger`.
    """
    from crmcore.service.balance import Ledger  # noqa: PLC0415 - a picture loads the room it is of, not all of them

    entries = checks.as_instance(book, Ledger, "book").entries
    left, right, bottom, height = 72, WIDTH - 76, 296, 344
    if not entries:
        return document(title, "No moments.", height, [text(WIDTH / 2, height / 2, "no moments", "soft", "middle")])
    first, last = in_utc(entries[0].moment.at), in_utc(entries[-1].moment.at)
    across = Scale(0.0, (last - first) / _DAY or 1.0, left, right)
    values = [float(entry.value) for entry in entries]
    ticks = ticks_from(min(0.0, *values), max(0.0, *values))
    up = Scale(ticks[0], ticks[-1], bottom, TOP)
    points = [
        (across.at((in_utc(entry.moment.at) - first) / _DAY), up.at(value))
        for entry, value in zip(entries, values, strict=True)
    ]
    zero = up.at(0.0)
    below = [(x, max(y, zero)) for x, y in points]
    parts = [
        *(line("grid", left, up.at(tick), right, up.at(tick)) for tick in ticks),
        *(text(left - 10, up.at(tick) + 4, _tick_label(tick, ticks), "soft", "end") for tick in ticks),
        *_days(first, last, across, bottom + 28),
        f'<path class="below" d="M{n(points[0][0])} {n(zero)}{_steps(below)}V{n(zero)}z"/>',
        line("zero", left, zero, right, zero),
        f'<path class="line" d="M{n(points[0][0])} {n(zero)}{_steps(points)}"/>',
        *_lowest(book, across.at((in_utc(cast("datetime", book.lowest_at)) - first) / _DAY), up),
        *_latest(book, *points[-1]),
    ]
    return document(title, _told(book, first, last), height, parts)


def _lowest(book: Ledger, x: float, up: Scale) -> Iterator[str]:
    """The lowest point, if it is below nought: with its label on the side where there is room."""
    lowest, at = cast("Decimal", book.lowest), cast("datetime", book.lowest_at)
    if lowest >= 0:
        return
    y = up.at(float(lowest))
    yield dot("deep", x, y)
    anchor = "start" if x < WIDTH / 2 else "end"
    label = f"{_figure(lowest)} on {in_utc(at).date().isoformat()}"
    yield text(x + (9 if anchor == "start" else -9), y + 15, label, "bad", anchor)


def _latest(book: Ledger, x: float, y: float) -> Iterator[str]:
    """The balance now, unless it is the lowest, which has its label."""
    if book.value >= 0 or book.value != book.lowest:
        yield dot("dot", x, y)
        yield text(x + 9, y + 4, _figure(book.value), "", "start")


def _told(book: Ledger, first: datetime, last: datetime) -> str:
    """The picture of a ledger in words."""
    number = len(book.moments)
    moments = (
        f"{number} moment{'' if number == 1 else 's'} from {first.date().isoformat()} to {last.date().isoformat()}."
    )
    lowest, at = cast("Decimal", book.lowest), in_utc(cast("datetime", book.lowest_at))
    course = f"The balance ends at {_figure(book.value)}; its lowest was {_figure(lowest)} on {at.date().isoformat()}."
    if book.deficit:
        return f"{moments} {course} A deficit is left."
    if book.repaid_at is None:
        return f"{moments} {course} It was never in deficit."
    return f"{moments} {course} The last deficit was made good on {in_utc(book.repaid_at).date().isoformat()}."


def _steps(points: Sequence[tuple[float, float]]) -> str:
    """A path through steps; of those on one spot across, only how far up and down they reach, and the last."""
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


def _days(first: datetime, last: datetime, across: Scale, y: float) -> Iterator[str]:
    """Dates below the line of time, at most five; hours where it is short."""
    span = (last - first) / _DAY
    if not span:
        yield text(across.start, y, first.date().isoformat(), "soft", "start")
        return
    for quarter in range(5):
        at = first + (last - first) * quarter / 4
        label = at.date().isoformat() if span >= 4 else at.isoformat(sep=" ", timespec="minutes")[5:16]
        if span >= 4 and 0 < quarter < 4:
            at = max(first, at.replace(hour=0, minute=0, second=0, microsecond=0))
        anchor = "start" if quarter == 0 else "end" if quarter == 4 else "middle"
        yield text(across.at((at - first) / _DAY), y, label, "soft", anchor)


def _tick_label(tick: float, ticks: Sequence[float]) -> str:
    return signed(f"{tick:,.{decimals(ticks)}f}" if abs(tick) < 1e9 else f"{tick:.3g}")


def _figure(number: Decimal) -> str:
    """A number with at most two of its decimals, and those that follow cut off."""
    whole, _, decimals = f"{number:f}".partition(".")
    kept = decimals[:2].rstrip("0")
    return signed(f"{whole}.{kept}" if kept else whole)
