"""How experience compares with what was expected at that time, with what rivals offer, and with a bar that rises.

`ExperienceGrades` grades experiences against the expectation that held then, and `adapt` says how fast a better service
becomes the usual one. `Servqual` measures the gap between perception and expectation by dimension of service. `Kano`
tells which features delight and which must be there, and `kano_drift` how the one becomes the other.

`PerceptionGap` compares what the company believes with what customers say. `RelativeAdvantage` and `LeadOverTime`
compare with rivals, `wallet_shares` says what a rank is worth. `Consistency` finds the weakest touchpoint,
`ExperienceTarget` sets the bar in advance, and `constancy` asks whether what customers like stays as it is.
"""

from typing import TYPE_CHECKING

from crmcore.primitives._lazy import load_on_use

if TYPE_CHECKING:  # for type checkers, which cannot follow the table below
    from crmcore.voice.expectations._adaptation import Adaptation, AdaptationStep, adapt
    from crmcore.voice.expectations._consistency import Consistency, spoilers
    from crmcore.voice.expectations._constancy import ConstancyDrift, constancy
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
    from crmcore.voice.expectations._perception import PerceptionGap
    from crmcore.voice.expectations._rivals import (
        LeadOverTime,
        MarketPosition,
        RelativeAdvantage,
        wallet_share,
        wallet_shares,
    )
    from crmcore.voice.expectations._servqual import ServiceDimension, ServiceGap, Servqual
    from crmcore.voice.expectations._targets import (
        ExperienceTarget,
        TargetAttainment,
        TargetResult,
        TargetState,
        attainments,
        lint_targets,
    )

__all__ = [
    "Adaptation",
    "AdaptationStep",
    "Consistency",
    "ConstancyDrift",
    "ExperienceGrade",
    "ExperienceGrades",
    "ExperienceTarget",
    "GradedExperience",
    "Kano",
    "KanoAnswer",
    "KanoCategory",
    "KanoDirection",
    "KanoDrift",
    "LeadOverTime",
    "MarketPosition",
    "PerceptionGap",
    "RelativeAdvantage",
    "ServiceDimension",
    "ServiceGap",
    "Servqual",
    "TargetAttainment",
    "TargetResult",
    "TargetState",
    "adapt",
    "attainments",
    "constancy",
    "disconfirmation",
    "grade",
    "grade_each",
    "kano_category",
    "kano_drift",
    "lint_targets",
    "spoilers",
    "wallet_share",
    "wallet_shares",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = load_on_use(
        __name__,
        {
            "_adaptation": "Adaptation AdaptationStep adapt",
            "_grades": "ExperienceGrade ExperienceGrades GradedExperience disconfirmation grade grade_each",
            "_kano": "Kano KanoAnswer KanoCategory KanoDirection KanoDrift kano_category kano_drift",
            "_servqual": "ServiceDimension ServiceGap Servqual",
            "_consistency": "Consistency spoilers",
            "_constancy": "ConstancyDrift constancy",
            "_perception": "PerceptionGap",
            "_rivals": "LeadOverTime MarketPosition RelativeAdvantage wallet_share wallet_shares",
            "_targets": "ExperienceTarget TargetAttainment TargetResult TargetState attainments lint_targets",
        },
    )
