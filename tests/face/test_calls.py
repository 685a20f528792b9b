"""What valid and broken calls of every public callable answer."""

from __future__ import annotations

import re
from decimal import ROUND_UP, Context, localcontext
from typing import TYPE_CHECKING, Any, Final

import pytest

from crmcore import CrmcoreError, InvalidValueError, WrongTypeError
from tests.face.calls import CATALOGUES, TARGETS, prepare, read, tell
from tests.face.explanations import explain
from tests.support.refusals import refused
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


def counts_by_key(target: Target) -> bool:
    """Whether it counts by a function of the caller, and has records in its call of the documentation."""
    return target.attribute != "keys_by" and any(
        one.name == "key"
        and "Callable" in str(one.annotation)
        and all(prepare()[target.name][0].arguments.get(name, True) for name in ("interviews", "relationships"))
        for one in target.parameters
    )


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
        with refused(CrmcoreError) as caught:
            make(TARGETS[name], prepare()[name][0], {argument: value})

        assert caught.value.field in names
        assert caught.value.record in {None, len(value) - 1 if isinstance(value, list) else 0}
        assert re.findall(CAPITALS, caught.value.message) == []


@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if counts_by_key(target)])
@pytest.mark.parametrize(
    ("key", "error", "broken"),
    [
        (float("nan"), InvalidValueError, "missing_key: key"),
        (["new"], WrongTypeError, "key_not_hashable: key"),
    ],
)
def test_a_key_names_a_group(name: str, key: object, error: type[CrmcoreError], broken: str) -> None:
    """Every count by a key refuses one that is missing, and one that cannot be hashed."""
    with refused(error, broken):
        make(TARGETS[name], prepare()[name][0], {"key": lambda *_: key})


@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if counts_by_key(target)])
def test_an_example_of_a_key(name: str) -> None:
    """What is no function is refused as a key, with an example of one."""
    with refused(WrongTypeError, "not_a_function: key") as caught:
        make(TARGETS[name], prepare()[name][0], {"key": 7})

    assert re.search(r"such as (lambda |\w+\.)", caught.value.message)


@pytest.mark.parametrize("name", TARGETS)
def test_the_context_of_the_caller_changes_nothing(name: str) -> None:
    """A call answers the same whatever the precision and rounding of the caller's own decimals."""
    for call in prepare()[name]:
        expected = repr(make(TARGETS[name], call, {}))
        with localcontext(Context(prec=1, rounding=ROUND_UP)):
            actual = make(TARGETS[name], call, {})
        if " at 0x" not in expected:
            assert expected == repr(actual)


@pytest.mark.parametrize("name", TARGETS)
def test_an_explanation_has_the_cautions_of_the_answer(name: str) -> None:
    """What to know before an answer is quoted stands under its explanation too."""
    answers = [make(TARGETS[name], call, {}) for call in prepare()[name]]
    told = [answer for answer in answers if hasattr(type(answer), "cautions") and hasattr(type(answer), "explain")]

    assert [answer.cautions for answer in told] == [explain(answer).cautions for answer in told]


@pytest.mark.parametrize("name", [*TARGETS, *CATALOGUES])
def test_answers_are_as_written_down(name: str) -> None:
    """What the calls of the documentation find, explain and list is in the snapshot.

    Where a change is meant, ``python -m tests.face.calls`` writes the new ones down.
    """
    assert WRITTEN_DOWN.get(name, "") == tell(name)
