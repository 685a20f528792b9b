"""What is seldom reached: the ends of the calendar, values that never end, tables without rows."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crmcore import Finding, InvalidValueError, OpeningHours, Period, Severity, TallyBy, TimeUnit
from crmcore.primitives import _html, _reprs, checks, periods, tally
from crmcore.primitives._columns import Instants
from tests.support.refusals import refused


class Shy:
    """A key that cannot be hashed when it is first asked."""

    asked = False

    def __hash__(self) -> int:
        if not self.asked:
            self.asked = True
            raise TypeError
        return 7

    def __eq__(self, other: object) -> bool:
        return self is other


class Broken(tzinfo):
    """A zone that raises."""

    def utcoffset(self, _: datetime | None) -> Any:
        """Raise what no zone should."""
        raise RuntimeError

    dst = tzname = utcoffset


class TestEdges:
    def test_cautions_that_are_not_shown_are_counted(self) -> None:
        """A notebook shows the first cautions and the number of the others."""
        caution = Finding(rule="odd", severity=Severity.INFO, message="it is odd")

        assert "<li>2 more</li>" in _html.join([], [caution] * (_html.SHOWN + 2))

    def test_a_fact_of_any_type(self) -> None:
        """A notebook shows an id as its text."""
        assert str(UUID(int=7)) in _html.write_facts("Facts", {"id": UUID(int=7)})

    def test_a_repr_that_never_fits_is_cut(self) -> None:
        """Three dots end what is too long in every size."""
        shown = _reprs._shorten(lambda *_: iter(["x" * _reprs.LONGEST, "x"]), None)

        assert shown == "x" * (_reprs.LONGEST - 3) + "..."

    def test_a_set_is_written_as_one(self) -> None:
        """A frozenset shows itself as Python writes it."""
        assert _reprs._shorten(_reprs._write, frozenset({7})) == repr(frozenset({7}))

    def test_millennia_are_counted_once(self) -> None:
        """The second answer about millennia takes the cycle of the first."""
        hours = OpeningHours(zone=ZoneInfo("Europe/Riga"), monday=[("09:00", "17:00")])
        start, end = datetime(2200, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)

        assert hours.elapsed(start, end) == hours.elapsed(start, end)

    def test_a_broken_zone_is_not_fixed(self) -> None:
        """A zone that raises has no fixed offset."""
        assert not checks._is_fixed(Broken())

    def test_the_calendar_ends(self) -> None:
        """The last year has no end in the calendar, so its length is unknown."""
        start, end = datetime(9999, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)

        assert periods._count_actual_years(start, end, 9999, UTC) is None

    def test_a_period_before_the_calendar_of_a_zone(self) -> None:
        """The first hours of UTC have no date west of it."""
        period = Period(datetime(1, 1, 1, tzinfo=UTC), datetime(1, 1, 3, tzinfo=UTC))

        with refused(InvalidValueError, "period_before_the_calendar: start"):
            period.split(TimeUnit.DAY, tz=ZoneInfo("America/New_York"))

    def test_a_key_that_could_not_be_hashed_is_not_there(self) -> None:
        """A key that can be hashed only the second time is in no table."""
        assert Shy() not in TallyBy[Any, Any]({})

    def test_an_empty_table_in_a_notebook(self) -> None:
        """A table without rows says that it has no keys."""
        assert "keys" in TallyBy[Any, Any]({})._repr_html_()

    def test_the_column_of_the_key_has_a_name_of_its_own(self) -> None:
        """If a tally has a column named key, the column of the key has another name."""
        rows: Any = {1: SimpleNamespace(row=lambda: {"key": 1})}

        assert tally._free_name(rows) == "key_"


def test_days_of_microseconds() -> None:
    """Days are found from microseconds where there are no instants yet, and from instants where there are."""
    day, first = 86_400_000_000, date(1970, 1, 1).toordinal()
    assert [*Instants([-1, 0, day]).iterate_days()] == [first - 1, first, first + 1]
