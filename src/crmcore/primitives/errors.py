"""The errors that this library raises on purpose.

Each error is a `CrmcoreError` and also the builtin error that fits: a wrong value is a `ValueError`, a wrong type a
`TypeError`, a missing name a `KeyError`, and a series without a limit an `ArithmeticError`.
"""

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


class CrmcoreError(Exception):
    """The base class of all errors of this library.

    `args` contains the message and then the operands, so that every error pickles. Neither contains personal data, such
    as names, contact details or notes.
    """

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""

    @property
    def operands(self) -> tuple[object, ...]:
        """The values that the message mentions, for programs."""
        return self.args[1:]


class InvalidValueError(CrmcoreError, ValueError):
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
