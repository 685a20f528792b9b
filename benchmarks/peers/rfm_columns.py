"""Columns of purchases as plain values of Python, and what a package that summarizes data frames makes of them."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.peers.answering import Question, imported

NAMES = ("frequency", "recency", "T", "monetary_value")


def ask(file: Path, summarize: Callable[..., Any]) -> Mapping[str, Question]:
    """Return two questions: `summary` of the columns as they are, and `ready` of what the package asks for.

    A frame is built within the time of both. For `summary`, the times lose their zone and the amounts become floats
    within the time too; for `ready`, they have before.

    Args:
        file: The columns `customers`, `at` and `amounts`, and the `end` of observation, as JSON.
        summarize: Summarizes a frame, as lifetimes and pymc-marketing do.
    """
    given = json.loads(file.read_text(encoding="utf-8"))
    pandas = imported("pandas")
    at, amounts = [*map(datetime.fromisoformat, given["at"])], [*map(Decimal, given["amounts"])]
    naive, floats = [one.replace(tzinfo=None) for one in at], [*map(float, amounts)]

    def summary(at: Any, amounts: Any) -> Any:  # noqa: ANN401 - columns of either kind, and a frame
        frame = pandas.DataFrame({"customer": given["customers"], "at": at, "amount": amounts})
        return summarize(frame, "customer", "at", "amount", observation_period_end=given["end"])

    def convert() -> Any:  # noqa: ANN401 - a frame
        return summary(
            pandas.Series(pandas.to_datetime(at, utc=True)).dt.tz_localize(None), pandas.Series(amounts).astype(float)
        )

    return {"summary": (convert, add_up), "ready": (lambda: summary(naive, floats), add_up)}


def add_up(found: Any) -> list[int]:  # noqa: ANN401 - a frame
    """Return the sum of each column."""
    return [round(float(found[name].sum())) for name in NAMES]
