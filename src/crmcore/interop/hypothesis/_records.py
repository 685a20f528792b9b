"""Strategies for the counts and results of the rooms."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import (
    Audit,
    Balance,
    Churn,
    Deficits,
    Departures,
    Dissolution,
    FailureRate,
    HalfLifeBenchmark,
    Id,
    Inactivity,
    Ledger,
    Money,
    PercentileMethod,
    Relationship,
    RevenueChurn,
    StageOrder,
    StageTime,
    TallyBy,
    Transitions,
    inactivity,
    render,
)
from crmcore.interop.hypothesis._nouns import dissolutions, moments, relationships
from crmcore.interop.hypothesis._values import (
    Fields,
    cached,
    counts,
    decimals,
    fields_from,
    ids,
    maybe,
    maybe_ids,
    periods,
    record,
    shares,
)
from crmcore.render import Svg
from crmcore.retention.inactivity import InactivityThreshold
from crmcore.retention.lifecycles import StageDuration
from crmcore.service.balance import LedgerEntry


def audits(**fields: object) -> SearchStrategy[Audit]:
    """Counts of answers."""
    return record(Audit, fields, _audits)


def _audits() -> Fields:
    return dict.fromkeys(("met", "unmet", "not_applicable", "unanswered"), counts())


def balances(**fields: object) -> SearchStrategy[Balance]:
    """Balances at twelve to one unless another policy is given."""
    return record(Balance, fields, _balances)


def _balances() -> Fields:
    weight = decimals(0, 10**6, places=6)
    return {"good": weight, "bad": weight, "neutral": counts()}


def failure_rates(**fields: object) -> SearchStrategy[FailureRate]:
    """Counts of good, bad and neutral moments."""
    return record(FailureRate, fields, _failure_rates)


def _failure_rates() -> Fields:
    return dict.fromkeys(("good", "bad", "neutral"), counts())


def ledgers(**fields: object) -> SearchStrategy[Ledger]:
    """Balances over time, at twelve to one unless another ratio is given."""
    return record(Ledger, fields, _ledgers)


def _ledgers() -> Fields:
    return {"moments": st.lists(moments(id=None), max_size=8), "ratio": Decimal(12)}


def ledger_entries(**fields: object) -> SearchStrategy[LedgerEntry]:
    """Moments and the balances after them."""
    return record(LedgerEntry, fields, _ledger_entries)


def _ledger_entries() -> Fields:
    return {"value": decimals(-(10**6), 10**6, places=6)}


def svgs() -> SearchStrategy[Svg]:
    """Pictures of ledgers."""
    return ledgers().map(render.ledger)


def inactivities(**fields: object) -> SearchStrategy[Inactivity]:
    """Counts of customers by their inactivity, without policies unless they are given."""
    return record(Inactivity, fields, _inactivities)


def _inactivities() -> Fields:
    return dict.fromkeys(("active", "at_risk", "churned", "lookalikes"), counts())


def tallies_by() -> SearchStrategy[TallyBy[Id, Balance]]:
    """Balances by id."""
    return st.dictionaries(ids(), balances(), max_size=4).map(TallyBy)


def deficits() -> SearchStrategy[Deficits[Id | None]]:
    """Deficits of balances by id, an unknown id among them."""
    return st.dictionaries(maybe_ids(), balances(), max_size=4).map(Deficits.of)


def stage_durations(**fields: object) -> SearchStrategy[StageDuration]:
    """Stays in a stage, ended or lasting."""
    return record(StageDuration, fields, _stage_durations)


def _stage_durations() -> Fields:
    return {"length": st.timedeltas(timedelta(0), timedelta(days=40_000))}


@st.composite
def stage_times(draw: st.DrawFn, /, **fields: object) -> StageTime:
    """Times of no stays, of no ended stays, and of many."""
    ended, lasting = (draw(st.integers(0, 10**6)) for _ in range(2))
    usual = {
        "ended": ended,
        "lasting": lasting,
        "seconds": decimals(0, 10**9) if ended or lasting else Decimal(0),
    }
    return StageTime(**fields_from(draw, fields, usual))


@st.composite
def transitions(draw: st.DrawFn, /, **fields: object) -> Transitions:
    """Moves that the order of the stages allows."""
    order = fields_from(draw, fields, {"order": st.sampled_from(StageOrder)})["order"]
    return attrs.evolve(Transitions.of(draw(_walked(order)), order=order), **fields_from(draw, fields, {}))


@cached
def _walked(order: StageOrder) -> SearchStrategy[list[Relationship]]:
    one = relationships(order=order)
    return st.lists(one, max_size=3, unique_by=lambda record: object() if record.id is None else record.id)


@st.composite
def departures(draw: st.DrawFn, /, **fields: object) -> Departures:
    """Counts of dissolutions."""
    return attrs.evolve(Departures.of(draw(_ended())), **fields_from(draw, fields, {}))


@cached
def _ended() -> SearchStrategy[list[Dissolution]]:
    return st.lists(dissolutions(), max_size=6)


@st.composite
def churns(draw: st.DrawFn, /, **fields: object) -> Churn:
    """Counts of customers who stayed, joined and left, in a period or without one."""
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
        lookalikes=draw(counts(9)),
        too_new=draw(counts(9)),
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
        "lookalikes": draw(counts(9)),
    }
    return RevenueChurn(**{**counted, **rules})


@st.composite
def inactivity_thresholds(draw: st.DrawFn, /, **fields: object) -> InactivityThreshold:
    """Percentiles of a few gaps, by customer or all together."""
    threshold = inactivity.inactivity_threshold(
        draw(_gaps()),
        percentile=draw(shares()),
        method=draw(st.sampled_from(PercentileMethod)),
    )
    return attrs.evolve(threshold, **fields_from(draw, fields, {"lookalikes": counts(9)}))


@cached
def _gaps() -> SearchStrategy[list[Decimal] | dict[Id, list[Decimal]]]:
    days = st.lists(decimals(0, 1000), max_size=5)
    return days | st.dictionaries(ids(), days, max_size=4)


def half_life_benchmarks(**fields: object) -> SearchStrategy[HalfLifeBenchmark]:
    """Retentions and benchmarks of up to a hundred years."""
    return record(HalfLifeBenchmark, fields, _half_life_benchmarks)


def _half_life_benchmarks() -> Fields:
    return {"years": decimals(1, 100)}
