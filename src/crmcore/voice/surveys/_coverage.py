"""Whom to ask about what, and how much of the company and its customers the feedback covers."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

import attrs

from crmcore.model._levels import LEVELS, LevelReader, LevelRule
from crmcore.model.feedback import Feedback
from crmcore.model.reading import LoyaltyLevel, Reading, SubjectKind
from crmcore.model.survey import Invitation, InvitationOutcome, Response, Survey
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives._results import Result
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id, as_id, as_ids
from crmcore.primitives.money import Money
from crmcore.primitives.periods import in_utc
from crmcore.primitives.record import several

__all__ = ["AskPurpose", "SurveyCoverage", "coverage", "whom_to_ask"]


class AskPurpose(StrEnum):
    """What you want to learn, which decides whom to ask.

    Attributes:
        NEEDS: What customers need: ask the loyal ones, whom it pays most to please.
        CAUSES: What went wrong: ask the aggrieved ones.
    """

    NEEDS = "needs"
    CAUSES = "causes"


_LEVELS: Final = {AskPurpose.NEEDS: LoyaltyLevel.LOYAL, AskPurpose.CAUSES: LoyaltyLevel.AGGRIEVED}


def whom_to_ask(
    readings: Iterable[Reading],
    /,
    *,
    purpose: AskPurpose,
    as_of: datetime,
    worth: Mapping[Id, Money] | None = None,
    at_most: int | None = None,
    rules: Iterable[LevelRule] | None = None,
) -> tuple[Id, ...]:
    """Return the customers to ask: the loyal ones for their needs, the aggrieved ones for causes.

    Examples:
        >>> from crmcore import LoyaltyLevel, MeasureKind, Money, Reading, SubjectKind, instant, surveys
        >>> from crmcore.voice.surveys import AskPurpose
        >>> readings = [
        ...     Reading(
        ...         subject_kind=SubjectKind.CUSTOMER,
        ...         subject_id=name,
        ...         kind=MeasureKind.LOYALTY,
        ...         level=level,
        ...         at=instant("2026-03-02"),
        ...     )
        ...     for name, level in [
        ...         ("anna", LoyaltyLevel.LOYAL),
        ...         ("ben", LoyaltyLevel.AGGRIEVED),
        ...         ("zoe", LoyaltyLevel.LOYAL),
        ...     ]
        ... ]
        >>> surveys.whom_to_ask(
        ...     readings,
        ...     purpose=AskPurpose.NEEDS,
        ...     as_of=instant("2026-04-01"),
        ...     worth={"anna": Money(500, "EUR"), "zoe": Money(900, "EUR")},
        ... )
        ('zoe', 'anna')

    Args:
        readings: Readings of customers, in any order: levels of loyalty, and numbers that a rule reads as a level, such
            as an answer of 2 of 10 on recommending you. Others are left out; `Standings.cautions` says how many no rule
            reads. The last level of a customer counts, and of two at one instant the worse one.
        purpose: What you want to learn.
        as_of: The reference date. Later readings have not been taken yet.
        worth: What customers are worth, in one currency, such as their lifetime value; the most valuable come first,
            and those without a value last.
        at_most: The largest number of customers; None for all of them.
        rules: How numbers are read as the three levels, as in `Standings.of`.

    Returns:
        The ids; customers of equal worth are in the order of their first reading among those given.

    Source: the source articles, see why.md.
    """
    level = _LEVELS[checks.as_member(purpose, AskPurpose, "purpose")]
    now = in_utc(checks.as_instant(as_of, "as_of"))
    most = None if at_most is None else checks.as_count(at_most, "at_most")
    latest: dict[Id, tuple[datetime, int]] = {}
    levels = LevelReader(rules)
    for reading in iterate_once(readings, Reading, "readings"):
        at, customer_id = in_utc(reading.at), reading.subject_id
        if reading.subject_kind is not SubjectKind.CUSTOMER or customer_id is None or at > now:
            continue
        current = levels.read(reading)
        if current is None:
            continue
        found = (at, LEVELS.index(current))
        latest[customer_id] = max(latest.get(customer_id, found), found)
    chosen = [customer_id for customer_id, (_, rank) in latest.items() if LEVELS[rank] == level]
    values = {} if worth is None else _read_worth(worth)
    ranked = sorted(
        chosen, key=lambda one: (one in values, values[one].amount if one in values else Decimal(0)), reverse=True
    )
    return tuple(ranked[:most])


def _read_worth(worth: Mapping[Id, Money]) -> dict[Id, Money]:
    checks.check_mapping(worth, "worth", "ids to money")
    values = {
        as_id(customer_id, f"worth[{place}]"): checks.as_instance(money, Money, f"worth[{place}]")
        for place, (customer_id, money) in enumerate(worth.items())
    }
    Money.total(list(values.values()), currency=next(iter(values.values())).currency if values else "XXX")
    return values


@attrs.frozen(kw_only=True)
class SurveyCoverage(Result):
    """How much feedback covers: of the processes, of the customers, and how deeply it is worked on.

    Examples:
        >>> from crmcore import Question, Scale, Survey, surveys
        >>> asked = Survey(
        ...     id="q1",
        ...     questions=[Question(id=1, text="How was the delivery?", scale=Scale.RATING_1_5, about_id="delivery")],
        ... )
        >>> covered = surveys.coverage(processes=["delivery", "returns"], surveys=[asked])
        >>> covered.process_share, covered.missing_processes
        (Decimal('0.5'), ('returns',))

    Attributes:
        processes: The number of processes.
        missing_processes: The processes that no question asks about.
        customers: The number of customers.
        invited: The number of these customers who were invited.
        answered: The number of these customers who answered.
        feedback: The number of pieces of feedback.
        with_cause: The number of these whose cause was found.
        acted_on: The number of these that were acted on.
        announced: The number of these whose change was announced.

    Raises:
        InconsistentCountsError: A part is larger than the whole.
    """

    ratios = (
        *("process_share", "invited_share", "answered_share"),
        *("cause_share", "acted_on_share", "announced_share"),
    )

    processes: int = 0
    missing_processes: tuple[Id, ...] = attrs.field(default=(), converter=several)
    customers: int = 0
    invited: int = 0
    answered: int = 0
    feedback: int = 0
    with_cause: int = 0
    acted_on: int = 0
    announced: int = 0

    def _check(self) -> None:
        super()._check()
        for name, part, whole in (
            ("missing_processes", len(self.missing_processes), self.processes),
            ("invited", self.invited, self.customers),
            ("answered", self.answered, self.customers),
            ("with_cause", self.with_cause, self.feedback),
            ("acted_on", self.acted_on, self.feedback),
            ("announced", self.announced, self.feedback),
        ):
            if part > whole:
                raise InconsistentCountsError(
                    "more_covered_than_there_is",
                    f"{name} must be at most {whole}, got {part}",
                    field=name,
                    operands=(part, whole),
                )

    @property
    def process_share(self) -> Decimal | None:
        """The share of the processes that a question asks about; None if there are no processes."""
        return ratio(self.processes - len(self.missing_processes), self.processes)

    @property
    def invited_share(self) -> Decimal | None:
        """The share of the customers who were invited; None if there are no customers."""
        return ratio(self.invited, self.customers)

    @property
    def answered_share(self) -> Decimal | None:
        """The share of the customers who answered; None if there are no customers."""
        return ratio(self.answered, self.customers)

    @property
    def cause_share(self) -> Decimal | None:
        """The share of the feedback whose cause was found; None if there is no feedback."""
        return ratio(self.with_cause, self.feedback)

    @property
    def acted_on_share(self) -> Decimal | None:
        """The share of the feedback that was acted on; None if there is no feedback."""
        return ratio(self.acted_on, self.feedback)

    @property
    def announced_share(self) -> Decimal | None:
        """The share of the feedback whose change was announced; None if there is no feedback."""
        return ratio(self.announced, self.feedback)

    def explain(self) -> Explanation:
        """Return how the shares come about, line by line."""
        return Explanation(
            (
                term("processes", self.processes),
                term("missing", len(self.missing_processes), "processes"),
                term("process_share", self.process_share, "", "(processes - missing) / processes"),
                term("customers", self.customers),
                term("invited", self.invited, "customers"),
                term("invited_share", self.invited_share, "", "invited / customers"),
                term("answered", self.answered, "customers"),
                term("answered_share", self.answered_share, "", "answered / customers"),
                term("feedback", self.feedback),
                term("with_cause", self.with_cause),
                term("cause_share", self.cause_share, "", "with_cause / feedback"),
                term("acted_on", self.acted_on),
                term("acted_on_share", self.acted_on_share, "", "acted_on / feedback"),
                term("announced", self.announced),
                term("announced_share", self.announced_share, "", "announced / feedback"),
            )
        )


def coverage(
    *,
    processes: Iterable[Id] = (),
    customers: Iterable[Id] = (),
    surveys: Iterable[Survey] = (),
    invitations: Iterable[Invitation] = (),
    responses: Iterable[Response] = (),
    feedback: Iterable[Feedback] = (),
) -> SurveyCoverage:
    """Return how many processes and customers are asked about and asked, and what becomes of the feedback.

    A process is covered if a question of a survey is about it. A customer has answered if a response names them, or if
    the outcome of an invitation says so, as with anonymous surveys. Customers who are not given are left out.

    Examples:
        >>> from crmcore import Invitation, InvitationOutcome, instant, surveys
        >>> covered = surveys.coverage(
        ...     customers=["anna", "ben"],
        ...     invitations=[
        ...         Invitation(
        ...             survey_id="q1",
        ...             at=instant("2026-03-02"),
        ...             customer_id="anna",
        ...             outcome=InvitationOutcome.COMPLETE,
        ...         )
        ...     ],
        ... )
        >>> covered.invited_share, covered.answered_share
        (Decimal('0.5'), Decimal('0.5'))

    Args:
        processes: The ids of the processes, services or touchpoints that matter.
        customers: The ids of all customers.
        surveys: The surveys that are in use.
        invitations: The invitations.
        responses: The responses.
        feedback: The feedback, asked or unasked.

    Source: the source articles, see why.md.
    """
    wanted = dict.fromkeys(as_ids(processes, "processes"))
    everyone = dict.fromkeys(as_ids(customers, "customers"))
    about = {
        question.about_id
        for survey in checks.iterate_records(surveys, Survey, "surveys")
        for question in survey.questions
    }
    invited: set[Id | None] = set()
    answered: set[Id | None] = set()
    for invitation in iterate_once(invitations, Invitation, "invitations"):
        invited.add(invitation.customer_id)
        if invitation.outcome in {InvitationOutcome.COMPLETE, InvitationOutcome.PARTIAL}:
            answered.add(invitation.customer_id)
    answered.update(response.customer_id for response in iterate_once(responses, Response, "responses"))
    pieces = list(iterate_once(feedback, Feedback, "feedback"))
    return SurveyCoverage(
        processes=len(wanted),
        missing_processes=[one for one in wanted if one not in about],
        customers=len(everyone),
        invited=sum(one in invited for one in everyone),
        answered=sum(one in answered for one in everyone),
        feedback=len(pieces),
        with_cause=sum(bool(one.cause.strip()) for one in pieces),
        acted_on=sum(one.acted_on_at is not None for one in pieces),
        announced=sum(one.announced_at is not None for one in pieces),
    )
