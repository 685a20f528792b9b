"""What time leaves of a weight: half of it after a half-life, exactly."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from crmcore.primitives._decimals import HALF, ONE, WIDE, ZERO

_MICROSECOND: Final = timedelta(microseconds=1)
_UNITS: Final = (86_400_000_000, 60_000_000, 1_000_000, 1_000, 1)
"""A day, a minute, a second, a millisecond and a microsecond, in microseconds."""

_LN_HALF: Final = WIDE.ln(HALF)
_NOTHING_IS_LEFT: Final = 300
"""After so many half-lives the greatest severity there may be weighs less than the finest weight that is kept."""


class Decay:
    """What is left of a weight after a time.

    Half of it is left after the half-life. For the rest, ``0.5 ** (rest / half_life)`` is the product of the factors of
    its days, minutes, seconds, milliseconds and microseconds. Each is worked out to 90 digits when it is first met:
    moments by the million share a few thousand of them.
    """

    __slots__ = ("_factors", "_half_life", "_halves", "_roots")

    def __init__(self, half_life: timedelta) -> None:
        self._half_life = half_life // _MICROSECOND
        self._halves: dict[int, Decimal] = {}
        self._roots: dict[int, Decimal] = {}
        self._factors: tuple[tuple[int, dict[int, Decimal]], ...] = tuple((unit, {}) for unit in _UNITS)

    def left(self, age: int) -> Decimal:
        """The share of the weight that is left at an age in microseconds."""
        half_lives, rest = divmod(age, self._half_life)
        if not half_lives:
            left = ONE
        elif half_lives > _NOTHING_IS_LEFT:
            return ZERO
        else:
            left = self._halves.get(half_lives) or self._halved(half_lives)
        for unit, factors in self._factors:
            if not rest:
                break
            number, rest = divmod(rest, unit)
            if number:
                factor = factors.get(number) or self._factor(unit, number, factors)
                left = factor if left is ONE else WIDE.multiply(left, factor)
        return left

    def _halved(self, times: int) -> Decimal:
        self._halves[times] = power = WIDE.power(HALF, times)
        return power

    def _factor(self, unit: int, number: int, factors: dict[int, Decimal]) -> Decimal:
        root = self._roots.get(unit)
        if root is None:
            self._roots[unit] = root = WIDE.exp(WIDE.divide(WIDE.multiply(_LN_HALF, unit), self._half_life))
        factors[number] = factor = WIDE.power(root, number)
        return factor
