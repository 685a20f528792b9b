"""Adapters of the golden cases of values that follow behaviour: text becomes types; nothing is computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from crmcore import CustomerEquity, Discount, Money, ProfitCurve, Retention, TimeUnit, ValueMix, lifetime_value

Inputs = dict[str, Any]


def _euro(amount: object) -> Money:
    return Money(str(amount), "EUR")


def _rate(inputs: Inputs) -> Discount:
    return Discount(inputs["discount"], TimeUnit.YEAR)


def _promoted(inputs: Inputs) -> object:
    cycle = "_per_cycle" if "gross_contribution_per_cycle" in inputs else ""
    return lifetime_value.promoted(
        margin=_euro(inputs[f"gross_contribution{cycle}"]),
        promotion=_euro(inputs.get("promotion_per_year", inputs.get(f"promotion{cycle}"))),
        retention=inputs[f"retention{cycle}"],
        discount=_rate(inputs),
        years=int(inputs["horizon_years"]),
        cycles_per_year=int(inputs.get("cycles_per_year", 1)),
        years_per_cycle=int(inputs.get("years_per_cycle", 1)),
        promoted_yearly="promotion_per_year" in inputs,
    ).value.amount


def _curve(inputs: Inputs) -> object:
    curve = ProfitCurve(
        start=_euro(inputs["v"]), growth=_euro(inputs["h"]), turn=str(inputs["g"]), rise=_euro(inputs["N"])
    )
    return curve.value(
        retention=Retention(inputs["retention"], TimeUnit.YEAR),
        discount=_rate(inputs),
        periods=int(inputs["horizon_years"]),
        continuous=inputs.get("continuous", False),
    ).value.amount


def _integrated(inputs: Inputs) -> object:
    return _curve({**inputs, "continuous": True})


def _migration(inputs: Inputs) -> object:
    return lifetime_value.migration(
        margin=_euro(inputs["gross_contribution"]),
        promotion=_euro(inputs["promotion"]),
        repurchase=inputs["repurchase_by_recency"],
        discount=_rate(inputs),
        periods=int(inputs["horizon_years"]),
        promote_to_all=inputs.get("promote_to_all", False),
    ).value.amount


def _buyers(inputs: Inputs) -> object:
    return [*lifetime_value.expected_buyers(inputs["repurchase_by_recency"], periods=int(inputs["periods"]))]


def _markov(inputs: Inputs) -> object:
    values = lifetime_value.state_values(
        {state: dict(enumerate(row)) for state, row in enumerate(inputs["transition"])},
        {state: _euro(reward) for state, reward in enumerate(inputs["reward"])},
        discount=_rate(inputs),
    )
    return [worth.value.amount for worth in values.values()]


def _existing(inputs: Inputs) -> object:
    segments = {place: (one["customers"], _euro(one["clv"])) for place, one in enumerate(inputs["segments"])}
    value = CustomerEquity.of(ValueMix.of(segments)).value
    return None if value is None else value.amount


def _future(inputs: Inputs) -> object:
    cohort = (int(inputs["new_customers_per_period"]), _euro(inputs["clv_net_of_cac"]))
    cohorts = [cohort for _ in range(int(inputs["periods"]))]
    equity: CustomerEquity[str] = CustomerEquity.of(ValueMix.of({}), acquired=cohorts, discount=_rate(inputs))
    return None if equity.future_value is None else equity.future_value.amount


ADAPTERS: Final[dict[str, Callable[[Any], Any]]] = {
    "clv.berger_nasr_case1": _promoted,
    "clv.berger_nasr_case2a": _promoted,
    "clv.berger_nasr_case2b": _promoted,
    "clv.berger_nasr_case3": _curve,
    "clv.berger_nasr_case4": _integrated,
    "clv.berger_nasr_case5": _migration,
    "clv.markov_value": _markov,
    "clv.migration_expected_buyers": _buyers,
    "customer_equity.existing": _existing,
    "customer_equity.future_acquisition": _future,
}
"""The adapter of each label."""
