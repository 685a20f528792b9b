from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest

from crmcore import Channel, Incentive, InvalidValueError, Question, Response, Scale, Severity, Survey, instant, surveys
from crmcore.primitives.errors import WrongTypeError
from crmcore.voice.surveys import IDENTITY_WORDS, LEADING_WORDS
from tests.support.refusals import refused

DAY = instant("2026-03-02")
SATISFIED = Question(id="sat", text="How satisfied are you?", scale=Scale.SATISFACTION_1_5)
DELIVERY = Question(id="delivery", text="How was the delivery?", scale=Scale.RATING_1_5, about_id="delivery")
WHY = Question(id="why", text="Why?", scale=Scale.OPEN)
GOOD = Survey(
    id="spring", questions=[SATISFIED, DELIVERY, WHY], anonymous=True, owner_id="eva", incentive=Incentive.FOR_ANSWERING
)


def rules(survey: Survey, **options: Any) -> list[tuple[str, str]]:
    """Return the rules that a survey breaks, each with the subject at fault."""
    return [(finding.rule, finding.subject) for finding in surveys.lint(survey, **options)]


def asked(text: str, **fields: Any) -> Survey:
    """Return a good survey with one question more."""
    question = attrs.evolve(Question(id="new", text=text, scale=Scale.RATING_1_5), **fields)
    return attrs.evolve(GOOD, questions=[*GOOD.questions, question])


class TestLint:
    def test_a_good_survey_has_no_findings(self) -> None:
        """A short, anonymous, neutral survey with an owner, an overall, a specific and an open question is good."""
        assert () == surveys.lint(GOOD)

    @pytest.mark.parametrize(
        ("survey", "options", "expected"),
        [
            (attrs.evolve(GOOD, anonymous=False), {}, ("not_anonymous", "spring")),
            (attrs.evolve(GOOD, anonymous=False, name="Spring 2026"), {}, ("not_anonymous", "Spring 2026")),
            (asked("Which shop?", identifies=True), {}, ("identifies_respondent", "new")),
            (asked("What is your e-mail?"), {}, ("identifies_respondent", "new")),
            (asked("Укажите номер  Заказа"), {}, ("identifies_respondent", "new")),
            (asked("Lūdzu, norādiet tālruņa numuru"), {}, ("identifies_respondent", "new")),
            (asked("And now?", leading=True), {}, ("leading_wording", "new")),
            (asked("How was our EXCELLENT food?"), {}, ("leading_wording", "new")),
            (asked("Don\N{RIGHT SINGLE QUOTATION MARK}t you like it?"), {}, ("leading_wording", "new")),
            (asked("Как вам наше отличное обслуживание?"), {}, ("leading_wording", "new")),
            (asked("Kā jums patika mūsu lieliskā apkalpošana?"), {}, ("leading_wording", "new")),
            (asked("Bestimmt gut?"), {"leading_words": ["bestimmt"]}, ("leading_wording", "new")),
            (asked("How good?", one_sided=True), {}, ("one_sided_scale", "new")),
            (attrs.evolve(GOOD, incentive=Incentive.FOR_PRAISE), {}, ("incentive_for_positive", "spring")),
            (attrs.evolve(GOOD, owner_id=None), {}, ("used_as_vote", "spring")),
            (attrs.evolve(GOOD, questions=[DELIVERY, WHY]), {}, ("no_overall_measure", "spring")),
            (attrs.evolve(GOOD, questions=[SATISFIED, WHY]), {}, ("no_specific_service", "spring")),
            (attrs.evolve(GOOD, questions=[SATISFIED, DELIVERY]), {}, ("no_free_text", "spring")),
            (GOOD, {"minutes": "0.3"}, ("too_long", "spring")),
            (GOOD, {"seconds": 40, "open_seconds": 101}, ("too_long", "spring")),
            (asked("And?", asked_share="0.1"), {"minutes": "0.45"}, ("too_long_for_some", "spring")),
            (GOOD, {"channels": [Channel.ONLINE_SURVEY, "records"]}, ("one_kind_of_instrument", "spring")),
            (GOOD, {"channels": [Channel.INTERVIEW, Channel.FOCUS_GROUP]}, ("one_kind_of_instrument", "spring")),
        ],
    )
    def test_each_rule(self, survey: Survey, options: dict[str, Any], expected: tuple[str, str]) -> None:
        """What is wrong is found alone, at the question or the survey that is at fault, with advice."""
        findings = surveys.lint(survey, **options)

        assert [expected] == rules(survey, **options)
        assert all(finding.advice and finding.message for finding in findings)

    @pytest.mark.parametrize(
        ("survey", "options"),
        [
            (GOOD, {"minutes": "0.375"}),
            (asked("How was our excellent food?", leading=False), {}),
            (asked("How did we address your problem, and was our e-mail clear?"), {}),
            (asked("What can we do better?"), {}),
            (asked("Что сделать лучше? Удобно ли было по телефону?"), {}),
            (asked("Excellently?", leading=None), {}),
            (asked("How was our excellent food?"), {"leading_words": []}),
            (asked("What is your e-mail?"), {"identity_words": []}),
            (GOOD, {"channels": [Channel.ONLINE_SURVEY, Channel.INTERVIEW]}),
            (GOOD, {"channels": []}),
            (GOOD, {"channels": ["kiosk of our own"]}),
            (GOOD, {"responses": [Response(survey_id="other", at=DAY, answers=[], customer_id=7)]}),
            (GOOD, {"responses": [Response(survey_id="spring", at=DAY, answers=[])]}),
            (attrs.evolve(GOOD, incentive=None), {}),
        ],
    )
    def test_innocent(self, survey: Survey, options: dict[str, Any]) -> None:
        """At a limit, without its input, and of whole words only, no rule complains."""
        assert [] == rules(survey, **options)

    def test_anonymous_response_with_an_identity(self) -> None:
        """Responses to an anonymous survey that name the customer or the contact are found, and not shown."""
        secret = [
            Response(survey_id="spring", at=DAY, answers=[], customer_id="Anna Kalnina"),
            Response(survey_id="spring", at=DAY, answers=[], interaction_id=3),
        ]
        (finding,) = surveys.lint(GOOD, responses=secret)

        assert ("identifies_respondent", Severity.ERROR) == (finding.rule, finding.severity)
        assert (("responses", 2),) == finding.evidence
        assert "Anna" not in repr(finding)

    def test_concepts(self) -> None:
        """Concepts that differ only in capitals and spaces are one; more than allowed are named."""
        concepts = ["Speed", "speed ", "price", "taste", "", "noise"]
        survey = attrs.evolve(
            GOOD,
            questions=[
                *GOOD.questions,
                *(
                    Question(id=number, text="?", scale=Scale.RATING_1_5, concept=concept)
                    for number, concept in enumerate(concepts)
                ),
            ],
        )
        (finding,) = surveys.lint(survey)

        assert "too_many_concepts" == finding.rule
        assert ["speed", "price", "taste", "noise"] == [value for _, value in finding.evidence]
        assert () == surveys.lint(survey, most_concepts=4)

    def test_everything_at_once(self) -> None:
        """The findings come in the order of the rules; those about questions in the order of the questions."""
        bad = Survey(
            id="bad",
            anonymous=False,
            incentive=Incentive.FOR_PRAISE,
            questions=[
                Question(id=number, text="Isn't it superb?", scale=Scale.YES_NO, one_sided=True) for number in range(30)
            ],
        )
        found = rules(bad)

        assert ["too_long", "not_anonymous", *["leading_wording"] * 30, *["one_sided_scale"] * 30] == [
            rule for rule, _ in found[:62]
        ]
        assert [
            "incentive_for_positive",
            "no_overall_measure",
            "no_specific_service",
            "no_free_text",
            "used_as_vote",
        ] == [rule for rule, _ in found[62:]]

    def test_words(self) -> None:
        """The word lists have no doubles, and each of their phrases finds itself."""
        for words, rule in ((LEADING_WORDS, "leading_wording"), (IDENTITY_WORDS, "identifies_respondent")):
            assert len(words) == len(set(words))
            for phrase in words:
                assert (rule, "new") in rules(asked(f"Well, {phrase.replace('*', 'a').upper()}!"))

    @pytest.mark.parametrize(
        ("options", "error", "broken"),
        [
            ({"minutes": -1}, InvalidValueError, "too_small: minutes"),
            ({"seconds": 0.5}, WrongTypeError, "float_is_inexact: seconds"),
            ({"leading_words": "great"}, WrongTypeError, "one_for_several: leading_words"),
            ({"identity_words": [" "]}, InvalidValueError, "empty_text: identity_words[0]"),
            ({"channels": [""]}, InvalidValueError, "empty_text: channels[0]"),
            ({"most_concepts": -1}, InvalidValueError, "too_small: most_concepts"),
            ({"responses": [5]}, WrongTypeError, "wrong_type: responses[0]"),
        ],
    )
    def test_wrong_options(self, options: dict[str, Any], error: type[Exception], broken: str) -> None:
        """What is no limit, no word and no channel is refused."""
        with refused(error, broken):
            surveys.lint(GOOD, **options)


class TestTimeNeeded:
    def test_conditional_questions(self) -> None:
        """A conditional question counts by the share of those who are asked it."""
        survey = attrs.evolve(GOOD, questions=[SATISFIED, attrs.evolve(WHY, asked_share="0.25")])
        time = surveys.time_needed(survey, seconds=10, open_seconds=40)

        assert (Decimal(10), Decimal(20), Decimal(50)) == (time.shortest, time.expected, time.longest)
        assert Decimal(0) == surveys.time_needed(Survey(id=1, questions=[])).longest
