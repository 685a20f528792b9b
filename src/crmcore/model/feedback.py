"""What customers say to the company, in private or in public, whether asked or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, cast

import attrs

from crmcore.model import _history
from crmcore.model._history import check_is_unset, check_not_before, set_once
from crmcore.model.moment import Valence
from crmcore.model.survey import Scale, check_on_scale
from crmcore.model.touchpoint import Channel
from crmcore.primitives import _moved, checks
from crmcore.primitives._decimals import EXACT, ONE, plain_repr
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id, are_plain
from crmcore.primitives.periods import by_utc, check_not_after, in_utc
from crmcore.primitives.record import (
    POSITIVE,
    Label,
    Personal,
    Record,
    distinct,
    maybe_number,
    number,
    text as text_or_none,
)

__all__ = [
    "Actor",
    "CaseState",
    "Feedback",
    "FeedbackKind",
    "ReplyPart",
    "Request",
    "Vote",
    "VoteChoice",
]


class Actor(StrEnum):
    """Who did something in the life of a piece of feedback.

    Attributes:
        CUSTOMER: The customer.
        EMPLOYEE: A person of the company.
        BOT: A program that answers as a person would.
        PEER: Another customer, such as in a community. Their answer is none of the company.
        SYSTEM: A program that notes something, such as that somebody has joined the conversation. It never answers.
    """

    CUSTOMER = "customer"
    EMPLOYEE = "employee"
    BOT = "bot"
    PEER = "peer"
    SYSTEM = "system"


class CaseState(StrEnum):
    """The state of a piece of feedback, or a message that leaves the state as it is.

    Attributes:
        NEW: The company has received it, and no employee has taken it up.
        OPEN: The company works on it.
        WAITING_ON_CUSTOMER: The customer has to do something first, such as to answer a question.
        ON_HOLD: Somebody else has to do something first, such as a supplier.
        RESOLVED: The matter is settled.
        CLOSED: The company has put it away. It can be opened again.
        MESSAGE: Somebody writes or says something. It is no state: the state before it goes on.
    """

    NEW = "new"
    OPEN = "open"
    WAITING_ON_CUSTOMER = "waiting_on_customer"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MESSAGE = "message"

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be done: resolved or closed."""
        return self in _OVER


_OVER: Final = frozenset({CaseState.RESOLVED, CaseState.CLOSED})


class FeedbackKind(StrEnum):
    """The kind of feedback.

    Attributes:
        COMPLAINT: The customer says that they are dissatisfied.
        PROBLEM: The customer reports a fault without a complaint: a ticket.
        REVIEW: The customer judges what they bought, usually for others to read.
        COMMENT: The customer comments on something, such as a post.
        QUESTION: The customer asks for an answer, perhaps before they have bought anything.
        PRAISE: The customer says that they are pleased.
        IDEA: The customer suggests a change; others may vote on it.
    """

    COMPLAINT = "complaint"
    PROBLEM = "problem"
    REVIEW = "review"
    COMMENT = "comment"
    QUESTION = "question"
    PRAISE = "praise"
    IDEA = "idea"


class Request(StrEnum):
    """What an idea asks for.

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        MISSING: To add something that is missing.
        IMPROVE: To improve something.
        REMOVE: To remove something.
    """

    MISSING = "missing"
    IMPROVE = "improve"
    REMOVE = "remove"


class ReplyPart(StrEnum):
    """A part of a reply; a good reply has several.

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        THANKS: Thanks, especially for praise.
        RECOGNITION: Praise for the customer, such as for a fault that they found.
        UNDERSTANDING: Understanding for the customer's wish or disappointment.
        APOLOGY: An apology.
        SOLUTION: What the customer asked for, or how to get it.
        ALTERNATIVE: Another offer, if what the customer asked for is not possible.
        REFERRAL: The name of the person or department that takes over.
        COMPENSATION: Money, a discount, a bonus, or the cancellation of the deal.
        REFUSAL: A no: what the customer asked for is not possible.
    """

    THANKS = "thanks"
    RECOGNITION = "recognition"
    UNDERSTANDING = "understanding"
    APOLOGY = "apology"
    SOLUTION = "solution"
    ALTERNATIVE = "alternative"
    REFERRAL = "referral"
    COMPENSATION = "compensation"
    REFUSAL = "refusal"


class VoteChoice(StrEnum):
    """What a customer says about an idea.

    Attributes:
        FOR: They want it too.
        AGAINST: They do not want it.
        WITHDRAWN: They take their vote back.
    """

    FOR = "for"
    AGAINST = "against"
    WITHDRAWN = "withdrawn"


_NEGATIVE: Final = {
    FeedbackKind.COMPLAINT.value: True,
    FeedbackKind.PRAISE.value: False,
    FeedbackKind.PROBLEM.value: True,
}
_History = tuple[tuple[CaseState, datetime, Actor | None], ...]
_NO_HISTORY: Final[_History] = ()
_NO_REPLY: Final[frozenset[Label[ReplyPart]]] = frozenset()
_MANY: Final = 10**9
"""The largest number of votes that the fast path accepts."""
_KINDS: Final = frozenset(map(id, FeedbackKind))
_CHANNELS: Final = frozenset(map(id, (None, *Channel)))
_VALENCES: Final = frozenset(map(id, (None, *Valence)))
"""A forged member, or the text of one, is none of these."""


def _accept_history(history: Iterable[tuple[CaseState, datetime, Actor | None]]) -> _History:
    """Accept any iterable of entries; unlike `several`, it lets type checkers refuse states without an instant."""
    return cast("_History", history)


def _follows(later: datetime, earlier: datetime) -> bool:
    """Return whether a plain instant in UTC is not before another one in UTC."""
    return type(later) is datetime and later.tzinfo is UTC and later >= earlier


@attrs.frozen(kw_only=True)
class Feedback(Record):
    """Something that a customer said, and when the company answered, resolved and acted on it.

    Examples:
        >>> from crmcore import Channel, Feedback, FeedbackKind, ReplyPart, elapsed, instant
        >>> complaint = Feedback(
        ...     kind=FeedbackKind.COMPLAINT,
        ...     received_at=instant("2026-03-02T09:00"),
        ...     channel=Channel.REVIEW_SITE,
        ...     cause="delivery",
        ...     text="Anna promised Monday!",
        ... )
        >>> complaint.is_negative, complaint.is_public, "Anna" in repr(complaint)
        (True, True, False)
        >>> answered = complaint.answered(instant("2026-03-03T15:00"), reply=[ReplyPart.APOLOGY, ReplyPart.SOLUTION])
        >>> elapsed(answered.received_at, answered.answered_at).total_seconds() / 3600
        30.0

    What the company owes because of it are tasks whose `about_id` is its id. The text is in the customer's own words.
    It is left out of `repr` and of every message.

    Attributes:
        kind: The kind of feedback.
        received_at: When the company received it.
        customer_id: The customer; None if they are unknown.
        channel: The channel by which it came.
        public: Whether others can read it; None leaves it to the channel (see `is_public`).
        valence: Good, neutral or bad; None leaves it to the kind (see `is_negative`).
        category: What it is about, such as ``"delivery"``, for counting and for choosing who handles it.
        cause: The cause that was found.
        severity: The weight of the feedback, > 0; ordinary feedback has 1.
        text: The customer's own words.
        request: What an idea asks for.
        rating: The stars or points that it gives, on `scale`.
        scale: The scale of the rating.
        votes_for: The number of others who want the same.
        votes_against: The number of others who do not.
        touchpoint_id: The touchpoint it is about.
        employee_id: The employee it is about.
        interaction_id: The interaction it is about.
        handler_id: The employee who handles it.
        answered_at: When the company first answered; not before `received_at`. If an employee writes in the history
            before it, or it is not given, it is the first message of an employee.
        resolved_at: When the matter was resolved for the customer; not before `received_at`. If it is not given and the
            history ends resolved or closed, it is when that began.
        acted_on_at: When the company changed something because of it; not before `received_at`.
        announced_at: When the company announced the change; not before `acted_on_at`.
        reply: The parts of the answer.
        recovered: Whether the customer confirmed that they are satisfied again; None if they were not asked. Only with
            `resolved_at`.
        id: The id of the feedback; tasks refer to it.
        told_at: When the company told the customer who gave the feedback about the change; not before `acted_on_at`.
        history: The states it went through and the messages about it, each with its instant and who acted, in order of
            time; None for somebody unknown, who cannot write a message. Until the first state it is new. Entries with
            the same instant keep the order in which they are given. It need not repeat `answered_at` and
            `resolved_at`: `timeline` has them too.

    Raises:
        InvalidValueError: An instant is before the one that it follows; a reply without `answered_at`; `recovered`
            without `resolved_at`; a rating without a scale, a scale without a rating, or a rating outside its scale; a
            message of somebody unknown; `resolved_at` although the history says that it is open.
    """

    kind: FeedbackKind
    received_at: datetime = attrs.field(eq=by_utc)
    customer_id: Id | None = None
    channel: Label[Channel] | None = None
    public: bool | None = None
    valence: Valence | None = None
    category: Personal = attrs.field(default="", converter=text_or_none)
    cause: Personal = attrs.field(default="", converter=text_or_none)
    severity: Annotated[Decimal, POSITIVE] = attrs.field(default=ONE, converter=number, repr=plain_repr)
    text: Personal = attrs.field(default="", converter=text_or_none)
    request: Label[Request] | None = None
    rating: Decimal | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr)
    scale: Scale | None = None
    votes_for: int = 0
    votes_against: int = 0
    touchpoint_id: Id | None = None
    employee_id: Id | None = None
    interaction_id: Id | None = None
    handler_id: Id | None = None
    answered_at: datetime | None = attrs.field(default=None, eq=by_utc)
    resolved_at: datetime | None = attrs.field(default=None, eq=by_utc)
    acted_on_at: datetime | None = attrs.field(default=None, eq=by_utc)
    announced_at: datetime | None = attrs.field(default=None, eq=by_utc)
    reply: frozenset[Label[ReplyPart]] = attrs.field(default=_NO_REPLY, converter=distinct, repr=checks.sorted_repr)
    recovered: bool | None = None
    id: Id | None = None
    told_at: datetime | None = attrs.field(default=None, eq=by_utc)
    history: tuple[tuple[CaseState, datetime, Actor | None], ...] = attrs.field(
        default=_NO_HISTORY, converter=_accept_history, eq=_history.convert_to_utc
    )

    _former: ClassVar[Mapping[str, str]] = {"wish": "request"}  # since 0.2.0

    def __attrs_post_init__(self) -> None:
        at = self.received_at
        if not (  # 2.9x as fast as _check
            type(self) is Feedback
            and type(at) is datetime
            and at.tzinfo is UTC
            and id(self.kind) in _KINDS
            and id(self.channel) in _CHANNELS
            and id(self.valence) in _VALENCES
            and (self.public is None or type(self.public) is bool)
            and type(self.category) is str
            and type(self.cause) is str
            and type(self.text) is str
            and self.severity is ONE
            and self.request is None
            and self.rating is None
            and self.scale is None
            and type(self.votes_for) is int
            and type(self.votes_against) is int
            and 0 <= self.votes_for <= _MANY
            and 0 <= self.votes_against <= _MANY
            and (self.answered_at is None or _follows(self.answered_at, at))
            and (self.resolved_at is None or _follows(self.resolved_at, at))
            and self.acted_on_at is None
            and self.announced_at is None
            and self.reply is _NO_REPLY
            and self.recovered is None
            and self.told_at is None
            and self.history is _NO_HISTORY
            and are_plain(
                (
                    self.customer_id,
                    self.touchpoint_id,
                    self.employee_id,
                    self.interaction_id,
                    self.handler_id,
                    self.id,
                )
            )
        ):
            self._check()

    def _check(self) -> None:
        super()._check()
        if self.severity == ONE:
            checks.set_field(self, "severity", ONE)
        self._check_rating()
        for name in ("answered_at", "resolved_at", "acted_on_at", "announced_at", "told_at"):
            check_not_before(self, name, "received_at")
        check_not_before(self, "announced_at", "acted_on_at")
        check_not_before(self, "told_at", "acted_on_at")
        if self.history:
            self._check_history()
        if self.reply and self.answered_at is None:
            raise InvalidValueError(
                "reply_without_answer",
                "reply must be empty without answered_at",
                field="reply",
                advice="give answered_at too",
            )
        if self.recovered is not None and self.resolved_at is None:
            raise InvalidValueError(
                "recovered_but_not_resolved",
                "recovered must be empty without resolved_at",
                field="recovered",
                advice="give resolved_at too",
            )

    def _check_history(self) -> None:
        _history.check_order_of_time(self.history, "history")
        first = self.history[0][1]
        if in_utc(first) < in_utc(self.received_at):
            raise InvalidValueError(
                "history_before_receipt",
                f"history must not begin before received_at, got {show(first)} and {show(self.received_at)}",
                field="history",
                record=0,
                operands=(first, self.received_at),
            )
        for place, (state, _, by) in enumerate(self.history):
            if state is CaseState.MESSAGE and by is None:
                raise InvalidValueError(
                    "message_without_author",
                    "history must say who wrote each message",
                    field="history",
                    record=place,
                    advice="give a member of Actor, such as Actor.EMPLOYEE",
                )
        self._complete()
        last = _history.find_last_state(self.history, CaseState.MESSAGE)
        if last is not None and not last.is_over and self.resolved_at is not None:
            raise InvalidValueError(
                "resolved_but_open",
                f"resolved_at must be empty while the history says that the feedback is {last.value}",
                field="resolved_at",
                advice="add a last entry with CaseState.RESOLVED to the history; to open it again, use entered",
                operands=(last,),
            )

    def _complete(self) -> None:
        """Set the first answer and the resolution if only the history tells them."""
        wrote = (at for state, at, by in self.history if state is CaseState.MESSAGE and by is Actor.EMPLOYEE)
        answered = next(wrote, None)
        if answered is not None and (self.answered_at is None or in_utc(answered) < in_utc(self.answered_at)):
            checks.set_field(self, "answered_at", answered)
        if self.resolved_at is None:
            resolved = None
            for state, at, _ in self.history:
                if state is not CaseState.MESSAGE:
                    resolved = (at if resolved is None else resolved) if state.is_over else None
            checks.set_field(self, "resolved_at", resolved)

    def _check_rating(self) -> None:
        if self.rating is None and self.scale is not None:
            raise InvalidValueError(
                "scale_without_number",
                "scale must be empty without a rating",
                field="scale",
                advice="give both or neither",
            )
        if self.rating is not None:
            if self.scale is None:
                raise InvalidValueError(
                    "rating_without_scale",
                    "rating must have a scale",
                    field="scale",
                    advice="give one, such as scale=Scale.RATING_1_5",
                )
            check_on_scale(self.rating, self.scale, "rating")

    @property
    def is_public(self) -> bool | None:
        """Whether others can read the feedback: `public`, or else by the channel; None if neither decides.

        Social networks, review sites and forums are public, other members of `Channel` are private. A text of your own
        does not decide.
        """
        if self.public is not None or not isinstance(self.channel, Channel):
            return self.public
        return self.channel.is_public

    @property
    def is_negative(self) -> bool | None:
        """Whether the feedback is negative: by its valence, its kind or its rating; None if none of them decides.

        The first that decides counts. Complaints and problems are negative, praise is not; the other kinds do not
        decide. A rating is negative if it is in the worse half of its scale: one or two stars of five. The middle is
        not negative. A scale of which it is not known which end is better does not decide. For another limit, give the
        valence.
        """
        if self.valence is not None:
            return self.valence is Valence.BAD
        known = _NEGATIVE.get(self.kind.value)
        return self._is_rated_badly() if known is None else known

    def _is_rated_badly(self) -> bool | None:
        """Return whether the rating is in the worse half of its scale; None if it or the better end is not known."""
        scale = self.scale
        if self.rating is None or scale is None or scale.low is None or scale.high is None:
            return None  # a scale of a rating has numbers
        better = scale.higher_is_better
        twice, ends = EXACT.add(self.rating, self.rating), scale.low + scale.high
        return None if better is None else twice < ends if better else twice > ends

    @property
    def timeline(self) -> tuple[tuple[CaseState, datetime, Actor | None], ...]:
        """The history with the answer at `answered_at` and the resolution at `resolved_at` where it does not tell them.

        Everything that reads what happened to feedback reads this, so it does not matter which of `answered`,
        `resolved`, `entered` and the fields told it. Of entries with the same instant those of the history are first.

        Examples:
            >>> from crmcore import Actor, CaseState, Feedback, FeedbackKind, instant
            >>> question = Feedback(kind=FeedbackKind.QUESTION, received_at=instant("2026-03-02"))
            >>> question = question.answered(instant("2026-03-03"))
            >>> question = question.entered(CaseState.MESSAGE, instant("2026-03-04"), by=Actor.CUSTOMER)
            >>> [(at.day, by.value) for _, at, by in question.timeline]
            [(3, 'employee'), (4, 'customer')]
        """
        return self._add_resolution(self._add_answer(self.history))

    def _add_answer(self, told: _History) -> _History:
        """Return entries with the answer at `answered_at`, unless an employee has written by then."""
        if self.answered_at is None:
            return told
        answered = in_utc(self.answered_at)
        for state, at, by in told:
            if state is CaseState.MESSAGE and by is Actor.EMPLOYEE and in_utc(at) <= answered:
                return told
        return _history.insert(told, (CaseState.MESSAGE, self.answered_at, Actor.EMPLOYEE))

    def _add_resolution(self, told: _History) -> _History:
        """Return entries with the resolution at `resolved_at`, unless it is over by then."""
        if self.resolved_at is None:
            return told
        resolved, is_over = in_utc(self.resolved_at), False
        for state, at, _ in told:
            if state is not CaseState.MESSAGE and in_utc(at) <= resolved:
                is_over = state.is_over or (is_over and in_utc(at) == resolved)
        return told if is_over else _history.insert(told, (CaseState.RESOLVED, self.resolved_at, None))

    @property
    def state(self) -> CaseState | None:
        """The last state in the timeline; None if there is none, as without a history and `resolved_at`."""
        return _history.find_last_state(self.timeline, CaseState.MESSAGE)

    def spans(self, as_of: datetime) -> tuple[tuple[CaseState, datetime, datetime], ...]:
        """Return the states in order, each with its start and its end in UTC, from the receipt to an instant.

        Feedback is new until its first state. A state that follows itself is one span.

        Examples:
            >>> from crmcore import Feedback, FeedbackKind, instant
            >>> problem = Feedback(kind=FeedbackKind.PROBLEM, received_at=instant("2026-03-02T09:00"))
            >>> spans = problem.resolved(instant("2026-03-02T12:00")).spans(instant("2026-03-02T15:00"))
            >>> [(state.value, start.hour, end.hour) for state, start, end in spans]
            [('new', 9, 12), ('resolved', 12, 15)]

        Args:
            as_of: The reference date, not before the receipt; what happened later has not happened yet.

        Raises:
            InvalidValueError: The reference date is before the receipt.
        """
        reference = in_utc(checks.as_instant(as_of, "as_of"))
        check_not_after(reference, self.received_at, "feedback", self.id)
        moves = [(state, in_utc(at)) for state, at, _ in self.timeline if state is not CaseState.MESSAGE]
        state, start = CaseState.NEW, in_utc(self.received_at)
        spans: list[tuple[CaseState, datetime, datetime]] = []
        for entered, at in moves:
            if entered is not state and at <= reference:
                spans.append((state, start, at))
                state, start = entered, at
        return (*spans, (state, start, reference))

    def entered(self, state: CaseState, at: datetime, *, by: Actor | None = None) -> Feedback:
        """Return the feedback with one more entry in its history.

        The first message of an employee sets `answered_at`, and a state in which it is over sets `resolved_at`, unless
        they are set already. Any other state empties `resolved_at` and `recovered`, because the matter is open again.
        The history keeps the resolution.

        Examples:
            >>> from crmcore import Actor, CaseState, Feedback, FeedbackKind, instant
            >>> problem = Feedback(kind=FeedbackKind.PROBLEM, received_at=instant("2026-03-02T09:00"))
            >>> problem = problem.entered(CaseState.MESSAGE, instant("2026-03-02T09:01"), by=Actor.BOT)
            >>> problem = problem.entered(CaseState.MESSAGE, instant("2026-03-02T11:00"), by=Actor.EMPLOYEE)
            >>> problem = problem.entered(CaseState.RESOLVED, instant("2026-03-02T12:00"), by=Actor.EMPLOYEE)
            >>> problem.answered_at.hour, problem.resolved_at.hour
            (11, 12)
            >>> again = problem.entered(CaseState.OPEN, instant("2026-03-04T12:00"), by=Actor.CUSTOMER)
            >>> again.state.value, again.resolved_at
            ('open', None)

        Args:
            state: The state, or `CaseState.MESSAGE`.
            at: When it was entered; not before the last entry, nor before a resolution that it undoes.
            by: Who acted; None if that is unknown, which a message does not allow.
        """
        checks.as_member(state, CaseState, "state")
        resolved, recovered, told = self.resolved_at, self.recovered, self.history
        checks.as_member(state, CaseState, "state")
        if state is not CaseState.MESSAGE and state not in _OVER:
            resolved, recovered, told = None, None, self._add_resolution(told)
        return attrs.evolve(self, resolved_at=resolved, recovered=recovered, history=(*told, (state, at, by)))

    def answered(self, at: datetime, *, reply: Iterable[Label[ReplyPart]] = ()) -> Feedback:
        """Return the feedback with the first answer of the company.

        Raises:
            IllegalTransitionError: The feedback is already answered.
        """
        return set_once(self, "answered_at", at, reply=reply)

    def resolved(self, at: datetime, *, recovered: bool | None = None) -> Feedback:
        """Return the feedback as resolved. A history that says that it is open gets one more entry.

        To know who resolved it, use `entered` instead.

        Args:
            at: When it was resolved.
            recovered: Whether the customer confirmed that they are satisfied again; None keeps what is known.

        Raises:
            IllegalTransitionError: The feedback is already resolved.
        """
        check_is_unset(self, "resolved_at")
        done = (CaseState.RESOLVED, checks.as_instant(at, "resolved_at"), None)
        history = _history.insert(self.history, done) if self.history else self.history
        known = self.recovered if recovered is None else recovered
        return attrs.evolve(self, resolved_at=at, recovered=known, history=history)

    def acted_on(self, at: datetime) -> Feedback:
        """Return the feedback as acted on: the company changed something because of it.

        Raises:
            IllegalTransitionError: The feedback is already acted on.
        """
        return set_once(self, "acted_on_at", at)

    def announced(self, at: datetime) -> Feedback:
        """Return the feedback with the change announced to customers.

        Raises:
            IllegalTransitionError: The change is already announced.
        """
        return set_once(self, "announced_at", at)

    def told(self, at: datetime) -> Feedback:
        """Return the feedback with the customer who gave it told about the change.

        Raises:
            IllegalTransitionError: The customer has been told already.
        """
        return set_once(self, "told_at", at)


@attrs.frozen(kw_only=True)
class Vote(Record):
    """A vote on an idea, or the withdrawal of one. A later vote of the same voter on the idea replaces it.

    Examples:
        >>> from crmcore import Vote, VoteChoice, instant
        >>> Vote(idea_id="dark mode", voter_id=7, at=instant("2026-03-02"), choice=VoteChoice.FOR).choice.value
        'for'

    Attributes:
        idea_id: The id of the idea, which is feedback of the kind `FeedbackKind.IDEA`.
        at: When the vote was cast.
        choice: What the voter says.
        voter_id: The customer who votes; None if they are unknown.
        id: The id of the vote.
    """

    idea_id: Id
    at: datetime = attrs.field(eq=by_utc)
    choice: VoteChoice
    voter_id: Id | None = None
    id: Id | None = None


if not TYPE_CHECKING:  # hidden from type checkers, which would take any name for granted
    __getattr__ = _moved.find_names_of(__name__)
