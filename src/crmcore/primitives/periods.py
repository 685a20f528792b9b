"""Instants, the time between them, and calendar periods.

An instant is a datetime with a time zone. The library compares and subtracts instants in UTC. Python itself compares
and subtracts two datetimes of one zone by their wall times, which is wrong when the offset of the zone changes between
them. Calendar steps follow the wall time of a zone. A wall time that the zone skips moves forward by the gap. A wall
time that occurs twice means the first, unless the datetime has ``fold=1``.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Final, Self, TypeVar

import attrs
from dateutil.relativedelta import relativedelta

from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import RATIO, WIDE, ZERO
from crmcore.primitives._kinds import is_a
from crmcore.primitives._zones import find_instant, find_wall_time
from crmcore.primitives.checks import describe, show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.rates import DAYS_A_YEAR, DayCount, TimeUnit
from crmcore.primitives.record import Record

__all__ = ["UTC", "Period", "elapsed", "in_utc", "instant", "tenure"]

_D = TypeVar("_D", date, datetime)

_ISO: Final = "write it as '2026-03-01' or '2026-03-01T12:00:00+01:00'"
_MIDNIGHT: Final = time()
_LONGEST_SHIFT: Final = timedelta(hours=2)
_SMALLEST_SHIFT: Final = timedelta(minutes=15)
_WESTERNMOST: Final = timedelta(hours=-12)
_EASTERNMOST: Final = timedelta(hours=14)


def in_utc(moment: datetime) -> datetime:
    """Convert an instant to UTC, so that it is compared, subtracted and hashed as a point in time.

    Examples:
        >>> from crmcore import instant
        >>> from crmcore.primitives.periods import in_utc
        >>> in_utc(instant("2026-03-02T10:00+02:00"))
        datetime.datetime(2026, 3, 2, 8, 0, tzinfo=datetime.timezone.utc)

    Raises:
        NaiveInstantError: The datetime has no time zone. Python would take that of the machine.
    """
    if type(moment) is datetime:
        zone = moment.tzinfo
        if zone is UTC:
            return moment
        if checks.follows_pep_495(type(zone)) and 1 < moment.year < 9999:  # else UTC may not express it
            return moment.astimezone(UTC)
    return checks.as_instant(moment, "moment").astimezone(UTC)


def check_not_after(as_of: datetime, at: datetime, name: str, record: object) -> None:
    """Refuse a record that lies after the reference date of a count.

    Args:
        as_of: The reference date.
        at: The instant of the record.
        name: The argument with the records, such as ``purchases``.
        record: Which of the records it is.
    """
    if in_utc(at) > in_utc(as_of):
        raise InvalidValueError(
            "after_reference_date",
            f"{name} must not lie after as_of, got {show(at)} after {show(as_of)}",
            field=name,
            advice="leave later ones out, or take the end of the day, Period.day(day, tz=...).end",
            operands=(at, as_of),
            record=record,
        )


def find_local_day(at: datetime, tz: tzinfo, name: str, record: object) -> int:
    """Return the ordinal of the day on which an instant falls in a zone.

    Args:
        at: The instant.
        tz: The zone.
        name: The argument with the records, such as ``purchases``.
        record: Which of the records has the instant.
    """
    if at.tzinfo is tz:
        return at.toordinal()
    wall = find_wall_time(in_utc(at), tz)
    if wall is None:
        raise InvalidValueError(
            "no_day_in_calendar",
            f"{name} must each have a day in the calendar of tz, got {show(at)}",
            field=name,
            operands=(at,),
            record=record,
        )
    return wall.toordinal()


def by_utc(moment: datetime | None) -> datetime | None:
    """Return the key by which the instants of a record compare and hash: ``attrs.field(eq=by_utc)``."""
    return None if moment is None else in_utc(moment)


def instant(moment: str | date, *, tz: tzinfo = UTC) -> datetime:
    """Return the instant of a text, a date or a datetime. A date means its first moment in `tz`.

    A text or datetime that has an offset keeps it; otherwise it gets `tz`. A wall time that the zone skips moves
    forward by the gap. A wall time that occurs twice means the first (a datetime with ``fold=1`` means the second).
    The time 24:00 of a text is the first moment of the next day (ISO 8601).

    Examples:
        >>> from crmcore import instant
        >>> instant("1997-01-01")
        datetime.datetime(1997, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)
        >>> from zoneinfo import ZoneInfo
        >>> instant("2026-03-29T02:30", tz=ZoneInfo("Europe/Berlin")).isoformat()
        '2026-03-29T03:30:00+02:00'

    Args:
        moment: ISO 8601 text, a date or a datetime.
        tz: The zone of a moment without one. Find a zone by its name with ``zoneinfo.ZoneInfo(name)``.

    Raises:
        InvalidValueError: The text is not ISO 8601, or UTC cannot express the moment.
    """
    return read_instant(moment, checks.as_zone(tz), "moment")


def read_instant(moment: str | date, tz: tzinfo | None, name: str) -> datetime:
    """Return the instant of a text, a date or a datetime as `instant` does; without a zone it must have one itself."""
    if is_a(moment, str):
        wall = _read_iso(moment, name)
    elif is_a(moment, datetime):
        wall = checks.as_plain_datetime(moment, name)
    elif is_a(moment, date):
        wall = datetime.combine(checks.as_date(moment, name), _MIDNIGHT)
    else:
        raise WrongTypeError(
            "not_a_moment",
            f"{name} must be a text, a date or a date and time, got {describe(moment)}",
            **checks.at_fault(name),
            advice=_ISO,
        )
    return checks.as_instant(wall, name) if wall.tzinfo is not None or tz is None else _at_wall_time(wall, tz, name)


def _read_iso(text: str, name: str) -> datetime:
    """Return the datetime of an ISO 8601 text. Only Python 3.14 and later read 24:00 themselves."""
    day, separator, hours = text.partition("T" if "T" in text else " ")
    is_end_of_day = hours.startswith("24")
    plain = f"{day}{separator}00{hours[2:]}" if is_end_of_day else text
    try:
        wall = datetime.fromisoformat(plain)
    except ValueError:
        wall = None
    if wall is not None and is_end_of_day:
        wall = _next_midnight(wall)
    if wall is None:
        raise InvalidValueError(
            "not_iso",
            f"{name} must be ISO 8601, got {describe(text)}",
            **checks.at_fault(name),
            advice=_ISO,
            operands=(describe(text),),
        )
    return wall


def _next_midnight(wall: datetime) -> datetime | None:
    """Return the midnight a day after another; None if the time is no midnight, or the calendar ends."""
    if wall.time() != _MIDNIGHT or wall.date() == date.max:
        return None
    return wall + _clock.DAY


def _at_wall_time(wall: datetime, tz: tzinfo, name: str) -> datetime:
    """Return the instant of a wall time in a zone."""
    there = wall.replace(tzinfo=tz)
    checks.as_instant(there, name)
    return _clock.find_instant(there)


def elapsed(start: datetime, end: datetime, /) -> timedelta:
    """Return the time between two instants, negative if the second is the earlier one.

    Examples:
        >>> from crmcore import elapsed, instant
        >>> from zoneinfo import ZoneInfo
        >>> berlin = ZoneInfo("Europe/Berlin")
        >>> elapsed(instant("2026-03-28T12:00", tz=berlin), instant("2026-03-29T12:00", tz=berlin))
        datetime.timedelta(seconds=82800)
    """
    return in_utc(checks.as_instant(end, "end")) - in_utc(checks.as_instant(start, "start"))


def tenure(
    start: datetime, end: datetime, /, *, day_count: DayCount = DayCount.ACTUAL_365, tz: tzinfo = UTC
) -> Decimal:
    """Return the years between two instants, to 34 digits.

    Examples:
        >>> from crmcore import DayCount, instant, tenure
        >>> tenure(instant("2024-01-01"), instant("2025-01-01"))  # 366 days
        Decimal('1.002739726027397260273972602739726')
        >>> tenure(instant("2024-01-01"), instant("2025-01-01"), day_count=DayCount.ACTUAL_ACTUAL)
        Decimal('1')

    Args:
        start: The first instant.
        end: The last instant, not before the first.
        day_count: The convention for the length of a year.
        tz: The zone of the calendar, for `ACTUAL_ACTUAL` (when a year ends) and `THIRTY_360` (which dates the instants
            have).

    Raises:
        InvalidValueError: The end lies before the start, or the calendar of the convention ends before `end`.

    Source: 2006 ISDA Definitions, section 4.16 (day count fractions), except for `ACTUAL_365_25`.
    """
    checks.as_member(day_count, DayCount, "day_count")
    zone = checks.as_zone(tz)
    passed = elapsed(start, end)
    if passed < _clock.NO_TIME:
        raise InvalidValueError(
            "end_before_start",
            f"end must not lie before start, got {show(start)} to {show(end)}",
            field="end",
            operands=(start, end),
        )
    if day_count not in (DayCount.ACTUAL_ACTUAL, DayCount.THIRTY_360):
        return RATIO.divide(_count_days(passed), DAYS_A_YEAR[day_count.value])
    first, last = find_wall_time(in_utc(start), zone), find_wall_time(in_utc(end), zone)
    years = None
    if first is not None and last is not None:
        if day_count is DayCount.THIRTY_360:
            return RATIO.divide(days_of_360(first.date(), last.date()), 360)
        years = _count_actual_years(in_utc(start), in_utc(end), first.year, zone)
    if years is None:
        raise InvalidValueError(
            "calendar_ends",
            f"end must lie before the last year of the calendar, got {show(end)}",
            field="end",
            advice="take DayCount.ACTUAL_365",
            operands=(start, end),
        )
    return years


def _count_days(duration: timedelta) -> Decimal:
    return WIDE.divide(_clock.microseconds(duration), _clock.MICROSECONDS_A_DAY)


def _count_actual_years(start: datetime, end: datetime, year: int, tz: tzinfo) -> Decimal | None:
    """Return the years between two instants, of which the first lies in a year; None if the calendar ends before."""
    years = ZERO
    while start < end:
        opens, closes = _find_new_year(year, tz), _find_new_year(year + 1, tz)
        if opens is None or closes is None:
            return None
        piece = min(closes, end) - max(opens, start)
        years = WIDE.add(years, WIDE.divide(_count_days(piece), _count_days(closes - opens)))
        start, year = closes, year + 1
    return RATIO.plus(years)


def _find_new_year(year: int, tz: tzinfo) -> datetime | None:
    """Return the first instant of a year in a zone, in UTC; None if the calendar ends before."""
    there = find_instant(datetime(year, 1, 1, tzinfo=tz)) if year <= date.max.year else None
    return None if there is None else in_utc(there)


def days_of_360(start: date, end: date) -> int:
    """Return the days between two dates if each month has 30 days."""
    first = min(start.day, 30)
    last = 30 if end.day == 31 and first == 30 else end.day
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def calendar_step(unit: TimeUnit, number: int) -> relativedelta:
    """Return a number of calendar units, to add to a date or to a wall time with `add_step`."""
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


def add_step(day: _D, step: relativedelta) -> _D | None:
    """Return a date or a wall time some calendar units later, or None if the calendar ends before."""
    try:
        return day + step
    except (ValueError, OverflowError):
        return None


@attrs.frozen(order=False)
class Period(Record):
    """The time from one instant up to, but not including, another.

    Examples:
        >>> from crmcore import Period, TimeUnit, instant
        >>> march = Period.month(2026, 3)
        >>> instant("2026-03-31T23:59") in march, instant("2026-04-01") in march
        (True, False)
        >>> [len(Period.year(2026).split(unit)) for unit in (TimeUnit.QUARTER, TimeUnit.MONTH, TimeUnit.DAY)]
        [4, 12, 365]

    Two periods are equal if they contain the same instants, in any zones. Equal periods have the same `unit`, and give
    the same pieces in one zone.

    Attributes:
        start: The first instant of the period.
        end: The first instant after the period.

    Raises:
        InvalidValueError: The end is not after the start.
    """

    start: datetime = attrs.field(eq=by_utc)
    end: datetime = attrs.field(eq=by_utc)

    def _check(self) -> None:
        super()._check()
        if in_utc(self.end) <= in_utc(self.start):
            raise InvalidValueError(
                "period_reversed",
                f"end must be after start, got {show(self.start)} to {show(self.end)}",
                field="end",
                operands=(self.start, self.end),
            )

    @classmethod
    def year(cls, year: int, *, tz: tzinfo = UTC) -> Self:
        """Return a calendar year in a zone."""
        return cls._from_calendar(TimeUnit.YEAR, year, 1, 1, tz)

    @classmethod
    def quarter(cls, year: int, quarter: int, *, tz: tzinfo = UTC) -> Self:
        """Return a calendar quarter, 1 to 4, in a zone."""
        number = checks.as_whole(quarter, "quarter", 1, 4)
        return cls._from_calendar(TimeUnit.QUARTER, year, 3 * number - 2, 1, tz)

    @classmethod
    def month(cls, year: int, month: int, *, tz: tzinfo = UTC) -> Self:
        """Return a calendar month, 1 to 12, in a zone."""
        return cls._from_calendar(TimeUnit.MONTH, year, checks.as_whole(month, "month", 1, 12), 1, tz)

    @classmethod
    def day(cls, day: date, *, tz: tzinfo = UTC) -> Self:
        """Return a calendar day in a zone. It can last 23 or 25 hours where the clocks change."""
        plain = checks.as_date(day, "day")
        return cls._from_calendar(TimeUnit.DAY, plain.year, plain.month, plain.day, tz)

    @classmethod
    def _from_calendar(cls, unit: TimeUnit, year: int, month: int, day: int, tz: tzinfo) -> Self:
        checks.as_zone(tz)
        first = date(checks.as_whole(year, "year", 1, 9999), month, day)
        after = add_step(first, calendar_step(unit, 1))
        if after is None:
            raise InvalidValueError(
                "period_beyond_calendar",
                f"the {unit.value} must end before the year 10000, got the year {first.year}",
                field="day" if unit is TimeUnit.DAY else "year",
                operands=(first.year,),
            )
        return cls(instant(first, tz=tz), instant(after, tz=tz))

    @property
    def length(self) -> timedelta:
        """The duration of the period."""
        return elapsed(self.start, self.end)

    @property
    def unit(self) -> TimeUnit | None:
        """The calendar unit that the period spans, or None if it spans none.

        It is the same in every zone, because it follows from the two instants: the period is as long as a unit that
        begins on the date of its start, somewhere on earth. A change of the clocks may make it up to two hours shorter
        or longer.

        Examples:
            >>> from crmcore import Period, instant
            >>> Period(instant("2026-03-01T00:00-05:00"), instant("2026-04-01T00:00-04:00")).unit  # New York
            <TimeUnit.MONTH: 'month'>
            >>> Period(instant("2026-03-01"), instant("2026-03-31")).unit is None  # a day is missing
            True
        """
        start, length = in_utc(self.start), self.length
        dates = {_shift_date(start, offset) for offset in (_WESTERNMOST, _clock.NO_TIME, _EASTERNMOST)}
        return next((unit for unit in TimeUnit if any(_spans(day, unit, length) for day in dates)), None)

    def __contains__(self, moment: datetime, /) -> bool:
        return in_utc(self.start) <= in_utc(checks.as_instant(moment, "moment")) < in_utc(self.end)

    def overlaps(self, other: Period, /) -> bool:
        """Return whether two periods have an instant in common."""
        checks.as_instance(other, Period, "other")
        return in_utc(self.start) < in_utc(other.end) and in_utc(other.start) < in_utc(self.end)

    def split(self, unit: TimeUnit, /, *, tz: tzinfo | None = None) -> tuple[Period, ...]:
        """Cut the period into calendar steps, by the wall time in a zone.

        The pieces cover the period without gap or overlap. The last piece may be shorter than a step. Each step counts
        from the start, not from the previous step: months from 31 January end on 28 February, 31 March and 30 April,
        and years from 29 February end on 28 February until the next leap year.

        Examples:
            >>> from crmcore import Period, TimeUnit, instant
            >>> from zoneinfo import ZoneInfo
            >>> march = Period(instant("2026-02-28T23:00Z"), instant("2026-03-31T22:00Z"))  # as a database gives it
            >>> march.split(TimeUnit.DAY, tz=ZoneInfo("Europe/Berlin"))[-1].length
            datetime.timedelta(days=1)

        Args:
            unit: The step; there are at most 100,000 of them.
            tz: The zone of the calendar; the zone of the start if it is not given. Give it if the period comes from
                JSON or a database, which keep offsets and no zones.

        Raises:
            InvalidValueError: `tz` is not given, and the start and the end have two fixed offsets, so that the clocks
                changed in between, at an unknown instant.
        """
        checks.as_member(unit, TimeUnit, "unit")
        zone = self._find_zone() if tz is None else checks.as_zone(tz)
        first = self.start if tz is None else find_wall_time(in_utc(self.start), zone)
        if first is None:
            raise InvalidValueError(
                "period_before_the_calendar",
                f"start must have a date in the calendar of tz, got {show(self.start)}",
                field="start",
                operands=(self.start,),
            )
        wall = first.replace(tzinfo=None)
        last = in_utc(self.end)
        cuts = [first]
        number = 1
        while True:
            moved = add_step(wall, calendar_step(unit, number))
            cut = None if moved is None else find_instant(moved.replace(tzinfo=zone))
            if cut is None or in_utc(cut) >= last:  # None past the year 9999, and so past the end
                break
            if in_utc(cut) > in_utc(cuts[-1]):  # false if the zone skips a whole day
                cuts.append(cut)
                checks.check_size(len(cuts), "unit")
            number += 1
        return tuple(Period(start, end) for start, end in zip(cuts, [*cuts[1:], self.end], strict=True))

    def _find_zone(self) -> tzinfo:
        start, end = self.start.tzinfo or UTC, self.end.tzinfo or UTC
        if is_a(start, timezone) and is_a(end, timezone) and start != end:
            raise InvalidValueError(
                "zone_of_the_calendar_unknown",
                f"tz must be given, because start and end have the fixed offsets {start} and {end}",
                field="tz",
                advice="give it with tz=zoneinfo.ZoneInfo(...)",
                operands=(str(start), str(end)),
            )
        return start

    def __str__(self) -> str:
        return f"{self.start.isoformat()}/{self.end.isoformat()}"


def _shift_date(moment: datetime, offset: timedelta) -> date:
    """Return the date of an instant in UTC at an offset; the first or last date if the calendar ends."""
    try:
        shifted = moment + offset
    except OverflowError:
        return moment.date()
    return shifted.date()


def _spans(day: date, unit: TimeUnit, length: timedelta) -> bool:
    """Return whether a unit that begins on a date has a length, up to a change of the clocks."""
    after = add_step(day, calendar_step(unit, 1))
    if after is None:
        return False
    whole = after - day
    return abs(length - whole) <= _LONGEST_SHIFT and not (length - whole) % _SMALLEST_SHIFT
