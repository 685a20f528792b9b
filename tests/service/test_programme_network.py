"""The critical path against all paths through random plans, and what delays move."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from crmcore import Activity, Deliverable, InvalidValueError, ProgrammePhase, TaskKind, UnknownNameError, instant
from crmcore.interop.hypothesis import decimals, plans
from crmcore.service import programme
from crmcore.service.programme import Schedule
from tests.support.refusals import refused

BERLIN: Final = ZoneInfo("Europe/Berlin")
ZERO: Final = Decimal(0)


def plan(**given: tuple[int | str, str]) -> list[Activity]:
    """Return activities from their days and the letters of those they wait for."""
    return [Activity(id=name, days=days, after=[*after]) for name, (days, after) in given.items()]


EIGHT: Final = plan(A=(3, ""), B=(4, "A"), C=(2, "A"), D=(5, "B"), E=(1, "C"), F=(2, "C"), G=(4, "DE"), H=(3, "FG"))


def list_paths(activities: list[Activity]) -> list[list[Activity]]:
    """Return every path from an activity that waits for nothing to one that nothing waits for, by brute force."""
    by_id = {activity.id: activity for activity in activities}
    awaited = {name for activity in activities for name in activity.after}

    def walk(activity: Activity) -> Iterator[list[Activity]]:
        if not activity.after:
            yield [activity]
        for name in activity.after:
            for path in walk(by_id[name]):
                yield [*path, activity]

    return [path for activity in activities if activity.id not in awaited for path in walk(activity)]


def measure(path: list[Activity]) -> Decimal:
    """Return the length of a path."""
    return sum((activity.days for activity in path), ZERO)


class TestCriticalPath:
    @given(plans(most=7))
    def test_against_all_paths(self, activities: list[Activity]) -> None:
        """The length is that of the longest path, and the slack what the longest path through an activity lacks."""
        found = programme.schedule(activities)
        paths = list_paths(activities)
        assert max(map(measure, paths), default=ZERO) == found.length
        for line in found:
            through = [path for path in paths if line.activity in path]
            before = max(measure(path[: path.index(line.activity)]) for path in through)
            assert before == line.earliest_start
            assert found.length - max(map(measure, through)) == line.slack
        longest = [path for path in paths if measure(path) == found.length]
        on_one = {activity.id for path in longest for activity in path}
        assert [activity.id for activity in activities if activity.id in on_one] == [*found.critical]

    @given(plans(), st.data())
    def test_slack_is_what_a_delay_may_use_up(self, activities: list[Activity], data: st.DataObject) -> None:
        """A delay within the slack moves no end, and one beyond it moves the end by the rest."""
        found = programme.schedule(activities)
        for line in found:
            days = data.draw(decimals(0, 200))
            after = found.delayed({line.activity.id: days})
            assert max(ZERO, days - line.slack) == after.slip
            moved = [name for name, _ in after.later if name != line.activity.id]
            if days <= line.free_slack:
                assert moved == []
            else:
                assert moved or line.free_slack == line.slack

    @given(plans(), st.data())
    def test_delays_do_not_add(self, activities: list[Activity], data: st.DataObject) -> None:
        """Delays together move the end at least as far as the largest one, and at most as far as all one by one."""
        found = programme.schedule(activities)
        delays = {line.activity.id: data.draw(decimals(0, 50)) for line in found}
        slips = [found.delayed({name: days}).slip for name, days in delays.items()]
        assert max(slips, default=ZERO) <= found.delayed(delays).slip <= sum(delays.values())
        assert found.delayed(delays).length == found.length + found.delayed(delays).slip

    @given(plans(), st.randoms(use_true_random=False))
    def test_order_does_not_matter(self, activities: list[Activity], random: Any) -> None:
        """The lines of a plan in another order are the same lines."""
        shuffled = [*activities]
        random.shuffle(shuffled)
        found, other = programme.schedule(activities), programme.schedule(shuffled)
        assert {line.activity.id: line for line in found} == {line.activity.id: line for line in other}

    def test_no_activities(self) -> None:
        """A plan without activities takes no time."""
        assert (ZERO, (), 0) == (Schedule().length, programme.schedule([]).critical, len(Schedule()))

    def test_rows(self) -> None:
        """A notebook shows a row for each activity, with its name, its phase and its slack."""
        found = programme.schedule(
            [Activity(id=1, days=2, name="Map", deliverable=Deliverable.TOUCHPOINTS), Activity(id=2, days=1)]
        )
        assert ">Map</th>" in found._repr_html_()
        assert "days_later" in found.delayed({1: 2})._repr_html_()
        first, second = (line.row(plain=True) for line in found)
        assert ("Map", "assessment", 0.0, True) == tuple(
            first[name] for name in ("activity", "phase", "slack", "is_critical")
        )
        assert ("2", None, 1.0, False) == tuple(second[name] for name in ("activity", "phase", "slack", "is_critical"))


class TestRefusals:
    @pytest.mark.parametrize(
        ("activities", "circle"),
        [
            (plan(a=(1, "a")), ("a", "a")),
            (plan(a=(1, "b"), b=(1, "a")), ("a", "b", "a")),
            (plan(z=(1, "c"), a=(1, ""), b=(1, "ad"), c=(1, "b"), d=(1, "c")), ("c", "b", "d", "c")),
        ],
    )
    def test_circles(self, activities: list[Activity], circle: tuple[str, ...]) -> None:
        """A circle is refused, and the error names it."""
        with refused(InvalidValueError, "activities_in_a_circle: activities") as caught:
            programme.schedule(activities)
        assert circle == caught.value.operands

    def test_unknown_names(self) -> None:
        """An unknown name in `after`, in delays and in brackets is refused."""
        with refused(UnknownNameError, "after_no_activity: activities[1]"):
            programme.schedule(plan(a=(1, ""), b=(1, "x")))
        with refused(UnknownNameError, "delay_of_no_activity: delays['x']"):
            programme.schedule(EIGHT).delayed({"x": 0})
        assert "C" == programme.schedule(EIGHT)["C"].activity.id
        with refused(UnknownNameError, "no_such_activity: activity_id"):
            programme.schedule(EIGHT)["x"]

    def test_delays(self) -> None:
        """An activity may become shorter, but not shorter than nothing; a float is no exact number."""
        found = programme.schedule(EIGHT)
        assert (Decimal(-3), Decimal(16)) == (found.delayed({"A": -3}).slip, found.delayed({"A": -3}).length)
        with refused(InvalidValueError, "shorter_than_no_time: delays['A']"):
            found.delayed({"A": "-3.01"})
        with refused(TypeError, "float_is_inexact: delays"):
            found.delayed({"A": 0.5})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType] - refused
        with refused(TypeError, "not_a_mapping: delays"):
            found.delayed([("A", 1)])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - refused


class TestTasks:
    def test_due_dates(self) -> None:
        """Whole days follow the calendar of the start, a part of a day is elapsed time, and each owner is kept."""
        found = programme.schedule(
            [Activity(id=1, days=2, owner_id="vera"), Activity(id=2, days="0.5", after=[1]), Activity(id=3, days=0)]
        )
        start = instant("2026-03-28T09:00", tz=BERLIN)
        tasks = found.tasks(start)
        assert ["2026-03-30T09:00:00+02:00", "2026-03-30T21:00:00+02:00", "2026-03-28T09:00:00+01:00"] == [
            task.due.astimezone(BERLIN).isoformat() for task in tasks
        ]
        assert [
            (TaskKind.DELIVERABLE, 1, "vera"),
            (TaskKind.DELIVERABLE, 2, None),
            (TaskKind.DELIVERABLE, 3, None),
        ] == [(task.kind, task.about_id, task.owner_id) for task in tasks]

    def test_a_skipped_hour_moves_forward(self) -> None:
        """A due date in the hour that the clocks skip moves forward by the gap."""
        (task,) = programme.schedule([Activity(id=1, days=1)]).tasks(instant("2026-03-28T02:30", tz=BERLIN))
        assert "2026-03-29T03:30:00+02:00" == task.due.astimezone(BERLIN).isoformat()

    @pytest.mark.parametrize("days", [10**7, 10**29])
    def test_the_calendar_ends(self, days: int) -> None:
        """A plan that ends after the calendar has no due dates."""
        with refused(InvalidValueError, "plan_beyond_calendar: start"):
            programme.schedule([Activity(id=1, days=days)]).tasks(instant(date(2026, 3, 2)))


class TestActivity:
    def test_phase(self) -> None:
        """The phase follows from a deliverable of the list, unless it is given; every deliverable has one."""
        assert ProgrammePhase.CULTURE is Activity(id=1, days=1, deliverable="trained_staff").phase
        own = Activity(id=1, days=1, deliverable=Deliverable.TOUCHPOINTS, phase=ProgrammePhase.PREPARATION)
        assert ProgrammePhase.PREPARATION is own.phase
        assert None is Activity(id=1, days=1, deliverable="posters").phase
        assert set(ProgrammePhase) == {deliverable.phase for deliverable in Deliverable}

    def test_label(self) -> None:
        """The label is the name, or the id as text."""
        assert ["Map", "7"] == [Activity(id=7, days=1, name="Map").label, Activity(id=7, days=1, name=" ").label]
