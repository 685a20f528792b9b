"""Which customers still buy, counted in an engine."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, overload

import narwhals as nw

from crmcore.interop.frames._frame import Frame, group
from crmcore.interop.frames._groups import SEVERAL, check_one_group, mark_several
from crmcore.interop.frames._instants import step_back
from crmcore.interop.frames._statistics import Row, Statistics, as_instant, build_statistics, collect
from crmcore.model.purchase import Purchase
from crmcore.primitives import checks
from crmcore.primitives.periods import check_not_after
from crmcore.primitives.tally import TallyBy
from crmcore.retention.inactivity import Inactivity

__all__ = ["inactivity"]


@overload
def inactivity(
    purchases: Frame[Purchase],
    /,
    *,
    as_of: datetime,
    churned_after: timedelta,
    at_risk_after: timedelta | None = None,
) -> Statistics[Inactivity]: ...
@overload
def inactivity(
    purchases: Frame[Purchase],
    /,
    *,
    as_of: datetime,
    churned_after: timedelta,
    at_risk_after: timedelta | None = None,
    by: str | Sequence[str],
) -> Statistics[TallyBy[Any, Inactivity]]: ...
def inactivity(
    purchases: Frame[Purchase],
    /,
    *,
    as_of: datetime,
    churned_after: timedelta,
    at_risk_after: timedelta | None = None,
    by: str | Sequence[str] | None = None,
) -> Statistics[Any]:
    """Count customers by the time since their last purchase, as `Inactivity.of` and `Inactivity.by` do.

    Examples:
        >>> from datetime import datetime, timedelta
        >>> import polars as pl
        >>> from crmcore import UTC, Purchase, instant
        >>> from crmcore.interop import frames
        >>> days = [datetime(1997, 1, 5), datetime(1998, 5, 1), datetime(1997, 3, 1), datetime(1997, 2, 2)]
        >>> sales = pl.DataFrame({"who": ["a", "b", "a", "c"], "at": days, "paid": [10, 10, 10, 10]})
        >>> bought = frames.Frame(Purchase, sales, customer_id="who", amount="paid", currency="USD", tz=UTC)
        >>> statistics = frames.inactivity(bought, as_of=instant("1998-06-30"), churned_after=timedelta(days=180))
        >>> silence = statistics.read(statistics.frame)
        >>> silence.active, silence.churned, silence.rate
        (1, 2, Decimal('0.6666666666666666666666666666666667'))

    Args:
        purchases: All purchases of the customers; a refund is a purchase with a negative amount.
        as_of: The reference date.
        churned_after: The silence after which a customer counts as gone, > 0.
        at_risk_after: The shorter silence after which a customer counts as at risk, > 0. Without it, no customer is at
            risk.
        by: One or more columns of the data whose values are the keys; several make a tuple. A customer has one key.

    Raises:
        InconsistentCountsError: When it is read: a customer has purchases under two keys and would count twice.
        InvalidValueError: `at_risk_after` is not below `churned_after`, a column to group by is called as a statistic,
            or, when it is read: a purchase is after `as_of`.
        UnknownNameError: A column to group by does not exist.
    """
    checks.as_instant(as_of, "as_of")
    checks.as_duration(churned_after, "churned_after")
    if at_risk_after is not None:
        checks.as_duration(at_risk_after, "at_risk_after")
    limits: Any = {"as_of": as_of, "churned_after": churned_after, "at_risk_after": at_risk_after}
    nothing = Inactivity(as_of=as_of, churned_after=churned_after, at_risk_after=at_risk_after)
    chosen = purchases.select(by, "customer_id", "at", "amount")
    bought: Any = nw.when(~purchases.is_below_zero("amount")).then(nw.col("at"))
    several = [SEVERAL] if chosen.by else []
    instants = chosen.rows.select(*chosen.keys, "customer_id", "at", bought.alias("bought"))
    customers = group(
        instants, [*chosen.keys, "customer_id"], bought=nw.col("bought").max(), refunded=nw.col("at").max()
    )
    customers = mark_several(customers, chosen.keys).with_columns(nw.coalesce("bought", "refunded").alias("last"))

    def is_silent(since: timedelta) -> nw.Expr:
        limit = step_back(as_of, since)
        return nw.lit(False) if limit is None else nw.col("last") <= purchases.literal("at", limit)  # noqa: FBT003 - a literal

    counted = group(
        customers.with_columns(
            is_silent(churned_after).alias("churned"),
            is_silent(churned_after if at_risk_after is None else at_risk_after).alias("at_risk"),
        ),
        [*chosen.keys, "churned", "at_risk", *several],
        customers=nw.len(),
        latest=nw.col("last").max(),
    )

    def build(row: Row) -> Inactivity:
        count = int(row["customers"])
        churned = count if row["churned"] else 0
        at_risk = count - churned if row["at_risk"] else 0
        return Inactivity(active=count - churned - at_risk, at_risk=at_risk, churned=churned, **limits)

    add_up = collect(Inactivity, chosen.by, build, empty=lambda: nothing)

    def finish(rows: list[Row]) -> Any:  # noqa: ANN401 - a tally, or tallies by key
        for row in rows:
            check_not_after(as_of, as_instant(row["latest"]), "purchases", None)
        check_one_group(rows, chosen.by)
        return add_up(rows)

    return build_statistics(chosen, counted, ["churned", "at_risk", *several, "customers", "latest"], finish)
