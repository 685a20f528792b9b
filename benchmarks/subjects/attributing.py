"""Attributing conversions: `attribution` against loops.

Ours runs over packed journeys, the loops over lists of touchpoints. Ours is exact, to 34 digits; the loops compute in
floats and check nothing.
"""

from collections.abc import Iterator
from functools import cache, partial

from benchmarks.harness import Row, Run, benchmark
from benchmarks.journey_log import GOAL, generated
from benchmarks.peers import loops
from benchmarks.peers.answering import rounded
from crmcore import Journeys, attribution
from crmcore.journeys.attribution import Attribution


@cache
def journeys(n: int) -> tuple[Journeys, list[list[str]]]:
    """Return n visits, packed and as lists of touchpoints."""
    rows = [*generated(n)]
    lists: dict[str, list[str]] = {}
    for customer_id, touchpoint, _ in rows:
        lists.setdefault(customer_id, []).append(touchpoint)
    return Journeys.of(rows), [*lists.values()]


def credits_of(found: Attribution) -> dict[str, float]:
    """Return the conversions that each touchpoint earns."""
    return rounded({str(touchpoint): credit for touchpoint, credit in found.credits})


def removal_effects_of(found: Attribution) -> dict[str, float]:
    """Return what share of the conversions goes without each touchpoint."""
    return rounded({str(touchpoint): effect for touchpoint, effect in found.removal_effects})


@benchmark
def outcomes(run: Run) -> Iterator[Row]:
    """Cut journeys into paths and count what each led to."""
    packed, lists = journeys(run.n)
    yield run.race(
        "attribution.outcomes / loop",
        partial(attribution.outcomes, packed, GOAL),
        partial(loops.outcomes, lists, GOAL),
        form=lambda found: {path: [outcome.conversions, outcome.nulls] for path, outcome in found.items()},
        aim=1.3,
        note=f"{len(lists):,} customers",
    )


@benchmark
def linear(run: Run) -> Iterator[Row]:
    """Share each conversion equally among the touches of its path."""
    packed, lists = journeys(run.n)
    yield run.race(
        "attribution.linear / loop in floats",
        partial(attribution.linear, attribution.outcomes(packed, GOAL)),
        partial(loops.linear, loops.outcomes(lists, GOAL)),
        form=credits_of,
        other_form=rounded,
        aim=4,
        note="exact",
    )


@benchmark
def markov(run: Run) -> Iterator[Row]:
    """Find the removal effect of every touchpoint, by a chain of order one."""
    packed, lists = journeys(run.n)
    yield run.race(
        "attribution.markov / loop in floats",
        partial(attribution.markov, attribution.outcomes(packed, GOAL)),
        partial(loops.markov, loops.outcomes(lists, GOAL)),
        form=removal_effects_of,
        other_form=rounded,
        aim=2,
        note="to 34 digits",
    )
