"""How pydantic reads, writes and describes a value by its annotation, and a record by its fields."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin

import attrs
from pydantic import (
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import (
    CoreSchema,
    PydanticCustomError,
    PydanticSerializationUnexpectedValue,
    core_schema as cs,
)

from crmcore.interop import _json
from crmcore.interop.pydantic._errors import Refusal, convert_error, run_check
from crmcore.model.survey import Scale
from crmcore.primitives import checks
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.record import (
    EXACT,
    FIGURE,
    ID_NUMBER,
    NAME,
    Kind,
    Read,
    Record,
    former_names_of,
    hint_of_property,
    hints_of,
    is_personal,
    kind_of,
    read_of,
)
from crmcore.primitives.tally import TallyBy

__all__: list[str] = []  # for the room alone

_T = TypeVar("_T")
MARKED: Final[Any] = Annotated  # type checkers do not allow to subscript it with a variable
_STRICT: Final[dict[Any, Any]] = {bool: StrictBool, float: StrictFloat, int: StrictInt, str: StrictStr}
_NATIVE: Final[dict[Any, CoreSchema]] = {
    bool: cs.bool_schema(),
    float: cs.float_schema(),
    int: cs.int_schema(),
    str: cs.str_schema(),
}
_ID_PARTS: Final = {*get_args(Id)}
_NUMERAL: Final = r"[+-]?[0-9]{1,1100}(\.[0-9]{1,1100})?(E[+-][0-9]{1,6})?"


def _read_figure(value: object, name: str) -> Decimal:
    """Return a figure; unlike a number of the caller it may have a thousand digits."""
    if isinstance(value, str) and re.fullmatch(_NUMERAL, value):
        return Decimal(value)
    return checks.as_decimal(value, name)


_FIGURE: Final = Kind(_read_figure, pattern=f"^{_NUMERAL}$")
_NOT_GIVEN: Final = object()
_MERGES: Final = "pydantic_js_updates"


@attrs.frozen
class Place:
    """The place of a value.

    Attributes:
        name: Its name in messages.
        declared: Whether the rules of a record of this library hold there.
        hint: Its annotation, if that has a kind: pydantic does not pass it on.
    """

    name: str
    declared: bool = False
    hint: Any = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - as pydantic has it
        return self.schema(source if self.hint is None else self.hint, handler)

    def schema(self, hint: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401, PLR0911 - whatever may be a type
        origin, args = get_origin(hint) or hint, get_args(hint)
        kind = kind_of(hint)
        if kind is not None:
            return self._declared(args[0], kind, handler)
        if origin is Annotated or origin is Literal:
            return handler.generate_schema(hint)
        if origin in (Union, UnionType):
            return self._union(args, handler)
        if attrs.has(origin):
            schema = Shape.of(origin, handler).schema()
            return _scale(schema) if origin is Scale else schema
        if origin is TallyBy and args:
            return self._tally_by(args, handler)
        if isinstance(hint, TypeVar):
            return handler.generate_schema(MARKED[hint, WithJsonSchema({})])
        if args:
            return self._several(hint, args, handler)
        return self._leaf(hint, handler)

    def _leaf(self, hint: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - a type
        """Return the schema of a value without parts."""
        if hint is Decimal:
            return self._decimal(EXACT if self.declared else None)
        if hint in _json.FORMS:
            if self.declared:
                return self._written(hint, cast("Read", read_of(hint)), _POSITIVE if hint is timedelta else {})
            return self._written(hint, _FREE[hint], {})
        if isinstance(hint, type) and issubclass(hint, Enum):
            return self._member(hint, handler)
        read = read_of(hint) if self.declared else None
        if read is None or hint not in _NATIVE:
            return handler.generate_schema(_STRICT.get(hint, hint))
        bounds = {"minimum": 0} if hint is int else {}
        return self._judged(read, cs.bool_schema() if hint is bool else {**_NATIVE[hint]}, bounds)

    def _declared(self, hint: Any, kind: Kind, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - a type
        """Return the schema of a value with a kind of its own."""
        if hint is Decimal:
            return self._decimal(kind)
        if hint in _json.FORMS:
            return self._written(hint, kind.read, kind.schema)
        if hint in _NATIVE:
            return self._judged(kind.read, {**_NATIVE[hint]}, kind.schema)

        inner = attrs.evolve(self, declared=False).schema(hint, handler)
        if not attrs.has(hint):
            return self._judged(_read_text_as_number(kind.read, hint), inner, kind.schema)

        def judge(value: object) -> object:
            return run_check(kind.read, value, self.name)

        return cs.no_info_after_validator_function(judge, inner, metadata={_MERGES: {**kind.schema}})

    def _judged(self, read: Read, native: Any, keywords: Mapping[str, object]) -> CoreSchema:  # noqa: ANN401 - a core schema
        """Return the schema of a value that JSON has a form for; our check reads it."""

        def judge(value: object, _: ValidatorFunctionWrapHandler) -> object:
            return run_check(read, value, self.name)

        if keywords:
            native["metadata"] = {_MERGES: {**keywords}}
        return cs.no_info_wrap_validator_function(judge, native)

    def _id(self) -> CoreSchema:
        text = cs.str_schema(metadata={_MERGES: {**NAME.schema}})
        either = cs.union_schema([cs.int_schema(metadata={_MERGES: {**ID_NUMBER}}), text])

        def judge(value: object) -> object:
            return run_check(as_id, value, self.name)

        return cs.no_info_plain_validator_function(
            judge,
            json_schema_input_schema=either,
            serialization=cs.plain_serializer_function_ser_schema(_write_id, return_schema=either, when_used="json"),
        )

    def _member(self, enum: type[Enum], handler: GetCoreSchemaHandler) -> CoreSchema:
        def read(value: object, name: str) -> object:
            if isinstance(value, str) and not isinstance(value, Enum):
                value = next((member for member in enum if member.value == value), value)
            return checks.as_member(value, enum, name)

        return self._judged(read, handler.generate_schema(enum), {})

    def _several(self, hint: Any, args: tuple[Any, ...], handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401 - a type
        """Return the schema of a collection, whose members may be records of ours."""
        origin = get_origin(hint)
        each = attrs.evolve(self, name=f"an item of {self.name.removeprefix('an item of ')}")
        if origin is frozenset and self.declared and args == (str,):
            args = (MARKED[str, NAME],)  # a text in a set is a name
        marked = tuple(
            arg if arg is ... else MARKED[arg, attrs.evolve(each, hint=arg if kind_of(arg) else None)] for arg in args
        )
        schema = handler.generate_schema(cast("Any", origin)[marked])
        return _sort_members(cast("cs.FrozenSetSchema", schema)) if origin is frozenset else schema

    def _union(self, kinds: Collection[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of a union. If its types are plain, a number stays a number and a text a text."""
        some = sorted((kind for kind in kinds if kind is not NoneType), key=lambda kind: kind is Decimal)
        if self.declared and {*some} == _ID_PARTS:
            schema = self._id()
            return cs.nullable_schema(schema) if NoneType in kinds else schema
        free = attrs.evolve(self, declared=self.declared and len(some) == 1)
        schemas = [free.schema(kind, handler) for kind in some]
        if len(some) == 1:
            schema = schemas[0]
        elif all(kind in _STRICT or kind is Decimal for kind in some):
            names = [f"{'an' if kind is int else 'a'} {kind.__name__}" for kind in some]
            schema = cs.union_schema(
                [*schemas],
                mode="left_to_right",
                custom_error_type="wrong_type",
                custom_error_message=f"{self.name} must be {' or '.join(names)}",
            )
        else:
            names = [getattr(kind, "__name__", repr(kind)) for kind in some]
            schema = cs.union_schema(list(zip(schemas, names, strict=True)))
        return cs.nullable_schema(schema) if NoneType in kinds else schema

    def with_figures(self, kinds: tuple[Any, ...], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of tallies by key, each with its figures."""
        key, kind = kinds
        return self._pairs([self.schema(key, handler), shape_with_figures(kind, handler).schema()])

    def _tally_by(self, kinds: Collection[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        return self._pairs([self.schema(kind, handler) for kind in kinds])

    def _pairs(self, schemas: list[CoreSchema]) -> CoreSchema:
        """Return the schema of tallies by key: a list of pairs, because keys need not be texts."""
        pairs = cs.list_schema(cs.tuple_schema(schemas))

        def build(value: Any, read: ValidatorFunctionWrapHandler) -> object:  # noqa: ANN401 - whatever was given
            if isinstance(value, TallyBy):
                read([*value.items()])
                return cast("object", value)
            rows = read(value)
            try:
                keys = {key for key, _ in rows}
            except TypeError:  # a list or an object of JSON, where a record leaves the type of its keys open
                raise PydanticCustomError("is_hashable", "Input should be hashable") from None
            if len(keys) < len(rows):
                raise convert_error(
                    InvalidValueError("key_given_twice", f"{self.name} must have each key once", field=self.name)
                )
            return TallyBy[Any, Any](rows)

        def write(value: Any, write_pairs: SerializerFunctionWrapHandler) -> object:  # noqa: ANN401 - the same
            return write_pairs([*_check_type(value, TallyBy).items()])

        return cs.no_info_wrap_validator_function(
            build, pairs, serialization=cs.wrap_serializer_function_ser_schema(write, schema=pairs)
        )

    def _decimal(self, kind: Kind | None) -> CoreSchema:
        floats = kind is not None and kind.floats

        def read(value: object, name: str) -> object:
            if not floats:
                _json.check_exact(value, name)
            return _json.read_decimal(value, name, floats=floats) if kind is None else kind.read(value, name)

        text = cs.str_schema(metadata={_MERGES: {"pattern": (kind or FIGURE).pattern}})
        if floats and kind is not None:
            given = cs.union_schema([cs.float_schema(metadata={_MERGES: {**kind.schema}}), text])
            return self._text(Decimal, read, text, given)
        return self._text(Decimal, read, text, text)

    def _written(self, kind: type, check: Read, keywords: Mapping[str, object]) -> CoreSchema:
        """Return the schema of a date, an instant, a duration or a zone, which JSON writes as text."""

        def read(value: object, name: str) -> object:
            return check(_json.parse(value, kind, name), name)

        form = _json.FORMS[kind]
        pattern = {"pattern": form.pattern} if form.pattern else {}
        bounds = {"allOf": [{**keywords}]} if keywords else {}
        known = {"format": form.format} if form.format else {}
        text = cs.str_schema(metadata={_MERGES: {**known, **pattern, **bounds}})
        return self._text(kind, read, text, text)

    def _text(self, kind: type, read: Read, written: CoreSchema, given: CoreSchema) -> CoreSchema:
        """Return the schema of a value that JSON can only write as text."""

        def judge(value: object) -> object:
            return run_check(read, value, self.name)

        return cs.no_info_plain_validator_function(
            judge,
            json_schema_input_schema=given,
            serialization=cs.plain_serializer_function_ser_schema(
                lambda value: _json.WRITE[kind](_check_type(value, kind)), return_schema=written, when_used="json"
            ),
        )


def _read_text_as_number(read: Read, hint: Any) -> Read:  # noqa: ANN401 - a type
    """Return a check that takes a text for a number, if the type has exact numbers and no texts."""
    kinds = get_args(hint)
    if Decimal not in kinds or str in kinds:
        return read

    def read_text(value: object, name: str) -> object:
        return read(checks.as_decimal(value, name) if isinstance(value, str) else value, name)

    return read_text


def _read_duration(value: object, name: str) -> timedelta:
    return checks.as_instance(value, timedelta, name)


_FREE: Final[dict[Any, Read]] = {
    date: checks.as_date,
    datetime: checks.as_instant,
    timedelta: _read_duration,
    tzinfo: checks.as_zone,
}
"""How a time outside a record is read; there a duration may be negative."""
_POSITIVE: Final = {"pattern": "^[^-]*[1-9]"}
"""What a duration in a record must match too."""


def _write_id(value: object) -> object:
    return value if isinstance(value, str | int) else str(value)


def _check_type(value: object, kind: type[_T]) -> _T:
    """Return the value to write, or refuse it if it has another type; in a union, another member may fit."""
    if not isinstance(value, kind):
        raise PydanticSerializationUnexpectedValue(f"not a {kind.__name__}: {show(value)}")
    return value


def _sort_members(schema: cs.FrozenSetSchema) -> CoreSchema:
    """Sort the members when they are written, so that every process writes the same."""
    as_read = cast("CoreSchema", {**schema})
    items = cs.list_schema(schema.get("items_schema"))
    schema["serialization"] = cs.plain_serializer_function_ser_schema(
        lambda values: sorted(values, key=str), return_schema=items, when_used="json"
    )

    def describe(_: CoreSchema, describe_core: GetJsonSchemaHandler) -> JsonSchemaValue:
        return describe_core(as_read)

    schema["metadata"] = {"pydantic_js_functions": [describe]}
    return schema


def shape_with_figures(kind: Any, handler: GetCoreSchemaHandler) -> Shape:  # noqa: ANN401 - a type
    cls = get_origin(kind) or kind
    if not isinstance(cls, type) or not attrs.has(cls):
        raise WrongTypeError(
            "figures_of_no_result",
            f"kind must be a class of results, or a TallyBy of one, to have figures, got {show(kind)}",
            field="kind",
            advice="mark the result itself, where it stands: Annotated[Nps, Figures]",
        )
    return Shape.of(cls, handler).with_figures(handler)


def _bare(hint: Any) -> Any:  # noqa: ANN401 - a type
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def as_optional(schema: CoreSchema) -> CoreSchema:
    """Let a field be left out of a body; what it has by default is then not set."""
    return schema if schema["type"] == "default" else cs.with_default_schema(schema, default=None)


@attrs.frozen
class Shape:
    """A class of records as pydantic sees it.

    Attributes:
        cls: The class.
        fields: How each field is read, by its name in the constructor.
        public: How deep in a field its input is no personal data, so that an error may show it.
        several: The fields whose items an error may name by their place.
        description: What the record is, from its docstring.
        former: The names that fields had in earlier releases, and those that they have today.
        figures: The properties that are written beside the fields.
    """

    cls: type[Any]
    fields: dict[str, cs.ModelField]
    public: dict[str, int]
    several: set[str]
    description: str
    former: Mapping[str, str]
    figures: dict[str, cs.ModelField] = attrs.field(factory=dict[str, cs.ModelField])

    @classmethod
    def of(cls, kind: type[Any], handler: GetCoreSchemaHandler) -> Shape:
        hints = hints_of(kind)
        about = _describe_fields(kind)
        declared = issubclass(kind, Record)
        fields: dict[str, cs.ModelField] = {}
        public: dict[str, int] = {}
        several = {field.alias for field in attrs.fields(kind) if get_origin(_bare(hints[field.name])) is tuple}
        for field in attrs.fields(kind):
            hint = hints[field.name]
            schema = Place(field.alias, declared).schema(hint, handler)
            if field.default is not attrs.NOTHING:
                schema = _with_default(schema, field.default)
            known = about.get(field.alias)
            fields[field.alias] = cs.model_field(schema, metadata={_MERGES: {"description": known}} if known else None)
            bare = _bare(hint)
            held = get_args(bare)[:1] if get_origin(bare) in (tuple, frozenset, TallyBy) else ()
            if field.repr and not is_personal(hint) and all(map(attrs.has, held)):
                public[field.alias] = 1 + len(held)
        return cls(kind, fields, public, several, (kind.__doc__ or "").partition("\n")[0], former_names_of(kind))

    @property
    def name(self) -> str:
        """The name of the schema."""
        return f"{self.cls.__name__}WithFigures" if self.figures else self.cls.__name__

    def with_figures(self, handler: GetCoreSchemaHandler) -> Shape:
        """Return the shape with the figures of a result."""
        names = self.cls.ratios if isinstance(self.cls, type) and issubclass(self.cls, Result) else ()
        found: dict[str, cs.ModelField] = {}
        for name in names:
            read = Place(name).schema(_as_figure(hint_of_property(self.cls, name)), handler)
            about = cleandoc(getattr(self.cls, name).__doc__ or "").partition("\n\n")[0]
            keywords = {"readOnly": True, "description": " ".join(about.split())}
            found[name] = cs.model_field(
                cs.with_default_schema(read, default_factory=lambda: _NOT_GIVEN), metadata={_MERGES: keywords}
            )
        return attrs.evolve(self, figures=found)

    def schema(self) -> CoreSchema:
        """Return the schema of the record. It is the same for what is read and for what is written, where it can be."""
        cls = self.cls
        every = self.fields | self.figures
        fields = cs.model_fields_schema(every, extra_behavior="forbid", from_attributes=None)
        written = cs.typed_dict_schema(
            {
                **{name: cs.typed_dict_field(field["schema"]) for name, field in self.fields.items()},
                **{
                    name: cs.typed_dict_field(field["schema"], metadata=field.get("metadata", {}))
                    for name, field in self.figures.items()
                },
            }
        )
        title = {"title": self.name, "description": self.description}

        def build(value: object, read: ValidatorFunctionWrapHandler) -> object:
            return value if isinstance(value, cls) else self._build(value, read)

        def write(value: object, write_fields: SerializerFunctionWrapHandler) -> object:
            record = _check_type(value, cls)
            values = {field.alias: getattr(record, field.name) for field in attrs.fields(cls)}
            return write_fields(values | {name: getattr(record, name) for name in self.figures})

        def describe(_: CoreSchema, describe_core: GetJsonSchemaHandler) -> JsonSchemaValue:
            return title | describe_core(fields)

        build.__name__ = cls.__name__  # the name in pydantic's errors
        return cs.no_info_wrap_validator_function(
            build,
            fields,
            ref=f"{cls.__module__}.{cls.__qualname__.removesuffix(cls.__name__)}{self.name}:{id(cls)}",
            metadata={"pydantic_js_functions": [describe]},
            serialization=cs.wrap_serializer_function_ser_schema(write, schema=written),
        )

    def _build(self, value: object, read: ValidatorFunctionWrapHandler) -> object:
        """Build a record from a mapping or from attributes. Its own check runs last, after every field is read."""
        with Refusal(self, value):
            fields, _, _ = read(self._rename(value))
            figures = {name: fields.pop(name) for name in self.figures}
            record = self.cls(**fields)
            for name, given in figures.items():
                if given is not _NOT_GIVEN:
                    _check_figure(name, given, getattr(record, name))
            return record

    def read_part(self, value: object, read: ValidatorFunctionWrapHandler) -> dict[str, Any]:
        """Read those fields that are given."""
        with Refusal(self, value):
            fields, _, given = read(self._rename(value))
            return {name: fields[name] for name in fields if name in given}

    def _rename(self, value: object) -> object:
        """Give the fields of a document of an earlier release the names that they have today."""
        if not self.former or not isinstance(value, Mapping):
            return value
        given = cast("Mapping[str, object]", value)
        return {name if (now := self.former.get(name, name)) in given else now: part for name, part in given.items()}


def _as_figure(hint: Any) -> Any:  # noqa: ANN401 - a type
    """Return the type of a figure: its Decimals may have more decimals than those that a caller gives."""
    if hint is Decimal:
        return MARKED[Decimal, _FIGURE]
    if get_origin(hint) in (Union, UnionType):
        return Union[tuple(map(_as_figure, get_args(hint)))]  # noqa: UP007 - of a tuple
    return hint


def _check_figure(name: str, given: object, figure: object) -> None:
    if given != figure:
        raise InconsistentCountsError(
            "figure_contradicts_counts",
            f"{name} must be what follows from the counts, {show(figure)}, got {show(given)}",
            field=name,
            advice=f"leave {name} out",
            operands=(figure, given),
        )


def _scale(schema: CoreSchema) -> CoreSchema:
    """Return the schema of a scale: a known one is its name, as in documents that earlier versions wrote."""
    names: list[Any] = [scale.name for scale in Scale.KNOWN]

    def read(value: object) -> object:
        return {"name": value} if isinstance(value, str) else value

    def write(value: object, write_record: SerializerFunctionWrapHandler) -> object:
        scale = _check_type(value, Scale)
        return scale.name if scale in Scale.KNOWN else write_record(scale)

    def describe(_: CoreSchema, describe_core: GetJsonSchemaHandler) -> JsonSchemaValue:
        return describe_core(cs.union_schema([schema, cs.literal_schema(names)]))

    return cs.no_info_before_validator_function(
        read,
        schema,
        metadata={"pydantic_js_functions": [describe]},
        serialization=cs.wrap_serializer_function_ser_schema(write, schema=schema),
    )


def _with_default(schema: CoreSchema, default: object) -> CoreSchema:
    """Add the default of a field. A JSON schema leaves out what the field would refuse as JSON."""
    kind = type(default)
    if issubclass(kind, TallyBy) or attrs.has(kind) or (default is None and schema["type"] != "nullable"):
        return cs.with_default_schema(schema, default_factory=lambda: default)
    return cs.with_default_schema(schema, default=default)


_ATTRIBUTE: Final = re.compile(r"^ {4}(?P<name>\w+): (?P<text>.*(?:\n {8,}.*)*)", re.MULTILINE)


def _describe_fields(cls: type[Any]) -> dict[str, str]:
    """Return what the docstrings of a class and its bases say of each field, under `Attributes:`."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        section = cleandoc(base.__doc__ or "").partition("\nAttributes:\n")[2].partition("\n\n")[0]
        found |= {match["name"]: " ".join(match["text"].split()) for match in _ATTRIBUTE.finditer(section)}
    return found
