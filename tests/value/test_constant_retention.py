from __future__ import annotations

from datetime import date
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, strategies as st

from crmcore import DayCount, Discount, FirstMargin, Money, Retention, TimeUnit
from crmcore.primitives.errors import CurrencyMismatchError, DivergenceError, InvalidValueError, WrongTypeError
from crmcore.value.cashflow import npv, npv_periodic
from crmcore.value.lifetime_value import (
    Elasticity,
    LifetimeValue,
    break_even_margin,
    break_even_retention,
    constant_retention,
    expected_flows,
    from_churn,
    residual,
)
from tests.support.hostile import CONTEXTS
from tests.support.refusals import refused
from tests.support.replay import replay
from tests.support.strategies import decimals, monies, shares

FORMS = st.sampled_from(FirstMargin)
margins = monies(low=-(10**6), high=10**6)
gains = monies(low=1, high=10**6)
discounts = decimals(0, 2, places=6)
positive_discounts = discounts.filter(bool)
growths = decimals(-1, 1, places=3)
horizons = st.integers(0, 40)


def euro(amount: Decimal | int | str) -> Money:
    """Make euros."""
    return Money(amount, "EUR")


def kept(share: Decimal | int | str) -> Retention:
    """Make a retention per year."""
    return Retention(share, TimeUnit.YEAR)


def waiting(rate: Decimal | int | str) -> Discount:
    """Make a discount per year."""
    return Discount(rate, TimeUnit.YEAR)


def worth(
    margin: Money, r: Decimal | str, d: Decimal | str, form: FirstMargin = FirstMargin.INCLUDED, **more: Any
) -> LifetimeValue:
    """Value a customer at rates per year."""
    return constant_retention(margin=margin, retention=kept(r), discount=waiting(d), first_margin=form, **more)


def terms(m: Fraction, r: Fraction, d: Fraction, g: Fraction, form: FirstMargin, periods: int) -> list[Fraction]:
    """Return the expected, discounted margins one by one."""
    first, waits = {
        FirstMargin.INCLUDED: (0, 0),
        FirstMargin.EXCLUDED: (1, 1),
        FirstMargin.END_OF_PERIOD: (0, 1),
    }[form]
    return [m * (1 + g) ** t * r ** (t + first) / (1 + d) ** (t + waits) for t in range(periods)]


def near(expected: Fraction, actual: Fraction | Decimal, digits: int = 30) -> bool:
    """Return whether two figures agree to that many digits."""
    return bool(abs(expected - Fraction(actual)) <= max(abs(expected), Fraction(1)) / 10**digits)


class TestConstantRetention:
    @given(margins, shares(), discounts, growths, FORMS, horizons)
    def test_agrees_with_brute_force(
        self, margin: Money, r: Decimal, d: Decimal, g: Decimal, form: FirstMargin, periods: int
    ) -> None:
        """The value with a horizon is the sum of its margins in exact fractions, and the explanation agrees."""
        value = worth(margin, r, d, form, growth=g, periods=periods)
        expected = sum(terms(Fraction(margin.amount), Fraction(r), Fraction(d), Fraction(g), form, periods))

        assert near(Fraction(expected), value.value.amount)
        assert value.truncated
        replay(value.explain())

    @given(margins, shares(), discounts, growths, FORMS, horizons)
    def test_finite_plus_residual_is_infinite(
        self, margin: Money, r: Decimal, d: Decimal, g: Decimal, form: FirstMargin, periods: int
    ) -> None:
        """Value and residual add up to the value without a horizon; the residual is None if that is not finite."""
        finite = worth(margin, r, d, form, growth=g, periods=periods)
        if Fraction(r) * (1 + Fraction(g)) >= 1 + Fraction(d):
            assert finite.residual is None
            with pytest.raises(DivergenceError):
                worth(margin, r, d, form, growth=g)
        else:
            infinite = worth(margin, r, d, form, growth=g)
            assert finite.residual is not None
            assert near(Fraction(infinite.value.amount), (finite.value + finite.residual).amount)
            assert (euro(0), False) == (infinite.residual, infinite.truncated)
            replay(infinite.explain())

    @given(margins, shares(), positive_discounts)
    def test_included_less_excluded_is_one_margin(self, margin: Money, r: Decimal, d: Decimal) -> None:
        """`INCLUDED` exceeds `EXCLUDED` by one margin, and is `END_OF_PERIOD` times (1 + d)."""
        included, excluded, end = (Fraction(worth(margin, r, d, form).value.amount) for form in FirstMargin)

        assert near(Fraction(margin.amount), included - excluded)
        assert near(included, end * (1 + Fraction(d)))

    @given(margins, shares(), positive_discounts, FORMS, st.integers(1, 1000))
    def test_scaling_money_scales_value(
        self, margin: Money, r: Decimal, d: Decimal, form: FirstMargin, factor: int
    ) -> None:
        """Margins times n give a value times n."""
        single, scaled = (worth(money, r, d, form).value.amount for money in (margin, margin * factor))

        assert near(Fraction(single) * factor, scaled)

    @given(margins, shares(), shares(), positive_discounts, FORMS)
    def test_more_retention(self, margin: Money, one: Decimal, other: Decimal, d: Decimal, form: FirstMargin) -> None:
        """More retention never lowers the value of a positive margin and never raises that of a negative one."""
        less, more = (worth(margin, r, d, form).value for r in sorted((one, other)))

        assert (less <= more) if margin.amount > 0 else (less >= more)

    @given(margins, monies(low=0, high=10**6), shares(), positive_discounts, FORMS)
    def test_acquisition_cost_is_taken_off(
        self, margin: Money, cost: Money, r: Decimal, d: Decimal, form: FirstMargin
    ) -> None:
        """The acquisition cost is subtracted once, whatever the form."""
        gross, net = (worth(margin, r, d, form, acquisition_cost=taken) for taken in (None, cost))

        assert gross.value - cost == net.value
        replay(net.explain())

    @given(
        margins.filter(bool),
        decimals(0, 1, places=3).filter(lambda r: 0 < r < 1),
        decimals(0, 1, places=3).filter(bool),
        decimals(0, 1, places=2),
        FORMS,
        st.none() | st.integers(1, 12),
        st.none() | monies(low=1, high=1000),
    )
    def test_elasticities_are_derivatives(
        self,
        margin: Money,
        r: Decimal,
        d: Decimal,
        g: Decimal,
        form: FirstMargin,
        periods: int | None,
        cost: Money | None,
    ) -> None:
        """Each elasticity is the slope of the value, found by a small change of the input in exact fractions."""
        at = {"m": Fraction(margin.amount), "r": Fraction(r), "d": Fraction(d), "g": Fraction(g)}
        assume(periods is not None or at["r"] * (1 + at["g"]) < 1 + at["d"] - Fraction(1, 50))

        def value(**moved: Fraction) -> Fraction:
            now = {**at, **moved}
            first = terms(now["m"], now["r"], now["d"], now["g"], form, 1 if periods is None else periods)
            carried = now["r"] * (1 + now["g"]) / (1 + now["d"])
            gross = first[0] / (1 - carried) if periods is None else sum(first, Fraction(0))
            return gross - (Fraction(cost.amount) if cost else 0)

        def slope(name: str) -> Fraction:
            step = at[name] / 10**15
            rise = value(**{name: at[name] + step}) - value(**{name: at[name] - step})
            return rise / (2 * step) * at[name] / value()

        assume(abs(value()) > Fraction(1, 100))
        elasticity = worth(margin, r, d, form, growth=g, periods=periods, acquisition_cost=cost).elasticity

        assert elasticity is not None
        for name, actual in (("m", elasticity.margin), ("r", elasticity.retention), ("d", elasticity.discount)):
            assert actual is not None
            assert near(slope(name), actual, digits=18), name
        assert elasticity.churn is not None
        assert near(slope("r") * (at["r"] - 1) / at["r"], elasticity.churn, digits=18)

    def test_elasticities_without_a_slope(self) -> None:
        """A value of 0 has no elasticities, except that to retention if no customer is kept, which is a limit."""
        nothing = Elasticity()

        assert nothing == worth(euro(0), "0.8", "0.1").elasticity
        assert nothing == worth(euro(100), "0.8", "0.1", periods=0).elasticity
        assert nothing == worth(euro(100), "0", "0.1", acquisition_cost=euro(100)).elasticity
        assert Elasticity(retention=1) == worth(euro(100), "0", "0.1", FirstMargin.EXCLUDED).elasticity

    @pytest.mark.parametrize(
        ("form", "periods", "expected"),
        [
            (FirstMargin.INCLUDED, None, Fraction(-105, 110)),
            (FirstMargin.END_OF_PERIOD, 2, Fraction(-105, 110)),
            (FirstMargin.INCLUDED, 1, Fraction(0)),
        ],
    )
    def test_elasticity_to_churn_where_all_leave(
        self, form: FirstMargin, periods: int | None, expected: Fraction
    ) -> None:
        """With retention 0, the elasticity to churn is that of the second margin, if one counts."""
        elasticity = worth(euro(100), "0", "0.1", form, growth="0.05", periods=periods).elasticity
        assert elasticity is not None
        assert elasticity.churn is not None

        assert near(expected, elasticity.churn)

    def test_a_perpetuity(self) -> None:
        """With retention 1 the value is the margin over the discount, with a caution."""
        perpetuity = worth(euro(100), "1", "0.1", FirstMargin.EXCLUDED)

        assert euro(1000) == perpetuity.value
        assert ["constant_retention", "nobody_leaves"] == [caution.rule for caution in perpetuity.cautions]
        assert euro(500) == worth(euro(100), "1", "0", periods=5).value
        assert euro(400) == worth(euro(100), "0.9", "-0.1", FirstMargin.EXCLUDED, periods=4).value
        assert euro(420) == worth(euro(105), "1", "0", FirstMargin.END_OF_PERIOD, periods=4).value

    @pytest.mark.parametrize("form", list(FirstMargin))
    def test_a_series_without_a_sum(self, form: FirstMargin) -> None:
        """The value is refused, whatever the margin, if retention times growth is not below 1 + discount."""
        for r, d, g in (("1", "0", "0"), ("1", "0.1", "0.1"), ("0.9", "-0.1", "0"), ("0.9", "0.1", "0.5")):
            for margin in (euro(100), euro(0), euro(-1)):
                with refused(DivergenceError, "sum_not_finite: retention"):
                    worth(margin, r, d, form, growth=g)

    def test_units_must_agree(self) -> None:
        """Two units of time are refused; the message converts, or asks for a day-count if there is no fixed ratio."""
        monthly = Retention("0.95", TimeUnit.MONTH)
        for discount, message in (
            (waiting("0.1"), r"write discount.to\(TimeUnit.MONTH\), which is about 0.00797414 per month"),
            (Discount("0.001", TimeUnit.DAY), r"discount.to\(TimeUnit.MONTH, day_count=DayCount.ACTUAL_365\)"),
        ):
            with pytest.raises(InvalidValueError, match=message):
                constant_retention(
                    margin=euro(1), retention=monthly, discount=discount, first_margin=FirstMargin.INCLUDED
                )

    def test_what_lies_beyond_the_data(self) -> None:
        """With `observed`, a caution states the share of the value beyond the observed periods."""
        value = worth(euro(100), "0.8", "0", observed=2)
        cut = worth(euro(100), "0.5", "0", periods=3, observed=2)
        silent = worth(euro(0), "0.8", "0.1", observed=2)

        assert (("observed", 2), ("share_beyond", Decimal("0.64"))) == value.cautions[-1].evidence
        assert near(Fraction(1, 7), dict(cut.cautions[-1].evidence)["share_beyond"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        assert (("observed", 2),) == silent.cautions[-1].evidence
        for covered in (
            worth(euro(100), "0.8", "0.1", periods=3, observed=3),
            worth(euro(100), "0.8", "0.1", periods=3),
        ):
            assert ["constant_retention"] == [caution.rule for caution in covered.cautions]

    def test_extremes(self) -> None:
        """A thousand years of months, extreme rates and the largest amounts are exact, or refused with a message."""
        tiny = Decimal("1E-18")
        long = worth(euro(100), "0.999999999999999999", tiny, periods=12_000)
        expected = sum(
            terms(Fraction(100), 1 - Fraction(tiny), Fraction(tiny), Fraction(0), FirstMargin.INCLUDED, 200),
            Fraction(0),
        )
        short = worth(euro(100), "0.999999999999999999", tiny, periods=200)

        assert near(expected, short.value.amount)
        assert Fraction(1_199_999) < Fraction(long.value.amount) < 1_200_000
        assert euro(0) == worth(euro(10**30), "0", "10", FirstMargin.EXCLUDED).value
        assert euro(10**30) == worth(euro(10**30), "0", "10").value
        assert near(Fraction(10**20), worth(euro(100), "1", tiny, FirstMargin.EXCLUDED).value.amount)
        with pytest.raises(InvalidValueError, match=r"at most 10\^30"):
            worth(euro(10**30), "1", tiny)
        with refused(InvalidValueError, "too_many_periods: periods"):
            worth(euro(1), "1", "0.1", growth=9, periods=10**30)
        assert worth(euro(1), "0.5", "0.1", periods=10**30).residual == euro(0)

    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            ({"margin": 100}, WrongTypeError, "wrong_type: margin"),
            ({"retention": "0.8"}, WrongTypeError, "wrong_type: retention"),
            ({"discount": 0.1}, WrongTypeError, "wrong_type: discount"),
            ({"first_margin": "included"}, WrongTypeError, "not_a_member: first_margin"),
            ({"growth": "-1.5"}, InvalidValueError, "growth_below_minus_one: growth"),
            ({"growth": float("nan")}, InvalidValueError, "not_finite: growth"),
            ({"periods": -1}, InvalidValueError, "too_small: periods"),
            ({"periods": 2.5}, WrongTypeError, "wrong_number_type: periods"),
            ({"observed": -1}, InvalidValueError, "too_small: observed"),
            ({"acquisition_cost": euro(-1)}, InvalidValueError, ""),
            ({"acquisition_cost": Money(1, "USD")}, CurrencyMismatchError, ""),
        ],
    )
    def test_refuses_nonsense(self, changes: dict[str, Any], error: type[Exception], message: str) -> None:
        """The message names the argument and says what to do."""
        sound: dict[str, Any] = {
            "margin": euro(100),
            "retention": kept("0.8"),
            "discount": waiting("0.1"),
            "first_margin": FirstMargin.INCLUDED,
        }
        with refused(error, message):
            constant_retention(**{**sound, **changes})

    @given(margins, shares(), positive_discounts, FORMS)
    def test_the_callers_context_changes_nothing(
        self, margin: Money, r: Decimal, d: Decimal, form: FirstMargin
    ) -> None:
        """The results are the same under every decimal context of the caller."""

        def everything() -> list[str]:
            value = worth(margin, r, d, form, periods=7, observed=3)
            return [
                repr(value),
                repr(value.elasticity),
                repr(value.cautions),
                str(value.explain()),
                repr(from_churn(revenue=margin, retention=kept(r), gross_margin=0.3)),
                repr(break_even_retention(target=euro(7), margin=margin, discount=waiting(d), first_margin=form)),
            ]

        expected = everything()
        for context in CONTEXTS:
            with localcontext(context):
                assert expected == everything()


class TestResidual:
    @given(margins, shares(), positive_discounts, st.integers(0, 20))
    def test_has_no_memory(self, margin: Money, r: Decimal, d: Decimal, age: int) -> None:
        """At every age it equals what lies beyond a horizon, per customer still there and discounted to then."""
        just_renewed = residual(margin=margin, retention=kept(r), discount=waiting(d), renewed=True)
        beyond = worth(margin, r, d, periods=age + 1).residual
        still_there = (Fraction(r) / (1 + Fraction(d))) ** age
        assert beyond is not None

        assert near(Fraction(just_renewed.value.amount) * still_there, beyond.amount)
        assert worth(margin, r, d, FirstMargin.EXCLUDED).value == just_renewed.value

    @given(margins, shares(), positive_discounts, growths)
    def test_just_before_a_renewal(self, margin: Money, r: Decimal, d: Decimal, g: Decimal) -> None:
        """Just before a renewal, it is the value of a new customer times the retention."""
        assume(Fraction(r) * (1 + Fraction(g)) < 1 + Fraction(d))
        deciding = residual(margin=margin, retention=kept(r), discount=waiting(d), renewed=False, growth=g)
        won = worth(margin, r, d, growth=g)

        assert near(Fraction(won.value.amount) * Fraction(r), deciding.value.amount, digits=25)
        assert won.elasticity is not None
        assert deciding.elasticity is not None
        if won.elasticity.retention is not None and deciding.value:
            assert deciding.elasticity.retention is not None
            assert near(1 + Fraction(won.elasticity.retention), deciding.elasticity.retention)
            if deciding.value:
                assert won.elasticity.discount == deciding.elasticity.discount
        replay(deciding.explain())

    def test_refuses_nonsense(self) -> None:
        """`renewed` must be a bool, and the sum of all margins finite."""
        sound: dict[str, Any] = {"margin": euro(1), "retention": kept(1), "discount": waiting(0)}
        with refused(WrongTypeError, "wrong_type: renewed"):
            residual(**sound, renewed="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        for renewed in (True, False):
            with pytest.raises(DivergenceError):
                residual(**sound, renewed=renewed)


class TestFromChurn:
    @given(margins, shares().filter(lambda r: r < 1), decimals(-1, 1, places=3))
    def test_is_constant_retention_without_discount(self, revenue: Money, r: Decimal, gross: Decimal) -> None:
        """The margin over the churn equals the form with the first margin included."""
        value = from_churn(revenue=revenue, retention=kept(r), gross_margin=gross)
        assert value is not None

        expected = worth(revenue * gross, r, "0")
        assert near(Fraction(expected.value.amount), value.value.amount, digits=25)
        assert expected.elasticity is not None
        assert value.elasticity is not None
        assert expected.elasticity.retention == value.elasticity.retention or not value.value
        assert not value.value or Decimal(-1) == value.elasticity.churn
        replay(value.explain())

    def test_years_and_guard(self) -> None:
        """A lifetime in months is converted to years for the guard; one in days is not."""
        value = from_churn(
            revenue=euro(100), retention=Retention.from_churn("0.02", TimeUnit.MONTH), gross_margin="0.8"
        )
        assert value is not None
        guard = value.guard(euro(4800))

        assert near(Fraction(50, 12), value.years or Decimal(0))
        assert (False, euro(800), Decimal(5)) == (guard.allowed, guard.excess, guard.years_needed)
        assert (euro(4000), False) == (guard.row()["value"], guard.row()["allowed"])
        daily = from_churn(revenue=euro(1), retention=Retention.from_churn("0.5", TimeUnit.DAY))
        assert daily is not None
        assert (euro(2), None, ()) == (daily.value, daily.years, daily.yearly)

    def test_no_churn(self) -> None:
        """The value is None if the churn is 0."""
        assert from_churn(revenue=euro(100), retention=kept(1)) is None

    def test_cautions(self) -> None:
        """The cautions list what the form leaves out."""
        value = from_churn(revenue=euro(100), retention=kept("0.5"))
        assert value is not None

        assert ["constant_retention", "not_discounted", "revenue_not_profit", "service_cost_left_out"] == [
            caution.rule for caution in value.cautions
        ]
        assert Elasticity(margin=1, retention=1, churn=-1) == value.elasticity
        nothing = from_churn(revenue=euro(0), retention=kept("0.5"))
        assert nothing is not None
        assert Elasticity() == nothing.elasticity

    def test_refuses_nonsense(self) -> None:
        """The message names the argument."""
        with refused(WrongTypeError, "wrong_type: revenue"):
            from_churn(revenue=100, retention=kept("0.5"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "wrong_type: retention"):
            from_churn(revenue=euro(100), retention="0.98")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(InvalidValueError, "margin_above_one: gross_margin"):
            from_churn(revenue=euro(100), retention=kept("0.5"), gross_margin=80)


class TestBreakEven:
    @given(gains, monies(low=0, high=10**6), discounts, growths, FORMS)
    def test_retention_substituted_back(
        self, margin: Money, target: Money, d: Decimal, g: Decimal, form: FirstMargin
    ) -> None:
        """The value at the result is the target, and less retention is not enough; None if 1 is not enough."""
        answer = break_even_retention(target=target, margin=margin, discount=waiting(d), first_margin=form, growth=g)
        m, rate, grows = Fraction(margin.amount), Fraction(d), 1 + Fraction(g)

        def value(r: Fraction) -> Fraction:
            return terms(m, r, rate, Fraction(g), form, 1)[0] / (1 - r * grows / (1 + rate))

        if answer is None:
            assert grows >= 1 + rate or value(Fraction(1)) < Fraction(target.amount)
            if grows > 1 + rate:
                reachable = (1 + rate) / grows * (1 - Fraction(1, 10**40))
                assert value(reachable) < Fraction(target.amount) or reachable > 1
        elif not answer.share:
            assert value(Fraction(0)) >= Fraction(target.amount) or Fraction(target.amount) < Fraction(1, 10**30)
        else:
            r = Fraction(answer.share)
            less, more = value(r * (1 - Fraction(1, 10**30))), value(min(r * (1 + Fraction(1, 10**30)), Fraction(1)))
            assert less <= Fraction(target.amount) <= more or near(Fraction(target.amount), value(r))
            assert answer.per is TimeUnit.YEAR

    @pytest.mark.parametrize(
        ("form", "target", "margin", "expected"),
        [
            (FirstMargin.INCLUDED, -5, -10, None),
            (FirstMargin.INCLUDED, -10, -10, 0),
            (FirstMargin.EXCLUDED, 0, -10, 0),
            (FirstMargin.EXCLUDED, 1, -10, None),
            (FirstMargin.EXCLUDED, 1, 0, None),
            (FirstMargin.INCLUDED, 0, 0, 0),
            (FirstMargin.EXCLUDED, 1000, 100, 1),
            (FirstMargin.EXCLUDED, 1001, 100, None),
            (FirstMargin.END_OF_PERIOD, 1000, 100, 1),
            (FirstMargin.INCLUDED, 100, 100, 0),
        ],
    )
    def test_at_the_ends(self, form: FirstMargin, target: int, margin: int, expected: int | None) -> None:
        """The result is None for a loss, 0 if the first margin suffices, and 1 at the highest reachable target."""
        answer = break_even_retention(
            target=euro(target), margin=euro(margin), discount=waiting("0.1"), first_margin=form
        )

        assert (None if expected is None else kept(expected)) == answer

    def test_margins_that_die_at_once(self) -> None:
        """If the margin shrinks to 0 at once, retention adds nothing beyond the first margin."""
        for form, expected in ((FirstMargin.INCLUDED, None), (FirstMargin.EXCLUDED, kept("0.55"))):
            assert expected == break_even_retention(
                target=euro(101 if expected is None else 50),
                margin=euro(100),
                discount=waiting("0.1"),
                first_margin=form,
                growth=-1,
            )

    @given(gains, decimals(0, 1, places=3), positive_discounts, FORMS, st.none() | st.integers(0, 9))
    def test_margin_substituted_back(
        self, target: Money, r: Decimal, d: Decimal, form: FirstMargin, periods: int | None
    ) -> None:
        """The value at the result is the target; None if no margin counts."""
        answer = break_even_margin(
            target=target, retention=kept(r), discount=waiting(d), first_margin=form, periods=periods
        )
        if answer is None:
            assert periods == 0 or (form is FirstMargin.EXCLUDED and not r)
        else:
            assert near(Fraction(target.amount), worth(answer, r, d, form, periods=periods).value.amount)

    def test_refuse_nonsense(self) -> None:
        """Units, currencies and divergence are checked as in `constant_retention`."""
        with pytest.raises(CurrencyMismatchError):
            break_even_retention(
                target=Money(1, "USD"), margin=euro(1), discount=waiting(0), first_margin=FirstMargin.INCLUDED
            )
        with refused(WrongTypeError, "wrong_type: discount"):
            break_even_retention(target=euro(1), margin=euro(1), discount=0.1, first_margin=FirstMargin.INCLUDED)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(DivergenceError):
            break_even_margin(target=euro(1), retention=kept(1), discount=waiting(0), first_margin=FirstMargin.INCLUDED)
        with refused(WrongTypeError, "wrong_type: target"):
            break_even_margin(target=1, retention=kept(1), discount=waiting(0), first_margin=FirstMargin.INCLUDED)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestExpectedFlows:
    @given(margins, shares(), discounts, horizons)
    def test_discounted_by_dates_they_are_the_value(self, margin: Money, r: Decimal, d: Decimal, periods: int) -> None:
        """The flows, discounted by calendar years, add up to the value with a horizon."""
        flows = expected_flows(margin=margin, retention=kept(r), first=date(2026, 1, 1), periods=periods)
        dated = npv(flows, discount=waiting(d), day_count=DayCount.ACTUAL_ACTUAL, currency="EUR")
        periodic = npv_periodic((flow.amount for flow in flows), discount=waiting(d), currency="EUR")
        expected = Fraction(worth(margin, r, d, periods=periods).value.amount)

        assert near(expected, dated.value.amount, digits=20)
        assert near(expected, periodic.value.amount)

    def test_days_step_by_the_calendar(self) -> None:
        """Months step by the calendar from the first day, weeks by seven days."""
        monthly, weekly = (
            expected_flows(margin=euro(8), retention=Retention("0.5", unit), first=date(2026, 1, 31), periods=4)
            for unit in (TimeUnit.MONTH, TimeUnit.WEEK)
        )

        assert ["01-31", "02-28", "03-31", "04-30"] == [f"{flow.day:%m-%d}" for flow in monthly]
        assert ["01-31", "02-07", "02-14", "02-21"] == [f"{flow.day:%m-%d}" for flow in weekly]
        assert [euro(8), euro(4), euro(2), euro(1)] == [flow.amount for flow in monthly]

    def test_a_thousand_years_by_the_month(self) -> None:
        """Twelve thousand dated flows and the formula give the same value."""
        monthly = Retention("0.99", TimeUnit.MONTH)
        discount = Discount("0.01", TimeUnit.MONTH)
        flows = expected_flows(margin=euro(100), retention=monthly, first=date(2026, 1, 1), periods=12_000)
        value = constant_retention(
            margin=euro(100), retention=monthly, discount=discount, first_margin=FirstMargin.INCLUDED, periods=12_000
        )

        assert near(
            Fraction(value.value.amount),
            npv_periodic((flow.amount for flow in flows), discount=discount).value.amount,
        )
        by_dates = npv(flows, discount=discount, day_count=DayCount.THIRTY_360).value
        assert near(Fraction(value.value.amount), by_dates.amount, digits=20)

    def test_refuses_nonsense(self) -> None:
        """The last margin falls before the year 10000, the first day is a date, and `periods` is a count."""
        sound: dict[str, Any] = {"margin": euro(1), "retention": kept(1), "first": date(2026, 1, 1), "periods": 1}
        for changes, error, message in (
            ({"periods": 8000}, InvalidValueError, "last_margin_after_9999: periods"),
            ({"periods": 10**30}, InvalidValueError, "last_margin_after_9999: periods"),
            ({"first": "2026-01-01"}, WrongTypeError, "not_a_date: first"),
            ({"periods": -1}, InvalidValueError, "too_small: periods"),
            ({"margin": 1}, WrongTypeError, "wrong_type: margin"),
            ({"retention": 1}, WrongTypeError, "wrong_type: retention"),
        ):
            with refused(error, message):
                expected_flows(**dict[str, Any]({**sound, **changes}))


def test_a_guard_never_allows_what_exceeds_the_value() -> None:
    """A spend up to the value is allowed, and nothing beyond, for every form."""
    context = Context(prec=60)
    for form in FirstMargin:
        value = worth(euro(100), "0.8", "0.1", form)
        cent = Decimal("1E-40")
        assert value.guard(value.value).allowed
        assert ["spend_equals_value"] == [c.rule for c in value.guard(value.value).cautions if "spend" in c.rule]
        assert not value.guard(euro(context.add(value.value.amount, cent))).allowed
        assert value.guard(value.value).years_needed is None
