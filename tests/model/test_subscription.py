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

TICK = timedelta(microseconds=1)
START = instant("2026-01-01")
MAY = Period.month(2026, 5)
JULY = Period.month(2026, 7)
YEAR: dict[str, Any] = {"customer_id": 7, "price": Money(20, "EUR"), "every": TimeUnit.MONTH, "started": START}


def plan(**values: Any) -> Subscription:
    """Build a subscription that starts with 2026."""
    return Subscription(**{**YEAR, **values})


class TestSubscription:
    @pytest.mark.parametrize("ended", [START, START - TICK, START.astimezone(timezone(timedelta(hours=5)))])
    def test_ends_after_it_starts(self, ended: datetime) -> None:
        """An end at or before the start is refused, in any zone."""
        with pytest.raises(InvalidValueError, match="ended must be after started, got "):
            plan(ended=ended)

    def test_may_last_a_moment(self) -> None:
        """The shortest subscription is active at its start only."""
        shortest = plan(ended=START + TICK)

        assert shortest.is_active(START)
        assert not shortest.is_active(START + TICK)

    def test_price(self) -> None:
        """A price may be zero but not negative."""
        assert Money.zero("EUR") == plan(price=Money.zero("EUR")).price
        with pytest.raises(InvalidValueError, match="price must be >= 0, got -0.01 EUR"):
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
            with pytest.raises(InvalidValueError, match="pauses must not overlap, got "):
                plan(pauses=given_order)

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
        with pytest.raises(InvalidValueError, match="pauses must be within the subscription, got "):
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
        assert subscription == attrs.evolve(ended, ended=None, pauses=subscription.pauses)

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
        """A subscription with an end cannot be cancelled."""
        with pytest.raises(
            IllegalTransitionError, match=r"^ended is already 2026-05-01.*; to correct it, use attrs\.evolve\("
        ):
            plan(ended=MAY.start).cancelled(JULY.start)

    @pytest.mark.parametrize("at", [START, START - TICK])
    def test_not_before_it_starts(self, at: datetime) -> None:
        """A subscription cannot be cancelled at or before its start."""
        with pytest.raises(InvalidValueError, match="ended must be after started"):
            plan(pauses=[MAY]).cancelled(at)

    def test_keeps_the_zone(self) -> None:
        """The end keeps its zone."""
        at = datetime(2026, 6, 1, tzinfo=timezone(timedelta(hours=2)))

        assert at.tzinfo is not UTC
        ended = plan().cancelled(at).ended
        assert ended is not None
        assert at.tzinfo is ended.tzinfo
