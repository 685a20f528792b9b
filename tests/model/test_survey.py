from __future__ import annotations

import inspect
import pickle
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore.interop.hypothesis import surveys
from crmcore.model.customer import Id
from crmcore.model.reading import Reading, SubjectKind
from crmcore.model.survey import (
    Incentive,
    Invitation,
    InvitationOutcome,
    MeasureKind,
    Question,
    Response,
    Scale,
    Survey,
)
from crmcore.model.touchpoint import Channel
from crmcore.primitives.errors import CrmcoreError, InvalidValueError, UnknownNameError, WrongTypeError
from tests.support.hostile import Index
from tests.support.refusals import breaks
from tests.support.voice_strategies import NUMBERED, answers, bounds, responses_to

AT = datetime(2026, 3, 2, 10, 15, tzinfo=timezone(timedelta(hours=2)))
SECRET = "Anna Kalnina, +371 200 000 00"
ENUMS: list[type[Enum]] = [Incentive, InvitationOutcome, MeasureKind]

NPS = Question(id="nps", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10)
EASE = Question(id="ease", text="We made it easy.", scale=Scale.EFFORT_1_7, about_id="returns")
FOUND = Question(id="found", text="Did you find it?", scale=Scale.YES_NO)
WHY = Question(id="why", text="Why?", scale=Scale.OPEN)
Q3 = Survey(id="q3", questions=[NPS, EASE, FOUND, WHY])


def judge(value: int, scale: Scale) -> Reading:
    """Build a reading on a scale."""
    return Reading(subject_kind=SubjectKind.COMPANY, kind=MeasureKind.TRUST, at=AT, value=value, scale=scale)


class TestEnums:
    @pytest.mark.parametrize("enum", ENUMS)
    def test_every_member_is_described(self, enum: type[Enum]) -> None:
        """The docstring of the enum describes every member."""
        assert [member.name for member in enum if f"\n    {member.name}: " not in (inspect.getdoc(enum) or "")] == []


class TestScale:
    @pytest.mark.parametrize("scale", NUMBERED)
    def test_numbers_are_those_of_its_name(self, scale: Scale) -> None:
        """The lowest and highest number of a known scale are those in its name; YES_NO has 0 and 1."""
        low, high = ("0", "1") if scale == Scale.YES_NO else scale.name.split("_")[-2:]

        assert (int(low), int(high)) == bounds(scale)

    def test_own_words_have_no_numbers(self) -> None:
        """The scale OPEN has no numbers and no better end."""
        scale = Scale.OPEN

        assert (None, None, None, None) == (scale.low, scale.high, scale.higher_is_better, scale.measure)

    def test_low_is_good_for_the_first_effort_score_alone(self) -> None:
        """Low is good on EFFORT_1_5 only; on YES_NO and OPEN the question decides."""
        assert [Scale.EFFORT_1_5] == [scale for scale in Scale.KNOWN if scale.higher_is_better is False]
        assert [Scale.YES_NO, Scale.OPEN] == [scale for scale in Scale.KNOWN if scale.higher_is_better is None]

    @pytest.mark.parametrize(
        ("beginning", "measure"),
        [
            ("recommend", MeasureKind.RECOMMENDATION),
            ("satisfaction", MeasureKind.SATISFACTION),
            ("return", MeasureKind.RETURN),
            ("effort", MeasureKind.EFFORT),
            ("rating", MeasureKind.PERCEPTION),
            ("agreement", None),
            ("yes", None),
        ],
    )
    def test_measures(self, beginning: str, measure: MeasureKind | None) -> None:
        """A known scale measures what its name says, unless the question decides."""
        assert {measure} == {scale.measure for scale in Scale.KNOWN if scale.name.startswith(beginning)}

    @pytest.mark.parametrize("scale", Scale.KNOWN)
    def test_known_ones_are_constants(self, scale: Scale) -> None:
        """A known scale is a constant of the class, and is found by its name."""
        assert scale is getattr(Scale, scale.name.upper())
        assert scale == Scale(scale.name)
        assert scale.name == str(scale)
        assert f"\n    {scale.name.upper()}: " in (inspect.getdoc(Scale) or "")

    def test_is_a_value(self) -> None:
        """Scales with the same parts are equal and hash alike, also after pickling."""
        faces = Scale("faces", low=1, high=6)

        assert faces == Scale("faces", low=Index(1), high=Index(6))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - an index is no int
        assert faces != Scale(low=1, high=6)
        assert faces != Scale("faces", low=1, high=6, higher_is_better=True)
        for scale in (faces, *Scale.KNOWN):
            copied = pickle.loads(pickle.dumps(scale))
            assert scale == copied
            assert hash(scale) == hash(copied)

    @pytest.mark.parametrize("scale", [Scale(low=1, high=6), Scale(low=-3, high=3), Scale("faces", low=0, high=1)])
    def test_of_ones_own(self, scale: Scale) -> None:
        """Questions, readings and feedback take a scale of the caller's own."""
        low, high = bounds(scale)
        survey = Survey(id=1, questions=[Question(id="a", text="?", scale=scale)])
        for value in (low, high):
            response = Response(survey_id=1, at=AT, answers=[("a", value)])
            assert survey.check(response) is response
            assert value == judge(value, scale).value
        with breaks("answer_not_on_the_scale", "answers", record="a"):
            survey.check(Response(survey_id=1, at=AT, answers=[("a", high + 1)]))
        with breaks("not_on_the_scale", "value"):
            judge(low - 1, scale)

    def test_is_named_in_messages(self) -> None:
        """A scale without a name is called by its numbers."""
        assert ["1 to 6", "faces"] == [str(Scale(low=1, high=6)), str(Scale("faces", low=1, high=6))]

    @pytest.mark.parametrize(
        ("values", "rule", "field"),
        [
            ({}, "scale_without_numbers", "low"),
            ({"name": "", "measure": None}, "scale_without_numbers", "low"),
            ({"low": 1}, "scale_without_an_end", "high"),
            ({"high": 6, "name": "open"}, "scale_without_an_end", "low"),
            ({"measure": MeasureKind.TRUST}, "scale_without_an_end", "low"),
            ({"name": "open", "higher_is_better": True}, "scale_without_an_end", "low"),
            ({"low": 6, "high": 1}, "low_not_below_high", "high"),
            ({"low": 1, "high": 1}, "low_not_below_high", "high"),
            ({"name": "rating_1_5", "low": 1, "high": 6}, "name_of_a_known_scale", "name"),
            ({"name": "rating_1_5", "low": 1, "high": 5}, "name_of_a_known_scale", "name"),
            ({"name": "open", "low": 1, "high": 5}, "name_of_a_known_scale", "name"),
        ],
    )
    def test_refuses(self, values: dict[str, Any], rule: str, field: str) -> None:
        """A scale has two ends in order, and the name of a known scale means that scale."""
        with breaks(rule, field):
            Scale(**values)

    def test_unknown_name(self) -> None:
        """A name without numbers must be that of a known scale; the advice lists them."""
        with breaks("unknown_scale", "name", kind=UnknownNameError) as caught:
            Scale("stars")
        assert all(scale.name in caught.value.advice for scale in Scale.KNOWN)


class TestQuestion:
    def test_defaults(self) -> None:
        """By default a question is about the whole business, and its wording is not checked."""
        assert (None, "", False, None, None) == (WHY.about_id, WHY.concept, WHY.identifies, WHY.leading, WHY.one_sided)
        assert 1 == WHY.asked_share


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

    def test_ids_are_unique(self) -> None:
        """Two questions with one id are refused."""
        with breaks("not_unique", "questions", record=2):
            Survey(id=1, questions=[WHY, NPS, WHY])


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
        for beyond in (high + 1, low - 1):
            with breaks("answer_not_on_the_scale", "answers", record="a"):
                survey.check(Response(survey_id=1, at=AT, answers=[("a", beyond)]))

    @pytest.mark.parametrize(
        ("answer", "error", "rule", "operands"),
        [
            (("nps", 11), InvalidValueError, "answer_not_on_the_scale", (11, Scale.RECOMMEND_0_10)),
            (("ease", 0), InvalidValueError, "answer_not_on_the_scale", (0, Scale.EFFORT_1_7)),
            (("found", 2), InvalidValueError, "answer_not_on_the_scale", (2, Scale.YES_NO)),
            (("nps", SECRET), WrongTypeError, "words_for_a_number", ()),
            (("why", 5), WrongTypeError, "number_for_words", (5,)),
            (("who", SECRET), InvalidValueError, "question_not_in_the_survey", ("who",)),
            ((1, 5), InvalidValueError, "question_not_in_the_survey", (1,)),
        ],
    )
    def test_refuses_what_the_survey_does_not_ask(
        self, answer: tuple[Id, int | str], error: type[CrmcoreError], rule: str, operands: tuple[object, ...]
    ) -> None:
        """An answer that does not fit the survey raises an error that names the question and shows no text."""
        others: list[tuple[Id, int | str]] = [("why", SECRET)] if answer[0] != "why" else []
        with breaks(rule, "answers", record=answer[0], kind=error) as caught:
            Q3.check(Response(survey_id="q3", at=AT, answers=[*others, answer]))
        assert operands == caught.value.operands
        assert "Anna" not in repr(caught.value)

    def test_refuses_the_answers_to_another_survey(self) -> None:
        """A response to another survey is refused, even if the questions have the same ids."""
        with breaks("response_to_another_survey", "survey_id") as caught:
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
        with breaks("not_anonymous", name):
            promise.check(named)

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
        """Whole numbers of another library become ints, and a subclass of str becomes a str."""
        response = Response(survey_id=1, at=AT, answers=[("nps", Index(9)), ("why", Incentive.NOTHING)])  # type: ignore[list-item] # pyright: ignore[reportArgumentType] - an index is no int

        assert (("nps", 9), ("why", "nothing")) == response.answers
        assert [int, str] == [type(answer) for _, answer in response.answers]

    def test_large_numbers_are_numbers(self) -> None:
        """Numbers up to 10^30 are accepted, even if no scale has them."""
        assert 1000 == Response(survey_id=1, at=AT, answers=(("a", 1000),)).answer("a")
        assert 10**30 == Response(survey_id=1, at=AT, answers=(("a", 10**30),)).answer("a")

    def test_tells_programs_which_question(self) -> None:
        """The error names the question that is answered twice, and the second answer."""
        with breaks("not_unique", "answers", record=1) as caught:
            Response(survey_id=1, at=AT, answers=[("nps", 9), ("nps", 8)])
        assert ("nps",) == caught.value.operands

    def test_one_answer(self) -> None:
        """A single answer is refused with what to do."""
        answer: Any = ("nps", 9)
        with pytest.raises(WrongTypeError, match=r"^answers\[0\].*; put a single one into a list$"):
            Response(survey_id=1, at=AT, answers=answer)

    @pytest.mark.parametrize(
        ("answers", "rule", "record"),
        [
            ("nps", "not_pairs_of_answers", None),
            ({"ab": 9}, "not_pairs_of_answers", None),
            (None, "not_pairs_of_answers", None),
            (9, "not_pairs_of_answers", None),
            (("nps", 9), "not_a_pair", 0),
            (["ab"], "not_a_pair", 0),
            ([{"ab", "cd"}], "not_a_pair", 0),
            ([("nps",)], "not_a_pair", 0),
            ((("why", "x"), ("nps", 9, 1)), "not_a_pair", 1),
            ((["nps", 9, 1],), "not_a_pair", 0),
            ((("", 9),), "empty_id", 0),
            (((" ", 9),), "empty_id", 0),
            (((None, 9),), "not_an_id", 0),
            (((True, 9),), "not_an_id", 0),
            ((([], 9),), "not_an_id", 0),
            ((("nps", True),), "not_an_answer", 0),
            ((("why", "x"), ("nps", None)), "not_an_answer", 1),
            ((("nps", 9.0),), "wrong_number_type", 0),
            ((("nps", Decimal(9)),), "wrong_number_type", 0),
            ((("nps", SECRET.encode()),), "wrong_number_type", 0),
            ((("nps", 10**31),), "int_too_large", 0),
            ((("nps", -(10**31)),), "int_too_large", 0),
        ],
    )
    @pytest.mark.parametrize("at", [AT, AT.astimezone(UTC)])
    def test_refuses(self, answers: Any, rule: str, record: int | None, at: datetime) -> None:
        """An invalid answer is refused, in UTC and in another zone; the error says which one and shows no text."""
        with breaks(rule, "answers", record=record, kind=CrmcoreError) as caught:
            Response(survey_id=1, at=at, answers=answers)
        assert "Anna" not in repr(caught.value)

    def test_texts_stay_out_of_repr(self) -> None:
        """`repr` shows numbers, and "..." for a text."""
        response = Response(survey_id=1, at=AT, answers=[("nps", 9), (2, SECRET)])

        assert "answers=(('nps', 9), (2, '...'))" in repr(response)
        assert "answers=(('nps', 9),)" in repr(Response(survey_id=1, at=AT, answers=[("nps", 9)]))
        assert "answers=()" in repr(Response(survey_id=1, at=AT, answers=[]))

    def test_not_applicable(self) -> None:
        """A question that does not apply is one of the survey's, and is not answered."""
        response = Response(survey_id="q3", at=AT, answers=[("nps", 9)], not_applicable=["ease"])

        assert Q3.check(response) is response
        with breaks("question_not_in_the_survey", "not_applicable", record="price"):
            Q3.check(attrs.evolve(response, not_applicable=["price"]))
        with breaks("answered_and_not_applicable", "not_applicable", record=1):
            attrs.evolve(response, not_applicable=["ease", "nps"])

    def test_defaults(self) -> None:
        """By default every optional field is None."""
        response = Response(survey_id=1, at=AT.astimezone(UTC), answers=())

        assert (1, AT, (), *[None] * 7, ()) == attrs.astuple(response)


class TestInvitation:
    def test_nothing_is_known_at_first(self) -> None:
        """By default the outcome of an invitation is unknown."""
        asked = Invitation(survey_id="q3", at=AT)

        assert ("q3", AT, None, None, InvitationOutcome.UNKNOWN, None) == attrs.astuple(asked)
        assert Channel.PHONE is attrs.evolve(asked, channel=Channel.PHONE).channel
