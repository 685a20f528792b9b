"""What holds for every question about paths: shards add up, the order of rows plays no part, and rows will do."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Conformance,
    CrmcoreError,
    Flow,
    Funnel,
    GoalRate,
    InvalidValueError,
    Journey,
    JourneyMap,
    Journeys,
    JourneyStep,
    NaiveInstantError,
    StepMatrix,
    TallyBy,
    WrongTypeError,
    instant,
)
from crmcore.journeys.journey_maps import compare
from crmcore.journeys.paths import dwell_times, variants, visits
from tests.support import logs
from tests.support.hostile import NotATime
from tests.support.logs import CUSTOMERS, HOUR, START, Row, rows
from tests.support.refusals import refused
from tests.support.replay import replay

if TYPE_CHECKING:
    from collections.abc import Callable

MAP: Final = JourneyMap(
    name="buy",
    steps=[
        JourneyStep(name="choose", phase="before", touchpoint_ids=["shelf"]),
        JourneyStep(name="pay", phase="purchase", touchpoint_ids=["till"]),
    ],
)
QUESTIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "compare": partial(compare, MAP),
    "dwell_times": dwell_times,
    "flow": Flow.of,
    "funnel": lambda log: Funnel.of(log, ["shelf", "till"]),
    "funnel_optional": lambda log: Funnel.of(log, ["shelf", 3, "till"], optional=[3]),
    "funnel_within": lambda log: Funnel.of(log, ["shelf", 3, "till"], within=2 * HOUR),
    "step_matrix": lambda log: StepMatrix.of(log, steps=3),
    "variants": variants,
    "visits": visits,
    "visits_goal": partial(visits, goal="till"),
}
NAIVE: Final = datetime(2026, 6, 30)  # noqa: DTZ001 - naive on purpose
every_question = pytest.mark.parametrize("ask", [pytest.param(ask, id=name) for name, ask in QUESTIONS.items()])


def tallies(answer: Any) -> list[Any]:
    """Return the tallies of an answer, and those inside it."""
    if isinstance(answer, TallyBy):
        return [*answer.values()]
    return [answer, *getattr(answer, "steps", ())] if isinstance(answer, Funnel | Conformance) else [answer]


def known(log: list[Row]) -> list[Row]:
    """Return the rows of known customers."""
    return [row for row in log if row[0] is not None]


@every_question
class TestEveryQuestion:
    @given(rows(), st.frozensets(st.sampled_from(CUSTOMERS)))
    def test_shards_add_up(self, ask: Callable[[Any], Any], log: list[Row], some: frozenset[Any]) -> None:
        """The answers for parts of a log, cut by customer, add up to the answer for the whole log."""
        one, other = [row for row in log if row[0] in some], [row for row in log if row[0] not in some]

        assert ask(log) == ask(one) + ask(other) == ask(other) + ask(one)
        parts = Journeys.of(log).apart(lambda customer_id: customer_id).values()
        assert ask(known(log)) == sum(map(ask, parts), ask([]))

    @given(rows(distinct=True), st.randoms(use_true_random=False))
    def test_order_of_rows_plays_no_part(self, ask: Callable[[Any], Any], log: list[Row], chance: Any) -> None:
        """Rows of distinct instants may come in any order."""
        assert ask(log) == ask(chance.sample(log, len(log)))

    @given(rows())
    def test_rows_will_do(self, ask: Callable[[Any], Any], log: list[Row]) -> None:
        """Packed journeys, rows walked once, interactions and journeys give the same answer."""
        answer = ask(Journeys.of(log))

        assert answer == ask(iter(log)) == ask(logs.interactions(log))
        assert ask(known(log)) == ask(logs.journeys(log))
        assert answer == ask([[who, place, at] for who, place, at in log])

    @given(rows())
    def test_explanations_do_not_lie(self, ask: Callable[[Any], Any], log: list[Row]) -> None:
        """Every line of an explanation follows from the lines above it."""
        for tally in tallies(ask(log)):
            replay(tally.explain())

    @given(rows())
    def test_unknown_customers_are_of_no_journey(self, ask: Callable[[Any], Any], log: list[Row]) -> None:
        """Visits of unknown customers change nothing but their own number."""
        answer, unassigned = ask(log), sum(row[0] is None for row in log)
        if isinstance(answer, Funnel | Conformance):
            assert unassigned == answer.unassigned
            answer = attrs.evolve(answer, unassigned=0)

        assert answer == ask(known(log))

    def test_of_nothing(self, ask: Callable[[Any], Any]) -> None:
        """An empty log gives an empty answer that adds."""
        nothing = ask([])

        assert nothing == ask(Journeys()) == nothing + nothing
        assert nothing + ask(logs.rows_of(["shelf", "till"])) == ask(logs.rows_of(["shelf", "till"]))

    @pytest.mark.parametrize(
        ("records", "error", "broken"),
        [
            (None, WrongTypeError, "one_for_several: records"),
            (5, WrongTypeError, "one_for_several: records"),
            ("shelf", WrongTypeError, "one_for_several: records"),
            ({"anna": ["shelf"]}, WrongTypeError, "mapping_for_several: records"),
            ([("anna", "shelf")], WrongTypeError, "not_a_visit: records[0]"),
            ([["anna"]], WrongTypeError, "not_a_visit: records[0]"),
            ([5], WrongTypeError, "not_a_visit: records[0]"),
            ([("anna", "shelf", "2026-03-02")], WrongTypeError, "not_an_instant: records[0]"),
            ([("anna", "shelf", NotATime())], WrongTypeError, "not_an_instant: records[0]"),
            ([("anna", "shelf", NAIVE)], NaiveInstantError, "naive_instant: records[0]"),
            ([("anna", None, START)], WrongTypeError, "not_an_id: records[0]"),
            ([("anna", "", START)], InvalidValueError, "empty_id: records[0]"),
            ([("", "shelf", START)], InvalidValueError, "empty_id: records[0]"),
            (
                [(float("nan"), "shelf", START)],
                WrongTypeError,
                "not_an_id: records[0]",
            ),
            ([("anna", True, START)], WrongTypeError, "not_an_id: records[0]"),
        ],
    )
    def test_refuses_nonsense(
        self, ask: Callable[[Any], Any], records: Any, error: type[CrmcoreError], broken: str
    ) -> None:
        """Wrong records are refused, and the message says why."""
        with refused(error, broken):
            ask(records)


class TestEmptyJourneys:
    """A known journey without a visit."""

    LOG = (Journey(customer_id="anna"), *logs.journeys(logs.rows_of(["shelf", "till"])))

    def test_went_no_way(self) -> None:
        """A journey without a visit is not counted among paths, visits and steps."""
        assert 1 == Flow.of(self.LOG).journeys == StepMatrix.of(self.LOG).journeys
        assert {("shelf", "till"): 1} == {path: one.journeys for path, one in variants(self.LOG).items()}
        assert {"shelf": 1, "till": 1} == {place: one.journeys for place, one in visits(self.LOG).items()}
        assert ["shelf", "till"] == list(dwell_times(self.LOG))

    def test_reached_no_step(self) -> None:
        """A journey without a visit counts among all journeys of a funnel and a comparison."""
        funnel, held = Funnel.of(self.LOG, ["shelf"], within=timedelta(days=1)), compare(MAP, self.LOG)

        assert (2, 1) == (funnel.journeys, funnel["shelf"].reached)
        assert (2, 2, 1, 1) == (held.journeys, held.following, held.reached, held.elsewhere)


class TestGoalRate:
    JOURNEYS = tuple(
        Journey(customer_id=n, goal=goal, reached=reached)
        for n, (goal, reached) in enumerate(
            [("paint", True), ("plant", None), ("paint", False), ("paint", None), ("", True), ("paint", True)]
        )
    )

    def test_silence_is_no_success(self) -> None:
        """Journeys with unknown outcomes count apart, and not in the rate."""
        rate = GoalRate.of(iter(self.JOURNEYS))

        assert GoalRate(reached=3, missed=1, unknown=2) == rate
        assert ("0.75", "0.6666666666666666666666666666666667") == (str(rate.rate), str(rate.known))
        replay(rate.explain())

    def test_by_goal(self) -> None:
        """Each group counts by itself, and the groups add up to the whole."""
        by = GoalRate.by(iter(self.JOURNEYS), lambda journey: journey.goal)

        assert {
            "paint": GoalRate(reached=2, missed=1, unknown=1),
            "plant": GoalRate(unknown=1),
            "": GoalRate(reached=1),
        } == by
        assert GoalRate.of(self.JOURNEYS) == by.total

    def test_of_nobody(self) -> None:
        """Without journeys there is no rate; if all outcomes are unknown, the known share is 0."""
        empty, silent = GoalRate.of([]), GoalRate(unknown=5)

        assert (None, None, None) == (empty.rate, empty.known, empty.interval())
        assert (None, Decimal(0), None) == (silent.rate, silent.known, silent.interval())
        assert {"reached": 0, "missed": 0, "unknown": 5, "rate": None, "known": 0} == silent.row()

    def test_interval_is_of_those_known(self) -> None:
        """The Wilson score interval is of the known outcomes, and wider for more confidence."""
        rate = GoalRate(reached=30, missed=10, unknown=60)
        interval, wider = rate.interval(), rate.interval(confidence=0.99)

        assert interval is not None
        assert wider is not None
        assert wider.low < interval.low < 0.75 < interval.high < wider.high

    @given(st.lists(st.sampled_from([True, False, None])), st.integers(0, 9))
    def test_agrees_with_an_independent_count(self, told: list[bool | None], cut: int) -> None:
        """Counting by hand, in parts and by key gives the same."""
        log = [Journey(customer_id=n, reached=one) for n, one in enumerate(told)]

        assert (told.count(True), told.count(False), told.count(None)) == (
            (rate := GoalRate.of(log)).reached,
            rate.missed,
            rate.unknown,
        )
        assert rate == GoalRate.of(log[:cut]) + GoalRate.of(log[cut:])
        assert GoalRate.total(GoalRate.by(log, lambda one: one.customer_id).values()) == rate

    @pytest.mark.parametrize(
        ("values", "error", "broken"),
        [
            ({"reached": -1}, InvalidValueError, "too_small: reached"),
            ({"missed": 1.0}, WrongTypeError, "wrong_number_type: missed"),
            ({"unknown": True}, WrongTypeError, "wrong_number_type: unknown"),
            ({"unknown": None}, WrongTypeError, "wrong_number_type: unknown"),
            ({"reached": 10**31}, InvalidValueError, "int_too_large: reached"),
        ],
    )
    def test_ready_counts_are_checked(self, values: dict[str, Any], error: type[CrmcoreError], broken: str) -> None:
        """A wrong count is refused, and the error names it."""
        with refused(error, broken):
            GoalRate(**values)

    def test_strangers_are_named(self) -> None:
        """An item that is not a journey is refused, and so is a key that is not a function."""
        stranger: Any = ("anna", "shelf", instant("2026-03-02"))
        for ask in (GoalRate.of, lambda log: GoalRate.by(log, lambda journey: journey.goal)):
            with pytest.raises(WrongTypeError):
                ask([stranger])
            with refused(WrongTypeError, "one_for_several: journeys"):
                ask(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a number is no journey
        with refused(WrongTypeError, "not_a_function: key"):
            GoalRate.by([], "goal")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a name is no function
