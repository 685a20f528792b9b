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

from crmcore.interop.hypothesis import readings
from crmcore.model.reading import AssessmentSource, LoyaltyLevel, Reading, SubjectKind
from crmcore.model.survey import MeasureKind, Scale
from crmcore.primitives.errors import CrmcoreError, InvalidValueError, WrongTypeError
from tests.model.test_refusals import NOT_IDS, NOT_INSTANTS, REQUIRED
from tests.support.voice_strategies import NUMBERED, bounds, on_scale

AT = datetime(2026, 3, 2, 10, 15, tzinfo=timezone(timedelta(hours=2)))
SECRET = "Anna Kalnina, +371 200 000 00"
ENUMS: list[type[Enum]] = [AssessmentSource, LoyaltyLevel, SubjectKind]
GRADED: dict[str, Any] = {"subject_kind": SubjectKind.TOUCHPOINT, "kind": MeasureKind.PERCEPTION, "at": AT, "value": 4}
LEVELLED: dict[str, Any] = {
    "subject_kind": SubjectKind.CUSTOMER,
    "kind": MeasureKind.LOYALTY,
    "at": AT,
    "level": LoyaltyLevel.LOYAL,
}

Refusal = tuple[Any, type[CrmcoreError], str]
NOT_TEXTS: list[Refusal] = [
    (5, WrongTypeError, "must be a str, got an object of type int"),
    (None, WrongTypeError, "must be a str, got an object of type NoneType"),
    (SECRET.encode(), WrongTypeError, "must be a str, got an object of type bytes"),
]

FIELDS: list[tuple[str, list[Refusal]]] = [
    ("subject_kind", [("customer", WrongTypeError, r"must be a member of .*SubjectKind\('customer'\)"), *REQUIRED]),
    ("subject_id", NOT_IDS),
    ("kind", [("loyalty", WrongTypeError, r"must be a member of .*MeasureKind\('loyalty'\)"), *REQUIRED]),
    ("at", NOT_INSTANTS + REQUIRED),
    (
        "value",
        [
            (0.5, WrongTypeError, r"must not be a float \(0\.5\)"),
            ("high", InvalidValueError, "must be a number, got 'high'"),
            (10**31, InvalidValueError, r"at most 10\^30"),
            (True, WrongTypeError, "must be a Decimal, an int or a str, got True"),
        ],
    ),
    (
        "scale",
        [
            ("open", WrongTypeError, r"must be a member of .*Scale\('open'\)"),
            (5, WrongTypeError, "must be a member of Scale"),
        ],
    ),
    ("level", [("loyal", WrongTypeError, r"must be a member of .*LoyaltyLevel\('loyal'\)")]),
    ("aspect", NOT_TEXTS),
    ("source", [("survey", WrongTypeError, r"must be a member of .*AssessmentSource\('survey'\)")]),
    ("customer_id", NOT_IDS),
    ("interaction_id", NOT_IDS),
    ("note", NOT_TEXTS),
    ("id", NOT_IDS),
]
CASES = [pytest.param(field, *case, id=f"{field}-{n}") for field, cases in FIELDS for n, case in enumerate(cases)]


def grade(**values: Any) -> Reading:
    """Build a reading of a number, with the required fields and the given ones."""
    return Reading(**{**GRADED, **values})


def level(**values: Any) -> Reading:
    """Build a reading of a level, with the required fields and the given ones."""
    return Reading(**{**LEVELLED, **values})


class TestRefusals:
    @pytest.mark.parametrize(("field", "value", "error", "message"), CASES)
    def test_names_the_field_and_what_to_do(
        self, field: str, value: Any, error: type[CrmcoreError], message: str
    ) -> None:
        """An invalid value raises an error that names the field and shows no text, in UTC and in another zone."""
        for at in (AT, AT.astimezone(UTC)):
            values = {"at": at, field: value}
            with pytest.raises(error, match=message) as caught:
                grade(**values)
            assert re.search(rf"\b{field}\b", str(caught.value))
            assert "Anna" not in repr(caught.value)

    def test_every_field_is_tried(self) -> None:
        """Every field is tested with invalid values."""
        assert list(attrs.fields_dict(Reading)) == [field for field, _ in FIELDS]

    @pytest.mark.parametrize("at", [AT, AT.astimezone(UTC)])
    @pytest.mark.parametrize(
        ("values", "message", "operands"),
        [
            ({**GRADED, "value": None}, r"^value or level must be given; an unknown value has no reading$", ()),
            ({**LEVELLED, "value": 4}, r"^value and level must not both be given; make two readings$", ()),
            (
                {**LEVELLED, "scale": Scale.RATING_1_5},
                r"^scale must be None with a level; leave scale out$",
                (Scale.RATING_1_5,),
            ),
            (
                {**LEVELLED, "kind": MeasureKind.TRUST},
                r"^level must be None unless kind is LOYALTY, got kind TRUST; give a value instead$",
                (MeasureKind.TRUST,),
            ),
        ],
    )
    def test_is_a_number_or_a_level_of_loyalty(
        self, at: datetime, values: dict[str, Any], message: str, operands: tuple[object, ...]
    ) -> None:
        """A reading has either a number or a level, and a level only of loyalty."""
        with pytest.raises(InvalidValueError, match=message) as caught:
            grade(**{"value": None, **values, "at": at})
        assert operands == caught.value.operands

    @pytest.mark.parametrize("at", [AT, AT.astimezone(UTC)])
    def test_no_customer_judges_another(self, at: datetime) -> None:
        """A customer cannot judge another customer; any other subject may have a customer who judges it."""
        with pytest.raises(
            InvalidValueError, match="must not differ from subject_id if the subject is a customer, got 8 and 7; leave"
        ):
            level(at=at, subject_id=7, customer_id=8)

        assert 7 == level(at=at, subject_id=7, customer_id=7).customer_id
        assert 8 == grade(at=at, subject_id=7, customer_id=8).customer_id


class TestEnums:
    @pytest.mark.parametrize("enum", ENUMS)
    def test_every_member_is_described(self, enum: type[Enum]) -> None:
        """The docstring of the enum describes every member."""
        assert [member.name for member in enum if f"\n    {member.name}: " not in (inspect.getdoc(enum) or "")] == []

    def test_the_best_level_stands_first(self) -> None:
        """The levels go from the best to the worst, which the counts of mobility rely on."""
        assert [LoyaltyLevel.LOYAL, LoyaltyLevel.SATISFIED, LoyaltyLevel.AGGRIEVED] == list(LoyaltyLevel)


class TestReading:
    def test_defaults(self) -> None:
        """By default an unknown field is None or empty."""
        empty = {**dict.fromkeys(attrs.fields_dict(Reading)), "aspect": "", "note": ""}

        assert {**empty, **GRADED} == attrs.asdict(grade())
        assert {**empty, **LEVELLED} == attrs.asdict(level())

    def test_the_note_stays_out_of_repr(self) -> None:
        """The note may be personal and is not in `repr`."""
        assert SECRET not in repr(level(note=SECRET))

    @given(st.sampled_from(NUMBERED).flatmap(lambda scale: st.tuples(st.just(scale), on_scale(scale))))
    def test_a_value_is_exact(self, judged: tuple[Scale, Decimal]) -> None:
        """A value is kept as an exact Decimal, whether it is given as a Decimal or as a text."""
        scale, value = judged
        for form in (value, str(value)):
            reading = grade(value=form, scale=scale)
            assert value == reading.value
            assert Decimal is type(reading.value)

    @pytest.mark.parametrize("at", [AT, AT.astimezone(UTC)])
    @pytest.mark.parametrize("scale", NUMBERED)
    def test_a_value_lies_on_its_scale(self, scale: Scale, at: datetime) -> None:
        """A value may be at either end of its scale but not outside it; without a scale any number is valid."""
        low, high = bounds(scale)
        for fitting in (low, high):
            assert fitting == grade(at=at, value=fitting, scale=scale).value
        for beyond in (low - Decimal("0.1"), high + Decimal("0.1")):
            with pytest.raises(
                InvalidValueError, match=f"value must be from {low} to {high} on the scale {scale.value}"
            ):
                grade(at=at, value=beyond, scale=scale)
            assert beyond == grade(at=at, value=beyond).value

    def test_own_words_are_no_scale(self) -> None:
        """A number on the scale OPEN is refused."""
        with pytest.raises(InvalidValueError, match="value must be on a scale with numbers, got open"):
            grade(scale=Scale.OPEN)

    @given(readings())
    def test_equality_goes_through_utc(self, reading: Reading) -> None:
        """Two records with the same instant in different zones are equal."""
        there = attrs.evolve(reading, at=reading.at.astimezone(timezone(timedelta(hours=-7))))

        assert reading == there
        assert hash(reading) == hash(there)
