"""From where to where, and whole ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import chain, repeat
from operator import add, itemgetter
from typing import Final, cast

import attrs

from crmcore.model._ids import Id, check_id
from crmcore.model.journey import JourneyRecords, Journeys
from crmcore.model.journey._words import letter, spelled
from crmcore.primitives._decimals import ratio
from crmcore.primitives._entry import shown
from crmcore.primitives.errors import InconsistentCountsError, WrongTypeError
from crmcore.primitives.explanation import Explanation
from crmcore.primitives.tally import Tally, TallyBy, settle_counts, settle_rows, term

__all__ = ["Flow", "Passage", "variants"]


@attrs.frozen(kw_only=True)
class Passage(Tally):
    """Adds over disjoint journeys: how often a way was taken, and in how many journeys.

    Examples:
        >>> Passage(count=9, journeys=4) + Passage(count=1, journeys=1)
        Passage(count=10, journeys=5)

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
        settle_counts(self, "count", "journeys")
        if self.journeys > self.count or (self.count and not self.journeys):
            raise InconsistentCountsError(
                f"a way is taken in some journey, and at least once in each that takes it, got count={self.count} "
                f"and journeys={self.journeys}",
                self.count,
                self.journeys,
            )


_EACH: Final = cast("Callable[[Callable[[str, str], str], str, str], Iterable[str]]", map)
_NO_PASSAGES: Final[TallyBy[tuple[Id | None, Id | None], Passage]] = TallyBy()


@attrs.frozen(kw_only=True)
class Flow(Tally):
    """Adds over disjoint journeys: from which touchpoint to which they went, where they began and where they ended.

    Examples:
        >>> from crmcore import instant
        >>> went = {"anna": ["ad", "shop", "till"], "ben": ["ad", "shop", "ad", "shop"]}
        >>> flow = Flow.of(
        ...     (who, at, instant(f"2026-03-0{day}")) for who, way in went.items() for day, at in enumerate(way, 1)
        ... )
        >>> flow.passages["ad", "shop"]
        Passage(count=3, journeys=2)
        >>> flow.share("shop", "till"), flow.share("shop", None)
        (Decimal('0.3333333333333333333333333333333333'), Decimal('0.3333333333333333333333333333333333'))

    Process mining calls it the directly-follows graph.

    Attributes:
        journeys: All journeys with at least one visit.
        passages: How often and in how many journeys one touchpoint directly followed another, by both. None before a
            touchpoint is the beginning of a journey, None after it the end.

    Raises:
        InconsistentCountsError: A way taken in more journeys than there are.
        InvalidValueError: A negative count.
        WrongTypeError: A value of the wrong type, or a key that is no pair of touchpoints.
    """

    ratios = ("moves",)

    journeys: int = 0
    passages: TallyBy[tuple[Id | None, Id | None], Passage] = _NO_PASSAGES

    def __attrs_post_init__(self) -> None:
        settle_counts(self, "journeys")
        settle_rows(self, "passages", Passage)
        for pair, passage in self.passages.items():
            _check_ends(pair)
            if passage.journeys > self.journeys:
                raise InconsistentCountsError(
                    f"a way cannot be taken in {passage.journeys} of {self.journeys} journeys; count them all",
                    passage.journeys,
                    self.journeys,
                )

    @staticmethod
    def of(journeys: JourneyRecords, /) -> Flow:
        """Count who went from where to where.

        Args:
            journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.

        Raises:
            InvalidValueError: As for `Journeys.of`.
            WrongTypeError: As for `Journeys.of`.
        """
        log = Journeys.of(journeys)
        words = [word for word in log.words if word]
        rests = [word[1:] for word in words]
        counts = Counter(chain.from_iterable(map(_EACH, repeat(add), words, rests)))
        once = Counter(chain.from_iterable(map(set, map(_EACH, repeat(add), words, rests))))
        names: dict[str, Id | None] = {letter(n): one for n, one in enumerate(log.touchpoint_ids)}
        passages: dict[tuple[Id | None, Id | None], Passage] = {
            (None, names[sign]): Passage(count=count, journeys=count)
            for sign, count in Counter(map(itemgetter(0), words)).items()
        }
        for pair, count in counts.items():
            passages[names[pair[0]], names[pair[1]]] = Passage(count=count, journeys=once[pair])
        for sign, count in Counter(map(itemgetter(-1), words)).items():
            passages[names[sign], None] = Passage(count=count, journeys=count)
        return Flow(journeys=len(words), passages=TallyBy(passages))

    @property
    def moves(self) -> int:
        """How often one touchpoint followed another; beginnings and ends are no moves."""
        return sum(passage.count for (start, end), passage in self.passages.items() if None not in (start, end))

    @property
    def starts(self) -> TallyBy[Id, Passage]:
        """Where journeys began."""
        return TallyBy({end: one for (start, end), one in self.passages.items() if start is None and end is not None})

    @property
    def ends(self) -> TallyBy[Id, Passage]:
        """Where they ended."""
        return TallyBy({start: one for (start, end), one in self.passages.items() if end is None and start is not None})

    def onward(self, touchpoint_id: Id | None, /) -> TallyBy[Id | None, Passage]:
        """Where they went from a touchpoint, None for those that ended there; from None, where they began."""
        return TallyBy({end: one for (start, end), one in self.passages.items() if start == touchpoint_id})

    def share(self, start: Id | None, end: Id | None, /) -> Decimal | None:
        """Of all that left a touchpoint, ends included, the share that went to another; None where nobody was there.

        ``count(start, end) / (sum of count(start, any))``
        """
        onward = self.onward(start)
        whole = sum(passage.count for passage in onward.values())
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
    """Refuse what is no passage from a touchpoint to a touchpoint."""
    pair = pair_of(key)
    if pair is None or pair == (None, None):
        raise WrongTypeError(
            "every key of passages must be a pair of touchpoints, None for the one before a beginning or after an end, "
            f"got {shown(key)}",
            "passages",
        )
    for touchpoint_id in pair:
        check_id(touchpoint_id, "each touchpoint of passages")


def variants(journeys: JourneyRecords, /) -> TallyBy[tuple[Id, ...], Passage]:
    """Whole ways, from the first touchpoint to the last, the most common first, among equals the first seen.

    Examples:
        >>> from crmcore import instant
        >>> went = {"anna": ["ad", "shop"], "ben": ["shop"], "zoe": ["ad", "shop"]}
        >>> rows = [(who, at, instant(f"2026-03-0{day}")) for who, way in went.items() for day, at in enumerate(way, 1)]
        >>> {way: passage.journeys for way, passage in variants(rows).items()}
        {('ad', 'shop'): 2, ('shop',): 1}

    The share of a way is its journeys of those in the ``total``. A journey without a visit went no way.

    Args:
        journeys: As for `Flow.of`.

    Raises:
        InvalidValueError: As for `Journeys.of`.
        WrongTypeError: As for `Journeys.of`.
    """
    log = Journeys.of(journeys)
    words = Counter(log.words)
    del words[""]
    counted = words.most_common()
    ways = spelled([word for word, _ in counted], log.touchpoint_ids)
    passages = {count: Passage(count=count, journeys=count) for count in {count for _, count in counted}}
    return TallyBy(zip(ways, [passages[count] for _, count in counted], strict=True))
