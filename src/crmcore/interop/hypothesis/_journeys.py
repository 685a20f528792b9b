"""Strategies for what customers did, packed, for journey maps to compare it with, and for price comparisons."""

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
from crmcore.interop.hypothesis._values import (
    Fields,
    cached,
    fields_from,
    ids,
    later,
    maybe,
    maybe_ids,
    maybe_of,
    monies,
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


@st.composite
def insights(draw: st.DrawFn, /, **fields: object) -> Insight:
    """Pains and opportunities, from customers, from staff and from unknown sources."""
    return Insight(**fields_from(draw, fields, _insights()))


@cached
def _insights() -> Fields:
    return {"text": _names(), "source": maybe_of(InsightSource), "evidence": st.text(max_size=8)}


@st.composite
def journey_steps(draw: st.DrawFn, /, **fields: object) -> JourneyStep:
    """Steps of a map; only a moment of truth has a timing."""
    drawn = fields_from(draw, fields, _journey_steps())
    if drawn["moment_of_truth"] and "timing" not in fields:
        drawn["timing"] = draw(maybe_of(MomentTiming))
    return JourneyStep(**drawn)


@cached
def _journey_steps() -> Fields:
    few = st.lists(insights(), max_size=2)
    return {
        "name": _names(),
        "phase": st.sampled_from(("before", "purchase", "after", "at home")),
        **{name: st.text(max_size=4) for name in _TEXTS},
        "emotion": maybe(st.integers(-2, 2)),
        "touchpoint_ids": st.lists(ids(), max_size=3, unique=True),
        "optional": st.booleans(),
        "owner_id": maybe_ids(),
        "necessity": maybe_of(Necessity),
        "pains": few,
        "opportunities": few,
        "messages": _pairs(),
        "moment_of_truth": st.booleans(),
        "micro_moments": st.frozensets(st.sampled_from(MicroMomentKind)),
        "purchase_phase": maybe_of(PurchasePhase),
    }


_TEXTS = ("goal", "action", "thought", "frontstage", "backstage", "support_process", "expectation", "metric")


@st.composite
def journey_maps(draw: st.DrawFn, /, **fields: object) -> JourneyMap:
    """Maps of one step and of several, phase by phase, with loops."""
    usual = _journey_maps()
    if "steps" not in fields:
        steps = sorted(draw(_several_steps()), key=lambda step: step.phase)
        backs = [(start.name, end.name) for place, start in enumerate(steps) for end in steps[: place + 1]]
        usual = {**usual, "steps": steps}
        usual["loops"] = st.lists(st.sampled_from(backs), max_size=2)
        usual["goal_step"] = st.sampled_from([None] * len(steps) + [step.name for step in steps])
    return JourneyMap(**fields_from(draw, fields, usual))


@cached
def _journey_maps() -> Fields:
    text = st.text(max_size=4)
    return {"name": _names(), "actor": text, "scenario": text, "goal": text, "id": maybe_ids()}


@cached
def _several_steps() -> SearchStrategy[list[JourneyStep]]:
    return st.lists(journey_steps(), min_size=1, max_size=4, unique_by=lambda step: step.name)


@st.composite
def journey_logs(draw: st.DrawFn, /, **fields: object) -> Journeys:
    """Journeys of some customers, packed: short ones and empty ones, with abandoned visits."""
    touchpoints = draw(_touchpoints())
    paths = draw(_path_texts(len(touchpoints)))
    visits = [(journey, visit) for journey, path in enumerate(paths) for visit in range(len(path))]
    usual = {
        "customer_ids": st.lists(maybe_ids(), min_size=len(paths), max_size=len(paths)),
        "touchpoint_ids": touchpoints,
        "paths": paths,
        "times": st.tuples(*(_times(len(path)) for path in paths)),
        "abandoned": st.lists(st.sampled_from(visits), max_size=2) if visits else [],
        "unassigned": st.integers(0, 5),
        "duplicates": st.integers(0, 5),
    }
    return Journeys(**fields_from(draw, fields, usual))


@cached
def _touchpoints() -> SearchStrategy[list[Id]]:
    return st.lists(ids(), min_size=1, max_size=5, unique=True)


@cached
def _path_texts(touchpoints: int) -> SearchStrategy[list[str]]:
    letters = [chr(ord("A") + number) for number in range(touchpoints)]
    return st.lists(st.text(letters, max_size=6), max_size=5)


@st.composite
def _times(draw: st.DrawFn, /, count: int) -> list[int]:
    at, times = _START, list[int]()
    for _ in range(count):
        at = later(at, draw(waits(longest=timedelta(days=3))))
        times.append(_clock.since_epoch(at))
    return times


@st.composite
def sipocs(draw: st.DrawFn, /, **fields: object) -> Sipoc:
    """Processes from end to end."""
    return Sipoc(**fields_from(draw, fields, _sipocs()))


@cached
def _sipocs() -> Fields:
    return {
        "process": _names(),
        "inputs": _pairs(),
        "outputs": _pairs(),
        "steps": st.lists(st.text(max_size=4), max_size=3),
    }


@st.composite
def abandoned_contacts(draw: st.DrawFn, /, **fields: object) -> AbandonedContacts:
    """Counts of contacts; no more are abandoned than there are."""
    count: SearchStrategy[Any] = st.integers(0, 10**5)
    usual = {reason.value: count for reason in AbandonReason}
    drawn = fields_from(draw, fields, usual)
    if "contacts" not in fields:
        drawn["contacts"] = sum(drawn[name] for name in usual) + draw(count)
    return AbandonedContacts(**drawn)


@st.composite
def price_positions(draw: st.DrawFn, /, **fields: object) -> PricePosition:
    """Prices in euro among those of some rivals, equal ones among them."""
    return PricePosition(**fields_from(draw, fields, _price_positions()))


@cached
def _price_positions() -> Fields:
    prices = monies(low=0, high=5) | monies(low=0)
    rivals = st.lists(st.tuples(_names(), prices), min_size=1, max_size=4, unique_by=lambda pair: pair[0])
    return {"own": prices, "rivals": rivals}


@st.composite
def price_matches(draw: st.DrawFn, /, **fields: object) -> PriceMatch:
    """Demands in euro to match a price, under floors below one."""
    return PriceMatch(**fields_from(draw, fields, _price_matches()))


@cached
def _price_matches() -> Fields:
    prices = monies(low=0, high=5) | monies(low=0, high=1000)
    return {
        "own": prices,
        "asked": prices,
        "unit_cost": prices,
        "margin_floor": shares().filter(lambda share: share < 1),
    }
