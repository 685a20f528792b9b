from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import AuditScore, AuditScores, Checklist, ChecklistAnswer, ChecklistItem, Scale, Verdict, audits
from crmcore.interop.hypothesis import audit_scores, scores_of_audits
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from tests.support.refusals import refused
from tests.support.replay import replay

Item = tuple[int, bool, int | None]
ITEMS = st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.none() | st.integers(0, 10)), max_size=5)


def review(items: list[Item]) -> tuple[Checklist, list[ChecklistAnswer]]:
    """A checklist with one item for each weight, and its answers on a scale from 0 to 10; None does not apply."""
    checklist = Checklist(
        id=1,
        items=[
            ChecklistItem(id=place, text="", weight=weight, critical=critical, scale=Scale.RATING_0_10)
            for place, (weight, critical, _) in enumerate(items)
        ],
    )
    answers = [
        ChecklistAnswer(item_id=place, score=score, verdict=Verdict.NOT_APPLICABLE if score is None else None)
        for place, (_, _, score) in enumerate(items)
    ]
    return checklist, answers


class TestAuditScore:
    @given(ITEMS)
    def test_agrees_with_fractions(self, items: list[Item]) -> None:
        """It is the weighted mean of what was scored, and 0 if a critical item lies below the line."""
        score = AuditScore.of(*review(items)).score
        scored = [(weight, critical, Fraction(value, 10)) for weight, critical, value in items if value is not None]
        weight = sum(weight for weight, _, _ in scored)
        if any(critical and value < Fraction(1, 2) for _, critical, value in scored):
            assert score == 0
        elif weight == 0:
            assert score is None
        else:
            assert score is not None
            exact = sum((one * value for one, _, value in scored), Fraction()) / weight
            assert abs(Fraction(score) - exact) < Fraction(1, 10**30)

    @pytest.mark.parametrize(("score", "expected"), [(4, "0"), (5, "0.5")])
    def test_exactly_at_the_line_is_no_failure(self, score: int, expected: str) -> None:
        """A critical item fails only below the line."""
        assert AuditScore.of(*review([(1, True, score)])).score == Decimal(expected)

    def test_a_third_at_a_third(self) -> None:
        """The line is compared with exact numbers: two of one to four is a third, not below a third."""
        item = ChecklistItem(id=1, text="", critical=True, scale=Scale(low=1, high=4))
        line = Decimal("0.3333333333333333333333333333333333")  # a little below a third

        score = AuditScore.of(Checklist(id=1, items=[item]), [ChecklistAnswer(item_id=1, score=2)], critical_below=line)
        assert score.failed == ()

    def test_without_a_line_nothing_is_critical(self) -> None:
        """Without a line, no item makes the review 0."""
        checklist, answers = review([(1, True, 0), (1, False, 10)])

        assert AuditScore.of(checklist, answers, critical_below=None).score == Decimal("0.5")

    def test_verdicts_score_too(self) -> None:
        """Met is 1 and unmet is 0; what does not apply and what is unanswered is in neither sum."""
        items = [ChecklistItem(id=place, text="") for place in range(4)]
        answers = [ChecklistAnswer(item_id=place, verdict=verdict) for place, verdict in enumerate(Verdict)]
        found = AuditScore.of(Checklist(id=1, items=items), answers)

        assert (Decimal("0.5"), 2, 1, 1) == (found.score, found.scored, found.not_applicable, found.unanswered)

    def test_items_without_answer_are_told(self) -> None:
        """A critical item without an answer fails nothing, so a caution says that it may be among those without one."""
        items = [ChecklistItem(id="tone", text="Is polite.", critical=True), ChecklistItem(id="name", text="Greets.")]
        met = [ChecklistAnswer(item_id="name", verdict=Verdict.MET)]
        score = AuditScore.of(Checklist(id=1, items=items), met)
        (caution,) = score.cautions
        assert (Decimal(1), "items_without_answer") == (score.score, caution.rule)
        assert (("unanswered", 1), ("items", 2)) == caution.evidence
        assert score.explain().cautions == score.cautions
        both = [*met, ChecklistAnswer(item_id="tone", verdict=Verdict.NOT_APPLICABLE)]
        assert () == AuditScore.of(Checklist(id=1, items=items), both).cautions

    def test_no_answers(self) -> None:
        """Without answers the score is unknown."""
        found = AuditScore.of(audits.declaration(), [])

        assert (None, 4) == (found.score, found.unanswered)

    @pytest.mark.parametrize("weights", [("0.1234567",), ("1E-40", "1E+29"), ("1E-40",)])
    def test_any_weights(self, weights: tuple[str, ...]) -> None:
        """The finest weight and the largest one have a score, and so have reviews together."""
        scale = Scale(low=0, high=3)
        items = [ChecklistItem(id=n, text="", weight=weight, scale=scale) for n, weight in enumerate(weights)]
        answers = [ChecklistAnswer(item_id=n, score=1 - n) for n, _ in enumerate(weights)]
        checklist = Checklist(id=1, items=items)
        found = AuditScore.of(checklist, answers).score
        fine = Fraction(weights[0]) / sum(map(Fraction, weights)) / 3

        assert found is not None
        assert abs(Fraction(found) / fine - 1) < Fraction(1, 10**30)
        assert AuditScores.of(checklist, answers).score == found

    def test_low_is_good(self) -> None:
        """On a scale on which a low number is good, the lowest scores 1."""
        item = ChecklistItem(id=1, text="", scale=Scale.EFFORT_1_5)

        assert AuditScore.of(Checklist(id=1, items=[item]), [ChecklistAnswer(item_id=1, score=1)]).score == 1

    @pytest.mark.parametrize("score", ["1.01", "-0.01"])
    def test_a_score_has_its_scale(self, score: str) -> None:
        """Without a scale, a score is a share."""
        checklist = Checklist(id=1, items=[ChecklistItem(id="a", text=""), ChecklistItem(id="b", text="")])
        answers = [ChecklistAnswer(item_id="a", score=1), ChecklistAnswer(item_id="b", score=score)]
        with refused(InvalidValueError, "score_not_on_its_scale: answers[1]"):
            AuditScore.of(checklist, answers)
        with refused(InvalidValueError, "score_not_on_its_scale: answers[1]"):
            AuditScores.of(checklist, answers)

    def test_one_review_has_one_subject(self) -> None:
        """Answers about two subjects are two reviews."""
        answers = [ChecklistAnswer(item_id="honest", subject_id=name) for name in ("a", "b")]
        with refused(InvalidValueError, "reviews_of_two_subjects: answers[1]"):
            AuditScore.of(audits.declaration(), answers)

    def test_unknown_items_are_refused(self) -> None:
        """An answer names an item of the checklist."""
        with pytest.raises(InvalidValueError, match="answers must name items"):
            AuditScore.of(audits.declaration(), [ChecklistAnswer(item_id="x", score=7)])

    @given(audit_scores())
    def test_explains_itself(self, score: AuditScore) -> None:
        """Every line of the explanation follows from those above it."""
        replay(score.explain())


class TestAuditScores:
    @given(st.lists(st.none() | st.fractions(0, 1, max_denominator=8).map(float), max_size=6))
    def test_shards_add_up(self, scores: list[float | None]) -> None:
        """The mean is that of all reviews with a score, however they are split."""
        whole = AuditScores.of_scores(scores)
        known = [Fraction(repr(score)) for score in scores if score is not None]

        assert whole == AuditScores.total([AuditScores.of_scores(scores[:2]), AuditScores.of_scores(scores[2:])])
        assert whole.reviews == len(scores)
        assert (whole.score is None) is (not known)
        if whole.score is not None:
            assert abs(Fraction(whole.score) - sum(known, Fraction()) / len(known)) < Fraction(1, 10**30)

    def test_of_answers(self) -> None:
        """Each subject is one review; a failed critical item makes one review 0, not the mean."""
        checklist = Checklist(id=1, items=[ChecklistItem(id="safe", text="", critical=True)])
        answers = [ChecklistAnswer(item_id="safe", subject_id=call, score=score) for call, score in [(1, 1), (2, 0)]]
        found = AuditScores.of(checklist, answers)

        assert (Decimal("0.5"), 2) == (found.score, found.scored)
        assert AuditScores.of(checklist, []).score is None
        assert AuditScores.of(checklist, answers, critical_below=None).critical_below is None

    @pytest.mark.parametrize("line", ["0.9", "0.5", None])
    def test_the_line_is_that_of_each_review(self, line: str | None) -> None:
        """A line that is chosen decides about each review, as it does about one by itself."""
        items = [ChecklistItem(id="safe", text="", critical=True), ChecklistItem(id="clean", text="")]
        checklist = Checklist(id=1, items=items)
        reviews = [
            [
                ChecklistAnswer(item_id="safe", subject_id=call, score=score),
                ChecklistAnswer(item_id="clean", subject_id=call, score=1),
            ]
            for call, score in enumerate(["0.8", "0.4"])
        ]
        alone = [AuditScore.of(checklist, answers, critical_below=line).score for answers in reviews]

        every = [answer for answers in reviews for answer in answers]
        expected = AuditScores.of_scores(alone, critical_below=line)
        assert expected == AuditScores.of(checklist, every, critical_below=line)
        assert expected == AuditScores.by(checklist, every, lambda _: 0, critical_below=line).total

    def test_by_a_key_of_the_subject(self) -> None:
        """The rows add up to the whole; a subject has one key."""
        checklist = Checklist(id=1, items=[ChecklistItem(id=item, text="") for item in "ab"])
        answers = [
            ChecklistAnswer(item_id=item, subject_id=call, score=score)
            for call, item, score in [(1, "a", "0.5"), (1, "b", "1"), (2, "a", "0")]
        ]
        by = AuditScores.by(checklist, answers, lambda answer: f"team {answer.subject_id}")

        assert by.total == AuditScores.of(checklist, answers)
        assert {"team 1": Decimal("0.75"), "team 2": Decimal(0)} == {team: row.score for team, row in by.items()}
        with pytest.raises(InconsistentCountsError):
            AuditScores.by(checklist, answers, lambda answer: answer.item_id)

    @given(scores_of_audits())
    def test_explains_itself(self, scores: AuditScores) -> None:
        """Every line of the explanation follows from those above it."""
        replay(scores.explain())


CATALOGUE: list[Any] = [
    audits.contact_areas,
    audits.contribution,
    audits.customers_shoes,
    audits.declaration,
    audits.diagnostic,
    audits.leaders_sign_off,
    audits.listening_and_tone,
    audits.relationship_quality,
    audits.service_standards,
]


class TestCatalogue:
    @pytest.mark.parametrize("make", CATALOGUE, ids=lambda make: make.__name__)
    def test_is_ready_to_use(self, make: Any) -> None:
        """Each function returns the same checklist again, named like it, with a text for each item."""
        checklist = make()

        assert checklist == make()
        assert checklist.id == make.__name__
        assert all(item.text.endswith(".") for item in checklist.items)

    def test_every_area_is_asked_the_same(self) -> None:
        """All seven areas are asked three questions each."""
        assert len(audits.contact_areas().items) == 7 * 3
