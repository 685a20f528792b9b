"""What happens at each touchpoint: visits, repeats, returns, and journeys that end there."""

from collections import Counter
from decimal import Decimal
from itertools import chain, compress
from operator import eq, itemgetter

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


@attrs.frozen(kw_only=True)
class Visits(Tally):
    """Number of visits, repeats, starts and ends at one touchpoint. Records of disjoint journeys can be added.

    Examples:
        >>> from crmcore import Visits
        >>> cart = Visits(visits=260, journeys=200, self_loops=20, repeated=35, ends=60, left=50, goal="purchase")
        >>> cart.returns, cart.rework, cart.drop_off
        (40, Decimal('0.175'), Decimal('0.25'))

    Attributes:
        visits: All visits.
        journeys: Journeys with at least one visit.
        self_loops: Visits directly after another visit to the same touchpoint.
        repeated: Journeys with more than one visit.
        starts: Journeys that began here.
        ends: Journeys that ended here.
        left: Journeys that ended here and never visited the goal; 0 if there is no goal.
        goal: The touchpoint that is the goal.

    Raises:
        InconsistentCountsError: Counts that contradict each other.

    Source: Swennen, Janssenswillen and others 2015, edeaR (self-loops and repetitions counted separately); rework is a
    standard term of process mining.
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
                    f"{part} must be at most {whole}={getattr(self, whole)}, got {getattr(self, part)}", part, whole
                )
        further = self.visits - self.journeys
        if max(self.self_loops, self.repeated) > further or (further and not self.repeated):
            raise InconsistentCountsError(
                "each journey must have a first visit, and further visits must belong to the repeated journeys, got "
                f"visits={self.visits}, journeys={self.journeys}, self_loops={self.self_loops} and "
                f"repeated={self.repeated}",
                "visits",
            )
        if self.goal is None and self.left:
            raise InconsistentCountsError(f"left must be 0 without a goal, got {self.left}; name the goal", "left")

    @property
    def returns(self) -> int:
        """Visits that came back after a visit elsewhere, ``visits - journeys - self_loops``."""
        return self.visits - self.journeys - self.self_loops

    @property
    def rework(self) -> Decimal | None:
        """The share of the journeys here with more than one visit, ``repeated / journeys``; None if there are none."""
        return ratio(self.repeated, self.journeys)

    @property
    def drop_off(self) -> Decimal | None:
        """The share of the journeys here that ended here without the goal, ``left / journeys``.

        None if `journeys` is 0 or no goal is named.
        """
        return None if self.goal is None else ratio(self.left, self.journeys)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the drop-off, or None if there is no drop-off."""
        return None if self.goal is None else proportions.wilson(self.left, self.journeys, confidence=confidence)

    def explain(self) -> Explanation:
        """Explain the figures, line by line."""
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
    """Count what happened at each touchpoint: visits, repeats, returns, starts, ends, and journeys that left there.

    Examples:
        >>> from crmcore import instant, paths
        >>> visited = {"anna": ["shelf", "shelf", "till"], "ben": ["shelf", "door", "shelf"]}
        >>> rows = [
        ...     (customer, touchpoint, instant(f"2026-03-0{day}"))
        ...     for customer, path in visited.items()
        ...     for day, touchpoint in enumerate(path, 1)
        ... ]
        >>> shelf = paths.visits(rows, goal="till")["shelf"]
        >>> shelf.visits, shelf.self_loops, shelf.returns, shelf.left, shelf.drop_off
        (4, 1, 1, 1, Decimal('0.5'))

    Args:
        journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.
        goal: The touchpoint whose visit is the goal. A journey without such a visit has left where it ended.
    """
    log = Journeys.of(journeys)
    check_id(goal, "goal")
    letters = log.letters
    paths = [path for path in log.paths if path]
    text = "\0".join(paths)
    self_loops = Counter(compress(text, map(eq, text, text[1:])))
    visited = Counter(chain.from_iterable(map(set, paths)))
    repeated = Counter(
        [
            letter
            for path in paths
            if len(distinct := set(path)) < len(path)
            for letter in distinct
            if path.count(letter) > 1
        ]
    )
    starts = Counter(map(itemgetter(0), paths))
    ends = Counter(map(itemgetter(-1), paths))
    goal_letter = None if goal is None else letters.get(goal, "\0")
    left = Counter([path[-1] for path in paths if goal_letter not in path]) if goal_letter else Counter[str]()
    total = Counter(text)
    return TallyBy(
        {
            touchpoint_id: Visits(
                visits=total[letter],
                journeys=visited[letter],
                self_loops=self_loops[letter],
                repeated=repeated[letter],
                starts=starts[letter],
                ends=ends[letter],
                left=left[letter],
                goal=goal,
            )
            for touchpoint_id, letter in letters.items()
            if letter in total
        }
    )
