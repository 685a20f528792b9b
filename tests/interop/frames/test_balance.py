"""Moments are counted in every engine as in a list of records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any

import narwhals as nw
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from crmcore import Balance, CrmcoreError, MomentOfTruth, Valence, instant
from crmcore.interop import frames
from tests.interop.frames.drawing import check_drawn
from tests.interop.frames.engines import Engine
from tests.support.refusals import refused

AS_OF = instant("2026-03-10T12:00")
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
AGES = [timedelta(0), TICK, DAY - TICK, DAY, 4 * DAY - TICK, 4 * DAY, 4 * DAY + TICK, 40 * DAY]
POLICIES: list[dict[str, Any]] = [
    {},
    {"ratio": "2.5"},
    {"as_of": AS_OF, "window": 3 * DAY},
    {"as_of": AS_OF, "window": timedelta(days=800_000)},
    {"resolved_weight": "0.3"},
    {"as_of": AS_OF, "resolved_weight": "0.3"},
    {"as_of": AS_OF, "half_life": timedelta(days=7)},
    {"as_of": AS_OF, "window": 3 * DAY, "half_life": timedelta(hours=7), "resolved_weight": 0},
]
TYPES = {
    "who": pa.string(),
    "valence": pa.string(),
    "at": pa.timestamp("us", tz="UTC"),
    "severity": pa.decimal128(12, 3),
    "made_good": pa.timestamp("us", tz="UTC"),
}
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from(["a", "b", None]),
            "valence": st.sampled_from(["good", "bad", "bad", "neutral", None]),
            "at": st.none() | st.sampled_from(AGES).map(lambda age: AS_OF - age),
            "severity": st.none() | st.sampled_from([Decimal(1), Decimal("0.125"), Decimal("3.300")]),
            "made_good": st.none() | st.sampled_from([timedelta(0), TICK, 2 * DAY, 50 * DAY]),
        }
    ),
    max_size=8,
)


def tidy(row: dict[str, Any]) -> dict[str, Any]:
    """Let only bad moments be made good, and not before they happened."""
    after = row["made_good"]
    resolved = None if after is None or row["at"] is None or row["valence"] != "bad" else row["at"] + after
    return {**row, "made_good": resolved}


def build(rows: list[dict[str, Any]]) -> list[MomentOfTruth]:
    """Build the records of the rows that count."""
    return [
        MomentOfTruth(
            valence=Valence(row["valence"]),
            at=row["at"],
            severity=1 if row["severity"] is None else row["severity"],
            employee_id=row["who"],
            resolved_at=row["made_good"],
        )
        for row in rows
        if row["valence"] is not None and row["at"] is not None
    ]


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """Make a table of rows."""
    return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in TYPES.items()})


def frame(engine: Engine, rows: list[dict[str, Any]]) -> frames.Frame[MomentOfTruth]:
    """Make a frame of rows."""
    return frames.Frame(MomentOfTruth, engine.make(table(rows)), resolved_at="made_good")


@pytest.mark.parametrize("policies", POLICIES, ids=lambda policies: "-".join(policies) or "none")
def test_balances_are_those_of_the_records(engine: Engine, policies: dict[str, Any]) -> None:
    """A balance of a frame is that of a list, under each policy."""

    def check(given: list[dict[str, Any]]) -> None:
        rows = [*map(tidy, given)]
        of = frames.balance(frame(engine, rows), **policies)
        by = frames.balance(frame(engine, rows), by="who", **policies)
        assert of.read(engine.collect(of.frame)) == Balance.of(build(rows), **policies)
        balances = by.read(engine.collect(by.frame))
        assert dict(balances) == dict(Balance.by(build(rows), attrgetter("employee_id"), **policies))

    check_drawn(engine, ROWS, check, 12)


ROW = {"who": "a", "valence": "bad", "at": AS_OF - DAY, "severity": Decimal(2), "made_good": None}


def read(engine: Engine, row: dict[str, Any], **policies: Any) -> Any:
    """Count one row."""
    counted = frames.balance(frame(engine, [{**ROW, **row}]), **policies)
    return counted.read(engine.collect(counted.frame))


def test_what_a_record_refuses_is_refused_when_the_counts_are_read(engine: Engine) -> None:
    """What cannot be a moment is an error, not a count."""
    with refused(CrmcoreError, "not_a_member: valence"):
        read(engine, {"valence": "great"})
    with refused(CrmcoreError, "not_a_member: valence"):
        read(engine, {"valence": "great"}, resolved_weight=0)
    with refused(CrmcoreError, "not_positive: severity"):
        read(engine, {"severity": Decimal(0)})
    with refused(CrmcoreError, "not_positive: severity"):
        read(engine, {"severity": Decimal(-1)}, resolved_weight=0)
    with refused(CrmcoreError, "resolved_but_not_bad: resolved_at"):
        read(engine, {"valence": "good", "made_good": AS_OF}, resolved_weight=0)
    with refused(CrmcoreError, "too_early: resolved_at"):
        read(engine, {"made_good": AS_OF - 2 * DAY}, resolved_weight=0)
    with refused(CrmcoreError, "after_reference_date: moments[0]"):
        read(engine, {"at": AS_OF + TICK}, as_of=AS_OF)


def test_two_columns_of_instants_are_in_one_zone() -> None:
    """Engines do not compare times that carry a zone with times that carry none."""
    data = pl.DataFrame([ROW]).with_columns(made_good=pl.lit(datetime(2026, 3, 9)))  # noqa: DTZ001 - a time in UTC
    naive = frames.Frame(MomentOfTruth, data, resolved_at="made_good", tz=UTC)
    assert frames.balance(naive).frame is not None
    with refused(CrmcoreError, "columns_in_two_zones: resolved_at"):
        frames.balance(naive, resolved_weight=0)


def test_whole_numbers_and_no_severities_weigh_as_well(engine: Engine) -> None:
    """A moment without a severity weighs one."""
    kinds = {"valence": pa.string(), "at": pa.timestamp("us")}
    data = pa.table(
        {
            name: pa.array([value] * 3, kinds[name])
            for name, value in [("valence", "bad"), ("at", AS_OF.replace(tzinfo=None))]
        }
    )
    counted = frames.balance(frames.Frame(MomentOfTruth, engine.make(data), tz=UTC))
    assert counted.read(engine.collect(counted.frame)) == Balance(bad=3)
    heavy = data.append_column("severity", pa.array([1, 2, 3], pa.int64()))
    counted = frames.balance(frames.Frame(MomentOfTruth, engine.make(heavy), tz=UTC), resolved_weight="0.5")
    assert counted.read(engine.collect(counted.frame)) == Balance(bad=6, resolved_weight="0.5")


def test_rows_that_lack_a_field_are_reported(engine: Engine) -> None:
    """A row without a valence is no moment."""
    counted = frames.balance(frame(engine, [ROW, {**ROW, "valence": None}]))
    out: Any = nw.from_native(engine.collect(counted.left_out), eager_only=True)
    assert [*out.iter_rows()] == [("valence_missing", 1)]
