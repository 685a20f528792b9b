"""What the column types of `crmcore.interop.sqlalchemy` keep, in real databases."""

from __future__ import annotations

import doctest
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from types import NoneType, SimpleNamespace
from typing import Any, cast, get_args, get_type_hints
from uuid import UUID

import attrs
import pytest
import sqlalchemy as sa
from hypothesis import assume, given, strategies as st
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, composite, mapped_column
from sqlalchemy.schema import CreateTable

from crmcore import (
    Balance,
    Channel,
    Cost,
    CrmcoreError,
    Feedback,
    FeedbackKind,
    Id,
    Interaction,
    MomentOfTruth,
    MomentTiming,
    Money,
    Period,
    Purchase,
    Reading,
    ReplyPart,
    Scale,
    Subscription,
    Table,
    TimeUnit,
    UnknownNameError,
    Valence,
    WrongTypeError,
    instant,
)
from crmcore.interop import sqlalchemy as interop
from crmcore.interop.hypothesis._values import STRATEGIES
from crmcore.interop.pydantic import adapter
from crmcore.interop.sqlalchemy import TYPES, Exact, Instant, JsonOf, by_value, to_record
from crmcore.primitives.record import Record
from tests.support.postgresql import run_server
from tests.support.refusals import refused

RECORDS: list[type[Record]] = [Cost, Feedback, Interaction, MomentOfTruth, Purchase, Reading, Subscription]
POSTGRESQL = sa.create_engine("postgresql+psycopg://").dialect
SQLITE = sa.create_engine("sqlite://").dialect
AT = instant("2026-03-02T10:15:00.000001+02:00")
IDS: dict[str, tuple[Any, st.SearchStrategy[Id]]] = {
    "int": (sa.BigInteger, st.integers(-(2**63), 2**63 - 1)),
    "text": (sa.String, st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1)),
    "uuid": (sa.Uuid, st.uuids()),
}
"""The type of the column, and what is in it."""


class Base(DeclarativeBase):
    type_annotation_map = TYPES


class PurchaseRow(Base):
    __tablename__ = "purchases"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]
    at: Mapped[datetime]
    paid: Mapped[Decimal]
    currency: Mapped[str]
    amount: Mapped[Money] = composite("paid", "currency")
    goods: Mapped[Decimal | None]

    @property
    def cost(self) -> Money | None:
        """The cost is in the currency of the amount."""
        return None if self.goods is None else Money(self.goods, self.currency)


class MomentRow(Base):
    __tablename__ = "moments"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    valence: Mapped[Valence]
    timing: Mapped[str | None]
    severity: Mapped[Decimal]
    resolved_at: Mapped[datetime | None]


class SubscriptionRow(Base):
    __tablename__ = "subscriptions"

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[int]
    amount: Mapped[Decimal]
    currency: Mapped[str]
    price: Mapped[Money] = composite("amount", "currency")
    every: Mapped[TimeUnit]
    started: Mapped[datetime]
    ended: Mapped[datetime | None]
    pauses: Mapped[tuple[Period, ...]] = mapped_column(JsonOf(adapter(tuple[Period, ...])))


BOOK = Purchase(id=1, customer_id=7, at=AT, amount=Money("19.90", "EUR"), cost=Money(12, "EUR"))
PEN = Purchase(id=2, customer_id=7, at=AT, amount=Money("0.1000000000000000000000000000000000000001", "EUR"))
CALL = MomentOfTruth(
    id=UUID(int=7), at=AT, valence=Valence.BAD, timing=MomentTiming.FIRST, severity="1.50", resolved_at=AT
)
PLAN = Subscription(
    id="a",
    customer_id=7,
    price=Money("20.00", "EUR"),
    every=TimeUnit.MONTH,
    started=instant("2026-01-01"),
    pauses=[Period.month(2026, 3), Period.month(2026, 5)],
)


def columns_of(cls: Any, ids: Any) -> Iterator[sa.Column[Any]]:
    """The columns for the fields of a record, by what they hold; money has two."""
    plain: dict[Any, Any] = {datetime: Instant, Decimal: Exact, str: sa.String, int: sa.BigInteger, bool: sa.Boolean}
    for name, hint in get_type_hints(cls).items():
        if name not in attrs.fields_dict(cls):
            continue
        bare = next(arg for arg in get_args(hint) if arg is not NoneType) if NoneType in get_args(hint) else hint
        if hint in (Id, Id | None):
            yield sa.Column(name, ids)
        elif bare is Money:
            yield sa.Column(f"{name}_number", Exact)
            yield sa.Column(f"{name}_currency", sa.String(3))
        elif bare in plain:
            yield sa.Column(name, plain[bare])
        elif isinstance(bare, type) and issubclass(bare, Enum):
            yield sa.Column(name, by_value(bare))
        else:
            yield sa.Column(name, JsonOf(adapter(bare)))


def table_of(cls: type[Record], kind: str) -> sa.Table:
    """A table for a record whose ids are all of one kind."""
    return sa.Table(f"{cls.__name__}_{kind}", sa.MetaData(), *columns_of(cls, IDS[kind][0]))


TABLES = {(cls, kind): table_of(cls, kind) for cls in RECORDS for kind in IDS}


def to_columns(record: Record) -> dict[str, Any]:
    """The values for the columns of a record."""
    values: dict[str, Any] = {}
    for name, value in attrs.asdict(record, recurse=False).items():  # type: ignore[arg-type] # every record is attrs'
        if isinstance(value, Money):
            values |= {f"{name}_number": value.amount, f"{name}_currency": value.currency}
        else:
            values[name] = value
    return values


def to_monies(row: Any) -> dict[str, Any]:
    """The fields of a row that are money."""
    names = [name.removesuffix("_currency") for name in row._fields if name.endswith("_currency")]
    return {
        name: None if row._mapping[f"{name}_number"] is None else Money(*map(row._mapping.get, pair))
        for name in names
        for pair in [(f"{name}_number", f"{name}_currency")]
    }


def draw_record(data: st.DataObject, cls: type[Record], kind: str) -> Record:
    """Draw a record whose ids are of one kind; PostgreSQL keeps no text with a NUL character."""
    hints = {name: hint for name, hint in get_type_hints(cls).items() if hint in (Id, Id | None)}
    one = IDS[kind][1]
    ids: dict[str, Any] = {name: one if hint == Id else st.none() | one for name, hint in hints.items()}
    if cls is Reading:
        ids["customer_id"] = None  # a customer who judges must not be another than the subject
    record: Record = data.draw(STRATEGIES[cls](**ids))
    assume("\0" not in "".join(str(value) for value in attrs.astuple(record)))  # type: ignore[arg-type] # the same
    return record


@pytest.fixture(scope="class", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    """A database with all tables, once for each kind of database."""

    def prepare(url: str) -> Iterator[sa.Engine]:
        engine = sa.create_engine(url, hide_parameters=True)
        with engine.begin() as connection:
            Base.metadata.create_all(connection)
            for table in TABLES.values():
                table.create(connection)
        yield engine
        engine.dispose()

    if request.param == "sqlite":
        yield from prepare("sqlite://")
    else:
        with run_server() as url:
            yield from prepare(url)


@pytest.fixture
def session(engine: sa.Engine) -> Iterator[Session]:
    """A session with a few rows, which is rolled back."""
    with Session(engine) as session:
        session.add_all(
            [
                PurchaseRow(id=1, customer_id=7, at=AT, amount=BOOK.amount, goods=Decimal(12)),
                PurchaseRow(id=2, customer_id=7, at=AT, amount=PEN.amount),
                MomentRow(**attrs.asdict(CALL, filter=lambda field, _: hasattr(MomentRow, field.name))),
                SubscriptionRow(
                    **attrs.asdict(PLAN, recurse=False, filter=lambda field, _: hasattr(SubscriptionRow, field.name))
                ),
            ]
        )
        session.flush()
        session.expire_all()
        yield session


class TestDatabases:  # one class, so that one process starts one server
    @pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)
    @given(data=st.data(), kind=st.sampled_from(list(IDS)))
    def test_every_record_comes_back(
        self, engine: sa.Engine, cls: type[Record], data: st.DataObject, kind: str
    ) -> None:
        """A record that went through the columns of a table equals the original, whatever the kind of its ids."""
        record, table = draw_record(data, cls, kind), TABLES[cls, kind]
        with engine.connect() as connection:
            connection.execute(sa.insert(table), to_columns(record))
            row = connection.execute(sa.select(table)).one()
            connection.rollback()

        assert record == to_record(cls, row, **to_monies(row))

    def test_mapped_rows(self, session: Session) -> None:
        """A row of a mapped class becomes an equal record in one call."""
        purchases = session.scalars(sa.select(PurchaseRow).order_by(PurchaseRow.id))

        assert [BOOK, PEN] == [to_record(Purchase, row) for row in purchases]
        assert [CALL] == [to_record(MomentOfTruth, row) for row in session.scalars(sa.select(MomentRow))]
        assert [PLAN] == [to_record(Subscription, row) for row in session.scalars(sa.select(SubscriptionRow))]

    def test_rows_of_columns(self, session: Session) -> None:
        """So does a row of a select of columns, a composite among them."""
        columns = sa.select(PurchaseRow.id, PurchaseRow.customer_id, PurchaseRow.at, PurchaseRow.amount)
        rows = session.execute(columns.order_by(PurchaseRow.id))

        assert [attrs.evolve(BOOK, cost=None), PEN] == [to_record(Purchase, row) for row in rows]

    def test_finds_what_is_equal(self, session: Session) -> None:
        """SQL compares money, instants, numbers, members and parts with ``==`` as Python does."""
        same = timezone(timedelta(hours=-5))
        count = sa.select(sa.func.count())

        assert session.scalar(count.where(PurchaseRow.amount == Money("19.9000", "EUR"))) == 1
        assert session.scalar(count.where(PurchaseRow.amount == Money("19.9", "USD"))) == 0
        assert session.scalar(count.where(PurchaseRow.at == AT.astimezone(same))) == 2
        assert session.scalar(count.where(PurchaseRow.at < AT)) == 0
        assert session.scalar(count.where(MomentRow.severity == Decimal("1.5"))) == 1
        assert (
            session.scalar(count.where(MomentRow.valence == Valence.BAD, MomentRow.timing == MomentTiming.FIRST)) == 1
        )
        assert session.scalar(count.where(SubscriptionRow.pauses == PLAN.pauses)) == 1

    def test_a_new_value(self, session: Session) -> None:
        """A changed composite and a changed part are written."""
        book, plan = session.get_one(PurchaseRow, 1), session.get_one(SubscriptionRow, "a")
        book.amount, plan.pauses = Money(5, "USD"), ()
        session.flush()
        session.expire_all()

        assert (Money(5, "USD"), ()) == (book.amount, plan.pauses)
        assert to_record(Subscription, plan) == attrs.evolve(PLAN, pauses=())

    def test_unknown_is_null(self, session: Session) -> None:
        """None is NULL in every kind of column, JSON included."""
        columns = Instant, Exact, by_value(Valence), JsonOf(adapter(Scale))
        nulls = [sa.cast(sa.literal(None, column), column) for column in columns]

        assert [True] * 4 == list(session.execute(sa.select(*(null.is_(None) for null in nulls))).one())
        assert [None] * 4 == list(session.execute(sa.select(*nulls)).one())

    def test_the_form(self, engine: sa.Engine, session: Session) -> None:
        """The database holds values of members, and instants in UTC; SQLite holds numbers as plain text."""
        row = session.execute(sa.text("SELECT valence, severity, at, timing FROM moments")).one()
        here = engine.dialect.name == "sqlite"

        assert ("bad", "first") == (row.valence, row.timing)
        assert row.severity == ("1.5" if here else Decimal("1.50"))
        assert row.at == ("2026-03-02 08:15:00.000001" if here else AT)
        assert str(row.severity) == ("1.5" if here else "1.50")

    def test_another_zone_of_the_database(self, session: Session) -> None:
        """An instant is read in UTC, whatever the time zone of the connection."""
        if session.get_bind().dialect.name == "postgresql":
            session.execute(sa.text("SET LOCAL TIME ZONE 'Asia/Kathmandu'"))

        assert session.scalars(sa.select(MomentRow.at)).one().tzinfo is UTC

    @pytest.mark.parametrize(
        ("column", "value", "rule"),
        [
            (Instant, datetime(2026, 3, 2), "naive_instant"),  # noqa: DTZ001 - the point
            (Instant, "2026-03-02", "not_an_instant"),
            (Exact, 0.1, "float_is_inexact"),
            (Exact, Decimal("NaN"), "not_finite"),
        ],
    )
    def test_wrong_values(self, session: Session, column: Any, value: object, rule: str) -> None:
        """A wrong value is refused before it is sent; the error of the library is inside that of SQLAlchemy."""
        with pytest.raises(StatementError) as caught:
            session.execute(sa.select(sa.literal(value, column)))

        assert isinstance(caught.value.orig, CrmcoreError)
        assert caught.value.orig.rule == rule

    def test_labels(self, session: Session) -> None:
        """A label is a text in the database; the record makes a member of the text of one, and keeps other words."""
        columns = [sa.literal(text, sa.String) for text in (Channel.EMAIL, "kiosk")]
        kept = session.execute(sa.select(*columns)).one()
        feedback = [Feedback(kind=FeedbackKind.IDEA, received_at=AT, channel=text) for text in kept]

        assert [Channel.EMAIL, "kiosk"] == [one.channel for one in feedback]
        assert feedback[0].channel is Channel.EMAIL

    def test_a_list_for_a_tuple(self, session: Session) -> None:
        """Parts may be given as a list, and what are no parts is refused before it is stored."""
        pauses = JsonOf(adapter(tuple[Period, ...]))
        given: object = [Period.month(2026, 3)]

        assert (Period.month(2026, 3),) == session.scalar(sa.select(sa.literal(given, pauses)))
        with pytest.raises(StatementError):
            session.scalar(sa.select(sa.literal([AT], pauses)))

    def test_a_table_of_mappings(self, session: Session) -> None:
        """A cursor with the names of its columns is a table, read once."""
        paid = sa.select(
            sa.literal(7).label("customer_id"), sa.literal("2026-03-02").label("at"), sa.literal(5).label("paid")
        )

        table = Table(Purchase, session.execute(paid).mappings(), amount="paid", currency="EUR", tz=UTC)

        assert [Purchase(customer_id=7, at=instant("2026-03-02"), amount=Money(5, "EUR"))] == [*table]
        with refused(WrongTypeError, "row_without_names: data[0]"):
            Table(Purchase, session.execute(paid), amount="paid", currency="EUR", tz=UTC)

    def test_a_wrong_text_of_an_enum(self, session: Session) -> None:
        """A text that is no member is refused before it is stored."""
        with pytest.raises(StatementError):
            session.scalar(sa.select(sa.literal("bda", by_value(Valence))))

    def test_a_set_of_labels(self, session: Session) -> None:
        """A set of labels is a list of texts, sorted, and comes back as members."""
        parts = JsonOf(adapter(frozenset[str]))
        reply = session.scalar(sa.select(sa.literal(frozenset({ReplyPart.THANKS, "flowers"}), parts)))
        feedback = Feedback(kind=FeedbackKind.IDEA, received_at=AT, answered_at=AT, reply=reply or ())

        assert frozenset({ReplyPart.THANKS, "flowers"}) == feedback.reply
        assert {ReplyPart, str} == set(map(type, feedback.reply))


class TestSqlite:
    def test_a_sum_is_refused(self) -> None:
        """SQLite sums texts as floats; that is an error and not a figure."""
        engine = sa.create_engine("sqlite://")
        with engine.connect() as connection, pytest.raises(CrmcoreError) as caught:
            connection.scalar(sa.select(sa.func.sum(sa.literal(Decimal("0.1"), Exact))))
        engine.dispose()

        assert caught.value.rule == "float_is_inexact"


class TestTables:
    def test_columns(self) -> None:
        """Each database has the type of column that keeps the value, and none needs a migration for a new member."""
        table = sa.Table(
            "t",
            sa.MetaData(),
            *(sa.Column("at", Instant), sa.Column("n", Exact), sa.Column("v", by_value(Valence))),
            sa.Column("parts", JsonOf(adapter(Scale))),
        )
        made = {
            name: [line.strip(" \t,") for line in str(CreateTable(table).compile(dialect=dialect)).splitlines()[2:6]]
            for name, dialect in {"sqlite": SQLITE, "postgresql": POSTGRESQL}.items()
        }

        assert made == {
            "sqlite": ["at DATETIME", "n TEXT", "v VARCHAR(64)", "parts JSON"],
            "postgresql": ["at TIMESTAMP WITH TIME ZONE", "n NUMERIC", "v VARCHAR(64)", "parts JSONB"],
        }

    def test_an_exact_number_for_postgresql(self) -> None:
        """PostgreSQL gets the number as it is."""
        assert Decimal("1.50") == Exact().process_bind_param(Decimal("1.50"), POSTGRESQL)

    def test_an_instant_with_a_zone(self) -> None:
        """An instant that a database returns with a zone is read in UTC."""
        read = Instant().process_result_value(AT, POSTGRESQL)

        assert read is not None
        assert (read, read.tzinfo) == (AT, UTC)


class TestToRecord:
    def test_given_fields_come_first(self) -> None:
        """A field that is given is not read from the row."""
        row = sa.create_engine("sqlite://").connect  # no column at all
        moment = to_record(MomentOfTruth, row, at=AT, valence=Valence.GOOD)

        assert MomentOfTruth(at=AT, valence=Valence.GOOD) == moment

    def test_a_field_without_default_is_needed(self) -> None:
        """A row without a field that the record needs is refused with the name of the field."""
        with refused(UnknownNameError, "row_without_a_field: valence"):
            to_record(MomentOfTruth, object(), at=AT)

    def test_a_class_of_records_is_needed(self) -> None:
        """Nothing else than a class of records is made of a row."""
        for wrong in (int, Valence, "MomentOfTruth", Record):
            with refused(WrongTypeError, "row_of_no_record: cls"):
                to_record(cast("Any", wrong), object())

    @pytest.mark.parametrize(
        ("values", "where", "broken"),
        [
            ({"id": 7}, "row with id 7: customer_id must ", "not_an_id: customer_id[7]"),
            ({"id": "a b"}, "row with id 'a b': customer_id must ", "not_an_id: customer_id['a b']"),
            ({"id": 7.5}, "id must ", "not_an_id: id"),
            ({}, "customer_id must ", "not_an_id: customer_id"),
        ],
    )
    def test_the_row_is_named(self, values: dict[str, Any], where: str, broken: str) -> None:
        """An error about a field names the row by its id, if it has one."""
        row = SimpleNamespace(customer_id=2.5 if where[:2] != "id" else 7, at=AT, amount=Money(5, "EUR"), **values)
        with refused(CrmcoreError, broken) as caught:
            to_record(Purchase, row)
        assert str(caught.value).startswith(where)

    def test_the_place_in_a_field_is_kept(self) -> None:
        """An error that has the place of an item keeps it."""
        wrong: Any = [Period.month(2026, 4)] * 2
        row = SimpleNamespace(
            id=7, customer_id=7, price=Money(5, "EUR"), every=TimeUnit.MONTH, started=AT, pauses=wrong
        )
        with refused(CrmcoreError, "overlapping_pauses: pauses[1]") as caught:
            to_record(Subscription, row)
        assert str(caught.value).startswith("row with id 7: pauses must not overlap, got ")

    def test_untyped_rows_of_a_table(self) -> None:
        """A cell that a column type cannot read is refused without its row; a table of untyped rows names it."""
        engine = sa.create_engine("sqlite://")
        raw = sa.text("SELECT 1 AS customer_id, '2026-03-02' AS at, 'abc' AS paid")
        with engine.connect() as connection:
            with refused(CrmcoreError, "not_a_number: paid[0]"):
                Table(Purchase, connection.execute(raw).mappings(), amount="paid", currency="EUR", tz=UTC)
            with refused(CrmcoreError, "not_a_number: the number"):
                connection.scalar(sa.select(sa.literal_column("'abc'", Exact)))
        engine.dispose()

    def test_counts(self) -> None:
        """Records can be counted as they are made."""
        rows: Iterable[MomentRow] = [MomentRow(id=UUID(int=n), at=AT, valence=Valence.GOOD, severity=1) for n in (1, 2)]

        assert Balance(good=2) == Balance.of(to_record(MomentOfTruth, row) for row in rows)


@pytest.mark.slow
def test_import_loads_sqlalchemy_alone() -> None:
    """No other extra is needed: only `JsonOf` takes an adapter, which its caller imports."""
    question = "import sys, crmcore.interop.sqlalchemy; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True).stdout.split()

    assert {"cattrs", "hypothesis", "pydantic"} & {*loaded} == set()


def test_examples() -> None:
    """The examples in the docstrings show what the installed library answers."""
    failed, tried = doctest.testmod(interop)

    assert (0, True) == (failed, tried > 0)
