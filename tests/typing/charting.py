"""What type checkers see of control charts; nothing here is run."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_type

from crmcore import AfterSignal, ChartSide, CusumChart, EwmaChart, PChart, ShareCusumChart, ShareEwmaChart
from crmcore.primitives.control_charts import (
    ChartPoint,
    CusumPoint,
    FirstAlarms,
    Homogeneity,
    Trend,
    cochran_armitage,
    cumulative_sums,
    first_alarms,
    homogeneity,
    mann_kendall,
    pool,
    population_stability,
)
from crmcore.primitives.explanation import Explanation
from crmcore.primitives.findings import Finding


def shares(charts: list[PChart | ShareEwmaChart], point: ChartPoint) -> None:
    """A chart of shares takes successes and n, and goes on from a point of its kind."""
    p_chart = PChart(baseline=(60, 600), sigmas=3, side=ChartSide.UPPER)
    assert_type(p_chart.sigmas, Decimal)
    assert_type(p_chart.cautions, tuple[Finding, ...])
    assert_type(p_chart.add((33, 190)), ChartPoint)
    assert_type(p_chart.explain((33, 190), after=point), Explanation)
    assert_type(p_chart.false_alarm_interval(190), float | None)
    assert_type(p_chart.delay("0.15", 190), float | None)
    ewma = ShareEwmaChart(baseline=pool([(20, 200), (16, 180)]), weight="0.2", after_signal=AfterSignal.RESTART)
    assert_type(ewma.weight, Decimal)
    assert_type([chart.add((33, 190), after=point) for chart in charts], list[ChartPoint])
    cusum = ShareCusumChart(baseline=(60, 600), after_signal=AfterSignal.RESTART, start=2)
    assert_type(cusum.run([(33, 190), (0, 0)]), tuple[CusumPoint, ...])
    assert_type(cusum.delay(0.15, 190), float | None)


def values(point: ChartPoint, sums: CusumPoint) -> None:
    """A chart of values takes exact numbers, and None for a period without one."""
    ewma = EwmaChart(target=50, sigma="2.0539", weight=Decimal("0.3"))
    assert_type(ewma.run(["52", None, 47], after=point), tuple[ChartPoint, ...])
    assert_type(ewma.limits_after(), tuple[Decimal | None, Decimal | None])
    assert_type(ewma.false_alarm_interval(), float | None)
    assert_type(ewma.delay(51), float | None)
    cusum = CusumChart(target="0.1", sigma="0.02", after_signal=AfterSignal.CONTINUE)
    assert_type(cusum.add("0.13", after=sums), CusumPoint)
    assert_type(cusum.explain(None), Explanation)
    assert_type(point.value, Decimal | None)
    assert_type(point.center, Decimal)
    assert_type(sums.high, Decimal | None)
    assert_type(cumulative_sums([1, "2.5", None], target=2), tuple[Decimal, ...])
    assert_type(sums.signal, bool)


def tests(alarms: FirstAlarms, trend: Trend, change: Homogeneity) -> None:
    """A test of too little is None."""
    assert_type(first_alarms([(20, 200)], baseline_periods=1), FirstAlarms | None)
    assert_type(alarms.alarm, int | None)
    assert_type(alarms.earliest, tuple[str, ...])
    assert_type(cochran_armitage([(20, 200)], scores=["1.5"]), Trend | None)
    assert_type(mann_kendall([1, "2", Decimal(3)]), Trend | None)
    assert_type(trend.p_rise, float | None)
    assert_type(homogeneity([3, 4], [5, 6]), Homogeneity | None)
    assert_type(change.p_value, float)
    assert_type(population_stability([3, 4], [5, 6]), float | None)


def charts_refuse(point: ChartPoint) -> None:
    """A value is no float, a share is two whole numbers, and a CUSUM chart must say what it does after an alarm."""
    EwmaChart(target=0.5, sigma=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - exact
    PChart(baseline=0.1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - successes and n
    CusumChart(target=0, sigma=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - after a signal?
    chart = ShareCusumChart(baseline=(1, 10), after_signal=AfterSignal.RESTART)
    chart.add((1, 10), after=point)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - another kind
    _ = mann_kendall([1, 2]).z  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess] - None
