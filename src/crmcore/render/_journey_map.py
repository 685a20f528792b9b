"""The journey map as a picture: phases across, steps below them, a lane for each thing said of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.model.journey import JourneyMap
from crmcore.model.touchpoint import Touchpoint
from crmcore.primitives import _entry
from crmcore.primitives.errors import InvalidValueError
from crmcore.render._document import MARGIN, TITLE_SIZE, Svg, document, escaped, line, n, text
from crmcore.render._journey_words import Lane, Note, Story, feeling, story
from crmcore.render._widths import is_right_to_left, width, wrapped

if TYPE_CHECKING:
    from crmcore.journey_maps import Conformance

_STYLE: Final = """
.crmcore { --good: #1a7f4b; --band: #e4ebf3; --back: #f3f5f8 }
@media (prefers-color-scheme: dark) {
  .crmcore { --good: #5ec98f; --band: #29323d; --back: #1b2027 }
}
.crmcore .strong { font-weight: 600 }
.crmcore .good { fill: var(--good); font-weight: 600 }
.crmcore .band { fill: var(--band) }
.crmcore .back { fill: var(--back) }
.crmcore .step { fill: var(--page); stroke: var(--soft) }
.crmcore .worst { fill: var(--page); stroke: var(--bad); stroke-width: 2.5 }
.crmcore .sight { stroke: var(--ink); stroke-dasharray: 7 4; stroke-width: 1.25 }
.crmcore .way { stroke: var(--soft); stroke-width: 1.25 }
.crmcore .turn { stroke: var(--bad); stroke-width: 1.25; stroke-dasharray: 4 2 }
.crmcore .tip { fill: var(--soft) }
.crmcore .turned { fill: var(--bad) }
.crmcore .over { fill: var(--soft); stroke: var(--page); stroke-width: 4; paint-order: stroke }
.crmcore .curve { stroke: var(--line); stroke-width: 2.5; stroke-linecap: round }
.crmcore .glad { fill: var(--good); stroke: var(--page); stroke-width: 1.5 }
.crmcore .so { fill: var(--soft); stroke: var(--page); stroke-width: 1.5 }
.crmcore .sad { fill: var(--bad); stroke: var(--page); stroke-width: 1.5 }
.crmcore .truth { fill: var(--line) }
.crmcore .hurt { fill: var(--bad) }
.crmcore .help { fill: var(--good) }
.crmcore .went { fill: var(--line); opacity: 0.8 }
.crmcore .left { fill: var(--bad) }
.crmcore .skipped { fill: var(--soft); opacity: 0.3 }
.crmcore .all { fill: none; stroke: var(--edge) }
"""
_LABEL: Final = 122  # the column of the lanes' names
_PAD: Final = 8
_LINE: Final = 16
_BASE: Final = 12  # from the top of a line to where its letters stand
_COLUMNS: Final = (480, 330, 270, 230, 210, 180, 156)  # how wide one is where there are so many of them
_NARROWEST: Final = 150
_FACTS: Final = 780  # a line longer than this is hard to read
_MOST_LINES: Final = 24
_BETWEEN: Final = 40  # rows of steps
_LEVEL: Final = 20  # between ways back that would cross
_MOST_WAYS: Final = 8
_FEELING: Final = 26  # from one emotion to the next
_BARS: Final = 72
_ROUND: Final = {"band": 4, "step": 6, "worst": 6}  # how round a box is at its corners
_BEHIND: Final = frozenset({"backstage", "support_process"})


def journey_map(
    journey_map: JourneyMap,
    /,
    conformance: Conformance | None = None,
    *,
    touchpoints: Iterable[Touchpoint] = (),
    title: str | None = None,
    columns: int = 8,
) -> Svg:
    """A journey map to print: phases across, steps below them, and a lane for each thing that is said of the steps.

    Examples:
        >>> from crmcore import JourneyMap, JourneyStep, render
        >>> paint = JourneyMap(
        ...     name="buy a paint",
        ...     actor="Vera",
        ...     steps=[
        ...         JourneyStep(name="see the ad", phase="before", emotion=1, touchpoint_ids=["ad"]),
        ...         JourneyStep(name="pay", phase="purchase", emotion=-1, touchpoint_ids=["till"]),
        ...     ],
        ... )
        >>> picture = render.journey_map(paint)
        >>> "<title>buy a paint</title>" in str(picture), "1. see the ad, in the phase before." in str(picture)
        (True, True)

    Lanes of which the map says nothing are left out. Texts are broken into lines; only what needs more than 24 lines is
    cut, and stands whole in a title. More than eight steps go into several rows, of which each fits on a page; for a
    poster let more stand side by side. The line of visibility parts what the customer sees from what he does not.

    With a comparison, the last lane shows what journeys did: of all, from below, those that came and went on, those
    that left here short of the goal, and those that skipped the step; the step that the most left at has a frame. Ways
    back that the map does not have are drawn as broken lines, the eight most frequent ones.

    Args:
        journey_map: The map.
        conformance: What `journey_maps.compare` found when it held journeys against this map.
        touchpoints: What the touchpoints are called, and by what channel they are met; of others the id is shown.
        title: What stands above it; left out, the map's name.
        columns: How many steps may stand side by side.

    Raises:
        InvalidValueError: Two touchpoints of one id, or no column.
        PolicyMismatchError: The comparison is of another map.
        WrongTypeError: A value of the wrong type.
    """
    told = story(journey_map, conformance, touchpoints)
    heading = told.journey_map.name if title is None else _entry.text(title, "title")
    if not _entry.count(columns, "columns"):
        raise InvalidValueError("columns must be one or more, got 0", "columns")
    rows = list(_rows([step.phase for step in told.journey_map.steps], columns))
    widest = max(map(len, rows))
    sheet = _Sheet(told, _COLUMNS[widest - 1] if widest <= len(_COLUMNS) else _NARROWEST, widest)
    parts, y = _heading(sheet, heading)
    for row in rows:
        drawn, y = _row(attrs.evolve(sheet, row=row), y)
        parts += drawn
        y += _BETWEEN
    drawn, y = _footing(sheet, y - _BETWEEN)
    return document(heading, told.told(), y + MARGIN, [*parts, *drawn], width=sheet.right + MARGIN, style=_STYLE)


@attrs.frozen
class _Sheet:
    """What is drawn, and how wide its columns are."""

    story: Story
    column: float
    columns: int
    row: range = range(0)

    @property
    def left(self) -> float:
        return MARGIN + _LABEL

    @property
    def right(self) -> float:
        return self.left + self.column * self.columns

    @property
    def end(self) -> float:
        """Where the row's last column ends."""
        return self.x(len(self.row))

    @property
    def room(self) -> float:
        return self.column - 2 * _PAD

    def x(self, number: int) -> float:
        """Where a column begins."""
        return self.left + self.column * number

    def middle(self, number: int) -> float:
        return self.x(number) + self.column / 2


def _rows(phases: Sequence[str], most: int) -> Iterator[range]:
    """Steps by rows: few rows and few phases parted, of both together the fewest, and rows of like lengths."""
    best: list[tuple[tuple[int, int, int], int]] = [((0, 0, 0), 0)]
    for end in range(1, len(phases) + 1):
        choices: list[tuple[tuple[int, int, int], int]] = []
        for start in range(max(0, end - most), end):
            (rows, parted, uneven), _ = best[start]
            parts = end < len(phases) and phases[end] == phases[end - 1]
            choices.append(((rows + 1, parted + parts, uneven + (end - start) ** 2), start))
        best.append(min(choices, key=lambda choice: (sum(choice[0][:2]), choice)))
    ends = [len(phases)]
    while ends[-1]:
        ends.append(best[ends[-1]][1])
    ends.reverse()
    for start, end in pairwise(ends):
        yield range(start, end)


def _heading(sheet: _Sheet, heading: str) -> tuple[list[str], float]:
    """The title, whose journey it is, in what situation and to what end."""
    room = sheet.right - MARGIN
    lines = wrapped(heading, room, TITLE_SIZE, bold=True, most=_MOST_LINES)
    backwards = is_right_to_left(heading)
    x, anchor = (MARGIN + room, "end") if backwards else (MARGIN, "start")
    parts = [
        text(x, 30 + 22 * number, words, "title", anchor, backwards=backwards) for number, words in enumerate(lines)
    ]
    y = 30 + 22 * max(0, len(lines) - 1) + 14.0
    for name, words in sheet.story.facts:
        drawn, below = _paragraph(words, sheet.left, y, min(_FACTS, sheet.right - sheet.left), "")
        parts += [text(MARGIN, y + _BASE, name, "soft", "start"), *drawn]
        y = below + 2
    return parts, y + 12


def _footing(sheet: _Sheet, y: float) -> tuple[list[str], float]:
    """What journeys did all together."""
    summary = sheet.story.summary
    hidden = len(sheet.story.ways_back[_MOST_WAYS:])
    if hidden:
        summary = (
            f"{summary} {hidden} rarer way{'' if hidden == 1 else 's'} back {'is' if hidden == 1 else 'are'} not drawn."
        )
    return _paragraph(summary, MARGIN, y + 14, sheet.right - MARGIN, "") if summary else ([], y)


def _row(sheet: _Sheet, y: float) -> tuple[list[str], float]:
    """One row of steps with their phases above them and their lanes below."""
    parts, top = _phases(sheet, y)
    drawn, below = _steps(sheet, top)
    parts += drawn
    lanes: list[str] = []
    seen = False
    for lane in sheet.story.lanes:
        if lane.key == "marks" or not (lane.key == "loops" or any(lane.cells[place] for place in sheet.row)):
            continue
        if lane.key in _BEHIND and not seen:
            seen = True
            drawn, below = _sight(sheet, below)
            lanes += drawn
        draw = {"loops": _loops, "emotion": _emotions, "journeys": _journeys}.get(lane.key, _lane)
        drawn, below = draw(sheet, lane, below)
        lanes += drawn
    edges = [line("grid", sheet.x(number), top, sheet.x(number), below) for number in range(len(sheet.row) + 1)]
    return [*edges, *parts, *lanes], below


def _phases(sheet: _Sheet, y: float) -> tuple[list[str], float]:
    """The phases, each across its steps."""
    steps = sheet.story.journey_map.steps
    spans: list[tuple[str, int, int]] = []
    for number, place in enumerate(sheet.row):
        if spans and steps[place].phase == spans[-1][0]:
            spans[-1] = (spans[-1][0], spans[-1][1], number + 1)
        else:
            spans.append((steps[place].phase, number, number + 1))
    parts: list[str] = []
    height = _LINE + 10.0
    for phase, start, end in spans:
        continued = sheet.row.start and not start and steps[sheet.row.start - 1].phase == phase
        words = f"{phase} (continued)" if continued else phase
        room = sheet.column * (end - start) - 2 * _PAD
        drawn, below = _paragraph(words, sheet.x(start) + _PAD, y + 5, room, "strong")
        parts += drawn
        height = max(height, below - y + 5)
    bands = [_box("band", sheet.x(start) + 1, y, sheet.column * (end - start) - 2, height) for _, start, end in spans]
    return [text(MARGIN, y + 5 + _BASE, "Phase", "soft", "start"), *bands, *parts], y + height + 6


def _steps(sheet: _Sheet, y: float) -> tuple[list[str], float]:
    """The steps, each by number and name, with its marks."""
    marks = {lane.key: lane.cells for lane in sheet.story.lanes}["marks"]  # the goal's step has one on every map
    worst = sheet.story.most_left
    parts: list[str] = []
    height = 0.0
    for number, place in enumerate(sheet.row):
        step = sheet.story.journey_map.steps[place]
        x = sheet.x(number) + _PAD
        drawn, below = _paragraph(f"{place + 1}. {step.name}", x, y + 6, sheet.room, "strong")
        parts += drawn
        for note in marks[place]:
            kind = {"needless": "bad", "goal reached": "good"}.get(note.words, "soft")
            drawn, below = _paragraph(note.words, x, below, sheet.room, kind)
            parts += drawn
        if step.name in worst:
            drawn, below = _paragraph("most leave here", x, below, sheet.room, "bad")
            parts += drawn
        height = max(height, below - y + 6)
    boxes = [
        _box(
            "worst" if sheet.story.journey_map.steps[place].name in worst else "step",
            sheet.x(number) + 3,
            y,
            sheet.column - 6,
            height,
        )
        for number, place in enumerate(sheet.row)
    ]
    return [text(MARGIN, y + 6 + _BASE, "Step", "soft", "start"), *boxes, *parts], y + height + 8


def _lane(sheet: _Sheet, lane: Lane, y: float) -> tuple[list[str], float]:
    """A lane of texts."""
    parts, below = _label(lane.title, y)
    for number, place in enumerate(sheet.row):
        drawn, end = _cell(sheet, lane, lane.cells[place], sheet.x(number) + _PAD, y + 6)
        parts += drawn
        below = max(below, end)
    return _framed(sheet, lane, y, below + 4, parts)


def _framed(sheet: _Sheet, lane: Lane, y: float, below: float, parts: list[str]) -> tuple[list[str], float]:
    """What a lane holds, under a line, and behind the line of visibility on a darker ground."""
    right = sheet.end
    ground = [_box("back", MARGIN - 6, y, right - MARGIN + 6, below - y)] if lane.key in _BEHIND else []
    return [*ground, line("grid", MARGIN, y, right, y), *parts], below


def _label(words: str, y: float) -> tuple[list[str], float]:
    drawn, below = _paragraph(words, MARGIN, y + 6, _LABEL - 2 * _PAD, "soft")
    return drawn, below + 2


def _cell(sheet: _Sheet, lane: Lane, notes: Iterable[Note], x: float, y: float) -> tuple[list[str], float]:
    """Notes below one another; what hurts and what helps has a bar beside it."""
    bar = {"pains": "hurt", "opportunities": "help"}.get(lane.key, "")
    parts: list[str] = []
    for note in notes:
        inset = 9 if bar or lane.key == "moments" else 0
        drawn, below = _paragraph(note.words, x + inset, y, sheet.room - inset, "")
        parts += drawn
        if note.about:
            drawn, below = _paragraph(note.about, x + inset, below, sheet.room - inset, "soft")
            parts += drawn
        if bar:
            parts.append(_box(bar, x, y + 2, 3, below - y - 3))
        if lane.key == "moments" and not note.about:
            parts.append(_diamond("truth", x + 2, y + 8, 4.5))
        y = below + 3
    return parts, y


def _sight(sheet: _Sheet, y: float) -> tuple[list[str], float]:
    """The line of visibility: behind it is what the customer does not see."""
    right = sheet.end
    words = "Line of visibility"
    start = MARGIN + width(words, bold=True) + 8
    return [text(MARGIN, y + 14, words, "strong", "start"), line("sight", start, y + 10, right, y + 10)], y + 22


def _emotions(sheet: _Sheet, lane: Lane, y: float) -> tuple[list[str], float]:
    """How the customer feels, as a curve that breaks where nobody asked."""
    steps = sheet.story.journey_map.steps
    zero = y + 26 + 2 * _FEELING
    right = sheet.end
    parts, _ = _label(lane.title, y)
    for emotion in range(-2, 3):
        at = zero - _FEELING * emotion
        parts.append(text(sheet.left - _PAD, at + 4, feeling(emotion), "soft", "end"))
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
        parts.append(_diamond(kind, x, at, 9) if step.moment_of_truth else mark)
        parts.append(text(x, at - 12, feeling(step.emotion), "strong", "middle"))
    return _framed(sheet, lane, y, zero + 2 * _FEELING + 16, parts)


def _loops(sheet: _Sheet, lane: Lane, y: float) -> tuple[list[str], float]:
    """The ways back that the map has."""
    places = sheet.story.places
    ways = [
        _Way(places[start], places[end], "", f"The map leads back from {start} to {end}.")
        for start, end in sheet.story.journey_map.loops
    ]
    drawn, below = _ways(sheet, ways, y, turned=False)
    if not drawn:
        return [], y
    parts, end = _label(lane.title, y - 4)
    return [*drawn, *parts], max(below, end) + 4


def _journeys(sheet: _Sheet, lane: Lane, y: float) -> tuple[list[str], float]:
    """What journeys did: a bar for each step, the figures, and the ways back that the map has not."""
    found = sheet.story.conformance
    assert found is not None  # noqa: S101 - there is no such lane without it
    steps = sheet.story.journey_map.steps
    parts, label = _label(lane.title, y)
    top = y + 10
    for number, (kind, words) in enumerate((("skipped", "skipped"), ("left", "left here"), ("went", "went on"))):
        at = label + 4 + 18 * number
        parts += [_box(kind, MARGIN, at, 10, 10), text(MARGIN + 16, at + 9, words, "soft", "start")]
    below = label + 58
    for number, place in enumerate(sheet.row):
        step = found.steps[place]
        x, wide = sheet.x(number) + _PAD, sheet.room
        if steps[place].touchpoint_ids:
            at = top + _BARS
            parts.append(_box("all", x, top, wide, _BARS))
            for kind, count in (("went", step.came - step.left), ("left", step.left), ("skipped", step.skipped)):
                high = _BARS * (count / step.journeys)
                if high >= 0.05:
                    at -= high
                    parts.append(_box(kind, x, at, wide, high))
        drawn, end = _cell(sheet, lane, lane.cells[place], x, top + _BARS + 6)
        parts += drawn
        below = max(below, end)
    places, shown = sheet.story.places, sheet.story.ways_back[:_MOST_WAYS]
    ways = [_Way(places[way.start], places[way.end], f"{way.count:,} back", way.told) for way in shown]
    drawn, end = _ways(sheet, ways, below + 4, turned=True)
    parts += drawn
    return _framed(sheet, lane, y, (end if drawn else below) + 4, parts)


@attrs.frozen
class _Way:
    """A way back between two places of the map, with what stands on it and what it says."""

    start: int
    end: int
    label: str
    told: str


def _ways(sheet: _Sheet, ways: Iterable[_Way], y: float, *, turned: bool) -> tuple[list[str], float]:
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


def _paragraph(words: str, x: float, y: float, room: float, kind: str) -> tuple[list[str], float]:
    """Words in lines from a corner on; those of a script from right to left stand at the right."""
    bold = kind in {"strong", "bad", "good"}
    lines = wrapped(words, room, bold=bold, most=_MOST_LINES)
    backwards = is_right_to_left(words)
    at, anchor = (x + room, "end") if backwards else (x, "start")
    parts = [
        text(at, y + _BASE + _LINE * number, one, kind, anchor, backwards=backwards) for number, one in enumerate(lines)
    ]
    if "".join("".join(lines).split()) != "".join(words.split()):
        parts = [f"<g><title>{escaped(' '.join(words.split()))}</title>", *parts, "</g>"]
    return parts, y + _LINE * len(lines)


def _box(kind: str, x: float, y: float, wide: float, high: float) -> str:
    place = f'x="{n(x)}" y="{n(y)}" width="{n(wide)}" height="{n(high)}"'
    return f'<rect class="{kind}" {place} rx="{_ROUND.get(kind, 1)}"/>'


def _diamond(kind: str, x: float, y: float, size: float) -> str:
    points = f"{n(x)},{n(y - size)} {n(x + size)},{n(y)} {n(x)},{n(y + size)} {n(x - size)},{n(y)}"
    return f'<polygon class="{kind}" points="{points}"/>'
