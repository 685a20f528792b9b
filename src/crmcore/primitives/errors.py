"""Every error this library raises on purpose.

Each is a `CrmcoreError` and also the builtin a caller would catch without knowing the library: a wrong value is a
`ValueError`, a wrong type a `TypeError`, a missing name a `KeyError`, a sum that has no limit an `ArithmeticError`.
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
    """Base of every error of this library: the message first, then the operands it speaks of.

    Both stand in `args`, so that every error pickles. Personal data (names, contact details, notes) stand in neither.
    """

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""

    @property
    def operands(self) -> tuple[object, ...]:
        """The values the message speaks of, for programs."""
        return self.args[1:]


class InvalidValueError(CrmcoreError, ValueError):
    """A value outside its domain: a share above one, an empty id, a reversed period."""


class CurrencyMismatchError(InvalidValueError):
    """Two currencies met in one sum or comparison."""


class NaiveInstantError(InvalidValueError):
    """A datetime without a time zone stood where an instant is due."""


class PolicyMismatchError(InvalidValueError):
    """Two records counted under different rules were added."""


class InconsistentCountsError(InvalidValueError):
    """Counts that contradict each other."""


class IllegalTransitionError(InvalidValueError):
    """A move that the state machine does not allow."""


class UnknownNameError(CrmcoreError, KeyError):
    """A name that is not there, such as a line that an explanation does not have."""


class WrongTypeError(CrmcoreError, TypeError):
    """A value of the wrong type: a float where money is due, a date where an instant is due."""


class DivergenceError(CrmcoreError, ArithmeticError):
    """A series without a limit under what the caller assumed."""
