"""Adapters of the golden cases of cohorts: from the inputs of a case to the answer, in its own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from crmcore import Cohort, CohortReading, Id, TimeUnit, instant

Inputs = dict[str, Any]
Rates = list[Decimal | None]

_LAST_DAY: Final = instant("2026-03-01")
_AS_OF: Final = instant("2026-03-02")
_LONG_AGO: Final = 10_000


def _acquired(days: int) -> datetime:
    """Return the day since which a member has been observed for so many days, of which the last is over."""
    return _LAST_DAY - timedelta(days=days)


def _after(acquired: datetime, day: int) -> datetime:
    return acquired + timedelta(days=day)


def _rates(inputs: Inputs, ages: Iterable[int | tuple[int, int]], reading: CohortReading = CohortReading.ON) -> Rates:
    observed = inputs.get("observed_through") or {}
    members: dict[Id, datetime] = {who: _acquired(int(observed.get(who, _LONG_AGO))) for who in inputs["activity"]}
    seen = [(who, _after(members[who], int(day))) for who, days in inputs["activity"].items() for day in days]
    columns = [*ages]
    found = Cohort.by(seen, lambda _: "all", as_of=_AS_OF, acquired=members, ages=columns, step=TimeUnit.DAY)
    return [*found["all"].rates_by(reading)] if found else [None for _ in columns]


def _days(inputs: Inputs) -> list[int]:
    return [int(day) for day in inputs["days"]]


def _counts(inputs: Inputs) -> Cohort:
    return Cohort.from_counts(int(count) for count in inputs["counts"])


ADAPTERS: Final[dict[str, Callable[[Inputs], object]]] = {
    "cohort.bracket": lambda inputs: _rates(inputs, [(int(first), int(last)) for first, last in inputs["brackets"]]),
    "cohort.churn_rates": lambda inputs: [*_counts(inputs).churn_rates],
    "cohort.n_day": lambda inputs: _rates(inputs, _days(inputs)),
    "cohort.n_day_censored": lambda inputs: _rates(inputs, [int(inputs["day"])])[0],
    "cohort.retention_rates": lambda inputs: [*_counts(inputs).step_rates],
    "cohort.survival": lambda inputs: [*_counts(inputs).rates],
    "cohort.unbounded": lambda inputs: _rates(inputs, _days(inputs), CohortReading.ON_OR_AFTER),
}
