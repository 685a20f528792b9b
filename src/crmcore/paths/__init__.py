"""Paths: which ways customers really go, where they turn back, and where they leave.

Every result is a tally over disjoint journeys. Cut a log by customer, count the shards, add: it is what the whole log
gives. Pack a log once with `Journeys.of`, and ask it as many questions as you like.
"""

from crmcore.paths._dwelling import DwellTime, dwell_times
from crmcore.paths._flow import Flow, Passage, variants
from crmcore.paths._funnel import Funnel, FunnelStep
from crmcore.paths._goals import GoalRate
from crmcore.paths._matrix import StepMatrix
from crmcore.paths._visiting import Visits, visits

__all__ = [
    "DwellTime",
    "Flow",
    "Funnel",
    "FunnelStep",
    "GoalRate",
    "Passage",
    "StepMatrix",
    "Visits",
    "dwell_times",
    "variants",
    "visits",
]
