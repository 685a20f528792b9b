"""The share of the judged moments that were bad, and whether it differs from break-even beyond chance."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Self, TypeVar

import attrs

from crmcore.model.moment import MomentOfTruth, Valence
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio as quotient
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import KeyGuard, in_one_group, iterate_once
from crmcore.primitives.proportions import Interval, clopper_pearson
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["BalanceVerdict", "FailureRate"]

_K = TypeVar("_K", bound=Hashable)


class BalanceVerdict(StrEnum):
    """How a failure rate compares with break-even, as far as its bounds can tell.

    Attributes:
        ABOVE_BREAK_EVEN: Better than break-even: even the upper bound of the failure rate is below the break-even rate.
        BELOW_BREAK_EVEN: Worse than break-even: even the lower bound of the failure rate is above the break-even rate.
        UNDECIDED: The bounds include the break-even rate.
    """

    ABOVE_BREAK_EVEN = "above_break_even"
    BELOW_BREAK_EVEN = "below_break_even"
    UNDECIDED = "undecided"


@attrs.frozen(kw_only=True)
class FailureRate(Tally):
    """Number of good, bad and neutral moments of truth. Records of disjoint moments can be added.

    A `Balance` says what happened. A failure rate says whether that can be chance. It counts moments, because bounds
    need counts: severity, age and resolution do not matter here. Neutral moments are counted, but they are not judged.

    Examples:
        >>> from crmcore import FailureRate
        >>> bob = FailureRate(good=2, bad=3)
        >>> bob.rate
        Decimal('0.6')
        >>> bob.verdict()  # 3 bad moments of 5 are too few to decide
        <BalanceVerdict.UNDECIDED: 'undecided'>
        >>> FailureRate(good=94).verdict(), FailureRate(good=95).verdict()
        (<BalanceVerdict.UNDECIDED: 'undecided'>, <BalanceVerdict.ABOVE_BREAK_EVEN: 'above_break_even'>)

    Attributes:
        good: The number of good moments.
        bad: The number of bad moments.
        neutral: The number of neutral moments.
    """

    ratios = ("judged", "rate")

    good: int = 0
    bad: int = 0
    neutral: int = 0

    @classmethod
    def of(cls, moments: Iterable[MomentOfTruth], /) -> Self:
        """Count moments of truth, in a single pass; the order does not matter. A moment that has an id counts once.

        Examples:
            >>> from crmcore import FailureRate, MomentOfTruth, Valence, instant
            >>> day = instant("2026-03-02")
            >>> FailureRate.of([MomentOfTruth(valence=Valence.BAD, at=day, severity=5)])
            FailureRate(good=0, bad=1, neutral=0)
        """
        return cls.by(moments, in_one_group).get(None, cls())

    @classmethod
    def by(cls, moments: Iterable[MomentOfTruth], key: Callable[[MomentOfTruth], _K], /) -> TallyBy[_K, Self]:
        """Count moments of truth for each value of a key, such as the employee, in a single pass.

        The order of the moments does not matter. A moment that has an id counts once.

        A key of None, such as the employee of a moment whose employee is unknown, has its own row.

        Examples:
            >>> from crmcore import FailureRate, MomentOfTruth, Valence, instant
            >>> moments = [
            ...     MomentOfTruth(valence=valence, at=instant("2026-03-02"), employee_id=name)
            ...     for name, valence in [("anna", Valence.GOOD), ("bob", Valence.BAD), ("anna", Valence.GOOD)]
            ... ]
            >>> [(name, row.judged, row.rate) for name, row in FailureRate.by(moments, lambda m: m.employee_id).items()]
            [('anna', 2, Decimal('0')), ('bob', 1, Decimal('1'))]
        """
        good_valence, bad_valence = Valence.GOOD, Valence.BAD
        rows: defaultdict[_K, list[int]] = defaultdict(lambda: [0, 0, 0])
        checks.check_callable(key, "key", "lambda moment: moment.employee_id")
        guard = KeyGuard(rows)
        kind: type | None = None
        for moment in iterate_once(moments, MomentOfTruth, "moments"):
            group = key(moment)
            if type(group) is not kind:
                kind = guard.admit(group)
            valence = moment.valence
            rows[group][0 if valence is good_valence else 1 if valence is bad_valence else 2] += 1
        return TallyBy(
            {group: cls(good=good, bad=bad, neutral=neutral) for group, (good, bad, neutral) in rows.items()}
        )

    @property
    def judged(self) -> int:
        """The number of judged moments, ``good + bad``."""
        return self.good + self.bad

    @property
    def rate(self) -> Decimal | None:
        """The share of the judged moments that were bad, ``bad / judged``; None if there are no judged moments."""
        return quotient(self.bad, self.judged)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Clopper-Pearson interval of the rate, or None if there are no judged moments.

        It contains the true rate at least as often as `confidence` says, if the moments are independent. The moments of
        one bad evening, or of one angry customer, are not independent.

        Source: Clopper and Pearson 1934.
        """
        return clopper_pearson(self.bad, self.judged, confidence=confidence)

    def verdict(self, *, ratio: Decimal | int | str = 12, confidence: float = 0.999) -> BalanceVerdict:
        """Decide whether the failure rate is below the break-even rate, above it, or not distinguishable from it.

        Examples:
            >>> from crmcore import FailureRate
            >>> desk, phone = FailureRate(good=400, bad=8), FailureRate(good=40, bad=12)
            >>> desk.verdict().value, phone.verdict().value
            ('above_break_even', 'below_break_even')

        Args:
            ratio: How many good moments offset one bad moment, > 0. The break-even rate is ``1 / (ratio + 1)``.
            confidence: The confidence of the bounds. The default is high, because the verdict is about people, and
                because a reader of a list looks at its worst entry first. With 50 people on the list, 0.999 leaves each
                of them a fiftieth of 0.05 (a Bonferroni correction). At 0.999, 3 bad moments of 5 are undecided. At
                0.95, which suits one person who was chosen beforehand, they are below break-even.
        """
        limit = 1 / (1 + Fraction(checks.as_positive(ratio, "ratio")))
        bounds = self.interval(confidence=confidence)
        if bounds is not None and Fraction(bounds.high) < limit:
            return BalanceVerdict.ABOVE_BREAK_EVEN
        if bounds is not None and limit < Fraction(bounds.low):
            return BalanceVerdict.BELOW_BREAK_EVEN
        return BalanceVerdict.UNDECIDED

    def explain(self) -> Explanation:
        """Return how the rate comes about, line by line."""
        return Explanation(
            (
                term("good", self.good, "moments"),
                term("bad", self.bad, "moments"),
                term("neutral", self.neutral, "moments"),
                term("judged", self.judged, "moments", "good + bad"),
                term("rate", self.rate, "", "bad / judged"),
            )
        )
