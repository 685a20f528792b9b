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
from crmcore.interop.hypothesis import ids, interactions, journeys, touchpoints
from crmcore.primitives.periods import in_utc
from tests.support.refusals import breaks

AT = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)


def visit(touchpoint_id: str, hours: int = 0, **values: Any) -> Interaction:
    """Build an interaction some hours after 10:15."""
    return Interaction(touchpoint_id=touchpoint_id, at=AT + hours * HOUR, **values)


class TestJourney:
    @given(st.lists(interactions(customer_id=7, id=None), max_size=5), st.randoms(use_true_random=False))
    def test_order_given_does_not_matter(self, met: list[Interaction], chance: Any) -> None:
        """Interactions are kept in order of UTC, in whatever order they are given."""
        shuffled = chance.sample(met, len(met))
        journey = Journey(customer_id=7, interactions=iter(shuffled))
        instants = [in_utc(interaction.at) for interaction in journey]

        assert sorted(instants) == instants
        assert [in_utc(interaction.at) for interaction in Journey(customer_id=7, interactions=met)] == instants
        assert sorted(map(repr, met)) == sorted(map(repr, journey))

    def test_ties_stay_as_given(self) -> None:
        """Interactions with the same instant keep the order given, even if their zones differ."""
        there = attrs.evolve(visit("phone"), at=AT.astimezone(ZoneInfo("Europe/Riga")))

        assert ("till", "phone") == Journey(customer_id=7, interactions=[visit("till"), there]).touchpoint_ids
        assert ("phone", "till") == Journey(customer_id=7, interactions=[there, visit("till")]).touchpoint_ids

    @pytest.mark.parametrize(("customer_id", "others"), [(7, "7"), (7, 8), ("anna", "bob"), (None, 7)])
    def test_is_one_customers(self, customer_id: str | int | None, others: str | int) -> None:
        """An interaction of another customer is refused, and so is a known customer in a journey of an unknown one."""
        with breaks("interaction_of_another_customer", "interactions", record=1):
            Journey(customer_id=customer_id, interactions=[visit("till"), visit("till", customer_id=others)])

    def test_may_hold_those_of_unknown_customers(self) -> None:
        """An interaction of an unknown customer is accepted in every journey."""
        assert len(Journey(customer_id=7, interactions=[visit("till"), visit("till", customer_id=7)])) == 2

    @given(
        st.lists(
            interactions(customer_id=7, id=st.none() | ids()),
            unique_by=lambda met: object() if met.id is None else met.id,
        )
    )
    def test_one_given_twice_counts_once(self, met: list[Interaction]) -> None:
        """An interaction with an id is kept once; those without one are all kept."""
        journey = Journey(customer_id=7, interactions=met)
        named = [one for one in journey if one.id is not None]

        assert len(met) == len(journey)
        assert journey == attrs.evolve(journey, interactions=[*journey, *named])
        assert 2 == len(Journey(customer_id=7, interactions=[visit("till"), visit("till")]))

    def test_two_of_one_id(self) -> None:
        """Two different interactions with one id are refused; the error says where the second one is."""
        one, other = visit("till", id=1), visit("desk", id=1)

        with breaks("two_records_of_one_id", "interactions", record=2):
            Journey(customer_id=7, interactions=[one, visit("door", id="1"), other])
        with breaks("two_records_of_one_id", "interactions", record=1):
            Journey(customer_id=7, interactions=[one]).then(other)

    @pytest.mark.parametrize("value", [visit("till"), "till", ["till"], None])
    def test_interactions_are_several(self, value: Any) -> None:
        """A single interaction and a text are refused where several interactions are expected."""
        with pytest.raises(WrongTypeError, match="interactions"):
            Journey(customer_id=7, interactions=value)

    @pytest.mark.parametrize("reached", [1, "yes"])
    def test_reached_is_a_truth_value(self, reached: Any) -> None:
        """`reached` must be a bool or None."""
        with pytest.raises(WrongTypeError, match="reached must be a bool"):
            Journey(customer_id=7, reached=reached)


class TestSteps:
    @given(journeys())
    def test_are_what_it_holds(self, journey: Journey) -> None:
        """Length, iteration, touchpoints, first and last are those of the interactions."""
        steps = list(journey)

        assert journey.interactions == tuple(steps)
        assert len(journey) == len(steps)
        assert journey.touchpoint_ids == tuple(step.touchpoint_id for step in steps)
        assert journey.first == (steps[0] if steps else None)
        assert journey.last == (steps[-1] if steps else None)

    @given(journeys())
    def test_length(self, journey: Journey) -> None:
        """The length is the time from the first interaction to the last, >= 0."""
        first, last = journey.first, journey.last

        assert journey.length >= timedelta(0)
        assert journey.length == (elapsed(first.at, last.at) if first and last else timedelta(0))

    def test_length_of_few(self) -> None:
        """The length is zero if there are fewer than two interactions."""
        assert timedelta(0) == Journey(customer_id=7).length
        assert timedelta(0) == Journey(customer_id=7, interactions=[visit("till")]).length
        assert 3 * HOUR == Journey(customer_id=7, interactions=[visit("till", 3), visit("aisle")]).length


class TestPhases:
    @given(journeys(), st.lists(touchpoints(), max_size=5))
    def test_one_for_each_step(self, journey: Journey, places: list[Touchpoint]) -> None:
        """Each interaction has the phase of its touchpoint, or None if the touchpoint is not given."""
        known = {place.id: place.phase for place in places}

        assert tuple(known.get(step.touchpoint_id) for step in journey) == journey.phases(iter(places))

    def test_unknown_phases(self) -> None:
        """An unknown touchpoint and one without a phase give None."""
        journey = Journey(customer_id=7, interactions=[visit("aisle"), visit("till", 1), visit("phone", 2)])
        places = [Touchpoint(id="till", phase=PurchasePhase.PURCHASE), Touchpoint(id="phone")]

        assert (None, PurchasePhase.PURCHASE, None) == journey.phases(places)

    @pytest.mark.parametrize("places", [Touchpoint(id="till"), ["till"], None])
    def test_touchpoints_are_several(self, places: Any) -> None:
        """A single touchpoint and an id are refused where several touchpoints are expected."""
        with pytest.raises(WrongTypeError, match="touchpoints"):
            Journey(customer_id=7).phases(places)


class TestThen:
    @given(journeys(customer_id=7), interactions(customer_id=7, id=None))
    def test_is_the_same_and_one_more(self, journey: Journey, step: Interaction) -> None:
        """`then` inserts the interaction by its instant, after those with the same instant."""
        longer = journey.then(step)
        place = sum(in_utc(interaction.at) <= in_utc(step.at) for interaction in journey)

        assert (*journey.interactions[:place], step, *journey.interactions[place:]) == longer.interactions
        assert journey == attrs.evolve(longer, interactions=journey.interactions)

    def test_of_another_customer(self) -> None:
        """`then` refuses an interaction of another customer."""
        with pytest.raises(InvalidValueError, match="group them by customer first"):
            Journey(customer_id=7).then(visit("till", customer_id=8))
