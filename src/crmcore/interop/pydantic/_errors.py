"""Errors of this library as errors of pydantic, which show no personal data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, cast, get_args

import attrs
from pydantic import ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError, core_schema as cs

from crmcore.primitives import checks
from crmcore.primitives._shown import name_of
from crmcore.primitives.checks import show
from crmcore.primitives.errors import CrmcoreError
from crmcore.primitives.record import Read

if TYPE_CHECKING:
    from crmcore.interop.pydantic._schemas import Shape

__all__: list[str] = []  # for the room alone

_PYDANTICS: Final = frozenset[str](get_args(cs.ErrorType))  # the errors that pydantic has its own messages for
_HARMLESS: Final = str | int | float | Decimal | date | timedelta | NoneType


def context_of(error: CrmcoreError) -> dict[str, Any]:
    """Return the parts of an error that programs read, as JSON can write them."""
    context: dict[str, Any] = {}
    if error.operands:
        context["operands"] = [_as_plain(operand) for operand in error.operands]
    if error.record is not None:
        context["record"] = _as_plain(error.record)
    return context


def _as_plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    return value if isinstance(value, bool | int | float | str | NoneType) else show(value)


def convert_error(error: CrmcoreError) -> PydanticCustomError:
    """Convert an error of this library to one of pydantic: without the advice, which is for Python callers."""
    return PydanticCustomError(cast("Any", error.rule), cast("Any", error.message), context_of(error) or None)


def run_check(read: Read, value: object, name: str) -> object:
    try:
        return read(value, name)
    except CrmcoreError as error:
        if isinstance(error.record, int) and isinstance(value, list | tuple):
            line = InitErrorDetails(type=convert_error(error), loc=(error.record,), input=value)
            raise ValidationError.from_exception_data(name, [line]) from None
        raise convert_error(error) from None


class _Described(str):
    """What an error shows instead of an input; it is not described again around it."""

    __slots__ = ()


@attrs.define
class Refusal:
    """Turns the error of a record into one of pydantic.

    It shows the input only if it is a plain value of a public field, at the given depth in the record, or if it comes
    from an inner record, which was checked here before. Of a text it shows the length. Any other input may be personal.
    """

    shape: Shape
    given: object

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, ValidationError):
            lines = [self._line(details) for details in error.errors(include_url=False)]
        elif isinstance(error, CrmcoreError):
            lines = [self._locate(error)]
        else:
            return
        for line in lines:
            place, given = line.get("loc", ()), line["input"]
            steps = self.shape.public.get(str(place[0])) if place else None
            if steps is None or len(place) < steps or not isinstance(given, _HARMLESS):
                line["input"] = _Described(f"an object of type {name_of(type(cast('object', given)))}")
            elif isinstance(given, str) and not isinstance(given, _Described):
                line["input"] = _Described(checks.describe(given))
        raise ValidationError.from_exception_data(self.shape.cls.__name__, lines) from None

    def _line(self, details: ErrorDetails) -> InitErrorDetails:
        """Return a line of a validation error, so that it can be raised again."""
        kind: Any = details["type"]
        message: Any = details["msg"]
        context = details.get("ctx")
        if kind == "model_type" and not details["loc"]:
            context = {"class_name": self.shape.cls.__name__}
        if kind not in _PYDANTICS:
            kind = PydanticCustomError(kind, message, context)
        line = InitErrorDetails(type=kind, loc=details["loc"], input=details["input"])
        if context:
            line["ctx"] = context
        return line

    def _locate(self, error: CrmcoreError) -> InitErrorDetails:
        """Return the error of a record's own check, at its field."""
        place: tuple[int | str, ...] = ()
        given = self.given
        if error.field in self.shape.fields or error.field in self.shape.figures:
            place = (error.field,)
            if isinstance(given, Mapping):
                given = cast("Mapping[str, object]", given).get(error.field)
            if isinstance(error.record, int) and error.field in self.shape.several:
                place = (error.field, error.record)
        return InitErrorDetails(type=convert_error(error), loc=place, input=given)
