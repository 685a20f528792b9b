"""The base class of all records, and what a field of one may hold.

A field is declared once, by its annotation: ``Id``, ``datetime``, an enum and a class of this library say themselves
what they accept; a bound is added with one of the aliases of this module, such as `Name` or
``Annotated[Decimal, POSITIVE]``. The check of the constructor, the JSON schema, the Hypothesis strategy and the tests
with hostile input all read the annotation. A converter, such as `text`, only tells type checkers what else the
constructor accepts.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from importlib import import_module
from itertools import islice, repeat
from types import MappingProxyType, NoneType, SimpleNamespace, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Final,
    NoReturn,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import attrs

from crmcore.primitives import _bounds, checks
from crmcore.primitives._kinds import is_a
from crmcore.primitives._reprs import SHORT, show_record
from crmcore.primitives.errors import CrmcoreError, InvalidValueError, WrongTypeError
from crmcore.primitives.ids import Id, as_id

if TYPE_CHECKING:
    from typing import TypeAlias

__all__: list[str] = []  # for the library alone

_E = TypeVar("_E", bound=Enum)
_R = TypeVar("_R")
_new: Final[Any] = object.__new__

Read = Callable[[Any, str], Any]
"""Returns a value in the form that the record keeps, or raises an error with the name of the field."""


@attrs.frozen
class Kind:
    """What a field accepts beyond its type, as the metadata of ``Annotated``.

    Attributes:
        read: The check.
        schema: The keywords of the JSON schema that say the same; for a Decimal those of its number.
        pattern: The pattern of the text of a Decimal.
        floats: Whether a Decimal may be given as a float.
        personal: Whether it is about an identified person in their or somebody's own words. Then `repr`, and with it
            every printer of records, leaves the field out, and no message has its value.
    """

    read: Read
    schema: Mapping[str, object] = MappingProxyType[str, object]({})
    pattern: str = ""
    floats: bool = False
    personal: bool = False

    def __hash__(self) -> int:
        return id(self)


# The patterns are a little narrower than the checks: they leave out exponents, and need no look-around, which other
# engines cannot compile. Whatever they accept, the check accepts.
_DIGITS: Final = r"(\d{1,30}(\.\d{0,40})?|\.\d{1,40})"
_NOT_ZERO: Final = r"(0{0,9}[1-9]\d{0,29}(\.\d{0,40})?|\d{0,30}\.\d{0,19}[1-9]\d{0,20})"
_FIGURES: Final = (  # 1,000 digits at most, wherever the point is
    r"(0?\.\d{1,1000}|\d(\.\d{0,999})?|\d{1,30}(\.\d{0,970})?|\d{1,500}(\.\d{0,500})?|\d{1,1000})"
)

EXACT: Final = Kind(checks.as_exact, pattern=f"^[+-]?{_DIGITS}$")
NON_NEGATIVE: Final = Kind(checks.as_non_negative, pattern=rf"^\+?{_DIGITS}$")
POSITIVE: Final = Kind(checks.as_positive, pattern=rf"^\+?{_NOT_ZERO}$")
FIGURE: Final = Kind(checks.as_decimal, pattern=f"^[+-]?{_FIGURES}$")
"""A computed number, which may have more digits and decimals than one that is given."""
SUM: Final = FIGURE
"""A sum of exact numbers, which may exceed the bound of each."""
SHARE: Final = Kind(
    checks.as_share, {"minimum": 0, "maximum": 1}, r"^\+?(0(\.\d{0,1000})?|1(\.0{0,40})?|\.\d{1,1000})$", floats=True
)

WAIT: Final = Kind(checks.as_wait, {"pattern": r"^[^-]"})
"""A duration >= 0."""


def at_least(least: int) -> Kind:
    """Return the kind of a whole number with a lower bound."""
    return Kind(functools.partial(_read_from, least), {"minimum": least})


def between(low: int, high: int) -> Kind:
    """Return the kind of a whole number with two bounds."""
    return Kind(functools.partial(_read_between, low, high), {"minimum": low, "maximum": high})


def _read_from(least: int, value: object, name: str) -> int:
    return checks.as_count(value, name, least=least)


def _read_between(low: int, high: int, value: object, name: str) -> int:
    return checks.as_whole(value, name, low, high)


NAME: Final = Kind(checks.as_nonempty_text, {"minLength": 1, "maxLength": _bounds.LONGEST_NAME, "pattern": r"\S"})
Name = Annotated[str, NAME]
"""A text that is not empty, not only spaces and not too long."""

ID_NUMBER: Final = MappingProxyType[str, object]({"minimum": -_bounds.LARGEST_ID, "maximum": _bounds.LARGEST_ID})
"""The keywords of the JSON schema of an id that is a number; those of a text are of `NAME`."""

PERSONAL: Final = Kind(checks.as_text, personal=True)
Personal = Annotated[str, PERSONAL]
"""A text about an identified person, such as a note, a cause or a role. It may be empty."""
PERSONAL_NAME: Final = Kind(checks.as_nonempty_text, NAME.schema, personal=True)
PersonalName = Annotated[str, PERSONAL_NAME]
"""The same, not empty: the name of a person."""

if TYPE_CHECKING:
    Label: TypeAlias = _E | str
else:

    class Label:
        """A member of an enum or any other text: ``Label[Channel]``. The text of a member becomes the member."""

        def __class_getitem__(cls, enum: type[Enum]) -> Any:  # noqa: ANN401 - a type
            read = functools.partial(_read_label, frozenset(map(id, enum)), enum)
            return Annotated[str, Kind(read, {"examples": [*map(str, enum)], **NAME.schema})]


def _read_label(members: frozenset[int], enum: type[Enum], value: object, name: str) -> object:
    return value if id(value) in members else checks.as_label(value, enum, name)  # 4x as fast as as_label


# Converters, which tell type checkers what a field accepts. The record reads the value itself, with the field's name.


def text(value: str | None) -> str:
    """Accept a text, or None for no text."""
    return cast("str", value)


def number(value: Decimal | int | str) -> Decimal:
    """Accept an exact number."""
    return cast("Decimal", value)


def fraction(value: Decimal | int | str | float) -> Decimal:
    """Accept a number, which may be a float: a share or a rate."""
    return cast("Decimal", value)


def maybe_number(value: Decimal | int | str | None) -> Decimal | None:
    """Accept an exact number or None."""
    return cast("Decimal | None", value)


def maybe_fraction(value: Decimal | int | str | float | None) -> Decimal | None:
    """Accept a number, which may be a float, or None."""
    return cast("Decimal | None", value)


def several(values: Iterable[Any]) -> tuple[Any, ...]:
    """Accept any iterable for a tuple; of anything, because mypy does not solve the type variable of a converter."""
    return cast("tuple[Any, ...]", values)


def distinct(values: Iterable[Any]) -> frozenset[Any]:
    """Accept any iterable for a frozenset."""
    return cast("frozenset[Any]", values)


def setters_of(cls: type[Any]) -> tuple[Callable[[Any, Any], None], ...]:
    """Return for each field of a record what sets it: for the fast path of an `__init__`.

    They are the `__set__` of the slots, which know no frozen class: 1.6x as fast as `object.__setattr__`.
    """
    return tuple(cls.__dict__[field.name].__set__ for field in attrs.fields(cls))


def build_records(cls: type[_R], number: int, columns: Iterable[Iterable[object]]) -> list[_R]:
    """Build records from checked columns, one for each field, without the constructor.

    2x as fast as the fastest constructor: benchmarks/subjects/reading.py
    """
    records = [*map(_new, repeat(cls, number))]
    for put, column in zip(setters_of(cls), columns, strict=True):
        deque(map(put, records, column), maxlen=0)
    return records


def is_free_of_rules(cls: type[Any], given: Iterable[str]) -> bool:
    """Return whether checked values of these fields make a record that needs no further check."""
    return "_ruled" in cls.__dict__ and cls._ruled.isdisjoint(given)


def is_record_class(kind: object) -> bool:
    """Return whether a value is a class of records, with fields; `Record` itself has none."""
    return is_a(kind, type) and issubclass(cast("Any", kind), Record) and attrs.has(cast("Any", kind))


def _make_repr() -> Any:  # noqa: ANN401 - a method
    def shown(self: object) -> str:
        return show_record(self)

    setattr(shown, SHORT, True)
    return shown


class Record:
    """The base class of all models and results: it checks each field when the record is built.

    A subclass that has an ``__attrs_post_init__`` of its own loses no check: those of the record run first.

    A pickle holds the fields by their names. When it is read, the constructor builds the record from them, so that a
    field that an earlier release did not have takes its default, and what is invalid today is refused.
    """

    __slots__ = ()
    _defined_in: ClassVar[str]
    _reads: ClassVar[tuple[tuple[str, str, Read, bool], ...]]
    _ruled: ClassVar[frozenset[str]]
    """Fields without which no rule between fields can be broken. Only classes that are built by the million say so."""
    _stored: ClassVar[_Stored]
    _shown: ClassVar[tuple[Any, ...]]
    _former: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """The names that fields had in earlier releases, and those that they have today."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls._defined_in = cls.__module__  # `__module__` becomes the public home, where its names may be missing
        if "__setstate__" not in cls.__dict__:  # attrs writes one of its own into a class that only inherits it
            cls.__setstate__ = cls.__setstate__  # type: ignore[method-assign] # the inherited one
        if hasattr(cls.__repr__, SHORT):
            # attrs keeps a `__repr__` that the class has itself; old versions only if no base has the same function.
            cls.__repr__ = _make_repr()  # type: ignore[method-assign] # the same for another class
        own = cls.__dict__.get("__attrs_post_init__")
        if own is None or hasattr(own, "__wrapped__") or not any(map(attrs.has, cls.__bases__)):
            return
        inherited = cast("Any", super(cls, cls)).__attrs_post_init__

        @functools.wraps(own)
        def check_first(self: Record) -> None:
            inherited(self)
            own(self)

        cls.__attrs_post_init__ = check_first  # type: ignore[method-assign] # it calls the one it replaces

    def __attrs_post_init__(self) -> None:
        self._check()

    __repr__ = _make_repr()

    def _repr_pretty_(*given: Any) -> None:  # noqa: ANN401 - as IPython and Hypothesis call it
        """Write the `repr`: both print all fields of an attrs class otherwise, also those that `repr` leaves out.

        Hypothesis asks a class as if it were a record, so that the printer comes first.
        """
        *record, printer, cycle = given
        printer.text("..." if cycle or not record else repr(record[0]))

    @classmethod
    def _list_shown(cls) -> tuple[Any, ...]:
        """Return the fields that `repr` shows: none that is personal by its kind."""
        shown = cls.__dict__.get("_shown")
        if shown is None:  # kept on the class itself, as the checks are
            hints, fields = hints_of(cls), attrs.fields(cast("Any", cls))
            cls._shown = shown = tuple(
                field for field in fields if field.repr and not is_personal(hints.get(field.name))
            )
        return cast("tuple[Any, ...]", shown)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:  # noqa: ANN401 - pydantic is not imported here
        return import_module("crmcore.interop.pydantic").Schema.__get_pydantic_core_schema__(source, handler)

    def __getstate__(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in list_stored(type(self)).names}

    def __setstate__(self, state: object) -> None:
        self.__init__(**list_stored(type(self)).read(state))  # type: ignore[misc] # the constructor of the subclass

    def _check(self) -> None:
        """Check each field by its declaration. A class with rules that span fields extends this."""
        cls: Any = type(self)
        reads = cls.__dict__.get("_reads")
        if reads is None:  # kept on the class itself, so that nothing outlives a class that a caller drops
            cls._reads = reads = _list_reads(cls)
        for name, alias, read, optional in reads:
            value = getattr(self, name)
            if optional and value is None:
                continue
            kept = read(value, alias)
            if kept is not value:
                object.__setattr__(self, name, kept)


@attrs.frozen
class _Stored:
    """How the pickles of a class are read.

    Attributes:
        cls: The class.
        names: The fields that the constructor takes, in order.
        aliases: The name in the constructor of each name in a pickle. A field that follows from the others has none.
        required: The fields without a default, by their names in the constructor.
    """

    cls: type[Any]
    names: tuple[str, ...]
    aliases: Mapping[str, str | None]
    required: frozenset[str]

    @classmethod
    def of(cls, kind: type[Any]) -> _Stored:
        fields = attrs.fields(kind)
        aliases = {field.name: field.alias if field.init else None for field in fields}
        given = [field for field in fields if field.init]
        return cls(
            kind,
            tuple(field.name for field in given),
            aliases | {former: aliases[name] for former, name in former_names_of(kind).items()},
            frozenset(field.alias for field in given if field.default is attrs.NOTHING),
        )

    def read(self, state: object) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        if type(state) is not dict:
            raise WrongTypeError(
                "stored_without_names",
                f"a stored {self.cls.__name__} must hold its fields by their names, got {checks.describe(state)}",
                advice=_WRITE_AGAIN,
            )
        given: dict[str, Any] = {}
        for name, value in cast("dict[object, Any]", state).items():
            alias = self.aliases.get(cast("str", name), "")
            if alias and alias not in given:
                given[alias] = value
            elif alias is not None:
                self._refuse(name)
        if not self.required <= given.keys():
            missing = [field.alias for field in attrs.fields(self.cls) if field.alias in self.required - given.keys()]
            raise InvalidValueError(
                "stored_without_a_field",
                f"a stored {self.cls.__name__} must have {', '.join(missing)}",
                field=missing[0],
                advice=_WRITE_AGAIN,
            )
        return given

    def _refuse(self, name: object) -> NoReturn:
        raise InvalidValueError(
            "stored_with_an_unknown_field",
            f"a stored {self.cls.__name__} must have only its own fields, got {checks.show(name)}",
            advice="if a later release wrote it, read it with that release",
            operands=(checks.show(name),),
        )


_WRITE_AGAIN: Final = "read it with the release that wrote it, and write it as JSON"


def former_names_of(cls: type[Any]) -> Mapping[str, str]:
    """Return the names that fields of a record had in earlier releases, and those that they have today."""
    return cast("Mapping[str, str]", getattr(cls, "_former", {}))


def list_stored(cls: type[Any]) -> _Stored:
    """Return how the pickles of a class of records are read."""
    stored = cls.__dict__.get("_stored")
    if stored is None:  # kept on the class itself, as the checks are
        cls._stored = stored = _Stored.of(cls)
    return cast("_Stored", stored)


def _list_reads(cls: type[Any]) -> tuple[tuple[str, str, Read, bool], ...]:
    """List the fields that have a check: name, name in the constructor, check, and whether None needs no check."""
    hints = hints_of(cls)
    reads = ((field.name, field.alias, hints.get(field.name)) for field in attrs.fields(cls))
    return tuple(
        (name, alias, read, NoneType in get_args(hint))
        for name, alias, hint in reads
        if (read := read_of(hint)) is not None
    )


def hints_of(cls: type[Any]) -> dict[str, Any]:
    """Return the annotation of each field, with its kind.

    A name is looked up in the module in which the class was defined: that of a class of this library must be there, and
    one of a class of a caller, who may have defined it in a function, leaves the field unchecked.
    """
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if "__attrs_attrs__" in base.__dict__:
            module = base.__dict__.get("_defined_in", base.__module__)
            names = _list_names(module)
            own = [field for field in attrs.fields(base) if not field.inherited]
            resolve = _resolve if module.startswith("crmcore.") else _resolve_if_known
            found |= {field.name: resolve(field.type, names) for field in own}
    return found


def hint_of_property(cls: type[Any], name: str) -> Any:  # noqa: ANN401 - a type
    """Return what a property returns, by its annotation; Any if it has none that can be read."""
    getter = getattr(getattr(cls, name, None), "fget", None)
    hint = getattr(getter, "__annotations__", {}).get("return", Any)
    return _resolve_if_known(hint, getattr(getter, "__globals__", {}))


def _list_names(module: str) -> dict[str, Any]:
    try:
        return vars(import_module(module))
    except ImportError:  # a class of a caller that is defined in no module, such as in an example that a tool runs
        return {}


def _resolve(hint: Any, names: dict[str, Any]) -> Any:  # noqa: ANN401 - a type, or its name
    return get_type_hints(SimpleNamespace(__annotations__={"it": hint}), names, include_extras=True)["it"]


def _resolve_if_known(hint: Any, names: dict[str, Any]) -> Any:  # noqa: ANN401 - the same
    try:
        return _resolve(hint, names)
    except NameError:
        return Any


def kind_of(hint: Any) -> Kind | None:  # noqa: ANN401 - a type
    """Return the kind that an annotation names, if it names one."""
    return next((extra for extra in getattr(hint, "__metadata__", ()) if isinstance(extra, Kind)), None)


def is_personal(hint: Any) -> bool:  # noqa: ANN401 - a type
    """Return whether an annotation, or a part of it, is of a kind that is personal."""
    kind = kind_of(hint)
    return kind.personal if kind is not None else any(map(is_personal, get_args(hint)))


def read_of(hint: Any) -> Read | None:  # noqa: ANN401, PLR0911 - a type; one branch for each kind of type
    """Return the check of an annotation; None if it does not say what to check."""
    origin, args = get_origin(hint), get_args(hint)
    if hint == Id:
        return as_id
    if origin is Annotated:
        kind = kind_of(hint)
        return read_of(args[0]) if kind is None else kind.read
    if origin in (Union, UnionType):
        return _read_union(hint, args)
    if origin is tuple and len(args) == 2 and args[1] is ...:
        return functools.partial(_read_several, tuple, read_of(args[0]) or _keep)
    if origin is tuple:
        return functools.partial(_read_parts, args, tuple(read_of(arg) or _keep for arg in args))
    if origin is frozenset:
        # A text in a set is a name: an empty one says nothing.
        return functools.partial(_read_several, frozenset, read_of(Name if args[0] is str else args[0]) or _keep)
    if origin is not None and issubclass(origin, Mapping):
        return functools.partial(_read_mapping, origin, read_of(args[1]) or _keep)
    if hint in _READS:
        return _READS[hint]
    cls = cast("type[Any]", origin or hint)
    if isinstance(cls, type) and issubclass(cls, Enum):
        return functools.partial(_read_member, frozenset(map(id, cls)), cls)
    return functools.partial(_read_instance, cls) if attrs.has(cls) else None


def _read_union(hint: Any, args: tuple[Any, ...]) -> Read | None:  # noqa: ANN401 - a type
    some = [arg for arg in args if arg is not NoneType]
    inner = as_id if hint == Id | None else read_of(some[0]) if len(some) == 1 else None
    return None if inner is None else functools.partial(_read_optional, inner)


def _read_optional(read: Read, value: object, name: str) -> object:
    return None if value is None else read(value, name)


def _read_member(members: frozenset[int], enum: type[Enum], value: object, name: str) -> object:
    return value if id(value) in members else checks.as_member(value, enum, name)  # 9x as fast as as_member


def _read_instance(cls: type[Any], value: object, name: str) -> object:
    return checks.as_instance(value, cls, name)


def _read_several(build: type, read: Read, values: object, name: str) -> object:
    kept: list[object] = []
    for value in checks.iterate_items(values, name):
        try:
            kept.append(read(value, name))
        except CrmcoreError:  # only an error needs the name of the item: a third of the time of a long tuple
            kept.append(read(value, f"{name}[{len(kept)}]"))
    return build(kept)


def _read_parts(kinds: tuple[object, ...], reads: tuple[Read, ...], value: object, name: str) -> tuple[object, ...]:
    parts = checks.as_parts(value, len(reads), name, kinds)
    return tuple([read(part, name) for read, part in zip(reads, parts, strict=True)])


def _read_mapping(cls: type[Any], read: Read, value: object, name: str) -> object:
    """Check a `TallyBy`; all its values have one class, so only the first one is read."""
    rows = checks.as_instance(value, cls, name)
    for row in islice(rows.values(), 1):
        read(row, f"{name}[0]")
    return rows


def _keep(value: object, _: str) -> object:
    return value


def _read_bool(value: object, name: str) -> bool:
    return checks.as_instance(value, bool, name)


_READS: Final[dict[Any, Read]] = {
    bool: _read_bool,
    int: checks.as_count,
    str: checks.as_text,
    Decimal: checks.as_exact,
    datetime: checks.as_instant,
    date: checks.as_date,
    timedelta: checks.as_duration,
    tzinfo: checks.as_zone,
}
