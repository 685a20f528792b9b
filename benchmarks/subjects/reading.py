"""Records from columns, and counts straight from columns, against the loops one would write over the same columns.

The columns are lists of plain values. A loop checks nothing and keeps bare sums; a table has been checked before it is
counted, and the library makes a record of each result.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from itertools import pairwise
from operator import attrgetter
from typing import Any, Final

from benchmarks.harness import Row, Run, benchmark
from benchmarks.inputs import amounts, customer_ids, instants, valences
from crmcore import (
    Balance,
    Churn,
    HistoricValue,
    Id,
    Inactivity,
    MomentOfTruth,
    Money,
    Period,
    Purchase,
    Subscription,
    Table,
    Valence,
    instant,
    lifetime_value,
)
from crmcore.retention.inactivity import purchase_gaps

CUSTOMERS: Final = 20
"""Purchases of a customer."""
AS_OF: Final = instant("2027-01-01")
SILENCE: Final = timedelta(days=150)
MONTH: Final = Period.month(2025, 3)
ZERO: Final = Decimal(0)
_customer = attrgetter("customer_id")

Columns = tuple[list[int], list[datetime], list[Decimal]]


@cache
def columns(n: int) -> Columns:
    """Return customers, instants and amounts."""
    return customer_ids(n, n // CUSTOMERS), instants(n), [abs(amount) for amount in amounts(n)]


def read(given: Columns) -> Table[Purchase]:
    """Read purchases from columns."""
    customers, times, numbers = given
    return Table(Purchase, {"customer_id": customers, "at": times, "amount": numbers}, currency="EUR")


def build_records(given: Columns) -> list[Purchase]:
    """Build the same purchases in a loop."""
    return [
        Purchase(customer_id=customer, at=at, amount=Money(number, "EUR"))
        for customer, at, number in zip(*given, strict=True)
    ]


@benchmark
def purchases_from_columns(run: Run) -> Iterator[Row]:
    """Build a record for each row."""
    given = columns(run.n)
    yield run.race(
        "list(Table(Purchase, columns)) / loop",
        lambda: [*read(given)],
        partial(build_records, given),
        aim=1.3,
        note="columns of Python values; the check included",
    )


@benchmark
def counting(run: Run) -> Iterator[Row]:
    """Count straight from the columns of a table that has been read."""
    given = columns(run.n)
    table = read(given)
    table.column("amount")
    customers, times, numbers = given
    as_columns: dict[str, tuple[Callable[[], Any], Callable[[], Any], Callable[[Any], object]]] = {
        "historic": (
            partial(lifetime_value.historic, table),
            lambda: add_up(numbers),
            lambda worth: worth.revenue.amount,
        ),
        "HistoricValue.by": (
            lambda: HistoricValue.by(table, _customer),
            lambda: add_up_by(customers, numbers),
            lambda found: {customer: worth.revenue.amount for customer, worth in found.items()},
        ),
        "Inactivity.of": (
            lambda: Inactivity.of(table, as_of=AS_OF, churned_after=SILENCE),
            lambda: count_silent(customers, times),
            lambda found: found.churned,
        ),
        "purchase_gaps": (partial(purchase_gaps, table), lambda: list_gaps(customers, times), dict),
    }
    for name, (ours, other, form) in as_columns.items():
        yield run.race(f"{name} of a table / loop over columns", ours, other, form=form, aim=1.5)


@benchmark
def balances(run: Run) -> Iterator[Row]:
    """Count moments straight from columns."""
    customers, judged = customer_ids(run.n, run.n // CUSTOMERS), valences(run.n)
    table = Table(MomentOfTruth, {"valence": judged, "at": instants(run.n), "customer_id": customers})
    yield run.race(
        "Balance.of a table / loop over columns",
        partial(Balance.of, table),
        lambda: count_valences(judged),
        form=lambda found: (found.good, found.bad, found.neutral),
        aim=1.5,
    )
    yield run.race(
        "Balance.by of a table / loop over columns",
        lambda: Balance.by(table, _customer),
        lambda: count_valences_by(customers, judged),
        form=lambda found: {customer: [row.good, row.bad, row.neutral] for customer, row in found.items()},
        aim=1.5,
    )


@benchmark
def churn(run: Run) -> Iterator[Row]:
    """Count subscriptions straight from columns."""
    starts = instants(run.n)
    ends = [start + timedelta(days=number % 700) if number % 3 else None for number, start in enumerate(starts)]
    customers = list(range(run.n))
    data = {
        "customer_id": customers,
        "started": starts,
        "ended": ends,
        "price": [9] * run.n,
        "every": ["month"] * run.n,
    }
    table = Table(Subscription, data, currency="EUR")
    yield run.race(
        "Churn.of a table / loop over columns",
        lambda: Churn.of(table, MONTH),
        lambda: count_churn(customers, starts, ends),
        form=lambda found: (found.start, found.lost, found.joined, found.exposure_seconds),
        aim=1.5,
        note="a subscription for each customer",
    )


def add_up(numbers: list[Decimal]) -> Decimal:
    """Add up a column."""
    total = ZERO
    for number in numbers:
        total += number
    return total


def add_up_by(customers: list[int], numbers: list[Decimal]) -> dict[Id, Decimal]:
    """Add up a column for each customer."""
    totals: dict[Id, Decimal] = {}
    for customer, number in zip(customers, numbers, strict=True):
        totals[customer] = totals.get(customer, ZERO) + number
    return totals


def count_silent(customers: list[int], times: list[datetime]) -> int:
    """Count the customers who have been silent too long."""
    last: dict[int, datetime] = {}
    for customer, at in zip(customers, times, strict=True):
        before = last.get(customer)
        if before is None or at > before:
            last[customer] = at
    return sum(AS_OF - at >= SILENCE for at in last.values())


def list_gaps(customers: list[int], times: list[datetime]) -> dict[Id, tuple[int, ...]]:
    """List the days between purchases."""
    days: dict[int, set[int]] = {}
    for customer, at in zip(customers, times, strict=True):
        days.setdefault(customer, set()).add(at.toordinal())
    gaps: dict[Id, tuple[int, ...]] = {}
    for customer, found in days.items():
        ordered = sorted(found)
        gaps[customer] = tuple([late - early for early, late in pairwise(ordered)])
    return gaps


def count_valences(judged: list[Valence]) -> tuple[int, int, int]:
    """Count good, bad and neutral moments."""
    good = bad = neutral = 0
    for valence in judged:
        if valence is Valence.GOOD:
            good += 1
        elif valence is Valence.BAD:
            bad += 1
        else:
            neutral += 1
    return good, bad, neutral


def count_valences_by(customers: list[int], judged: list[Valence]) -> dict[Id, list[int]]:
    """Count them for each customer."""
    rows: dict[Id, list[int]] = {}
    for customer, valence in zip(customers, judged, strict=True):
        row = rows.get(customer)
        if row is None:
            row = rows[customer] = [0, 0, 0]
        row[0 if valence is Valence.GOOD else 1 if valence is Valence.BAD else 2] += 1
    return rows


def count_churn(
    customers: list[int], starts: list[datetime], ends: list[datetime | None]
) -> tuple[int, int, int, Decimal]:
    """Count who was there, left and joined in a month, and how long they were there; a customer may come twice."""
    opens, closes = MONTH.start, MONTH.end
    spells: dict[int, list[tuple[datetime, datetime | None]]] = {}
    for customer, start, end in zip(customers, starts, ends, strict=True):
        spells.setdefault(customer, []).append((start, end))
    there = lost = joined = 0
    stayed = timedelta(0)
    for found in spells.values():
        was_there = has_left = has_come = False
        for start, end in found:
            if start >= closes or (end is not None and end < opens):
                continue
            was_there |= start < opens
            has_come |= start >= opens
            has_left |= end is not None and end < closes
            stayed += min(end or closes, closes) - max(start, opens)
        there += was_there
        joined += has_come and not was_there
        lost += has_left
    return there, lost, joined, Decimal(stayed // timedelta(microseconds=1)) / 1_000_000
