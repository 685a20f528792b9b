"""A frame whose columns are named by the fields of a record, and the rows of it that count."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import Annotated, Any, Final, Generic, TypeVar, cast, get_args, get_origin
from zoneinfo import ZoneInfo

import attrs
import narwhals as nw

from crmcore.interop.frames._instants import EPOCH, day_of, microsecond_of
from crmcore.primitives import _clock, checks
from crmcore.primitives._kinds import is_a
from crmcore.primitives._reading import (
    Given,
    Source,
    choose_columns,
    choose_constants,
    hints_by_alias,
    read_constant,
)
from crmcore.primitives.checks import describe, show
from crmcore.primitives.errors import InvalidValueError, NaiveInstantError, UnknownNameError, WrongTypeError
from crmcore.primitives.ids import Id
from crmcore.primitives.money import Money, as_code
from crmcore.primitives.periods import in_utc
from crmcore.primitives.record import Record, is_record_class

__all__ = ["Frame"]

_R = TypeVar("_R", bound=Record)

Rows = nw.DataFrame[Any] | nw.LazyFrame[Any]

_UTC: Final = frozenset({"UTC", "Etc/UTC"})
TEXTS: Final = (nw.String, nw.Categorical, nw.Enum)


@attrs.frozen
class Selection:
    """The rows that count, with their columns named by_0, by_1, ... and by the fields; and what was left out."""

    rows: Rows
    report: Callable[[], Rows]
    """Counts what was left out; a lazy engine is told to do so only if the caller asks."""
    by: tuple[str, ...]
    """The caller's names of the columns by_0, by_1, ..."""

    @property
    def keys(self) -> list[str]:
        """The columns by which rows are grouped."""
        return [f"by_{place}" for place in range(len(self.by))]


class Frame(Generic[_R]):
    """The rows of a data frame that are records of one class, left in the engine that holds them.

    The arguments are those of `Table`. What a `Table` checks of each value, a `Frame` checks of the type of a column:
    amounts are decimals or whole numbers, instants are times or dates, ids are texts or whole numbers.

    Examples:
        >>> from datetime import datetime
        >>> import polars as pl
        >>> from crmcore import UTC, Purchase
        >>> from crmcore.interop import frames
        >>> sales = pl.LazyFrame({"who": ["a", "a", None], "at": [datetime(2026, 3, 2)] * 3, "paid": [30, 5, 12]})
        >>> bought = frames.Frame(Purchase, sales, customer_id="who", amount="paid", currency="EUR", tz=UTC)
        >>> bought
        Frame(<Purchase in polars, from customer_id, at, amount>)
        >>> frames.historic_value(bought).left_out.collect().rows()
        [('customer_id_missing', 1)]

    A row that lacks a required field is left out, and so is a row with an instant that is not in whole microseconds,
    because no record can hold it. A row with an ``id`` counts once: equal copies are dropped, and rows that share an id
    but not the other columns are left out, because none of them is known to be right. Each statistic says how many rows
    those are: `Statistics.left_out`.

    Args:
        kind: The class of the records, such as `Purchase`.
        data: A frame of pandas, polars, pyarrow, DuckDB, Ibis, SQLFrame, PySpark or Dask.
        tz: UTC, if times carry no zone, or are dates. A date means its first moment.
        currency: The currency of all amounts that have none.
        **columns: The column of each field, if it does not have the name of the field; or the member of an enum that
            the field is in all rows, such as ``every=TimeUnit.MONTH``.

    Raises:
        UnknownNameError: A field or a column does not exist, or a required field has no column.
        NaiveInstantError: Times carry no zone, and `tz` is not given.
        InvalidValueError: Times carry no zone, and `tz` is not UTC; or amounts have no currency.
        WrongTypeError: It is no frame, or a column has a type that its field cannot be read from.
    """

    __slots__ = ("_columns", "_data", "_fine", "_objects", "_required", "_types", "_zones", "currency", "kind")

    kind: type[_R]
    """The class of the records."""
    currency: str | None
    """The currency of all amounts; None if there are no amounts, or a column says it for each."""

    def __init__(
        self,
        kind: type[_R],
        data: object,
        /,
        *,
        tz: tzinfo | None = None,
        currency: str | None = None,
        **columns: Given,
    ) -> None:
        if not is_record_class(kind):
            raise WrongTypeError(
                "frame_not_of_a_record_class",
                f"kind must be a class of records, such as Purchase, got {show(kind)}",
                field="kind",
            )
        self.kind = kind
        self.currency = None if currency is None else as_code(currency)
        self._data = open_frame(data)
        self._types: dict[str, Any] = dict(self._data.collect_schema())
        self._columns: dict[str, nw.Expr] = {}
        self._required: list[str] = []
        self._zones: dict[str, str | None] = {}
        self._objects: set[str] = set()
        self._fine: set[str] = set()
        zone = None if tz is None else checks.as_zone(tz)
        hints = hints_by_alias(kind)
        source = Source(tuple(self._types), self._types.__getitem__)
        fields = choose_columns(kind, source, columns)
        for alias, value in choose_constants(columns).items():
            self._columns[alias] = _write_constant(read_constant(hints[alias], value, alias), alias)
        for field, names in fields.items():
            try:
                self._read(field, _base_of(hints[field.alias]), names, zone)
            except WrongTypeError:
                if field.default is attrs.NOTHING or not self._is_void(names[0]):
                    raise  # a field that may be unknown has no column if nothing in it is known

    def _read(self, field: Any, base: Any, names: tuple[str, ...], zone: tzinfo | None) -> None:  # noqa: ANN401 - attrs has no public name for its class; a type
        """Note how a field is read from its column."""
        name, alias = names[0], field.alias
        if field.default is attrs.NOTHING:
            self._required.append(alias)
        kind, column = self._types[name], nw.col(name)
        if base == Id:
            check_column(name, kind, "texts or whole numbers", fits=kind in TEXTS or kind.is_integer())
            column = drop_empty(column.cast(nw.String) if kind in TEXTS[1:] else column) if kind in TEXTS else column
        elif base is Money:
            check_column(name, kind, "decimals or whole numbers", fits=self._is_exact(name))
            self._objects |= {alias} if kind in (nw.Object, nw.String) else set()
            self._read_currency(alias, names)
        elif base is Decimal or base is int:
            check_column(name, kind, "decimals or whole numbers", fits=self._is_exact(name))
        elif base is datetime:
            check_column(name, kind, "times or dates", fits=kind in (nw.Datetime, nw.Date))
            column = column.cast(nw.Datetime("us")) if kind == nw.Date else column
            self._zones[alias] = None if kind == nw.Date else kind.time_zone
            if self._zones[alias] is None:
                _check_zone(name, zone)
            if kind == nw.Datetime and (kind.time_unit == "ns" or self._data.implementation.is_sqlframe()):
                self._fine.add(alias)
        elif is_a(base, type) and issubclass(base, Enum):
            check_column(name, kind, "texts", fits=kind in TEXTS)
            column = column.cast(nw.String)
        self._columns[alias] = column

    def _is_void(self, name: str) -> bool:
        """Whether a column has no type, because all of its cells are missing."""
        engine, native = self._data.implementation, self._data.to_native()
        if engine.is_pandas():
            return bool(native[name].isna().all())
        if engine.is_polars():
            return str(native.collect_schema()[name]) == "Null"
        if engine.is_pyarrow():
            return str(native.schema.field(name).type) == "null"
        return engine.is_duckdb() and str(native.types[native.columns.index(name)]) == '"NULL"'

    def _is_exact(self, name: str) -> bool:
        """Whether a column holds exact numbers; one of objects, as pandas has, is looked at."""
        kind = self._types[name]
        if self._data.implementation.is_pandas() and kind in (nw.Object, nw.String):
            cells: Any = self._data.to_native()[name]
            return bool(cells.dtype == object) and {*map(type, cells.dropna())} <= {Decimal, int}
        return kind == nw.Decimal or bool(kind.is_integer())

    def _read_currency(self, alias: str, names: tuple[str, ...]) -> None:
        if names[1:]:
            self._columns[f"{alias}_currency"] = nw.col(names[1]).cast(nw.String)
            self._required += [f"{alias}_currency"] if alias in self._required else []
        elif self.currency is None:
            raise InvalidValueError(
                "frame_without_currency",
                f"{names[0]} must be in a currency, or currency must be given",
                field=names[0],
                advice="give currency='EUR', or the column of the currencies too: amount=('paid', 'currency')",
            )

    def __repr__(self) -> str:
        return f"Frame(<{self.kind.__name__} in {self._data.implementation.value}, from {', '.join(self._columns)}>)"

    def has(self, field: str) -> bool:
        """Whether a field has a column."""
        return field in self._columns

    def is_zero(self, field: str) -> nw.Expr:
        """Whether the numbers of a field are zero; objects of pandas are compared with an object."""
        return nw.col(field) == nw.lit(Decimal(0) if field in self._objects else 0)

    def zone_of(self, field: str) -> str | None:
        """The zone of the times of a field; None if they carry none, and are in UTC."""
        return self._zones[field]

    def is_below_zero(self, field: str) -> nw.Expr:
        """Whether the numbers of a field are below zero; objects of pandas are compared with an object."""
        return nw.col(field) < nw.lit(Decimal(0) if field in self._objects else 0)

    def literal(self, field: str, at: datetime) -> nw.Expr:
        """Write an instant as the column of a field keeps it."""
        moment, zone = in_utc(at), self._zones[field]
        if zone is not None and self._data.implementation.is_polars():  # it compares instants of one zone alone
            moment = moment.astimezone(ZoneInfo(zone))
        return nw.lit(moment.replace(tzinfo=None) if zone is None else moment)

    def local(self, field: str, zone: tzinfo) -> nw.Expr:
        """The wall times of a field in a zone, if its engine can tell them."""
        name = _name_of(zone)
        own = self._zones[field]
        column = nw.col(field)
        if own == name or (own is None and name in _UTC):
            return column
        aware = column.dt.replace_time_zone("UTC") if own is None else column
        shown = aware.dt.convert_time_zone(name)
        alone = self._data.select(self._columns[field].alias(field))
        try:
            alone.select(shown)
        except (NotImplementedError, nw.exceptions.NarwhalsError) as error:
            raise InvalidValueError(
                "engine_without_zone",
                f"{self._data.implementation.value} must be able to tell wall times in {name}",
                field="tz",
                advice="set the zone of its session to this one, and let the column carry a zone",
            ) from error
        return shown

    def microsecond(self, field: str, zone: tzinfo) -> nw.Expr:
        """The microseconds since midnight of the day 0 of the wall times of a field in a zone."""
        wall = self.local(field, zone)
        if self._data.implementation.is_polars():  # a hundredth of the time: it keeps times as that number
            return wall.dt.replace_time_zone(None).dt.timestamp("us") + EPOCH
        return microsecond_of(wall)

    def day(self, field: str, zone: tzinfo) -> nw.Expr:
        """The number of the day of the wall times of a field in a zone, as `datetime.date.toordinal` counts."""
        if self._data.implementation.is_polars():
            return self.microsecond(field, zone) // _clock.MICROSECONDS_A_DAY
        if self._data.implementation.is_duckdb():  # half the time: it tells the days between dates
            return (self.local(field, zone).dt.date() - nw.lit(date.min)).cast(nw.Int64) + 1
        return day_of(self.local(field, zone))

    def select(self, by: str | Sequence[str] | None, *fields: str, optional: Sequence[str] = ()) -> Selection:
        """Choose the rows that count for a statistic of these fields, and report the others."""
        groups = as_names(by, self._types)
        chosen = [*fields, *(name for name in optional if name in self._columns)]
        chosen += [currency for name in chosen if (currency := f"{name}_currency") in self._columns]
        for name in fields:
            if name not in self._columns:
                raise UnknownNameError(
                    "frame_lacks_field",
                    f"{name} must have a column in the frame",
                    field=name,
                    advice=f"name it with {name}=...",
                )
        keys = {f"by_{place}": nw.col(name) for place, name in enumerate(groups)}
        columns = keys | {name: self._columns[name] for name in chosen}
        faults = find_missing([name for name in chosen if name in self._required or name in fields])
        fine = [name for name in chosen if name in self._fine]
        faults |= {f"{name}_nanoseconds": self._is_finer(name) for name in fine}
        if "id" in self._columns:
            columns["id"] = self._columns["id"]
        every = self._data.select(*(column.alias(name) for name, column in columns.items()))
        known = select_rows(every, groups, faults, id_name="id" if "id" in columns else None)
        cut = [self._in_microseconds(name).alias(name) for name in fine]
        return attrs.evolve(known, rows=known.rows.with_columns(*cut)) if cut else known

    def _is_finer(self, field: str) -> nw.Expr:
        """Whether the instants of a field are not in whole microseconds."""
        column = nw.col(field)
        if self._data.implementation.is_ibis() or self._data.implementation.is_sqlframe():  # they tell no nanoseconds
            finer = column.cast(nw.Datetime("us", self._zones[field])) != column
        else:
            rest = column.dt.nanosecond()
            finer = rest // 1000 * 1000 != rest  # pandas has no remainder of whole numbers of pyarrow
        return ~column.is_null() & finer

    def _in_microseconds(self, field: str) -> nw.Expr:
        """Return whole microseconds as such: nanoseconds end in 2262, and engines fail or are wrong beyond that."""
        column, zone = nw.col(field), self._zones[field]
        if zone is not None and self._data.implementation.is_ibis():  # it extracts no days from a cast with a zone
            return column
        if zone is None or not self._data.implementation.is_dask():
            return column.cast(nw.Datetime("us", zone))
        naive = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)  # a cast in Dask loses the zone
        return naive.cast(nw.Datetime("us")).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)


def find_missing(required: Sequence[str]) -> dict[str, nw.Expr]:
    """Return what tells that a row lacks a field, by the rule that it breaks."""
    return {f"{name}_missing": nw.col(name).is_null() for name in required}


def select_rows(
    every: Rows, groups: tuple[str, ...], faults: Mapping[str, nw.Expr], *, id_name: str | None
) -> Selection:
    """Leave out the rows that have a fault or that contradict another of the same id, and report them."""
    rows = every.filter(*(~fault for fault in faults.values())) if faults else every
    if id_name is None:
        return Selection(rows, lambda: _report_faults(every, faults), groups)
    rows, repeated = _count_once(rows, every.collect_schema().names(), id_name)

    def report() -> Rows:
        reports: list[Any] = [_report_faults(every, faults), *(_report_copies(rule, out) for rule, out in repeated)]
        return cast("Rows", nw.concat(reports, how="vertical"))

    return Selection(rows, report, groups)


def check_column(name: str, kind: Any, wanted: str, *, fits: bool, field: str | None = None) -> None:  # noqa: ANN401 - a type of a column
    """Refuse a column whose type does not fit; `field` is the argument that names it, if it is not named by itself."""
    if not fits:
        raise WrongTypeError(
            "column_of_wrong_type",
            f"{name} must be a column of {wanted}, got one of {kind}",
            field=field or name,
            advice=_advise_cast(kind, wanted),
            operands=(str(kind),),
        )


def _advise_cast(kind: Any, wanted: str) -> str:  # noqa: ANN401 - a type of a column
    """Say what to do about a column of another type."""
    if kind == nw.Unknown:
        return "cast it in the engine; a column of missing values alone has no type, and can be left out"
    if kind.is_float() and "decimals" in wanted:
        return (
            "a float is only an approximation: round it to a decimal in the engine first; pandas makes floats "
            "where some are missing: write .astype('Int64')"
        )
    if kind.is_float() and "numbers" in wanted:
        return "cast it in the engine first; pandas makes floats where some are missing: write .astype('Int64')"
    return "cast it in the engine first"


def drop_empty(column: nw.Expr) -> nw.Expr:
    """Take an empty text for a missing cell, where the field is no text: as a `Table` does."""
    return nw.when(column != "").then(column)


def open_frame(data: object, name: str = "data") -> Rows:
    """Let Narwhals wrap a frame of an engine; `name` is the argument, for the error."""
    try:
        opened: Any = nw.from_native(cast("Any", data), pass_through=True)
    except nw.exceptions.DuplicateError as error:
        raise InvalidValueError(
            "frame_names_column_twice",
            f"{name} must have one column of each name, and has two of one",
            field=name,
            advice="rename one in the engine",
        ) from error
    if not is_a(opened, nw.DataFrame | nw.LazyFrame):
        raise WrongTypeError(
            "not_a_frame",
            f"{name} must be a frame of an engine, such as polars.LazyFrame, got {describe(data)}",
            field=name,
            advice="give lists and rows to Table",
        )
    return cast("Rows", opened)  # type: ignore[redundant-cast]  # pyright knows the class, and not its argument


def _write_constant(value: object, name: str) -> nw.Expr:
    """Write a member of an enum, which holds for all rows, as its column would have it."""
    if not is_a(value, Enum):
        raise WrongTypeError(
            "record_for_all_rows",
            f"{name} must be the name of a column or a member of an enum, got {describe(value)}",
            field=name,
            advice="add a constant column in the engine",
        )
    return nw.lit(value.value)


def _base_of(hint: Any) -> Any:  # noqa: ANN401 - a type
    """The type of a field, without its checks and without None."""
    if hint == Id or hint == Id | None:
        return Id
    some = [arg for arg in get_args(hint) if arg is not NoneType]
    if NoneType in get_args(hint) and len(some) == 1:
        return _base_of(some[0])
    return _base_of(get_args(hint)[0]) if get_origin(hint) is Annotated else hint


def _name_of(zone: tzinfo) -> str:
    """The name by which engines know a zone."""
    name = "UTC" if zone is UTC else getattr(zone, "key", None)
    if not is_a(name, str):
        raise InvalidValueError(
            "zone_without_name_for_engines",
            f"tz must be a zone that engines know by its name, got {describe(zone)}",
            field="tz",
            advice="give zoneinfo.ZoneInfo('Europe/Riga'), or UTC",
        )
    return name


def _check_zone(name: str, zone: tzinfo | None) -> None:
    if zone is None:
        raise NaiveInstantError(
            "column_without_zone",
            f"{name} must carry a time zone, or tz must be given",
            field=name,
            advice="give tz=UTC if its times are in UTC",
        )
    if zone is not UTC and getattr(zone, "key", None) not in _UTC:
        raise InvalidValueError(
            "naive_column_in_zone",
            f"{name} must be in UTC if its times carry no zone, got {describe(zone)}",
            field=name,
            advice="let the engine convert them: it knows which wall times occur twice",
        )


def as_names(by: str | Sequence[str] | None, known: Mapping[str, object]) -> tuple[str, ...]:
    """Return the columns to group by."""
    if by is None:
        return ()
    names = (by,) if is_a(by, str) else tuple(checks.iterate(by, "by", "name of a column"))
    for name in names:
        if not is_a(name, str) or name not in known:
            raise UnknownNameError(
                "no_such_column_to_group_by",
                f"by must name columns of the frame, got {show(name)}",
                field="by",
                advice=f"there are {', '.join([*known][:20])}",
                operands=(name,),
            )
    if len(set(names)) < len(names):
        raise InvalidValueError(
            "grouped_twice", f"by must name each column once, got {show(names)}", field="by", operands=names
        )
    return names


def _report_faults(every: Rows, faults: Mapping[str, nw.Expr]) -> Rows:
    """Count the rows that are left out, each by the first rule that it breaks."""
    if not faults:
        return _report_faults(every.select(nw.lit("").alias("none")), find_missing(["none"]))
    rule: Any = nw.lit("")
    for name, fault in reversed([*faults.items()]):
        rule = nw.when(fault).then(nw.lit(name)).otherwise(rule)
    counted: Any = group(every.select(rule.alias("rule")), ["rule"], rows=nw.len())
    return cast("Rows", counted.filter(nw.col("rule") != "").select("rule", nw.col("rows").cast(nw.Int64)))


def group(rows: Rows, keys: Sequence[str], /, **measures: nw.Expr) -> Rows:
    """Group rows by columns, and compute measures of each group.

    Dask remembers by which columns it has shuffled the groups of many partitions, and fails to look them up when they
    are joined. It does not ask a function for them.
    """
    grouped = rows.group_by(*keys).agg(*(measure.alias(name) for name, measure in measures.items()))
    if not rows.implementation.is_dask():
        return grouped
    native: Any = grouped.to_native()
    return cast("Rows", nw.from_native(native.map_partitions(_keep, meta=native)))


def _keep(part: object) -> object:
    return part


def share(rows: Rows) -> Rows:
    """Let polars compute rows once that several branches of a plan need, with different columns or filters.

    Without it each branch reads the data and converts the instants again: 2.1x for `rfm` of a million rows.
    """
    if is_a(rows, nw.LazyFrame) and rows.implementation.is_polars():
        native: Any = rows.to_native()
        return cast("Rows", nw.from_native(native.cache()))
    return rows


def _count_once(rows: Rows, columns: list[str], name: str) -> tuple[Rows, list[tuple[str, Any]]]:
    """Keep one of the equal copies of a row with an id, and none of those that contradict each other."""
    known: Any = rows.filter(~nw.col(name).is_null())
    unique: Any = group(known, columns, copies=nw.len())
    forms: Any = group(unique, [name], forms=nw.len(), rows=nw.col("copies").sum())
    disputed = forms.filter(nw.col("forms") > 1)
    kept = unique.join(disputed.select(name), on=name, how="anti")
    repeated = kept.filter(nw.col("copies") > 1).select((nw.col("copies") - 1).alias("rows"))
    parts: list[Any] = [rows.filter(nw.col(name).is_null()).select(*columns), kept.select(*columns)]
    return nw.concat(parts, how="vertical"), [(f"{name}_repeated", repeated), (f"{name}_contradicted", disputed)]


def _report_copies(rule: str, out: Any) -> Rows:  # noqa: ANN401 - rows
    """Add up the rows that are left out, because there are several of one id."""
    counted: Any = group(out.select(nw.lit(rule).alias("rule"), "rows"), ["rule"], rows=nw.col("rows").sum())
    return cast("Rows", counted.select("rule", nw.col("rows").cast(nw.Int64)))
