"""What an error of the library says is wrong, and where."""

from __future__ import annotations

import re
from contextlib import contextmanager
from decimal import Decimal
from functools import cache, wraps
from typing import TYPE_CHECKING, Any, Final

import pytest

from crmcore import CrmcoreError, InvalidValueError, WrongTypeError
from crmcore.primitives.checks import show
from tests.face.rules import operands

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["breaks", "describe", "refused", "watch_errors"]

_NO_VALUE: Final = re.compile(r"(an?|\d+|none|no|naive|nothing|words)\b")
"""How a message begins what it says of a value that it does not show, or of none."""
_FOLLOWS: Final = "the message tells what follows from them"
TOLD_OTHERWISE: Final = {
    "allowed_at_another_time": "the message says what must hold",
    "customers_lost_on_the_way": _FOLLOWS,
    "dissolution_without_cause": "the stages before and after are known",
    "dissolved_relationship": "the stage before is in the rule",
    "end_does_not_follow": _FOLLOWS,
    "explained_another_value": "the message says none",
    "log_rank_of_unequal_segments": _FOLLOWS,
    "nanoseconds": "the message tells those too many",
    "never_due": "the message leaves out the start",
    "not_dissolved": "the stage after is in the rule",
    "run_length_out_of_reach": "the message rounds it",
    "shares_above_one": _FOLLOWS,
    "squares_too_small": "the message has the formula",
    "summaries_counted_differently": "the message says what must hold",
    "threshold_without_gaps": "the message says none",
    "warning_of_another_base": _FOLLOWS,
}
"""Rules whose message does not show all operands, each with the reason."""


def describe(error: CrmcoreError) -> str:
    """Return the rule that was broken and the field at fault, with its record if there are several."""
    record = "" if error.record is None else f"[{error.record!r}]"
    return f"{error.rule}: {error.field}{record}"


@contextmanager
def watch_errors() -> Generator[None]:
    """Check the parts of each error of the library that is made in the block, wherever it ends."""
    build = CrmcoreError.__init__

    @wraps(build)
    def build_checked(self: CrmcoreError, *parts: Any, **named: Any) -> None:
        build(self, *parts, **named)
        if type(self) is not CrmcoreError:  # one that a test makes up
            check_operands(self)
            check_message(self)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(CrmcoreError, "__init__", build_checked)
        yield


def check_operands(error: CrmcoreError) -> None:
    """Check that a program finds in an error what the page of the rules says, and a reader the same in its message.

    It has as many operands; the numbers among them are shown, unless the message has fewer values than that.
    """
    number, shown = _rows().get(error.rule, ("…", 0))
    assert number in ("…", str(len(error.operands) or "")), (error.rule, error.operands)
    if len(error.operands) <= shown and error.rule not in TOLD_OTHERWISE:
        numbers = [one for one in error.operands if type(one) in (int, Decimal)]
        message = re.sub(r"(?<=\d),(?=\d{3})", "", error.message)
        assert [] == [one for one in numbers if show(one) not in message], error.message


@cache
def _rows() -> dict[str, tuple[str, int]]:
    return operands()


def check_message(error: CrmcoreError) -> None:
    """Check that the message shows each operand, and no None that is not one."""
    check_no_none(error)
    given = error.message.partition(", got ")[2]
    if given and error.record is None and not isinstance(error, WrongTypeError):
        assert error.operands or _NO_VALUE.match(given), str(error)
    if error.rule not in TOLD_OTHERWISE:
        assert [value for value in error.operands if not _is_told(value, error.message)] == [], str(error)


def check_no_none(error: CrmcoreError) -> None:
    """Check that no None stands in the message for a word or a value that was forgotten."""
    if isinstance(error, WrongTypeError):
        due, _, given = error.message.partition(", got ")
        assert not given or not re.search(r"(?<!or )(?<!not )\bNone\b", due), error.message
    elif re.search(r"\bNone\b", error.message):
        assert any(value in {None, "None"} for value in error.operands), error.message


def _is_told(value: object, message: str) -> bool:
    """Whether a message shows a value, or each one of several."""
    if isinstance(value, tuple):
        return all(_is_told(one, message) for one in value)
    return any(re.search(rf"(?<!\w){re.escape(text)}(?!\w)", message) for text in (show(value), str(value)))


@contextmanager
def refused(error: type[Exception], broken: str = "") -> Generator[pytest.ExceptionInfo[CrmcoreError]]:
    """Check that the block raises an error of this class, with this rule, field and record.

    Args:
        error: The class of the error.
        broken: As `describe` writes it, such as ``"not_positive: severity"`` or ``"not_a_visit: records[3]"``. Without
            the rule, as in ``": severity"``, any rule will do. An empty text says nothing about the parts.
    """
    with pytest.raises(CrmcoreError) as caught:
        yield caught
    assert isinstance(caught.value, error), caught.value
    found = describe(caught.value)
    assert broken in ("", found.removeprefix(caught.value.rule) if broken.startswith(":") else found)
    check_operands(caught.value)
    check_no_none(caught.value)


@contextmanager
def breaks(
    rule: str, field: str | None, record: object = None, kind: type[CrmcoreError] = InvalidValueError
) -> Generator[pytest.ExceptionInfo[CrmcoreError]]:
    """Check that the block breaks a rule at a field."""
    with pytest.raises(kind) as caught:
        yield caught
    assert (rule, field, record) == (caught.value.rule, caught.value.field, caught.value.record)
    check_operands(caught.value)
    check_no_none(caught.value)
