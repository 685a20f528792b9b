"""Every rule that the library enforces or tells of, read from its source.

``python -m tests.face.rules`` writes the page anew.
"""

from __future__ import annotations

import ast
import inspect
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import crmcore
from crmcore.primitives import errors
from tests.face.documents import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE: Final = ROOT / "src" / "crmcore"
PAGE: Final = ROOT / "docs" / "reference" / "rules.md"
ERRORS: Final = {
    name
    for name, cls in inspect.getmembers(errors, inspect.isclass)
    if issubclass(cls, crmcore.CrmcoreError) and cls.__module__ == errors.__name__
}
_WINGS: Final = {
    "primitives": "Values, numbers, money and time",
    "model": "The nouns",
    "value": "Value",
    "retention": "Retention",
    "journeys": "Journeys",
    "voice": "Voice",
    "service": "Service",
    "render": "Pictures",
    "interop": "Other libraries",
}
_HEAD: Final = """\
# Rules

Every error of the library names the rule that was broken, in its attribute `rule`. The guide
[Errors](../guides/errors.md) shows how to use it. A rule keeps its name; a rename is in the changelog. `FIELD` is the
name of the field or argument, and `…` is a value. The column "Operands" says how many values the attribute `operands`
of the error has: a number, nothing if there are none, or `…` if it depends on the input.
"""
_FINDINGS: Final = """\
## Findings

A finding, such as a caution of a result, names its rule too, and in its `evidence` the numbers and texts behind the
message, under these names. Findings about relationships and follow-ups also name `concept` and `source`.

| Rule | Evidence |
|---|---|"""


class Rule(NamedTuple):
    """A rule, as it stands in the source: where, its name, its error, how many operands it has, and what must hold."""

    path: Path
    line: int
    name: str
    error: str
    operands: str
    """Their number, nothing if there are none, or as a value if that depends."""
    message: str


def calls() -> Iterator[tuple[Path, ast.Call]]:
    """Every place of the source that builds an error of the library."""
    for path in sorted(SOURCE.rglob("*.py")):
        if path.name == "errors.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                yield path, node


def rules() -> Iterator[Rule]:
    """Every rule, in the order of the source."""
    for path, call in calls():
        name, message, *_ = call.args
        assert isinstance(call.func, ast.Name)
        assert isinstance(name, ast.Constant), f"{path}:{call.lineno} names its rule by an expression"
        operands = next((keyword.value for keyword in call.keywords if keyword.arg == "operands"), None)
        yield Rule(path, call.lineno, str(name.value), call.func.id, _count(operands), "".join(_read(message)))


def _count(operands: ast.expr | None) -> str:
    """How many operands an error has."""
    if operands is None:
        return ""
    items = operands.elts if isinstance(operands, ast.Tuple) else [ast.Starred(operands)]
    return "…" if any(isinstance(item, ast.Starred) for item in items) else str(len(items))


def _read(message: ast.expr) -> Iterator[str]:
    """Read a message with its values left out."""
    match message:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            for part in parts:
                yield from _read(part)
        case ast.FormattedValue(value=ast.Name(id="name")):
            yield "FIELD"
        case _:
            yield "…"


def findings() -> dict[str, list[str]]:
    """The rule of each finding, where it is a literal or that of a catalogue, and the labels of its evidence."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = [*ast.walk(tree)]
        catalogue = {ast.unparse(node.target): node.value for node in tree.body if isinstance(node, ast.AnnAssign)}
        builders = {"Finding", "Rule", "_Rule", "build_caution", "find"} | {
            node.name
            for node in nodes
            if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) == "Finding"
        }
        for node in nodes:
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in builders:
                for name in _names_of(node, catalogue):
                    found[name] += [label for label in _labels(node) if label not in found[name]]
    return found


def operands() -> dict[str, tuple[str, int]]:
    """How many operands the error of each rule has, and how many values its message shows, as the page says."""
    rows = [line.split("|") for line in PAGE.read_text(encoding="utf-8").splitlines() if "Error` |" in line]
    return {name.strip(" `"): (number.strip(), message.count("…")) for _, name, _, number, message, *_ in rows}


def _names_of(call: ast.expr | None, catalogue: dict[str, ast.expr | None]) -> Iterator[str]:
    """The rules of a finding: that of an entry of a catalogue, the first argument, or a keyword."""
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=entry))) if entry in catalogue:
            yield from _names_of(catalogue[entry], {})
        case ast.Call(args=[ast.Name(id=entry), *_]) if entry in catalogue:
            yield from _names_of(catalogue[entry], {})
        case ast.Call(args=[ast.Constant(value=str(name)), *_]):
            yield name
        case ast.Call(keywords=[ast.keyword(arg="rule", value=rule), *_]):
            literals = [rule.body, rule.orelse] if isinstance(rule, ast.IfExp) else [rule]
            yield from (str(one.value) for one in literals if isinstance(one, ast.Constant))
        case _:
            pass


def _labels(call: ast.Call) -> Iterator[str]:
    """The labels of the evidence of a finding: a text with its value."""
    for node in ast.walk(call):
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[0], ast.Constant):
            yield str(node.elts[0].value)


def _lines() -> Iterator[str]:
    yield _HEAD
    found = list(rules())
    for wing, title in _WINGS.items():
        here = sorted(
            (rule for rule in found if rule.path.relative_to(SOURCE).parts[0] == wing), key=lambda one: one.name
        )
        if here:
            yield f"## {title}\n\n| Rule | Error | Operands | What must hold |\n|---|---|---|---|"
            for rule in here:
                message = rule.message.replace("|", "\\|").replace("<", "&lt;")
                yield f"| `{rule.name}` | `{rule.error}` | {rule.operands} | {message} |".replace("|  |", "| |")
            yield ""
    yield _FINDINGS
    for name, labels in sorted(findings().items()):
        yield f"| `{name}` | {', '.join(f'`{label}`' for label in labels)} |".replace("|  |", "| |")
    yield ""


def page() -> str:
    """The page of the documentation that lists the rules."""
    return "\n".join(_lines())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
