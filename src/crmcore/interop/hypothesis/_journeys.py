"""Strategies for what customers did, packed, for the maps that it is held against, and for prices compared."""

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
    InsightSource,
    JourneyMap,
    Journeys,
    JourneyStep,
    MicroMomentKind,
    MomentTiming,
    Necessity,
    PriceMatch,
    PricePosition,
    PurchasePhase,
    Sipoc,
)
from crmcore.interop.hypothesis._values import durations, fields_from, ids, later, maybe, monies, shares

_START = datetime(2026, 3, 2, tzinfo=UTC)


def _names() -> SearchStrategy[str]:
    return st.text("abcde", min_size=1, max_size=3)


def _pairs() -> SearchStrategy[list[tuple[str, str]]]:
    return st.lists(st.tuples(_names(), _names()), max_size=3)


@st.composite
def insights(draw: st.DrawFn, /, **fields: object) -> Insight:
    """Pains and opportunities, from customers, from staff and from nobody knows whom."""
    usual = {"text": _names(), "source": maybe(st.sampled_from(InsightSource)), "evidence": st.text(max_size=8)}
    return Insight(**fields_from(draw, fields, usual))


@st.composite
def journey_steps(draw: st.DrawFn, /, **fields: object) -> JourneyStep:
    """Steps of a map; only a moment of truth has a timing."""
    few: SearchStrategy[Any] = st.lists(insights(), max_size=2)
    usual: dict[str, SearchStrategy[Any]] = {
        "name": _names(),
        "phase": st.sampled_from(("before", "purchase", "after", "at home")),
        **{name: st.text(max_size=4) for name in _TEXTS},
        "emotion": maybe(st.integers(-2, 2)),
        "touchpoint_ids": st.lists(ids(), max_size=3, unique=True),
        "optional": st.booleans(),
        "owner_id": maybe(ids()),
        "necessity": maybe(st.sampled_from(Necessity)),
        "pains": few,
        "opportunities": few,
        "messages": _pairs(),
        "moment_of_truth": st.booleans(),
        "micro_moments": st.frozensets(st.sampled_from(MicroMomentKind)),
        "purchase_phase": maybe(st.sampled_from(PurchasePhase)),
    }
    drawn = fields_from(draw, fields, usual)
    if drawn["moment_of_truth"] and "timing" not in fields:
        drawn["timing"] = draw(maybe(st.sampled_from(MomentTiming)))
    return JourneyStep(**drawn)


_TEXTS = ("goal", "action", "thought", "frontstage", "backstage", "support_process", "expectation", "metric")


@st.composite
def journey_maps(draw: st.DrawFn, /, **fields: object) -> JourneyMap:
    """Maps of one step and of several, phase by phase, with ways back that are part of the plan."""
    several = st.lists(journey_steps(), min_size=1, max_size=4, unique_by=lambda step: step.name)
    steps = draw(several.map(lambda steps: sorted(steps, key=lambda step: step.phase)))
    backs = [(start.name, end.name) for place, start in enumerate(steps) for end in steps[: place + 1]]
    usual = {
        "name": _names(),
        "steps": st.just(steps),
        "actor": st.text(max_size=4),
        "scenario": st.text(max_size=4),
        "goal": st.text(max_size=4),
        "id": maybe(ids()),
    }
    if "steps" not in fields:
        usual["loops"] = st.lists(st.sampled_from(backs), max_size=2)
        usual["goal_step"] = maybe(st.sampled_from([step.name for step in steps]))
    return JourneyMap(**fields_from(draw, fields, usual))


@st.composite
def journey_logs(draw: st.DrawFn, /, **fields: object) -> Journeys:
    """Journeys of some customers, packed: short ones and empty ones, given up here and there."""
    places: list[Id] = draw(st.lists(ids(), min_size=1, max_size=5, unique=True))
    letters = [chr(ord("A") + number) for number in range(len(places))]
    words = draw(st.lists(st.text(letters, max_size=6), max_size=5))
    visits = [(journey, visit) for journey, word in enumerate(words) for visit in range(len(word))]
    usual = {
        "customer_ids": st.lists(maybe(ids()), min_size=len(words), max_size=len(words)),
        "touchpoint_ids": st.just(places),
        "paths": st.just(words),
        "times": st.tuples(*(_times(len(word)) for word in words)),
        "abandoned": st.lists(st.sampled_from(visits), max_size=2) if visits else st.just([]),
        "unassigned": st.integers(0, 5),
        "duplicates": st.integers(0, 5),
    }
    return Journeys(**fields_from(draw, fields, usual))


@st.composite
def _times(draw: st.DrawFn, /, count: int) -> list[int]:
    at, times = _START, list[int]()
    for _ in range(count):
        at = later(at, draw(st.just(timedelta(0)) | durations(longest=timedelta(days=3))))
        times.append((at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1))
    return times


@st.composite
def sipocs(draw: st.DrawFn, /, **fields: object) -> Sipoc:
    """Processes from end to end."""
    usual = {
        "process": _names(),
        "inputs": _pairs(),
        "outputs": _pairs(),
        "steps": st.lists(st.text(max_size=4), max_size=3),
    }
    return Sipoc(**fields_from(draw, fields, usual))


@st.composite
def abandoned_contacts(draw: st.DrawFn, /, **fields: object) -> AbandonedContacts:
    """Counts of contacts; no more are given up than there were."""
    count: SearchStrategy[Any] = st.integers(0, 10**5)
    usual = {reason.value: count for reason in AbandonReason}
    drawn = fields_from(draw, fields, usual)
    if "contacts" not in fields:
        drawn["contacts"] = sum(drawn[name] for name in usual) + draw(count)
    return AbandonedContacts(**drawn)


@st.composite
def price_positions(draw: st.DrawFn, /, **fields: object) -> PricePosition:
    """Prices in euro among those of some rivals, equal ones among them."""
    prices = monies(low=0, high=5) | monies(low=0)
    several: SearchStrategy[Any] = st.lists(
        st.tuples(_names(), prices), min_size=1, max_size=4, unique_by=lambda pair: pair[0]
    )
    return PricePosition(**fields_from(draw, fields, {"own": prices, "rivals": several}))


@st.composite
def price_matches(draw: st.DrawFn, /, **fields: object) -> PriceMatch:
    """Demands in euro to match a price, under floors below one."""
    prices: SearchStrategy[Any] = monies(low=0, high=5) | monies(low=0, high=1000)
    usual = {
        "own": prices,
        "asked": prices,
        "unit_cost": prices,
        "margin_floor": shares().filter(lambda share: share < 1),
    }
    return PriceMatch(**fields_from(draw, fields, usual))
