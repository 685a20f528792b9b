"""Tests of what customers, purchases, costs and moments refuse, and of the messages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from crmcore import Cost, CostKind, Customer, CustomerKind, MomentOfTruth, MomentTiming, Money, Purchase, Valence
from crmcore.primitives.errors import (
    CrmcoreError,
    CurrencyMismatchError,
    InvalidValueError,
    NaiveInstantError,
    WrongTypeError,
)
from tests.support.hostile import Index

AT = datetime(2026, 3, 2, 10, 15, tzinfo=timezone(timedelta(hours=2)))
EURO = Money(1, "EUR")
DOLLAR = Money(1, "USD")

NOUNS: dict[type, dict[str, Any]] = {
    Customer: {"id": 1},
    Purchase: {"customer_id": 1, "at": AT, "amount": EURO},
    Cost: {"amount": EURO, "at": AT},
    MomentOfTruth: {"valence": Valence.BAD, "at": AT},
}
"""The required fields of each noun."""

NOT_IDS: list[tuple[Any, type[CrmcoreError], str]] = [
    ("", InvalidValueError, "must not be empty"),
    (True, WrongTypeError, "must be a str or an int, got True"),
    (1.0, WrongTypeError, "must be a str or an int, got 1.0"),
    (Index(1), WrongTypeError, r"must be a str or an int, .*convert it with int\(\.\.\.\)"),
    (b"1", WrongTypeError, "must be a str or an int"),
    (Decimal(1), WrongTypeError, "must be a str or an int"),
]
NOT_INSTANTS: list[tuple[Any, type[CrmcoreError], str]] = [
    (datetime(2026, 1, 1), NaiveInstantError, "must carry a time zone, got naive 2026-01-01"),  # noqa: DTZ001
    (date(2026, 1, 1), WrongTypeError, r"must be an aware datetime.*instant\(\.\.\., tz=\.\.\.\)"),
    ("2026-01-01", WrongTypeError, "must be an aware datetime"),
    (1.5, WrongTypeError, "must be an aware datetime"),
]
NOT_MONEY: list[tuple[Any, type[CrmcoreError], str]] = [
    (5, WrongTypeError, r"must be a Money, got 5; give it a currency: Money\(amount, currency\)"),
    (0.5, WrongTypeError, "must be a Money, got 0.5"),
    (Decimal(5), WrongTypeError, "must be a Money, got Decimal"),
]
REQUIRED: list[tuple[Any, type[CrmcoreError], str]] = [(None, WrongTypeError, "got None")]

FIELDS: list[tuple[type, str, list[tuple[Any, type[CrmcoreError], str]]]] = [
    (Customer, "id", NOT_IDS + REQUIRED),
    (Customer, "manager_id", NOT_IDS),
    (Customer, "since", NOT_INSTANTS),
    (Purchase, "customer_id", NOT_IDS + REQUIRED),
    (Purchase, "id", NOT_IDS),
    (Purchase, "at", NOT_INSTANTS + REQUIRED),
    (Purchase, "amount", NOT_MONEY + REQUIRED),
    (Purchase, "cost", NOT_MONEY),
    (Cost, "customer_id", NOT_IDS),
    (Cost, "id", NOT_IDS),
    (Cost, "at", NOT_INSTANTS + REQUIRED),
    (Cost, "amount", NOT_MONEY + REQUIRED),
    (MomentOfTruth, "customer_id", NOT_IDS),
    (MomentOfTruth, "touchpoint_id", NOT_IDS),
    (MomentOfTruth, "employee_id", NOT_IDS),
    (MomentOfTruth, "interaction_id", NOT_IDS),
    (MomentOfTruth, "id", NOT_IDS),
    (MomentOfTruth, "at", NOT_INSTANTS + REQUIRED),
    (MomentOfTruth, "resolved_at", NOT_INSTANTS),
    (
        MomentOfTruth,
        "severity",
        [
            (0, InvalidValueError, r"must be > 0, got Decimal\('0'\)"),
            (-1, InvalidValueError, "must be > 0"),
            (0.5, WrongTypeError, r"must not be a float \(0\.5\)"),
            (None, WrongTypeError, "must be a Decimal, an int or a str, got None"),
            ("x", InvalidValueError, "must be a number, got 'x'"),
            (10**31, InvalidValueError, r"at most 10\^30"),
        ],
    ),
    (
        MomentOfTruth,
        "valence",
        [
            (
                "good",
                WrongTypeError,
                r"must be a member of Valence \(GOOD, NEUTRAL, BAD\), .*write Valence\.GOOD, or Valence\('good'\)",
            ),
            ("BAD", WrongTypeError, r"got 'BAD'; write Valence\.BAD, or Valence\('bad'\)"),
            ("great", WrongTypeError, r"must be a member of Valence \(GOOD, NEUTRAL, BAD\), got 'great'$"),
            (None, WrongTypeError, "got None"),
            (1, WrongTypeError, "got 1"),
        ],
    ),
    (MomentOfTruth, "timing", [("zero", WrongTypeError, r"write MomentTiming\.ZERO, or MomentTiming\('zero'\)")]),
    (Customer, "kind", [("person", WrongTypeError, r"write CustomerKind\.PERSON, or CustomerKind\('person'\)")]),
    (Customer, "name", [(5, WrongTypeError, "must be a str, got an object of type int")]),
    (
        Customer,
        "segments",
        [
            ("vip", WrongTypeError, "must be several texts, such as a list of str, got an object of type str"),
            (Valence.GOOD, WrongTypeError, "must be several texts"),
            (5, WrongTypeError, "must be several texts"),
            (None, WrongTypeError, "must be several texts"),
            ([5], WrongTypeError, "each of segments must be a str"),
            ([""], InvalidValueError, "none of segments may be empty"),
        ],
    ),
    (Purchase, "reason", [(5, WrongTypeError, "must be a str, got an object of type int")]),
    (Cost, "kind", [("service", WrongTypeError, r"write CostKind\.SERVICE, or CostKind\('service'\)")]),
    (Cost, "note", [(None, WrongTypeError, "must be a str")]),
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
        """An invalid value raises an error that names the field, in UTC and in another zone."""
        in_utc = {"at": AT.astimezone(UTC)} if "at" in NOUNS[noun] else {}
        for values in ({**NOUNS[noun], field: value}, {**NOUNS[noun], **in_utc, field: value}):
            with pytest.raises(error, match=message) as caught:
                noun(**values)
            assert field in str(caught.value)

    def test_arguments_are_named(self) -> None:
        """The fields of a noun are keyword-only."""
        with pytest.raises(TypeError):
            Customer(1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


class TestIds:
    def test_only_where_none_is_allowed_is_it_advised(self) -> None:
        """The error of an empty id advises None only if the field may be None."""
        with pytest.raises(InvalidValueError, match="manager_id must not be empty; an unknown one is None"):
            Customer(id=1, manager_id="")
        with pytest.raises(InvalidValueError, match="^id must not be empty$"):
            Customer(id="")


class TestCustomer:
    def test_defaults(self) -> None:
        """By default a customer is a person, and an unknown field is None or empty."""
        customer = Customer(id="a")

        assert (CustomerKind.PERSON, None, frozenset(), None, None) == (
            customer.kind,
            customer.name,
            customer.segments,
            customer.since,
            customer.manager_id,
        )

    def test_segments_come_from_any_iterable(self) -> None:
        """Segments come from any iterable; order and repetition do not matter, and `repr` is always the same."""
        assert Customer(id=1, segments=["b", "a", "b"]) == Customer(id=1, segments=iter(("a", "b")))
        assert "segments=frozenset({'a', 'b'})" in repr(Customer(id=1, segments={"b", "a"}))
        assert "segments=frozenset()" in repr(Customer(id=1))

    def test_ids_are_opaque(self) -> None:
        """The ids 1 and "1" are different customers; zero and negative numbers are ids."""
        assert Customer(id=1) != Customer(id="1")
        assert 0 == Customer(id=0).id
        assert -1 == Customer(id=-1).id


class TestPurchase:
    def test_margin(self) -> None:
        """The margin is the amount minus the cost, or the amount if the cost is unknown."""
        assert EURO == Purchase(customer_id=1, at=AT, amount=EURO * 3, cost=EURO * 2).margin
        assert EURO == Purchase(customer_id=1, at=AT, amount=EURO).margin

    def test_a_refund_is_negative(self) -> None:
        """A refund has a negative amount and a negative margin."""
        assert -EURO == Purchase(customer_id=1, at=AT, amount=-EURO).margin

    def test_amount_and_cost_are_in_one_currency(self) -> None:
        """An amount and a cost in different currencies raise an error that says how to convert."""
        with pytest.raises(
            CurrencyMismatchError, match=r"amount is in EUR but cost in USD; convert one with exchanged"
        ):
            Purchase(customer_id=1, at=AT, amount=EURO, cost=DOLLAR)


class TestCost:
    def test_may_have_no_customer(self) -> None:
        """A cost may have no customer and no kind."""
        cost = Cost(amount=EURO, at=AT)

        assert (None, None, None, "") == (cost.customer_id, cost.kind, cost.id, cost.note)
        assert CostKind.SERVICE is Cost(amount=EURO, at=AT, kind=CostKind.SERVICE).kind


class TestMomentOfTruth:
    def test_severity_is_one_unless_said_otherwise(self) -> None:
        """The severity is 1 by default, and an exact number, whatever type is given."""
        assert Decimal(1) == MomentOfTruth(valence=Valence.GOOD, at=AT).severity
        assert Decimal("2.5") == MomentOfTruth(valence=Valence.GOOD, at=AT, severity="2.5").severity
        assert Decimal(3) == MomentOfTruth(valence=Valence.GOOD, at=AT, severity=3).severity

    def test_resolved(self) -> None:
        """A bad moment may be resolved at once or later."""
        assert MomentOfTruth(valence=Valence.BAD, at=AT, resolved_at=AT).is_resolved
        assert not MomentOfTruth(valence=Valence.BAD, at=AT).is_resolved

    def test_not_before_it_happened(self) -> None:
        """`resolved_at` before `at` is refused, by UTC and not by the wall clock."""
        with pytest.raises(InvalidValueError, match="resolved_at must not be before at"):
            MomentOfTruth(valence=Valence.BAD, at=AT, resolved_at=AT - timedelta(microseconds=1))
        earlier = AT.astimezone(timezone(timedelta(hours=5))) - timedelta(hours=1)
        with pytest.raises(InvalidValueError, match="resolved_at must not be before at"):
            MomentOfTruth(valence=Valence.BAD, at=AT, resolved_at=earlier)

    @pytest.mark.parametrize("valence", [Valence.GOOD, Valence.NEUTRAL])
    def test_only_a_bad_one_is_resolved(self, valence: Valence) -> None:
        """Only a bad moment can be resolved."""
        with pytest.raises(InvalidValueError, match=f"must be None unless valence is BAD, got valence {valence.name}"):
            MomentOfTruth(valence=valence, at=AT, resolved_at=AT)

    def test_the_third_moment_is_the_ultimate(self) -> None:
        """THIRD is another name for ULTIMATE."""
        assert ["ZERO", "FIRST", "SECOND", "ULTIMATE"] == [timing.name for timing in MomentTiming]
        assert "ULTIMATE" == MomentTiming["THIRD"].name
        assert MomentTiming.FIRST is MomentOfTruth(valence=Valence.GOOD, at=AT, timing=MomentTiming.FIRST).timing
