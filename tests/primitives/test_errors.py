from __future__ import annotations

import copy
import inspect
import pickle
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest

from crmcore import CrmcoreError, Money, TimeUnit
from crmcore.primitives import errors
from crmcore.primitives._entry import shown

ALL = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, CrmcoreError)]


class TestErrors:
    @pytest.mark.parametrize("cls", ALL)
    def test_each_is_a_builtin_too(self, cls: type[CrmcoreError]) -> None:
        """A caller who does not know the library catches them by the usual names."""
        builtin = {
            "WrongTypeError": TypeError,
            "UnknownNameError": KeyError,
            "DivergenceError": ArithmeticError,
            "CrmcoreError": Exception,
        }

        assert issubclass(cls, builtin.get(cls.__name__, ValueError))

    @pytest.mark.parametrize("cls", ALL)
    def test_each_pickles_with_its_operands(self, cls: type[CrmcoreError]) -> None:
        """Message and operands survive a process boundary."""
        error = cls("share must be a fraction, got 2", "share", Decimal(2))
        for copied in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
            assert cls is type(copied)
            assert "share must be a fraction, got 2" == str(copied)
            assert ("share", Decimal(2)) == copied.operands

    def test_one_without_a_message(self) -> None:
        """A bare error has no text and no operands."""
        assert ("", ()) == (str(CrmcoreError()), CrmcoreError().operands)


class Colour(Enum):
    RED = 1


class Lawless(date):
    """A date that cannot be written."""

    def isoformat(self) -> str:  # noqa: D102 - date's
        raise KeyError


class TestShown:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (5, "5"),
            (10**30, "1" + "0" * 30),
            (-(10**31), "an int of 103 bits"),
            pytest.param(10**5000, "an int of 16610 bits", id="10**5000"),
            (True, "True"),
            (None, "None"),
            (0.1, "0.1"),
            (Decimal("1E+5"), "Decimal('1E+5')"),
            ("abc", "'abc'"),
            ("a" * 41, "'" + "a" * 39 + "..."),
            pytest.param("a" * 10**6, "'" + "a" * 39 + "...", id="a million letters"),
            (date(2026, 1, 2), "2026-01-02"),
            (Lawless(2026, 1, 2), "Lawless"),
            (TimeUnit.DAY, "<TimeUnit.DAY: 'day'>"),
            (Colour.RED, "an object of type Colour"),
            ([1] * 10**6, "an object of type list"),
            (Money(1, "EUR"), "an object of type Money"),
        ],
    )
    def test_values_are_short_and_safe(self, value: Any, expected: str) -> None:
        """Numbers, texts and times in full up to a length; of anything else only the type."""
        assert expected == shown(value)
