"""Paths: which ways customers really go, where they turn back, and where they leave.

Every result is a tally over disjoint journeys. Cut a log by customer, count the shards, add: it is what the whole log
gives. Pack a log once with `Journeys.of`, and ask it as many questions as you like.
"""

from crmcore.journeys.paths._dwelling import DwellTime, dwell_times
from crmcore.journeys.paths._flow import Edge, Flow, variants
from crmcore.journeys.paths._funnel import Funnel, FunnelStep
from crmcore.journeys.paths._goals import GoalRate
from crmcore.journeys.paths._matrix import StepMatrix
from crmcore.journeys.paths._visiting import Visits, visits

__all__ = [
    "DwellTime",
    "Edge",
    "Flow",
    "Funnel",
    "FunnelStep",
    "GoalRate",
    "StepMatrix",
    "Visits",
    "dwell_times",
    "variants",
    "visits",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
