"""The occurrences of a recurrence, looked for day by day, as the definition has them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from crmcore import TimeUnit

if TYPE_CHECKING:
    from crmcore import Period, Recurrence

DAY: Final = timedelta(days=1)
_MONTHS: Final = {TimeUnit.MONTH: 1, TimeUnit.QUARTER: 3, TimeUnit.YEAR: 12}
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _occurs_on(recurrence: Recurrence, day: date) -> bool:
    """Whether a date is one of an occurrence, by the calendar alone."""
    first, every = recurrence.first, recurrence.every
    if day < first:
        return False
    if recurrence.unit is TimeUnit.DAY:
        return (day - first).days % every == 0
    if recurrence.unit is TimeUnit.WEEK:
        weeks = ((day - day.weekday() * DAY) - (first - first.weekday() * DAY)).days // 7
        wanted = recurrence.weekdays or {_WEEKDAYS[first.weekday()]}
        return weeks % every == 0 and _WEEKDAYS[day.weekday()] in wanted
    months = 12 * (day.year - first.year) + day.month - first.month
    is_last = (day + DAY).month != day.month
    return months % (every * _MONTHS[recurrence.unit]) == 0 and (
        day.day == first.day or (is_last and day.day < first.day)
    )


def _at_wall(day: date, at: str, zone: tzinfo) -> datetime:
    """The first instant at which the clock shows a wall time; if it never does, forward by what it skipped."""
    wall = datetime.combine(day, time.fromisoformat(at))
    around = [wall.replace(tzinfo=UTC) + hours * timedelta(hours=1) for hours in range(-50, 51)]
    offsets = [moment.astimezone(zone).utcoffset() or timedelta() for moment in around]
    showing = [
        moment
        for moment in (wall.replace(tzinfo=UTC) - offset for offset in {*offsets})
        if moment.astimezone(zone).replace(tzinfo=None) == wall
    ]
    if showing:
        return min(showing)
    before = next(  # the offset before the gap is that with which the clock would have shown it
        offset for offset, after in pairwise(offsets) if offset < after
    )
    return wall.replace(tzinfo=UTC) - before


def find_occurrences(recurrence: Recurrence, period: Period, zone: tzinfo) -> list[datetime]:
    """The occurrences in a period, in UTC.

    Args:
        recurrence: The recurrence.
        period: The period.
        zone: The zone of the recurrence, of zoneinfo, which this reference trusts.
    """
    start, end = period.start.astimezone(UTC), period.end.astimezone(UTC)
    days = [start.date() + number * DAY for number in range(-4, (end - start).days + 5)]
    found = {_at_wall(day, recurrence.at, zone) for day in days if _occurs_on(recurrence, day)}
    return sorted(at for at in found if start <= at < end)
