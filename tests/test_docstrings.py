from __future__ import annotations

import ast
import doctest
import inspect
import re
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.walk import modules, public_classes, public_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

MODULES = list(modules())

WITHOUT_EXAMPLE: Final = {
    "crmcore.primitives.explanation.Term": "Explanation's example shows it",
    "crmcore.primitives.control_charts.cochran_armitage": "Trend's example shows it",
    "crmcore.primitives.control_charts.first_alarms": "FirstAlarms's example shows it",
    "crmcore.primitives.control_charts.homogeneity": "Homogeneity's example shows it",
    "crmcore.primitives.proportions.two_proportions": "TwoProportions's example shows it",
    "crmcore.retention.churn.compounded_daily": "sum_of_daily's example shows both",
    "crmcore.value.cashflow.compare": "PlanComparison's example shows it",
}
"""The public functions and records whose docstring holds no example, and why it needs none."""


def _examples(module: ModuleType) -> Iterator[doctest.DocTest]:
    """The examples of a module, found in its source: nothing depends on where a class says that it lives."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        docstring = ast.get_docstring(node) if isinstance(node, documented) else None
        if docstring:
            name = getattr(node, "name", "")
            line = getattr(node, "lineno", 1)
            yield doctest.DocTestParser().get_doctest(
                docstring, vars(module).copy(), f"{module.__name__} {name}", module.__file__, line
            )


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_run(module: ModuleType) -> None:
    """Every example in a docstring shows what the installed library answers."""
    complaints: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    for test in _examples(module):
        runner.run(test, out=complaints.append)

    assert "".join(complaints) == ""


def test_every_public_name_has_an_example() -> None:
    """Every public function and record shows in its docstring what it answers, but for those listed with a reason.

    The members of an enum are its example; an error is shown by those who raise it.
    """
    shown = {
        name: value
        for name, value in public_names().items()
        if not (inspect.isclass(value) and issubclass(value, Enum | BaseException))
    }

    assert set(WITHOUT_EXAMPLE) == {name for name, value in shown.items() if ">>>" not in (value.__doc__ or "")}


@pytest.mark.parametrize(
    "enum", [cls for cls in public_classes() if issubclass(cls, StrEnum)], ids=lambda enum: enum.__name__
)
def test_every_member_is_named(enum: type[StrEnum]) -> None:
    """The docstring of an enum says of every member, by its name, what it means; an alias is named too."""
    named = set(re.findall(r"(?:^ +|`)([A-Z][A-Z0-9_]*)(?=[:`])", enum.__doc__ or "", re.MULTILINE))

    assert set(enum.__members__) == named
