"""What a frame reads, leaves out and refuses; one engine is enough for that."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from crmcore import (
    CurrencyMismatchError,
    HistoricValue,
    Interaction,
    InvalidValueError,
    MomentOfTruth,
    Money,
    NaiveInstantError,
    Purchase,
    Subscription,
    Table,
    TimeUnit,
    UnknownNameError,
    Valence,
    WrongTypeError,
)
from crmcore.interop import frames
from crmcore.interop.frames._frame import open_frame
from crmcore.interop.frames._statistics import as_instant
from tests.support.refusals import refused

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
COLUMNS: dict[str, Any] = {"who": ["a", "b", "a"], "at": [NOON] * 3, "paid": [30, 5, -10]}
NAMES: dict[str, Any] = {"customer_id": "who", "amount": "paid"}


def purchases(changes: dict[str, Any] | None = None, /, **choices: Any) -> frames.Frame[Purchase]:
    """A frame of three purchases of polars, with other columns or arguments."""
    data = pl.DataFrame({**COLUMNS, **(changes or {})})
    given: dict[str, Any] = {"currency": "EUR", **NAMES, **choices}
    return frames.Frame(Purchase, data, **given)


def values(given: frames.Frame[Purchase], **choices: Any) -> dict[Any, HistoricValue]:
    """What customers have paid."""
    statistics = frames.historic_value(given, by="who", **choices)
    return dict(statistics.read(statistics.frame))


def loaded_by(code: str) -> set[str]:
    """Which libraries of frames a new process has loaded after some code."""
    libraries = {"dask", "duckdb", "ibis", "narwhals", "pandas", "polars", "pyarrow", "pyspark", "sqlframe"}
    command = [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"]
    return libraries & {*subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()}


def query(columns: dict[str, Any]) -> Any:
    """A relation of DuckDB with the columns."""
    duckdb: Any = pytest.importorskip("duckdb")
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    return connection.from_arrow(pa.table(columns))


class TestImport:
    def test_core_does_not_load_narwhals(self) -> None:
        """`import crmcore` and its names load neither Narwhals nor an engine."""
        assert loaded_by("import crmcore; crmcore.Table, crmcore.Flow") == set()

    def test_frames_load_no_engine(self) -> None:
        """A frame needs Narwhals, which loads no engine."""
        assert loaded_by("import crmcore.interop.frames") == {"narwhals"}


class TestColumns:
    @pytest.mark.parametrize("kind", [int, list, "Purchase"])
    def test_kind_is_a_class_of_records(self, kind: Any) -> None:
        """The first argument is a class of records."""
        with refused(WrongTypeError, "frame_not_of_a_record_class: kind"):
            frames.Frame(kind, pl.DataFrame(COLUMNS))

    @pytest.mark.parametrize("data", [COLUMNS, [1], None, pl.Series([1])])
    def test_data_are_a_frame(self, data: Any) -> None:
        """Lists, mappings and a single column are no frame of an engine."""
        with refused(WrongTypeError, "not_a_frame: data"):
            frames.Frame(Purchase, data, currency="EUR", **NAMES)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"paid": [1.5, 2.5, 3.5]}, "paid"),
            ({"paid": ["1", "2", "3"]}, "paid"),
            ({"who": [1.5, 2.5, 3.5]}, "who"),
            ({"at": ["2026-03-02"] * 3}, "at"),
        ],
    )
    def test_column_of_wrong_type(self, changes: dict[str, Any], field: str) -> None:
        """A column of another type than its field is refused before anything is computed."""
        with refused(WrongTypeError, f"column_of_wrong_type: {field}"):
            purchases(changes)

    @pytest.mark.parametrize(
        ("changes", "advice"),
        [
            (
                {"paid": [1.5, 2.5, 3.5]},
                (
                    "a float is only an approximation: round it to a decimal in the engine first; pandas makes floats "
                    "where some are missing: write .astype('Int64')"
                ),
            ),
            ({"paid": ["1", "2", "3"]}, "cast it in the engine first"),
            ({"at": ["2026-03-02"] * 3}, "cast it in the engine first"),
            (
                {"who": [1.0, 2.0, None]},
                "cast it in the engine first; pandas makes floats where some are missing: write .astype('Int64')",
            ),
            (
                {"who": [None] * 3},
                "cast it in the engine; a column of missing values alone has no type, and can be left out",
            ),
        ],
    )
    def test_advice_on_a_wrong_type(self, changes: dict[str, Any], advice: str) -> None:
        """The advice is about the column that is there."""
        with refused(WrongTypeError) as caught:
            purchases(changes)
        assert advice == caught.value.advice

    @pytest.mark.parametrize(
        "make",
        [pl.DataFrame, pl.LazyFrame, pa.Table.from_pydict, pd.DataFrame, query],
        ids=["polars", "polars lazy", "pyarrow", "pandas", "duckdb"],
    )
    def test_column_of_missing_values_alone(self, make: Any) -> None:
        """A field that may be unknown has no column where nothing is known; another one is refused."""
        columns: dict[str, Any] = {"customer_id": ["a"], "price": [9], "every": ["month"], "started": [NOON]}
        plans = frames.Frame(Subscription, make({**columns, "ended": [None]}), currency="EUR")
        assert plans.has("started")
        assert not plans.has("ended")

        known = pl.DataFrame({**columns, "ended": ["2026-03-02"]})
        with refused(WrongTypeError, "column_of_wrong_type: ended"):
            frames.Frame(Subscription, known, currency="EUR")

    def test_two_columns_of_one_name(self) -> None:
        """A name that two columns have does not say which is meant."""
        twice = pd.DataFrame([["a", NOON, 1, 2]], columns=["who", "at", "paid", "paid"])
        with refused(InvalidValueError, "frame_names_column_twice: data"):
            frames.Frame(Purchase, twice, currency="EUR", **NAMES)
        with refused(InvalidValueError, "frame_names_column_twice: data"):
            frames.nps(twice, "paid")

    def test_empty_text_is_no_id(self) -> None:
        """An empty text is a missing customer, as in a table; a record cannot have it."""
        statistics = frames.historic_value(purchases({"who": ["a", "", None]}), by="who")
        assert ["a"] == [*statistics.read(statistics.frame)]
        assert [("customer_id_missing", 2)] == statistics.left_out.rows()
        levels = pl.DataFrame({"customer_id": ["", "b"], "level": ["loyal", "loyal"]})
        assert [("customer_id_missing", 1)] == frames.level_distribution(levels).left_out.rows()

    def test_column_of_labels(self) -> None:
        """A vocabulary is read from texts."""
        data = pl.DataFrame({"who": ["a"], "at": [NOON], "touchpoint_id": ["shop"], "initiative": [1]})
        with refused(WrongTypeError, "column_of_wrong_type: initiative"):
            frames.Frame(Interaction, data, customer_id="who")

        texts = data.with_columns(initiative=pl.lit("company").cast(pl.Categorical))
        assert frames.Frame(Interaction, texts, customer_id="who").has("initiative")
        assert frames.Frame(Interaction, data, initiative="touchpoint_id", purpose="touchpoint_id").has("purpose")

    def test_numbers(self) -> None:
        """A number is read from whole numbers or decimals."""
        data = pl.DataFrame({"touchpoint_id": ["shop"], "at": [NOON], "value_to_customer": [1.5]})
        with refused(WrongTypeError, "column_of_wrong_type: value_to_customer"):
            frames.Frame(Interaction, data)

        exact = data.with_columns(pl.col("value_to_customer").cast(pl.Decimal(9, 1)))
        assert frames.Frame(Interaction, exact).has("value_to_customer")

    def test_ids_are_texts_of_a_category(self) -> None:
        """A category of polars is an id as its text is."""
        texts = pl.Series(["a", "b", "a"], dtype=pl.Categorical)

        assert values(purchases({"who": texts}))["a"].value == Money(20, "EUR")

    def test_objects_of_pandas(self) -> None:
        """Decimals and whole numbers in a column of objects are exact; a text or a float among them is not."""
        data = pd.DataFrame({"who": ["a", "b"], "at": [NOON, NOON], "paid": [Decimal("1.50"), None]}, dtype=object)
        data = data.astype({"at": "datetime64[us, UTC]"})
        sales = frames.Frame(Purchase, data, currency="EUR", **NAMES)
        assert values(sales)["a"].value == Money("1.50", "EUR")

        for odd in ("5", 5.5):
            data.loc[1, "paid"] = odd
            with refused(WrongTypeError, "column_of_wrong_type: paid"):
                frames.Frame(Purchase, data, currency="EUR", **NAMES)

    def test_unknown_names(self) -> None:
        """A field of another record and a column that is not there are refused."""
        with refused(UnknownNameError, "no_such_field_to_read: price"):
            purchases(price="paid")
        with refused(UnknownNameError, "no_such_column: amount"):
            purchases(amount="price")

    def test_repr_shows_no_cells(self) -> None:
        """A frame shows its engine and its fields."""
        assert repr(purchases()) == "Frame(<Purchase in polars, from customer_id, at, amount>)"


class TestTimes:
    def test_naive_column(self) -> None:
        """Times that carry no zone need one, and it is UTC."""
        naive = {"at": [datetime(2026, 3, 2)] * 3}  # noqa: DTZ001 - it must carry none
        with refused(NaiveInstantError, "column_without_zone: at"):
            purchases(naive)
        with refused(InvalidValueError, "naive_column_in_zone: at"):
            purchases(naive, tz=ZoneInfo("Europe/Riga"))

        assert purchases(naive, tz=ZoneInfo("Etc/UTC")).zone_of("at") is None
        assert purchases(naive, tz=UTC).zone_of("at") is None

    def test_dates(self) -> None:
        """A date is its first moment."""
        assert purchases({"at": [date(2026, 3, 2)] * 3}, tz=UTC).zone_of("at") is None
        with refused(NaiveInstantError, "column_without_zone: at"):
            purchases({"at": [date(2026, 3, 2)] * 3})

    def test_literals_are_as_the_column(self) -> None:
        """An instant is compared with a column as the column keeps it: with a zone, or without."""
        given = pl.DataFrame({"at": [NOON]})
        aware, naive = purchases(), purchases({"at": [date(2026, 3, 2)] * 3}, tz=UTC)
        opened = open_frame(given)
        shown = [
            opened.select(one.literal("at", NOON).alias("at")).to_native()["at"].to_list()[0] for one in (aware, naive)
        ]

        assert shown == [NOON, NOON.replace(tzinfo=None)]

    def test_local_times(self) -> None:
        """An engine tells the wall times of another zone; where it cannot, the zone is refused."""
        riga = ZoneInfo("Europe/Riga")
        given = open_frame(pl.DataFrame({"at": [NOON]}))

        def wall(one: frames.Frame[Purchase], zone: Any) -> Any:
            column: Any = given.select(one.local("at", zone).alias("at")).to_native()["at"]
            return column.dt.hour().to_list()[0]

        assert wall(purchases(), UTC) == 12
        assert wall(purchases(), riga) == 14
        assert purchases({"at": [date(2026, 3, 2)] * 3}, tz=UTC).local("at", UTC) is not None
        naive = purchases({"at": [datetime(2026, 3, 2)] * 3}, tz=UTC)  # noqa: DTZ001 - the same
        assert naive.local("at", riga) is not None

    def test_engine_without_zone(self) -> None:
        """DuckDB tells wall times in the zone of its session only."""
        duckdb: Any = pytest.importorskip("duckdb")
        with duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            given = connection.from_arrow(pa.table(COLUMNS))
            sales = frames.Frame(Purchase, given, currency="EUR", **NAMES)
            with refused(InvalidValueError, "engine_without_zone: tz"):
                sales.local("at", ZoneInfo("Europe/Riga"))

    def test_zone_without_name(self) -> None:
        """A fixed offset has no name by which engines know it."""
        with refused(InvalidValueError, "zone_without_name_for_engines: tz"):
            purchases().local("at", timezone(timedelta(hours=2)))

    def test_cells_become_instants(self) -> None:
        """A cell without a zone is in UTC; one with a zone is brought there."""
        riga = NOON.astimezone(ZoneInfo("Europe/Riga"))

        assert [as_instant(NOON.replace(tzinfo=None)), as_instant(riga)] == [NOON, NOON]
        assert as_instant(riga).tzinfo is UTC


class TestGroups:
    def test_by_names_columns(self) -> None:
        """A column to group by exists, is a text and is named once."""
        for by in ("nowhere", ["who", "nowhere"], [7]):
            with refused(UnknownNameError, "no_such_column_to_group_by: by"):
                frames.historic_value(purchases(), by=cast("Any", by))
        with refused(InvalidValueError, "grouped_twice: by"):
            frames.historic_value(purchases(), by=["who", "who"])

    def test_by_several_columns(self) -> None:
        """Several columns make keys that are tuples."""
        statistics = frames.historic_value(purchases({"shop": ["x", "x", "y"]}), by=["who", "shop"])
        found = statistics.read(statistics.frame)

        assert {key: str(worth.value) for key, worth in found.items()} == {
            ("a", "x"): "30 EUR",
            ("b", "x"): "5 EUR",
            ("a", "y"): "-10 EUR",
        }

    def test_group_named_as_statistic(self) -> None:
        """A column to group by may not have the name of a column of the statistic."""
        with refused(InvalidValueError, "group_named_as_statistic: by"):
            frames.historic_value(purchases({"revenue": ["x", "x", "y"]}), by="revenue")

    def test_lacking_field(self) -> None:
        """A statistic says which field it needs a column for."""
        with refused(UnknownNameError, "frame_lacks_field: cost"):
            purchases().select("who", "cost")


class TestReading:
    def test_lacking_column(self) -> None:
        """What was collected has the columns of the statistic."""
        statistics = frames.historic_value(purchases(), by="who")
        with refused(InvalidValueError, "statistics_lack_column: collected"):
            statistics.read(statistics.frame.drop("revenue"))

    @pytest.mark.parametrize("wrong", [10.5, float("inf"), 2.0**53 + 2])
    def test_a_sum_as_float(self, wrong: float) -> None:
        """A float is read if it must be the whole number that was summed, and refused if it is only near the sum."""
        statistics = frames.historic_value(purchases(), by="who")
        with refused(WrongTypeError, "statistic_as_float: revenue"):
            statistics.read({"who": ["a"], "cost_known": [False], "revenue": [wrong], "cost": [0]})
        whole = statistics.read({"who": [0.5], "cost_known": [False], "revenue": [2.0**53], "cost": [0]})
        assert Money(2**53, "EUR") == whole[0.5].value

    @pytest.mark.parametrize(
        ("ask", "name"),
        [
            (frames.historic_value, "revenue"),
            (lambda frame: frames.rfm(frame, as_of=datetime(2026, 5, 1, tzinfo=UTC)), "paid"),
        ],
    )
    def test_decimals_that_pandas_makes_floats(self, ask: Any, name: str) -> None:
        """Sums of decimals that a frame of pandas has as floats are refused, and not cut."""
        statistics = ask(purchases({"paid": [Decimal("0.50")] * 3}))
        floats = statistics.frame.with_columns(pl.selectors.decimal().cast(pl.Float64))
        with refused(WrongTypeError, f"statistic_as_float: {name}"):
            statistics.read(floats)

    @pytest.mark.parametrize(
        "make", [lambda f: f, lambda f: f.to_pandas(), lambda f: f.to_arrow(), lambda f: f.to_dicts()]
    )
    def test_any_table_is_read(self, make: Any) -> None:
        """What was collected may be in any form that a table has."""
        statistics = frames.historic_value(purchases(), by="who")

        assert statistics.read(make(statistics.frame))["a"].value == Money(20, "EUR")

    def test_tables_of_pyarrow(self) -> None:
        """A `Table` reads a table of pyarrow, which is not iterable since its version 26."""
        read = Table(Purchase, pa.table(COLUMNS), currency="EUR", **NAMES)

        assert [one.customer_id for one in read] == ["a", "b", "a"]


class TestCurrencies:
    def test_frame_without_currency(self) -> None:
        """Amounts need a currency, or a column of it."""
        with refused(InvalidValueError, "frame_without_currency: paid"):
            purchases(currency=None)

    def test_currency_of_each_row(self) -> None:
        """A column of currencies gives each amount its own; one key cannot have two."""
        codes = {"code": ["EUR", "USD", "EUR"]}
        given = purchases(codes, currency=None, amount=("paid", "code"))

        assert values(given)["b"].value == Money(5, "USD")
        with refused(CurrencyMismatchError):
            statistics = frames.historic_value(given)
            statistics.read(statistics.frame)
        mixed = purchases({"code": ["EUR", "USD", "USD"]}, currency=None, amount=("paid", "code"))
        with refused(CurrencyMismatchError):
            values(mixed)

    def test_missing_currency(self) -> None:
        """A row whose currency is missing is left out."""
        given = purchases({"code": ["EUR", None, "EUR"]}, currency=None, amount=("paid", "code"))

        assert frames.historic_value(given).left_out.rows() == [("amount_currency_missing", 1)]

    def test_cost_in_its_own_currency(self) -> None:
        """A cost has a column of currencies of its own; it is optional, as the cost is."""
        given = purchases({"cost": [1, None, None], "code": ["EUR", None, None]}, currency="EUR", cost=("cost", "code"))

        assert values(given)["a"].cost == Money(1, "EUR")

    def test_no_rows_and_no_currency(self) -> None:
        """Without rows the currency is unknown, unless it was given."""

        def total(sales: frames.Frame[Purchase]) -> HistoricValue:
            statistics = frames.historic_value(sales)
            return statistics.read(statistics.frame)

        empty = pl.DataFrame({**COLUMNS, "code": ["EUR"] * 3}).head(0)
        assert total(frames.Frame(Purchase, empty, currency="EUR", **NAMES)).value == Money.zero("EUR")
        with refused(InvalidValueError, "no_currency_for_nothing: currency"):
            total(frames.Frame(Purchase, empty, customer_id="who", amount=("paid", "code")))


class TestRowsThatCount:
    def test_no_field_is_required(self) -> None:
        """A statistic that needs no field leaves nothing out."""
        chosen = purchases().select("who")

        assert len(cast("Any", chosen.rows)) == 3
        assert len(cast("Any", chosen.report())) == 0

    def test_an_id_counts_once(self) -> None:
        """Equal copies of a row count once, rows that contradict each other do not, and rows without an id all do."""
        columns = {
            "who": ["a", "a", "b", "b", "c", "c"],
            "at": [NOON] * 6,
            "paid": [1, 1, 2, 3, 4, 4],
            "order": [1, 1, 2, 2, None, None],
        }
        sales = frames.Frame(Purchase, pl.DataFrame(columns), id="order", currency="EUR", **NAMES)

        assert {who: str(worth.value) for who, worth in values(sales).items()} == {"a": "1 EUR", "c": "8 EUR"}
        assert dict(frames.historic_value(sales).left_out.rows()) == {"id_repeated": 1, "id_contradicted": 2}

    def test_left_out_is_counted_once_or_when_asked_for(self) -> None:
        """An eager frame is counted with the statistic, so that its rows can go; a lazy one each time it is asked."""
        eager = frames.historic_value(purchases({"who": ["a", None, "b"]}))
        assert eager.left_out is eager.left_out

        data = pl.LazyFrame({**COLUMNS, "who": ["a", None, "b"]})
        lazy = frames.historic_value(frames.Frame(Purchase, data, currency="EUR", **NAMES))
        assert lazy.left_out is not lazy.left_out
        assert lazy.left_out.collect().rows() == eager.left_out.rows() == [("customer_id_missing", 1)]

    def test_rows_are_read_from_nothing(self) -> None:
        """A statistic without rows has no keys, however it was collected."""
        statistics = frames.historic_value(purchases(), by="who")

        assert dict(statistics.read([])) == {}
        assert dict(statistics.read(statistics.frame.head(0))) == {}


def _collect(counted: Any) -> Any:
    """What a lazy engine has counted, as rows."""
    for name in ("collect", "to_arrow_table"):
        if hasattr(counted, name):
            counted = getattr(counted, name)()
    return counted


class TestConstants:
    @pytest.mark.parametrize("build", [pl.DataFrame, pl.LazyFrame, pd.DataFrame, pa.table, query])
    def test_one_member_for_all_rows(self, build: Any) -> None:
        """A member of an enum counts as its column would."""
        told = {"who": ["a", "b", "a"], "at": [NOON] * 3}
        choices: dict[str, Any] = {"customer_id": "who"}
        alone = frames.Frame(MomentOfTruth, build(told), valence=Valence.BAD, **choices)
        among = frames.Frame(MomentOfTruth, build(told | {"valence": ["bad"] * 3}), **choices)
        counted = [
            dict(one.read(_collect(one.frame)))
            for one in (frames.balance(alone, by="who"), frames.balance(among, by="who"))
        ]

        assert {"a": 2, "b": 1} == {key: balance.bad for key, balance in counted[0].items()}
        assert counted[1] == counted[0]

    @pytest.mark.parametrize(
        ("constant", "broken"),
        [
            ({"amount": Money(5, "EUR")}, "record_for_all_rows: amount"),
            ({"amount": TimeUnit.YEAR}, "wrong_type: amount"),
            ({"customer_id": TimeUnit.YEAR}, "member_where_none_belongs: customer_id"),
            ({"amount": 5}, "not_the_name_of_a_column: amount"),
        ],
    )
    def test_what_is_no_constant(self, constant: dict[str, Any], broken: str) -> None:
        """A record has no column in an engine, and a member belongs to its own field."""
        with refused(WrongTypeError, broken):
            purchases(**constant)
