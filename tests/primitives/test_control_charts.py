from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import count, pairwise, permutations, repeat
from math import sqrt
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from crmcore import AfterSignal, ChartSide, CusumChart, EwmaChart, PChart, ShareCusumChart, ShareEwmaChart
from crmcore.primitives import _bounds
from crmcore.primitives.control_charts import (
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
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.primitives.proportions import two_proportions
from tests.support.refusals import refused
from tests.support.replay import replay
from tests.support.strategies import VALUES, decimals

if TYPE_CHECKING:
    from collections.abc import Callable

CHARTS: list[Any] = [
    PChart(baseline=(81, 800)),
    ShareEwmaChart(baseline=(81, 800)),
    ShareEwmaChart(baseline=(81, 800), after_signal=AfterSignal.RESTART),
    ShareCusumChart(baseline=(81, 800), after_signal=AfterSignal.CONTINUE),
    ShareCusumChart(baseline=(81, 800), after_signal=AfterSignal.RESTART, start=2),
]
shares = st.integers(0, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


class TestAdd:
    @pytest.mark.parametrize("chart", CHARTS)
    @given(st.lists(shares, max_size=8), st.lists(shares, min_size=1, max_size=8))
    def test_periods_may_come_one_by_one(self, chart: Any, past: Any, later: Any) -> None:
        """A chart that goes on from its last point shows what one over all periods does."""
        before = chart.run(past)
        after = before[-1] if before else None

        assert chart.run([*past, *later]) == before + chart.run(later, after=after)

    @pytest.mark.parametrize("chart", CHARTS)
    def test_an_empty_period_is_no_alarm(self, chart: Any) -> None:
        """A period with n = 0 has no share, and gives no alarm."""
        point = chart.add((0, 0), after=chart.add((100, 100)))

        assert (None, False) == (point.observed, point.signal)

    def test_a_share_on_the_limit_is_no_alarm(self) -> None:
        """Ten per cent of 100 has the deviation 0.03, and three of them end at 0.19 exactly."""
        chart = PChart(baseline=(1, 10))

        assert [False, True] == [chart.add((count, 100)).rise for count in (19, 20)]
        assert Decimal("0.19") == chart.add((19, 100)).upper

    @pytest.mark.parametrize("baseline", [(0, 600), (600, 600)])
    def test_a_baseline_without_variance_has_no_limits(self, baseline: tuple[int, int]) -> None:
        """The points have no limits, give no alarm and say why."""
        charts: list[Any] = [
            PChart(baseline=baseline),
            ShareEwmaChart(baseline=baseline),
            ShareCusumChart(baseline=baseline, after_signal=AfterSignal.RESTART),
        ]
        for chart in charts:
            point = chart.add((3, 200))

            assert not point.signal
            assert ["baseline_without_variance"] == [one.rule for one in point.cautions]
            assert None is chart.false_alarm_interval(200)

    def test_refusals(self) -> None:
        """An empty baseline, a weight of 0 and a head start beyond the limit are refused."""
        with refused(InvalidValueError, "empty_baseline: baseline"):
            PChart(baseline=(0, 0))
        with refused(InvalidValueError, "weight_of_zero: weight"):
            EwmaChart(target=0, sigma=1, weight=0)
        with refused(InvalidValueError, "head_start_beyond_limit: start"):
            CusumChart(target=0, sigma=1, start=5, after_signal=AfterSignal.RESTART)

    def test_an_empty_first_period_starts_nothing(self) -> None:
        """An average stays on the baseline without limits, and the sums stay at the head start."""
        average = ShareEwmaChart(baseline=(1, 10)).add((0, 0))
        sums = ShareCusumChart(baseline=(1, 10), after_signal=AfterSignal.RESTART, start=2).add((0, 0))

        assert (Decimal("0.1"), None, None) == (average.value, average.lower, average.upper)
        assert (Decimal(2), Decimal(2), False) == (sums.high, sums.low, sums.signal)

    def test_all_zero_is_a_fall(self) -> None:
        """Periods without a single success lie below the lower limit once it is above 0."""
        chart = PChart(baseline=(1, 10))

        assert [False, False, True] == [chart.add((0, n)).fall for n in (1, 81, 82)]
        assert [False, False] == [PChart(baseline=(1, 10), side=ChartSide.UPPER).add((0, n)).signal for n in (81, 9999)]

    def test_another_kind_of_point_is_refused(self) -> None:
        """A chart goes on from a point of its own kind."""
        point: Any = PChart(baseline=(1, 10)).add((1, 10))
        with refused(WrongTypeError, "wrong_type: after"):
            ShareCusumChart(baseline=(1, 10), after_signal=AfterSignal.RESTART).add((1, 10), after=point)
        with refused(InconsistentCountsError, "more_successes_than_trials: periods[1]"):
            PChart(baseline=(1, 10)).run([(1, 10), (2, 1)])

    @given(st.lists(shares, min_size=1, max_size=6), st.integers(1, 99), st.integers(1, 40))
    def test_p_chart_against_fractions(self, periods: Any, successes: int, tenths: int) -> None:
        """A share is beyond a limit if its squared deviation exceeds that of the limit, as exact fractions."""
        p, sigmas = Fraction(successes, 100), Fraction(tenths, 10)
        points = PChart(baseline=(successes, 100), sigmas=f"{tenths / 10}").run(periods)

        for (x, n), point in zip(periods, points, strict=True):
            excess = Fraction(x, n) - p if n else Fraction(0)
            beyond = bool(n) and excess**2 > sigmas**2 * p * (1 - p) / n
            assert (beyond and excess > 0, beyond and excess < 0) == (point.rise, point.fall)

    @given(st.lists(shares, min_size=1, max_size=6), st.integers(1, 99), st.integers(1, 10))
    def test_ewma_against_fractions(self, periods: Any, successes: int, tenths: int) -> None:
        """The average and its variance are those of exact fractions, with any n."""
        p, weight = Fraction(successes, 100), Fraction(tenths, 10)
        value, variance = p, Fraction(0)
        for (x, n), point in zip(
            periods, ShareEwmaChart(baseline=(successes, 100), weight=f"{tenths / 10}").run(periods), strict=True
        ):
            if n:
                value = weight * Fraction(x, n) + (1 - weight) * value
                variance = weight**2 * p * (1 - p) / n + (1 - weight) ** 2 * variance
            distance, limit = abs(value - p), 9 * variance

            assert float(value) == pytest.approx(float(point.value or 0))
            assert float(variance) == pytest.approx(float(point.variance or 0))
            assert point.signal is bool(n and distance**2 > limit)

    @given(st.lists(shares, min_size=1, max_size=6), st.integers(1, 99))
    def test_ewma_of_weight_one_is_a_p_chart(self, periods: Any, successes: int) -> None:
        """With the weight 1 the average is the share itself, so that both charts give the same alarms."""
        baseline = (successes, 100)
        whole, single = ShareEwmaChart(baseline=baseline, weight=1).run(periods), PChart(baseline=baseline).run(periods)

        assert [(one.rise, one.fall) for one in single] == [(one.rise, one.fall) for one in whole]

    @given(st.lists(st.integers(-50, 50), min_size=1, max_size=8), st.sampled_from(AfterSignal))
    def test_cusum_against_fractions(self, values: list[int], after_signal: AfterSignal) -> None:
        """The sums of values are exact, and so is the verdict of a sum on the limit."""
        chart = CusumChart(target=2, sigma=3, k="0.5", h=4, after_signal=after_signal, start=1)
        high = low = Fraction(3)
        for value, point in zip(values, chart.run(values), strict=True):
            high = max(Fraction(0), high + value - 2 - Fraction(3, 2))
            low = max(Fraction(0), low + 2 - value - Fraction(3, 2))
            assert (high > 12, low > 12) == (point.rise, point.fall)
            assert [high, low] == [Fraction(point.high or 0), Fraction(point.low or 0)]
            if point.signal and after_signal is AfterSignal.RESTART:
                high = low = Fraction(0)

    def test_cusum_of_nist(self) -> None:
        """NIST/SEMATECH e-Handbook 6.3.2.3: the sums of the twenty means to the digits printed."""
        values = [
            "324.925",
            "324.675",
            "324.725",
            "324.350",
            "325.350",
            "325.225",
            "324.125",
            "324.525",
            "325.225",
            "324.600",
            "324.625",
            "325.150",
            "328.325",
            "327.250",
            "327.825",
            "328.500",
            "326.675",
            "327.775",
            "326.875",
            "328.350",
        ]
        chart = CusumChart(target=325, sigma=1, k="0.3175", h="4.1959", after_signal=AfterSignal.CONTINUE)
        points = chart.run(values)
        printed = [3.01, 4.94, 7.45, 10.63, 11.99, 14.44, 16.00, 19.04]

        assert [13, 14, 15, 16, 17, 18, 19] == [point.period for point in points if point.rise]
        assert printed == pytest.approx([float(point.high or 0) for point in points[12:]], abs=6e-3)

    def test_a_rounded_sum_on_the_limit_is_no_alarm(self) -> None:
        """Each period lies 0.5 standard deviations above the slack, to the last digit; the eighth sum is the limit."""
        chart = ShareCusumChart(baseline=(1, 2), after_signal=AfterSignal.RESTART)

        assert [8] == [point.period for point in chart.run([(55, 100)] * 9) if point.signal]

    @pytest.mark.parametrize("cls", [PChart, ShareEwmaChart, ShareCusumChart])
    @given(data=st.data())
    def test_explanations_of_shares(self, cls: type, data: st.DataObject) -> None:
        """Every line of an explanation can be computed again, and one named like a field of the point equals it."""
        chart: Any = data.draw(VALUES[cls])
        first, second = (data.draw(shares) for _ in range(2))
        after = data.draw(st.sampled_from([None, chart.add(first)]))
        lines = chart.explain(second, after=after)
        point = chart.add(second, after=after)

        replay(lines)
        assert [] == [line for line in lines if line.value != getattr(point, line.name, line.value)]
        assert point.cautions == lines.cautions

    @pytest.mark.parametrize("cls", [EwmaChart, CusumChart])
    @given(data=st.data())
    def test_explanations_of_values(self, cls: type, data: st.DataObject) -> None:
        """The same of charts of values."""
        chart: Any = data.draw(VALUES[cls])
        first, second = (data.draw(st.none() | st.integers(-200, 200)) for _ in range(2))
        after = data.draw(st.sampled_from([None, chart.add(first)]))
        lines = chart.explain(second, after=after)
        point = chart.add(second, after=after)

        replay(lines)
        assert [] == [line for line in lines if line.value != getattr(point, line.name, line.value)]

    @pytest.mark.parametrize("weight", ["0.3", "1"])
    def test_limits_after(self, weight: str) -> None:
        """The limits widen to the final ones, and the first of them is the weight times sigma."""
        chart = EwmaChart(target=0, sigma=1, weight=weight, sigmas=1)
        first, later, final = (chart.limits_after(periods)[1] for periods in (1, 2, None))

        assert float(weight) == pytest.approx(float(first or 0))
        assert (first or 0) <= (later or 0) <= (final or 0)
        assert (first, None) == (chart.add(5).upper, chart.add(None).upper)

    @given(st.lists(st.none() | st.integers(-9, 9), max_size=6), st.lists(st.none() | st.integers(-9, 9), max_size=6))
    def test_values_may_come_one_by_one(self, past: Any, later: Any) -> None:
        """Charts of values go on from their last point as those of shares do."""
        for chart in (EwmaChart(target=0, sigma=2), CusumChart(target=0, sigma=2, after_signal=AfterSignal.CONTINUE)):
            before: Any = chart.run(past)
            after: Any = before[-1] if before else None
            assert chart.run([*past, *later]) == before + chart.run(later, after=after)

    @given(st.lists(shares, max_size=6))
    def test_pool(self, periods: Any) -> None:
        """Pooled periods are their sums."""
        assert (sum(x for x, _ in periods), sum(n for _, n in periods)) == pool(periods)


class TestFirstAlarms:
    def test_a_baseline_of_zero_gives_no_alarm_and_says_so(self) -> None:
        """Without successes in the baseline no chart has a limit, and a test may still notice."""
        found = first_alarms([(0, 200), (30, 200), (40, 200)], baseline_periods=1)

        assert found is not None
        assert (1, None, ()) == (found.look, found.alarm, found.earliest)
        assert ["baseline_without_variance"] == [one.rule for one in found.cautions]

    def test_every_chart_can_be_first(self) -> None:
        """The names of the earliest are sorted, and only a rise counts."""
        leap = first_alarms([(20, 200), (60, 200)], baseline_periods=1)
        fall = first_alarms([(20, 200), (0, 200)], baseline_periods=1)

        assert leap is not None
        assert ("cusum", "ewma", "p_chart") == leap.earliest
        assert (Decimal("0.1"), 1) == (leap.baseline_share, leap.alarm)
        assert fall is not None
        assert (None, None) == (fall.alarm, fall.look)

    def test_an_empty_baseline(self) -> None:
        """Without n there is no baseline, so the answer is None; an empty period later is passed over."""
        assert None is first_alarms([], baseline_periods=1)
        assert None is first_alarms([(0, 0), (3, 4)], baseline_periods=1)
        found = first_alarms([(20, 200), (0, 0), (20, 200)], baseline_periods=1)
        assert found is not None
        assert (None, None) == (found.alarm, found.look)

    def test_a_wrong_design_is_refused_without_data(self) -> None:
        """The design is checked even if there is nothing to chart."""
        with refused(InvalidValueError, "not_positive: h"):
            first_alarms([], baseline_periods=1, h=0)
        with refused(InvalidValueError, "too_small: baseline_periods"):
            first_alarms([], baseline_periods=0)


class TestTrends:
    @given(st.lists(shares, max_size=6))
    def test_cochran_armitage_is_a_correlation(self, periods: Any) -> None:
        """Its z is the correlation of score and success over all people, times the root of their number."""
        found = cochran_armitage(periods)
        people = [(place, one) for place, (x, n) in enumerate(periods) for one in [1] * x + [0] * (n - x)]
        if sum(1 for _, n in periods if n) < 3:
            assert found is None
            return
        count = len(people)
        means = [Fraction(sum(one[side] for one in people), count) for side in (0, 1)]
        cross = sum((a - means[0]) * (b - means[1]) for a, b in people)
        spreads = [sum((one[side] - means[side]) ** 2 for one in people) for side in (0, 1)]

        assert found is not None
        assert float(cross) == pytest.approx(float(found.statistic))
        if not spreads[1]:
            assert (None, None, None) == (found.z, found.p_rise, found.p_two_sided)
        else:
            expected = float(cross) / sqrt(spreads[0] * spreads[1]) * sqrt(count)
            assert expected == pytest.approx(found.z, abs=1e-12)

    def test_scores(self) -> None:
        """Only the distances of the scores matter; there must be one for each period."""
        periods = [(20, 200), (24, 200), (35, 200)]
        usual, wide = cochran_armitage(periods), cochran_armitage(periods, scores=["10", "10.5", "11"])

        assert usual is not None
        assert wide is not None
        assert usual.z == pytest.approx(wide.z)
        with refused(InvalidValueError, "one_score_for_each_period: scores"):
            cochran_armitage(periods, scores=[1, 2])

    def test_shares_that_do_not_vary(self) -> None:
        """Without a success, or without a failure, there is no variance and no z."""
        for periods in ([(0, 9)] * 3, [(9, 9)] * 3):
            found = cochran_armitage(periods)
            assert found is not None
            assert 0 == found.variance
            assert (None, None) == (found.z, found.p_rise)

    @pytest.mark.parametrize("values", [(1, 2, 3, 4), (1, 1, 2, 3, 3), (1, 1, 1, 2, 5, 5)])
    def test_mann_kendall_by_enumeration(self, values: tuple[int, ...]) -> None:
        """Over all orders of the values the statistic has the mean 0 and the variance that the test computes."""
        found = [trend for order in permutations(values) if (trend := mann_kendall(order))]

        assert 0 == sum(trend.statistic for trend in found)
        mean_square = Fraction(sum(int(trend.statistic) ** 2 for trend in found), len(found))
        assert {round(float(mean_square), 9)} == {round(float(trend.variance), 9) for trend in found}

    @given(st.lists(st.integers(0, 9), min_size=3, max_size=9))
    def test_mann_kendall_reversed(self, values: list[int]) -> None:
        """In the reverse order a rise is a fall as clear; the statistic counts pairs."""
        up, down = mann_kendall(values), mann_kendall(values[::-1])
        pairs = [(a > b) - (a < b) for place, a in enumerate(values) for b in values[:place]]

        assert up is not None
        assert down is not None
        assert sum(pairs) == up.statistic
        assert up.z == -(down.z or 0.0)
        assert up.p_two_sided == pytest.approx(down.p_two_sided)

    def test_nothing_to_tell(self) -> None:
        """Two values have no trend, and equal values have a z of 0."""
        flat = mann_kendall([7, 7, 7])

        assert None is mann_kendall([1, 2])
        assert flat is not None
        assert (0.0, 0.5, 1.0) == (flat.z, flat.p_rise, flat.p_two_sided)
        assert 0.0 == Trend(statistic=1, variance=5, continuity=1).z


class TestHomogeneity:
    @given(shares, shares)
    def test_two_levels_are_two_proportions(self, before: tuple[int, int], after: tuple[int, int]) -> None:
        """With two levels the statistic is the square of the pooled z, and the p-value the two-sided one."""
        found = homogeneity([before[0], before[1] - before[0]], [after[0], after[1] - after[0]])
        shift = two_proportions(before, after)
        if shift is None or shift.z is None:
            assert None is found
        else:
            assert found is not None
            assert shift.z**2 == pytest.approx(float(found.statistic))
            assert shift.p_two_sided == pytest.approx(found.p_value)
            assert 1 == found.df

    def test_groups(self) -> None:
        """Few people are a caution; groups of other levels are refused; an empty group is None."""
        few = homogeneity([3, 4], [5, 6])

        assert few is not None
        assert ["few_expected"] == [one.rule for one in few.cautions]
        assert None is homogeneity([], [])
        assert None is homogeneity([0, 0], [1, 2])
        assert None is population_stability([], [])
        with refused(InvalidValueError, "groups_of_other_levels: after"):
            homogeneity([1], [1, 2])

    @pytest.mark.parametrize(
        ("statistic", "df", "expected"),
        [
            ("0", 1, 1),
            ("0", 2, 1),
            ("0", 3, 1),
            ("3.841458821", 1, 0.05),
            ("5.991464547", 2, 0.05),
            ("11.0704977", 5, 0.05),
            ("18.30703805", 10, 0.05),
            ("1000", 1000, 0.4940522),
            ("5000", 3, 0),
        ],
    )
    def test_p_value_against_the_table(self, statistic: str, df: int, expected: float) -> None:
        """The quantiles of chi-square at 5 per cent, and large figures that would overflow."""
        assert expected == pytest.approx(Homogeneity(statistic=statistic, df=df).p_value, abs=1e-6)

    def test_p_value_against_mpmath(self) -> None:
        """The p-value is the upper incomplete gamma function."""
        mpmath: Any = pytest.importorskip("mpmath")
        for df, statistic in [(1, 0.5), (4, 9.5), (7, 30.25), (400, 450.0)]:
            expected = float(mpmath.gammainc(df / 2, statistic / 2, regularized=True))
            assert expected == pytest.approx(Homogeneity(statistic=f"{statistic}", df=df).p_value, rel=1e-10)

    @given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=5))
    def test_stability_is_symmetric(self, levels: list[tuple[int, int]]) -> None:
        """The index is the same in both directions, >= 0, and None if a level has people in one group only."""
        before, after = zip(*levels, strict=True)
        there, back = population_stability(before, after), population_stability(after, before)
        one_sided = [pair for pair in levels if any(pair) and not all(pair)]
        if one_sided or not any(before):
            assert (None, None) == (there, back)
        else:
            assert there == pytest.approx(back, abs=1e-12)
            assert there is not None
            assert there >= -1e-15


class TestCumulativeSums:
    @given(st.lists(st.none() | decimals(-100, 100, places=3), max_size=12), decimals(-10, 10, places=3))
    def test_each_is_the_sum_so_far(self, values: list[Decimal | None], target: Decimal) -> None:
        """The last distance is the difference of two sums; a period without a value changes nothing."""
        sums = cumulative_sums(values, target=target)
        exact = [Fraction(0), *map(Fraction, sums)]
        steps = [after - before for before, after in pairwise(exact)]
        assert steps == [Fraction(0) if value is None else Fraction(value) - Fraction(target) for value in values]


@pytest.mark.parametrize(
    ("call", "broken"),
    [
        (lambda: pool(repeat((1, 2))), "periods"),
        (lambda: cochran_armitage([(1, 2)] * 3, scores=count()), "scores"),
        (lambda: mann_kendall(repeat(1)), "values"),
        (lambda: cumulative_sums(repeat(None), target=1), "values"),
        (lambda: homogeneity([1], repeat(1)), "after"),
        (lambda: PChart(baseline=(81, 800)).run(repeat((1, 20))), "periods"),
    ],
)
def test_endless(call: Callable[[], object], broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values without an end are refused at the limit of what is collected."""
    monkeypatch.setattr(_bounds, "MOST_COLLECTED", 100)
    with refused(InvalidValueError, f"too_many_to_collect: {broken}"):
        call()
