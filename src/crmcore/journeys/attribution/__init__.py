"""Attribution: which touchpoints earn the outcome, exactly and the same every time.

First `outcomes` cuts what customers did into ways, each a tuple of touchpoints, and counts what each way led to. Then a
method shares the conversions out: by a rule (`first`, `last`, `linear`, `position`, `last_non_direct`, `time_decay`),
by what would be lost without a touchpoint (`markov`), or fairly among those who took part (`shapley`). No method
measures what a touchpoint caused: for that, leave it out for some customers by lot and compare.
"""

from crmcore.journeys.attribution._game import shapley_value
from crmcore.journeys.attribution._markov import PathEnd, chain, markov
from crmcore.journeys.attribution._outcomes import Outcome, outcomes
from crmcore.journeys.attribution._result import Attribution
from crmcore.journeys.attribution._rules import first, last, last_non_direct, linear, position, shapley
from crmcore.journeys.attribution._timed import time_decay

__all__ = [
    "Attribution",
    "Outcome",
    "PathEnd",
    "chain",
    "first",
    "last",
    "last_non_direct",
    "linear",
    "markov",
    "outcomes",
    "position",
    "shapley",
    "shapley_value",
    "time_decay",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
