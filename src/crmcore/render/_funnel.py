"""A funnel, as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from crmcore.model.touchpoint import Touchpoint
from crmcore.primitives import checks
from crmcore.render._captions import index_touchpoints, name_touchpoint
from crmcore.render._document import (
    MARGIN,
    TOP,
    WIDTH,
    Scale,
    Svg,
    build_document,
    draw_box,
    draw_cautions,
    draw_notes,
    draw_text,
    escape,
    write_percent,
)
from crmcore.render._widths import cut
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.journeys.paths import Funnel, FunnelStep
    from crmcore.primitives.ids import Id

_ROW: Final = 34
_LEFT: Final = 214
_RIGHT: Final = 448
_COLUMNS: Final = (("reached", 524, 126), ("lost", 604, 72), ("of the step before", WIDTH - MARGIN, 126))
"""Each heading, where its column ends, and the room that it has."""
_STYLE: Final = """
.crmcore .reached { fill: $line }
.crmcore .optional { fill: $line; opacity: 0.35 }
.crmcore .journeys { fill: $soft; opacity: 0.35 }
"""


def funnel(
    funnel: Funnel,
    /,
    *,
    names: Iterable[Touchpoint] = (),
    title: str = "Funnel",
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw a funnel: how many journeys reached each step, and how many were lost before it.

    Examples:
        >>> from crmcore import Funnel, instant, render
        >>> visited = {"anna": ["shelf", "queue", "till"], "ben": ["shelf", "till"], "zoe": ["shelf"]}
        >>> rows = [
        ...     (customer, touchpoint, instant(f"2026-03-0{day}"))
        ...     for customer, path in visited.items()
        ...     for day, touchpoint in enumerate(path, 1)
        ... ]
        >>> picture = render.funnel(Funnel.of(rows, ["shelf", "till"]), title="From the shelf to the till")
        >>> "till: 2 reached, 1 lost, 66.7% of the step before." in str(picture)
        True

    The first bar is all journeys. A pale end of a bar is what was lost since the step before. An optional step is pale,
    because a journey can go on without it. The step before which most journeys are lost has a bold number.

    Args:
        funnel: The funnel.
        names: The touchpoints, for the names of steps that are named by a touchpoint.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        InvalidValueError: Two touchpoints have the same id.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    from crmcore.journeys.paths import Funnel  # noqa: PLC0415 - a picture loads the room it is of, not all of them

    checks.as_instance(funnel, Funnel, "funnel")
    known = index_touchpoints(names, "names")
    say = as_words(words)
    across = Scale(0.0, float(funnel.journeys or 1), _LEFT, _RIGHT)
    parts = [draw_text(x, TOP + 2, cut(say(heading), room), "soft", "end") for heading, x, room in _COLUMNS]
    everyone = say("all journeys")
    y = TOP + 14.0
    told = [f"{everyone}: {funnel.journeys:,}."]
    parts += [
        f"<g><title>{escape(told[0])}</title>",
        draw_text(_LEFT - 14, y + 18, cut(everyone, _LEFT - 32), "soft", "end"),
        draw_box("journeys", _LEFT, y, across.at(funnel.journeys) - _LEFT, _ROW - 8),
        draw_text(_COLUMNS[0][1], y + 18, f"{funnel.journeys:,}", "", "end"),
        "</g>",
    ]
    worst = funnel.worst
    for step in funnel.steps:
        y += _ROW
        label = _name_step(step, known)
        if step.optional:
            label = f"{label} ({say('optional')})"
        shown, described = _draw_step(step, label, y, across, say, worst=step == worst)
        parts += shown
        told.append(described)
    notes: list[str] = []
    if funnel.open:
        several = say("{count} open journeys are not counted", count=f"{funnel.open:,}")
        notes.append(several if funnel.open > 1 else say("1 open journey is not counted"))
    drawn, below = draw_notes(notes, MARGIN, y + _ROW, WIDTH - 2 * MARGIN)
    warned, warnings, below = draw_cautions(funnel.cautions, MARGIN, below, WIDTH - 2 * MARGIN)
    about = " ".join([*told, *(f"{note}." for note in notes), *warnings])
    return build_document(title, about, below + 12, [*parts, *drawn, *warned], style=_STYLE)


def _name_step(step: FunnelStep, known: Mapping[Id, Touchpoint]) -> str:
    """Return the name of a step, or that of the touchpoint by which it is named."""
    named = step.touchpoint_ids == (step.name,)
    return name_touchpoint(step.name, known.get(step.name) if named else None)


def _draw_step(
    step: FunnelStep, label: str, y: float, across: Scale, say: Words, *, worst: bool
) -> tuple[list[str], str]:
    """Draw a step, and return it with its description."""
    share = say("unknown") if step.share_of_previous is None else write_percent(step.share_of_previous)
    figures = [say("{count} reached", count=f"{step.reached:,}")]
    end = across.at(step.reached)
    parts = [draw_box("optional" if step.optional else "reached", _LEFT, y, end - _LEFT, _ROW - 8)]
    if not step.optional:
        figures.append(say("{count} lost", count=f"{step.lost:,}"))
        kind = "bad" if worst and step.lost else ""
        parts += [
            draw_box("below", end, y, across.at(step.previous_reached) - end, _ROW - 8),
            draw_text(_COLUMNS[1][1], y + 18, f"{step.lost:,}", kind, "end"),
        ]
    figures.append(say("{share} of the step before", share=share))
    told = f"{label}: {', '.join(figures)}."
    return [
        f"<g><title>{escape(told)}</title>",
        draw_text(_LEFT - 14, y + 18, cut(label, _LEFT - 32), "", "end"),
        *parts,
        draw_text(_COLUMNS[0][1], y + 18, f"{step.reached:,}", "", "end"),
        draw_text(_COLUMNS[2][1], y + 18, cut(share, _COLUMNS[2][2]), "", "end"),
        "</g>",
    ], told
