"""Prices converted to a month."""

from decimal import Decimal
from typing import Final

from crmcore.primitives._decimals import EXACT, ONE, WIDE, round_to_finest
from crmcore.primitives.rates import TimeUnit

__all__: list[str] = []  # for the library alone

_UNITS_A_MONTH: Final = {
    TimeUnit.DAY.value: (Decimal(365), Decimal(12)),
    TimeUnit.WEEK.value: (Decimal(365), Decimal(84)),
    TimeUnit.MONTH.value: (ONE, ONE),
    TimeUnit.QUARTER.value: (ONE, Decimal(3)),
    TimeUnit.YEAR.value: (ONE, Decimal(12)),
}
"""How many of a unit make up a month, as numerator and denominator."""


def per_month(price: Decimal, every: TimeUnit, interval: int) -> Decimal:
    """Return the price of a month for that of `interval` units of time, to 40 decimals."""
    numerator, denominator = _UNITS_A_MONTH[every.value]
    exact = EXACT.multiply(price, numerator)
    months = EXACT.multiply(denominator, interval)
    return exact if months == ONE else round_to_finest(WIDE.divide(exact, months))
