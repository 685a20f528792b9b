"""How the company handles what customers say: on a clock, until they have an answer.

The clock counts from the receipt of a piece of feedback, in opening hours if you give them. It stands still while the
company waits for the customer, and stops when the matter is resolved or closed. Definitions differ between help desks,
so the readings have names: `WaitStart` for answers and `ResolutionReading` for resolutions.

Every count of waits needs a reference date, `as_of`: a customer who has heard nothing so far waits too.
"""

from crmcore.voice.handling._causes import Pareto, ParetoBar
from crmcore.voice.handling._clock import CaseClock, ClockState, Due, clock, due
from crmcore.voice.handling._compliance import Compliance, WaitSummary, summary
from crmcore.voice.handling._fixes import FixEffect, RepeatReports
from crmcore.voice.handling._ideas import IdeaVotes, NewCauses, RankedIdea, new_causes, rank_ideas
from crmcore.voice.handling._loops import Loops
from crmcore.voice.handling._parties import TimeByParty
from crmcore.voice.handling._reviews import PROSERPIO_ZERVAS_2017, LeakChange, LeakShare, ReviewEffect, Reviews
from crmcore.voice.handling._routing import Routing, lint_reply, unanswered_questions
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
    "PROSERPIO_ZERVAS_2017",
    "CaseClock",
    "ClockState",
    "Compliance",
    "Due",
    "FixEffect",
    "IdeaVotes",
    "LeakChange",
    "LeakShare",
    "Loops",
    "NewCauses",
    "Pareto",
    "ParetoBar",
    "RankedIdea",
    "RepeatReports",
    "ResolutionReading",
    "ReviewEffect",
    "Reviews",
    "Routing",
    "TimeByParty",
    "Wait",
    "WaitStart",
    "WaitSummary",
    "clock",
    "due",
    "first_response",
    "lint_reply",
    "new_causes",
    "next_responses",
    "rank_ideas",
    "reopenings",
    "resolution",
    "summary",
    "unanswered_questions",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    if _name != "PROSERPIO_ZERVAS_2017":
        vars()[_name].__module__ = __name__
