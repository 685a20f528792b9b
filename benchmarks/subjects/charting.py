"""Control charts: the computed run lengths against chance, the time of one, and whether a new period costs a period."""

from collections.abc import Iterator
from functools import partial
from itertools import accumulate
from math import comb, sqrt
from random import Random
from statistics import fmean, stdev

from benchmarks.harness import Row, Run, benchmark, milliseconds
from crmcore import AfterSignal, ChartSide, CusumChart, EwmaChart, ShareCusumChart
from crmcore.primitives.control_charts import CusumPoint

CHART = CusumChart(target=0, sigma=1, side=ChartSide.UPPER, after_signal=AfterSignal.RESTART)
SHARES = ShareCusumChart(baseline=(1, 10), side=ChartSide.UPPER, after_signal=AfterSignal.RESTART)
SIZE = 200
CHANCES = [*accumulate(comb(SIZE, count) * 0.1**count * 0.9 ** (SIZE - count) for count in range(SIZE + 1))]
GOAL = 1.5
"""The time that a run length may take, in milliseconds."""


def run_length(draw: Random) -> int:
    """Return the number of periods to an alarm of `CHART`, by chance."""
    high, periods = 0.0, 0
    while high <= 4:
        high, periods = max(0.0, high + draw.gauss() - 0.5), periods + 1
    return periods


def share_run_length(draw: Random) -> int:
    """Return the number of periods to an alarm of `SHARES`, by chance."""
    high, periods, sigma = 0.0, 0, sqrt(0.09 * SIZE)
    while high <= 4 + 1e-9:
        (count,) = draw.choices(range(SIZE + 1), cum_weights=CHANCES)
        high, periods = max(0.0, high + (count - 0.1 * SIZE) / sigma - 0.5), periods + 1
    return periods


def simulated(name: str, computed: float | None, lengths: list[int]) -> Row:
    """Return the computed interval beside the mean of simulated ones; far apart, one of them is wrong."""
    mean, error = fmean(lengths), stdev(lengths) / sqrt(len(lengths))
    if computed is None or abs(computed - mean) > 4 * error + 0.01 * mean:
        raise ValueError(f"{name}: computed {computed}, simulated {mean:.1f} with a standard error of {error:.1f}")
    return Row(name=name, ours=computed, other=mean, unit="periods", note=f"standard error {error:,.1f}")


@benchmark
def false_alarm_interval(run: Run) -> Iterator[Row]:
    """Compute how often a chart gives a false alarm, and let it happen."""
    draw = Random(18)  # noqa: S311 - the same chance in every run
    runs = min(2000, max(50, run.n // 20))
    lengths = [run_length(draw) for _ in range(runs)]
    yield simulated("CUSUM, computed / simulated", CHART.false_alarm_interval(), lengths)
    lengths = [share_run_length(draw) for _ in range(runs)]
    yield simulated("CUSUM of shares, computed / simulated", SHARES.false_alarm_interval(SIZE), lengths)


@benchmark
def run_length_time(run: Run) -> Iterator[Row]:
    """Compute one run length."""
    ewma = EwmaChart(target=0, sigma=1).false_alarm_interval
    for name, function in {"CUSUM": CHART.false_alarm_interval, "EWMA": ewma}.items():
        (time,) = run.medians(partial(milliseconds, function))
        aim = 1 if name == "CUSUM" else None
        yield Row(name=f"a run length, {name} / goal", ours=time, other=GOAL, aim=aim)


@benchmark
def new_period(run: Run) -> Iterator[Row]:
    """Add a period after ten periods and after many."""
    shares = [(20 + place % 3, SIZE) for place in range(max(20, run.n // 100))]
    early, late = SHARES.run(shares[:10])[-1], SHARES.run(shares)[-1]

    def add(point: CusumPoint) -> float:
        return milliseconds(lambda: [SHARES.add((21, SIZE), after=point) for _ in range(1000)])

    ours, other = run.medians(partial(add, late), partial(add, early))
    yield Row(name=f"add after {len(shares):,} / after 10", ours=ours, other=other, unit="us", aim=1.2)
