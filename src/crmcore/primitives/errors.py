"""The errors that this library raises on purpose, each with its parts.

Every error is a `CrmcoreError`, which is a `ValueError`, so that validators of other libraries report it. It is also
the builtin that fits best: a wrong type is a `TypeError`, a missing name a `KeyError`, and a series without a limit an
`ArithmeticError`.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import wraps
from types import NoneType
from typing import Any, Final, TypeVar, cast

from crmcore.primitives._shown import LONGEST, as_sentence, is_of_library, name_of

__all__ = [
    "CrmcoreError",
    "CurrencyMismatchError",
    "DivergenceError",
    "IllegalTransitionError",
    "InconsistentCountsError",
    "InvalidValueError",
    "NaiveInstantError",
    "PolicyMismatchError",
    "UnknownNameError",
    "WrongTypeError",
]


_PLAIN: Final = frozenset({NoneType, bool, float, Decimal, date, datetime, timedelta})
_MOST_BITS: Final = 2000
"""Python writes no number that has many more."""

_I = TypeVar("_I", bound=Callable[..., None])


def _take_former(init: _I) -> _I:
    """Let a constructor take what the pickle of an error of 0.1.0 gives: the message, then the operands."""

    @wraps(init)
    def take(self: "CrmcoreError", *parts: Any, **named: Any) -> None:  # noqa: ANN401 - whatever the constructor takes
        if not named and parts and " " in str(parts[0]):  # a message has spaces, and the name of a rule has none
            init(self, "error_of_0_1_0", parts[0], operands=parts[1:])
        else:
            init(self, *parts, **named)

    return cast("_I", take)


class CrmcoreError(ValueError):
    """The base class of all errors of this library. No part of an error contains personal data.

    Examples:
        >>> from crmcore import CrmcoreError, Money
        >>> try:
        ...     Money(5, "eur")
        ... except CrmcoreError as error:
        ...     error.rule, error.field, error.operands, error.advice
        ('not_a_currency', 'currency', ('eur',), "write 'EUR'")

    ``str(error)`` is the message and the advice. Both have one line: a character that is not printable, such as a line
    break, is shown as Python writes it in a text, and what is too long is cut. Errors pickle.

    Attributes:
        rule: The rule that was broken: a stable name, such as ``"not_positive"``. The guide on errors lists all rules.
        message: What must hold and what was given, for anyone.
        field: The field or argument at fault. None if no single one is.
        advice: What a Python caller can do; may be empty.
        operands: The values that the message mentions: numbers, texts, times, members of enums, and records of this
            library. Of any other value it is only the type.
        record: Which of several records is at fault: its index, its id or its key. None if no single one is.
    """

    # Slots keep the parts out of `vars(error)`, which FastAPI writes as JSON if a validator raised the error.
    __slots__ = ("advice", "field", "message", "operands", "record", "rule")

    @_take_former
    def __init__(
        self,
        rule: str,
        message: str,
        /,
        *,
        field: str | None = None,
        advice: str = "",
        operands: tuple[object, ...] = (),
        record: object = None,
    ) -> None:
        message = as_sentence(message)
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.field = field
        self.advice = as_sentence(advice)
        self.operands = tuple(map(_keep_plain, operands))
        self.record = record

    def __str__(self) -> str:
        return f"{self.message}; {self.advice}" if self.advice else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        parts = {name: getattr(self, name) for name in CrmcoreError.__slots__}
        return _build_again, (type(self), self.message), self.__dict__ | parts


def _keep_plain(value: object) -> object:
    """Return an operand that can be shown and pickled, and that keeps nothing of the caller's alive."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is int:
        number = cast("int", value)
        return number if number.bit_length() <= _MOST_BITS else f"an int of {number.bit_length()} bits"
    if issubclass(kind, str) and not issubclass(kind, Enum):
        text = str.__str__(cast("str", value))
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
    if kind is tuple:
        return tuple(map(_keep_plain, cast("tuple[object, ...]", value)))
    known = issubclass(kind, Enum | Decimal | date | timedelta | frozenset) or is_of_library(kind)
    return value if known else f"an object of type {name_of(type(value))}"


def _build_again(cls: type[CrmcoreError], message: str) -> CrmcoreError:
    """Build an error without its parts, which pickle then sets."""
    return cls.__new__(cls, message)


class InvalidValueError(CrmcoreError):
    """A value outside its domain, such as a share above 1, an empty id or a reversed period."""


class CurrencyMismatchError(InvalidValueError):
    """Two currencies in one sum or comparison."""


class NaiveInstantError(InvalidValueError):
    """A datetime without a time zone where an instant is required."""


class PolicyMismatchError(InvalidValueError):
    """An addition of two records that were counted under different policies."""


class InconsistentCountsError(InvalidValueError):
    """Counts that contradict each other, such as more successes than attempts."""


class IllegalTransitionError(InvalidValueError):
    """A change of state that is not allowed."""


class UnknownNameError(CrmcoreError, KeyError):
    """An unknown name, such as a line that an explanation does not have."""


class WrongTypeError(CrmcoreError, TypeError):
    """A value of the wrong type, such as a float instead of money or a date instead of an instant."""


class DivergenceError(CrmcoreError, ArithmeticError):
    """A series without a limit under the given assumptions."""
