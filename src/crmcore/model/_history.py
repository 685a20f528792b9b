"""The states that a subject went through, as a tuple of (state, at, ...), and instants that are set once.

The entries of a history are in order of time, by UTC. Entries with the same instant keep the order in which they are
given, because records by the day have such ties. Which state may follow which is up to the noun.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from typing import Any, TypeVar, cast

import attrs

from crmcore.primitives.checks import as_instant, show
from crmcore.primitives.errors import IllegalTransitionError, InvalidValueError
from crmcore.primitives.periods import in_utc

_Entry = TypeVar("_Entry", bound=tuple[Any, ...])
_State = TypeVar("_State")
_R = TypeVar("_R")
_History = tuple[tuple[Any, ...], ...]
"""Entries that begin with a state and its instant."""


def check_order_of_time(history: _History, name: str) -> None:
    """Check that the entries of a history are in order of time."""
    last: datetime | None = None
    for place, (_, at, *_) in enumerate(history):
        moment = in_utc(at)
        if last is not None and moment < last:
            before = history[place - 1][1]
            raise InvalidValueError(
                "not_in_order_of_time",
                f"{name} must be in order of time, got {show(at)} after {show(before)}",
                field=name,
                record=place,
                advice="sort it first",
                operands=(at, before),
            )
        last = moment


def check_not_before(record: object, later: str, earlier: str) -> None:
    """Check that an instant of a record is not before another one, if both are given."""
    second, first = getattr(record, later), getattr(record, earlier)
    if second is not None and first is not None and in_utc(second) < in_utc(first):
        raise InvalidValueError(
            "too_early",
            f"{later} must not be before {earlier}, got {show(second)} and {show(first)}",
            field=later,
            operands=(second, first),
        )


def check_is_unset(record: object, name: str) -> None:
    """Check that an instant of a record is not set, before a method sets it."""
    already = getattr(record, name)
    if already is not None:
        raise IllegalTransitionError(
            "already_set",
            f"{name} must be empty, it is already {show(already)}",
            field=name,
            advice=f"to correct it, use attrs.evolve(..., {name}=...)",
            operands=(already,),
        )


def set_once(record: _R, name: str, at: datetime, /, **changes: Any) -> _R:  # noqa: ANN401 - fields of any type
    """Return a record with an instant that is not set yet; other fields may change with it.

    None is refused: for the field it would mean that the event has not happened, and the record would stay as it is.
    """
    check_is_unset(record, name)
    return cast("_R", attrs.evolve(cast("Any", record), **{name: as_instant(at, name)}, **changes))


def convert_to_utc(history: _History) -> _History:
    """Return the key by which a history compares and hashes: ``attrs.field(eq=convert_to_utc)``."""
    return tuple((state, in_utc(at), *rest) for state, at, *rest in history)


def insert(history: tuple[_Entry, ...], entry: _Entry) -> tuple[_Entry, ...]:
    """Return a history in order of time with one more entry, after all that have its instant."""
    place = bisect_right(history, in_utc(entry[1]), key=lambda one: in_utc(one[1]))
    return (*history[:place], entry, *history[place:])


def find_last_state(history: tuple[tuple[_State, datetime, Any], ...], message: _State) -> _State | None:
    """Return the last state of a history, apart from messages; None if there is none."""
    return next((state for state, _, _ in reversed(history) if state is not message), None)
