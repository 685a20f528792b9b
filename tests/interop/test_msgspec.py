"""msgspec takes the records as they are: no code of ours stands between."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import attrs
import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from crmcore import (
    CrmcoreError,
    Customer,
    CustomerKind,
    Finding,
    MomentOfTruth,
    Money,
    NaiveInstantError,
    Purchase,
    Retention,
    Valence,
)
from crmcore.model.customer import ContactPerson
from crmcore.model.journey import Journey
from crmcore.primitives.record import hints_of, is_personal
from crmcore.value.lifetime_value import LifetimeValue
from tests.support.contracts import RECORDS, example
from tests.support.strategies import VALUES

if TYPE_CHECKING:
    from collections.abc import Callable

NOUNS = [cls for cls in VALUES if cls.__module__.startswith("crmcore.model.")]
_KEYS = "msgspec cannot encode tallies by key"
_EVIDENCE = "evidence, or a key of any type, may be a number or a text, which msgspec cannot tell apart"
OUT_OF_SCOPE = {
    **dict.fromkeys(("CohortTriangle", "Conformance", "Flow", "Mix", "Servqual", "StepMatrix"), _KEYS),
    **dict.fromkeys(("AskDecision", "Attribution", "Explanation", "Finding", "LifetimeValue", "MixShift"), _EVIDENCE),
    "ConversionTimes": _EVIDENCE,
    "EarlyWarning": _EVIDENCE,
    "RestrictedMean": _EVIDENCE,
    "RfmScores": _EVIDENCE,
    "WaitSummary": _EVIDENCE,
    **dict.fromkeys(("ChartPoint", "CusumPoint", "FirstAlarms", "Homogeneity", "WeightedScore"), _EVIDENCE),
    **dict.fromkeys(("OpeningHours", "Programme", "Recurrence"), "msgspec has no form for a zone"),
    **dict.fromkeys(
        ("CustomerEquity", "SpendGuard", "SurvivalValue", "ValueAtRisk", "ValueMix", "ValueRatio"), _EVIDENCE
    ),
}
every_record = pytest.mark.parametrize(
    "cls", [pytest.param(cls, id=cls.__name__) for cls in RECORDS if cls.__name__ not in OUT_OF_SCOPE]
)
every_noun = pytest.mark.parametrize("cls", [pytest.param(cls, id=cls.__name__) for cls in NOUNS])
FEWER = settings(max_examples=settings().max_examples // 3)  # of each noun, for there are many

SECRET = "Anna Kalnina"
AT = "2026-03-02T10:15:00+02:00"
MONEY = {"amount": "19.99", "currency": "EUR"}
PURCHASE = {"customer_id": 7, "at": AT, "amount": MONEY}


def from_json(document: object, cls: type) -> Any:
    """Read as text."""
    return msgspec.json.decode(json.dumps(document), type=cls)


both_ways = pytest.mark.parametrize("read", [from_json, msgspec.convert], ids=["json", "dicts"])


class TestThereAndBack:
    @every_record
    @given(data=st.data())
    @FEWER
    def test_comes_back(self, cls: type, data: st.DataObject) -> None:
        """What is written as JSON or taken apart into dicts is read as an equal record."""
        record = data.draw(VALUES[cls])

        assert record == msgspec.json.decode(msgspec.json.encode(record), type=cls)
        assert record == msgspec.convert(msgspec.to_builtins(record), cls)

    @pytest.mark.parametrize("name", OUT_OF_SCOPE)
    def test_out_of_scope(self, name: str) -> None:
        """What msgspec cannot do it refuses."""
        (cls,) = (cls for cls in RECORDS if cls.__name__ == name)
        with pytest.raises(TypeError):
            msgspec.json.decode(msgspec.json.encode(example(cls)), type=cls)

    @both_ways
    def test_fields_are_settled(self, read: Callable[[object, type], Any]) -> None:
        """What is read has been through the constructor's check, which puts things into their form."""
        customer = read(
            {"id": "1", "kind": "organization", "segments": ["b", "a"], "contacts": [{"name": "B"}]}, Customer
        )

        assert "1" == customer.id
        assert CustomerKind.ORGANIZATION is customer.kind
        assert frozenset({"a", "b"}) == customer.segments
        assert (ContactPerson(name="B"),) == customer.contacts

    def test_offset_is_kept(self) -> None:
        """An instant comes back at its offset; its zone's name is lost, and equality does not mind."""
        moment = MomentOfTruth(valence=Valence.GOOD, at=datetime(2026, 3, 2, 10, 15, tzinfo=ZoneInfo("Europe/Riga")))
        read = msgspec.json.decode(msgspec.json.encode(moment), type=MomentOfTruth)

        assert moment == read
        assert AT == read.at.isoformat()

    def test_digits_are_kept(self) -> None:
        """A number in JSON is read digit by digit, also where a float would lose some."""
        read = msgspec.json.decode(b'{"amount": 1.10000000000000000001, "currency": "EUR"}', type=Money)

        assert Decimal("1.10000000000000000001") == read.amount

    @pytest.mark.parametrize("cls", [Finding, LifetimeValue])
    def test_number_or_text(self, cls: type) -> None:
        """Evidence, which may be a number or a text, has no form that msgspec could tell apart."""
        with pytest.raises(TypeError, match="more than one str-like type"):
            msgspec.json.decode(b"{}", type=cls)


class TestErrors:
    @both_ways
    @pytest.mark.parametrize(
        ("cls", "document", "message"),
        [
            (
                Purchase,
                {**PURCHASE, "amount": {**MONEY, "currency": "€€€"}},
                "currency must be three capital letters such as 'EUR' (ISO 4217), got '€€€' - at `$.amount`",
            ),
            (Purchase, {**PURCHASE, "customer_id": ""}, "customer_id must not be empty"),
            (
                Journey,
                {"customer_id": 7, "interactions": [{"touchpoint_id": 1, "at": AT}, {"touchpoint_id": "", "at": AT}]},
                "touchpoint_id must not be empty - at `$.interactions[1]`",
            ),
            (
                Customer,
                {"id": 7, "contacts": [{"name": "Ben"}]},
                "contacts must be empty for a person, got 1; set kind=CustomerKind.ORGANIZATION",
            ),
        ],
    )
    def test_own_words(
        self, read: Callable[[object, type], Any], cls: type, document: dict[str, Any], message: str
    ) -> None:
        """What the noun's own check refuses is refused in its words, with the path to it and the error as the cause."""
        with pytest.raises(msgspec.ValidationError) as caught:
            read(document, cls)

        assert message == str(caught.value)
        assert isinstance(caught.value.__cause__, CrmcoreError)

    @both_ways
    def test_no_zone(self, read: Callable[[object, type], Any]) -> None:
        """A time without an offset is no instant."""
        with pytest.raises(msgspec.ValidationError, match="at must carry a time zone") as caught:
            read({**PURCHASE, "at": "2026-03-02T10:15:00"}, Purchase)

        assert isinstance(caught.value.__cause__, NaiveInstantError)

    @both_ways
    @pytest.mark.parametrize(
        ("field", "value", "message"),
        [
            ("customer_id", True, "Expected `int | str`, got `bool` - at `$.customer_id`"),
            ("customer_id", 1.0, "Expected `int | str`, got `float` - at `$.customer_id`"),
            ("at", 1772446500, "Expected `datetime`, got `int` - at `$.at`"),
            ("at", "2026-03-02", "Invalid RFC3339 encoded datetime - at `$.at`"),
            ("amount", 5, "Expected `object`, got `int` - at `$.amount`"),
            ("amount", {}, "Object missing required field `amount` - at `$.amount`"),
            ("amount", {"amount": True, "currency": "EUR"}, "Expected `decimal`, got `bool` - at `$.amount.amount`"),
        ],
    )
    def test_nothing_is_guessed(
        self, read: Callable[[object, type], Any], field: str, value: object, message: str
    ) -> None:
        """A bool or a float is no id, a number or a day no instant, a number no money."""
        with pytest.raises(msgspec.ValidationError) as caught:
            read({**PURCHASE, field: value}, Purchase)

        assert message == str(caught.value)

    def test_dates_are_no_instants(self) -> None:
        """Nor are they where dicts hold Python's own."""
        with pytest.raises(msgspec.ValidationError, match="Expected `datetime`"):
            msgspec.convert({**PURCHASE, "at": date(2026, 3, 2)}, Purchase)

    def test_share(self) -> None:
        """A share outside its bounds is refused as the constructor refuses it."""
        with pytest.raises(msgspec.ValidationError) as caught:
            from_json({"share": 5, "per": "year"}, Retention)

        assert "share must be a fraction from 0 to 1" in str(caught.value)

    @both_ways
    @pytest.mark.parametrize(
        ("cls", "name"),
        [
            pytest.param(cls, field.alias, id=f"{cls.__name__}.{field.alias}")
            for cls in NOUNS
            for field in attrs.fields(cls)
            if not field.repr or is_personal(hints_of(cls)[field.name])
        ],
    )
    @pytest.mark.parametrize("wrong", [[SECRET], {SECRET: SECRET}], ids=["list", "dict"])
    def test_personal_data_stay_out(
        self, read: Callable[[object, type], Any], cls: type, name: str, wrong: object
    ) -> None:
        """An error does not show what was given for a personal field."""
        with pytest.raises(msgspec.ValidationError) as caught:
            read({name: wrong}, cls)

        assert "Anna" not in str(caught.value)


class TestJsonSchema:
    @every_noun
    def test_required(self, cls: type) -> None:
        """The schema names every field, and needs those without a default."""
        schema = msgspec.json.schema(cls)
        described = schema["$defs"][cls.__name__]
        fields = attrs.fields(cls)

        assert {field.name for field in fields} == set(described["properties"])
        assert {field.name for field in fields if field.default is attrs.NOTHING} == set(described["required"])


def test_a_usual_moment() -> None:
    """Msgspec builds a record without its `__init__`: a usual moment equals a built one, a wrong one is refused."""
    text = '{"valence": "good", "at": "2026-03-02T10:15:00Z", "customer_id": 7}'
    read = msgspec.json.decode(text, type=MomentOfTruth)

    assert MomentOfTruth(valence=Valence.GOOD, at=datetime(2026, 3, 2, 10, 15, tzinfo=UTC), customer_id=7) == read
    with pytest.raises(msgspec.ValidationError, match="customer_id must not be empty"):
        msgspec.json.decode(text.replace("7", '""'), type=MomentOfTruth)
