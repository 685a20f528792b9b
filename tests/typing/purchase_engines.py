"""Counts of purchases in an engine, as an application would write them; type checkers read it, nothing is run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, assert_type

import polars as pl

from crmcore import UTC, Churn, Cohort, Customer, Inactivity, Period, Purchase, RfmTable, TallyBy, instant
from crmcore.interop import frames
from crmcore.interop.frames import Frame, Statistics

sales = Frame(Purchase, pl.LazyFrame(), customer_id="client", amount=("paid", "currency"), tz=UTC)
as_of, silence, march = instant("2026-04-01"), timedelta(days=60), Period.month(2026, 3)

assert_type(frames.inactivity(sales, as_of=as_of, churned_after=silence), Statistics[Inactivity])
assert_type(
    frames.inactivity(sales, as_of=as_of, churned_after=silence, by="shop"), Statistics[TallyBy[Any, Inactivity]]
)
assert_type(frames.rfm(sales, as_of=as_of), Statistics[RfmTable])
assert_type(frames.purchase_churn(sales, march, churned_after=silence), Statistics[Churn])
assert_type(frames.purchase_churn(sales, march, churned_after=silence, by="shop"), Statistics[TallyBy[Any, Churn]])
assert_type(frames.purchase_churn(sales, [march], churned_after=silence), Statistics[TallyBy[Period, Churn]])
assert_type(frames.cohorts(sales, as_of=as_of), Statistics[TallyBy[str, Cohort]])
assert_type(frames.cohorts(sales, as_of=as_of, by=["shop"]), Statistics[TallyBy[Any, Cohort]])
members = Frame(Customer, pl.LazyFrame(), tz=UTC)
assert_type(frames.cohorts(sales, as_of=as_of, acquired=members), Statistics[TallyBy[str, Cohort]])
assert_type(frames.cohorts(sales, as_of=as_of, acquired=members, by="source"), Statistics[TallyBy[Any, Cohort]])

frames.cohorts(sales, as_of=as_of, acquired=sales)  # type: ignore[arg-type]  # pyright: ignore - a frame of customers
frames.purchase_churn(sales, [march], churned_after=silence, by="shop")  # type: ignore[call-overload]  # pyright: ignore - one period by a column
