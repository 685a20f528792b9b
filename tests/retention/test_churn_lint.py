"""Dates that were read in another zone than that of the period."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from crmcore import Churn, Money, Period, Subscription, Table, TimeUnit, WrongTypeError, churn, instant
from tests.support.refusals import refused

if TYPE_CHECKING:
    from datetime import tzinfo

BERLIN = ZoneInfo("Europe/Berlin")
MARCH = Period.month(2026, 3, tz=BERLIN)
YEAR = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
ZONES = [
    *("Europe/Riga", "Europe/London", "Asia/Kathmandu", "America/St_Johns", "Pacific/Auckland", "Pacific/Chatham"),
    *("Africa/Cairo", "America/Santiago", "Asia/Tokyo", "Etc/GMT+12", "Pacific/Kiritimati"),
]
"""Among them zones whose clocks change at midnight, are a quarter of an hour off, or are furthest from UTC."""


def plan(started: datetime, ended: datetime | None = None) -> Subscription:
    """Build a subscription."""
    return Subscription(customer_id=7, price=Money(9, "EUR"), every=TimeUnit.MONTH, started=started, ended=ended)


def dated(tz: tzinfo) -> list[Subscription]:
    """Build subscriptions of dates that were read in a zone."""
    return [plan(instant("2026-01-01", tz=tz), instant("2026-03-15", tz=tz)), plan(instant("2026-04-01", tz=tz))]


def read(days: list[date], tz: tzinfo) -> Table[Subscription]:
    """Read starts from a table, which keeps them in UTC."""
    number = len(days)
    columns = {"customer_id": range(number), "price": [9] * number, "every": ["month"] * number, "started": days}
    return Table(Subscription, columns, currency="EUR", tz=tz)


def start_at(*times: str, days: int = 3) -> list[Subscription]:
    """Build subscriptions that start on each of some days at each of these times in UTC."""
    return [plan(instant(f"{day}T{at}")) for day in YEAR[:days] for at in times]


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


class TestInstantsInUtc:
    """The zone is gone, as after a table, a database or JSON."""

    @pytest.mark.parametrize("name", ZONES)
    def test_dates_of_another_zone(self, name: str) -> None:
        """Dates that a table read in a zone are found in a month of UTC, and not in one of their own zone."""
        table = read(YEAR, ZoneInfo(name))
        noon, a_day = timedelta(hours=12), timedelta(days=1)
        offsets = {datetime.combine(day, time(), ZoneInfo(name)).utcoffset() or timedelta() for day in YEAR}
        told = sorted({noon - (noon - offset) % a_day for offset in offsets} - {timedelta()})
        away = [at for at in table.column("started") if at.time() != time()]

        (finding,) = churn.lint(table, Period.month(2026, 3))

        assert " or ".join(str(timezone(one)) for one in told) == dict(finding.evidence)["offset of the instants"]
        assert finding.message.startswith(f"all {len(YEAR)} " if len(away) == len(YEAR) else f"{len(away)} of 365 ")
        assert () == churn.lint(table, Period.month(2026, 3, tz=ZoneInfo(name)))

    def test_figures_shift(self) -> None:
        """The caution tells of figures that are wrong: starts of 1 March are counted in February."""
        table = read([date(2025, 3, 1), date(2025, 3, 1), date(2025, 2, 10), date(2025, 4, 1)], ZoneInfo("Europe/Riga"))
        march = Period.month(2025, 3)

        assert 3 == Churn.of(table, march).start
        (finding,) = churn.lint(table, march)
        assert "all 4 starts and ends lie at midnight of another zone, UTC+02:00 or UTC+03:00" in finding.message

    @pytest.mark.parametrize(
        "plans",
        [
            start_at("00:00"),
            start_at("22:00", days=2),
            start_at("22:05"),
            start_at("22:00:01"),
            start_at("22:00", "20:00"),
            start_at("22:00", "21:00", "20:00"),
            start_at("22:00", "21:00", days=90),
            start_at("00:00", "23:00", days=59),
            [*start_at("00:00", days=300), *start_at("23:00", days=59)],
        ],
    )
    def test_nothing_to_say(self, plans: list[Subscription]) -> None:
        """Dates of UTC, few days, and times that no zone has, or has at another time of the year, say nothing."""
        assert () == churn.lint(plans, Period.month(2026, 3))

    def test_two_months_of_change(self) -> None:
        """Both times of day may be seen in two months of the year, in which the clocks change."""
        assert churn.lint(start_at("22:00", "21:00", days=59), Period.month(2026, 3))

    def test_a_period_with_an_offset(self) -> None:
        """A period that came back from JSON has the offset of its start, which is that of half the dates."""
        winter = timezone(timedelta(hours=1))
        period = Period(MARCH.start.astimezone(winter), MARCH.end.astimezone(winter))

        assert () == churn.lint(read(YEAR, BERLIN), period)
        assert () == churn.lint(read(YEAR[150:160], BERLIN), period)
        assert churn.lint(read(YEAR, ZoneInfo("Asia/Tokyo")), period)

    def test_first_day_of_the_calendar(self) -> None:
        """The first moment of the calendar is the first of its day in every zone."""
        first = datetime.min.replace(tzinfo=UTC)

        assert () == churn.lint([plan(first)], Period.month(2026, 3, tz=ZoneInfo("Asia/Tokyo")))
