"""What all customers bought, one summary for each."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from itertools import repeat
from typing import Any, Self

import attrs

from crmcore.model.purchase import OrderRule, Purchase
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ZERO, ratio, sums
from crmcore.primitives._lookalikes import caution_of, count_lookalikes
from crmcore.primitives._results import Result, as_plain_row
from crmcore.primitives.errors import InconsistentCountsError, PolicyMismatchError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.ids import Id
from crmcore.primitives.money import Money, build_money, same_currency
from crmcore.primitives.periods import by_utc
from crmcore.primitives.rates import TimeUnit
from crmcore.primitives.record import build_records, several
from crmcore.value.rfm._counting import Counted, Policies, count_orders
from crmcore.value.rfm._scores import RfmScores, score
from crmcore.value.rfm._summary import PurchaseSummary, RefundRule

__all__ = ["RfmTable"]


@attrs.frozen(kw_only=True)
class RfmTable(Result):
    """How often, when and for how much each customer bought up to a reference date.

    Examples:
        >>> from crmcore import Money, Purchase, RfmTable, TimeUnit, instant
        >>> log = [
        ...     Purchase(customer_id=customer_id, at=instant(at), amount=Money(amount, "EUR"))
        ...     for customer_id, at, amount in [
        ...         ("anna", "2024-01-01", 50),
        ...         ("anna", "2024-02-01", 30),
        ...         ("anna", "2024-02-01T18:00", 20),
        ...         ("bob", "2024-03-01", 10),
        ...         ("anna", "2024-04-01", 100),
        ...     ]
        ... ]
        >>> table = RfmTable.of(log, as_of=instant("2024-06-30"))
        >>> anna = table.by_customer()["anna"]
        >>> anna.frequency, anna.recency, anna.T, anna.monetary_value  # the two purchases of one day are one order
        (2, Decimal('91'), Decimal('181'), Money('75', 'EUR'))
        >>> bob = table.by_customer()["bob"]
        >>> bob.frequency, bob.recency, bob.T, bob.monetary_value
        (0, Decimal('0'), Decimal('121'), None)
        >>> table.customers, table.one_time_share
        (2, Decimal('0.5'))
        >>> weekly = RfmTable.of(log, as_of=instant("2024-06-30"), unit=TimeUnit.WEEK)
        >>> weekly.by_customer()["anna"].recency
        Decimal('13')

    Orders are what the rest of the library counts as orders: the purchases of a customer on one day are one, unless
    `order_rule` says otherwise. A refund, which is a purchase with a negative amount, is no order.

    Attributes:
        summaries: One summary for each customer, in the order in which the customers first occur.
        as_of: The reference date.
        holdout_until: The end of the holdout. None if there is none.
        unit: The unit of time of all summaries.
        calendar: Whether whole units of the calendar are counted.
        order_rule: The rule by which purchases make up orders.
        refund_rule: Which order a refund is taken from.
        refunds_only: Customers who have refunds, but no orders.
        later_customers: Customers whose first order lies in the holdout.
        lookalikes: Customers whose id is given as a text and as another type, such as "7" and 7, so that each counts as
            two; `cautions` says so.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InconsistentCountsError: The summaries have two units of time, or only some of them have a holdout.
        InvalidValueError: A customer comes twice.

    Source: Fader and Hardie, whose summary of x, t_x and T the models of purchases take; the `lifetimes` package, with
    which the figures agree.
    """

    ratios = ("customers", "orders", "spend", "one_time", "one_time_share", "average_order")

    summaries: tuple[PurchaseSummary, ...] = attrs.field(default=(), converter=several)
    as_of: datetime = attrs.field(eq=by_utc)
    holdout_until: datetime | None = attrs.field(default=None, eq=by_utc)
    unit: TimeUnit = TimeUnit.DAY
    calendar: bool = False
    order_rule: OrderRule = OrderRule.ONE_A_DAY
    refund_rule: RefundRule = RefundRule.LAST_ORDER
    refunds_only: int = 0
    later_customers: int = 0
    lookalikes: int = 0

    def _check(self) -> None:
        super()._check()
        checks.check_unique([row.customer_id for row in self.summaries], "summaries", "a customer")
        held = self.holdout_until is not None
        for place, row in enumerate(self.summaries):
            if row.unit is not self.unit or (row.holdout_end is not None) is not held:
                raise InconsistentCountsError(
                    "summaries_counted_differently",
                    f"summaries must all be per {self.unit.value} and {'have' if held else 'have no'} holdout",
                    field="summaries",
                    operands=(row.unit,),
                    record=place,
                )
            same_currency(self.summaries[0].spend, row.spend, "summaries", place)

    @classmethod
    def of(
        cls,
        purchases: Iterable[Purchase],
        /,
        *,
        as_of: datetime,
        holdout_until: datetime | None = None,
        unit: TimeUnit = TimeUnit.DAY,
        calendar: bool = False,
        tz: tzinfo = UTC,
        order_rule: OrderRule = OrderRule.ONE_A_DAY,
        refund_rule: RefundRule = RefundRule.LAST_ORDER,
    ) -> Self:
        """Summarize the purchases of each customer; their order does not matter.

        Examples:
            >>> from crmcore import Money, Purchase, RfmTable, instant
            >>> log = [
            ...     Purchase(customer_id=7, at=instant(day), amount=Money(amount, "EUR"))
            ...     for day, amount in [("2024-01-01", 50), ("2024-03-01", 20), ("2024-05-01", 30)]
            ... ]
            >>> split = RfmTable.of(log, as_of=instant("2024-03-31"), holdout_until=instant("2024-06-30"))
            >>> seven = split.by_customer()[7]
            >>> seven.frequency, seven.holdout_orders, seven.holdout_duration, seven.holdout_spend
            (1, 1, Decimal('91'), Money('30', 'EUR'))

        Args:
            purchases: All purchases of the customers; a refund is a purchase with a negative amount.
            as_of: The reference date. Purchases up to it make the summary.
            holdout_until: The end of a holdout. Purchases after `as_of` up to it are counted apart, so that a model of
                the first part can be judged by the second. Without it, no purchase may lie after `as_of`.
            unit: The unit of time of the summaries: days, or weeks of seven days. Longer units need `calendar`.
            calendar: Whether to count whole weeks (from Monday), months, quarters or years of the calendar. The
                purchases of a customer in one of them are then one order, and times lie between units, as the
                `lifetimes` package counts.
            tz: The zone whose calendar defines the days.
            order_rule: Which purchases are one order. By default, those of one day are.
            refund_rule: Which order a refund is taken from.

        Raises:
            CurrencyMismatchError: The purchases are in two currencies.
            InconsistentCountsError: Two different purchases have one id.
            InvalidValueError: A purchase lies after the last instant that counts, the unit is longer than a week and
                `calendar` is False, or `holdout_until` is not after `as_of`.
        """
        policies = Policies(
            as_of=as_of,
            holdout_until=holdout_until,
            unit=unit,
            calendar=calendar,
            tz=tz,
            order_rule=order_rule,
            refund_rule=refund_rule,
        )
        counted = count_orders(purchases, policies)
        counted.settle_refunds(refund_rule)
        return cls(
            summaries=_build_summaries(counted, policies),
            as_of=as_of,
            holdout_until=holdout_until,
            unit=unit,
            calendar=calendar,
            order_rule=order_rule,
            refund_rule=refund_rule,
            refunds_only=counted.refunds_only,
            later_customers=len(counted.after.keys() - counted.before.keys()),
            lookalikes=count_lookalikes(counted.before),
        )

    def __add__(self, other: "RfmTable", /) -> "RfmTable":
        """Add the summaries of other customers, which must be counted in the same way."""
        if not isinstance(other, RfmTable):
            return NotImplemented
        for name in ("as_of", "holdout_until", "unit", "calendar", "order_rule", "refund_rule"):
            mine, others = getattr(self, name), getattr(other, name)
            if mine != others:
                raise PolicyMismatchError(
                    "tables_counted_differently",
                    f"cannot add two RfmTable records of different {name}, {checks.show(mine)} and "
                    f"{checks.show(others)}",
                    field=name,
                    advice=f"count both with one {name}",
                    operands=(mine, others),
                )
        return attrs.evolve(
            self,
            summaries=(*self.summaries, *other.summaries),
            refunds_only=self.refunds_only + other.refunds_only,
            later_customers=self.later_customers + other.later_customers,
            lookalikes=self.lookalikes + other.lookalikes,
        )

    def _list_rows(self) -> list[dict[str, Any]]:
        return [summary.row() for summary in self.summaries[:50]]

    def by_customer(self) -> dict[Id, PurchaseSummary]:
        """Return the summaries by the id of the customer; keep the result to look up many."""
        return {row.customer_id: row for row in self.summaries}

    @property
    def customers(self) -> int:
        """The number of customers with an order up to the reference date."""
        return len(self.summaries)

    @property
    def orders(self) -> int:
        """The orders of all customers."""
        return sum(row.orders for row in self.summaries)

    @property
    def spend(self) -> Money | None:
        """What all orders brought, less refunds. None if there are no customers."""
        return Money.total(row.spend for row in self.summaries) if self.summaries else None

    @property
    def one_time(self) -> int:
        """The customers with a single order."""
        return sum(row.orders == 1 for row in self.summaries)

    @property
    def one_time_share(self) -> Decimal | None:
        """The share of customers with a single order. None if there are no customers."""
        return ratio(self.one_time, self.customers)

    @property
    def average_order(self) -> Money | None:
        """What an order brings on average, less refunds. None if there are no orders."""
        return self.spend / self.orders if self.spend is not None and self.orders else None

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before the figures are used."""
        found: list[Finding] = []
        below = sum(row.repeat_spend.amount < 0 for row in self.summaries)
        if self.refunds_only:
            found.append(
                Finding(
                    rule="refunds_without_orders",
                    severity=Severity.WARNING,
                    subject="refunds_only",
                    message="some customers have refunds, but no orders, and are left out",
                    advice="give their earlier purchases too",
                    evidence=[("customers", self.refunds_only)],
                )
            )
        if below:
            found.append(
                Finding(
                    rule="refunds_exceed_orders",
                    severity=Severity.WARNING,
                    subject="monetary_value",
                    message="the refunds of some customers exceed what their repeat orders brought",
                    advice="leave these customers out of a gamma-gamma model, or take RefundRule.LEFT_OUT",
                    evidence=[("customers", below)],
                )
            )
        if self.later_customers:
            found.append(
                Finding(
                    rule="customers_of_the_holdout",
                    severity=Severity.INFO,
                    subject="later_customers",
                    message="some customers first bought after the reference date and have no summary",
                    evidence=[("customers", self.later_customers)],
                )
            )
        return (*found, *caution_of(self.lookalikes))

    def rows(self, *, plain: bool = True) -> list[dict[str, Any]]:
        """Return a row for each customer, as pandas, polars, csv and the packages that fit models take them.

        Examples:
            >>> from crmcore import Money, Purchase, RfmTable, instant
            >>> log = [Purchase(customer_id=7, at=instant("2024-01-01"), amount=Money(5, "EUR"))]
            >>> [row] = RfmTable.of(log, as_of=instant("2024-01-31")).rows()
            >>> row["customer_id"], row["frequency"], row["recency"], row["T"], row["monetary_value"]
            (7, 0, 0.0, 30.0, None)

        Args:
            plain: Whether cells are floats, whole numbers, texts, booleans or None, as `Tally.row` says.
        """
        checks.as_instance(plain, bool, "plain")
        return [as_plain_row(row, row.row()) if plain else row.row() for row in self.summaries]

    def scores(self, *, quantiles: int = 5) -> RfmScores:
        """Grade each customer by the time since their last order, the number of orders and the spend.

        Examples:
            >>> from crmcore import Money, Purchase, RfmTable, instant
            >>> log = [
            ...     Purchase(customer_id=number, at=instant(f"2024-01-{day:02}"), amount=Money(10 * number, "EUR"))
            ...     for number in range(1, 6)
            ...     for day in range(1, 2 * number)
            ... ]
            >>> graded = RfmTable.of(log, as_of=instant("2024-02-01")).scores()
            >>> [score.cell for score in graded.scores]
            ['111', '222', '333', '444', '555']

        Args:
            quantiles: The number of grades, from 2 to 9.
        """
        number = checks.as_whole(quantiles, "quantiles", 2, 9)
        return RfmScores(
            scores=score(self.summaries, number),
            quantiles=number,
            cautions=self.cautions,
        )

    def explain(self) -> Explanation:
        """Explain the totals line by line."""
        spend = [] if self.spend is None else [term("spend", self.spend)]
        average = (
            [] if self.average_order is None else [term("average_order", self.average_order, "", "spend / orders")]
        )
        return Explanation(
            (
                term("customers", self.customers, "customers"),
                term("one_time", self.one_time, "customers"),
                term("one_time_share", self.one_time_share, "", "one_time / customers"),
                term("orders", self.orders, "orders"),
                *spend,
                *average,
            ),
            cautions=self.cautions,
        )


def _build_summaries(counted: Counted, policies: Policies) -> list[PurchaseSummary]:
    """Build the summaries without their checks: the facts come from records that were checked."""
    currency, groups = counted.currency, counted.before
    if currency is None:
        return []
    first = [min(orders) for orders in groups.values()]
    last = [max(orders) for orders in groups.values()]
    spend = sums(orders.values() for orders in groups.values())
    repeat_spend = [
        EXACT.subtract(total, orders[key]) if len(orders) > 1 else ZERO
        for total, orders, key in zip(spend, groups.values(), first, strict=True)
    ]
    number = len(groups)
    end = date.fromordinal(policies.find_day(policies.as_of, "as_of"))
    held: Sequence[Iterable[object]] = (repeat(None), repeat(None), repeat(None))
    if policies.holdout_until is not None:
        none: dict[Any, Decimal] = {}
        orders_later = [counted.after.get(customer_id, none) for customer_id in groups]
        held_end = date.fromordinal(policies.find_day(policies.holdout_until, "holdout_until"))
        paid = sums(orders.values() for orders in orders_later)
        held = (repeat(held_end), map(len, orders_later), [build_money(amount, currency) for amount in paid])
    return build_records(
        PurchaseSummary,
        number,
        (
            groups,
            map(len, groups.values()),
            map(_as_date, first),
            map(_as_date, last),
            repeat(end),
            repeat(policies.unit),
            _build_monies(spend, currency),
            _build_monies(repeat_spend, currency),
            *held,
        ),
    )


def _build_monies(amounts: list[Decimal], currency: str) -> list[Money]:
    return build_records(Money, len(amounts), (amounts, repeat(currency)))


def _as_date(key: Any) -> date:  # noqa: ANN401 - a day, or a tuple that begins with one
    return date.fromordinal(key if type(key) is int else key[0])
