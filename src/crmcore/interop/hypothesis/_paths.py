"""Strategies for the paths of customers, and for the counts of a map compared with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import (
    Conformance,
    ConversionTimes,
    DwellTime,
    Flow,
    Funnel,
    GoalRate,
    Id,
    JourneyMap,
    Journeys,
    StepMatrix,
    StepOrder,
    Visits,
    journey_maps,
)
from crmcore.interop.hypothesis import _journeys
from crmcore.interop.hypothesis._values import (
    Fields,
    cached,
    cautions,
    counts,
    decimals,
    durations,
    fields_from,
    ids,
    instants,
    maybe,
    maybe_ids,
    monies,
    record,
    waits,
)
from crmcore.journeys.journey_maps import Backtrack, OffMap, StepConformance, ValueAtRisk
from crmcore.journeys.paths import Edge, FunnelStep

_START = datetime(2026, 3, 2, tzinfo=UTC)


@st.composite
def edges(draw: st.DrawFn, /, **fields: object) -> Edge:
    """Edges that occur in no journey, in some, and several times in some."""
    journeys = draw(counts())
    again = draw(counts()) if journeys else 0
    usual = {"count": journeys + again, "journeys": journeys}
    return Edge(**fields_from(draw, fields, usual))


@st.composite
def flows(draw: st.DrawFn, /, **fields: object) -> Flow:
    """Flows of a few customers."""
    return attrs.evolve(Flow.of(draw(_journeys.journey_logs())), **fields_from(draw, fields, {}))


@st.composite
def visit_counts(draw: st.DrawFn, /, **fields: object) -> Visits:
    """What happened at one touchpoint, with and without a goal."""
    drawn = fields_from(draw, fields, {"goal": maybe_ids()})
    journeys = draw(counts())
    repeated, starts, ends = (draw(counts(journeys)) for _ in range(3))
    further = draw(counts(10**6 + repeated, least=repeated)) if repeated else 0
    usual = {
        "visits": journeys + further,
        "journeys": journeys,
        "self_loops": counts(further),
        "repeated": repeated,
        "starts": starts,
        "ends": ends,
        "left": 0 if drawn["goal"] is None else counts(ends),
        "open": 0 if drawn.get("as_of") is None else counts(),
    }
    return Visits(**{**fields_from(draw, {}, usual), **drawn})


@st.composite
def funnel_steps(draw: st.DrawFn, /, **fields: object) -> FunnelStep:
    """Steps of a funnel, each of them narrower than the one before."""
    journeys = draw(counts())
    previous = draw(counts(journeys))
    usual = {
        "name": ids(),
        "touchpoint_ids": st.lists(ids(), min_size=1, max_size=3),
        "optional": st.booleans(),
        "journeys": journeys,
        "first_reached": counts(journeys),
        "previous_reached": previous,
        "reached": counts(previous),
    }
    return FunnelStep(**fields_from(draw, fields, usual))


@st.composite
def funnels(draw: st.DrawFn, /, **fields: object) -> Funnel:
    """Funnels of a few customers, with steps in any order too; some with optional steps, some within a time.

    Some steps have a window of their own.
    """
    fixed = {"steps", "exclude"} & {*fields}  # the order must suit them
    drawn = fields_from(draw, fields, {"order": StepOrder.SEQUENTIAL if fixed else st.sampled_from(StepOrder)})
    log = draw(_journeys.journey_logs())
    names: list[Id] = draw(st.lists(st.sampled_from(log.touchpoint_ids) | ids(), min_size=1, max_size=4, unique=True))
    optional: list[Id] = []
    exclude: list[Id] = []
    if drawn["order"] is StepOrder.SEQUENTIAL and not fixed:
        needed = draw(st.sampled_from(names))
        others = [name for name in names if name != needed]
        optional = draw(st.lists(st.sampled_from(others), max_size=2)) if others else []
        if len({*names} - {*optional}) > 1:
            exclude = draw(st.lists(ids(), max_size=1))
    windows = st.just(None) if drawn["order"] is StepOrder.ANY else maybe(durations(longest=timedelta(days=9)))
    counted = Funnel.of(
        log,
        names,
        step_within=draw(windows) if "steps" not in fields else None,
        optional=optional,
        within=draw(maybe(durations(longest=timedelta(days=9)))),
        order=drawn["order"],
        exclude=exclude,
    )
    usual = {"excluded": draw(counts())} if exclude or drawn.get("exclude") else {}
    return attrs.evolve(counted, **{**usual, **_with_open(draw, drawn)})


@st.composite
def conversion_times(draw: st.DrawFn, /, **fields: object) -> ConversionTimes:
    """Times of a few journeys, some of them converted."""
    pairs = draw(st.lists(st.tuples(waits(), st.booleans()), max_size=5))
    lengths = fields.get("lengths")
    many = len(pairs) if lengths is None else len(cast("list[object]", lengths))
    usual = {
        "start": ids(),
        "end": ids(),
        "as_of": instants(),
        "lengths": [length for length, _ in pairs],
        "converted": st.lists(st.booleans(), min_size=many, max_size=many),
        "not_started": counts(),
        "excluded": counts(),
        "cautions": cautions(),
    }
    return ConversionTimes(**fields_from(draw, fields, usual))


def _with_open(draw: st.DrawFn, drawn: dict[str, Any]) -> dict[str, Any]:
    """Add a number of open journeys, if there is a reference date."""
    return drawn if drawn.get("as_of") is None else {"open": draw(counts()), **drawn}


@st.composite
def step_matrices(draw: st.DrawFn, /, **fields: object) -> StepMatrix:
    """Step matrices of a few customers."""
    drawn = fields_from(draw, fields, {"steps": st.integers(1, 7)})
    return attrs.evolve(StepMatrix.of(draw(_journeys.journey_logs()), steps=drawn["steps"]), **drawn)


@st.composite
def dwell_times(draw: st.DrawFn, /, **fields: object) -> DwellTime:
    """Time at a touchpoint, of no stays and of many."""
    stays = draw(counts())
    usual = {"stays": stays, "seconds": decimals(0, 10**9, places=6) if stays else Decimal(0)}
    return DwellTime(**fields_from(draw, fields, usual))


def goal_rates(**fields: object) -> SearchStrategy[GoalRate]:
    """Goals reached, missed, and unknown."""
    return record(GoalRate, fields, _goal_rates)


def _goal_rates() -> Fields:
    return dict.fromkeys(("reached", "missed", "unknown"), counts())


@st.composite
def step_conformances(draw: st.DrawFn, /, **fields: object) -> StepConformance:
    """Counts of a step that no journey or many reached."""
    completed, failed, without, others = (draw(counts()) for _ in range(4))
    came = completed + failed
    repeated = draw(counts(completed))
    repeats = repeated + draw(counts()) if repeated else 0
    abandoned = failed + draw(counts()) if came else 0
    reached = draw(counts(came))
    usual = {
        "step": st.text("abcde", min_size=1, max_size=3),
        "optional": st.booleans(),
        "journeys": came + without + others,
        "visits": completed + abandoned + repeats,
        "completed": completed,
        "failed": failed,
        "skipped": counts(without),
        "abandoned": abandoned,
        "repeats": repeats,
        "repeated": repeated,
        "out_of_order": counts(came),
        "left": counts(came - reached),
        "reached": reached,
        "without": without,
        "reached_without": counts(without),
    }
    return StepConformance(**fields_from(draw, fields, usual))


@st.composite
def off_maps(draw: st.DrawFn, /, **fields: object) -> OffMap:
    """Visits to touchpoints that no map has."""
    journeys = draw(counts())
    again = draw(counts()) if journeys else 0
    usual = {"visits": journeys + again, "journeys": journeys}
    return OffMap(**fields_from(draw, fields, usual))


@st.composite
def backtracks(draw: st.DrawFn, /, **fields: object) -> Backtrack:
    """Backtracks, and the time they cost."""
    journeys = draw(counts())
    count = journeys + draw(counts()) if journeys else 0
    usual = {
        "count": count,
        "journeys": journeys,
        "returned": counts(count),
        "seconds": decimals(0, 10**9, places=6) if count else Decimal(0),
    }
    return Backtrack(**fields_from(draw, fields, usual))


@st.composite
def conformances(draw: st.DrawFn, /, **fields: object) -> Conformance:
    """A map compared with journeys of a few customers at its touchpoints and at others."""
    drawn = _with_open(draw, fields_from(draw, fields, {"journey_map": _journeys.journey_maps()}))
    drawn.setdefault("unassigned", draw(st.integers(0, 9)))
    journey_map: JourneyMap = drawn["journey_map"]
    places: list[Id] = [*journey_map.touchpoint_ids, *draw(_elsewhere())]
    paths = draw(st.lists(st.lists(st.sampled_from(places), max_size=7), max_size=4)) if places else []
    if not journey_map.step(str(journey_map.goal_step)).touchpoint_ids:
        drawn.setdefault("journeys", len(paths))
        return Conformance(**drawn)
    log = Journeys.of(
        [
            (number, place, _START + visit * timedelta(hours=5))
            for number, path in enumerate(paths)
            for visit, place in enumerate(path)
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
    came = draw(counts())
    usual = {
        "step": st.text("abcde", min_size=1, max_size=3),
        "came": came,
        "left": counts(came),
        "worth": monies(low=0),
        "cautions": cautions(),
    }
    return ValueAtRisk(**fields_from(draw, fields, usual))
