"""What valid and broken calls of every public callable answer."""

from __future__ import annotations

import re
from decimal import ROUND_UP, Context, localcontext
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest

from crmcore import CrmcoreError, Feedback
from tests.face.calls import CATALOGUES, TARGETS, prepare, read, tell
from tests.support.sweep import Target, make

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITTEN_DOWN: Final = read()
CAPITALS: Final = r"\b(?!EUR\b|UUID\b|ROUND_)[A-Z]{2,}"
"""No word of a message, but for these."""
TAKE_ANYTHING: Final = {"__add__", "__contains__", "__radd__"}
"""Operators that answer False or leave it to the other side."""
FIELDS: Final = {
    ("Conformance.__getitem__", "step"): "name",
    ("Feedback.acted_on", "at"): "acted_on_at",
    ("Feedback.announced", "at"): "announced_at",
    ("Feedback.answered", "at"): "answered_at",
    ("Feedback.entered", "at"): "history",
    ("Feedback.entered", "by"): "history",
    ("Feedback.resolved", "at"): "resolved_at",
    ("Feedback.told", "at"): "told_at",
    ("Journey.then", "interaction"): "interactions",
    ("LifetimeValue.ratio_to", "acquisition_cost"): "other",
    ("Subscription.paused", "at"): "paused_since",
    ("Subscription.resumed", "at"): "end",
    ("Task.cancelled", "at"): "cancelled_at",
    ("Task.done", "at"): "done_at",
    ("Task.done", "by_id"): "done_by_id",
    ("communication.may_contact", "customer_id"): "customer_ids",
    ("surveys.may_ask", "customer_id"): "customer_ids",
}
"""Arguments whose error names the field that they fill."""
ELSEWHERE: Final = (
    "CustomerEquity.of.acquired",
    "Deficits.worst",
    "ValueMix.share.segment",
    "render.survival_table.times",
)
"""Keys of a mapping, and arguments that are checked as the field that they become."""


def takes_case(target: Target) -> bool:
    """Whether a question is about one piece of feedback."""
    return any(one.name == "feedback" and one.annotation in (Feedback, "Feedback") for one in target.parameters)


class _Wrong:
    """A value of the wrong type, whatever the argument."""


def wrong_calls(name: str) -> Iterator[tuple[str, Any]]:
    """Each argument of a callable, with values of a wrong type: alone, as an item, and behind good items."""
    good = prepare()[name][0].arguments
    for parameter in TARGETS[name].parameters:
        known = f"{name}.{parameter.name}".endswith(ELSEWHERE)
        if not known and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            yield from ((parameter.name, value) for value in (_Wrong(), [_Wrong()]))
            items = good.get(parameter.name)
            if isinstance(items, list | tuple):
                yield parameter.name, [*items, _Wrong()]


@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if target.attribute not in TAKE_ANYTHING])
def test_an_error_names_the_argument(name: str) -> None:
    """A value of the wrong type is refused under the name of its argument, and an item under its place."""
    short = ".".join(name.split(".")[-2:])
    for argument, value in wrong_calls(name):
        names = {FIELDS.get((short, argument), argument), *(["records"] if argument == "journeys" else ())}
        with pytest.raises(CrmcoreError) as refused:
            make(TARGETS[name], prepare()[name][0], {argument: value})

        assert refused.value.field in names
        assert refused.value.record in {None, len(value) - 1 if isinstance(value, list) else 0}
        assert re.findall(CAPITALS, refused.value.message) == []


@pytest.mark.parametrize("name", TARGETS)
def test_the_context_of_the_caller_changes_nothing(name: str) -> None:
    """A call answers the same whatever the precision and rounding of the caller's own decimals."""
    for call in prepare()[name]:
        expected = repr(make(TARGETS[name], call, {}))
        with localcontext(Context(prec=2, rounding=ROUND_UP)):
            actual = make(TARGETS[name], call, {})
        if " at 0x" not in expected:
            assert expected == repr(actual)


@pytest.mark.parametrize("name", [*TARGETS, *CATALOGUES])
def test_answers_are_as_written_down(name: str) -> None:
    """What the calls of the documentation find, explain and list is in the snapshot.

    Where a change is meant, ``python -m tests.face.calls`` writes the new ones down.
    """
    assert WRITTEN_DOWN.get(name, "") == tell(name)


@pytest.mark.parametrize("name", TARGETS)
def test_columns_have_plain_names(name: str) -> None:
    """Each key of a row is a name in lower case, the age of a triangle, or the letter T of the literature."""
    for answer in (make(TARGETS[name], call, {}) for call in prepare()[name]):
        rows = getattr(answer, "rows", ()) if hasattr(type(answer), "rows") and not isinstance(answer, type) else ()
        keys = {key for row in (rows() if callable(rows) else ()) if isinstance(row, dict) for key in row}

        assert [] == [key for key in keys if not re.fullmatch(r"[a-z][a-z0-9_]*|T|\d+", key)]


@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if takes_case(target)])
def test_an_answer_about_a_case_names_it(name: str) -> None:
    """What is asked about a piece of feedback has its id, wherever it has a place for one."""
    for call in prepare()[name]:
        case = attrs.evolve(call.arguments["feedback"], id="case 1")
        answer = make(TARGETS[name], call, {"feedback": case})

        for one in answer if isinstance(answer, tuple) else (answer,):
            assert "case 1" == getattr(one, "feedback_id", "case 1")
