"""What the company owes to a customer or an employee, by when, and who has to do it."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

import attrs

from crmcore.model._history import check_is_unset, set_once
from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id, are_plain
from crmcore.primitives.periods import by_utc, in_utc
from crmcore.primitives.record import Label, Personal, Record, text

__all__ = ["Task", "TaskKind"]


class TaskKind(StrEnum):
    """The kind of task: first for customers, then in response to feedback, then within the company.

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        THANK_YOU: Thank the customer for a purchase, right after it.
        ONBOARDING: Help the customer to make a start with what they bought.
        SATISFACTION_CHECK: Ask whether the customer is satisfied.
        SERVICE_NOTICE: Tell the customer what is being done for them, by a call or a newsletter.
        STATUS_NOTICE: Tell the customer the status: papers processed, shipment checked, ticket closed.
        PROMISE: Keep a promise to the customer, such as to call about lunch.
        OCCASION: Send good wishes on an occasion of the customer.
        GIFT: Give a gift or a reward.
        PERSONAL_NOTE: Write a personal note to the customer, for example to win them back.
        INFORMATION: Send an article, a book or news that may interest the customer.
        NEWS_CALL: Call the customer with news, and how it helps in their business.
        OFFER: Offer another product.
        INVITATION: Invite the customer to an event, a trial or a lunch.
        CALL: Make any other call.
        VISIT: Visit the customer.
        MEETING: Hold a meeting, with customers or within the company.
        SOCIAL_COMMENT: Comment on or share a post of the customer.
        BACK_IN_STOCK: Tell the customer that a product is available again.
        RESERVATION: Reserve something for the customer.
        FEEDBACK_REQUEST: Ask the customer for feedback, such as after an interaction or an update.
        REPLY: Reply to a question, a review, a comment or a complaint.
        CONVERSATION: Talk honestly with the customer about their needs or their disappointment.
        EXIT_INTERVIEW: Ask a customer who left why they left.
        COMPENSATION: Give a refund, a free option, a bonus, a coupon or a discount, or cancel the deal.
        CORRECTION: Correct what went wrong for the customer.
        INVESTIGATION: Find out what went wrong, and why.
        CORRECTIVE_ACTION: Change anything but a process or a product, so that the problem does not happen again.
        PROCESS_CHANGE: Change a process, so that the problem does not happen again.
        PRODUCT_CHANGE: Change a product or a service, so that the problem does not happen again.
        INITIATIVE: Make an improvement that answers of customers suggested.
        ANNOUNCEMENT: Tell customers what was changed.
        HAND_OFF: Hand a matter over to those who can resolve it, such as another department.
        OPPORTUNITY: Tell the sales team of an opportunity.
        PRODUCT_INSIGHT: Pass a general comment on to those who improve the products and services.
        CHANGE_NOTICE: Tell the customer's manager of a change: of the address, the contact person, the needs.
        TRAINING: Train an employee: principles, complaints, emotions, a product.
        KNOWLEDGE_CHECK: Check what an employee knows.
        BRIEFING: Explain to an employee why impressions matter, and how the employee benefits.
        STAFF_UPDATE: Tell employees of news in the industry, in the products and in their uses.
        REVIEW: Review an employee's interactions, and what they do to bring customers back.
        RECOGNITION: Praise or reward an employee.
        PARTING: Part with an employee. People decide it, after talks and training; no function advises it.
        AUDIT: Complete a checklist, such as one from the customer's point of view.
        DELIVERABLE: Deliver what a phase of a programme requires.
        OTHER: Do anything else.
    """

    THANK_YOU = "thank_you"
    ONBOARDING = "onboarding"
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
    PRODUCT_INSIGHT = "product_insight"
    CHANGE_NOTICE = "change_notice"
    TRAINING = "training"
    KNOWLEDGE_CHECK = "knowledge_check"
    BRIEFING = "briefing"
    STAFF_UPDATE = "staff_update"
    REVIEW = "review"
    RECOGNITION = "recognition"
    PARTING = "parting"
    AUDIT = "audit"
    DELIVERABLE = "deliverable"
    OTHER = "other"


@attrs.frozen(kw_only=True)
class Task(Record):
    """Something that the company owes to a customer or an employee: open, done or cancelled.

    Examples:
        >>> from crmcore import Task, TaskKind, instant
        >>> call = Task(kind=TaskKind.THANK_YOU, due=instant("2026-03-03"), customer_id=7, owner_id="anna")
        >>> call.is_open, call.is_overdue(instant("2026-03-04"))
        (True, True)
        >>> late = call.done(instant("2026-03-05"))
        >>> late.is_open, late.is_on_time, late.is_overdue(instant("2026-03-04"))
        (False, False, True)

    The reason, the note and what it relates to may be personal. They are left out of `repr` and of every message.

    Attributes:
        kind: The kind of task.
        due: The last instant at which it is on time.
        customer_id: The customer it is for; None if it is not for a customer, or for an unknown one.
        employee_id: The employee it is for, such as the one to be trained.
        owner_id: The employee, or the department, that has to do it.
        requested_by_id: The employee who requested it: who made the promise, handed it over or saw the opportunity.
        about_id: The id of what it is about: a purchase, feedback, an interaction, a training.
        done_at: When it was done.
        done_by_id: The employee who did it; only if it is done.
        cancelled_at: When it was cancelled: by `due` it is neither kept nor broken, and later it is broken.
        why: The reason for the task.
        note: Any remark.
        id: The id of the task.
        relates_to: What a gift or a piece of information relates to: the company, the customer's own business, the last
            purchase, an interest.

    Raises:
        InvalidValueError: The task is both done and cancelled, or not done but has `done_by_id`.
    """

    kind: Label[TaskKind]
    due: datetime = attrs.field(eq=by_utc)
    customer_id: Id | None = None
    employee_id: Id | None = None
    owner_id: Id | None = None
    requested_by_id: Id | None = None
    about_id: Id | None = None
    done_at: datetime | None = attrs.field(default=None, eq=by_utc)
    done_by_id: Id | None = None
    cancelled_at: datetime | None = attrs.field(default=None, eq=by_utc)
    why: Personal = attrs.field(default="", converter=text)
    note: Personal = attrs.field(default="", converter=text)
    id: Id | None = None
    relates_to: Personal = attrs.field(default="", converter=text)

    def __attrs_post_init__(self) -> None:
        due = self.due
        if not (  # 2.1x as fast as _check
            type(self) is Task
            and type(due) is datetime
            and due.tzinfo is UTC
            and id(self.kind) in _KINDS
            and self.done_at is None
            and self.done_by_id is None
            and self.cancelled_at is None
            and type(self.why) is str
            and type(self.note) is str
            and type(self.relates_to) is str
            and are_plain(
                (self.customer_id, self.employee_id, self.owner_id, self.requested_by_id, self.about_id, self.id)
            )
        ):
            self._check()

    def _check(self) -> None:
        super()._check()
        if self.done_at is not None and self.cancelled_at is not None:
            raise InvalidValueError(
                "done_and_cancelled",
                f"cancelled_at must be empty if the task is done, got {show(self.cancelled_at)} and done_at "
                f"{show(self.done_at)}",
                field="cancelled_at",
                operands=(self.cancelled_at, self.done_at),
            )
        if self.done_by_id is not None and self.done_at is None:
            raise InvalidValueError(
                "done_by_somebody_but_not_done",
                "done_by_id must be empty without done_at",
                field="done_by_id",
                advice="give done_at too",
            )

    @property
    def is_open(self) -> bool:
        """Whether the task is neither done nor cancelled."""
        return self.done_at is None and self.cancelled_at is None

    @property
    def is_on_time(self) -> bool | None:
        """Whether the task was done on or before `due`; None if it is open or cancelled."""
        return None if self.done_at is None else in_utc(self.done_at) <= in_utc(self.due)

    def is_overdue(self, as_of: datetime) -> bool:
        """Return whether the task was overdue at an instant: past due, and neither done nor cancelled by then.

        Args:
            as_of: The reference date.
        """
        moment = in_utc(checks.as_instant(as_of, "as_of"))
        ended = self.done_at if self.cancelled_at is None else self.cancelled_at
        return in_utc(self.due) < moment and (ended is None or moment < in_utc(ended))

    def done(self, at: datetime, *, by_id: Id | None = None) -> Task:
        """Return the task as done.

        Args:
            at: When it was done.
            by_id: The employee who did it; None if they are unknown.

        Raises:
            IllegalTransitionError: The task is already done or cancelled.
        """
        check_is_unset(self, "cancelled_at")
        return set_once(self, "done_at", at, done_by_id=by_id)

    def cancelled(self, at: datetime) -> Task:
        """Return the task as cancelled.

        Raises:
            IllegalTransitionError: The task is already done or cancelled.
        """
        check_is_unset(self, "done_at")
        return set_once(self, "cancelled_at", at)


_KINDS: Final = frozenset(map(id, TaskKind))
"""A forged member is none of these."""
