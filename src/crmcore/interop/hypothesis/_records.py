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
    Deficits,
    Departures,
    Id,
    Inactivity,
    LifecycleStage,
    StageDuration,
    StageOrder,
    StageTime,
    TallyBy,
    Transitions,
)
from crmcore.interop.hypothesis._nouns import dissolutions, relationships
from crmcore.interop.hypothesis._values import decimals, fields_from, ids, maybe


@st.composite
def balances(draw: st.DrawFn, /, **fields: object) -> Balance:
    """Balances at twelve to one unless another policy is given."""
    usual: dict[str, SearchStrategy[Any]] = {
        "good": decimals(0, 10**6, places=6),
        "bad": decimals(0, 10**6, places=6),
        "neutral": st.integers(0, 10**6),
    }
    return Balance(**fields_from(draw, fields, usual))


@st.composite
def inactivities(draw: st.DrawFn, /, **fields: object) -> Inactivity:
    """Counts of customers by their silence, without policies unless they are given."""
    people: SearchStrategy[Any] = st.integers(0, 10**6)
    usual = {"active": people, "at_risk": people, "churned": people}
    return Inactivity(**fields_from(draw, fields, usual))


def tallies_by() -> SearchStrategy[TallyBy[Id, Balance]]:
    """Balances by id."""
    return st.dictionaries(ids(), balances(), max_size=4).map(TallyBy)


def deficits() -> SearchStrategy[Deficits[Id]]:
    """What the totals of balances by id hide."""
    return tallies_by().map(Deficits.of)


@st.composite
def stage_durations(draw: st.DrawFn, /, **fields: object) -> StageDuration:
    """Stays in a stage, ended or lasting."""
    usual = {
        "stage": st.sampled_from(LifecycleStage),
        "length": st.timedeltas(timedelta(0), timedelta(days=40_000)),
        "followed_by": maybe(st.sampled_from(LifecycleStage)),
        "customer_id": maybe(ids()),
    }
    return StageDuration(**fields_from(draw, fields, usual))


@st.composite
def stage_times(draw: st.DrawFn, /, **fields: object) -> StageTime:
    """Times of no stay, of none that ended, and of many."""
    ended, lasting = draw(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)))
    usual = {
        "ended": st.just(ended),
        "lasting": st.just(lasting),
        "seconds": decimals(0, 10**9) if ended or lasting else st.just(Decimal(0)),
    }
    return StageTime(**fields_from(draw, fields, usual))


@st.composite
def transitions(draw: st.DrawFn, /, **fields: object) -> Transitions:
    """Moves that the order of the stages knows."""
    order = fields_from(draw, fields, {"order": st.sampled_from(StageOrder)})["order"]
    walked = draw(st.lists(relationships(order=order), max_size=3))
    return attrs.evolve(Transitions.of(walked, order=order), **fields_from(draw, fields, {}))


@st.composite
def departures(draw: st.DrawFn, /, **fields: object) -> Departures:
    """What dissolutions add up to."""
    counted = draw(st.lists(dissolutions(), max_size=6))
    return attrs.evolve(Departures.of(counted), **fields_from(draw, fields, {}))
