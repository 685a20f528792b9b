"""Adapters of the golden cases of opening hours: from the inputs of a case to the answer, named as in its `expected`.

An adapter turns text into the library's types, and hours into durations and back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from crmcore import OpeningHours, instant

Inputs = dict[str, Any]

_EXACT: Final = Context(60, ROUND_HALF_EVEN, Emin=-999, Emax=999, capitals=1, clamp=0, flags=[], traps=[])
_MICROSECONDS_AN_HOUR: Final = 3_600_000_000
_DAYS: Final = {
    "mon": "monday",
    "tue": "tuesday",
    "wed": "wednesday",
    "thu": "thursday",
    "fri": "friday",
    "sat": "saturday",
    "sun": "sunday",
}


def read_calendar(inputs: Inputs) -> OpeningHours:
    """Return the calendar of a case."""
    given = inputs["calendar"]
    week: Any = {_DAYS[day]: windows for day, windows in given.get("week", {}).items()}
    return OpeningHours(
        zone=ZoneInfo(given["zone"]),
        holidays=map(date.fromisoformat, given.get("holidays", ())),
        exceptions={date.fromisoformat(day): windows for day, windows in given.get("exceptions", {}).items()},
        **week,
    )


def _elapsed_hours(inputs: Inputs) -> Decimal:
    passed = read_calendar(inputs).elapsed(instant(inputs["start"]), instant(inputs["end"]))
    return _EXACT.divide(passed // timedelta(microseconds=1), _MICROSECONDS_AN_HOUR)


def _due(inputs: Inputs) -> str:
    after = int(_EXACT.multiply(Decimal(str(inputs["hours"])), _MICROSECONDS_AN_HOUR))
    return _text(read_calendar(inputs).due(instant(inputs["start"]), timedelta(microseconds=after)))


def _next_open(inputs: Inputs) -> str | None:
    found = read_calendar(inputs).next_open(instant(inputs["at"]))
    return None if found is None else _text(found)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


ADAPTERS: Final[dict[str, Callable[[Any], Any]]] = {
    "opening_hours.due": _due,
    "opening_hours.elapsed_hours": _elapsed_hours,
    "opening_hours.next_open": _next_open,
}
"""The adapter of each label."""
