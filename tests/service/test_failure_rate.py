"""Tests of the planning functions, of failure rates and of moments from feedback."""

from __future__ import annotations

import itertools
from collections import Counter
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import BalanceVerdict, FailureRate, Feedback, FeedbackKind, MomentOfTruth, TallyBy, Valence, instant
from crmcore.interop.hypothesis import failure_rates, feedbacks, moments
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.proportions import Interval, clopper_pearson
from crmcore.service.balance import (
    all_good_probability,
    break_even_failure_rate,
    break_even_share,
    expected,
    moments_from,
    required_good_rate,
)
from tests.support.refusals import refused
from tests.support.strategies import decimals, records, shares

GOOD, NEUTRAL, BAD = Valence
ABOVE, BELOW, UNDECIDED = BalanceVerdict
DAY = instant("2026-03-02")

ratios = decimals(1, 100, places=6)


def near(exact: Fraction, number: Decimal) -> bool:
    """Return whether a number is exact to 33 digits."""
    return abs(exact - Fraction(number)) <= abs(exact) / 10**33


class TestDesign:
    @given(ratios, shares())
    def test_break_even_balances(self, ratio: Decimal, neutral: Decimal) -> None:
        """At the break-even share and failure rate, the expected balance is 0."""
        w, u = Fraction(ratio), Fraction(neutral)

        assert near(w / (w + 1), break_even_share(ratio))
        assert near(1 / (w + 1), break_even_failure_rate(ratio))
        assert near((1 - u) * w / (w + 1), required_good_rate(neutral_share=neutral, ratio=ratio))
        assert required_good_rate(neutral_share=0, ratio=ratio) == break_even_share(ratio)
        assert abs(
            expected(1000, p_good=break_even_share(ratio), p_bad=break_even_failure_rate(ratio), ratio=ratio)
        ) < (Decimal("1E-27"))

    @given(st.integers(0, 5), shares(), shares(), ratios)
    def test_expectation_is_the_mean_of_all_outcomes(
        self, n: int, one: Decimal, other: Decimal, ratio: Decimal
    ) -> None:
        """The results equal the mean and the probability over all possible sequences of n moments."""
        good, bad = Fraction(one), Fraction(other) * (1 - Fraction(one))
        chances = {GOOD: good, BAD: bad, NEUTRAL: 1 - good - bad}
        worth = {GOOD: Fraction(1), BAD: -Fraction(ratio), NEUTRAL: Fraction(0)}
        mean = all_good = Fraction(0)
        for outcome in itertools.product(Valence, repeat=n):
            chance = Fraction(1)
            for valence in outcome:
                chance *= chances[valence]
            mean += chance * sum(worth[valence] for valence in outcome)
            all_good += chance * (set(outcome) <= {GOOD})
        exactly = Context(prec=60)
        p_bad = exactly.multiply(other, exactly.subtract(Decimal(1), one))

        assert near(mean, expected(n, p_good=one, p_bad=p_bad, ratio=ratio))
        assert near(all_good, all_good_probability(one, n))

    def test_extremes(self) -> None:
        """For 0 moments the probability is 1; a probability too small to write is 0."""
        assert Decimal(1) == all_good_probability(0, 0) == all_good_probability(1, 10**9)
        assert (Decimal(0), "0") == (tiny := all_good_probability("1E-300", 10**30), str(tiny))
        assert Decimal("0.25") == all_good_probability(0.5, 2)
        assert "0" == str(expected(0, p_good=0, p_bad=1))

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: break_even_share(0), "ratio must be > 0"),
            (lambda: break_even_failure_rate(-1), "ratio must be > 0"),
            (lambda: expected(-1, p_good=0, p_bad=0), "n must be >= 0"),
            (lambda: expected(1, p_good="1.1", p_bad=0), "p_good must be a fraction"),
            (lambda: expected(1, p_good=0, p_bad="1.1"), "p_bad must be a fraction"),
            (lambda: expected(1, p_good="0.6", p_bad="0.41"), r"p_good \+ p_bad must be <= 1"),
            (lambda: expected(1, p_good=0, p_bad=0, ratio=0), "ratio must be > 0"),
            (lambda: all_good_probability(-1, 1), "p must be a fraction"),
            (lambda: all_good_probability(1, -1), "n must be >= 0"),
            (lambda: required_good_rate(neutral_share=2), "neutral_share must be a fraction"),
            (lambda: required_good_rate(neutral_share=0, ratio=0), "ratio must be > 0"),
        ],
    )
    def test_refuses_nonsense(self, call: Any, message: str) -> None:
        """Probabilities are shares, and a ratio is > 0."""
        with pytest.raises(InvalidValueError, match=f"^{message}"):
            call()

    def test_operands(self) -> None:
        """The two probabilities are the operands of the error."""
        with pytest.raises(InvalidValueError) as caught:
            expected(1, p_good="0.6", p_bad="0.41")

        assert (Decimal("0.6"), Decimal("0.41")) == caught.value.operands


class TestFailureRate:
    @given(records(moments(), max_size=20))
    def test_counts_moments_and_not_weights(self, given: list[MomentOfTruth]) -> None:
        """Every moment counts as one at any severity, and the rows, one of them for unknown employees, add up."""
        counted = Counter(one.valence for one in given)
        whole = FailureRate.of(iter(given))
        by = FailureRate.by(given, lambda one: one.employee_id)

        assert FailureRate(good=counted[GOOD], bad=counted[BAD], neutral=counted[NEUTRAL]) == whole
        assert (whole if given else None) == by.total
        assert list(dict.fromkeys(one.employee_id for one in given)) == list(by)
        for who, row in by.items():
            assert FailureRate.of([one for one in given if one.employee_id == who]) == row

    @given(failure_rates())
    def test_reads_off_its_counts(self, counted: FailureRate) -> None:
        """The rate is a share of the judged moments and lies within its bounds; neutral moments do not change it."""
        judged = counted.good + counted.bad
        bounds = counted.interval()

        assert judged == counted.judged
        assert {"good", "bad", "neutral", "judged", "rate"} == set(counted.row())
        assert attrs.evolve(counted, neutral=0).row() == {**counted.row(), "neutral": 0}
        if judged:
            assert counted.rate is not None
            assert bounds is not None
            assert near(Fraction(counted.bad, judged), counted.rate)
            assert counted.rate in bounds
        else:
            assert (None, None) == (counted.rate, bounds)

    def test_bounds_are_exact(self) -> None:
        """The bounds are those of Clopper and Pearson, at the given confidence."""
        counted = FailureRate(good=2, bad=3)

        assert clopper_pearson(3, 5) == counted.interval()
        assert clopper_pearson(3, 5, confidence=0.8) == counted.interval(confidence=0.8)
        assert isinstance(counted.interval(), Interval)

    @pytest.mark.parametrize(
        ("good", "bad", "rules", "expected"),
        [
            (0, 0, {}, UNDECIDED),
            (2, 3, {}, UNDECIDED),
            (1, 4, {}, BELOW),
            (0, 1, {"confidence": 0.95}, UNDECIDED),
            (3, 2, {"confidence": 0.95}, UNDECIDED),
            (2, 3, {"confidence": 0.95}, BELOW),
            (2, 3, {"confidence": 1 - 0.05 / 30}, UNDECIDED),
            (94, 0, {}, UNDECIDED),
            (95, 0, {}, ABOVE),
            (46, 0, {"confidence": 0.95}, UNDECIDED),
            (47, 0, {"confidence": 0.95}, ABOVE),
            (400, 8, {}, ABOVE),
            (400, 8, {"ratio": 60}, UNDECIDED),
            (40, 12, {}, BELOW),
            (40, 12, {"ratio": "1.5"}, UNDECIDED),
            (40, 12, {"ratio": "0.5"}, ABOVE),
            (12_000, 1_000, {}, UNDECIDED),
            (2, 0, {"ratio": 1, "confidence": 0.5}, UNDECIDED),  # the bounds end at the break-even rate
            (2, 0, {"ratio": 1, "confidence": 0.49}, ABOVE),
            (0, 2, {"ratio": 1, "confidence": 0.5}, UNDECIDED),
            (0, 2, {"ratio": 1, "confidence": 0.49}, BELOW),
        ],
    )
    def test_standing(self, good: int, bad: int, rules: dict[str, Any], expected: BalanceVerdict) -> None:
        """There is a verdict only if the bounds exclude the break-even rate."""
        assert expected is FailureRate(good=good, bad=bad).verdict(**rules)

    @pytest.mark.parametrize("n", [1, 2, 5, 13, 40, 200])
    def test_a_false_verdict_is_as_rare_as_promised(self, n: int) -> None:
        """At a true rate of exactly break-even, the probability of each verdict is at most (1 - confidence) / 2."""
        p = Fraction(1, 13)
        false = [Fraction(0), Fraction(0)]
        chance = (1 - p) ** n
        for bad in range(n + 1):
            standing = FailureRate(good=n - bad, bad=bad).verdict(confidence=0.95)
            if standing is not UNDECIDED:
                false[standing is BELOW] += chance
            chance *= Fraction(n - bad, bad + 1) * p / (1 - p)

        assert max(false) <= Fraction(1, 40)

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"good": -1}, InvalidValueError, "good must be >= 0"),
            ({"bad": 1.0}, WrongTypeError, "bad must be a whole number"),
            ({"neutral": True}, WrongTypeError, "neutral must be a whole number"),
        ],
    )
    def test_refuses_nonsense(self, values: dict[str, Any], error: type[Exception], message: str) -> None:
        """A count is a whole number."""
        with pytest.raises(error, match=message):
            FailureRate(**values)

    def test_other_types_are_named(self) -> None:
        """An item that is not a moment, and a key that is not a function, are refused."""
        counts: list[Any] = [FailureRate.of, lambda given: FailureRate.by(given, lambda one: one.id)]
        for count in counts:
            with refused(WrongTypeError, "wrong_type: moments[0]"):
                count([5])
            with pytest.raises(WrongTypeError, match="^moments must be several MomentOfTruths"):
                count(5)
        with pytest.raises(WrongTypeError, match=r"key must be a function, such as lambda moment: moment\.employee_id"):
            FailureRate.by([], "employee_id")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(InvalidValueError, match="ratio must be > 0"):
            FailureRate().verdict(ratio=0)

    def test_of_nothing(self) -> None:
        """Without moments there are no rows."""
        assert FailureRate() == FailureRate.of([])
        assert TallyBy() == FailureRate.by([], lambda one: one.id)


class TestMomentsFrom:
    @given(st.lists(feedbacks(), max_size=6))
    def test_a_moment_is_its_feedbacks(self, given: list[Feedback]) -> None:
        """A moment has the ids, severity and instant of its feedback; the rule decides which are kept, in order."""
        made = moments_from(iter(given), lambda one: one.valence)
        kept = [one for one in given if one.valence is not None]

        assert len(kept) == len(made)
        for feedback, moment in zip(kept, made, strict=True):
            assert feedback.valence is moment.valence
            assert feedback.received_at is moment.at
            for name in ("customer_id", "touchpoint_id", "employee_id", "interaction_id", "severity", "id"):
                assert getattr(feedback, name) == getattr(moment, name)
            assert (feedback.resolved_at if moment.valence is BAD else None) == moment.resolved_at

    def test_the_rule_decides(self) -> None:
        """The valence of a moment is the one that the rule returns."""
        complaint = Feedback(kind=FeedbackKind.COMPLAINT, received_at=DAY, resolved_at=DAY)

        assert (None, DAY) == (
            moments_from([complaint], lambda _: NEUTRAL)[0].resolved_at,
            moments_from([complaint], lambda _: BAD)[0].resolved_at,
        )
        assert () == moments_from([complaint], lambda _: None)

    def test_other_types_are_named(self) -> None:
        """A wrong item, rule or valence is refused."""
        praise = Feedback(kind=FeedbackKind.PRAISE, received_at=DAY)
        with refused(WrongTypeError, "wrong_type: feedback[0]"):
            moments_from([5], lambda _: None)  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
        with pytest.raises(
            WrongTypeError, match=r"^rule must be a function, such as lambda feedback: feedback\.valence"
        ):
            moments_from([praise], GOOD)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "not_a_member: rule[0]"):
            moments_from([praise], lambda _: "good")  # type: ignore[arg-type, return-value]  # pyright: ignore[reportArgumentType]
        with pytest.raises(WrongTypeError, match="^feedback must be several Feedbacks"):
            moments_from(praise, lambda _: None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
