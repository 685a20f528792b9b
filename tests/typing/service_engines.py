"""Counts of subscriptions, moments and answers in an engine, as an application would write them; nothing is run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, assert_type

import polars as pl

from crmcore import (
    UTC,
    Balance,
    BaseDistribution,
    Churn,
    Csat,
    LevelTransitions,
    MomentOfTruth,
    Nps,
    Period,
    RevenueMovements,
    RevenuePolicy,
    Scale,
    Subscription,
    TallyBy,
    instant,
)
from crmcore.interop import frames
from crmcore.interop.frames import Frame, Statistics

march, as_of, week = Period.month(2026, 3), instant("2026-04-01"), timedelta(days=7)

plans = Frame(Subscription, pl.LazyFrame(), customer_id="client", price=("paid", "currency"), tz=UTC)
assert_type(frames.churn(plans, march), Statistics[Churn])
assert_type(frames.churn(plans, march, paused_is_lost=True, gap_tolerance=week), Statistics[Churn])
assert_type(frames.churn(plans, march, by="country"), Statistics[TallyBy[Any, Churn]])
assert_type(frames.churn(plans, [march], gap_tolerance=week), Statistics[TallyBy[Period, Churn]])
assert_type(frames.churn(plans, march).read([]).lost, int)
assert_type(frames.revenue_movements(plans, march), Statistics[RevenueMovements])
assert_type(frames.revenue_movements(plans, march, policy=RevenuePolicy()), Statistics[RevenueMovements])
assert_type(frames.revenue_movements(plans, [march]), Statistics[TallyBy[Period, RevenueMovements]])
assert_type(frames.revenue_movements(plans, march, by=["country"]), Statistics[TallyBy[Any, RevenueMovements]])

moments = Frame(MomentOfTruth, pl.LazyFrame(), employee_id="who", tz=UTC)
assert_type(frames.balance(moments), Statistics[Balance])
assert_type(frames.balance(moments, ratio="2.5", as_of=as_of, half_life=week), Statistics[Balance])
assert_type(frames.balance(moments, by="who", resolved_weight=0.5), Statistics[TallyBy[Any, Balance]])

answers = pl.LazyFrame()
assert_type(frames.nps(answers, "score"), Statistics[Nps])
assert_type(frames.nps(answers, "score", by="segment", id="response"), Statistics[TallyBy[Any, Nps]])
assert_type(frames.csat(answers, "stars", Scale.SATISFACTION_1_5), Statistics[Csat])
assert_type(
    frames.csat(answers, "stars", Scale.SATISFACTION_1_5, by="shop", positive_boxes=1), Statistics[TallyBy[Any, Csat]]
)

states = pl.LazyFrame()
assert_type(frames.level_distribution(states, customer_id="who", period=march), Statistics[BaseDistribution])
assert_type(frames.level_distribution(states, by=["country", "shop"]), Statistics[TallyBy[Any, BaseDistribution]])
assert_type(frames.level_changes(states, states, gone=states, levels=["good", "bad"]), Statistics[LevelTransitions])

frames.churn(plans, [march], by="country")  # type: ignore[call-overload]  # pyright: ignore - one period by a column
frames.churn(moments, march)  # type: ignore[arg-type]  # pyright: ignore[reportCallIssue, reportArgumentType] - churn is of subscriptions
frames.balance(plans)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a balance is of moments
frames.revenue_movements(plans, [march], by="country")  # type: ignore[call-overload]  # pyright: ignore - one period by a column
frames.csat(answers, "stars")  # type: ignore[call-overload]  # pyright: ignore - a scale says which end is better
frames.level_changes(states, states, by="country")  # type: ignore[call-arg]  # pyright: ignore - moves have no key
