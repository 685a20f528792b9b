"""Adapters of the golden cases of follow-ups: from the inputs of a case to the answer, named as in its `expected`.

An adapter turns text into the library's types, and instants into text.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from crmcore import (
    Customer,
    Interaction,
    LeapRule,
    Money,
    Occasion,
    Period,
    Promises,
    Purchase,
    Task,
    TaskKind,
    WeekendRule,
    follow_ups,
    instant,
)

Inputs = dict[str, Any]

_DAY: Final = instant("2026-03-02")


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _maybe(moment: str | None) -> datetime | None:
    return None if moment is None else instant(moment)


def _neglected(inputs: Inputs) -> dict[str, Any]:
    since = inputs.get("since", {})
    found = follow_ups.neglected(
        [Customer(id=name, since=_maybe(since.get(name))) for name in {**inputs["last_contact"], **since}],
        [
            Interaction(touchpoint_id="desk", at=instant(at), customer_id=name)
            for name, at in inputs["last_contact"].items()
            if at is not None
        ],
        as_of=instant(inputs["as_of"]),
        days=int(inputs["days"]),
    )
    return {
        "neglected": [[row.customer_id, row.days] for row in found],
        "never": [row.customer_id for row in found if row.never],
    }


def _after_purchase(inputs: Inputs) -> list[list[Any]]:
    planned = follow_ups.after_purchase(
        [
            Purchase(customer_id="c", at=instant(purchase["at"]), amount=Money(1, "EUR"), id=purchase["id"])
            for purchase in inputs["purchases"]
        ],
        {step["kind"]: int(step["days"]) for step in inputs["steps"]},
        Period(instant(inputs["start"]), instant(inputs["end"])),
        tz=ZoneInfo(inputs["zone"]),
        already=[
            Task(kind=kind, due=_DAY, customer_id="c", about_id=about_id)
            for kind, about_id in inputs.get("already", ())
        ],
        weekend=WeekendRule.AFTER if inputs.get("skip_weekends") else WeekendRule.KEEP,
    )
    return [[str(task.kind), task.about_id, _text(task.due)] for task in planned]


def _occasions(inputs: Inputs) -> list[str]:
    occasion = Occasion(
        name="day",
        month=int(inputs["month"]),
        day=int(inputs["day"]),
        leap_rule=LeapRule(inputs.get("leap_rule", "february_28")),
    )
    planned = follow_ups.occasions(
        [Customer(id=1, occasions=[occasion])],
        Period(instant(inputs["start"]), instant(inputs["end"])),
        hour="00:00",
        tz=UTC,
        weekend=WeekendRule(inputs.get("weekend", "keep")),
    )
    return [task.due.date().isoformat() for task in planned]


def _promises(inputs: Inputs) -> dict[str, Any]:
    found = Promises.of(
        [
            Task(
                kind=TaskKind.PROMISE,
                due=instant(promise["due"]),
                done_at=_maybe(promise.get("done")),
                cancelled_at=_maybe(promise.get("cancelled")),
            )
            for promise in inputs["promises"]
        ],
        as_of=instant(inputs["as_of"]),
    )
    return {
        "kept": found.kept,
        "late": found.late,
        "overdue": found.broken,
        "pending": found.pending,
        "cancelled": found.cancelled,
        "of_due": found.rate,
        "of_done": found.rate_of_done,
    }


ADAPTERS: Final[dict[str, Callable[[Any], Any]]] = {
    "customers.neglected": _neglected,
    "follow_ups.after_purchase": _after_purchase,
    "occasions.days": _occasions,
    "promises.kept": _promises,
}
"""The adapter of each label."""
