"""The bar keeps rising: an experience is judged against what the customer expected at that time.

`ExperienceGrades` grades experiences against the expectation that held then, and `adapt` says how fast a better service
becomes the usual one. `Servqual` measures the gap between perception and expectation by dimension of service. `Kano`
tells which features delight and which must be there, and `kano_drift` how the one becomes the other.
"""

from typing import TYPE_CHECKING

from crmcore.primitives._lazy import load_on_use

if TYPE_CHECKING:  # for type checkers, which cannot follow the table below
    from crmcore.voice.expectations._adaptation import Adaptation, AdaptationStep, adapt
    from crmcore.voice.expectations._grades import (
        ExperienceGrade,
        ExperienceGrades,
        GradedExperience,
        disconfirmation,
        grade,
        grade_each,
    )
    from crmcore.voice.expectations._kano import (
        Kano,
        KanoAnswer,
        KanoCategory,
        KanoDirection,
        KanoDrift,
        kano_category,
        kano_drift,
    )
    from crmcore.voice.expectations._servqual import ServiceDimension, ServiceGap, Servqual

__all__ = [
    "Adaptation",
    "AdaptationStep",
    "ExperienceGrade",
    "ExperienceGrades",
    "GradedExperience",
    "Kano",
    "KanoAnswer",
    "KanoCategory",
    "KanoDirection",
    "KanoDrift",
    "ServiceDimension",
    "ServiceGap",
    "Servqual",
    "adapt",
    "disconfirmation",
    "grade",
    "grade_each",
    "kano_category",
    "kano_drift",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = load_on_use(
        __name__,
        {
            "_adaptation": "Adaptation AdaptationStep adapt",
            "_grades": "ExperienceGrade ExperienceGrades GradedExperience disconfirmation grade grade_each",
            "_kano": "Kano KanoAnswer KanoCategory KanoDirection KanoDrift kano_category kano_drift",
            "_servqual": "ServiceDimension ServiceGap Servqual",
        },
    )
