"""Planning a service: how many moments must be good, and what balance to expect."""

from decimal import Decimal
from fractions import Fraction

from crmcore.primitives import checks
from crmcore.primitives._decimals import DOWN, EXACT, ONE, RATIO, UP, WIDE, ZERO, power
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
    """Return the least share of the judged moments that must be good to break even: ``ratio / (ratio + 1)``.

    It has at most 34 digits and is rounded up.

    Examples:
        >>> from crmcore.service.balance import break_even_share
        >>> break_even_share(), break_even_share(4)
        (Decimal('0.9230769230769230769230769230769231'), Decimal('0.8'))

    Args:
        ratio: How many good moments offset one bad moment, > 0.
    """
    good = checks.as_positive(ratio, "ratio")
    return _shorten(UP.divide(good, EXACT.add(good, ONE)))


def break_even_failure_rate(ratio: Decimal | int | str = 12) -> Decimal:
    """Return the largest share of the judged moments that may be bad at break-even: ``1 / (ratio + 1)``.

    It has at most 34 digits and is rounded down.

    Examples:
        >>> from crmcore.service.balance import break_even_failure_rate
        >>> break_even_failure_rate()
        Decimal('0.07692307692307692307692307692307692')

    Args:
        ratio: How many good moments offset one bad moment, > 0.
    """
    return _shorten(DOWN.divide(ONE, EXACT.add(checks.as_positive(ratio, "ratio"), ONE)))


def expected(
    n: int,
    *,
    p_good: Decimal | int | str | float,
    p_bad: Decimal | int | str | float,
    ratio: Decimal | int | str = 12,
) -> Decimal:
    """Return the expected balance of n moments: ``n * (p_good - ratio * p_bad)``, to 34 digits.

    The moments need not be independent. Nine good moments in ten still end in a deficit:

    Examples:
        >>> from crmcore.service.balance import expected
        >>> expected(100, p_good="0.9", p_bad="0.1")
        Decimal('-30')

    Args:
        n: The number of moments.
        p_good: The probability that a moment is good.
        p_bad: The probability that a moment is bad. The rest is the probability that it is neutral.
        ratio: How many good moments offset one bad moment, > 0.

    Raises:
        InvalidValueError: The two probabilities add up to more than 1.
    """
    moments = checks.as_count(n, "n")
    good, bad = checks.as_share(p_good, "p_good"), checks.as_share(p_bad, "p_bad")
    if RATIO.add(good, bad) > ONE:  # not EXACT: two rounded shares may exceed 1 in their last digit
        raise InvalidValueError(
            "probabilities_above_one",
            f"p_good + p_bad must be <= 1, got {show(good)} and {show(bad)}",
            field="p_bad",
            operands=(good, bad),
        )
    each = WIDE.subtract(good, WIDE.multiply(checks.as_positive(ratio, "ratio"), bad))
    return _round(WIDE.multiply(moments, each))


def all_good_probability(p: Decimal | int | str | float, n: int) -> Decimal:
    """Return the probability that n moments are all good: ``p ** n``, to 34 digits.

    It assumes that the moments are independent and equally likely to be good. If touchpoints tend to fail together, the
    true probability is higher.

    Examples:
        >>> from crmcore.service.balance import all_good_probability
        >>> all_good_probability("0.99", 12)  # 12 touchpoints, each good in 99 of 100 cases
        Decimal('0.886384871716129280658801')

    Args:
        p: The probability that a moment is good.
        n: The number of moments.
    """
    return _round(power(checks.as_share(p, "p"), Decimal(checks.as_count(n, "n"))))


def required_good_rate(*, neutral_share: Decimal | int | str | float, ratio: Decimal | int | str = 12) -> Decimal:
    """Return the least share of all moments that must be good to break even if some are neutral.

    ``(1 - neutral_share) * ratio / (ratio + 1)``, with at most 34 digits and rounded up

    Examples:
        >>> from crmcore.service.balance import break_even_share, required_good_rate
        >>> required_good_rate(neutral_share="0.5")
        Decimal('0.4615384615384615384615384615384616')
        >>> required_good_rate(neutral_share=0) == break_even_share()
        True

    Args:
        neutral_share: The share of the moments that are neutral.
        ratio: How many good moments offset one bad moment, > 0.
    """
    neutral = Fraction(checks.as_share(neutral_share, "neutral_share"))
    good = Fraction(checks.as_positive(ratio, "ratio"))
    share = (1 - neutral) * good / (good + 1)
    return _shorten(UP.divide(share.numerator, share.denominator))


def _round(number: Decimal) -> Decimal:
    """Return a number to 34 digits, without trailing zeros."""
    return _shorten(RATIO.plus(number))


def _shorten(number: Decimal) -> Decimal:
    return EXACT.add(EXACT.normalize(number), ZERO)
