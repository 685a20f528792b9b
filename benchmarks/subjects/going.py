"""Where a base is going: `BaseDistribution.over` and `LevelTransitions.over` against a plain loop over the readings."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, partial
from itertools import pairwise
from typing import Any

from benchmarks.harness import Row, Run, benchmark
from benchmarks.inputs import SPAN, START, customer_ids, instants
from crmcore import (
    BaseDistribution,
    LevelTransitions,
    LoyaltyLevel,
    MeasureKind,
    Period,
    Reading,
    SubjectKind,
    TallyBy,
)

_LEVELS = tuple(LoyaltyLevel)
_PERIODS = [Period(START + SPAN / 6 * place, START + SPAN / 6 * (place + 1)) for place in range(6)]


@cache
def readings(n: int) -> list[Reading]:
    """Return n readings, five of each customer."""
    return [
        Reading(
            subject_kind=SubjectKind.CUSTOMER,
            subject_id=customer_id,
            kind=MeasureKind.LOYALTY,
            level=_LEVELS[number * 31 % 3],
            at=at,
        )
        for number, (customer_id, at) in enumerate(zip(customer_ids(n, max(1, n // 5)), instants(n), strict=True))
    ]


def find_last(given: Iterable[Reading]) -> list[dict[Any, Any]]:
    """Return the last level of each customer in each period, without any check."""
    starts = [period.start for period in _PERIODS]
    last: list[dict[Any, Any]] = [{} for _ in _PERIODS]
    for reading in given:
        if reading.level is None or reading.subject_kind is not SubjectKind.CUSTOMER:
            continue
        found = last[bisect_right(starts, reading.at) - 1]
        known = found.get(reading.subject_id)
        if known is None or known[0] < reading.at:
            found[reading.subject_id] = (reading.at, reading.level)
    return last


def count_levels(given: Iterable[Reading]) -> list[tuple[int, ...]]:
    """Count the levels of each period."""
    counted = [Counter(level for _, level in found.values()) for found in find_last(given)]
    return [tuple(row[level] for level in _LEVELS) for row in counted]


def count_moves(given: Iterable[Reading]) -> list[tuple[tuple[int, ...], ...]]:
    """Count the moves from each period to the next."""
    last = find_last(given)
    tables: list[tuple[tuple[int, ...], ...]] = []
    for before, after in pairwise(last):
        moved = Counter((level, after[one][1]) for one, (_, level) in before.items() if one in after)
        tables.append(tuple(tuple(moved[was, now] for now in _LEVELS) for was in _LEVELS))
    return tables


def counts_of(rows: TallyBy[Period, Any]) -> list[Any]:
    """Return the counts of each period."""
    return [row.counts for row in rows.values()]


@benchmark
def distributions(run: Run) -> Iterator[Row]:
    """Count a base at the end of each of six periods."""
    given = readings(run.n)
    ours, other = partial(BaseDistribution.over, given, _PERIODS), partial(count_levels, given)
    yield run.race("BaseDistribution.over / loop", ours, other, form=counts_of, aim=1.5)


@benchmark
def transitions(run: Run) -> Iterator[Row]:
    """Count the moves from each of six periods to the next."""
    given = readings(run.n)
    ours, other = partial(LevelTransitions.over, given, _PERIODS), partial(count_moves, given)
    yield run.race("LevelTransitions.over / loop", ours, other, form=counts_of, aim=1.5)
