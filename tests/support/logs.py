"""Small logs of what customers did, and the same in plain lists, for counts by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from crmcore import Id, Interaction, Journey

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Row = tuple[Id | None, Id, datetime]
TimedPath = list[tuple[Id, datetime]]

START: Final = datetime(2026, 3, 2, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
CUSTOMERS: Final[tuple[Id | None, ...]] = ("anna", 7, "ben", None)
TOUCHPOINTS: Final[tuple[Id, ...]] = ("shelf", "till", 3)


def rows(*, distinct: bool = False) -> st.SearchStrategy[list[Row]]:
    """Rows in any order, of few customers at few touchpoints; many share an instant, unless `distinct` is true."""
    hours = st.integers(0, 30 if distinct else 6).map(lambda n: START + n * HOUR)
    row = st.tuples(st.sampled_from(CUSTOMERS), st.sampled_from(TOUCHPOINTS), hours)
    return st.lists(row, max_size=14, unique_by=(lambda row: row[2]) if distinct else None)


def rows_of(*paths: Sequence[Id]) -> list[Row]:
    """Return rows of customers 0, 1 and so on, each along a path, an hour from visit to visit."""
    return [
        (customer, touchpoint, START + n * HOUR)
        for customer, path in enumerate(paths)
        for n, touchpoint in enumerate(path)
    ]


def by_customer(log: Iterable[Row]) -> dict[Id, TimedPath]:
    """Return where each known customer was and when, in order of time; equal instants stay as given."""
    paths: dict[Id, TimedPath] = {}
    for customer, touchpoint, at in log:
        if customer is not None:
            paths.setdefault(customer, []).append((touchpoint, at))
    return {customer: sorted(path, key=lambda visit: visit[1]) for customer, path in paths.items()}


def paths_of(log: Iterable[Row]) -> list[list[Id]]:
    """Return the path of each known customer."""
    return [[touchpoint for touchpoint, _ in path] for path in by_customer(log).values()]


def interactions(log: Iterable[Row]) -> list[Interaction]:
    """Return the rows as interactions."""
    return [Interaction(customer_id=customer, touchpoint_id=touchpoint, at=at) for customer, touchpoint, at in log]


def journeys(log: Iterable[Row]) -> list[Journey]:
    """Return the rows as journeys, without those of unknown customers."""
    known = [interaction for interaction in interactions(log) if interaction.customer_id is not None]
    return [
        Journey(customer_id=customer, interactions=[visit for visit in known if visit.customer_id == customer])
        for customer in dict.fromkeys(interaction.customer_id for interaction in known)
    ]
