"""What type checkers see of programmes, plans and objectives; nothing here is run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import assert_type

from crmcore import (
    Activity,
    Deliverable,
    Employee,
    Finding,
    Id,
    Initiatives,
    KeyResult,
    Objective,
    Period,
    Programme,
    ProgrammePhase,
    Recurrence,
    TallyBy,
    Task,
    UnmeasuredRule,
    programme,
)
from crmcore.service.programme import Schedule, ScheduledActivity, Slippage, StatusReport


def plans(day: datetime, two_years: Period, tasks: Iterator[Task], meetings: Recurrence) -> None:
    """A programme with its plan, its schedule and its meetings."""
    survey = Activity(id=1, days="30.5", after=["map"], deliverable="survey", phase=ProgrammePhase.ASSESSMENT)
    assert_type(survey.deliverable, Deliverable | str | None)
    assert_type(survey.days, Decimal)
    plan = Programme(goal="Customers come back.", horizon=two_years, activities=iter([survey]), meetings=meetings)
    assert_type(plan.in_phase(ProgrammePhase.CULTURE), tuple[Activity, ...])
    assert_type(plan.schedule, Schedule)
    assert_type(programme.schedule(iter(plan.activities)), Schedule)
    assert_type(plan.schedule[1], ScheduledActivity)
    assert_type(plan.schedule.critical, tuple[Id, ...])
    assert_type(plan.schedule.delayed({1: 3, 2: "2.5"}), Slippage)
    by_name = {"map": 3}
    assert_type(plan.schedule.delayed(by_name).slip, Decimal)
    assert_type(plan.schedule.delayed({}).later, tuple[tuple[Id, Decimal], ...])
    assert_type(plan.schedule.dates(day), tuple[tuple[datetime, datetime], ...])
    assert_type(plan.schedule.tasks(day), tuple[Task, ...])
    assert_type(programme.reaches(two_years, months=36), bool)
    assert_type(programme.lint(plan, employees=iter([Employee(id=1)])), tuple[Finding, ...])
    assert_type(programme.status(tasks, meetings=meetings, as_of=day), StatusReport)
    Activity(id=1, days=0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - exact, not a float
    plan.in_phase("culture")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due
    programme.status(tasks, as_of=day)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - which meetings?


def objectives(day: datetime, quarter: Period, tasks: Iterator[Task]) -> None:
    """Objectives, key results and initiatives."""
    complaints = KeyResult(name="complaints", baseline=15, target="10", current=None)
    assert_type(complaints.progress, Decimal | None)
    assert_type(complaints.expected(quarter, as_of=day), Decimal)
    assert_type(complaints.is_behind(quarter, as_of=day), bool | None)
    objective = Objective(name="fewer complaints", key_results=iter([complaints]), period=quarter)
    assert_type(objective.progress_by(UnmeasuredRule.ZERO), Decimal | None)
    assert_type(objective.unmeasured, tuple[KeyResult, ...])
    assert_type(programme.share_of_time(quarter, as_of=day), Decimal)
    assert_type(Initiatives.of(tasks, rounds=iter(["spring"])).per_round, Decimal | None)
    assert_type(Initiatives.by(tasks, rounds=[1]), TallyBy[Id | None, Initiatives])
    objective.progress_by()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by which rule?
    objective.progress_by("zero")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due
