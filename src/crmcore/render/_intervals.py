"""Rates with their bounds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeVar, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.proportions import Interval
from crmcore.render._document import (
    TOP,
    WIDTH,
    Scale,
    Svg,
    decimals,
    document,
    dot,
    escaped,
    line,
    n,
    name_of,
    signed,
    text,
    ticks_from,
)
from crmcore.render._widths import cut

_K = TypeVar("_K")
_Rate = Decimal | int | float | None

_ROW: Final = 28
_LABEL: Final = 182
_LARGEST: Final = float(checks.LARGEST)


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
        >>> from crmcore.service.balance import break_even_failure_rate
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
    drawn = [_row(row) for row in checks.iterate(given, "rows", "row")]
    lines = [(name_of(label), _number(rate, "every mark")) for label, rate in (marks or {}).items()]
    reach = [
        *(bound for row in drawn if row.bounds for bound in (row.bounds.low, row.bounds.high)),
        *(row.rate for row in drawn if row.rate is not None),
        *(rate for _, rate in lines),
    ]
    ticks = ticks_from(min(0.0, *reach, 0.0), max(0.0, *reach, 0.0))
    left, right, bottom = 214, WIDTH - 176, TOP + 12 + _ROW * len(drawn)
    across = Scale(ticks[0], ticks[-1], left, right)
    parts = [
        *(line("grid", across.at(tick), TOP, across.at(tick), bottom) for tick in ticks),
        *(text(across.at(tick), bottom + 20, _percent_tick(tick, ticks), "soft", "middle") for tick in ticks),
        *(line("mark", across.at(rate), TOP - 4, across.at(rate), bottom) for _, rate in lines),
    ]
    for number, (label, rate) in enumerate(lines):  # by turns above and below, so that neighbours do not collide
        y = bottom + 40 if number % 2 else TOP - 9
        parts.append(text(across.at(rate), y, cut(label, _LABEL), "bad", "middle"))
    if not drawn:
        parts.append(text((left + right) / 2, TOP + 10, "no rows", "soft", "middle"))
    for number, row in enumerate(drawn):
        parts += _drawn(row, TOP + 6 + _ROW * number + _ROW / 2, left, right, across)
    about = " ".join([*(f"{label}: {_percent(rate)}." for label, rate in lines), *(row.told for row in drawn)])
    return document(title, about or "No rows.", bottom + (38 if len(lines) < 2 else 58), parts)


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
        bounds = checks.as_instance(bounds, Interval, "the bounds of every row")
        for bound in (bounds.low, bounds.high):
            _number(bound, "every bound")
    return _Row(name_of(label), None if rate is None else _number(rate, "every rate"), bounds)


def _pair(value: object) -> tuple[object, object]:
    given = show(value)
    pair = cast("tuple[object, ...]", value if isinstance(value, tuple) else ())
    if len(pair) != 2:
        raise WrongTypeError(
            "every row must be a label with a rate and its bounds, such as ('desk', (rate, Interval(low, high))), "
            f"got {given}"
        )
    return pair[0], pair[1]


def _number(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float):
        raise WrongTypeError(f"{name} must be a Decimal or a float, got {show(value)}", name)
    number = float(value)
    if not abs(number) <= _LARGEST:
        raise InvalidValueError(f"{name} must be a number of at most 10^30, got {show(value)}", name)
    return number


def _drawn(row: _Row, y: float, left: float, right: float, across: Scale) -> Iterator[str]:
    yield f"<g><title>{escaped(row.told)}</title>"
    yield text(left - 14, y + 4, cut(row.label, _LABEL), "", "end")
    if row.rate is not None:
        if row.bounds is not None:
            low, high = across.at(row.bounds.low), across.at(row.bounds.high)
            ends = "".join(f"M{n(end)} {n(y - 4)}v8" for end in (low, high))
            yield f'<path class="line" d="M{n(low)} {n(y)}H{n(high)}{ends}"/>'
        yield dot("dot", across.at(row.rate), y)
    yield text(right + 16, y + 4, row.figures, "soft" if row.rate is None else "", "start")
    yield "</g>"


def _percent_tick(tick: float, ticks: Sequence[float]) -> str:
    return signed(f"{100 * tick:.{max(0, decimals(ticks) - 2)}f}%")


def _percent(share: float) -> str:
    """To a tenth of a per cent, or where that shows nothing to one digit."""
    return signed(f"{100 * share:.1f}%" if not share or abs(share) >= 0.0005 else f"{100 * share:.1g}%")
