"""Churn: how many customers left.

Every published definition is read from one record of counts: `Churn`, from subscriptions, relationships, purchases or
ready figures. `RevenueChurn` puts what the lost customers paid beside their number. For businesses without contracts,
which cannot see a customer leave, see `crmcore.retention.inactivity`.
"""

from crmcore.retention.churn._benchmark import HalfLifeBenchmark
from crmcore.retention.churn._counts import Churn, ChurnConvention
from crmcore.retention.churn._daily import average_daily, compounded_daily, daily, sum_of_daily
from crmcore.retention.churn._revenue import RevenueChurn

__all__ = [
    "Churn",
    "ChurnConvention",
    "HalfLifeBenchmark",
    "RevenueChurn",
    "average_daily",
    "compounded_daily",
    "daily",
    "sum_of_daily",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
