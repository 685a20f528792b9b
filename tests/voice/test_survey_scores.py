from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from statistics import NormalDist
from typing import Any, cast

import attrs
import mpmath
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    AnswerCounts,
    Csat,
    CsatConvention,
    CustomerEffort,
    InvalidValueError,
    MeasureKind,
    Nps,
    Question,
    Response,
    ReturnLikelihood,
    Scale,
    WrongTypeError,
    instant,
    surveys,
)
from crmcore.interop.hypothesis import answer_counts, csat_counts, customer_efforts, nps_counts, return_likelihoods
from crmcore.primitives.errors import InconsistentCountsError, PolicyMismatchError, UnknownNameError
from crmcore.primitives.proportions import Interval, two_proportions, wilson
from tests.support.refusals import refused

DAY = instant("2026-03-02")
Z = NormalDist().inv_cdf(0.975)
RATED = Question(id="stars", text="How many stars?", scale=Scale.RATING_1_5)
PLEASED = Question(id="sat", text="How satisfied are you?", scale=Scale.SATISFACTION_1_5)
ANY_COUNTS: Any = AnswerCounts
"""The class, which type checkers let take anything."""
WHY = Question(id="why", text="Why?", scale=Scale.OPEN)


def respond(*values: Any, question: Question = RATED, **fields: Any) -> list[Response]:
    """Return a response for each value; None leaves the question out."""
    return [
        Response(
            survey_id="q1", at=DAY, answers=[] if value is None else [("other", 3), (question.id, value)], **fields
        )
        for value in values
    ]


class TestAnswerCounts:
    @given(st.lists(st.integers(1, 5) | st.none(), max_size=30))
    def test_counts_what_a_counter_counts(self, scores: list[int | None]) -> None:
        """Numbers and responses give the same counts, those of a Counter; the mean is exact."""
        counter = Counter(scores)
        counted = AnswerCounts.of_scores(scores, Scale.RATING_1_5)

        assert tuple(counter[step] for step in range(1, 6)) == counted.counts
        assert counter[None] == counted.unanswered
        assert counted == AnswerCounts.of(respond(*scores), RATED)
        assert counted == AnswerCounts.from_counts(
            Scale.RATING_1_5,
            {step: n for step, n in counter.items() if step is not None},
            unanswered=counter[None],
        )
        if counted.answered:
            mean = Fraction(sum(score for score in scores if score is not None), counted.answered)
            assert counted.mean is not None
            assert counted.mean_share is not None
            assert abs(mean - Fraction(counted.mean)) < Fraction(1, 10**32)
            assert abs((mean - 1) / 4 - Fraction(counted.mean_share)) < Fraction(1, 10**32)
        else:
            assert (None, None, None, None) == (
                counted.score,
                counted.mean_share,
                counted.top_box(1),
                counted.interval(),
            )

    @given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from(["new", "old", None])), max_size=20))
    def test_groups_add_up(self, rows: list[tuple[int, str | None]]) -> None:
        """The groups together are the whole, and so are shards."""
        responses = [one for value, segment in rows for one in respond(value, segment=segment)]
        whole = AnswerCounts.of(responses, RATED)

        assert (AnswerCounts.by(responses, lambda one: one.segment, RATED).total or whole) == whole
        assert whole == AnswerCounts.of(responses[:7], RATED) + AnswerCounts.of(responses[7:], RATED)

    def test_not_applicable_is_counted_apart(self) -> None:
        """A question that does not apply is neither answered nor left out."""
        counted = AnswerCounts.of([*respond(5, None), *respond(None, not_applicable=["stars"])], RATED)

        assert (1, 1, 1) == (counted.answered, counted.unanswered, counted.not_applicable)
        assert Decimal(5) == counted.score

    def test_boxes_follow_the_better_end(self) -> None:
        """The top boxes are at the better end of the scale, whichever number that is."""
        effort = AnswerCounts.from_counts(Scale.EFFORT_1_5, {1: 3, 2: 1, 5: 4})

        assert (Decimal("0.5"), Decimal("0.5")) == (effort.top_box(2), effort.bottom_box(1))
        assert wilson(4, 8) == effort.top_box_interval(2)
        assert Decimal(1) == effort.top_box(5)
        with refused(InvalidValueError, "out_of_range: boxes"):
            effort.top_box(6)
        with refused(InvalidValueError, "scale_without_a_better_end: scale"):
            AnswerCounts(scale=Scale.YES_NO).top_box(1)

    @given(st.lists(st.integers(1, 5), min_size=2, max_size=30))
    def test_interval_of_the_mean(self, scores: list[int]) -> None:
        """The interval is the mean plus or minus z standard errors of the sample, cut at the ends of the scale."""
        mean = Fraction(sum(scores), len(scores))
        variance = sum((score - mean) ** 2 for score in scores) / (len(scores) - 1)
        margin = Z * sqrt(variance / len(scores))
        bounds = AnswerCounts.of_scores(scores, Scale.RATING_1_5).interval()

        assert bounds is not None
        assert max(1, float(mean) - margin) == pytest.approx(bounds.low, rel=1e-9)
        assert min(5, float(mean) + margin) == pytest.approx(bounds.high, rel=1e-9)

    def test_one_answer_has_no_interval_and_like_answers_none_either(self) -> None:
        """The variance of one answer is unknown; that of like answers is 0."""
        assert AnswerCounts.of_scores([4], Scale.RATING_1_5).interval() is None
        assert Interval(4, 4) == AnswerCounts.of_scores([4, 4, 4], Scale.RATING_1_5).interval()

    @given(answer_counts(scale=Scale.RATING_1_5), answer_counts(scale=Scale.RATING_1_5))
    def test_comparison_is_welchs(self, before: AnswerCounts, after: AnswerCounts) -> None:
        """The difference of two means has the sum of their variances, and the p-value of the normal distribution."""
        change = after.compared_to(before)
        rounds = [[step for step, n in enumerate(counted.counts, 1) for _ in range(n)] for counted in (before, after)]
        if min(map(len, rounds)) < 2:
            assert change is None
            return
        (m1, v1), (m2, v2) = (_moments(scores) for scores in rounds)
        assert change is not None
        assert float(m2 - m1) == pytest.approx(float(change.difference), abs=1e-15)
        assert sqrt(v1 + v2) == pytest.approx(change.standard_error, rel=1e-12)
        if change.z is None:
            assert v1 + v2 == 0
            assert change.p_two_sided is None
        else:
            assert float(mpmath.erfc(abs(mpmath.mpf(change.z)) / mpmath.sqrt(2))) == pytest.approx(
                change.p_two_sided, rel=1e-9
            )

    @pytest.mark.parametrize(
        ("call", "error", "broken"),
        [
            (
                lambda: ANY_COUNTS.of_scores([4, 6.5], Scale.RATING_1_10),
                WrongTypeError,
                "wrong_number_type: scores[1]",
            ),
            (
                lambda: ANY_COUNTS.of_scores([4, 4.0], Scale.RATING_1_5),
                WrongTypeError,
                "score_as_float: scores[1]",
            ),
            (
                lambda: ANY_COUNTS.of_scores([1, True], Scale.RATING_1_5),
                WrongTypeError,
                "wrong_number_type: scores[1]",
            ),
            (lambda: ANY_COUNTS.of_scores([4, 0], Scale.RATING_1_5), InvalidValueError, "out_of_range: scores[1]"),
            (lambda: ANY_COUNTS.of_scores([1], Scale.OPEN), InvalidValueError, "scale_of_words: scale"),
            (lambda: ANY_COUNTS.of(respond(3, 6), RATED), InvalidValueError, "answer_off_the_scale: responses[1]"),
            (
                lambda: ANY_COUNTS.of(respond(3, "four"), RATED),
                WrongTypeError,
                "words_on_a_scale_of_numbers: responses[1]",
            ),
            (lambda: ANY_COUNTS.of(respond("x", question=WHY), WHY), InvalidValueError, "scale_of_words: scale"),
            (
                lambda: AnswerCounts.from_counts(Scale.RATING_1_5, {6: 1}),
                InvalidValueError,
                "out_of_range: counts",
            ),
            (
                lambda: AnswerCounts(scale=Scale.RATING_1_5, counts=[1, 2]),
                InconsistentCountsError,
                "counts_of_another_scale: counts",
            ),
            (
                lambda: AnswerCounts(scale=Scale.EFFORT_1_5).compared_to(AnswerCounts(scale=Scale.EFFORT_1_7)),
                PolicyMismatchError,
                "compared_on_two_scales: scale",
            ),
            (
                lambda: AnswerCounts(scale=Scale.EFFORT_1_5) + AnswerCounts(scale=Scale.EFFORT_1_7),
                PolicyMismatchError,
                "policies_differ: scale",
            ),
            (lambda: ANY_COUNTS.of([7], RATED), WrongTypeError, "wrong_type: responses[0]"),
            (lambda: ANY_COUNTS.of([], "stars"), WrongTypeError, "wrong_type: question"),
        ],
    )
    def test_hostile_input(self, call: Any, error: type[Exception], broken: str) -> None:
        """A score between the steps, off the scale, on another scale or in words is refused, with its place."""
        with refused(error, broken):
            call()

    def test_wrong_answer_in_a_group(self) -> None:
        """The place of a wrong answer is that among all responses, whatever its group."""
        with refused(InvalidValueError, "answer_off_the_scale: responses[1]"):
            AnswerCounts.by(respond(3, 6), lambda one: one.answers, RATED)
        with refused(WrongTypeError, "not_a_function: key"):
            AnswerCounts.by([], cast("Any", "segment"), RATED)

    def test_wrong_score_behind_the_first_chunk(self) -> None:
        """The place of a wrong score is counted over all scores."""
        with refused(InvalidValueError, "out_of_range: scores[20000]"):
            AnswerCounts.of_scores([3] * 20_000 + [9], Scale.RATING_1_5)

    def test_question_that_nobody_answers_is_a_caution(self) -> None:
        """A question whose id occurs in no response is reported."""
        counted = AnswerCounts.of(respond(3, 4), attrs.evolve(RATED, id="star"))

        assert ["question_never_answered"] == [finding.rule for finding in counted.cautions]
        assert () == AnswerCounts.of(respond(3), RATED).cautions == AnswerCounts.of([], RATED).cautions


def _moments(scores: list[int]) -> tuple[Fraction, Fraction]:
    mean = Fraction(sum(scores), len(scores))
    return mean, sum(((score - mean) ** 2 for score in scores), Fraction(0)) / (len(scores) - 1) / len(scores)


class TestCsat:
    @given(csat_counts())
    def test_three_readings(self, counted: Csat) -> None:
        """The three published readings follow from the three counts; each has its bounds."""
        positive, neutral, negative = counted.positive, counted.neutral, counted.negative
        n = positive + neutral + negative
        expected = {
            CsatConvention.OF_ALL: Fraction(positive, n) if n else None,
            CsatConvention.OF_OPINIONS: Fraction(positive, positive + negative) if positive + negative else None,
            CsatConvention.NET: Fraction(positive - negative, n) if n else None,
        }
        for convention, rate in expected.items():
            found = counted.rate_by(convention)
            assert (rate is None) is (found is None)
            assert rate is None or abs(rate - Fraction(found or 0)) < Fraction(1, 10**32)
            bounds = counted.interval(convention=convention)
            assert (rate is None) is (bounds is None)
        assert wilson(positive, n) == counted.interval()

    def test_boxes(self) -> None:
        """The steps from both ends are positive and negative; what is left is neutral."""
        scores = [1, 2, 3, 4, 5, 5]
        effort = Scale("tired", low=1, high=5, higher_is_better=False)

        assert (3, 1, 2) == _three(Csat.of_scores(scores, Scale.SATISFACTION_1_5))
        assert (2, 3, 1) == _three(Csat.of_scores(scores, Scale.SATISFACTION_1_5, positive_boxes=1, negative_boxes=1))
        assert (2, 1, 3) == _three(Csat.of_scores(scores, effort))
        thumbs = Scale("thumb", low=0, high=1, higher_is_better=True)
        assert (1, 0, 2) == _three(Csat.of_scores([0, 1, 0], thumbs, positive_boxes=1))
        assert (3, 0, 0) == _three(Csat.of_scores([0, 1, 0], thumbs))

    def test_of_responses(self) -> None:
        """Responses are counted by the scale of their question, and for each value of a key."""
        responses = respond(5, 4, 3, None, question=PLEASED, employee_id="anna")

        assert (2, 1, 0) == _three(Csat.of(responses, PLEASED))
        assert Csat.of(responses, PLEASED) == Csat.by(responses, lambda one: one.employee_id, PLEASED)["anna"]
        assert 1 == Csat.of(responses, PLEASED).unanswered

    def test_comparison(self) -> None:
        """Two rounds of other people are compared as two proportions, unless they were boxed differently."""
        one, other = Csat(positive=60, neutral=20, negative=20), Csat(positive=80, negative=20)

        assert two_proportions((60, 100), (80, 100)) == other.compared_to(one)
        assert Csat().compared_to(one) is None
        with refused(PolicyMismatchError, "compared_under_two_boxes: scale"):
            Csat.of_scores([1], Scale.SATISFACTION_1_5).compared_to(one)

    def test_row_names_the_scale(self) -> None:
        """The row has the scale as a text, if there is one; so has that of answers by their step."""
        counted = Csat.of_scores([5], Scale.SATISFACTION_1_5)

        assert ("satisfaction_1_5", None) == (counted.row()["scale"], Csat(positive=1).row()["scale"])
        assert "rating_1_5" == AnswerCounts(scale=Scale.RATING_1_5).row()["scale"]

    def test_another_measure_is_refused(self) -> None:
        """Recommendations, effort and returns are no satisfaction."""
        for scale in (Scale.RECOMMEND_0_10, Scale.EFFORT_1_7, Scale.RETURN_1_5):
            with refused(InvalidValueError, "not_a_satisfaction: scale"):
                Csat.of_scores([1], scale)
        with refused(InvalidValueError, "scale_without_a_better_end: scale"):
            Csat.of_scores([1], Scale.YES_NO)
        with refused(InvalidValueError, "out_of_range: negative_boxes"):
            Csat.of_scores([1], Scale.SATISFACTION_1_5, negative_boxes=4)

    def test_no_answers(self) -> None:
        """Of no answers nothing is known; only neutral answers have a share of 0 and no share of opinions."""
        assert (None, None, None) == tuple(map(Csat().rate_by, CsatConvention))
        assert (Decimal(0), None, Decimal(0)) == tuple(map(Csat(neutral=3).rate_by, CsatConvention))
        assert ["question_never_answered"] == [finding.rule for finding in Csat(unanswered=2).cautions]


def _three(counted: Csat) -> tuple[int, int, int]:
    return counted.positive, counted.neutral, counted.negative


class TestCustomerEffort:
    @given(customer_efforts())
    def test_versions(self, counted: CustomerEffort) -> None:
        """Version 2.0 has a share who agree and an index; version 1.0 has neither. The score is the mean."""
        assert counted.score == counted.mean
        if counted.version == "1.0":
            for read in (counted.agree_share, counted.index):
                with refused(InvalidValueError, "effort_without_statement: version"):
                    read()
        elif counted.answered:
            low, high = sum(counted.counts[:3]), sum(counted.counts[5:])
            assert counted.agree_share() == AnswerCounts.top_box(counted, 3)
            assert counted.index() == Fraction(100 * (high - low), counted.answered) or counted.answered
        else:
            assert (None, None) == (counted.agree_share(), counted.index())

    def test_versions_never_mix(self) -> None:
        """The two versions neither add nor compare, and another scale is no effort."""
        old, new = (CustomerEffort(scale=scale) for scale in (Scale.EFFORT_1_5, Scale.EFFORT_1_7))
        with refused(PolicyMismatchError, "policies_differ: scale"):
            _ = old + new
        with refused(PolicyMismatchError, "compared_on_two_scales: scale"):
            new.compared_to(old)
        with refused(InvalidValueError, "not_an_effort_scale: scale"):
            CustomerEffort(scale=Scale.AGREEMENT_1_7)

    def test_a_mixed_round_is_refused(self) -> None:
        """A 7 in a round of version 1.0 is no answer to it."""
        asked = Question(id="effort", text="How much effort?", scale=Scale.EFFORT_1_5)
        with refused(InvalidValueError, "answer_off_the_scale: responses[2]"):
            CustomerEffort.of(respond(1, 5, 7, question=asked), asked)


class TestReturnLikelihood:
    @given(return_likelihoods(scale=Scale.RETURN_1_5))
    def test_score_is_the_top_box(self, counted: ReturnLikelihood) -> None:
        """The score is the share of the best step, with Wilson's bounds."""
        assert counted.score == counted.top_box(1)
        assert wilson(counted.counts[-1], counted.answered) == counted.interval()

    def test_comparison_is_of_shares(self) -> None:
        """Two rounds are compared by their shares, and a round without answers by nothing."""
        before, after = (ReturnLikelihood.from_counts(Scale.RETURN_1_5, {5: n, 3: 100 - n}) for n in (40, 50))
        change = after.compared_to(before)

        assert change is not None
        assert Decimal("0.1") == change.difference
        assert sqrt(0.4 * 0.6 / 100 + 0.5 * 0.5 / 100) == pytest.approx(change.standard_error)
        assert (change.interval().low < 0.1 < change.interval().high) is True
        assert after.compared_to(ReturnLikelihood(scale=Scale.RETURN_1_5)) is None

    def test_another_measure_is_refused(self) -> None:
        """A satisfaction is no likelihood to return."""
        with refused(InvalidValueError, "not_a_return: scale"):
            ReturnLikelihood(scale=Scale.SATISFACTION_1_5)


class TestItemScore:
    AGREE = Scale(low=1, high=7, higher_is_better=True)
    OBJECT = Scale(low=1, high=7, higher_is_better=False)

    @given(st.lists(st.tuples(st.booleans(), st.none() | st.integers(1, 7)), max_size=6), st.integers(1, 4))
    def test_mean_of_turned_items(self, items: list[tuple[bool, int | None]], least: int) -> None:
        """A reversed item counts 8 less its answer, whatever others answer; unanswered items are in no mean."""
        questions = [
            Question(id=number, text="", scale=self.OBJECT if turned else self.AGREE)
            for number, (turned, _) in enumerate(items)
        ]
        given = [(number, value) for number, (_, value) in enumerate(items) if value is not None]
        score = surveys.item_score(Response(survey_id=1, at=DAY, answers=given), questions, at_least=least)
        values = [8 - value if turned else value for turned, value in items if value is not None]
        if len(values) < least:
            assert score is None
        else:
            assert score is not None
            assert len(values) == score.answered
            assert abs(Fraction(sum(values), len(values)) - Fraction(score.score)) < Fraction(1, 10**32)

    def test_mixed_scales_are_refused(self) -> None:
        """Items on scales with other ends have no common mean, and a scale must say which end is better."""
        response = Response(survey_id=1, at=DAY, answers=[(1, 5)])
        first = Question(id=1, text="", scale=self.AGREE)
        with refused(InvalidValueError, "items_of_two_scales: items[1]"):
            surveys.item_score(response, [first, Question(id=2, text="", scale=Scale.RATING_1_5)])
        with refused(InvalidValueError, "scale_without_a_better_end: scale"):
            surveys.item_score(response, [Question(id=1, text="", scale=Scale(low=1, high=7))])
        with refused(InvalidValueError, "answer_off_the_scale: responses[0]"):
            surveys.item_score(Response(survey_id=1, at=DAY, answers=[(1, 9)]), [first])


class TestPostStratified:
    def test_every_class(self) -> None:
        """The mean of the groups is weighted by customers, with the variance of a stratified sample."""
        groups: list[tuple[Any, Any, float, float]] = [
            (Csat(positive=8, negative=2), Csat(positive=10, negative=10), 0.8, 0.5),
            (
                ReturnLikelihood.from_counts(Scale.RETURN_1_5, {5: 8, 1: 2}),
                ReturnLikelihood.from_counts(Scale.RETURN_1_5, {5: 10, 1: 10}),
                0.8,
                0.5,
            ),
        ]
        for one, other, p, q in groups:
            score = surveys.post_stratified({"a": one, "b": other}, {"a": 300, "b": 100})
            assert Decimal("0.725") == score.score
            error = sqrt(0.75**2 * p * (1 - p) / 10 + 0.25**2 * q * (1 - q) / 20)
            assert error == pytest.approx(score.standard_error)
            assert 2 * Z * error == pytest.approx(getattr(score.interval(), "width", None))

    def test_means(self) -> None:
        """Means have the variance of their sample; that of a single answer is unknown, and so is the interval."""
        many, single = (AnswerCounts.of_scores(scores, Scale.RATING_1_5) for scores in ([1, 5], [3]))
        score = surveys.post_stratified({"a": many, "b": many}, {"a": 1, "b": 1})
        unsure = surveys.post_stratified({"a": many, "b": single}, {"a": 1, "b": 1})

        assert Decimal(3) == score.score
        assert sqrt(2 * 0.25 * 4) == pytest.approx(score.standard_error)
        assert (Decimal(3), None, None) == (unsure.score, unsure.standard_error, unsure.interval())

    @given(st.lists(st.tuples(nps_counts(), st.integers(1, 9)), min_size=1, max_size=4), st.floats(0.5, 0.999))
    def test_net_promoter_scores(self, groups: list[tuple[Nps, int]], confidence: float) -> None:
        """The interval is on the scale; of one group it is that of its score, and it has a width if all are alike."""
        groups = [(attrs.evolve(one, passives=one.passives + (not one.answered)), size) for one, size in groups]
        scores, sizes = dict(enumerate(one for one, _ in groups)), dict(enumerate(size for _, size in groups))
        score = surveys.post_stratified(scores, sizes)
        bounds, alone = score.interval(confidence=confidence), groups[0][0].interval(confidence=confidence)
        few = sum(one.answered <= 3 for one in scores.values())

        assert bounds is not None
        assert alone is not None
        assert -100 <= bounds.low < bounds.high <= 100
        assert ([("groups", few)] if few else []) == [one for caution in score.cautions for one in caution.evidence]
        of_one = surveys.post_stratified({0: groups[0][0]}, {0: 7}).interval(confidence=confidence)
        assert of_one is not None
        assert alone.low == pytest.approx(of_one.low)
        assert alone.high == pytest.approx(of_one.high)

    @pytest.mark.parametrize(
        ("scores", "ends"),
        [
            ((Csat(positive=9, negative=1), Csat(positive=2)), (0, 1)),
            ([ReturnLikelihood.from_counts(Scale.RETURN_1_5, {5: 9, 1: n}) for n in (1, 0)], (0, 1)),
            ([AnswerCounts.from_counts(Scale.RATING_1_5, {5: 9, 4: n}) for n in (1, 0)], (1, 5)),
        ],
    )
    def test_the_ends_of_other_scores(self, scores: Any, ends: tuple[int, int]) -> None:
        """The interval of other scores does not leave their scale, and a group without spread is named."""
        score = surveys.post_stratified(dict(enumerate(scores)), {0: 1, 1: 1})
        bounds = score.interval(confidence=0.999999)

        assert (score.lowest, score.highest) == (Decimal(ends[0]), Decimal(ends[1]))
        assert bounds is not None
        assert ends[0] <= bounds.low <= bounds.high == ends[1]
        assert ["groups_without_spread"] == [caution.rule for caution in score.cautions]
        assert "1 group with customers has answers that are all alike, such as 1" == score.cautions[0].message

    def test_a_score_without_ends(self) -> None:
        """A score that does not know its scale has an interval that is not cut."""
        bounds = surveys.WeightedScore(score=Decimal(99), standard_error=1.0, customers=7).interval()

        assert bounds is not None
        assert 99 + Z == pytest.approx(bounds.high)

    def test_a_group_without_answers(self) -> None:
        """A group with customers and without answers makes the score unknown, and is named; one of no customers not."""
        answers = {"a": Nps(promoters=4)}
        unknown = surveys.post_stratified(answers, {"a": 10, "b": 10})
        known = surveys.post_stratified(answers | {"b": Nps()}, {"a": 10, "b": 0})

        assert (None, 20) == (unknown.score, unknown.customers)
        assert unknown.interval() is None
        assert ["groups_without_answers"] == [finding.rule for finding in unknown.cautions]
        assert (Decimal(100), ()) == (known.score, known.cautions)
        assert (None, ()) == (
            surveys.post_stratified({}, {}).score,
            surveys.post_stratified({}, {}).cautions,
        )

    def test_wrong_input(self) -> None:
        """Answers of a group of unknown size, of two classes or of no counts are refused."""
        with refused(UnknownNameError, "group_without_customers: population['b']"):
            surveys.post_stratified({"b": Nps(promoters=1)}, {"a": 10})
        with refused(WrongTypeError, "two_kinds_of_scores: scores"):
            surveys.post_stratified({"a": Nps(), "b": Csat()}, {"a": 1})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of two classes
        with refused(WrongTypeError, "not_counted_answers: scores"):
            surveys.post_stratified({"a": 30}, {"a": 1})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a bare number


def test_measures_are_told_apart() -> None:
    """Every score knows what it is a score of."""
    for measure in (MeasureKind.TRUST, MeasureKind.EFFORT):
        scale = Scale(low=0, high=10, higher_is_better=True, measure=measure)
        with refused(InvalidValueError, "not_a_recommendation: question"):
            Nps.of([], Question(id=1, text="", scale=scale))


class TestFewAnswers:
    @pytest.mark.parametrize("n", [1, 2, 3, 4])
    def test_a_score_beside_its_interval(self, n: int) -> None:
        """A caution says if there are no more answers than the interval adds."""
        score = Nps(promoters=n)

        assert (["few_answers"] if n <= 3 else []) == [caution.rule for caution in score.cautions]

    @given(nps_counts(), nps_counts())
    def test_a_change(self, one: Nps, other: Nps) -> None:
        """Without a caution, the p-value is below 0.05 exactly if the interval of 95 per cent leaves out zero."""
        change = one.compared_to(other)
        if change is not None and not change.cautions:
            assert change.p_two_sided is not None
            assert (change.p_two_sided < 0.05) is (0 not in change.interval())

    def test_a_p_value_and_an_interval_that_disagree(self) -> None:
        """A p-value of 0.036 beside an interval that contains 0 has a caution; that of a hundred answers has none."""
        change = Nps(promoters=9, passives=6).compared_to(Nps(promoters=6, passives=4, detractors=5))
        sure = Nps(promoters=90, passives=60).compared_to(Nps(promoters=60, passives=40, detractors=50))

        assert change is not None
        assert ["few_answers"] == [caution.rule for caution in change.cautions]
        assert sure is not None
        assert sure.cautions == ()


class TestChangeAtTheEnd:
    def test_a_tiny_standard_error(self) -> None:
        """A quotient beyond the floats is the largest of them, and never infinite."""
        for sign in (1, -1):
            change = surveys.ScoreChange(difference=sign, standard_error=5e-324)

            assert sign * 1.7976931348623157e308 == change.z
            assert change.p_two_sided == 0
