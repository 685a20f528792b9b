"""How wide a text will be, where nobody can ask the font: an estimate that is rather too wide, and lines that fit it.

A picture cannot know in which font it will be shown. What is counted here are the widths of DejaVu Sans, one of the
widest that a page may fall back on, and for other scripts those of fonts in common use.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

BOLD: Final = 1.14
"""How much wider bold letters are."""

_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"
_JOINER: Final = "\u200d"
_WIDE: Final = 0x1100  # from here on, what is as wide as it is high may stand alone

_BY_WIDTH: Final = {  # of the signs of a keyboard, in hundredths of the font's size
    30: "ijlI'",
    36: " !,-./:;\\|",
    42: "()[]frtJ",
    56: '"*?^_`Lcksvxyz',
    66: "$0123456789EFPSTYZabdeghnopqu{}",
    74: "ABCKRUVX",
    80: "#&+<=>DGHNOQw~",
    100: "%@MWm",
}
_ASCII: Final = {sign: hundredths / 100 for hundredths, signs in _BY_WIDTH.items() for sign in signs}
_RANGES: Final = (  # the first sign of each range, and how wide its signs are
    (0x0000, 0.7),
    (0x0300, 0.0),  # marks above and below letters
    (0x0370, 0.78),  # Greek, Cyrillic, Armenian
    (0x0483, 0.0),
    (0x048A, 0.78),
    (0x0591, 0.0),
    (0x05C8, 0.62),  # Hebrew
    (0x0600, 0.66),  # Arabic
    (0x0610, 0.0),
    (0x061B, 0.66),
    (0x064B, 0.0),
    (0x0660, 0.66),
    (0x06D6, 0.0),
    (0x06DD, 0.66),
    (0x0900, 0.8),  # India's
    (0x093C, 0.0),
    (0x093D, 0.8),
    (0x0941, 0.0),
    (0x0949, 0.8),
    (0x094D, 0.0),
    (0x094E, 0.8),
    (0x0B80, 1.1),
    (0x0C00, 0.9),
    (0x0D00, 1.1),
    (0x0E00, 0.7),  # Thai, Lao
    (0x0E31, 0.0),
    (0x0E32, 0.7),
    (0x0E34, 0.0),
    (0x0E3B, 0.7),
    (0x0E47, 0.0),
    (0x0E4F, 0.7),
    (0x0F00, 0.8),
    (0x1100, 1.0),  # Korean
    (0x1200, 0.9),
    (0x1AB0, 0.0),
    (0x1B00, 0.8),
    (0x1DC0, 0.0),
    (0x1E00, 0.75),
    (0x200B, 0.0),  # what joins, parts and turns
    (0x2010, 0.6),
    (0x2014, 1.0),
    (0x2016, 0.6),
    (0x2025, 1.0),
    (0x2028, 0.0),
    (0x202F, 0.6),
    (0x2060, 0.0),
    (0x2070, 0.7),
    (0x20D0, 0.0),
    (0x2100, 1.0),  # arrows and other signs
    (0x2600, 1.35),
    (0x2800, 1.0),
    (0x2E80, 1.0),  # Chinese and Japanese
    (0xA4D0, 0.9),
    (0xAC00, 1.0),
    (0xD7FC, 1.0),
    (0xFB00, 0.8),
    (0xFE00, 0.0),
    (0xFE10, 1.0),
    (0xFE20, 0.0),
    (0xFE30, 1.0),
    (0xFE70, 0.66),
    (0xFEFF, 0.0),
    (0xFF00, 1.0),
    (0xFF61, 0.6),
    (0xFFE0, 1.0),
    (0x10000, 1.0),
    (0x1F000, 1.4),  # pictures of faces and things
    (0x1F3FB, 0.0),
    (0x1F400, 1.4),
    (0x20000, 1.0),
    (0xE0000, 0.0),
    (0xE0200, 1.0),
)
_STARTS: Final = tuple(start for start, _ in _RANGES)
_RIGHT_TO_LEFT: Final = ((0x0590, 0x08FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFE), (0x10800, 0x10FFF), (0x1E800, 0x1EFFF))
_STANDS_ALONE: Final = ((_WIDE, 0x11FF), (0x2E80, 0xA4CF), (0xAC00, 0xD7FB), (0xF900, 0xFAFF), (0xFE30, 0xFE4F))
_STANDS_ALONE_TOO: Final = ((0xFF00, 0xFF60), (0x1F000, 0x3FFFF))
_PARTING: Final = "-/.,;:&?=_>)"
_CLOSING: Final = frozenset(
    "\u3001\u3002\uff0c\uff0e\uff1a\uff1b\uff01\uff1f\u300d\u300f\uff09\u3011\u3009\u300b\u30fc"
)
_OPENING: Final = frozenset("\u300c\u300e\uff08\u3010\u3008\u300a")


def width(text: str, size: float = 12, *, bold: bool = False) -> float:
    """How wide a text is, in the unit of its font's size."""
    return sum(map(_width, text)) * size * (BOLD if bold else 1)


def _width(sign: str) -> float:
    known = _ASCII.get(sign)
    return _RANGES[bisect_right(_STARTS, ord(sign)) - 1][1] if known is None else known


def is_right_to_left(text: str) -> bool:
    """Whether the first letter is of a script that is written from right to left."""
    for sign in text:
        if _within(sign, _RIGHT_TO_LEFT) and _width(sign):
            return True
        if sign.isalpha():
            return False
    return False


def cut(text: str, room: float, size: float = 12, *, bold: bool = False) -> str:
    """As much of a text as there is room for; what is cut ends in an ellipsis."""
    scale = size * (BOLD if bold else 1)
    used = 0.0
    kept = ""
    end = 0
    for cluster in _clusters(text):
        used += width(cluster, scale)
        if used > room + 1e-9:
            return f"{kept}{_ELLIPSIS}"
        end += len(cluster)
        if used + scale <= room:
            kept = text[:end]
    return text


def wrapped(text: str, room: float, size: float = 12, *, bold: bool = False, most: int = 40) -> list[str]:
    """A text in lines that fit; where it needs more lines than there may be, the last one ends in an ellipsis.

    Lines break at spaces, beside the signs of the Far East, and within a word where the word alone is too long.
    """
    scale = size * (BOLD if bold else 1)
    lines: list[str] = []
    line, used = "", 0.0
    for gap, unit in _units(text):
        need = width(unit, scale)
        space = width(gap, scale) if line else 0.0
        if need > room:
            first, *rest = _broken(unit, room, scale, room - used - space if used < room / 2 else 0.0)
            before = f"{line}{gap if line else ''}{first}" if first else line
            *full, line = filter(None, (before, *rest))
            lines += full
            used = width(line, scale)
        elif line and used + space + need > room:
            lines.append(line)
            line, used = unit, need
        else:
            line, used = f"{line}{gap if line else ''}{unit}", used + space + need
        if len(lines) > most:
            break
    if line:
        lines.append(line)
    if len(lines) > most:
        shortened = cut(lines[most - 1], room - scale, scale).removesuffix(_ELLIPSIS)
        lines[most - 1 :] = [f"{shortened}{_ELLIPSIS}"]
    return lines


def _broken(word: str, room: float, scale: float, first: float) -> list[str]:
    """A word in parts that fit, at least a sign in each but the first, which goes on a line that has begun.

    A part ends behind a sign that parts words in an address, where one stands near its end.
    """
    parts = [""]
    used = 0.0
    left = first
    for cluster in _clusters(word):
        need = width(cluster, scale)
        if used + need > left and (parts[-1] or len(parts) == 1):
            end = max(map(parts[-1].rfind, _PARTING)) + 1
            kept, carried = parts[-1][:end], parts[-1][end:]
            if not kept or width(carried, scale) > left / 3:
                kept, carried = parts[-1], ""
            parts[-1:] = [kept, carried]
            used = width(carried, scale)
            left = room
        parts[-1] += cluster
        used += need
    return parts


def _clusters(text: str) -> Iterator[str]:
    """Signs with the marks that belong to them."""
    cluster = ""
    for sign in text:
        if cluster and (not _width(sign) or cluster.endswith(_JOINER)):
            cluster += sign
            continue
        if cluster:
            yield cluster
        cluster = sign
    if cluster:
        yield cluster


def _units(text: str) -> Iterator[tuple[str, str]]:
    """What is not parted at the end of a line, each with the space before it."""
    for word in text.split():
        gap, unit = " ", ""
        for cluster in _clusters(word):
            parts = unit and unit[-1] not in _OPENING and cluster not in _CLOSING
            if parts and (_alone(cluster) or _alone(unit[0])):
                yield gap, unit
                gap, unit = "", ""
            unit += cluster
        yield gap, unit


def _alone(sign: str) -> bool:
    return _within(sign[0], _STANDS_ALONE) or _within(sign[0], _STANDS_ALONE_TOO)


def _within(sign: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= ord(sign) <= last for first, last in ranges)
