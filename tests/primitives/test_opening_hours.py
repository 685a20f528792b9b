from __future__ import annotations

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from itertools import pairwise
from time import process_time
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import attrs
import cattrs.preconf.json
import dateutil.tz
import pytest
from hypothesis import assume, given, settings, strategies as st

from crmcore import CrmcoreError, InvalidValueError, NaiveInstantError, OpeningHours, WrongTypeError, elapsed, instant
from crmcore.interop.cattrs import configure
from crmcore.interop.hypothesis import instants, opening_hours
from crmcore.interop.pydantic import adapter
from crmcore.primitives import _open_time
from crmcore.primitives._clock import find_zone_name
from crmcore.primitives._zones import find_offset
from tests.primitives.test_zones import dateutil_zone
from tests.support.open_minutes import at_minute, find_open_minutes, minute_of
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

HOUR: Final = timedelta(hours=1)
TICK: Final = timedelta(microseconds=1)
FIRST: Final = datetime.min.replace(tzinfo=UTC)
LAST: Final = datetime.max.replace(tzinfo=UTC)
BERLIN: Final = ZoneInfo("Europe/Berlin")
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CHANGES: Final = {
    "America/Havana": ("2026-03-08", "2026-11-01"),  # midnight is skipped, and comes twice
    "America/New_York": ("2026-03-08", "2026-11-01"),
    "America/Noronha": ("2000-10-08", "2000-10-15"),  # and back after a week
    "America/Sao_Paulo": ("2018-02-18", "2018-11-04"),  # midnight is skipped
    "America/St_Johns": ("2010-03-14", "2010-11-07"),  # a minute past midnight
    "Africa/Casablanca": ("2026-02-15", "2026-03-22"),
    "Antarctica/Troll": ("2026-03-29", "2026-10-25"),  # two hours
    "Asia/Amman": ("2021-03-26", "2021-10-29"),
    "Asia/Kathmandu": ("2026-03-29", "2026-10-25"),  # 5:45, no changes
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),  # half an hour
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "Europe/Dublin": ("2026-03-29", "2026-10-25"),  # the standard time is that of summer
    "Pacific/Apia": ("2011-12-29", "2011-12-31"),  # a whole day
    "Pacific/Kiritimati": ("1994-12-30", "1995-01-01"),  # the last day of a week
}
"""Zones, and days on which their clocks change, or nearly."""


def every_day(*windows: tuple[str, str], zone: tzinfo = UTC, **fields: Any) -> OpeningHours:
    """Return a calendar with the same windows on each day."""
    week: dict[str, Any] = dict.fromkeys(WEEKDAYS, windows)
    return OpeningHours(zone=zone, **{**week, **fields})


def at(text: str, zone: tzinfo = BERLIN) -> datetime:
    """Return an instant of a wall time in Berlin or in another zone."""
    return instant(text, tz=zone)


@st.composite
def near_changes(draw: st.DrawFn) -> tuple[OpeningHours, str, date]:
    """Draw a calendar whose dates stand near a change of the clocks: with the name of the zone, and the day."""
    name = draw(st.sampled_from(sorted(CHANGES)))
    day = date.fromisoformat(draw(st.sampled_from(CHANGES[name])))
    near = [day + timedelta(days=shift) for shift in range(-3, 4)]
    dates = draw(st.lists(st.sampled_from(near), unique=True, max_size=3))
    part = draw(st.integers(0, len(dates)))
    windows = draw(opening_hours(zone=ZoneInfo(name))).monday
    hours = draw(
        opening_hours(zone=ZoneInfo(name), holidays=dates[:part], exceptions=[(one, windows) for one in dates[part:]])
    )
    return hours, name, day


class TestReference:
    @given(drawn=near_changes(), by_dateutil=st.booleans(), data=st.data())
    def test_minute_by_minute(
        self, drawn: tuple[OpeningHours, str, date], by_dateutil: bool, data: st.DataObject
    ) -> None:
        """The open minutes around a change of the clocks are those of the definition, counted one by one."""
        hours, name, day = drawn
        middle = minute_of(datetime(day.year, day.month, day.day, tzinfo=UTC))
        first = middle - data.draw(st.integers(0, 4320))
        end = middle + data.draw(st.integers(0, 4320))
        found = find_open_minutes(hours, first, end, ZoneInfo(name))
        if by_dateutil:
            hours = attrs.evolve(hours, zone=dateutil_zone(name))
        start, stop = at_minute(first), at_minute(end)

        assert len(found) == hours.elapsed(start, stop) / timedelta(minutes=1)
        for minute in {first, middle, end - 1} & {*range(first, end)}:
            assert (minute in found) is hours.is_open(at_minute(minute))
        if found:
            assert at_minute(min(found)) == hours.next_open(start)
            part = data.draw(st.integers(1, len(found)))
            assert at_minute(sorted(found)[part - 1] + 1) == hours.due(start, timedelta(minutes=part))

    @given(drawn=near_changes(), seconds=st.tuples(st.integers(0, 300_000), st.integers(0, 300_000)))
    def test_all_the_time(self, drawn: tuple[OpeningHours, str, date], seconds: tuple[int, int]) -> None:
        """A company that is always open has a clock that shows the time that passes, in UTC."""
        _, name, day = drawn
        always = every_day(("00:00", "24:00"), zone=ZoneInfo(name))
        start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)
        first, end = (start + timedelta(seconds=shift) for shift in seconds)

        assert elapsed(first, end) == always.elapsed(first, end)


class TestLaws:
    @given(hours=opening_hours(), three=st.tuples(instants(), instants(), instants()))
    def test_open_time_adds(self, hours: OpeningHours, three: tuple[datetime, datetime, datetime]) -> None:
        """From a to c it is what it is from a to b and from b to c; and there and back it is 0."""
        a, b, c = three

        assert hours.elapsed(a, c) == hours.elapsed(a, b) + hours.elapsed(b, c)
        assert hours.elapsed(a, b) == -hours.elapsed(b, a)
        assert abs(hours.elapsed(a, b)) <= abs(elapsed(a, b))

    @given(hours=opening_hours(), start=instants(), after=st.timedeltas(timedelta(0), timedelta(days=400)))
    def test_due_is_the_first_instant(self, hours: OpeningHours, start: datetime, after: timedelta) -> None:
        """At the due instant the open time has passed, and a microsecond before it has not."""
        assume(any(getattr(hours, name) for name in WEEKDAYS))
        due = hours.due(start, after)

        assert after == hours.elapsed(start, due)
        assert due - TICK < start or after > hours.elapsed(start, due - TICK)

    @given(
        hours=opening_hours(),
        start=instants(),
        lengths=st.tuples(
            st.timedeltas(timedelta(0), timedelta(days=9)), st.timedeltas(timedelta(0), timedelta(days=9))
        ),
    )
    def test_later_is_never_less(
        self, hours: OpeningHours, start: datetime, lengths: tuple[timedelta, timedelta]
    ) -> None:
        """Open time grows with the end, and a due instant with the time after which it is due."""
        short, long = sorted(lengths)
        assert hours.elapsed(start, _later(start, short)) <= hours.elapsed(start, _later(start, long))
        if any(getattr(hours, name) for name in WEEKDAYS):
            assert hours.due(start, short) <= hours.due(start, long)

    @given(hours=opening_hours(exceptions=()), start=instants(), day=st.integers(-1, 8))
    def test_a_holiday_adds_no_time(self, hours: OpeningHours, start: datetime, day: int) -> None:
        """With one holiday more the open time is the same or less, by at most that day."""
        end = _later(start, timedelta(days=7))
        added = (start + timedelta(days=day)).date()
        fewer = attrs.evolve(hours, holidays=hours.holidays | {added})

        assert timedelta(0) <= hours.elapsed(start, end) - fewer.elapsed(start, end) <= 26 * HOUR

    @given(hours=opening_hours(), moment=instants())
    def test_the_next_open_instant(self, hours: OpeningHours, moment: datetime) -> None:
        """It is open, nothing before it is, and it is the instant itself if that is open."""
        found = hours.next_open(moment)
        if found is None:
            assert not any(getattr(hours, name) for name in WEEKDAYS)
            return

        assert hours.is_open(found)
        assert timedelta(0) == hours.elapsed(moment, found)
        assert hours.elapsed(moment, found + TICK) == TICK
        assert hours.is_open(moment) is (found == moment)

    @given(hours=opening_hours(), pair=st.tuples(instants(), instants()))
    def test_equal_calendars_answer_equally(self, hours: OpeningHours, pair: tuple[datetime, datetime]) -> None:
        """What was counted before, in a pickle, a copy, JSON or another order of the windows, changes no answer."""
        answer = hours.elapsed(*pair)
        json, converter = adapter(OpeningHours), configure(cattrs.preconf.json.make_converter())
        turned = {name: getattr(hours, name)[::-1] for name in (*WEEKDAYS, "exceptions")}
        others = [pickle.loads(pickle.dumps(hours)), copy.deepcopy(hours), attrs.evolve(hours, **turned)]
        if find_zone_name(hours.zone) is not None:  # JSON names the zone; one of dateutil has no name
            others += [
                json.validate_json(json.dump_json(hours)),
                converter.loads(converter.dumps(hours), OpeningHours),
            ]
        for other in others:
            assert (hours, hash(hours)) == (other, hash(other))
            assert answer == other.elapsed(*pair)


class TestMillennia:
    """Four hundred years of the calendar are alike, and are counted once."""

    @pytest.mark.parametrize("zone", [BERLIN, UTC, ZoneInfo("Australia/Lord_Howe")], ids=str)
    def test_open_time_adds(self, zone: tzinfo) -> None:
        """Pieces that are shorter than a cycle are counted block by block."""
        desk = OpeningHours(
            zone=zone,
            sunday=[("22:00", "05:00")],
            tuesday=[("09:00", "17:00")],
            exceptions={date(2200, 3, 4): [("01:00", "04:00")]},
        )
        marks = [datetime(year, 3, 29, 1, tzinfo=UTC) for year in (2026, 2300, 2600, 2900, 3200)]
        assert desk.elapsed(marks[0], marks[-1]) == sum(map(desk.elapsed, marks, marks[1:]), timedelta(0))


def _later(start: datetime, length: timedelta) -> datetime:
    return start.astimezone(UTC) + length


def _pieces() -> st.SearchStrategy[list[tuple[int, int]]]:
    """Draw spans of time, some of which are empty."""
    return st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4)).map(lambda one: (one[0], sum(one))), max_size=6)


def _ticks(spans: Iterable[tuple[int, int]]) -> set[int]:
    """Return the instants of spans, one by one."""
    return {tick for span in spans for tick in range(*span)}


class TestSpans:
    @given(opened=_pieces(), closed=_pieces())
    def test_hold_the_instants_one_by_one(self, opened: list[tuple[int, int]], closed: list[tuple[int, int]]) -> None:
        """What is open and not closed are spans in order, none of them empty, which have no instant twice."""
        shut = sorted(span for span in closed if span[0] < span[1])
        left = [*_open_time._subtract(_open_time._unite(span for span in opened if span[0] < span[1]), shut)]

        assert _ticks(opened) - _ticks(closed) == _ticks(left)
        assert all(start < end for start, end in left)
        assert all(one[1] <= other[0] for one, other in pairwise(left))

    @given(pieces=_pieces())
    def test_touch_no_other(self, pieces: list[tuple[int, int]]) -> None:
        """Spans that touch or overlap are one."""
        united = _open_time._unite(pieces)

        assert _ticks(pieces) == _ticks(united)
        assert all(one[1] < other[0] for one, other in pairwise(united))


class TestWeeks:
    @pytest.mark.parametrize("by_dateutil", [False, True])
    @pytest.mark.parametrize("name", sorted(CHANGES))
    def test_are_steady_if_the_clocks_do_not_change(self, name: str, by_dateutil: bool) -> None:
        """A week is steady if neither it nor the week before has a day on which the clocks change."""
        zone = ZoneInfo(name)
        hours = OpeningHours(zone=dateutil_zone(name) if by_dateutil else zone)
        years = {date.fromisoformat(day).year for day in CHANGES[name]}
        for year in years if by_dateutil else {*years, 2105}:  # dateutil has no rule for later years
            for week in hours._open_time._walk(_block_of(year)):
                days = [datetime.fromordinal(7 * week.number + day) for day in range(-6, 9)]
                offsets = {day.replace(tzinfo=zone).utcoffset() for day in days}
                assert (week.number, len(offsets) == 1) == (week.number, week.is_steady)

    @pytest.mark.parametrize("year", [1700, 2105, 3000])
    def test_of_a_rule_are_asked_for_once(self, year: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where a zone has only a rule, its offset is asked for once a week, and not each day."""
        asked: list[datetime] = []

        def ask(wall: datetime, name: str) -> timedelta | None:
            asked.append(wall)
            return find_offset(wall, name)

        monkeypatch.setattr(_open_time, "find_offset", ask)
        weeks = range(27 * _block_of(year), 27 * _block_of(year) + 27)
        OpeningHours(zone=BERLIN)._open_time._list_changes(weeks)

        assert [7 * week + 1 for week in range(weeks.start - 1, weeks.stop + 1)] == [day.toordinal() for day in asked]


class TestWindows:
    @pytest.mark.parametrize(
        ("start", "end", "right"),
        [
            ("2026-03-28T12:00", "2026-03-29T12:00", 3),  # 02:00 to 05:00 lasts two hours, and 23:00 to 24:00 one
            ("2026-10-24T12:00", "2026-10-25T12:00", 5),
            ("2026-03-25T23:30", "2026-03-25T23:45", 0.25),
            ("2026-03-25T23:00", "2026-03-26T00:00", 1),
            ("2026-03-25T02:00", "2026-03-25T02:00", 0),
            ("2026-03-26T00:00", "2026-03-25T23:00", -1),
        ],
    )
    def test_clock_change(self, start: str, end: str, right: float) -> None:
        """A window over a change of the clocks is an hour shorter or longer."""
        hours = every_day(("02:00", "05:00"), ("23:00", "24:00"), zone=BERLIN)
        assert right == hours.elapsed(at(start), at(end)) / HOUR

    @pytest.mark.parametrize(
        ("window", "day", "right"),
        [
            (("02:30", "05:00"), "2026-03-29", 1.5),  # opens at 03:30
            (("02:30", "03:15"), "2026-03-29", 0),  # would open at 03:30
            (("01:00", "02:30"), "2026-03-29", 1.5),  # closes at 03:30
            (("02:30", "05:00"), "2026-10-25", 3.5),  # opens the first time that the clock shows 02:30
            (("02:00", "02:30"), "2026-10-25", 0.5),  # and closes the first time
            (("02:30", "02:30"), "2026-10-25", 25),
        ],
    )
    def test_skipped_and_repeated_times(self, window: tuple[str, str], day: str, right: float) -> None:
        """A skipped time moves forward by the gap; of a repeated one the first is meant."""
        hours = OpeningHours(zone=BERLIN, sunday=[window])
        assert right == hours.elapsed(at(f"{day}T00:00"), at(f"{day}T00:00") + timedelta(days=3)) / HOUR

    def test_a_skipped_day(self) -> None:
        """Apia skipped 30 December 2011, a Friday: its windows move to the Saturday, by the same rule."""
        apia = ZoneInfo("Pacific/Apia")
        hours = OpeningHours(zone=apia, friday=[("09:00", "17:00")])
        assert hours.next_open(at("2011-12-29", apia)) == at("2011-12-31T09:00", apia)

    def test_overlaps(self) -> None:
        """An instant in two windows counts once, and windows that touch have no gap between them."""
        hours = OpeningHours(
            zone=UTC,
            monday=[("09:00", "12:00"), ("11:00", "14:00"), ("14:00", "15:00"), ("22:00", "06:00")],
            tuesday=[("05:00", "07:00")],
        )
        assert hours.elapsed(at("2026-03-02", UTC), at("2026-03-04", UTC)) == 15 * HOUR
        assert hours.due(at("2026-03-02", UTC), 5 * HOUR) == at("2026-03-02T14:00", UTC)

    def test_over_the_end_of_a_week(self) -> None:
        """The window of a Sunday night runs into Monday, in each week."""
        hours = OpeningHours(zone=UTC, sunday=[("22:00", "06:00")])
        assert hours.elapsed(at("2026-03-02", UTC), at("2026-03-02T12:00", UTC)) == 6 * HOUR
        assert hours.elapsed(at("2026-01-05", UTC), at("2026-12-28", UTC)) == 51 * 8 * HOUR

    def test_seconds(self) -> None:
        """Times may have seconds, and may be given as `datetime.time`."""
        hours = every_day((time(9, 0, 30), time(17)))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - the helper takes texts
        assert hours.monday == (("09:00:30", "17:00"),)
        assert hours.elapsed(at("2026-03-02", UTC), at("2026-03-03", UTC)) == 8 * HOUR - timedelta(seconds=30)

    def test_one_form(self) -> None:
        """Windows are kept in order, once each; midnight as a closing time is 24:00, and each time is plain text."""
        own = OpeningHours(zone=UTC, monday=[(Text("09:00:00"), Text("12:30:15"))]).monday
        assert ((("09:00", "12:30:15"),), {str}) == (own, {*map(type, own[0])})
        hours = OpeningHours(zone=UTC, monday=[("13:00", "00:00"), ("09:00:00", "12:00"), ("09:00", "12:00:00")])
        assert hours.monday == (("09:00", "12:00"), ("13:00", "24:00"))


class TestDates:
    NIGHTS: Final = every_day(("22:00", "06:00"), zone=BERLIN)

    def test_holiday(self) -> None:
        """It is closed from midnight to midnight: the night before is cut, and its own night opens at midnight."""
        hours = attrs.evolve(self.NIGHTS, holidays=[date(2026, 5, 1)])
        spans = [("2026-04-30T20:00", 2), ("2026-05-01T00:00", 0), ("2026-05-02T00:00", 6)]
        for (start, right), (end, _) in pairwise([*spans, ("2026-05-02T08:00", 0)]):
            assert right == hours.elapsed(at(start), at(end)) / HOUR

    def test_exception(self) -> None:
        """It replaces the windows that open on its date; the night before still runs into it."""
        for windows, right in (((), 6), ((("10:00", "12:00"),), 8), ((("20:00", "01:00"),), 10)):
            hours = attrs.evolve(self.NIGHTS, exceptions={date(2026, 5, 1): windows})
            assert right == hours.elapsed(at("2026-05-01"), at("2026-05-02")) / HOUR

    def test_only_exceptions(self) -> None:
        """A week without windows is open on its exceptions, however far apart, and never after the last."""
        hours = OpeningHours(
            zone=BERLIN, exceptions={date(1, 1, 2): [("09:00", "10:00")], date(9999, 12, 30): [("09:00", "10:00")]}
        )
        assert hours.elapsed(FIRST, LAST) == 2 * HOUR
        assert hours.due(at("2026-03-01"), HOUR) == at("9999-12-30T10:00")
        assert hours.next_open(at("2026-03-01")) == at("9999-12-30T09:00")
        assert hours.next_open(at("9999-12-30T10:00")) is None

    def test_a_closed_millennium(self) -> None:
        """A thousand years of holidays are passed over."""
        days = [date.fromordinal(day) for day in range(date(2026, 1, 1).toordinal(), date(2036, 1, 1).toordinal())]
        hours = every_day(("09:00", "17:00"), zone=BERLIN, holidays=days)
        assert hours.next_open(at("2026-01-01")) == at("2036-01-01T09:00")
        assert hours.due(at("2026-01-01"), HOUR) == at("2036-01-01T10:00")


class TestEnds:
    def test_never_open(self) -> None:
        """No time is open, nothing is due, and there is no next opening."""
        never = OpeningHours(zone=BERLIN)
        assert never.elapsed(FIRST, LAST) == timedelta(0)
        assert never.next_open(FIRST) is None
        assert not never.is_open(LAST)
        assert never.due(FIRST, timedelta(0)) == FIRST
        with refused(InvalidValueError, "never_due: after"):
            never.due(at("2026-03-01"), TICK)

    @pytest.mark.parametrize(
        "zone", [UTC, BERLIN, ZoneInfo("America/New_York"), timezone(14 * HOUR), timezone(-12 * HOUR)]
    )
    def test_beyond_the_calendar(self, zone: tzinfo) -> None:
        """The last instant of the calendar can be due, and a microsecond more cannot."""
        always = every_day(("00:00", "24:00"), zone=zone)
        start = LAST - timedelta(days=70_000)
        assert always.due(start, timedelta(days=70_000)) == LAST
        assert always.is_open(FIRST)
        assert always.is_open(LAST)
        assert always.next_open(LAST) == LAST
        for after in (timedelta(days=70_000) + TICK, timedelta.max):
            with refused(InvalidValueError, "never_due: after"):
                always.due(start, after)

    def test_less_open_time_than_asked(self) -> None:
        """What the open time until the year 9999 does not reach is refused."""
        hours = every_day(("09:00", "10:00"), zone=BERLIN)
        with refused(InvalidValueError, "never_due: after"):
            hours.due(LAST - timedelta(days=900), timedelta(days=38))
        with refused(InvalidValueError, "never_due: after"):  # it would be due in the year 10000
            every_day(("00:00", "24:00"), zone=timezone(-5 * HOUR), holidays=[date(9999, 12, 30)]).due(
                LAST - timedelta(days=9), timedelta(days=8, hours=1)
            )

    def test_opens_after_the_calendar(self) -> None:
        """An opening that UTC cannot express is none."""
        hours = every_day(("21:00", "22:00"), zone=timezone(-5 * HOUR))
        assert hours.next_open(LAST) is None

    def test_zones_of_dateutil_at_the_ends(self) -> None:
        """A zone that fails near the ends of the calendar is asked about the days before."""
        always = every_day(("00:00", "24:00"), zone=dateutil.tz.tzrange("EST", -5 * HOUR, "EDT"))
        assert always.elapsed(FIRST, FIRST + timedelta(days=9)) == timedelta(days=9)
        assert always.elapsed(LAST - timedelta(days=9), LAST) == timedelta(days=9)

    def test_both_ends_of_the_calendar(self) -> None:
        """Open time counts over centuries, from the first instant and up to the last."""
        always, centuries = every_day(("00:00", "24:00"), zone=BERLIN), timedelta(days=73_000)
        assert always.elapsed(FIRST, FIRST + centuries) == centuries
        assert always.elapsed(LAST - centuries, LAST) == centuries

    def test_many_blocks(self) -> None:
        """Questions all over the calendar are answered alike, also when the first ones are forgotten."""
        hours = OpeningHours(zone=BERLIN, monday=[("09:00", "17:00")])
        mondays = [datetime(year, 1, 1, tzinfo=UTC) for year in range(1900, 2200)]
        first = [hours.next_open(monday) for monday in mondays]
        assert first == [hours.next_open(monday) for monday in mondays]

    @pytest.mark.parametrize("zone", ["Europe/Berlin", "Africa/Casablanca", "Australia/Lord_Howe", "Antarctica/Troll"])
    def test_centuries_to_come(self, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where a zone has only its rule, one look a week finds the changes of the clocks that daily looks find."""
        start, periods = at("2095-01-03"), [timedelta(days=days) for days in range(0, 40_000, 997)]

        def count() -> list[timedelta]:
            hours = OpeningHours(
                zone=ZoneInfo(zone),
                saturday=[("20:00", "05:00")],
                sunday=[("00:00", "24:00")],
                exceptions=[(date(2107, 3, 27), [])],
            )
            return [hours.elapsed(start, start + period) for period in periods]

        weekly = count()
        monkeypatch.setattr("crmcore.primitives._open_time._RULED_FROM", 10**6)
        assert weekly == count()

    @pytest.mark.parametrize("zone", [BERLIN, dateutil.tz.tzstr("EST5EDT")])
    @pytest.mark.parametrize("year", [1, 1294, 1399, 1696, 2026, 2101, 2499, 2503, 9990, 9996])
    def test_what_repeats(self, zone: tzinfo, year: int) -> None:
        """The open time of blocks that repeat is theirs, whatever the block that they repeat has of its own."""
        own = OpeningHours(
            zone=zone,
            monday=[("22:00", "06:00")],
            sunday=[("01:00", "03:30")],
            holidays=[date(1696, 12, 16)],
            exceptions={date(2105, 3, 9): [("00:00", "12:00")]},
        )
        plain = attrs.evolve(own, holidays=(), exceptions={})
        blocks, numbers = own._open_time, range(_block_of(year), _block_of(year) + 9)
        assert [blocks._block(number).before[-1] for number in numbers] == [*map(blocks._total, numbers)]
        start, end = (datetime(min(max(one, 3), 9999), 1, 1, tzinfo=UTC) for one in (year, year + 5))
        has_own = start.year <= 1696 < end.year or start.year <= 2105 < end.year
        assert (own.elapsed(start, end) != plain.elapsed(start, end)) is has_own
        assert own.due(start, own.elapsed(start, end)) <= end

    @pytest.mark.parametrize("zone", [BERLIN, pytest.param(dateutil_zone("Europe/Berlin"), marks=pytest.mark.slow)])
    def test_the_whole_calendar(self, zone: tzinfo) -> None:
        """The open time up to the last instant is found in a moment, and so is what is due there."""
        hours = every_day(("09:00", "17:00"), zone=zone, holidays=[date(9990, 1, 1)])
        began = process_time()
        start = at("2026-01-01")
        total = hours.elapsed(start, LAST)
        assert total == 8 * (date.max.toordinal() - date(2026, 1, 1).toordinal()) * HOUR
        assert hours.due(start, total).date() == date.max
        assert process_time() - began < 10

    def test_threads(self) -> None:
        """Several threads may ask one calendar at once."""
        hours = every_day(("09:00", "17:00"), zone=BERLIN)
        days = [at("2000-01-01") + timedelta(days=day) for day in range(0, 9000, 50)]
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda day: hours.elapsed(day, day + timedelta(days=30)), [*days, *days]))
        assert found[: len(days)] == found[len(days) :]


def _block_of(year: int) -> int:
    return date(year, 1, 1).toordinal() // (7 * 27)


class TestZones:
    @pytest.mark.parametrize(
        ("zone", "name"),
        [
            (UTC, "UTC"),
            (ZoneInfo("UTC"), "UTC"),
            (timezone(timedelta(0), "Z"), "UTC"),
            (timezone(5.5 * HOUR), "+05:30"),
            (timezone(-3 * HOUR, "BRT"), "-03:00"),
            (timezone(timedelta(seconds=-1)), "-00:00:01"),
            (timezone(timedelta(microseconds=5)), "+00:00:00.000005"),
            (ZoneInfo.no_cache("Europe/Riga"), "Europe/Riga"),
        ],
    )
    def test_names(self, zone: tzinfo, name: str) -> None:
        """A zone is written by its name, and reads back as an equal one."""
        hours, json = OpeningHours(zone=zone), adapter(OpeningHours)
        assert name == json.dump_python(hours, mode="json")["zone"]
        read = json.validate_python({"zone": name})
        assert (hours, hash(hours)) == (read, hash(read))

    def test_zones_without_a_name(self) -> None:
        """Zones of dateutil compare by what they are, can be hashed, and cannot be written as JSON."""
        one, same = (OpeningHours(zone=dateutil.tz.tzstr("EST5EDT")) for _ in range(2))
        assert (one, hash(one)) == (same, hash(same))
        assert one != OpeningHours(zone=dateutil.tz.tzstr("PST8PDT"))
        assert one != OpeningHours(zone=ZoneInfo("EST5EDT"))
        with pytest.raises(InvalidValueError) as caught:
            configure(cattrs.preconf.json.make_converter()).dumps(one)
        assert caught.value.rule == "zone_without_name"

    def test_the_zone_of_the_answer(self) -> None:
        """An instant comes back in UTC, whatever the zones of the question and of the calendar."""
        hours = every_day(("00:00", "24:00"), zone=BERLIN)
        asked = at("2026-10-25T00:30")
        for found in (hours.next_open(asked), hours.due(asked, timedelta(0)), hours.due(asked, 2 * HOUR)):
            assert found is not None
            assert found.tzinfo is UTC


class Text(str):
    """A text of the caller's."""

    __slots__ = ()


class Odd(tzinfo):
    """A zone that does not say how far it is from UTC."""

    def __init__(self, offset: Callable[[], timedelta | None]) -> None:
        self.offset = offset

    def utcoffset(self, dt: datetime | None, /) -> timedelta | None:  # noqa: ARG002 - as tzinfo has it
        """As told."""
        return self.offset()

    def dst(self, dt: datetime | None, /) -> None:
        """Nothing."""

    def tzname(self, dt: datetime | None, /) -> None:
        """Nothing."""


TIMES: Final = "write it as '09:00' or '09:00:30'; the end of a day is '24:00'"


class TestRefusals:
    @pytest.mark.parametrize(
        ("fields", "error", "broken"),
        [
            ({"monday": [("9:00", "17:00")]}, InvalidValueError, "no_such_wall_time: monday[0]"),
            ({"monday": [("08:00", "09:00"), ("24:00", "09:00")]}, InvalidValueError, "no_such_wall_time: monday[1]"),
            ({"friday": [("09:00", "24:01")]}, InvalidValueError, "no_such_wall_time: friday[0]"),
            ({"friday": [("09:00", "25:00")]}, InvalidValueError, "no_such_wall_time: friday[0]"),
            ({"friday": [("09:00", "\u0660\u0669:00")]}, InvalidValueError, "no_such_wall_time: friday[0]"),
            ({"friday": [("09:00\n", "10:00")]}, InvalidValueError, "no_such_wall_time: friday[0]"),
            ({"friday": [("09:00", time(23, 59, 59, 999_999))]}, InvalidValueError, "no_such_wall_time: friday[0]"),
            ({"friday": [("09:00", time(17, tzinfo=UTC))]}, InvalidValueError, "no_such_wall_time: friday[0]"),
            ({"friday": [(9, 17)]}, WrongTypeError, "not_a_wall_time: friday[0]"),
            ({"friday": [("09:00", None)]}, WrongTypeError, "not_a_wall_time: friday[0]"),
            ({"friday": ("09:00", "17:00")}, WrongTypeError, "wrong_number_of_parts: friday[0]"),
            ({"friday": "09:00-17:00"}, WrongTypeError, "one_for_several: friday"),
            ({"friday": None}, WrongTypeError, "one_for_several: friday"),
            ({"holidays": ["2026-01-01"]}, WrongTypeError, "not_a_date: holidays[0]"),
            ({"holidays": [datetime(2026, 1, 1, tzinfo=UTC)]}, WrongTypeError, "not_a_date: holidays[0]"),
            (
                {"exceptions": [(date(2026, 1, 1), []), (date(2026, 1, 1), [])]},
                InvalidValueError,
                "not_unique: exceptions[1]",
            ),
            ({"exceptions": {date(2026, 1, 1): None}}, WrongTypeError, "one_for_several: exceptions[0]"),
            ({"exceptions": None}, WrongTypeError, "one_for_several: exceptions"),
            (
                {"holidays": [date(2026, 1, 2)], "exceptions": {date(2026, 1, 1): [], date(2026, 1, 2): []}},
                InvalidValueError,
                "holiday_with_exception: exceptions[1]",
            ),
            ({"zone": "Europe/Riga"}, WrongTypeError, "not_a_zone: zone"),
            ({"zone": Odd(lambda: None)}, InvalidValueError, "zone_without_offsets: zone"),
            ({"zone": Odd(lambda: timedelta(days=9))}, InvalidValueError, "zone_without_offsets: zone"),
        ],
    )
    def test_fields(self, fields: dict[str, Any], error: type[Exception], broken: str) -> None:
        """A wrong field is named, with the place in it."""
        given_fields: dict[str, Any] = {"zone": UTC, **fields}
        with refused(error, broken):
            OpeningHours(**given_fields)

    @pytest.mark.parametrize("window", [("09:00", "17:00"), [time(9), time(17)]])
    def test_one_window(self, window: Any) -> None:
        """A single window is refused with what to do; a window with a part too many is not a single one."""
        with pytest.raises(WrongTypeError, match=r"^monday\[0\].*; put a single one into a list$"):
            OpeningHours(zone=UTC, monday=window)
        with pytest.raises(WrongTypeError, match="got 3 parts$"):
            OpeningHours(zone=UTC, monday=[(*window, "18:00")])
        late: Any = [("09:00", "17:00"), window[0]]
        with pytest.raises(WrongTypeError, match=r"^monday\[1\].*, got an object of type (str|time)$"):
            OpeningHours(zone=UTC, monday=late)

    @pytest.mark.parametrize(
        ("window", "must", "advice"),
        [
            (("9:00", "17:00"), "have times from 00:00 to 23:59, got a text of 4 characters", TIMES),
            (("24:00", "17:00"), "have times from 00:00 to 23:59, got a text of 5 characters", TIMES),
            (("09:00", "24:00:01"), "have times from 00:00 to 24:00, got a text of 8 characters", TIMES),
            (("09:00", 17), "have times such as '09:00', got 17", "give a text, or a datetime.time"),
        ],
    )
    def test_times(self, window: Any, must: str, advice: str) -> None:
        """The message says from when to when a window may open and close, and the advice how to write it."""
        with refused(CrmcoreError, ": monday[1]") as caught:
            OpeningHours(zone=UTC, monday=[("09:00", "17:00"), window])
        assert (f"monday[1] must {must}", advice) == (caught.value.message, caught.value.advice)
        operands = caught.value.operands
        assert operands == (() if 17 in window else (must.rpartition("got ")[2],))

    def test_zone_of_pytz(self) -> None:
        """A zone of pytz is refused, because it may mean local mean time."""
        with refused(WrongTypeError, "zone_of_pytz: zone"):
            OpeningHours(zone=pytest.importorskip("pytz").timezone("Europe/Berlin"))

    def test_instants(self) -> None:
        """An instant needs a zone, and must be one that UTC can express."""
        hours: Any = every_day(("09:00", "17:00"))
        for wrong in (datetime(2026, 3, 1), date(2026, 3, 1), "2026-03-01", None):  # noqa: DTZ001 - the point
            error = NaiveInstantError if isinstance(wrong, datetime) else WrongTypeError
            for ask in (
                hours.is_open,
                hours.next_open,
                lambda one: hours.elapsed(one, FIRST),
                lambda one: hours.due(one, HOUR),
            ):
                with refused(error):
                    ask(wrong)
        with refused(InvalidValueError, "instant_beyond_utc: at"):
            hours.is_open(datetime.min.replace(tzinfo=timezone(14 * HOUR)))

    def test_durations(self) -> None:
        """The time after which something is due is a duration, and not negative."""
        hours: Any = every_day(("09:00", "17:00"))
        with refused(InvalidValueError, "duration_negative: after"):
            hours.due(FIRST, -TICK)
        with refused(WrongTypeError, "not_a_duration: after"):
            hours.due(FIRST, 8)


class TestStrategy:
    @given(hours=opening_hours(zone=BERLIN, holidays=()))
    @settings(max_examples=3)
    def test_fields(self, hours: OpeningHours) -> None:
        """A field can be fixed."""
        assert (BERLIN, frozenset()) == (hours.zone, hours.holidays)
