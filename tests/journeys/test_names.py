"""Names of the caller that no visit has: an error where it can only be a mistake, otherwise a caution on the result."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from datetime import timedelta
from difflib import SequenceMatcher
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Finding,
    Flow,
    Funnel,
    Id,
    InconsistentCountsError,
    Journey,
    JourneyMap,
    Journeys,
    JourneyStep,
    Money,
    Outcome,
    PolicyMismatchError,
    TallyBy,
    UnknownNameError,
    attribution,
    journey_maps,
    paths,
)
from crmcore.journeys._names import join_unmatched, list_unmatched
from crmcore.primitives._nearest import find_nearest
from crmcore.primitives.checks import show
from tests.support.logs import Row, rows_of
from tests.support.refusals import refused

DAY = timedelta(days=1)
NAMES: tuple[Id, ...] = ("ad", "ads", "mail", "e-mail", "till", "tills", 7, 70)
names = st.sampled_from(NAMES)
logs = st.lists(st.lists(names, max_size=5), max_size=5).map(lambda journeys: rows_of(*journeys))


def a_map(*touchpoint_ids: Id) -> JourneyMap:
    """A map with a step for each touchpoint."""
    return JourneyMap(
        name="m", steps=[JourneyStep(name=f"at {one}", phase="p", touchpoint_ids=[one]) for one in touchpoint_ids]
    )


def moved(log: Iterable[Row]) -> list[Row]:
    """The same visits of other customers."""
    return [(f"other {customer}", touchpoint_id, at) for customer, touchpoint_id, at in log]


def told(cautions: Iterable[Finding]) -> list[tuple[str, str, list[object]]]:
    """The rule, the name and the nearest names of each caution, which are its evidence."""
    found = [*cautions]
    assert all(one.evidence[0] == ("name", one.subject) for one in found)
    return [(one.rule, one.subject, [value for _, value in one.evidence[1:]]) for one in found]


def nearest_by_hand(name: Id, known: Iterable[Id]) -> list[Id]:
    """The three known names most like a name, of those that are at least 60 per cent alike, by comparing all."""

    def alike(other: Id) -> float:
        return SequenceMatcher(None, str(other), str(name), autojunk=False).ratio()

    return sorted((one for one in known if alike(one) >= 0.6), key=lambda one: (-alike(one), str(one)))[:3]


QUESTIONS: dict[str, tuple[str, Callable[[Any, Any], object]]] = {
    "visits": ("goal", lambda log, name: paths.visits(log, goal=name)),
    "funnel": ("steps", lambda log, name: Funnel.of(log, ["shop", name])),
    "named funnel": ("steps", lambda log, name: Funnel.of(log, {"look": "shop", "buy": ["desk", name]})),
    "funnel within": ("steps", lambda log, name: Funnel.of(log, ["shop", name], within=DAY)),
    "compare": ("journey_map", lambda log, name: journey_maps.compare(a_map("shop", name), log)),
    "outcomes": ("goal", attribution.outcomes),
    "channels": ("channels", lambda log, name: attribution.outcomes(log, "shop", channels=["desk", name])),
    "time_decay": ("goal", lambda log, name: attribution.time_decay(log, name, half_life=DAY)),
    "time_decay channels": (
        "channels",
        lambda log, name: attribution.time_decay(log, "shop", half_life=DAY, channels=[name]),
    ),
    "direct": (
        "direct",
        lambda log, name: attribution.last_non_direct(attribution.outcomes(log, "shop"), direct=name),
    ),
}


class TestMistakes:
    @pytest.mark.parametrize("question", QUESTIONS)
    @pytest.mark.parametrize(
        ("visited", "given_name"),
        [
            ("till", "Till"),
            ("Check Out", "checkout"),
            ("straße", "STRASSE"),
            (7, "7"),
            ("7", 7),
            (str(UUID(int=7)), UUID(int=7)),
        ],
    )
    def test_another_spelling(self, question: str, visited: Id, given_name: Id) -> None:
        """A name that differs from a visited one only in capitals, spaces or type is refused, and the cure is named."""
        field, ask = QUESTIONS[question]
        log = rows_of([visited, "shop", visited], [visited])
        with refused(UnknownNameError, f"misspelt_touchpoint: {field}") as caught:
            ask(log, given_name)

        error = caught.value
        assert (given_name, visited) == error.operands
        assert error.message.endswith(f"got {show(given_name)}, and the visits have {show(visited)}")
        assert repr(visited) in error.advice
        assert error.operands == pickle.loads(pickle.dumps(error)).operands

    @pytest.mark.parametrize("question", QUESTIONS)
    def test_nothing_is_no_mistake(self, question: str) -> None:
        """An empty log, and a log of journeys without visits, match no name and are no mistake."""
        _, ask = QUESTIONS[question]
        for log in ([], Journeys(), [Journey(customer_id="anna")]):
            ask(log, "till")

    def test_two_spellings_may_be_two_names(self) -> None:
        """A caller who names both spellings tells them apart, so that neither is a mistake."""
        log = rows_of(["till", "ad"])

        assert [1, 0] == [step.reached for step in Funnel.of(log, ["till", "Till"]).steps]
        assert [("channel_not_visited", "Ad", [])] == told(
            attribution.outcomes(log, "till", channels=["ad", "Ad"]).cautions
        )

    def test_a_part_of_a_log_knows_the_names_of_the_whole(self) -> None:
        """A part that `apart` gives has no visit of the goal, and the other spelling of it is no longer the nearest."""
        whole = Journeys.of(rows_of(["ad", "Till"], ["ad", "till"]))
        part = whole.apart(lambda customer_id: customer_id)[1]

        assert {"ad": 0, "till": 0} == {one: row.left for one, row in paths.visits(part, goal="till").items()}
        assert {"ad": 0, "till": 1} == {one: row.left for one, row in paths.visits(part, goal="Till").items()}


class TestCautions:
    def test_a_goal(self) -> None:
        """A goal that no visit has is a caution with the nearest names, and no caution once one visit has it."""
        log = rows_of(["ad", "purchase"], ["ad"])
        goal = [("goal_not_visited", "purchse", ["purchase"])]

        assert goal == told(paths.visits(log, goal="purchse").cautions)
        assert goal == told(attribution.outcomes(log, "purchse").cautions)
        assert goal == told(attribution.time_decay(log, "purchse", half_life=DAY).cautions)
        assert [("goal_not_visited", "zzz", [])] == told(paths.visits(log, goal="zzz").cautions)
        assert () == paths.visits(log, goal="purchase").cautions == paths.visits(log).cautions
        assert () == attribution.outcomes(log, "purchase").cautions

    def test_channels(self) -> None:
        """Each channel that no path has is a caution, in the order of their texts; the goal among them is not."""
        log = rows_of(["ad", "mail", "buy"])
        found = attribution.outcomes(log, "buy", channels=["zzz", "mail", "adds", "buy"])

        assert [("channel_not_visited", "adds", []), ("channel_not_visited", "zzz", [])] == told(found.cautions)
        assert [("channel_not_visited", "adds", ["ad"]), ("channel_not_visited", "zzz", [])] == told(
            attribution.time_decay(log, "buy", half_life=DAY, channels=["zzz", "mail", "adds", "buy"]).cautions
        )

    @pytest.mark.parametrize("method", ["first", "last", "linear", "position", "shapley", "markov"])
    def test_cautions_of_outcomes_travel(self, method: str) -> None:
        """What a method makes of outcomes has the cautions of the outcomes."""
        found = attribution.outcomes(rows_of(["ad"]), "till", worth=Money(1, "EUR"))

        assert [("goal_not_visited", "till", [])] == told(found.cautions)
        assert found.cautions == getattr(attribution, method)(found).cautions
        assert found.cautions == getattr(attribution, method)(dict(found)).cautions
        assert () == getattr(attribution, method)({("ad",): Outcome(nulls=1)}).cautions

    def test_direct(self) -> None:
        """A direct touchpoint that no path has is a caution beside those of the outcomes; no paths, no caution."""
        found = attribution.outcomes(rows_of(["direct", "till"]), "goal")

        assert [("goal_not_visited", "goal", []), ("direct_not_visited", "direkt", ["direct"])] == told(
            attribution.last_non_direct(found, direct="direkt").cautions
        )
        assert () == attribution.last_non_direct({}, direct="direkt").cautions

    def test_steps_of_a_funnel(self) -> None:
        """Each touchpoint of a step that no visit has is a caution, also one of several of a step."""
        log = rows_of(["shop", "till"], ["tills"])
        funnel = Funnel.of(log, {"look": ["site", "shop"], "pay": "tills", "leave": "dor"}, optional=["leave"])

        assert [("step_not_visited", "dor", []), ("step_not_visited", "site", [])] == told(funnel.cautions)
        assert [("step_not_visited", "tilll", ["till", "tills"])] == told(Funnel.of(log, ["shop", "tilll"]).cautions)
        assert () == Funnel.of([], ["shop", "tilll"]).cautions

    def test_touchpoints_of_a_map(self) -> None:
        """Each touchpoint of a map that no visit has is a caution of the comparison."""
        found = journey_maps.compare(a_map("shop", "tilll", "desk"), rows_of(["shop", "till"]))

        assert [("step_not_visited", "desk", []), ("step_not_visited", "tilll", ["till"])] == told(found.cautions)
        assert found == pickle.loads(pickle.dumps(found))

    @given(logs, st.lists(names, min_size=1, max_size=4, unique=True))
    def test_by_hand(self, log: list[Row], asked: list[Id]) -> None:
        """Exactly the names that stand in no row are cautions, with the names most like them."""
        visited = {touchpoint_id for _, touchpoint_id, _ in log}
        expected = [
            ("step_not_visited", str(name), [str(one) for one in nearest_by_hand(name, visited)])
            for name in sorted(asked, key=str)
            if name not in visited and log
        ]
        goal = [(str(asked[0]), [str(one) for one in nearest_by_hand(asked[0], visited)])]

        assert expected == told(Funnel.of(log, asked).cautions)
        assert expected == told(journey_maps.compare(a_map(*asked), log).cautions)
        for found in (paths.visits(log, goal=asked[0]), attribution.outcomes(log, asked[0])):
            assert [("goal_not_visited", *name) for name in goal if log and asked[0] not in visited] == told(
                found.cautions
            )

    @given(logs, logs, st.lists(names, min_size=1, max_size=4, unique=True))
    def test_parts_add_up(self, one: list[Row], other: list[Row], asked: list[Id]) -> None:
        """What two groups of customers count adds up to what all count, with the cautions of all."""
        others = moved(other)
        questions: list[Callable[[Any], Any]] = [
            lambda log: Funnel.of(log, asked),
            lambda log: Funnel.of(log, asked, within=DAY),
            lambda log: journey_maps.compare(a_map(*asked), log),
            lambda log: paths.visits(log, goal=asked[0]),
            lambda log: attribution.outcomes(log, asked[0]),
            lambda log: attribution.outcomes(log, asked[0], channels=asked),
        ]
        for ask in questions:
            whole, parts = ask([*one, *others]), ask(one) + ask(others)

            assert whole == parts
            assert told(whole.cautions) == told(parts.cautions)

    def test_a_record_without_journeys_changes_nothing(self) -> None:
        """A funnel or a comparison of no journeys takes the cautions of the other; ready counts claim none."""
        log = rows_of(["shop"])
        questions: list[Callable[[Any], Any]] = [
            lambda log: Funnel.of(log, ["shop", "till"]),
            lambda log: journey_maps.compare(a_map("till"), log),
        ]
        for ask in questions:
            whole = ask(log)

            assert whole == whole + ask([]) == ask([]) + whole
            assert () == (whole + attrs.evolve(whole, unmatched=())).cautions
            with pytest.raises(TypeError):
                whole + 5

    def test_a_table_has_the_cautions_of_its_rows(self) -> None:
        """A table of funnels by a key has the cautions of each, once."""
        log = Journeys.of(rows_of(["shop"], ["shop"]))
        by_customer = TallyBy(
            {one: Funnel.of(part, ["shop", "till"]) for one, part in log.apart(lambda customer_id: customer_id).items()}
        )

        assert Funnel.of(log, ["shop", "till"]).cautions == by_customer.cautions
        assert () == TallyBy[Id, Funnel]().cautions


class TestPolicies:
    A, B = (
        attribution.outcomes(rows_of(["ad", "till"]), "till"),
        attribution.outcomes(rows_of(["mail", "till"]), "mail"),
    )

    @pytest.mark.parametrize(
        ("field", "options"),
        [
            ("goal", {"goal": "mail"}),
            ("channels", {"goal": "till", "channels": ["ad"]}),
            ("first_only", {"goal": "till", "first_only": True}),
        ],
    )
    def test_outcomes_of_two_policies(self, field: str, options: dict[str, Any]) -> None:
        """Outcomes of different goals, channels or `first_only` do not add, not even in tables of different paths."""
        one = attribution.outcomes(rows_of(["ad", "till"]), "till")
        other = attribution.outcomes(rows_of(["ad", "mail", "mail", "till"]), **options)
        with pytest.raises(PolicyMismatchError) as caught:
            one + other
        assert field == caught.value.field
        with pytest.raises(PolicyMismatchError):
            next(iter(one.values())) + next(iter(other.values()))
        with refused(PolicyMismatchError, "outcomes_of_several_goals: outcomes"):
            attribution.linear({**one, ("zzz",): next(iter(other.values()))})

    def test_visits_of_two_goals(self) -> None:
        """Tables of visits under different goals do not add, not even if they share no touchpoint."""
        with pytest.raises(PolicyMismatchError) as caught:
            paths.visits(rows_of("ab"), goal="b") + paths.visits(rows_of("cd"), goal="d")
        assert "goal" == caught.value.field

    def test_other_tables_add_as_before(self) -> None:
        """Tables without common policies, and a table with an empty one, add key by key."""
        visits = paths.visits(rows_of("ab"), goal="b")

        assert visits == visits + TallyBy[Id, Any]() == TallyBy[Id, Any]() + visits
        assert Flow.of(rows_of("ab", "ab")).edges == Flow.of(rows_of("ab")).edges + Flow.of(rows_of("ab")).edges

    def test_order_of_channels_plays_no_part(self) -> None:
        """Channels are a set: given in another order they are the same policy."""
        log = rows_of(["ad", "mail", "till"])
        one, other = (attribution.outcomes(log, "till", channels=order) for order in (["ad", "mail"], ["mail", "ad"]))

        assert one == other
        assert 2 == (one + other)["ad", "mail"].conversions

    def test_money_of_zero_still_adds(self) -> None:
        """Zero adds to any currency."""
        one, other = Outcome(conversions=1, value=Money(2, "EUR"), goal="g"), Outcome(nulls=1, goal="g")

        assert Outcome(conversions=1, nulls=1, value=Money(2, "EUR"), goal="g") == one + other == other + one
        with pytest.raises(InconsistentCountsError):
            Outcome(nulls=1, value=Money(2, "EUR"))


class TestNearest:
    @given(names, st.sets(names), st.sets(names))
    def test_by_hand(self, name: Id, one: set[Id], other: set[Id]) -> None:
        """The nearest are those that comparing all finds, and those of two groups follow from those of each."""
        assert nearest_by_hand(name, one) == [*find_nearest(name, one)]
        assert find_nearest(name, one | other) == find_nearest(
            name, {*find_nearest(name, one), *find_nearest(name, other)}
        )

    def test_capitals_and_spaces_do_not_count(self) -> None:
        """Names are compared without capitals and spaces; equals stand by their texts."""
        assert ("CHECK out", "checkout") == find_nearest("check  OUT", ["checkout", "shop", "CHECK out"])

    def test_three_fifths_are_enough(self) -> None:
        """Two names are alike if three fifths of their letters are the same in order, however long they are."""
        assert ("abc",) == find_nearest("abcdefg", ["abc"])
        assert () == find_nearest("abcdefgh", ["abc"])
        assert (150 * "ab",) == find_nearest(149 * "ab" + "c", [150 * "ab"])

    def test_join(self) -> None:
        """Only a name that neither part has is left, with the nearest of both."""
        one = list_unmatched(["till", "door"], {"tilly": "A", "zzz": "B"}, ["A"])

        assert (("door", ()), ("till", ("tilly",))) == one
        assert (("till", ("tills", "tilly")),) == join_unmatched([one, (("till", ("tills",)),)])
        assert one == join_unmatched([one])
        assert () == join_unmatched([])

    def test_no_journeys(self) -> None:
        """Without journeys no name is reported: nothing is known of any."""
        assert () == list_unmatched(["till"], {"tilly": "A"}, [])
