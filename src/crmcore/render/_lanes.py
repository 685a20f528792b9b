"""The lanes of a journey map: each is drawn below the one before, and returned with its lower end."""

from collections.abc import Iterable
from typing import Final

from crmcore.render._captions import Caption, Lane, write_emotion
from crmcore.render._document import MARGIN, draw_box, draw_diamond, draw_line, draw_text, n
from crmcore.render._sheet import LABEL, PAD, Arrow, Sheet, draw_arrows, draw_paragraph
from crmcore.render._widths import cut, measure

MOST_BACKTRACKS: Final = 8
BEHIND: Final = frozenset({"backstage", "support_process"})  # the lanes behind the line of visibility
_EMOTION: Final = 26  # the vertical distance between two emotions
_BAR: Final = 72  # the height of a bar


def draw_texts(sheet: Sheet, lane: Lane, y: float) -> tuple[list[str], float]:
    """Draw a lane of texts."""
    parts, below = _draw_title(lane.title, y)
    for number, place in enumerate(sheet.row):
        drawn, end = _draw_cell(sheet, lane, lane.cells[place], sheet.x(number) + PAD, y + 6)
        parts += drawn
        below = max(below, end)
    return _frame(sheet, lane, y, below + 4, parts)


def _frame(sheet: Sheet, lane: Lane, y: float, below: float, parts: list[str]) -> tuple[list[str], float]:
    """Put a line above the parts of a lane, and a darker ground under them if the lane is behind the visible ones."""
    right = sheet.end
    ground = [draw_box("back", MARGIN - 6, y, right - MARGIN + 6, below - y)] if lane.key in BEHIND else []
    return [*ground, draw_line("grid", MARGIN, y, right, y), *parts], below


def _draw_title(title: str, y: float, room: float = LABEL - 2 * PAD) -> tuple[list[str], float]:
    drawn, below = draw_paragraph(title, MARGIN, y + 6, room, "soft")
    return drawn, below + 2


def _draw_cell(sheet: Sheet, lane: Lane, captions: Iterable[Caption], x: float, y: float) -> tuple[list[str], float]:
    """Draw captions below one another; pains and opportunities have a coloured bar beside them."""
    bar = {"pains": "hurt", "opportunities": "help"}.get(lane.key, "")
    parts: list[str] = []
    for caption in captions:
        inset = 9 if bar or lane.key == "moments" else 0
        drawn, below = draw_paragraph(caption.text, x + inset, y, sheet.room - inset, "")
        parts += drawn
        if caption.detail:
            drawn, below = draw_paragraph(caption.detail, x + inset, below, sheet.room - inset, "soft")
            parts += drawn
        if bar:
            parts.append(draw_box(bar, x, y + 2, 3, below - y - 3))
        if caption.kind == "truth":
            parts.append(draw_diamond("truth", x + 2, y + 8, 4.5))
        y = below + 3
    return parts, y


def draw_line_of_visibility(sheet: Sheet, y: float) -> tuple[list[str], float]:
    """Draw the line of visibility; below it are the lanes that the customer does not see."""
    right = sheet.end
    title = cut(sheet.captions.say("Line of visibility"), right - MARGIN - 2 * LABEL, bold=True)
    start = MARGIN + measure(title, bold=True) + 8
    return [
        draw_text(MARGIN, y + 14, title, "strong", "start"),
        draw_line("sight", start, y + 10, right, y + 10),
    ], y + 22


def draw_emotions(sheet: Sheet, lane: Lane, y: float) -> tuple[list[str], float]:
    """Draw the emotions as a curve, with a gap at each step without one."""
    steps = sheet.captions.journey_map.steps
    zero = y + 26 + 2 * _EMOTION
    right = sheet.end
    parts, _ = _draw_title(lane.title, y, LABEL - 4 * PAD)  # beside the numbers of the scale
    for emotion in range(-2, 3):
        at = zero - _EMOTION * emotion
        parts.append(draw_text(sheet.left - PAD, at + 4, write_emotion(emotion), "soft", "end"))
        parts.append(draw_line("zero" if not emotion else "grid", sheet.left, at, right, at))
    curve = ""
    half = sheet.column / 2
    for number, place in enumerate(sheet.row):
        here, x = steps[place].emotion, sheet.middle(number)
        before = steps[place - 1].emotion if place else None
        if here is None:
            continue
        at = zero - _EMOTION * here
        if before is not None:
            start = zero - _EMOTION * before
            if number:
                curve += f"M{n(x - 2 * half)} {n(start)}C{n(x - half)} {n(start)} {n(x - half)} {n(at)} {n(x)} {n(at)}"
            else:  # the second half of a curve that began in the row above
                bend = f"{n(x - 0.75 * half)} {n((start + 3 * at) / 4)} {n(x - half / 2)} {n(at)}"
                curve += f"M{n(x - half)} {n((start + at) / 2)}C{bend} {n(x)} {n(at)}"
        after = steps[place + 1].emotion if place + 1 < len(steps) else None
        if after is not None and place + 1 == sheet.row.stop:
            end = zero - _EMOTION * after
            bend = f"{n(x + half / 2)} {n(at)} {n(x + 0.75 * half)} {n((3 * at + end) / 4)}"
            curve += f"M{n(x)} {n(at)}C{bend} {n(x + half)} {n((at + end) / 2)}"
    if curve:
        parts.append(f'<path class="curve" d="{curve}"/>')
    for number, place in enumerate(sheet.row):
        step, x = steps[place], sheet.middle(number)
        if step.emotion is None:
            continue
        at = zero - _EMOTION * step.emotion
        kind = "glad" if step.emotion > 0 else "sad" if step.emotion < 0 else "neutral"
        mark = f'<circle class="{kind}" cx="{n(x)}" cy="{n(at)}" r="6.5"/>'
        parts.append(draw_diamond(kind, x, at, 9) if step.moment_of_truth else mark)
        parts.append(draw_text(x, at - 12, write_emotion(step.emotion), "strong", "middle"))
    return _frame(sheet, lane, y, zero + 2 * _EMOTION + 16, parts)


def draw_loops(sheet: Sheet, lane: Lane, y: float) -> tuple[list[str], float]:
    """Draw the loops of the map."""
    places, say = sheet.captions.places, sheet.captions.say
    steps = sheet.captions.journey_map.steps
    loops = dict.fromkeys(loop for place in sheet.row for loop in sheet.captions.loops.get(steps[place].name, ()))
    arrows = [
        Arrow(places[start], places[end], "", f"{say('Loop from {start} to {end}', start=start, end=end)}.")
        for start, end in loops
    ]
    drawn, below = draw_arrows(sheet, arrows, y, broken=False)
    if not drawn:
        return [], y
    parts, end = _draw_title(lane.title, y - 4)
    return [*drawn, *parts], max(below, end) + 4


def draw_journeys(sheet: Sheet, lane: Lane, y: float) -> tuple[list[str], float]:
    """Draw what journeys did: a bar and the figures of each step, and backtracks for which the map has no loop."""
    conformance = sheet.captions.conformance
    assert conformance is not None  # noqa: S101 - without it there is no such lane
    steps, say = sheet.captions.journey_map.steps, sheet.captions.say
    parts, label = _draw_title(lane.title, y)
    top = y + 10
    for number, (kind, name) in enumerate((("skipped", "skipped"), ("left", "left here"), ("went", "went on"))):
        at = label + 4 + 18 * number
        text = cut(say(name), LABEL - 16 - PAD)
        parts += [draw_box(kind, MARGIN, at, 10, 10), draw_text(MARGIN + 16, at + 9, text, "soft", "start")]
    below = label + 58
    for number, place in enumerate(sheet.row):
        step = conformance.steps[place]
        x, wide = sheet.x(number) + PAD, sheet.room
        if steps[place].touchpoint_ids:
            at = top + _BAR
            parts.append(draw_box("all", x, top, wide, _BAR))
            for kind, count in (("went", step.came - step.left), ("left", step.left), ("skipped", step.skipped)):
                high = _BAR * (count / step.journeys)
                if high >= 0.05:
                    at -= high
                    parts.append(draw_box(kind, x, at, wide, high))
        drawn, end = _draw_cell(sheet, lane, lane.cells[place], x, top + _BAR + 6)
        parts += drawn
        below = max(below, end)
    places, backtracks = sheet.captions.places, sheet.captions.backtracks[:MOST_BACKTRACKS]
    arrows = [
        Arrow(places[back.start], places[back.end], say("{count} back", count=f"{back.count:,}"), back.full)
        for back in backtracks
    ]
    drawn, end = draw_arrows(sheet, arrows, below + 4, broken=True)
    parts += drawn
    return _frame(sheet, lane, y, (end if drawn else below) + 4, parts)
