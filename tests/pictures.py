"""What tests of pictures share: nasty texts, and what a picture holds."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from hypothesis import strategies as st

from crmcore import Ledger, MomentOfTruth, Valence, instant

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
    """A picture as the document it is; it must be well formed in UTF-8, and nothing may lie far outside of it."""
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
    """The text of every element of a kind, with the minus of a keyboard."""
    return [(element.text or "").replace("\N{MINUS SIGN}", "-") for element in root.iter(f"{NAME}{kind}")]


def paths(root: ET.Element, kind: str) -> list[str]:
    """The paths of a class."""
    return [path.attrib["d"] for path in root.iter(f"{NAME}path") if path.get("class") == kind]


def course(text: str) -> Ledger:
    """A moment an hour: ``g``, ``n`` and ``b``."""
    valences = dict(zip("gnb", Valence, strict=True))
    return Ledger(
        moments=[
            MomentOfTruth(valence=valences[letter], at=instant("2026-03-01") + number * timedelta(hours=1))
            for number, letter in enumerate(text)
        ]
    )


def flat(text: str) -> str:
    """A text as a picture holds it, without its spaces: signs that XML does not know are replaced."""
    signs = "".join(text.replace("\N{MINUS SIGN}", "-").split())
    return re.sub("[^ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\N{REPLACEMENT CHARACTER}", signs)
