"""Tests of a trend over ordered periods, and of a change of a whole distribution."""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import erfc, fsum, log, sqrt
from typing import Annotated, Final

import attrs

from crmcore.primitives import _bounds, checks
from crmcore.primitives._decimals import RATIO, plain_repr
from crmcore.primitives._results import Result
from crmcore.primitives.control_charts._points import VARIANCE, enumerate_all
from crmcore.primitives.control_charts._shares import read_pairs
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.proportions import chi_squared_tail
from crmcore.primitives.record import SUM, between, number, several

_LEAST_PERIODS = 3
_LEAST_EXPECTED = 5
_LARGEST: Final = _bounds.LARGEST_FLOAT
_SMALLEST: Final = 1 / _LARGEST
"""A variance and a statistic may be larger or smaller than a float can be."""


def _as_decimal(value: Fraction) -> Decimal:
    return RATIO.divide(Decimal(value.numerator), Decimal(value.denominator))


@attrs.frozen(kw_only=True)
class Trend(Result):
    """Whether values or shares rise or fall over the periods, and whether it can be chance.

    Examples:
        >>> from crmcore.primitives.control_charts import cochran_armitage
        >>> trend = cochran_armitage([(20, 200), (24, 200), (35, 200)])
        >>> round(trend.z, 3), round(trend.p_rise, 3), round(trend.p_two_sided, 3)
        (2.218, 0.013, 0.027)

    Attributes:
        statistic: The statistic of the test, > 0 for a rise.
        variance: Its variance if there is no trend.
        continuity: How far `z` moves the statistic towards 0, because it changes in steps: 0 or 1.
    """

    ratios = ("z", "p_rise", "p_two_sided")

    statistic: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)
    variance: Annotated[Decimal, VARIANCE] = attrs.field(converter=number, repr=plain_repr)
    continuity: Annotated[int, between(0, 1)] = 0

    @property
    def z(self) -> float | None:
        """The statistic in standard deviations, at most the largest float; 0 if the continuity takes all of it.

        None if the variance is 0.

        So it is 0 for values that are all alike, which rise as often as they fall; and None for shares that are all 0
        or all 1, as with `TwoProportions`, because then no spread is known.
        """
        distance = min(max(0.0, abs(float(self.statistic)) - self.continuity), _LARGEST)
        if not distance and self.continuity:
            return 0.0
        if not self.variance:
            return None
        spread = sqrt(self.variance) or _SMALLEST
        return min(max(-_LARGEST, (distance if self.statistic > 0 else -distance) / spread), _LARGEST)

    @property
    def p_rise(self) -> float | None:
        """The probability of a rise at least as clear if there is no trend; None if `z` is None."""
        return None if self.z is None else erfc(self.z / sqrt(2)) / 2

    @property
    def p_two_sided(self) -> float | None:
        """The probability of a trend at least as clear, up or down, if there is none; None if `z` is None."""
        return None if self.z is None else erfc(abs(self.z) / sqrt(2))


def cochran_armitage(
    periods: Iterable[tuple[int, int]], *, scores: Iterable[Decimal | int | str] | None = None
) -> Trend | None:
    """Test for a linear trend of a share over ordered periods. Return None for fewer than three periods with n > 0.

    The periods must consist of different people, each counted once.

    Args:
        periods: Successes and n of each period, in order.
        scores: The position of each period. By default 0, 1, 2 and so on.

    Raises:
        InvalidValueError: There are not as many scores as periods.

    Source: Cochran 1954, Biometrics 10:417-451; Armitage 1955, Biometrics 11:375-386.
    """
    pairs = read_pairs(periods)
    places = (
        [Fraction(place) for place in range(len(pairs))]
        if scores is None
        else [
            Fraction(checks.as_exact(score, f"scores[{place}]"))
            for place, score in enumerate_all(scores, "scores", "score")
        ]
    )
    if len(places) != len(pairs):
        raise InvalidValueError(
            "one_score_for_each_period",
            f"scores must be as many as periods, got {len(places)} and {len(pairs)}",
            field="scores",
            operands=(len(places), len(pairs)),
        )
    if sum(1 for _, n in pairs if n) < _LEAST_PERIODS:
        return None
    total = sum(n for _, n in pairs)
    share = Fraction(sum(x for x, _ in pairs), total)
    first = sum((score * n for score, (_, n) in zip(places, pairs, strict=True)), Fraction(0))
    second = sum((score * score * n for score, (_, n) in zip(places, pairs, strict=True)), Fraction(0))
    found = sum((score * x for score, (x, _) in zip(places, pairs, strict=True)), Fraction(0))
    return Trend(
        statistic=_as_decimal(found - share * first),
        variance=_as_decimal(share * (1 - share) * (second - first * first / total)),
    )


def mann_kendall(values: Iterable[Decimal | int | str]) -> Trend | None:
    """Test for a trend that need not be linear. Return None for fewer than three values.

    The statistic is the number of pairs that rise minus the number of pairs that fall. Ties are taken out of the
    variance. The values must be independent of one another but for the trend. `z` and its p-values are a normal
    approximation, which is rough for fewer than ten values.

    Examples:
        >>> from crmcore.primitives.control_charts import mann_kendall
        >>> trend = mann_kendall(["0.10", "0.11", "0.10", "0.13", "0.14", "0.13", "0.17"])
        >>> trend.statistic, round(trend.z, 3), round(trend.p_two_sided, 3)
        (Decimal('15'), 2.152, 0.031)

    Args:
        values: The values, in order.

    Source: Mann 1945, Econometrica 13:245-259; Kendall 1975, Rank Correlation Methods.
    """
    before: list[Decimal] = []
    rises = 0
    for place, given in enumerate_all(values, "values", "value"):
        value = checks.as_exact(given, f"values[{place}]")
        rises += bisect_left(before, value) - (len(before) - bisect_right(before, value))
        insort(before, value)
    n = len(before)
    if n < _LEAST_PERIODS:
        return None
    ties = sum(t * (t - 1) * (2 * t + 5) for t in Counter(before).values())
    variance = Fraction(n * (n - 1) * (2 * n + 5) - ties, 18)
    return Trend(statistic=Decimal(rises), variance=_as_decimal(variance), continuity=1)


@attrs.frozen(kw_only=True)
class Homogeneity(Result):
    """Whether two groups are spread over several levels alike, by the chi-square test.

    It looks for any difference. A change in one direction, such as more aggrieved, is found sooner by
    `two_proportions` or a chart of that share.

    Examples:
        >>> from crmcore.primitives.control_charts import homogeneity
        >>> test = homogeneity([120, 60, 20], [110, 55, 35])
        >>> round(float(test.statistic), 3), test.df, round(test.p_value, 3)
        (4.743, 2, 0.093)

    Attributes:
        statistic: The chi-square statistic, to 34 digits.
        df: The degrees of freedom: the number of levels with a count, minus 1. At most 100,000.
        cautions: What to know before you rely on it.
    """

    ratios = ("p_value",)

    statistic: Annotated[Decimal, VARIANCE] = attrs.field(converter=number, repr=plain_repr)
    df: Annotated[int, between(1, _bounds.MOST_MADE)]
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several, repr=False)

    @property
    def p_value(self) -> float:
        """The probability of a difference at least as large if there is none."""
        return chi_squared_tail(float(self.statistic), self.df)


def _read_groups(before: Iterable[int], after: Iterable[int]) -> list[tuple[int, int]]:
    """Return the two counts of each level that has any."""
    groups = [
        [checks.as_count(count, f"{name}[{place}]") for place, count in enumerate_all(counts, name, "count")]
        for name, counts in (("before", before), ("after", after))
    ]
    one, other = groups
    if len(one) != len(other):
        raise InvalidValueError(
            "groups_of_other_levels",
            f"before and after must have the same levels, got {len(one)} and {len(other)}",
            field="after",
            operands=(len(one), len(other)),
        )
    return [pair for pair in zip(one, other, strict=True) if any(pair)]


def homogeneity(before: Iterable[int], after: Iterable[int]) -> Homogeneity | None:
    """Compare how two groups are spread over levels. Return None if a group is empty or all are on one level.

    The groups must consist of different people, each counted once. A level without people is left out.

    Args:
        before: The number of people on each level in the first group.
        after: The same in the second group, the levels in the same order.

    Raises:
        InvalidValueError: The groups have different numbers of levels.

    Source: Pearson 1900; the chi-square test of homogeneity.
    """
    levels = _read_groups(before, after)
    n, m = (sum(counts) for counts in zip(*levels, strict=True)) if levels else (0, 0)
    if not n or not m or len(levels) < 2:
        return None
    # Of two groups, the sum of (O - E)^2 / E over both is (x m - y n)^2 / ((x + y) n m) for a level with x and y.
    statistic = sum((Fraction((x * m - y * n) ** 2, (x + y) * n * m) for x, y in levels), Fraction(0))
    least = min(Fraction((x + y) * min(n, m), n + m) for x, y in levels)
    cautions = () if least >= _LEAST_EXPECTED else (_warn(least),)
    return Homogeneity(statistic=_as_decimal(statistic), df=len(levels) - 1, cautions=cautions)


def _warn(least: Fraction) -> Finding:
    return Finding(
        rule="few_expected",
        severity=Severity.WARNING,
        subject="levels",
        message=f"fewer than {_LEAST_EXPECTED} are expected on a level, so the p-value is only rough",
        advice="join levels, or count a longer period",
        evidence=[("least expected", f"{float(least):.6g}")],
    )


def population_stability(before: Iterable[int], after: Iterable[int]) -> float | None:
    """Return the population stability index, ``sum((q - p) * ln(q / p))`` over the levels.

    It is None if a group is empty, or if a level has a share of 0 in one group only. A level without people is left
    out. The customary bounds 0.1 and 0.25 are no test: with few people, chance alone exceeds them.

    Examples:
        >>> from crmcore.primitives.control_charts import population_stability
        >>> round(population_stability([120, 60, 20], [110, 55, 35]), 4)
        0.0485

    Args:
        before: The number of people on each level in the first group.
        after: The same in the second group, the levels in the same order.

    Raises:
        InvalidValueError: The groups have different numbers of levels.

    Source: Kullback and Leibler 1951, whose divergence it sums in both directions.
    """
    levels = _read_groups(before, after)
    if not levels or not all(x and y for x, y in levels):
        return None
    n, m = (sum(counts) for counts in zip(*levels, strict=True))
    return fsum((y / m - x / n) * log((y * n) / (x * m)) for x, y in levels)
