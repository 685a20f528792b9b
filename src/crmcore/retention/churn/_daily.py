"""Churn day by day, and the conventions that need it."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any, TypeVar

from crmcore.model.subscription import Subscription
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ONE, RATIO, WIDE, ZERO, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.grouping import in_one_group
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.rates import TimeUnit
from crmcore.primitives.tally import TallyBy
from crmcore.retention.churn import _spells
from crmcore.retention.churn._counts import Churn, as_churn
from crmcore.retention.churn._revenue import RevenueChurn

__all__ = ["average_daily", "compounded_daily", "daily", "sum_of_daily"]

_K = TypeVar("_K")


def daily(
    subscriptions: Iterable[Subscription], period: Period, /, *, paused_is_lost: bool = False
) -> TallyBy[date, Churn]:
    """Count every day of a period apart, as `Churn.of` counts the whole, in one pass and any order.

    Every day has a row, also one on which nobody was there, so that shards cut by customer add day by day before a
    daily convention is read off the whole: daily rates of shards do not add. Days are those of the zone in which the
    period starts, counted from its start; the last is as long as what is left.

    Examples:
        >>> from crmcore import Money, instant
        >>> plans = [
        ...     Subscription(
        ...         customer_id=who,
        ...         price=Money(9, "EUR"),
        ...         every=TimeUnit.MONTH,
        ...         started=instant("2026-02-01"),
        ...         ended=end,
        ...     )
        ...     for who, end in [("a", None), ("b", instant("2026-03-02T12:00")), ("c", instant("2026-03-03T12:00"))]
        ... ]
        >>> days = daily(plans, Period(instant("2026-03-01"), instant("2026-03-05")))
        >>> {day.day: churn.start for day, churn in days.items()}
        {1: 3, 2: 3, 3: 2, 4: 1}
        >>> sum_of_daily(days)  # 0 + 1/3 + 1/2 + 0
        Decimal('0.8333333333333333333333333333333333')
        >>> compounded_daily(days)  # two of three
        Decimal('0.6666666666666666666666666666666667')

    Args:
        subscriptions: As for `Churn.of`.
        period: The period to cut into days.
        paused_is_lost: As for `Churn.of`.

    Raises:
        WrongTypeError: An item is no `Subscription`, or a value has the wrong type.
    """
    people = _spells.of_subscriptions(subscriptions, in_one_group, paused_is_lost=paused_is_lost)
    days = checks.as_instance(period, Period, "period").split(TimeUnit.DAY)
    return TallyBy(
        (day.start.date(), as_churn(Churn, row, day, {"paused_is_lost": paused_is_lost}))
        for day, row in zip(days, _movements(people.values(), days), strict=True)
    )


def _movements(people: Iterable[Sequence[Any]], days: tuple[Period, ...]) -> list[_spells.Movements]:
    """What each day saw: a customer is judged on the days he came or went, and counted in runs on all others."""
    rows = [_spells.Movements() for _ in days]
    opens, closes = [in_utc(day.start) for day in days], [in_utc(day.end) for day in days]
    runs = [0] * (len(days) + 1)
    for one in people:
        spells = _spells.merged(one)
        eventful: set[int] = set()
        for start, end in spells:
            first, last = bisect_right(opens, start) - 1, bisect_right(opens, end) - 1
            if end >= closes[-1]:
                last = len(days)
            if start >= closes[-1] or last < 0:
                continue
            runs[first + 1] += 1
            runs[max(last, first + 1)] -= 1
            eventful.update((first, last))
        for day in eventful:
            if 0 <= day < len(days):
                rows[day].judge(spells, opens[day], closes[day])
    for row, throughout in zip(rows, accumulate(runs), strict=False):
        row.start += throughout
        row.throughout += throughout
    return rows


def sum_of_daily(days: Mapping[_K, Churn | RevenueChurn], /) -> Decimal | None:
    """The daily start-of-period rates added up: ChartMogul's setting for shops and businesses with many customers.

    It weighs a departure by how few were there that day, and may be above 1. None where nobody was there on any day;
    a day on which nobody was adds nothing.

    Examples:
        >>> days = {1: Churn(start=100, lost=5), 2: Churn(start=100, lost=10)}
        >>> sum_of_daily(days), compounded_daily(days)
        (Decimal('0.15'), Decimal('0.145'))

    Args:
        days: What `daily` returns, or a `RevenueChurn` for each day.

    Raises:
        InvalidValueError: Two rows are of one period, as those of segments are.
        WrongTypeError: No mapping of such records.

    Source: ChartMogul, help page "Churn rate formulas".
    """
    pairs = _rates(days)
    total = ZERO
    for lost, start in pairs:
        total = WIDE.add(total, WIDE.divide(lost, start))
    return EXACT.add(RATIO.plus(total), ZERO) if pairs else None


def compounded_daily(days: Mapping[_K, Churn | RevenueChurn], /) -> Decimal | None:
    """What the daily start-of-period rates make together: one less the product of the shares kept; never above 1.

    Where nobody joins or returns it is the start-of-period rate of the whole. None where nobody was there on any day.

    Args:
        days: As for `sum_of_daily`, whose example shows both.

    Raises:
        InvalidValueError: As for `sum_of_daily`.
        WrongTypeError: As for `sum_of_daily`.

    Source: the product-limit form of survival analysis (Kaplan and Meier 1958, J. Amer. Statist. Assoc. 53:457-481).
    """
    pairs = _rates(days)
    kept = ONE
    for lost, start in pairs:
        kept = WIDE.multiply(kept, WIDE.divide(EXACT.subtract(start, lost), start))
    return EXACT.add(RATIO.subtract(ONE, kept), ZERO) if pairs else None


def average_daily(days: Mapping[_K, Churn], /) -> Decimal | None:
    """All who left on any day over the average number of customers at the start of a day, as Shopify counted.

    Examples:
        >>> counts = [100, 102, 104, 106, 108]
        >>> days = {day: Churn(start=start, lost=1) for day, start in enumerate(counts)}
        >>> average_daily(days)  # 5 of 104
        Decimal('0.04807692307692307692307692307692308')

    Args:
        days: What `daily` returns.

    Raises:
        InvalidValueError: As for `sum_of_daily`.
        WrongTypeError: As for `sum_of_daily`.

    Source: Shopify's engineering blog of 2011 on defining churn.
    """
    rows = _checked(days, Churn)
    return ratio(len(rows) * sum(row.lost for row in rows), sum(row.start for row in rows))


def _rates(days: Mapping[Any, Churn | RevenueChurn]) -> list[tuple[Decimal, Decimal]]:
    """The lost and those there at the start, of every day on which anybody was."""
    pairs: list[tuple[Decimal, Decimal]] = []
    for row in _checked(days, Churn, RevenueChurn):
        if isinstance(row, Churn):
            pairs.append((Decimal(row.lost_of_starters), Decimal(row.start)))
        else:
            pairs.append((row.lost.amount, row.start.amount))
    return [(lost, start) for lost, start in pairs if start]


def _checked(days: Mapping[Any, Any], *kinds: type) -> list[Any]:
    if not isinstance(days, Mapping):
        raise WrongTypeError(f"days must be a mapping, such as daily(...) returns, got {show(days)}", "days")
    rows = list(days.values())
    seen: set[Period] = set()
    for row in rows:
        if not isinstance(row, kinds):
            checks.as_instance(row, kinds[0], "every value of days")
        if row.period in seen:
            raise InvalidValueError(
                f"every day must be a period of its own, got {row.period} twice; take daily(...), not segments"
            )
        if row.period is not None:
            seen.add(row.period)
    return rows
