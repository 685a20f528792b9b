"""What happens at each touchpoint: visits, loops, returns, and who leaves there."""

from collections import Counter
from decimal import Decimal
from itertools import chain, compress
from operator import eq, itemgetter
from typing import Final

import attrs

from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.primitives import proportions
from crmcore.primitives._decimals import ratio
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.proportions import Interval
from crmcore.primitives.tally import POLICY, Tally, TallyBy, check_counts

__all__ = ["Visits", "visits"]

_AT_ONCE: Final = 2048
"""So many sets at once: more of them cost more to keep than to make."""


@attrs.frozen(kw_only=True)
class Visits(Tally):
    """Adds over disjoint journeys: what happened at one touchpoint.

    Examples:
        >>> cart = Visits(visits=260, journeys=200, self_loops=20, repeated=35, ends=60, left=50, goal="purchase")
        >>> cart.returns, cart.rework, cart.drop_off
        (40, Decimal('0.175'), Decimal('0.25'))

    Attributes:
        visits: All visits.
        journeys: Journeys that came at least once.
        self_loops: Visits directly after another to the same touchpoint.
        repeated: Journeys that came more than once.
        starts: Journeys that began here.
        ends: Journeys that ended here.
        left: Of those, the ones that never came to the goal; nought where none was named.
        goal: The touchpoint that is the goal.

    Raises:
        InconsistentCountsError: Counts that contradict each other.
        InvalidValueError: A negative count, or an empty goal.

    Source: Swennen, Janssenswillen and others 2015, edeaR (self-loops and repetitions apart); rework is the custom of
    process mining.
    """

    ratios = ("returns", "rework", "drop_off")

    visits: int = 0
    journeys: int = 0
    self_loops: int = 0
    repeated: int = 0
    starts: int = 0
    ends: int = 0
    left: int = 0
    goal: Id | None = attrs.field(default=None, metadata=POLICY)

    def __attrs_post_init__(self) -> None:
        check_counts(self, "visits", "journeys", "self_loops", "repeated", "starts", "ends", "left")
        check_id(self.goal, "goal")
        for part, whole in (
            ("repeated", "journeys"),
            ("starts", "journeys"),
            ("ends", "journeys"),
            ("left", "ends"),
        ):
            if getattr(self, part) > getattr(self, whole):
                raise InconsistentCountsError(
                    f"{part} counts some of {whole}, got {getattr(self, part)} of {getattr(self, whole)}", part, whole
                )
        further = self.visits - self.journeys
        if max(self.self_loops, self.repeated) > further or (further and not self.repeated):
            raise InconsistentCountsError(
                f"each journey has a first visit, and all further ones are of the journeys repeated, got "
                f"visits={self.visits}, journeys={self.journeys}, self_loops={self.self_loops} and "
                f"repeated={self.repeated}",
                "visits",
            )
        if self.goal is None and self.left:
            raise InconsistentCountsError(f"left={self.left} needs a goal that they did not come to", "left")

    @property
    def returns(self) -> int:
        """Visits that came back after something else, ``visits - journeys - self_loops``."""
        return self.visits - self.journeys - self.self_loops

    @property
    def rework(self) -> Decimal | None:
        """The share of those that came who came more than once, ``repeated / journeys``; None where nobody came."""
        return ratio(self.repeated, self.journeys)

    @property
    def drop_off(self) -> Decimal | None:
        """The share of those that came who ended here short of the goal, ``left / journeys``.

        None where nobody came, or no goal was named.
        """
        return None if self.goal is None else ratio(self.left, self.journeys)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Bounds of the drop-off by Wilson's score method; None where there is none."""
        return None if self.goal is None else proportions.wilson(self.left, self.journeys, confidence=confidence)

    def explain(self) -> Explanation:
        """How the figures come about, line by line."""
        lines = [
            *(term(name, getattr(self, name), "visits") for name in ("visits", "self_loops")),
            *(term(name, getattr(self, name), "journeys") for name in ("journeys", "repeated", "ends", "left")),
            term("returns", self.returns, "visits", "visits - journeys - self_loops"),
            term("rework", self.rework, "", "repeated / journeys"),
        ]
        if self.goal is not None:
            lines.append(term("drop_off", self.drop_off, "", "left / journeys"))
        return Explanation(lines)


def visits(journeys: JourneyRecords, /, *, goal: Id | None = None) -> TallyBy[Id, Visits]:
    """What happened at each touchpoint: who came, came again, came back, began, ended and left there.

    Examples:
        >>> from crmcore import instant
        >>> went = {"anna": ["shelf", "shelf", "till"], "ben": ["shelf", "door", "shelf"]}
        >>> rows = [(who, at, instant(f"2026-03-0{day}")) for who, way in went.items() for day, at in enumerate(way, 1)]
        >>> shelf = visits(rows, goal="till")["shelf"]
        >>> shelf.visits, shelf.self_loops, shelf.returns, shelf.left, shelf.drop_off
        (4, 1, 1, 1, Decimal('0.5'))

    Args:
        journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.
        goal: The touchpoint whose visit is what the customer came for. Those that end elsewhere without it have left.

    Raises:
        InvalidValueError: An empty goal, or as for `Journeys.of`.
        WrongTypeError: As for `Journeys.of`.
    """
    log = Journeys.of(journeys)
    check_id(goal, "goal")
    letter_of = log.letters
    words = [word for word in log.paths if word]
    text = "\0".join(words)
    loops = Counter(compress(text, map(eq, text, text[1:])))
    came, repeated = _came(words)
    starts = Counter(map(itemgetter(0), words))
    ends = Counter(map(itemgetter(-1), words))
    sought = None if goal is None else letter_of.get(goal, "\0")
    left = Counter([word[-1] for word in words if sought not in word]) if sought else Counter[str]()
    every = Counter(text)
    return TallyBy(
        {
            touchpoint_id: Visits(
                visits=every[sign],
                journeys=came[sign],
                self_loops=loops[sign],
                repeated=repeated[sign],
                starts=starts[sign],
                ends=ends[sign],
                left=left[sign],
                goal=goal,
            )
            for touchpoint_id, sign in letter_of.items()
            if sign in every
        }
    )


def _came(words: list[str]) -> tuple[Counter[str], Counter[str]]:
    """In how many words each letter stands, and in how many more than once."""
    once, more = Counter[str](), Counter[str]()
    for start in range(0, len(words), _AT_ONCE):
        some = words[start : start + _AT_ONCE]
        distinct = [*map(set, some)]
        once.update(chain.from_iterable(distinct))
        again = [pair for pair in zip(some, distinct, strict=True) if len(pair[1]) < len(pair[0])]
        more.update([sign for word, signs in again for sign in signs if word.count(sign) > 1])
    return once, more
