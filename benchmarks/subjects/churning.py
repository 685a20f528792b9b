"""Churn of subscriptions: `Churn.by` and `Churn.of` against a loop, and 24 months in one pass against one month.

`Churn.by`, `Churn.of` and the loop count customers once however many subscriptions they have, merge overlaps and plan
changes, and measure the time that customers were there.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, timedelta, tzinfo
from functools import cache, partial

from benchmarks.harness import Row, Run, benchmark, check_agree, milliseconds
from benchmarks.inputs import SPAN, customer_ids, instants, purchases
from benchmarks.peers import loops
from crmcore import Churn, Money, Period, Subscription, TallyBy, TimeUnit, instant

MARCH = Period(instant("2025-03-01"), instant("2025-04-01"))
TWO_YEARS = Period(instant("2024-06-01"), instant("2026-06-01"))
SILENCE = timedelta(days=90)


@cache
def subscriptions(n: int, first_customer: int = 0, tz: tzinfo = UTC) -> list[Subscription]:
    """Return n over a thousand days: of eleven customers nine have one and two have three; half of them have ended."""
    price = Money("19.90", "EUR")
    single = n * 3 // 5
    owners = [*range(single), *customer_ids(n - single, max(1, (n - single) // 3), single)]
    return [
        Subscription(
            customer_id=first_customer + owner,
            price=price,
            every=TimeUnit.MONTH,
            started=at.astimezone(tz),
            ended=(at + SPAN / (2 + number % 17)).astimezone(tz) if number % 2 else None,
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


def each(of: Callable[[Period], Churn], periods: tuple[Period, ...]) -> dict[Period, Churn]:
    """Count every period in a pass of its own."""
    return {period: of(period) for period in periods}


@benchmark
def churn_over(run: Run) -> Iterator[Row]:
    """Count the churn of 24 months in one pass against one month, and against a pass for each month."""
    months = TWO_YEARS.split(TimeUnit.MONTH)
    n = run.n // 10
    plans, bought = subscriptions(n), purchases(n)
    pairs: list[tuple[str, Callable[[tuple[Period, ...]], TallyBy[Period, Churn]], Callable[[Period], Churn]]] = [
        ("", partial(Churn.over, plans), partial(Churn.of, plans)),
        (
            "_purchases",
            partial(Churn.over_purchases, bought, churned_after=SILENCE),
            partial(Churn.of_purchases, bought, churned_after=SILENCE),
        ),
    ]
    for name, over, of in pairs:
        check_agree(f"Churn.over{name}", dict(over(months)), each(of, months))
        together, one, apart = run.medians(
            partial(milliseconds, partial(over, months)),
            partial(milliseconds, partial(of, MARCH)),
            partial(milliseconds, partial(each, of, months)),
        )
        ours, note = f"Churn.over{name}, 24 months", f"{n:,} records"
        yield Row(name=f"{ours} / Churn.of{name}, one", ours=together, other=one, aim=3, note=note)
        yield Row(name=f"{ours} / Churn.of{name}, each", ours=together, other=apart, note=note)
