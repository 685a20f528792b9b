"""What type checkers see of paths and of of maps compared with them; nothing here is run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_type

from crmcore import (
    Conformance,
    ConversionTimes,
    DwellTime,
    Finding,
    Flow,
    Funnel,
    GoalRate,
    Id,
    Interaction,
    Journey,
    JourneyMap,
    Journeys,
    Money,
    StepMatrix,
    StepOrder,
    TallyBy,
    Visits,
    journey_maps,
    paths,
)
from crmcore.journeys.journey_maps import Backtrack, OffMap, StepConformance, ValueAtRisk
from crmcore.journeys.paths import Edge, FunnelStep
from crmcore.primitives.proportions import Interval, TwoProportions
from crmcore.primitives.tally import Cell


def flows(rows: Iterator[tuple[str, str, datetime]], packed: Journeys, met: list[Interaction]) -> None:
    """A flow comes of rows, interactions, journeys or packed ones, and its keys are touchpoints or None."""
    flow = Flow.of(rows)
    assert_type(flow, Flow)
    assert_type(Flow.of(packed) + Flow.of(met), Flow)
    assert_type(flow.edges, TallyBy[tuple[Id | None, Id | None], Edge])
    assert_type(flow.starts, TallyBy[Id, Edge])
    assert_type(flow.ends, TallyBy[Id, Edge])
    assert_type(flow.onward("till"), TallyBy[Id | None, Edge])
    assert_type(flow.share(None, 7), Decimal | None)
    assert_type(flow.row(), dict[str, Cell])
    assert_type(paths.variants(packed), TallyBy[tuple[Id, ...], Edge])
    Flow.of("till")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a touchpoint is no log
    Flow.of([("anna", "till")])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - when?
    Flow(4)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword
    flow.journeys = 3  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue] - frozen


def touchpoints(packed: Journeys, journeys: list[Journey]) -> None:
    """What happened at each touchpoint is a tally by its id."""
    assert_type(paths.visits(packed, goal="till"), TallyBy[Id, Visits])
    assert_type(paths.visits(journeys)["till"].drop_off, Decimal | None)
    assert_type(paths.visits(journeys)["till"].interval(confidence=0.9), Interval | None)
    assert_type(paths.dwell_times(packed), TallyBy[Id, DwellTime])
    assert_type(DwellTime(stays=1, seconds="0.5").seconds_each, Decimal | None)
    assert_type(GoalRate.by(journeys, lambda journey: journey.goal), TallyBy[str, GoalRate])
    assert_type(GoalRate.of(iter(journeys)).rate, Decimal | None)
    paths.visits(packed, "till")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword
    paths.visits(packed, goal=["till"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - one goal
    DwellTime(stays=1, seconds=0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - exact
    GoalRate.of(packed)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - packed, they have no goals


def funnels(packed: Journeys, noon: datetime) -> None:
    """Steps are touchpoints, several of them in order, or a mapping from names to these."""
    funnel = Funnel.of(packed, ["shelf", ["till", 7]], optional=["shelf"], within=timedelta(days=7))
    assert_type(funnel, Funnel)
    assert_type(Funnel.of(packed, {"look": ["site", "shop"], "buy": "till"}), Funnel)
    assert_type(Funnel.of(packed, ["shelf", "till"], exclude={"desk": ("shelf", "till")}).excluded, int)
    assert_type(Funnel.of(packed, ["shelf", "till"], exclude=["desk", 7]).exclude, tuple[tuple[Id, tuple[Id, Id]], ...])
    assert_type(Funnel.of(packed, ["shelf", "till"], order=StepOrder.ANY).order, StepOrder)
    assert_type(funnel.steps, tuple[FunnelStep, ...])
    assert_type(funnel["shelf"].share_of_previous, Decimal | None)
    assert_type(funnel.rate, Decimal | None)
    assert_type(funnel.worst, FunnelStep)
    assert_type(funnel.interval(), Interval | None)
    assert_type(Funnel.of(packed, ["shelf", 7], step_within={7: timedelta(days=1)}).longest, timedelta | None)
    assert_type(Funnel.of(packed, ["shelf", "till"], step_within=timedelta(days=1))["till"].within, timedelta | None)
    times = ConversionTimes.of(packed, ["shelf", "till"], as_of=noon, between=("shelf", "till"))
    assert_type((times.lengths, times.converted), tuple[tuple[timedelta, ...], tuple[bool, ...]])
    ConversionTimes.of(packed, ["shelf"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - until when?
    Funnel.of(packed)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - through which steps?
    Funnel.of(packed, [None])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - a step is a touchpoint
    Funnel.of(packed, [{"site", "shop"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - in which order?
    Funnel.of(packed, ["shelf"], order="any")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member
    Funnel.of(packed, ["shelf"], within=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - seven what?


def matrices(packed: Journeys) -> None:
    """Cells are by the number of the visit and the touchpoint."""
    matrix = StepMatrix.of(packed, steps=5)
    assert_type(matrix.cells, TallyBy[tuple[int, Id | None], Edge])
    assert_type(matrix.share(1, "till"), Decimal | None)
    assert_type(matrix.ended(5), Decimal | None)
    StepMatrix.of(packed, 5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword


def comparisons(journey_map: JourneyMap, packed: Journeys, price: Money) -> None:
    """A comparison needs a map first and journeys second; what is at stake needs a worth."""
    found = journey_maps.compare(journey_map, packed)
    assert_type(found, Conformance)
    assert_type(found["pay"], StepConformance)
    assert_type(found["pay"].with_and_without(), TwoProportions | None)
    assert_type(found.off_map, TallyBy[Id, OffMap])
    assert_type(found.backtracks, TallyBy[tuple[str, str], Backtrack])
    assert_type(journey_maps.review(found), tuple[Finding, ...])
    assert_type(journey_maps.value_at_risk(found, worth=price), tuple[ValueAtRisk, ...])
    assert_type(journey_maps.value_at_risk(found, worth=price)[0].value, Money)
    journey_maps.compare(packed, journey_map)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - the map first
    journey_maps.value_at_risk(found)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - worth how much?
    journey_maps.value_at_risk(found, worth=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of which currency?
    Conformance()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - of which map?
