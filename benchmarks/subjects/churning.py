"""Churn of subscriptions: `Churn.by` and `Churn.of` against a loop.

Both count customers once however many subscriptions they have, merge overlaps and plan changes, and measure the time
that customers were there.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache, partial

from benchmarks.harness import Row, Run, benchmark
from benchmarks.inputs import SPAN, customer_ids, instants
from benchmarks.peers import loops
from crmcore import Churn, Money, Period, Subscription, TimeUnit, instant

MARCH = Period(instant("2025-03-01"), instant("2025-04-01"))


@cache
def subscriptions(n: int, first_customer: int = 0) -> list[Subscription]:
    """Return n over a thousand days: of eleven customers nine have one and two have three; half of them have ended."""
    price = Money("19.90", "EUR")
    single = n * 3 // 5
    owners = [*range(single), *customer_ids(n - single, max(1, (n - single) // 3), single)]
    return [
        Subscription(
            customer_id=first_customer + owner,
            price=price,
            every=TimeUnit.MONTH,
            started=at,
            ended=at + SPAN / (2 + number % 17) if number % 2 else None,
        )
        for number, (owner, at) in enumerate(zip(owners, instants(n), strict=True))
    ]


def counts_of(churn: Churn) -> loops.Counts:
    """Return the counts of a record."""
    return loops.Counts(
        churn.start,
        churn.lost,
        churn.joined,
        churn.joined_and_lost,
        churn.lost_and_returned,
        timedelta(microseconds=int(churn.exposure_seconds * 1_000_000)),
    )


@benchmark
def churn_by(run: Run) -> Iterator[Row]:
    """Count the churn of a month for each of few groups, and for each of many."""
    plans = subscriptions(run.n)
    for groups in (20, run.n // 100):

        def key(plan: Subscription, groups: int = groups) -> int:
            return hash(plan.customer_id) % groups

        yield run.race(
            "Churn.by / loop",
            partial(Churn.by, plans, MARCH, key),
            partial(loops.churn, plans, MARCH.start, MARCH.end, key),
            form=lambda churn: {group: counts_of(row) for group, row in churn.items()},
            aim=1.5,
            note=f"{groups:,} groups",
        )


@benchmark
def churn_of(run: Run) -> Iterator[Row]:
    """Count the churn of a month for all."""
    plans = subscriptions(run.n)

    def key(_: Subscription) -> None:
        return None

    yield run.race(
        "Churn.of / loop",
        partial(Churn.of, plans, MARCH),
        partial(loops.churn, plans, MARCH.start, MARCH.end, key),
        form=lambda churn: {None: counts_of(churn)},
        aim=1.5,
        note="all together",
    )
