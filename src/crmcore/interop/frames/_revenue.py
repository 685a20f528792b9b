"""How monthly recurring revenue moves in a period, counted in an engine."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final, overload

import attrs
import narwhals as nw

from crmcore.interop.frames._building import check_same_zone, multiply, read_member
from crmcore.interop.frames._frame import Frame, Selection, group
from crmcore.interop.frames._groups import SEVERAL, check_one_group, find_currency, mark_several
from crmcore.interop.frames._statistics import Row, Statistics, build_statistics, collect
from crmcore.interop.frames._subscriptions import check_times, move, read_spells
from crmcore.model.subscription import Subscription
from crmcore.primitives import checks
from crmcore.primitives._clock import EARLIEST
from crmcore.primitives.errors import InvalidValueError, UnknownNameError
from crmcore.primitives.money import Money
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.rates import TimeUnit
from crmcore.primitives.tally import TallyBy
from crmcore.retention.revenue import RevenueMovements, RevenuePolicy

__all__ = ["revenue_movements"]

_DEFAULT: Final = RevenuePolicy()
_COUNTED: Final = [
    "is_wrong",
    "has_odd_unit",
    "has_left",
    "one_customer",
    "month_before",
    "month_after",
    "every",
    "interval",
    "price",
    "before",
    "after",
]


@overload
def revenue_movements(
    subscriptions: Frame[Subscription], period: Period, /, *, policy: RevenuePolicy = _DEFAULT
) -> Statistics[RevenueMovements]: ...
@overload
def revenue_movements(
    subscriptions: Frame[Subscription],
    period: Period,
    /,
    *,
    by: str | Sequence[str],
    policy: RevenuePolicy = _DEFAULT,
) -> Statistics[TallyBy[Any, RevenueMovements]]: ...
def revenue_movements(
    subscriptions: Frame[Subscription],
    period: Period,
    /,
    *,
    by: str | Sequence[str] | None = None,
    policy: RevenuePolicy = _DEFAULT,
) -> Statistics[Any]:
    """Count the movements of monthly revenue in a period, as `RevenueMovements.of` and `by` do.

    What customers pay by the month is added up in the engine. Prices of other billing periods are converted when the
    statistics are read, each as in a record. So the statistics have a row for each pair of what customers pay at the
    start and at the end, and rows of their own for customers who have several plans that are not paid by the month.

    Examples:
        >>> import polars as pl
        >>> from datetime import datetime
        >>> from crmcore import UTC, Period, Subscription
        >>> from crmcore.interop import frames
        >>> plans = pl.DataFrame(
        ...     {
        ...         "who": ["a", "a", "b", "c"],
        ...         "price": [20, 30, 50, 120],
        ...         "every": ["month", "month", "month", "year"],
        ...         "started": [
        ...             datetime(2026, 1, 1),
        ...             datetime(2026, 3, 10),
        ...             datetime(2026, 1, 1),
        ...             datetime(2026, 3, 5),
        ...         ],
        ...         "ended": [datetime(2026, 3, 10), None, datetime(2026, 3, 20), None],
        ...     }
        ... )
        >>> subscribed = frames.Frame(Subscription, plans, customer_id="who", currency="EUR", tz=UTC)
        >>> statistics = frames.revenue_movements(subscribed, Period.month(2026, 3))
        >>> march = statistics.read(statistics.frame)
        >>> str(march.start), str(march.expansion), str(march.churn), str(march.new)
        ('70 EUR', '10 EUR', '50 EUR', '10 EUR')

    Args:
        subscriptions: All subscriptions of the customers, including those of other times.
        period: The period, half-open.
        by: One or more columns of the data whose values are the keys; several make a tuple. They are the same for all
            subscriptions of a customer. If they are not, that is an error when the statistics are read.
        policy: What counts as a movement. Only net changes are counted, from the end of a subscription on: of a policy,
            `reactivation` and `paused_is_lost` can be chosen. What is read of pauses is `paused_since`.

    Raises:
        InvalidValueError: The policy needs the history of each customer, or `pauses` that are over; instants are in two
            zones; or a column to group by is called as a statistic.
        UnknownNameError: A column to group by does not exist.
    """
    checks.as_instance(period, Period, "period")
    checks.as_instance(policy, RevenuePolicy, "policy")
    _check_policy(policy, has_pauses=subscriptions.has("pauses"))
    paused = ["paused_since"] if policy.paused_is_lost and subscriptions.has("paused_since") else []
    has_interval = subscriptions.has("interval")
    chosen = subscriptions.select(
        by, "customer_id", "started", "price", "every", optional=["ended", "interval", *paused]
    )
    for name in (*paused, "ended"):
        if subscriptions.has(name):
            check_same_zone(subscriptions, name, "started")
    codes = ["price_currency"] if subscriptions.has("price_currency") else []
    rows = _mark(subscriptions, chosen, period, [*codes, *["interval"] * has_interval], is_paused=bool(paused))
    customers = mark_several(
        group(
            rows,
            [*chosen.keys, *codes, "customer_id"],
            is_wrong=nw.col("is_wrong").max(),
            has_odd_unit=nw.col("has_odd_unit").max(),
            has_left=nw.col("has_left").max(),
        ),
        chosen.keys,
    )
    counted = _join_prices(customers, rows)
    keys = [*codes, *([SEVERAL] if chosen.by else []), *_COUNTED]
    counted = group(counted.select(*chosen.keys, *keys), [*chosen.keys, *keys], customers=nw.len())
    return build_statistics(
        chosen, counted, [*keys, "customers"], _build_finish(chosen.by, subscriptions.currency, period, policy)
    )


def _check_policy(policy: RevenuePolicy, *, has_pauses: bool) -> None:
    usual = RevenuePolicy(reactivation=policy.reactivation, paused_is_lost=policy.paused_is_lost)
    if policy != usual or (policy.paused_is_lost and has_pauses):
        raise InvalidValueError(
            "policy_needs_each_history",
            "policy must count net changes from the end of subscriptions on, without pauses that are over",
            field="policy",
            advice="count records with RevenueMovements.of",
        )


def _mark(
    subscriptions: Frame[Subscription], chosen: Selection, period: Period, more: list[str], *, is_paused: bool
) -> Any:  # noqa: ANN401 - rows, to be selected from
    """Return the rows with what is paid when: at the start, at the end, or before the start alone."""
    opens, closes = in_utc(period.start), in_utc(period.end)
    rows = read_spells(
        subscriptions, chosen, move(closes, timedelta(days=1)), "price", "every", *more, is_paused=is_paused
    )
    opening, closing = (subscriptions.literal("started", at) for at in (opens, closes))
    started, ended = nw.col("started"), nw.col("ended")
    is_paid = ~nw.col("is_empty") & (started < ended) & ~subscriptions.is_zero("price")
    one, none = nw.lit(1), nw.lit(0)
    return rows.with_columns(
        interval=nw.col("interval").fill_null(1).cast(nw.Int64) if "interval" in more else nw.lit(1, nw.Int64),
        has_odd_unit=nw.when(nw.col("every").is_in([unit.value for unit in TimeUnit])).then(none).otherwise(one),
        before=nw.when(is_paid & (started < opening) & (ended >= opening)).then(one).otherwise(none),
        after=nw.when(is_paid & (started < closing) & (ended >= closing)).then(one).otherwise(none),
        has_left=nw.when(is_paid & (started < opening) & (ended < opening)).then(one).otherwise(none),
    )


def _join_prices(customers: Any, rows: Any) -> Any:  # noqa: ANN401 - rows
    """Return what each customer pays by the month, and a row for each other plan."""
    by_month = (nw.col("every") == TimeUnit.MONTH.value) & (nw.col("interval") == 1)
    monthly, others = rows.filter(by_month), rows.filter(~by_month, (nw.col("before") + nw.col("after")) > 0)
    for side in ("before", "after"):
        paid = monthly.filter(nw.col(side) == 1).select("customer_id", "price")
        sums = group(paid, ["customer_id"], **{f"month_{side}": nw.col("price").sum()})
        customers = customers.join(sums, on="customer_id", how="left")
    plans: Any = group(
        others.select("customer_id", "every", "interval", "price", "before", "after"),
        ["customer_id", "every", "interval", "price"],
        before=nw.col("before").sum(),
        after=nw.col("after").sum(),
    )
    numbers = group(plans, ["customer_id"], plans=nw.len())
    joined = customers.join(numbers, on="customer_id", how="left").join(plans, on="customer_id", how="left")
    return joined.with_columns(one_customer=nw.when(nw.col("plans") > 1).then(nw.col("customer_id")))


def _build_finish(
    by: tuple[str, ...], own: str | None, period: Period, policy: RevenuePolicy
) -> Callable[[list[Row]], Any]:
    def empty(currency: str | None) -> RevenueMovements:
        return RevenueMovements.of([], period, currency=currency, policy=policy)

    def finish(rows: list[Row]) -> Any:  # noqa: ANN401 - movements, or movements by key
        currency = find_currency(rows, "price", own) or own
        check_one_group(rows, by)
        several: dict[Any, list[Row]] = {}
        for place, row in enumerate(rows):
            check_times(row)
            if row["has_odd_unit"]:
                raise _build_odd_unit()
            several.setdefault(place if row["one_customer"] is None else (row["one_customer"],), []).append(row)
        counted = [{**plans[0], "counted": _count(plans, currency or "", period, policy)} for plans in several.values()]
        add_up = collect(RevenueMovements, by, lambda row: row["counted"], empty=lambda: empty(own))
        return add_up(counted)

    return finish


def _build_odd_unit() -> UnknownNameError:
    return UnknownNameError(
        "plans_of_unknown_unit",
        f"every must be one of {', '.join(TimeUnit)}, and in some rows is not",
        field="every",
        advice="write the unit as its value, such as 'month'",
    )


def _count(plans: list[Row], currency: str, period: Period, policy: RevenuePolicy) -> RevenueMovements:
    """Count customers who pay the same, from the row of each of their plans that is not paid by the month."""
    paid: list[dict[int, Money]] = []
    for side in ("before", "after"):
        amount = Money(plans[0][f"month_{side}"] or 0, currency)
        for plan in plans:
            if plan["price"] is not None:
                monthly = Subscription(
                    customer_id=0,
                    price=Money(plan["price"], currency),
                    every=read_member(plan["every"], TimeUnit, "every"),
                    interval=int(plan["interval"]),
                    started=EARLIEST,
                ).monthly_price
                amount += monthly * int(plan[side])
        paid.append({0: amount})
    gone = [0] if plans[0]["has_left"] else []
    one = RevenueMovements.between(*paid, paid_before=gone, currency=currency, period=period)
    return attrs.evolve(multiply(one, int(plans[0]["customers"])), policy=policy)
