"""Revenue churn: what the lost customers paid, beside how many they were."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final, Self, TypeVar

import attrs

from crmcore.model.customer import Id
from crmcore.model.subscription import Subscription
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ONE, WIDE, ZERO, ratio, round_to_finest
from crmcore.primitives.errors import CurrencyMismatchError, InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import in_one_group
from crmcore.primitives.money import Money
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.rates import TimeUnit
from crmcore.primitives.tally import POLICY, Tally, TallyBy, check_counts
from crmcore.retention.churn import _spells

__all__ = ["RevenueChurn"]

_K = TypeVar("_K", bound=Hashable)
_R = TypeVar("_R", bound="RevenueChurn")

_A_MONTH: Final = {
    TimeUnit.DAY.value: (Decimal(365), Decimal(12)),
    TimeUnit.WEEK.value: (Decimal(365), Decimal(84)),
    TimeUnit.MONTH.value: (ONE, ONE),
    TimeUnit.QUARTER.value: (ONE, Decimal(3)),
    TimeUnit.YEAR.value: (ONE, Decimal(12)),
}
"""How many of a unit make up a month, as a fraction."""


@attrs.frozen(kw_only=True)
class RevenueChurn(Tally):
    """Adds over disjoint customers in one period: the monthly revenue they stood for at its start, and what was lost.

    Examples:
        >>> march = RevenueChurn(start=Money(1000, "EUR"), lost=Money(100, "EUR"), customers=3, customers_lost=1)
        >>> march.revenue_rate, march.logo_rate  # one small customer of three
        (Decimal('0.1'), Decimal('0.3333333333333333333333333333333333'))

    Lost is the revenue of customers who were there at the start, left and were not back at the end. What those who stay
    pay less, contraction, is not in it. Both rates are over the start of the period, and customers are counted as by
    `Churn`. Amounts of money are no independent trials: bounds exist for the number, ``Churn.interval``, not for the
    revenue.

    Attributes:
        start: The monthly revenue at the start.
        lost: That part of it which the lost customers stood for.
        customers: Customers there at the start; nought where only amounts are known.
        customers_lost: Those of them who left and were not back at the end.
        period: The period; None where it is not known.
        paused_is_lost: Whether a customer whose subscriptions all rest counts as gone.

    Raises:
        CurrencyMismatchError: Two currencies.
        InconsistentCountsError: More was lost than there was.
        InvalidValueError: A negative amount or count.

    Source: the customary split into logo and revenue churn; ChartMogul's "MRR churn rate" counts contraction as well.
    """

    ratios = ("logo_rate", "revenue_rate")

    start: Money
    lost: Money
    customers: int = 0
    customers_lost: int = 0
    period: Period | None = attrs.field(default=None, metadata=POLICY)
    paused_is_lost: bool = attrs.field(default=False, metadata=POLICY)

    def __attrs_post_init__(self) -> None:
        check_counts(self, "customers", "customers_lost")
        checks.as_instance(self.paused_is_lost, bool, "paused_is_lost")
        if self.period is not None:
            checks.as_instance(self.period, Period, "period")
        for name in ("start", "lost"):
            if checks.as_instance(getattr(self, name), Money, name).amount < 0:
                raise InvalidValueError(f"{name} must be >= 0, got {getattr(self, name)}", name)
        if self.start.currency != self.lost.currency:
            raise _mismatch(self.start.currency, self.lost.currency)
        for most, part in (("start", "lost"), ("customers", "customers_lost")):
            if getattr(self, part) > getattr(self, most):
                raise InconsistentCountsError(
                    f"{part} must be at most {most}, got {getattr(self, part)} of {getattr(self, most)}", most, part
                )

    @classmethod
    def of(
        cls,
        subscriptions: Iterable[Subscription],
        period: Period,
        /,
        *,
        currency: str | None = None,
        paused_is_lost: bool = False,
    ) -> Self:
        """Count the customers of subscriptions and what they pay a month, in one pass and any order.

        A price per quarter or year is a third or a twelfth of it a month, one per day or week 365/12 or 365/84 times
        it, to 40 decimals.

        Examples:
            >>> from crmcore import instant
            >>> plans = [
            ...     Subscription(
            ...         customer_id=who,
            ...         price=Money(price, "EUR"),
            ...         every=every,
            ...         started=instant("2026-01-01"),
            ...         ended=end,
            ...     )
            ...     for who, price, every, end in [
            ...         ("a", 80, TimeUnit.MONTH, None),
            ...         ("a", 10, TimeUnit.MONTH, instant("2026-03-09")),
            ...         ("b", 120, TimeUnit.YEAR, instant("2026-03-20")),
            ...     ]
            ... ]
            >>> march = RevenueChurn.of(plans, Period.month(2026, 3))
            >>> march.rate, march.logo_rate
            (Decimal('0.1'), Decimal('0.5'))

        Args:
            subscriptions: As for `Churn.of`.
            period: As for `Churn.of`.
            currency: The currency all prices must have; needed only where there may be no subscriptions.
            paused_is_lost: As for `Churn.of`. Revenue at rest at the start then counts for nothing.

        Raises:
            CurrencyMismatchError: Two currencies met.
            InvalidValueError: There are no subscriptions, and no currency was given.
            WrongTypeError: As for `Churn.of`.
        """
        rows, code = _count(subscriptions, period, in_one_group, currency, paused_is_lost=paused_is_lost)
        if code is None:
            raise InvalidValueError("there are no subscriptions to take the currency from; name it with currency=...")
        return _filled(cls, rows.get(None, _Revenue()), code, period, paused_is_lost=paused_is_lost)

    @classmethod
    def by(
        cls,
        subscriptions: Iterable[Subscription],
        period: Period,
        key: Callable[[Subscription], _K],
        /,
        *,
        currency: str | None = None,
        paused_is_lost: bool = False,
    ) -> TallyBy[_K, Self]:
        """Count as `of` does, apart by a key that is the same for all subscriptions of a customer.

        Raises:
            CurrencyMismatchError: As for `of`.
            InconsistentCountsError: A customer has subscriptions under two keys and would count twice.
            WrongTypeError: As for `of`.
        """
        rows, code = _count(subscriptions, period, key, currency, paused_is_lost=paused_is_lost)
        return TallyBy(
            {
                group: _filled(cls, row, code, period, paused_is_lost=paused_is_lost)
                for group, row in rows.items()
                if code is not None
            }
        )

    @classmethod
    def from_amounts(
        cls, *, start: Money, lost: Money | None = None, end: Money | None = None, period: Period | None = None
    ) -> Self:
        """Make the record from amounts, without customers: from what was lost, or from what is left of the start.

        Examples:
            >>> RevenueChurn.from_amounts(start=Money(100, "EUR"), end=Money(95, "EUR")).rate
            Decimal('0.05')

        Args:
            start: The monthly revenue at the start.
            lost: That part of it which was lost; without it, `end` must be given.
            end: What those of the start still pay at the end; nothing that was won in the period.
            period: The period.

        Raises:
            CurrencyMismatchError: Two currencies.
            InconsistentCountsError: More is left or lost than there was, or all three contradict one another.
            InvalidValueError: Neither `lost` nor `end` is given, or an amount is negative.
        """
        checks.as_instance(start, Money, "start")
        if end is not None:
            left = start - checks.as_instance(end, Money, "end")
            if left.amount < 0:
                raise InconsistentCountsError(
                    f"end must be at most start, got {end} of {start}; leave out what was won", end, start
                )
            if lost is not None and lost != left:
                raise InconsistentCountsError(
                    f"start={start} - end={end} make {left} lost, got lost={lost}; give one of them less", lost, left
                )
            lost = left
        if lost is None:
            raise InvalidValueError("lost or end must be given")
        return cls(start=start, lost=lost, period=period)

    @property
    def logo_rate(self) -> Decimal | None:
        """The share of customers lost, ``customers_lost / customers``; None of nobody."""
        return ratio(self.customers_lost, self.customers)

    @property
    def revenue_rate(self) -> Decimal | None:
        """The share of revenue lost, ``lost / start``; None of nothing."""
        return self.lost.ratio_to(self.start)

    @property
    def rate(self) -> Decimal | None:
        """The share of revenue lost, as `revenue_rate`; None of nothing."""
        return self.revenue_rate

    def explain(self) -> Explanation:
        """How both rates come about, line by line."""
        return Explanation(
            (
                term("customers", self.customers, "customers"),
                term("customers_lost", self.customers_lost, "customers"),
                term("logo_rate", self.logo_rate, "", "customers_lost / customers"),
                term("start", self.start, " a month"),
                term("lost", self.lost, " a month"),
                term("revenue_rate", self.revenue_rate, "", "lost / start"),
            )
        )


@attrs.define(eq=False)
class _Revenue:
    """What has been counted so far of one group."""

    start: Decimal = ZERO
    lost: Decimal = ZERO
    customers: int = 0
    customers_lost: int = 0


def _count(
    subscriptions: Iterable[Subscription],
    period: Period,
    key: Callable[[Subscription], _K],
    currency: str | None,
    *,
    paused_is_lost: bool,
) -> tuple[dict[_K, _Revenue], str | None]:
    """What each group stood for at the start and lost; and the one currency of all."""
    checks.as_instance(period, Period, "period")
    opens, closes = in_utc(period.start), in_utc(period.end)
    code = None if currency is None else Money.zero(currency).currency
    paid: dict[Id, Decimal] = {}

    def noted(one: Subscription) -> _K:
        nonlocal code
        if code is None:
            code = one.price.currency
        elif one.price.currency != code:
            raise _mismatch(code, one.price.currency)
        if _runs(one, opens, paused_is_lost=paused_is_lost):
            paid[one.customer_id] = EXACT.add(paid.get(one.customer_id, ZERO), _monthly(one))
        return key(one)

    checks.check_callable(key, "key", "lambda subscription: segment_of[subscription.customer_id]")
    people = _spells.of_subscriptions(subscriptions, noted, paused_is_lost=paused_is_lost)
    rows: dict[_K, _Revenue] = {}
    for who, (group, *bounds) in people.items():
        row = rows.setdefault(group, _Revenue())
        spells = _spells.merged([group, *bounds])
        if any(start < opens <= end for start, end in spells):
            stays = any(start < closes <= end for start, end in spells)
            row.customers += 1
            row.start = EXACT.add(row.start, paid[who])
            if not stays:
                row.customers_lost += 1
                row.lost = EXACT.add(row.lost, paid[who])
    return rows, code


def _runs(one: Subscription, opens: datetime, *, paused_is_lost: bool) -> bool:
    """Whether it ran into the first instant of the period, as a customer must to be there at the start."""
    if in_utc(one.started) >= opens or (one.ended is not None and in_utc(one.ended) < opens):
        return False
    return not (paused_is_lost and any(in_utc(pause.start) < opens <= in_utc(pause.end) for pause in one.pauses))


def _monthly(one: Subscription) -> Decimal:
    times, over = _A_MONTH[one.every.value]
    exact = EXACT.multiply(one.price.amount, times)
    if over is ONE:
        return exact
    return round_to_finest(WIDE.divide(exact, over))


def _filled(cls: type[_R], row: _Revenue, currency: str, period: Period, *, paused_is_lost: bool) -> _R:
    return cls(
        start=Money(row.start, currency),
        lost=Money(row.lost, currency),
        customers=row.customers,
        customers_lost=row.customers_lost,
        period=period,
        paused_is_lost=paused_is_lost,
    )


def _mismatch(one: str, other: str) -> CurrencyMismatchError:
    return CurrencyMismatchError(f"prices are in {one} and in {other}; convert one with exchanged(...)", one, other)
