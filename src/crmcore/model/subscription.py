"""Subscriptions: a price per unit of time, from a start to an end, with pauses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import IllegalTransitionError, InvalidValueError
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.money import Money
from crmcore.primitives.periods import Period, by_utc, elapsed, in_utc
from crmcore.primitives.rates import TimeUnit

__all__ = ["Subscription"]


def _periods(periods: Iterable[Period]) -> tuple[Period, ...]:
    return cast("tuple[Period, ...]", periods)


@attrs.frozen(kw_only=True)
class Subscription:
    """A customer pays a price for every unit of time, until it ends.

    Examples:
        >>> from crmcore import instant
        >>> plan = Subscription(
        ...     customer_id=7,
        ...     price=Money(20, "EUR"),
        ...     every=TimeUnit.MONTH,
        ...     started=instant("2026-01-01"),
        ...     ended=instant("2026-07-01"),
        ... )
        >>> plan.is_active(instant("2026-06-30T23:59")), plan.is_active(instant("2026-07-01"))
        (True, False)

    Attributes:
        customer_id: Who pays.
        price: What each unit of time costs, nought or more.
        every: The unit of time.
        started: The first instant of it.
        ended: The first instant after it; None while it runs.
        id: The subscription's own id: a customer may have several.
        pauses: When it rested, within start and end, in order of time, apart from one another.

    Raises:
        InvalidValueError: It ends before it starts, a price below nought, pauses that overlap or lie outside it.
        NaiveInstantError: An instant has no time zone.
        WrongTypeError: A value of the wrong type.
    """

    customer_id: Id
    price: Money
    every: TimeUnit
    started: datetime = attrs.field(eq=by_utc)
    ended: datetime | None = attrs.field(default=None, eq=by_utc)
    id: Id | None = None
    pauses: tuple[Period, ...] = attrs.field(default=(), converter=_periods)

    def __attrs_post_init__(self) -> None:
        check_id(self.customer_id, "customer_id", required=True)
        check_id(self.id, "id")
        if checks.as_instance(self.price, Money, "price").amount < 0:
            raise InvalidValueError(f"price must be >= 0, got {self.price}", self.price)
        checks.as_member(self.every, TimeUnit, "every")
        start = in_utc(checks.as_instant(self.started, "started"))
        end = None if self.ended is None else in_utc(checks.as_instant(self.ended, "ended"))
        if end is not None and end <= start:
            raise InvalidValueError(
                f"ended must lie after started, got {show(self.ended)} and {show(self.started)}",
                self.ended,
                self.started,
            )
        pauses = sorted(checks.as_tuple(self.pauses, Period, "pauses"), key=lambda pause: in_utc(pause.start))
        checks.set_field(self, "pauses", tuple(pauses))
        for pause in pauses:
            if in_utc(pause.start) < start or (end is not None and in_utc(pause.end) > end):
                raise InvalidValueError(f"pauses must lie within the subscription, got {pause}", str(pause))
        for one, other in pairwise(pauses):
            if one.overlaps(other):
                raise InvalidValueError(f"pauses must not overlap, got {one} and {other}", str(one), str(other))

    def is_active(self, moment: datetime, /) -> bool:
        """Whether it runs at an instant: started, not ended and not resting."""
        at = in_utc(checks.as_instant(moment, "moment"))
        if at < in_utc(self.started) or (self.ended is not None and at >= in_utc(self.ended)):
            return False
        return not any(moment in pause for pause in self.pauses)

    def cancelled(self, at: datetime, /) -> Subscription:
        """The same, ended at an instant; pauses that have not begun by then fall away, one that has is cut short.

        Raises:
            IllegalTransitionError: It has ended already.
            InvalidValueError: It had not started by then.
        """
        if self.ended is not None:
            raise IllegalTransitionError(
                f"the subscription ended at {show(self.ended)} and cannot end again", self.ended
            )
        end = in_utc(checks.as_instant(at, "at"))
        pauses = [
            pause if in_utc(pause.end) <= end else Period(pause.start, at)
            for pause in self.pauses
            if elapsed(pause.start, at).total_seconds() > 0
        ]
        return attrs.evolve(self, ended=at, pauses=pauses)
