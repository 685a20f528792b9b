"""When each customer was there, and what that makes of him in a period.

A customer's spells are half-open, in UTC, in a flat sequence behind the group he is counted in: ``[group, from, until,
from, until, ...]``. They may overlap and touch; `merged` makes them disjoint.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

import attrs

from crmcore.model.purchase import Purchase
from crmcore.model.relationship import LifecycleStage, Relationship
from crmcore.model.subscription import Subscription
from crmcore.primitives import checks
from crmcore.primitives.grouping import two_groups
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import Period, in_utc

_K = TypeVar("_K", bound=Hashable)

People = dict[Id, Sequence[Any]]

_EVER: Final = datetime.min.replace(tzinfo=UTC)
_FOREVER: Final = datetime.max.replace(tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_SECONDS_A_DAY: Final = 86_400
_MICROSECONDS: Final = 1_000_000


def of_subscriptions(
    subscriptions: Iterable[Subscription], key: Callable[[Subscription], _K], *, paused_is_lost: bool
) -> People:
    """Each customer's spells, in one pass: from the start of each subscription to its end."""
    checks.as_instance(paused_is_lost, bool, "paused_is_lost")
    checks.check_callable(key, "key", "lambda subscription: segment_of[subscription.customer_id]")
    people: People = {}
    for one in checks.iterate(subscriptions, "subscriptions", "Subscription"):
        if type(one) is not Subscription:
            checks.as_instance(one, Subscription, "every item")
        who, group, start, end = one.customer_id, key(one), one.started, one.ended
        if start.tzinfo is not UTC:
            start = in_utc(start)
        if end is None:
            end = _FOREVER
        elif end.tzinfo is not UTC:
            end = in_utc(end)
        if paused_is_lost and one.pauses:
            _spells_of(people, who, group, "subscription").extend(_awake(one, start, end))
        elif who not in people:
            people[who] = (group, start, end)  # most have one, and a tuple of instants costs the collector nothing
        else:
            _spells_of(people, who, group, "subscription").extend((start, end))
    return people


def of_relationships(relationships: Iterable[Relationship], key: Callable[[Relationship], _K]) -> People:
    """Each customer's spells, in one pass: from the first stage of each episode to its dissolution."""
    checks.check_callable(key, "key", "lambda relationship: segment_of[relationship.customer_id]")
    people: People = {}
    for one in checks.iterate(relationships, "relationships", "Relationship"):
        checks.as_instance(one, Relationship, "every item")
        spells = _spells_of(people, one.customer_id, key(one), "relationship")
        since: datetime | None = None
        before = LifecycleStage.DISSOLUTION
        for stage, at in one.history:
            if stage is LifecycleStage.DISSOLUTION:
                spells.extend((since or _EVER, in_utc(at)))
            elif before is LifecycleStage.DISSOLUTION:
                since = in_utc(at)
            before = stage
        if before is not LifecycleStage.DISSOLUTION:
            spells.extend((since, _FOREVER))
    return people


def of_purchases(purchases: Iterable[Purchase], key: Callable[[Purchase], _K], churned_after: timedelta) -> People:
    """Each customer's spells, in one pass: from each purchase until the silence after it has lasted too long."""
    checks.as_duration(churned_after, "churned_after")
    checks.check_callable(key, "key", "lambda purchase: segment_of[purchase.customer_id]")
    people: People = {}
    for one in checks.iterate(purchases, "purchases", "Purchase"):
        if checks.as_instance(one, Purchase, "every item").amount.amount < 0:
            continue
        at = in_utc(one.at)
        until = at + churned_after if churned_after < _FOREVER - at else _FOREVER
        _spells_of(people, one.customer_id, key(one), "purchase").extend((at, until))
    return people


def _spells_of(people: People, who: Id, group: object, record: str) -> list[Any]:
    """The list to which a customer's spells are added; one customer has one group."""
    spells = people.get(who)
    if not isinstance(spells, list):
        spells = people[who] = [group] if spells is None else list(spells)
    if spells[0] != group:
        raise two_groups(spells[0], group, record)
    return spells


def _awake(subscription: Subscription, start: datetime, end: datetime) -> list[datetime]:
    """A subscription's spells, its pauses cut out."""
    spells = [start]
    for pause in subscription.pauses:
        spells += (in_utc(pause.start), in_utc(pause.end))
    spells.append(end)
    pairs = [(spells[place], spells[place + 1]) for place in range(0, len(spells), 2)]
    return [bound for pair in pairs if pair[0] < pair[1] for bound in pair]


def merged(spells: Sequence[Any]) -> list[tuple[datetime, datetime]]:
    """A customer's spells in order, without overlap and with a gap between each and the next."""
    apart: list[tuple[datetime, datetime]] = []
    for start, end in sorted(zip(spells[1::2], spells[2::2], strict=True)):
        if apart and start <= apart[-1][1]:
            if end > apart[-1][1]:
                apart[-1] = apart[-1][0], end
        else:
            apart.append((start, end))
    return apart


@attrs.define(eq=False)
class Movements:
    """What has been counted so far of one group; the time is kept in whole numbers until the end."""

    start: int = 0
    lost: int = 0
    joined: int = 0
    joined_and_lost: int = 0
    lost_and_returned: int = 0
    throughout: int = 0
    days: int = 0
    seconds: int = 0
    microseconds: int = 0

    def judge(self, spells: list[tuple[datetime, datetime]], opens: datetime, closes: datetime) -> None:
        """Count a customer with several spells, who may have come and gone more than once."""
        was_there = is_there = has_left = has_come = False
        for start, end in spells:
            if start >= closes or end < opens:
                continue
            if start < opens:
                was_there = True
            else:
                has_come = True
            if end < closes:
                has_left = True
            else:
                is_there = True
            self._expose(min(end, closes) - max(start, opens))
        self.start += was_there
        self.joined += has_come and not was_there
        self.lost += has_left
        self.joined_and_lost += has_left and not was_there and not is_there
        self.lost_and_returned += has_left and is_there

    def _expose(self, stay: timedelta) -> None:
        self.days += stay.days
        self.seconds += stay.seconds
        self.microseconds += stay.microseconds

    def exposure(self, period: Period) -> int:
        """The microseconds that customers were there."""
        whole = self.throughout * (period.length // _MICROSECOND)
        return whole + (self.days * _SECONDS_A_DAY + self.seconds) * _MICROSECONDS + self.microseconds


def count(people: People, period: Period) -> dict[Any, Movements]:
    """What a period saw, group by group.

    An instant belongs to the period that begins with it. Who starts at the first instant has therefore joined; whose
    spell ends then was there at the start, and is lost.
    """
    opens, closes = in_utc(period.start), in_utc(period.end)
    rows: defaultdict[Any, Movements] = defaultdict(Movements)
    for spells in people.values():
        row = rows[spells[0]]
        if len(spells) != 3:
            row.judge(merged(spells), opens, closes)
            continue
        _, start, end = spells
        if start >= closes or end < opens:
            continue
        if start < opens:
            row.start += 1
            if end >= closes:
                row.throughout += 1
                continue
            row.lost += 1
            stay = end - opens
        elif end < closes:
            row.joined += 1
            row.lost += 1
            row.joined_and_lost += 1
            stay = end - start
        else:
            row.joined += 1
            stay = closes - start
        row.days += stay.days
        row.seconds += stay.seconds
        row.microseconds += stay.microseconds
    return rows
