from __future__ import annotations

from datetime import UTC, date, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    PUBLISHED_SEGMENTS,
    Money,
    OrderRule,
    Purchase,
    RefundRule,
    RfmTable,
    SegmentRule,
    SegmentTable,
    Table,
    TimeUnit,
    instant,
)
from crmcore.interop.hypothesis import ids, monies, purchases, zones
from crmcore.primitives.errors import (
    CurrencyMismatchError,
    InconsistentCountsError,
    InvalidValueError,
    PolicyMismatchError,
)
from crmcore.primitives.periods import in_utc
from crmcore.value.lifetime_value import ValueMix
from crmcore.value.rfm import PurchaseSummary, RfmScore, RfmScores, quantile_scores
from tests.support.refusals import refused
from tests.support.replay import replay
from tests.support.strategies import REFERENCE_DATE, records

logs = records(purchases(customer_id=ids(), amount=monies(low=-50, high=1000), cost=None), max_size=20)
END = instant("2024-06-30")


def euro(amount: int | str) -> Money:
    """Make euros."""
    return Money(amount, "EUR")


def bought(*rows: tuple[str, str, int | str]) -> list[Purchase]:
    """Make purchases of customers at instants."""
    return [Purchase(customer_id=who, at=instant(at), amount=euro(amount)) for who, at, amount in rows]


def as_table(log: list[Purchase], **columns: object) -> Table[Purchase]:
    """Write purchases as columns."""
    data = {
        "customer_id": [one.customer_id for one in log],
        "at": [one.at for one in log],
        "amount": [one.amount.amount for one in log],
        **columns,
    }
    return Table(Purchase, data, currency="EUR", tz=UTC)


class TestTable:
    @given(logs, st.sampled_from(OrderRule), st.sampled_from(RefundRule), zones(), st.booleans())
    def test_agrees_with_a_naive_count(
        self, log: list[Purchase], order_rule: OrderRule, refund_rule: RefundRule, tz: tzinfo, split: bool
    ) -> None:
        """Every summary equals one from the sorted purchases of the customer."""
        as_of = sorted((in_utc(one.at) for one in log), key=lambda at: at)[len(log) // 2] if split and log else None
        asked: dict[str, Any] = {"as_of": as_of or REFERENCE_DATE, "order_rule": order_rule, "refund_rule": refund_rule}
        if as_of is not None:
            asked["holdout_until"] = REFERENCE_DATE
        table = RfmTable.of(log, tz=tz, **asked)
        naive: dict[Any, list[list[Any]]] = {}
        spends: dict[Any, Fraction] = {}
        for place, one in sorted(enumerate(log), key=lambda pair: in_utc(pair[1].at)):
            amount = Fraction(one.amount.amount)
            if in_utc(one.at) > asked["as_of"] or amount < 0:
                continue
            day = in_utc(one.at).astimezone(tz).date()
            orders = naive.setdefault(one.customer_id, [])
            if order_rule is OrderRule.ONE_A_DAY and orders and orders[-1][0] == day:
                orders[-1][1] += amount
            else:
                orders.append([day, amount, place])
            spends[one.customer_id] = spends.get(one.customer_id, Fraction(0)) + amount
        if refund_rule is RefundRule.LAST_ORDER:
            for one in log:
                if one.amount.amount < 0 and in_utc(one.at) <= asked["as_of"] and one.customer_id in spends:
                    spends[one.customer_id] += Fraction(one.amount.amount)
        found = table.by_customer()

        assert {who: (len(orders), orders[0][0], orders[-1][0]) for who, orders in naive.items()} == {
            who: (row.orders, row.first, row.last) for who, row in found.items()
        }
        assert spends == {who: Fraction(row.spend.amount) for who, row in found.items()}
        replay(table.explain())
        for row in table.summaries:
            replay(row.explain())

    @given(logs, st.sampled_from(RefundRule), st.booleans(), st.sampled_from(TimeUnit), st.booleans())
    def test_columns_count_as_records_do(
        self, log: list[Purchase], refund_rule: RefundRule, split: bool, unit: TimeUnit, cost: bool
    ) -> None:
        """A table of columns gives what its records give."""
        asked: dict[str, Any] = {"as_of": REFERENCE_DATE, "refund_rule": refund_rule, "unit": unit, "calendar": True}
        if split and log:
            asked |= {"as_of": log[0].at, "holdout_until": REFERENCE_DATE}
        columns = {"cost": [one.amount.amount for one in log]} if cost else {}

        assert RfmTable.of(log, **asked) == RfmTable.of(as_table(log, **columns), **asked)

    def test_columns_count_days_as_records_do(self) -> None:
        """Without the calendar, the orders of a table are the days on which a customer bought."""
        log = bought(
            ("a", "2024-01-01", 5), ("a", "2024-01-03", 9), ("a", "2024-01-03T18:00", 1), ("b", "2024-01-03", 2)
        )
        table = RfmTable.of(as_table(log), as_of=END)

        assert table == RfmTable.of(log, as_of=END)
        assert [(row.orders, int(row.recency)) for row in table.summaries] == [(2, 2), (1, 0)]

    @given(logs)
    def test_shards_add_up(self, log: list[Purchase]) -> None:
        """Tables of disjoint customers add up to the table of all."""
        whole = RfmTable.of(log, as_of=REFERENCE_DATE)
        shards = [
            RfmTable.of([one for one in log if hash(one.customer_id) % 2 == part], as_of=REFERENCE_DATE)
            for part in (0, 1)
        ]
        added = shards[0] + shards[1]

        assert whole.by_customer() == added.by_customer()
        assert (whole.orders, whole.one_time_share) == (added.orders, added.one_time_share)

    def test_order_does_not_matter(self) -> None:
        """Purchases may come in any order."""
        log = bought(
            ("a", "2024-04-01", 100), ("a", "2024-01-01", 50), ("a", "2024-02-01", 30), ("a", "2024-02-01", 20)
        )
        [row] = RfmTable.of(log, as_of=END).summaries

        assert (row.frequency, row.recency, row.T, row.monetary_value) == (2, Decimal(91), Decimal(181), euro(75))

    def test_one_purchase(self) -> None:
        """One purchase has frequency and recency 0 and no monetary value; on the reference date T is 0 too."""
        table = RfmTable.of(bought(("a", "2024-01-01", 50), ("b", "2024-06-30", 5)), as_of=END)
        a, b = table.summaries

        assert (a.frequency, a.recency, a.T, a.monetary_value, a.since_last) == (
            0,
            Decimal(0),
            Decimal(181),
            None,
            Decimal(181),
        )
        assert (b.T, b.since_last) == (Decimal(0), Decimal(0))
        assert table.one_time_share == 1

    def test_days_are_those_of_the_zone(self) -> None:
        """Two purchases of one evening in Tokyo are one order there, and two in UTC."""
        log = bought(("a", "2024-01-01T14:00", 5), ("a", "2024-01-01T15:30", 5), ("a", "2024-01-02T10:00", 5))

        assert RfmTable.of(log, as_of=END, tz=ZoneInfo("Asia/Tokyo")).orders == 2
        assert RfmTable.of(log, as_of=END).summaries[0].first == date(2024, 1, 1)
        assert RfmTable.of(log, as_of=END, order_rule=OrderRule.EACH_PURCHASE).orders == 3

    def test_refunds_lower_the_order_before(self) -> None:
        """A refund is taken from the last order up to it: a refund of the first order leaves the monetary value."""
        first = bought(("a", "2024-01-01", 50), ("a", "2024-01-10", -50), ("a", "2024-02-01", 30))
        second = [*first[::2], *bought(("a", "2024-02-01", -10))]
        early = bought(("a", "2023-12-01", -5)) + first[::2]

        rows = [RfmTable.of(log, as_of=END).summaries[0] for log in (first, second, early)]
        assert [row.monetary_value for row in rows] == [euro(30), euro(20), euro(30)]
        assert [row.spend for row in rows] == [euro(30), euro(70), euro(75)]
        assert RfmTable.of(first, as_of=END, refund_rule=RefundRule.LEFT_OUT).spend == euro(80)

    def test_refunds_larger_than_purchases(self) -> None:
        """A monetary value below 0 stays, with a caution; customers with refunds alone are counted apart."""
        log = bought(("a", "2024-01-01", 5), ("a", "2024-02-01", 5), ("a", "2024-03-01", -30), ("b", "2024-03-01", -3))
        table = RfmTable.of(log, as_of=END)

        assert table.summaries[0].monetary_value == euro(-25)
        assert (table.customers, table.refunds_only) == (1, 1)
        assert ["refunds_without_orders", "refunds_exceed_orders"] == [caution.rule for caution in table.cautions]

    def test_holdout(self) -> None:
        """Purchases after the reference date are counted apart; a later refund of an earlier order is left out."""
        log = bought(
            ("a", "2024-01-01", 50),
            ("a", "2024-04-01", -20),
            ("a", "2024-05-01", 30),
            ("a", "2024-05-02", -10),
            ("b", "2024-02-01", 9),
            ("b", "2024-05-01", -9),
            ("c", "2024-05-01", 7),
        )
        table = RfmTable.of(log, as_of=instant("2024-03-31"), holdout_until=END)
        a, b = table.summaries

        assert (a.spend, a.holdout_orders, a.holdout_spend, a.holdout_duration) == (euro(50), 1, euro(20), Decimal(91))
        assert (a.holdout_monetary_value, b.holdout_monetary_value) == (euro(20), None)
        assert (b.holdout_orders, b.holdout_spend, table.later_customers) == (0, euro(0), 1)
        assert ["customers_of_the_holdout"] == [caution.rule for caution in table.cautions]
        assert RfmTable.of(log, as_of=END).summaries[0].holdout_duration is None

    @pytest.mark.parametrize(
        ("unit", "orders", "recency", "age"),
        [
            (TimeUnit.WEEK, 2, "13", "25"),
            (TimeUnit.MONTH, 2, "3", "5"),
            (TimeUnit.QUARTER, 2, "1", "1"),
            (TimeUnit.YEAR, 1, "0", "0"),
        ],
    )
    def test_units_of_the_calendar(self, unit: TimeUnit, orders: int, recency: str, age: str) -> None:
        """Purchases in one unit are one order, and times lie between units."""
        log = bought(("a", "2024-01-01", 50), ("a", "2024-01-05", 30), ("a", "2024-04-01", 100))
        [row] = RfmTable.of(log, as_of=END, unit=unit, calendar=True).summaries

        assert (row.orders, str(row.recency), str(row.T)) == (orders, recency, age)

    def test_no_purchases(self) -> None:
        """Nothing is known of no purchases."""
        table = RfmTable.of([], as_of=END)

        assert (table.customers, table.spend, table.average_order, table.one_time_share) == (0, None, None, None)
        assert table.scores().segments() == ValueMix(rows=[])
        assert RfmTable.of(Table(Purchase, {"customer_id": [], "at": [], "amount": []}), as_of=END).customers == 0

    def test_lookalikes(self) -> None:
        """Ids of two types are reported."""
        log = bought(("7", "2024-01-01", 5))
        table = RfmTable.of([*log, Purchase(customer_id=7, at=END, amount=euro(1))], as_of=END)

        assert ["mixed_customer_ids"] == [caution.rule for caution in table.cautions]
        assert (table + RfmTable.of([], as_of=END)).lookalikes == table.lookalikes
        assert (RfmTable.of([], as_of=END) + table).lookalikes == table.lookalikes

    def test_rows_and_notebooks(self) -> None:
        """Rows are plain by default, and a notebook shows the first ones."""
        table = RfmTable.of(bought(("a", "2024-01-01", 5)), as_of=END)

        assert table.rows()[0]["T"] == 181.0
        assert table.rows(plain=False)[0]["spend"] == euro(5)
        assert "customer_id" in table._repr_html_()

    def test_refusals(self) -> None:
        """Questions that have no answer are refused."""
        log = bought(("a", "2024-07-01", 5))
        with refused(InvalidValueError, "after_reference_date: purchases[0]"):
            RfmTable.of(log, as_of=END)
        with refused(InvalidValueError, "after_reference_date: purchases[0]"):
            RfmTable.of(as_table(log), as_of=END)
        with refused(InvalidValueError, "days_in_no_fixed_unit: unit"):
            RfmTable.of([], as_of=END, unit=TimeUnit.MONTH)
        with refused(InvalidValueError, "calendar_units_merge_purchases: order_rule"):
            RfmTable.of([], as_of=END, calendar=True, order_rule=OrderRule.EACH_PURCHASE)
        with refused(InvalidValueError, "holdout_without_time: holdout_until"):
            RfmTable.of([], as_of=END, holdout_until=END)
        with refused(CurrencyMismatchError, "purchases_in_two_currencies: purchases[1]"):
            RfmTable.of([*log, Purchase(customer_id=1, at=END, amount=Money(1, "USD"))], as_of=REFERENCE_DATE)
        with refused(PolicyMismatchError, "tables_counted_differently: as_of"):
            RfmTable.of([], as_of=END) + RfmTable.of([], as_of=REFERENCE_DATE)
        with pytest.raises(TypeError):
            RfmTable.of([], as_of=END) + 1  # type: ignore[operator] # pyright: ignore[reportOperatorIssue] - no table

    def test_costs_in_another_currency(self) -> None:
        """Columns whose costs are in another currency are read one by one, which refuses the row."""
        data = {"customer_id": [1], "at": ["2024-01-01"], "amount": [5], "cost": [3], "of": ["USD"], "in": ["EUR"]}
        table = Table(Purchase, data, tz=UTC, amount=("amount", "in"), cost=("cost", "of"))
        with refused(CurrencyMismatchError, ": cost[0]"):
            RfmTable.of(table, as_of=END)


class TestSummary:
    def test_explains_itself(self) -> None:
        """The explanation ends in the monetary value."""
        [row] = RfmTable.of(bought(("a", "2024-01-01", 5), ("a", "2024-02-01", 9)), as_of=END).summaries

        assert row.explain()["monetary_value"].value == 9
        assert row.row()["recency"] == 31

    def test_a_week_is_seven_days(self) -> None:
        """In weeks, times are days by seven."""
        day = date(2024, 1, 1)
        row = PurchaseSummary(
            customer_id=1, orders=1, first=day, last=day, end=day + timedelta(10), unit=TimeUnit.WEEK,
            spend=euro(1), repeat_spend=euro(0),
        )  # fmt: skip

        assert Fraction(row.T).limit_denominator(100) == Fraction(10, 7)

    def test_months_begin_on_their_first_day(self) -> None:
        """A summary in months has no days within them."""
        with refused(InvalidValueError, "day_within_a_unit: unit"):
            PurchaseSummary(
                customer_id=1, orders=1, first=date(2024, 1, 2), last=date(2024, 1, 2), end=date(2024, 3, 1),
                unit=TimeUnit.MONTH, spend=euro(1), repeat_spend=euro(0),
            )  # fmt: skip

    @pytest.mark.parametrize(
        ("fields", "error", "broken"),
        [
            ({"last": date(2023, 12, 31)}, InvalidValueError, "summary_days_out_of_order: last"),
            ({"repeat_spend": euro(1)}, InconsistentCountsError, "repeat_without_second_order: repeat_spend"),
            ({"holdout_orders": 0}, InconsistentCountsError, "part_of_holdout_missing: holdout_orders"),
            (
                {"holdout_end": date(2024, 6, 30), "holdout_orders": 0, "holdout_spend": Money(0, "USD")},
                CurrencyMismatchError,
                "two_currencies: holdout_spend",
            ),
        ],
    )
    def test_facts_that_contradict(self, fields: dict[str, Any], error: type[Exception], broken: str) -> None:
        """Days are in order, one order repeats nothing, and a holdout is whole and in one currency."""
        day = date(2024, 1, 1)
        facts: dict[str, Any] = {"customer_id": 1, "orders": 1, "spend": euro(1), "repeat_spend": euro(0)}
        facts |= {"first": day, "last": day, "end": date(2024, 3, 1)}
        with refused(error, broken):
            PurchaseSummary(**{**facts, **fields})


class TestScores:
    @given(st.lists(st.integers(-9, 9), max_size=30), st.integers(2, 9), st.booleans())
    def test_quantiles(self, values: list[int], quantiles: int, higher_is_better: bool) -> None:
        """The grade counts the values that are worse."""
        worse = [sum((other < value) if higher_is_better else (other > value) for other in values) for value in values]

        assert quantile_scores(values, quantiles=quantiles, higher_is_better=higher_is_better) == tuple(
            quantiles * number // len(values) + 1 for number in worse
        )

    def test_ties_and_few_customers(self) -> None:
        """Equal values share the lowest grade, and fewer values than quantiles leave grades out."""
        assert quantile_scores([7] * 5) == (1, 1, 1, 1, 1)
        assert quantile_scores([1, 2, 3]) == (1, 2, 4)
        assert quantile_scores([]) == ()
        with refused(InvalidValueError, ": quantiles"):
            quantile_scores([1], quantiles=1)

    def test_grades_segments_and_grid(self) -> None:
        """Who bought last has the highest grade of recency."""
        log = bought(("a", "2024-06-01", 90), ("a", "2024-05-01", 9), ("b", "2024-01-01", 3))
        graded = RfmTable.of(log, as_of=END).scores(quantiles=2)

        assert [(one.customer_id, one.cell) for one in graded.scores] == [("a", "222"), ("b", "111")]
        assert {key: cell.combined for key, cell in graded.grid().items()} == {(2, 2): euro(99), (1, 1): euro(3)}
        assert (graded.customers, graded.cautions, len(graded.rows())) == (2, (), 2)
        assert graded.rows(plain=False)[0]["cell"] == "222"
        assert "cell" in graded._repr_html_()
        with refused(InvalidValueError, "table_for_other_grades: table"):
            graded.segments()

    def test_segments_of_the_published_table(self) -> None:
        """Customers of one cell share a segment, and segments come in the order of the table."""
        lost, best = ({"recency": n, "frequency": n, "monetary": n} for n in (1, 5))
        graded = RfmScores(
            scores=[
                RfmScore(customer_id=place, spend=euro(spend), **grades)
                for place, (spend, grades) in enumerate([(3, lost), (90, best), (70, best)])
            ]
        )

        assert graded.segment_of() == {0: "lost", 1: "champions", 2: "champions"}
        assert [(name, one.customers) for name, one in graded.segments().rows] == [("champions", 2), ("lost", 1)]

    def test_a_grade_above_the_quantiles(self) -> None:
        """No grade is above the number of grades."""
        with refused(InvalidValueError, "grade_above_quantiles: scores[0]"):
            RfmScores(scores=[RfmScore(customer_id=1, recency=1, frequency=6, monetary=1, spend=euro(1))])

    def test_grades_not_given(self) -> None:
        """Grades that no customer has are named in a caution."""
        one = RfmScore(customer_id=1, recency=1, frequency=2, monetary=1, spend=euro(1))
        [caution] = RfmScores(scores=[one], quantiles=2).cautions

        assert (caution.rule, caution.evidence) == (
            "grades_not_given",
            (("grades", "recency 2, frequency 1, monetary 2"),),
        )
        assert RfmScores().cautions == ()


class TestSegments:
    def test_published_table(self) -> None:
        """The published table leaves out ten cells, and the first rule decides."""
        cells = "215 241 251 252 341 351 441 451 541 551"

        assert cells.split() == ["".join(map(str, cell)) for cell in PUBLISHED_SEGMENTS.unmatched]
        assert {PUBLISHED_SEGMENTS.find(*cell) for cell in PUBLISHED_SEGMENTS.unmatched} == {"others"}
        assert (PUBLISHED_SEGMENTS.find(5, 5, 5), PUBLISHED_SEGMENTS.find(1, 4, 5)) == ("champions", "cant_lose_them")
        assert "champions" in PUBLISHED_SEGMENTS._repr_html_()

    def test_rules_that_never_decide(self) -> None:
        """A rule behind a wider one is reported."""
        wide = SegmentRule(name="all", recency=(1, 2), frequency=(1, 2), monetary=(1, 2))
        narrow = SegmentRule(name="best", recency=(2, 2), frequency=(2, 2), monetary=(2, 2))

        assert SegmentTable(rules=[wide, narrow], quantiles=2).unreached == ("best",)
        assert SegmentTable(rules=[narrow, wide], quantiles=2).unreached == ()
        assert not wide.matches(3, 1, 1)

    def test_grades_out_of_range(self) -> None:
        """A grade beyond the table is refused."""
        with refused(InvalidValueError, ": monetary"):
            PUBLISHED_SEGMENTS.find(1, 1, 6)

    def test_tables_that_contradict(self) -> None:
        """A range ascends, a rule has the grades of its table, and the others have a name of their own."""
        rule = SegmentRule(name="best", recency=(2, 2), frequency=(2, 2), monetary=(2, 3))
        with refused(InvalidValueError, "range_of_grades_reversed: frequency"):
            SegmentRule(name="best", recency=(1, 2), frequency=(2, 1), monetary=(1, 2))
        with refused(InvalidValueError, "rule_above_quantiles: rules[0]"):
            SegmentTable(rules=[rule], quantiles=2)
        with refused(InvalidValueError, "others_named_like_a_rule: others"):
            SegmentTable(rules=[rule], quantiles=3, others="best")

    def test_customer_twice(self) -> None:
        """A customer has one summary."""
        [row] = RfmTable.of(bought(("a", "2024-01-01", 5)), as_of=END).summaries
        with refused(InvalidValueError, "not_unique: summaries[1]"):
            RfmTable(summaries=[row, row], as_of=END)
        with refused(InconsistentCountsError, "summaries_counted_differently: summaries[0]"):
            RfmTable(summaries=[row], as_of=END, unit=TimeUnit.WEEK)
