"""The sums of each cohort: its members, who was active at which age, and what they spent."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, localcontext
from typing import Any

from crmcore.primitives._decimals import EXACT, ZERO
from crmcore.primitives._lookalikes import list_lookalikes
from crmcore.primitives.grouping import KeyGuard
from crmcore.primitives.ids import Id
from crmcore.retention.cohorts._activity import Activity, Spending
from crmcore.retention.cohorts._ages import Ruler

__all__ = ["Sums", "sum_cohorts"]


class _Payers(defaultdict[int, Decimal]):
    """What members of a batch who were acquired at one place spent at each place.

    Args:
        begin: The place of the acquisition.
        paid: What the batch spent at each age.
    """

    __slots__ = ("begin", "paid")

    def __init__(self, begin: int, paid: defaultdict[int, Decimal]) -> None:
        super().__init__(Decimal)
        self.begin, self.paid = begin, paid


class _Batch:
    """The members of a cohort for whom the same ages are over: the ages at which each was active, and their spend."""

    def __init__(self) -> None:
        self.masks: list[int] = []
        self.paid: defaultdict[int, Decimal] = defaultdict(Decimal)
        self.payers: dict[int, _Payers] = {}

    def find_payers(self, begin: int) -> _Payers:
        """Return the members who were acquired at a place."""
        found = self.payers.get(begin)
        if found is None:
            found = self.payers[begin] = _Payers(begin, self.paid)
        return found


class _Spans(dict[int, tuple[str, int]]):
    """The month of each acquisition, and the number of ages that are over since then, computed once."""

    def __init__(self, activity: Activity) -> None:
        super().__init__()
        self._ruler, self._until = activity.ruler, activity.until

    def __missing__(self, begin: int) -> tuple[str, int]:
        ruler = self._ruler
        over = min(ruler.age_between(begin, self._until), ruler.last)
        found = self[begin] = ruler.name_month(begin), over
        return found


class Sums:
    """The counts of one cohort."""

    def __init__(self, columns: int) -> None:
        self.size = self.lookalikes = 0
        self.observed, self.active, self.later = ([0] * columns for _ in range(3))
        self.spent, self.first = ([ZERO] * columns for _ in range(2))
        self.batches: defaultdict[int, _Batch] = defaultdict(_Batch)

    def add_up(self, ages: Iterable[tuple[int, int]]) -> None:
        """Add up the batches."""
        for over, batch in self.batches.items():
            masks, size = Counter(batch.masks), len(batch.masks)
            self.size += size
            for column, (first, last) in enumerate(ages):
                if last >= over:
                    continue
                window = ((2 << (last - first)) - 1) << first
                self.observed[column] += size
                self.active[column] += sum([count for mask, count in masks.items() if mask & window])
                self.later[column] += sum([count for mask, count in masks.items() if mask >> first])
                for age, amount in batch.paid.items():
                    if first <= age <= last:
                        self.spent[column] = EXACT.add(self.spent[column], amount)
                self.first[column] = EXACT.add(self.first[column], batch.paid.get(0, ZERO))


def sum_cohorts(activity: Activity, key: Callable[[Id], Any] | None, spent: Spending | None = None) -> dict[Any, Sums]:
    """Return the sums of each cohort, which the key or the month of the acquisition names."""
    ruler = activity.ruler
    spans = _Spans(activity)
    rows: dict[Any, Sums] = {}
    payers: dict[Id, _Payers] = {}
    guard, kind = KeyGuard(rows), None
    twice = set(list_lookalikes(activity.members))
    for who, begin, ages in activity.find_ages():
        group, over = spans[begin]
        if key is not None:
            group = key(who)
            if type(group) is not kind:
                kind = guard.admit(group)
        sums = rows.get(group)
        if sums is None:
            sums = rows[group] = Sums(len(ruler.ages))
        batch = sums.batches[over]
        batch.masks.append(ages)
        if spent is not None:
            payers[who] = batch.find_payers(begin)
        if who in twice:
            sums.lookalikes += 1
    if spent is not None:
        _add_payments(spent, payers, [batch for sums in rows.values() for batch in sums.batches.values()], ruler)
    for sums in rows.values():
        sums.add_up(ruler.ages)
    return rows


def _add_payments(spent: Spending, payers: Mapping[Id, _Payers], batches: Iterable[_Batch], ruler: Ruler) -> None:
    """Add what was spent to the batch of each payer; a refund from before the acquisition counts at age 0."""
    payments: Iterable[tuple[_Payers, int, Decimal]]
    payments = zip(map(payers.__getitem__, spent.customer_ids), spent.places, spent.amounts, strict=True)
    months, length, last = ruler.months, ruler.length, ruler.last
    with localcontext(EXACT):  # ids are plain here, so no code of the caller runs in it
        if ruler.is_even:  # few places, so the sums at each of them come first: 1.5x
            for group, place, amount in payments:
                group[place] += amount
            payments = [
                (group, place, amount)
                for batch in batches
                for group in batch.payers.values()
                for place, amount in group.items()
            ]
        for group, place, amount in payments:
            age = (place // months - group.begin // months) // length
            if age < last:
                group.paid[max(age, 0)] += amount
