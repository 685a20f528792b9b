"""Cohorts are the same in every engine as from a list of records."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import strategies as st

from crmcore import (
    UTC,
    AgeRule,
    Cohort,
    CrmcoreError,
    Customer,
    InvalidValueError,
    Purchase,
    TimeUnit,
    WrongTypeError,
    instant,
)
from crmcore.interop import frames
from tests.interop.frames.engines import Engine
from tests.interop.frames.properties import hold
from tests.interop.frames.test_purchases import reported, table
from tests.interop.frames.test_rfm import ENGINES_WITHOUT_ZONES, draw_many
from tests.interop.frames.test_silence import TYPES, open_sales, records_of
from tests.support.refusals import refused

START: Final = instant("2025-12-28")
AS_OF: Final = instant("2026-04-10T12:00")
HOURS: Final = [0, 1, 22, 24, 47, 48, 60, 95, 96, 100, 300, 700, 850, 1068, 1500, 2200, 2484]
ROWS: Final = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from(["a", "b", "c", None]),
            "at": st.none() | st.sampled_from(HOURS).map(lambda hours: START + timedelta(hours=hours)),
            "paid": st.none() | st.decimals(-10, 20, places=2),
            "order": st.none() | st.integers(1, 12),
        }
    ),
    max_size=14,
)
TOKYO: Final = ZoneInfo("Asia/Tokyo")
POLICIES: Final[list[dict[str, Any]]] = [
    {},
    {"ages": [1, 3], "step": TimeUnit.DAY},
    {"ages": [0, (1, 3), (5, 30), 40], "step": TimeUnit.DAY},
    {"ages": [(0, 2), (3, 5)], "step": TimeUnit.WEEK},
    {"ages": [(0, 2), 4], "step": TimeUnit.DAY, "age_rule": AgeRule.ELAPSED},
    {"ages": 5, "step": TimeUnit.WEEK, "age_rule": AgeRule.ELAPSED},
    {"ages": 2, "step": TimeUnit.QUARTER},
    {"ages": 2, "step": TimeUnit.YEAR, "tz": TOKYO},
    {"ages": 3, "tz": TOKYO},
]


def test_cohorts_are_those_of_the_records(engine: Engine) -> None:
    """Cohorts are those of the records."""
    known = [
        policies for policies in POLICIES if engine.name not in ENGINES_WITHOUT_ZONES or policies.get("tz", UTC) is UTC
    ]

    def test(drawn: tuple[list[dict[str, Any]], dict[str, Any]]) -> None:
        rows, policies = drawn
        records, out = records_of(rows)
        sales = open_sales(engine, rows)
        statistics = frames.cohorts(sales, as_of=AS_OF, **policies)
        assert statistics.read(engine.collect(statistics.frame)) == Cohort.by_purchases(
            records, as_of=AS_OF, **policies
        )
        assert reported(engine, statistics) == out
        each = frames.cohorts(sales, as_of=AS_OF, by="who", **policies)
        assert each.read(engine.collect(each.frame)) == Cohort.by_purchases(
            records, lambda who: who, as_of=AS_OF, **policies
        )

    hold(engine, st.tuples(ROWS, st.sampled_from(known)), test, share=2)


@pytest.mark.parametrize("policies", POLICIES)
def test_each_policy_is_that_of_the_records(policies: dict[str, Any]) -> None:
    """Each policy is that of the records, by month and by two columns."""
    pl = pytest.importorskip("polars")
    rows = [row for row in draw_many() if row["at"] <= AS_OF]
    records, _ = records_of(rows)
    given = table(rows, **TYPES).append_column("shop", pa.array([row["who"].upper() for row in rows]))
    sales = frames.Frame(Purchase, pl.from_arrow(given), customer_id="who", amount="paid", currency="EUR", tz=UTC)
    statistics = frames.cohorts(sales, as_of=AS_OF, **policies)
    assert statistics.read(statistics.frame) == Cohort.by_purchases(records, as_of=AS_OF, **policies)
    each = frames.cohorts(sales, as_of=AS_OF, by=["who", "shop"], **policies)
    expected = Cohort.by_purchases(records, lambda who: (who, str(who).upper()), as_of=AS_OF, **policies)
    assert each.read(each.frame) == expected


SINCE: Final = [START - timedelta(days=40), START - timedelta(hours=1), START, START + timedelta(hours=30), AS_OF]
MEMBERS: Final = st.fixed_dictionaries({who: st.sampled_from([*SINCE[:3], *SINCE, None]) for who in "abcd"})


def open_members(engine: Engine, since: dict[str, Any], *more: tuple[str, Any]) -> frames.Frame[Customer]:
    """Make a frame of customers, the one of each key twice."""
    rows = [{"id": who, "since": at, "shop": f"{who} shop"} for who, at in [*since.items(), *since.items(), *more]]
    data = table(rows, id=pa.string(), since=TYPES["at"], shop=pa.string())
    return frames.Frame(Customer, engine.make(data), tz=UTC)


def test_cohorts_of_acquired_members_are_those_of_the_records(engine: Engine) -> None:
    """Members count from their acquisition on, also without purchases; what a record refuses is refused."""
    known = [
        policies for policies in POLICIES if engine.name not in ENGINES_WITHOUT_ZONES or policies.get("tz", UTC) is UTC
    ]

    def test(drawn: tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any]]) -> None:
        rows, policies, since = drawn
        records, _ = records_of(rows)
        acquired = {who: at for who, at in since.items() if at is not None}
        sales, members = open_sales(engine, rows), open_members(engine, since)
        by: Any
        for by, key in ((None, None), ("shop", lambda who: f"{who} shop")):
            given: Any = {"as_of": AS_OF, **policies}
            statistics = frames.cohorts(sales, acquired=members, by=by, **given)
            try:
                expected = Cohort.by_purchases(records, key, acquired=acquired, **given)
            except CrmcoreError:
                with pytest.raises(CrmcoreError, match="acqui"):
                    statistics.read(engine.collect(statistics.frame))
            else:
                assert statistics.read(engine.collect(statistics.frame)) == expected

    hold(engine, st.tuples(ROWS, st.sampled_from(known), MEMBERS), test, share=2)


def test_acquisitions_are_reported_and_refused_as_those_of_records(engine: Engine) -> None:
    """Rows of both frames that do not count are reported; what contradicts the acquisitions is refused."""
    bought = {"who": "a", "at": START, "paid": 1, "order": None}
    sales = open_sales(engine, [bought, {**bought, "who": None}])

    def read(*members: tuple[str, Any]) -> Any:
        statistics = frames.cohorts(sales, as_of=AS_OF, acquired=open_members(engine, {}, *members))
        return statistics.read(engine.collect(statistics.frame))

    members = open_members(engine, {"a": START}, ("b", None), ("c", START), ("c", AS_OF))
    statistics = frames.cohorts(sales, as_of=AS_OF, acquired=members)
    assert reported(engine, statistics) == {
        "customer_id_missing": 1,
        "id_repeated": 1,
        "id_contradicted": 2,
        "since_missing": 1,
    }
    with refused(InvalidValueError, "bought_but_never_acquired: purchases"):
        read(("b", START))
    with refused(InvalidValueError, "bought_before_acquired: purchases"):
        read(("a", AS_OF))
    with refused(InvalidValueError, "after_reference_date: acquired"):
        read(("a", START), ("b", AS_OF + timedelta.resolution))
    numbered = frames.Frame(Customer, engine.make(table([{"id": 1, "since": START}], id=pa.int64(), since=TYPES["at"])))
    with refused(WrongTypeError, "frames_do_not_join: acquired"):
        frames.cohorts(sales, as_of=AS_OF, acquired=numbered)


@pytest.mark.parametrize("policies", POLICIES)
def test_each_policy_of_acquired_members_is_that_of_the_records(policies: dict[str, Any]) -> None:
    """Each policy is that of the records, with an amount in a column of currencies."""
    pl = pytest.importorskip("polars")
    rows = [row for row in draw_many() if row["at"] <= AS_OF]
    records, _ = records_of(rows)
    acquired = {who: START - timedelta(days=17 * place) for place, who in enumerate({row["who"] for row in rows})}
    acquired["idle"] = START
    given = pl.from_arrow(table(rows, **TYPES)).with_columns(currency=pl.lit("EUR"))
    sales = frames.Frame(Purchase, given, customer_id="who", amount=("paid", "currency"), tz=UTC)
    members = pl.DataFrame({"id": [*acquired], "since": [*acquired.values()]})
    statistics = frames.cohorts(sales, as_of=AS_OF, acquired=frames.Frame(Customer, members), **policies)
    expected = Cohort.by_purchases(records, as_of=AS_OF, acquired=acquired, **policies)
    assert statistics.read(statistics.frame) == expected


def test_overlapping_ages_are_refused(engine: Engine) -> None:
    """Overlapping ages are refused."""
    with refused(InvalidValueError, "ages_within_a_bracket: ages[1]"):
        frames.cohorts(open_sales(engine, []), as_of=AS_OF, ages=[1, (0, 2)])


def test_a_later_purchase_is_refused(engine: Engine) -> None:
    """A later purchase is refused."""
    rows = [{"who": "a", "at": AS_OF + timedelta.resolution, "paid": 1, "order": None}]
    statistics = frames.cohorts(open_sales(engine, rows), as_of=AS_OF)
    with pytest.raises(CrmcoreError, match="must not lie after as_of"):
        statistics.read(engine.collect(statistics.frame))


def test_a_customer_in_two_cohorts_is_refused(engine: Engine) -> None:
    """A customer in two cohorts is refused."""
    rows = [{"who": "a", "at": AS_OF, "paid": 1, "order": order} for order in (1, 2)]
    statistics = frames.cohorts(open_sales(engine, rows), as_of=AS_OF, by="order")
    with pytest.raises(CrmcoreError, match="must have one value of order"):
        statistics.read(engine.collect(statistics.frame))


def test_two_currencies_are_refused(engine: Engine) -> None:
    """Two currencies are refused."""
    rows = [{"who": "a", "at": AS_OF, "paid": 1, "code": code} for code in ("EUR", "USD")]
    kinds = {"who": pa.string(), "at": TYPES["at"], "paid": pa.int64(), "code": pa.string()}
    sales = frames.Frame(Purchase, engine.make(table(rows, **kinds)), customer_id="who", amount=("paid", "code"))
    statistics = frames.cohorts(sales, as_of=AS_OF)
    with pytest.raises(CrmcoreError, match="must be in one currency"):
        statistics.read(engine.collect(statistics.frame))
