"""Tables that are drawn for an engine: fewer for a slow one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from tests.interop.frames.engines import Engine

SLOW: Final = {"dask": 4, "ibis": 6, "pyspark": 2, "sqlframe": 4}
"""Examples for the engines that take a tenth of a second or more for a table of a few rows."""


def check_drawn(engine: Engine, rows: st.SearchStrategy[Any], check: Callable[[Any], None], most: int = 30) -> None:
    """Draw tables and check each; none is made smaller, which takes minutes in an engine."""
    number = min(settings().max_examples, SLOW.get(engine.name, most), most)
    drawn = given(rows)(check)
    settings(
        deadline=None,
        max_examples=number,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
    )(drawn)()
