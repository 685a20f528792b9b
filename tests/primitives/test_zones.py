"""What holds for time zones of every kind, and for datetimes of every class."""

from __future__ import annotations

import math
import pickle
import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import partial
from types import NoneType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import dateutil.tz
import pytest
from hypothesis import example, given, strategies as st

from crmcore import Balance, Money, OpeningHours, Period, Purchase, TimeUnit, elapsed, instant, tenure
from crmcore.interop.hypothesis import instants, periods
from crmcore.primitives import checks
from crmcore.primitives._clock import plain_duration
from crmcore.primitives._zones import find_instant, find_offset, find_wall_time
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.ids import as_id
from crmcore.primitives.periods import in_utc
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = timedelta(hours=1)
NAMES = [
    "America/Sao_Paulo",  # midnight is skipped
    "Europe/Berlin",
    "Antarctica/Troll",  # two hours
    "Australia/Lord_Howe",  # half an hour
    "Pacific/Apia",  # a whole day
    "Asia/Amman",
    "America/St_Johns",  # a minute past midnight, until 2011
    "Asia/Kolkata",  # no changes
]
NEGATIVE_SUMMERS = ["Europe/Dublin", "Africa/Casablanca"]  # the standard time is that of summer


def dateutil_zone(name: str) -> tzinfo:
    """Return the zone of dateutil with a name."""
    zone = dateutil.tz.gettz(name)
    assert zone is not None
    return zone


def find_changes(name: str, first: int = 2000, last: int = 2030) -> list[datetime]:
    """Return instants within some hours of each change of the clocks in a zone."""
    zone = ZoneInfo(name)
    changes: list[datetime] = []
    at = datetime(first, 1, 1, tzinfo=UTC)
    while at.year < last:
        later = at + 12 * HOUR
        if at.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            changes.append(later)
        at = later
    return changes


CHANGES = {name: find_changes(name) for name in (*NAMES, *NEGATIVE_SUMMERS)}


@st.composite
def walls(draw: st.DrawFn, names: list[str] = NAMES) -> tuple[str, datetime]:
    """Draw a zone, and a wall time near one of its changes or anywhere else."""
    name = draw(st.sampled_from(names))
    near = draw(st.sampled_from(CHANGES[name] or [datetime(2026, 1, 1, tzinfo=UTC)]))
    return name, near.replace(tzinfo=None) + timedelta(minutes=draw(st.integers(-2500, 2500)))


class LikePytz(tzinfo):
    """A zone with the methods of `pytz`: without a date it does not know its offset, and otherwise it lies."""

    zone = "Europe/Berlin"

    def localize(self, moment: datetime) -> datetime:
        """Return the datetime with a zone that knows its offset."""
        return moment.replace(tzinfo=self)

    def utcoffset(self, moment: datetime | None) -> timedelta | None:  # noqa: D102 - tzinfo's
        return None if moment is None else timedelta(minutes=53)

    def dst(self, _: datetime | None) -> timedelta | None:  # noqa: D102 - the same
        return None

    def tzname(self, _: datetime | None) -> str | None:  # noqa: D102 - the same
        return "LMT"


class LikePytzUtc(LikePytz):
    """A fixed offset of `pytz`, which knows its offset always."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:  # noqa: ARG002, D102 - tzinfo's
        return timedelta(0)

    def dst(self, _: datetime | None) -> timedelta | None:  # noqa: D102 - the same
        return timedelta(0)


class LikeTimestamp(datetime):
    """A datetime with nanoseconds, like `pandas.Timestamp`."""

    nanosecond = 0


class Nanoseconds(LikeTimestamp):
    nanosecond = 7


class LikeTimedelta(timedelta):
    """A duration with nanoseconds, like `pandas.Timedelta`."""

    nanoseconds = 0


class NanoDelta(LikeTimedelta):
    nanoseconds = 7


class Text(str):
    __slots__ = ()


class Number(Decimal):
    pass


class Day(date):
    pass


class TestDurations:
    def test_a_plain_one_is_as_long(self) -> None:
        """A duration of a class of the caller's becomes a plain one, with all its parts."""
        for parts in ((3, 4, 5), (-1, 86_399, 999_999), (0, 0, 7)):
            plain = plain_duration(LikeTimedelta(*parts))
            assert (timedelta, timedelta(*parts)) == (type(plain), plain)


class TestDateutil:
    @given(walls())
    def test_its_zones_mean_what_those_of_zoneinfo_mean(self, drawn: tuple[str, datetime]) -> None:
        """A wall time, skipped, repeated or neither, is the same instant in a zone of dateutil of any version."""
        name, wall = drawn
        for fold in (0, 1):
            expected = instant(wall.replace(fold=fold), tz=ZoneInfo(name))
            found = instant(wall.replace(fold=fold), tz=dateutil_zone(name))

            assert (in_utc(expected), expected.utcoffset()) == (in_utc(found), found.utcoffset())

    @example(("Europe/Dublin", datetime(2016, 10, 30, 2)))  # noqa: DTZ001 - skipped, says dateutil 2.9; it is not
    @given(walls(NEGATIVE_SUMMERS))
    def test_summer_may_be_the_standard(self, drawn: tuple[str, datetime]) -> None:
        """The same holds where winter is the exception, but for the second of two repeated times in dateutil 2.9."""
        name, wall = drawn

        assert in_utc(instant(wall, tz=ZoneInfo(name))) == in_utc(instant(wall, tz=dateutil_zone(name)))

    @given(walls([*NAMES, *NEGATIVE_SUMMERS]))
    def test_a_skipped_time_moves_forward_wherever_it_comes_from(self, drawn: tuple[str, datetime]) -> None:
        """A datetime that has a zone of dateutil already moves forward too, in every record."""
        name, wall = drawn
        zone = dateutil_zone(name)
        at = Purchase(customer_id=1, at=wall.replace(tzinfo=zone), amount=Money(1, "EUR")).at

        assert in_utc(instant(wall, tz=ZoneInfo(name))) == in_utc(at)
        assert at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == at.replace(tzinfo=None)

    @pytest.mark.parametrize("name", [*NAMES, *NEGATIVE_SUMMERS])
    def test_a_skipped_time_is_one_instant(self, name: str) -> None:
        """A wall time that the clocks skip is the same instant with either fold, in a zone of either library."""
        for change in CHANGES[name][:20]:
            for zone in (ZoneInfo(name), dateutil_zone(name)):
                for minutes in range(-26 * 60, 26 * 60, 30):
                    wall = (change.astimezone(zone) + timedelta(minutes=minutes)).replace(fold=0)
                    found = find_instant(wall)
                    assert found is not None
                    if found.replace(tzinfo=None) != wall.replace(tzinfo=None):
                        assert find_instant(wall.replace(fold=1)) == found

    def test_the_end_of_an_irish_summer(self) -> None:
        """A time that dateutil 2.9 takes for skipped stays as it is, in its zone."""
        wall = datetime(2016, 10, 30, 2, tzinfo=dateutil_zone("Europe/Dublin"))
        found = find_instant(wall)

        assert found is not None
        assert (datetime(2016, 10, 30, 2, tzinfo=UTC), "02:00") == (in_utc(found), f"{found:%H:%M}")
        assert found.tzinfo is wall.tzinfo

    def test_rules_of_ones_own(self) -> None:
        """A zone by rule moves forward too, and a month has all its days."""
        rule = dateutil.tz.tzstr("CET-1CEST,M3.5.0,M10.5.0/3")

        assert "2026-03-29T03:30:00+02:00" == instant("2026-03-29T02:30", tz=rule).isoformat()
        sao_paulo = dateutil_zone("America/Sao_Paulo")
        assert "2018-11-04T01:00:00-02:00" == instant("2018-11-04", tz=sao_paulo).isoformat()
        assert 30 == len(Period.month(2018, 11, tz=sao_paulo).split(TimeUnit.DAY))

    @given(walls())
    def test_a_skipped_time_never_moves_backward(self, drawn: tuple[str, datetime]) -> None:
        """Whatever `fold` says, the wall time of an instant is the given one, or later by the gap."""
        name, wall = drawn
        for fold in (0, 1):
            for zone in (ZoneInfo(name), dateutil_zone(name)):
                assert instant(wall.replace(fold=fold), tz=zone).replace(tzinfo=None) >= wall


class TestPytz:
    @pytest.mark.parametrize("zone", [LikePytz(), pytest.param("pytz", id="pytz")])
    def test_its_zones_are_refused(self, zone: Any) -> None:
        """A zone of pytz may mean local mean time: it is refused as a zone, and in a datetime, with advice."""
        tz = pytest.importorskip("pytz").timezone("Europe/Berlin") if zone == "pytz" else zone
        calls: list[tuple[str, Any]] = [
            ("tz", lambda: instant("2026-07-01", tz=tz)),
            ("tz", lambda: Period.month(2026, 7, tz=tz)),
            ("tz", lambda: Period.month(2026, 7).split(TimeUnit.DAY, tz=tz)),
            ("tz", lambda: tenure(instant("2026-01-01"), instant("2026-07-01"), tz=tz)),
            ("moment", lambda: instant(tz.localize(datetime(2026, 7, 1)))),  # noqa: DTZ001 - localize adds the zone
            ("at", lambda: Purchase(customer_id=1, at=datetime(2026, 7, 1, tzinfo=tz), amount=Money(1, "EUR"))),
        ]
        for field, call in calls:
            with refused(WrongTypeError, f"zone_of_pytz: {field}"):
                call()
        with pytest.raises(WrongTypeError, match=r"take zoneinfo\.ZoneInfo\('Europe/Berlin'\)"):
            instant("2026-07-01", tz=tz)

    def test_its_fixed_offsets_are_not(self) -> None:
        """A fixed offset means the same in any library."""
        assert instant("2026-07-01") == instant("2026-07-01", tz=LikePytzUtc())


class TestPlainValues:
    @given(instants())
    def test_a_datetime_of_any_class_becomes_plain(self, at: datetime) -> None:
        """A record keeps a plain datetime with the same instant and zone."""
        parts = (at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond)
        given_one = LikeTimestamp(*parts, at.tzinfo, fold=at.fold)
        kept = Purchase(customer_id=1, at=given_one, amount=Money(1, "EUR")).at

        assert (datetime, at, at.tzinfo, at.fold) == (type(kept), kept, kept.tzinfo, kept.fold)
        assert type(instant(given_one)) is datetime
        assert type(Period(given_one, at + HOUR).start) is datetime

    def test_nanoseconds_are_refused(self) -> None:
        """What a datetime or a duration would lose is refused."""
        with refused(InvalidValueError, "nanoseconds: at"):
            Purchase(customer_id=1, at=Nanoseconds(2026, 1, 1, tzinfo=UTC), amount=Money(1, "EUR"))
        with refused(InvalidValueError, "nanoseconds: moment"):
            instant(Nanoseconds(2026, 1, 1))
        with refused(InvalidValueError, "nanoseconds: window"):
            Balance(as_of=instant("2026-01-01"), window=NanoDelta(days=1))

    def test_other_values_become_plain(self) -> None:
        """Subclasses of timedelta, date, str, int and Decimal become plain, whatever they add."""
        window = Balance(as_of=instant("2026-01-01"), window=LikeTimedelta(days=2)).window
        money = Money(Number("1.5"), Text("EUR"))

        assert (timedelta, timedelta(days=2)) == (type(window), window)
        assert (date, date(2026, 1, 2)) == (type(checks.as_date(Day(2026, 1, 2), "day")), date(2026, 1, 2))
        assert instant("2026-01-02") == instant(Day(2026, 1, 2))
        assert (Decimal, str) == (type(money.amount), type(money.currency))
        assert (str, "a") == (type(as_id(Text("a"), "id")), as_id(Text("a"), "id"))
        assert money == pickle.loads(pickle.dumps(money))

    def test_pandas_itself(self) -> None:
        """Timestamps and Timedeltas of pandas become plain; NaT is refused as missing, and nanoseconds are refused."""
        pandas = pytest.importorskip("pandas")
        at = Purchase(
            customer_id=1, at=pandas.Timestamp("2026-07-01 12:00", tz="Europe/Berlin"), amount=Money(1, "EUR")
        ).at

        assert (datetime, "2026-07-01T12:00:00+02:00") == (type(at), at.isoformat())
        assert timedelta(days=1) == checks.as_duration(pandas.Timedelta(days=1), "window")
        assert type(checks.as_duration(pandas.Timedelta(days=1), "window")) is timedelta
        calls: list[tuple[str, Any]] = [
            ("missing_time: at", lambda: Purchase(customer_id=1, at=pandas.NaT, amount=Money(1, "EUR"))),
            ("missing_time: moment", lambda: instant(pandas.NaT)),
            ("missing_time: window", lambda: Balance(as_of=instant("2026-01-01"), window=pandas.NaT)),
            ("missing_time: day", lambda: checks.as_date(pandas.NaT, "day")),
            ("nanoseconds: moment", lambda: instant(pandas.Timestamp(1, unit="ns", tz="UTC"))),
        ]
        for broken, call in calls:
            with refused(InvalidValueError, broken):
                call()


class TestEndOfDay:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2026-03-01T24:00", "2026-03-02T00:00:00+00:00"),
            ("2026-02-28T24:00:00.000", "2026-03-01T00:00:00+00:00"),
            ("20261231T240000Z", "2027-01-01T00:00:00+00:00"),
            ("2026-03-01 24:00+05:45", "2026-03-02T00:00:00+05:45"),
            ("2026-W09-7T24", "2026-03-02T00:00:00+00:00"),
        ],
    )
    def test_is_the_start_of_the_next(self, text: str, expected: str) -> None:
        """The time 24:00 is read on every version of Python, and nothing beyond it."""
        assert expected == instant(text).isoformat()

    @pytest.mark.parametrize("text", ["2026-03-01T24:01", "2026-03-01T25:00", "T24:00", "24:00", "9999-12-31T24:00"])
    def test_nothing_lies_beyond_it(self, text: str) -> None:
        """A later time, a time without a date, and the end of the calendar are refused."""
        with refused(InvalidValueError, "not_iso: moment"):
            instant(text)

    def test_moves_forward_in_a_gap(self) -> None:
        """If the next midnight is skipped, it is the end of the gap."""
        amman = ZoneInfo("Asia/Amman")

        assert instant("2021-03-26", tz=amman) == instant("2021-03-25T24:00", tz=amman)


class TestEqualPeriods:
    @given(periods(), st.sampled_from([UTC, timezone(5 * HOUR), *map(ZoneInfo, NAMES)]), st.sampled_from(TimeUnit))
    def test_answer_alike_in_any_zone(self, period: Period, zone: tzinfo, unit: TimeUnit) -> None:
        """A period has the same unit, length and, in one zone, the same pieces when its instants change their zones."""
        other = Period(period.start.astimezone(zone), period.end.astimezone(timezone(-3 * HOUR)))
        pieces = period.split(unit, tz=zone) if period.length < timedelta(days=400) else ()

        assert (period, hash(period)) == (other, hash(other))
        assert (period.unit, period.length) == (other.unit, other.length)
        if pieces:
            assert pieces == other.split(unit, tz=zone)
            assert pieces == Period(period.start.astimezone(zone), period.end.astimezone(zone)).split(unit)
            assert period == Period(pieces[0].start, pieces[-1].end)

    @given(
        st.sampled_from(NAMES + NEGATIVE_SUMMERS),
        st.integers(1990, 2030),
        st.integers(1, 12),
        st.integers(1, 28),
        st.sampled_from(TimeUnit),
    )
    def test_a_calendar_unit_is_known_by_its_instants(
        self, name: str, year: int, month: int, day: int, unit: TimeUnit
    ) -> None:
        """A day, week, month, quarter or year of any zone is one, given in UTC or with fixed offsets."""
        start = instant(date(year, month, day), tz=ZoneInfo(name))
        whole = Period(start, start + timedelta(days=400)).split(unit)[0]
        if name == "Pacific/Apia" and instant("2011-12-30T10:00Z") in whole:  # a day is missing
            return

        assert unit is whole.unit
        assert unit is Period(in_utc(whole.start), in_utc(whole.end)).unit

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            ("2026-03-01", "2026-03-31"),
            ("2026-03-01", "2026-04-01T03:00"),
            ("2026-03-01", "2026-04-01T00:07"),
            ("2026-03-01", "2026-03-01T21:00"),
            ("2026-02-15", "2026-03-17"),
            ("2026-01-01", "2028-01-01"),
            ("0001-01-01", "9999-12-31"),
        ],
    )
    def test_other_periods_have_no_unit(self, start: str, end: str) -> None:
        """A period that is longer or shorter than any unit from its start is none."""
        assert Period(instant(start), instant(end)).unit is None

    def test_offsets_that_differ_ask_for_the_zone(self) -> None:
        """A period whose offsets show a change of the clocks is not cut by guess."""
        march = Period(instant("2026-03-01T00:00-05:00"), instant("2026-04-01T00:00-04:00"))
        with refused(InvalidValueError, "zone_of_the_calendar_unknown: tz"):
            march.split(TimeUnit.DAY)
        new_york = ZoneInfo("America/New_York")

        assert Period.month(2026, 3, tz=new_york).split(TimeUnit.DAY) == march.split(TimeUnit.DAY, tz=new_york)
        assert math.isclose(31 - 1 / 24, elapsed(march.start, march.end) / timedelta(days=1))


class FailsInMay(tzinfo):
    """A zone an hour ahead of UTC that does what it is told in May."""

    def __init__(self, then: Any) -> None:
        self.then = then

    def utcoffset(self, moment: datetime | None) -> timedelta | None:  # noqa: D102 - tzinfo's
        return self.then() if moment is not None and moment.month == 5 else HOUR

    def dst(self, _: datetime | None) -> timedelta | None:  # noqa: D102 - the same
        return timedelta(0)

    def tzname(self, _: datetime | None) -> str | None:  # noqa: D102 - the same
        return None


class TestConversions:
    @pytest.mark.parametrize("zone", [timezone(HOUR), FailsInMay(lambda: HOUR)])
    def test_the_calendar_ends(self, zone: tzinfo) -> None:
        """What a zone shows beyond the calendar, and the instant of what lies before it, is None."""
        last, first = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=zone)
        noon = datetime(2026, 3, 2, 12, tzinfo=UTC)

        assert (None, None) == (find_wall_time(last, zone), find_instant(first))
        assert find_wall_time(noon, zone) == noon == find_instant(datetime(2026, 3, 2, 13, tzinfo=zone))

    @pytest.mark.parametrize(
        ("then", "causes"),
        [
            (lambda: 1 / 0, {ZeroDivisionError}),
            (lambda: timedelta(days=2), {ValueError}),
            (lambda: "an hour", {TypeError}),
            (lambda: None, {ValueError, NoneType}),  # `astimezone` raises, and `utcoffset` does not
        ],
    )
    def test_a_zone_that_fails_at_a_time_is_refused(self, then: Any, causes: set[type]) -> None:
        """A zone that raises, or answers no offset, is refused at that time, with the name of the argument."""
        zone = FailsInMay(then)
        wall, at = datetime(2026, 5, 2, tzinfo=zone), datetime(2026, 5, 2, tzinfo=UTC)
        hours = OpeningHours(zone=zone, monday=[("09:00", "17:00")])
        causes_found = {
            _refuse(lambda: find_instant(wall, "zone"), "zone"),
            _refuse(lambda: find_wall_time(at, zone, "zone"), "zone"),
            _refuse(lambda: find_instant(wall), "tz"),
            _refuse(lambda: find_wall_time(at, zone), "tz"),
            _refuse(lambda: find_offset(wall, "x") or find_instant(wall, "x"), "x"),
            _refuse(lambda: hours.is_open(at), "zone", r"2026-05-0\d"),
        }

        assert causes == causes_found

    def test_a_zone_that_answers_once_is_refused(self) -> None:
        """A zone that fails when it is asked again is refused too."""
        for name in ("zone", "tz"):
            wall = datetime(2026, 5, 2, tzinfo=FailsInMay(iter([HOUR]).__next__))
            assert StopIteration is _refuse(partial(find_instant, wall, name), name)


def _refuse(call: Callable[[], object], field: str, day: str = "2026-05-02") -> type:
    """Check that a call refuses a zone that fails on a day of May, and return the class of what the zone raised."""
    with refused(InvalidValueError, f"zone_fails_at_a_time: {field}") as caught:
        call()
    assert re.fullmatch(
        f"{field} must know its offset from UTC at any time, got a zone of type FailsInMay that has none at "
        f"{day} 00:00:00",
        caught.value.message,
    )
    return type(caught.value.__cause__)
