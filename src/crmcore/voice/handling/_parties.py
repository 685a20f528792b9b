"""Whose turn it was: the time that the customer and the company waited."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self, TypeVar

import attrs

from crmcore.model.feedback import CaseState, Feedback
from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import EXACT, RATIO, ZERO, plain_repr
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import group_by, iterate_once
from crmcore.primitives.opening_hours import OpeningHours
from crmcore.primitives.periods import in_utc
from crmcore.primitives.record import NON_NEGATIVE, number
from crmcore.primitives.tally import Tally, TallyBy
from crmcore.voice.handling._cases import as_hours, count, list_spans

__all__ = ["TimeByParty"]

_K = TypeVar("_K", bound=Hashable)


@attrs.frozen(kw_only=True)
class TimeByParty(Tally):
    """Time that feedback spent in each open state. Records of disjoint feedback can be added.

    Examples:
        >>> from crmcore import TimeByParty
        >>> time = TimeByParty(new_seconds=1800, open_seconds=9900, waiting_seconds=86400, on_hold_seconds=14400)
        >>> time.customer_hours, time.company_hours, time.work_hours, time.hours
        (Decimal('7.25'), Decimal('24'), Decimal('3.25'), Decimal('31.25'))

    Zendesk calls the hours in which the customer waits "requester wait time" and the hours in which the company does
    "agent wait time". On hold, the customer waits too.

    Attributes:
        new_seconds: The time in which no employee had taken it up.
        open_seconds: The time in which the company worked on it.
        waiting_seconds: The time in which the company waited for the customer.
        on_hold_seconds: The time in which both waited for somebody else.

    Source: the definitions of Zendesk's "About native ticket time duration metrics".
    """

    ratios = ("customer_hours", "company_hours", "on_hold_hours", "work_hours", "hours")

    new_seconds: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=ZERO, converter=number, repr=plain_repr)
    open_seconds: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=ZERO, converter=number, repr=plain_repr)
    waiting_seconds: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=ZERO, converter=number, repr=plain_repr)
    on_hold_seconds: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=ZERO, converter=number, repr=plain_repr)

    @classmethod
    def of(cls, feedback: Iterable[Feedback], /, *, as_of: datetime, hours: OpeningHours | None = None) -> Self:
        """Add up the time in each state, in a single pass. Feedback that has an id counts once.

        Args:
            feedback: The feedback, in any order. What was received after `as_of` is left out.
            as_of: The reference date; what happened later has not happened yet.
            hours: The opening hours in which time counts; all hours if there are none.
        """
        reference = in_utc(checks.as_instant(as_of, "as_of"))
        calendar = as_hours(hours)
        lengths = dict.fromkeys(CaseState, 0)
        for case in iterate_once(feedback, Feedback, "feedback"):
            if in_utc(case.received_at) <= reference:
                for span in list_spans(case, reference):
                    lengths[span.state] += _clock.microseconds(count(calendar, span.start, span.end))
        return cls(
            new_seconds=_clock.seconds(lengths[CaseState.NEW]),
            open_seconds=_clock.seconds(lengths[CaseState.OPEN]),
            waiting_seconds=_clock.seconds(lengths[CaseState.WAITING_ON_CUSTOMER]),
            on_hold_seconds=_clock.seconds(lengths[CaseState.ON_HOLD]),
        )

    @classmethod
    def by(
        cls,
        feedback: Iterable[Feedback],
        key: Callable[[Feedback], _K],
        /,
        *,
        as_of: datetime,
        hours: OpeningHours | None = None,
    ) -> TallyBy[_K, Self]:
        """Add up as `of` does, for each value of a key, such as the category.

        Args:
            feedback: The feedback, in any order. What was received after `as_of` is left out.
            key: Returns the key of a piece of feedback.
            as_of: The reference date; what happened later has not happened yet.
            hours: The opening hours in which time counts; all hours if there are none.
        """
        groups = group_by(feedback, key, Feedback, "feedback", "lambda feedback: feedback.category")
        return TallyBy({group: cls.of(members, as_of=as_of, hours=hours) for group, members in groups.items()})

    @property
    def customer_hours(self) -> Decimal:
        """The hours in which the customer waits: new, open and on hold."""
        return _to_hours(self.new_seconds, self.open_seconds, self.on_hold_seconds)

    @property
    def company_hours(self) -> Decimal:
        """The hours in which the company waits for the customer."""
        return _to_hours(self.waiting_seconds)

    @property
    def on_hold_hours(self) -> Decimal:
        """The hours in which both wait for somebody else."""
        return _to_hours(self.on_hold_seconds)

    @property
    def work_hours(self) -> Decimal:
        """The hours that are the company's alone: new and open."""
        return _to_hours(self.new_seconds, self.open_seconds)

    @property
    def hours(self) -> Decimal:
        """The hours in all open states."""
        return _to_hours(self.new_seconds, self.open_seconds, self.waiting_seconds, self.on_hold_seconds)

    def explain(self) -> Explanation:
        """Return how the hours come about, line by line."""
        return Explanation(
            (
                term("new_seconds", self.new_seconds, "seconds"),
                term("open_seconds", self.open_seconds, "seconds"),
                term("waiting_seconds", self.waiting_seconds, "seconds"),
                term("on_hold_seconds", self.on_hold_seconds, "seconds"),
                term(
                    "customer_hours",
                    self.customer_hours,
                    "hours",
                    "(new_seconds + open_seconds + on_hold_seconds) / 3600",
                ),
                term("company_hours", self.company_hours, "hours", "waiting_seconds / 3600"),
                term("on_hold_hours", self.on_hold_hours, "hours", "on_hold_seconds / 3600"),
                term("work_hours", self.work_hours, "hours", "(new_seconds + open_seconds) / 3600"),
                term(
                    "hours",
                    self.hours,
                    "hours",
                    "(new_seconds + open_seconds + waiting_seconds + on_hold_seconds) / 3600",
                ),
            )
        )


def _to_hours(*seconds: Decimal) -> Decimal:
    total = ZERO
    for part in seconds:
        total = EXACT.add(total, part)
    return EXACT.add(RATIO.divide(total, 3_600), ZERO)
