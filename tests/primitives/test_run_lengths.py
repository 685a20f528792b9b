from __future__ import annotations

from fractions import Fraction
from math import sqrt
from typing import Any

import pytest

from crmcore import AfterSignal, ChartSide, CusumChart, EwmaChart, PChart, ShareCusumChart, ShareEwmaChart
from crmcore.primitives.errors import InvalidValueError
from tests.support.refusals import refused

RESTART = AfterSignal.RESTART


def simulate(chart: Any, shift: float, n: int | None, runs: int = 3000) -> float:
    """The mean run length of a chart whose mean or share is `shift`, with a fixed seed."""
    np: Any = pytest.importorskip("numpy")
    chance = np.random.default_rng(18)
    base = chart.baseline[0] / chart.baseline[1] if n else 0.0
    k, h = float(getattr(chart, "k", 0)), float(getattr(chart, "h", 0))
    weight, sigmas = float(getattr(chart, "weight", 0)), float(getattr(chart, "sigmas", 0))
    high = np.full(runs, float(getattr(chart, "start", 0)))
    low, spread, total = high.copy(), 0.0, 0
    while len(high):
        total += len(high)
        if n:
            z = (chance.binomial(n, shift, len(high)) - n * base) / sqrt(n * base * (1 - base))
        else:
            z = chance.normal(shift, 1, len(high))
        if weight:
            high = weight * z + (1 - weight) * high
            low, spread = -high, weight**2 + (1 - weight) ** 2 * spread
            h = sigmas * sqrt(spread)
        else:
            high, low = np.maximum(0, high + z - k), np.maximum(0, low - z - k)
        stays = (high <= h + 1e-9) | (not chart.side.watches_rise)
        stays &= (low <= h + 1e-9) | (not chart.side.watches_fall)
        high, low = high[stays], low[stays]
    return total / runs


class TestAgainstSimulation:
    """The mean of 3000 runs has a standard error of about 2 per cent."""

    @pytest.mark.parametrize(
        ("chart", "p", "n"),
        [
            (ShareEwmaChart(baseline=(1, 10)), 0.1, 200),
            (ShareEwmaChart(baseline=(1, 10)), 0.1, 20),
            (ShareEwmaChart(baseline=(1, 10), side=ChartSide.UPPER, weight="0.1"), 0.13, 200),
            (ShareEwmaChart(baseline=(1, 10), side=ChartSide.LOWER, sigmas=2), 0.1, 3000),
            (ShareEwmaChart(baseline=(1, 2), weight=1, sigmas="2.5"), 0.5, 50),
            (ShareCusumChart(baseline=(1, 10), after_signal=RESTART), 0.1, 200),
            (ShareCusumChart(baseline=(1, 10), after_signal=RESTART, start=2), 0.1, 20),
            (ShareCusumChart(baseline=(1, 10), side=ChartSide.UPPER, after_signal=RESTART), 0.12, 3000),
            (ShareCusumChart(baseline=(1, 2), side=ChartSide.LOWER, after_signal=RESTART, h=3), 0.5, 9),
        ],
    )
    def test_shares(self, chart: Any, p: float, n: int) -> None:
        """A chart of shares computes from the binomial distribution what happens."""
        assert chart.delay(p, n) == pytest.approx(simulate(chart, p, n), rel=0.06)

    @pytest.mark.parametrize(
        ("chart", "shift"),
        [
            (EwmaChart(target=0, sigma=1), 0),
            (EwmaChart(target=0, sigma=1, weight="0.1", side=ChartSide.UPPER, sigmas="2.5"), 0),
            (EwmaChart(target=0, sigma=1, weight="0.4", side=ChartSide.LOWER, sigmas="2.5"), -1),
            (CusumChart(target=0, sigma=1, after_signal=RESTART, start=2), 0),
            (CusumChart(target=0, sigma=1, after_signal=RESTART, side=ChartSide.LOWER), -1),
        ],
    )
    def test_values(self, chart: Any, shift: int) -> None:
        """A chart of values computes from the normal distribution what happens."""
        assert chart.delay(shift) == pytest.approx(simulate(chart, shift, None), rel=0.06)


class TestPublished:
    @pytest.mark.parametrize(
        ("shift", "start", "expected"),
        [("0", 0, 168), ("0.5", 0, 26.6), ("1", 0, 8.38), ("2", 0, 3.34), ("0", 2, 149), ("1", 2, 5.29)],
    )
    def test_cusum_against_published(self, shift: str, start: int, expected: float) -> None:
        """Lucas and Crosier 1982, Technometrics 24:199-205, k = 0.5, h = 4; recalled, to the digits printed."""
        chart = CusumChart(target=0, sigma=1, start=start, after_signal=RESTART)

        assert expected == pytest.approx(chart.delay(shift), rel=4e-3)

    def test_ewma_of_weight_one_is_a_shewhart_chart(self) -> None:
        """With the weight 1 the average is the value itself, whose interval is the known 370.4."""
        assert 370.398 == pytest.approx(EwmaChart(target=0, sigma=1, weight=1).false_alarm_interval(), abs=1e-3)

    def test_p_chart_by_counting(self) -> None:
        """The interval is the inverse of the probability of the counts that give an alarm."""
        chart = PChart(baseline=(1, 10))
        p, chance = Fraction(1, 10), Fraction(0)
        ways = 1
        for count in range(101):
            if chart.add((count, 100)).signal:
                chance += ways * p**count * (1 - p) ** (100 - count)
            ways = ways * (100 - count) // (count + 1)

        assert float(1 / chance) == pytest.approx(chart.false_alarm_interval(100), rel=1e-10)

    def test_sides_mirror(self) -> None:
        """A chart of the unhappy and one of all others say the same."""
        up = ShareCusumChart(baseline=(1, 10), side=ChartSide.UPPER, after_signal=RESTART)
        down = ShareCusumChart(baseline=(9, 10), side=ChartSide.LOWER, after_signal=RESTART)

        assert up.delay("0.15", 200) == pytest.approx(down.delay("0.85", 200))


class TestEdges:
    def test_a_tie_gives_no_alarm(self) -> None:
        """One success of one lies three standard deviations above a tenth, so that no count is an alarm."""
        assert None is PChart(baseline=(1, 10)).false_alarm_interval(1)
        assert None is PChart(baseline=(1, 10), side=ChartSide.LOWER).false_alarm_interval(81)

    @pytest.mark.parametrize("share", [0, 1])
    def test_a_certain_share(self, share: int) -> None:
        """If every count is the same, the first period decides, or no period ever does."""
        n = 200
        p_chart, average = PChart(baseline=(1, 10)), ShareEwmaChart(baseline=(1, 10), weight=1)
        sums = ShareCusumChart(baseline=(1, 10), after_signal=RESTART)

        assert [1, 1, 1] == [chart.delay(share, n) for chart in (p_chart, average, sums)]
        assert None is PChart(baseline=(1, 10), side=ChartSide.UPPER).delay(0, n)

    def test_too_long_to_compute(self) -> None:
        """A mean beyond 10^9 periods is None."""
        assert None is EwmaChart(target=0, sigma=1, sigmas=9).false_alarm_interval()
        assert None is CusumChart(target=0, sigma=1, h=20, after_signal=RESTART).false_alarm_interval()

    def test_a_change_to_the_other_side(self) -> None:
        """A chart that watches one side hardly ever gives an alarm of a change to the other."""
        up = ChartSide.UPPER

        assert None is EwmaChart(target=0, sigma=1, side=up).delay(-1000)
        assert None is CusumChart(target=0, sigma=1, side=up, after_signal=RESTART).delay(-1000)
        assert None is ShareEwmaChart(baseline=(1, 2), side=up).delay(0, 10**9)

    def test_too_large_to_compute(self) -> None:
        """Limits that need hundreds of equations are refused."""
        with refused(InvalidValueError, "run_length_out_of_reach: None"):
            EwmaChart(target=0, sigma=1, weight="0.001").false_alarm_interval()
        with refused(InvalidValueError, "run_length_out_of_reach: None"):
            ShareCusumChart(baseline=(1, 10), h=51, after_signal=RESTART).false_alarm_interval(10)

    def test_a_head_start_that_no_equation_covers(self) -> None:
        """Both sides with a head start above h / 2 + k have no known equation; one side has."""
        both = CusumChart(target=0, sigma=1, h=4, start=4, after_signal=RESTART)

        assert None is both.false_alarm_interval()
        assert 1 < (CusumChart(target=0, sigma=1, start=4, side=ChartSide.UPPER, after_signal=RESTART).delay(0) or 0)

    def test_size(self) -> None:
        """The n of a period is from 1 to 10^9, and a share from 0 to 1."""
        with refused(InvalidValueError, "out_of_range: size"):
            PChart(baseline=(1, 10)).false_alarm_interval(0)
        with refused(InvalidValueError, "not_a_share: share"):
            PChart(baseline=(1, 10)).delay("1.5", 10)

    def test_the_best_known_interval(self) -> None:
        """With a large n a p-chart has the interval of a normal chart, 370.4."""
        assert 370.4 == pytest.approx(PChart(baseline=(1, 2)).false_alarm_interval(10**9), abs=0.05)
