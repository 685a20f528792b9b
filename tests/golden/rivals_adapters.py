"""Adapters of the golden cases of beliefs, rivals and consistency: from the inputs of a case to the answer.

An adapter turns text into the library's types and picks fields of the answer. It computes only the counts behind shares
that a case gives as fractions.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from crmcore import Consistency, PerceptionGap, RelativeAdvantage
from crmcore.voice.expectations import wallet_share

Inputs = dict[str, Any]


def _perception_gap(inputs: Inputs) -> dict[str, Any]:
    company, customers = (Fraction(str(inputs[name])) for name in ("company_believes", "customers_agree"))
    gap = PerceptionGap(
        company_good=company.numerator,
        company_judged=company.denominator,
        customer_good=customers.numerator,
        customer_judged=customers.denominator,
    )
    return {"gap": gap.value, "ratio": gap.ratio}


def _advantage(inputs: Inputs) -> dict[str, Any]:
    found = RelativeAdvantage(own=inputs["own"], rivals=enumerate(inputs["competitors"]))
    return {
        "vs_best": found.value,
        "vs_mean": found.vs_mean,
        "rank": found.rank,
        "mean_rank": found.mean_rank,
    }


def _consistency(inputs: Inputs) -> dict[str, Any]:
    found = Consistency(scores=inputs["scores"])
    return {
        "mean": found.mean,
        "min": found.value,
        "weakest": next(iter(found.weakest), None),
        "population_variance": found.variance,
        "range": found.range,
    }


ADAPTERS: Final[dict[str, Callable[[Inputs], object]]] = {
    "perception.gap": _perception_gap,
    "relative.advantage": _advantage,
    "relative.wallet_allocation_share": lambda inputs: wallet_share(inputs["rank"], int(inputs["brands"])),
    "touchpoints.consistency": _consistency,
}
