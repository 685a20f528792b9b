"""How long customers wait: for the first response, for the next one, and until the matter is resolved."""

from collections.abc import Hashable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final

import attrs

from crmcore.model.feedback import Actor, CaseState, Feedback
from crmcore.primitives import _clock, checks
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.ids import Id
from crmcore.primitives.opening_hours import OpeningHours
from crmcore.primitives.periods import by_utc, in_utc
from crmcore.primitives.record import WAIT, Name
from crmcore.voice.handling._cases import (
    AWAITING,
    Span,
    as_case,
    as_hours,
    as_paused,
    count,
    list_entries,
    list_spans,
)

__all__ = [
    "ResolutionReading",
    "Wait",
    "WaitStart",
    "first_response",
    "next_responses",
    "reopenings",
    "resolution",
]


class WaitStart(StrEnum):
    """From when a wait for an answer counts. The readings differ in value, and help desks use all of them.

    Attributes:
        RECEIPT: From the receipt of the feedback.
        LAST_REOPENING: From the last time before the first answer at which resolved or closed feedback was opened
            again; from the receipt if it never was.
        FIRST_UNANSWERED: From the first message of the customer since the last answer.
        LAST_UNANSWERED: From the last message of the customer before the answer.
    """

    RECEIPT = "receipt"
    LAST_REOPENING = "last_reopening"
    FIRST_UNANSWERED = "first_unanswered"
    LAST_UNANSWERED = "last_unanswered"


class ResolutionReading(StrEnum):
    """Which time a time to resolution is. The readings differ in value if feedback was opened again or paused.

    Attributes:
        FIRST: From the receipt to the first resolution, whatever happened later.
        FULL: From the receipt to the last resolution. It has not ended while the feedback is open again.
        NET: The full time without the time in which it was resolved or closed.
        ON_CLOCK: The net time without the pauses: what the company took.
    """

    FIRST = "first"
    FULL = "full"
    NET = "net"
    ON_CLOCK = "on_clock"


@attrs.frozen(kw_only=True)
class Wait(Result):
    """A time that a customer waited, or still waits at the reference date.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import instant
        >>> from crmcore.voice.handling import Wait
        >>> wait = Wait(started_at=instant("2026-03-02T09:00"), length=timedelta(minutes=90))
        >>> wait.hours, wait.ended
        (Decimal('1.5'), False)

    Attributes:
        started_at: When it began.
        length: How long it lasted, or has lasted so far; open time, if it was counted in opening hours.
        ended_at: When it ended; None if it still lasts.
        feedback_id: The id of the feedback; None if it has none.
        measure: What the customer waited for, such as ``first_response``, ``next_response 2`` or ``resolution net``. A
            piece of feedback has one wait of each measure, so that a wait that is given twice counts once. None if it
            is not known; then waits that are equal in everything are one wait.

    Raises:
        InvalidValueError: It ends before it begins.
    """

    ratios = ("ended", "hours")

    started_at: datetime = attrs.field(eq=by_utc)
    length: Annotated[timedelta, WAIT]
    ended_at: datetime | None = attrs.field(default=None, eq=by_utc)
    feedback_id: Id | None = None
    measure: Name | None = None

    def _check(self) -> None:
        super()._check()
        if self.ended_at is not None and in_utc(self.ended_at) < in_utc(self.started_at):
            raise InvalidValueError(
                "wait_ends_before_it_begins",
                f"ended_at must not be before started_at, got {show(self.ended_at)} and {show(self.started_at)}",
                field="ended_at",
                operands=(self.ended_at, self.started_at),
            )

    @property
    def ended(self) -> bool:
        """Whether the wait is over."""
        return self.ended_at is not None

    @property
    def hours(self) -> Decimal:
        """The length in hours, to 34 digits."""
        return _clock.hours(self.length)


def first_response(
    feedback: Feedback,
    /,
    *,
    as_of: datetime,
    hours: OpeningHours | None = None,
    count_bots: bool = False,
    since: WaitStart = WaitStart.RECEIPT,
) -> Wait:
    """Return how long the customer waited for the first answer of the company, or has waited so far.

    An answer is a message of an employee in the history, and one of a bot only if you say so. What the system or the
    customer writes is no answer. The answer at `answered_at` counts as a message of an employee.

    Examples:
        >>> from crmcore import Actor, CaseState, Feedback, FeedbackKind, handling, instant
        >>> question = Feedback(
        ...     kind=FeedbackKind.QUESTION,
        ...     received_at=instant("2026-02-02T09:00"),
        ...     history=[
        ...         (CaseState.MESSAGE, instant("2026-02-02T09:00:03"), Actor.BOT),
        ...         (CaseState.MESSAGE, instant("2026-02-02T09:01"), Actor.SYSTEM),
        ...         (CaseState.MESSAGE, instant("2026-02-02T10:30"), Actor.EMPLOYEE),
        ...     ],
        ... )
        >>> handling.first_response(question, as_of=instant("2026-02-03")).hours
        Decimal('1.5')
        >>> handling.first_response(question, as_of=instant("2026-02-03"), count_bots=True).length.seconds
        3

    Args:
        feedback: The feedback.
        as_of: The reference date; what happened later has not happened yet.
        hours: The opening hours in which the wait counts; all hours if there are none.
        count_bots: Whether a message of a bot is an answer.
        since: `WaitStart.RECEIPT` or `WaitStart.LAST_REOPENING`.

    Raises:
        InvalidValueError: The feedback was received after `as_of`, or `since` is a start of a later response.
    """
    case, reference = as_case(feedback, as_of)
    calendar = as_hours(hours)
    start = _as_start(since, (WaitStart.RECEIPT, WaitStart.LAST_REOPENING))
    answering = _find_answering(count_bots)
    began, ended, is_over = in_utc(case.received_at), None, False
    for state, at, by in list_entries(case, reference):
        if state is not CaseState.MESSAGE:
            if is_over and not state.is_over and start is WaitStart.LAST_REOPENING:
                began = at
            is_over = state.is_over
        elif by in answering:
            ended = at
            break
    return _build_wait(case, "first_response", began, ended, reference, calendar)


def next_responses(
    feedback: Feedback,
    /,
    *,
    as_of: datetime,
    since: WaitStart,
    hours: OpeningHours | None = None,
    count_bots: bool = False,
) -> tuple[Wait, ...]:
    """Return how long the customer waited for each answer after the first one; the last wait may still go on.

    Whatever the customer does in the history asks for an answer: they write, or they open the feedback again. What they
    do not ask for needs no answer: a resolution ends a wait without one, and it is left out.

    Examples:
        >>> from crmcore import Actor, CaseState, Feedback, FeedbackKind, handling, instant
        >>> from crmcore.voice.handling import WaitStart
        >>> talk = [("09:00", "customer"), ("10:00", "employee"), ("11:00", "customer"), ("13:00", "customer")]
        >>> problem = Feedback(
        ...     kind=FeedbackKind.PROBLEM,
        ...     received_at=instant("2026-02-02T09:00"),
        ...     history=[(CaseState.MESSAGE, instant(f"2026-02-02T{at}"), Actor(by)) for at, by in talk],
        ... )
        >>> [
        ...     wait.hours
        ...     for since in (WaitStart.FIRST_UNANSWERED, WaitStart.LAST_UNANSWERED)
        ...     for wait in handling.next_responses(problem, as_of=instant("2026-02-02T16:00"), since=since)
        ... ]
        [Decimal('5'), Decimal('3')]

    Args:
        feedback: The feedback.
        as_of: The reference date; what happened later has not happened yet.
        since: `WaitStart.FIRST_UNANSWERED` or `WaitStart.LAST_UNANSWERED`.
        hours: The opening hours in which the waits count; all hours if there are none.
        count_bots: Whether a message of a bot is an answer.

    Raises:
        InvalidValueError: The feedback was received after `as_of`, or `since` is a start of a first response.
    """
    case, reference = as_case(feedback, as_of)
    calendar = as_hours(hours)
    start = _as_start(since, (WaitStart.FIRST_UNANSWERED, WaitStart.LAST_UNANSWERED))
    answering = _find_answering(count_bots)
    answered, asked = False, None
    waits: list[Wait] = []
    for state, at, by in list_entries(case, reference):
        if state is CaseState.MESSAGE and by in answering:
            if asked is not None:
                waits.append(_build_wait(case, _name_next(waits), asked, at, reference, calendar))
            answered, asked = True, None
        elif state.is_over:
            asked = None
        elif by is Actor.CUSTOMER and answered and (asked is None or start is WaitStart.LAST_UNANSWERED):
            asked = at
    if asked is not None:
        waits.append(_build_wait(case, _name_next(waits), asked, None, reference, calendar))
    return tuple(waits)


def resolution(
    feedback: Feedback,
    reading: ResolutionReading,
    /,
    *,
    as_of: datetime,
    hours: OpeningHours | None = None,
    paused_in: Iterable[CaseState] = AWAITING,
) -> Wait:
    """Return the time until the feedback was resolved or closed, or the time so far, by a named reading.

    Examples:
        >>> from crmcore import CaseState, Feedback, FeedbackKind, handling, instant
        >>> from crmcore.voice.handling import ResolutionReading
        >>> problem = Feedback(kind=FeedbackKind.PROBLEM, received_at=instant("2026-02-02T09:00"))
        >>> problem = problem.entered(CaseState.RESOLVED, instant("2026-02-02T12:00"))
        >>> problem = problem.entered(CaseState.OPEN, instant("2026-02-04T12:00"))
        >>> problem = problem.entered(CaseState.RESOLVED, instant("2026-02-04T14:00"))
        >>> {
        ...     reading.value: str(handling.resolution(problem, reading, as_of=instant("2026-02-10")).hours)
        ...     for reading in ResolutionReading
        ... }
        {'first': '3', 'full': '53', 'net': '5', 'on_clock': '5'}

    Args:
        feedback: The feedback.
        reading: Which time counts.
        as_of: The reference date; what happened later has not happened yet.
        hours: The opening hours in which the time counts; all hours if there are none.
        paused_in: The states that `ResolutionReading.ON_CLOCK` leaves out; by default those in which the company waits
            for the customer.

    Raises:
        InvalidValueError: The feedback was received after `as_of`, or it is resolved or closed in a paused state.
    """
    case, reference = as_case(feedback, as_of)
    wanted = checks.as_member(reading, ResolutionReading, "reading")
    calendar, paused = as_hours(hours), as_paused(paused_in)
    spans = list_spans(case, reference)
    began, ended, measure = spans[0].start, _find_end(spans, wanted), f"resolution {wanted.value}"
    if wanted in (ResolutionReading.FIRST, ResolutionReading.FULL):
        return _build_wait(case, measure, began, ended, reference, calendar)
    left_out = paused if wanted is ResolutionReading.ON_CLOCK else frozenset[CaseState]()
    length = sum(
        (count(calendar, start, end) for state, start, end in spans if not state.is_over and state not in left_out),
        _clock.NO_TIME,
    )
    return Wait(started_at=began, ended_at=ended, length=length, feedback_id=case.id, measure=measure)


def reopenings(feedback: Feedback, /, *, as_of: datetime) -> int:
    """Count how often resolved or closed feedback was opened again.

    Examples:
        >>> from crmcore import CaseState, Feedback, FeedbackKind, handling, instant
        >>> problem = Feedback(kind=FeedbackKind.PROBLEM, received_at=instant("2026-02-02T09:00"))
        >>> for day, state in enumerate((CaseState.RESOLVED, CaseState.OPEN, CaseState.CLOSED), 3):
        ...     problem = problem.entered(state, instant(f"2026-02-0{day}"))
        >>> handling.reopenings(problem, as_of=instant("2026-02-10"))
        1

    Args:
        feedback: The feedback.
        as_of: The reference date; what happened later has not happened yet.

    Raises:
        InvalidValueError: The feedback was received after `as_of`.
    """
    spans = list_spans(*as_case(feedback, as_of))
    return sum(one.state.is_over and not other.state.is_over for one, other in pairwise(spans))


def _find_end(spans: list[Span], reading: ResolutionReading) -> datetime | None:
    """Return when the first or the last spell of being resolved or closed began, if it counts."""
    starts = [span.start for span, before in zip(spans, [None, *spans], strict=False) if _begins_the_end(span, before)]
    if reading is ResolutionReading.FIRST:
        return starts[0] if starts else None
    return starts[-1] if spans[-1].state.is_over else None


def _begins_the_end(span: Span, before: Span | None) -> bool:
    return span.state.is_over and (before is None or not before.state.is_over)


def iterate_waits(waits: Iterable[Wait]) -> Iterator[Wait]:
    """Yield waits, checked; one of feedback with an id once, however often it is given.

    Raises:
        InconsistentCountsError: Two different waits are of one measure of the same feedback.
    """
    seen: dict[Hashable, Wait] = {}
    for wait in checks.iterate_records(waits, Wait, "waits"):
        identity = wait if wait.measure is None else (wait.feedback_id, wait.measure)
        if wait.feedback_id is None or identity not in seen:
            seen[identity] = wait
            yield wait
        elif seen[identity] != wait:
            raise InconsistentCountsError(
                "two_waits_of_one_measure",
                f"waits must be one for each measure of a piece of feedback, two different ones are the {wait.measure} "
                f"of {show(wait.feedback_id)}",
                field="waits",
                advice="keep the right feedback, and count all waits as of one date in one way",
                operands=(wait.measure, wait.feedback_id),
                record=wait.feedback_id,
            )


def _name_next(waits: list[Wait]) -> str:
    return f"next_response {len(waits) + 1}"


def _build_wait(  # noqa: PLR0917 - the case and the fields of the wait
    case: Feedback,
    measure: str,
    began: datetime,
    ended: datetime | None,
    as_of: datetime,
    hours: OpeningHours | None,
) -> Wait:
    length = count(hours, began, as_of if ended is None else ended)
    return Wait(started_at=began, ended_at=ended, length=length, feedback_id=case.id, measure=measure)


def _find_answering(count_bots: object) -> frozenset[Actor | None]:
    """Return the actors whose messages are answers."""
    return _WITH_BOTS if checks.as_instance(count_bots, bool, "count_bots") else _PEOPLE


_PEOPLE: Final[frozenset[Actor | None]] = frozenset({Actor.EMPLOYEE})
_WITH_BOTS: Final[frozenset[Actor | None]] = frozenset({Actor.EMPLOYEE, Actor.BOT})


def _as_start(since: object, fitting: tuple[WaitStart, ...]) -> WaitStart:
    start = checks.as_member(since, WaitStart, "since")
    if start not in fitting:
        raise InvalidValueError(
            "start_of_another_wait",
            f"since must be {' or '.join(one.value for one in fitting)}, got {start.value}",
            field="since",
            advice="first_response counts from the receipt or a reopening, next_responses from a message",
            operands=(start,),
        )
    return start
