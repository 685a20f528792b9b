from __future__ import annotations

import inspect
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
from tests.support.refusals import breaks
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


def grade(**values: Any) -> Reading:
    """Build a reading of a number, with the required fields and the given ones."""
    return Reading(**{**GRADED, **values})


def level(**values: Any) -> Reading:
    """Build a reading of a level, with the required fields and the given ones."""
    return Reading(**{**LEVELLED, **values})


class TestRefusals:
    @pytest.mark.parametrize("at", [AT, AT.astimezone(UTC)])
    @pytest.mark.parametrize(
        ("values", "rule", "field", "operands"),
        [
            ({**GRADED, "value": None}, "neither_value_nor_level", "value", ()),
            ({**LEVELLED, "value": 4}, "value_and_level", "level", ()),
            ({**LEVELLED, "scale": Scale.RATING_1_5}, "level_with_scale", "scale", (Scale.RATING_1_5,)),
            ({**LEVELLED, "kind": MeasureKind.TRUST}, "level_of_another_kind", "level", (MeasureKind.TRUST,)),
        ],
    )
    def test_is_a_number_or_a_level_of_loyalty(
        self, at: datetime, values: dict[str, Any], rule: str, field: str, operands: tuple[object, ...]
    ) -> None:
        """A reading has either a number or a level, and a level only of loyalty."""
        with breaks(rule, field) as caught:
            grade(**{"value": None, **values, "at": at})
        assert operands == caught.value.operands

    @pytest.mark.parametrize("at", [AT, AT.astimezone(UTC)])
    def test_no_customer_judges_another(self, at: datetime) -> None:
        """A customer cannot judge another customer; any other subject may have a customer who judges it."""
        with breaks("customer_judges_another", "customer_id"):
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
            with breaks("not_on_the_scale", "value"):
                grade(at=at, value=beyond, scale=scale)
            assert beyond == grade(at=at, value=beyond).value

    def test_own_words_are_no_scale(self) -> None:
        """A number on the scale OPEN is refused."""
        with breaks("number_on_a_scale_of_words", "scale"):
            grade(scale=Scale.OPEN)

    @given(readings())
    def test_equality_goes_through_utc(self, reading: Reading) -> None:
        """Two records with the same instant in different zones are equal."""
        there = attrs.evolve(reading, at=reading.at.astimezone(timezone(timedelta(hours=-7))))

        assert reading == there
        assert hash(reading) == hash(there)
