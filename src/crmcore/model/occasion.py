"""Days that come back every year."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

import attrs

from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.record import PersonalName, Record, between

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
class Occasion(Record):
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

    name: PersonalName
    month: Annotated[int, between(1, 12)]
    day: Annotated[int, between(1, 31)]
    leap_rule: LeapRule = LeapRule.FEBRUARY_28

    def _check(self) -> None:
        super()._check()
        try:
            date(_A_LEAP_YEAR, self.month, self.day)
        except ValueError:
            raise InvalidValueError(
                "day_of_no_month",
                f"day must exist in its month, got day {self.day} of month {self.month}",
                field="day",
                operands=(self.day, self.month),
            ) from None

    def on(self, year: int) -> date | None:
        """Return the day of the occasion in a year, or None if its rule skips that year.

        Raises:
            InvalidValueError: The year is not from 1 to 9999.
        """
        number = checks.as_whole(year, "year", date.min.year, date.max.year)
        try:
            return date(number, self.month, self.day)
        except ValueError:
            pass
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
        raise InvalidValueError(
            "no_further_occurrence",
            f"day must be followed by a day of the occasion, but the calendar ends first, got {show(day)}",
            field="day",
            operands=(day,),
        )
