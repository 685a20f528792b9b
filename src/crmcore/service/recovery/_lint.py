"""What is wrong with how the company deals with what went wrong."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from crmcore.model.feedback import Feedback, ReplyPart
from crmcore.model.task import Task
from crmcore.primitives import _clock, checks
from crmcore.primitives.errors import CurrencyMismatchError
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.opening_hours import OpeningHours
from crmcore.primitives.periods import in_utc
from crmcore.service.recovery._causes import (
    Incident,
    Policy,
    RootCause,
    came_back,
    find_last,
    list_corrective,
)
from crmcore.service.recovery._fund import CompensationFund, FundEntry, FundEntryKind
from crmcore.service.recovery._waiting import silence

__all__ = ["lint"]

_ORDER: Final = (
    "not_acknowledged",
    "remedy_below_harm",
    "grant_without_employee",
    "customer_must_prove",
    "refused_without_understanding",
    "refused_without_alternative",
    "silent_too_long",
    "prevention_missing",
    "cause_without_action",
    "came_back",
    "action_without_owner",
    "action_overdue",
    "unknown_cause",
)
"""The rules, in the order of the result."""


def lint(
    incidents: Iterable[Incident] = (),
    /,
    *,
    as_of: datetime,
    causes: Iterable[RootCause] | None = None,
    actions: Iterable[Task] = (),
    feedback: Iterable[Feedback] = (),
    policies: Iterable[Policy] = (),
    fund: CompensationFund | None = None,
    longest_silence: timedelta | None = None,
    hours: OpeningHours | None = None,
) -> tuple[Finding, ...]:
    """Return what is wrong with how the company deals with what went wrong.

    Examples:
        >>> from crmcore import Feedback, FeedbackKind, Incident, ReplyPart, RootCause, instant, recovery
        >>> day = instant("2026-03-02")
        >>> refused = Feedback(kind=FeedbackKind.QUESTION, received_at=day, id="q1").answered(
        ...     day, reply=[ReplyPart.REFUSAL, ReplyPart.UNDERSTANDING]
        ... )
        >>> for finding in recovery.lint(
        ...     [Incident(id="i1", at=day, cause_id="disk full")],
        ...     causes=[RootCause(id="disk full", what="logs are never deleted")],
        ...     feedback=[refused],
        ...     as_of=day,
        ... ):
        ...     print(finding.severity, finding.rule, finding.subject)
        warning not_acknowledged i1
        warning refused_without_alternative q1
        warning prevention_missing disk full
        warning cause_without_action disk full

    The rules, in the order of the result:

    - ``not_acknowledged``: the company has not said that an incident happened.
    - ``remedy_below_harm``: a case has less from the fund than it cost the customer, or a policy gives them less.
    - ``grant_without_employee``: grants of the fund name no employee, whose authority was not checked (info).
    - ``customer_must_prove``: by a policy, the customer has to prove the failure.
    - ``refused_without_understanding``, ``refused_without_alternative``: the reply is a `ReplyPart.REFUSAL` without
      `UNDERSTANDING`, or without `ALTERNATIVE` or `REFERRAL`.
    - ``silent_too_long``: an open case has been silent for longer than `longest_silence`.
    - ``prevention_missing``: a cause has no prevention; a mere remark (info) if there is no easy answer.
    - ``cause_without_action``: a cause has no corrective action.
    - ``came_back``: an incident of a cause came after the cause was solved.
    - ``action_without_owner``, ``action_overdue``: a corrective action has no owner, or is overdue.
    - ``unknown_cause``: an incident or a corrective action is about a cause that is not among `causes`.

    A rule without its input does not run.

    Args:
        incidents: What went wrong.
        as_of: The reference date; what happened later has not happened yet.
        causes: The root causes; None if they are not known.
        actions: The tasks; only corrective ones count, as `CauseCoverage.of` says.
        feedback: The feedback, for refusals and silences.
        policies: The rules of the company.
        fund: The fund, whose cases are the ids of incidents.
        longest_silence: How long an open case may be silent; None for no limit.
        hours: The opening hours in which silences count; all hours if there are none.

    Raises:
        CurrencyMismatchError: The harm of an incident is in another currency than the fund.

    Source: the source articles, see why.md.
    """
    reference = in_utc(checks.as_instant(as_of, "as_of"))
    happened = [one for one in iterate_once(incidents, Incident, "incidents") if in_utc(one.at) <= reference]
    roots = None if causes is None else list(iterate_once(causes, RootCause, "causes"))
    tasks = list_corrective(actions, reference)
    cases = list(iterate_once(feedback, Feedback, "feedback"))
    limit = None if longest_silence is None else checks.as_wait(longest_silence, "longest_silence")
    calendar = None if hours is None else checks.as_instance(hours, OpeningHours, "hours")
    found = (
        *_find_denied(happened, reference),
        *_find_small_remedies(happened, fund),
        *_find_unchecked_grants(fund, reference),
        *_find_hard_policies(list(checks.iterate_records(policies, Policy, "policies"))),
        *_find_bare_refusals(cases),
        *_find_silent(cases, reference, limit, calendar),
        *_find_open_causes(roots or [], tasks, happened, reference),
        *_find_poor_actions(tasks, reference),
        *_find_unknown(roots, tasks, happened),
    )
    return tuple(sorted(found, key=lambda finding: _ORDER.index(finding.rule)))


def _find_denied(incidents: list[Incident], as_of: datetime) -> Iterator[Finding]:
    for incident in incidents:
        if incident.acknowledged_at is None or in_utc(incident.acknowledged_at) > as_of:
            yield _warn(
                "not_acknowledged",
                incident.id,
                "the company has not said that it happened",
                "do not deny a mistake: say what happened and what you do about it",
            )


def _find_small_remedies(incidents: list[Incident], fund: CompensationFund | None) -> Iterator[Finding]:
    if fund is None:
        return
    by_case = checks.as_instance(fund, CompensationFund, "fund").by_case()
    for incident in incidents:
        harm = incident.harm
        if harm is None:
            continue
        if harm.currency != fund.opening.currency:
            raise CurrencyMismatchError(
                "harm_in_another_currency",
                f"the harm of incidents must be in the currency of the fund, got {harm.currency} and "
                f"{fund.opening.currency}",
                field="incidents",
                advice="exchange the harm first",
                operands=(harm.currency, fund.opening.currency),
                record=incident.id,
            )
        got = by_case.get(incident.id, harm * 0)
        if got < harm:
            yield _warn(
                "remedy_below_harm",
                incident.id,
                f"the case has {got}, and it cost the customer {harm}",
                "give the customer at least what they lost",
                [("harm", harm.amount), ("remedy", got.amount)],
            )


def _find_unchecked_grants(fund: CompensationFund | None, as_of: datetime) -> Iterator[Finding]:
    entries: tuple[FundEntry, ...] = () if fund is None else fund.entries
    unchecked = [
        entry
        for entry in entries
        if entry.kind is FundEntryKind.GRANT and entry.by_id is None and in_utc(entry.at) <= as_of
    ]
    if unchecked:
        yield _warn(
            "grant_without_employee",
            "fund",
            "there are grants that do not say by whom, so no authority was checked",
            "name the employee: fund.grant(..., by=employee)",
            [("grants", len(unchecked)), ("first case", str(unchecked[0].case_id))],
            severity=Severity.INFO,
        )


def _find_hard_policies(policies: list[Policy]) -> Iterator[Finding]:
    for policy in policies:
        if policy.is_below_harm:
            yield _warn(
                "remedy_below_harm",
                policy.category,
                f"the policy gives {policy.remedy}, and the failure costs the customer {policy.harm}",
                "design the policy in the customer's favour",
                [("harm", policy.harm.amount), ("remedy", policy.remedy.amount)],
            )
        if policy.customer_must_prove:
            yield _warn(
                "customer_must_prove",
                policy.category,
                "the customer has to prove the failure",
                "believe the customer, and look into the few who abuse it",
            )


def _find_bare_refusals(cases: list[Feedback]) -> Iterator[Finding]:
    for case in cases:
        if ReplyPart.REFUSAL not in case.reply:
            continue
        if ReplyPart.UNDERSTANDING not in case.reply:
            yield _warn(
                "refused_without_understanding",
                case.id,
                "the reply refuses a wish and does not acknowledge it",
                "say that you understand the wish and the disappointment",
            )
        if case.reply.isdisjoint((ReplyPart.ALTERNATIVE, ReplyPart.REFERRAL)):
            yield _warn(
                "refused_without_alternative",
                case.id,
                "the reply refuses a wish and offers nothing else",
                "find a solution that keeps the customer: another product, a reservation, a word when it is back",
            )


def _find_silent(
    cases: list[Feedback], as_of: datetime, limit: timedelta | None, hours: OpeningHours | None
) -> Iterator[Finding]:
    if limit is None:
        return
    for case in cases:
        if in_utc(case.received_at) > as_of:
            continue
        quiet = silence(case, as_of=as_of, hours=hours)
        if quiet.lasting is not None and quiet.lasting > limit:
            yield _warn(
                "silent_too_long",
                case.id,
                "the case is open, and the customer has heard nothing for too long",
                "tell the customer what is being done, also if nothing is new",
                [("hours", _clock.hours(quiet.lasting)), ("allowed", _clock.hours(limit))],
            )


def _find_open_causes(
    causes: list[RootCause], tasks: list[Task], incidents: list[Incident], as_of: datetime
) -> Iterator[Finding]:
    acted = {task.about_id for task in tasks}
    last = find_last(incidents, as_of)
    for cause in causes:
        if not cause.prevention.strip():
            yield _warn(
                "prevention_missing",
                cause.id,
                "nothing keeps it from happening again",
                "find out how to prevent it, or say openly that there is no easy answer",
                severity=Severity.INFO if cause.no_easy_answer else Severity.WARNING,
            )
        if cause.id not in acted:
            yield _warn(
                "cause_without_action",
                cause.id,
                "no corrective action is planned or done",
                "correct the process or the product, with an owner and a date",
            )
        if came_back(cause, last):
            yield _warn(
                "came_back",
                cause.id,
                "it happened again after it was solved",
                "look for the cause behind this one",
            )


def _find_poor_actions(tasks: list[Task], as_of: datetime) -> Iterator[Finding]:
    for task in tasks:
        if task.owner_id is None:
            yield _warn("action_without_owner", task.id, "the action has no owner", "name one person")
        if task.is_overdue(as_of):
            yield _warn("action_overdue", task.id, "the action is overdue", "do it, or say why it has to wait")


def _find_unknown(roots: list[RootCause] | None, tasks: list[Task], incidents: list[Incident]) -> Iterator[Finding]:
    if roots is None:
        return
    known = {cause.id for cause in roots}
    named = [*((one.id, one.cause_id) for one in incidents), *((task.id, task.about_id) for task in tasks)]
    for subject, cause_id in named:
        if cause_id is not None and cause_id not in known:
            yield _warn(
                "unknown_cause",
                subject,
                "it names a cause that is not among the causes",
                "give all causes, or correct the id",
                [("cause", str(cause_id))],
            )


def _warn(
    rule: str,
    subject: Id | None,
    message: str,
    advice: str,
    evidence: Iterable[tuple[str, Decimal | int | str]] = (),
    *,
    severity: Severity = Severity.WARNING,
) -> Finding:
    return Finding(
        rule=rule,
        severity=severity,
        subject="" if subject is None else str(subject),
        message=message,
        advice=advice,
        evidence=evidence,
    )
