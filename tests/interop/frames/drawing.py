"""Tables that are drawn for an engine: fewer for a slow one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from tests.interop.frames.engines import Engine, limit_examples


def check_drawn(engine: Engine, rows: st.SearchStrategy[Any], check: Callable[[Any], None], most: int = 30) -> None:
    """Draw tables and check each; none is made smaller, which takes minutes in an engine."""
    number = limit_examples(engine.name, min(settings().max_examples, most))
    drawn = given(rows)(check)
    settings(
        deadline=None,
        max_examples=number,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=[HealthCheck.too_slow],
        database=None,
    )(drawn)()
