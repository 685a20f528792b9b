"""A plan with its critical path, as a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from crmcore.primitives import checks
from crmcore.render._document import (
    TOP,
    WIDTH,
    Scale,
    Svg,
    build_document,
    choose_ticks,
    draw_box,
    draw_diamond,
    draw_line,
    draw_text,
    escape,
    n,
    write_number,
)
from crmcore.render._widths import cut
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.service.programme import Schedule, ScheduledActivity

_ROW: Final = 28
_LABEL: Final = 182
_NOTE: Final = 142  # the room of a note beside a row
_HALF: Final = 7  # of the height of a bar
_STYLE: Final = """
.crmcore .task { fill: $line }
.crmcore .critical { fill: $bad }
.crmcore .slack { stroke: $soft; stroke-width: 2; stroke-dasharray: 2 3 }
.crmcore .link { stroke: $soft }
.crmcore .hot { stroke: $bad; stroke-width: 1.75 }
"""


def plan(schedule: Schedule, /, *, title: str = "Critical path", words: Mapping[str, str] | None = None) -> Svg:
    """Draw a plan: a bar for each activity, its slack behind it, what waits for what, and the critical path.

    Examples:
        >>> from crmcore import Activity, programme, render
        >>> survey = programme.schedule(
        ...     [
        ...         Activity(id="map", days=20),
        ...         Activity(id="documents", days=10),
        ...         Activity(id="survey", days=30, after=["map", "documents"]),
        ...     ]
        ... )
        >>> picture = render.plan(survey, title="The survey")
        >>> "<title>documents: 0 to 10, slack of 10 days.</title>" in str(picture)
        True

    A milestone, which takes no time, is a diamond. Days count from the start of the plan.

    Args:
        schedule: The schedule, from `programme.schedule`.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    from crmcore.service.programme import Schedule  # noqa: PLC0415 - a picture loads the room it is of, not all of them

    lines = checks.as_instance(schedule, Schedule, "schedule").activities
    say = as_words(words)
    left, right, bottom = 214, WIDTH - 176, TOP + 12 + _ROW * max(len(lines), 1)
    if not lines:
        nothing = say("no activities")
        return build_document(title, f"{nothing}.", bottom, [draw_text(WIDTH / 2, TOP + 10, nothing, "soft", "middle")])
    ticks = choose_ticks(0.0, float(schedule.length))
    across = Scale(ticks[0], ticks[-1], left, right)
    heights = {line.activity.id: TOP + 6 + _ROW * (number + 0.5) for number, line in enumerate(lines)}
    by_id = {line.activity.id: line for line in lines}
    parts = [
        *(draw_line("grid", across.at(tick), TOP, across.at(tick), bottom) for tick in ticks),
        *(draw_text(across.at(tick), bottom + 20, write_number(tick, ticks), "soft", "middle") for tick in ticks),
        draw_text(right + 16, bottom + 20, cut(say("days"), _NOTE), "soft", "start"),
    ]
    links = [(by_id[name], line) for line in lines for name in line.activity.after]
    for before, line in sorted(links, key=lambda link: _is_hot(*link)):  # the critical ones lie above the others
        x, end = across.at(float(before.earliest_finish)), across.at(float(line.earliest_start))
        kind = "hot" if _is_hot(before, line) else "link"
        place = f"M{n(x)} {n(heights[before.activity.id])}H{n(end)}V{n(heights[line.activity.id])}"
        parts.append(f'<path class="{kind}" d="{place}"/>')
    for line in lines:
        parts += _draw_activity(line, heights[line.activity.id], across, say)
    about = " ".join(
        [
            f"{say('The plan takes {length}', length=_write_days(schedule.length, say))}.",
            *(_describe(line, say) for line in lines),
        ]
    )
    return build_document(title, about, bottom + 38, parts, style=_STYLE)


def _is_hot(before: ScheduledActivity, line: ScheduledActivity) -> bool:
    """Return whether the critical path leads from one activity to another."""
    return before.is_critical and line.is_critical and before.earliest_finish == line.earliest_start


def _draw_activity(line: ScheduledActivity, y: float, across: Scale, say: Words) -> Iterator[str]:
    kind = "critical" if line.is_critical else "task"
    start, end = across.at(float(line.earliest_start)), across.at(float(line.earliest_finish))
    yield f"<g><title>{escape(_describe(line, say))}</title>"
    yield draw_text(across.start - 14, y + 4, cut(line.activity.label, _LABEL), "", "end")
    if line.slack:
        yield draw_line("slack", end, y, across.at(float(line.latest_finish)), y)
    if line.activity.days:
        yield draw_box(kind, start, y - _HALF, max(end - start, 1.0), 2 * _HALF)
    else:
        yield draw_diamond(kind, start, y, _HALF)
    note = say("critical") if line.is_critical else say("slack of {length}", length=_write_days(line.slack, say))
    note = cut(note, _NOTE, bold=line.is_critical)
    yield draw_text(across.end + 16, y + 4, note, "bad" if line.is_critical else "soft", "start")
    yield "</g>"


def _describe(line: ScheduledActivity, say: Words) -> str:
    span = say("{low} to {high}", low=_write(line.earliest_start), high=_write(line.earliest_finish))
    note = say("critical") if line.is_critical else say("slack of {length}", length=_write_days(line.slack, say))
    return f"{line.activity.label}: {span}, {note}."


def _write_days(days: Decimal, say: Words) -> str:
    return say("1 day") if days == 1 else say("{days} days", days=_write(days))


def _write(days: Decimal) -> str:
    """Write a number of days with at most two decimals; further decimals are cut off, not rounded."""
    whole, _, decimals = f"{days:f}".partition(".")
    kept = decimals[:2].rstrip("0")
    return f"{whole}.{kept}" if kept else whole
