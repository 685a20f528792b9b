"""Records apart by a key of the caller's, in the order in which the keys are first seen."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.ids import Id

__all__: list[str] = []  # for the library alone

_K = TypeVar("_K", bound=Hashable)
_T = TypeVar("_T")


def in_one_group(_: object) -> None:
    """Put every record into one group: the key of a count that is not taken apart."""


def group_by(
    records: Iterable[_T], key: Callable[[_T], _K], kind: type[_T], name: str, example: str
) -> dict[_K, list[_T]]:
    """Return the records of each key.

    Args:
        records: The records, which must be of `kind`.
        key: What the caller gave.
        kind: The class of the records.
        name: What the caller's argument is called.
        example: A key that would do, for the error.
    """
    checks.check_callable(key, "key", example)
    groups: dict[_K, list[_T]] = {}
    for record in checks.iterate(records, name, kind.__name__):
        groups.setdefault(key(checks.as_instance(record, kind, "every item")), []).append(record)
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
    """Pass the records on, and note in `groups` the group of each owner, who must have one only.

    Args:
        records: The records, which must be of `kind`.
        key: What the caller gave.
        kind: The class of the records.
        name: What the caller's argument is called.
        example: A key that would do, for the error.
        groups: Where the group of each owner is noted.
        owner: Whose a record is.
        owner_name: What an owner is called, for the error.
    """
    checks.check_callable(key, "key", example)
    for record in checks.iterate(records, name, kind.__name__):
        group = key(checks.as_instance(record, kind, "every item"))
        if groups.setdefault(owner(record), group) != group:
            raise two_groups(groups[owner(record)], group, name.removesuffix("s"), owner_name)
        yield record


def two_groups(one: object, other: object, record_name: str, owner_name: str = "customer") -> InconsistentCountsError:
    """Return the error for an owner whose records have two keys, and who would be counted twice."""
    return InconsistentCountsError(
        f"a {owner_name} has {record_name}s under two keys, {show(one)} and {show(other)}, and would count twice; "
        f"take a key of the {owner_name}, not of the {record_name}"
    )
