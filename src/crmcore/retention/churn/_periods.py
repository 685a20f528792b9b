"""The unit and the length of the period that churn is counted in."""

from decimal import Decimal

from crmcore.primitives import _clock
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.periods import Period


def length_in_seconds(period: Period) -> Decimal:
    """Return the length of a period in seconds, exactly."""
    return _clock.seconds(_clock.microseconds(period.length))


def check_comparable(one: Period | None, other: Period | None) -> None:
    """Refuse to compare a month with a quarter; an unknown period compares with any."""
    if one is None or other is None or one.length == other.length:
        return
    unit = one.unit
    if unit is None or unit is not other.unit:
        raise InvalidValueError(
            "periods_not_comparable",
            f"periods must have the same unit or the same length to be compared, got {one} and {other}",
            field="before",
            advice="count both over the same unit",
            operands=(one, other),
        )
