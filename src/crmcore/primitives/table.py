"""Records that are read from a table: a data frame, columns, or rows.

A table is read column by column. That is faster than to build a record for each row, and it finds out about a whole
column what holds for each of its values. Calculators that need only some of the columns count straight from them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import tzinfo
from decimal import Decimal
from itertools import repeat
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar, cast, overload

import attrs

from crmcore.primitives import checks
from crmcore.primitives._columns import Amounts, Column, Instants
from crmcore.primitives._kinds import is_a
from crmcore.primitives._reading import (
    Given,
    Reader,
    choose_columns,
    choose_constants,
    default_of,
    hints_by_alias,
    locate_row,
    open_source,
    read_constant,
    repeat_constant,
)
from crmcore.primitives.checks import show
from crmcore.primitives.errors import (
    CrmcoreError,
    InvalidValueError,
    UnknownNameError,
    WrongTypeError,
)
from crmcore.primitives.grouping import in_one_group
from crmcore.primitives.money import as_code
from crmcore.primitives.record import Record, build_records, is_free_of_rules, is_record_class

__all__ = ["Table"]

_R = TypeVar("_R", bound=Record)

_CHUNK: Final = 16_384


class Table(Sequence[_R], Generic[_R]):
    """Records of one class, read from the columns of a data frame, of a mapping, or of rows.

    A table is a sequence of records, so every calculator takes it. `HistoricValue`, `Balance`, `Inactivity`, `Churn`,
    `Cohort`, `purchase_gaps` and `Journeys` count straight from its columns. A record is built when it is asked for, so
    a row that breaks a rule between two fields is refused only then. The error names the row: ``data[1]: ...``.

    Examples:
        >>> from crmcore import UTC, HistoricValue, Purchase, Table
        >>> sales = {"client": ["a", "b", "a"], "day": ["2026-03-02", "2026-03-02", "2026-03-09"], "paid": [30, 5, 12]}
        >>> purchases = Table(Purchase, sales, customer_id="client", at="day", amount="paid", currency="EUR", tz=UTC)
        >>> purchases
        Table(<3 of Purchase, from customer_id, at, amount>)
        >>> purchases[1].amount
        Money('5', 'EUR')
        >>> from operator import attrgetter
        >>> HistoricValue.by(purchases, attrgetter("customer_id"))["a"].value
        Money('42', 'EUR')

        What holds for all rows needs no column:

        >>> from crmcore import MeasureKind, Reading, Scale, SubjectKind
        >>> answers = {"subject_id": [7, 8], "at": ["2026-03-02", "2026-03-03"], "value": [9, 3]}
        >>> told = {"subject_kind": SubjectKind.CUSTOMER, "kind": MeasureKind.RECOMMENDATION}
        >>> Table(Reading, answers, tz=UTC, scale=Scale.RECOMMEND_0_10, **told)[1].value
        Decimal('3')

    A field is read from the column with its name, or from the one that you name. Other columns are left out. A column
    that you name for one field is not read for another that has its name and a default: with ``customer_id="id"`` the
    purchases have no `id`. Two columns make an amount of money whose currency differs from row to row:
    ``amount=("paid", "currency")``. A member of an enum or a record is no name, but the value of the field in all rows.

    A missing cell (None, NaN, NaT, NA, or an empty text where the field is no text) takes the default of its field.
    Instants are kept in UTC. The text of a member of an enum becomes the member.

    Args:
        kind: The class of the records, such as `Purchase`.
        data: A data frame of pandas, polars or pyarrow; a mapping of names to columns; or rows, each a mapping.
        tz: The time zone of dates and of times without one. A date means its first moment.
        currency: The currency of all amounts that have none.
        estimated: Whether amounts may be floats. Each is rounded to the decimals of its currency, as by
            `Money.estimated`.
        **columns: The column of each field, if it does not have the name of the field; or the value that the field has
            in all rows, which is a member of an enum, such as ``kind=MeasureKind.RECOMMENDATION``, or a record, such as
            ``scale=Scale.RECOMMEND_0_10``.

    Raises:
        UnknownNameError: A field or a column does not exist, or a required field has no column.
        CrmcoreError: A value that its field refuses. `field` is the column, and `record` the place of the row.
    """

    __slots__ = ("__weakref__", "_columns", "_length", "_names", "kind")

    kind: type[_R]
    """The class of the records."""

    def __init__(
        self,
        kind: type[_R],
        data: object,
        /,
        *,
        tz: tzinfo | None = None,
        currency: str | None = None,
        estimated: bool = False,
        **columns: Given,
    ) -> None:
        if not is_record_class(kind):
            raise WrongTypeError(
                "not_a_record_class",
                f"kind must be a class of records, such as Purchase, got {show(kind)}",
                field="kind",
            )
        reader = Reader(
            tz=None if tz is None else checks.as_zone(tz),
            currency=None if currency is None else as_code(currency),
            estimated=checks.as_instance(estimated, bool, "estimated"),
        )
        source, hints = open_source(data), hints_by_alias(kind)
        self.kind = kind
        self._columns: dict[str, Column] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        for field, names in choose_columns(kind, source, columns).items():
            self._columns[field.alias] = reader.read(field, hints[field.alias], source, names)
            self._names[field.alias] = names
        self._length = self._check_lengths()
        for alias, value in choose_constants(columns).items():
            self._columns[alias] = repeat_constant(read_constant(hints[alias], value, alias), self._length)

    def _check_lengths(self) -> int:
        lengths = {name: len(column) for name, column in self._columns.items()}
        if len(set(lengths.values())) > 1:
            shown = ", ".join(f"{name} has {length:,}" for name, length in lengths.items())
            raise InvalidValueError(
                "columns_of_different_lengths",
                f"data must have columns of one length, but {shown}",
                field="data",
                operands=tuple(lengths.values()),
            )
        return next(iter(lengths.values()), 0)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[_R]:
        if is_free_of_rules(self.kind, self._columns):
            for start in range(0, self._length, _CHUNK):
                yield from self._build_chunk(start, min(start + _CHUNK, self._length))
            return
        columns = {name: column.values for name, column in self._columns.items()}
        for place in range(self._length):
            yield self._build(place, {name: values[place] for name, values in columns.items()})

    @overload
    def __getitem__(self, place: int, /) -> _R: ...
    @overload
    def __getitem__(self, place: slice, /) -> list[_R]: ...
    def __getitem__(self, place: int | slice, /) -> _R | list[_R]:
        if is_a(place, slice):
            return [self[number] for number in range(*place.indices(self._length))]
        number = checks.find_int(place)
        if number is None:
            raise WrongTypeError(
                "not_a_place", f"place must be a whole number or a slice, got {show(place)}", field="place"
            )
        row = range(self._length)[number]
        return self._build(row, {name: column.values[row] for name, column in self._columns.items()})

    def _build(self, place: int, row: dict[str, Any]) -> _R:
        build: Callable[..., _R] = self.kind
        try:
            return build(**row)
        except CrmcoreError as error:
            locate_row(error, place, self._names)
            raise

    def _build_chunk(self, start: int, end: int) -> list[_R]:
        """Build records field by field, without the constructor, which would only check again what was read."""
        values = {name: column.values[start:end] for name, column in self._columns.items()}
        fields: tuple[Any, ...] = attrs.fields(cast("Any", self.kind))
        columns = [values.get(field.alias) or repeat(default_of(field)) for field in fields]
        return build_records(self.kind, end - start, columns)

    def __repr__(self) -> str:
        return f"Table(<{self._length:,} of {self.kind.__name__}, from {', '.join(self._columns)}>)"

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that have a column."""
        return tuple(self._columns)

    def column(self, field: str, /) -> Sequence[Any]:
        """Return the values of a field, one for each row, as a record has them.

        Examples:
            >>> from crmcore import UTC, Purchase, Table
            >>> rows = [{"customer_id": 7, "at": "2026-03-02", "amount": "9.90"}]
            >>> Table(Purchase, rows, currency="EUR", tz=UTC).column("amount")
            (Money('9.90', 'EUR'),)

        Raises:
            UnknownNameError: The field has no column.
        """
        return self._find(field).values

    def numbers(self, field: str, /) -> Sequence[Decimal | None]:
        """Return the numbers of a field that holds money; what adds them up asks for their `currency` too.

        Examples:
            >>> from crmcore import UTC, Purchase, Table
            >>> rows = [{"customer_id": 7, "at": "2026-03-02", "amount": "9.90"}]
            >>> Table(Purchase, rows, currency="EUR", tz=UTC).numbers("amount")
            (Decimal('9.90'),)
        """
        column = self._find(field)
        return column.amounts if is_a(column, Amounts) else ()

    def currency(self, field: str, /) -> str | None:
        """Return the currency of a field that holds money; None if the rows have several, or no amount."""
        column = self._find(field)
        return column.currencies[0] if is_a(column, Amounts) and len(column.currencies) == 1 else None

    def microseconds(self, field: str, /) -> Sequence[int | None]:
        """Return the instants of a field in microseconds since 1970 in UTC.

        Examples:
            >>> from crmcore import UTC, Purchase, Table
            >>> rows = [{"customer_id": 7, "at": "1970-01-02", "amount": "9.90"}]
            >>> Table(Purchase, rows, currency="EUR", tz=UTC).microseconds("at")
            (86400000000,)
        """
        column = self._find(field)
        return column.microseconds if is_a(column, Instants) else ()

    def is_distinct(self, field: str, /) -> bool:
        """Return whether no two rows have the same value of a field; unknown values are left out."""
        if is_a(field, str) and field not in self._columns:
            return True
        known = [value for value in self._find(field).values if value is not None]
        return len(set(known)) == len(known)

    def keys_by(self, key: Callable[..., object], /) -> Sequence[Any] | None:
        """Return the key of each row without building its record; None if the function has to see the record.

        A calculator that counts straight from columns asks for it. Only ``operator.attrgetter("field")`` says which
        column it reads.

        Examples:
            >>> from operator import attrgetter
            >>> from crmcore import UTC, Purchase, Table
            >>> table = Table(Purchase, [{"customer_id": 7, "at": "2026-03-02", "amount": 9}], currency="EUR", tz=UTC)
            >>> table.keys_by(attrgetter("customer_id")), table.keys_by(lambda purchase: purchase.customer_id)
            ((7,), None)
        """
        checks.check_callable(key, "key", 'attrgetter("customer_id")')
        if key is in_one_group:
            return (None,) * self._length
        names: tuple[str, ...] = cast("Any", key).__reduce__()[1] if type(key) is attrgetter else ()
        return self._columns[names[0]].values if len(names) == 1 and names[0] in self._columns else None

    def _find(self, field: str) -> Column:
        if not is_a(field, str) or field not in self._columns:
            raise UnknownNameError(
                "no_such_field",
                f"field must be one that has a column, got {show(field)}",
                field="field",
                advice=f"there are {', '.join(self._columns)}",
                operands=(show(field),),
            )
        return self._columns[field]


def as_columns(records: Iterable[_R], kind: type[_R], *, checked: Collection[str] = ()) -> Table[_R] | None:
    """Return a table that can be counted without its records; None if they have to be seen one by one.

    No row is given twice, and there is no field that a rule between fields reads, unless the caller checks that rule.

    Args:
        records: The records, which may be a table.
        kind: The class that they must have.
        checked: The fields whose rules the caller checks.
    """
    if not is_a(records, Table) or records.kind is not kind or not records.is_distinct("id"):
        return None
    return records if is_free_of_rules(kind, {*records.fields}.difference(checked)) else None


def iterate_days(table: Table[Any], field: str) -> Iterator[int]:
    """Return the days of the instants of a required field in UTC, as ordinals, from the form that the column has."""
    column = table._find(field)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - it is here
    return column.iterate_days() if is_a(column, Instants) else iter(())
