"""What lifetimes says of purchases: `summaries` by day and week, and with a holdout by day.

Months are left out, because pandas 3 no longer divides by them, as lifetimes does.

The file is JSON: samples of `rows` (a customer, a time and an amount each), the `end` of observation, and the day
`until` which a model would be calibrated. Or it has columns, as `rfm_columns` says, and their summary is timed.
"""

import json
import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.peers.answering import Question, imported, serve
from benchmarks.peers.rfm_columns import ask

_SUMMARY: Final = ("frequency", "recency", "T", "monetary_value")
_HOLDOUT: Final = (
    *(f"{name}_cal" for name in _SUMMARY),
    "frequency_holdout",
    "monetary_value_holdout",
    "duration_holdout",
)


def questions(file: Path) -> Mapping[str, Question]:
    """Return what answers each question, with the form of the answer."""
    samples: Any = json.loads(file.read_text(encoding="utf-8"))
    pandas, utils = imported("pandas"), imported("lifetimes.utils")
    if isinstance(samples, dict):
        return ask(file, utils.summary_data_from_transaction_data)
    return {"summaries": (lambda: [*map(partial(_summarize, pandas, utils), samples)], lambda found: found)}


def _summarize(pandas: Any, utils: Any, sample: Mapping[str, Any]) -> dict[str, object]:  # noqa: ANN401 - both come untyped
    """Return the figures of each customer, by unit of time."""
    frame = pandas.DataFrame(sample["rows"], columns=["customer", "at", "amount"])
    frame["at"] = pandas.to_datetime(frame["at"])
    found: dict[str, object] = {}
    for unit in ("D", "W"):
        table = utils.summary_data_from_transaction_data(
            frame, "customer", "at", "amount", observation_period_end=sample["end"], freq=unit
        )
        found[unit] = _list_rows(table, _SUMMARY)
    try:
        split = utils.calibration_and_holdout_data(
            frame, "customer", "at", sample["until"], sample["end"], freq="D", monetary_value_col="amount"
        )
    except ValueError:  # it refuses a holdout without purchases
        found["holdout"] = None
    else:
        found["holdout"] = _list_rows(split, _HOLDOUT)
    return found


def _list_rows(table: Any, names: tuple[str, ...]) -> dict[str, list[float | None]]:  # noqa: ANN401 - a frame of pandas
    return {str(customer): [_plain(row[name]) for name in names] for customer, row in table.iterrows()}


def _plain(number: Any) -> float | None:  # noqa: ANN401 - a number of numpy
    return float(number) if math.isfinite(number) else None


if __name__ == "__main__":
    serve("lifetimes", questions)
