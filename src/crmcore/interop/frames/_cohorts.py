"""Cohorts of customers by their first purchase, counted in an engine."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import reduce
from operator import add
from typing import Any, overload

import narwhals as nw

from crmcore.interop.frames._frame import Frame, group, share
from crmcore.interop.frames._groups import SEVERAL, as_number, check_one_group, find_currency, mark_several
from crmcore.interop.frames._instants import count_microseconds, divide, divide_long, month_of
from crmcore.interop.frames._statistics import Row, Statistics, as_instant, build_statistics, key_of
from crmcore.model.purchase import Purchase
from crmcore.primitives._decimals import EXACT
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.money import build_money
from crmcore.primitives.periods import check_not_after
from crmcore.primitives.rates import TimeUnit
from crmcore.primitives.tally import TallyBy
from crmcore.retention.cohorts import AgeRule, Cohort
from crmcore.retention.cohorts._ages import Ages, Ruler
from crmcore.retention.cohorts._sums import Sums

__all__ = ["cohorts"]


@overload
def cohorts(
    purchases: Frame[Purchase],
    /,
    *,
    as_of: datetime,
    ages: Ages = 12,
    step: TimeUnit = TimeUnit.MONTH,
    age_rule: AgeRule = AgeRule.CALENDAR,
    tz: tzinfo = UTC,
) -> Statistics[TallyBy[str, Cohort]]: ...
@overload
def cohorts(
    purchases: Frame[Purchase],
    /,
    *,
    as_of: datetime,
    ages: Ages = 12,
    step: TimeUnit = TimeUnit.MONTH,
    age_rule: AgeRule = AgeRule.CALENDAR,
    tz: tzinfo = UTC,
    by: str | Sequence[str],
) -> Statistics[TallyBy[Any, Cohort]]: ...
def cohorts(
    purchases: Frame[Purchase],
    /,
    *,
    as_of: datetime,
    ages: Ages = 12,
    step: TimeUnit = TimeUnit.MONTH,
    age_rule: AgeRule = AgeRule.CALENDAR,
    tz: tzinfo = UTC,
    by: str | Sequence[str] | None = None,
) -> Statistics[Any]:
    """Count the members of each cohort who bought at each age, and what they spent, as `Cohort.by_purchases` does.

    A customer is acquired by their first purchase. `CohortTriangle` puts the cohorts below one another.

    Examples:
        >>> from datetime import datetime
        >>> import polars as pl
        >>> from crmcore import UTC, CohortTriangle, Purchase, instant
        >>> from crmcore.interop import frames
        >>> days = [datetime(2026, 1, 5), datetime(2026, 2, 7), datetime(2026, 1, 20)]
        >>> sales = pl.DataFrame({"who": ["a", "a", "b"], "at": days, "paid": [40, 30, 10]})
        >>> bought = frames.Frame(Purchase, sales, customer_id="who", amount="paid", currency="EUR", tz=UTC)
        >>> statistics = frames.cohorts(bought, as_of=instant("2026-03-01"), ages=1)
        >>> CohortTriangle(statistics.read(statistics.frame)).rows()
        [{'cohort': '2026-01', 'size': 2, '0': 1.0, '1': 0.5}]

    Args:
        purchases: All purchases of the customers, in one currency; a refund is a purchase with a negative amount. It is
            no activity, and lowers the revenue of its own age.
        as_of: The reference date, up to which all purchases are known.
        ages: The last age, or the ages, each a number or a bracket of the first and the last.
        step: The unit of the age.
        age_rule: How the age is counted; a month needs the calendar.
        tz: The zone of the calendar.
        by: One or more columns of the data whose values are the cohorts; several make a tuple. A customer has one
            cohort. Without it, it is the month of the acquisition in `tz`, as ``2026-03``.

    Raises:
        CurrencyMismatchError: When it is read: the purchases are in two currencies.
        InconsistentCountsError: When it is read: a customer has purchases in two cohorts and would count twice.
        InvalidValueError: An age lies within a bracket of others, the engine cannot tell wall times in `tz`, there are
            no windows of 24 hours in the step, or, when it is read: a purchase lies after `as_of`.
        UnknownNameError: A column to group by does not exist.
    """
    ruler = Ruler.of(as_of, ages, step, age_rule, tz)
    cuts = _find_cuts(ruler)
    chosen = purchases.select(by, "customer_id", "at", "amount")
    codes = ["amount_currency"] if purchases.has("amount_currency") else []
    owner = ["customer_id", *codes]
    wall = purchases.local("at", tz)
    elapsed = ruler.rule is AgeRule.ELAPSED
    place = purchases.microsecond("at", UTC) if elapsed else _place(purchases, ruler)
    today = count_microseconds(as_of) if elapsed else ruler.find_place(ruler.as_of, None, "as_of") // ruler.months
    each: Any = group(
        chosen.rows.select(
            *owner,
            "at",
            "amount",
            place.alias("place"),
            (wall.dt.year().cast(nw.Int64) * 100 + wall.dt.month().cast(nw.Int64)).alias("cohort"),
            (~purchases.is_below_zero("amount")).cast(nw.Int64).alias("bought"),
        ),
        [*owner, "place"],
        amount=nw.col("amount").sum(),
        bought=nw.col("bought").max(),
        cohort=nw.col("cohort").min(),
        latest=nw.col("at").max(),
    )
    each = share(each)
    members: Any = group(
        each, owner, begin=nw.col("place").min(), acquired=nw.col("cohort").min(), newest=nw.col("latest").max()
    )

    def count_ages(since: nw.Expr) -> nw.Expr:
        return divide_long(since, ruler.length) if elapsed else divide(since, ruler.length)

    age = count_ages(nw.col("place") - nw.col("begin"))
    over = count_ages(nw.lit(today) - nw.col("begin")).clip(upper_bound=ruler.last)
    aged: Any = each.join(members, on=owner, how="inner").select(
        *owner,
        "amount",
        "bought",
        nw.col("acquired").alias("cohort"),
        nw.col("newest").alias("latest"),
        over.alias("over"),
        (age if cuts else age.clip(upper_bound=ruler.last)).alias("age"),
    )
    first: Any = group(aged.filter(nw.col("age") == 0), owner, paid_first=nw.col("amount").sum())
    if cuts:
        reached = [(nw.col("age") >= cut).cast(nw.Int64) for cut in cuts]
        aged = aged.with_columns(reduce(add, reached).alias("age"))
    ages_each: Any = group(
        aged,
        [*owner, "cohort", "over", "age"],
        amount=nw.col("amount").sum(),
        bought=nw.col("bought").max(),
        latest=nw.col("latest").max(),
    )
    ages_each = share(ages_each)
    last: Any = group(
        ages_each.select(*owner, ((nw.col("age") + 1) * nw.col("bought") - 1).alias("age")),
        owner,
        last=nw.col("age").max(),
    )
    table = ages_each.join(last, on=owner, how="inner").join(first, on=owner, how="inner")
    keys, several = ["cohort"], []
    if chosen.by:
        keys, several = [*chosen.keys], [SEVERAL]
        one_each: Any = group(chosen.rows.select(*keys, "customer_id"), [*keys, "customer_id"], rows=nw.len())
        table = table.join(mark_several(one_each.select(*keys, "customer_id"), keys), on="customer_id", how="inner")
    counted = group(
        table.with_columns((nw.col("bought") > 0).alias("active"), (nw.col("age") == nw.col("last")).alias("is_last")),
        [*keys, *several, *codes, "over", "age", "active", "is_last"],
        members=nw.len(),
        paid=nw.col("amount").sum(),
        paid_first=nw.col("paid_first").sum(),
        latest=nw.col("latest").max(),
    )
    stretches = [sum(first >= cut for cut in cuts) if cuts else first for first, _ in ruler.ages]

    def finish(rows: list[Row]) -> TallyBy[Any, Cohort]:
        for row in rows:
            check_not_after(as_of, as_instant(row["latest"]), "purchases", None)
        check_one_group(rows, chosen.by)
        return _build(rows, chosen.by, ruler, stretches, find_currency(rows, "amount", purchases.currency))

    measures = [*several, *codes, "over", "age", "active", "is_last", "members", "paid", "paid_first", "latest"]
    return build_statistics(chosen, counted, [*([] if chosen.by else ["cohort"]), *measures], finish)


def _place(purchases: Frame[Purchase], ruler: Ruler) -> nw.Expr:
    """Return the place in the calendar, of which ages are differences."""
    if ruler.counts_days:
        return purchases.day("at", ruler.tz)
    return divide(month_of(purchases.local("at", ruler.tz)), ruler.months)


def _find_cuts(ruler: Ruler) -> list[int]:
    """Return the ages at which a column or a gap begins; none if each column is one age.

    A member counts once in a bracket, so ages are put together before members are counted.
    """
    if all(first == last for first, last in ruler.ages):
        return []
    cuts = sorted({edge for first, last in ruler.ages for edge in (first, last + 1) if edge > 0})
    for place, (first, last) in enumerate(ruler.ages):
        if any(first < cut <= last for cut in cuts):
            raise InvalidValueError(
                "ages_within_a_bracket",
                f"ages must not overlap in an engine, got others within {show((first, last))}",
                field="ages",
                advice="count them one after the other",
                record=place,
                operands=(first, last),
            )
    return cuts


def _build(
    rows: Sequence[Row], by: Sequence[str], ruler: Ruler, stretches: Sequence[int], currency: str
) -> TallyBy[Any, Cohort]:
    """Add up the cohorts: `stretches` are the numbers of the ages of the columns."""
    found: dict[Any, Sums] = {}
    for row in rows:
        key = key_of(row, by) if by else _name_month(int(row["cohort"]))
        sums = found.get(key)
        if sums is None:
            sums = found[key] = Sums(len(ruler.ages))
        age, over, number = int(row["age"]), int(row["over"]), int(row["members"])
        paid, first_paid = as_number(row["paid"]), as_number(row["paid_first"])
        sums.size += number if age == 0 else 0
        for column, (stretch, (_, last)) in enumerate(zip(stretches, ruler.ages, strict=True)):
            if last >= over:
                continue
            if age == 0:
                sums.observed[column] += number
                sums.first[column] = EXACT.add(sums.first[column], first_paid)
            if age == stretch:
                sums.active[column] += number if row["active"] else 0
                sums.spent[column] = EXACT.add(sums.spent[column], paid)
            if row["is_last"] and age >= stretch:
                sums.later[column] += number
    return TallyBy({key: _build_one(found[key], ruler, currency) for key in (found if by else sorted(found))})


def _build_one(sums: Sums, ruler: Ruler, currency: str) -> Cohort:
    return Cohort(
        size=sums.size,
        observed=sums.observed,
        active=sums.active,
        active_later=sums.later,
        revenue=[build_money(amount, currency) for amount in sums.spent],
        first_revenue=[build_money(amount, currency) for amount in sums.first],
        ages=ruler.ages,
        step=ruler.step,
        age_rule=ruler.rule,
    )


def _name_month(number: int) -> str:
    return f"{number // 100:04}-{number % 100:02}"
