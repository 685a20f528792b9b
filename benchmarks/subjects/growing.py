"""Whether time grows in step with the data: the time for one item among all against one among a hundredth of them.

Every size runs over the same objects, cut into stretches of that size. So the processor's caches, which hold ten
thousand objects and not a million, play no part. Each stretch has customers of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from benchmarks.harness import Row, Run, benchmark, milliseconds
from benchmarks.inputs import monies, ordinary_moments, purchases, weighed_moments
from benchmarks.subjects.churning import MARCH, subscriptions
from benchmarks.subjects.judging import inactivity
from benchmarks.subjects.ledgering import stream
from crmcore import Balance, Churn, Money, Subscription

_T = TypeVar("_T")


def per_item(function: Callable[[Sequence[_T]], object], items: Sequence[_T], length: int) -> float:
    """Return nanoseconds for an item, in stretches of a length."""
    stretches = [items[start : start + length] for start in range(0, len(items), length)]
    return 1e6 / len(items) * milliseconds(lambda: [function(stretch) for stretch in stretches])


def grown(run: Run, name: str, function: Callable[[Sequence[_T]], object], items: Sequence[_T]) -> Iterator[Row]:
    """Yield the time for one item among all, among a tenth and among a hundredth of them."""
    sizes = (len(items), len(items) // 10, len(items) // 100)
    large, middle, small = run.medians(*(partial(per_item, function, items, size) for size in sizes))
    yield Row(
        name=f"{name} on {sizes[0]:,} / on {sizes[2]:,}",
        ours=large,
        other=small,
        unit="ns",
        aim=1.2,
        note=f"per item; on {sizes[1]:,} {middle:,.1f} ns",
    )


@benchmark
def balance_of(run: Run) -> Iterator[Row]:
    """Count moments."""
    return grown(run, "Balance.of", Balance.of, weighed_moments(run.n, run.n // 10))


@benchmark
def ledger_builder(run: Run) -> Iterator[Row]:
    """Grow a ledger, moment by moment."""
    return grown(run, "LedgerBuilder", stream, ordinary_moments(run.n, run.n // 10))


@benchmark
def money_total(run: Run) -> Iterator[Row]:
    """Add amounts."""
    return grown(run, "Money.total", Money.total, monies(run.n))


@benchmark
def inactivity_of(run: Run) -> Iterator[Row]:
    """Judge customers."""
    smallest = run.n // 100
    firsts = range(0, run.n // 10, smallest // 10)
    bought = [purchase for first in firsts for purchase in purchases(smallest, first_customer=first)]
    return grown(run, "Inactivity.of", inactivity, bought)


@benchmark
def churn_of(run: Run) -> Iterator[Row]:
    """Count customers."""
    smallest = run.n // 100
    firsts = range(0, run.n, smallest)
    plans = [plan for first in firsts for plan in subscriptions(smallest, first_customer=first)]

    def churn(some: Sequence[Subscription]) -> Churn:
        return Churn.of(some, MARCH)

    return grown(run, "Churn.of", churn, plans)
