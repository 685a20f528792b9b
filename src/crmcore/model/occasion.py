"""Occasions: days that come back every year."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import attrs

from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError

__all__ = ["LeapRule", "Occasion"]

_A_LEAP_YEAR = 2000


class LeapRule(StrEnum):
    """When an occasion of 29 February is kept in a year that has none.

    Attributes:
        FEBRUARY_28: The day before.
        MARCH_1: The day after.
        LEAP_YEARS_ONLY: Not at all: it waits for the next leap year.
    """

    FEBRUARY_28 = "february_28"
    MARCH_1 = "march_1"
    LEAP_YEARS_ONLY = "leap_years_only"


@attrs.frozen(kw_only=True)
class Occasion:
    """A day that comes back every year: a birthday, a jubilee, the day the contract was signed.

    Examples:
        >>> birthday = Occasion(name="birthday", month=2, day=29)
        >>> birthday.on(2028), birthday.on(2027)
        (datetime.date(2028, 2, 29), datetime.date(2027, 2, 28))
        >>> birthday.next(date(2027, 3, 1))
        datetime.date(2028, 2, 29)

    Attributes:
        name: What is kept.
        month: The month, 1 to 12.
        day: The day of the month.
        leap_rule: When 29 February is kept in a year that has none.

    Raises:
        InvalidValueError: No year has such a day, or the name is empty.
        WrongTypeError: A value of the wrong type.
    """

    name: str
    month: int
    day: int
    leap_rule: LeapRule = LeapRule.FEBRUARY_28

    def __attrs_post_init__(self) -> None:
        if not checks.as_text(self.name, "name"):
            raise InvalidValueError("name must not be empty: an occasion is known by it")
        for name in ("month", "day"):
            checks.set_field(self, name, checks.as_count(getattr(self, name), name))
        checks.as_member(self.leap_rule, LeapRule, "leap_rule")
        try:
            date(_A_LEAP_YEAR, self.month, self.day)
        except (ValueError, OverflowError):
            raise InvalidValueError(
                f"no year has such a day, got month {show(self.month)}, day {show(self.day)}"
            ) from None

    def on(self, year: int) -> date | None:
        """The day it is kept in a year; None where its rule keeps it in leap years only and this is none.

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
        """The first time it is kept on a day or after it.

        Raises:
            InvalidValueError: The calendar ends before.
            WrongTypeError: A datetime, whose day depends on a zone, or no date at all.
        """
        if isinstance(day, datetime) or not isinstance(day, date):
            raise WrongTypeError(f"day must be a date, got {show(day)}; a datetime's day depends on a zone")
        for year in range(day.year, min(day.year + 9, date.max.year + 1)):  # two leap years lie up to eight years apart
            kept = self.on(year)
            if kept is not None and kept >= day:
                return kept
        raise InvalidValueError(f"the calendar ends before the next {self.name}", day)
