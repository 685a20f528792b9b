"""From which touchpoint to which customers go, and which whole paths they take."""

from collections import Counter
from decimal import Decimal
from itertools import chain
from operator import add, itemgetter
from typing import Any, Final, Self

import attrs

from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["Edge", "Flow", "variants"]


@attrs.frozen(kw_only=True)
class Edge(Tally):
    """How often journeys passed an edge, a path or a cell, and how many did. Records of disjoint journeys can be added.

    It counts three things: an edge of a `Flow` (one touchpoint directly after another), a whole path in `variants`, and
    a cell of a `StepMatrix` (a touchpoint at a numbered visit).

    Examples:
        >>> from crmcore.journeys.paths import Edge
        >>> Edge(count=9, journeys=4) + Edge(count=1, journeys=1)
        Edge(count=10, journeys=5)

    Attributes:
        count: How often customers passed it.
        journeys: How many journeys passed it, each counted once.

    Raises:
        InconsistentCountsError: More journeys than passes, or passes without a journey.
    """

    count: int = 0
    journeys: int = 0

    def _check(self) -> None:
        super()._check()
        if self.journeys > self.count or (self.count and not self.journeys):
            raise InconsistentCountsError(
                "edge_contradicts_journeys",
                f"count must be >= journeys, and 0 only together with it, got count={self.count} and "
                f"journeys={self.journeys}",
                field="count",
                operands=(self.count, self.journeys),
            )


_NO_EDGES: Final[TallyBy[tuple[Id | None, Id | None], Edge]] = TallyBy()


@attrs.frozen(kw_only=True)
class Flow(Tally):
    """Number of moves from touchpoint to touchpoint, of starts and of ends. Records of disjoint journeys can be added.

    Examples:
        >>> from crmcore import Flow, instant
        >>> visited = {"anna": ["ad", "shop", "till"], "ben": ["ad", "shop", "ad", "shop"]}
        >>> flow = Flow.of(
        ...     (customer, touchpoint, instant(f"2026-03-0{day}"))
        ...     for customer, path in visited.items()
        ...     for day, touchpoint in enumerate(path, 1)
        ... )
        >>> flow.edges["ad", "shop"]
        Edge(count=3, journeys=2)
        >>> flow.share("shop", "till"), flow.share("shop", None)
        (Decimal('0.3333333333333333333333333333333333'), Decimal('0.3333333333333333333333333333333333'))

    Process mining calls it the directly-follows graph.

    Attributes:
        journeys: All journeys with at least one visit.
        edges: How often and in how many journeys one touchpoint directly followed another, by the pair of both. None as
            the first of a pair is the beginning of a journey, None as the second is its end.

    Raises:
        InconsistentCountsError: An edge with more journeys than there are.
        InvalidValueError: A key of `edges` that is a pair of two None.
        WrongTypeError: A key of `edges` that is not a pair of touchpoints.
    """

    ratios = ("moves",)

    journeys: int = 0
    edges: TallyBy[tuple[Id | None, Id | None], Edge] = _NO_EDGES

    def _check(self) -> None:
        super()._check()
        for place, (pair, edge) in enumerate(self.edges.items()):
            _check_ends(pair, f"edges[{place}]")
            if edge.journeys > self.journeys:
                raise InconsistentCountsError(
                    "more_journeys_on_an_edge",
                    f"journeys must be >= the journeys of each edge, got {self.journeys} and {edge.journeys}",
                    field="journeys",
                    record=pair,
                    advice="count all journeys",
                    operands=(edge.journeys, self.journeys),
                )

    @classmethod
    def of(cls, journeys: JourneyRecords, /) -> Self:
        """Count the edges between touchpoints.

        Args:
            journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.
        """
        log = Journeys.of(journeys)
        paths = [path for path in log.paths if path]
        counts = Counter(chain.from_iterable(map(add, path, path[1:]) for path in paths))
        passed_by = Counter(chain.from_iterable(set(map(add, path, path[1:])) for path in paths))
        ids = {letter: touchpoint_id for touchpoint_id, letter in log.letters.items()}
        edges: dict[tuple[Id | None, Id | None], Edge] = {
            (None, ids[letter]): Edge(count=count, journeys=count)
            for letter, count in Counter(map(itemgetter(0), paths)).items()
        }
        for pair, count in counts.items():
            edges[ids[pair[0]], ids[pair[1]]] = Edge(count=count, journeys=passed_by[pair])
        for letter, count in Counter(map(itemgetter(-1), paths)).items():
            edges[ids[letter], None] = Edge(count=count, journeys=count)
        return cls(journeys=len(paths), edges=TallyBy(edges))

    @property
    def moves(self) -> int:
        """How often one touchpoint followed another; beginnings and ends are not moves."""
        return sum(edge.count for (start, end), edge in self.edges.items() if None not in (start, end))

    @property
    def starts(self) -> TallyBy[Id, Edge]:
        """The edges with which journeys begin, by their first touchpoint."""
        return TallyBy({end: edge for (start, end), edge in self.edges.items() if start is None and end is not None})

    @property
    def ends(self) -> TallyBy[Id, Edge]:
        """The edges with which journeys end, by their last touchpoint."""
        return TallyBy({start: edge for (start, end), edge in self.edges.items() if end is None and start is not None})

    def onward(self, touchpoint_id: Id | None, /) -> TallyBy[Id | None, Edge]:
        """Return the edges from a touchpoint, by the touchpoint that follows, or None for the end of a journey.

        From None, return the edges with which journeys begin.

        Raises:
            WrongTypeError: Neither a touchpoint nor None.
        """
        check_id(touchpoint_id, "touchpoint_id")
        return TallyBy({end: edge for (start, end), edge in self.edges.items() if start == touchpoint_id})

    def share(self, start: Id | None, end: Id | None, /) -> Decimal | None:
        """Return which share of all that left `start`, ends included, went to `end`; None if `start` has no visits.

        ``count(start, end) / (sum of count(start, any))``

        Raises:
            WrongTypeError: A start or an end that is neither a touchpoint nor None.
        """
        check_id(start, "start")
        check_id(end, "end")
        onward = self.onward(start)
        whole = sum(edge.count for edge in onward.values())
        return ratio(onward[end].count if end in onward else 0, whole)

    def rows(self, *, plain: bool = True) -> list[dict[str, Any]]:
        """Return a row for each edge: ``start``, ``end``, ``count`` and ``journeys``.

        None as the start is the beginning of a journey, None as the end its end.

        Args:
            plain: Whether cells are plain, as `Tally.row` says. Otherwise they are exact.
        """
        checks.as_instance(plain, bool, "plain")
        return self.edges.rows(("start", "end"), plain=plain)

    def _list_rows(self) -> list[dict[str, Any]]:
        return self.rows(plain=False)

    def explain(self) -> Explanation:
        """Return the counts as lines."""
        return Explanation((term("journeys", self.journeys, "journeys"), term("moves", self.moves, "moves")))


def _check_ends(key: object, name: str) -> None:
    """Check that a key is a pair of touchpoints, one of which may be None."""
    pair = checks.as_parts(key, 2, name)
    if pair == (None, None):
        raise InvalidValueError(
            "edge_without_a_touchpoint",
            f"{name} must have a touchpoint at its beginning or at its end, got none",
            **checks.at_fault(name),
        )
    for touchpoint_id in pair:
        check_id(touchpoint_id, name)


def variants(journeys: JourneyRecords, /) -> TallyBy[tuple[Id, ...], Edge]:
    """Count whole paths, from the first touchpoint to the last, the most common first; equals in the order first seen.

    Examples:
        >>> from crmcore import instant, paths
        >>> visited = {"anna": ["ad", "shop"], "ben": ["shop"], "zoe": ["ad", "shop"]}
        >>> rows = [
        ...     (customer, touchpoint, instant(f"2026-03-0{day}"))
        ...     for customer, path in visited.items()
        ...     for day, touchpoint in enumerate(path, 1)
        ... ]
        >>> {path: edge.journeys for path, edge in paths.variants(rows).items()}
        {('ad', 'shop'): 2, ('shop',): 1}

    The share of a path is its `journeys` divided by those of the ``total``. A journey without a visit does not have a
    path and is not counted.

    Args:
        journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.
    """
    log = Journeys.of(journeys)
    counts = Counter(log.paths)
    del counts[""]
    counted = counts.most_common()
    paths = log.decode([path for path, _ in counted])
    # many paths have one count, and share one Edge: 2x
    edges = {count: Edge(count=count, journeys=count) for count in {count for _, count in counted}}
    return TallyBy(zip(paths, [edges[count] for _, count in counted], strict=True))
