"""Results as rows of a table and as a table of a notebook.

A row is exact: it holds Decimals, amounts of money, instants and durations. A plain row holds what every table,
database and JSON writer takes. One rule for all:

- A Decimal is a float. An amount of money is a float, and the row has the column ``currency``.
- A duration is a float in seconds, and its column is named ``..._seconds``.
- An instant, a date and a period are texts as in ISO 8601. A member of an enum is its value, and a UUID its text.
- A result that has cautions has the column ``cautions``, the names of their rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, cast, get_args, overload

import attrs

from crmcore.primitives import _html, checks
from crmcore.primitives._kinds import is_a
from crmcore.primitives.checks import show
from crmcore.primitives.errors import CurrencyMismatchError, InvalidValueError
from crmcore.primitives.money import Money
from crmcore.primitives.periods import Period
from crmcore.primitives.record import Record, hint_of_property, hints_of

if TYPE_CHECKING:
    from crmcore.primitives.findings import Finding

__all__: list[str] = []  # for the library alone

Cell = bool | int | float | str | Decimal | Money | datetime | timedelta | None
"""The value of a column of `Tally.row`."""

PlainCell = bool | int | float | str | None
"""The value of a column of a plain row."""

_CELLS: Final = (bool, int, float, str, Decimal, Money, datetime, timedelta, NoneType)
_SECOND: Final = timedelta(seconds=1)


class Result(Record):
    """The base class of all results: they have a row and show themselves as a table in a notebook.

    The class variable `ratios` names the properties that `row` returns beside the fields.
    """

    __slots__ = ()
    ratios: ClassVar[tuple[str, ...]] = ()
    _kinds: ClassVar[tuple[frozenset[str], bool]]

    @overload
    def row(self, *, plain: Literal[False] = False) -> dict[str, Cell]: ...
    @overload
    def row(self, *, plain: Literal[True]) -> dict[str, PlainCell]: ...
    def row(self, *, plain: bool = False) -> dict[str, Any]:
        """Return the fields and the derived figures as one row of a table, without those that have several values.

        Args:
            plain: Whether to return only floats, whole numbers, texts, booleans and None, as tables, databases and JSON
                take them: instants and periods as ISO 8601, durations in seconds in a column ``..._seconds``, amounts
                with a column ``currency``, and the rules of the cautions in a column ``cautions``.

        Raises:
            CurrencyMismatchError: A plain row would have amounts in two currencies.
        """
        checks.as_instance(plain, bool, "plain")
        row = self._list_cells()
        return as_plain_row(self, row) if plain else row

    def _list_cells(self) -> dict[str, Cell]:
        """Return the row. A class whose fields say it otherwise replaces this."""
        cls: type[Any] = type(self)
        names = [field.name for field in attrs.fields(cls) if not field.name.startswith("_")]
        cells = {name: getattr(self, name) for name in (*names, *self.ratios)}
        return {name: as_cell(value) for name, value in cells.items() if not _is_several(value)}

    def _list_rows(self) -> Iterable[Mapping[str, object]]:
        """Return the rows that a notebook shows below the row; by default none."""
        return ()

    def _repr_html_(self) -> str:
        rows = [*self._list_rows()]
        parts = [_html.write_facts(type(self).__name__, self._list_cells())]
        if rows:
            parts.append(_html.write_rows("", rows))
        return _html.join(parts, list_cautions(self))


def list_cautions(result: object) -> tuple[Finding, ...]:
    """Return the cautions of a result; none if it has no cautions."""
    return tuple(getattr(result, "cautions", ()))


def as_cell(value: object) -> Cell:
    """Return a value as a cell; a period, a UUID and anything else as its text."""
    return value if is_a(value, _CELLS) else str(value)


def as_plain(value: object) -> PlainCell:  # noqa: PLR0911 - one return for each kind of value
    """Return a value as a plain cell."""
    if is_a(value, Enum):
        return as_plain(value.value)
    if is_a(value, bool | NoneType):
        return value
    if is_a(value, str):
        return str.__str__(value)
    if is_a(value, int):
        return int(value)
    if is_a(value, float | Decimal):
        return float(value)
    if is_a(value, Money):
        return float(value.amount)
    if is_a(value, timedelta):
        return value / _SECOND
    if is_a(value, date):  # an instant is one too
        return value.isoformat()
    if is_a(value, tuple):
        return ", ".join("-" if part is None else str(as_plain(part)) for part in cast("tuple[object, ...]", value))
    return str(value)


def as_plain_row(result: object, row: Mapping[str, object]) -> dict[str, PlainCell]:
    """Return the row of a result as a plain one."""
    durations, has_money = _find_kinds(type(result)) if is_a(result, Result) else (frozenset[str](), False)
    plain: dict[str, PlainCell] = {}
    currencies: set[str] = set()
    for name, value in row.items():
        if is_a(value, Money):
            currencies.add(value.currency)
        is_duration = is_a(value, timedelta) or name in durations
        _add_cell(plain, f"{name}_seconds" if is_duration else name, value)
    if len(currencies) > 1:
        one, other = sorted(currencies)[:2]
        raise CurrencyMismatchError(
            "two_currencies_in_a_row",
            f"the amounts of a plain row must have one currency, got {one} and {other}",
            field="plain",
            advice="read row(), which keeps each amount with its currency",
            operands=(one, other),
        )
    if currencies or has_money:
        _add_cell(plain, "currency", next(iter(currencies), None))
    if hasattr(result, "cautions"):
        rules = dict.fromkeys(finding.rule for finding in list_cautions(result))
        _add_cell(plain, "cautions", ", ".join(rules))
    return plain


def _add_cell(row: dict[str, PlainCell], name: str, value: object) -> None:
    if name in row:
        raise InvalidValueError(
            "two_columns_of_one_name",
            f"the columns of a row must have different names, got {show(name)} twice",
            field="plain",
            advice="read row(), or rename the field",
            operands=(name,),
        )
    row[name] = as_plain(value)


def _is_several(value: object) -> bool:
    return is_a(value, tuple | frozenset | Mapping) or (is_a(value, Record) and not is_a(value, Money | Period))


def _find_kinds(cls: type[Any]) -> tuple[frozenset[str], bool]:
    """Return which columns are durations, and whether one is money, so that both hold for None too."""
    known = cls.__dict__.get("_kinds")
    if known is None:
        hints = hints_of(cls) | {name: hint_of_property(cls, name) for name in cls.ratios}
        kinds = {name: {hint, *get_args(hint)} for name, hint in hints.items()}
        durations = frozenset(name for name, found in kinds.items() if timedelta in found)
        cls._kinds = known = durations, any(Money in found for found in kinds.values())
    return cast("tuple[frozenset[str], bool]", known)
