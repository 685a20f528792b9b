"""Markov chains in exact fractions: which levels hold on to customers, and linear systems without rounding.

Every system is solved by elimination with `Fraction`, so no answer depends on how well the system is conditioned. A
system of k levels takes about k^3 / 3 steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final

__all__: list[str] = []  # for the room alone

Row = Sequence[Fraction] | None
"""The probabilities of moving from a level to each other; None if no customer's move from it is known."""

_ONE: Final = Fraction(1)
_ZERO: Final = Fraction(0)


def divide_rows(counts: Iterable[Sequence[int]]) -> list[Row]:
    """Return the share of each count in the sum of its row; None for a row of zeros."""
    return [[Fraction(count, whole) for count in row] if (whole := sum(row)) else None for row in counts]


def find_reachable(rows: Sequence[Row], start: int, avoid: int = -1) -> set[int]:
    """Return the levels that can be reached from a level, itself included, on paths that end at the one to avoid."""
    found, open_ = {start}, [start]
    while open_:
        level = open_.pop()
        row = rows[level]
        if row is None or level == avoid:
            continue
        for other in range(len(rows)):
            if row[other] and other not in found:
                found.add(other)
                open_.append(other)
    return found


def find_closed_classes(rows: Sequence[Row]) -> list[list[int]]:
    """Return the classes of levels that customers never leave once they are there, each in order.

    A level from which no move is known belongs to none of them.
    """
    reachable = [find_reachable(rows, level) for level in range(len(rows))]
    classes: list[list[int]] = []
    for level, reached in enumerate(reachable):
        if rows[level] is None or any(rows[other] is None or level not in reachable[other] for other in reached):
            continue
        if min(reached) == level:
            classes.append(sorted(reached))
    return classes


def find_stationary(rows: Sequence[Row]) -> list[Fraction] | None:
    """Return the one stationary share of each level; None if there is not exactly one, or if a row is unknown.

    Source: Grassmann, Taksar and Heyman 1985, Operations Research 33:1107-1116: elimination without subtractions.
    """
    classes = find_closed_classes(rows)
    if len(classes) != 1 or None in rows:
        return None
    states = classes[0]
    chain = [[row[other] for other in states] for level in states if (row := rows[level]) is not None]
    for last in range(len(states) - 1, 0, -1):
        onward = sum(chain[last][:last], _ZERO)
        for row in chain[:last]:
            row[last] /= onward
            for column in range(last):
                row[column] += row[last] * chain[last][column]
    weights = [_ONE]
    for place in range(1, len(states)):
        weights.append(sum((weights[other] * chain[other][place] for other in range(place)), _ZERO))
    whole = sum(weights, _ZERO)
    shares = dict(zip(states, weights, strict=True))
    return [shares.get(level, _ZERO) / whole for level in range(len(rows))]


def find_periods_to_leave(rows: Sequence[Row]) -> list[Fraction | None]:
    """Return the expected number of moves until the last column is reached from each level.

    It is None if a level can be reached from which no move is known, or from which the last column is out of reach.
    """
    levels = range(len(rows))
    reachable = [find_reachable(rows, level) for level in levels]
    leaving = {level for level in levels if (row := rows[level]) is not None and row[len(rows)]}
    certain = {level for level in levels if reachable[level] & leaving}
    finite = [
        level for level in levels if reachable[level] <= certain and all(rows[i] is not None for i in reachable[level])
    ]
    found = _solve(rows, finite, [_ONE] * len(finite))
    return [found.get(level) for level in levels]


def find_chances(rows: Sequence[Row], target: int) -> list[Fraction | None]:
    """Return from each level the chance of ever reaching one; None if a level without known moves is on the way."""
    levels = range(len(rows))
    reachable = [find_reachable(rows, level, avoid=target) for level in levels]
    known = [
        all(other == target or rows[other] is not None for other in reached) or level == target
        for level, reached in enumerate(reachable)
    ]
    on_the_way = [level for level in levels if level != target and known[level] and target in reachable[level]]
    found = _solve(rows, on_the_way, [row[target] for level in on_the_way if (row := rows[level]) is not None])
    found[target] = _ONE
    return [found.get(level, _ZERO) if known[level] else None for level in levels]


def _solve(rows: Sequence[Row], levels: Sequence[int], right: Sequence[Fraction]) -> dict[int, Fraction]:
    """Return the solution of ``x = Q x + right`` over some levels, from each of which the rest can be left."""
    size = len(levels)
    system = [
        [(_ONE if level == other else _ZERO) - row[other] for other in levels] + [value]
        for level, value in zip(levels, right, strict=True)
        if (row := rows[level]) is not None
    ]
    for place in range(size):  # the pivot is > 0: the rest of the chain can be left from every level
        pivot = system[place]
        for row in system[place + 1 :]:
            factor = row[place] / pivot[place]
            for column in range(place, size + 1):
                row[column] -= factor * pivot[column]
    found: list[Fraction] = [_ZERO] * size
    for place in reversed(range(size)):
        row = system[place]
        rest = sum((row[column] * found[column] for column in range(place + 1, size)), _ZERO)
        found[place] = (row[size] - rest) / row[place]
    return dict(zip(levels, found, strict=True))
