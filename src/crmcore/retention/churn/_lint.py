"""What is wrong with records before they are counted in a period."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta, timezone
from typing import Final

from crmcore.model.subscription import Subscription
from crmcore.primitives import checks
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.periods import UTC, Period
from crmcore.retention.churn._midnights import find_elsewhere

__all__ = ["lint"]

_MIDNIGHT: Final = time()


def lint(subscriptions: Iterable[Subscription], period: Period, /) -> tuple[Finding, ...]:
    """Find dates that were read in one zone and would be counted in the days of another.

    A date is kept as its first instant in a zone. If that zone is not the one of the period, all instants lie hours off
    its days, and some fall out of it. No single instant shows it, but all of them together do: each lies at midnight
    of its own zone, and none at midnight of the zone in which the period starts. It is no part of `Churn` and of
    `RevenueMovements`, because it follows from all the records together, and would not add over shards.

    A `Table` and most databases keep instants in UTC. Then the time of day tells the zone: all lie at one time that is
    midnight at some offset, or at two with an hour between them, as in winter and in summer. It takes such instants on
    at least three days, and a job that runs at 03:00 in UTC each day looks the same.

    Examples:
        >>> from zoneinfo import ZoneInfo
        >>> from crmcore import Money, Period, Subscription, TimeUnit, churn, instant
        >>> plan = Subscription(
        ...     customer_id=7, price=Money(9, "EUR"), every=TimeUnit.MONTH, started=instant("2026-04-01")
        ... )
        >>> april = Period.month(2026, 4, tz=ZoneInfo("America/New_York"))
        >>> for finding in churn.lint([plan], april):  # 00:00 in UTC is 31 March in New York
        ...     print(finding.rule, finding.advice, sep=": ")
        midnights_of_another_zone: read dates in the zone of the period, with tz=..., or give the period theirs

    Returns:
        A warning, or nothing: also if there are no subscriptions, or if the period does not start at midnight itself.
    """
    start = checks.as_instance(period, Period, "period").start
    found = find_elsewhere(_list_edges(subscriptions), start.tzinfo or UTC)
    if found is None or start.time() != _MIDNIGHT:
        return ()
    offset = str(timezone(start.utcoffset() or timedelta()))
    number = f"all {found.number:,}" if found.away == found.number else f"{found.away:,} of {found.number:,}"
    offsets = " or ".join(found.offsets)
    return (
        Finding(
            rule="midnights_of_another_zone",
            severity=Severity.WARNING,
            subject="subscriptions",
            message=f"{number} starts and ends lie at midnight of another zone, {offsets}, than that of the period, "
            f"{offset}",
            advice="read dates in the zone of the period, with tz=..., or give the period theirs",
            evidence=[
                ("instants", found.number),
                ("offset of the period", offset),
                ("offset of the instants", offsets),
            ],
        ),
    )


def _list_edges(subscriptions: Iterable[Subscription]) -> Iterator[datetime]:
    for subscription in iterate_once(subscriptions, Subscription, "subscriptions"):
        yield subscription.started
        if subscription.ended is not None:
            yield subscription.ended
