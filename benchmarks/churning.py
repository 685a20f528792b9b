"""Churn of subscriptions: `Churn.by` against the loop one would write instead.

Both sides run over the same objects and come to the same answer, customers counted once however many subscriptions
they have, overlaps and plan changes merged, and the time that customers were there. The loop checks nothing and takes
every instant for one in UTC.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache, partial
from typing import TypeVar

import attrs

from benchmarks.inputs import SPAN, START, customer_ids, instants
from benchmarks.measuring import Row, agree, main, race
from crmcore import Churn, Id, Money, Period, Subscription, TimeUnit, instant

MARCH = Period(instant("2025-03-01"), instant("2025-04-01"))
FOREVER = START + 10 * SPAN

_K = TypeVar("_K")


@attrs.define
class Sums:
    """What a period saw."""

    start: int = 0
    lost: int = 0
    joined: int = 0
    joined_and_lost: int = 0
    lost_and_returned: int = 0
    exposure: timedelta = timedelta(0)


@cache
def subscriptions(n: int, first_customer: int = 0) -> list[Subscription]:
    """So many over a thousand days; of eleven customers nine have one, and two have three; half of them have ended."""
    price = Money("19.90", "EUR")
    single = n * 3 // 5
    owners = [*range(single), *customer_ids(n - single, max(1, (n - single) // 3), single)]
    return [
        Subscription(
            customer_id=first_customer + owner,
            price=price,
            every=TimeUnit.MONTH,
            started=at,
            ended=at + SPAN / (2 + number % 17) if number % 2 else None,
        )
        for number, (owner, at) in enumerate(zip(owners, instants(n), strict=True))
    ]


def sums_of(churn: Churn) -> Sums:
    """The counts of a record."""
    return Sums(
        churn.start,
        churn.lost,
        churn.joined,
        churn.joined_and_lost,
        churn.lost_and_returned,
        timedelta(microseconds=int(churn.exposure_seconds * 1_000_000)),
    )


def churn_by_hand(  # noqa: C901, PLR0912 - one loop, for speed
    plans: Iterable[Subscription], opens: datetime, closes: datetime, key: Callable[[Subscription], _K]
) -> dict[_K, Sums]:
    """What `Churn.by` counts."""
    groups: dict[Id, _K] = {}
    spells: dict[Id, list[tuple[datetime, datetime]]] = {}
    for plan in plans:
        who = plan.customer_id
        spell = plan.started, plan.ended or FOREVER
        if who in spells:
            if groups[who] != key(plan):
                raise ValueError("a customer under two keys")
            spells[who].append(spell)
        else:
            groups[who] = key(plan)
            spells[who] = [spell]
    rows: defaultdict[_K, Sums] = defaultdict(Sums)
    for who, found in spells.items():
        row = rows[groups[who]]
        was_there = is_there = has_left = has_come = False
        for start, end in merged(found) if len(found) > 1 else found:
            if start < closes and end >= opens:
                if start < opens:
                    was_there = True
                else:
                    has_come = True
                if end < closes:
                    has_left = True
                else:
                    is_there = True
                row.exposure += min(end, closes) - max(start, opens)
        if was_there:
            row.start += 1
        elif has_come:
            row.joined += 1
        if has_left:
            row.lost += 1
            if is_there:
                row.lost_and_returned += 1
            elif not was_there:
                row.joined_and_lost += 1
    return dict(rows)


def merged(found: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """A customer's spells without overlap, in order."""
    found.sort()
    apart = [found[0]]
    for start, end in found:
        if start > apart[-1][1]:
            apart.append((start, end))
        elif end > apart[-1][1]:
            apart[-1] = apart[-1][0], end
    return apart


def churn_by(n: int) -> Iterator[Row]:
    """Churn of a month for each of few groups, and for each of many."""
    plans = subscriptions(n)
    opens, closes = MARCH.start, MARCH.end
    for groups in (20, n // 100):

        def key(plan: Subscription, groups: int = groups) -> int:
            return hash(plan.customer_id) % groups

        churn = Churn.by(plans, MARCH, key)
        agree({group: sums_of(row) for group, row in churn.items()}, churn_by_hand(plans, opens, closes, key))
        ours, other = race(partial(Churn.by, plans, MARCH, key), partial(churn_by_hand, plans, opens, closes, key))
        customers = sum(row.end for row in churn.values())
        note = f"{groups:,} groups, {customers:,} customers at the end of the month"
        yield Row(name="Churn.by / loop", ours=ours, other=other, unit="ms", aim="≤ 1.5", note=note)


def churn_of(n: int) -> Iterator[Row]:
    """Churn of a month for all."""
    plans = subscriptions(n)

    def key(_: Subscription) -> None:
        return None

    agree({None: sums_of(Churn.of(plans, MARCH))}, churn_by_hand(plans, MARCH.start, MARCH.end, key))
    ours, other = race(partial(Churn.of, plans, MARCH), partial(churn_by_hand, plans, MARCH.start, MARCH.end, key))
    yield Row(name="Churn.of / loop", ours=ours, other=other, unit="ms", aim="≤ 1.5", note="all together")


if __name__ == "__main__":
    main(churn_by, churn_of)
