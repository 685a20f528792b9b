"""The fields and arguments that errors name, read from the source."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from tests.face.rules import ERRORS, SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAKES_A_NAME: Final = re.compile(r"_?(as|check|iterate|is_repeated|group_by|read|refuse)(_|\b)")
"""Functions that name what they were given in their error, by the parameter `name`."""


def _arguments(function: ast.FunctionDef) -> list[str]:
    """The parameters of a function, those with a place first."""
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return [one.arg for one in every if one and one.arg not in {"self", "cls"}]


def _called(call: ast.Call) -> str:
    """The last name of what is called."""
    return getattr(call.func, "attr", "") or getattr(call.func, "id", "")


def unknown_names() -> Iterator[str]:
    """Each field or argument that the source names for an error, and that nothing in the package has."""
    paths = [path for path in sorted(SOURCE.rglob("*.py")) if path.relative_to(SOURCE).parts[0] != "interop"]
    nodes = [(path, node) for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    functions = [node for _, node in nodes if isinstance(node, ast.FunctionDef)]
    arguments = {function: _arguments(function) for function in functions}
    fields = {getattr(node.target, "id", "") for _, node in nodes if isinstance(node, ast.AnnAssign)}
    known = fields.union(*arguments.values(), (function.name for function in functions), (one[1:] for one in fields))
    places = {
        (function.name, names.index("name"))
        for function, names in arguments.items()
        if "name" in names and _TAKES_A_NAME.match(function.name)
    }
    for path, node in nodes:
        if isinstance(node, ast.Call):
            called = _called(node)
            named = [one.value for one in node.keywords if one.arg == "field" and called in ERRORS]
            named += [argument for place, argument in enumerate(node.args) if (called, place) in places]
            for text in (ast.literal_eval(name) for name in named if isinstance(name, ast.Constant)):
                if text and re.split(r"[.\[]", text)[0] not in known:
                    yield f"{path.relative_to(SOURCE)}:{node.lineno}: {text}"
