"""Strategies for the paths that customers take, and for what a comparison with a map counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import (
    Conformance,
    DwellTime,
    Flow,
    Funnel,
    GoalRate,
    Id,
    JourneyMap,
    Journeys,
    StepMatrix,
    Visits,
    journey_maps,
)
from crmcore.interop.hypothesis import _journeys
from crmcore.interop.hypothesis._values import (
    Fields,
    cached,
    decimals,
    durations,
    fields_from,
    ids,
    maybe,
    maybe_ids,
    monies,
)
from crmcore.journeys.journey_maps import Backtrack, OffMap, StepConformance, ValueAtRisk
from crmcore.journeys.paths import Edge, FunnelStep

_START = datetime(2026, 3, 2, tzinfo=UTC)
_MANY = 10**6


def _counts(most: int = _MANY, *, least: int = 0) -> SearchStrategy[int]:
    return st.integers(least, most)


@st.composite
def edges(draw: st.DrawFn, /, **fields: object) -> Edge:
    """Edges never passed, and edges passed in some journeys, in some of them several times."""
    journeys = draw(_counts())
    again = draw(_counts()) if journeys else 0
    usual = {"count": journeys + again, "journeys": journeys}
    return Edge(**fields_from(draw, fields, usual))


@st.composite
def flows(draw: st.DrawFn, /, **fields: object) -> Flow:
    """The flow of a few customers between touchpoints."""
    return attrs.evolve(Flow.of(draw(_journeys.journey_logs())), **fields_from(draw, fields, {}))


@st.composite
def visit_counts(draw: st.DrawFn, /, **fields: object) -> Visits:
    """What happened at one touchpoint, with and without a goal."""
    drawn = fields_from(draw, fields, {"goal": maybe_ids()})
    journeys = draw(_counts())
    repeated, starts, ends = (draw(_counts(journeys)) for _ in range(3))
    further = draw(_counts(_MANY + repeated, least=repeated)) if repeated else 0
    usual = {
        "visits": journeys + further,
        "journeys": journeys,
        "self_loops": _counts(further),
        "repeated": repeated,
        "starts": starts,
        "ends": ends,
        "left": 0 if drawn["goal"] is None else _counts(ends),
    }
    return Visits(**{**fields_from(draw, {}, usual), **drawn})


@st.composite
def funnel_steps(draw: st.DrawFn, /, **fields: object) -> FunnelStep:
    """Steps of a funnel, each of them narrower than the one before."""
    journeys = draw(_counts())
    previous = draw(_counts(journeys))
    usual = {
        "name": ids(),
        "touchpoint_ids": st.lists(ids(), min_size=1, max_size=3),
        "optional": st.booleans(),
        "journeys": journeys,
        "first_reached": _counts(journeys),
        "previous_reached": previous,
        "reached": _counts(previous),
    }
    return FunnelStep(**fields_from(draw, fields, usual))


@st.composite
def funnels(draw: st.DrawFn, /, **fields: object) -> Funnel:
    """How far a few customers got, with optional steps or without, with a time limit or without."""
    log = draw(_journeys.journey_logs())
    names: list[Id] = draw(st.lists(st.sampled_from(log.touchpoint_ids) | ids(), min_size=1, max_size=4, unique=True))
    needed = draw(st.sampled_from(names))
    others = [name for name in names if name != needed]
    counted = Funnel.of(
        log,
        names,
        optional=draw(st.lists(st.sampled_from(others), max_size=2)) if others else (),
        within=draw(maybe(durations(longest=timedelta(days=9)))),
    )
    return attrs.evolve(counted, **fields_from(draw, fields, {}))


@st.composite
def step_matrices(draw: st.DrawFn, /, **fields: object) -> StepMatrix:
    """Where a few customers were at their first visits."""
    drawn = fields_from(draw, fields, {"steps": st.integers(1, 7)})
    return attrs.evolve(StepMatrix.of(draw(_journeys.journey_logs()), steps=drawn["steps"]), **drawn)


@st.composite
def dwell_times(draw: st.DrawFn, /, **fields: object) -> DwellTime:
    """Time at a touchpoint, with no stay or with many."""
    stays = draw(_counts())
    usual = {"stays": stays, "seconds": decimals(0, 10**9, places=6) if stays else Decimal(0)}
    return DwellTime(**fields_from(draw, fields, usual))


@st.composite
def goal_rates(draw: st.DrawFn, /, **fields: object) -> GoalRate:
    """Goals reached, missed, and unknown."""
    return GoalRate(**fields_from(draw, fields, _goal_rates()))


@cached
def _goal_rates() -> Fields:
    return {"reached": _counts(), "missed": _counts(), "unknown": _counts()}


@st.composite
def step_conformances(draw: st.DrawFn, /, **fields: object) -> StepConformance:
    """What happened at a step, with no journeys or with many."""
    completed, failed, without, others = (draw(_counts()) for _ in range(4))
    came = completed + failed
    repeated = draw(_counts(completed))
    repeats = repeated + draw(_counts()) if repeated else 0
    abandoned = failed + draw(_counts()) if came else 0
    reached = draw(_counts(came))
    usual = {
        "step": st.text("abcde", min_size=1, max_size=3),
        "optional": st.booleans(),
        "journeys": came + without + others,
        "visits": completed + abandoned + repeats,
        "completed": completed,
        "failed": failed,
        "skipped": _counts(without),
        "abandoned": abandoned,
        "repeats": repeats,
        "repeated": repeated,
        "out_of_order": _counts(came),
        "left": _counts(came - reached),
        "reached": reached,
        "without": without,
        "reached_without": _counts(without),
    }
    return StepConformance(**fields_from(draw, fields, usual))


@st.composite
def off_maps(draw: st.DrawFn, /, **fields: object) -> OffMap:
    """Visits to a touchpoint that the map does not have."""
    journeys = draw(_counts())
    again = draw(_counts()) if journeys else 0
    usual = {"visits": journeys + again, "journeys": journeys}
    return OffMap(**fields_from(draw, fields, usual))


@st.composite
def backtracks(draw: st.DrawFn, /, **fields: object) -> Backtrack:
    """Backtracks, and the time they cost."""
    journeys = draw(_counts())
    count = journeys + draw(_counts()) if journeys else 0
    usual = {
        "count": count,
        "journeys": journeys,
        "returned": _counts(count),
        "seconds": decimals(0, 10**9, places=6) if count else Decimal(0),
    }
    return Backtrack(**fields_from(draw, fields, usual))


@st.composite
def conformances(draw: st.DrawFn, /, **fields: object) -> Conformance:
    """A map compared with what a few customers did at its touchpoints and at others."""
    drawn: dict[str, Any] = fields_from(draw, fields, {"journey_map": _journeys.journey_maps()})
    journey_map: JourneyMap = drawn["journey_map"]
    touchpoints: list[Id] = [*journey_map.touchpoint_ids, *draw(_elsewhere())]
    paths = draw(st.lists(st.lists(st.sampled_from(touchpoints), max_size=7), max_size=4)) if touchpoints else []
    if not journey_map.step(str(journey_map.goal_step)).touchpoint_ids:
        drawn.setdefault("journeys", len(paths))
        return Conformance(**drawn)
    log = Journeys.of(
        [
            (customer, touchpoint, _START + n * timedelta(hours=5))
            for customer, path in enumerate(paths)
            for n, touchpoint in enumerate(path)
        ]
    )
    visits = [(journey, visit) for journey, path in enumerate(log.paths) for visit in range(len(path))]
    abandoned = draw(st.lists(st.sampled_from(visits), max_size=3)) if visits else []
    return attrs.evolve(journey_maps.compare(journey_map, attrs.evolve(log, abandoned=abandoned)), **drawn)


@cached
def _elsewhere() -> SearchStrategy[list[Id]]:
    return st.lists(ids(), max_size=2)


@st.composite
def values_at_risk(draw: st.DrawFn, /, **fields: object) -> ValueAtRisk:
    """Value at risk at a step, in euro unless the worth is given."""
    came = draw(_counts())
    usual = {
        "step": st.text("abcde", min_size=1, max_size=3),
        "came": came,
        "left": _counts(came),
        "worth": monies(low=0),
    }
    return ValueAtRisk(**fields_from(draw, fields, usual))
