"""The weight of a moment: its severity, reduced by age and by resolution."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from crmcore.model.moment import MomentOfTruth, Valence
from crmcore.primitives import _clock
from crmcore.primitives._decay import Decay
from crmcore.primitives._decimals import FINEST, ONE, WIDE
from crmcore.primitives.periods import check_not_after, in_utc


class Weigher:
    """The policies of a balance, ready to weigh moments.

    A weight has forty decimals and does not depend on the moments weighed before.
    """

    __slots__ = ("_as_of", "_decay", "_resolved_weight", "_window")

    def __init__(
        self,
        *,
        as_of: datetime | None,
        window: timedelta | None,
        half_life: timedelta | None,
        resolved_weight: Decimal,
    ) -> None:
        self._as_of = None if as_of is None else in_utc(as_of)
        self._window = timedelta.max.days if window is None else window.days
        self._decay = None if half_life is None else Decay(half_life)
        self._resolved_weight = resolved_weight

    def weigh(self, moment: MomentOfTruth, chunk: list[MomentOfTruth], first: int) -> Decimal | None:
        """Return the weight of a moment, or None if it lies outside the window.

        Args:
            moment: The moment.
            chunk: Moments of the caller, this one among them, for the error.
            first: The place of the first of them.
        """
        age = None
        if self._as_of is not None:
            at = moment.at
            age = self._as_of - (at if at.tzinfo is UTC else at.astimezone(UTC))
            if age.days < 0:
                check_not_after(self._as_of, at, "moments", find_place(moment, chunk, first))
        is_resolved = (
            moment.resolved_at is not None and moment.valence is Valence.BAD and self._is_past(moment.resolved_at)
        )
        return self.weigh_at(age, moment.severity, is_resolved=is_resolved)

    def weigh_at(self, age: timedelta | None, severity: Decimal, *, is_resolved: bool) -> Decimal | None:
        """Return the weight of a moment, or None if it lies outside the window.

        Args:
            age: The time since then, >= 0; None if there is no reference date.
            severity: The severity.
            is_resolved: Whether it was bad and is resolved at the reference date.
        """
        weight = severity
        if age is not None:
            if age.days > self._window:
                return None
            if self._decay is not None:
                left = self._decay.share_left(_clock.microseconds(age))
                weight = left if weight is ONE else WIDE.multiply(weight, left)
        if is_resolved:
            weight = WIDE.multiply(weight, self._resolved_weight)
        return WIDE.quantize(weight, FINEST)

    def _is_past(self, instant: datetime) -> bool:
        """Whether an instant is not after the reference date; what happens later must not change the balance."""
        return self._as_of is None or in_utc(instant) <= self._as_of


def find_place(item: object, chunk: list[MomentOfTruth], first: int) -> int:
    """Return the place of an item of a chunk among all that the caller gave."""
    return next(place for place, moment in enumerate(chunk, first) if moment is item)
