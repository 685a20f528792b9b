"""The ages at which each member was active, as the bits of a number, from lists of places or from bits of places."""

from collections.abc import Collection, Iterable, Iterator
from itertools import compress, repeat
from typing import Final, Protocol

from crmcore.retention.cohorts._ages import Ruler

__all__ = ["Masks", "open_masks"]

_MOST_BITS: Final = 4096
"""The longest mask of places, half a kibibyte for each member; a place from long before makes all of them long."""


class Masks(Protocol):
    """Collects the places of members, who are numbered from 0."""

    def grow(self, size: int, /) -> None:
        """Make room for more members, so that there are as many as named."""
        ...

    def add(self, members: Collection[int], places: Collection[int], /, idle: Collection[int] = ()) -> "Masks":
        """Add columns of members and places. Return what collects from then on.

        Args:
            members: The number of a member for each row, of at least one.
            places: The place of each row.
            idle: The rows that are no activity.
        """
        ...

    def find_begins(self, otherwise: int, /) -> list[int]:
        """Return the first place of each member, or the one that is given if a member has none."""
        ...

    def find_ages(self, begins: Iterable[int], /) -> Iterator[int]:
        """Yield the ages at which each member was active.

        Args:
            begins: The place of the acquisition of each member.
        """
        ...


def open_masks(ruler: Ruler) -> Masks:
    """Return what collects places: as bits if an age is one place, as days and months are."""
    return _Bits(ruler) if ruler.is_even else _Lists(ruler)


class _Lists:
    """The places of each member."""

    def __init__(self, ruler: Ruler) -> None:
        self._ruler = ruler
        self.lists: list[list[int]] = []

    def grow(self, size: int, /) -> None:
        self.lists += [[] for _ in range(size - len(self.lists))]

    def add(self, members: Collection[int], places: Collection[int], /, idle: Collection[int] = ()) -> Masks:
        lists, is_kept = self.lists, [True] * len(places)
        for row in idle:
            is_kept[row] = False
        for member, place in compress(zip(members, places, strict=True), is_kept):
            lists[member].append(place)
        return self

    def find_begins(self, otherwise: int, /) -> list[int]:
        return [min(places, default=otherwise) for places in self.lists]

    def find_ages(self, begins: Iterable[int], /) -> Iterator[int]:
        return map(self._ruler.mask_ages, begins, self.lists)


class _Bits:
    """The places of each member as the bits of a number: 1.4x over lists at a million rows.

    See benchmarks/subjects/returning.py.
    """

    def __init__(self, ruler: Ruler) -> None:
        self._ruler = ruler
        self._low, self._high = 0, -1
        self._masks: list[int] = []

    def grow(self, size: int, /) -> None:
        self._masks += repeat(0, size - len(self._masks))

    def add(self, members: Collection[int], places: Collection[int], /, idle: Collection[int] = ()) -> Masks:
        low, high = min(different := set(places)), max(different)
        is_first = self._low > self._high
        if not is_first:
            low, high = min(low, self._low), max(high, self._high)
        if high - low >= _MOST_BITS:
            return self._in_lists().add(members, places, idle)
        if not is_first and low < self._low:
            low -= (high - low) // 2  # room, so that rows which go back in time seldom shift all masks
            shift = self._low - low
            self._masks = [mask << shift for mask in self._masks]
        self._low, self._high = low, high
        masks, bit_of = self._masks, {place: 1 << place - low for place in different}
        bits = [*map(bit_of.__getitem__, places)]
        for row in idle:
            bits[row] = 0
        for member, bit in zip(members, bits, strict=True):
            masks[member] |= bit
        return self

    def find_begins(self, otherwise: int, /) -> list[int]:
        before = self._low - 1
        return [before + (mask & -mask).bit_length() if mask else otherwise for mask in self._masks]

    def find_ages(self, begins: Iterable[int], /) -> Iterator[int]:
        low, last = self._low, self._ruler.last
        beyond = 1 << last
        below = beyond - 1
        for begin, mask in zip(begins, self._masks, strict=True):
            bit = begin - low
            ages = mask >> bit if bit >= 0 else mask << -bit if -bit < last else mask and beyond
            yield ages if ages < beyond else ages & below | beyond

    def _in_lists(self) -> _Lists:
        lists = _Lists(self._ruler)
        lists.grow(len(self._masks))
        for places, mask in zip(lists.lists, self._masks, strict=True):
            rest = mask
            while rest:
                places.append(self._low + rest.bit_length() - 1)
                rest ^= 1 << rest.bit_length() - 1
        return lists
