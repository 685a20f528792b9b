"""Revenue churn, compared with sums of fractions."""

from __future__ import annotations

from datetime import UTC, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import Churn, Money, Period, RevenueChurn, Subscription, TallyBy, TimeUnit, instant
from crmcore.interop.hypothesis import periods, revenue_churns, subscriptions
from crmcore.primitives.errors import (
    CurrencyMismatchError,
    InconsistentCountsError,
    InvalidValueError,
    PolicyMismatchError,
    WrongTypeError,
)
from crmcore.retention.churn import compounded_daily, sum_of_daily
from tests.support.refusals import refused
from tests.support.strategies import records

MARCH = Period.month(2026, 3)
EURO = Money(10, "EUR")
BEFORE = timedelta(microseconds=1)
A_MONTH = {
    TimeUnit.DAY: Fraction(365, 12),
    TimeUnit.WEEK: Fraction(365, 84),
    TimeUnit.MONTH: Fraction(1),
    TimeUnit.QUARTER: Fraction(1, 3),
    TimeUnit.YEAR: Fraction(1, 12),
}
logs = records(subscriptions(), min_size=1, max_size=8)


def paying(who: str, price: int, ended: str | None = None, started: str = "2026-01-01") -> Subscription:
    """Build a monthly subscription."""
    return Subscription(
        customer_id=who,
        price=Money(price, "EUR"),
        every=TimeUnit.MONTH,
        started=instant(started),
        ended=None if ended is None else instant(ended),
    )


class TestRevenueChurn:
    @given(logs, periods(), st.booleans())
    def test_agrees_with_sums_of_fractions(self, plans: list[Subscription], period: Period, rest: bool) -> None:
        """The start is the revenue just before the period; lost is the part of customers who are gone at its end."""
        counted = RevenueChurn.of(plans, period, paused_is_lost=rest)
        paid: dict[object, Fraction] = {}
        runs_in_the_end: set[object] = set()
        for plan in plans:
            one = plan if rest else attrs.evolve(plan, pauses=(), paused_since=None)
            if one.is_active(period.start.astimezone(UTC) - BEFORE):
                monthly = Fraction(plan.price.amount) * A_MONTH[plan.every] / plan.interval
                paid[plan.customer_id] = paid.get(plan.customer_id, Fraction(0)) + monthly
            if one.is_active(period.end.astimezone(UTC) - BEFORE):
                runs_in_the_end.add(plan.customer_id)
        lost = [amount for who, amount in paid.items() if who not in runs_in_the_end]

        assert (len(paid), len(lost)) == (counted.customers, counted.customers_lost)
        assert abs(Fraction(counted.start.amount) - sum(paid.values())) <= Fraction(len(plans), 10**40)
        assert abs(Fraction(counted.lost.amount) - sum(lost)) <= Fraction(len(plans), 10**40)

    @given(logs, periods(), st.booleans())
    def test_logos_are_those_of_churn(self, plans: list[Subscription], period: Period, rest: bool) -> None:
        """`RevenueChurn` and `Churn` count the same customers and have the same logo rate."""
        counted = RevenueChurn.of(plans, period, paused_is_lost=rest)
        churn = Churn.of(plans, period, paused_is_lost=rest)

        assert (churn.start, churn.lost_of_starters) == (counted.customers, counted.customers_lost)
        assert churn.rate == counted.logo_rate

    @given(logs, periods(), st.randoms(use_true_random=False))
    def test_order_and_shards_of_customers_do_not_matter(
        self, plans: list[Subscription], period: Period, random: Any
    ) -> None:
        """Any order gives the same record, and parts cut by customer add up to it exactly."""
        whole = RevenueChurn.of(plans, period)
        shuffled = plans.copy()
        random.shuffle(shuffled)
        some = {plan.customer_id for plan in plans if random.random() < 0.5}
        shards = [[one for one in plans if (one.customer_id in some) == side] for side in (True, False)]

        assert whole == RevenueChurn.of(iter(shuffled), period)
        assert whole == sum(RevenueChurn.of(shard, period, currency="EUR") for shard in shards)
        assert whole == RevenueChurn.by(plans, period, lambda plan: plan.customer_id).total

    @given(revenue_churns())
    def test_rates(self, record: RevenueChurn) -> None:
        """Each rate is the lost part of the whole, and None if the whole is zero."""
        for rate, part, whole in (
            (record.revenue_rate, record.lost.amount, record.start.amount),
            (record.logo_rate, record.customers_lost, record.customers),
        ):
            assert (rate is None) == (not whole)
            if rate is not None:
                assert abs(Fraction(rate) - Fraction(part) / Fraction(whole)) <= Fraction(1, 10**33)
        assert record.rate == record.revenue_rate

    def test_the_same_logo_churn_may_be_any_revenue(self) -> None:
        """With the same logo churn, the revenue churn depends on who leaves."""
        small = [paying("a", 100, "2026-03-09"), paying("b", 100), paying("c", 800)]
        large = [paying("a", 100), paying("b", 100), paying("c", 800, "2026-03-09")]
        rates = [RevenueChurn.of(plans, MARCH) for plans in (small, large)]

        assert rates[0].logo_rate == rates[1].logo_rate
        assert [Decimal("0.1"), Decimal("0.8")] == [one.rate for one in rates]

    def test_contraction_is_no_churn(self) -> None:
        """One of two subscriptions cancelled, a return before the end, and a new customer are not losses."""
        plans = [
            paying("a", 80),
            paying("a", 20, "2026-03-09"),
            paying("b", 50, "2026-03-09"),
            paying("b", 10, started="2026-03-20"),
            paying("c", 70, "2026-03-09", "2026-03-02"),
        ]

        assert RevenueChurn(
            start=Money(150, "EUR"), lost=Money(0, "EUR"), customers=2, period=MARCH
        ) == RevenueChurn.of(plans, MARCH)

    def test_a_change_of_plan_at_the_first_instant(self) -> None:
        """A subscription that begins at the first instant is not part of the start."""
        plans = [paying("a", 80, "2026-03-01"), paying("a", 20, "2026-03-09", "2026-03-01")]

        assert (Money(80, "EUR"), Money(80, "EUR")) == (
            RevenueChurn.of(plans, MARCH).start,
            RevenueChurn.of(plans, MARCH).lost,
        )

    @pytest.mark.parametrize(
        ("every", "monthly"),
        [
            (TimeUnit.DAY, "3650"),
            (TimeUnit.WEEK, "521.4285714285714285714285714285714285714286"),
            (TimeUnit.MONTH, "120"),
            (TimeUnit.QUARTER, "40"),
            (TimeUnit.YEAR, "10"),
        ],
    )
    def test_prices_are_by_the_month(self, every: TimeUnit, monthly: str) -> None:
        """Prices are converted to a month, without trailing zeros."""
        counted = RevenueChurn.of([attrs.evolve(paying("a", 120), every=every)], MARCH)

        assert f"Money('{monthly}', 'EUR')" == repr(counted.start)

    def test_of_nothing(self) -> None:
        """Without subscriptions the rates are None, and the currency must be given."""
        empty = RevenueChurn.of([], MARCH, currency="EUR")

        assert (None, None) == (empty.rate, empty.logo_rate)
        assert TallyBy() == RevenueChurn.by([], MARCH, lambda plan: plan.customer_id)
        with refused(InvalidValueError, "no_subscriptions_and_no_currency: currency"):
            RevenueChurn.of([], MARCH)

    def test_every_six_months(self) -> None:
        """A price for six months is a sixth of it a month."""
        plan = attrs.evolve(paying("a", 60), interval=6)

        assert Money(10, "EUR") == RevenueChurn.of([plan], MARCH).start

    def test_an_upgrade_is_no_leaving(self) -> None:
        """A tolerated gap does not count as lost; at a start within it the customer pays what they paid before it."""
        old = attrs.evolve(paying("a", 10), ended=instant("2026-02-28T20:00"))
        new = attrs.evolve(paying("a", 30), started=instant("2026-03-01T08:00"))
        tolerant = RevenueChurn.of([new, old], MARCH, gap_tolerance=timedelta(days=1))
        strict = RevenueChurn.of([new, old], MARCH)

        assert (Money(10, "EUR"), Money(0, "EUR"), 1) == (tolerant.start, tolerant.lost, tolerant.customers)
        assert (Money(0, "EUR"), 0) == (strict.start, strict.customers)
        gone = RevenueChurn.of(
            [old, attrs.evolve(new, ended=instant("2026-03-09"))], MARCH, gap_tolerance=timedelta(days=1)
        )
        assert Money(10, "EUR") == gone.lost

    def test_an_upgrade_after_two_plans(self) -> None:
        """The price at a start within a tolerated gap is that of the plan that stopped last, in whatever order."""
        first = attrs.evolve(paying("a", 5), ended=instant("2026-01-20"))
        old = attrs.evolve(paying("a", 10), ended=instant("2026-02-28T20:00"))
        new = attrs.evolve(paying("a", 30), started=instant("2026-03-01T08:00"))
        for plans in ([first, old, new], [new, old, first]):
            assert Money(10, "EUR") == RevenueChurn.of(plans, MARCH, gap_tolerance=timedelta(days=60)).start

    def test_says_what_it_leaves_out(self) -> None:
        """The cautions name contraction, and paused plans unless they are left out."""
        counted = RevenueChurn.of([paying("a", 1)], MARCH)
        strict = RevenueChurn.of([paying("a", 1)], MARCH, paused_is_lost=True)

        assert ["contraction_left_out", "paused_plans_counted"] == [found.rule for found in counted.cautions]
        assert ["contraction_left_out"] == [found.rule for found in strict.cautions]

    def test_currencies_do_not_mix(self) -> None:
        """Two currencies are refused among prices, beside `currency`, and in a ready record."""
        dollar = attrs.evolve(paying("b", 1), price=Money(1, "USD"))
        with refused(CurrencyMismatchError, "prices_in_two_currencies: subscriptions[1]"):
            RevenueChurn.of([paying("a", 1), dollar], MARCH)
        with refused(CurrencyMismatchError, "prices_in_two_currencies: subscriptions[0]"):
            RevenueChurn.by([dollar], MARCH, lambda plan: plan.customer_id, currency="EUR")
        with refused(CurrencyMismatchError, "two_currencies: lost"):
            RevenueChurn(start=EURO, lost=Money(1, "USD"))

    def test_groups(self) -> None:
        """Each group has what its own customers paid and lost."""
        plans = [paying("a", 1), paying("b", 2, "2026-03-09"), paying("c", 4)]
        by = RevenueChurn.by(plans, MARCH, lambda plan: plan.customer_id == "c")

        assert {False: RevenueChurn.of(plans[:2], MARCH), True: RevenueChurn.of(plans[2:], MARCH)} == dict(by.items())

    @pytest.mark.parametrize(
        ("changes", "counts"),
        [
            ({"started": MARCH.start - BEFORE}, True),
            ({"started": MARCH.start}, False),
            ({"ended": MARCH.start}, True),
            ({"ended": MARCH.start - BEFORE}, False),
            ({"paused_since": MARCH.start}, True),
            ({"paused_since": MARCH.start - BEFORE}, False),
            ({"pauses": [Period(MARCH.start, MARCH.start + BEFORE)]}, True),
            ({"pauses": [Period(MARCH.start - BEFORE, MARCH.start)]}, False),
            ({"pauses": [Period(MARCH.start - 2 * BEFORE, MARCH.start - BEFORE)]}, True),
        ],
    )
    def test_a_second_plan_counts_if_it_runs(self, changes: dict[str, Any], *, counts: bool) -> None:
        """A customer pays for a second plan too if just before the start it had begun, and not ended or paused."""
        second = attrs.evolve(paying("a", 5), **changes)

        start = RevenueChurn.of([paying("a", 10), second], MARCH, paused_is_lost=True).start

        assert Money(15 if counts else 10, "EUR") == start

    def test_a_customer_counts_once(self) -> None:
        """A key of the subscription instead of the customer is refused."""
        with pytest.raises(InconsistentCountsError, match="^subscriptions of one customer .* got 1 and 2"):
            RevenueChurn.by([paying("a", 1), paying("a", 2)], MARCH, lambda plan: int(plan.price.amount))

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"lost": Money(11, "EUR")}, InconsistentCountsError, "more_lost_than_at_start: lost"),
            ({"customers_lost": 1}, InconsistentCountsError, "more_lost_than_at_start: customers_lost"),
            ({"start": Money(-1, "EUR")}, InvalidValueError, ""),
            ({"lost": Money(-1, "EUR")}, InvalidValueError, ""),
            ({"lost": 1}, WrongTypeError, "wrong_type: lost"),
            ({"customers": -1}, InvalidValueError, "too_small: customers"),
            ({"customers": 1, "customers_lost": -1}, InvalidValueError, "too_small: customers_lost"),
            ({"period": "march"}, WrongTypeError, "wrong_type: period"),
            ({"paused_is_lost": None}, WrongTypeError, "wrong_type: paused_is_lost"),
        ],
    )
    def test_ready_amounts_are_checked(self, values: dict[str, Any], error: type[Exception], message: str) -> None:
        """A record made from figures obeys the same rules."""
        with refused(error, message):
            RevenueChurn(**dict[str, Any](start=EURO, lost=Money(0, "EUR")) | values)

    @pytest.mark.parametrize("item", [None, 1, EURO])
    def test_strangers_are_named(self, item: Any) -> None:
        """A value that is no subscription, period or function is refused, and the message names the argument."""
        with refused(WrongTypeError, "wrong_type: subscriptions[0]"):
            RevenueChurn.of([item], MARCH)
        with refused(WrongTypeError, "wrong_type: period"):
            RevenueChurn.of([], item)
        with refused(WrongTypeError, "not_a_function: key"):
            RevenueChurn.by([], MARCH, item)

    def test_periods_do_not_add(self) -> None:
        """Records of two periods cannot be added."""
        with pytest.raises(PolicyMismatchError, match="periods do not add"):
            RevenueChurn.of([paying("a", 1)], MARCH) + RevenueChurn.of([paying("a", 1)], Period.month(2026, 4))


class TestFromAmounts:
    def test_from_what_is_left(self) -> None:
        """`lost` or `end` may be given, or both if they agree."""
        lost = RevenueChurn(start=EURO, lost=Money(4, "EUR"), period=MARCH)

        for amounts in (
            {"lost": Money(4, "EUR")},
            {"end": Money(6, "EUR")},
            {"lost": Money(4, "EUR"), "end": Money(6, "EUR")},
        ):
            assert lost == RevenueChurn.from_amounts(start=EURO, period=MARCH, **amounts)

    @pytest.mark.parametrize(
        ("amounts", "error", "message"),
        [
            ({}, InvalidValueError, "neither_lost_nor_end: lost"),
            ({"end": Money(11, "EUR")}, InconsistentCountsError, "end_above_start: end"),
            (
                {"end": EURO, "lost": EURO},
                InconsistentCountsError,
                "lost_is_not_start_minus_end: lost",
            ),
            ({"end": 5}, WrongTypeError, "wrong_type: end"),
            ({"start": 5, "end": EURO}, WrongTypeError, "wrong_type: start"),
            ({"end": Money(1, "USD")}, CurrencyMismatchError, ""),
        ],
    )
    def test_refuses_nonsense(self, amounts: dict[str, Any], error: type[Exception], message: str) -> None:
        """Missing, too large and contradictory amounts are refused."""
        with refused(error, message):
            RevenueChurn.from_amounts(**dict[str, Any](start=EURO) | amounts)

    def test_daily_conventions_take_it(self) -> None:
        """The daily functions take a `RevenueChurn` for each day; a day without revenue adds nothing."""
        days = {
            1: RevenueChurn.from_amounts(start=Money(100, "EUR"), end=Money(95, "EUR")),
            2: RevenueChurn.from_amounts(start=Money(0, "EUR"), end=Money(0, "EUR")),
            3: RevenueChurn.from_amounts(start=Money(50, "EUR"), end=Money(45, "EUR")),
        }

        assert (Decimal("0.15"), Decimal("0.145")) == (sum_of_daily(days), compounded_daily(days))
