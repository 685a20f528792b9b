"""Customers who come, leave and return are the same in every engine as in a list of records."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter
from typing import Any, Final

import pytest
from hypothesis import strategies as st

from crmcore import Churn, CrmcoreError, InvalidValueError, Period, TimeUnit, instant
from crmcore.interop import frames
from tests.interop.frames.engines import Engine
from tests.interop.frames.properties import hold
from tests.interop.frames.test_purchases import reported
from tests.interop.frames.test_silence import open_sales, records_of
from tests.support.refusals import refused

HOUR: Final = timedelta(hours=1)
MICROSECOND: Final = timedelta.resolution
MARCH: Final = Period(start=instant("2026-03-01"), end=instant("2026-03-03"))
PERIODS: Final = [MARCH, *MARCH.split(TimeUnit.DAY), Period(start=instant("2026-02-20"), end=instant("2026-03-02"))]
SILENCES: Final = [7 * HOUR, 24 * HOUR, 24 * HOUR + MICROSECOND, 48 * HOUR, 300 * HOUR, timedelta.max]
ROWS: Final = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from(["a", "b", None]),
            "at": st.none()
            | st.builds(
                lambda hours, off: MARCH.start + hours * HOUR + off * MICROSECOND,
                st.sampled_from([-96, -48, -24, -7, 0, 7, 14, 24, 31, 48, 72, 96]),
                st.sampled_from([0, 0, 0, 1, -1]),
            ),
            "paid": st.none() | st.decimals(-3, 20, places=2),
            "order": st.none() | st.integers(1, 20),
        }
    ),
    max_size=14,
)


def test_churn_is_that_of_the_records(engine: Engine) -> None:
    """Churn is that of the records."""

    def test(drawn: tuple[list[dict[str, Any]], timedelta]) -> None:
        rows, silence = drawn
        records, out = records_of(rows)
        sales = open_sales(engine, rows)
        whole = frames.purchase_churn(sales, MARCH, churned_after=silence)
        assert whole.read(engine.collect(whole.frame)) == Churn.of_purchases(records, MARCH, churned_after=silence)
        assert reported(engine, whole) == out
        each = frames.purchase_churn(sales, MARCH, churned_after=silence, by="who")
        expected = Churn.by_purchases(records, MARCH, attrgetter("customer_id"), churned_after=silence)
        assert dict(each.read(engine.collect(each.frame))) == dict(expected)
        over = frames.purchase_churn(sales, PERIODS, churned_after=silence)
        assert over.read(engine.collect(over.frame)) == Churn.over_purchases(records, PERIODS, churned_after=silence)

    hold(engine, st.tuples(ROWS, st.sampled_from(SILENCES)), test, share=3)


def test_a_customer_in_two_groups_is_refused(engine: Engine) -> None:
    """A customer in two groups is refused."""
    rows = [{"who": "a", "at": MARCH.start, "paid": paid, "order": None} for paid in (1, 2)]
    churn = frames.purchase_churn(open_sales(engine, rows), MARCH, churned_after=HOUR, by="paid")
    with pytest.raises(CrmcoreError, match="must have one value of paid"):
        churn.read(engine.collect(churn.frame))


def test_no_periods_have_no_rows(engine: Engine) -> None:
    """No periods have no rows."""
    churn = frames.purchase_churn(open_sales(engine, []), [], churned_after=HOUR)
    assert len(churn.read(engine.collect(churn.frame))) == 0


def test_several_periods_by_a_column_are_refused(engine: Engine) -> None:
    """Several periods by a column are refused."""
    call: Any = frames.purchase_churn
    with refused(InvalidValueError, "several_periods_by_column: by"):
        call(open_sales(engine, []), [MARCH], churned_after=HOUR, by="who")


def test_a_silence_below_a_millisecond_is_refused(engine: Engine) -> None:
    """A silence below a millisecond is refused."""
    with refused(InvalidValueError, "silence_below_millisecond: churned_after"):
        frames.purchase_churn(open_sales(engine, []), MARCH, churned_after=MICROSECOND)
