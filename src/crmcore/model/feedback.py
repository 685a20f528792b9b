"""What customers say to the company, in private or in public, whether asked or not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, cast

import attrs

from crmcore.model.moment import Valence
from crmcore.model.survey import FeedbackChannel, Scale, check_on_scale
from crmcore.primitives import checks
from crmcore.primitives._decimals import ONE, plain_repr
from crmcore.primitives.checks import show
from crmcore.primitives.errors import IllegalTransitionError, InvalidValueError
from crmcore.primitives.ids import ID_TYPES, Id, check_id
from crmcore.primitives.periods import by_utc, in_utc

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


_PUBLIC: Final = {
    FeedbackChannel.FORUM.value,
    FeedbackChannel.REVIEW_SITE.value,
    FeedbackChannel.SOCIAL.value,
}
_NEGATIVE: Final = {
    FeedbackKind.COMPLAINT.value: True,
    FeedbackKind.PRAISE.value: False,
    FeedbackKind.PROBLEM.value: True,
}
_NO_REPLY: Final[frozenset[ReplyPart]] = frozenset()


# The converters tell type checkers what a field accepts; __attrs_post_init__ converts.


def _accept_reply(reply: Iterable[ReplyPart]) -> frozenset[ReplyPart]:
    return cast("frozenset[ReplyPart]", reply)


def _accept_number(number: Decimal | int | str | None) -> Decimal | None:
    return cast("Decimal | None", number)


def _follows(later: datetime, earlier: datetime) -> bool:
    """Return whether a plain instant in UTC is not before another one in UTC."""
    return type(later) is datetime and later.tzinfo is UTC and later >= earlier


@attrs.frozen(kw_only=True)
class Feedback:
    """Something that a customer said, and when the company answered, resolved and acted on it.

    Examples:
        >>> from crmcore import Feedback, FeedbackChannel, FeedbackKind, ReplyPart, elapsed, instant
        >>> complaint = Feedback(
        ...     kind=FeedbackKind.COMPLAINT,
        ...     received_at=instant("2026-03-02T09:00"),
        ...     channel=FeedbackChannel.REVIEW_SITE,
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
        recovered: Whether the customer confirmed that they are satisfied again; None if they were not asked.
        id: The id of the feedback; tasks refer to it.

    Raises:
        InvalidValueError: An instant is before the one that it follows; a reply without `answered_at`; a rating
            without a scale, a scale without a rating, or a rating outside its scale.
    """

    kind: FeedbackKind
    received_at: datetime = attrs.field(eq=by_utc)
    customer_id: Id | None = None
    channel: FeedbackChannel | None = None
    public: bool | None = None
    valence: Valence | None = None
    category: str = ""
    cause: str = ""
    severity: Decimal = attrs.field(default=ONE, converter=checks.number, repr=plain_repr)
    text: str = attrs.field(default="", repr=False)
    request: Request | None = None
    rating: Decimal | None = attrs.field(default=None, converter=_accept_number, repr=plain_repr)
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
    reply: frozenset[ReplyPart] = attrs.field(default=_NO_REPLY, converter=_accept_reply, repr=checks.sorted_repr)
    recovered: bool | None = None
    id: Id | None = None

    def __attrs_post_init__(self) -> None:
        at = self.received_at
        if not (  # 2.8x as fast as _check
            type(at) is datetime
            and at.tzinfo is UTC
            and type(self.kind) is FeedbackKind
            and (self.channel is None or type(self.channel) is FeedbackChannel)
            and (self.valence is None or type(self.valence) is Valence)
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
            and self.votes_for >= 0
            and self.votes_against >= 0
            and (self.answered_at is None or _follows(self.answered_at, at))
            and (self.resolved_at is None or _follows(self.resolved_at, at))
            and self.acted_on_at is None
            and self.announced_at is None
            and self.reply is _NO_REPLY
            and self.recovered is None
            and type(self.customer_id) in ID_TYPES
            and type(self.touchpoint_id) in ID_TYPES
            and type(self.employee_id) in ID_TYPES
            and type(self.interaction_id) in ID_TYPES
            and type(self.handler_id) in ID_TYPES
            and type(self.id) in ID_TYPES
            and ""
            not in (
                self.customer_id,
                self.touchpoint_id,
                self.employee_id,
                self.interaction_id,
                self.handler_id,
                self.id,
            )
        ):
            self._check()

    def _check(self) -> None:
        checks.as_member(self.kind, FeedbackKind, "kind")
        checks.as_instant(self.received_at, "received_at")
        for name in ("customer_id", "touchpoint_id", "employee_id", "interaction_id", "handler_id", "id"):
            check_id(getattr(self, name), name)
        if self.channel is not None:
            checks.as_member(self.channel, FeedbackChannel, "channel")
        if self.valence is not None:
            checks.as_member(self.valence, Valence, "valence")
        if self.request is not None:
            checks.as_member(self.request, Request, "request")
        for name in ("public", "recovered"):
            if getattr(self, name) is not None:
                checks.as_instance(getattr(self, name), bool, name)
        for name in ("category", "cause", "text"):
            checks.as_text(getattr(self, name), name)
        severity = checks.as_positive(self.severity, "severity")
        checks.set_field(self, "severity", ONE if severity == ONE else severity)
        for name in ("votes_for", "votes_against"):
            checks.set_field(self, name, checks.as_count(getattr(self, name), name))
        self._check_rating()
        for name in ("answered_at", "resolved_at", "acted_on_at", "announced_at"):
            self._check_order("received_at", name)
        self._check_order("acted_on_at", "announced_at")
        self._check_reply()

    def _check_rating(self) -> None:
        if self.scale is not None:
            checks.as_member(self.scale, Scale, "scale")
        if self.rating is None:
            if self.scale is not None:
                raise InvalidValueError("scale must be None without a rating; give both or neither")
            return
        rating = checks.as_exact(self.rating, "rating")
        if self.scale is None:
            raise InvalidValueError("rating must have a scale; give one, such as scale=Scale.RATING_1_5")
        check_on_scale(rating, self.scale, "rating")
        checks.set_field(self, "rating", rating)

    def _check_order(self, first: str, second: str) -> None:
        earlier, later = getattr(self, first), getattr(self, second)
        if later is None:
            return
        checks.as_instant(later, second)
        if earlier is not None and in_utc(later) < in_utc(earlier):
            raise InvalidValueError(
                f"{second} must not be before {first}, got {show(later)} and {show(earlier)}", later, earlier
            )

    def _check_reply(self) -> None:
        reply = checks.as_members(self.reply, ReplyPart, "reply")
        if reply and self.answered_at is None:
            raise InvalidValueError("reply must be empty without an answer; give answered_at too")
        checks.set_field(self, "reply", reply or _NO_REPLY)

    @property
    def is_public(self) -> bool | None:
        """Whether others can read the feedback: `public`, or else by the channel; None if both are unknown.

        Social networks, review sites and forums are public; all other channels are private.
        """
        if self.public is not None or self.channel is None:
            return self.public
        return self.channel.value in _PUBLIC

    @property
    def is_negative(self) -> bool | None:
        """Whether the feedback is negative: by its valence, or else by its kind; None if neither decides.

        Complaints and problems are negative, praise is not; the other kinds do not decide.
        """
        if self.valence is not None:
            return self.valence is Valence.BAD
        return _NEGATIVE.get(self.kind.value)

    def answered(self, at: datetime, *, reply: Iterable[ReplyPart] = ()) -> Feedback:
        """Return the feedback with the first answer of the company.

        Raises:
            IllegalTransitionError: The feedback is already answered.
        """
        self._check_is_unset("answered_at")
        return attrs.evolve(self, answered_at=at, reply=reply)

    def resolved(self, at: datetime, *, recovered: bool | None = None) -> Feedback:
        """Return the feedback as resolved.

        Args:
            at: When it was resolved.
            recovered: Whether the customer confirmed that they are satisfied again; None keeps what is known.

        Raises:
            IllegalTransitionError: The feedback is already resolved.
        """
        self._check_is_unset("resolved_at")
        return attrs.evolve(self, resolved_at=at, recovered=self.recovered if recovered is None else recovered)

    def acted_on(self, at: datetime) -> Feedback:
        """Return the feedback as acted on: the company changed something because of it.

        Raises:
            IllegalTransitionError: The feedback is already acted on.
        """
        self._check_is_unset("acted_on_at")
        return attrs.evolve(self, acted_on_at=at)

    def announced(self, at: datetime) -> Feedback:
        """Return the feedback with the change announced to customers.

        Raises:
            IllegalTransitionError: The change is already announced.
        """
        self._check_is_unset("announced_at")
        return attrs.evolve(self, announced_at=at)

    def _check_is_unset(self, name: str) -> None:
        already = getattr(self, name)
        if already is not None:
            raise IllegalTransitionError(
                f"{name} is already {show(already)}; to correct it, use attrs.evolve(..., {name}=...)", already
            )
