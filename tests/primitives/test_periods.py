from __future__ import annotations

import pickle
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from crmcore import DayCount, Period, TimeUnit, elapsed, instant, tenure
from crmcore.interop.hypothesis import instants, periods, zones
from crmcore.primitives.errors import CrmcoreError, InvalidValueError, NaiveInstantError, WrongTypeError
from crmcore.primitives.periods import by_utc, in_utc
from tests.support.refusals import refused

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Lawless(tzinfo):
    """A zone whose methods raise, as those of pandas.NaT do."""

    def utcoffset(self, _: datetime | None) -> timedelta | None:  # noqa: D102 - tzinfo's
        raise KeyError

    def dst(self, _: datetime | None) -> timedelta | None:  # noqa: D102 - the same
        return None

    def tzname(self, _: datetime | None) -> str | None:  # noqa: D102 - the same
        return None


class Nowhere(Lawless):
    """A zone without an offset, so that its datetimes are naive."""

    def utcoffset(self, _: datetime | None) -> timedelta | None:  # noqa: D102 - tzinfo's
        return None


class NotATime(datetime):
    """A datetime that does not equal itself, like pandas.NaT."""

    __hash__ = datetime.__hash__

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True


NOT_INSTANTS: list[tuple[Any, type[CrmcoreError], str]] = [
    (datetime(2026, 1, 1), NaiveInstantError, "naive_instant"),  # noqa: DTZ001 - naive on purpose
    (datetime(2026, 1, 1, tzinfo=Nowhere()), NaiveInstantError, "naive_instant"),
    (datetime(2026, 1, 1, tzinfo=Lawless()), InvalidValueError, "instant_beyond_utc"),
    (NotATime(2026, 1, 1), InvalidValueError, "missing_time"),
    (datetime.min.replace(tzinfo=timezone(HOUR)), InvalidValueError, "instant_beyond_utc"),
    (datetime.max.replace(tzinfo=timezone(-HOUR)), InvalidValueError, "instant_beyond_utc"),
    (date(2026, 1, 1), WrongTypeError, "not_an_instant"),
    ("2026-01-01", WrongTypeError, "not_an_instant"),
    (None, WrongTypeError, "not_an_instant"),
    (1767225600, WrongTypeError, "not_an_instant"),
]


class TestInstant:
    @pytest.mark.parametrize(
        ("moment", "expected"),
        [
            ("1997-01-01", "1997-01-01T00:00:00+00:00"),
            ("19970101", "1997-01-01T00:00:00+00:00"),
            ("2026-03-01T12:30", "2026-03-01T12:30:00+00:00"),
            ("2026-03-01T12:30Z", "2026-03-01T12:30:00+00:00"),
            ("2026-03-01 12:30:01.5+02:00", "2026-03-01T12:30:01.500000+02:00"),
            (date(2026, 3, 1), "2026-03-01T00:00:00+00:00"),
            (datetime(2026, 3, 1, 5), "2026-03-01T05:00:00+00:00"),  # noqa: DTZ001 - naive on purpose
            (datetime(2026, 3, 1, 5, tzinfo=timezone(HOUR)), "2026-03-01T05:00:00+01:00"),
        ],
    )
    def test_text_and_dates_enter_by_name(self, moment: Any, expected: str) -> None:
        """A moment without an offset is in UTC; a moment with an offset keeps it."""
        assert expected == instant(moment).isoformat()

    @pytest.mark.parametrize(
        ("moment", "zone", "expected"),
        [
            ("2026-03-29T02:30", "Europe/Berlin", "2026-03-29T03:30:00+02:00"),  # skipped
            ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T02:30:00+02:00"),  # twice: the first
            ("2018-11-04", "America/Sao_Paulo", "2018-11-04T01:00:00-02:00"),  # no midnight
            ("2026-11-01", "America/Havana", "2026-11-01T00:00:00-04:00"),  # two midnights
            ("2011-12-30", "Pacific/Apia", "2011-12-31T00:00:00+14:00"),  # no such day
            ("2026-04-05T01:45", "Australia/Lord_Howe", "2026-04-05T01:45:00+11:00"),  # half an hour twice
        ],
    )
    def test_times_that_are_skipped_or_come_twice(self, moment: str, zone: str, expected: str) -> None:
        """A skipped wall time moves forward by the gap; a repeated one means the first."""
        assert expected == instant(moment, tz=ZoneInfo(zone)).isoformat()

    def test_fold_takes_the_second(self) -> None:
        """A datetime with ``fold=1`` means the second of two repeated wall times."""
        wall = datetime(2026, 10, 25, 2, 30, fold=1)  # noqa: DTZ001 - a wall time on purpose

        assert "2026-10-25T02:30:00+01:00" == instant(wall, tz=BERLIN).isoformat()

    @pytest.mark.parametrize("moment", ["", "yesterday", "2026-13-01", "01/02/2026", "2026-02-30"])
    def test_other_text_is_refused(self, moment: str) -> None:
        """A text that is not ISO 8601 is refused, and the message shows an example."""
        with pytest.raises(InvalidValueError, match=r"moment must be ISO 8601, got .*'2026-03-01'"):
            instant(moment)

    @pytest.mark.parametrize("moment", [None, 1767225600, 1.5, b"2026-01-01"])
    def test_other_types_are_refused(self, moment: Any) -> None:
        """A number is refused."""
        with refused(WrongTypeError, "not_a_moment: moment"):
            instant(moment)

    @pytest.mark.parametrize("moment", [date.max, date.min, "9999-12-31T23:30-01:00"])
    def test_the_ends_of_the_calendar(self, moment: Any) -> None:
        """A moment that UTC cannot express is refused."""
        zone = timezone(-HOUR) if moment == date.max else timezone(HOUR)
        with pytest.raises(InvalidValueError, match="UTC can express"):
            instant(datetime.combine(date.max, datetime.max.time()) if moment == date.max else moment, tz=zone)

    @pytest.mark.parametrize("tz", ["Europe/Berlin", None, 1])
    def test_a_zone_is_a_tzinfo(self, tz: Any) -> None:
        """The name of a zone is refused, because finding it reads files; the message says how to find it."""
        with pytest.raises(WrongTypeError, match=r"zoneinfo\.ZoneInfo\('Europe/Riga'\)"):
            instant("2026-01-01", tz=tz)

    @given(instants())
    def test_instants_pass(self, moment: datetime) -> None:
        """An instant stays the same, and its text gives it back."""
        assert moment is instant(moment)
        assert in_utc(moment) == in_utc(instant(moment.isoformat()))
        assert in_utc(moment) == by_utc(moment)


class TestElapsed:
    def test_over_the_change_of_clocks(self) -> None:
        """Berlin noon to noon is 23 hours in March and 25 in October."""
        march = [instant(f"2026-03-{day}T12:00", tz=BERLIN) for day in (28, 29)]
        october = [instant(f"2026-10-{day}T12:00", tz=BERLIN) for day in (24, 25)]

        assert 23 * HOUR == elapsed(*march)
        assert 25 * HOUR == elapsed(*october)
        assert DAY == march[1] - march[0]  # Python's own answer, by the clock on the wall

    def test_sorting_at_the_fold(self) -> None:
        """In UTC, 2:45 before the clocks go back is earlier than 2:15 after."""
        before = datetime(2026, 10, 25, 2, 45, tzinfo=BERLIN)
        after = datetime(2026, 10, 25, 2, 15, fold=1, tzinfo=BERLIN)

        assert [before, after] == sorted([after, before], key=in_utc)
        assert timedelta(minutes=30) == elapsed(before, after)
        assert timedelta(minutes=-30) == elapsed(after, before)

    @given(instants(), instants(), instants())
    def test_adds_up(self, a: datetime, b: datetime, c: datetime) -> None:
        """The time from a to b plus the time from b to c is the time from a to c."""
        assert elapsed(a, c) == elapsed(a, b) + elapsed(b, c)
        assert elapsed(a, b) == -elapsed(b, a)

    @pytest.mark.parametrize(("moment", "error", "rule"), NOT_INSTANTS)
    def test_refuses_what_is_no_instant(self, moment: Any, error: type[Exception], rule: str) -> None:
        """Each kind of invalid instant has its own rule."""
        good = instant("2026-01-01")
        with refused(error, f"{rule}: start"):
            elapsed(moment, good)
        with refused(error, f"{rule}: end"):
            elapsed(good, moment)


class TestTenure:
    START, END = instant("2023-07-01"), instant("2024-10-01")

    @pytest.mark.parametrize(
        ("day_count", "expected"),
        [
            (DayCount.ACTUAL_365, Fraction(458, 365)),
            (DayCount.ACTUAL_360, Fraction(458, 360)),
            (DayCount.ACTUAL_365_25, Fraction(458 * 4, 1461)),
            (DayCount.ACTUAL_ACTUAL, Fraction(184, 365) + Fraction(274, 366)),
            (DayCount.THIRTY_360, Fraction(450, 360)),
        ],
    )
    def test_by_each_day_count(self, day_count: DayCount, expected: Fraction) -> None:
        """458 days, of which 274 lie in a leap year and which are 15 months, worked by hand."""
        actual = Fraction(tenure(self.START, self.END, day_count=day_count))

        assert abs(actual - expected) < Fraction(1, 10**33)

    def test_the_default_is_actual_365(self) -> None:
        """A leap year is 366/365 of a year unless another day-count is named."""
        assert tenure(self.START, self.END, day_count=DayCount.ACTUAL_365) == tenure(self.START, self.END)

    @pytest.mark.parametrize(
        ("start", "end", "days"),
        [
            ("2024-01-31", "2024-02-28", 28),
            ("2024-01-30", "2024-03-31", 60),
            ("2024-01-29", "2024-03-31", 62),
            ("2024-01-31", "2024-03-31", 60),
            ("2024-02-29", "2025-02-28", 359),
            ("2024-12-15", "2025-01-15", 30),
        ],
    )
    def test_thirty_days_a_month(self, start: str, end: str, days: int) -> None:
        """30/360 bond basis (ISDA 4.16 f): the 31st counts as the 30th, the second only after a 30th or 31st."""
        years = tenure(instant(start), instant(end), day_count=DayCount.THIRTY_360)

        assert abs(Fraction(years) - Fraction(days, 360)) < Fraction(1, 10**33)

    def test_the_calendar_is_the_zones(self) -> None:
        """The date of an instant, and the end of a year, depend on the zone."""
        start, end = instant("2023-12-31T23:30"), instant("2024-01-01T00:30")

        assert Decimal(0) == tenure(start, end, day_count=DayCount.THIRTY_360, tz=BERLIN)
        assert Decimal(0) != tenure(start, end, day_count=DayCount.THIRTY_360)
        overnight = tenure(start, instant("2024-01-01T23:30"), day_count=DayCount.THIRTY_360, tz=BERLIN)
        assert abs(Fraction(overnight) - Fraction(1, 360)) < Fraction(1, 10**33)
        hour_of_leap_year = Fraction(1, 366 * 24)
        assert (
            abs(Fraction(tenure(start, end, day_count=DayCount.ACTUAL_ACTUAL, tz=BERLIN)) - hour_of_leap_year) < 1e-30
        )

    @pytest.mark.parametrize("day_count", DayCount)
    def test_of_no_time(self, day_count: DayCount) -> None:
        """The tenure from an instant to itself is 0."""
        assert Decimal(0) == tenure(self.START, self.START, day_count=day_count)

    @given(st.integers(1800, 2200), st.integers(1, 40), zones())
    def test_calendar_years_are_whole(self, year: int, years: int, tz: tzinfo) -> None:
        """From one new year to another, actual/actual gives whole years in any zone."""
        start, end = Period.year(year, tz=tz).start, Period.year(year + years, tz=tz).start

        assert Decimal(years) == tenure(start, end, day_count=DayCount.ACTUAL_ACTUAL, tz=tz)

    @given(instants(), instants(), st.sampled_from(DayCount), zones())
    def test_is_never_negative(self, one: datetime, other: datetime, day_count: DayCount, tz: tzinfo) -> None:
        """A tenure is >= 0, and an end before the start is refused."""
        start, end = sorted((one, other), key=in_utc)

        assert tenure(start, end, day_count=day_count, tz=tz) >= 0
        if in_utc(start) < in_utc(end):
            with refused(InvalidValueError, "end_before_start: end"):
                tenure(end, start, day_count=day_count, tz=tz)

    def test_up_to_the_last_new_year(self) -> None:
        """A tenure that ends at the last new year needs no later year."""
        start, end = instant("9997-01-01"), instant("9999-01-01")

        assert Decimal(2) == tenure(start, end, day_count=DayCount.ACTUAL_ACTUAL)

    @pytest.mark.parametrize("day_count", [DayCount.ACTUAL_ACTUAL, DayCount.THIRTY_360])
    def test_the_end_of_the_calendar(self, day_count: DayCount) -> None:
        """Actual/actual and 30/360 are refused if the end lies after 9999 in the zone; actual/365 always works."""
        start, end = instant("9999-06-01"), instant("9999-12-31T23:30")
        with refused(InvalidValueError, "calendar_ends: end"):
            tenure(start, end, day_count=day_count, tz=BERLIN)

        assert tenure(start, end) < 1

    def test_a_day_count_is_a_member(self) -> None:
        """A number instead of a day-count is refused."""
        with pytest.raises(WrongTypeError, match="day_count must be one of actual/365"):
            tenure(self.START, self.END, day_count=365)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestPeriod:
    def test_is_half_open(self) -> None:
        """A period includes its start and excludes its end."""
        march = Period.month(2026, 3)

        assert march.start in march
        assert march.end not in march
        assert march.end - timedelta(microseconds=1) in march
        assert march.start - timedelta(microseconds=1) not in march

    @given(periods(), instants())
    def test_holds_what_lies_between_its_bounds(self, period: Period, moment: datetime) -> None:
        """Membership compares instants in UTC."""
        assert (in_utc(period.start) <= in_utc(moment) < in_utc(period.end)) == (moment in period)

    @given(periods(), periods())
    def test_overlap_is_mutual(self, one: Period, other: Period) -> None:
        """Two periods overlap if the later start lies in the other period."""
        later = max(one, other, key=lambda period: in_utc(period.start))
        earlier = one if later is other else other

        assert one.overlaps(other) == other.overlaps(one) == (later.start in earlier)
        assert one.overlaps(one)

    def test_neighbours_do_not_overlap(self) -> None:
        """Adjacent periods do not overlap."""
        march, april = Period.month(2026, 3), Period.month(2026, 4)

        assert not march.overlaps(april)
        assert not april.overlaps(march)

    def test_equality_goes_through_utc(self) -> None:
        """One period in two zones is equal; the two instants of a repeated wall time are different."""
        utc = Period(instant("2026-01-01"), instant("2026-02-01"))
        east = Period(instant("2026-01-01T01:00+01:00"), instant("2026-02-01T01:00+01:00"))
        first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)

        assert utc == east
        assert hash(utc) == hash(east)
        assert Period(first, instant("2027-01-01")) != Period(first.replace(fold=1), instant("2027-01-01"))

    @given(periods())
    def test_copies_are_equal(self, period: Period) -> None:
        """A period survives pickling, and its text is an ISO 8601 interval."""
        start, _, end = str(period).partition("/")

        assert period == pickle.loads(pickle.dumps(period))
        assert period == Period(instant(start), instant(end))
        assert elapsed(period.start, period.end) == period.length

    @pytest.mark.parametrize("end", ["2026-01-01", "2025-12-31"])
    def test_it_ends_after_it_starts(self, end: str) -> None:
        """Reversed and empty periods are refused."""
        with refused(InvalidValueError, "period_reversed: end"):
            Period(instant("2026-01-01"), instant(end))

    def test_at_the_fold_the_wall_clock_may_run_back(self) -> None:
        """From 2:45 before the clocks go back to 2:15 after is a period of half an hour."""
        period = Period(
            datetime(2026, 10, 25, 2, 45, tzinfo=BERLIN), datetime(2026, 10, 25, 2, 15, fold=1, tzinfo=BERLIN)
        )

        assert timedelta(minutes=30) == period.length

    @pytest.mark.parametrize(("moment", "error", "rule"), NOT_INSTANTS)
    def test_refuses_what_is_no_instant(self, moment: Any, error: type[Exception], rule: str) -> None:
        """Bounds and members are instants."""
        with refused(error, f"{rule}: start"):
            Period(moment, instant("2027-01-01"))
        with refused(error, f"{rule}: moment"):
            assert moment in Period.year(2026)

    def test_overlaps_with_periods_only(self) -> None:
        """Another type is a wrong type."""
        with pytest.raises(WrongTypeError, match="other must be a Period, got a text of 4 characters"):
            Period.year(2026).overlaps("2026")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestCalendar:
    def test_the_named_constructors(self) -> None:
        """Years, quarters, months and days in UTC."""
        assert "2026-01-01T00:00:00+00:00/2027-01-01T00:00:00+00:00" == str(Period.year(2026))
        assert "0001-01-01T00:00:00+00:00/0002-01-01T00:00:00+00:00" == str(Period.year(1))
        assert "9998-01-01T00:00:00+00:00/9999-01-01T00:00:00+00:00" == str(Period.year(9998))
        assert "2026-10-01T00:00:00+00:00/2027-01-01T00:00:00+00:00" == str(Period.quarter(2026, 4))
        assert "2026-01-01T00:00:00+00:00/2026-04-01T00:00:00+00:00" == str(Period.quarter(2026, 1))
        assert "2026-12-01T00:00:00+00:00/2027-01-01T00:00:00+00:00" == str(Period.month(2026, 12))
        assert "2024-02-29T00:00:00+00:00/2024-03-01T00:00:00+00:00" == str(Period.day(date(2024, 2, 29)))

    def test_days_may_be_23_or_25_hours_long(self) -> None:
        """A day lasts 23 or 25 hours where the clocks change."""
        assert 23 * HOUR == Period.day(date(2026, 3, 29), tz=BERLIN).length
        assert 25 * HOUR == Period.day(date(2026, 10, 25), tz=BERLIN).length

    @pytest.mark.parametrize(
        ("make", "broken"),
        [
            (lambda: Period.month(2026, 13), "out_of_range: month"),
            (lambda: Period.month(2026, 0), "out_of_range: month"),
            (lambda: Period.quarter(2026, 5), "out_of_range: quarter"),
            (lambda: Period.quarter(2026, 0), "out_of_range: quarter"),
            (lambda: Period.year(0), "out_of_range: year"),
            (lambda: Period.year(9999), "period_beyond_calendar: year"),
            (lambda: Period.year(10**20), "out_of_range: year"),
            (lambda: Period.year(-1), "out_of_range: year"),
            (lambda: Period.day(date.max), "period_beyond_calendar: day"),
            (lambda: Period.day(date(2011, 12, 30), tz=ZoneInfo("Pacific/Apia")), "period_reversed: end"),
        ],
    )
    def test_what_the_calendar_lacks(self, make: Any, broken: str) -> None:
        """Months, quarters, years and days that do not exist are refused."""
        with refused(InvalidValueError, broken):
            make()

    @pytest.mark.parametrize("day", [instant("2026-01-01"), "2026-01-01", None])
    def test_a_day_is_a_date(self, day: Any) -> None:
        """A datetime is refused, because its day depends on a zone."""
        with pytest.raises(WrongTypeError, match="day must be a date"):
            Period.day(day)

    def test_numbers_are_whole(self) -> None:
        """A bool or a float as a month is refused."""
        with pytest.raises(WrongTypeError, match="month must be a whole number"):
            Period.month(2026, True)
        with pytest.raises(WrongTypeError, match="year must be a whole number"):
            Period.year(2026.0)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestSplit:
    @given(st.integers(1900, 2100), zones())
    def test_months_tile_a_year_in_any_zone(self, year: int, tz: tzinfo) -> None:
        """A year has twelve months without gap or overlap, across the changes of clocks.

        They are the months of the calendar, unless the zone skipped the first moments of the year: steps count from
        the start, and that year starts late.
        """
        whole = Period.year(year, tz=tz)
        months = whole.split(TimeUnit.MONTH)

        assert len(months) == 12
        if whole.start.time() == time():
            assert [Period.month(year, month, tz=tz) for month in range(1, 13)] == list(months)
        assert (whole.start, whole.end) == (months[0].start, months[-1].end)
        assert all(in_utc(one.end) == in_utc(other.start) for one, other in pairwise(months))

    @given(periods(), st.sampled_from(TimeUnit))
    def test_any_unit_tiles_any_period(self, period: Period, unit: TimeUnit) -> None:
        """The pieces cover the period without gap or overlap."""
        pieces = period.split(unit)

        assert (period.start, period.end) == (pieces[0].start, pieces[-1].end)
        assert all(in_utc(one.end) == in_utc(other.start) for one, other in pairwise(pieces))
        assert period.length == sum((piece.length for piece in pieces), timedelta())

    @given(st.integers(1980, 2030), zones())
    def test_days_go_by_the_wall_clock(self, year: int, tz: tzinfo) -> None:
        """A year has as many days as its calendar in every zone; in 2011 Apia has one fewer."""
        days = Period.year(year, tz=tz).split(TimeUnit.DAY)
        expected = (date(year + 1, 1, 1) - date(year, 1, 1)).days

        assert expected - ("Pacific/Apia" in str(tz) and year == 2011) == len(days)
        assert all(20 * HOUR <= day.length <= 28 * HOUR for day in days)

    def test_a_day_that_a_zone_skips_is_no_piece(self) -> None:
        """A day that the zone skips is no piece: Apia skipped 30 December 2011."""
        days = Period.year(2011, tz=ZoneInfo("Pacific/Apia")).split(TimeUnit.DAY)

        assert 364 == len(days)
        assert [29, 31] == [day.start.day for day in days[-2:]]

    @pytest.mark.parametrize(
        ("start", "unit", "cuts"),
        [
            ("2025-01-31", TimeUnit.MONTH, ["2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31"]),
            ("2024-01-31", TimeUnit.MONTH, ["2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"]),
            ("2024-02-29", TimeUnit.YEAR, ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
            ("2024-11-30", TimeUnit.QUARTER, ["2025-02-28", "2025-05-30", "2025-08-30", "2025-11-30"]),
            ("2024-02-26", TimeUnit.WEEK, ["2024-03-04", "2024-03-11", "2024-03-18", "2024-03-25"]),
        ],
    )
    def test_month_ends_and_leap_days(self, start: str, unit: TimeUnit, cuts: list[str]) -> None:
        """Steps count from the start, so that a month end or leap day returns where it exists."""
        pieces = Period(instant(start), instant("2040-01-01")).split(unit)

        assert cuts == [piece.end.date().isoformat() for piece in pieces[:4]]

    def test_the_last_piece_is_what_is_left(self) -> None:
        """The last piece may be shorter than a unit."""
        pieces = Period(instant("2026-01-01"), instant("2026-02-10")).split(TimeUnit.MONTH)

        assert [31 * DAY, 9 * DAY] == [piece.length for piece in pieces]

    def test_the_end_of_the_calendar(self) -> None:
        """A step past the year 9999 ends the split."""
        period = Period(instant("9998-06-01"), instant("9999-12-31"))

        assert [365 * DAY, 213 * DAY] == [piece.length for piece in period.split(TimeUnit.YEAR)]

    def test_a_unit_is_a_member(self) -> None:
        """A text as a unit is refused."""
        with pytest.raises(WrongTypeError, match="unit must be one of day, week"):
            Period.year(2026).split("month")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
