"""How a result is computed, line by line.

Each line has a name and a value. A line whose value was computed also has a formula over the names above it. A test of
this library computes every formula again, so an explanation always agrees with its result.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final, cast

import attrs

from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import plain_repr
from crmcore.primitives.checks import show
from crmcore.primitives.errors import UnknownNameError, WrongTypeError
from crmcore.primitives.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Explanation", "Term"]

_DECIMALS_SHOWN: Final = 10


def _value_repr(value: Decimal | int | None) -> str:
    return plain_repr(value) if isinstance(value, Decimal) else repr(value)


@attrs.frozen
class Term:
    """One line of an explanation.

    Attributes:
        name: A name, which formulas of later lines may use.
        value: The value; None if it is unknown.
        unit: The unit of the value, such as ``EUR`` or ``per year``.
        formula: An expression over the names of earlier lines, with ``+ - * / **``, numbers, and the functions min,
            max, ceil, ln and exp. It is empty for a given value.
    """

    name: str
    value: Decimal | int | None = attrs.field(repr=_value_repr)
    unit: str = ""
    formula: str = ""

    def __attrs_post_init__(self) -> None:
        for name in ("name", "unit", "formula"):
            checks.as_text(getattr(self, name), name)
        if self.value is not None and (isinstance(self.value, bool) or not isinstance(self.value, Decimal | int)):
            raise WrongTypeError(f"value must be a Decimal, an int or None, got {show(self.value)}", "value")

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


def _terms(terms: Iterable[Term]) -> tuple[Term, ...]:
    return cast("tuple[Term, ...]", terms)


@attrs.frozen
class Explanation:
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

    terms: tuple[Term, ...] = attrs.field(converter=_terms)
    source: str = ""

    def __attrs_post_init__(self) -> None:
        checks.set_field(self, "terms", checks.as_tuple(self.terms, Term, "terms"))
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
        raise UnknownNameError(f"no line is named {show(name)}; there are {names}", name)

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
