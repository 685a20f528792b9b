"""What customers have paid is the same in every engine as in a list of records."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter
from typing import Any

import narwhals as nw
import pyarrow as pa
from hypothesis import Phase, given, settings, strategies as st

from crmcore import UTC, HistoricValue, Money, Purchase, instant
from crmcore.interop import frames
from tests.interop.frames.engines import Engine

UNSHRUNK = (Phase.explicit, Phase.generate)
"""A table is small as it is, and to shrink it in an engine takes minutes."""
START = instant("2026-03-02")
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from(["a", "b", "c", None]),
            "at": st.none() | st.integers(0, 10**9).map(lambda seconds: START + timedelta(seconds=seconds)),
            "paid": st.none() | st.decimals(-1000, 1000, places=2),
            "cost": st.none() | st.decimals(0, 1000, places=2),
            "order": st.none() | st.integers(1, 4),
        }
    ),
    max_size=8,
)
TYPES = {
    "who": pa.string(),
    "at": pa.timestamp("us", tz="UTC"),
    "paid": pa.decimal128(18, 2),
    "cost": pa.decimal128(18, 2),
    "order": pa.int64(),
}


def table(rows: list[dict[str, Any]], **types: pa.DataType) -> pa.Table:
    """Make a table of rows, with columns of these types."""
    return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in types.items()})


def count_rows(
    rows: list[dict[str, Any]], required: list[str], names: list[str]
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Leave out rows as a frame says it does: those that count, and how many do not, by their rule."""
    out: dict[str, int] = {}
    known = []
    for row in rows:
        missing = next((field for field, name in zip(required, names, strict=True) if row[name] is None), None)
        if missing is None:
            known.append(row)
        else:
            out[f"{missing}_missing"] = out.get(f"{missing}_missing", 0) + 1
    forms: dict[Any, list[dict[str, Any]]] = {}
    for row in known:
        if row["order"] is not None:
            forms.setdefault(row["order"], []).append(row)
    kept = [row for row in known if row["order"] is None]
    for same in forms.values():
        if all(one == same[0] for one in same):
            kept.append(same[0])
            out["id_repeated"] = out.get("id_repeated", 0) + len(same) - 1
        else:
            out["id_contradicted"] = out.get("id_contradicted", 0) + len(same)
    return kept, {rule: number for rule, number in out.items() if number}


@settings(deadline=None, phases=UNSHRUNK)
@given(rows=ROWS)
def test_values_are_those_of_the_records(engine: Engine, rows: list[dict[str, Any]]) -> None:
    """What customers have paid is that of the records, and what is left out is counted by its rule."""
    given = engine.make(table(rows, **TYPES))
    sales = frames.Frame(Purchase, given, customer_id="who", amount="paid", id="order", currency="EUR", tz=UTC)
    statistics = frames.historic_value(sales, by="who")
    kept, out = count_rows(rows, ["customer_id", "at", "amount"], ["who", "at", "paid"])
    records = [
        Purchase(
            customer_id=row["who"],
            at=row["at"],
            amount=Money(row["paid"], "EUR"),
            cost=None if row["cost"] is None else Money(row["cost"], "EUR"),
        )
        for row in kept
    ]
    expected = HistoricValue.by(records, attrgetter("customer_id"), currency="EUR")
    assert dict(statistics.read(engine.collect(statistics.frame))) == dict(expected)
    assert reported(engine, statistics) == out


def reported(engine: Engine, statistics: frames.Statistics[Any]) -> dict[str, int]:
    """What a statistic left out, by its rule."""
    found: Any = nw.from_native(engine.collect(statistics.left_out), eager_only=True)
    return dict(zip(found["rule"].to_list(), found["rows"].to_list(), strict=True))
