from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final

import pytest
import resvg_py
from PIL import Image

from crmcore import render
from crmcore.primitives.errors import WrongTypeError
from crmcore.render import Markdown, Svg
from tests.support.gallery import DRAWN, PICTURES, pictures
from tests.support.pictures import HOSTILE, NAME, check_texts, course, parsed, said
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILES: Final = pictures()
INK = (0x1B, 0x1F, 0x24)


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

    @pytest.mark.parametrize("name", PICTURES, ids=PICTURES)
    def test_knows_the_dark(self, name: str) -> None:
        """Every colour is a literal, and has another literal for a dark page; no other style depends on the page."""
        text = str(PICTURES[name]())
        rules = list(_rules(text))
        dark = rules.index("@media (prefers-color-scheme: dark) {")
        day, night = (dict(_colours(part)) for part in (rules[:dark], rules[dark:]))

        assert "var(" not in text
        assert " style=" not in text
        assert day.keys() == night.keys()
        assert all(day[place] != night[place] for place in day)
        assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in (*day.values(), *night.values()))


class TestLayout:
    @pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
    def test_is_the_one_we_looked_at(self, file: Path) -> None:
        """Each picture is drawn as it was when we looked at it, and no text leaves it or stands over another."""
        drawn = FILES[file]()

        assert file.read_text(encoding="utf-8") == str(drawn), "run python -m tests.support.gallery, and look at it"
        if isinstance(drawn, Svg):
            check_texts(parsed(drawn))
        if isinstance(drawn, Markdown):
            rows = [line for line in drawn.text.splitlines() if line.startswith("|")]
            assert {rows[0].count("|")} == {row.count("|") for row in rows}  # a cell in each column

    def test_every_picture_is_one_of_them(self) -> None:
        """No file is left of a picture that is not drawn any more."""
        assert set(FILES) == {*DRAWN.iterdir()}


class TestEngines:
    @pytest.mark.parametrize("name", PICTURES, ids=PICTURES)
    def test_another_engine_draws_it(self, name: str) -> None:
        """resvg, which knows neither variables nor `@media`, draws the page, the texts and the shapes."""
        picture = PICTURES[name]()
        width, height = (float(parsed(picture).attrib[side]) for side in ("width", "height"))
        image = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=str(picture))))).convert("RGB")
        counts = sorted(image.getcolors(image.width * image.height) or [])
        colours = {colour for _, colour in counts}

        assert (round(width), round(height)) == image.size
        assert (255, 255, 255) == image.getpixel((image.width - 12, 3))
        assert {(255, 255, 255), INK} <= colours
        assert (255, 255, 255) == counts[-1][1]
        assert len(colours) > 20


def _rules(text: str) -> Iterator[str]:
    for line in text.partition("<style>\n")[2].partition("</style>")[0].splitlines():
        yield line.replace("svg.crmcore", ".crmcore") if line.startswith("@media screen") else line


def _colours(rules: list[str]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield each selector and property that has a colour, with the colour."""
    for rule in rules:
        selector, _, declarations = rule.strip().partition(" { ")
        for name, colour in re.findall(r"(fill|stroke): ([^; ]+)", declarations):
            if colour != "none":
                yield (selector, name), colour
