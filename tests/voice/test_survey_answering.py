"""Tests of response rates, of what the silent may hide, of sizes and margins, and of rounds."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, permutations
from math import sqrt
from statistics import NormalDist
from typing import Any

import mpmath
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    InvalidValueError,
    Invitation,
    InvitationOutcome,
    Nps,
    Period,
    PolicyMismatchError,
    Question,
    Response,
    ResponseRate,
    ResponseRateConvention,
    RoundConvention,
    Scale,
    SurveyRound,
    WrongTypeError,
    instant,
    surveys,
)
from crmcore.interop.hypothesis import invitations, response_rates, shares
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.proportions import wilson
from tests.support.refusals import refused
from tests.support.strategies import records

FRIEND = Question(id="nps", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10)
JANUARY = Period.month(2026, 1)
RR1, RR2, RR3, RR4, RR5, RR6 = ResponseRateConvention
Z = NormalDist().inv_cdf(0.975)


class TestResponseRate:
    @given(response_rates(), shares())
    def test_six_rates(self, counted: ResponseRate, e: Decimal) -> None:
        """The six rates are AAPOR's fractions, exactly; with e of 1 and 0 the middle ones are the outer ones."""
        i, p, u = counted.complete, counted.partial, counted.unknown
        known = i + p + counted.refusal + counted.non_contact + counted.other
        expected: dict[ResponseRateConvention, tuple[int, Fraction | int, Decimal | None]] = {
            RR1: (i, known + u, None),
            RR2: (i + p, known + u, None),
            RR3: (i, known + Fraction(e) * u, e),
            RR4: (i + p, known + Fraction(e) * u, e),
            RR5: (i, known, None),
            RR6: (i + p, known, None),
        }
        for convention, (part, whole, share) in expected.items():
            rate = counted.rate_by(convention, e=share)
            assert (not whole) is (rate is None)
            assert rate is None or abs(Fraction(part) / whole - Fraction(rate)) < Fraction(1, 10**32)
        assert counted.rate_by(RR3, e=1) == counted.rate == counted.rate_by(RR1)
        assert counted.rate_by(RR4, e=0) == counted.rate_by(RR6)
        assert wilson(i, known + u) == counted.interval()

    @given(records(invitations(), max_size=8))
    def test_counts_outcomes(self, asked: list[Invitation]) -> None:
        """Each invitation counts once by its outcome, in all and by channel."""
        counted = ResponseRate.of(asked)

        assert {outcome.value: sum(one.outcome is outcome for one in asked) for outcome in InvitationOutcome} == {
            outcome.value: getattr(counted, outcome.value) for outcome in InvitationOutcome
        }
        assert counted == (ResponseRate.by(asked, lambda one: one.channel).total or ResponseRate())

    def test_e_is_given_where_it_is_needed(self) -> None:
        """RR3 and RR4 need a share e, and no other rate takes one."""
        counted = ResponseRate(complete=1, unknown=1)
        for convention, e, broken in (
            (RR3, None, "eligible_share_needed: e"),
            (RR1, "0.5", "eligible_share_needed: e"),
            (RR4, "1.2", "not_a_share: e"),
        ):
            with refused(InvalidValueError, broken):
                counted.rate_by(convention, e=e)
        assert surveys.eligibility(eligible=0, ineligible=0) is None


class TestNonresponse:
    @given(shares(), shares())
    def test_bounds_are_the_extremes(self, share: Decimal, rate: Decimal) -> None:
        """The bounds are the score of all if the silent give the worst or the best answer."""
        bounds = surveys.nonresponse_bounds(share, response_rate=rate)

        assert Fraction(rate) * Fraction(share) == Fraction(bounds.low)
        assert Fraction(bounds.low) + 1 - Fraction(rate) == Fraction(bounds.high)
        assert bounds.low == surveys.nonresponse_bounds(share, response_rate=rate, highest=share).low

    def test_bias_explains_the_gap(self) -> None:
        """The bias is how far the mean of the respondents lies above that of all."""
        bias = surveys.nonresponse_bias(response_rate="0.4", respondent_mean=8, nonrespondent_mean=6)

        assert Decimal(8) - (Decimal("0.4") * 8 + Decimal("0.6") * 6) == bias

    def test_score_off_its_scale(self) -> None:
        """A Net Promoter Score is no share."""
        with refused(InvalidValueError, "score_out_of_bounds: score"):
            surveys.nonresponse_bounds(30, response_rate="0.5")


class TestSampling:
    @given(st.integers(1, 99), st.integers(1, 49), st.none() | st.integers(1, 10**6))
    def test_least_number_that_holds(self, p: int, margin: int, population: int | None) -> None:
        """So many answers are exact to the margin, and one less is not; a census is enough for any margin."""
        share, wanted = Decimal(p) / 100, Decimal(margin) / 100
        size = surveys.sample_size(margin=wanted, share=share, population=population)
        variance = Fraction(p * (100 - p), 10_000)

        def error(n: int) -> float:
            left = Fraction(1) if population is None else Fraction(max(0, population - n), max(1, population - 1))
            return Z * sqrt(variance * left / n) if n else float("inf")

        assert error(size.n) <= float(wanted) * (1 + 1e-12)
        assert error(size.n - 1) >= float(wanted) * (1 - 1e-12)
        assert population is None or size.n <= population

    def test_quantile_of_another_library(self) -> None:
        """The raw size agrees with forty digits of another library."""
        with mpmath.workdps(40):
            z = mpmath.sqrt(2) * mpmath.erfinv(mpmath.mpf("0.99"))
            expected = z**2 / 4 / mpmath.mpf("0.03") ** 2

        assert float(expected) == pytest.approx(surveys.sample_size(margin="0.03", confidence=0.99).raw, rel=1e-12)

    @given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
    def test_size_for_a_score(self, promoters: int, passives: int, detractors: int) -> None:
        """The size for a score follows from the variance of an earlier round; the worst case needs the most."""
        like = Nps(promoters=promoters, passives=passives, detractors=detractors)
        if not like.variance:
            with refused(InvalidValueError, "no_variance: like"):
                surveys.nps_sample_size(margin=5, like=like)
            return
        size = surveys.nps_sample_size(margin=5, like=like)

        assert Z**2 * float(like.variance) / 0.05**2 == pytest.approx(size.raw, rel=1e-9)
        assert size.n <= surveys.nps_sample_size(margin=5).n
        assert surveys.nps_sample_size(margin=5, population=200).n <= 200

    def test_table_of_krejcie_and_morgan(self) -> None:
        """The published table is rounded to the nearest number; so it is never more than one below the exact size."""
        table = {10: 10, 15: 14, 100: 80, 220: 140, 500: 217, 1200: 291, 1500: 306, 10_000: 370}

        assert table == {population: surveys.krejcie_morgan(population).n for population in table}

    def test_margins(self) -> None:
        """The margin shrinks to 0 with a census, and is unknown without answers."""
        assert surveys.margin_of_error(0, 0) is None
        assert 0.0 == surveys.margin_of_error(1, 1, population=1)
        assert Z * sqrt(0.25 / 100) == pytest.approx(surveys.margin_of_error(50, 100))
        for successes, n, population, broken in (
            (2, 1, None, "more_than_all: successes"),
            (1, 10, 9, "more_than_all: n"),
        ):
            with refused(InconsistentCountsError, broken):
                surveys.margin_of_error(successes, n, population=population)

    @pytest.mark.parametrize(("satisfied", "n", "population"), [(1, 2, 2), (1, 2, 4), (2, 4, 6), (1, 3, 6), (2, 6, 9)])
    def test_margin_of_a_small_population(self, satisfied: int, n: int, population: int) -> None:
        """The margin is that of all samples that can be drawn, with the share of the sample among all customers."""
        everyone = [number < satisfied * population // n for number in range(population)]
        shares = [Fraction(sum(sample), n) for sample in combinations(everyone, n)]
        spread = sqrt(sum((share - Fraction(satisfied, n)) ** 2 for share in shares) / len(shares))

        assert Z * spread == pytest.approx(surveys.margin_of_error(satisfied, n, population=population))

    @pytest.mark.parametrize(
        ("call", "broken"),
        [
            (lambda: surveys.sample_size(margin=5), "not_a_share: margin"),
            (lambda: surveys.sample_size(margin=0), "share_at_its_end: margin"),
            (lambda: surveys.sample_size(margin="0.05", share=1), "share_at_its_end: share"),
            (lambda: surveys.sample_size(margin="0.05", population=0), "too_small: population"),
            (lambda: surveys.nps_sample_size(margin=0), "not_positive: margin"),
            (lambda: surveys.krejcie_morgan(0), "too_small: population"),
        ],
    )
    def test_wrong_questions(self, call: Any, broken: str) -> None:
        """A margin in per cent, a share without variance and a population without customers are refused."""
        with refused(InvalidValueError, broken):
            call()


def ask(*rows: tuple[str | None, str]) -> list[Invitation]:
    """Return invitations of customers at instants."""
    return [Invitation(survey_id="q1", at=instant(at), customer_id=customer) for customer, at in rows]


def answer(*rows: tuple[str | None, str, int | None]) -> list[Response]:
    """Return responses of customers at instants with scores."""
    return [
        Response(
            survey_id="q1", at=instant(at), customer_id=customer, answers=[] if score is None else [("nps", score)]
        )
        for customer, at, score in rows
    ]


class TestSurveyRound:
    ASKED = ask(("anna", "2026-01-10"), ("ben", "2026-01-28"), ("cleo", "2026-01-15"), ("dan", "2026-01-31T12:00"))
    ANSWERED = answer(
        ("anna", "2026-01-12", 10),
        ("ben", "2026-02-11", 6),
        ("cleo", "2026-01-29T00:00:01", 9),
        (None, "2026-01-20", 3),
    )

    def count(self, asked: list[Invitation], answered: list[Response], **rules: Any) -> SurveyRound:
        """Count the round of January, as of 10 February unless another date is given."""
        usual: dict[str, Any] = {"period": JANUARY, "as_of": instant("2026-02-12"), "open_for": timedelta(days=14)}
        return SurveyRound.of_round(asked, answered, FRIEND, **{**usual, **rules})

    def test_by_invitation(self) -> None:
        """An answer after exactly the time is in time, one later is late and not scored, silence may still be open."""
        counted = self.count(self.ASKED, self.ANSWERED)

        assert (4, 2, 1, 1, 0) == (counted.invited, counted.in_time, counted.late, counted.open, counted.silent)
        assert Nps(promoters=1, detractors=1) == Nps.of_counts(counted)
        assert (Decimal("0.5"), 1) == (counted.response_rate, counted.unmatched)
        assert ["round_still_open", "responses_without_invitation"] == [one.rule for one in counted.cautions]

    def test_later_has_not_happened(self) -> None:
        """As of a day, an answer and an invitation that come later are not there yet."""
        early = self.count(self.ASKED, self.ANSWERED, as_of=instant("2026-01-29"))

        assert (3, 1, 0, 2) == (early.invited, early.in_time, early.late, early.open)
        assert 1 == self.count(self.ASKED, self.ANSWERED, as_of=instant("2026-03-01")).silent

    def test_without_a_limit_nothing_is_late(self) -> None:
        """Without a time limit every answer counts, and every silence stays open."""
        unknown = ask((None, "2026-01-05"))
        counted = self.count([*self.ASKED, *unknown], self.ANSWERED, open_for=None)

        assert (3, 0, 2, 0) == (counted.in_time, counted.late, counted.open, counted.silent)

    def test_by_answer(self) -> None:
        """By answer, the responses of the period count, whenever customers were invited; no rate is known."""
        counted = self.count(self.ASKED, self.ANSWERED, convention=RoundConvention.BY_ANSWER)

        assert (3, 3, 0, 0, None) == (
            *(counted.invited, counted.in_time, counted.late, counted.open),
            counted.response_rate,
        )
        assert Nps(promoters=2, detractors=1) == Nps.of_counts(counted)
        assert () == counted.cautions

    def test_matching(self) -> None:
        """A response belongs to the last invitation before it; a second one, or one before any, belongs to none."""
        asked = ask(("anna", "2026-01-02"), ("anna", "2026-01-20"))
        answered = answer(
            ("anna", "2026-01-01", 0), ("anna", "2026-01-20", 9), ("anna", "2026-01-21", 1), ("zoe", "2026-01-21", 1)
        )
        for order in permutations(answered):
            counted = self.count(asked, list(order))
            assert (2, 1, 1, 3) == (counted.invited, counted.in_time, counted.silent, counted.unmatched)
            assert Nps(promoters=1) == Nps.of_counts(counted)

    def test_unanswered_questions(self) -> None:
        """A response in time that leaves the question out is a response."""
        counted = self.count(self.ASKED[:1], answer(("anna", "2026-01-11", None)))

        assert (1, 1, Decimal(1)) == (counted.in_time, counted.unanswered, counted.response_rate)
        assert ["question_never_answered"] == [one.rule for one in counted.cautions]

    def test_empty_round(self) -> None:
        """A round without invitations has no rate and no score."""
        counted = self.count([], [])

        assert (0, None, None, ()) == (counted.invited, counted.response_rate, counted.score, counted.cautions)
        assert "response_rate" not in [line.name for line in counted.explain()]

    def test_periods_do_not_add(self) -> None:
        """Rounds of two periods, or under two rules, are not added."""
        with refused(PolicyMismatchError, "policies_differ: period"):
            _ = self.count([], []) + self.count([], [], period=Period.month(2026, 2))
        with refused(WrongTypeError, "not_a_member: convention"):
            self.count([], [], convention="by_answer")
