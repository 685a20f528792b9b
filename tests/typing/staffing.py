"""What a user writes about employees, for type checkers: the lines with a code must be refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import assert_type

from crmcore import (
    AuditScore,
    AuditScores,
    Bonus,
    Checklist,
    ChecklistAnswer,
    ChecklistItem,
    Employee,
    ExpiryRule,
    Finding,
    Id,
    MeasureKind,
    MomentOfTruth,
    Money,
    Occasion,
    Period,
    Playbook,
    PlaybookCoverage,
    Reading,
    Recurrence,
    Scale,
    Situation,
    StaffFactors,
    TallyBy,
    Task,
    Training,
    TrainingTopic,
    UpdateReach,
    Validity,
    audits,
    render,
    staff,
)
from crmcore.primitives.proportions import Interval


def scored(answers: Iterator[ChecklistAnswer]) -> None:
    """Audits with scores."""
    item = ChecklistItem(id="tone", text="Is polite.", weight="2.5", critical=True, scale=Scale.RATING_1_5)
    assert_type(item.weight, Decimal)
    assert_type(item.scale, Scale | None)
    assert_type(ChecklistAnswer(item_id="tone", score=4).score, Decimal | None)
    calls = Checklist(id="calls", items=[item])
    assert_type(AuditScore.of(calls, answers, critical_below=0.5).score, Decimal | None)
    assert_type(AuditScore.of(calls, answers).failed, tuple[Id, ...])
    assert_type(AuditScores.of(calls, answers).score, Decimal | None)
    assert_type(AuditScores.by(calls, answers, lambda one: one.subject_id), TallyBy[Id | None, AuditScores])
    assert_type(AuditScores.of_scores(["0.5", None, 1]), AuditScores)
    assert_type(audits.contact_areas(), Checklist)
    assert_type(
        [
            audits.contribution(),
            audits.customers_shoes(),
            audits.declaration(),
            audits.diagnostic(),
            audits.leaders_sign_off(),
            audits.listening_and_tone(),
            audits.relationship_quality(),
            audits.service_standards(),
        ],
        list[Checklist],
    )
    AuditScore.of(answers)  # type: ignore[call-arg, arg-type]  # pyright: ignore[reportCallIssue] - on which checklist?
    ChecklistItem(id=1, text="", weight=0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a weight is exact


def trained(days: Iterator[date], quarterly: Recurrence, year: Period) -> None:
    """Trainings, and until when they count."""
    check = Training(employee_id=7, topic="tills", on=date(2026, 3, 2), passed=True, method="drill")
    assert_type(check.topic, TrainingTopic | str)
    assert_type(check.passed, bool | None)
    validity = Validity(rule=ExpiryRule.FROM_EXPIRY, months=12, window_days=60)
    assert_type(validity.until(days), date | None)
    assert_type(validity.is_valid(days, on=date(2026, 3, 2)), bool)
    assert_type(validity.fixed, Occasion | None)
    assert_type(staff.plan(quarterly, year, [7], topic=TrainingTopic.EMOTION), tuple[Task, ...])
    validity.is_valid(days)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - on which day?
    Validity(rule="from_check", months=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due


def guided(books: Iterator[Playbook]) -> None:
    """Playbooks and their coverage."""
    book = Playbook(role="seller", situation=Situation.QUESTION, steps=["listen"], taught_by="tills")
    assert_type(book.situation, Situation | str)
    assert_type(book.steps, tuple[str, ...])
    coverage = PlaybookCoverage.of(books, roles=["seller"], situations=[Situation.QUESTION, "lift"])
    assert_type(coverage.share, Decimal | None)
    assert_type(coverage.missing, tuple[tuple[str, Situation | str], ...])
    assert_type(coverage.roles_without_guide, tuple[str, ...])
    assert_type(render.playbook_coverage(coverage, title="Guides"), render.Svg)
    render.playbook_coverage(books)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a coverage is due
    PlaybookCoverage.of(books)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - of which roles?


def led(readings: Iterator[Reading], tasks: Iterator[Task], moments: Iterator[MomentOfTruth], day: datetime) -> None:
    """Factors, news, advice and pay."""
    found = staff.factors(readings, [7], as_of=day)
    assert_type(found, dict[Id, StaffFactors])
    assert_type(found[7].lowest, MeasureKind | None)
    assert_type(found[7].missing, tuple[MeasureKind, ...])
    assert_type(UpdateReach.of(tasks, [7], as_of=day).rate, Decimal | None)
    assert_type(UpdateReach.of(tasks, [7], as_of=day).interval(confidence=0.9), Interval | None)
    assert_type(UpdateReach.by(tasks, [7], lambda one: one.about_id, as_of=day), TallyBy[Id | None, UpdateReach])
    assert_type(staff.advise(moments, [Period.month(2026, 3)], in_a_row=1), tuple[Finding, ...])
    assert_type(staff.lint([Employee(id=7)], as_of=day, updates=tasks, readings=readings), tuple[Finding, ...])
    assert_type(Bonus(experience=42, threshold=30, target=50, full=Money(9, "EUR")).value, Money | None)
    UpdateReach.of(tasks, [7])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - as of when?
    staff.lint([Employee(id=7)])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - as of when?
