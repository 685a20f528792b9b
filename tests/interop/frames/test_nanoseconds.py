"""A row with an instant that no record can hold is left out in every engine that holds nanoseconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from crmcore import (
    UTC,
    Inactivity,
    Interaction,
    InvalidValueError,
    MomentOfTruth,
    Period,
    Purchase,
    RevenuePolicy,
    RfmTable,
    Subscription,
    WrongTypeError,
    instant,
)
from crmcore.interop import frames
from tests.interop.frames.engines import Engine
from tests.interop.frames.properties import hold
from tests.interop.frames.test_purchases import reported
from tests.interop.frames.test_silence import records_of
from tests.support.refusals import refused

EPOCH: Final = instant("1970-01-01")
AS_OF: Final = instant("2026-03-02")
FAR: Final = instant("2500-01-01")
"""After all times that an engine can hold in nanoseconds."""
MONTH: Final = timedelta(days=30)
DAY: Final = 86_400 * 10**9
FIRST_DAYS: Final = [-366, -1, 0, 20_000, 20_001, 20_400]
RESTS: Final = [-1000, -1, 0, 1, 999, 1000, 1001]
"""Nanoseconds from midnight: whole microseconds, and others on either side of them."""
TIMES: Final = st.none() | st.builds(lambda day, rest: day * DAY + rest, *map(st.sampled_from, (FIRST_DAYS, RESTS)))
ROWS: Final = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from(["a", "b", None]),
            "at": TIMES,
            "paid": st.none() | st.decimals(-10, 20, places=2),
            "order": st.none() | st.integers(1, 4),
        }
    ),
    max_size=10,
)
UNZONED: Final = {"duckdb", "sqlframe"}
"""They have no type for nanoseconds in a zone, or Narwhals knows none."""


def is_finer(row: dict[str, Any]) -> bool:
    """Whether a row has all that it needs, and a time that is not in whole microseconds."""
    return None not in {row["who"], row["at"], row["paid"]} and bool(row["at"] % 1000)


def shown(time: int | None) -> datetime | None:
    """The instant of nanoseconds since 1970."""
    return None if time is None else EPOCH + timedelta(microseconds=time // 1000)


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_rows_with_nanoseconds_are_left_out(engine: Engine, zone: str | None) -> None:
    """Rows with nanoseconds are left out and counted, and the others make the same records as from a list."""
    if engine.name == "pyspark":
        pytest.skip("it holds microseconds, and cuts what it is given before a frame can see it")
    if zone is not None and engine.name in UNZONED:
        pytest.skip("it has no nanoseconds in a zone")
    late = instant("2200-01-01") if (engine.name, zone) == ("ibis", "UTC") else FAR  # it refuses a later one by itself
    types = {"who": pa.string(), "at": pa.timestamp("ns", zone), "paid": pa.decimal128(18, 2), "order": pa.int64()}

    def test(rows: list[dict[str, Any]]) -> None:
        records, out = records_of([row | {"at": shown(row["at"])} for row in rows if not is_finer(row)])
        finer = sum(map(is_finer, rows))
        columns = {name: pa.array([row[name] for row in rows], kind) for name, kind in types.items()}
        given = engine.make(pa.table(columns))
        sales = frames.Frame(Purchase, given, customer_id="who", amount="paid", id="order", currency="EUR", tz=UTC)
        table = frames.rfm(sales, as_of=AS_OF)
        found = table.read(engine.collect(table.frame))
        assert found.by_customer() == RfmTable.of(records, as_of=AS_OF).by_customer()
        assert reported(engine, table) == out | ({"at_nanoseconds": finer} if finer else {})
        silence = frames.inactivity(sales, as_of=late, churned_after=MONTH)
        expected = Inactivity.of(records, as_of=late, churned_after=MONTH)
        assert silence.read(engine.collect(silence.frame)) == expected

    hold(engine, ROWS, test, share=2)


MARCH: Final = Period(instant("2026-03-01"), instant("2026-04-01"))
SALES: Final = (Purchase, {"customer_id": "a", "amount": 5}, ["at"])
PLANS: Final = (
    Subscription,
    {"customer_id": "a", "price": 9, "every": "month"},
    ["started", "paused_since", "ended"],
)
VISITS: Final = (Interaction, {"customer_id": "a", "touchpoint_id": "shop"}, ["at"])
MOMENTS: Final = (MomentOfTruth, {"valence": "pain", "severity": 2}, ["at", "resolved_at"])
COUNTED: Final[dict[str, tuple[Any, Callable[[Any], frames.Statistics[Any]]]]] = {
    "historic_value": (SALES, frames.historic_value),
    "rfm": (SALES, lambda frame: frames.rfm(frame, as_of=AS_OF)),
    "cohorts": (SALES, lambda frame: frames.cohorts(frame, as_of=AS_OF)),
    "inactivity": (SALES, lambda frame: frames.inactivity(frame, as_of=AS_OF, churned_after=MONTH)),
    "purchase_churn": (SALES, lambda frame: frames.purchase_churn(frame, MARCH, churned_after=MONTH)),
    "churn": (PLANS, lambda frame: frames.churn(frame, MARCH, paused_is_lost=True)),
    "revenue_movements": (
        PLANS,
        lambda frame: frames.revenue_movements(frame, MARCH, policy=RevenuePolicy(paused_is_lost=True)),
    ),
    "flow": (VISITS, frames.flow),
    "balance": (MOMENTS, lambda frame: frames.balance(frame, as_of=AS_OF, resolved_weight="0.5")),
}
FIELDS: Final = [(name, field) for name, ((_, _, times), _) in COUNTED.items() for field in times]


def make_frame(kind: Any, cells: dict[str, Any], times: dict[str, list[int | None]]) -> frames.Frame[Any]:
    """Open rows in polars that differ in their times, of which some are unknown."""
    columns = {name: pl.Series([cell] * 3) for name, cell in cells.items()}
    columns |= {name: pl.Series(column, dtype=pl.Datetime("ns", "UTC")) for name, column in times.items()}
    money: dict[str, Any] = {"currency": "EUR"} if kind in {Purchase, Subscription} else {}
    return frames.Frame(kind, pl.DataFrame(columns).lazy(), **money)


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_each_statistic_leaves_them_out(name: str, field: str) -> None:
    """Each statistic leaves out the rows in which a time that it reads is finer than a microsecond."""
    (kind, cells, fields), count = COUNTED[name]
    day = 20_512
    times: dict[str, list[int | None]] = {
        one: [(day + place) * DAY + 1000 * row for row in range(3)] for place, one in enumerate(fields)
    }
    whole = count(make_frame(kind, cells, times))
    assert whole.left_out.collect().rows() == []

    first, second, _ = times[field]
    later = count(make_frame(kind, cells, times | {field: [first, second, second and second + 999]}))
    assert later.left_out.collect().rows() == [(f"{field}_nanoseconds", 1)]
    rest = count(make_frame(kind, cells, {name: [*column[:2], None] for name, column in times.items()}))
    assert later.frame.collect().sort(pl.all()).equals(rest.frame.collect().sort(pl.all()))


def test_a_missing_field_is_reported_first() -> None:
    """A row that lacks a field and has a finer time counts by the field that it lacks."""
    sales = pl.DataFrame({"customer_id": [None], "at": [1], "amount": [5]}, schema_overrides={"customer_id": pl.String})
    sales = sales.with_columns(pl.col("at").cast(pl.Datetime("ns", "UTC")))
    statistics = frames.historic_value(frames.Frame(Purchase, sales, currency="EUR"))
    assert statistics.left_out.rows() == [("customer_id_missing", 1)]


def test_keys_with_nanoseconds_are_refused() -> None:
    """Two keys that differ in nanoseconds do not become one."""
    sales = pl.DataFrame({"customer_id": ["a", "a"], "at": [0, 0], "amount": [5, 6], "shift": [1000, 1001]})
    sales = sales.with_columns(pl.col("at", "shift").cast(pl.Datetime("ns", "UTC")))
    statistics = frames.historic_value(frames.Frame(Purchase, sales, currency="EUR"), by="shift")
    with refused(InvalidValueError, "nanoseconds: shift[1]"):
        statistics.read(statistics.frame.sort("shift"))


def test_a_type_that_narwhals_does_not_know_is_refused() -> None:
    """Nanoseconds in a zone have a type in DuckDB that no calculator could compute with."""
    with duckdb.connect() as connection:
        times = pa.array([1], pa.timestamp("ns", "UTC"))
        given = connection.from_arrow(pa.table({"customer_id": ["a"], "at": times, "amount": [5]}))
        with refused(WrongTypeError, "column_of_wrong_type: at"):
            frames.Frame(Purchase, given, currency="EUR")
