"""The estimates of Kaplan and Meier and of Nelson and Aalen, with their variances, from columns of lifetimes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, compress
from math import prod
from operator import mul, sub, truediv  # pyright: ignore[reportUnknownVariableType] - typeshed leaves it open
from typing import Any, Final

from crmcore.primitives._decimals import EXACT, ONE, RATIO, WIDE, ZERO, round_to_finest
from crmcore.retention.survival._columns import Columns

__all__: list[str] = []  # for this package alone

_over: Final[Callable[[Any, Any], Any]] = truediv  # pyright: ignore[reportUnknownVariableType] - the same
_GUARDED: Final = WIDE.copy()
_GUARDED.prec = 50
_BLOCK: Final = 32
_TEN: Final = Decimal(10)
_SLACK: Final = Decimal("1E-40")
"""Far more than the rounding of a product of a billion factors to 50 digits."""


class Estimate:
    """The times at which at least one lifetime ended, and what is estimated there, each when it is first asked for.

    Attributes:
        places: The place of each time in the columns.
        at_risk: How many were at risk just before each time.
        ended: How many ended.
        all_at_risk: How many were at risk at each time of the columns.
    """

    def __init__(self, columns: Columns) -> None:
        self.all_at_risk = columns.find_at_risk()
        self.places = [*compress(range(len(columns.times)), columns.ended)]
        self.at_risk = [*compress(self.all_at_risk, columns.ended)]
        self.ended = [*compress(columns.ended, columns.ended)]
        self._are_whole = columns.differ or {*map(type, self.ended), *map(type, self.at_risk)} == {int}
        self._blocks = [ONE]

    @cached_property
    def _left(self) -> list[Any]:
        """How many of those at risk at each time did not end."""
        with localcontext(_GUARDED):
            return [*map(sub, self.at_risk, self.ended)]

    @cached_property
    def survival(self) -> list[Decimal]:
        """The share that lasts longer than each time, to 50 digits."""
        with localcontext(_GUARDED):
            return [*accumulate(map(_over, map(Decimal, self._left), map(Decimal, self.at_risk)), mul)]

    def _find_blocks(self, number: int, bound: Decimal = -ONE) -> list[Decimal]:
        """Return the survival before each block of places, at least so many if there are, or until it is not above.

        Products of whole numbers are quick: 4x over `survival`. What is known is kept for the next time.
        """
        shares = self._blocks
        last = len(self.places) // _BLOCK + 1
        if len(shares) >= min(number, last) or shares[-1] <= bound:
            return shares
        shares = [*shares]  # a list that another thread may read does not grow
        with localcontext(_GUARDED):
            for start in range((len(shares) - 1) * _BLOCK, (min(number, last) - 1) * _BLOCK, _BLOCK):
                shares.append(shares[-1] * self._find_share(start, start + _BLOCK))
                if shares[-1] <= bound:
                    break
        self._blocks = shares
        return shares

    def _find_share(self, start: int, end: int) -> Decimal:
        """Return the share that lasts through a stretch of places, in a guarded context."""
        bottoms = self.at_risk[start:end]
        tops = [*map(sub, bottoms, self.ended[start:end])]
        if self._are_whole:
            return Decimal(prod(tops)) / Decimal(prod(bottoms))
        return prod(map(_over, map(Decimal, tops), map(Decimal, bottoms)), start=ONE)

    def find_survival(self, place: int) -> Decimal:
        """Return the survival at one place, to 50 digits."""
        block = (place + 1) // _BLOCK
        with localcontext(_GUARDED):
            return self._find_blocks(block + 1)[block] * self._find_share(block * _BLOCK, place + 1)

    def falls_to_zero(self) -> bool:
        """Return whether all that were at risk at the last end have ended, or did so before."""
        return not all(self._left)

    def find_first(self, share: Decimal) -> int | None:
        """Return the first place at which the survival is not above a share, decided exactly; None if it never is."""
        bound = WIDE.add(share, _SLACK)
        blocks = self._find_blocks(len(self.places), bound)
        block = bisect_left(blocks, x=True, key=lambda before: before <= bound)
        place = max(block - 1, 0) * _BLOCK
        while place < len(self.places) and not self._is_at_most(place, share):
            place += 1
        return place if place < len(self.places) else None

    def _is_at_most(self, place: int, share: Decimal) -> bool:
        survival = self.find_survival(place)
        with localcontext(_GUARDED):
            if abs(survival - share) > _SLACK:
                return survival < share
        return self.find_exactly(place) <= Fraction(share)

    def find_exactly(self, place: int) -> Fraction:
        """Return the survival as a fraction. Where nothing is censored the factors cancel."""
        tops: list[Fraction] = []
        bottoms: list[Fraction] = []
        for at_risk, left in zip(self.at_risk[: place + 1], self._left, strict=False):
            if tops and tops[-1] == at_risk:
                tops[-1] = Fraction(left)
            else:
                tops.append(Fraction(left))
                bottoms.append(Fraction(at_risk))
        return _multiply(tops) / _multiply(bottoms)

    @cached_property
    def rates(self) -> list[float]:
        """The terms of Greenwood's sum, up to the time at which no lifetime is left."""
        rates: list[float] = []
        for at_risk, ended, left in zip(self.at_risk, self.ended, self._left, strict=True):
            if not left:
                break
            rates.append(float(ended) / (float(at_risk) * float(left)))
        return rates

    @cached_property
    def variances(self) -> list[float | None]:
        """Greenwood's sum at each time; None from the time on at which no lifetime is left."""
        sums = [*accumulate(self.rates)]
        return [*sums, *[None] * (len(self.places) - len(sums))]

    @cached_property
    def hazards(self) -> list[Decimal]:
        """The cumulative hazard at each time."""
        with localcontext(_GUARDED):
            return [*accumulate(map(_over, map(Decimal, self.ended), map(Decimal, self.at_risk)))]

    @cached_property
    def hazard_variances(self) -> list[float]:
        """The variance of the cumulative hazard at each time."""
        at_risk = [*map(float, self.at_risk)]
        return [*accumulate(map(_over, map(float, self.ended), map(mul, at_risk, at_risk)))]


def _multiply(factors: Sequence[Fraction]) -> Fraction:
    """Multiply halves by halves, so that large numbers meet large ones."""
    if len(factors) < 16:
        return prod(factors, start=Fraction(1))
    middle = len(factors) // 2
    return _multiply(factors[:middle]) * _multiply(factors[middle:])


def as_figure(value: Decimal) -> Decimal:
    """Return an estimate to 34 digits and at most 40 decimals, without zeros at its end."""
    figure = EXACT.normalize(round_to_finest(RATIO.plus(value)))
    return figure if figure < _TEN else EXACT.add(figure, ZERO)  # which leaves no exponent above 0


def find_area(times: Sequence[Decimal], survival: Sequence[Decimal], until: Decimal) -> list[Decimal]:
    """Return the area under a curve from 0 to the first time, and from each time on, to a last time.

    Args:
        times: The times of the steps, ascending, none after `until`.
        survival: The value after each step. Before the first it is 1.
        until: The last time.
    """
    bounds = [ZERO, *times, until]
    with localcontext(_GUARDED):
        widths = map(sub, bounds[1:], bounds)
        areas = [*map(mul, [ONE, *survival], widths)]
        return [*accumulate(reversed(areas))][::-1]
