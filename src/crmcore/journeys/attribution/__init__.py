"""Which touchpoints earn the conversions?

- `outcomes`: which paths do customers take to a goal, and what does each path lead to? It counts an `Outcome` for each.
- `first`, `last`, `last_non_direct`, `linear`, `position`: who earns a conversion by a rule of position in the path?
- `time_decay`: who earns it, if a touch counts less the longer before the conversion it was?
- `markov`: who earns it by what would be lost without a touchpoint? `chain` shows the Markov chain behind it, whose
  ends are `PathEnd`.
- `shapley`: who earns it by what a touchpoint adds, averaged over all orders? `shapley_value` takes any game.

Every method gives an `Attribution`: exact, and the same each time. No method measures what a touchpoint causes. To
measure that, withhold it from some customers chosen at random, and compare.
"""

from crmcore.journeys.attribution._attribution import Attribution
from crmcore.journeys.attribution._markov import PathEnd, chain, markov
from crmcore.journeys.attribution._outcomes import Outcome, outcomes
from crmcore.journeys.attribution._rules import first, last, last_non_direct, linear, position
from crmcore.journeys.attribution._shapley import shapley, shapley_value
from crmcore.journeys.attribution._time_decay import time_decay

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
