"""Rates with their intervals, as a picture."""

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
    build_document,
    choose_ticks,
    count_decimals,
    draw_dot,
    draw_line,
    draw_text,
    escape,
    n,
    use_minus_sign,
    write_label,
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
    """Draw rates with their intervals, one row for each. If two intervals overlap, their true rates may be equal.

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
        rows: A pair of a rate and an interval for each label, as a mapping or as pairs; the order is kept. A rate of
            None is shown as "no data", and a label of None as "unknown".
        title: The title above the picture.
        marks: Rates to compare with, by their names. Each is a line across all rows.

    Raises:
        InvalidValueError: A rate or a bound is not a number, or is beyond 10^30.
    """
    given: Iterable[object] = cast("Mapping[_K, object]", rows).items() if isinstance(rows, Mapping) else rows
    drawn = [_as_row(row, f"rows[{place}]") for place, row in enumerate(checks.iterate(given, "rows", "row"))]
    lines = [
        (write_label(label), _as_float(rate, f"marks[{place}]"))
        for place, (label, rate) in enumerate((marks or {}).items())
    ]
    reach = [
        *(bound for row in drawn if row.bounds for bound in (row.bounds.low, row.bounds.high)),
        *(row.rate for row in drawn if row.rate is not None),
        *(rate for _, rate in lines),
    ]
    ticks = choose_ticks(min(0.0, *reach, 0.0), max(0.0, *reach, 0.0))
    left, right, bottom = 214, WIDTH - 176, TOP + 12 + _ROW * len(drawn)
    across = Scale(ticks[0], ticks[-1], left, right)
    parts = [
        *(draw_line("grid", across.at(tick), TOP, across.at(tick), bottom) for tick in ticks),
        *(draw_text(across.at(tick), bottom + 20, _write_tick(tick, ticks), "soft", "middle") for tick in ticks),
        *(draw_line("mark", across.at(rate), TOP - 4, across.at(rate), bottom) for _, rate in lines),
    ]
    for number, (label, rate) in enumerate(lines):  # alternately above and below, so that neighbours do not collide
        y = bottom + 40 if number % 2 else TOP - 9
        parts.append(draw_text(across.at(rate), y, cut(label, _LABEL), "bad", "middle"))
    if not drawn:
        parts.append(draw_text((left + right) / 2, TOP + 10, "no rows", "soft", "middle"))
    for number, row in enumerate(drawn):
        parts += _draw_row(row, TOP + 6 + _ROW * number + _ROW / 2, left, right, across)
    about = " ".join(
        [*(f"{label}: {_write_percent(rate)}." for label, rate in lines), *(row.description for row in drawn)]
    )
    return build_document(title, about or "No rows.", bottom + (38 if len(lines) < 2 else 58), parts)


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
            return _write_percent(self.rate)
        low, high = _write_percent(self.bounds.low).removesuffix("%"), _write_percent(self.bounds.high)
        return f"{_write_percent(self.rate)} ({low} to {high})"

    @property
    def description(self) -> str:
        return f"{self.label}: {self.figures}."


def _as_row(row: object, name: str) -> _Row:
    label, figures = checks.as_pair(row, name, "a label and its figures, such as ('desk', (rate, interval))")
    rate, bounds = checks.as_pair(figures, f"{name}.figures", "a rate and an Interval or None")
    if bounds is not None:
        bounds = checks.as_instance(bounds, Interval, f"{name}.interval")
        for bound in (bounds.low, bounds.high):
            _as_float(bound, f"{name}.interval")
    return _Row(write_label(label), None if rate is None else _as_float(rate, f"{name}.rate"), bounds)


def _as_float(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float):
        raise WrongTypeError(
            "not_a_rate", f"{name} must be a Decimal or a float, got {show(value)}", **checks.at_fault(name)
        )
    number = float(value)
    if not abs(number) <= _LARGEST:
        raise InvalidValueError(
            "figure_too_large",
            f"{name} must be a number of at most 10^30, got {show(value)}",
            **checks.at_fault(name),
            operands=(value,),
        )
    return number


def _draw_row(row: _Row, y: float, left: float, right: float, across: Scale) -> Iterator[str]:
    yield f"<g><title>{escape(row.description)}</title>"
    yield draw_text(left - 14, y + 4, cut(row.label, _LABEL), "", "end")
    if row.rate is not None:
        if row.bounds is not None:
            low, high = across.at(row.bounds.low), across.at(row.bounds.high)
            ends = "".join(f"M{n(end)} {n(y - 4)}v8" for end in (low, high))
            yield f'<path class="line" d="M{n(low)} {n(y)}H{n(high)}{ends}"/>'
        yield draw_dot("dot", across.at(row.rate), y)
    yield draw_text(right + 16, y + 4, row.figures, "soft" if row.rate is None else "", "start")
    yield "</g>"


def _write_tick(tick: float, ticks: Sequence[float]) -> str:
    return use_minus_sign(f"{100 * tick:.{max(0, count_decimals(ticks) - 2)}f}%")


def _write_percent(share: float) -> str:
    """Write a share to a tenth of a per cent, or to one significant digit if that would show zero."""
    return use_minus_sign(f"{100 * share:.1f}%" if not share or abs(share) >= 0.0005 else f"{100 * share:.1g}%")
