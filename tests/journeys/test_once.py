"""Records that have an id count once in every counter, however often they are given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    AbandonedContacts,
    AbandonReason,
    Flow,
    Funnel,
    GoalRate,
    InconsistentCountsError,
    Interaction,
    Journey,
    JourneyMap,
    Journeys,
    JourneyStep,
    Money,
    StepMatrix,
    attribution,
    journey_maps,
    paths,
)
from tests.support import logs
from tests.support.logs import HOUR, START
from tests.support.refusals import refused

MAP = JourneyMap(name="m", steps=[JourneyStep(name=one, phase="p", touchpoint_ids=[one]) for one in ("shelf", "till")])
DAY = timedelta(days=1)

COUNTERS: dict[str, Callable[[Any], Any]] = {
    "log": Journeys.of,
    "distinct log": lambda log: Journeys.of(log, distinct=True),
    "flow": Flow.of,
    "variants": paths.variants,
    "visits": lambda log: paths.visits(log, goal="till"),
    "open visits": lambda log: paths.visits(log, goal="till", within=HOUR, as_of=START + DAY),
    "funnel": lambda log: Funnel.of(log, ["shelf", "till"]),
    "funnel within": lambda log: Funnel.of(log, ["shelf", "till"], within=HOUR),
    "step_matrix": StepMatrix.of,
    "dwell_times": paths.dwell_times,
    "compare": lambda log: journey_maps.compare(MAP, log),
    "outcomes": lambda log: attribution.outcomes(log, "till", worth=Money(1, "EUR")),
    "time_decay": lambda log: attribution.time_decay(log, "till", half_life=HOUR),
}
OF_INTERACTIONS: dict[str, Callable[[Any], Any]] = {
    **COUNTERS,
    "abandoned": AbandonedContacts.of,
    "abandoned by": lambda log: AbandonedContacts.by(log, lambda one: one.touchpoint_id),
}
OF_JOURNEYS: dict[str, Callable[[Any], Any]] = {
    **COUNTERS,
    "goal_rate": GoalRate.of,
    "goal_rate by": lambda log: GoalRate.by(log, lambda one: one.goal),
}

of_interactions = pytest.mark.parametrize("count", OF_INTERACTIONS.values(), ids=OF_INTERACTIONS)
of_journeys = pytest.mark.parametrize("count", OF_JOURNEYS.values(), ids=OF_JOURNEYS)


@st.composite
def met(draw: st.DrawFn, /, **fields: Any) -> Interaction:
    """An interaction without an id."""
    return Interaction(
        customer_id=fields.get("customer_id", draw(st.sampled_from(["anna", 7, None]))),
        touchpoint_id=draw(st.sampled_from(logs.TOUCHPOINTS)),
        at=START + draw(st.integers(0, 5)) * HOUR,
        abandoned=draw(st.sampled_from([None, None, AbandonReason.QUEUE])),
    )


def with_ids(records: list[Any], first: int = 0) -> list[Any]:
    """The records, each with an id: whole numbers, texts and UUIDs by turns."""
    kinds: tuple[Callable[[int], Any], ...] = (int, str, lambda n: UUID(int=n))
    return [attrs.evolve(one, id=kinds[n % 3](n)) for n, one in enumerate(records, first)]


@st.composite
def journeys(draw: st.DrawFn, /) -> list[Journey]:
    """Journeys without an id, whose interactions have one."""
    customers = draw(st.lists(st.sampled_from(["anna", 7, None]), max_size=4))
    made: list[Journey] = []
    for place, customer in enumerate(customers):
        members = with_ids(draw(st.lists(met(customer_id=customer), min_size=1, max_size=4)), 10 * place)
        reached = draw(st.sampled_from([None, True, False]))
        made.append(Journey(customer_id=customer, interactions=members, goal=f"goal {place % 2}", reached=reached))
    return made


class TestLaw:
    @of_interactions
    @given(log=st.lists(met(), max_size=8).map(with_ids), data=st.data())
    def test_interactions(self, count: Callable[[Any], Any], log: list[Interaction], data: st.DataObject) -> None:
        """Interactions given again, in any order and as equal copies, change nothing."""
        again = data.draw(st.lists(st.sampled_from(log))) if log else []
        copies = [attrs.evolve(one) for one in again]

        assert count(log) == count(log + log) == count([*log, *copies])

    @of_journeys
    @given(log=journeys().map(with_ids))
    def test_journeys(self, count: Callable[[Any], Any], log: list[Journey]) -> None:
        """Journeys given again change nothing."""
        assert count(log) == count(log + log) == count([*log, *map(attrs.evolve, reversed(log))])

    @pytest.mark.parametrize("count", COUNTERS.values(), ids=COUNTERS)
    @given(log=journeys())
    def test_members(self, count: Callable[[Any], Any], log: list[Journey]) -> None:
        """A journey without an id is known by its interactions: given again, nothing of it is left to count."""
        assert count(log) == count(log + log)

    @of_interactions
    @given(log=st.lists(met(), max_size=8))
    def test_without_ids(self, count: Callable[[Any], Any], log: list[Interaction]) -> None:
        """Records without an id count as often as they are given: an id of their own changes no count."""
        assert count(log) == count(with_ids(log))


class TestByHand:
    @given(st.lists(st.tuples(met(), st.sampled_from([None, 1, "1", 2])), max_size=10))
    def test_interactions(self, drawn: list[tuple[Interaction, Any]]) -> None:
        """A count that keeps a list of what it has seen gives the same, or two different ones of one id are refused."""
        log = [attrs.evolve(one, id=record_id) for one, record_id in drawn]
        seen: list[Interaction] = []
        contradiction = False
        for one in log:
            same = [
                other for other in seen if one.id is not None and type(other.id) is type(one.id) and other.id == one.id
            ]
            contradiction = contradiction or any(other != one for other in same)
            if not same:
                seen.append(one)
        if contradiction:
            for count in (AbandonedContacts.of, Journeys.of):
                with pytest.raises(InconsistentCountsError) as caught:
                    count(log)
                assert "two_records_of_one_id" == caught.value.rule
                assert caught.value.record in {1, "1", 2}
        else:
            without = [attrs.evolve(one, id=None) for one in seen]

            assert Journeys.of(without) == Journeys.of(log)
            assert AbandonedContacts.of(without) == AbandonedContacts.of(log)


class TestRefusals:
    ONE = Interaction(customer_id="anna", touchpoint_id="shelf", at=START, id=7)
    OTHER = attrs.evolve(ONE, touchpoint_id="till")

    @pytest.mark.parametrize(
        "records",
        [
            [ONE, OTHER],
            [ONE, ("ben", "till", START), OTHER],
            [Journey(customer_id="anna", interactions=[ONE]), OTHER],
            [Journey(customer_id="anna", interactions=[ONE]), Journey(customer_id="anna", interactions=[OTHER])],
            [Journey(customer_id="anna", id=7), Journey(customer_id="ben", id=7)],
        ],
    )
    def test_two_of_one_id(self, records: list[Any]) -> None:
        """Two different records of one id are refused, wherever they stand; the error says which id."""
        with refused(InconsistentCountsError, "two_records_of_one_id: records[7]"):
            Journeys.of(records)

    def test_other_counters(self) -> None:
        """So do the counters of interactions and of journeys."""
        with refused(InconsistentCountsError, "two_records_of_one_id: interactions[7]"):
            AbandonedContacts.by([self.ONE, self.OTHER], lambda one: one.touchpoint_id)
        with refused(InconsistentCountsError, "two_records_of_one_id: journeys[7]"):
            GoalRate.of([Journey(customer_id="anna", id=7), Journey(customer_id="ben", id=7)])
        with refused(InconsistentCountsError, "two_records_of_one_id: journeys[7]"):
            GoalRate.by(
                [Journey(customer_id="a", goal="x", id=7), Journey(customer_id="a", goal="y", id=7)],
                lambda one: one.goal,
            )

    def test_ids_are_apart(self) -> None:
        """A journey and an interaction may have one id, and 7 is not "7"."""
        log: list[Any] = [
            Journey(customer_id="anna", interactions=[self.ONE], id=7),
            attrs.evolve(self.OTHER, id="7"),
        ]

        assert ["A", "B"] == [*Journeys.of(log).paths]

    def test_where_an_interaction_stays(self) -> None:
        """An interaction given by itself and in a journey stays where it is given first."""
        more = attrs.evolve(self.ONE, id=8, at=START + HOUR)
        journey = Journey(customer_id="anna", interactions=[self.ONE, more])

        assert ("AA",) == Journeys.of([journey, self.ONE]).paths
        assert ("A", "A") == Journeys.of([self.ONE, journey]).paths
        assert ("AA",) == Journeys.of([self.ONE, self.ONE, more]).paths

    def test_an_empty_journey_stays(self) -> None:
        """A journey without interactions and without an id counts as often as it is given."""
        assert ("", "") == Journeys.of([Journey(customer_id="anna")] * 2).paths
        assert ("",) == Journeys.of([Journey(customer_id="anna", id=1)] * 2).paths

    def test_place_of_a_later_mistake(self) -> None:
        """What is left out still counts for the place that an error names."""
        bad: Any = ("anna", "till", "yesterday")
        with refused(Exception, "not_an_instant: records[3]"):
            Journeys.of([self.ONE, self.ONE, ("anna", "till", START), bad])


class TestMixedIds:
    @given(st.lists(st.sampled_from([7, "7", 8, "8", "anna", None, UUID(int=1), str(UUID(int=1))]), max_size=8))
    def test_by_hand(self, customers: list[Any]) -> None:
        """The customers whose id stands as a text and as another type are counted in a caution."""
        both = sorted(
            {str(one) for one in customers if not isinstance(one, str) and one is not None and str(one) in customers}
        )
        log = Journeys.of([(one, "till", START) for one in customers])
        found = [dict(caution.evidence)["customers"] for caution in log.cautions]

        assert ([len(both)] if both else []) == found
        assert all("mixed_customer_ids" == caution.rule for caution in log.cautions)

    def test_example(self) -> None:
        """The caution names up to three of the ids."""
        (caution,) = Journeys.of([(one, "till", START) for n in range(5) for one in (n, str(n))]).cautions

        assert (("customers", 5), ("id", "0"), ("id", "1"), ("id", "2")) == caution.evidence
        assert "5 customers have one id as a text and as another type" in caution.message
