from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import example, given, strategies as st

from crmcore.primitives import proportions as proportions_room
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.primitives.proportions import (
    Interval,
    PairedProportions,
    TwoProportions,
    clopper_pearson,
    rule_of_three,
    two_proportions,
    wilson,
    zero_event_bound,
)
from tests.support.hostile import CONTEXTS
from tests.support.refusals import refused
from tests.support.strategies import proportions

confidences = st.floats(0.01, 0.999)


def quantile(confidence: float) -> Any:
    """Return the normal quantile by mpmath, which is independent of the standard library."""
    return mpmath.sqrt(2) * mpmath.erfinv(mpmath.mpf(confidence))


class TestClopperPearson:
    @given(proportions().filter(lambda pair: pair[1] <= 1000), confidences)
    def test_bounds_are_where_the_tails_say(self, pair: tuple[int, int], confidence: float) -> None:
        """At a bound, the probability of the observed count or more is the tail, by the beta function of mpmath."""
        successes, n = pair
        bounds = clopper_pearson(successes, n, confidence=confidence)

        assert bounds is not None
        assert 0 <= bounds.low <= successes / n <= bounds.high <= 1
        tail = (1 - confidence) / 2
        if successes:
            seen = mpmath.betainc(successes, n - successes + 1, 0, bounds.low, regularized=True)
            assert abs(seen - tail) <= 1e-9
        if successes < n:
            seen = mpmath.betainc(n - successes, successes + 1, 0, 1 - bounds.high, regularized=True)
            assert abs(seen - tail) <= 1e-9

    @pytest.mark.parametrize(
        ("successes", "n", "low", "high"),
        [
            (10, 100, 0.0490047, 0.1762226),
            (0, 20, 0.0, 0.1684335),
            (20, 20, 0.8315665, 1.0),
            (1, 1, 0.025, 1.0),
            (3, 5, 0.1466328, 0.9472551),
        ],
    )
    def test_published(self, successes: int, n: int, low: float, high: float) -> None:
        """The bounds equal published ones."""
        bounds = clopper_pearson(successes, n)

        assert bounds is not None
        assert pytest.approx(low, abs=5e-7) == bounds.low
        assert pytest.approx(high, abs=5e-7) == bounds.high

    @pytest.mark.parametrize(
        ("successes", "n", "low", "high"),
        [
            (0, 10**6 + 1, 0, 3.6888689613443307e-06),
            (1, 10**6 + 1, 2.5317782346e-08, 5.5716250835780e-06),
            (0, 10**12, 0, 3.6888794541139363e-12),
            (1, 10**12, 2.5317807984289897e-14, 5.571643390938898e-12),
            (10, 10**18, 4.795388696132431e-18, 1.8390356042e-17),
            (10**12, 10**12, 1 - 3.6888794541139363e-12, 1),
            (5 * 10**8, 10**9, 0.4999690097484223, 0.5000309902515778),
        ],
    )
    def test_of_very_many(self, successes: int, n: int, low: float, high: float) -> None:
        """Beyond a million the bounds stay exact: those of SciPy, or of a Poisson count over n for rare events."""
        bounds = clopper_pearson(successes, n)

        assert bounds is not None
        assert pytest.approx(low, rel=1e-9, abs=0) == bounds.low
        assert pytest.approx(high, rel=1e-9, abs=0) == bounds.high

    @given(st.integers(0, 3000), st.sampled_from([0.5, 0.95, 1 - 1e-12]))
    @example(10**6, 0.95)
    @example(10**16, 0.95)
    def test_of_many_they_hold_wilsons_point(self, successes: int, confidence: float) -> None:
        """The bounds of any number contain the share, and more trials with as many successes lower both."""
        few = clopper_pearson(successes, 2 * 10**16, confidence=confidence)
        many = clopper_pearson(successes, 3 * 10**16, confidence=confidence)

        assert few is not None
        assert many is not None
        assert few.low <= successes / (2 * 10**16) <= few.high
        assert many.low <= few.low
        assert many.high <= few.high

    def test_few_failures_among_very_many_are_exact_too(self) -> None:
        """The bounds of three failures are those of three successes, up to the last bits of a float below 1."""
        n, confidence = 11 * 10**14, 0.999999999999  # Wilson's bounds would be a hundred bits away
        rare, sure = clopper_pearson(3, n, confidence=confidence), clopper_pearson(n - 3, n, confidence=confidence)

        assert rare is not None
        assert sure is not None
        assert abs(1 - sure.high - rare.low) < 4 * math.ulp(0.5)
        assert abs(1 - sure.low - rare.high) < 4 * math.ulp(0.5)

    @pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
    def test_of_too_many_for_floats_they_are_wilsons(self, confidence: float) -> None:
        """From 10^15 trials on, with many of both, the bounds are those of Wilson, corrected for continuity."""
        n = 4 * 10**15
        bounds = clopper_pearson(10**15, n, confidence=confidence)

        assert bounds == wilson(10**15, n, confidence=confidence, continuity=True)

    @pytest.mark.parametrize("z", [-3, -1, 0, 2])
    def test_of_too_many_for_floats_a_probability_is_normal(self, z: int) -> None:
        """At most the expected number and z standard deviations more come with the probability of the normal curve."""
        n = 4 * 10**15
        most = n // 4 + z * math.isqrt(3 * n // 16)

        assert proportions_room.find_probability(most, n, 1, 3) == pytest.approx(float(mpmath.ncdf(z)), rel=1e-6)

    @given(st.integers(1, 400), st.integers(1, 400), st.floats(0.05, 0.95))
    def test_the_continued_fraction(self, a: int, b: int, part: float) -> None:
        """It is the incomplete beta function of mpmath over its first factors: DLMF 8.17.22."""
        share = part * (a + 1) / (a + b + 2)  # where it converges
        x = mpmath.mpf(share)
        factors = x**a * (1 - x) ** b / (a * mpmath.beta(a, b))
        expected = float(mpmath.betainc(a, b, 0, x, regularized=True) / factors)

        assert proportions_room._compute_fraction(a, b, share) == pytest.approx(expected, rel=1e-9)

    @pytest.mark.parametrize(("successes", "n"), [(1, 10), (10, 100), (3, 5), (999, 1000)])
    def test_bisection_finds_what_newton_finds(self, successes: int, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """After the steps of Newton's method, however few they are, halving finds the same bounds, in more steps."""
        found, asked = [], []

        def ask(*given: Any) -> tuple[float, float]:
            steps.append(given)
            return compute(*given)

        compute = proportions_room._compute_tail
        monkeypatch.setattr(proportions_room, "_compute_tail", ask)
        for limit in (40, 2, 0):
            steps: list[Any] = []
            monkeypatch.setattr(proportions_room, "_NEWTON_STEPS", limit)
            bounds = clopper_pearson(successes, n)
            assert bounds is not None
            found.append((bounds.low, bounds.high))
            asked.append(len(steps))

        assert found[0] == pytest.approx(found[1], rel=1e-12)
        assert found[0] == pytest.approx(found[2], rel=1e-12)
        assert asked[0] < 20
        assert min(asked[1:]) > 60

    @pytest.mark.parametrize("confidence", [Decimal("0.99999999999999999"), Decimal("1E-400"), 1.0, 0.0])
    def test_confidence_is_one_as_a_float(self, confidence: Any) -> None:
        """A confidence that is 0 or 1 as a float is refused by every bound."""
        for bound in (clopper_pearson, wilson):
            with refused(InvalidValueError, "not_a_confidence: confidence"):
                bound(1, 1000, confidence=confidence)
        with refused(InvalidValueError, "not_a_confidence: confidence"):
            zero_event_bound(1000, confidence=confidence)

    def test_confidence_may_be_nearly_one(self) -> None:
        """A confidence may come as near to 1 as 10^-12, and no nearer."""
        nearly = 0.999999999999
        for bounds in (wilson(1, 10, confidence=nearly), clopper_pearson(1, 10, confidence=nearly)):
            assert bounds is not None
            assert 0 < bounds.low < 0.1 < bounds.high < 1
        for confidence in (1e-12, "0.000000000001"):
            assert zero_event_bound(10, confidence=confidence) == pytest.approx(1e-13)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a text
        for confidence in (1 - 2.0**-53, "0.9999999999991", 0.9e-12, 1e-300):
            with refused(InvalidValueError, "not_a_confidence: confidence"):
                wilson(1, 10, confidence=confidence)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a text too

    def test_n_of_zero(self) -> None:
        """With n = 0 the result is None; more successes than n, and a confidence of 95, are refused."""
        assert None is clopper_pearson(0, 0)
        with pytest.raises(InconsistentCountsError, match="successes must be at most n, got 2 of 1"):
            clopper_pearson(2, 1)
        with pytest.raises(InvalidValueError, match="confidence must lie between 0 and 1"):
            clopper_pearson(0, 0, confidence=95)

    def test_rule_for_no_events(self) -> None:
        """Without successes, the upper bound at a confidence of 0.9 is the one-sided bound at 0.95."""
        bounds = clopper_pearson(0, 50, confidence=0.9)

        assert bounds is not None
        assert pytest.approx(zero_event_bound(50, confidence=0.95)) == bounds.high


class TestInterval:
    def test_holds_what_lies_between(self) -> None:
        """An interval includes both bounds."""
        interval = Interval(0.25, 0.5)

        for number in (float, Decimal):
            assert number("0.25") in interval
            assert number("0.5") in interval
            assert number("0.51") not in interval
            assert number("0.24") not in interval
        assert 0.25 == interval.width

    def test_the_callers_context_changes_nothing(self) -> None:
        """Membership of a Decimal works under a context that traps comparing it with a float."""
        for context in CONTEXTS:
            with localcontext(context):
                assert Decimal("0.3") in Interval(0.25, 0.5)
                assert Decimal("0.6") not in Interval(0.25, 0.5)

    @pytest.mark.parametrize(
        ("low", "high", "broken"),
        [
            (1.0, 0.0, "bounds_reversed: low"),
            (math.nan, 1.0, "infinite_bound: low"),
            (0.0, math.nan, "infinite_bound: high"),
            (0.0, math.inf, "infinite_bound: high"),
            (-math.inf, 0.0, "infinite_bound: low"),
        ],
    )
    def test_bounds_are_finite_and_in_order(self, low: float, high: float, broken: str) -> None:
        """Reversed, infinite and unknown bounds are refused."""
        with refused(InvalidValueError, broken):
            Interval(low, high)

    @pytest.mark.parametrize("bounds", [("a", "b"), (True, 5.0), (0.1, None), (Decimal(0), 1.0)])
    def test_bounds_are_floats(self, bounds: Any) -> None:
        """Estimates are floats; anything else is a wrong type."""
        with pytest.raises(WrongTypeError, match="must be a float"):
            Interval(*bounds)


class TestWilson:
    @given(proportions(), confidences)
    def test_solves_the_score_equation(self, proportion: tuple[int, int], confidence: float) -> None:
        """Each bound p solves (x/n - p)^2 = z^2 p(1-p)/n, which defines Wilson's interval."""
        x, n = proportion
        interval = wilson(x, n, confidence=confidence)
        assert interval is not None
        z = quantile(confidence)

        for bound in (interval.low, interval.high):
            p = mpmath.mpf(bound)
            assert abs((mpmath.mpf(x) / n - p) ** 2 - z**2 * p * (1 - p) / n) < 1e-12

    @given(proportions(), confidences)
    def test_holds_the_share_and_stays_within_0_and_1(self, proportion: tuple[int, int], confidence: float) -> None:
        """The share lies between its bounds; the continuity correction widens them."""
        x, n = proportion
        plain, corrected = wilson(x, n, confidence=confidence), wilson(x, n, confidence=confidence, continuity=True)
        assert plain is not None
        assert corrected is not None

        assert 0 <= corrected.low <= plain.low <= x / n + 1e-15
        assert 1 >= corrected.high >= plain.high >= x / n - 1e-15

    @given(proportions(), confidences)
    def test_mirrors(self, proportion: tuple[int, int], confidence: float) -> None:
        """The bounds of successes and of failures are complementary."""
        x, n = proportion
        for continuity in (False, True):
            one = wilson(x, n, confidence=confidence, continuity=continuity)
            other = wilson(n - x, n, confidence=confidence, continuity=continuity)
            assert one is not None
            assert other is not None
            assert math.isclose(one.low, 1 - other.high, abs_tol=1e-12)

    @pytest.mark.parametrize(
        ("successes", "n", "plain", "corrected"),
        [
            (81, 263, (0.2553, 0.3662), (0.2535, 0.3682)),
            (15, 148, (0.0624, 0.1605), (0.0598, 0.1644)),
            (0, 20, (0.0, 0.1611), (0.0, 0.2005)),
            (1, 29, (0.0061, 0.1718), (0.0018, 0.1963)),
        ],
    )
    def test_published_bounds(
        self, successes: int, n: int, plain: tuple[float, float], corrected: tuple[float, float]
    ) -> None:
        """The bounds equal Newcombe's table of 1998, methods 3 and 4, at 95 per cent."""
        for continuity, expected in ((False, plain), (True, corrected)):
            interval = wilson(successes, n, continuity=continuity)
            assert interval is not None
            assert expected == (round(interval.low, 4), round(interval.high, 4))

    def test_ends_are_exact(self) -> None:
        """Without successes the lower bound is 0; with successes only the upper bound is 1."""
        none, everybody = wilson(0, 20), wilson(20, 20, continuity=True)
        assert none is not None
        assert everybody is not None

        assert 0.0 == none.low
        assert 1.0 == everybody.high

    def test_n_of_zero_is_none(self) -> None:
        """With n = 0 the result is None, and the arguments are checked all the same."""
        assert wilson(0, 0) is None
        with pytest.raises(InvalidValueError, match="confidence"):
            wilson(0, 0, confidence=2)

    @pytest.mark.parametrize("confidence", [0, 1, -1, 95, math.nan, "x", "0.99999999999999999999", "1E-400"])
    def test_confidence_lies_between_0_and_1(self, confidence: Any) -> None:
        """A confidence of 1 or in per cent is refused."""
        with pytest.raises(InvalidValueError, match="confidence must"):
            wilson(1, 2, confidence=confidence)
        with pytest.raises(InvalidValueError, match="confidence must"):
            zero_event_bound(2, confidence=confidence)

    def test_counts_do_not_contradict(self) -> None:
        """More successes than n, negative counts and fractions are refused."""
        with pytest.raises(InconsistentCountsError, match="successes must be at most n, got 3 of 2"):
            wilson(3, 2)
        with pytest.raises(InvalidValueError, match="successes must be >= 0"):
            wilson(-1, 2)
        with pytest.raises(WrongTypeError, match="n must be a whole number"):
            wilson(1, 2.0)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    def test_enormous_counts(self) -> None:
        """The bounds are in order even for counts of 10^30."""
        interval = wilson(10**29, 10**30)
        assert interval is not None

        assert 0.1 - 1e-14 <= interval.low <= 0.1 <= interval.high <= 0.1 + 1e-14

    def test_the_last_bit_of_a_float_lifts_no_bound_above_one(self) -> None:
        """The upper bound is at most 1, where the formula in floats gives 1.0000000000000002."""
        interval = wilson(10**16 - 2, 10**16, confidence=0.999)
        assert interval is not None

        assert 1.0 == interval.high


class TestNoEvents:
    @given(st.integers(1, 10**6), confidences)
    def test_none_seen_is_just_that_unlikely(self, n: int, confidence: float) -> None:
        """At the bound, the probability of no event in n trials is 1 - confidence."""
        bound = zero_event_bound(n, confidence=confidence)
        assert bound is not None

        assert math.isclose(1 - confidence, (1 - mpmath.mpf(bound)) ** n, rel_tol=1e-9)

    @given(st.integers(1, 10**6))
    def test_three_is_a_rule_of_thumb(self, n: int) -> None:
        """The rule of three is slightly above the exact bound, and at most 1."""
        exact, rough = zero_event_bound(n), rule_of_three(n)
        assert exact is not None
        assert rough is not None

        assert exact <= rough <= 1
        assert Fraction(min(3, n), n) - Fraction(rough) < Fraction(1, 10**30)

    def test_n_of_zero_is_none(self) -> None:
        """With n = 0 the result is None."""
        assert zero_event_bound(0) is None
        assert rule_of_three(0) is None


class TestTwoProportions:
    @given(proportions(), proportions())
    def test_swapping_turns_the_sign(self, one: tuple[int, int], other: tuple[int, int]) -> None:
        """The difference, z and the bounds change sign with the order, and the two-sided p does not change."""
        there, back = two_proportions(one, other), two_proportions(other, one)
        assert there is not None
        assert back is not None

        assert there.difference == back.difference.copy_negate()
        assert math.isclose(there.interval().low, -back.interval().high, abs_tol=1e-12)
        assert math.isclose(there.wald_interval().low, -back.wald_interval().high, abs_tol=1e-12)
        if there.z is not None:
            assert math.isclose(there.z, -(back.z or 0.0), abs_tol=1e-9)
            assert there.p_two_sided == pytest.approx(back.p_two_sided)
            assert 1 == pytest.approx((there.p_one_sided or 0.0) + (back.p_one_sided or 0.0))

    @given(proportions(), proportions(), confidences)
    def test_bounds_hold_the_difference(self, one: tuple[int, int], other: tuple[int, int], confidence: float) -> None:
        """Both intervals contain the difference and lie between -1 and 1."""
        shift = TwoProportions(before=one, after=other)

        for interval in (shift.interval(confidence=confidence), shift.wald_interval(confidence=confidence)):
            assert -1 <= interval.low <= float(shift.difference) + 1e-12
            assert 1 >= interval.high >= float(shift.difference) - 1e-12

    def test_textbook_bounds_are_cut_at_what_is_possible(self) -> None:
        """The bounds of a difference lie between -1 and 1."""
        fall, rise = TwoProportions(before=(9, 10), after=(1, 10)), TwoProportions(before=(1, 10), after=(9, 10))

        assert -1.0 == fall.wald_interval().low
        assert 1.0 == rise.wald_interval().high

    @given(proportions(), proportions())
    def test_z_agrees_with_mpmath(self, one: tuple[int, int], other: tuple[int, int]) -> None:
        """The pooled z and its p-values equal an independent computation."""
        shift = TwoProportions(before=one, after=other)
        (x1, n1), (x2, n2) = one, other
        pooled = mpmath.mpf(x1 + x2) / (n1 + n2)
        error = mpmath.sqrt(pooled * (1 - pooled) * (mpmath.mpf(1) / n1 + mpmath.mpf(1) / n2))
        if not error:
            assert shift.z is None
            return
        z = (mpmath.mpf(x2) / n2 - mpmath.mpf(x1) / n1) / error

        assert math.isclose(z, shift.z or 0.0, rel_tol=1e-6, abs_tol=1e-6)
        assert math.isclose(mpmath.ncdf(-z), shift.p_one_sided or 0.0, rel_tol=1e-6, abs_tol=1e-12)

    def test_all_or_none_in_both(self) -> None:
        """Without any variation z and p are None, but there are bounds."""
        for successes in (0, 10):
            shift = TwoProportions(before=(successes, 10), after=(successes, 10))
            assert (None, None, None) == (shift.z, shift.p_one_sided, shift.p_two_sided)
            assert shift.interval().width > 0
            assert 0.0 == shift.wald_interval().width

    def test_n_of_zero_is_none_and_a_record_an_error(self) -> None:
        """With n = 0 the function returns None, and the record cannot be built."""
        assert two_proportions((0, 0), (1, 2)) is None
        assert two_proportions((1, 2), (0, 0)) is None
        with pytest.raises(InvalidValueError, match="before must have n > 0"):
            TwoProportions(before=(0, 0), after=(1, 2))

    @pytest.mark.parametrize("pair", [3, (1,), (1, 2, 3), "12", None])
    def test_a_share_is_a_pair_of_counts(self, pair: Any) -> None:
        """A proportion is a pair of counts."""
        with pytest.raises(WrongTypeError, match="successes and n"):
            two_proportions(pair, (1, 2))
        with pytest.raises(WrongTypeError, match="successes and n"):
            TwoProportions(before=(1, 2), after=pair)


class TestExactTests:
    @given(st.integers(1, 12), st.integers(1, 12), st.data())
    def test_of_two_groups(self, n1: int, n2: int, data: st.DataObject) -> None:
        """Fisher's test counts the tables with the same sums, and never says None for so few people."""
        x1, x2 = data.draw(st.integers(0, n1)), data.draw(st.integers(0, n2))
        drawn = x1 + x2
        ways = [math.comb(n2, k) * math.comb(n1, drawn - k) if k <= drawn else 0 for k in range(n2 + 1)]
        shift = TwoProportions(before=(x1, n1), after=(x2, n2))

        assert sum(ways[x2:]) / sum(ways) == shift.p_exact_one_sided
        assert sum(way for way in ways if way <= ways[x2]) / sum(ways) == shift.p_exact_two_sided

    @given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 5))
    def test_of_pairs(self, lost: int, gained: int, both: int) -> None:
        """McNemar's exact test tosses a coin for each person who changed."""
        pair = PairedProportions(both=both, lost=lost, gained=gained, neither=1)
        changed = lost + gained
        tails = [
            sum(math.comb(changed, k) for k in range(least, changed + 1)) / 2**changed
            for least in (gained, max(lost, gained))
        ]

        assert pair.p_exact_one_sided == pytest.approx(tails[0], rel=1e-12)
        assert pair.p_exact_two_sided == pytest.approx(min(1.0, 2 * tails[1]), rel=1e-12)

    def test_is_less_sure_than_the_normal_one(self) -> None:
        """The cases in which the normal approximation says far too much, with the exact values known by hand."""
        few = TwoProportions(before=(0, 8), after=(3, 8))
        pair = PairedProportions(both=5, lost=0, gained=3, neither=7)

        assert (0.1, 0.2) == (few.p_exact_one_sided, few.p_exact_two_sided)
        assert (0.125, 0.25) == (pair.p_exact_one_sided, pair.p_exact_two_sided)

    def test_too_large(self) -> None:
        """Beyond the stated size there is none, however few sums are small; one small sum is enough for it."""
        large = TwoProportions(before=(2001, 4002), after=(2001, 4002))
        rare = TwoProportions(before=(0, 10**18), after=(3, 10**18))

        many = (
            PairedProportions(both=0, lost=2000, gained=1, neither=0),
            PairedProportions(both=0, lost=1001, gained=1000, neither=0),
        )

        assert 1.0 == many[0].p_exact_one_sided
        assert many[1].p_exact_one_sided == pytest.approx(0.5178, abs=1e-4)
        assert (None, None) == (large.p_exact_one_sided, large.p_exact_two_sided)
        small = TwoProportions(before=(5 * 10**17, 10**18), after=(3, 4))
        assert rare.p_exact_one_sided == pytest.approx(0.125)
        assert small.p_exact_one_sided == pytest.approx(5 / 16)
        assert 1.0 == TwoProportions(before=(0, 10**18), after=(0, 10**18)).p_exact_two_sided
        nobody = PairedProportions(both=0, lost=0, gained=0, neither=0)
        assert (None, None, ()) == (nobody.p_exact_one_sided, nobody.p_exact_two_sided, nobody.cautions)

    def test_caution_where_few_are_expected(self) -> None:
        """Below 5 expected there is a caution, at 5 there is none."""
        assert () == TwoProportions(before=(5, 10), after=(5, 10)).cautions
        assert ["few_for_the_normal_test"] == [
            one.rule for one in TwoProportions(before=(5, 10), after=(4, 10)).cautions
        ]
        assert () == PairedProportions(both=0, lost=5, gained=5, neither=0).cautions
        assert ["few_for_the_normal_test"] == [
            one.rule for one in PairedProportions(both=0, lost=5, gained=4, neither=9).cautions
        ]


class TestPairedProportions:
    def test_against_publication(self) -> None:
        """The interval is the published one: Newcombe 1998, Statistics in Medicine 17:2635-2650, method 10."""
        bounds = PairedProportions(both=36, lost=2, gained=12, neither=0).interval()

        assert bounds is not None
        assert (bounds.low, bounds.high) == pytest.approx((0.0569, 0.3404), abs=5e-5)

    @example(20, 2, 12, 16)
    @example(9, 3, 3, 1)
    @given(*[st.integers(0, 30)] * 4)
    def test_is_the_published_formula(self, both: int, lost: int, gained: int, neither: int) -> None:
        """The correlation of the two answers is corrected for continuity if it is positive, and not below 0."""
        pair = PairedProportions(both=both, lost=lost, gained=gained, neither=neither)
        n, bounds = pair.n, pair.interval()
        if not n:
            return
        p1, p2 = (both + lost) / n, (both + gained) / n
        one, two = wilson(both + lost, n), wilson(both + gained, n)
        assert bounds is not None
        assert one is not None
        assert two is not None
        covariance = both * neither - lost * gained
        corrected = covariance if covariance < 0 else max(covariance - n / 2, 0)
        spread = n**2 * math.sqrt(p1 * (1 - p1) * p2 * (1 - p2))
        phi = corrected / spread if spread else 0
        below = (p2 - two.low) ** 2 - 2 * phi * (p2 - two.low) * (one.high - p1) + (one.high - p1) ** 2
        above = (two.high - p2) ** 2 - 2 * phi * (two.high - p2) * (p1 - one.low) + (p1 - one.low) ** 2

        assert bounds.low == pytest.approx(max(-1, p2 - p1 - math.sqrt(max(below, 0))), abs=1e-7)
        assert bounds.high == pytest.approx(min(1, p2 - p1 + math.sqrt(max(above, 0))), abs=1e-7)

    @given(*[st.integers(0, 30)] * 4)
    def test_margins(self, both: int, lost: int, gained: int, neither: int) -> None:
        """The difference is that of the margins and within its bounds; turned round in time, all is turned round."""
        pair = PairedProportions(both=both, lost=lost, gained=gained, neither=neither)
        back = PairedProportions(both=both, lost=gained, gained=lost, neither=neither)
        bounds, backward = pair.interval(), back.interval()
        if bounds is None or backward is None:
            assert pair.n == 0
            assert {pair.difference, pair.p_one_sided} == {None}
            return
        assert pair.difference is not None
        assert pair.difference in Interval(bounds.low - 1e-12, bounds.high + 1e-12)
        assert (-backward.high, -backward.low) == pytest.approx((bounds.low, bounds.high))
        assert -1 <= bounds.low <= bounds.high <= 1

    @given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
    def test_p_value(self, lost: int, gained: int, stayed: int) -> None:
        """The test is McNemar's: the normal one of those who changed, whatever the number of those who did not."""
        pair = PairedProportions(both=stayed, lost=lost, gained=gained, neither=0)
        if not lost + gained:
            assert {pair.z, pair.p_one_sided, pair.p_two_sided} == {None}
            return
        squared = mpmath.mpf((gained - lost) ** 2) / (lost + gained)
        assert pair.p_two_sided == pytest.approx(float(mpmath.gammainc(0.5, squared / 2, regularized=True)))
        assert pair.p_one_sided is not None
        assert pair.p_two_sided is not None
        half = pair.p_two_sided / 2
        assert pair.p_one_sided == pytest.approx(half if gained >= lost else 1 - half)
