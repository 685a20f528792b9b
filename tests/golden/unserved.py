"""The labels of golden cases that nothing serves yet, by room.

A label of kind `adapter` leaves this list when `adapters.py` serves it; one of kind `law` or `mistake` when a test is
named after it.
"""

from __future__ import annotations

from typing import Final

UNSERVED: Final[dict[str, set[str]]] = {
    "btyd": {
        "bgnbd.expected_purchases",
        "bgnbd.probability_alive",
        "sbg.fit",
        "sbg.retention_rate",
        "sbg.survival",
    },
    "lifetime_value (later: Berger and Nasr, Markov, equity)": {
        "clv.berger_nasr_case1",
        "clv.berger_nasr_case2a",
        "clv.berger_nasr_case2b",
        "clv.berger_nasr_case3",
        "clv.berger_nasr_case4",
        "clv.berger_nasr_case5",
        "clv.markov_value",
        "clv.migration_expected_buyers",
        "customer_equity.existing",
        "customer_equity.future_acquisition",
    },
    "rfm": {
        "btyd.summary",
        "rfm.quintile",
        "rfm.recency_days",
        "rfm.segment",
        "rfm.segment_coverage",
    },
}
