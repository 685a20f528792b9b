"""Contracts at a price for each unit of time, from a start to an end, with pauses."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Annotated

import attrs

from crmcore.model._history import check_is_unset, set_once
from crmcore.primitives import checks
from crmcore.primitives._monthly import per_month
from crmcore.primitives.checks import show
from crmcore.primitives.errors import IllegalTransitionError, InvalidValueError
from crmcore.primitives.ids import Id
from crmcore.primitives.money import NON_NEGATIVE, Money, build_money
from crmcore.primitives.periods import Period, by_utc, in_utc
from crmcore.primitives.rates import TimeUnit
from crmcore.primitives.record import Record, at_least, several

__all__ = ["Subscription"]


@attrs.frozen(kw_only=True)
class Subscription(Record):
    """A contract in which a customer pays a price for each billing period, until it ends.

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
        price: The price of one billing period, >= 0.
        every: The unit of time of the billing period.
        started: The first instant of the subscription.
        ended: The first instant after the subscription; None if it has not been ended. It may lie in the future. It is
            `started` if the customer joined and left on one day, and only days are known.
        id: The id of the subscription; a customer may have several subscriptions.
        pauses: When the subscription is suspended: within its start and end, without overlap; kept in order of time.
        paused_since: Since when the subscription is suspended until further notice; after all `pauses`.
        interval: The number of units in a billing period: 6 with a month for every six months.

    Raises:
        InvalidValueError: The end is before the start, or a pause overlaps another or is outside the subscription.
    """

    _ruled = frozenset({"ended", "pauses", "paused_since"})

    customer_id: Id
    price: Annotated[Money, NON_NEGATIVE]
    every: TimeUnit
    started: datetime = attrs.field(eq=by_utc)
    ended: datetime | None = attrs.field(default=None, eq=by_utc)
    id: Id | None = None
    pauses: tuple[Period, ...] = attrs.field(default=(), converter=several)
    paused_since: datetime | None = attrs.field(default=None, eq=by_utc)
    interval: Annotated[int, at_least(1)] = 1

    def _check(self) -> None:
        super()._check()
        start = in_utc(self.started)
        end = None if self.ended is None else in_utc(self.ended)
        if end is not None and end < start:
            raise InvalidValueError(
                "ended_before_it_started",
                f"ended must not be before started, got {show(self.ended)} and {show(self.started)}",
                field="ended",
                operands=(self.ended, self.started),
            )
        for place, pause in enumerate(self.pauses):
            if in_utc(pause.start) < start or (end is not None and in_utc(pause.end) > end):
                raise InvalidValueError(
                    "pause_outside_the_subscription",
                    f"pauses must be within the subscription, got {pause}",
                    field="pauses",
                    record=place,
                    operands=(pause,),
                )
        self._sort_pauses()
        since = None if self.paused_since is None else in_utc(self.paused_since)
        if since is not None and (
            since < start or (end is not None and since >= end) or any(in_utc(p.end) > since for p in self.pauses)
        ):
            raise InvalidValueError(
                "open_pause_outside_the_subscription",
                f"paused_since must be within the subscription and after all pauses, got {show(self.paused_since)}",
                field="paused_since",
                operands=(self.paused_since,),
            )

    def _sort_pauses(self) -> None:
        places = sorted(range(len(self.pauses)), key=lambda place: in_utc(self.pauses[place].start))
        for place, following in pairwise(places):
            one, other = self.pauses[place], self.pauses[following]
            if one.overlaps(other):
                raise InvalidValueError(
                    "overlapping_pauses",
                    f"pauses must not overlap, got {one} and {other}",
                    field="pauses",
                    record=following,
                    operands=(one, other),
                )
        checks.set_field(self, "pauses", tuple(self.pauses[place] for place in places))

    @property
    def monthly_price(self) -> Money:
        """The price converted to a month: a quarter has 3 months, a year 12 months or 365 days, and a week 7 days.

        It has at most 40 decimals.

        Examples:
            >>> from crmcore import Money, Subscription, TimeUnit, instant
            >>> Subscription(
            ...     customer_id=7, price=Money(600, "USD"), every=TimeUnit.YEAR, started=instant("2026-01-01")
            ... ).monthly_price
            Money('50', 'USD')
        """
        price = self.price
        return build_money(per_month(price.amount, self.every, self.interval), price.currency)

    def is_active(self, moment: datetime, /) -> bool:
        """Return whether the subscription runs at an instant: it has started, has not ended and is not paused."""
        at = in_utc(checks.as_instant(moment, "moment"))
        if at < in_utc(self.started) or (self.ended is not None and at >= in_utc(self.ended)):
            return False
        if self.paused_since is not None and at >= in_utc(self.paused_since):
            return False
        return not any(moment in pause for pause in self.pauses)

    def paused(self, at: datetime, /) -> Subscription:
        """Return the subscription as suspended until further notice.

        Raises:
            IllegalTransitionError: The subscription is already suspended until further notice.
        """
        return set_once(self, "paused_since", at)

    def resumed(self, at: datetime, /) -> Subscription:
        """Return the subscription with the end of its open pause, at which it runs again.

        Raises:
            IllegalTransitionError: The subscription is not suspended until further notice.
        """
        if self.paused_since is None:
            raise IllegalTransitionError(
                "not_paused", "paused_since must be given before the subscription can be resumed", field="paused_since"
            )
        pause = Period(self.paused_since, at)
        return attrs.evolve(self, pauses=(*self.pauses, pause), paused_since=None)

    def cancelled(self, at: datetime, /) -> Subscription:
        """Return the subscription with an end. A later pause is removed, and a pause that has begun ends with it.

        An end that lies later is brought forward, as when a customer cancels for the end of the paid term and then at
        once.

        Raises:
            IllegalTransitionError: The subscription has ended by then.
        """
        end = in_utc(checks.as_instant(at, "at"))
        if self.ended is not None and in_utc(self.ended) <= end:
            check_is_unset(self, "ended")
        pauses = [
            pause if in_utc(pause.end) <= end else Period(pause.start, at)
            for pause in self.pauses
            if in_utc(pause.start) < end
        ]
        since = self.paused_since
        open_pause = since if since is not None and in_utc(since) < end else None
        return attrs.evolve(self, ended=at, pauses=pauses, paused_since=open_pause)
