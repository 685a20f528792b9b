"""How many customers left.

`Churn` is one record of counts, from subscriptions, relationships, purchases or ready figures. It answers four of the
six published definitions of the churn rate; `daily` and the functions beside it answer the other two. `RevenueChurn`
shows what the lost customers paid. Businesses without contracts do not see a customer leave: see
`crmcore.retention.inactivity`.
"""

from crmcore.retention.churn._benchmark import HalfLifeBenchmark
from crmcore.retention.churn._conventions import ChurnConvention
from crmcore.retention.churn._counts import Churn
from crmcore.retention.churn._daily import average_daily, compounded_daily, daily, sum_of_daily
from crmcore.retention.churn._lint import lint
from crmcore.retention.churn._revenue import RevenueChurn

__all__ = [
    "Churn",
    "ChurnConvention",
    "HalfLifeBenchmark",
    "RevenueChurn",
    "average_daily",
    "compounded_daily",
    "daily",
    "lint",
    "sum_of_daily",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the file inside it
    vars()[_name].__module__ = __name__
