"""Markov chains of paths, solved by hand: linear equations in exact fractions."""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmcore import Id, Outcome

Path = tuple["Id", ...]


def states_of(path: Path, order: int) -> list[Path]:
    """The last touchpoints after each touch."""
    return [path[: end + 1][-order:] for end in range(len(path))]


def converts_by_hand(paths: dict[Path, Outcome], order: int, removed: Id | None = None) -> Fraction:
    """How likely a chain converts, by a system of linear equations in fractions; what is removed leads to nothing."""
    counts: defaultdict[Path, Counter[Path | str]] = defaultdict(Counter)
    for path, outcome in paths.items():
        if path and outcome.paths:
            steps: list[Path] = [(), *states_of(path, order)]
            for state, follower in pairwise(steps):
                counts[state][follower] += outcome.paths
            counts[steps[-1]]["yes"] += outcome.conversions
            counts[steps[-1]]["no"] += outcome.nulls
    states = [state for state in counts if not state or state[-1] != removed]
    matrix: list[list[Fraction]] = []
    for state in states:
        whole = sum(counts[state].values())
        chance = [Fraction(counts[state][other], whole) for other in states]
        matrix.append(
            [Fraction(state == other) - chance[n] for n, other in enumerate(states)]
            + [Fraction(counts[state]["yes"], whole)]
        )
    for n in range(len(states)):
        pivot = next(m for m in range(n, len(states)) if matrix[m][n])
        matrix[n], matrix[pivot] = matrix[pivot], matrix[n]
        matrix[n] = [value / matrix[n][n] for value in matrix[n]]
        for m in range(len(states)):
            if m != n and matrix[m][n]:
                matrix[m] = [one - matrix[m][n] * other for one, other in zip(matrix[m], matrix[n], strict=True)]
    return matrix[states.index(())][-1] if states else Fraction(0)
