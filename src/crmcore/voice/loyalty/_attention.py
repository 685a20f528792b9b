"""Whom to talk to, who was missed, and whether a company with loyal customers has stopped to care."""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Self, TypeVar

import attrs

from crmcore.model.feedback import Feedback
from crmcore.model.interaction import Interaction
from crmcore.model.moment import MomentOfTruth, Valence
from crmcore.model.reading import LoyaltyLevel, Reading, SubjectKind
from crmcore.model.survey import Invitation
from crmcore.model.task import Task, TaskKind
from crmcore.primitives import checks
from crmcore.primitives._decimals import UP, plain_repr, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import KeyGuard, iterate_once
from crmcore.primitives.ids import Id, as_id, as_ids
from crmcore.primitives.periods import by_utc, in_utc
from crmcore.primitives.proportions import Interval, wilson
from crmcore.primitives.record import SHARE, Label, Record, fraction, several
from crmcore.primitives.tally import Tally, TallyBy
from crmcore.voice.loyalty._levels import LEVELS, LevelRule, as_levels, as_rules
from crmcore.voice.loyalty._standing import RankedReadings, Standings

__all__ = [
    "Complacency",
    "Interview",
    "InterviewCoverage",
    "InterviewState",
    "Signal",
    "SignalKind",
    "interviews",
    "signals_of",
]

_K = TypeVar("_K", bound=Hashable)
_TALKS: Final = {TaskKind.CONVERSATION.value, TaskKind.EXIT_INTERVIEW.value}
_ASKING: Final = {*_TALKS, TaskKind.FEEDBACK_REQUEST.value, TaskKind.SATISFACTION_CHECK.value, TaskKind.AUDIT.value}
_ACTING: Final = {
    TaskKind.CORRECTION.value,
    TaskKind.CORRECTIVE_ACTION.value,
    TaskKind.PROCESS_CHANGE.value,
    TaskKind.PRODUCT_CHANGE.value,
    TaskKind.INITIATIVE.value,
}
_END: Final = datetime.max.replace(tzinfo=UTC)


class SignalKind(StrEnum):
    """What shows that a customer is disappointed or gone.

    Attributes:
        FEEDBACK: Negative feedback.
        READING: A reading at the worst level.
        MOMENT: A bad moment.
        INTERACTION: A contact in which the customer was disappointed or angry.
        DEPARTURE: The customer left.
    """

    FEEDBACK = "feedback"
    READING = "reading"
    MOMENT = "moment"
    INTERACTION = "interaction"
    DEPARTURE = "departure"


@attrs.frozen(kw_only=True)
class Signal(Record):
    """A sign that a customer is disappointed or gone, after which the company owes them a talk.

    Examples:
        >>> from crmcore import instant
        >>> from crmcore.voice.loyalty import Signal, SignalKind
        >>> Signal(customer_id=7, at=instant("2026-03-02"), kind=SignalKind.DEPARTURE).kind.value
        'departure'

    Attributes:
        customer_id: The customer.
        at: When it happened.
        kind: What shows it.
        about_id: The id of the feedback, reading or moment.
    """

    customer_id: Id
    at: datetime = attrs.field(eq=by_utc)
    kind: SignalKind
    about_id: Id | None = None


def signals_of(
    feedback: Iterable[Feedback] = (),
    /,
    *,
    readings: Iterable[Reading] = (),
    moments: Iterable[MomentOfTruth] = (),
    interactions: Iterable[Interaction] = (),
    departures: Mapping[Id, datetime] | None = None,
    levels: Iterable[str] = LEVELS,
    rules: Iterable[LevelRule] | None = None,
) -> tuple[Signal, ...]:
    """Return every negative signal of known customers: feedback, readings, moments, contacts, and that they left.

    Examples:
        >>> from crmcore import Feedback, FeedbackKind, instant
        >>> from crmcore.voice import loyalty
        >>> complaint = Feedback(kind=FeedbackKind.COMPLAINT, customer_id="anna", received_at=instant("2026-03-02"))
        >>> praise = Feedback(kind=FeedbackKind.PRAISE, customer_id="ben", received_at=instant("2026-03-02"))
        >>> signals = loyalty.signals_of([complaint, praise], departures={"zoe": instant("2026-03-05")})
        >>> [(signal.customer_id, signal.kind.value) for signal in signals]
        [('anna', 'feedback'), ('zoe', 'departure')]

    Args:
        feedback: Feedback; that which is negative by `Feedback.is_negative` is a signal.
        readings: Readings of customers; those at the worst level are signals. Numbers that no rule reads are none; how
            many there are, and of which scales, `Standings.cautions` says.
        moments: Moments; bad ones are signals.
        interactions: Contacts; one that is negative by `Interaction.is_negative` is a signal.
        departures: When each customer left.
        levels: The levels, best first.
        rules: How numbers are read as levels, by their scale; the usual ones by default.
    """
    names = as_levels(levels)
    ranked = RankedReadings(names, as_rules(rules, names), SubjectKind.CUSTOMER, _END)
    found = [
        Signal(customer_id=one.customer_id, at=one.received_at, kind=SignalKind.FEEDBACK, about_id=one.id)
        for one in iterate_once(feedback, Feedback, "feedback")
        if one.is_negative and one.customer_id is not None
    ]
    found += [
        Signal(customer_id=customer_id, at=reading.at, kind=SignalKind.READING, about_id=reading.id)
        for customer_id, _, rank, reading in ranked.iterate(readings)
        if rank == len(names) - 1
    ]
    found += [
        Signal(customer_id=one.customer_id, at=one.at, kind=SignalKind.MOMENT, about_id=one.id)
        for one in iterate_once(moments, MomentOfTruth, "moments")
        if one.valence is Valence.BAD and one.customer_id is not None
    ]
    found += [
        Signal(customer_id=one.customer_id, at=one.at, kind=SignalKind.INTERACTION, about_id=one.id)
        for one in iterate_once(interactions, Interaction, "interactions")
        if one.is_negative and one.customer_id is not None
    ]
    if departures is not None:
        checks.check_mapping(departures, "departures", "ids to instants")
        found += [
            Signal(
                customer_id=as_id(one, f"departures[{place}]"),
                at=checks.as_instant(at, f"departures[{place}]"),
                kind=SignalKind.DEPARTURE,
            )
            for place, (one, at) in enumerate(departures.items())
        ]
    return tuple(found)


class InterviewState(StrEnum):
    """What became of an interview that the company owes.

    Attributes:
        IN_TIME: It was held in time.
        LATE: It was held, but late.
        MISSED: It was not held, and the time has passed.
        OPEN: It was not held, and there is time left.
    """

    IN_TIME = "in_time"
    LATE = "late"
    MISSED = "missed"
    OPEN = "open"


@attrs.frozen(kw_only=True)
class Interview(Result):
    """An interview that the company owes a customer, and what became of it.

    Examples:
        >>> from crmcore import instant
        >>> from crmcore.voice.loyalty import Interview, InterviewState
        >>> Interview(customer_id=7, since=instant("2026-03-02"), state=InterviewState.MISSED).is_owed
        True

    Attributes:
        customer_id: The customer.
        since: When the first signal came that has not been talked about.
        state: What became of the interview.
        signals: What showed that the customer is disappointed or gone, in order of time.
        level: The level of the customer, or the state without one; empty if no standings were given.
        held_at: When the interview was held.
        held_by_id: The employee who held it.
        by_leader: Whether a leader held it.

    Raises:
        InconsistentCountsError: An interview that was held has no instant, or one that was not has one.
    """

    ratios = ("is_owed", "is_exit")

    customer_id: Id
    since: datetime = attrs.field(eq=by_utc)
    state: InterviewState
    signals: tuple[SignalKind, ...] = attrs.field(default=(), converter=several)
    level: Label[LoyaltyLevel] | None = None
    held_at: datetime | None = attrs.field(default=None, eq=by_utc)
    held_by_id: Id | None = None
    by_leader: bool = False

    def _check(self) -> None:
        super()._check()
        if self.is_owed is not (self.held_at is None) or (self.is_owed and self.by_leader):
            raise InconsistentCountsError(
                "interview_held_or_not",
                "held_at must be given if the interview was held, and only then, and so may by_leader",
                field="held_at",
            )

    @property
    def is_owed(self) -> bool:
        """Whether the interview still has to be held."""
        return self.state in {InterviewState.MISSED, InterviewState.OPEN}

    @property
    def is_exit(self) -> bool:
        """Whether the customer left, so that it is an exit interview."""
        return SignalKind.DEPARTURE in self.signals


def interviews(
    signals: Iterable[Signal],
    talks: Iterable[Task],
    /,
    *,
    as_of: datetime,
    within: timedelta,
    leaders: Iterable[Id] = (),
    standings: Standings | None = None,
) -> tuple[Interview, ...]:
    """Return the interviews that were owed by a reference date, and what became of them; the aggrieved come first.

    A talk settles every earlier signal of the customer, so signals without a talk between them are one interview. It
    is due from the first of them on.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import Task, TaskKind, instant
        >>> from crmcore.voice.loyalty import Signal, SignalKind, interviews
        >>> signals = [
        ...     Signal(customer_id="anna", at=instant("2026-03-02"), kind=SignalKind.FEEDBACK),
        ...     Signal(customer_id="ben", at=instant("2026-03-03"), kind=SignalKind.DEPARTURE),
        ... ]
        >>> talked = Task(
        ...     kind=TaskKind.CONVERSATION, customer_id="anna", due=instant("2026-03-05"), done_at=instant("2026-03-04")
        ... )
        >>> found = interviews(signals, [talked], as_of=instant("2026-04-01"), within=timedelta(days=7))
        >>> [(one.customer_id, one.state.value) for one in found]
        [('ben', 'missed'), ('anna', 'in_time')]

    Args:
        signals: The signals, in any order; those after the reference date are not seen.
        talks: Tasks; the conversations and exit interviews that were done by the reference date count.
        as_of: The reference date.
        within: How soon after the first signal the talk is due, inclusive.
        leaders: The employees who lead, to see whom they spoke with.
        standings: The standings of the customers, for their levels.

    Returns:
        Those that are owed before those that were held. Of each, customers at the worst level come first, then those
        without a level, then the better levels; of one level, the longest waiting.

    Source: the source articles, see why.md.
    """
    now = in_utc(checks.as_instant(as_of, "as_of"))
    limit = checks.as_wait(within, "within")
    leading = {*as_ids(leaders, "leaders")}
    states: Mapping[Id, str] = {} if standings is None else checks.as_instance(standings, Standings, "standings").states
    names = () if standings is None else standings.levels
    found = [
        _judge(group, talk, now=now, limit=limit, leading=leading, level=states.get(customer_id))
        for customer_id, group, talk in _pair_up(signals, _list_talks(talks, now), now)
    ]
    order: dict[str | None, int] = {level: len(names) - place for place, level in enumerate(names)}
    if names:
        order[names[-1]] = -1
    return tuple(sorted(found, key=lambda one: (not one.is_owed, order.get(one.level, 0), in_utc(one.since))))


def _list_talks(tasks: Iterable[Task], now: datetime) -> dict[Id, list[tuple[datetime, Task]]]:
    """Return the talks with each customer, in order of time."""
    talks: dict[Id, list[tuple[datetime, Task]]] = {}
    for task in iterate_once(tasks, Task, "talks"):
        if task.kind in _TALKS and task.customer_id is not None and task.done_at is not None:
            done = in_utc(task.done_at)
            if done <= now:
                talks.setdefault(task.customer_id, []).append((done, task))
    for held in talks.values():
        held.sort(key=_first)
    return talks


def _first(pair: tuple[datetime, object]) -> datetime:
    return pair[0]


def _pair_up(
    signals: Iterable[Signal], talks: Mapping[Id, list[tuple[datetime, Task]]], now: datetime
) -> Iterable[tuple[Id, list[Signal], Task | None]]:
    """Yield the signals of each customer that one talk settles, with the talk; None if there was none yet."""
    by_customer: dict[Id, list[tuple[datetime, Signal]]] = {}
    for signal in checks.iterate_records(signals, Signal, "signals"):
        at = in_utc(signal.at)
        if at <= now:
            by_customer.setdefault(signal.customer_id, []).append((at, signal))
    for customer_id, given in by_customer.items():
        held = talks.get(customer_id, [])
        groups: dict[int, list[Signal]] = {}
        for at, signal in sorted(given, key=_first):
            groups.setdefault(bisect_left(held, at, key=_first), []).append(signal)
        for place, group in groups.items():
            yield customer_id, group, held[place][1] if place < len(held) else None


def _judge(
    group: list[Signal],
    talk: Task | None,
    *,
    now: datetime,
    limit: timedelta,
    leading: set[Id],
    level: str | None,
) -> Interview:
    since = in_utc(group[0].at)
    held_at = None if talk is None else talk.done_at
    passed = (now if held_at is None else in_utc(held_at)) - since
    if held_at is None:
        state = InterviewState.OPEN if passed <= limit else InterviewState.MISSED
    else:
        state = InterviewState.IN_TIME if passed <= limit else InterviewState.LATE
    return Interview(
        customer_id=group[0].customer_id,
        since=group[0].at,
        state=state,
        signals=[signal.kind for signal in group],
        level=level,
        held_at=held_at,
        held_by_id=None if talk is None else talk.done_by_id,
        by_leader=talk is not None and talk.done_by_id in leading,
    )


@attrs.frozen(kw_only=True)
class InterviewCoverage(Tally):
    """Number of interviews owed, held and missed. Records of disjoint interviews can be added.

    Examples:
        >>> from crmcore import InterviewCoverage
        >>> coverage = InterviewCoverage(in_time=6, late=1, missed=3, open=2, by_leaders=2)
        >>> coverage.rate, coverage.leader_share
        (Decimal('0.6'), Decimal('0.2857142857142857142857142857142857'))

    Attributes:
        in_time: The interviews that were held in time.
        late: Those that were held late.
        missed: Those that were not held in time, and not since.
        open: Those that are not due yet; they are in no share.
        by_leaders: Those that leaders held.

    Raises:
        InconsistentCountsError: Leaders held more interviews than were held.
    """

    ratios: ClassVar[tuple[str, ...]] = ("due", "held", "rate", "leader_share")

    in_time: int = 0
    late: int = 0
    missed: int = 0
    open: int = 0
    by_leaders: int = 0

    def _check(self) -> None:
        super()._check()
        if self.by_leaders > self.held:
            raise InconsistentCountsError(
                "more_by_leaders_than_held",
                f"by_leaders must be at most {self.held}, got {self.by_leaders}",
                field="by_leaders",
                operands=(self.by_leaders, self.held),
            )

    @classmethod
    def of(cls, interviews: Iterable[Interview], /) -> Self:
        """Count interviews by what became of them."""
        return cls._count(checks.iterate_records(interviews, Interview, "interviews"))

    @classmethod
    def by(cls, interviews: Iterable[Interview], key: Callable[[Interview], _K], /) -> TallyBy[_K, Self]:
        """Count interviews for each value of a key, such as the level of the customer.

        Args:
            interviews: The interviews.
            key: Returns the key of an interview, such as ``lambda interview: interview.is_exit``.
        """
        checks.check_callable(key, "key", "lambda interview: interview.is_exit")
        groups: dict[_K, list[Interview]] = {}
        guard = KeyGuard(groups)
        for interview in checks.iterate_records(interviews, Interview, "interviews"):
            group = key(interview)
            guard.admit(group)
            groups.setdefault(group, []).append(interview)
        return TallyBy({group: cls._count(found) for group, found in groups.items()})

    @classmethod
    def _count(cls, interviews: Iterable[Interview]) -> Self:
        found = list(interviews)
        states = [one.state for one in found]
        return cls(
            in_time=states.count(InterviewState.IN_TIME),
            late=states.count(InterviewState.LATE),
            missed=states.count(InterviewState.MISSED),
            open=states.count(InterviewState.OPEN),
            by_leaders=sum(one.by_leader for one in found),
        )

    @property
    def due(self) -> int:
        """The interviews that were held or whose time has passed, ``in_time + late + missed``."""
        return self.in_time + self.late + self.missed

    @property
    def held(self) -> int:
        """The interviews that were held, ``in_time + late``."""
        return self.in_time + self.late

    @property
    def rate(self) -> Decimal | None:
        """The share held in time, ``in_time / due``; None if none was due."""
        return ratio(self.in_time, self.due)

    @property
    def leader_share(self) -> Decimal | None:
        """The share of the interviews held that leaders held, ``by_leaders / held``; None if none was held."""
        return ratio(self.by_leaders, self.held)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the rate, or None if none was due.

        Source: Wilson 1927.
        """
        return wilson(self.in_time, self.due, confidence=confidence)

    def explain(self) -> Explanation:
        """Return the interviews and the shares, line by line."""
        return Explanation(
            (
                term("in_time", self.in_time, "interviews"),
                term("late", self.late, "interviews"),
                term("missed", self.missed, "interviews"),
                term("open", self.open, "interviews"),
                term("due", self.due, "interviews", "in_time + late + missed"),
                term("rate", self.rate, "", "in_time / due"),
                term("held", self.held, "interviews", "in_time + late"),
                term("by_leaders", self.by_leaders, "interviews"),
                term("leader_share", self.leader_share, "", "by_leaders / held"),
            )
        )


@attrs.frozen(kw_only=True)
class Complacency(Result):
    """Whether a company with many loyal customers has stopped to ask, to answer and to act.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import Complacency, instant
        >>> resting = Complacency(
        ...     loyal=80,
        ...     known=100,
        ...     as_of=instant("2026-06-30"),
        ...     high_from="0.7",
        ...     quiet_after=timedelta(days=90),
        ...     asked_at=instant("2026-01-15"),
        ... )
        >>> resting.is_high, resting.neglected, resting.is_complacent
        (True, ('asked', 'answered', 'acted'), True)

    Attributes:
        loyal: The customers at the best level.
        known: The customers with a level.
        as_of: The reference date.
        high_from: The share of loyal customers from which loyalty is high, inclusive.
        quiet_after: How long nothing has to happen for it to be neglected, inclusive.
        asked_at: When customers were last asked; None if never.
        answered_at: When a customer was last answered; None if never.
        acted_at: When the company last acted on what customers said; None if never.

    Raises:
        InconsistentCountsError: More loyal customers than customers with a level.

    Source: the source articles, see why.md.
    """

    ratios = ("loyal_share", "is_high", "is_complacent")

    loyal: int
    known: int
    as_of: datetime = attrs.field(eq=by_utc)
    high_from: Annotated[Decimal, SHARE] = attrs.field(converter=fraction, repr=plain_repr)
    quiet_after: timedelta
    asked_at: datetime | None = attrs.field(default=None, eq=by_utc)
    answered_at: datetime | None = attrs.field(default=None, eq=by_utc)
    acted_at: datetime | None = attrs.field(default=None, eq=by_utc)

    def _check(self) -> None:
        super()._check()
        if self.loyal > self.known:
            raise InconsistentCountsError(
                "more_loyal_than_known",
                f"loyal must be at most {self.known}, got {self.loyal}",
                field="loyal",
                operands=(self.loyal, self.known),
            )

    @classmethod
    def of(
        cls,
        standings: Standings,
        /,
        *,
        high_from: Decimal | int | str | float,
        quiet_after: timedelta,
        invitations: Iterable[Invitation] = (),
        feedback: Iterable[Feedback] = (),
        tasks: Iterable[Task] = (),
    ) -> Self:
        """Find when customers were last asked, answered and heeded, as of the reference date of the standings.

        Asking is an invitation to a survey, or a task done: a request for feedback, a satisfaction check, a talk, an
        audit. Answering is an answered feedback or a reply done. Acting is a feedback acted on, or a correction, a
        change or an initiative done.

        Args:
            standings: The standings of all customers.
            high_from: The share of loyal customers from which loyalty is high, inclusive.
            quiet_after: How long nothing has to happen for it to be neglected, inclusive.
            invitations: Invitations to surveys.
            feedback: Feedback.
            tasks: Tasks.
        """
        now = in_utc(checks.as_instance(standings, Standings, "standings").as_of)
        asked = [in_utc(one.at) for one in iterate_once(invitations, Invitation, "invitations")]
        answered: list[datetime] = []
        acted: list[datetime] = []
        for one in iterate_once(feedback, Feedback, "feedback"):
            if one.answered_at is not None:
                answered.append(in_utc(one.answered_at))
            if one.acted_on_at is not None:
                acted.append(in_utc(one.acted_on_at))
        for task in iterate_once(tasks, Task, "tasks"):
            if task.done_at is None:
                continue
            if task.kind in _ASKING:
                asked.append(in_utc(task.done_at))
            elif task.kind == TaskKind.REPLY:
                answered.append(in_utc(task.done_at))
            elif task.kind in _ACTING:
                acted.append(in_utc(task.done_at))
        last = [max((at for at in instants if at <= now), default=None) for instants in (asked, answered, acted)]
        return cls(
            loyal=standings.counts[0],
            known=standings.known,
            as_of=standings.as_of,
            high_from=high_from,
            quiet_after=quiet_after,
            asked_at=last[0],
            answered_at=last[1],
            acted_at=last[2],
        )

    @property
    def loyal_share(self) -> Decimal | None:
        """The share of the customers with a level who are loyal; None if no customer has one."""
        return ratio(self.loyal, self.known)

    @property
    def is_high(self) -> bool | None:
        """Whether loyalty is high; None if no customer has a level."""
        return self.loyal >= UP.multiply(self.high_from, self.known) if self.known else None

    @property
    def neglected(self) -> tuple[str, ...]:
        """Which of ``asked``, ``answered`` and ``acted`` did not happen for `quiet_after`, or ever."""
        last = {"asked": self.asked_at, "answered": self.answered_at, "acted": self.acted_at}
        now = in_utc(self.as_of)
        return tuple(name for name, at in last.items() if at is None or now - in_utc(at) >= self.quiet_after)

    @property
    def is_complacent(self) -> bool | None:
        """Whether loyalty is high and customers were neither asked, answered nor heeded; None if no level is known."""
        return None if self.is_high is None else self.is_high and len(self.neglected) == _ALL

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What the company neglects while its customers are loyal."""
        if not self.is_high or not self.neglected:
            return ()
        return (
            Finding(
                rule="complacency" if self.is_complacent else "neglected_while_loyal",
                severity=Severity.WARNING if self.is_complacent else Severity.INFO,
                subject="company",
                message=f"many customers are loyal, and for a long time there was no {_name_each(self.neglected)}",
                advice="keeping customers loyal is harder than winning them: ask, answer and act",
                evidence=[("loyal", self.loyal), ("known", self.known)],
            ),
        )

    def explain(self) -> Explanation:
        """Return the share of loyal customers and the limits, line by line."""
        return Explanation(
            (
                term("loyal", self.loyal, "customers"),
                term("known", self.known, "customers"),
                term("loyal_share", self.loyal_share, "", "loyal / known"),
                term("high_from", self.high_from),
                term("number_neglected", len(self.neglected), "of asked, answered, acted"),
            ),
            cautions=self.cautions,
        )


_ALL: Final = 3
_WORDS: Final = {"asked": "question", "answered": "answer", "acted": "action"}


def _name_each(neglected: tuple[str, ...]) -> str:
    return " and no ".join(_WORDS[name] for name in neglected)
