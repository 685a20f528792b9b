"""The ages at which each member was active, as the bits of a number, from lists of places or from bits of places."""

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

    def add(self, customer_ids: Collection[Id], places: Collection[int], /) -> "Masks":
        """Add columns of customers and places. Return what collects from then on."""
        ...

    def find_begins(self) -> dict[Id, int]:
        """Return the first place of each customer."""
        ...

    def find_ages(self, begins: Mapping[Id, int] | None, /) -> Iterator[tuple[Id, int, int]]:
        """Yield each member with the place of their acquisition and the ages at which they were active.

        Args:
            begins: The place of the acquisition of each member. Without it, it is that of the first activity.
        """
        ...


def open_masks(ruler: Ruler) -> Masks:
    """Return what collects places: as bits if an age is one place, as days and months are."""
    return _Bits(ruler) if ruler.is_even else _Lists(ruler)


class _Lists:
    """The places of each customer."""

    def __init__(self, ruler: Ruler) -> None:
        self._ruler = ruler
        self.customers: defaultdict[Id, list[int]] = defaultdict(list)

    def add(self, customer_ids: Collection[Id], places: Collection[int], /) -> Masks:
        customers = self.customers
        for who, place in zip(customer_ids, places, strict=True):
            customers[who].append(place)
        return self

    def find_begins(self) -> dict[Id, int]:
        return {who: min(places) for who, places in self.customers.items()}

    def find_ages(self, begins: Mapping[Id, int] | None, /) -> Iterator[tuple[Id, int, int]]:
        mask_ages = self._ruler.mask_ages
        if begins is None:
            for who, places in self.customers.items():
                begin = min(places)
                yield who, begin, mask_ages(begin, places)
        else:
            for who, begin in begins.items():
                yield who, begin, mask_ages(begin, self.customers.get(who, ()))


class _Bits:
    """The places of each customer as the bits of a number: 1.4x over lists at a million rows.

    See benchmarks/subjects/returning.py.
    """

    def __init__(self, ruler: Ruler) -> None:
        self._ruler = ruler
        self._low = self._high = 0
        self.customers: dict[Id, int] = {}

    def add(self, customer_ids: Collection[Id], places: Collection[int], /) -> Masks:
        if not places:
            return self
        low, high = min(different := set(places)), max(different)
        if self.customers:
            low, high = min(low, self._low), max(high, self._high)
        if high - low >= _MOST_BITS:
            return self._in_lists().add(customer_ids, places)
        if self.customers and low < self._low:
            low -= (high - low) // 2  # room, so that rows which go back in time seldom shift all masks
            shift = self._low - low
            for who, mask in self.customers.items():
                self.customers[who] = mask << shift
        self._low, self._high = low, high
        masks, find, bit_of = self.customers, self.customers.get, {place: 1 << place - low for place in different}
        for who, bit in zip(customer_ids, map(bit_of.__getitem__, places), strict=True):
            masks[who] = find(who, 0) | bit
        return self

    def find_begins(self) -> dict[Id, int]:
        before = self._low - 1
        return {who: before + (mask & -mask).bit_length() for who, mask in self.customers.items()}

    def find_ages(self, begins: Mapping[Id, int] | None, /) -> Iterator[tuple[Id, int, int]]:
        low, last = self._low, self._ruler.last
        beyond = 1 << last
        below = beyond - 1
        for who, mask in self.customers.items() if begins is None else _match(begins, self.customers):
            bit = (mask & -mask).bit_length() - 1 if begins is None else begins[who] - low
            ages = mask >> bit if bit >= 0 else mask << -bit if -bit < last else mask and beyond
            yield who, bit + low, ages if ages < beyond else ages & below | beyond

    def _in_lists(self) -> _Lists:
        lists = _Lists(self._ruler)
        for who, mask in self.customers.items():
            places, rest = lists.customers[who], mask
            while rest:
                places.append(self._low + rest.bit_length() - 1)
                rest ^= 1 << rest.bit_length() - 1
        return lists


def _match(begins: Mapping[Id, int], masks: Mapping[Id, int]) -> Iterator[tuple[Id, int]]:
    return ((who, masks.get(who, 0)) for who in begins)
