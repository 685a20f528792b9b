from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from crmcore import UTC, InvalidValueError, Period, Task, TaskKind, TimeUnit, instant, render
from tests.support.pictures import NAME, parsed, said, texts
from tests.support.refusals import refused

TODAY: Final = instant("2026-03-10")
MARCH: Final = Period.month(2026, 3)
RIGA: Final = ZoneInfo("Europe/Riga")


def owed(day: str, **fields: Any) -> Task:
    """Return a call that is due on a day."""
    return Task(kind=TaskKind.THANK_YOU, due=instant(day), **fields)


class TestCalendar:
    @given(st.lists(texts.filter(lambda text: bool(text.strip())), max_size=6), texts)
    def test_is_a_picture(self, kinds: list[str], title: str) -> None:
        """The calendar of any tasks under any title is well formed and within its frame."""
        tasks = [Task(kind=kind, due=TODAY, customer_id=7) for kind in kinds]
        parsed(render.calendar(tasks, MARCH, as_of=TODAY, tz=UTC, title=title))

    def test_says_what_it_shows(self) -> None:
        """The description lists the tasks in order of time, with what became of them."""
        tasks = [owed("2026-03-20"), owed("2026-03-05", customer_id=7), owed("2026-04-01"), owed("2026-02-28")]
        root = parsed(render.calendar(tasks, MARCH, as_of=TODAY, tz=UTC))
        assert ["2026-03-05: thank you: 7 (overdue). 2026-03-20: thank you (pending)."] == said(root, "desc")
        assert ["no tasks."] == said(parsed(render.calendar([], MARCH, as_of=TODAY, tz=UTC)), "desc")

    def test_colours(self) -> None:
        """Kept is good; late, overdue and dropped are bad; cancelled is soft."""
        due = instant("2026-03-05")
        tasks = [
            owed("2026-03-05", done_at=due),
            owed("2026-03-06", done_at=TODAY),
            owed("2026-03-07"),
            owed("2026-03-08", cancelled_at=TODAY),
            owed("2026-03-09", cancelled_at=due),
            owed("2026-03-11"),
        ]
        root = parsed(render.calendar(tasks, MARCH, as_of=TODAY, tz=UTC))
        kinds = [text.get("class") for text in root.iter(f"{NAME}text") if text.text == "thank you"]
        assert ["good", "bad", "bad", "bad", "soft", ""] == kinds
        assert 1 == sum(box.get("class") == "today" for box in root.iter(f"{NAME}rect"))

    def test_a_full_day(self) -> None:
        """A day names four tasks and the number of the others."""
        root = parsed(render.calendar([owed("2026-03-05") for _ in range(1234)], MARCH, as_of=TODAY, tz=UTC))
        drawn = said(root, "text")
        assert (4, 1) == (drawn.count("thank you"), drawn.count("1,230 more"))

    @pytest.mark.parametrize(
        ("start", "end", "days"),
        [
            ("2026-03-01", "2026-03-02", ["03-01"]),
            ("2026-03-01", "2026-03-02T01:00", ["03-01", "03-02"]),
            ("2026-03-01T10:00", "2026-03-01T11:00", ["03-01"]),
            ("2026-03-08", "2026-03-10", ["03-08", "03-09"]),
        ],
    )
    def test_days_of_a_half_open_period(self, start: str, end: str, days: list[str]) -> None:
        """A day that the period only touches at its end is not drawn."""
        period = Period(instant(start, tz=RIGA), instant(end, tz=RIGA))
        drawn = said(parsed(render.calendar([], period, as_of=TODAY, tz=RIGA)), "text")
        assert days == [text.replace("\N{MINUS SIGN}", "-") for text in drawn if text[:1].isdigit()]

    def test_days_are_local(self) -> None:
        """A task late in the evening in UTC is due on the next day in Riga."""
        root = parsed(render.calendar([owed("2026-03-05T22:30")], MARCH, as_of=TODAY, tz=RIGA))
        assert ["2026-03-06: thank you (overdue)."] == said(root, "desc")

    def test_too_long(self) -> None:
        """A period of years is refused, and its quarters are drawn."""
        long = Period(instant("2026-01-01"), instant("2027-03-01"))
        with refused(InvalidValueError, "calendar_too_long: period"):
            render.calendar([], long, as_of=TODAY, tz=UTC)
        for quarter in long.split(TimeUnit.QUARTER):
            parsed(render.calendar([], quarter, as_of=TODAY, tz=UTC))


class TestCalendarTable:
    def test_rows(self) -> None:
        """In order of time by the clock of the zone; what is unknown is empty, and markup is escaped."""
        tasks = [Task(kind="a|b", due=instant("2026-03-20")), owed("2026-03-05", customer_id=7, owner_id="anna")]
        table = str(render.calendar_table(tasks, MARCH, as_of=TODAY, tz=RIGA)).splitlines()
        assert [
            "| Due | Task | customer | Owner | Outcome |",
            "| --- | --- | --- | --- | --- |",
            "| 2026-03-05 02:00 | thank you | 7 | anna | overdue |",
            "| 2026-03-20 02:00 | a&#124;b |  |  | pending |",
        ] == table

    def test_too_long(self) -> None:
        """A table has the bound of the picture."""
        with refused(InvalidValueError, "calendar_too_long: period"):
            render.calendar_table([], Period(instant("2020-01-01"), instant("2026-01-01")), as_of=TODAY, tz=UTC)
