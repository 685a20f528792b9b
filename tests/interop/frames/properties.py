"""Properties that hold in each engine, with fewer examples where an example is slow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.interop.frames.engines import Engine

EXAMPLES: Final = {"dask": 4, "pyspark": 2, "sqlframe": 3, "ibis": 5}


def hold(engine: Engine, strategy: st.SearchStrategy[Any], test: Callable[[Any], None]) -> None:
    """Draw examples, few for a slow engine, and test each; one that fails is small as it is, and is not shrunk."""
    usual: Any = settings.default
    examples = min(EXAMPLES.get(engine.name, 40), usual.max_examples)
    check = settings(
        max_examples=examples,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )(given(strategy)(test))
    check()
