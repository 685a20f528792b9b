"""Churn from subscriptions, relationships, purchases and ready figures, compared with sets of customers day by day."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import assume, given, strategies as st

from crmcore import (
    Churn,
    ChurnConvention,
    Dissolution,
    DissolutionCause,
    Id,
    Inactivity,
    Initiator,
    LifecycleStage,
    Money,
    Period,
    Purchase,
    Relationship,
    Retention,
    Subscription,
    TallyBy,
    TimeUnit,
    instant,
)
from crmcore.interop.hypothesis import churns, periods, relationships, subscriptions
from crmcore.primitives.errors import (
    InconsistentCountsError,
    InvalidValueError,
    PolicyMismatchError,
    WrongTypeError,
)
from crmcore.primitives.proportions import wilson
from crmcore.retention.churn import average_daily, compounded_daily, daily, sum_of_daily
from tests.support.refusals import breaks, refused
from tests.support.replay import replay
from tests.support.strategies import records

DAY = timedelta(days=1)
EURO = Money(10, "EUR")
FIRST = instant("2026-01-01")
MARCH = Period.month(2026, 3)
LAST_DAY = 90

Stay = tuple[int, int]
"""The first day on which a customer is there, and the first day on which they are not."""


def at(day: int, hour: int = 0) -> datetime:
    """Return the first instant of a day, with days counted from 2026-01-01."""
    return FIRST + timedelta(days=day, hours=hour)


def period_of(days: Stay) -> Period:
    """Build a period of whole days."""
    return Period(at(days[0]), at(days[1]))


def subscribed(who: Id, start: int, end: int, pauses: tuple[Stay, ...] = ()) -> Subscription:
    """Build a subscription of whole days; it has no end if it lasts beyond `LAST_DAY`."""
    return Subscription(
        customer_id=who,
        price=EURO,
        every=TimeUnit.MONTH,
        started=at(start),
        ended=None if end > LAST_DAY else at(end),
        pauses=[period_of(pause) for pause in pauses],
    )


stays = st.tuples(st.integers(0, 60), st.integers(1, 40)).map(lambda stay: (stay[0], stay[0] + stay[1]))
logs = st.lists(st.tuples(st.sampled_from("abcd"), stays), max_size=10)
months = st.tuples(st.integers(1, 60), st.integers(1, 30)).map(lambda days: (days[0], days[0] + days[1]))


@st.composite
def paused(draw: st.DrawFn) -> tuple[str, Stay, tuple[Stay, ...]]:
    """Draw a stay with up to two pauses in it, which may touch its ends and one another."""
    start, end = draw(stays)
    cuts = sorted(draw(st.sets(st.integers(start, min(end, LAST_DAY)), max_size=4)))
    rests = tuple((cuts[i], cuts[i + 1]) for i in range(0, len(cuts) - 1, 2))
    return draw(st.sampled_from("abcd")), (start, end), rests


def there(log: list[tuple[str, Stay]], day: int) -> set[str]:
    """Return the customers who are there at noon."""
    return {who for who, (start, end) in log if start <= day < end}


def counted_by_sets(log: list[tuple[str, Stay]], days: Stay) -> dict[str, int]:
    """Count from noon to noon, by the differences between the sets of customers of two days."""
    at_start, at_end = there(log, days[0] - 1), there(log, days[1] - 1)
    left: set[str] = set()
    came: set[str] = set()
    exposure = 0
    for day in range(*days):
        yesterday, today = there(log, day - 1), there(log, day)
        left |= yesterday - today
        came |= today - yesterday
        exposure += len(today)
    return {
        "start": len(at_start),
        "lost": len(left),
        "joined": len(came - at_start),
        "joined_and_lost": len(left - at_start - at_end),
        "lost_and_returned": len(left & at_end),
        "end": len(at_end),
        "exposure_days": exposure,
    }


def counts_of(churn: Churn) -> dict[str, int]:
    """Return the same counts of a record."""
    names = ("start", "lost", "joined", "joined_and_lost", "lost_and_returned", "end", "exposure_days")
    return {name: getattr(churn, name) for name in names}


def plans_of(log: list[tuple[str, Stay]]) -> list[Subscription]:
    """Build a subscription for each stay."""
    return [subscribed(who, *stay) for who, stay in log]


class TestSubscriptions:
    @given(logs, months)
    def test_agrees_with_sets(self, log: list[tuple[str, Stay]], days: Stay) -> None:
        """Every count agrees with comparing the customers of each day with those of the day before."""
        assert counted_by_sets(log, days) == counts_of(Churn.of(plans_of(log), period_of(days)))

    @given(st.lists(paused(), max_size=8), months)
    def test_pauses_by_choice(self, log: list[tuple[str, Stay, tuple[Stay, ...]]], days: Stay) -> None:
        """A pause is not a loss by default; with `paused_is_lost` a pause cuts the stay."""
        plans = [subscribed(who, *stay, rests) for who, stay, rests in log]
        whole = [(who, stay) for who, stay, _ in log]
        cut: list[tuple[str, Stay]] = []
        for who, (start, end), rests in log:
            bounds = [start, *(bound for rest in rests for bound in rest), end]
            cut += [(who, (bounds[i], bounds[i + 1])) for i in range(0, len(bounds), 2)]

        assert counted_by_sets(whole, days) == counts_of(Churn.of(plans, period_of(days)))
        resting = Churn.of(plans, period_of(days), paused_is_lost=True)
        assert counted_by_sets(cut, days) == counts_of(resting)
        assert resting.paused_is_lost

    @given(records(subscriptions(), max_size=10), periods(), st.booleans(), st.randoms(use_true_random=False))
    def test_order_and_shards_of_customers_do_not_matter(
        self, plans: list[Subscription], period: Period, rest: bool, random: Any
    ) -> None:
        """Any order gives the same record, and parts cut by customer add up to it."""
        whole = Churn.of(plans, period, paused_is_lost=rest)
        shuffled = plans.copy()
        random.shuffle(shuffled)
        some = {plan.customer_id for plan in plans if random.random() < 0.5}
        shards = [[one for one in plans if (one.customer_id in some) == side] for side in (True, False)]

        assert whole == Churn.of(iter(shuffled), period, paused_is_lost=rest)
        assert whole == Churn.total(Churn.of(shard, period, paused_is_lost=rest) for shard in shards)

    def test_an_upgrade_is_no_leaving(self) -> None:
        """With a tolerance, a gap up to it does not count as lost; a longer gap does."""
        night = timedelta(hours=12)
        old = attrs.evolve(subscribed("a", 0, 0), started=instant("2026-01-01"), ended=instant("2026-03-10T12:00"))
        new = attrs.evolve(old, started=instant("2026-03-11"), ended=None)
        stays = attrs.evolve(old, customer_id="b", ended=None)
        for tolerance, lost in ((None, 1), (night - timedelta(microseconds=1), 1), (night, 0)):
            counted = Churn.of([old, new, stays], MARCH, gap_tolerance=tolerance)

            assert (lost, tolerance) == (counted.lost, counted.gap_tolerance)
            assert lost == sum(day.lost for day in daily([old, new, stays], MARCH, gap_tolerance=tolerance).values())
            assert counted == Churn.by([old, new, stays], MARCH, lambda _: "all", gap_tolerance=tolerance)["all"]
        with pytest.raises(PolicyMismatchError):
            Churn.of([old], MARCH, gap_tolerance=night).compared_to(Churn.of([old], MARCH))
        with refused(InvalidValueError, "duration_not_positive: gap_tolerance"):
            Churn.of([], MARCH, gap_tolerance=timedelta(0))

    def test_joined_and_left_on_one_day(self) -> None:
        """A subscription that ends where it starts has joined and is lost."""
        day = instant("2026-03-05")
        brief = attrs.evolve(subscribed("a", 0, 0), started=day, ended=day)
        churn = Churn.of([brief], MARCH)

        assert (0, 1, 1, 1) == (churn.start, churn.joined, churn.lost, churn.joined_and_lost)
        assert not churn.exposure_seconds
        assert churn == Churn.of([brief, brief], MARCH)
        assert [1] == [row.joined_and_lost for row in daily([brief], MARCH).values() if row.lost]

    def test_an_open_pause(self) -> None:
        """A customer who rests until further notice is lost from then on, if a pause is a loss."""
        resting = attrs.evolve(
            subscribed("a", 0, 0),
            started=instant("2026-01-01"),
            ended=None,
            paused_since=instant("2026-03-05"),
        )

        assert 0 == Churn.of([resting], MARCH).lost
        assert 1 == Churn.of([resting], MARCH, paused_is_lost=True).lost
        assert 0 == Churn.of([resting], Period.month(2026, 4), paused_is_lost=True).start

    @given(records(subscriptions(), max_size=10), periods())
    def test_by_a_key_of_the_customer(self, plans: list[Subscription], period: Period) -> None:
        """Rows add up to the whole, and each row counts its own customers."""
        by = Churn.by(plans, period, lambda plan: type(plan.customer_id).__name__)

        assert (Churn.of(plans, period) if plans else None) == by.total
        for kind, row in by.items():
            assert Churn.of([one for one in plans if type(one.customer_id).__name__ == kind], period) == row

    @given(records(subscriptions(), max_size=6), st.lists(periods(), max_size=3), periods())
    def test_what_changes_nothing(self, plans: list[Subscription], others: list[Period], period: Period) -> None:
        """Duplicates change nothing, and a change of plan without a gap is not a loss."""
        changed = list(plans)
        for plan in plans:
            for other in others:
                ends_later = plan.ended is None or other.start < plan.ended
                if plan.started < other.start and ends_later:
                    changed.append(attrs.evolve(plan, ended=other.start, pauses=(), paused_since=None, id=None))
                    changed.append(attrs.evolve(plan, started=other.start, pauses=(), paused_since=None, id=None))

        assert Churn.of(plans, period) == Churn.of([*plans, *plans], period) == Churn.of(changed, period)

    @given(records(subscriptions(), max_size=8), periods(), st.sampled_from(TimeUnit))
    def test_periods_follow_one_another(self, plans: list[Subscription], period: Period, unit: TimeUnit) -> None:
        """The end of one period is the start of the next, and cutting a period does not change the exposure."""
        assume(period.length < timedelta(days=700) or unit not in (TimeUnit.DAY, TimeUnit.WEEK))
        whole = Churn.of(plans, period)
        pieces = [Churn.of(plans, piece) for piece in period.split(unit)]

        assert [whole.start, *(piece.end for piece in pieces)] == [*(piece.start for piece in pieces), whole.end]
        assert whole.exposure_seconds == sum(Fraction(piece.exposure_seconds) for piece in pieces)
        assert whole.lost <= sum(piece.lost for piece in pieces)

    @pytest.mark.parametrize(
        ("start", "end", "counted"),
        [
            ("2026-02-01", "2026-02-28T23:59", {}),
            ("2026-02-01", "2026-03-01", {"start": 1, "lost": 1}),
            ("2026-02-01", "2026-03-31T23:59", {"start": 1, "lost": 1}),
            ("2026-02-01", "2026-04-01", {"start": 1}),
            ("2026-02-01", None, {"start": 1}),
            ("2026-03-01", None, {"joined": 1}),
            ("2026-03-01", "2026-03-02", {"joined": 1, "lost": 1, "joined_and_lost": 1}),
            ("2026-03-31T23:59", "2026-04-01", {"joined": 1}),
            ("2026-04-01", None, {}),
        ],
    )
    def test_the_first_instant_belongs_to_the_period(
        self, start: str, end: str | None, counted: dict[str, int]
    ) -> None:
        """A start at the first instant is a join, an end at it is a loss; the end belongs to the next period."""
        plan = Subscription(
            customer_id=1,
            price=EURO,
            every=TimeUnit.MONTH,
            started=instant(start),
            ended=None if end is None else instant(end),
        )
        record = Churn.of([plan], MARCH)

        assert {"start": 0, "lost": 0, "joined": 0, "joined_and_lost": 0, **counted} == {
            name: getattr(record, name) for name in ("start", "lost", "joined", "joined_and_lost")
        }

    def test_one_of_two_cancelled_is_no_churn(self) -> None:
        """A customer is there while at least one of their subscriptions runs."""
        march = Churn.of([subscribed("a", 0, 99), subscribed("a", 10, 70)], MARCH)

        assert (1, 0, 1) == (march.start, march.lost, march.end)

    def test_leaving_twice_counts_once(self) -> None:
        """A customer counts once, even if they join, leave, return and leave again."""
        gone = [subscribed("a", 0, 60), subscribed("a", 62, 64)]
        flighty = [subscribed("b", 61, 62), subscribed("b", 63, 64)]
        settled = [subscribed("c", 61, 62), subscribed("c", 63, 99)]

        assert Churn(start=1, lost=1, period=MARCH, exposure_seconds=3 * 86_400) == Churn.of(gone, MARCH)
        assert 1 == Churn.of(flighty, MARCH).joined_and_lost == Churn.of(flighty, MARCH).lost
        back = Churn.of(settled, MARCH)
        assert (0, 1, 1, 0, 1, 1) == (
            back.start,
            back.lost,
            back.joined,
            back.joined_and_lost,
            back.lost_and_returned,
            back.end,
        )

    def test_instants_go_through_utc(self) -> None:
        """Subscriptions and periods of any zone compare as instants in UTC."""
        riga = Period(instant("2026-03-01T00:00+02:00"), instant("2026-04-01T00:00+03:00"))
        plan = attrs.evolve(
            subscribed(1, 0, 99), started=instant("2026-02-28T22:30+00:00"), ended=instant("2026-03-31T23:30+03:00")
        )

        assert (0, 1, 1) == (
            Churn.of([plan], riga).start,
            Churn.of([plan], riga).joined,
            Churn.of([plan], riga).joined_and_lost,
        )

    def test_a_group_of_others_times_has_an_empty_row(self) -> None:
        """A key whose subscriptions all lie outside the period has a row of zeros."""
        by = Churn.by([subscribed("a", 0, 5)], MARCH, lambda plan: plan.customer_id)

        assert TallyBy({"a": Churn(period=MARCH)}) == by
        assert TallyBy() == Churn.by([], MARCH, lambda plan: plan.customer_id)
        assert Churn(period=MARCH) == Churn.of([], MARCH)

    def test_a_customer_counts_once(self) -> None:
        """A key of the subscription instead of the customer is refused."""
        for second in (subscribed("a", 3, 5), subscribed("a", 3, 9, ((4, 5),))):
            with pytest.raises(InconsistentCountsError, match="^subscriptions of one customer .* got 0 and 3"):
                Churn.by(
                    [subscribed("a", 0, 5), second],
                    MARCH,
                    lambda plan: (plan.started - FIRST).days,
                    paused_is_lost=True,
                )

    @pytest.mark.parametrize("item", [None, 1, EURO])
    def test_strangers_are_named(self, item: Any) -> None:
        """A value that is no record, period or function is refused, and the message names the argument."""
        counters: list[tuple[str, Any, Any, dict[str, Any]]] = [
            ("subscriptions", Churn.of, Churn.by, {}),
            ("relationships", Churn.of_relationships, Churn.by_relationships, {}),
            ("purchases", Churn.of_purchases, Churn.by_purchases, {"churned_after": DAY}),
        ]
        for kind, of, by, rules in counters:
            with refused(WrongTypeError, f"wrong_type: {kind}[0]"):
                of([item], MARCH, **rules)
            with refused(WrongTypeError, f"one_for_several: {kind}"):
                of(item, MARCH, **rules)
            with refused(WrongTypeError, "wrong_type: period"):
                of([], item, **rules)
            with refused(WrongTypeError, "wrong_type: period"):
                by([], item, str, **rules)
            with refused(WrongTypeError, "not_a_function: key"):
                by([], MARCH, item, **rules)
        with refused(WrongTypeError, "wrong_type: paused_is_lost"):
            Churn.of([], MARCH, paused_is_lost=item)


class TestRelationships:
    @given(st.lists(st.tuples(st.sampled_from("abc"), st.lists(st.integers(0, 80), max_size=5, unique=True))), months)
    def test_agrees_with_sets(self, log: list[tuple[str, list[int]]], days: Stay) -> None:
        """A customer is there from the first stage of each episode to its dissolution."""
        known: list[Relationship] = []
        expected: list[tuple[str, Stay]] = []
        for who, turns in log:
            one = Relationship(customer_id=who)
            bounds = sorted(turns)
            for number, day in enumerate(bounds):
                if number % 2:
                    one = one.dissolve(ended(at(day)))
                elif number:
                    one = one.reopen(at=at(day)).enter(LifecycleStage.AWARENESS, at=at(day, 6))
                else:
                    one = one.enter(LifecycleStage.EXPANSION, at=at(day))
            known.append(one)
            expected += [
                (who, (bounds[i], bounds[i + 1] if i + 1 < len(bounds) else 999)) for i in range(0, len(bounds), 2)
            ]

        assert counted_by_sets(expected, days) == counts_of(Churn.of_relationships(known, period_of(days)))

    @given(records(relationships(), max_size=8), periods(), st.randoms(use_true_random=False))
    def test_order_and_keys_do_not_matter(self, known: list[Relationship], period: Period, random: Any) -> None:
        """Any order gives the same record, and rows by a key of the customer add up to it."""
        whole = Churn.of_relationships(known, period)
        shuffled = known.copy()
        random.shuffle(shuffled)
        by = Churn.by_relationships(iter(shuffled), period, lambda one: str(one.customer_id) < "b")

        assert whole == Churn.of_relationships(iter(shuffled), period)
        assert (whole if known else None) == by.total

    def test_where_only_the_end_is_known(self) -> None:
        """A dissolution without an earlier stage is a loss; a trial of no length is a join and a loss."""
        only_end = Relationship(customer_id=1).dissolve(ended(instant("2026-03-09")))
        trial = Relationship(customer_id=1).enter(LifecycleStage.EXPLORATION, at=instant("2026-03-09"))
        trial = trial.dissolve(ended(instant("2026-03-09")))
        unknown = Relationship(customer_id=1)

        assert 1 == Churn.of_relationships([only_end], MARCH).lost_of_starters
        assert 1 == Churn.of_relationships([trial], MARCH).joined_and_lost
        assert Churn(period=MARCH) == Churn.of_relationships([unknown], MARCH)

    def test_a_customer_counts_once(self) -> None:
        """A key of the relationship instead of the customer is refused."""
        two = [Relationship(customer_id=1, id=number) for number in (7, 8)]
        with pytest.raises(InconsistentCountsError, match="^relationships of one customer .* got 7 and 8"):
            Churn.by_relationships(two, MARCH, lambda one: one.id)


def ended(day: datetime) -> Dissolution:
    """Build a dissolution of unknown cause."""
    return Dissolution(at=day, cause=DissolutionCause.UNKNOWN, initiator=Initiator.UNKNOWN)


def bought(who: str, day: int, amount: int = 1) -> Purchase:
    """Build a purchase of a day."""
    return Purchase(customer_id=who, at=at(day), amount=Money(amount, "EUR"))


class TestPurchases:
    @given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 80)), max_size=15), st.integers(1, 40), months)
    def test_agrees_with_sets(self, log: list[tuple[str, int]], silence: int, days: Stay) -> None:
        """A customer is there from each purchase until the silence has lasted too long."""
        record = Churn.of_purchases(
            [bought(*one) for one in log], period_of(days), churned_after=timedelta(days=silence)
        )

        assert counted_by_sets([(who, (day, day + silence)) for who, day in log], days) == counts_of(record)
        assert timedelta(days=silence) == record.churned_after

    @given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 80)), max_size=15), st.integers(1, 40), months)
    def test_the_end_is_who_is_not_silent(self, log: list[tuple[str, int]], silence: int, days: Stay) -> None:
        """The customers at the end are those whom `Inactivity` counts as active at that instant."""
        limit = timedelta(days=silence, hours=12)  # which no silence reaches just then
        record = Churn.of_purchases([bought(*one) for one in log], period_of(days), churned_after=limit)
        before = [bought(*one) for one in log if one[1] < days[1]]
        judged = Inactivity.of(before, as_of=at(days[1]), churned_after=limit)

        assert judged.active == record.end

    @given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 80)), max_size=15), months)
    def test_by_a_key_of_the_customer(self, log: list[tuple[str, int]], days: Stay) -> None:
        """Rows add up to the whole."""
        purchases = [bought(*one) for one in log]
        by = Churn.by_purchases(purchases, period_of(days), lambda one: one.customer_id, churned_after=9 * DAY)
        whole = Churn.of_purchases(reversed(purchases), period_of(days), churned_after=9 * DAY)

        assert (whole if log else None) == by.total

    def test_a_customer_counts_once(self) -> None:
        """A key of the purchase instead of the customer is refused."""
        with pytest.raises(InconsistentCountsError, match="^purchases of one customer .* got 1 and 2"):
            Churn.by_purchases(
                [bought("a", 30, 1), bought("a", 55, 2)],
                MARCH,
                lambda purchase: int(purchase.amount.amount),
                churned_after=DAY,
            )

    def test_refunds_are_passed_over(self) -> None:
        """A refund neither makes a customer join nor keeps one."""
        log = [bought("a", 30), bought("a", 55, -1), bought("b", 58, -1)]

        assert (1, 1) == (
            Churn.of_purchases(log, MARCH, churned_after=40 * DAY).start,
            Churn.of_purchases(log, MARCH, churned_after=40 * DAY).lost,
        )

    def test_a_silence_beyond_all_time(self) -> None:
        """With a limit longer than the calendar, no customer is lost."""
        assert 0 == Churn.of_purchases([bought("a", 0)], MARCH, churned_after=timedelta.max).lost

    def test_periods_beyond_the_records(self) -> None:
        """A caution tells of a period in which no customer can be lost yet, and of one that ends after the records."""
        purchases = [bought(customer, day) for customer in "ab" for day in (0, 30, 60, 90)]
        first = purchases[0].at

        def count(start: int, end: int) -> tuple[Decimal | None, list[str]]:
            period = Period(first + start * DAY, first + end * DAY)
            found = Churn.of_purchases(purchases, period, churned_after=40 * DAY)
            over = Churn.over_purchases(purchases, [period], churned_after=40 * DAY)
            by = Churn.by_purchases(purchases, period, lambda one: one.customer_id, churned_after=40 * DAY)
            assert found == over[period]
            assert found == by.total
            return found.rate, [caution.rule for caution in found.cautions]

        assert (Decimal(0), ["too_early_for_churn"]) == count(5, 40)
        assert (Decimal(0), []) == count(5, 41)
        assert (Decimal(0), []) == count(60, 130)
        assert (Decimal(1), ["too_late_for_churn"]) == count(100, 131)
        assert (None, []) == count(-50, -10)
        assert (None, []) == count(200, 210)

    @pytest.mark.parametrize(
        ("limit", "error", "message"),
        [
            (timedelta(0), InvalidValueError, "duration_not_positive: churned_after"),
            (30, WrongTypeError, "not_a_duration: churned_after"),
        ],
    )
    def test_refuses_nonsense(self, limit: Any, error: type[Exception], message: str) -> None:
        """The limit is checked without purchases too, and in a ready record."""
        with refused(error, message):
            Churn.of_purchases([], MARCH, churned_after=limit)
        with refused(error, message):
            Churn(churned_after=limit)


TABLE = [
    *((who, "2026-01-01", None) for who in "abcdefg"),
    ("h", "2026-01-01", "2026-03-11"),
    ("i", "2026-01-01", "2026-03-21"),
    ("j", "2026-01-01", "2026-03-08"),
    ("j", "2026-03-18", None),
    ("k", "2026-03-05", "2026-03-25"),
    *((who, "2026-03-15", None) for who in "lmn"),
]
"""Ten customers at the start: two leave, and one leaves and returns. Four join, and one of these leaves."""


PLANS = [
    Subscription(
        customer_id=who,
        price=EURO,
        every=TimeUnit.MONTH,
        started=instant(start),
        ended=None if end is None else instant(end),
    )
    for who, start, end in TABLE
]


class TestConventions:
    def test_six_definitions_six_numbers(self) -> None:
        """The six published definitions give six rates for one table of customers."""
        march, days = Churn.of(PLANS, MARCH), daily(PLANS, MARCH)
        starts = 5 * [10] + 3 * [11] + 3 * [10] + 4 * [9] + 3 * [12] + 3 * [13] + 4 * [12] + 6 * [11]
        there_on = [*starts[1:], 11]
        expected = {
            "ChartMogul": Fraction(2, 10),
            "the midpoint, which Shopify discusses": Fraction(4, 1) / Fraction(10 + 11, 2),
            "Stripe": Fraction(4, 10 + 4),
            "ChartMogul for shops": Fraction(1, 11) + Fraction(1, 10) + Fraction(1, 13) + Fraction(1, 12),
            "Shopify": Fraction(4, 1) / Fraction(sum(starts), 31),
            "survival analysis": Fraction(4, 1) / Fraction(sum(there_on), 31),
        }
        answered = [
            march.rate_by(ChurnConvention.START_OF_PERIOD),
            march.rate_by(ChurnConvention.AVERAGE_OF_START_AND_END),
            march.rate_by(ChurnConvention.START_PLUS_NEW),
            sum_of_daily(days),
            average_daily(days),
            march.rate_by(ChurnConvention.PERSON_TIME),
        ]

        for fraction, answer in zip(expected.values(), answered, strict=True):
            assert answer is not None
            assert abs(Fraction(answer) - fraction) <= Fraction(1, 10**33)
        assert 6 == len({round(answer, 3) for answer in answered if answer is not None})

    @given(logs, months)
    def test_how_they_relate(self, log: list[tuple[str, Stay]], days: Stay) -> None:
        """If no customer joins or returns, some definitions agree and the others lie between two bounds.

        Start of period, start plus new and compounded daily are the same number r. The average of start and end and
        person-time lie between r and r / (1 - r), and the average is the harmonic mean of these two bounds. The daily
        sum is at least r. The average is above 1 exactly if r is above 2/3.
        """
        alone = {who: (0, max(end for other, (_, end) in log if other == who)) for who, _ in log}
        plans = plans_of(list(alone.items()))
        record, apart = Churn.of(plans, period_of(days)), daily(plans, period_of(days))
        assume(record.start)
        assert 0 == record.joined == record.lost_and_returned
        low = Fraction(record.lost, record.start)
        near = Fraction(1, 10**30)

        assert record.start_of_period == record.start_plus_new
        for answer in (record.start_of_period, compounded_daily(apart)):
            assert answer is not None
            assert abs(Fraction(answer) - low) <= near
        added = sum_of_daily(apart)
        assert added is not None
        assert low - near <= Fraction(added)
        average, person_time = record.average_of_start_and_end, record.person_time
        assert average is not None
        assert (average > 1) == (low > Fraction(2, 3))
        assert low <= Fraction(average) + near
        assert person_time is None or low <= Fraction(person_time) + near
        if record.end:
            high = Fraction(record.lost, record.end)
            assert high == low / (1 - low)
            assert person_time is not None
            assert Fraction(person_time) <= high + near
            if low:
                assert abs(1 / Fraction(average) - (1 / low + 1 / high) / 2) <= near

    @given(st.integers(1, 50), st.integers(0, 50))
    def test_even_departures_make_two_of_them_one(self, kept: int, gone: int) -> None:
        """If losses spread evenly over the period, person-time equals the average of start and end."""
        length = 2 * max(gone, 1)
        plans = [subscribed(f"k{number}", 0, 999) for number in range(kept)]
        plans += [attrs.evolve(subscribed(f"g{one}", 0, 99), ended=at(11 + 2 * one)) for one in range(gone)]
        record = Churn.of(plans, Period(at(10), at(10 + length)))

        assert record.person_time is not None
        assert record.average_of_start_and_end is not None
        assert abs(record.person_time - record.average_of_start_and_end) < Decimal("1e-30")

    @given(churns())
    def test_against_fractions(self, record: Churn) -> None:
        """Each rate equals its fraction, and is None exactly if the denominator is zero."""
        length = Fraction(0) if record.period is None else Fraction(record.period.length / timedelta(microseconds=1))
        time = Fraction(record.exposure_seconds) * 10**6 / length if length else Fraction(0)
        fractions: dict[ChurnConvention, tuple[int, Fraction | int]] = {
            ChurnConvention.START_OF_PERIOD: (record.lost_of_starters, record.start),
            ChurnConvention.AVERAGE_OF_START_AND_END: (2 * record.lost, record.start + (record.end or 0)),
            ChurnConvention.START_PLUS_NEW: (record.lost, record.start + record.joined),
            ChurnConvention.PERSON_TIME: (record.lost, time),
        }
        for convention, (above, below) in fractions.items():
            rate = record.rate_by(convention)
            assert (rate is None) == (not below)
            if rate is not None:
                assert abs(Fraction(rate) * below - above) <= Fraction(above, 10**33)
        lifetime = record.expected_lifetime
        assert (lifetime is None) == (not time or not record.lost)
        if lifetime is not None:
            assert abs(Fraction(lifetime) * record.lost - time) <= time / 10**33
        assert record.rate == record.start_of_period

    def test_a_convention_is_a_member(self) -> None:
        """A text is refused, and the message names the member."""
        with refused(WrongTypeError, "not_a_member: convention"):
            Churn().rate_by("person_time")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    def test_exposure_in_days(self) -> None:
        """A day of exposure has 24 hours."""
        assert Decimal("1.5") == Churn(start=1, exposure_seconds=129_600, period=MARCH).exposure_days


class TestRecord:
    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"lost": 1}, "churn_counts_contradict: lost"),
            ({"start": 100, "lost": 101}, "churn_counts_contradict: lost"),
            ({"joined_and_lost": 1, "lost": 1}, "churn_counts_contradict: joined_and_lost"),
            (
                {"start": 9, "joined": 2, "joined_and_lost": 2, "lost": 1},
                "churn_counts_contradict: lost",
            ),
            ({"start": 9, "lost_and_returned": 2, "lost": 1}, "churn_counts_contradict: lost"),
            (
                {"joined": 1, "lost": 2, "lost_and_returned": 2},
                "churn_counts_contradict: lost_and_returned",
            ),
            (
                {"start": 1, "joined": 1, "period": MARCH, "exposure_seconds": 2 * 31 * 86_400 + 1},
                "exposure_above_all_customers: exposure_seconds",
            ),
        ],
    )
    def test_contradictions_are_refused(self, values: dict[str, Any], message: str) -> None:
        """Counts that contradict one another are refused, and the message shows them."""
        with refused(InconsistentCountsError, message):
            Churn(**values)

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"start": -1}, InvalidValueError, "too_small: start"),
            ({"start": 1.0}, WrongTypeError, "wrong_number_type: start"),
            ({"exposure_seconds": -1}, InvalidValueError, "too_small: exposure_seconds"),
            ({"exposure_seconds": 1}, InvalidValueError, "exposure_without_period: exposure_seconds"),
            ({"period": "march"}, WrongTypeError, "wrong_type: period"),
            ({"paused_is_lost": 1}, WrongTypeError, "wrong_type: paused_is_lost"),
        ],
    )
    def test_refuses_nonsense(self, values: dict[str, Any], error: type[Exception], message: str) -> None:
        """Every field is checked, and the message names it."""
        with refused(error, message):
            Churn(**values)

    def test_the_limits_are_reached(self) -> None:
        """The counts may be at their bounds: all leave, all return, all are there throughout."""
        record = Churn(start=2, lost=2, exposure_seconds=2 * 31 * 86_400, period=MARCH)

        assert Decimal(1) == record.rate
        assert (1, 0) == (Churn(joined=1, lost=1, lost_and_returned=1).end, Churn(start=1, lost=1).end)

    def test_periods_do_not_add(self) -> None:
        """Records of two periods cannot be added."""
        with pytest.raises(PolicyMismatchError, match="periods do not add: count the longer period from the records"):
            Churn(start=1, period=MARCH) + Churn(start=1, period=Period.month(2026, 4))

    def test_a_row(self) -> None:
        """A row has a column for each convention."""
        row = Churn(start=100, lost=12, joined=20, joined_and_lost=1, lost_and_returned=1).row()

        assert {
            "start": 100,
            "lost": 12,
            "joined": 20,
            "joined_and_lost": 1,
            "lost_and_returned": 1,
            "lookalikes": 0,
            "too_new": 0,
            "exposure_seconds": Decimal(0),
            "period": None,
            "churned_after": None,
            "paused_is_lost": False,
            "joined_known": True,
            "gap_tolerance": None,
            "rate": Decimal("0.1"),
            "end": 109,
            "start_of_period": Decimal("0.1"),
            "average_of_start_and_end": Decimal("0.1148325358851674641148325358851675"),
            "start_plus_new": Decimal("0.1"),
            "person_time": None,
        } == row

    def test_the_explanation_names_the_silence(self) -> None:
        """The explanation begins with `churned_after`, and has lines about time only if the period is known."""
        lines = Churn(period=MARCH, churned_after=36 * timedelta(hours=1)).explain()

        assert Decimal("1.5") == lines["churned_after"].value
        assert Decimal(31 * 86_400) == lines["length_seconds"].value
        assert "person_time" not in {line.name for line in Churn().explain()}


class TestFromCounts:
    @given(churns(period=None))
    def test_solves_for_the_missing_one(self, record: Churn) -> None:
        """Any one of `lost`, `end` and `joined` follows from the other two."""
        known: dict[str, Any] = {
            name: getattr(record, name)
            for name in ("start", "lost", "end", "joined", "joined_and_lost", "lost_and_returned")
        }
        expected = attrs.evolve(record, paused_is_lost=False, lookalikes=0, too_new=0)

        assert expected == Churn.from_counts(**known)
        for name in ("lost", "end", "joined"):
            assert expected == Churn.from_counts(**known | dict[str, Any]({name: None}))

    @given(churns(period=None))
    def test_assumes_as_little_as_it_can(self, record: Churn) -> None:
        """Without `joined_and_lost`, the start-of-period rate is the highest that the other counts allow."""
        solved = Churn.from_counts(
            start=record.start, lost=record.lost, joined=record.joined, lost_and_returned=record.lost_and_returned
        )

        assert solved.joined_and_lost <= record.joined_and_lost
        assert 0 in (solved.joined_and_lost, solved.start - solved.lost_of_starters)

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"start": 100, "lost": 101}, "churn_counts_contradict: lost"),
            ({"start": 100, "lost": 1, "joined": 5, "end": 105}, "end_does_not_follow: end"),
            ({"start": 100, "end": 20, "joined": 30, "joined_and_lost": 0}, "churn_counts_contradict: lost"),
            ({"start": 100, "end": 140, "joined": 30}, "solved_below_zero: lost"),
            ({"start": 100, "end": 80, "lost": 10}, "solved_below_zero: joined"),
        ],
    )
    def test_contradictions_are_refused(self, values: dict[str, Any], message: str) -> None:
        """Figures that contradict one another are refused."""
        with refused(InconsistentCountsError, message):
            Churn.from_counts(**values)

    @pytest.mark.parametrize("values", [{}, {"end": 90}, {"joined": 5}])
    def test_growth_is_not_churn(self, values: dict[str, Any]) -> None:
        """The start and the end alone do not determine the lost."""
        with refused(InvalidValueError, "lost_cannot_be_solved: lost"):
            Churn.from_counts(start=100, **values)

    @pytest.mark.parametrize("name", ["start", "lost", "end", "joined", "joined_and_lost", "lost_and_returned"])
    def test_counts_are_counts(self, name: str) -> None:
        """Each count must be >= 0."""
        with refused(InvalidValueError, f"too_small: {name}"):
            Churn.from_counts(**dict[str, Any](start=9, lost=1) | dict[str, Any]({name: -1}))

    def test_exposure_is_given_in_days(self) -> None:
        """Twelve losses in 480 customer-months are 1/40 a month, and a lifetime of 40 months."""
        record = Churn.from_counts(start=500, lost=12, exposure_days=480 * 31, period=MARCH)

        assert Decimal("0.025") == record.rate_by(ChurnConvention.PERSON_TIME)
        assert Decimal(40) == record.expected_lifetime
        assert Churn.from_counts(start=1, lost=0, joined=0, joined_and_lost=0) == Churn(start=1)

    def test_unknown_joined_is_not_zero(self) -> None:
        """Without `joined` and `end`, the end and the rates that need one of them are None, and so they are added."""
        report = Churn.from_counts(start=100, lost=12)

        assert (Decimal("0.12"), None, None, None) == (
            report.rate,
            report.end,
            report.start_plus_new,
            report.average_of_start_and_end,
        )
        assert (None, None) == (report.explain()["joined"].value, report.explain()["end"].value)
        replay(report.explain())
        assert [line.name for line in Churn().explain()] == [line.name for line in report.explain()]
        assert report.row()["end"] is None
        both = report + report
        assert (200, 24, None) == (both.start, both.lost, both.end)
        with pytest.raises(PolicyMismatchError):
            _ = report + Churn(start=100)
        assert 88 == Churn.from_counts(start=100, lost=12, joined=0).end
        assert 8 == Churn.from_counts(start=100, lost=12, end=96).joined


class TestRetention:
    @pytest.mark.parametrize(
        ("period", "unit"),
        [
            (Period.month(2026, 2), TimeUnit.MONTH),
            (Period.quarter(2026, 1), TimeUnit.QUARTER),
            (Period.year(2024), TimeUnit.YEAR),
            (Period.day(FIRST.date()), TimeUnit.DAY),
            (Period(instant("2026-01-05"), instant("2026-01-12")), TimeUnit.WEEK),
            (Period(instant("2026-01-31"), instant("2026-02-28")), TimeUnit.MONTH),
            (Period(instant("2026-01-31"), instant("2026-03-02")), None),
            (Period(instant("2026-03-29"), instant("2026-03-29T23:00")), TimeUnit.DAY),  # of London
            (Period(instant("2026-01-01"), instant("2026-01-01T20:00")), None),
            (Period(instant("2026-01-01"), instant("2026-01-03")), None),
            (Period(instant("9999-12-01"), datetime.max.replace(tzinfo=UTC)), None),
        ],
    )
    def test_takes_the_unit_of_the_period(self, period: Period, unit: TimeUnit | None) -> None:
        """A period of one calendar unit has that unit, wherever it starts; any other period has none."""
        record = Churn(start=4, lost=1, period=period)
        if unit is None:
            for per in (None, TimeUnit.QUARTER):
                with refused(InvalidValueError, "period_is_no_unit: period"):
                    record.retention(per)
        else:
            assert Retention("0.75", unit) == record.retention() == record.retention(unit)

    def test_without_a_period(self) -> None:
        """The unit must be given, and without customers the retention is None."""
        assert Retention("0.75", TimeUnit.WEEK) == Churn(start=4, lost=1).retention(TimeUnit.WEEK)
        assert Churn().retention(TimeUnit.WEEK) is None
        with refused(InvalidValueError, "unit_unknown: per"):
            Churn(start=4).retention()

    def test_a_month_is_no_year(self) -> None:
        """Another unit than that of the period is refused."""
        with refused(InvalidValueError, "not_the_unit_of_the_period: per"):
            Churn(start=4, period=MARCH).retention(TimeUnit.YEAR)
        with refused(WrongTypeError, "not_a_member: per"):
            Churn(start=4).retention("year")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestBounds:
    @given(churns(), st.sampled_from([0.8, 0.95, 0.99]))
    def test_are_those_of_the_rate(self, record: Churn, confidence: float) -> None:
        """The interval is Wilson's for the start-of-period rate, and None if the rate is None."""
        bounds = record.interval(confidence=confidence)

        assert wilson(record.lost_of_starters, record.start, confidence=confidence) == bounds
        rate = record.rate
        assert (bounds is None) == (rate is None)
        if bounds is not None and rate is not None:
            assert rate in bounds

    @pytest.mark.parametrize(
        ("record", "bound"),
        [
            (Churn(start=100), 0.029513049607039935),
            (Churn(start=100, lost=3, joined=1, joined_and_lost=1, lost_and_returned=2), 0.029513049607039935),
            (Churn(start=100, lost=1), None),
            (Churn(), None),
        ],
    )
    def test_where_nobody_left(self, record: Churn, bound: float | None) -> None:
        """The bound exists only if there were customers and none of them was lost."""
        assert record.zero_event_bound() == pytest.approx(bound)


class TestComparison:
    def test_two_segments(self) -> None:
        """The comparison is between the start-of-period rates, and has an interval."""
        monthly, yearly = (
            Churn(start=200, lost=41, lost_and_returned=1, period=MARCH),
            Churn(start=100, lost=5, period=MARCH),
        )
        shift = yearly.compared_to(monthly)

        assert shift is not None
        assert ((40, 200), (5, 100)) == (shift.before, shift.after)
        assert Decimal("-0.15") == shift.difference
        assert shift.interval().high < 0

    def test_of_nobody(self) -> None:
        """The comparison is None if one record has no customers at the start."""
        assert Churn(start=1).compared_to(Churn()) is None

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (MARCH, Period.month(2026, 2)),
            (MARCH, None),
            (None, MARCH),
            (Period(at(0), at(10)), Period(at(20), at(30))),
            (Period.year(2024), Period.year(2025)),
        ],
    )
    def test_periods_of_one_length(self, one: Period | None, other: Period | None) -> None:
        """Two periods of the same calendar unit or the same length compare."""
        assert Churn(start=1, period=one).compared_to(Churn(start=1, period=other)) is not None

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (MARCH, Period.quarter(2026, 1)),
            (Period(at(0), at(10)), Period(at(20), at(31))),
            (MARCH, Period(at(0), at(30))),
        ],
    )
    def test_other_periods_are_refused(self, one: Period, other: Period) -> None:
        """Periods of different units and lengths do not compare."""
        with refused(InvalidValueError, "periods_not_comparable: before"):
            Churn(start=1, period=one).compared_to(Churn(start=1, period=other))

    @pytest.mark.parametrize("policy", [{"churned_after": DAY}, {"paused_is_lost": True}])
    def test_policies_must_agree(self, policy: dict[str, Any]) -> None:
        """Records of different policies do not compare."""
        with refused(PolicyMismatchError, f"compared_under_two_policies: {next(iter(policy))}"):
            Churn(start=1, **policy).compared_to(Churn(start=1))
        with refused(WrongTypeError, "wrong_type: before"):
            Churn(start=1).compared_to(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestDaily:
    @given(records(subscriptions(), max_size=8), periods(longest=timedelta(days=60)), st.booleans())
    def test_is_each_day_counted_apart(self, plans: list[Subscription], period: Period, rest: bool) -> None:
        """Each day of the zone in which the period starts has the counts of `Churn.of`."""
        days = period.split(TimeUnit.DAY)
        apart = daily(iter(plans), period, paused_is_lost=rest)

        assert [day.start.date() for day in days] == list(apart)
        assert [Churn.of(plans, day, paused_is_lost=rest) for day in days] == list(apart.values())

    def test_days_of_a_zone(self) -> None:
        """A period from a database, with two fixed offsets, has the days of the zone that is given."""
        march = Period(instant("2026-03-01T00:00+01:00"), instant("2026-04-01T00:00+02:00"))
        days = daily([], march, tz=ZoneInfo("Europe/Berlin"))

        assert list(daily([], Period.month(2026, 3, tz=ZoneInfo("Europe/Berlin")))) == list(days)
        with breaks("zone_of_the_calendar_unknown", "tz"):
            daily([], march)

    @given(logs, months)
    def test_is_what_the_sets_of_each_day_say(self, log: list[tuple[str, Stay]], days: Stay) -> None:
        """Each day agrees with the sets of customers from noon to noon."""
        apart = daily(plans_of(log), period_of(days))

        assert [counted_by_sets(log, (day, day + 1)) for day in range(*days)] == list(map(counts_of, apart.values()))

    @given(records(subscriptions(), max_size=8), periods(longest=timedelta(days=60)), st.randoms(use_true_random=False))
    def test_shards_add_day_by_day(self, plans: list[Subscription], period: Period, random: Any) -> None:
        """Parts cut by customer add day by day, and the rate is computed from the sum."""
        some = {plan.customer_id for plan in plans if random.random() < 0.5}
        shards = [[one for one in plans if (one.customer_id in some) == side] for side in (True, False)]
        whole = daily(plans, period)

        assert whole == daily(shards[0], period) + daily(shards[1], period)
        assert sum_of_daily(whole) == sum_of_daily(daily(shards[0], period) + daily(shards[1], period))

    @given(st.dictionaries(st.integers(), churns(period=None), max_size=6))
    def test_against_fractions(self, days: dict[int, Churn]) -> None:
        """The sum, the product and the average equal their fractions; days without customers add nothing."""
        shares = [Fraction(day.lost_of_starters, day.start) for day in days.values() if day.start]
        kept = Fraction(1)
        for share in shares:
            kept *= 1 - share
        starts = sum(day.start for day in days.values())
        left = sum(day.lost for day in days.values())
        expected = [
            sum(shares) if shares else None,
            1 - kept if shares else None,
            Fraction(left * len(days), starts) if starts else None,
        ]

        for fraction, answer in zip(
            expected, [f(days) for f in (sum_of_daily, compounded_daily, average_daily)], strict=True
        ):
            assert (fraction is None) == (answer is None)
            if fraction is not None and answer is not None:
                assert abs(Fraction(answer) - fraction) <= max(fraction, Fraction(1)) / 10**33

    @pytest.mark.parametrize("read", [sum_of_daily, compounded_daily, average_daily])
    def test_segments_are_no_days(self, read: Any) -> None:
        """Two rows of the same period are refused, and so is a value that is no mapping of records."""
        with refused(InvalidValueError, "day_given_twice: days['b']"):
            read({"a": Churn(period=MARCH), "b": Churn(period=MARCH)})
        with refused(WrongTypeError, "not_a_mapping: days"):
            read([Churn()])
        with refused(WrongTypeError, "wrong_type: days[0]"):
            read({1: 1})

    def test_refuses_nonsense(self) -> None:
        """A value that is no `Period` is refused."""
        with refused(WrongTypeError, "wrong_type: period"):
            daily([], 5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_counting_takes_one_pass() -> None:
    """The key is called once for each subscription."""
    asked: defaultdict[str, int] = defaultdict(int)

    def key(plan: Subscription) -> str:
        asked[str(plan.customer_id)] += 1
        return ""

    Churn.by((subscribed(who, 0, 99) for who in "abc"), MARCH, key)

    assert {"a": 1, "b": 1, "c": 1} == asked
