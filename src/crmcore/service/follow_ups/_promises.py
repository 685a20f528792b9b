"""What became of what was owed: kept, late, overdue, dropped, pending or cancelled."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Self, TypeVar

import attrs

from crmcore.model.task import Task
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import group_by, iterate_once
from crmcore.primitives.periods import in_utc
from crmcore.primitives.proportions import Interval, wilson
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["Promises", "TaskOutcome", "outcome", "overdue"]

_K = TypeVar("_K", bound=Hashable)


class TaskOutcome(StrEnum):
    """What has become of a task as of a reference date. Nothing later has happened yet.

    Attributes:
        KEPT: Done by the due instant, inclusive.
        LATE: Done after the due instant.
        OVERDUE: Due before the reference date, and neither done nor cancelled.
        DROPPED: Cancelled after the due instant: broken.
        PENDING: Not yet due, and neither done nor cancelled.
        CANCELLED: Cancelled by the due instant: neither kept nor broken.
    """

    KEPT = "kept"
    LATE = "late"
    OVERDUE = "overdue"
    DROPPED = "dropped"
    PENDING = "pending"
    CANCELLED = "cancelled"


def outcome(task: Task, /, *, as_of: datetime) -> TaskOutcome:
    """Return what has become of a task.

    Examples:
        >>> from crmcore import Task, TaskKind, follow_ups, instant
        >>> call = Task(kind=TaskKind.PROMISE, due=instant("2026-02-03"), done_at=instant("2026-02-05"))
        >>> [follow_ups.outcome(call, as_of=instant(day)).value for day in ("2026-02-03", "2026-02-04", "2026-02-05")]
        ['pending', 'overdue', 'late']

    Args:
        task: The task.
        as_of: The reference date.
    """
    return find_outcome(checks.as_instance(task, Task, "task"), in_utc(checks.as_instant(as_of, "as_of")))


def find_outcome(task: Task, moment: datetime) -> TaskOutcome:
    """Return what has become of a task as of an instant in UTC."""
    due = in_utc(task.due)
    if task.done_at is not None:
        done = in_utc(task.done_at)
        if done <= moment:
            return TaskOutcome.KEPT if done <= due else TaskOutcome.LATE
    elif task.cancelled_at is not None:
        cancelled = in_utc(task.cancelled_at)
        if cancelled <= moment:
            return TaskOutcome.CANCELLED if cancelled <= due else TaskOutcome.DROPPED
    return TaskOutcome.OVERDUE if due < moment else TaskOutcome.PENDING


@attrs.frozen(kw_only=True)
class Promises(Tally):
    """Number of tasks that were kept, late, never done and not yet due. Records of disjoint tasks can be added.

    Examples:
        >>> from crmcore import Promises, Task, TaskKind, instant
        >>> due = instant("2026-02-03T12:00")
        >>> tasks = [
        ...     Task(kind=TaskKind.PROMISE, due=due, done_at=due),
        ...     Task(kind=TaskKind.PROMISE, due=due, done_at=instant("2026-02-05")),
        ...     Task(kind=TaskKind.PROMISE, due=due),
        ...     Task(kind=TaskKind.PROMISE, due=due, cancelled_at=instant("2026-02-04")),
        ...     Task(kind=TaskKind.PROMISE, due=due, cancelled_at=instant("2026-02-01")),
        ... ]
        >>> print(Promises.of(tasks, as_of=instant("2026-02-10")).explain())
        kept             1  tasks
        late             1  tasks
        overdue          1  tasks
        dropped          1  tasks
        pending          0  tasks
        cancelled        1  tasks
        broken           2  tasks  = overdue + dropped
        due              4  tasks  = kept + late + broken
        rate          0.25         = kept / due
        rate_of_done   0.5         = kept / (kept + late)
        completion     0.5         = (kept + late) / due

    A task that is not done by its due instant is broken, whether it is still open or was cancelled afterwards. What was
    cancelled in time, or is not yet due, is in no denominator.

    Attributes:
        kept: Tasks done by their due instant, inclusive.
        late: Tasks done after it.
        overdue: Tasks past due, and neither done nor cancelled.
        dropped: Tasks cancelled after their due instant.
        pending: Tasks not yet due, and neither done nor cancelled.
        cancelled: Tasks cancelled by their due instant.
    """

    ratios = ("broken", "due", "rate", "rate_of_done", "completion")

    kept: int = 0
    late: int = 0
    overdue: int = 0
    dropped: int = 0
    pending: int = 0
    cancelled: int = 0

    @classmethod
    def of(cls, tasks: Iterable[Task], /, *, as_of: datetime) -> Self:
        """Count tasks in a single pass; the order does not matter.

        Args:
            tasks: The tasks: promises, hand-offs or any others.
            as_of: The reference date. What was done or cancelled later has not happened yet.
        """
        moment = in_utc(checks.as_instant(as_of, "as_of"))
        counts = dict.fromkeys(TaskOutcome, 0)
        for task in iterate_once(tasks, Task, "tasks"):
            counts[find_outcome(task, moment)] += 1
        return cls(**{found.value: count for found, count in counts.items()})

    @classmethod
    def by(cls, tasks: Iterable[Task], key: Callable[[Task], _K], /, *, as_of: datetime) -> TallyBy[_K, Self]:
        """Count tasks for each value of a key, such as their kind or their owner.

        Examples:
            >>> from crmcore import Promises, Task, TaskKind, instant
            >>> due = instant("2026-02-03")
            >>> tasks = [
            ...     Task(kind=TaskKind.HAND_OFF, due=due, owner_id="sales", done_at=due),
            ...     Task(kind=TaskKind.HAND_OFF, due=due, owner_id="stores"),
            ... ]
            >>> found = Promises.by(tasks, lambda task: task.owner_id, as_of=instant("2026-02-10"))
            >>> {owner: row.completion for owner, row in found.items()}
            {'sales': Decimal('1'), 'stores': Decimal('0')}

        Args:
            tasks: The tasks.
            key: Returns the key of a task.
            as_of: The reference date.
        """
        groups = group_by(tasks, key, Task, "tasks", "lambda task: task.kind")
        return TallyBy({group: cls.of(members, as_of=as_of) for group, members in groups.items()})

    @property
    def broken(self) -> int:
        """The tasks that were due and were never done, ``overdue + dropped``."""
        return self.overdue + self.dropped

    @property
    def due(self) -> int:
        """The tasks that were due, ``kept + late + broken``."""
        return self.kept + self.late + self.broken

    @property
    def rate(self) -> Decimal | None:
        """The share of what was due that was done in time, ``kept / due``; None if nothing was due."""
        return ratio(self.kept, self.due)

    @property
    def rate_of_done(self) -> Decimal | None:
        """The share of what was done that was in time, ``kept / (kept + late)``; None if nothing was done.

        It forgets what was never done, so it is never below `rate`.
        """
        return ratio(self.kept, self.kept + self.late)

    @property
    def completion(self) -> Decimal | None:
        """The share of what was due that was done, late or not, ``(kept + late) / due``; None if nothing was due."""
        return ratio(self.kept + self.late, self.due)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the rate, or None if nothing was due."""
        return wilson(self.kept, self.due, confidence=confidence)

    def explain(self) -> Explanation:
        """Return how the rates come about, line by line."""
        return Explanation(
            (
                *(term(found.value, getattr(self, found.value), "tasks") for found in TaskOutcome),
                term("broken", self.broken, "tasks", "overdue + dropped"),
                term("due", self.due, "tasks", "kept + late + broken"),
                term("rate", self.rate, "", "kept / due"),
                term("rate_of_done", self.rate_of_done, "", "kept / (kept + late)"),
                term("completion", self.completion, "", "(kept + late) / due"),
            )
        )


def overdue(tasks: Iterable[Task], /, *, as_of: datetime) -> tuple[Task, ...]:
    """Return the tasks that are overdue, the longest overdue first; equal ones keep their order.

    Examples:
        >>> from crmcore import Task, TaskKind, elapsed, follow_ups, instant
        >>> tasks = [
        ...     Task(kind=TaskKind.CALL, due=instant(day), customer_id=customer)
        ...     for customer, day in [(7, "2026-02-03"), (8, "2026-02-01"), (9, "2026-02-20")]
        ... ]
        >>> today = instant("2026-02-10")
        >>> longest, *others = follow_ups.overdue(tasks, as_of=today)
        >>> longest.customer_id, elapsed(longest.due, today).days, len(others)
        (8, 9, 1)

    Args:
        tasks: The tasks, in any order.
        as_of: The reference date. What was done or cancelled later was overdue then.
    """
    moment = in_utc(checks.as_instant(as_of, "as_of"))
    found = [task for task in iterate_once(tasks, Task, "tasks") if find_outcome(task, moment) is TaskOutcome.OVERDUE]
    return tuple(sorted(found, key=_due))


def _due(task: Task) -> datetime:
    return in_utc(task.due)
