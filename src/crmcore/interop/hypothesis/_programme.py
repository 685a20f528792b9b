"""Strategies for programmes, plans, objectives and initiatives."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import Activity, Initiatives, KeyResult, Objective, Programme, programme
from crmcore.interop.hypothesis._nouns import tasks
from crmcore.interop.hypothesis._values import (
    Fields,
    cached,
    counts,
    decimals,
    fields_from,
    fields_of,
    ids,
    maybe,
    periods,
    record,
    recurrences,
)
from crmcore.primitives.ids import Id
from crmcore.service.programme import Schedule, ScheduledActivity, Slippage, StatusReport


def activities(**fields: object) -> SearchStrategy[Activity]:
    """Activities that wait for up to two others, unless `after` is given."""
    return record(Activity, fields, _activities)


def _activities() -> Fields:
    earlier = st.sampled_from(["an earlier one", "another one"])  # longer than a drawn id
    return {"days": decimals(0, 100), "after": st.lists(earlier, max_size=2, unique=True)}


@st.composite
def plans(draw: st.DrawFn, /, *, most: int = 6) -> list[Activity]:
    """Activities that wait only for each other, and never in a circle; in any order."""
    names: list[Id] = draw(_names(most))
    plan = [
        draw(activities(id=name, after=draw(st.lists(st.sampled_from(names[:place]), unique=True)) if place else []))
        for place, name in enumerate(names)
    ]
    return draw(st.permutations(plan))


@cached
def _names(most: int) -> SearchStrategy[list[Id]]:
    return st.lists(ids(), max_size=most, unique=True)


def programmes(**fields: object) -> SearchStrategy[Programme]:
    """Programmes with a plan of up to six activities."""
    return record(Programme, fields, _programmes)


def _programmes() -> Fields:
    return {"activities": plans(), "meetings": recurrences() | st.none()}


def schedules() -> SearchStrategy[Schedule]:
    """Schedules of plans of up to six activities."""
    return plans().map(programme.schedule)


def scheduled_activities() -> SearchStrategy[ScheduledActivity]:
    """The activities of a schedule."""
    return schedules().filter(len).flatmap(lambda plan: st.sampled_from(plan.activities))


@st.composite
def slippages(draw: st.DrawFn, /) -> Slippage:
    """What up to two delays do to a plan."""
    plan = draw(schedules())
    names = [line.activity.id for line in plan]
    return plan.delayed(draw(st.dictionaries(st.sampled_from(names), decimals(0, 100), max_size=2)) if names else {})


@st.composite
def key_results(draw: st.DrawFn, /, **fields: object) -> KeyResult:
    """Key results with rising and falling targets, some of them not measured."""
    drawn = fields_from(draw, fields, fields_of(KeyResult, _key_results))
    if drawn["target"] == drawn["baseline"] and "target" not in fields:
        drawn["target"] = drawn["baseline"] + 1
    return KeyResult(**drawn)


def _key_results() -> Fields:
    figures = decimals(-100, 100)
    return {"baseline": figures, "target": figures, "current": maybe(figures), "weight": decimals(0, 10)}


def objectives(**fields: object) -> SearchStrategy[Objective]:
    """Objectives with up to four key results."""
    return record(Objective, fields, _objectives)


def _objectives() -> Fields:
    return {"key_results": st.lists(key_results(), max_size=4), "period": maybe(periods())}


@st.composite
def status_reports(draw: st.DrawFn, /, **fields: object) -> StatusReport:
    """Reports on up to three tasks for each heading."""
    return StatusReport(**fields_from(draw, fields, fields_of(StatusReport, _status_reports)))


def _status_reports() -> Fields:
    return dict.fromkeys(("done", "overdue", "open"), st.lists(tasks(), max_size=3))


def initiatives(**fields: object) -> SearchStrategy[Initiatives]:
    """Counts of initiatives."""
    return record(Initiatives, fields, _initiatives)


def _initiatives() -> Fields:
    return dict.fromkeys(("rounds", "open", "done", "cancelled", "unassigned"), counts())
