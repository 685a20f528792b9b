"""How a result is computed, line by line.

Each line has a name and a value. A line whose value was computed also has a formula over the names above it. A test of
this library computes every formula again, so an explanation always agrees with its result.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final

import attrs

from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import plain_repr
from crmcore.primitives.checks import show
from crmcore.primitives.errors import UnknownNameError, WrongTypeError
from crmcore.primitives.money import Money
from crmcore.primitives.record import Kind, Name, Record, several, text

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Explanation", "Term"]

_DECIMALS_SHOWN: Final = 10


def _value_repr(value: Decimal | int | None) -> str:
    return plain_repr(value) if isinstance(value, Decimal) else repr(value)


def _as_figure(value: object, name: str) -> Decimal | int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, Decimal | int)):
        raise WrongTypeError(
            "not_a_figure", f"{name} must be an exact number or empty, got {show(value)}", **checks.at_fault(name)
        )
    return value


_FIGURE: Final = Kind(_as_figure)


@attrs.frozen
class Term(Record):
    """One line of an explanation.

    Attributes:
        name: A name, which formulas of later lines may use.
        value: The value; None if it is unknown.
        unit: The unit of the value, such as ``EUR`` or ``per year``.
        formula: An expression over the names of earlier lines, with ``+ - * / **``, numbers, and the functions min,
            max, ceil, ln and exp. It is empty for a given value.
    """

    name: Name
    value: Annotated[Decimal | int | None, _FIGURE] = attrs.field(repr=_value_repr)
    unit: str = attrs.field(default="", converter=text)
    formula: str = attrs.field(default="", converter=text)

    def __str__(self) -> str:
        return _show_line(self, 0, 0, 0)


def term(name: str, value: Decimal | int | Money | None, unit: str = "", formula: str = "") -> Term:
    """Return a line of an explanation. Of an amount of money, the currency precedes the unit."""
    if isinstance(value, Money):
        return Term(name, value.amount, f"{value.currency}{unit}", formula)
    return Term(name, value, unit, formula)


def term_in_days(name: str, length: timedelta, as_of: datetime | None) -> Term:
    """Return a line of an explanation for a duration in days, which may count back from a reference date."""
    unit = "days" if as_of is None else f"days to {as_of.isoformat()}"
    return Term(name, _clock.days(_clock.microseconds(length)), unit)


@attrs.frozen
class Explanation(Record):
    """The lines of an explanation: first the given values, last the result.

    Examples:
        >>> from crmcore.primitives.explanation import Explanation, Term
        >>> lines = Explanation(
        ...     [Term("good", 12, "moments"), Term("bad", 1, "moments"), Term("value", 0, "", "good - 12 * bad")]
        ... )
        >>> print(lines)
        good   12  moments
        bad     1  moments
        value   0           = good - 12 * bad
        >>> lines["value"].formula
        'good - 12 * bad'

    Attributes:
        terms: The lines.
        source: Where the formula is published.
    """

    terms: tuple[Term, ...] = attrs.field(converter=several)
    source: str = attrs.field(default="", converter=text)

    def _check(self) -> None:
        super()._check()
        checks.check_unique([term.name for term in self.terms], "terms", "a name")

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms)

    def __len__(self) -> int:
        return len(self.terms)

    def __getitem__(self, name: str, /) -> Term:
        for term in self.terms:
            if term.name == name:
                return term
        names = ", ".join(term.name for term in self.terms)
        raise UnknownNameError(
            "no_such_line",
            f"name must be that of a line, got {show(name)}",
            field="name",
            advice=f"there are {names}" if names else "there are no lines",
        )

    def __str__(self) -> str:
        names = max((len(term.name) for term in self.terms), default=0)
        values = max((len(_show_value(term)) for term in self.terms), default=0)
        units = max((len(term.unit) for term in self.terms), default=0)
        lines = [_show_line(term, names, values, units) for term in self.terms]
        if self.source:
            lines.append(f"source: {self.source}")
        return "\n".join(lines)


def _show_value(term: Term) -> str:
    """Return a value as text. Decimals after the tenth are cut off, and three dots show it."""
    if term.value is None:
        return "-"
    whole, point, decimals = f"{Decimal(term.value):f}".partition(".")
    return f"{whole}{point}{decimals[:_DECIMALS_SHOWN]}{'...' if len(decimals) > _DECIMALS_SHOWN else ''}"


def _show_line(term: Term, names: int, values: int, units: int) -> str:
    formula = f"= {term.formula}" if term.formula else ""
    return f"{term.name:<{names}}  {_show_value(term):>{values}}  {term.unit:<{units}}  {formula}".rstrip()
