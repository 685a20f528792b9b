"""How customers buy: what the simple value asks for, read off their purchases."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Generic, Self, TypeVar, overload

import attrs

from crmcore.model.purchase import Cost, CostKind, Purchase
from crmcore.primitives import checks
from crmcore.primitives._decimals import DEEP, EXACT, ZERO, plain_repr, ratio, round_to_finest
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import two_groups
from crmcore.primitives.ids import Id
from crmcore.primitives.money import Money, same_currency
from crmcore.primitives.periods import by_utc, in_utc
from crmcore.primitives.tally import POLICY, Tally, TallyBy, check_counts, check_sums
from crmcore.value.lifetime_value._inputs import everything, joined
from crmcore.value.lifetime_value._result import LifetimeValue
from crmcore.value.lifetime_value._simple import one_time, simple

__all__ = ["Buying", "TenureRule"]

_K = TypeVar("_K", bound=Hashable)
_B = TypeVar("_B", bound="Buying")

_MICROSECOND: Final = timedelta(microseconds=1)
_SECOND: Final = 1_000_000
_YEAR: Final = 365 * 86_400


class TenureRule(StrEnum):
    """From when to when a customer's tenure is counted, which decides what one is worth who bought once.

    Attributes:
        FIRST_TO_LAST: From his first purchase to his last. Who bought once has none, as in the documents.
        FIRST_TO_AS_OF: From his first purchase to the day of reckoning, for everybody; who has left without a word is
            taken to be still there.
    """

    FIRST_TO_LAST = "first_to_last"
    FIRST_TO_AS_OF = "first_to_as_of"


@attrs.frozen(kw_only=True)
class Buying(Tally):
    """Adds over disjoint customers: how often they bought, for how much, how long they stayed, what they cost.

    Examples:
        >>> from crmcore import instant
        >>> log = [
        ...     Purchase(customer_id=who, at=instant(day), amount=Money(amount, "RUB"))
        ...     for who, day, amount in [
        ...         ("anna", "2024-01-01", 900),
        ...         ("anna", "2024-12-31", 1100),
        ...         ("anna", "2025-12-31", 1000),
        ...         ("bob", "2025-03-01", 400),
        ...     ]
        ... ]
        >>> base = Buying.of(log, tenure=TenureRule.FIRST_TO_LAST)
        >>> base.average_order, base.orders_per_year, base.years, base.one_time_share
        (Money('850', 'RUB'), Decimal('1'), Decimal('1'), Decimal('0.5'))
        >>> by = Buying.by(log, lambda record: record.customer_id, tenure=TenureRule.FIRST_TO_LAST)
        >>> by["anna"].simple(gross_margin="0.4").value
        Money('800.0', 'RUB')
        >>> by["bob"].simple() is None  # the formula has nothing to say of him
        True
        >>> by["bob"].one_order(gross_margin="0.4").value
        Money('160.0', 'RUB')

    Customers are those who bought. A refund is no order: it lowers the revenue and nothing else. Years are those of
    `actual/365`.

    Attributes:
        customers: Who bought.
        one_time: Those of them who bought once.
        orders: Purchases.
        orders_with_cost: Those of them whose cost of goods is known.
        revenue: What was paid, less what was paid back.
        goods: What the goods cost, where it is known.
        acquisition: What winning customers cost.
        service: What they cost beside that.
        seconds: The tenure of all customers together, exactly.
        tenure: From when to when it was counted.
        as_of: The day of reckoning, where the rule needs one.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InconsistentCountsError: Counts that contradict each other, or a rule without its day of reckoning.
        InvalidValueError: A negative number.
    """

    ratios = ("average_order", "orders_per_year", "years", "one_time_share", "gross_margin")

    customers: int = 0
    one_time: int = 0
    orders: int = 0
    orders_with_cost: int = 0
    revenue: Money
    goods: Money
    acquisition: Money
    service: Money
    seconds: Decimal = attrs.field(default=ZERO, converter=checks.number, repr=plain_repr)
    tenure: TenureRule = attrs.field(metadata=POLICY)
    as_of: datetime | None = attrs.field(default=None, eq=by_utc, metadata=POLICY)

    def __attrs_post_init__(self) -> None:
        check_counts(self, "customers", "one_time", "orders", "orders_with_cost")
        check_sums(self, "seconds")
        for name in ("revenue", "goods", "acquisition", "service"):
            same_currency(self.revenue, checks.as_instance(getattr(self, name), Money, name))
        _in_force(self.tenure, self.as_of)
        if self.one_time > self.customers or self.orders < 2 * self.customers - self.one_time:
            raise InconsistentCountsError(
                f"{self.customers} customers of whom {self.one_time} bought once cannot have made {self.orders} orders",
                self.customers,
                self.one_time,
                self.orders,
            )
        if self.orders_with_cost > self.orders:
            raise InconsistentCountsError(
                f"orders_with_cost must be at most orders, got {self.orders_with_cost} of {self.orders}",
                self.orders_with_cost,
                self.orders,
            )

    @classmethod
    def of(
        cls,
        purchases: Iterable[Purchase],
        /,
        *,
        tenure: TenureRule,
        as_of: datetime | None = None,
        costs: Iterable[Cost] = (),
        currency: str | None = None,
    ) -> Self:
        """Count purchases and costs, in one pass and any order.

        Args:
            purchases: All purchases of the customers in question, refunds among them as negative amounts.
            tenure: From when to when a customer's tenure is counted. There is no default, for the answers differ.
            as_of: The day of reckoning, where the rule needs one; a purchase after it is an error.
            costs: What was spent beside the cost of goods: `CostKind.ACQUISITION` on winning customers, any other on
                serving them.
            currency: The currency all must have; needed only where there may be no records.

        Raises:
            CurrencyMismatchError: Two currencies met.
            InvalidValueError: A purchase lies after `as_of`, the rule and `as_of` do not go together, or there are no
                records and no currency was given.
            NaiveInstantError: `as_of` has no time zone.
            WrongTypeError: An item is no `Purchase` or no `Cost`.
        """
        books = _Books(cls, everything, tenure, as_of, currency)
        by = books.fill(purchases, costs)
        if books.currency is None:
            raise InvalidValueError("there are no purchases or costs and so no currency; name it with currency=...")
        return by.total or books.closed(_Sums())

    @overload
    @classmethod
    def by(
        cls,
        purchases: Iterable[Purchase],
        key: Callable[[Purchase], _K],
        /,
        *,
        tenure: TenureRule,
        as_of: datetime | None = None,
        currency: str | None = None,
    ) -> TallyBy[_K, Self]: ...
    @overload
    @classmethod
    def by(
        cls,
        purchases: Iterable[Purchase],
        key: Callable[[Purchase | Cost], _K],
        /,
        *,
        tenure: TenureRule,
        as_of: datetime | None = None,
        costs: Iterable[Cost],
        currency: str | None = None,
    ) -> TallyBy[_K, Self]: ...
    @classmethod
    def by(
        cls,
        purchases: Iterable[Purchase],
        key: Callable[[Any], _K],
        /,
        *,
        tenure: TenureRule,
        as_of: datetime | None = None,
        costs: Iterable[Cost] = (),
        currency: str | None = None,
    ) -> TallyBy[_K, Self]:
        """Count as `of` does, apart by segment, source, manager or another key of the customer.

        The key must be the same for all purchases of a customer.

        Raises:
            InconsistentCountsError: A customer has purchases under two keys and would count twice.
            CurrencyMismatchError: As for `of`.
            InvalidValueError: As for `of`.
            WrongTypeError: As for `of`.
        """
        return _Books(cls, key, tenure, as_of, currency).fill(purchases, costs)

    @property
    def average_order(self) -> Money | None:
        """Revenue for each order; None where there is none."""
        return self.revenue / self.orders if self.orders else None

    @property
    def years(self) -> Decimal | None:
        """The mean tenure of a customer so far, in years; None of nobody."""
        return ratio(self.seconds, _YEAR * self.customers)

    @property
    def orders_per_year(self) -> Decimal | None:
        """Repeat orders for each year of tenure, as the documents count them; None where there is no tenure."""
        return ratio(EXACT.multiply(self.orders - self.customers, _YEAR), self.seconds)

    @property
    def one_time_share(self) -> Decimal | None:
        """The share of customers who bought once; None of nobody."""
        return ratio(self.one_time, self.customers)

    @property
    def gross_margin(self) -> Decimal | None:
        """What of the revenue the goods leave; None where the cost of some order is unknown, or there is no revenue.

        There is none either where more was paid back than paid, for money or for goods.
        """
        if self.orders_with_cost < self.orders or self.revenue.amount < 0 or self.goods.amount < 0:
            return None
        return (self.revenue - self.goods).ratio_to(self.revenue)

    def simple(
        self,
        *,
        years: Decimal | int | str | None = None,
        gross_margin: Decimal | int | str | float | None = None,
        acquisition_cost: Money | None = None,
        service_cost: Money | Iterable[Money] | None = None,
    ) -> LifetimeValue | None:
        """The simple value of one of these customers, from what was counted and what is named.

        Args:
            years: The lifetime; the mean tenure so far unless another is named.
            gross_margin: The margin; that of the records, where they know it, unless another is named.
            acquisition_cost: What winning one costs; that of the records for each customer, unless another is named.
            service_cost: What serving one costs a year; that of the records for each year of tenure, unless another is
                named.

        Returns:
            None where nobody bought twice: there is no frequency to go by. Then `one_order` tells an order's worth.

        Raises:
            CurrencyMismatchError: The amounts are in several currencies.
            InvalidValueError: A number outside its domain.
            WrongTypeError: A value of the wrong type.
        """
        average, frequency, tenure = self.average_order, self.orders_per_year, self.years
        if average is None or not frequency or tenure is None:
            return None
        if service_cost is None and self.service:
            service_cost = self.service * _YEAR / self.seconds
        worth = simple(
            average_order=average,
            orders_per_year=round_to_finest(frequency),
            years=round_to_finest(tenure) if years is None else years,
            gross_margin=self._margin(gross_margin),
            acquisition_cost=self._cost_of_winning(acquisition_cost),
            service_cost=service_cost,
            observed=round_to_finest(tenure),
        )
        return attrs.evolve(worth, cautions=(*self._cautions(average, of_records=years is None), *worth.cautions))

    def one_order(
        self, *, gross_margin: Decimal | int | str | float | None = None, acquisition_cost: Money | None = None
    ) -> LifetimeValue | None:
        """What one of these customers is worth by one average order, from what was counted and what is named.

        It is the answer for those who bought once, of whom `simple` can say nothing.

        Examples:
            >>> from crmcore import instant
            >>> once = Purchase(customer_id=7, at=instant("2026-03-02"), amount=Money(60, "EUR"), cost=Money(45, "EUR"))
            >>> Buying.of([once], tenure=TenureRule.FIRST_TO_LAST).one_order().value.quantized()
            Money('15.00', 'EUR')

        Args:
            gross_margin: As for `simple`.
            acquisition_cost: As for `simple`.

        Returns:
            None where nobody bought.

        Raises:
            CurrencyMismatchError: The amounts are in two currencies.
            InvalidValueError: A number outside its domain.
            WrongTypeError: A value of the wrong type.
        """
        average = self.average_order
        if average is None:
            return None
        return one_time(
            order=average,
            gross_margin=self._margin(gross_margin),
            acquisition_cost=self._cost_of_winning(acquisition_cost),
        )

    def explain(self) -> Explanation:
        """How the figures come about, line by line."""
        orders = None if self.average_order is None else self.average_order.amount
        as_of = "" if self.as_of is None else f" to {self.as_of.isoformat()}"
        return Explanation(
            (
                term("customers", self.customers, "customers"),
                term("one_time", self.one_time, "customers"),
                term("orders", self.orders, "orders"),
                term("revenue", self.revenue),
                term("seconds", self.seconds, f"seconds of tenure{as_of}"),
                Term("average_order", orders, self.revenue.currency, "revenue / orders"),
                term("years", self.years, "years", f"seconds / {_YEAR} / customers"),
                term("orders_per_year", self.orders_per_year, "per year", f"(orders - customers) * {_YEAR} / seconds"),
                term("one_time_share", self.one_time_share, "", "one_time / customers"),
            )
        )

    def _margin(self, named: Decimal | int | str | float | None) -> Decimal | int | str | float:
        """The margin named, or that of the records, or else that of revenue."""
        if named is not None:
            return named
        return 1 if self.gross_margin is None else round_to_finest(self.gross_margin)

    def _cost_of_winning(self, named: Money | None) -> Money | None:
        """The cost named, or that of the records for each customer."""
        return self.acquisition / self.customers if named is None and self.acquisition else named

    def _cautions(self, average: Money, *, of_records: bool) -> list[Finding]:
        found = [
            Finding(
                rule="first_order_left_out",
                severity=Severity.INFO,
                subject="orders_per_year",
                message="only repeat orders count, as in the documents; the first of each customer is beside them",
                advice="add one order where you want it in",
                evidence=(("average_order", average.amount),),
            )
        ]
        if of_records:
            found.append(
                Finding(
                    rule="tenure_so_far",
                    severity=Severity.INFO,
                    subject="years",
                    message="tenure is counted so far; those who are still there will stay longer",
                    advice="take it as a lower bound of the lifetime, or name the years",
                )
            )
        if self.one_time:
            found.append(
                Finding(
                    rule="one_time_buyers",
                    severity=Severity.WARNING,
                    subject="one_time",
                    message="those who bought once are averaged with those who come back",
                    advice="compute the two apart and weigh them with ValueMix",
                    evidence=(("one_time", self.one_time), ("customers", self.customers)),
                )
            )
        return found


@attrs.define(eq=False)
class _Stay:
    """What has been seen so far of one customer."""

    first: datetime
    last: datetime
    orders: int = 1


@attrs.define(eq=False)
class _Sums:
    """What has been counted so far of one group."""

    revenue: Decimal = ZERO
    goods: Decimal = ZERO
    acquisition: Decimal = ZERO
    service: Decimal = ZERO
    orders_with_cost: int = 0
    stays: dict[Id, _Stay] = attrs.field(factory=dict[Id, _Stay])


@attrs.define(eq=False)
class _Books(Generic[_K, _B]):
    """Purchases and costs as they come in, by group."""

    kind: type[_B]
    key: Callable[[Any], _K]
    tenure: TenureRule
    as_of: datetime | None
    currency: str | None
    rows: dict[_K, _Sums] = attrs.field(factory=dict[_K, _Sums])
    groups: dict[Id, _K] = attrs.field(factory=dict[Id, _K])

    def fill(self, purchases: Iterable[Purchase], costs: Iterable[Cost]) -> TallyBy[_K, _B]:
        """Enter everything and close the books."""
        _in_force(self.tenure, self.as_of)
        checks.check_callable(self.key, "key", "lambda record: segment_of[record.customer_id]")
        self.currency = None if self.currency is None else Money.zero(self.currency).currency
        for purchase in checks.iterate(purchases, "purchases", "Purchase"):
            self._enter_purchase(checks.as_instance(purchase, Purchase, "every purchase"))
        for cost in checks.iterate(costs, "costs", "Cost"):
            self._enter_cost(checks.as_instance(cost, Cost, "every cost"))
        return TallyBy({group: self.closed(sums) for group, sums in self.rows.items()})

    def closed(self, sums: _Sums) -> _B:
        """The record of one group."""
        until = None if self.as_of is None else in_utc(self.as_of)
        stays = sums.stays.values()
        microseconds = sum(((until or stay.last) - stay.first) // _MICROSECOND for stay in stays)
        currency = self.currency or ""
        return self.kind(
            customers=len(stays),
            one_time=sum(stay.orders == 1 for stay in stays),
            orders=sum(stay.orders for stay in stays),
            orders_with_cost=sums.orders_with_cost,
            revenue=Money(sums.revenue, currency),
            goods=Money(sums.goods, currency),
            acquisition=Money(sums.acquisition, currency),
            service=Money(sums.service, currency),
            seconds=DEEP.divide(microseconds, _SECOND),
            tenure=self.tenure,
            as_of=self.as_of,
        )

    def _enter_purchase(self, purchase: Purchase) -> None:
        who, at, amount = purchase.customer_id, in_utc(purchase.at), purchase.amount
        self.currency = joined(self.currency, amount.currency, purchase)
        group = self.key(purchase)
        if self.groups.setdefault(who, group) != group:
            raise two_groups(self.groups[who], group, "purchase")
        if self.as_of is not None and at > self.as_of:
            raise InvalidValueError(
                f"a purchase lies after as_of, {show(at)} after {show(self.as_of)}; leave it out", at, self.as_of
            )
        sums = self.rows.setdefault(group, _Sums())
        sums.revenue = EXACT.add(sums.revenue, amount.amount)
        if purchase.cost is not None:
            sums.goods = EXACT.add(sums.goods, purchase.cost.amount)
        if amount.amount < 0:
            return
        sums.orders_with_cost += purchase.cost is not None
        stay = sums.stays.get(who)
        if stay is None:
            sums.stays[who] = _Stay(at, at)
        else:
            stay.orders += 1
            stay.first, stay.last = min(stay.first, at), max(stay.last, at)

    def _enter_cost(self, cost: Cost) -> None:
        self.currency = joined(self.currency, cost.amount.currency, cost)
        sums = self.rows.setdefault(self.key(cost), _Sums())
        if cost.kind is CostKind.ACQUISITION:
            sums.acquisition = EXACT.add(sums.acquisition, cost.amount.amount)
        else:
            sums.service = EXACT.add(sums.service, cost.amount.amount)


def _in_force(tenure: TenureRule, as_of: datetime | None) -> None:
    """The rule must have the day it needs, and no other."""
    needed = checks.as_member(tenure, TenureRule, "tenure") is TenureRule.FIRST_TO_AS_OF
    if as_of is not None:
        checks.as_instant(as_of, "as_of")
    if needed and as_of is None:
        raise InvalidValueError("tenure counts up to a day of reckoning; name it with as_of=...")
    if not needed and as_of is not None:
        raise InvalidValueError("as_of plays no part from first to last purchase; leave it out")
