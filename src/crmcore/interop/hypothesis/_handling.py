"""Strategies for the waits, clocks and counts of handled feedback."""

from __future__ import annotations

from datetime import timedelta

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import Compliance, TimeByParty, handling
from crmcore.interop.hypothesis._values import (
    Fields,
    cached,
    counts,
    decimals,
    fields_from,
    fields_of,
    later,
    record,
    waits,
)
from crmcore.voice.handling import CaseClock, Due, Wait, WaitSummary


@st.composite
def case_waits(draw: st.DrawFn, /, **fields: object) -> Wait:
    """Waits that ended or still last."""
    drawn = fields_from(draw, fields, fields_of(Wait, _case_waits))
    if "ended_at" not in fields and draw(st.booleans()):
        drawn["ended_at"] = later(drawn["started_at"], drawn["length"])
    return Wait(**drawn)


def _case_waits() -> Fields:
    return {"length": waits(), "ended_at": None}


def case_clocks(**fields: object) -> SearchStrategy[CaseClock]:
    """Clocks that run, pause or are stopped."""
    return record(CaseClock, fields, _case_clocks)


def _case_clocks() -> Fields:
    return dict.fromkeys(("running", "paused", "stopped"), waits())


def dues(**fields: object) -> SearchStrategy[Due]:
    """Targets that are due at an instant, and clocks that stand still."""
    return record(Due, fields, _dues)


def _dues() -> Fields:
    return {"used": waits(), "target": waits()}


def times_by_party(**fields: object) -> SearchStrategy[TimeByParty]:
    """Times in each open state."""
    return record(TimeByParty, fields, _times_by_party)


def _times_by_party() -> Fields:
    names = ("new_seconds", "open_seconds", "waiting_seconds", "on_hold_seconds")
    return dict.fromkeys(names, decimals(0, 10**9, places=6))


def compliances(**fields: object) -> SearchStrategy[Compliance]:
    """Counts of waits, of a target of a day unless another one is given."""
    return record(Compliance, fields, _compliances)


def _compliances() -> Fields:
    return {**dict.fromkeys(("met", "late", "overdue", "pending"), counts()), "target": timedelta(days=1)}


@st.composite
def wait_summaries(draw: st.DrawFn, /, **fields: object) -> WaitSummary:
    """Summaries of up to five waits."""
    return attrs.evolve(handling.summary(draw(_several_waits())), **fields_from(draw, fields, {}))


@cached
def _several_waits() -> SearchStrategy[list[Wait]]:
    return st.lists(case_waits(), max_size=5)
