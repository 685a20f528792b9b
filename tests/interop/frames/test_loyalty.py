"""Levels of customers are counted in every engine as in mappings."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from crmcore import BaseDistribution, CrmcoreError, LevelTransitions, Period, WrongTypeError
from crmcore.interop import frames
from tests.interop.frames.drawing import check_drawn
from tests.interop.frames.engines import Engine
from tests.interop.frames.test_purchases import reported
from tests.support.refusals import refused

LEVELS = ["loyal", "satisfied", "aggrieved", "unread", "unknown", None]
STATES = st.dictionaries(st.integers(1, 6), st.sampled_from(LEVELS), max_size=6)


def make(engine: Engine, states: dict[int, str | None]) -> Any:
    """Make a frame of the level of each customer, and of the country that they live in."""
    columns = {
        "who": pa.array([*states], pa.int64()),
        "level": pa.array([*states.values()], pa.string()),
        "country": pa.array([(None, "EE", "LV")[who % 3] for who in states], pa.string()),
    }
    return engine.make(pa.table(columns))


def test_distributions_are_those_of_the_states(engine: Engine) -> None:
    """The distribution of a frame is that of a mapping, and by a key that of a mapping for each."""

    def check(states: dict[int, str | None]) -> None:
        march = Period.month(2026, 3)
        of = frames.level_distribution(make(engine, states), customer_id="who", period=march)
        assert of.read(engine.collect(of.frame)) == BaseDistribution.of(states, period=march)
        by = frames.level_distribution(make(engine, states), by="country", customer_id="who")
        expected = {
            key: BaseDistribution.of({who: level for who, level in states.items() if who % 3 == place})
            for place, key in enumerate((None, "EE", "LV"))
            if any(who % 3 == place for who in states)
        }
        assert dict(by.read(engine.collect(by.frame))) == expected

    check_drawn(engine, STATES, check)


def test_changes_are_those_of_the_states(engine: Engine) -> None:
    """The moves between two frames are those between two mappings, with the customers who are gone."""

    def check(drawn: tuple[dict[int, str | None], dict[int, str | None], set[int]]) -> None:
        before, after, chosen = drawn
        gone = [who for who in sorted(chosen) if after.get(who) not in LEVELS[:3]]
        left = engine.make(pa.table({"who": pa.array(gone, pa.int64())}))
        moved = frames.level_changes(make(engine, before), make(engine, after), gone=left, customer_id="who")
        expected = LevelTransitions.of(before, after, gone=gone)
        assert moved.read(engine.collect(moved.frame)) == expected
        stayed = frames.level_changes(make(engine, before), make(engine, after), customer_id="who")
        assert stayed.read(engine.collect(stayed.frame)) == LevelTransitions.of(before, after)

    check_drawn(engine, st.tuples(STATES, STATES, st.sets(st.integers(1, 8), max_size=4)), check, 15)


def test_what_the_mappings_refuse_is_refused_when_the_counts_are_read(engine: Engine) -> None:
    """An unknown level, and a customer who is gone and has a level, are errors, not counts."""
    counted = frames.level_distribution(make(engine, {7: "happy"}), customer_id="who")
    with refused(CrmcoreError, "no_such_level: states"):
        counted.read(engine.collect(counted.frame))
    base = make(engine, {7: "loyal"})
    moved = frames.level_changes(base, base, gone=base, customer_id="who")
    with refused(CrmcoreError, "gone_with_a_level: gone[0]"):
        moved.read(engine.collect(moved.frame))


def test_customers_count_once(engine: Engine) -> None:
    """Equal rows of a customer count once, rows that differ do not count, nor do those without a customer."""
    columns = {"customer_id": pa.array(["a", "a", "b", "b", None]), "level": ["loyal", "loyal", "loyal", None, "loyal"]}
    counted = frames.level_distribution(engine.make(pa.table(columns)))
    assert counted.read(engine.collect(counted.frame)) == BaseDistribution(counts=(1, 0, 0))
    out = {"customer_id_missing": 1, "customer_id_repeated": 1, "customer_id_contradicted": 2}
    assert reported(engine, counted) == out
    moved = frames.level_changes(engine.make(pa.table(columns)), engine.make(pa.table(columns)))
    assert moved.read(engine.collect(moved.frame)).moves == 1
    assert reported(engine, moved) == {rule: 2 * number for rule, number in out.items()}


def test_frames_that_do_not_join_are_refused() -> None:
    """Two engines are not joined, and neither are texts with numbers."""
    texts = {"customer_id": ["a"], "level": ["loyal"]}
    numbers = pl.DataFrame({"customer_id": [7], "level": ["loyal"]})
    with refused(CrmcoreError, "frames_do_not_join: after"):
        frames.level_changes(pl.DataFrame(texts), numbers)
    with refused(CrmcoreError, "frames_do_not_join: after"):
        frames.level_changes(pl.DataFrame(texts), pd.DataFrame(texts))
    with refused(CrmcoreError, "frames_do_not_join: after"):
        frames.level_changes(pl.DataFrame(texts), pl.LazyFrame(texts))


@pytest.mark.parametrize("name", ["before", "after", "gone"])
def test_the_snapshot_that_is_no_frame_is_named(name: str) -> None:
    """Each of the three frames has the name of its argument in the error."""
    frame = pl.DataFrame({"customer_id": ["a"], "level": ["loyal"]})
    given: dict[str, Any] = {"before": frame, "after": frame, "gone": frame, name: ["d"]}
    with refused(WrongTypeError, f"not_a_frame: {name}"):
        frames.level_changes(given["before"], given["after"], gone=given["gone"])
