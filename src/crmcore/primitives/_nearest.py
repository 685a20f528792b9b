"""The known names that are most like one that nothing matches."""

from collections.abc import Iterable
from typing import Final

from crmcore.primitives.ids import Id

__all__: list[str] = []  # for the library alone

_MOST: Final = 3
_ALIKE: Final = 0.6  # as in difflib


def find_nearest(name: Id, known: Iterable[Id]) -> tuple[Id, ...]:
    """Return the known names that are most like a name, at most three, the most similar first.

    The nearest of two groups together are the nearest of the nearest of each.
    """
    from difflib import SequenceMatcher  # noqa: PLC0415 - only names that match nothing need it

    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(fold(name))
    found: dict[Id, tuple[float, tuple[str, bool]]] = {}
    for other in known:
        matcher.set_seq1(fold(other))
        if matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE:
            found[other] = -matcher.ratio(), sort_key(other)
    return tuple(sorted(found, key=found.__getitem__)[:_MOST])


def sort_key(name: Id) -> tuple[str, bool]:
    """Return what puts ids into an order that is the same everywhere; the order does not mean anything."""
    return str(name), isinstance(name, int)


def fold(name: Id) -> str:
    """Return a name without capitals and spaces, and as a text."""
    return "".join(str(name).casefold().split())
