"""What customers say to the company, in private or in public, whether asked or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

import attrs

from crmcore.model._history import check_is_unset, check_not_before
from crmcore.model.moment import Valence
from crmcore.model.survey import Scale, check_on_scale
from crmcore.model.touchpoint import Channel
from crmcore.primitives import _moved, checks
from crmcore.primitives._decimals import ONE, plain_repr
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id, are_plain
from crmcore.primitives.periods import by_utc
from crmcore.primitives.record import POSITIVE, Label, Record, distinct, maybe_number, number, text as text_or_none

__all__ = ["Feedback", "FeedbackKind", "ReplyPart", "Request"]


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
    """

    THANKS = "thanks"
    RECOGNITION = "recognition"
    UNDERSTANDING = "understanding"
    APOLOGY = "apology"
    SOLUTION = "solution"
    ALTERNATIVE = "alternative"
    REFERRAL = "referral"
    COMPENSATION = "compensation"


_NEGATIVE: Final = {
    FeedbackKind.COMPLAINT.value: True,
    FeedbackKind.PRAISE.value: False,
    FeedbackKind.PROBLEM.value: True,
}
_NO_REPLY: Final[frozenset[Label[ReplyPart]]] = frozenset()
_MANY: Final = 10**9
"""The largest number of votes that the fast path accepts."""
_KINDS: Final = frozenset(map(id, FeedbackKind))
_CHANNELS: Final = frozenset(map(id, (None, *Channel)))
_VALENCES: Final = frozenset(map(id, (None, *Valence)))
"""A forged member, or the text of one, is none of these."""


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
        answered_at: When the company first answered; not before `received_at`.
        resolved_at: When the matter was resolved for the customer; not before `received_at`.
        acted_on_at: When the company changed something because of it; not before `received_at`.
        announced_at: When the company announced the change; not before `acted_on_at`.
        reply: The parts of the answer.
        recovered: Whether the customer confirmed that they are satisfied again; None if they were not asked. Only with
            `resolved_at`.
        id: The id of the feedback; tasks refer to it.

    Raises:
        InvalidValueError: An instant is before the one that it follows; a reply without `answered_at`; `recovered`
            without `resolved_at`; a rating without a scale, a scale without a rating, or a rating outside its scale.
    """

    kind: FeedbackKind
    received_at: datetime = attrs.field(eq=by_utc)
    customer_id: Id | None = None
    channel: Label[Channel] | None = None
    public: bool | None = None
    valence: Valence | None = None
    category: str = attrs.field(default="", converter=text_or_none)
    cause: str = attrs.field(default="", converter=text_or_none)
    severity: Annotated[Decimal, POSITIVE] = attrs.field(default=ONE, converter=number, repr=plain_repr)
    text: str = attrs.field(default="", converter=text_or_none, repr=False)
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
        for name in ("answered_at", "resolved_at", "acted_on_at", "announced_at"):
            check_not_before(self, name, "received_at")
        check_not_before(self, "announced_at", "acted_on_at")
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
        """Whether the feedback is negative: by its valence, or else by its kind; None if neither decides.

        Complaints and problems are negative, praise is not; the other kinds do not decide.
        """
        if self.valence is not None:
            return self.valence is Valence.BAD
        return _NEGATIVE.get(self.kind.value)

    def answered(self, at: datetime, *, reply: Iterable[Label[ReplyPart]] = ()) -> Feedback:
        """Return the feedback with the first answer of the company.

        Raises:
            IllegalTransitionError: The feedback is already answered.
        """
        check_is_unset(self, "answered_at")
        return attrs.evolve(self, answered_at=at, reply=reply)

    def resolved(self, at: datetime, *, recovered: bool | None = None) -> Feedback:
        """Return the feedback as resolved.

        Args:
            at: When it was resolved.
            recovered: Whether the customer confirmed that they are satisfied again; None keeps what is known.

        Raises:
            IllegalTransitionError: The feedback is already resolved.
        """
        check_is_unset(self, "resolved_at")
        return attrs.evolve(self, resolved_at=at, recovered=self.recovered if recovered is None else recovered)

    def acted_on(self, at: datetime) -> Feedback:
        """Return the feedback as acted on: the company changed something because of it.

        Raises:
            IllegalTransitionError: The feedback is already acted on.
        """
        check_is_unset(self, "acted_on_at")
        return attrs.evolve(self, acted_on_at=at)

    def announced(self, at: datetime) -> Feedback:
        """Return the feedback with the change announced to customers.

        Raises:
            IllegalTransitionError: The change is already announced.
        """
        check_is_unset(self, "announced_at")
        return attrs.evolve(self, announced_at=at)


if not TYPE_CHECKING:  # hidden from type checkers, which would take any name for granted
    __getattr__ = _moved.find_names_of(__name__)
