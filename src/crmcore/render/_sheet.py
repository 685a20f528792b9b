"""What a journey map is drawn on: a sheet of columns, and what is put on it."""

from collections.abc import Iterable
from typing import Final

import attrs

from crmcore.render._document import MARGIN, escaped, n, text
from crmcore.render._journey_words import Story
from crmcore.render._widths import is_right_to_left, width, wrapped

LABEL: Final = 122  # the column of the lanes' names
PAD: Final = 8
BASE: Final = 12  # from the top of a line to where its letters stand
LINE: Final = 16
MOST_LINES: Final = 24
_LEVEL: Final = 20  # between ways back that would cross
_ROUND: Final = {"band": 4, "step": 6, "worst": 6}  # how round a box is at its corners


@attrs.frozen
class Sheet:
    """What is drawn, and how wide its columns are."""

    story: Story
    column: float
    columns: int
    row: range = range(0)

    @property
    def left(self) -> float:
        return MARGIN + LABEL

    @property
    def right(self) -> float:
        return self.left + self.column * self.columns

    @property
    def end(self) -> float:
        """Where the row's last column ends."""
        return self.x(len(self.row))

    @property
    def room(self) -> float:
        return self.column - 2 * PAD

    def x(self, number: int) -> float:
        """Where a column begins."""
        return self.left + self.column * number

    def middle(self, number: int) -> float:
        return self.x(number) + self.column / 2


@attrs.frozen
class Way:
    """A way back between two places of the map, with what stands on it and what it says."""

    start: int
    end: int
    label: str
    told: str


def ways_back(sheet: Sheet, ways: Iterable[Way], y: float, *, turned: bool) -> tuple[list[str], float]:
    """Ways back from a step to one before it, drawn so far below one another that they can be told apart."""
    row, levels = sheet.row, list[list[tuple[float, float]]]()
    parts: list[str] = []
    labels: list[str] = []
    kind, tip = ("turn", "turned") if turned else ("way", "tip")
    for way in sorted(ways, key=lambda way: (way.start - way.end, way.start)):
        begins, ends = way.start in row, way.end in row
        if not begins and not ends:
            continue
        x1 = sheet.middle(way.start - row.start) + 9 if begins else sheet.end
        x2 = sheet.middle(way.end - row.start) - 9 if ends else sheet.left
        where = "" if begins and ends else f"to {way.end + 1}" if begins else f"from {way.start + 1}"
        label = ", ".join(filter(None, (way.label, where)))
        wide = width(label)
        place = x2 + 24  # clear of what begins where this one ends
        if place + wide > sheet.end:
            place = x2 - 10 - wide
        reach = (min(x2, place) - 4, max(x1, place + wide) + 4)
        level = _level(levels, reach)
        low = y + _LEVEL * (level + 1)
        down = f"M{n(x1)} {n(y)}V{n(low - 6)}Q{n(x1)} {n(low)} {n(x1 - 6)} {n(low)}"
        up = f"H{n(x2 + 6)}Q{n(x2)} {n(low)} {n(x2)} {n(low - 6)}V{n(y + 5)}"
        parts += [
            f"<g><title>{escaped(way.told)}</title>",
            f'<path class="{kind}" d="{down if begins else f"M{n(x1)} {n(low)}"}{up if ends else f"H{n(x2)}"}"/>',
        ]
        if ends:
            points = f"{n(x2 - 4)},{n(y + 7)} {n(x2 + 4)},{n(y + 7)} {n(x2)},{n(y)}"
            parts.append(f'<polygon class="{tip}" points="{points}"/>')
        parts.append("</g>")
        if label:
            labels.append(text(place, low - 4, label, "over", "start"))
    return [*parts, *labels], y + _LEVEL * len(levels) + 4


def _level(levels: list[list[tuple[float, float]]], reach: tuple[float, float]) -> int:
    """The first level at which a stretch is free, which it then takes."""
    for level, taken in enumerate(levels):
        if all(reach[1] < start or end < reach[0] for start, end in taken):
            taken.append(reach)
            return level
    levels.append([reach])
    return len(levels) - 1


def paragraph(words: str, x: float, y: float, room: float, kind: str) -> tuple[list[str], float]:
    """Words in lines from a corner on; those of a script from right to left stand at the right."""
    bold = kind in {"strong", "bad", "good"}
    lines = wrapped(words, room, bold=bold, most=MOST_LINES)
    backwards = is_right_to_left(words)
    at, anchor = (x + room, "end") if backwards else (x, "start")
    parts = [
        text(at, y + BASE + LINE * number, one, kind, anchor, backwards=backwards) for number, one in enumerate(lines)
    ]
    if "".join("".join(lines).split()) != "".join(words.split()):
        parts = [f"<g><title>{escaped(' '.join(words.split()))}</title>", *parts, "</g>"]
    return parts, y + LINE * len(lines)


def box(kind: str, x: float, y: float, wide: float, high: float) -> str:
    place = f'x="{n(x)}" y="{n(y)}" width="{n(wide)}" height="{n(high)}"'
    return f'<rect class="{kind}" {place} rx="{_ROUND.get(kind, 1)}"/>'


def diamond(kind: str, x: float, y: float, size: float) -> str:
    points = f"{n(x)},{n(y - size)} {n(x + size)},{n(y)} {n(x)},{n(y + size)} {n(x - size)},{n(y)}"
    return f'<polygon class="{kind}" points="{points}"/>'
