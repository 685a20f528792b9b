"""Situations that users of other tools reported, each with the answer that is right; worked out by hand."""

from __future__ import annotations

import weakref
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz as dateutil_tz

from crmcore import (
    Balance,
    Buying,
    CashFlow,
    Churn,
    Discount,
    FirstMargin,
    Flow,
    Funnel,
    HistoricValue,
    Id,
    Inactivity,
    InvalidValueError,
    Journeys,
    Money,
    Outcome,
    Payback,
    PercentileMethod,
    Period,
    Purchase,
    Retention,
    RevenueChurn,
    Subscription,
    TallyBy,
    TenureRule,
    TimeUnit,
    attribution,
    cashflow,
    churn,
    inactivity,
    instant,
    lifetime_value,
    paths,
)
from crmcore.interop.pydantic import adapter
from crmcore.primitives import proportions
from tests.support.refusals import refused

MARCH = Period.month(2026, 3)
DAY = timedelta(days=1)


def sub(who: Id, started: str, ended: str | None = None, price: int = 10, **fields: Any) -> Subscription:
    """Build a monthly subscription."""
    return Subscription(
        customer_id=who,
        price=Money(price, "EUR"),
        every=fields.pop("every", TimeUnit.MONTH),
        started=instant(started),
        ended=None if ended is None else instant(ended),
        **fields,
    )


def bought(who: Id, at: str, amount: int = 10) -> Purchase:
    """Build a purchase."""
    return Purchase(customer_id=who, at=instant(at), amount=Money(amount, "EUR"))


def amounts(parts: tuple[Money, ...]) -> list[str]:
    """Return the amounts as text."""
    return [str(part.amount) for part in parts]


class TestTime:
    def test_skipped_midnight_in_a_zone_of_dateutil(self) -> None:
        """A day whose midnight the zone skips begins after the gap, and the month has its 30 days and both leavers."""
        zone = dateutil_tz.gettz("America/Sao_Paulo")
        assert zone is not None
        own = ZoneInfo("America/Sao_Paulo")
        subs = [
            Subscription(
                customer_id=who,
                price=Money(10, "EUR"),
                every=TimeUnit.MONTH,
                started=instant("2018-01-01"),
                ended=None if ended is None else instant(ended, tz=own),
            )
            for who, ended in [("a", "2018-11-03T12:00"), ("b", "2018-11-04T12:00"), ("c", None)]
        ]
        days = churn.daily(subs, Period.month(2018, 11, tz=zone))

        assert "2018-11-04T01:00:00-02:00" == instant("2018-11-04", tz=zone).isoformat()
        assert (30, 2) == (len(days), sum(day.lost for day in days.values()))

    @pytest.mark.parametrize(
        ("zone", "wall", "expected"),
        [
            ("Antarctica/Troll", "2024-03-31T01:30", "2024-03-31T03:30:00+02:00"),
            ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-04T02:45:00+11:00"),
            ("Pacific/Apia", "2011-12-30T12:00", "2011-12-31T12:00:00+14:00"),
        ],
    )
    def test_skipped_wall_times(self, zone: str, wall: str, expected: str) -> None:
        """A skipped wall time moves forward by the gap: two hours, half an hour, a whole day."""
        assert expected == instant(wall, tz=ZoneInfo(zone)).isoformat()

    def test_a_month_read_back_from_json(self) -> None:
        """A month that comes back with fixed offsets is the same month: equal records answer alike."""
        counted = Churn(start=200, lost=7, period=Period.month(2026, 3, tz=ZoneInfo("America/New_York")))
        read = adapter(Churn).validate_json(adapter(Churn).dump_json(counted))

        assert counted == read
        assert Decimal("0.965") == counted.retention().share == read.retention().share  # type: ignore[union-attr] # pyright: ignore[reportOptionalMemberAccess] - known

    def test_months_from_the_end_of_one(self) -> None:
        """Each step counts from the start, so that the end of the month comes back after February."""
        pieces = Period(instant("2026-12-31"), instant("2027-04-30")).split(TimeUnit.MONTH)

        assert ["2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31"] == [
            piece.start.date().isoformat() for piece in pieces
        ]

    def test_days_that_tile_a_month(self) -> None:
        """31 days, one of which begins at one o'clock, cover the month without gap or overlap."""
        month = Period.month(2021, 3, tz=ZoneInfo("Asia/Amman"))
        days = month.split(TimeUnit.DAY)

        assert (31, month.length) == (len(days), sum((day.length for day in days), timedelta()))
        assert "2021-03-26T01:00:00+03:00" == days[25].start.isoformat()

    def test_the_first_instant_there_is(self) -> None:
        """A purchase at the earliest instant that Python knows is one like any other."""
        log = [
            Purchase(customer_id="a", at=datetime(1, 1, 1, tzinfo=UTC), amount=Money(1, "EUR")),
            bought("b", "2026-05-31"),
        ]
        rows = Inactivity.by(log, lambda one: one.customer_id, as_of=instant("2026-06-01"), churned_after=30 * DAY)

        assert {"a": (0, 1), "b": (1, 0)} == {who: (row.active, row.churned) for who, row in rows.items()}


class TestMoney:
    @pytest.mark.parametrize(
        ("money", "weights", "expected"),
        [
            (Money("10.07", "EUR"), [49, 51], ["4.93", "5.14"]),
            (Money("88.88", "EUR"), [75, 25], ["66.66", "22.22"]),
            (Money(310, "GBP"), [445455, 9091, 545455], ["138.09", "2.82", "169.09"]),
            (Money(250, "USD"), ["0.1313", "0.8687"], ["32.83", "217.17"]),
            (Money(-250, "USD"), ["0.1313", "0.8687"], ["-32.83", "-217.17"]),
        ],
    )
    def test_shares_add_up_to_the_cent(self, money: Money, weights: list[Any], expected: list[str]) -> None:
        """The largest remainders get the cents; a debt is the mirror image of a credit."""
        assert expected == amounts(money.allocate(weights))

    def test_currencies_without_cents(self) -> None:
        """An amount in yen is split and estimated in whole yen."""
        assert ["34", "33", "33"] == amounts(Money(100, "JPY").split(3))
        assert Money(33, "JPY") == Money.estimated(33.3333, "JPY")

    @pytest.mark.parametrize("amount", ["0.0000001", "1E+2", "1.10", "123456789012345678901234567890.1234567890"])
    def test_amounts_survive_json(self, amount: str) -> None:
        """Very small and very long amounts come back as they were."""
        money = Money(amount, "EUR")

        assert money == adapter(Money).validate_json(adapter(Money).dump_json(money))


class TestChurn:
    def test_an_end_is_brought_forward_into_a_pause(self) -> None:
        """A scheduled end moves to an earlier day, and the pause is cut short there."""
        plan = sub("a", "2026-01-01", "2026-12-31", pauses=[Period(instant("2026-03-01"), instant("2026-05-01"))])
        cancelled = plan.cancelled(instant("2026-04-01"))

        assert (instant("2026-04-01"),) * 2 == (cancelled.ended, cancelled.pauses[0].end)

    def test_joined_and_left_on_one_day(self) -> None:
        """A customer who joins and leaves at one instant is joined and lost."""
        assert 1 == Churn.of([sub("a", "2026-01-01"), sub("b", "2026-03-05", "2026-03-05")], MARCH).joined_and_lost

    def test_an_upgrade(self) -> None:
        """With a tolerance, a second between the old and the new plan is no leaving."""
        subs = [
            sub("a", "2026-01-01", "2026-03-10T12:00:00Z"),
            sub("a", "2026-03-10T12:00:01Z"),
            sub("b", "2026-01-01"),
        ]

        assert 1 == Churn.of(subs, MARCH).lost
        assert 0 == Churn.of(subs, MARCH, gap_tolerance=DAY).lost

    def test_a_plan_of_six_months(self) -> None:
        """A price per six months is one of ten a month."""
        plan = sub("a", "2026-01-01", price=60, interval=6)

        assert Money(10, "EUR") == RevenueChurn.of([plan], MARCH).start

    def test_a_subscription_given_twice(self) -> None:
        """A subscription that has an id counts once."""
        a, b = sub("a", "2026-01-01", "2026-03-10", 10, id="s1"), sub("b", "2026-01-01", None, 30, id="s2")

        assert Decimal("0.25") == RevenueChurn.of([a, b, a], MARCH).rate
        assert Churn.of([a, b], MARCH) == Churn.of([a, b, a], MARCH)

    def test_one_of_two_plans_ends(self) -> None:
        """A customer who keeps one of two plans has not left, and what they no longer pay is not lost by churn."""
        subs = [sub("s", "2026-01-01", price=150), sub("s", "2026-02-01", "2026-03-10", 50)]
        lost = RevenueChurn.of(subs, MARCH)

        assert (0, Money(200, "EUR"), Money(0, "EUR")) == (Churn.of(subs, MARCH).lost, lost.start, lost.lost)

    def test_a_free_plan_is_a_choice(self) -> None:
        """A customer on a free plan has left if free plans are left out, and stays if they are counted."""
        subs = [sub("a", "2026-01-01", "2026-03-10"), sub("a", "2026-03-10", price=0), sub("b", "2026-01-01")]

        assert 0 == Churn.of(subs, MARCH).lost
        assert 1 == Churn.of((one for one in subs if one.price), MARCH).lost


class TestValue:
    def test_two_purchases_on_one_day(self) -> None:
        """They are one order: one customer bought on one day only, and the other has a gap of 59 days."""
        log = [
            bought("a", "2026-01-05"),
            bought("a", "2026-01-05", 20),
            bought("b", "2026-01-01"),
            bought("b", "2026-03-01"),
        ]
        base = Buying.of(log, tenure=TenureRule.FIRST_TO_LAST)

        assert (1, 3) == (base.one_time, base.orders)
        assert base.orders_per_year is not None
        assert abs(Fraction(base.orders_per_year) - Fraction(365, 59)) < Fraction(1, 10**25)
        assert () == inactivity.purchase_gaps(log)["a"]

    def test_negative_margins(self) -> None:
        """A loss has a negative value, never pays back, and refunds may outweigh purchases."""
        value = lifetime_value.constant_retention(
            margin=Money(-20, "EUR"),
            retention=Retention("0.9", TimeUnit.YEAR),
            discount=Discount("0.1", TimeUnit.YEAR),
            first_margin=FirstMargin.INCLUDED,
        ).value

        assert Money(-110, "EUR") == value.quantized()
        assert Payback(acquisition_cost=Money(5, "EUR"), margin=Money(-1, "EUR")).never
        assert (
            Money(-5, "EUR")
            == lifetime_value.historic([bought("a", "2026-01-01"), bought("a", "2026-01-02", -15)]).value
        )

    def test_flows_in_any_order(self) -> None:
        """Flows before the reference date grow, and their order does not matter: -800 + 450 * 1.06^(181/365)."""
        flows = [CashFlow(date(2026, 7, 1), Money(-800, "USD")), CashFlow(date(2026, 1, 1), Money(450, "USD"))]
        expected = Money.estimated(-800 + 450 * 1.06 ** (181 / 365), "USD", digits=8)
        for given in (flows, flows[::-1]):
            worth = cashflow.npv(given, discount=Discount("0.06", TimeUnit.YEAR), as_of=date(2026, 7, 1)).value

            assert expected == worth.quantized(8)

    def test_percentiles(self) -> None:
        """A percentile is exact where a product of floats would miss it, and equal numbers have one percentile."""
        gaps = ["0.8134401516384731"] * 279
        linear = {
            inactivity.inactivity_threshold(gaps, percentile=f"{p / 100:.2f}", method=PercentileMethod.LINEAR).value
            for p in range(0, 101, 5)
        }

        assert [6, 13, 27, 28, 54, 55, 56, 57, 98] == [
            inactivity.inactivity_threshold(range(100), percentile=p / 100).value
            for p in (7, 14, 28, 29, 55, 56, 57, 58, 99)
        ]
        assert {Decimal(gaps[0])} == linear


class TestProportions:
    def test_a_confidence_that_is_one_as_a_float(self) -> None:
        """It is refused, because its bounds would be infinite."""
        nearly: Any = Decimal("0.99999999999999999")
        with refused(InvalidValueError, "not_a_confidence: confidence"):
            proportions.wilson(1, 1000, confidence=nearly)

    def test_beyond_a_million(self) -> None:
        """One event among a million and one has nearly the bounds of one among a million."""
        million, more = (proportions.clopper_pearson(1, n) for n in (10**6, 10**6 + 1))
        assert million is not None
        assert more is not None

        assert pytest.approx(million.low, rel=1e-5) == more.low
        assert pytest.approx(2.5318e-08, rel=1e-4) == more.low
        assert pytest.approx(5.572e-06, rel=1e-3) == more.high


class TestJourneys:
    def test_rows_in_any_order(self) -> None:
        """Paths follow the time, not the order of the rows."""
        rows = [
            (who, at, instant(f"2026-01-01T{hour:02}:{minute}"))
            for who, hour in (("1", 9), ("2", 10))
            for at, minute in zip("ABC", ("00", "10", "20"), strict=True)
        ]
        shuffled = [rows[place] for place in (4, 0, 5, 2, 1, 3)]

        assert {("A", "B", "C"): 2} == {way: edge.count for way, edge in paths.variants(shuffled).items()}
        assert 2 == dict(Flow.of(shuffled).starts)["A"].count

    def test_a_step_that_comes_twice(self) -> None:
        """A visit serves one step: the second of two equal steps needs a second visit, with and without a limit."""
        seconds = [
            ("u", "signup", 0),
            ("u", "view", 1),
            ("u", "view", 1),
            ("u", "view", 2),
            ("v", "signup", 0),
            ("v", "view", 1),
        ]
        rows = [(who, at, instant(f"2026-03-02T10:00:0{second}Z")) for who, at, second in seconds]
        for within in (None, timedelta(hours=1)):
            funnel = Funnel.of(rows, {"signup": "signup", "first": "view", "again": "view"}, within=within)

            assert [2, 2, 1] == [step.reached for step in funnel.steps]

    def test_who_may_still_convert(self) -> None:
        """With a window and a reference date, who started less than a window ago is open and not lost."""
        rows = [
            ("old", "trial", instant("2026-01-01")),
            ("old", "paid", instant("2026-01-20")),
            ("new", "trial", instant("2026-03-25")),
        ]
        funnel = Funnel.of(rows, ["trial", "paid"], within=31 * DAY, as_of=instant("2026-04-01"))

        assert (Decimal(1), 1) == (funnel.rate, funnel.open)

    def test_a_look_back_window(self) -> None:
        """A touch after the conversion earns nothing, and one before the window neither."""
        rows = [
            ("u", "organic", instant("2026-08-06")),
            ("u", "purchase", instant("2022-06-08")),
            ("v", "ad", instant("2024-12-01")),
            ("v", "mail", instant("2026-02-20")),
            ("v", "purchase", instant("2026-03-01")),
        ]
        converted = {way for way, one in attribution.outcomes(rows, "purchase").items() if one.conversions}
        recent = {
            way for way, one in attribution.outcomes(rows, "purchase", within=90 * DAY).items() if one.conversions
        }

        assert {(), ("ad", "mail")} == converted
        assert {(), ("mail",)} == recent

    def test_last_touch_that_is_not_direct(self) -> None:
        """A direct visit earns only where nothing else led to the conversion."""
        ways = {
            ("ad", "direct", "direct"): Outcome(conversions=2),
            ("direct",): Outcome(conversions=1),
            ("direct", "mail", "direct"): Outcome(conversions=3),
        }

        assert {"mail": 3, "ad": 2, "direct": 1} == dict(attribution.last_non_direct(ways, direct="direct").credits)


class TestKeys:
    def test_a_missing_key(self) -> None:
        """NaN equals nothing, not even itself, and so names no group."""
        with refused(InvalidValueError, "missing_key: key"):
            HistoricValue.by([bought("a", "2026-01-01")], lambda _: float("nan"))

    def test_records_can_be_watched(self) -> None:
        """A weak reference leads to every record."""
        for record in (Money(1, "EUR"), Churn(start=1), Journeys.of([]), TallyBy({"a": Churn(start=1)})):
            assert record is weakref.ref(record)()

    def test_equal_keys_of_pairs(self) -> None:
        """The tallies of a key that comes twice are added: 24 good moments and a bad one."""
        assert Decimal(12) == TallyBy([("desk", Balance(good=24)), ("desk", Balance(bad=1))])["desk"].value
