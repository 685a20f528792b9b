from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import CashFlow, DayCount, Discount, Money, TimeUnit, tenure
from crmcore.interop.hypothesis import cash_flows, days, plan_comparisons, present_values
from crmcore.primitives.errors import (
    CurrencyMismatchError,
    InconsistentCountsError,
    InvalidValueError,
    WrongTypeError,
)
from crmcore.value.cashflow import PlanComparison, PresentValue, compare, npv, npv_periodic
from tests.support.hostile import CONTEXTS
from tests.support.refusals import refused
from tests.support.strategies import DAY_COUNTS, decimals, modest_monies

WIDER = Context(prec=60, Emin=-999_999, Emax=999_999)
rates = decimals(0, 1, places=6) | decimals(-9, 30, places=1).map(lambda tenths: WIDER.divide(tenths, 10))
plans = st.lists(cash_flows(), max_size=8)


def yearly(rate: Decimal | int | str) -> Discount:
    """Make a rate per year."""
    return Discount(rate, TimeUnit.YEAR)


def euro(amount: int | str) -> Money:
    """Make euros."""
    return Money(amount, "EUR")


def on(day: str, amount: int | str) -> CashFlow:
    """Make a flow."""
    return CashFlow(date.fromisoformat(day), euro(amount))


def at(day: date) -> datetime:
    """Return the first moment of a day."""
    return datetime.combine(day, time(), UTC)


def years_to(start: date, end: date, day_count: DayCount) -> Decimal:
    """Return the time between two days in years, by another part of the library."""
    if end < start:
        return years_to(end, start, day_count).copy_negate()
    return tenure(at(start), at(end), day_count=day_count)


def near(expected: Decimal, actual: Decimal, *, scale: Decimal | int = 1) -> bool:
    """Return whether two figures agree to twenty digits of the largest of their inputs."""
    largest = max(abs(Fraction(expected)), Fraction(scale), Fraction(1))
    return bool(abs(Fraction(expected) - Fraction(actual)) <= largest / 10**20)


class TestNpv:
    @given(plans, rates, st.none() | days(), st.sampled_from(DayCount))
    def test_agrees_with_brute_force(
        self, plan: list[CashFlow], rate: Decimal, as_of: date | None, day_count: DayCount
    ) -> None:
        """The value is the sum of each flow over its own power of 1 + discount."""
        start = as_of or min((flow.day for flow in plan), default=date(2026, 1, 1))
        growth = WIDER.add(1, rate)
        terms = [
            Fraction(WIDER.divide(flow.amount.amount, WIDER.power(growth, years_to(start, flow.day, day_count))))
            for flow in plan
        ]
        expected = sum(terms, Fraction(0))
        try:
            value = npv(plan, discount=yearly(rate), as_of=as_of, day_count=day_count, currency="EUR").value.amount
        except InvalidValueError:
            assert abs(expected) > 10**30
        else:
            assert abs(expected - Fraction(value)) <= max([Fraction(1), *map(abs, terms)]) / 10**20

    @given(st.lists(cash_flows(), min_size=1, max_size=8), days(), st.sampled_from(DayCount))
    def test_periods_are_tenures(self, plan: list[CashFlow], as_of: date, day_count: DayCount) -> None:
        """The periods of each flow equal the result of `tenure` from midnight to midnight."""
        worth = npv(plan, discount=yearly("0.1"), as_of=as_of, day_count=day_count)

        assert sorted(flow.day for flow in plan) == sorted(
            (flow.day for flow in plan), key=lambda day: years_to(as_of, day, day_count)
        )
        assert [years_to(as_of, day, day_count) for day in sorted(flow.day for flow in plan)] == list(worth.periods)

    @given(st.lists(modest_monies(), min_size=1, max_size=30), rates)
    def test_dates_equal_periods_on_equal_spacing(self, amounts: list[Money], rate: Decimal) -> None:
        """Flows on every first of January have the value of flows one period apart, if all years count alike."""
        plan = [CashFlow(date(2000 + number, 1, 1), amount) for number, amount in enumerate(amounts)]
        dated = npv(plan, discount=yearly(rate), day_count=DayCount.ACTUAL_ACTUAL)
        periodic = npv_periodic(amounts, discount=yearly(rate))

        assert near(periodic.value.amount, dated.value.amount, scale=10**9)
        assert periodic.periods == dated.periods

    @given(plans, plans, rates, days(), st.randoms(use_true_random=False))
    def test_flows_add_in_any_order(
        self, first: list[CashFlow], second: list[CashFlow], rate: Decimal, as_of: date, chance: Any
    ) -> None:
        """The values of two plans add up to the value of their flows together, in any order."""
        shuffled = [*first, *second]
        chance.shuffle(shuffled)
        discount = yearly(WIDER.abs(rate))
        values = [
            npv(plan, discount=discount, as_of=max(as_of, date(2010, 1, 1)), currency="EUR").value.amount
            for plan in (first, second, shuffled)
        ]

        assert near(WIDER.add(values[0], values[1]), values[2], scale=max(map(abs, values)))

    @given(st.lists(cash_flows(), min_size=1, max_size=5), decimals(0, 1, places=4), st.integers(0, 4000), DAY_COUNTS)
    def test_a_later_reference_date(self, plan: list[CashFlow], rate: Decimal, later: int, day_count: DayCount) -> None:
        """The value on a later reference date is the value now, compounded until then."""
        if day_count is DayCount.THIRTY_360:
            day_count = DayCount.ACTUAL_365  # months of thirty days do not add
        start = min(flow.day for flow in plan)
        end = date.fromordinal(start.toordinal() + later)
        now, then = (
            npv(plan, discount=yearly(rate), as_of=day, day_count=day_count).value.amount for day in (start, end)
        )
        grown = WIDER.multiply(now, WIDER.power(WIDER.add(1, rate), years_to(start, end, day_count)))

        assert near(grown, then, scale=10**15)

    @given(st.lists(cash_flows(), min_size=1, max_size=5), rates.filter(lambda rate: rate >= 0), st.integers(1, 1000))
    def test_scaling_money_scales_value(self, plan: list[CashFlow], rate: Decimal, factor: int) -> None:
        """Flows times n give a value times n."""
        scaled = [CashFlow(flow.day, flow.amount * factor) for flow in plan]
        single, multiple = (npv(flows, discount=yearly(rate)).value for flows in (plan, scaled))

        assert abs(Fraction(single.amount) * factor - Fraction(multiple.amount)) < Fraction(1, 10**30)

    def test_a_rate_per_month_is_compounded(self) -> None:
        """A monthly rate is converted to the year by compounding, a daily one by the day-count."""
        plan = [on("2026-01-01", 0), on("2027-01-01", 100)]
        monthly = npv(plan, discount=Discount("0.01", TimeUnit.MONTH))
        daily = npv(plan, discount=Discount("0.001", TimeUnit.DAY), day_count=DayCount.ACTUAL_360)

        assert euro("88.74") == monthly.value.quantized()
        assert Discount("0.01", TimeUnit.MONTH).to(TimeUnit.YEAR) == monthly.discount
        assert near(WIDER.divide(100, WIDER.power(Decimal("1.001"), 365)), daily.value.amount)
        with pytest.raises(InvalidValueError, match="must have years of one length"):
            npv(plan, discount=Discount("0.001", TimeUnit.DAY), day_count=DayCount.ACTUAL_ACTUAL)

    def test_of_nothing(self) -> None:
        """Without flows the value is 0 in the named currency; without a currency it is an error."""
        assert euro(0) == npv([], discount=yearly("0.1"), currency="EUR").value
        assert euro(0) == npv_periodic([], discount=yearly("0.1"), currency="EUR").value
        for calculator in (npv, npv_periodic):
            with pytest.raises(InvalidValueError, match="currency must be given"):
                calculator([], discount=yearly("0.1"))

    def test_extremes(self) -> None:
        """A thousand years, extreme rates and the largest amounts are exact, or refused with a message."""
        plan = [on("2026-01-01", 10**30), on("3026-01-01", 10**30)]

        assert euro(10**30) == npv(plan, discount=yearly(10**25)).value.quantized()
        for rate in ("-0.999999999999999999", "-0.5"):
            with pytest.raises(InvalidValueError, match=r"at most 10\^30"):
                npv(plan, discount=yearly(rate))
        vanishing = yearly(Decimal(f"-0.{'9' * 190}"))
        with refused(InvalidValueError, "flows_too_large: discount"):
            npv([on("0001-01-01", 1), on("9999-01-01", 1)], discount=vanishing)
        with refused(InvalidValueError, "flows_too_large: discount"):
            npv_periodic([euro(1)] * 6000, discount=vanishing)
        assert euro("12000") == npv_periodic([euro(1)] * 12_000, discount=Discount(0, TimeUnit.MONTH)).value

    @pytest.mark.parametrize(
        ("flows", "changes", "error", "message"),
        [
            ([on("2026-01-01", 1), CashFlow(date(2026, 1, 1), Money(1, "USD"))], {}, CurrencyMismatchError, ""),
            ([on("2026-01-01", 1)], {"currency": "USD"}, CurrencyMismatchError, ""),
            ([on("2026-01-01", 1)], {"as_of": at(date(2026, 1, 1))}, WrongTypeError, "not_a_date: as_of"),
            ([on("2026-01-01", 1)], {"discount": "0.1"}, WrongTypeError, "wrong_type: discount"),
            ([on("2026-01-01", 1)], {"day_count": "actual/365"}, WrongTypeError, "not_a_member: day_count"),
            ([euro(1)], {}, WrongTypeError, "wrong_type: flows[0]"),
            (on("2026-01-01", 1), {}, WrongTypeError, "one_for_several: flows"),
        ],
    )
    def test_refuses_nonsense(self, flows: Any, changes: dict[str, Any], error: type[Exception], message: str) -> None:
        """The message names the argument and says what to do."""
        with refused(error, message):
            npv(flows, **dict[str, Any]({"discount": yearly("0.1"), **changes}))

    def test_periodic_refuses_nonsense(self) -> None:
        """The amounts are money in one currency."""
        for amounts, error in (
            ([euro(1), Money(1, "USD")], CurrencyMismatchError),
            ([5], WrongTypeError),
            (euro(5), WrongTypeError),
        ):
            with pytest.raises(error):
                npv_periodic(amounts, discount=yearly("0.1"))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    @given(present_values())
    def test_the_callers_context_changes_nothing(self, worth: PresentValue) -> None:
        """The results are the same under every decimal context of the caller."""
        plan = [CashFlow(date(2000 + number, 1, 31), money) for number, money in enumerate(worth.amounts)]

        def everything() -> list[str]:
            again = npv(plan, discount=worth.discount, currency="EUR", day_count=DayCount.ACTUAL_365_25)
            choice = compare(plan, plan[1:], discount=worth.discount, currency="EUR")
            return [repr(again), repr(again.explain()), repr(choice), repr(choice.lead), repr(choice.explain())]

        expected = everything()
        for context in CONTEXTS:
            with localcontext(context):
                assert expected == everything()


class TestCashFlow:
    @pytest.mark.parametrize("day", [at(date(2026, 1, 1)), "2026-01-01", None, 5])
    def test_a_day_is_a_date(self, day: Any) -> None:
        """A datetime, a text, None or a number is not a day."""
        with refused(WrongTypeError, "not_a_date: day"):
            CashFlow(day, euro(1))

    def test_a_text_becomes_a_day(self) -> None:
        """The message says how a text becomes a date."""
        with refused(WrongTypeError, "not_a_date: day"):
            CashFlow("2026-01-01", euro(1))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    def test_an_amount_is_money(self) -> None:
        """A number without a currency is refused."""
        with refused(WrongTypeError, "wrong_type: amount"):
            CashFlow(date(2026, 1, 1), 5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestPresentValue:
    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            ({"value": 5}, WrongTypeError, "wrong_type: value"),
            ({"amounts": [5]}, WrongTypeError, "wrong_type: amounts[0]"),
            ({"amounts": [Money(1, "USD")]}, CurrencyMismatchError, ""),
            ({"periods": [0.5]}, WrongTypeError, "float_is_inexact: periods[0]"),
            ({"periods": []}, InconsistentCountsError, "amounts_without_periods: periods"),
            ({"discount": 5}, WrongTypeError, "wrong_type: discount"),
            ({"as_of": at(date(2026, 1, 1))}, WrongTypeError, "not_a_date: as_of"),
        ],
    )
    def test_refuses_nonsense(self, changes: dict[str, Any], error: type[Exception], message: str) -> None:
        """A record built by its constructor is checked too."""
        sound: dict[str, Any] = {
            "value": euro(1),
            "amounts": [euro(1)],
            "periods": [Decimal(0)],
            "discount": yearly("0.1"),
        }
        with refused(error, message):
            PresentValue(**{**sound, **changes})


class TestCompare:
    @given(plans, plans, rates.filter(lambda rate: rate >= 0))
    def test_agrees_with_brute_force(self, first: list[CashFlow], second: list[CashFlow], rate: Decimal) -> None:
        """The lead of a day is the value of the flows up to it; crossings are the days its sign changes."""
        days = sorted({flow.day for flow in (*first, *second)})
        leads: list[tuple[date, Decimal]] = []
        lead = Decimal(0)
        for day in days:
            values = [
                npv(
                    [flow for flow in plan if flow.day <= day],
                    discount=yearly(rate),
                    as_of=days[0],
                    currency="EUR",
                ).value.amount
                for plan in (first, second)
            ]
            lead = WIDER.subtract(values[1], values[0])
            if abs(lead) > Decimal("1E-30"):
                leads.append((day, lead))
        expected = [day for (_, before), (day, now) in pairwise(leads) if (before > 0) != (now > 0)]
        choice = compare(first, second, discount=yearly(rate), currency="EUR")

        assert expected == list(choice.crossings)
        assert near(lead, choice.lead.amount, scale=10**6)

    @given(plan_comparisons())
    def test_the_other_way_round(self, choice: PlanComparison) -> None:
        """If the plans are swapped, the lead changes its sign and the days stay."""
        turned = PlanComparison(first=choice.second, second=choice.first, crossings=choice.crossings)

        assert -choice.lead == turned.lead
        assert choice.crossed_on == turned.crossed_on

    def test_the_tree_and_the_garden(self) -> None:
        """The garden wins at a low discount, from the given day; the tree wins at a high one."""
        tree = [on("2026-01-01", 1000)]
        garden = [on("2026-01-01", -500), *(on(f"{year}-01-01", 400) for year in range(2027, 2037))]
        patient = compare(tree, garden, discount=yearly("0.1"))
        hasty = compare(tree, garden, discount=yearly("0.5"))

        assert (date(2031, 1, 1), date(2031, 1, 1)) == (patient.crossed_on, patient.crossings[-1])
        assert patient.lead > euro(0)
        assert (hasty.crossed_on, hasty.crossings) == (None, ())
        assert hasty.lead < euro(0)

    def test_equal_plans(self) -> None:
        """Equal plans and empty plans have a lead of 0 and no crossings."""
        plan = [on("2026-01-01", 5)]
        equal = compare(plan, plan, discount=yearly("0.1"))
        nothing = compare([], [], discount=yearly("0.1"), currency="EUR")

        assert (euro(0), None) == (equal.lead, equal.crossed_on)
        assert (euro(0), None, ()) == (nothing.lead, nothing.crossed_on, nothing.crossings)
        with pytest.raises(InvalidValueError, match="give it with currency"):
            compare([], [], discount=yearly("0.1"))

    def test_the_smallest_lead(self) -> None:
        """A lead of the smallest amount there is can be lost."""
        choice = compare([on("2026-01-01", "1E-40")], [on("2026-02-01", "2E-40")], discount=yearly(0))

        assert (date(2026, 2, 1),) == choice.crossings

    def test_a_lead_lost_again(self) -> None:
        """Every change of the lead is a crossing; the last one is `crossed_on`, unless the plans end equal."""
        first = [on("2026-01-01", 10), on("2026-03-01", 20), on("2026-04-01", 20)]
        second = [on("2026-01-01", 5), on("2026-02-01", 10), on("2026-05-01", 100)]
        flat = yearly(0)
        choice = compare(first, second, discount=flat)
        level = compare(first, [*second, on("2026-06-01", -65)], discount=flat)

        assert [2, 3, 5] == [day.month for day in choice.crossings]
        assert choice.crossed_on == date(2026, 5, 1)
        assert (euro(0), None, choice.crossings) == (level.lead, level.crossed_on, level.crossings)

    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            ({"first": 5}, WrongTypeError, "wrong_type: first"),
            ({"second": PresentValue(value=Money(1, "USD"), discount=yearly(0))}, CurrencyMismatchError, ""),
            (
                {"second": PresentValue(value=euro(1), discount=yearly(1))},
                InvalidValueError,
                "plans_valued_differently: second",
            ),
            (
                {"crossings": [date(2026, 1, 2), date(2026, 1, 1)]},
                InvalidValueError,
                "crossings_out_of_order: crossings[1]",
            ),
            ({"crossings": [date(2026, 1, 1)] * 2}, InvalidValueError, "crossings_out_of_order: crossings[1]"),
            ({"crossings": [5]}, WrongTypeError, "not_a_date: crossings[0]"),
        ],
    )
    def test_refuses_nonsense(self, changes: dict[str, Any], error: type[Exception], message: str) -> None:
        """A record built by its constructor is checked too."""
        worth = PresentValue(value=euro(1), discount=yearly(0))
        with refused(error, message):
            PlanComparison(**dict[str, Any]({"first": worth, "second": worth, **changes}))

    def test_names_the_days_out_of_order(self) -> None:
        """The operands are the two days that are out of order, not those before them."""
        worth = PresentValue(value=euro(1), discount=yearly(0))
        days = [date(2026, 1, day) for day in (1, 3, 2, 4)]
        with refused(InvalidValueError, "crossings_out_of_order: crossings[2]") as caught:
            PlanComparison(first=worth, second=worth, crossings=days)

        assert (days[1], days[2]) == caught.value.operands
