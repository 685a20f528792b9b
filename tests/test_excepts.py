"""Our errors are builtins too: ``except ValueError`` around a call of ours would hide them, and bugs with them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import crmcore

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE: Final = Path(crmcore.__file__).parent

WIDE: Final = {
    *("ArithmeticError", "AttributeError", "BaseException", "Exception", "IndexError", "KeyError", "LookupError"),
    *("TypeError", "ValueError"),
}
"""What an error of ours may be, and what a mistake in code may raise."""

SIMPLE: Final = (ast.Return, ast.Assign, ast.AnnAssign, ast.Expr)

FOREIGN: Final = {
    *("Decimal", "date", "timedelta", "relativedelta"),
    *("date.fromisoformat", "datetime.fromisoformat"),
    *("add_plain", "read_plain"),  # methods of a decimal context
    *("cast", "map", "repeat", "zip"),
}
"""Calls of the standard library and of python-dateutil that run no code of ours and none of the caller's.

Methods of our decimal contexts, such as ``EXACT.plus``, are among them.
"""
CONTEXTS: Final = {"DEEP", "EXACT", "RATIO", "WIDE", "_GATE", "_SHORT"}

ALLOWED: Final = {
    ("interop/_json.py", "parse"): "the parsers say with these errors that a text is not of their form; none is ours",
    ("journeys/log.py", "decode"): "each text is checked and decoded again, where nothing is caught",
    ("journeys/log.py", "_as_microseconds"): "each instant is then checked by itself, where nothing is caught",
    ("primitives/_reading.py", "read"): "an enum says with it that a text is no member's",
    ("primitives/checks.py", "as_label"): "an enum says with it that a text is no member's",
    (
        "primitives/_zones.py",
        "find_wall_time",
    ): "a zone of the caller may raise anything; it is refused, with its error",
    ("primitives/_zones.py", "find_instant"): "the same",
    ("primitives/_zones.py", "find_offset"): "the same",
    ("primitives/checks.py", "_show_date"): "the same: the text is for another error",
    ("primitives/checks.py", "_show_member"): "an enum of the caller may raise anything; the text is for another error",
    ("primitives/checks.py", "as_instant"): "a zone of the caller may raise anything; it is refused, with its error",
    ("primitives/checks.py", "_is_fixed"): "a zone of the caller may raise anything; it is then refused",
    ("primitives/checks.py", "_check_has_offsets"): "a zone of the caller may raise anything; it is refused",
    ("primitives/checks.py", "iterate"): "whether the caller's object iterates; its error is the cause of ours",
    ("primitives/checks.py", "check_unique"): "whether the caller's objects can be hashed",
    ("primitives/checks.py", "find_int"): "whether the caller's object is a whole number",
    ("model/survey.py", "_as_answers"): "whether the caller's object iterates",
    ("primitives/grouping.py", "_check_leaf"): "whether the caller's object can be hashed, and equals itself",
    ("primitives/money.py", "__init__"): "catches only errors of decimal, in the hottest constructor",
    ("retention/survival/_columns.py", "_read_ended"): "whether the caller's objects can be hashed",
    ("voice/loyalty/_distribution.py", "count_states"): "whether the caller's objects can be hashed",
}
"""The places where more is caught, or from more code, by file and function, each with its reason."""


def faults(source: str) -> Iterator[tuple[str, str]]:
    """Yield what a source catches too widely: the function, and what is wrong."""
    tree = ast.parse(source)
    owners = {
        id(inner): node.name
        for node in ast.walk(tree)  # outer functions come first, so that the innermost one stays
        if isinstance(node, ast.FunctionDef)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        owner = owners.get(id(node), "")
        if isinstance(node, ast.Name | ast.alias) and "suppress" in (
            getattr(node, "id", ""),
            getattr(node, "name", ""),
        ):
            yield owner, "suppress"
        if not isinstance(node, ast.Try):
            continue
        if len(node.body) != 1 or not isinstance(node.body[0], SIMPLE):
            yield owner, "more than one simple statement"
        caught = {name for handler in node.handlers for name in _names(handler.type)}
        if not caught & WIDE:
            continue
        calls = [inner for statement in node.body for inner in ast.walk(statement) if isinstance(inner, ast.Call)]
        yield from ((owner, f"{ast.unparse(call.func)}()") for call in calls if not _is_foreign(call.func))
        if caught & {"Exception", "BaseException"}:
            yield owner, "anything"


def _names(types: ast.expr | None) -> set[str]:
    if types is None:
        return {"BaseException"}
    return {inner.id for inner in ast.walk(types) if isinstance(inner, ast.Name)}


def _is_foreign(function: ast.expr) -> bool:
    name = ast.unparse(function)
    return name in FOREIGN or name.partition(".")[0] in CONTEXTS


class TestExcepts:
    def test_only_the_one_expression_that_may_raise_is_tried(self) -> None:
        """No ``except`` with a builtin stands around code of ours or of the caller, but where a reason is given."""
        found = {
            (path.relative_to(PACKAGE).as_posix(), owner): what
            for path in sorted(PACKAGE.rglob("*.py"))
            for owner, what in faults(path.read_text(encoding="utf-8"))
        }

        assert {place: what for place, what in found.items() if place not in ALLOWED} == {}
        assert set(ALLOWED) - set(found) == set()

    @pytest.mark.parametrize(
        ("body", "caught", "expected"),
        [
            ("x = date(y, m, d)", "ValueError", []),
            ("return EXACT.plus(x)", "(Inexact, ValueError)", []),
            ("x = read(y)", "CrmcoreError", []),
            ("x = read(y)", "OverflowError", []),
            ("x = read(y)", "ValueError", ["read()"]),
            ("x = read(y)", "(OverflowError, TypeError)", ["read()"]),
            ("x = y[0]", "Exception", ["anything"]),
            ("x = y[0]", "", ["anything"]),
            ("x = 1; y = 2", "OverflowError", ["more than one simple statement"]),
            ("for x in y: pass", "OverflowError", ["more than one simple statement"]),
        ],
    )
    def test_fault_is_noticed(self, body: str, caught: str, expected: list[str]) -> None:
        """The rule sees what it is for."""
        source = f"def f():\n    try:\n        {body}\n    except {caught}:\n        pass\n"

        assert [what for _, what in faults(source)] == expected

    @pytest.mark.parametrize("source", ["from contextlib import suppress", "with suppress(ValueError): f()"])
    def test_suppress_is_no_way_around(self, source: str) -> None:
        """What is suppressed is not seen at all."""
        assert [what for _, what in faults(source)] == ["suppress"]
