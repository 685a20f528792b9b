"""Strategies for the movements of monthly revenue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import ChangeRule, Money, RevenueMovements, RevenuePolicy
from crmcore.interop.hypothesis._values import Fields, cached, counts, decimals, fields_from, maybe, periods, record


def revenue_policies(**fields: object) -> SearchStrategy[RevenuePolicy]:
    """Ways to count revenue; tolerances and windows are a few days long."""
    return record(RevenuePolicy, fields, _revenue_policies)


def _revenue_policies() -> Fields:
    days = st.integers(1, 30).map(lambda number: timedelta(days=number))
    return {"gap_tolerance": maybe(days), "reactivation_window": maybe(days)}


@st.composite
def revenue_movements(draw: st.DrawFn, /, **fields: object) -> RevenueMovements:
    """Movements in euro that reconcile, of a few customers."""
    rules = fields_from(draw, fields, _movement_rules())
    kept, new, reactivation, expansion, contraction, churn = (Money(draw(decimals(0, 10**6)), "EUR") for _ in range(6))
    turned = Money(0, "EUR")  # what comes and goes within the period
    if rules["policy"].changes is ChangeRule.EACH:
        turned = Money(draw(decimals(0, 100)), "EUR")
    customers, churned, contracted = (draw(counts(99)) for _ in range(3))
    counted: dict[str, Any] = {
        "start": kept + contraction + churn,
        "new": new + turned,
        "reactivation": reactivation,
        "expansion": expansion,
        "contraction": contraction,
        "churn": churn + turned,
        "kept": kept,
        "end_of_starters": kept + expansion,
        "customers": customers + churned + contracted,
        "customers_new": draw(counts(99)),
        "customers_reactivated": draw(counts(99)),
        "customers_expanded": draw(counts(99)),
        "customers_contracted": contracted,
        "customers_churned": churned,
        "lookalikes": draw(counts(9)),
    }
    return RevenueMovements(**{**counted, **rules})


@cached
def _movement_rules() -> Fields:
    return {"period": maybe(periods()), "policy": revenue_policies()}
