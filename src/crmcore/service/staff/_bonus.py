"""What a good experience of customers brings the employees."""

from decimal import Decimal
from typing import Annotated

import attrs

from crmcore.primitives._decimals import EXACT, ONE, ZERO, plain_repr, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.money import NON_NEGATIVE, Money, round_money
from crmcore.primitives.record import EXACT as EXACT_NUMBER, maybe_number, number

__all__ = ["Bonus"]


@attrs.frozen(kw_only=True)
class Bonus(Result):
    """Bonus pool that follows a score of the customers' experience: nothing up to a threshold, all of it at a target.

    Examples:
        >>> from crmcore import Bonus, Money
        >>> pool = Bonus(experience=42, threshold=30, target=50, full=Money(10_000, "EUR"))
        >>> print(pool.explain())
        experience      42
        threshold       30
        target          50
        full         10000  EUR
        share          0.6       = (experience - threshold) / (target - threshold)
        value       6000.0  EUR  = share * full
        >>> pool.value.allocate([2, 1])
        (Money('4000.00', 'EUR'), Money('2000.00', 'EUR'))

    The share runs in a straight line in between, and stays 0 below the threshold and 1 above the target. Give a score
    that customers state, such as a Net Promoter Score, and say how it was asked: what brings pay is easily embellished.

    Attributes:
        experience: The score; None if it is unknown.
        threshold: The score up to which there is no bonus.
        target: The score from which on the bonus is full, > `threshold`.
        full: The full bonus, >= 0.

    Raises:
        InvalidValueError: The target is not above the threshold.

    Source: the linear payout between threshold and target of common incentive plans; the link itself is an idea of the
    source articles, see why.md.
    """

    ratios = ("share", "value")

    experience: Annotated[Decimal, EXACT_NUMBER] | None = attrs.field(
        default=None, converter=maybe_number, repr=plain_repr
    )
    threshold: Annotated[Decimal, EXACT_NUMBER] = attrs.field(converter=number, repr=plain_repr)
    target: Annotated[Decimal, EXACT_NUMBER] = attrs.field(converter=number, repr=plain_repr)
    full: Annotated[Money, NON_NEGATIVE]

    def _check(self) -> None:
        super()._check()
        if self.target <= self.threshold:
            raise InvalidValueError(
                "target_not_above_threshold",
                f"target must be > threshold, got {show(self.target)} and {show(self.threshold)}",
                field="target",
                operands=(self.target, self.threshold),
            )

    @property
    def share(self) -> Decimal | None:
        """The share of the full bonus, from 0 to 1; None if the score is unknown."""
        if self.experience is None:
            return None
        above = EXACT.subtract(self.experience, self.threshold)
        share = ratio(above, EXACT.subtract(self.target, self.threshold)) or ZERO
        return EXACT.min(ONE, EXACT.max(ZERO, share))

    @property
    def value(self) -> Money | None:
        """The bonus, ``share * full``; None if the score is unknown."""
        share = self.share
        return None if share is None else round_money(EXACT.multiply(share, self.full.amount), self.full.currency)

    def explain(self) -> Explanation:
        """Return how the bonus comes about, line by line."""
        line = "(experience - threshold) / (target - threshold)"
        known = self.experience is not None
        if self.experience is not None and not self.threshold <= self.experience <= self.target:
            line = f"max(0, min(1, {line}))"
        return Explanation(
            (
                term("experience", self.experience),
                term("threshold", self.threshold),
                term("target", self.target),
                term("full", self.full),
                term("share", self.share, "", line if known else ""),
                term("value", self.value, "", "share * full" if known else ""),
            )
        )
