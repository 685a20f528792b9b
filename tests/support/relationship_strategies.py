"""The legal moves of a relationship, written by hand, and strategies for its tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from crmcore import LifecycleStage, StageOrder
from crmcore.interop.hypothesis import durations
from crmcore.interop.hypothesis._values import later as _later

if TYPE_CHECKING:
    from datetime import datetime

EXPLORATION, AWARENESS, EXPANSION, COMMITMENT, DISSOLUTION = LifecycleStage

LEGAL: dict[StageOrder, dict[LifecycleStage, set[LifecycleStage]]] = {
    StageOrder.EXPLORATION_FIRST: {
        EXPLORATION: {AWARENESS, DISSOLUTION},
        AWARENESS: {EXPLORATION, EXPANSION, DISSOLUTION},
        EXPANSION: {AWARENESS, COMMITMENT, DISSOLUTION},
        COMMITMENT: {EXPANSION, DISSOLUTION},
        DISSOLUTION: {EXPLORATION},
    },
    StageOrder.AWARENESS_FIRST: {
        AWARENESS: {EXPLORATION, DISSOLUTION},
        EXPLORATION: {AWARENESS, EXPANSION, DISSOLUTION},
        EXPANSION: {EXPLORATION, COMMITMENT, DISSOLUTION},
        COMMITMENT: {EXPANSION, DISSOLUTION},
        DISSOLUTION: {EXPLORATION},
    },
}
"""The legal moves of each order, written by hand."""


def later(at: datetime) -> st.SearchStrategy[datetime]:
    """Return instants at or after another, often the same one."""
    return st.just(at) | durations().map(lambda passed: _later(at, passed))
