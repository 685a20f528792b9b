"""Records that are read from the columns of a table."""

from __future__ import annotations

import pickle
import sqlite3
from collections import UserDict
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from operator import attrgetter
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    AbandonReason,
    AcquisitionSource,
    Balance,
    CashFlow,
    Channel,
    Churn,
    Cost,
    CrmcoreError,
    CurrencyMismatchError,
    Customer,
    Feedback,
    HistoricValue,
    Inactivity,
    InconsistentCountsError,
    Interaction,
    InvalidValueError,
    Journeys,
    LedgerBuilder,
    Lifetime,
    MeasureKind,
    MomentOfTruth,
    Money,
    NaiveInstantError,
    Occasion,
    OrderRule,
    Period,
    Purchase,
    Reading,
    Scale,
    SubjectKind,
    Subscription,
    Table,
    TimeUnit,
    Touchpoint,
    UnknownNameError,
    Valence,
    WrongTypeError,
    instant,
    lifetime_value,
)
from crmcore.primitives import checks
from crmcore.primitives.record import Record
from crmcore.retention.inactivity import purchase_gaps, status_of
from tests.support.counters import Counter, counters
from tests.support.refusals import refused
from tests.support.strategies import VALUES
from tests.support.walk import public_classes

DAY = instant("2026-03-02")
ROWS: dict[str, Any] = {"customer_id": ["a", "b", "a"], "at": [DAY] * 3, "amount": ["30", "5", "12.50"]}
RECORDS = sorted(
    (
        cls
        for cls in VALUES
        if issubclass(cls, Record) and attrs.has(cls) and cls.__module__.startswith("crmcore.model.")
    ),
    key=lambda cls: cls.__name__,
)
BY_CUSTOMER = attrgetter("customer_id")
CELLS: dict[type[Record], dict[str, Any]] = {
    CashFlow: {"day": DAY.date(), "amount": 1},
    Lifetime: {"length": 1, "ended": True},
    MomentOfTruth: {"valence": "good", "at": DAY},
    Purchase: {"customer_id": "a", "at": DAY, "amount": "30"},
    Subscription: {"customer_id": 1, "price": 9, "every": "month", "started": DAY},
    Touchpoint: {"id": 1, "name": "till", "channel": "website"},
}
"""A good row of each class."""


class NAType:
    """A missing cell of pandas: nothing equals it, and it is neither true nor false."""

    def __eq__(self, other: object) -> Any:
        return self

    def __hash__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        raise TypeError


def read(**columns: Any) -> Table[Purchase]:
    """Read purchases in EUR, whose columns have the names of the fields."""
    return Table(Purchase, ROWS | columns, currency="EUR", tz=UTC)


def as_columns(records: list[Any], cls: type) -> dict[str, list[Any]]:
    """Return the columns of records."""
    return {
        field.alias: [getattr(record, field.name) for record in records] for field in attrs.fields(cls) if field.init
    }


class TestSequence:
    def test_is_a_sequence_of_records(self) -> None:
        """A table has a length, places, slices and an order."""
        table = read()
        third = Purchase(customer_id="a", at=DAY, amount=Money("12.50", "EUR"))

        assert 3 == len(table)
        assert third == table[2] == table[-1] == [*table][2]
        assert [table[1], third] == table[1:]
        assert third in table
        assert "Table(<3 of Purchase, from customer_id, at, amount>)" == repr(table)
        assert [*table] == [*pickle.loads(pickle.dumps(table))]
        with pytest.raises(IndexError):
            _ = table[3]

    def test_no_rows(self) -> None:
        """A table without rows has no records, with or without the names of columns."""
        empty: list[Any] = [[], {"customer_id": [], "at": [], "amount": []}]
        for data in empty:
            table = Table(Purchase, data, currency="EUR", amount="amount")

            assert [] == [*table]
            assert 0 == len(table)
            assert {} == HistoricValue.by(table, BY_CUSTOMER)
            assert {} == purchase_gaps(table)

    @pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)
    @given(data=st.data())
    def test_every_noun_survives(self, cls: type[Record], data: st.DataObject) -> None:
        """Records whose fields become columns are read back, whatever their class."""
        records = data.draw(st.lists(VALUES[cls], max_size=4))

        table = Table(cls, as_columns(records, cls))

        assert records == [*table]
        assert records == [table[place] for place in range(len(records))]

    def test_no_field_has_the_name_of_a_choice(self) -> None:
        """The columns of a field are named by its own name, so no field may be called as another argument is."""
        names = {
            field.alias
            for cls in public_classes()
            if issubclass(cls, Record) and attrs.has(cls)
            for field in attrs.fields(cls)
        }
        tables = {field.alias for cls in RECORDS for field in attrs.fields(cls)}

        assert set() == tables & {"tz", "currency", "estimated"}
        assert tables < names


class TestCounting:
    @pytest.mark.parametrize("counter", counters(), ids=lambda counter: counter.name)
    @given(data=st.data())
    def test_a_table_counts_as_its_records_do(self, counter: Counter, data: st.DataObject) -> None:
        """Every counter that takes records gives the same for a table of them, also where it refuses them."""
        records = data.draw(st.lists(VALUES[counter.kind], max_size=4))
        table: Table[Any] = Table(counter.kind, as_columns(records, counter.kind))

        assert answer(counter.count, records) == answer(counter.count, table)

    @given(data=st.data())
    def test_straight_from_columns(self, data: st.DataObject) -> None:
        """What counts straight from columns agrees with the records, by a column and by a function."""
        ids = st.sampled_from(["a", "b", 7, "7"])
        times = st.datetimes(datetime(2026, 1, 1), datetime(2026, 4, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is beside it
        amounts = st.decimals(-9, 99, places=2)
        number = data.draw(st.integers(0, 6))
        some = st.lists(
            st.tuples(ids, times, amounts, st.none() | amounts, st.none() | times), min_size=number, max_size=number
        )
        rows = data.draw(some)
        columns: dict[str, Any] = {
            "customer_id": [row[0] for row in rows],
            "at": [row[1] for row in rows],
            "amount": [row[2] for row in rows],
        }
        if data.draw(st.booleans()):
            columns["cost"] = [row[3] for row in rows]
        if data.draw(st.booleans()):
            columns["id"] = [data.draw(st.none() | st.integers(0, 3)) for _ in rows]
        table = Table(Purchase, columns, currency="EUR")
        records = [*table]
        policies: dict[str, Any] = {"as_of": instant("2026-03-01"), "churned_after": timedelta(days=20)}
        keys: list[Any] = [BY_CUSTOMER, attrgetter("id"), lambda purchase: purchase.customer_id, attrgetter("at")]
        key: Any = data.draw(st.sampled_from(keys))
        month = Period.month(2026, 2)

        for count in (
            lambda given: lifetime_value.historic(given, currency="EUR"),
            *([lifetime_value.historic] if rows else []),  # a table knows the currency of no purchases
            lambda given: lifetime_value.historic(given, currency="USD"),
            lambda given: [*HistoricValue.by(given, key).items()],
            lambda given: [*purchase_gaps(given).items()],
            lambda given: [*purchase_gaps(given, tz=ZoneInfo("Asia/Tokyo")).items()],
            lambda given: Inactivity.of(given, **policies),
            lambda given: [*status_of(given, **policies).items()],
            lambda given: [*Inactivity.by(given, key, **policies).items()],
            lambda given: Churn.of_purchases(given, month, churned_after=timedelta(days=9)),
            lambda given: [*Churn.by_purchases(given, month, key, churned_after=timedelta(days=9)).items()],
        ):
            assert answer(count, records) == answer(count, table)

    @given(data=st.data())
    def test_moments(self, data: st.DataObject) -> None:
        """Balances from columns are those of the records, with and without a severity."""
        number = data.draw(st.integers(0, 6))
        columns: dict[str, Any] = {
            "valence": [data.draw(st.sampled_from(Valence)) for _ in range(number)],
            "at": [DAY] * number,
            "employee_id": [data.draw(st.none() | st.sampled_from(["anna", 7])) for _ in range(number)],
        }
        if data.draw(st.booleans()):
            columns["severity"] = [data.draw(st.decimals("0.5", 3, places=1)) for _ in range(number)]
        if data.draw(st.booleans()):
            columns["id"] = [data.draw(st.none() | st.integers(0, 3)) for _ in range(number)]
        if data.draw(st.booleans()):
            columns["resolved_at"] = [None] * number
        table = Table(MomentOfTruth, columns)

        for count in (
            Balance.of,
            lambda given: [*Balance.by(given, attrgetter("employee_id")).items()],
            lambda given: Balance.of(given, as_of=DAY, window=timedelta(days=1)),
        ):
            assert answer(count, [*table]) == answer(count, table)

    @given(data=st.data())
    def test_subscriptions(self, data: st.DataObject) -> None:
        """Churn from columns is that of the records; an end before the start is refused as there."""
        number = data.draw(st.integers(0, 5))
        days = st.integers(1, 28).map(lambda day: datetime(2026, 2, day, tzinfo=UTC))
        columns: dict[str, Any] = {
            "customer_id": [data.draw(st.sampled_from("ab")) for _ in range(number)],
            "price": [9] * number,
            "every": ["month"] * number,
            "started": [data.draw(days) for _ in range(number)],
        }
        if data.draw(st.booleans()):
            columns["ended"] = [data.draw(st.none() | days) for _ in range(number)]
        if data.draw(st.booleans()):
            columns["paused_since"] = [None] * number
        table = Table(Subscription, columns, currency="EUR")
        month = Period.month(2026, 2)

        def build() -> list[Subscription]:
            return [*table]

        for count in (
            lambda given: Churn.of(given(), month),
            lambda given: [*Churn.by(given(), month, BY_CUSTOMER).items()],
            lambda given: [*Churn.by(given(), month, lambda plan: plan.customer_id).items()],
        ):
            assert answer(count, build) == answer(count, lambda: table)

    @given(data=st.data())
    def test_journeys(self, data: st.DataObject) -> None:
        """Journeys are packed from columns as from interactions."""
        number = data.draw(st.integers(0, 6))
        columns: dict[str, Any] = {
            "touchpoint_id": [data.draw(st.sampled_from(["till", "shelf", 7])) for _ in range(number)],
            "at": [DAY + timedelta(minutes=data.draw(st.integers(0, 5))) for _ in range(number)],
        }
        if data.draw(st.booleans()):
            columns["customer_id"] = [data.draw(st.none() | st.sampled_from("ab")) for _ in range(number)]
        if data.draw(st.booleans()):
            columns["abandoned"] = [data.draw(st.none() | st.sampled_from(AbandonReason)) for _ in range(number)]
        if data.draw(st.booleans()):
            columns["id"] = [data.draw(st.none() | st.integers(0, 3)) for _ in range(number)]
        if data.draw(st.booleans()):
            columns["tone"] = ["calm"] * number
        table = Table(Interaction, columns)
        distinct = data.draw(st.booleans())

        assert answer(lambda given: Journeys.of(given, distinct=distinct), [*table]) == answer(
            lambda given: Journeys.of(given, distinct=distinct), table
        )

    def test_rows_that_are_told_apart(self) -> None:
        """Rows with an id count once, an end before the start is refused, and severities are added up."""
        rows = {"id": [1, 1], "customer_id": ["a", "a"], "at": [DAY, DAY], "amount": [5, 5], "cost": [1, 1]}
        same = Table(Purchase, rows, currency="EUR")
        policies: dict[str, Any] = {"as_of": DAY, "churned_after": timedelta(days=3)}
        plans = {"customer_id": ["a", "a"], "price": [9, 9], "every": ["month"] * 2, "started": [DAY, DAY]}
        month, silence = Period.month(2026, 3), timedelta(days=3)
        visits = {"touchpoint_id": ["till"] * 2, "at": [DAY] * 2, "customer_id": ["a", "b"], "tone": ["calm"] * 2}

        assert Money(4, "EUR") == lifetime_value.historic(same).value
        assert {"a": Inactivity.of(same, **policies)} == Inactivity.by(same, BY_CUSTOMER, **policies)
        assert 1 == Churn.of_purchases(same, month, churned_after=silence).lost
        assert 1 == Churn.of_purchases(read(id=[1, None, None]), month, churned_after=silence).joined_and_lost - 1
        with refused(InvalidValueError, "ended_before_it_started: ended[1]"):
            Churn.of(Table(Subscription, {**plans, "ended": [None, DAY - silence]}, currency="EUR"), month)
        assert 1 == Churn.of(Table(Subscription, {**plans, "ended": [None, DAY]}, currency="EUR"), month).joined
        assert 1 == Churn.of(Table(Subscription, {**plans, "pauses": [(), ()]}, currency="EUR"), month).joined
        assert 2 == Journeys.of(Table(Interaction, visits)).visits
        judged = {"valence": ["good", "bad", "neutral"], "at": [DAY] * 3, "severity": ["2", "0.5", "1"]}
        assert Balance(good=2, bad="0.5", neutral=1) == Balance.of(Table(MomentOfTruth, judged))
        again = Table(MomentOfTruth, {**judged, "id": [1, 2, 3], "resolved_at": [None] * 3})
        assert Balance(good=2, bad="0.5", neutral=1) == Balance.of(again)

    def test_orders_and_order(self) -> None:
        """Each purchase may be an order of its own, rows come in any order, and a subclass of a tally is built."""

        @attrs.frozen(kw_only=True)
        class Worth(HistoricValue):
            note: str = ""

        table = read(at=["2026-03-09", "2026-03-02", "2026-03-02"])
        records = [*table]
        rule = OrderRule.EACH_PURCHASE
        policies: dict[str, Any] = {"as_of": instant("2026-03-10"), "churned_after": timedelta(days=3)}

        assert {"a": (7,), "b": ()} == purchase_gaps(table, order_rule=rule) == purchase_gaps(records, order_rule=rule)
        assert (1, 1) == (Inactivity.of(table, **policies).active, Inactivity.of(table, **policies).churned)
        assert (
            Money("42.50", "EUR")
            == Worth.by(table, BY_CUSTOMER)["a"].value
            == Worth.by(records, BY_CUSTOMER)["a"].value
        )

    def test_a_customer_of_two_groups(self) -> None:
        """A customer whose rows have two keys is refused, as among records."""
        table = read(id=["x", "y", "z"])
        with refused(InconsistentCountsError, "owner_under_two_keys: key['a']"):
            Inactivity.by(table, attrgetter("id"), as_of=DAY, churned_after=timedelta(days=1))


def answer(count: Any, records: Any) -> object:
    """Return what a counter says, or how it refuses."""
    try:
        counted = count(records)
        return counted.ledger() if isinstance(counted, LedgerBuilder) else counted
    except CrmcoreError as error:
        return type(error), error.rule


class TestData:
    @pytest.mark.parametrize(
        "data",
        [
            ROWS,
            UserDict(ROWS),
            {"customer_id": iter("aba"), "at": iter(["2026-03-02"] * 3), "amount": iter([30, 5, Decimal("12.50")])},
            [
                {"customer_id": c, "at": date(2026, 3, 2), "amount": a}
                for c, a in zip("aba", ("30", 5, "12.5"), strict=True)
            ],
            (
                UserDict({"customer_id": c, "at": DAY, "amount": a, "x": 1})
                for c, a in zip("aba", ("30", 5, "12.5"), strict=True)
            ),
        ],
        ids=["columns", "mapping", "iterators", "rows", "generator of rows"],
    )
    def test_kinds_of_tables(self, data: object) -> None:
        """Columns and rows give the same records, also if they can be read only once."""
        assert [*read()] == [*Table(Purchase, data, currency="EUR", tz=UTC)]

    def test_frames(self) -> None:
        """A frame is known by its columns and read by their names."""

        class Frame(SimpleNamespace):
            def __getitem__(self, name: str) -> Any:
                return ROWS[name]

            def __iter__(self) -> Any:
                return iter(ROWS)

        for frame in (Frame(columns=list(ROWS)), Frame(column_names=list(ROWS))):
            assert [*read()] == [*Table(Purchase, frame, currency="EUR")]
            with refused(WrongTypeError, "frame_for_records: purchases") as caught:
                purchase_gaps(frame)
            assert "read it with Table(Purchase, ...)" == caught.value.advice
            with refused(WrongTypeError, "frame_for_records: percentiles"):
                next(_iterate_numbers(frame))

    def test_rows_of_a_database(self) -> None:
        """The rows of sqlite3 are no mappings, but have names."""
        database = sqlite3.connect(":memory:")
        database.row_factory = sqlite3.Row
        rows = database.execute(
            "select 'a' as who, '2026-03-02' as at, '9.90' as amount union select 'b', '2026-03-03', 5"
        )

        table = Table(Purchase, rows, customer_id="who", currency="EUR", tz=UTC)

        assert [Money("9.90", "EUR"), Money(5, "EUR")] == [purchase.amount for purchase in table]
        database.close()

    def test_records_where_rows_are_due(self) -> None:
        """Rows where records are due are refused with the way to read them."""
        rows: list[Any] = [{"customer_id": 7}]
        with refused(WrongTypeError, "wrong_type: purchases[0]") as caught:
            purchase_gaps(rows)
        assert "read rows with Table(Purchase, ...)" == caught.value.advice

    @pytest.mark.parametrize("data", ["text", b"bytes", 7, None])
    def test_no_table(self, data: object) -> None:
        """Anything else is refused."""
        with refused(WrongTypeError, "not_a_table: data"):
            Table(Purchase, data)

    def test_rows_without_names(self) -> None:
        """A row that is a tuple does not say which value is which."""
        with refused(WrongTypeError, "row_without_names: data[1]"):
            Table(Purchase, [{"customer_id": 7}, ("a", DAY)])

    def test_columns_of_different_lengths(self) -> None:
        """Columns that do not fit together are refused."""
        with refused(InvalidValueError, "columns_of_different_lengths: data"):
            read(customer_id=["a"])

    @pytest.mark.parametrize("place", ["0", 1.0, None, [0]])
    def test_the_place(self, place: Any) -> None:
        """A row is asked for by a whole number or a slice."""
        with refused(WrongTypeError, "not_a_place: place"):
            read(customer_id=["a"], at=["2026-03-02"], amount=[1])[place]

    @pytest.mark.parametrize("field", [["at"], 5, None])
    def test_the_field_is_a_text(self, field: Any) -> None:
        """A field is asked for by its name."""
        table = read(customer_id=["a"], at=["2026-03-02"], amount=[1])
        for ask in (table.column, table.is_distinct):
            with refused(UnknownNameError, "no_such_field: field"):
                ask(field)

    @pytest.mark.parametrize("kind", ["Purchase", int, None, Record])
    def test_the_class(self, kind: Any) -> None:
        """A table is of a class of records."""
        with refused(WrongTypeError, "not_a_record_class: kind"):
            Table(kind, {})


def _shout(name: str) -> str:
    return name.upper()


def _iterate_numbers(values: Any) -> Any:
    return checks.iterate(values, "percentiles", "number")


class TestNames:
    def test_a_column_of_another_name(self) -> None:
        """A field is read from the column that the caller names."""
        data = {"client": ["a"], "day": ["2026-03-02"], "paid": [5], "segment": ["new"]}
        table = Table(Purchase, data, customer_id="client", at="day", amount="paid", currency="EUR", tz=UTC)

        assert [Purchase(customer_id="a", at=DAY, amount=Money(5, "EUR"))] == [*table]
        assert ("customer_id", "at", "amount") == table.fields

    def test_a_column_of_another_field(self) -> None:
        """A column that is named for one field is not read for another with its name, unless named there too."""
        data = {"id": [7, 7], "day": ["2026-03-02", "2026-03-02"], "paid": [5, 5]}
        columns: Any = {"customer_id": "id", "at": "day", "amount": "paid"}
        twice = Table(Purchase, data, **columns, currency="EUR", tz=UTC)

        assert Money(10, "EUR") == HistoricValue.by(twice, attrgetter("customer_id"))[7].value
        assert [None, None] == [purchase.id for purchase in twice]
        assert 7 == Table(Purchase, data, **columns, id="id", currency="EUR", tz=UTC)[0].id

    def test_a_required_field_keeps_its_column(self) -> None:
        """A field without a default is read from the column with its name, whatever else is."""
        data = {"customer_id": [7], "at": ["2026-03-02"], "amount": [5]}
        table = Table(Purchase, data, id="customer_id", currency="EUR", tz=UTC)

        assert (7, 7) == (table[0].customer_id, table[0].id)

    @pytest.mark.parametrize(
        ("columns", "broken", "advice"),
        [
            ({"at": "Days"}, "no_such_column: at", "perhaps Day is meant; there are Client, Day, Paid"),
            ({}, "field_without_column: customer_id", "name it with customer_id=...; there are Client, Day, Paid"),
            (
                {"customer_id": "Client", "at": "Day", "amount": "Paid", "amounts": "Paid"},
                "no_such_field_to_read: amounts",
                "perhaps amount is meant; there are customer_id, at, amount, cost, id, reason",
            ),
            ({"customer_id": "Client", "at": "Day", "amount": ("Paid", "Code")}, "no_such_column: amount", None),
        ],
    )
    def test_a_name_that_does_not_exist(self, columns: dict[str, Any], broken: str, advice: str | None) -> None:
        """Columns and fields that do not exist are refused with the nearest names."""
        with refused(UnknownNameError, broken) as caught:
            Table(Purchase, {"Client": ["a"], "Day": ["2026-03-02"], "Paid": [5]}, currency="EUR", **columns)
        assert advice in (None, caught.value.advice)

    @pytest.mark.parametrize("wrong", [5, None, [1], b"Paid", ()])
    def test_what_is_no_name(self, wrong: Any) -> None:
        """The name of a column is a text, and the error says what to do with a constant."""
        with refused(WrongTypeError, "not_the_name_of_a_column: amount") as caught:
            Table(Purchase, ROWS, amount=wrong)
        assert caught.value.advice.endswith("add a column of any other constant")

    def test_an_index_is_no_column(self) -> None:
        """Where a column is missed, the advice tells of an index of pandas that has a name."""
        frame = pd.DataFrame({"at": ["2026-03-02"], "paid": [5]}, index=pd.Index(["a"], name="client"))
        choices: list[dict[str, Any]] = [{}, {"customer_id": "client"}]
        for named in choices:
            with refused(UnknownNameError, ": customer_id") as caught:
                Table(Purchase, frame, amount="paid", currency="EUR", tz=UTC, **named)
            assert caught.value.advice.endswith("; the index is not read, client: give frame.reset_index()")
        with refused(UnknownNameError, "field_without_column: customer_id") as caught:
            Table(Purchase, frame.reset_index(drop=True), amount="paid", currency="EUR", tz=UTC)
        assert "index" not in caught.value.advice

        table = Table(Purchase, frame.reset_index(), customer_id="client", amount="paid", currency="EUR", tz=UTC)
        assert "a" == table[0].customer_id

    def test_no_field_at_all(self) -> None:
        """A table with no column of a field is refused, also where no field is required."""
        with refused(UnknownNameError, "no_column_is_a_field: data"):
            Table(Balance, {"x": [1]})
        assert [Balance(good=3)] == [*Table(Balance, {"good": [3]})]

    def test_the_currency(self) -> None:
        """A column of money has the currency of its amounts, if they have one and are not all missing."""
        table = read(cost=[None, None, None])

        assert "EUR" == table.currency("amount")
        assert table.currency("cost") is None
        assert "EUR" == read(cost=[None, 3, None]).currency("cost")
        assert "USD" == read(amount=[Money(1, "USD")] * 3).currency("amount")
        assert read(amount=[Money(1, "USD"), Money(2, "EUR"), Money(3, "USD")]).currency("amount") is None
        assert table.currency("customer_id") is None

    def test_a_field_without_a_column(self) -> None:
        """The columns of a table are asked for by the fields that have one."""
        with refused(UnknownNameError, "no_such_field: field"):
            read().column("cost")
        assert ("a", "b", "a") == read().column("customer_id")
        assert () == read().microseconds("customer_id") == read().numbers("customer_id")
        assert read().currency("customer_id") is None
        assert read().is_distinct("cost")


SURVEY: dict[str, Any] = {"subject_id": [7, 8, 9], "at": [DAY] * 3, "value": [9, 3, 10], "customer": ["x"] * 3}


class TestConstants:
    def test_one_value_for_all_rows(self) -> None:
        """A member of an enum is no name of a column, though it is a text and there is such a column."""
        table = Table(
            Reading,
            SURVEY,
            subject_kind=SubjectKind.CUSTOMER,
            kind=MeasureKind.RECOMMENDATION,
            scale=Scale.RECOMMEND_0_10,
        )
        columns = Table(
            Reading,
            SURVEY
            | {"subject_kind": ["customer"] * 3, "kind": ["recommendation"] * 3, "scale": ["recommend_0_10"] * 3},
        )

        assert [*columns] == [*table]
        assert (SubjectKind.CUSTOMER,) * 3 == table.column("subject_kind")

    def test_it_goes_before_a_column(self) -> None:
        """The column with the name of the field is not read."""
        given = {"customer_id": [7], "price": [9], "every": ["century"], "started": [DAY]}

        assert TimeUnit.YEAR is Table(Subscription, given, currency="EUR", every=TimeUnit.YEAR)[0].every

    def test_an_amount(self) -> None:
        """Money is a record, and is counted straight from its column."""
        table = Table(Purchase, {"customer_id": [7, 8], "at": [DAY] * 2}, amount=Money(5, "EUR"))

        assert ((Decimal(5),) * 2, "EUR") == (table.numbers("amount"), table.currency("amount"))
        assert Money(10, "EUR") == lifetime_value.historic(table).revenue

    def test_no_rows(self) -> None:
        """Without rows there is no value either."""
        assert [] == [*Table(Subscription, [], every=TimeUnit.YEAR)]

    def test_a_rule_between_fields(self) -> None:
        """A constant that the row cannot have is told with the row."""
        with refused(InvalidValueError, "scale_without_number: scale[0]"):
            list(Table(Feedback, [{"kind": "complaint", "received_at": DAY}], scale=Scale.RATING_1_5))

    @pytest.mark.parametrize(
        ("constant", "broken"),
        [
            ({"every": Valence.BAD}, "not_a_member: every"),
            ({"price": TimeUnit.YEAR}, "wrong_type: price"),
            ({"customer_id": SubjectKind.CUSTOMER}, "member_where_none_belongs: customer_id"),
            ({"every": Money(5, "EUR")}, "not_a_member: every"),
        ],
    )
    def test_a_value_of_another_field(self, constant: dict[str, Any], broken: str) -> None:
        """A value that the field cannot have is refused; a member that is a text is no id."""
        given = {"customer_id": [7], "price": [9], "every": ["year"], "started": [DAY]}
        with refused(WrongTypeError, broken):
            Table(Subscription, given, currency="EUR", **constant)

    def test_a_field_that_does_not_exist(self) -> None:
        """The field of a constant is looked up too."""
        with refused(UnknownNameError, "no_such_field_to_read: ever"):
            Table(Subscription, [], ever=TimeUnit.YEAR)
        with refused(UnknownNameError, "no_column_is_a_field: data"):
            Table(Balance, {"x": [1]})


class TestCells:
    def test_missing_cells(self) -> None:
        """A missing cell takes the default of its field, and a required one is refused with its row."""
        for nothing in (None, float("nan"), NAType(), ""):
            table = read(cost=[nothing, 3, nothing], id=[1, nothing, nothing], reason=["gift", None, ""])
            assert [None, Money(3, "EUR"), None] == [purchase.cost for purchase in table]
            assert [1, None, None] == [purchase.id for purchase in table]
            assert ["gift", None, ""] == [purchase.reason for purchase in table]
            for name in ROWS:
                with refused(InvalidValueError, f"missing_cell: {name}[1]"):
                    read(**{name: [ROWS[name][0], nothing, ROWS[name][2]]})
        moments = {"valence": ["bad"], "at": [DAY]}
        assert Decimal(1) == Table(MomentOfTruth, {**moments, "severity": [None]})[0].severity

    def test_missing_money_and_times(self) -> None:
        """An amount without a currency is missing, and so is a time that is not given."""
        data = {"amount": [1, 2], "code": ["EUR", None], "at": [DAY, DAY]}
        with refused(InvalidValueError, "missing_cell: code[1]"):
            Table(Cost, data, amount=("amount", "code"))
        plans = {"customer_id": [1, 2], "price": [9, 9], "every": ["month"] * 2, "started": [DAY, DAY]}
        table = Table(Subscription, {**plans, "ended": [None, DAY]}, currency="EUR")
        assert [None, DAY] == [plan.ended for plan in table]

    def test_money(self) -> None:
        """Amounts have one currency, or one for each row, or are money already."""
        rows = {"customer_id": [1, 2], "at": [DAY, DAY]}
        two = [Money(1, "EUR"), Money(2, "USD")]
        table = Table(Purchase, {**rows, "paid": [1, "2"], "code": ["EUR", "USD"]}, amount=("paid", "code"))

        assert two == [purchase.amount for purchase in table]
        assert two == [purchase.amount for purchase in Table(Purchase, {**rows, "amount": two})]
        assert table.currency("amount") is None
        assert (Decimal(1), Decimal(2)) == table.numbers("amount")
        with refused(CurrencyMismatchError):
            lifetime_value.historic(table)
        with refused(InvalidValueError, "amounts_without_currency: amount"):
            Table(Purchase, {**rows, "amount": [1, 2]})
        with refused(InvalidValueError, "not_a_currency: currency"):
            Table(Purchase, rows, currency="euro")
        with refused(InvalidValueError, "not_a_currency: code[0]"):
            Table(Purchase, {**rows, "amount": [1, 2], "code": ["e", "USD"]}, amount=("amount", "code"))
        with refused(WrongTypeError, "wrong_type: amount[1]"):
            Table(Purchase, {**rows, "amount": [Money(1, "EUR"), 2]})

    @pytest.mark.parametrize(
        "amounts",
        [
            ["1.50", "0.00", "2.25"],
            ["1.50", "-2.25", "0.00"],
            ["1.50", "-0.00", "2.25"],
            ["-1.50", "-2.25", "3.00"],
            ["1.5", "2.25", "3"],
            ["1E+3", "2E+3", "3E+3"],
            ["1E-11", "2E-11", "3E-11"],
            ["1E-40", "2E-40", "3E-40"],
            [f"{'9' * 30}.25", "1.00", "2.00"],
        ],
    )
    def test_decimals_become_amounts(self, amounts: list[str]) -> None:
        """Decimals become the same amounts as in `Money`, in a whole column as one by one."""
        given = [*map(Decimal, amounts)]

        assert [str(Money(number, "EUR").amount) for number in given] == [
            *map(str, read(amount=given).numbers("amount"))
        ]

    @pytest.mark.parametrize(
        ("amounts", "broken"),
        [
            (["1", "2", "x"], "not_a_number: amount[2]"),
            (["1", "Infinity", "2"], "not_finite: amount[1]"),
            ([1, 2, True], "wrong_number_type: amount[2]"),
            ([1, Decimal("1E+31"), 2], "too_large_or_fine: amount[1]"),
            ([1, Decimal("1E-41"), 2], "too_large_or_fine: amount[1]"),
            ([1.5, 2, 3], "column_of_floats: amount[0]"),
            ([Decimal("1.0"), Decimal("NaN"), Decimal("2.0")], "not_finite: amount[1]"),
            ([Decimal("NaN")] * 3, "not_finite: amount[0]"),
            ([Decimal(1), Decimal(f"1{'0' * 30}1"), Decimal(2)], "too_large_or_fine: amount[1]"),
            ([Decimal("1E-41")] * 3, "too_large_or_fine: amount[0]"),
        ],
    )
    def test_amounts_that_are_refused(self, amounts: list[Any], broken: str) -> None:
        """An amount that `Money` refuses is refused with its column and row."""
        with refused(CrmcoreError, broken):
            read(amount=amounts)

    def test_estimated_amounts(self) -> None:
        """Floats are amounts only if the caller says so, rounded to the decimals of the currency."""

        def estimate(amounts: list[Any], currency: str = "EUR") -> list[Decimal | None]:
            return [*Table(Purchase, ROWS | {"amount": amounts}, currency=currency, estimated=True).numbers("amount")]

        assert [Decimal(text) for text in ("0.12", "2.68", "-1.00")] == estimate([0.125, 2.675, -0.999])
        assert ["0", "2", "-1"] == [str(number) for number in estimate([-0.4, 2.5, -0.999], "JPY")]
        assert [Decimal("0.12"), Decimal(2), Decimal("1.345")] == estimate([0.125, 2, "1.345"])
        with refused(InvalidValueError, ": amount[0]"):
            estimate([0.125, 1.0, 2.0], "ZZZ")
        for wrong in (float("inf"), 1e40):
            with refused(CrmcoreError, ": amount[1]"):
                estimate([1.0, wrong, 2.0])
        yes: Any = "yes"
        with refused(WrongTypeError, "wrong_type: estimated"):
            Table(Purchase, ROWS, currency="EUR", estimated=yes)

    @pytest.mark.parametrize(
        ("cls", "name", "cell", "must"),
        [
            (Purchase, "customer_id", None, "be given, but it is missing"),
            (Purchase, "customer_id", True, "be a text, a whole number or a UUID, got True"),
            (Purchase, "customer_id", 7.0, "be a text, a whole number or a UUID, got 7.0"),
            (Purchase, "customer_id", " ", "not be empty"),
            (Purchase, "amount", 1.5, "not be a float, which is only an approximation, got 1.5"),
            (Purchase, "amount", True, "be a number, got True"),
            (Purchase, "amount", "x", "be a number, got a text of 1 character"),
            (Purchase, "at", datetime(2026, 3, 2), "carry a time zone, or tz must be given, got 2026-03-02T00:00:00"),  # noqa: DTZ001 - what is tried
            (Purchase, "at", "2026-03-02", "carry a time zone, or tz must be given, got a text of 10 characters"),
            (Purchase, "at", 5, "be a text, a date or a date and time, got 5"),
            (Purchase, "at", "x", "be ISO 8601, got a text of 1 character"),
            (Subscription, "price", -9, "be >= 0, got -9"),
            (Subscription, "price", Money(-9, "EUR"), "be >= 0, got -9"),
            (Lifetime, "ended", "yes", "be true or false, or 1 or 0, got a text of 3 characters"),
            (Lifetime, "length", "x", "be a number, got a text of 1 character"),
            (CashFlow, "day", "2 March", "be a date, got a text of 7 characters"),
            (CashFlow, "day", 5, "be a date, got 5"),
            (MomentOfTruth, "valence", "fine", "be one of good, neutral, bad, got a text of 4 characters"),
            (MomentOfTruth, "valence", 5, "be one of good, neutral, bad, got 5"),
            (Touchpoint, "channel", 5, "be a text, got an object of type int"),
        ],
    )
    def test_the_message_names_the_cell(self, cls: type[Record], name: str, cell: object, must: str) -> None:
        """The message of an error about a cell begins with its column and its row."""
        columns = {column: [value, value] for column, value in CELLS[cls].items()}
        columns[name] = [Money(9, "EUR") if isinstance(cell, Money) else CELLS[cls][name], cell]
        with pytest.raises(CrmcoreError) as caught:
            Table(cls, columns, currency="EUR")

        assert f"{name}[1] must {must}" == caught.value.message

    def test_prices_below_zero(self) -> None:
        """The bounds of a field of money hold for a column."""
        plans = {"customer_id": [1, 2], "price": [9, -9], "every": ["month"] * 2, "started": [DAY, DAY]}
        with refused(InvalidValueError, ": price[1]"):
            Table(Subscription, plans, currency="EUR")

    def test_instants(self) -> None:
        """Texts, dates, and times with and without a zone become instants in UTC."""
        riga = ZoneInfo("Europe/Riga")
        given = ["2026-03-02", date(2026, 3, 2), datetime(2026, 3, 2)]  # noqa: DTZ001 - what is tried
        for tz, hour in ((UTC, 0), (riga, -2)):
            table = Table(Purchase, ROWS | {"at": given}, currency="EUR", tz=tz)
            assert {DAY + timedelta(hours=hour)} == {purchase.at for purchase in table}
            assert {UTC} == {purchase.at.tzinfo for purchase in table}
        naive = [datetime(2026, 3, 2)] * 3  # noqa: DTZ001 - what is tried
        for tz, hour in ((UTC, 0), (riga, -2)):
            table = Table(Purchase, ROWS | {"at": naive}, currency="EUR", tz=tz)
            assert {DAY + timedelta(hours=hour)} == {purchase.at for purchase in table}
        other = datetime(2026, 3, 2, 2, tzinfo=timezone(timedelta(hours=2)))
        assert [DAY] * 3 == [*read(at=[other, DAY, "2026-03-02T02:00+02:00"]).column("at")]
        assert (86_400_000_000, 0, 1) == read(
            at=["1970-01-02", "1970-01-01", "1970-01-01T00:00:00.000001"]
        ).microseconds("at")

    @pytest.mark.parametrize(
        ("times", "error", "broken"),
        [
            (["2026-03-02", "02.03.2026", "2026-03-02"], InvalidValueError, "not_iso: at[1]"),
            ([1, 2, 3], WrongTypeError, "not_a_moment: at[0]"),
        ],
    )
    def test_times_that_are_refused(self, times: list[Any], error: type[CrmcoreError], broken: str) -> None:
        """A time that cannot be read is refused with its column and row."""
        with refused(error, broken):
            read(at=times)

    def test_times_without_a_zone(self) -> None:
        """A zone is never guessed."""
        for moment in ("2026-03-02", date(2026, 3, 2), datetime(2026, 3, 2)):  # noqa: DTZ001 - what is tried
            with refused(NaiveInstantError, "time_without_zone: at[1]"):
                Table(Purchase, ROWS | {"at": [DAY, moment, DAY]}, currency="EUR")

    def test_ids(self) -> None:
        """Ids keep their type; whole numbers that became floats are refused with the cure."""
        uuid = UUID(int=7)

        assert ("a", 7, uuid) == read(customer_id=["a", 7, uuid]).column("customer_id")
        assert (1, 2, 3) == read(customer_id=[1, 2, 3]).column("customer_id")
        with refused(WrongTypeError, "id_as_float: customer_id[0]"):
            read(customer_id=[1.0, 2.0, 3.0])
        with refused(WrongTypeError, "not_an_id: customer_id[1]"):
            read(customer_id=[1, True, 3])
        with refused(InvalidValueError, "empty_id: customer_id[2]"):
            read(customer_id=["a", "b", "  "])

    @pytest.mark.parametrize("missing", [None, float("nan"), "", NAType()])
    def test_ids_that_may_be_missing(self, missing: object) -> None:
        """An id that may be unknown is None in a missing cell; other cells are refused as elsewhere."""
        visits = Table(Interaction, {"customer_id": [7, missing], "touchpoint_id": ["till"] * 2, "at": [DAY] * 2})

        assert [7, None] == [*visits.column("customer_id")]
        with refused(WrongTypeError, "id_as_float: customer_id[0]"):
            Table(Interaction, {"customer_id": [7.0, missing], "touchpoint_id": ["till"] * 2, "at": [DAY] * 2})

    def test_flags(self) -> None:
        """A flag is true or false, or 1 or 0 as SQLite keeps it; a text is refused with the cure."""
        stays = Table(Lifetime, {"length": [1, 2, 3, 4], "ended": [True, False, 1, 0]})
        assert [True, False, True, False] == [stay.ended for stay in stays]
        for odd in ("Yes", "1", 2, 1.0):
            with refused(WrongTypeError, "cell_not_true_or_false: ended[1]"):
                Table(Lifetime, {"length": [1, 2], "ended": [True, odd]})

    def test_scales(self) -> None:
        """A scale is found by its name, as in JSON."""
        told = {"subject_kind": "customer", "kind": "recommendation"}
        rows = [told | {"subject_id": name, "value": value} for name, value in zip("abc", (9, 3, 0), strict=True)]
        named = Table(Reading, [row | {"scale": "recommend_0_10", "at": DAY} for row in rows])
        assert [Scale.RECOMMEND_0_10] * 3 == [reading.scale for reading in named]
        with refused(UnknownNameError, "unknown_scale: scale[0]"):
            Table(Reading, [row | {"scale": "stars", "at": DAY} for row in rows])
        with refused(WrongTypeError, "wrong_type: scale[0]"):
            Table(Reading, [row | {"scale": 5, "at": DAY} for row in rows])

    def test_enums_labels_dates_and_texts(self) -> None:
        """The text of a member is the member; a label may be any text; a date may be a text."""
        customers = Table(Customer, {"id": [1, 2], "source": ["referral", "fair"], "name": ["Anna", None]})
        assert [AcquisitionSource.REFERRAL, "fair"] == [customer.source for customer in customers]
        assert ["Anna", None] == [customer.name for customer in customers]
        assert [Channel.WEBSITE, "kiosk"] == [
            touchpoint.channel
            for touchpoint in Table(Touchpoint, {"id": [1, 2], "name": ["a", "b"], "channel": ["website", "kiosk"]})
        ]
        plans = {"customer_id": [1], "price": [9], "started": [DAY]}
        for every in ("month", TimeUnit.MONTH):
            assert TimeUnit.MONTH is Table(Subscription, {**plans, "every": [every]}, currency="EUR")[0].every
        with refused(WrongTypeError, "not_a_member: every[0]"):
            Table(Subscription, {**plans, "every": ["fortnight"]}, currency="EUR")
        flows = Table(CashFlow, {"day": ["2026-03-02", DAY.date()], "amount": [1, 2]}, currency="EUR")
        assert {DAY.date()} == {flow.day for flow in flows}
        with refused(WrongTypeError, "not_a_date: day[0]"):
            Table(CashFlow, {"day": ["2 March"], "amount": [1]}, currency="EUR")
        occasions = Table(Occasion, {"name": ["birthday"], "month": [2], "day": [29]})
        assert 29 == occasions[0].day

    def test_feedback_and_readings(self) -> None:
        """Records with many fields are read from the few columns that there are."""
        feedback = Table(Feedback, [{"kind": "complaint", "received_at": "2026-03-02"}], tz=UTC)
        assert DAY == feedback[0].received_at
        assert Reading.__name__ == Table(Reading, []).kind.__name__

    @pytest.mark.parametrize("codes", [["EUR", None], [None, None]])
    def test_a_missing_currency(self, codes: list[str | None]) -> None:
        """The column of the currencies is named, not that of the numbers."""
        with refused(InvalidValueError, f"missing_cell: code[{codes.index(None)}]"):
            Table(Purchase, ROWS | {"amount": ["1", "2"], "code": codes}, amount=("amount", "code"))
        plans = Table(
            Purchase, ROWS | {"cost": [1] * 3, "code": ["EUR", None, ""]}, cost=("cost", "code"), currency="EUR"
        )
        assert [Money(1, "EUR"), None, None] == [*plans.column("cost")]

    @pytest.mark.parametrize(
        ("kind", "column", "broken"),
        [
            (Purchase, {"amount": [5.0, float("inf"), 1.0]}, "amount[1]: "),
            (Reading, {"scale": ["rating_1_5", "stars", None]}, "scale[1]: name must be that of a known scale "),
            (Purchase, {"amount": [1, "x", 2]}, "amount[1] must be a number"),
            (Purchase, {"reason": ["", 5, ""]}, "reason[1] must "),
        ],
    )
    def test_where_a_cell_is_refused(self, kind: type[Record], column: dict[str, list[Any]], broken: str) -> None:
        """The text begins with the column and the row, also if a part of the cell is refused."""
        told = {"subject_kind": ["customer"] * 3, "kind": ["satisfaction"] * 3, "subject_id": [7] * 3}
        with pytest.raises(CrmcoreError) as caught:
            Table(kind, ROWS | told | column, currency="EUR", estimated=True)

        error = caught.value
        assert str(error).startswith(broken)
        assert error.args == (error.message,)
        assert (*column, 1) == (error.field, error.record)

    def test_floats_that_are_no_money(self) -> None:
        """Nothing rounds them, so the advice is to read them as text, or as whole numbers with gaps."""
        told: dict[str, Any] = {"subject_kind": "customer", "kind": "satisfaction", "subject_id": 7, "at": DAY}
        with refused(WrongTypeError, "column_of_floats: value[0]") as caught:
            Table(Reading, [told | {"value": value} for value in (4.5, 3.0)], estimated=True)
        assert caught.value.advice.startswith("read the column as text, or write .astype('string')")

        stars = pd.Series([4.5, 3.0]).astype("string")
        table = Table(Reading, {name: [value] * 2 for name, value in told.items()} | {"value": stars})
        assert (Decimal("4.5"), Decimal(3)) == table.column("value")

    def test_rules_between_fields(self) -> None:
        """A row that breaks a rule between two fields is refused with its place when its record is built."""
        moments = {"valence": ["bad", "good"], "at": [DAY, DAY], "resolved_at": [DAY, DAY]}
        table = Table(MomentOfTruth, moments)

        assert table[0].is_resolved
        with refused(InvalidValueError, "resolved_but_not_bad: resolved_at[1]"):
            list(table)
        with refused(InvalidValueError, "resolved_but_not_bad: resolved_at[1]"):
            _ = table[1]

    @pytest.mark.parametrize(
        ("kind", "columns", "named", "broken", "advice"),
        [
            (
                Feedback,
                {"kind": ["complaint"] * 2, "got": ["2026-03-02"] * 2, "answer": ["2026-03-03", "2026-03-01"]},
                {"received_at": "got", "answered_at": "answer"},
                "data[1]: answered_at must not be before received_at, got ",
                "received_at is read from got; answered_at is read from answer",
            ),
            (
                Subscription,
                {"customer_id": [7, 8], "paid": [9] * 2, "every": ["month"] * 2, "started": ["2026-03-02"] * 2}
                | {"end": [None, "2026-03-01"]},
                {"price": "paid", "ended": "end"},
                "data[1]: ended must not be before started, got ",
                "ended is read from end",
            ),
            (
                Reading,
                {"kind": ["loyalty"] * 2, "subject_kind": ["customer"] * 2, "subject_id": [7, 8]}
                | {"source": ["survey"] * 2, "at": ["2026-03-02"] * 2, "value": [9, None]},
                {},
                "data[1]: value or level must be given",
                "an unknown value has no reading",
            ),
            (
                Feedback,
                {"kind": ["complaint"] * 2, "received_at": ["2026-03-02"] * 2, "stars": [4, None]}
                | {"on": ["rating_1_5"] * 2},
                {"rating": "stars", "scale": "on"},
                "data[1]: scale must be empty without a rating",
                "rating is read from stars; scale is read from on",
            ),
        ],
    )
    def test_where_a_rule_between_fields_is_broken(
        self, kind: type[Record], columns: dict[str, Any], named: dict[str, Any], broken: str, advice: str
    ) -> None:
        """The text tells the row, and the columns that have other names than their fields; so do the parts."""
        table = Table(kind, columns, tz=UTC, currency="EUR", **named)
        with pytest.raises(InvalidValueError) as caught:
            list(table)

        error = caught.value
        assert str(error).startswith(broken)
        assert error.advice.endswith(advice)
        assert error.args == (error.message,)
        assert error.record == 1
        assert error.field in columns
        assert str(error) == str(pickle.loads(pickle.dumps(error)))

    def test_classes_of_a_caller(self) -> None:
        """A subclass keeps its converters and its own rules."""

        @attrs.frozen(kw_only=True)
        class Sale(Purchase):
            shop: str = attrs.field(default="", converter=_shout)
            till: Any = None

        table = Table(Sale, ROWS | {"shop": ["riga", "riga", "oslo"], "till": [1, 2, 3]}, currency="EUR")

        assert ["RIGA", "RIGA", "OSLO"] == [sale.shop for sale in table]
        assert lifetime_value.historic(read()) == lifetime_value.historic(table)
