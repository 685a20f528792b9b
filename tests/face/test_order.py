"""The order of the records says nothing: a record never hides those behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs
import pytest

from crmcore import CrmcoreError
from tests.face.calls import TARGETS
from tests.support.pool import fuller_calls, parts
from tests.support.sweep import Call, make

BY_THE_ORDER: Final = {
    "crmcore.render.calendar": "tasks of one instant stand as they were given",
    "crmcore.render.calendar_table": "tasks of one instant stand as they were given",
    "crmcore.retention.relationships.review": "managers are named as they were given",
    "crmcore.service.communication.first_contacts": "of contacts at one instant the first given is the first",
    "crmcore.service.communication.lint": "of contacts at one instant the first given is the first",
    "crmcore.voice.expectations.grade_each": "of equal expectations of one instant the first given is shown",
    "crmcore.voice.expectations.lint_targets": "of two targets for one period the last given has to be the higher",
    "crmcore.voice.handling.IdeaVotes.of": "of a voter's votes at one instant the last given counts",
}
"""What the order decides, where instants are the same."""
IN_ANY_ORDER: Final = [
    name
    for name, target in TARGETS.items()
    if name not in BY_THE_ORDER
    and (target.attribute or target.owner is None)
    and any("Iterable" in str(one.annotation) for one in target.parameters)
]


def _sorted(value: Any) -> Any:
    """A value with its collections in one order."""
    if isinstance(value, Mapping):
        return sorted((repr(key), repr(_sorted(item))) for key, item in value.items())
    if isinstance(value, list | tuple):
        return sorted(repr(_sorted(item)) for item in value)
    return [(name, _sorted(item)) for name, item in parts(value)] if attrs.has(type(value)) else repr(value)


def _answer(name: str, call: Call, changed: dict[str, Any]) -> Any:
    try:
        return _sorted(make(TARGETS[name], call, changed))
    except CrmcoreError:
        return "refused"


@pytest.mark.parametrize("name", IN_ANY_ORDER)
def test_the_order_of_records_says_nothing(name: str) -> None:
    """Records of every kind count alike, are found alike or are refused, forwards and backwards."""
    for argument, call in fuller_calls(name):
        assert _answer(name, call, {}) == _answer(name, call, {argument: call.arguments[argument][::-1]})
