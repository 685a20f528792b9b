"""The inputs of the simple value, counted from purchases."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final, Self, TypeVar, overload

import attrs

from crmcore.model.purchase import Cost, CostKind, Purchase
from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import EXACT, ZERO, plain_repr, ratio, round_to_finest
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import in_one_group, note_groups
from crmcore.primitives.ids import Id
from crmcore.primitives.money import Money, same_currency
from crmcore.primitives.periods import by_utc, in_utc
from crmcore.primitives.tally import POLICY, Tally, TallyBy, check_counts, check_sums
from crmcore.value.lifetime_value._inputs import as_currency, match_currency, require_currency
from crmcore.value.lifetime_value._result import LifetimeValue
from crmcore.value.lifetime_value._simple import one_time, simple

__all__ = ["Buying", "TenureRule"]

_K = TypeVar("_K", bound=Hashable)
_B = TypeVar("_B", bound="Buying")

_SECONDS_A_YEAR: Final = 365 * _clock.SECONDS_A_DAY


class TenureRule(StrEnum):
    """The rule by which a customer's tenure is counted; it decides the value of a customer who bought once.

    Attributes:
        FIRST_TO_LAST: From the first purchase to the last. A customer who bought once has a tenure of 0, as in the
            source articles.
        FIRST_TO_AS_OF: From the first purchase to the reference date, for every customer. A customer who left without
            notice counts as still there.
    """

    FIRST_TO_LAST = "first_to_last"
    FIRST_TO_AS_OF = "first_to_as_of"


@attrs.frozen(kw_only=True)
class Buying(Tally):
    """Number of orders of customers, their amounts and tenure. Records of disjoint customers can be added.

    Examples:
        >>> from crmcore import Buying, Money, Purchase, TenureRule, instant
        >>> log = [
        ...     Purchase(customer_id=customer_id, at=instant(day), amount=Money(amount, "RUB"))
        ...     for customer_id, day, amount in [
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
        >>> by["bob"].simple() is None  # one purchase, and so no frequency
        True
        >>> by["bob"].one_order(gross_margin="0.4").value
        Money('160.0', 'RUB')

    A refund, which is a purchase with a negative amount, is not an order: only its amount and its cost of goods are
    added. A year is 365 days (`actual/365`).

    Attributes:
        customers: Customers with at least one order.
        one_time: Customers with exactly one order.
        orders: Purchases without the refunds.
        orders_with_cost: Orders whose cost of goods is known.
        revenue: What was paid, less what was paid back.
        goods: The cost of goods, as far as it is known.
        acquisition: What winning the customers cost.
        service: All other costs beside the cost of goods.
        seconds: The total tenure of all customers, in seconds, exactly.
        tenure: The rule by which tenure was counted.
        as_of: The reference date, if the rule needs one.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InconsistentCountsError: The counts contradict each other.
        InvalidValueError: A count is below 0, or the rule and `as_of` contradict each other.
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
        _check_tenure(self.tenure, self.as_of)
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
        """Count purchases and costs, in a single pass; the order does not matter.

        Args:
            purchases: All purchases of the customers; a refund is a purchase with a negative amount.
            tenure: The rule by which a customer's tenure is counted. There is no default, because the results differ.
            as_of: The reference date, if the rule needs one; no purchase may lie after it.
            costs: What was spent beside the cost of goods. `CostKind.ACQUISITION` is the cost of winning customers, any
                other kind the cost of serving them.
            currency: The currency of all records; needed only if there may be none.

        Raises:
            CurrencyMismatchError: The records are in two currencies.
            InvalidValueError: A purchase lies after `as_of`, the rule and `as_of` contradict each other, or there are
                no records and no currency is given.
        """
        code, groups = _count(purchases, costs, in_one_group, tenure=tenure, as_of=as_of, currency=currency)
        return groups[None].build(cls, require_currency(code), tenure, as_of)

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
        """Count as `of` does, for each segment, source, manager or another key of the customer.

        The key must be the same for all purchases of a customer.

        Raises:
            InconsistentCountsError: A customer has purchases under two keys and would count twice.
            CurrencyMismatchError: The records are in two currencies.
            InvalidValueError: A purchase lies after `as_of`, or the rule and `as_of` contradict each other.
        """
        code, groups = _count(purchases, costs, key, tenure=tenure, as_of=as_of, currency=currency)
        return TallyBy({name: group.build(cls, code or "", tenure, as_of) for name, group in groups.items()})

    @property
    def average_order(self) -> Money | None:
        """The average amount of an order: revenue divided by orders. None if there are no orders."""
        return self.revenue / self.orders if self.orders else None

    @property
    def years(self) -> Decimal | None:
        """The mean tenure of a customer so far, in years. None if there are no customers."""
        return ratio(self.seconds, _SECONDS_A_YEAR * self.customers)

    @property
    def orders_per_year(self) -> Decimal | None:
        """Repeat orders per year of tenure, as in the source articles. None if the tenure is 0."""
        return ratio(EXACT.multiply(self.orders - self.customers, _SECONDS_A_YEAR), self.seconds)

    @property
    def one_time_share(self) -> Decimal | None:
        """The share of customers who bought once. None if there are no customers."""
        return ratio(self.one_time, self.customers)

    @property
    def gross_margin(self) -> Decimal | None:
        """The share of the revenue that is left after the cost of goods.

        None if the cost of an order is unknown, if the revenue is 0, or if the revenue or the cost of goods is below 0
        because of refunds.
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
        """Return the simple value of one of these customers. A figure that is not given comes from the records.

        Args:
            years: The lifetime in years, by default the mean tenure so far.
            gross_margin: The gross margin, by default that of the records, or 1 if they do not have it.
            acquisition_cost: What winning one customer costs, by default that of the records per customer.
            service_cost: What serving one customer costs a year, by default that of the records per year of tenure.

        Returns:
            None if no customer bought twice, because there is no frequency. `one_order` then gives the value of an
            order.

        Raises:
            CurrencyMismatchError: The amounts are in several currencies.
            InvalidValueError: A number is outside its domain.
        """
        average, frequency, tenure = self.average_order, self.orders_per_year, self.years
        if average is None or not frequency or tenure is None:
            return None
        if service_cost is None and self.service:
            service_cost = self.service * _SECONDS_A_YEAR / self.seconds
        value = simple(
            average_order=average,
            orders_per_year=round_to_finest(frequency),
            years=round_to_finest(tenure) if years is None else years,
            gross_margin=self._find_margin(gross_margin),
            acquisition_cost=self._find_acquisition_cost(acquisition_cost),
            service_cost=service_cost,
            observed=round_to_finest(tenure),
        )
        cautions = self._find_cautions(average, tenure_counted=years is None)
        return attrs.evolve(value, cautions=(*cautions, *value.cautions))

    def one_order(
        self, *, gross_margin: Decimal | int | str | float | None = None, acquisition_cost: Money | None = None
    ) -> LifetimeValue | None:
        """Return the value of one average order. A figure that is not given comes from the records.

        Use it for customers who bought once, for whom `simple` returns None.

        Examples:
            >>> from crmcore import Buying, Money, Purchase, TenureRule, instant
            >>> once = Purchase(customer_id=7, at=instant("2026-03-02"), amount=Money(60, "EUR"), cost=Money(45, "EUR"))
            >>> Buying.of([once], tenure=TenureRule.FIRST_TO_LAST).one_order().value.quantized()
            Money('15.00', 'EUR')

        Args:
            gross_margin: The gross margin, by default that of the records, or 1 if they do not have it.
            acquisition_cost: What winning one customer costs, by default that of the records per customer.

        Returns:
            None if there are no orders.

        Raises:
            CurrencyMismatchError: The amounts are in two currencies.
            InvalidValueError: A number is outside its domain.
        """
        average = self.average_order
        if average is None:
            return None
        return one_time(
            order=average,
            gross_margin=self._find_margin(gross_margin),
            acquisition_cost=self._find_acquisition_cost(acquisition_cost),
        )

    def explain(self) -> Explanation:
        """Explain the figures line by line."""
        average = None if self.average_order is None else self.average_order.amount
        as_of = "" if self.as_of is None else f" to {self.as_of.isoformat()}"
        return Explanation(
            (
                term("customers", self.customers, "customers"),
                term("one_time", self.one_time, "customers"),
                term("orders", self.orders, "orders"),
                term("revenue", self.revenue),
                term("seconds", self.seconds, f"seconds of tenure{as_of}"),
                Term("average_order", average, self.revenue.currency, "revenue / orders"),
                term("years", self.years, "years", f"seconds / {_SECONDS_A_YEAR} / customers"),
                term(
                    "orders_per_year",
                    self.orders_per_year,
                    "per year",
                    f"(orders - customers) * {_SECONDS_A_YEAR} / seconds",
                ),
                term("one_time_share", self.one_time_share, "", "one_time / customers"),
            )
        )

    def _find_margin(self, named: Decimal | int | str | float | None) -> Decimal | int | str | float:
        """Return the margin that the caller named, or that of the records, or 1."""
        if named is not None:
            return named
        return 1 if self.gross_margin is None else round_to_finest(self.gross_margin)

    def _find_acquisition_cost(self, named: Money | None) -> Money | None:
        """Return the cost that the caller named, or that of the records per customer, or None if they have none."""
        return self.acquisition / self.customers if named is None and self.acquisition else named

    def _find_cautions(self, average: Money, *, tenure_counted: bool) -> list[Finding]:
        found = [
            Finding(
                rule="first_order_left_out",
                severity=Severity.INFO,
                subject="orders_per_year",
                message="only repeat orders count, as in the source articles; each customer's first order is left out",
                advice="add one average order to include it",
                evidence=(("average_order", average.amount),),
            )
        ]
        if tenure_counted:
            found.append(
                Finding(
                    rule="tenure_so_far",
                    severity=Severity.INFO,
                    subject="years",
                    message="tenure is counted so far; customers who are still there will stay longer",
                    advice="use it as a lower bound of the lifetime, or name the years",
                )
            )
        if self.one_time:
            found.append(
                Finding(
                    rule="one_time_buyers",
                    severity=Severity.WARNING,
                    subject="one_time",
                    message="customers who bought once are averaged with those who come back",
                    advice="compute the two groups separately and combine them with ValueMix",
                    evidence=(("one_time", self.one_time), ("customers", self.customers)),
                )
            )
        return found


@attrs.define(eq=False)
class _Stay:
    """The orders of one customer so far."""

    first: datetime
    last: datetime
    orders: int = 1


@attrs.define(eq=False)
class _Group:
    """The purchases and costs of one key so far."""

    revenue: Decimal = ZERO
    goods: Decimal = ZERO
    acquisition: Decimal = ZERO
    service: Decimal = ZERO
    orders_with_cost: int = 0
    stays: dict[Id, _Stay] = attrs.field(factory=dict[Id, _Stay])

    def add_purchase(self, purchase: Purchase, at: datetime) -> None:
        """Add a purchase, with its instant in UTC."""
        amount, cost, customer_id = purchase.amount.amount, purchase.cost, purchase.customer_id
        self.revenue = EXACT.add(self.revenue, amount)
        if cost is not None:
            self.goods = EXACT.add(self.goods, cost.amount)
        if amount < 0:
            return
        self.orders_with_cost += cost is not None
        stay = self.stays.get(customer_id)
        if stay is None:
            self.stays[customer_id] = _Stay(at, at)
        else:
            stay.orders += 1
            stay.first, stay.last = min(stay.first, at), max(stay.last, at)

    def add_cost(self, cost: Cost) -> None:
        if cost.kind is CostKind.ACQUISITION:
            self.acquisition = EXACT.add(self.acquisition, cost.amount.amount)
        else:
            self.service = EXACT.add(self.service, cost.amount.amount)

    def build(self, kind: type[_B], currency: str, tenure: TenureRule, as_of: datetime | None) -> _B:
        """Build the tally."""
        until = None if as_of is None else in_utc(as_of)
        stays = self.stays.values()
        return kind(
            customers=len(stays),
            one_time=sum(stay.orders == 1 for stay in stays),
            orders=sum(stay.orders for stay in stays),
            orders_with_cost=self.orders_with_cost,
            revenue=Money(self.revenue, currency),
            goods=Money(self.goods, currency),
            acquisition=Money(self.acquisition, currency),
            service=Money(self.service, currency),
            seconds=_clock.seconds(sum(_clock.microseconds((until or stay.last) - stay.first) for stay in stays)),
            tenure=tenure,
            as_of=as_of,
        )


def _count(
    purchases: Iterable[Purchase],
    costs: Iterable[Cost],
    key: Callable[[Any], _K],
    *,
    tenure: TenureRule,
    as_of: datetime | None,
    currency: str | None,
) -> tuple[str | None, defaultdict[_K, _Group]]:
    """Count purchases and costs by key; return their currency and the groups."""
    _check_tenure(tenure, as_of)
    currency = as_currency(currency)
    groups: defaultdict[_K, _Group] = defaultdict(_Group)
    keys: dict[Id | None, _K] = {}
    example = "lambda record: segment_of[record.customer_id]"
    owner = attrgetter("customer_id")
    for purchase in note_groups(purchases, key, Purchase, "purchases", example, groups=keys, owner=owner):
        currency, at = match_currency(currency, purchase), in_utc(purchase.at)
        if as_of is not None and at > as_of:
            raise InvalidValueError(
                f"a purchase must not lie after as_of, got {show(at)} after {show(as_of)}; leave it out", at, as_of
            )
        groups[keys[purchase.customer_id]].add_purchase(purchase, at)
    for cost in checks.iterate(costs, "costs", "Cost"):
        currency = match_currency(currency, checks.as_instance(cost, Cost, "every cost"))
        groups[key(cost)].add_cost(cost)
    return currency, groups


def _check_tenure(tenure: TenureRule, as_of: datetime | None) -> None:
    """Check that the reference date is given if the rule needs it, and only then."""
    needed = checks.as_member(tenure, TenureRule, "tenure") is TenureRule.FIRST_TO_AS_OF
    if as_of is not None:
        checks.as_instant(as_of, "as_of")
    if needed and as_of is None:
        raise InvalidValueError("tenure FIRST_TO_AS_OF needs a reference date; name it with as_of=...")
    if not needed and as_of is not None:
        raise InvalidValueError("as_of must be None with tenure FIRST_TO_LAST; leave it out")
