"""Which customers came, left and returned in a period, counted in an engine."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final, overload

import narwhals as nw

from crmcore.interop.frames._frame import Frame, Rows, group
from crmcore.interop.frames._groups import SEVERAL, check_one_group, mark_several
from crmcore.interop.frames._instants import count_microseconds, divide, divide_long, microsecond_of
from crmcore.interop.frames._statistics import Row, Statistics, build_statistics, collect
from crmcore.model.purchase import Purchase
from crmcore.primitives import _clock, checks
from crmcore.primitives._kinds import is_a
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
_FLAGS: Final = ("was_there", "came", "left", "is_there", "too_new")


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
    one = is_a(period, Period)
    given = [period] if is_a(period, Period) else checks.iterate_records(period, Period, "period")
    periods = list(dict.fromkeys(given))
    if not one and by is not None:
        raise InvalidValueError(
            "several_periods_by_column",
            "by must be left out if there are several periods",
            field="by",
            advice="count one period by the column at a time",
        )
    chosen = purchases.select(by, "customer_id", "at", "amount")
    at = microsecond_of(purchases.local("at", UTC))
    bought = chosen.rows.filter(~purchases.is_below_zero("amount")).select(
        *chosen.keys, "customer_id", at.alias("time")
    )
    length = min(_clock.microseconds(silence), _LONGEST)
    turns = _find_turns(bought.select("customer_id", "time"), length)
    customers = None
    if chosen.by:
        one_each = group(bought, [*chosen.keys, "customer_id"], rows=nw.len()).select(*chosen.keys, "customer_id")
        customers = mark_several(one_each, chosen.keys)
    parts: list[Any] = [
        _count(turns, customers, chosen.keys, each, place, length) for place, each in enumerate(periods)
    ]
    counted: Any = (
        nw.concat(parts, how="vertical") if parts else _count(turns, None, [], Period.year(2000), 0, length).head(0)
    )
    several = [SEVERAL] if chosen.by else []

    def build(row: Row) -> Churn:
        customers, place = int(row["customers"]), int(row["period"])
        was_there, came, left, is_there, too_new = (bool(row[name]) for name in _FLAGS)
        days, microseconds = int(row["days"]), int(row["microseconds"])
        exposure = days * _clock.MICROSECONDS_A_DAY + microseconds
        return Churn(
            start=was_there * customers,
            joined=(came and not was_there) * customers,
            lost=left * customers,
            joined_and_lost=(left and not was_there and not is_there) * customers,
            lost_and_returned=(left and is_there) * customers,
            too_new=too_new * customers,
            exposure_seconds=_clock.seconds(exposure),
            period=periods[place],
            churned_after=churned_after,
        )

    def empty(each: Period) -> Churn:
        return Churn(period=each, churned_after=churned_after)

    def finish(rows: list[Row]) -> Any:  # noqa: ANN401 - a tally, or tallies by key
        check_one_group(rows, chosen.by)
        if one:
            return collect(Churn, chosen.by, build, empty=lambda: empty(periods[0]))(rows)
        found = {each: empty(each) for each in periods}
        for row in rows:
            each = periods[int(row["period"])]
            found[each] += build(row)
        return TallyBy(found)

    measures = ["period", *_FLAGS, *several, "customers", "days", "microseconds"]
    return build_statistics(chosen, counted, measures, finish)


def _find_turns(bought: Any, silence: int) -> tuple[Rows, Rows]:  # noqa: ANN401 - rows
    """Return when customers came and when they left, a row for each time.

    Time is cut into stretches as long as the silence. Purchases in one stretch are one stay, and those with a stretch
    between them are not. So it is enough to compare the last purchase in a stretch with the first one in the next.
    """
    stretches: Any = group(
        bought.with_columns(divide_long(nw.col("time"), silence).alias("stretch")),
        ["customer_id", "stretch"],
        first=nw.col("time").min(),
        last=nw.col("time").max(),
    )
    following = stretches.select("customer_id", (nw.col("stretch") - 1).alias("stretch"), nw.col("first").alias("next"))
    place = ["customer_id", "stretch"]
    going_on = stretches.join(following, on=place, how="inner").filter(nw.col("next") <= nw.col("last") + silence)
    going_on = going_on.select(*place)
    gone_on = going_on.select("customer_id", (nw.col("stretch") + 1).alias("stretch"))
    came = stretches.join(gone_on, on=place, how="anti").select("customer_id", nw.col("first").alias("time"))
    left = stretches.join(going_on, on=place, how="anti")
    return came, left.select("customer_id", (nw.col("last") + silence).alias("time"))


def _count(  # noqa: PLR0917 - a place
    turns: tuple[Any, Any],
    customers: Any,  # noqa: ANN401 - rows
    keys: Sequence[str],
    period: Period,
    place: int,
    silence: int,
) -> Rows:
    """Count the customers of a period by what happened to them."""
    opens, closes = count_microseconds(period.start), count_microseconds(period.end)
    time = nw.col("time")
    before, until = (time < opens).cast(nw.Int64), (time < closes).cast(nw.Int64)
    stay = time.clip(opens, closes) - opens
    came, left = turns
    each: Any = nw.concat(
        [
            came.select(
                "customer_id",
                before.alias("before"),
                until.alias("until"),
                (until - before).alias("came"),
                (until - until).alias("left"),
                (stay * -1).alias("stay"),
                time.alias("first"),
            ),
            left.select(
                "customer_id",
                (before * -1).alias("before"),
                (until * -1).alias("until"),
                (until - until).alias("came"),
                (until - before).alias("left"),
                stay.alias("stay"),
                time.alias("first"),  # of who has left: they came before
            ),
        ],
        how="vertical",
    )
    totals = {name: nw.col(name).sum() for name in ("before", "until", "came", "left", "stay")}
    sums: Any = group(each, ["customer_id"], **totals, first=nw.col("first").min())
    sums = sums.with_columns(nw.col("stay").cast(nw.Int64))
    days = divide(nw.col("stay"), _clock.MICROSECONDS_A_DAY)  # a sum of microseconds is beyond 64 bits
    flags = sums.select(
        "customer_id",
        nw.lit(place).cast(nw.Int64).alias("period"),
        (nw.col("before") > 0).alias("was_there"),
        (nw.col("came") > 0).alias("came"),
        (nw.col("left") > 0).alias("left"),
        (nw.col("until") > 0).alias("is_there"),
        ((nw.col("first") >= closes - silence) & (nw.col("first") < closes)).alias("too_new"),
        days.alias("days"),
        (nw.col("stay") - days * _clock.MICROSECONDS_A_DAY).alias("microseconds"),
    )
    joined = flags if customers is None else flags.join(customers, on="customer_id", how="inner")
    several = [] if customers is None else [SEVERAL]
    return group(
        joined,
        [*keys, "period", *_FLAGS, *several],
        customers=nw.len(),
        days=nw.col("days").sum(),
        microseconds=nw.col("microseconds").sum(),
    )
