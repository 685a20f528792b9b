"""Instants, the time between them, and calendar periods.

An instant is a datetime with a time zone. Order, equality and elapsed time go through UTC, because Python compares and
subtracts two datetimes of one zone by the clock on the wall, which is wrong by an hour twice a year. Calendar steps go
by the wall clock of a zone. A wall time that a zone skips is moved forward by what was skipped; of one that a zone runs
through twice the first is meant, unless the datetime says ``fold=1``.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Final, Self

import attrs
from dateutil.relativedelta import relativedelta

from crmcore.primitives import checks
from crmcore.primitives._decimals import RATIO, WIDE, ZERO
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.rates import DayCount, TimeUnit

__all__ = ["UTC", "DayCount", "Period", "elapsed", "in_utc", "instant", "tenure"]

_DAY: Final = timedelta(days=1)
_ISO: Final = "write it as '2026-03-01' or '2026-03-01T12:00:00+01:00'"


def in_utc(moment: datetime) -> datetime:
    """An instant on the clock of UTC: the form in which instants compare, subtract and hash as they should."""
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def by_utc(moment: datetime | None) -> datetime | None:
    """The key by which a record's instants compare and hash: ``attrs.field(eq=by_utc)``."""
    return None if moment is None else in_utc(moment)


def instant(moment: str | date, *, tz: tzinfo = UTC) -> datetime:
    """The named door from a text or a date to an instant: a date means its first moment in `tz`.

    A text or datetime that carries its own offset keeps it; one without gets `tz`. A time that the zone skips is moved
    forward by what was skipped; of one that comes twice the first is taken (a datetime's ``fold=1`` takes the second).

    Examples:
        >>> instant("1997-01-01")
        datetime.datetime(1997, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)
        >>> from zoneinfo import ZoneInfo
        >>> instant("2026-03-29T02:30", tz=ZoneInfo("Europe/Berlin")).isoformat()
        '2026-03-29T03:30:00+02:00'

    Args:
        moment: ISO 8601 text, a date or a datetime.
        tz: The zone of what carries none. Looking a zone up by name is yours to do, with ``zoneinfo.ZoneInfo(name)``.

    Raises:
        InvalidValueError: The text is not ISO 8601, or UTC cannot express the moment.
        WrongTypeError: The moment is neither text nor date, or `tz` is no tzinfo.
    """
    if not isinstance(tz, tzinfo):
        raise WrongTypeError(f"tz must be a tzinfo such as zoneinfo.ZoneInfo('Europe/Riga'), got {show(tz)}")
    if isinstance(moment, str):
        try:
            wall = datetime.fromisoformat(moment)
        except ValueError:
            raise InvalidValueError(f"moment must be ISO 8601, got {show(str(moment))}; {_ISO}", moment) from None
    elif isinstance(moment, datetime):
        wall = moment
    elif isinstance(moment, date):
        wall = datetime.combine(moment, time())
    else:
        raise WrongTypeError(f"moment must be a str, a date or a datetime, got {show(moment)}; {_ISO}")
    return checks.as_instant(wall, "moment") if wall.tzinfo is not None else _on_the_clock(wall, tz)


def _on_the_clock(wall: datetime, tz: tzinfo) -> datetime:
    """A wall time in a zone; the way through UTC and back moves what the zone skips (PEP 495)."""
    there = wall.replace(tzinfo=tz)
    checks.as_instant(there, "moment")
    return there.astimezone(UTC).astimezone(tz)


def elapsed(start: datetime, end: datetime, /) -> timedelta:
    """The time that passed between two instants, negative where the second is the earlier.

    Examples:
        >>> from zoneinfo import ZoneInfo
        >>> berlin = ZoneInfo("Europe/Berlin")
        >>> elapsed(instant("2026-03-28T12:00", tz=berlin), instant("2026-03-29T12:00", tz=berlin))
        datetime.timedelta(seconds=82800)

    Raises:
        NaiveInstantError: An instant has no time zone.
        WrongTypeError: An instant is no datetime.
    """
    return in_utc(checks.as_instant(end, "end")) - in_utc(checks.as_instant(start, "start"))


def tenure(
    start: datetime, end: datetime, /, *, day_count: DayCount = DayCount.ACTUAL_365, tz: tzinfo = UTC
) -> Decimal:
    """The years between two instants, to 34 digits.

    Examples:
        >>> tenure(instant("2024-01-01"), instant("2025-01-01"))  # 366 days
        Decimal('1.002739726027397260273972602739726')
        >>> tenure(instant("2024-01-01"), instant("2025-01-01"), day_count=DayCount.ACTUAL_ACTUAL)
        Decimal('1')

    Args:
        start: The first instant.
        end: The last, not before the first.
        day_count: How days make up a year.
        tz: The zone whose calendar `ACTUAL_ACTUAL` (where years end) and `THIRTY_360` (which dates) go by.

    Raises:
        InvalidValueError: The end lies before the start.

    Source: 2006 ISDA Definitions, section 4.16 (day count fractions).
    """
    checks.as_member(day_count, DayCount, "day_count")
    passed = elapsed(start, end)
    if passed < timedelta(0):
        raise InvalidValueError(f"the end must not lie before the start, got {show(start)} to {show(end)}", start, end)
    try:
        if day_count is DayCount.ACTUAL_ACTUAL:
            return _actual_actual(in_utc(start), in_utc(end), tz)
        if day_count is DayCount.THIRTY_360:
            return RATIO.divide(
                days_of_360(in_utc(start).astimezone(tz).date(), in_utc(end).astimezone(tz).date()), 360
            )
    except (OverflowError, ValueError):
        raise InvalidValueError(
            f"the calendar ends before {show(end)} can be placed in it; take DayCount.ACTUAL_365", start, end
        ) from None
    return RATIO.divide(_in_days(passed), _DAYS_A_YEAR[day_count.value])


_DAYS_A_YEAR: Final = {
    DayCount.ACTUAL_365.value: Decimal(365),
    DayCount.ACTUAL_360.value: Decimal(360),
    DayCount.ACTUAL_365_25.value: Decimal("365.25"),
}


def _in_days(duration: timedelta) -> Decimal:
    return WIDE.divide(duration // timedelta(microseconds=1), _DAY // timedelta(microseconds=1))


def _actual_actual(start: datetime, end: datetime, tz: tzinfo) -> Decimal:
    years = ZERO
    year = start.astimezone(tz).year
    while start < end:
        opens, closes = (in_utc(_on_the_clock(datetime(y, 1, 1), tz)) for y in (year, year + 1))  # noqa: DTZ001 - _on_the_clock gives it its zone
        piece = min(closes, end) - max(opens, start)
        years = WIDE.add(years, WIDE.divide(_in_days(piece), _in_days(closes - opens)))
        start, year = closes, year + 1
    return RATIO.plus(years)


def days_of_360(start: date, end: date) -> int:
    """The days between two dates where each month has thirty."""
    first = min(start.day, 30)
    last = 30 if end.day == 31 and first == 30 else end.day
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def calendar_step(unit: TimeUnit, number: int) -> relativedelta:
    """So many units of the calendar, to be added to a date or to a wall time."""
    match unit:
        case TimeUnit.DAY:
            return relativedelta(days=number)
        case TimeUnit.WEEK:
            return relativedelta(weeks=number)
        case TimeUnit.MONTH:
            return relativedelta(months=number)
        case TimeUnit.QUARTER:
            return relativedelta(months=3 * number)
        case _:
            return relativedelta(years=number)


@attrs.frozen(order=False)
class Period:
    """From one instant up to, and not including, another.

    Examples:
        >>> march = Period.month(2026, 3)
        >>> instant("2026-03-31T23:59") in march, instant("2026-04-01") in march
        (True, False)
        >>> [len(Period.year(2026).split(unit)) for unit in (TimeUnit.QUARTER, TimeUnit.MONTH, TimeUnit.DAY)]
        [4, 12, 365]

    Two periods are equal when they hold the same instants, whatever zones they are written in.

    Attributes:
        start: The first instant in it.
        end: The first instant after it.

    Raises:
        InvalidValueError: The end is not after the start.
        NaiveInstantError: A bound has no time zone.
    """

    start: datetime = attrs.field(eq=by_utc)
    end: datetime = attrs.field(eq=by_utc)

    def __attrs_post_init__(self) -> None:
        if elapsed(self.start, self.end) <= timedelta(0):
            raise InvalidValueError(
                f"a period must end after it starts, got {show(self.start)} to {show(self.end)}", self.start, self.end
            )

    @classmethod
    def year(cls, year: int, *, tz: tzinfo = UTC) -> Self:
        """A calendar year in a zone."""
        return cls._calendar(TimeUnit.YEAR, year, 1, 1, tz)

    @classmethod
    def quarter(cls, year: int, quarter: int, *, tz: tzinfo = UTC) -> Self:
        """A calendar quarter, 1 to 4, in a zone."""
        number = checks.as_count(quarter, "quarter")
        if not 1 <= number <= 4:
            raise InvalidValueError(f"quarter must be from 1 to 4, got {number}", number)
        return cls._calendar(TimeUnit.QUARTER, year, 3 * number - 2, 1, tz)

    @classmethod
    def month(cls, year: int, month: int, *, tz: tzinfo = UTC) -> Self:
        """A calendar month, 1 to 12, in a zone."""
        return cls._calendar(TimeUnit.MONTH, year, month, 1, tz)

    @classmethod
    def day(cls, day: date, *, tz: tzinfo = UTC) -> Self:
        """A calendar day in a zone: 23 or 25 hours long where the clocks change."""
        if isinstance(day, datetime) or not isinstance(day, date):
            raise WrongTypeError(f"day must be a date, got {show(day)}; a datetime's day depends on a zone")
        return cls._calendar(TimeUnit.DAY, day.year, day.month, day.day, tz)

    @classmethod
    def _calendar(cls, unit: TimeUnit, year: int, month: int, day: int, tz: tzinfo) -> Self:
        try:
            first = date(checks.as_count(year, "year"), checks.as_count(month, "month"), day)
            after = first + calendar_step(unit, 1)
        except (ValueError, OverflowError) as error:
            if isinstance(error, InvalidValueError):
                raise
            raise InvalidValueError(
                f"no {unit.value} can be made of year {show(year)}, month {show(month)}", year, month
            ) from None
        return cls(instant(first, tz=tz), instant(after, tz=tz))

    @property
    def length(self) -> timedelta:
        """The time it lasts."""
        return elapsed(self.start, self.end)

    def __contains__(self, moment: datetime, /) -> bool:
        return in_utc(self.start) <= in_utc(checks.as_instant(moment, "moment")) < in_utc(self.end)

    def overlaps(self, other: Period, /) -> bool:
        """Whether the two share an instant."""
        checks.as_instance(other, Period, "other")
        return in_utc(self.start) < in_utc(other.end) and in_utc(other.start) < in_utc(self.end)

    def split(self, unit: TimeUnit, /) -> tuple[Period, ...]:
        """Cut into calendar steps counted from the start, by the wall clock of the start's zone.

        The pieces tile the period: no gap, no overlap, the last as long as what is left. A step counts from the start
        and not from the step before, so that months from 31 January end on 28 February, 31 March, 30 April; years from
        29 February fall on 28 February until the next leap year.
        """
        checks.as_member(unit, TimeUnit, "unit")
        zone = self.start.tzinfo or UTC
        wall = self.start.replace(tzinfo=None)
        last = in_utc(self.end)
        cuts = [self.start]
        number = 1
        while True:
            try:
                cut = _on_the_clock(wall + calendar_step(unit, number), zone)
            except (ValueError, OverflowError):  # past the year 9999, and so past the end
                break
            if in_utc(cut) >= last:
                break
            if in_utc(cut) > in_utc(cuts[-1]):  # not where the zone skips a whole day
                cuts.append(cut)
            number += 1
        return tuple(Period(one, other) for one, other in zip(cuts, [*cuts[1:], self.end], strict=True))

    def __str__(self) -> str:
        return f"{self.start.isoformat()}/{self.end.isoformat()}"
