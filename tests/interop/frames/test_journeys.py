"""The ways of customers are the same in every engine as in a list of visits."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import cache
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, Final

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from crmcore import Flow, Interaction, InvalidValueError, TallyBy, UnknownNameError, WrongTypeError
from crmcore.interop import frames
from crmcore.journeys.paths import Edge
from tests.interop.frames.engines import Engine
from tests.interop.frames.test_purchases import START, UNSHRUNK, reported, table
from tests.support.profiles import LONG
from tests.support.refusals import refused

TYPES: Final = {
    "who": pa.string(),
    "place": pa.string(),
    "at": pa.timestamp("us", tz="UTC"),
    "row": pa.int64(),
}
VISITS: Final = st.lists(
    st.fixed_dictionaries(
        {
            "who": st.sampled_from(["a", "b", "c", None]),
            "place": st.sampled_from(["ad", "shop", "till", None]),
            "at": st.none() | st.integers(0, 4).map(lambda hours: START + timedelta(hours=hours)),
        }
    ),
    max_size=12,
)
NAMES: Final[dict[str, Any]] = {"customer_id": "who", "touchpoint_id": "place"}
NEXT: Final = START + timedelta(hours=1)
FIELDS: Final = {"customer_id": "who", "touchpoint_id": "place", "at": "at"}
LARGE_ENGINES: Final = {"polars lazy", "duckdb", "pandas", "pyarrow"}
"""The engines that count a million visits in seconds."""


def number(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Number rows, in the order in which a list has them."""
    return [{**row, "row": place} for place, row in enumerate(rows)]


def read(engine: Engine, given: Any, **choices: Any) -> Flow:
    """Count the flow of a table in an engine."""
    statistics = frames.flow(frames.Frame(Interaction, given, **NAMES), **choices)
    return statistics.read(engine.collect(statistics.frame))


def flow_of(rows: list[dict[str, Any]]) -> Flow:
    """The flow of the rows that lack nothing, from a list."""
    return Flow.of((row["who"], row["place"], row["at"]) for row in rows if None not in row.values())


def skip_dask(engine: Engine) -> None:
    """Dask is refused, and has a test of its own."""
    if engine.name == "dask":
        pytest.skip("Dask has no order")


class TestEngines:
    @settings(deadline=None, phases=UNSHRUNK)
    @given(rows=VISITS)
    def test_flow_is_that_of_the_visits(self, engine: Engine, rows: list[dict[str, Any]]) -> None:
        """With a sequence, every engine counts what a list gives; rows that lack something are reported."""
        skip_dask(engine)
        given = engine.make(table(number(rows), **TYPES))
        statistics = frames.flow(frames.Frame(Interaction, given, **NAMES), sequence="row")
        lacking = [
            next(f"{field}_missing" for field, name in FIELDS.items() if row[name] is None)
            for row in rows
            if None in row.values()
        ]

        assert statistics.read(engine.collect(statistics.frame)) == flow_of(rows)
        assert reported(engine, statistics) == {rule: lacking.count(rule) for rule in lacking}

    @settings(deadline=None, phases=UNSHRUNK)
    @given(rows=VISITS)
    def test_ties_are_refused(self, engine: Engine, rows: list[dict[str, Any]]) -> None:
        """Without a sequence, two touchpoints of a customer at one instant are refused; the same one twice is not."""
        skip_dask(engine)
        given = engine.make(table(rows, **{name: TYPES[name] for name in ("who", "place", "at")}))
        places: dict[Any, set[str]] = {}
        for row in rows:
            if None not in row.values():
                places.setdefault((row["who"], row["at"]), set()).add(row["place"])
        if any(len(some) > 1 for some in places.values()):
            with refused(InvalidValueError, "visits_of_one_instant: sequence"):
                read(engine, given)
        else:
            assert read(engine, given) == flow_of(rows)

    @LONG
    @pytest.mark.slow
    def test_a_million_visits(self, engine: Engine) -> None:
        """A million visits on two threads give what the list gives, each time."""
        if engine.name not in LARGE_ENGINES:
            pytest.skip("the others take long for a million rows")
        given = engine.make(make_many(1_000_000))
        expected = expect_many(1_000_000)

        assert [read(engine, given, sequence="row") == expected for _ in range(3)] == [True] * 3


@cache
def make_many(size: int) -> pa.Table:
    """Visits of many customers, some at one instant."""
    chance = np.random.default_rng(23)
    return pa.table(
        {
            "who": pa.array(chance.integers(0, size // 5, size)).cast(pa.string()),
            "place": pa.array(chance.integers(0, 12, size)).cast(pa.string()),
            "at": pa.array(1_770_000_000_000_000 + chance.integers(0, 1000, size), pa.timestamp("us", tz="UTC")),
            "row": pa.array(range(size)),
        }
    )


@cache
def expect_many(size: int) -> Flow:
    """The flow of many visits, by a sort and a dictionary."""
    rows = make_many(size)
    visits = sorted(zip(*(rows[name].to_pylist() for name in ("who", "at", "row", "place")), strict=True))
    edges: Counter[tuple[Any, Any]] = Counter()
    passed: Counter[tuple[Any, Any]] = Counter()
    journeys = 0
    for _, own in groupby(visits, itemgetter(0)):
        places = [place for *_, place in own]
        moves = [(None, places[0]), *pairwise(places), (places[-1], None)]
        edges.update(moves)
        passed.update({*moves})
        journeys += 1
    return Flow(
        journeys=journeys,
        edges=TallyBy({pair: Edge(count=count, journeys=passed[pair]) for pair, count in edges.items()}),
    )


class TestFlow:
    @pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pl.LazyFrame, pa.table])
    def test_ids_stay_whole_numbers(self, make: Any) -> None:
        """Ids beyond 2 ** 53 stay exact, also in pandas, whose shift makes floats of them."""
        large = 2**53 + 1
        visits = {"customer_id": [large, large - 1], "touchpoint_id": [large, large - 1], "at": [START, START]}
        statistics = frames.flow(frames.Frame(Interaction, make(visits)))
        collected = statistics.frame.collect() if make is pl.LazyFrame else statistics.frame

        assert statistics.read(collected) == Flow.of([(large, large, START), (large - 1, large - 1, START)])

    def test_an_id_counts_once(self) -> None:
        """A visit with an id counts once, however often it is given."""
        visits = pl.DataFrame(
            {"id": [1, 1, 2], "who": ["a"] * 3, "place": ["ad", "ad", "shop"], "at": [START, START, NEXT]}
        )
        statistics = frames.flow(frames.Frame(Interaction, visits, **NAMES))

        assert statistics.read(statistics.frame).edges["ad", "shop"] == Edge(count=1, journeys=1)
        assert statistics.left_out.rows() == [("id_repeated", 1)]

    def test_frames_of_disjoint_customers_add(self) -> None:
        """Statistics of disjoint customers, one under the other, are read as those of all."""
        rows = number([{"who": who, "place": place, "at": START} for who in "abc" for place in ("ad", "shop", "ad")])
        whole = pl.DataFrame(rows)
        parts = [
            frames.flow(frames.Frame(Interaction, part, **NAMES), sequence="row") for part in whole.partition_by("who")
        ]

        assert parts[0].read(pl.concat([part.frame for part in parts])) == flow_of(rows)

    def test_wrong_sequence(self) -> None:
        """A sequence is a column of whole numbers."""
        visits = frames.Frame(Interaction, pl.DataFrame({"who": ["a"], "place": ["ad"], "at": [START]}), **NAMES)
        with refused(WrongTypeError, "sequence_of_wrong_type: sequence"):
            frames.flow(visits, sequence="place")
        with refused(UnknownNameError, "no_such_column_to_group_by: by"):
            frames.flow(visits, sequence="row")

    def test_dask_is_refused(self) -> None:
        """Dask cannot look at the next row of a group; its partitions can, and add up."""
        dataframes: Any = pytest.importorskip("dask.dataframe")
        rows = number([{"who": who, "place": place, "at": START} for who in "abcd" for place in ("ad", "shop", "ad")])
        visits = dataframes.from_pandas(pd.DataFrame(rows), npartitions=2)
        with refused(InvalidValueError, "engine_without_order: interactions"):
            frames.flow(frames.Frame(Interaction, visits, **NAMES), sequence="row")

        def count(part: Any) -> frames.Statistics[Flow]:
            return frames.flow(frames.Frame(Interaction, part, **NAMES), sequence="row")

        empty = count(visits.head(0))
        counted = visits.shuffle("who").map_partitions(lambda part: count(part).frame, meta=empty.frame)
        assert empty.read(counted.compute()) == flow_of(rows)
