"""What the calls of the documentation find and explain. ``python -m tests.face.calls`` writes it to `calls.txt` anew.

Explanations without their figures, as in `explanations.txt`, and only those that do not stand there; and the ids of the
items that a ready checklist has.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crmcore import Checklist, Finding
from tests.face import explanations
from tests.support.findings import write_finding
from tests.support.sweep import Call, harvest, make, targets
from tests.support.walk import public_names

if TYPE_CHECKING:
    from collections.abc import Iterator

SNAPSHOT: Final = Path(__file__).with_name("calls.txt")
TARGETS: Final = targets()
CATALOGUES: Final[dict[str, Any]] = {
    name: value
    for name, value in public_names().items()
    if inspect.isfunction(value) and not inspect.signature(value).parameters
}
"""The functions that take nothing."""


@cache
def prepare() -> dict[str, list[Call]]:
    """Valid calls of every public callable: those of the documentation."""
    return harvest(TARGETS)


def _findings(value: Any, depth: int = 3) -> Iterator[Finding]:
    """The findings of an answer, and of the answers in it."""
    if isinstance(value, Finding):
        yield value
    elif isinstance(value, list | tuple) and depth:
        for item in value[:50]:
            yield from _findings(item, depth - 1)
    elif hasattr(type(value), "cautions"):
        yield from getattr(value, "cautions", ())


def _explanations(value: Any, depth: int = 2) -> Iterator[str]:
    """The explanation of an answer, or of the answers in it."""
    if isinstance(value, list | tuple) and depth:
        for item in value[:5]:
            yield from _explanations(item, depth - 1)
        return
    explain: Any = getattr(value, "explain", None) if hasattr(type(value), "explain") else None
    if explain is not None and not [*inspect.signature(explain).parameters]:
        yield "\n".join(explanations.rows(explain()))


def tell(name: str) -> str:
    """Each finding, each explanation and each item of a checklist from the calls of a callable."""
    made = (make(TARGETS[name], call, {}) for call in prepare().get(name, ()))
    answers = [CATALOGUES[name]()] if name in CATALOGUES else [*made]
    found = [f"  {write_finding(one)}" for one in _findings(answers)]
    for answer in answers:
        if isinstance(answer, Checklist):
            found += [f"  {answer.id} {answer.name}: {item.id} [{item.group}]" for item in answer.items]
    known = explanations.written_down()
    found += [text for text in _explanations(answers) if text not in known]
    return "\n".join(dict.fromkeys(found))


def read() -> dict[str, str]:
    """The findings that are written down, by callable."""
    found: dict[str, list[str]] = defaultdict(list)
    name = ""
    for line in SNAPSHOT.read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            found[name].append(line)
        else:
            name = line
    return {name: "\n".join(lines) for name, lines in found.items()}


if __name__ == "__main__":
    told = {name: tell(name) for name in [*TARGETS, *CATALOGUES]}
    SNAPSHOT.write_text("".join(f"{name}\n{text}\n" for name, text in told.items() if text), encoding="utf-8")
