"""Who was there, joined and left in a period, counted in an engine."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast, overload

import narwhals as nw

from crmcore.interop.frames._building import check_same_zone
from crmcore.interop.frames._frame import Frame, Rows, Selection, group
from crmcore.interop.frames._groups import SEVERAL, mark_several
from crmcore.interop.frames._statistics import Row, Statistics, build_statistics
from crmcore.interop.frames._stays import STAYS, Calendar, count_stays, read_churn
from crmcore.model.subscription import Subscription
from crmcore.primitives import _clock, checks
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.tally import TallyBy
from crmcore.retention.churn import Churn

__all__ = ["churn"]


@overload
def churn(
    subscriptions: Frame[Subscription],
    period: Period,
    /,
    *,
    paused_is_lost: bool = False,
    gap_tolerance: timedelta | None = None,
) -> Statistics[Churn]: ...
@overload
def churn(
    subscriptions: Frame[Subscription],
    period: Period,
    /,
    *,
    by: str | Sequence[str],
    paused_is_lost: bool = False,
    gap_tolerance: timedelta | None = None,
) -> Statistics[TallyBy[Any, Churn]]: ...
@overload
def churn(
    subscriptions: Frame[Subscription],
    period: Iterable[Period],
    /,
    *,
    paused_is_lost: bool = False,
    gap_tolerance: timedelta | None = None,
) -> Statistics[TallyBy[Period, Churn]]: ...
def churn(
    subscriptions: Frame[Subscription],
    period: Period | Iterable[Period],
    /,
    *,
    by: str | Sequence[str] | None = None,
    paused_is_lost: bool = False,
    gap_tolerance: timedelta | None = None,
) -> Statistics[Any]:
    """Count the customers of subscriptions in a period, as `Churn.of`, `Churn.by` and `Churn.over` do.

    The subscriptions of a customer are compared in pairs, so that a customer is one customer whose subscriptions
    overlap, touch or leave gaps. The statistics have at most a dozen rows for each key or period.

    Examples:
        >>> import polars as pl
        >>> from datetime import datetime
        >>> from crmcore import UTC, Period, Subscription, TimeUnit
        >>> from crmcore.interop import frames
        >>> plans = pl.DataFrame(
        ...     {
        ...         "who": ["a", "b", "a"],
        ...         "price": [9, 9, 12],
        ...         "every": ["month"] * 3,
        ...         "started": [datetime(2026, 1, 15)] * 3,
        ...         "ended": [None, datetime(2026, 3, 10), datetime(2026, 3, 20)],
        ...     }
        ... )
        >>> subscribed = frames.Frame(Subscription, plans, customer_id="who", currency="EUR", tz=UTC)
        >>> statistics = frames.churn(subscribed, Period.month(2026, 3))
        >>> march = statistics.read(statistics.frame)
        >>> march.start, march.lost, march.rate
        (2, 1, Decimal('0.5'))
        >>> statistics = frames.churn(subscribed, Period.quarter(2026, 1).split(TimeUnit.MONTH))
        >>> months = statistics.read(statistics.frame)
        >>> {month.start.month: (one.joined, one.start, one.lost) for month, one in months.items()}
        {1: (2, 0, 0), 2: (0, 2, 0), 3: (0, 2, 1)}

    Args:
        subscriptions: All subscriptions of the customers, including those of other times.
        period: The period to count, half-open; or several, in any order, each of which has a row, as in `Churn.over`.
            They may overlap, and are counted in one pass.
        by: One or more columns of the data whose values are the keys; several make a tuple. They are the same for all
            subscriptions of a customer. If they are not, that is an error when the statistics are read.
        paused_is_lost: Whether a customer counts as gone while all their subscriptions are paused. What is read is
            `paused_since`; pauses that are over cannot be read from a frame.
        gap_tolerance: The longest gap between subscriptions that does not count as lost, > 0.

    Raises:
        InvalidValueError: Paused customers are to count as lost and the frame has `pauses`, several periods are counted
            by a column, instants are in two zones, the engine cannot tell times in UTC, or a column to group by is
            called as a statistic.
        UnknownNameError: A column to group by does not exist.
    """
    calendar = Calendar.of(period, by)
    checks.as_instance(paused_is_lost, bool, "paused_is_lost")
    tolerance = timedelta(0) if gap_tolerance is None else checks.as_duration(gap_tolerance, "gap_tolerance")
    if paused_is_lost and subscriptions.has("pauses"):
        raise InvalidValueError(
            "pauses_in_a_frame",
            "paused_is_lost must be False, because pauses that are over cannot be read from a frame",
            field="paused_is_lost",
            advice="count records with Churn.of, or give each spell between two pauses as a row",
        )
    paused = ["paused_since"] if paused_is_lost and subscriptions.has("paused_since") else []
    chosen = subscriptions.select(by, "customer_id", "started", "price", "every", optional=["ended", *paused])
    for name in (*paused, "ended"):
        if subscriptions.has(name):
            check_same_zone(subscriptions, name, "started")
    opens = min((in_utc(each.start) for each in calendar.periods), default=_clock.EARLIEST)
    closes = max((in_utc(each.end) for each in calendar.periods), default=_clock.LATEST)
    rows = read_spells(subscriptions, chosen, move(closes, tolerance + _clock.DAY), is_paused=bool(paused))
    near = rows.filter(
        ~nw.col("is_empty"),
        nw.col("started") < subscriptions.literal("started", move(closes, tolerance)),
        nw.col("ended") >= subscriptions.literal("started", move(opens, -tolerance)),
    )
    start = subscriptions.microsecond("started", UTC)
    spells: Any = near.with_columns(start=start).with_columns(started=nw.col("ended")).with_columns(end=start)
    turns = _find_turns(spells.select("customer_id", "start", "end"), tolerance // _clock.MICROSECOND)
    customers = mark_several(group(rows, [*chosen.keys, "customer_id"], is_wrong=nw.col("is_wrong").max()), chosen.keys)
    marks = ["is_wrong", *([SEVERAL] if chosen.by else [])]
    counted = count_stays(turns, customers, [*chosen.keys, *marks], calendar)

    def finish(rows: list[Row]) -> Any:  # noqa: ANN401 - a tally, or tallies by key
        for row in rows:
            check_times(row)
        return read_churn(rows, chosen.by, calendar, paused_is_lost=paused_is_lost, gap_tolerance=gap_tolerance)

    return build_statistics(chosen, counted, [*marks, *STAYS], finish)


def move(at: datetime, by: timedelta) -> datetime:
    """Return an instant moved by a duration, within the years that there are."""
    if by >= _clock.NO_TIME:
        return at + by if by < _clock.LATEST - at else _clock.LATEST
    return at + by if -by < at - _clock.EARLIEST else _clock.EARLIEST


def read_spells(
    subscriptions: Frame[Subscription], chosen: Selection, far: datetime, *more: str, is_paused: bool
) -> Any:  # noqa: ANN401 - rows, to be selected from
    """Return the start and the end of each subscription, those that are open at an instant after all that counts."""
    started, open_end = nw.col("started"), subscriptions.literal("started", far)
    names = ["ended"] * subscriptions.has("ended") + ["paused_since"] * is_paused
    rows: Any = chosen.rows.select(*chosen.keys, "customer_id", "started", *names, *more)
    is_wrong = is_empty = started.is_null()  # of no row
    end = open_end
    if "ended" in names:
        end = nw.col("ended")
        is_wrong |= ~end.is_null() & (end < started)
    if is_paused:
        since = nw.col("paused_since")
        is_wrong |= ~since.is_null() & (since < started)
        is_wrong |= ~since.is_null() & ~end.is_null() & (since >= end)
        is_empty |= ~since.is_null() & (since == started)
        end = since.fill_null(end)
    return rows.select(
        *chosen.keys,
        "customer_id",
        "started",
        *more,
        is_empty=is_empty,
        is_wrong=nw.when(is_wrong).then(nw.lit(1)).otherwise(nw.lit(0)),
        ended=end.fill_null(open_end) if names else end,
    )


def _find_turns(spells: Rows, tolerance: int) -> Any:  # noqa: ANN401 - rows, to be selected from
    """Return when each customer came and left: the starts and ends that no other spell of theirs covers."""
    others: Any = spells.select("customer_id", other_start=nw.col("start"), other_end=nw.col("end") + tolerance)
    pairs: Any = cast("Any", spells).join(others, on="customer_id", how="inner")
    closing = nw.col("end") + tolerance
    covered = {
        "start": (nw.col("other_start") < nw.col("start")) & (nw.col("other_end") >= nw.col("start")),
        "end": (nw.col("other_end") > closing) & (nw.col("other_start") <= closing),
    }
    edges: list[Any] = []
    for name, side in (("start", 1), ("end", -1)):
        inner = nw.when(covered[name]).then(nw.lit(1)).otherwise(nw.lit(0))
        found: Any = group(
            pairs.select("customer_id", at=nw.col(name), covered=inner),
            ["customer_id", "at"],
            covered=nw.col("covered").max(),
        )
        edges.append(found.filter(nw.col("covered") == 0).select("customer_id", "at", side=nw.lit(side, nw.Int64)))
    return nw.concat(edges, how="vertical")


def check_times(row: Row) -> None:
    """Refuse customers with a subscription that ends before it starts."""
    if row["is_wrong"]:
        raise InvalidValueError(
            "subscriptions_contradict_time",
            "ended and paused_since must be in order with started, and in some rows are not",
            field="ended",
            advice="count rows whose end or pause is before their start in the engine",
        )
