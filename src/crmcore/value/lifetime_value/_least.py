"""The least number for which a condition holds, found by comparing exact numbers.

A quotient that is rounded half-even falls short of the condition in up to half of all cases. These functions round to
the side on which the condition holds: the result put back makes it true, and one unit less makes it false.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Final

from crmcore.primitives._decimals import MOST_DECIMALS

_DIGITS: Final = 34
_FULL: Final = 10**_DIGITS
_FINEST: Final = 10**MOST_DECIMALS
_BITS_A_DIGIT: Final = Fraction(1000, 3322)


def round_exact(number: Fraction) -> Decimal:
    """Return a number with at most 40 decimals, rounded half-even if it needs more, without trailing zeros."""
    return _write(round(number * _FINEST), -MOST_DECIMALS)


def covers(value: Fraction, bound: Fraction | Decimal) -> bool:
    """Return whether a value, once it is rounded half-even to the decimals of an amount, is at least a bound."""
    return bool(round(value * _FINEST) >= Fraction(bound) * _FINEST)


def find_least_amount(guess: Fraction, holds: Callable[[Fraction], bool]) -> Decimal:
    """Return the least number with at most 40 decimals for which a condition holds.

    Args:
        guess: A number near the result.
        holds: The condition; if it holds for a number, it holds for every larger one.
    """
    return _find_least(guess, -MOST_DECIMALS, holds)


def find_least(guess: Fraction, holds: Callable[[Fraction], bool]) -> Decimal:
    """Return the least number > 0 with at most 34 digits and 40 decimals for which a condition holds.

    Args:
        guess: A number > 0 near the result.
        holds: The condition; if it holds for a number, it holds for every larger one. It does not hold for 0.
    """
    exponent = _find_exponent(guess)
    result = _find_least(guess, exponent, holds)
    while exponent > -MOST_DECIMALS and Fraction(result) <= _scale(_FULL // 10, exponent):  # a finer unit fits too
        exponent -= 1
        result = _find_least(Fraction(result), exponent, holds)
    return result


def _find_exponent(number: Fraction) -> int:
    """Return the exponent of the last digit of a number > 0 that has 34 digits."""
    bits = number.numerator.bit_length() - number.denominator.bit_length()
    exponent = int(bits * _BITS_A_DIGIT) - _DIGITS - 2
    while _scale(_FULL, exponent) <= number:
        exponent += 1
    return max(exponent, -MOST_DECIMALS)


def _find_least(guess: Fraction, exponent: int, holds: Callable[[Fraction], bool]) -> Decimal:
    """Return the least multiple of a power of ten for which a condition holds, by galloping and bisection."""

    def check(number: int) -> bool:
        return holds(_scale(number, exponent))

    at, step = -int(-guess // _scale(1, exponent)), 1
    if check(at):
        high, low = at, at - 1
        while check(low):
            high, step = low, step * 2
            low -= step
    else:
        low, high = at, at + 1
        while not check(high):
            low, step = high, step * 2
            high += step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if check(middle) else (middle, high)
    return _write(high, exponent)


def _write(number: int, exponent: int) -> Decimal:
    while exponent < 0 and number % 10 == 0:
        number, exponent = number // 10, exponent + 1
    return Decimal((0 if number >= 0 else 1, tuple(map(int, str(abs(number)))), exponent))


def _scale(number: int, exponent: int) -> Fraction:
    return Fraction(number * 10**exponent) if exponent >= 0 else Fraction(number, 10**-exponent)
