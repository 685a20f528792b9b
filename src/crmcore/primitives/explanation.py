"""How a result is computed, line by line.

Each line has a name and a value. A line whose value was computed also has a formula over the names above it. A test of
this library computes every formula again, so an explanation always agrees with its result.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final

import attrs

from crmcore.primitives import _clock, _html, checks
from crmcore.primitives._decimals import cut_decimals
from crmcore.primitives._kinds import is_a
from crmcore.primitives._results import Cell, Result
from crmcore.primitives._shown import as_sentence
from crmcore.primitives.checks import describe, show
from crmcore.primitives.errors import InvalidValueError, UnknownNameError, WrongTypeError
from crmcore.primitives.findings import Finding
from crmcore.primitives.money import Money
from crmcore.primitives.record import Kind, Name, several, text

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Explanation", "Term"]


def _as_figure(value: object, name: str) -> Decimal | int | None:
    if value is not None and (is_a(value, bool) or not is_a(value, Decimal | int)):
        raise WrongTypeError(
            "not_a_figure", f"{name} must be an exact number or empty, got {describe(value)}", **checks.at_fault(name)
        )
    if is_a(value, Decimal) and not value.is_finite():
        raise InvalidValueError(
            "figure_not_finite", f"{name} must be finite, got {show(value)}", **checks.at_fault(name)
        )
    return None if value is None else checks.as_figure(value, name)


_LINES: Final = 50
"""How many lines a notebook shows."""

_LONGEST_NAME: Final = 200
"""The characters of the longest name in a line."""

_FIGURE: Final = Kind(_as_figure)


@attrs.frozen
class Term(Result):
    """One line of an explanation.

    Attributes:
        name: A name, which formulas of later lines may use.
        value: The value; None if it is unknown.
        unit: The unit of the value, such as ``EUR`` or ``per year``.
        formula: An expression over the names of earlier lines, with ``+ - * / **``, numbers, and the functions min,
            max, ceil, ln and exp. It is empty for a given value.
    """

    name: Name
    value: Annotated[Decimal | int | None, _FIGURE]
    unit: str = attrs.field(default="", converter=text)
    formula: str = attrs.field(default="", converter=text)

    def __str__(self) -> str:
        return _show_line(_list_parts(self), 0, 0, 0)

    def _list_cells(self) -> dict[str, Cell]:
        """Return the row; the value is a Decimal, so that all lines of a table have one type."""
        return {**super()._list_cells(), "value": None if self.value is None else Decimal(self.value)}


def term(name: str, value: Decimal | int | Money | None, unit: str = "", formula: str = "") -> Term:
    """Return a line of an explanation. Of an amount of money, the currency precedes the unit."""
    if is_a(value, Money):
        return Term(name, value.amount, f"{value.currency}{unit}", formula)
    return Term(name, value, unit, formula)


def term_in_days(name: str, length: timedelta, as_of: datetime | None) -> Term:
    """Return a line of an explanation for a duration in days, which may count back from a reference date."""
    unit = "days" if as_of is None else f"days to {as_of.isoformat()}"
    return Term(name, _clock.days(_clock.microseconds(length)), unit)


@attrs.frozen
class Explanation(Result):
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

    A look-up by name reads the lines one by one. To ask for many of thousands, build
    ``{line.name: line for line in lines}`` once.

    Attributes:
        terms: The lines.
        source: Where the formula is published.
        cautions: What to know before you quote the result.
    """

    terms: tuple[Term, ...] = attrs.field(converter=several)
    source: str = attrs.field(default="", converter=text)
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several, repr=False)

    def _check(self) -> None:
        super()._check()
        checks.check_unique([term.name for term in self.terms], "terms", "a name")

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms)

    def __len__(self) -> int:
        return len(self.terms)

    def __getitem__(self, name: str, /) -> Term:
        wanted = checks.as_nonempty_text(name, "name")
        for term in self.terms:
            if term.name == wanted:
                return term
        names = ", ".join(term.name for term in self.terms)
        raise UnknownNameError(
            "no_such_line",
            f"name must be that of a line, got {show(name)}",
            field="name",
            advice=f"there are {names}" if names else "there are no lines",
        )

    def rows(self, *, plain: bool = True) -> list[dict[str, Any]]:
        """Return a row for each line: name, value, unit and formula.

        Examples:
            >>> from crmcore import Balance
            >>> Balance(good=12, bad=2).explain().rows()[0]
            {'name': 'good', 'value': 12.0, 'unit': 'moments', 'formula': ''}

        Args:
            plain: Whether the value is a float, and not a Decimal.
        """
        checks.as_instance(plain, bool, "plain")
        return [term.row(plain=True) if plain else term.row() for term in self.terms]

    def _repr_html_(self) -> str:
        caption = f"Explanation, source: {self.source}" if self.source else "Explanation"
        return _html.join([_html.write_rows(caption, self.rows(plain=False), most=_LINES)], self.cautions)

    def __str__(self) -> str:
        rows = [_list_parts(term) for term in self.terms]
        names, values, units = (max((len(row[part]) for row in rows), default=0) for part in range(3))
        lines = [_show_line(row, names, values, units) for row in rows]
        if self.source:
            lines.append(as_sentence(f"source: {self.source}"))
        lines += [as_sentence(f"caution: {caution.rule}: {caution.message}") for caution in self.cautions]
        return "\n".join(lines)


def _list_parts(term: Term) -> tuple[str, str, str, str]:
    """Return a line as texts: name, value, unit and formula. Decimals after the tenth are cut off, with three dots."""
    value = "-" if term.value is None else cut_decimals(Decimal(term.value))
    formula = f"= {as_sentence(term.formula)}" if term.formula else ""
    return as_sentence(term.name, _LONGEST_NAME), value, as_sentence(term.unit, _LONGEST_NAME), formula


def _show_line(parts: tuple[str, str, str, str], names: int, values: int, units: int) -> str:
    name, value, unit, formula = parts
    return f"{name:<{names}}  {value:>{values}}  {unit:<{units}}  {formula}".rstrip()
