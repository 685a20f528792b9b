"""Feedback: what comes back from customers, asked for or not, to the company alone or for all to read."""

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
from crmcore.primitives.errors import IllegalTransitionError, InvalidValueError, WrongTypeError
from crmcore.primitives.ids import ID_TYPES, Id, check_id
from crmcore.primitives.periods import by_utc, in_utc

__all__ = ["Feedback", "FeedbackKind", "ReplyPart", "Request"]


class FeedbackKind(StrEnum):
    """What came back.

    Attributes:
        COMPLAINT: He is dissatisfied and says so.
        PROBLEM: He reports a fault, without reproach: a ticket.
        REVIEW: He judges what he bought, mostly for others to read.
        COMMENT: He remarks on something, such as a post.
        QUESTION: He asks for an answer, also before he ever bought.
        PRAISE: He is pleased and says so.
        IDEA: He wishes that something were otherwise; others may vote on it.
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
        MISSING: Something that is not there.
        IMPROVE: Something that could be better.
        REMOVE: Something that should go.
    """

    MISSING = "missing"
    IMPROVE = "improve"
    REMOVE = "remove"


class ReplyPart(StrEnum):
    """What a reply holds; a good one holds several.

    Attributes:
        THANKS: Thanks, above all for praise.
        RECOGNITION: Praise for the customer, such as for the fault he found.
        UNDERSTANDING: That his wish or disappointment is understood.
        APOLOGY: That one is sorry.
        SOLUTION: What he asked for, or the way to it.
        ALTERNATIVE: Something else, where what he asked for cannot be.
        REFERRAL: Who will see to it.
        COMPENSATION: Money, a discount, a bonus, or that the deal is undone.
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


def _parts(parts: Iterable[ReplyPart]) -> frozenset[ReplyPart]:
    return cast("frozenset[ReplyPart]", parts)


def _optional_number(value: Decimal | int | str | None) -> Decimal | None:
    return cast("Decimal | None", value)


def _follows(later: datetime, earlier: datetime) -> bool:
    """Whether an instant of UTC does not lie before another one of UTC."""
    return type(later) is datetime and later.tzinfo is UTC and later >= earlier


@attrs.frozen(kw_only=True)
class Feedback:
    """Something that came back from a customer, and when the company did what about it.

    Examples:
        >>> from crmcore import elapsed, instant
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

    What is owed because of it are tasks that name its id. The text, the customer's own words, stays out of `repr` and
    of every message.

    Attributes:
        kind: What came back.
        received_at: When.
        customer_id: From whom; None is an unknown customer.
        channel: By which way.
        public: Whether others can read it; where that is not said, the channel tells (see `is_public`).
        valence: Good, neutral or bad; where that is not said, the kind may tell (see `is_negative`).
        category: What it is about, such as ``"delivery"``: what one counts by, and finds the right desk by.
        cause: What was found to be behind it.
        severity: How much it weighs beside an ordinary one, above nought.
        text: The customer's own words.
        request: What an idea asks for.
        rating: The stars or points it gives, on `scale`.
        scale: From which number to which the rating goes.
        votes_for: How many others wish the same.
        votes_against: How many do not.
        touchpoint_id: The touchpoint it is about.
        employee_id: The employee it is about.
        interaction_id: The interaction it came of.
        handler_id: Who sees to it.
        answered_at: When the company first answered.
        resolved_at: When the matter was settled for the customer.
        acted_on_at: When the company changed something because of it.
        announced_at: When customers were told of the change.
        reply: What the answer held.
        recovered: Whether the customer confirmed that all is well again; None where nobody asked him.
        id: The feedback's own id, which tasks refer to.

    Raises:
        InvalidValueError: Something happened before it was received, or was announced before it was done; a reply
            without `answered_at`, a rating without its scale, or outside it; an empty id; a severity of nought or less.
        NaiveInstantError: An instant without a time zone.
        WrongTypeError: A value of the wrong type.
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
    rating: Decimal | None = attrs.field(default=None, converter=_optional_number, repr=plain_repr)
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
    reply: frozenset[ReplyPart] = attrs.field(default=_NO_REPLY, converter=_parts, repr=checks.sorted_repr)
    recovered: bool | None = None
    id: Id | None = None

    def __attrs_post_init__(self) -> None:
        at = self.received_at
        if not (
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
                raise InvalidValueError("scale is the rating's, and there is no rating; give both or neither")
            return
        rating = checks.as_exact(self.rating, "rating")
        if self.scale is None:
            raise InvalidValueError("rating needs its scale, such as scale=Scale.RATING_1_5")
        check_on_scale(rating, self.scale, "rating")
        checks.set_field(self, "rating", rating)

    def _check_order(self, first: str, second: str) -> None:
        earlier, later = getattr(self, first), getattr(self, second)
        if later is None:
            return
        checks.as_instant(later, second)
        if earlier is not None and in_utc(later) < in_utc(earlier):
            raise InvalidValueError(
                f"{second} must not lie before {first}, got {show(later)} and {show(earlier)}", later, earlier
            )

    def _check_reply(self) -> None:
        if isinstance(self.reply, str) or not isinstance(self.reply, Iterable):
            raise WrongTypeError(f"reply must be several members of ReplyPart, such as a list, got {show(self.reply)}")
        reply = frozenset(checks.as_member(part, ReplyPart, "each of reply") for part in self.reply)
        if reply and self.answered_at is None:
            raise InvalidValueError("reply says what the answer held, and there is no answer; give answered_at too")
        checks.set_field(self, "reply", reply or _NO_REPLY)

    @property
    def is_public(self) -> bool | None:
        """Whether others can read it: as said, or else as the channel tells; None where neither is known.

        Social networks, review sites and forums are public, all other channels are not.
        """
        if self.public is not None or self.channel is None:
            return self.public
        return self.channel.value in _PUBLIC

    @property
    def is_negative(self) -> bool | None:
        """Whether it speaks against the company: by its valence, or else its kind; None where neither tells.

        A complaint and a reported problem do, praise does not.
        """
        if self.valence is not None:
            return self.valence is Valence.BAD
        return _NEGATIVE.get(self.kind.value)

    def answered(self, at: datetime, *, reply: Iterable[ReplyPart] = ()) -> Feedback:
        """The company answers for the first time.

        Raises:
            IllegalTransitionError: It had answered already.
            InvalidValueError: The answer lies before the receipt.
        """
        self._refuse_twice("answered_at")
        return attrs.evolve(self, answered_at=at, reply=reply)

    def resolved(self, at: datetime, *, recovered: bool | None = None) -> Feedback:
        """The matter is settled, and the customer may have confirmed it.

        Raises:
            IllegalTransitionError: It had been settled already.
            InvalidValueError: That lies before the receipt.
        """
        self._refuse_twice("resolved_at")
        return attrs.evolve(self, resolved_at=at, recovered=self.recovered if recovered is None else recovered)

    def acted_on(self, at: datetime) -> Feedback:
        """The company changes something because of it.

        Raises:
            IllegalTransitionError: It had done so already.
            InvalidValueError: That lies before the receipt.
        """
        self._refuse_twice("acted_on_at")
        return attrs.evolve(self, acted_on_at=at)

    def announced(self, at: datetime) -> Feedback:
        """Customers are told of the change.

        Raises:
            IllegalTransitionError: They had been told already.
            InvalidValueError: That lies before the receipt, or before the change.
        """
        self._refuse_twice("announced_at")
        return attrs.evolve(self, announced_at=at)

    def _refuse_twice(self, name: str) -> None:
        already = getattr(self, name)
        if already is not None:
            raise IllegalTransitionError(
                f"{name} is already {show(already)}; to correct it, use attrs.evolve(..., {name}=...)", already
            )
