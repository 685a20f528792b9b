"""How long a customer waits: the level to which a case has risen, and the silence that they hear."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated

import attrs

from crmcore.model.feedback import Actor, CaseState, Feedback
from crmcore.primitives import _clock, checks
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id
from crmcore.primitives.opening_hours import OpeningHours, find_due
from crmcore.primitives.periods import by_utc, check_not_after, in_utc
from crmcore.primitives.record import WAIT

__all__ = ["Escalation", "Silence", "escalation", "silence"]


@attrs.frozen(kw_only=True)
class Escalation(Result):
    """How far a case has risen by itself, up to a reference date.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore.service.recovery import Escalation
        >>> Escalation(level=1, elapsed=timedelta(hours=5)).elapsed_hours
        Decimal('5')

    Attributes:
        level: How many thresholds have passed; 0 for a fresh case.
        elapsed: The time that counts.
        next_at: When the next threshold passes if nothing happens; None if none will: the case is at the highest level,
            is acknowledged or over, waits for the customer, or the company is not open any more.
        acknowledged: Whether the next level has taken it up, so that it rises no further.
        feedback_id: The id of the feedback; None if it has none.
    """

    ratios = ("elapsed_hours",)

    level: int
    elapsed: Annotated[timedelta, WAIT]
    next_at: datetime | None = attrs.field(default=None, eq=by_utc)
    acknowledged: bool = False
    feedback_id: Id | None = None

    @property
    def elapsed_hours(self) -> Decimal:
        """The time that counts, in hours, to 34 digits."""
        return _clock.hours(self.elapsed)


def escalation(
    feedback: Feedback,
    /,
    *,
    thresholds: Iterable[timedelta],
    as_of: datetime,
    hours: OpeningHours | None = None,
    acknowledged_at: datetime | None = None,
    paused_in: Iterable[CaseState] = (CaseState.WAITING_ON_CUSTOMER,),
) -> Escalation:
    """Return the level to which a case has risen: how many thresholds its time has reached.

    A problem grows with time, because the frustration of the customer grows. The time counts from the receipt, in
    opening hours if they are given. It stands still while the company waits for the customer and while the matter is
    resolved or closed, and stops for good when the next level acknowledges the case.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import UTC, Feedback, FeedbackKind, OpeningHours, instant, recovery
        >>> desk = OpeningHours(zone=UTC, friday=[("09:00", "17:00")], monday=[("09:00", "17:00")])
        >>> complaint = Feedback(kind=FeedbackKind.COMPLAINT, received_at=instant("2026-03-27T15:00"))
        >>> risen = recovery.escalation(
        ...     complaint,
        ...     thresholds=[timedelta(hours=4), timedelta(hours=8)],
        ...     as_of=instant("2026-03-30T11:00"),
        ...     hours=desk,
        ... )
        >>> risen.level, risen.elapsed_hours, risen.next_at.isoformat()
        (1, Decimal('4'), '2026-03-30T15:00:00+00:00')

    Args:
        feedback: The case.
        thresholds: The time after which the case rises by one level, for each level, in any order.
        as_of: The reference date, not before the receipt; what happened later has not happened yet.
        hours: The opening hours in which time counts; all hours if there are none.
        acknowledged_at: When the next level took the case up; None if it has not.
        paused_in: The states in which the time stands still.

    Raises:
        InvalidValueError: The case was acknowledged before it was received.
    """
    case, reference, calendar = _read(feedback, as_of, hours)
    steps = sorted(
        checks.as_wait(step, f"thresholds[{place}]")
        for place, step in enumerate(checks.iterate(thresholds, "thresholds", "timedelta"))
    )
    paused = {
        checks.as_member(state, CaseState, f"paused_in[{place}]")
        for place, state in enumerate(checks.iterate(paused_in, "paused_in", "state"))
    }
    until, acknowledged = reference, False
    if acknowledged_at is not None:
        taken = in_utc(checks.as_instant(acknowledged_at, "acknowledged_at"))
        if taken < in_utc(case.received_at):
            raise InvalidValueError(
                "acknowledged_before_receipt",
                f"acknowledged_at must not be before the receipt, got {show(acknowledged_at)} and "
                f"{show(case.received_at)}",
                field="acknowledged_at",
                operands=(acknowledged_at, case.received_at),
            )
        if taken <= reference:
            until, acknowledged = taken, True
    elapsed = _clock.NO_TIME
    runs = False
    for state, start, end in case.spans(until):
        runs = not state.is_over and state not in paused
        if runs:
            elapsed += _count(calendar, start, end)
    level = sum(step <= elapsed for step in steps)
    next_at = None
    if runs and not acknowledged and level < len(steps):
        next_at = _find_next(calendar, reference, steps[level] - elapsed)
    return Escalation(level=level, elapsed=elapsed, next_at=next_at, acknowledged=acknowledged, feedback_id=case.id)


def _find_next(hours: OpeningHours | None, start: datetime, after: timedelta) -> datetime | None:
    """Return the instant by which more time has passed, or None if it never does."""
    if hours is None:
        return start + after if after <= _clock.LATEST - start else None
    return find_due(hours, start, after)


@attrs.frozen(kw_only=True)
class Silence(Result):
    """How long a customer saw nothing done for them, up to a reference date.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore.service.recovery import Silence
        >>> Silence(longest=timedelta(hours=72), lasting=timedelta(hours=72)).longest_hours
        Decimal('72')

    Attributes:
        longest: The longest silence while the case was open. The one that still lasts counts.
        lasting: The silence that still lasts; None if the case is resolved.
        first_visible: The time from the receipt to the first action that the customer could see; None if there was
            none.
        close_to_told: The time from the resolution until the customer was told, 0 if they knew before; None if they
            have not been told, or the case is open.
        feedback_id: The id of the feedback; None if it has none.
    """

    ratios = ("longest_hours", "lasting_hours", "first_visible_hours", "close_to_told_hours")

    longest: Annotated[timedelta, WAIT]
    lasting: Annotated[timedelta, WAIT] | None = None
    first_visible: Annotated[timedelta, WAIT] | None = None
    close_to_told: Annotated[timedelta, WAIT] | None = None
    feedback_id: Id | None = None

    @property
    def longest_hours(self) -> Decimal:
        """The longest silence in hours, to 34 digits."""
        return _clock.hours(self.longest)

    @property
    def lasting_hours(self) -> Decimal | None:
        """The silence that still lasts in hours, to 34 digits; None if the case is resolved."""
        return None if self.lasting is None else _clock.hours(self.lasting)

    @property
    def first_visible_hours(self) -> Decimal | None:
        """The time to the first visible action in hours, to 34 digits; None if there was none."""
        return None if self.first_visible is None else _clock.hours(self.first_visible)

    @property
    def close_to_told_hours(self) -> Decimal | None:
        """The time from the resolution until the customer was told in hours, to 34 digits; None if they were not."""
        return None if self.close_to_told is None else _clock.hours(self.close_to_told)


def silence(
    feedback: Feedback,
    /,
    *,
    as_of: datetime,
    visible: Iterable[datetime] = (),
    hours: OpeningHours | None = None,
    count_bots: bool = False,
) -> Silence:
    """Return how long the customer saw nothing done for them.

    A search for a solution that the customer can see calms them, and buys time. The silences run from the receipt over
    each visible action to the resolution, or to `as_of` while the case is open. Visible are the first answer, each
    message of an employee, and what `visible` adds.

    Examples:
        >>> from crmcore import Feedback, FeedbackKind, instant, recovery
        >>> complaint = Feedback(kind=FeedbackKind.COMPLAINT, received_at=instant("2026-02-02T09:00"))
        >>> quiet = recovery.silence(
        ...     complaint,
        ...     visible=[instant("2026-02-02T10:30"), instant("2026-02-03T09:00")],
        ...     as_of=instant("2026-02-06T09:00"),
        ... )
        >>> quiet.first_visible_hours, quiet.longest_hours, quiet.lasting_hours
        (Decimal('1.5'), Decimal('72'), Decimal('72'))

    Args:
        feedback: The case.
        as_of: The reference date, not before the receipt; what happened later has not happened yet.
        visible: When the customer could see something else done, such as a new state on a page; in any order.
        hours: The opening hours in which time counts; all hours if there are none.
        count_bots: Whether a message of a bot is a visible action.

    Raises:
        InvalidValueError: Something was visible before the receipt.
    """
    checks.as_instance(count_bots, bool, "count_bots")
    case, reference, calendar = _read(feedback, as_of, hours)
    received = in_utc(case.received_at)
    actors = {Actor.EMPLOYEE, Actor.BOT} if count_bots else {Actor.EMPLOYEE}
    seen = [in_utc(at) for state, at, by in case.timeline if state is CaseState.MESSAGE and by in actors]
    if case.answered_at is not None:
        seen.append(in_utc(case.answered_at))
    for place, at in enumerate(checks.iterate(visible, "visible", "datetime")):
        shown = in_utc(checks.as_instant(at, f"visible[{place}]"))
        if shown < received:
            raise InvalidValueError(
                "visible_before_receipt",
                f"visible must not have instants before the receipt, got {show(at)} and {show(case.received_at)}",
                field="visible",
                record=place,
                operands=(at, case.received_at),
            )
        seen.append(shown)
    seen = sorted(at for at in seen if at <= reference)
    resolved = None
    for state, start, _ in case.spans(reference):
        resolved = (start if resolved is None else resolved) if state.is_over else None
    end = reference if resolved is None else resolved
    marks = [received, *(at for at in seen if at <= end), end]
    gaps = [_count(calendar, start, stop) for start, stop in pairwise(marks)]
    told = None if case.told_at is None else in_utc(case.told_at)
    close_to_told = None
    if resolved is not None and told is not None and told <= reference:
        close_to_told = _count(calendar, resolved, max(told, resolved))
    return Silence(
        longest=max(gaps),
        lasting=gaps[-1] if resolved is None else None,
        first_visible=_count(calendar, received, seen[0]) if seen else None,
        close_to_told=close_to_told,
        feedback_id=case.id,
    )


def _read(feedback: object, as_of: object, hours: object) -> tuple[Feedback, datetime, OpeningHours | None]:
    """Return a case, the reference date in UTC and the opening hours, checked."""
    case = checks.as_instance(feedback, Feedback, "feedback")
    reference = in_utc(checks.as_instant(as_of, "as_of"))
    check_not_after(reference, case.received_at, "feedback", case.id)
    return case, reference, None if hours is None else checks.as_instance(hours, OpeningHours, "hours")


def _count(hours: OpeningHours | None, start: datetime, end: datetime) -> timedelta:
    return end - start if hours is None else hours.elapsed(start, end)
