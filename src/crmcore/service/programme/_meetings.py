"""The regular meeting: what was done since the last one, what is late, and what is open."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from crmcore.model.task import Task
from crmcore.primitives import _clock, checks
from crmcore.primitives._results import Result
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.periods import Period, by_utc, in_utc
from crmcore.primitives.record import several
from crmcore.primitives.recurrence import Recurrence

__all__ = ["StatusReport", "status"]


@attrs.frozen(kw_only=True)
class StatusReport(Result):
    """What the meeting has to know at an instant.

    Examples:
        >>> from crmcore import Task, TaskKind, instant
        >>> from crmcore.service.programme import StatusReport
        >>> late = Task(kind=TaskKind.DELIVERABLE, due=instant("2026-03-10"), about_id="declaration")
        >>> StatusReport(as_of=instant("2026-03-16"), overdue=[late]).overdue_count
        1

    Attributes:
        as_of: The instant of the report.
        last_meeting: The last meeting before it; None if it is the first one.
        next_meeting: The first meeting after it; None if there is none.
        done: The tasks that were done since the last meeting.
        overdue: The open tasks that are past due, the oldest due date first.
        open: The other open tasks, the next due date first.
    """

    ratios = ("done_count", "overdue_count", "open_count")

    as_of: datetime = attrs.field(eq=by_utc)
    last_meeting: datetime | None = attrs.field(default=None, eq=by_utc)
    next_meeting: datetime | None = attrs.field(default=None, eq=by_utc)
    done: tuple[Task, ...] = attrs.field(default=(), converter=several)
    overdue: tuple[Task, ...] = attrs.field(default=(), converter=several)
    open: tuple[Task, ...] = attrs.field(default=(), converter=several)

    @property
    def done_count(self) -> int:
        """The number of tasks that were done."""
        return len(self.done)

    @property
    def overdue_count(self) -> int:
        """The number of tasks that are past due."""
        return len(self.overdue)

    @property
    def open_count(self) -> int:
        """The number of the other open tasks."""
        return len(self.open)

    def _list_rows(self) -> Iterable[Mapping[str, object]]:
        groups = (("overdue", self.overdue), ("open", self.open), ("done", self.done))
        return [
            {"state": state, "kind": str(task.kind), "due": task.due, "about": task.about_id, "owner": task.owner_id}
            for state, tasks in groups
            for task in tasks
        ]


def status(tasks: Iterable[Task], /, *, meetings: Recurrence, as_of: datetime) -> StatusReport:
    """Return what a meeting has to know: what was done since the last one, what is overdue, what is open.

    Examples:
        >>> from datetime import date
        >>> from crmcore import UTC, Recurrence, Task, TaskKind, TimeUnit, instant, programme
        >>> meetings = Recurrence(first=date(2026, 3, 2), unit=TimeUnit.WEEK, every=2, at="09:00", zone=UTC)
        >>> tasks = [
        ...     Task(kind=TaskKind.DELIVERABLE, due=instant("2026-03-10"), about_id="declaration"),
        ...     Task(kind=TaskKind.DELIVERABLE, due=instant("2026-03-20"), about_id="touchpoints"),
        ... ]
        >>> report = programme.status(tasks, meetings=meetings, as_of=instant("2026-03-16T09:00"))
        >>> [task.about_id for task in report.overdue], [task.about_id for task in report.open]
        (['declaration'], ['touchpoints'])
        >>> report.last_meeting.date().isoformat(), report.next_meeting.date().isoformat()
        ('2026-03-02', '2026-03-30')

    At the instant of a meeting, that meeting is neither the last nor the next one.

    Args:
        tasks: The tasks, in any order. One that has an id counts once. What happened after `as_of` has not happened
            yet, and a cancelled task is left out.
        meetings: When the meetings take place.
        as_of: The instant of the report, such as that of the meeting.
    """
    checks.as_instance(meetings, Recurrence, "meetings")
    reference = in_utc(checks.as_instant(as_of, "as_of"))
    last = _find_last(meetings, reference)
    done: list[Task] = []
    overdue: list[Task] = []
    left: list[Task] = []
    for task in iterate_once(tasks, Task, "tasks"):
        if task.cancelled_at is not None and in_utc(task.cancelled_at) <= reference:
            continue
        if task.done_at is not None and in_utc(task.done_at) <= reference:
            if last is None or in_utc(task.done_at) > last:
                done.append(task)
        elif in_utc(task.due) < reference:
            overdue.append(task)
        else:
            left.append(task)
    return StatusReport(
        as_of=as_of,
        last_meeting=last,
        next_meeting=_find_next(meetings, reference),
        done=done,
        overdue=sorted(overdue, key=_find_due),
        open=sorted(left, key=_find_due),
    )


def _find_due(task: Task) -> datetime:
    return in_utc(task.due)


def _find_next(meetings: Recurrence, at: datetime) -> datetime | None:
    return None if at == _clock.LATEST else meetings.next(at + _clock.MICROSECOND)


def _find_last(meetings: Recurrence, at: datetime) -> datetime | None:
    """Return the last meeting before an instant; the search goes back in steps that double."""
    first = meetings.next(_clock.EARLIEST)
    if first is None or first >= at:
        return None
    step = _clock.DAY
    while True:
        found = meetings.within(Period(at - min(step, at - first), at))
        if found:
            return found[-1]
        step *= 2
