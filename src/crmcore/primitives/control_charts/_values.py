"""Charts of values, such as a mean score, with a known standard deviation."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, Final

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ONE, WIDE, ZERO, plain_repr
from crmcore.primitives.control_charts import _run_lengths as run_lengths
from crmcore.primitives.control_charts._points import (
    CUSUM_SOURCE,
    ChartPoint,
    CusumDesign,
    CusumPoint,
    EwmaDesign,
    as_after,
    enumerate_all,
    find_limits,
    walk,
)
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.record import EXACT as EXACT_NUMBER, POSITIVE, number

_EWMA_SOURCE: Final = "Roberts 1959, Technometrics 1:239-250"


@attrs.frozen(kw_only=True)
class EwmaChart(EwmaDesign):
    """The exponentially weighted moving average of values, such as the mean score of each month.

    ``z = weight * value + (1 - weight) * z``, from the target on. Its variance begins small:
    ``v = weight ** 2 * sigma ** 2 + (1 - weight) ** 2 * v``, and so the limits widen over the first periods.

    Examples:
        >>> from crmcore import EwmaChart
        >>> chart = EwmaChart(target=50, sigma="2.0539", weight="0.3")
        >>> first = chart.add("52")
        >>> first.value, first.signal
        (Decimal('50.6'), False)
        >>> chart.add("47", after=first).value
        Decimal('49.52')
        >>> round(chart.false_alarm_interval()), round(chart.delay("52.0539"), 1)
        (463, 11.1)

    Attributes:
        target: The mean while nothing has changed.
        sigma: The standard deviation of a value, in its unit; > 0.
        weight: The weight of the newest value, > 0 and at most 1. A small weight finds a small shift sooner.
        sigmas: The distance of the limits from the target, in standard deviations of the average. Three is a custom.
        side: The side on which the chart watches.
        after_signal: What the chart does in the period after an alarm.

    Source: Roberts 1959, Technometrics 1:239-250; NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.4.
    """

    target: Annotated[Decimal, EXACT_NUMBER] = attrs.field(converter=number, repr=plain_repr)
    sigma: Annotated[Decimal, POSITIVE] = attrs.field(converter=number, repr=plain_repr)

    def add(self, value: Decimal | int | str | None, *, after: ChartPoint | None = None) -> ChartPoint:
        """Return the point of the next period.

        Args:
            value: The value of the period. None if there is none: the average stays, and is no alarm.
            after: The point of the period before. None if this is the first.
        """
        return self._add(value, as_after(after, ChartPoint), "value")

    def run(
        self, periods: Iterable[Decimal | int | str | None], *, after: ChartPoint | None = None
    ) -> tuple[ChartPoint, ...]:
        """Return the points of several periods, in order.

        Args:
            periods: The value of each period, or None for a period without one.
            after: The point of the period before the first.
        """
        return walk(self._add, periods, after, ChartPoint)

    def _add(self, period: Any, after: ChartPoint | None, name: str) -> ChartPoint:  # noqa: ANN401 - read here
        value = None if period is None else checks.as_exact(period, name)
        return self._smooth(value, self.target, EXACT.multiply(self.sigma, self.sigma), after)

    def explain(self, value: Decimal | int | str | None, *, after: ChartPoint | None = None) -> Explanation:
        """Return how the point of the next period is computed, line by line.

        Args:
            value: The value of the period, or None.
            after: The point of the period before. None if this is the first.
        """
        point = self.add(value, after=after)
        given = [term("observed", point.observed), term("center", self.target), term("sigma", self.sigma)]
        return Explanation([*given, *self._list_lines(point, after, "sigma ** 2")], _EWMA_SOURCE)

    def limits_after(self, periods: int | None = None) -> tuple[Decimal | None, Decimal | None]:
        """Return the lower and the upper limit after so many periods; those that they tend to if it is None.

        Examples:
            >>> from crmcore import EwmaChart
            >>> chart = EwmaChart(target=50, sigma="2.0539", weight="0.3")
            >>> [round(float(limit), 4) for limit in chart.limits_after()]
            [47.4116, 52.5884]

        Args:
            periods: The number of periods with a value since the start or restart, at least 1.
        """
        keep = EXACT.subtract(ONE, self.weight)
        factor = WIDE.divide(self.weight, EXACT.subtract(Decimal(2), self.weight))
        if periods is not None:
            rest = WIDE.power(keep, 2 * checks.as_count(periods, "periods", least=1)) if keep else ZERO
            factor = WIDE.multiply(factor, WIDE.subtract(ONE, rest))
        reach = WIDE.multiply(WIDE.multiply(self.sigmas, self.sigma), WIDE.sqrt(factor))
        return find_limits(self.side, self.target, reach)

    def false_alarm_interval(self) -> float | None:
        """Return the mean number of periods to an alarm while the mean is on target.

        It is computed for independent, normal values by the integral equation of the chart, with the limits that the
        chart has in each period. An estimated target or sigma makes the interval less certain. None if it is beyond
        10^9 periods.

        Raises:
            InvalidValueError: The limits are so far apart, or the weight so small, that the equation is too large.

        Source: Crowder 1987, Technometrics 29:401-407; for limits that widen, Steiner 1999, JQT 31:75-86.
        """
        return self.delay(self.target)

    def delay(self, mean: Decimal | int | str, /) -> float | None:
        """Return the mean number of periods to an alarm if the mean is this from the first period on.

        It is computed as `false_alarm_interval` is. None if it is beyond 10^9 periods.

        Args:
            mean: The mean after the change, in the unit of the values.
        """
        shift = _in_sigmas(checks.as_exact(mean, "mean"), self.target, self.sigma)
        return run_lengths.ewma(float(self.weight), float(self.sigmas), shift, self.side.value)


@attrs.frozen(kw_only=True)
class CusumChart(CusumDesign):
    """The cumulative sums of values, such as the mean score of each month.

    ``high = max(0, high + value - target - k * sigma)`` and ``low = max(0, low + target - value - k * sigma)``. A sum
    that exceeds ``h * sigma`` is an alarm. The sums are exact.

    Examples:
        >>> from crmcore import AfterSignal, CusumChart, ChartSide
        >>> chart = CusumChart(target="0.10", sigma="0.02", k="0.5", h=5, after_signal=AfterSignal.RESTART)
        >>> points = chart.run(["0.10", "0.11", "0.10", "0.13", "0.14", "0.15", "0.17"])
        >>> [str(point.high) for point in points]
        ['0', '0', '0', '0.020', '0.050', '0.090', '0.150']
        >>> [point.period for point in points if point.rise]
        [6]
        >>> round(chart.false_alarm_interval()), round(chart.delay("0.12"), 1)
        (465, 10.4)

    Attributes:
        target: The mean while nothing has changed.
        sigma: The standard deviation of a value, in its unit; > 0.
        k: The slack in standard deviations. Half of the shift to find is the best choice.
        h: The limit of the sums in standard deviations. Four and five are customs: read `false_alarm_interval`.
        side: The side on which the chart watches.
        after_signal: What the chart does in the period after an alarm. It has no default, because published charts
            differ.
        start: The head start of the sums in standard deviations, at most `h`. With half of `h`, a chart that begins
            with trouble finds it sooner.

    Source: Page 1954, Biometrika 41:100-115; Montgomery, Introduction to Statistical Quality Control, chapter 9; for
    the head start Lucas and Crosier 1982, Technometrics 24:199-205.
    """

    target: Annotated[Decimal, EXACT_NUMBER] = attrs.field(converter=number, repr=plain_repr)
    sigma: Annotated[Decimal, POSITIVE] = attrs.field(converter=number, repr=plain_repr)

    def add(self, value: Decimal | int | str | None, *, after: CusumPoint | None = None) -> CusumPoint:
        """Return the point of the next period.

        Args:
            value: The value of the period. None if there is none: the sums stay, and are no alarm.
            after: The point of the period before. None if this is the first.
        """
        return self._add(value, as_after(after, CusumPoint), "value")

    def run(
        self, periods: Iterable[Decimal | int | str | None], *, after: CusumPoint | None = None
    ) -> tuple[CusumPoint, ...]:
        """Return the points of several periods, in order.

        Args:
            periods: The value of each period, or None for a period without one.
            after: The point of the period before the first.
        """
        return walk(self._add, periods, after, CusumPoint)

    def _add(self, period: Any, after: CusumPoint | None, name: str) -> CusumPoint:  # noqa: ANN401 - read here
        value = None if period is None else checks.as_exact(period, name)
        above = None if value is None else EXACT.subtract(value, self.target)
        return self._sum_up(value, above, self.sigma, after, exact=True)

    def explain(self, value: Decimal | int | str | None, *, after: CusumPoint | None = None) -> Explanation:
        """Return how the point of the next period is computed, line by line.

        Args:
            value: The value of the period, or None.
            after: The point of the period before. None if this is the first.
        """
        point = self.add(value, after=after)
        given = [term("observed", point.observed), term("target", self.target), term("sigma", self.sigma)]
        start = EXACT.multiply(self.start, self.sigma)
        lines = self._list_lines(
            point, after, start, rise="+ observed - target", fall="+ target - observed", times=" * sigma"
        )
        return Explanation([*given, *lines], CUSUM_SOURCE)

    def false_alarm_interval(self) -> float | None:
        """Return the mean number of periods to an alarm while the mean is on target.

        It is computed for independent, normal values by the integral equation of the chart. An estimated target or
        sigma makes the interval less certain. None if it is beyond 10^9 periods, or if both sides are watched with a
        head start above ``h / 2 + k``, for which no equation is known.

        Raises:
            InvalidValueError: `h` is so large that the equation is too large.

        Source: Goel and Wu 1971, Technometrics 13:221-230; both sides as in Kemp 1961, JRSS B 23:149-153.
        """
        return self.delay(self.target)

    def delay(self, mean: Decimal | int | str, /) -> float | None:
        """Return the mean number of periods to an alarm if the mean is this from the first period on.

        It is computed as `false_alarm_interval` is, and None as there.

        Args:
            mean: The mean after the change, in the unit of the values.
        """
        shift = _in_sigmas(checks.as_exact(mean, "mean"), self.target, self.sigma)
        return run_lengths.cusum(float(self.k), float(self.h), shift, self.side.value, float(self.start))


def cumulative_sums(
    values: Iterable[Decimal | int | str | None], /, *, target: Decimal | int | str
) -> tuple[Decimal, ...]:
    """Return the plain cumulative sums of the distances of values from a target, to look at.

    Where the sums rise, the mean is above the target; where they fall, below it. There are no limits and no alarm: for
    those, use `CusumChart`.

    Examples:
        >>> from crmcore.primitives.control_charts import cumulative_sums
        >>> cumulative_sums([102, "94.8", "98.3", None, "98.4"], target=99)
        (Decimal('3'), Decimal('-1.2'), Decimal('-1.9'), Decimal('-1.9'), Decimal('-2.5'))

    Args:
        values: The values, in order. None is a period without one: the sum stays.
        target: The mean while nothing has changed.

    Source: Page 1954, Biometrika 41:100-115; Montgomery and Runger, Applied Statistics and Probability for Engineers.
    """
    aim = checks.as_exact(target, "target")
    total, sums = ZERO, list[Decimal]()
    for place, value in enumerate_all(values, "values", "value"):
        if value is not None:
            total = EXACT.add(total, EXACT.subtract(checks.as_exact(value, f"values[{place}]"), aim))
        sums.append(total)
    return tuple(sums)


def _in_sigmas(mean: Decimal, target: Decimal, sigma: Decimal) -> float:
    return float(WIDE.divide(EXACT.subtract(mean, target), sigma))
