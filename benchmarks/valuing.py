"""What customers are worth: values from purchases against the loops one would write instead, and one value by itself.

The loops come to the same answer over the same objects. They check currencies, as any must, and nothing else, and keep
bare sums where the library makes a record of them. A value by itself stands against the bare formula in Decimal, which
neither checks nor explains anything.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial

from benchmarks.inputs import purchases
from benchmarks.measuring import Row, agree, main, race
from crmcore import Discount, FirstMargin, HistoricValue, Id, Money, Purchase, Retention, TimeUnit
from crmcore.value.lifetime_value import LifetimeValue, constant_retention, historic, simple

CALLS = 1000
MARGIN = Money(100, "EUR")
KEPT = Retention("0.8", TimeUnit.YEAR)
WAITING = Discount("0.1", TimeUnit.YEAR)


def historic_by_hand(bought: list[Purchase]) -> tuple[Decimal, Decimal]:
    """Revenue and cost."""
    currency = bought[0].amount.currency
    revenue = cost = Decimal(0)
    for purchase in bought:
        if purchase.amount.currency != currency:
            raise ValueError(f"cannot add {purchase.amount.currency} to {currency}")
        revenue += purchase.amount.amount
        if purchase.cost is not None:
            cost += purchase.cost.amount
    return revenue, cost


def values_by_hand(bought: list[Purchase]) -> dict[Id, tuple[Decimal, Decimal, Decimal]]:
    """Revenue, cost and value of each customer."""
    currency = bought[0].amount.currency
    revenues: dict[Id, Decimal] = {}
    costs: dict[Id, Decimal] = {}
    zero = Decimal(0)
    for purchase in bought:
        if purchase.amount.currency != currency:
            raise ValueError(f"cannot add {purchase.amount.currency} to {currency}")
        customer_id = purchase.customer_id
        revenues[customer_id] = revenues.get(customer_id, zero) + purchase.amount.amount
        if purchase.cost is not None:
            costs[customer_id] = costs.get(customer_id, zero) + purchase.cost.amount
    return {
        customer_id: (revenue, cost := costs.get(customer_id, zero), revenue - cost)
        for customer_id, revenue in revenues.items()
    }


def values_of(bought: list[Purchase]) -> dict[Id, Money]:
    """Each customer's value."""
    return {who: worth.value for who, worth in HistoricValue.by(bought, customer_of).items()}


def customer_of(purchase: Purchase) -> Id:
    """The key to count by."""
    return purchase.customer_id


def by_simple() -> LifetimeValue:
    """A simple value."""
    return simple(average_order=MARGIN, orders_per_year=6, years=5, gross_margin="0.4")


def by_simple_formula() -> Decimal:
    """The same figure."""
    return MARGIN.amount * 6 * 5 * Decimal("0.4")


def by_retention() -> LifetimeValue:
    """A value under constant retention."""
    return constant_retention(margin=MARGIN, retention=KEPT, discount=WAITING, first_margin=FirstMargin.INCLUDED)


def by_retention_formula() -> Decimal:
    """The same figure."""
    return MARGIN.amount * (1 + WAITING.rate) / (1 + WAITING.rate - KEPT.share)


def many(function: Callable[[], object]) -> None:
    """A thousand calls."""
    for _ in range(CALLS):
        function()


def historic_value(n: int) -> Iterator[Row]:
    """What all customers have brought so far."""
    bought = purchases(n)
    answer = historic(bought)
    agree((answer.revenue.amount, answer.cost.amount), historic_by_hand(bought))
    ours, other = race(partial(historic, bought), partial(historic_by_hand, bought))
    note = "two purchases in three with a cost"
    yield Row(name="lifetime_value.historic / loop", ours=ours, other=other, unit="ms", note=note)


def values_by_customer(n: int) -> Iterator[Row]:
    """What each of many customers has brought so far, from a tenth of so many purchases."""
    bought = purchases(n // 10)
    by_hand = values_by_hand(bought)
    agree(
        {who: worth.amount for who, worth in values_of(bought).items()}, {who: row[2] for who, row in by_hand.items()}
    )
    ours, other = race(partial(values_of, bought), partial(values_by_hand, bought))
    note = f"{len(bought):,} purchases of {len(by_hand):,} customers"
    yield Row(name="HistoricValue.by / dict loop", ours=ours, other=other, unit="ms", aim="≤ 1.5", note=note)


def one_value(_: int) -> Iterator[Row]:
    """A value by itself, with its explanation and cautions."""
    for name, way, formula in (
        ("simple", by_simple, by_simple_formula),
        ("constant_retention", by_retention, by_retention_formula),
    ):
        agree(f"{way().value.amount:.20f}", f"{formula():.20f}")
        ours, other = race(partial(many, way), partial(many, formula))
        note = "milliseconds a thousand calls are microseconds a call"
        yield Row(name=f"lifetime_value.{name} / formula", ours=ours, other=other, unit="ms", note=note)


if __name__ == "__main__":
    main(historic_value, values_by_customer, one_value)
