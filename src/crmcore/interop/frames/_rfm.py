"""What each customer bought, summarized in an engine."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from functools import reduce
from itertools import repeat
from operator import itemgetter
from typing import Any, Final

import narwhals as nw

from crmcore.interop.frames._frame import Frame, group, share
from crmcore.interop.frames._groups import as_number, find_currency
from crmcore.interop.frames._instants import divide, month_of
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
        order_rule: Which purchases are one order; an engine can only merge those of a day. It keeps no order among
            purchases of one instant, and the monetary value leaves out the one that comes first.
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
    refund = purchases.is_below_zero("amount")
    day = _place(purchases, policies)
    # polars takes nine tenths of the time with days of 32 bits
    rows: Any = chosen.rows.select(*owner, "at", "amount", day=day.cast(nw.Int32), refund=refund)
    rows = share(rows.with_columns(order_day=nw.when(~nw.col("refund")).then(nw.col("day"))))
    if holdout_until is None:
        table, measures = _summarize(rows, owner, refund_rule)
    else:
        late = nw.col("at") > purchases.literal("at", as_of)
        table, measures = _summarize(rows.filter(~late), owner, refund_rule)
        held, more = _summarize_holdout(rows.filter(late), owner, refund_rule)
        everyone: Any = group(rows, owner, newest=nw.col("at").max())
        table = everyone.join(table, on=owner, how="left").join(held, on=owner, how="left")
        table = table.with_columns(latest=nw.col("newest"))
        measures += more

    def finish(rows: list[Row]) -> RfmTable:
        for row in rows and [max(rows, key=itemgetter("latest"))]:
            check_not_after(policies.until, as_instant(row["latest"]), "purchases", row["customer_id"])
        return _build(rows, find_currency(rows, "amount", purchases.currency), policies)

    return build_statistics(chosen, table, [*owner, *measures], finish)


def _place(purchases: Frame[Purchase], policies: Policies) -> nw.Expr:
    """Return the number of the day, or of the unit of the calendar, by which purchases make up orders."""
    if not policies.calendar or policies.unit is TimeUnit.DAY:
        return purchases.day("at", policies.tz)
    if policies.unit is TimeUnit.WEEK:
        return divide(purchases.day("at", policies.tz) - 1, 7) * 7 + 1
    months = _MONTHS[policies.unit.value]
    return divide(month_of(purchases.local("at", policies.tz)), months) * months


def _as_date(place: int, policies: Policies) -> date:
    number = int(place)
    if policies.calendar and policies.unit.value in _MONTHS:
        return date(number // 12, number % 12 + 1, 1)
    return date.fromordinal(number)


def _summarize(rows: Any, owner: list[str], rule: RefundRule) -> tuple[Any, list[str]]:  # noqa: ANN401 - rows
    """Return a row for each customer, with null where there is nothing, and the columns beside the customer.

    One group for each customer counts the different days of orders, which costs half as much as a group for each day.
    What all purchases brought, less the orders of the first day and the refunds, is what later orders brought. So all
    orders are looked at once more, and of those only the ones of a first day, or of a customer with refunds, are kept.
    No order is before the first day, so `<=` finds those of it; with `==` polars would join by the day too, in twice
    the time.
    """
    table, refunds = _count_days(rows, owner)
    until = nw.when(nw.col("refunds") > 0).then(nw.col("last")).otherwise(nw.col("first"))
    bounds = table.select(*owner, "first", until=until)
    orders: Any = rows.select(*owner, "amount", "order_day").join(bounds, on=owner, how="inner")
    orders = share(orders.filter(nw.col("order_day") <= nw.col("until")))
    first_orders = orders.filter(nw.col("order_day") <= nw.col("first"))
    parts = [group(first_orders, owner, first_spend=nw.col("amount").sum())]
    measures = ["latest", "first", "last", "orders", "paid", "first_spend", "refunded"]
    if rule is RefundRule.LAST_ORDER:
        later = orders.filter(nw.col("order_day") > nw.col("first"))
        parts.append(
            _sum_since(refunds, group(later, owner, since=nw.col("order_day").min()), owner, "repeat_refunded")
        )
        measures.append("repeat_refunded")
    for part in parts:
        table = table.join(part, on=owner, how="left")
    return table, measures


def _summarize_holdout(rows: Any, owner: list[str], rule: RefundRule) -> tuple[Any, list[str]]:  # noqa: ANN401 - rows
    """Return what customers bought in the holdout; a refund of an earlier order does not change that."""
    table, refunds = _count_days(rows, owner)
    names = {"orders": "holdout_orders", "paid": "holdout_paid", "refunded": "holdout_refunds"}
    held: Any = table.select(*owner, *(nw.col(name).alias(alias) for name, alias in names.items()))
    measures = [*names.values()]
    if rule is RefundRule.LAST_ORDER:
        since = table.select(*owner, since=nw.col("first"))
        held = held.join(_sum_since(refunds, since, owner, "holdout_refunded"), on=owner, how="left")
        measures.append("holdout_refunded")
    return held, measures


def _count_days(rows: Any, owner: list[str]) -> tuple[Any, Any]:  # noqa: ANN401 - rows
    """Return the days of the orders of each customer, what was paid and refunded, and the refunds of each day."""
    order_day = nw.col("order_day")
    table: Any = group(
        rows,
        owner,
        latest=nw.col("at").max(),
        first=order_day.min(),
        last=order_day.max(),
        days=order_day.n_unique(),
        paid=nw.col("amount").sum(),
    )
    refunds: Any = share(group(rows.filter(nw.col("refund")), [*owner, "day"], amount=nw.col("amount").sum()))
    table = table.join(group(refunds, owner, refunded=nw.col("amount").sum()), on=owner, how="left")
    table = table.with_columns(refunds=(~nw.col("refunded").is_null()).cast(nw.Int64))
    # refunds have no day of an order, which counts as one more
    return share(table.with_columns(orders=(nw.col("days") - nw.col("refunds")).cast(nw.Int64))), refunds


def _sum_since(refunds: Any, since: Any, owner: list[str], name: str) -> Any:  # noqa: ANN401 - rows
    """Return what was refunded from a day of each customer on."""
    counted = refunds.join(since, on=owner, how="inner").filter(nw.col("day") >= nw.col("since"))
    return group(counted, owner, **{name: nw.col("amount").sum()})


def _build(rows: Sequence[Row], currency: str, policies: Policies) -> RfmTable:
    """Build the summaries without their checks, as `RfmTable.of` does."""
    known = [row for row in rows if row["orders"]]

    def add_up(row: Row, *names: str) -> Decimal:
        return reduce(EXACT.add, (as_number(row.get(name)) for name in names), Decimal(0))

    def subtract(total: Decimal, less: Decimal) -> Money:
        return build_money(EXACT.subtract(total, less), currency)

    kept = policies.refund_rule is RefundRule.LAST_ORDER
    held: Sequence[Any] = (repeat(None), repeat(None), repeat(None))
    if policies.holdout_until is not None:
        held_end = date.fromordinal(policies.find_day(policies.holdout_until, "holdout_until"))
        held = (
            repeat(held_end),
            [int(row["holdout_orders"] or 0) for row in known],
            [
                subtract(add_up(row, "holdout_paid", "holdout_refunded"), add_up(row, "holdout_refunds"))
                for row in known
            ],
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
            [subtract(add_up(row, "paid"), add_up(row, *([] if kept else ["refunded"]))) for row in known],
            [subtract(add_up(row, "paid", "repeat_refunded"), add_up(row, "first_spend", "refunded")) for row in known],
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
        refunds_only=sum(not (row["orders"] or row.get("holdout_orders")) for row in rows),
        later_customers=sum(bool(not row["orders"] and row.get("holdout_orders")) for row in rows),
    )
