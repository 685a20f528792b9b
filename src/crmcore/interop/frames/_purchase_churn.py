"""Which customers came, left and returned in a period, counted in an engine."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final, overload

import narwhals as nw

from crmcore.interop.frames._frame import Frame, Rows, group, share
from crmcore.interop.frames._groups import SEVERAL, mark_several
from crmcore.interop.frames._instants import divide_long
from crmcore.interop.frames._statistics import Row, Statistics, build_statistics
from crmcore.interop.frames._stays import STAYS, Calendar, count_stays, find_place, read_churn
from crmcore.model.purchase import Purchase
from crmcore.primitives import _clock, checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.periods import UTC, Period
from crmcore.primitives.tally import TallyBy
from crmcore.retention.churn import Churn

__all__ = ["purchase_churn"]

_LONGEST: Final = 10_000 * 366 * _clock.MICROSECONDS_A_DAY
"""Longer than the calendar, in microseconds: as a silence it never ends."""
_SHORTEST: Final = timedelta(milliseconds=1)
"""Time divided by a shorter silence is no whole number that a float holds, and some engines divide as floats."""


@overload
def purchase_churn(purchases: Frame[Purchase], period: Period, /, *, churned_after: timedelta) -> Statistics[Churn]: ...
@overload
def purchase_churn(
    purchases: Frame[Purchase], period: Period, /, *, churned_after: timedelta, by: str | Sequence[str]
) -> Statistics[TallyBy[Any, Churn]]: ...
@overload
def purchase_churn(
    purchases: Frame[Purchase], period: Iterable[Period], /, *, churned_after: timedelta
) -> Statistics[TallyBy[Period, Churn]]: ...
def purchase_churn(
    purchases: Frame[Purchase],
    period: Period | Iterable[Period],
    /,
    *,
    churned_after: timedelta,
    by: str | Sequence[str] | None = None,
) -> Statistics[Any]:
    """Count the customers of purchases who were there, came and left, as `Churn.of_purchases` does.

    A customer is there from a purchase until the silence after it reaches `churned_after`. Refunds are left out.

    Examples:
        >>> from datetime import datetime, timedelta
        >>> import polars as pl
        >>> from crmcore import UTC, Period, Purchase
        >>> from crmcore.interop import frames
        >>> days = [datetime(2026, 1, 10), datetime(2026, 2, 20), datetime(2026, 3, 25)]
        >>> sales = pl.DataFrame({"who": ["a", "b", "a"], "at": days, "paid": [5, 5, 5]})
        >>> bought = frames.Frame(Purchase, sales, customer_id="who", amount="paid", currency="EUR", tz=UTC)
        >>> statistics = frames.purchase_churn(bought, Period.month(2026, 3), churned_after=timedelta(days=60))
        >>> march = statistics.read(statistics.frame)
        >>> march.start, march.lost, march.lost_and_returned, march.rate
        (2, 1, 1, Decimal('0'))

    Args:
        purchases: All purchases of the customers; a refund is a purchase with a negative amount.
        period: The period to count, half-open; or several, in any order, each of which has a row, as in
            `Churn.over_purchases`. None must end after the records do.
        churned_after: The silence after which a customer counts as gone, > 0.
        by: One or more columns of the data whose values are the keys; several make a tuple. A customer has one key.

    Raises:
        InconsistentCountsError: When it is read: a customer has purchases under two keys and would count twice.
        InvalidValueError: A column to group by is called as a statistic, several periods are counted by a column, or
            `churned_after` is shorter than a millisecond, or the engine cannot tell times in UTC: the session of
            DuckDB, Ibis or Spark is in another zone.
        UnknownNameError: A column to group by does not exist.
    """
    silence = checks.as_duration(churned_after, "churned_after")
    if silence < _SHORTEST:
        raise InvalidValueError(
            "silence_below_millisecond",
            f"churned_after must be >= a millisecond, got {show(silence)}",
            field="churned_after",
            operands=(silence,),
        )
    length = min(_clock.microseconds(silence), _LONGEST)
    calendar = Calendar.of(period, by, silence=length)
    chosen = purchases.select(by, "customer_id", "at", "amount")
    at = purchases.microsecond("at", UTC)
    bought = chosen.rows.filter(~purchases.is_below_zero("amount")).select(*chosen.keys, "customer_id", time=at)
    customers = None
    keys = chosen.keys
    if chosen.by:
        one_each = group(bought, [*keys, "customer_id"], rows=nw.len()).select(*keys, "customer_id")
        customers = mark_several(one_each, keys)
        keys = [*keys, SEVERAL]
    turns, firsts = _find_turns(bought.select("customer_id", "time"), length)
    newcomers = firsts.select("customer_id", place=find_place(nw.col("first"), calendar.newcomers, calendar.firsts[-1]))
    counted = count_stays(turns, customers, keys, calendar, newcomers)

    def finish(rows: list[Row]) -> Any:  # noqa: ANN401 - a tally, or tallies by key
        return read_churn(rows, chosen.by, calendar, churned_after=churned_after)

    return build_statistics(chosen, counted, [*keys[len(chosen.by) :], *STAYS], finish)


def _find_turns(bought: Any, silence: int) -> tuple[Rows, Any]:  # noqa: ANN401 - rows
    """Return when customers came and left, a row for each time, and when each of them came first.

    Time is cut into stretches as long as the silence. Purchases in one stretch are one stay, and those with a stretch
    between them are not. So it is enough to compare the last purchase in a stretch with the first one in the next.
    """
    stretches: Any = group(
        bought.with_columns(stretch=divide_long(nw.col("time"), silence)),
        ["customer_id", "stretch"],
        first=nw.col("time").min(),
        last=nw.col("time").max(),
    )
    stretches = share(stretches)
    following = stretches.select("customer_id", stretch=nw.col("stretch") - 1, next=nw.col("first"))
    place = ["customer_id", "stretch"]
    going_on = stretches.join(following, on=place, how="inner").filter(nw.col("next") <= nw.col("last") + silence)
    going_on = going_on.select(*place)
    gone_on = going_on.select("customer_id", stretch=nw.col("stretch") + 1)
    came = stretches.join(gone_on, on=place, how="anti")
    left = stretches.join(going_on, on=place, how="anti")
    turns: Any = nw.concat(
        [
            came.select("customer_id", at=nw.col("first"), side=nw.lit(1, nw.Int64)),
            left.select("customer_id", at=nw.col("last") + silence, side=nw.lit(-1, nw.Int64)),
        ],
        how="vertical",
    )
    return turns, group(came, ["customer_id"], first=nw.col("first").min())
