"""How monthly recurring revenue moves: new, reactivated, expanded, contracted and churned.

`RevenueMovements` counts the movements of a period from subscriptions or from ready amounts, and answers gross and net
churn, gross and net retention and the quick ratio. `RevenuePolicy` says what published definitions decide differently,
and `RevenueDefinition` names the vendors who published them. How many customers left, `crmcore.retention.churn` counts.
"""

from crmcore.retention.revenue._movements import RevenueMovements, recurring_revenue
from crmcore.retention.revenue._policies import (
    ChangeRule,
    ChurnMoment,
    FreePlanRule,
    ReactivationRule,
    RevenueDefinition,
    RevenuePolicy,
)

__all__ = [
    "ChangeRule",
    "ChurnMoment",
    "FreePlanRule",
    "ReactivationRule",
    "RevenueDefinition",
    "RevenueMovements",
    "RevenuePolicy",
    "recurring_revenue",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
