"""Hostile values for every field of every noun, derived from the model's annotations."""

from __future__ import annotations

import inspect
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import attrs
import pytest
from hypothesis import Phase, find, settings

from crmcore import CrmcoreError, Money
from tests.support.hostile import Index
from tests.support.strategies import VALUES
from tests.support.walk import public_classes

NOUNS = [cls for cls in public_classes() if attrs.has(cls) and cls.__module__.startswith("crmcore.model.")]
FIRST = settings(database=None, phases=[Phase.generate])  # any example will do: no need to shrink it


class _NotATime(datetime):
    """A datetime that is not a time, like pandas.NaT."""

    def utcoffset(self) -> Any:
        raise ValueError("NaT")


def _kinds(hint: Any) -> set[Any]:
    """Return the types that a field's annotation names, without those inside collections."""
    if isinstance(hint, UnionType) or str(get_origin(hint)) == "typing.Union":
        return set().union(*map(_kinds, get_args(hint)))
    return {get_origin(hint) or hint}


REFUSED: list[tuple[set[type], list[Any]]] = [
    ({datetime}, [datetime(2026, 1, 1), date(2026, 1, 1), "2026-01-01", _NotATime(2026, 1, 1), 1.5]),  # noqa: DTZ001
    ({str, int}, ["", True, 1.5, b"x", Index(1)]),
    ({str}, [5.0, b"x"]),
    ({int}, [-1.5, True, b"x"]),
    ({Decimal}, ["x", Decimal("NaN"), Decimal("sNaN"), float("inf"), [], True, 10**5000]),
    ({Money}, [5, 0.5, "5 EUR"]),
    ({tuple}, ["a lone text", 5, [object()]]),
    ({frozenset}, ["a lone text", 5, [object()]]),
    ({bool}, [1, "yes"]),
]
"""Types, and the values that a field may not take if its annotation names all of these types."""


def _hostile(hint: Any) -> list[Any]:
    """Return values that no field of such a type may take."""
    kinds = _kinds(hint)
    values: list[Any] = [object()]
    for types, refused in REFUSED:
        if types <= kinds:
            values += refused
    for kind in kinds:
        if inspect.isclass(kind) and issubclass(kind, Enum):
            values += [next(iter(kind)).value, "no member"]
    return values


CASES = [
    pytest.param(noun, field, value, id=f"{noun.__name__}.{field.name}-{number}")
    for noun in NOUNS
    for field in attrs.fields(noun)
    for number, value in enumerate(_hostile(get_type_hints(noun)[field.name]))
]


@cache
def plain(noun: type) -> Any:
    """Return the first instance of a noun that Hypothesis finds."""
    return find(VALUES[noun], lambda _: True, settings=FIRST)


class TestHostile:
    def test_every_noun_is_here(self) -> None:
        """The walk finds the nouns of the model."""
        assert {"Customer", "Interaction", "Journey", "MomentOfTruth", "Purchase"} <= {noun.__name__ for noun in NOUNS}

    @pytest.mark.parametrize(("noun", "field", "value"), CASES)
    def test_is_refused_by_name(self, noun: type, field: Any, value: Any) -> None:
        """A hostile value raises an error of this library that names the field and shows no object address."""
        with pytest.raises(CrmcoreError) as caught:
            attrs.evolve(plain(noun), **{field.alias: value})

        assert field.alias in str(caught.value)
        assert "object at 0x" not in str(caught.value)

    @pytest.mark.parametrize("noun", NOUNS)
    def test_arguments_are_named(self, noun: type) -> None:
        """The fields of a noun are keyword-only."""
        with pytest.raises(TypeError):
            noun(*(field.default for field in attrs.fields(noun)))
