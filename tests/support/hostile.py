"""What a caller's thread or data may do to a library."""

from __future__ import annotations

from decimal import (
    ROUND_UP,
    Clamped,
    Context,
    DivisionByZero,
    FloatOperation,
    Inexact,
    InvalidOperation,
    Overflow,
    Rounded,
    Subnormal,
    Underflow,
)

SIGNALS = [
    Clamped,
    DivisionByZero,
    FloatOperation,
    Inexact,
    InvalidOperation,
    Overflow,
    Rounded,
    Subnormal,
    Underflow,
]

CONTEXTS = [
    Context(prec=3, rounding=ROUND_UP, capitals=0, traps=[]),
    Context(prec=1, Emin=-1, Emax=1, capitals=0, clamp=1, traps=SIGNALS),
]
"""Decimal contexts that change or break whatever obeys them."""


class Index:
    """A whole number of another library, such as numpy.int64."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __index__(self) -> int:
        return self.number


class NotATime:
    """No instant at all."""
