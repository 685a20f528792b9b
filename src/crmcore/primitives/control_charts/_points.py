"""Control charts: what each shows for a period, and whether it gives an alarm.

A chart is a frozen record of its design. It keeps no periods: a point holds all that the next point needs. So a new
period costs the same after ten periods and after ten thousand, and the last point can be stored overnight.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, TypeVar, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ONE, RATIO, WIDE, ZERO, plain_repr
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Term, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.proportions import as_proportion_pair, zero_event_bound
from crmcore.primitives.record import NON_NEGATIVE, POSITIVE, SUM, Kind, Record, fraction, number, several

_T = TypeVar("_T")
_P = TypeVar("_P", "ChartPoint", "CusumPoint")

_NEARLY_ONE: Final = Decimal("1.0000000000000000000000000001")
"""What exceeds a limit must exceed it by more than the last of 28 digits, because figures are rounded to 34."""


class ChartSide(StrEnum):
    """The side on which a chart watches.

    Attributes:
        UPPER: A rise is an alarm, such as of the share of the aggrieved.
        LOWER: A fall is an alarm, such as of the share of the loyal.
        BOTH: Each of them is an alarm.
    """

    UPPER = "upper"
    LOWER = "lower"
    BOTH = "both"

    @property
    def watches_rise(self) -> bool:
        """Whether a rise is an alarm."""
        return self is not ChartSide.LOWER

    @property
    def watches_fall(self) -> bool:
        """Whether a fall is an alarm."""
        return self is not ChartSide.UPPER


class AfterSignal(StrEnum):
    """What a chart with a memory does in the period after an alarm.

    Attributes:
        CONTINUE: It keeps its memory. The alarm can stay on long after the trouble is over.
        RESTART: It begins anew, without a head start. A trouble that goes on must be found again.
    """

    CONTINUE = "continue"
    RESTART = "restart"


def _as_variance(value: object, name: str) -> Decimal:
    result = checks.as_decimal(value, name)
    checks.check_not_below(result, 0, name)
    return result


def _as_weight(value: object, name: str) -> Decimal:
    result = checks.as_share(value, name)
    if not result:
        raise InvalidValueError(
            "weight_of_zero",
            f"{name} must be > 0, got 0",
            **checks.at_fault(name),
            advice="a chart with the weight 0 never moves",
            operands=(result,),
        )
    return result


def as_baseline(value: object, name: str) -> tuple[int, int]:
    """Return successes and n of a baseline, which has n > 0."""
    successes, n = as_proportion_pair(value, name)
    if not n:
        raise InvalidValueError(
            "empty_baseline",
            f"{name} must have n > 0, got 0 of 0",
            **checks.at_fault(name),
            operands=(0, 0),
            advice="count periods in which somebody was asked",
        )
    return successes, n


VARIANCE: Final = Kind(_as_variance, pattern=r"^\+?(\d{1,30}(\.\d{0,99})?|\.\d{1,99})$")  # 34 digits, and small
WEIGHT: Final = Kind(
    _as_weight,
    {"exclusiveMinimum": 0, "maximum": 1},
    r"^\+?(0?\.\d{0,19}[1-9]\d{0,20}|1(\.0{0,40})?)$",
    floats=True,
)
CUSUM_SOURCE: Final = "Page 1954, Biometrika 41:100-115"
BASELINE: Final = Kind(
    as_baseline, {"prefixItems": [{"type": "integer", "minimum": 0}, {"type": "integer", "minimum": 1}]}
)


@attrs.frozen(kw_only=True)
class ChartPoint(Result):
    """One period on a p-chart or an EWMA chart.

    The figures have 34 digits. A value on a limit, to 28 digits, is not beyond it.

    Examples:
        >>> from crmcore import PChart
        >>> point = PChart(baseline=(60, 600)).add((33, 190))
        >>> point.rise, point.fall, point.signal
        (True, False, True)

    Attributes:
        period: The position of the period, from 0.
        observed: The share or the value of the period; None if its n is 0.
        value: What the chart plots: the share itself, or the weighted average up to the period; None if there is none.
        center: The share of the baseline, or the target.
        variance: The variance of the value while nothing has changed; None if there is none.
        lower: The lower limit; None if the chart does not watch that side, or has no limits.
        upper: The upper limit; None if the chart does not watch that side, or has no limits.
        rise: Whether the value lies above the upper limit.
        fall: Whether the value lies below the lower limit.
        cautions: What to know before you rely on it.
    """

    ratios = ("signal",)

    period: int
    observed: Annotated[Decimal, SUM] | None = attrs.field(repr=plain_repr)
    value: Annotated[Decimal, SUM] | None = attrs.field(repr=plain_repr)
    center: Annotated[Decimal, SUM] = attrs.field(repr=plain_repr)
    variance: Annotated[Decimal, VARIANCE] | None = attrs.field(repr=plain_repr)
    lower: Annotated[Decimal, SUM] | None = attrs.field(repr=plain_repr)
    upper: Annotated[Decimal, SUM] | None = attrs.field(repr=plain_repr)
    rise: bool
    fall: bool
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several, repr=False)

    @property
    def signal(self) -> bool:
        """Whether the chart gives an alarm in this period."""
        return self.rise or self.fall


@attrs.frozen(kw_only=True)
class CusumPoint(Result):
    """One period on a CUSUM chart.

    Examples:
        >>> from crmcore import AfterSignal, CusumChart
        >>> chart = CusumChart(target=10, sigma=1, k="0.5", h=4, after_signal=AfterSignal.RESTART)
        >>> chart.add("12").high, chart.add("12").signal
        (Decimal('1.5'), False)

    Attributes:
        period: The position of the period, from 0.
        observed: The share or the value of the period; None if its n is 0.
        high: The sum for a rise; None if the chart does not watch that side, or has no limit.
        low: The sum for a fall, which is >= 0; None if the chart does not watch that side, or has no limit.
        limit: The limit of both sums; None if the chart has none.
        rise: Whether `high` exceeds the limit.
        fall: Whether `low` exceeds the limit.
        cautions: What to know before you rely on it.
    """

    ratios = ("signal",)

    period: int
    observed: Annotated[Decimal, SUM] | None = attrs.field(repr=plain_repr)
    high: Annotated[Decimal, SUM] | None = attrs.field(repr=plain_repr)
    low: Annotated[Decimal, SUM] | None = attrs.field(repr=plain_repr)
    limit: Annotated[Decimal, SUM] | None = attrs.field(repr=plain_repr)
    rise: bool
    fall: bool
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several, repr=False)

    @property
    def signal(self) -> bool:
        """Whether the chart gives an alarm in this period."""
        return self.rise or self.fall


def enumerate_all(values: Iterable[_T], name: str, kind: str) -> Iterator[tuple[int, _T]]:
    """Number the values of the caller, which are collected; without a length, they are at most a million."""
    return enumerate(checks.end_at_limit(checks.iterate(values, name, kind), values, name))


def walk(
    add: Callable[[Any, _P | None, str], _P], periods: Iterable[Any], after: _P | None, kind: type[_P]
) -> tuple[_P, ...]:
    """Return the points of several periods, each after the one before."""
    after = as_after(after, kind)
    points: list[_P] = []
    for place, period in enumerate_all(periods, "periods", "period"):
        after = add(period, after, f"periods[{place}]")
        points.append(after)
    return tuple(points)


def as_after(after: _P | None, kind: type[_P]) -> _P | None:
    return None if after is None else checks.as_instance(after, kind, "after")


def next_period(after: ChartPoint | CusumPoint | None) -> int:
    return 0 if after is None else after.period + 1


def is_beyond(distance: Decimal, limit: Decimal) -> bool:
    """Return whether a distance exceeds a limit, both of 34 digits."""
    return distance > 0 and WIDE.compare(distance, WIDE.multiply(limit, _NEARLY_ONE)) > 0


def find_cautions(baseline: tuple[int, int]) -> tuple[Finding, ...]:
    """Return what a baseline without successes, or without failures, must say."""
    successes, n = baseline
    if 0 < successes < n:
        return ()
    seen, bound = ("no successes", "high") if not successes else ("successes only", "low")
    share = cast("float", zero_event_bound(n))
    return (
        Finding(
            rule="baseline_without_variance",
            severity=Severity.WARNING,
            subject="baseline",
            message=f"a baseline of {seen} has no limits, so the chart never gives an alarm",
            advice="count a longer baseline; the 95 per cent bound of its share is the evidence",
            evidence=[("n", n), (bound, f"{share if not successes else 1 - share:.6g}")],
        ),
    )


def find_limits(side: ChartSide, center: Decimal, reach: Decimal) -> tuple[Decimal | None, Decimal | None]:
    lower = RATIO.plus(WIDE.subtract(center, reach)) if side.watches_fall else None
    return lower, RATIO.plus(WIDE.add(center, reach)) if side.watches_rise else None


def clip(limit: Decimal | None) -> Decimal | None:
    """Return a limit of a share, which lies between 0 and 1."""
    return None if limit is None else min(max(limit, ZERO), ONE)


def list_limits(point: ChartPoint, *, is_share: bool = False) -> list[Term]:
    """Return the lines of an explanation for the limits that a point has."""
    lower, upper = "center - sigmas * variance ** 0.5", "center + sigmas * variance ** 0.5"
    if is_share:
        lower, upper = f"max(0, {lower})", f"min(1, {upper})"
    lines = (term("lower", point.lower, "", lower), term("upper", point.upper, "", upper))
    return [line for line in lines if line.value is not None]


@attrs.frozen(kw_only=True)
class EwmaDesign(Record):
    """What the EWMA charts of values and of shares have in common."""

    weight: Annotated[Decimal, WEIGHT] = attrs.field(default=Decimal("0.2"), converter=fraction, repr=plain_repr)
    sigmas: Annotated[Decimal, POSITIVE] = attrs.field(default=Decimal(3), converter=number, repr=plain_repr)
    side: ChartSide = ChartSide.BOTH
    after_signal: AfterSignal = AfterSignal.CONTINUE

    def _find_start(self, center: Decimal, after: ChartPoint | None) -> tuple[Decimal, Decimal]:
        """Return the average before a period, and its variance."""
        restarts = after is not None and after.signal and self.after_signal is AfterSignal.RESTART
        if after is None or restarts or after.value is None:
            return center, ZERO
        return after.value, after.variance or ZERO

    def _smooth(
        self,
        observed: Decimal | None,
        center: Decimal,
        variance: Decimal,
        after: ChartPoint | None,
        *,
        cautions: tuple[Finding, ...] = (),
        is_share: bool = False,
    ) -> ChartPoint:
        """Return the next point.

        Args:
            observed: The value of the period.
            center: Where the average begins.
            variance: That of the value of the period.
            after: The point of the period before.
            cautions: The cautions of the chart.
            is_share: Whether the limits are cut at 0 and 1.
        """
        value, spread = self._find_start(center, after)
        if observed is not None:
            weight, keep = self.weight, EXACT.subtract(ONE, self.weight)
            value = RATIO.plus(WIDE.add(WIDE.multiply(weight, observed), WIDE.multiply(keep, value)))
            fresh, kept = WIDE.multiply(weight, weight), WIDE.multiply(keep, keep)
            spread = RATIO.plus(WIDE.add(WIDE.multiply(fresh, variance), WIDE.multiply(kept, spread)))
        reach = WIDE.multiply(self.sigmas, WIDE.sqrt(spread))
        lower, upper = find_limits(self.side, center, reach) if spread else (None, None)
        if is_share:
            lower, upper = clip(lower), clip(upper)
        distance = WIDE.subtract(value, center)
        new = observed is not None
        return ChartPoint(
            period=next_period(after),
            observed=observed,
            value=value,
            center=center,
            variance=spread,
            lower=lower,
            upper=upper,
            rise=new and upper is not None and is_beyond(distance, reach),
            fall=new and lower is not None and is_beyond(distance.copy_negate(), reach),
            cautions=cautions,
        )

    def _list_lines(
        self, point: ChartPoint, after: ChartPoint | None, variance: str, *, is_share: bool = False
    ) -> list[Term]:
        """Return the lines of an explanation from the weight on."""
        value, spread = self._find_start(point.center, after)
        is_new = point.observed is not None
        smoothed = "weight * observed + (1 - weight) * value_before"
        combined = f"weight ** 2 * {variance} + (1 - weight) ** 2 * variance_before"
        return [
            term("weight", self.weight),
            term("sigmas", self.sigmas),
            term("value_before", value),
            term("variance_before", spread),
            term("value", point.value, "", smoothed if is_new else "value_before"),
            term("variance", point.variance, "", combined if is_new else "variance_before"),
            *list_limits(point, is_share=is_share),
        ]


@attrs.frozen(kw_only=True)
class CusumDesign(Record):
    """What the CUSUM charts of values and of shares have in common."""

    k: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=Decimal("0.5"), converter=number, repr=plain_repr)
    h: Annotated[Decimal, POSITIVE] = attrs.field(default=Decimal(4), converter=number, repr=plain_repr)
    side: ChartSide = ChartSide.BOTH
    after_signal: AfterSignal
    start: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=ZERO, converter=number, repr=plain_repr)

    def _check(self) -> None:
        super()._check()
        if self.start > self.h:
            raise InvalidValueError(
                "head_start_beyond_limit",
                f"start must be at most h, got {show(self.start)} and {show(self.h)}",
                field="start",
                advice="half of h is usual",
                operands=(self.start, self.h),
            )

    def _find_start(self, start: Decimal, after: CusumPoint | None) -> tuple[Decimal, Decimal]:
        """Return both sums before a period."""
        if after is None:
            return start, start
        if after.signal and self.after_signal is AfterSignal.RESTART:
            return ZERO, ZERO
        return after.high or ZERO, after.low or ZERO

    def _sum_up(
        self, observed: Decimal | None, above: Decimal | None, unit: Decimal, after: CusumPoint | None, *, exact: bool
    ) -> CusumPoint:
        """Return the next point.

        Args:
            observed: The value of the period.
            above: How far it lies above the target.
            unit: The standard deviation, in the unit of `above`.
            after: The point of the period before.
            exact: Whether the sums are exact; else they are rounded, and one on the limit may seem to exceed it.
        """
        slack, limit, start = (EXACT.multiply(one, unit) for one in (self.k, self.h, self.start))
        high, low = self._find_start(start, after)
        if above is not None:
            high = max(ZERO, EXACT.subtract(EXACT.add(high, above), slack))
            low = max(ZERO, EXACT.subtract(EXACT.subtract(low, above), slack))
        watches_rise, watches_fall, new = self.side.watches_rise, self.side.watches_fall, above is not None
        least = limit if exact else EXACT.multiply(limit, _NEARLY_ONE)
        return CusumPoint(
            period=next_period(after),
            observed=observed,
            high=high if watches_rise else None,
            low=low if watches_fall else None,
            limit=limit,
            rise=new and watches_rise and high > least,
            fall=new and watches_fall and low > least,
        )

    def _list_lines(
        self, point: CusumPoint, after: CusumPoint | None, start: Decimal, *, rise: str, fall: str, times: str = ""
    ) -> list[Term]:
        """Return the lines of an explanation from the slack on.

        Args:
            point: The point.
            after: The point of the period before.
            start: The head start.
            rise: The formula of what the period adds to the sum for a rise.
            fall: The formula of what it adds to the sum for a fall.
            times: The formula of what the slack and the limit are multiplied by.
        """
        high, low = self._find_start(start, after)
        is_new = point.observed is not None
        lines = [
            term("k", self.k, "sigma"),
            term("h", self.h, "sigma"),
            term("high_before", high if self.side.watches_rise else None),
            term("low_before", low if self.side.watches_fall else None),
            term("limit", point.limit, "", f"h{times}"),
            term("high", point.high, "", f"max(0, high_before {rise} - k{times})" if is_new else "high_before"),
            term("low", point.low, "", f"max(0, low_before {fall} - k{times})" if is_new else "low_before"),
        ]
        return [line for line in lines if line.value is not None]
