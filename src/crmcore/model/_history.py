"""Histories: the states that a subject went through, as a tuple of (state, at).

Entries stand in order of time, which goes through UTC. Of two entries of one instant the first given came first: who
records days and not hours has such ties. Which state may follow which is the noun's own business.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum
from typing import TypeVar, cast

from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.periods import in_utc

_S = TypeVar("_S", bound=Enum)


def settled(history: object, states: type[_S], name: str) -> tuple[tuple[_S, datetime], ...]:
    """Check a history and keep it as a tuple: pairs of a state and an instant from any iterable, in order of time."""
    entries: list[tuple[_S, datetime]] = []
    last: datetime | None = None
    for given in checks.iterate(cast("Iterable[object]", history), name, "pair"):
        state, at = _entry_of(given, states, name)
        moment = in_utc(at)
        if last is not None and moment < last:
            raise InvalidValueError(
                f"{name} must be in order of time, got {show(at)} after {show(entries[-1][1])}; sort it first",
                at,
                entries[-1][1],
            )
        entries.append((state, at))
        last = moment
    return tuple(entries)


def _entry_of(given: object, states: type[_S], name: str) -> tuple[_S, datetime]:
    pair = cast("tuple[object, ...]", given)
    if not isinstance(given, tuple | list) or len(pair) != 2:
        raise WrongTypeError(
            f"each of {name} must be a pair of a member of {states.__name__} and an aware datetime, got {show(pair)}",
            name,
        )
    state, at = pair
    if not (type(state) is states and type(at) is datetime and at.tzinfo is UTC):
        checks.as_member(state, states, f"each state of {name}")
        checks.as_instant(at, f"each instant of {name}")
    return cast("tuple[_S, datetime]", (state, at))


def comparable(history: tuple[tuple[_S, datetime], ...]) -> tuple[tuple[_S, datetime], ...]:
    """The key by which a history compares and hashes: ``attrs.field(eq=comparable)``."""
    return tuple((state, in_utc(at)) for state, at in history)
