"""Adapters of the golden cases of staff: audits with scores, trainings that expire, playbooks that are missing.

An adapter turns text into the library's types, and dates into text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from crmcore import (
    AuditScore,
    AuditScores,
    Checklist,
    ChecklistAnswer,
    ChecklistItem,
    ExpiryRule,
    Occasion,
    Playbook,
    PlaybookCoverage,
    Scale,
    Validity,
    Verdict,
)

Inputs = dict[str, Any]


def _category_score(inputs: Inputs) -> Decimal | None:
    low, high = inputs["scale"]
    item = ChecklistItem(id=0, text="", scale=Scale(low=low, high=high))
    return AuditScore.of(Checklist(id=0, items=[item]), [ChecklistAnswer(item_id=0, score=inputs["selected"])]).score


def _score(inputs: Inputs) -> Decimal | None:
    given = [*enumerate(inputs["items"])]
    items = [
        ChecklistItem(id=place, text="", weight=item.get("weight", 1), critical=item.get("critical", False))
        for place, item in given
    ]
    answers = [
        ChecklistAnswer(
            item_id=place,
            score=item["score"],
            verdict=Verdict.NOT_APPLICABLE if item["score"] is None else None,
        )
        for place, item in given
    ]
    return AuditScore.of(
        Checklist(id=0, items=items), answers, critical_below=inputs.get("critical_below", "0.5")
    ).score


def _mean_score(inputs: Inputs) -> Decimal | None:
    return AuditScores.of_scores(inputs["scores"]).score


def _validity(inputs: Inputs) -> Validity:
    if inputs.get("fixed") is not None:
        month, day = inputs["fixed"].split("-")
        fixed = Occasion(name="the fixed day", month=int(month), day=int(day))
        return Validity(rule=ExpiryRule.FIXED_DAY, fixed=fixed)
    if inputs.get("keep_anniversary"):
        return Validity(
            rule=ExpiryRule.FROM_EXPIRY, months=int(inputs["months"]), window_days=int(inputs.get("window_days", 0))
        )
    return Validity(rule=ExpiryRule.FROM_CHECK, months=int(inputs["months"]))


def _valid_until(inputs: Inputs) -> str | None:
    until = _validity(inputs).until(map(date.fromisoformat, inputs["passed"]))
    return None if until is None else until.isoformat()


def _coverage(inputs: Inputs) -> dict[str, Any] | None:
    coverage = PlaybookCoverage.of(
        [Playbook(role=role, situation=situation) for role, situation in inputs["covered"]],
        roles=inputs["roles"],
        situations=inputs["situations"],
    )
    if coverage.share is None:
        return None
    return {"share": coverage.share, "missing": [[role, str(situation)] for role, situation in coverage.missing]}


ADAPTERS: Final[dict[str, Callable[[Inputs], Any]]] = {
    "audit.category_score": _category_score,
    "audit.mean_score": _mean_score,
    "audit.score": _score,
    "playbooks.coverage": _coverage,
    "training.valid_until": _valid_until,
}
