"""A customer who is given under ids of two types counts as two, and every count of customers says so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import pytest

from crmcore import (
    Buying,
    Churn,
    Cohort,
    Finding,
    Id,
    Inactivity,
    LifecycleStage,
    Money,
    Period,
    Purchase,
    Relationship,
    RevenueChurn,
    RevenueMovements,
    RfmTable,
    Subscription,
    Tally,
    TenureRule,
    TimeUnit,
    instant,
)
from crmcore.interop.hypothesis import every_type
from crmcore.primitives._lookalikes import count_lookalikes
from crmcore.retention import churn
from crmcore.retention.inactivity import inactivity_threshold, purchase_gaps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MARCH: Final = Period.month(2026, 3)
AS_OF: Final = instant("2026-04-01")
SILENCE: Final = timedelta(days=30)
TENURE: Final = TenureRule.FIRST_TO_LAST
KEY: Final = UUID(int=7)


def buy(*customer_ids: Id) -> list[Purchase]:
    """Return a purchase of each customer."""
    return [Purchase(customer_id=id_, at=instant("2026-03-02"), amount=Money(5, "EUR")) for id_ in customer_ids]


def subscribe(*customer_ids: Id) -> list[Subscription]:
    """Return a subscription of each customer."""
    started, price = instant("2026-01-01"), Money(9, "EUR")
    return [Subscription(customer_id=id_, price=price, every=TimeUnit.MONTH, started=started) for id_ in customer_ids]


def relate(*customer_ids: Id) -> list[Relationship]:
    """Return a relationship with each customer."""
    history = [(LifecycleStage.EXPLORATION, instant("2026-01-01"))]
    return [Relationship(customer_id=id_, history=history) for id_ in customer_ids]


def in_parity(record: Any) -> bool:
    """Return a key under which 7 and "7" are in two groups."""
    return isinstance(record.customer_id, str)


def is_text(id_: Id) -> bool:
    """Return the same key of a customer."""
    return isinstance(id_, str)


OF: Final[dict[str, Callable[..., Any]]] = {
    "Buying": lambda *ids: Buying.of(buy(*ids), tenure=TENURE),
    "Churn": lambda *ids: Churn.of(subscribe(*ids), MARCH),
    "Churn of relationships": lambda *ids: Churn.of_relationships(relate(*ids), MARCH),
    "Churn of purchases": lambda *ids: Churn.of_purchases(buy(*ids), MARCH, churned_after=SILENCE),
    "Churn of days": lambda *ids: next(iter(churn.daily(subscribe(*ids), MARCH).values())),
    "Cohort": lambda *ids: next(iter(Cohort.by([(id_, AS_OF) for id_ in ids], as_of=AS_OF).values())),
    "Cohort of purchases": lambda *ids: next(iter(Cohort.by_purchases(buy(*ids), as_of=AS_OF).values())),
    "Inactivity": lambda *ids: Inactivity.of(buy(*ids), as_of=AS_OF, churned_after=SILENCE),
    "InactivityThreshold": lambda *ids: inactivity_threshold(purchase_gaps(buy(*ids)), percentile="0.9"),
    "RevenueChurn": lambda *ids: RevenueChurn.of(subscribe(*ids), MARCH),
    "RevenueMovements": lambda *ids: RevenueMovements.of(subscribe(*ids), MARCH),
    "RfmTable": lambda *ids: RfmTable.of(buy(*ids), as_of=AS_OF),
}
BY: Final[dict[str, Callable[..., Any]]] = {
    "Buying": lambda *ids: Buying.by(buy(*ids), in_parity, tenure=TENURE),
    "Churn": lambda *ids: Churn.by(subscribe(*ids), MARCH, in_parity),
    "Churn of relationships": lambda *ids: Churn.by_relationships(relate(*ids), MARCH, in_parity),
    "Churn of purchases": lambda *ids: Churn.by_purchases(buy(*ids), MARCH, in_parity, churned_after=SILENCE),
    "Cohort": lambda *ids: Cohort.by([(id_, AS_OF) for id_ in ids], is_text, as_of=AS_OF),
    "Cohort of purchases": lambda *ids: Cohort.by_purchases(buy(*ids), is_text, as_of=AS_OF),
    "Inactivity": lambda *ids: Inactivity.by(buy(*ids), in_parity, as_of=AS_OF, churned_after=SILENCE),
    "RevenueChurn": lambda *ids: RevenueChurn.by(subscribe(*ids), MARCH, in_parity),
    "RevenueMovements": lambda *ids: RevenueMovements.by(subscribe(*ids), MARCH, in_parity),
}


def told(cautions: Iterable[Finding]) -> list[str]:
    """Return the messages of the cautions about ids."""
    return [caution.message for caution in cautions if caution.rule == "mixed_customer_ids"]


class TestLookalikes:
    @pytest.mark.parametrize("name", OF)
    def test_every_count_of_customers_tells(self, name: str) -> None:
        """The caution says how many customers most likely count twice; ids of one type have none."""
        count = OF[name]

        assert ["1 customer has one id as a text and as another type, so each counts as two"] == told(
            count(7, "7", 8, "9", "x").cautions
        )
        assert ["2 customers have one id as a text and as another type, so each counts as two"] == told(
            count(7, "7", KEY, str(KEY)).cautions
        )
        found = [one for one in count(7, "7").cautions if one.rule == "mixed_customer_ids"]
        assert [("customers", (("customers", 1),))] == [(one.subject, one.evidence) for one in found]
        for ids in ((7, 8), ("7", "8"), (7, "8"), (7, KEY)):
            assert (0, []) == (count(*ids).lookalikes, told(count(*ids).cautions))

    @pytest.mark.parametrize("name", BY)
    def test_groups_add_up(self, name: str) -> None:
        """A pair in two groups is counted once, so that the groups add up to the whole."""
        ids = (7, "7", 8, "8", 9, "x")
        by = BY[name](*ids)

        assert {False: 2, True: 0} == {group: tally.lookalikes for group, tally in by.items()}
        assert OF[name](*ids) == by.total
        assert 1 == len(told(by.cautions))

    def test_no_class_is_missing(self) -> None:
        """Every record with the field is counted here."""
        having = {cls.__name__ for cls in every_type() if hasattr(cls, "lookalikes")}

        assert having == {name.split()[0] for name in OF}
        assert {name.split()[0] for name in BY} == {
            cls.__name__ for cls in every_type() if hasattr(cls, "lookalikes") and issubclass(cls, Tally)
        }

    def test_the_value_of_buyers_has_the_caution(self) -> None:
        """A value that is computed from the counts has the caution too."""
        twice = [*buy(7, "7"), *(p for p in buy(7, "7"))]
        base = Buying.of(
            [*twice, Purchase(customer_id=7, at=instant("2026-03-12"), amount=Money(5, "EUR"))], tenure=TENURE
        )
        values = [base.simple(), base.one_order()]

        assert all(value is not None and told(value.cautions) for value in values)

    def test_the_text_of_a_uuid_may_have_capitals(self) -> None:
        """A UUID in capitals means the same; another kind of text does not."""
        assert 1 == count_lookalikes([KEY, str(KEY).upper()])
        assert 0 == count_lookalikes([7, "07", None])
