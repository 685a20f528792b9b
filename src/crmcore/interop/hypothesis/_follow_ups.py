"""Strategies for the counts of what was owed, and of customers who heard nothing."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import Period, Promises, Reach, TaskKind
from crmcore.interop.hypothesis._values import Fields, counts, record
from crmcore.service.follow_ups import Neglect


def promises(**fields: object) -> SearchStrategy[Promises]:
    """Counts of tasks by what became of them."""
    return record(Promises, fields, _promises)


def _promises() -> Fields:
    return dict.fromkeys(("kept", "late", "overdue", "dropped", "pending", "cancelled"), counts())


def reaches(**fields: object) -> SearchStrategy[Reach]:
    """Counts of customers who got a service notice in a month, unless something else is given."""
    return record(Reach, fields, _reaches)


def _reaches() -> Fields:
    return {
        **dict.fromkeys(("reached", "missed"), counts()),
        "period": Period.month(2026, 3),
        "kinds": frozenset({TaskKind.SERVICE_NOTICE}),
    }


def neglects(**fields: object) -> SearchStrategy[Neglect]:
    """Customers who have not heard from the company for long."""
    return record(Neglect, fields, _neglects)


def _neglects() -> Fields:
    return {"days": st.integers(0, 10_000)}
