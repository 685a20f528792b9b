"""The simple lifetime value, and what goes into it."""

from collections.abc import Iterable
from decimal import Decimal

from crmcore.primitives import checks
from crmcore.primitives._decimals import DEEP, EXACT, ONE, RATIO, ZERO, ratio
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.money import Money, round_money
from crmcore.primitives.rates import DayCount, TimeUnit
from crmcore.value.lifetime_value._inputs import a_cost, cost_schedule, margin_share
from crmcore.value.lifetime_value._result import Elasticity, LifetimeValue

__all__ = ["acquisition_cost", "break_even_price", "one_time", "orders_per_year", "simple"]


def simple(
    *,
    average_order: Money,
    orders_per_year: Decimal | int | str,
    years: Decimal | int | str,
    gross_margin: Decimal | int | str | float = 1,
    acquisition_cost: Money | None = None,
    service_cost: Money | Iterable[Money] | None = None,
    observed: Decimal | int | str | None = None,
) -> LifetimeValue:
    """The simple lifetime value: average order times orders a year times years, net of what is named.

    ``average_order * orders_per_year * years * gross_margin - acquisition_cost - service_cost * years``

    Examples:
        >>> rub = lambda amount: Money(amount, "RUB")
        >>> print(simple(average_order=rub(1000), orders_per_year=6, years=5, gross_margin="0.4").explain())
        average_order       1000  RUB
        orders_per_year        6  per year
        years                  5  years
        gross_margin         0.4
        annual_value        6000  RUB/year  = average_order * orders_per_year
        value            12000.0  RUB       = annual_value * years * gross_margin
        >>> simple(
        ...     average_order=rub(1000),
        ...     orders_per_year=6,
        ...     years=5,
        ...     gross_margin="0.4",
        ...     acquisition_cost=rub(3000),
        ...     service_cost=rub(500),
        ... ).value.quantized(0)
        Money('6500', 'RUB')

    Without a gross margin the value is revenue, not profit; `cautions` says so. The documents mean repeat purchases by
    orders a year, and so one who bought once has none and no years, and the formula gives nought: his value is that one
    order, which `one_time` gives.

    Args:
        average_order: The average amount of an order.
        orders_per_year: Orders a year, nought or more.
        years: The lifetime in years, nought or more.
        gross_margin: The share of an order that is left after the cost of goods, at most 1, below nought for a loss.
        acquisition_cost: What winning the customer costs, once.
        service_cost: What serving him costs a year; several amounts are those of his first, second, third ... year, the
            last of them holding in every further year too.
        observed: How many years of data stand behind the figures; a longer lifetime is a caution.

    Raises:
        CurrencyMismatchError: The amounts are in several currencies.
        InvalidValueError: A number outside its domain.
        WrongTypeError: A number where money is due, or a float where an exact number is due.

    Source: the documents (the book buyer: 1000 times 6 times 5 is 30 000) and the standard form net of costs.
    """
    checks.as_instance(average_order, Money, "average_order")
    orders = checks.as_non_negative(orders_per_year, "orders_per_year")
    lifetime = checks.as_non_negative(years, "years")
    margin = margin_share(gross_margin)
    schedule = cost_schedule(service_cost, "service_cost", average_order)
    annual = average_order * orders
    value = gross = annual * lifetime * margin
    lines = [
        term("average_order", average_order),
        term("orders_per_year", orders, "per year"),
        term("years", lifetime, "years"),
        term("gross_margin", margin),
        term("annual_value", annual, "/year", "average_order * orders_per_year"),
    ]
    formula = "annual_value * years * gross_margin"
    if acquisition_cost is not None:
        a_cost(acquisition_cost, "acquisition_cost", average_order)
        lines.append(term("acquisition_cost", acquisition_cost))
        formula += " - acquisition_cost"
        value -= acquisition_cost
    for number, (yearly, lasts) in enumerate(zip(schedule, _years_served(lifetime, len(schedule)), strict=True), 1):
        name = "service_cost" if len(schedule) == 1 else f"service_cost_{number}"
        lines += [term(name, yearly, "/year"), term(f"{name}_years", lasts, "years")]
        formula += f" - {name} * {name}_years"
        value -= yearly * lasts
    lines.append(term("value", value, "", formula))
    return LifetimeValue(
        value=value,
        years=lifetime,
        acquisition_cost=acquisition_cost,
        yearly=tuple(annual * margin - yearly for yearly in schedule or (average_order * 0,)),
        elasticity=Elasticity(margin=ratio(gross.amount, value.amount)),
        cautions=(*_beyond(lifetime, observed), *simple_cautions(margin, schedule)),
        explanation=Explanation(lines),
    )


def one_time(
    *,
    order: Money,
    gross_margin: Decimal | int | str | float = 1,
    acquisition_cost: Money | None = None,
    service_cost: Money | None = None,
) -> LifetimeValue:
    """What one who buys once is worth: that one order, net of what is named.

    The documents' formula gives nought for him, since it counts repeat purchases over the time from the first to the
    last; yet one order was paid for.

    Examples:
        >>> one_time(order=Money(1000, "RUB"), gross_margin="0.4", acquisition_cost=Money(300, "RUB")).value
        Money('100.0', 'RUB')

    Args:
        order: The amount of the order.
        gross_margin: As for `simple`.
        acquisition_cost: What winning the customer costs.
        service_cost: What serving him costs in all.

    Raises:
        CurrencyMismatchError: The amounts are in several currencies.
        InvalidValueError: A number outside its domain.
        WrongTypeError: A number where money is due.

    Source: the documents ("those who buy one book" are a segment of their own).
    """
    checks.as_instance(order, Money, "order")
    margin = margin_share(gross_margin)
    lines = [term("order", order), term("gross_margin", margin)]
    formula = "order * gross_margin"
    value = gross = order * margin
    for name, cost in (("acquisition_cost", acquisition_cost), ("service_cost", service_cost)):
        if cost is not None:
            value -= a_cost(cost, name, order)
            lines.append(term(name, cost))
            formula += f" - {name}"
    lines.append(term("value", value, "", formula))
    return LifetimeValue(
        value=value,
        years=ZERO,
        acquisition_cost=acquisition_cost,
        elasticity=Elasticity(margin=ratio(gross.amount, value.amount)),
        cautions=simple_cautions(margin, () if service_cost is None else (service_cost,)),
        explanation=Explanation(lines),
    )


def orders_per_year(
    every: Decimal | int | str, unit: TimeUnit = TimeUnit.MONTH, *, day_count: DayCount | None = None
) -> Decimal:
    """How many orders a year one makes who orders every so many months, or other units, to 34 digits.

    Examples:
        >>> orders_per_year(2)  # every two months
        Decimal('6')

    Args:
        every: The time from one order to the next, above nought.
        unit: What it is counted in.
        day_count: How days make up a year; needed only for days and weeks.

    Raises:
        InvalidValueError: The time is not above nought, or the unit has no fixed ratio to a year.
        WrongTypeError: A value of the wrong type.
    """
    interval = checks.as_positive(every, "every")
    checks.as_member(unit, TimeUnit, "unit")
    return RATIO.divide(TimeUnit.YEAR.number_of(unit, day_count=day_count), interval)


def acquisition_cost(*, spend: Money, new_customers: int) -> Money | None:
    """What winning one customer costs on average (CAC): the spend on marketing and sales over the customers it won.

    Examples:
        >>> acquisition_cost(spend=Money(50_000, "EUR"), new_customers=100)
        Money('500', 'EUR')

    Args:
        spend: What was spent on marketing and sales, nought or more.
        new_customers: How many customers it won; None is the answer where it won none.

    Raises:
        InvalidValueError: A number below nought.
        WrongTypeError: A value of the wrong type.

    Source: standard, the blended form: customers who came by themselves count as won.
    """
    total = a_cost(spend, "spend", checks.as_instance(spend, Money, "spend"))
    won = checks.as_count(new_customers, "new_customers")
    return total / won if won else None


def break_even_price(
    *,
    target: Money,
    orders_per_year: Decimal | int | str,
    years: Decimal | int | str,
    gross_margin: Decimal | int | str | float = 1,
    service_cost: Money | Iterable[Money] | None = None,
) -> Money | None:
    """The average order at which the simple value, net of service, reaches a target such as an acquisition cost.

    ``(target + service_cost * years) / (orders_per_year * years * gross_margin)``

    Examples:
        >>> break_even_price(target=Money(40_000, "RUB"), orders_per_year=6, years=5).quantized()
        Money('1333.33', 'RUB')

    Args:
        target: The value to reach.
        orders_per_year: As for `simple`.
        years: As for `simple`; the years that reach a target are `SpendGuard.years_needed`.
        gross_margin: As for `simple`.
        service_cost: As for `simple`.

    Returns:
        None where no price does it: there are no orders, or each of them is sold at a loss.

    Raises:
        CurrencyMismatchError: The amounts are in several currencies.
        InvalidValueError: A number outside its domain.
        WrongTypeError: A number where money is due, or a float where an exact number is due.
    """
    needed = checks.as_instance(target, Money, "target")
    orders = checks.as_non_negative(orders_per_year, "orders_per_year")
    lifetime = checks.as_non_negative(years, "years")
    schedule = cost_schedule(service_cost, "service_cost", target)
    for yearly, lasts in zip(schedule, _years_served(lifetime, len(schedule)), strict=True):
        needed += yearly * lasts
    factor = EXACT.multiply(EXACT.multiply(orders, lifetime), margin_share(gross_margin))
    return round_money(DEEP.divide(needed.amount, factor), needed.currency) if factor > 0 else None


def _years_served(years: Decimal, entries: int) -> list[Decimal]:
    """How much of a lifetime each entry of a schedule covers; the last covers all that is left."""
    covered = [min(ONE, max(ZERO, EXACT.subtract(years, number))) for number in range(entries - 1)]
    return [*covered, max(ZERO, EXACT.subtract(years, entries - 1))] if entries else []


def simple_cautions(gross_margin: Decimal, schedule: tuple[Money, ...]) -> tuple[Finding, ...]:
    """What a value leans on whose margin or service cost is not named."""
    cautions = list(revenue_cautions(gross_margin))
    if not schedule:
        cautions.append(
            Finding(
                rule="service_cost_left_out",
                severity=Severity.INFO,
                subject="service_cost",
                message="serving the customer is counted as free",
                advice="name what serving him costs a year, as one amount or one for each year of tenure",
            )
        )
    return tuple(cautions)


def revenue_cautions(gross_margin: Decimal) -> tuple[Finding, ...]:
    """What a value leans on whose margin is not named."""
    if gross_margin < ONE:
        return ()
    return (
        Finding(
            rule="revenue_not_profit",
            severity=Severity.WARNING,
            subject="gross_margin",
            message="every order counts in full, as if the goods cost nothing",
            advice="name the gross margin before you compare the value with money to be spent",
        ),
    )


def _beyond(years: Decimal, observed: Decimal | int | str | None) -> tuple[Finding, ...]:
    if observed is None or years <= (seen := checks.as_non_negative(observed, "observed")):
        return ()
    return (
        Finding(
            rule="longer_than_history",
            severity=Severity.WARNING,
            subject="years",
            message="the lifetime is longer than the history it was learnt from",
            advice="state it as an assumption, or cut it to what was seen",
            evidence=(("years", years), ("observed", seen)),
        ),
    )
