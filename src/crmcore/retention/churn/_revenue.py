"""What the lost customers paid."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Final, Self, TypeVar

import attrs

from crmcore.model.customer import Id
from crmcore.model.subscription import Subscription
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ZERO, ratio
from crmcore.primitives._lookalikes import caution_of
from crmcore.primitives._monthly import per_month
from crmcore.primitives.errors import CurrencyMismatchError, InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import in_one_group
from crmcore.primitives.money import Money, as_non_negative, same_currency
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.tally import POLICY, Tally, TallyBy
from crmcore.retention import _spells
from crmcore.retention.churn._counts import as_tolerance

__all__ = ["RevenueChurn"]

_K = TypeVar("_K", bound=Hashable)
_R = TypeVar("_R", bound="RevenueChurn")


@attrs.frozen(kw_only=True)
class RevenueChurn(Tally):
    """Monthly revenue at the start of a period, and the part that was lost. Records of disjoint customers can be added.

    Examples:
        >>> from crmcore import Money, RevenueChurn
        >>> march = RevenueChurn(start=Money(1000, "EUR"), lost=Money(100, "EUR"), customers=3, customers_lost=1)
        >>> march.revenue_rate, march.logo_rate  # one small customer of three
        (Decimal('0.1'), Decimal('0.3333333333333333333333333333333333'))

    Lost is the revenue of customers who were there at the start, left, and were not back at the end. A customer who
    stays and pays less, for example because one of two plans ended or is paused, is contraction: it is left out, and so
    is what new and old customers add. Unless `paused_is_lost`, a paused plan counts as if it was paid. `cautions` says
    so. Both rates are divided by the figures at the start of the
    period, and customers are counted as `Churn` counts them. Bounds exist for the number of customers
    (``Churn.interval``), but not for the revenue, because amounts of money are not independent trials.

    Attributes:
        start: The monthly revenue at the start.
        lost: The part of it that the lost customers paid.
        customers: Customers at the start; zero if only amounts are known.
        customers_lost: Those of them who left and were not back at the end.
        lookalikes: Customers whose id is given as a text and as another type, such as "7" and 7, so that each counts as
            two; `cautions` says so.
        period: The period, or None if it is unknown.
        paused_is_lost: Whether a customer counts as gone while all their subscriptions are paused.
        gap_tolerance: The longest gap between subscriptions that does not count as lost, if one was given.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InconsistentCountsError: `lost` is above `start`, or `customers_lost` above `customers`.
        InvalidValueError: An amount is negative.

    `RevenueMovements` counts contraction, expansion, new and returned customers too.

    Source: the usual split into logo and revenue churn. ChartMogul's "MRR churn rate" counts contraction as well.
    """

    ratios = ("rate", "logo_rate", "revenue_rate")

    start: Money
    lost: Money
    customers: int = 0
    customers_lost: int = 0
    lookalikes: int = 0
    period: Period | None = attrs.field(default=None, metadata=POLICY)
    paused_is_lost: bool = attrs.field(default=False, metadata=POLICY)
    gap_tolerance: timedelta | None = attrs.field(default=None, metadata=POLICY)

    def _check(self) -> None:
        super()._check()
        as_non_negative(self.lost, "lost", beside=as_non_negative(self.start, "start"))
        for most, part in (("start", "lost"), ("customers", "customers_lost")):
            if getattr(self, part) > getattr(self, most):
                raise InconsistentCountsError(
                    "more_lost_than_at_start",
                    f"{part} must be at most {most}, got {getattr(self, part)} of {getattr(self, most)}",
                    field=part,
                    operands=(getattr(self, part), getattr(self, most)),
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
        gap_tolerance: timedelta | None = None,
    ) -> Self:
        """Count the customers of subscriptions and what they pay a month, in a single pass; the order does not matter.

        Prices are converted to a month: a quarter has 3 months, a year 12 months or 365 days, and a week 7 days. The
        result has at most 40 decimals.

        Examples:
            >>> from crmcore import Money, Period, RevenueChurn, Subscription, TimeUnit, instant
            >>> plans = [
            ...     Subscription(
            ...         customer_id=customer_id,
            ...         price=Money(price, "EUR"),
            ...         every=every,
            ...         started=instant("2026-01-01"),
            ...         ended=end,
            ...     )
            ...     for customer_id, price, every, end in [
            ...         ("a", 80, TimeUnit.MONTH, None),
            ...         ("a", 10, TimeUnit.MONTH, instant("2026-03-09")),
            ...         ("b", 120, TimeUnit.YEAR, instant("2026-03-20")),
            ...     ]
            ... ]
            >>> march = RevenueChurn.of(plans, Period.month(2026, 3))
            >>> march.rate, march.logo_rate
            (Decimal('0.1'), Decimal('0.5'))

        Args:
            subscriptions: All subscriptions of the customers, including those of other times.
            period: The period to count, half-open.
            currency: The currency of all prices. It is needed only if there may be no subscriptions.
            paused_is_lost: Whether a customer counts as gone while all their subscriptions are paused. If so, revenue
                that is paused at the start does not count.
            gap_tolerance: The longest gap between subscriptions that does not count as lost, > 0. At a start
                within such a gap, the customer pays what they paid before it.

        Raises:
            CurrencyMismatchError: The prices are in two currencies.
            InvalidValueError: There are no subscriptions, and no currency is given.
        """
        policies = _Policies(period, paused_is_lost, gap_tolerance)
        rows, code = _count(subscriptions, in_one_group, currency, policies)
        if code is None:
            raise InvalidValueError(
                "no_subscriptions_and_no_currency",
                "currency must be given if there are no subscriptions",
                field="currency",
                advice="write currency='EUR'",
            )
        return _build(cls, rows.get(None, _Revenue()), code, policies)

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
        gap_tolerance: timedelta | None = None,
    ) -> TallyBy[_K, Self]:
        """Count as `of` does, for each value of a key that is the same for all subscriptions of a customer.

        Raises:
            CurrencyMismatchError: The prices are in two currencies.
            InconsistentCountsError: A customer has subscriptions under two keys and would count twice.
        """
        policies = _Policies(period, paused_is_lost, gap_tolerance)
        rows, code = _count(subscriptions, key, currency, policies)
        return TallyBy({group: _build(cls, row, code, policies) for group, row in rows.items() if code is not None})

    @classmethod
    def from_amounts(
        cls, *, start: Money, lost: Money | None = None, end: Money | None = None, period: Period | None = None
    ) -> Self:
        """Build the record from amounts without customers: from what was lost, or from what is left of the start.

        Examples:
            >>> from crmcore import Money, RevenueChurn
            >>> RevenueChurn.from_amounts(start=Money(100, "EUR"), end=Money(95, "EUR")).rate
            Decimal('0.05')

        Args:
            start: The monthly revenue at the start.
            lost: The part of it that was lost. Without it, `end` must be given.
            end: What the customers of the start still pay at the end, without any revenue that was won in the period.
            period: The period.

        Raises:
            CurrencyMismatchError: The amounts are in two currencies.
            InconsistentCountsError: `end` is above `start`, or all three amounts contradict one another.
            InvalidValueError: Neither `lost` nor `end` is given.
        """
        checks.as_instance(start, Money, "start")
        if lost is not None:
            checks.as_instance(lost, Money, "lost")
        if end is not None:
            same_currency(start, checks.as_instance(end, Money, "end"), "end")
            left = start - end
            if left.amount < 0:
                raise InconsistentCountsError(
                    "end_above_start",
                    f"end must be at most start, got {end} of {start}",
                    field="end",
                    advice="leave out revenue that was won",
                    operands=(end, start),
                )
            if lost is not None and lost != left:
                raise InconsistentCountsError(
                    "lost_is_not_start_minus_end",
                    f"lost must be start - end, which is {left}, got {lost}",
                    field="lost",
                    advice="leave one of them out",
                    operands=(lost, left),
                )
            lost = left
        if lost is None:
            raise InvalidValueError("neither_lost_nor_end", "lost or end must be given, got neither", field="lost")
        return cls(start=start, lost=lost, period=period)

    @property
    def logo_rate(self) -> Decimal | None:
        """The share of customers lost, ``customers_lost / customers``; None if there were no customers."""
        return ratio(self.customers_lost, self.customers)

    @property
    def revenue_rate(self) -> Decimal | None:
        """The share of revenue lost, ``lost / start``; None if there was no revenue."""
        return self.lost.ratio_to(self.start)

    @property
    def rate(self) -> Decimal | None:
        """The share of revenue lost, the same as `revenue_rate`; None if there was no revenue."""
        return self.revenue_rate

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What the rates leave out, and a caution if some customers have an id both as a text and as another type."""
        left_out = (_CONTRACTION,) if self.paused_is_lost else (_CONTRACTION, _RESTING)
        return (*left_out, *caution_of(self.lookalikes))

    def explain(self) -> Explanation:
        """Return the amounts, the counts and both rates, line by line, each rate with its formula."""
        return Explanation(
            (
                term("customers", self.customers, "customers"),
                term("customers_lost", self.customers_lost, "customers"),
                term("logo_rate", self.logo_rate, "", "customers_lost / customers"),
                term("start", self.start, " a month"),
                term("lost", self.lost, " a month"),
                term("revenue_rate", self.revenue_rate, "", "lost / start"),
            ),
            cautions=self.cautions,
        )


_CONTRACTION: Final = Finding(
    rule="contraction_left_out",
    severity=Severity.INFO,
    subject="revenue_rate",
    message="only customers who left count as lost revenue; those who stay and pay less or more do not",
    advice="count RevenueMovements, which has all of them",
)
_RESTING: Final = Finding(
    rule="paused_plans_counted",
    severity=Severity.INFO,
    subject="start",
    message="a plan that is paused counts as if it was paid",
    advice="leave paused plans out with paused_is_lost=True",
)


@attrs.define(eq=False)
class _Revenue:
    """The amounts and counts of one group so far."""

    start: Decimal = ZERO
    lost: Decimal = ZERO
    customers: int = 0
    customers_lost: int = 0
    lookalikes: int = 0


@attrs.frozen
class _Policies:
    """How subscriptions are counted."""

    period: Period
    paused_is_lost: bool
    gap_tolerance: timedelta | None

    def __attrs_post_init__(self) -> None:
        checks.as_instance(self.period, Period, "period")
        as_tolerance(self.gap_tolerance)


def _count(
    subscriptions: Iterable[Subscription], key: Callable[[Subscription], _K], currency: str | None, policies: _Policies
) -> tuple[dict[_K, _Revenue], str | None]:
    """Count each group, and return with the counts the currency of all prices."""
    opens, closes = in_utc(policies.period.start), in_utc(policies.period.end)
    paused_is_lost, tolerance = policies.paused_is_lost, policies.gap_tolerance
    paid_before: dict[Id, tuple[datetime, Decimal]] = {}
    code = None if currency is None else Money.zero(currency).currency
    paid: dict[Id, Decimal] = {}
    places = count()

    def note_price(subscription: Subscription) -> _K:
        nonlocal code
        place, found = next(places), subscription.price.currency
        if code is None:
            code = found
        if found != code:
            raise CurrencyMismatchError(
                "prices_in_two_currencies",
                f"subscriptions must have prices in one currency, {code}, got {found}",
                field="subscriptions",
                advice="convert one with exchanged(...)",
                operands=(code, found),
                record=place,
            )
        if _runs_into(subscription, opens, paused_is_lost=paused_is_lost):
            customer_id = subscription.customer_id
            paid[customer_id] = EXACT.add(paid.get(customer_id, ZERO), _convert_to_month(subscription))
        elif tolerance is not None:
            _note_last(paid_before, subscription, opens)
        return key(subscription)

    checks.check_callable(key, "key", "lambda subscription: segment_of[subscription.customer_id]")
    customers = _spells.collect_from_subscriptions(subscriptions, note_price, paused_is_lost=paused_is_lost)
    rows: dict[_K, _Revenue] = {}
    for customer_id, flat_spells in customers.items():
        row = rows.setdefault(flat_spells[0], _Revenue())
        spells = _spells.merge(flat_spells, tolerance)
        if any(start < opens <= end for start, end in spells):
            monthly = paid.get(customer_id)
            if monthly is None:  # the start lies in a gap that the tolerance closes
                monthly = paid_before[customer_id][1]
            row.customers += 1
            row.start = EXACT.add(row.start, monthly)
            if not any(start < closes <= end for start, end in spells):
                row.customers_lost += 1
                row.lost = EXACT.add(row.lost, monthly)
    _spells.add_lookalikes(customers, rows)
    return rows, code


def _note_last(paid_before: dict[Id, tuple[datetime, Decimal]], subscription: Subscription, opens: datetime) -> None:
    """Note the price of the subscription of a customer that stopped last before an instant."""
    start = in_utc(subscription.started)
    if start >= opens:
        return
    stops = [edge for edge in (subscription.ended, subscription.paused_since) if edge is not None]
    stopped = min(map(in_utc, stops)) if stops else max(in_utc(pause.start) for pause in subscription.pauses)
    before = paid_before.get(subscription.customer_id)
    if before is None or stopped > before[0]:
        paid_before[subscription.customer_id] = stopped, _convert_to_month(subscription)


def _runs_into(subscription: Subscription, opens: datetime, *, paused_is_lost: bool) -> bool:
    """Return whether a subscription began before an instant and still ran just before it."""
    if in_utc(subscription.started) >= opens:
        return False
    if subscription.ended is not None and in_utc(subscription.ended) < opens:
        return False
    if not paused_is_lost:
        return True
    if subscription.paused_since is not None and in_utc(subscription.paused_since) < opens:
        return False
    return not any(in_utc(pause.start) < opens <= in_utc(pause.end) for pause in subscription.pauses)


def _convert_to_month(subscription: Subscription) -> Decimal:
    return per_month(subscription.price.amount, subscription.every, subscription.interval)


def _build(cls: type[_R], row: _Revenue, currency: str, policies: _Policies) -> _R:
    return cls(
        start=Money(row.start, currency),
        lost=Money(row.lost, currency),
        customers=row.customers,
        customers_lost=row.customers_lost,
        lookalikes=row.lookalikes,
        period=policies.period,
        paused_is_lost=policies.paused_is_lost,
        gap_tolerance=policies.gap_tolerance,
    )
