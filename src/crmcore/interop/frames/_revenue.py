"""How monthly recurring revenue moves in a period, counted in an engine."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal, localcontext
from itertools import accumulate
from typing import Any, Final, overload

import attrs
import narwhals as nw

from crmcore.interop.frames._building import check_same_zone, read_member
from crmcore.interop.frames._frame import Frame, Selection, group, share
from crmcore.interop.frames._groups import SEVERAL, as_number, check_one_group, find_currency, mark_several
from crmcore.interop.frames._statistics import Row, Statistics, build_statistics, key_of
from crmcore.interop.frames._stays import Calendar, find_place
from crmcore.interop.frames._subscriptions import check_times, move, read_spells
from crmcore.model.subscription import Subscription
from crmcore.primitives import checks
from crmcore.primitives._clock import DAY, EARLIEST, LATEST
from crmcore.primitives._decimals import EXACT, ZERO
from crmcore.primitives.errors import InvalidValueError, UnknownNameError
from crmcore.primitives.money import Money
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.rates import TimeUnit
from crmcore.primitives.tally import TallyBy
from crmcore.retention.revenue import RevenueMovements, RevenuePolicy
from crmcore.retention.revenue._movements import Sums, build_movements

__all__ = ["revenue_movements"]

_DEFAULT: Final = RevenuePolicy()
_COUNTED: Final = [
    "is_wrong",
    "has_odd_unit",
    "is_below_zero",
    "place",
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
@overload
def revenue_movements(
    subscriptions: Frame[Subscription], period: Iterable[Period], /, *, policy: RevenuePolicy = _DEFAULT
) -> Statistics[TallyBy[Period, RevenueMovements]]: ...
def revenue_movements(
    subscriptions: Frame[Subscription],
    period: Period | Iterable[Period],
    /,
    *,
    by: str | Sequence[str] | None = None,
    policy: RevenuePolicy = _DEFAULT,
) -> Statistics[Any]:
    """Count the movements of monthly revenue in a period, as `RevenueMovements.of`, `by` and `over` do.

    What customers pay by the month is added up in the engine. Prices of other billing periods are converted when the
    statistics are read, each as in a record. So the statistics have a row for each pair of what customers pay at the
    start and at the end, and rows of their own for customers who have several plans that are not paid by the month. Of
    several periods, they have such rows of each for the customers alone whose plans begin or end in it.

    Examples:
        >>> import polars as pl
        >>> from datetime import datetime
        >>> from crmcore import UTC, Period, Subscription, TimeUnit
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
        >>> statistics = frames.revenue_movements(subscribed, Period.quarter(2026, 1).split(TimeUnit.MONTH))
        >>> [(str(month.start), str(month.end)) for month in statistics.read(statistics.frame).values()]
        [('0 EUR', '70 EUR'), ('70 EUR', '70 EUR'), ('70 EUR', '40 EUR')]

    Args:
        subscriptions: All subscriptions of the customers, including those of other times.
        period: The period, half-open; or several, in any order, each of which has a row, as in `RevenueMovements.over`.
            They may overlap, and are counted in one pass.
        by: One or more columns of the data whose values are the keys; several make a tuple. They are the same for all
            subscriptions of a customer. If they are not, that is an error when the statistics are read.
        policy: What counts as a movement. Only net changes are counted, from the end of a subscription on: of a policy,
            `reactivation` and `paused_is_lost` can be chosen. What is read of pauses is `paused_since`.

    Raises:
        InvalidValueError: The policy needs the history of each customer, or `pauses` that are over; several periods are
            counted by a column; instants are in two zones; or a column to group by is called as a statistic.
        UnknownNameError: A column to group by does not exist.
    """
    calendar = Calendar.of(period, by)
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
    rows = _mark(subscriptions, chosen, calendar, [*codes, *["interval"] * has_interval], is_paused=bool(paused))
    flags = ("is_wrong", "has_odd_unit", "is_below_zero")
    customers: Any = mark_several(
        group(rows, [*chosen.keys, *codes, "customer_id"], **{name: nw.col(name).max() for name in flags}), chosen.keys
    )
    table = customers.join(_count_changes(subscriptions, rows, calendar), on="customer_id", how="left")
    keys = [*codes, *([SEVERAL] if chosen.by else []), *_COUNTED]
    counted = group(table.select(*chosen.keys, *keys), [*chosen.keys, *keys], customers=nw.len())
    return build_statistics(
        chosen, counted, [*keys, "customers"], _build_finish(chosen.by, subscriptions.currency, calendar, policy)
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
    subscriptions: Frame[Subscription], chosen: Selection, calendar: Calendar, more: list[str], *, is_paused: bool
) -> Any:  # noqa: ANN401 - rows, to be selected from
    """Return the rows with what cannot be a subscription, and whether they are ever paid."""
    closes = max((in_utc(each.end) for each in calendar.periods), default=LATEST)
    rows = read_spells(subscriptions, chosen, move(closes, DAY), "price", "every", *more, is_paused=is_paused)
    is_odd = ~nw.col("every").is_in([unit.value for unit in TimeUnit])
    one, none = nw.lit(1), nw.lit(0)
    return rows.with_columns(
        interval=nw.col("interval").fill_null(1).cast(nw.Int64) if "interval" in more else nw.lit(1, nw.Int64),
        has_odd_unit=nw.when(is_odd).then(one).otherwise(none),
        is_below_zero=nw.when(subscriptions.is_below_zero("price")).then(one).otherwise(none),
        is_paid=~nw.col("is_empty") & (nw.col("started") < nw.col("ended")) & ~subscriptions.is_zero("price"),
    )


def _count_changes(subscriptions: Frame[Subscription], rows: Any, calendar: Calendar) -> Any:  # noqa: ANN401 - rows
    """Return what customers pay by the month at both edges of stretches, and a row for each other plan of theirs.

    Of several periods, these are the stretches in which a plan of theirs begins or ends. Of one, it is the period, for
    each of them: 3x as fast as to look at changes before the period as well.
    """
    paid = rows.filter(nw.col("is_paid"))
    layers: list[Any] = []
    for first, edges in calendar.list_layers():
        at = [subscriptions.literal("started", edge) for edge in edges]
        placed: Any = paid.select(
            "customer_id",
            "every",
            "interval",
            "price",
            layer=nw.lit(first, nw.Int64),
            begins=find_place(nw.col("started"), at, first),
            ends=find_place(nw.col("ended"), at, first),
        )
        layers.append(placed.filter(nw.col("begins") < first + len(edges)))  # of the last stretch nothing is asked
    plans: Any = nw.concat(layers, how="vertical")
    if calendar.one:
        return _join_prices(plans.with_columns(place=nw.lit(calendar.places[0], nw.Int64)))
    plans = share(plans)
    ends = plans.filter(~nw.col("ends").is_in([first - 1 for first in calendar.firsts]))
    turns = [side.select("customer_id", "layer", place=name) for side, name in ((plans, "begins"), (ends, "ends"))]
    changes: Any = group(nw.concat(turns, how="vertical"), ["customer_id", "place"], layer=nw.col("layer").min())
    changed = changes.join(plans, on=["customer_id", "layer"], how="inner")
    return _join_prices(changed.filter(nw.col("begins") <= nw.col("place")))


def _join_prices(plans: Any) -> Any:  # noqa: ANN401 - rows
    """Return what each customer pays by the month at the edges of a stretch, and a row for each other plan.

    A plan is paid at the first edge if it began in an earlier stretch and did not end in one.
    """
    begins, ends, place = nw.col("begins"), nw.col("ends"), nw.col("place")
    one, none = nw.lit(1), nw.lit(0)
    changed: Any = plans.with_columns(
        before=nw.when((begins < place) & (ends >= place)).then(one).otherwise(none),
        after=nw.when((begins <= place) & (ends > place)).then(one).otherwise(none),
        has_left=nw.when(ends < place).then(one).otherwise(none),
    )
    changed = share(changed)
    owner = ["customer_id", "place"]
    table: Any = group(changed, owner, has_left=nw.col("has_left").max())
    by_month = (nw.col("every") == TimeUnit.MONTH.value) & (nw.col("interval") == 1)
    monthly, others = changed.filter(by_month), changed.filter(~by_month, (nw.col("before") + nw.col("after")) > 0)
    for side in ("before", "after"):
        paid = monthly.filter(nw.col(side) == 1).select(*owner, "price")
        table = table.join(group(paid, owner, **{f"month_{side}": nw.col("price").sum()}), on=owner, how="left")
    others = group(
        others.select(*owner, "every", "interval", "price", "before", "after"),
        [*owner, "every", "interval", "price"],
        before=nw.col("before").sum(),
        after=nw.col("after").sum(),
    )
    numbers = group(others, owner, plans=nw.len())
    joined = table.join(numbers, on=owner, how="left").join(others, on=owner, how="left")
    return joined.with_columns(one_customer=nw.when(nw.col("plans") > 1).then(nw.col("customer_id")))


def _build_finish(
    by: tuple[str, ...], own: str | None, calendar: Calendar, policy: RevenuePolicy
) -> Callable[[list[Row]], Any]:
    def finish(rows: list[Row]) -> Any:  # noqa: ANN401 - movements, or movements by key or by period
        currency = find_currency(rows, "price", own) or own
        check_one_group(rows, by)
        for row in rows:
            check_times(row)
            _check_plans(row)
        if not rows and not by:
            counted = RevenueMovements.over([], calendar.periods, currency=own, policy=policy)
            return counted[calendar.periods[0]] if calendar.one else counted
        groups: defaultdict[Any, list[Row]] = defaultdict(list)
        for row in rows:
            groups[key_of(row, by) if by else None].append(row)
        found = {key: _add_up(members, calendar, currency or "", policy) for key, members in groups.items()}
        if by:
            return TallyBy({key: movements[0] for key, movements in found.items()})
        return found[None][0] if calendar.one else TallyBy(zip(calendar.periods, found[None], strict=True))

    return finish


def _check_plans(row: Row) -> None:
    """Refuse customers with a plan that cannot be."""
    if row["has_odd_unit"]:
        raise UnknownNameError(
            "plans_of_unknown_unit",
            f"every must be one of {', '.join(TimeUnit)}, and in some rows is not",
            field="every",
            advice="write the unit as its value, such as 'month'",
        )
    if row["is_below_zero"]:
        raise InvalidValueError(
            "plans_below_zero",
            "price must be >= 0, and in some rows is not",
            field="price",
            advice="count rows whose price is below 0 in the engine",
        )


@attrs.define
class _Stretch:
    """What happened in a stretch of time, and by how much it changed what is paid, and the number of customers."""

    moved: Sums = attrs.field(factory=Sums)
    growth: Decimal = ZERO
    net: int = 0


def _add_up(rows: list[Row], calendar: Calendar, currency: str, policy: RevenuePolicy) -> list[RevenueMovements]:
    """Return the record of each period."""
    with localcontext(EXACT):  # only plain Decimals are computed in it
        counted = _sum_periods(_read_stretches(rows, currency), calendar)
    return [
        build_movements(RevenueMovements, sums, currency, period, policy)
        for sums, period in zip(counted, calendar.periods, strict=True)
    ]


def _sum_periods(stretches: defaultdict[int, _Stretch], calendar: Calendar) -> list[Sums]:
    """Return the sums of each period.

    What is paid at the start of one of several is what earlier stretches of its layer have changed. Customers of whom
    the stretch itself says nothing pay the same at its end.
    """
    ends = range(calendar.firsts[-1])
    paid = [*accumulate((stretches[place].growth for place in ends), initial=ZERO)]
    there = [*accumulate((stretches[place].net for place in ends), initial=0)]
    for place in () if calendar.one else calendar.places:
        first = calendar.firsts[bisect_right(calendar.firsts, place) - 1]
        sums = stretches[place].moved
        unchanged = paid[place] - paid[first] - sums.start
        sums.add(Sums(start=unchanged, kept=unchanged, end_of_starters=unchanged), 1)
        sums.customers = there[place] - there[first]
    return [stretches[place].moved for place in calendar.places]


def _read_stretches(rows: list[Row], currency: str) -> defaultdict[int, _Stretch]:
    """Add up the customers of each stretch, from the row of each of their plans that is not paid by the month."""
    several: defaultdict[Any, list[Row]] = defaultdict(list)
    for number, row in enumerate(rows):
        if row["place"] is not None:
            several[number if row["one_customer"] is None else (row["one_customer"], row["place"])].append(row)
    prices: dict[object, Decimal] = {}
    stretches: defaultdict[int, _Stretch] = defaultdict(_Stretch)
    for plans in several.values():
        before, after = (_read_paid(plans, side, prices, currency) for side in ("before", "after"))
        was, now, number = before > 0, after > 0, int(plans[0]["customers"])
        one = Sums()
        one.note_ends(before, was, after, now)
        one.note_change(before, was, after, now, came_back=bool(plans[0]["has_left"]))
        stretch = stretches[int(plans[0]["place"])]
        stretch.moved.add(one, number)
        stretch.growth += (after - before) * number
        stretch.net += (now - was) * number
    return stretches


def _read_paid(plans: list[Row], side: str, prices: dict[object, Decimal], currency: str) -> Decimal:
    """Return what a customer pays by the month; the price of each distinct plan is converted once, as in a record."""
    paid = as_number(plans[0][f"month_{side}"])
    for plan in plans:
        if plan["price"] is not None:
            terms = plan["price"], plan["every"], plan["interval"]
            monthly = prices.get(terms)
            if monthly is None:
                record = Subscription(
                    customer_id=0,
                    price=Money(as_number(plan["price"]), currency),
                    every=read_member(plan["every"], TimeUnit, "every"),
                    interval=int(plan["interval"]),
                    started=EARLIEST,
                )
                monthly = prices[terms] = record.monthly_price.amount
            paid += monthly * int(plan[side])
    return paid
