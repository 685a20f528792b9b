"""A child process: every public callable with a zone or an instant, asked with wrong ones.

``python -m tests.purity.zones`` drives once, notes the calls of public functions and methods with their arguments, and
makes them again: with each wrong zone, in each branch that a member of an enum chooses, and with instants without a
zone. It prints a line of JSON for each call. Two processes in two zones must print the same.
"""

from __future__ import annotations

import inspect
import itertools
import json
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, tzinfo
from enum import Enum
from typing import Any, Final, NamedTuple

from tests.purity.drive import Drive, Road
from tests.support.walk import public_names

_MOST: Final = 3
"""How many calls of one callable are kept."""
_SHOWN: Final = 2000


class Lying(tzinfo):
    """A zone that says what a test wants it to say; to `fromutc` too."""

    def __init__(
        self, offset: Callable[[datetime | None], Any], from_utc: Callable[[datetime], Any] | None = None
    ) -> None:
        self._offset, self._from_utc = offset, from_utc

    def utcoffset(self, at: datetime | None) -> Any:
        """Say anything."""
        return self._offset(at)

    def dst(self, at: datetime | None) -> Any:
        """Say the same."""
        return self._offset(at)

    def tzname(self, _: datetime | None) -> str:
        """Have a name."""
        return "Lying"

    def __repr__(self) -> str:
        return "Lying()"

    def fromutc(self, at: datetime) -> Any:
        """Say anything here too."""
        if self._from_utc is not None:
            return self._from_utc(at)
        return (at.replace(tzinfo=None) + self._offset(at)).replace(tzinfo=self)


class OfPytz(tzinfo):
    """What a zone of pytz looks like: local mean time if it is put into a datetime."""

    zone = "Europe/Riga"

    def utcoffset(self, at: datetime | None) -> timedelta | None:
        """Say local mean time."""
        return None if at is None else timedelta(hours=1, minutes=37)

    def dst(self, _: datetime | None) -> timedelta:
        """Have no summer time."""
        return timedelta()

    def tzname(self, _: datetime | None) -> str:
        """Have a name."""
        return "LMT"

    def localize(self, at: datetime) -> datetime:
        """As in pytz."""
        return at.replace(tzinfo=self)


def _raise(*_: object) -> Any:
    message = "the table of the zone ends"
    raise ValueError(message)


def _then(otherwise: Callable[[datetime], Any]) -> Callable[[datetime | None], Any]:
    """Tell the truth in the year 2000 and about no time at all, and something else later."""
    return lambda at: timedelta() if at is None or at.year == 2000 else otherwise(at)


WRONG: Final[dict[str, object]] = {
    "None": None,
    "a text": "UTC",
    "a number": 3,
    "an offset": timedelta(hours=2),
    "the class": tzinfo,
    "of pytz": OfPytz(),
    "abstract": tzinfo(),  # type: ignore[abstract] # Python builds it
    "of no offset": Lying(lambda _: None),
    "of a number": Lying(lambda _: 3600),
    "of nine days": Lying(lambda _: timedelta(days=9)),
    "raises": Lying(_raise),
    "another there": Lying(lambda _: timedelta(hours=1), lambda at: at),
    "a text there": Lying(lambda _: timedelta(hours=1), lambda _: "noon"),
    "naive there": Lying(lambda _: timedelta(hours=1), lambda at: at.replace(tzinfo=None)),
}
"""Zones that the gate refuses."""
LATER: Final[dict[str, object]] = {
    "raises later": Lying(_then(_raise)),
    "of no offset later": Lying(_then(lambda _: None)),
    "of nine days later": Lying(_then(lambda _: timedelta(days=9))),
}
"""Zones that fail at a time of which the gate did not ask."""


class Call(NamedTuple):
    """A call of a public callable."""

    arguments: dict[str, Any]
    """By the names of the parameters."""


class Public(NamedTuple):
    """A public callable."""

    name: str
    function: Callable[..., Any]
    """As it is written: a method takes `self` or the class first."""
    build: type | None
    """The class, if it is its constructor."""
    signature: inspect.Signature

    def of_kind(self, kind: str) -> list[str]:
        """Return the parameters whose annotation names a type."""
        return [
            name for name, one in self.signature.parameters.items() if kind in str(one.annotation).split("Callable")[0]
        ]

    def call(self, arguments: dict[str, Any]) -> object:
        """Call it."""
        given: list[Any] = []
        named: dict[str, Any] = {}
        for name, parameter in self.signature.parameters.items():
            if name == "self" and self.build:
                continue
            if parameter.kind is parameter.VAR_POSITIONAL:
                given += arguments[name]
            elif parameter.kind is parameter.VAR_KEYWORD:
                named |= arguments[name]
            elif parameter.kind is parameter.KEYWORD_ONLY:
                named[name] = arguments[name]
            else:
                given.append(arguments[name])
        return self.build(*given, **named) if self.build else self.function(*given, **named)


def public_callables() -> dict[Any, Public]:
    """Return every public function, method and constructor by its code."""
    found: dict[Any, Public] = {}
    for name, value in sorted(public_names().items()):
        members = {"": value} if inspect.isfunction(value) else _methods(value)
        for part, function in members.items():
            build = value if part == "__init__" and isinstance(value, type) else None
            full = f"{name}.{part}".removesuffix(".").removesuffix(".__init__")
            found.setdefault(function.__code__, Public(full, function, build, inspect.signature(function)))
    return found


def _methods(cls: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in sorted(dir(cls)):
        if not name.startswith("_") or name in ("__init__", "__contains__", "__getitem__"):
            value = inspect.getattr_static(cls, name)
            function = getattr(value, "__func__", value)
            if inspect.isfunction(function):
                found[name] = function
    return found


def record(known: dict[Any, Public]) -> dict[str, list[dict[str, Any]]]:
    """Drive, and return some calls of each public callable."""
    calls: dict[str, list[dict[str, Any]]] = {}

    def note(frame: Any, event: str, _: object) -> None:
        public = known.get(frame.f_code) if event == "call" else None
        if public is None:
            return
        kept = calls.setdefault(public.name, [])
        if len(kept) < _MOST:
            names = public.signature.parameters
            own = ("self",) if public.build else ()
            kept.append({name: value for name, value in frame.f_locals.items() if name in names and name not in own})

    drive = Drive(Road())
    sys.setprofile(note)
    try:
        drive.run(documents=False)
    finally:
        sys.setprofile(None)
    return calls


def branches(arguments: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the arguments, and again with each other member of each enum among them."""
    yield "", arguments
    for name, value in arguments.items():
        if isinstance(value, Enum):
            for member in type(value):
                if member is not value:
                    yield f" {name}={member.name}", arguments | {name: member}


def wrong_zones(public: Public, arguments: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the kind of a case, its name and its arguments."""
    for name in public.of_kind("tzinfo"):
        if not isinstance(public.signature.parameters[name].annotation, str):
            optional = "None" in str(public.signature.parameters[name].annotation)
        else:
            optional = "None" in public.signature.parameters[name].annotation
        for branch, chosen in branches(arguments):
            for what, zone in WRONG.items():
                kind = "zone" if zone is not None or not optional else "any"
                yield kind, f"{name} {what}{branch}", chosen | {name: zone}
            for what, zone in LATER.items():
                yield "any", f"{name} {what}{branch}", chosen | {name: zone}


def naive(value: Any) -> Any:
    """Return a value with its instants without a zone, also those in tuples, lists and dicts."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    changed: Any = value
    if type(value) in (list, tuple):
        changed = type(value)(map(naive, value))
    if type(value) is dict:
        changed = {key: naive(one) for key, one in value.items()}
    return changed if _differ(changed, value) else value


def _differ(one: Any, other: Any) -> bool:
    parts = (
        [(one[key], other[key]) for key in one]
        if isinstance(one, dict)
        else zip(one, other, strict=True)
        if isinstance(one, list | tuple)
        else ()
    )
    return any(mine is not others for mine, others in parts)


def naive_instants(public: Public, arguments: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the kind of a case, its name and its arguments."""
    for name, value in arguments.items():
        is_instant = name in public.of_kind("datetime")
        without = datetime(2026, 7, 1, 12) if is_instant and value is None else naive(value)  # noqa: DTZ001 - naive on purpose
        if without is not value:
            kind = (
                "instant" if is_instant and isinstance(without, datetime) and public.name not in TAKES_NAIVE else "any"
            )
            yield from (
                (kind, f"{name} naive{branch}", chosen | {name: without}) for branch, chosen in branches(arguments)
            )


TAKES_NAIVE: Final = {"crmcore.primitives.periods.instant"}
"""Callables that give a naive time its zone."""


def answer(public: Public, arguments: dict[str, Any]) -> str:
    """Return what a call answers, as text."""
    from crmcore import CrmcoreError

    try:
        value: Any = public.call(arguments)
        if hasattr(value, "__next__"):
            value = list(itertools.islice(value, 50))
        return f"value {value!r}"[:_SHOWN]
    except CrmcoreError as error:
        return f"refused {type(error).__name__} {error.rule} {error.field}: {error}"
    except Exception as error:  # noqa: BLE001 - what should not be
        return f"raw {type(error).__name__}: {error}"


def main() -> None:
    """Print what every case answers."""
    known = public_callables()
    calls = record(known)
    named = {public.name: public for public in known.values()}
    seen: set[str] = set()
    for name, public in named.items():
        kinds = [kind for kind in ("tzinfo", "datetime") if public.of_kind(kind)]
        sys.stdout.write(json.dumps(["callable", name, kinds, name in calls]) + "\n")
        for arguments in calls.get(name, ()):
            cases = itertools.chain(wrong_zones(public, arguments), naive_instants(public, arguments))
            for kind, case, chosen in cases:
                text = answer(public, chosen)
                line = json.dumps([kind, name, case, text])
                if line not in seen:
                    seen.add(line)
                    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
