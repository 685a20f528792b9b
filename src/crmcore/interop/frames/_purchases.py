"""What customers have paid, counted in an engine."""

from collections.abc import Sequence
from typing import Any, overload

import narwhals as nw

from crmcore.interop.frames._frame import Frame, group
from crmcore.interop.frames._statistics import Row, Statistics, build_statistics, collect
from crmcore.model.purchase import Purchase
from crmcore.primitives._decimals import ZERO
from crmcore.primitives.money import Money
from crmcore.primitives.tally import TallyBy
from crmcore.value.lifetime_value import HistoricValue

__all__ = ["historic_value"]


@overload
def historic_value(purchases: Frame[Purchase], /) -> Statistics[HistoricValue]: ...
@overload
def historic_value(
    purchases: Frame[Purchase], /, *, by: str | Sequence[str]
) -> Statistics[TallyBy[Any, HistoricValue]]: ...
def historic_value(purchases: Frame[Purchase], /, *, by: str | Sequence[str] | None = None) -> Statistics[Any]:
    """Sum up what customers have paid and cost, as `HistoricValue.by` does.

    Examples:
        >>> import polars as pl
        >>> from datetime import datetime
        >>> from crmcore import UTC
        >>> from crmcore.interop import frames
        >>> sales = pl.DataFrame({"who": ["a", "b", "a"], "at": [datetime(2026, 3, 2)] * 3, "paid": [30, 5, -10]})
        >>> bought = Frame(Purchase, sales, customer_id="who", amount="paid", currency="EUR", tz=UTC)
        >>> statistics = frames.historic_value(bought, by="who")
        >>> worth = statistics.read(statistics.frame)
        >>> worth["a"].value
        Money('20', 'EUR')

    Args:
        purchases: All purchases; a refund is a purchase with a negative amount.
        by: One or more columns of the data whose values are the keys; several make a tuple.

    Raises:
        InvalidValueError: A column to group by is called as a statistic.
        UnknownNameError: A column to group by does not exist.
    """
    chosen = purchases.select(by, "customer_id", "at", "amount", optional=["cost"])
    has_cost, own = purchases.has("cost"), purchases.currency
    codes = [name for name in ("amount_currency", "cost_currency") if purchases.has(name)]
    keys = [*chosen.keys, *codes]
    if has_cost or not keys:
        cost: Any = nw.col("cost") if has_cost else nw.lit(0)
        known = ~nw.col("cost").is_null() if has_cost else nw.lit(False)  # noqa: FBT003 - a literal
        counted = group(
            chosen.rows.select(*keys, "amount", known.alias("cost_known"), cost.alias("cost")),
            [*keys, "cost_known"],
            revenue=nw.col("amount").sum(),
            cost=nw.col("cost").sum(),
        )
    else:  # a third less time than with a cost of 0 in each row: benchmarks/subjects/framing.py
        revenue = group(chosen.rows, keys, revenue=nw.col("amount").sum())
        counted = revenue.with_columns(cost_known=nw.lit(False), cost=nw.lit(0))  # noqa: FBT003 - a literal

    def build(row: Row) -> HistoricValue:
        currency = row.get("amount_currency") or own or ""
        revenue = Money(row["revenue"], currency)
        return HistoricValue(
            revenue=revenue,
            cost=Money(row["cost"] or ZERO, (row.get("cost_currency") or currency) if row["cost_known"] else currency),
            revenue_without_cost=Money.zero(currency) if row["cost_known"] else revenue,
        )

    def empty() -> HistoricValue:
        nothing = Money.total([], currency=own)  # refuses no currency
        return HistoricValue(revenue=nothing, cost=nothing)

    finish = collect(HistoricValue, chosen.by, build, empty=empty)
    return build_statistics(chosen, counted, [*codes, "cost_known", "revenue", "cost"], finish)
