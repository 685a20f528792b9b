"""Twice the input takes about twice the work: counted in instructions, never in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import repeat

import pytest

from benchmarks.shapes import SHAPES
from benchmarks.subjects import doubling
from crmcore import (
    AbandonReason,
    Balance,
    CauseCoverage,
    CrmcoreError,
    Funnel,
    Interaction,
    InvalidValueError,
    JourneyMap,
    Journeys,
    JourneyStep,
    Outcome,
    RootCause,
    TallyBy,
    Task,
    TaskKind,
    UpdateReach,
    attribution,
    instant,
    journey_maps,
    render,
)
from crmcore.service.communication import KindCount, Mix
from tests.support.operations import count_operations, growth
from tests.support.refusals import refused

NOON = instant("2026-03-02T12:00")
LINEAR = 2.4
"""The most by which the operations may grow if the input is twice as large; a square grows by four."""


def draw_map(steps: int, loops: Callable[[int], tuple[int, int]]) -> Callable[[], object]:
    """A call that draws a map with a loop for each step."""
    names = [f"step {number}" for number in range(steps)]
    journey_map = JourneyMap(
        name="paint",
        steps=[JourneyStep(name=name, phase="all") for name in names],
        loops=[(names[start], names[end]) for start, end in map(loops, range(steps))],
    )
    return lambda: render.journey_map(journey_map)


def compare_map(steps: int) -> Callable[[], object]:
    """A call that compares a journey to the last step and back with a map of a phase for each step."""
    journey_map = JourneyMap(
        name="paint",
        steps=[JourneyStep(name=f"step {n}", phase=f"phase {n}", touchpoint_ids=[n]) for n in range(steps)],
    )
    rows = [(7, n, NOON) for n in (steps - 1, 0)]
    return lambda: journey_maps.compare(journey_map, rows)


class TestJourneys:
    """Journeys are cut and compared in one walk."""

    def test_sessions_of_abandoned_visits(self) -> None:
        """Each session reads its own abandoned visits, not all of its journey."""

        def cut(visits: int) -> Callable[[], object]:
            log = Journeys.of(
                Interaction(touchpoint_id=1, at=NOON + timedelta(days=n), customer_id=7, abandoned=AbandonReason.QUEUE)
                for n in range(visits)
            )
            return lambda: log.sessions(timedelta(hours=1))

        assert growth(cut, 64) < LINEAR

    @pytest.mark.parametrize("loop", [lambda n: (n, 0), lambda n: (n, n // 2), lambda n: (n, n)])
    def test_loops_of_a_drawn_map(self, loop: Callable[[int], tuple[int, int]]) -> None:
        """A row of steps draws the loops that it has, each once."""
        assert growth(lambda steps: draw_map(steps, loop), 48) < LINEAR

    def test_comparison_with_a_long_map(self) -> None:
        """A map of many steps is read once."""
        assert growth(compare_map, 64) < LINEAR

    def test_lint_of_a_long_map(self) -> None:
        """A map of many steps with messages is read once."""

        def lint(steps: int) -> Callable[[], object]:
            journey_map = JourneyMap(
                name="paint",
                steps=[
                    JourneyStep(name=f"step {n}", phase="all", messages=[(f"topic {n}", "yes")]) for n in range(steps)
                ],
            )
            return lambda: journey_maps.lint(journey_map)

        assert growth(lint, 64) < LINEAR

    def test_phases(self) -> None:
        """Whether the steps of a phase are consecutive is seen in one walk; a phase that comes back is refused."""
        steps = [JourneyStep(name=str(n), phase=phase) for n, phase in enumerate(("look", "look", "pay", "look"))]
        with refused(InvalidValueError, "steps_of_a_phase_apart: steps[3]"):
            JourneyMap(name="paint", steps=steps)

    def test_worst_step_of_a_drawn_funnel(self) -> None:
        """The step before which most journeys are lost is found once."""

        def draw(steps: int) -> Callable[[], object]:
            found = Funnel.of([(7, 0, NOON)], [*range(steps)])
            return lambda: render.funnel(found)

        assert growth(draw, 64) < LINEAR


class TestMarkov:
    """A chain that would take hours is refused."""

    def test_most_states(self) -> None:
        """5,000 states are solved, one more is refused before the work begins."""
        path = tuple(range(5_001))
        assert len(attribution.markov({path[:1000]: Outcome(conversions=1)}).credits) == 1000
        with refused(InvalidValueError, "too_many_states: outcomes"):
            attribution.markov({path: Outcome(conversions=1)})


class TestGroups:
    """A group reads its own records, not those of all groups."""

    def test_causes(self) -> None:
        """Each group of causes reads its own actions."""

        def count(size: int) -> Callable[[], object]:
            causes = [RootCause(id=n, what="full", category=str(n)) for n in range(size)]
            actions = [Task(kind=TaskKind.PROCESS_CHANGE, about_id=n, due=NOON) for n in range(size)]
            return lambda: CauseCoverage.by(causes, lambda one: one.category, actions=actions, as_of=NOON)

        assert growth(count, 32) < LINEAR

    def test_news(self) -> None:
        """A piece of news does not list everyone who should know it."""
        tasks = [Task(kind=TaskKind.STAFF_UPDATE, about_id=n, employee_id=n, due=NOON, done_at=NOON) for n in range(64)]
        few, all_of_them = (
            count_operations(partial(UpdateReach.of, tasks, ids, as_of=NOON)) for ids in (range(8), range(64))
        )
        assert all_of_them < 2 * few
        reach = UpdateReach.of(tasks, range(8), as_of=NOON)
        assert (reach.told, reach.untold, reach.outside) == (8, 64 * 8 - 8, 56)


class TestTallies:
    """Many tables of different keys are added in pairs."""

    @pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
    def test_merge_is_the_sum(self, size: int) -> None:
        """A merge is equal to the sum of the same tables, and its keys are in the same order."""
        tables = [TallyBy({n: Balance(good=n), "all": Balance(good=1), n // 2: Balance(bad=n)}) for n in range(size)]
        merged = TallyBy.merge(tables)
        assert list(merged.items()) == list(sum(tables[1:], tables[0]).items())

    def test_merge_of_no_tables(self) -> None:
        """No tables are an empty table."""
        assert TallyBy.merge([]) == TallyBy()

    def test_merge(self) -> None:
        """A merge copies each key as often as there are pairs of pairs, not as there are tables."""
        tables = [TallyBy({n: Balance(good=1)}) for n in range(256)]
        once, twice = (count_operations(partial(TallyBy.merge, tables[:size])) for size in (128, 256))
        assert twice / once < LINEAR

    def test_total_of_tables(self) -> None:
        """A total of tallies that hold tables grows in the same way."""

        def total(size: int) -> Callable[[], object]:
            shards = [Mix(kinds=TallyBy({str(n): KindCount(contacts=1)})) for n in range(size)]
            return lambda: Mix.total(shards)

        assert growth(total, 64) < LINEAR


class TestOperations:
    """The count itself."""

    def test_square(self) -> None:
        """A walk in a walk is seen as the square that it is."""

        def walk(size: int) -> Callable[[], object]:
            return lambda: [None for _ in repeat(None, size) for _ in repeat(None, size)]

        assert 3.5 < growth(walk, 32) < 4.5


class TestDoubling:
    """The benchmark `doubling` calls every public calculator that takes a collection."""

    @pytest.mark.parametrize("name", sorted(doubling.find_calculators()))
    def test_every_calculator_is_called(self, name: str) -> None:
        """Each is called with records of at least one shape, or is left out with a reason."""
        if name.removeprefix("crmcore.") in doubling.LEFT_OUT:
            return
        refusals: list[CrmcoreError] = []
        for shape in SHAPES:
            try:
                doubling.build(name, doubling.find_calculators()[name], shape, 4)()
            except CrmcoreError as error:
                refusals.append(error)
            else:
                return
        pytest.fail(f"{name} refuses all shapes: {refusals[0]}")

    def test_lists_name_calculators(self) -> None:
        """Whatever the benchmark says of a calculator is about one that exists."""
        found = {name.removeprefix("crmcore.") for name in doubling.find_calculators()}
        lists = (doubling.LEFT_OUT, doubling.GIVEN, doubling.OTHERS)
        assert [name for names in lists for name in names if name not in found] == []
