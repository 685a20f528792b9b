"""Monthly revenue moves in every engine as in a list of records."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from crmcore import (
    ChangeRule,
    CrmcoreError,
    Money,
    Period,
    ReactivationRule,
    RevenueMovements,
    RevenuePolicy,
    Subscription,
    TimeUnit,
)
from crmcore.interop import frames
from tests.interop.frames.drawing import check_drawn
from tests.interop.frames.engines import Engine
from tests.interop.frames.test_churn import DAY, EDGES, INSTANTS, MARCH, PERIODS, TICK, TYPES, fill
from tests.support.refusals import refused

KINDS = {**TYPES, "interval": pa.int64(), "currency": pa.string()}
POLICIES = [RevenuePolicy(), RevenuePolicy(reactivation=ReactivationRule.LEFT_OUT, paused_is_lost=True)]
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from(["a", "a", "b", "b", "c", "d", None]),
            "price": st.sampled_from([Decimal(0), Decimal("9.99"), Decimal(20), Decimal(25), Decimal(100), None]),
            "every": st.sampled_from(["month", "month", "month", "quarter", "year", "week", "day"]),
            "interval": st.sampled_from([None, 1, 1, 2]),
            "times": st.lists(INSTANTS, min_size=1, max_size=3).map(sorted),
        }
    ),
    max_size=10,
)


def finish(row: dict[str, Any]) -> dict[str, Any]:
    """Make a row whose start, end and pause are in order."""
    return {**fill(row), "every": row["every"], "currency": "EUR"}


def build(rows: list[dict[str, Any]]) -> list[Subscription]:
    """Build the records of the rows that count."""
    return [
        Subscription(
            customer_id=row["who"],
            price=Money(row["price"], "EUR"),
            every=TimeUnit(row["every"]),
            interval=row["interval"] or 1,
            started=row["started"],
            ended=row["ended"],
            paused_since=row["paused_since"],
        )
        for row in rows
        if row["who"] is not None and row["price"] is not None
    ]


def frame(
    engine: Engine, rows: list[dict[str, Any]], kinds: dict[str, pa.DataType] = KINDS, **currency: Any
) -> frames.Frame[Subscription]:
    """Make a frame of rows."""
    table = pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()})
    return frames.Frame(Subscription, engine.make(table), customer_id="who", **(currency or {"currency": "EUR"}))


@pytest.mark.parametrize("policy", POLICIES, ids=["usual", "paused"])
def test_movements_are_those_of_the_records(engine: Engine, policy: RevenuePolicy) -> None:
    """The movements of a frame are those of a list to the last digit, whatever the billing periods."""

    def check(given: list[dict[str, Any]]) -> None:
        rows = [*map(finish, given)]
        of = frames.revenue_movements(frame(engine, rows), MARCH, policy=policy)
        expected = RevenueMovements.of(build(rows), MARCH, currency="EUR", policy=policy)
        assert of.read(engine.collect(of.frame)) == expected
        over = frames.revenue_movements(frame(engine, rows), PERIODS, policy=policy)
        expected_over = RevenueMovements.over(build(rows), PERIODS, currency="EUR", policy=policy)
        assert over.read(engine.collect(over.frame)) == expected_over

    check_drawn(engine, ROWS, check, 30)


def test_movements_by_key_are_those_of_the_records(engine: Engine) -> None:
    """Each key has a row, even without revenue."""

    def check(given: list[dict[str, Any]]) -> None:
        rows = [*map(finish, given)]
        segments = {row["who"]: row["segment"] for row in rows}
        by = frames.revenue_movements(frame(engine, rows, price=("price", "currency")), MARCH, by="segment")
        expected = RevenueMovements.by(build(rows), MARCH, lambda one: segments[one.customer_id], currency="EUR")
        assert dict(by.read(engine.collect(by.frame))) == dict(expected)

    check_drawn(engine, ROWS, check, 10)


ROW = finish({"who": "a", "price": Decimal(9), "every": "month", "interval": 1, "times": [MARCH.start]})


def test_prices_may_be_whole_numbers(engine: Engine) -> None:
    """Whole numbers stay whole, also of customers who pay at one edge of the month alone, where pandas makes floats."""
    rows = [
        {**ROW, "who": "a", "price": 9, "started": MARCH.start - DAY},
        {**ROW, "who": "b", "price": 20, "started": MARCH.start + DAY},
        {**ROW, "who": "c", "price": 7, "started": MARCH.start - DAY, "ended": MARCH.start + DAY},
    ]
    of = frames.revenue_movements(frame(engine, rows, {**KINDS, "price": pa.int64()}), MARCH)
    assert of.read(engine.collect(of.frame)) == RevenueMovements.of(build(rows), MARCH)


def read(engine: Engine, *rows: dict[str, Any], **more: Any) -> Any:
    """Count the movements of rows."""
    plans = frame(engine, [{**ROW, **row} for row in rows], price=("price", "currency"))
    counted = frames.revenue_movements(plans, MARCH, **more)
    return counted.read(engine.collect(counted.frame))


def test_what_a_record_refuses_is_refused_when_the_counts_are_read(engine: Engine) -> None:
    """What cannot be a subscription is an error, not a count, and so are two currencies and two keys."""
    with refused(CrmcoreError, "subscriptions_contradict_time: ended"):
        read(engine, {"ended": MARCH.start - TICK})
    with refused(CrmcoreError, "plans_of_unknown_unit: every"):
        read(engine, {"every": "fortnight"})
    with refused(CrmcoreError, "customer_in_several_groups: by"):
        read(engine, {}, {"segment": "other"}, by="segment")
    with refused(CrmcoreError, "counted_in_two_currencies: price"):
        read(engine, {}, {"who": "b", "currency": "USD"})
    with refused(CrmcoreError, "plans_below_zero: price"):
        read(engine, {"price": Decimal(-9)}, {"price": Decimal(20)})
    with refused(CrmcoreError, "too_small: interval"):
        read(engine, {"interval": 0})


def test_policies_that_need_each_history_are_refused() -> None:
    """A count of each change is not what an engine sums up."""
    data = pl.DataFrame([ROW]).with_columns(
        pauses=pl.lit("2026"), ended=pl.lit(MARCH.end), paused_since=pl.lit(MARCH.start)
    )
    plans = frames.Frame(Subscription, data, customer_id="who", currency="EUR")
    for policy in (RevenuePolicy(changes=ChangeRule.EACH), RevenuePolicy(paused_is_lost=True)):
        with refused(CrmcoreError, "policy_needs_each_history: policy"):
            frames.revenue_movements(plans, MARCH, policy=policy)


def test_no_rows_need_a_currency() -> None:
    """Without a currency there is no amount, not even 0."""
    table = pa.table({name: pa.array([], kind) for name, kind in KINDS.items()})
    plans = frames.Frame(Subscription, pl.from_arrow(table), customer_id="who", price=("price", "currency"))
    counted = frames.revenue_movements(plans, MARCH)
    with refused(CrmcoreError, "no_revenue_and_no_currency: currency"):
        counted.read(counted.frame)


def test_no_periods_have_no_rows(engine: Engine) -> None:
    """No periods have no rows, with customers or without."""
    for rows in ([], [ROW]):
        over = frames.revenue_movements(frame(engine, rows), [])
        assert len(over.read(engine.collect(over.frame))) == 0


def test_several_periods_by_a_column_are_refused(engine: Engine) -> None:
    """There is no record of a period and a key."""
    call: Any = frames.revenue_movements
    with refused(CrmcoreError, "several_periods_by_column: by"):
        call(frame(engine, [ROW]), [MARCH], by="segment")


def test_a_year_of_days_is_counted_at_once() -> None:
    """A day has rows for those whose plans begin or end in it, and not for those who stay."""
    days = Period.year(2026).split(TimeUnit.DAY)
    rows = [
        finish({"who": f"{number}", "price": Decimal(9), "every": every, "interval": 1, "times": sorted(times)})
        for number in range(50)
        for every, times in (
            ("month", EDGES[number % 9 : number % 9 + 3]),
            ("year", EDGES[number % 7 : number % 7 + 2]),
        )
    ]
    table = pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in KINDS.items()})
    for made in (pl.DataFrame(table).lazy(), table):
        counted = frames.revenue_movements(frames.Frame(Subscription, made, customer_id="who", currency="EUR"), days)
        collected = counted.frame.collect() if made is not table else counted.frame
        assert len(collected) < len(rows)
        assert counted.read(collected) == RevenueMovements.over(build(rows), days)


def test_whole_prices_are_counted(engine: Engine) -> None:
    """Prices that are whole numbers count as decimals do, also where a customer pays at one end alone."""
    rows = [{**ROW, "who": who, "started": MARCH.start - DAY * days} for who, days in (("a", 1), ("b", 0), ("c", 40))]
    table = pa.table(
        {name: pa.array([row[name] for row in rows], pa.int64() if name == "price" else KINDS[name]) for name in KINDS}
    )
    plans = frames.Frame(Subscription, engine.make(table), customer_id="who", currency="EUR")
    counted = frames.revenue_movements(plans, MARCH)
    assert counted.read(engine.collect(counted.frame)) == RevenueMovements.of(build(rows), MARCH)


def test_plans_without_ends_are_open() -> None:
    """A frame without ends has only open subscriptions."""
    data = pl.DataFrame([ROW]).select("who", "price", "every", "started")
    counted = frames.revenue_movements(frames.Frame(Subscription, data, customer_id="who", currency="EUR"), MARCH)
    assert counted.read(counted.frame).new == Money(9, "EUR")
