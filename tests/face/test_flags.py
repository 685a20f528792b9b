"""A flag is True or False: what only looks like one, such as a text, would be taken for True in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from crmcore import Balance, Employee, Flow, Money, Table, TallyBy, render
from crmcore.primitives.errors import WrongTypeError
from crmcore.primitives.proportions import wilson
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Callable

ASKS: dict[str, Callable[[Any], object]] = {
    "plain": lambda flag: Balance(good=1).row(plain=flag),
    "plain of an explanation": lambda flag: Balance(good=1).explain().rows(plain=flag),
    "plain of a table": lambda flag: TallyBy({"a": Balance(good=1)}).rows(plain=flag),
    "plain of a result": lambda flag: Flow().rows(plain=flag),
    "continuity": lambda flag: wilson(1, 2, continuity=flag),
    "to_sell": lambda flag: Employee(id=1).decide(Money(1, "EUR"), to_sell=flag),
}


class TestFlags:
    @pytest.mark.parametrize("ask", ASKS)
    @pytest.mark.parametrize("flag", ["no", 1, None, []])
    def test_is_true_or_false(self, ask: str, flag: Any) -> None:
        """Anything else is refused."""
        with refused(WrongTypeError, f"wrong_type: {ask.partition(' ')[0]}"):
            ASKS[ask](flag)


class TestMarks:
    @pytest.mark.parametrize("marks", [[("today", 0.5)], "today", 5])
    @pytest.mark.parametrize("draw", [render.trend, render.value_by_retention])
    def test_are_a_mapping(self, draw: Any, marks: Any) -> None:
        """Marks have names."""
        with refused(WrongTypeError, "not_a_mapping: marks"):
            draw({}, marks=marks)


class TestKeys:
    def test_of_a_table(self) -> None:
        """The key of a table is a function."""
        with refused(WrongTypeError, "not_a_function: key"):
            Table(Employee, {"id": [1]}).keys_by("id")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
