"""Every public function that counts records with an id, found by walking the library."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial
from typing import Any

import attrs

from crmcore import (
    UTC,
    AskLimit,
    AskPurpose,
    ContactLimit,
    Discount,
    Interaction,
    Period,
    Question,
    Recurrence,
    Scale,
    Situation,
    TaskKind,
    TenureRule,
    TimeUnit,
    Valence,
)
from tests.support.strategies import REFERENCE_DATE
from tests.support.walk import public_classes, public_names

FEELING = Question(id="unknown", text="How do you feel?", scale=Scale(low=1, high=5, higher_is_better=False))
ARGUMENTS: dict[str, Any] = {
    "about_id": 1,
    "after": (),
    "as_of": REFERENCE_DATE,
    "at": REFERENCE_DATE,
    "cadences": {},
    "churned_after": timedelta(days=30),
    "currency": "EUR",
    "customer_id": 7,
    "customer_ids": (7,),
    "customers": (),
    "days": 1,
    "discount": Discount("0.1", TimeUnit.YEAR),
    "dysfunctional": FEELING,
    "employee_ids": (7,),
    "excellent_from": 2,
    "feedback": (),
    "fixed_at": Period.month(2026, 3).end,
    "functional": FEELING,
    "hour": "09:00",
    "interactions": (),
    "items": (),
    "key": lambda _: "all",
    "kind": lambda _: "all",
    "kinds": (TaskKind.CALL,),
    "limits": (AskLimit(within=timedelta(days=30)),),
    "meetings": Recurrence(first=date(2026, 3, 2), unit=TimeUnit.WEEK, every=2, at="09:00", zone=UTC),
    "neutral_band": 1,
    "period": Period.month(2026, 3),
    "periods": (Period.month(2026, 3), Period.quarter(2026, 2)),
    "purchases": (),
    "purpose": AskPurpose.NEEDS,
    "question": Question(id="unknown", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10),
    "readings": (),
    "responses": (),
    "roles": ("seller", "operator", "courier"),
    "rounds": (1, 2),
    "routes": {},
    "rule": lambda _: Valence.GOOD,
    "situations": (*Situation, "late parcel"),
    "steps": {TaskKind.CALL: 1},
    "survey_id": 1,
    "target": timedelta(days=2),
    "tasks": (),
    "tenure": TenureRule.FIRST_TO_LAST,
    "threshold": 8,
    "touchpoints": (),
    "tz": UTC,
    "units": 1,
    "values": {},
    "within": timedelta(days=30),
}
"""Arguments by their name, for the counters that need them."""

SCALES: dict[str, Scale] = {
    "Csat": Scale.SATISFACTION_1_5,
    "CustomerEffort": Scale.EFFORT_1_7,
    "ReturnLikelihood": Scale.RETURN_1_5,
}
"""The scale of the question that a class counts, where it does not count recommendations."""


@attrs.frozen
class Counter:
    """A public function or class method that counts records.

    Attributes:
        name: Its full name.
        kind: The class of the records.
        count: Counts an iterable of them.
    """

    name: str
    kind: type
    count: Callable[[Iterable[Any]], Any]


def counters() -> list[Counter]:
    """Return every counter whose first argument is an iterable of records that have an id."""
    found: list[Counter] = []
    for name, value in public_names().items():
        if inspect.isfunction(value):
            found += _as_counter(name, value)
        elif inspect.isclass(value):
            for member, raw in vars(value).items():
                if isinstance(raw, classmethod) and not member.startswith("_"):
                    found += _as_counter(f"{name}.{member}", getattr(value, member))
                elif member == "__init__" and not attrs.has(value):
                    found += _as_counter(name, value)
    return found


def _as_counter(name: str, function: Callable[..., Any]) -> list[Counter]:
    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())
    kind = _find_kind(parameters[0].annotation) if parameters else None
    if kind is None:
        return []
    needed = [one for one in parameters[1:] if one.default is inspect.Parameter.empty]
    given = {one.name: ARGUMENTS[one.name] for one in needed}
    if kind is Interaction and "limits" in given:
        given["limits"] = (ContactLimit(within=timedelta(days=30)),)
    scale = next((scale for owner, scale in SCALES.items() if f".{owner}." in name), None)
    if scale is not None and "question" in given:
        given["question"] = Question(id="unknown", text="?", scale=scale)
    if "currency" in signature.parameters:
        given["currency"] = "EUR"
    places = [given.pop(one.name) for one in needed if one.kind is one.POSITIONAL_ONLY]
    return [Counter(name, kind, partial(_count, function, places, given))]


def _count(function: Callable[..., Any], places: list[Any], given: dict[str, Any], records: Iterable[Any]) -> Any:
    return function(records, *places, **given)


def _find_kind(annotation: object) -> type | None:
    """Return the class of the records of an annotation, which may be a text with names for type checkers only."""
    text = annotation if isinstance(annotation, str) else str(annotation)
    inner = re.fullmatch(r"(?:collections\.abc\.|typing\.)?Iterable\[(.*)\]", text)
    if inner is None:
        return None
    name = re.sub(r"ForwardRef\('(\w+)'\)", r"\1", inner[1]).strip("'\"").rpartition(".")[2]
    kind = {cls.__name__: cls for cls in public_classes()}.get(name)
    has_id = kind is not None and attrs.has(kind) and "id" in {field.name for field in attrs.fields(kind)}
    return kind if has_id else None
