"""The present value of amounts received and paid on different days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Context, Decimal, Overflow
from itertools import pairwise
from typing import Final

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import FINEST, ONE, RATIO, WIDE, ZERO
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.money import Money, add_up, round_money, same_currency
from crmcore.primitives.periods import days_of_360
from crmcore.primitives.rates import DayCount, Discount, TimeUnit
from crmcore.primitives.record import several

__all__ = [
    "CashFlow",
    "InternalRate",
    "PlanComparison",
    "PresentValue",
    "compare",
    "internal_rate",
    "npv",
    "npv_periodic",
]

_TICKS_A_YEAR: Final = {
    DayCount.ACTUAL_365.value: 365,
    DayCount.ACTUAL_360.value: 360,
    DayCount.ACTUAL_365_25.value: 1461,  # quarters of days
    DayCount.THIRTY_360.value: 360,
    DayCount.ACTUAL_ACTUAL.value: 365 * 366,
}
"""Ticks a year: a tick is a part of a year so small that a day is a whole number of them."""

_ROUGH: Final = RATIO.copy()
_ROUGH.prec = 16
_LOWEST_LOG, _HIGHEST_LOG, _HALVINGS = -690, 922, 130
"""Where rates are sought, in hundredths of ``ln(1 + rate)``, and how often a bracket is halved: to 10^-41."""


@attrs.frozen
class CashFlow(Result):
    """An amount received on a day, or paid if it is below 0.

    Examples:
        >>> from datetime import date
        >>> from crmcore import CashFlow, Money
        >>> CashFlow(date(2026, 1, 1), Money(-10_000, "EUR"))
        CashFlow(day=datetime.date(2026, 1, 1), amount=Money('-10000', 'EUR'))

    Attributes:
        day: The date; a flow does not have a time of day.
        amount: The amount.
    """

    day: date
    amount: Money


@attrs.frozen(kw_only=True)
class PresentValue(Result):
    """The total value of cash flows on one reference date.

    Examples:
        >>> from datetime import date
        >>> from crmcore import CashFlow, Discount, Money, TimeUnit, cashflow
        >>> tree = [CashFlow(date(2026, 1, 1), Money(-100, "EUR")), CashFlow(date(2027, 1, 1), Money(121, "EUR"))]
        >>> print(cashflow.npv(tree, discount=Discount("0.1", TimeUnit.YEAR)).explain())
        discount    0.1  per year
        amount_1   -100  EUR
        periods_1     0  years
        amount_2    121  EUR
        periods_2     1  years
        value_1    -100  EUR       = amount_1 / (1 + discount) ** periods_1
        value        10  EUR       = value_1 + amount_2 / (1 + discount) ** periods_2

    Attributes:
        value: The sum of the discounted flows.
        amounts: The flows in the order of their days.
        periods: The time from the reference date to each flow, in the discount's unit of time, to 34 digits; < 0 if the
            flow is earlier.
        discount: The rate of discount.
        as_of: The reference date. None if the flows do not have days.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InconsistentCountsError: The numbers of amounts and periods differ.
    """

    value: Money
    amounts: tuple[Money, ...] = attrs.field(default=(), converter=several)
    periods: tuple[Decimal, ...] = attrs.field(default=(), converter=several)
    discount: Discount
    as_of: date | None = None

    def _check(self) -> None:
        super()._check()
        for place, amount in enumerate(self.amounts):
            same_currency(self.value, amount, "amounts", place)
        if len(self.amounts) != len(self.periods):
            raise InconsistentCountsError(
                "amounts_without_periods",
                f"each amount must have a period, got {len(self.amounts)} amounts and {len(self.periods)} periods",
                field="periods",
                operands=(len(self.amounts), len(self.periods)),
            )

    def explain(self) -> Explanation:
        """Explain the value flow by flow."""
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
    """Return the net present value of dated cash flows: ``sum(amount / (1 + d) ** years)``, as XNPV in a spreadsheet.

    Examples:
        >>> from datetime import date
        >>> from crmcore import CashFlow, Discount, Money, TimeUnit, cashflow
        >>> flows = [
        ...     CashFlow(date(2008, 1, 1), Money(-10_000, "USD")),
        ...     CashFlow(date(2008, 3, 1), Money(2750, "USD")),
        ...     CashFlow(date(2008, 10, 30), Money(4250, "USD")),
        ...     CashFlow(date(2009, 2, 15), Money(3250, "USD")),
        ...     CashFlow(date(2009, 4, 1), Money(2750, "USD")),
        ... ]
        >>> cashflow.npv(flows, discount=Discount("0.09", TimeUnit.YEAR)).value.quantized()
        Money('2086.65', 'USD')

    Args:
        flows: The flows, in any order. A flow before the reference date is compounded forward to it.
        discount: The rate of discount. A rate per another unit than the year is converted by compounding.
        as_of: The reference date, by default the day of the first flow.
        day_count: How many days a year has. With ``actual/365`` a leap year is 366/365 of a year.
        currency: The currency of all flows; needed only if there may be no flows.

    Raises:
        CurrencyMismatchError: The flows are in two currencies; convert with ``Money.exchanged`` first.
        InvalidValueError: There are no flows and no currency is given, or the result exceeds 10^30.

    Source: Microsoft's documentation of XNPV; day-counts by the 2006 ISDA Definitions, section 4.16.
    """
    plan, found = _read_flows(flows, "flows", currency)
    yearly = _as_yearly(discount, day_count)
    code = add_up([], found)[1]  # refuses none
    if not plan:
        return PresentValue(value=Money.zero(code), discount=yearly, as_of=as_of)
    day = plan[0].day if as_of is None else as_of
    ticks = [_count_ticks(checks.as_date(day, "as_of"), flow.day, day_count) for flow in plan]
    total = ZERO
    for worth in _discount([flow.amount.amount for flow in plan], ticks, yearly, day_count):
        total = WIDE.add(total, worth)
    return PresentValue(
        value=round_money(total, code),
        amounts=tuple(flow.amount for flow in plan),
        periods=tuple(RATIO.divide(number, _TICKS_A_YEAR[day_count.value]) for number in ticks),
        discount=yearly,
        as_of=day,
    )


def npv_periodic(amounts: Iterable[Money], /, *, discount: Discount, currency: str | None = None) -> PresentValue:
    """Return the net present value of amounts one period apart, the first of them due now.

    NPV in a spreadsheet takes the first amount as due at the end of the first period. To get its result, give an amount
    of 0 first.

    Examples:
        >>> from crmcore import Discount, Money, TimeUnit, cashflow
        >>> cashflow.npv_periodic([Money(100, "EUR")] * 3, discount=Discount("0.1", TimeUnit.YEAR)).value.quantized()
        Money('273.55', 'EUR')

    Args:
        amounts: The amounts due now, one period from now, two periods from now and so on.
        discount: The rate of discount per period; its unit is the period.
        currency: The currency of all amounts; needed only if there may be no amounts.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InvalidValueError: There are no amounts and no currency is given, or the result exceeds 10^30.
    """
    monies = checks.as_tuple(amounts, Money, "amounts")
    due = WIDE.add(ONE, checks.as_instance(discount, Discount, "discount").rate)
    code = add_up(monies, currency, "amounts")[1]
    try:
        total = _sum_discounted(monies, due)
    except Overflow:
        raise _build_overflow_error(discount) from None
    return PresentValue(
        value=round_money(total, code),
        amounts=monies,
        periods=tuple(Decimal(number) for number in range(len(monies))),
        discount=discount,
    )


@attrs.frozen(kw_only=True)
class PlanComparison(Result):
    """The comparison of two plans: which is worth more, and from which day it leads.

    Examples:
        >>> from datetime import date
        >>> from crmcore import CashFlow, Discount, Money, TimeUnit, cashflow
        >>> euro = lambda year, amount: CashFlow(date(year, 1, 1), Money(amount, "EUR"))
        >>> tree = [euro(2026, 1000)]
        >>> garden = [euro(2026, -500)] + [euro(year, 400) for year in range(2027, 2037)]
        >>> choice = cashflow.compare(tree, garden, discount=Discount("0.1", TimeUnit.YEAR))
        >>> choice.lead.quantized(), choice.crossed_on
        (Money('957.18', 'EUR'), datetime.date(2031, 1, 1))

    Attributes:
        first: The value of the first plan.
        second: The value of the second plan on the same reference date.
        crossings: The days on which the lead changes, counting all flows up to and including that day.

    Raises:
        CurrencyMismatchError: The plans are in two currencies.
        InvalidValueError: The plans have different reference dates or discounts, or the crossings are out of order.
    """

    ratios = ("lead", "crossed_on")

    first: PresentValue
    second: PresentValue
    crossings: tuple[date, ...] = attrs.field(default=(), converter=several)

    def _check(self) -> None:
        super()._check()
        same_currency(self.first.value, self.second.value, "second")
        if self.first.as_of != self.second.as_of or self.first.discount != self.second.discount:
            raise InvalidValueError(
                "plans_valued_differently",
                "first and second must have the same reference date and the same discount",
                field="second",
                advice="take the comparison from cashflow.compare(...)",
            )
        late = next((place for place, (one, two) in enumerate(pairwise(self.crossings), 1) if two <= one), None)
        if late is not None:
            raise InvalidValueError(
                "crossings_out_of_order",
                f"crossings must be in order, each day once, got {show(self.crossings[late])} after "
                f"{show(self.crossings[late - 1])}",
                field="crossings",
                operands=self.crossings[late - 1 : late + 1],
                record=late,
            )

    @property
    def lead(self) -> Money:
        """The value of the second plan minus that of the first; < 0 if the first is worth more."""
        return self.second.value - self.first.value

    @property
    def crossed_on(self) -> date | None:
        """The day from which the better plan leads to the end. None if it leads from the start, or neither leads."""
        return self.crossings[-1] if self.crossings and self.lead else None

    def explain(self) -> Explanation:
        """Explain the lead line by line."""
        discount, as_of = self.first.discount, self.first.as_of
        unit = f"per {discount.per.value}" if as_of is None else f"per {discount.per.value}, to {as_of.isoformat()}"
        return Explanation(
            (
                term("discount", discount.rate, unit),
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
    """Compare two plans by present value, such as cutting a tree now and growing a garden.

    The higher the discount, the better the plan that pays early: report the rate with the result.

    Args:
        first: The flows of one plan, such as the short-term one.
        second: The flows of the other plan.
        discount: The rate of discount. A rate per another unit than the year is converted by compounding.
        as_of: The reference date, by default the first day of either plan.
        day_count: How many days a year has.
        currency: The currency of all flows; needed only if both plans may be empty.

    Raises:
        CurrencyMismatchError: The flows are in two currencies.
        InvalidValueError: There are no flows and no currency is given, or a value exceeds 10^30.

    Source: the source articles (see why.md) for the question; the method is the present value of `npv`.
    """
    one, found = _read_flows(first, "first", currency)
    other, found = _read_flows(second, "second", found)
    plans, flows = (one, other), [*one, *other]
    code = add_up([], found)[1]  # refuses none
    day = min((flow.day for flow in flows), default=None) if as_of is None else as_of
    values = [npv(plan, discount=discount, as_of=day, day_count=day_count, currency=code) for plan in plans]
    return PlanComparison(first=values[0], second=values[1], crossings=_find_crossings(*plans, discount, day_count))


@attrs.frozen(kw_only=True)
class InternalRate(Result):
    """The rates of discount per year at which cash flows are worth nothing.

    Examples:
        >>> from datetime import date
        >>> from crmcore import CashFlow, Money, cashflow
        >>> flows = [CashFlow(date(2026, 1, 1), Money(-100, "EUR")), CashFlow(date(2027, 1, 1), Money(120, "EUR"))]
        >>> cashflow.internal_rate(flows).discount
        Discount(rate=Decimal('0.2'), per=<TimeUnit.YEAR: 'year'>)

    Attributes:
        rates: The rates, in order.
        sign_changes: How often the flows, in order of their days, change from paid to received or back. There are at
            most as many rates; if it is 1, there is exactly one above -1.

    Raises:
        InconsistentCountsError: There are more rates than changes of sign.
    """

    ratios = ("value",)

    rates: tuple[Discount, ...] = attrs.field(default=(), converter=several)
    sign_changes: int

    def _check(self) -> None:
        super()._check()
        if len(self.rates) > self.sign_changes:
            raise InconsistentCountsError(
                "more_rates_than_sign_changes",
                f"rates must be at most sign_changes, got {len(self.rates)} and {self.sign_changes}",
                field="rates",
                operands=(len(self.rates), self.sign_changes),
            )

    @property
    def discount(self) -> Discount | None:
        """The rate, if there is exactly one. None if there are none, or several, of which none is right."""
        return self.rates[0] if len(self.rates) == 1 else None

    @property
    def value(self) -> Decimal | None:
        """The number of that rate, per year. None if there is none."""
        return None if self.discount is None else self.discount.rate

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """A caution if the flows change their sign more than once."""
        if self.sign_changes < 2:
            return ()
        return (
            Finding(
                rule="several_internal_rates",
                severity=Severity.WARNING,
                subject="rates",
                message="the flows change between paid and received more than once, so there may be several rates",
                advice="decide by npv at your own rate of discount",
                evidence=[("sign_changes", self.sign_changes), ("rates", len(self.rates))],
            ),
        )


def internal_rate(flows: Iterable[CashFlow], /, *, day_count: DayCount = DayCount.ACTUAL_365) -> InternalRate:
    """Return the internal rates of return of dated cash flows, as XIRR in a spreadsheet, but all of them.

    Examples:
        >>> from datetime import date
        >>> from crmcore import CashFlow, Money, cashflow
        >>> flows = [
        ...     CashFlow(date(2008, 1, 1), Money(-10_000, "USD")),
        ...     CashFlow(date(2008, 3, 1), Money(2750, "USD")),
        ...     CashFlow(date(2008, 10, 30), Money(4250, "USD")),
        ...     CashFlow(date(2009, 2, 15), Money(3250, "USD")),
        ...     CashFlow(date(2009, 4, 1), Money(2750, "USD")),
        ... ]
        >>> round(float(cashflow.internal_rate(flows).value), 6)
        0.373363

    Args:
        flows: The flows, in any order; those of one day are added up.
        day_count: How many days a year has.

    Returns:
        The rates between -99.9 per cent and one million per cent a year, to 34 digits. None of them if all flows are
        paid or all are received. A rate at which the value only touches 0 without a change of its sign is not found.

    Raises:
        CurrencyMismatchError: The flows are in two currencies.

    Source: Microsoft's documentation of XIRR; Descartes' rule of signs for the number of rates.
    """
    checks.as_member(day_count, DayCount, "day_count")
    plan, _ = _read_flows(flows, "flows", None)
    sums: dict[date, Decimal] = {}
    for flow in plan:
        sums[flow.day] = WIDE.add(sums.get(flow.day, ZERO), flow.amount.amount)
    steps = [(day, amount) for day, amount in sums.items() if amount]
    changes = sum((one > 0) != (other > 0) for (_, one), (_, other) in pairwise(steps))
    ticks = [_count_ticks(steps[0][0], day, day_count) for day, _ in steps]
    years = [WIDE.divide(number, _TICKS_A_YEAR[day_count.value]) for number in ticks]
    amounts = [amount for _, amount in steps]
    found = _find_roots(amounts, years) if changes else []
    return InternalRate(
        rates=[Discount(rate, TimeUnit.YEAR) for rate in found],
        sign_changes=changes,
    )


def _find_roots(amounts: list[Decimal], years: list[Decimal]) -> list[Decimal]:
    """Return the rates at which the value changes its sign, by bisection of ``ln(1 + rate)``."""
    grid = [Decimal(step).scaleb(-2, WIDE) for step in range(_LOWEST_LOG, _HIGHEST_LOG + 1)]
    values = [_value_at(amounts, years, log, _ROUGH) for log in grid]
    roots: list[Decimal] = []
    for (low, first), (high, second) in pairwise(zip(grid, values, strict=True)):
        if not first:
            roots.append(low)
        elif second and (first > 0) is not (second > 0):
            roots.append(_bisect(amounts, years, low, high))
    return [RATIO.normalize(WIDE.subtract(WIDE.exp(root), ONE)) for root in roots]


def _bisect(amounts: list[Decimal], years: list[Decimal], low: Decimal, high: Decimal) -> Decimal:
    below = _value_at(amounts, years, low, WIDE) > 0
    for _ in range(_HALVINGS):
        middle = WIDE.divide(WIDE.add(low, high), 2)
        if (_value_at(amounts, years, middle, WIDE) > 0) == below:
            low = middle
        else:
            high = middle
    return WIDE.divide(WIDE.add(low, high), 2)


def _value_at(amounts: list[Decimal], years: list[Decimal], log: Decimal, context: Context) -> Decimal:
    """Return the value of flows at a rate whose logarithm ``ln(1 + rate)`` is given."""
    total = ZERO
    for amount, time in zip(amounts, years, strict=True):
        total = context.add(total, context.multiply(amount, context.exp(context.multiply(context.minus(log), time))))
    return total


def _find_crossings(
    first: list[CashFlow], second: list[CashFlow], discount: Discount, day_count: DayCount
) -> tuple[date, ...]:
    """Return the days on which the sign of the lead changes."""
    steps = [(flow.day, flow.amount.amount) for flow in second]
    steps += [(flow.day, WIDE.minus(flow.amount.amount)) for flow in first]
    steps.sort(key=lambda step: step[0])
    if not steps:
        return ()
    ticks = [_count_ticks(steps[0][0], day, day_count) for day, _ in steps]
    worths = _discount([amount for _, amount in steps], ticks, _as_yearly(discount, day_count), day_count)
    leads: dict[date, Decimal] = {}
    lead = ZERO
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


def _sum_discounted(monies: Sequence[Money], due: Decimal) -> Decimal:
    """Return the present value of amounts that are one period apart."""
    total = ZERO
    for money in reversed(monies):
        total = WIDE.add(money.amount, WIDE.divide(total, due))
    return total


def _read_flows(flows: Iterable[CashFlow], name: str, currency: str | None) -> tuple[list[CashFlow], str | None]:
    """Return flows in the order of their days, and the currency that they have or must have."""
    given = list(checks.iterate_records(flows, CashFlow, name))
    code = add_up([flow.amount for flow in given], currency, name)[1] if given else currency
    return sorted(given, key=lambda flow: flow.day), code


def _as_yearly(discount: Discount, day_count: DayCount) -> Discount:
    checks.as_member(day_count, DayCount, "day_count")
    return checks.as_instance(discount, Discount, "discount").to(TimeUnit.YEAR, day_count=day_count)


def _discount(amounts: list[Decimal], ticks: list[int], yearly: Discount, day_count: DayCount) -> list[Decimal]:
    """Return the value of each amount that many ticks earlier."""
    try:
        return _multiply(amounts, ticks, yearly, day_count)
    except Overflow:
        raise _build_overflow_error(yearly) from None


def _multiply(amounts: list[Decimal], ticks: list[int], yearly: Discount, day_count: DayCount) -> list[Decimal]:
    steps: dict[int, Decimal] = {}  # equal gaps between flows are computed once
    worths: list[Decimal] = []
    factor, at = ONE, 0
    tick = WIDE.power(WIDE.add(ONE, yearly.rate), WIDE.divide(-1, _TICKS_A_YEAR[day_count.value]))
    for amount, number in zip(amounts, ticks, strict=True):
        gap = number - at
        if gap not in steps:
            steps[gap] = WIDE.power(tick, gap)
        factor, at = WIDE.multiply(factor, steps[gap]), number
        worths.append(WIDE.multiply(amount, factor))
    return worths


def _count_ticks(start: date, end: date, day_count: DayCount) -> int:
    """Return the time from one day to another in ticks; < 0 if the end is earlier."""
    if day_count is DayCount.ACTUAL_ACTUAL:
        return _count_calendar_ticks(end) - _count_calendar_ticks(start)
    if day_count is DayCount.THIRTY_360:
        return days_of_360(start, end) if start <= end else -days_of_360(end, start)
    days = (end - start).days
    return days * 4 if day_count is DayCount.ACTUAL_365_25 else days


def _count_calendar_ticks(day: date) -> int:
    """Return the ticks from the year 0 to a day, with the same number for every year."""
    a_year = _TICKS_A_YEAR[DayCount.ACTUAL_ACTUAL.value]
    first = date(day.year, 1, 1)
    length = (date(day.year, 12, 31) - first).days + 1
    return day.year * a_year + (day - first).days * (a_year // length)


def _build_overflow_error(discount: Discount) -> InvalidValueError:
    return InvalidValueError(
        "flows_too_large",
        f"the flows are too large to compute at a discount of {show(discount.rate)}",
        field="discount",
        operands=(discount.rate,),
    )
