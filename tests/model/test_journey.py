from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Interaction,
    InvalidValueError,
    Journey,
    PurchasePhase,
    Touchpoint,
    WrongTypeError,
    elapsed,
)
from crmcore.interop.hypothesis import interactions, journeys, touchpoints
from crmcore.primitives.periods import in_utc

AT = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


def visit(touchpoint_id: str, hours: int = 0, **values: Any) -> Interaction:
    """Meet somebody, so many hours after the day's first hour."""
    return Interaction(touchpoint_id=touchpoint_id, at=AT + hours * HOUR, **values)


class TestJourney:
    @given(st.lists(interactions(customer_id=7), max_size=5), st.randoms(use_true_random=False))
    def test_order_given_does_not_matter(self, met: list[Interaction], chance: Any) -> None:
        """Interactions are put in order of UTC; the order given settles nothing but those of one instant."""
        shuffled = chance.sample(met, len(met))
        journey = Journey(customer_id=7, interactions=iter(shuffled))
        instants = [in_utc(one.at) for one in journey]

        assert sorted(instants) == instants
        assert [in_utc(one.at) for one in Journey(customer_id=7, interactions=met)] == instants
        assert sorted(map(repr, met)) == sorted(map(repr, journey))

    def test_ties_stay_as_given(self) -> None:
        """Of one instant the first given came first, also where the clocks of two zones differ."""
        there = attrs.evolve(visit("phone"), at=AT.astimezone(ZoneInfo("Europe/Riga")))

        assert ("till", "phone") == Journey(customer_id=7, interactions=[visit("till"), there]).touchpoint_ids
        assert ("phone", "till") == Journey(customer_id=7, interactions=[there, visit("till")]).touchpoint_ids

    @pytest.mark.parametrize(("customer_id", "others"), [(7, "7"), (7, 8), ("anna", "bob"), (None, 7)])
    def test_is_one_customers(self, customer_id: str | int | None, others: str | int) -> None:
        """Another customer's interaction is refused, and a known one's where the journey's is unknown."""
        with pytest.raises(InvalidValueError, match="every interaction must be this customer's or an unknown one's"):
            Journey(customer_id=customer_id, interactions=[visit("till"), visit("till", customer_id=others)])

    def test_unknown_ones_may_be_his(self) -> None:
        """An interaction of an unknown customer may stand in anybody's journey."""
        assert len(Journey(customer_id=7, interactions=[visit("till"), visit("till", customer_id=7)])) == 2

    @pytest.mark.parametrize("value", [visit("till"), "till", ["till"], None])
    def test_interactions_are_several(self, value: Any) -> None:
        """One interaction is put into a list; a place is none."""
        with pytest.raises(WrongTypeError, match="interactions"):
            Journey(customer_id=7, interactions=value)

    @pytest.mark.parametrize("reached", [1, "yes"])
    def test_reached_is_a_truth_value(self, reached: Any) -> None:
        """Whether he reached his goal is yes, no or unknown."""
        with pytest.raises(WrongTypeError, match="reached must be a bool"):
            Journey(customer_id=7, reached=reached)


class TestSteps:
    @given(journeys())
    def test_are_what_it_holds(self, journey: Journey) -> None:
        """Length, iteration, places and both ends tell of the same interactions."""
        steps = list(journey)

        assert journey.interactions == tuple(steps)
        assert len(journey) == len(steps)
        assert journey.touchpoint_ids == tuple(step.touchpoint_id for step in steps)
        assert journey.first == (steps[0] if steps else None)
        assert journey.last == (steps[-1] if steps else None)

    @given(journeys())
    def test_length(self, journey: Journey) -> None:
        """The length is the time from the first step to the last, never below nought."""
        first, last = journey.first, journey.last

        assert journey.length >= timedelta(0)
        assert journey.length == (elapsed(first.at, last.at) if first and last else timedelta(0))

    def test_length_of_few(self) -> None:
        """Of no interaction and of one the length is nought."""
        assert timedelta(0) == Journey(customer_id=7).length
        assert timedelta(0) == Journey(customer_id=7, interactions=[visit("till")]).length
        assert 3 * HOUR == Journey(customer_id=7, interactions=[visit("till", 3), visit("aisle")]).length


class TestPhases:
    @given(journeys(), st.lists(touchpoints(), max_size=5))
    def test_one_for_each_step(self, journey: Journey, places: list[Touchpoint]) -> None:
        """Each step has the phase of its touchpoint, and None where that is not among those given."""
        known = {place.id: place.phase for place in places}

        assert tuple(known.get(step.touchpoint_id) for step in journey) == journey.phases(iter(places))

    def test_unknown_phases(self) -> None:
        """Neither an unknown touchpoint nor one without a phase has one."""
        journey = Journey(customer_id=7, interactions=[visit("aisle"), visit("till", 1), visit("phone", 2)])
        places = [Touchpoint(id="till", phase=PurchasePhase.PURCHASE), Touchpoint(id="phone")]

        assert (None, PurchasePhase.PURCHASE, None) == journey.phases(places)

    @pytest.mark.parametrize("places", [Touchpoint(id="till"), ["till"], None])
    def test_touchpoints_are_several(self, places: Any) -> None:
        """One touchpoint is put into a list; its id is none."""
        with pytest.raises(WrongTypeError, match="touchpoints"):
            Journey(customer_id=7).phases(places)


class TestThen:
    @given(journeys(customer_id=7), interactions(customer_id=7))
    def test_is_the_same_and_one_more(self, journey: Journey, step: Interaction) -> None:
        """One interaction more stands where its instant belongs, after those of the same instant."""
        longer = journey.then(step)
        place = sum(in_utc(one.at) <= in_utc(step.at) for one in journey)

        assert (*journey.interactions[:place], step, *journey.interactions[place:]) == longer.interactions
        assert journey == attrs.evolve(longer, interactions=journey.interactions)

    def test_of_another_customer(self) -> None:
        """It must be the same customer's."""
        with pytest.raises(InvalidValueError, match="cut by customer first"):
            Journey(customer_id=7).then(visit("till", customer_id=8))
