"""What builds records from the rows of statistics."""

from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT
from crmcore.primitives._kinds import is_a
from crmcore.primitives.tally import Tally

_T = TypeVar("_T", bound=Tally)
_E = TypeVar("_E", bound=Enum)


def multiply(tally: _T, number: int) -> _T:
    """Return the sum of a number of equal tallies."""
    counts = {
        field.alias: _multiply(getattr(tally, field.name), number)
        for field in attrs.fields(type(tally))
        if field.init and not field.metadata.get("policy")
    }
    return cast("_T", attrs.evolve(cast("Any", tally), **counts))


def _multiply(value: Any, number: int) -> Any:  # noqa: ANN401 - a count of any type
    if is_a(value, tuple):
        return tuple(_multiply(one, number) for one in value)
    return EXACT.multiply(value, number) if is_a(value, Decimal) else value * number


def read_member(cell: object, enum: type[_E], name: str) -> _E:
    """Return the member of an enum that a text of a column names."""
    known = {member.value: member for member in enum}
    return known[cell] if is_a(cell, str) and cell in known else checks.as_member(cell, enum, name)
