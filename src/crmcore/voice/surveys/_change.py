"""Whether a score changed between two rounds, of other people or of the same people."""

from decimal import Decimal
from fractions import Fraction
from math import erfc, sqrt
from typing import Annotated, Final, Self

import attrs

from crmcore.model.survey import Scale
from crmcore.primitives import _bounds, checks
from crmcore.primitives._decimals import RATIO, ZERO, plain_repr
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, PolicyMismatchError, WrongTypeError
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.proportions import Interval, find_quantile
from crmcore.primitives.record import SUM, Kind, maybe_number, number

__all__ = ["ESTIMATE", "ScoreChange", "as_decimal", "check_one_scale"]

_LARGEST: Final = 1.7976931348623157e308
_FINEST: Final = 10**_bounds.MOST_DIGITS
_LEVEL: Final = 0.05
"""The level of the default interval, at which its answer and that of the p-value are compared."""


def as_decimal(fraction: Fraction) -> Decimal:
    """Return a fraction to 34 digits."""
    return RATIO.add(RATIO.divide(fraction.numerator, fraction.denominator), ZERO)


def check_one_scale(scale: Scale, other: Scale) -> None:
    """Refuse to compare answers on two scales."""
    if scale != other:
        raise PolicyMismatchError(
            "compared_on_two_scales",
            f"both must have the same scale to be compared, got {scale} and {other}",
            field="scale",
            operands=(scale, other),
        )


ESTIMATE: Final = Kind(checks.as_estimate, {"minimum": 0, "maximum": _bounds.LARGEST_FLOAT})
"""A float that is >= 0, such as a standard error."""


def _as_fraction(value: object, name: str) -> Fraction:
    if type(value) is not Fraction:
        raise WrongTypeError(
            "not_a_fraction", f"{name} must be a fractions.Fraction, got {show(value)}", **checks.at_fault(name)
        )
    if abs(value) > _bounds.LARGEST or value.denominator > _FINEST:
        raise InvalidValueError(
            "fraction_too_large_or_fine",
            f"{name} must be at most 10^30, with a denominator of at most 10^1000",
            **checks.at_fault(name),
        )
    return value


def _as_variance(value: object, name: str) -> Fraction:
    variance = _as_fraction(value, name)
    if variance < 0:
        raise InvalidValueError("variance_below_zero", f"{name} must be >= 0", **checks.at_fault(name))
    return variance


@attrs.frozen(kw_only=True)
class ScoreChange(Result):
    """The difference of a score between two rounds, and whether it can be chance.

    Examples:
        >>> from crmcore import Nps
        >>> spring = Nps(promoters=50, passives=30, detractors=20)
        >>> autumn = Nps(promoters=60, passives=25, detractors=15)
        >>> change = autumn.compared_to(spring)
        >>> change.difference, round(change.p_two_sided, 3)
        (Decimal('15'), 0.163)

    Fifteen points more from a hundred answers each can be chance. If the same people answered both times, count them
    with `NpsPanel`, which finds smaller differences. `z` is a normal approximation; with few answers, read `interval`.

    Attributes:
        difference: The later score minus the earlier one, in the unit of the score.
        standard_error: The standard error of the difference, in the same unit.
        adjusted_difference: The difference with a few answers more, in the middle of the interval, so that few answers
            that are alike have an interval with a width; None if the interval is that of the difference itself.
        adjusted_standard_error: The standard error with a few answers more; None without an adjusted difference.
    """

    ratios = ("z", "p_two_sided")

    difference: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)
    standard_error: Annotated[float, ESTIMATE]
    adjusted_difference: Annotated[Decimal, SUM] | None = attrs.field(
        default=None, converter=maybe_number, repr=plain_repr
    )
    adjusted_standard_error: Annotated[float, ESTIMATE] | None = None

    @classmethod
    def of(cls, difference: Fraction, variance: Fraction, adjusted: tuple[Fraction, Fraction] | None = None) -> Self:
        """Build it from an exact difference and its variance, and from those with a few answers more.

        Raises:
            InvalidValueError: A number above 10^30 in size, or a variance below 0.
        """
        found = _as_fraction(difference, "difference"), _as_variance(variance, "variance")
        more = None
        if adjusted is not None:
            one, other = checks.as_pair(adjusted, "adjusted", "a difference and its variance")
            more = _as_fraction(one, "adjusted[0]"), _as_variance(other, "adjusted[1]")
        return cls(
            difference=as_decimal(found[0]),
            standard_error=sqrt(found[1]),
            adjusted_difference=None if more is None else as_decimal(more[0]),
            adjusted_standard_error=None if more is None else sqrt(more[1]),
        )

    @property
    def z(self) -> float | None:
        """The difference in standard errors, at most the largest float; None if the standard error is 0."""
        if not self.standard_error:
            return None
        return max(-_LARGEST, min(float(self.difference) / self.standard_error, _LARGEST))

    @property
    def p_two_sided(self) -> float | None:
        """The probability of a difference at least as large, up or down, if there is none; None if `z` is None."""
        return None if self.z is None else erfc(abs(self.z) / sqrt(2))

    def interval(self, *, confidence: float = 0.95) -> Interval:
        """Return the interval of the difference: adjusted Wald if there is an adjusted difference, else Wald.

        Source: see `Nps.compared_to` and `NpsPanel.change`.
        """
        middle, error = self.adjusted_difference, self.adjusted_standard_error
        if middle is None or error is None:
            middle, error = self.difference, self.standard_error
        margin = find_quantile(confidence) * error
        return Interval(float(middle) - margin, float(middle) + margin)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you rely on it: that the p-value is not known, or says another thing than the interval.

        There is no p-value if all answers, or all changes, are alike. With few answers it can be below 0.05 although
        the interval of 95 per cent contains 0: only the interval has a few answers more.
        """
        if self.standard_error:
            return self._warn_of_few_answers()
        return (
            Finding(
                rule="change_without_spread",
                severity=Severity.WARNING,
                subject="standard_error",
                message="all answers of a round, or all changes, are alike, so their spread is not known",
                advice="do not take the difference for certain; ask more people",
            ),
        )

    def _warn_of_few_answers(self) -> tuple[Finding, ...]:
        if self.adjusted_difference is None or self.p_two_sided is None:
            return ()
        if (self.p_two_sided < _LEVEL) is (0 not in self.interval(confidence=1 - _LEVEL)):
            return ()
        return (
            Finding(
                rule="few_answers",
                severity=Severity.WARNING,
                subject="p_two_sided",
                message="the p-value and the interval of 95 % do not agree whether there is a change",
                advice="believe the interval, which suits few answers better; ask more people",
                evidence=[("p_two_sided", f"{self.p_two_sided:.6g}")],
            ),
        )
