"""The life of a piece of feedback as stretches of time, each in one state, up to a reference date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from crmcore.model.feedback import Actor, CaseState, Feedback
from crmcore.primitives import checks
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.opening_hours import OpeningHours
from crmcore.primitives.periods import check_not_after, in_utc

AWAITING: Final = (CaseState.WAITING_ON_CUSTOMER,)
"""The states in which the clock stands still by default."""


class Entry(NamedTuple):
    """An entry of a history, in UTC."""

    state: CaseState
    at: datetime
    by: Actor | None


class Span(NamedTuple):
    """A stretch of time in one state, in UTC."""

    state: CaseState
    start: datetime
    end: datetime


def as_case(feedback: object, as_of: object) -> tuple[Feedback, datetime]:
    """Return feedback, checked, and the reference date in UTC, which must not be before its receipt."""
    case = checks.as_instance(feedback, Feedback, "feedback")
    reference = in_utc(checks.as_instant(as_of, "as_of"))
    check_not_after(reference, case.received_at, "feedback", case.id)
    return case, reference


def as_hours(hours: object) -> OpeningHours | None:
    """Return opening hours, checked, or None."""
    return None if hours is None else checks.as_instance(hours, OpeningHours, "hours")


def as_paused(states: Iterable[CaseState]) -> frozenset[CaseState]:
    """Return the states in which the clock stands still, checked."""
    given = [
        checks.as_member(state, CaseState, f"paused_in[{place}]")
        for place, state in enumerate(checks.iterate(states, "paused_in", "state"))
    ]
    for state in given:
        if state.is_over or state is CaseState.MESSAGE:
            raise InvalidValueError(
                "not_a_pause",
                f"paused_in must have states in which the feedback is still open, got {state.value}",
                field="paused_in",
                advice="leave it out: the clock is stopped while feedback is resolved or closed",
                operands=(state,),
            )
    return frozenset(given)


def list_entries(case: Feedback, as_of: datetime) -> list[Entry]:
    """Return what happened up to the reference date, in UTC."""
    entries = [Entry(state, in_utc(at), by) for state, at, by in case.timeline]
    return [entry for entry in entries if entry.at <= as_of]


def list_spans(case: Feedback, as_of: datetime) -> list[Span]:
    """Return the states in order, from the receipt to the reference date."""
    return [Span(*span) for span in case.spans(as_of)]


def count(hours: OpeningHours | None, start: datetime, end: datetime) -> timedelta:
    """Return the open time between two instants in UTC, or all time without opening hours."""
    return end - start if hours is None else hours.elapsed(start, end)
