"""Small logs of what customers did, and the same in plain lists, for counts by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from crmcore import Id, Interaction, Journey

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Row = tuple[Id | None, Id, datetime]
Way = list[tuple[Id, datetime]]

START: Final = datetime(2026, 3, 2, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
CUSTOMERS: Final[tuple[Id | None, ...]] = ("anna", 7, "ben", None)
PLACES: Final[tuple[Id, ...]] = ("shelf", "till", 3)


def rows(*, distinct: bool = False) -> st.SearchStrategy[list[Row]]:
    """Rows in any order, of few customers at few touchpoints; many of one instant, unless they shall be distinct."""
    hours = st.integers(0, 30 if distinct else 6).map(lambda n: START + n * HOUR)
    row = st.tuples(st.sampled_from(CUSTOMERS), st.sampled_from(PLACES), hours)
    return st.lists(row, max_size=14, unique_by=(lambda row: row[2]) if distinct else None)


def walked(*ways: Sequence[Id]) -> list[Row]:
    """Rows of customers 0, 1 and so on, each along a way, an hour from visit to visit."""
    return [(who, place, START + n * HOUR) for who, way in enumerate(ways) for n, place in enumerate(way)]


def by_customer(log: Iterable[Row]) -> dict[Id, Way]:
    """Where each known customer was and when, in order of time, those of one instant as given."""
    found: dict[Id, Way] = {}
    for who, place, at in log:
        if who is not None:
            found.setdefault(who, []).append((place, at))
    return {who: sorted(way, key=lambda visit: visit[1]) for who, way in found.items()}


def places(log: Iterable[Row]) -> list[list[Id]]:
    """Where each known customer was, in order."""
    return [[place for place, _ in way] for way in by_customer(log).values()]


def interactions(log: Iterable[Row]) -> list[Interaction]:
    """The same as interactions."""
    return [Interaction(customer_id=who, touchpoint_id=place, at=at) for who, place, at in log]


def journeys(log: Iterable[Row]) -> list[Journey]:
    """The same as journeys, those of unknown customers left out."""
    known = [one for one in interactions(log) if one.customer_id is not None]
    return [
        Journey(customer_id=who, interactions=[one for one in known if one.customer_id == who])
        for who in dict.fromkeys(one.customer_id for one in known)
    ]
