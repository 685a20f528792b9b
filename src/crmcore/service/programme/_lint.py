"""What a programme lacks, before it starts."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, tzinfo
from decimal import Decimal
from itertools import pairwise
from typing import Final

import attrs

from crmcore.model.employee import Employee
from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import plain
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import in_utc
from crmcore.service.programme._activities import Activity, Deliverable, ProgrammePhase
from crmcore.service.programme._network import Schedule, list_ancestors
from crmcore.service.programme._plan import Programme, reaches

__all__ = ["lint"]

_DOCUMENTS: Final = (Deliverable.RULES_OF_INTERACTION, Deliverable.DECLARATION)
_PLACES: Final = {phase: place for place, phase in enumerate(ProgrammePhase)}


def lint(
    programme: Programme,
    /,
    *,
    employees: Iterable[Employee] = (),
    months: int = 24,
    meeting_days: int = 14,
    tz: tzinfo = UTC,
) -> tuple[Finding, ...]:
    """Return what a programme lacks, with the activity at fault as the subject.

    Examples:
        >>> from crmcore import Activity, Deliverable, Employee, Period, Programme, instant, programme
        >>> hasty = Programme(
        ...     goal="Customers come back.",
        ...     horizon=Period(instant("2026-03-01"), instant("2026-06-01")),
        ...     responsible_id="vera",
        ...     activities=[
        ...         Activity(id="survey", days=30, deliverable=Deliverable.SATISFACTION),
        ...         Activity(id="map", days=20, after=["survey"], deliverable=Deliverable.TOUCHPOINTS),
        ...     ],
        ... )
        >>> staff = [Employee(id="vera", reports_to_id="otto"), Employee(id="otto", reports_to_id="maria")]
        >>> for finding in programme.lint(hasty, employees=[*staff, Employee(id="maria")]):
        ...     print(finding.rule, finding.subject)
        horizon_too_short programme
        not_reporting_to_top vera
        document_missing rules_of_interaction
        document_missing declaration
        sign_off_missing programme
        phase_without_deliverable preparation
        phase_without_deliverable culture
        phase_without_deliverable extra_value
        measured_before_touchpoints survey
        no_meetings programme

    The rules, in the order of the result:

    - ``horizon_too_short``: the horizon has fewer calendar months than `months`.
    - ``plan_beyond_horizon``: the plan needs more days than the horizon has.
    - ``no_responsible_person``: no employee is responsible. ``responsible_unknown``: the one who is, or their manager,
      is none of the `employees`. ``not_reporting_to_top``: their manager has a manager too.
    - ``document_missing``: no activity delivers the rules of interaction, or the declaration.
    - ``sign_off_missing``: no activity makes the leaders sign the documents, tell everyone and set an example.
    - ``phase_without_deliverable``: no activity of a phase delivers anything.
    - ``phases_out_of_order``: an activity waits for one of a later phase.
    - ``measured_before_touchpoints``: an activity measures satisfaction and does not wait, directly or not, for one
      that determines the touchpoints.
    - ``no_meetings``: no meetings are planned. ``meetings_too_rare``: more than `meeting_days` days lie between two of
      them, or between the start and the first one.

    The line of reports is checked only if there are `employees`.

    Args:
        programme: The programme.
        employees: The employees, those at the top among them.
        months: The least number of months of the horizon.
        meeting_days: The largest number of days from one meeting to the next.
        tz: The zone of the calendar.

    Source: the source articles, see why.md (the rules, the two years and the two weeks; none of them is measured).
    """
    checks.as_instance(programme, Programme, "programme")
    case = _Case(
        programme=programme,
        employees={employee.id: employee for employee in iterate_once(employees, Employee, "employees")},
        months=months,
        is_long_enough=reaches(programme.horizon, months=months, tz=tz),
        meeting_days=checks.as_count(meeting_days, "meeting_days", least=1),
        schedule=programme.schedule,
    )
    return tuple(finding for rule in _RULES for finding in rule(case))


@attrs.frozen(kw_only=True)
class _Case:
    programme: Programme
    employees: dict[Id, Employee]
    months: int
    is_long_enough: bool
    meeting_days: int
    schedule: Schedule

    def find(
        self,
        rule: str,
        message: str,
        advice: str,
        *evidence: tuple[str, Decimal | int | str],
        subject: object = "programme",
        severity: Severity = Severity.WARNING,
    ) -> Finding:
        """Build a finding about a subject, or about the programme."""
        return Finding(
            rule=rule, severity=severity, subject=str(subject), message=message, advice=advice, evidence=evidence
        )

    def delivering(self, deliverable: Deliverable) -> list[Activity]:
        """Return the activities that deliver something."""
        return [one for one in self.programme.activities if one.deliverable == deliverable]


def _check_horizon(case: _Case) -> Iterator[Finding]:
    if not case.is_long_enough:
        yield case.find(
            "horizon_too_short",
            f"the horizon has fewer than {case.months} months",
            "customer orientation takes years: set a later end",
            ("months", case.months),
        )
    available = _clock.days(_clock.microseconds(case.programme.horizon.length))
    if case.schedule.length > available:
        yield case.find(
            "plan_beyond_horizon",
            f"the plan needs {plain(case.schedule.length)} days, and the horizon has {plain(available)}",
            "shorten an activity of the critical path, or set a later end",
            ("days of the plan", case.schedule.length),
            ("days of the horizon", available),
            *(("critical", str(activity_id)) for activity_id in case.schedule.critical),
        )


def _check_responsible(case: _Case) -> Iterator[Finding]:
    responsible_id = case.programme.responsible_id
    if responsible_id is None:
        yield case.find(
            "no_responsible_person",
            "no employee is responsible for the programme",
            "name a respected leader with a job description in responsible_id",
        )
        return
    if not case.employees:
        return
    responsible = case.employees.get(responsible_id)
    manager_id = None if responsible is None else responsible.reports_to_id
    unknown = responsible_id if responsible is None else manager_id
    if unknown is not None and unknown not in case.employees:
        yield case.find(
            "responsible_unknown",
            "the responsible person or their manager is none of the employees",
            "give them among employees too",
            subject=unknown,
        )
    elif manager_id is not None and case.employees[manager_id].reports_to_id is not None:
        yield case.find(
            "not_reporting_to_top",
            "the responsible person does not report to the head of the company",
            "let them report to the top, where the obstacles can be removed",
            ("manager", str(manager_id)),
            subject=responsible_id,
        )


def _check_documents(case: _Case) -> Iterator[Finding]:
    for document in _DOCUMENTS:
        if not case.delivering(document):
            yield case.find(
                "document_missing",
                "no activity delivers this document",
                f"add an activity with Deliverable.{document.name}",
                subject=document.value,
            )
    if not case.delivering(Deliverable.SIGN_OFF):
        yield case.find(
            "sign_off_missing",
            "no activity makes the leaders sign the documents, tell everyone about them and set an example",
            "add an activity with Deliverable.SIGN_OFF",
        )


def _check_phases(case: _Case) -> Iterator[Finding]:
    for phase in ProgrammePhase:
        if not any(activity.deliverable for activity in case.programme.in_phase(phase)):
            yield case.find(
                "phase_without_deliverable",
                "no activity of the phase delivers anything",
                "say in `deliverable` what the phase has to show at its end",
                subject=phase.value,
            )
    phases = {activity.id: activity.phase for activity in case.programme.activities}
    for activity in case.programme.activities:
        for name in activity.after:
            own, other = activity.phase, phases[name]
            if own is not None and other is not None and _PLACES[other] > _PLACES[own]:
                yield case.find(
                    "phases_out_of_order",
                    f"it belongs to {own.value} and waits for an activity of {other.value}",
                    "remove it from `after`, or move one of them to another phase",
                    ("waits for", str(name)),
                    subject=activity.id,
                )


def _check_order(case: _Case) -> Iterator[Finding]:
    determining = {activity.id for activity in case.delivering(Deliverable.TOUCHPOINTS)}
    for activity in case.delivering(Deliverable.SATISFACTION):
        if determining.isdisjoint(list_ancestors(case.programme.activities, activity.id)):
            yield case.find(
                "measured_before_touchpoints",
                "it measures satisfaction before it is known where customers meet the company",
                "let it wait for an activity with Deliverable.TOUCHPOINTS",
                subject=activity.id,
            )


def _check_meetings(case: _Case) -> Iterator[Finding]:
    meetings, horizon = case.programme.meetings, case.programme.horizon
    held = () if meetings is None else meetings.within(horizon)
    if meetings is None or not held:
        yield case.find(
            "no_meetings",
            "no meetings of the responsible person and the head of the company are planned",
            f"plan one every {case.meeting_days} days, for the status and the open questions",
        )
        return
    days = [at.astimezone(meetings.zone).date() for at in (in_utc(horizon.start), *held)]
    longest = max((later - earlier).days for earlier, later in pairwise(days))
    if longest > case.meeting_days:
        yield case.find(
            "meetings_too_rare",
            f"up to {longest} days pass without a meeting, more than {case.meeting_days}",
            "meet more often, from the start",
            ("longest", longest),
        )


_RULES: Final[tuple[Callable[[_Case], Iterator[Finding]], ...]] = (
    _check_horizon,
    _check_responsible,
    _check_documents,
    _check_phases,
    _check_order,
    _check_meetings,
)
