"""What type checkers see of graded experiences, SERVQUAL and Kano; nothing here is run."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_type

from crmcore import (
    ExperienceGrade,
    ExperienceGrades,
    Kano,
    KanoAnswer,
    KanoCategory,
    KanoDirection,
    Question,
    Reading,
    Response,
    ServiceDimension,
    ServiceGap,
    Servqual,
    TallyBy,
    expectations,
)
from crmcore.primitives.proportions import Interval
from crmcore.voice.expectations import (
    Adaptation,
    AdaptationStep,
    GradedExperience,
    KanoDrift,
    adapt,
    disconfirmation,
    grade,
    grade_each,
    kano_category,
    kano_drift,
)


def grading(readings: list[Reading]) -> None:
    """Experiences are graded one by one, and counted."""
    assert_type(disconfirmation("7.5", 8), Decimal)
    assert_type(grade(9, "8.5", neutral_band=0, excellent_from=1), ExperienceGrade)
    graded = grade_each(readings, neutral_band="0.25", excellent_from=1, max_age=timedelta(days=90))
    assert_type(graded, tuple[GradedExperience, ...])
    assert_type(graded[0].at, datetime)
    counted = ExperienceGrades.of(readings, neutral_band=0, excellent_from=1)
    assert_type(counted, ExperienceGrades)
    assert_type(counted.share(ExperienceGrade.POOR), Decimal | None)
    assert_type(counted.interval(ExperienceGrade.GOOD), Interval | None)
    by_aspect = ExperienceGrades.by(readings, lambda reading: reading.aspect, neutral_band=0, excellent_from=1)
    assert_type(by_aspect, TallyBy[str, ExperienceGrades])
    ExperienceGrades.of(readings)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - the limits have no default
    grade(7.5, 8, neutral_band=0, excellent_from=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a float is not exact


def adapting() -> None:
    """An expectation follows experiences."""
    path = adapt(5, [7, "7.5"], rise=0.5, fall="0.1")
    assert_type(path, Adaptation)
    assert_type(path.steps, tuple[AdaptationStep, ...])
    assert_type(path.value, Decimal)
    adapt(5, 7, rise="0.5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - several experiences


def serving(responses: list[Response], perceived: Question, expected: Question) -> None:
    """Gaps by dimension, with weights or without."""
    service = Servqual.of(responses, [(perceived, expected)])
    assert_type(service.gaps, TallyBy[str, ServiceGap])
    assert_type(service.score, Decimal | None)
    assert_type(service.weighted({ServiceDimension.EMPATHY: 40, "price": "60"}), Decimal | None)
    assert_type(Servqual.by(responses, lambda one: one.segment, [(perceived, expected)]), TallyBy[str | None, Servqual])
    Servqual.of(responses, [perceived])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - pairs


def delighting(responses: list[Response], there: Question, gone: Question) -> None:
    """Categories of Kano, and their drift."""
    counted = Kano.of(responses, there, gone)
    assert_type(counted, Kano)
    assert_type(counted.category, KanoCategory | None)
    assert_type(counted.worse_interval(), Interval | None)
    assert_type(Kano.by(responses, lambda response: response.segment, there, gone), TallyBy[str | None, Kano])
    assert_type(Kano.of_answers([(KanoAnswer.LIKE, None)]), Kano)
    assert_type(kano_category(KanoAnswer.LIKE, KanoAnswer.DISLIKE), KanoCategory)
    drift = kano_drift([counted.category, None])
    assert_type(drift, KanoDrift)
    assert_type(drift.direction, KanoDirection | None)
    expectations.kano_category("like", "dislike")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - members
