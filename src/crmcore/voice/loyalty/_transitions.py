"""Which customers moved from which level to which, who arrived and who left."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import repeat
from typing import Any, Final, Self, TypeVar, cast

import attrs

from crmcore.model.reading import LoyaltyLevel, Reading
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.ids import Id, as_ids
from crmcore.primitives.periods import Period
from crmcore.primitives.proportions import Interval, PairedProportions, wilson
from crmcore.primitives.record import Label, several
from crmcore.primitives.tally import POLICY, Tally, TallyBy
from crmcore.voice.loyalty import _chains
from crmcore.voice.loyalty._distribution import as_counts, count_states, find_place
from crmcore.voice.loyalty._levels import LEVELS, LevelRule, NoLevel, as_levels
from crmcore.voice.loyalty._states import Snapshot, read_states

__all__ = ["LevelTransitions"]

_I = TypeVar("_I", bound=Id)
_J = TypeVar("_J", bound=Id)
_WITHOUT: Final = frozenset({None, NoLevel.UNKNOWN, NoLevel.UNREAD})


@attrs.frozen(kw_only=True)
class LevelTransitions(Tally):
    """Number of customers by level before and after, arrivals and leavers. Records of disjoint customers can be added.

    So can those of the same customers from one period to the next: the sum counts each move once.

    Customers without a level at either time are counted apart, and are in no share: not read again is neither left nor
    stayed. `matrix` is of those who were read again, `open_matrix` is of them and of those who left.

    All shares, and the answers about the long run, are exact fractions rounded once to 34 digits.

    Examples:
        >>> from crmcore import LevelTransitions
        >>> moved = LevelTransitions(counts=((72, 15, 5), (16, 56, 16), (2, 6, 24)), left=(8, 12, 48))
        >>> moved.share("satisfied", "aggrieved"), moved.share("aggrieved", None)
        (Decimal('0.16'), Decimal('0.6'))
        >>> {level: round(float(chance), 2) for level, chance in moved.chance_to_reach("aggrieved").items()}
        {'loyal': 0.46, 'satisfied': 0.53, 'aggrieved': 1.0}
        >>> {level: round(float(periods), 1) for level, periods in moved.periods_to_leave().items()}
        {'loyal': 7.0, 'satisfied': 5.7, 'aggrieved': 2.3}

    Attributes:
        counts: A row for each level before, with the number of customers at each level after; best level first.
        arrived: Customers who were not in the base before, by their level after.
        left: Customers who are known to have left, by their level before.
        unread: Customers who did not leave and have no level after, by their level before.
        found: Customers of the base who had no level before, by their level after.
        unknown: Customers of the base who had no level at either time.
        arrived_unknown: Customers who were not in the base before, and have no level after.
        left_unknown: Customers of the base who had no level before and left.
        passed: Customers who are said to have left but were not in the base before: they came and went in between, or
            have other ids there.
        levels: The levels, best first.

    Raises:
        InconsistentCountsError: There are not as many counts, or rows of them, as levels.
    """

    ratios = (
        "before",
        "after",
        "moves",
        "improved",
        "same",
        "worsened",
        "improved_share",
        "same_share",
        "worsened_share",
    )

    counts: tuple[tuple[int, ...], ...] = attrs.field(default=(), converter=several)
    arrived: tuple[int, ...] = attrs.field(default=(), converter=several)
    left: tuple[int, ...] = attrs.field(default=(), converter=several)
    unread: tuple[int, ...] = attrs.field(default=(), converter=several)
    found: tuple[int, ...] = attrs.field(default=(), converter=several)
    unknown: int = 0
    arrived_unknown: int = 0
    left_unknown: int = 0
    passed: int = 0
    levels: tuple[Label[LoyaltyLevel], ...] = attrs.field(default=LEVELS, converter=several, metadata=POLICY)

    def _check(self) -> None:
        super()._check()
        checks.set_field(self, "levels", as_levels(self.levels))
        rows = as_counts(self.counts, self.levels, "counts", ())
        checks.set_field(self, "counts", tuple(as_counts(row, self.levels, "counts") for row in rows))
        for name in ("arrived", "left", "unread", "found"):
            checks.set_field(self, name, as_counts(getattr(self, name), self.levels, name))

    @classmethod
    def of(
        cls,
        before: Mapping[_I, str | None],
        after: Mapping[_J, str | None],
        /,
        *,
        gone: Collection[Id] = (),
        levels: Iterable[str] = LEVELS,
    ) -> Self:
        """Count customers by their level before and after.

        Examples:
            >>> from crmcore import LevelTransitions
            >>> moved = LevelTransitions.of(
            ...     {"anna": "loyal", "ben": "loyal", "eve": "aggrieved", "tom": "satisfied"},
            ...     {"anna": "loyal", "ben": "aggrieved", "zoe": "loyal"},
            ...     gone=["eve"],
            ... )
            >>> moved.counts[0], moved.arrived, moved.left, moved.unread
            ((1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 1, 0))

        Args:
            before: The level of each customer of the base before, a `NoLevel`, or None if the level is unknown; such as
                `Standings.states`.
            after: The same after. A customer who is missing here and not gone was not read again.
            gone: The customers who are known to have left.
            levels: The levels, best first.

        Raises:
            InconsistentCountsError: A customer is gone and has a level after.
            UnknownNameError: A customer has a level that is not one of the levels.
        """
        names = as_levels(levels)
        earlier, later = _read_snapshot(before, names, "before"), _read_snapshot(after, names, "after")
        leavers = dict.fromkeys(as_ids(gone, "gone"))
        for one in leavers:
            if one in later.ranks:
                raise InconsistentCountsError(
                    "gone_with_a_level",
                    f"gone must not have customers with a level after, got {show(one)}",
                    field="gone",
                    advice="leave out customers who came back, or their level",
                    record=one,
                )
        return cls._count(earlier, Snapshot(later.ranks, later.base - leavers.keys()), leavers, names)

    @classmethod
    def _count(cls, before: Snapshot, after: Snapshot, gone: Iterable[Id], names: tuple[str, ...]) -> Self:
        """Count the moves between two snapshots, the later of which has no customer who is gone."""
        size = len(names)
        moved: Any = Counter(zip(before.ranks.values(), map(after.ranks.get, before.ranks, repeat(size)), strict=True))
        left = [0] * (size + 1)
        passed = 0
        for one in gone:
            if one in before.base:
                left[before.ranks.get(one, size)] += 1
            else:
                passed += 1
        levels = range(size)
        counts = [[moved[was, now] for now in levels] for was in levels]
        came = Counter([after.ranks[one] for one in after.ranks.keys() - before.base])
        present = Counter(after.ranks.values())
        found = [present[now] - came[now] - sum(row[now] for row in counts) for now in levels]
        return cls(
            counts=counts,
            arrived=[came[now] for now in levels],
            left=left[:size],
            unread=[moved[was, size] - left[was] for was in levels],
            found=found,
            unknown=len(before.base) - len(before.ranks) - sum(found) - left[size],
            arrived_unknown=len(after.base - before.base) - came.total(),
            left_unknown=left[size],
            passed=passed,
            levels=names,
        )

    @classmethod
    def over(
        cls,
        readings: Iterable[Reading],
        periods: Iterable[Period],
        /,
        *,
        levels: Iterable[str] = LEVELS,
        rules: Iterable[LevelRule] | None = None,
        gone: Mapping[_I, datetime] | None = None,
    ) -> TallyBy[Period, Self]:
        """Count the moves from the end of each period to the end of the next, in a single pass over the readings.

        The keys are the later periods of each pair. What a customer's level is says `BaseDistribution.over`. The total
        over all periods is the usual estimate of a matrix that does not change.

        Examples:
            >>> from crmcore import LevelTransitions, LoyaltyLevel, MeasureKind, Period, Reading, SubjectKind, instant
            >>> told = [
            ...     ("anna", "loyal", "2026-01-10"),
            ...     ("ben", "loyal", "2026-01-20"),
            ...     ("anna", "aggrieved", "2026-02-03"),
            ... ]
            >>> readings = [
            ...     Reading(
            ...         subject_kind=SubjectKind.CUSTOMER,
            ...         subject_id=name,
            ...         kind=MeasureKind.LOYALTY,
            ...         level=LoyaltyLevel(level),
            ...         at=instant(day),
            ...     )
            ...     for name, level, day in told
            ... ]
            >>> months = [Period.month(2026, month) for month in (1, 2)]
            >>> moved = LevelTransitions.over(readings, months, gone={"ben": instant("2026-02-20")})
            >>> moved[months[1]].counts[0], moved[months[1]].left
            ((0, 0, 1), (1, 0, 0))

        Args:
            readings: Readings of customers in any order, as in `BaseDistribution.over`.
            periods: The periods, each half-open, in any order. They may leave gaps, but not overlap.
            levels: The levels, best first.
            rules: How numbers are read as levels, as in `Standings.of`.
            gone: When customers left. A customer who is read later has come back, and counts as arrived.

        Raises:
            InvalidValueError: Two periods overlap.
        """
        found = read_states(readings, periods, levels=levels, rules=rules, gone=gone)
        return TallyBy(
            {
                step.period: cls._count(step.before, step.after, step.gone, found.levels)
                for step in found
                if step.before is not None
            }
        )

    @property
    def moves(self) -> int:
        """The number of customers who had a level before and have one after, the sum of `counts`."""
        return sum(map(sum, self.counts))

    @property
    def before(self) -> int:
        """The number of customers of the base before, with and without a level."""
        return self.moves + sum(self.left) + sum(self.unread) + sum(self.found) + self.unknown + self.left_unknown

    @property
    def after(self) -> int:
        """The number of customers of the base after: those before and those who arrived, less those who left."""
        arrived = sum(self.arrived) + self.arrived_unknown
        return self.before + arrived - sum(self.left) - self.left_unknown

    @property
    def matrix(self) -> tuple[tuple[Decimal, ...] | None, ...]:
        """For each level, where those went who were read again; None for a level that none of them had.

        Each row adds up to 1.
        """
        return tuple(_divide(row) for row in self.counts)

    @property
    def open_matrix(self) -> tuple[tuple[Decimal, ...] | None, ...]:
        """For each level, where those went who were read again or left; the last column is that of the leavers.

        Each row adds up to 1. None for a level from which no move is known.
        """
        return tuple(_divide(row) for row in self._open_counts)

    @property
    def _open_counts(self) -> list[tuple[int, ...]]:
        return [(*row, left) for row, left in zip(self.counts, self.left, strict=True)]

    def _find_cell(self, before: str, after: str | None) -> tuple[int, int]:
        row = self._open_counts[find_place(self.levels, before, "before")]
        return row[-1 if after is None else find_place(self.levels, after, "after")], sum(row)

    def share(self, before: str, after: str | None, /) -> Decimal | None:
        """Return the share of the customers at a level who moved to another or left; None if no move from it is known.

        Args:
            before: The level before.
            after: The level after; None for those who left.

        Raises:
            UnknownNameError: It is not one of the levels.
        """
        return ratio(*self._find_cell(before, after))

    def share_interval(self, before: str, after: str | None, /, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson interval of a share, or None if no move from the level before is known.

        Args:
            before: The level before.
            after: The level after; None for those who left.
            confidence: How often the interval is meant to contain the true share.

        Source: Wilson 1927.
        """
        return wilson(*self._find_cell(before, after), confidence=confidence)

    @property
    def improved(self) -> int:
        """The number of customers whose level rose."""
        return sum(sum(row[:place]) for place, row in enumerate(self.counts))

    @property
    def same(self) -> int:
        """The number of customers who stayed at their level."""
        return sum(row[place] for place, row in enumerate(self.counts))

    @property
    def worsened(self) -> int:
        """The number of customers whose level fell."""
        return self.moves - self.improved - self.same

    @property
    def improved_share(self) -> Decimal | None:
        """The share of the customers read again whose level rose; None if there are none."""
        return ratio(self.improved, self.moves)

    @property
    def same_share(self) -> Decimal | None:
        """The share of the customers read again who stayed at their level; None if there are none."""
        return ratio(self.same, self.moves)

    @property
    def worsened_share(self) -> Decimal | None:
        """The share of the customers read again whose level fell; None if there are none."""
        return ratio(self.worsened, self.moves)

    def shift(self) -> dict[str, PairedProportions] | None:
        """Compare the share of each level before and after, of the customers read both times; None if there are none.

        Examples:
            >>> from crmcore import LevelTransitions
            >>> moved = LevelTransitions(counts=((100, 5, 15), (8, 45, 7), (2, 5, 13)))
            >>> shift = moved.shift()["aggrieved"]
            >>> shift.difference, round(shift.p_one_sided, 4)
            (Decimal('0.075'), 0.0027)
        """
        if not self.moves:
            return None
        shifts: dict[str, PairedProportions] = {}
        for place, level in enumerate(self.levels):
            both = self.counts[place][place]
            lost = sum(self.counts[place]) - both
            gained = sum(row[place] for row in self.counts) - both
            shifts[str(level)] = PairedProportions(
                both=both, lost=lost, gained=gained, neither=self.moves - both - lost - gained
            )
        return shifts

    def stationary(self) -> dict[str, Decimal] | None:
        """Return the share of each level that does not change any more, of the customers who stay.

        These are the shares to which the base tends if customers go on moving as they did in `matrix`. If they move in
        a fixed cycle, the shares go round these.

        Examples:
            >>> from crmcore import LevelTransitions
            >>> moved = LevelTransitions(counts=((80, 15, 5), (20, 60, 20), (2, 8, 30)))
            >>> {level: round(float(share), 4) for level, share in moved.stationary().items()}
            {'loyal': 0.381, 'satisfied': 0.3016, 'aggrieved': 0.3175}
            >>> LevelTransitions(
            ...     counts=((9, 0, 0), (1, 5, 1), (0, 0, 3))
            ... ).stationary() is None  # it depends on the start
            True

        Returns:
            The shares, or None if they are not unique, because there is not exactly one closed class (see
            `closed_classes`), or if no move from some level is known.

        Source: the linear system ``share @ matrix = share``; Kemeny and Snell 1960, Finite Markov Chains.
        """
        found = _chains.find_stationary(_chains.divide_rows(self.counts))
        return None if found is None else self._name([*found])

    def closed_classes(self) -> tuple[tuple[str, ...], ...]:
        """Return the groups of levels that customers who stay never leave once they are there.

        A level from which no move is known belongs to none of them.

        Examples:
            >>> from crmcore import LevelTransitions
            >>> LevelTransitions(counts=((9, 0, 0), (1, 5, 1), (0, 0, 3))).closed_classes()
            (('loyal',), ('aggrieved',))
        """
        classes = _chains.find_closed_classes(_chains.divide_rows(self.counts))
        return tuple(tuple(str(self.levels[place]) for place in members) for members in classes)

    def periods_to_leave(self) -> dict[str, Decimal | None]:
        """Return the expected number of periods until a customer leaves the base, by the level now.

        The period in which the customer leaves counts. It is None if leaving is impossible from a level that can be
        reached, or if no move from such a level is known.

        Source: the row sums of the fundamental matrix; Kemeny and Snell 1960, Finite Markov Chains.
        """
        return self._name(_chains.find_periods_to_leave(_chains.divide_rows(self._open_counts)))

    def periods_at_level(self) -> dict[str, Decimal | None]:
        """Return the expected number of periods that a customer stays at a level, by level.

        The period now counts. It is None if customers never move away from the level, or if no move from it is known.

        Examples:
            >>> from crmcore import LevelTransitions
            >>> moved = LevelTransitions(counts=((72, 15, 5), (16, 56, 16), (2, 6, 24)), left=(8, 12, 48))
            >>> {level: round(float(periods), 2) for level, periods in moved.periods_at_level().items()}
            {'loyal': 3.57, 'satisfied': 2.27, 'aggrieved': 1.43}

        Source: the mean of a geometric distribution, ``1 / (1 - share of those who stay)``.
        """
        rows = self._open_counts
        moved = [sum(row) - row[place] for place, row in enumerate(rows)]
        return self._name(
            [Fraction(sum(row), number) if number else None for row, number in zip(rows, moved, strict=True)]
        )

    def chance_to_reach(self, level: str, /) -> dict[str, Decimal | None]:
        """Return the probability that a customer is ever at a level before leaving, by the level now.

        It is 1 from the level itself, and None if a level can be reached first from which no move is known.

        Args:
            level: The level to reach.

        Raises:
            UnknownNameError: It is not one of the levels.

        Source: the absorption probabilities of a chain that ends at the level; Kemeny and Snell 1960.
        """
        place = find_place(self.levels, level)
        return self._name(_chains.find_chances(_chains.divide_rows(self._open_counts), place))

    def _name(self, numbers: Iterable[Fraction | None]) -> dict[str, Any]:
        """Return exact numbers by level, each rounded to 34 digits."""
        return {
            str(level): None if number is None else ratio(number.numerator, number.denominator)
            for level, number in zip(self.levels, numbers, strict=True)
        }

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know: levels from which no move is known, leavers who were not there, many who were not read."""
        found: list[Finding] = []
        empty = [str(level) for level, row in zip(self.levels, self._open_counts, strict=True) if not sum(row)]
        moved = self.moves + sum(self.left)
        if empty and moved:
            found.append(
                Finding(
                    rule="level_without_moves",
                    severity=Severity.INFO,
                    subject="levels",
                    message=f"no move is known from {', '.join(empty)}",
                    advice="count more periods, or leave the level out",
                    evidence=[("level", level) for level in empty],
                )
            )
        if self.passed:
            found.append(
                Finding(
                    rule="gone_without_being_there",
                    severity=Severity.WARNING,
                    subject="gone",
                    message=f"{self.passed} customers who are gone were not in the base before",
                    advice="compare their ids with those of the readings",
                    evidence=[("customers", self.passed)],
                )
            )
        unread = sum(self.unread)
        if unread > moved:
            found.append(
                Finding(
                    rule="most_not_read_again",
                    severity=Severity.WARNING,
                    subject="customers",
                    message=f"{unread} of {unread + moved} customers with a level were not read again",
                    advice="the shares hold for the others alone; read more of them",
                    evidence=[("unread", unread), ("moved", moved)],
                )
            )
        return tuple(found)

    def rows(self, *, plain: bool = True) -> list[dict[str, Any]]:
        """Return a row for each cell: ``before``, ``after``, ``count`` and ``share`` of those whose move is known.

        None as `before` means arrived, None as `after` means left. A customer with a level before who was not read
        again is ``unread`` after, and one who had no level is ``unknown``. These are in no share. The counts add up to
        the customers of the base before and those who arrived.

        Examples:
            >>> from crmcore import LevelTransitions
            >>> moved = LevelTransitions.of({"anna": "loyal", "ben": "loyal"}, {"anna": "aggrieved"})
            >>> [(row["before"], row["after"], row["share"]) for row in moved.rows() if row["count"]]
            [('loyal', 'aggrieved', 1.0), ('loyal', 'unread', None)]

        Args:
            plain: Whether the share is a float, and not a Decimal.
        """
        checks.as_instance(plain, bool, "plain")
        names: list[str | None] = [*map(str, self.levels), None]
        found: list[dict[str, Any]] = []

        def add(before: str | None, after: str | None, count: int, share: Decimal | None = None) -> None:
            shown = float(share) if plain and share is not None else share
            found.append({"before": before, "after": after, "count": count, "share": shown})

        for before, row, unread in zip(names, self._open_counts, self.unread, strict=False):
            whole = sum(row)
            for after, count in zip(names, row, strict=True):
                add(before, after, count, ratio(count, whole))
            add(before, NoLevel.UNREAD.value, unread)
        nowhere = NoLevel.UNKNOWN.value
        for after, count in zip(names, (*self.found, self.left_unknown), strict=True):
            add(nowhere, after, count)
        add(nowhere, nowhere, self.unknown)
        for after, count in zip(names, self.arrived, strict=False):
            add(None, after, count)
        add(None, nowhere, self.arrived_unknown)
        return found

    def _list_rows(self) -> list[dict[str, Any]]:
        """Return a row for each level before, with the counts after in columns: every cell is on one screen."""
        after = [f"to_{level}" for level in self.levels]
        rows = [
            *zip(self.levels, self.counts, self.left, self.unread, strict=True),
            (NoLevel.UNKNOWN.value, self.found, self.left_unknown, self.unknown),
            ("arrived", self.arrived, None, self.arrived_unknown),
        ]
        return [
            {"before": str(before), **dict(zip(after, counts, strict=True)), "left": left, "without_level": without}
            for before, counts, left, without in rows
        ]

    def explain(self) -> Explanation:
        """Return how the base and the moves come about, line by line."""
        return Explanation(
            (
                term("improved", self.improved, "customers"),
                term("same", self.same, "customers"),
                term("worsened", self.worsened, "customers"),
                term("leavers", sum(self.left) + self.left_unknown, "customers"),
                term("not_read_again", sum(self.unread), "customers"),
                term("without_level", sum(self.found) + self.unknown, "customers without a level before"),
                term("arrivals", sum(self.arrived) + self.arrived_unknown, "customers"),
                term("moves", self.moves, "customers", "improved + same + worsened"),
                term("before", self.before, "customers", "moves + leavers + not_read_again + without_level"),
                term("after", self.after, "customers", "before + arrivals - leavers"),
                term("improved_share", self.improved_share, "", "improved / moves"),
                term("same_share", self.same_share, "", "same / moves"),
                term("worsened_share", self.worsened_share, "", "worsened / moves"),
            ),
            source="Kemeny and Snell 1960, Finite Markov Chains",
            cautions=self.cautions,
        )


def _divide(row: tuple[int, ...]) -> tuple[Decimal, ...] | None:
    whole = sum(row)
    return tuple(cast("Decimal", ratio(count, whole)) for count in row) if whole else None


def _read_snapshot(states: Mapping[Any, str | None], levels: tuple[str, ...], name: str) -> Snapshot:
    """Return the customers and the place of the level of each who has one."""
    checks.check_mapping(states, name, "customers to levels")
    places: dict[Any, int] = {level: place for place, level in enumerate(levels)}
    for level in count_states(states, name):
        if level not in places and level not in _WITHOUT:
            find_place(levels, level, name)
    ranks = {one: places[level] for one, level in states.items() if level in places}
    return Snapshot(ranks, states.keys())
