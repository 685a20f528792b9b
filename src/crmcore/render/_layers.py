"""The layout of a flow: boxes in layers from left to right, with room for each edge.

It follows Sugiyama, Tagawa and Toda 1981, Methods for visual understanding of hierarchical system structures: edges
back are set aside, boxes are put into layers, and each layer is ordered by the mean place of its neighbours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import attrs

from crmcore.primitives.ids import Id

Box = tuple[Id | None, bool]
"""A touchpoint; None is the beginning of journeys if the flag is set, and otherwise their end."""

Link = tuple[Box, Box]
_SWEEPS: Final = 6


@attrs.frozen
class Bend:
    """The place at which a long edge passes a layer."""

    link: Link
    layer: int


Node = Box | Bend


@attrs.frozen
class Layout:
    """The layers of boxes, the chain of places that each forward edge passes, and the edges back."""

    layers: list[list[Node]]
    chains: Mapping[Link, list[Node]]
    back: list[Link]


def lay_out(links: Sequence[Link], first: Box, last: Box) -> Layout:
    """Put the boxes of links into layers. A link from a box to itself only says that the box occurs.

    Args:
        links: The links, the heaviest first.
        first: The box that stands in front of all others, if it occurs.
        last: The box that stands behind all others, if it occurs.
    """
    forward, back = _split([link for link in links if link[0] != link[1]], first)
    layer_of = _find_layers(links, forward)
    end = max(layer_of.values(), default=0)
    if last in layer_of:
        end = max([layer_of[last], *(layer + 1 for node, layer in layer_of.items() if node != last)])
        layer_of[last] = end
    layers: list[list[Node]] = [[] for _ in range(end + 1)]
    for node, layer in layer_of.items():
        layers[layer].append(node)
    chains: dict[Link, list[Node]] = {}
    for link in forward:
        start, stop = layer_of[link[0]], layer_of[link[1]]
        bends = [Bend(link, layer) for layer in range(start + 1, stop)]
        for bend in bends:
            layers[bend.layer].append(bend)
        chains[link] = [link[0], *bends, link[1]]
    _order(layers, [pair for chain in chains.values() for pair in pairwise(chain)])
    return Layout(layers, chains, back)


def _split(links: Sequence[Link], first: Box) -> tuple[list[Link], list[Link]]:
    """Split links into those that go forward and those that go back.

    A link goes forward if those before it, which are heavier, do not lead from its end to its start.
    """
    onward: dict[Box, list[Box]] = defaultdict(list)
    forward: list[Link] = []
    back: list[Link] = []
    for start, end in sorted(links, key=lambda link: link[0] != first):
        if _reaches(onward, end, start):
            back.append((start, end))
        else:
            onward[start].append(end)
            forward.append((start, end))
    return forward, back


def _reaches(onward: Mapping[Box, Iterable[Box]], start: Box, goal: Box) -> bool:
    """Return whether a path leads from one box to another."""
    seen = {start}
    waiting = [start]
    while waiting:
        node = waiting.pop()
        if node == goal:
            return True
        fresh = [other for other in onward.get(node, ()) if other not in seen]
        seen.update(fresh)
        waiting += fresh
    return False


def _find_layers(links: Sequence[Link], forward: Sequence[Link]) -> dict[Box, int]:
    """Return the layer of each box: one behind the last of those that lead to it."""
    layer_of: dict[Box, int] = dict.fromkeys((node for link in links for node in link), 0)
    changed = True
    while changed:  # ends, because forward links have no cycle
        changed = False
        for start, end in forward:
            if layer_of[end] <= layer_of[start]:
                layer_of[end] = layer_of[start] + 1
                changed = True
    return layer_of


def _order(layers: list[list[Node]], steps: Sequence[tuple[Node, Node]]) -> None:
    """Order each layer by the mean place of its neighbours, sweeping to the right and back."""
    before: dict[Node, list[Node]] = defaultdict(list)
    after: dict[Node, list[Node]] = defaultdict(list)
    for start, end in steps:
        after[start].append(end)
        before[end].append(start)
    for sweep in range(_SWEEPS):
        neighbours, steps_to = (after, -1) if sweep % 2 else (before, 1)
        for near, layer in pairwise(layers[::steps_to]):
            places = {node: place for place, node in enumerate(near)}
            ranks = {node: _find_mean([places[other] for other in neighbours[node]]) for node in layer}
            layer.sort(key=ranks.__getitem__)


def _find_mean(places: Sequence[int]) -> float:
    return sum(places) / len(places) if places else 0.0
