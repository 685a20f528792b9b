from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore.interop.hypothesis import instants, tasks
from crmcore.model.task import Task, TaskKind
from crmcore.primitives.errors import (
    IllegalTransitionError,
    InvalidValueError,
    NaiveInstantError,
    WrongTypeError,
)
from tests.support.voice_strategies import maybe_ids

AT = datetime(2026, 3, 2, 10, 15, tzinfo=timezone(timedelta(hours=2)))
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)
SECRET = "Anna Kalnina, +371 200 000 00"
OPEN: dict[str, Any] = {"done_at": None, "done_by_id": None, "cancelled_at": None}


def thanks(**values: Any) -> Task:
    """Build a task with the required fields and the given ones."""
    least: dict[str, Any] = {"kind": TaskKind.THANK_YOU, "due": AT}
    return Task(**{**least, **values})


class TestRefusals:
    def test_not_both_done_and_cancelled(self) -> None:
        """A task cannot be both done and cancelled."""
        with pytest.raises(InvalidValueError, match="must be empty if the task is done") as caught:
            thanks(done_at=AT, cancelled_at=AT + HOUR)
        assert ("done_and_cancelled", "cancelled_at") == (caught.value.rule, caught.value.field)
        assert (AT + HOUR, AT) == caught.value.operands

    def test_done_by_needs_done_at(self) -> None:
        """`done_by_id` without `done_at` is refused."""
        with pytest.raises(InvalidValueError, match="give done_at too") as caught:
            thanks(done_by_id="anna")
        assert ("done_by_somebody_but_not_done", "done_by_id") == (caught.value.rule, caught.value.field)


class TestTaskKind:
    def test_every_member_is_described(self) -> None:
        """The docstring of the enum describes every member."""
        assert [kind.name for kind in TaskKind if f"\n    {kind.name}: " not in (inspect.getdoc(TaskKind) or "")] == []


class TestTask:
    def test_defaults(self) -> None:
        """By default a task is open, and an unknown field is None or empty."""
        given: dict[str, Any] = {"kind": TaskKind.THANK_YOU, "due": AT, "why": "", "note": "", "relates_to": ""}

        assert {**dict.fromkeys(attrs.fields_dict(Task)), **given} == attrs.asdict(
            Task(kind=TaskKind.THANK_YOU, due=AT)
        )

    def test_personal_data_stay_out_of_repr(self) -> None:
        """The reason, the note and what it relates to may be personal and are not in `repr`."""
        assert SECRET not in repr(thanks(why=SECRET, note=SECRET, relates_to=SECRET))

    @given(tasks())
    def test_equality_goes_through_utc(self, task: Task) -> None:
        """Two records with the same instants in different zones are equal."""
        zone = timezone(timedelta(hours=-7))
        moved: dict[str, Any] = {
            name: value.astimezone(zone)
            for name, value in attrs.asdict(task, recurse=False).items()
            if isinstance(value, datetime)
        }
        there = attrs.evolve(task, **moved)

        assert task == there
        assert hash(task) == hash(there)


class TestIsOpen:
    @given(tasks())
    def test_has_one_of_three_states(self, task: Task) -> None:
        """A task is open, done or cancelled; `is_on_time` is known only if it is done."""
        done, cancelled = task.done_at is not None, task.cancelled_at is not None

        assert 1 == [task.is_open, done, cancelled].count(True)
        assert done is (task.is_on_time is not None)


class TestIsOnTime:
    @pytest.mark.parametrize(
        ("passed", "expected"), [(-HOUR, True), (timedelta(0), True), (TICK, False), (HOUR, False)]
    )
    def test_until_it_is_due(self, passed: timedelta, expected: bool) -> None:
        """A task is on time up to and including `due`, by UTC and not by the wall clock."""
        done_at = (AT + passed).astimezone(timezone(timedelta(hours=-5)))

        assert expected is thanks(done_at=done_at).is_on_time

    def test_of_what_is_not_done_it_is_unknown(self) -> None:
        """`is_on_time` is None if the task is open or cancelled."""
        assert thanks().is_on_time is None
        assert thanks(cancelled_at=AT).is_on_time is None


class TestIsOverdue:
    @pytest.mark.parametrize(
        ("passed", "expected"), [(-HOUR, False), (timedelta(0), False), (TICK, True), (HOUR, True)]
    )
    def test_once_it_is_past_due(self, passed: timedelta, expected: bool) -> None:
        """A task is overdue after `due`, but not at `due`."""
        assert expected is thanks().is_overdue(AT + passed)
        assert expected is thanks().is_overdue(as_of=(AT + passed).astimezone(UTC))

    @pytest.mark.parametrize("end", ["done_at", "cancelled_at"])
    def test_until_it_ends(self, end: str) -> None:
        """A task that ended late was overdue until it ended."""
        ended = thanks(**{end: AT + HOUR})

        assert [False, True, False, False] == [
            ended.is_overdue(AT + passed) for passed in (timedelta(0), HOUR - TICK, HOUR, 2 * HOUR)
        ]
        assert not thanks(**{end: AT - HOUR}).is_overdue(AT + HOUR)

    def test_needs_an_instant(self) -> None:
        """A naive instant and a text are refused."""
        with pytest.raises(NaiveInstantError, match="as_of must carry a time zone"):
            thanks().is_overdue(datetime(2026, 3, 2))  # noqa: DTZ001
        with pytest.raises(WrongTypeError, match="as_of must be a date and time"):
            thanks().is_overdue("2026-03-02")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a text


class TestEvents:
    @given(tasks(), instants(), maybe_ids())
    def test_done_makes_a_new_record(self, task: Task, at: datetime, by_id: str | int | None) -> None:
        """`done` sets the instant and the employee, and changes nothing else."""
        before = attrs.evolve(task, **OPEN)

        assert attrs.evolve(before, done_at=at, done_by_id=by_id) == before.done(at, by_id=by_id)
        assert attrs.evolve(before, done_at=at) == before.done(at=at)
        assert before.is_open

    @given(tasks(), instants())
    def test_cancelled_makes_a_new_record(self, task: Task, at: datetime) -> None:
        """`cancelled` sets the instant and changes nothing else."""
        before = attrs.evolve(task, **OPEN)

        assert attrs.evolve(before, cancelled_at=at) == before.cancelled(at)
        assert before.is_open

    @pytest.mark.parametrize("end", ["done", "cancelled"])
    @pytest.mark.parametrize("event", ["done", "cancelled"])
    def test_it_ends_once(self, event: str, end: str) -> None:
        """A task that is done or cancelled cannot end again."""
        ended = getattr(thanks(), end)(AT)
        with pytest.raises(IllegalTransitionError, match=rf"attrs\.evolve\(\.\.\., {end}_at=") as caught:
            getattr(ended, event)(AT + HOUR)
        assert ("already_set", f"{end}_at") == (caught.value.rule, caught.value.field)
        assert (AT,) == caught.value.operands

    @given(st.sampled_from(["done", "cancelled"]))
    def test_needs_an_instant(self, event: str) -> None:
        """A naive instant is refused, as in the constructor."""
        with pytest.raises(NaiveInstantError, match=f"{event}_at must carry a time zone"):
            getattr(thanks(), event)(datetime(2026, 3, 2))  # noqa: DTZ001
