"""Answers are counted in every engine as in a list of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from crmcore import CrmcoreError, Csat, Nps, Scale
from crmcore.interop import frames
from tests.interop.frames.drawing import check_drawn
from tests.interop.frames.engines import Engine
from tests.interop.frames.test_purchases import reported
from tests.support.refusals import refused

ROWS = st.lists(
    st.tuples(st.sampled_from(["a", "b", None]), st.none() | st.integers(1, 5) | st.integers(0, 10)), max_size=8
)


def make(engine: Engine, rows: Sequence[tuple[str | None, int | None]], **more: Any) -> Any:
    """Make a frame of rows."""
    who, score = ([row[place] for row in rows] for place in (0, 1))
    return engine.make(pa.table({"who": pa.array(who, pa.string()), "score": pa.array(score, pa.int64()), **more}))


def test_nps_is_that_of_the_scores(engine: Engine) -> None:
    """Promoters, passives and detractors of a frame are those of a list; a missing score is an unanswered question."""

    def check(rows: list[tuple[str | None, int | None]]) -> None:
        of = frames.nps(make(engine, rows), "score")
        by = frames.nps(make(engine, rows), "score", by="who")
        assert of.read(engine.collect(of.frame)) == Nps.of_scores([score for _, score in rows])
        expected = {who: Nps.of_scores([score for one, score in rows if one == who]) for who, _ in rows}
        assert dict(by.read(engine.collect(by.frame))) == expected

    check_drawn(engine, ROWS, check)


@pytest.mark.parametrize("boxes", [{}, {"positive_boxes": 1, "negative_boxes": 3}])
def test_csat_is_that_of_the_scores(engine: Engine, boxes: dict[str, Any]) -> None:
    """Positive, neutral and negative answers of a frame are those of a list, with any boxes."""
    scale = Scale(low=0, high=10, higher_is_better=True)

    def check(rows: list[tuple[str | None, int | None]]) -> None:
        of = frames.csat(make(engine, rows), "score", scale, **boxes)
        by = frames.csat(make(engine, rows), "score", scale, by="who", **boxes)
        assert of.read(engine.collect(of.frame)) == Csat.of_scores([score for _, score in rows], scale, **boxes)
        expected = {
            who: Csat.of_scores([score for one, score in rows if one == who], scale, **boxes) for who, _ in rows
        }
        assert dict(by.read(engine.collect(by.frame))) == expected

    check_drawn(engine, ROWS, check, 10)


def test_a_response_counts_once(engine: Engine) -> None:
    """Equal copies are dropped, and rows that contradict each other are left out."""
    rows = [("a", 10), ("a", 10), ("a", 9), ("a", 0), ("a", 5)]
    counted = frames.nps(make(engine, rows, response=pa.array([1, 1, 2, 2, None])), "score", id="response")
    assert counted.read(engine.collect(counted.frame)) == Nps(promoters=1, detractors=1)
    assert reported(engine, counted) == {"id_repeated": 1, "id_contradicted": 2}


def test_answers_off_the_scale_are_refused_when_the_counts_are_read(engine: Engine) -> None:
    """A number off the scale is an error, not a count."""
    counted = frames.nps(make(engine, [("a", 11)]), "score")
    with refused(CrmcoreError, "out_of_range: score"):
        counted.read(engine.collect(counted.frame))


def test_what_cannot_be_answers_is_refused_at_once() -> None:
    """A column that is missing or of another type, and a scale without a better end, are errors before a count."""
    data = pl.DataFrame({"score": ["9"], "share": [0.5]})
    with refused(CrmcoreError, "no_such_column_of_the_frame: score"):
        frames.nps(data, "points")
    with refused(CrmcoreError, "no_such_column_of_the_frame: score"):
        frames.nps(data, cast("Any", 7))
    with refused(CrmcoreError, "column_of_wrong_type: score"):
        frames.nps(data, "score")
    with refused(CrmcoreError, "column_of_wrong_type: id"):
        frames.nps(data.with_columns(whole=1), "whole", id="share")
    with refused(CrmcoreError, "scale_without_a_better_end: scale"):
        frames.csat(data.with_columns(whole=1), "whole", Scale(low=0, high=10, higher_is_better=None))
