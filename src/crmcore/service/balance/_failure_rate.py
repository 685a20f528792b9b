"""Bad moments as a share of those that were judged, and whether that share can be told from break-even."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Self, TypeVar

import attrs

from crmcore.model.moment import MomentOfTruth, Valence
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio as quotient
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import in_one_group
from crmcore.primitives.proportions import Interval, clopper_pearson
from crmcore.primitives.tally import Tally, TallyBy, check_counts
from crmcore.service.balance._design import break_even_failure_rate

__all__ = ["BalanceVerdict", "FailureRate"]

_K = TypeVar("_K", bound=Hashable)


class BalanceVerdict(StrEnum):
    """Where a failure rate stands, as far as its bounds can tell.

    Attributes:
        ABOVE_BREAK_EVEN: Fewer moments fail than break-even allows, even at the upper bound.
        BELOW_BREAK_EVEN: More moments fail than break-even allows, even at the lower bound.
        UNDECIDED: Too few moments to tell.
    """

    ABOVE_BREAK_EVEN = "above_break_even"
    BELOW_BREAK_EVEN = "below_break_even"
    UNDECIDED = "undecided"


@attrs.frozen(kw_only=True)
class FailureRate(Tally):
    """Adds over disjoint moments of truth: how many of the judged ones were bad, whatever they weighed.

    A balance says what was; this says what may be read into it. It counts moments and not weights, because bounds are
    of counts: severity, age and resolution are the balance's business. Neutral moments are counted and judged nothing.

    Examples:
        >>> bob = FailureRate(good=2, bad=3)
        >>> bob.rate
        Decimal('0.6')
        >>> bob.verdict()  # three bad ones of five are no verdict
        <BalanceVerdict.UNDECIDED: 'undecided'>
        >>> FailureRate(good=94).verdict(), FailureRate(good=95).verdict()
        (<BalanceVerdict.UNDECIDED: 'undecided'>, <BalanceVerdict.ABOVE_BREAK_EVEN: 'above_break_even'>)

    Attributes:
        good: How many were good.
        bad: How many were bad.
        neutral: How many were neither.

    Raises:
        InvalidValueError: A negative count.
        WrongTypeError: A count that is no whole number.
    """

    ratios = ("judged", "rate")

    good: int = 0
    bad: int = 0
    neutral: int = 0

    def __attrs_post_init__(self) -> None:
        check_counts(self, "good", "bad", "neutral")

    @classmethod
    def of(cls, moments: Iterable[MomentOfTruth], /) -> Self:
        """Count moments of truth, in one pass and any order.

        Examples:
            >>> from crmcore import instant
            >>> day = instant("2026-03-02")
            >>> FailureRate.of([MomentOfTruth(valence=Valence.BAD, at=day, severity=5)])
            FailureRate(good=0, bad=1, neutral=0)

        Raises:
            WrongTypeError: An item is no `MomentOfTruth`.
        """
        return cls.by(moments, in_one_group).get(None, cls())

    @classmethod
    def by(cls, moments: Iterable[MomentOfTruth], key: Callable[[MomentOfTruth], _K], /) -> TallyBy[_K, Self]:
        """Count apart by a key, such as the employee, in one pass and any order.

        A key of None, such as the employee of a moment where nobody knows who served, has a row of its own.

        Examples:
            >>> from crmcore import instant
            >>> moments = [
            ...     MomentOfTruth(valence=valence, at=instant("2026-03-02"), employee_id=who)
            ...     for who, valence in [("anna", Valence.GOOD), ("bob", Valence.BAD), ("anna", Valence.GOOD)]
            ... ]
            >>> [(who, row.judged, row.rate) for who, row in FailureRate.by(moments, lambda m: m.employee_id).items()]
            [('anna', 2, Decimal('0')), ('bob', 1, Decimal('1'))]

        Raises:
            WrongTypeError: As for `of`.
        """
        checks.check_callable(key, "key", "lambda moment: moment.employee_id")
        good_valence, bad_valence = Valence.GOOD, Valence.BAD
        rows: defaultdict[_K, list[int]] = defaultdict(lambda: [0, 0, 0])
        for moment in checks.iterate(moments, "moments", "MomentOfTruth"):
            valence = checks.as_instance(moment, MomentOfTruth, "every item").valence
            rows[key(moment)][0 if valence is good_valence else 1 if valence is bad_valence else 2] += 1
        return TallyBy(
            {group: cls(good=good, bad=bad, neutral=neutral) for group, (good, bad, neutral) in rows.items()}
        )

    @property
    def judged(self) -> int:
        """Good and bad ones together."""
        return self.good + self.bad

    @property
    def rate(self) -> Decimal | None:
        """The share of the judged moments that were bad; None where none was judged."""
        return quotient(self.bad, self.judged)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Bounds of the rate, which hold it at least as often as the confidence says; None where none was judged.

        They take the moments for independent. Those of one bad evening, or of one angry customer, are not.

        Source: Clopper and Pearson 1934.
        """
        return clopper_pearson(self.bad, self.judged, confidence=confidence)

    def verdict(self, *, ratio: Decimal | int | str = 12, confidence: float = 0.999) -> BalanceVerdict:
        """Whether the failure rate is surely below that of break-even, surely above it, or cannot be told from it.

        Examples:
            >>> desk, phone = FailureRate(good=400, bad=8), FailureRate(good=40, bad=12)
            >>> desk.verdict().value, phone.verdict().value
            ('above_break_even', 'below_break_even')

        Args:
            ratio: How many good ones offset one bad; break-even is at ``1 / (ratio + 1)`` bad ones of the judged.
            confidence: How sure "surely" is. It is set high, because a verdict falls on a person, and because whoever
                looks down a list of fifty sees the worst of them first: 0.999 leaves each a fiftieth of 0.05. By that
                rule three bad ones of five are no verdict; at 0.95, of one person picked beforehand, they are.

        Raises:
            InvalidValueError: A ratio of nought or less, or a confidence that is not between 0 and 1.
        """
        limit = break_even_failure_rate(ratio)
        bounds = self.interval(confidence=confidence)
        if bounds is None or limit in bounds:
            return BalanceVerdict.UNDECIDED
        return BalanceVerdict.ABOVE_BREAK_EVEN if bounds.high < float(limit) else BalanceVerdict.BELOW_BREAK_EVEN

    def explain(self) -> Explanation:
        """How the rate comes about, line by line."""
        return Explanation(
            (
                term("good", self.good, "moments"),
                term("bad", self.bad, "moments"),
                term("neutral", self.neutral, "moments"),
                term("judged", self.judged, "moments", "good + bad"),
                term("rate", self.rate, "", "bad / judged"),
            )
        )
