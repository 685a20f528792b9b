"""Journey maps: what customers were meant to do, held against what they did, and where to begin.

`lint` reads the plan alone, `compare` holds journeys against it, `review` says in words what was found, and `at_stake`
which step costs the most.
"""

from crmcore.journey_maps._compare import compare
from crmcore.journey_maps._conformance import Backtrack, Conformance, OffMap, StepConformance
from crmcore.journey_maps._review import Stake, at_stake, review

__all__ = [
    "Backtrack",
    "Conformance",
    "OffMap",
    "Stake",
    "StepConformance",
    "at_stake",
    "compare",
    "review",
]
