"""The simple lifetime value and its inputs."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import reduce

from crmcore.primitives import checks, money
from crmcore.primitives._decimals import EXACT, ONE, RATIO, ZERO, ratio
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.money import Money, round_money
from crmcore.primitives.rates import DayCount, TimeUnit
from crmcore.value.lifetime_value._inputs import as_cost_schedule, as_gross_margin
from crmcore.value.lifetime_value._least import covers, find_least_amount
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
    """Return the simple lifetime value: average order times orders a year times years, less the costs that are given.

    ``average_order * orders_per_year * years * gross_margin - acquisition_cost - service_cost * years``

    Examples:
        >>> from crmcore import Money, lifetime_value
        >>> rub = lambda amount: Money(amount, "RUB")
        >>> worth = lifetime_value.simple(average_order=rub(1000), orders_per_year=6, years=5, gross_margin="0.4")
        >>> print(worth.explain())
        average_order       1000  RUB
        orders_per_year        6  per year
        years                  5  years
        gross_margin         0.4
        annual_value        6000  RUB/year  = average_order * orders_per_year
        value            12000.0  RUB       = annual_value * years * gross_margin
        caution: service_cost_left_out: serving the customer is counted as free
        >>> lifetime_value.simple(
        ...     average_order=rub(1000),
        ...     orders_per_year=6,
        ...     years=5,
        ...     gross_margin="0.4",
        ...     acquisition_cost=rub(3000),
        ...     service_cost=rub(500),
        ... ).value.quantized(0)
        Money('6500', 'RUB')

    Without a gross margin the value is revenue, not profit; `cautions` says so. In the source articles, orders a year
    are repeat purchases. A customer who bought once has none and no years, so the formula gives 0 although one order
    was paid. Use `one_time` for them.

    Args:
        average_order: The average amount of an order.
        orders_per_year: Orders a year, >= 0.
        years: The lifetime in years, >= 0.
        gross_margin: The share of an order that is left after the cost of goods: at most 1, below 0 for a loss.
        acquisition_cost: What winning the customer costs, once.
        service_cost: What serving the customer costs a year. Several amounts are those of the first year, the second
            and so on; the last amount is also that of every later year.
        observed: How many years of data the figures come from. A longer lifetime is a caution.

    Raises:
        CurrencyMismatchError: The amounts are in several currencies.
        InvalidValueError: A number is outside its domain.

    Source: the source articles (see why.md), where a book buyer is worth 1000 * 6 * 5 = 30,000; and the standard form
    net of costs.
    """
    checks.as_instance(average_order, Money, "average_order")
    orders = checks.as_non_negative(orders_per_year, "orders_per_year")
    lifetime = checks.as_non_negative(years, "years")
    margin = as_gross_margin(gross_margin)
    schedule = as_cost_schedule(service_cost, "service_cost", average_order)
    annual = average_order * orders
    shares = _share_years(lifetime, schedule)
    exact = _multiply(average_order.amount, orders, lifetime, margin)
    gross = round_money(exact, average_order.currency)
    lines = [
        term("average_order", average_order),
        term("orders_per_year", orders, "per year"),
        term("years", lifetime, "years"),
        term("gross_margin", margin),
        term("annual_value", annual, "/year", "average_order * orders_per_year"),
    ]
    formula = "annual_value * years * gross_margin"
    if acquisition_cost is not None:
        money.as_non_negative(acquisition_cost, "acquisition_cost", average_order)
        exact = EXACT.subtract(exact, acquisition_cost.amount)
        lines.append(term("acquisition_cost", acquisition_cost))
        formula += " - acquisition_cost"
    for number, (yearly, lasts) in enumerate(shares, 1):
        name = "service_cost" if len(schedule) == 1 else f"service_cost_{number}"
        lines += [term(name, yearly, "/year"), term(f"{name}_years", lasts, "years")]
        formula += f" - {name} * {name}_years"
        exact = EXACT.subtract(exact, EXACT.multiply(yearly.amount, lasts))
    value = round_money(exact, average_order.currency)
    lines.append(term("value", value, "", formula))
    return LifetimeValue(
        value=value,
        years=lifetime,
        acquisition_cost=acquisition_cost,
        yearly=tuple(annual * margin - yearly for yearly in schedule or (average_order * 0,)),
        elasticity=Elasticity(margin=ratio(gross.amount, value.amount)),
        cautions=(*_find_extrapolation(lifetime, observed), *_find_omissions(margin, schedule)),
        explanation=Explanation(lines),
    )


def one_time(
    *,
    order: Money,
    gross_margin: Decimal | int | str | float = 1,
    acquisition_cost: Money | None = None,
    service_cost: Money | None = None,
) -> LifetimeValue:
    """Return the value of a customer who buys once: that one order, less the costs that are given.

    The formula of the source articles gives 0 for such a customer, because it counts repeat purchases between the first
    purchase and the last. Yet one order was paid.

    Examples:
        >>> from crmcore import Money, lifetime_value
        >>> lifetime_value.one_time(
        ...     order=Money(1000, "RUB"), gross_margin="0.4", acquisition_cost=Money(300, "RUB")
        ... ).value
        Money('100.0', 'RUB')

    Args:
        order: The amount of the order.
        gross_margin: The share of the order that is left after the cost of goods: at most 1, below 0 for a loss.
        acquisition_cost: What winning the customer costs.
        service_cost: What serving the customer costs in total.

    Raises:
        CurrencyMismatchError: The amounts are in several currencies.
        InvalidValueError: A number is outside its domain.

    Source: the source articles (see why.md), where customers who buy one book are a segment of their own.
    """
    checks.as_instance(order, Money, "order")
    margin = as_gross_margin(gross_margin)
    lines = [term("order", order), term("gross_margin", margin)]
    formula = "order * gross_margin"
    value = gross = order * margin
    for name, cost in (("acquisition_cost", acquisition_cost), ("service_cost", service_cost)):
        if cost is not None:
            value -= money.as_non_negative(cost, name, order)
            lines.append(term(name, cost))
            formula += f" - {name}"
    lines.append(term("value", value, "", formula))
    return LifetimeValue(
        value=value,
        years=ZERO,
        acquisition_cost=acquisition_cost,
        elasticity=Elasticity(margin=ratio(gross.amount, value.amount)),
        cautions=_find_omissions(margin, () if service_cost is None else (service_cost,)),
        explanation=Explanation(lines),
    )


def orders_per_year(
    every: Decimal | int | str, unit: TimeUnit = TimeUnit.MONTH, *, day_count: DayCount | None = None
) -> Decimal:
    """Return the orders a year of a customer who orders at a fixed interval, to 34 digits.

    Examples:
        >>> from crmcore import lifetime_value
        >>> lifetime_value.orders_per_year(2)  # every two months
        Decimal('6')

    Args:
        every: The time from one order to the next, > 0.
        unit: The unit of `every`.
        day_count: How many days a year has; needed only for days and weeks.

    Raises:
        InvalidValueError: The interval is not above 0, or the unit has no fixed ratio to a year.
    """
    interval = checks.as_positive(every, "every")
    checks.as_member(unit, TimeUnit, "unit")
    return RATIO.divide(TimeUnit.YEAR.number_of(unit, day_count=day_count), interval)


def acquisition_cost(*, spend: Money, new_customers: int) -> Money | None:
    """Return the average cost of winning one customer (CAC), or None if `new_customers` is 0.

    Examples:
        >>> from crmcore import Money, lifetime_value
        >>> lifetime_value.acquisition_cost(spend=Money(50_000, "EUR"), new_customers=100)
        Money('500', 'EUR')

    Args:
        spend: What was spent on marketing and sales, >= 0.
        new_customers: How many customers were won, >= 0.

    Raises:
        InvalidValueError: A number is below 0.

    Source: the standard blended form, which also counts the customers who came without marketing.
    """
    total = money.as_non_negative(spend, "spend")
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
    """Return the lowest average order at which the simple value, net of service, reaches a target.

    ``(target + service_cost * years) / (orders_per_year * years * gross_margin)``, rounded up to at most 40 decimals

    Examples:
        >>> from crmcore import Money, lifetime_value
        >>> lifetime_value.break_even_price(target=Money(40_000, "RUB"), orders_per_year=6, years=5).quantized()
        Money('1333.33', 'RUB')

    Args:
        target: The value to reach, such as an acquisition cost.
        orders_per_year: Orders a year, >= 0.
        years: The lifetime in years, >= 0. For the years that reach a target, see `SpendGuard.years_needed`.
        gross_margin: The share of an order that is left after the cost of goods: at most 1, below 0 for a loss.
        service_cost: What serving the customer costs a year, as one amount or several, as in `simple`.

    Returns:
        None if no price reaches the target: there are no orders, or the gross margin is not above 0.

    Raises:
        CurrencyMismatchError: The amounts are in several currencies.
        InvalidValueError: A number is outside its domain.
    """
    needed = Fraction(checks.as_instance(target, Money, "target").amount)
    orders = checks.as_non_negative(orders_per_year, "orders_per_year")
    lifetime = checks.as_non_negative(years, "years")
    for yearly, lasts in _share_years(lifetime, as_cost_schedule(service_cost, "service_cost", target)):
        needed += Fraction(yearly.amount) * Fraction(lasts)
    factor = Fraction(_multiply(orders, lifetime, as_gross_margin(gross_margin)))
    if factor <= 0:
        return None
    costs = needed - Fraction(target.amount)
    least = find_least_amount(needed / factor, lambda price: covers(price * factor - costs, target.amount))
    return round_money(least, target.currency)


def _multiply(*numbers: Decimal) -> Decimal:
    """Return the exact product, so that a value is rounded once."""
    return reduce(EXACT.multiply, numbers)


def _share_years(years: Decimal, schedule: tuple[Money, ...]) -> list[tuple[Money, Decimal]]:
    """Return each cost of a schedule with its number of years; the last cost has all the years that are left."""
    shares: list[tuple[Money, Decimal]] = []
    for number, cost in enumerate(schedule, 1):
        left = max(ZERO, EXACT.subtract(years, number - 1))
        shares.append((cost, left if number == len(schedule) else min(ONE, left)))
    return shares


def find_revenue_caution(gross_margin: Decimal) -> tuple[Finding, ...]:
    """Return a caution if the margin is 1, so that the value is revenue."""
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


def _find_omissions(gross_margin: Decimal, schedule: tuple[Money, ...]) -> tuple[Finding, ...]:
    """Return a caution for each cost that is left out: goods, service."""
    cautions = find_revenue_caution(gross_margin)
    if schedule:
        return cautions
    return (
        *cautions,
        Finding(
            rule="service_cost_left_out",
            severity=Severity.INFO,
            subject="service_cost",
            message="serving the customer is counted as free",
            advice="name the cost of service a year, as one amount or one for each year of tenure",
        ),
    )


def _find_extrapolation(years: Decimal, observed: Decimal | int | str | None) -> tuple[Finding, ...]:
    """Return a caution if the lifetime is longer than the data it was estimated from."""
    if observed is None or years <= (seen := checks.as_non_negative(observed, "observed")):
        return ()
    return (
        Finding(
            rule="longer_than_history",
            severity=Severity.WARNING,
            subject="years",
            message="the lifetime is longer than the recorded history that it was estimated from",
            advice="state it as an assumption, or shorten it to what you observed",
            evidence=(("years", years), ("observed", seen)),
        ),
    )
