"""Column types of SQLAlchemy 2 for the values of this library, and records from rows.

With `TYPES` as the ``type_annotation_map`` of your base class, a ``Mapped`` datetime, Decimal or enum has the right
column. `Money` is a composite of two columns, and a label is a text. A value with parts, such as the pauses of a
subscription, is JSON.

    >>> from sqlalchemy import create_engine, select
    >>> from sqlalchemy.orm import DeclarativeBase, Mapped, Session, composite, mapped_column
    >>> from crmcore import Money, Purchase, instant
    >>> class Base(DeclarativeBase):
    ...     type_annotation_map = TYPES
    >>> class PurchaseRow(Base):
    ...     __tablename__ = "purchases"
    ...
    ...     id: Mapped[int] = mapped_column(primary_key=True)
    ...     customer_id: Mapped[int]
    ...     at: Mapped[datetime]
    ...     paid: Mapped[Decimal]
    ...     currency: Mapped[str]
    ...     amount: Mapped[Money] = composite("paid", "currency")
    >>> engine = create_engine("sqlite://")
    >>> Base.metadata.create_all(engine)
    >>> with Session(engine) as session:
    ...     session.add(PurchaseRow(customer_id=7, at=instant("2026-03-02"), amount=Money("19.90", "EUR")))
    ...     session.flush()
    ...     [to_record(Purchase, row).amount for row in session.scalars(select(PurchaseRow))]
    [Money('19.9', 'EUR')]
    >>> engine.dispose()

Needs SQLAlchemy: ``pip install crmcore[sqlalchemy]``.
"""

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from uuid import UUID

import attrs
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeEngine

from crmcore.interop import _json
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT
from crmcore.primitives._kinds import is_a
from crmcore.primitives._reading import begin_with
from crmcore.primitives.checks import describe, show
from crmcore.primitives.errors import CrmcoreError, UnknownNameError, WrongTypeError
from crmcore.primitives.periods import in_utc
from crmcore.primitives.record import Record, is_record_class

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["TYPES", "Exact", "Instant", "JsonOf", "by_value", "to_record"]

_E = TypeVar("_E", bound=Enum)
_R = TypeVar("_R", bound=Record)
_T = TypeVar("_T")

_POSTGRESQL: Final = "postgresql"
_LONGEST: Final = 64
"""The width of the column of an enum, so that a longer member of a later version fits."""


class Instant(sa.TypeDecorator[datetime]):
    """A column of instants, which are kept and read in UTC.

    Examples:
        >>> from sqlalchemy import Column, create_engine, literal, select
        >>> from crmcore import instant
        >>> moments = Column("at", Instant)
        >>> with create_engine("sqlite://").connect() as connection:
        ...     connection.scalar(select(literal(instant("2026-03-02T10:00+02:00"), Instant)))
        datetime.datetime(2026, 3, 2, 8, 0, tzinfo=datetime.timezone.utc)

    SQLite has no time zones, so its column holds the wall time of UTC. A datetime without a time zone is refused. The
    name of the zone is not kept: give ``tz=...`` to what follows a local calendar.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102 - SQLAlchemy calls it
        return None if value is None else in_utc(checks.as_instant(value, "the instant"))

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002, D102 - the same
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else in_utc(value)


class Exact(sa.TypeDecorator[Decimal]):
    """A column of exact numbers: NUMERIC in PostgreSQL, and text elsewhere.

    Examples:
        >>> from sqlalchemy import create_engine, literal, select
        >>> with create_engine("sqlite://").connect() as connection:
        ...     connection.scalar(select(literal(Decimal("0.10"), Exact)))
        Decimal('0.1')

    SQLite would turn a number with decimals into a float. Each number has one text, without zeros at the end, so that
    ``==`` finds it. SQL sorts and compares it as a text, and sums it as a float: do that in Python. A float is refused.
    """

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:  # noqa: D102 - the same
        return dialect.type_descriptor(sa.Numeric() if dialect.name == _POSTGRESQL else sa.Text())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:  # noqa: D102 - the same
        if value is None:
            return None
        number = checks.as_decimal(value, "the number")
        return number if dialect.name == _POSTGRESQL else _json.WRITE[Decimal](EXACT.normalize(number))

    def process_result_value(self, value: Decimal | str | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002, D102 - the same
        return None if value is None else checks.as_decimal(value, "the number")


class JsonOf(sa.TypeDecorator[_T]):
    """A column of JSON for a record, or for what has parts; JSONB in PostgreSQL. None is NULL.

    Examples:
        >>> from sqlalchemy import create_engine, literal, select
        >>> from crmcore import Period
        >>> from crmcore.interop.pydantic import adapter
        >>> pauses = JsonOf(adapter(tuple[Period, ...]))
        >>> with create_engine("sqlite://").connect() as connection:
        ...     connection.scalar(select(literal((Period.month(2026, 3),), pauses))) == (Period.month(2026, 3),)
        True

    Args:
        adapter: What reads and writes the value, from `crmcore.interop.pydantic.adapter`.
    """

    impl = sa.JSON
    cache_ok = True

    def __init__(self, adapter: "TypeAdapter[_T]") -> None:
        super().__init__(none_as_null=True)
        self.adapter = adapter

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:  # noqa: D102 - the same
        json = JSONB(none_as_null=True) if dialect.name == _POSTGRESQL else sa.JSON(none_as_null=True)
        return dialect.type_descriptor(json)

    def process_bind_param(self, value: _T | None, dialect: Dialect) -> object:  # noqa: ARG002, D102 - the same
        # read first: a list becomes the tuple that the adapter writes, and a wrong value is refused before it is stored
        return None if value is None else self.adapter.dump_python(self.adapter.validate_python(value), mode="json")

    def process_result_value(self, value: object, dialect: Dialect) -> _T | None:  # noqa: ARG002, D102 - the same
        return None if value is None else self.adapter.validate_python(value)


def by_value(enum: type[_E]) -> sa.Enum:
    """Return a column type that keeps the members of an enum as their values, in a text.

    Examples:
        >>> from crmcore import Valence
        >>> by_value(Valence).enums
        ['good', 'neutral', 'bad']
    """
    return sa.Enum(enum, values_callable=_list_values, native_enum=False, length=_LONGEST, validate_strings=True)


def _list_values(enum: type[Enum]) -> list[str]:
    return [member.value for member in enum]


TYPES: Final[dict[Any, Any]] = {datetime: Instant, Decimal: Exact, Enum: by_value(Enum)}
"""The column types by annotation, for a base class: ``type_annotation_map = TYPES``."""


def to_record(cls: type[_R], row: object, /, **fields: object) -> _R:
    """Return the record of a row, from the attributes of the row that have the names of its fields.

    The row is an object of a mapped class, or what a ``select`` of columns returns. A field with a default takes that
    if the row does not have it.

    Examples:
        >>> from sqlalchemy import create_engine, literal, select
        >>> from crmcore import Balance, MomentOfTruth, Valence, instant
        >>> columns = literal(instant("2026-03-02"), Instant).label("at"), literal("good").label("verdict")
        >>> with create_engine("sqlite://").connect() as connection:
        ...     rows = connection.execute(select(*columns))
        ...     Balance.of(to_record(MomentOfTruth, row, valence=Valence(row.verdict)) for row in rows).good
        Decimal('1')

    Args:
        cls: The class of the record.
        row: The row.
        fields: The fields that the row has not got under their own name.

    Raises:
        UnknownNameError: The row has no attribute for a field without a default.
        CrmcoreError: A value that its field refuses. If the row has an ``id``, it is `record` of the error. A cell that
            its column type cannot read is refused before, when the row is fetched, and that error names no row; a
            `Table` of untyped rows names it.
    """
    if not is_record_class(cls):
        raise WrongTypeError(
            "row_of_no_record", f"cls must be a class of records, such as Purchase, got {show(cls)}", field="cls"
        )
    for field in attrs.fields(cast("Any", cls)):
        name = field.alias
        if name in fields:
            continue
        if hasattr(row, name):
            fields[name] = getattr(row, name)
        elif field.default is attrs.NOTHING:
            raise UnknownNameError(
                "row_without_a_field",
                f"row must have an attribute {show(name)}, which {cls.__name__} needs, got {describe(row)}",
                field=name,
                advice=f"select a column with .label({name!r}), or give {name}=... itself",
            )
    try:
        return cls(**fields)
    except CrmcoreError as error:
        id_ = fields.get("id", getattr(row, "id", None))
        if is_a(id_, int | str | UUID):
            begin_with(error, f"row with id {show(id_)}")
            error.record = id_ if error.record is None else error.record
        raise
