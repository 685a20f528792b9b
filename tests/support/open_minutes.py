"""The open minutes of a calendar, one by one, as the definition has them: a reference for `OpeningHours`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from dateutil.tz import resolve_imaginary

if TYPE_CHECKING:
    from crmcore import OpeningHours

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def minute_of(at: datetime) -> int:
    """The number of the minute of an instant."""
    return (at.astimezone(UTC) - EPOCH) // MINUTE


def at_minute(minute: int) -> datetime:
    """The first instant of a minute."""
    return EPOCH + minute * MINUTE


def _at_wall(day: date, wall: str, zone: tzinfo) -> int:
    """The minute of a wall time: moved forward by the gap if it is skipped, the first if it comes twice."""
    hours, minutes = map(int, wall.split(":"))
    naive = datetime(day.year, day.month, day.day) + timedelta(hours=hours, minutes=minutes)  # noqa: DTZ001 - the zone follows
    return minute_of(resolve_imaginary(naive.replace(tzinfo=zone)))


def find_open_minutes(hours: OpeningHours, first: int, end: int, zone: tzinfo) -> set[int]:
    """The minutes from `first` up to `end` that lie in a window and in no holiday.

    Args:
        hours: The calendar.
        first: The first minute.
        end: The first minute after the last one.
        zone: The zone of the calendar, of zoneinfo, which this reference trusts.
    """
    exceptions = dict(hours.exceptions)
    found: set[int] = set()
    shut: set[int] = set()
    day, last = at_minute(first).date() - timedelta(days=4), at_minute(end).date() + timedelta(days=4)
    while day <= last:
        for opens, closes in exceptions[day] if day in exceptions else getattr(hours, _WEEKDAYS[day.weekday()]):
            closing_day = day if closes > opens else day + timedelta(days=1)
            found |= {*range(_at_wall(day, opens, zone), _at_wall(closing_day, closes, zone))}
        if day in hours.holidays:
            shut |= {*range(_at_wall(day, "00:00", zone), _at_wall(day, "24:00", zone))}
        day += timedelta(days=1)
    return {minute for minute in found - shut if first <= minute < end}
