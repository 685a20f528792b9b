from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import attrs
import cattrs.preconf.json
import dateutil.tz
import pytest
from hypothesis import given, settings, strategies as st

from crmcore import InvalidValueError, Period, Recurrence, TimeUnit, Weekday, WrongTypeError, instant
from crmcore.interop.cattrs import configure
from crmcore.interop.hypothesis import instants, periods, recurrences
from crmcore.interop.pydantic import adapter
from tests.primitives.test_zones import dateutil_zone
from tests.support.recurrence import find_occurrences
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Iterable

DAY: Final = timedelta(days=1)
TICK: Final = timedelta(microseconds=1)
BERLIN: Final = ZoneInfo("Europe/Berlin")
CHANGES: Final = {
    "Africa/Casablanca": ("2026-02-15", "2026-03-22"),  # the standard time is that of summer
    "America/Havana": ("2026-03-08", "2026-11-01"),  # midnight is skipped, and comes twice
    "America/Noronha": ("2000-10-08", "2000-10-15"),
    "America/Sao_Paulo": ("2018-02-18", "2018-11-04"),  # midnight comes twice, and is skipped
    "America/St_Johns": ("2010-03-14", "2010-11-07"),  # a minute past midnight
    "Antarctica/Troll": ("2026-03-29", "2026-10-25"),  # two hours
    "Asia/Kathmandu": ("2026-03-29", "2026-10-25"),  # 5:45, no changes
    "Australia/Lord_Howe": ("2026-04-05", "2026-10-04"),  # half an hour
    "Europe/Berlin": ("2026-03-29", "2026-10-25"),
    "Europe/Dublin": ("2026-03-29", "2026-10-25"),
    "Pacific/Apia": ("2011-12-29", "2011-12-31"),  # a whole day is skipped
    "Pacific/Kwajalein": ("1969-09-30", "1993-08-21"),  # a day but an hour twice, and a whole day skipped
}
"""Zones, and days on which their clocks change, or nearly."""


def recurring(first: str = "2026-01-31", unit: TimeUnit = TimeUnit.MONTH, /, **fields: Any) -> Recurrence:
    """Return a recurrence at noon in UTC, unless the fields say otherwise."""
    usual: dict[str, Any] = {"at": "12:00", "zone": UTC}
    return Recurrence(first=date.fromisoformat(first), unit=unit, **(usual | fields))


def dates(occurrences: Iterable[datetime], number: int) -> list[str]:
    """Return the dates in UTC of the first occurrences."""
    return [at.date().isoformat() for at in islice(occurrences, number)]


@st.composite
def near_changes(draw: st.DrawFn) -> tuple[Recurrence, str, date]:
    """Draw a recurrence that occurs near a change of the clocks, with the name of its zone and the day."""
    name = draw(st.sampled_from(sorted(CHANGES)))
    day = date.fromisoformat(draw(st.sampled_from(CHANGES[name])))
    unit = draw(st.sampled_from(TimeUnit))
    every = draw(st.integers(1, 3))
    back = draw(st.integers(0, 40)) if unit is TimeUnit.DAY else draw(st.integers(0, 900))
    near = st.sampled_from([f"{hour:02}:{minute:02}" for hour in (0, 1, 2, 3, 23) for minute in (0, 1, 15, 30, 59)])
    recurrence = draw(
        recurrences(
            first=day - timedelta(days=back),
            unit=unit,
            every=every,
            at=near | st.times().map(lambda at: at.replace(microsecond=0)),
            zone=ZoneInfo(name),
        )
    )
    return recurrence, name, day


class TestReference:
    @given(drawn=near_changes(), by_dateutil=st.booleans(), length=st.integers(1, 40))
    @settings(max_examples=settings().max_examples * 5)
    def test_day_by_day(self, drawn: tuple[Recurrence, str, date], by_dateutil: bool, length: int) -> None:
        """The occurrences around a change of the clocks are those of the definition, looked for day by day."""
        recurrence, name, day = drawn
        start = datetime(day.year, day.month, day.day, tzinfo=UTC) - length * DAY / 2
        period = Period(start, start + length * DAY)
        expected = find_occurrences(recurrence, period, ZoneInfo(name))
        if by_dateutil:
            recurrence = attrs.evolve(recurrence, zone=dateutil_zone(name))

        assert expected == [*recurrence.within(period)]

    @given(recurrence=recurrences(zone=UTC), length=st.integers(1, 1200))
    def test_calendar(self, recurrence: Recurrence, length: int) -> None:
        """The dates of a long time are those of the definition."""
        start = datetime.combine(recurrence.first, time(), UTC) - 10 * DAY
        period = Period(start, start + length * DAY)

        assert find_occurrences(recurrence, period, UTC) == [*recurrence.within(period)]

    @pytest.mark.parametrize("name", ["Pacific/Apia", "Australia/Lord_Howe", "America/Havana", "Europe/Dublin"])
    def test_dateutil(self, name: str) -> None:
        """A zone of dateutil gives the same occurrences as that of zoneinfo, through ten years."""
        ten_years = Period(instant("2005-01-01"), instant("2015-01-01"))
        for at in ("00:00", "00:30", "02:00", "02:30"):
            one = recurring("2004-12-01", TimeUnit.DAY, zone=ZoneInfo(name), at=at)
            assert one.within(ten_years) == attrs.evolve(one, zone=dateutil_zone(name)).within(ten_years)


class TestLaws:
    @given(recurrence=recurrences(), period=periods(longest=900 * DAY), cut=instants())
    def test_periods_add(self, recurrence: Recurrence, period: Period, cut: datetime) -> None:
        """The occurrences of two parts of a period are those of the whole."""
        whole = recurrence.within(period)
        if cut in period and cut.astimezone(UTC) != period.start.astimezone(UTC):
            parts = Period(period.start, cut), Period(cut, period.end)
            assert whole == recurrence.within(parts[0]) + recurrence.within(parts[1])
        assert all(at in period and at.tzinfo is UTC for at in whole)

    @given(recurrence=recurrences())
    def test_order(self, recurrence: Recurrence) -> None:
        """The occurrences are in order of time, and none comes twice."""
        assert all(one < other for one, other in pairwise(islice(recurrence, 40)))

    @given(recurrence=recurrences(), number=st.integers(0, 60))
    def test_next(self, recurrence: Recurrence, number: int) -> None:
        """The next occurrence from one on is itself, and a moment later the one that follows."""
        at, after = islice(recurrence, number, number + 2)

        assert at == recurrence.next(at)
        assert after == recurrence.next(at + TICK)

    @given(recurrence=recurrences(), at=instants())
    def test_iteration_slices(self, recurrence: Recurrence, at: datetime) -> None:
        """Up to an instant, the occurrences in a period from the beginning are the first ones of the iteration."""
        end = max(at.astimezone(UTC), instant("1990-06-01"))
        found = recurrence.within(Period(instant("1980-01-01"), end))

        assert [*islice(recurrence, len(found))] == [*found]
        assert next(islice(recurrence, len(found), None)) >= end

    @given(recurrence=recurrences())
    def test_values(self, recurrence: Recurrence) -> None:
        """What was pickled equals what it was, and has the same hash."""
        again = pickle.loads(pickle.dumps(recurrence))

        assert again == recurrence
        assert hash(again) == hash(recurrence)


class TestCalendar:
    @pytest.mark.parametrize(
        ("first", "unit", "every", "expected"),
        [
            ("2026-01-31", TimeUnit.MONTH, 1, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
            ("2023-12-30", TimeUnit.MONTH, 2, ["2023-12-30", "2024-02-29", "2024-04-30", "2024-06-30"]),
            ("2026-02-28", TimeUnit.MONTH, 1, ["2026-02-28", "2026-03-28", "2026-04-28", "2026-05-28"]),
            ("2025-11-30", TimeUnit.QUARTER, 1, ["2025-11-30", "2026-02-28", "2026-05-30", "2026-08-30"]),
            ("2024-02-29", TimeUnit.YEAR, 1, ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
            ("1896-02-29", TimeUnit.YEAR, 4, ["1896-02-29", "1900-02-28", "1904-02-29"]),
            ("2026-03-02", TimeUnit.WEEK, 2, ["2026-03-02", "2026-03-16", "2026-03-30"]),
            ("2026-02-27", TimeUnit.DAY, 3, ["2026-02-27", "2026-03-02", "2026-03-05"]),
        ],
    )
    def test_steps(self, first: str, unit: TimeUnit, every: int, expected: list[str]) -> None:
        """Each occurrence is counted from the first one; a short month has it on its last day."""
        assert expected == dates(recurring(first, unit, every=every), len(expected))

    def test_weekdays(self) -> None:
        """On several days of each second week; the week of the first one has those that follow it."""
        visits = recurring(
            "2026-03-04", TimeUnit.WEEK, every=2, weekdays=[Weekday.MONDAY, Weekday.WEDNESDAY, Weekday.SUNDAY]
        )

        assert ["2026-03-04", "2026-03-08", "2026-03-16", "2026-03-18", "2026-03-22"] == dates(visits, 5)

    def test_working_days(self) -> None:
        """From Monday to Friday, every week."""
        daily = recurring("2026-03-05", TimeUnit.WEEK, weekdays=[*Weekday][:5])

        assert ["2026-03-05", "2026-03-06", "2026-03-09"] == dates(daily, 3)

    @pytest.mark.parametrize("unit", TimeUnit)
    def test_both_ends(self, unit: TimeUnit) -> None:
        """It begins on the first day of the calendar, and ends with the calendar."""
        first = recurring("0001-01-01", unit, at="00:00")
        assert datetime.min.replace(tzinfo=UTC) == next(iter(first))
        last = recurring("9999-12-31", unit, at="23:59:59")
        assert [datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)] == [*last]
        assert last.next(datetime.max.replace(tzinfo=UTC)) is None
        assert () == last.within(Period.year(2026))
        assert [*last] == [*last.within(Period(instant("9999-12-01"), datetime.max.replace(tzinfo=UTC)))]

    def test_last_week(self) -> None:
        """The calendar ends on a Friday, and its last week with it."""
        week = recurring("9999-12-27", TimeUnit.WEEK, weekdays=[*Weekday])
        assert ["9999-12-27", "9999-12-28", "9999-12-29", "9999-12-30", "9999-12-31"] == dates(week, 9)

    @pytest.mark.parametrize("zone", [timezone(timedelta(hours=-5)), ZoneInfo("America/New_York")])
    def test_beyond_utc(self, zone: tzinfo) -> None:
        """The last evening of the calendar is beyond it in UTC, west of Greenwich."""
        assert ["9999-12-31"] == dates(recurring("9999-12-30", TimeUnit.DAY, at="23:00", zone=zone), 9)

    @pytest.mark.parametrize("unit", TimeUnit)
    def test_long_steps(self, unit: TimeUnit) -> None:
        """A step longer than the calendar leaves the first occurrence."""
        assert 1 == len([*recurring("2026-03-02", unit, every=10**30)])


class TestClock:
    @pytest.mark.parametrize(
        ("zone", "at", "first", "expected"),
        [
            ("Europe/Berlin", "02:30", "2026-03-28", ["03-28T02:30+01:00", "03-29T03:30+02:00", "03-30T02:30+02:00"]),
            ("Europe/Berlin", "02:30", "2026-10-24", ["10-24T02:30+02:00", "10-25T02:30+02:00", "10-26T02:30+01:00"]),
            ("America/Sao_Paulo", "00:00", "2018-11-03", ["11-03T00:00-03:00", "11-04T01:00-02:00"]),
            ("Australia/Lord_Howe", "02:15", "2026-10-03", ["10-03T02:15+10:30", "10-04T02:45+11:00"]),
            ("Pacific/Apia", "10:00", "2011-12-29", ["12-29T10:00-10:00", "12-31T10:00+14:00", "01-01T10:00+14:00"]),
        ],
    )
    def test_wall_times(self, zone: str, at: str, first: str, expected: list[str]) -> None:
        """The hour stays; a skipped time moves forward by the gap, a repeated one is the first."""
        place = ZoneInfo(zone)
        found = islice(recurring(first, TimeUnit.DAY, at=at, zone=place), len(expected))

        assert expected == [one.astimezone(place).isoformat(timespec="minutes")[5:] for one in found]

    def test_first_is_skipped(self) -> None:
        """If the zone skips the day of the first occurrence, that of the next day is the first one."""
        apia = recurring("2011-12-30", TimeUnit.DAY, zone=ZoneInfo("Pacific/Apia"))

        assert ["2011-12-30", "2011-12-31"] == dates(apia, 2)  # in UTC: 31 December, and 1 January in Apia


class TestFields:
    def test_times(self) -> None:
        """A time becomes its text, as short as it can be."""
        assert ["09:00", "09:00:30"] == [recurring(at=at).at for at in (time(9), time(9, 0, 30))]
        assert recurring(at="09:00:00") == recurring(at="09:00")

    def test_zones(self) -> None:
        """Zones are equal if their names are; one without a name is, if it says so."""
        assert recurring(zone=timezone(timedelta(0))) == recurring(zone=UTC)
        assert recurring(zone=BERLIN) != recurring(zone=ZoneInfo("Europe/Riga"))
        one, other = (recurring(zone=dateutil.tz.tzoffset(None, hours * 3600)) for hours in (1, 2))
        assert one == recurring(zone=dateutil.tz.tzoffset(None, 3600))
        assert one != other

    @pytest.mark.parametrize(
        ("fields", "error", "broken"),
        [
            ({"at": "9:00"}, InvalidValueError, "no_such_wall_time: at"),
            ({"at": "24:00"}, InvalidValueError, "no_such_wall_time: at"),
            ({"at": 9}, WrongTypeError, "not_a_wall_time: at"),
            ({"first": "2026-01-31"}, WrongTypeError, "not_a_date: first"),
            ({"every": 0}, InvalidValueError, "too_small: every"),
            ({"unit": "fortnight"}, WrongTypeError, ": unit"),
            ({"zone": "Europe/Riga"}, WrongTypeError, "not_a_zone: zone"),
            ({"weekdays": ["monday"], "unit": TimeUnit.WEEK}, WrongTypeError, ": weekdays[0]"),
            ({"weekdays": [Weekday.SATURDAY]}, InvalidValueError, "weekdays_without_weeks: weekdays"),
            (
                {"weekdays": [Weekday.SUNDAY], "unit": TimeUnit.WEEK},
                InvalidValueError,
                "first_on_another_weekday: first",
            ),
            (
                {"first": date.min, "at": "00:00", "zone": timezone(timedelta(hours=1))},
                InvalidValueError,
                "first_beyond_utc: first",
            ),
        ],
    )
    def test_refusals(self, fields: dict[str, Any], error: type[Exception], broken: str) -> None:
        """A wrong field is named."""
        usual: dict[str, Any] = {"first": date(2026, 1, 31), "unit": TimeUnit.MONTH, "at": "12:00", "zone": UTC}
        with refused(error, broken):
            Recurrence(**(usual | fields))

    def test_arguments(self) -> None:
        """A period is due, and an instant."""
        recurrence: Any = recurring()
        with refused(WrongTypeError, "wrong_type: period"):
            recurrence.within(date(2026, 1, 31))
        with refused(WrongTypeError, "not_an_instant: at"):
            recurrence.next(date(2026, 1, 31))


class TestJson:
    @given(recurrence=recurrences(zone=st.sampled_from([UTC, BERLIN, timezone(timedelta(hours=5, minutes=45))])))
    def test_there_and_back(self, recurrence: Recurrence) -> None:
        """What was read from JSON equals what was written, and has the same occurrences."""
        converter = configure(cattrs.preconf.json.make_converter())
        by_cattrs = converter.loads(converter.dumps(recurrence), Recurrence)
        types = adapter(Recurrence)
        by_pydantic = types.validate_json(types.dump_json(recurrence))

        assert [recurrence, recurrence] == [by_cattrs, by_pydantic]
        assert [*islice(recurrence, 9)] == [*islice(by_cattrs, 9)] == [*islice(by_pydantic, 9)]


class TestStrategy:
    @given(recurrence=recurrences(unit=TimeUnit.WEEK, weekdays=frozenset()))
    @settings(max_examples=3)
    def test_fields(self, recurrence: Recurrence) -> None:
        """A field can be fixed."""
        assert (TimeUnit.WEEK, frozenset()) == (recurrence.unit, recurrence.weekdays)
