"""Groups of records by a key, in the order in which the keys first occur."""

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
    """Return None for every record: the key of a count without groups."""


def group_by(
    records: Iterable[_T], key: Callable[[_T], _K], kind: type[_T], name: str, example: str
) -> dict[_K, list[_T]]:
    """Return the records of each key.

    Args:
        records: The records, which must be of `kind`.
        key: Returns the key of a record.
        kind: The class of the records.
        name: The name of the argument `records`, for the error.
        example: A valid key, for the error.
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
    for record in checks.iterate(records, name, kind.__name__):
        group = key(checks.as_instance(record, kind, "every item"))
        if groups.setdefault(owner(record), group) != group:
            raise two_groups(groups[owner(record)], group, name.removesuffix("s"), owner_name)
        yield record


def two_groups(one: object, other: object, record_name: str, owner_name: str = "customer") -> InconsistentCountsError:
    """Return the error for an owner whose records have two keys, so that the owner would count twice."""
    return InconsistentCountsError(
        f"a {owner_name} has {record_name}s under two keys, {show(one)} and {show(other)}, and would count twice; "
        f"take a key of the {owner_name}, not of the {record_name}"
    )
