"""This library's records as types of Pydantic and FastAPI, which validate, serialize and describe them.

Write ``Annotated[Customer, Schema]`` wherever pydantic takes a type, or call ``adapter(Customer)``. Values are read as
JSON writes them and never guessed: ``"1"`` is not a whole number, and a number is not a time. If a record's own check
refuses a value, the validation error has the message of that check and names the field. Errors about a record never
show personal data.

Needs pydantic: ``pip install crmcore[pydantic]``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import attrs
from pydantic import (
    ConfigDict,
    GetCoreSchemaHandler,
    SerializerFunctionWrapHandler,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
)
from pydantic_core import (
    CoreSchema,
    ErrorDetails,
    InitErrorDetails,
    PydanticCustomError,
    PydanticSerializationUnexpectedValue,
    core_schema as cs,
)

from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import plain
from crmcore.primitives.checks import show
from crmcore.primitives.errors import CrmcoreError, InvalidValueError, WrongTypeError
from crmcore.primitives.periods import in_utc
from crmcore.primitives.tally import TallyBy

__all__ = ["Schema", "adapter"]

_T = TypeVar("_T")

_MARKED: Final[Any] = Annotated  # type checkers do not allow to subscript it with a variable
_STRICT: Final[dict[Any, Any]] = {bool: StrictBool, float: StrictFloat, int: StrictInt, str: StrictStr}
_PYDANTICS: Final = frozenset[str](get_args(cs.ErrorType))  # the errors that pydantic has its own messages for
_HARMLESS: Final = str | int | float | Decimal | date | timedelta | NoneType
_MINUTE: Final = timedelta(minutes=1)

_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([Ee][+-]?\d+)?$"
_DURATION: Final = r"^[+-]?P(?=.)(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$"
"""Without years and months, which differ in length."""
_DURATIONS: Final = TypeAdapter(timedelta)


class Schema:
    """A mark that tells pydantic how to read and write a type; do not call it: ``Annotated[Customer, Schema]``.

    Examples:
        >>> from typing import Annotated
        >>> from pydantic import BaseModel
        >>> from crmcore import Purchase
        >>> class Basket(BaseModel):
        ...     purchases: list[Annotated[Purchase, Schema]]
        >>> bought = '{"customer_id": 7, "at": "2026-03-02T10:15Z", "amount": {"amount": "5", "currency": "EUR"}}'
        >>> Basket.model_validate_json(f'{{"purchases": [{bought}]}}').purchases[0].margin
        Money('5', 'EUR')

    It marks records, and also collections and unions of records. A record is kept unchanged, a mapping becomes a
    record, and an unknown key is refused. Tallies by key, such as ``TallyBy[str, Balance]``, are a list of pairs of
    key and tally.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - as pydantic has it
        return _Field("value").schema(source, handler)


def adapter(kind: type[_T]) -> TypeAdapter[_T]:
    """Return an adapter that reads and writes a type without a model; build it once. Its errors never show the input.

    Examples:
        >>> from crmcore import Retention
        >>> retentions = adapter(Retention)
        >>> monthly = retentions.validate_json('{"share": 0.95, "per": "month"}')
        >>> monthly.churn
        Decimal('0.05')
        >>> retentions.dump_json(monthly)
        b'{"share":"0.95","per":"month"}'
    """
    return TypeAdapter(_MARKED[kind, Schema], config=ConfigDict(hide_input_in_errors=True))


@attrs.frozen
class _Field:
    """The place of a value: its name in messages, and whether a float is accepted for a Decimal."""

    name: str
    floats: bool = False

    def schema(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - whatever may be a type
        origin, args = get_origin(source) or source, get_args(source)
        leaves = {Decimal: self._decimal, date: self._date, datetime: self._instant, timedelta: self._duration}
        if attrs.has(origin):
            return _record(origin, handler)
        if origin in leaves:
            return leaves[origin]()
        if origin in (Union, UnionType):
            return self._union(args, handler)
        if origin is TallyBy and args:
            return self._tally_by(args, handler)
        return self._build_foreign_schema(source, handler)

    def _build_foreign_schema(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - the same
        """Return the schema of a type of another library, which may contain records of ours."""
        origin, args = get_origin(source) or source, get_args(source)
        if isinstance(source, TypeVar):
            return handler.generate_schema(_MARKED[source, WithJsonSchema({})])
        if not args or origin in (Annotated, Literal):
            return handler.generate_schema(_STRICT.get(origin, source))
        schema = handler.generate_schema(origin[tuple(arg if arg is ... else _MARKED[arg, Schema] for arg in args)])
        return _sort_members(cast("cs.FrozenSetSchema", schema)) if origin is frozenset else schema

    def _union(self, kinds: Collection[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of a union. If its types are plain, a number stays a number and a text a text."""
        some = sorted((kind for kind in kinds if kind is not NoneType), key=lambda kind: kind is Decimal)
        schemas = [self.schema(kind, handler) for kind in some]
        if len(some) == 1:
            schema = schemas[0]
        elif all(kind in _STRICT or kind is Decimal for kind in some):
            names = [f"{'an' if kind is int else 'a'} {kind.__name__}" for kind in some]
            schema = cs.union_schema(
                [*schemas],
                mode="left_to_right",
                custom_error_type=WrongTypeError.__name__,
                custom_error_message=f"{self.name} must be {' or '.join(names)}",
            )
        else:
            names = [getattr(kind, "__name__", repr(kind)) for kind in some]
            schema = cs.union_schema(list(zip(schemas, names, strict=True)))
        return cs.nullable_schema(schema) if NoneType in kinds else schema

    def _tally_by(self, kinds: Collection[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of tallies by key: a list of pairs, because keys need not be texts."""
        pairs = cs.list_schema(cs.tuple_schema([self.schema(kind, handler) for kind in kinds]))

        def build(value: Any, read: ValidatorFunctionWrapHandler) -> object:  # noqa: ANN401 - whatever was given
            if isinstance(value, TallyBy):
                read([*value.items()])
                return cast("object", value)
            rows = read(value)
            tallies = TallyBy[Any, Any](rows)
            if len(tallies) < len(rows):
                raise _convert_error(InvalidValueError(f"{self.name} must have each key once", self.name))
            return tallies

        def write(value: Any, write_pairs: SerializerFunctionWrapHandler) -> object:  # noqa: ANN401 - the same
            return write_pairs([*_check_type(value, TallyBy).items()])

        return cs.no_info_wrap_validator_function(
            build, pairs, serialization=cs.wrap_serializer_function_ser_schema(write, schema=pairs)
        )

    def _decimal(self) -> CoreSchema:
        def read(value: object) -> Decimal:
            return checks.as_decimal(value, self.name, floats=self.floats)

        text = cs.str_schema(pattern=_NUMBER)
        number = cs.float_schema() if self.floats else cs.int_schema()
        return _leaf(Decimal, read, plain, text, given=cs.union_schema([number, text]))

    def _date(self) -> CoreSchema:
        def read(value: object) -> date:
            if isinstance(value, str):
                return self._from_text(value, date.fromisoformat, "2026-03-01")
            if isinstance(value, datetime):
                raise WrongTypeError(
                    f"{self.name} must be a date, got {show(value)}; the day of a datetime depends on a time zone"
                )
            return checks.as_instance(value, date, self.name)

        return _leaf(date, read, date.isoformat, _text("date"))

    def _instant(self) -> CoreSchema:
        def read(value: object) -> datetime:
            if isinstance(value, str):
                value = self._from_text(value, datetime.fromisoformat, "2026-03-01T12:00:00+01:00")
            return checks.as_instant(value, self.name)

        def write(moment: datetime) -> str:
            """Write an instant; in UTC if its offset is not in whole minutes, which RFC 3339 cannot write."""
            is_whole = not cast("timedelta", moment.utcoffset()) % _MINUTE
            return (moment if is_whole else in_utc(moment)).isoformat()

        return _leaf(datetime, read, write, _text("date-time"))

    def _duration(self) -> CoreSchema:
        def parse(text: str) -> timedelta:
            if not re.fullmatch(_DURATION, text, re.ASCII):
                raise ValueError
            return _DURATIONS.validate_python(text)

        def read(value: object) -> timedelta:
            if isinstance(value, str):
                return self._from_text(value, parse, "P30D")
            return checks.as_instance(value, timedelta, self.name)

        def write(duration: timedelta) -> str:
            """Write a duration in days and seconds, which every reader understands in the same way."""
            sign, size = ("-", -duration) if duration < _clock.NO_TIME else ("", duration)
            part = f".{size.microseconds:06}" if size.microseconds else ""
            return f"{sign}P{size.days}D" + (f"T{size.seconds}{part}S" if size % _clock.DAY else "")

        return _leaf(timedelta, read, write, _text("duration", _DURATION))

    def _from_text(self, text: str, parse: Callable[[str], _T], example: str) -> _T:
        try:
            return parse(text)
        except ValueError:
            raise InvalidValueError(
                f"{self.name} must be ISO 8601, got {show(text)}; write it as '{example}'", self.name
            ) from None


def _text(form: str, pattern: str | None = None) -> CoreSchema:
    return cs.str_schema(pattern=pattern, metadata={"pydantic_js_updates": {"format": form}})


def _leaf(
    kind: type[_T],
    read: Callable[[object], _T],
    write: Callable[[_T], str],
    written: CoreSchema,
    *,
    given: CoreSchema | None = None,
) -> CoreSchema:
    """Return the schema of a value that JSON can only write as text."""

    def judged(value: object) -> object:
        try:
            return read(value)
        except CrmcoreError as error:
            raise _convert_error(error) from None

    return cs.no_info_plain_validator_function(
        judged,
        json_schema_input_schema=given or written,
        serialization=cs.plain_serializer_function_ser_schema(
            lambda value: write(_check_type(value, kind)), return_schema=written, when_used="json"
        ),
    )


def _check_type(value: object, kind: type[_T]) -> _T:
    """Return the value to write, or refuse it if it has another type; in a union, another member may fit."""
    if not isinstance(value, kind):
        raise PydanticSerializationUnexpectedValue(f"not a {kind.__name__}: {show(value)}")
    return value


def _sort_members(schema: cs.FrozenSetSchema) -> CoreSchema:
    """Sort the members when they are written, so that every process writes the same."""
    items = cs.list_schema(schema.get("items_schema"))
    schema["serialization"] = cs.plain_serializer_function_ser_schema(
        lambda values: sorted(values, key=str), return_schema=items, when_used="json"
    )
    return schema


def _record(cls: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
    hints = get_type_hints(cls)
    given: dict[str, cs.TypedDictField] = {}
    written: dict[str, cs.TypedDictField] = {}
    public: dict[str, int] = {}
    for field in attrs.fields(cls):
        hint = hints[field.name]
        schema = _Field(field.alias, floats=_takes_floats(field.converter)).schema(hint, handler)
        written[field.alias] = cs.typed_dict_field(schema)
        if field.default is not attrs.NOTHING:
            schema = _with_default(schema, field.default)
        given[field.alias] = cs.typed_dict_field(schema, required=field.default is attrs.NOTHING)
        held = get_args(hint)[:1] if get_origin(hint) in (tuple, frozenset, TallyBy) else ()
        if field.repr and all(map(attrs.has, held)):
            public[field.alias] = 1 + len(held)
    fields = cs.typed_dict_schema(written, extra_behavior="forbid")

    def build(value: object, read: ValidatorFunctionWrapHandler) -> object:
        return value if isinstance(value, cls) else _build_record(cls, public, value, read)

    def write(value: object, write_fields: SerializerFunctionWrapHandler) -> object:
        record = _check_type(value, cls)
        return write_fields({field.alias: getattr(record, field.name) for field in attrs.fields(cls)})

    build.__name__ = cls.__name__  # the name in pydantic's errors
    about = {
        "title": cls.__name__,
        "description": (cls.__doc__ or "").partition("\n")[0],
        "additionalProperties": False,  # pydantic before 2.12 does not add it
    }
    for_json_schema_alone = cs.plain_serializer_function_ser_schema(dict, return_schema=fields)
    return cs.no_info_wrap_validator_function(
        build,
        cs.typed_dict_schema(given, extra_behavior="forbid", serialization=for_json_schema_alone),
        ref=f"{cls.__module__}.{cls.__qualname__}:{id(cls)}",
        metadata={"pydantic_js_updates": about},
        serialization=cs.wrap_serializer_function_ser_schema(write, schema=fields),
    )


def _with_default(schema: CoreSchema, default: object) -> CoreSchema:
    """Add the default of a field. A JSON schema leaves out a record or tallies by key, which are not JSON."""
    kind = type(default)
    if issubclass(kind, TallyBy) or attrs.has(kind):
        return cs.with_default_schema(schema, default_factory=lambda: default)
    return cs.with_default_schema(schema, default=default)


def _takes_floats(converter: object) -> bool:
    """Return whether a field is a share or a rate, by the types that its converter accepts."""
    accepted = [*getattr(converter, "__annotations__", {}).values()][:1]
    return "float" in str(accepted)


def _build_record(
    cls: type[Any], public: Mapping[str, int], value: object, read: ValidatorFunctionWrapHandler
) -> object:
    """Build a record from a mapping. Its own check runs last, after every field is read.

    An error shows the input only if it is a plain value of a public field, at the given depth in the record, or if it
    comes from an inner record, which was checked here before. Any other input may be personal.
    """
    try:
        return cls(**read(value))
    except ValidationError as error:
        lines = [_line(details) for details in error.errors(include_url=False)]
    except CrmcoreError as error:
        lines = [_locate_error(error, cls, cast("Mapping[str, object]", value))]
    for line in lines:
        place, given = line.get("loc", ()), line["input"]
        steps = public.get(str(place[0])) if place else None
        if steps is None or len(place) < steps or not isinstance(given, _HARMLESS):
            line["input"] = f"an object of type {type(given).__name__}"
    raise ValidationError.from_exception_data(cls.__name__, lines)


def _line(details: ErrorDetails) -> InitErrorDetails:
    """Return a line of a validation error, so that it can be raised again."""
    kind: Any = details["type"]
    message: Any = details["msg"]
    if kind not in _PYDANTICS:
        kind = PydanticCustomError(kind, message, details.get("ctx"))
    line = InitErrorDetails(type=kind, loc=details["loc"], input=details["input"])
    if "ctx" in details:
        line["ctx"] = details["ctx"]
    return line


def _locate_error(error: CrmcoreError, cls: type[Any], given: Mapping[str, object]) -> InitErrorDetails:
    """Return the error of a record's own check, at its field: the first operand, if the message names it too."""
    name = next(iter(error.operands), None)
    names = [field.alias for field in attrs.fields(cls)]
    if isinstance(name, str) and name in names and name in str(error).split():
        return InitErrorDetails(type=_convert_error(error), loc=(name,), input=given.get(name, given))
    return InitErrorDetails(type=_convert_error(error), loc=(), input=given)


def _convert_error(error: CrmcoreError) -> PydanticCustomError:
    """Convert an error of this library to one of pydantic, which would not catch a TypeError."""
    return PydanticCustomError(cast("Any", type(error).__name__), cast("Any", str(error)))
