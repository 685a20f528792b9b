from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from hypothesis import assume, given, strategies as st

from crmcore import (
    IllegalTransitionError,
    InvalidValueError,
    Money,
    NaiveInstantError,
    Period,
    Subscription,
    TimeUnit,
    instant,
)
from crmcore.interop.hypothesis import instants, subscriptions
from crmcore.primitives.periods import in_utc
from tests.support.refusals import breaks

TICK = timedelta(microseconds=1)
START = instant("2026-01-01")
MAY = Period.month(2026, 5)
JULY = Period.month(2026, 7)
YEAR: dict[str, Any] = {"customer_id": 7, "price": Money(20, "EUR"), "every": TimeUnit.MONTH, "started": START}


def plan(**values: Any) -> Subscription:
    """Build a subscription that starts with 2026."""
    return Subscription(**{**YEAR, **values})


class TestSubscription:
    @pytest.mark.parametrize("ended", [START - TICK, START.astimezone(timezone(timedelta(hours=5))) - TICK])
    def test_does_not_end_before_it_starts(self, ended: datetime) -> None:
        """An end before the start is refused, in any zone."""
        with breaks("ended_before_it_started", "ended"):
            plan(ended=ended)

    def test_may_end_on_the_day_it_starts(self) -> None:
        """Joined and left on one day, of which only the day is known: it has an end, and never was active."""
        brief = plan(ended=START)

        assert not brief.is_active(START)
        assert START == plan().cancelled(START).ended

    @pytest.mark.parametrize("interval", [0, -1])
    def test_interval(self, interval: int) -> None:
        """A billing period has at least one unit."""
        assert (1, 6) == (plan().interval, plan(interval=6).interval)
        with breaks("too_small", "interval"):
            plan(interval=interval)

    def test_a_pause_may_be_open(self) -> None:
        """A subscription may be suspended until further notice, and be resumed."""
        resting = plan(pauses=[MAY]).paused(JULY.start)

        assert (True, False) == (resting.is_active(JULY.start - TICK), resting.is_active(instant("2030-01-01")))
        assert plan(pauses=[MAY, JULY]) == resting.resumed(JULY.end)
        assert resting.resumed(JULY.end).is_active(JULY.end)
        with breaks("already_set", "paused_since", kind=IllegalTransitionError):
            resting.paused(JULY.end)
        with breaks("not_paused", "paused_since", kind=IllegalTransitionError):
            plan().resumed(JULY.end)
        with pytest.raises(InvalidValueError):
            resting.resumed(JULY.start)

    @pytest.mark.parametrize(
        ("values", "since"),
        [({}, START - TICK), ({"ended": JULY.end}, JULY.end), ({"pauses": [MAY]}, MAY.end - TICK)],
    )
    def test_an_open_pause_is_the_last(self, values: dict[str, Any], since: datetime) -> None:
        """An open pause lies within the subscription and after all other pauses."""
        with breaks("open_pause_outside_the_subscription", "paused_since"):
            plan(paused_since=since, **values)

    def test_may_last_a_moment(self) -> None:
        """The shortest subscription is active at its start only."""
        shortest = plan(ended=START + TICK)

        assert shortest.is_active(START)
        assert not shortest.is_active(START + TICK)

    def test_price(self) -> None:
        """A price may be zero but not negative."""
        assert Money.zero("EUR") == plan(price=Money.zero("EUR")).price
        with pytest.raises(InvalidValueError, match="price must be >= 0, got -0.01"):
            plan(price=Money("-0.01", "EUR"))

    def test_pauses_come_in_order(self) -> None:
        """Pauses are kept in order of time; one may start when another ends."""
        june = Period.month(2026, 6)

        assert (MAY, june, JULY) == plan(pauses=iter([JULY, MAY, june])).pauses

    @pytest.mark.parametrize(
        "pauses", [[MAY, MAY], [MAY, Period.year(2027), Period.day(MAY.start.date())], [Period.year(2026), JULY]]
    )
    def test_pauses_do_not_overlap(self, pauses: list[Period]) -> None:
        """Pauses that overlap are refused, in whatever order they are given."""
        for given_order in (pauses, pauses[::-1]):
            with pytest.raises(InvalidValueError, match="pauses must not overlap, got ") as caught:
                plan(pauses=given_order)
            assert ("overlapping_pauses", "pauses") == (caught.value.rule, caught.value.field)
            assert caught.value.record in range(len(pauses))

    @pytest.mark.parametrize(
        ("pause", "ended"),
        [
            (Period(START - TICK, MAY.end), None),
            (Period(MAY.start, JULY.start + TICK), JULY.start),
            (Period.year(2025), None),
            (Period.year(2027), JULY.start),
        ],
    )
    def test_pauses_lie_within(self, pause: Period, ended: datetime | None) -> None:
        """A pause before the start or after the end is refused."""
        with breaks("pause_outside_the_subscription", "pauses", record=0):
            plan(pauses=[pause], ended=ended)

    def test_pauses_may_fill_it(self) -> None:
        """A pause may last from the start to the end."""
        whole = plan(pauses=[Period(START, MAY.start)], ended=MAY.start)

        assert not whole.is_active(START)


class TestIsActive:
    @given(subscriptions(), st.data())
    def test_runs_where_it_does_not_rest(self, subscription: Subscription, data: st.DataObject) -> None:
        """A subscription is active from its start to its end, except during pauses; all of them are half-open."""
        edges = [subscription.started, *([subscription.ended] if subscription.ended else [])]
        edges += [edge for pause in subscription.pauses for edge in (pause.start, pause.end)]
        near = st.sampled_from(edges).flatmap(lambda edge: st.sampled_from((in_utc(edge) - TICK, in_utc(edge))))
        at = data.draw(near | instants())
        ended = subscription.ended is not None and in_utc(subscription.ended) <= in_utc(at)
        resting = any(in_utc(pause.start) <= in_utc(at) < in_utc(pause.end) for pause in subscription.pauses)
        resting |= subscription.paused_since is not None and in_utc(subscription.paused_since) <= in_utc(at)

        assert (in_utc(subscription.started) <= in_utc(at) and not ended and not resting) is subscription.is_active(at)

    def test_instant_has_a_zone(self) -> None:
        """A naive instant is refused."""
        with pytest.raises(NaiveInstantError, match="moment must carry a time zone"):
            plan().is_active(datetime(2026, 1, 1))  # noqa: DTZ001


class TestCancelled:
    @given(subscriptions(ended=None), instants(), instants())
    def test_changes_nothing_before(self, subscription: Subscription, at: datetime, moment: datetime) -> None:
        """Cancelling changes nothing before the end, and the subscription is never active after it."""
        assume(in_utc(at) > in_utc(subscription.started))
        ended = subscription.cancelled(at)

        assert at == ended.ended
        assert (in_utc(moment) < in_utc(at) and subscription.is_active(moment)) is ended.is_active(moment)
        kept: dict[str, Any] = {"pauses": subscription.pauses, "paused_since": subscription.paused_since}
        assert subscription == attrs.evolve(ended, ended=None, **kept)

    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            (MAY.start, ()),
            (MAY.start + TICK, (Period(MAY.start, MAY.start + TICK),)),
            (MAY.end - TICK, (Period(MAY.start, MAY.end - TICK),)),
            (MAY.end, (MAY,)),
            (JULY.start, (MAY,)),
            (JULY.end, (MAY, JULY)),
            (JULY.end + TICK, (MAY, JULY)),
        ],
    )
    def test_pauses(self, at: datetime, expected: tuple[Period, ...]) -> None:
        """Later pauses are removed, a pause that has begun is cut short, and earlier pauses stay."""
        assert expected == plan(pauses=[MAY, JULY]).cancelled(at).pauses

    def test_ends_once(self) -> None:
        """A subscription that has ended by then cannot be cancelled."""
        for at in (MAY.start, JULY.start):
            with breaks("already_set", "ended", kind=IllegalTransitionError):
                plan(ended=MAY.start).cancelled(at)

    def test_an_end_is_brought_forward(self) -> None:
        """Cancelled for the end of the term and then at once: the end moves, and the pauses are cut there."""
        scheduled = plan(ended=JULY.end, pauses=[MAY], paused_since=JULY.start)
        within = MAY.start + TICK

        assert plan(ended=within, pauses=[Period(MAY.start, within)]) == scheduled.cancelled(within)
        assert plan(ended=JULY.start, pauses=[MAY]) == scheduled.cancelled(JULY.start)
        later = scheduled.cancelled(JULY.start + TICK)
        assert (JULY.start, (MAY,)) == (later.paused_since, later.pauses)

    def test_not_before_it_starts(self) -> None:
        """A subscription cannot be cancelled before its start."""
        with breaks("ended_before_it_started", "ended"):
            plan(pauses=[MAY]).cancelled(START - TICK)

    def test_keeps_the_zone(self) -> None:
        """The end keeps its zone."""
        at = datetime(2026, 6, 1, tzinfo=timezone(timedelta(hours=2)))

        assert at.tzinfo is not UTC
        ended = plan().cancelled(at).ended
        assert ended is not None
        assert at.tzinfo is ended.tzinfo
