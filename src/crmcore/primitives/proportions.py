"""Proportions with their confidence intervals.

Counts and differences are exact. Bounds and p-values are estimates, and so they are floats. The quantile of the normal
distribution comes from the standard library.
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
    """A lower and an upper bound, in the unit of the value that they bound.

    Examples:
        >>> from crmcore.primitives.proportions import wilson
        >>> interval = wilson(81, 263)
        >>> 0.3 in interval, 0.4 in interval
        (True, False)

    Attributes:
        low: The lower bound.
        high: The upper bound, not below the lower bound.
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
        if isinstance(value, Decimal):  # the context of the caller may forbid to compare it with a float
            return Fraction(self.low) <= Fraction(value) <= Fraction(self.high)
        return self.low <= value <= self.high

    @property
    def width(self) -> float:
        """The difference between the bounds."""
        return self.high - self.low


def _find_quantile(confidence: float) -> float:
    return _STANDARD_NORMAL.inv_cdf((1 + checks.as_confidence(confidence)) / 2)


def _as_proportion(successes: int, n: int) -> tuple[int, int]:
    successes, n = checks.as_count(successes, "successes"), checks.as_count(n, "n")
    if successes > n:
        raise InconsistentCountsError(f"successes must be at most n, got {successes} of {n}", successes, n)
    return successes, n


def _as_pair(pair: tuple[int, int], name: str) -> tuple[int, int]:
    if not isinstance(pair, tuple | list) or len(pair) != 2:  # not `checks.as_pair`, which names one of several pairs
        raise WrongTypeError(f"{name} must be a pair, successes and n, got {show(pair)}", name)
    successes, n = pair
    return _as_proportion(successes, n)


def wilson(successes: int, n: int, *, confidence: float = 0.95, continuity: bool = False) -> Interval | None:
    """Return the Wilson score interval of a proportion, or None if `n` is 0.

    Averaged over all true shares, the interval contains the true share about as often as `confidence` says, even for
    small `n`. For some shares near 0 or 1 it is less often: at 95 per cent, 79 per cent for `n` = 1 and 84 per
    cent for large `n`. Use `clopper_pearson` for a guaranteed confidence.

    Examples:
        >>> from crmcore.primitives.proportions import wilson
        >>> wilson(0, 20).high < wilson(0, 10).high
        True
        >>> wilson(0, 20).low
        0.0

    Args:
        successes: The number of successes.
        n: The number of trials.
        confidence: The nominal probability that the interval contains the true share.
        continuity: Whether to apply the continuity correction, which widens the interval.

    Source: Wilson 1927; Newcombe 1998, Statistics in Medicine 17:857-872, methods 3 and 4.
    """
    successes, n = _as_proportion(successes, n)
    z = _find_quantile(confidence)
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
    """Return the Clopper-Pearson interval of a proportion, or None if `n` is 0.

    The interval contains the true share at least as often as `confidence` says, for every share and every `n`. It is
    usually wider than the Wilson interval. Use it for decisions that rest on a few cases: after a single case, a
    failure, the Wilson interval at 95 per cent already excludes a failure rate of one fifth.

    Examples:
        >>> from crmcore.primitives.proportions import clopper_pearson, wilson
        >>> 0.2 in wilson(1, 1), 0.2 in clopper_pearson(1, 1)
        (False, True)
        >>> clopper_pearson(0, 20).low
        0.0

    Args:
        successes: The number of successes.
        n: The number of trials. Above a million, the result is the Wilson interval with the continuity correction. At
            95 per cent its bounds differ from the exact ones by less than 0.0000012.
        confidence: The least probability that the interval contains the true share.

    Source: Clopper and Pearson 1934, Biometrika 26:404-413; the continued fraction is DLMF 8.17.22.
    """
    successes, n = _as_proportion(successes, n)
    tail = (1 - checks.as_confidence(confidence)) / 2
    if n > _MOST_EXACT:
        return wilson(successes, n, confidence=confidence, continuity=True)
    return Interval(_find_low(successes, n, tail), 1 - _find_low(n - successes, n, tail)) if n else None


_MOST_EXACT: Final = 10**6


def _find_low(successes: int, n: int, tail: float) -> float:
    """Return the share at which the probability of at least this many successes in n trials is `tail`."""
    if successes in (0, n):
        return tail ** (1 / n) if successes else 0.0
    low, high = 0.0, successes / n  # bisect until floats are too coarse
    while low < (middle := (low + high) / 2) < high:
        if _compute_tail(successes, n, middle) < tail:
            low = middle
        else:
            high = middle
    return low


def _compute_tail(successes: int, n: int, share: float) -> float:
    """Return the probability of at least this many successes: the continued fraction of an incomplete beta function."""
    a, b = float(successes), float(n - successes + 1)
    scale = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(share) + b * log1p(-share)
    fraction = 0.0
    for m in range(20 + 2 * int(sqrt(n)), 0, -1):  # enough terms for fifteen digits
        even = m * (b - m) * share / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * share / ((a + 2 * m) * (a + 2 * m + 1))
        fraction = even / (1 + odd / (1 + fraction))
    first = -(a + b) * share / (a + 1)
    return exp(scale) / a / (1 + first / (1 + fraction))


def zero_event_bound(n: int, *, confidence: float = 0.95) -> float | None:
    """Return the one-sided upper bound of a rate without a single event in `n` trials, or None if `n` is 0.

    ``1 - (1 - confidence) ** (1 / n)``

    The upper bound of ``wilson(0, n)`` is two-sided. At 95 per cent it is higher than this bound from `n` = 7 on, and
    lower up to `n` = 6.

    Examples:
        >>> from crmcore.primitives.proportions import zero_event_bound
        >>> zero_event_bound(1)
        0.95

    Source: the exact (Clopper-Pearson) one-sided bound for no events; Hanley and Lippman-Hand 1983, JAMA 249:1743-1745.
    """
    n = checks.as_count(n, "n")
    level = checks.as_confidence(confidence)
    return -expm1(log1p(-level) / n) if n else None


def rule_of_three(n: int) -> Decimal | None:
    """Return the rule of thumb for `zero_event_bound` at 95 per cent, ``3 / n``, at most 1, or None if `n` is 0.

    Examples:
        >>> from crmcore.primitives.proportions import rule_of_three
        >>> rule_of_three(100)
        Decimal('0.03')

    Source: Hanley and Lippman-Hand 1983, JAMA 249:1743-1745.
    """
    n = checks.as_count(n, "n")
    return ratio(min(3, n), n)


@attrs.frozen(kw_only=True)
class TwoProportions:
    """The proportions of two groups, and whether their difference can be chance.

    The groups must consist of different people, each counted once. Two proportions of the same people, before and
    after, need a paired test. This is not one.

    Examples:
        >>> from crmcore.primitives.proportions import two_proportions
        >>> shift = two_proportions((20, 200), (35, 200))
        >>> shift.difference
        Decimal('0.075')
        >>> shift.p_one_sided < 0.05, shift.p_two_sided < 0.01
        (True, False)

    Attributes:
        before: Successes and n of the first group; n > 0.
        after: Successes and n of the second group; n > 0.
    """

    before: tuple[int, int]
    after: tuple[int, int]

    def __attrs_post_init__(self) -> None:
        for name in ("before", "after"):
            pair = _as_pair(getattr(self, name), name)
            checks.set_field(self, name, pair)
            if not pair[1]:
                raise InvalidValueError(f"{name} must have n > 0, got 0 of 0; two_proportions(...) returns None")

    @property
    def difference(self) -> Decimal:
        """The second proportion minus the first, to 34 digits."""
        (x1, n1), (x2, n2) = self.before, self.after
        return RATIO.divide(x2 * n1 - x1 * n2, n1 * n2)

    @property
    def z(self) -> float | None:
        """The difference in pooled standard errors; None if both groups have no successes, or successes only."""
        (x1, n1), (x2, n2) = self.before, self.after
        pooled = (x1 + x2) / (n1 + n2)
        error = sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
        return float(self.difference) / error if error else None

    @property
    def p_one_sided(self) -> float | None:
        """The probability of a rise at least as large if there is no true difference; None if `z` is None."""
        return None if self.z is None else erfc(self.z / sqrt(2)) / 2

    @property
    def p_two_sided(self) -> float | None:
        """The probability of a difference at least as large, up or down, if there is none; None if `z` is None."""
        return None if self.z is None else erfc(abs(self.z) / sqrt(2))

    def interval(self, *, confidence: float = 0.95) -> Interval:
        """Return the interval of the difference by Newcombe's hybrid of two Wilson intervals, which suits small counts.

        Source: Newcombe 1998, Statistics in Medicine 17:873-890, method 10.
        """
        (x1, n1), (x2, n2) = self.before, self.after
        p1, p2 = x1 / n1, x2 / n2
        z = _find_quantile(confidence)
        one, two = _wilson(x1, n1, z), _wilson(x2, n2, z)
        gap = float(self.difference)
        low = gap - sqrt((p2 - two.low) ** 2 + (one.high - p1) ** 2)
        high = gap + sqrt((two.high - p2) ** 2 + (p1 - one.low) ** 2)
        return Interval(max(-1.0, low), min(1.0, high))

    def wald_interval(self, *, confidence: float = 0.95) -> Interval:
        """Return the Wald interval of the difference: plus or minus z unpooled standard errors.

        Its width is 0 if both proportions are 0 or 1. Prefer `interval`.
        """
        (x1, n1), (x2, n2) = self.before, self.after
        p1, p2 = x1 / n1, x2 / n2
        margin = _find_quantile(confidence) * sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
        gap = float(self.difference)
        return Interval(max(-1.0, gap - margin), min(1.0, gap + margin))


def two_proportions(before: tuple[int, int], after: tuple[int, int]) -> TwoProportions | None:
    """Compare two proportions, each given as successes and n. Return None if an n is 0.

    Raises:
        InconsistentCountsError: There are more successes than n.
    """
    one, two = _as_pair(before, "before"), _as_pair(after, "after")
    return TwoProportions(before=one, after=two) if one[1] and two[1] else None
