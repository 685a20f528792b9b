"""Laws of every value of the library, found by walking its public classes."""

from __future__ import annotations

import copy
import inspect
import pickle
from datetime import UTC, datetime
from decimal import localcontext
from enum import Enum
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Cost,
    Customer,
    Feedback,
    FeedbackKind,
    Interaction,
    LedgerBuilder,
    MeasureKind,
    MomentOfTruth,
    Money,
    Purchase,
    Reading,
    Response,
    SubjectKind,
    Table,
    Tally,
    TallyBy,
    Task,
    TaskKind,
    WrongTypeError,
)
from crmcore.interop.hypothesis import instants
from crmcore.model.moment import Valence
from crmcore.primitives.record import Record, _list_reads
from tests.support.hostile import CONTEXTS
from tests.support.refusals import breaks
from tests.support.strategies import VALUES
from tests.support.walk import public_classes

every_value = pytest.mark.parametrize("cls", [pytest.param(cls, id=cls.__name__) for cls in VALUES])
AT = datetime(2026, 3, 2, tzinfo=UTC)
EURO = Money(1, "EUR")
SECRET = "Anna Kalnina, +371 200 000 00"


def test_every_value_has_a_strategy() -> None:
    """Every public class but tables, builders, errors and enums has a strategy, so that the laws below apply to it."""
    kinds = (BaseException, Enum)
    values = {cls for cls in public_classes() if not issubclass(cls, kinds)} - {Tally, LedgerBuilder, Table}

    assert values == set(VALUES)


class TestValues:
    @every_value
    @given(data=st.data())
    def test_copies_are_equal(self, cls: type, data: st.DataObject) -> None:
        """Pickle, deepcopy and copy give an equal value with an equal hash and `repr`."""
        value = data.draw(VALUES[cls])
        for copied in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value), copy.copy(value)):
            assert value == copied
            assert hash(value) == hash(copied)
            assert repr(value) == repr(copied)

    @every_value
    @given(data=st.data())
    def test_frozen_and_slotted(self, cls: type, data: st.DataObject) -> None:
        """A value is frozen and has no `__dict__`."""
        value = data.draw(VALUES[cls])
        names = [field.name for field in attrs.fields(cls)] if attrs.has(cls) else ["_rows"]

        assert not hasattr(value, "__dict__")
        for name in [*names, "invented"]:
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(value, name, None)

    @every_value
    @given(data=st.data())
    def test_evolve_builds_it_anew(self, cls: type, data: st.DataObject) -> None:
        """`attrs.evolve` without changes gives an equal value."""
        value = data.draw(VALUES[cls])
        if cls is not TallyBy:
            assert value == attrs.evolve(value)

    @every_value
    @given(data=st.data())
    def test_the_callers_context_changes_no_repr(self, cls: type, data: st.DataObject) -> None:
        """`repr` and `str` do not depend on the decimal context."""
        value = data.draw(VALUES[cls])
        expected = repr(value), str(value)
        for context in CONTEXTS:
            with localcontext(context):
                assert expected == (repr(value), str(value))

    @every_value
    def test_is_documented(self, cls: type) -> None:
        """The docstring of a public class describes every field."""
        doc = inspect.getdoc(cls) or ""
        fields = [field.alias for field in attrs.fields(cls)] if attrs.has(cls) else []
        undescribed = [name for name in fields if f"\n    {name}: " not in doc and name != "explanation"]

        assert [] == undescribed


class TestInstants:
    @given(instants())
    def test_equality_goes_through_utc(self, at: datetime) -> None:
        """Two records with the same instant in different zones are equal."""
        here = MomentOfTruth(valence=Valence.GOOD, at=at)
        there = MomentOfTruth(valence=Valence.GOOD, at=at.astimezone(UTC))

        assert here == there
        assert hash(here) == hash(there)
        assert at.tzinfo is here.at.tzinfo  # the zone given is kept


class TestPrivacy:
    def test_personal_data_stay_out_of_reprs(self) -> None:
        """Names, reasons and notes are neither in `repr` nor in `str`."""
        for record in (
            Customer(id=1, name=SECRET),
            Purchase(customer_id=1, at=AT, amount=EURO, reason=SECRET),
            Cost(amount=EURO, at=AT, note=SECRET),
        ):
            assert SECRET not in repr(record)
            assert SECRET not in str(record)

    @pytest.mark.parametrize(
        ("noun", "values"),
        [
            (Customer, {"id": [], "name": SECRET}),
            (Customer, {"id": 1, "name": SECRET.encode()}),
            (Purchase, {"customer_id": 1, "at": AT, "amount": 5, "reason": SECRET}),
            (Purchase, {"customer_id": 1, "at": AT, "amount": EURO, "reason": [SECRET]}),
            (Cost, {"at": AT, "amount": EURO, "note": SECRET.encode()}),
        ],
    )
    def test_personal_data_stay_out_of_errors(self, noun: type, values: dict[str, Any]) -> None:
        """Names, reasons and notes are neither in messages nor in operands, even if they are invalid."""
        with pytest.raises(WrongTypeError) as caught:
            noun(**values)

        assert "Anna" not in repr(caught.value)
        assert not any("Anna" in str(operand) for operand in caught.value.args)


OF_ANY_TYPE = {"Deficits": {"worst"}}
"""Fields that hold a key of the caller."""


class TestDeclarations:
    @pytest.mark.parametrize("cls", [cls for cls in public_classes() if attrs.has(cls) and issubclass(cls, Record)])
    def test_every_field_says_what_it_accepts(self, cls: type) -> None:
        """No field of a record goes unchecked: its annotation says what it accepts."""
        declared = {name for name, *_ in _list_reads(cls)}

        assert {field.name for field in attrs.fields(cls)} - declared - OF_ANY_TYPE.get(cls.__name__, set()) == set()

    @pytest.mark.parametrize("cls", [Purchase, MomentOfTruth, Interaction, Feedback, Response, Task, Reading])
    def test_fast_path_skips_no_field_of_a_subclass(self, cls: type[Any]) -> None:
        """A subclass of a class with a fast path has its own fields checked too, however usual the others are."""
        usual: dict[str, Any] = {
            "valence": Valence.GOOD,
            "kind": {Feedback: FeedbackKind.IDEA, Task: TaskKind.CALL, Reading: MeasureKind.SATISFACTION}.get(cls),
            "at": AT,
            "received_at": AT,
            "due": AT,
            "customer_id": 7,
            "touchpoint_id": 1,
            "survey_id": 1,
            "answers": [],
            "amount": EURO,
            "subject_kind": SubjectKind.TOUCHPOINT,
            "subject_id": 1,
            "value": 4,
        }
        fields = {field.alias: usual[field.alias] for field in attrs.fields(cls) if field.default is attrs.NOTHING}
        if cls is Reading:
            fields["value"] = 4
        own = attrs.make_class("Own", {"stars": attrs.field(type=int)}, bases=(cls,), frozen=True, kw_only=True)

        assert 3 == own(**fields, stars=3).stars
        with breaks("too_small", "stars"):
            own(**fields, stars=-1)
