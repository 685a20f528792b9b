"""Who is where at the first, second, third step."""

from collections import Counter
from decimal import Decimal
from typing import Final, Self

import attrs

from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.journeys.paths._flow import Edge, pair_of
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
    """Adds over disjoint journeys: how many are at which touchpoint at their first, second, third visit and so on.

    Examples:
        >>> from crmcore import instant
        >>> went = {"anna": ["ad", "shop", "till"], "ben": ["shop"]}
        >>> rows = [(who, at, instant(f"2026-03-0{day}")) for who, way in went.items() for day, at in enumerate(way, 1)]
        >>> matrix = StepMatrix.of(rows, steps=3)
        >>> matrix.share(1, "shop"), matrix.share(3, "till"), matrix.share(3, None), matrix.ended(3)
        (Decimal('0.5'), Decimal('0.5'), Decimal('0'), Decimal('0.5'))

    Attributes:
        steps: How many visits of each journey are looked at.
        journeys: All journeys with at least one visit.
        cells: How many are where, by the number of the visit, from 1, and the touchpoint. None in place of a touchpoint
            counts the journeys whose last visit was the one before.

    Raises:
        InconsistentCountsError: More journeys at one visit than there are.
        InvalidValueError: No steps, more than a thousand, or a negative count.
        WrongTypeError: A value of the wrong type, or a key that is no pair of a visit and a touchpoint.
    """

    steps: int = attrs.field(default=15, metadata=POLICY)
    journeys: int = 0
    cells: TallyBy[tuple[int, Id | None], Edge] = _NO_CELLS

    def __attrs_post_init__(self) -> None:
        checks.set_field(self, "steps", _steps(self.steps))
        check_counts(self, "journeys")
        check_rows(self, "cells", Edge)
        columns = Counter[int]()
        for cell, edge in self.cells.items():
            columns[_step(cell, self.steps)] += edge.journeys
        if columns and max(columns.values()) > self.journeys:
            raise InconsistentCountsError(
                f"at one visit there cannot be {max(columns.values())} of {self.journeys} journeys; count them all",
                self.journeys,
            )

    @classmethod
    def of(cls, journeys: JourneyRecords, /, *, steps: int = 15) -> Self:
        """Count who is where at each of the first visits.

        Args:
            journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.
            steps: How many visits to look at.

        Raises:
            InvalidValueError: No steps, more than a thousand, or as for `Journeys.of`.
            WrongTypeError: As for `Journeys.of`.
        """
        steps = _steps(steps)
        log = Journeys.of(journeys)
        words = [word for word in log.paths if word]
        text = "".join([word[:steps].ljust(steps, _FILLER) for word in words])
        lengths = Counter(map(len, words))
        names = {sign: one for one, sign in log.letters.items()}
        counts: dict[tuple[int, Id | None], int] = {}
        for step in range(1, steps + 1):
            there = Counter(text[step - 1 :: steps])
            counts |= {(step, names[sign]): count for sign, count in there.items() if sign != _FILLER}
            if lengths[step - 1]:
                counts[step, None] = lengths[step - 1]
        cells = {cell: Edge(count=count, journeys=count) for cell, count in counts.items()}
        return cls(steps=steps, journeys=len(words), cells=TallyBy(cells))

    def share(self, step: int, touchpoint_id: Id | None, /) -> Decimal | None:
        """The share of all journeys that is at a touchpoint at a visit, from 1; None of no journeys.

        At None in place of a touchpoint are those whose last visit was the one before.

        Raises:
            InvalidValueError: A visit that was not looked at.
        """
        self._check(step)
        cell = self.cells.get((step, touchpoint_id))
        return ratio(0 if cell is None else cell.journeys, self.journeys)

    def ended(self, step: int, /) -> Decimal | None:
        """The share of all journeys that had ended before a visit: with those still somewhere it makes one.

        Raises:
            InvalidValueError: A visit that was not looked at.
        """
        self._check(step)
        gone = [cell.journeys for (number, place), cell in self.cells.items() if place is None and number <= step]
        return ratio(sum(gone), self.journeys)

    def _check(self, step: int) -> None:
        if not 1 <= checks.as_count(step, "step") <= self.steps:
            raise InvalidValueError(
                f"step must be from 1 to {self.steps}, got {show(step)}; count more with steps=...",
                "step",
                step,
            )

    def explain(self) -> Explanation:
        """The counts themselves."""
        return Explanation((term("steps", self.steps, "visits"), term("journeys", self.journeys, "journeys")))


def _steps(steps: object) -> int:
    number = checks.as_count(steps, "steps")
    if not 0 < number <= _MOST:
        raise InvalidValueError(f"steps must be from 1 to {_MOST}, got {show(number)}", "steps", number)
    return number


def _step(cell: object, steps: int) -> int:
    """The number of the visit that a cell is about."""
    pair = pair_of(cell)
    if pair is None:
        raise WrongTypeError(
            f"every key of cells must be a pair of the number of a visit and a touchpoint, got {show(cell)}", "cells"
        )
    step, touchpoint_id = pair
    check_id(touchpoint_id, "each touchpoint of cells")
    number = checks.as_count(step, "each visit of cells")
    if not (2 if touchpoint_id is None else 1) <= number <= steps:
        raise InvalidValueError(
            f"each visit of cells must be from 1, or from 2 for those that ended before it, to steps={steps}, "
            f"got {show(number)}",
            "cells",
            number,
        )
    return number
