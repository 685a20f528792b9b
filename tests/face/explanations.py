"""What every explanation says, without the figures. ``python -m tests.face.explanations`` writes it anew.

The figures are recomputed from the formulas elsewhere; names, units and formulas are texts, which only a reader can
judge.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.corpus.write import candidates, public_classes
from tests.face.rules import SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmcore.primitives.explanation import Explanation

SNAPSHOT: Final = Path(__file__).with_name("explanations.txt")
FIGURES: Final = {"share": (3, 40), "value": 7}
"""What a chart is asked to explain."""


def rows(explanation: Explanation) -> Iterator[str]:
    """The terms of an explanation, without figures."""
    for term in explanation:
        unit = f" [{term.unit}]" if term.unit else ""
        formula = f" = {term.formula}" if term.formula else ""
        yield f"  {term.name}{unit}{formula}"
    if explanation.source:
        yield f"  source: {explanation.source}"


def explain(record: Any) -> Explanation:
    """What the record explains; a chart explains the point that it makes of a figure."""
    needed = [*inspect.signature(record.explain).parameters][:1]
    explanation: Explanation = record.explain(*(FIGURES[name] for name in needed))
    return explanation


def explanations() -> str:
    """Each different explanation of each result, in the order of their names."""
    told: dict[str, dict[str, None]] = defaultdict(dict)
    classes = public_classes()
    for record in candidates():
        name = type(record).__name__
        if classes.get(name) is type(record) and hasattr(record, "explain"):
            told[name]["\n".join(rows(explain(record)))] = None
    return "\n".join(line for name, texts in sorted(told.items()) for text in texts for line in (name, text, ""))


def written_rows() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Each place in the source that writes a row, and what its row looks like in a snapshot."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"term", "Term"}:
                name, _, unit, formula = [*map(_pattern, node.args), "", ""][:4]
                unit = rf" \[(?:[A-Z]{{3}})?{unit}\]" if unit else r"(?: \[[A-Z]{3}\])?"  # money has a currency
                formula = f" = {formula}" if formula else ""
                yield f"{path.name}:{node.lineno}", re.compile(f"  {name}{unit}{formula}")


def _pattern(text: ast.expr) -> str:
    """What a text of the source looks like; anything stands for what is computed."""
    match text:
        case ast.Constant(str() as given):
            return re.escape(given)
        case ast.JoinedStr(values):
            return "".join(map(_pattern, values))
        case _:
            return ".*"


@cache
def written_down() -> frozenset[str]:
    """The explanations of the snapshot, without the names of the results."""
    return frozenset(part.partition("\n")[2] for part in SNAPSHOT.read_text(encoding="utf-8").split("\n\n"))


if __name__ == "__main__":
    SNAPSHOT.write_text(explanations(), encoding="utf-8")
