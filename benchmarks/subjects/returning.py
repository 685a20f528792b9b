"""Cohorts of customers from pairs of plain values, against the loop one would write over them, and against pandas.

Each customer is active ten times within a thousand days. Cohorts are the months of the first activity, ages are months
of the calendar, in UTC. The loop and pandas check nothing, and leave out members who are not observed yet as well.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from benchmarks.harness import Row, Run, benchmark
from benchmarks.inputs import customer_ids, instants
from crmcore import Cohort, TallyBy, instant

AS_OF: Final = instant("2026-10-01")
AGES: Final = 12

Counts = dict[str, tuple[list[int], list[int]]]
"""Of each cohort, the members observed at each age, and those active."""


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
