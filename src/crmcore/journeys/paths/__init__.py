"""Which paths do customers take, where do they turn back, and where do they leave?

- `Flow` and `Edge`: from which touchpoint to which do customers go? `variants` counts whole paths.
- `Visits`, by `visits`: what happens at each touchpoint: repeats, returns, and journeys that end there?
- `Funnel` and `FunnelStep`: how many customers get how far, step after step? `StepOrder` says in which order.
- `ConversionTimes`: how long do they take from one step to a later one, and how long did those take who are not there
  yet?
- `StepMatrix`: where are customers at their first, second, third visit?
- `DwellTime`, by `dwell_times`: how long do customers stay at a touchpoint?
- `GoalRate`: how many customers reach their own goal?

Every result is a tally over disjoint journeys: the counts of the parts of a log, cut by customer, add up to the counts
of the whole log. Pack a log once with `Journeys.of`, then use it for as many questions as you like.
"""

from crmcore.journeys.paths._conversion_times import ConversionTimes
from crmcore.journeys.paths._dwell_times import DwellTime, dwell_times
from crmcore.journeys.paths._flow import Edge, Flow, variants
from crmcore.journeys.paths._funnel import Funnel, FunnelStep
from crmcore.journeys.paths._goal_rates import GoalRate
from crmcore.journeys.paths._step_matrix import StepMatrix
from crmcore.journeys.paths._steps import StepOrder
from crmcore.journeys.paths._visits import Visits, visits

__all__ = [
    "ConversionTimes",
    "DwellTime",
    "Edge",
    "Flow",
    "Funnel",
    "FunnelStep",
    "GoalRate",
    "StepMatrix",
    "StepOrder",
    "Visits",
    "dwell_times",
    "variants",
    "visits",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
