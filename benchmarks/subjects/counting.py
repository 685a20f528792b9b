"""Counting moments of truth: `Balance.of` and `Balance.by` against loops."""

from collections.abc import Iterator
from functools import partial

from benchmarks.harness import Row, Run, benchmark
from benchmarks.inputs import ordinary_moments, weighed_moments
from benchmarks.peers import loops
from crmcore import Balance, Id, MomentOfTruth, TallyBy


def sums_of(balance: Balance) -> loops.Sums:
    """Return the sums in a balance."""
    return loops.Sums(balance.good, balance.bad, balance.neutral)


def sums_by(balances: TallyBy[Id | None, Balance]) -> dict[Id | None, loops.Sums]:
    """Return the sums in each balance."""
    return {customer_id: sums_of(balance) for customer_id, balance in balances.items()}


def customer_of(moment: MomentOfTruth) -> Id | None:
    """Return the key to count by."""
    return moment.customer_id


@benchmark
def balance_of(run: Run) -> Iterator[Row]:
    """Count all moments into one balance."""
    for moments, note in (
        (ordinary_moments(run.n, run.n // 10), "every moment of ordinary weight"),
        (weighed_moments(run.n, run.n // 10), "one moment in ten of a weight of its own"),
    ):
        ours, other = partial(Balance.of, moments), partial(loops.balance, moments)
        yield run.race("Balance.of / loop", ours, other, form=sums_of, aim=1.3, note=note)


@benchmark
def balance_by(run: Run) -> Iterator[Row]:
    """Count a balance for each of few customers, and for each of many."""
    for customers in (200, run.n // 10):
        moments = weighed_moments(run.n, customers)
        ours, other = partial(Balance.by, moments, customer_of), partial(loops.balances, moments)
        yield run.race("Balance.by / loop", ours, other, form=sums_by, aim=1.3, note=f"{customers:,} customers")
