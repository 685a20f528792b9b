"""Counts in an engine, as an application would want to write them; type checkers read it, nothing is run."""

from __future__ import annotations

from typing import Any, assert_type

import polars as pl

from crmcore import UTC, Flow, HistoricValue, Interaction, Purchase, TallyBy
from crmcore.interop import frames
from crmcore.interop.frames import Frame, Statistics

sales = Frame(Purchase, pl.LazyFrame(), customer_id="client", amount=("paid", "currency"), tz=UTC)
assert_type(sales, Frame[Purchase])
assert_type(frames.historic_value(sales), Statistics[HistoricValue])
assert_type(frames.historic_value(sales, by="client"), Statistics[TallyBy[Any, HistoricValue]])
assert_type(frames.historic_value(sales, by=["client", "shop"]).read([]), TallyBy[Any, HistoricValue])

visits = Frame(Interaction, pl.LazyFrame(), customer_id="client")
assert_type(frames.flow(visits, sequence="row"), Statistics[Flow])
assert_type(frames.flow(visits).read([]).journeys, int)

frames.flow(sales)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a flow is of interactions
Frame(Purchase, pl.LazyFrame(), at=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - not a name
