from __future__ import annotations

from datetime import timedelta, tzinfo
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import Buying, Cost, CostKind, Money, OrderRule, Purchase, TallyBy, TenureRule, elapsed, instant
from crmcore.interop.hypothesis import buyings, costs, ids, instants, monies, purchases, zones
from crmcore.primitives.errors import (
    CurrencyMismatchError,
    InconsistentCountsError,
    InvalidValueError,
    NaiveInstantError,
    PolicyMismatchError,
    WrongTypeError,
)
from crmcore.primitives.periods import in_utc
from crmcore.retention.inactivity import purchase_gaps
from crmcore.value.lifetime_value import historic
from tests.support.hostile import CONTEXTS
from tests.support.refusals import refused
from tests.support.replay import replay
from tests.support.strategies import REFERENCE_DATE, records

logs = records(purchases(customer_id=ids(), amount=monies(low=-50, high=1000)), max_size=20)
bills = records(costs(), max_size=8)
LAST: dict[str, Any] = {"tenure": TenureRule.FIRST_TO_LAST}
UNTIL: dict[str, Any] = {"tenure": TenureRule.FIRST_TO_AS_OF, "as_of": REFERENCE_DATE}
rules = st.sampled_from([LAST, UNTIL])


def euro(amount: int | str) -> Money:
    """Make euros."""
    return Money(amount, "EUR")


def bought(customer_id: str, day: str, amount: int | str, cost: int | None = None) -> Purchase:
    """Make a purchase."""
    return Purchase(
        customer_id=customer_id, at=instant(day), amount=euro(amount), cost=None if cost is None else euro(cost)
    )


class TestBuying:
    @given(logs, bills, rules, st.sampled_from(OrderRule), zones())
    def test_agrees_with_a_naive_count(
        self, log: list[Purchase], spent: list[Cost], rule: dict[str, Any], order_rule: OrderRule, tz: tzinfo
    ) -> None:
        """The counts equal those from a list of orders for each customer, each a list of purchases."""
        counted = Buying.of(log, costs=spent, currency="EUR", order_rule=order_rule, tz=tz, **rule)
        days: dict[Any, dict[Any, list[Purchase]]] = {}
        for place, purchase in enumerate(log):
            if purchase.amount.amount >= 0:
                day = in_utc(purchase.at).astimezone(tz).date() if order_rule is OrderRule.ONE_A_DAY else place
                days.setdefault(purchase.customer_id, {}).setdefault(day, []).append(purchase)
        orders = {
            customer_id: [
                attrs.evolve(
                    lines[0],
                    at=min((line.at for line in lines), key=in_utc),
                    cost=None if None in [line.cost for line in lines] else lines[0].cost,
                )
                for lines in own.values()
            ]
            for customer_id, own in days.items()
        }
        stays = [sorted((purchase.at for purchase in own), key=in_utc) for own in orders.values()]
        tenure = sum((elapsed(stay[0], rule.get("as_of") or stay[-1]) for stay in stays), timedelta(0))
        expected = {
            "customers": len(orders),
            "one_time": sum(len(own) == 1 for own in orders.values()),
            "orders": sum(map(len, orders.values())),
            "orders_with_cost": sum(purchase.cost is not None for own in orders.values() for purchase in own),
            "revenue": sum(Fraction(purchase.amount.amount) for purchase in log),
            "goods": sum(Fraction(purchase.cost.amount) for purchase in log if purchase.cost),
            "acquisition": sum(Fraction(cost.amount.amount) for cost in spent if cost.kind is CostKind.ACQUISITION),
            "service": sum(Fraction(cost.amount.amount) for cost in spent if cost.kind is not CostKind.ACQUISITION),
            "seconds": Fraction(tenure // timedelta(microseconds=1), 10**6),
        }
        found = {name: getattr(counted, name) for name in expected}

        assert expected == {
            name: Fraction(value.amount if isinstance(value, Money) else value) for name, value in found.items()
        }

    @given(logs, bills, rules, st.randoms(use_true_random=False))
    def test_shards_by_customer_add(
        self, log: list[Purchase], spent: list[Cost], rule: dict[str, Any], chance: Any
    ) -> None:
        """Shards cut by customer add up to the whole, in any order."""
        mine = [purchase for purchase in log if str(purchase.customer_id) < "3"]
        others = [purchase for purchase in log if not str(purchase.customer_id) < "3"]
        whole = Buying.of(log, costs=spent, currency="EUR", **rule)
        chance.shuffle(others)

        assert whole == Buying.of(mine, costs=spent, currency="EUR", **rule) + Buying.of(
            iter(others), currency="EUR", **rule
        )

    @given(logs, bills, rules)
    def test_by_customer(self, log: list[Purchase], spent: list[Cost], rule: dict[str, Any]) -> None:
        """A row counts the records of its key, costs without a customer included, and the rows add up to the whole."""
        by = Buying.by(log, lambda record: record.customer_id, costs=spent, currency="EUR", **rule)

        assert (Buying.of(log, costs=spent, **rule) if log or spent else None) == by.total
        for customer_id, row in by.items():
            own = [purchase for purchase in log if purchase.customer_id == customer_id]
            own_costs = [cost for cost in spent if cost.customer_id == customer_id]
            assert row == Buying.of(own, costs=own_costs, currency="EUR", **rule)

    @given(logs, rules)
    def test_value_of_the_records(self, log: list[Purchase], rule: dict[str, Any]) -> None:
        """The simple value times the customers is the average order times all repeat orders."""
        counted = Buying.of(log, currency="EUR", **rule)
        worth = counted.simple(gross_margin=1, acquisition_cost=euro(0), service_cost=euro(0))
        if counted.orders == counted.customers or not counted.seconds:
            assert worth is None
        else:
            assert worth is not None
            repeat = Fraction(counted.orders - counted.customers, counted.orders)
            due = Fraction(counted.revenue.amount) * repeat / counted.customers
            assert round(due * 10**40) == Fraction(worth.value.amount) * 10**40  # exact, and rounded once
            replay(worth.explain())
        assert historic(log, currency="EUR").revenue == counted.revenue

    def test_exact_results_are_exact(self) -> None:
        """Three orders of 10 in any tenure are worth 20 on top of the first, and 40 per cent of it is 8."""
        for last in ("2025-03-01", "2025-07-04", "2026-01-01T07:11:13"):
            log = [bought("a", day, 10, 6) for day in ("2025-01-01", "2025-02-03", last)]
            base = Buying.of(log, costs=[Cost(amount=euro(3), at=instant("2025-01-01"))], **LAST)
            worth = base.simple(gross_margin=1, service_cost=euro(0))
            net = base.simple()

            assert worth is not None
            assert net is not None
            assert (euro(20), euro(5)) == (worth.value, net.value)
            replay(net.explain())

    def test_lines_of_one_day_are_one_order(self) -> None:
        """Two purchases on one local day are one order, as the gaps say; a named rule keeps them apart."""
        night = [bought("a", "2026-01-05T21:30", 10, 4), bought("a", "2026-01-05T22:30", 20)]
        later = [bought("b", "2026-01-01", 10), bought("b", "2026-03-01", 10)]
        base = Buying.of([*night, *later], **LAST)
        abroad = Buying.of([*night, *later], tz=ZoneInfo("Europe/Riga"), **LAST)
        apart = Buying.of([*night, *later], order_rule=OrderRule.EACH_PURCHASE, **LAST)

        assert (1, 3, 0) == (base.one_time, base.orders, base.orders_with_cost)
        assert base.orders_per_year is not None
        assert Decimal("6.186") == base.orders_per_year.quantize(Decimal("0.001"))  # 365 / 59
        assert (0, 4) == (abroad.one_time, abroad.orders)  # midnight of Riga is between the two
        assert (0, 4, 1) == (apart.one_time, apart.orders, apart.orders_with_cost)
        assert () == purchase_gaps(night)["a"]
        assert (1,) == purchase_gaps(night, tz=ZoneInfo("Europe/Riga"))["a"]
        assert (0,) == purchase_gaps(night, order_rule=OrderRule.EACH_PURCHASE)["a"]
        with pytest.raises(PolicyMismatchError):
            _ = base + apart

    def test_a_base_with_everything(self) -> None:
        """Average order, orders a year, tenure, margin and costs come from the records."""
        log = [
            bought("anna", "2023-01-01", 100, 60),
            bought("anna", "2024-01-01", 140, 60),
            bought("anna", "2025-12-31", 120, 60),
            bought("anna", "2025-06-01", -30),
            bought("bob", "2024-01-01", 70, 20),
        ]
        spent = [
            Cost(amount=euro(80), at=instant("2023-01-01"), kind=CostKind.ACQUISITION),
            Cost(amount=euro(15), at=instant("2023-01-01"), kind=CostKind.RETENTION),
            Cost(amount=euro(15), at=instant("2023-01-01")),
        ]
        base = Buying.of(log, costs=spent, **LAST)
        worth = base.simple()

        assert (2, 1, 4, euro(100)) == (base.customers, base.one_time, base.orders, base.average_order)
        assert Decimal(1095) * 86_400 == base.seconds
        assert (Decimal("1.5"), Decimal("0.5"), Decimal("0.5")) == (
            base.years,
            base.one_time_share,
            base.gross_margin,
        )
        assert worth is not None
        assert euro("50") * Decimal(1) - euro(40) - euro("15") == worth.value.quantized(20)
        assert ["first_order_left_out", "tenure_so_far", "one_time_buyers"] == [
            caution.rule for caution in worth.cautions
        ]

    def test_what_is_named_comes_first(self) -> None:
        """Named years, margin and costs replace those of the records; a longer lifetime is a caution."""
        log = [bought("anna", "2024-12-31", 100), bought("anna", "2025-12-31", 100)]
        base = Buying.of(log, **LAST)
        worth = base.simple(years=5, gross_margin=0.4, acquisition_cost=euro(50), service_cost=[euro(10), euro(5)])

        assert base.gross_margin is None
        assert worth is not None
        assert euro(5 * 40 - 50 - 10 - 4 * 5) == worth.value.quantized(20)
        assert ["first_order_left_out", "longer_than_history"] == [caution.rule for caution in worth.cautions]
        bare = base.simple()
        assert bare is not None
        assert "revenue_not_profit" in [caution.rule for caution in bare.cautions]

    def test_a_single_purchase_under_both_rules(self) -> None:
        """A customer with one purchase has a tenure under one rule only, and no frequency under either."""
        log = [bought("bob", "2025-01-01", 70)]
        last = Buying.of(log, **LAST)
        until = Buying.of(log, tenure=TenureRule.FIRST_TO_AS_OF, as_of=instant("2026-01-01"))

        assert (Decimal(0), None, None) == (last.years, last.orders_per_year, last.simple())
        assert (Decimal(1), Decimal(0), None) == (until.years, until.orders_per_year, until.simple())

    def test_one_order(self) -> None:
        """The value is an average order net of costs in the records or named; None without customers."""
        log = [bought("bob", "2025-01-01", 70, 30), bought("eve", "2025-02-01", 30, 10)]
        won = [Cost(amount=euro(8), at=instant("2025-01-01"), kind=CostKind.ACQUISITION)]
        base = Buying.of(log, costs=won, **LAST)
        worth, named = base.one_order(), base.one_order(gross_margin="0.5", acquisition_cost=euro(1))

        assert worth is not None
        assert named is not None
        assert (euro(26), euro(24)) == (worth.value.quantized(20), named.value.quantized(20))
        assert Buying.of([], currency="EUR", **LAST).one_order() is None

    def test_more_paid_back_than_paid(self) -> None:
        """The margin is None if revenue or goods are below 0, and a service cost below 0 is refused."""

        def records(revenue: int, goods: int = 0, service: int = 0) -> Buying:
            return Buying(
                customers=1,
                orders=2,
                orders_with_cost=2,
                revenue=euro(revenue),
                goods=euro(goods),
                acquisition=euro(0),
                service=euro(service),
                seconds=Decimal(9),
                tenure=TenureRule.FIRST_TO_LAST,
            )

        assert records(-5).gross_margin is None
        assert records(5, goods=-5).gross_margin is None
        assert Decimal("0.4") == records(5, goods=3).gross_margin
        assert records(5, goods=0).gross_margin == 1
        with pytest.raises(InvalidValueError, match="service_cost must be >= 0"):
            records(5, service=-1).simple()

    def test_known_by_refunds_alone(self) -> None:
        """A customer with refunds only is not counted, but their refunds lower the revenue."""
        base = Buying.of([bought("eve", "2025-01-01", -10)], **LAST)

        assert (0, 0, euro(-10), None) == (base.customers, base.orders, base.revenue, base.average_order)
        assert base.simple() is None

    def test_of_nothing(self) -> None:
        """Without records the tally is empty in the named currency; without a currency it is an error."""
        empty = Buying.of([], currency="EUR", **LAST)

        assert (0, None, None, None) == (empty.customers, empty.years, empty.one_time_share, empty.gross_margin)
        assert TallyBy() == Buying.by([], lambda record: record.customer_id, **LAST)
        with refused(InvalidValueError, "no_records_and_no_currency: currency"):
            Buying.of([], **LAST)

    def test_rules_must_agree(self) -> None:
        """Tallies with two tenure rules do not add."""
        log = [bought("bob", "2025-01-01", 70)]
        with pytest.raises(PolicyMismatchError, match="different tenure"):
            Buying.of(log, **LAST) + Buying.of(log, **UNTIL)

    @pytest.mark.parametrize(
        ("log", "changes", "error", "message"),
        [
            ([], {"tenure": "first_to_last"}, WrongTypeError, "not_a_member: tenure"),
            ([], {"tenure": TenureRule.FIRST_TO_AS_OF}, InvalidValueError, "tenure_without_reference_date: as_of"),
            ([], {"as_of": REFERENCE_DATE}, InvalidValueError, "tenure_has_no_reference_date: as_of"),
            ([], {"as_of": REFERENCE_DATE.replace(tzinfo=None)}, NaiveInstantError, "naive_instant: as_of"),
            ([5], {}, WrongTypeError, "wrong_type: purchases[0]"),
            ([], {"costs": [5]}, WrongTypeError, "wrong_type: costs[0]"),
            ([], {"currency": "euro"}, InvalidValueError, "not_a_currency: currency"),
            (5, {}, WrongTypeError, "one_for_several: purchases"),
            (
                [bought("a", "2025-01-01", 1)],
                {"currency": "USD"},
                CurrencyMismatchError,
                "records_in_two_currencies: purchases[0]",
            ),
            (
                [bought("a", "2061-01-01", 1)],
                UNTIL,
                InvalidValueError,
                "after_reference_date: purchases[0]",
            ),
            (
                [bought("a", "2025-01-01", 1)],
                {"costs": [Cost(amount=Money(1, "USD"), at=REFERENCE_DATE)]},
                CurrencyMismatchError,
                "records_in_two_currencies: costs[0]",
            ),
        ],
    )
    def test_refuses_nonsense(self, log: Any, changes: dict[str, Any], error: type[Exception], message: str) -> None:
        """The message names the argument and says what to do."""
        with refused(error, message):
            Buying.of(log, **{**LAST, **changes})

    def test_order_within_a_day(self) -> None:
        """The first of several purchases on a day begins the tenure, in whatever order they are given."""
        log = [bought("a", "2025-01-01T18:00", 1), bought("a", "2025-01-01T09:00", 1), bought("a", "2025-03-01", 1)]

        assert Buying.of(sorted(log, key=lambda one: one.at), **LAST) == Buying.of(log, **LAST)
        assert Buying.of(log[1:], **LAST).seconds == Buying.of(log, **LAST).seconds

    def test_lookalikes(self) -> None:
        """A customer whose id is a text in one record and a number in another counts as two, with a caution."""
        other = Purchase(customer_id=7, at=REFERENCE_DATE, amount=euro(1))
        counted = Buying.of([bought("7", "2025-01-01", 9), other], **LAST)

        assert counted.customers == 2
        assert "mixed_customer_ids" in {caution.rule for caution in counted.cautions}

    def test_a_key_is_the_customers(self) -> None:
        """A key of the purchase would count a customer twice, and the name of a field is not a key."""
        log = [bought("a", "2025-01-01", 1), bought("a", "2026-01-01", 1)]
        with pytest.raises(InconsistentCountsError, match="^purchases of one customer .* got 2025 and 2026"):
            Buying.by(log, lambda record: record.at.year, **LAST)
        with refused(WrongTypeError, "not_a_function: key"):
            Buying.by(log, "customer_id", **LAST)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]

    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            (
                {"customers": 1, "one_time": 2, "orders": 9},
                InconsistentCountsError,
                "orders_do_not_fit_customers: orders",
            ),
            (
                {"customers": 2, "one_time": 1, "orders": 2},
                InconsistentCountsError,
                "orders_do_not_fit_customers: orders",
            ),
            ({"orders_with_cost": 1}, InconsistentCountsError, "more_costs_than_orders: orders_with_cost"),
            ({"goods": Money(1, "USD")}, CurrencyMismatchError, ""),
            ({"service": 5}, WrongTypeError, "wrong_type: service"),
            ({"seconds": -1}, InvalidValueError, "too_small: seconds"),
        ],
    )
    def test_counts_that_contradict(self, changes: dict[str, Any], error: type[Exception], message: str) -> None:
        """A tally built by its constructor is checked too."""
        nothing = dict.fromkeys(("revenue", "goods", "acquisition", "service"), euro(0))
        with refused(error, message):
            Buying(**dict[str, Any]({**nothing, **LAST, **changes}))

    @given(buyings())
    def test_the_callers_context_changes_nothing(self, base: Buying) -> None:
        """The results are the same under every decimal context of the caller."""

        def everything() -> list[str]:
            return [repr(base), repr(base.simple()), repr(base.explain())]

        expected = everything()
        for context in CONTEXTS:
            with localcontext(context):
                assert expected == everything()

    @given(records(purchases(customer_id=ids(), at=instants()), min_size=1, max_size=9))
    def test_scaling_money_scales_value(self, log: list[Purchase]) -> None:
        """Prices times three give a value times three."""
        tripled = [
            Purchase(customer_id=purchase.customer_id, at=purchase.at, amount=purchase.amount * 3) for purchase in log
        ]
        single, triple = (Buying.of(records, **LAST).simple(gross_margin=1) for records in (log, tripled))
        if single is None:
            assert triple is None
        else:
            assert triple is not None
            assert abs(Fraction(single.value.amount) * 3 - Fraction(triple.value.amount)) < Fraction(1, 10**25)
