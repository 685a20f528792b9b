"""Recurrences: what comes back every day, week, month or year, at an hour of the local clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, tzinfo
from enum import StrEnum
from typing import Annotated, Final, cast

import attrs

from crmcore.primitives import _clock, checks
from crmcore.primitives._wall_times import WallTime, by_zone
from crmcore.primitives._zones import find_instant
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.rates import TimeUnit
from crmcore.primitives.record import Record, at_least, distinct

__all__ = ["Recurrence", "Weekday"]

_MONTHS: Final = {TimeUnit.MONTH: 1, TimeUnit.QUARTER: 3, TimeUnit.YEAR: 12}
_WEEK: Final = 7
_LAST_DAY: Final = date.max.toordinal()
_REACH: Final = 3
"""An instant lies at most so many days after its date: an offset is less than a day, and so are two of a gap."""


class Weekday(StrEnum):
    """A day of the week.

    Attributes:
        MONDAY: Monday, the first day of a week (ISO 8601).
        TUESDAY: Tuesday.
        WEDNESDAY: Wednesday.
        THURSDAY: Thursday.
        FRIDAY: Friday.
        SATURDAY: Saturday.
        SUNDAY: Sunday.
    """

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


_WEEKDAYS: Final = tuple(Weekday)
_PLACES: Final = {weekday: place for place, weekday in enumerate(Weekday)}


def _as_wall_time(value: str | time) -> str:
    """Accept a wall time as text or as a time."""
    return cast("str", value)


@attrs.frozen(kw_only=True)
class Recurrence(Record):
    """What comes back every so many days, weeks, months, quarters or years, at an hour of the local clock.

    Examples:
        >>> from datetime import date
        >>> from itertools import islice
        >>> from zoneinfo import ZoneInfo
        >>> from crmcore import Period, Recurrence, TimeUnit
        >>> berlin = ZoneInfo("Europe/Berlin")
        >>> call = Recurrence(first=date(2026, 1, 31), at="10:00", zone=berlin, unit=TimeUnit.MONTH)
        >>> [at.astimezone(berlin).isoformat() for at in islice(call, 3)]
        ['2026-01-31T10:00:00+01:00', '2026-02-28T10:00:00+01:00', '2026-03-31T10:00:00+02:00']
        >>> [at.isoformat() for at in call.within(Period.month(2026, 4))]
        ['2026-04-30T08:00:00+00:00']

    Every occurrence is counted from the first one, never from the one before. In a month that is too short, the
    occurrence falls on the last day: months from 31 January fall on 28 February and on 31 March, and years from 29
    February on 28 February until the next leap year. The hour on the clock stays when the clocks change. A wall time
    that the zone skips moves forward by the gap, and one that occurs twice means the first. So no occurrence is left
    out, and none comes twice: if the zone skips a whole day, its occurrence is that of the next day.

    It goes on until the calendar ends, and answers in UTC, where two instants can be compared and subtracted at any
    time of the year; ``.astimezone(recurrence.zone)`` is what the clock shows.

    Two recurrences are equal if their fields are. Zones are equal if their names are, as in `OpeningHours`.

    Attributes:
        first: The date of the first occurrence.
        unit: The calendar unit.
        every: The number of units from one occurrence to the next, >= 1.
        weekdays: The days of the week on which it occurs, for weeks only; the day of the week of `first` if it is
            empty. Every second week on two days is twice in one week, from Monday to Sunday, and not in the next one.
        at: When it occurs, by the wall time in the zone.
        zone: The time zone of the wall time.

    Raises:
        InvalidValueError: Weekdays are given for another unit than the week, or `first` is on none of them.

    Source: RFC 7529, section 4.1, has the rule for short months (``SKIP=BACKWARD``). Without it, RFC 5545 (section
    3.3.10) leaves months without such a day out.
    """

    first: date
    unit: TimeUnit
    every: Annotated[int, at_least(1)] = 1
    weekdays: frozenset[Weekday] = attrs.field(default=frozenset(), converter=distinct, repr=checks.sorted_repr)
    at: WallTime = attrs.field(converter=_as_wall_time)
    zone: tzinfo = attrs.field(eq=by_zone)

    def _check(self) -> None:
        super()._check()
        if self.weekdays and self.unit is not TimeUnit.WEEK:
            raise InvalidValueError(
                "weekdays_without_weeks",
                f"weekdays must be empty unless unit is week, got unit {show(self.unit)}",
                field="weekdays",
                advice="for some days of every week, set unit=TimeUnit.WEEK",
                operands=(self.unit.value,),
            )
        if self.weekdays and _WEEKDAYS[self.first.weekday()] not in self.weekdays:
            raise InvalidValueError(
                "first_on_another_weekday",
                f"first must be on one of the weekdays, got {show(self.first)}, a {_WEEKDAYS[self.first.weekday()]}",
                field="first",
                operands=(self.first,),
            )
        if next(iter(self), None) is None:
            raise InvalidValueError(
                "first_beyond_utc",
                f"first must be a date that UTC can express, from the year 1 to 9999, got {show(self.first)}",
                field="first",
                operands=(self.first,),
            )

    def __iter__(self) -> Iterator[datetime]:
        """Iterate the occurrences, in UTC, from the first one until the calendar ends (31 December 9999)."""
        return self._iterate(_clock.EARLIEST)

    def within(self, period: Period, /) -> tuple[datetime, ...]:
        """Return the occurrences in a period, in UTC.

        The time that it takes depends on the length of the period, not on how long ago the first occurrence was.

        Examples:
            >>> from datetime import date
            >>> from crmcore import UTC, Period, Recurrence, TimeUnit, Weekday
            >>> visits = Recurrence(
            ...     first=date(2026, 3, 2),
            ...     unit=TimeUnit.WEEK,
            ...     every=2,
            ...     weekdays=[Weekday.MONDAY, Weekday.THURSDAY],
            ...     at="09:00",
            ...     zone=UTC,
            ... )
            >>> [at.day for at in visits.within(Period.month(2026, 3))]
            [2, 5, 16, 19, 30]

        Args:
            period: The period, half-open, with at most 100,000 occurrences.
        """
        end = in_utc(checks.as_instance(period, Period, "period").end)
        found: list[datetime] = []
        for at in self._iterate(in_utc(period.start)):
            if at >= end:
                break
            found.append(at)
            checks.check_size(len(found), "period")
        return tuple(found)

    def next(self, at: datetime, /) -> datetime | None:
        """Return the first occurrence, in UTC, that is not before an instant; None if the calendar ends first.

        Examples:
            >>> from datetime import date
            >>> from crmcore import UTC, Recurrence, TimeUnit, instant
            >>> jubilee = Recurrence(first=date(2024, 2, 29), unit=TimeUnit.YEAR, at="12:00", zone=UTC)
            >>> [jubilee.next(instant(text)).isoformat() for text in ("2027-02-28T12:00", "2027-02-28T12:01")]
            ['2027-02-28T12:00:00+00:00', '2028-02-29T12:00:00+00:00']

        Args:
            at: The instant.
        """
        return next(self._iterate(in_utc(checks.as_instant(at, "at"))), None)

    def _iterate(self, start: datetime) -> Iterator[datetime]:
        """Iterate the occurrences that are not before an instant in UTC."""
        last = None
        hour = time.fromisoformat(self.at).replace(tzinfo=self.zone)
        for day in self._iterate_dates(max(self.first.toordinal(), start.toordinal() - _REACH)):
            wall = find_instant(datetime.combine(day, hour), "zone")
            if wall is None:  # past the year 9999 in UTC
                return
            at = in_utc(wall)
            if at >= start and (last is None or at > last):  # equal if the zone skips a whole day
                yield at
                last = at

    def _iterate_dates(self, start: int) -> Iterator[date]:
        """Iterate the dates of occurrences from an ordinal on, which is not before the first one."""
        dates = self._step_months(start) if self.unit in _MONTHS else self._step_days(start)
        return (day for day in dates if day.toordinal() >= start)

    def _step_days(self, start: int) -> Iterator[date]:
        """Iterate the dates in steps of days or weeks, from the last step not after an ordinal on."""
        begin, shifts = self.first.toordinal(), [0]
        if self.weekdays:
            begin -= self.first.weekday()
            shifts = sorted(map(_PLACES.__getitem__, self.weekdays))
        step = self.every * (1 if self.unit is TimeUnit.DAY else _WEEK)
        for monday in range(begin + (start - begin) // step * step, _LAST_DAY + 1, step):
            for day in (monday + shift for shift in shifts):
                if day <= _LAST_DAY:
                    yield date.fromordinal(day)

    def _step_months(self, start: int) -> Iterator[date]:
        """Iterate the dates in steps of months, from the last step not after the month of an ordinal on."""
        begin, since = _count_months(self.first), _count_months(date.fromordinal(start))
        step = self.every * _MONTHS[self.unit]
        for month in range(begin + (since - begin) // step * step, _count_months(date.max) + 1, step):
            yield _find_day(*divmod(month, 12), self.first.day)


def _count_months(day: date) -> int:
    return 12 * day.year + day.month - 1


def _find_day(year: int, month: int, day: int) -> date:
    """Return a day of a month that counts from 0, or the last day of the month if it is shorter."""
    for number in range(day, 28, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    return date(year, month + 1, min(day, 28))
