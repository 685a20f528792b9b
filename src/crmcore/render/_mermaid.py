"""Diagrams as Mermaid text, which GitHub, GitLab, JupyterLab and many other pages draw by themselves.

Mermaid parses labels. A character that it could take for syntax is written by number (`#59;`), and Mermaid shows it as
the character. Identifiers are made up here and never taken from a label.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.model.journey import JourneyMap
from crmcore.model.relationship import StageOrder
from crmcore.model.touchpoint import Touchpoint
from crmcore.primitives import checks
from crmcore.primitives.ids import Id
from crmcore.primitives.record import Record
from crmcore.render._captions import index_touchpoints, name_touchpoint
from crmcore.render._document import join_lines
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.journeys.paths import Flow
    from crmcore.retention.lifecycles import Transitions
    from crmcore.service.programme import Schedule

_MOST_EDGES: Final = 500  # of a flowchart; Mermaid refuses more
_MOST_UNITS: Final = 50_000  # of UTF-16; Mermaid draws no longer text
_LONGEST: Final = 200  # characters of one label
_NEUTRAL: Final = 3
_PLAIN: Final = frozenset(" .()/+-")  # characters that need no number
_LISTED: Final = "0123456789 +-.)"  # what a list or a rule of Markdown begins with
_DIRECTION: Final = "direction"  # Mermaid removes this word from any text
_KEYWORDS: Final = (  # these are syntax at the beginning of a line
    *("acc", "class", "click", "default", _DIRECTION, "end", "graph", "journey", "note", "section", "state", "style"),
    *("subgraph", "title"),
)

_GANTT_KEYWORDS: Final = (  # and these in a Gantt diagram
    *("axis", "call", "date", "exclude", "gantt", "href", "include", "inclusive", "tick", "today", "top", "week"),
)


@attrs.frozen
class Mermaid(Record):
    """A diagram, as Mermaid text.

    Examples:
        >>> from crmcore import StageOrder, render
        >>> diagram = render.mermaid_lifecycle(StageOrder.EXPLORATION_FIRST)
        >>> str(diagram).startswith("stateDiagram-v2"), str(diagram) == diagram.text
        (True, True)

    JupyterLab draws it by itself from version 4.1 on. In Markdown put it into a block of the language `mermaid`.

    Attributes:
        text: The diagram.
    """

    text: str = attrs.field(repr=lambda text: f"<{len(text)} characters>")

    def __str__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": self.text, "text/vnd.mermaid": self.text}


def mermaid_journey(
    journey_map: JourneyMap, /, *, title: str | None = None, words: Mapping[str, str] | None = None
) -> Mermaid:
    """Write a journey map as a user journey of Mermaid: phases, steps and emotions.

    Examples:
        >>> from crmcore import JourneyMap, JourneyStep, render
        >>> paint = JourneyMap(
        ...     name="buy a paint",
        ...     actor="Vera",
        ...     steps=[
        ...         JourneyStep(name="see the ad", phase="before", emotion=1),
        ...         JourneyStep(name="queue; pay", phase="purchase", emotion=-1),
        ...     ],
        ... )
        >>> print(str(render.mermaid_journey(paint)).rstrip())
        journey
            title buy a paint
            section before
                see the ad: 4: Vera
            section purchase
                queue#59; pay: 2: Vera

    Mermaid draws scores from 1 to 5. A score is the emotion plus 3. Mermaid cannot draw gaps, so a step without an
    emotion has the score 3, like a neutral one; `render.journey_map` draws a gap. If the map does not name an actor,
    the ids of the touchpoints take their place. Long labels are cut. Mermaid draws at most 50,000 characters; the steps
    beyond are counted in a last step.

    Args:
        journey_map: The map.
        title: The title above the diagram; the name of the map by default.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    checks.as_instance(journey_map, JourneyMap, "journey_map")
    say = as_words(words)
    heading = journey_map.name if title is None else checks.as_text(title, "title")
    head = ["journey", f"    title {_escape_label(heading)}"]
    steps: list[str] = []
    phase: str | None = None
    for step in journey_map.steps:
        section = "" if step.phase == phase else f"    section {_escape_label(step.phase)}\n"
        phase = step.phase
        score = _NEUTRAL + (step.emotion or 0)
        actors = [journey_map.actor] if journey_map.actor.strip() else map(str, step.touchpoint_ids)
        names = ", ".join(map(_escape_label, actors))
        steps.append(f"{section}        {_escape_label(step.name)}: {score}{names and f': {names}'}")

    def write_rest(number: int) -> str:
        rest = say("and 1 more step") if number == 1 else say("and {count} more steps", count=number)
        return f"        {_escape_label(rest)}: {_NEUTRAL}"

    kept = _count_kept(head, steps, (write_rest(1), write_rest(len(steps))))
    if kept < len(steps):
        steps[kept:] = [write_rest(len(steps) - kept)]
    return _build([*head, *steps])


def mermaid_flow(
    flow: Flow,
    /,
    *,
    names: Iterable[Touchpoint] = (),
    most: int | None = None,
    words: Mapping[str, str] | None = None,
) -> Mermaid:
    """Write the paths of customers as a flowchart with a count on each edge.

    Examples:
        >>> from crmcore import Flow, Touchpoint, instant, render
        >>> rows = [("anna", "ad", instant("2026-03-01")), ("anna", 7, instant("2026-03-02"))]
        >>> print(str(render.mermaid_flow(Flow.of(rows), names=[Touchpoint(id=7, name="Till")])).rstrip())
        flowchart LR
            n0(["start"])
            n1["ad"]
            n0 -->|"1"| n1
            n2["Till"]
            n1 -->|"1"| n2
            n3(["end"])
            n2 -->|"1"| n3

    The number on an arrow is the count of the edge. If the edge occurs in fewer journeys, their number follows in
    brackets. The most frequent edges come first, and equal counts keep the order of the flow.

    Mermaid draws at most 500 arrows and 50,000 characters. Rarer edges are left out, and counted in a box of their own.

    Args:
        flow: The flow.
        names: The touchpoints, for their names. Of a touchpoint that is not given, the id is shown.
        most: The largest number of arrows, >= 0; as many as Mermaid draws by default.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        InvalidValueError: Two touchpoints have the same id.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    from crmcore.journeys.paths import Flow  # noqa: PLC0415 - a picture loads the room it is of, not all of them

    edges = checks.as_instance(flow, Flow, "flow").edges
    known, say = index_touchpoints(names, "names"), as_words(words)
    limit = _MOST_EDGES if most is None else min(_MOST_EDGES, checks.as_count(most, "most"))
    ordered = sorted(edges.items(), key=lambda item: -item[1].count)
    nodes: dict[tuple[Id | None, bool], str] = {}
    arrows: list[str] = []
    for (start, end), edge in ordered[:limit]:
        lines: list[str] = []
        for node in ((start, start is None), (end, False)):  # start and end have no id, and the start is marked
            if node not in nodes:
                nodes[node] = f"n{len(nodes)}"
                lines.append(f"    {nodes[node]}{_write_node(*node, known, say)}")
        label = f"{edge.count}" if edge.count == edge.journeys else f"{edge.count} ({edge.journeys})"
        lines.append(f'    {nodes[start, start is None]} -->|"{label}"| {nodes[end, False]}')
        arrows.append("\n".join(lines))
    head = ["flowchart LR"]

    def write_rest(number: int, total: int) -> str:
        several = say("{count} rarer edges with a total count of {total} are left out", count=number, total=total)
        rest = several if number != 1 else say("1 rarer edge with a count of {total} is left out", total=total)
        return f'    rest["{_escape_label(rest)}"]'

    total = sum(edge.count for _, edge in ordered)
    kept = _count_kept(head, arrows, (write_rest(1, total), write_rest(len(ordered), total)))
    rest = ordered[kept:]
    if rest:
        arrows[kept:] = [write_rest(len(rest), sum(edge.count for _, edge in rest))]
    return _build([*head, *arrows])


def _write_node(
    touchpoint_id: Id | None,
    is_start: bool,  # noqa: FBT001 - a key
    known: Mapping[Id, Touchpoint],
    say: Words,
) -> str:
    if touchpoint_id is None:
        word = "start" if is_start else "end"
        text = say(word)
        return f'(["{word if text == word else _escape_label(text)}"])'  # in quotes "end" is harmless
    return f'["{_escape_label(name_touchpoint(touchpoint_id, known.get(touchpoint_id)))}"]'


def mermaid_lifecycle(moves: Transitions | StageOrder, /, *, words: Mapping[str, str] | None = None) -> Mermaid:
    """Write a lifecycle as a state diagram: its stages, and the moves that its order allows with their counts.

    Examples:
        >>> from crmcore import Transitions, render
        >>> moves = Transitions(exploration_to_awareness=6, exploration_to_dissolution=2)
        >>> [
        ...     line.strip()
        ...     for line in render.mermaid_lifecycle(moves).text.splitlines()
        ...     if line.endswith((": 6", ": 2"))
        ... ]
        ['s0 --> s1 : 6', 's0 --> s4 : 2']

    A move that did not occur has the count 0.

    Args:
        moves: The counts of the moves, or an order of the stages for a diagram without counts.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    say = as_words(words)
    if isinstance(moves, StageOrder):
        order = moves
        counts = [((start, end), "") for start in order.stages for end in order.stages if end in order.after(start)]
    else:
        from crmcore.retention.lifecycles import Transitions  # noqa: PLC0415 - a picture loads the room it is of, not all of them

        order = checks.as_instance(moves, Transitions, "moves").order
        counts = [(move, f" : {count}") for move, count in moves.counts]
    names = {stage.value: f"s{number}" for number, stage in enumerate(order.stages)}
    return _build(
        [
            "stateDiagram-v2",
            *(f'    state "{_escape_label(say(stage))}" as {name}' for stage, name in names.items()),
            *(f"    {names[start.value]} --> {names[end.value]}{count}" for (start, end), count in counts),
        ]
    )


def mermaid_gantt(
    schedule: Schedule, /, *, start: datetime, title: str = "Critical path", words: Mapping[str, str] | None = None
) -> Mermaid:
    """Write a plan as a Gantt diagram: its phases, its activities with their dates, and the critical ones marked.

    Examples:
        >>> from crmcore import Activity, Deliverable, instant, programme, render
        >>> survey = programme.schedule(
        ...     [
        ...         Activity(id="map", days=20, deliverable=Deliverable.TOUCHPOINTS),
        ...         Activity(id="survey", days=30, after=["map"], deliverable=Deliverable.SATISFACTION),
        ...         Activity(id="end", days=0, after=["survey"]),
        ...     ]
        ... )
        >>> print(str(render.mermaid_gantt(survey, start=instant("2026-03-02"), title="The survey")).rstrip())
        gantt
            title The survey
            dateFormat YYYY-MM-DDTHH:mm
            axisFormat %Y-%m-%d
            section assessment
                map: crit, a0, 2026-03-02T00:00, 2026-03-22T00:00
                survey: crit, a1, 2026-03-22T00:00, 2026-04-21T00:00
            section other activities
                #101;nd: crit, milestone, a2, 2026-04-21T00:00, 2026-04-21T00:00

    Activities start as early as they can. Whole days are days of the calendar in the zone of `start`, and the times
    are cut to minutes. The activities of a phase stand together, in the order of the phases. Mermaid draws at most
    50,000 characters; the activities beyond are counted in a last section.

    Args:
        schedule: The schedule, from `programme.schedule`.
        start: When the plan starts.
        title: The title above the diagram.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        InvalidValueError: The plan ends after the calendar.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    from crmcore.service.programme import ProgrammePhase, Schedule  # noqa: PLC0415 - a picture loads the room it is of, not all of them

    dated = checks.as_instance(schedule, Schedule, "schedule").dates(start)
    say = as_words(words)
    head = [
        "gantt",
        f"    title {_escape_gantt(checks.as_text(title, 'title'))}",
        "    dateFormat YYYY-MM-DDTHH:mm",
        "    axisFormat %Y-%m-%d",
    ]
    tasks: list[str] = []
    for phase in (*ProgrammePhase, None):
        name = say("other activities") if phase is None else say(phase.value.replace("_", " "))
        section = f"    section {_escape_gantt(name)}\n"
        for line, (begins, ends) in zip(schedule.activities, dated, strict=True):
            if line.activity.phase is phase:
                marks = ("crit, " if line.is_critical else "") + ("" if line.activity.days else "milestone, ")
                span = ", ".join(at.isoformat(timespec="minutes")[:16] for at in (begins, ends))
                tasks.append(f"{section}        {_escape_gantt(line.activity.label)}: {marks}a{len(tasks)}, {span}")
                section = ""

    def write_rest(number: int) -> str:
        rest = say("and 1 more activity") if number == 1 else say("and {count} more activities", count=number)
        return f"    section {_escape_gantt(rest)}"

    kept = _count_kept(head, tasks, (write_rest(1), write_rest(len(tasks))))
    if kept < len(tasks):
        tasks[kept:] = [write_rest(len(tasks) - kept)]
    return _build([*head, *tasks])


def _escape_gantt(text: str) -> str:
    """Return a label that no Gantt diagram takes for syntax: neither for a date nor for a keyword."""
    label = _escape_label(text)
    first = label[0]
    is_syntax = first.isdecimal() or label.lower().startswith(_GANTT_KEYWORDS)
    return f"#{ord(first)};{label[1:]}" if is_syntax else label


def _build(lines: Iterable[str]) -> Mermaid:
    return Mermaid("\n".join([*lines, ""]))


def _count_kept(head: Iterable[str], parts: Sequence[str], endings: Iterable[str]) -> int:
    """Return how many of the parts fit into the text, with room for the longest line about the rest."""
    before = sum(map(_measure_units, head))
    sizes = list(accumulate(map(_measure_units, parts), initial=before))
    ending = max(map(_measure_units, endings))
    return len(parts) if sizes[-1] <= _MOST_UNITS else bisect_right(sizes, _MOST_UNITS - ending) - 1


def _measure_units(text: str) -> int:
    """Return the length of a line in UTF-16 units, as JavaScript counts it, with its line break."""
    return len(text) + sum(character > "\uffff" for character in text) + 1


def _escape_label(text: str) -> str:
    """Return a text so that Mermaid shows it as it is, whatever its characters."""
    line = (
        join_lines(text).replace("\ufb02", "fl").replace("\xb6\xdf", "\xb6 \xdf") or "-"
    )  # Mermaid's marks of numbers
    if len(line) > _LONGEST:
        line = f"{line[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"
    low = "".join(character.lower() if character.isascii() else character for character in line)
    head = len(line) - len(line.lstrip(_LISTED))
    return "".join(
        character if _is_harmless(character, place, low, head) else f"#{ord(character)};"
        for place, character in enumerate(line)
    )


def _is_harmless(character: str, place: int, low: str, head: int) -> bool:
    """Return whether Mermaid shows a character of a label that is not written by number."""
    if character in _PLAIN:  # versions before 11.10 read Markdown, and show an error for a list, a rule and a link
        return (place >= head or character not in "+-.)") and not (character == "." and low.endswith("www", 0, place))
    return character.isalnum() and not low.startswith(_DIRECTION if place else _KEYWORDS, place)
