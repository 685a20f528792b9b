"""Adapters of the golden cases of where customers stand: from the inputs of a case to the answer of the library.

An adapter turns text into the library's types and picks fields of the answer. It computes only units: a reading of at
most so many whole days is less than one day older than that.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from crmcore import (
    Combination,
    LevelChange,
    LevelRule,
    LoyaltyLevel,
    MeasureKind,
    Reading,
    Scale,
    Standings,
    SubjectKind,
    TieRule,
    instant,
)
from crmcore.voice.loyalty import NoLevel, customer_type

Inputs = dict[str, Any]

_CUSTOMER: Final = 1
_HIGH: Final = {"high": True, "low": False, None: None}


def _count(value: Any) -> Any:
    """Return a whole number that may be written as text."""
    return int(value) if isinstance(value, str) else value


def _reading(entry: Any) -> Reading:
    at, source, level = entry
    return Reading(
        subject_kind=SubjectKind.CUSTOMER,
        subject_id=_CUSTOMER,
        kind=MeasureKind.LOYALTY,
        at=instant(at),
        source=source,
        level=LoyaltyLevel(level),
    )


def _combined(inputs: Inputs) -> str:
    days = inputs.get("window_days")
    window = None if days is None else timedelta(days=_count(days) + 1) - timedelta.resolution
    (standing,) = Standings.of(
        map(_reading, inputs["readings"]),
        as_of=instant(inputs["as_of"]),
        window=window,
        combination=Combination(inputs.get("rule", "latest")),
        tie=TieRule(inputs.get("tie", "worst")),
        priority=inputs.get("priority", []),
        customers=[_CUSTOMER],
    ).standings
    return NoLevel.UNKNOWN.value if standing.level is None else str(standing.level)


def _levels_of(rule: LevelRule, scores: Any) -> list[str | None]:
    return [None if score is None else str(rule.level(score)) for score in scores]


def _from_csat(inputs: Inputs) -> list[str | None]:
    scale = Scale(low=1, high=_count(inputs.get("scale", 5)), higher_is_better=True)
    return _levels_of(LevelRule.top_box(scale), inputs["scores"])


def _types(inputs: Inputs) -> list[str | None]:
    order = inputs.get("order", ["loyalty", "satisfaction"])
    found: list[str | None] = []
    for case in inputs["cases"]:
        given = dict(zip(order, case, strict=True))
        kind = customer_type(satisfied=_HIGH[given["satisfaction"]], loyal=_HIGH[given["loyalty"]])
        found.append(None if kind is None else kind.value)
    return found


def _change(counts: Any) -> LevelChange:
    improved, same, worse = map(_count, counts)
    return LevelChange(improved=improved, same=same, worse=worse)


def _change_after_reply(inputs: Inputs) -> dict[str, Any]:
    replied, silent = _change(inputs["replied"]), _change(inputs["not_replied"])
    shift = replied.compared_to(silent)
    bounds = None if shift is None else shift.interval(confidence=float(inputs.get("confidence", 0.95)))
    return {
        "replied": replied.rate,
        "not_replied": silent.rate,
        "difference": None if shift is None else shift.difference,
        "low": None if bounds is None else bounds.low,
        "high": None if bounds is None else bounds.high,
    }


ADAPTERS: Final[dict[str, Callable[[Any], Any]]] = {
    "loyalty.change_after_reply": _change_after_reply,
    "loyalty.combined": _combined,
    "loyalty.from_csat": _from_csat,
    "loyalty.from_nps": lambda inputs: _levels_of(LevelRule.NPS, inputs["scores"]),
    "loyalty.jones_sasser": _types,
}
"""The adapter of each label."""
