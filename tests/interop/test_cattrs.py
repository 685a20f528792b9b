"""What `crmcore.interop.cattrs` writes and reads."""

from __future__ import annotations

import doctest
import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
import cattrs
import cattrs.preconf.json
import pytest
from cattrs.errors import ClassValidationError
from hypothesis import given, settings, strategies as st

from crmcore import (
    Balance,
    Channel,
    CrmcoreError,
    Customer,
    CustomerEquity,
    Deficits,
    Finding,
    Interaction,
    Money,
    Purchase,
    Segment,
    TallyBy,
    Touchpoint,
    instant,
)
from crmcore.interop import cattrs as interop
from crmcore.interop.cattrs import configure
from crmcore.value.lifetime_value import MixShift, SegmentValue, ValueMix
from tests.support.contracts import RECORDS
from tests.support.strategies import VALUES

OUT_OF_SCOPE = {
    Deficits: "its key may be of any type",
    Finding: "its evidence may be a number or a text, and a number is written as text",
    CustomerEquity: "its keys may be of any type",
    MixShift: "the same",
    ValueMix: "the same",
}
AT = "2026-03-02T10:15:00+02:00"
FEWER = settings(max_examples=max(settings().max_examples // 3, 3))  # of each record, for there are many
JSON = configure(cattrs.preconf.json.make_converter())
PLAIN = configure(cattrs.Converter())
every_record = pytest.mark.parametrize(
    "cls", [pytest.param(cls, id=cls.__name__) for cls in RECORDS if cls not in OUT_OF_SCOPE]
)


class TestThereAndBack:
    @every_record
    @given(data=st.data())
    @FEWER
    def test_comes_back(self, cls: type, data: st.DataObject) -> None:
        """What a converter of either kind writes is JSON, and is read as an equal record."""
        value = data.draw(VALUES[cls])

        assert value == JSON.loads(JSON.dumps(value), cls)
        assert value == PLAIN.structure(json.loads(json.dumps(JSON.unstructure(value))), cls)
        assert value == PLAIN.structure(PLAIN.unstructure(value), cls)

    def test_generic_classes(self) -> None:
        """A class with a type argument comes back with it, and tallies by key too."""
        mix = ValueMix[str](rows=[("a", SegmentValue(customers=1, combined=Money(5, "EUR")))])
        balances: TallyBy[tuple[str, int], Balance] = TallyBy({("a", 1): Balance(good=3)})

        assert mix == JSON.loads(JSON.dumps(mix), ValueMix[str])
        assert balances == JSON.structure(json.loads(JSON.dumps(balances, TallyBy)), TallyBy[tuple[str, int], Balance])

    def test_form(self) -> None:
        """Exact numbers, times and UUIDs are texts; a label is its text; an offset is kept."""
        customer = Customer(id=UUID(int=7), since=instant("2026-03-02T10:15+02:00"))
        balance = Balance(good="0.50", as_of=instant("2026-03-02"), window=timedelta(days=3))
        written = JSON.unstructure(customer) | JSON.unstructure(balance)

        assert str(UUID(int=7)) == written["id"]
        assert ("2026-03-02T10:15:00+02:00", "0.50", "P3D") == tuple(
            written[name] for name in ("since", "good", "window")
        )
        assert "kiosk" == JSON.unstructure(Touchpoint(id=1, channel="kiosk"))["channel"]
        assert Channel.EMAIL is JSON.structure({"id": 1, "channel": "email"}, Touchpoint).channel

    def test_own_classes(self) -> None:
        """A class of the caller with records in it is read and written."""
        shop = Shop(owner=Customer(id=7), opened=date(2026, 3, 2), rent=None)

        assert shop == JSON.loads(JSON.dumps(shop), Shop)


class TestErrors:
    @pytest.mark.parametrize(
        ("change", "rule", "field"),
        [
            ({"customer_id": ""}, "empty_id", "customer_id"),
            ({"customer_id": 1.5}, "not_an_id", "customer_id"),
            ({"at": "2026-03-02T10:15:00"}, "naive_instant", "at"),
            ({"at": "yesterday"}, "not_iso_8601", "datetime"),
            ({"at": 5}, "wrong_type", "datetime"),
            ({"amount": {"amount": "x", "currency": "EUR"}}, "not_a_number", "the number"),
            ({"amount": {"amount": "5", "currency": "eur"}}, "not_a_currency", "currency"),
            ({"cost": {"amount": "5", "currency": "USD"}}, "cost_in_another_currency", "cost"),
        ],
    )
    def test_the_records_own_rules(self, change: dict[str, object], rule: str, field: str) -> None:
        """An error of the library is inside the error of cattrs, or is raised as it is without detailed validation."""
        document = {
            "customer_id": 7,
            "at": "2026-03-02T10:15:00Z",
            "amount": {"amount": "5", "currency": "EUR"},
        } | change
        with pytest.raises(ClassValidationError) as caught:
            JSON.structure(document, Purchase)
        brief = configure(cattrs.preconf.json.make_converter(detailed_validation=False))
        with pytest.raises(CrmcoreError) as bare:
            brief.structure(document, Purchase)

        assert (rule, field) == (bare.value.rule, bare.value.field)
        assert [rule] == [error.rule for error in leaves(caught.value)]

    @pytest.mark.parametrize("amount", [5, 5.0, 5.5])
    def test_a_number_is_no_amount(self, amount: float) -> None:
        """A JSON number is refused as an exact number, whether it has a fraction or not."""
        with pytest.raises(ClassValidationError) as of_money:
            JSON.structure({"amount": amount, "currency": "EUR"}, Money)
        with pytest.raises(ClassValidationError) as of_value:
            JSON.structure({"touchpoint_id": 1, "at": AT, "value_to_company": amount}, Interaction)
        rules = [error.rule for caught in (of_money, of_value) for error in leaves(caught.value)]

        assert ["number_not_as_text"] * 2 == rules

    @pytest.mark.parametrize("share", [1, 0.5, "0.5", None])
    def test_a_number_is_a_share(self, share: float | str | None) -> None:
        """A share may be a number, whole or not."""
        read = JSON.structure({"name": "regulars", "share_of_base": share}, Segment)

        assert (None if share is None else Decimal(str(share))) == read.share_of_base


@attrs.frozen
class Shop:
    """A class of the caller."""

    owner: Customer
    opened: date
    rent: Money | None


def leaves(error: BaseException) -> list[Any]:
    """The errors inside a group."""
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in leaves(inner)]
    return [error]


def test_examples() -> None:
    """The examples in the docstrings show what the installed library answers."""
    failed, tried = doctest.testmod(interop)

    assert (0, True) == (failed, tried > 0)
