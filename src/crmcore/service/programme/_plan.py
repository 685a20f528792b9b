"""The programme: its goal, its horizon, who is responsible, and its plan."""

from datetime import UTC, tzinfo

import attrs

from crmcore.primitives import checks
from crmcore.primitives._zones import find_instant, find_wall_time
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import Period, add_step, calendar_step, in_utc
from crmcore.primitives.rates import TimeUnit
from crmcore.primitives.record import Name, Record, several
from crmcore.primitives.recurrence import Recurrence
from crmcore.service.programme._activities import Activity, ProgrammePhase
from crmcore.service.programme._network import Schedule, order, schedule

__all__ = ["Programme", "reaches"]


@attrs.frozen(kw_only=True)
class Programme(Record):
    """A programme with one goal, a horizon, a responsible person, a plan and regular meetings.

    Examples:
        >>> from crmcore import Activity, Deliverable, Period, Programme, ProgrammePhase, instant
        >>> programme = Programme(
        ...     goal="Customers come back because of how we treat them.",
        ...     horizon=Period(instant("2026-03-01"), instant("2028-03-01")),
        ...     responsible_id="vera",
        ...     activities=[
        ...         Activity(id="map", days=20, deliverable=Deliverable.TOUCHPOINTS),
        ...         Activity(id="survey", days=30, after=["map"], deliverable=Deliverable.SATISFACTION),
        ...     ],
        ... )
        >>> [activity.id for activity in programme.in_phase(ProgrammePhase.ASSESSMENT)]
        ['map', 'survey']

    `programme.lint` says what a programme lacks.

    Attributes:
        goal: The goal, in words.
        horizon: The time in which the goal is to be reached, half-open.
        responsible_id: The employee who is responsible; None if there is none yet.
        activities: The plan. Each activity has an id of its own and waits only for activities of the plan.
        meetings: When the responsible person and the head of the company meet; None if they do not.

    Raises:
        InvalidValueError: Activities wait for each other in a circle.
        UnknownNameError: An activity waits for one that is not in the plan.
    """

    goal: Name
    horizon: Period
    responsible_id: Id | None = None
    activities: tuple[Activity, ...] = attrs.field(default=(), converter=several)
    meetings: Recurrence | None = None

    def _check(self) -> None:
        super()._check()
        order(self.activities)

    def in_phase(self, phase: ProgrammePhase, /) -> tuple[Activity, ...]:
        """Return the activities of a phase, in the order of the plan."""
        wanted = checks.as_member(phase, ProgrammePhase, "phase")
        return tuple(activity for activity in self.activities if activity.phase is wanted)

    @property
    def schedule(self) -> Schedule:
        """When each activity can start and must start, and which of them are critical."""
        return schedule(self.activities)


def reaches(horizon: Period, /, *, months: int = 24, tz: tzinfo = UTC) -> bool:
    """Return whether a horizon lasts at least so many calendar months from its start.

    Examples:
        >>> from crmcore import Period, instant, programme
        >>> [programme.reaches(Period(instant("2026-03-01"), instant(end))) for end in ("2028-02-29", "2028-03-01")]
        [False, True]

    If the month is too short for the day of the start, it ends with its last day.

    Args:
        horizon: The horizon, half-open.
        months: The least number of months, >= 1. The default is the advice of the source articles, not a measurement.
        tz: The zone of the calendar.

    Source: the source articles, see why.md ("at least two years, not three months").
    """
    zone = checks.as_zone(tz)
    checks.as_instance(horizon, Period, "horizon")
    least = checks.as_count(months, "months", least=1)
    start = find_wall_time(in_utc(horizon.start), zone)
    if start is None:
        raise InvalidValueError(
            "horizon_beyond_calendar",
            f"horizon must start in the calendar of tz, got {show(horizon.start)}",
            field="horizon",
            operands=(horizon.start,),
        )
    wall = add_step(start.replace(fold=0), calendar_step(TimeUnit.MONTH, least))
    end = None if wall is None else find_instant(wall)
    return end is not None and in_utc(horizon.end) >= in_utc(end)  # None past the year 9999, where no horizon ends
