"""Ids: opaque, never parsed and never ordered; None is an unknown."""

from typing import Final

from crmcore.primitives._entry import shown
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError

Id = str | int

ID_TYPES: Final = frozenset({str, int, type(None)})
"""What an optional id is on the fast path; anything else is for `check_id` to judge."""


def check_id(value: object, name: str, *, required: bool = False) -> None:
    """Refuse what is no id: an empty text, a bool, a number of another library."""
    if value is None and not required:
        return
    if isinstance(value, bool) or not isinstance(value, str | int):
        hint = "; convert it with int(...)" if hasattr(value, "__index__") and not isinstance(value, bool) else ""
        raise WrongTypeError(f"{name} must be a str or an int, got {shown(value)}{hint}", name)
    if value == "":
        advice = "" if required else "; an unknown one is None"
        raise InvalidValueError(f"{name} must not be empty{advice}", name)


def two_keys(record: str, one: object, other: object) -> InconsistentCountsError:
    """What to say where a customer's records fall under two keys and he would count twice."""
    return InconsistentCountsError(
        f"a customer has {record}s under two keys, {shown(one)} and {shown(other)}, and would count twice; "
        f"take a key of the customer, not of the {record}"
    )
