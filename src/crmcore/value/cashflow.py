"""Cash flows: what money that comes and goes on certain days is worth on one of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, Overflow
from typing import Final

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import FINEST, ONE, RATIO, WIDE, ZERO
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.money import Money, round_money, same_currency
from crmcore.primitives.periods import days_of_360
from crmcore.primitives.rates import DayCount, Discount, TimeUnit

__all__ = ["CashFlow", "PlanComparison", "PresentValue", "compare", "npv", "npv_periodic"]

_TICKS_A_YEAR: Final = {
    DayCount.ACTUAL_365.value: 365,
    DayCount.ACTUAL_360.value: 360,
    DayCount.ACTUAL_365_25.value: 1461,  # quarters of days
    DayCount.THIRTY_360.value: 360,
    DayCount.ACTUAL_ACTUAL.value: 365 * 366,
}
"""The parts of a year in which every day count is a whole number."""


@attrs.frozen
class CashFlow:
    """Money received on a day; below nought, money paid.

    Examples:
        >>> CashFlow(date(2026, 1, 1), Money(-10_000, "EUR"))
        CashFlow(day=datetime.date(2026, 1, 1), amount=Money('-10000', 'EUR'))

    Attributes:
        day: The day, a date: a flow has no time of day.
        amount: How much.

    Raises:
        WrongTypeError: The day is a datetime or no date, or the amount no `Money`.
    """

    day: date
    amount: Money

    def __attrs_post_init__(self) -> None:
        _a_day(self.day, "day")
        checks.as_instance(self.amount, Money, "amount")


@attrs.frozen(kw_only=True)
class PresentValue:
    """What cash flows are worth together on one day.

    Examples:
        >>> tree = [CashFlow(date(2026, 1, 1), Money(-100, "EUR")), CashFlow(date(2027, 1, 1), Money(121, "EUR"))]
        >>> print(npv(tree, discount=Discount("0.1", TimeUnit.YEAR)).explain())
        discount    0.1  per year
        amount_1   -100  EUR
        periods_1     0  years
        amount_2    121  EUR
        periods_2     1  years
        value_1    -100  EUR       = amount_1 / (1 + discount) ** periods_1
        value        10  EUR       = value_1 + amount_2 / (1 + discount) ** periods_2

    Attributes:
        value: The flows together, discounted.
        amounts: The flows in the order of their days.
        periods: How many units of the discount's time each lies after the day of reckoning, to 34 digits; below nought
            before it.
        discount: What waiting costs.
        as_of: The day of reckoning; None of flows that have no days.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InconsistentCountsError: There are not as many periods as amounts.
        WrongTypeError: A value of the wrong type.
    """

    value: Money
    amounts: tuple[Money, ...] = ()
    periods: tuple[Decimal, ...] = ()
    discount: Discount
    as_of: date | None = None

    def __attrs_post_init__(self) -> None:
        checks.as_instance(self.value, Money, "value")
        checks.set_field(self, "amounts", checks.as_tuple(self.amounts, Money, "amounts"))
        Money.total(self.amounts, currency=self.value.currency)
        checks.set_field(self, "periods", checks.as_tuple(self.periods, Decimal, "periods"))
        if len(self.amounts) != len(self.periods):
            raise InconsistentCountsError(
                f"amounts and periods must be as many, got {len(self.amounts)} and {len(self.periods)}",
                len(self.amounts),
                len(self.periods),
            )
        checks.as_instance(self.discount, Discount, "discount")
        if self.as_of is not None:
            _a_day(self.as_of, "as_of")

    def explain(self) -> Explanation:
        """How the value comes about, flow by flow."""
        unit = self.discount.per.value
        given = [term("discount", self.discount.rate, f"per {unit}")]
        sums: list[Term] = []
        running, before = ZERO, ""
        for number, (amount, periods) in enumerate(zip(self.amounts, self.periods, strict=True), 1):
            given += [term(f"amount_{number}", amount), Term(f"periods_{number}", periods, f"{unit}s")]
            factor = WIDE.power(WIDE.add(ONE, self.discount.rate), periods)
            running = WIDE.add(running, WIDE.divide(amount.amount, factor))
            last = number == len(self.amounts)
            name = "value" if last else f"value_{number}"
            so_far = self.value.amount if last else RATIO.plus(running)
            formula = f"amount_{number} / (1 + discount) ** periods_{number}"
            sums.append(Term(name, so_far, self.value.currency, before + formula))
            before = f"{name} + "
        return Explanation([*given, *(sums or [term("value", self.value)])])


def npv(
    flows: Iterable[CashFlow],
    /,
    *,
    discount: Discount,
    as_of: date | None = None,
    day_count: DayCount = DayCount.ACTUAL_365,
    currency: str | None = None,
) -> PresentValue:
    """The net present value of dated cash flows: ``sum(amount / (1 + d) ** years)``, a spreadsheet's XNPV.

    Examples:
        >>> flows = [
        ...     CashFlow(date(2008, 1, 1), Money(-10_000, "USD")),
        ...     CashFlow(date(2008, 3, 1), Money(2750, "USD")),
        ...     CashFlow(date(2008, 10, 30), Money(4250, "USD")),
        ...     CashFlow(date(2009, 2, 15), Money(3250, "USD")),
        ...     CashFlow(date(2009, 4, 1), Money(2750, "USD")),
        ... ]
        >>> npv(flows, discount=Discount("0.09", TimeUnit.YEAR)).value.quantized()
        Money('2086.65', 'USD')

    Args:
        flows: The flows, in any order; a flow before the day of reckoning is carried forward to it.
        discount: What waiting costs; a rate per another unit than the year is converted by compounding.
        as_of: The day of reckoning; the first flow's unless another is named.
        day_count: How days make up a year. By ``actual/365`` a leap year is 366/365 of one.
        currency: The currency all must have; needed only where there may be no flows.

    Raises:
        CurrencyMismatchError: Two currencies met; convert with ``Money.exchanged`` first.
        InvalidValueError: There are no flows and no currency was given, or the result passes 10^30.
        WrongTypeError: An item is no `CashFlow`, or a value has the wrong type.

    Source: Microsoft's documentation of XNPV; day-counts by the 2006 ISDA Definitions, section 4.16.
    """
    plan = _in_order(flows)
    yearly = _yearly(discount, day_count)
    code = Money.total([flow.amount for flow in plan], currency=currency).currency
    if not plan:
        return PresentValue(value=Money.zero(code), discount=yearly, as_of=as_of)
    day = plan[0].day if as_of is None else as_of
    ticks = [_ticks(_a_day(day, "as_of"), flow.day, day_count) for flow in plan]
    total = ZERO
    for worth in _discounted([flow.amount.amount for flow in plan], ticks, yearly, day_count):
        total = WIDE.add(total, worth)
    a_year = _TICKS_A_YEAR[day_count.value]
    return PresentValue(
        value=round_money(total, code),
        amounts=tuple(flow.amount for flow in plan),
        periods=tuple(RATIO.divide(number, a_year) for number in ticks),
        discount=yearly,
        as_of=day,
    )


def npv_periodic(amounts: Iterable[Money], /, *, discount: Discount, currency: str | None = None) -> PresentValue:
    """The net present value of amounts one period apart, the first of them due now.

    A spreadsheet's NPV takes its first amount to be due at the end of the first period: leave the present one out
    there, or divide by one period's growth here.

    Examples:
        >>> npv_periodic([Money(100, "EUR")] * 3, discount=Discount("0.1", TimeUnit.YEAR)).value.quantized()
        Money('273.55', 'EUR')

    Args:
        amounts: What comes now, one period from now, two periods from now ...
        discount: What waiting one period costs; its unit is the spacing.
        currency: The currency all must have; needed only where there may be no amounts.

    Raises:
        CurrencyMismatchError: Two currencies met.
        InvalidValueError: There are no amounts and no currency was given, or the result passes 10^30.
        WrongTypeError: An item is no `Money`, or a value has the wrong type.
    """
    monies = tuple(
        checks.as_instance(item, Money, "every item") for item in checks.iterate(amounts, "amounts", "Money")
    )
    due = WIDE.add(ONE, checks.as_instance(discount, Discount, "discount").rate)
    code = Money.total(monies, currency=currency).currency
    total = ZERO
    try:
        for money in reversed(monies):
            total = WIDE.add(money.amount, WIDE.divide(total, due))
    except Overflow:
        raise _too_large(discount) from None
    return PresentValue(
        value=round_money(total, code),
        amounts=monies,
        periods=tuple(Decimal(number) for number in range(len(monies))),
        discount=discount,
    )


@attrs.frozen(kw_only=True)
class PlanComparison:
    """Two plans side by side: which is worth more, and from which day it leads.

    Examples:
        >>> euro = lambda year, amount: CashFlow(date(year, 1, 1), Money(amount, "EUR"))
        >>> tree = [euro(2026, 1000)]
        >>> garden = [euro(2026, -500)] + [euro(year, 400) for year in range(2027, 2037)]
        >>> choice = compare(tree, garden, discount=Discount("0.1", TimeUnit.YEAR))
        >>> choice.lead.quantized(), choice.crossed_on
        (Money('957.18', 'EUR'), datetime.date(2031, 1, 1))

    Attributes:
        first: What the first plan is worth.
        second: What the second plan is worth on the same day.
        crossings: The days on which the lead changes, counting all flows up to and including that day.

    Raises:
        CurrencyMismatchError: The plans are in two currencies.
        InvalidValueError: The plans are reckoned on different days or at different rates, or the crossings are out of
            order.
        WrongTypeError: A value of the wrong type.
    """

    first: PresentValue
    second: PresentValue
    crossings: tuple[date, ...] = ()

    def __attrs_post_init__(self) -> None:
        for name in ("first", "second"):
            checks.as_instance(getattr(self, name), PresentValue, name)
        same_currency(self.first.value, self.second.value)
        if self.first.as_of != self.second.as_of or self.first.discount != self.second.discount:
            raise InvalidValueError("first and second must be reckoned on one day and at one rate of discount")
        days = tuple(_a_day(day, "each of crossings") for day in checks.iterate(self.crossings, "crossings", "date"))
        if list(days) != sorted(set(days)):
            raise InvalidValueError("crossings must be in the order of their days, each of them once")
        checks.set_field(self, "crossings", days)

    @property
    def lead(self) -> Money:
        """How much more the second plan is worth than the first; below nought where the first is worth more."""
        return self.second.value - self.first.value

    @property
    def crossed_on(self) -> date | None:
        """The day from which the plan that is worth more leads for good; None where it always led, or neither does."""
        return self.crossings[-1] if self.crossings and self.lead else None

    def explain(self) -> Explanation:
        """How the lead comes about."""
        return Explanation(
            (
                term(
                    "discount", self.first.discount.rate, f"per {self.first.discount.per.value}{_on(self.first.as_of)}"
                ),
                term("first_value", self.first.value),
                term("second_value", self.second.value),
                term("lead", self.lead, "", "second_value - first_value"),
            )
        )


def compare(
    first: Iterable[CashFlow],
    second: Iterable[CashFlow],
    /,
    *,
    discount: Discount,
    as_of: date | None = None,
    day_count: DayCount = DayCount.ACTUAL_365,
    currency: str | None = None,
) -> PlanComparison:
    """Compare two plans by present value: fell the tree, or grow a garden?

    A high enough discount makes every tree worth felling: say with the answer which rate was taken.

    Args:
        first: The flows of one plan, such as the short-term one.
        second: The flows of the other.
        discount: As for `npv`.
        as_of: As for `npv`; the first day of either plan unless another is named.
        day_count: As for `npv`.
        currency: As for `npv`; needed only where both plans may be empty.

    Raises:
        CurrencyMismatchError: Two currencies met.
        InvalidValueError: As for `npv`.
        WrongTypeError: As for `npv`.

    Source: the documents ("cut one tree or grow a garden").
    """
    one, other = _in_order(first), _in_order(second)
    code = Money.total([flow.amount for flow in (*one, *other)], currency=currency).currency
    days = [flow.day for flow in (*one, *other)]
    day = min(days, default=None) if as_of is None else as_of
    values = [npv(plan, discount=discount, as_of=day, day_count=day_count, currency=code) for plan in (one, other)]
    return PlanComparison(first=values[0], second=values[1], crossings=_crossings(one, other, discount, day_count))


def _on(day: date | None) -> str:
    return "" if day is None else f", to {day.isoformat()}"


def _crossings(
    first: list[CashFlow], second: list[CashFlow], discount: Discount, day_count: DayCount
) -> tuple[date, ...]:
    steps = [(flow.day, flow.amount.amount) for flow in second]
    steps += [(flow.day, WIDE.minus(flow.amount.amount)) for flow in first]
    steps.sort(key=lambda step: step[0])
    if not steps:
        return ()
    ticks = [_ticks(steps[0][0], day, day_count) for day, _ in steps]
    leads: dict[date, Decimal] = {}
    lead = ZERO
    worths = _discounted([amount for _, amount in steps], ticks, _yearly(discount, day_count), day_count)
    for (day, _), worth in zip(steps, worths, strict=True):
        lead = leads[day] = WIDE.add(lead, worth)
    crossings: list[date] = []
    ahead = ZERO
    for day, now in leads.items():
        if WIDE.abs(now) >= FINEST:
            if ahead and (now > 0) != (ahead > 0):
                crossings.append(day)
            ahead = now
    return tuple(crossings)


def _in_order(flows: Iterable[CashFlow]) -> list[CashFlow]:
    plan = [checks.as_instance(flow, CashFlow, "every item") for flow in checks.iterate(flows, "flows", "CashFlow")]
    plan.sort(key=lambda flow: flow.day)
    return plan


def _yearly(discount: Discount, day_count: DayCount) -> Discount:
    checks.as_member(day_count, DayCount, "day_count")
    return checks.as_instance(discount, Discount, "discount").to(TimeUnit.YEAR, day_count=day_count)


def _discounted(amounts: list[Decimal], ticks: list[int], yearly: Discount, day_count: DayCount) -> list[Decimal]:
    """What each amount is worth so many ticks earlier; like gaps are computed once."""
    steps: dict[int, Decimal] = {}
    worths: list[Decimal] = []
    factor, at = ONE, 0
    try:
        tick = WIDE.power(WIDE.add(ONE, yearly.rate), WIDE.divide(-1, _TICKS_A_YEAR[day_count.value]))
        for amount, number in zip(amounts, ticks, strict=True):
            gap = number - at
            if gap not in steps:
                steps[gap] = WIDE.power(tick, gap)
            factor, at = WIDE.multiply(factor, steps[gap]), number
            worths.append(WIDE.multiply(amount, factor))
    except Overflow:
        raise _too_large(yearly) from None
    return worths


def _ticks(start: date, end: date, day_count: DayCount) -> int:
    """The time from one day to another in whole parts of a year."""
    if day_count is DayCount.ACTUAL_ACTUAL:
        return _of_calendar_years(end) - _of_calendar_years(start)
    if day_count is DayCount.THIRTY_360:
        return days_of_360(start, end) if start <= end else -days_of_360(end, start)
    days = (end - start).days
    return days * 4 if day_count is DayCount.ACTUAL_365_25 else days


def _of_calendar_years(day: date) -> int:
    """Ticks since the year nought, each year as long as any."""
    first = date(day.year, 1, 1)
    length = (date(day.year, 12, 31) - first).days + 1
    return day.year * 365 * 366 + (day - first).days * (365 * 366 // length)


def _a_day(value: object, name: str) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        advice = "; take the date it falls on in your time zone" if isinstance(value, datetime) else ""
        if isinstance(value, str):
            advice = "; a text becomes one with date.fromisoformat(...)"
        raise WrongTypeError(f"{name} must be a date, got {show(value)}{advice}", name)
    return value


def _too_large(discount: Discount) -> InvalidValueError:
    return InvalidValueError(
        f"at a discount of {show(discount.rate)} the flows grow beyond what can be written", discount.rate
    )
