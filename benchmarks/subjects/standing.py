"""Where customers stand: `Standings` against a loop that keeps the last level of each customer, without any check."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache, partial

from benchmarks.harness import Row, Run, benchmark
from benchmarks.inputs import instants
from crmcore import Id, LoyaltyLevel, MeasureKind, Reading, Standings, SubjectKind, instant

_PRIME = 7919
_AS_OF = instant("2100-01-01")
_LEVELS = tuple(LoyaltyLevel)
_RANKS = {level: place for place, level in enumerate(_LEVELS)}


@cache
def readings(n: int) -> list[Reading]:
    """Return n readings of n / 5 customers."""
    return [
        Reading(
            subject_kind=SubjectKind.CUSTOMER,
            subject_id=number * _PRIME % max(1, n // 5),
            kind=MeasureKind.LOYALTY,
            level=_LEVELS[number * _PRIME % 1009 % 3],
            at=at,
        )
        for number, at in enumerate(instants(n))
    ]


def last_levels(given: Iterable[Reading]) -> dict[Id, str]:
    """Return the last level of each customer, and of two at one instant the worse, with its age."""
    best: dict[Id, tuple[tuple[datetime, int], str, timedelta]] = {}
    for reading in given:
        if reading.level is None or reading.subject_id is None or reading.at > _AS_OF:
            continue
        key = (reading.at, _RANKS[reading.level])
        known = best.get(reading.subject_id)
        if known is None or key > known[0]:
            best[reading.subject_id] = (key, str(reading.level), _AS_OF - reading.at)
    return {customer_id: level for customer_id, (_, level, _) in best.items()}


def states_of(found: Standings) -> dict[Id, str]:
    """Return the levels of standings."""
    return found.states


@benchmark
def standings(run: Run) -> Iterator[Row]:
    """Give each customer a level."""
    given = readings(run.n)
    ours, other = partial(Standings.of, given, as_of=_AS_OF), partial(last_levels, given)
    yield run.race("Standings.of / a loop", ours, other, form=states_of, aim=3)
