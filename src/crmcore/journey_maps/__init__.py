"""Journey maps: what customers were meant to do, held against what they did, and where to begin.

A map is drawn up step by step, or found from the company's processes with `touchpoints_from`. `lint` says what the plan
itself lacks, `compare` holds journeys against it, `review` says in words what was found, and `at_stake` which step
costs the most.
"""

from crmcore.journey_maps._abandoned import AbandonedContacts
from crmcore.journey_maps._compare import compare
from crmcore.journey_maps._conformance import Backtrack, Conformance, OffMap, StepConformance
from crmcore.journey_maps._lint import controlled_share, lint, obstacle_agreement
from crmcore.journey_maps._processes import touchpoints_from
from crmcore.journey_maps._review import Stake, at_stake, review

__all__ = [
    "AbandonedContacts",
    "Backtrack",
    "Conformance",
    "OffMap",
    "Stake",
    "StepConformance",
    "at_stake",
    "compare",
    "controlled_share",
    "lint",
    "obstacle_agreement",
    "review",
    "touchpoints_from",
]
