"""How the company handles what customers say: on a clock, until they have an answer.

The clock counts from the receipt of a piece of feedback, in opening hours if you give them. It stands still while the
company waits for the customer, and stops when the matter is resolved or closed. Definitions differ between help desks,
so the readings have names: `WaitStart` for answers and `ResolutionReading` for resolutions.

Every count of waits needs a reference date, `as_of`: a customer who has heard nothing so far waits too.
"""

from crmcore.voice.handling._clock import CaseClock, ClockState, Due, clock, due
from crmcore.voice.handling._compliance import Compliance, WaitSummary, summary
from crmcore.voice.handling._parties import TimeByParty
from crmcore.voice.handling._waits import (
    ResolutionReading,
    Wait,
    WaitStart,
    first_response,
    next_responses,
    reopenings,
    resolution,
)

__all__ = [
    "CaseClock",
    "ClockState",
    "Compliance",
    "Due",
    "ResolutionReading",
    "TimeByParty",
    "Wait",
    "WaitStart",
    "WaitSummary",
    "clock",
    "due",
    "first_response",
    "next_responses",
    "reopenings",
    "resolution",
    "summary",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
