"""Customers who have fallen silent are the same in every engine as in a list of records."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import strategies as st

from crmcore import UTC, CrmcoreError, Inactivity, Money, Purchase, instant
from crmcore.interop import frames
from tests.interop.frames.engines import Engine
from tests.interop.frames.properties import hold
from tests.interop.frames.test_purchases import count_rows, reported, table

AS_OF = instant("2026-03-02")
SHORT, LONG = timedelta(days=30), timedelta(days=60)
MICROSECOND = timedelta.resolution
SILENCES = [timedelta(0), SHORT, LONG, SHORT - MICROSECOND, LONG - MICROSECOND, LONG + MICROSECOND, 9 * LONG]
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from(["a", "b", "c", "d", None]),
            "at": st.none() | st.sampled_from(SILENCES).map(lambda silence: AS_OF - silence),
            "paid": st.none() | st.decimals(-10, 10, places=2),
            "order": st.none() | st.integers(1, 4),
        }
    ),
    max_size=10,
)
TYPES = {
    "who": pa.string(),
    "at": pa.timestamp("us", tz="UTC"),
    "paid": pa.decimal128(18, 2),
    "order": pa.int64(),
}


def records_of(rows: list[dict[str, Any]]) -> tuple[list[Purchase], dict[str, int]]:
    """The purchases of the rows that count, and what is left out."""
    kept, out = count_rows(rows, ["customer_id", "at", "amount"], ["who", "at", "paid"])
    return [Purchase(customer_id=row["who"], at=row["at"], amount=Money(row["paid"], "EUR")) for row in kept], out


def open_sales(engine: Engine, rows: list[dict[str, Any]], **types: Any) -> frames.Frame[Purchase]:
    """The purchases as a frame of an engine."""
    given = engine.make(table(rows, **(TYPES | types)))
    return frames.Frame(Purchase, given, customer_id="who", amount="paid", id="order", currency="EUR", tz=UTC)


@pytest.mark.parametrize("at_risk_after", [None, SHORT])
def test_silence_is_that_of_the_records(engine: Engine, at_risk_after: timedelta | None) -> None:
    """Silence is that of the records."""
    limits: Any = {"as_of": AS_OF, "churned_after": LONG, "at_risk_after": at_risk_after}

    def test(rows: list[dict[str, Any]]) -> None:
        records, out = records_of(rows)
        sales = open_sales(engine, rows)
        whole = frames.inactivity(sales, **limits)
        assert whole.read(engine.collect(whole.frame)) == Inactivity.of(records, **limits)
        assert reported(engine, whole) == out
        each = frames.inactivity(sales, **limits, by="who")
        found = each.read(engine.collect(each.frame))
        assert dict(found) == dict(Inactivity.by(records, attrgetter("customer_id"), **limits))

    hold(engine, ROWS, test)


def refusal(engine: Engine, statistics: frames.Statistics[Any]) -> str:
    """Return the rule that a count breaks when it is read."""
    with pytest.raises(CrmcoreError) as caught:
        statistics.read(engine.collect(statistics.frame))
    return caught.value.rule


def test_a_later_purchase_is_refused(engine: Engine) -> None:
    """A later purchase is refused."""
    row = {"who": "a", "at": AS_OF + MICROSECOND, "paid": 1, "order": None}
    silence = frames.inactivity(open_sales(engine, [row]), as_of=AS_OF, churned_after=LONG)
    assert refusal(engine, silence) == "after_reference_date"


def test_a_later_refund_changes_nothing(engine: Engine) -> None:
    """A later refund changes nothing."""
    bought = {"who": "a", "at": AS_OF, "paid": 1, "order": None}
    refund = {"who": "a", "at": AS_OF + LONG, "paid": -1, "order": None}
    silence = frames.inactivity(open_sales(engine, [bought, refund]), as_of=AS_OF, churned_after=LONG)
    assert silence.read(engine.collect(silence.frame)).active == 1


def test_a_customer_in_two_groups_is_refused(engine: Engine) -> None:
    """A customer in two groups is refused."""
    rows = [{"who": "a", "at": AS_OF, "paid": paid, "order": None} for paid in (1, 2)]
    silence = frames.inactivity(open_sales(engine, rows), as_of=AS_OF, churned_after=LONG, by="paid")
    assert refusal(engine, silence) == "customer_in_several_groups"


def test_whole_numbers_and_a_zone(engine: Engine) -> None:
    """Whole numbers and a zone."""
    zone = "UTC" if engine.name == "pyspark" else "Europe/Riga"
    rows = [{"who": 7, "at": AS_OF - LONG, "paid": 3, "order": 1}, {"who": 8, "at": AS_OF, "paid": -3, "order": 2}]
    kinds = {"who": pa.int64(), "paid": pa.int64(), "at": pa.timestamp("us", tz=zone)}
    silence = frames.inactivity(open_sales(engine, rows, **kinds), as_of=AS_OF, churned_after=LONG)
    found = silence.read(engine.collect(silence.frame))
    assert (found.active, found.churned) == (1, 1)


def test_a_silence_longer_than_the_calendar(engine: Engine) -> None:
    """A silence longer than the calendar."""
    rows = [{"who": "a", "at": AS_OF, "paid": 3, "order": 1}]
    silence = frames.inactivity(open_sales(engine, rows), as_of=AS_OF, churned_after=timedelta.max)
    assert silence.read(engine.collect(silence.frame)).active == 1
