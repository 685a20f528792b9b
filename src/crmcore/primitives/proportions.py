"""Shares of a count, with their bounds.

What is counted is exact; bounds and p-values are estimates and so are floats. The quantile of the normal distribution
is the standard library's.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import erfc, exp, expm1, inf, lgamma, log, log1p, sqrt
from statistics import NormalDist
from typing import Final

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import RATIO, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError

__all__ = [
    "Interval",
    "TwoProportions",
    "clopper_pearson",
    "rule_of_three",
    "two_proportions",
    "wilson",
    "zero_event_bound",
]

_STANDARD_NORMAL: Final = NormalDist()


@attrs.frozen
class Interval:
    """Two bounds, in the unit of what they bound.

    Examples:
        >>> interval = wilson(81, 263)
        >>> 0.3 in interval, 0.4 in interval
        (True, False)

    Attributes:
        low: The lower bound.
        high: The upper bound, not below the lower.
    """

    low: float
    high: float

    def __attrs_post_init__(self) -> None:
        for name in ("low", "high"):
            if isinstance(getattr(self, name), bool) or not isinstance(getattr(self, name), float | int):
                raise WrongTypeError(f"{name} must be a float, got {show(getattr(self, name))}", name)
        if not -inf < self.low <= self.high < inf:
            raise InvalidValueError(
                f"bounds must be finite and in order, got {self.low!r} and {self.high!r}", self.low, self.high
            )

    def __contains__(self, value: float | Decimal, /) -> bool:
        if isinstance(value, Decimal):  # whose comparison with a float the caller's context may forbid
            return Fraction(self.low) <= Fraction(value) <= Fraction(self.high)
        return self.low <= value <= self.high

    @property
    def width(self) -> float:
        """How far the bounds lie apart."""
        return self.high - self.low


def _quantile(confidence: float) -> float:
    return _STANDARD_NORMAL.inv_cdf((1 + checks.as_confidence(confidence)) / 2)


def _proportion(successes: int, n: int) -> tuple[int, int]:
    successes, n = checks.as_count(successes, "successes"), checks.as_count(n, "n")
    if successes > n:
        raise InconsistentCountsError(f"successes must be at most n, got {successes} of {n}", successes, n)
    return successes, n


def _pair(pair: tuple[int, int], name: str) -> tuple[int, int]:
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise WrongTypeError(f"{name} must be a pair, successes and n, got {show(pair)}", name)
    return _proportion(*pair)


def wilson(successes: int, n: int, *, confidence: float = 0.95, continuity: bool = False) -> Interval | None:
    """Bounds of a share by Wilson's score method; None of nobody.

    It keeps its promise for small counts and for shares near 0 and 1, where the share plus or minus two standard errors
    does not.

    Examples:
        >>> wilson(0, 20).high < wilson(0, 10).high
        True
        >>> wilson(0, 20).low
        0.0

    Args:
        successes: How many have it.
        n: Out of how many.
        confidence: How often such bounds hold the true share.
        continuity: With the continuity correction, which widens them.

    Source: Wilson 1927; Newcombe 1998, Statistics in Medicine 17:857-872, methods 3 and 4.
    """
    successes, n = _proportion(successes, n)
    z = _quantile(confidence)
    return _wilson(successes, n, z, continuity=continuity) if n else None


def _wilson(successes: int, n: int, z: float, *, continuity: bool = False) -> Interval:
    p, q = successes / n, (n - successes) / n
    scale = 2 * (n + z * z)
    if continuity:
        middle = 2 * n * p + z * z
        low = (middle - 1 - z * sqrt(max(0.0, z * z - 2 - 1 / n + 4 * p * (n * q + 1)))) / scale
        high = (middle + 1 + z * sqrt(max(0.0, z * z + 2 - 1 / n + 4 * p * (n * q - 1)))) / scale
    else:
        middle = (2 * n * p + z * z) / scale
        margin = z * sqrt(z * z + 4 * n * p * q) / scale
        low, high = middle - margin, middle + margin
    return Interval(max(0.0, low) if successes else 0.0, min(1.0, high) if successes < n else 1.0)


def clopper_pearson(successes: int, n: int, *, confidence: float = 0.95) -> Interval | None:
    """Bounds of a share that hold it at least as often as they promise; None of nobody.

    They are exact where Wilson's are near, and so wider. Take them where a verdict hangs on a few: from a single case,
    one that failed, Wilson's bounds at 95 per cent conclude that more than a fifth fail.

    Examples:
        >>> 0.2 in wilson(1, 1), 0.2 in clopper_pearson(1, 1)
        (False, True)
        >>> clopper_pearson(0, 20).low
        0.0

    Args:
        successes: How many have it.
        n: Out of how many. Above a million the bounds are Wilson's with the continuity correction, which are the same
            to six decimals.
        confidence: How often, at least, such bounds hold the true share.

    Source: Clopper and Pearson 1934, Biometrika 26:404-413; the continued fraction is DLMF 8.17.22.
    """
    successes, n = _proportion(successes, n)
    tail = (1 - checks.as_confidence(confidence)) / 2
    if n > _MOST_BY_TAILS:
        return wilson(successes, n, confidence=confidence, continuity=True)
    return Interval(_lowest(successes, n, tail), 1 - _lowest(n - successes, n, tail)) if n else None


_MOST_BY_TAILS: Final = 10**6


def _lowest(successes: int, n: int, tail: float) -> float:
    """The share of which so many or more of n come as rarely as the tail says."""
    if successes in (0, n):
        return tail ** (1 / n) if successes else 0.0
    low, high = 0.0, successes / n  # between which the interval is halved until floats are too coarse for it
    while low < (middle := (low + high) / 2) < high:
        if _at_least(successes, n, middle) < tail:
            low = middle
        else:
            high = middle
    return low


def _at_least(successes: int, n: int, share: float) -> float:
    """How likely so many or more of n have what a share has: an incomplete beta function, by its continued fraction."""
    a, b = float(successes), float(n - successes + 1)
    scale = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(share) + b * log1p(-share)
    fraction = 0.0
    for m in range(20 + 2 * int(sqrt(n)), 0, -1):  # deep enough for fifteen digits
        even = m * (b - m) * share / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * share / ((a + 2 * m) * (a + 2 * m + 1))
        fraction = even / (1 + odd / (1 + fraction))
    first = -(a + b) * share / (a + 1)
    return exp(scale) / a / (1 + first / (1 + fraction))


def zero_event_bound(n: int, *, confidence: float = 0.95) -> float | None:
    """What a rate may still be, at most, when none of n had the event; None of nobody.

    ``1 - (1 - confidence) ** (1 / n)``

    Examples:
        >>> zero_event_bound(1)
        0.95

    Source: the exact (Clopper-Pearson) one-sided bound for no events; Hanley and Lippman-Hand 1983, JAMA 249:1743-1745.
    """
    n = checks.as_count(n, "n")
    level = checks.as_confidence(confidence)
    return -expm1(log1p(-level) / n) if n else None


def rule_of_three(n: int) -> Decimal | None:
    """The rule of thumb for the bound above at 95 per cent: ``3 / n``, at most 1; None of nobody.

    Examples:
        >>> rule_of_three(100)
        Decimal('0.03')

    Source: Hanley and Lippman-Hand 1983, JAMA 249:1743-1745.
    """
    n = checks.as_count(n, "n")
    return ratio(min(3, n), n)


@attrs.frozen(kw_only=True)
class TwoProportions:
    """A share in one group and in another, and whether the difference may be chance.

    The two groups must be different people, and each counted once: shares of the same people before and after need a
    paired test, which this is not.

    Examples:
        >>> shift = two_proportions((20, 200), (35, 200))
        >>> shift.difference
        Decimal('0.075')
        >>> shift.p_one_sided < 0.05, shift.p_two_sided < 0.01
        (True, False)

    Attributes:
        before: Successes and n of the first.
        after: Successes and n of the second; neither n is nought.
    """

    before: tuple[int, int]
    after: tuple[int, int]

    def __attrs_post_init__(self) -> None:
        for name in ("before", "after"):
            pair = _pair(getattr(self, name), name)
            checks.set_field(self, name, pair)
            if not pair[1]:
                raise InvalidValueError(f"{name} must count somebody, got 0 of 0; two_proportions(...) answers None")

    @property
    def difference(self) -> Decimal:
        """The second share less the first, to 34 digits."""
        (x1, n1), (x2, n2) = self.before, self.after
        return RATIO.divide(x2 * n1 - x1 * n2, n1 * n2)

    @property
    def z(self) -> float | None:
        """The difference in pooled standard errors; None where all or none had it, in both."""
        (x1, n1), (x2, n2) = self.before, self.after
        pooled = (x1 + x2) / (n1 + n2)
        error = sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
        return float(self.difference) / error if error else None

    @property
    def p_one_sided(self) -> float | None:
        """How likely chance alone gives a rise as large, were there none; None as for `z`."""
        return None if self.z is None else erfc(self.z / sqrt(2)) / 2

    @property
    def p_two_sided(self) -> float | None:
        """How likely chance alone gives a difference as large either way, were there none; None as for `z`."""
        return None if self.z is None else erfc(abs(self.z) / sqrt(2))

    def interval(self, *, confidence: float = 0.95) -> Interval:
        """Bounds of the difference by Newcombe's hybrid of two Wilson intervals, which small counts do not upset.

        Source: Newcombe 1998, Statistics in Medicine 17:873-890, method 10.
        """
        (x1, n1), (x2, n2) = self.before, self.after
        p1, p2 = x1 / n1, x2 / n2
        z = _quantile(confidence)
        one, two = _wilson(x1, n1, z), _wilson(x2, n2, z)
        gap = float(self.difference)
        low = gap - sqrt((p2 - two.low) ** 2 + (one.high - p1) ** 2)
        high = gap + sqrt((two.high - p2) ** 2 + (p1 - one.low) ** 2)
        return Interval(max(-1.0, low), min(1.0, high))

    def wald_interval(self, *, confidence: float = 0.95) -> Interval:
        """Bounds of the difference as textbooks print them: plus or minus z unpooled standard errors.

        Of no width where both shares are 0 or 1: prefer `interval`.
        """
        (x1, n1), (x2, n2) = self.before, self.after
        p1, p2 = x1 / n1, x2 / n2
        margin = _quantile(confidence) * sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
        gap = float(self.difference)
        return Interval(max(-1.0, gap - margin), min(1.0, gap + margin))


def two_proportions(before: tuple[int, int], after: tuple[int, int]) -> TwoProportions | None:
    """Compare two shares, each as successes and n; None where either counts nobody.

    Raises:
        InconsistentCountsError: More successes than n.
    """
    one, two = _pair(before, "before"), _pair(after, "after")
    return TwoProportions(before=one, after=two) if one[1] and two[1] else None
