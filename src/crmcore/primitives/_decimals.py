"""Decimal arithmetic that the caller's decimal context cannot change.

Decimal's operators, `str`, `repr` and rounding obey the context of the thread they run in. The library therefore
computes with the methods of its own contexts: `EXACT` never rounds (it would raise), `RATIO` gives 34 digits, and
`WIDE` carries guard digits through roots and logarithms whose result `RATIO` then rounds, `DEEP` through differences
that cancel most of their digits.
"""

from collections.abc import Iterable
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from typing import Final

EXACT: Final = Context(
    prec=1000,
    rounding=ROUND_HALF_EVEN,
    Emin=-999_999,
    Emax=999_999,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[DivisionByZero, Inexact, InvalidOperation, Overflow],
)
WIDE: Final = EXACT.copy()
WIDE.prec = 90
WIDE.traps[Inexact] = False
RATIO: Final = WIDE.copy()
RATIO.prec = 34
DEEP: Final = WIDE.copy()
DEEP.prec = 250

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
HALF: Final = Decimal("0.5")

MOST_DECIMALS: Final = 40
FINEST: Final = Decimal("1E-40")
"""The finest amount or weight that is kept: so fine that sums of them are exact."""


def plain(number: Decimal) -> str:
    """The number as text, the same under every context."""
    return EXACT.to_sci_string(number)


def plain_repr(number: Decimal | None) -> str:
    """The number's `repr`, the same under every context."""
    return repr(number) if number is None else f"Decimal('{plain(number)}')"


def ratio(numerator: Decimal | int, denominator: Decimal | int) -> Decimal | None:
    """The quotient to 34 digits; None over nothing."""
    return EXACT.add(RATIO.divide(numerator, denominator), ZERO) if denominator else None


def sums(lists: Iterable[list[Decimal]]) -> list[Decimal]:
    """The exact sum of each list. The values are ours already, and so the context of the thread may be set aside."""
    with localcontext(EXACT):
        return [sum(numbers, ZERO) for numbers in lists]


def round_to_finest(number: Decimal) -> Decimal:
    """The number itself where it has at most 40 decimals, or else rounded half-even at the fortieth."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MOST_DECIMALS:
        number = EXACT.normalize(DEEP.quantize(number, FINEST))
    return EXACT.add(number, ZERO)


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """A non-negative base raised to any power, to 34 digits; nought to the nought is one."""
    if not exponent:
        return ONE
    return RATIO.plus(WIDE.power(WIDE.plus(base), WIDE.plus(exponent)))
