"""What Sybil runs, seen by another pair of eyes: it passes over in silence whatever it does not know."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.face.documents import EXAMPLES, ROOT

DOCUMENTS = [*ROOT.glob("*.md"), *sorted(ROOT.glob("docs/**/*.md"))]
FENCE = re.compile(r"^[\s>]*(?P<ticks>`{3,}|~{3,})[ \t]*(?P<info>[^\n`]*)$")
PYTHON = re.compile(r"\W*(py|ipython|doctest)", re.IGNORECASE)


@dataclass
class Fence:
    """A fenced block: its info string, and its first and last lines."""

    info: str
    first: int
    last: int
    text: str

    @property
    def is_python(self) -> bool:
        """Whether a reader would take it for something to run."""
        return bool(PYTHON.match(self.info)) or ">>> " in self.text


def fences(text: str) -> list[Fence]:
    """The fenced blocks of a document, those inside another left alone."""
    found: list[Fence] = []
    opening: tuple[str, str, int] | None = None
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        match = FENCE.match(line)
        if match and opening is None:
            opening = match["ticks"], match["info"], number
        elif match and opening and match["ticks"].startswith(opening[0]) and not match["info"].strip():
            found.append(Fence(opening[1], opening[2], number, "\n".join(lines[opening[2] : number - 1])))
            opening = None
    assert opening is None, f"a fence opened on line {opening and opening[2]} is never closed"
    return found


def unexecuted(path: Path) -> list[str]:
    """What looks like Python in a document and is not run: fences, and prompts outside of any fence."""
    text = path.read_text(encoding="utf-8")
    lines = {example.line for example in EXAMPLES.parse(path).examples()}
    blocks = fences(text)
    silent = [
        f"line {block.first}: {block.info}"
        for block in blocks
        if block.is_python and lines.isdisjoint(range(block.first, block.last))
    ]
    inside = {number for block in blocks for number in range(block.first, block.last)}
    stray = [
        f"line {number}: {line}"
        for number, line in enumerate(text.splitlines(), 1)
        if ">>> " in line and number not in inside
    ]
    return silent + stray


class TestDocuments:
    @pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
    def test_everything_is_run(self, path: Path) -> None:
        """Every document is read, and every block in it that looks like Python is an example that the tests run."""
        assert EXAMPLES.should_parse(path)
        assert unexecuted(path) == []

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("```python\nx = 1\n```\n", []),
            ("```pycon\n>>> 1 + 1\n2\n```\n", []),
            ("=== tab\n\n    ```python\n    >>> 1 + 1\n    2\n    ```\n", []),
            ("```sh\npip install crmcore\n```\n", []),
            ("````markdown\n```python\nx = 1\n```\n````\n", []),
            ("```py\nx = 1\n```\n", ["line 1: py"]),
            ("```python3\nx = 1\n```\n", ["line 1: python3"]),
            ("```Python\nx = 1\n```\n", ["line 1: Python"]),
            ('```python title="x"\nx = 1\n```\n', ['line 1: python title="x"']),
            ("``` {.python}\nx = 1\n```\n", ["line 1: {.python}"]),
            ("~~~ pycon\n>>> 1\n1\n~~~\n", ["line 1: pycon"]),
            ("```\n>>> 1\n1\n```\n", ["line 1: "]),
            ("Some prose.\n\n    >>> 1\n    1\n", ["line 3:     >>> 1"]),
        ],
    )
    def test_silence_is_noticed(self, tmp_path: Path, text: str, expected: list[str]) -> None:
        """A block that Sybil passes over does not pass here."""
        document = tmp_path / "document.md"
        document.write_text(text, encoding="utf-8")

        assert expected == unexecuted(document)

    @pytest.mark.parametrize(
        "text",
        [
            "```pycon\n>>> 1 + 1\n3\n```\n",
            "```python\n>>> 1 + 1\n3\n```\n",
            "```python\nassert 1 + 1 == 3\n```\n",
            "```pycon\n# a prompt below a comment\n>>> 1 + 1\n2\n```\n",
        ],
    )
    def test_wrong_examples_fail(self, tmp_path: Path, text: str) -> None:
        """An example that is wrong, or cannot be run as it is fenced, fails."""
        document = tmp_path / "document.md"
        document.write_text(text, encoding="utf-8")
        (example,) = EXAMPLES.parse(document).examples()

        with pytest.raises((AssertionError, SyntaxError)):
            example.evaluate()
