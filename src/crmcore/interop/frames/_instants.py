"""Days, months and microseconds as whole numbers, which every engine counts alike."""

from datetime import datetime, timedelta
from typing import Final

import narwhals as nw

from crmcore.primitives import _clock
from crmcore.primitives.periods import in_utc

EPOCH: Final = _clock.MICROSECONDS_A_DAY * datetime(1970, 1, 1).toordinal()  # noqa: DTZ001 - a day of the calendar


def divide(column: nw.Expr, by: int) -> nw.Expr:
    """Return the whole quotient of whole numbers >= 0 that a float holds exactly."""
    return (column // by).cast(nw.Int64)


def divide_long(time: nw.Expr, by: int) -> nw.Expr:
    """Return the whole quotient of microseconds; below 2^52, an engine that divides as floats is off by one at most."""
    about = (time // by).cast(nw.Int64)
    rest = time - about * by
    return about + (rest >= by).cast(nw.Int64) - (rest < 0).cast(nw.Int64)


def day_of(column: nw.Expr) -> nw.Expr:
    """Return the number of the day, as `datetime.date.toordinal` counts."""
    past = column.dt.year().cast(nw.Int64) - 1
    leap_days = divide(past, 4) - divide(past, 100) + divide(past, 400)
    return past * 365 + leap_days + column.dt.ordinal_day().cast(nw.Int64)


def month_of(column: nw.Expr) -> nw.Expr:
    """Return the number of the month: twelve for each year, and January is the first."""
    return column.dt.year().cast(nw.Int64) * 12 + column.dt.month().cast(nw.Int64) - 1


def microsecond_of_day(column: nw.Expr) -> nw.Expr:
    """Return the microseconds since midnight."""
    minutes = column.dt.hour().cast(nw.Int64) * 60 + column.dt.minute().cast(nw.Int64)
    seconds = minutes * 60 + column.dt.second().cast(nw.Int64)
    rest = column.dt.microsecond().cast(nw.Int64)
    rest = rest + (rest < 0).cast(nw.Int64) * _clock.MICROSECONDS_A_SECOND  # below zero before 1970 in Spark
    return seconds * _clock.MICROSECONDS_A_SECOND + rest


def microsecond_of(column: nw.Expr) -> nw.Expr:
    """Return the microseconds since midnight of the day 0, as `count_microseconds` counts."""
    return day_of(column) * _clock.MICROSECONDS_A_DAY + microsecond_of_day(column)


def count_microseconds(at: datetime) -> int:
    """Return the microseconds from midnight of the day 0 to an instant, in UTC."""
    return EPOCH + _clock.since_epoch(in_utc(at))


def find_instant(microseconds: int) -> datetime:
    """Return the instant that many microseconds after midnight of the day 0, in UTC."""
    return _clock.from_epoch(microseconds - EPOCH)


def step_back(at: datetime, by: timedelta) -> datetime | None:
    """Return an earlier instant, in UTC; None if it lies before the calendar."""
    try:
        return in_utc(at) - by
    except OverflowError:
        return None
