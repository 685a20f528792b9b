"""Churn: how many customers left.

Every published definition is read off one record of counts: `Churn`, from subscriptions, relationships, purchases or
ready figures. `RevenueChurn` sets what the lost ones paid beside their number. Businesses without contracts cannot see
a customer leave; they see him fall silent: `Inactivity` counts customers by how long ago they last bought, and
`inactivity_threshold` reads off the gaps between purchases how long a silence is unusual.
"""

from crmcore.churn._benchmark import HalfLifeBenchmark, half_life_benchmark
from crmcore.churn._counts import Churn, ChurnConvention
from crmcore.churn._daily import average_daily, compounded_daily, daily, sum_of_daily
from crmcore.churn._gaps import InactivityThreshold, PercentileMethod, inactivity_threshold, purchase_gaps
from crmcore.churn._revenue import RevenueChurn
from crmcore.churn._silence import Activeness, Inactivity, status_of

__all__ = [
    "Activeness",
    "Churn",
    "ChurnConvention",
    "HalfLifeBenchmark",
    "Inactivity",
    "InactivityThreshold",
    "PercentileMethod",
    "RevenueChurn",
    "average_daily",
    "compounded_daily",
    "daily",
    "half_life_benchmark",
    "inactivity_threshold",
    "purchase_gaps",
    "status_of",
    "sum_of_daily",
]
