"""Churn of each day, and the definitions of the churn rate that need it."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta, tzinfo
from decimal import Decimal
from typing import Any, TypeVar

from crmcore.model.subscription import Subscription
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ONE, RATIO, WIDE, ZERO, ratio
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.grouping import in_one_group
from crmcore.primitives.periods import Period
from crmcore.primitives.rates import TimeUnit
from crmcore.primitives.tally import TallyBy
from crmcore.retention import _spells
from crmcore.retention.churn._counts import Churn, as_tolerance, build_churn
from crmcore.retention.churn._movements import count_periods
from crmcore.retention.churn._revenue import RevenueChurn

__all__ = ["average_daily", "compounded_daily", "daily", "sum_of_daily"]

_K = TypeVar("_K")


def daily(
    subscriptions: Iterable[Subscription],
    period: Period,
    /,
    *,
    paused_is_lost: bool = False,
    gap_tolerance: timedelta | None = None,
    tz: tzinfo | None = None,
) -> TallyBy[date, Churn]:
    """Count each day of a period as `Churn.of` counts a whole period, in a single pass; the order does not matter.

    Every day has a row, including days without customers. So if you split a customer base by customer, the
    counts of the parts can be added day by day. Compute the daily rate from the sum: rates cannot be added. Days are
    counted from the start of the period. The last day may be shorter.

    Examples:
        >>> from crmcore import Money, Period, Subscription, TimeUnit, instant
        >>> from crmcore.retention.churn import compounded_daily, daily, sum_of_daily
        >>> plans = [
        ...     Subscription(
        ...         customer_id=customer_id,
        ...         price=Money(9, "EUR"),
        ...         every=TimeUnit.MONTH,
        ...         started=instant("2026-02-01"),
        ...         ended=end,
        ...     )
        ...     for customer_id, end in [
        ...         ("a", None),
        ...         ("b", instant("2026-03-02T12:00")),
        ...         ("c", instant("2026-03-03T12:00")),
        ...     ]
        ... ]
        >>> days = daily(plans, Period(instant("2026-03-01"), instant("2026-03-05")))
        >>> {day.day: churn.start for day, churn in days.items()}
        {1: 3, 2: 3, 3: 2, 4: 1}
        >>> sum_of_daily(days)  # 0 + 1/3 + 1/2 + 0
        Decimal('0.8333333333333333333333333333333333')
        >>> compounded_daily(days)  # two of three
        Decimal('0.6666666666666666666666666666666667')

    Args:
        subscriptions: All subscriptions of the customers, including those of other times.
        period: The period to cut into days.
        paused_is_lost: Whether a customer counts as gone while all their subscriptions are paused.
        gap_tolerance: The longest gap between subscriptions that does not count as lost, as in `Churn.of`.
        tz: The zone of the days; the zone of the start of the period if it is not given. Give it if the period comes
            from JSON or a database, which keep offsets and no zones.

    Raises:
        InvalidValueError: `tz` is not given, and the start and the end have two fixed offsets, so that the clocks
            changed in between, at an unknown instant.
    """
    policies = {"paused_is_lost": paused_is_lost, "gap_tolerance": as_tolerance(gap_tolerance)}
    spells = _spells.collect_from_subscriptions(subscriptions, in_one_group, paused_is_lost=paused_is_lost)
    days = checks.as_instance(period, Period, "period").split(TimeUnit.DAY, tz=tz)
    return TallyBy(
        (day.start.date(), build_churn(Churn, movements, day, policies))
        for day, movements in zip(days, count_periods(spells, days, gap_tolerance), strict=True)
    )


def sum_of_daily(days: Mapping[_K, Churn | RevenueChurn], /) -> Decimal | None:
    """Return the sum of the daily start-of-period rates: ChartMogul's setting for shops and other large customer bases.

    A loss weighs more on a day with few customers. The sum can be above 1. Days without customers add nothing.

    Examples:
        >>> from crmcore import Churn
        >>> from crmcore.retention.churn import compounded_daily, sum_of_daily
        >>> days = {1: Churn(start=100, lost=5), 2: Churn(start=100, lost=10)}
        >>> sum_of_daily(days), compounded_daily(days)
        (Decimal('0.15'), Decimal('0.145'))

    Args:
        days: What `daily` returns, or a `RevenueChurn` for each day.

    Returns:
        The sum to 34 digits, or None if no day has customers.

    Raises:
        InvalidValueError: Two rows have the same period, as the rows of segments do.

    Source: ChartMogul, help page "Churn rate formulas".
    """
    pairs = _pair_up(days)
    total = ZERO
    for lost, start in pairs:
        total = WIDE.add(total, WIDE.divide(lost, start))
    return EXACT.add(RATIO.plus(total), ZERO) if pairs else None


def compounded_daily(days: Mapping[_K, Churn | RevenueChurn], /) -> Decimal | None:
    """Return one minus the product of the daily shares kept, which is never above 1.

    If no customer joins or returns, it is the start-of-period rate of the whole period. It is the bounded form of
    `sum_of_daily`, not a published definition of its own.

    Args:
        days: What `daily` returns, or a `RevenueChurn` for each day.

    Returns:
        The rate to 34 digits, or None if no day has customers.

    Raises:
        InvalidValueError: Two rows have the same period, as the rows of segments do.

    Source: the product-limit form of survival analysis (Kaplan and Meier 1958, J. Amer. Statist. Assoc. 53:457-481).
    """
    pairs = _pair_up(days)
    kept = ONE
    for lost, start in pairs:
        kept = WIDE.multiply(kept, WIDE.divide(EXACT.subtract(start, lost), start))
    return EXACT.add(RATIO.subtract(ONE, kept), ZERO) if pairs else None


def average_daily(days: Mapping[_K, Churn], /) -> Decimal | None:
    """Return all losses divided by the average number of customers at the start of a day, as Shopify counted.

    Examples:
        >>> from crmcore import Churn
        >>> from crmcore.retention.churn import average_daily
        >>> counts = [100, 102, 104, 106, 108]
        >>> days = {day: Churn(start=start, lost=1) for day, start in enumerate(counts)}
        >>> average_daily(days)  # 5 of 104
        Decimal('0.04807692307692307692307692307692308')

    Args:
        days: What `daily` returns.

    Returns:
        The rate to 34 digits, or None if no day has customers.

    Raises:
        InvalidValueError: Two rows have the same period, as the rows of segments do.

    Source: Shopify's engineering blog of 2011 on defining churn.
    """
    rows = _as_days(days, Churn)
    return ratio(len(rows) * sum(row.lost for row in rows), sum(row.start for row in rows))


def _pair_up(days: Mapping[Any, Churn | RevenueChurn]) -> list[tuple[Decimal, Decimal]]:
    """Return what was lost and what there was at the start, for each day that is not empty."""
    pairs: list[tuple[Decimal, Decimal]] = []
    for row in _as_days(days, Churn, RevenueChurn):
        if isinstance(row, Churn):
            pairs.append((Decimal(row.lost_of_starters), Decimal(row.start)))
        else:
            pairs.append((row.lost.amount, row.start.amount))
    return [(lost, start) for lost, start in pairs if start]


def _as_days(days: Mapping[Any, Any], *kinds: type) -> list[Any]:
    checks.check_mapping(days, "days", "days to counts, such as daily(...) returns")
    rows = list(days.values())
    periods: set[Period] = set()
    for place, row in enumerate(rows):
        if not isinstance(row, kinds):
            checks.as_instance(row, kinds[0], f"days[{place}]")
        if row.period in periods:
            raise InvalidValueError(
                "day_given_twice",
                f"days must each have a period of their own, {row.period} comes twice",
                field="days",
                advice="take daily(...), not segments",
                operands=(row.period,),
                record=list(days)[place],
            )
        if row.period is not None:
            periods.add(row.period)
    return rows
