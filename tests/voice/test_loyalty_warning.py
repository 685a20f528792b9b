from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import BaseDistribution, CrmcoreError, InvalidValueError, Period, PolicyMismatchError, TallyBy
from crmcore.primitives.control_charts import ChartSide, PChart, cochran_armitage, first_alarms
from crmcore.voice import loyalty
from crmcore.voice.loyalty import EarlyWarning
from tests.support.refusals import refused

QUIET = [(20, 200)] * 8
RISING = [(count, 200) for count in (20, 22, 19, 20, 24, 25, 24, 26, 25, 27, 26, 27)]
MONTHS = [Period.month(2026, month) for month in range(1, 7)]
ANY: Any = loyalty.early_warning
series = st.lists(
    st.integers(0, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=3, max_size=9
)


class TestEarlyWarning:
    def test_quiet(self) -> None:
        """Of a base at rest there is no alarm and no look, but an interval of false alarms."""
        found = loyalty.early_warning(QUIET, baseline_periods=4)

        assert found is not None
        assert {found.alarm, found.look, found.strength, found.alarm_period} == {None}
        assert found.raised_by == ()
        assert found.false_alarm_interval is not None
        assert found.false_alarm_interval > 20

    @given(series, st.integers(1, 4))
    def test_alarms(self, pairs: list[tuple[int, int]], first: int) -> None:
        """The alarms are those of the charts; the look is the first rise that the directed test finds."""
        found = loyalty.early_warning(pairs, baseline_periods=first)
        alarms = first_alarms(pairs, baseline_periods=first)
        if alarms is None:
            assert found is None
            return
        assert found is not None
        assert (found.p_chart, found.ewma, found.cusum) == (alarms.p_chart, alarms.ewma, alarms.cusum)
        assert (found.alarm, found.raised_by) == (alarms.alarm, alarms.earliest)
        assert (found.strength is None) is (found.alarm is None)
        assert found.strength is None or found.strength > 1
        trends = {end: cochran_armitage(pairs[: end + 1]) for end in range(first, len(pairs))}
        seen = [end for end, trend in trends.items() if trend and trend.p_rise is not None and trend.p_rise < 0.05]
        assert found.look == min(seen, default=None)

    def test_strength(self) -> None:
        """The strength of an alarm of the p-chart is how often its limit's distance it is away from the baseline."""
        found = loyalty.early_warning([(20, 200), (80, 200)], baseline_periods=1, weight=1)
        point = PChart(baseline=(20, 200)).add((80, 200))

        assert found is not None
        assert point.upper is not None
        charted = (Fraction(80, 200) - Fraction(1, 10)) / (Fraction(point.upper) - Fraction(1, 10))
        assert found.strength == pytest.approx(float(charted))

    def test_interval(self) -> None:
        """The interval of the charts together is shorter than that of each, and computed for the mean size."""
        found = loyalty.early_warning([(40, 400), (1, 10), (2, 30)], baseline_periods=1)

        assert found is not None
        assert found.size == 20
        intervals = [found.p_chart_interval, found.ewma_interval, found.cusum_interval]
        assert found.false_alarm_interval is not None
        assert all(found.false_alarm_interval < each for each in intervals if each)
        assert found.p_chart_interval == PChart(baseline=(40, 400), side=ChartSide.UPPER).false_alarm_interval(20)

    def test_no_unhappy_customers(self) -> None:
        """A baseline without unhappy customers has no limits: no alarm, no interval, and a caution that says so."""
        found = loyalty.early_warning([(0, 50), (0, 50), (1, 50)], baseline_periods=2)

        assert found is not None
        assert {found.alarm, found.false_alarm_interval} == {None}
        assert [finding.rule for finding in found.cautions] == ["baseline_without_variance", "short_baseline"]

    def test_nothing_read(self) -> None:
        """Without a customer in the baseline there is no warning; a later period without any raises nothing."""
        assert loyalty.early_warning([(0, 0), (5, 10)], baseline_periods=1) is None
        assert loyalty.early_warning(TallyBy[Period, BaseDistribution](), baseline_periods=1) is None

        found = loyalty.early_warning([(5, 50), (0, 0)], baseline_periods=1)
        assert found is not None
        assert (found.alarm, found.size) == (None, 50)

    @pytest.mark.parametrize(("pairs", "periods"), [([(1, 10)], 1), ([(1, 10), (1, 10)], 2), ([(1, 10), (0, 0)], 2)])
    def test_nothing_watched(self, pairs: list[tuple[int, int]], periods: int) -> None:
        """A baseline as long as all that was given leaves nothing to watch: cautions say so, with the real count."""
        found = loyalty.early_warning(pairs, baseline_periods=5)

        assert found is not None
        assert {"nothing_watched": periods, "short_baseline": periods} == {
            finding.rule: dict(finding.evidence)["periods"] for finding in found.cautions
        }

    def test_periods_that_overlap(self) -> None:
        """The same customers would count twice, as `BaseDistribution.over` refuses too."""
        row = BaseDistribution(counts=(1, 1, 1))
        with refused(InvalidValueError, "periods_overlap: base"):
            loyalty.early_warning({MONTHS[1]: row, Period(MONTHS[0].start, MONTHS[1].end): row}, baseline_periods=1)

    def test_long_baseline(self) -> None:
        """A baseline of twenty periods needs no caution."""
        found = loyalty.early_warning([(20, 200)] * 21, baseline_periods=20)

        assert found is not None
        assert found.cautions == ()

    def test_distributions(self) -> None:
        """Of distributions, a level is watched, by default the worst, in the order of the periods."""
        base = {
            month: BaseDistribution(counts=(100 - unhappy, 30, unhappy), unread=7)
            for month, unhappy in zip(MONTHS, [10, 11, 9, 10, 11, 60], strict=True)
        }
        shuffled = TallyBy({month: base[month] for month in reversed(MONTHS)})
        found = loyalty.early_warning(shuffled, baseline_periods=4)

        assert found is not None
        assert found.counts[5] == (60, 130)
        assert (found.alarm_period, found.look) == (MONTHS[5], 5)
        assert found.rows()[5]["raised"] == "look, cusum, ewma, p_chart"
        assert found.rows(plain=False)[0]["period"] == MONTHS[0]
        assert "raised" in found._repr_html_()
        middle = loyalty.early_warning(shuffled, baseline_periods=4, level="satisfied")
        assert middle is not None
        assert middle.alarm is None

    def test_rows_of_pairs(self) -> None:
        """Of pairs, a row has the position of its period; a period without customers has no share."""
        found = loyalty.early_warning([*RISING, (0, 0)], baseline_periods=4)

        assert found is not None
        assert found.rows()[10] == {
            "period": 10,
            "count": 26,
            "n": 200,
            "share": 0.13,
            "raised": "look, cusum, ewma",
        }
        assert found.rows()[12]["share"] is None

    @pytest.mark.parametrize(
        ("make", "rule"),
        [
            (lambda: ANY(QUIET, baseline_periods=4, level="loyal"), "level_of_pairs: level"),
            (lambda: ANY([(3, 2)], baseline_periods=1), "more_successes_than_trials: base[0]"),
            (lambda: ANY({"may": BaseDistribution()}, baseline_periods=1), "wrong_type: base"),
            (lambda: ANY({MONTHS[0]: 1}, baseline_periods=1), "wrong_type: base[0]"),
            (lambda: ANY({MONTHS[0]: BaseDistribution()}, baseline_periods=1, level="lost"), "no_such_level: level"),
            (lambda: EarlyWarning(counts=[(1, 2)], baseline_periods=1, periods=MONTHS), "one_period_for_each_count"),
        ],
    )
    def test_refusals(self, make: Any, rule: str) -> None:
        """Pairs have no levels, and distributions have a period each and one vocabulary."""
        with pytest.raises(CrmcoreError) as caught:
            make()
        record = "" if caught.value.record is None else f"[{caught.value.record}]"
        assert f"{caught.value.rule}: {caught.value.field}{record}".startswith(rule)

    def test_two_vocabularies(self) -> None:
        """Distributions of two vocabularies are refused."""
        base = {MONTHS[0]: BaseDistribution(), MONTHS[1]: BaseDistribution(levels=("fan", "foe"))}

        with refused(PolicyMismatchError, "levels_differ: levels"):
            loyalty.early_warning(base, baseline_periods=1)
