"""Durations as exact numbers, instants as whole microseconds since 1970 in UTC, and the names of zones."""

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Final

from crmcore.primitives._decimals import EXACT, RATIO, ZERO

MICROSECOND: Final = timedelta(microseconds=1)
DAY: Final = timedelta(days=1)
NO_TIME: Final = timedelta(0)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
LATEST: Final = datetime.max.replace(tzinfo=UTC)

MICROSECONDS_A_SECOND: Final = 1_000_000
MICROSECONDS_AN_HOUR: Final = 3_600 * MICROSECONDS_A_SECOND
SECONDS_A_DAY: Final = 86_400
MICROSECONDS_A_DAY: Final = SECONDS_A_DAY * MICROSECONDS_A_SECOND


def microseconds(length: timedelta) -> int:
    """Return a duration in microseconds."""
    return length // MICROSECOND


def seconds(microseconds: int) -> Decimal:
    """Convert microseconds to seconds, exactly."""
    return EXACT.divide(microseconds, MICROSECONDS_A_SECOND)


def days(microseconds: int) -> Decimal:
    """Convert microseconds to days of 24 hours, to 34 digits."""
    return EXACT.add(RATIO.divide(microseconds, MICROSECONDS_A_DAY), ZERO)


def hours(length: timedelta) -> Decimal:
    """Convert a duration to hours, to 34 digits."""
    return EXACT.add(RATIO.divide(microseconds(length), MICROSECONDS_AN_HOUR), ZERO)


def plain_datetime(moment: datetime) -> datetime:
    """Return a datetime of any class as a plain one."""
    return datetime(
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond,
        moment.tzinfo,
        fold=moment.fold,
    )


def plain_date(day: date) -> date:
    """Return a date of any class as a plain one."""
    return date(day.year, day.month, day.day)


def plain_duration(length: timedelta) -> timedelta:
    """Return a timedelta of any class as a plain one."""
    return timedelta(length.days, length.seconds, length.microseconds)


def add(moment: datetime, length: timedelta) -> datetime | None:
    """Return a datetime some time later, on its own clock, or None if the calendar ends before."""
    try:
        return moment + length
    except OverflowError:
        return None


def find_instant(wall: datetime) -> datetime:
    """Return the instant of a wall time in its zone; a wall time that the zone skips moves forward by the gap.

    On the way to UTC and back, a zone that follows PEP 495 moves a skipped time forward. Zones of dateutil may move it
    backward, by the offset after the gap; what comes back then has the offset before the gap. In zones whose summer
    time is the standard, such as Europe/Dublin, dateutil 2.9 takes times for skipped that are not.
    """
    zone, plain = wall.tzinfo, wall.replace(tzinfo=None)
    there = wall.astimezone(UTC).astimezone(zone)
    if there.replace(tzinfo=None) == plain:
        return there
    other = wall.replace(fold=1 - wall.fold).astimezone(UTC).astimezone(zone)
    if other.replace(tzinfo=None) == plain:
        return other
    offset = there.utcoffset()
    if offset is not None and there.replace(tzinfo=None) < plain:
        there = (wall.replace(tzinfo=UTC) - offset).astimezone(zone)
    return there


def find_zone_name(zone: tzinfo) -> str | None:
    """Return the name of a zone: its key in the time zone database, ``UTC``, an offset such as ``+05:30``, or None."""
    if isinstance(zone, timezone):
        offset = zone.utcoffset(None)
        sign, size = ("-", -offset) if offset < NO_TIME else ("+", offset)
        text = (EPOCH + size).time().isoformat()
        return sign + text.removesuffix(":00") if size else "UTC"
    key = getattr(zone, "key", None)
    return key if isinstance(key, str) else None


def since_epoch(instant: datetime) -> int:
    """Convert an instant to microseconds since 1970 in UTC."""
    return (instant - EPOCH) // MICROSECOND


def from_epoch(microseconds: int) -> datetime:
    """Convert microseconds since 1970 to an instant in UTC."""
    return EPOCH + timedelta(microseconds=microseconds)
