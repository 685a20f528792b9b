"""The words that docstrings, messages and pages avoid, and what they say instead."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parent.parent
PAGES: Final = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SOURCES: Final = sorted(
    path
    for folder in ("src", "tests", "examples", "benchmarks", "docs")
    for path in ROOT.glob(f"{folder}/**/*.py")
    if path != Path(__file__)
)

BANNED: Final = {
    r"nought": "zero, or 0",
    r"nobody": "no customer, no employee, unknown",
    r"no one": "no customer, no employee",
    r"(he|him|his|himself|she|her|hers|herself)": "they, or the noun",
    r"none of (nobody|none|nothing|no)\b": "None if ...",
    r"none where": "None if ...",
    r"as for (?=`)": "describe the argument where it stands",
    r"day of (judgement|reckoning)": "reference date",
    r"judgement day": "reference date",
    r"reckon(s|ed|ing)?": "compute, count",
    r"eternity": "without a horizon, forever",
    r"the documents (say|give|credit|do|have)|(say|as) the documents": "the source articles, or the author",
    r"source documents?": "the source articles",
    r"telephones?": "phone",
    r"held against": "compared with",
    r"strangers?": "an unknown name, something else",
    r"whoever": "a customer who, a caller who",
    r"thereof|therein|whereof|wherein|whereby": "a plain word",
    r"be it|were it|were they": "if it is",
    r"strays?": "unassigned",
    r"adds over": "Records of disjoint ... can be added.",
    r"in one pass and any order": "in a single pass; the order does not matter",
    r"(?<!there )(is|are) no (numbers?|moves?|repeats?|groups?|loss|losses|purchases?|trials?)\b": "is not a ...",
    r"of a sudden|alas|lest": "a plain word",
}
"""What is not written, and what is written instead."""

PATTERN: Final = re.compile(rf"\b(?:{'|'.join(BANNED)})(?!\w)", re.IGNORECASE)
CODE: Final = re.compile(r"`[^`]*`")  # names in code stay as they are


def _prose(source: str) -> Iterator[tuple[int, str]]:
    """The comments and texts of a source, each line of them with its number."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in {tokenize.COMMENT, tokenize.STRING}:
            yield from enumerate(token.string.splitlines(), token.start[0])


def _offences(lines: Iterator[tuple[int, str]]) -> list[str]:
    return [
        f"{number}: {found[0]!r} in {line.strip()[:90]}"
        for number, line in lines
        for found in PATTERN.finditer(CODE.sub("``", line))
    ]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_pages(path: Path) -> None:
    """No page uses a word that the style avoids."""
    assert [] == _offences(enumerate(path.read_text(encoding="utf-8").splitlines(), 1))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_sources(path: Path) -> None:
    """No docstring, message or comment uses a word that the style avoids."""
    assert [] == _offences(_prose(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "phrase", ["None of nobody.", "As for `of`.", "until his silence", "the day of reckoning", "0 or nought"]
)
def test_a_banned_word_is_found(phrase: str) -> None:
    """The search finds what it is for."""
    assert PATTERN.search(phrase)


@pytest.mark.parametrize(
    "phrase", ["this", "there", "the chest", "the document of a picture", "where none was named", "other"]
)
def test_an_innocent_word_is_not(phrase: str) -> None:
    """The search looks at whole words."""
    assert not PATTERN.search(phrase)
