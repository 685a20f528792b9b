"""The lanes of a journey map: each is drawn below the last, and says where it ends."""

from collections.abc import Iterable
from typing import Final

from crmcore.render._document import MARGIN, line, n, text
from crmcore.render._journey_words import Lane, Note, feeling
from crmcore.render._sheet import LABEL, PAD, Sheet, Way, box, diamond, paragraph, ways_back
from crmcore.render._widths import width

MOST_WAYS: Final = 8
_FEELING: Final = 26  # from one emotion to the next
_BARS: Final = 72
BEHIND: Final = frozenset({"backstage", "support_process"})


def text_lane(sheet: Sheet, lane: Lane, y: float) -> tuple[list[str], float]:
    """A lane of texts."""
    parts, below = _label(lane.title, y)
    for number, place in enumerate(sheet.row):
        drawn, end = _cell(sheet, lane, lane.cells[place], sheet.x(number) + PAD, y + 6)
        parts += drawn
        below = max(below, end)
    return _framed(sheet, lane, y, below + 4, parts)


def _framed(sheet: Sheet, lane: Lane, y: float, below: float, parts: list[str]) -> tuple[list[str], float]:
    """What a lane holds, under a line, and behind the line of visibility on a darker ground."""
    right = sheet.end
    ground = [box("back", MARGIN - 6, y, right - MARGIN + 6, below - y)] if lane.key in BEHIND else []
    return [*ground, line("grid", MARGIN, y, right, y), *parts], below


def _label(words: str, y: float) -> tuple[list[str], float]:
    drawn, below = paragraph(words, MARGIN, y + 6, LABEL - 2 * PAD, "soft")
    return drawn, below + 2


def _cell(sheet: Sheet, lane: Lane, notes: Iterable[Note], x: float, y: float) -> tuple[list[str], float]:
    """Notes below one another; what hurts and what helps has a bar beside it."""
    bar = {"pains": "hurt", "opportunities": "help"}.get(lane.key, "")
    parts: list[str] = []
    for note in notes:
        inset = 9 if bar or lane.key == "moments" else 0
        drawn, below = paragraph(note.words, x + inset, y, sheet.room - inset, "")
        parts += drawn
        if note.about:
            drawn, below = paragraph(note.about, x + inset, below, sheet.room - inset, "soft")
            parts += drawn
        if bar:
            parts.append(box(bar, x, y + 2, 3, below - y - 3))
        if lane.key == "moments" and not note.about:
            parts.append(diamond("truth", x + 2, y + 8, 4.5))
        y = below + 3
    return parts, y


def line_of_visibility(sheet: Sheet, y: float) -> tuple[list[str], float]:
    """The line of visibility: behind it is what the customer does not see."""
    right = sheet.end
    words = "Line of visibility"
    start = MARGIN + width(words, bold=True) + 8
    return [text(MARGIN, y + 14, words, "strong", "start"), line("sight", start, y + 10, right, y + 10)], y + 22


def emotions(sheet: Sheet, lane: Lane, y: float) -> tuple[list[str], float]:
    """How the customer feels, as a curve that breaks where nobody asked."""
    steps = sheet.story.journey_map.steps
    zero = y + 26 + 2 * _FEELING
    right = sheet.end
    parts, _ = _label(lane.title, y)
    for emotion in range(-2, 3):
        at = zero - _FEELING * emotion
        parts.append(text(sheet.left - PAD, at + 4, feeling(emotion), "soft", "end"))
        parts.append(line("zero" if not emotion else "grid", sheet.left, at, right, at))
    curve = ""
    half = sheet.column / 2
    for number, place in enumerate(sheet.row):
        here, x = steps[place].emotion, sheet.middle(number)
        before = steps[place - 1].emotion if place else None
        if here is None:
            continue
        at = zero - _FEELING * here
        if before is not None:
            start = zero - _FEELING * before
            if number:
                curve += f"M{n(x - 2 * half)} {n(start)}C{n(x - half)} {n(start)} {n(x - half)} {n(at)} {n(x)} {n(at)}"
            else:  # the second half of what began in the row above
                bend = f"{n(x - 0.75 * half)} {n((start + 3 * at) / 4)} {n(x - half / 2)} {n(at)}"
                curve += f"M{n(x - half)} {n((start + at) / 2)}C{bend} {n(x)} {n(at)}"
        after = steps[place + 1].emotion if place + 1 < len(steps) else None
        if after is not None and place + 1 == sheet.row.stop:
            end = zero - _FEELING * after
            bend = f"{n(x + half / 2)} {n(at)} {n(x + 0.75 * half)} {n((3 * at + end) / 4)}"
            curve += f"M{n(x)} {n(at)}C{bend} {n(x + half)} {n((at + end) / 2)}"
    if curve:
        parts.append(f'<path class="curve" d="{curve}"/>')
    for number, place in enumerate(sheet.row):
        step, x = steps[place], sheet.middle(number)
        if step.emotion is None:
            continue
        at = zero - _FEELING * step.emotion
        kind = "glad" if step.emotion > 0 else "sad" if step.emotion < 0 else "so"
        mark = f'<circle class="{kind}" cx="{n(x)}" cy="{n(at)}" r="6.5"/>'
        parts.append(diamond(kind, x, at, 9) if step.moment_of_truth else mark)
        parts.append(text(x, at - 12, feeling(step.emotion), "strong", "middle"))
    return _framed(sheet, lane, y, zero + 2 * _FEELING + 16, parts)


def loops(sheet: Sheet, lane: Lane, y: float) -> tuple[list[str], float]:
    """The ways back that the map has."""
    places = sheet.story.places
    ways = [
        Way(places[start], places[end], "", f"The map leads back from {start} to {end}.")
        for start, end in sheet.story.journey_map.loops
    ]
    drawn, below = ways_back(sheet, ways, y, turned=False)
    if not drawn:
        return [], y
    parts, end = _label(lane.title, y - 4)
    return [*drawn, *parts], max(below, end) + 4


def journeys(sheet: Sheet, lane: Lane, y: float) -> tuple[list[str], float]:
    """What journeys did: a bar for each step, the figures, and the ways back that the map has not."""
    found = sheet.story.conformance
    assert found is not None  # noqa: S101 - there is no such lane without it
    steps = sheet.story.journey_map.steps
    parts, label = _label(lane.title, y)
    top = y + 10
    for number, (kind, words) in enumerate((("skipped", "skipped"), ("left", "left here"), ("went", "went on"))):
        at = label + 4 + 18 * number
        parts += [box(kind, MARGIN, at, 10, 10), text(MARGIN + 16, at + 9, words, "soft", "start")]
    below = label + 58
    for number, place in enumerate(sheet.row):
        step = found.steps[place]
        x, wide = sheet.x(number) + PAD, sheet.room
        if steps[place].touchpoint_ids:
            at = top + _BARS
            parts.append(box("all", x, top, wide, _BARS))
            for kind, count in (("went", step.came - step.left), ("left", step.left), ("skipped", step.skipped)):
                high = _BARS * (count / step.journeys)
                if high >= 0.05:
                    at -= high
                    parts.append(box(kind, x, at, wide, high))
        drawn, end = _cell(sheet, lane, lane.cells[place], x, top + _BARS + 6)
        parts += drawn
        below = max(below, end)
    places, shown = sheet.story.places, sheet.story.ways_back[:MOST_WAYS]
    ways = [Way(places[way.start], places[way.end], f"{way.count:,} back", way.told) for way in shown]
    drawn, end = ways_back(sheet, ways, below + 4, turned=True)
    parts += drawn
    return _framed(sheet, lane, y, (end if drawn else below) + 4, parts)
