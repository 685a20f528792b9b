"""How many customers must answer, and how exact a share of so many answers is."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from math import ceil, sqrt
from typing import Annotated

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import WIDE
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.proportions import find_quantile
from crmcore.voice.surveys._change import ESTIMATE
from crmcore.voice.surveys._nps import Nps

__all__ = ["SampleSize", "krejcie_morgan", "margin_of_error", "nps_sample_size", "sample_size"]


@attrs.frozen(kw_only=True)
class SampleSize(Result):
    """How many answers are needed.

    Examples:
        >>> from crmcore import surveys
        >>> surveys.sample_size(margin="0.05").n
        385

    Attributes:
        n: The number of answers, a whole number.
        raw: The result of the formula before it was rounded.
    """

    n: int
    raw: Annotated[float, ESTIMATE]


def sample_size(
    *,
    margin: Decimal | int | str | float,
    confidence: float = 0.95,
    share: Decimal | int | str | float = "0.5",
    population: int | None = None,
) -> SampleSize:
    """Return how many answers make a share exact to a margin: the least whole number that does.

    ``z ** 2 * share * (1 - share) / margin ** 2``; of a known population, ``n / (1 + (n - 1) / population)``.

    Examples:
        >>> from crmcore import surveys
        >>> surveys.sample_size(margin="0.05", population=1000).n
        278

    Answers are not invitations: divide by the response rate that you expect.

    Args:
        margin: How far the share may be off, up or down, as a fraction: 5 per cent is ``"0.05"``.
        confidence: How often it is meant to be at most that far off.
        share: The expected share. The default needs the most answers.
        population: The number of all customers; None for a number so large that it does not matter.

    Raises:
        InvalidValueError: The margin or the share is 0 or 1.

    Source: Cochran 1977, Sampling Techniques, sections 4.4 and 4.5.
    """
    p = Fraction(_as_open_share(share, "share"))
    return _size(p * (1 - p), Fraction(_as_open_share(margin, "margin")), confidence, population)


def nps_sample_size(
    *,
    margin: Decimal | int | str,
    confidence: float = 0.95,
    like: Nps | None = None,
    population: int | None = None,
) -> SampleSize:
    """Return how many answers make a Net Promoter Score exact to a margin in points.

    Examples:
        >>> from crmcore import Nps, surveys
        >>> surveys.nps_sample_size(margin=5, like=Nps(promoters=50, passives=30, detractors=20)).n
        938
        >>> surveys.nps_sample_size(margin=5).n  # half promoters, half detractors: the worst case
        1537

    Args:
        margin: How far the score may be off, up or down, in points.
        confidence: How often it is meant to be at most that far off.
        like: An earlier round whose variance is expected again; None for the worst case.
        population: The number of all customers; None for a number so large that it does not matter.

    Raises:
        InvalidValueError: The margin is not above 0, or all answers of `like` are in one group, or it has none.

    Source: Cochran 1977 for the size; the variance is that of `Nps.variance`.
    """
    points = Fraction(checks.as_positive(margin, "margin"))
    variance = Fraction(1)
    if like is not None:
        checks.as_instance(like, Nps, "like")
        n = like.answered
        net = like.promoters - like.detractors
        variance = Fraction((like.promoters + like.detractors) * n - net**2, n * n) if n else Fraction(0)
        if not variance:
            raise InvalidValueError(
                "no_variance",
                "like must have answers in two groups at least",
                field="like",
                advice="leave it out for the worst case",
            )
    return _size(variance, points / 100, confidence, population)


def krejcie_morgan(
    population: int,
    /,
    *,
    margin: Decimal | int | str | float = "0.05",
    share: Decimal | int | str | float = "0.5",
    chi_square: Decimal | int | str = "3.841",
) -> SampleSize:
    """Return the sample size of Krejcie and Morgan's table, which rounds to the nearest whole number.

    So it is sometimes one less than `sample_size`, which never falls short of the margin.

    Examples:
        >>> from crmcore import surveys
        >>> surveys.krejcie_morgan(220).n, surveys.sample_size(margin="0.05", population=220).n
        (140, 141)

    Args:
        population: The number of all customers, >= 1.
        margin: How far the share may be off, as a fraction.
        share: The expected share.
        chi_square: The quantile of chi-square with one degree of freedom; 3.841 is that of 95 per cent.

    Source: Krejcie and Morgan 1970, Educational and Psychological Measurement 30:607-610.
    """
    people = checks.as_count(population, "population", least=1)
    p, d = (Fraction(_as_open_share(value, name)) for value, name in ((share, "share"), (margin, "margin")))
    spread = Fraction(checks.as_positive(chi_square, "chi_square")) * p * (1 - p)
    raw = spread * people / (d * d * (people - 1) + spread)
    nearest = WIDE.divide(raw.numerator, raw.denominator).quantize(Decimal(1), ROUND_HALF_EVEN, WIDE)
    return SampleSize(n=int(nearest), raw=float(raw))


def margin_of_error(successes: int, n: int, *, confidence: float = 0.95, population: int | None = None) -> float | None:
    """Return plus or minus how much a share of a sample is exact, or None if `n` is 0.

    Examples:
        >>> from crmcore import surveys
        >>> round(surveys.margin_of_error(50, 100), 4), surveys.margin_of_error(50, 100, population=100)
        (0.098, 0.0)

    It is half of the Wald interval. If the share is near 0 or 1, use `wilson`: the margin of 0 of 10 is 0.

    Args:
        successes: The number of successes.
        n: The number of answers.
        confidence: How often the share is meant to be at most that far off.
        population: The number of all customers; None for a number so large that it does not matter.

    Raises:
        InconsistentCountsError: There are more successes than answers, or more answers than customers.

    Source: Cochran 1977, Sampling Techniques, section 3.2.
    """
    successes, n = checks.as_count(successes, "successes"), checks.as_count(n, "n")
    z = find_quantile(confidence)
    for name, part, whole in (("successes", successes, n), ("n", n, population)):
        if whole is not None and part > checks.as_count(whole, "population"):
            raise InconsistentCountsError(
                "more_than_all",
                f"{name} must be at most {whole}, got {part}",
                field=name,
                operands=(part, whole),
            )
    if not n:
        return None
    variance = Fraction(successes * (n - successes), n**3)
    if population is not None and variance:
        variance *= Fraction(population - n, population - 1)
    return z * sqrt(variance)


def _as_open_share(value: object, name: str) -> Decimal:
    """Return a share that is neither 0 nor 1."""
    share = checks.as_share(value, name)
    if not 0 < share < 1:
        raise InvalidValueError(
            "share_at_its_end",
            f"{name} must lie between 0 and 1, got {show(share)}",
            field=name,
            operands=(share,),
        )
    return share


def _size(variance: Fraction, margin: Fraction, confidence: float, population: int | None) -> SampleSize:
    """Return the size from the variance of one answer and the margin, exactly but for the quantile."""
    raw = Fraction(find_quantile(confidence)) ** 2 * variance / margin**2
    if population is not None:
        raw /= 1 + (raw - 1) / checks.as_count(population, "population", least=1)
    return SampleSize(n=ceil(raw), raw=float(raw))
