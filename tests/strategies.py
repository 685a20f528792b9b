"""The library's own strategies, with the wide ranges and the policies that its laws are tried on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from crmcore import (
    AbandonedContacts,
    Audit,
    Balance,
    Buying,
    Churn,
    Conformance,
    DayCount,
    Departures,
    DwellTime,
    FailureRate,
    Flow,
    Funnel,
    GoalRate,
    HistoricValue,
    Inactivity,
    JourneyMap,
    JourneyStep,
    Outcome,
    Period,
    RevenueChurn,
    StageOrder,
    StageTime,
    StepMatrix,
    TenureRule,
    Transitions,
    Visits,
)
from crmcore.interop import hypothesis as ours
from crmcore.journeys.journey_maps import Backtrack, OffMap, StepConformance
from crmcore.journeys.paths import Edge, FunnelStep
from crmcore.value.lifetime_value import SegmentValue

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmcore import Money, Tally

DAY_OF_JUDGEMENT = datetime(2060, 1, 1, tzinfo=UTC)
DAY_COUNTS = st.sampled_from([day_count for day_count in DayCount if day_count is not DayCount.ACTUAL_ACTUAL])
COUNTED_ALIKE: dict[str, Any] = {"period": None, "paused_is_lost": False}
VALUES: dict[type, st.SearchStrategy[Any]] = ours.every_type()


def decimals(low: int, high: int, *, places: int = 40) -> st.SearchStrategy[Decimal]:
    return ours.decimals(low, high, places=2) | ours.decimals(low, high, places=places)


def monies(
    currency: str | st.SearchStrategy[str] = "EUR", *, low: int = -(10**30), high: int = 10**30
) -> st.SearchStrategy[Money]:
    return ours.monies(currency, low=low, high=high) | ours.monies(currency, low=low, high=high, places=40)


def modest_monies(currency: str = "EUR") -> st.SearchStrategy[Money]:
    return monies(currency, low=-(10**9), high=10**9)


def shares() -> st.SearchStrategy[Decimal]:
    return ours.shares(places=12)


def proportions() -> st.SearchStrategy[tuple[int, int]]:
    return st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def steps_of_a_funnel(*names: str, optional: tuple[str, ...] = ()) -> st.SearchStrategy[Any]:
    """The steps of a funnel of some names, counted from few short ways."""
    ways = st.lists(st.lists(st.sampled_from((*names, "elsewhere")), max_size=5), max_size=4)
    return ways.map(
        lambda log: (
            Funnel.of(
                [(who, at, DAY_OF_JUDGEMENT) for who, way in enumerate(log) for at in way], names, optional=optional
            ).steps
        )
    )


def journey_map(*names: str) -> JourneyMap:
    """A map of steps that are named as their touchpoints and their phases are."""
    return JourneyMap(name="map", steps=[JourneyStep(name=name, phase=name, touchpoint_ids=[name]) for name in names])


TALLIES: dict[type[Tally], tuple[Callable[..., st.SearchStrategy[Any]], list[dict[str, Any]]]] = {
    AbandonedContacts: (ours.abandoned_contacts, [{}]),
    Audit: (ours.audits, [{}]),
    Backtrack: (ours.backtracks, [{}]),
    Balance: (
        ours.balances,
        [
            {},
            {"ratio": Decimal(5)},
            {"as_of": DAY_OF_JUDGEMENT},
            {"as_of": DAY_OF_JUDGEMENT, "window": timedelta(days=90)},
            {"as_of": DAY_OF_JUDGEMENT, "half_life": timedelta(days=90)},
            {"resolved_weight": Decimal("0.5")},
        ],
    ),
    Buying: (
        ours.buyings,
        [
            {"tenure": TenureRule.FIRST_TO_LAST},
            {"tenure": TenureRule.FIRST_TO_AS_OF, "as_of": DAY_OF_JUDGEMENT},
        ],
    ),
    Churn: (
        ours.churns,
        [
            {**COUNTED_ALIKE, "churned_after": None},
            {**COUNTED_ALIKE, "churned_after": timedelta(days=90)},
            {**COUNTED_ALIKE, "churned_after": None, "paused_is_lost": True},
            {**COUNTED_ALIKE, "churned_after": None, "period": Period.month(2026, 3)},
            {**COUNTED_ALIKE, "churned_after": None, "period": Period.quarter(2026, 1)},
        ],
    ),
    Conformance: (
        ours.conformances,
        [{"journey_map": journey_map(*names)} for names in ("ab", "abc", "ca")],
    ),
    Departures: (ours.departures, [{}]),
    DwellTime: (ours.dwell_times, [{}]),
    FailureRate: (ours.failure_rates, [{}]),
    Flow: (ours.flows, [{}]),
    Funnel: (
        ours.funnels,
        [
            {"within": None, "steps": steps_of_a_funnel("a", "b", "c")},
            {"within": None, "steps": steps_of_a_funnel("a", "b")},
            {"within": None, "steps": steps_of_a_funnel("a", "c", "b")},
            {"within": None, "steps": steps_of_a_funnel("a", "b", "c", optional=("a",))},
            {"within": timedelta(days=1), "steps": steps_of_a_funnel("a", "b", "c")},
        ],
    ),
    FunnelStep: (
        ours.funnel_steps,
        [
            {"name": "a", "touchpoint_ids": ("a",), "optional": False},
            {"name": "b", "touchpoint_ids": ("a",), "optional": False},
            {"name": "a", "touchpoint_ids": ("b",), "optional": False},
            {"name": "a", "touchpoint_ids": ("a",), "optional": True},
        ],
    ),
    GoalRate: (ours.goal_rates, [{}]),
    HistoricValue: (ours.historic_values, [{}]),
    Inactivity: (
        ours.inactivities,
        [
            {},
            {"as_of": DAY_OF_JUDGEMENT},
            {"churned_after": timedelta(days=90)},
            {"at_risk_after": timedelta(days=30)},
        ],
    ),
    OffMap: (ours.off_maps, [{}]),
    Edge: (ours.edges, [{}]),
    Outcome: (ours.outcomes, [{}]),
    RevenueChurn: (
        ours.revenue_churns,
        [COUNTED_ALIKE, {**COUNTED_ALIKE, "paused_is_lost": True}, {**COUNTED_ALIKE, "period": Period.month(2026, 3)}],
    ),
    SegmentValue: (ours.segment_values, [{}]),
    StageTime: (ours.stage_times, [{}]),
    StepConformance: (
        ours.step_conformances,
        [
            {"step": "a", "optional": False},
            {"step": "b", "optional": False},
            {"step": "a", "optional": True},
        ],
    ),
    StepMatrix: (ours.step_matrices, [{"steps": 3}, {"steps": 5}]),
    Transitions: (ours.transitions, [{"order": order} for order in StageOrder]),
    Visits: (ours.visit_counts, [{"goal": None}, {"goal": "till"}, {"goal": 7}]),
}
"""For every tally: a strategy that takes policies, and sets of policies of which no two add."""
