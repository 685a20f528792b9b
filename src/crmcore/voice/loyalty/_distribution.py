"""How many customers are at each level, and how the shares shift."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from math import sqrt
from typing import Any, Self, TypeVar, cast

import attrs

from crmcore.model.reading import LoyaltyLevel, Reading
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives._nearest import find_nearest
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, PolicyMismatchError, UnknownNameError, WrongTypeError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import Period
from crmcore.primitives.proportions import Interval, TwoProportions, find_quantile, two_proportions, wilson
from crmcore.primitives.record import Label, several
from crmcore.primitives.tally import POLICY, Tally, TallyBy
from crmcore.voice.loyalty._levels import LEVELS, LevelRule, NoLevel, as_levels
from crmcore.voice.loyalty._states import read_states

__all__ = ["BaseDistribution", "as_counts", "check_same_levels", "count_states", "find_place"]

_I = TypeVar("_I", bound=Id)


def find_place(levels: Sequence[str], level: object, name: str = "level") -> int:
    """Return the place of a level."""
    text = level if issubclass(type(level), str) else None  # an array has no truth when it is compared
    for place, known in enumerate(levels):
        if known == text:
            return place
    nearest = () if text is None else find_nearest(cast("str", text), levels)
    raise UnknownNameError(
        "no_such_level",
        f"{name} must be one of {', '.join(levels)}, got {show(level)}",
        **checks.at_fault(name),
        advice=_advise(text, nearest),
        operands=(show(level),),
    )


def _advise(text: object, nearest: Sequence[object]) -> str:
    if nearest:
        return f"did you mean {nearest[0]}?"
    return "an unknown level is None" if text is None else "give the levels with levels=[...], best first"


def count_states(states: Mapping[Any, str | None], name: str) -> Counter[Any]:
    """Return how many customers have each level or state."""
    given = [*states.values()]
    try:
        return Counter[Any](given)
    except TypeError:
        raise WrongTypeError(
            "level_not_hashable",
            f"{name} must have texts as levels, got a value that cannot be one",
            field=name,
            advice="take the name of the level",
        ) from None


def as_counts(counts: tuple[Any, ...], levels: tuple[str, ...], name: str, empty: object = 0) -> tuple[Any, ...]:
    """Return one count for each level; of no counts, as many zeros."""
    if not counts:
        return (empty,) * len(levels)
    if len(counts) != len(levels):
        raise InconsistentCountsError(
            "counts_of_other_levels",
            f"{name} must be {len(levels)}, one for each level, got {len(counts)}",
            field=name,
            operands=(len(levels), len(counts)),
        )
    return counts


def check_same_levels(mine: tuple[str, ...], others: tuple[str, ...]) -> None:
    """Refuse to combine counts of two vocabularies."""
    if mine != others:
        raise PolicyMismatchError(
            "levels_differ",
            f"both must have the same levels, got {', '.join(mine)} and {', '.join(others)}",
            field="levels",
            advice="count both with one levels=[...]",
            operands=(mine, others),
        )


@attrs.frozen(kw_only=True)
class BaseDistribution(Tally):
    """Number of customers at each level at one time. Records of disjoint customers can be added.

    Customers without a level are counted apart: they are in no share. The score is the loyalty index, the share of the
    best level minus that of the worst, in points.

    Examples:
        >>> from crmcore import BaseDistribution
        >>> spring = BaseDistribution(counts=(120, 60, 20), unread=30)
        >>> autumn = BaseDistribution(counts=(110, 55, 35), unread=25)
        >>> autumn.shares
        (Decimal('0.55'), Decimal('0.275'), Decimal('0.175'))
        >>> spring.score, autumn.score
        (Decimal('50'), Decimal('37.5'))
        >>> shift = autumn.shift_from(spring)["aggrieved"]
        >>> shift.difference, shift.p_one_sided < 0.05
        (Decimal('0.075'), True)

    Attributes:
        counts: The number of customers at each level, best level first.
        unknown: The number of customers of whom no reading gives a level.
        unread: The number of customers who had a level but were not read again.
        levels: The levels, best first.
        period: The period at whose end the customers are counted; None if it is unknown. Records of two periods do not
            add, because a customer would count twice.

    Raises:
        InconsistentCountsError: There are not as many counts as levels.
    """

    ratios = ("known", "customers", "score", "known_share", "unread_share", "unknown_share")

    counts: tuple[int, ...] = attrs.field(default=(), converter=several)
    unknown: int = 0
    unread: int = 0
    levels: tuple[Label[LoyaltyLevel], ...] = attrs.field(default=LEVELS, converter=several, metadata=POLICY)
    period: Period | None = attrs.field(default=None, metadata=POLICY)

    def _check(self) -> None:
        super()._check()
        checks.set_field(self, "levels", as_levels(self.levels))
        checks.set_field(self, "counts", as_counts(self.counts, self.levels, "counts"))

    @classmethod
    def of(
        cls, states: Mapping[_I, str | None], /, *, levels: Iterable[str] = LEVELS, period: Period | None = None
    ) -> Self:
        """Count customers by their level.

        Examples:
            >>> from crmcore import BaseDistribution
            >>> base = BaseDistribution.of({"anna": "loyal", "ben": "aggrieved", "zoe": "unread", "tom": None})
            >>> base.counts, base.unread, base.unknown
            ((1, 0, 1), 1, 1)

        Args:
            states: The level of each customer, a `NoLevel`, or None if the level is unknown; such as
                `Standings.states`.
            levels: The levels, best first.
            period: The period at whose end they are counted.

        Raises:
            UnknownNameError: A customer has a level that is not one of the levels.
        """
        names = as_levels(levels)
        checks.check_mapping(states, "states", "customers to levels")
        found = count_states(states, "states")
        counts = [found.pop(name, 0) for name in names]
        unknown = found.pop(None, 0) + found.pop(NoLevel.UNKNOWN, 0)
        unread = found.pop(NoLevel.UNREAD, 0)
        for level in found:
            find_place(names, level, "states")
        return cls(counts=counts, unknown=unknown, unread=unread, levels=names, period=period)

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
        """Count customers by their level at the end of each of several periods, in a single pass over the readings.

        A customer's level is that of the last reading in the period; of readings at one instant, the worst. A customer
        who had a level before, but has none in the period, is unread, and one whose readings until its end give no
        level is unknown, unless the customer left. To combine sources in other ways, or with a window, count
        `Standings.states` with `of`.

        Examples:
            >>> from crmcore import BaseDistribution, LoyaltyLevel, MeasureKind, Period, Reading, SubjectKind, instant
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
            >>> base = BaseDistribution.over(readings, [Period.month(2026, month) for month in (1, 2)])
            >>> [(row.counts, row.unread) for row in base.values()]
            [((2, 0, 0), 0), ((0, 0, 1), 1)]

        Args:
            readings: Readings of customers in any order; those of other subjects and of unknown customers are left out.
                How many give no level, and on which scales, `Standings.cautions` says. A reading with an id counts
                once.
            periods: The periods, each half-open, in any order. They may leave gaps, but not overlap.
            levels: The levels, best first.
            rules: How numbers are read as levels, as in `Standings.of`.
            gone: When customers left. A customer who is read later has come back.

        Raises:
            InvalidValueError: Two periods overlap.
        """
        found = read_states(readings, periods, levels=levels, rules=rules, gone=gone)
        rows: dict[Period, Self] = {}
        for step in found:
            ranks = step.after.ranks
            counted = Counter(ranks.values())
            rows[step.period] = cls(
                counts=[counted[place] for place in range(len(found.levels))],
                unknown=step.after.unknown,
                unread=len(step.after.base) - len(ranks) - step.after.unknown,
                levels=found.levels,
                period=step.period,
            )
        return TallyBy(rows)

    @property
    def known(self) -> int:
        """The number of customers who have a level, the sum of `counts`."""
        return sum(self.counts)

    @property
    def customers(self) -> int:
        """The number of customers, with and without a level."""
        return self.known + self.unknown + self.unread

    @property
    def shares(self) -> tuple[Decimal, ...] | None:
        """The share of each level among the customers who have one; None if no customer has one."""
        known = self.known
        return tuple(ratio(count, known) or Decimal(0) for count in self.counts) if known else None

    def share(self, level: str, /) -> Decimal | None:
        """Return the share of a level among the customers who have one, or None if no customer has one.

        Raises:
            UnknownNameError: It is not one of the levels.
        """
        return ratio(self.counts[find_place(self.levels, level)], self.known)

    def share_interval(self, level: str, /, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson interval of the share of a level, or None if no customer has one.

        Args:
            level: The level.
            confidence: How often the interval is meant to contain the true share.

        Source: Wilson 1927.
        """
        return wilson(self.counts[find_place(self.levels, level)], self.known, confidence=confidence)

    @property
    def score(self) -> Decimal | None:
        """The loyalty index in points, ``100 * (best - worst) / known``, from -100 to 100; None if `known` is 0."""
        return ratio(100 * (self.counts[0] - self.counts[-1]), self.known)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the interval of the score in points, or None if no customer has a level.

        Args:
            confidence: How often the interval is meant to contain the true score.

        Source: the adjusted-Wald interval of a Net Promoter Score, see `NpsMethod`: of three customers more, of whom
        3/4 are at the best level and 3/4 at the worst.
        """
        z = find_quantile(confidence)
        if not self.known:
            return None
        best, worst, n = self.counts[0] + 0.75, self.counts[-1] + 0.75, self.known + 3
        net = (best - worst) / n
        margin = z * sqrt(((best + worst) / n - net * net) / n)
        return Interval(100 * max(-1.0, net - margin), 100 * min(1.0, net + margin))

    @property
    def known_share(self) -> Decimal | None:
        """The share of the customers who have a level; None if there are no customers."""
        return ratio(self.known, self.customers)

    @property
    def unread_share(self) -> Decimal | None:
        """The share of the customers who were not read again; None if there are no customers."""
        return ratio(self.unread, self.customers)

    @property
    def unknown_share(self) -> Decimal | None:
        """The share of the customers of whom no level is known; None if there are no customers."""
        return ratio(self.unknown, self.customers)

    def shift_from(self, before: "BaseDistribution", /) -> dict[str, TwoProportions] | None:
        """Compare the share of each level with that of other customers, or return None if either has no levels.

        The customers of the two must be different people, or two independent samples of a base. If the same customers
        were read twice, `LevelTransitions.shift` finds smaller shifts. Whether the shares differ at all says
        `crmcore.primitives.control_charts.homogeneity`, and how far `population_stability`, from the counts of both.

        Examples:
            >>> from crmcore import BaseDistribution
            >>> before, after = BaseDistribution(counts=(120, 60, 20)), BaseDistribution(counts=(110, 55, 35))
            >>> {level: str(shift.difference) for level, shift in after.shift_from(before).items()}
            {'loyal': '-0.05', 'satisfied': '-0.025', 'aggrieved': '0.075'}
            >>> bounds = after.shift_from(before)["aggrieved"].interval()
            >>> round(bounds.low, 4), round(bounds.high, 4)
            (0.0072, 0.143)

        Args:
            before: The earlier count. Each difference is this share minus that one.

        Raises:
            PolicyMismatchError: The two have different levels.
        """
        checks.as_instance(before, BaseDistribution, "before")
        check_same_levels(self.levels, before.levels)
        shifts: dict[str, TwoProportions] = {}
        for level, was, now in zip(self.levels, before.counts, self.counts, strict=True):
            shift = two_proportions((was, before.known), (now, self.known))
            if shift is None:
                return None
            shifts[str(level)] = shift
        return shifts

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read the shares: that most customers have no level."""
        without = self.customers - self.known
        if without <= self.known:
            return ()
        return (
            Finding(
                rule="most_customers_without_a_level",
                severity=Severity.WARNING,
                subject="customers",
                message=f"{without} of {self.customers} customers have no level, and are in no share",
                advice="read more of them before you compare shares",
                evidence=[("unknown", self.unknown), ("unread", self.unread)],
            ),
        )

    def rows(self, *, plain: bool = True) -> list[dict[str, Any]]:
        """Return a row for each level, and for customers without one: ``level``, ``count`` and ``share``.

        Args:
            plain: Whether the share is a float, and not a Decimal.
        """
        checks.as_instance(plain, bool, "plain")
        shares = self.shares or (None,) * len(self.levels)
        found: list[dict[str, Any]] = [
            {"level": str(level), "count": count, "share": share}
            for level, count, share in zip(self.levels, self.counts, shares, strict=True)
        ]
        found += [
            {"level": NoLevel.UNREAD.value, "count": self.unread, "share": None},
            {"level": NoLevel.UNKNOWN.value, "count": self.unknown, "share": None},
        ]
        if plain:
            for row in found:
                row["share"] = None if row["share"] is None else float(row["share"])
        return found

    def _list_rows(self) -> list[dict[str, Any]]:
        return self.rows(plain=False)

    def explain(self) -> Explanation:
        """Return how the score comes about, line by line."""
        return Explanation(
            (
                term("best", self.counts[0], "customers"),
                term("between", self.known - self.counts[0] - self.counts[-1], "customers"),
                term("worst", self.counts[-1], "customers"),
                term("unread", self.unread, "customers"),
                term("unknown", self.unknown, "customers"),
                term("known", self.known, "customers", "best + between + worst"),
                term("customers", self.customers, "customers", "known + unread + unknown"),
                term("known_share", self.known_share, "", "known / customers"),
                term("unread_share", self.unread_share, "", "unread / customers"),
                term("unknown_share", self.unknown_share, "", "unknown / customers"),
                term("score", self.score, "points", "100 * (best - worst) / known"),
            ),
            cautions=self.cautions,
        )
