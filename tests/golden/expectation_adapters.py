"""Adapters of the golden cases of expectations: from the inputs of a case to the answer, named as in its `expected`.

An adapter turns text into the library's types and picks fields of the answer. It computes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from crmcore import (
    Kano,
    KanoAnswer,
    KanoCategory,
    MeasureKind,
    Question,
    Reading,
    Response,
    Scale,
    ServiceGap,
    Servqual,
    SubjectKind,
    TallyBy,
    expectations,
    instant,
)
from crmcore.voice.expectations import Adaptation

Inputs = dict[str, Any]

_LETTERS: Final = {
    KanoCategory.ATTRACTIVE: "A",
    KanoCategory.ONE_DIMENSIONAL: "O",
    KanoCategory.MUST_BE: "M",
    KanoCategory.INDIFFERENT: "I",
    KanoCategory.REVERSE: "R",
    KanoCategory.QUESTIONABLE: "Q",
}
_CATEGORIES: Final = {letter: category for category, letter in _LETTERS.items()}
_DAY: Final = instant("2026-03-02")


def _count(value: Any) -> Any:
    """Return a whole number that may be written as text."""
    return int(value) if isinstance(value, str) else value


def _grades(inputs: Inputs) -> list[str]:
    return [
        expectations.grade(
            perceived,
            expected,
            neutral_band=inputs["neutral_band"],
            excellent_from=inputs["excellent_from"],
        ).value
        for perceived, expected in inputs["pairs"]
    ]


def _grades_at(inputs: Inputs) -> list[str | None]:
    readings = [
        Reading(subject_kind=SubjectKind.CUSTOMER, subject_id=1, kind=kind, at=instant(at), value=value)
        for kind, given in (
            (MeasureKind.PERCEPTION, inputs["experiences"]),
            (MeasureKind.EXPECTATION, inputs["expectations"]),
        )
        for at, value in given
    ]
    days = inputs.get("max_age_days")
    graded = expectations.grade_each(
        readings,
        neutral_band=inputs["neutral_band"],
        excellent_from=inputs["excellent_from"],
        max_age=None if days is None else timedelta(days=_count(days)),
    )
    return [None if one.grade is None else one.grade.value for one in graded]


def _adapt(inputs: Inputs) -> Adaptation:
    rise = inputs["alpha_up"] if "alpha_up" in inputs else inputs["alpha"]
    return expectations.adapt(inputs["start"], inputs["perceived"], rise=rise, fall=inputs.get("alpha_down"))


def _servqual(inputs: Inputs) -> Servqual:
    gaps = {
        dimension: ServiceGap(perceived=score["perceived"], expected=score["expected"], complete=1)
        for dimension, score in inputs["scores"].items()
    }
    return Servqual(gaps=TallyBy(gaps))


def _gaps(service: Servqual) -> dict[str, Any]:
    return {dimension: gap.value for dimension, gap in service.gaps.items()}


def _from_items(inputs: Inputs) -> dict[str, Any]:
    low, high = inputs["scale"]
    questions: list[tuple[Question, Question]] = []
    answers: list[tuple[str, int]] = []
    for place, item in enumerate(inputs["items"]):
        scale = Scale(low=low, high=high, higher_is_better=not item["reversed"])
        perceived, expected = (
            Question(id=f"{half} {place}", text="", scale=scale, concept=item["dimension"])
            for half in ("perceived", "expected")
        )
        questions.append((perceived, expected))
        answers.extend(
            (f"{half} {place}", _count(item[half])) for half in ("perceived", "expected") if item[half] is not None
        )
    return _gaps(Servqual.of([Response(survey_id=1, at=_DAY, answers=answers)], questions))


def _kano(inputs: Inputs) -> Kano:
    return Kano(**{category.value: _count(inputs.get(letter, 0)) for category, letter in _LETTERS.items()})


def _coefficients(inputs: Inputs) -> dict[str, Any]:
    counted = _kano(inputs)
    return {"better": counted.better, "worse": counted.worse}


def _category(inputs: Inputs) -> dict[str, Any]:
    counted = _kano(inputs)
    return {
        "category": None if counted.category is None else _LETTERS[counted.category],
        "category_strength": counted.category_strength,
        "total_strength": counted.total_strength,
    }


def _drift(inputs: Inputs) -> dict[str, Any]:
    drift = expectations.kano_drift(_CATEGORIES[letter] for letter in inputs["history"])
    return {
        "direction": None if drift.direction is None else drift.direction.value,
        "ended": None if drift.ended is None else _LETTERS[drift.ended],
    }


ADAPTERS: Final[dict[str, Callable[[Inputs], object]]] = {
    "expectation.adapt": lambda inputs: list(_adapt(inputs).expectations),
    "expectation.disconfirmation": lambda inputs: expectations.disconfirmation(inputs["perceived"], inputs["expected"]),
    "expectation.disconfirmation_path": lambda inputs: list(_adapt(inputs).disconfirmations),
    "expectation.ratchet": lambda inputs: list(_adapt(inputs).expectations),
    "experience.grade": _grades,
    "experience.grade_at": _grades_at,
    "kano.category": _category,
    "kano.classify": lambda inputs: [
        _LETTERS[expectations.kano_category(KanoAnswer(functional), KanoAnswer(dysfunctional))]
        for functional, dysfunctional in inputs["pairs"]
    ],
    "kano.coefficients": _coefficients,
    "kano.drift": _drift,
    "servqual.from_items": _from_items,
    "servqual.gaps": lambda inputs: _gaps(_servqual(inputs)),
    "servqual.unweighted": lambda inputs: _servqual(inputs).score,
    "servqual.weighted": lambda inputs: _servqual(inputs).weighted(inputs["weights"]),
}
"""The adapter of each label."""
