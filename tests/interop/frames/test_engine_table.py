"""The page "What each engine can do" says what the engines do."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from crmcore.interop import frames
from tests.interop.frames.engine_table import COLLECT, PAGE, ROWS, TRIALS, answer, page, read_page
from tests.interop.frames.engines import Engine
from tests.support.profiles import LONG

FUNCTIONS = [name for name in frames.__all__ if not isinstance(getattr(frames, name), type)]
MODULES = [
    f"{frames.__name__}.{path.stem}" for path in Path(frames.__path__[0]).glob("*.py") if path.stem != "__init__"
]


class TestPage:
    def test_each_engine_does_what_the_page_says(self, engine: Engine) -> None:
        """Each trial succeeds or is refused as the page says."""
        told = read_page()
        found = {(trial, engine.name): answer(trial, engine) for trial in TRIALS}

        assert found == {key: told[key] for key in found}

    def test_frames_are_collected_as_the_page_says(self, engine: Engine) -> None:
        """What the page calls makes a table of a frame, that has its rows."""
        frame = engine.make(ROWS)
        method = COLLECT[engine.name].strip(".()")
        collected = getattr(frame, method)() if method else frame

        assert len(collected) == len(ROWS)

    def test_page_is_made_by_the_command(self) -> None:
        """The text of the page is that of the command."""
        assert PAGE.read_text(encoding="utf-8") == page(read_page())

    def test_each_function_is_tried(self) -> None:
        """Each function of frames has a trial."""
        assert [name for name in FUNCTIONS if f"`{name}`" not in TRIALS] == []

    def test_each_function_is_in_the_guide(self) -> None:
        """The guide says which question each function answers."""
        guide = (PAGE.parent / "engines.md").read_text(encoding="utf-8")

        assert [name for name in FUNCTIONS if f"? | `{name}` |" not in guide] == []


@LONG
@pytest.mark.slow
@pytest.mark.parametrize("trial", TRIALS)
def test_many_partitions_of_dask_are_counted(trial: str) -> None:
    """Dask shuffles groups if there are more than ten partitions, and counts as before."""
    dataframes = pytest.importorskip("dask.dataframe")

    def make(table: pa.Table) -> Any:
        rows, none = (dataframes.from_pandas(one.to_pandas(types_mapper=pd.ArrowDtype)) for one in (table, table[:0]))
        return dataframes.concat([rows] + [none] * 15)

    dask = Engine("dask", make, lambda frame: frame.compute())
    assert answer(trial, dask) == read_page()[trial, "dask"]


@pytest.mark.parametrize("module", [frames.__name__, *sorted(MODULES)])
def test_examples(module: str) -> None:
    """The examples of the docstrings run."""
    assert doctest.testmod(import_module(module)).failed == 0
