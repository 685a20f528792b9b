"""What valid and broken calls of every public callable answer."""

from __future__ import annotations

import re
from contextlib import suppress
from decimal import ROUND_UP, Context, localcontext
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest

from crmcore import CrmcoreError, CurrencyMismatchError, Feedback, InvalidValueError, Money, WrongTypeError
from crmcore.primitives.record import Record
from tests.face.calls import CATALOGUES, TARGETS, prepare, read, tell
from tests.face.explanations import explain
from tests.support.refusals import refused, watch_errors
from tests.support.sweep import Target, make

if TYPE_CHECKING:
    from collections.abc import Iterator

WRITTEN_DOWN: Final = read()
CAPITALS: Final = r"\b(?!EUR\b|UUID\b|ROUND_)[A-Z]{2,}"
"""No word of a message, but for these."""
LEFT: Final = {"__add__": NotImplemented, "__contains__": False, "__radd__": NotImplemented}
"""What operators answer that take anything: they leave it to the other side, or it is not there."""
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
AMOUNTS: Final = {
    ("CompensationFund.take_back", "amount"): "entries",
    ("CompensationFund.top_up", "amount"): "entries",
    ("CustomerEquity.of", "acquired"): "rows",
}
"""Arguments whose error of two currencies names the field that they become."""
WITHOUT_PLACE: Final = {"Spend.by"}
"""Calls that compare the currencies within a group, where the place among all records is not known."""


@pytest.fixture(autouse=True, scope="module")
def _errors_show_their_operands() -> Iterator[None]:
    """Whichever error a test here meets, its message and its operands tell of the same values."""
    with watch_errors():
        yield


def counts_by_key(target: Target) -> bool:
    """Whether it counts by a function of the caller, and has records in its call of the documentation."""
    return target.attribute != "keys_by" and any(
        one.name == "key"
        and "Callable" in str(one.annotation)
        and all(prepare()[target.name][0].arguments.get(name, True) for name in ("interviews", "relationships"))
        for one in target.parameters
    )


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


@pytest.mark.parametrize("name", TARGETS)
def test_an_error_names_the_argument(name: str) -> None:
    """A value of the wrong type is refused under the name of its argument, and an item under its place."""
    short = ".".join(name.split(".")[-2:])
    for argument, value in wrong_calls(name):
        names = {FIELDS.get((short, argument), argument), *(["records"] if argument == "journeys" else ())}
        try:
            answer = make(TARGETS[name], prepare()[name][0], {argument: value})
        except CrmcoreError as error:
            caught = error
        else:
            assert answer is LEFT[TARGETS[name].attribute]
            continue

        assert caught.field in names
        assert caught.record in {None, len(value) - 1 if isinstance(value, list) else 0}
        assert re.findall(CAPITALS, caught.message) == []


@pytest.mark.parametrize("name", TARGETS)
def test_an_error_says_what_is_due(name: str) -> None:
    """Where several values are due, the error about a text or a mapping says what each of them must be."""
    good = prepare()[name][0]
    for argument, items in good.arguments.items():
        for value in ("text", {"x": 1}) if isinstance(items, list | tuple) else ():
            try:
                make(TARGETS[name], good, {argument: value})
            except CrmcoreError as error:
                message = error.message
            else:
                continue  # it takes a text or a mapping too

            assert "None" not in message


def _exchange(value: Any) -> Any:
    """Return money, a record with money, or the last of several in another currency; None if there is no money."""
    if isinstance(value, Money):
        return Money(value.amount, "USD" if value.currency == "EUR" else "EUR")
    if isinstance(value, list | tuple) and value:
        last = _exchange(value[-1])
        return None if last is None else [*value[:-1], last]
    if isinstance(value, Record):
        record: Any = value
        own = {field.alias: getattr(record, field.name) for field in attrs.fields(type(record)) if field.init}
        changed = {name: _exchange(amount) for name, amount in own.items() if isinstance(amount, Money)}
        with suppress(CurrencyMismatchError):  # it holds other money inside
            return attrs.evolve(record, **changed) if changed else None
    return None


@pytest.mark.parametrize("name", TARGETS)
def test_an_error_of_two_currencies_names_an_argument(name: str) -> None:
    """An amount in another currency is caught under the name of an argument, and one of several under its place."""
    short = ".".join(name.split(".")[-2:])
    for call in prepare()[name]:
        for argument, value in call.arguments.items():
            changed = _exchange(value)
            if changed is None:
                continue
            try:
                make(TARGETS[name], call, {argument: changed})
            except CurrencyMismatchError as error:
                caught = error
            else:
                continue

            names = {one.name for one in TARGETS[name].parameters} | {AMOUNTS.get((short, argument), argument)}
            assert caught.field in names
            if isinstance(changed, list) and caught.field == argument:
                places = (None,) if short in WITHOUT_PLACE else (len(changed) - 1, getattr(changed[-1], "id", None))
                assert caught.record in places


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


@pytest.mark.parametrize("name", TARGETS)
def test_columns_have_plain_names(name: str) -> None:
    """Each key of a row is a name in lower case, the age of a triangle, or the letter T of the literature."""
    for answer in (make(TARGETS[name], call, {}) for call in prepare()[name]):
        rows: Any = (
            getattr(answer, "rows", ()) if hasattr(type(answer), "rows") and not isinstance(answer, type) else ()
        )
        listed: Any = rows() if callable(rows) else ()
        keys = {key for row in listed if isinstance(row, dict) for key in row}

        assert [] == [key for key in keys if not re.fullmatch(r"[a-z][a-z0-9_]*|T|\d+", key)]


@pytest.mark.parametrize("name", [name for name, target in TARGETS.items() if takes_case(target)])
def test_an_answer_about_a_case_names_it(name: str) -> None:
    """What is asked about a piece of feedback has its id, wherever it has a place for one."""
    for call in prepare()[name]:
        case = attrs.evolve(call.arguments["feedback"], id="case 1")
        answer = make(TARGETS[name], call, {"feedback": case})

        for one in answer if isinstance(answer, tuple) else (answer,):
            assert "case 1" == getattr(one, "feedback_id", "case 1")
