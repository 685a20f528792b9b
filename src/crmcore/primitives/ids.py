"""The id of a person or a thing: opaque, never parsed and never ordered. None means unknown."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, cast

from crmcore.primitives._bounds import LARGEST_ID, LONGEST_NAME, MOST_ID_DIGITS
from crmcore.primitives._kinds import is_a
from crmcore.primitives.checks import at_fault, check_length, check_unique, end_at_limit, find_int, iterate, show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError

if TYPE_CHECKING:
    from typing import TypeAlias
    from uuid import UUID

__all__ = ["Id"]

if TYPE_CHECKING:
    Id: TypeAlias = str | int | UUID
else:
    Id = str | int  # msgspec refuses a union of two types that JSON writes as text
"""The id of a customer, a touchpoint or any other noun: a text, a whole number or a `uuid.UUID`.

A text has at most 1,000 characters, and a number at most 100 digits.
"""

ID_TYPES: Final = frozenset({str, int, type(None)})
"""The types of an optional id for the fast path of a constructor; everything else goes to `as_id`."""


def is_plain(value: object) -> bool:
    """Return whether a value is an id in the form that is kept, and not None."""
    return value is not None and are_plain((value,))


def are_plain(values: tuple[object, ...]) -> bool:
    """Return whether each value is None or an id in the form that is kept: for the fast path of a constructor."""
    for value in values:
        if value is not None:
            if type(value) is str:
                if not value or len(value) > LONGEST_NAME or value.isspace():
                    return False
            elif type(value) is not int or not -LARGEST_ID <= value <= LARGEST_ID:
                return False
    return True


def as_id(value: object, name: str) -> Id:
    """Return an id as a plain text, int or UUID. None, an empty text, a bool and a float are refused."""
    if is_a(value, str):
        text = str.__str__(value)
        if not text or text.isspace():
            raise InvalidValueError("empty_id", f"{name} must not be empty", **at_fault(name))
        check_length(text, name)
        return text
    uuid = next((cls for cls in type(value).__mro__ if (cls.__module__, cls.__name__) == ("uuid", "UUID")), None)
    if uuid is not None:  # found by its name, because to import the class takes 2 ms
        return cast("UUID", value if type(value) is uuid else cast("Any", uuid)(int=cast("UUID", value).int))
    number = find_int(value)
    if number is None:
        raise WrongTypeError(
            "not_an_id",
            f"{name} must be a text, a whole number or a UUID, got {show(value)}",
            **at_fault(name),
            operands=(show(value),),
        )
    if not -LARGEST_ID <= number <= LARGEST_ID:
        raise InvalidValueError(
            "id_too_large",
            f"{name} must have at most {MOST_ID_DIGITS} digits, got {show(number)}",
            **at_fault(name),
            operands=(show(number),),
        )
    return number


def as_ids(values: Iterable[Id], name: str, *, unique: bool = False) -> list[Id]:
    """Return several ids in order, checked; one that comes twice is refused if they must be unique."""
    walk = iterate(values, name, "id")
    ids = [as_id(value, f"{name}[{place}]") for place, value in enumerate(end_at_limit(walk, values, name))]
    if unique:
        check_unique(ids, name, "an id")
    return ids


def check_id(value: object, name: str, *, required: bool = False) -> None:
    """Refuse a value that is not an id; None only if it is required."""
    if value is not None or required:
        as_id(value, name)
