"""Pictures as text: SVG for what the rooms count.

A picture is a string. It needs no library to be drawn and none to be shown: write it into a file, put it into a page,
or leave it as the last line of a notebook's cell. It is legible on light and on dark, says in words what it shows, and
escapes whatever text it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil, floor, log10
from typing import Final, TypeVar, cast

import attrs

from crmcore.balance import Ledger
from crmcore.primitives import _entry
from crmcore.primitives._decimals import plain
from crmcore.primitives._entry import shown
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.periods import in_utc
from crmcore.primitives.proportions import Interval

__all__ = ["Svg", "intervals", "ledger"]

_K = TypeVar("_K")
_Rate = Decimal | int | float | None

_STYLE: Final = """
.crmcore { --page: #ffffff; --ink: #1b1f24; --soft: #57606a; --edge: #d8dee4; --line: #0b62c4; --bad: #c2255c }
@media (prefers-color-scheme: dark) {
  .crmcore { --page: #14171c; --ink: #e8ebef; --soft: #a3adba; --edge: #343b45; --line: #6db1ff; --bad: #ff86ae }
}
.crmcore text { font: 12px system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: var(--ink) }
.crmcore .title { font-size: 16px; font-weight: 600 }
.crmcore .soft { fill: var(--soft) }
.crmcore .bad { fill: var(--bad); font-weight: 600 }
.crmcore .page { fill: var(--page) }
.crmcore path { fill: none }
.crmcore .below { fill: var(--bad); opacity: 0.16 }
.crmcore .grid { stroke: var(--edge) }
.crmcore .zero { stroke: var(--soft) }
.crmcore .mark { stroke: var(--bad); stroke-dasharray: 5 3 }
.crmcore .line { stroke: var(--line); stroke-width: 1.75; stroke-linejoin: round }
.crmcore .dot { fill: var(--line) }
.crmcore .deep { fill: var(--bad) }
"""
_WIDTH: Final = 760
_MARGIN: Final = 18
_TOP: Final = 58
_ROW: Final = 28
_LONGEST_TITLE: Final = 74
_LONGEST_LABEL: Final = 26
_LARGEST: Final = float(_entry.LARGEST)
_SMALLEST_STEP: Final = 1e-9
_DAY: Final = timedelta(days=1)


@attrs.frozen
class Svg:
    """A picture, as the text of an SVG document.

    Examples:
        >>> from crmcore import render
        >>> picture = render.intervals({"desk": (0.05, Interval(0.02, 0.11))}, title="Failures")
        >>> str(picture).startswith("<svg "), str(picture) == picture.text
        (True, True)

    A notebook shows it by itself.

    Attributes:
        text: The document, to be written as UTF-8.

    Raises:
        WrongTypeError: The text is no str.
    """

    text: str = attrs.field(repr=lambda text: f"<{len(text)} characters>")

    def __attrs_post_init__(self) -> None:
        _entry.text(self.text, "text")

    def __str__(self) -> str:
        return self.text

    def _repr_svg_(self) -> str:
        return self.text


def ledger(book: Ledger, /, *, title: str = "Moment balance") -> Svg:
    """A balance over time: a step at each moment, the line of nought, what lies below it, and the lowest point.

    Examples:
        >>> from crmcore import MomentOfTruth, Valence, balance, instant, render
        >>> moments = [
        ...     MomentOfTruth(valence=Valence.GOOD if day % 7 else Valence.BAD, at=instant(f"2026-03-{day:02}"))
        ...     for day in range(1, 29)
        ... ]
        >>> picture = render.ledger(balance.ledger(moments), title="The desk in March")
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
    entries = _entry.of_type(book, Ledger, "book").entries
    left, right, bottom, height = 72, _WIDTH - 76, 296, 344
    if not entries:
        return _document(title, "No moments.", height, [_text(_WIDTH / 2, height / 2, "no moments", "soft", "middle")])
    first, last = in_utc(entries[0].moment.at), in_utc(entries[-1].moment.at)
    across = _Scale(0.0, (last - first) / _DAY or 1.0, left, right)
    values = [float(entry.value) for entry in entries]
    ticks = _ticks(min(0.0, *values), max(0.0, *values))
    up = _Scale(ticks[0], ticks[-1], bottom, _TOP)
    points = [
        (across.at((in_utc(entry.moment.at) - first) / _DAY), up.at(value))
        for entry, value in zip(entries, values, strict=True)
    ]
    zero = up.at(0.0)
    below = [(x, max(y, zero)) for x, y in points]
    parts = [
        *(_line("grid", left, up.at(tick), right, up.at(tick)) for tick in ticks),
        *(_text(left - 10, up.at(tick) + 4, _tick_label(tick, ticks), "soft", "end") for tick in ticks),
        *_days(first, last, across, bottom + 28),
        f'<path class="below" d="M{_n(points[0][0])} {_n(zero)}{_steps(below)}V{_n(zero)}z"/>',
        _line("zero", left, zero, right, zero),
        f'<path class="line" d="M{_n(points[0][0])} {_n(zero)}{_steps(points)}"/>',
        *_lowest(book, across.at((in_utc(cast("datetime", book.lowest_at)) - first) / _DAY), up),
        *_latest(book, *points[-1]),
    ]
    return _document(title, _told(book, first, last), height, parts)


def intervals(
    rows: Mapping[_K, tuple[_Rate, Interval | None]] | Iterable[tuple[_K, tuple[_Rate, Interval | None]]],
    /,
    *,
    title: str = "Rates with their bounds",
    marks: Mapping[str, Decimal | float] | None = None,
) -> Svg:
    """Rates and their bounds, a row for each: what overlaps may well be one and the same.

    Examples:
        >>> from crmcore import FailureRate, render
        >>> from crmcore.balance import break_even_failure_rate
        >>> desks = {"ground floor": FailureRate(good=400, bad=8), "first floor": FailureRate(good=40, bad=12)}
        >>> picture = render.intervals(
        ...     {desk: (rate.rate, rate.interval()) for desk, rate in desks.items()},
        ...     title="Bad moments of those judged, 95%",
        ...     marks={"break-even": break_even_failure_rate()},
        ... )
        >>> "23.1% (12.5 to 36.8%)" in str(picture)
        True

    Args:
        rows: A rate and its bounds by label, or pairs of both; they keep their order. A rate of None has no data, a
            label of None is an unknown one.
        title: What stands above it.
        marks: Rates to be compared with, by what they are called: each is a line across all rows.

    Raises:
        InvalidValueError: A rate or a bound that is no number, or beyond 10^30.
        WrongTypeError: A row that is not a label with a rate and an `Interval`.
    """
    given: Iterable[object] = cast("Mapping[_K, object]", rows).items() if isinstance(rows, Mapping) else rows
    drawn = [_row(row) for row in _entry.each(given, "rows", "row")]
    lines = [(_name(label), _number(rate, "every mark")) for label, rate in (marks or {}).items()]
    reach = [
        *(bound for row in drawn if row.bounds for bound in (row.bounds.low, row.bounds.high)),
        *(row.rate for row in drawn if row.rate is not None),
        *(rate for _, rate in lines),
    ]
    ticks = _ticks(min(0.0, *reach, 0.0), max(0.0, *reach, 0.0))
    left, right, bottom = 214, _WIDTH - 176, _TOP + 12 + _ROW * len(drawn)
    across = _Scale(ticks[0], ticks[-1], left, right)
    parts = [
        *(_line("grid", across.at(tick), _TOP, across.at(tick), bottom) for tick in ticks),
        *(_text(across.at(tick), bottom + 20, _percent_tick(tick, ticks), "soft", "middle") for tick in ticks),
        *(_line("mark", across.at(rate), _TOP - 4, across.at(rate), bottom) for _, rate in lines),
    ]
    for number, (label, rate) in enumerate(lines):  # by turns above and below, so that neighbours do not collide
        y = bottom + 40 if number % 2 else _TOP - 9
        parts.append(_text(across.at(rate), y, _cut(label, _LONGEST_LABEL), "bad", "middle"))
    if not drawn:
        parts.append(_text((left + right) / 2, _TOP + 10, "no rows", "soft", "middle"))
    for number, row in enumerate(drawn):
        parts += _drawn(row, _TOP + 6 + _ROW * number + _ROW / 2, left, right, across)
    about = " ".join([*(f"{label}: {_percent(rate)}." for label, rate in lines), *(row.told for row in drawn)])
    return _document(title, about or "No rows.", bottom + (38 if len(lines) < 2 else 58), parts)


@attrs.frozen
class _Scale:
    """From a value to where it stands."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


@attrs.frozen
class _Row:
    label: str
    rate: float | None
    bounds: Interval | None

    @property
    def figures(self) -> str:
        if self.rate is None:
            return "no data"
        if self.bounds is None:
            return _percent(self.rate)
        return f"{_percent(self.rate)} ({_percent(self.bounds.low).removesuffix('%')} to {_percent(self.bounds.high)})"

    @property
    def told(self) -> str:
        return f"{self.label}: {self.figures}."


def _row(row: object) -> _Row:
    label, figures = _pair(row)
    rate, bounds = _pair(figures)
    if bounds is not None:
        bounds = _entry.of_type(bounds, Interval, "the bounds of every row")
        for bound in (bounds.low, bounds.high):
            _number(bound, "every bound")
    return _Row(_name(label), None if rate is None else _number(rate, "every rate"), bounds)


def _pair(value: object) -> tuple[object, object]:
    given = shown(value)
    pair = cast("tuple[object, ...]", value if isinstance(value, tuple) else ())
    if len(pair) != 2:
        raise WrongTypeError(
            "every row must be a label with a rate and its bounds, such as ('desk', (rate, Interval(low, high))), "
            f"got {given}"
        )
    return pair[0], pair[1]


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float):
        raise WrongTypeError(f"{name} must be a Decimal or a float, got {shown(value)}", name)
    number = float(value)
    if not abs(number) <= _LARGEST:
        raise InvalidValueError(f"{name} must be a number of at most 10^30, got {shown(value)}", name)
    return number


def _drawn(row: _Row, y: float, left: float, right: float, across: _Scale) -> Iterator[str]:
    yield f"<g><title>{_escaped(row.told)}</title>"
    yield _text(left - 14, y + 4, _cut(row.label, _LONGEST_LABEL), "", "end")
    if row.rate is not None:
        if row.bounds is not None:
            low, high = across.at(row.bounds.low), across.at(row.bounds.high)
            ends = "".join(f"M{_n(end)} {_n(y - 4)}v8" for end in (low, high))
            yield f'<path class="line" d="M{_n(low)} {_n(y)}H{_n(high)}{ends}"/>'
        yield _dot("dot", across.at(row.rate), y)
    yield _text(right + 16, y + 4, row.figures, "soft" if row.rate is None else "", "start")
    yield "</g>"


def _lowest(book: Ledger, x: float, up: _Scale) -> Iterator[str]:
    """The lowest point, if it is below nought: with its label on the side where there is room."""
    lowest, at = cast("Decimal", book.lowest), cast("datetime", book.lowest_at)
    if lowest >= 0:
        return
    y = up.at(float(lowest))
    yield _dot("deep", x, y)
    anchor = "start" if x < _WIDTH / 2 else "end"
    label = f"{_figure(lowest)} on {in_utc(at).date().isoformat()}"
    yield _text(x + (9 if anchor == "start" else -9), y + 15, label, "bad", anchor)


def _latest(book: Ledger, x: float, y: float) -> Iterator[str]:
    """The balance now, unless it is the lowest, which has its label."""
    if book.value >= 0 or book.value != book.lowest:
        yield _dot("dot", x, y)
        yield _text(x + 9, y + 4, _figure(book.value), "", "start")


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
        parts.append(f"H{_n(x)}" + "".join(f"V{_n(y)}" for y in (*reach, here[-1])))
    return "".join(parts)


def _days(first: datetime, last: datetime, across: _Scale, y: float) -> Iterator[str]:
    """Dates below the line of time, at most five; hours where it is short."""
    span = (last - first) / _DAY
    if not span:
        yield _text(across.start, y, first.date().isoformat(), "soft", "start")
        return
    for quarter in range(5):
        at = first + (last - first) * quarter / 4
        label = at.date().isoformat() if span >= 4 else at.isoformat(sep=" ", timespec="minutes")[5:16]
        if span >= 4 and 0 < quarter < 4:
            at = max(first, at.replace(hour=0, minute=0, second=0, microsecond=0))
        anchor = "start" if quarter == 0 else "end" if quarter == 4 else "middle"
        yield _text(across.at((at - first) / _DAY), y, label, "soft", anchor)


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers, about five steps of 1, 2 or 5, from at most the low to at least the high."""
    rough = (high - low) / 5
    if rough < _SMALLEST_STEP:
        rough = 0.2
    size = 10.0 ** floor(log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough * 0.999)
    return [step * number for number in range(floor(low / step + 1e-9), max(1, ceil(high / step - 1e-9)) + 1)]


def _tick_label(tick: float, ticks: Sequence[float]) -> str:
    return _signed(f"{tick:,.{_decimals(ticks)}f}" if abs(tick) < 1e9 else f"{tick:.3g}")


def _percent_tick(tick: float, ticks: Sequence[float]) -> str:
    return _signed(f"{100 * tick:.{max(0, _decimals(ticks) - 2)}f}%")


def _decimals(ticks: Sequence[float]) -> int:
    return max(0, -floor(log10(ticks[1] - ticks[0]) + 1e-9))


def _percent(share: float) -> str:
    """To a tenth of a per cent, or where that shows nothing to one digit."""
    return _signed(f"{100 * share:.1f}%" if not share or abs(share) >= 0.0005 else f"{100 * share:.1g}%")


def _figure(number: Decimal) -> str:
    """A number with at most two of its decimals, and those that follow cut off."""
    whole, _, decimals = f"{number:f}".partition(".")
    kept = decimals[:2].rstrip("0")
    return _signed(f"{whole}.{kept}" if kept else whole)


def _signed(number: str) -> str:
    return number.replace("-", "\N{MINUS SIGN}")


def _name(label: object) -> str:
    if label is None:
        return "unknown"
    if isinstance(label, tuple):
        return ", ".join(map(_name, cast("tuple[object, ...]", label)))
    return plain(label) if isinstance(label, Decimal) else str(label)


def _cut(text: str, most: int) -> str:
    """As much of a text as there is room for; the signs of the Far East are twice as wide."""
    room = most
    for number, sign in enumerate(text):
        room -= 2 if sign >= "\u1100" else 1
        if room < 0:
            return f"{text[: max(0, number - 1)]}\N{HORIZONTAL ELLIPSIS}"
    return text


def _escaped(text: str) -> str:
    """As XML takes it: what XML knows no sign for is replaced by the sign for that."""
    known = "".join(sign if sign in "\t\n\r" or _is_xml(sign) else "\N{REPLACEMENT CHARACTER}" for sign in text)
    return known.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _is_xml(sign: str) -> bool:
    return " " <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign >= "\U00010000"


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _text(x: float, y: float, text: str, kind: str, anchor: str) -> str:
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}">{_escaped(text)}</text>'


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path class="{kind}" d="M{_n(x1)} {_n(y1)}L{_n(x2)} {_n(y2)}"/>'


def _dot(kind: str, x: float, y: float) -> str:
    return f'<circle class="{kind}" cx="{_n(x)}" cy="{_n(y)}" r="4"/>'


def _document(title: str, about: str, height: float, parts: Iterable[str]) -> Svg:
    heading = _entry.text(title, "title")
    size = f'width="{_WIDTH}" height="{_n(height)}"'
    box = f'viewBox="0 0 {_WIDTH} {_n(height)}" style="max-width: 100%; height: auto"'
    lines = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="crmcore" role="img" {size} {box}>',
        f"<title>{_escaped(heading)}</title>",
        f"<desc>{_escaped(about)}</desc>",
        f"<style>{_STYLE}</style>",
        f'<rect class="page" {size} rx="8"/>',
        _text(_MARGIN, 30, _cut(heading, _LONGEST_TITLE), "title", "start"),
        *parts,
        "</svg>",
        "",
    )
    return Svg("\n".join(lines))
