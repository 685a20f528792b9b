"""The face of `crmcore.interop.hypothesis`, which is an extra and no part of the core's surface."""

from __future__ import annotations

import inspect

import attrs

from crmcore.interop import hypothesis as ours
from tests.walk import public_classes

STRATEGIES = [
    "abandoned_contacts",
    "attributions",
    "audits",
    "authorities",
    "backtracks",
    "balances",
    "buyings",
    "cash_flows",
    "checklist_answers",
    "checklist_items",
    "checklists",
    "churns",
    "conformances",
    "contact_people",
    "costs",
    "currencies",
    "customers",
    "days",
    "decimals",
    "deficits",
    "departures",
    "discounts",
    "dissolutions",
    "durations",
    "dwell_times",
    "elasticities",
    "employees",
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
    "journey_logs",
    "journey_maps",
    "journey_steps",
    "journeys",
    "ledger_entries",
    "ledgers",
    "lifetime_values",
    "markdowns",
    "mermaids",
    "micro_moments",
    "mix_shifts",
    "moments",
    "monies",
    "occasions",
    "off_maps",
    "outcomes",
    "edges",
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
    "relationships",
    "responses",
    "retention_mixes",
    "retentions",
    "revenue_churns",
    "segment_values",
    "segments",
    "shares",
    "sipocs",
    "spend_guards",
    "stage_durations",
    "stage_times",
    "values_at_risk",
    "step_conformances",
    "step_matrices",
    "subscriptions",
    "surveys",
    "svgs",
    "tallies_by",
    "tasks",
    "terms",
    "touchpoints",
    "transitions",
    "two_proportions",
    "value_mixes",
    "visit_counts",
    "zones",
]


class TestFace:
    def test_is_as_written_down(self) -> None:
        """No strategy comes or goes unseen."""
        assert sorted([*STRATEGIES, "every_type", "register"]) == ours.__all__

    def test_nouns_take_their_fields(self) -> None:
        """The strategy of a noun takes the noun's fields as keyword arguments."""
        nouns = {cls for cls in public_classes() if attrs.has(cls) and cls.__module__.startswith("crmcore.model.")}
        strategies = {cls: strategy for cls, strategy in vars(ours)["_STRATEGIES"].items() if cls in nouns}
        rigid = {
            cls.__name__
            for cls, strategy in strategies.items()
            if [one.kind for one in inspect.signature(strategy).parameters.values()] != [inspect.Parameter.VAR_KEYWORD]
        }

        assert nouns == set(strategies)
        assert rigid == set()
