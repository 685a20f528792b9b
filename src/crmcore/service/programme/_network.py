"""The critical path: when each activity can start and must start, and what a delay moves."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, TypeVar

import attrs

from crmcore.model.task import Task, TaskKind
from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import EXACT, ZERO, plain_repr
from crmcore.primitives._results import Cell, Result
from crmcore.primitives._zones import find_instant, find_wall_time
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, UnknownNameError
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.periods import add_step, calendar_step, in_utc
from crmcore.primitives.rates import TimeUnit
from crmcore.primitives.record import SUM, number, several
from crmcore.service.programme._activities import Activity

__all__ = ["Schedule", "ScheduledActivity", "Slippage", "list_ancestors", "order", "schedule"]

_I = TypeVar("_I", bound=Id)  # a mapping is invariant in its keys


@attrs.frozen(kw_only=True)
class ScheduledActivity(Result):
    """One activity on the time axis of its plan, in days from the start of the plan.

    Examples:
        >>> from crmcore import Activity, programme
        >>> plan = programme.schedule([Activity(id="map", days=20), Activity(id="survey", days=30, after=["map"])])
        >>> survey = plan["survey"]
        >>> survey.earliest_start, survey.earliest_finish, survey.slack, survey.is_critical
        (Decimal('20'), Decimal('50'), Decimal('0'), True)

    Attributes:
        activity: The activity.
        earliest_start: The day on which it can start: all that it waits for is finished.
        latest_start: The day on which it must start, so that the plan does not end later.
        free_slack: How many days it may finish late without moving any other activity.
    """

    ratios = ("earliest_finish", "latest_finish", "slack", "is_critical")

    activity: Activity
    earliest_start: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)
    latest_start: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)
    free_slack: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)

    @property
    def earliest_finish(self) -> Decimal:
        """The day on which it can be finished."""
        return EXACT.add(self.earliest_start, self.activity.days)

    @property
    def latest_finish(self) -> Decimal:
        """The day on which it must be finished, so that the plan does not end later."""
        return EXACT.add(self.latest_start, self.activity.days)

    @property
    def slack(self) -> Decimal:
        """The total slack: how many days it may finish late, if nothing else does, without moving the end."""
        return EXACT.subtract(self.latest_start, self.earliest_start)

    @property
    def is_critical(self) -> bool:
        """Whether any delay of it delays the end of the plan: it has no slack."""
        return not self.slack

    def _list_cells(self) -> dict[str, Cell]:
        activity = self.activity
        phase = None if activity.phase is None else activity.phase.value
        first: dict[str, Cell] = {"activity": activity.label, "phase": phase, "days": activity.days}
        return first | super()._list_cells()


@attrs.frozen(kw_only=True)
class Slippage(Result):
    """What delays do to a plan: the plan computed anew with the longer durations.

    Examples:
        >>> from crmcore import Activity, programme
        >>> plan = programme.schedule([Activity(id="map", days=20), Activity(id="survey", days=30, after=["map"])])
        >>> found = plan.delayed({"map": 5})
        >>> found.planned_length, found.length, found.slip
        (Decimal('50'), Decimal('55'), Decimal('5'))
        >>> found.later
        (('map', Decimal('5')), ('survey', Decimal('5')))

    Attributes:
        planned_length: The length of the plan without the delays, in days.
        length: The length of the plan with them.
        later: How many days later each activity finishes, as pairs of its id and the days, in the order of the plan;
            only activities that move. The number is negative if an activity finishes earlier.
    """

    ratios = ("slip",)

    planned_length: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)
    length: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)
    later: tuple[tuple[Id, Annotated[Decimal, SUM]], ...] = attrs.field(default=(), converter=several)

    @property
    def slip(self) -> Decimal:
        """How many days later the plan ends."""
        return EXACT.subtract(self.length, self.planned_length)

    def _list_rows(self) -> Iterable[Mapping[str, object]]:
        return [{"activity": activity_id, "days_later": days} for activity_id, days in self.later]


@attrs.frozen(kw_only=True)
class Schedule(Result):
    """When each activity of a plan can start and must start.

    Examples:
        >>> from crmcore import Activity, programme
        >>> plan = programme.schedule([Activity(id="map", days=20), Activity(id="posters", days=5)])
        >>> plan.length, plan.critical, plan["posters"].slack
        (Decimal('20'), ('map',), Decimal('15'))

    Attributes:
        activities: The activities with their days, in the order of the plan.
    """

    ratios = ("length",)

    activities: tuple[ScheduledActivity, ...] = attrs.field(default=(), converter=several)

    def __iter__(self) -> Iterator[ScheduledActivity]:
        return iter(self.activities)

    def __len__(self) -> int:
        return len(self.activities)

    def __getitem__(self, activity_id: Id, /) -> ScheduledActivity:
        wanted = as_id(activity_id, "activity_id")
        for line in self.activities:
            if line.activity.id == wanted:
                return line
        raise UnknownNameError(
            "no_such_activity",
            f"activity_id must be that of an activity of the plan, got {show(wanted)}",
            field="activity_id",
            operands=(wanted,),
        )

    @property
    def length(self) -> Decimal:
        """The days from the start of the plan to its end; zero if it has no activities."""
        return max((line.earliest_finish for line in self.activities), default=ZERO)

    @property
    def critical(self) -> tuple[Id, ...]:
        """The ids of all activities without slack, in the order of the plan; several paths may be equally long."""
        return tuple(line.activity.id for line in self.activities if line.is_critical)

    def delayed(self, delays: Mapping[_I, Decimal | int | str], /) -> Slippage:
        """Return what delays do to the plan. Delays do not add up: each moves what waits for it, beyond its slack.

        Examples:
            >>> from crmcore import Activity, programme
            >>> plan = programme.schedule(
            ...     [
            ...         Activity(id="map", days=20),
            ...         Activity(id="documents", days=10),
            ...         Activity(id="survey", days=30, after=["map", "documents"]),
            ...     ]
            ... )
            >>> plan["documents"].slack, plan.delayed({"documents": 12}).slip
            (Decimal('10'), Decimal('2'))
            >>> plan.delayed({"documents": 12, "map": 3}).slip
            Decimal('3')

        Args:
            delays: How many days longer each of these activities takes; a negative number makes it shorter.

        Raises:
            UnknownNameError: A delay names an activity that is not in the plan.
            InvalidValueError: An activity would take less than no time.
        """
        checks.check_mapping(delays, "delays", "a number of days for each activity")
        longer: dict[Id, Decimal] = {
            activity_id: checks.as_exact(days, f"delays[{show(activity_id)}]") for activity_id, days in delays.items()
        }
        plan = [line.activity for line in self.activities]
        known = {activity.id for activity in plan}
        for activity_id in longer:
            if activity_id not in known:
                raise UnknownNameError(
                    "delay_of_no_activity",
                    f"delays must name activities of the plan, got {show(activity_id)}",
                    field="delays",
                    record=activity_id,
                    operands=(activity_id,),
                )
        anew = [_take_longer(activity, longer.get(activity.id, ZERO)) for activity in plan]
        after = schedule(anew)
        moved = (
            (line.activity.id, EXACT.subtract(other.earliest_finish, line.earliest_finish))
            for line, other in zip(self.activities, after.activities, strict=True)
        )
        return Slippage(
            planned_length=self.length,
            length=after.length,
            later=((activity_id, days) for activity_id, days in moved if days),
        )

    def dates(self, start: datetime, /) -> tuple[tuple[datetime, datetime], ...]:
        """Return for each activity the instants at which it can start and be finished, in the zone of `start`.

        Whole days are days of the calendar in that zone; a part of a day is a part of 24 hours.

        Examples:
            >>> from crmcore import Activity, instant, programme
            >>> plan = programme.schedule([Activity(id="map", days=20), Activity(id="survey", days=30, after=["map"])])
            >>> [ends.date().isoformat() for _, ends in plan.dates(instant("2026-03-02"))]
            ['2026-03-22', '2026-04-21']

        Args:
            start: When the plan starts.

        Raises:
            InvalidValueError: The plan ends after the calendar.
        """
        checks.as_instant(start, "start")
        return tuple(
            (_find_date(start, line.earliest_start), _find_date(start, line.earliest_finish))
            for line in self.activities
        )

    def tasks(self, start: datetime, /) -> tuple[Task, ...]:
        """Return a task for each activity, due at its earliest finish as `dates` has it, for its owner.

        Examples:
            >>> from crmcore import Activity, instant, programme
            >>> plan = programme.schedule([Activity(id="map", days=20, owner_id="vera")])
            >>> [(task.about_id, task.due.date().isoformat()) for task in plan.tasks(instant("2026-03-02"))]
            [('map', '2026-03-22')]

        Args:
            start: When the plan starts.

        Raises:
            InvalidValueError: The plan ends after the calendar.
        """
        return tuple(
            Task(
                kind=TaskKind.DELIVERABLE,
                due=in_utc(finish),
                owner_id=line.activity.owner_id,
                about_id=line.activity.id,
            )
            for line, (_, finish) in zip(self.activities, self.dates(start), strict=True)
        )

    def _list_rows(self) -> Iterable[Mapping[str, object]]:
        return [line.row() for line in self.activities]


def schedule(activities: Iterable[Activity], /) -> Schedule:
    """Return when each activity of a plan can start and must start, and which activities are critical.

    Examples:
        >>> from crmcore import Activity, programme
        >>> plan = programme.schedule(
        ...     [
        ...         Activity(id="map", days=20),
        ...         Activity(id="documents", days=10),
        ...         Activity(id="survey", days=30, after=["map", "documents"]),
        ...         Activity(id="posters", days=5, after=["documents"]),
        ...     ]
        ... )
        >>> plan.length, plan.critical
        (Decimal('50'), ('map', 'survey'))
        >>> [(line.activity.id, int(line.slack), int(line.free_slack)) for line in plan]
        [('map', 0, 0), ('documents', 10, 0), ('survey', 0, 0), ('posters', 35, 35)]

    An activity starts as soon as all that it waits for is finished. An activity for which nothing waits may finish
    when the whole plan does.

    Args:
        activities: The activities of the plan, in any order. One that is given twice counts once.

    Raises:
        UnknownNameError: An activity waits for one that is not in the plan.
        InvalidValueError: Activities wait for each other in a circle.

    Source: Kelley and Walker 1959, Proceedings of the Eastern Joint Computer Conference 16:160-173 (forward and
    backward pass, total and free slack).
    """
    plan = [*iterate_once(activities, Activity, "activities")]
    ordered = order(plan)
    starts: dict[Id, Decimal] = {}
    finishes: dict[Id, Decimal] = {}
    for activity in ordered:
        starts[activity.id] = max((finishes[name] for name in activity.after), default=ZERO)
        finishes[activity.id] = EXACT.add(starts[activity.id], activity.days)
    end = max(finishes.values(), default=ZERO)
    latest = dict.fromkeys(finishes, end)  # finish
    moving = dict.fromkeys(finishes, end)  # the earliest start of what waits for it
    for activity in reversed(ordered):
        must_start = EXACT.subtract(latest[activity.id], activity.days)
        for name in activity.after:
            latest[name] = min(latest[name], must_start)
            moving[name] = min(moving[name], starts[activity.id])
    return Schedule(
        activities=(
            ScheduledActivity(
                activity=activity,
                earliest_start=starts[activity.id],
                latest_start=EXACT.subtract(latest[activity.id], activity.days),
                free_slack=EXACT.subtract(moving[activity.id], finishes[activity.id]),
            )
            for activity in plan
        )
    )


def order(activities: Sequence[Activity]) -> list[Activity]:
    """Return activities so that each comes after those it waits for (Kahn's algorithm)."""
    checks.check_unique([activity.id for activity in activities], "activities", "an id")
    by_id = {activity.id: activity for activity in activities}
    waiting: dict[Id, list[Activity]] = {activity_id: [] for activity_id in by_id}
    open_for = {activity.id: len(activity.after) for activity in activities}
    for place, activity in enumerate(activities):
        for name in activity.after:
            if name not in by_id:
                raise UnknownNameError(
                    "after_no_activity",
                    f"activities must wait for activities of the plan, got {show(name)}",
                    field="activities",
                    record=place,
                    operands=(name,),
                )
            waiting[name].append(activity)
    ordered = [activity for activity in activities if not activity.after]
    for activity in ordered:  # it grows meanwhile
        for follower in waiting[activity.id]:
            open_for[follower.id] -= 1
            if not open_for[follower.id]:
                ordered.append(follower)
    if len(ordered) < len(activities):
        circle = _find_circle(by_id, [activity_id for activity_id, count in open_for.items() if count])
        raise InvalidValueError(
            "activities_in_a_circle",
            f"activities must not wait for each other, got {' after '.join(map(show, circle))}",
            field="activities",
            advice="remove one of these from `after`",
            operands=tuple(circle),
        )
    return ordered


def _find_circle(by_id: Mapping[Id, Activity], stuck: list[Id]) -> list[Id]:
    """Return a circle among activities each of which waits for another one of them; it ends where it begins."""
    among = dict.fromkeys(stuck)
    path: dict[Id, None] = {}
    place = stuck[0]
    while place not in path:
        path[place] = None
        place = next(name for name in by_id[place].after if name in among)
    names = [*path]
    return [*names[names.index(place) :], place]


def list_ancestors(activities: Sequence[Activity], activity_id: Id) -> dict[Id, None]:
    """Return all activities that must be finished before one starts, directly or not."""
    by_id = {activity.id: activity for activity in activities}
    found: dict[Id, None] = {}
    left = [activity_id]
    while left:
        for name in by_id[left.pop()].after:
            if name not in found:
                found[name] = None
                left.append(name)
    return found


def _take_longer(activity: Activity, days: Decimal) -> Activity:
    total = EXACT.add(activity.days, days)
    if total < 0:
        raise InvalidValueError(
            "shorter_than_no_time",
            f"delays must leave each activity at least 0 days, got {show(days)} for {show(activity.days)}",
            field="delays",
            record=activity.id,
            operands=(days, activity.days),
        )
    return attrs.evolve(activity, days=total)


def _find_date(start: datetime, days: Decimal) -> datetime:
    whole = int(days)
    rest = EXACT.multiply(EXACT.subtract(days, whole), _clock.MICROSECONDS_A_DAY)
    there: datetime | None = start
    if whole:
        wall = add_step(start.replace(fold=0), calendar_step(TimeUnit.DAY, whole))
        there = None if wall is None else find_instant(wall, "start")
    moved = None if there is None else _clock.add(in_utc(there), timedelta(microseconds=int(rest)))
    found = None if moved is None else find_wall_time(moved, start.tzinfo or UTC, "start")
    if found is None:
        raise InvalidValueError(
            "plan_beyond_calendar",
            f"start must leave time for the plan before the year 10000, got {show(start)}",
            field="start",
            operands=(start,),
        )
    return found
