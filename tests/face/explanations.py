"""What every explanation says, without the figures. ``python -m tests.face.explanations`` writes it anew.

The figures are recomputed from the formulas elsewhere; names, units and formulas are texts, which only a reader can
judge.
"""

from __future__ import annotations

import inspect
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.corpus.write import choose

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
    lines: list[str] = []
    for name, records in sorted(choose().items()):
        if records and hasattr(records[0], "explain"):
            told = {"\n".join(rows(explanation)): None for explanation in map(explain, records)}
            lines += [line for text in told for line in (name, text, "")]
    return "\n".join(lines)


@cache
def written_down() -> frozenset[str]:
    """The explanations of the snapshot, without the names of the results."""
    return frozenset(part.partition("\n")[2] for part in SNAPSHOT.read_text(encoding="utf-8").split("\n\n"))


if __name__ == "__main__":
    SNAPSHOT.write_text(explanations(), encoding="utf-8")
