"""Opening hours: when a company is open, and how much open time lies between two instants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Annotated, Any, Final, cast

import attrs

from crmcore.primitives import _clock, checks
from crmcore.primitives._open_time import OpenTime, read_windows
from crmcore.primitives._wall_times import WALL_TIME, WallTime, by_zone, read_wall_time
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.periods import in_utc
from crmcore.primitives.record import Kind, Record, distinct

__all__ = ["OpeningHours"]

_CLOSING: Final = rf"({WALL_TIME}|24:00(:00)?)"
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _as_closing(value: object, name: str) -> str:
    text = read_wall_time(value, name, _CLOSING, "from 00:00 to 24:00")
    return "24:00" if text == "00:00" else text


Windows = tuple[
    tuple[
        WallTime,
        Annotated[str, Kind(_as_closing, {"pattern": f"^{_CLOSING}$"})],
    ],
    ...,
]
"""When windows open and close, by the wall time."""


def _windows(values: Iterable[tuple[str | time, str | time]]) -> tuple[tuple[str, str], ...]:
    """Accept any iterable of pairs of wall times."""
    return cast("tuple[tuple[str, str], ...]", values)


def _by_date(
    values: Mapping[date, Iterable[tuple[str | time, str | time]]]
    | Iterable[tuple[date, Iterable[tuple[str | time, str | time]]]],
) -> tuple[tuple[date, tuple[tuple[str, str], ...]], ...]:
    """Accept a mapping by date, or its items."""
    return tuple(cast("Any", values).items()) if isinstance(values, Mapping) else cast("Any", values)


def _repr_dates(days: frozenset[date]) -> str:
    return f"frozenset({{{', '.join(map(repr, sorted(days)))}}})" if days else "frozenset()"


class _WithOpenTime:
    """The slot for what the methods of a calendar count with, which is no field: it follows from the fields."""

    __module__ = "crmcore.primitives.opening_hours"
    __slots__ = ("_kept",)

    _kept: OpenTime


@attrs.frozen(kw_only=True)
class OpeningHours(_WithOpenTime, Record):
    """The calendar of a company that is open at some hours of the week: a clock that runs while it is open.

    Examples:
        >>> from datetime import date, timedelta
        >>> from zoneinfo import ZoneInfo
        >>> from crmcore import OpeningHours, instant
        >>> riga, nine_to_five = ZoneInfo("Europe/Riga"), [("09:00", "17:00")]
        >>> office = OpeningHours(
        ...     zone=riga,
        ...     monday=nine_to_five,
        ...     tuesday=nine_to_five,
        ...     wednesday=nine_to_five,
        ...     thursday=nine_to_five,
        ...     friday=nine_to_five,
        ...     holidays=[date(2026, 4, 3), date(2026, 4, 6)],
        ...     exceptions={date(2026, 4, 2): [("09:00", "15:00")]},
        ... )
        >>> asked, answered = instant("2026-04-02T14:00", tz=riga), instant("2026-04-07T10:00", tz=riga)
        >>> office.elapsed(asked, answered) / timedelta(hours=1)  # an hour on Thursday, and one on Tuesday
        2.0
        >>> office.due(asked, timedelta(hours=4)).astimezone(riga).isoformat()
        '2026-04-07T12:00:00+03:00'
        >>> office.is_open(instant("2026-04-03T12:00", tz=riga))
        False

    A window is a pair of wall times in the zone. It is open from the first one up to, but not including, the second
    one. A window that closes at or before the time at which it opens runs into the next day: ``("22:00", "06:00")``
    lasts a night, and ``("00:00", "24:00")`` a day. A wall time that the zone skips moves forward by the gap, and one
    that occurs twice means the first. So a window lasts an hour less or more if the clocks change in it, and one that
    closes before it opens, because its opening was skipped, is empty. An instant in two windows counts once.

    A holiday is closed from midnight to midnight: a window of the day before ends at midnight, and a window that opens
    on the holiday and runs over midnight opens then. An exception replaces the windows that open on its date, so the
    last window of the day before still runs into it.

    The methods answer in UTC, where two instants can be compared and subtracted at any time of the year;
    ``.astimezone(hours.zone)`` is what the clock shows.

    Before 1800 and after 2100, a zone is taken to change its clocks by a rule that repeats every 400 years, as the
    calendar does.

    Two calendars are equal if their fields are. Zones are equal if their names are: a key of the time zone database,
    ``UTC``, or an offset.

    Attributes:
        zone: The time zone of the wall times.
        monday: The windows that open on a Monday.
        tuesday: The windows that open on a Tuesday.
        wednesday: The windows that open on a Wednesday.
        thursday: The windows that open on a Thursday.
        friday: The windows that open on a Friday.
        saturday: The windows that open on a Saturday.
        sunday: The windows that open on a Sunday.
        holidays: The dates that are closed.
        exceptions: The windows of dates that have others than their day of the week; none for a closed date.

    Raises:
        InvalidValueError: A date has two exceptions, or is a holiday and has an exception.
    """

    zone: tzinfo = attrs.field(eq=by_zone)
    monday: Windows = attrs.field(default=(), converter=_windows)
    tuesday: Windows = attrs.field(default=(), converter=_windows)
    wednesday: Windows = attrs.field(default=(), converter=_windows)
    thursday: Windows = attrs.field(default=(), converter=_windows)
    friday: Windows = attrs.field(default=(), converter=_windows)
    saturday: Windows = attrs.field(default=(), converter=_windows)
    sunday: Windows = attrs.field(default=(), converter=_windows)
    holidays: frozenset[date] = attrs.field(default=frozenset(), converter=distinct, repr=_repr_dates)
    exceptions: tuple[tuple[date, Windows], ...] = attrs.field(default=(), converter=_by_date)

    def _check(self) -> None:
        super()._check()
        dates = [day for day, _ in self.exceptions]
        checks.check_unique(dates, "exceptions", "a date")
        for place, day in enumerate(dates):
            if day in self.holidays:
                raise InvalidValueError(
                    "holiday_with_exception",
                    f"exceptions must be of dates that are no holidays, got {show(day)}",
                    field="exceptions",
                    record=place,
                    advice="leave the date out of the holidays",
                    operands=(day,),
                )
        for name in _DAYS:
            checks.set_field(self, name, _sort(getattr(self, name)))
        checks.set_field(self, "exceptions", tuple(sorted((day, _sort(windows)) for day, windows in self.exceptions)))

    @property
    def _open_time(self) -> OpenTime:
        try:
            return self._kept
        except AttributeError:  # the first question since it was built, read from a pickle or copied
            week = [read_windows(getattr(self, name)) for name in _DAYS]
            exceptions = {day: read_windows(windows) for day, windows in self.exceptions}
            kept = OpenTime(self.zone, week, self.holidays, exceptions)
            checks.set_field(self, "_kept", kept)
            return kept

    def elapsed(self, start: datetime, end: datetime, /) -> timedelta:
        """Return the open time between two instants, negative if the second is the earlier one.

        It is 0 if the company is never open. Open time adds: from a to b and from b to c is from a to c.

        Examples:
            >>> from zoneinfo import ZoneInfo
            >>> from crmcore import OpeningHours, instant
            >>> berlin = ZoneInfo("Europe/Berlin")
            >>> night_desk = OpeningHours(zone=berlin, saturday=[("22:00", "06:00")])
            >>> saturday, sunday = instant("2026-03-28", tz=berlin), instant("2026-03-29T12:00", tz=berlin)
            >>> night_desk.elapsed(saturday, sunday)  # the clocks go forward at 02:00
            datetime.timedelta(seconds=25200)

        Args:
            start: The first instant.
            end: The last instant.
        """
        first, last = _read_instant(start, "start"), _read_instant(end, "end")
        return timedelta(microseconds=self._open_time.count(first, last))

    def due(self, start: datetime, after: timedelta, /) -> datetime:
        """Return the instant in UTC by which an amount of open time has passed.

        It is the first such instant: what is due after the last open hour of a day is due at closing time, not at the
        next opening. The open time from `start` to the result is exactly `after`, and a microsecond earlier it is less.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import UTC, OpeningHours, instant
            >>> desk = OpeningHours(zone=UTC, friday=[("09:00", "17:00")], monday=[("09:00", "17:00")])
            >>> friday = instant("2026-01-30T16:00")
            >>> desk.due(friday, timedelta(hours=1)).isoformat()
            '2026-01-30T17:00:00+00:00'
            >>> desk.due(friday, timedelta(hours=1, microseconds=1)).isoformat()
            '2026-02-02T09:00:00.000001+00:00'

        Args:
            start: The instant from which the open time counts.
            after: The open time, >= 0. After no time, `start` itself is due, open or not.

        Raises:
            InvalidValueError: `after` is negative, or the calendar has less open time before the year 10000; a company
                that is never open has none.
        """
        found = find_due(self, start, after)
        if found is None:
            raise InvalidValueError(
                "never_due",
                f"after must be at most the open time from start to the year 9999, got {show(after)}",
                field="after",
                advice="look whether the opening hours have windows",
                operands=(start, after),
            )
        return found

    def next_open(self, at: datetime, /) -> datetime | None:
        """Return the first open instant, in UTC, that is not before an instant.

        It is the instant itself while the company is open, and otherwise the next opening. It is None if the calendar
        has no later opening: the company is never open, or only on dates that have passed.

        Examples:
            >>> from crmcore import UTC, OpeningHours, instant
            >>> desk = OpeningHours(zone=UTC, friday=[("09:00", "17:00")], monday=[("09:00", "17:00")])
            >>> [desk.next_open(instant(at)).isoformat() for at in ("2026-01-30T16:59", "2026-01-30T17:00")]
            ['2026-01-30T16:59:00+00:00', '2026-02-02T09:00:00+00:00']

        Args:
            at: The instant.
        """
        found = self._open_time.find_open(_read_instant(at, "at"))
        return None if found is None or found > _LATEST else _clock.from_epoch(found)

    def is_open(self, at: datetime, /) -> bool:
        """Return whether the company is open at an instant. At closing time it is not."""
        return self._open_time.is_open(_read_instant(at, "at"))


_EARLIEST: Final = _clock.since_epoch(_clock.EARLIEST)
_LATEST: Final = _clock.since_epoch(_clock.LATEST)


def find_due(hours: OpeningHours, start: datetime, after: timedelta) -> datetime | None:
    """Return the instant in UTC by which so much open time has passed, or None if the calendar has less."""
    first = _read_instant(start, "start")
    amount = _clock.microseconds(checks.as_wait(after, "after"))
    if not amount:
        return _clock.from_epoch(first)
    found = hours._open_time.find_due(first, amount) if first + amount <= _LATEST else None  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - its own class
    return None if found is None or found > _LATEST else _clock.from_epoch(found)


def _read_instant(value: datetime, name: str) -> int:
    """Return an instant in microseconds since 1970."""
    if type(value) is datetime and checks.follows_pep_495(type(value.tzinfo)):  # 4x as fast in a zone
        since = _clock.since_epoch(value)
        if _EARLIEST <= since <= _LATEST:
            return since
    return _clock.since_epoch(in_utc(checks.as_instant(value, name)))


def _sort(windows: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(set(windows)))
