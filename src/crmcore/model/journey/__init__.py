"""Journeys: what one customer really did, what many did, and the map of what they were meant to do.

A `Journey` is one customer's interactions in order. `Journeys` are those of many, packed so tightly that a million
visits are counted in a second. A `JourneyMap` is the plan that both are held against, step by step.
"""

from crmcore.model.journey._journey import Journey
from crmcore.model.journey._journeys import JourneyRecords, Journeys
from crmcore.model.journey._map import Insight, InsightSource, JourneyMap, JourneyStep, Necessity, Sipoc

__all__ = [
    "Insight",
    "InsightSource",
    "Journey",
    "JourneyMap",
    "JourneyRecords",
    "JourneyStep",
    "Journeys",
    "Necessity",
    "Sipoc",
]
