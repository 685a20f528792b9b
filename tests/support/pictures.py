"""Helpers for tests of pictures: hostile texts, and functions that read a picture."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from hypothesis import strategies as st

from crmcore import CompensationFund, Ledger, MomentOfTruth, Money, Valence, instant

if TYPE_CHECKING:
    from crmcore.render import Svg

NAME = "{http://www.w3.org/2000/svg}"

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
    """Parse a picture, which must be well formed in UTF-8, with every place inside of it."""
    root = ET.fromstring(str(picture).encode())
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for element in root.iter():
        places = [(element.get("x"), element.get("y")), (element.get("cx"), element.get("cy"))]
        for x, y in places:
            if x is not None and y is not None:
                assert 0 <= float(x) <= width
                assert 0 <= float(y) <= height
    return root


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


def spent() -> CompensationFund:
    """Build a fund that falls to 10 euros, is topped up and falls again."""
    at = instant("2026-03-01")
    book = CompensationFund(opening=Money(200, "EUR"))
    book = book.grant("a", Money(120, "EUR"), at=at).grant("b", Money(70, "EUR"), at=at + timedelta(days=9))
    book = book.take_back("b", Money("12.50", "EUR"), at=at + timedelta(days=12))
    book = book.top_up(Money(150, "EUR"), at=at + timedelta(days=20))
    return book.grant("c", Money(40, "EUR"), at=at + timedelta(days=29))


def flat(text: str) -> str:
    """Return a text as a picture has it, without spaces and with replaced characters that XML does not allow."""
    characters = "".join(text.replace("\N{MINUS SIGN}", "-").split())
    return re.sub("[^ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\N{REPLACEMENT CHARACTER}", characters)
