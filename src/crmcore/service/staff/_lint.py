"""What employees lack to serve customers well. It names methods and rules, and blames no person."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from crmcore.model.employee import Employee
from crmcore.model.interaction import Interaction
from crmcore.model.reading import Reading
from crmcore.model.task import Task, TaskKind
from crmcore.primitives import checks
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import in_utc
from crmcore.service.staff._factors import factors
from crmcore.service.staff._playbooks import Playbook
from crmcore.service.staff._training import Training, TrainingTopic, Validity

__all__ = ["lint"]

_FOR_CUSTOMERS: Final = (TrainingTopic.COMPLAINTS, TrainingTopic.EMOTION)

_Evidence = list[tuple[str, Decimal | int | str]]


def lint(
    employees: Iterable[Employee],
    /,
    *,
    as_of: datetime,
    trainings: Iterable[Training] | None = None,
    validity: Mapping[TrainingTopic | str, Validity] | None = None,
    interactions: Iterable[Interaction] = (),
    playbooks: Iterable[Playbook] | None = None,
    readings: Iterable[Reading] | None = None,
    updates: Iterable[Task] = (),
) -> tuple[Finding, ...]:
    """Return what the employees lack to serve customers well: factors, training, playbooks, news.

    Examples:
        >>> from datetime import date
        >>> from crmcore import Employee, Training, TrainingTopic, instant, staff
        >>> checked = Training(
        ...     employee_id="pavel", topic=TrainingTopic.COMPLAINTS, on=date(2026, 3, 2), passed=False, method="lecture"
        ... )
        >>> for finding in staff.lint([Employee(id="pavel")], as_of=instant("2026-03-05"), trainings=[checked]):
        ...     print(finding)
        warning needs_training: pavel: the last check in complaints was failed; review the method lecture, which 1 of \
1 failed; do not blame the employee

    The rules, in the order of the result:

    - ``factor_missing``: nothing is known of a factor of an employee.
    - ``faces_customers_untrained``: an employee had contact with customers without a training in complaints or in
      emotions.
    - ``needs_training``: the last check of an employee in a topic was failed. The finding names the method.
    - ``method_unknown``: the same, but it is not known how the topic was taught, so nothing can be reviewed.
    - ``topic_without_training``: `validity` names a topic that no training has.
    - ``training_expired``: the last passed check in a topic is no longer valid.
    - ``role_without_guide``: a role of an employee has no playbook.
    - ``no_model_answer``: a playbook has no weak or no strong answer.
    - ``solution_not_taught``: a playbook names no topic that teaches it, or no employee of the role passed that topic.
    - ``assumed_to_know``: an update reached some employees, and was not told to this one: a finding for each pair.

    A rule without its input does not run. ``solution_not_taught`` needs trainings too, ``faces_customers_untrained``
    interactions, and the rules of topics and expiry validities. What happened after `as_of` is left out.

    Args:
        employees: The employees.
        as_of: The reference date; trainings count by the date it falls on in its own time zone.
        trainings: The trainings and knowledge checks.
        validity: How long a passed check counts, by topic. Other topics do not expire.
        interactions: The contacts; `Interaction.employee_id` had contact with a customer.
        playbooks: The playbooks of all roles.
        readings: The readings of the four factors.
        updates: The tasks that tell employees of news (`TaskKind.STAFF_UPDATE`); others are left out.

    Source: the source articles, see why.md.
    """
    staff = [*iterate_once(employees, Employee, "employees")]
    moment = checks.as_instant(as_of, "as_of")
    ids = [one.id for one in staff]
    known = None if trainings is None else [*iterate_once(trainings, Training, "trainings")]
    past = None if known is None else [one for one in known if one.on <= moment.date()]
    books = None if playbooks is None else [*iterate_once(playbooks, Playbook, "playbooks")]
    valid = {} if validity is None else _read_validity(validity)
    return (
        *_find_factors(ids, readings, moment),
        *_find_untrained(ids, past, interactions, moment),
        *_find_needs(ids, past),
        *_find_expired(ids, past, valid, moment.date()),
        *_find_roles(staff, books),
        *_find_books(staff, books, past),
        *_find_untold(ids, updates, moment),
    )


def _find_factors(ids: list[Id], readings: Iterable[Reading] | None, as_of: datetime) -> Iterator[Finding]:
    if readings is None:
        return
    for employee, found in factors(readings, ids, as_of=as_of).items():
        for kind in found.missing:
            yield _note(
                "factor_missing",
                employee,
                f"nothing is known of {kind}",
                "ask, observe or check, and keep the reading",
                severity=Severity.INFO,
            )


def _find_untrained(
    ids: list[Id], trainings: list[Training] | None, interactions: Iterable[Interaction], as_of: datetime
) -> Iterator[Finding]:
    contacts: dict[Id | None, int] = {}
    for contact in iterate_once(interactions, Interaction, "interactions"):
        if in_utc(contact.at) <= in_utc(as_of):
            contacts[contact.employee_id] = contacts.get(contact.employee_id, 0) + 1
    if trainings is None:
        return
    done = {(one.employee_id, one.topic) for one in trainings if one.passed is not False}
    for employee in ids:
        lacking = [topic for topic in _FOR_CUSTOMERS if (employee, topic) not in done]
        if employee in contacts and lacking:
            yield _note(
                "faces_customers_untrained",
                employee,
                f"meets customers without a training in {' and '.join(lacking)}",
                "train principles first, then complaints and emotions",
                [("contacts", contacts[employee])],
            )


def _find_needs(ids: list[Id], trainings: list[Training] | None) -> Iterator[Finding]:
    last = _list_last_checks(trainings or ())
    by_method: dict[tuple[str, str], list[bool]] = {}
    for one in last.values():
        by_method.setdefault((one.topic, one.method), []).append(one.passed is False)
    for (employee, topic), one in last.items():
        if one.passed or employee not in ids:
            continue
        failed = by_method[topic, one.method]
        if one.method:
            yield _note(
                "needs_training",
                employee,
                f"the last check in {topic} was failed",
                f"review the method {one.method}, which {sum(failed)} of {len(failed)} failed; "
                "do not blame the employee",
                [("method", one.method), ("failed", sum(failed)), ("checked", len(failed))],
            )
        else:
            yield _note(
                "method_unknown",
                employee,
                f"the last check in {topic} was failed, and it is not known how it was taught",
                "name the method of the training, and review it; do not blame the employee",
                [("failed", sum(failed)), ("checked", len(failed))],
            )


def _list_last_checks(trainings: Iterable[Training]) -> dict[tuple[Id, str], Training]:
    """Return the last check of each employee in each topic; of two on one day, a passed one."""
    last: dict[tuple[Id, str], Training] = {}
    for one in trainings:
        before = last.get((one.employee_id, one.topic))
        if one.passed is not None and (before is None or (one.on, one.passed) > (before.on, before.passed)):
            last[one.employee_id, one.topic] = one
    return last


def _read_validity(given: Mapping[TrainingTopic | str, Validity]) -> dict[TrainingTopic | str, Validity]:
    checks.check_mapping(given, "validity", "topics to how long a check counts")
    return {
        checks.as_label(topic, TrainingTopic, "validity"): checks.as_instance(one, Validity, "validity")
        for topic, one in given.items()
    }


def _find_expired(
    ids: list[Id], trainings: list[Training] | None, validity: Mapping[TrainingTopic | str, Validity], day: date
) -> Iterator[Finding]:
    passed: dict[tuple[Id, str], list[date]] = {}
    known = {one.topic for one in trainings or ()}
    for topic in validity if trainings is not None else ():
        if topic not in known:
            yield _note(
                "topic_without_training",
                topic,
                "a validity is given, and no training has this topic",
                "teach it, or look for a slip in its name",
                severity=Severity.INFO,
            )
    for one in trainings or ():
        if one.passed and one.topic in validity:
            passed.setdefault((one.employee_id, one.topic), []).append(one.on)
    for (employee, topic), days in passed.items():
        end = validity[topic].until(days)
        if employee in ids and end is not None and end <= day:
            yield _note(
                "training_expired",
                employee,
                f"the last passed check in {topic} is no longer valid",
                "check the knowledge again",
                [("since", end.isoformat())],
            )


def _find_roles(employees: list[Employee], playbooks: list[Playbook] | None) -> Iterator[Finding]:
    if playbooks is None:
        return
    guided = {one.role for one in playbooks}
    for role in dict.fromkeys(one.role for one in employees if one.role):
        if role not in guided:
            yield _note("role_without_guide", role, "no playbook is for this role", "write one for each situation")


def _find_books(
    employees: list[Employee], playbooks: list[Playbook] | None, trainings: list[Training] | None
) -> Iterator[Finding]:
    taught: set[tuple[str, str]] = set()
    roles = {one.id: one.role for one in employees}
    for training in trainings or ():
        if training.passed is not False and training.employee_id in roles:
            taught.add((roles[training.employee_id], training.topic))
    for book in playbooks or ():
        subject = f"{book.role}: {book.situation}"
        if not book.weak or not book.strong:
            yield _note(
                "no_model_answer",
                subject,
                f"the playbook has no {'strong' if book.weak else 'weak'} answer",
                "show the difference by an example of each",
                severity=Severity.INFO,
            )
        if trainings is not None and (book.taught_by is None or (book.role, book.taught_by) not in taught):
            yield _note(
                "solution_not_taught",
                subject,
                "no training teaches it to this role"
                if book.taught_by is None
                else "no employee of the role learned it",
                "teach it before it is needed",
                [] if book.taught_by is None else [("topic", str(book.taught_by))],
            )


def _find_untold(ids: list[Id], updates: Iterable[Task], as_of: datetime) -> Iterator[Finding]:
    told: dict[Id | None, set[Id | None]] = {}
    for task in iterate_once(updates, Task, "updates"):
        if task.kind == TaskKind.STAFF_UPDATE and task.done_at is not None and in_utc(task.done_at) <= in_utc(as_of):
            told.setdefault(task.about_id, set()).add(task.employee_id)
    for news, heard in told.items():
        for employee in ids:
            if employee not in heard:
                yield _note(
                    "assumed_to_know",
                    employee,
                    "an update was told to others only",
                    "tell everybody; do not assume that they know",
                    [("update", "-" if news is None else str(news))],
                )


def _note(
    rule: str,
    subject: Id,
    message: str,
    advice: str,
    evidence: _Evidence | None = None,
    *,
    severity: Severity = Severity.WARNING,
) -> Finding:
    return Finding(
        rule=rule, severity=severity, subject=str(subject), message=message, advice=advice, evidence=evidence or []
    )
