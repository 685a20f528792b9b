"""The sums of each cohort: its members, who was active at which age, and what they spent."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from crmcore.primitives._decimals import EXACT, ZERO, sums
from crmcore.primitives._lookalikes import list_lookalikes
from crmcore.primitives.grouping import KeyGuard
from crmcore.primitives.ids import Id
from crmcore.retention.cohorts._activity import Activity, Spending
from crmcore.retention.cohorts._ages import AgeRule, Ruler

__all__ = ["Sums", "sum_cohorts"]


class _Batch:
    """The members of a cohort who were acquired at one place: the ages of each, and what they paid at each place."""

    __slots__ = ("lookalikes", "masks", "paid")

    def __init__(self) -> None:
        self.lookalikes = 0
        self.masks: list[int] = []
        self.paid: defaultdict[int, list[Decimal]] = defaultdict(list)


class _Months(dict[int, str]):
    """The month of each acquisition, computed once."""

    def __init__(self, ruler: Ruler) -> None:
        super().__init__()
        self._ruler = ruler

    def __missing__(self, begin: int) -> str:
        month = self[begin] = self._ruler.name_month(begin)
        return month


class Sums:
    """The counts of one cohort."""

    def __init__(self, columns: int) -> None:
        self.size = self.lookalikes = 0
        self.observed, self.active, self.later = ([0] * columns for _ in range(3))
        self.spent, self.first = ([ZERO] * columns for _ in range(2))
        self._masks: defaultdict[int, Counter[int]] = defaultdict(Counter)
        self._paid: defaultdict[int, defaultdict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))

    def add(self, batch: _Batch, start: int, until: int, ruler: Ruler) -> None:
        """Add a batch; a refund from before the acquisition counts at age 0.

        Args:
            batch: The batch.
            start: The place of the acquisition.
            until: The place of the reference date.
            ruler: Finds the ages.
        """
        over = min(ruler.age_between(start, until), ruler.last)
        self.lookalikes += batch.lookalikes
        self._masks[over].update(batch.masks)
        for place, amount in zip(batch.paid, sums(batch.paid.values()), strict=True):
            age = ruler.age_between(start, place)
            if age < ruler.last:
                paid = self._paid[over]
                paid[max(age, 0)] = EXACT.add(paid[max(age, 0)], amount)

    def add_up(self, ages: Iterable[tuple[int, int]]) -> None:
        """Add up what was added, for each column."""
        for over, masks in self._masks.items():
            size, paid = masks.total(), self._paid[over]
            self.size += size
            for column, (first, last) in enumerate(ages):
                if last >= over:
                    continue
                window = ((2 << (last - first)) - 1) << first
                self.observed[column] += size
                self.active[column] += sum([count for mask, count in masks.items() if mask & window])
                self.later[column] += sum([count for mask, count in masks.items() if mask >> first])
                for age, amount in paid.items():
                    if first <= age <= last:
                        self.spent[column] = EXACT.add(self.spent[column], amount)
                self.first[column] = EXACT.add(self.first[column], paid.get(0, ZERO))


def sum_cohorts(activity: Activity, key: Callable[[Id], Any] | None, spent: Spending | None = None) -> dict[Any, Sums]:
    """Return the sums of each cohort, which the key or the month of the acquisition names."""
    ruler, numbers = activity.ruler, activity.numbers
    begins = activity.find_begins()
    groups = map(_Months(ruler).__getitem__, begins) if key is None else _name_groups(numbers, key)
    members, places, amounts = ((), (), ()) if spent is None else (spent.members, spent.places, spent.amounts)
    starts = begins
    if ruler.rule is AgeRule.ELAPSED:
        starts, places = ruler.align(begins, members, places)
    batches: defaultdict[tuple[Any, int], _Batch] = defaultdict(_Batch)
    batch_of = [*map(batches.__getitem__, zip(groups, starts, strict=True))]
    for batch, mask in zip(batch_of, activity.find_ages(begins), strict=True):
        batch.masks.append(mask)
    payers = [batch.paid for batch in batch_of]
    for paid, place, amount in zip(map(payers.__getitem__, members), places, amounts, strict=True):
        paid[place].append(amount)
    for who in list_lookalikes(numbers.keys()):
        batch_of[numbers[who]].lookalikes += 1
    rows: dict[Any, Sums] = {}
    for (group, start), batch in batches.items():
        if group not in rows:
            rows[group] = Sums(len(ruler.ages))
        rows[group].add(batch, start, activity.until, ruler)
    for row in rows.values():
        row.add_up(ruler.ages)
    return rows


def _name_groups(members: Iterable[Id], key: Callable[[Id], Any]) -> Iterator[Any]:
    """Yield the cohort of each member, checked."""
    known: dict[Any, None] = {}
    guard, kind = KeyGuard(known), None
    for who in members:
        group = key(who)
        if type(group) is not kind:
            kind = guard.admit(group)
        known[group] = None
        yield group
