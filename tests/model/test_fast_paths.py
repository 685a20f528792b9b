"""The nouns that are built by the million: a usual record is built without the check of each field."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from crmcore import (
    AssessmentSource,
    Channel,
    Feedback,
    FeedbackKind,
    Interaction,
    InvalidValueError,
    LoyaltyLevel,
    MeasureKind,
    MomentOfTruth,
    Money,
    Purchase,
    Reading,
    Response,
    Scale,
    SubjectKind,
    Task,
    TaskKind,
    Valence,
)
from crmcore.primitives.record import Record
from tests.support.refusals import refused
from tests.support.walk import public_classes

AT = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
USUAL: list[Record] = [
    Feedback(kind=FeedbackKind.IDEA, received_at=AT),
    Feedback(
        kind=FeedbackKind.COMPLAINT,
        received_at=AT,
        customer_id=1,
        channel=Channel.CHAT,
        touchpoint_id="desk",
        employee_id=2,
        interaction_id=3,
        valence=Valence.BAD,
        category="slow",
        cause="queue",
        text="I waited for an hour.",
        public=True,
        votes_for=3,
        votes_against=1,
        answered_at=AT,
        resolved_at=LATER,
        handler_id=4,
        id=5,
    ),
    Interaction(touchpoint_id="desk", at=AT),
    Interaction(touchpoint_id=1, at=AT, customer_id=2, employee_id=3, id="a"),
    MomentOfTruth(valence=Valence.GOOD, at=AT),
    MomentOfTruth(valence=Valence.NEUTRAL, at=AT),
    MomentOfTruth(valence=Valence.BAD, at=AT, customer_id=1, touchpoint_id=2, employee_id=3, interaction_id=4, id=5),
    Purchase(customer_id=1, at=AT, amount=Money(5, "EUR")),
    Purchase(customer_id="a", at=AT, amount=Money(5, "EUR"), id="b"),
    Reading(subject_kind=SubjectKind.EMPLOYEE, subject_id=1, at=AT, kind=MeasureKind.LOYALTY, level=LoyaltyLevel.LOYAL),
    Reading(
        subject_kind=SubjectKind.TOUCHPOINT,
        subject_id=1,
        at=AT,
        kind=MeasureKind.PERCEPTION,
        value=Decimal(4),
        scale=Scale.SATISFACTION_1_5,
        customer_id=2,
        interaction_id=3,
        aspect="speed",
        source=AssessmentSource.SURVEY,
        note="asked at the desk",
        id=4,
    ),
    Response(survey_id=1, at=AT, answers=[]),
    Response(
        survey_id=1,
        at=AT,
        answers=[("a", 4), ("b", "well")],
        customer_id=2,
        interaction_id=3,
        touchpoint_id=4,
        employee_id=5,
        segment="new",
        channel=Channel.EMAIL,
        id=6,
    ),
    Task(kind=TaskKind.THANK_YOU, due=AT),
    Task(
        kind=TaskKind.THANK_YOU,
        due=AT,
        customer_id=1,
        employee_id=2,
        owner_id=3,
        requested_by_id=4,
        about_id=5,
        id=6,
        why="birthday",
        note="in the morning",
        relates_to="an order",
    ),
]


@pytest.mark.parametrize("record", USUAL, ids=lambda record: type(record).__name__)
def test_a_usual_record_is_not_checked_field_by_field(record: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids, texts, members and instants in UTC are seen to be right at once, which takes half of the time."""
    cls = type(record)
    fields = {field.alias: getattr(record, field.name) for field in attrs.fields(cls)}

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("checked field by field")

    monkeypatch.setattr(cls, "_check", refuse)
    record.__attrs_post_init__()  # as msgspec calls it
    if "__attrs_init__" in vars(cls):  # a constructor of its own sets the fields
        monkeypatch.setattr(cls, "__attrs_init__", refuse)

    assert record == cls(**fields)


def test_an_answer_is_given_once() -> None:
    """Answers in the form in which they are kept are read without the slow check too."""
    with refused(InvalidValueError, "not_unique: answers[2]"):
        Response(survey_id=1, at=AT, answers=(("a", 4), ("b", 4), ("a", 5)))


def test_no_noun_with_a_fast_path_is_left_out() -> None:
    """The table above has each noun that decides by itself when to check."""
    own = [cls for cls in public_classes() if issubclass(cls, Record) and "__attrs_post_init__" in vars(cls)]

    assert {type(record) for record in USUAL} == {cls for cls in own if cls._defined_in.startswith("crmcore.model")}
