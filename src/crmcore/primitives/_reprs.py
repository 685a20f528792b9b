"""The `repr` of records: whole if it is short, and never longer than a screen.

Numbers of more digits than anybody gives are cut, and three dots show it. If the whole is too long, tuples and texts
show their beginning. It is the same under every decimal context.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, Final, cast

import attrs

from crmcore.primitives._decimals import plain_repr, shorten
from crmcore.primitives._kinds import is_a

__all__: list[str] = []  # for the library alone

LONGEST: Final = 2000
"""The characters of the longest `repr`."""

SHORT: Final = "_is_short"
"""Marks the `__repr__` that is that of `show_record`."""

_SIZES: Final = ((200, LONGEST), (5, 200), (5, 100), (2, 40), (1, 20))
"""How many items of a collection and characters of a value are shown: as the first pair with which all is short."""


def show_record(record: Any) -> str:  # noqa: ANN401 - a record of any class
    """Return the `repr` of an attrs record."""
    return _shorten(_write_record, record)


def show_rows(rows: Mapping[Any, Any]) -> str:
    """Return the `repr` of tallies by key; if it is too long, how many there are and the first of them."""
    return _shorten(_write_rows, rows)


def _shorten(write: Callable[[Any, int, int], Iterator[str]], value: object) -> str:
    shown = ""
    for items, size in _SIZES:
        shown, whole = _collect(write(value, items, size))
        if whole:
            return shown
    return f"{shown[: LONGEST - 3]}..."


def _collect(pieces: Iterator[str]) -> tuple[str, bool]:
    """Join pieces until they are too long, so that a million of them cost no more than a few."""
    found: list[str] = []
    size = 0
    for piece in pieces:
        found.append(piece)
        size += len(piece)
        if size > LONGEST:
            return "".join(found), False
    return "".join(found), True


def _write_record(record: Any, items: int, size: int) -> Iterator[str]:  # noqa: ANN401 - a record of any class
    kind: Any = cast("Any", type(record))
    yield f"{kind.__qualname__.rpartition('>.')[2]}("
    between = ""
    for field in kind._list_shown():  # noqa: SLF001 - of the record
        yield f"{between}{field.name}="
        between = ", "
        value = getattr(record, field.name)
        if field.repr is True or is_a(value, Decimal):
            yield from _write(value, items, size)
        else:
            yield _cut(field.repr(value), size)
    yield ")"


def _write(value: Any, items: int, size: int) -> Iterator[str]:  # noqa: ANN401 - a value of any type
    """Write a value piece by piece."""
    kind: Any = cast("Any", type(value))
    if kind is tuple:
        yield "("
        yield from _write_items(value, len(value), items, size)
        yield ",)" if len(value) == 1 else ")"
    elif kind is frozenset and value:
        yield "frozenset({"
        yield from _write_items(value, len(value), items, size)
        yield "})"
    elif is_a(value, Decimal):
        yield plain_repr(value)
    elif hasattr(cast("Any", kind).__repr__, SHORT):
        yield from _write_record(value, items, size)
    elif kind.__name__ == "TallyBy":
        yield from _write_rows(value, items, size)
    elif kind.__name__ == "Money" and attrs.has(kind):
        yield f"Money('{shorten(f'{value.amount:f}')}', '{value.currency}')"
    else:
        yield _cut(repr(value), size)


def _write_items(values: Iterable[object], count: int, items: int, size: int) -> Iterator[str]:
    between = ""
    for value in islice(values, items):
        yield between
        yield from _write(value, items, size)
        between = ", "
    if count > items:
        yield f", ... {count - items:,} more"


def _write_rows(rows: Mapping[Any, Any], items: int, size: int) -> Iterator[str]:
    few = len(rows) <= items
    if few:
        yield "TallyBy({"
    else:
        kind = type(next(iter(rows.values()))).__name__
        yield f"TallyBy of {len(rows):,} {kind}, first {items}: {{"
    between = ""
    for key, row in islice(rows.items(), items):
        yield between
        yield from _write(key, items, size)
        yield ": "
        yield from _write(row, items, size)
        between = ", "
    yield "})" if few else "}"


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else f"{text[:size]}..."
