"""What a table reads: the columns of the caller's table, cell by cell, for the fields of a record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, DecimalException
from enum import Enum
from itertools import compress, repeat
from operator import attrgetter, is_
from types import NoneType
from typing import Annotated, Any, Final, cast, get_args, get_origin

import attrs

from crmcore.primitives import _clock, checks
from crmcore.primitives._columns import Amounts, Column, Instants
from crmcore.primitives._currencies import UNITS
from crmcore.primitives._decimals import EXACT, WIDE, ZERO
from crmcore.primitives._kinds import is_a
from crmcore.primitives._nearest import find_nearest
from crmcore.primitives._shown import as_sentence
from crmcore.primitives.checks import describe, show
from crmcore.primitives.errors import (
    CrmcoreError,
    InvalidValueError,
    NaiveInstantError,
    UnknownNameError,
    WrongTypeError,
)
from crmcore.primitives.ids import Id, are_plain, as_id
from crmcore.primitives.money import NON_NEGATIVE as NON_NEGATIVE_MONEY, Money, add_plain, as_code, read_plain
from crmcore.primitives.periods import in_utc, read_instant
from crmcore.primitives.record import Read, Record, hints_of, kind_of, read_of

__all__: list[str] = []  # for the table alone

_WORD: Final = re.compile(r"\w+")
_MISSING: Final = frozenset({"NAType", "NaTType"})
_MOST_SHOWN: Final = 12
_MOST_DECIMALS: Final = 10
_MOST_DIGITS: Final = 30


@attrs.frozen
class Source:
    """The columns of the caller's table, by name."""

    names: tuple[str, ...]
    get: Callable[[str], Any]
    is_empty: bool = False
    """Whether there are no rows, and so no names of columns."""
    index: tuple[Any, ...] = ()
    """The names of the index of pandas, which is no column."""


def open_source(data: object) -> Source:
    """Find out what kind of table it is. No library is imported for that."""
    frame = cast("Any", data)
    if is_a(frame, Mapping):
        names: Any = (*cast("Mapping[str, object]", frame),)
    elif is_a(frame, str | bytes | type) or not (hasattr(frame, "__iter__") or hasattr(frame, "column_names")):
        names = None
    else:
        names = getattr(frame, "column_names", None)  # of pyarrow
        if names is None:
            names = getattr(frame, "columns", None)  # of pandas and polars; a method of a result of SQLAlchemy
        if names is None or callable(names):
            return _open_rows(frame)
    if names is None:
        raise WrongTypeError(
            "not_a_table",
            f"data must be a data frame, a mapping of columns, or rows, got {describe(data)}",
            field="data",
            advice="collect it first, or count it where it is, with crmcore.interop.frames"
            if hasattr(cast("Any", data), "collect") or hasattr(cast("Any", data), "fetchall")
            else "give for example {'customer_id': [...], 'at': [...]}, or a list of dicts",
        )
    index: Any = getattr(getattr(cast("Any", data), "index", None), "names", None) or ()  # of pandas
    return Source(tuple(names), cast("Any", data).__getitem__, index=tuple(name for name in index if name is not None))


def _open_rows(given: Iterable[Any]) -> Source:
    """Read columns from rows; a row that lacks a column has a missing cell in it."""
    rows: list[Any] = []
    for place, row in enumerate(checks.iterate(given, "data", "row")):
        if not hasattr(row, "keys") or is_a(row, type):
            raise WrongTypeError(
                "row_without_names",
                f"data[{place}] must be a mapping of column names to values, got {describe(row)}",
                field="data",
                record=place,
                advice="name the values of a row, such as dict(zip(names, row)), or give columns",
            )
        rows.append(row)
    names = tuple(dict.fromkeys(name for row in rows for name in row.keys()))  # noqa: SIM118 - a row of sqlite3 iterates its values

    def get(name: str) -> list[object]:
        return [row[name] if name in row.keys() else None for row in rows]  # noqa: SIM118 - the same

    return Source(names, get, is_empty=not rows)


Given = str | tuple[str, str] | Enum | Record
"""What a caller gives for a field: its column, the columns of an amount and its currency, or one value for all rows."""


def hints_by_alias(kind: type[Record]) -> dict[str, Any]:
    """Return the annotation of each field, by its name in the constructor."""
    hints = hints_of(kind)
    return {field.alias: hints[field.name] for field in attrs.fields(cast("Any", kind))}


def choose_constants(given: Mapping[str, Given]) -> dict[str, Enum | Record]:
    """Return the fields that have one value in all rows. A member of an enum is no name, also if it is a text."""
    return {alias: value for alias, value in given.items() if is_a(value, Enum | Record)}


def choose_columns(kind: type[Record], source: Source, given: Mapping[str, Given]) -> dict[Any, tuple[str, ...]]:
    """Return the columns of each field that has one: one, or two for money and its currency."""
    fields = {field.alias: field for field in attrs.fields(cast("Any", kind)) if field.init}
    for alias in given:
        if alias not in fields:
            raise UnknownNameError(
                "no_such_field_to_read",
                f"{alias} must be a field of {kind.__name__}",
                field=alias,
                advice=_advise_names(alias, tuple(fields)),
            )
    constants = choose_constants(given)
    chosen = {alias: _as_names(names, source, alias) for alias, names in given.items() if alias not in constants}
    taken = {name for names in chosen.values() for name in names}
    columns: dict[Any, tuple[str, ...]] = {}
    for alias, field in fields.items():
        if alias in constants:
            continue
        if alias in taken and alias not in chosen and field.default is not attrs.NOTHING:
            continue  # customer_id="id" says that the ids are those of customers, not of purchases
        names = chosen.get(alias, (alias,))
        if names[0] in source.names or (source.is_empty and field.default is attrs.NOTHING):
            columns[field] = names
        elif field.default is attrs.NOTHING:
            raise UnknownNameError(
                "field_without_column",
                f"{alias} must have a column in data",
                field=alias,
                advice=f"name it with {alias}=...; {_advise_columns(alias, source)}",
            )
    if not columns and not source.is_empty:
        raise UnknownNameError(
            "no_column_is_a_field",
            f"data must have a column for a field of {kind.__name__}",
            field="data",
            advice=f"name one: there are {', '.join(map(str, source.names[:_MOST_SHOWN]))}",
        )
    return columns


def _as_names(names: object, source: Source, alias: str) -> tuple[str, ...]:
    """Return the columns that a caller names for a field."""
    if names == () or not is_a(names, str | tuple):
        raise WrongTypeError(
            "not_the_name_of_a_column",
            f"{alias} must be the name of a column, got {describe(names)}",
            field=alias,
            advice="only a member of an enum and a record, such as a Scale, stand for all rows: add a column of any "
            "other constant",
        )
    named = (names,) if is_a(names, str) else cast("tuple[str, ...]", names)
    for name in named:
        if name not in source.names and not source.is_empty:
            raise UnknownNameError(
                "no_such_column",
                f"{alias} must name a column, got {show(name)}",
                field=alias,
                advice=_advise_columns(name, source),
                operands=(name,),
            )
    return named


def _advise_columns(name: str, source: Source) -> str:
    unread = f"; the index is not read, {', '.join(map(str, source.index))}: give frame.reset_index()"
    return _advise_names(name, source.names) + (unread if source.index else "")


def _advise_names(name: str, known: tuple[str, ...]) -> str:
    near = [*map(str, find_nearest(name, map(str, known)))]
    shown = ", ".join(map(str, known[:_MOST_SHOWN])) + (", ..." if len(known) > _MOST_SHOWN else "")
    meant = f"perhaps {' or '.join(near)} is meant; " if near else ""
    return f"{meant}there are {shown}"


def read_constant(hint: Any, value: Enum | Record, name: str) -> Any:  # noqa: ANN401 - a type; a value
    """Check the value that a field has in all rows."""
    kept = (read_of(hint) or _keep)(value, name)
    if is_a(value, Enum) and not is_a(kept, Enum):  # a text, such as an id, would take any member that is one
        raise WrongTypeError(
            "member_where_none_belongs",
            f"{name} must be the name of a column, got a member of {type(value).__name__}",
            field=name,
            advice="if it is the name of a column, give its .value",
        )
    return kept


def repeat_constant(value: Any, number: int) -> Column:  # noqa: ANN401 - a value
    """Return the column of a field that has one value in all rows."""
    return Amounts([value.amount] * number, value.currency) if is_a(value, Money) else Column([value] * number)


class Reader:
    """Reads columns under the choices that hold for the whole table."""

    def __init__(self, *, tz: tzinfo | None, currency: str | None, estimated: bool) -> None:
        self._tz = tz
        self._currency = currency
        self._estimated = estimated

    def read(self, field: Any, hint: Any, source: Source, names: tuple[str, ...]) -> Column:  # noqa: ANN401 - attrs has no public name for its class
        """Read the column of a field."""
        required = field.default is attrs.NOTHING and NoneType not in get_args(hint)
        hint = _strip(hint)
        base = get_args(hint)[0] if get_origin(hint) is Annotated else hint
        name = names[0]
        given = source.get(name)
        if base is datetime:
            return self._read_instants(given, name, required=required)
        values = list_values(given, name)
        if base is Money:
            codes = (list_values(source.get(names[1]), names[1]), names[1]) if len(names) > 1 else None
            bound = kind_of(hint)
            return self._read_amounts(values, codes, name, None if bound is None else bound.read, required=required)
        if hint == Id:
            default = None if required else default_of(field)
            return Column(_read_ids(values, name, required=required, default=default))
        if _is_closed(base) and set(map(type, values)) == {base}:
            return Column(values)  # 7x as fast as to look at each member: benchmarks/subjects/moving.py
        read = _choose_read(base) or read_of(hint) or _keep
        default = None if required else default_of(field)
        return Column(_read_each(values, read, name, required=required, default=default, texts=base is str))

    def _read_amounts(
        self, values: list[Any], codes: tuple[list[Any], str] | None, name: str, read: Read | None, *, required: bool
    ) -> Column:
        types = set(map(type, values))
        if Money in types:
            monies = _read_each(values, read or _read_money, name, required=required)
            return Amounts(
                [None if money is None else money.amount for money in monies],
                tuple([None if money is None else money.currency for money in monies]),
            )
        missing: set[int] = set() if types == {Decimal} else _find_missing(values, name, required=required)
        currency: str | tuple[str | None, ...] | None = self._currency
        if codes is not None:
            currency = tuple(_read_each(codes[0], as_code, codes[1], required=False))
            without_code = {place for place, code in enumerate(currency) if code is None}
            if required and without_code:
                _refuse_missing(codes[1], min(without_code))
            missing |= without_code
        if len(missing) == len(values):
            return Column([None] * len(values))
        if currency is None:
            raise InvalidValueError(
                "amounts_without_currency",
                f"{name} must be in a currency, or currency must be given",
                field=name,
                advice="give currency='EUR', or the column of the currencies too: amount=('paid', 'currency')",
            )
        numbers: list[Any] | None = None
        if not missing and types <= {Decimal, int, str}:
            numbers = _convert(values, exact=types == {Decimal})
        elif not missing and types == {float} and self._estimated and is_a(currency, str):
            numbers = _estimate(values, UNITS.get(currency))
        if numbers is None:
            numbers = [
                None if place in missing else self._read_amount(value, currency, name, place)
                for place, value in enumerate(values)
            ]
        column = Amounts(numbers, currency)
        is_plain = read is NON_NEGATIVE_MONEY.read and not missing and min(numbers) >= 0
        if read is not None and not is_plain:  # 8x as fast as to build the money: benchmarks/subjects/moving.py
            _read_each(column.values, read, name, required=False)
        return column

    def _read_amount(self, value: object, currency: str | tuple[str | None, ...], name: str, place: int) -> Decimal:
        code = currency if is_a(currency, str) else cast("str", currency[place])
        where = f"{name}[{place}]"
        estimate = value if is_a(value, float) and self._estimated else None
        try:
            return checks.as_exact(value, where) if estimate is None else Money.estimated(estimate, code).amount
        except CrmcoreError as error:
            raise _locate(_advise(error, value, where, is_money=True), name, place) from None

    def _read_instants(self, given: Any, name: str, *, required: bool) -> Column:  # noqa: ANN401 - a column of any library
        times = _list_microseconds(given, name, in_utc=self._tz is UTC)
        if times is not None:
            if required and None in times:
                _refuse_missing(name, times.index(None))
            return Instants(times)
        values = list_values(given, name)
        instants = self._keep_instants(values, required=required)
        return self._read_each_instant(values, name, required=required) if instants is None else instants

    def _keep_instants(self, values: list[Any], *, required: bool) -> Column | None:
        """Return instants of UTC as they are; None if they have to be read one by one."""
        kinds = set(map(type, values))
        if kinds != {datetime} and (kinds != {datetime, NoneType} or required):
            return None
        known = values if NoneType not in kinds else [at for at in values if at is not None]
        zone = known[0].tzinfo  # of at least one, as the kinds say
        if (zone is not UTC and (zone is not None or self._tz is not UTC)) or not all(
            map(is_, map(attrgetter("tzinfo"), known), repeat(zone))  # a zone of dateutil cannot be hashed
        ):
            return None
        if zone is UTC:
            return Instants(None, values)
        return Instants(None, [None if at is None else at.replace(tzinfo=UTC) for at in values])

    def _read_each_instant(self, values: list[Any], name: str, *, required: bool) -> Column:
        missing = _find_missing(values, name, required=required)
        known: dict[object, datetime] = {}
        instants: list[datetime | None] = []
        for place, value in enumerate(values):
            if place in missing:
                instants.append(None)
                continue
            kept = known.get(value) if type(value) in (str, date) else None
            if kept is None:
                kept = self._read_instant(value, name, place)
                if type(value) in (str, date):
                    known[value] = kept
            instants.append(kept)
        return Instants(None, instants)

    def _read_instant(self, value: Any, name: str, place: int) -> datetime:  # noqa: ANN401 - a cell
        try:
            return in_utc(read_instant(value, self._tz, f"{name}[{place}]"))
        except NaiveInstantError as error:
            naive = NaiveInstantError(
                "time_without_zone",
                f"{name}[{place}] must carry a time zone, or tz must be given, got {describe(value)}",
                advice="give tz=UTC, or the zone in which the table was written",
                operands=error.operands,
            )
            raise _locate(naive, name, place) from None
        except CrmcoreError as error:
            raise _locate(error, name, place) from None


def _advise(error: CrmcoreError, value: object, name: str, *, is_money: bool) -> CrmcoreError:
    """Return the error about a float with the advice for a whole column."""
    if error.rule != "float_is_inexact":
        return error
    as_text = "read the column as text, or write .astype('string')"
    return WrongTypeError(
        "column_of_floats",
        f"{name} must not be a float, which is only an approximation, got {show(value)}",
        advice=f"give estimated=True to round each to the decimals of its currency, or {as_text}"
        if is_money
        else f"{as_text}; a data frame makes floats of whole numbers where some are missing: write .astype('Int64')",
        operands=error.operands,
    )


def _strip(hint: Any) -> Any:  # noqa: ANN401 - a type
    """Return an annotation without its None."""
    if hint == Id | None:
        return Id
    some = [arg for arg in get_args(hint) if arg is not NoneType]
    return some[0] if NoneType in get_args(hint) and len(some) == 1 else hint


def _is_closed(base: Any) -> bool:  # noqa: ANN401 - a type
    return is_a(base, type) and issubclass(base, Enum)


def list_values(column: Any, name: str) -> list[Any]:  # noqa: ANN401 - a column of any library
    """Return the cells of a column as objects of Python, as its library converts them."""
    if hasattr(column, "columns"):
        raise InvalidValueError(
            "two_columns_in_data",
            f"data must have one column with the name {name}",
            field=name,
            advice="rename one",
        )
    _check_no_nanoseconds(column, name)
    for method in ("to_pylist", "to_list", "tolist"):  # of pyarrow, of pandas and polars, of numpy
        convert = getattr(column, method, None)
        if convert is not None:
            return cast("list[Any]", convert())
    return [*checks.iterate(column, name, "value")]


_EARLIEST: Final = _clock.since_epoch(_clock.EARLIEST)
_LATEST: Final = _clock.since_epoch(_clock.LATEST)
_NO_TIME: Final = -(2**63)


def _check_no_nanoseconds(column: Any, name: str) -> None:  # noqa: ANN401 - the same
    """Refuse times and durations of polars that are finer than a microsecond: its lists are without the rest."""
    if getattr(getattr(column, "dtype", None), "time_unit", None) == "ns":
        rests = column.to_physical() % 1000
        for place in (rests != 0).arg_true().head(1):
            named = f"{name}[{place}]"
            checks.check_no_nanoseconds(named, rests[place] % 1000, named)


def _list_microseconds(column: Any, name: str, *, in_utc: bool) -> list[int | None] | None:  # noqa: ANN401 - a column of any library
    """Return the instants of a column of numpy, pandas or polars; None if they have to be read one by one.

    It does in one step what takes a microsecond for each ``Timestamp``: 10x at a million rows.
    """
    kind: Any = getattr(column, "dtype", None)
    if hasattr(kind, "time_unit"):  # polars
        _check_no_nanoseconds(column, name)
        if not (in_utc or kind.time_zone):
            return None
        times: list[int | None] = column.dt.timestamp("us").to_list()
    elif str(kind).startswith("datetime64["):  # pandas and numpy
        if getattr(kind, "tz", None) is not None:
            column = column.dt.tz_convert(None)  # to UTC, without the zone
        elif not in_utc:
            return None
        array = column.to_numpy() if hasattr(column, "to_numpy") else column
        whole = array.astype("datetime64[us]")
        if ((whole != array) & (array == array)).any():  # noqa: PLR0124 - NaT does not equal itself
            return None
        times = [None if time == _NO_TIME else time for time in whole.astype("int64").tolist()]
    else:
        return None
    known = [time for time in times if time is not None]
    return times if not known or (min(known) >= _EARLIEST and max(known) <= _LATEST) else None


def is_missing(value: Any) -> bool:  # noqa: ANN401 - a cell
    if value is None or type(value).__name__ in _MISSING:
        return True
    return is_a(value, float) and value != value  # noqa: PLR0124 - NaN does not equal itself


def _find_missing(values: list[Any], name: str, *, required: bool, texts: bool = False) -> set[int]:
    """Return the places of missing cells; an empty text is one where the field is no text."""
    types = set(map(type, values))
    if not any(
        kind is NoneType or kind is str or issubclass(kind, float) or kind.__name__ in _MISSING for kind in types
    ):
        return set()
    missing = {
        place
        for place, value in enumerate(values)
        if is_missing(value) or (not texts and type(value) is str and not value)
    }
    if required and missing:
        _refuse_missing(name, min(missing))
    return missing


def _refuse_missing(name: str, place: int) -> None:
    raise InvalidValueError(
        "missing_cell",
        f"{name}[{place}] must be given, but it is missing",
        field=name,
        record=place,
        advice="drop such rows, or fill them",
    )


def _locate(error: CrmcoreError, name: str, place: int) -> CrmcoreError:
    """Say at which column and row an error is; the name of a column may be any text."""
    where = f"{name}[{place}]"
    if not error.message.startswith(as_sentence(where)):  # it names a part of the cell, such as the name of a scale
        begin_with(error, where)
    error.field, error.record = name, place
    return error


def begin_with(error: CrmcoreError, where: str) -> None:
    """Let the message begin with a place. The error is changed: a class of a caller may raise one of its own."""
    error.message = as_sentence(f"{where}: {error.message}")
    error.args = (error.message,)


def locate_row(error: CrmcoreError, place: int, columns: Mapping[str, tuple[str, ...]]) -> None:
    """Let an error about the fields of a record name its row, and the columns that its fields were read from.

    Args:
        error: The error, which is changed: a class of a caller may raise one of its own.
        place: The place of the row.
        columns: The columns of each field.
    """
    meant = set(_WORD.findall(error.message)) | {error.field}
    read_from = [
        f"{field} is read from {' and '.join(map(str, names))}"
        for field, names in columns.items()
        if field in meant and names != (field,)
    ]
    begin_with(error, f"data[{place}]")
    error.advice = as_sentence("; ".join(filter(None, [error.advice, *read_from])))
    error.field, error.record = columns.get(error.field or "", (error.field,))[0], place


def _read_each(
    values: Iterable[Any], read: Read, name: str, *, required: bool, default: object = None, texts: bool = False
) -> list[Any]:
    """Read values one by one; equal texts are read once."""
    given = [*values]
    missing = _find_missing(given, name, required=required, texts=texts)
    known: dict[str, object] = {}
    kept: list[Any] = []
    for place, value in enumerate(given):
        if place in missing:
            kept.append(default)
        elif type(value) is str and value in known:
            kept.append(known[value])
        else:
            try:
                one = read(value, f"{name}[{place}]")
            except CrmcoreError as error:
                raise _locate(_advise(error, value, f"{name}[{place}]", is_money=False), name, place) from None
            if type(value) is str:
                known[value] = one
            kept.append(one)
    return kept


def _read_ids(values: list[Any], name: str, *, required: bool, default: object) -> list[Any]:
    types = set(map(type, values))
    if types == {int} and are_plain((min(values), max(values))):
        return values
    if types == {str} and are_plain(tuple(set(values))):
        return values
    return _read_each(values, _read_id, name, required=required, default=default)


def _read_id(value: object, name: str) -> Id:
    if is_a(value, float):
        raise WrongTypeError(
            "id_as_float",
            f"{name} must be a text, a whole number or a UUID, got {show(value)}",
            advice="a data frame makes floats of whole numbers where some are missing: write .astype('Int64')",
        )
    return as_id(value, name)


def _read_date(value: object, name: str) -> date:
    if type(value) is str:
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    return checks.as_date(value, name)


def _choose_read(base: Any) -> Read | None:  # noqa: ANN401 - a type
    """Return what reads a cell that need not have the type of its field; None if it has to."""
    if _is_closed(base):
        return read_members(base)
    if hasattr(base, "KNOWN"):  # such as a scale, which is found by its name
        return lambda value, name: base(value) if type(value) is str else checks.as_instance(value, base, name)
    return {date: _read_date, bool: _read_flag}.get(base)


def _read_flag(value: object, name: str) -> bool:
    """Return whether something holds; a database without truth values keeps 1 and 0."""
    if type(value) is int and value in {0, 1}:
        return bool(value)
    if not is_a(value, bool):
        raise WrongTypeError(
            "cell_not_true_or_false",
            f"{name} must be true or false, or 1 or 0, got {describe(value)}",
            advice="compare the column first, such as frame['churn'] == 'yes'",
        )
    return value


def read_members(enum: type[Enum]) -> Read:
    def read(value: object, name: str) -> Enum:
        if type(value) is str:
            try:
                return enum(value)
            except ValueError:
                pass
        return checks.as_member(value, enum, name)

    return read


def _read_money(value: object, name: str) -> Money:
    return checks.as_instance(value, Money, name)


def _keep(value: object, _: str) -> object:
    return value


def default_of(field: Any) -> object:  # noqa: ANN401 - attrs has no public name for its class
    """Return the value of a field that is not given; None if it has to be."""
    default: Any = None if field.default is attrs.NOTHING else field.default
    return default.factory() if hasattr(default, "factory") else default


def _convert(values: list[Any], *, exact: bool) -> list[Decimal] | None:
    """Return exact numbers as amounts; None if one is none, which is then read by itself. 8x at a million.

    Args:
        values: The numbers.
        exact: Whether all are Decimals.
    """
    if exact and _are_amounts(values):
        return values
    try:
        numbers = [*map(add_plain, values if exact else map(read_plain, values), repeat(ZERO))]
    except (DecimalException, ValueError, TypeError):
        return None
    return numbers if all(map(Decimal.is_finite, numbers)) else None


def _are_amounts(values: list[Decimal]) -> bool:
    """Return whether all numbers can be kept as they are: 2x over adding 0 to each.

    They have as many decimals as the first, none is too large, and none is -0. If it is False, they may still be good.
    """
    first = values[0]
    return (
        first.is_finite()
        and 0 <= -cast("int", first.as_tuple().exponent) <= _MOST_DECIMALS
        and all(map(Decimal.same_quantum, values, repeat(first)))  # which NaN and infinity do not have
        and all(compress(values, map(Decimal.is_signed, values)))  # what has a sign is not 0
        and max({*map(Decimal.adjusted, values)}) < _MOST_DIGITS
    )


def _estimate(values: list[Any], unit: Decimal | None) -> list[Decimal] | None:
    """Return floats as amounts, as `Money.estimated` does; None if one cannot be, which is then read by itself."""
    if unit is None:
        return None
    try:
        exact = [*map(WIDE.quantize, map(EXACT.create_decimal, map(float.__repr__, values)), repeat(unit))]
    except DecimalException:
        return None
    return _convert(exact, exact=True)
