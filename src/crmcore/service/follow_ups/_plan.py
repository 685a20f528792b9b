"""What all planners share: local hours, days off the weekend, and that nothing is planned twice."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, tzinfo
from enum import StrEnum
from typing import Any, Final

import attrs

from crmcore.model.task import Task, TaskKind
from crmcore.primitives import _clock, checks
from crmcore.primitives._wall_times import as_wall_time
from crmcore.primitives._zones import find_instant, find_wall_time
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.record import Label

__all__ = ["WeekendRule"]

_A_WEEK: Final = 7
_SATURDAY: Final = 5
_REACH: Final = 4
"""A due instant lies at most so many days from its date in UTC: two for an offset, two for a weekend."""
MOST_DAYS: Final = 36_525
_LAST_DAY: Final = date.max.toordinal()

Key = tuple[object, ...]
Steps = Mapping[TaskKind, int] | Mapping[str, int]


class WeekendRule(StrEnum):
    """What happens to a day that falls on a Saturday or a Sunday. The hour on the clock stays.

    Attributes:
        KEEP: It stays where it is.
        BEFORE: It moves to the Friday before.
        AFTER: It moves to the Monday after.
    """

    KEEP = "keep"
    BEFORE = "before"
    AFTER = "after"


@attrs.frozen
class Days:
    """The calendar of a zone, and what happens to weekends."""

    zone: tzinfo
    weekend: WeekendRule

    @classmethod
    def read(cls, tz: tzinfo, weekend: WeekendRule) -> "Days":
        """Return them from the arguments of a planner."""
        return cls(checks.as_zone(tz), checks.as_member(weekend, WeekendRule, "weekend"))

    def move(self, day: int) -> int:
        """Return the ordinal of a day, moved off the weekend if that is asked."""
        past = (day - 1) % _A_WEEK - _SATURDAY  # the ordinal 1 is a Monday
        if past < 0 or self.weekend is WeekendRule.KEEP:
            return day
        return day - past - 1 if self.weekend is WeekendRule.BEFORE else day + 2 - past

    def shift(self, at: datetime, days: int) -> datetime | None:
        """Return the instant so many days later at the same time on the clock; None if the calendar ends first."""
        wall = find_wall_time(in_utc(at), self.zone)
        if wall is None:
            return None
        day = self.move(wall.toordinal() + days)
        return in_utc(at) if day == wall.toordinal() else self.find(day, wall.time())

    def find(self, day: int, hour: time) -> datetime | None:
        """Return the instant of a time on the clock on a day; None if UTC cannot express it."""
        if not 1 <= day <= _LAST_DAY:
            return None
        found = find_instant(datetime.combine(date.fromordinal(day), hour, self.zone).replace(fold=0))
        return None if found is None else in_utc(found)


class Plan:
    """The tasks that are planned, without those that already were."""

    def __init__(self, already: Iterable[Task], period: Period | None = None) -> None:
        self.period = period
        self.start = _clock.EARLIEST if period is None else in_utc(period.start)
        self.end = _clock.LATEST if period is None else in_utc(period.end)
        self._days = range(self.start.toordinal() - _REACH, self.end.toordinal() + _REACH + 1)
        self._tasks: list[Task] = []
        self.already = list(checks.iterate_records(already, Task, "already"))
        self._known: set[Key] = {
            _identify(task.kind, task.customer_id, task.about_id, task.due) for task in self.already
        }

    @classmethod
    def within(cls, period: Period, already: Iterable[Task]) -> "Plan":
        """Return a plan of tasks that are due in a period."""
        return cls(already, checks.as_instance(period, Period, "period"))

    def is_near(self, at: datetime, days: int) -> bool:
        """Return whether so many days after an instant may lie in the period; a cheap test before the exact one."""
        return in_utc(at).toordinal() + days in self._days

    def add(
        self,
        kind: Label[TaskKind],
        due: datetime | None,
        customer_id: Id | None,
        about_id: Id | None,
        **fields: Any,  # noqa: ANN401 - other fields of a task
    ) -> None:
        """Plan a task, unless it is not due in the period or was planned before."""
        if due is None or not (self.start <= due < self.end or (self.period is None and due == self.end)):
            return
        key = _identify(kind, customer_id, about_id, due)
        if key not in self._known:
            self._known.add(key)
            self._tasks.append(Task(kind=kind, due=due, customer_id=customer_id, about_id=about_id, **fields))

    def finish(self) -> tuple[Task, ...]:
        """Return what was planned, in order of the due instants."""
        return tuple(sorted(self._tasks, key=_due))


def _due(task: Task) -> datetime:
    return task.due


def _identify(kind: Label[TaskKind], customer_id: Id | None, about_id: Id | None, due: datetime) -> Key:
    """Return what a task is known by: its kind, its customer and what it is about; without that, when it is due."""
    return (kind, customer_id, about_id) if about_id is not None else (kind, customer_id, None, in_utc(due))


def as_steps(steps: Steps, *, least: int = 0) -> dict[Label[TaskKind], int]:
    """Return the kinds of tasks and after how many days each is due."""
    checks.check_mapping(steps, "steps", "kinds of tasks to days")
    read: dict[Label[TaskKind], int] = {}
    for kind, days in steps.items():
        label = checks.as_label(kind, TaskKind, "steps")
        read[label] = checks.as_whole(days, f"steps[{label}]", least, MOST_DAYS)
    if not read:
        raise InvalidValueError("no_steps", "steps must not be empty", field="steps")
    return read


def as_days(days: int) -> int:
    """Return after how many days something is due."""
    return checks.as_whole(days, "days", 0, MOST_DAYS)


def as_hour(hour: str | time) -> time:
    """Return a time on the clock."""
    return time.fromisoformat(as_wall_time(hour, "hour"))


def as_optional_id(value: Id | None, name: str) -> Id | None:
    """Return an id or None."""
    return None if value is None else as_id(value, name)
