"""The clock of a piece of feedback: how long it ran and stood still, and when a target is due."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

import attrs

from crmcore.model.feedback import CaseState, Feedback
from crmcore.primitives import _clock, checks
from crmcore.primitives._results import Result
from crmcore.primitives.ids import Id
from crmcore.primitives.opening_hours import OpeningHours
from crmcore.primitives.periods import by_utc
from crmcore.primitives.record import WAIT
from crmcore.voice.handling._cases import (
    AWAITING,
    Span,
    as_case,
    as_hours,
    as_paused,
    count,
    list_spans,
)

__all__ = ["CaseClock", "ClockState", "Due", "clock", "due"]


class ClockState(StrEnum):
    """Whether a clock runs.

    Attributes:
        RUNNING: It runs, in opening hours.
        PAUSED: It stands still until somebody else does something, usually the customer.
        STOPPED: It stands still because the feedback is resolved or closed.
    """

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


@attrs.frozen(kw_only=True)
class CaseClock(Result):
    """How long the clock of a piece of feedback ran, paused and was stopped, up to a reference date.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore.voice.handling import CaseClock, ClockState
        >>> hour = timedelta(hours=1)
        >>> CaseClock(state=ClockState.PAUSED, running=2.5 * hour, paused=hour, stopped=0 * hour).running_hours
        Decimal('2.5')

    Attributes:
        state: Whether it runs at the reference date.
        running: The time in which it ran.
        paused: The time in which it paused.
        stopped: The time in which the feedback was resolved or closed.
        feedback_id: The id of the feedback; None if it has none.
    """

    ratios = ("running_hours", "paused_hours", "stopped_hours")

    state: ClockState
    running: Annotated[timedelta, WAIT]
    paused: Annotated[timedelta, WAIT]
    stopped: Annotated[timedelta, WAIT]
    feedback_id: Id | None = None

    @property
    def running_hours(self) -> Decimal:
        """The time in which it ran, in hours, to 34 digits."""
        return _clock.hours(self.running)

    @property
    def paused_hours(self) -> Decimal:
        """The time in which it paused, in hours, to 34 digits."""
        return _clock.hours(self.paused)

    @property
    def stopped_hours(self) -> Decimal:
        """The time in which the feedback was resolved or closed, in hours, to 34 digits."""
        return _clock.hours(self.stopped)


def clock(
    feedback: Feedback,
    /,
    *,
    as_of: datetime,
    hours: OpeningHours | None = None,
    paused_in: Iterable[CaseState] = AWAITING,
) -> CaseClock:
    """Read the clock of a piece of feedback: the open time in states that run, that pause and that stop it.

    Examples:
        >>> from crmcore import CaseState, Feedback, FeedbackKind, handling, instant
        >>> problem = Feedback(kind=FeedbackKind.PROBLEM, received_at=instant("2026-03-02T09:00"))
        >>> problem = problem.entered(CaseState.WAITING_ON_CUSTOMER, instant("2026-03-02T10:00"))
        >>> problem = problem.entered(CaseState.OPEN, instant("2026-03-02T15:00"))
        >>> read = handling.clock(problem, as_of=instant("2026-03-02T15:30"))
        >>> read.state.value, read.running_hours, read.paused_hours
        ('running', Decimal('1.5'), Decimal('5'))

    Args:
        feedback: The feedback. Until the first state in its history it is new, and the clock runs.
        as_of: The reference date; what happened later has not happened yet.
        hours: The opening hours in which time counts, those that held; all hours if there are none.
        paused_in: The states in which the clock stands still; by default those in which the company waits for the
            customer.

    Raises:
        InvalidValueError: The feedback was received after `as_of`, or it is resolved or closed in a paused state.
    """
    case, reference = as_case(feedback, as_of)
    calendar, paused = as_hours(hours), as_paused(paused_in)
    lengths = dict.fromkeys(ClockState, _clock.NO_TIME)
    spans = list_spans(case, reference)
    for span in spans:
        lengths[_find_state(span, paused)] += count(calendar, span.start, span.end)
    return CaseClock(
        state=_find_state(spans[-1], paused),
        running=lengths[ClockState.RUNNING],
        paused=lengths[ClockState.PAUSED],
        stopped=lengths[ClockState.STOPPED],
        feedback_id=case.id,
    )


def _find_state(span: Span, paused: frozenset[CaseState]) -> ClockState:
    if span.state.is_over:
        return ClockState.STOPPED
    return ClockState.PAUSED if span.state in paused else ClockState.RUNNING


@attrs.frozen(kw_only=True)
class Due(Result):
    """When a target is or was reached, or the statement that the clock stands still.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore.voice.handling import ClockState, Due
        >>> waiting = Due(state=ClockState.PAUSED, used=timedelta(hours=14), target=timedelta(hours=16))
        >>> waiting.stands_still, waiting.is_over_target
        (True, False)

    Attributes:
        state: Whether the clock runs at the reference date.
        used: The time on the clock until then.
        target: The time that the company has.
        at: The first instant, in UTC, at which the clock shows the target; None while it stands still before that.
        feedback_id: The id of the feedback; None if it has none.
    """

    ratios = ("stands_still", "is_over_target")

    state: ClockState
    used: Annotated[timedelta, WAIT]
    target: Annotated[timedelta, WAIT]
    at: datetime | None = attrs.field(default=None, eq=by_utc)
    feedback_id: Id | None = None

    @property
    def stands_still(self) -> bool:
        """Whether nothing is due, because the clock stands still and the target is not reached."""
        return self.at is None

    @property
    def is_over_target(self) -> bool:
        """Whether more time was used than the target; the target itself is in time."""
        return self.used > self.target


def due(
    feedback: Feedback,
    target: timedelta,
    /,
    *,
    as_of: datetime,
    hours: OpeningHours | None = None,
    paused_in: Iterable[CaseState] = AWAITING,
) -> Due:
    """Return when a resolution is due, given the pauses so far, or that the clock stands still.

    Due at closing time is due then and not at the next opening. The pauses are taken from the clock: they are not added
    to the receipt, which would count nights and holidays in them as working time.

    Nothing stops the clock of the first answer: it is due at `OpeningHours.due` of the receipt and its target.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import CaseState, Feedback, FeedbackKind, handling, instant
        >>> problem = Feedback(kind=FeedbackKind.PROBLEM, received_at=instant("2026-03-02T09:00"))
        >>> problem = problem.entered(CaseState.WAITING_ON_CUSTOMER, instant("2026-03-02T10:00"))
        >>> handling.due(problem, timedelta(hours=4), as_of=instant("2026-03-02T12:00")).stands_still
        True
        >>> problem = problem.entered(CaseState.OPEN, instant("2026-03-02T15:00"))
        >>> handling.due(problem, timedelta(hours=4), as_of=instant("2026-03-02T16:00")).at.isoformat()
        '2026-03-02T18:00:00+00:00'

    Args:
        feedback: The feedback. Until the first state in its history it is new, and the clock runs.
        target: The time that the company has, >= 0.
        as_of: The reference date; what happened later has not happened yet.
        hours: The opening hours in which time counts; all hours if there are none.
        paused_in: The states in which the clock stands still; by default those in which the company waits for the
            customer.

    Raises:
        InvalidValueError: The feedback was received after `as_of`, it is resolved or closed in a paused state, or the
            target is not reached before the year 10000.
    """
    case, reference = as_case(feedback, as_of)
    wanted = checks.as_wait(target, "target")
    calendar, paused = as_hours(hours), as_paused(paused_in)
    spans = list_spans(case, reference)
    used, reached = _clock.NO_TIME, None if wanted else spans[0].start
    for span in spans:
        if _find_state(span, paused) is not ClockState.RUNNING:
            continue
        left, length = wanted - used, count(calendar, span.start, span.end)
        if reached is None and left <= length:
            reached = _add(calendar, span.start, left)
        used += length
    state = _find_state(spans[-1], paused)
    if reached is None and state is ClockState.RUNNING:
        reached = _add(calendar, reference, wanted - used)
    return Due(state=state, used=used, target=wanted, at=reached, feedback_id=case.id)


def _add(hours: OpeningHours | None, start: datetime, length: timedelta) -> datetime:
    if hours is None and length <= _clock.LATEST - start:
        return start + length
    return (_ALL_HOURS if hours is None else hours).due(start, length)


_DAY: Final = (("00:00", "24:00"),)
_ALL_HOURS: Final = OpeningHours(
    zone=UTC, monday=_DAY, tuesday=_DAY, wednesday=_DAY, thursday=_DAY, friday=_DAY, saturday=_DAY, sunday=_DAY
)
