"""Diagrams as Mermaid text, which GitHub, GitLab, JupyterLab and many pages draw by themselves.

Mermaid reads labels as a language of its own. What it may take for a part of it is written by its number (`#59;`),
which Mermaid turns back when it draws; identifiers are made up here and never taken from a label.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Final

import attrs

from crmcore.model.journey import JourneyMap
from crmcore.model.relationship import StageOrder
from crmcore.model.touchpoint import Touchpoint
from crmcore.primitives import checks
from crmcore.primitives.ids import Id
from crmcore.render._document import one_line
from crmcore.render._journey_words import called, counted, touchpoints_by_id

if TYPE_CHECKING:
    from crmcore.journeys.paths import Flow
    from crmcore.retention.lifecycles import Transitions

_MOST_EDGES: Final = 500  # of a flowchart; Mermaid refuses one more
_MOST_UNITS: Final = 50_000  # of UTF-16; Mermaid draws no longer text
_ENDING: Final = 120  # of them, kept for saying what was left out
_LONGEST: Final = 200  # signs of one label
_NEUTRAL: Final = 3
_OWN_SIGNS: Final = frozenset(" .()/+-")
_DIRECTION: Final = "direction"  # Mermaid takes this word out of any text
_FIRST: Final = (  # and these mean something to it at the beginning of a line
    *("acc", "class", "click", "default", _DIRECTION, "end", "graph", "journey", "note", "section", "state", "style"),
    *("subgraph", "title"),
)


@attrs.frozen
class Mermaid:
    """A diagram, as Mermaid text.

    Examples:
        >>> from crmcore import StageOrder, render
        >>> diagram = render.mermaid_lifecycle(StageOrder.EXPLORATION_FIRST)
        >>> str(diagram).startswith("stateDiagram-v2"), str(diagram) == diagram.text
        (True, True)

    JupyterLab shows it by itself from version 4.1 on. In Markdown it stands in a block of the language `mermaid`.

    Attributes:
        text: The diagram.

    Raises:
        WrongTypeError: The text is no str.
    """

    text: str = attrs.field(repr=lambda text: f"<{len(text)} characters>")

    def __attrs_post_init__(self) -> None:
        checks.as_text(self.text, "text")

    def __str__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": self.text, "text/vnd.mermaid": self.text}


def mermaid_journey(journey_map: JourneyMap, /, *, title: str | None = None) -> Mermaid:
    """A journey map as Mermaid's user journey: phases, steps, and how the customer feels.

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

    Mermaid draws scores from 1 to 5: emotions, with 3 added. It has no gaps: where nobody asked how the customer feels,
    it draws a 3, as for a neutral one; `render.journey_map` draws a gap. Where the map has no actor, the ids of the
    touchpoints stand in his place. Long labels are cut, and the steps beyond Mermaid's 50,000 characters are counted in
    a last one.

    Args:
        journey_map: The map.
        title: What stands above it; left out, the map's name.

    Raises:
        WrongTypeError: It is no `JourneyMap`.
    """
    told = checks.as_instance(journey_map, JourneyMap, "journey_map")
    heading = told.name if title is None else checks.as_text(title, "title")
    head = ["journey", f"    title {_label(heading)}"]
    steps: list[str] = []
    phase: str | None = None
    for step in told.steps:
        section = "" if step.phase == phase else f"    section {_label(step.phase)}\n"
        phase = step.phase
        score = _NEUTRAL + (step.emotion or 0)
        people = [told.actor] if told.actor.strip() else map(str, step.touchpoint_ids)
        who = ", ".join(map(_label, people))
        steps.append(f"{section}        {_label(step.name)}: {score}{who and f': {who}'}")
    kept = _kept(head, steps)
    if kept < len(steps):
        steps[kept:] = [f"        and {counted(len(steps) - kept, 'more step')}: {_NEUTRAL}"]
    return _diagram([*head, *steps])


def mermaid_flow(flow: Flow, /, *, names: Iterable[Touchpoint] = (), most: int | None = None) -> Mermaid:
    """The ways that customers really went, as a flowchart with a count on each arrow.

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

    An arrow says how often customers went there; where that was in fewer journeys, their number follows in brackets.
    The most frequent ways come first, those of one count in the order of the flow.

    Mermaid takes at most 500 arrows and 50,000 characters. What is rarer is left out, and counted in a box of its own.

    Args:
        flow: The flow.
        names: What the touchpoints are called; of others the id is shown.
        most: How many arrows to keep, where those that Mermaid takes are too many.

    Raises:
        InvalidValueError: Two touchpoints of one id, or a negative `most`.
        WrongTypeError: It is no `Flow`.
    """
    from crmcore.journeys.paths import Flow  # noqa: PLC0415 - a picture loads the room it is of, not all of them

    edges = checks.as_instance(flow, Flow, "flow").edges
    known = touchpoints_by_id(names, "names")
    limit = _MOST_EDGES if most is None else min(_MOST_EDGES, checks.as_count(most, "most"))
    ways = sorted(edges.items(), key=lambda way: -way[1].count)
    nodes: dict[tuple[Id | None, bool], str] = {}
    arrows: list[str] = []
    for (start, end), edge in ways[:limit]:
        lines: list[str] = []
        for node in ((start, start is None), (end, False)):  # of the two that have no id, the start is marked
            if node not in nodes:
                nodes[node] = f"n{len(nodes)}"
                lines.append(f"    {nodes[node]}{_shape(*node, known)}")
        often = f"{edge.count}" if edge.count == edge.journeys else f"{edge.count} ({edge.journeys})"
        lines.append(f'    {nodes[start, start is None]} -->|"{often}"| {nodes[end, False]}')
        arrows.append("\n".join(lines))
    head = ["flowchart LR"]
    kept = _kept(head, arrows)
    rest = ways[kept:]
    if rest:
        times = sum(edge.count for _, edge in rest)
        arrows[kept:] = [f'    rest["and {counted(len(rest), "rarer way")}, gone {times} times, left out"]']
    return _diagram([*head, *arrows])


def _shape(one: Id | None, starts: bool, known: Mapping[Id, Touchpoint]) -> str:  # noqa: FBT001 - which of the two ends
    if one is None:
        return '(["start"])' if starts else '(["end"])'
    return f'["{_label(called(one, known.get(one)))}"]'


def mermaid_lifecycle(moves: Transitions | StageOrder, /) -> Mermaid:
    """A lifecycle as a diagram of its stages: the moves that its order knows, with counts where there are any.

    Examples:
        >>> from crmcore import Transitions, render
        >>> moves = Transitions(exploration_to_awareness=6, exploration_to_dissolution=2)
        >>> [
        ...     line.strip()
        ...     for line in render.mermaid_lifecycle(moves).text.splitlines()
        ...     if line.endswith((": 6", ": 2"))
        ... ]
        ['s0 --> s1 : 6', 's0 --> s4 : 2']

    A move that nobody made is drawn with a nought.

    Args:
        moves: Moves that were counted, or an order of the stages.

    Raises:
        WrongTypeError: Neither.
    """
    if isinstance(moves, StageOrder):
        order = moves
        counts = [((start, end), "") for start in order.stages for end in order.stages if end in order.after(start)]
    else:
        from crmcore.retention.lifecycles import Transitions  # noqa: PLC0415 - a picture loads the room it is of, not all of them

        order = checks.as_instance(moves, Transitions, "moves").order
        counts = [(move, f" : {count}") for move, count in moves.counts]
    names = {stage.value: f"s{number}" for number, stage in enumerate(order.stages)}
    return _diagram(
        [
            "stateDiagram-v2",
            *(f'    state "{stage}" as {name}' for stage, name in names.items()),
            *(f"    {names[start.value]} --> {names[end.value]}{count}" for (start, end), count in counts),
        ]
    )


def _diagram(lines: Iterable[str]) -> Mermaid:
    return Mermaid("\n".join([*lines, ""]))


def _kept(head: Iterable[str], parts: Sequence[str]) -> int:
    """How many of the parts Mermaid reads, with room for saying how many it does not."""
    before = sum(map(_units, head))
    sizes = list(accumulate(map(_units, parts), initial=before))
    return len(parts) if sizes[-1] <= _MOST_UNITS else bisect_right(sizes, _MOST_UNITS - _ENDING) - 1


def _units(text: str) -> int:
    """The length of a text as JavaScript counts it, with the end of its line."""
    return len(text) + sum(sign > "\uffff" for sign in text) + 1


def _label(words: str) -> str:
    """Words as Mermaid shows them, whatever they are made of."""
    told = (
        one_line(words).replace("\ufb02", "fl").replace("\xb6\xdf", "\xb6 \xdf") or "-"
    )  # Mermaid's own marks around numbers
    if len(told) > _LONGEST:
        told = f"{told[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"
    low = "".join(sign.lower() if sign.isascii() else sign for sign in told)
    return "".join(
        sign
        if (sign.isalnum() or sign in _OWN_SIGNS) and not low.startswith(_DIRECTION if place else _FIRST, place)
        else f"#{ord(sign)};"
        for place, sign in enumerate(told)
    )
