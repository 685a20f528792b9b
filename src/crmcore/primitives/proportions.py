"""Proportions with their confidence intervals.

Counts and differences are exact. Bounds and p-values are estimates, and so they are floats. The quantile of the normal
distribution comes from the standard library.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import comb, erfc, exp, expm1, lgamma, log, log1p, pi, sqrt
from statistics import NormalDist
from typing import Annotated, Any, Final

import attrs

from crmcore.primitives import _bounds, checks
from crmcore.primitives._decimals import EXACT, RATIO, ratio
from crmcore.primitives._kinds import is_a
from crmcore.primitives._results import Result
from crmcore.primitives.checks import describe, show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.record import Kind

__all__ = [
    "Interval",
    "PairedProportions",
    "TwoProportions",
    "clopper_pearson",
    "rule_of_three",
    "two_proportions",
    "wilson",
    "zero_event_bound",
]

_STANDARD_NORMAL: Final = NormalDist()


def _as_bound(value: Any, name: str) -> float:  # noqa: ANN401 - of anything, until it is checked
    _check_number(value, name, float, int)
    if not -_bounds.LARGEST_FLOAT <= value <= _bounds.LARGEST_FLOAT:  # NaN is not within either
        raise InvalidValueError(
            "infinite_bound",
            f"{name} must be at most 10^300 in size, got {show(value)}",
            **checks.at_fault(name),
            operands=(value,),
        )
    return int.__int__(value) if is_a(value, int) else float.__float__(value)


def _check_number(value: object, name: str, *kinds: type) -> None:
    if type(value) is bool or not is_a(value, kinds):
        raise WrongTypeError("not_a_float", f"{name} must be a float, got {describe(value)}", **checks.at_fault(name))


_BOUND: Final = Kind(_as_bound, {"minimum": -_bounds.LARGEST_FLOAT, "maximum": _bounds.LARGEST_FLOAT})


@attrs.frozen
class Interval(Result):
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

    ratios = ("width",)

    low: Annotated[float, _BOUND]
    high: Annotated[float, _BOUND]

    def _check(self) -> None:
        super()._check()
        if self.low > self.high:
            raise InvalidValueError(
                "bounds_reversed",
                f"low must be at most high, got {self.low!r} and {self.high!r}",
                field="low",
                operands=(self.low, self.high),
            )

    def __contains__(self, value: float | Decimal, /) -> bool:
        _check_number(value, "value", float, int, Decimal)
        if is_a(value, Decimal):  # the context of the caller may forbid to compare or convert a float
            if value.is_nan():
                return False
            low, high = map(Decimal.from_float, (self.low, self.high))
            return EXACT.compare(low, value) <= 0 <= EXACT.compare(high, value)
        return self.low <= value <= self.high

    @property
    def width(self) -> float:
        """The difference between the bounds."""
        return self.high - self.low


def chi_squared_tail(statistic: float, df: int) -> float:
    """Return the probability that a chi-squared variable with so many degrees of freedom is at least the statistic.

    Source: Abramowitz and Stegun 1964, formulas 26.4.4 and 26.4.5.
    """
    half = statistic / 2
    if not half:
        return 1.0
    total, order = (erfc(sqrt(half)), 0.5) if df % 2 else (exp(-half), 1.0)
    while order < df / 2:
        total += exp(order * log(half) - half - lgamma(order + 1))
        order += 1
    return min(1.0, total)


def find_quantile(confidence: float) -> float:
    return -_STANDARD_NORMAL.inv_cdf((1 - checks.as_confidence(confidence)) / 2)  # 1 + confidence may be rounded to 2


def as_proportion(successes: object, n: object, field: str = "") -> tuple[int, int]:
    successes, n = checks.as_count(successes, field or "successes"), checks.as_count(n, field or "n")
    if successes > n:
        raise InconsistentCountsError(
            "more_successes_than_trials",
            f"successes must be at most n, got {successes} of {n}",
            field=field or "successes",
            operands=(successes, n),
        )
    return successes, n


def as_proportion_pair(pair: object, name: str) -> tuple[int, int]:
    successes, n = checks.as_pair(pair, name, "successes and n")
    return as_proportion(successes, n, name)


def _as_group(pair: object, name: str) -> tuple[int, int]:
    successes, n = as_proportion_pair(pair, name)
    if not n:
        raise InvalidValueError(
            "group_of_nobody",
            f"{name} must have n > 0, got 0 of 0",
            **checks.at_fault(name),
            operands=(0, 0),
            advice="two_proportions(...) returns None",
        )
    return successes, n


_GROUP: Final = Kind(_as_group, {"prefixItems": [{"type": "integer", "minimum": 0}, {"type": "integer", "minimum": 1}]})


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
    checks.as_instance(continuity, bool, "continuity")
    successes, n = as_proportion(successes, n)
    z = find_quantile(confidence)
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
        n: The number of trials. From 10^15 on, with more than a million successes and as many failures, the result is
            the Wilson interval with the continuity correction, which is then the same to 15 decimals.
        confidence: The least probability that the interval contains the true share.

    Source: Clopper and Pearson 1934, Biometrika 26:404-413; the continued fraction is DLMF 8.17.22.
    """
    successes, n = as_proportion(successes, n)
    tail = (1 - checks.as_confidence(confidence)) / 2
    if n > _MOST_EXACT and min(successes, n - successes) > _MOST_SUMMED:
        return wilson(successes, n, confidence=confidence, continuity=True)
    return Interval(_find_low(successes, n, tail), _find_high(successes, n, tail)) if n else None


_TINY: Final = 1e-300
"""In the place of a divisor that floats cannot tell from 0, as counts of 10^30 may give."""
_MOST_EXACT: Final = 10**15
_MOST_SUMMED: Final = 10**6
_NEWTON_STEPS: Final = 40


def _find_low(successes: int, n: int, tail: float) -> float:
    """Return the share at which the probability of at least this many successes in n trials is `tail`."""
    if successes in (0, n):
        return tail ** (1 / n) if successes else 0.0
    return _solve(successes, n, tail, 0.0, successes / n, lost=False)


def _find_high(successes: int, n: int, tail: float) -> float:
    """Return the share at which the probability of at most this many successes in n trials is `tail`."""
    if successes in (0, n):
        return 1.0 if successes else -expm1(log(tail) / n)
    return _solve(n - successes, n, tail, successes / n, 1.0, lost=True)


def _solve(successes: int, n: int, tail: float, low: float, high: float, *, lost: bool) -> float:
    """Return the share between two bounds, or the share of failures, by Newton's method and bisection."""
    z = -_STANDARD_NORMAL.inv_cdf(tail)
    guess = (
        _wilson(n - successes, n, z, continuity=True).high if lost else _wilson(successes, n, z, continuity=True).low
    )
    goal, share = log(tail), guess if low < guess < high else (low + high) / 2
    attempt = 0
    while True:  # bisection ends it
        found, slope = _compute_tail(successes, n, *((1 - share, share) if lost else (share, 1 - share)))
        if (found < goal) is lost:
            high = share
        else:
            low = share
        growth = (goal - found) / slope  # of the logarithm, because the tail is nearly a power
        ahead = share - (1 - share) * expm1(growth) if lost else share * exp(min(growth, 1.0))
        if abs(ahead - share) < 4e-16 * share:
            return share
        share = ahead if low < ahead < high and attempt < _NEWTON_STEPS else (low + high) / 2
        attempt += 1
        if not low < share < high:  # floats are too coarse
            return share


def _compute_tail(successes: int, n: int, share: float, rest: float) -> tuple[float, float]:
    """Return the logarithm of the probability of at least this many successes, and its slope over that of the share.

    It is the probability of exactly this many times a sum of positive terms, or times a continued fraction if the sum
    would have too many. `rest` is 1 minus the share, which may be too small to be found by a subtraction.
    """
    exactly = _compute_log_probability(successes, n, share, rest)
    failures = n - successes
    factor = (
        _sum_terms(successes, failures, share / rest)
        if min(successes, failures) <= _MOST_SUMMED
        else rest * _compute_fraction(successes, failures + 1, share)
    )
    return exactly + log(factor), successes / factor


def find_probability(most: int, n: int, ahead: int, behind: int) -> float:
    """Return the probability of at most this many successes in `n` trials, each of odds ``ahead : behind``.

    Args:
        most: The largest number of successes that counts, from 0 to `n`.
        n: The number of trials.
        ahead: The weight of a success, >= 0.
        behind: The weight of a failure, >= 0; the two have a sum > 0.

    Returns:
        The probability; from 10^15 trials on, with more than a million successes and as many failures, by the normal
        approximation with the continuity correction, as in `clopper_pearson`.
    """
    if most == n or not ahead:
        return 1.0
    if not behind:
        return 0.0
    total = ahead + behind
    if not most:
        return exp(n * (log1p(-ahead / total) if ahead < behind else log(behind / total)))
    share, rest = ahead / total, behind / total
    if n > _MOST_EXACT and min(most, n - most) > _MOST_SUMMED:  # floats are too coarse for the continued fraction
        middle = Fraction(2 * most + 1, 2) - Fraction(n * ahead, total)
        return erfc(-float(middle) / sqrt(2 * n * share * rest)) / 2
    if most * total <= n * ahead:  # the tail that is not above about a half
        return exp(_compute_tail(n - most, n, rest, share)[0])
    return 1 - exp(_compute_tail(most + 1, n, share, rest)[0]) if most + 1 < n else -expm1(n * log(share))


def _sum_terms(successes: int, failures: int, odds: float) -> float:
    """Return the probability of at least this many successes as a multiple of that of exactly this many."""
    total = term = 1.0
    above, below = failures, successes + 1
    while term > 1e-17 * total:
        term *= above / below * odds
        total, above, below = total + term, above - 1, below + 1
    return total


def _compute_fraction(a: float, b: float, share: float) -> float:
    """Return a continued fraction by Lentz's method, which goes on until a term changes nothing."""
    numerator, denominator = 1.0, 1 / (1 - (a + b) * share / (a + 1) or _TINY)
    fraction, change, m = denominator, 0.0, 0
    while abs(change - 1) > 1e-15:
        m += 1
        even = m * (b - m) * share / ((a + 2 * m - 1) * (a + 2 * m))
        denominator, numerator = 1 / (1 + even * denominator or _TINY), 1 + even / numerator or _TINY
        fraction *= denominator * numerator
        odd = -(a + m) * (a + b + m) * share / ((a + 2 * m) * (a + 2 * m + 1))
        denominator, numerator = 1 / (1 + odd * denominator or _TINY), 1 + odd / numerator or _TINY
        change = denominator * numerator
        fraction *= change
    return fraction


def _compute_log_probability(successes: int, n: int, share: float, rest: float) -> float:
    """Return the logarithm of the probability of exactly this many successes, of which 0 and n are excluded.

    Source: Loader 2000, Fast and accurate computation of binomial probabilities, which avoids the differences of
    large logarithms.
    """
    failures = n - successes
    more = n * share - successes if share < rest else failures - n * rest  # expected than found
    deviance = _compute_deviance(successes, n * share, more) + _compute_deviance(failures, n * rest, -more)
    errors = _compute_stirling_error(n) - _compute_stirling_error(successes) - _compute_stirling_error(failures)
    return errors - deviance + log(n / (2 * pi * successes * failures)) / 2


def _compute_deviance(count: int, expected: float, more: float) -> float:
    """Return ``expected - count - count * ln(expected / count)``, without differences that cancel.

    `more` is ``expected - count``, which may be known better than by a subtraction.
    """
    excess = more / count
    if abs(excess) > 0.1:
        return more - count * log(expected / count or _TINY)
    total, power, place = 0.0, excess * excess, 2
    while (term := power / place) != 0 and total + term != total:
        total, power, place = total + term, -power * excess, place + 1
    return count * total


def _compute_stirling_error(n: int) -> float:
    """Return the error of Stirling's formula for ``ln(n!)``."""
    if n < 16:
        return lgamma(n + 1) - (n + 0.5) * log(n) + n - log(2 * pi) / 2
    square = 1.0 / n / n
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - square / 1188) * square) * square) * square) / n


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


_MOST_COUNTED: Final = 2000
"""The largest count of an exact test. It takes whole numbers of as many digits, and half a second."""
_LEAST_EXPECTED: Final = 5


def _weigh(row: int, other: int, column: int) -> list[int]:
    """Return in how many ways 0, 1, ... of the people drawn are of the first row; `column` is at most `other`."""
    ways = [comb(other, column)]
    for place in range(min(row, column)):
        ways.append(ways[-1] * (row - place) * (column - place) // ((place + 1) * (other - column + place + 1)))
    return ways


def _toss(most: int, n: int) -> float:
    """Return the probability of at most this many heads in n tosses of a coin, exact up to 2,000 tosses."""
    if n > _MOST_COUNTED:
        return find_probability(most, n, 1, 1)
    ways = [1]
    for place in range(most):
        ways.append(ways[-1] * (n - place) // (place + 1))
    return sum(ways) / (1 << n)


def _warn_of_few(subject: str, what: str, expected: Fraction) -> tuple[Finding, ...]:
    """Return a caution if too few are expected for the normal approximation."""
    if expected >= _LEAST_EXPECTED:
        return ()
    return (
        Finding(
            rule="few_for_the_normal_test",
            severity=Severity.WARNING,
            subject=subject,
            message=f"fewer than {_LEAST_EXPECTED} {what}, so z and its p-values are far too sure",
            advice="read p_exact_one_sided and p_exact_two_sided, or count more people",
            evidence=[("least expected", f"{float(expected):.6g}")],
        ),
    )


@attrs.frozen(kw_only=True)
class TwoProportions(Result):
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
        >>> few = two_proportions((0, 8), (3, 8))
        >>> round(few.p_one_sided, 3), few.p_exact_one_sided, few.cautions[0].rule
        (0.027, 0.1, 'few_for_the_normal_test')

    `z` and its p-values are a normal approximation. With few people they are far too sure: then read the exact ones.

    Attributes:
        before: Successes and n of the first group; n > 0.
        after: Successes and n of the second group; n > 0.
    """

    ratios = ("difference", "z", "p_one_sided", "p_two_sided", "p_exact_one_sided", "p_exact_two_sided")

    before: Annotated[tuple[int, int], _GROUP]
    after: Annotated[tuple[int, int], _GROUP]

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

    @property
    def p_exact_one_sided(self) -> float | None:
        """The exact probability of a rise at least as large if there is no true difference.

        None if each group, the successes and the failures are all more than 2,000: then the normal test is as good.

        Source: Fisher 1934, Statistical Methods for Research Workers: given the sums, the successes of one group are
        hypergeometric.
        """
        found = self._ways
        return None if found is None else sum(found[0][found[1] :]) / sum(found[0])

    @property
    def p_exact_two_sided(self) -> float | None:
        """The exact probability of all differences, up or down, that are no more probable than this one.

        None if `p_exact_one_sided` is None.
        """
        found = self._ways
        if found is None:
            return None
        ways, place = found
        return sum(way for way in ways if way <= ways[place]) / sum(ways)

    @property
    def _ways(self) -> tuple[list[int], int] | None:
        """Return how often each table with these sums occurs, in order of the rise, and the place of this table."""
        (x1, n1), (x2, n2) = self.before, self.after
        a, b, c, d = x2, n2 - x2, x1, n1 - x1
        if min(n1, n2) < min(a + c, b + d):  # the test is the same for the table turned over
            b, c = c, b
        if b + d < a + c:
            a, b, c, d = d, c, b, a
        return (_weigh(a + b, c + d, a + c), a) if a + c <= _MOST_COUNTED else None

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you rely on `z`: that fewer than 5 successes or failures are expected in a group."""
        (x1, n1), (x2, n2) = self.before, self.after
        rarer = min(x1 + x2, n1 + n2 - x1 - x2)
        return _warn_of_few("groups", "are expected in a group", Fraction(rarer * min(n1, n2), n1 + n2))

    def interval(self, *, confidence: float = 0.95) -> Interval:
        """Return the interval of the difference by Newcombe's hybrid of two Wilson intervals, which suits small counts.

        Source: Newcombe 1998, Statistics in Medicine 17:873-890, method 10.
        """
        (x1, n1), (x2, n2) = self.before, self.after
        p1, p2 = x1 / n1, x2 / n2
        z = find_quantile(confidence)
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
        margin = find_quantile(confidence) * sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
        gap = float(self.difference)
        return Interval(max(-1.0, gap - margin), min(1.0, gap + margin))


def two_proportions(before: tuple[int, int], after: tuple[int, int]) -> TwoProportions | None:
    """Compare two proportions, each given as successes and n. Return None if an n is 0.

    Raises:
        InconsistentCountsError: There are more successes than n.
    """
    one, two = as_proportion_pair(before, "before"), as_proportion_pair(after, "after")
    return TwoProportions(before=one, after=two) if one[1] and two[1] else None


@attrs.frozen(kw_only=True)
class PairedProportions(Result):
    """The proportion of the same people before and after, and whether its change can be chance.

    Only those who changed tell: how many people stayed as they were does not matter for the test.

    Examples:
        >>> from crmcore.primitives.proportions import PairedProportions
        >>> asked_twice = PairedProportions(both=36, lost=2, gained=12, neither=0)
        >>> asked_twice.difference
        Decimal('0.2')
        >>> bounds = asked_twice.interval()
        >>> round(bounds.low, 4), round(bounds.high, 4)
        (0.0569, 0.3404)
        >>> few = PairedProportions(both=5, lost=0, gained=3, neither=7)
        >>> round(few.p_one_sided, 4), few.p_exact_one_sided, few.cautions[0].rule
        (0.0416, 0.125, 'few_for_the_normal_test')

    `z` and its p-values are a normal approximation. If few people changed they are far too sure: then read the exact
    ones.

    Attributes:
        both: How many had it before and after.
        lost: How many had it only before.
        gained: How many had it only after.
        neither: How many had it at neither time.
    """

    ratios = ("n", "difference", "z", "p_one_sided", "p_two_sided", "p_exact_one_sided", "p_exact_two_sided")

    both: int
    lost: int
    gained: int
    neither: int

    @property
    def n(self) -> int:
        """The number of people."""
        return self.both + self.lost + self.gained + self.neither

    @property
    def difference(self) -> Decimal | None:
        """The later proportion minus the earlier one, ``(gained - lost) / n``; None if `n` is 0."""
        return ratio(self.gained - self.lost, self.n)

    @property
    def z(self) -> float | None:
        """McNemar's statistic, ``(gained - lost) / sqrt(gained + lost)``; None if both are 0."""
        changed = self.gained + self.lost
        return (self.gained - self.lost) / sqrt(changed) if changed else None

    @property
    def p_one_sided(self) -> float | None:
        """The probability of a rise at least as large if there is no true change; None if `z` is None."""
        return None if self.z is None else erfc(self.z / sqrt(2)) / 2

    @property
    def p_two_sided(self) -> float | None:
        """The probability of a change at least as large, up or down, if there is none; None if `z` is None."""
        return None if self.z is None else erfc(abs(self.z) / sqrt(2))

    @property
    def p_exact_one_sided(self) -> float | None:
        """The exact probability of a rise at least as large if there is no true change; None if `n` is 0.

        Of those who changed, as many gain as lose it then. If no person changed, the probability is 1.

        Source: McNemar 1947, Psychometrika 12:153-157, with the binomial distribution instead of the normal one.
        """
        return _toss(self.lost, self.gained + self.lost) if self.n else None

    @property
    def p_exact_two_sided(self) -> float | None:
        """The exact probability of a change at least as large, up or down, if there is none; None if `n` is 0.

        It is twice the smaller of the two one-sided probabilities, at most 1.
        """
        if not self.n:
            return None
        return min(1.0, 2 * _toss(min(self.lost, self.gained), self.gained + self.lost))

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you rely on `z`: that fewer than 10 people changed, which is 5 each way."""
        expected = Fraction(self.gained + self.lost, 2)
        return _warn_of_few("people", "changes are expected each way", expected) if self.n else ()

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the interval of the difference by Newcombe's hybrid of two Wilson intervals, or None if `n` is 0.

        Args:
            confidence: How often the interval is meant to contain the true difference.

        Source: Newcombe 1998, Statistics in Medicine 17:2635-2650, method 10.
        """
        z, n = find_quantile(confidence), self.n
        if not n:
            return None
        before, after = self.both + self.lost, self.both + self.gained
        p1, p2 = before / n, after / n
        one, two = _wilson(before, n, z), _wilson(after, n, z)
        product = before * (n - before) * after * (n - after)
        found = self.both * self.neither - self.lost * self.gained
        cross = max(0, 2 * found - n) / 2 if found > 0 else found  # with the continuity correction
        phi = cross / sqrt(product) if product else 0.0
        below1, above1, below2, above2 = p1 - one.low, one.high - p1, p2 - two.low, two.high - p2
        gap = (self.gained - self.lost) / n
        low = gap - sqrt(max(0.0, below2**2 - 2 * phi * below2 * above1 + above1**2))
        high = gap + sqrt(max(0.0, above2**2 - 2 * phi * above2 * below1 + below1**2))
        return Interval(max(-1.0, low), min(1.0, high))
