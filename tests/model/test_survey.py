from __future__ import annotations

import inspect
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore.interop.hypothesis import surveys
from crmcore.model.customer import Id
from crmcore.model.survey import (
    FeedbackChannel,
    Incentive,
    Invitation,
    InvitationOutcome,
    MeasureKind,
    Question,
    Response,
    Scale,
    Survey,
)
from crmcore.primitives.errors import CrmcoreError, InvalidValueError, WrongTypeError
from tests.model.test_refusals import NOT_IDS, NOT_INSTANTS, REQUIRED
from tests.support.hostile import Index
from tests.support.voice_strategies import NUMBERED, answers, bounds, responses_to

AT = datetime(2026, 3, 2, 10, 15, tzinfo=timezone(timedelta(hours=2)))
SECRET = "Anna Kalnina, +371 200 000 00"
ENUMS: list[type[Enum]] = [FeedbackChannel, Incentive, InvitationOutcome, MeasureKind, Scale]

NPS = Question(id="nps", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10)
EASE = Question(id="ease", text="We made it easy.", scale=Scale.EFFORT_1_7, about_id="returns")
FOUND = Question(id="found", text="Did you find it?", scale=Scale.YES_NO)
WHY = Question(id="why", text="Why?", scale=Scale.OPEN)
Q3 = Survey(id="q3", questions=[NPS, EASE, FOUND, WHY])

NOUNS: dict[type, dict[str, Any]] = {
    Question: {"id": 1, "text": "Why?", "scale": Scale.OPEN},
    Survey: {"id": 1, "questions": [WHY]},
    Invitation: {"survey_id": 1, "at": AT},
    Response: {"survey_id": 1, "at": AT, "answers": [("nps", 9)]},
}
"""The required fields of each noun."""

Refusal = tuple[Any, type[CrmcoreError], str]
NOT_TEXTS: list[Refusal] = [
    (5, WrongTypeError, "must be a str, got an object of type int"),
    (SECRET.encode(), WrongTypeError, "must be a str, got an object of type bytes"),
]
NOT_BOOLS: list[Refusal] = [
    (1, WrongTypeError, "must be a bool, got 1"),
    ("yes", WrongTypeError, "must be a bool, got 'yes'"),
]
NOT_CHANNELS: list[Refusal] = [("phone", WrongTypeError, r"must be a member of .*FeedbackChannel\('phone'\)")]

FIELDS: list[tuple[type, str, list[Refusal]]] = [
    (Question, "id", NOT_IDS + REQUIRED),
    (Question, "text", [*NOT_TEXTS, (None, WrongTypeError, "must be a str")]),
    (Question, "scale", [("open", WrongTypeError, r"must be a member of .*Scale\('open'\)"), *REQUIRED]),
    (Question, "about_id", NOT_IDS),
    (Question, "concept", NOT_TEXTS),
    (Question, "identifies", [*NOT_BOOLS, (None, WrongTypeError, "got None")]),
    (Question, "leading", NOT_BOOLS),
    (Question, "one_sided", NOT_BOOLS),
    (Survey, "id", NOT_IDS + REQUIRED),
    (
        Survey,
        "questions",
        [
            (WHY, WrongTypeError, "must be several Questions, such as a list"),
            ("why", WrongTypeError, "must be several Questions"),
            (None, WrongTypeError, "must be several Questions"),
            (["why"], WrongTypeError, "each of questions must be a Question"),
            ([WHY, NPS, WHY], InvalidValueError, "must each have an id of their own, 'why' comes twice"),
        ],
    ),
    (Survey, "anonymous", [*NOT_BOOLS, (None, WrongTypeError, "got None")]),
    (Survey, "name", NOT_TEXTS),
    (Survey, "incentive", [("nothing", WrongTypeError, r"must be a member of .*Incentive\('nothing'\)")]),
    (Survey, "owner_id", NOT_IDS),
    (Invitation, "survey_id", NOT_IDS + REQUIRED),
    (Invitation, "at", NOT_INSTANTS + REQUIRED),
    (Invitation, "customer_id", NOT_IDS),
    (Invitation, "channel", NOT_CHANNELS),
    (Invitation, "outcome", [("refusal", WrongTypeError, r"InvitationOutcome\('refusal'\)"), *REQUIRED]),
    (Invitation, "id", NOT_IDS),
    (Response, "survey_id", NOT_IDS + REQUIRED),
    (Response, "at", NOT_INSTANTS + REQUIRED),
    (
        Response,
        "answers",
        [
            ("nps", WrongTypeError, "must be several pairs of a question's id and its answer.*object of type str"),
            ({"ab": 9}, WrongTypeError, r"must be several pairs.*take the items\(\) of a dict"),
            (None, WrongTypeError, "must be several pairs.*object of type NoneType"),
            (9, WrongTypeError, "must be several pairs"),
            (("nps", 9), WrongTypeError, "each of answers must be a pair"),
            (["ab"], WrongTypeError, "each of answers must be a pair"),
            ([{"ab", "cd"}], WrongTypeError, "each of answers must be a pair"),
            ([("nps",)], WrongTypeError, "each of answers must be a pair"),
            ((("nps", 9, 1),), WrongTypeError, "each of answers must be a pair"),
            ((["nps", 9, 1],), WrongTypeError, "each of answers must be a pair"),
            ((("", 9),), InvalidValueError, "each question of answers must not be empty"),
            (((None, 9),), WrongTypeError, "each question of answers must be a str or an int, got None"),
            (((True, 9),), WrongTypeError, "each question of answers must be a str or an int, got True"),
            ((([], 9),), WrongTypeError, "each question of answers must be a str or an int"),
            (
                (("nps", 9), ("why", "x"), ("nps", 9)),
                InvalidValueError,
                "must each have a question of their own, 'nps' comes twice",
            ),
            ((("nps", True),), WrongTypeError, "a whole number or a text, got True; write 1 for yes, 0 for no"),
            ((("nps", None),), WrongTypeError, "got None; leave out unanswered ones"),
            ((("nps", -1),), InvalidValueError, "must be >= 0, got -1"),
            ((("nps", 9.0),), WrongTypeError, "must be a whole number"),
            ((("nps", Decimal(9)),), WrongTypeError, "must be a whole number"),
            ((("nps", SECRET.encode()),), WrongTypeError, "must be a whole number"),
            ((("nps", 10**31),), InvalidValueError, r"at most 10\^30"),
        ],
    ),
    (Response, "customer_id", NOT_IDS),
    (Response, "interaction_id", NOT_IDS),
    (Response, "touchpoint_id", NOT_IDS),
    (Response, "employee_id", NOT_IDS),
    (Response, "segment", [*NOT_TEXTS, ("", InvalidValueError, "must not be empty; an unknown one is None")]),
    (Response, "channel", NOT_CHANNELS),
    (Response, "id", NOT_IDS),
]
CASES = [
    pytest.param(noun, field, *case, id=f"{noun.__name__}.{field}-{number}")
    for noun, field, cases in FIELDS
    for number, case in enumerate(cases)
]


class TestRefusals:
    @pytest.mark.parametrize(("noun", "field", "value", "error", "message"), CASES)
    def test_names_the_field_and_what_to_do(
        self, noun: type, field: str, value: Any, error: type[CrmcoreError], message: str
    ) -> None:
        """An invalid value raises an error that names the field and shows no text, in UTC and in another zone."""
        in_utc = {"at": AT.astimezone(UTC)} if "at" in NOUNS[noun] else {}
        for values in ({**NOUNS[noun], field: value}, {**NOUNS[noun], **in_utc, field: value}):
            with pytest.raises(error, match=message) as caught:
                noun(**values)
            assert re.search(rf"\b{field}\b", str(caught.value))
            assert "Anna" not in repr(caught.value)

    def test_every_field_is_tried(self) -> None:
        """Every field of every noun is tested with invalid values."""
        assert {(noun, name) for noun in NOUNS for name in attrs.fields_dict(noun)} == {case[:2] for case in FIELDS}


class TestEnums:
    @pytest.mark.parametrize("enum", ENUMS)
    def test_every_member_is_described(self, enum: type[Enum]) -> None:
        """The docstring of the enum describes every member."""
        assert [member.name for member in enum if f"\n    {member.name}: " not in (inspect.getdoc(enum) or "")] == []


class TestScale:
    @pytest.mark.parametrize("scale", NUMBERED)
    def test_numbers_are_those_of_its_name(self, scale: Scale) -> None:
        """The lowest and highest number of a scale are those in its name; YES_NO has 0 and 1."""
        low, high = ("0", "1") if scale is Scale.YES_NO else scale.name.split("_")[-2:]

        assert (int(low), int(high)) == bounds(scale)

    def test_own_words_have_no_numbers(self) -> None:
        """The scale OPEN has no numbers and no better end."""
        scale = Scale.OPEN

        assert (None, None, None, None) == (scale.low, scale.high, scale.higher_is_better, scale.measure)

    def test_low_is_good_for_the_first_effort_score_alone(self) -> None:
        """Low is good on EFFORT_1_5 only; on YES_NO and OPEN the question decides."""
        assert [Scale.EFFORT_1_5] == [scale for scale in Scale if scale.higher_is_better is False]
        assert [Scale.YES_NO, Scale.OPEN] == [scale for scale in Scale if scale.higher_is_better is None]

    @pytest.mark.parametrize(
        ("beginning", "measure"),
        [
            ("RECOMMEND", MeasureKind.RECOMMENDATION),
            ("SATISFACTION", MeasureKind.SATISFACTION),
            ("RETURN", MeasureKind.RETURN),
            ("EFFORT", MeasureKind.EFFORT),
            ("RATING", MeasureKind.PERCEPTION),
            ("AGREEMENT", None),
            ("YES", None),
        ],
    )
    def test_measures(self, beginning: str, measure: MeasureKind | None) -> None:
        """A scale measures what its name says, unless the question decides."""
        assert {measure} == {scale.measure for scale in Scale if scale.name.startswith(beginning)}


class TestQuestion:
    def test_defaults(self) -> None:
        """By default a question is about the whole business, and its wording is not checked."""
        assert (None, "", False, None, None) == (WHY.about_id, WHY.concept, WHY.identifies, WHY.leading, WHY.one_sided)


class TestSurvey:
    def test_defaults(self) -> None:
        """By default a survey is not anonymous, and its incentive and owner are unknown."""
        assert (False, "", None, None) == (Q3.anonymous, Q3.name, Q3.incentive, Q3.owner_id)

    def test_questions_come_from_any_iterable(self) -> None:
        """Questions come from any iterable and keep their order; a survey may have none."""
        assert Q3 == Survey(id="q3", questions=iter((NPS, EASE, FOUND, WHY)))
        assert Q3 != Survey(id="q3", questions=(WHY, NPS, EASE, FOUND))
        assert () == Survey(id="q3", questions=[]).questions

    def test_ids_are_opaque(self) -> None:
        """The ids 1 and "1" are different questions."""
        assert 2 == len(Survey(id=1, questions=[attrs.evolve(WHY, id=1), attrs.evolve(WHY, id="1")]).questions)


class TestCheck:
    @given(surveys(), st.data())
    def test_returns_a_fitting_response(self, survey: Survey, data: st.DataObject) -> None:
        """A response that answers some of the questions, on their scales, is returned."""
        response = data.draw(responses_to(survey))

        assert survey.check(response) is response

    @pytest.mark.parametrize("scale", NUMBERED)
    def test_both_ends_belong_to_a_scale(self, scale: Scale) -> None:
        """An answer may be at either end of its scale but not outside it."""
        survey = Survey(id=1, questions=[Question(id="a", text="?", scale=scale)])
        low, high = bounds(scale)
        for fitting in (low, high):
            survey.check(Response(survey_id=1, at=AT, answers=[("a", fitting)]))
        for beyond in {high + 1, low - 1} - {-1}:
            with pytest.raises(InvalidValueError, match=f"must be from {low} to {high} on the scale {scale.value}"):
                survey.check(Response(survey_id=1, at=AT, answers=[("a", beyond)]))

    @pytest.mark.parametrize(
        ("answer", "error", "message", "operands"),
        [
            (
                ("nps", 11),
                InvalidValueError,
                "^the answer to question 'nps' must be from 0 to 10 .*got 11$",
                (11, Scale.RECOMMEND_0_10),
            ),
            (("ease", 0), InvalidValueError, "'ease' must be from 1 to 7 .*got 0$", (0, Scale.EFFORT_1_7)),
            (("found", 2), InvalidValueError, "'found' must be from 0 to 1", (2, Scale.YES_NO)),
            (("nps", SECRET), WrongTypeError, r"'nps' must be a whole number from 0 to 10, got a text; .*int\(", ()),
            (("why", 5), WrongTypeError, "'why' must be a text, got 5", ()),
            (("who", SECRET), InvalidValueError, "^the survey has no question 'who'", ("who",)),
            ((1, 5), InvalidValueError, "^the survey has no question 1", (1,)),
        ],
    )
    def test_refuses_what_the_survey_does_not_ask(
        self, answer: tuple[Id, int | str], error: type[CrmcoreError], message: str, operands: tuple[object, ...]
    ) -> None:
        """An answer that does not fit the survey raises an error that shows no text."""
        others: list[tuple[Id, int | str]] = [("why", SECRET)] if answer[0] != "why" else []
        with pytest.raises(error, match=message) as caught:
            Q3.check(Response(survey_id="q3", at=AT, answers=[*others, answer]))
        assert operands == caught.value.operands
        assert "Anna" not in repr(caught.value)

    def test_refuses_the_answers_to_another_survey(self) -> None:
        """A response to another survey is refused, even if the questions have the same ids."""
        with pytest.raises(InvalidValueError, match="response must be to survey 'q3', got one to 'q4'") as caught:
            Q3.check(Response(survey_id="q4", at=AT, answers=[]))
        assert ("q4", "q3") == caught.value.operands

    @pytest.mark.parametrize("name", ["customer_id", "interaction_id"])
    def test_enforces_anonymity(self, name: Any) -> None:
        """In an anonymous survey a response may have a segment, but not a customer or an interaction."""
        response = Response(survey_id="q3", at=AT, answers=[("nps", 9)], segment="young", employee_id=5)
        identity: dict[str, Any] = {name: 7}
        named = attrs.evolve(response, **identity)
        promise = attrs.evolve(Q3, anonymous=True)

        assert promise.check(response) is response
        assert Q3.check(named) is named
        with pytest.raises(
            InvalidValueError, match=f"{name} must be None in a response to an anonymous survey"
        ) as caught:
            promise.check(named)
        assert (name,) == caught.value.operands

    @pytest.mark.parametrize("value", [None, 1, "q3", WHY])
    def test_refuses_what_is_not_a_response(self, value: Any) -> None:
        """A value that is not a response is refused."""
        with pytest.raises(WrongTypeError, match="response must be a Response"):
            Q3.check(value)


class TestResponse:
    @given(answers())
    def test_answers_come_from_any_iterable(self, given_answers: list[tuple[str | int, int | str]]) -> None:
        """Answers come from any iterable of pairs and are kept as tuples in their order."""
        expected = tuple(given_answers)
        for form in (given_answers, expected, iter(given_answers), dict(given_answers).items(), map(list, expected)):
            response = Response(survey_id=1, at=AT, answers=form)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - lists as pairs
            assert expected == response.answers
            assert {tuple} >= {type(pair) for pair in response.answers}

    def test_plain_answers_are_taken_as_they_are(self) -> None:
        """A tuple of plain answers is kept as it is."""
        plain: tuple[tuple[Id, int | str], ...] = (("nps", 0), (2, 1000), ("why", ""))

        assert plain is Response(survey_id=1, at=AT, answers=plain).answers

    @given(answers())
    def test_answer_is_found_by_its_question(self, given_answers: list[tuple[str | int, int | str]]) -> None:
        """`answer` finds an answer by its question, or None if it is unanswered."""
        response = Response(survey_id=1, at=AT, answers=given_answers)

        assert given_answers == [(question_id, response.answer(question_id)) for question_id, _ in given_answers]
        assert response.answer("never asked") is None

    def test_numbers_of_other_libraries_become_ints(self) -> None:
        """Whole numbers of another library become ints; a subclass of str stays as it is."""
        response = Response(survey_id=1, at=AT, answers=[("nps", Index(9)), ("why", Incentive.NOTHING)])  # type: ignore[list-item] # pyright: ignore[reportArgumentType] - an index is no int

        assert (("nps", 9), ("why", "nothing")) == response.answers
        assert int is type(response.answers[0][1])

    def test_large_numbers_are_numbers(self) -> None:
        """Numbers up to 10^30 are accepted, even if no scale has them."""
        assert 1000 == Response(survey_id=1, at=AT, answers=(("a", 1000),)).answer("a")
        assert 10**30 == Response(survey_id=1, at=AT, answers=(("a", 10**30),)).answer("a")

    def test_tells_programs_which_question(self) -> None:
        """The operands of the error name the question that is answered twice."""
        with pytest.raises(InvalidValueError) as caught:
            Response(survey_id=1, at=AT, answers=[("nps", 9), ("nps", 8)])
        assert ("answers", "nps") == caught.value.operands

    def test_texts_stay_out_of_repr(self) -> None:
        """`repr` shows numbers, and "..." for a text."""
        response = Response(survey_id=1, at=AT, answers=[("nps", 9), (2, SECRET)])

        assert "answers=(('nps', 9), (2, '...'))" in repr(response)
        assert "answers=(('nps', 9),)" in repr(Response(survey_id=1, at=AT, answers=[("nps", 9)]))
        assert "answers=()" in repr(Response(survey_id=1, at=AT, answers=[]))

    def test_defaults(self) -> None:
        """By default every optional field is None."""
        response = Response(survey_id=1, at=AT.astimezone(UTC), answers=())

        assert (1, AT, ()) + 7 * (None,) == attrs.astuple(response)


class TestInvitation:
    def test_nothing_is_known_at_first(self) -> None:
        """By default the outcome of an invitation is unknown."""
        asked = Invitation(survey_id="q3", at=AT)

        assert ("q3", AT, None, None, InvitationOutcome.UNKNOWN, None) == attrs.astuple(asked)
        assert FeedbackChannel.PHONE is attrs.evolve(asked, channel=FeedbackChannel.PHONE).channel
