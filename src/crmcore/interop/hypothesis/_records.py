"""Strategies for what the rooms count and compute."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import (
    Balance,
    Churn,
    Deficits,
    Departures,
    Dissolution,
    FailureRate,
    HalfLifeBenchmark,
    Id,
    Inactivity,
    InactivityThreshold,
    Ledger,
    LedgerEntry,
    LifecycleStage,
    Money,
    PercentileMethod,
    Relationship,
    RevenueChurn,
    StageDuration,
    StageOrder,
    StageTime,
    Svg,
    TallyBy,
    Transitions,
    churn,
    render,
)
from crmcore.interop.hypothesis._nouns import dissolutions, moments, relationships
from crmcore.interop.hypothesis._values import (
    Fields,
    cached,
    decimals,
    fields_from,
    ids,
    maybe,
    maybe_ids,
    maybe_of,
    periods,
    retentions,
    shares,
)


@st.composite
def balances(draw: st.DrawFn, /, **fields: object) -> Balance:
    """Balances at twelve to one unless another policy is given."""
    return Balance(**fields_from(draw, fields, _balances()))


@cached
def _balances() -> Fields:
    return {
        "good": decimals(0, 10**6, places=6),
        "bad": decimals(0, 10**6, places=6),
        "neutral": st.integers(0, 10**6),
    }


@st.composite
def failure_rates(draw: st.DrawFn, /, **fields: object) -> FailureRate:
    """Counts of good, bad and neutral moments."""
    number = st.integers(0, 10**6)
    usual = {"good": number, "bad": number, "neutral": number}
    return FailureRate(**fields_from(draw, fields, usual))


@st.composite
def ledgers(draw: st.DrawFn, /, **fields: object) -> Ledger:
    """Balances as they went, at twelve to one unless another ratio is given; some have grown moment by moment."""
    drawn = Ledger(**fields_from(draw, fields, _ledgers()))
    if draw(st.booleans()):
        return drawn
    grown = Ledger(ratio=drawn.ratio)
    for moment in drawn.moments:
        grown = grown.then(moment)
    return grown


@cached
def _ledgers() -> Fields:
    return {"moments": st.lists(moments(id=None), max_size=8)}


@st.composite
def ledger_entries(draw: st.DrawFn, /, **fields: object) -> LedgerEntry:
    """Moments and the balances after them."""
    return LedgerEntry(**fields_from(draw, fields, _ledger_entries()))


@cached
def _ledger_entries() -> Fields:
    return {"moment": moments(), "value": decimals(-(10**6), 10**6, places=6)}


def svgs() -> SearchStrategy[Svg]:
    """Pictures of ledgers."""
    return ledgers().map(render.ledger)


@st.composite
def inactivities(draw: st.DrawFn, /, **fields: object) -> Inactivity:
    """Counts of customers by their silence, without policies unless they are given."""
    people = st.integers(0, 10**6)
    usual = {"active": people, "at_risk": people, "churned": people}
    return Inactivity(**fields_from(draw, fields, usual))


def tallies_by() -> SearchStrategy[TallyBy[Id, Balance]]:
    """Balances by id."""
    return st.dictionaries(ids(), balances(), max_size=4).map(TallyBy)


def deficits() -> SearchStrategy[Deficits[Id | None]]:
    """What the totals of balances by id hide, some of an unknown id among them."""
    return st.dictionaries(maybe_ids(), balances(), max_size=4).map(Deficits.of)


@st.composite
def stage_durations(draw: st.DrawFn, /, **fields: object) -> StageDuration:
    """Stays in a stage, ended or lasting."""
    return StageDuration(**fields_from(draw, fields, _stage_durations()))


@cached
def _stage_durations() -> Fields:
    return {
        "stage": st.sampled_from(LifecycleStage),
        "length": st.timedeltas(timedelta(0), timedelta(days=40_000)),
        "followed_by": maybe_of(LifecycleStage),
        "customer_id": maybe_ids(),
    }


@st.composite
def stage_times(draw: st.DrawFn, /, **fields: object) -> StageTime:
    """Times of no stay, of none that ended, and of many."""
    ended, lasting = (draw(st.integers(0, 10**6)) for _ in range(2))
    usual = {
        "ended": ended,
        "lasting": lasting,
        "seconds": decimals(0, 10**9) if ended or lasting else Decimal(0),
    }
    return StageTime(**fields_from(draw, fields, usual))


@st.composite
def transitions(draw: st.DrawFn, /, **fields: object) -> Transitions:
    """Moves that the order of the stages knows."""
    order = fields_from(draw, fields, {"order": st.sampled_from(StageOrder)})["order"]
    return attrs.evolve(Transitions.of(draw(_walked(order)), order=order), **fields_from(draw, fields, {}))


@cached
def _walked(order: StageOrder) -> SearchStrategy[list[Relationship]]:
    return st.lists(relationships(order=order), max_size=3)


@st.composite
def departures(draw: st.DrawFn, /, **fields: object) -> Departures:
    """What dissolutions add up to."""
    return attrs.evolve(Departures.of(draw(_ended())), **fields_from(draw, fields, {}))


@cached
def _ended() -> SearchStrategy[list[Dissolution]]:
    return st.lists(dissolutions(), max_size=6)


@st.composite
def churns(draw: st.DrawFn, /, **fields: object) -> Churn:
    """Counts of customers who stayed, came and left, in a period or without one."""
    policies = ("period", "churned_after", "paused_is_lost")
    rules = fields_from(draw, {name: fields[name] for name in policies if name in fields}, _churns())
    kept, gone, returned, new, left_again, back_again = (draw(st.integers(0, 10**5)) for _ in range(6))
    most = 0 if rules["period"] is None else (kept + new) * int(rules["period"].length.total_seconds())
    counted = Churn(
        start=kept + gone + returned,
        lost=gone + returned + left_again + back_again,
        joined=new + left_again + back_again,
        joined_and_lost=left_again,
        lost_and_returned=returned + back_again,
        exposure_seconds=draw(decimals(0, most, places=6)),
        **rules,
    )
    return attrs.evolve(counted, **fields_from(draw, {name: fields[name] for name in fields if name not in rules}, {}))


@cached
def _churns() -> Fields:
    return {"period": maybe(periods()), "churned_after": st.none(), "paused_is_lost": st.booleans()}


@st.composite
def revenue_churns(draw: st.DrawFn, /, **fields: object) -> RevenueChurn:
    """Monthly revenue and what was lost of it, in euro unless both are given."""
    rules = fields_from(draw, fields, {"period": maybe(periods()), "paused_is_lost": st.booleans()})
    start, lost = sorted((draw(decimals(0, 10**6)) for _ in range(2)), reverse=True)
    customers, customers_lost = sorted((draw(st.integers(0, 10**6)) for _ in range(2)), reverse=True)
    counted: dict[str, Any] = {
        "start": Money(start, "EUR"),
        "lost": Money(lost, "EUR"),
        "customers": customers,
        "customers_lost": customers_lost,
    }
    return RevenueChurn(**{**counted, **rules})


@st.composite
def inactivity_thresholds(draw: st.DrawFn, /, **fields: object) -> InactivityThreshold:
    """Percentiles of a few gaps, by customer or all together."""
    threshold = churn.inactivity_threshold(
        draw(_gaps()),
        percentile=draw(shares()),
        method=draw(st.sampled_from(PercentileMethod)),
    )
    return attrs.evolve(threshold, **fields_from(draw, fields, {}))


@cached
def _gaps() -> SearchStrategy[list[Decimal] | dict[Id, list[Decimal]]]:
    days = st.lists(decimals(0, 1000), max_size=5)
    return days | st.dictionaries(ids(), days, max_size=4)


@st.composite
def half_life_benchmarks(draw: st.DrawFn, /, **fields: object) -> HalfLifeBenchmark:
    """Retentions beside benchmarks of up to a hundred years."""
    return HalfLifeBenchmark(**fields_from(draw, fields, {"retention": retentions(), "years": decimals(1, 100)}))
