"""How many waits were within a target, and how long they were."""

from collections.abc import Callable, Hashable, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Self, TypeVar

import attrs

from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives._results import Result
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import group_by
from crmcore.primitives.proportions import Interval, wilson
from crmcore.primitives.record import WAIT, several
from crmcore.primitives.tally import POLICY, Tally, TallyBy
from crmcore.voice.handling._waits import Wait, iterate_waits

__all__ = ["Compliance", "WaitSummary", "summary"]

_K = TypeVar("_K", bound=Hashable)


@attrs.frozen(kw_only=True)
class Compliance(Tally):
    """Number of waits within a target, beyond it and not yet due. Records of disjoint waits can be added.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import Compliance
        >>> desk = Compliance(met=2, late=1, overdue=1, pending=1, target=timedelta(hours=8))
        >>> desk.rate, desk.rate_of_ended
        (Decimal('0.5'), Decimal('0.6666666666666666666666666666666667'))

    Silence beyond the target is a breach. A wait that is not yet due is in no denominator.

    Attributes:
        met: Waits that ended within the target; the target itself is within.
        late: Waits that ended beyond the target.
        overdue: Waits that still last, and are longer than the target.
        pending: Waits that still last within the target.
        target: The target; None if it is not known.
    """

    ratios = ("missed", "due", "rate", "rate_of_ended")

    met: int = 0
    late: int = 0
    overdue: int = 0
    pending: int = 0
    target: Annotated[timedelta, WAIT] | None = attrs.field(default=None, metadata=POLICY)

    @classmethod
    def of(cls, waits: Iterable[Wait], /, *, target: timedelta) -> Self:
        """Count waits, in a single pass; the order does not matter. A wait of feedback with an id counts once.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import Compliance, Feedback, FeedbackKind, handling, instant
            >>> asked, day = instant("2026-03-02T09:00"), instant("2026-03-03T09:00")
            >>> questions = [
            ...     Feedback(kind=FeedbackKind.QUESTION, received_at=asked, answered_at=answered)
            ...     for answered in (instant("2026-03-02T10:00"), None)
            ... ]
            >>> waits = [handling.first_response(question, as_of=day) for question in questions]
            >>> Compliance.of(waits, target=timedelta(hours=4)).rate  # the second one has no answer
            Decimal('0.5')

        Args:
            waits: The waits, such as those of `first_response`, all counted with one reference date.
            target: The longest wait that is still in time, >= 0.

        Raises:
            InconsistentCountsError: Two different waits are of one measure of the same feedback.
        """
        limit = checks.as_wait(target, "target")
        counts = {(ended, within): 0 for ended in (True, False) for within in (True, False)}
        for wait in iterate_waits(waits):
            counts[wait.ended, wait.length <= limit] += 1
        return cls(
            met=counts[True, True],
            late=counts[True, False],
            overdue=counts[False, False],
            pending=counts[False, True],
            target=limit,
        )

    @classmethod
    def by(cls, waits: Iterable[Wait], key: Callable[[Wait], _K], /, *, target: timedelta) -> TallyBy[_K, Self]:
        """Count waits for each value of a key, such as the handler of their feedback. Each counts once, as in `of`.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import Compliance, instant
            >>> from crmcore.voice.handling import Wait
            >>> handler_of = {1: "anna", 2: "bob"}
            >>> start = instant("2026-03-02T09:00")
            >>> waits = [Wait(started_at=start, length=timedelta(hours=n), feedback_id=n) for n in handler_of]
            >>> found = Compliance.by(waits, lambda wait: handler_of[wait.feedback_id], target=timedelta(hours=1))
            >>> {name: (row.overdue, row.pending) for name, row in found.items()}
            {'anna': (0, 1), 'bob': (1, 0)}

        Args:
            waits: The waits, all counted with one reference date.
            key: Returns the key of a wait.
            target: The longest wait that is still in time, >= 0.

        Raises:
            InconsistentCountsError: Two different waits are of one measure of the same feedback.
        """
        groups = group_by(iterate_waits(waits), key, Wait, "waits", "lambda wait: wait.feedback_id")
        return TallyBy({group: cls.of(members, target=target) for group, members in groups.items()})

    @property
    def missed(self) -> int:
        """The waits beyond the target, ended or not, ``late + overdue``."""
        return self.late + self.overdue

    @property
    def due(self) -> int:
        """The waits that were due, ``met + missed``."""
        return self.met + self.missed

    @property
    def rate(self) -> Decimal | None:
        """The share of the waits that were due which met the target, ``met / due``; None if none was due."""
        return ratio(self.met, self.due)

    @property
    def rate_of_ended(self) -> Decimal | None:
        """The share of the ended waits that met the target, ``met / (met + late)``; None if no wait has ended.

        It forgets those who got no answer at all, so it is never below `rate`.
        """
        return ratio(self.met, self.met + self.late)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the rate, or None if no wait was due."""
        return wilson(self.met, self.due, confidence=confidence)

    def explain(self) -> Explanation:
        """Return how the rates come about, line by line."""
        return Explanation(
            (
                term("met", self.met, "waits"),
                term("late", self.late, "waits"),
                term("overdue", self.overdue, "waits"),
                term("pending", self.pending, "waits"),
                term("missed", self.missed, "waits", "late + overdue"),
                term("due", self.due, "waits", "met + missed"),
                term("rate", self.rate, "", "met / due"),
                term("rate_of_ended", self.rate_of_ended, "", "met / (met + late)"),
            )
        )


@attrs.frozen(kw_only=True)
class WaitSummary(Result):
    """How long waits were: their median, their mean and the longest. It does not add.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import handling, instant
        >>> from crmcore.voice.handling import Wait
        >>> start = instant("2026-03-02T09:00")
        >>> lengths = [timedelta(hours=hours) for hours in (1, 2, 3, 10)]
        >>> waits = [Wait(started_at=start, length=length, ended_at=start + length) for length in lengths]
        >>> found = handling.summary(waits)
        >>> found.median_hours, found.mean_hours, found.longest_hours
        (Decimal('2.5'), Decimal('4'), Decimal('10'))

    Attributes:
        ended: Waits that ended.
        lasting: Waits that still last, which the figures leave out.
        median_hours: The median of the ended waits; of an even number it lies in the middle between two.
        mean_hours: The mean of the ended waits.
        longest_hours: The longest ended wait.
        cautions: What to know before you read it: whether waits still last.
    """

    ended: int = 0
    lasting: int = 0
    median_hours: Decimal | None = None
    mean_hours: Decimal | None = None
    longest_hours: Decimal | None = None
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several)


def summary(waits: Iterable[Wait], /) -> WaitSummary:
    """Summarise how long waits were. Waits that still last are left out, and a caution says how many there are.

    The figures are too low if waits still last, because the long ones are those that do. `Compliance` counts them too.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import handling, instant
        >>> from crmcore.voice.handling import Wait
        >>> start = instant("2026-03-02T09:00")
        >>> found = handling.summary([Wait(started_at=start, length=timedelta(hours=30))])
        >>> found.median_hours, [caution.rule for caution in found.cautions]
        (None, ['waits_still_last'])

    Args:
        waits: The waits, in any order. One of feedback with an id counts once.

    Raises:
        InconsistentCountsError: Two different waits are of one measure of the same feedback.
    """
    lengths: list[int] = []
    lasting = 0
    for wait in iterate_waits(waits):
        if wait.ended:
            lengths.append(_clock.microseconds(wait.length))
        else:
            lasting += 1
    lengths.sort()
    number = len(lengths)
    middle = lengths[(number - 1) // 2] + lengths[number // 2] if number else 0
    return WaitSummary(
        ended=number,
        lasting=lasting,
        median_hours=ratio(middle, 2 * _clock.MICROSECONDS_AN_HOUR) if number else None,
        mean_hours=ratio(sum(lengths), number * _clock.MICROSECONDS_AN_HOUR),
        longest_hours=ratio(lengths[-1], _clock.MICROSECONDS_AN_HOUR) if number else None,
        cautions=(_warn_of_lasting(lasting),) if lasting else (),
    )


def _warn_of_lasting(lasting: int) -> Finding:
    return Finding(
        rule="waits_still_last",
        severity=Severity.WARNING,
        subject="waits",
        message=f"{'1 wait still lasts' if lasting == 1 else f'{lasting} waits still last'}, left out here",
        advice="the figures are too low; Compliance counts these waits as overdue or pending",
        evidence=[("lasting", lasting)],
    )
