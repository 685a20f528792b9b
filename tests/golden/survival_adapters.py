"""Adapters of the golden cases of survival: from the inputs of a case to the answer, named as in its `expected`.

An adapter turns text into the library's types and picks fields of the answer. It computes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

from crmcore import Survival, SurvivalBounds
from crmcore.retention.survival import LifeTableInterval, SurvivalStep

Inputs = dict[str, Any]


def _survival(inputs: Inputs) -> Survival:
    return Survival.of_durations(
        inputs["durations"], inputs.get("observed"), entered=inputs.get("entered"), weights=inputs.get("weights")
    )


def _columns(inputs: Inputs, names: dict[str, str]) -> dict[str, list[Any]]:
    steps = _survival(inputs).steps()
    return {name: [*map(attrgetter(field), steps)] for name, field in names.items()}


def _column(inputs: Inputs, field: str) -> list[Any]:
    return [*map(attrgetter(field), _survival(inputs).steps())]


def _bounds(inputs: Inputs, method: SurvivalBounds) -> dict[str, list[float | None]]:
    confidence = float(inputs.get("confidence", "0.95"))
    bounds = [step.interval(confidence=confidence, method=method) for step in _survival(inputs).steps()]
    return {name: [getattr(interval, name, None) for interval in bounds] for name in ("low", "high")}


def _discrete(inputs: Inputs) -> list[Any]:
    steps: tuple[SurvivalStep, ...] = Survival.from_counts(inputs["at_risk"], inputs["churned"]).steps(every_time=True)
    return [step.hazard for step in steps]


def _interval_survival(inputs: Inputs) -> Any:
    return LifeTableInterval(
        at_start=inputs["at_start"], ended=inputs["churned"], censored=inputs.get("censored", 0)
    ).survival


ADAPTERS: Final[dict[str, Callable[[Inputs], object]]] = {
    "hazard.discrete": _discrete,
    "lifetable.interval_survival": _interval_survival,
    "survival.at_risk": lambda inputs: _columns(inputs, {"time": "time", "n": "at_risk", "d": "ended"}),
    "survival.ci_log_log": lambda inputs: _bounds(inputs, SurvivalBounds.LOG_LOG),
    "survival.ci_plain": lambda inputs: _bounds(inputs, SurvivalBounds.PLAIN),
    "survival.greenwood_se": lambda inputs: _column(inputs, "standard_error"),
    "survival.kaplan_meier": lambda inputs: _columns(inputs, {"time": "time", "survival": "survival"}),
    "survival.median": lambda inputs: _survival(inputs).quantile("0.5").time,
    "survival.nelson_aalen": lambda inputs: _column(inputs, "cumulative_hazard"),
    "survival.rmst": lambda inputs: _survival(inputs).restricted_mean(inputs["tau"]).value,
}
"""The adapter of each label."""
