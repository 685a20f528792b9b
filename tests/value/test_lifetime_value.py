from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from crmcore import Cost, DayCount, HistoricValue, Money, Purchase, Severity, TallyBy, TimeUnit, instant, lifetime_value
from crmcore.interop.hypothesis import costs, lifetime_values, purchases, spend_guards
from crmcore.primitives.errors import (
    CurrencyMismatchError,
    InconsistentCountsError,
    InvalidValueError,
    WrongTypeError,
)
from crmcore.primitives.explanation import Explanation, Term
from crmcore.value.lifetime_value import (
    Elasticity,
    LifetimeValue,
    SpendGuard,
    acquisition_cost,
    break_even_price,
    historic,
    one_time,
    orders_per_year,
    simple,
)
from tests.support.hostile import CONTEXTS
from tests.support.refusals import refused
from tests.support.replay import replay
from tests.support.strategies import decimals, modest_monies, monies, records

DAY = instant("2026-03-02")
logs = records(purchases(), max_size=15)
bills = records(costs(), max_size=15)
spends = monies(low=0, high=10**9)


def rub(amount: int | str) -> Money:
    """Make roubles."""
    return Money(amount, "RUB")


def exact(money: Money) -> Fraction:
    """Return an amount as a fraction."""
    return Fraction(money.amount)


class TestHistoric:
    @given(logs, bills)
    def test_agrees_with_an_independent_sum(self, log: list[Purchase], spent: list[Cost]) -> None:
        """Revenue and cost equal sums of exact fractions, the cost of goods included."""
        counted = historic(log, spent, currency="EUR")
        revenue = sum(exact(purchase.amount) for purchase in log)
        goods = sum(exact(purchase.cost) for purchase in log if purchase.cost)
        cost = goods + sum(exact(bill.amount) for bill in spent)

        assert (revenue, cost) == (exact(counted.revenue), exact(counted.cost))
        assert revenue - cost == exact(counted.value)

    @given(logs, bills, st.integers(0, 15))
    def test_shards_add_in_any_order(self, log: list[Purchase], spent: list[Cost], cut: int) -> None:
        """Shards of the records add up to the whole, in any order."""
        first = historic(reversed(log[:cut]), spent[cut:], currency="EUR")
        second = historic(iter(log[cut:]), spent[:cut], currency="EUR")

        assert historic(log, spent, currency="EUR") == first + second

    @given(logs, bills)
    def test_by_a_key(self, log: list[Purchase], spent: list[Cost]) -> None:
        """A row sums the records of its key, costs without a customer included, and the rows add up to the whole."""
        by = HistoricValue.by(log, lambda record: record.customer_id, costs=spent, currency="EUR")

        assert (historic(log, spent) if log or spent else None) == by.total
        for customer, row in by.items():
            assert row == historic(
                [purchase for purchase in log if purchase.customer_id == customer],
                [bill for bill in spent if bill.customer_id == customer],
                currency="EUR",
            )

    @given(records(purchases(), min_size=1, max_size=8), st.integers(0, 1000))
    def test_scaling_money_scales_value(self, log: list[Purchase], factor: int) -> None:
        """Prices times n give a value times n."""
        scaled = [
            Purchase(
                customer_id=1,
                at=purchase.at,
                amount=purchase.amount * factor,
                cost=purchase.cost and purchase.cost * factor,
            )
            for purchase in log
        ]

        assert historic(log).value * factor == historic(scaled).value

    def test_of_nothing(self) -> None:
        """Without records the value is 0 in the named currency; without a currency it is an error."""
        assert Money.zero("EUR") == historic([], currency="EUR").value
        with refused(InvalidValueError, "no_records_and_no_currency: currency"):
            historic([])
        assert TallyBy() == HistoricValue.by([], lambda record: record.id, currency="EUR")
        assert TallyBy() == HistoricValue.by([], lambda record: record.id)

    def test_only_costs(self) -> None:
        """Costs without purchases count."""
        assert rub(-5) == historic([], [Cost(amount=rub(5), at=DAY)]).value

    def test_unknown_cost_is_kept_apart(self) -> None:
        """Revenue of purchases without a known cost is apart, with a caution, and the parts add."""
        log = [
            Purchase(customer_id=1, at=DAY, amount=rub(1000), cost=rub(600)),
            Purchase(customer_id=2, at=DAY, amount=rub(500)),
            Purchase(customer_id=2, at=DAY, amount=rub(-100)),
        ]
        worth = historic(log)
        by = HistoricValue.by(log, lambda record: record.customer_id)

        assert (rub(800), rub(400), rub(400)) == (worth.value, worth.revenue_without_cost, worth.known_value)
        assert ["cost_unknown"] == [found.rule for found in worth.cautions]
        assert [(), ("cost_unknown",)] == [tuple(found.rule for found in by[key].cautions) for key in (1, 2)]
        assert worth == by.total
        replay(worth.explain())
        assert rub(0) == HistoricValue(revenue=rub(5), cost=rub(1)).revenue_without_cost
        with pytest.raises(CurrencyMismatchError):
            HistoricValue(revenue=rub(5), cost=rub(1), revenue_without_cost=Money(1, "EUR"))

    def test_currencies_do_not_mix(self) -> None:
        """Two currencies are refused between purchases, between purchases and costs, and against the named one."""
        euro = Purchase(customer_id=1, at=DAY, amount=Money(1, "EUR"))
        rouble = Purchase(customer_id=1, at=DAY, amount=rub(1))
        bill = Cost(amount=rub(1), at=DAY)
        for log, spent, currency in ([euro, rouble], [], None), ([euro], [bill], None), ([euro], [], "RUB"):
            with pytest.raises(CurrencyMismatchError):
                historic(log, spent, currency=currency)
            with pytest.raises(CurrencyMismatchError):
                HistoricValue.by(log, lambda record: record.customer_id, costs=spent, currency=currency)
        with pytest.raises(CurrencyMismatchError):
            HistoricValue(revenue=Money(1, "EUR"), cost=rub(1))
        with pytest.raises(CurrencyMismatchError):
            HistoricValue(revenue=rub(1), cost=rub(1)) + HistoricValue(revenue=Money(1, "EUR"), cost=Money(1, "EUR"))
        with refused(InvalidValueError, "not_a_currency: currency"):
            historic([], currency="euro")

    def test_a_purchase_of_your_own(self) -> None:
        """A subclass of `Purchase` is accepted; a `Cost` among purchases is not."""

        @attrs.frozen(kw_only=True)
        class Gift(Purchase):
            wrapped: bool = True

        gift = Gift(customer_id=1, at=DAY, amount=rub(5))
        assert rub(5) == historic([gift]).value
        assert rub(5) == HistoricValue.by([gift], lambda record: record.customer_id)[1].value
        bill: Any = Cost(amount=rub(1), at=DAY)
        with refused(WrongTypeError, "wrong_type: purchases[1]"):
            HistoricValue.by([gift, bill], lambda record: record.customer_id)

    def test_wrong_records_are_named(self) -> None:
        """The message names what must be purchases, costs, a key or money."""
        bill = Cost(amount=rub(1), at=DAY)
        log = Purchase(customer_id=1, at=DAY, amount=rub(1))
        with refused(WrongTypeError, "wrong_type: purchases[0]"):
            historic([bill])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "wrong_type: costs[0]"):
            historic([], [log])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "one_for_several: purchases"):
            historic(log)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "one_for_several: costs"):
            historic([], bill)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "not_a_function: key"):
            HistoricValue.by([], "customer_id")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "wrong_type: revenue"):
            HistoricValue(revenue=5, cost=rub(1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "wrong_type: cost"):
            HistoricValue(revenue=rub(5), cost=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestSimple:
    @given(
        modest_monies(),
        decimals(0, 400, places=3),
        decimals(0, 60, places=3),
        decimals(-1, 1, places=3),
        st.none() | monies(low=0, high=10**6),
        st.lists(monies(low=0, high=10**6), max_size=4),
    )
    def test_agrees_with_an_independent_sum(
        self,
        average: Money,
        orders: Decimal,
        years: Decimal,
        margin: Decimal,
        acquisition: Money | None,
        service: list[Money],
    ) -> None:
        """The value equals the formula in exact fractions, with service summed year by year."""
        lifetime, served, year = Fraction(years), Fraction(0), 0
        while service and lifetime > year:
            served += exact(service[min(year, len(service) - 1)]) * min(Fraction(1), lifetime - year)
            year += 1
        expected = exact(average) * Fraction(orders) * lifetime * Fraction(margin) - served
        worth = simple(
            average_order=average,
            orders_per_year=orders,
            years=years,
            gross_margin=margin,
            acquisition_cost=acquisition,
            service_cost=iter(service) if service else None,
        )

        assert abs(expected - (exact(acquisition) if acquisition else 0) - exact(worth.value)) < Fraction(1, 10**35)

    @given(lifetime_values(), st.integers(1, 1000))
    def test_scaling_money_scales_value(self, worth: LifetimeValue, factor: int) -> None:
        """Prices and costs times n give a value times n."""
        rows = {term.name: term.value for term in worth.explain()}

        def scaled(name: str) -> Money | None:
            return Money(f"{rows[name]:f}", "EUR") * factor if name in rows else None

        average = scaled("average_order")
        assert average is not None
        names = [name for name in rows if name.startswith("service_cost") and not name.endswith("_years")]
        again = simple(
            average_order=average,
            orders_per_year=rows["orders_per_year"] or 0,
            years=rows["years"] or 0,
            gross_margin=rows["gross_margin"] or 0,
            acquisition_cost=scaled("acquisition_cost"),
            service_cost=[money for name in names if (money := scaled(name)) is not None] or None,
        )

        assert abs(exact(worth.value) * factor - exact(again.value)) < Fraction(1, 10**30)

    def test_the_book_buyer(self) -> None:
        """The example of the source articles: 1000 times 6 times 5 is 30,000."""
        assert rub(30_000) == simple(average_order=rub(1000), orders_per_year=6, years=5).value

    def test_a_schedule_is_walked_as_other_records_are(self) -> None:
        """An array without a dimension and a mapping say that they can be walked, and are no schedule."""
        single: Any = np.array(5)
        mapping: Any = {1: rub(900)}

        with refused(WrongTypeError, "one_for_several: service_cost"):
            simple(average_order=rub(1000), orders_per_year=6, years=2, service_cost=single)
        with refused(WrongTypeError, "mapping_for_several: service_cost"):
            simple(average_order=rub(1000), orders_per_year=6, years=2, service_cost=mapping)

    def test_a_schedule_of_service_costs(self) -> None:
        """A schedule costs 900 in the first year, 500 in the second, and half of 300 in the remaining half year."""
        worth = simple(
            average_order=rub(1000), orders_per_year=6, years="2.5", service_cost=[rub(900), rub(500), rub(300)]
        )

        assert rub(15_000 - 900 - 500 - 150) == worth.value
        assert (rub(5100), rub(5500), rub(5700)) == worth.yearly

    def test_a_lifetime_shorter_than_the_schedule(self) -> None:
        """Half a year costs half of the first year's service, however long the schedule."""
        worth = simple(average_order=rub(1000), orders_per_year=6, years="0.5", service_cost=[rub(900), rub(500)])

        assert rub(3000 - 450) == worth.value

    def test_cautions(self) -> None:
        """A value without a margin or without service has a caution for each; a full one has none."""
        bare = simple(average_order=rub(1000), orders_per_year=6, years=5)
        full = simple(average_order=rub(1000), orders_per_year=6, years=5, gross_margin=0.4, service_cost=rub(500))

        assert ["revenue_not_profit", "service_cost_left_out"] == [caution.rule for caution in bare.cautions]
        assert [Severity.WARNING, Severity.INFO] == [caution.severity for caution in bare.cautions]
        assert () == full.cautions

    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            ({"average_order": 1000}, WrongTypeError, "wrong_type: average_order"),
            ({"orders_per_year": -1}, InvalidValueError, "too_small: orders_per_year"),
            ({"orders_per_year": 6.0}, WrongTypeError, "float_is_inexact: orders_per_year"),
            ({"years": "-0.5"}, InvalidValueError, "too_small: years"),
            ({"years": None}, WrongTypeError, "wrong_number_type: years"),
            ({"gross_margin": 40}, InvalidValueError, "margin_above_one: gross_margin"),
            ({"gross_margin": float("nan")}, InvalidValueError, "not_finite: gross_margin"),
            ({"acquisition_cost": rub(-1)}, InvalidValueError, ""),
            ({"acquisition_cost": 3000}, WrongTypeError, "wrong_type: acquisition_cost"),
            ({"acquisition_cost": Money(1, "EUR")}, CurrencyMismatchError, ""),
            ({"service_cost": rub(-1)}, InvalidValueError, ""),
            ({"service_cost": 500}, WrongTypeError, "wrong_type: service_cost"),
            ({"service_cost": [500]}, WrongTypeError, "wrong_type: service_cost[0]"),
            ({"service_cost": []}, InvalidValueError, "no_amount_in_schedule: service_cost"),
            ({"service_cost": "500"}, WrongTypeError, "wrong_type: service_cost"),
            ({"service_cost": [Money(1, "EUR")]}, CurrencyMismatchError, ""),
        ],
    )
    def test_refuses_nonsense(self, changes: dict[str, Any], error: type[Exception], message: str) -> None:
        """The message names the argument and says what to do."""
        values: dict[str, Any] = {"average_order": rub(1000), "orders_per_year": 6, "years": 5, **changes}
        with refused(error, message):
            simple(**values)

    def test_a_thousand_years(self) -> None:
        """Values up to 10^30 are exact, and larger ones are refused."""
        assert Money(10**30, "EUR") == simple(average_order=Money(10**25, "EUR"), orders_per_year=100, years=1000).value
        with pytest.raises(InvalidValueError, match=r"at most 10\^30"):
            simple(average_order=Money(10**30, "EUR"), orders_per_year=100, years=1000)

    @given(spend_guards())
    def test_the_callers_context_changes_nothing(self, guard: SpendGuard) -> None:
        """The results are the same under every decimal context of the caller."""

        def everything() -> list[str]:
            again = SpendGuard(worth=guard.worth, spend=guard.spend)
            return [
                repr(again),
                repr(again.explain()),
                repr(again.headroom),
                repr(again.excess),
                str(again.worth.explain()),
            ]

        expected = everything()
        for context in CONTEXTS:
            with localcontext(context):
                assert expected == everything()

    @given(lifetime_values())
    def test_elasticity_to_the_margin(self, worth: LifetimeValue) -> None:
        """The elasticity to the margin is the value without its costs over the value."""
        rows = {term.name: term.value or 0 for term in worth.explain()}
        gross = Fraction(rows["annual_value"]) * Fraction(rows["years"]) * Fraction(rows["gross_margin"])
        assert worth.elasticity is not None
        if worth.value:
            assert worth.elasticity.margin is not None
            assert (
                abs(gross / exact(worth.value) - Fraction(worth.elasticity.margin))
                <= abs(gross / exact(worth.value)) / Fraction(10) ** 20
            )
        else:
            assert worth.elasticity.margin is None
        assert (None, None) == (worth.elasticity.retention, worth.elasticity.discount)

    def test_longer_than_the_history(self) -> None:
        """A lifetime longer than the data is a caution with both numbers; one within it is not."""
        known: dict[str, Any] = {"average_order": rub(1000), "orders_per_year": 6, "gross_margin": "0.4"}
        longer, within = (
            [caution for caution in simple(**known, years=5, observed=seen).cautions if caution.subject == "years"]
            for seen in (2, 5)
        )

        assert [(("years", Decimal(5)), ("observed", Decimal(2)))] == [caution.evidence for caution in longer]
        assert [] == within
        with refused(InvalidValueError, "too_small: observed"):
            simple(**known, years=5, observed=-1)


class TestOneTime:
    @given(monies(low=0, high=10**6), decimals(-1, 1, places=3), monies(low=0, high=100), monies(low=0, high=100))
    def test_is_the_order_net_of_costs(self, order: Money, margin: Decimal, won: Money, served: Money) -> None:
        """The value is the margin of the order less the costs, and the explanation agrees."""
        worth = one_time(order=order, gross_margin=margin, acquisition_cost=won, service_cost=served)

        assert order * margin - won - served == worth.value
        assert Decimal(0) == worth.years
        replay(worth.explain())

    def test_alone(self) -> None:
        """Without other figures the value is the order, and the cautions list what is left out."""
        worth = one_time(order=rub(1000))

        assert rub(1000) == worth.value
        assert ["revenue_not_profit", "service_cost_left_out"] == [caution.rule for caution in worth.cautions]
        with refused(WrongTypeError, "wrong_type: order"):
            one_time(order=1000)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(InvalidValueError, match="service_cost must be >= 0"):
            one_time(order=rub(1), service_cost=rub(-1))


class TestFigures:
    def test_orders_per_year(self) -> None:
        """Orders a year follow from the time between orders, in every unit with a fixed ratio to a year."""
        assert Decimal(6) == orders_per_year(2)
        assert Decimal(2) == orders_per_year(2, TimeUnit.QUARTER)
        assert Decimal("36.5") == orders_per_year(10, TimeUnit.DAY, day_count=DayCount.ACTUAL_365)
        for every, unit, error, message in (
            (0, TimeUnit.MONTH, InvalidValueError, "not_positive: every"),
            (2.0, TimeUnit.MONTH, WrongTypeError, "float_is_inexact: every"),
            (2, "month", WrongTypeError, "not_a_member: unit"),
            (10, TimeUnit.DAY, InvalidValueError, ""),
        ):
            with refused(error, message):
                orders_per_year(every, unit)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    def test_acquisition_cost(self) -> None:
        """The cost is the spend over the customers it won; None if there are none."""
        assert rub(500) == acquisition_cost(spend=rub(50_000), new_customers=100)
        assert acquisition_cost(spend=rub(50_000), new_customers=0) is None
        with pytest.raises(InvalidValueError, match="spend must be >= 0"):
            acquisition_cost(spend=rub(-1), new_customers=1)
        with refused(WrongTypeError, "wrong_type: spend"):
            acquisition_cost(spend=5, new_customers=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "wrong_number_type: new_customers"):
            acquisition_cost(spend=rub(1), new_customers=1.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    @given(
        monies("RUB", low=0, high=10**6),
        decimals(0, 400, places=3),
        decimals(0, 60, places=3),
        decimals(-1, 1, places=3),
        st.none() | st.lists(monies("RUB", low=0, high=1000), min_size=1, max_size=3),
    )
    def test_break_even_price_substituted_back(
        self, target: Money, orders: Decimal, years: Decimal, margin: Decimal, service: list[Money] | None
    ) -> None:
        """The value at that price is the target; None if no price reaches it."""
        known: dict[str, Any] = {
            "orders_per_year": orders,
            "years": years,
            "gross_margin": margin,
            "service_cost": service,
        }
        try:
            price = break_even_price(target=target, **known)
        except InvalidValueError:
            assert orders * years * margin < Decimal("1E-5")
            return
        if price is None:
            assert not (orders and years and margin > 0)
        else:
            value = simple(average_order=price, **known).value
            assert abs(exact(value) - exact(target)) < Fraction(1, 10**25)

    def test_break_even_price_refuses_nonsense(self) -> None:
        """The target must be money in the currency of the costs."""
        with refused(WrongTypeError, "wrong_type: target"):
            break_even_price(target=5, orders_per_year=1, years=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(CurrencyMismatchError):
            break_even_price(target=rub(5), orders_per_year=1, years=1, service_cost=Money(1, "EUR"))


class TestLifetimeValue:
    def test_cautions_travel_into_ratios(self) -> None:
        """A ratio or a change of values has their cautions, each once."""
        worth = lifetime_value.simple(average_order=rub(1000), orders_per_year=6, years=5)

        assert worth.cautions == worth.ratio_to(rub(40_000)).cautions
        assert worth.cautions == worth.change_from(worth).cautions
        assert worth.cautions == worth.change_from(LifetimeValue(value=rub(1))).cautions

    def test_change_from(self) -> None:
        """The relative change is over the earlier value; None if that is 0."""
        two, three = LifetimeValue(value=rub(2)), LifetimeValue(value=rub(3))

        assert Decimal("0.5") == three.change_from(two).value
        assert two.change_from(LifetimeValue(value=rub(0))).value is None
        with pytest.raises(CurrencyMismatchError):
            two.change_from(LifetimeValue(value=Money(1, "EUR")))
        with refused(WrongTypeError, "wrong_type: before"):
            two.change_from(rub(2))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    def test_a_figure_from_elsewhere(self) -> None:
        """A figure computed elsewhere has a guard and a ratio, but no years."""
        worth = LifetimeValue(value=rub(30_000))
        guard = worth.guard(rub(40_000))

        assert (False, rub(10_000), None, None) == (
            guard.allowed,
            guard.excess,
            guard.years_needed,
            guard.extra_years_needed,
        )
        assert Decimal("0.75") == worth.ratio_to(rub(40_000)).value
        assert worth.ratio_to(rub(0)).value is None

    def test_the_ratio_is_that_before_the_acquisition_cost(self) -> None:
        """A value that is net of the acquisition cost gives the same ratio as one that is not."""
        inputs: dict[str, Any] = {"average_order": rub(1000), "orders_per_year": 6, "years": 5}
        gross, net = simple(**inputs), simple(**inputs, acquisition_cost=rub(10_000))

        assert Decimal(3) == gross.ratio_to(rub(10_000)).value == net.ratio_to(rub(10_000)).value

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"value": 5}, WrongTypeError, "wrong_type: value"),
            ({"years": -1}, InvalidValueError, "too_small: years"),
            ({"acquisition_cost": 5}, WrongTypeError, "wrong_type: acquisition_cost"),
            ({"acquisition_cost": Money(1, "EUR")}, CurrencyMismatchError, ""),
            ({"yearly": [5]}, WrongTypeError, "wrong_type: yearly[0]"),
            ({"yearly": [Money(1, "EUR")]}, CurrencyMismatchError, ""),
            ({"residual": 5}, WrongTypeError, "wrong_type: residual"),
            ({"residual": Money(1, "EUR")}, CurrencyMismatchError, ""),
            ({"truncated": 1}, WrongTypeError, "wrong_type: truncated"),
            ({"elasticity": 1}, WrongTypeError, "wrong_type: elasticity"),
            ({"cautions": ["careful"]}, WrongTypeError, "wrong_type: cautions[0]"),
            ({"explanation": "because"}, WrongTypeError, "wrong_type: explanation"),
            ({"explanation": Explanation([])}, InconsistentCountsError, "explained_another_value: explanation"),
            (
                {"explanation": Explanation([Term("value", 2)])},
                InconsistentCountsError,
                "explained_another_value: explanation",
            ),
        ],
    )
    def test_refuses_nonsense(self, values: dict[str, Any], error: type[Exception], message: str) -> None:
        """A record built by its constructor is checked too."""
        with refused(error, message):
            LifetimeValue(**dict[str, Any]({"value": rub(1), **values}))


class TestElasticity:
    @pytest.mark.parametrize("name", ["margin", "retention", "churn", "discount"])
    def test_is_a_number(self, name: str) -> None:
        """An elasticity is a finite, exact number or None."""
        for wrong, rule in (
            (float("nan"), "not_finite"),
            (0.5, "float_is_inexact"),
            ("x", "not_a_number"),
            (Decimal("inf"), "not_finite"),
        ):
            with refused(ValueError, f"{rule}: {name}"):
                Elasticity(**{name: wrong})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        assert Elasticity() == Elasticity(**dict[str, Any]({name: None}))


class TestSpendGuard:
    def test_cautions(self) -> None:
        """A spend equal to the value, and an acquisition cost that is already counted, are cautions."""
        worth = simple(
            average_order=rub(1000),
            orders_per_year=6,
            years=5,
            gross_margin="0.4",
            acquisition_cost=rub(2000),
            service_cost=rub(400),
        )

        assert rub(8000) == worth.value
        assert ["spend_equals_value", "acquisition_cost_counted"] == [c.rule for c in worth.guard(rub(8000)).cautions]
        assert ["acquisition_cost_counted"] == [c.rule for c in worth.guard(rub(7999)).cautions]
        assert () == worth.guard(rub(0)).cautions

    @given(lifetime_values(), spends)
    def test_splits_the_difference(self, worth: LifetimeValue, spend: Money) -> None:
        """A spend is allowed if the value covers it; headroom less excess is value less spend, and one is 0."""
        guard = worth.guard(spend)

        assert (worth.value >= spend) == guard.allowed == bool(guard)
        assert worth.value - spend == guard.headroom - guard.excess
        assert not (guard.headroom and guard.excess)
        assert guard.headroom.amount >= 0
        assert guard.excess.amount >= 0
        assert guard.allowed == (not guard.excess)

    @given(spend_guards())
    def test_after_the_years_needed_it_is_paid(self, guard: SpendGuard) -> None:
        """What the customer brings in the years needed equals what is owed, by an independent sum."""
        needed = guard.years_needed
        owed = exact(guard.spend) + (exact(guard.worth.acquisition_cost) if guard.worth.acquisition_cost else 0)
        yearly = [exact(money) for money in guard.worth.yearly]
        if needed is None:
            assert owed > 0
            assert yearly[-1] <= 0
            return
        assume(needed < 10**6)
        full, part = divmod(Fraction(needed), 1)
        first = yearly[: len(yearly) - 1][: int(full)]
        earned = sum(first, Fraction(0)) + (int(full) - len(first)) * yearly[-1]
        earned += part * (yearly[int(full)] if full < len(yearly) else yearly[-1])

        assert abs(earned - owed) <= Fraction(1, 10**20) * max(Fraction(1), owed)

    def test_equality_is_allowed(self) -> None:
        """A spend equal to the value is allowed; a kopeck more is not."""
        worth = LifetimeValue(value=rub(30_000))

        assert worth.guard(rub(30_000)).allowed
        assert not worth.guard(rub("30000.01")).allowed

    def test_the_book_buyer_again(self) -> None:
        """40,000 takes 20/3 years, 5/3 more than the five; 12,000 leaves 18,000."""
        worth = simple(average_order=rub(1000), orders_per_year=6, years=5)
        guard = worth.guard(rub(40_000))

        assert Decimal("6.666666666666666666666666666666667") == guard.years_needed
        assert Decimal("1.666666666666666666666666666666667") == guard.extra_years_needed
        assert rub(18_000) == worth.guard(rub(12_000)).headroom
        assert Decimal(0) == worth.guard(rub(12_000)).extra_years_needed
        assert ["value", "spend", "headroom", "excess", "year_1", "years_needed"] == [
            term.name for term in guard.explain()
        ]
        assert "spend / year_1" == guard.explain()["years_needed"].formula

    def test_service_that_eats_the_first_years(self) -> None:
        """A year that costs more than it brings adds to what is owed."""
        worth = simple(average_order=rub(1000), orders_per_year=6, years=5, service_cost=[rub(9000), rub(1000)])

        assert (
            Decimal("2.6") == worth.guard(rub(5000)).years_needed
        )  # owed 5000 + 3000 after year one, then 5000 a year

    def test_the_rest_of_a_year_that_has_begun(self) -> None:
        """After a year and a half the second year brings half of 6000, and the third 3000, half of which is needed."""
        worth = simple(
            average_order=rub(1000), orders_per_year=6, years="1.5", service_cost=[rub(0), rub(0), rub(3000)]
        )

        assert (rub(9000), Decimal(1)) == (worth.value, worth.guard(rub(13_500)).extra_years_needed)

    def test_later_years_may_eat_it_again(self) -> None:
        """`extra_years_needed` is None if later years undo the recovery, because a longer stay does not help."""
        worth = simple(average_order=rub(10), orders_per_year=12, years=5, service_cost=[rub(20), rub(60), rub(200)])
        guard = worth.guard(rub(150))

        assert (False, rub(230)) == (guard.allowed, guard.excess)
        assert Decimal(1) + Decimal(5) / 6 - guard.years_needed < Decimal("1E-20") if guard.years_needed else False
        assert guard.extra_years_needed is None

    def test_the_record_in_another_currency_is_named(self) -> None:
        """The message names the kind and the instant of the record in another currency."""
        log = [Purchase(customer_id=1, at=DAY, amount=rub(1))]
        bill = Cost(amount=Money(1, "EUR"), at=DAY)
        with refused(CurrencyMismatchError, "records_in_two_currencies: costs[0]"):
            historic(log, [bill])
        with refused(CurrencyMismatchError, "records_in_two_currencies: purchases[0]"):
            historic(log, currency="EUR")
        mixed = [*log, *log, Purchase(customer_id=2, at=DAY, amount=Money(1, "EUR")), *log]
        for count in (historic, lambda records: HistoricValue.by(records, lambda record: record.customer_id)):
            with refused(CurrencyMismatchError, "records_in_two_currencies: purchases[2]"):
                count(mixed)

    def test_never(self) -> None:
        """A customer with later years below 0 never recovers the spend, unless the first year does, or it is 0."""
        worth = simple(average_order=rub(1000), orders_per_year=6, years=5, service_cost=[rub(5000), rub(6000)])

        assert worth.guard(rub(2000)).years_needed is None
        assert worth.guard(rub(2000)).extra_years_needed is None
        assert Decimal(1) == worth.guard(rub(1000)).years_needed
        assert Decimal(0) == worth.guard(rub(0)).years_needed

    @pytest.mark.parametrize(
        ("spend", "error", "message"),
        [
            (rub(-1), InvalidValueError, ""),
            (40_000, WrongTypeError, "wrong_type: spend"),
            (Money(1, "EUR"), CurrencyMismatchError, ""),
        ],
    )
    def test_refuses_nonsense(self, spend: Any, error: type[Exception], message: str) -> None:
        """A spend is money >= 0 in the value's currency."""
        with refused(error, message):
            LifetimeValue(value=rub(1)).guard(spend)
        with refused(WrongTypeError, "wrong_type: worth"):
            SpendGuard(worth=rub(1), spend=rub(1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
