"""Open time between two instants, and due instants, for many clocks on one calendar.

The peer counts in one time zone only, and counts by the wall time over a change of the clocks. So the race is in UTC,
where both are right.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from importlib import import_module
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.harness import Row, Run, benchmark, installed, milliseconds
from crmcore import OpeningHours, elapsed

Clock = tuple[datetime, datetime]

START = datetime(2020, 1, 1, tzinfo=UTC)
HOLIDAYS = [date(year, month, 1) for year in range(2020, 2027) for month in (1, 5, 11)]
WEEK: dict[str, Any] = dict.fromkeys(
    ("monday", "tuesday", "wednesday", "thursday", "friday"), (("08:00", "12:00"), ("13:00", "17:00"))
)
SLOWER = 500
"""The peer gets one clock for so many of ours, so that the race ends."""


def clocks(n: int, zone: ZoneInfo | None = None) -> list[Clock]:
    """Return clocks of up to 30 days, within six years."""
    random = Random(1)  # noqa: S311 - the same clocks in every run
    starts = [START + timedelta(seconds=random.randrange(6 * 365 * 86_400)) for _ in range(n)]
    pairs = [(start, start + timedelta(seconds=random.randrange(30 * 86_400))) for start in starts]
    return pairs if zone is None else [(start.astimezone(zone), end.astimezone(zone)) for start, end in pairs]


def count(between: Callable[[datetime, datetime], timedelta], pairs: Iterable[Clock]) -> timedelta:
    """Return the sum of all clocks."""
    return sum((between(start, end) for start, end in pairs), timedelta(0))


def make_peer() -> Callable[[datetime, datetime], timedelta] | None:
    """Return the function of the peer, or None if it is not installed."""
    if not installed("businesstimedelta"):
        return None
    peer: Any = import_module("businesstimedelta")
    utc = import_module("pytz").utc
    shifts = [
        peer.WorkDayRule(start_time=time(start), end_time=time(end), working_days=range(5), tz=utc)
        for start, end in ((8, 12), (13, 17))
    ]
    rules = peer.Rules([*shifts, peer.HolidayRule(dict.fromkeys(HOLIDAYS, "closed"), tz=utc)])

    def between(start: datetime, end: datetime) -> timedelta:
        found = rules.difference(start, end)
        return timedelta(hours=found.hours, seconds=found.seconds)

    return between


@benchmark
def many_clocks(run: Run) -> Iterator[Row]:
    """Count the open time of all clocks."""
    hours = OpeningHours(zone=UTC, **WEEK, holidays=HOLIDAYS)
    few = clocks(max(run.n // SLOWER, 1))
    peer = make_peer()
    if peer is None:
        yield Row(name="OpeningHours.elapsed / businesstimedelta", ours=0, other=None, note="the peer is not installed")
    else:
        yield run.race(
            "OpeningHours.elapsed / businesstimedelta",
            partial(count, hours.elapsed, few),
            partial(count, peer, few),
            aim=0.05,
            note=f"one clock in {SLOWER}",
        )
    pairs = clocks(run.n)
    riga = ZoneInfo("Europe/Riga")
    at_home = OpeningHours(zone=riga, **WEEK, holidays=HOLIDAYS)
    for name, calendar, asked in (("UTC", hours, pairs), ("Europe/Riga", at_home, clocks(run.n, riga))):
        yield time_beside_floor(run, name, calendar, asked)


def time_beside_floor(run: Run, name: str, hours: OpeningHours, pairs: list[Clock]) -> Row:
    """Time a calendar beside the time that passes without one."""
    asks = [partial(count, between, pairs) for between in (hours.elapsed, elapsed)]
    ours, floor = run.medians(*(partial(milliseconds, ask) for ask in asks))
    return Row(name=f"OpeningHours.elapsed / elapsed, {name}", ours=ours, other=floor, note="the floor: no calendar")
