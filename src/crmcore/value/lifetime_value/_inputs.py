"""What may enter the calculators of this room."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, cast

from crmcore.model.purchase import Cost, Purchase
from crmcore.primitives import checks
from crmcore.primitives._decimals import ONE, RATIO, plain
from crmcore.primitives.checks import show
from crmcore.primitives.errors import CurrencyMismatchError, InvalidValueError
from crmcore.primitives.money import Money, same_currency
from crmcore.primitives.rates import Discount, Retention

_SHORT: Final = RATIO.copy()
_SHORT.prec = 6


def a_cost(value: object, name: str, beside: Money) -> Money:
    """Money of nought or more in the currency of another amount."""
    money = checks.as_instance(value, Money, name)
    same_currency(beside, money)
    if money.amount < 0:
        raise InvalidValueError(f"{name} must be >= 0, got {money}", money)
    return money


def cost_schedule(value: object, name: str, beside: Money) -> tuple[Money, ...]:
    """What something costs in each year of tenure: one amount for all of them, several, or none."""
    if value is None:
        return ()
    if isinstance(value, Iterable):
        schedule = tuple(cast("Iterable[object]", value))
        if not schedule:
            raise InvalidValueError(f"{name} must name one year or more; leave it out where there is none")
    else:
        schedule = (value,)
    return tuple(a_cost(money, name, beside) for money in schedule)


def margin_share(value: object) -> Decimal:
    """A gross margin: at most one, below nought for goods sold at a loss."""
    margin = checks.as_exact(checks.as_decimal(value, "gross_margin", floats=True), "gross_margin")
    if margin > ONE:
        raise InvalidValueError(f"gross_margin must be at most 1, got {show(margin)}; 40 per cent is '0.4'", margin)
    return margin


def growth_rate(value: object) -> Decimal:
    """How much a margin grows from one period to the next: minus one or more."""
    growth = checks.as_decimal(value, "growth", floats=True)
    if growth < -1:
        raise InvalidValueError(f"growth must be -1 or more, got {show(growth)}; 5 per cent is '0.05'", growth)
    return growth


def in_one_unit(retention: Retention, discount: Discount) -> None:
    """Both rates must hold for the same unit of time."""
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


def joined(code: str | None, other: str, record: Purchase | Cost | None = None) -> str:
    """The currency of what has come so far and of one record more."""
    if code not in (None, other):
        where = "" if record is None else f" in the {type(record).__name__.lower()} at {show(record.at)}"
        raise CurrencyMismatchError(
            f"cannot join {code} and {other}{where}; convert one with exchanged(...)", code, other
        )
    return other


def everything(_: Purchase | Cost) -> None:
    """The key that parts nothing."""
