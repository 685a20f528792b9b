"""Whether the loops are closed: the customer has an answer, and hears about the change that they asked for."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final, Self, TypeVar

import attrs

from crmcore.model.feedback import Feedback
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import group_by, iterate_once
from crmcore.primitives.opening_hours import OpeningHours
from crmcore.primitives.periods import in_utc
from crmcore.primitives.proportions import Interval, wilson
from crmcore.primitives.record import WAIT
from crmcore.primitives.tally import POLICY, Tally, TallyBy
from crmcore.voice.handling._cases import as_hours, list_spans
from crmcore.voice.handling._waits import first_response

__all__ = ["Loops"]

_K = TypeVar("_K", bound=Hashable)
_AT_MOST: Final = (("resolved", "due"), ("announced", "acted_on"), ("tellable", "acted_on"), ("told", "tellable"))


@attrs.frozen(kw_only=True)
class Loops(Tally):
    """Number of pieces of feedback by how far both loops are closed. Records of disjoint feedback can be added.

    Examples:
        >>> from crmcore import Loops
        >>> loops = Loops(
        ...     in_time=4, late=1, silent=1, pending=2, resolved=3, acted_on=4, announced=3, tellable=2, told=1
        ... )
        >>> loops.due, loops.resolution_rate, loops.announced_rate, loops.told_rate
        (6, Decimal('0.5'), Decimal('0.75'), Decimal('0.5'))

    The inner loop is with the one customer: they have an answer, and the matter is resolved. The outer loop is with the
    company: it changes something, announces the change, and tells the customer who asked for it.

    Attributes:
        in_time: Answered within the target; the target itself is within.
        late: Answered beyond the target.
        silent: Not answered, and beyond the target.
        pending: Not answered, and still within the target.
        resolved: Resolved or closed, of those that were due: not of the pending ones.
        acted_on: The company changed something because of it.
        announced: The change was announced to customers, of those that were acted on.
        tellable: Their customer can be told, because they are known; of those that were acted on.
        told: The customer was told about the change, of those that can be.
        target: The time to answer; None if it is not known.

    Raises:
        InconsistentCountsError: A part is larger than its whole, such as `told` than `tellable`.
    """

    ratios = ("received", "due", "rate", "resolution_rate", "acted_rate", "announced_rate", "told_rate")

    in_time: int = 0
    late: int = 0
    silent: int = 0
    pending: int = 0
    resolved: int = 0
    acted_on: int = 0
    announced: int = 0
    tellable: int = 0
    told: int = 0
    target: Annotated[timedelta, WAIT] | None = attrs.field(default=None, metadata=POLICY)

    def _check(self) -> None:
        super()._check()
        for part, whole in (*_AT_MOST, ("acted_on", "received")):
            smaller, larger = getattr(self, part), getattr(self, whole)
            if smaller > larger:
                raise InconsistentCountsError(
                    "loop_exceeds_its_whole",
                    f"{part} must be at most {whole}, got {smaller} of {larger}",
                    field=part,
                    operands=(smaller, larger),
                )

    @classmethod
    def of(
        cls,
        feedback: Iterable[Feedback],
        /,
        *,
        as_of: datetime,
        target: timedelta,
        hours: OpeningHours | None = None,
        count_bots: bool = False,
    ) -> Self:
        """Count how far both loops are closed, in a single pass. Feedback that has an id counts once.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import Feedback, FeedbackKind, Loops, instant
            >>> asked, today = instant("2026-03-02"), instant("2026-03-31")
            >>> idea = Feedback(kind=FeedbackKind.IDEA, received_at=asked, customer_id=7)
            >>> done = idea.answered(instant("2026-03-03")).acted_on(instant("2026-03-20"))
            >>> ideas = [idea, done, done.announced(instant("2026-03-25")).told(instant("2026-03-26"))]
            >>> loops = Loops.of(ideas, as_of=today, target=timedelta(days=2))
            >>> loops.in_time, loops.silent, loops.acted_on, loops.told
            (2, 1, 2, 1)

        Args:
            feedback: The feedback, in any order. What was received after `as_of` is left out.
            as_of: The reference date; what happened later has not happened yet.
            target: The time to answer, >= 0.
            hours: The opening hours in which the time to answer counts; all hours if there are none.
            count_bots: Whether a message of a bot is an answer.
        """
        reference = in_utc(checks.as_instant(as_of, "as_of"))
        limit, calendar = checks.as_wait(target, "target"), as_hours(hours)
        answers = {(ended, within): 0 for ended in (True, False) for within in (True, False)}
        resolved = acted_on = announced = tellable = told = 0
        for case in iterate_once(feedback, Feedback, "feedback"):
            if in_utc(case.received_at) > reference:
                continue
            wait = first_response(case, as_of=reference, hours=calendar, count_bots=count_bots)
            answer = wait.ended, wait.length <= limit
            answers[answer] += 1
            resolved += answer != (False, True) and list_spans(case, reference)[-1].state.is_over
            if _is_known(case.acted_on_at, reference):
                was_told = _is_known(case.told_at, reference)
                acted_on += 1
                announced += _is_known(case.announced_at, reference)
                tellable += was_told or case.customer_id is not None
                told += was_told
        return cls(
            in_time=answers[True, True],
            late=answers[True, False],
            silent=answers[False, False],
            pending=answers[False, True],
            resolved=resolved,
            acted_on=acted_on,
            announced=announced,
            tellable=tellable,
            told=told,
            target=limit,
        )

    @classmethod
    def by(
        cls,
        feedback: Iterable[Feedback],
        key: Callable[[Feedback], _K],
        /,
        *,
        as_of: datetime,
        target: timedelta,
        hours: OpeningHours | None = None,
        count_bots: bool = False,
    ) -> TallyBy[_K, Self]:
        """Count how far both loops are closed for each value of a key, such as the category.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import Feedback, FeedbackKind, Loops, instant
            >>> asked = instant("2026-03-02")
            >>> said = [Feedback(kind=kind, received_at=asked) for kind in (FeedbackKind.IDEA, FeedbackKind.QUESTION)]
            >>> found = Loops.by(
            ...     said, lambda feedback: feedback.kind, as_of=instant("2026-03-31"), target=timedelta(days=2)
            ... )
            >>> {kind.value: loops.silent for kind, loops in found.items()}
            {'idea': 1, 'question': 1}

        Args:
            feedback: The feedback, in any order. What was received after `as_of` is left out.
            key: Returns the key of a piece of feedback.
            as_of: The reference date; what happened later has not happened yet.
            target: The time to answer, >= 0.
            hours: The opening hours in which the time to answer counts; all hours if there are none.
            count_bots: Whether a message of a bot is an answer.
        """
        groups = group_by(feedback, key, Feedback, "feedback", "lambda feedback: feedback.category")
        return TallyBy(
            {
                group: cls.of(members, as_of=as_of, target=target, hours=hours, count_bots=count_bots)
                for group, members in groups.items()
            }
        )

    @property
    def due(self) -> int:
        """The feedback that is answered or should be, ``in_time + late + silent``."""
        return self.in_time + self.late + self.silent

    @property
    def received(self) -> int:
        """All the feedback, ``due + pending``."""
        return self.due + self.pending

    @property
    def rate(self) -> Decimal | None:
        """The share of the feedback that was due which was answered in time, to 34 digits; None if none was due."""
        return ratio(self.in_time, self.due)

    @property
    def resolution_rate(self) -> Decimal | None:
        """The share of the feedback that was due which is resolved, to 34 digits; None if none was due."""
        return ratio(self.resolved, self.due)

    @property
    def acted_rate(self) -> Decimal | None:
        """The share of the feedback that changed something, to 34 digits; None if there is none.

        Of ideas it is the share that was implemented.
        """
        return ratio(self.acted_on, self.received)

    @property
    def announced_rate(self) -> Decimal | None:
        """The share of the changes that were announced, to 34 digits; None if nothing was changed."""
        return ratio(self.announced, self.acted_on)

    @property
    def told_rate(self) -> Decimal | None:
        """The share of the customers who can be told about the change and were, to 34 digits; None if none can be."""
        return ratio(self.told, self.tellable)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the rate, or None if no feedback was due."""
        return wilson(self.in_time, self.due, confidence=confidence)

    def explain(self) -> Explanation:
        """Return how the rates come about, line by line."""
        return Explanation(
            (
                *(term(name, getattr(self, name), "pieces of feedback") for name in _COUNTS),
                term("due", self.due, "pieces of feedback", "in_time + late + silent"),
                term("received", self.received, "pieces of feedback", "due + pending"),
                term("rate", self.rate, "", "in_time / due"),
                term("resolution_rate", self.resolution_rate, "", "resolved / due"),
                term("acted_rate", self.acted_rate, "", "acted_on / received"),
                term("announced_rate", self.announced_rate, "", "announced / acted_on"),
                term("told_rate", self.told_rate, "", "told / tellable"),
            )
        )


_COUNTS: Final = (
    "in_time",
    "late",
    "silent",
    "pending",
    "resolved",
    "acted_on",
    "announced",
    "tellable",
    "told",
)


def _is_known(moment: datetime | None, as_of: datetime) -> bool:
    """Return whether something has happened by the reference date."""
    return moment is not None and in_utc(moment) <= as_of
