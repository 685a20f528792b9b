"""Orders of each customer, counted from purchases or straight from the columns of a table."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, localcontext
from typing import Any

import attrs

from crmcore.model.purchase import OrderRule, Purchase
from crmcore.primitives import checks, table as tables
from crmcore.primitives._decimals import EXACT
from crmcore.primitives.checks import show
from crmcore.primitives.errors import CurrencyMismatchError, InvalidValueError
from crmcore.primitives.grouping import enumerate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import check_not_after, find_local_day, in_utc
from crmcore.primitives.rates import TimeUnit
from crmcore.primitives.table import Table
from crmcore.value.rfm._summary import RefundRule, find_unit_start

__all__: list[str] = []  # for the package alone

Orders = defaultdict[Id, dict[Any, Decimal]]
"""The amount of each order of a customer, by the order's key: its day, or its day, time and place."""


@attrs.frozen(kw_only=True)
class Policies:
    """How purchases are counted."""

    as_of: datetime
    holdout_until: datetime | None
    unit: TimeUnit
    calendar: bool
    tz: tzinfo
    order_rule: OrderRule
    refund_rule: RefundRule

    def __attrs_post_init__(self) -> None:
        checks.as_instant(self.as_of, "as_of")
        checks.as_member(self.unit, TimeUnit, "unit")
        checks.as_zone(self.tz)
        checks.as_member(self.order_rule, OrderRule, "order_rule")
        checks.as_member(self.refund_rule, RefundRule, "refund_rule")
        whole = checks.as_instance(self.calendar, bool, "calendar")
        if not whole and self.unit not in {TimeUnit.DAY, TimeUnit.WEEK}:
            raise InvalidValueError(
                "days_in_no_fixed_unit",
                f"unit must be a day or a week if days are counted, got {self.unit.value}",
                field="unit",
                advice=f"count whole {self.unit.value}s of the calendar with calendar=True, or take weeks",
                operands=(self.unit,),
            )
        if whole and self.order_rule is OrderRule.EACH_PURCHASE:
            raise InvalidValueError(
                "calendar_units_merge_purchases",
                "order_rule must be one_a_day if calendar is true, because the purchases of a unit are then one order",
                field="order_rule",
                advice="leave one of them out",
                operands=(self.order_rule,),
            )
        if self.holdout_until is not None and in_utc(checks.as_instant(self.holdout_until, "holdout_until")) <= in_utc(
            self.as_of
        ):
            raise InvalidValueError(
                "holdout_without_time",
                f"holdout_until must be after as_of, got {show(self.holdout_until)} and {show(self.as_of)}",
                field="holdout_until",
                operands=(self.holdout_until, self.as_of),
            )

    @property
    def until(self) -> datetime:
        """The instant after which no purchase may lie."""
        return self.as_of if self.holdout_until is None else self.holdout_until

    def start_of(self, ordinal: int) -> int:
        """Return the ordinal of the day with which the order of a day begins."""
        if not self.calendar or self.unit is TimeUnit.DAY:
            return ordinal
        return find_unit_start(date.fromordinal(ordinal), self.unit).toordinal()

    def find_day(self, at: datetime, name: str) -> int:
        """Return the ordinal of the day with which the order of an instant would begin."""
        return self.start_of(find_local_day(at, self.tz, name, None))


class _Starts(dict[int, int]):
    """The first day of the unit of each day, computed once."""

    def __init__(self, policies: Policies) -> None:
        super().__init__()
        self._policies = policies

    def __missing__(self, day: int) -> int:
        start = self[day] = self._policies.start_of(day)
        return start


@attrs.define(eq=False)
class Counted:
    """The orders up to the reference date and after it; the refunds wait until all orders are known."""

    currency: str | None = None
    before: Orders = attrs.field(factory=lambda: defaultdict(dict))
    after: Orders = attrs.field(factory=lambda: defaultdict(dict))
    refunds: list[tuple[Id, Any, Decimal, bool]] = attrs.field(factory=list[tuple[Id, Any, Decimal, bool]])
    refunds_only: int = 0

    def settle_refunds(self, rule: RefundRule) -> None:
        """Take each refund from an order; count the customers who have refunds alone."""
        keys: dict[tuple[Id, bool], list[Any]] = {}
        known = self.before.keys() | self.after.keys()
        self.refunds_only = len({customer_id for customer_id, _, _, _ in self.refunds} - known)
        if rule is RefundRule.LEFT_OUT:
            return
        for customer_id, key, amount, late in self.refunds:
            orders = (self.after if late else self.before).get(customer_id)
            if orders is None:
                continue
            ordered = keys.get((customer_id, late))
            if ordered is None:
                ordered = keys[customer_id, late] = sorted(orders)
            place = bisect_right(ordered, key)
            if place or not late:  # a late refund of an earlier order: what was known at the reference date stays
                order = ordered[max(0, place - 1)]
                orders[order] = EXACT.add(orders[order], amount)


def count_orders(purchases: Iterable[Purchase], policies: Policies) -> Counted:
    """Count the orders of each customer; refunds are not taken off yet."""
    table = tables.as_columns(purchases, Purchase, checked=["cost"])
    if table is not None and policies.order_rule is OrderRule.ONE_A_DAY and policies.tz is UTC:
        counted = _count_columns(table, policies)
        if counted is not None:
            return counted
    return _count_records(purchases, policies)


def _count_columns(table: Table[Purchase], policies: Policies) -> Counted | None:
    code = table.currency("amount")
    if code is None or ("cost" in table.fields and table.currency("cost") != code):
        return None  # the walk over the records raises the error
    days = [*tables.iterate_days(table, "at")]
    limit, until = policies.as_of, policies.until
    last = max(days)
    late: list[bool] | None = None
    if last >= in_utc(until).toordinal() and max(table.column("at")) > until:
        return None
    if policies.holdout_until is not None and last >= in_utc(limit).toordinal():
        late = [at > limit for at in table.column("at")]
    amounts: Any = table.numbers("amount")  # none of them is missing
    counted = Counted(code)
    if policies.calendar:
        starts = _Starts(policies)
        days = [starts[day] for day in days]
    customer_ids = table.column("customer_id")
    rows = zip(customer_ids, days, amounts, strict=True)
    if late is None and min(amounts) >= 0:
        _add_orders(counted.before, rows)
    else:
        late = late or [False] * len(days)
        kept = [*rows]
        _add_orders(counted.before, _select(kept, late, amounts, wanted=False))
        _add_orders(counted.after, _select(kept, late, amounts, wanted=True))
        counted.refunds = [
            (customer_id, day, amount, is_late)
            for (customer_id, day, amount), is_late in zip(kept, late, strict=True)
            if amount < 0
        ]
    return counted


def _select(
    rows: list[tuple[Id, int, Decimal]], late: list[bool], amounts: Sequence[Decimal], *, wanted: bool
) -> Iterator[tuple[Id, int, Decimal]]:
    return (row for row, is_late, amount in zip(rows, late, amounts, strict=True) if is_late is wanted and amount >= 0)


def _add_orders(orders: Orders, rows: Iterable[tuple[Id, int, Decimal]]) -> None:
    with localcontext(EXACT):  # 1.3x over EXACT.add; ids of a column are plain, so no code of the caller runs in it
        for customer_id, day, amount in rows:
            found = orders[customer_id]
            if day in found:
                found[day] += amount
            else:
                found[day] = amount


def _count_records(purchases: Iterable[Purchase], policies: Policies) -> Counted:
    counted = Counted()
    as_of, until, tz = in_utc(policies.as_of), in_utc(policies.until), policies.tz
    each, leaves = policies.order_rule is OrderRule.EACH_PURCHASE, policies.calendar
    for place, purchase in enumerate_once(purchases, Purchase, "purchases"):
        amount, customer_id, at = purchase.amount, purchase.customer_id, in_utc(purchase.at)
        if amount.currency != counted.currency:
            counted.currency = _match_currency(counted.currency, amount.currency, place)
        if at > until:
            check_not_after(until, at, "purchases", place)
        day = find_local_day(purchase.at, tz, "purchases", place)
        key: Any = (day, at, place) if each else policies.start_of(day) if leaves else day
        late = at > as_of
        if amount.amount < 0:
            counted.refunds.append((customer_id, key, amount.amount, late))
            continue
        orders = (counted.after if late else counted.before)[customer_id]
        before = orders.get(key)
        orders[key] = amount.amount if before is None else EXACT.add(before, amount.amount)
    return counted


def _match_currency(currency: str | None, found: str, place: int) -> str:
    if currency not in (None, found):
        raise CurrencyMismatchError(
            "purchases_in_two_currencies",
            f"purchases must all be in one currency, {currency}, got {found}",
            field="purchases",
            advice="convert one with exchanged(...)",
            operands=(currency, found),
            record=place,
        )
    return found
