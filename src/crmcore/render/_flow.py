"""The paths of customers as a picture: boxes from left to right, and edges as thick as they are frequent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from crmcore.model.touchpoint import Touchpoint
from crmcore.primitives import checks
from crmcore.render._captions import index_touchpoints, name_touchpoint
from crmcore.render._document import (
    MARGIN,
    TOP,
    WIDTH,
    Svg,
    build_document,
    draw_box,
    draw_label,
    draw_notes,
    draw_text,
    escape,
    n,
)
from crmcore.render._layers import Bend, Box, Layout, Link, Node, lay_out
from crmcore.render._widths import wrap
from crmcore.render._words import Words, as_words

if TYPE_CHECKING:
    from crmcore.journeys.paths import Edge, Flow
    from crmcore.primitives.ids import Id

_WIDE: Final = 104
_GUTTER: Final = 84
_ROOM: Final = 8  # before the first boxes, for edges that lead back to them
_SLOT: Final = 17.0  # the room of an edge at a box, if it is not thicker
_THICKEST: Final = 12.0
_BETWEEN: Final = 22.0
_LOOP: Final = 26.0  # the room of an edge from a box to itself
_LANE: Final = 22.0
_LINE: Final = 15
_START: Final[Box] = (None, True)
_END: Final[Box] = (None, False)
_STYLE: Final = """
.crmcore .place { fill: $back; stroke: $soft }
.crmcore .ends { fill: $band; stroke: $soft }
.crmcore .forward { stroke: $line; opacity: 0.55 }
.crmcore .backward { stroke: $bad; opacity: 0.6; stroke-dasharray: 5 3 }
.crmcore .forward_tip { fill: $line }
.crmcore .backward_tip { fill: $bad }
"""


def flow(
    flow: Flow,
    /,
    *,
    names: Iterable[Touchpoint] = (),
    most: int = 24,
    title: str = "Paths of customers",
    words: Mapping[str, str] | None = None,
) -> Svg:
    """Draw the paths of customers: a box for each touchpoint, and an edge that is the thicker the more frequent it is.

    Examples:
        >>> from crmcore import Flow, Touchpoint, instant, render
        >>> rows = [("anna", "ad", instant("2026-03-01")), ("anna", 7, instant("2026-03-02"))]
        >>> picture = render.flow(Flow.of(rows), names=[Touchpoint(id=7, name="Till")])
        >>> "ad to Till: 1." in str(picture)
        True

    The number on an edge is its count. If the edge occurs in fewer journeys, their number follows in brackets. Frequent
    edges lead from left to right. An edge that would close a circle of more frequent ones leads back, below the boxes,
    as a broken line. The most frequent edges are drawn, and equal counts keep the order of the flow; the others are
    counted below the picture. A picture of many boxes is wider than a page.

    Args:
        flow: The flow.
        names: The touchpoints, for their names. Of a touchpoint that is not given, the id is shown.
        most: The largest number of edges, >= 0.
        title: The title above the picture.
        words: A translation of the fixed words, see `WORDS`.

    Raises:
        InvalidValueError: Two touchpoints have the same id.
        UnknownNameError: `words` translates a word that pictures do not have.
    """
    from crmcore.journeys.paths import Flow  # noqa: PLC0415 - a picture loads the room it is of, not all of them

    checks.as_instance(flow, Flow, "flow")
    known = index_touchpoints(names, "names")
    checks.as_count(most, "most")
    say = as_words(words)
    ordered = sorted(flow.edges.items(), key=lambda item: -item[1].count)
    edges: dict[Link, Edge] = {
        ((start, start is None), (end, False)): edge for (start, end), edge in ordered[:most] if edge.count
    }
    labels = {node: _name(node, known, say) for link in edges for node in link}
    plan = _Plan(lay_out([*edges], _START, _END), edges, labels)
    told = [
        f"{say('{start} to {end}', start=labels[start], end=labels[end])}: {_write(edges[start, end])}."
        for start, end in edges
    ]
    about = dict(zip(edges, told, strict=True))
    parts = [part for link in edges for part in plan.draw_edge(link, about[link])]
    parts += [part for node in labels for part in plan.draw_node(node)]
    parts += [part for link in edges for part in plan.draw_count(link)]
    rest = ordered[most:]
    notes = [] if edges else [say("no edges")]
    if rest:
        total = sum(edge.count for _, edge in rest)
        several = say(
            "{count} rarer edges with a total count of {total} are left out", count=f"{len(rest):,}", total=f"{total:,}"
        )
        notes.append(
            several if len(rest) > 1 else say("1 rarer edge with a count of {total} is left out", total=f"{total:,}")
        )
    width = max(float(WIDTH), plan.right + MARGIN)
    drawn, below = draw_notes(notes, MARGIN, plan.bottom, width - 2 * MARGIN)
    return build_document(
        title,
        " ".join([*told, *(f"{note}." for note in notes)]),
        below + 18,
        [*parts, *drawn],
        width=width,
        style=_STYLE,
    )


def _name(box: Box, known: Mapping[Id, Touchpoint], say: Words) -> str:
    if box == _START:
        return say("start")
    if box == _END:
        return say("end")
    touchpoint_id, _ = box
    assert touchpoint_id is not None  # noqa: S101 - only the two ends are None
    return name_touchpoint(touchpoint_id, known.get(touchpoint_id))


def _write(edge: Edge) -> str:
    return f"{edge.count:,}" if edge.count == edge.journeys else f"{edge.count:,} ({edge.journeys:,})"


class _Plan:
    """The places of all boxes and edges."""

    def __init__(self, layout: Layout, edges: Mapping[Link, Edge], labels: Mapping[Box, str]) -> None:
        self._layout, self._edges, self._labels = layout, edges, labels
        most = max((edge.count for edge in edges.values()), default=1)
        self._thick = {link: 1.25 + (_THICKEST - 1.25) * edge.count / most for link, edge in edges.items()}
        self._lines = {box: wrap(label, _WIDE - 16, bold=True, most=3) for box, label in labels.items()}
        self._loops = {start for start, end in edges if start == end}
        self._x: dict[Node, float] = {}
        self._y: dict[Node, float] = {}
        self._high: dict[Node, float] = {}
        self._top = TOP + 6.0
        self._place_nodes()
        self._outs = self._place_ports(0)
        self._ins = self._place_ports(1)

    @property
    def right(self) -> float:
        """The right end of all boxes, and of the edges that turn back behind them."""
        turns = (self._turn(link)[0] + self._thick[link] for link in self._layout.back)
        return max([0.0, *(x + _WIDE for x in self._x.values()), *turns])

    @property
    def bottom(self) -> float:
        """The lower end of all boxes and of the lanes below them."""
        return self._floor + _LANE * len(self._layout.back) + 4

    def _slot(self, link: Link) -> float:
        return max(_SLOT, self._thick[link] + 5)

    def _touching(self, box: Box, side: int) -> list[Link]:
        """List the edges that leave a box (side 0) or reach it (side 1), without those from a box to itself."""
        return [link for link in self._edges if link[side] == box and link[0] != link[1]]

    def _place_nodes(self) -> None:
        """Put each layer in the middle of the height."""
        layers = self._layout.layers
        for layer in layers:
            for node in layer:
                if isinstance(node, Bend):
                    self._high[node] = self._slot(node.link)
                else:
                    sides = [sum(map(self._slot, self._touching(node, side))) for side in (0, 1)]
                    self._high[node] = max(*(side + 8 for side in sides), _LINE * len(self._lines[node]) + 18)
        heights = [sum(self._need(node) for node in layer) + _BETWEEN * (len(layer) - 1) for layer in layers]
        whole = max(heights)
        for number, (layer, height) in enumerate(zip(layers, heights, strict=True)):
            y = self._top + (whole - height) / 2
            for node in layer:
                self._x[node] = MARGIN + _ROOM + (_WIDE + _GUTTER) * number
                self._y[node] = y + self._need(node) - self._high[node]
                y += self._need(node) + _BETWEEN
        self._floor = self._top + whole

    def _need(self, node: Node) -> float:
        return self._high[node] + (_LOOP if node in self._loops else 0.0)

    def _middle(self, node: Node) -> float:
        return self._y[node] + self._high[node] / 2

    def _place_ports(self, side: int) -> dict[Link, float]:
        """Return the height at which each edge leaves or reaches its box: in the order of the other ends."""
        chains = self._layout.chains
        ports: dict[Link, float] = {}
        for box in self._labels:
            links = self._touching(box, side)
            links.sort(
                key=lambda link: (
                    link not in chains,
                    self._middle(chains[link][1 if side == 0 else -2]) if link in chains else 0.0,
                )
            )
            y = self._middle(box) - sum(map(self._slot, links)) / 2
            for link in links:
                ports[link] = y + self._slot(link) / 2
                y += self._slot(link)
        return ports

    def draw_node(self, box: Box) -> Iterator[str]:
        """Draw a box with its name."""
        x, y, high = self._x[box], self._y[box], self._high[box]
        lines = self._lines[box]
        yield f"<g><title>{escape(self._labels[box])}</title>"
        yield draw_box("ends" if box in {_START, _END} else "place", x, y, _WIDE, high)
        first = y + high / 2 - _LINE * (len(lines) - 1) / 2 + 4
        for number, line in enumerate(lines):
            yield draw_text(x + _WIDE / 2, first + _LINE * number, line, "strong", "middle")
        yield "</g>"

    def draw_edge(self, link: Link, about: str) -> Iterator[str]:
        """Draw an edge with its arrowhead."""
        thick = f'stroke-width="{n(self._thick[link])}"'
        size = 5 + self._thick[link] / 3
        start, end = link
        if start == end:
            x, y = self._x[start] + _WIDE / 2, self._y[start]
            d = f"M{n(x - 18)} {n(y)}C{n(x - 22)} {n(y - 26)} {n(x + 22)} {n(y - 26)} {n(x + 18)} {n(y - 6)}"
            kind, tip = "backward", f"{n(x + 18)},{n(y)} {n(x + 13)},{n(y - 9)} {n(x + 23)},{n(y - 9)}"
        else:
            kind = "forward" if link in self._layout.chains else "backward"
            d = self._trace(link, 2 * size)
            x, y = self._x[end], self._ins[link]
            tip = f"{n(x)},{n(y)} {n(x - 2 * size)},{n(y - size)} {n(x - 2 * size)},{n(y + size)}"
        yield f'<g><title>{escape(about)}</title><path class="{kind}" {thick} d="{d}"/>'
        yield f'<polygon class="{kind}_tip" points="{tip}"/></g>'

    def _turn(self, link: Link) -> tuple[float, float]:
        """Return where an edge that leads back turns down behind its first box, and up before its last one."""
        lane = self._layout.back.index(link)
        return self._x[link[0]] + _WIDE + 52 + 4 * (lane % 4), self._x[link[1]] - 14 - 4 * (lane % 2)

    def _trace(self, link: Link, tip: float) -> str:
        """Return the path of an edge from box to box."""
        x, y = self._x[link[0]] + _WIDE, self._outs[link]
        path = f"M{n(x)} {n(y)}"
        if link not in self._layout.chains:
            lane = self._layout.back.index(link)
            (out, into), to = self._turn(link), self._ins[link]
            low = self._floor + _LANE * (lane + 1) - 6
            path += f"H{n(out - 6)}Q{n(out)} {n(y)} {n(out)} {n(y + 6)}"
            path += f"V{n(low - 6)}Q{n(out)} {n(low)} {n(out - 6)} {n(low)}"
            path += f"H{n(into + 6)}Q{n(into)} {n(low)} {n(into)} {n(low - 6)}"
            return f"{path}V{n(to + 4)}Q{n(into)} {n(to)} {n(into + 4)} {n(to)}H{n(self._x[link[1]] - tip)}"
        for _, node in pairwise(self._layout.chains[link]):
            if isinstance(node, Bend):
                to_x, to_y, end = self._x[node], self._middle(node), self._x[node] + _WIDE
            else:
                to_x, to_y, end = self._x[node] - tip, self._ins[link], 0.0
            half = (x + to_x) / 2
            path += f"C{n(half)} {n(y)} {n(half)} {n(to_y)} {n(to_x)} {n(to_y)}"
            if end:
                path += f"H{n(end)}"
            x, y = end, to_y
        return path

    def draw_count(self, link: Link) -> Iterator[str]:
        """Draw the count of an edge where it begins; above the lane if it leads back."""
        text = _write(self._edges[link])
        if link[0] == link[1]:
            yield draw_label(self._x[link[0]] + _WIDE / 2 + 26, self._y[link[0]] - 10, text, "", "start")
        elif link in self._layout.chains:
            yield draw_label(self._x[link[0]] + _WIDE + 5, self._outs[link] + 4, text, "", "start")
        else:
            lane = self._layout.back.index(link)
            x = (self._x[link[0]] + self._x[link[1]] + _WIDE) / 2
            yield draw_label(x, self._floor + _LANE * (lane + 1) - 2, text, "", "middle")
