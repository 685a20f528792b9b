"""A million rows on two threads give the numbers of the records, each time."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import attrs
import pyarrow as pa
import pytest

from crmcore import UTC, Churn, Cohort, Inactivity, Period, Purchase, RfmTable, Table, TimeUnit, instant
from crmcore.interop import frames
from tests.interop.frames.engines import ENGINES
from tests.support.profiles import LONG

pytestmark = [pytest.mark.slow, LONG]

ROWS: Final = 1_000_000
START: Final = instant("2024-01-01")
AS_OF: Final = instant("2026-01-01")
SILENCE: Final = timedelta(days=60)
PERIOD: Final = Period(start=instant("2025-06-01"), end=instant("2025-12-01"))


@attrs.frozen
class Large:
    """A table of purchases, and what the records say of it."""

    table: pa.Table
    silence: Inactivity
    summaries: RfmTable
    churn: Churn
    cohorts: Any


@pytest.fixture(scope="module")
def large() -> Large:
    """Draw the purchases of 30,000 customers in two years, of which some are refunds, and count them."""
    draw = random.Random(7)
    whole = (AS_OF - START) // timedelta.resolution
    who = [draw.randrange(30_000) for _ in range(ROWS)]
    at = [START + timedelta(microseconds=draw.randrange(whole)) for _ in range(ROWS)]
    paid = [Decimal(draw.randrange(-500, 20_000)).scaleb(-2) for _ in range(ROWS)]
    columns: Any = {"customer_id": who, "at": at, "amount": paid}
    purchases = Table(Purchase, columns, currency="EUR")
    return Large(
        table=pa.table(
            {
                "customer_id": pa.array(who, pa.int64()),
                "at": pa.array(at, pa.timestamp("us", tz="UTC")),
                "amount": pa.array(paid, pa.decimal128(18, 2)),
            }
        ),
        silence=Inactivity.of(purchases, as_of=AS_OF, churned_after=SILENCE, at_risk_after=SILENCE / 2),
        summaries=RfmTable.of(purchases, as_of=AS_OF),
        churn=Churn.of_purchases(purchases, PERIOD, churned_after=SILENCE),
        cohorts=Cohort.by_purchases(purchases, as_of=AS_OF, ages=[0, (1, 30), (31, 90)], step=TimeUnit.DAY),
    )


@pytest.mark.parametrize("name", ["pandas", "pyarrow", "polars-lazy", "duckdb"])
def test_a_million_rows_give_the_numbers_of_the_records(large: Large, name: str) -> None:
    """Count three times, on two threads."""
    pa.set_cpu_count(2)
    with ENGINES[name]() as engine:
        sales = frames.Frame(Purchase, engine.make(large.table), currency="EUR", tz=UTC)

        def read(statistics: frames.Statistics[Any]) -> Any:
            return statistics.read(engine.collect(statistics.frame))

        for _ in range(3):
            silence = frames.inactivity(sales, as_of=AS_OF, churned_after=SILENCE, at_risk_after=SILENCE / 2)
            assert read(silence) == large.silence
            summaries = read(frames.rfm(sales, as_of=AS_OF))
            assert summaries.by_customer() == large.summaries.by_customer()
            assert read(frames.purchase_churn(sales, PERIOD, churned_after=SILENCE)) == large.churn
            triangle = frames.cohorts(sales, as_of=AS_OF, ages=[0, (1, 30), (31, 90)], step=TimeUnit.DAY)
            assert read(triangle) == large.cohorts
