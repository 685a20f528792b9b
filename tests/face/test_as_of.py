"""When an event counts: from its own instant on, in every room.

What happened at `as_of` exactly is known, and what happens a microsecond later is not. So an answer as of the instant
of an event is the answer of a microsecond later, and not that of a microsecond before. A deadline is the other way
round: what is due at `as_of` exactly is still in time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import pytest

from crmcore import CrmcoreError, Finding
from crmcore.retention.survival import Survival
from tests.face.calls import TARGETS, prepare
from tests.support.pool import fuller_calls, instants, parts
from tests.support.sweep import Call, make

if TYPE_CHECKING:
    from collections.abc import Iterator

TICK: Final = timedelta(microseconds=1)
NEAR: Final = timedelta(seconds=1)
"""Durations that are this close are the same."""
NAMES: Final = ("as_of", "now")
OTHER_NAMES: Final = {
    "crmcore.model.subscription.Subscription.is_active": "moment",
    "crmcore.retention.revenue.recurring_revenue": "at",
}
ASKED: Final = OTHER_NAMES | {
    name: parameter.name
    for name, target in TARGETS.items()
    for parameter in target.parameters
    if parameter.name in NAMES and (target.attribute or target.owner is None)
}
"""The parameter of each question that says as of when it is asked."""
WITHOUT_EVENTS: Final = {
    "crmcore.journeys.journey_maps.compare": "as_of only says for which journeys the time is not over yet",
    "crmcore.journeys.paths.visits": "as_of only says for which journeys the time is not over yet",
    "crmcore.retention.survival.Survival.by_relationships": "its examples have no end; `of_relationships` is asked",
    "crmcore.service.communication.ContactLimit.find_end": "what counts is chosen before",
    "crmcore.service.programme.KeyResult.expected": "the share of a period that is over grows without a jump",
    "crmcore.service.programme.KeyResult.is_behind": "the share of a period that is over grows without a jump",
    "crmcore.service.programme.share_of_time": "the share of a period that is over grows without a jump",
    "crmcore.value.cashflow.compare": "a discount grows without a jump",
    "crmcore.value.cashflow.npv": "a discount grows without a jump",
    "crmcore.value.lifetime_value.Buying.of": "its examples leave as_of out; `Buying.by` is asked",
    "crmcore.voice.handling.TimeByParty.by": "time grows without a jump",
    "crmcore.voice.handling.TimeByParty.of": "time grows without a jump",
    "crmcore.voice.surveys.AskLimit.find_end": "what counts is chosen before",
}
"""Questions whose answer changes with no event, and why."""
REFUSING: Final = {
    "crmcore.journeys.attribution.outcomes",
    "crmcore.journeys.paths.ConversionTimes.of",
    "crmcore.journeys.paths.Funnel.of",
    "crmcore.model.feedback.Feedback.spans",
    "crmcore.render.timeline",
    "crmcore.retention.cohorts.Cohort.by",
    "crmcore.retention.cohorts.Cohort.by_purchases",
    "crmcore.retention.inactivity.Inactivity.by",
    "crmcore.retention.inactivity.Inactivity.of",
    "crmcore.retention.inactivity.status_of",
    "crmcore.retention.lifecycles.durations",
    "crmcore.service.balance.Balance.by",
    "crmcore.service.balance.Balance.of",
    "crmcore.service.balance.Ledger.days_to_repay",
    "crmcore.service.recovery.escalation",
    "crmcore.service.recovery.silence",
    "crmcore.value.lifetime_value.Buying.by",
    "crmcore.value.rfm.RfmTable.of",
    "crmcore.voice.handling.clock",
    "crmcore.voice.handling.due",
    "crmcore.voice.handling.first_response",
    "crmcore.voice.handling.next_responses",
    "crmcore.voice.handling.reopenings",
    "crmcore.voice.handling.resolution",
}
"""Questions that refuse what begins after `as_of`: of purchases, moments and visits, or of one piece of feedback.

All others leave it out. The page of odd data says why.
"""
DRAWN: Final = "crmcore.render.timeline"
"""A stretch of no length is not drawn, so that a picture changes after the event."""


def _waits(value: Any, depth: int = 5) -> Iterator[timedelta]:
    """Every duration in a value."""
    if isinstance(value, timedelta):
        yield value
    elif depth:
        for _, item in parts(value):
            yield from _waits(item, depth - 1)


def _calls(name: str) -> Iterator[Call]:
    """The calls of the documentation, and the first of them with more records, one argument at a time."""
    yield from prepare()[name]
    yield from (call for _, call in fuller_calls(name))


def _answer(name: str, call: Call, moment: datetime) -> Any:
    try:
        return make(TARGETS[name], call, {ASKED[name]: moment})
    except CrmcoreError as error:
        return error.rule


def _differ(one: Any, other: Any) -> bool:
    """Whether two answers differ in more than a moment."""
    if type(one) is not type(other):
        return True
    if isinstance(one, int | str | Enum):
        return bool(one != other)
    if isinstance(one, datetime | timedelta):
        return bool(abs(one - other) > NEAR)
    if hasattr(one, "as_integer_ratio"):
        return abs(Fraction(one) - Fraction(other)) > (1 + abs(Fraction(one))) / 10**5
    parts, others = ([*_told(value)] for value in (one, other))
    return [name for name, _ in parts] != [name for name, _ in others] or any(
        _differ(part, another) for (_, part), (_, another) in zip(parts, others, strict=True)
    )


def _told(value: Any) -> Iterator[tuple[str, Any]]:
    """The parts of an answer, without how long something took."""
    if isinstance(value, Survival):  # a lifetime that is longer by a moment is another time
        yield "ended", sum(value.ended)
    elif isinstance(value, Finding):  # the message says how long
        yield from (("rule", value.rule), ("subject", value.subject))
    else:
        yield from parts(value)


def _records(call: Call) -> list[Any]:
    """What a call takes, but for the instants that are given by themselves."""
    return [value for value in (call.receiver, *call.arguments.values()) if not isinstance(value, datetime)]


def _jumps(name: str, call: Call, moments: set[datetime], tick: timedelta) -> list[datetime]:
    """The instants at which an answer is not that of a tick later."""
    return [one for one in moments if _differ(_answer(name, call, one), _answer(name, call, one + tick))]


@pytest.mark.parametrize("name", [name for name in ASKED if name != DRAWN])
def test_an_event_counts_from_its_own_instant_on(name: str) -> None:
    """An answer as of an event is that of a microsecond later; one as of a deadline is that of a microsecond before."""
    for call in _calls(name):
        found, waits = [*instants(_records(call))], {*_waits(_records(call))}
        deadlines = {moment for is_deadline, moment in found if is_deadline}
        events = {moment for is_deadline, moment in found if not is_deadline}
        ends = {moment + wait for moment in events for wait in waits}  # where the time that is allowed is over

        assert _jumps(name, call, events - deadlines - ends, TICK) == []
        assert _jumps(name, call, deadlines - events - ends, -TICK) == []


@pytest.mark.parametrize("name", [name for name in ASKED if name not in WITHOUT_EVENTS])
def test_an_event_does_not_count_before(name: str) -> None:
    """The answer to a question as of an event is sometimes another one than that of a microsecond before."""
    assert any(
        _jumps(name, call, {moment for is_deadline, moment in instants(_records(call)) if not is_deadline}, -TICK)
        for call in _calls(name)
    )


@pytest.mark.parametrize("name", ASKED)
def test_what_begins_later_is_refused_or_left_out(name: str) -> None:
    """Events after `as_of` are refused, and records with a life are left out, as the page of odd data says."""
    answers = [
        _answer(name, call, moment - TICK)
        for call in prepare()[name]
        for moment in {moment for is_deadline, moment in instants(_records(call)) if not is_deadline}
    ]

    assert ("after_reference_date" in answers) is (name in REFUSING)
