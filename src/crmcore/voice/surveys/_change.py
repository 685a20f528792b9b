"""Whether a score changed between two rounds, of other people or of the same people."""

from decimal import Decimal
from fractions import Fraction
from math import erfc, inf, sqrt
from typing import Annotated, Final, Self

import attrs

from crmcore.model.survey import Scale
from crmcore.primitives import checks
from crmcore.primitives._decimals import RATIO, ZERO, plain_repr
from crmcore.primitives._results import Result
from crmcore.primitives.checks import describe, show
from crmcore.primitives.errors import InvalidValueError, PolicyMismatchError, WrongTypeError
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.proportions import Interval, find_quantile
from crmcore.primitives.record import SUM, Kind, maybe_number, number

__all__ = ["ESTIMATE", "ScoreChange", "as_decimal", "check_one_scale"]

_LARGEST: Final = 1.7976931348623157e308


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


def _as_estimate(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, float | int):
        raise WrongTypeError(
            "estimate_not_a_float", f"{name} must be a float, got {describe(value)}", **checks.at_fault(name)
        )
    if not 0 <= value < inf:
        raise InvalidValueError(
            "not_an_estimate",
            f"{name} must be finite and >= 0, got {show(value)}",
            **checks.at_fault(name),
            operands=(value,),
        )
    return float(value)


ESTIMATE: Final = Kind(_as_estimate, {"minimum": 0})
"""A float that is >= 0, such as a standard error."""


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
        """Build it from an exact difference and its variance, and from those with a few answers more."""
        return cls(
            difference=as_decimal(difference),
            standard_error=sqrt(variance),
            adjusted_difference=None if adjusted is None else as_decimal(adjusted[0]),
            adjusted_standard_error=None if adjusted is None else sqrt(adjusted[1]),
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
        """What to know before you rely on it: that all answers, or all changes, are alike, so there is no p-value."""
        if self.standard_error:
            return ()
        return (
            Finding(
                rule="change_without_spread",
                severity=Severity.WARNING,
                subject="standard_error",
                message="all answers of a round, or all changes, are alike, so their spread is not known",
                advice="do not take the difference for certain; ask more people",
            ),
        )
