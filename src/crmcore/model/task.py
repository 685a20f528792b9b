"""Tasks: what is owed to somebody, by when and by whom."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

import attrs

from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import IllegalTransitionError, InvalidValueError
from crmcore.primitives.ids import ID_TYPES, Id, check_id
from crmcore.primitives.periods import by_utc, in_utc

__all__ = ["Task", "TaskKind"]


class TaskKind(StrEnum):
    """What is owed: first to customers, then because of what they said, then within the company.

    Attributes:
        THANK_YOU: Thanks for a purchase, right after it.
        SATISFACTION_CHECK: To ask whether he is satisfied.
        SERVICE_NOTICE: To tell what is being done for him, by a call or a newsletter.
        STATUS_NOTICE: To tell how his matter stands: papers processed, shipment checked, ticket closed.
        PROMISE: What was promised him, such as a call for lunch.
        OCCASION: Good wishes on his day.
        GIFT: A gift or a reward.
        PERSONAL_NOTE: A line written for him alone, also to win him back.
        INFORMATION: An article, a book or news that he may care for.
        NEWS_CALL: To tell by a call what is new, and what it is good for in his trade.
        OFFER: To tell of another product.
        INVITATION: To invite him to an event, a trial or a lunch.
        CALL: Any other call.
        VISIT: A visit to him.
        MEETING: A meeting, with customers or within the company.
        SOCIAL_COMMENT: To comment on or pass on what he posted.
        BACK_IN_STOCK: To tell that what he wanted is there again.
        RESERVATION: To hold something for him until he comes.
        FEEDBACK_REQUEST: To ask what he thinks, such as after an interaction or an update.
        REPLY: An answer to a question, a review, a comment or a complaint.
        CONVERSATION: An honest talk about what he needs or what disappointed him.
        EXIT_INTERVIEW: A talk with one who left, about why.
        COMPENSATION: A refund, a free option, a bonus, a coupon, a discount, or to undo the deal.
        CORRECTION: To make good what went wrong for him.
        INVESTIGATION: To find out what went wrong, and why.
        CORRECTIVE_ACTION: To change what let it happen, so that it does not happen again; where that is neither a
            process nor a product.
        PROCESS_CHANGE: To change a process, so that it does not happen again.
        PRODUCT_CHANGE: To change a product or a service, so that it does not happen again.
        INITIATIVE: An improvement that customers' answers gave the idea of.
        ANNOUNCEMENT: To tell customers what was changed.
        HAND_OFF: A matter handed to whoever can settle it, such as another department.
        OPPORTUNITY: A hint to the sales people.
        TRAINING: To train an employee: principles, complaints, emotion, a product.
        KNOWLEDGE_CHECK: To check what an employee knows.
        BRIEFING: To explain to an employee why impressions matter, and what they bring him.
        STAFF_UPDATE: To tell employees of news in the trade, in the products and in their uses.
        REVIEW: To go over an employee's interactions and what he does for customers to come back.
        RECOGNITION: To praise an employee, or to reward him.
        AUDIT: To go through a checklist, such as once round in the customer's shoes.
        DELIVERABLE: What a phase of a programme has to yield.
        OTHER: Whatever else is owed.
    """

    THANK_YOU = "thank_you"
    SATISFACTION_CHECK = "satisfaction_check"
    SERVICE_NOTICE = "service_notice"
    STATUS_NOTICE = "status_notice"
    PROMISE = "promise"
    OCCASION = "occasion"
    GIFT = "gift"
    PERSONAL_NOTE = "personal_note"
    INFORMATION = "information"
    NEWS_CALL = "news_call"
    OFFER = "offer"
    INVITATION = "invitation"
    CALL = "call"
    VISIT = "visit"
    MEETING = "meeting"
    SOCIAL_COMMENT = "social_comment"
    BACK_IN_STOCK = "back_in_stock"
    RESERVATION = "reservation"
    FEEDBACK_REQUEST = "feedback_request"

    REPLY = "reply"
    CONVERSATION = "conversation"
    EXIT_INTERVIEW = "exit_interview"
    COMPENSATION = "compensation"
    CORRECTION = "correction"
    INVESTIGATION = "investigation"
    CORRECTIVE_ACTION = "corrective_action"
    PROCESS_CHANGE = "process_change"
    PRODUCT_CHANGE = "product_change"
    INITIATIVE = "initiative"
    ANNOUNCEMENT = "announcement"

    HAND_OFF = "hand_off"
    OPPORTUNITY = "opportunity"
    TRAINING = "training"
    KNOWLEDGE_CHECK = "knowledge_check"
    BRIEFING = "briefing"
    STAFF_UPDATE = "staff_update"
    REVIEW = "review"
    RECOGNITION = "recognition"
    AUDIT = "audit"
    DELIVERABLE = "deliverable"
    OTHER = "other"


@attrs.frozen(kw_only=True)
class Task:
    """Something owed to somebody: open, done, or cancelled.

    Examples:
        >>> from crmcore import instant
        >>> call = Task(kind=TaskKind.THANK_YOU, due=instant("2026-03-03"), customer_id=7, owner_id="anna")
        >>> call.is_open, call.is_overdue(instant("2026-03-04"))
        (True, True)
        >>> late = call.done(instant("2026-03-05"))
        >>> late.is_open, late.is_on_time, late.is_overdue(instant("2026-03-04"))
        (False, False, True)

    Why and note may be personal: they stay out of `repr` and of every message.

    Attributes:
        kind: What is owed.
        due: The last instant at which it is on time.
        customer_id: To which customer; None where it is owed to none or to an unknown one.
        employee_id: To which employee, such as the one to be trained.
        owner_id: Who has to do it.
        requested_by_id: Who asked for it: who promised, handed over, or saw the opportunity.
        about_id: What it is about: the purchase, the feedback, the interaction, the training.
        done_at: When it was done.
        done_by_id: Who did it.
        cancelled_at: When it was called off; then it was neither kept nor broken.
        why: What for.
        note: Any remark.
        id: The task's own id.

    Raises:
        InvalidValueError: Both done and cancelled; done by somebody, but not done; an empty id.
        NaiveInstantError: An instant without a time zone.
        WrongTypeError: A value of the wrong type.
    """

    kind: TaskKind
    due: datetime = attrs.field(eq=by_utc)
    customer_id: Id | None = None
    employee_id: Id | None = None
    owner_id: Id | None = None
    requested_by_id: Id | None = None
    about_id: Id | None = None
    done_at: datetime | None = attrs.field(default=None, eq=by_utc)
    done_by_id: Id | None = None
    cancelled_at: datetime | None = attrs.field(default=None, eq=by_utc)
    why: str = attrs.field(default="", repr=False)
    note: str = attrs.field(default="", repr=False)
    id: Id | None = None

    def __attrs_post_init__(self) -> None:
        due = self.due
        if not (
            type(due) is datetime
            and due.tzinfo is UTC
            and type(self.kind) is TaskKind
            and self.done_at is None
            and self.done_by_id is None
            and self.cancelled_at is None
            and type(self.why) is str
            and type(self.note) is str
            and type(self.customer_id) in ID_TYPES
            and type(self.employee_id) in ID_TYPES
            and type(self.owner_id) in ID_TYPES
            and type(self.requested_by_id) in ID_TYPES
            and type(self.about_id) in ID_TYPES
            and type(self.id) in ID_TYPES
            and ""
            not in (
                self.customer_id,
                self.employee_id,
                self.owner_id,
                self.requested_by_id,
                self.about_id,
                self.id,
            )
        ):
            self._check()

    def _check(self) -> None:
        checks.as_member(self.kind, TaskKind, "kind")
        checks.as_instant(self.due, "due")
        for name in ("customer_id", "employee_id", "owner_id", "requested_by_id", "about_id", "done_by_id", "id"):
            check_id(getattr(self, name), name)
        for name in ("done_at", "cancelled_at"):
            if getattr(self, name) is not None:
                checks.as_instant(getattr(self, name), name)
        for name in ("why", "note"):
            checks.as_text(getattr(self, name), name)
        if self.done_at is not None and self.cancelled_at is not None:
            raise InvalidValueError(
                f"a task is either done or cancelled, got done_at {show(self.done_at)} "
                f"and cancelled_at {show(self.cancelled_at)}",
                self.done_at,
                self.cancelled_at,
            )
        if self.done_by_id is not None and self.done_at is None:
            raise InvalidValueError("done_by_id says who did it, and it is not done; give done_at too", self.done_by_id)

    @property
    def is_open(self) -> bool:
        """Whether it is neither done nor cancelled."""
        return self.done_at is None and self.cancelled_at is None

    @property
    def is_on_time(self) -> bool | None:
        """Whether it was done by the time it was due; None while it is open, and where it was cancelled."""
        return None if self.done_at is None else in_utc(self.done_at) <= in_utc(self.due)

    def is_overdue(self, as_of: datetime) -> bool:
        """Whether at that instant it was past due, and neither done nor cancelled.

        Raises:
            NaiveInstantError: The instant has no time zone.
            WrongTypeError: It is no datetime.
        """
        moment = in_utc(checks.as_instant(as_of, "as_of"))
        ended = self.done_at if self.cancelled_at is None else self.cancelled_at
        return in_utc(self.due) < moment and (ended is None or moment < in_utc(ended))

    def done(self, at: datetime, *, by_id: Id | None = None) -> Task:
        """It is done.

        Raises:
            IllegalTransitionError: It was done or cancelled already.
        """
        self._refuse_ended()
        return attrs.evolve(self, done_at=at, done_by_id=by_id)

    def cancelled(self, at: datetime) -> Task:
        """It is called off.

        Raises:
            IllegalTransitionError: It was done or cancelled already.
        """
        self._refuse_ended()
        return attrs.evolve(self, cancelled_at=at)

    def _refuse_ended(self) -> None:
        for name in ("done_at", "cancelled_at"):
            already = getattr(self, name)
            if already is not None:
                raise IllegalTransitionError(
                    f"the task has ended, its {name} is {show(already)}; to correct it, use attrs.evolve", already
                )
