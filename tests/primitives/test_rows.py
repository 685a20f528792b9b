from __future__ import annotations

import csv
import io
import json
import sqlite3
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import attrs
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Balance,
    Churn,
    FailureRate,
    Flow,
    Funnel,
    HistoricValue,
    LedgerBuilder,
    MomentOfTruth,
    Money,
    Outcome,
    Period,
    StepMatrix,
    Tally,
    TallyBy,
    TimeUnit,
    Valence,
    attribution,
    instant,
    lifetime_value,
)
from crmcore.journeys.paths import Edge
from crmcore.primitives._results import Result
from crmcore.primitives.errors import CurrencyMismatchError, InvalidValueError
from crmcore.primitives.explanation import Explanation, Term
from crmcore.primitives.findings import Finding, Severity
from crmcore.value.lifetime_value import LifetimeValue
from tests.support.refusals import refused
from tests.support.strategies import TALLIES, VALUES
from tests.support.walk import public_classes

PLAIN = (bool, int, float, str, type(None))
DAY = datetime(2026, 3, 2, tzinfo=UTC)
WITHOUT_ROWS = {
    "Activity": "an input",
    "Programme": "an input",
    "AskLimit": "an input: a rule",
    "ContactLimit": "an input: a rule",
    "CusumChart": "an input: the design of a chart",
    "Discount": "an input: two fields",
    "Incident": "a noun of its room",
    "EwmaChart": "an input: the design of a chart",
    "ExperienceTarget": "an input; its results have rows",
    "Journeys": "the packed log; its rows are visits",
    "LedgerBuilder": "makes ledgers, which have rows",
    "LevelRule": "an input: a rule",
    "Lifetime": "an input: one row of a table",
    "Markdown": "a picture",
    "Mermaid": "a picture",
    "Money": "a value of one cell",
    "OpeningHours": "an input",
    "PChart": "an input: the design of a chart",
    "Period": "a value of one cell",
    "Playbook": "an input",
    "Policy": "an input: a rule",
    "Recurrence": "an input",
    "Retention": "an input: two fields",
    "RevenuePolicy": "an input: a rule",
    "RootCause": "a noun of its room",
    "ShareCusumChart": "an input: the design of a chart",
    "ShareEwmaChart": "an input: the design of a chart",
    "Signal": "an input",
    "Svg": "a picture",
    "Training": "an input",
    "Validity": "an input: a rule",
}


@attrs.frozen(kw_only=True)
class Stay(Tally):
    """Number of stays. Records of disjoint stays can be added."""

    stays: int = 0
    longest: timedelta | None = None
    paid: Money | None = None
    ratios = ("mean", "owed", "unknown")

    @property
    def mean(self) -> timedelta | None:
        """A duration, or None."""
        return self.longest

    @property
    def owed(self) -> Money | None:
        """An amount, or None."""
        return self.paid

    @property
    def unknown(self):  # type: ignore[no-untyped-def] # noqa: ANN201 - a property without an annotation
        """Nothing, without an annotation."""
        return None


@attrs.frozen(kw_only=True)
class Clash(Tally):
    """Number of clashes. Records of disjoint clashes can be added."""

    within: timedelta = timedelta(1)
    within_seconds: int = 0


def tables_of(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return rows as they come back from pandas, polars, csv, JSON and SQLite."""
    frame = pd.DataFrame(rows).astype(object)
    pandas = frame.where(frame.notna(), None).to_dict("records")
    polars = pl.DataFrame(rows, infer_schema_length=None).to_dicts()
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    read = [*csv.DictReader(io.StringIO(text.getvalue(), newline=""))]
    assert [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in rows] == read
    base = sqlite3.connect(":memory:")
    names = ", ".join(f'"{name}"' for name in rows[0])
    base.execute(f"create table tallies ({names})")
    base.executemany(f"insert into tallies values ({', '.join('?' * len(rows[0]))})", [[*row.values()] for row in rows])
    sqlite = [dict(zip(rows[0], row, strict=True)) for row in base.execute("select * from tallies")]
    base.close()
    return [pandas, polars, sqlite, json.loads(json.dumps(rows, allow_nan=False))]


class TestPlainRow:
    def test_values_have_one_rule(self) -> None:
        """Durations are seconds, amounts floats beside their currency, in a column that is there for None too."""
        assert {
            "stays": 1,
            "longest_seconds": 90.5,
            "paid": 9.5,
            "mean_seconds": 90.5,
            "owed": 9.5,
            "unknown": None,
            "currency": "EUR",
        } == Stay(stays=1, longest=timedelta(seconds=90.5), paid=Money("9.50", "EUR")).row(plain=True)
        assert {
            "stays": 0,
            "longest_seconds": None,
            "paid": None,
            "mean_seconds": None,
            "owed": None,
            "unknown": None,
            "currency": None,
        } == Stay().row(plain=True)

    def test_instants_periods_and_enums_are_text(self) -> None:
        """Instants and periods are ISO 8601, a member of an enum is its value."""
        row = Churn(start=4, lost=1, period=Period.year(2026)).row(plain=True)
        assert "2026-01-01T00:00:00+00:00/2027-01-01T00:00:00+00:00" == row["period"]
        assert "2026-03-02T00:00:00+00:00" == Balance(as_of=DAY, window=timedelta(1)).row(plain=True)["as_of"]
        assert str is type(Finding(rule="a", severity=Severity.INFO, message="b").row(plain=True)["severity"])

    def test_the_row_stays_exact(self) -> None:
        """Without plain, a row has Decimals, amounts and durations."""
        row = Balance(good=1, as_of=DAY, window=timedelta(1)).row()
        assert (Decimal(1), timedelta(1)) == (row["good"], row["window"])

    def test_cautions_have_a_column(self) -> None:
        """A plain row of a result that can have cautions names their rules."""
        worth = lifetime_value.simple(average_order=Money(40, "EUR"), orders_per_year=6, years=5)
        assert "revenue_not_profit, service_cost_left_out" == worth.row(plain=True)["cautions"]
        assert "" == LifetimeValue(value=Money(1, "EUR")).row(plain=True)["cautions"]
        assert "cautions" not in worth.row()

    def test_two_currencies_are_refused(self) -> None:
        """Amounts in one plain row have one currency."""

        class Both(Stay):
            @property
            def owed(self) -> Money | None:
                return Money(1, "USD")

        with refused(CurrencyMismatchError, "two_currencies_in_a_row: plain"):
            Both(paid=Money(1, "EUR")).row(plain=True)

    def test_two_columns_of_one_name_are_refused(self) -> None:
        """A duration whose column would have the name of another field is refused."""
        with refused(InvalidValueError, "two_columns_of_one_name: plain"):
            Clash().row(plain=True)

    def test_a_line_has_one_type(self) -> None:
        """The value of a line is a Decimal, or a float in a plain row, whether it is a whole number or not."""
        assert [Decimal(1), None] == [Term("a", 1).row()["value"], Term("a", None).row()["value"]]
        assert [1.0, 0.5] == [row["value"] for row in Explanation([Term("a", 1), Term("b", Decimal("0.5"))]).rows()]
        assert [Decimal(1)] == [row["value"] for row in Explanation([Term("a", 1)]).rows(plain=False)]

    def test_evidence_is_text(self) -> None:
        """The evidence of a finding is one column."""
        finding = Finding(rule="a", severity=Severity.INFO, message="b", evidence=[("n", 2), ("x", Decimal("0.5"))])
        assert "n 2; x 0.5" == finding.row()["evidence"]


class TestRowsByKey:
    def test_key_has_a_column(self) -> None:
        """The key stands in the column of the name, by default `key`, before the others."""
        calls = TallyBy({"anna": FailureRate(good=1)})
        assert ["key", "good", "bad", "neutral", "judged", "rate"] == [*calls.rows()[0]]
        assert "anna" == calls.rows("customer")[0]["customer"]

    def test_parts_of_a_key_have_columns(self) -> None:
        """Two keys are two columns; under one name they are one text."""
        calls = TallyBy[tuple[str, None], FailureRate]({("DE", None): FailureRate(good=1)})
        row = calls.rows(("country", "channel"))[0]
        assert ("DE", None) == (row["country"], row["channel"])
        assert "DE, -" == calls.rows()[0]["key"]
        assert ("DE", None) == calls.rows(plain=False)[0]["key"]

    @pytest.mark.parametrize(
        ("key", "expected"),
        [
            (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
            (TimeUnit.DAY, "day"),
            (date(2026, 3, 2), "2026-03-02"),
            (None, None),
            (True, True),
            (frozenset({1}), "frozenset({1})"),
            (Decimal("0.5"), 0.5),
            (timedelta(1), 86400.0),
            (Money(1, "EUR"), 1.0),
        ],
    )
    def test_a_plain_key(self, key: Any, expected: object) -> None:
        """A key is a plain cell too."""
        assert expected == TallyBy({key: FailureRate()}).rows()[0]["key"]

    def test_all_rows_have_the_same_columns(self) -> None:
        """A column that only some rows have is None in the others."""

        class Odd(FailureRate):
            def row(self, **_: Any) -> dict[str, Any]:
                return {"good": self.good} | ({"extra": 1} if self.good else {})

        assert [{"key": 1, "good": 0, "extra": None}, {"key": 2, "good": 1, "extra": 1}] == TallyBy(
            {1: Odd(), 2: Odd(good=1)}
        ).rows()

    def test_no_keys_are_no_rows(self) -> None:
        """Without keys there are no rows."""
        nothing: TallyBy[str, FailureRate] = TallyBy()
        assert [] == nothing.rows(("a", "b"))

    def test_wrong_names(self) -> None:
        """Names that do not fit the key, come twice or are those of other columns are refused."""
        by_two = TallyBy[tuple[str, str], FailureRate]({("DE", "web"): FailureRate()})
        with refused(InvalidValueError, "names_do_not_fit_the_key: name[('DE', 'web')]"):
            by_two.rows(("country",))
        with refused(InvalidValueError, "names_do_not_fit_the_key: name['a']"):
            TallyBy({"a": FailureRate()}).rows(("country", "channel"))
        with refused(InvalidValueError, "name_of_another_column: name"):
            TallyBy({"a": FailureRate()}).rows("rate")
        with refused(InvalidValueError, "not_unique: name[1]"):
            by_two.rows(("a", "a"))
        with refused(InvalidValueError, "empty_text: name"):
            by_two.rows("")


class TestTables:
    @pytest.mark.parametrize("cls", [pytest.param(cls, id=cls.__name__) for cls in TALLIES])
    @given(data=st.data())
    def test_tallies_survive(self, cls: type[Tally], data: st.DataObject) -> None:
        """Rows of any tally come back from pandas, polars, csv, JSON and SQLite as they were."""
        strategy, policies = TALLIES[cls]
        tallies = data.draw(st.lists(strategy(**policies[0]), min_size=1, max_size=3))
        rows = TallyBy(dict(enumerate(tallies))).rows("number")
        assert all(isinstance(cell, PLAIN) and type(cell) in PLAIN for row in rows for cell in row.values())
        assert len({tuple(row) for row in rows}) == 1
        for table in tables_of(rows):
            assert rows == table

    def test_a_late_number_needs_no_option_of_pandas(self) -> None:
        """A column that is None in a hundred rows and then a number is read by pandas, and by polars if it looks."""
        rows = TallyBy({n: FailureRate(good=n // 150) for n in range(300)}).rows("n")
        assert 150 == pd.DataFrame(rows)["rate"].notna().sum()
        assert 150 == pl.DataFrame(rows, infer_schema_length=None)["rate"].count()


class TestEveryResult:
    def test_has_a_row(self) -> None:
        """Every public result has `row`, or a reason why not."""
        values = {cls for cls in public_classes() if attrs.has(cls) or cls is LedgerBuilder}
        results = {cls for cls in values if not cls.__module__.startswith(("crmcore.model", "crmcore.interop"))}
        without = {cls.__name__ for cls in results if not issubclass(cls, Result)}
        assert without == without & WITHOUT_ROWS.keys()

    @pytest.mark.parametrize(
        "cls", [pytest.param(cls, id=cls.__name__) for cls in VALUES if issubclass(cls, Result) and cls is not Tally]
    )
    @given(data=st.data())
    def test_is_plain(self, cls: type[Result], data: st.DataObject) -> None:
        """A plain row of any result has plain cells, in columns that do not depend on the values; so have its rows."""
        results = [data.draw(VALUES[cls]), data.draw(VALUES[cls])]
        rows = [result.row(plain=True) for result in results]
        assert all(type(cell) in PLAIN for row in rows for cell in row.values())
        for result in results:
            several: Any = getattr(result, "rows", None)
            lines: list[dict[str, Any]] = cast("Any", several)() if callable(several) else []
            assert all(type(cell) in PLAIN for row in lines for cell in row.values())
            assert result._repr_html_().startswith("<div><table")


class TestParts:
    def test_funnel_flow_and_matrix(self) -> None:
        """A funnel has a row for each step, a flow for each edge, a matrix for each cell."""
        visits = [("a", "shelf", DAY), ("a", "till", DAY + timedelta(1)), ("b", "shelf", DAY)]
        funnel = Funnel.of(visits, ["shelf", "till"])
        assert [("shelf", 2), ("till", 1)] == [(row["name"], row["reached"]) for row in funnel.rows()]
        edges = Flow.of(visits).rows()
        assert {"start": "shelf", "end": "till", "count": 1, "journeys": 1} in edges
        assert {"start": None, "end": "shelf", "count": 2, "journeys": 2} in edges
        assert {"visit": 1, "touchpoint_id": "shelf", "count": 2, "journeys": 2} in StepMatrix.of(visits).rows()

    def test_attribution(self) -> None:
        """An attribution has a row for each touchpoint; a Markov chain adds the removal effect."""
        paths = {("ad", "mail"): Outcome(conversions=3, nulls=1, value=Money(30, "EUR"))}
        assert [
            {"touchpoint_id": "mail", "credit": 3.0, "share": 1.0, "amount": 30.0, "currency": "EUR"},
            {"touchpoint_id": "ad", "credit": 0.0, "share": 0.0, "amount": 0.0, "currency": "EUR"},
        ] == attribution.last(paths).rows()
        assert 1.0 == attribution.markov(paths).rows()[0]["removal_effect"]
        unpaid = attribution.last({("ad",): Outcome(conversions=1)}).rows(plain=False)[0]
        assert (Decimal(1), None, None) == (unpaid["credit"], unpaid["amount"], unpaid["currency"])

    def test_ledger(self) -> None:
        """A ledger has a row for each moment, with the balance after it."""
        ledger = LedgerBuilder([MomentOfTruth(valence=Valence.BAD, at=DAY)]).ledger()
        assert [{"at": "2026-03-02T00:00:00+00:00", "valence": "bad", "severity": 1.0, "value": -12.0}] == ledger.rows()
        assert -12.0 == ledger.row(plain=True)["value"]

    def test_guard(self) -> None:
        """The row of a guard begins with the value that the spend is compared with."""
        guard = LifetimeValue(value=Money(30, "EUR")).guard(Money(40, "EUR"))
        assert {"value": 30.0, "spend": 40.0, "allowed": False, "headroom": 0.0, "excess": 10.0} == {
            name: cell for name, cell in guard.row(plain=True).items() if cell is not None and name[0] in "vsahe"
        }

    def test_history_by_customer_as_a_frame(self) -> None:
        """The value of each customer is a frame that groups and plots without a further step."""
        spent, free = {"anna": Money(90, "EUR"), "ben": Money("10.50", "EUR")}, Money(0, "EUR")
        worth = TallyBy({name: HistoricValue(revenue=amount, cost=free) for name, amount in spent.items()})
        frame = pd.DataFrame(worth.rows("customer"))
        assert [90.0, 10.5] == frame["value"].tolist()
        assert {"EUR"} == {*frame["currency"]}
        assert "float64" == str(frame["value"].dtype)
        assert instant("2026-03-02") == DAY
        assert Edge().row(plain=True) == {"count": 0, "journeys": 0}


class TestHeadlines:
    def test_every_headline_is_in_the_row(self) -> None:
        """The figure that a result is asked for, such as its rate, is a column of its row."""
        headlines = ("value", "rate", "score", "verdict")
        missing = [
            f"{cls.__name__}.{name}"
            for cls in public_classes()
            if issubclass(cls, Result)
            for name in headlines
            if isinstance(getattr(cls, name, None), property) and name not in cls.ratios
        ]

        assert missing == []
