from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from crmcore import render
from crmcore.primitives.errors import WrongTypeError
from crmcore.render import Svg
from tests.support.pictures import HOSTILE, NAME, course, parsed, said
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Iterator


class TestSvg:
    def test_is_its_text(self) -> None:
        """`str`, the notebook and the field give the same text, and the repr is short."""
        picture = render.ledger(course("gb"))

        assert picture.text == str(picture) == picture._repr_svg_()
        assert f"Svg(text=<{len(picture.text)} characters>)" == repr(picture)
        with refused(WrongTypeError, "not_a_text: text"):
            Svg(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    @pytest.mark.parametrize("title", HOSTILE)
    def test_titles_are_escaped(self, title: str) -> None:
        """Any title gives a well-formed picture with the title in it."""
        for picture in (render.ledger(course("gb"), title=title), render.intervals([], title=title)):
            root = parsed(picture)
            told = re.sub("[\x00-\x08\x1b\ud800\ufffe\uffff]", "\N{REPLACEMENT CHARACTER}", title)

            assert [told.replace("\r", "\n")] == said(root, "title")
            assert ["title", "desc", "style"] == [child.tag.removeprefix(NAME) for child in root][:3]
            assert "img" == root.get("role")
            assert not list(root.iter(f"{NAME}script"))

    def test_pictures_may_share_a_page(self) -> None:
        """A picture has no ids, and its style applies to crmcore pictures only."""
        text = str(render.ledger(course("gbg")))

        assert " id=" not in text
        assert all(line.startswith((".crmcore ", "@media", "  .crmcore ", "}")) for line in _rules(text))

    def test_knows_the_dark(self) -> None:
        """Every colour is a variable with a light and a dark value."""
        root = parsed(render.ledger(course("gbg")))
        (style,) = said(root, "style")
        used = set(re.findall(r"var\((--\w+)\)", style))
        day, night = re.findall(r"\.crmcore \{([^}]*)\}", style)

        assert used == set(re.findall(r"--\w+", day)) == set(re.findall(r"--\w+", night))
        assert {"none"} == set(re.findall(r"(?:fill|stroke): (?!var)(\S+)", style))


def _rules(text: str) -> Iterator[str]:
    yield from text.partition("<style>\n")[2].partition("</style>")[0].splitlines()
