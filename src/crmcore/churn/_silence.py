"""Who has fallen silent: customers without a contract, by how long ago they last bought."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

import attrs

from crmcore.model._ids import Id, two_keys
from crmcore.model.purchase import Purchase
from crmcore.primitives import _entry
from crmcore.primitives._decimals import ratio
from crmcore.primitives._entry import shown
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation
from crmcore.primitives.periods import UTC, by_utc, in_utc
from crmcore.primitives.tally import POLICY, Tally, TallyBy, days, settle_counts, term

__all__ = ["Activeness", "Inactivity", "status_of"]

_K = TypeVar("_K", bound=Hashable)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Activeness(StrEnum):
    """Whether a customer without a contract still buys, judged by his silence.

    Attributes:
        ACTIVE: He bought a short while ago.
        AT_RISK: He has been silent for longer than active customers are.
        CHURNED: He has been silent for so long that he counts as gone.
    """

    ACTIVE = "active"
    AT_RISK = "at_risk"
    CHURNED = "churned"


@attrs.frozen(kw_only=True)
class Inactivity(Tally):
    """Adds over disjoint customers judged on one day: who still buys, who is at risk, who has fallen silent.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import Money, instant
        >>> purchases = [
        ...     Purchase(customer_id=who, at=instant(day), amount=Money(10, "USD"))
        ...     for who, day in [("a", "1997-01-05"), ("b", "1998-05-01"), ("a", "1997-03-01"), ("c", "1997-02-02")]
        ... ]
        >>> silence = Inactivity.of(purchases, as_of=instant("1998-06-30"), churned_after=timedelta(days=180))
        >>> silence.active, silence.churned, silence.rate
        (1, 2, Decimal('0.6666666666666666666666666666666667'))

    The silence that counts as gone is a choice, never a fact: state it with the result. Those who bought once and never
    again are among the silent. A refund is no sign of life: one whose records hold purchases is judged by those, one
    known by refunds alone by the last of them. Whoever never bought is in no purchase and so in no count. Silence is
    elapsed time, to the second; a day counts whole when judged at its end, ``Period.day(day, tz=...).end``.

    Attributes:
        active: Customers whose silence is shorter than both limits.
        at_risk: Customers silent for `at_risk_after` or longer, not yet for `churned_after`.
        churned: Customers silent for `churned_after` or longer.
        as_of: The day of judgement.
        churned_after: The silence from which a customer counts as gone.
        at_risk_after: The silence from which a customer counts as at risk.

    Source: a custom of retail analytics, no theorem; both limits hold from equality on.
    """

    ratios = ("customers", "rate")

    active: int = 0
    at_risk: int = 0
    churned: int = 0
    as_of: datetime | None = attrs.field(default=None, eq=by_utc, metadata=POLICY)
    churned_after: timedelta | None = attrs.field(default=None, metadata=POLICY)
    at_risk_after: timedelta | None = attrs.field(default=None, metadata=POLICY)

    def __attrs_post_init__(self) -> None:
        settle_counts(self, "active", "at_risk", "churned")
        if self.as_of is not None:
            _entry.instant(self.as_of, "as_of")
        for name in ("churned_after", "at_risk_after"):
            if getattr(self, name) is not None:
                _entry.positive_duration(getattr(self, name), name)
        if self.churned_after is not None and self.at_risk_after is not None:
            _in_order(self.churned_after, self.at_risk_after)

    @staticmethod
    def of(
        purchases: Iterable[Purchase],
        /,
        *,
        as_of: datetime,
        churned_after: timedelta,
        at_risk_after: timedelta | None = None,
    ) -> Inactivity:
        """Judge every customer by his last purchase, in one pass and any order.

        Args:
            purchases: All purchases of the customers in question.
            as_of: The day of judgement; a purchase after it is an error.
            churned_after: The silence from which a customer counts as gone.
            at_risk_after: The shorter silence from which he counts as at risk; without it nobody does.

        Raises:
            InvalidValueError: A purchase lies after `as_of`, or `at_risk_after` is not below `churned_after`.
            NaiveInstantError: `as_of` has no time zone.
            WrongTypeError: An item is no `Purchase`, or a value has the wrong type.
        """
        statuses = status_of(purchases, as_of=as_of, churned_after=churned_after, at_risk_after=at_risk_after)
        return _tallied(statuses.values(), as_of, churned_after, at_risk_after)

    @staticmethod
    def by(
        purchases: Iterable[Purchase],
        key: Callable[[Purchase], _K],
        /,
        *,
        as_of: datetime,
        churned_after: timedelta,
        at_risk_after: timedelta | None = None,
    ) -> TallyBy[_K, Inactivity]:
        """Judge as `of` does, apart by a key that is the same for all purchases of a customer.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import Money, instant
            >>> segment = {"a": "gift", "b": "regular"}
            >>> purchases = [
            ...     Purchase(customer_id=who, at=instant(day), amount=Money(10, "USD"))
            ...     for who, day in [("a", "1997-01-05"), ("b", "1998-05-01")]
            ... ]
            >>> by = Inactivity.by(
            ...     purchases,
            ...     lambda p: segment[p.customer_id],
            ...     as_of=instant("1998-06-30"),
            ...     churned_after=timedelta(days=180),
            ... )
            >>> {name: silence.rate for name, silence in by.items()}
            {'gift': Decimal('1'), 'regular': Decimal('0')}

        Raises:
            InconsistentCountsError: A customer has purchases under two keys and would count twice.
            InvalidValueError: As for `of`.
            WrongTypeError: As for `of`.
        """
        groups: dict[Id, _K] = {}
        statuses = status_of(
            _grouped(purchases, key, groups), as_of=as_of, churned_after=churned_after, at_risk_after=at_risk_after
        )
        members: dict[_K, list[Activeness]] = {}
        for customer_id, group in groups.items():
            members.setdefault(group, []).append(statuses[customer_id])
        return TallyBy(
            {group: _tallied(found, as_of, churned_after, at_risk_after) for group, found in members.items()}
        )

    @property
    def customers(self) -> int:
        """Everybody judged."""
        return self.active + self.at_risk + self.churned

    @property
    def rate(self) -> Decimal | None:
        """The share of customers gone silent, ``churned / customers``; None of nobody."""
        return ratio(self.churned, self.customers)

    def explain(self) -> Explanation:
        """How the rate comes about, line by line."""
        limits = [
            days(name, getattr(self, name), self.as_of)
            for name in ("at_risk_after", "churned_after")
            if getattr(self, name) is not None
        ]
        return Explanation(
            (
                *limits,
                term("active", self.active, "customers"),
                term("at_risk", self.at_risk, "customers"),
                term("churned", self.churned, "customers"),
                term("customers", self.customers, "customers", "active + at_risk + churned"),
                term("rate", self.rate, "", "churned / customers"),
            )
        )


def status_of(
    purchases: Iterable[Purchase],
    /,
    *,
    as_of: datetime,
    churned_after: timedelta,
    at_risk_after: timedelta | None = None,
) -> dict[Id, Activeness]:
    """Each customer's activeness, judged by his last purchase; arguments and errors as for `Inactivity.of`.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import Money, instant
        >>> bought = Purchase(customer_id="a", at=instant("2026-01-01"), amount=Money(10, "USD"))
        >>> status_of(
        ...     [bought],
        ...     as_of=instant("2026-03-01"),
        ...     churned_after=timedelta(days=60),
        ...     at_risk_after=timedelta(days=30),
        ... )
        {'a': <Activeness.AT_RISK: 'at_risk'>}
    """
    day = in_utc(_entry.instant(as_of, "as_of"))
    gone = _entry.positive_duration(churned_after, "churned_after")
    risk = gone if at_risk_after is None else _entry.positive_duration(at_risk_after, "at_risk_after")
    if at_risk_after is not None:
        _in_order(gone, risk)
    statuses: dict[Id, Activeness] = {}
    for customer_id, last in _last_purchases(purchases).items():
        silence = day - last
        if silence < timedelta(0):
            raise InvalidValueError(
                f"a purchase lies after as_of, {shown(last)} after {shown(day)}; "
                f"leave it out, or judge at the end of the day with Period.day(day, tz=...).end",
                last,
                day,
            )
        if silence >= gone:
            statuses[customer_id] = Activeness.CHURNED
        elif silence >= risk:
            statuses[customer_id] = Activeness.AT_RISK
        else:
            statuses[customer_id] = Activeness.ACTIVE
    return statuses


def _last_purchases(purchases: Iterable[Purchase]) -> dict[Id, datetime]:
    """When each customer last bought, or, known by refunds alone, was last paid back."""
    bought: dict[Id, datetime] = {}
    refunded: dict[Id, datetime] = {}
    for purchase in _entry.each(purchases, "purchases", "Purchase"):
        if not isinstance(purchase, Purchase):
            _entry.of_type(purchase, Purchase, "every item")
        who, at = purchase.customer_id, in_utc(purchase.at)
        if purchase.amount.amount < 0:
            bought.setdefault(who, _NEVER)
            refunded[who] = max(at, refunded.get(who, at))
        elif at > bought.get(who, _NEVER):
            bought[who] = at
    return {who: refunded[who] if at is _NEVER else at for who, at in bought.items()}


def _grouped(purchases: Iterable[Purchase], key: Callable[[Purchase], _K], groups: dict[Id, _K]) -> Iterable[Purchase]:
    """Pass the purchases on, noting the group of each customer."""
    _entry.function(key, "key", "lambda purchase: segment_of[purchase.customer_id]")
    for purchase in _entry.each(purchases, "purchases", "Purchase"):
        group = key(_entry.of_type(purchase, Purchase, "every item"))
        if groups.setdefault(purchase.customer_id, group) != group:
            raise two_keys("purchase", groups[purchase.customer_id], group)
        yield purchase


def _tallied(
    statuses: Iterable[Activeness], as_of: datetime, churned_after: timedelta, at_risk_after: timedelta | None
) -> Inactivity:
    found = list(statuses)
    return Inactivity(
        active=found.count(Activeness.ACTIVE),
        at_risk=found.count(Activeness.AT_RISK),
        churned=found.count(Activeness.CHURNED),
        as_of=as_of,
        churned_after=churned_after,
        at_risk_after=at_risk_after,
    )


def _in_order(churned_after: timedelta, at_risk_after: timedelta) -> None:
    if at_risk_after >= churned_after:
        raise InvalidValueError(
            f"at_risk_after must be shorter than churned_after, got {shown(at_risk_after)} and {shown(churned_after)}",
            at_risk_after,
            churned_after,
        )
