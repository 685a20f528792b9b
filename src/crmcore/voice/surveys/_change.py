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
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, PolicyMismatchError, WrongTypeError
from crmcore.primitives.proportions import Interval, find_quantile
from crmcore.primitives.record import SUM, Kind, number

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
            "estimate_not_a_float", f"{name} must be a float, got {show(value)}", **checks.at_fault(name)
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
    with `NpsPanel`, which finds smaller differences.

    Attributes:
        difference: The later score minus the earlier one, in the unit of the score.
        standard_error: The standard error of the difference, in the same unit.
    """

    ratios = ("z", "p_two_sided")

    difference: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)
    standard_error: Annotated[float, ESTIMATE]

    @classmethod
    def of(cls, difference: Fraction, variance: Fraction) -> Self:
        """Build it from an exact difference and its variance."""
        return cls(difference=as_decimal(difference), standard_error=sqrt(variance))

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
        """Return the interval of the difference by the normal approximation."""
        margin = find_quantile(confidence) * self.standard_error
        return Interval(float(self.difference) - margin, float(self.difference) + margin)
