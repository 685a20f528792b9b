"""Every method that records an event needs its instant."""

from __future__ import annotations

import inspect
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from crmcore import CrmcoreError, Feedback, FeedbackKind, Money, Subscription, Task, TimeUnit, WrongTypeError, instant
from tests.support.refusals import refused
from tests.support.strategies import VALUES
from tests.support.walk import public_classes

_PLAIN: dict[str, Any] = {
    "Id": "case",
    "Id | None": "eva",
    "TaskKind": "call",
    "Iterable[datetime]": [],
}
"""A value for the other arguments of a method, by its annotation; the error is about the instant all the same."""


def _list_events() -> list[Any]:
    """List the methods with an instant or a date that is required, of every class that has a strategy."""
    found: list[Any] = []
    for cls in public_classes():
        if cls not in VALUES or not attrs.has(cls):
            continue
        for name, method in inspect.getmembers(cls, inspect.isfunction):
            if name.startswith("_"):
                continue
            for parameter in inspect.signature(method).parameters.values():
                kind = getattr(parameter.annotation, "__name__", parameter.annotation)
                if kind in ("datetime", "date") and parameter.default is parameter.empty:
                    found.append(pytest.param(cls, name, parameter.name, id=f"{cls.__name__}.{name}.{parameter.name}"))
    return found


EVENTS = _list_events()


class TestEvents:
    def test_are_found(self) -> None:
        """The walk finds the methods of each noun."""
        names = {event.id for event in EVENTS}
        assert {"Task.done.at", "Feedback.told.at", "Subscription.paused.at", "Relationship.enter.at"} <= names

    @pytest.mark.parametrize(("cls", "name", "instant_of"), EVENTS)
    @settings(max_examples=20, suppress_health_check=list(HealthCheck))  # pyright: ignore[reportArgumentType] - its metaclass hides the type of a member
    @given(data=st.data())
    def test_need_their_instant(self, cls: type, name: str, instant_of: str, data: st.DataObject) -> None:
        """None for the instant of an event is an error: it does not return the record as it was."""
        record = data.draw(VALUES[cls])
        method = getattr(record, name)
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for parameter in inspect.signature(method).parameters.values():
            if parameter.default is not parameter.empty:
                continue
            value = None if parameter.name == instant_of else _PLAIN.get(str(parameter.annotation), record)
            if parameter.kind is parameter.KEYWORD_ONLY:
                named[parameter.name] = value
            else:
                positional.append(value)
        with pytest.raises(CrmcoreError):
            method(*positional, **named)

    def test_say_which_is_missing(self) -> None:
        """The error names the field that the event sets."""
        task = Task(kind="call", due=instant("2026-03-03"))
        case = Feedback(kind=FeedbackKind.PROBLEM, received_at=instant("2026-03-02"))
        paid = Subscription(customer_id=7, price=Money(1, "EUR"), every=TimeUnit.MONTH, started=instant("2026-03-02"))
        for subject, name, field in (
            (paid, "paused", "paused_since"),
            (task, "done", "done_at"),
            (task, "cancelled", "cancelled_at"),
            (case, "answered", "answered_at"),
            (case, "resolved", "resolved_at"),
            (case, "acted_on", "acted_on_at"),
            (case, "announced", "announced_at"),
            (case, "told", "told_at"),
        ):
            with refused(WrongTypeError, f"not_an_instant: {field}"):
                getattr(subject, name)(None)
