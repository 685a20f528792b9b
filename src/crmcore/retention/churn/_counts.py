"""Churn: one record of counts, from which every published definition is read off."""

from collections.abc import Callable, Hashable, Iterable
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Self, TypeVar

import attrs

from crmcore.model.purchase import Purchase
from crmcore.model.relationship import Relationship
from crmcore.model.subscription import Subscription
from crmcore.primitives import checks, proportions
from crmcore.primitives._decimals import EXACT, RATIO, ZERO, plain_repr, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, PolicyMismatchError
from crmcore.primitives.explanation import Explanation, term, term_in_days
from crmcore.primitives.grouping import in_one_group
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.proportions import Interval, TwoProportions
from crmcore.primitives.rates import Retention, TimeUnit
from crmcore.primitives.tally import POLICY, Tally, TallyBy, check_counts, check_sums
from crmcore.retention.churn import _spells

__all__ = ["Churn", "ChurnConvention"]

_K = TypeVar("_K", bound=Hashable)
_C = TypeVar("_C", bound="Churn")

_MICROSECOND: Final = timedelta(microseconds=1)
_MICROSECONDS: Final = 1_000_000
_SECONDS_A_DAY: Final = 86_400
_COUNTS: Final = ("start", "lost", "joined", "joined_and_lost", "lost_and_returned")
_DAYS_IN: Final = {
    TimeUnit.DAY: (0, 2),
    TimeUnit.WEEK: (6, 8),
    TimeUnit.MONTH: (27, 32),
    TimeUnit.QUARTER: (89, 94),
    TimeUnit.YEAR: (364, 368),
}
"""Between how many days a unit of the calendar surely lies, whatever the clocks do."""


class ChurnConvention(StrEnum):
    """Which definition of the churn rate; on the same customers they give different numbers.

    Two more, the sum and the compounding of daily rates, need every day counted apart: see `daily`.

    Attributes:
        START_OF_PERIOD: Of the customers at the start, the share that left and was not back at the end (ChartMogul).
        AVERAGE_OF_START_AND_END: All who left over half of those at the start and those at the end together. It is
            above 1 where nearly all leave.
        START_PLUS_NEW: All who left over those at the start and those who joined together (Stripe).
        PERSON_TIME: All who left over the average number of customers through time: the rate of survival analysis and
            of actuaries, per customer and period. It may be above 1, and needs exposure.

    Source: the help pages of ChartMogul ("Churn rate formulas") and Stripe Billing ("Subscriber churn rate"); Shopify's
    engineering blog of 2011 discusses the midpoint; occurrence over exposure is textbook survival analysis.
    """

    START_OF_PERIOD = "start_of_period"
    AVERAGE_OF_START_AND_END = "average_of_start_and_end"
    START_PLUS_NEW = "start_plus_new"
    PERSON_TIME = "person_time"


@attrs.frozen(kw_only=True)
class Churn(Tally):
    """Adds over disjoint customers in one period: how many were there, came and left.

    Examples:
        >>> march = Churn(start=100, lost=12, joined=20, joined_and_lost=1, lost_and_returned=1)
        >>> march.rate, march.rate_by(ChurnConvention.START_PLUS_NEW), march.end
        (Decimal('0.1'), Decimal('0.1'), 109)
        >>> march.rate_by(ChurnConvention.AVERAGE_OF_START_AND_END)
        Decimal('0.1148325358851674641148325358851675')
        >>> bounds = march.interval()
        >>> round(bounds.low, 4), round(bounds.high, 4)
        (0.0552, 0.1744)

    A customer counts once, with however many subscriptions and however often he came and went: one of two cancelled is
    less revenue, never churn. What happens at the first instant of a period belongs to it. Who starts then has
    therefore joined; whose subscription ends then was there at the start, and is lost. So the end of one period is the
    start of the next.

    Periods do not add: January's churn and February's are not the two months' churn. Count the longer period.

    Attributes:
        start: Customers there when the period begins.
        lost: Customers who left in it, those included who had joined in it and those who came back.
        joined: Customers not there at the start who came in it, for the first time or anew.
        joined_and_lost: Of these, those who left again and were not back at the end.
        lost_and_returned: Of the lost, those who were back at the end.
        exposure_seconds: The time that customers were there, all together; nought where it is not known.
        period: The period; None where it is not known.
        churned_after: Counted from purchases, the silence from which a customer counts as gone.
        paused_is_lost: Whether a customer whose subscriptions all rest counts as gone.

    Raises:
        InconsistentCountsError: The counts contradict one another.
        InvalidValueError: A negative count, or exposure without a period.

    Source: as for `ChurnConvention`; the split into joined and lost, lost and returned is ChartMogul's.
    """

    ratios = ("end", *(convention.value for convention in ChurnConvention))

    start: int = 0
    lost: int = 0
    joined: int = 0
    joined_and_lost: int = 0
    lost_and_returned: int = 0
    exposure_seconds: Decimal = attrs.field(default=ZERO, converter=checks.number, repr=plain_repr)
    period: Period | None = attrs.field(default=None, metadata=POLICY)
    churned_after: timedelta | None = attrs.field(default=None, metadata=POLICY)
    paused_is_lost: bool = attrs.field(default=False, metadata=POLICY)

    def __attrs_post_init__(self) -> None:
        check_counts(self, *_COUNTS)
        check_sums(self, "exposure_seconds")
        checks.as_instance(self.paused_is_lost, bool, "paused_is_lost")
        if self.churned_after is not None:
            checks.as_duration(self.churned_after, "churned_after")
        if self.joined_and_lost > self.joined:
            raise _contradiction(self, "joined_and_lost must be at most joined", "joined", "joined_and_lost")
        if self.lost_of_starters < 0:
            raise _contradiction(self, "lost must count those who joined or returned as well", *_COUNTS)
        if self.lost_of_starters > self.start:
            raise _contradiction(self, "no more can be lost than were there or joined", *_COUNTS)
        if self.lost_and_returned > self.end:
            raise _contradiction(self, "lost_and_returned must be there at the end", *_COUNTS)
        if self.period is None:
            if self.exposure_seconds:
                raise InvalidValueError("exposure_seconds is time within a period; name it with period=...")
        else:
            checks.as_instance(self.period, Period, "period")
            most = EXACT.multiply(self.start + self.joined, _seconds(self.period))
            if self.exposure_seconds > most:
                raise InconsistentCountsError(
                    f"exposure_seconds must be at most that of all customers through the whole period, "
                    f"{show(most)}, got {show(self.exposure_seconds)}",
                    most,
                    self.exposure_seconds,
                )

    @classmethod
    def of(cls, subscriptions: Iterable[Subscription], period: Period, /, *, paused_is_lost: bool = False) -> Self:
        """Count the customers of subscriptions, in one pass and any order.

        A customer is there while any of his subscriptions runs. A change of plan without a gap is no leaving.

        Examples:
            >>> from crmcore import Money, instant
            >>> plans = [
            ...     Subscription(
            ...         customer_id=who,
            ...         price=Money(9, "EUR"),
            ...         every=TimeUnit.MONTH,
            ...         started=instant("2026-01-15"),
            ...         ended=end,
            ...     )
            ...     for who, end in [("a", None), ("b", instant("2026-03-10")), ("a", instant("2026-03-20"))]
            ... ]
            >>> march = Churn.of(plans, Period.month(2026, 3))
            >>> march.start, march.lost, march.rate
            (2, 1, Decimal('0.5'))

        Args:
            subscriptions: All subscriptions of the customers in question, those of other times as well.
            period: The period.
            paused_is_lost: Whether a customer whose subscriptions all rest counts as gone; products differ.

        Raises:
            WrongTypeError: An item is no `Subscription`, or a value has the wrong type.
        """
        people = _spells.of_subscriptions(subscriptions, in_one_group, paused_is_lost=paused_is_lost)
        return _whole(cls, people, period, paused_is_lost=paused_is_lost)

    @classmethod
    def by(
        cls,
        subscriptions: Iterable[Subscription],
        period: Period,
        key: Callable[[Subscription], _K],
        /,
        *,
        paused_is_lost: bool = False,
    ) -> TallyBy[_K, Self]:
        """Count as `of` does, apart by a key that is the same for all subscriptions of a customer.

        Examples:
            >>> from crmcore import Money, instant
            >>> source = {"a": "fair", "b": "search"}
            >>> plans = [
            ...     Subscription(
            ...         customer_id=who,
            ...         price=Money(9, "EUR"),
            ...         every=TimeUnit.MONTH,
            ...         started=instant("2026-01-15"),
            ...         ended=end,
            ...     )
            ...     for who, end in [("a", None), ("b", instant("2026-03-10"))]
            ... ]
            >>> by = Churn.by(plans, Period.month(2026, 3), lambda plan: source[plan.customer_id])
            >>> {name: churn.rate for name, churn in by.items()}
            {'fair': Decimal('0'), 'search': Decimal('1')}

        Args:
            subscriptions: As for `of`.
            period: As for `of`.
            key: What to count apart by; customers all of whose subscriptions lie outside the period have a row too.
            paused_is_lost: As for `of`.

        Raises:
            InconsistentCountsError: A customer has subscriptions under two keys and would count twice.
            WrongTypeError: As for `of`.
        """
        people = _spells.of_subscriptions(subscriptions, key, paused_is_lost=paused_is_lost)
        return _apart(cls, people, period, paused_is_lost=paused_is_lost)

    @classmethod
    def of_relationships(cls, relationships: Iterable[Relationship], period: Period, /) -> Self:
        """Count the customers of relationships, each there from the first stage of an episode to its dissolution.

        A relationship without a history says nothing. One whose history begins with its dissolution was there before.

        Examples:
            >>> from crmcore import Dissolution, DissolutionCause, Initiator, LifecycleStage, instant
            >>> anna = Relationship(customer_id=7).enter(LifecycleStage.AWARENESS, at=instant("2026-01-01"))
            >>> left = anna.dissolve(
            ...     Dissolution(at=instant("2026-03-05"), cause=DissolutionCause.EXTERNAL, initiator=Initiator.EXTERNAL)
            ... )
            >>> Churn.of_relationships([left], Period.quarter(2026, 1)).joined_and_lost
            1

        Raises:
            WrongTypeError: An item is no `Relationship`, or the period no `Period`.
        """
        return _whole(cls, _spells.of_relationships(relationships, in_one_group), period)

    @classmethod
    def by_relationships(
        cls, relationships: Iterable[Relationship], period: Period, key: Callable[[Relationship], _K], /
    ) -> TallyBy[_K, Self]:
        """Count as `of_relationships` does, apart by a key of the customer, such as his manager.

        Raises:
            InconsistentCountsError: A customer has relationships under two keys and would count twice.
            WrongTypeError: As for `of_relationships`.
        """
        return _apart(cls, _spells.of_relationships(relationships, key), period)

    @classmethod
    def of_purchases(cls, purchases: Iterable[Purchase], period: Period, /, *, churned_after: timedelta) -> Self:
        """Count the customers of purchases, each there from a purchase until he has been silent for too long.

        A customer is lost at the instant at which his silence reaches `churned_after`, and returns with his next
        purchase. Refunds are passed over. Purchases after the period change nothing, so that a period once counted
        stays as it is. Take none that ends after your records do: of what nobody has recorded yet nobody has bought,
        and all seem lost.

        Examples:
            >>> from crmcore import Money, instant
            >>> bought = [
            ...     Purchase(customer_id=who, at=instant(day), amount=Money(5, "EUR"))
            ...     for who, day in [("a", "2026-01-10"), ("b", "2026-02-20"), ("a", "2026-03-25")]
            ... ]
            >>> march = Churn.of_purchases(bought, Period.month(2026, 3), churned_after=timedelta(days=60))
            >>> march.start, march.lost, march.lost_and_returned, march.rate
            (2, 1, 1, Decimal('0'))

        Args:
            purchases: All purchases of the customers in question.
            period: The period.
            churned_after: The silence from which a customer counts as gone: a choice, see `inactivity_threshold`.

        Raises:
            InvalidValueError: The silence is not above nought.
            WrongTypeError: An item is no `Purchase`, or a value has the wrong type.
        """
        people = _spells.of_purchases(purchases, in_one_group, churned_after)
        return _whole(cls, people, period, churned_after=churned_after)

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
        """Count as `of_purchases` does, apart by a key of the customer, such as the month of his first purchase.

        Raises:
            InconsistentCountsError: A customer has purchases under two keys and would count twice.
            InvalidValueError: As for `of_purchases`.
            WrongTypeError: As for `of_purchases`.
        """
        people = _spells.of_purchases(purchases, key, churned_after)
        return _apart(cls, people, period, churned_after=churned_after)

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
        """Make the record from figures, and solve for the one that is missing.

        Those at the end are those at the start and those who joined, less the lost who did not return. Growth alone,
        the end without those who joined, does not tell how many left.

        Examples:
            >>> Churn.from_counts(start=200, end=220, joined=60).lost
            40
            >>> Churn.from_counts(start=1000, lost=100, end=1400).joined
            500

        Args:
            start: Customers at the start.
            lost: All who left; without it, `end` and `joined` must be given.
            end: Customers at the end.
            joined: All who joined; without it and `end`, none but those in `joined_and_lost`.
            joined_and_lost: Those of them who left again; without it, as few as the other counts allow, so that the
                start-of-period rate is the highest they allow.
            lost_and_returned: Those of the lost who were back at the end.
            exposure_days: The time that customers were there, all together, in days of 24 hours.
            period: The period.

        Raises:
            InconsistentCountsError: The counts contradict one another.
            InvalidValueError: Too little is given, or a count is negative.
        """
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
                    "lost must be given, or both end and joined, which tell it; end less start is growth, not churn"
                )
            lost = _solved("lost", start + joined + returned - end)
        elif joined is None:
            joined = (left_again or 0) if end is None else _solved("joined", end - start + lost - returned)
        elif end is not None and end != start + joined - lost + returned:
            raise InconsistentCountsError(
                f"start={start} + joined={joined} - lost={lost} + lost_and_returned={returned} "
                f"make {start + joined - lost + returned} at the end, got end={end}; give one of them less",
                end,
            )
        if left_again is None:
            left_again = min(joined, max(0, lost - returned - start))
        exposure = EXACT.multiply(checks.as_non_negative(exposure_days, "exposure_days"), _SECONDS_A_DAY)
        return cls(
            start=start,
            lost=lost,
            joined=joined,
            joined_and_lost=left_again,
            lost_and_returned=returned,
            exposure_seconds=exposure,
            period=period,
        )

    @property
    def end(self) -> int:
        """Customers there when the period ends."""
        return self.start + self.joined - self.lost + self.lost_and_returned

    @property
    def lost_of_starters(self) -> int:
        """Customers there at the start who left and were not back at the end."""
        return self.lost - self.joined_and_lost - self.lost_and_returned

    @property
    def exposure_days(self) -> Decimal:
        """The time that customers were there, all together, in days of 24 hours, to 34 digits."""
        return RATIO.divide(self.exposure_seconds, _SECONDS_A_DAY)

    @property
    def start_of_period(self) -> Decimal | None:
        """``lost_of_starters / start``; None where nobody was there."""
        return ratio(self.lost_of_starters, self.start)

    @property
    def average_of_start_and_end(self) -> Decimal | None:
        """``lost / ((start + end) / 2)``; None where nobody was there at either."""
        return ratio(2 * self.lost, self.start + self.end)

    @property
    def start_plus_new(self) -> Decimal | None:
        """``lost / (start + joined)``; None where nobody was there or joined."""
        return ratio(self.lost, self.start + self.joined)

    @property
    def person_time(self) -> Decimal | None:
        """``lost / (exposure / length of the period)``; None where the exposure is nought or not known."""
        if self.period is None:
            return None
        return ratio(EXACT.multiply(self.lost, _seconds(self.period)), self.exposure_seconds)

    @property
    def rate(self) -> Decimal | None:
        """The churn rate by the start-of-period convention; None if there were no customers at the start."""
        return self.start_of_period

    def rate_by(self, convention: ChurnConvention) -> Decimal | None:
        """Return the churn rate by a published convention; None if its denominator is 0."""
        result: Decimal | None = getattr(self, checks.as_member(convention, ChurnConvention, "convention").value)
        return result

    @property
    def expected_lifetime(self) -> Decimal | None:
        """Periods a customer stays on average, if leaving stays as likely at any age: one over the person-time rate.

        Those who have not left yet count with the time they have been there, as they must: the mean of those who have
        left is too short. None where nobody left, or the exposure is nought or not known.

        Source: the maximum likelihood estimate of the exponential distribution under censoring.
        """
        if self.period is None or not self.exposure_seconds:
            return None
        return ratio(self.exposure_seconds, EXACT.multiply(self.lost, _seconds(self.period)))

    def retention(self, per: TimeUnit | None = None) -> Retention | None:
        """The share of the customers at the start who were there at the end, with its unit, to carry on with.

        Examples:
            >>> march = Churn(start=100, lost=5, period=Period.month(2026, 3))
            >>> march.retention().to(TimeUnit.YEAR).churn
            Decimal('0.459639912337363037109375')

        Args:
            per: What the period stands for, where it is not known.

        Returns:
            ``1 - start_of_period``, per that unit; None where nobody was there.

        Raises:
            InvalidValueError: The unit is not known, or the period is of another or of none.
        """
        unit = None if self.period is None else _unit_of(self.period)
        if self.period is not None and unit is None:
            raise InvalidValueError(
                f"the period is no day, week, month, quarter or year, got {self.period}; count one that is, or say "
                "what it stands for with Retention(share, per)",
                self.period,
            )
        if per is None:
            per = unit
        elif unit not in (None, checks.as_member(per, TimeUnit, "per")):
            raise InvalidValueError(
                f"the period is a {unit}, not a {per.value}; convert with retention().to(...)", "per", per.value
            )
        if per is None:
            raise InvalidValueError(
                "a retention holds per a unit of time, and the period is not known; "
                "name what it stands for, as in retention(TimeUnit.MONTH)"
            )
        share = ratio(self.start - self.lost_of_starters, self.start)
        return None if share is None else Retention(share, per)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Bounds of the start-of-period rate by Wilson's score method; None where nobody was there."""
        return proportions.wilson(self.lost_of_starters, self.start, confidence=confidence)

    def zero_event_bound(self, *, confidence: float = 0.95) -> float | None:
        """What the start-of-period rate may still be, at most, where nobody left; None where somebody did.

        Nobody left of twenty is no proof that nobody leaves. None also where nobody was there.

        Examples:
            >>> Churn(start=100).rate, round(Churn(start=100).zero_event_bound(), 4)
            (Decimal('0'), 0.0295)
        """
        bound = proportions.zero_event_bound(self.start, confidence=confidence)
        return None if self.lost_of_starters else bound

    def compared_to(self, before: "Churn", /) -> TwoProportions | None:
        """The start-of-period rates of two segments, or of two periods of one length, and what chance does to them.

        That two periods share most customers does no harm: each asks who leaves of those still there, and given who is
        there the periods are uncorrelated, as the intervals of a life table are.

        Examples:
            >>> shift = Churn(start=200, lost=35).compared_to(Churn(start=200, lost=20))
            >>> shift.difference, 0 in shift.interval(), shift.p_two_sided < 0.05
            (Decimal('0.075'), False, True)

        Args:
            before: The other record; the difference is this rate less that one.

        Returns:
            The comparison; None where nobody was there in either.

        Raises:
            InvalidValueError: The periods are neither of one unit of the calendar nor of one length.
            PolicyMismatchError: The two were counted in different ways.
        """
        checks.as_instance(before, Churn, "before")
        for name in ("churned_after", "paused_is_lost"):
            mine, others = getattr(self, name), getattr(before, name)
            if mine != others:
                raise PolicyMismatchError(
                    f"cannot compare two Churn records of different {name}, {mine} and {others}; "
                    f"count both under one {name}",
                    name,
                    mine,
                    others,
                )
        _like(self.period, before.period)
        return proportions.two_proportions((before.lost_of_starters, before.start), (self.lost_of_starters, self.start))

    def explain(self) -> Explanation:
        """How the rates come about, line by line."""
        silence = [] if self.churned_after is None else [term_in_days("churned_after", self.churned_after, None)]
        time = []
        if self.period is not None:
            time = [
                term("exposure_seconds", self.exposure_seconds, "seconds"),
                term("length_seconds", _seconds(self.period), "seconds"),
                term("person_time", self.person_time, "", "lost * length_seconds / exposure_seconds"),
            ]
        return Explanation(
            (
                *silence,
                *(term(name, getattr(self, name), "customers") for name in _COUNTS),
                term("end", self.end, "customers", "start + joined - lost + lost_and_returned"),
                term(
                    "lost_of_starters", self.lost_of_starters, "customers", "lost - joined_and_lost - lost_and_returned"
                ),
                *time,
                term("start_plus_new", self.start_plus_new, "", "lost / (start + joined)"),
                term("average_of_start_and_end", self.average_of_start_and_end, "", "lost / ((start + end) / 2)"),
                term("start_of_period", self.start_of_period, "", "lost_of_starters / start"),
            )
        )


def _seconds(period: Period) -> Decimal:
    return _from_microseconds(period.length // _MICROSECOND)


def _from_microseconds(microseconds: int) -> Decimal:
    return EXACT.divide(microseconds, _MICROSECONDS)


def _contradiction(churn: Churn, rule: str, *names: str) -> InconsistentCountsError:
    given = ", ".join(f"{name}={getattr(churn, name)}" for name in names)
    return InconsistentCountsError(f"{rule}, got {given}", *(getattr(churn, name) for name in names))


def _solved(name: str, count: int) -> int:
    if count < 0:
        raise InconsistentCountsError(
            f"{name} would be {count} to agree with the other counts, below nought", name, count
        )
    return count


def _unit_of(period: Period) -> TimeUnit | None:
    """The unit of the calendar that a period is one of, by the clock of the zone in which it starts."""
    for unit, (low, high) in _DAYS_IN.items():
        if timedelta(days=low) < period.length < timedelta(days=high):
            try:
                longer = Period(period.start, in_utc(period.end) + _MICROSECOND)
            except OverflowError:
                return None
            if in_utc(longer.split(unit)[0].end) == in_utc(period.end):
                return unit
    return None


def _like(one: Period | None, other: Period | None) -> None:
    """Refuse to compare what happened in a month with what happened in a quarter."""
    if one is None or other is None or one.length == other.length:
        return
    unit = _unit_of(one)
    if unit is None or unit is not _unit_of(other):
        raise InvalidValueError(
            f"only periods of one unit or one length compare, got {one} and {other}; count both over the same",
            one,
            other,
        )


def _whole(cls: type[_C], people: _spells.People, period: Period, **policies: Any) -> _C:  # noqa: ANN401 - as the fields say
    rows = _spells.count(people, checks.as_instance(period, Period, "period"))
    return as_churn(cls, rows.get(None, _spells.Movements()), period, policies)


def _apart(cls: type[_C], people: _spells.People, period: Period, **policies: Any) -> TallyBy[Any, _C]:  # noqa: ANN401 - the same
    rows = _spells.count(people, checks.as_instance(period, Period, "period"))
    return TallyBy({group: as_churn(cls, row, period, policies) for group, row in rows.items()})


def as_churn(cls: type[_C], row: _spells.Movements, period: Period, policies: dict[str, Any]) -> _C:
    """Return the record of what was counted of one group."""
    return cls(
        **{name: getattr(row, name) for name in _COUNTS},
        exposure_seconds=_from_microseconds(row.exposure(period)),
        period=period,
        **policies,
    )
