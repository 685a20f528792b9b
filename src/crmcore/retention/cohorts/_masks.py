"""The ages at which each member was active, as the bits of a number: in lists of places, or by place."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Final, Protocol

from crmcore.primitives.ids import Id
from crmcore.retention.cohorts._ages import Ruler

__all__ = ["Masks", "open_masks"]

_MOST_BITS: Final = 4096
"""The longest mask of places, half a kibibyte for each member; a place from long before makes all of them long."""


class Masks(Protocol):
    """Collects the places of customers. `customers` has each of them, in the order in which they first occur."""

    @property
    def customers(self) -> Mapping[Id, object]: ...

    def add(self, customer_ids: Collection[Id], places: Collection[int], /) -> None:
        """Add columns of customers and places."""
        ...

    def find_ages(self, begins: Mapping[Id, int] | None, /) -> Iterator[tuple[Id, int, int]]:
        """Yield each member with the place of their acquisition and the ages at which they were active.

        Args:
            begins: The place of the acquisition of each member. Without it, it is that of the first activity.
        """
        ...


def open_masks(ruler: Ruler) -> Masks:
    """Return what collects places: by place if an age is one place, as days and months are."""
    return _ByPlace(ruler) if ruler.is_even else _Lists(ruler)


class _Lists:
    """The places of each customer."""

    def __init__(self, ruler: Ruler) -> None:
        self._ruler = ruler
        self.customers: defaultdict[Id, list[int]] = defaultdict(list)

    def add(self, customer_ids: Collection[Id], places: Collection[int], /) -> None:
        customers = self.customers
        for who, place in zip(customer_ids, places, strict=True):
            customers[who].append(place)

    def find_ages(self, begins: Mapping[Id, int] | None, /) -> Iterator[tuple[Id, int, int]]:
        mask_ages = self._ruler.mask_ages
        if begins is None:
            for who, places in self.customers.items():
                begin = min(places)
                yield who, begin, mask_ages(begin, places)
        else:
            for who, begin in begins.items():
                yield who, begin, mask_ages(begin, self.customers.get(who, ()))


class _ByPlace:
    """The customers of each place: 1.5x over their lists at a million rows, benchmarks/subjects/returning.py."""

    def __init__(self, ruler: Ruler) -> None:
        self._ruler = ruler
        self.customers: dict[Id, int] = {}
        self._at: defaultdict[int, list[Id]] = defaultdict(list)

    def add(self, customer_ids: Collection[Id], places: Collection[int], /) -> None:
        self.customers.update(zip(customer_ids, places, strict=True))
        at = self._at
        for who, place in zip(customer_ids, places, strict=True):
            at[place].append(who)

    def find_ages(self, begins: Mapping[Id, int] | None, /) -> Iterator[tuple[Id, int, int]]:
        places = [*self._at, *(begins or {}).values()]
        low = min(places, default=0)
        if max(places, default=0) - low >= _MOST_BITS:
            return self._in_lists().find_ages(begins)
        masks = dict.fromkeys(self.customers, 0)
        for place, customer_ids in self._at.items():
            bit = 1 << place - low
            for who in customer_ids:
                masks[who] |= bit
        return self._cut(masks, low, begins)

    def _cut(self, masks: Mapping[Id, int], low: int, begins: Mapping[Id, int] | None) -> Iterator[tuple[Id, int, int]]:
        """Cut off the bits before the acquisition, and put one in place of those beyond all columns."""
        beyond = 1 << self._ruler.last
        below = beyond - 1
        for who, mask in masks.items() if begins is None else ((who, masks.get(who, 0)) for who in begins):
            begin = (mask & -mask).bit_length() - 1 if begins is None else begins[who] - low
            ages = mask >> begin
            yield who, begin + low, ages if ages < beyond else ages & below | beyond

    def _in_lists(self) -> _Lists:
        lists = _Lists(self._ruler)
        for who in self.customers:
            lists.customers[who] = []
        for place, customer_ids in self._at.items():
            for who in customer_ids:
                lists.customers[who].append(place)
        return lists
