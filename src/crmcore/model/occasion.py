"""Days that come back every year."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import attrs

from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError

__all__ = ["LeapRule", "Occasion"]

_A_LEAP_YEAR = 2000


class LeapRule(StrEnum):
    """The day on which an occasion of 29 February falls in a year that is not a leap year.

    Attributes:
        FEBRUARY_28: On the day before.
        MARCH_1: On the day after.
        LEAP_YEARS_ONLY: On no day; the occasion waits for the next leap year.
    """

    FEBRUARY_28 = "february_28"
    MARCH_1 = "march_1"
    LEAP_YEARS_ONLY = "leap_years_only"


@attrs.frozen(kw_only=True)
class Occasion:
    """A day that comes back every year: a birthday, a jubilee, the day a contract was signed.

    Examples:
        >>> from datetime import date
        >>> from crmcore import Occasion
        >>> birthday = Occasion(name="birthday", month=2, day=29)
        >>> birthday.on(2028), birthday.on(2027)
        (datetime.date(2028, 2, 29), datetime.date(2027, 2, 28))
        >>> birthday.next(date(2027, 3, 1))
        datetime.date(2028, 2, 29)

    Attributes:
        name: The name of the occasion, not empty.
        month: The month, 1 to 12.
        day: The day of the month.
        leap_rule: What happens to 29 February in a year that is not a leap year.

    Raises:
        InvalidValueError: No year has such a day.
    """

    name: str
    month: int
    day: int
    leap_rule: LeapRule = LeapRule.FEBRUARY_28

    def __attrs_post_init__(self) -> None:
        checks.as_nonempty_text(self.name, "name")
        for name in ("month", "day"):
            checks.set_field(self, name, checks.as_count(getattr(self, name), name))
        checks.as_member(self.leap_rule, LeapRule, "leap_rule")
        try:
            date(_A_LEAP_YEAR, self.month, self.day)
        except (ValueError, OverflowError):
            raise InvalidValueError(
                f"month and day must be a day that exists, got month {show(self.month)}, day {show(self.day)}"
            ) from None

    def on(self, year: int) -> date | None:
        """Return the day of the occasion in a year, or None if its rule skips that year.

        Raises:
            InvalidValueError: The year is not from 1 to 9999.
        """
        number = checks.as_count(year, "year")
        try:
            return date(number, self.month, self.day)
        except (ValueError, OverflowError):
            if not date.min.year <= number <= date.max.year:
                raise InvalidValueError(f"year must be from 1 to 9999, got {show(number)}", number) from None
        match self.leap_rule:
            case LeapRule.FEBRUARY_28:
                return date(number, 2, 28)
            case LeapRule.MARCH_1:
                return date(number, 3, 1)
            case _:
                return None

    def next(self, day: date) -> date:
        """Return the first day of the occasion on or after a day.

        Raises:
            InvalidValueError: The calendar ends (31 December 9999) before the next occasion.
        """
        checks.as_date(day, "day")
        for year in range(day.year, min(day.year + 9, date.max.year + 1)):  # leap years are at most 8 years apart
            occurrence = self.on(year)
            if occurrence is not None and occurrence >= day:
                return occurrence
        raise InvalidValueError(f"the calendar ends before the next {self.name}", day)
