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
from crmcore.primitives.rates import Discount, Retention

_SHORT: Final = RATIO.copy()
_SHORT.prec = 6


def as_cost_schedule(value: object, name: str, beside: Money) -> tuple[Money, ...]:
    """Return a cost for each year of tenure, from one amount for all years, several amounts or None."""
    if value is None:
        return ()
    schedule = tuple(cast("Iterable[object]", value)) if isinstance(value, Iterable) else (value,)
    if not schedule:
        raise InvalidValueError(f"{name} must have at least one amount; leave it out if there is none")
    return tuple(money.as_non_negative(cost, name, beside) for cost in schedule)


def as_gross_margin(value: object) -> Decimal:
    """Check a gross margin: at most 1, and below 0 for goods sold at a loss."""
    margin = checks.as_exact(checks.as_decimal(value, "gross_margin", floats=True), "gross_margin")
    if margin > ONE:
        advice = checks.advise_share(margin, "40 per cent is '0.4'")
        raise InvalidValueError(f"gross_margin must be at most 1, got {show(margin)}; {advice}", margin)
    return margin


def as_growth(value: object) -> Decimal:
    """Check the rate at which a margin grows from one period to the next: at least -1."""
    growth = checks.as_decimal(value, "growth", floats=True)
    if growth < -1:
        raise InvalidValueError(f"growth must be >= -1, got {show(growth)}; 5 per cent is '0.05'", growth)
    return growth


def check_same_unit(retention: Retention, discount: Discount) -> None:
    """Check that both rates have the same unit of time."""
    checks.as_instance(retention, Retention, "retention")
    checks.as_instance(discount, Discount, "discount")
    if retention.per is discount.per:
        return
    unit = retention.per
    try:
        converted = plain(_SHORT.plus(discount.to(unit).rate))
    except InvalidValueError:
        raise InvalidValueError(
            f"retention is per {unit.value} but discount per {discount.per.value}, which have no fixed ratio; "
            f"name one: discount.to(TimeUnit.{unit.name}, day_count=DayCount.ACTUAL_365)",
            unit.value,
            discount.per.value,
        ) from None
    raise InvalidValueError(
        f"retention is per {unit.value} but discount per {discount.per.value}; "
        f"write discount.to(TimeUnit.{unit.name}), which is about {converted} per {unit.value}",
        unit.value,
        discount.per.value,
    )


def as_currency(value: str | None) -> str | None:
    """Check the currency that a caller named, or None if they named none."""
    return None if value is None else Money.zero(value).currency


def match_currency(currency: str | None, record: Purchase | Cost) -> str:
    """Return the currency of a record, which must be that of the records before it."""
    found = record.amount.currency
    if currency not in (None, found):
        raise CurrencyMismatchError(
            f"cannot join {currency} and {found} in the {type(record).__name__.lower()} at {show(record.at)}; "
            "convert one with exchanged(...)",
            currency,
            found,
        )
    return found


def require_currency(currency: str | None) -> str:
    """Return the currency found in the records or named by the caller."""
    if currency is None:
        raise InvalidValueError(
            "there are no purchases or costs, so the currency is unknown; give it with currency=..."
        )
    return currency
