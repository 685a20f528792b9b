"""Checks of what enters the calculators of this package."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, cast

from crmcore.model.purchase import Cost, Purchase
from crmcore.primitives import checks, money
from crmcore.primitives._decimals import ONE, RATIO, plain
from crmcore.primitives.checks import show
from crmcore.primitives.errors import CurrencyMismatchError, InvalidValueError
from crmcore.primitives.money import Money
from crmcore.primitives.rates import Discount, Retention, have_fixed_ratio

_SHORT: Final = RATIO.copy()
_SHORT.prec = 6


def as_cost_schedule(value: object, name: str, beside: Money) -> tuple[Money, ...]:
    """Return a cost for each year of tenure, from one amount for all years, several amounts or None."""
    if value is None:
        return ()
    if not isinstance(value, Iterable) or isinstance(value, str):
        return (money.as_non_negative(value, name, beside),)
    several = cast("Iterable[object]", value)
    walk = checks.end_at_limit(checks.iterate(several, name, "Money"), several, name)
    schedule = tuple(money.as_non_negative(cost, f"{name}[{place}]", beside) for place, cost in enumerate(walk))
    if not schedule:
        raise InvalidValueError(
            "no_amount_in_schedule",
            f"{name} must have at least one amount",
            field=name,
            advice="leave it out if there is none",
        )
    return schedule


def as_gross_margin(value: object) -> Decimal:
    """Check a gross margin: at most 1, and below 0 for goods sold at a loss."""
    margin = checks.as_exact(checks.as_decimal(value, "gross_margin", floats=True), "gross_margin")
    if margin > ONE:
        raise InvalidValueError(
            "margin_above_one",
            f"gross_margin must be at most 1, got {show(margin)}",
            field="gross_margin",
            advice=checks.advise_share(margin, "40 per cent is '0.4'"),
            operands=(margin,),
        )
    return margin


def as_growth(value: object) -> Decimal:
    """Check the rate at which a margin grows from one period to the next: at least -1."""
    growth = checks.as_decimal(value, "growth", floats=True)
    if growth < -1:
        raise InvalidValueError(
            "growth_below_minus_one",
            f"growth must be >= -1, got {show(growth)}",
            field="growth",
            advice="5 per cent is '0.05'",
            operands=(growth,),
        )
    return growth


def check_same_unit(retention: Retention, discount: Discount) -> None:
    """Check that both rates have the same unit of time."""
    checks.as_instance(retention, Retention, "retention")
    checks.as_instance(discount, Discount, "discount")
    if retention.per is discount.per:
        return
    unit = retention.per
    if not have_fixed_ratio(unit, discount.per):
        raise InvalidValueError(
            "rates_without_fixed_ratio",
            f"retention is per {unit.value} but discount per {discount.per.value}, which have no fixed ratio",
            field="discount",
            advice=f"name one: discount.to(TimeUnit.{unit.name}, day_count=DayCount.ACTUAL_365)",
            operands=(unit.value, discount.per.value),
        )
    converted = plain(_SHORT.plus(discount.to(unit).rate))
    raise InvalidValueError(
        "rates_of_two_units",
        f"retention and discount must have the same unit of time, got {unit.value} and {discount.per.value}",
        field="discount",
        advice=f"write discount.to(TimeUnit.{unit.name}), which is about {converted} per {unit.value}",
        operands=(unit.value, discount.per.value),
    )


def as_currency(value: str | None) -> str | None:
    """Check the currency that a caller named, or None if they named none."""
    return None if value is None else Money.zero(value).currency


def match_currency(currency: str | None, record: Purchase | Cost, place: int) -> str:
    """Return the currency of a record at a place of the caller's, which must be that of the records before it."""
    found = record.amount.currency
    if currency not in (None, found):
        kind = type(record).__name__.lower()
        raise CurrencyMismatchError(
            "records_in_two_currencies",
            f"all records must be in one currency, {currency}, got {found} in the {kind} at {show(record.at)}",
            field=f"{kind}s",
            advice="convert one with exchanged(...)",
            operands=(currency, found),
            record=place,
        )
    return found


def require_currency(currency: str | None) -> str:
    """Return the currency found in the records or named by the caller."""
    if currency is None:
        raise InvalidValueError(
            "no_records_and_no_currency",
            "currency must be given if there are no purchases and no costs",
            field="currency",
            advice="write currency='EUR'",
        )
    return currency
