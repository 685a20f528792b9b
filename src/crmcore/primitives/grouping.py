"""Groups of records by a key, in the order in which the keys first occur."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date, timedelta
from enum import Enum
from types import NoneType
from typing import Any, Final, Protocol, TypeVar, cast

from crmcore.primitives import checks
from crmcore.primitives._bounds import LARGEST_ID, MOST_ID_DIGITS
from crmcore.primitives._kinds import is_a
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.primitives.ids import Id

__all__: list[str] = []  # for the library alone

_K = TypeVar("_K", bound=Hashable)
_T = TypeVar("_T")
_R = TypeVar("_R", bound="_Identified")
_NEW: Final[Any] = object()

_PLAIN: Final = frozenset({str, int, bool, NoneType, date, timedelta, bytes})
"""The types of keys that can be hashed, equal themselves and no member of an enum, but for their equal texts.

A datetime is none of them: its hash asks its zone, which may be of the caller.
"""


class KeyGuard:
    """A check of keys: what cannot name a group, and what would join another's group.

    A key must be hashable and equal itself. Members of two enums, such as ``Channel.WEB`` and ``Source.WEB``, can be
    equal because their texts are: their groups would become one. As long as the keys have one enum, their type is
    enough, so that a loop over records asks about each type once::

        kind = None
        for record in records:
            group = key(record)
            if type(group) is not kind:
                kind = guard.admit(group)

    Args:
        known: The keys so far, such as a dict that is being filled.
    """

    __slots__ = ("_enums", "_harmless", "_known", "_seen")

    def __init__(self, known: Iterable[object] = ()) -> None:
        self._known = known
        self._enums: set[type] = set()
        self._harmless: set[tuple[type, ...]] = set()
        self._seen: dict[object, object] | None = None

    def check(self, keys: Iterable[object]) -> None:
        """Check keys without a dict that is being filled with them."""
        given: list[Any] = list(keys)
        kind: type | None = None
        if {*map(type, given)} == {int}:  # 1.15x for HistoricValue.by: benchmarks/subjects/reading.py
            given = [min(given), max(given)]
        for key in given:
            if type(key) is not kind:
                kind = self.admit(key)
            if type(key) is int or type(key) is tuple:
                _check_size(key)  # pyright: ignore[reportUnknownArgumentType] - of anything
        if self._seen is not None:  # there is a second enum: only now the keys before it matter
            for key in given:
                self._check_twin(self._seen, key)

    def admit(self, key: object) -> type | None:
        """Check a key before it is one of the known ones. Return its type if the next ones of it need no check."""
        leaves = [key]
        if type(key) in _PLAIN:
            return type(key)
        if is_a(key, tuple):
            parts = cast("tuple[object, ...]", key)
            shape = (type(parts[0]), type(parts[1])) if len(parts) == 2 else tuple(map(type, parts))
            if shape in self._harmless and self._seen is None:
                return None
            leaves = list(_find_leaves(parts))
            if all(kind in _PLAIN or issubclass(kind, Enum) for kind in shape):
                self._harmless.add(shape)
        for leaf in leaves:
            if is_a(leaf, Enum):
                self._enums.add(type(leaf))
            elif type(leaf) not in _PLAIN:
                _check_leaf(leaf)
        if len(self._enums) > 1:
            if self._seen is None:
                self._seen = {key: key for key in self._known}
            self._check_twin(self._seen, key)  # pyright: ignore[reportUnknownArgumentType] - of anything
            return None
        return type(key) if is_a(key, Enum) else None

    def _check_twin(self, seen: dict[object, object], key: object) -> None:
        """Refuse a key that equals an earlier one but has a member of another enum, or its text, in its place."""
        for one, other in _pair_up(seen.setdefault(key, key), key):
            if type(one) is not type(other) and (is_a(one, Enum) or is_a(other, Enum)):
                raise InvalidValueError(
                    "keys_of_two_enums",
                    f"key must be of one enum where texts are equal, got {show(other)} as a {type(one).__name__} and "
                    f"as a {type(other).__name__}",
                    field="key",
                    advice="add the class to the key: (type(x).__name__, x)",
                    operands=(one, other),
                )


def _check_size(key: object) -> None:
    """Refuse a number that cannot be written; the bound is that of an id."""
    for leaf in _find_leaves((key,)):
        if type(leaf) is int and not -LARGEST_ID <= leaf <= LARGEST_ID:
            raise InvalidValueError(
                "key_too_large", f"key must have at most {MOST_ID_DIGITS} digits, got {show(leaf)}", field="key"
            )


def _check_leaf(leaf: object) -> None:
    try:
        hash(leaf)
    except TypeError:
        raise WrongTypeError(
            "key_not_hashable",
            f"key must be hashable, got {show(leaf)}",
            field="key",
            advice="turn a list into a tuple, and a set into a frozenset",
        ) from None
    try:
        equals_itself = bool(leaf == leaf)  # noqa: PLR0124 - NaN does not, and pandas.NA raises
    except Exception:  # noqa: BLE001 - the caller's class may raise anything
        equals_itself = False
    if not equals_itself:
        raise InvalidValueError(
            "missing_key",
            f"key must equal itself, got a missing value ({show(leaf)})",
            field="key",
            advice="take None for unknown",
        )


def _find_leaves(key: tuple[object, ...]) -> Iterator[object]:
    """Yield the parts of a key, and the parts of its parts."""
    for part in key:
        if is_a(part, tuple):
            yield from _find_leaves(cast("tuple[object, ...]", part))
        else:
            yield part


def _pair_up(one: object, other: object) -> Iterator[tuple[object, object]]:
    """Yield the leaves of two equal keys in pairs."""
    if is_a(one, tuple) and is_a(other, tuple):
        for pair in zip(cast("tuple[object]", one), cast("tuple[object]", other), strict=True):
            yield from _pair_up(*pair)
    else:
        yield one, other


class _Identified(Protocol):
    """A record that may have an id."""

    @property
    def id(self) -> Id | None: ...


def in_one_group(_: object) -> None:
    """Return None for every record: the key of a count without groups."""


def is_repeated(record: Any, seen: dict[Id, Any], name: str, place: int | None = None) -> bool:  # noqa: ANN401 - any record with an id
    """Note a record that has an id, and return whether it was there before.

    Args:
        record: The record.
        seen: The records before it by their ids.
        name: The name of the argument with the records, for the error.
        place: The place of the record in a field, for the error, which otherwise has its id.

    Raises:
        InconsistentCountsError: A different record has the same id.
    """
    known = seen.setdefault(record.id, _NEW)
    if known is _NEW:
        seen[record.id] = record
        return False
    if known is not record and known != record:
        raise InconsistentCountsError(
            "two_records_of_one_id",
            f"{name} must each have an id of their own, two different ones have {show(record.id)}",
            field=name,
            advice="keep the right one, or give each its own id",
            operands=(record.id,),
            record=record.id if place is None else place,
        )
    return True


def iterate_once(records: Iterable[_R], kind: type[_R], name: str) -> Iterator[_R]:
    """Yield the records, checked; one that has an id once, however often it is given.

    Args:
        records: The records, which must be of `kind`.
        kind: The class of the records.
        name: The name of the argument `records`, for the error.
    """
    seen: dict[Id, _R] = {}
    for place, record in enumerate(checks.iterate(records, name, kind.__name__)):
        if type(record) is not kind:
            checks.as_instance(record, kind, f"{name}[{place}]")
        if record.id is None or not is_repeated(record, seen, name):
            yield record


def enumerate_once(records: Iterable[_R], kind: type[_R], name: str) -> Iterator[tuple[int, _R]]:
    """Yield the records as `iterate_once` does, each with its place among those that were given."""
    seen: dict[Id, _R] = {}
    for pair in enumerate(checks.iterate(records, name, kind.__name__)):
        record = pair[1]
        if type(record) is not kind:
            checks.as_instance(record, kind, f"{name}[{pair[0]}]")
        if record.id is None or not is_repeated(record, seen, name):
            yield pair


def group_by(
    records: Iterable[_T], key: Callable[[_T], _K], kind: type[_T], name: str, example: str
) -> dict[_K, list[_T]]:
    """Return the records of each key; a record that has an id once.

    Args:
        records: The records, which must be of `kind`.
        key: Returns the key of a record.
        kind: The class of the records.
        name: The name of the argument `records`, for the error.
        example: A valid key, for the error.
    """
    checks.check_callable(key, "key", example)
    groups: dict[_K, list[_T]] = {}
    guard = KeyGuard(groups)
    known: type | None = None
    walk: Any = iterate_once if hasattr(kind, "id") else checks.iterate_records
    record: _T
    for record in walk(records, kind, name):
        group = key(record)
        if type(group) is not known:
            known = guard.admit(group)
        groups.setdefault(group, []).append(record)
    return groups


def note_groups(
    records: Iterable[_T],
    key: Callable[[_T], _K],
    kind: type[_T],
    name: str,
    example: str,
    *,
    groups: dict[Id | None, _K],
    owner: Callable[[_T], Id | None],
    owner_name: str = "customer",
) -> Iterator[_T]:
    """Yield the records, and note the group of each owner in `groups`; an owner must have one group only.

    Args:
        records: The records, which must be of `kind`.
        key: Returns the key of a record.
        kind: The class of the records.
        name: The name of the argument `records`, for the error.
        example: A valid key, for the error.
        groups: The group of each owner, which this function fills.
        owner: Returns the owner of a record.
        owner_name: The word for an owner, for the error.
    """
    checks.check_callable(key, "key", example)
    guard = KeyGuard(groups.values())
    known: type | None = None
    for record in checks.iterate_records(records, kind, name):
        group = key(record)
        if type(group) is not known:
            known = guard.admit(group)
        if groups.setdefault(owner(record), group) != group:
            raise two_groups(groups[owner(record)], group, name.removesuffix("s"), owner_name, owner(record))
        yield record


def two_groups(
    one: object, other: object, record_name: str, owner_name: str = "customer", owner: object = None
) -> InconsistentCountsError:
    """Return the error for an owner whose records have two keys, so that the owner would count twice.

    Args:
        one: A key.
        other: Another key.
        record_name: The word for a record.
        owner_name: The word for an owner.
        owner: The id of the owner.
    """
    return InconsistentCountsError(
        "owner_under_two_keys",
        f"{record_name}s of one {owner_name} must have one key, got {show(one)} and {show(other)}",
        field="key",
        advice=f"take a key of the {owner_name}, not of the {record_name}",
        operands=(one, other),
        record=owner,
    )


def find_lookalikes(keys: Iterable[object]) -> list[tuple[object, str]]:
    """Return the whole numbers and UUIDs among keys whose text is a key too, each with that text."""
    given = list(keys)
    texts = {key.casefold(): key for key in given if type(key) is str}
    if not texts:
        return []
    others = [key for key in given if type(key) is int or type(key).__name__ == "UUID"]
    return [(key, texts[str(key)]) for key in others if str(key) in texts]
