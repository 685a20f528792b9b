"""Strategies for packed journeys, for the maps that they are compared with, and for compared prices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import (
    AbandonedContacts,
    AbandonReason,
    Id,
    Insight,
    JourneyMap,
    Journeys,
    JourneyStep,
    MomentTiming,
    PriceMatch,
    PricePosition,
    Sipoc,
)
from crmcore.interop.hypothesis._values import (
    LATER,
    Fields,
    cached,
    fields_from,
    fields_of,
    ids,
    later,
    maybe,
    maybe_ids,
    maybe_of,
    monies,
    record,
    shares,
    waits,
)
from crmcore.primitives import _clock

_START = datetime(2026, 3, 2, tzinfo=UTC)


@cached
def _names() -> SearchStrategy[str]:
    return st.text("abcde", min_size=1, max_size=3)


@cached
def _pairs() -> SearchStrategy[list[tuple[str, str]]]:
    return st.lists(st.tuples(_names(), _names()), max_size=3)


def insights(**fields: object) -> SearchStrategy[Insight]:
    """Pains and opportunities, from customers, from staff and from unknown sources."""
    return record(Insight, fields, _insights)


def _insights() -> Fields:
    return {"text": _names()}


@st.composite
def journey_steps(draw: st.DrawFn, /, **fields: object) -> JourneyStep:
    """Steps of a map; only a moment of truth has a timing."""
    drawn = fields_from(draw, fields, fields_of(JourneyStep, _journey_steps))
    if drawn["moment_of_truth"] and "timing" not in fields:
        drawn["timing"] = draw(maybe_of(MomentTiming))
    return JourneyStep(**drawn)


def _journey_steps() -> Fields:
    few = st.lists(insights(), max_size=2)
    return {
        "name": _names(),
        "phase": st.sampled_from(("before", "purchase", "after", "at home")),
        "emotion": maybe(st.integers(-2, 2)),
        "touchpoint_ids": st.lists(ids(), max_size=3, unique=True),
        "pains": few,
        "opportunities": few,
        "messages": _pairs(),
        "timing": LATER,
    }


@st.composite
def journey_maps(draw: st.DrawFn, /, **fields: object) -> JourneyMap:
    """Maps of one step and of several, phase by phase, with planned loops."""
    usual = fields_of(JourneyMap, _journey_maps)
    if "steps" not in fields:
        steps = sorted(draw(_several_steps()), key=lambda step: step.phase)
        backs = [(start.name, end.name) for place, start in enumerate(steps) for end in steps[: place + 1]]
        usual = {**usual, "steps": steps}
        usual["loops"] = st.lists(st.sampled_from(backs), max_size=2)
        usual["goal_step"] = st.sampled_from([None] * len(steps) + [step.name for step in steps])
    return JourneyMap(**fields_from(draw, fields, usual))


def _journey_maps() -> Fields:
    return {"name": _names(), "steps": LATER, "loops": LATER, "goal_step": LATER}


@cached
def _several_steps() -> SearchStrategy[list[JourneyStep]]:
    return st.lists(journey_steps(), min_size=1, max_size=4, unique_by=lambda step: step.name)


@st.composite
def journey_logs(draw: st.DrawFn, /, **fields: object) -> Journeys:
    """Journeys of some customers, packed: short ones and empty ones, with abandoned visits."""
    touchpoints = draw(_touchpoints())
    paths = draw(_paths(len(touchpoints)))
    visits = [(journey, visit) for journey, path in enumerate(paths) for visit in range(len(path))]
    usual = {
        **fields_of(Journeys, _journey_logs),
        "customer_ids": st.lists(maybe_ids(), min_size=len(paths), max_size=len(paths)),
        "touchpoint_ids": touchpoints,
        "paths": paths,
        "times": st.tuples(*(_times(len(path)) for path in paths)),
        "abandoned": st.lists(st.sampled_from(visits), max_size=2) if visits else [],
    }
    return Journeys(**fields_from(draw, fields, usual))


def _journey_logs() -> Fields:
    return dict.fromkeys(("customer_ids", "touchpoint_ids", "paths", "times", "abandoned"), LATER)


@cached
def _touchpoints() -> SearchStrategy[list[Id]]:
    return st.lists(ids(), min_size=1, max_size=5, unique=True)


@cached
def _paths(places: int) -> SearchStrategy[list[str]]:
    letters = [chr(ord("A") + number) for number in range(places)]
    return st.lists(st.text(letters, max_size=6), max_size=5)


@st.composite
def _times(draw: st.DrawFn, /, count: int) -> list[int]:
    at, times = _START, list[int]()
    for _ in range(count):
        at = later(at, draw(waits(longest=timedelta(days=3))))
        times.append(_clock.since_epoch(at))
    return times


def sipocs(**fields: object) -> SearchStrategy[Sipoc]:
    """Processes from end to end."""
    return record(Sipoc, fields, _sipocs)


def _sipocs() -> Fields:
    return {"process": _names(), "inputs": _pairs(), "outputs": _pairs()}


@st.composite
def abandoned_contacts(draw: st.DrawFn, /, **fields: object) -> AbandonedContacts:
    """Counts of contacts; no more are abandoned than there were."""
    drawn = fields_from(draw, fields, fields_of(AbandonedContacts, _abandoned_contacts))
    if "contacts" not in fields:
        drawn["contacts"] = sum(drawn[reason.value] for reason in AbandonReason) + draw(_MANY)
    return AbandonedContacts(**drawn)


_MANY: SearchStrategy[Any] = st.integers(0, 10**5)


def _abandoned_contacts() -> Fields:
    return {**{reason.value: _MANY for reason in AbandonReason}, "contacts": LATER}


def price_positions(**fields: object) -> SearchStrategy[PricePosition]:
    """Prices in euro among those of some rivals, equal ones among them."""
    return record(PricePosition, fields, _price_positions)


def _price_positions() -> Fields:
    prices = monies(low=0, high=5) | monies(low=0)
    rivals = st.lists(st.tuples(_names(), prices), min_size=1, max_size=4, unique_by=lambda pair: pair[0])
    return {"own": prices, "rivals": rivals}


def price_matches(**fields: object) -> SearchStrategy[PriceMatch]:
    """Requests in euro to match a price, with margin floors below 1."""
    return record(PriceMatch, fields, _price_matches)


def _price_matches() -> Fields:
    prices = monies(low=0, high=5) | monies(low=0, high=1000)
    return {
        "own": prices,
        "asked": prices,
        "unit_cost": prices,
        "margin_floor": shares().filter(lambda share: share < 1),
    }
