"""Every idea of the source articles has its row on the page "Every idea, in code"; Sybil runs its examples."""

from __future__ import annotations

import importlib
import re
from functools import reduce
from pathlib import Path
from typing import Final

import pytest

DOCS: Final = Path(__file__).parents[1] / "docs"
IDEAS: Final = frozenset(
    f"S{article}-{number:02}"
    for article, count in enumerate((34, 122, 41, 20))
    for number in range(1, count + 1)
)  # fmt: skip
"""The ids of all ideas: the article, and the number within it."""

TOLD_ONLY: Final = frozenset({"S1-01", "S1-19", "S1-23", "S1-54", "S2-02", "S2-39"})
"""Ideas that cannot be computed: their row links to the page that says what is known about them."""

_ROW: Final = re.compile(r"^### (S\d-\d+)\. .+\n\n(.+)\n((?:(?!^##).*\n?)*)", re.MULTILINE)
_LINK: Final = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")

PAGE: Final = (DOCS / "concepts.md").read_text(encoding="utf-8")
ROWS: Final = {row: (home, body) for row, home, body in _ROW.findall(PAGE)}


def test_each_idea_has_one_row() -> None:
    """Rows stand in order, once each, and none is missing."""
    rows = re.findall(r"^### (S\d-\d+)\.", PAGE, re.MULTILINE)
    assert rows == sorted(IDEAS, key=lambda row: [int(part) for part in row[1:].split("-")])
    assert set(ROWS) == set(rows)


@pytest.mark.parametrize("row", sorted(ROWS))
def test_a_row_names_its_home_and_runs(row: str) -> None:
    """The names of the home exist, its pages too, and the row has an example unless it is told only."""
    home, body = ROWS[row]
    names = re.findall(r"`([\w.]+)`", home)
    for name in names:
        reduce(getattr, name.split("."), importlib.import_module("crmcore"))
    pages = _LINK.findall(home)
    assert all((DOCS / page).is_file() for page in pages)
    if row in TOLD_ONLY:
        assert pages
    else:
        assert names
        assert re.search(r"^```pycon\n>>> .*?^```$", body, re.DOTALL | re.MULTILINE)
