"""The estimated width of a text, and lines that fit into a width.

A picture does not know in which font it will be shown. The widths here are those of DejaVu Sans, one of the widest
fonts that a page may fall back on, and for other scripts those of common fonts. So the estimate is rather too wide.
"""

from bisect import bisect_right
from collections.abc import Iterator
from math import ceil
from typing import Final

BOLD: Final = 1.14
"""The width of bold letters divided by that of normal ones."""

_MOST: Final = 20
"""Characters that one unit of width may hold before a text is cut: six of the narrowest, or a letter with 20 marks."""

_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"
_JOINER: Final = "\u200d"

_BY_WIDTH: Final = {  # of the characters of a keyboard, in hundredths of the font size
    30: "ijlI'",
    36: " !,-./:;\\|",
    42: "()[]frtJ",
    56: '"*?^_`Lcksvxyz',
    66: "$0123456789EFPSTYZabdeghnopqu{}",
    74: "ABCKRUVX",
    80: "#&+<=>DGHNOQw~",
    100: "%@MWm",
}
_ASCII: Final = {
    character: hundredths / 100 for hundredths, characters in _BY_WIDTH.items() for character in characters
}
_RANGES: Final = (  # the first code point of each range, and the width of its characters
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
    (0x0900, 0.8),  # Indian scripts
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
    (0x200B, 0.0),  # joiners, separators and direction marks
    (0x2010, 0.6),
    (0x2014, 1.0),
    (0x2016, 0.6),
    (0x2025, 1.0),
    (0x2028, 0.0),
    (0x202F, 0.6),
    (0x2060, 0.0),
    (0x2070, 0.7),
    (0x20D0, 0.0),
    (0x2100, 1.0),  # arrows and symbols
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
    (0x1F000, 1.4),  # emoji
    (0x1F3FB, 0.0),
    (0x1F400, 1.4),
    (0x20000, 1.0),
    (0xE0000, 0.0),
    (0xE0200, 1.0),
)
_STARTS: Final = tuple(start for start, _ in _RANGES)
_RIGHT_TO_LEFT: Final = ((0x0590, 0x08FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFE), (0x10800, 0x10FFF), (0x1E800, 0x1EFFF))
_SQUARE: Final = (  # scripts and emoji that may break between any two characters
    (0x1100, 0x11FF),
    (0x2E80, 0xA4CF),
    (0xAC00, 0xD7FB),
    (0xF900, 0xFAFF),
    (0xFE30, 0xFE4F),
    (0xFF00, 0xFF60),
    (0x1F000, 0x3FFFF),
)
_BREAKING: Final = "-/.,;:&?=_>)"
_CLOSING: Final = frozenset(
    "\u3001\u3002\uff0c\uff0e\uff1a\uff1b\uff01\uff1f\u300d\u300f\uff09\u3011\u3009\u300b\u30fc"
)
_OPENING: Final = frozenset("\u300c\u300e\uff08\u3010\u3008\u300a")


def measure(text: str, size: float = 12, *, bold: bool = False) -> float:
    """Return the estimated width of a text, in the unit of its font size."""
    return sum(map(_measure_character, text)) * size * (BOLD if bold else 1)


def _measure_character(character: str) -> float:
    known = _ASCII.get(character)
    return _RANGES[bisect_right(_STARTS, ord(character)) - 1][1] if known is None else known


def is_right_to_left(text: str) -> bool:
    """Return whether the first letter is of a script that is written from right to left."""
    for character in text:
        if _is_within(character, _RIGHT_TO_LEFT) and _measure_character(character):
            return True
        if character.isalpha():
            return False
    return False


def cut(text: str, room: float, size: float = 12, *, bold: bool = False) -> str:
    """Cut a text to the given width; a text that is cut ends in an ellipsis."""
    scale = size * (BOLD if bold else 1)
    used = 0.0
    kept = ""
    end = 0
    for cluster in _split_into_clusters(text):
        used += measure(cluster, scale)
        if used > room + 1e-9:
            return f"{kept}{_ELLIPSIS}"
        end += len(cluster)
        if used + scale <= room:
            kept = text[:end]
    return text


def wrap(text: str, room: float, size: float = 12, *, bold: bool = False, most: int = 40) -> list[str]:
    """Break a text into lines that fit; if there are more than `most`, the last line ends in an ellipsis.

    Lines break at spaces, beside Chinese, Japanese and Korean characters, and within a word that is too long by itself.
    """
    scale = size * (BOLD if bold else 1)
    longest = ceil(_MOST * (most + 1) * (max(room, 0) / scale + 1))
    lines: list[str] = []
    line, used = "", 0.0
    text = text if len(text) <= longest else f"{text[:longest]}{_ELLIPSIS}"
    for gap, unit in _split_into_units(text):
        need = measure(unit, scale)
        space = measure(gap, scale) if line else 0.0
        if need > room:
            first, *rest = _break(unit, room, scale, room - used - space if used < room / 2 else 0.0)
            before = f"{line}{gap if line else ''}{first}" if first else line
            *full, line = filter(None, (before, *rest))
            lines += full
            used = measure(line, scale)
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


def _break(word: str, room: float, scale: float, first: float) -> list[str]:
    """Break a word into parts that fit, of which the first goes on a line that has begun and may be empty.

    A part ends after punctuation, such as a slash in an address, if there is some near its end.
    """
    parts = [""]
    used = 0.0
    left = first
    for cluster in _split_into_clusters(word):
        need = measure(cluster, scale)
        if used + need > left and (parts[-1] or len(parts) == 1):
            end = max(map(parts[-1].rfind, _BREAKING)) + 1
            kept, carried = parts[-1][:end], parts[-1][end:]
            if not kept or measure(carried, scale) > left / 3:
                kept, carried = parts[-1], ""
            parts[-1:] = [kept, carried]
            used = measure(carried, scale)
            left = room
        parts[-1] += cluster
        used += need
    return parts


def _split_into_clusters(text: str) -> Iterator[str]:
    """Split a text into characters, each with the marks that belong to it."""
    cluster = ""
    for character in text:
        if cluster and (not _measure_character(character) or cluster.endswith(_JOINER)):
            cluster += character
            continue
        if cluster:
            yield cluster
        cluster = character
    if cluster:
        yield cluster


def _split_into_units(text: str) -> Iterator[tuple[str, str]]:
    """Split a text into units that stay on one line, each with the space before it."""
    for word in text.split():
        gap, unit = " ", ""
        for cluster in _split_into_clusters(word):
            parts = unit and unit[-1] not in _OPENING and cluster not in _CLOSING
            if parts and (_may_stand_alone(cluster) or _may_stand_alone(unit[0])):
                yield gap, unit
                gap, unit = "", ""
            unit += cluster
        yield gap, unit


def _may_stand_alone(cluster: str) -> bool:
    return _is_within(cluster[0], _SQUARE)


def _is_within(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= ord(character) <= last for first, last in ranges)
