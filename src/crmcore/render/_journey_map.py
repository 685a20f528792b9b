"""The journey map as a picture: phases across, steps below them, and a lane for each subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.model.journey import JourneyMap
from crmcore.model.touchpoint import Touchpoint
from crmcore.primitives import checks
from crmcore.render._captions import caption_map
from crmcore.render._document import MARGIN, TITLE_SIZE, Svg, build_document, draw_box, draw_line, draw_text
from crmcore.render._lanes import (
    BEHIND,
    MOST_BACKTRACKS,
    draw_emotions,
    draw_journeys,
    draw_line_of_visibility,
    draw_loops,
    draw_texts,
)
from crmcore.render._sheet import BASE, LABEL, LINE, MOST_LINES, PAD, Sheet, draw_paragraph
from crmcore.render._widths import cut, is_right_to_left, wrap

if TYPE_CHECKING:
    from crmcore.journeys.journey_maps import Conformance

_STYLE: Final = """
.crmcore .back { fill: $back }
.crmcore .step { fill: $page; stroke: $soft }
.crmcore .worst { fill: $page; stroke: $bad; stroke-width: 2.5 }
.crmcore .sight { stroke: $ink; stroke-dasharray: 7 4; stroke-width: 1.25 }
.crmcore .loop { stroke: $soft; stroke-width: 1.25 }
.crmcore .backtrack { stroke: $bad; stroke-width: 1.25; stroke-dasharray: 4 2 }
.crmcore .loop_tip { fill: $soft }
.crmcore .backtrack_tip { fill: $bad }
.crmcore .over { fill: $soft }
.crmcore .curve { stroke: $line; stroke-width: 2.5; stroke-linecap: round }
.crmcore .glad { fill: $good; stroke: $page; stroke-width: 1.5 }
.crmcore .neutral { fill: $soft; stroke: $page; stroke-width: 1.5 }
.crmcore .sad { fill: $bad; stroke: $page; stroke-width: 1.5 }
.crmcore .truth { fill: $line }
.crmcore .hurt { fill: $bad }
.crmcore .help { fill: $good }
.crmcore .went { fill: $line; opacity: 0.8 }
.crmcore .left { fill: $bad }
.crmcore .skipped { fill: $soft; opacity: 0.3 }
.crmcore .all { fill: none; stroke: $edge }
"""
_COLUMNS: Final = (480, 330, 270, 230, 210, 180, 156)  # the width of a column if there are 1, 2, ... of them
_NARROWEST: Final = 150
_FACTS: Final = 780  # a line longer than this is hard to read
_DRAWN: Final = {"loops": draw_loops, "emotion": draw_emotions, "journeys": draw_journeys}
_BETWEEN: Final = 40  # the vertical distance between rows of steps
_EVEN: Final = 64
"""Longer rows are filled one after another and not made similar, which would take the square of their length."""


def journey_map(
    journey_map: JourneyMap,
    /,
    conformance: Conformance | None = None,
    *,
    touchpoints: Iterable[Touchpoint] = (),
    title: str | None = None,
    columns: int = 8,
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw a journey map: phases across, steps below them, and a lane for each subject.

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

    A lane is left out if the map has nothing for it. Long texts are wrapped. A text of more than 24 lines is cut, and
    the whole text is in its SVG title. More than eight steps are drawn in several rows, each as wide as a page; raise
    `columns` for a poster. The line of visibility separates what the customer sees from what they do not see.

    With a conformance, the last lane shows what journeys did at each step. The bar shows, from the bottom, the journeys
    that reached the step and went on, those that left here before the goal, and those that skipped the step. The step
    with the most exits has a frame. Backtracks for which the map has no loop are broken lines, at most the eight most
    frequent ones.

    Args:
        journey_map: The map.
        conformance: The result of `journey_maps.compare` for this map.
        touchpoints: The touchpoints, for their names and channels. Of a touchpoint that is not given, the id is shown.
        title: The title above the picture; the name of the map by default.
        columns: The largest number of steps side by side, >= 1.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        InvalidValueError: Two touchpoints have the same id, or `columns` is 0.
        PolicyMismatchError: The conformance belongs to another map.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    captions = caption_map(journey_map, conformance, touchpoints, words)
    heading = journey_map.name if title is None else checks.as_text(title, "title")
    checks.as_count(columns, "columns", least=1)
    rows = list(_split_into_rows([step.phase for step in journey_map.steps], columns))
    widest = max(map(len, rows))
    sheet = Sheet(captions, _COLUMNS[widest - 1] if widest <= len(_COLUMNS) else _NARROWEST, widest)
    parts, y = _draw_heading(sheet, heading)
    for row in rows:
        drawn, y = _draw_row(attrs.evolve(sheet, row=row), y)
        parts += drawn
        y += _BETWEEN
    drawn, y = _draw_summary(sheet, y - _BETWEEN)
    description = captions.describe()
    width = sheet.right + MARGIN
    return build_document(heading, description, y + MARGIN, [*parts, *drawn], width=width, style=_STYLE, heading=False)


def _split_into_rows(phases: Sequence[str], most: int) -> Iterator[range]:
    """Split the steps into rows, by dynamic programming.

    The sum of rows and of phases that are cut is the least possible. Among equal splits, fewer rows come first, then
    rows of similar lengths.
    """
    if most > _EVEN:
        yield from _fill_rows(phases, most)
        return
    best: list[tuple[tuple[int, int, int], int]] = [((0, 0, 0), 0)]
    for end in range(1, len(phases) + 1):
        choices: list[tuple[tuple[int, int, int], int]] = []
        for start in range(max(0, end - most), end):
            (rows, cuts, uneven), _ = best[start]
            is_cut = end < len(phases) and phases[end] == phases[end - 1]
            choices.append(((rows + 1, cuts + is_cut, uneven + (end - start) ** 2), start))
        best.append(min(choices, key=lambda choice: (sum(choice[0][:2]), choice)))
    ends = [len(phases)]
    while ends[-1]:
        ends.append(best[ends[-1]][1])
    ends.reverse()
    for start, end in pairwise(ends):
        yield range(start, end)


def _fill_rows(phases: Sequence[str], most: int) -> Iterator[range]:
    """Fill one row after another, each up to the last phase that ends in it, or to its end if none does."""
    start = cut_at = 0
    for place in range(len(phases) + 1):
        if place - start > most:
            end = cut_at if cut_at > start else place - 1
            yield range(start, end)
            start = end
        if place == len(phases) or (place and phases[place] != phases[place - 1]):
            cut_at = place
    if phases:
        yield range(start, len(phases))


def _draw_heading(sheet: Sheet, heading: str) -> tuple[list[str], float]:
    """Draw the title, the actor, the scenario and the goal."""
    room = sheet.right - MARGIN
    lines = wrap(heading, room, TITLE_SIZE, bold=True, most=MOST_LINES)
    backwards = is_right_to_left(heading)
    x, anchor = (MARGIN + room, "end") if backwards else (MARGIN, "start")
    parts = [
        draw_text(x, 30 + 22 * number, line, "title", anchor, backwards=backwards) for number, line in enumerate(lines)
    ]
    y = 30 + 22 * max(0, len(lines) - 1) + 14.0
    for name, fact in sheet.captions.facts:
        drawn, below = draw_paragraph(fact, sheet.left, y, min(_FACTS, sheet.right - sheet.left), "")
        parts += [draw_text(MARGIN, y + BASE, cut(name, LABEL - PAD), "soft", "start"), *drawn]
        y = below + 2
    return parts, y + 12


def _draw_summary(sheet: Sheet, y: float) -> tuple[list[str], float]:
    """Draw the totals over all journeys."""
    summary, say = sheet.captions.summary, sheet.captions.say
    hidden = len(sheet.captions.backtracks[MOST_BACKTRACKS:])
    if hidden:
        note = say.count(hidden, "1 rarer backtrack is not drawn", "{count} rarer backtracks are not drawn")
        summary = f"{summary} {note}."
    return draw_paragraph(summary, MARGIN, y + 14, sheet.right - MARGIN, "") if summary else ([], y)


def _draw_row(sheet: Sheet, y: float) -> tuple[list[str], float]:
    """Draw one row of steps, with their phases above them and their lanes below."""
    parts, top = _draw_phases(sheet, y)
    drawn, below = _draw_steps(sheet, top)
    parts += drawn
    lanes: list[str] = []
    is_behind = False
    for lane in sheet.captions.lanes:
        if lane.key == "marks" or not (lane.key == "loops" or any(lane.cells[place] for place in sheet.row)):
            continue
        if lane.key in BEHIND and not is_behind:
            is_behind = True
            drawn, below = draw_line_of_visibility(sheet, below)
            lanes += drawn
        draw = _DRAWN.get(lane.key, draw_texts)
        drawn, below = draw(sheet, lane, below)
        lanes += drawn
    edges = [draw_line("grid", sheet.x(number), top, sheet.x(number), below) for number in range(len(sheet.row) + 1)]
    return [*edges, *parts, *lanes], below


def _draw_phases(sheet: Sheet, y: float) -> tuple[list[str], float]:
    """Draw the phases, each across its steps."""
    steps, say = sheet.captions.journey_map.steps, sheet.captions.say
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
        name = say("{phase} (continued)", phase=phase) if continued else phase
        room = sheet.column * (end - start) - 2 * PAD
        drawn, below = draw_paragraph(name, sheet.x(start) + PAD, y + 5, room, "strong")
        parts += drawn
        height = max(height, below - y + 5)
    bands = [
        draw_box("band", sheet.x(start) + 1, y, sheet.column * (end - start) - 2, height) for _, start, end in spans
    ]
    title = draw_text(MARGIN, y + 5 + BASE, cut(say("Phase"), LABEL - PAD), "soft", "start")
    return [title, *bands, *parts], y + height + 6


def _draw_steps(sheet: Sheet, y: float) -> tuple[list[str], float]:
    """Draw the steps, each with its number, its name and its marks."""
    marks = {lane.key: lane.cells for lane in sheet.captions.lanes}["marks"]  # every map has one, at the goal step
    worst, say = sheet.captions.most_exits, sheet.captions.say
    parts: list[str] = []
    height = 0.0
    for number, place in enumerate(sheet.row):
        step = sheet.captions.journey_map.steps[place]
        x = sheet.x(number) + PAD
        drawn, below = draw_paragraph(f"{place + 1}. {step.name}", x, y + 6, sheet.room, "strong")
        parts += drawn
        for mark in marks[place]:
            drawn, below = draw_paragraph(mark.text, x, below, sheet.room, mark.kind)
            parts += drawn
        if step.name in worst:
            drawn, below = draw_paragraph(say("most exits"), x, below, sheet.room, "bad")
            parts += drawn
        height = max(height, below - y + 6)
    boxes = [
        draw_box(
            "worst" if sheet.captions.journey_map.steps[place].name in worst else "step",
            sheet.x(number) + 3,
            y,
            sheet.column - 6,
            height,
        )
        for number, place in enumerate(sheet.row)
    ]
    title = draw_text(MARGIN, y + 6 + BASE, cut(say("Step"), LABEL - PAD), "soft", "start")
    return [title, *boxes, *parts], y + height + 8
