"""Dates that were read in another zone than the one in whose days they are counted.

A date is kept as its first instant in a zone. If that is not the zone of the count, all instants lie hours off its
days, and some fall into another month. No single instant shows it, but all of them together do.

A table, a database and JSON keep instants in UTC, so that the zone is gone. The time of day tells its offset: dates of
Riga lie at 22:00 in UTC, and at 21:00 in summer. Times of real happenings do not all lie at one or two full quarters.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from datetime import datetime, time, timedelta, timezone, tzinfo
from typing import Final

import attrs

from crmcore.primitives import _clock
from crmcore.primitives._zones import find_wall_time
from crmcore.primitives.periods import UTC, in_utc

_MIDNIGHT: Final = time()
_AN_HOUR: Final = timedelta(hours=1)
_A_QUARTER: Final = timedelta(minutes=15)
"""Offsets from UTC are multiples of it."""
_NOON: Final = timedelta(hours=12)
_FEWEST_DAYS: Final = 3
"""Days on which a time of day in UTC must be seen before it says anything."""
_MOST_MONTHS: Final = 2
"""Months of the year in which the clocks change, so that both times of day are seen."""


@attrs.frozen
class Elsewhere:
    """Instants that are dates of another zone.

    Attributes:
        number: How many instants there are.
        away: How many of them are not the first moment of a day in the zone of the count.
        offsets: The offsets of the other zone, as texts in order.
    """

    number: int
    away: int
    offsets: tuple[str, ...]


def find_elsewhere(instants: Iterable[datetime], zone: tzinfo) -> Elsewhere | None:
    """Find out whether instants are dates of another zone; None if they are not, or if it is not sure.

    Args:
        instants: The instants, which are walked to the end.
        zone: The zone of the count.
    """
    rest = iter(instants)
    seen = _Seen(zone)
    if all(map(seen.admit, rest)):
        return seen.judge()
    deque(rest, maxlen=0)  # what is no record is refused wherever it stands
    return None


class _Seen:
    """What is known of the instants so far."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self._number = 0
        self._away = 0
        self._offsets: set[timedelta] = set()
        self._known: dict[datetime, int] = {}
        """How much each instant in UTC adds to those that are away."""
        self._days = set[int]()
        self._months: defaultdict[timedelta, set[int]] = defaultdict(set)
        """The months of the year of the instants in UTC, by the offset that their time of day tells."""

    def admit(self, at: datetime) -> bool:
        """Note an instant, and return whether all may still be dates of another zone."""
        self._number += 1
        if at.tzinfo is not UTC:
            self._note(at, at.tzinfo or UTC, at.utcoffset() or _clock.NO_TIME)
            return at.time() == _MIDNIGHT
        if at in self._known:  # dates repeat: 3.8x for 300,000 starts in two years
            self._away += self._known[at]
            return True
        before, offset = self._away, _find_offset(at)
        self._months[offset].add(at.month)
        if offset % _A_QUARTER or not self._is_of_one_zone():
            return False
        if offset and len(self._days) < _FEWEST_DAYS:
            self._days.add(at.toordinal())
        self._note(at, timezone(offset) if offset else UTC, offset)
        self._known[at] = self._away - before
        return True

    def _note(self, at: datetime, own: tzinfo, offset: timedelta) -> None:
        """Note whether a midnight of its own zone is not the first moment of a day in the zone of the count."""
        if (
            own is not self._zone
            and not _may_be_one_zone(own, self._zone)
            and not _begins_a_day(in_utc(at), self._zone)
        ):
            self._away += 1
            self._offsets.add(offset)

    def _is_of_one_zone(self) -> bool:
        """Return whether the offsets of the instants in UTC may be the winter and the summer of one zone."""
        offsets = [*self._months]
        return len(offsets) < 2 or (len(offsets) == 2 and _differ_by_an_hour(*offsets))

    def judge(self) -> Elsewhere | None:
        """Return what all instants together say."""
        months = [*self._months.values()]
        if not self._away or (any(self._months) and len(self._days) < _FEWEST_DAYS):
            return None
        if len(months) == 2 and len(months[0] & months[1]) > _MOST_MONTHS:
            return None
        if self._away < self._number and not (len(months) == 2 and months[0] - months[1] and months[1] - months[0]):
            return None  # only a zone that has one time with that of the count for a part of the year is half away
        return Elsewhere(self._number, self._away, tuple(str(timezone(offset)) for offset in sorted(self._offsets)))


def _find_offset(at: datetime) -> timedelta:
    """Return the offset of a zone in which an instant of UTC is midnight: above -12 hours, and at most 12."""
    since = timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
    return _NOON - (_NOON + since) % _clock.DAY


def _begins_a_day(at: datetime, zone: tzinfo) -> bool:
    """Return whether an instant is the first moment of a day in a zone; also if the zone cannot express it."""
    there = find_wall_time(at, zone, "period")
    if there is None or there.time() == _MIDNIGHT or at == _clock.EARLIEST:
        return True
    before = find_wall_time(at - _clock.MICROSECOND, zone, "period")  # where the clocks change at midnight
    return before is None or before.date() != there.date()


def _may_be_one_zone(one: tzinfo, other: tzinfo) -> bool:
    """Return whether two fixed offsets, as JSON gives them, may be the winter and the summer of one zone."""
    if not isinstance(one, timezone) or not isinstance(other, timezone) or UTC in (one, other):
        return False
    offsets = one.utcoffset(None), other.utcoffset(None)
    return offsets[0] == offsets[1] or _differ_by_an_hour(*offsets)


def _differ_by_an_hour(one: timedelta, other: timedelta) -> bool:
    """Return whether two offsets differ by an hour; those that differ by a day have the same midnights."""
    return (one - other) % _clock.DAY in (_AN_HOUR, _clock.DAY - _AN_HOUR)
