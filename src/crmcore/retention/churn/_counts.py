"""One record of counts that answers the published definitions of the churn rate."""

from collections.abc import Callable, Hashable, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Self, TypeVar

import attrs

from crmcore.model.purchase import Purchase
from crmcore.model.relationship import Relationship
from crmcore.model.subscription import Subscription
from crmcore.primitives import _clock, checks, proportions
from crmcore.primitives._decimals import EXACT, RATIO, ZERO, plain_repr, ratio
from crmcore.primitives._lookalikes import caution_of
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, PolicyMismatchError
from crmcore.primitives.explanation import Explanation, Term, term, term_in_days
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import in_one_group
from crmcore.primitives.periods import Period
from crmcore.primitives.proportions import Interval, TwoProportions
from crmcore.primitives.rates import Retention, TimeUnit
from crmcore.primitives.record import NON_NEGATIVE, number
from crmcore.primitives.tally import POLICY, Tally, TallyBy
from crmcore.retention import _spells
from crmcore.retention.churn._conventions import ChurnConvention
from crmcore.retention.churn._movements import (
    Movements,
    count_movements,
    count_periods,
    count_too_new,
    count_too_new_over,
)
from crmcore.retention.churn._periods import check_comparable, length_in_seconds

__all__ = ["Churn"]

_K = TypeVar("_K", bound=Hashable)
_C = TypeVar("_C", bound="Churn")

_COUNTS: Final = ("start", "lost", "joined", "joined_and_lost", "lost_and_returned")


@attrs.frozen(kw_only=True)
class Churn(Tally):
    """Number of customers who were there, joined and left in one period. Records of disjoint customers can be added.

    `rate` is the churn rate by the default convention, `rate_by` the rate by any other one.

    Examples:
        >>> from crmcore import Churn, ChurnConvention
        >>> march = Churn(start=100, lost=12, joined=20, joined_and_lost=1, lost_and_returned=1)
        >>> march.rate, march.rate_by(ChurnConvention.START_PLUS_NEW), march.end
        (Decimal('0.1'), Decimal('0.1'), 109)
        >>> march.rate_by(ChurnConvention.AVERAGE_OF_START_AND_END)
        Decimal('0.1148325358851674641148325358851675')
        >>> bounds = march.interval()
        >>> round(bounds.low, 4), round(bounds.high, 4)
        (0.0552, 0.1744)

    A customer counts once, even with several subscriptions or returns. If one of two subscriptions is
    cancelled, there is less revenue but no churn. The first instant of a period belongs to the period. A customer whose
    subscription starts at that instant has therefore joined. A customer whose subscription ends at that instant was
    there at the start, and is lost. So the end of one period is the start of the next.

    Records of two periods cannot be added: the churn of January plus the churn of February is not the churn of both
    months. Count the longer period instead.

    Attributes:
        start: Customers at the start of the period.
        lost: Customers who left in the period, including those who had joined in it and those who came back.
        joined: Customers who were not there at the start and joined in the period, for the first time or again.
        joined_and_lost: Those of the joined who left again and were not back at the end.
        lost_and_returned: Those of the lost who were back at the end.
        lookalikes: Customers whose id is given as a text and as another type, such as "7" and 7, so that each counts as
            two; `cautions` says so.
        too_new: Customers of purchases who cannot be lost in the period, because their first purchase is at most
            `churned_after` before its end. If all are, `cautions` says so.
        exposure_seconds: The total time that customers were there; zero if unknown.
        period: The period, or None if it is unknown.
        churned_after: The silence after which a customer counts as gone, if purchases were counted.
        paused_is_lost: Whether a customer counts as gone while all their subscriptions are paused.
        joined_known: Whether all who joined are known. If not, `joined` is only what follows from the other counts, and
            `end` and the rates that need it are None.
        gap_tolerance: The longest gap between subscriptions that does not count as lost, if one was given.

    Raises:
        InconsistentCountsError: The counts contradict one another.
        InvalidValueError: There is exposure without a period.

    Source: see `ChurnConvention`. The split into joined and lost, lost and returned is that of ChartMogul.
    """

    ratios = ("end", "rate", *(convention.value for convention in ChurnConvention))

    start: int = 0
    lost: int = 0
    joined: int = 0
    joined_and_lost: int = 0
    lost_and_returned: int = 0
    lookalikes: int = 0
    too_new: int = 0
    exposure_seconds: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=ZERO, converter=number, repr=plain_repr)
    period: Period | None = attrs.field(default=None, metadata=POLICY)
    churned_after: timedelta | None = attrs.field(default=None, metadata=POLICY)
    paused_is_lost: bool = attrs.field(default=False, metadata=POLICY)
    joined_known: bool = attrs.field(default=True, metadata=POLICY)
    gap_tolerance: timedelta | None = attrs.field(default=None, metadata=POLICY)

    def _check(self) -> None:
        super()._check()
        of_starters = self.lost_of_starters
        for field, holds, rule in (
            ("joined_and_lost", self.joined_and_lost <= self.joined, "joined_and_lost must be at most joined"),
            ("lost", of_starters >= 0, "lost must be at least joined_and_lost + lost_and_returned"),
            ("lost", of_starters <= self.start, "lost - joined_and_lost - lost_and_returned must be at most start"),
            (
                "lost_and_returned",
                self.lost_and_returned <= self._least_end or not self.joined_known,
                "lost_and_returned must be at most the end",
            ),
        ):
            if not holds:
                counts = {name: getattr(self, name) for name in _COUNTS}
                raise InconsistentCountsError(
                    "churn_counts_contradict",
                    f"{rule}, got {', '.join(f'{name}={value}' for name, value in counts.items())}",
                    field=field,
                    operands=tuple(counts.values()),
                )
        if self.period is None:
            if self.exposure_seconds:
                raise InvalidValueError(
                    "exposure_without_period",
                    f"exposure_seconds must be 0 without a period, got {show(self.exposure_seconds)}",
                    field="exposure_seconds",
                    advice="give the period with period=...",
                    operands=(self.exposure_seconds,),
                )
        else:
            most = EXACT.multiply(self.start + self.joined, length_in_seconds(self.period))
            if self.exposure_seconds > most and self.joined_known:
                raise InconsistentCountsError(
                    "exposure_above_all_customers",
                    f"exposure_seconds must be at most {show(most)}, all customers for the whole period, got "
                    f"{show(self.exposure_seconds)}",
                    field="exposure_seconds",
                    operands=(most, self.exposure_seconds),
                )

    @classmethod
    def of(
        cls,
        subscriptions: Iterable[Subscription],
        period: Period,
        /,
        *,
        paused_is_lost: bool = False,
        gap_tolerance: timedelta | None = None,
    ) -> Self:
        """Count the customers of subscriptions, in a single pass; the order does not matter.

        A customer is there while at least one of their subscriptions runs. A change of plan without a gap is not a
        loss.

        Examples:
            >>> from crmcore import Churn, Money, Period, Subscription, TimeUnit, instant
            >>> plans = [
            ...     Subscription(
            ...         customer_id=customer_id,
            ...         price=Money(9, "EUR"),
            ...         every=TimeUnit.MONTH,
            ...         started=instant("2026-01-15"),
            ...         ended=end,
            ...     )
            ...     for customer_id, end in [("a", None), ("b", instant("2026-03-10")), ("a", instant("2026-03-20"))]
            ... ]
            >>> march = Churn.of(plans, Period.month(2026, 3))
            >>> march.start, march.lost, march.rate
            (2, 1, Decimal('0.5'))

        Args:
            subscriptions: All subscriptions of the customers, including those of other times.
            period: The period to count, half-open, in the zone of the dates. `churn.lint` finds dates of another zone.
            paused_is_lost: Whether a customer counts as gone while all their subscriptions are paused. Products differ
                in this.
            gap_tolerance: The longest gap between subscriptions that does not count as lost, > 0. An upgrade that
                ends one subscription and begins another a second or a night later is no leaving.
        """
        policies = {"paused_is_lost": paused_is_lost, "gap_tolerance": as_tolerance(gap_tolerance)}
        spells = _spells.collect_from_subscriptions(subscriptions, in_one_group, paused_is_lost=paused_is_lost)
        return _count(cls, spells, period, **policies)

    @classmethod
    def by(
        cls,
        subscriptions: Iterable[Subscription],
        period: Period,
        key: Callable[[Subscription], _K],
        /,
        *,
        paused_is_lost: bool = False,
        gap_tolerance: timedelta | None = None,
    ) -> TallyBy[_K, Self]:
        """Count as `of` does, for each value of a key that is the same for all subscriptions of a customer.

        Examples:
            >>> from crmcore import Churn, Money, Period, Subscription, TimeUnit, instant
            >>> source = {"a": "fair", "b": "search"}
            >>> plans = [
            ...     Subscription(
            ...         customer_id=customer_id,
            ...         price=Money(9, "EUR"),
            ...         every=TimeUnit.MONTH,
            ...         started=instant("2026-01-15"),
            ...         ended=end,
            ...     )
            ...     for customer_id, end in [("a", None), ("b", instant("2026-03-10"))]
            ... ]
            >>> by = Churn.by(plans, Period.month(2026, 3), lambda plan: source[plan.customer_id])
            >>> {name: churn.rate for name, churn in by.items()}
            {'fair': Decimal('0'), 'search': Decimal('1')}

        Args:
            subscriptions: All subscriptions of the customers, including those of other times.
            period: The period to count, half-open.
            key: The key of a subscription. A key also has a row if all its subscriptions lie outside the period.
            paused_is_lost: Whether a customer counts as gone while all their subscriptions are paused.
            gap_tolerance: The longest gap between subscriptions that does not count as lost, as in `of`.

        Raises:
            InconsistentCountsError: A customer has subscriptions under two keys and would count twice.
        """
        policies = {"paused_is_lost": paused_is_lost, "gap_tolerance": as_tolerance(gap_tolerance)}
        spells = _spells.collect_from_subscriptions(subscriptions, key, paused_is_lost=paused_is_lost)
        return _count_by(cls, spells, period, **policies)

    @classmethod
    def over(
        cls,
        subscriptions: Iterable[Subscription],
        periods: Iterable[Period],
        /,
        *,
        paused_is_lost: bool = False,
        gap_tolerance: timedelta | None = None,
    ) -> TallyBy[Period, Self]:
        """Count each of several periods as `of` counts one, in a single pass over the subscriptions.

        Examples:
            >>> from crmcore import Churn, Money, Period, Subscription, TimeUnit, instant
            >>> plans = [
            ...     Subscription(
            ...         customer_id=customer_id,
            ...         price=Money(9, "EUR"),
            ...         every=TimeUnit.MONTH,
            ...         started=instant("2026-01-15"),
            ...         ended=end,
            ...     )
            ...     for customer_id, end in [("a", None), ("b", instant("2026-03-10")), ("c", instant("2026-02-01"))]
            ... ]
            >>> months = Churn.over(plans, Period.quarter(2026, 1).split(TimeUnit.MONTH))
            >>> {month.start.month: (churn.start, churn.lost) for month, churn in months.items()}
            {1: (0, 0), 2: (3, 1), 3: (2, 1)}
            >>> months[Period.month(2026, 3)].rate
            Decimal('0.5')

        The result can be added to that of other customers over the same periods. Its `total` is an error if there are
        several periods, because their records do not add. Count the longer period as one more:
        ``Churn.over(plans, [*year.split(TimeUnit.MONTH), year])``.

        Args:
            subscriptions: All subscriptions of the customers, including those of other times.
            periods: The periods to count, each half-open, in any order. They may overlap or leave gaps. The rows have
                their order, and a period that is given twice has one row. Each has a row, even without customers.
            paused_is_lost: Whether a customer counts as gone while all their subscriptions are paused.
            gap_tolerance: The longest gap between subscriptions that does not count as lost, as in `of`.
        """
        policies = {"paused_is_lost": paused_is_lost, "gap_tolerance": as_tolerance(gap_tolerance)}
        spells = _spells.collect_from_subscriptions(subscriptions, in_one_group, paused_is_lost=paused_is_lost)
        return _count_over(cls, spells, periods, **policies)

    @classmethod
    def of_relationships(cls, relationships: Iterable[Relationship], period: Period, /) -> Self:
        """Count the customers of relationships, in a single pass; the order does not matter.

        A customer is there from the first stage of an episode to its dissolution. A relationship without a history is
        left out. If a history begins with a dissolution, the customer was there before it.

        Examples:
            >>> from crmcore import (
            ...     Churn,
            ...     Dissolution,
            ...     DissolutionCause,
            ...     Initiator,
            ...     LifecycleStage,
            ...     Period,
            ...     Relationship,
            ...     instant,
            ... )
            >>> anna = Relationship(customer_id=7).enter(LifecycleStage.AWARENESS, at=instant("2026-01-01"))
            >>> left = anna.dissolve(
            ...     Dissolution(at=instant("2026-03-05"), cause=DissolutionCause.EXTERNAL, initiator=Initiator.EXTERNAL)
            ... )
            >>> Churn.of_relationships([left], Period.quarter(2026, 1)).joined_and_lost
            1
        """
        return _count(cls, _spells.collect_from_relationships(relationships, in_one_group), period)

    @classmethod
    def by_relationships(
        cls, relationships: Iterable[Relationship], period: Period, key: Callable[[Relationship], _K], /
    ) -> TallyBy[_K, Self]:
        """Count as `of_relationships` does, for each value of a key of the customer, such as their manager.

        Raises:
            InconsistentCountsError: A customer has relationships under two keys and would count twice.
        """
        return _count_by(cls, _spells.collect_from_relationships(relationships, key), period)

    @classmethod
    def over_relationships(
        cls, relationships: Iterable[Relationship], periods: Iterable[Period], /
    ) -> TallyBy[Period, Self]:
        """Count each of several periods as `of_relationships` counts one, in a single pass over the relationships.

        Args:
            relationships: The relationships of the customers.
            periods: The periods to count, as in `over`: in any order, with overlaps or gaps.
        """
        return _count_over(cls, _spells.collect_from_relationships(relationships, in_one_group), periods)

    @classmethod
    def of_purchases(cls, purchases: Iterable[Purchase], period: Period, /, *, churned_after: timedelta) -> Self:
        """Count the customers of purchases, in a single pass; the order does not matter.

        A customer is there from a purchase until the silence after it reaches `churned_after`. At that instant the
        customer is lost. The next purchase brings them back. Refunds are left out. Purchases after the period change
        nothing, so the counts of a period that is over do not change later.

        The period must not end after the records do. Otherwise all customers seem lost, because their next purchases
        are not recorded yet. If the records begin at most `churned_after` before the end of the period, no customer can
        be lost. `cautions` tells of both.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import Churn, Money, Period, Purchase, instant
            >>> purchases = [
            ...     Purchase(customer_id=customer_id, at=instant(day), amount=Money(5, "EUR"))
            ...     for customer_id, day in [("a", "2026-01-10"), ("b", "2026-02-20"), ("a", "2026-03-25")]
            ... ]
            >>> march = Churn.of_purchases(purchases, Period.month(2026, 3), churned_after=timedelta(days=60))
            >>> march.start, march.lost, march.lost_and_returned, march.rate
            (2, 1, 1, Decimal('0'))

        Args:
            purchases: All purchases of the customers.
            period: The period to count, half-open.
            churned_after: The silence after which a customer counts as gone, > 0. It is a choice, see
                `inactivity_threshold`.
        """
        spells = _spells.collect_from_purchases(purchases, in_one_group, churned_after)
        return _count(cls, spells, period, churned_after=churned_after)

    @classmethod
    def by_purchases(
        cls,
        purchases: Iterable[Purchase],
        period: Period,
        key: Callable[[Purchase], _K],
        /,
        *,
        churned_after: timedelta,
    ) -> TallyBy[_K, Self]:
        """Count as `of_purchases` does, for each value of a key of the customer, such as the month of the first order.

        Raises:
            InconsistentCountsError: A customer has purchases under two keys and would count twice.
        """
        spells = _spells.collect_from_purchases(purchases, key, churned_after)
        return _count_by(cls, spells, period, churned_after=churned_after)

    @classmethod
    def over_purchases(
        cls, purchases: Iterable[Purchase], periods: Iterable[Period], /, *, churned_after: timedelta
    ) -> TallyBy[Period, Self]:
        """Count each of several periods as `of_purchases` counts one, in a single pass over the purchases.

        Args:
            purchases: All purchases of the customers.
            periods: The periods to count, as in `over`: in any order, with overlaps or gaps. None must end after the
                records do.
            churned_after: The silence after which a customer counts as gone, > 0.
        """
        spells = _spells.collect_from_purchases(purchases, in_one_group, churned_after)
        return _count_over(cls, spells, periods, churned_after=churned_after)

    @classmethod
    def from_counts(
        cls,
        *,
        start: int,
        lost: int | None = None,
        end: int | None = None,
        joined: int | None = None,
        joined_and_lost: int | None = None,
        lost_and_returned: int = 0,
        exposure_days: Decimal | int | str = 0,
        period: Period | None = None,
    ) -> Self:
        """Build the record from figures, and solve for the one that is missing.

        The customers at the end are those at the start, plus the joined, minus the lost who did not return. Growth
        alone does not give the lost: `end` needs `joined` with it.

        Examples:
            >>> from crmcore import Churn
            >>> Churn.from_counts(start=200, end=220, joined=60).lost
            40
            >>> Churn.from_counts(start=1000, lost=100, end=1400).joined
            500

        Args:
            start: Customers at the start.
            lost: All who left. Without it, `end` and `joined` must be given.
            end: Customers at the end.
            joined: All who joined. Without it and without `end`, it is unknown: `end` and the rates that need one of
                them are None.
            joined_and_lost: Those of the joined who left again. Without it, the least number that the other counts
                allow, so that the start-of-period rate is the highest that they allow.
            lost_and_returned: Those of the lost who were back at the end.
            exposure_days: The total time that customers were there, in days of 24 hours.
            period: The period.

        Raises:
            InconsistentCountsError: The counts contradict one another.
            InvalidValueError: Too few counts are given.
        """
        joined_known = joined is not None or end is not None
        start, returned = checks.as_count(start, "start"), checks.as_count(lost_and_returned, "lost_and_returned")
        lost, end, joined, left_again = (
            None if count is None else checks.as_count(count, name)
            for count, name in (
                (lost, "lost"),
                (end, "end"),
                (joined, "joined"),
                (joined_and_lost, "joined_and_lost"),
            )
        )
        if lost is None:
            if end is None or joined is None:
                raise InvalidValueError(
                    "lost_cannot_be_solved",
                    "lost must be given, or both end and joined",
                    field="lost",
                    advice="end - start alone is growth, not churn",
                )
            lost = _as_solved("lost", start + joined + returned - end)
        elif joined is None:
            joined = (left_again or 0) if end is None else _as_solved("joined", end - start + lost - returned)
        elif end is not None and end != start + joined - lost + returned:
            raise InconsistentCountsError(
                "end_does_not_follow",
                f"end must be start + joined - lost + lost_and_returned, which is {start + joined - lost + returned}, "
                f"got {end}",
                field="end",
                advice="leave one of them out",
                operands=(start, joined, lost, returned, end),
            )
        if left_again is None:
            left_again = min(joined, max(0, lost - returned - start))
        exposure = EXACT.multiply(checks.as_non_negative(exposure_days, "exposure_days"), _clock.SECONDS_A_DAY)
        return cls(
            start=start,
            lost=lost,
            joined=joined,
            joined_and_lost=left_again,
            lost_and_returned=returned,
            exposure_seconds=exposure,
            period=period,
            joined_known=joined_known,
        )

    @property
    def end(self) -> int | None:
        """Customers at the end of the period. None if it is unknown how many joined."""
        return self._least_end if self.joined_known else None

    @property
    def _least_end(self) -> int:
        return self.start + self.joined - self.lost + self.lost_and_returned

    @property
    def lost_of_starters(self) -> int:
        """Customers of the start who left and were not back at the end."""
        return self.lost - self.joined_and_lost - self.lost_and_returned

    @property
    def exposure_days(self) -> Decimal:
        """The total time that customers were there, in days of 24 hours, to 34 digits."""
        return RATIO.divide(self.exposure_seconds, _clock.SECONDS_A_DAY)

    @property
    def start_of_period(self) -> Decimal | None:
        """``lost_of_starters / start``; None if there were no customers at the start."""
        return ratio(self.lost_of_starters, self.start)

    @property
    def average_of_start_and_end(self) -> Decimal | None:
        """``lost / ((start + end) / 2)``; None if there were no customers at the start and at the end.

        None too if it is unknown how many joined.
        """
        return None if self.end is None else ratio(2 * self.lost, self.start + self.end)

    @property
    def start_plus_new(self) -> Decimal | None:
        """``lost / (start + joined)``; None if there were no customers at the start and none joined.

        None too if it is unknown how many joined.
        """
        return ratio(self.lost, self.start + self.joined) if self.joined_known else None

    @property
    def person_time(self) -> Decimal | None:
        """``lost / (exposure / length of the period)``; None if the exposure is zero or unknown."""
        if self.period is None:
            return None
        return ratio(EXACT.multiply(self.lost, length_in_seconds(self.period)), self.exposure_seconds)

    @property
    def rate(self) -> Decimal | None:
        """The churn rate by the default convention, start of period; None if there were no customers at the start.

        The interval, the comparison and the retention of this record are those of this rate. `rate_by` returns the rate
        by another convention.
        """
        return self.start_of_period

    def rate_by(self, convention: ChurnConvention) -> Decimal | None:
        """Return the churn rate by the convention of your choice, or None if its denominator is zero.

        Examples:
            >>> from crmcore import Churn, ChurnConvention
            >>> march = Churn(start=10, lost=4, joined=6, joined_and_lost=1, lost_and_returned=1)
            >>> march.rate_by(ChurnConvention.START_OF_PERIOD) == march.rate == march.start_of_period
            True
            >>> march.rate_by(ChurnConvention.START_PLUS_NEW)
            Decimal('0.25')

        Args:
            convention: The convention. The property with its value as a name gives the same rate.
        """
        result: Decimal | None = getattr(self, checks.as_member(convention, ChurnConvention, "convention").value)
        return result

    @property
    def expected_lifetime(self) -> Decimal | None:
        """The average number of periods that a customer stays: one divided by the person-time rate.

        It assumes that the chance to leave does not depend on the age of the relationship. The time of customers who
        have not left yet counts too: the mean over only those who left would be too short. None if no customer left, or
        if the exposure is zero or unknown.

        Source: the maximum likelihood estimate of the exponential distribution under censoring.
        """
        if self.period is None or not self.exposure_seconds:
            return None
        return ratio(self.exposure_seconds, EXACT.multiply(self.lost, length_in_seconds(self.period)))

    def retention(self, per: TimeUnit | None = None) -> Retention | None:
        """Return the share of the customers of the start who were there at the end, with its unit of time.

        Examples:
            >>> from crmcore import Churn, Period, TimeUnit
            >>> march = Churn(start=100, lost=5, period=Period.month(2026, 3))
            >>> march.retention().to(TimeUnit.YEAR).churn
            Decimal('0.459639912337363037109375')

        Args:
            per: The unit of the period, if the period is unknown.

        Returns:
            ``1 - start_of_period`` for the unit, or None if there were no customers at the start.

        Raises:
            InvalidValueError: The period is unknown and `per` is not given, the period is not one calendar unit, or
                its unit is not `per`.
        """
        unit = None if self.period is None else self.period.unit
        if self.period is not None and unit is None:
            raise InvalidValueError(
                "period_is_no_unit",
                f"period must be one day, week, month, quarter or year, got {self.period}",
                field="period",
                advice="count such a period, or give the unit yourself with Retention(share, per)",
                operands=(self.period,),
            )
        if per is None:
            per = unit
        elif unit not in (None, checks.as_member(per, TimeUnit, "per")):
            raise InvalidValueError(
                "not_the_unit_of_the_period",
                f"per must be the unit of the period, {unit}, got {per.value}",
                field="per",
                advice="convert with retention().to(...)",
                operands=(per.value,),
            )
        if per is None:
            raise InvalidValueError(
                "unit_unknown",
                "per must be given if the period is unknown",
                field="per",
                advice="write for example retention(TimeUnit.MONTH)",
            )
        share = ratio(self.start - self.lost_of_starters, self.start)
        return None if share is None else Retention(share, per)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the start-of-period rate.

        Returns:
            The interval, or None if there were no customers at the start.
        """
        return proportions.wilson(self.lost_of_starters, self.start, confidence=confidence)

    def zero_event_bound(self, *, confidence: float = 0.95) -> float | None:
        """Return the upper bound of the start-of-period rate if no customer of the start was lost.

        Zero losses among twenty customers do not prove that the rate is zero.

        Examples:
            >>> from crmcore import Churn
            >>> Churn(start=100).rate, round(Churn(start=100).zero_event_bound(), 4)
            (Decimal('0'), 0.0295)

        Returns:
            The bound, or None if a customer of the start was lost, or if there were no customers at the start.
        """
        bound = proportions.zero_event_bound(self.start, confidence=confidence)
        return None if self.lost_of_starters else bound

    def compared_to(self, before: "Churn", /) -> TwoProportions | None:
        """Compare the start-of-period rate with that of another segment or another period.

        Two periods may share most of their customers. Each rate is divided by the customers who are still there. Given
        these numbers the rates are uncorrelated, like the intervals of a life table.

        Examples:
            >>> from crmcore import Churn
            >>> shift = Churn(start=200, lost=35).compared_to(Churn(start=200, lost=20))
            >>> shift.difference, 0 in shift.interval(), shift.p_two_sided < 0.05
            (Decimal('0.075'), False, True)

        Args:
            before: The other record. The difference is this rate minus the other one.

        Returns:
            The comparison, or None if one of the records has no customers at the start.

        Raises:
            InvalidValueError: The periods have neither the same calendar unit nor the same length.
            PolicyMismatchError: The two records were counted under different policies.
        """
        checks.as_instance(before, Churn, "before")
        for name in ("churned_after", "paused_is_lost", "gap_tolerance"):
            mine, others = getattr(self, name), getattr(before, name)
            if mine != others:
                raise PolicyMismatchError(
                    "compared_under_two_policies",
                    f"both must have the same {name} to be compared, got {mine} and {others}",
                    field=name,
                    advice=f"count both under one {name}",
                    operands=(mine, others),
                )
        check_comparable(self.period, before.period)
        return proportions.two_proportions((before.lost_of_starters, before.start), (self.lost_of_starters, self.start))

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """Cautions if the purchases begin too late or end too early for the period, or ids have two types."""
        found: list[Finding] = []
        customers = self.start + self.joined
        if self.churned_after is not None and customers and self.too_new >= customers:
            found.append(
                Finding(
                    rule="too_early_for_churn",
                    severity=Severity.WARNING,
                    subject="period",
                    message="no customer can be lost in the period, because all bought for the first time at most "
                    "churned_after before its end",
                    advice="count later periods, or give earlier purchases",
                    evidence=[("customers", customers)],
                )
            )
        is_silent = self.start == self.lost and not self.joined and not self.lost_and_returned
        if self.churned_after is not None and self.start and is_silent:
            found.append(
                Finding(
                    rule="too_late_for_churn",
                    severity=Severity.WARNING,
                    subject="period",
                    message="all customers are lost and none bought in the period, which may end after the records",
                    advice="count periods that end before the last purchase, or give later purchases",
                    evidence=[("customers", self.start)],
                )
            )
        return (*found, *caution_of(self.lookalikes))

    def explain(self) -> Explanation:
        """Return the counts and the rates, line by line, each with its formula."""
        silences = [] if self.churned_after is None else [term_in_days("churned_after", self.churned_after, None)]
        exposures = []
        if self.period is not None:
            exposures = [
                term("exposure_seconds", self.exposure_seconds, "seconds"),
                term("length_seconds", length_in_seconds(self.period), "seconds"),
                term("person_time", self.person_time, "", "lost * length_seconds / exposure_seconds"),
            ]
        return Explanation(
            (
                *silences,
                *(term(name, getattr(self, name), "customers") for name in _COUNTS if name != "joined"),
                *self._explain_joined(),
                term(
                    "lost_of_starters", self.lost_of_starters, "customers", "lost - joined_and_lost - lost_and_returned"
                ),
                *exposures,
                *self._explain_rates_of_joined(),
                term("start_of_period", self.start_of_period, "", "lost_of_starters / start"),
            ),
            cautions=self.cautions,
        )

    def _explain_joined(self) -> list[Term]:
        if not self.joined_known:
            return [Term("joined", None, "customers"), Term("end", None, "customers")]
        formula = "start + joined - lost + lost_and_returned"
        return [term("joined", self.joined, "customers"), term("end", self.end, "customers", formula)]

    def _explain_rates_of_joined(self) -> list[Term]:
        if not self.joined_known:
            return [Term("start_plus_new", None), Term("average_of_start_and_end", None)]
        return [
            term("start_plus_new", self.start_plus_new, "", "lost / (start + joined)"),
            term("average_of_start_and_end", self.average_of_start_and_end, "", "lost / ((start + end) / 2)"),
        ]


def _as_solved(name: str, count: int) -> int:
    if count < 0:
        raise InconsistentCountsError(
            "solved_below_zero",
            f"{name} must be >= 0, but it follows as {count} from the other counts",
            field=name,
            operands=(count,),
        )
    return count


def _count(cls: type[_C], spells: _spells.SpellsByCustomer, period: Period, **policies: Any) -> _C:  # noqa: ANN401 - as the fields say
    groups = _count_groups(spells, period, policies)
    return build_churn(cls, groups.get(None, Movements()), period, policies)


def _count_groups(spells: _spells.SpellsByCustomer, period: Period, policies: dict[str, Any]) -> dict[Any, Movements]:
    groups = count_movements(spells, checks.as_instance(period, Period, "period"), policies.get("gap_tolerance"))
    if (churned_after := policies.get("churned_after")) is not None:
        count_too_new(spells, period, churned_after, groups)
    return groups


def _count_by(
    cls: type[_C],
    spells: _spells.SpellsByCustomer,
    period: Period,
    **policies: Any,  # noqa: ANN401 - as the fields say
) -> TallyBy[Any, _C]:
    groups = _count_groups(spells, period, policies)
    return TallyBy({group: build_churn(cls, movements, period, policies) for group, movements in groups.items()})


def _count_over(
    cls: type[_C],
    spells: _spells.SpellsByCustomer,
    periods: Iterable[Period],
    **policies: Any,  # noqa: ANN401 - as the fields say
) -> TallyBy[Period, _C]:
    different = list(dict.fromkeys(checks.iterate_records(periods, Period, "periods")))
    rows = count_periods(spells, different, policies.get("gap_tolerance"))
    if (churned_after := policies.get("churned_after")) is not None:
        count_too_new_over(spells, different, churned_after, rows)
    return TallyBy(
        {
            period: build_churn(cls, movements, period, policies)
            for period, movements in zip(different, rows, strict=True)
        }
    )


def as_tolerance(value: timedelta | None) -> timedelta | None:
    """Check the longest gap that does not count as lost."""
    return None if value is None else checks.as_duration(value, "gap_tolerance")


def build_churn(cls: type[_C], movements: Movements, period: Period, policies: dict[str, Any]) -> _C:
    """Build the record of the counts of one group."""
    return cls(
        **{name: getattr(movements, name) for name in (*_COUNTS, "lookalikes", "too_new")},
        exposure_seconds=_clock.seconds(movements.add_up_exposure(period)),
        period=period,
        **policies,
    )
