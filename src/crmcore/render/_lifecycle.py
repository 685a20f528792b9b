"""The stages of a lifecycle and the moves between them, as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.model.relationship import LifecycleStage, Relationship, StageOrder
from crmcore.primitives import checks
from crmcore.render._document import (
    MARGIN,
    TOP,
    WIDTH,
    Svg,
    build_document,
    draw_box,
    draw_label,
    draw_text,
    escape,
    n,
    write_percent,
)
from crmcore.render._widths import cut
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.retention.lifecycles import Transitions

_WIDE: Final = 118
_HIGH: Final = 58
_GAP: Final = (WIDTH - 2 * MARGIN - 4 * _WIDE) / 3
_STAGES: Final = TOP + 14
_END: Final = _STAGES + _HIGH + 92
_THICKEST: Final = 5.0
_STYLE: Final = """
.crmcore .stage { fill: $back; stroke: $soft }
.crmcore .current { fill: $back; stroke: $line; stroke-width: 2.5 }
.crmcore .forward { stroke: $line }
.crmcore .backward { stroke: $soft; stroke-dasharray: 4 2 }
.crmcore .ended { stroke: $bad }
.crmcore .won { stroke: $good }
.crmcore .forward_tip { fill: $line }
.crmcore .backward_tip { fill: $soft }
.crmcore .ended_tip { fill: $bad }
.crmcore .won_tip { fill: $good }
"""


def lifecycle(
    moves: Transitions | Relationship | StageOrder,
    /,
    *,
    title: str = "Stages of a relationship",
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw the stages of a lifecycle, and the moves that its order allows.

    Examples:
        >>> from crmcore import Transitions, render
        >>> moves = Transitions(exploration_to_awareness=6, exploration_to_dissolution=2)
        >>> picture = render.lifecycle(moves, title="Where relationships go")
        >>> "exploration to awareness: 6 (75.0%)." in str(picture)
        True

    A number is how often a move occurred. Its share, in brackets, is that of all moves that began at the stage, and
    unknown if there are none. The thicker an arrow, the more frequent the move. Moves back are broken lines.

    The picture of one relationship shows the date on which each stage was last entered, in the zone of the instant, and
    a frame around the current stage.

    Args:
        moves: The counts of the moves, a relationship, or an order of the stages for a picture without counts.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    order, arrows = _list_moves(moves)
    entered: dict[LifecycleStage, datetime] = dict(moves.history) if isinstance(moves, Relationship) else {}
    current = moves.history[-1][0] if isinstance(moves, Relationship) and moves.history else None
    most = max((arrow.count or 0 for arrow in arrows), default=0)
    parts: list[str] = []
    told: list[str] = []
    for arrow in arrows:
        told.append(arrow.describe(say))
        parts += _draw_arrow(arrow, order.stages, most, say)
    for place, stage in enumerate(order.stages):
        kind = "current" if stage is current else "stage"
        x, y, wide, high = _find_box(place)
        name = say(stage.value)
        date = entered.get(stage)
        since = None if date is None else say("since {date}", date=date.date().isoformat())
        middle = y + high / 2 + (4 if since is None else -3)
        parts += [
            draw_box(kind, x, y, wide, high),
            draw_text(x + wide / 2, middle, cut(name, wide - 12, bold=True), "strong", "middle"),
        ]
        if since is not None:
            told.append(f"{name} {since}.")
            parts.append(draw_text(x + wide / 2, middle + 17, cut(since, wide - 6), "soft", "middle"))
    if current is not None:
        told.append(f"{say('current stage')}: {say(current.value)}.")
    return build_document(title, " ".join(told), _END + 58, parts, style=_STYLE)


@attrs.frozen
class _Move:
    start: LifecycleStage
    end: LifecycleStage
    count: int | None = None
    share: Decimal | None = None
    has_share: bool = False

    def write(self, say: Words) -> str:
        """Write the count and the share; nothing if moves are not counted."""
        if self.count is None:
            return ""
        if not self.has_share:
            return f"{self.count:,}"
        return f"{self.count:,} ({say('unknown') if self.share is None else write_percent(self.share)})"

    def describe(self, say: Words) -> str:
        """Write the move as a sentence."""
        move = say("{start} to {end}", start=say(self.start.value), end=say(self.end.value))
        figures = self.write(say)
        return f"{move}: {figures}." if figures else f"{move}."


def _list_moves(moves: object) -> tuple[StageOrder, list[_Move]]:
    """Return the order of the stages, and the moves that it allows with what is known of each."""
    if isinstance(moves, StageOrder):
        stages = moves.stages
        return moves, [_Move(start, end) for start in stages for end in stages if end in moves.after(start)]
    from crmcore.retention.lifecycles import Transitions  # noqa: PLC0415 - a picture loads the room it is of, not all

    if isinstance(moves, Relationship):
        counted = Transitions.of([moves], order=moves.order)
        return moves.order, [_Move(start, end, count) for (start, end), count in counted.counts]
    counted = checks.as_instance(moves, Transitions, "moves")
    return counted.order, [
        _Move(start, end, count, counted.share(start, end), has_share=True) for (start, end), count in counted.counts
    ]


def _find_box(place: int) -> tuple[float, float, float, float]:
    """Return the place and the size of a stage: four side by side, and the last one below them all."""
    if place == 4:
        return MARGIN, _END, WIDTH - 2 * MARGIN, 36
    return MARGIN + (_WIDE + _GAP) * place, _STAGES, _WIDE, _HIGH


def _draw_arrow(arrow: _Move, stages: tuple[LifecycleStage, ...], most: int, say: Words) -> Iterator[str]:
    """Draw a move: across between neighbours, down to dissolution, up from it."""
    start, end = stages.index(arrow.start), stages.index(arrow.end)
    thick = 1.25 + (_THICKEST - 1.25) * (arrow.count or 0) / (most or 1)
    label = arrow.write(say)
    yield f"<g><title>{escape(arrow.describe(say))}</title>"
    if end == 4:
        x = _find_box(start)[0] + 14
        yield from _draw_line("ended", thick, (x, _STAGES + _HIGH), (x, _END))
        if label:
            yield draw_label(x + 6, _STAGES + _HIGH + 30, cut(label, 110), "", "start")
    elif start == 4:
        x = _find_box(end)[0] + _WIDE - 12
        yield from _draw_line("won", thick, (x, _END), (x, _STAGES + _HIGH))
        if label:
            yield draw_label(x + 6, _END - 22, cut(label, 110), "", "start")
    else:
        forward = end > start
        left = _find_box(min(start, end))[0] + _WIDE
        y = _STAGES + (20 if forward else 42)
        ends = ((left, y), (left + _GAP, y)) if forward else ((left + _GAP, y), (left, y))
        yield from _draw_line("forward" if forward else "backward", thick, *ends)
        if label:
            yield draw_text(left + _GAP / 2, y + (-9 if forward else 17), cut(label, _GAP - 2), "", "middle")
    yield "</g>"


def _draw_line(kind: str, thick: float, start: tuple[float, float], end: tuple[float, float]) -> Iterator[str]:
    """Draw an arrow along one of the axes."""
    (x1, y1), (x2, y2) = start, end
    across, down = (x2 > x1) - (x2 < x1), (y2 > y1) - (y2 < y1)
    size = 5 + thick / 2
    neck_x, neck_y = x2 - across * 2 * size, y2 - down * 2 * size
    yield f'<path class="{kind}" stroke-width="{n(thick)}" d="M{n(x1)} {n(y1)}L{n(neck_x)} {n(neck_y)}"/>'
    points = ((x2, y2), (neck_x - down * size, neck_y - across * size), (neck_x + down * size, neck_y + across * size))
    yield f'<polygon class="{kind}_tip" points="{" ".join(f"{n(x)},{n(y)}" for x, y in points)}"/>'
