"""Properties that hold in each engine, with fewer examples where an example is slow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from tests.interop.frames.engines import Engine

EXAMPLES: Final = {"dask": 4, "pyspark": 2, "sqlframe": 3, "ibis": 4, "duckdb": 16, "pandas": 24, "pandas[pyarrow]": 24}


def hold(engine: Engine, strategy: st.SearchStrategy[Any], test: Callable[[Any], None], *, share: int = 1) -> None:
    """Draw examples, few for a slow engine, and test each; one that fails is small as it is, and is not shrunk.

    Args:
        engine: The engine.
        strategy: What is drawn.
        test: Tests an example.
        share: How many times as long as usual an example takes, so that fewer are drawn.
    """
    usual: Any = settings.default
    examples = max(1, min(EXAMPLES.get(engine.name, 40) // share, usual.max_examples))
    check = settings(
        max_examples=examples,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=[HealthCheck.too_slow],
    )(given(strategy)(test))
    check()
