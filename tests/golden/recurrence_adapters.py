"""Adapters of the golden cases of recurrences and follow-ups: from the inputs of a case to the answer.

An adapter turns text into the library's types, and instants into text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

from crmcore import Recurrence, TimeUnit

Inputs = dict[str, Any]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _dates(inputs: Inputs) -> list[str]:
    recurrence = Recurrence(
        first=date.fromisoformat(inputs["first"]),
        unit=TimeUnit(inputs["unit"]),
        every=int(inputs.get("every", 1)),
        at="00:00",
        zone=UTC,
    )
    return [at.date().isoformat() for at in islice(recurrence, int(inputs["count"]))]


def _instants(inputs: Inputs) -> list[str]:
    first = datetime.fromisoformat(inputs["first"])
    recurrence = Recurrence(
        first=first.date(),
        unit=TimeUnit(inputs["unit"]),
        every=int(inputs.get("every", 1)),
        at=first.time(),
        zone=ZoneInfo(inputs["zone"]),
    )
    return [*map(_text, islice(recurrence, int(inputs["count"])))]


ADAPTERS: Final[dict[str, Callable[[Any], Any]]] = {
    "recurrence.dates": _dates,
    "recurrence.instants": _instants,
}
"""The adapter of each label."""
