"""Adapters of the golden cases of control charts: from the inputs of a case to the answer."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from crmcore import AfterSignal, ChartSide, CusumChart, EwmaChart, PChart, ShareEwmaChart
from crmcore.primitives.control_charts import (
    cochran_armitage,
    cumulative_sums,
    first_alarms,
    homogeneity,
    mann_kendall,
    pool,
    population_stability,
)

Inputs = dict[str, Any]


def _periods(inputs: Inputs) -> list[tuple[int, int]]:
    return [(int(count), int(size)) for count, size in zip(inputs["counts"], inputs["sizes"], strict=True)]


def _signals(points: Any) -> list[int]:
    return [point.period for point in points if point.signal]


def _p_chart(inputs: Inputs) -> dict[str, object]:
    periods = _periods(inputs)
    points = PChart(baseline=pool(periods), sigmas=inputs.get("sigmas", 3)).run(periods)
    return {
        "center": points[0].center,
        "limits": [{"low": point.lower, "high": point.upper} for point in points],
        "signals": _signals(points),
    }


def _p_chart_baseline(inputs: Inputs) -> dict[str, object]:
    successes, n = inputs["baseline"]
    chart = PChart(baseline=(int(successes), int(n)), sigmas=inputs.get("sigmas", 3))
    point = chart.add((int(inputs["count"]), int(inputs["size"])))
    return {"upper": point.upper, "lower": point.lower, "value": point.value, "signal": point.signal}


def _ewma(inputs: Inputs) -> list[Decimal | None]:
    chart = EwmaChart(target=inputs["start"], sigma=1, weight=inputs["lambda"])
    return [chart.target, *(point.value for point in chart.run(inputs["values"]))]


def _ewma_limits(inputs: Inputs) -> dict[str, object]:
    chart = EwmaChart(
        target=inputs["target"], sigma=inputs["sigma"], weight=inputs["lambda"], sigmas=inputs.get("L", 3)
    )
    lower, upper = chart.limits_after()
    return {"lower": lower, "upper": upper}


def _ewma_limit_factor(inputs: Inputs) -> Decimal | None:
    chart = EwmaChart(target=0, sigma=1, weight=inputs["lambda"], sigmas=1)
    return chart.limits_after(inputs["i"])[1]


def _ewma_shares(inputs: Inputs) -> dict[str, object]:
    baseline = Fraction(inputs["baseline"]).as_integer_ratio()
    chart = ShareEwmaChart(baseline=baseline, weight=inputs["lambda"], sigmas=inputs.get("L", 3))
    points = chart.run(_periods(inputs))
    return {
        "path": [Decimal(inputs["baseline"]), *(point.value for point in points)],
        "upper": [point.upper for point in points],
        "lower": [point.lower for point in points],
        "signals": _signals(points),
    }


def _cusum(inputs: Inputs) -> dict[str, object]:
    chart = CusumChart(
        target=inputs["target"],
        sigma=1,
        k=inputs["k"],
        h=inputs["h"],
        side=ChartSide.UPPER,
        after_signal=AfterSignal(inputs.get("after_signal", "continue")),
        start=inputs.get("start", 0),
    )
    points = chart.run(inputs["values"])
    signals = _signals(points)
    return {"path": [point.high for point in points], "signals": signals, "first_signal": next(iter(signals), None)}


def _average_run_length(inputs: Inputs) -> float | None:
    side = {"one": ChartSide.UPPER, "two": ChartSide.BOTH}[inputs["sides"]]
    chart = CusumChart(target=0, sigma=1, k=inputs["k"], h=inputs["h"], side=side, after_signal=AfterSignal.RESTART)
    return chart.delay(inputs["shift"])


def _cochran_armitage(inputs: Inputs) -> dict[str, object] | None:
    trend = cochran_armitage(_periods(inputs), scores=inputs.get("scores"))
    return None if trend is None else {"z": trend.z, "p_one_sided": trend.p_rise, "p_two_sided": trend.p_two_sided}


def _mann_kendall(inputs: Inputs) -> dict[str, object] | None:
    trend = mann_kendall(inputs["values"])
    return (
        None
        if trend is None
        else {
            "s": trend.statistic,
            "variance": trend.variance,
            "z": trend.z,
            "p_two_sided": trend.p_two_sided,
        }
    )


def _chi_square(inputs: Inputs) -> dict[str, object] | None:
    test = homogeneity([*map(int, inputs["before"])], [*map(int, inputs["after"])])
    return None if test is None else {"statistic": test.statistic, "df": test.df, "p_value": test.p_value}


def _first_alarm(inputs: Inputs) -> dict[str, object] | None:
    found = first_alarms(
        _periods(inputs),
        baseline_periods=int(inputs["baseline_periods"]),
        alpha=inputs.get("alpha", "0.05"),
        weight=inputs.get("lambda", "0.2"),
        sigmas=inputs.get("sigmas", 3),
        k=inputs.get("k", "0.5"),
        h=inputs.get("h", 4),
    )
    return (
        None
        if found is None
        else {
            "baseline": found.baseline_share,
            "z_test": found.look,
            "p_chart": found.p_chart,
            "ewma": found.ewma,
            "cusum": found.cusum,
            "first": [*found.earliest],
        }
    )


ADAPTERS: Final[dict[str, Callable[[Inputs], object]]] = {
    "trend.chi_square": _chi_square,
    "trend.cochran_armitage": _cochran_armitage,
    "trend.cusum_average_run_length": _average_run_length,
    "trend.cusum_signals": _cusum,
    "trend.cusum_simple": lambda inputs: list(cumulative_sums(inputs["values"], target=inputs["target"])),
    "trend.cusum_upper": _cusum,
    "trend.ewma": _ewma,
    "trend.ewma_limit_factor": _ewma_limit_factor,
    "trend.ewma_limits": _ewma_limits,
    "trend.ewma_shares": _ewma_shares,
    "trend.first_alarm": _first_alarm,
    "trend.mann_kendall": _mann_kendall,
    "trend.p_chart": _p_chart,
    "trend.p_chart_baseline": _p_chart_baseline,
    "trend.psi": lambda inputs: population_stability([*map(int, inputs["before"])], [*map(int, inputs["after"])]),
}
