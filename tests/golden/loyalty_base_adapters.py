"""Adapters of the golden cases of where a base is going: from the inputs of a case to the answer of the library.

An adapter turns text into the library's types and picks fields of the answer. It computes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from crmcore import BaseDistribution, LevelTransitions
from crmcore.voice import loyalty
from crmcore.voice.loyalty import NoLevel

Inputs = dict[str, Any]

_WITHOUT: Final = tuple(state.value for state in NoLevel)


def _base(sizes: Inputs) -> BaseDistribution:
    levels = [level for level in sizes if level not in _WITHOUT]
    without: dict[str, Any] = {state: int(sizes[state]) for state in _WITHOUT if state in sizes}
    return BaseDistribution(counts=[int(sizes[level]) for level in levels], levels=levels, **without)


def _distribution(inputs: Inputs) -> Any:
    base = _base(inputs)
    return {level: base.share(level) for level in base.levels}


def _shift(inputs: Inputs) -> Any:
    shifts = _base(inputs["after"]).shift_from(_base(inputs["before"]))
    return None if shifts is None else {level: shift.difference for level, shift in shifts.items()}


def _rows(inputs: Inputs) -> list[list[int]]:
    return [[int(count) for count in row] for row in inputs["counts"]]


def _moved(inputs: Inputs) -> LevelTransitions:
    """Return a closed base: a column for each level."""
    return LevelTransitions(counts=_rows(inputs), levels=inputs["levels"])


def _left(inputs: Inputs) -> LevelTransitions:
    """Return an open base, whose last column is that of the leavers."""
    rows = _rows(inputs)
    return LevelTransitions(counts=[row[:-1] for row in rows], left=[row[-1] for row in rows], levels=inputs["levels"])


def _list(by_level: dict[str, Decimal | None] | dict[str, Decimal] | None) -> list[Decimal | None] | None:
    return None if by_level is None else [*by_level.values()]


def _matrix(inputs: Inputs) -> Any:
    return [None if row is None else [*row] for row in _moved(inputs).matrix]


def _project(inputs: Inputs) -> Any:
    ahead = loyalty.project(_moved(inputs), inputs["shares"], periods=int(inputs["periods"]))
    return None if ahead is None else [*ahead.counts]


def _project_open(inputs: Inputs) -> Any:
    ahead = loyalty.project(
        _left(inputs), inputs["customers"], periods=int(inputs["periods"]), arrivals=inputs.get("arrivals", ())
    )
    return None if ahead is None else {"customers": [*ahead.counts], "left": ahead.left}


def _mobility(inputs: Inputs) -> Any:
    moved = _moved(inputs)
    return {"improved": moved.improved_share, "stable": moved.same_share, "worsened": moved.worsened_share}


def _from_readings(inputs: Inputs) -> Any:
    levels = inputs["levels"]
    moved = LevelTransitions.of(inputs["before"], inputs["after"], gone=inputs.get("gone", ()), levels=levels)
    by_level = {
        name: dict(zip(levels, numbers, strict=True))
        for name, numbers in {"arrived": moved.arrived, "left": moved.left, "unread": moved.unread}.items()
    }
    return {"counts": [[*row] for row in moved.counts], **by_level}


ADAPTERS: dict[str, Callable[[Inputs], Any]] = {
    "base.chance_to_reach": lambda inputs: _list(_left(inputs).chance_to_reach(inputs["level"])),
    "base.distribution": _distribution,
    "base.loyalty_index": lambda inputs: _base(inputs).score,
    "base.mobility": _mobility,
    "base.periods_to_leave": lambda inputs: _list(_left(inputs).periods_to_leave()),
    "base.project": _project,
    "base.project_open": _project_open,
    "base.shift": _shift,
    "base.stationary_distribution": lambda inputs: _list(_moved(inputs).stationary()),
    "base.transition_matrix": _matrix,
    "base.transitions_from_readings": _from_readings,
}
"""The adapter of each label."""
