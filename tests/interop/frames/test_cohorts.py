"""Cohorts are the same in every engine as from a list of records."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import strategies as st

from crmcore import UTC, AgeRule, Cohort, CrmcoreError, InvalidValueError, Purchase, TimeUnit, instant
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
