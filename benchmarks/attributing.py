"""Attributing conversions: `attribution` against the loops one would write instead.

Both sides run over the same journeys, ours packed, the loops' as lists of touchpoints, and come to the same answer; but
ours is exact, to 34 digits, and the loops reckon in floats and check nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import cache, partial
from typing import Final, TypeVar

from benchmarks.inputs import START
from benchmarks.measuring import Row, agree, main, race
from crmcore import Journeys, attribution

_K = TypeVar("_K")

GOAL: Final = "purchase"

_STARTS: Final = ("search", "search", "social", "email", "home")
_STEPS: Final = {
    "search": ("home", "home", "catalogue", "product", "product", "search", "", ""),
    "social": ("home", "home", "product", "product", "social", "", "", ""),
    "email": ("home", "home", "catalogue", "catalogue", "cart", "email", "", ""),
    "home": ("catalogue", "catalogue", "catalogue", "catalogue", "product", "login", "help", "home", ""),
    "catalogue": ("product", "product", "product", "product", "catalogue", "home", "cart", ""),
    "product": ("catalogue", "catalogue", "product", "reviews", "cart", "cart", "home", ""),
    "reviews": ("product", "product", "product", "catalogue", "reviews", ""),
    "cart": ("checkout", "checkout", "checkout", "catalogue", "product", "login", "cart", ""),
    "login": ("checkout", "checkout", "home", "login", "cart", ""),
    "checkout": ("payment", "payment", "payment", "cart", "login", ""),
    "payment": (GOAL, GOAL, GOAL, "checkout", "payment", "help", ""),
    GOAL: ("home", "help", "email", "", ""),
    "help": ("home", "product", "checkout", "help", ""),
}
"""What may follow a touchpoint, each as likely as the other; nothing is the end."""


@cache
def visits(n: int) -> list[list[str]]:
    """Journeys of so many visits in all, about six each."""
    chance = 20_260_101
    journeys: list[list[str]] = []
    while n > 0:
        journey: list[str] = []
        follows: tuple[str, ...] = _STARTS
        while follower := follows[(chance >> 33) % len(follows)]:
            journey.append(follower)
            follows = _STEPS[follower]
            chance = (chance * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
        chance = (chance * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
        journeys.append(journey)
        n -= len(journey)
    return journeys


@cache
def packed(n: int) -> Journeys:
    """The same journeys, packed."""
    minutes = [START + timedelta(minutes=minute) for minute in range(max(map(len, visits(n))))]
    return Journeys.of(
        (customer, touchpoint, at)
        for customer, journey in enumerate(visits(n))
        for touchpoint, at in zip(journey, minutes, strict=False)
    )


def outcomes_by_hand(journeys: Iterable[list[str]]) -> dict[tuple[str, ...], list[int]]:
    """What `attribution.outcomes` counts: conversions and nulls of each way."""
    rows: dict[tuple[str, ...], list[int]] = {}
    for journey in journeys:
        way: list[str] = []
        for touchpoint in journey:
            if touchpoint == GOAL:
                rows.setdefault(tuple(way), [0, 0])[0] += 1
                way = []
            else:
                way.append(touchpoint)
        if way:
            rows.setdefault(tuple(way), [0, 0])[1] += 1
    return rows


def linear_by_hand(rows: dict[tuple[str, ...], list[int]]) -> dict[str, float]:
    """What `attribution.linear` credits."""
    credit: dict[str, float] = defaultdict(float)
    for way, (conversions, _) in rows.items():
        if conversions:
            for touchpoint in way:
                credit[touchpoint] += conversions / len(way)
    return credit


def markov_by_hand(rows: dict[tuple[str, ...], list[int]]) -> dict[str, float]:
    """What `attribution.markov` finds: removal effects, from a system of linear equations for each touchpoint."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for way, (conversions, nulls) in rows.items():
        if not way:
            continue
        before = ""
        for touchpoint in way:
            counts[before][touchpoint] += conversions + nulls
            before = touchpoint
        counts[before]["(conversion)"] += conversions
        counts[before]["(null)"] += nulls
    whole = _chance(counts, "(nobody)")
    return {one: 1 - _chance(counts, one) / whole for one in counts if one}


def _chance(counts: dict[str, dict[str, int]], removed: str) -> float:
    """The chance of a conversion where whatever would come to one touchpoint comes to nothing."""
    states = [state for state in counts if state != removed]
    matrix: list[list[float]] = []
    for state in states:
        row = counts[state]
        total = sum(row.values())
        matrix.append([(state == other) - row.get(other, 0) / total for other in states])
        matrix[-1].append(row.get("(conversion)", 0) / total)
    for n, pivot in enumerate(matrix):
        for other in matrix:
            if other is not pivot and other[n]:
                factor = other[n] / pivot[n]
                for m in range(n, len(pivot)):
                    other[m] -= factor * pivot[m]
    start = states.index("")
    return matrix[start][-1] / matrix[start][start]


def rounded(numbers: Mapping[_K, float | Decimal]) -> dict[_K, float]:
    """To six decimals, for floats do not come to exactly the same."""
    return {one: round(float(number), 6) for one, number in numbers.items() if number}


def outcomes(n: int) -> Iterator[Row]:
    """Cut journeys into ways and count what each led to."""
    journeys, lists = packed(n), visits(n)
    found = attribution.outcomes(journeys, GOAL)
    agree({way: [one.conversions, one.nulls] for way, one in found.items()}, {**outcomes_by_hand(lists)})
    ours, other = race(partial(attribution.outcomes, journeys, GOAL), partial(outcomes_by_hand, lists))
    note = f"{len(found):,} ways of {len(lists):,} customers"
    yield Row(name="attribution.outcomes / loop", ours=ours, other=other, unit="ms", aim="≤ 1.0", note=note)


def linear(n: int) -> Iterator[Row]:
    """Share each conversion equally among the touches of its way."""
    ways, rows = attribution.outcomes(packed(n), GOAL), outcomes_by_hand(visits(n))
    agree(rounded(dict(attribution.linear(ways).credits)), rounded(linear_by_hand(rows)))
    ours, other = race(partial(attribution.linear, ways), partial(linear_by_hand, rows))
    yield Row(name="attribution.linear / loop in floats", ours=ours, other=other, unit="ms", aim="≤ 4", note="exact")


def markov(n: int) -> Iterator[Row]:
    """Removal effects of every touchpoint, by a chain of order one."""
    ways, rows = attribution.outcomes(packed(n), GOAL), outcomes_by_hand(visits(n))
    effects = attribution.markov(ways).removal_effects
    agree(rounded(dict(effects)), rounded(markov_by_hand(rows)))
    ours, other = race(partial(attribution.markov, ways), partial(markov_by_hand, rows))
    note = f"{len(effects)} touchpoints, to 34 digits"
    yield Row(name="attribution.markov / loop in floats", ours=ours, other=other, unit="ms", aim="≤ 1.3", note=note)


if __name__ == "__main__":
    main(outcomes, linear, markov)
