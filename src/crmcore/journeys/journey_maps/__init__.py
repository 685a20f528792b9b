"""Journey maps: what customers were meant to do, held against what they did, and where to begin.

A map is drawn up step by step, or found from the company's processes with `touchpoints_from`. `lint` says what the plan
itself lacks, `compare` holds journeys against it, `review` says in words what was found, and `value_at_risk` which step
costs the most.
"""

from crmcore.journeys.journey_maps._compare import compare
from crmcore.journeys.journey_maps._conformance import Backtrack, Conformance, OffMap, StepConformance
from crmcore.journeys.journey_maps._lint import controlled_share, lint, obstacle_agreement
from crmcore.journeys.journey_maps._processes import touchpoints_from
from crmcore.journeys.journey_maps._review import ValueAtRisk, review, value_at_risk

__all__ = [
    "Backtrack",
    "Conformance",
    "OffMap",
    "StepConformance",
    "ValueAtRisk",
    "compare",
    "controlled_share",
    "lint",
    "obstacle_agreement",
    "review",
    "touchpoints_from",
    "value_at_risk",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
