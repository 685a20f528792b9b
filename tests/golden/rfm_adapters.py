"""Adapters of the golden cases of recency, frequency and monetary value: text becomes types; nothing is computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from crmcore import Money, Purchase, RfmTable, TimeUnit, instant
from crmcore.value.rfm import PUBLISHED_SEGMENTS, PurchaseSummary, quantile_scores

Inputs = dict[str, Any]

_UNITS: Final = {"day": TimeUnit.DAY, "week": TimeUnit.WEEK, "month": TimeUnit.MONTH, "year": TimeUnit.YEAR}


def _summary(purchases: list[Any], inputs: Inputs, end: str) -> PurchaseSummary | None:
    unit = _UNITS[inputs.get("unit", "day").removesuffix("s")]
    table = RfmTable.of(
        [
            Purchase(customer_id="customer", at=instant(at), amount=Money(amount, inputs.get("currency", "EUR")))
            for at, amount in purchases
        ],
        as_of=instant(inputs[end]),
        unit=unit,
        calendar=unit in {TimeUnit.MONTH, TimeUnit.YEAR},
    )
    return table.by_customer().get("customer")


def _btyd(inputs: Inputs) -> object:
    found = _summary(inputs["purchases"], inputs, "observation_end")
    if found is None:
        return None
    return {
        "frequency": found.frequency,
        "recency": found.recency,
        "T": found.T,
        "monetary": None if found.monetary_value is None else found.monetary_value.amount,
    }


def _recency(inputs: Inputs) -> object:
    found = _summary([[inputs["last_purchase"], "1"]], inputs, "as_of")
    return None if found is None else found.since_last


def _quantile(inputs: Inputs) -> list[int]:
    scores = quantile_scores(
        inputs["values"],
        quantiles=int(inputs.get("quantiles", 5)),
        higher_is_better=inputs.get("higher_is_better", True),
    )
    return [*scores]


def _segment(inputs: Inputs) -> object:
    return PUBLISHED_SEGMENTS.find(int(inputs["r"]), int(inputs["f"]), int(inputs["m"]))


def _coverage(_: Inputs) -> object:
    return {"cells": PUBLISHED_SEGMENTS.cells, "unmatched": PUBLISHED_SEGMENTS.unmatched_cells}


ADAPTERS: Final[dict[str, Callable[[Any], Any]]] = {
    "btyd.summary": _btyd,
    "rfm.quintile": _quantile,
    "rfm.recency_days": _recency,
    "rfm.segment": _segment,
    "rfm.segment_coverage": _coverage,
}
"""The adapter of each label."""
