"""What went wrong after the sale: broken promises, missed talks, wrong hand-offs, customers who heard nothing."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import attrs

from crmcore.model.customer import Customer
from crmcore.model.feedback import Feedback
from crmcore.model.interaction import Initiative, Interaction
from crmcore.model.purchase import Purchase
from crmcore.model.task import Task, TaskKind
from crmcore.primitives import _clock, checks
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import in_utc
from crmcore.service.follow_ups._after import Happening, as_routes, find_customer, iterate_happenings, list_instants
from crmcore.service.follow_ups._customers import find_contact, find_last_contacts, rank_silences
from crmcore.service.follow_ups._plan import MOST_DAYS
from crmcore.service.follow_ups._promises import TaskOutcome, find_outcome

__all__ = ["review"]

_SOURCE: Final = "source articles, see why.md"
_NOTICES: Final = {TaskKind.SERVICE_NOTICE, TaskKind.STATUS_NOTICE}
_HAND_OFFS: Final = {TaskKind.HAND_OFF, TaskKind.OPPORTUNITY, TaskKind.PRODUCT_INSIGHT}
_NOT_DONE: Final = {TaskOutcome.OVERDUE, TaskOutcome.DROPPED}
_LATE: Final = {*_NOT_DONE, TaskOutcome.LATE}


@attrs.frozen
class _Rule:
    """A rule: its name, the concept behind it, and what to do."""

    name: str
    concept: str
    advice: str
    severity: Severity = Severity.WARNING


_PROMISE: Final = _Rule("promise_broken", "a promise is kept", "do it now, and say that it is late")
_TALK: Final = _Rule("conversation_missed", "a talk on every negative signal and on leaving", "call the customer")
_REPLY: Final = _Rule("question_without_reply", "every question gets a reply", "reply by the customer's own channel")
_START: Final = _Rule("onboarding_missing", "work on churn starts at the acquisition", "help the customer to start")
_TOLD: Final = _Rule("manager_not_told", "managers know of every change", "tell the customer's manager")
_HANDED: Final = _Rule("hand_off_incomplete", "departments work together", "ask the new owner how far it is")
_OWED: Final = _Rule("follow_up_overdue", "follow-up has a positive effect", "do it, or cancel it before it is due")
_UNOWNED: Final = _Rule("hand_off_without_owner", "a matter goes to those who can resolve it", "add a route for it")
_MISROUTED: Final = _Rule("misrouted", "a matter goes to those who can resolve it", "hand it over to the right owner")
_GIFT: Final = _Rule(
    "gift_without_relation",
    "gifts relate to the company, the customer's business or the last purchase",
    "find an idea first, it need not be costly",
    Severity.INFO,
)
_NEGLECTED: Final = _Rule("customer_neglected", "attend to customers however small", "call the customer")
_NO_LENGTH: Final = _Rule(
    "silence_of_unknown_length", "attend to customers however small", "give since, or the contacts", Severity.INFO
)
_NOTICE: Final = _Rule("no_service_notice", "customers know what is done for them", "send a notice, or call")
_SILENT: Final = _Rule("silence_after_purchase", "keep talking after the purchase", "thank the customer, and ask")
_STALE: Final = _Rule("record_out_of_date", "customer data are up to date", "confirm the data with the customer")
_UNDATED: Final = _Rule(
    "record_of_unknown_age", "customer data are up to date", "note updated_at when data change", Severity.INFO
)

_BY_KIND: Final = {
    TaskKind.PROMISE: _PROMISE,
    TaskKind.CONVERSATION: _TALK,
    TaskKind.EXIT_INTERVIEW: _TALK,
    TaskKind.REPLY: _REPLY,
    TaskKind.ONBOARDING: _START,
    TaskKind.CHANGE_NOTICE: _TOLD,
    **dict.fromkeys(_HAND_OFFS, _HANDED),
}


def review(
    tasks: Iterable[Task],
    /,
    *,
    as_of: datetime,
    grace: timedelta = _clock.NO_TIME,
    feedback: Iterable[Feedback] = (),
    routes: Mapping[str, Id] | None = None,
    customers: Iterable[Customer] = (),
    interactions: Iterable[Interaction] = (),
    purchases: Iterable[Purchase] = (),
    changes: Iterable[Happening] = (),
    neglect_days: int | None = None,
    notice_days: int | None = None,
    silence_days: int | None = None,
    stale_days: int | None = None,
) -> tuple[Finding, ...]:
    """Return what went wrong after the sale, as of a reference date.

    Examples:
        >>> from crmcore import Customer, Task, TaskKind, follow_ups, instant
        >>> lunch = Task(kind=TaskKind.PROMISE, due=instant("2026-01-09"), customer_id=7, owner_id="anna")
        >>> customers = [Customer(id=7, since=instant("2025-11-01"))]
        >>> for finding in follow_ups.review(
        ...     [lunch], as_of=instant("2026-02-01"), customers=customers, neglect_days=60
        ... ):
        ...     print(finding)
        warning promise_broken: customer 7: promise is 23 days overdue; do it now, and say that it is late
        warning customer_neglected: customer 7: no contact for 92 days; call the customer
        >>> finding.evidence[:2]
        (('concept', 'attend to customers however small'), ('source', 'source articles, see why.md'))

    Rules about tasks, which always run. Each is about a task that is past due by more than `grace` and not done, or was
    cancelled after it was due:

    - ``promise_broken``: a promise, also if it was done late.
    - ``conversation_missed``: a talk after a negative signal, or with a customer who left.
    - ``question_without_reply``, ``onboarding_missing``, ``hand_off_incomplete``, ``manager_not_told``: what they say.
      `manager_not_told` is also a change without a notice, of those in `changes`, and a notice to another employee than
      the customer's manager.
    - ``follow_up_overdue``: any other task.
    - ``hand_off_without_owner``: an open hand-off without an owner, due or not.
    - ``gift_without_relation``: a gift that relates to nothing.
    - ``misrouted``: a hand-off whose owner is not the one that `routes` has for the category of its feedback.

    Rules about customers run if you give their threshold:

    - ``customer_neglected`` (`neglect_days`): see `neglected`. ``silence_of_unknown_length``: customers without any
      contact who came at an unknown time; one finding with their number.
    - ``no_service_notice`` (`notice_days`): a customer without a service or status notice done in so many days before.
      Customers who came within those days are left out.
    - ``silence_after_purchase`` (`silence_days`): no contact by the company in so many days after a purchase. Purchases
      that are not as old, and refunds, are left out.
    - ``record_out_of_date`` (`stale_days`): data not changed or confirmed for so many days. ``record_of_unknown_age``:
      customers without `updated_at`; one finding with their number.

    Exactly so many days is too long. The evidence names the concept, the source and the threshold of each rule. The
    articles give no thresholds, so there are no defaults.

    Args:
        tasks: The tasks, in any order.
        as_of: The reference date. Whatever comes later has not happened yet.
        grace: How long after the due instant a task that is not done is still no finding.
        feedback: What hand-offs are about.
        routes: Who can resolve what, as in `hand_offs`.
        customers: The customers.
        interactions: Their contacts.
        purchases: Their purchases.
        changes: What happened that managers have to know; the notice is the task about it.
        neglect_days: How many days without a contact are too long.
        notice_days: How many days without a notice are too long.
        silence_days: How many days without a contact by the company are too long after a purchase.
        stale_days: How many days without an update are too long.

    Source: the source articles, see why.md (the rules); the thresholds are yours.
    """
    moment = in_utc(checks.as_instant(as_of, "as_of"))
    case = _Case(
        moment=moment,
        grace=checks.as_wait(grace, "grace"),
        tasks=list(iterate_once(tasks, Task, "tasks")),
        feedback={one.id: one for one in iterate_once(feedback, Feedback, "feedback") if one.id is not None},
        routes=None if routes is None else as_routes(routes),
        customers={one.id: one for one in iterate_once(customers, Customer, "customers")},
        interactions=list(iterate_once(interactions, Interaction, "interactions")),
        purchases=list(iterate_once(purchases, Purchase, "purchases")),
        changes=[
            one
            for one in iterate_happenings(changes, "changes")
            if any(in_utc(at) <= moment for at in list_instants(one))
        ],
        neglect_days=_as_limit(neglect_days, "neglect_days"),
        notice_days=_as_limit(notice_days, "notice_days"),
        silence_days=_as_limit(silence_days, "silence_days"),
        stale_days=_as_limit(stale_days, "stale_days"),
    )
    return tuple(finding for rule in _RULES for finding in rule(case))


def _as_limit(days: int | None, name: str) -> int | None:
    return None if days is None else checks.as_whole(days, name, 1, MOST_DAYS)


@attrs.frozen(kw_only=True)
class _Case:
    moment: datetime
    grace: timedelta
    tasks: list[Task]
    feedback: dict[Id, Feedback]
    routes: dict[str, Id] | None
    customers: dict[Id, Customer]
    interactions: list[Interaction]
    purchases: list[Purchase]
    changes: list[Happening]
    neglect_days: int | None
    notice_days: int | None
    silence_days: int | None
    stale_days: int | None


def _find(
    rule: _Rule, customer_id: Id | None, message: str, *evidence: tuple[str, Decimal | int | str | None]
) -> Finding:
    """Build a finding with the provenance of its rule."""
    return Finding(
        rule=rule.name,
        severity=rule.severity,
        subject="" if customer_id is None else f"customer {customer_id}",
        message=message,
        advice=rule.advice,
        evidence=[
            ("concept", rule.concept),
            ("source", _SOURCE),
            *((name, value) for name, value in evidence if value is not None),
        ],
    )


def _show_id(own: Id | None) -> str | None:
    return None if own is None else str(own)


def _check_outcomes(case: _Case) -> Iterator[Finding]:
    for task in case.tasks:
        found = find_outcome(task, case.moment)
        if found not in _LATE or (found is TaskOutcome.LATE and task.kind is not TaskKind.PROMISE):
            continue
        due = in_utc(task.due)
        over = (in_utc(task.done_at) if task.done_at and found is TaskOutcome.LATE else case.moment) - due
        if found is not TaskOutcome.DROPPED and over <= case.grace:
            continue
        word = str(task.kind).replace("_", " ")
        told = {
            TaskOutcome.LATE: f"{word} was done {_days(over)} late",
            TaskOutcome.OVERDUE: f"{word} is {_days(over)} overdue",
        }.get(found, f"{word} was cancelled after it was due")
        yield _find(
            _BY_KIND.get(task.kind, _OWED) if isinstance(task.kind, TaskKind) else _OWED,
            task.customer_id,
            told,
            ("kind", str(task.kind)),
            ("due", due.isoformat()),
            ("days", over.days),
            ("grace", str(case.grace)),
            ("about", _show_id(task.about_id)),
            ("owner", _show_id(task.owner_id)),
        )


def _days(length: timedelta) -> str:
    return "1 day" if length.days == 1 else f"{length.days} days" if length.days else "less than a day"


def _check_tasks(case: _Case) -> Iterator[Finding]:
    for task in case.tasks:
        about = ("about", _show_id(task.about_id))
        if task.kind in _HAND_OFFS and task.owner_id is None:
            if find_outcome(task, case.moment) in {TaskOutcome.OVERDUE, TaskOutcome.PENDING}:
                yield _find(_UNOWNED, task.customer_id, "the hand-off has no owner", about)
        elif task.kind is TaskKind.GIFT and not task.relates_to.strip():
            yield _find(_GIFT, task.customer_id, "the gift relates to nothing", about)


def _check_routes(case: _Case) -> Iterator[Finding]:
    for task in case.tasks if case.routes is not None else ():
        if task.kind is not TaskKind.HAND_OFF or task.owner_id is None or task.about_id is None:
            continue
        matter = case.feedback.get(task.about_id)
        right = None if matter is None or case.routes is None else case.routes.get(matter.category)
        if matter is not None and right is not None and task.owner_id != right:
            yield _find(
                _MISROUTED,
                task.customer_id,
                "the hand-off went to somebody who does not resolve such matters",
                ("category", matter.category),
                ("owner", str(task.owner_id)),
                ("route", str(right)),
                ("about", str(task.about_id)),
            )


def _check_changes(case: _Case) -> Iterator[Finding]:
    notices: dict[tuple[Id | None, Id | None], list[Task]] = {}
    for task in case.tasks:
        if task.kind is TaskKind.CHANGE_NOTICE:
            notices.setdefault((task.customer_id, task.about_id), []).append(task)
    for change in case.changes:
        about, customer_id = change.id, find_customer(change)
        known = notices.get((customer_id, about), [])
        customer = None if customer_id is None else case.customers.get(customer_id)
        manager = None if customer is None else customer.manager_id
        told = [task.employee_id if task.employee_id is not None else task.owner_id for task in known]
        if not known:
            yield _find(_TOLD, customer_id, "a change has no notice", ("about", _show_id(about)))
        elif manager is not None and manager not in told:
            yield _find(
                _TOLD,
                customer_id,
                "the notice of a change is not for the customer's manager",
                ("about", _show_id(about)),
                ("manager", str(manager)),
            )


def _check_neglect(case: _Case) -> Iterator[Finding]:
    if case.neglect_days is None:
        return
    last = find_last_contacts(case.interactions, case.tasks, case.moment)
    for row in rank_silences(case.customers.values(), last, case.moment, case.neglect_days):
        yield _find(
            _NEGLECTED,
            row.customer_id,
            f"no contact for {_days(timedelta(days=row.days))}",
            ("days", row.days),
            ("limit", case.neglect_days),
        )
    number = sum(one.since is None and one.id not in last for one in case.customers.values())
    if number:
        yield _find(_NO_LENGTH, None, "customers came at an unknown time, and have no contact", ("customers", number))


def _check_notices(case: _Case) -> Iterator[Finding]:
    if case.notice_days is None:
        return
    start = _back(case.moment, case.notice_days)
    told = {
        task.customer_id
        for task in case.tasks
        if task.kind in _NOTICES and task.done_at is not None and start < in_utc(task.done_at) <= case.moment
    }
    for customer in case.customers.values():
        if customer.id not in told and (customer.since is None or in_utc(customer.since) <= start):
            yield _find(
                _NOTICE,
                customer.id,
                f"no notice of what is done for the customer in {_days(timedelta(days=case.notice_days))}",
                ("limit", case.notice_days),
            )


def _check_silences(case: _Case) -> Iterator[Finding]:
    if case.silence_days is None:
        return
    contacts: dict[Id | None, list[datetime]] = {}
    for contact in case.interactions:
        if contact.initiative is not Initiative.CUSTOMER:
            contacts.setdefault(contact.customer_id, []).append(in_utc(contact.at))
    for task in case.tasks:
        done = find_contact(task, case.moment)
        if done is not None:
            contacts.setdefault(task.customer_id, []).append(done)
    for found in contacts.values():
        found.sort()
    latest = _back(case.moment, case.silence_days)
    for purchase in case.purchases:
        at = in_utc(purchase.at)
        if at > latest or purchase.amount.amount < 0:
            continue
        later = contacts.get(purchase.customer_id, [])
        place = bisect_right(later, at)
        if place == len(later) or later[place] - at >= timedelta(days=case.silence_days):
            yield _find(
                _SILENT,
                purchase.customer_id,
                f"no contact by the company in {_days(timedelta(days=case.silence_days))} after a purchase",
                ("purchase", _show_id(purchase.id)),
                ("limit", case.silence_days),
            )


def _check_ages(case: _Case) -> Iterator[Finding]:
    if case.stale_days is None:
        return
    unknown = 0
    for customer in case.customers.values():
        if customer.updated_at is None:
            unknown += 1
            continue
        age = (case.moment - in_utc(customer.updated_at)).days
        if age >= case.stale_days:
            yield _find(
                _STALE,
                customer.id,
                f"the data were not confirmed for {_days(timedelta(days=age))}",
                ("days", age),
                ("limit", case.stale_days),
            )
    if unknown:
        yield _find(_UNDATED, None, "customers have data of unknown age", ("customers", unknown))


def _back(moment: datetime, days: int) -> datetime:
    """Return the instant so many days before; the first one if the calendar begins later."""
    return moment - timedelta(days=days) if days <= (moment - _clock.EARLIEST).days else _clock.EARLIEST


_RULES: Final[tuple[Callable[[_Case], Iterator[Finding]], ...]] = (
    _check_outcomes,
    _check_tasks,
    _check_routes,
    _check_changes,
    _check_neglect,
    _check_notices,
    _check_silences,
    _check_ages,
)
