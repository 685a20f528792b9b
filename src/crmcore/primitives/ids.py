"""The id of a person or a thing: opaque, never parsed and never ordered. None means unknown."""

import operator
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, cast

from crmcore.primitives.checks import at_fault, check_unique, iterate, show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError

if TYPE_CHECKING:
    from typing import TypeAlias
    from uuid import UUID

__all__ = ["Id"]

if TYPE_CHECKING:
    Id: TypeAlias = str | int | UUID
else:
    Id = str | int  # msgspec refuses a union of two types that JSON writes as text
"""The id of a customer, a touchpoint or any other noun: a text, a whole number or a `uuid.UUID`."""

ID_TYPES: Final = frozenset({str, int, type(None)})
"""The types of an optional id for the fast path of a constructor; everything else goes to `as_id`."""


def are_plain(values: tuple[object, ...]) -> bool:
    """Return whether each value is None or an id in the form that is kept: for the fast path of a constructor."""
    for value in values:
        if value is not None:
            if type(value) is str:
                if not value or value.isspace():
                    return False
            elif type(value) is not int:
                return False
    return True


def as_id(value: object, name: str) -> Id:
    """Return an id as a plain text, int or UUID. None, an empty text, a bool and a float are refused."""
    if isinstance(value, str):
        text = str.__str__(value)
        if not text or text.isspace():
            raise InvalidValueError("empty_id", f"{name} must not be empty", **at_fault(name))
        return text
    uuid = next((cls for cls in type(value).__mro__ if (cls.__module__, cls.__name__) == ("uuid", "UUID")), None)
    if uuid is not None:  # found by its name, because to import the class takes 2 ms
        return cast("UUID", value if type(value) is uuid else cast("Any", uuid)(int=cast("UUID", value).int))
    if not isinstance(value, bool):
        try:
            return operator.index(cast("Any", value))
        except TypeError:
            pass
    raise WrongTypeError(
        "not_an_id",
        f"{name} must be a text, a whole number or a UUID, got {show(value)}",
        **at_fault(name),
        operands=(show(value),),
    )


def as_ids(values: Iterable[Id], name: str, *, unique: bool = False) -> list[Id]:
    """Return several ids in order, checked; one that comes twice is refused if they must be unique."""
    ids = [as_id(value, f"{name}[{place}]") for place, value in enumerate(iterate(values, name, "id"))]
    if unique:
        check_unique(ids, name, "an id")
    return ids


def check_id(value: object, name: str, *, required: bool = False) -> None:
    """Refuse a value that is not an id; None only if it is required."""
    if value is not None or required:
        as_id(value, name)
