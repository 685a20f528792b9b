"""What happens at each touchpoint: visits, repeats, returns, and journeys that end there."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain, compress
from operator import eq, itemgetter
from typing import Any

import attrs

from crmcore.journeys._names import build_caution, check_spelling
from crmcore.journeys._open import check_open, list_starts, read_window, split_open
from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.primitives import proportions
from crmcore.primitives._decimals import ratio
from crmcore.primitives._nearest import find_nearest
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.periods import by_utc
from crmcore.primitives.proportions import Interval
from crmcore.primitives.tally import POLICY, Tally, TallyBy

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
        within: How long a journey may take, for `as_of`.
        as_of: The instant up to which all visits are known; None if no journey counts as open.
        open: Journeys with a visit here that began less than `within` before `as_of`. They are in no other count.

    Raises:
        InconsistentCountsError: Counts that contradict each other.

    Source: Swennen, Janssenswillen and others 2015, edeaR (self-loops and repetitions counted separately); rework is a
    standard term of process mining.
    """

    ratios = ("returns", "rework", "drop_off")
    common = ("goal", "within", "as_of")

    visits: int = 0
    journeys: int = 0
    self_loops: int = 0
    repeated: int = 0
    starts: int = 0
    ends: int = 0
    left: int = 0
    goal: Id | None = attrs.field(default=None, metadata=POLICY)
    within: timedelta | None = attrs.field(default=None, metadata=POLICY)
    as_of: datetime | None = attrs.field(default=None, eq=by_utc, metadata=POLICY)
    open: int = 0

    def _check(self) -> None:
        super()._check()
        _, until = read_window(self.within, self.as_of, alone=False)
        check_open(self.open, until)
        for part, whole in (
            ("repeated", "journeys"),
            ("starts", "journeys"),
            ("ends", "journeys"),
            ("left", "ends"),
        ):
            if getattr(self, part) > getattr(self, whole):
                raise InconsistentCountsError(
                    "more_journeys_than_at_the_touchpoint",
                    f"{part} must be at most {whole}={getattr(self, whole)}, got {getattr(self, part)}",
                    field=part,
                    operands=(getattr(self, part), getattr(self, whole)),
                )
        further = self.visits - self.journeys
        if max(self.self_loops, self.repeated) > further or (further and not self.repeated):
            raise InconsistentCountsError(
                "visits_contradict_journeys",
                "each journey must have a first visit, and further visits must belong to the repeated "
                f"journeys, got visits={self.visits}, journeys={self.journeys}, "
                f"self_loops={self.self_loops} and repeated={self.repeated}",
                field="visits",
                operands=(self.visits, self.journeys, self.self_loops, self.repeated),
            )
        if self.goal is None and self.left:
            raise InconsistentCountsError(
                "left_without_a_goal",
                f"goal must be named if journeys left without it, got left={self.left} and no goal",
                field="goal",
                operands=(self.left,),
            )

    @classmethod
    def _list_cautions(cls, rows: Mapping[Any, Any]) -> tuple[Finding, ...]:
        goal = next((row.goal for row in rows.values()), None)
        if goal is None or goal in rows or any(row.left < row.ends for row in rows.values()):
            return ()
        message = "no visit has this goal, so every journey counts as one that left"
        return (build_caution("goal_not_visited", goal, message, find_nearest(goal, rows)),)

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
        if self.as_of is not None:
            lines.append(term("open", self.open, "journeys"))
        return Explanation(lines)


def visits(
    journeys: JourneyRecords,
    /,
    *,
    goal: Id | None = None,
    within: timedelta | None = None,
    as_of: datetime | None = None,
) -> TallyBy[Id, Visits]:
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

    A journey that began less than `within` before `as_of` may yet reach the goal, so it is open, and has not left. Open
    journeys are left out of all counts but `Visits.open`.

    A goal that no visit has is a caution of the result, because a quiet day has no sale: ``visits(...).cautions``.

    Args:
        journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.
        goal: The touchpoint whose visit is the goal. A journey without such a visit has left where it ended.
        within: How long a journey may take from its first visit, to tell open journeys apart.
        as_of: The instant up to which all visits are known. `within` and `as_of` need each other.

    Raises:
        InvalidValueError: `within` without `as_of` or the other way round, or a visit after `as_of`.
        UnknownNameError: The visits have the goal only in other capitals, with other spaces or of another type.
    """
    log = Journeys.of(journeys)
    goal = None if goal is None else as_id(goal, "goal")
    letters = log.letters
    check_spelling([] if goal is None else [goal], letters, "goal")
    window = read_window(within, as_of, alone=False)
    log, open_paths = split_open(log, list_starts(log) if as_of is not None else [], *window)
    still_open = Counter(chain.from_iterable(map(set, open_paths)))
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
                within=within,
                as_of=as_of,
                open=still_open[letter],
            )
            for touchpoint_id, letter in letters.items()
            if letter in total or letter in still_open
        }
    )
