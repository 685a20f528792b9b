"""Movements of monthly revenue, compared with what each customer pays at every instant."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from operator import attrgetter
from typing import Any, cast
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    UTC,
    ChangeRule,
    Channel,
    Churn,
    ChurnMoment,
    FreePlanRule,
    Id,
    Money,
    Period,
    ReactivationRule,
    RevenueChurn,
    RevenueDefinition,
    RevenueMovements,
    RevenuePolicy,
    Subscription,
    Table,
    TallyBy,
    TimeUnit,
    instant,
    revenue,
)
from crmcore.interop.hypothesis import revenue_movements, revenue_policies
from crmcore.primitives.errors import (
    CurrencyMismatchError,
    InconsistentCountsError,
    InvalidValueError,
    PolicyMismatchError,
    WrongTypeError,
)
from tests.support.refusals import refused

MARCH = Period.month(2026, 3)
DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
BEGIN = instant("2026-02-01")
AMOUNTS = ("start", "new", "reactivation", "expansion", "contraction", "churn", "kept", "end_of_starters")
COUNTS = (
    "customers",
    "customers_new",
    "customers_reactivated",
    "customers_expanded",
    "customers_contracted",
    "customers_churned",
)
MONTHS = {TimeUnit.MONTH: 1, TimeUnit.QUARTER: 3, TimeUnit.YEAR: 12}


class Source(StrEnum):
    """Where customers come from, with a text that a channel has too."""

    PHONE = "phone"


def euro(amount: int | str) -> Money:
    """An amount."""
    return Money(amount, "EUR")


def paying(who: Any, price: int, start: int, end: int | None = None, **fields: Any) -> Subscription:
    """Build a monthly subscription from a day to another, counted from 1 February."""
    return Subscription(
        customer_id=who,
        price=euro(price),
        every=fields.pop("every", TimeUnit.MONTH),
        started=BEGIN + start * DAY,
        ended=None if end is None else BEGIN + end * DAY,
        **fields,
    )


@st.composite
def plans_of_a_few(draw: st.DrawFn) -> list[Subscription]:
    """Subscriptions of three customers that start, pause and end on few days, so that most of them meet."""
    plans: list[Subscription] = []
    for _ in range(draw(st.integers(0, 7))):
        start, *lengths = (draw(st.integers(0, 70)), *draw(st.lists(st.integers(0, 30), min_size=3, max_size=3)))
        one, two, end = start + lengths[0], start + lengths[0] + lengths[1], start + sum(lengths)
        pauses = [Period(BEGIN + one * DAY, BEGIN + two * DAY)] if two > one and draw(st.booleans()) else []
        plans.append(
            paying(
                draw(st.sampled_from("abc")),
                draw(st.sampled_from([0, 12, 24, 30])),
                start,
                draw(st.sampled_from([end, None])),
                pauses=pauses,
                every=draw(st.sampled_from([*MONTHS])),
                interval=draw(st.integers(1, 2)),
            )
        )
    return plans


@st.composite
def periods_of_days(draw: st.DrawFn) -> Period:
    """A period of whole days."""
    start, length = draw(st.integers(0, 80)), draw(st.integers(1, 40))
    return Period(BEGIN + start * DAY, BEGIN + (start + length) * DAY)


def ends_of(plans: list[Subscription], policy: RevenuePolicy) -> list[tuple[Subscription, datetime | None]]:
    """Each plan with the instant from which on it is not paid."""
    found: list[tuple[Subscription, datetime | None]] = []
    for place, plan in enumerate(plans):
        end = plan.ended
        if end is not None and policy.churn_moment is ChurnMoment.END_OF_BILLING_PERIOD:
            paused = policy.paused_is_lost and any(pause.end == end for pause in plan.pauses)
            later, steps = plan.started, 0
            while not steps or later < end:
                steps += 1
                months = plan.started.month - 1 + steps * plan.interval * MONTHS[plan.every]
                year, month = plan.started.year + months // 12, months % 12 + 1
                last = (Period.month(year, month).end - DAY).day
                later = plan.started.replace(year=year, month=month, day=min(plan.started.day, last))
            starts = [
                other.started
                for number, other in enumerate(plans)
                if number != place and other.customer_id == plan.customer_id and end <= other.started
            ]
            if not paused:
                end = min([later, *starts])
        found.append((plan, end))
    return found


def states_of(plans: list[Subscription], policy: RevenuePolicy) -> dict[Any, list[tuple[datetime, Fraction, bool]]]:
    """What each customer pays from which instant on, and whether they are one, by looking at every instant."""
    ended = ends_of(plans, policy)
    instants = {plan.started for plan in plans} | {end for _, end in ended if end}
    instants |= {edge for plan in plans for pause in plan.pauses for edge in (pause.start, pause.end)}
    states: dict[Any, list[tuple[datetime, Fraction, bool]]] = {}
    for customer in {plan.customer_id for plan in plans}:
        found, there = [(BEGIN - DAY, Fraction(0), False)], False
        for at in sorted(instants):
            running = [
                plan
                for plan, end in ended
                if plan.customer_id == customer
                and plan.started <= at
                and (end is None or at < end)
                and not (policy.paused_is_lost and any(at in pause for pause in plan.pauses))
            ]
            paid = sum(
                (Fraction(plan.price.amount) / (MONTHS[plan.every] * plan.interval) for plan in running), Fraction(0)
            )
            there = paid > 0 or (there and bool(running) and policy.free_plans is FreePlanRule.CONTRACTION)
            found.append((at, paid, there))
        states[customer] = close_gaps(found, policy.gap_tolerance)
    return states


def close_gaps(
    states: list[tuple[datetime, Fraction, bool]], tolerance: timedelta | None
) -> list[tuple[datetime, Fraction, bool]]:
    """The states with each short absence filled by the state before it."""
    if tolerance is None:
        return states
    closed = list(states)
    for place, (_, paid, there) in enumerate(states):
        following = next((number for number in range(place + 1, len(states)) if states[number][2]), None)
        if there and following is not None and following > place + 1:
            gap = range(place + 1, following)
            if states[following][0] - states[gap[0]][0] <= tolerance:
                for number in gap:
                    closed[number] = (states[number][0], paid, True)
    return closed


def count(plans: list[Subscription], period: Period, policy: RevenuePolicy) -> dict[str, Fraction | int]:
    """The movements by their definitions."""
    found: dict[str, Any] = {name: Fraction(0) for name in AMOUNTS} | dict.fromkeys(COUNTS, 0)

    def note(before: Fraction, was: bool, after: Fraction, now: bool, away: timedelta | None) -> None:
        back = away is not None and (policy.reactivation_window is None or away <= policy.reactivation_window)
        if was and not now:
            kind, name, amount = "churn", "churned", before
        elif now and not was:
            kind, name, amount = ("reactivation", "reactivated", after) if back else ("new", "new", after)
        elif before < after:
            kind, name, amount = "expansion", "expanded", after - before
        elif after < before:
            kind, name, amount = "contraction", "contracted", before - after
        else:
            return
        found[kind] += amount
        found[f"customers_{name}"] += 1

    for states in states_of(plans, policy).values():
        _, before, was = [state for state in states if state[0] < period.start][-1] if states else states[0]
        _, after, now = [state for state in states if state[0] < period.end][-1]
        found["start"] += before
        found["customers"] += was
        found["kept"] += min(before, after) if was and now else 0
        found["end_of_starters"] += after if was else 0
        changes = [(one, other) for one, other in pairwise(states) if period.start <= other[0] < period.end]
        departures = [other[0] for one, other in pairwise(states) if one[2] and not other[2]]
        if policy.changes is ChangeRule.EACH:
            for one, other in changes:
                left = [at for at in departures if at < other[0]]
                note(one[1], one[2], other[1], other[2], other[0] - left[-1] if left else None)
        else:
            left = [at for at in departures if at < period.start]
            returns = [other[0] for one, other in changes if other[2] and not one[2]]
            note(before, was, after, now, returns[0] - left[-1] if left and returns else None)
    return found


class TestRevenueMovements:
    @given(plans_of_a_few(), periods_of_days(), revenue_policies())
    def test_agrees_with_the_definition(self, plans: list[Subscription], period: Period, policy: RevenuePolicy) -> None:
        """Each movement is what the customers pay from one instant to the next, or from the start to the end."""
        counted = RevenueMovements.of(plans, period, currency="EUR", policy=policy)
        expected = count(plans, period, policy)

        assert {name: expected[name] for name in COUNTS} == {name: getattr(counted, name) for name in COUNTS}
        assert {name: expected[name] for name in AMOUNTS} == {
            name: Fraction(getattr(counted, name).amount).limit_denominator(1000) for name in AMOUNTS
        }

    @given(plans_of_a_few(), revenue_policies(), st.lists(st.integers(0, 100), min_size=2, max_size=5, unique=True))
    def test_movements_reconcile(self, plans: list[Subscription], policy: RevenuePolicy, days: list[int]) -> None:
        """The end of a period is the start of the next one, in revenue and in customers."""
        cuts = [BEGIN + day * DAY for day in sorted(days)]
        periods = [Period(one, other) for one, other in pairwise(cuts)]
        months = RevenueMovements.over(plans, periods, currency="EUR", policy=policy)

        for period in periods:
            assert months[period] == RevenueMovements.of(plans, period, currency="EUR", policy=policy)
        for one, other in pairwise(months.values()):
            assert one.end == other.start
            assert one.end_customers == other.customers
            assert euro(0) == other.restated_since(one)

    @given(plans_of_a_few(), periods_of_days(), revenue_policies(), st.data())
    def test_shards_add(
        self, plans: list[Subscription], period: Period, policy: RevenuePolicy, data: st.DataObject
    ) -> None:
        """The order does not matter, and disjoint customers add up to all, by a key too."""
        whole = RevenueMovements.of(plans, period, currency="EUR", policy=policy)
        shuffled = data.draw(st.permutations(plans))
        shards = [[plan for plan in plans if (plan.customer_id == "a") is part] for part in (True, False)]
        by_customer = RevenueMovements.by(plans, period, attrgetter("customer_id"), policy=policy)

        assert whole == RevenueMovements.of(iter(shuffled), period, currency="EUR", policy=policy)
        assert whole == sum(RevenueMovements.of(shard, period, currency="EUR", policy=policy) for shard in shards)
        assert whole == (by_customer.total or whole)

    @given(plans_of_a_few(), periods_of_days(), revenue_policies())
    def test_a_table_is_counted_alike(self, plans: list[Subscription], period: Period, policy: RevenuePolicy) -> None:
        """Columns give the same movements as records, by the group too."""
        plain = [attrs.evolve(plan, pauses=()) for plan in plans]
        names = ("customer_id", "started", "ended", "every", "interval")
        columns: dict[str, Any] = {name: [getattr(plan, name) for plan in plain] for name in names}
        table = Table(Subscription, columns | {"price": [plan.price.amount for plan in plain]}, tz=UTC, currency="EUR")
        key = attrgetter("customer_id")

        assert RevenueMovements.of(plain, period, currency="EUR", policy=policy) == RevenueMovements.of(
            table, period, currency="EUR", policy=policy
        )
        assert RevenueMovements.by(plain, period, key, policy=policy) == RevenueMovements.by(
            table, period, key, policy=policy
        )

    def test_a_table_is_counted_alike_under_the_usual_policy(self) -> None:
        """Under the usual policy whole columns are counted: those who came, came back, left or paid nothing."""
        plans = [
            paying("stays", 12, 0),
            paying("stays", 12, 0, every=TimeUnit.YEAR),
            paying("grows", 12, 0),
            paying("grows", 12, 30, every=TimeUnit.YEAR),
            paying("leaves", 5, 0, 40),
            paying("back", 9, 0, 10),
            paying("back", 9, 35, interval=2),
            paying("new", 7, 30),
            paying("free", 0, 0),
            paying("at once", 7, 30, 30),
            paying("later", 7, 90),
        ]
        names = ("customer_id", "started", "ended", "every", "interval")
        columns: dict[str, Any] = {name: [getattr(plan, name) for plan in plans] for name in names}
        table = Table(Subscription, columns | {"price": [plan.price.amount for plan in plans]}, tz=UTC, currency="EUR")
        found = RevenueMovements.of(table, MARCH)

        assert found == RevenueMovements.of(plans, MARCH)
        assert (euro(30), euro(7), euro("4.5"), euro(1), euro(5)) == (
            found.start, found.new, found.reactivation, found.expansion, found.churn,
        )  # fmt: skip

    @given(plans_of_a_few(), periods_of_days())
    def test_net_movements_are_those_between_two_instants(self, plans: list[Subscription], period: Period) -> None:
        """The comparison of what each customer pays at two instants gives the same."""
        states = states_of(plans, RevenuePolicy())
        before, after = (
            {who: euro(0) + at_last(rows, edge) for who, rows in states.items()} for edge in (period.start, period.end)
        )
        known = [who for who, rows in states.items() if any(row[2] and row[0] < period.start for row in rows)]
        counted = RevenueMovements.between(before, after, paid_before=known, currency="EUR", period=period)

        assert counted == RevenueMovements.of(
            [attrs.evolve(plan, every=TimeUnit.MONTH, interval=1) for plan in plans], period, currency="EUR"
        ) or any(plan.every is not TimeUnit.MONTH or plan.interval > 1 for plan in plans)

    @given(plans_of_a_few(), periods_of_days(), st.sampled_from(ChangeRule))
    def test_retention(self, plans: list[Subscription], period: Period, changes: ChangeRule) -> None:
        """Gross retention is from 0 to 1 and at most the net one; without expansion of starters they are equal."""
        counted = RevenueMovements.of(plans, period, currency="EUR", policy=RevenuePolicy(changes=changes))
        if counted.gross_retention is None or counted.net_retention is None or counted.gross_churn is None:
            assert not counted.start
            return

        assert 0 <= counted.gross_retention <= 1
        assert counted.gross_retention <= counted.net_retention
        assert (counted.gross_retention == counted.net_retention) == (counted.kept == counted.end_of_starters)
        if changes is ChangeRule.NET:
            assert (counted.gross_retention == counted.net_retention) == (not counted.expansion)
            assert abs(1 - counted.gross_churn - counted.gross_retention) < Decimal("1E-30")

    @given(plans_of_a_few(), periods_of_days(), st.booleans())
    def test_agrees_with_the_other_counts(self, plans: list[Subscription], period: Period, rest: bool) -> None:
        """Without free plans, the churn of revenue and of customers is that of `RevenueChurn` and `Churn`."""
        paid = [plan for plan in plans if plan.price and plan.ended != plan.started]
        policy = RevenuePolicy(paused_is_lost=rest)
        counted = RevenueMovements.of(paid, period, currency="EUR", policy=policy)
        older = RevenueChurn.of(paid, period, currency="EUR", paused_is_lost=rest)
        churn = Churn.of(paid, period, paused_is_lost=rest)

        assert (older.start, older.lost) == (counted.start, counted.churn)
        assert (older.customers, older.customers_lost) == (counted.customers, counted.customers_churned)
        assert (churn.start, churn.end) == (counted.customers, counted.end_customers)
        assert churn.rate == counted.logo_rate

    @given(revenue_movements())
    def test_rates(self, record: RevenueMovements) -> None:
        """Each rate is the quotient of two amounts, exact to 34 digits."""
        lost = record.churn + record.contraction
        reactivation = (
            record.reactivation if record.policy.reactivation is ReactivationRule.COUNTED else record.start * 0
        )

        assert record.gross_churn == record.rate == lost.ratio_to(record.start)
        assert record.net_churn == (lost - record.expansion - reactivation).ratio_to(record.start)
        assert record.quick_ratio == (record.new + record.expansion + reactivation).ratio_to(lost)
        assert record.net_new == record.end - record.start

    def test_several_subscriptions(self) -> None:
        """One of two plans that ends is contraction, and churn only with the last one."""
        plans = [paying("a", 10, 0, 40), paying("a", 5, 0), paying("b", 7, 0, 30), paying("b", 8, 0, 50)]
        found = RevenueMovements.of(plans, MARCH)

        assert (euro(30), euro(10), euro(15)) == (found.start, found.contraction, found.churn)
        assert (2, 1, 1) == (found.customers, found.customers_contracted, found.customers_churned)

    def test_two_customers_of_each_kind(self) -> None:
        """Each kind of movement counts its customers and sums their amounts, which may be less than 1."""
        before = [("a", 1), ("b", 1), ("c", 3), ("d", 3), ("e", 1), ("e", 2), ("f", 1)]
        after = [("a", 2), ("b", 2), ("c", 1), ("d", 2), ("g", 1), ("h", 1)]
        whole = [*(paying(*plan, 0, 40) for plan in before), *(paying(*plan, 40) for plan in after)]
        plans = [attrs.evolve(plan, price=plan.price / 4) for plan in whole]
        table = Table(Subscription, [attrs.asdict(plan, recurse=False) for plan in plans])
        counted = RevenueMovements.of(plans, MARCH)

        assert [6, 2, 0, 2, 2, 2] == [getattr(counted, name) for name in COUNTS]
        assert [euro(amount) for amount in ("3", "0.5", "0", "0.5", "0.75", "1")] == [
            getattr(counted, name) for name in AMOUNTS[:6]
        ]
        assert counted == RevenueMovements.of(table, MARCH)

    def test_bounds_of_the_period(self) -> None:
        """A plan that starts with the period is new, and one that ends with it was there; the end is outside."""
        plans = [paying("a", 1, 28), paying("b", 2, 0, 28), paying("c", 4, 59), paying("d", 8, 0, 59)]
        found = RevenueMovements.of(plans, MARCH)

        assert (euro(1), euro(2), euro(10)) == (found.new, found.churn, found.start)

    def test_trial_and_free_plans(self) -> None:
        """A trial is no revenue; who pays after it is new; who moves to a free plan leaves, or stays and pays 0."""
        trial = [paying("a", 0, 5, 35), paying("a", 9, 35)]
        downgrade = [paying("b", 9, 0, 35), paying("b", 0, 35)]
        upgrade = [paying("b", 9, 0, 20), paying("b", 0, 20, 35), paying("b", 9, 35)]
        stays = RevenuePolicy(free_plans=FreePlanRule.CONTRACTION)

        assert euro(9) == RevenueMovements.of(trial, MARCH).new == RevenueMovements.of(trial, MARCH, policy=stays).new
        assert euro(9) == RevenueMovements.of(downgrade, MARCH).churn
        assert euro(9) == RevenueMovements.of(downgrade, MARCH, policy=stays).contraction
        assert euro(9) == RevenueMovements.of(upgrade, MARCH).reactivation
        assert euro(9) == RevenueMovements.of(upgrade, MARCH, policy=stays).expansion

    def test_free_plan_after_leaving(self) -> None:
        """A free plan keeps a customer, and makes none of somebody who has left."""
        stays = RevenuePolicy(free_plans=FreePlanRule.CONTRACTION)
        found = RevenueMovements.of([paying("a", 9, 0, 10), paying("a", 0, 30)], MARCH, policy=stays)

        assert (0, 0) == (found.customers, found.end_customers)

    @pytest.mark.parametrize(("away", "expected"), [(14, "reactivation"), (15, "new"), (0, "expansion")])
    def test_reactivation_window(self, away: int, expected: str) -> None:
        """Who comes back within the window, its last instant included, is reactivated; later, they are new."""
        policy = RevenuePolicy(reactivation_window=14 * DAY)
        for changes in ChangeRule:
            found = RevenueMovements.of(
                [paying("a", 5, 0, 28 - away), paying("a", 9, 28)],
                Period(BEGIN + 28 * DAY, BEGIN + 50 * DAY),
                policy=attrs.evolve(policy, changes=changes),
            )

            assert euro(9 if away else 4) == getattr(found, expected)

    def test_gap_tolerance(self) -> None:
        """A gap that the tolerance covers is an upgrade; in it, the customer pays the old price."""
        plans = [paying("a", 5, 0, 27), paying("a", 9, 30)]
        tolerant = RevenuePolicy(gap_tolerance=3 * DAY)

        assert (euro(0), euro(9)) == attrgetter("start", "reactivation")(RevenueMovements.of(plans, MARCH))
        found = RevenueMovements.of(plans, MARCH, policy=tolerant)
        assert (euro(5), euro(4), euro(0)) == (found.start, found.expansion, found.new)
        assert euro(5) == revenue.recurring_revenue(plans, BEGIN + 29 * DAY, policy=tolerant)

    def test_end_of_billing_period(self) -> None:
        """A plan that ends in the middle of its month is paid until the end of it, or until the next plan."""
        policy = RevenueDefinition.PROFITWELL.policy
        ending = paying("a", 5, 14, 35)  # from 15 February, ended on 8 March

        assert euro(5) == revenue.recurring_revenue([ending], instant("2026-03-14"), policy=policy)
        assert euro(0) == revenue.recurring_revenue([ending], instant("2026-03-15"), policy=policy)
        both = [ending, paying("a", 7, 38)]
        assert euro(5) == revenue.recurring_revenue(both, instant("2026-03-10"), policy=policy)
        assert euro(7) == revenue.recurring_revenue(both, instant("2026-03-11"), policy=policy)

    def test_zone_of_billing_periods(self) -> None:
        """A month from 1 March ends on 1 April by the calendar of the zone, so the plan leaves in April."""
        plan = Subscription(
            customer_id=1,
            price=euro(9),
            every=TimeUnit.MONTH,
            started=instant("2026-03-01", tz=BERLIN),
            ended=instant("2026-03-10", tz=BERLIN),
        )
        march, april = (Period.month(2026, month, tz=BERLIN) for month in (3, 4))
        policy = RevenueDefinition.PROFITWELL.policy
        noon = instant("2026-03-31T12:00", tz=BERLIN)

        assert euro(9) == RevenueMovements.of([plan], march, policy=policy, tz=BERLIN).end
        assert euro(9) == RevenueMovements.of([plan], april, policy=policy, tz=BERLIN).churn
        assert euro(0) == RevenueMovements.of([plan], march, policy=policy).end
        assert euro(9) == RevenueMovements.by([plan], march, lambda _: 1, policy=policy, tz=BERLIN)[1].end
        assert euro(9) == RevenueMovements.over([plan], [march], policy=policy, tz=BERLIN)[march].end
        assert euro(9) == revenue.recurring_revenue([plan], noon, policy=policy, tz=BERLIN)
        assert euro(0) == revenue.recurring_revenue([plan], noon, policy=policy)

    @given(
        st.integers(-3000, 5000).map(lambda hours: BEGIN + timedelta(hours=hours)),
        st.integers(0, 400),
        st.sampled_from([*MONTHS, TimeUnit.DAY, TimeUnit.WEEK]),
        st.integers(1, 3),
        st.sampled_from([UTC, BERLIN, ZoneInfo("Pacific/Auckland"), ZoneInfo("America/New_York")]),
    )
    def test_billing_periods_are_calendar_steps(
        self, started: datetime, days: int, every: TimeUnit, interval: int, zone: tzinfo
    ) -> None:
        """They are the steps into which `Period.split` cuts the time from the start, in every zone."""
        ended = started + days * DAY
        plan = Subscription(customer_id=1, price=euro(12), every=every, started=started, ended=ended, interval=interval)
        steps = Period(started, ended + 1200 * DAY).split(every, tz=zone)[::interval]
        paid_until = next(step.start for step in steps[1:] if step.start >= ended)
        policy = RevenuePolicy(churn_moment=ChurnMoment.END_OF_BILLING_PERIOD)
        moment = timedelta(microseconds=1)

        assert plan.monthly_price == revenue.recurring_revenue([plan], paid_until - moment, policy=policy, tz=zone)
        assert euro(0) == revenue.recurring_revenue([plan], paid_until, policy=policy, tz=zone)

    def test_zone_is_checked(self) -> None:
        """A zone that is none is refused, whether billing periods are counted or not."""
        for count in (
            lambda tz: RevenueMovements.of([paying("a", 5, 0)], MARCH, tz=tz),
            lambda tz: RevenueMovements.by([paying("a", 5, 0)], MARCH, lambda _: 1, tz=tz),
            lambda tz: RevenueMovements.over([paying("a", 5, 0)], [MARCH], tz=tz),
            lambda tz: revenue.recurring_revenue([paying("a", 5, 0)], BEGIN, tz=tz),
        ):
            with refused(WrongTypeError, "not_a_zone: tz"):
                count(None)

    def test_definition_where_its_policy_is_due(self) -> None:
        """A vendor by its name, or its definition, is refused with the way to its policy."""
        for policy in (RevenueDefinition.STRIPE, "stripe"):
            given: Any = policy
            with refused(WrongTypeError, "wrong_type: policy") as caught:
                revenue.recurring_revenue([], BEGIN, policy=given)
            assert "RevenueDefinition.STRIPE.policy" in caught.value.advice

    def test_recurly(self) -> None:
        """An absence of less than a month is no movement; a month's pause is one, in February too."""
        policy = RevenueDefinition.RECURLY.policy
        short = [paying("a", 5, 0, 27), paying("a", 5, 50)]  # paid until 1 March, and again from 23 March
        paused = paying("b", 3, -31, pauses=[Period.month(2026, 2)])
        march = RevenueMovements.of([*short, paused], MARCH, policy=policy)

        assert (euro(5), euro(3), euro(0), euro(8)) == (march.start, march.reactivation, march.churn, march.end)
        assert euro(3) == RevenueMovements.of([paused], Period.month(2026, 2), policy=policy).churn

    def test_end_of_the_last_billing_period(self) -> None:
        """A billing period that would end after the last year of the calendar has no end."""
        late = Subscription(
            customer_id=1,
            price=euro(12),
            every=TimeUnit.YEAR,
            started=instant("9990-06-01"),
            ended=instant("9990-07-01"),
            interval=100,
        )
        policy = RevenuePolicy(churn_moment=ChurnMoment.END_OF_BILLING_PERIOD)

        assert euro("0.01") == revenue.recurring_revenue([late], instant("9999-12-31"), policy=policy)

    def test_pauses(self) -> None:
        """A pause changes nothing, or it is churn, and its end is reactivation."""
        plan = paying("a", 5, 0, pauses=[Period(BEGIN + 10 * DAY, BEGIN + 35 * DAY)])
        paused = paying("b", 3, 0, paused_since=BEGIN + 40 * DAY)

        assert euro(8) == RevenueMovements.of([plan, paused], MARCH).kept
        found = RevenueMovements.of([plan, paused], MARCH, policy=RevenuePolicy(paused_is_lost=True))
        assert (euro(3), euro(5), euro(3)) == (found.start, found.reactivation, found.churn)

    def test_never_paid(self) -> None:
        """A plan without any time, or that is paused from its start on, is nothing."""
        plans = [paying("a", 5, 35, 35), paying("a", 6, 36, 36), paying("b", 5, 30, paused_since=BEGIN + 30 * DAY)]
        for changes in ChangeRule:
            policy = RevenuePolicy(changes=changes, paused_is_lost=True)
            found = RevenueMovements.of(plans, MARCH, policy=policy)

            assert RevenueMovements.from_amounts(start=euro(0), period=MARCH, policy=policy) == found

    def test_joined_and_churned(self) -> None:
        """Who joins and leaves within the period has no movement, or two."""
        plans = [paying("a", 5, 30, 40)]

        assert RevenueMovements.from_amounts(start=euro(0), period=MARCH) == RevenueMovements.of(plans, MARCH)
        each = RevenueMovements.of(plans, MARCH, policy=RevenueDefinition.STRIPE.policy)
        assert (euro(5), euro(5), euro(0)) == (each.new, each.churn, each.end)
        assert ["each_change_counts"] == [finding.rule for finding in each.cautions]

    def test_definitions(self) -> None:
        """Each vendor has a policy of its own."""
        policies = [definition.policy for definition in RevenueDefinition]

        assert len(set(policies)) == len(policies)

    def test_reactivation_in_or_out(self) -> None:
        """Baremetrics leaves reactivation out of net churn and quick ratio; the others count it."""
        plans = [paying("a", 10, 0, 5), paying("a", 10, 30), paying("b", 20, 0, 35), paying("c", 20, 0)]
        counted, left_out = (
            RevenueMovements.of(plans, MARCH, policy=definition.policy)
            for definition in (RevenueDefinition.STRIPE, RevenueDefinition.BAREMETRICS)
        )

        assert (Decimal("0.25"), Decimal("0.5")) == (counted.net_churn, counted.quick_ratio)
        assert (Decimal("0.5"), Decimal(0)) == (left_out.net_churn, left_out.quick_ratio)
        assert counted.net_churn_by(ReactivationRule.LEFT_OUT) == left_out.net_churn
        with refused(WrongTypeError, "not_a_member: reactivation"):
            counted.net_churn_by("some")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - no rule

    def test_nothing(self) -> None:
        """Without subscriptions there is nothing, in a currency that must be given."""
        empty = RevenueMovements.of([], MARCH, currency="EUR")

        assert (None, None, None) == (empty.gross_churn, empty.net_retention, empty.quick_ratio)
        assert TallyBy() == RevenueMovements.by([], MARCH, attrgetter("customer_id"))
        assert empty == RevenueMovements.between({}, {}, currency="EUR", period=MARCH)
        for call in (
            lambda: RevenueMovements.of([], MARCH),
            lambda: RevenueMovements.over([], [MARCH]),
            lambda: RevenueMovements.between({}, {}),
            lambda: revenue.recurring_revenue([], MARCH.start),
        ):
            with refused(InvalidValueError, "no_revenue_and_no_currency: currency"):
                call()

    def test_currencies(self) -> None:
        """Two currencies are refused, with the place of the first other one."""
        dollar = attrs.evolve(paying("b", 1, 0), price=Money(1, "USD"))
        table = Table(Subscription, [attrs.asdict(plan, recurse=False) for plan in (paying("a", 1, 0), dollar)])
        for plans in ([paying("a", 1, 0), dollar], table):
            with refused(CurrencyMismatchError, "plans_in_two_currencies: subscriptions[1]"):
                RevenueMovements.of(plans, MARCH)
        for plans in ([dollar], Table(Subscription, [attrs.asdict(dollar, recurse=False)])):
            with refused(CurrencyMismatchError, "plans_in_two_currencies: subscriptions[0]"):
                RevenueMovements.of(plans, MARCH, currency="EUR")
            with refused(CurrencyMismatchError, "plans_in_two_currencies: subscriptions[0]"):
                RevenueMovements.by(plans, MARCH, attrgetter("customer_id"), currency="EUR")
        with refused(CurrencyMismatchError, "amounts_in_two_currencies: after['b']"):
            RevenueMovements.between({"a": euro(1)}, {"a": euro(1), "b": Money(1, "USD")})

    def test_two_groups(self) -> None:
        """A customer has one group; a table says so too."""
        columns: dict[str, Any] = {
            "customer_id": ["a", "a"],
            "id": [1, 2],
            "started": [BEGIN, BEGIN],
            "every": ["month", "month"],
            "price": [euro(1), euro(2)],
        }
        for plans in (
            [paying("a", 1, 0, id=1), paying("a", 2, 0, id=2)],
            Table(Subscription, columns),
        ):
            with refused(InconsistentCountsError) as caught:
                RevenueMovements.by(plans, MARCH, attrgetter("id"))

            assert "subscriptions of one customer must have one key, got 1 and 2" == caught.value.message

    def test_two_enums(self) -> None:
        """A group of two enums whose texts are equal is refused."""
        groups: list[Any] = [Channel.PHONE, Source.PHONE]
        with refused(InvalidValueError, "keys_of_two_enums: key"):
            RevenueMovements.by(
                [paying(0, 1, 0), paying(1, 2, 0)], MARCH, lambda plan: groups[cast("int", plan.customer_id)]
            )

    def test_a_row_that_is_refused(self) -> None:
        """A row of a table that ends before it starts is refused with its place."""
        columns: dict[str, Any] = {
            "customer_id": ["a", "b"],
            "started": [BEGIN, BEGIN],
            "ended": [None, BEGIN - DAY],
            "every": ["month", "month"],
            "price": [euro(1), euro(2)],
        }
        with refused(InvalidValueError, "ended_before_it_started: ended[1]"):
            RevenueMovements.of(Table(Subscription, columns), MARCH)

    def test_between_refuses(self) -> None:
        """Amounts are money, >= 0, of customers with an id."""
        with refused(WrongTypeError, "not_a_mapping: before"):
            RevenueMovements.between([], {})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a list
        with refused(InvalidValueError, ": before"):
            RevenueMovements.between({"a": euro(-1)}, {})
        with refused(WrongTypeError, ": paid_before[0]"):
            RevenueMovements.between({"a": euro(1)}, {}, paid_before=[None])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - unknown

    def test_lookalikes(self) -> None:
        """A customer under an id of two types counts as two, and a caution says so."""
        plans = [paying(7, 1, 0), paying("7", 1, 0)]
        before, after = dict[Id, Money]({7: euro(1)}), dict[Id, Money]({"7": euro(1)})
        found = [RevenueMovements.of(plans, MARCH), RevenueMovements.between(before, after)]

        assert [["mixed_customer_ids"]] * 2 == [[finding.rule for finding in each.cautions] for each in found]

    def test_defaults_from_amounts(self) -> None:
        """What is left of the start follows from the other amounts, as far as it can."""
        each = RevenuePolicy(changes=ChangeRule.EACH)
        whole = RevenueMovements.from_amounts(start=euro(10), churn=euro(6), contraction=euro(2), expansion=euro(1))
        turned_over = RevenueMovements.from_amounts(
            start=euro(10), new=euro(20), churn=euro(25), expansion=euro(9), policy=each
        )

        assert (euro(2), euro(3)) == (whole.kept, whole.end_of_starters)
        assert (euro(0), euro(9)) == (turned_over.kept, turned_over.end_of_starters)
        known = attrs.evolve(turned_over, kept=euro(4), end_of_starters=euro(5))
        given = {
            name: getattr(known, name) for name in ("start", "new", "churn", "expansion", "kept", "end_of_starters")
        }
        assert known == RevenueMovements.from_amounts(**given, policy=each)
        assert (Decimal("0.4"), Decimal("0.5")) == (known.gross_retention, known.net_retention)

    @pytest.mark.parametrize(
        ("fields", "broken"),
        [
            ({"churn": euro(8), "contraction": euro(3), "kept": euro(0)}, "churn"),
            ({"churn": euro(11), "policy": RevenueDefinition.STRIPE.policy}, "churn"),
            ({"kept": euro(9)}, "kept"),
            ({"kept": euro(11), "policy": RevenueDefinition.STRIPE.policy}, "kept"),
            ({"end_of_starters": euro(9)}, "end_of_starters"),
            ({"end_of_starters": euro(9), "policy": RevenueDefinition.STRIPE.policy}, "end_of_starters"),
            ({"end_of_starters": euro(11), "policy": RevenueDefinition.STRIPE.policy}, "end_of_starters"),
            ({"customers": 1, "customers_churned": 1, "customers_contracted": 1}, "customers_churned"),
            (
                {"customers": 1, "customers_new": 1, "customers_churned": 3, "policy": RevenueDefinition.STRIPE.policy},
                "customers_churned",
            ),
        ],
    )
    def test_counts_that_contradict(self, fields: dict[str, Any], broken: str) -> None:
        """More cannot be lost than there was, and what is kept follows from what is lost."""
        with refused(InconsistentCountsError, f"movements_contradict: {broken}"):
            attrs.evolve(RevenueMovements.from_amounts(start=euro(10), period=MARCH), **fields)

    def test_wrong_fields(self) -> None:
        """The field at fault is named, by the constructor too."""
        for fields, broken in (
            ({"start": 5}, "start"),
            ({"start": euro(5), "new": 5}, "new"),
            ({"start": euro(5), "churn": Money(1, "USD")}, "churn"),
            ({"start": euro(5), "kept": 1}, "kept"),
            ({"start": euro(5), "kept": Money(1, "USD")}, "kept"),
        ):
            with refused(Exception, f": {broken}"):
                RevenueMovements.from_amounts(**dict[str, Any](fields))
        march = RevenueMovements.from_amounts(start=euro(5))
        for field in attrs.fields(RevenueMovements)[1:8]:
            with refused(CurrencyMismatchError, f": {field.name}"):
                attrs.evolve(march, **dict[str, Any]({field.name: Money(1, "USD")}))

    def test_periods_do_not_add(self) -> None:
        """Two periods or two policies are refused; so is what is no period or no policy."""
        march = RevenueMovements.from_amounts(start=euro(1), period=MARCH)
        with refused(PolicyMismatchError, "policies_differ: period"):
            _ = march + RevenueMovements.from_amounts(start=euro(1), period=Period.month(2026, 4))
        with refused(PolicyMismatchError, "policies_differ: policy"):
            _ = march + attrs.evolve(march, policy=RevenueDefinition.STRIPE.policy)
        with refused(WrongTypeError, ": period"):
            RevenueMovements.of([], "March")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a text
        with refused(WrongTypeError, ": policy"):
            RevenueMovements.over([], [], policy=RevenueDefinition.STRIPE)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - its name

    def test_restated(self) -> None:
        """A change that is entered late moves the start away from the end that was reported before."""
        february = Period.month(2026, 2)
        reported = RevenueMovements.of([paying("a", 5, 0)], february)
        late = [paying("a", 5, 0, 20)]

        assert euro(-5) == RevenueMovements.of(late, MARCH).restated_since(reported)
        assert euro(0) == RevenueMovements.of(late, MARCH).restated_since(RevenueMovements.of(late, february))
        with refused(InvalidValueError, "not_the_period_before: earlier"):
            RevenueMovements.of(late, Period.month(2026, 4)).restated_since(reported)

    def test_explain(self) -> None:
        """The formulas are those of the policy."""
        each = RevenueMovements.from_amounts(
            start=euro(10), churn=euro(2), policy=RevenueDefinition.BAREMETRICS.policy
        ).explain()

        assert "(churn + contraction - expansion) / start" == each["net_churn"].formula
        assert "(new + expansion) / (churn + contraction)" == each["quick_ratio"].formula


def at_last(rows: list[tuple[datetime, Fraction, bool]], edge: datetime) -> Money:
    """What a customer pays just before an instant, in whole cents."""
    paid = [row[1] for row in rows if row[0] < edge][-1]
    return euro(str(Decimal(paid.numerator) / Decimal(paid.denominator))) if paid.denominator == 1 else euro(0)


class TestRecurringRevenue:
    @pytest.mark.parametrize(
        ("every", "interval", "price", "monthly"),
        [
            (TimeUnit.MONTH, 1, 100, "100"),
            (TimeUnit.YEAR, 1, 600, "50"),
            (TimeUnit.YEAR, 2, 600, "25"),
            (TimeUnit.QUARTER, 1, 30, "10"),
            (TimeUnit.DAY, 1, 12, "365"),
            (TimeUnit.WEEK, 1, 84, "365"),
        ],
    )
    def test_plans_are_converted_to_a_month(self, every: TimeUnit, interval: int, price: int, monthly: str) -> None:
        """A price is that of a month, whatever the billing period is."""
        plan = paying("a", price, 0, every=every, interval=interval)

        assert euro(monthly) == plan.monthly_price == revenue.recurring_revenue([plan], BEGIN)

    def test_at_an_instant(self) -> None:
        """A plan that starts at the instant counts, one that ends then does not."""
        plans = [paying("a", 1, 10), paying("b", 2, 0, 10), paying("c", 4, 11), paying("d", 8, 0, 11)]

        assert euro(9) == revenue.recurring_revenue(plans, BEGIN + 10 * DAY)
