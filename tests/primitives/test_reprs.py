"""The `repr` of records and tables: whole if it is short, else the beginning of each part."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest

from crmcore import FailureRate, Money, TallyBy
from crmcore.primitives import _reprs
from crmcore.primitives.record import Record

RATE = "FailureRate(good=1, bad=0, neutral=0)"


@attrs.frozen(kw_only=True)
class Shelf(Record):
    """A record that holds anything."""

    held: Any = None


def table(number: int) -> TallyBy[Any, FailureRate]:
    """Return a table of so many keys."""
    return TallyBy({key: FailureRate(good=1) for key in range(number)})


def items(number: int, first: int, size: int = 1) -> str:
    """Return what is shown of a collection of texts, of which the first ones are shown, each cut to a size."""
    shown = ", ".join([f"'{'x' * (size - 1)}..."] * first)
    return f"{shown}, ... {number - first:,} more"


class TestShort:
    @pytest.mark.parametrize(
        "held",
        [
            None, 5, "a", (), (1,), (1, "a"), ((1, 2), (3,)), frozenset(), frozenset({7}), Decimal("0.5"),
            Money("1.50", "EUR"), (Money(1, "EUR"), Decimal("1E+5")), Shelf(held=(Shelf(), 5)), table(0), table(2),
            (table(1), Shelf(held=table(1))),
        ],
    )  # fmt: skip
    def test_is_what_python_writes(self, held: Any) -> None:
        """A value is written as by itself, in a record and in a tuple, and evaluating it gives it back."""
        names = {"Shelf": Shelf, "Money": Money, "Decimal": Decimal, "TallyBy": TallyBy, "FailureRate": FailureRate}

        assert f"Shelf(held={held!r})" == repr(Shelf(held=held))
        assert f"Shelf(held=({held!r},))" == repr(Shelf(held=(held,)))
        assert Shelf(held=held) == eval(repr(Shelf(held=held)), names)

    def test_a_class_within_a_function(self) -> None:
        """Its name is written without that of the function, and with that of the class around it."""

        class Outer:
            @attrs.frozen
            class Inner(Record):
                size: int = 1

        assert "Outer.Inner(size=1)" == repr(Outer.Inner())

    def test_of_tables(self) -> None:
        """A table with few keys is written as a mapping, with commas between its pairs."""
        assert "TallyBy({})" == repr(table(0))
        assert f"TallyBy({{0: {RATE}, 1: {RATE}}})" == repr(table(2))


class TestLong:
    def test_two_hundred_items_are_shown(self) -> None:
        """Of a collection with small items, two hundred are shown, and how many more there are."""
        first = ", ".join(map(str, range(200)))

        assert f"Shelf(held=({first}))" == repr(Shelf(held=(*range(200),)))
        assert f"Shelf(held=({first}, ... 1,800 more))" == repr(Shelf(held=(*range(2000),)))

    @pytest.mark.parametrize(
        ("held", "expected"),
        [
            (("x" * 300,) * 9, f"({items(9, 5, 200)})"),
            ((("x" * 300,) * 2000,) * 2, f"(({items(2000, 5, 100)}), ({items(2000, 5, 100)}))"),
            ((("x" * 300,) * 9,) * 9, f"(({items(9, 2, 40)}), ({items(9, 2, 40)}), ... 7 more)"),
            ("x" * 3000, f"'{'x' * 199}..."),
            (b"x" * 3000, f"b'{'x' * 198}..."),
        ],
    )
    def test_shows_the_beginning_of_each_part(self, held: Any, expected: str) -> None:
        """Fewer items and characters are shown, as many as still fit into two thousand characters."""
        assert f"Shelf(held={expected})" == repr(Shelf(held=held))
        assert len(repr(Shelf(held=held))) <= _reprs.LONGEST

    def test_of_tables(self) -> None:
        """A long table shows how many tallies of which class it has, and the first of them."""
        pairs = ", ".join(f"{key}: {RATE}" for key in range(5))
        expected = f"TallyBy of 2,000 FailureRate, first 5: {{{pairs}}}"

        assert expected == repr(table(2000))
        assert f"Shelf(held={expected})" == repr(Shelf(held=table(2000)))
        assert f"Shelf(held=({expected},))" == repr(Shelf(held=(table(2000),)))
        assert f"Shelf(held=({expected}, ({items(9, 5, 200)})))" == repr(Shelf(held=(table(2000), ("x" * 300,) * 9)))
