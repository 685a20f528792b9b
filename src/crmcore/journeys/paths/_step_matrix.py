"""Where journeys are at their first, second, third visit."""

from collections import Counter
from decimal import Decimal
from typing import Annotated, Any, Final, Self

import attrs

from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.journeys.paths._flow import Edge
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.record import between
from crmcore.primitives.tally import POLICY, Tally, TallyBy

__all__ = ["StepMatrix"]

_MOST: Final = 1000
_NO_CELLS: Final[TallyBy[tuple[int, Id | None], Edge]] = TallyBy()
_FILLER: Final = "\0"


@attrs.frozen(kw_only=True)
class StepMatrix(Tally):
    """Number of journeys at each touchpoint, visit by visit. Records of disjoint journeys can be added.

    Examples:
        >>> from crmcore import StepMatrix, instant
        >>> visited = {"anna": ["ad", "shop", "till"], "ben": ["shop"]}
        >>> rows = [
        ...     (customer, touchpoint, instant(f"2026-03-0{day}"))
        ...     for customer, path in visited.items()
        ...     for day, touchpoint in enumerate(path, 1)
        ... ]
        >>> matrix = StepMatrix.of(rows, steps=3)
        >>> matrix.share(1, "shop"), matrix.share(3, "till"), matrix.share(3, None), matrix.ended(3)
        (Decimal('0.5'), Decimal('0.5'), Decimal('0'), Decimal('0.5'))

    Attributes:
        steps: How many visits of each journey are counted, 1 to 1000.
        journeys: All journeys with at least one visit.
        cells: How many journeys are at a touchpoint at a visit, by the number of the visit, from 1, and the touchpoint.
            None in place of a touchpoint counts the journeys whose last visit was the one before.

    Raises:
        InconsistentCountsError: More journeys at one visit than there are.
        InvalidValueError: `steps` outside 1 to 1000, or a cell of a visit outside 1 to `steps`.
        WrongTypeError: A key of `cells` that is not a pair of a visit and a touchpoint.
    """

    steps: Annotated[int, between(1, _MOST)] = attrs.field(default=15, metadata=POLICY)
    journeys: int = 0
    cells: TallyBy[tuple[int, Id | None], Edge] = _NO_CELLS

    def _check(self) -> None:
        super()._check()
        columns = Counter[int]()
        for place, (cell, edge) in enumerate(self.cells.items()):
            columns[_as_step(cell, self.steps, f"cells[{place}]")] += edge.journeys
        for step, journeys in columns.most_common(1):
            if journeys > self.journeys:
                raise InconsistentCountsError(
                    "more_journeys_at_a_visit",
                    f"journeys must be >= those at each visit, got {self.journeys} and {journeys} at visit {step}",
                    field="journeys",
                    record=step,
                    advice="count all journeys",
                    operands=(self.journeys, journeys, step),
                )

    @classmethod
    def of(cls, journeys: JourneyRecords, /, *, steps: int = 15) -> Self:
        """Count where journeys are at each of their first visits.

        Args:
            journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.
            steps: How many visits of each journey to count.

        Raises:
            InvalidValueError: `steps` outside 1 to 1000.
        """
        steps = checks.as_whole(steps, "steps", 1, _MOST)
        log = Journeys.of(journeys)
        paths = [path for path in log.paths if path]
        text = "".join([path[:steps].ljust(steps, _FILLER) for path in paths])
        lengths = Counter(map(len, paths))
        ids = {letter: touchpoint_id for touchpoint_id, letter in log.letters.items()}
        counts: dict[tuple[int, Id | None], int] = {}
        for step in range(1, steps + 1):
            column = Counter(text[step - 1 :: steps])
            counts |= {(step, ids[letter]): count for letter, count in column.items() if letter != _FILLER}
            if lengths[step - 1]:
                counts[step, None] = lengths[step - 1]
        cells = {cell: Edge(count=count, journeys=count) for cell, count in counts.items()}
        return cls(steps=steps, journeys=len(paths), cells=TallyBy(cells))

    def share(self, step: int, touchpoint_id: Id | None, /) -> Decimal | None:
        """Return the share of all journeys that is at a touchpoint at a visit, from 1; None if there are no journeys.

        For the touchpoint None, return the share of journeys whose last visit was the one before.

        Raises:
            InvalidValueError: The visit number is beyond those counted.
            WrongTypeError: Neither a touchpoint nor None.
        """
        self._check_step(step)
        check_id(touchpoint_id, "touchpoint_id")
        cell = self.cells.get((step, touchpoint_id))
        return ratio(0 if cell is None else cell.journeys, self.journeys)

    def ended(self, step: int, /) -> Decimal | None:
        """Return the share of all journeys that ended before a visit; None if there are no journeys.

        Together with the shares of the touchpoints at this visit it adds up to 1.

        Raises:
            InvalidValueError: The visit number is beyond those counted.
        """
        self._check_step(step)
        ended = [
            cell.journeys
            for (number, touchpoint_id), cell in self.cells.items()
            if touchpoint_id is None and number <= step
        ]
        return ratio(sum(ended), self.journeys)

    def _check_step(self, step: int) -> None:
        checks.as_whole(step, "step", 1, self.steps, advice="count more visits with steps=...")

    def rows(self, *, plain: bool = True) -> list[dict[str, Any]]:
        """Return a row for each cell: ``visit``, ``touchpoint_id``, ``count`` and ``journeys``.

        Args:
            plain: Whether cells are plain, as `Tally.row` says. Otherwise they are exact.
        """
        checks.as_instance(plain, bool, "plain")
        return self.cells.rows(("visit", "touchpoint_id"), plain=plain)

    def _list_rows(self) -> list[dict[str, Any]]:
        return self.rows(plain=False)

    def explain(self) -> Explanation:
        """Return the counts as lines."""
        return Explanation((term("steps", self.steps, "visits"), term("journeys", self.journeys, "journeys")))


def _as_step(cell: object, steps: int, name: str) -> int:
    """Check the key of a cell, a pair of the number of a visit and a touchpoint, and return the number."""
    step, touchpoint_id = checks.as_parts(cell, 2, name)
    check_id(touchpoint_id, name)
    first = 2 if touchpoint_id is None else 1
    return checks.as_whole(step, name, first, steps, advice="the first visit at which a journey may have ended is 2")
