"""What customers are worth: values from purchases against loops, and one value by itself against its bare formula.

The formula in Decimal neither checks nor explains anything.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import TypeVar

from benchmarks.harness import Row, Run, benchmark
from benchmarks.inputs import purchases
from benchmarks.peers import loops
from crmcore import Discount, FirstMargin, HistoricValue, Id, Money, Purchase, Retention, TimeUnit
from crmcore.value.lifetime_value import constant_retention, historic, simple

CALLS = 1000
MARGIN = Money(100, "EUR")
RETENTION = Retention("0.8", TimeUnit.YEAR)
DISCOUNT = Discount("0.1", TimeUnit.YEAR)

_T = TypeVar("_T")


def values_of(bought: list[Purchase]) -> dict[Id, Money]:
    """Return each customer's value."""
    return {customer_id: worth.value for customer_id, worth in HistoricValue.by(bought, customer_of).items()}


def customer_of(purchase: Purchase) -> Id:
    """Return the key to count by."""
    return purchase.customer_id


def many(function: Callable[[], _T]) -> _T:
    """Call a function a thousand times and return its last answer."""
    for _ in range(CALLS - 1):
        function()
    return function()


@benchmark
def historic_value(run: Run) -> Iterator[Row]:
    """Value what all customers have brought so far."""
    bought = purchases(run.n)
    yield run.race(
        "lifetime_value.historic / loop",
        partial(historic, bought),
        partial(loops.historic_value, bought),
        form=lambda worth: (worth.revenue.amount, worth.cost.amount),
        note="two purchases in three with a cost",
    )


@benchmark
def values_by_customer(run: Run) -> Iterator[Row]:
    """Value what each of many customers has brought so far, from a tenth as many purchases."""
    bought = purchases(run.n // 10)
    yield run.race(
        "HistoricValue.by / dict loop",
        partial(values_of, bought),
        partial(loops.historic_values, bought),
        form=lambda values: {customer_id: value.amount for customer_id, value in values.items()},
        other_form=lambda rows: {customer_id: value for customer_id, (_, _, value) in rows.items()},
        aim=1.5,
        note=f"{len(bought):,} purchases of {len(bought) // 10:,} customers",
    )


@benchmark
def one_value(run: Run) -> Iterator[Row]:
    """Compute one value, with its explanation and cautions."""
    for name, ours, formula in (
        (
            "simple",
            lambda: simple(average_order=MARGIN, orders_per_year=6, years=5, gross_margin="0.4"),
            lambda: MARGIN.amount * 6 * 5 * Decimal("0.4"),
        ),
        (
            "constant_retention",
            lambda: constant_retention(
                margin=MARGIN, retention=RETENTION, discount=DISCOUNT, first_margin=FirstMargin.INCLUDED
            ),
            lambda: MARGIN.amount * (1 + DISCOUNT.rate) / (1 + DISCOUNT.rate - RETENTION.share),
        ),
    ):
        yield run.race(
            f"lifetime_value.{name} / formula",
            partial(many, ours),
            partial(many, formula),
            form=lambda worth: f"{worth.value.amount:.20f}",
            other_form=lambda value: f"{value:.20f}",
            note="milliseconds for a thousand calls are microseconds for a call",
        )
