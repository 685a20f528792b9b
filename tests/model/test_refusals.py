"""Tests of customers, purchases, costs and moments."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from crmcore import Cost, CostKind, Customer, CustomerKind, MomentOfTruth, MomentTiming, Money, Purchase, Valence
from crmcore.primitives.errors import (
    CurrencyMismatchError,
    InvalidValueError,
)

AT = datetime(2026, 3, 2, 10, 15, tzinfo=timezone(timedelta(hours=2)))
EURO = Money(1, "EUR")
DOLLAR = Money(1, "USD")


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
        with pytest.raises(CurrencyMismatchError, match="convert one with exchanged") as caught:
            Purchase(customer_id=1, at=AT, amount=EURO, cost=DOLLAR)
        assert ("cost_in_another_currency", "cost") == (caught.value.rule, caught.value.field)


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
        for earlier in (
            AT - timedelta(microseconds=1),
            AT.astimezone(timezone(timedelta(hours=5))) - timedelta(hours=1),
        ):
            with pytest.raises(InvalidValueError, match="resolved_at must not be before at, got 2026") as caught:
                MomentOfTruth(valence=Valence.BAD, at=AT, resolved_at=earlier)
            assert ("too_early", "resolved_at") == (caught.value.rule, caught.value.field)
            assert (earlier, AT) == caught.value.operands

    @pytest.mark.parametrize("valence", [Valence.GOOD, Valence.NEUTRAL])
    def test_only_a_bad_one_is_resolved(self, valence: Valence) -> None:
        """Only a bad moment can be resolved."""
        with pytest.raises(InvalidValueError, match=f"unless valence is bad, got {valence}") as caught:
            MomentOfTruth(valence=valence, at=AT, resolved_at=AT)
        assert ("resolved_but_not_bad", "resolved_at") == (caught.value.rule, caught.value.field)

    def test_the_third_moment_is_the_ultimate(self) -> None:
        """THIRD is another name for ULTIMATE."""
        assert ["ZERO", "FIRST", "SECOND", "ULTIMATE"] == [timing.name for timing in MomentTiming]
        assert "ULTIMATE" == MomentTiming["THIRD"].name
        assert MomentTiming.FIRST is MomentOfTruth(valence=Valence.GOOD, at=AT, timing=MomentTiming.FIRST).timing
