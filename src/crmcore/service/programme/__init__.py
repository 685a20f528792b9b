"""Two years to customer orientation: the goal, the plan with its critical path, the meetings and the objectives.

`Programme` holds the goal with its horizon, the responsible person, the plan and the meetings. `lint` says what it
lacks. `schedule` says when each activity can start, which of them are critical, and what a delay moves. `status` is
what a meeting has to know. `KeyResult` and `Objective` say how far the figures have come, and `Initiatives` what the
answers of customers led to.
"""

from crmcore.service.programme._activities import Activity, Deliverable, ProgrammePhase
from crmcore.service.programme._initiatives import Initiatives
from crmcore.service.programme._lint import lint
from crmcore.service.programme._meetings import StatusReport, status
from crmcore.service.programme._network import Schedule, ScheduledActivity, Slippage, schedule
from crmcore.service.programme._objectives import KeyResult, Objective, UnmeasuredRule, share_of_time
from crmcore.service.programme._plan import Programme, reaches

__all__ = [
    "Activity",
    "Deliverable",
    "Initiatives",
    "KeyResult",
    "Objective",
    "Programme",
    "ProgrammePhase",
    "Schedule",
    "ScheduledActivity",
    "Slippage",
    "StatusReport",
    "UnmeasuredRule",
    "lint",
    "reaches",
    "schedule",
    "share_of_time",
    "status",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
