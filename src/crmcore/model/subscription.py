"""Contracts at a price for each unit of time, from a start to an end, with pauses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import cast

import attrs

from crmcore.primitives import checks, money
from crmcore.primitives.checks import show
from crmcore.primitives.errors import IllegalTransitionError, InvalidValueError
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.money import Money
from crmcore.primitives.periods import Period, by_utc, in_utc
from crmcore.primitives.rates import TimeUnit

__all__ = ["Subscription"]


def _accept_pauses(pauses: Iterable[Period]) -> tuple[Period, ...]:
    return cast("tuple[Period, ...]", pauses)  # for type checkers; __attrs_post_init__ converts


@attrs.frozen(kw_only=True)
class Subscription:
    """A contract in which a customer pays a price for each unit of time, until it ends.

    Examples:
        >>> from crmcore import Money, Subscription, TimeUnit, instant
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
        customer_id: The customer who pays.
        price: The price of one unit of time, >= 0.
        every: The unit of time.
        started: The first instant of the subscription.
        ended: The first instant after the subscription; None if it has not been ended.
        id: The id of the subscription; a customer may have several subscriptions.
        pauses: When the subscription is suspended: within its start and end, without overlap; kept in order of time.

    Raises:
        InvalidValueError: The end is not after the start, or a pause overlaps another or is outside the subscription.
    """

    customer_id: Id
    price: Money
    every: TimeUnit
    started: datetime = attrs.field(eq=by_utc)
    ended: datetime | None = attrs.field(default=None, eq=by_utc)
    id: Id | None = None
    pauses: tuple[Period, ...] = attrs.field(default=(), converter=_accept_pauses)

    def __attrs_post_init__(self) -> None:
        check_id(self.customer_id, "customer_id", required=True)
        check_id(self.id, "id")
        money.as_non_negative(self.price, "price")
        checks.as_member(self.every, TimeUnit, "every")
        start = in_utc(checks.as_instant(self.started, "started"))
        end = None if self.ended is None else in_utc(checks.as_instant(self.ended, "ended"))
        if end is not None and end <= start:
            raise InvalidValueError(
                f"ended must be after started, got {show(self.ended)} and {show(self.started)}",
                self.ended,
                self.started,
            )
        pauses = sorted(checks.as_tuple(self.pauses, Period, "pauses"), key=lambda pause: in_utc(pause.start))
        checks.set_field(self, "pauses", tuple(pauses))
        for pause in pauses:
            if in_utc(pause.start) < start or (end is not None and in_utc(pause.end) > end):
                raise InvalidValueError(f"pauses must be within the subscription, got {pause}", str(pause))
        for pause, following in pairwise(pauses):
            if pause.overlaps(following):
                raise InvalidValueError(
                    f"pauses must not overlap, got {pause} and {following}", str(pause), str(following)
                )

    def is_active(self, moment: datetime, /) -> bool:
        """Return whether the subscription runs at an instant: it has started, has not ended and is not paused."""
        at = in_utc(checks.as_instant(moment, "moment"))
        if at < in_utc(self.started) or (self.ended is not None and at >= in_utc(self.ended)):
            return False
        return not any(moment in pause for pause in self.pauses)

    def cancelled(self, at: datetime, /) -> Subscription:
        """Return the subscription with an end. A later pause is removed, and a pause that has begun ends with it.

        Raises:
            IllegalTransitionError: The subscription already has an end.
        """
        if self.ended is not None:
            raise IllegalTransitionError(
                f"ended is already {show(self.ended)}; to correct it, use attrs.evolve(..., ended=...)", self.ended
            )
        end = in_utc(checks.as_instant(at, "at"))
        pauses = [
            pause if in_utc(pause.end) <= end else Period(pause.start, at)
            for pause in self.pauses
            if in_utc(pause.start) < end
        ]
        return attrs.evolve(self, ended=at, pauses=pauses)
