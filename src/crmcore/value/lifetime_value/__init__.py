"""What a customer is worth to the company, and what may be spent on them."""

from crmcore.value.lifetime_value._buying import Buying, TenureRule
from crmcore.value.lifetime_value._equity import CustomerEquity, cost_by_tenure
from crmcore.value.lifetime_value._history import HistoricValue, historic
from crmcore.value.lifetime_value._mix import MixShift, RetentionMix, SegmentValue, ValueMix
from crmcore.value.lifetime_value._payback import Payback
from crmcore.value.lifetime_value._profit_curve import ProfitCurve
from crmcore.value.lifetime_value._promotion import expected_buyers, migration, promoted
from crmcore.value.lifetime_value._result import Elasticity, LifetimeValue, SpendGuard, ValueRatio
from crmcore.value.lifetime_value._retention import (
    FirstMargin,
    break_even_margin,
    break_even_retention,
    constant_retention,
    expected_flows,
    from_churn,
    residual,
)
from crmcore.value.lifetime_value._simple import (
    acquisition_cost,
    break_even_price,
    one_time,
    orders_per_year,
    simple,
)
from crmcore.value.lifetime_value._states import state_values
from crmcore.value.lifetime_value._survival import SurvivalValue, from_survival

__all__ = [
    "Buying",
    "CustomerEquity",
    "Elasticity",
    "FirstMargin",
    "HistoricValue",
    "LifetimeValue",
    "MixShift",
    "Payback",
    "ProfitCurve",
    "RetentionMix",
    "SegmentValue",
    "SpendGuard",
    "SurvivalValue",
    "TenureRule",
    "ValueMix",
    "ValueRatio",
    "acquisition_cost",
    "break_even_margin",
    "break_even_price",
    "break_even_retention",
    "constant_retention",
    "cost_by_tenure",
    "expected_buyers",
    "expected_flows",
    "from_churn",
    "from_survival",
    "historic",
    "migration",
    "one_time",
    "orders_per_year",
    "promoted",
    "residual",
    "simple",
    "state_values",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the private file
    vars()[_name].__module__ = __name__
