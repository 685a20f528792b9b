"""Counts what Python does for a call, so that a test can say how it grows without a clock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def count_operations(call: Callable[[], object]) -> int:
    """Return how many instructions Python executes for a call: the same number in every run of one version.

    What a function written in C does counts as one instruction, so that a search in a tuple or the copy of a dict is
    not seen.
    """
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def growth(make: Callable[[int], Callable[[], object]], size: int) -> float:
    """Return by what factor the operations of a call grow when its input does: 2 is linear, and 4 is quadratic."""
    once, twice = make(size), make(2 * size)
    return count_operations(twice) / count_operations(once)
