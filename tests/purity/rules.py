"""What the library may import and must not write, read off its syntax trees."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STANDARD_LIBRARY: Final = {
    "__future__",
    "bisect",
    "collections",
    "collections.abc",
    "datetime",
    "decimal",
    "difflib",
    "enum",
    "fractions",
    "functools",
    "importlib",
    "importlib.machinery",
    "itertools",
    "math",
    "operator",
    "re",
    "statistics",
    "sys",
    "types",
    "typing",
}
THIRD_PARTY: Final = {"attrs", "dateutil.relativedelta"}
ONLY_IN_THE_FACE: Final = {"globals", "importlib", "importlib.machinery", "sys"}
FACES: Final = {"__init__.py", "primitives/_lazy.py", "primitives/_moved.py", "primitives/record.py"}
"""The files that load a module when it is first needed, or find one that moved."""

AMBIENT_METHODS: Final = {"ctime", "fromtimestamp", "now", "strftime", "today", "utcfromtimestamp", "utcnow"}
BANNED_BUILTINS: Final = {"__import__", "breakpoint", "compile", "eval", "exec", "globals", "input", "open", "print"}


def sources(package: Path) -> dict[str, str]:
    """The library's modules by their path in the package; interop's files are extras, each with imports of its own."""
    paths = sorted(path for path in package.rglob("*.py") if path.relative_to(package).parts[0] != "interop")
    return {path.relative_to(package).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Every module that a source imports when it runs, wherever in it, by line."""
    tree = ast.parse(source)
    for_type_checkers = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in for_type_checkers:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, f"{'.' * node.level}{node.module or ''}"


def breaches(path: str, source: str) -> list[str]:
    """What a source does against the rules."""
    is_face = path in FACES
    found: list[tuple[int, str]] = []
    for line, name in imports(source):
        is_own = name.partition(".")[0] == "crmcore"
        if not is_own and (name not in STANDARD_LIBRARY | THIRD_PARTY or (name in ONLY_IN_THE_FACE and not is_face)):
            found.append((line, f"import of {name}"))
    tree = ast.parse(source)
    zoned = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and _names_a_zone(node)}
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr="astimezone") if id(node) not in zoned:
                found.append((node.lineno, "astimezone() without a zone"))
            case ast.Attribute(attr=attr) if attr in AMBIENT_METHODS:
                found.append((node.lineno, f".{attr}"))
            case ast.Name(id=name, ctx=ast.Load()) if name in BANNED_BUILTINS and not (
                is_face and name in ONLY_IN_THE_FACE
            ):
                found.append((node.lineno, name))
            case ast.Call(func=ast.Name(id="rrule") | ast.Attribute(attr="rrule")) if not _names_a_start(node):
                found.append((node.lineno, "rrule without dtstart"))
            case ast.FormattedValue(format_spec=ast.JoinedStr() as spec) if ast.unparse(spec).rstrip("'\"")[-1:] == "n":
                found.append((node.lineno, "the locale's number format"))
            case _:
                pass
    return [f"{path}:{line}: {what}" for line, what in sorted(found)]


def _names_a_zone(call: ast.Call) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(not (isinstance(value, ast.Constant) and value.value is None) for value in given)


def _names_a_start(call: ast.Call) -> bool:
    return any(keyword.arg == "dtstart" for keyword in call.keywords)
