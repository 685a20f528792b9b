"""Values of customers who are promoted to: kept from cycle to cycle, or coming back after a silence."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Final

from crmcore.primitives import checks, money
from crmcore.primitives._decimals import DEEP, HALF, ONE, RATIO, ZERO, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.money import Money, round_money
from crmcore.primitives.rates import Discount, TimeUnit
from crmcore.value.lifetime_value._result import Elasticity, LifetimeValue
from crmcore.value.lifetime_value._retention import CONSTANT_RETENTION

__all__ = ["expected_buyers", "migration", "promoted"]

COUNTED_TO_A_HORIZON: Final = Finding(
    rule="counted_to_a_horizon",
    severity=Severity.INFO,
    subject="value",
    message="what customers bring after the horizon is left out",
    advice="name the horizon with the value, which is not a full lifetime value",
)


def promoted(
    *,
    margin: Money,
    promotion: Money,
    retention: Decimal | int | str | float,
    discount: Discount,
    years: int,
    cycles_per_year: int = 1,
    years_per_cycle: int = 1,
    promoted_yearly: bool = False,
) -> LifetimeValue:
    """Return the value of a customer who buys once a cycle as long as they are kept, and is promoted to in between.

    The margin of the first cycle comes now, and the last after `years`. The promotion of a cycle is paid in its middle,
    for the customers who were kept so far.

    Examples:
        >>> from crmcore import Discount, Money, TimeUnit, lifetime_value
        >>> insurance = lifetime_value.promoted(
        ...     margin=Money(260, "USD"),
        ...     promotion=Money(50, "USD"),
        ...     retention="0.75",
        ...     discount=Discount("0.2", TimeUnit.YEAR),
        ...     years=10,
        ... )
        >>> insurance.value.quantized()
        Money('568.78', 'USD')
        >>> car = lifetime_value.promoted(
        ...     margin=Money(1000, "USD"),
        ...     promotion=Money(100, "USD"),
        ...     retention="0.7",
        ...     discount=Discount("0.2", TimeUnit.YEAR),
        ...     years=9,
        ...     years_per_cycle=3,
        ... )
        >>> car.value.quantized()
        Money('1516.30', 'USD')

    Args:
        margin: What a customer who is kept brings in one cycle (the gross contribution).
        promotion: What promoting to one customer costs in one cycle, or in one year if `promoted_yearly` is True.
        retention: The share of customers kept from one cycle to the next.
        discount: The rate of discount per year.
        years: The horizon. It must be a whole number of cycles.
        cycles_per_year: The number of cycles a year, if there are several.
        years_per_cycle: The number of years of a cycle, if there are several.
        promoted_yearly: Whether there is one promotion in the middle of each year instead of each cycle.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InvalidValueError: The discount is not per year, the horizon is no whole number of cycles, or a number is
            outside its domain.

    Source: Berger and Nasr 1998, Customer lifetime value: marketing models and applications, Journal of Interactive
    Marketing 12(1):17-30, cases 1 (one cycle a year), 2a (several cycles a year) and 2b (several years a cycle). The
    yearly promotion is another reading of case 2b.
    """
    checks.as_instance(margin, Money, "margin")
    spent = money.as_non_negative(promotion, "promotion", margin)
    kept = checks.as_share(retention, "retention")
    rate = _as_yearly(discount)
    horizon = checks.as_size(years, "years")
    several = checks.as_count(cycles_per_year, "cycles_per_year", least=1)
    long = checks.as_count(years_per_cycle, "years_per_cycle", least=1)
    yearly = checks.as_instance(promoted_yearly, bool, "promoted_yearly")
    cycles = Fraction(horizon * several, long)
    if cycles.denominator > 1:
        raise InvalidValueError(
            "years_not_whole_cycles",
            f"years must be a whole number of cycles of {show(long)} years, got {show(horizon)}",
            field="years",
            operands=(horizon, long),
        )
    due = DEEP.add(ONE, rate)
    number, cycle = int(cycles), DEEP.divide(long, several)
    a_cycle = DEEP.power(due, DEEP.minus(cycle))
    carried = DEEP.multiply(kept, a_cycle)
    margins = DEEP.multiply(margin.amount, _sum_powers(carried, number + 1))
    if yearly:
        parts = [
            DEEP.multiply(
                DEEP.power(kept, kept_cycles) if (kept_cycles := floor(year * several / Fraction(long))) else ONE,
                DEEP.power(due, DEEP.minus(DEEP.add(year, HALF))),
            )
            for year in range(horizon)
        ]
        promotions = DEEP.multiply(spent.amount, _add(parts))
    else:
        half = DEEP.power(due, DEEP.minus(DEEP.divide(cycle, 2)))
        promotions = DEEP.multiply(DEEP.multiply(spent.amount, half), _sum_powers(carried, number))
    net = DEEP.subtract(margins, promotions)
    value = round_money(net, margin.currency)
    lines = [
        term("margin", margin, "/cycle"),
        term("promotion", spent, "/year" if yearly else "/cycle"),
        term("retention", kept, "per cycle"),
        term("discount", rate, "per year"),
        term("years", horizon, "years"),
        term("cycle", RATIO.plus(cycle), "years"),
        term("margins", round_money(margins, margin.currency), ", discounted"),
        term("promotions", round_money(promotions, margin.currency), ", discounted"),
        term("value", value, "", "margins - promotions"),
    ]
    return LifetimeValue(
        value=value,
        years=Decimal(horizon),
        truncated=True,
        elasticity=Elasticity(margin=ratio(margins, net)),
        cautions=(CONSTANT_RETENTION, COUNTED_TO_A_HORIZON),
        explanation=Explanation(lines),
    )


def expected_buyers(repurchase: Iterable[Decimal | int | str | float], /, *, periods: int) -> tuple[Decimal, ...]:
    """Return the share of a cohort that buys in each period, if customers who stay away may come back.

    Examples:
        >>> from crmcore import lifetime_value
        >>> buyers = lifetime_value.expected_buyers(["0.3", "0.2", "0.15", "0.05"], periods=4)
        >>> [str(share) for share in buyers]
        ['1', '0.3', '0.23', '0.195', '0.1397']

    Args:
        repurchase: The probability to buy again for a customer who last bought one period ago, two periods ago and so
            on. After the last of them, the customer is lost.
        periods: The number of periods after the first purchase.

    Source: Berger and Nasr 1998, case 5: ``C_i = sum_j C_(i-j) P_j prod_(k<j) (1 - P_k)``.
    """
    chances = _as_chances(repurchase)
    flow = _follow(chances, checks.as_size(periods, "periods"))
    return tuple(RATIO.normalize(cells[0]) for cells in flow)


def migration(
    *,
    margin: Money,
    promotion: Money,
    repurchase: Iterable[Decimal | int | str | float],
    discount: Discount,
    periods: int,
    promote_to_all: bool = False,
) -> LifetimeValue:
    """Return the value of a customer who may come back after a silence, such as a buyer from a catalogue.

    A purchase brings a margin at the end of its period, and a promotion is paid in the middle of each period.

    Examples:
        >>> from crmcore import Discount, Money, TimeUnit, lifetime_value
        >>> catalogue = dict(
        ...     margin=Money(40, "USD"),
        ...     promotion=Money(4, "USD"),
        ...     repurchase=["0.3", "0.2", "0.15", "0.05"],
        ...     discount=Discount("0.2", TimeUnit.YEAR),
        ...     periods=4,
        ... )
        >>> lifetime_value.migration(**catalogue).value.quantized()
        Money('58.04', 'USD')
        >>> lifetime_value.migration(**catalogue, promote_to_all=True).value.quantized()
        Money('52.25', 'USD')

    Args:
        margin: What a purchase brings (the gross contribution).
        promotion: What promoting to one customer costs in a period.
        repurchase: The probability to buy again for a customer who last bought one period ago, two periods ago and so
            on. After the last of them, the customer is lost.
        discount: The rate of discount per period; its unit is the period.
        periods: The number of periods after the first purchase.
        promote_to_all: Whether the promotion goes to all customers who are not lost yet. By default it goes to those
            who bought in the period before, as in the source.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InvalidValueError: A number is outside its domain.

    Source: Berger and Nasr 1998, case 5, on the migration model of Dwyer 1989, Customer lifetime valuation to support
    marketing decision making, Journal of Direct Marketing 3(4):8-15.
    """
    checks.as_instance(margin, Money, "margin")
    spent = money.as_non_negative(promotion, "promotion", margin)
    chances = _as_chances(repurchase)
    due = DEEP.add(ONE, checks.as_instance(discount, Discount, "discount").rate)
    everyone = checks.as_instance(promote_to_all, bool, "promote_to_all")
    number = checks.as_size(periods, "periods")
    flow = _follow(chances, number)
    bought = _add(
        DEEP.divide(cells[0], DEEP.power(due, period) if period else ONE) for period, cells in enumerate(flow)
    )
    mailed = _add(
        DEEP.divide(_add(cells) if everyone else cells[0], DEEP.power(due, DEEP.add(period, HALF)))
        for period, cells in enumerate(flow[:-1])
    )
    margins, promotions = DEEP.multiply(margin.amount, bought), DEEP.multiply(spent.amount, mailed)
    net = DEEP.subtract(margins, promotions)
    value = round_money(net, margin.currency)
    return LifetimeValue(
        value=value,
        truncated=True,
        elasticity=Elasticity(margin=ratio(margins, net)),
        cautions=(COUNTED_TO_A_HORIZON,),
        explanation=Explanation(
            (
                term("margin", margin, "/purchase"),
                term("promotion", spent, f"/{discount.per.value}"),
                term("discount", discount.rate, f"per {discount.per.value}"),
                term("periods", number, f"{discount.per.value}s"),
                term("purchases", RATIO.plus(bought), "purchases, discounted"),
                term("promotions", RATIO.plus(mailed), "promotions, discounted"),
                term("value", value, "", "margin * purchases - promotion * promotions"),
            )
        ),
    )


def _as_chances(repurchase: Iterable[Decimal | int | str | float]) -> list[Decimal]:
    return [
        checks.as_share(chance, f"repurchase[{place}]")
        for place, chance in enumerate(checks.iterate(repurchase, "repurchase", "probability"))
    ]


def _follow(chances: list[Decimal], periods: int) -> list[list[Decimal]]:
    """Return for each period the shares of the cohort who last bought now, a period ago and so on, without the lost."""
    cells = [ONE, *(ZERO for _ in chances[1:])]
    flow = [cells]
    for _ in range(periods):
        buying = _add(DEEP.multiply(cell, chance) for cell, chance in zip(cells, chances, strict=False))
        away = [
            DEEP.multiply(cell, DEEP.subtract(ONE, chance)) for cell, chance in zip(cells, chances[:-1], strict=False)
        ]
        cells = [buying, *away]
        flow.append(cells)
    return flow


def _as_yearly(discount: Discount) -> Decimal:
    if checks.as_instance(discount, Discount, "discount").per is not TimeUnit.YEAR:
        raise InvalidValueError(
            "discount_not_yearly",
            f"discount must be per year, got per {discount.per.value}",
            field="discount",
            advice="convert it with .to(TimeUnit.YEAR)",
            operands=(discount.per.value,),
        )
    return discount.rate


def _sum_powers(base: Decimal, number: int) -> Decimal:
    """Return the sum of the first powers of a number, beginning with 1."""
    if base == ONE or not base:
        return Decimal(number) if base else Decimal(min(number, 1))
    return DEEP.divide(DEEP.subtract(ONE, DEEP.power(base, number)), DEEP.subtract(ONE, base))


def _add(numbers: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for number in numbers:
        total = DEEP.add(total, number)
    return total
