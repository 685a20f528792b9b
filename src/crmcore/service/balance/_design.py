"""What twelve good for one bad asks of a service before it is given."""

from decimal import Decimal

from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ONE, RATIO, WIDE, ZERO, power
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError

__all__ = [
    "all_good_probability",
    "break_even_failure_rate",
    "break_even_share",
    "expected",
    "required_good_rate",
]


def break_even_share(ratio: Decimal | int | str = 12) -> Decimal:
    """The share of the judged moments that must be good to balance: ``ratio / (ratio + 1)``, to 34 digits.

    Examples:
        >>> break_even_share(), break_even_share(4)
        (Decimal('0.9230769230769230769230769230769231'), Decimal('0.8'))

    Args:
        ratio: How many good ones offset one bad.

    Raises:
        InvalidValueError: A ratio of nought or less.
    """
    good = checks.as_positive(ratio, "ratio")
    return _rounded(WIDE.divide(good, EXACT.add(good, ONE)))


def break_even_failure_rate(ratio: Decimal | int | str = 12) -> Decimal:
    """The share of the judged moments that may at most be bad: ``1 / (ratio + 1)``, to 34 digits.

    Examples:
        >>> break_even_failure_rate()
        Decimal('0.07692307692307692307692307692307692')

    Args:
        ratio: How many good ones offset one bad.

    Raises:
        InvalidValueError: A ratio of nought or less.
    """
    return _rounded(WIDE.divide(ONE, EXACT.add(checks.as_positive(ratio, "ratio"), ONE)))


def expected(
    n: int,
    *,
    p_good: Decimal | int | str | float,
    p_bad: Decimal | int | str | float,
    ratio: Decimal | int | str = 12,
) -> Decimal:
    """The balance to expect of n moments: ``n * (p_good - ratio * p_bad)``, to 34 digits.

    It needs no independence. Nine good moments in ten sound well, and end in a deficit:

    Examples:
        >>> expected(100, p_good="0.9", p_bad="0.1")
        Decimal('-30')

    Args:
        n: How many moments there will be.
        p_good: The chance that one is good.
        p_bad: The chance that one is bad; what is left is the chance of a neutral one.
        ratio: How many good ones offset one bad.

    Raises:
        InvalidValueError: The two chances exceed one together, or a value is outside its domain.
    """
    moments = checks.as_count(n, "n")
    good, bad = checks.as_share(p_good, "p_good"), checks.as_share(p_bad, "p_bad")
    if RATIO.add(good, bad) > ONE:  # shares that were rounded may exceed it by their last digit
        raise InvalidValueError(
            f"p_good and p_bad must not exceed 1 together, got {show(good)} and {show(bad)}", good, bad
        )
    each = WIDE.subtract(good, WIDE.multiply(checks.as_positive(ratio, "ratio"), bad))
    return _rounded(WIDE.multiply(moments, each))


def all_good_probability(p: Decimal | int | str | float, n: int) -> Decimal:
    """The chance that n moments in a row are all good, if each is with the same chance: ``p ** n``, to 34 digits.

    It takes the moments for independent. Touchpoints that fail together make it too low.

    Examples:
        >>> all_good_probability("0.99", 12)  # twelve touchpoints, each good in 99 cases of 100
        Decimal('0.886384871716129280658801')

    Args:
        p: The chance that one is good.
        n: How many there are.

    Raises:
        InvalidValueError: A chance that is not from 0 to 1, or a negative number.
    """
    return _rounded(power(checks.as_share(p, "p"), Decimal(checks.as_count(n, "n"))))


def required_good_rate(*, neutral_share: Decimal | int | str | float, ratio: Decimal | int | str = 12) -> Decimal:
    """The share of all moments that must be good to balance, where some are neutral, to 34 digits.

    ``(1 - neutral_share) * ratio / (ratio + 1)``

    Examples:
        >>> required_good_rate(neutral_share="0.5")
        Decimal('0.4615384615384615384615384615384615')
        >>> required_good_rate(neutral_share=0) == break_even_share()
        True

    Args:
        neutral_share: The share that nobody minds either way.
        ratio: How many good ones offset one bad.

    Raises:
        InvalidValueError: A share that is not from 0 to 1, or a ratio of nought or less.
    """
    judged = WIDE.subtract(ONE, checks.as_share(neutral_share, "neutral_share"))
    good = checks.as_positive(ratio, "ratio")
    return _rounded(WIDE.divide(WIDE.multiply(judged, good), EXACT.add(good, ONE)))


def _rounded(number: Decimal) -> Decimal:
    """To 34 digits, without noughts at their end."""
    return EXACT.add(RATIO.normalize(number), ZERO)
