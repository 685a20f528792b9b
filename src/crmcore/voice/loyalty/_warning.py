"""The first period in which the unhappy become more, and how often that is said of a base that did not change."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import fsum
from typing import Annotated, Final, cast

import attrs

from crmcore.primitives import _bounds, checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.control_charts import (
    AfterSignal,
    ChartPoint,
    ChartSide,
    CusumPoint,
    PChart,
    ShareCusumChart,
    ShareEwmaChart,
    cochran_armitage,
    first_alarms,
)
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.proportions import as_proportion_pair
from crmcore.primitives.record import Kind, at_least, several
from crmcore.voice.loyalty._distribution import BaseDistribution, check_same_levels, find_place
from crmcore.voice.loyalty._states import check_apart

__all__ = ["EarlyWarning", "early_warning"]

_USUAL_BASELINE: Final = 20
"""The least number of periods that Montgomery, chapter 6, takes for a baseline."""


_ESTIMATE: Final = Kind(checks.as_estimate, {"minimum": 0, "maximum": _bounds.LARGEST_FLOAT})


@attrs.frozen(kw_only=True)
class EarlyWarning(Result):
    """The first period in which a level grows, which chart says so, and how often charts say so of a base at rest.

    The charts give the alarm. The directed test is a look: it is made again in every period, so that on a base at rest
    it finds something sooner or later. It is no reason to act by itself.

    Examples:
        >>> from crmcore.voice import loyalty
        >>> unhappy = [20, 22, 19, 20, 24, 25, 24, 26, 25, 27, 26, 27]
        >>> found = loyalty.early_warning([(count, 200) for count in unhappy], baseline_periods=4)
        >>> found.alarm, found.raised_by, found.look
        (10, ('cusum', 'ewma'), 10)
        >>> round(found.strength, 2), round(found.false_alarm_interval)
        (1.19, 149)

    Attributes:
        counts: Customers at the level, and all customers with a level, in each period.
        baseline_periods: How many of the first periods count as stable.
        look: The first period in which the directed test over all periods so far is below its level; None if none is.
        p_chart: The first alarm of the p-chart; None if there is none.
        ewma: The first alarm of the EWMA chart; None if there is none.
        cusum: The first alarm of the CUSUM chart; None if there is none.
        strength: How far beyond its limit the first alarm is: 1 is on the limit, 2 is twice as far from the baseline;
            the greatest of the charts that raised it. None without an alarm.
        size: The mean number of customers with a level in the watched periods, for which the intervals are computed; of
            those of the baseline if nothing was watched.
        p_chart_interval: The mean number of periods to a false alarm of the p-chart; None if there is no limit or it is
            beyond 10^9 periods.
        ewma_interval: The same of the EWMA chart.
        cusum_interval: The same of the CUSUM chart.
        periods: The periods, if they are known.
        cautions: What to know before you rely on it.

    Raises:
        InconsistentCountsError: There are periods, but not one for each pair of counts; an alarm after the last period;
            or more customers at the level than customers.
    """

    ratios = ("alarm", "false_alarm_interval")

    counts: tuple[tuple[int, int], ...] = attrs.field(converter=several)
    baseline_periods: Annotated[int, at_least(1)]
    look: int | None = None
    p_chart: int | None = None
    ewma: int | None = None
    cusum: int | None = None
    strength: Annotated[float, _ESTIMATE] | None = None
    size: int = 0
    p_chart_interval: Annotated[float, _ESTIMATE] | None = None
    ewma_interval: Annotated[float, _ESTIMATE] | None = None
    cusum_interval: Annotated[float, _ESTIMATE] | None = None
    periods: tuple[Period, ...] = attrs.field(default=(), converter=several)
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several, repr=False)

    def _check(self) -> None:
        super()._check()
        for place, pair in enumerate(self.counts):
            as_proportion_pair(pair, f"counts[{place}]")
        if self.periods and len(self.periods) != len(self.counts):
            raise InconsistentCountsError(
                "one_period_for_each_count",
                f"periods must be as many as counts, got {len(self.periods)} and {len(self.counts)}",
                field="periods",
                operands=(len(self.periods), len(self.counts)),
            )
        for name in ("look", *self._charts):
            place = getattr(self, name)
            if place is not None and place >= len(self.counts):
                raise InconsistentCountsError(
                    "alarm_after_the_last_period",
                    f"{name} must be the position of a period, got {place} of {len(self.counts)}",
                    field=name,
                    operands=(place, len(self.counts)),
                )

    @property
    def alarm(self) -> int | None:
        """The position of the period of the first alarm of any chart, from 0; None if there is none."""
        return min((at for at in self._charts.values() if at is not None), default=None)

    @property
    def raised_by(self) -> tuple[str, ...]:
        """The names of the charts that gave the first alarm, in alphabetical order."""
        return tuple(name for name, at in self._charts.items() if at is not None and at == self.alarm)

    @property
    def alarm_period(self) -> Period | None:
        """The period of the first alarm; None if there is none, or if the periods are unknown."""
        return self.periods[self.alarm] if self.periods and self.alarm is not None else None

    @property
    def false_alarm_interval(self) -> float | None:
        """The mean number of periods to a false alarm of any of the charts; None if none of them has an interval.

        It is ``1 / (1 / p_chart + 1 / ewma + 1 / cusum)`` of their intervals. The charts see the same counts and often
        give an alarm together, so the true interval is longer.
        """
        intervals = (self.p_chart_interval, self.ewma_interval, self.cusum_interval)
        known = [interval for interval in intervals if interval]
        return 1 / fsum(1 / interval for interval in known) if known else None

    @property
    def _charts(self) -> dict[str, int | None]:
        return {"cusum": self.cusum, "ewma": self.ewma, "p_chart": self.p_chart}

    def rows(self, *, plain: bool = True) -> list[dict[str, object]]:
        """Return a row for each period: its position or dates, the counts, the share and what was raised in it.

        Args:
            plain: Whether the period is a text and the share a float, and not a `Period` and a Decimal.
        """
        checks.as_instance(plain, bool, "plain")
        raised = {"look": self.look, **self._charts}
        return [
            {
                "period": (str(period) if plain else period) if (period := self._name(place)) is not None else place,
                "count": count,
                "n": n,
                "share": (share if share is None or not plain else float(share)),
                "raised": ", ".join(name for name, at in raised.items() if at == place),
            }
            for place, (count, n) in enumerate(self.counts)
            for share in [ratio(count, n)]
        ]

    def _name(self, place: int) -> Period | None:
        return self.periods[place] if self.periods else None

    def _list_rows(self) -> list[dict[str, object]]:
        return self.rows()


def early_warning(
    base: Mapping[Period, BaseDistribution] | Iterable[tuple[int, int]],
    /,
    *,
    baseline_periods: int,
    level: str | None = None,
    alpha: Decimal | str | float = Decimal("0.05"),
    sigmas: Decimal | int | str = Decimal(3),
    weight: Decimal | int | str | float = Decimal("0.2"),
    k: Decimal | int | str = Decimal("0.5"),
    h: Decimal | int | str = Decimal(4),
) -> EarlyWarning | None:
    """Watch the share of a level, by default the worst, and return when each chart and the directed test notice a rise.

    The first periods are the baseline. A rise must be caught early; a fall of the unhappy is not looked for. To watch
    the loyal become fewer, watch the levels below.

    Examples:
        >>> from crmcore import BaseDistribution, Period, TallyBy
        >>> from crmcore.voice import loyalty
        >>> base = TallyBy(
        ...     {
        ...         Period.month(2026, month): BaseDistribution(counts=(120, 80 - unhappy, unhappy))
        ...         for month, unhappy in enumerate([20, 22, 19, 20, 41], 1)
        ...     }
        ... )
        >>> found = loyalty.early_warning(base, baseline_periods=4)
        >>> found.alarm_period == Period.month(2026, 5), found.raised_by
        (True, ('cusum', 'ewma', 'p_chart'))

    Args:
        base: The distribution at the end of each period, such as `BaseDistribution.over` returns; or pairs of the
            customers at the level and all customers with a level, in order.
        baseline_periods: How many of the first periods count as stable. Their pooled share is taken as known, so with
            few of them false alarms are more frequent than the intervals say.
        level: The level to watch; None for the worst. Only with distributions.
        alpha: The level of the one-sided directed test.
        sigmas: The distance of the limits of the p-chart and the EWMA chart.
        weight: The weight of the newest share in the EWMA chart.
        k: The slack of the CUSUM chart.
        h: The limit of the CUSUM chart.

    Returns:
        The warning, or None if no customer has a level in the periods of the baseline.

    Raises:
        PolicyMismatchError: Two distributions have different levels.
        InvalidValueError: A level with pairs, or two periods that overlap.

    Note:
        The test is made over all periods up to each one, so its time grows with the square of their number.

    Source: the charts see `crmcore.primitives.control_charts`; the test is that of Cochran and Armitage.
    """
    periods, pairs = _read_base(base, level)
    alarms = first_alarms(pairs, baseline_periods=baseline_periods, alpha=alpha, sigmas=sigmas, weight=weight, k=k, h=h)
    if alarms is None:
        return None
    side, baseline = ChartSide.UPPER, alarms.baseline
    p_chart = PChart(baseline=baseline, sigmas=sigmas, side=side)
    ewma = ShareEwmaChart(baseline=baseline, weight=weight, sigmas=sigmas, side=side)
    cusum = ShareCusumChart(baseline=baseline, k=k, h=h, side=side, after_signal=AfterSignal.RESTART)
    watched = [n for _, n in pairs[baseline_periods:] if n]
    sizes = watched or [n for _, n in pairs if n]
    size = round(Fraction(sum(sizes), len(sizes)))
    later = pairs[baseline_periods:]
    strengths = [
        *(_find_strength(chart.run(later), alarms.alarm, baseline_periods) for chart in (p_chart, ewma)),
        _find_cusum_strength(cusum.run(later), alarms.alarm, baseline_periods),
    ]
    return EarlyWarning(
        counts=pairs,
        baseline_periods=baseline_periods,
        look=_find_look(pairs, baseline_periods, Fraction(checks.as_share(alpha, "alpha"))),
        p_chart=alarms.p_chart,
        ewma=alarms.ewma,
        cusum=alarms.cusum,
        strength=max((strength for strength in strengths if strength is not None), default=None),
        size=size,
        p_chart_interval=p_chart.false_alarm_interval(size),
        ewma_interval=ewma.false_alarm_interval(size),
        cusum_interval=cusum.false_alarm_interval(size),
        periods=periods,
        cautions=[*alarms.cautions, *_warn_of_baseline(min(baseline_periods, len(pairs)), baseline, watched)],
    )


def _read_base(base: object, level: str | None) -> tuple[list[Period], list[tuple[int, int]]]:
    """Return the periods, if they are known, and the customers at the level and all with a level in each."""
    if not isinstance(base, Mapping):
        if level is not None:
            raise InvalidValueError(
                "level_of_pairs",
                f"level must be left out with pairs, got {show(level)}",
                field="level",
                advice="give distributions, or the pairs of that level",
                operands=(show(level),),
            )
        return [], [
            as_proportion_pair(pair, f"base[{place}]")
            for place, pair in enumerate(checks.iterate(cast("Iterable[tuple[int, int]]", base), "base", "period"))
        ]
    rows = [
        (checks.as_instance(period, Period, "base"), checks.as_instance(row, BaseDistribution, f"base[{place}]"))
        for place, (period, row) in enumerate(cast("Mapping[object, object]", base).items())
    ]
    rows.sort(key=lambda pair: in_utc(pair[0].start))
    check_apart([period for period, _ in rows], "base")
    pairs: list[tuple[int, int]] = []
    for _, row in rows:
        check_same_levels(rows[0][1].levels, row.levels)
        place = len(row.levels) - 1 if level is None else find_place(row.levels, level)
        pairs.append((row.counts[place], row.known))
    return [period for period, _ in rows], pairs


def _find_look(pairs: list[tuple[int, int]], first: int, alpha: Fraction) -> int | None:
    """Return the first period after the baseline up to which a rise is significant."""
    for end in range(first, len(pairs)):
        trend = cochran_armitage(pairs[: end + 1])
        if trend is not None and trend.p_rise is not None and Fraction(trend.p_rise) < alpha:
            return end
    return None


def _find_strength(points: Sequence[ChartPoint], alarm: int | None, first: int) -> float | None:
    """Return the distance of the alarm from the baseline over that of the limit."""
    if alarm is None:
        return None
    point = points[alarm - first]
    if not point.signal or point.value is None or point.upper is None or point.upper == point.center:
        return None
    return float((Fraction(point.value) - Fraction(point.center)) / (Fraction(point.upper) - Fraction(point.center)))


def _find_cusum_strength(points: Sequence[CusumPoint], alarm: int | None, first: int) -> float | None:
    """Return the sum of the alarm over its limit."""
    if alarm is None:
        return None
    point = points[alarm - first]
    return float(Fraction(point.high) / Fraction(point.limit)) if point.signal and point.high and point.limit else None


def _warn_of_baseline(periods: int, baseline: tuple[int, int], watched: list[int]) -> list[Finding]:
    found: list[Finding] = []
    if not watched:
        found.append(
            Finding(
                rule="nothing_watched",
                severity=Severity.WARNING,
                subject="baseline_periods",
                message="no customer has a level in a period after the baseline, so no period was watched",
                advice="take a shorter baseline, or wait for the next period",
                evidence=[("periods", periods)],
            )
        )
    if periods < _USUAL_BASELINE:
        found.append(
            Finding(
                rule="short_baseline",
                severity=Severity.INFO,
                subject="baseline_periods",
                message=f"the baseline has {periods} periods, fewer than {_USUAL_BASELINE}",
                advice="its share is an estimate: expect false alarms more often than the intervals say",
                evidence=[("periods", periods), ("customers", baseline[1])],
            )
        )
    return found
