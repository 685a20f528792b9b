"""Dates that were read in another zone than that of the period."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from crmcore import Money, Period, Subscription, TimeUnit, WrongTypeError, churn, instant
from tests.support.refusals import refused

if TYPE_CHECKING:
    from datetime import tzinfo

BERLIN = ZoneInfo("Europe/Berlin")
MARCH = Period.month(2026, 3, tz=BERLIN)


def plan(started: datetime, ended: datetime | None = None) -> Subscription:
    """Build a subscription."""
    return Subscription(customer_id=7, price=Money(9, "EUR"), every=TimeUnit.MONTH, started=started, ended=ended)


def dated(tz: tzinfo) -> list[Subscription]:
    """Build subscriptions of dates that were read in a zone."""
    return [plan(instant("2026-01-01", tz=tz), instant("2026-03-15", tz=tz)), plan(instant("2026-04-01", tz=tz))]


class TestLint:
    @pytest.mark.parametrize("tz", [UTC, ZoneInfo("Asia/Tokyo"), timezone(timedelta(hours=-5))])
    def test_dates_of_another_zone(self, tz: tzinfo) -> None:
        """Starts and ends that all lie at midnight of another zone are found, with their number."""
        (finding,) = churn.lint(dated(tz), MARCH)

        assert ("midnights_of_another_zone", ("instants", 3)) == (finding.rule, finding.evidence[0])

    @pytest.mark.parametrize(
        "plans",
        [
            [],
            dated(BERLIN),
            dated(ZoneInfo("Europe/Paris")),
            [plan(instant("2026-01-01T10:15"))],
            [*dated(UTC), plan(instant("2026-01-01T10:15"))],
            [*dated(UTC), plan(instant("2026-01-01", tz=BERLIN))],
        ],
    )
    def test_nothing_to_say(self, plans: list[Subscription]) -> None:
        """Dates of the period's zone, or of one with the same days, real times, and a mix are as they should be."""
        assert () == churn.lint(plans, MARCH)

    def test_what_comes_back_from_json(self) -> None:
        """A period that a database gave in UTC has no days of its own; two offsets may be summer and winter."""
        winter, summer = (timezone(timedelta(hours=hours)) for hours in (1, 2))
        read_back = Period(MARCH.start.astimezone(winter), MARCH.end.astimezone(summer))

        assert () == churn.lint(dated(UTC), Period(MARCH.start.astimezone(UTC), MARCH.end.astimezone(UTC)))
        assert () == churn.lint(dated(summer), read_back)
        assert churn.lint(dated(UTC), read_back)

    def test_first_day_of_the_calendar(self) -> None:
        """An instant that the period's zone cannot express says nothing."""
        march = Period.month(2026, 3, tz=ZoneInfo("America/New_York"))

        assert () == churn.lint([plan(datetime.min.replace(tzinfo=UTC))], march)

    def test_wrong_records(self) -> None:
        """The place of what is no subscription is named."""
        wrong: Any = 5
        with refused(WrongTypeError, "wrong_type: subscriptions[1]"):
            churn.lint([dated(UTC)[0], wrong], MARCH)
