"""The sheet on which a journey map is drawn: its columns, and the shapes that are put on it."""

from collections.abc import Iterable
from typing import Final

import attrs

from crmcore.render._captions import MapCaptions
from crmcore.render._document import MARGIN, draw_label, draw_text, escape, n
from crmcore.render._widths import cut, is_right_to_left, measure, wrap

LABEL: Final = 122  # the width of the column with the titles of the lanes
PAD: Final = 8
BASE: Final = 12  # from the top of a line of text to its baseline
LINE: Final = 16
MOST_LINES: Final = 24
_LEVEL: Final = 20  # the vertical distance between arrows that would cross

_Reach = tuple[float, float]
"""From where to where an arrow and its label take the room of a level."""


@attrs.frozen
class Sheet:
    """The captions to draw, the width of the columns, and the steps of the current row."""

    captions: MapCaptions
    column: float
    columns: int
    row: range = range(0)

    @property
    def left(self) -> float:
        """The left edge of the first column."""
        return MARGIN + LABEL

    @property
    def right(self) -> float:
        """The right edge of the last column."""
        return self.left + self.column * self.columns

    @property
    def end(self) -> float:
        """The right edge of the last column of the row."""
        return self.x(len(self.row))

    @property
    def room(self) -> float:
        """The width of a text in a column."""
        return self.column - 2 * PAD

    def x(self, number: int) -> float:
        """Return the left edge of a column."""
        return self.left + self.column * number

    def middle(self, number: int) -> float:
        """Return the middle of a column."""
        return self.x(number) + self.column / 2


@attrs.frozen
class Arrow:
    """An arrow from a step back to an earlier one, with a label and a title for those who do not see it."""

    start: int
    end: int
    label: str
    title: str


def draw_arrows(sheet: Sheet, arrows: Iterable[Arrow], y: float, *, broken: bool) -> tuple[list[str], float]:
    """Draw arrows back, each on the first level where it does not cross another, and return them with their end."""
    row, say = sheet.row, sheet.captions.say
    levels = list[list[_Reach]]()
    first: dict[_Reach, int] = {}
    parts: list[str] = []
    labels: list[str] = []
    kind, tip = ("backtrack", "backtrack_tip") if broken else ("loop", "loop_tip")
    for arrow in sorted(arrows, key=lambda arrow: (arrow.start - arrow.end, arrow.start)):
        begins, ends = arrow.start in row, arrow.end in row
        if not begins and not ends:
            continue
        x1 = sheet.middle(arrow.start - row.start) + 9 if begins else sheet.end
        x2 = sheet.middle(arrow.end - row.start) - 9 if ends else sheet.left
        where = ""
        if not ends:
            where = say("to {step}", step=arrow.end + 1)
        elif not begins:
            where = say("from {step}", step=arrow.start + 1)
        room = max(sheet.end - x2 - 24, x2 - 10 - MARGIN)
        label = cut(", ".join(filter(None, (arrow.label, where))), room)
        wide = measure(label)
        place = x2 + 24  # leaves room for an arrow that begins where this one ends
        if place + wide > sheet.end:
            place = x2 - 10 - wide
        reach = (min(x2, place) - 4, max(x1, place + wide) + 4)
        level = first[reach] = _take_level(levels, reach, first.get(reach, -1) + 1)
        low = y + _LEVEL * (level + 1)
        down = f"M{n(x1)} {n(y)}V{n(low - 6)}Q{n(x1)} {n(low)} {n(x1 - 6)} {n(low)}"
        up = f"H{n(x2 + 6)}Q{n(x2)} {n(low)} {n(x2)} {n(low - 6)}V{n(y + 5)}"
        parts += [
            f"<g><title>{escape(arrow.title)}</title>",
            f'<path class="{kind}" d="{down if begins else f"M{n(x1)} {n(low)}"}{up if ends else f"H{n(x2)}"}"/>',
        ]
        if ends:
            points = f"{n(x2 - 4)},{n(y + 7)} {n(x2 + 4)},{n(y + 7)} {n(x2)},{n(y)}"
            parts.append(f'<polygon class="{tip}" points="{points}"/>')
        parts.append("</g>")
        if label:
            labels.append(draw_label(place, low - 4, label, "over", "start"))
    return [*parts, *labels], y + _LEVEL * len(levels) + 4


def _take_level(levels: list[list[_Reach]], reach: _Reach, least: int) -> int:
    """Return the first level on which a stretch is free, and mark the stretch as taken.

    The levels below the least are known to be taken: an equal stretch was put on the last of them. Many loops to one
    step are a few stretches many times, so that without this each would try the levels of all the others.
    """
    for level in range(least, len(levels)):
        taken = levels[level]
        if all(reach[1] < start or end < reach[0] for start, end in taken):
            taken.append(reach)
            return level
    levels.append([reach])
    return len(levels) - 1


def draw_paragraph(text: str, x: float, y: float, room: float, kind: str) -> tuple[list[str], float]:
    """Draw a text in lines from a corner down, and return it with its lower end; right-to-left text is aligned right.

    A text with too many lines is cut. The whole text is then in its title.
    """
    bold = kind in {"strong", "bad", "good"}
    lines = wrap(text, room, bold=bold, most=MOST_LINES)
    backwards = is_right_to_left(text)
    edge, anchor = (x + room, "end") if backwards else (x, "start")
    parts = [
        draw_text(edge, y + BASE + LINE * number, line, kind, anchor, backwards=backwards)
        for number, line in enumerate(lines)
    ]
    if "".join("".join(lines).split()) != "".join(text.split()):
        parts = [f"<g><title>{escape(' '.join(text.split()))}</title>", *parts, "</g>"]
    return parts, y + LINE * len(lines)
