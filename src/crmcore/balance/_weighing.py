"""What a moment weighs: its severity, its age, and whether it was resolved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from crmcore.model.moment import MomentOfTruth, Valence
from crmcore.primitives._decimals import FINEST, HALF, ONE, WIDE, ZERO
from crmcore.primitives._entry import shown
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.periods import in_utc

_MICROSECOND: Final = timedelta(microseconds=1)
_UNITS: Final = (86_400_000_000, 60_000_000, 1_000_000, 1_000, 1)
"""A day, a minute, a second, a millisecond and a microsecond, in microseconds."""

_LN_HALF: Final = WIDE.ln(HALF)
_NOTHING_IS_LEFT: Final = 300
"""After so many half-lives the greatest severity there may be weighs less than the finest weight that is kept."""


class Weighing:
    """Weighs moments under the policies of a balance, each to forty decimals and whatever came before it."""

    __slots__ = ("_as_of", "_decay", "_resolved_weight", "_window")

    def __init__(
        self,
        *,
        as_of: datetime | None,
        window: timedelta | None,
        half_life: timedelta | None,
        resolved_weight: Decimal,
    ) -> None:
        self._as_of = None if as_of is None else in_utc(as_of)
        self._window = timedelta.max.days if window is None else window.days
        self._decay = None if half_life is None else _Decay(half_life)
        self._resolved_weight = resolved_weight

    def weight(self, moment: MomentOfTruth) -> Decimal | None:
        """The weight of a moment, if it counts; None outside of the window."""
        weight = moment.severity
        if self._as_of is not None:
            at = moment.at
            age = self._as_of - (at if at.tzinfo is UTC else at.astimezone(UTC))
            if age.days < 0:
                raise InvalidValueError(
                    f"a moment lies after as_of, {shown(at)} after {shown(self._as_of)}; leave it out first",
                    at,
                    self._as_of,
                )
            if age.days > self._window:
                return None
            if self._decay is not None:
                left = self._decay.left(age)
                weight = left if weight is ONE else WIDE.multiply(weight, left)
        if moment.resolved_at is not None and moment.valence is Valence.BAD and self._is_past(moment.resolved_at):
            weight = WIDE.multiply(weight, self._resolved_weight)
        return WIDE.quantize(weight, FINEST)

    def _is_past(self, instant: datetime) -> bool:
        """Whether something had happened by the day of reckoning: what came later must not change its balance."""
        return self._as_of is None or in_utc(instant) <= self._as_of


class _Decay:
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

    def left(self, age: timedelta) -> Decimal:
        """The share of the weight that is left at an age."""
        half_lives, rest = divmod(
            (age.days * 86_400 + age.seconds) * 1_000_000 + age.microseconds,  # quicker than dividing by a timedelta
            self._half_life,
        )
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
