"""Who was there, joined, left and returned in a period, counted from spells."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import attrs

from crmcore.primitives import _clock
from crmcore.primitives.periods import Period, in_utc
from crmcore.retention.churn._spells import SpellsByCustomer, merge


@attrs.define(eq=False)
class Movements:
    """The counts of one group so far.

    The counts have the names of the fields of `Churn`. `throughout` counts customers who were there for the whole
    period. `days`, `seconds` and `microseconds` add up the time of all others.
    """

    start: int = 0
    lost: int = 0
    joined: int = 0
    joined_and_lost: int = 0
    lost_and_returned: int = 0
    throughout: int = 0
    days: int = 0
    seconds: int = 0
    microseconds: int = 0

    def count_customer(self, spells: Sequence[tuple[datetime, datetime]], opens: datetime, closes: datetime) -> None:
        """Count a customer, who may have come and gone more than once, in the period from `opens` to `closes`."""
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
            self.add_time(min(end, closes) - max(start, opens))
        self.start += was_there
        self.joined += has_come and not was_there
        self.lost += has_left
        self.joined_and_lost += has_left and not was_there and not is_there
        self.lost_and_returned += has_left and is_there

    def add_time(self, stay: timedelta) -> None:
        """Add the time that a customer was there."""
        self.days += stay.days
        self.seconds += stay.seconds
        self.microseconds += stay.microseconds

    def add_up_exposure(self, period: Period) -> int:
        """Return the total time that customers were there, in microseconds."""
        whole = self.throughout * _clock.microseconds(period.length)
        seconds = self.days * _clock.SECONDS_A_DAY + self.seconds
        return whole + seconds * _clock.MICROSECONDS_A_SECOND + self.microseconds


def count_movements(
    customers: SpellsByCustomer, period: Period, gap_tolerance: timedelta | None = None
) -> dict[Any, Movements]:
    """Count what happened in a period, for each group.

    An instant belongs to the period that begins with it. A customer whose spell starts at the first instant has joined.
    A customer whose spell ends at the first instant was there at the start, and is lost.
    """
    opens, closes = in_utc(period.start), in_utc(period.end)
    groups: defaultdict[Any, Movements] = defaultdict(Movements)
    for spells in customers.values():
        movements = groups[spells[0]]
        if len(spells) != 3:  # 3.8x at 200,000 subscriptions: most customers have one spell, which is counted in place
            movements.count_customer(merge(spells, gap_tolerance), opens, closes)
            continue
        _, start, end = spells
        if start >= closes or end < opens:
            continue
        if start < opens:
            movements.start += 1
            if end >= closes:
                movements.throughout += 1
                continue
            movements.lost += 1
            stay = end - opens
        elif end < closes:
            movements.joined += 1
            movements.lost += 1
            movements.joined_and_lost += 1
            stay = end - start
        else:
            movements.joined += 1
            stay = closes - start
        movements.add_time(stay)
    return groups
