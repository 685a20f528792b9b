"""Charts that notice a change early, and say how often they are wrong and how late they are.

A chart is a frozen record of its design: `PChart`, `ShareEwmaChart` and `ShareCusumChart` for shares, `EwmaChart` and
`CusumChart` for values. ``chart.add(period, after=point)`` returns the next point, ``chart.run(periods)`` those of
several periods. ``chart.false_alarm_interval(...)`` and ``chart.delay(...)`` are computed for that very design.
"""

from typing import TYPE_CHECKING

from crmcore.primitives._lazy import load_on_use

if TYPE_CHECKING:  # for type checkers, which cannot follow the table below
    from crmcore.primitives.control_charts._alarms import FirstAlarms, first_alarms
    from crmcore.primitives.control_charts._points import AfterSignal, ChartPoint, ChartSide, CusumPoint
    from crmcore.primitives.control_charts._shares import PChart, ShareCusumChart, ShareEwmaChart, pool
    from crmcore.primitives.control_charts._trends import (
        Homogeneity,
        Trend,
        cochran_armitage,
        homogeneity,
        mann_kendall,
        population_stability,
    )
    from crmcore.primitives.control_charts._values import CusumChart, EwmaChart, cumulative_sums

__all__ = [
    "AfterSignal",
    "ChartPoint",
    "ChartSide",
    "CusumChart",
    "CusumPoint",
    "EwmaChart",
    "FirstAlarms",
    "Homogeneity",
    "PChart",
    "ShareCusumChart",
    "ShareEwmaChart",
    "Trend",
    "cochran_armitage",
    "cumulative_sums",
    "first_alarms",
    "homogeneity",
    "mann_kendall",
    "pool",
    "population_stability",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = load_on_use(
        __name__,
        {
            "_alarms": "FirstAlarms first_alarms",
            "_points": "AfterSignal ChartPoint ChartSide CusumPoint",
            "_shares": "PChart ShareCusumChart ShareEwmaChart pool",
            "_trends": "Homogeneity Trend cochran_armitage homogeneity mann_kendall population_stability",
            "_values": "CusumChart EwmaChart cumulative_sums",
        },
    )
