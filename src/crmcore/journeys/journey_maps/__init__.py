"""How does what customers do differ from the plan, and which step should be improved first?

- `touchpoints_from`: which touchpoints do the company's processes have?
- `lint`: what does the plan itself lack? `controlled_share` and `obstacle_agreement` put two of its rules into numbers.
- `compare`: which steps do customers complete, skip, fail at and repeat, and where do they leave? It counts a
  `Conformance` with a `StepConformance` for each step, a `Backtrack` for each return to an earlier phase, and an
  `OffMap` for each touchpoint that the map does not have.
- `review`: what do these counts mean, as findings in plain words?
- `value_at_risk`: which step costs the most? It gives a `ValueAtRisk` for each step at which customers leave.
"""

from crmcore.journeys.journey_maps._comparison import compare
from crmcore.journeys.journey_maps._conformance import Backtrack, Conformance, OffMap, StepConformance
from crmcore.journeys.journey_maps._lint import controlled_share, lint, obstacle_agreement
from crmcore.journeys.journey_maps._review import review
from crmcore.journeys.journey_maps._touchpoints import touchpoints_from
from crmcore.journeys.journey_maps._value_at_risk import ValueAtRisk, value_at_risk

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
