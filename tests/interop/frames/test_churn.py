"""Customers of subscriptions are counted in every engine as in a list of records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from crmcore import Churn, CrmcoreError, Money, Period, Subscription, TimeUnit, instant
from crmcore.interop import frames
from tests.interop.frames.drawing import check_drawn
from tests.interop.frames.engines import Engine
from tests.support.refusals import refused

MARCH = Period.month(2026, 3)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
EDGES = [
    MARCH.start - 40 * DAY,
    MARCH.start - DAY,
    MARCH.start - TICK,
    MARCH.start,
    MARCH.start + TICK,
    MARCH.start + 5 * DAY,
    MARCH.start + 6 * DAY,
    MARCH.start + 7 * DAY + timedelta(hours=7, microseconds=123),
    MARCH.end - TICK,
    MARCH.end,
    MARCH.end + timedelta(hours=5),
    MARCH.end + 40 * DAY,
]
INSTANTS = st.sampled_from(EDGES)
PERIODS = [
    Period(MARCH.start + 6 * DAY, MARCH.start + 8 * DAY),
    MARCH,
    *Period(MARCH.start - DAY, MARCH.start + 7 * DAY).split(TimeUnit.DAY)[:3],
    Period(MARCH.end + DAY, MARCH.end + 50 * DAY),
    Period(MARCH.start - 50 * DAY, MARCH.end),
]
"""They overlap, touch and leave gaps."""
POLICIES: list[dict[str, Any]] = [
    {},
    {"gap_tolerance": TICK},
    {"gap_tolerance": DAY},
    {"gap_tolerance": timedelta(days=700_000)},
    {"paused_is_lost": True},
    {"paused_is_lost": True, "gap_tolerance": 2 * DAY},
]
TYPES = {
    "who": pa.string(),
    "price": pa.decimal128(12, 2),
    "every": pa.string(),
    "started": pa.timestamp("us", tz="UTC"),
    "ended": pa.timestamp("us", tz="UTC"),
    "paused_since": pa.timestamp("us", tz="UTC"),
    "segment": pa.string(),
}
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from(["a", "a", "b", "b", "c", "d", None]),
            "price": st.sampled_from([0, 9, 9, 9, None]),
            "times": st.lists(INSTANTS, min_size=1, max_size=3).map(sorted),
        }
    ),
    max_size=10,
)


def fill(row: dict[str, Any]) -> dict[str, Any]:
    """Make a row of a start, an end and a pause that are in order."""
    started, *later = row["times"]
    ended = later[-1] if later else None
    paused = later[0] if len(later) > 1 and later[0] < later[1] else None
    segment = None if row["who"] == "c" else f"of {row['who'] in ('a', 'b')}"
    return {**row, "every": "month", "started": started, "ended": ended, "paused_since": paused, "segment": segment}


def build(rows: list[dict[str, Any]]) -> list[Subscription]:
    """Build the records of the rows that count."""
    return [
        Subscription(
            customer_id=row["who"],
            price=Money(row["price"], "EUR"),
            every=TimeUnit(row["every"]),
            started=row["started"],
            ended=row["ended"],
            paused_since=row["paused_since"],
        )
        for row in rows
        if row["who"] is not None and row["price"] is not None
    ]


def frame(engine: Engine, rows: list[dict[str, Any]]) -> frames.Frame[Subscription]:
    """Make a frame of rows."""
    table = pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in TYPES.items()})
    return frames.Frame(Subscription, engine.make(table), customer_id="who", currency="EUR")


@pytest.mark.parametrize("policies", POLICIES, ids=lambda policies: "-".join(map(str, policies.values())) or "none")
def test_churn_is_that_of_the_records(engine: Engine, policies: dict[str, Any]) -> None:
    """The churn of a frame is that of a list, under each policy."""

    def check(given: list[dict[str, Any]]) -> None:
        rows = [*map(fill, given)]
        of = frames.churn(frame(engine, rows), MARCH, **policies)
        assert of.read(engine.collect(of.frame)) == Churn.of(build(rows), MARCH, **policies)
        over = frames.churn(frame(engine, rows), PERIODS, **policies)
        assert over.read(engine.collect(over.frame)) == Churn.over(build(rows), PERIODS, **policies)

    check_drawn(engine, ROWS, check, 30)


def test_churn_by_key_is_that_of_the_records(engine: Engine) -> None:
    """Each key has a row, even without customers in the period."""

    def check(given: list[dict[str, Any]]) -> None:
        rows = [*map(fill, given)]
        segments = {row["who"]: row["segment"] for row in rows}
        by = frames.churn(frame(engine, rows), MARCH, by=["segment", "every"], gap_tolerance=DAY)
        expected = Churn.by(
            build(rows), MARCH, lambda one: (segments[one.customer_id], one.every.value), gap_tolerance=DAY
        )
        assert dict(by.read(engine.collect(by.frame))) == dict(expected)

    check_drawn(engine, ROWS, check, 10)


ROW = fill({"who": "a", "price": 9, "times": [MARCH.start]})


def read(engine: Engine, *rows: dict[str, Any], **policies: Any) -> Any:
    """Count the customers of rows."""
    counted = frames.churn(frame(engine, [{**ROW, **row} for row in rows]), MARCH, **policies)
    return counted.read(engine.collect(counted.frame))


def test_what_a_record_refuses_is_refused_when_the_counts_are_read(engine: Engine) -> None:
    """What cannot be a subscription is an error, not a count."""
    with refused(CrmcoreError, "subscriptions_contradict_time: ended"):
        read(engine, {"ended": MARCH.start - TICK})
    with refused(CrmcoreError, "subscriptions_contradict_time: ended"):
        read(engine, {"paused_since": MARCH.start - TICK}, paused_is_lost=True)
    with refused(CrmcoreError, "subscriptions_contradict_time: ended"):
        read(engine, {"paused_since": MARCH.end, "ended": MARCH.end}, paused_is_lost=True)
    with refused(CrmcoreError, "customer_in_several_groups: by"):
        read(engine, {}, {"segment": "other"}, by="segment")


def test_no_periods_have_no_rows(engine: Engine) -> None:
    """No periods have no rows, with customers or without."""
    for rows in ([], [ROW]):
        over = frames.churn(frame(engine, rows), [])
        assert len(over.read(engine.collect(over.frame))) == 0


def test_several_periods_by_a_column_are_refused() -> None:
    """There is no record of a period and a key."""
    call: Any = frames.churn
    plans = frames.Frame(
        Subscription, pl.DataFrame([ROW]).drop("ended", "paused_since"), customer_id="who", currency="EUR"
    )
    with refused(CrmcoreError, "several_periods_by_column: by"):
        call(plans, [MARCH], by="segment")


def test_a_year_of_days_is_counted_at_once() -> None:
    """The statistics of many periods are small, and their expressions are not deep."""
    days = Period.year(2026).split(TimeUnit.DAY)
    rows = [
        fill({"who": who, "price": 9, "times": sorted(times)})
        for who, times in zip("abcd", (EDGES[:2], EDGES[2:5], EDGES[5:7], EDGES[4:]), strict=True)
    ]
    table = pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in TYPES.items()})
    for made in (pl.DataFrame(table).lazy(), table):
        counted = frames.churn(frames.Frame(Subscription, made, customer_id="who", currency="EUR"), days)
        collected = counted.frame.collect() if made is not table else counted.frame
        assert len(collected) < 12
        assert counted.read(collected) == Churn.over(build(rows), days)


def test_whole_numbers_days_and_open_ends_are_counted(engine: Engine) -> None:
    """A frame without ends has only open subscriptions."""
    plans = {
        "customer_id": pa.array([7, 8], pa.int64()),
        "price": pa.array([9, 9], pa.int64()),
        "every": ["month"] * 2,
        "started": pa.array([datetime(2026, 3, 1), datetime(2026, 3, 2)], pa.timestamp("us")),  # noqa: DTZ001 - in UTC
    }
    counted = frames.churn(
        frames.Frame(Subscription, engine.make(pa.table(plans)), currency="EUR", tz=UTC), MARCH, paused_is_lost=True
    )
    seconds = (31 + 30) * 24 * 3600
    expected = Churn(joined=2, exposure_seconds=seconds, period=MARCH, paused_is_lost=True)
    assert counted.read(engine.collect(counted.frame)) == expected


def test_periods_at_the_ends_of_time_are_counted() -> None:
    """A tolerance does not lead beyond the years that there are."""
    rows = [fill({"who": "a", "price": 9, "times": [instant("0001-01-02")]})]
    period = Period(instant("0001-01-01"), instant("9999-12-31"))
    table = pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in TYPES.items()})
    plans = frames.Frame(Subscription, pl.from_arrow(table), customer_id="who", currency="EUR")
    counted = frames.churn(plans, period, gap_tolerance=timedelta(days=3))
    assert counted.read(counted.frame) == Churn.of(build(rows), period, gap_tolerance=timedelta(days=3))


def test_pauses_that_are_over_are_no_column() -> None:
    """A frame cannot hold several pauses of a row, and does not seem to."""
    data = pl.DataFrame([ROW]).with_columns(
        pauses=pl.lit("2026"), ended=pl.lit(MARCH.end), paused_since=pl.lit(MARCH.start)
    )
    plans = frames.Frame(Subscription, data, customer_id="who", currency="EUR")
    assert frames.churn(plans, MARCH).frame is not None
    with refused(CrmcoreError, "pauses_in_a_frame: paused_is_lost"):
        frames.churn(plans, MARCH, paused_is_lost=True)
