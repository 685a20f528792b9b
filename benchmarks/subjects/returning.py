"""Cohorts of customers, of their activity and of their revenue, against the loop one would write, and against pandas.

Each customer is active ten times within a thousand days. Cohorts are the months of the first activity, ages are months
of the calendar, in UTC. The loops and pandas check nothing, and leave out members who are not observed yet as well.
Ours and the loops add Decimals; pandas reads them as floats, which it rounds to whole cents and adds exactly. All count
the members as well. Ours alone counts who was active at an age or later, and what was spent at first. Each begins with
the same columns of Python, so that a frame of pandas is built within the time.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from benchmarks.harness import Row, Run, benchmark
from benchmarks.inputs import amounts, customer_ids, instants, purchases
from crmcore import Cohort, Purchase, Table, TallyBy, instant

AS_OF: Final = instant("2026-10-01")
AGES: Final = 12

Counts = dict[str, tuple[list[int], list[int]]]
"""Of each cohort, the members observed at each age, and those active."""

Paid = dict[str, tuple[list[int], list[int], list[Decimal]]]
"""Of each cohort, the members observed at each age, those who bought, and what they spent."""

Sales = tuple[list[int], list[datetime], list[Decimal]]


@cache
def columns(n: int) -> tuple[list[int], list[datetime]]:
    """Return customers and instants."""
    return customer_ids(n, max(1, n // 10)), instants(n)


def count(given: tuple[list[int], list[datetime]]) -> TallyBy[str, Cohort]:
    """Count the cohorts of pairs."""
    return Cohort.by(zip(*given, strict=True), as_of=AS_OF, ages=AGES)


def loop(given: tuple[list[int], list[datetime]]) -> Counts:
    """Count the cohorts in a loop."""
    months: dict[int, set[int]] = defaultdict(set)
    for customer, at in zip(*given, strict=True):
        months[customer].add(at.year * 12 + at.month - 1)
    today = AS_OF.year * 12 + AS_OF.month - 1
    found: Counts = {}
    for active in months.values():
        first = min(active)
        observed, returned = found.setdefault(
            f"{first // 12}-{first % 12 + 1:02}", ([0] * (AGES + 1), [0] * (AGES + 1))
        )
        for age in range(min(today - first, AGES + 1)):
            observed[age] += 1
            if first + age in active:
                returned[age] += 1
    return found


def by_pandas(given: tuple[list[int], list[datetime]]) -> Counts:
    """Count the cohorts with pandas, from the same columns."""
    pandas = import_module("pandas")
    at = pandas.Series(pandas.to_datetime(given[1], utc=True))
    frame = pandas.DataFrame({"customer": given[0], "month": at.dt.year * 12 + at.dt.month - 1})
    frame["first"] = frame.groupby("customer", sort=False)["month"].transform("min")
    frame["age"] = frame["month"] - frame["first"]
    active = frame.drop_duplicates(["customer", "age"]).groupby(["first", "age"]).size().unstack(fill_value=0)
    sizes = active[0]
    today = AS_OF.year * 12 + AS_OF.month - 1
    found: Counts = {}
    for first, row in active.iterrows():
        old = [age < today - first for age in range(AGES + 1)]
        found[f"{first // 12}-{first % 12 + 1:02}"] = (
            [int(sizes[first]) if one else 0 for one in old],
            [int(row.get(age, 0)) if one else 0 for age, one in enumerate(old)],
        )
    return found


def counts_of(found: TallyBy[str, Cohort] | Counts) -> dict[str, Any]:
    """Return the counts by cohort, of the library or of another."""
    return {
        month: ([*one.observed], [*one.active]) if isinstance(one, Cohort) else one
        for month, one in sorted(found.items())
    }


@benchmark
def cohorts_by_month(run: Run) -> Iterator[Row]:
    """Count the monthly cohorts of pairs, against a loop and pandas."""
    given = columns(run.n)
    yield run.race(
        "Cohort.by / loop", partial(count, given), partial(loop, given), form=counts_of, other_form=counts_of, aim=1.5
    )
    if find_spec("pandas"):
        yield run.race(
            "Cohort.by / pandas",
            partial(count, given),
            partial(by_pandas, given),
            form=counts_of,
            other_form=counts_of,
            aim=1,
            note="both from columns of Python values",
        )
    else:
        yield Row(name="Cohort.by / pandas", ours=0, other=None, note="pandas is not installed")


@cache
def sales(n: int) -> Sales:
    """Return customers, instants and amounts, of which one in fifty is a refund."""
    return *columns(n), amounts(n)


def read(given: Sales) -> Table[Purchase]:
    """Read purchases from columns."""
    return Table(Purchase, dict(zip(("customer_id", "at", "amount"), given, strict=True)), currency="EUR")


def loop_over_sales(given: Sales) -> Paid:
    """Count the cohorts and add up their revenue in a loop. A refund is no activity."""
    bought: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    for customer, at, amount in zip(*given, strict=True):
        bought[customer].append((at.year * 12 + at.month - 1, amount))
    today = AS_OF.year * 12 + AS_OF.month - 1
    found: Paid = {}
    for payments in bought.values():
        first = min(month for month, _ in payments)
        active = {month for month, amount in payments if amount >= 0}
        over = min(today - first, AGES + 1)
        observed, returned, paid = found.setdefault(
            f"{first // 12}-{first % 12 + 1:02}", ([0] * (AGES + 1), [0] * (AGES + 1), [Decimal(0)] * (AGES + 1))
        )
        for age in range(over):
            observed[age] += 1
            if first + age in active:
                returned[age] += 1
        for month, amount in payments:
            if month - first < over:
                paid[month - first] += amount
    return found


def add_with_pandas(given: Sales) -> Paid:
    """Count the cohorts and add up their revenue with pandas, from the same columns."""
    pandas = import_module("pandas")
    at = pandas.Series(pandas.to_datetime(given[1], utc=True))
    frame = pandas.DataFrame(
        {
            "customer": given[0],
            "month": at.dt.year * 12 + at.dt.month - 1,
            "cents": (pandas.Series(given[2]).astype(float) * 100).round().astype("int64"),
        }
    )
    frame["first"] = frame.groupby("customer", sort=False)["month"].transform("min")
    frame["age"] = frame["month"] - frame["first"]
    paid = frame.groupby(["first", "age"])["cents"].sum().unstack(fill_value=0)
    once = frame[frame["cents"] >= 0].drop_duplicates(["customer", "age"])
    active = once.groupby(["first", "age"]).size().unstack(fill_value=0)
    sizes = frame.drop_duplicates("customer").groupby("first").size()
    today = AS_OF.year * 12 + AS_OF.month - 1
    found: Paid = {}
    for first, row in paid.iterrows():
        old, buyers = [age < today - first for age in range(AGES + 1)], active.loc[first]
        found[f"{first // 12}-{first % 12 + 1:02}"] = (
            [int(sizes[first]) if one else 0 for one in old],
            [int(buyers.get(age, 0)) if one else 0 for age, one in enumerate(old)],
            [Decimal(int(row.get(age, 0)) if one else 0).scaleb(-2) for age, one in enumerate(old)],
        )
    return found


def revenue_of(found: TallyBy[str, Cohort]) -> Paid:
    """Return the counts and the revenue by cohort."""
    return {
        month: ([*cohort.observed], [*cohort.active], [money.amount for money in cohort.revenue])
        for month, cohort in found.items()
    }


@benchmark
def cohorts_of_revenue(run: Run) -> Iterator[Row]:
    """Count the cohorts of purchases with their revenue: records, a table, and columns that are read into one."""
    given = sales(run.n)
    table, records, count = read(given), purchases(run.n), partial(Cohort.by_purchases, as_of=AS_OF, ages=AGES)
    for name, ours in (
        ("records", partial(count, records)),
        ("table", partial(count, table)),
        ("Table(columns)", lambda: count(read(given))),
    ):
        yield run.race(
            f"Cohort.by_purchases({name}) / loop over columns",
            ours,
            partial(loop_over_sales, given),
            form=revenue_of,
            other_form=lambda found: dict(sorted(found.items())),
            aim=1.5,
        )
    if find_spec("pandas"):
        yield run.race(
            "Cohort.by_purchases(Table(columns)) / pandas",
            lambda: count(read(given)),
            partial(add_with_pandas, given),
            form=revenue_of,
            aim=1,
            note="both from columns of Python values, reading included",
        )
    else:
        yield Row(
            name="Cohort.by_purchases(Table(columns)) / pandas", ours=0, other=None, note="pandas is not installed"
        )
