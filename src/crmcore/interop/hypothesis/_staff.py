"""Strategies for trainings, playbooks, factors, bonuses and scored audits."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import (
    AuditScore,
    AuditScores,
    Bonus,
    ExpiryRule,
    Playbook,
    PlaybookCoverage,
    Situation,
    StaffFactors,
    Training,
    UpdateReach,
    Validity,
)
from crmcore.interop.hypothesis._nouns import occasions
from crmcore.interop.hypothesis._values import (
    Fields,
    counts,
    decimals,
    fields_from,
    fields_of,
    ids,
    maybe,
    monies,
    record,
    shares,
)


@st.composite
def audit_scores(draw: st.DrawFn, /, **fields: object) -> AuditScore:
    """Scores of reviews, some with critical items that failed."""
    drawn = fields_from(draw, fields, fields_of(AuditScore, _audit_scores))
    if "points" not in fields:
        drawn["points"] = min(drawn["points"], drawn["weight"])
    return AuditScore(**drawn)


def _audit_scores() -> Fields:
    return {
        "points": decimals(0, 100),
        "weight": decimals(0, 100),
        **dict.fromkeys(("scored", "not_applicable", "unanswered"), counts(20)),
        "failed": st.lists(ids(), max_size=2),
        "critical_below": maybe(shares()),
    }


@st.composite
def scores_of_audits(draw: st.DrawFn, /, **fields: object) -> AuditScores:
    """Sums of scores, with critical items at half their scale."""
    drawn = fields_from(draw, fields, fields_of(AuditScores, _scores_of_audits))
    if "points" not in fields:
        drawn["points"] = min(drawn["points"], drawn["scored"])
    return AuditScores(**drawn)


def _scores_of_audits() -> Fields:
    return {**dict.fromkeys(("scored", "unscored"), counts(100)), "points": decimals(0, 100), "critical_below": "0.5"}


def trainings(**fields: object) -> SearchStrategy[Training]:
    """Trainings, with a check or without one."""
    return record(Training, fields)


@st.composite
def validities(draw: st.DrawFn, /, **fields: object) -> Validity:
    """Validities by each of the rules."""
    rule = fields["rule"] if isinstance(fields.get("rule"), ExpiryRule) else draw(st.sampled_from(ExpiryRule))
    is_fixed = rule is ExpiryRule.FIXED_DAY
    usual: Fields = {
        "rule": rule,
        "months": None if is_fixed else st.integers(1, 36),
        "window_days": st.integers(0, 90) if rule is ExpiryRule.FROM_EXPIRY else 0,
        "fixed": occasions() if is_fixed else None,
    }
    return Validity(**fields_from(draw, fields, usual))


def playbooks(**fields: object) -> SearchStrategy[Playbook]:
    """Playbooks of a few roles and situations."""
    return record(Playbook, fields, _playbooks)


def _playbooks() -> Fields:
    return {
        "role": st.sampled_from(("seller", "operator", "courier")),
        "situation": st.sampled_from((*Situation, "late parcel")),
        "steps": st.lists(st.just("listen"), max_size=2),
    }


@st.composite
def playbook_coverages(draw: st.DrawFn, /, **fields: object) -> PlaybookCoverage:
    """Coverages of up to three roles by up to three situations."""
    drawn = fields_from(draw, fields, _playbook_coverages())
    if "pairs_covered" not in fields:
        pairs = [(role, case) for role in drawn["roles"] for case in drawn["situations"]]
        drawn["pairs_covered"] = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return PlaybookCoverage(**drawn)


def _playbook_coverages() -> Fields:
    cases = (*Situation, "late parcel")
    return {
        "roles": st.lists(st.sampled_from(("seller", "operator", "courier")), unique=True, max_size=3),
        "situations": st.lists(st.sampled_from(cases), unique=True, max_size=3),
    }


def update_reaches(**fields: object) -> SearchStrategy[UpdateReach]:
    """Counts of told and untold pairs."""
    return record(UpdateReach, fields, _reaches)


def _reaches() -> Fields:
    return dict.fromkeys(("told", "untold", "outside"), counts())


def staff_factors(**fields: object) -> SearchStrategy[StaffFactors]:
    """Factors, some unknown."""
    return record(StaffFactors, fields, _staff_factors)


def _staff_factors() -> Fields:
    return dict.fromkeys(("willingness", "empathy", "training", "empowerment"), maybe(shares()))


@st.composite
def bonuses(draw: st.DrawFn, /, **fields: object) -> Bonus:
    """Bonus pools that follow a score from -100 to 100."""
    drawn = fields_from(draw, fields, _bonuses())
    drawn.setdefault("target", drawn["threshold"] + draw(decimals(1, 100)))
    return Bonus(**drawn)


def _bonuses() -> Fields:
    return {
        "experience": maybe(decimals(-100, 100)),
        "threshold": decimals(-100, 100),
        "full": monies(low=0, high=10_000),
    }
