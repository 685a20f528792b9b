"""Answers of a response on the scale of a question: what the counters of this room share."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from crmcore.model.survey import Question, Response, find_ends
from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.grouping import KeyGuard, enumerate_once

__all__: list[str] = []  # for the room alone

_K = TypeVar("_K", bound=Hashable)


def place_by(responses: Iterable[Response], key: Callable[[Response], _K]) -> dict[_K, list[tuple[int, Response]]]:
    """Return the responses of each key with their places among all; one that has an id once."""
    checks.check_callable(key, "key", "lambda response: response.segment")
    groups: dict[_K, list[tuple[int, Response]]] = {}
    guard = KeyGuard(groups)
    for place, response in enumerate_once(responses, Response, "responses"):
        group = key(response)
        guard.admit(group)
        groups.setdefault(group, []).append((place, response))
    return groups


def read_ends(question: Question, name: str) -> tuple[int, int, bool]:
    """Return the ends of the scale of a question, and whether the high one is better."""
    return find_ends(checks.as_instance(question, Question, name).scale, **checks.at_fault(name))


def read_answer(response: Response, question: Question, ends: tuple[int, int, bool], place: int) -> int | None:
    """Return the answer so that high is good, or None if there is none; where low is good it is turned."""
    value = response.answer(question.id)
    if value is None:
        return None
    low, high, is_high_better = ends
    if isinstance(value, str):
        raise WrongTypeError(
            "words_for_a_step",
            f"responses must answer question {show(question.id)} with a whole number, got a text",
            field="responses",
            advice="check each with Survey.check(...)",
            record=place,
        )
    if not low <= value <= high:
        raise InvalidValueError(
            "answer_beyond_the_ends",
            f"responses must answer question {show(question.id)} with a number from {low} to {high}, got {show(value)}",
            field="responses",
            advice="check each with Survey.check(...)",
            record=place,
            operands=(value,),
        )
    return value if is_high_better else low + high - value
