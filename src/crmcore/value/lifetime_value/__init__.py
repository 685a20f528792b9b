"""What a customer is worth to the company, and what may be spent on them."""

from crmcore.value.lifetime_value._buying import Buying, TenureRule
from crmcore.value.lifetime_value._history import HistoricValue, historic
from crmcore.value.lifetime_value._mix import MixShift, RetentionMix, SegmentValue, ValueMix
from crmcore.value.lifetime_value._payback import Payback
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

__all__ = [
    "Buying",
    "Elasticity",
    "FirstMargin",
    "HistoricValue",
    "LifetimeValue",
    "MixShift",
    "Payback",
    "RetentionMix",
    "SegmentValue",
    "SpendGuard",
    "TenureRule",
    "ValueMix",
    "ValueRatio",
    "acquisition_cost",
    "break_even_margin",
    "break_even_price",
    "break_even_retention",
    "constant_retention",
    "expected_flows",
    "from_churn",
    "historic",
    "one_time",
    "orders_per_year",
    "residual",
    "simple",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the private file
    vars()[_name].__module__ = __name__
