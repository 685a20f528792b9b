"""Summaries of customers are the same in every engine as from a list of records."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import narwhals as nw
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from crmcore import (
    UTC,
    CrmcoreError,
    InvalidValueError,
    Money,
    OrderRule,
    Purchase,
    RefundRule,
    RfmTable,
    TimeUnit,
    instant,
)
from crmcore.interop import frames
from crmcore.interop.frames._instants import count_microseconds, day_of, microsecond_of, month_of
from tests.interop.frames.engines import Engine
from tests.interop.frames.properties import hold
from tests.interop.frames.test_purchases import reported, table
from tests.interop.frames.test_silence import TYPES, open_sales, records_of
from tests.support.refusals import refused

START: Final = instant("2025-12-28")
AS_OF: Final = instant("2026-02-10T12:00")
HOURS: Final = [0, 1, 2, 22, 23, 24, 60, 90, 100, 300, 700, 701, 1068, 1069, 1080, 1100, 1300]
"""Hours since the start: purchases of one day, of two days in one zone alone, of some weeks and months, and late."""
ROWS: Final = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from(["a", "b", "c", None]),
            "at": st.none() | st.sampled_from(HOURS).map(lambda hours: START + timedelta(hours=hours)),
            "paid": st.none() | st.decimals(-10, 20, places=2),
            "order": st.none() | st.integers(1, 6),
        }
    ),
    max_size=12,
)
ENGINES_WITHOUT_ZONES: Final = {"ibis", "sqlframe", "duckdb", "pyspark"}
"""They tell wall times in the zone of their session alone."""
POLICIES: Final[list[dict[str, Any]]] = [
    {},
    {"refund_rule": RefundRule.LEFT_OUT},
    {"unit": TimeUnit.WEEK},
    {"unit": TimeUnit.WEEK, "calendar": True},
    {"unit": TimeUnit.MONTH, "calendar": True},
    {"unit": TimeUnit.QUARTER, "calendar": True, "holdout_until": instant("2026-03-01")},
    {"holdout_until": instant("2026-03-01")},
    {"holdout_until": instant("2026-03-01"), "refund_rule": RefundRule.LEFT_OUT},
    {"tz": ZoneInfo("Asia/Tokyo"), "unit": TimeUnit.YEAR, "calendar": True},
    {"tz": ZoneInfo("Asia/Tokyo")},
]


def check(engine: Engine, rows: list[dict[str, Any]], **policies: Any) -> None:
    """Compare the table of the frame with that of the records."""
    if "holdout_until" not in policies:
        rows = [row for row in rows if row["at"] is None or row["at"] <= AS_OF]
    records, out = records_of(rows)
    statistics = frames.rfm(open_sales(engine, rows), as_of=AS_OF, **policies)
    found = statistics.read(engine.collect(statistics.frame))
    expected = RfmTable.of(records, as_of=AS_OF, **policies)
    assert found.by_customer() == expected.by_customer()
    assert (found.refunds_only, found.later_customers) == (expected.refunds_only, expected.later_customers)
    assert (found.unit, found.calendar, found.refund_rule) == (expected.unit, expected.calendar, expected.refund_rule)
    assert reported(engine, statistics) == out


def test_summaries_are_those_of_the_records(engine: Engine) -> None:
    """Summaries are those of the records."""
    known = [
        policies for policies in POLICIES if engine.name not in ENGINES_WITHOUT_ZONES or policies.get("tz", UTC) is UTC
    ]

    def test(drawn: tuple[list[dict[str, Any]], dict[str, Any]]) -> None:
        check(engine, drawn[0], **drawn[1])

    hold(engine, st.tuples(ROWS, st.sampled_from(known)), test)


def draw_many() -> list[dict[str, Any]]:
    """Rows of three customers at all the hours, with refunds."""
    return [
        {
            "who": "abc"[place % 3],
            "at": START + timedelta(hours=hours),
            "paid": Decimal(7 * place % 11 - 3),
            "order": place,
        }
        for place, hours in enumerate(HOURS * 2)
    ]


@pytest.mark.parametrize("policies", POLICIES)
def test_each_policy_is_that_of_the_records(policies: dict[str, Any]) -> None:
    """Each policy is that of the records."""
    pl = pytest.importorskip("polars")
    check(Engine("polars", pl.from_arrow), draw_many(), **policies)


def test_a_zone_that_the_engine_cannot_tell_is_refused(engine: Engine) -> None:
    """A zone that the engine cannot tell is refused."""
    if engine.name not in ENGINES_WITHOUT_ZONES:
        pytest.skip("it tells wall times in every zone")
    with refused(InvalidValueError, "engine_without_zone: tz"):
        frames.rfm(open_sales(engine, []), as_of=AS_OF, tz=ZoneInfo("Asia/Tokyo"))


YEARS: Final = [1, 4, 1899, 1900, 1969, 2000, 2024, 2026, 9999]
INSTANTS: Final = [
    *(
        datetime(year, month, day, 23, 59, 59, 999999, tzinfo=UTC)
        for year in YEARS
        for month, day in ((1, 1), (2, 28), (3, 1), (12, 31))
    ),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(2024, 2, 29, tzinfo=UTC),
]


def test_days_months_and_microseconds_are_those_of_the_calendar(engine: Engine) -> None:
    """Days months and microseconds are those of the calendar."""
    rows = [{"who": "a", "at": at, "paid": 1, "order": None} for at in INSTANTS]
    given: Any = nw.from_native(engine.make(table(rows, **TYPES)))
    at = nw.col("at")
    counted = given.select(day=day_of(at), month=month_of(at), microsecond=microsecond_of(at))
    found: Any = nw.from_native(engine.collect(counted.to_native()), eager_only=True)
    assert sorted(map(int, found["day"].to_list())) == sorted(at.toordinal() for at in INSTANTS)
    assert sorted(map(int, found["month"].to_list())) == sorted(at.year * 12 + at.month - 1 for at in INSTANTS)
    assert sorted(map(int, found["microsecond"].to_list())) == sorted(map(count_microseconds, INSTANTS))
    assert count_microseconds(INSTANTS[0]) == date(1, 1, 1).toordinal() * 86_400_000_000 + 86_399_999_999


def test_each_purchase_as_an_order_is_refused() -> None:
    """Each purchase as an order is refused."""
    pl = pytest.importorskip("polars")
    with refused(InvalidValueError, "rows_without_order: order_rule"):
        frames.rfm(open_sales(Engine("polars", pl.from_arrow), []), as_of=AS_OF, order_rule=OrderRule.EACH_PURCHASE)


def test_a_later_purchase_is_refused(engine: Engine) -> None:
    """A later purchase is refused."""
    rows = [{"who": "a", "at": AS_OF + timedelta.resolution, "paid": 1, "order": None}]
    statistics = frames.rfm(open_sales(engine, rows), as_of=AS_OF)
    with pytest.raises(CrmcoreError, match="must not lie after as_of"):
        statistics.read(engine.collect(statistics.frame))


def test_two_currencies_are_refused(engine: Engine) -> None:
    """Two currencies are refused."""
    rows = [{"who": "a", "at": AS_OF, "paid": 1, "code": code} for code in ("EUR", "USD")]
    kinds = {"who": pa.string(), "at": TYPES["at"], "paid": pa.int64(), "code": pa.string()}
    one = frames.Frame(Purchase, engine.make(table(rows[:1], **kinds)), customer_id="who", amount=("paid", "code"))
    statistics = frames.rfm(one, as_of=AS_OF)
    assert statistics.read(engine.collect(statistics.frame)).spend == Money(1, "EUR")
    both = frames.Frame(Purchase, engine.make(table(rows, **kinds)), customer_id="who", amount=("paid", "code"))
    statistics = frames.rfm(both, as_of=AS_OF)
    with pytest.raises(CrmcoreError, match="must be in one currency"):
        statistics.read(engine.collect(statistics.frame))
