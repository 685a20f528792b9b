"""A million rows come out of each engine as from a list, on two threads, time and again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from crmcore import (
    Balance,
    Churn,
    Csat,
    MomentOfTruth,
    Nps,
    Period,
    RevenueMovements,
    Scale,
    Subscription,
    Table,
    TimeUnit,
)
from crmcore.interop import frames
from tests.interop.frames.engines import Engine
from tests.support.profiles import LONG

FAST = ("pandas", "pyarrow", "polars lazy", "duckdb")
ROWS = 1_000_000
MARCH = Period.month(2026, 3)


@pytest.fixture(scope="module")
def moments() -> pa.Table:
    """Moments of a thousand employees, of three severities."""
    chance = np.random.default_rng(1)
    return pa.table(
        {
            "employee_id": chance.integers(0, 1000, ROWS),
            "valence": np.array(["good", "neutral", "bad"])[chance.integers(0, 3, ROWS)],
            "severity": chance.integers(1, 4, ROWS),
            "at": _draw_times(chance, ROWS, 365),
        }
    )


@pytest.fixture(scope="module")
def plans() -> pa.Table:
    """Subscriptions of four hundred thousand customers, some of them open."""
    chance = np.random.default_rng(2)
    started = _draw_times(chance, ROWS, 365)
    length = chance.integers(0, 10**13, ROWS).astype("timedelta64[us]")
    ended = pa.array(started + length, mask=chance.random(ROWS) < 0.3)
    return pa.table(
        {
            "customer_id": chance.integers(0, 400_000, ROWS),
            "price": np.array([0, 9, 19, 49])[chance.integers(0, 4, ROWS)],
            "every": np.array(["month"] * ROWS),
            "started": started,
            "ended": ended,
        }
    )


def _draw_times(chance: Any, number: int, days: int) -> Any:
    first = np.datetime64("2025-07-01T00:00:00", "us")
    return first + chance.integers(0, days * 86_400_000_000, number).astype("timedelta64[us]")


def repeat(engine: Engine, count: Any) -> list[Any]:
    """Count three times on two threads; DuckDB has two of its own, and refuses two calls at once."""
    with ThreadPoolExecutor(1 if engine.name == "duckdb" else 2) as threads:
        return [*threads.map(lambda _: count(), range(3))]


def read(engine: Engine, statistics: frames.Statistics[Any]) -> Any:
    """Collect and read."""
    return statistics.read(engine.collect(statistics.frame))


@LONG
@pytest.mark.slow
def test_a_million_moments(engine: Engine, moments: pa.Table) -> None:
    """The balance of each employee is that of the records."""
    if engine.name not in FAST:
        pytest.skip("slow engines count small tables")
    expected = dict(Balance.by(Table(MomentOfTruth, moments, tz=UTC), lambda one: one.employee_id))
    of = frames.Frame(MomentOfTruth, engine.make(moments), tz=UTC)
    for found in repeat(engine, lambda: read(engine, frames.balance(of, by="employee_id"))):
        assert dict(found) == expected
    as_of = datetime(2026, 7, 2, tzinfo=UTC)
    window: dict[str, Any] = {"as_of": as_of, "window": timedelta(days=90)}
    assert read(engine, frames.balance(of, **window)) == Balance.of(Table(MomentOfTruth, moments, tz=UTC), **window)


@LONG
@pytest.mark.slow
def test_a_million_subscriptions(engine: Engine, plans: pa.Table) -> None:
    """The churn of a month is that of the records, also with a tolerance for gaps, and so is what revenue did."""
    if engine.name not in FAST:
        pytest.skip("slow engines count small tables")
    records = Table(Subscription, plans, currency="EUR", tz=UTC)
    of = frames.Frame(Subscription, engine.make(plans), currency="EUR", tz=UTC)
    expected = Churn.of(records, MARCH)
    for found in repeat(engine, lambda: read(engine, frames.churn(of, MARCH))):
        assert found == expected
    tolerance = timedelta(days=3)
    assert read(engine, frames.churn(of, MARCH, gap_tolerance=tolerance)) == Churn.of(
        records, MARCH, gap_tolerance=tolerance
    )
    moved = RevenueMovements.of(records, MARCH)
    for found in repeat(engine, lambda: read(engine, frames.revenue_movements(of, MARCH))):
        assert found == moved
    months = Period.quarter(2026, 1).split(TimeUnit.MONTH)
    assert read(engine, frames.revenue_movements(of, months)) == RevenueMovements.over(records, months)


@LONG
@pytest.mark.slow
def test_a_million_answers(engine: Engine) -> None:
    """The scores of a frame are those of a list."""
    if engine.name not in FAST:
        pytest.skip("slow engines count small tables")
    scores = np.random.default_rng(3).integers(0, 11, ROWS)
    data = engine.make(pa.table({"score": scores}))
    scale = Scale(low=0, high=10, higher_is_better=True)
    expected = Nps.of_scores(scores.tolist()), Csat.of_scores(scores.tolist(), scale)
    for found in repeat(
        engine, lambda: (read(engine, frames.nps(data, "score")), read(engine, frames.csat(data, "score", scale)))
    ):
        assert found == expected
