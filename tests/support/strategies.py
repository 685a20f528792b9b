"""The library's own strategies, with the wide ranges and the policies that its laws are tried on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar, cast

import attrs
from hypothesis import strategies as st

from crmcore import (
    AgeRule,
    AnswerCounts,
    AuditScores,
    Balance,
    BaseDistribution,
    Buying,
    Churn,
    Cohort,
    Compliance,
    Conformance,
    Csat,
    CustomerEffort,
    CustomerFigure,
    DayCount,
    ExperienceGrades,
    FixEffect,
    Funnel,
    Inactivity,
    JourneyMap,
    JourneyStep,
    LevelTransitions,
    Loops,
    OrderRule,
    Outcome,
    Pareto,
    PerceptionGap,
    Period,
    Promises,
    Reach,
    ReturnLikelihood,
    RevenueChurn,
    RevenueDefinition,
    RevenueMovements,
    RevenuePolicy,
    Reviews,
    RoundConvention,
    Scale,
    StageOrder,
    StepMatrix,
    StepOrder,
    SurveyRound,
    Survival,
    Tally,
    TenureRule,
    TimeUnit,
    Transitions,
    Visits,
)
from crmcore.interop import hypothesis as ours
from crmcore.interop.hypothesis._values import STRATEGIES
from crmcore.journeys.journey_maps import StepConformance
from crmcore.journeys.paths import FunnelStep

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmcore import Money

_T = TypeVar("_T")

REFERENCE_DATE = datetime(2060, 1, 1, tzinfo=UTC)
WINDOW = {"within": timedelta(days=30), "as_of": REFERENCE_DATE}
LATER = {"within": timedelta(days=40), "as_of": REFERENCE_DATE + timedelta(days=1)}
DAY_COUNTS = st.sampled_from([day_count for day_count in DayCount if day_count is not DayCount.ACTUAL_ACTUAL])
COUNTED_ALIKE: dict[str, Any] = {"period": None, "paused_is_lost": False}
VALUES: dict[type, st.SearchStrategy[Any]] = ours.every_type() | {
    cls: cast("Any", strategy)(id=ours.ids() | st.none())
    for cls, strategy in STRATEGIES.items()
    if attrs.has(cls) and any(field.name == "id" and field.default is None for field in attrs.fields(cls))
}
"""A strategy for each value class; unlike those of the library, they draw the ids of single records."""


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
                [(who, at, REFERENCE_DATE) for who, way in enumerate(log) for at in way], names, optional=optional
            ).steps
        )
    )


def journey_map(*names: str) -> JourneyMap:
    """A map of steps that are named as their touchpoints and their phases are."""
    return JourneyMap(name="map", steps=[JourneyStep(name=name, phase=name, touchpoint_ids=[name]) for name in names])


ROUND = {"scale": Scale.RECOMMEND_0_10}
OTHER_LEVELS = ("glad", "neutral", "angry")

POLICIES: dict[type[Tally], list[dict[str, Any]]] = {
    AuditScores: [{}, {"critical_below": Decimal("0.25")}, {"critical_below": None}],
    AnswerCounts: [{"scale": scale} for scale in (Scale.RATING_1_5, Scale.SATISFACTION_1_5, Scale.EFFORT_1_7)],
    Csat: [
        {},
        {"scale": Scale.SATISFACTION_1_5, "positive_boxes": 2, "negative_boxes": 2},
        {"scale": Scale.SATISFACTION_1_5, "positive_boxes": 1, "negative_boxes": 2},
        {"scale": Scale.SATISFACTION_1_5, "positive_boxes": 2, "negative_boxes": 1},
    ],
    CustomerEffort: [{"scale": Scale.EFFORT_1_7}, {"scale": Scale.EFFORT_1_5}],
    ReturnLikelihood: [{"scale": Scale.RETURN_1_5}, {"scale": Scale(low=1, high=7, higher_is_better=True)}],
    SurveyRound: [
        ROUND,
        {"scale": Scale.SATISFACTION_1_5},
        {**ROUND, "period": Period.month(2026, 3)},
        {**ROUND, "convention": RoundConvention.BY_ANSWER},
        {**ROUND, "as_of": REFERENCE_DATE},
        {**ROUND, "open_for": timedelta(days=14)},
    ],
    ExperienceGrades: [
        {},
        {"neutral_band": Decimal("0.5"), "excellent_from": Decimal(2)},
        {"neutral_band": Decimal("0.5"), "excellent_from": Decimal(3)},
        {"max_age": timedelta(days=90)},
    ],
    Balance: [
        {},
        {"ratio": Decimal(5)},
        {"as_of": REFERENCE_DATE},
        {"as_of": REFERENCE_DATE, "window": timedelta(days=90)},
        {"as_of": REFERENCE_DATE, "half_life": timedelta(days=90)},
        {"resolved_weight": Decimal("0.5")},
    ],
    BaseDistribution: [
        {"period": None},
        {"period": None, "levels": OTHER_LEVELS},
        {"period": Period.month(2026, 3)},
        {"period": Period.month(2026, 4)},
    ],
    Buying: [
        {"tenure": TenureRule.FIRST_TO_LAST},
        {"tenure": TenureRule.FIRST_TO_AS_OF, "as_of": REFERENCE_DATE},
        {"tenure": TenureRule.FIRST_TO_LAST, "order_rule": OrderRule.EACH_PURCHASE},
    ],
    Churn: [
        {**COUNTED_ALIKE, "churned_after": None},
        {**COUNTED_ALIKE, "churned_after": timedelta(days=90)},
        {**COUNTED_ALIKE, "churned_after": None, "paused_is_lost": True},
        {**COUNTED_ALIKE, "churned_after": None, "joined_known": False},
        {**COUNTED_ALIKE, "churned_after": None, "gap_tolerance": timedelta(days=3)},
        {**COUNTED_ALIKE, "churned_after": None, "period": Period.month(2026, 3)},
        {**COUNTED_ALIKE, "churned_after": None, "period": Period.quarter(2026, 1)},
    ],
    Cohort: [{}, {"step": TimeUnit.DAY}, {"age_rule": AgeRule.ELAPSED}, {"ages": ((0, 0), (1, 2))}],
    Compliance: [{}, {"target": timedelta(hours=4)}],
    FixEffect: [
        {},
        {"fixed_at": datetime(2026, 2, 2, tzinfo=UTC)},
        {"period": Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))},
    ],
    LevelTransitions: [{}, {"levels": OTHER_LEVELS}],
    Loops: [{}, {"target": timedelta(hours=4)}],
    Pareto: [{}, {"cut": Decimal("0.5")}],
    Survival: [{"unit": None}, {"unit": TimeUnit.DAY}, {"unit": TimeUnit.MONTH}],
    Reviews: [{}, {"scale": Scale.RATING_1_5}],
    Promises: [{}],
    Reach: [{}, {"period": Period.month(2026, 4)}, {"kinds": frozenset({"tour"})}],
    Conformance: [
        *({"journey_map": journey_map(*names)} for names in ("ab", "abc", "ca")),
        *({"journey_map": journey_map("a", "b"), **window} for window in (WINDOW, LATER)),
    ],
    CustomerFigure: [{"unit": "EUR"}, {"unit": "days"}],
    Funnel: [
        {"within": None, "steps": steps_of_a_funnel("a", "b", "c")},
        {"within": None, "steps": steps_of_a_funnel("a", "b")},
        {"within": None, "steps": steps_of_a_funnel("a", "c", "b")},
        {"within": None, "steps": steps_of_a_funnel("a", "b", "c", optional=("a",))},
        {"within": timedelta(days=1), "steps": steps_of_a_funnel("a", "b", "c")},
        {**WINDOW, "steps": steps_of_a_funnel("a", "b", "c")},
        {**LATER, "steps": steps_of_a_funnel("a", "b", "c")},
        {"within": None, "order": StepOrder.ANY, "steps": steps_of_a_funnel("a", "b", "c")},
        {"within": None, "order": StepOrder.DIRECT, "steps": steps_of_a_funnel("a", "b", "c")},
        {"within": None, "exclude": (("d", ("a", "b")),), "steps": steps_of_a_funnel("a", "b", "c")},
        {"within": None, "exclude": (("d", ("a", "c")),), "steps": steps_of_a_funnel("a", "b", "c")},
    ],
    FunnelStep: [
        {"name": "a", "touchpoint_ids": ("a",), "optional": False},
        {"name": "b", "touchpoint_ids": ("a",), "optional": False},
        {"name": "a", "touchpoint_ids": ("b",), "optional": False},
        {"name": "a", "touchpoint_ids": ("a",), "optional": True},
        {"name": "a", "touchpoint_ids": ("a",), "optional": False, "within": timedelta(days=1)},
    ],
    Inactivity: [
        {},
        {"as_of": REFERENCE_DATE},
        {"churned_after": timedelta(days=90)},
        {"at_risk_after": timedelta(days=30)},
    ],
    Outcome: [
        {},
        {"goal": "till"},
        {"goal": "till", "channels": frozenset({"ad"})},
        {"goal": "till", "first_only": True},
        {"channel_within": (("ad", timedelta(days=7)),)},
        WINDOW,
        LATER,
    ],
    PerceptionGap: [
        {},
        {"threshold": Decimal(8)},
        {"threshold": Decimal(9)},
        {"threshold": Decimal(8), "scale": Scale.RATING_1_10},
    ],
    RevenueChurn: [
        COUNTED_ALIKE,
        {**COUNTED_ALIKE, "gap_tolerance": timedelta(days=3)},
        {**COUNTED_ALIKE, "paused_is_lost": True},
        {**COUNTED_ALIKE, "period": Period.month(2026, 3)},
    ],
    RevenueMovements: [
        {"period": None, "policy": RevenuePolicy()},
        {"period": None, "policy": RevenueDefinition.MAXIO.policy},
        {"period": Period.month(2026, 3), "policy": RevenuePolicy()},
    ],
    StepConformance: [
        {"step": "a", "optional": False},
        {"step": "b", "optional": False},
        {"step": "a", "optional": True},
    ],
    StepMatrix: [{"steps": 3}, {"steps": 5}],
    Transitions: [{"order": order} for order in StageOrder],
    Visits: [{"goal": None}, {"goal": "till"}, {"goal": 7}, {**WINDOW, "goal": None}, {**LATER, "goal": None}],
}
"""For every tally with policies: sets of them of which no two add."""

TALLIES: dict[type[Tally], tuple[Callable[..., st.SearchStrategy[Any]], list[dict[str, Any]]]] = {
    cls: (strategy, POLICIES.get(cls, [{}])) for cls, strategy in STRATEGIES.items() if issubclass(cls, Tally)
}
"""For every tally: a strategy that takes policies, and sets of policies of which no two add."""


def records(one: st.SearchStrategy[_T], /, **bounds: Any) -> st.SearchStrategy[list[_T]]:
    """Draw records with ids of their own, or none; the library refuses two different records of one id."""
    return st.lists(
        one, unique_by=lambda record: object() if cast("Any", record).id is None else cast("Any", record).id, **bounds
    )
