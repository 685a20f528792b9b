"""Are the employees willing, empathic, trained and empowered, and do they know what to say?

`factors` reads the four factors of each employee. `Training` and `Validity` say what an employee was taught, and until
when it counts; `plan` makes the tasks of a training that recurs. `Playbook` and `PlaybookCoverage` say which role knows
what to do in which situation. `UpdateReach` counts who was told. `advise` and `lint` are advice for a talk, never a
verdict on a person. `Bonus` links what customers experience to pay.
"""

from crmcore.service.staff._advice import advise
from crmcore.service.staff._bonus import Bonus
from crmcore.service.staff._factors import StaffFactors, factors
from crmcore.service.staff._lint import lint
from crmcore.service.staff._playbooks import Playbook, PlaybookCoverage, Situation
from crmcore.service.staff._reach import UpdateReach
from crmcore.service.staff._training import ExpiryRule, Training, TrainingTopic, Validity, plan

__all__ = [
    "Bonus",
    "ExpiryRule",
    "Playbook",
    "PlaybookCoverage",
    "Situation",
    "StaffFactors",
    "Training",
    "TrainingTopic",
    "UpdateReach",
    "Validity",
    "advise",
    "factors",
    "lint",
    "plan",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
