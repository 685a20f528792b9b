"""Decimal arithmetic that does not depend on the decimal context of the caller.

The operators of Decimal, `str`, `repr` and rounding use the context of the current thread. The library therefore
computes with the methods of its own contexts:

- `EXACT` never rounds; it raises instead. It has room for the product of a dozen numbers that a caller may give.
- `RATIO` has 34 digits.
- `WIDE` has guard digits for roots and logarithms, whose result `RATIO` then rounds.
- `DEEP` has guard digits for differences that cancel most of their digits.
"""

from collections.abc import Iterable
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
    localcontext,
)
from typing import Final, TypeVar

from crmcore.primitives import _bounds

_K = TypeVar("_K")

EXACT: Final = Context(
    prec=20 * _bounds.MOST_DIGITS,
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

_FINEST_SHARE: Final = Decimal((0, (1,), -_bounds.MOST_DIGITS))
_TINY: Final = -(_bounds.MOST_DIGITS // 2)
"""The exponent of ten below which a share may have too many decimals."""
_SHARE: Final = WIDE.copy()
_SHARE.prec = 2 * _bounds.MOST_DIGITS

_UPWARD: Final = DEEP.copy()
_UPWARD.rounding = ROUND_CEILING

UP: Final = RATIO.copy()
UP.rounding = ROUND_CEILING
DOWN: Final = RATIO.copy()
DOWN.rounding = ROUND_FLOOR
"""`RATIO` for an answer that must not be too low (`UP`) or too high (`DOWN`) to fulfil its condition."""

ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
HALF: Final = Decimal("0.5")

MOST_DECIMALS: Final = _bounds.MOST_DECIMALS
_MANY_DECIMALS: Final = 20
"""How many decimals the `repr` of a record shows whole."""
_FEW_DIGITS: Final = 10
FINEST: Final = Decimal((0, (1,), -MOST_DECIMALS))
"""The unit of the finest amount or weight. `EXACT` has enough digits to add such numbers exactly."""


def plain(number: Decimal) -> str:
    """Return a number as text, the same under every context."""
    return EXACT.to_sci_string(number)


def plain_repr(number: Decimal | None) -> str:
    """Return the `repr` of a number, the same under every context; of a long one the first ten digits or so."""
    return repr(number) if number is None else f"Decimal('{shorten(plain(number))}')"


def shorten(text: str) -> str:
    """Cut the decimals of a number that has many, so that ten significant digits remain; three dots show it."""
    number, mark, exponent = text.partition("E")
    whole, point, decimals = number.partition(".")
    if len(decimals) <= _MANY_DECIMALS:
        return text
    zeros = 0 if whole.strip("-0") else len(decimals) - len(decimals.lstrip("0"))
    kept = zeros + max(1, _FEW_DIGITS - len(whole.lstrip("-0")))
    return f"{whole}{point}{decimals[:kept]}...{mark}{exponent}"


def cut_decimals(number: Decimal, grouping: str = "") -> str:
    """Return a number without an exponent. Decimals after the tenth are cut off, and three dots show it."""
    whole, point, decimals = f"{number:{grouping}f}".partition(".")
    return f"{whole}{point}{decimals[:_FEW_DIGITS]}{'...' if len(decimals) > _FEW_DIGITS else ''}"


def ratio(numerator: Decimal | int, denominator: Decimal | int) -> Decimal | None:
    """Return the quotient to 34 digits, or None if the denominator is 0."""
    return EXACT.add(RATIO.divide(numerator, denominator), ZERO) if denominator else None


def sums(lists: Iterable[Iterable[Decimal]]) -> list[Decimal]:
    """Return the exact sum of each list.

    Meanwhile it replaces the context of the thread. The lists contain plain Decimals, so the caller's code never runs
    in it.
    """
    with localcontext(EXACT):
        return [sum(numbers, ZERO) for numbers in lists]


def sums_by(keys: Iterable[_K], numbers: Iterable[Decimal]) -> dict[_K, Decimal]:
    """Return the exact sum of the numbers of each key, in the same way. The keys are plain values of a column."""
    totals: dict[_K, Decimal] = {}
    with localcontext(EXACT):  # 1.35x over EXACT.add
        for key, number in zip(keys, numbers, strict=True):
            totals[key] = totals.get(key, ZERO) + number
    return totals


def round_to_finest(number: Decimal) -> Decimal:
    """Return a number with at most 40 decimals, rounded half-even if it has more."""
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MOST_DECIMALS:
        number = EXACT.normalize(DEEP.quantize(number, FINEST))
    return EXACT.add(number, ZERO)


def round_share(number: Decimal) -> Decimal:
    """Return a computed share or rate with at most 1,000 decimals, as many as one that is given may have."""
    return _SHARE.quantize(number, _FINEST_SHARE) if number.adjusted() < _TINY else number


def divide_up(numerator: Decimal, denominator: Decimal) -> Decimal:
    """Return the quotient of two numbers > 0, or of 0, rounded up to 40 decimals if it needs more."""
    quotient = _UPWARD.divide(numerator, denominator)
    exponent = quotient.as_tuple().exponent
    fine = isinstance(exponent, int) and exponent < -MOST_DECIMALS
    return EXACT.normalize(quotient.quantize(FINEST, context=_UPWARD)) if fine else quotient


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """Return a non-negative base raised to any power, to 34 digits; ``0 ** 0`` is 1."""
    if not exponent:
        return ONE
    return RATIO.plus(WIDE.power(WIDE.plus(base), WIDE.plus(exponent)))
