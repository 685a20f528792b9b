"""The unit and the length of the period that churn is counted in."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from crmcore.primitives import _clock
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.rates import TimeUnit

_DAYS_IN: Final = {
    TimeUnit.DAY: (0, 2),
    TimeUnit.WEEK: (6, 8),
    TimeUnit.MONTH: (27, 32),
    TimeUnit.QUARTER: (89, 94),
    TimeUnit.YEAR: (364, 368),
}
"""A calendar unit is longer than the first and shorter than the second number of days, even if the clocks change."""


def length_in_seconds(period: Period) -> Decimal:
    """Return the length of a period in seconds, exactly."""
    return _clock.seconds(_clock.microseconds(period.length))


def find_unit(period: Period) -> TimeUnit | None:
    """Return the calendar unit that a period spans in the zone of its start, or None if it spans none."""
    for unit, (low, high) in _DAYS_IN.items():
        if timedelta(days=low) < period.length < timedelta(days=high):
            try:
                longer = Period(period.start, in_utc(period.end) + _clock.MICROSECOND)
            except OverflowError:
                return None
            if in_utc(longer.split(unit)[0].end) == in_utc(period.end):
                return unit
    return None


def check_comparable(one: Period | None, other: Period | None) -> None:
    """Refuse to compare a month with a quarter; an unknown period compares with any."""
    if one is None or other is None or one.length == other.length:
        return
    unit = find_unit(one)
    if unit is None or unit is not find_unit(other):
        raise InvalidValueError(
            f"periods must have the same unit or the same length to be compared, got {one} and {other}; "
            f"count both over the same unit",
            one,
            other,
        )
