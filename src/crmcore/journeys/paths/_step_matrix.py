"""Where journeys are at their first, second, third visit."""

from collections import Counter
from decimal import Decimal
from typing import Final, Self

import attrs

from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.journeys.paths._flow import Edge, split_key
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.tally import POLICY, Tally, TallyBy, check_counts, check_rows

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

    steps: int = attrs.field(default=15, metadata=POLICY)
    journeys: int = 0
    cells: TallyBy[tuple[int, Id | None], Edge] = _NO_CELLS

    def __attrs_post_init__(self) -> None:
        checks.set_field(self, "steps", _as_steps(self.steps))
        check_counts(self, "journeys")
        check_rows(self, "cells", Edge)
        columns = Counter[int]()
        for cell, edge in self.cells.items():
            columns[_as_step(cell, self.steps)] += edge.journeys
        if columns and max(columns.values()) > self.journeys:
            raise InconsistentCountsError(
                f"each visit must have at most journeys={self.journeys}, got {max(columns.values())}; "
                "count all journeys",
                self.journeys,
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
        steps = _as_steps(steps)
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
        """
        self._check_step(step)
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
        if not 1 <= checks.as_count(step, "step") <= self.steps:
            raise InvalidValueError(
                f"step must be from 1 to {self.steps}, got {show(step)}; count more with steps=...",
                "step",
                step,
            )

    def explain(self) -> Explanation:
        """Return the counts as lines."""
        return Explanation((term("steps", self.steps, "visits"), term("journeys", self.journeys, "journeys")))


def _as_steps(steps: object) -> int:
    number = checks.as_count(steps, "steps")
    if not 0 < number <= _MOST:
        raise InvalidValueError(f"steps must be from 1 to {_MOST}, got {show(number)}", "steps", number)
    return number


def _as_step(cell: object, steps: int) -> int:
    """Check the key of a cell, and return the number of its visit."""
    pair = split_key(cell)
    if pair is None:
        raise WrongTypeError(
            f"every key of cells must be a pair of the number of a visit and a touchpoint, got {show(cell)}", "cells"
        )
    step, touchpoint_id = pair
    check_id(touchpoint_id, "each touchpoint of cells")
    number = checks.as_count(step, "each visit of cells")
    first = 2 if touchpoint_id is None else 1
    if not first <= number <= steps:
        raise InvalidValueError(
            f"each visit of cells must be from {first} to steps={steps}, got {show(number)}; the first visit at which "
            "a journey may have ended is 2",
            "cells",
            number,
        )
    return number
