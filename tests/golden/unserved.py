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
}
