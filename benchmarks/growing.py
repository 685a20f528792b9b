"""Whether time grows in step with the data: the time for one item of a million against one of ten thousand.

Every size runs over the same objects, cut into stretches of that size, so that the processor's caches, which hold ten
thousand objects and not a million, play no part. Each stretch of ten thousand has customers of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median
from typing import TypeVar

from benchmarks.churning import MARCH, subscriptions
from benchmarks.inputs import monies, ordinary_moments, purchases, weighed_moments
from benchmarks.judging import inactivity
from benchmarks.ledgering import stream
from benchmarks.measuring import ROUNDS, Row, main, turns
from benchmarks.timing import milliseconds
from crmcore import Balance, Churn, Money, Subscription

_T = TypeVar("_T")


def per_item(function: Callable[[Sequence[_T]], object], items: Sequence[_T], length: int) -> float:
    """Nanoseconds an item, in stretches of a length."""
    stretches = [items[start : start + length] for start in range(0, len(items), length)]
    return 1e6 / len(items) * milliseconds(lambda: [function(stretch) for stretch in stretches])


def grown(name: str, function: Callable[[Sequence[_T]], object], items: Sequence[_T]) -> Iterator[Row]:
    """The time for one item among all, among a tenth and among a hundredth of them."""
    sizes = (len(items), len(items) // 10, len(items) // 100)
    measured = turns(*(partial(per_item, function, items, size) for size in sizes), rounds=ROUNDS)
    large, middle, small = map(median, measured)
    yield Row(
        name=f"{name} on {sizes[0]:,} / on {sizes[2]:,}",
        ours=large,
        other=small,
        unit="ns",
        aim="≈ 1",
        note=f"per item; on {sizes[1]:,} {middle:,.1f} ns",
    )


def balance_of(n: int) -> Iterator[Row]:
    """Counting moments."""
    return grown("Balance.of", Balance.of, weighed_moments(n, n // 10))


def ledger_then(n: int) -> Iterator[Row]:
    """Growing a ledger, moment by moment."""
    return grown("Ledger.then", stream, ordinary_moments(n, n // 10))


def money_total(n: int) -> Iterator[Row]:
    """Adding amounts."""
    return grown("Money.total", Money.total, monies(n))


def inactivity_of(n: int) -> Iterator[Row]:
    """Judging customers."""
    smallest = n // 100
    bought = [
        purchase
        for first in range(0, n // 10, smallest // 10)
        for purchase in purchases(smallest, first_customer=first)
    ]
    return grown("Inactivity.of", inactivity, bought)


def churn_of(n: int) -> Iterator[Row]:
    """Counting customers."""
    smallest = n // 100
    plans = [plan for first in range(0, n, smallest) for plan in subscriptions(smallest, first_customer=first)]

    def churn(some: Sequence[Subscription]) -> Churn:
        return Churn.of(some, MARCH)

    return grown("Churn.of", churn, plans)


if __name__ == "__main__":
    main(balance_of, ledger_then, churn_of, money_total, inactivity_of)
