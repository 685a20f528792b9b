"""What is wrong with records before they are counted in a period."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta, timezone, tzinfo
from typing import Final

from crmcore.model.subscription import Subscription
from crmcore.primitives import checks
from crmcore.primitives._zones import find_wall_time
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.periods import UTC, Period, in_utc

__all__ = ["lint"]

_MIDNIGHT: Final = time()
_SUMMER_TIME: Final = timedelta(hours=1)


def lint(subscriptions: Iterable[Subscription], period: Period, /) -> tuple[Finding, ...]:
    """Find dates that were read in one zone and would be counted in the days of another.

    A date is kept as its first instant in a zone. If that zone is not the one of the period, all instants lie hours off
    its days, and some fall out of it. No single instant shows it, but all of them together do: each lies at midnight
    of its own zone, and none at midnight of the zone in which the period starts. It is no part of `Churn`, because it
    follows from all the records together, and would not add over shards.

    Examples:
        >>> from zoneinfo import ZoneInfo
        >>> from crmcore import Money, Period, Subscription, TimeUnit, churn, instant
        >>> plan = Subscription(
        ...     customer_id=7, price=Money(9, "EUR"), every=TimeUnit.MONTH, started=instant("2026-04-01")
        ... )
        >>> april = Period.month(2026, 4, tz=ZoneInfo("America/New_York"))
        >>> for finding in churn.lint([plan], april):  # 00:00 in UTC is 31 March in New York
        ...     print(finding.rule, finding.advice, sep=": ")
        midnights_of_another_zone: read dates in the zone of the period, with instant(day, tz=...)

    Returns:
        A warning, or nothing: also if there are no subscriptions, or if the period does not start at midnight itself.
    """
    start = checks.as_instance(period, Period, "period").start
    zone = start.tzinfo or UTC
    number = 0
    suspicious = start.time() == _MIDNIGHT
    for subscription in iterate_once(subscriptions, Subscription, "subscriptions"):
        edges = [edge for edge in (subscription.started, subscription.ended) if edge is not None]
        suspicious = suspicious and all(_is_elsewhere(edge, zone) for edge in edges)
        number += len(edges)
    if not suspicious or not number:
        return ()
    offset = str(timezone(start.utcoffset() or timedelta()))
    return (
        Finding(
            rule="midnights_of_another_zone",
            severity=Severity.WARNING,
            subject="subscriptions",
            message=f"all {number} starts and ends lie at midnight of another zone than that of the period, {offset}",
            advice="read dates in the zone of the period, with instant(day, tz=...)",
            evidence=[("instants", number), ("offset of the period", offset)],
        ),
    )


def _is_elsewhere(at: datetime, zone: tzinfo) -> bool:
    """Return whether an instant is midnight in its own zone, and not in the zone of the period."""
    own = at.tzinfo or UTC
    if at.time() != _MIDNIGHT or own is zone or _may_be_one_zone(own, zone):
        return False
    there = find_wall_time(in_utc(at), zone, "period")
    return there is not None and there.time() != _MIDNIGHT


def _may_be_one_zone(one: tzinfo, other: tzinfo) -> bool:
    """Return whether two fixed offsets, as JSON gives them, may be the winter and the summer of one zone."""
    if not isinstance(one, timezone) or not isinstance(other, timezone) or UTC in (one, other):
        return False
    return abs(one.utcoffset(None) - other.utcoffset(None)) <= _SUMMER_TIME
