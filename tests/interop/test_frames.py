"""Tables of pandas, polars and numpy, as these libraries give them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from crmcore import (
    Churn,
    CrmcoreError,
    HistoricValue,
    Inactivity,
    Interaction,
    InvalidValueError,
    Journeys,
    Money,
    NaiveInstantError,
    Period,
    Purchase,
    Subscription,
    Table,
    WrongTypeError,
    instant,
)
from crmcore.retention.inactivity import purchase_gaps
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Callable

np: Any = pytest.importorskip("numpy")
pd: Any = pytest.importorskip("pandas")
pl: Any = pytest.importorskip("polars")

TIMES = [datetime(2026, 3, day, 12, tzinfo=UTC) for day in (2, 9, 2)]
COLUMNS: dict[str, Any] = {"customer": [7, 8, 7], "day": TIMES, "paid": ["9.90", "5", "-1.25"]}
NAMES = {"customer_id": "customer", "at": "day", "amount": "paid"}
FRAMES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "numpy": lambda columns: {name: np.array(values) for name, values in columns.items()},
}
EXPECTED = [
    Purchase(customer_id=customer, at=at, amount=Money(paid, "EUR"))
    for customer, at, paid in zip(*COLUMNS.values(), strict=True)
]


def read(frame: Any, **choices: Any) -> Table[Purchase]:
    """Read purchases of a frame."""
    given: dict[str, Any] = {"currency": "EUR", **NAMES, **choices}
    return Table(Purchase, frame, **given)


@pytest.fixture(params=FRAMES)
def frame(request: pytest.FixtureRequest) -> Callable[[dict[str, Any]], Any]:
    """Return what makes a table of columns."""
    return FRAMES[request.param]


class TestFrames:
    def test_purchases(self, frame: Callable[[dict[str, Any]], Any]) -> None:
        """A frame gives the same records as its columns, with whole numbers, texts and instants of Python."""
        table = read(frame(COLUMNS))

        assert EXPECTED == [*table]
        assert [int] * 3 == [type(purchase.customer_id) for purchase in table]
        assert [datetime] * 3 == [type(purchase.at) for purchase in table]
        assert HistoricValue.by(EXPECTED, attrgetter("customer_id")) == HistoricValue.by(
            table, attrgetter("customer_id")
        )
        assert purchase_gaps(EXPECTED) == purchase_gaps(table)
        policies: dict[str, Any] = {"as_of": instant("2026-04-01"), "churned_after": timedelta(days=25)}
        assert Inactivity.of(EXPECTED, **policies) == Inactivity.of(table, **policies)

    def test_a_frame_for_records(self) -> None:
        """A frame where records are due is refused with the way to read it."""
        for given in (pd.DataFrame(COLUMNS), pl.DataFrame(COLUMNS)):
            with refused(WrongTypeError, "frame_for_records: purchases"):
                purchase_gaps(given)

    def test_floats(self, frame: Callable[[dict[str, Any]], Any]) -> None:
        """Amounts that are floats are refused, unless they are to be rounded."""
        given = frame(COLUMNS | {"paid": [9.9, 5.0, -1.2500001]})

        assert EXPECTED == [*read(given, estimated=True)]
        with refused(WrongTypeError, "column_of_floats: paid[0]"):
            read(given)

    @pytest.mark.parametrize("tz", [UTC, ZoneInfo("Europe/Riga")])
    def test_naive_times(self, frame: Callable[[dict[str, Any]], Any], tz: Any) -> None:
        """Times without a zone are in that of `tz`; without it they are refused."""
        naive = frame(COLUMNS | {"day": [at.replace(tzinfo=None) for at in TIMES]})

        assert [at.replace(tzinfo=tz) for at in TIMES] == [*read(naive, tz=tz).column("at")]
        with refused(NaiveInstantError, "time_without_zone: day[0]"):
            read(naive)

    @pytest.mark.parametrize("frames", [pd.DataFrame, pl.DataFrame])
    def test_missing(self, frames: Any) -> None:
        """Missing times, numbers and texts are missing cells."""
        riga = ZoneInfo("Europe/Riga")
        given = frames(
            {
                "customer_id": [7, 8],
                "price": ["9", "5"],
                "every": ["month"] * 2,
                "started": [TIMES[0].astimezone(riga)] * 2,
                "ended": [None, TIMES[1].astimezone(riga)],
                "id": ["x", None],
            }
        )
        table = Table(Subscription, given, currency="EUR")

        assert [None, TIMES[1]] == [plan.ended for plan in table]
        assert ["x", None] == [plan.id for plan in table]
        assert 1 == Churn.of(table, Period.month(2026, 3)).lost
        with refused(InvalidValueError, "missing_cell: ended[0]"):
            Table(Purchase, given, at="ended", amount="price", currency="EUR")


class TestPandas:
    def test_nanoseconds(self) -> None:
        """Nanoseconds are refused, and what is in nanoseconds but whole is read."""
        whole = pd.Series(TIMES).astype("datetime64[ns, UTC]")

        assert EXPECTED == [*read(pd.DataFrame(COLUMNS | {"day": whole}))]
        with refused(InvalidValueError, "nanoseconds: day[0]"):
            read(pd.DataFrame(COLUMNS | {"day": whole + pd.Timedelta(1, "ns")}))

    def test_types_of_columns(self) -> None:
        """Ids may be nullable numbers, categories, or texts; whole numbers that became floats are refused."""
        frame = pd.DataFrame(COLUMNS)
        for kind in ("Int64", "int32", "category"):
            assert EXPECTED == [*read(frame.astype({"customer": kind}))]
        with refused(WrongTypeError, "id_as_float: customer[0]"):
            read(frame.astype({"customer": "float64"}))
        missing = frame.assign(customer=pd.array([7, None, 7], dtype="Int64"))
        with refused(InvalidValueError, "missing_cell: customer[1]"):
            read(missing)
        visits = Table(
            Interaction, missing.assign(place="till"), customer_id="customer", at="day", touchpoint_id="place"
        )
        assert [7, None, 7] == [*visits.column("customer_id")]

    @pytest.mark.parametrize("name", COLUMNS)
    def test_two_columns_of_one_name(self, name: str) -> None:
        """A name that two columns have does not say which is meant."""
        frame = pd.concat([pd.DataFrame(COLUMNS), pd.DataFrame({name: [1, 2, 3]})], axis="columns")
        with refused(InvalidValueError, f"two_columns_in_data: {name}") as caught:
            read(frame)
        assert f"data must have one column with the name {name}" == caught.value.message

    def test_interactions(self) -> None:
        """Journeys are packed from a frame; an unknown customer is unassigned."""
        rows = pd.DataFrame({"who": ["a", "b", None], "where": ["till"] * 3, "at": TIMES})

        journeys = Journeys.of(Table(Interaction, rows, customer_id="who", touchpoint_id="where"))

        assert (2, 1) == (len(journeys), journeys.unassigned)


class TestPolars:
    def test_lazy_frame(self) -> None:
        """A lazy frame is refused with both cures."""
        with refused(WrongTypeError, "not_a_table: data") as caught:
            read(pl.LazyFrame(COLUMNS))
        assert "collect it first" in caught.value.advice

    def test_types_of_columns(self) -> None:
        """Decimals are exact, categories are texts, and milliseconds are whole microseconds."""
        frame = pl.DataFrame(COLUMNS | {"paid": [Decimal("9.90"), Decimal(5), Decimal("-1.25")]})

        assert EXPECTED == [*read(frame)]
        assert EXPECTED == [*read(frame.with_columns(pl.col("day").dt.cast_time_unit("ms")))]
        with refused(CrmcoreError, ": customer[0]"):
            read(frame.with_columns(pl.col("customer").cast(pl.Float64)))

    def test_nanoseconds(self) -> None:
        """Nanoseconds are refused, and what is in nanoseconds but whole is read."""
        frame = pl.DataFrame(COLUMNS).with_columns(pl.col("day").dt.cast_time_unit("ns"))

        assert EXPECTED == [*read(frame)]
        with refused(InvalidValueError, "nanoseconds: day[0]"):
            read(frame.with_columns(pl.col("day") + pl.duration(nanoseconds=1)))


class TestNumpy:
    def test_times(self) -> None:
        """An array of times has no zone; beyond the years of Python it is refused."""
        days = np.array(["2026-03-02T12:00", "2026-03-09T12:00", "2026-03-02T12:00"], dtype="datetime64[s]")

        assert EXPECTED == [*read(COLUMNS | {"day": days}, tz=UTC)]
        with refused(InvalidValueError, "missing_cell: day[1]"):
            read(COLUMNS | {"day": np.array(["2026-03-02", "NaT", "2026-03-02"], dtype="datetime64[D]")}, tz=UTC)
        with refused(CrmcoreError, ": day[0]"):
            read(COLUMNS | {"day": np.array(["12026-03-02"] * 3, dtype="datetime64[D]")}, tz=UTC)
