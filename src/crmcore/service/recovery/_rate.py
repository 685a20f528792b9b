"""How many failures were made good, as far as the customers were asked, and whether that makes them happier."""

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from typing import Self, TypeVar

import attrs

from crmcore.model.feedback import Feedback
from crmcore.primitives._decimals import EXACT, plain_repr, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import group_by, iterate_once
from crmcore.primitives.proportions import Interval, clopper_pearson
from crmcore.primitives.record import number
from crmcore.primitives.tally import Tally, TallyBy

__all__ = ["RecoveryParadox", "RecoveryRate"]

_K = TypeVar("_K", bound=Hashable)


@attrs.frozen(kw_only=True)
class RecoveryRate(Tally):
    """Number of failures, and what their customers said afterwards. Records of disjoint failures can be added.

    Examples:
        >>> from crmcore import RecoveryRate
        >>> spring = RecoveryRate(failures=50, confirmed=30, denied=10)
        >>> spring.rate, spring.rate_of_asked, spring.unasked
        (Decimal('0.6'), Decimal('0.75'), 10)
        >>> spring.low, spring.high  # whatever the ten would say
        (Decimal('0.6'), Decimal('0.8'))

    A customer who was not asked is neither recovered nor lost.

    Attributes:
        failures: The number of failures.
        confirmed: The number of customers who said that they are satisfied again.
        denied: The number of customers who said that they are not.

    Raises:
        InconsistentCountsError: More customers were asked than failed.
    """

    ratios = ("asked", "unasked", "rate", "rate_of_asked", "low", "high")

    failures: int = 0
    confirmed: int = 0
    denied: int = 0

    def _check(self) -> None:
        super()._check()
        if self.asked > self.failures:
            raise InconsistentCountsError(
                "more_asked_than_failures",
                f"confirmed + denied must be at most failures, got {self.confirmed} and {self.denied} of "
                f"{self.failures}",
                field="failures",
                operands=(self.confirmed, self.denied, self.failures),
            )

    @classmethod
    def of(cls, feedback: Iterable[Feedback], /) -> Self:
        """Count negative feedback by what `Feedback.recovered` says. Feedback that has an id counts once.

        Feedback that is not negative, or of which that is unknown, is no failure.

        Examples:
            >>> from crmcore import Feedback, FeedbackKind, RecoveryRate, instant
            >>> day = instant("2026-03-02")
            >>> complaint = Feedback(kind=FeedbackKind.COMPLAINT, received_at=day)
            >>> RecoveryRate.of([complaint, complaint.resolved(day, recovered=True)])
            RecoveryRate(failures=2, confirmed=1, denied=0)

        Args:
            feedback: The feedback, in any order.
        """
        failures = confirmed = denied = 0
        for case in iterate_once(feedback, Feedback, "feedback"):
            if case.is_negative:
                failures += 1
                confirmed += case.recovered is True
                denied += case.recovered is False
        return cls(failures=failures, confirmed=confirmed, denied=denied)

    @classmethod
    def by(cls, feedback: Iterable[Feedback], key: Callable[[Feedback], _K], /) -> TallyBy[_K, Self]:
        """Count as `of` does, for each value of a key, such as the cause.

        Args:
            feedback: The feedback, in any order.
            key: Returns the key of a piece of feedback.
        """
        groups = group_by(feedback, key, Feedback, "feedback", "lambda feedback: feedback.cause")
        return TallyBy({group: cls.of(members) for group, members in groups.items()})

    @property
    def asked(self) -> int:
        """The number of customers who said something, ``confirmed + denied``."""
        return self.confirmed + self.denied

    @property
    def unasked(self) -> int:
        """The number of failures whose customer was not asked."""
        return self.failures - self.asked

    @property
    def rate(self) -> Decimal | None:
        """The share of all failures whose customer confirmed the recovery, to 34 digits; None if there are none."""
        return ratio(self.confirmed, self.failures)

    @property
    def rate_of_asked(self) -> Decimal | None:
        """The share of the asked who confirmed the recovery, to 34 digits; None if no customer was asked."""
        return ratio(self.confirmed, self.asked)

    @property
    def low(self) -> Decimal | None:
        """The rate if none of the unasked is satisfied again; None if there are no failures."""
        return self.rate

    @property
    def high(self) -> Decimal | None:
        """The rate if all of the unasked are satisfied again; None if there are no failures."""
        return ratio(self.confirmed + self.unasked, self.failures)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return bounds of the true rate, whatever the unasked would say, or None if there are no failures.

        The lower bound is the Clopper-Pearson bound of `low`, the upper one that of `high`.

        Source: Clopper and Pearson 1934.
        """
        lower = clopper_pearson(self.confirmed, self.failures, confidence=confidence)
        upper = clopper_pearson(self.confirmed + self.unasked, self.failures, confidence=confidence)
        return None if lower is None or upper is None else Interval(lower.low, upper.high)

    def explain(self) -> Explanation:
        """Return how the rates come about, line by line."""
        return Explanation(
            (
                term("failures", self.failures, "failures"),
                term("confirmed", self.confirmed, "customers"),
                term("denied", self.denied, "customers"),
                term("asked", self.asked, "customers", "confirmed + denied"),
                term("unasked", self.unasked, "customers", "failures - asked"),
                term("rate_of_asked", self.rate_of_asked, "", "confirmed / asked"),
                term("high", self.high, "", "(confirmed + unasked) / failures"),
                term("rate", self.rate, "", "confirmed / failures"),
            )
        )


@attrs.frozen(kw_only=True)
class RecoveryParadox(Result):
    """Whether customers are more satisfied after a failure that was made good than without a failure.

    Examples:
        >>> from crmcore import RecoveryParadox
        >>> seen = RecoveryParadox(without_failure="8.1", after_recovery="8.4")
        >>> seen.value, seen.is_paradox
        (Decimal('0.3'), True)
        >>> [caution.rule for caution in seen.cautions]
        ['satisfaction_only']

    It is an observed difference and no reason to let something fail.

    Attributes:
        without_failure: The mean satisfaction of customers without a failure.
        after_recovery: The mean satisfaction, on the same scale, of customers whose failure was made good.
        failures_each: How many failures each of the recovered customers had, at most.

    Source: de Matos, Henrique and Rossi 2007, Journal of Service Research 10:60-77: a positive effect on satisfaction,
    none on repurchase, word of mouth and image. Maxham and Netemeyer 2002, Journal of Marketing 66(4):57-71: it holds
    after one failure, not after two.
    """

    ratios = ("value", "is_paradox")

    without_failure: Decimal = attrs.field(converter=number, repr=plain_repr)
    after_recovery: Decimal = attrs.field(converter=number, repr=plain_repr)
    failures_each: int = 1

    @property
    def value(self) -> Decimal:
        """The satisfaction after recovery less that without a failure."""
        return EXACT.subtract(self.after_recovery, self.without_failure)

    @property
    def is_paradox(self) -> bool:
        """Whether the recovered customers are the more satisfied ones."""
        return self.value > 0

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you quote the difference."""
        found = [
            Finding(
                rule="satisfaction_only",
                severity=Severity.WARNING,
                message="a paradox was found for satisfaction, not for buying again or recommending",
                advice="measure who buys again; never fail on purpose",
            )
        ]
        if self.failures_each > 1:
            found.append(
                Finding(
                    rule="more_than_one_failure",
                    severity=Severity.WARNING,
                    message=f"customers had up to {show(self.failures_each)} failures; it holds after one only",
                    advice="count customers with a single failure apart",
                )
            )
        return tuple(found)

    def explain(self) -> Explanation:
        """Return how the difference comes about, line by line."""
        return Explanation(
            (
                term("without_failure", self.without_failure, "points"),
                term("after_recovery", self.after_recovery, "points"),
                term("value", self.value, "points", "after_recovery - without_failure"),
            ),
            source="de Matos, Henrique and Rossi 2007; Maxham and Netemeyer 2002",
            cautions=self.cautions,
        )
