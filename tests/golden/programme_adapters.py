"""Adapters of the golden cases of programmes: from the inputs of a case to the answer, named as in its `expected`."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from crmcore import Activity, KeyResult, Objective, Period, UnmeasuredRule, instant, programme
from crmcore.service.programme import Schedule

Inputs = dict[str, Any]

_COLUMNS: Final = ("earliest_start", "earliest_finish", "latest_start", "latest_finish", "slack", "free_slack")


def _plan(inputs: Inputs) -> Schedule:
    return programme.schedule(
        Activity(id=name, days=task["duration"], after=task["after"]) for name, task in inputs["tasks"].items()
    )


def _critical_path(inputs: Inputs) -> dict[str, Any]:
    plan = _plan(inputs)
    return {
        "length": plan.length,
        "tasks": {line.activity.id: {name: getattr(line, name) for name in _COLUMNS} for line in plan},
        "critical": [*plan.critical],
    }


def _slippage(inputs: Inputs) -> dict[str, Any]:
    found = _plan(inputs).delayed(inputs["delays"])
    return {"length": found.length, "slip": found.slip, "later": dict(found.later)}


def _horizon(inputs: Inputs) -> bool:
    period = Period(instant(inputs["start"]), instant(inputs["end"]))
    return programme.reaches(period, months=int(inputs["months"]))


def _key_result(inputs: Inputs) -> dict[str, Any] | None:
    key_result = KeyResult(
        name="figure", baseline=inputs["baseline"], target=inputs["target"], current=inputs["current"]
    )
    if not key_result.is_measured:
        return None
    return {"raw": key_result.raw_progress, "progress": key_result.progress}


def _objective(inputs: Inputs) -> Decimal | None:
    key_results = [
        KeyResult(name="figure", baseline=0, target=1, current=one["progress"], weight=one["weight"])
        for one in inputs["key_results"]
    ]
    return Objective(name="goal", key_results=key_results).progress_by(UnmeasuredRule(inputs["unmeasured"]))


def _expected(inputs: Inputs) -> dict[str, Any]:
    key_result = KeyResult(name="figure", baseline=inputs["baseline"], target=inputs["target"])
    period, as_of = Period(instant(inputs["start"]), instant(inputs["end"])), instant(inputs["as_of"])
    return {
        "expected": key_result.expected(period, as_of=as_of),
        "share_of_time": programme.share_of_time(period, as_of=as_of),
    }


ADAPTERS: Final[dict[str, Callable[[Any], Any]]] = {
    "okr.expected": _expected,
    "okr.key_result": _key_result,
    "okr.objective": _objective,
    "programme.critical_path": _critical_path,
    "programme.horizon": _horizon,
    "programme.slippage": _slippage,
}
"""The adapter of each label."""
