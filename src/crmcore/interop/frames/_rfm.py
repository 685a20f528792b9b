"""What each customer bought, summarized in an engine."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from itertools import repeat
from operator import itemgetter
from typing import Any, Final

import narwhals as nw

from crmcore.interop.frames._frame import Frame, Rows, group
from crmcore.interop.frames._groups import as_number, find_currency
from crmcore.interop.frames._instants import day_of, divide, month_of
from crmcore.interop.frames._statistics import Row, Statistics, as_instant, build_statistics
from crmcore.model.purchase import OrderRule, Purchase
from crmcore.primitives._decimals import EXACT
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.money import Money, build_money
from crmcore.primitives.periods import check_not_after
from crmcore.primitives.rates import TimeUnit
from crmcore.primitives.record import build_records
from crmcore.value.rfm import PurchaseSummary, RefundRule, RfmTable
from crmcore.value.rfm._counting import Policies

__all__ = ["rfm"]

_MONTHS: Final = {TimeUnit.MONTH.value: 1, TimeUnit.QUARTER.value: 3, TimeUnit.YEAR.value: 12}


def rfm(
    purchases: Frame[Purchase],
    /,
    *,
    as_of: datetime,
    holdout_until: datetime | None = None,
    unit: TimeUnit = TimeUnit.DAY,
    calendar: bool = False,
    tz: tzinfo = UTC,
    order_rule: OrderRule = OrderRule.ONE_A_DAY,
    refund_rule: RefundRule = RefundRule.LAST_ORDER,
) -> Statistics[RfmTable]:
    """Summarize the purchases of each customer, as `RfmTable.of` does.

    The frame has a row for each customer: their orders, the first and the last day, and what the orders brought. Days
    are numbered as `datetime.date.toordinal` does. Months, quarters and years of the calendar are numbered by their
    first month, twelve for each year.

    Examples:
        >>> from datetime import datetime
        >>> import polars as pl
        >>> from crmcore import UTC, Purchase, instant
        >>> from crmcore.interop import frames
        >>> days = [datetime(2024, 1, 1), datetime(2024, 2, 1), datetime(2024, 2, 1, 18), datetime(2024, 4, 1)]
        >>> sales = pl.DataFrame({"who": ["anna"] * 4, "at": days, "paid": [50, 30, 20, 100]})
        >>> bought = frames.Frame(Purchase, sales, customer_id="who", amount="paid", currency="EUR", tz=UTC)
        >>> statistics = frames.rfm(bought, as_of=instant("2024-06-30"))
        >>> anna = statistics.read(statistics.frame).by_customer()["anna"]
        >>> anna.frequency, anna.recency, anna.T, anna.monetary_value
        (2, Decimal('91'), Decimal('181'), Money('75', 'EUR'))

    Args:
        purchases: All purchases of the customers; a refund is a purchase with a negative amount.
        as_of: The reference date. Purchases up to it make the summary.
        holdout_until: The end of a holdout, after `as_of`. Without it, no purchase may lie after `as_of`.
        unit: The unit of time of the summaries: days, or weeks of seven days. Longer units need `calendar`.
        calendar: Whether to count whole weeks (from Monday), months, quarters or years of the calendar.
        tz: The zone whose calendar defines the days.
        order_rule: Which purchases are one order. An engine keeps no order among purchases of one instant, so it can
            only merge those of a day.
        refund_rule: Which order a refund is taken from.

    Raises:
        CurrencyMismatchError: When it is read: the purchases are in two currencies.
        InvalidValueError: Each purchase is to be an order, the engine cannot tell wall times in `tz`, the unit is
            longer than a week and `calendar` is False, `holdout_until` is not after `as_of`, or, when it is read: a
            purchase lies after the last instant that counts.
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
    if order_rule is OrderRule.EACH_PURCHASE:
        raise InvalidValueError(
            "rows_without_order",
            "order_rule must be one_a_day in an engine, because its rows have no order",
            field="order_rule",
            advice="use RfmTable.of with the purchases of fewer customers",
        )
    chosen = purchases.select(None, "customer_id", "at", "amount")
    owner = ["customer_id", *(["amount_currency"] if purchases.has("amount_currency") else [])]
    late = nw.lit(False) if holdout_until is None else nw.col("at") > purchases.literal("at", as_of)  # noqa: FBT003 - a literal
    purchases_each = chosen.rows.select(
        *owner,
        "at",
        "amount",
        _place(purchases.local("at", tz), policies).alias("day"),
        purchases.is_below_zero("amount").alias("refund"),
        late.alias("late"),
    )
    days: Any = group(
        purchases_each, [*owner, "day", "refund", "late"], amount=nw.col("amount").sum(), latest=nw.col("at").max()
    )
    table, measures = _summarize(days, owner, refund_rule)
    if holdout_until is not None:
        table, more = _add_holdout(table, days, owner, refund_rule)
        measures += more

    def finish(rows: list[Row]) -> RfmTable:
        for row in rows and [max(rows, key=itemgetter("latest"))]:
            check_not_after(policies.until, as_instant(row["latest"]), "purchases", row["customer_id"])
        return _build(rows, find_currency(rows, "amount", purchases.currency), policies)

    return build_statistics(chosen, table, [*owner, "latest", *measures], finish)


def _place(wall: nw.Expr, policies: Policies) -> nw.Expr:
    """Return the number of the day, or of the unit of the calendar, by which purchases make up orders."""
    if not policies.calendar or policies.unit is TimeUnit.DAY:
        return day_of(wall)
    if policies.unit is TimeUnit.WEEK:
        return divide(day_of(wall) - 1, 7) * 7 + 1
    months = _MONTHS[policies.unit.value]
    return divide(month_of(wall), months) * months


def _as_date(place: float, policies: Policies) -> date:
    number = int(place)
    if policies.calendar and policies.unit.value in _MONTHS:
        return date(number // 12, number % 12 + 1, 1)
    return date.fromordinal(number)


def _summarize(days: Any, owner: Sequence[str], rule: RefundRule) -> tuple[Rows, list[str]]:  # noqa: ANN401 - rows
    """Return a row for each customer, with null where there is nothing, and the columns beside the customer."""
    orders = days.filter(~nw.col("refund") & ~nw.col("late"))
    first: Any = group(
        orders,
        owner,
        first=nw.col("day").min(),
        last=nw.col("day").max(),
        orders=nw.len(),
        spend=nw.col("amount").sum(),
    )
    later = orders.join(first.select(*owner, "first"), on=list(owner), how="inner").filter(
        nw.col("day") > nw.col("first")
    )
    second: Any = group(later, owner, second=nw.col("day").min(), repeat_spend=nw.col("amount").sum())
    table: Any = group(days, owner, latest=nw.col("latest").max())
    parts = [first, second]
    measures = ["first", "last", "orders", "spend", "repeat_spend"]
    if rule is RefundRule.LAST_ORDER:
        refunds = days.filter(nw.col("refund") & ~nw.col("late"))
        repeat_refunds = refunds.join(second.select(*owner, "second"), on=list(owner), how="inner").filter(
            nw.col("day") >= nw.col("second")
        )
        parts += [
            group(refunds, owner, refunded=nw.col("amount").sum()),
            group(repeat_refunds, owner, repeat_refunded=nw.col("amount").sum()),
        ]
        measures += ["refunded", "repeat_refunded"]
    for part in parts:
        table = table.join(part, on=list(owner), how="left")
    return table, measures


def _add_holdout(table: Any, days: Any, owner: Sequence[str], rule: RefundRule) -> tuple[Rows, list[str]]:  # noqa: ANN401 - rows
    """Add what customers bought in the holdout; a refund of an earlier order does not change that."""
    orders = days.filter(~nw.col("refund") & nw.col("late"))
    held: Any = group(
        orders, owner, held=nw.col("day").min(), holdout_orders=nw.len(), holdout_spend=nw.col("amount").sum()
    )
    joined = table.join(held, on=list(owner), how="left")
    if rule is RefundRule.LEFT_OUT:
        return joined, ["holdout_orders", "holdout_spend"]
    refunds = days.filter(nw.col("refund") & nw.col("late"))
    refunds = refunds.join(held.select(*owner, "held"), on=list(owner), how="inner").filter(
        nw.col("day") >= nw.col("held")
    )
    refunded = group(refunds, owner, holdout_refunded=nw.col("amount").sum())
    return joined.join(refunded, on=list(owner), how="left"), ["holdout_orders", "holdout_spend", "holdout_refunded"]


def _build(rows: Sequence[Row], currency: str, policies: Policies) -> RfmTable:
    """Build the summaries without their checks, as `RfmTable.of` does."""
    known = [row for row in rows if row["orders"] is not None]

    def add_up(row: Row, *names: str) -> Money:
        total = Decimal(0)
        for name in names:
            total = EXACT.add(total, as_number(row.get(name)))
        return build_money(total, currency)

    held: Sequence[Any] = (repeat(None), repeat(None), repeat(None))
    if policies.holdout_until is not None:
        held_end = date.fromordinal(policies.find_day(policies.holdout_until, "holdout_until"))
        held = (
            repeat(held_end),
            [int(row["holdout_orders"] or 0) for row in known],
            [add_up(row, "holdout_spend", "holdout_refunded") for row in known],
        )
    summaries = build_records(
        PurchaseSummary,
        len(known),
        (
            [row["customer_id"] for row in known],
            [int(row["orders"]) for row in known],
            [_as_date(row["first"], policies) for row in known],
            [_as_date(row["last"], policies) for row in known],
            repeat(date.fromordinal(policies.find_day(policies.as_of, "as_of"))),
            repeat(policies.unit),
            [add_up(row, "spend", "refunded") for row in known],
            [add_up(row, "repeat_spend", "repeat_refunded") for row in known],
            *held,
        ),
    )
    return RfmTable(
        summaries=summaries,
        as_of=policies.as_of,
        holdout_until=policies.holdout_until,
        unit=policies.unit,
        calendar=policies.calendar,
        order_rule=policies.order_rule,
        refund_rule=policies.refund_rule,
        refunds_only=sum(row["orders"] is None and row.get("holdout_orders") is None for row in rows),
        later_customers=sum(row["orders"] is None and row.get("holdout_orders") is not None for row in rows),
    )
