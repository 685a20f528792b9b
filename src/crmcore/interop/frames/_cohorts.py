"""Cohorts of customers by their first purchase, counted in an engine."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import reduce
from operator import add
from typing import Any, Final, overload

import attrs
import narwhals as nw

from crmcore.interop.frames._building import add_reports, check_same_ids
from crmcore.interop.frames._frame import Frame, Selection, group, share
from crmcore.interop.frames._groups import SEVERAL, as_number, check_one_group, find_currency, mark_several
from crmcore.interop.frames._instants import count_microseconds, divide, divide_long, month_of
from crmcore.interop.frames._statistics import Row, Statistics, as_instant, build_statistics, key_of
from crmcore.model.customer import Customer
from crmcore.model.purchase import Purchase
from crmcore.primitives import checks
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

_EARLY: Final = 1
_UNKNOWN: Final = 2
"""The errors of a row: a purchase from before the acquisition, or of a customer who is no member."""


@overload
def cohorts(
    purchases: Frame[Purchase],
    /,
    *,
    as_of: datetime,
    acquired: Frame[Customer] | None = None,
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
    acquired: Frame[Customer] | None = None,
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
    acquired: Frame[Customer] | None = None,
    ages: Ages = 12,
    step: TimeUnit = TimeUnit.MONTH,
    age_rule: AgeRule = AgeRule.CALENDAR,
    tz: tzinfo = UTC,
    by: str | Sequence[str] | None = None,
) -> Statistics[Any]:
    """Count the members of each cohort who bought at each age, and what they spent, as `Cohort.by_purchases` does.

    A customer is acquired by their first purchase, or as `acquired` says. `CohortTriangle` puts the cohorts below one
    another.

    Examples:
        >>> from datetime import datetime
        >>> import polars as pl
        >>> from crmcore import UTC, CohortTriangle, Customer, Purchase, instant
        >>> from crmcore.interop import frames
        >>> days = [datetime(2026, 1, 5), datetime(2026, 2, 7), datetime(2026, 1, 20)]
        >>> sales = pl.DataFrame({"who": ["a", "a", "b"], "at": days, "paid": [40, 30, 10]})
        >>> bought = frames.Frame(Purchase, sales, customer_id="who", amount="paid", currency="EUR", tz=UTC)
        >>> statistics = frames.cohorts(bought, as_of=instant("2026-03-01"), ages=1)
        >>> CohortTriangle(statistics.read(statistics.frame)).rows()
        [{'cohort': '2026-01', 'size': 2, '0': 1.0, '1': 0.5}]
        >>> joined = [datetime(2026, 1, 2), datetime(2026, 1, 2), datetime(2026, 1, 9)]
        >>> people = pl.DataFrame({"id": ["a", "b", "c"], "since": joined, "source": ["ad", "ad", "shop"]})
        >>> members = frames.Frame(Customer, people, tz=UTC)
        >>> statistics = frames.cohorts(bought, as_of=instant("2026-03-01"), acquired=members, ages=1, by="source")
        >>> by_source = statistics.read(statistics.frame)
        >>> by_source["ad"].size, by_source["ad"].rates, by_source["shop"].rates
        (2, (Decimal('1'), Decimal('0.5')), (Decimal('0'), Decimal('0')))

    Args:
        purchases: All purchases of the customers, in one currency; a refund is a purchase with a negative amount. It is
            no activity, and lowers the revenue of its own age.
        as_of: The reference date, up to which all purchases are known.
        acquired: When each member was acquired, `Customer.since`, in the same engine. Members without purchases count,
            too. Without it, the first purchase is the acquisition.
        ages: The last age, or the ages, each a number or a bracket of the first and the last.
        step: The unit of the age.
        age_rule: How the age is counted; a month needs the calendar.
        tz: The zone of the calendar.
        by: One or more columns of the data whose values are the cohorts; several make a tuple. A customer has one
            cohort. Without it, it is the month of the acquisition in `tz`, as ``2026-03``. With `acquired`, the columns
            are those of its data.

    Raises:
        CurrencyMismatchError: When it is read: the purchases are in two currencies.
        InconsistentCountsError: When it is read: a customer has purchases in two cohorts and would count twice.
        InvalidValueError: An age lies within a bracket of others, the engine cannot tell wall times in `tz`, there are
            no windows of 24 hours in the step, or, when it is read: a purchase or an acquisition lies after `as_of`, a
            purchase lies before the acquisition or is of a customer without one.
        UnknownNameError: A column to group by does not exist.
        WrongTypeError: `acquired` is of another engine, or has ids of another type.
    """
    ruler = Ruler.of(as_of, ages, step, age_rule, tz)
    cuts = _find_cuts(ruler)
    chosen = purchases.select(by if acquired is None else None, "customer_id", "at", "amount")
    each: Any = group(
        chosen.rows.select(
            "customer_id",
            "at",
            "amount",
            **_place(purchases, "at", ruler),
            bought=(~purchases.is_below_zero("amount")).cast(nw.Int64),
        ),
        ["customer_id", "place"],
        amount=nw.col("amount").sum(),
        bought=nw.col("bought").max(),
        cohort=nw.col("cohort").min(),
        latest=nw.col("at").max(),
    )
    each = share(each)
    if acquired is None:
        everyone = chosen
        begins = group(each, ["customer_id"], place=nw.col("place").min(), cohort=nw.col("cohort").min())
        table = _count_bought(each, _tell_ages(begins, ruler), ruler, cuts)
    else:
        everyone = _select_members(acquired, by, chosen)
        begins = everyone.rows.select(
            *everyone.keys, "since", customer_id=nw.col("id"), **_place(acquired, "since", ruler)
        )
        table = _count_members(each, _tell_ages(begins, ruler), ruler, cuts)
    codes = ["amount_currency"] if purchases.has("amount_currency") else []
    if codes:
        used = group(chosen.rows.select("customer_id", *codes), ["customer_id", *codes], rows=nw.len())
        table = table.join(used.select("customer_id", *codes), on="customer_id", how="left")
    keys = everyone.keys or ["cohort"]
    if acquired is None and chosen.by:
        one_each: Any = group(chosen.rows.select(*keys, "customer_id"), [*keys, "customer_id"], rows=nw.len())
        table = table.join(mark_several(one_each.select(*keys, "customer_id"), keys), on="customer_id", how="inner")
    columns = [*([SEVERAL] if acquired is None and chosen.by else []), *codes, "over", "age", "active", "is_last"]
    measures = {
        "members": nw.len(),
        "paid": nw.col("amount").sum(),
        "paid_first": nw.col("paid_first").sum(),
        **{name: nw.col(name).max() for name in ("latest", *(() if acquired is None else ("since", "error")))},
    }
    marked = table.with_columns(active=nw.col("bought") > 0, is_last=nw.col("age") == nw.col("last"))
    counted = group(marked, [*keys, *columns], **measures)
    stretches = [sum(first >= cut for cut in cuts) if cuts else first for first, _ in ruler.ages]

    def finish(rows: list[Row]) -> TallyBy[Any, Cohort]:
        for row in rows:
            _check(row, as_of)
        check_one_group(rows, everyone.by)
        paid = [row for row in rows if row["latest"] is not None]
        return _build(rows, everyone.by, ruler, stretches, find_currency(paid, "amount", purchases.currency))

    named = [*([] if everyone.by else ["cohort"]), *columns, *measures]
    return build_statistics(everyone, counted, named, finish)


def _select_members(acquired: Frame[Customer], by: str | Sequence[str] | None, bought: Selection) -> Selection:
    """Choose the members who were acquired; what is left out is told of both frames."""
    checks.as_instance(acquired, Frame, "acquired")
    members = acquired.select(by, "id", "since")
    check_same_ids({"purchases": bought.rows, "acquired": members.rows.rename({"id": "customer_id"})}, "acquired")
    return attrs.evolve(members, report=add_reports([bought, members]))


def _place(rows: Frame[Any], field: str, ruler: Ruler) -> dict[str, nw.Expr]:
    """Return the place of instants in the calendar, of which ages are differences, and their month."""
    wall = rows.local(field, ruler.tz)
    if ruler.rule is AgeRule.ELAPSED:
        place = rows.microsecond(field, UTC)
    elif ruler.counts_days:
        place = rows.day(field, ruler.tz)
    else:
        place = divide(month_of(wall), ruler.months)
    return {"place": place, "cohort": wall.dt.year().cast(nw.Int64) * 100 + wall.dt.month().cast(nw.Int64)}


def _tell_ages(begins: Any, ruler: Ruler) -> Any:  # noqa: ANN401 - rows
    """Tell how many ages are over of each member, from the place of their acquisition."""
    elapsed = ruler.rule is AgeRule.ELAPSED
    today = count_microseconds(ruler.as_of) if elapsed else ruler.find_place(ruler.as_of, None, "as_of") // ruler.months
    over = _count_ages(nw.lit(today) - nw.col("place"), ruler)
    return share(begins.with_columns(over=over.clip(upper_bound=ruler.last)).rename({"place": "begin"}))


def _count_ages(since: nw.Expr, ruler: Ruler) -> nw.Expr:
    divided = divide_long if ruler.rule is AgeRule.ELAPSED else divide
    return divided(since, ruler.length)


def _count_bought(each: Any, members: Any, ruler: Ruler, cuts: list[int]) -> Any:  # noqa: ANN401 - rows
    """Return what customers bought at each age since their first purchase."""
    aged = each.drop("cohort").join(members, on="customer_id", how="inner")
    aged = aged.with_columns(age=_count_ages(nw.col("place") - nw.col("begin"), ruler))
    ages, first = _sum_ages(aged, ["customer_id", "cohort", "over", "age"], ruler, cuts)
    return _join_last(ages, first)


def _count_members(each: Any, members: Any, ruler: Ruler, cuts: list[int]) -> Any:  # noqa: ANN401 - rows
    """Return what members bought at each age since their acquisition. Each has a row at age 0, also without purchases.

    A refund from before the acquisition counts at age 0. Customers who are no members, and purchases from before the
    acquisition, are an error of their own.
    """
    aged = each.drop("cohort").join(members.select("customer_id", "begin"), on="customer_id", how="left")
    since = nw.col("place") - nw.col("begin").fill_null(nw.col("place"))
    early = nw.when((since < 0) & (nw.col("bought") > 0)).then(nw.lit(_EARLY)).otherwise(nw.lit(0))
    aged = aged.with_columns(
        error=nw.when(nw.col("begin").is_null()).then(nw.lit(_UNKNOWN)).otherwise(early),
        age=_count_ages(since.clip(lower_bound=0), ruler),
    )
    ages, first = _sum_ages(aged, ["customer_id", "age"], ruler, cuts, error=nw.col("error").max())
    acquired = members.select("customer_id", age=nw.lit(0, nw.Int64))
    rows = nw.concat([acquired, ages.select("customer_id", "age")], how="vertical")
    spine: Any = group(rows, ["customer_id", "age"], rows=nw.len()).select("customer_id", "age")
    filled = spine.join(ages, on=["customer_id", "age"], how="left").join(
        members.drop("begin"), on="customer_id", how="left"
    )
    return _join_last(filled.with_columns(bought=nw.col("bought").fill_null(0).cast(nw.Int64)), first)


def _sum_ages(aged: Any, keys: list[str], ruler: Ruler, cuts: list[int], **more: nw.Expr) -> tuple[Any, Any]:  # noqa: ANN401 - rows
    """Return what was bought at each age, or between two cuts, and what each customer paid at age 0."""
    first = group(aged.filter(nw.col("age") == 0), ["customer_id"], paid_first=nw.col("amount").sum())
    if cuts:
        reached = [(nw.col("age") >= cut).cast(nw.Int64) for cut in cuts]
        aged = aged.with_columns(age=reduce(add, reached))
    else:
        aged = aged.with_columns(age=nw.col("age").clip(upper_bound=ruler.last))
    ages = group(
        aged,
        keys,
        amount=nw.col("amount").sum(),
        bought=nw.col("bought").max(),
        latest=nw.col("latest").max(),
        **more,
    )
    return share(ages), first


def _join_last(ages: Any, first: Any) -> Any:  # noqa: ANN401 - rows
    """Tell the last age at which each customer bought, or -1, and what they paid at age 0."""
    ages = share(ages)
    last: Any = group(
        ages.select("customer_id", age=(nw.col("age") + 1) * nw.col("bought") - 1),
        ["customer_id"],
        last=nw.col("age").max(),
    )
    return ages.join(last, on="customer_id", how="inner").join(first, on="customer_id", how="left")


def _check(row: Row, as_of: datetime) -> None:
    """Refuse what a record refuses: what is after the reference date, and purchases of no member of that age."""
    for name, argument in (("latest", "purchases"), ("since", "acquired")):
        if row.get(name) is not None:
            check_not_after(as_of, as_instant(row[name]), argument, None)
    if row.get("error") == _UNKNOWN:
        raise InvalidValueError(
            "bought_but_never_acquired",
            "purchases must be of customers in acquired, and in some rows are not",
            field="purchases",
            advice="leave others out, or leave acquired out to take the first purchase",
        )
    if row.get("error"):
        raise InvalidValueError(
            "bought_before_acquired",
            "purchases must not lie before the acquisition, and in some rows do",
            field="purchases",
            advice="leave them out, or leave acquired out to take the first purchase",
        )


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
        revenue=[build_money(amount, currency) for amount in sums.spent] if currency else (),
        first_revenue=[build_money(amount, currency) for amount in sums.first] if currency else (),
        ages=ruler.ages,
        step=ruler.step,
        age_rule=ruler.rule,
    )


def _name_month(number: int) -> str:
    return f"{number // 100:04}-{number % 100:02}"
