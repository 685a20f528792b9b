"""What a moment weighs: its severity, its age, and whether it was resolved."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from crmcore.model.moment import MomentOfTruth, Valence
from crmcore.primitives._decay import Decay
from crmcore.primitives._decimals import FINEST, ONE, WIDE
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.periods import in_utc


class Weighing:
    """Weighs moments under the policies of a balance, each to forty decimals and whatever came before it."""

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

    def weight(self, moment: MomentOfTruth) -> Decimal | None:
        """The weight of a moment, if it counts; None outside of the window."""
        weight = moment.severity
        if self._as_of is not None:
            at = moment.at
            age = self._as_of - (at if at.tzinfo is UTC else at.astimezone(UTC))
            if age.days < 0:
                raise InvalidValueError(
                    f"a moment lies after as_of, {show(at)} after {show(self._as_of)}; leave it out first",
                    at,
                    self._as_of,
                )
            if age.days > self._window:
                return None
            if self._decay is not None:
                left = self._decay.left(
                    (age.days * 86_400 + age.seconds) * 1_000_000
                    + age.microseconds  # quicker than dividing by a timedelta
                )
                weight = left if weight is ONE else WIDE.multiply(weight, left)
        if moment.resolved_at is not None and moment.valence is Valence.BAD and self._is_past(moment.resolved_at):
            weight = WIDE.multiply(weight, self._resolved_weight)
        return WIDE.quantize(weight, FINEST)

    def _is_past(self, instant: datetime) -> bool:
        """Whether something had happened by the day of reckoning: what came later must not change its balance."""
        return self._as_of is None or in_utc(instant) <= self._as_of
