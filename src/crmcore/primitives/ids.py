"""The id of a person or a thing: opaque, never parsed and never ordered. None means unknown."""

from typing import Final

from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError

__all__ = ["Id"]

Id = str | int
"""The id of a customer, a touchpoint or any other noun."""

ID_TYPES: Final = frozenset({str, int, type(None)})
"""The types of an optional id for the fast path of a constructor; everything else goes to `check_id`."""


def check_id(value: object, name: str, *, required: bool = False) -> None:
    """Refuse a value that is not an id, such as an empty text, a bool or a number of another library."""
    if value is None and not required:
        return
    if isinstance(value, bool) or not isinstance(value, str | int):
        hint = "; convert it with int(...)" if hasattr(value, "__index__") and not isinstance(value, bool) else ""
        raise WrongTypeError(f"{name} must be a str or an int, got {show(value)}{hint}", name)
    if value == "":
        advice = "" if required else "; an unknown one is None"
        raise InvalidValueError(f"{name} must not be empty{advice}", name)
