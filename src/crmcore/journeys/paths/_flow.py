"""From where to where, and whole ways."""

from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import chain, repeat
from operator import add, itemgetter
from typing import Final, Self, cast

import attrs

from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.primitives._decimals import ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, WrongTypeError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.tally import Tally, TallyBy, check_counts, check_rows

__all__ = ["Edge", "Flow", "variants"]


@attrs.frozen(kw_only=True)
class Edge(Tally):
    """Adds over disjoint journeys: how often a way was taken, and in how many journeys.

    Examples:
        >>> Edge(count=9, journeys=4) + Edge(count=1, journeys=1)
        Edge(count=10, journeys=5)

    Attributes:
        count: How often.
        journeys: In how many journeys, each counted once.

    Raises:
        InconsistentCountsError: More journeys than times, or times in no journey.
        InvalidValueError: A negative count.
    """

    count: int = 0
    journeys: int = 0

    def __attrs_post_init__(self) -> None:
        check_counts(self, "count", "journeys")
        if self.journeys > self.count or (self.count and not self.journeys):
            raise InconsistentCountsError(
                f"a way is taken in some journey, and at least once in each that takes it, got count={self.count} "
                f"and journeys={self.journeys}",
                self.count,
                self.journeys,
            )


_EACH: Final = cast("Callable[[Callable[[str, str], str], str, str], Iterable[str]]", map)
_NO_EDGES: Final[TallyBy[tuple[Id | None, Id | None], Edge]] = TallyBy()


@attrs.frozen(kw_only=True)
class Flow(Tally):
    """Adds over disjoint journeys: from which touchpoint to which they went, where they began and where they ended.

    Examples:
        >>> from crmcore import instant
        >>> went = {"anna": ["ad", "shop", "till"], "ben": ["ad", "shop", "ad", "shop"]}
        >>> flow = Flow.of(
        ...     (who, at, instant(f"2026-03-0{day}")) for who, way in went.items() for day, at in enumerate(way, 1)
        ... )
        >>> flow.edges["ad", "shop"]
        Edge(count=3, journeys=2)
        >>> flow.share("shop", "till"), flow.share("shop", None)
        (Decimal('0.3333333333333333333333333333333333'), Decimal('0.3333333333333333333333333333333333'))

    Process mining calls it the directly-follows graph.

    Attributes:
        journeys: All journeys with at least one visit.
        edges: How often and in how many journeys one touchpoint directly followed another, by both. None before a
            touchpoint is the beginning of a journey, None after it the end.

    Raises:
        InconsistentCountsError: A way taken in more journeys than there are.
        InvalidValueError: A negative count.
        WrongTypeError: A value of the wrong type, or a key that is no pair of touchpoints.
    """

    ratios = ("moves",)

    journeys: int = 0
    edges: TallyBy[tuple[Id | None, Id | None], Edge] = _NO_EDGES

    def __attrs_post_init__(self) -> None:
        check_counts(self, "journeys")
        check_rows(self, "edges", Edge)
        for pair, edge in self.edges.items():
            _check_ends(pair)
            if edge.journeys > self.journeys:
                raise InconsistentCountsError(
                    f"a way cannot be taken in {edge.journeys} of {self.journeys} journeys; count them all",
                    edge.journeys,
                    self.journeys,
                )

    @classmethod
    def of(cls, journeys: JourneyRecords, /) -> Self:
        """Count who went from where to where.

        Args:
            journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.

        Raises:
            InvalidValueError: As for `Journeys.of`.
            WrongTypeError: As for `Journeys.of`.
        """
        log = Journeys.of(journeys)
        words = [word for word in log.paths if word]
        rests = [word[1:] for word in words]
        counts = Counter(chain.from_iterable(map(_EACH, repeat(add), words, rests)))
        once = Counter(chain.from_iterable(map(set, map(_EACH, repeat(add), words, rests))))
        names: dict[str, Id | None] = {sign: one for one, sign in log.letters.items()}
        edges: dict[tuple[Id | None, Id | None], Edge] = {
            (None, names[sign]): Edge(count=count, journeys=count)
            for sign, count in Counter(map(itemgetter(0), words)).items()
        }
        for pair, count in counts.items():
            edges[names[pair[0]], names[pair[1]]] = Edge(count=count, journeys=once[pair])
        for sign, count in Counter(map(itemgetter(-1), words)).items():
            edges[names[sign], None] = Edge(count=count, journeys=count)
        return cls(journeys=len(words), edges=TallyBy(edges))

    @property
    def moves(self) -> int:
        """How often one touchpoint followed another; beginnings and ends are no moves."""
        return sum(edge.count for (start, end), edge in self.edges.items() if None not in (start, end))

    @property
    def starts(self) -> TallyBy[Id, Edge]:
        """Where journeys began."""
        return TallyBy({end: one for (start, end), one in self.edges.items() if start is None and end is not None})

    @property
    def ends(self) -> TallyBy[Id, Edge]:
        """Where they ended."""
        return TallyBy({start: one for (start, end), one in self.edges.items() if end is None and start is not None})

    def onward(self, touchpoint_id: Id | None, /) -> TallyBy[Id | None, Edge]:
        """Where they went from a touchpoint, None for those that ended there; from None, where they began."""
        return TallyBy({end: one for (start, end), one in self.edges.items() if start == touchpoint_id})

    def share(self, start: Id | None, end: Id | None, /) -> Decimal | None:
        """Of all that left a touchpoint, ends included, the share that went to another; None where nobody was there.

        ``count(start, end) / (sum of count(start, any))``
        """
        onward = self.onward(start)
        whole = sum(edge.count for edge in onward.values())
        return ratio(onward[end].count if end in onward else 0, whole)

    def explain(self) -> Explanation:
        """The counts themselves."""
        return Explanation((term("journeys", self.journeys, "journeys"), term("moves", self.moves, "moves")))


def pair_of(key: object) -> tuple[object, object] | None:
    """The two parts of a key; None where it is no pair."""
    if not isinstance(key, tuple) or len(cast("tuple[object, ...]", key)) != 2:
        return None
    return cast("tuple[object, object]", key)


def _check_ends(key: object) -> None:
    """Refuse what is no edge from a touchpoint to a touchpoint."""
    pair = pair_of(key)
    if pair is None or pair == (None, None):
        raise WrongTypeError(
            "every key of edges must be a pair of touchpoints, None for the one before a beginning or after an end, "
            f"got {show(key)}",
            "edges",
        )
    for touchpoint_id in pair:
        check_id(touchpoint_id, "each touchpoint of edges")


def variants(journeys: JourneyRecords, /) -> TallyBy[tuple[Id, ...], Edge]:
    """Whole ways, from the first touchpoint to the last, the most common first, among equals the first seen.

    Examples:
        >>> from crmcore import instant
        >>> went = {"anna": ["ad", "shop"], "ben": ["shop"], "zoe": ["ad", "shop"]}
        >>> rows = [(who, at, instant(f"2026-03-0{day}")) for who, way in went.items() for day, at in enumerate(way, 1)]
        >>> {way: edge.journeys for way, edge in variants(rows).items()}
        {('ad', 'shop'): 2, ('shop',): 1}

    The share of a way is its journeys of those in the ``total``. A journey without a visit went no way.

    Args:
        journeys: As for `Flow.of`.

    Raises:
        InvalidValueError: As for `Journeys.of`.
        WrongTypeError: As for `Journeys.of`.
    """
    log = Journeys.of(journeys)
    words = Counter(log.paths)
    del words[""]
    counted = words.most_common()
    ways = log.decode([word for word, _ in counted])
    edges = {count: Edge(count=count, journeys=count) for count in {count for _, count in counted}}
    return TallyBy(zip(ways, [edges[count] for _, count in counted], strict=True))
