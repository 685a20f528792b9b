"""The journey map as a picture: phases across, steps below them, a lane for each thing said of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.model.journey import JourneyMap
from crmcore.model.touchpoint import Touchpoint
from crmcore.primitives import checks
from crmcore.primitives.errors import InvalidValueError
from crmcore.render._document import MARGIN, TITLE_SIZE, Svg, document, line, text
from crmcore.render._journey_words import story
from crmcore.render._lanes import BEHIND, MOST_WAYS, emotions, journeys, line_of_visibility, loops, text_lane
from crmcore.render._sheet import BASE, LINE, MOST_LINES, PAD, Sheet, box, paragraph
from crmcore.render._widths import is_right_to_left, wrapped

if TYPE_CHECKING:
    from crmcore.journeys.journey_maps import Conformance

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
_COLUMNS: Final = (480, 330, 270, 230, 210, 180, 156)  # how wide one is where there are so many of them
_NARROWEST: Final = 150
_FACTS: Final = 780  # a line longer than this is hard to read
_BETWEEN: Final = 40  # rows of steps


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
    heading = told.journey_map.name if title is None else checks.as_text(title, "title")
    if not checks.as_count(columns, "columns"):
        raise InvalidValueError("columns must be one or more, got 0", "columns")
    rows = list(_rows([step.phase for step in told.journey_map.steps], columns))
    widest = max(map(len, rows))
    sheet = Sheet(told, _COLUMNS[widest - 1] if widest <= len(_COLUMNS) else _NARROWEST, widest)
    parts, y = _heading(sheet, heading)
    for row in rows:
        drawn, y = _row(attrs.evolve(sheet, row=row), y)
        parts += drawn
        y += _BETWEEN
    drawn, y = _footing(sheet, y - _BETWEEN)
    return document(heading, told.told(), y + MARGIN, [*parts, *drawn], width=sheet.right + MARGIN, style=_STYLE)


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


def _heading(sheet: Sheet, heading: str) -> tuple[list[str], float]:
    """The title, whose journey it is, in what situation and to what end."""
    room = sheet.right - MARGIN
    lines = wrapped(heading, room, TITLE_SIZE, bold=True, most=MOST_LINES)
    backwards = is_right_to_left(heading)
    x, anchor = (MARGIN + room, "end") if backwards else (MARGIN, "start")
    parts = [
        text(x, 30 + 22 * number, words, "title", anchor, backwards=backwards) for number, words in enumerate(lines)
    ]
    y = 30 + 22 * max(0, len(lines) - 1) + 14.0
    for name, words in sheet.story.facts:
        drawn, below = paragraph(words, sheet.left, y, min(_FACTS, sheet.right - sheet.left), "")
        parts += [text(MARGIN, y + BASE, name, "soft", "start"), *drawn]
        y = below + 2
    return parts, y + 12


def _footing(sheet: Sheet, y: float) -> tuple[list[str], float]:
    """What journeys did all together."""
    summary = sheet.story.summary
    hidden = len(sheet.story.ways_back[MOST_WAYS:])
    if hidden:
        summary = (
            f"{summary} {hidden} rarer way{'' if hidden == 1 else 's'} back {'is' if hidden == 1 else 'are'} not drawn."
        )
    return paragraph(summary, MARGIN, y + 14, sheet.right - MARGIN, "") if summary else ([], y)


def _row(sheet: Sheet, y: float) -> tuple[list[str], float]:
    """One row of steps with their phases above them and their lanes below."""
    parts, top = _phases(sheet, y)
    drawn, below = _steps(sheet, top)
    parts += drawn
    lanes: list[str] = []
    seen = False
    for lane in sheet.story.lanes:
        if lane.key == "marks" or not (lane.key == "loops" or any(lane.cells[place] for place in sheet.row)):
            continue
        if lane.key in BEHIND and not seen:
            seen = True
            drawn, below = line_of_visibility(sheet, below)
            lanes += drawn
        draw = {"loops": loops, "emotion": emotions, "journeys": journeys}.get(lane.key, text_lane)
        drawn, below = draw(sheet, lane, below)
        lanes += drawn
    edges = [line("grid", sheet.x(number), top, sheet.x(number), below) for number in range(len(sheet.row) + 1)]
    return [*edges, *parts, *lanes], below


def _phases(sheet: Sheet, y: float) -> tuple[list[str], float]:
    """The phases, each across its steps."""
    steps = sheet.story.journey_map.steps
    spans: list[tuple[str, int, int]] = []
    for number, place in enumerate(sheet.row):
        if spans and steps[place].phase == spans[-1][0]:
            spans[-1] = (spans[-1][0], spans[-1][1], number + 1)
        else:
            spans.append((steps[place].phase, number, number + 1))
    parts: list[str] = []
    height = LINE + 10.0
    for phase, start, end in spans:
        continued = sheet.row.start and not start and steps[sheet.row.start - 1].phase == phase
        words = f"{phase} (continued)" if continued else phase
        room = sheet.column * (end - start) - 2 * PAD
        drawn, below = paragraph(words, sheet.x(start) + PAD, y + 5, room, "strong")
        parts += drawn
        height = max(height, below - y + 5)
    bands = [box("band", sheet.x(start) + 1, y, sheet.column * (end - start) - 2, height) for _, start, end in spans]
    return [text(MARGIN, y + 5 + BASE, "Phase", "soft", "start"), *bands, *parts], y + height + 6


def _steps(sheet: Sheet, y: float) -> tuple[list[str], float]:
    """The steps, each by number and name, with its marks."""
    marks = {lane.key: lane.cells for lane in sheet.story.lanes}["marks"]  # the goal's step has one on every map
    worst = sheet.story.most_left
    parts: list[str] = []
    height = 0.0
    for number, place in enumerate(sheet.row):
        step = sheet.story.journey_map.steps[place]
        x = sheet.x(number) + PAD
        drawn, below = paragraph(f"{place + 1}. {step.name}", x, y + 6, sheet.room, "strong")
        parts += drawn
        for note in marks[place]:
            kind = {"unnecessary": "bad", "goal reached": "good"}.get(note.words, "soft")
            drawn, below = paragraph(note.words, x, below, sheet.room, kind)
            parts += drawn
        if step.name in worst:
            drawn, below = paragraph("most leave here", x, below, sheet.room, "bad")
            parts += drawn
        height = max(height, below - y + 6)
    boxes = [
        box(
            "worst" if sheet.story.journey_map.steps[place].name in worst else "step",
            sheet.x(number) + 3,
            y,
            sheet.column - 6,
            height,
        )
        for number, place in enumerate(sheet.row)
    ]
    return [text(MARGIN, y + 6 + BASE, "Step", "soft", "start"), *boxes, *parts], y + height + 8
