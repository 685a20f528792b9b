"""Churn of several periods in one pass: each row is what the count of its period alone says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import Churn, Money, Period, Purchase, Relationship, Subscription, TallyBy, TimeUnit, instant
from crmcore.interop.hypothesis import periods, relationships, subscriptions
from crmcore.primitives.errors import InvalidValueError, PolicyMismatchError, WrongTypeError
from crmcore.retention.churn import daily
from tests.support.refusals import refused
from tests.support.strategies import records

FIRST = instant("2026-01-01")
HALF_DAY = timedelta(hours=12)
LAST = 20
EURO = Money(10, "EUR")
ZONES = (UTC, timezone(timedelta(hours=5, minutes=30)), ZoneInfo("America/New_York"))

steps = st.integers(0, LAST)
spans = st.tuples(steps, steps).filter(lambda span: span[0] < span[1])
zones = st.sampled_from(ZONES)
tolerances = st.none() | st.integers(1, 4).map(lambda steps: steps * HALF_DAY)


def at(step: int, zone: Any = UTC) -> datetime:
    """Return an instant of a coarse grid, so that starts, ends, pauses and the edges of periods fall together."""
    return (FIRST + step * HALF_DAY).astimezone(zone)


@st.composite
def coarse_periods(draw: st.DrawFn) -> Period:
    """Draw a period of the grid; one in some reaches the end of the calendar."""
    start, end = draw(spans)
    return Period(
        at(start, draw(zones)), draw(st.just(at(end, draw(zones))) | st.just(datetime.max.replace(tzinfo=UTC)))
    )


@st.composite
def coarse_subscriptions(draw: st.DrawFn) -> Subscription:
    """Draw a subscription of the grid, of few customers: open or ended, also where it starts, with pauses."""
    start, *edges = sorted(draw(st.lists(steps, min_size=2, max_size=6)))
    end = None if draw(st.booleans()) else edges[-1]
    cuts = sorted({*edges[:-1]})
    pauses = [Period(at(one), at(two)) for one, two in zip(cuts[::2], cuts[1::2], strict=False)]
    rests = end is None and draw(st.booleans())
    return Subscription(
        customer_id=draw(st.sampled_from("abc")),
        price=EURO,
        every=TimeUnit.MONTH,
        started=at(start, draw(zones)),
        ended=None if end is None else at(end, draw(zones)),
        pauses=pauses,
        paused_since=at(edges[-1]) if rests else None,
    )


class TestOver:
    @given(
        st.lists(coarse_subscriptions(), max_size=8),
        st.lists(coarse_periods(), max_size=6),
        st.booleans(),
        tolerances,
        st.data(),
    )
    def test_each_row_is_the_count_of_its_period(
        self,
        plans: list[Subscription],
        some: list[Period],
        rest: bool,
        tolerance: timedelta | None,
        data: st.DataObject,
    ) -> None:
        """Periods in any order, that overlap, leave gaps or come twice, give what `of` gives for each."""
        named = [attrs.evolve(plan, id=number) for number, plan in enumerate(plans)]
        given = data.draw(st.permutations([*named, *named]))
        policies: dict[str, Any] = {"paused_is_lost": rest, "gap_tolerance": tolerance}
        counted = Churn.over(iter(given), iter(some), **policies)

        assert [(period, Churn.of(plans, period, **policies)) for period in dict.fromkeys(some)] == [*counted.items()]

    @given(records(subscriptions(), max_size=8), st.lists(periods(), max_size=4), st.booleans())
    def test_any_subscriptions_and_periods(self, plans: list[Subscription], some: list[Period], rest: bool) -> None:
        """The same holds for whatever the strategies of the library draw."""
        counted = Churn.over(plans, some, paused_is_lost=rest)

        assert {period: Churn.of(plans, period, paused_is_lost=rest) for period in some} == dict(counted)

    @given(st.lists(coarse_subscriptions(), max_size=8), spans, zones, st.booleans(), tolerances)
    def test_days_in_one_pass(
        self, plans: list[Subscription], span: tuple[int, int], zone: Any, rest: bool, tolerance: timedelta | None
    ) -> None:
        """`daily` has the same rows under dates."""
        period = Period(at(span[0], zone), at(span[1], zone))
        days = daily(plans, period, paused_is_lost=rest, gap_tolerance=tolerance)
        counted = Churn.over(plans, period.split(TimeUnit.DAY), paused_is_lost=rest, gap_tolerance=tolerance)

        assert [*counted.values()] == [*days.values()]
        assert [period.start.date() for period in counted] == [*days]

    @given(st.lists(coarse_subscriptions(), max_size=8), st.lists(coarse_periods(), max_size=4))
    def test_shards_of_customers_add(self, plans: list[Subscription], some: list[Period]) -> None:
        """Parts cut by customer add up, period by period."""
        shards = [[plan for plan in plans if (plan.customer_id == "a") is side] for side in (True, False)]
        one, other = (Churn.over(shard, some) for shard in shards)

        assert Churn.over(plans, some) == one + other

    @given(
        records(relationships(), max_size=6),
        st.lists(st.tuples(st.sampled_from("ab"), steps, st.integers(-3, 9)), max_size=10),
        st.lists(periods(), max_size=3),
        st.lists(coarse_periods(), max_size=4),
        st.integers(1, 6),
    )
    def test_relationships_and_purchases(
        self,
        known: list[Relationship],
        bought: list[tuple[str, int, int]],
        some: list[Period],
        coarse: list[Period],
        silence: int,
    ) -> None:
        """The same holds for relationships, and for purchases with their silence."""
        purchases = [
            Purchase(customer_id=who, at=at(step), amount=Money(amount, "EUR")) for who, step, amount in bought
        ]
        after = silence * HALF_DAY
        all_periods = [*some, *coarse]

        assert {period: Churn.of_relationships(known, period) for period in all_periods} == dict(
            Churn.over_relationships(iter(known), iter(all_periods))
        )
        assert {period: Churn.of_purchases(purchases, period, churned_after=after) for period in all_periods} == dict(
            Churn.over_purchases(iter(purchases), iter(all_periods), churned_after=after)
        )

    def test_a_period_given_twice_has_one_row(self) -> None:
        """Equal periods in two zones are one key, the first; its counts are not doubled."""
        plan = Subscription(customer_id=1, price=EURO, every=TimeUnit.MONTH, started=FIRST)
        january = Period.month(2026, 1)
        abroad = Period(january.start.astimezone(ZONES[1]), january.end.astimezone(ZONES[1]))
        counted = Churn.over([plan], [abroad, january])

        assert [ZONES[1]] == [period.start.tzinfo for period in counted]
        assert 1 == counted[january].joined

    def test_every_period_has_a_row(self) -> None:
        """A period without customers has a row of zeros; no periods give no rows."""
        months = Period.quarter(2026, 1).split(TimeUnit.MONTH)

        assert {month: Churn(period=month) for month in months} == dict(Churn.over([], months))
        assert TallyBy() == Churn.over([], [])

    def test_rows_of_two_periods_have_no_total(self) -> None:
        """The rows of one period are their own total; those of two are refused with advice."""
        january, february = (Period.month(2026, month) for month in (1, 2))

        assert Churn(period=january) == Churn.over([], [january]).total
        with refused(PolicyMismatchError, "policies_differ: period") as caught:
            _ = Churn.over([], [january, february]).total
        assert "periods do not add: count the longer period from the records" == caught.value.advice

    def test_the_records_are_walked_once(self) -> None:
        """Each record is taken once, however many periods there are."""
        taken: Counter[int] = Counter()

        def plans() -> Iterator[Subscription]:
            for number in range(3):
                taken[number] += 1
                yield Subscription(customer_id=number, price=EURO, every=TimeUnit.MONTH, started=FIRST)

        counted = Churn.over(plans(), Period.year(2026).split(TimeUnit.MONTH))

        assert {0: 1, 1: 1, 2: 1} == taken
        assert [0, *(3,) * 11] == [churn.start for churn in counted.values()]

    def test_refuses_nonsense(self) -> None:
        """A lone period, a text, and wrong types among the periods and the records are refused."""
        january = Period.month(2026, 1)
        for wrong in (january, "2026-01"):
            with refused(WrongTypeError, "one_for_several: periods"):
                Churn.over([], wrong)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - one, not several
        for counter, name, rules in (
            (Churn.over, "subscriptions", {}),
            (Churn.over_relationships, "relationships", {}),
            (Churn.over_purchases, "purchases", {"churned_after": HALF_DAY}),
        ):
            count: Any = counter
            with refused(WrongTypeError, "wrong_type: periods[1]"):
                count([], [january, 5], **rules)
            with refused(WrongTypeError, f"wrong_type: {name}[0]"):
                count([5], [january], **rules)
        with refused(InvalidValueError, "duration_not_positive: gap_tolerance"):
            Churn.over([], [january], gap_tolerance=timedelta(0))
        with pytest.raises(WrongTypeError):
            Churn.over([], [january], paused_is_lost=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a bool is due
