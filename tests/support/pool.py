"""Calls of the documentation with more records: one of each kind that any call has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import attrs

from tests.face.calls import TARGETS, prepare
from tests.support.sweep import Call, make

if TYPE_CHECKING:
    from collections.abc import Iterator

DEADLINES: Final = {"due", "promise_due"}
APART: Final = timedelta(seconds=1)
"""How far a deadline of the pool is moved, so that it is at the instant of no event."""


def parts(value: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a record, or the items of a collection."""
    if isinstance(value, Mapping):
        yield from ((str(key), item) for key, item in value.items())
    elif isinstance(value, list | tuple):
        yield from (("", item) for item in value)
    elif attrs.has(type(value)):
        yield from ((field.name, getattr(value, field.name)) for field in attrs.fields(type(value)))


def instants(value: Any, name: str = "", depth: int = 5) -> Iterator[tuple[bool, datetime]]:
    """Every instant in a value, and whether it is a deadline."""
    if isinstance(value, datetime):
        yield name in DEADLINES, value
    elif depth:
        for part, item in parts(value):
            yield from instants(item, part, depth - 1)


def _kind(record: Any) -> tuple[object, ...]:
    """Which fields of a record are given, and the members of enums in it."""
    values = [value for _, value in parts(record)]
    return (type(record), *(value if isinstance(value, Enum) else value is None for value in values))


def _records(value: Any, depth: int) -> Iterator[Any]:
    """The records in collections."""
    if attrs.has(type(value)):
        yield value
    elif isinstance(value, list | tuple) and depth:
        for item in value:
            yield from _records(item, depth - 1)


@cache
def pool() -> dict[type, list[Any]]:
    """The records of all calls, one of each kind, with ids and deadlines of their own."""
    found: dict[tuple[object, ...], Any] = {}
    for name, calls in prepare().items():
        target = TARGETS[name]
        makes = target.owner is not None and not target.attribute
        values = [make(target, call, {}) if makes else [*call.arguments.values()] for call in calls]
        for record in _records(values, 4):
            if any(instants(record)):
                found.setdefault(_kind(record), record)
    filled: dict[type, list[Any]] = defaultdict(list)
    for number, record in enumerate(found.values()):
        changes: dict[str, Any] = {name: value + APART for name, value in parts(record) if name in DEADLINES and value}
        if hasattr(record, "id"):
            changes["id"] = f"pool {number}"
        filled[type(record)].append(attrs.evolve(record, **changes))
    return filled


def fuller_calls(name: str) -> Iterator[tuple[str, Call]]:
    """The first call of a callable with more records, one argument at a time, and the name of the argument."""
    first = prepare()[name][0]
    for argument, value in first.arguments.items():
        if isinstance(value, list | tuple) and value and (more := pool().get(type(value[0]))):
            always = {"hours": None} if "hours" in first.arguments else {}  # so that deadlines are found by adding
            yield argument, Call(first.receiver, {**first.arguments, **always, argument: [*value, *more]})
