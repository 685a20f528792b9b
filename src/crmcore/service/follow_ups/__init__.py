"""What is owed to whom and when, and what became of it.

Planners turn what happened into tasks: `after_purchase`, `talks`, `occasions` and the others take dates and return new
`Task` records. Give them what was planned before as `already`, and they plan nothing twice. They keep the hour on the
clock when the clocks change.

From what was done, `Promises` counts what was kept, `overdue` lists what waits the longest, `Reach` counts the
customers who got something, `neglected` lists those who heard nothing, and `review` says what went wrong.
"""

from crmcore.service.follow_ups._after import after, after_purchase, hand_offs, promised, replies, talks
from crmcore.service.follow_ups._customers import Neglect, Reach, neglected
from crmcore.service.follow_ups._dates import (
    assign,
    back_in_stock,
    feedback_requests,
    meetings,
    occasions,
    outreach,
)
from crmcore.service.follow_ups._plan import WeekendRule
from crmcore.service.follow_ups._promises import Promises, TaskOutcome, outcome, overdue
from crmcore.service.follow_ups._review import review

__all__ = [
    "Neglect",
    "Promises",
    "Reach",
    "TaskOutcome",
    "WeekendRule",
    "after",
    "after_purchase",
    "assign",
    "back_in_stock",
    "feedback_requests",
    "hand_offs",
    "meetings",
    "neglected",
    "occasions",
    "outcome",
    "outreach",
    "overdue",
    "promised",
    "replies",
    "review",
    "talks",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
