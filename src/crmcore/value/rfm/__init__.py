"""How often, how recently and for how much customers buy: the summary that models need, scores and segments.

Two traditions share three words and mean different things by them:

- Models of purchases (BG/NBD, Pareto/NBD, gamma-gamma) read `frequency`, `recency`, `T` and `monetary_value` of a
  `PurchaseSummary`. There, recency is the time from the first purchase to the last.
- Marketing scores read `orders`, `since_last` and `spend` of the same record. There, recency is the time since the last
  purchase, and less is better.

`RfmTable` counts both from purchases. `RfmTable.scores` grades customers from 1 to 5, and a `SegmentTable` names them.
"""

from crmcore.value.rfm._scores import RfmScore, RfmScores, quantile_scores
from crmcore.value.rfm._segments import PUBLISHED_SEGMENTS, SegmentRule, SegmentTable
from crmcore.value.rfm._summary import PurchaseSummary, RefundRule
from crmcore.value.rfm._table import RfmTable

__all__ = [
    "PUBLISHED_SEGMENTS",
    "PurchaseSummary",
    "RefundRule",
    "RfmScore",
    "RfmScores",
    "RfmTable",
    "SegmentRule",
    "SegmentTable",
    "quantile_scores",
]

for _name in __all__:  # pickles, tracebacks and help name this package, not the private file
    if _name != "PUBLISHED_SEGMENTS":  # it is a value
        vars()[_name].__module__ = __name__
