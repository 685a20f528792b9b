"""Helpers for tests of pictures: hostile texts, and functions that read a picture."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from hypothesis import strategies as st

from crmcore import CompensationFund, Ledger, MomentOfTruth, Money, Valence, instant
from crmcore.render._document import TITLE_SIZE
from crmcore.render._widths import measure

if TYPE_CHECKING:
    from crmcore.render import Svg

NAME = "{http://www.w3.org/2000/svg}"
Extent = tuple[float, float, float, float]
"""The left, top, right and bottom end."""

HOSTILE = [
    "<script>alert(1)</script>",
    "</title></svg>",
    "a & b &amp; c",
    "\"'>",
    "]]>",
    "\x00\x08\x1b\ufffe\uffff",
    "\ud800",
    "line\nbreak\ttab",
    "\u202eright to left",
    "漢字" * 40,
    "x" * 500,
    "",
]
texts = st.text(max_size=60) | st.sampled_from(HOSTILE)


def parsed(picture: Svg) -> ET.Element:
    """Parse a picture, which must be well formed in UTF-8, with every shape inside of it and a rule for every class."""
    root = ET.fromstring(str(picture).encode())
    for element in root.iter():
        check_inside(root, _extents(element))
    assert {text.get("text-anchor") for text in root.iter(f"{NAME}text")} <= {"start", "middle", "end"}
    used = {kind for element in root.iter() for kind in element.get("class", "").split()} - {"crmcore"}
    assert used <= set(re.findall(r"\.crmcore \.(\w+)", root.findtext(f"{NAME}style") or ""))  # or a shape is black
    return root


def check_texts(root: ET.Element) -> None:
    """Check that every text of a picture is inside of it, and that no text is over another."""
    texts = [element for element in root.iter(f"{NAME}text") if (element.text or "").strip()]
    drawn = [_reach(text) for text in texts]
    check_inside(root, drawn)
    for number, (left, top, right, bottom) in enumerate(drawn):
        for place, other in enumerate(drawn[:number]):
            apart = other[2] <= left or right <= other[0] or bottom <= other[1] or other[3] <= top
            assert apart, f"{texts[number].text!r} is over {texts[place].text!r}"


def check_inside(root: ET.Element, extents: list[Extent]) -> None:
    """Check that everything lies inside of a picture."""
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for left, top, right, bottom in extents:
        assert 0 <= left <= right <= width
        assert 0 <= top <= bottom <= height


def _extents(element: ET.Element) -> list[Extent]:
    """List the left, top, right and bottom ends of a shape, or of the place of a text."""
    given = element.attrib
    if "x" in given:
        x, y, wide, high = (float(given.get(side, 0)) for side in ("x", "y", "width", "height"))
        return [(x, y, x + wide, y + high)]
    if "cx" in given:
        x, y, r = (float(given[side]) for side in ("cx", "cy", "r"))
        return [(x - r, y - r, x + r, y + r)]
    points = [(float(x), float(y)) for x, y in re.findall(r"([-.\d]+),([-.\d]+)", given.get("points", ""))]
    points += _ends(given.get("d", ""))
    return [(x, y, x, y) for x, y in points]


def _ends(path: str) -> list[tuple[float, float]]:
    """List the points at which the parts of a path end."""
    x = y = 0.0
    points: list[tuple[float, float]] = []
    for command, numbers in re.findall(r"([A-Za-z])([^A-Za-z]*)", path):
        last = [float(number) for number in numbers.split()]
        x = last[-2] if command in "MLCQ" else last[-1] if command == "H" else x
        y = y + last[-1] if command == "v" else last[-1] if command in "MLCQV" else y
        points.append((x, y))
    return points


def _reach(text: ET.Element) -> Extent:
    """Return the ends of a text, from the height of its capitals to below its baseline."""
    given = text.attrib
    kind, x, y, anchor = given["class"], float(given["x"]), float(given["y"]), given["text-anchor"]
    size, bold = (TITLE_SIZE if kind == "title" else 12), kind in {"title", "strong", "bad", "good"}
    wide = measure(text.text or "", size, bold=bold)
    if "direction" in given:
        anchor = {"start": "end", "end": "start"}.get(anchor, anchor)
    left = x - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
    return left, y - 9, left + wide, y + 2


def said(root: ET.Element, kind: str) -> list[str]:
    """List the text of every element of a kind, with hyphens for minus signs."""
    return [(element.text or "").replace("\N{MINUS SIGN}", "-") for element in root.iter(f"{NAME}{kind}")]


def paths(root: ET.Element, kind: str) -> list[str]:
    """List the paths of a class."""
    return [path.attrib["d"] for path in root.iter(f"{NAME}path") if path.get("class") == kind]


def course(text: str) -> Ledger:
    """Build a ledger with a moment an hour, from the letters ``g``, ``n`` and ``b``."""
    valences = dict(zip("gnb", Valence, strict=True))
    return Ledger(
        moments=[
            MomentOfTruth(valence=valences[letter], at=instant("2026-03-01") + number * timedelta(hours=1))
            for number, letter in enumerate(text)
        ]
    )


def spent(*, early: bool = False) -> CompensationFund:
    """Build a fund that falls to 10 euros, is topped up and falls again; early, it is lowest at the beginning."""
    at = instant("2026-03-01")
    book = CompensationFund(opening=Money(200, "EUR"))
    book = book.grant("a", Money(120, "EUR"), at=at).grant("b", Money(70, "EUR"), at=at + timedelta(days=9))
    if early:
        return book.top_up(Money(150, "EUR"), at=at + timedelta(days=29))
    book = book.take_back("b", Money("12.50", "EUR"), at=at + timedelta(days=12))
    book = book.top_up(Money(150, "EUR"), at=at + timedelta(days=20))
    return book.grant("c", Money(40, "EUR"), at=at + timedelta(days=29))


def flat(text: str) -> str:
    """Return a text as a picture has it, without spaces and with replaced characters that XML does not allow."""
    characters = "".join(text.replace("\N{MINUS SIGN}", "-").split())
    return re.sub("[^ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\N{REPLACEMENT CHARACTER}", characters)
