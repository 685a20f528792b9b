"""Hypothesis strategies for every type of the library: what they draw is valid and shrinks to something plain.

The strategy of a noun takes the noun's fields as keyword arguments: a strategy to draw the field from, or a value that
stays fixed. This is how ranges, currencies and zones are set:

    >>> from hypothesis import given
    >>> from crmcore.interop.hypothesis import instants, monies, purchases
    >>> @given(purchases(customer_id=7, amount=monies("USD", low=0, high=100)))
    ... def test_of_yours(purchase): ...

After ``register()`` plain ``st.from_type(Purchase)`` works as well. Needs the extra ``crmcore[hypothesis]``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore.interop.hypothesis._attribution import (
    attributions,
    outcomes,
)
from crmcore.interop.hypothesis._communication import (
    contact_decisions,
    contact_limits,
    efforts,
    kind_counts,
    mixes,
    spends,
)
from crmcore.interop.hypothesis._handling import (
    case_clocks,
    case_waits,
    compliances,
    dues,
    times_by_party,
    wait_summaries,
)
from crmcore.interop.hypothesis._journeys import (
    abandoned_contacts,
    insights,
    journey_logs,
    journey_maps,
    journey_steps,
    price_matches,
    price_positions,
    sipocs,
)
from crmcore.interop.hypothesis._nouns import (
    authorities,
    checklist_answers,
    checklist_items,
    checklists,
    contact_people,
    costs,
    customers,
    dissolutions,
    employees,
    feedbacks,
    interactions,
    invitations,
    journeys,
    micro_moments,
    moments,
    occasions,
    personas,
    purchases,
    questions,
    readings,
    relationships,
    responses,
    scales,
    segments,
    subscriptions,
    surveys,
    tasks,
    touchpoints,
)
from crmcore.interop.hypothesis._paths import (
    backtracks,
    conformances,
    dwell_times,
    edges,
    flows,
    funnel_steps,
    funnels,
    goal_rates,
    off_maps,
    step_conformances,
    step_matrices,
    values_at_risk,
    visit_counts,
)
from crmcore.interop.hypothesis._pictures import (
    markdowns,
    mermaids,
)
from crmcore.interop.hypothesis._records import (
    audits,
    balances,
    churns,
    deficits,
    departures,
    failure_rates,
    half_life_benchmarks,
    inactivities,
    inactivity_thresholds,
    ledger_entries,
    ledgers,
    revenue_churns,
    stage_durations,
    stage_times,
    svgs,
    tallies_by,
    transitions,
)
from crmcore.interop.hypothesis._surveys import (
    answer_counts,
    ask_decisions,
    ask_limits,
    csat_counts,
    customer_efforts,
    item_scores,
    nonresponse_limits,
    nps_counts,
    nps_panels,
    response_rates,
    return_likelihoods,
    sample_sizes,
    score_changes,
    survey_coverages,
    survey_rounds,
    survey_times,
    weighted_scores,
)
from crmcore.interop.hypothesis._values import (
    STRATEGIES,
    currencies,
    days,
    decimals,
    discounts,
    durations,
    explanations,
    findings,
    ids,
    instants,
    intervals,
    monies,
    opening_hours,
    periods,
    recurrences,
    retentions,
    shares,
    terms,
    two_proportions,
    zones,
)
from crmcore.interop.hypothesis._worth import (
    buyings,
    cash_flows,
    elasticities,
    historic_values,
    lifetime_values,
    mix_shifts,
    paybacks,
    plan_comparisons,
    present_values,
    retention_mixes,
    segment_values,
    spend_guards,
    value_mixes,
    value_ratios,
)

__all__ = [
    "abandoned_contacts",
    "answer_counts",
    "ask_decisions",
    "ask_limits",
    "attributions",
    "audits",
    "authorities",
    "backtracks",
    "balances",
    "buyings",
    "case_clocks",
    "case_waits",
    "cash_flows",
    "checklist_answers",
    "checklist_items",
    "checklists",
    "churns",
    "compliances",
    "conformances",
    "contact_decisions",
    "contact_limits",
    "contact_people",
    "costs",
    "csat_counts",
    "currencies",
    "customer_efforts",
    "customers",
    "days",
    "decimals",
    "deficits",
    "departures",
    "discounts",
    "dissolutions",
    "dues",
    "durations",
    "dwell_times",
    "edges",
    "efforts",
    "elasticities",
    "employees",
    "every_type",
    "explanations",
    "failure_rates",
    "feedbacks",
    "findings",
    "flows",
    "funnel_steps",
    "funnels",
    "goal_rates",
    "half_life_benchmarks",
    "historic_values",
    "ids",
    "inactivities",
    "inactivity_thresholds",
    "insights",
    "instants",
    "interactions",
    "intervals",
    "invitations",
    "item_scores",
    "journey_logs",
    "journey_maps",
    "journey_steps",
    "journeys",
    "kind_counts",
    "ledger_entries",
    "ledgers",
    "lifetime_values",
    "markdowns",
    "mermaids",
    "micro_moments",
    "mix_shifts",
    "mixes",
    "moments",
    "monies",
    "nonresponse_limits",
    "nps_counts",
    "nps_panels",
    "occasions",
    "off_maps",
    "opening_hours",
    "outcomes",
    "paybacks",
    "periods",
    "personas",
    "plan_comparisons",
    "present_values",
    "price_matches",
    "price_positions",
    "purchases",
    "questions",
    "readings",
    "recurrences",
    "register",
    "relationships",
    "response_rates",
    "responses",
    "retention_mixes",
    "retentions",
    "return_likelihoods",
    "revenue_churns",
    "sample_sizes",
    "scales",
    "score_changes",
    "segment_values",
    "segments",
    "shares",
    "sipocs",
    "spend_guards",
    "spends",
    "stage_durations",
    "stage_times",
    "step_conformances",
    "step_matrices",
    "subscriptions",
    "survey_coverages",
    "survey_rounds",
    "survey_times",
    "surveys",
    "svgs",
    "tallies_by",
    "tasks",
    "terms",
    "times_by_party",
    "touchpoints",
    "transitions",
    "two_proportions",
    "value_mixes",
    "value_ratios",
    "values_at_risk",
    "visit_counts",
    "wait_summaries",
    "weighted_scores",
    "zones",
]


def _drawn_by(strategy: Callable[..., SearchStrategy[Any]]) -> Any:  # noqa: ANN401 - any annotation
    """Return the type that a strategy draws: what ``SearchStrategy`` holds in its return annotation."""
    home = vars(sys.modules[strategy.__module__])  # which `st.composite` does not look in
    (drawn,) = get_args(get_type_hints(strategy, home)["return"])
    return get_origin(drawn) or drawn


for _name in __all__:
    _strategy = vars().get(_name)  # None for the two functions below
    if _strategy and _drawn_by(_strategy).__module__.startswith("crmcore."):
        STRATEGIES[_drawn_by(_strategy)] = _strategy


def every_type() -> dict[type, SearchStrategy[Any]]:
    """Return a strategy for every value type of the library, with its usual ranges."""
    return {cls: strategy() for cls, strategy in STRATEGIES.items()}


def register(types: Iterable[type] = tuple(STRATEGIES)) -> None:
    """Let ``st.from_type`` and annotations in ``@given(...)`` find these strategies, for all types or some."""
    for cls in types:
        st.register_type_strategy(cls, STRATEGIES[cls]())
