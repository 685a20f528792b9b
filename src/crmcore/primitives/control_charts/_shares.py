"""Charts of shares, such as that of the aggrieved, with periods of any size."""

from bisect import bisect_left
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import ONE, RATIO, WIDE, ZERO, plain_repr, ratio
from crmcore.primitives.control_charts import _run_lengths as run_lengths
from crmcore.primitives.control_charts._points import (
    BASELINE,
    CUSUM_SOURCE,
    ChartPoint,
    ChartSide,
    CusumDesign,
    CusumPoint,
    EwmaDesign,
    as_after,
    clip,
    enumerate_all,
    find_cautions,
    find_limits,
    list_limits,
    next_period,
    walk,
)
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.findings import Finding
from crmcore.primitives.proportions import as_proportion_pair
from crmcore.primitives.record import POSITIVE, Record, number


def read_pairs(periods: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    return [
        as_proportion_pair(pair, f"periods[{place}]") for place, pair in enumerate_all(periods, "periods", "period")
    ]


def pool(periods: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Return the successes and the n of several periods together, such as for a baseline.

    Examples:
        >>> from crmcore.primitives.control_charts import pool
        >>> pool([(20, 200), (16, 180), (24, 220)])
        (60, 600)

    Args:
        periods: Successes and n of each period.
    """
    pairs = read_pairs(periods)
    return sum(x for x, _ in pairs), sum(n for _, n in pairs)


def _find_variance(baseline: tuple[int, int], n: int) -> Decimal | None:
    """Return the variance of the share of n; None if n is 0 or the baseline has none."""
    successes, total = baseline
    spread = successes * (total - successes)
    return WIDE.divide(Decimal(spread), Decimal(total * total * n)) if spread and n else None


def _as_size(size: object) -> int:
    return checks.as_whole(size, "size", 1, run_lengths.MOST_TRIALS)


@attrs.frozen(kw_only=True)
class PChart(Record):
    """The p-chart: the share of each period against a stable baseline.

    The limits are ``p +- sigmas * sqrt(p * (1 - p) / n)`` with the share `p` of the baseline and the `n` of the period,
    cut at 0 and 1. Limits from the very periods that they judge hide a change among them. Whether a share lies beyond
    its limit is decided exactly, and a share on the limit is no alarm.

    A baseline without successes, or of successes only, has no limits. The points say so in their cautions, with the
    bound of the true share.

    Examples:
        >>> from crmcore import PChart
        >>> chart = PChart(baseline=(60, 600))
        >>> point = chart.add((33, 190))
        >>> round(float(point.value), 4), round(float(point.upper), 4), point.signal
        (0.1737, 0.1653, True)
        >>> round(chart.false_alarm_interval(190)), round(chart.delay("0.15", 190), 1)
        (367, 3.8)
        >>> PChart(baseline=(0, 600)).add((1, 190)).cautions[0].rule
        'baseline_without_variance'

    Attributes:
        baseline: Successes and n of the periods that count as stable; n > 0. A target is one too: (1, 10).
        sigmas: The distance of the limits from the baseline, in standard deviations. Three is a custom.
        side: The side on which the chart watches.

    Source: Shewhart 1931; Montgomery, Introduction to Statistical Quality Control, chapter 7.
    """

    baseline: Annotated[tuple[int, int], BASELINE]
    sigmas: Annotated[Decimal, POSITIVE] = attrs.field(default=Decimal(3), converter=number, repr=plain_repr)
    side: ChartSide = ChartSide.BOTH

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you rely on the chart."""
        return find_cautions(self.baseline)

    def add(self, share: tuple[int, int], *, after: ChartPoint | None = None) -> ChartPoint:
        """Return the point of the next period.

        Args:
            share: Successes and n of the period. If n is 0, the point has no value and no limits.
            after: The point of the period before. None if this is the first.
        """
        return self._add(share, as_after(after, ChartPoint), "share")

    def run(self, periods: Iterable[tuple[int, int]], *, after: ChartPoint | None = None) -> tuple[ChartPoint, ...]:
        """Return the points of several periods, in order.

        Args:
            periods: Successes and n of each period.
            after: The point of the period before the first.
        """
        return walk(self._add, periods, after, ChartPoint)

    def _add(self, period: Any, after: ChartPoint | None, name: str) -> ChartPoint:  # noqa: ANN401 - read here
        x, n = as_proportion_pair(period, name)
        variance = _find_variance(self.baseline, n)
        lower = upper = None
        center = _find_center(self.baseline)
        if variance is not None:
            reach = WIDE.multiply(self.sigmas, WIDE.sqrt(variance))
            lower, upper = map(clip, find_limits(self.side, center, reach))
        share = ratio(x, n)
        return ChartPoint(
            period=next_period(after),
            observed=share,
            value=share,
            center=center,
            variance=None if variance is None else RATIO.plus(variance),
            lower=lower,
            upper=upper,
            rise=upper is not None and self._rises(x, n),
            fall=lower is not None and self._falls(x, n),
            cautions=self.cautions,
        )

    def explain(self, share: tuple[int, int], *, after: ChartPoint | None = None) -> Explanation:
        """Return how the point of the next period is computed, line by line.

        Examples:
            >>> from crmcore import PChart
            >>> print(PChart(baseline=(60, 600)).explain((33, 190)))
            successes                        33
            n                               190
            observed            0.1736842105...    = successes / n
            baseline_successes               60
            baseline_n                      600
            center                          0.1    = baseline_successes / baseline_n
            sigmas                            3
            variance            0.0004736842...    = center * (1 - center) / n
            lower               0.0347071374...    = max(0, center - sigmas * variance ** 0.5)
            upper               0.1652928625...    = min(1, center + sigmas * variance ** 0.5)
            source: Shewhart 1931

        Args:
            share: Successes and n of the period.
            after: The point of the period before. None if this is the first.
        """
        point = self.add(share, after=after)
        lines = _list_shares(share, self.baseline, point)
        if point.variance is not None:
            variance = term("variance", point.variance, "", "center * (1 - center) / n")
            lines += [term("sigmas", self.sigmas), variance, *list_limits(point, is_share=True)]
        return Explanation(lines, "Shewhart 1931", self.cautions)

    def _rises(self, x: int, n: int) -> bool:
        return self._deviates(x, n) and self._find_excess(x, n) > 0

    def _falls(self, x: int, n: int) -> bool:
        return self._deviates(x, n) and self._find_excess(x, n) < 0

    def _find_excess(self, x: int, n: int) -> int:
        successes, total = self.baseline
        return x * total - successes * n

    def _deviates(self, x: int, n: int) -> bool:
        """Return whether ``(x / n - p) ** 2 > sigmas ** 2 * p * (1 - p) / n``, multiplied out."""
        successes, total = self.baseline
        return self._find_excess(x, n) ** 2 > Fraction(self.sigmas) ** 2 * (n * successes * (total - successes))

    def false_alarm_interval(self, size: int) -> float | None:
        """Return the mean number of periods to an alarm while the share is that of the baseline.

        It is computed from the binomial distribution, because at a few hundred answers it is far from the 370 of a
        normal one. A baseline is itself an estimate, which makes the interval less certain. None if it is beyond 10^9
        periods, or if no count can give an alarm.

        Args:
            size: The n of each period, from 1 to 10^9.
        """
        return self.delay(Fraction(*self.baseline), size)

    def delay(self, share: Decimal | str | float | Fraction, size: int) -> float | None:
        """Return the mean number of periods to an alarm if the share is this from the first period on.

        It is computed as `false_alarm_interval` is, and None as there.

        Args:
            share: The share after the change, from 0 to 1.
            size: The n of each period, from 1 to 10^9.
        """
        p, n = _as_true_share(share), _as_size(size)
        if self.cautions:
            return None
        counts = range(n + 1)
        middle = self.baseline[0] * n // self.baseline[1] + 1  # the least count above the baseline
        first_high = bisect_left(counts, 1, middle, key=lambda x: self._rises(x, n))
        first_fair = bisect_left(counts, 1, 0, middle, key=lambda x: not self._falls(x, n))
        least = first_fair if self.side.watches_fall else 0
        most = first_high if self.side.watches_rise else n + 1
        return run_lengths.shewhart(n, p, least, most)


def _list_shares(share: tuple[int, int], baseline: tuple[int, int], point: ChartPoint | CusumPoint) -> list[Term]:
    """Return the lines of an explanation for the share of a period and that of the baseline."""
    return [
        term("successes", share[0]),
        term("n", share[1]),
        term("observed", point.observed, "", "successes / n"),
        term("baseline_successes", baseline[0]),
        term("baseline_n", baseline[1]),
        term("center", _find_center(baseline), "", "baseline_successes / baseline_n"),
    ]


def _find_center(baseline: tuple[int, int]) -> Decimal:
    return RATIO.divide(*map(Decimal, baseline))


def _as_true_share(share: object) -> float:
    return float(share if isinstance(share, Fraction) else checks.as_share(share, "share"))


@attrs.frozen(kw_only=True)
class ShareEwmaChart(EwmaDesign):
    """The exponentially weighted moving average of shares, whose limits follow the n of each period.

    ``z = weight * x + (1 - weight) * z`` from the share of the baseline on, with the variance
    ``v = weight ** 2 * p * (1 - p) / n + (1 - weight) ** 2 * v``. The limits are ``p +- sigmas * sqrt(v)``, cut at 0
    and 1.

    Examples:
        >>> from crmcore import ShareEwmaChart
        >>> chart = ShareEwmaChart(baseline=(60, 600), weight="0.2")
        >>> points = chart.run([(20, 200), (16, 180), (24, 220), (22, 110), (33, 190), (41, 210)])
        >>> [point.period for point in points if point.rise]
        [4, 5]
        >>> round(chart.false_alarm_interval(200)), round(chart.delay("0.15", 200), 1)
        (547, 2.3)

    Attributes:
        baseline: Successes and n of the periods that count as stable; n > 0. A target is one too: (1, 10).
        weight: The weight of the newest share, > 0 and at most 1. A small weight finds a small shift sooner.
        sigmas: The distance of the limits from the baseline, in standard deviations of the average.
        side: The side on which the chart watches.
        after_signal: What the chart does in the period after an alarm.

    Source: Roberts 1959, Technometrics 1:239-250, with the variance of a share.
    """

    baseline: Annotated[tuple[int, int], BASELINE]

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you rely on the chart."""
        return find_cautions(self.baseline)

    def add(self, share: tuple[int, int], *, after: ChartPoint | None = None) -> ChartPoint:
        """Return the point of the next period.

        Args:
            share: Successes and n of the period. If n is 0, the average stays, and is no alarm.
            after: The point of the period before. None if this is the first.
        """
        return self._add(share, as_after(after, ChartPoint), "share")

    def run(self, periods: Iterable[tuple[int, int]], *, after: ChartPoint | None = None) -> tuple[ChartPoint, ...]:
        """Return the points of several periods, in order.

        Args:
            periods: Successes and n of each period.
            after: The point of the period before the first.
        """
        return walk(self._add, periods, after, ChartPoint)

    def _add(self, period: Any, after: ChartPoint | None, name: str) -> ChartPoint:  # noqa: ANN401 - read here
        x, n = as_proportion_pair(period, name)
        return self._smooth(
            ratio(x, n),
            _find_center(self.baseline),
            _find_variance(self.baseline, n) or ZERO,
            after,
            cautions=self.cautions,
            is_share=True,
        )

    def explain(self, share: tuple[int, int], *, after: ChartPoint | None = None) -> Explanation:
        """Return how the point of the next period is computed, line by line.

        Args:
            share: Successes and n of the period.
            after: The point of the period before. None if this is the first.
        """
        point = self.add(share, after=after)
        lines = self._list_lines(point, after, "center * (1 - center) / n", is_share=True)
        source = "Roberts 1959, Technometrics 1:239-250, with the variance of a share"
        return Explanation([*_list_shares(share, self.baseline, point), *lines], source, self.cautions)

    def false_alarm_interval(self, size: int) -> float | None:
        """Return the mean number of periods to an alarm while the share is that of the baseline.

        It is computed from the binomial distribution by a Markov chain, to about two per cent, with the limits that
        the chart has in each period. A baseline is itself an estimate, which makes the interval less certain. None if
        it is beyond 10^9 periods, or if the chart has no limits.

        Args:
            size: The n of each period, from 1 to 10^9.

        Source: Lucas and Saccucci 1990, Technometrics 32:1-12, with the steps of a share.
        """
        return self.delay(Fraction(*self.baseline), size)

    def delay(self, share: Decimal | str | float | Fraction, size: int) -> float | None:
        """Return the mean number of periods to an alarm if the share is this from the first period on.

        It is computed as `false_alarm_interval` is, and None as there.

        Args:
            share: The share after the change, from 0 to 1.
            size: The n of each period, from 1 to 10^9.
        """
        p, n = _as_true_share(share), _as_size(size)
        if self.cautions:
            return None
        base = float(Fraction(*self.baseline))
        return run_lengths.share_ewma(float(self.weight), float(self.sigmas), base=base, p=p, n=n, side=self.side.value)


@attrs.frozen(kw_only=True)
class ShareCusumChart(CusumDesign):
    """The cumulative sums of shares, each in standard deviations of its own period.

    ``high = max(0, high + z - k)`` and ``low = max(0, low - z - k)`` with ``z = (x - p) / sqrt(p * (1 - p) / n)``. A
    sum that exceeds `h` is an alarm.

    Examples:
        >>> from crmcore import AfterSignal, ChartSide, ShareCusumChart
        >>> chart = ShareCusumChart(baseline=(81, 800), side=ChartSide.UPPER, after_signal=AfterSignal.RESTART)
        >>> points = chart.run([(24, 200), (25, 200), (24, 200), (26, 200), (25, 200), (27, 200), (26, 200)])
        >>> [point.period for point in points if point.rise]
        [6]
        >>> round(chart.false_alarm_interval(200)), round(chart.delay("0.15", 200), 1)
        (276, 2.9)

    Attributes:
        baseline: Successes and n of the periods that count as stable; n > 0. A target is one too: (1, 10).
        k: The slack in standard deviations. Half of the shift to find is the best choice.
        h: The limit of the sums in standard deviations. Four and five are customs: read `false_alarm_interval`.
        side: The side on which the chart watches.
        after_signal: What the chart does in the period after an alarm. It has no default, because published charts
            differ.
        start: The head start of the sums in standard deviations, at most `h`. With half of `h`, a chart that begins
            with trouble finds it sooner.

    Source: Page 1954, Biometrika 41:100-115; Montgomery, Introduction to Statistical Quality Control, chapter 9.
    """

    baseline: Annotated[tuple[int, int], BASELINE]

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you rely on the chart."""
        return find_cautions(self.baseline)

    def add(self, share: tuple[int, int], *, after: CusumPoint | None = None) -> CusumPoint:
        """Return the point of the next period.

        Args:
            share: Successes and n of the period. If n is 0, the sums stay, and are no alarm.
            after: The point of the period before. None if this is the first.
        """
        return self._add(share, as_after(after, CusumPoint), "share")

    def run(self, periods: Iterable[tuple[int, int]], *, after: CusumPoint | None = None) -> tuple[CusumPoint, ...]:
        """Return the points of several periods, in order.

        Args:
            periods: Successes and n of each period.
            after: The point of the period before the first.
        """
        return walk(self._add, periods, after, CusumPoint)

    def _add(self, period: Any, after: CusumPoint | None, name: str) -> CusumPoint:  # noqa: ANN401 - read here
        x, n = as_proportion_pair(period, name)
        if self.cautions:
            return CusumPoint(
                period=next_period(after),
                observed=ratio(x, n),
                high=None,
                low=None,
                limit=None,
                rise=False,
                fall=False,
                cautions=self.cautions,
            )
        return self._sum_up(ratio(x, n), self._find_z(x, n), ONE, after, exact=False)

    def _find_z(self, x: int, n: int) -> Decimal | None:
        """Return how many standard deviations a share lies above that of the baseline; None if n is 0."""
        successes, total = self.baseline
        root = WIDE.sqrt(Decimal(n * successes * (total - successes)))
        return RATIO.plus(WIDE.divide(x * total - successes * n, root)) if n else None

    def explain(self, share: tuple[int, int], *, after: CusumPoint | None = None) -> Explanation:
        """Return how the point of the next period is computed, line by line.

        Args:
            share: Successes and n of the period.
            after: The point of the period before. None if this is the first.
        """
        point = self.add(share, after=after)
        lines = _list_shares(share, self.baseline, point)
        if point.limit is not None:
            z = term("z", self._find_z(*share), "sigma", "(observed - center) / (center * (1 - center) / n) ** 0.5")
            lines += [z] if share[1] else []
            lines += self._list_lines(point, after, self.start, rise="+ z", fall="- z")
        return Explanation(lines, CUSUM_SOURCE, self.cautions)

    def false_alarm_interval(self, size: int) -> float | None:
        """Return the mean number of periods to an alarm while the share is that of the baseline.

        It is computed from the binomial distribution by a Markov chain, to about one per cent. A baseline is itself an
        estimate, which makes the interval less certain. None if it is beyond 10^9 periods, if the chart has no limits,
        or if both sides are watched with a head start above ``h / 2 + k``.

        Args:
            size: The n of each period, from 1 to 10^9.

        Source: Brook and Evans 1972, Biometrika 59:539-549; both sides as in Kemp 1961, JRSS B 23:149-153.
        """
        return self.delay(Fraction(*self.baseline), size)

    def delay(self, share: Decimal | str | float | Fraction, size: int) -> float | None:
        """Return the mean number of periods to an alarm if the share is this from the first period on.

        It is computed as `false_alarm_interval` is, and None as there.

        Args:
            share: The share after the change, from 0 to 1.
            size: The n of each period, from 1 to 10^9.
        """
        p, n = _as_true_share(share), _as_size(size)
        if self.cautions:
            return None
        base = float(Fraction(*self.baseline))
        return run_lengths.share_cusum(
            float(self.k), float(self.h), float(self.start), base=base, p=p, n=n, side=self.side.value
        )
