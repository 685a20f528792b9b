"""Exponential decay: the share of a weight that is left after a time, half of it after a half-life."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from crmcore.primitives import _clock
from crmcore.primitives._decimals import HALF, ONE, WIDE, ZERO

_UNITS: Final = (_clock.MICROSECONDS_A_DAY, 60 * _clock.MICROSECONDS_A_SECOND, _clock.MICROSECONDS_A_SECOND, 1_000, 1)
"""A day, a minute, a second, a millisecond and a microsecond, in microseconds."""

_LN_HALF: Final = WIDE.ln(HALF)
_MOST_HALF_LIVES: Final = 300
"""After more half-lives, even the greatest severity weighs less than the finest weight that is kept."""


class Decay:
    """The decay of a weight with a given half-life.

    An age is a number of half-lives and a rest. For the rest, ``0.5 ** (rest / half_life)`` is the product of the
    factors of its days, minutes, seconds, milliseconds and microseconds. Each factor is computed to 90 digits when it
    is first needed, and kept: a million moments share a few thousand factors.
    """

    __slots__ = ("_factors", "_half_life", "_halves", "_roots")

    def __init__(self, half_life: timedelta) -> None:
        self._half_life = _clock.microseconds(half_life)
        self._halves: dict[int, Decimal] = {}
        self._roots: dict[int, Decimal] = {}
        self._factors: tuple[tuple[int, dict[int, Decimal]], ...] = tuple((unit, {}) for unit in _UNITS)

    def share_left(self, age: int) -> Decimal:
        """Return the share of the weight that is left at an age in microseconds."""
        half_lives, rest = divmod(age, self._half_life)
        if not half_lives:
            left = ONE
        elif half_lives > _MOST_HALF_LIVES:
            return ZERO
        else:
            left = self._halves.get(half_lives) or self._find_half_lives(half_lives)
        for unit, factors in self._factors:
            if not rest:
                break
            number, rest = divmod(rest, unit)
            if number:
                factor = factors.get(number) or self._find_factor(unit, number, factors)
                left = factor if left is ONE else WIDE.multiply(left, factor)
        return left

    def _find_half_lives(self, number: int) -> Decimal:
        self._halves[number] = power = WIDE.power(HALF, number)
        return power

    def _find_factor(self, unit: int, number: int, factors: dict[int, Decimal]) -> Decimal:
        root = self._roots.get(unit)
        if root is None:
            self._roots[unit] = root = WIDE.exp(WIDE.divide(WIDE.multiply(_LN_HALF, unit), self._half_life))
        factors[number] = factor = WIDE.power(root, number)
        return factor
