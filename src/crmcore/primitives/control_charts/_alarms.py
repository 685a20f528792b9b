"""Which chart gave the first alarm, and when."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import RATIO
from crmcore.primitives._results import Result
from crmcore.primitives.control_charts._points import BASELINE, AfterSignal, ChartPoint, ChartSide, CusumPoint
from crmcore.primitives.control_charts._shares import PChart, ShareCusumChart, ShareEwmaChart, pool, read_pairs
from crmcore.primitives.findings import Finding
from crmcore.primitives.proportions import two_proportions
from crmcore.primitives.record import several


@attrs.frozen(kw_only=True)
class FirstAlarms(Result):
    """The first period in which each chart, and a test, noticed a rise of a share.

    The charts give the alarm. The test of each period against the baseline is only a look: on a base in which nothing
    changes it notices something in every twentieth period, as its name says.

    Examples:
        >>> from crmcore.primitives import control_charts
        >>> unhappy = [20, 22, 19, 20, 24, 25, 24, 26, 25, 27, 26, 27]
        >>> found = control_charts.first_alarms([(count, 200) for count in unhappy], baseline_periods=4)
        >>> found.alarm, found.earliest, found.look
        (10, ('cusum', 'ewma'), None)

    Attributes:
        baseline: Successes and n of the periods that count as stable.
        look: The first period whose one-sided test against the baseline is below `alpha`; None if there is none.
        p_chart: The first alarm of the p-chart; None if there is none.
        ewma: The first alarm of the EWMA chart; None if there is none.
        cusum: The first alarm of the CUSUM chart; None if there is none.
        cautions: What to know before you rely on it.
    """

    ratios = ("baseline_share", "alarm")

    baseline: Annotated[tuple[int, int], BASELINE]
    look: int | None
    p_chart: int | None
    ewma: int | None
    cusum: int | None
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several, repr=False)

    @property
    def baseline_share(self) -> Decimal:
        """The pooled share of the baseline, to 34 digits."""
        return RATIO.divide(*map(Decimal, self.baseline))

    @property
    def alarm(self) -> int | None:
        """The period of the first alarm of any chart; None if there is none."""
        return min((at for at in (self.p_chart, self.ewma, self.cusum) if at is not None), default=None)

    @property
    def earliest(self) -> tuple[str, ...]:
        """The names of the charts that gave the first alarm, in alphabetical order."""
        found = {"cusum": self.cusum, "ewma": self.ewma, "p_chart": self.p_chart}
        return tuple(name for name, at in found.items() if at is not None and at == self.alarm)


def first_alarms(
    periods: Iterable[tuple[int, int]],
    *,
    baseline_periods: int,
    alpha: Decimal | str | float = Decimal("0.05"),
    sigmas: Decimal | int | str = Decimal(3),
    weight: Decimal | int | str | float = Decimal("0.2"),
    k: Decimal | int | str = Decimal("0.5"),
    h: Decimal | int | str = Decimal(4),
) -> FirstAlarms | None:
    """Chart a share in three ways and return the first period in which each of them notices a rise.

    It returns None if the periods of the baseline have n = 0.

    Args:
        periods: Successes and n of each period, in order.
        baseline_periods: How many of the first periods count as stable. Their pooled share is taken as known, so with
            few of them false alarms are more frequent than the charts say.
        alpha: The level of the one-sided test.
        sigmas: The distance of the limits of the p-chart and the EWMA chart.
        weight: The weight of the newest share in the EWMA chart.
        k: The slack of the CUSUM chart.
        h: The limit of the CUSUM chart.
    """
    first = checks.as_count(baseline_periods, "baseline_periods", least=1)
    level = Fraction(checks.as_share(alpha, "alpha"))
    pairs = read_pairs(periods)
    baseline = pool(pairs[:first])
    side = ChartSide.UPPER
    anyone = baseline if baseline[1] else (0, 1)  # so that a wrong design is refused even without data
    p_chart = PChart(baseline=anyone, sigmas=sigmas, side=side)
    ewma = ShareEwmaChart(baseline=anyone, weight=weight, sigmas=sigmas, side=side)
    cusum = ShareCusumChart(baseline=anyone, k=k, h=h, side=side, after_signal=AfterSignal.RESTART)
    if not baseline[1]:
        return None
    later = pairs[first:]
    looks = (two_proportions(baseline, pair) for pair in later)
    p_values = (None if one is None else one.p_one_sided for one in looks)
    return FirstAlarms(
        baseline=baseline,
        look=next((first + at for at, p in enumerate(p_values) if p is not None and Fraction(p) < level), None),
        p_chart=_find_first(p_chart.run(later), first),
        ewma=_find_first(ewma.run(later), first),
        cusum=_find_first(cusum.run(later), first),
        cautions=p_chart.cautions,
    )


def _find_first(points: Iterable[ChartPoint | CusumPoint], first: int) -> int | None:
    return next((first + point.period for point in points if point.signal), None)
