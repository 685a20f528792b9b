"""The inputs of the simple value, counted from purchases."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Final, Self, TypeVar, cast, overload

import attrs

from crmcore.model.purchase import Cost, CostKind, OrderRule, Purchase
from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import EXACT, ZERO, plain_repr, ratio, round_to_finest
from crmcore.primitives._lookalikes import caution_of, list_lookalikes
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import KeyGuard, enumerate_once, in_one_group, two_groups
from crmcore.primitives.ids import Id
from crmcore.primitives.money import Money, same_currency
from crmcore.primitives.periods import by_utc, check_not_after, find_local_day, in_utc
from crmcore.primitives.record import NON_NEGATIVE, number
from crmcore.primitives.tally import POLICY, Tally, TallyBy
from crmcore.value.lifetime_value._inputs import as_currency, as_gross_margin, match_currency, require_currency
from crmcore.value.lifetime_value._least import round_exact
from crmcore.value.lifetime_value._result import Elasticity, LifetimeValue
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
        Money('800', 'RUB')
        >>> by["bob"].simple() is None  # one purchase, and so no frequency
        True
        >>> by["bob"].one_order(gross_margin="0.4").value
        Money('160', 'RUB')

    Purchases of a customer on one day are one order, unless `order_rule` says otherwise. An order is at the time of its
    first purchase, and its cost of goods is known if that of all its purchases is. A refund, which is a purchase with a
    negative amount, is not an order: only its amount and its cost of goods are added. A year is 365 days
    (`actual/365`).

    Attributes:
        customers: Customers with at least one order.
        one_time: Customers with exactly one order.
        orders: Orders, without the refunds.
        orders_with_cost: Orders whose cost of goods is known.
        revenue: What was paid, less what was paid back.
        goods: The cost of goods, as far as it is known.
        acquisition: What winning the customers cost.
        service: All other costs beside the cost of goods.
        lookalikes: Customers whose id is given as a text and as another type, such as "7" and 7, so that each counts as
            two; `cautions` says so.
        seconds: The total tenure of all customers, in seconds, exactly.
        tenure: The rule by which tenure was counted.
        as_of: The reference date, if the rule needs one.
        order_rule: The rule by which purchases make up orders.

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
    lookalikes: int = 0
    seconds: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=ZERO, converter=number, repr=plain_repr)
    tenure: TenureRule = attrs.field(metadata=POLICY)
    as_of: datetime | None = attrs.field(default=None, eq=by_utc, metadata=POLICY)
    order_rule: OrderRule = attrs.field(default=OrderRule.ONE_A_DAY, metadata=POLICY)

    def _check(self) -> None:
        super()._check()
        for name, amount in (("goods", self.goods), ("acquisition", self.acquisition), ("service", self.service)):
            same_currency(self.revenue, amount, name)
        _check_tenure(self.tenure, self.as_of)
        if self.one_time > self.customers or self.orders < 2 * self.customers - self.one_time:
            raise InconsistentCountsError(
                "orders_do_not_fit_customers",
                f"orders must be possible, got {self.orders} of {self.customers} customers, of whom {self.one_time} "
                "bought once",
                field="orders",
                operands=(self.customers, self.one_time, self.orders),
            )
        if self.orders_with_cost > self.orders:
            raise InconsistentCountsError(
                "more_costs_than_orders",
                f"orders_with_cost must be at most orders, got {self.orders_with_cost} of {self.orders}",
                field="orders_with_cost",
                operands=(self.orders_with_cost, self.orders),
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
        tz: tzinfo = UTC,
        order_rule: OrderRule = OrderRule.ONE_A_DAY,
    ) -> Self:
        """Count purchases and costs, in a single pass; the order does not matter.

        Args:
            purchases: All purchases of the customers; a refund is a purchase with a negative amount.
            tenure: The rule by which a customer's tenure is counted. There is no default, because the results differ.
            as_of: The reference date, if the rule needs one; no purchase may lie after it.
            costs: What was spent beside the cost of goods. `CostKind.ACQUISITION` is the cost of winning customers, any
                other kind the cost of serving them.
            currency: The currency of all records; needed only if there may be none.
            tz: The zone whose calendar defines the days of the orders.
            order_rule: Which purchases are one order. By default, those of a customer on one day are.

        Raises:
            CurrencyMismatchError: The records are in two currencies.
            InconsistentCountsError: Two different records have one id.
            InvalidValueError: A purchase lies after `as_of`, the rule and `as_of` contradict each other, or there are
                no records and no currency is given.
        """
        policies = _Policies(tenure, as_of, tz, order_rule)
        code, groups = _count(purchases, costs, in_one_group, policies, currency)
        return groups[None].build(cls, require_currency(code), policies)

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
        tz: tzinfo = UTC,
        order_rule: OrderRule = OrderRule.ONE_A_DAY,
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
        tz: tzinfo = UTC,
        order_rule: OrderRule = OrderRule.ONE_A_DAY,
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
        tz: tzinfo = UTC,
        order_rule: OrderRule = OrderRule.ONE_A_DAY,
    ) -> TallyBy[_K, Self]:
        """Count as `of` does, for each segment, source, manager or another key of the customer.

        The key must be the same for all purchases of a customer.

        Raises:
            InconsistentCountsError: A customer has purchases under two keys and would count twice.
            CurrencyMismatchError: The records are in two currencies.
            InvalidValueError: A purchase lies after `as_of`, or the rule and `as_of` contradict each other.
        """
        policies = _Policies(tenure, as_of, tz, order_rule)
        code, groups = _count(purchases, costs, key, policies, currency)
        return TallyBy({name: group.build(cls, code or "", policies) for name, group in groups.items()})

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
        serves = service_cost is None and bool(self.service)
        value = simple(
            average_order=average,
            orders_per_year=round_to_finest(frequency),
            years=round_to_finest(tenure) if years is None else years,
            gross_margin=self._find_margin(gross_margin),
            acquisition_cost=self._find_acquisition_cost(acquisition_cost),
            service_cost=self.service * _SECONDS_A_YEAR / self.seconds if serves else service_cost,
            observed=round_to_finest(tenure),
        )
        # The figures above are rounded to be shown. The value is not computed from them, but from the counts.
        a_year = Fraction(_SECONDS_A_YEAR) / Fraction(self.seconds)
        lifetime = 1 / (a_year * self.customers) if years is None else Fraction(cast("Decimal", value.years))
        repeat = Fraction(self.orders - self.customers, self.orders) * a_year * lifetime
        gross = Fraction(self.revenue.amount) * repeat * self._find_exact_margin(gross_margin)
        served = Fraction(self.service.amount) * a_year * lifetime if serves else _add_up(value, "service_cost")
        cautions = self._find_cautions(average, tenure_counted=years is None)
        exact = self._put_exact(value, gross, acquisition_cost, served)
        return attrs.evolve(exact, cautions=(*cautions, *value.cautions))

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
        value = one_time(
            order=average,
            gross_margin=self._find_margin(gross_margin),
            acquisition_cost=self._find_acquisition_cost(acquisition_cost),
        )
        gross = Fraction(self.revenue.amount) / self.orders * self._find_exact_margin(gross_margin)
        exact = self._put_exact(value, gross, acquisition_cost, Fraction(0))
        return attrs.evolve(exact, cautions=(*exact.cautions, *self.cautions))

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """A caution if some customers have an id both as a text and as another type."""
        return caution_of(self.lookalikes)

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
            ),
            cautions=self.cautions,
        )

    def _find_margin(self, named: Decimal | int | str | float | None) -> Decimal | int | str | float:
        """Return the margin that the caller named, or that of the records, or 1."""
        if named is not None:
            return named
        return 1 if self.gross_margin is None else round_to_finest(self.gross_margin)

    def _find_exact_margin(self, named: Decimal | int | str | float | None) -> Fraction:
        if named is not None:
            return Fraction(as_gross_margin(named))
        if self.gross_margin is None:
            return Fraction(1)
        return Fraction((self.revenue - self.goods).amount) / Fraction(self.revenue.amount)

    def _put_exact(
        self, value: LifetimeValue, gross: Fraction, acquisition_cost: Money | None, served: Fraction
    ) -> LifetimeValue:
        """Return a value with the exact amount, rounded once, in the place of one computed from rounded figures."""
        won = self.acquisition.amount if acquisition_cost is None else acquisition_cost.amount
        net = gross - Fraction(won) / (self.customers if acquisition_cost is None else 1) - served
        amount = round_exact(net)
        *lines, last = value.explain()
        return attrs.evolve(
            value,
            value=Money(amount, self.revenue.currency),
            elasticity=Elasticity(margin=ratio(round_exact(gross), amount)),
            explanation=Explanation((*lines, attrs.evolve(last, value=amount))),
        )

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
        found += caution_of(self.lookalikes)
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


def _add_up(value: LifetimeValue, name: str) -> Fraction:
    """Return the sum of the costs of a schedule, each times its years, from the lines of an explanation."""
    lines = {line.name: line.value for line in value.explain()}
    costs = [line for line in lines if line.startswith(name) and f"{line}_years" in lines]
    return sum((Fraction(lines[cost] or 0) * Fraction(lines[f"{cost}_years"] or 0) for cost in costs), Fraction(0))


@attrs.frozen
class _Policies:
    """How purchases are counted."""

    tenure: TenureRule
    as_of: datetime | None
    tz: tzinfo
    order_rule: OrderRule

    def __attrs_post_init__(self) -> None:
        _check_tenure(self.tenure, self.as_of)
        checks.as_zone(self.tz)
        checks.as_member(self.order_rule, OrderRule, "order_rule")


@attrs.define(eq=False)
class _Group:
    """The purchases and costs of one key so far; `orders` has when those of each customer began, by their days."""

    revenue: Decimal = ZERO
    goods: Decimal = ZERO
    acquisition: Decimal = ZERO
    service: Decimal = ZERO
    orders: dict[Id, dict[int, datetime]] = attrs.field(factory=dict[Id, dict[int, datetime]])
    without_cost: set[tuple[Id, int]] = attrs.field(factory=set[tuple[Id, int]])
    lookalikes: int = 0

    def add_purchase(self, purchase: Purchase, at: datetime, day: int) -> None:
        """Add a purchase, with its instant in UTC and the day or another number of its order."""
        amount, cost = purchase.amount.amount, purchase.cost
        self.revenue = EXACT.add(self.revenue, amount)
        if cost is not None:
            self.goods = EXACT.add(self.goods, cost.amount)
        if amount < 0:
            return
        customer_id = purchase.customer_id
        if cost is None:
            self.without_cost.add((customer_id, day))
        orders = self.orders.get(customer_id)
        if orders is None:
            self.orders[customer_id] = {day: at}
        elif (before := orders.get(day)) is None or at < before:
            orders[day] = at

    def add_cost(self, cost: Cost) -> None:
        if cost.kind is CostKind.ACQUISITION:
            self.acquisition = EXACT.add(self.acquisition, cost.amount.amount)
        else:
            self.service = EXACT.add(self.service, cost.amount.amount)

    def build(self, kind: type[_B], currency: str, policies: _Policies) -> _B:
        """Build the tally."""
        until = None if policies.as_of is None else in_utc(policies.as_of)
        stays = [orders.values() for orders in self.orders.values()]
        number = sum(map(len, stays))
        return kind(
            customers=len(stays),
            one_time=sum(len(stay) == 1 for stay in stays),
            orders=number,
            orders_with_cost=number - len(self.without_cost),
            revenue=Money(self.revenue, currency),
            goods=Money(self.goods, currency),
            acquisition=Money(self.acquisition, currency),
            service=Money(self.service, currency),
            lookalikes=self.lookalikes,
            seconds=_clock.seconds(sum(_clock.microseconds((until or max(stay)) - min(stay)) for stay in stays)),
            tenure=policies.tenure,
            as_of=policies.as_of,
            order_rule=policies.order_rule,
        )


def _count(
    purchases: Iterable[Purchase],
    costs: Iterable[Cost],
    key: Callable[[Any], _K],
    policies: _Policies,
    currency: str | None,
) -> tuple[str | None, defaultdict[_K, _Group]]:
    """Count purchases and costs by key; return their currency and the groups."""
    currency = as_currency(currency)
    checks.check_callable(key, "key", "lambda record: segment_of[record.customer_id]")
    groups: defaultdict[_K, _Group] = defaultdict(_Group)
    keys: dict[Id, _K] = {}
    as_of, tz = policies.as_of, policies.tz
    each = policies.order_rule is OrderRule.EACH_PURCHASE
    guard = KeyGuard(groups)
    kind: type | None = None
    for place, purchase in enumerate_once(purchases, Purchase, "purchases"):
        if purchase.amount.currency != currency:
            currency = match_currency(currency, purchase, place)
        group, customer_id = key(purchase), purchase.customer_id
        if type(group) is not kind:
            kind = guard.admit(group)
        if keys.setdefault(customer_id, group) != group:
            raise two_groups(keys[customer_id], group, "purchase", owner=customer_id)
        at = in_utc(purchase.at)
        if as_of is not None and at > as_of:
            check_not_after(as_of, at, "purchases", place)
        day = place if each else find_local_day(purchase.at, tz, "purchases", place)
        groups[group].add_purchase(purchase, at, day)
    for place, cost in enumerate_once(costs, Cost, "costs"):
        currency = match_currency(currency, cost, place)
        group = key(cost)
        if type(group) is not kind:
            kind = guard.admit(group)
        groups[group].add_cost(cost)
    for customer_id in list_lookalikes(keys):
        groups[keys[customer_id]].lookalikes += 1
    return currency, groups


def _check_tenure(tenure: TenureRule, as_of: datetime | None) -> None:
    """Check that the reference date is given if the rule needs it, and only then."""
    needed = checks.as_member(tenure, TenureRule, "tenure") is TenureRule.FIRST_TO_AS_OF
    if as_of is not None:
        checks.as_instant(as_of, "as_of")
    if needed and as_of is None:
        raise InvalidValueError(
            "tenure_without_reference_date",
            f"as_of must be given if tenure is {tenure.value}",
            field="as_of",
            operands=(tenure,),
        )
    if not needed and as_of is not None:
        raise InvalidValueError(
            "tenure_has_no_reference_date",
            f"as_of must be empty if tenure is {tenure.value}, got {show(as_of)}",
            field="as_of",
            advice="leave it out",
            operands=(tenure, as_of),
        )
