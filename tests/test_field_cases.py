"""Cases that users of other tools reported, each with its right value or with the rule that refuses it.

The values are worked out by hand, or computed in another way that the docstring names. What a diagram looks like in a
browser is tested by `make mermaid`.
"""

from __future__ import annotations

import json
import pickle
import random
import re
import weakref
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import dateutil.tz
import msgspec
import pytest
from mpmath import mp, mpf

from crmcore import (
    AcquisitionSource,
    Balance,
    CashFlow,
    Channel,
    Churn,
    Cost,
    CostKind,
    Discount,
    FailureRate,
    FirstMargin,
    Flow,
    Funnel,
    HistoricValue,
    Inactivity,
    InconsistentCountsError,
    InvalidValueError,
    JourneyMap,
    Journeys,
    JourneyStep,
    LifecycleStage,
    MomentOfTruth,
    Money,
    OrderRule,
    Payback,
    PercentileMethod,
    Period,
    Purchase,
    Relationship,
    Retention,
    RevenueChurn,
    StepOrder,
    Subscription,
    TallyBy,
    TenureRule,
    TimeUnit,
    Transitions,
    Valence,
    ValueMix,
    WrongTypeError,
    attribution,
    cashflow,
    churn,
    inactivity,
    instant,
    lifetime_value,
    paths,
    render,
)
from crmcore.interop import pydantic
from crmcore.primitives import proportions
from tests.support.chains import converts_by_hand
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from crmcore import Id

MARCH: Final = Period.month(2026, 3)
DAY: Final = timedelta(days=1)


def subscribe(customer: str, started: str, ended: str | None = None, price: int = 10, **fields: Any) -> Subscription:
    """Return a monthly subscription in euros."""
    return Subscription(
        customer_id=customer,
        price=Money(price, "EUR"),
        started=instant(started),
        ended=None if ended is None else instant(ended),
        every=fields.pop("every", TimeUnit.MONTH),
        **fields,
    )


def buy(customer: Id, at: str, amount: int = 10, **fields: Any) -> Purchase:
    """Return a purchase in euros."""
    return Purchase(customer_id=customer, at=instant(at), amount=Money(amount, "EUR"), **fields)


def visit(*visits: tuple[str, str, str]) -> list[tuple[str, str, datetime]]:
    """Return the rows of a log."""
    return [(customer, touchpoint, instant(at)) for customer, touchpoint, at in visits]


def amounts(parts: Iterable[Money]) -> list[str]:
    """Return the amounts as text, with their digits."""
    return [str(part.amount) for part in parts]


def reached(funnel: Funnel) -> list[int]:
    """Return how many journeys reached each step."""
    return [step.reached for step in funnel.steps]


class TestTime:
    def test_pytz(self) -> None:
        """A zone of pytz is refused, in a period and in a time, because it may mean local mean time."""
        berlin = pytest.importorskip("pytz").timezone("Europe/Berlin")
        with refused(WrongTypeError, "zone_of_pytz: tz"):
            Period.month(2026, 7, tz=berlin)
        with refused(WrongTypeError, "zone_of_pytz: tz"):
            instant("2026-07-01", tz=berlin)
        with refused(WrongTypeError, "zone_of_pytz: at"):
            Purchase(customer_id=1, at=datetime(2026, 7, 1, tzinfo=berlin), amount=Money(1, "EUR"))

    @pytest.mark.parametrize("month", range(1, 13))
    @pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC"])
    def test_a_month_read_back(self, zone: str, month: int) -> None:
        """A month that went through JSON or to UTC is the same month: 7 of 200 leave, so 193 of 200 stay."""
        period = Period.month(2026, month, tz=ZoneInfo(zone))
        counted = Churn(start=200, lost=7, period=period)
        adapter = pydantic.adapter(Churn)
        read = adapter.validate_json(adapter.dump_json(counted))
        read_by_msgspec = msgspec.json.decode(msgspec.json.encode(counted), type=Churn)
        in_utc = Churn(start=200, lost=7, period=Period(period.start.astimezone(UTC), period.end.astimezone(UTC)))
        for other in (counted, read, read_by_msgspec, in_utc, pickle.loads(pickle.dumps(counted))):
            assert counted == other
            assert Retention("0.965", TimeUnit.MONTH) == other.retention()

    def test_skipped_midnight_in_a_zone_of_dateutil(self) -> None:
        """Sao Paulo skipped the midnight of 4 November 2018: the day begins at 01:00, and November has 30 days."""
        zone, by_zoneinfo = dateutil.tz.gettz("America/Sao_Paulo"), ZoneInfo("America/Sao_Paulo")
        assert zone is not None
        subscriptions = [
            subscribe("a", "2018-01-01", instant("2018-11-03T12:00", tz=by_zoneinfo).isoformat()),
            subscribe("b", "2018-01-01", instant("2018-11-04T12:00", tz=by_zoneinfo).isoformat()),
            subscribe("c", "2018-01-01"),
        ]
        days = churn.daily(subscriptions, Period.month(2018, 11, tz=zone))
        assert instant("2018-11-04", tz=zone).isoformat() == "2018-11-04T01:00:00-02:00"
        assert len(days) == 30
        assert {date(2018, 11, 3): 1, date(2018, 11, 4): 1} == {day: one.lost for day, one in days.items() if one.lost}

    @pytest.mark.parametrize(
        ("zone", "wall", "right"),
        [
            ("Antarctica/Troll", "2024-03-31T01:30", "2024-03-31T03:30:00+02:00"),
            ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-04T02:45:00+11:00"),
            ("Pacific/Apia", "2011-12-30T12:00", "2011-12-31T12:00:00+14:00"),
        ],
    )
    def test_gaps_of_other_lengths(self, zone: str, wall: str, right: str) -> None:
        """A skipped time moves forward by the gap, which may be two hours, half an hour or a whole day."""
        assert right == instant(wall, tz=ZoneInfo(zone)).isoformat()

    def test_months_from_the_last_of_a_month(self) -> None:
        """Every month is counted from the first day, so after 28 February comes 31 March."""
        right = [date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]
        parts = Period(instant("2026-12-31"), instant("2027-04-30")).split(TimeUnit.MONTH)
        flows = lifetime_value.expected_flows(
            margin=Money(1, "EUR"), retention=Retention(1, TimeUnit.MONTH), first=right[0], periods=4
        )
        assert right == [part.start.date() for part in parts]
        assert right == [flow.day for flow in flows]

    def test_days_of_a_zone_that_skips_a_midnight(self) -> None:
        """Amman skipped the midnight of 26 March 2021; 31 days still cover March without gap or overlap."""
        march = Period.month(2021, 3, tz=ZoneInfo("Asia/Amman"))
        days = march.split(TimeUnit.DAY)
        assert days[25].start.isoformat() == "2021-03-26T01:00:00+03:00"
        assert len(days) == 31
        assert [day.start for day in days[1:]] == [day.end for day in days[:-1]]
        assert (march.start, march.end) == (days[0].start, days[-1].end)
        assert len(churn.daily([subscribe("a", "2021-01-01")], march)) == 31


class TestMoney:
    @pytest.mark.parametrize(
        ("money", "weights", "right"),
        [
            (Money("10.07", "EUR"), [49, 51], ["4.93", "5.14"]),  # 4.9343, 5.1357
            (Money("0.01", "EUR"), [33, 66], ["0.00", "0.01"]),
            (Money("88.88", "EUR"), [75, 25], ["66.66", "22.22"]),
            (Money(310, "GBP"), [445455, 9091, 545455], ["138.09", "2.82", "169.09"]),  # 138.0909, 2.8182, 169.0909
        ],
    )
    def test_left_over_cents(self, money: Money, weights: list[int], right: list[str]) -> None:
        """A cent that is left over goes to the share that lost most by rounding down."""
        assert right == amounts(money.allocate(weights))

    def test_refunds_mirror_sales(self) -> None:
        """A refund is divided as its sale; half a cent goes to the first of two equal remainders."""
        weights = ["0.1313", "0.8687"]  # 32.825 and 217.175
        assert ["32.83", "217.17"] == amounts(Money(250, "USD").allocate(weights))
        assert ["-32.83", "-217.17"] == amounts(Money(-250, "USD").allocate(weights))
        assert ["-0.02", "-0.02", "-0.01"] == amounts(Money("-0.05", "EUR").split(3))

    def test_currencies_without_cents(self) -> None:
        """The yen has no decimals and the dinar of Kuwait has three (ISO 4217)."""
        assert ["34", "33", "33"] == amounts(Money(100, "JPY").split(3))
        assert ["33.334", "33.333", "33.333"] == amounts(Money(100, "KWD").split(3))
        assert Money(33, "JPY") == Money.estimated(33.3333, "JPY")


class TestSubscriptions:
    def test_an_end_brought_forward(self) -> None:
        """An end that lies ahead can be moved to an earlier instant; a pause is cut short there."""
        planned = subscribe(
            "a", "2026-01-01", "2026-12-31", pauses=[Period(instant("2026-03-01"), instant("2026-05-01"))]
        )
        left = planned.cancelled(instant("2026-04-01"))
        assert instant("2026-04-01") == left.ended
        assert (Period(instant("2026-03-01"), instant("2026-04-01")),) == left.pauses

    def test_joined_and_left_on_one_day(self) -> None:
        """A customer who joins and leaves at one instant has joined and is lost, however it is recorded."""
        counted = Churn.of([subscribe("a", "2026-01-01"), subscribe("b", "2026-03-05", "2026-03-05")], MARCH)
        assert (1, 1, 1, 1) == (counted.start, counted.joined, counted.lost, counted.joined_and_lost)
        assert Decimal("0.5") == counted.start_plus_new  # 1 of 1 + 1
        at = instant("2026-03-05")
        assert at == subscribe("b", "2026-03-05").cancelled(at).ended

    def test_an_upgrade_with_a_gap(self) -> None:
        """A gap within the tolerance is no leaving; without a tolerance it is one."""
        subscriptions = [
            subscribe("a", "2026-01-01", "2026-03-10T12:00:00"),
            subscribe("a", "2026-03-10T12:00:01", price=30),
            subscribe("b", "2026-01-01"),
        ]
        tolerant = Churn.of(subscriptions, MARCH, gap_tolerance=DAY)
        assert tolerant.lost == 0
        assert {0} == {tolerant.start_plus_new, tolerant.average_of_start_and_end, tolerant.start_of_period}
        strict = Churn.of(subscriptions, MARCH)
        assert (1, 1) == (strict.lost, strict.lost_and_returned)

    def test_billed_every_six_months(self) -> None:
        """A price of 60 for six months is 10 a month; a text for the unit is refused."""
        half_yearly = subscribe("a", "2026-01-01", price=60, interval=6)
        assert Money(10, "EUR") == RevenueChurn.of([half_yearly], MARCH).start
        with refused(WrongTypeError, "not_a_member: every"):
            subscribe("a", "2026-01-01", price=60, every="6 months")

    def test_a_subscription_that_comes_twice(self) -> None:
        """It counts once: 10 of 40 euros are lost. Two different subscriptions of one id are refused."""
        a, b = subscribe("a", "2026-01-01", "2026-03-10", id="s1"), subscribe("b", "2026-01-01", price=30, id="s2")
        twice = RevenueChurn.of([a, b, a], MARCH)
        assert (Money(40, "EUR"), Money(10, "EUR"), Decimal("0.25")) == (twice.start, twice.lost, twice.rate)
        assert Churn.of([a, b], MARCH) == Churn.of([a, b, a], MARCH)
        other = subscribe("a", "2026-01-01", id="s1")
        for counter in (Churn.of, RevenueChurn.of):
            with refused(InconsistentCountsError, "two_records_of_one_id: subscriptions['s1']"):
                counter([a, b, other], MARCH)

    def test_one_of_two_subscriptions_ends(self) -> None:
        """The customer stays, so neither the customer nor the 50 euros are lost by churn."""
        subscriptions = [
            subscribe("a", "2026-01-01", price=150),
            subscribe("a", "2026-02-01", "2026-03-10", price=50),
        ]
        revenue = RevenueChurn.of(subscriptions, MARCH)
        assert Churn.of(subscriptions, MARCH).lost == 0
        assert (Money(200, "EUR"), Money(0, "EUR")) == (revenue.start, revenue.lost)

    def test_a_move_to_a_free_plan(self) -> None:
        """A free plan counts as active; leave free plans out to count the move as a loss."""
        subscriptions = [
            subscribe("a", "2026-01-01", "2026-03-10"),
            subscribe("a", "2026-03-10", price=0),
            subscribe("b", "2026-01-01"),
        ]
        assert Churn.of(subscriptions, MARCH).lost == 0
        assert Churn.of([one for one in subscriptions if one.price], MARCH).lost == 1


class TestPurchases:
    def test_the_first_instant_of_all(self) -> None:
        """A purchase at the first instant of the calendar is one like any other, and its customer is lost by now."""
        first = Purchase(customer_id="a", at=datetime(1, 1, 1, tzinfo=UTC), amount=Money(10, "EUR"))
        limits: dict[str, Any] = {"as_of": instant("2026-06-01"), "churned_after": 30 * DAY}
        purchases = [first, buy("b", "2026-05-31")]
        groups = Inactivity.by(purchases, lambda purchase: purchase.customer_id, **limits)
        assert {"a": (0, 1), "b": (1, 0)} == {key: (one.active, one.churned) for key, one in groups.items()}
        assert Inactivity.of(purchases, **limits) == groups.total

    def test_two_lines_of_one_order(self) -> None:
        """Purchases on one day are one order, for buying and for gaps alike: 1 order in 59 days, 365 / 59 a year."""
        log = [buy("a", "2026-01-05"), buy("a", "2026-01-05", 20), buy("b", "2026-01-01"), buy("b", "2026-03-01")]
        buying = lifetime_value.Buying.of(log, tenure=TenureRule.FIRST_TO_LAST)
        assert (1, 3) == (buying.one_time, buying.orders)
        assert buying.orders_per_year is not None
        assert abs(Fraction(365, 59) - Fraction(buying.orders_per_year)) < Fraction(1, 10**30)
        assert {"a": (), "b": (59,)} == inactivity.purchase_gaps(log)
        each = lifetime_value.Buying.of(log, tenure=TenureRule.FIRST_TO_LAST, order_rule=OrderRule.EACH_PURCHASE)
        assert (0, 4) == (each.one_time, each.orders)

    def test_customers_at_a_loss(self) -> None:
        """A negative margin is a margin: -20 * 1.1 / (1.1 - 0.9) is -110, never paid back; 10 - 15 is -5."""
        forever = lifetime_value.constant_retention(
            margin=Money(-20, "EUR"),
            retention=Retention("0.9", TimeUnit.YEAR),
            discount=Discount("0.1", TimeUnit.YEAR),
            first_margin=FirstMargin.INCLUDED,
        )
        assert Money(-110, "EUR") == forever.value
        assert Payback(acquisition_cost=Money(5, "EUR"), margin=Money(-1, "EUR")).never
        assert Money(-5, "EUR") == lifetime_value.historic([buy("a", "2026-01-01"), buy("a", "2026-01-02", -15)]).value

    def test_flows_out_of_order(self) -> None:
        """The order of flows does not matter: -800 + 450 * 1.06 ** (181 / 365), by mpmath."""
        flows = [
            CashFlow(date(2026, 7, 1), Money(-800, "USD")),
            CashFlow(date(2026, 1, 1), Money(450, "USD")),
        ]
        with mp.workdps(40):
            right = -800 + 450 * mpf("1.06") ** (mpf(181) / 365)
            for given in (flows, flows[::-1]):
                npv = cashflow.npv(given, discount=Discount("0.06", TimeUnit.YEAR), as_of=date(2026, 7, 1))
                assert abs(right - mpf(str(npv.value.amount))) < mpf(10) ** -25


class TestStatistics:
    def test_nearest_rank(self) -> None:
        """The rank is ceil(p * n / 100) in whole numbers, counted from 1, at every per cent."""
        for percent in range(1, 101):
            found = inactivity.inactivity_threshold(range(100), percentile=percent / 100)
            assert percent - 1 == found.value
        assert inactivity.inactivity_threshold(range(1, 11), percentile="0.5").value == 5

    def test_interpolation_between_equals(self) -> None:
        """Between two equal numbers lies that number; of ten numbers, by hand, 7, 8, 15 and 20."""
        one = "0.8134401516384731"
        gaps = [3, 6, 7, 8, 8, 10, 13, 15, 16, 20]
        for percent in range(101):
            same = inactivity.inactivity_threshold(
                [one] * 279, percentile=Decimal(percent) / 100, method=PercentileMethod.LINEAR
            )
            assert Decimal(one) == same.value
        shares = (0.25, 0.5, 0.75, 1)  # nearest ranks 3, 5, 8 and 10
        assert [7, 8, 15, 20] == [inactivity.inactivity_threshold(gaps, percentile=share).value for share in shares]

    @pytest.mark.parametrize("bounds", [proportions.wilson, proportions.clopper_pearson])
    def test_a_confidence_of_nearly_one(self, bounds: Any) -> None:
        """A confidence that is 1 as a float is refused like 1 itself, everywhere alike."""
        with refused(InvalidValueError, "not_a_confidence: confidence"):
            bounds(1, 1000, confidence=Decimal("0.99999999999999999"))
        with refused(InvalidValueError, "not_a_confidence: confidence"):
            proportions.zero_event_bound(1000, confidence=float("0.99999999999999999"))

    @pytest.mark.parametrize("n", [10**6, 10**6 + 1, 10**7])
    def test_exact_bounds_of_rare_events(self, n: int) -> None:
        """At a bound the binomial tail is 2.5 %, by mpmath: the bounds do not jump where n passes a million."""
        tail = mpf("0.025")
        none, one = proportions.clopper_pearson(0, n), proportions.clopper_pearson(1, n)
        assert none is not None
        assert one is not None
        with mp.workdps(40):
            chance_of_none = [(1 - mpf(share)) ** n for share in (none.high, one.low, one.high)]
            chance_of_one = n * mpf(one.high) * (1 - mpf(one.high)) ** (n - 1)
            assert none.low == 0
            assert mp.almosteq(tail, chance_of_none[0], 1e-9)
            assert mp.almosteq(tail, 1 - chance_of_none[1], 1e-9)
            assert mp.almosteq(tail, chance_of_none[2] + chance_of_one, 1e-9)


class Nanoseconds(datetime):
    """A datetime that is finer than a microsecond, like `pandas.Timestamp`."""

    nanosecond = 100


class TestJourneys:
    def test_an_unsorted_log(self) -> None:
        """Rows are sorted by time, so two customers who went A, B, C have one path, whatever the order of rows."""
        rows = visit(
            *(
                (customer, touchpoint, f"2026-01-01T{hour}:{minute}")
                for customer, hour in (("1", "09"), ("2", "10"))
                for touchpoint, minute in (("A", "00"), ("B", "10"), ("C", "20"))
            )
        )
        for seed in range(20):
            random.Random(seed).shuffle(rows)
            assert {("A", "B", "C"): 2} == {path: edge.count for path, edge in paths.variants(rows).items()}
            assert {"A": 2} == {touchpoint: edge.count for touchpoint, edge in Flow.of(rows).starts.items()}

    def test_times_finer_than_a_microsecond(self) -> None:
        """They are refused, because cutting them off can change the order of visits."""
        at = Nanoseconds(2026, 3, 2, 10, tzinfo=UTC)
        with refused(InvalidValueError, "nanoseconds: records[0]"):
            Journeys.of([("u", "second", at)])

    @pytest.mark.parametrize("within", [None, timedelta(hours=1)])
    def test_two_equal_steps(self, within: timedelta | None) -> None:
        """Two equal steps need two visits: u has three, v has one."""
        rows = visit(
            ("u", "signup", "2026-03-02T10:00:00"),
            ("u", "view", "2026-03-02T10:00:01"),
            ("u", "view", "2026-03-02T10:00:01"),
            ("u", "view", "2026-03-02T10:00:02"),
            ("v", "signup", "2026-03-02T10:00:00"),
            ("v", "view", "2026-03-02T10:00:01"),
        )
        steps = {"signup": "signup", "first": "view", "again": "view"}
        assert [2, 2, 1] == reached(Funnel.of(rows, steps, within=within))

    def test_two_steps_at_one_instant(self) -> None:
        """Visits of one instant keep the order of their rows."""
        cart, checkout = ("u", "cart", "2026-08-21T02:37:42"), ("u", "checkout", "2026-08-21T02:37:42")
        assert [1, 1] == reached(Funnel.of(visit(cart, checkout), ["cart", "checkout"]))
        assert [1, 0] == reached(Funnel.of(visit(checkout, cart), ["cart", "checkout"]))

    def test_a_visit_between_two_steps(self) -> None:
        """A journey with a refund between the two steps is left out, whether it went on or not."""
        rows = visit(
            ("u", "view", "2026-03-01"),
            ("u", "refund", "2026-03-02"),
            ("u", "buy", "2026-03-03"),
            ("v", "view", "2026-03-01"),
            ("v", "buy", "2026-03-02"),
            ("v", "refund", "2026-03-03"),
            ("w", "view", "2026-03-01"),
            ("w", "refund", "2026-03-02"),
        )
        funnel = Funnel.of(rows, ["view", "buy"], exclude={"refund": ("view", "buy")})
        assert [1, 1] == reached(funnel)
        assert (1, 2) == (funnel.journeys, funnel.excluded)

    def test_steps_in_any_order(self) -> None:
        """Steps in any order are all reached; six funnels, one for each order, would not add up to it."""
        rows = visit(("u", "profile", "2026-03-01"), ("u", "invite", "2026-03-02"), ("u", "import", "2026-03-03"))
        steps = ["import", "invite", "profile"]
        assert [1, 0, 0] == reached(Funnel.of(rows, steps))
        assert [1, 1, 1] == reached(Funnel.of(rows, steps, order=StepOrder.ANY))

    def test_steps_directly_one_after_another(self) -> None:
        """A visit in between breaks the direct order alone."""
        rows = visit(("u", "cart", "2026-03-01"), ("u", "help", "2026-03-02"), ("u", "pay", "2026-03-03"))
        assert [1, 1] == reached(Funnel.of(rows, ["cart", "pay"]))
        assert [1, 0] == reached(Funnel.of(rows, ["cart", "pay"], order=StepOrder.DIRECT))

    def test_journeys_that_are_open(self) -> None:
        """Journeys that began less than a window ago are counted apart: 1 of 1 has paid, and 1 is open."""
        rows = visit(("old", "trial", "2026-01-01"), ("old", "paid", "2026-01-20"), ("new", "trial", "2026-03-25"))
        funnel = Funnel.of(rows, ["trial", "paid"], within=31 * DAY, as_of=instant("2026-04-01"))
        assert funnel.rate == 1
        assert (1, 1) == (funnel.journeys, funnel.open)


class TestAttribution:
    @pytest.mark.parametrize("order", [1, 2, 3])
    def test_loops_and_rare_channels(self, order: int) -> None:
        """Credits of a chain with loops agree with linear equations in exact fractions."""
        ways: dict[tuple[Id, ...], attribution.Outcome] = {
            ("a", "b", "a", "b", "a", "b", "c"): attribution.Outcome(conversions=1),
            ("a", "b"): attribution.Outcome(nulls=1000),
            ("c",): attribution.Outcome(conversions=2, nulls=10**9),
            ("d", "d"): attribution.Outcome(nulls=3),
        }
        whole = converts_by_hand(ways, order)
        effects = {one: 1 - converts_by_hand(ways, order, one) / whole for one in "abcd"}
        earned = dict(attribution.markov(ways, order=order).credits)
        for one, effect in effects.items():
            assert abs(3 * effect / sum(effects.values()) - Fraction(earned[one])) < Fraction(1, 10**25)

    def test_touches_after_the_sale_and_long_before_it(self) -> None:
        """A touch after the conversion has no part in it, nor has one before the look-back window."""
        rows = visit(
            ("u", "organic", "2026-08-06"),
            ("u", "purchase", "2022-06-08"),
            ("v", "ad", "2024-12-01"),
            ("v", "mail", "2026-02-20"),
            ("v", "purchase", "2026-03-01"),
        )

        def count(**options: Any) -> dict[Any, tuple[int, int]]:
            found = attribution.outcomes(rows, "purchase", **options)
            return {path: (one.conversions, one.nulls) for path, one in found.items()}

        assert {(): (1, 0), ("organic",): (0, 1), ("ad", "mail"): (1, 0)} == count()
        assert {(): (1, 0), ("organic",): (0, 1), ("mail",): (1, 0)} == count(within=90 * DAY)

    def test_direct_visits(self) -> None:
        """The last channel that is not direct has the credit; a path of direct visits only leaves it to them."""
        found = attribution.last_non_direct(
            {
                ("ad", "direct", "direct"): attribution.Outcome(conversions=2),
                ("direct",): attribution.Outcome(conversions=1),
                ("direct", "mail", "direct"): attribution.Outcome(conversions=3),
            },
            direct="direct",
        )
        assert {"mail": 3, "ad": 2, "direct": 1} == dict(found.credits)


class Ambiguous:
    """A value that has no truth when it is compared, like `pandas.NA`."""

    __hash__ = object.__hash__

    def __eq__(self, _: object) -> bool:
        message = "ambiguous"
        raise TypeError(message)


TWO: Final = ("a", "b")
LIMITS: Final[dict[str, Any]] = {"as_of": instant("2026-03-01"), "churned_after": 9 * DAY}
BOUGHT: Final = [buy(customer, "2026-01-01") for customer in TWO]
SUBSCRIBED: Final = [subscribe(customer, "2026-01-01") for customer in TWO]
MOMENTS: Final = [MomentOfTruth(valence=Valence.GOOD, at=instant("2026-01-01"))] * 2
COSTS: Final = [Cost(amount=Money(1, "EUR"), at=instant("2026-01-01"), kind=CostKind.SERVICE)] * 2
MET: Final = [
    Relationship(customer_id=customer, history=[(LifecycleStage.EXPLORATION, instant("2026-01-01"))])
    for customer in TWO
]
FIRST_TO_LAST: Final = TenureRule.FIRST_TO_LAST
COUNTED_BY: Final[dict[str, Callable[[Callable[[Any], Any]], object]]] = {
    "Balance.by": lambda key: Balance.by(MOMENTS, key),
    "Buying.by": lambda key: lifetime_value.Buying.by(BOUGHT, key, tenure=FIRST_TO_LAST),
    "Buying.by costs": lambda key: lifetime_value.Buying.by([], key, tenure=FIRST_TO_LAST, costs=COSTS),
    "Churn.by": lambda key: Churn.by(SUBSCRIBED, MARCH, key),
    "Churn.by_purchases": lambda key: Churn.by_purchases(BOUGHT, MARCH, key, churned_after=DAY),
    "Churn.by_relationships": lambda key: Churn.by_relationships(MET, MARCH, key),
    "FailureRate.by": lambda key: FailureRate.by(MOMENTS, key),
    "HistoricValue.by": lambda key: HistoricValue.by(BOUGHT, key),
    "HistoricValue.by costs": lambda key: HistoricValue.by([], key, costs=COSTS),
    "Inactivity.by": lambda key: Inactivity.by(BOUGHT, key, **LIMITS),
    "Journeys.apart": lambda key: Journeys.of([(one, "shop", instant("2026-01-01")) for one in TWO]).apart(key),
    "RevenueChurn.by": lambda key: RevenueChurn.by(SUBSCRIBED, MARCH, key),
    "TallyBy": lambda key: TallyBy([(key(one), Balance(good=1)) for one in TWO]),
    "Transitions.by": lambda key: Transitions.by(MET, key),
    "ValueMix.by": lambda key: ValueMix.by(dict.fromkeys(TWO, Money(1, "EUR")), key),
}


class TestRecordsAndKeys:
    @pytest.mark.parametrize("amount", ["0.0000001", "1E+2", "1.10", "123456789012345678901234567890.1234567890"])
    def test_numbers_in_json(self, amount: str) -> None:
        """An exact number is written as a text that its schema allows and that reads back with the same digits."""
        adapter = pydantic.adapter(Money)
        pattern = adapter.json_schema(mode="serialization")["properties"]["amount"]["pattern"]
        written = adapter.dump_json(Money(amount, "EUR"))
        assert re.search(pattern, json.loads(written)["amount"])
        assert Money(amount, "EUR") == adapter.validate_json(written)

    @pytest.mark.parametrize("by", COUNTED_BY, ids=COUNTED_BY)
    @pytest.mark.parametrize(
        ("key", "error", "broken"),
        [
            (float("nan"), InvalidValueError, "missing_key: key"),
            (Decimal("NaN"), InvalidValueError, "missing_key: key"),
            (("new", float("nan")), InvalidValueError, "missing_key: key"),
            (Ambiguous(), InvalidValueError, "missing_key: key"),
            (["new"], WrongTypeError, "key_not_hashable: key"),
        ],
    )
    def test_keys_that_name_no_group(self, by: str, key: Any, error: type[Exception], broken: str) -> None:
        """A missing key is refused, and one that cannot be hashed, in every count by a key."""
        with refused(error, broken):
            COUNTED_BY[by](lambda _: key)

    @pytest.mark.parametrize("by", COUNTED_BY, ids=COUNTED_BY)
    def test_keys_of_two_enums(self, by: str) -> None:
        """Members of two enums with one text would be one group: they are refused in every count by a key."""
        keys = iter([Channel.SOCIAL_NETWORK, AcquisitionSource.SOCIAL_NETWORK])
        with refused(InvalidValueError, "keys_of_two_enums: key"):
            COUNTED_BY[by](lambda _: next(keys))

    def test_weak_references(self) -> None:
        """Every record can be weakly referenced, and a `TallyBy` too."""
        for one in (Money(1, "EUR"), Churn(start=1), Journeys(), TallyBy({"a": Churn(start=1)})):
            assert one is weakref.ref(one)()

    def test_a_key_that_comes_twice(self) -> None:
        """Tallies of one key are added: 24 good moments less 12 for the bad one are 12."""
        assert TallyBy([("desk", Balance(good=24)), ("desk", Balance(bad=1))])["desk"].value == 12


class TestDiagrams:
    """How Mermaid shows them is checked by `make mermaid`, with the oldest and the newest 11 and with 12."""

    def test_a_label_that_begins_like_a_list(self) -> None:
        """The marks of a list are written by number, because versions 11.0 to 11.9 show an error in their place."""
        rows = [("u", touchpoint_id, instant("2026-03-01")) for touchpoint_id in ("1. Landing page", "- call")]
        boxes = re.findall(r'n\d\["(.*)"\]', str(render.mermaid_flow(Flow.of(rows))))

        assert ["1#46; Landing page", "#45; call"] == boxes

    def test_syntax_in_a_user_journey(self) -> None:
        """Semicolon, colon, hash and comma in a title, an actor, a phase and a step neither end nor split them."""
        step = JourneyStep(name="pay; now: #4, ok", phase="one; two: #2")
        told = str(render.mermaid_journey(JourneyMap(name="A; b # c: d", actor="Ops, EU; #1: x", steps=[step])))
        lines = [re.sub(r"#(\d+);", lambda found: chr(int(found[1])), line).strip() for line in told.splitlines()]

        assert not re.search("#(?![0-9]+;)|,", told)
        assert ["title A; b # c: d", "section one; two: #2", "pay; now: #4, ok: 3: Ops, EU; #1: x"] == lines[1:]
