"""What an error of the library says is wrong, and where."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import pytest

from crmcore import CrmcoreError, InvalidValueError
from crmcore.primitives import checks
from tests.face.rules import operands

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["breaks", "describe", "refused"]


def describe(error: CrmcoreError) -> str:
    """Return the rule that was broken and the field at fault, with its record if there are several."""
    record = "" if error.record is None else f"[{error.record!r}]"
    return f"{error.rule}: {error.field}{record}"


def check_operands(error: CrmcoreError) -> None:
    """Check that a program finds in an error what the page of the rules says, and a reader the same in its message.

    It has as many operands; the numbers among them are shown, unless the message has fewer values than that.
    """
    number, shown = _rows().get(error.rule, ("…", 0))
    assert number in ("…", str(len(error.operands) or "")), (error.rule, error.operands)
    if len(error.operands) <= shown:
        numbers = [one for one in error.operands if type(one) in (int, Decimal)]
        assert [] == [one for one in numbers if checks.show(one) not in error.message], error.message


@cache
def _rows() -> dict[str, tuple[str, int]]:
    return operands()


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


@contextmanager
def breaks(
    rule: str, field: str | None, record: object = None, kind: type[CrmcoreError] = InvalidValueError
) -> Generator[pytest.ExceptionInfo[CrmcoreError]]:
    """Check that the block breaks a rule at a field."""
    with pytest.raises(kind) as caught:
        yield caught
    assert (rule, field, record) == (caught.value.rule, caught.value.field, caught.value.record)
    check_operands(caught.value)
