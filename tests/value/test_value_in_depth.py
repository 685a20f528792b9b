from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import exp
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    CashFlow,
    CustomerEquity,
    Discount,
    FirstMargin,
    LifecycleStage,
    Money,
    ProfitCurve,
    Retention,
    Survival,
    TimeUnit,
    ValueMix,
    cashflow,
    lifetime_value,
)
from crmcore.interop.hypothesis import monies, shares
from crmcore.primitives.errors import (
    CurrencyMismatchError,
    DivergenceError,
    InconsistentCountsError,
    InvalidValueError,
    UnknownNameError,
    WrongTypeError,
)
from crmcore.value.cashflow import InternalRate
from crmcore.value.lifetime_value import LifetimeValue, SurvivalValue
from tests.support.refusals import refused
from tests.support.replay import replay

YEARLY = Discount("0.2", TimeUnit.YEAR)
PEOPLE = 40_000
rates = st.decimals(0, 1, places=3).map(lambda rate: Discount(rate, TimeUnit.YEAR))
modest = monies(low=-1000, high=1000)
costs = monies(low=0, high=100)


def euro(amount: int | str) -> Money:
    """Make euros."""
    return Money(amount, "EUR")


def near(money: Money, number: float, tolerance: float) -> bool:
    """Whether an amount is near a simulated mean."""
    return abs(float(money.amount) - number) <= tolerance


def changed(asked: Any, **fields: Any) -> dict[str, Any]:
    """Change some arguments."""
    return {**asked, **fields}


class TestPromoted:
    ASKED: ClassVar[Any] = {
        "margin": euro(260),
        "promotion": euro(50),
        "retention": "0.75",
        "discount": YEARLY,
        "years": 10,
    }

    @pytest.mark.parametrize(("several", "long"), [(1, 1), (2, 1), (1, 3)])
    def test_simulation(self, several: int, long: int) -> None:
        """The value is the mean of customers followed one by one."""
        random, total, years = Random(7), 0.0, 9
        for _ in range(PEOPLE):
            number = years * several // long
            for cycle in range(number + 1):
                at = cycle * long / several
                total += 100 / 1.1**at
                if cycle < number:
                    total -= 20 / 1.1 ** (at + long / several / 2)
                if random.random() >= 0.7:
                    break
        worth = lifetime_value.promoted(
            margin=euro(100),
            promotion=euro(20),
            retention="0.7",
            discount=Discount("0.1", TimeUnit.YEAR),
            years=years,
            cycles_per_year=several,
            years_per_cycle=long,
        )

        assert near(worth.value, total / PEOPLE, 3)

    def test_published_case(self) -> None:
        """The insurance of the paper."""
        assert lifetime_value.promoted(**self.ASKED).value.quantized() == euro("568.78")

    def test_yearly_promotions(self) -> None:
        """With one cycle a year both readings agree; with long cycles, a yearly promotion costs more often."""
        yearly = lifetime_value.promoted(**self.ASKED, promoted_yearly=True)
        long = changed(self.ASKED, years=9, years_per_cycle=3, retention="0.5")
        by_hand = sum(50 * 0.5 ** (year // 3) / 1.2 ** (year + 0.5) for year in range(9))
        margins = sum(260 * 0.5**cycle / 1.2 ** (3 * cycle) for cycle in range(4))

        assert yearly.value == lifetime_value.promoted(**self.ASKED).value
        assert near(lifetime_value.promoted(**long, promoted_yearly=True).value, margins - by_hand, 1e-9)

    @given(modest, costs, shares(), rates, st.integers(0, 6))
    def test_sum_term_by_term(
        self, margin: Money, promotion: Money, kept: Decimal, discount: Discount, years: int
    ) -> None:
        """The closed form is the sum of its terms."""
        worth = lifetime_value.promoted(
            margin=margin, promotion=promotion, retention=kept, discount=discount, years=years
        )
        carried, due = float(kept) / (1 + float(discount.rate)), 1 + float(discount.rate)
        margins = sum(float(margin.amount) * carried**cycle for cycle in range(years + 1))
        paid = sum(float(promotion.amount) * carried**cycle / due**0.5 for cycle in range(years))

        assert near(worth.value, margins - paid, 1e-6)
        replay(worth.explain())

    def test_edges(self) -> None:
        """No year leaves the first margin, and a retention of 1 without discount adds all of them."""
        free = Discount(0, TimeUnit.YEAR)

        assert lifetime_value.promoted(**changed(self.ASKED, years=0)).value == euro(260)
        assert lifetime_value.promoted(**changed(self.ASKED, retention=1, discount=free)).value == euro(2360)
        assert near(lifetime_value.promoted(**changed(self.ASKED, retention=0)).value, 260 - 50 / 1.2**0.5, 1e-9)

    def test_refusals(self) -> None:
        """The horizon is a whole number of cycles, and the discount is per year."""
        with refused(InvalidValueError, "years_not_whole_cycles: years"):
            lifetime_value.promoted(**self.ASKED, years_per_cycle=3)
        with refused(InvalidValueError, "discount_not_yearly: discount"):
            lifetime_value.promoted(**changed(self.ASKED, discount=Discount("0.2", TimeUnit.MONTH)))
        with refused(CurrencyMismatchError, ": promotion"):
            lifetime_value.promoted(**changed(self.ASKED, promotion=Money(1, "USD")))


class TestProfitCurve:
    CURVE = ProfitCurve(start=euro(20), growth=euro(4), turn=Decimal(5), rise=euro(300))
    ASKED: ClassVar[Any] = {"retention": Retention("0.75", TimeUnit.YEAR), "discount": YEARLY}

    @pytest.mark.parametrize("periods", [0, 3, 5, 8])
    def test_integral(self, periods: int) -> None:
        """The continuous value is the limit of fine sums (Simpson's rule)."""
        steps = 4000
        width = periods / steps

        def flow(age: float) -> float:
            early = min(age, 5.0)
            profit = 4 * early**2 + 20 + (300 * (1 - exp(5 - age)) if age > 5 else 0)
            return float(profit * 0.625**age)

        weights = [1 if place in {0, steps} else 4 if place % 2 else 2 for place in range(steps + 1)]
        by_hand = sum(weight * flow(place * width) for place, weight in enumerate(weights)) * width / 3
        value = self.CURVE.value(**self.ASKED, periods=periods, continuous=True).value

        assert near(value, by_hand, 1e-3)

    def test_sum(self) -> None:
        """The value is the sum of the profits of each age."""
        by_hand = sum(float(self.CURVE.at(age).amount) * 0.625**age for age in range(9))

        assert near(self.CURVE.value(**self.ASKED, periods=8).value, by_hand, 1e-9)

    def test_nothing_lost(self) -> None:
        """Without discount and loss, the integral is that of the profit itself; if none is kept, it is 0."""
        asked: Any = {"discount": Discount(0, TimeUnit.YEAR), "periods": 3, "continuous": True}
        kept, lost = Retention(1, TimeUnit.YEAR), Retention(0, TimeUnit.YEAR)

        assert self.CURVE.value(retention=kept, **asked).value == euro(96)
        assert self.CURVE.value(retention=lost, **asked).value == euro(0)
        assert self.CURVE.explain()["ceiling"].value == 420
        replay(self.CURVE.explain())


class TestMigration:
    CHANCES = ("0.3", "0.2", "0.15", "0.05")

    @pytest.mark.parametrize("everyone", [False, True])
    def test_simulation(self, everyone: bool) -> None:
        """The value is the mean of customers followed one by one."""
        random, total = Random(3), 0.0
        for _ in range(PEOPLE):
            total += 40
            ago = 1
            for period in range(1, 7):
                if ago > 4:
                    break
                if everyone or ago == 1:
                    total -= 4 / 1.2 ** (period - 0.5)
                if random.random() < float(self.CHANCES[ago - 1]):
                    total += 40 / 1.2**period
                    ago = 1
                else:
                    ago += 1
        worth = lifetime_value.migration(
            margin=euro(40),
            promotion=euro(4),
            repurchase=self.CHANCES,
            discount=YEARLY,
            periods=6,
            promote_to_all=everyone,
        )

        assert near(worth.value, total / PEOPLE, 0.6)
        replay(worth.explain())

    def test_buyers(self) -> None:
        """The expected buyers are those of the recursion."""
        found = lifetime_value.expected_buyers(self.CHANCES, periods=4)

        assert found == tuple(map(Decimal, ("1", "0.3", "0.23", "0.195", "0.1397")))
        assert lifetime_value.expected_buyers([], periods=2) == (Decimal(1), Decimal(0), Decimal(0))
        with refused(InvalidValueError, ": repurchase[1]"):
            lifetime_value.expected_buyers(["0.3", "1.1"], periods=1)


class TestMarkov:
    @given(st.lists(shares(), min_size=1, max_size=4), modest, costs, rates)
    def test_power_series(self, chances: list[Decimal], margin: Money, cost: Money, discount: Discount) -> None:
        """The values are those of the discounted rewards, period by period."""
        lost = len(chances) + 1
        moves: dict[int, dict[int, Any]] = {
            ago: {1: chance, ago + 1: 1 - chance} for ago, chance in enumerate(chances, 1)
        }
        moves[lost] = {lost: 1}
        rewards = {1: margin - cost, **dict.fromkeys(range(2, lost), -cost), lost: euro(0)}
        if discount.rate < Decimal("0.05"):
            discount = Discount("0.05", TimeUnit.YEAR)
        values = lifetime_value.state_values(moves, rewards, discount=discount)
        paid = {state: float(reward.amount) for state, reward in rewards.items()}
        series = dict.fromkeys(moves, 0.0)
        for _ in range(700):
            series = {
                state: paid[state] + sum(float(p) * series[to] for to, p in row.items()) / (1 + float(discount.rate))
                for state, row in moves.items()
            }

        assert all(near(values[state].value, series[state], 1e-4) for state in moves)
        for worth in values.values():
            replay(worth.explain())

    def test_lifecycle_stages(self) -> None:
        """Stages of the lifecycle are states as well."""
        build, loyal, ended = LifecycleStage.EXPANSION, LifecycleStage.COMMITMENT, LifecycleStage.DISSOLUTION
        values = lifetime_value.state_values(
            {build: {loyal: "0.5", ended: "0.5"}, loyal: {loyal: "0.9", ended: "0.1"}, ended: {ended: 1}},
            {build: euro(10), loyal: euro(100), ended: euro(0)},
            discount=Discount("0.1", TimeUnit.YEAR),
        )

        assert values[loyal].value == euro(550)
        assert values[build].value == euro(260)
        assert values[ended].explain()["value"].value == 0

    def test_without_discount(self) -> None:
        """Without a discount the sum is finite if customers end where nothing is brought."""
        free = Discount(0, TimeUnit.YEAR)
        values = lifetime_value.state_values(
            {"in": {"in": "0.75", "out": "0.25"}, "out": {"out": 1}}, {"in": euro(1), "out": euro(0)}, discount=free
        )

        assert [worth.value for worth in values.values()] == [euro(4), euro(0)]
        for worth in values.values():
            replay(worth.explain())
        with refused(DivergenceError, "customers_stay_for_ever: discount"):
            lifetime_value.state_values({"in": {"in": 1}}, {"in": euro(1)}, discount=free)
        assert lifetime_value.state_values({}, {}, discount=free) == {}

    def test_refusals(self) -> None:
        """Shares add up to 1, and every state has a row and a reward."""
        with refused(InvalidValueError, "shares_of_a_state_not_one: transitions['a']"):
            lifetime_value.state_values({"a": {"a": "0.5"}}, {"a": euro(1)}, discount=YEARLY)
        with refused(UnknownNameError, "state_without_transitions: transitions['a']"):
            lifetime_value.state_values({"a": {"b": 1}}, {"a": euro(1)}, discount=YEARLY)
        with refused(UnknownNameError, "state_without_reward: rewards['b']"):
            lifetime_value.state_values({"a": {"a": 1}}, {"a": euro(1), "b": euro(1)}, discount=YEARLY)
        with refused(WrongTypeError, "wrong_type: rewards"):
            lifetime_value.state_values({"a": {"a": 1}}, {"a": 1}, discount=YEARLY)  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
        with refused(CurrencyMismatchError, "two_currencies: rewards['b']"):
            lifetime_value.state_values(
                {"a": {"a": 1}, "b": {"b": 1}}, {"a": euro(1), "b": Money(1, "USD")}, discount=YEARLY
            )
        with refused(InvalidValueError, "discount_below_zero: discount"):
            lifetime_value.state_values({"a": {"a": 1}}, {"a": euro(1)}, discount=Discount("-0.1", TimeUnit.YEAR))


class TestEquity:
    BASE = ValueMix.of({"small": (100, euro(120)), "lossy": (10, euro(-30))})

    def test_existing_and_future(self) -> None:
        """Later cohorts count less, and losing segments lower the sum."""
        equity = CustomerEquity.of(
            self.BASE,
            acquired=[(10, euro(11)), (20, LifetimeValue(value=euro(121)))],
            discount=Discount("0.1", TimeUnit.YEAR),
        )

        assert (equity.existing_value, equity.future_value) == (euro(11_700), euro(2100))
        assert equity.value == euro(13_800)
        assert equity.explain()["value"].value == 13_800
        assert equity.existing.losing == ("lossy",)
        replay(equity.explain())

    def test_nothing(self) -> None:
        """Of no customers, now or later, nothing is known, not even the currency."""
        nothing: CustomerEquity[str] = CustomerEquity.of(ValueMix.of({}))

        assert (nothing.value, nothing.future_value, nothing.explain()["value"].value) == (None, None, None)
        today = CustomerEquity.of(self.BASE)
        assert (today.value, today.explain()["value"].value) == (euro(11_700), 11_700)
        replay(today.explain())
        with refused(InvalidValueError, "future_without_discount: discount"):
            CustomerEquity.of(self.BASE, acquired=[(1, euro(1))])

    def test_cost_by_tenure(self) -> None:
        """Acquisition is spread over the tenure."""
        found = lifetime_value.cost_by_tenure(acquisition_cost=euro(300), service_cost=euro(100), years=3)

        assert found == (euro(400), euro(250), euro(200))
        with refused(InvalidValueError, ": acquisition_cost"):
            lifetime_value.cost_by_tenure(acquisition_cost=euro(-1), service_cost=euro(100), years=3)


class TestSurvival:
    ASKED: ClassVar[Any] = {"margin": euro(100), "discount": Discount("0.1", TimeUnit.YEAR)}

    @given(shares(), st.sampled_from(FirstMargin), st.integers(1, 6))
    def test_constant_curve(self, kept: Decimal, form: FirstMargin, periods: int) -> None:
        """A curve of one rate has the value of that rate in each form."""
        curve = [Fraction(kept) ** period for period in range(periods + 1)]
        found = lifetime_value.from_survival(
            **self.ASKED, survival=[Decimal(one.numerator) / one.denominator for one in curve], first_margin=form
        )
        constant = lifetime_value.constant_retention(
            **self.ASKED,
            retention=Retention(kept, TimeUnit.YEAR),
            first_margin=form,
            periods=periods + (form is not FirstMargin.EXCLUDED),
        )

        assert near(found.value, float(constant.value.amount), 1e-6)
        assert found.difference is not None
        assert near(found.difference, 0, 1e-6)
        replay(found.explain())
        replay(found.worth.explain())

    def test_curve_of_leavers(self) -> None:
        """If the weak leave first, one rate with the same end is worth more."""
        found = lifetime_value.from_survival(
            **self.ASKED,
            survival=[1, "0.5", "0.45", "0.4"],
            first_margin=FirstMargin.INCLUDED,
            acquisition_cost=euro(50),
        )

        assert found.worth.acquisition_cost == euro(50)
        assert found.difference is not None
        assert found.difference < euro(0)
        assert found.explain()["difference"].value == found.difference.amount

    def test_start_alone(self) -> None:
        """A curve without a period has no rate to compare with."""
        found = lifetime_value.from_survival(**self.ASKED, survival=[1], first_margin=FirstMargin.EXCLUDED)

        assert (found.value, found.constant_value, found.difference) == (euro(0), None, None)
        assert found.explain()["value"].value == 0
        paid = lifetime_value.from_survival(
            **self.ASKED, survival=[1], first_margin=FirstMargin.EXCLUDED, acquisition_cost=euro(5)
        )
        assert paid.value == euro(-5)

    def test_none_left(self) -> None:
        """A curve that ends at 0 has the constant rate 0."""
        found = lifetime_value.from_survival(**self.ASKED, survival=[1, "0.5", 0], first_margin=FirstMargin.INCLUDED)

        assert found.retention == Retention(0, TimeUnit.YEAR)
        assert found.constant_value == euro(100)

    @given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=9), st.booleans())
    def test_estimated_curve(self, lifetimes: list[tuple[int, bool]], has_unit: bool) -> None:
        """An estimated curve counts as its shares at whole units, as far as it is known; all are there at the start."""
        lengths, ended = zip(*lifetimes, strict=True)
        curve = Survival.of_durations(lengths, ended, unit=TimeUnit.YEAR if has_unit else None)
        known = [share for time in range(1, max(lengths) + 1) if (share := curve.at(time).survival) is not None]

        asked: Any = {**self.ASKED, "first_margin": FirstMargin.INCLUDED}
        plain = lifetime_value.from_survival(**asked, survival=[1, *known])
        read = lifetime_value.from_survival(**asked, survival=curve)
        assert (plain.value, plain.constant_value) == (read.value, read.constant_value)
        unknown = [] if has_unit else ["curve_without_unit"]
        assert [*unknown, "counted_to_a_horizon"] == [caution.rule for caution in read.cautions]
        assert ["counted_to_a_horizon"] == [caution.rule for caution in plain.cautions]

    def test_estimated_curves_that_are_refused(self) -> None:
        """The discount is per the unit of the curve; a curve of nothing or of too many periods has no value."""
        asked: Any = {**self.ASKED, "first_margin": FirstMargin.INCLUDED}
        monthly = Survival.of_durations([1, 2], unit=TimeUnit.MONTH)
        with refused(InvalidValueError, "curve_in_another_unit: discount") as caught:
            lifetime_value.from_survival(**asked, survival=monthly)
        assert "write discount.to(TimeUnit.MONTH)" == caught.value.advice
        with refused(InvalidValueError, "no_lifetimes: None"):
            lifetime_value.from_survival(**asked, survival=Survival.of_durations([]))
        with refused(InvalidValueError, "too_many_to_make: survival"):
            lifetime_value.from_survival(**asked, survival=Survival.of_durations([10**6]))
        with refused(WrongTypeError, ": survival"):
            lifetime_value.from_survival(**changed(asked, survival=1))

    def test_refusals(self) -> None:
        """A curve begins with 1 and does not rise."""
        asked: Any = {**self.ASKED, "first_margin": FirstMargin.INCLUDED}
        with refused(InvalidValueError, "curve_does_not_begin_with_one: survival"):
            lifetime_value.from_survival(**asked, survival=["0.9"])
        with refused(InvalidValueError, "curve_does_not_begin_with_one: survival"):
            lifetime_value.from_survival(**asked, survival=[])
        with refused(InvalidValueError, "curve_rises: survival[2]"):
            lifetime_value.from_survival(**asked, survival=[1, "0.5", "0.6"])
        with refused(InvalidValueError, "no_margin: margin"):
            lifetime_value.from_survival(**changed(asked, margin=[]), survival=[1])
        with refused(WrongTypeError, "wrong_type: margin"):
            lifetime_value.from_survival(**changed(asked, margin=20.0), survival=[1])
        with refused(CurrencyMismatchError, "two_currencies: margin[1]"):
            lifetime_value.from_survival(**changed(asked, margin=[euro(1), Money(1, "USD")]), survival=[1])
        with refused(InconsistentCountsError, "constant_value_without_rate: retention"):
            SurvivalValue(worth=LifetimeValue(value=euro(1)), retention=Retention(1, TimeUnit.YEAR))


class TestInternalRate:
    DAY = date(2026, 1, 1)

    def flows(self, *amounts: int) -> list[CashFlow]:
        """Make flows a year apart."""
        return [CashFlow(self.DAY + timedelta(365 * year), euro(amount)) for year, amount in enumerate(amounts)]

    @given(st.lists(st.integers(0, 10**6), min_size=1, max_size=5).filter(any), st.integers(1, 10**6))
    def test_the_value_is_zero_at_the_rate(self, back: list[int], paid: int) -> None:
        """An investment has one rate, at which its value is 0."""
        flows = self.flows(-paid, *back)
        found = cashflow.internal_rate(flows)

        assert found.sign_changes == 1
        if found.discount is not None:  # else it lies beyond what is searched
            assert near(cashflow.npv(flows, discount=found.discount).value, 0, 1e-9)

    def test_several_rates(self) -> None:
        """Flows that change sign twice may have two rates, and then none is right."""
        found = cashflow.internal_rate(self.flows(-100, 230, -132))

        assert [rate.rate for rate in found.rates] == [Decimal("0.1"), Decimal("0.2")]
        assert (found.discount, found.value, found.sign_changes) == (None, None, 2)
        assert [("several_internal_rates", "rates")] == [(caution.rule, caution.subject) for caution in found.cautions]

    def test_no_rate(self) -> None:
        """All paid, nothing at all, or flows that cancel on a day: no rate."""
        again = [*self.flows(-5), *self.flows(5)]

        assert cashflow.internal_rate(self.flows(-5, -5)).rates == ()
        assert cashflow.internal_rate([]) == cashflow.internal_rate(again) == InternalRate(rates=[], sign_changes=0)
        assert cashflow.internal_rate(self.flows(-5, 5)).value == 0
        assert cashflow.internal_rate(self.flows(-5, 5)).cautions == ()
        assert InternalRate(rates=[Discount("0.1", TimeUnit.YEAR)], sign_changes=1).value == Decimal("0.1")

    def test_refusals(self) -> None:
        """All flows have one currency, and each rate needs a change of sign."""
        with refused(CurrencyMismatchError, "two_currencies: flows[1]"):
            cashflow.internal_rate([*self.flows(-5), CashFlow(self.DAY, Money(5, "USD"))])
        with refused(InconsistentCountsError, "more_rates_than_sign_changes: rates"):
            InternalRate(rates=[Discount("0.1", TimeUnit.YEAR)], sign_changes=0)
