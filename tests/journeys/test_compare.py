from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any, Final

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    AbandonReason,
    Conformance,
    CrmcoreError,
    InconsistentCountsError,
    Interaction,
    InvalidValueError,
    JourneyMap,
    Journeys,
    JourneyStep,
    PolicyMismatchError,
    TallyBy,
    UnknownNameError,
    WrongTypeError,
    instant,
)
from crmcore.interop.hypothesis import backtracks, conformances, step_conformances
from crmcore.journeys.journey_maps import Backtrack, OffMap, StepConformance, compare, review
from tests.support.logs import HOUR, START, rows_of
from tests.support.refusals import refused
from tests.support.replay import replay

Visit = tuple[str, int, bool]
"""Where, in which hour, and whether the visit was abandoned."""

DEVIATIONS: Final = {"contact_abandoned", "step_skipped", "step_repeated", "out_of_order", "turns_back", "off_map"}


def a_map(*steps: tuple[str, str, str] | tuple[str, str, str, str], **values: Any) -> JourneyMap:
    """Build a map of steps, each a name, a phase, touchpoints letter by letter, and whether it is optional."""
    return JourneyMap(
        name="map",
        steps=[
            JourneyStep(name=name, phase=phase, touchpoint_ids=[*places], optional=bool(others))
            for name, phase, places, *others in steps
        ],
        **values,
    )


@st.composite
def maps(draw: st.DrawFn, /, *, apart: bool = False) -> JourneyMap:
    """Small maps; several steps may share touchpoints, unless `apart` is true."""
    count = draw(st.sampled_from([4, 3, 2, 1, 3, 4]))
    phases = sorted(draw(st.lists(st.sampled_from("pqrst"), min_size=count, max_size=count)))
    if apart:
        touchpoints = [draw(st.sampled_from([one, one + one.upper(), one, ""])) for one in "abcd"[:count]]
    else:
        touchpoints = ["".join(draw(st.lists(st.sampled_from("abc"), max_size=2, unique=True))) for _ in range(count)]
    goals = [place for place in range(count) if touchpoints[place]]
    if not goals:
        touchpoints[0], goals = "a", [0]
    steps = [
        JourneyStep(name=f"s{n}", phase=phases[n], touchpoint_ids=[*touchpoints[n]], optional=draw(st.booleans()))
        for n in range(count)
    ]
    backs = [(one.name, other.name) for n, one in enumerate(steps) for other in steps[: n + 1]]
    loops = draw(st.lists(st.sampled_from(backs), max_size=3))
    return JourneyMap(name="map", steps=steps, loops=loops, goal_step=f"s{draw(st.sampled_from(goals))}")


def logs() -> st.SearchStrategy[list[list[Visit]]]:
    """Visits of a few customers at touchpoints of the map and at another, some at one instant, some abandoned."""
    visit = st.tuples(st.sampled_from("abcabcabcx"), st.integers(0, 9), st.sampled_from([False] * 9 + [True]))
    path = st.lists(visit, max_size=8).map(lambda path: sorted(path, key=lambda visit: visit[1]))
    return st.lists(path, max_size=3)


def interactions(log: list[list[Visit]]) -> list[Interaction]:
    """Return the log as interactions."""
    return [
        Interaction(
            customer_id=who,
            touchpoint_id=place,
            at=START + hour * HOUR,
            abandoned=AbandonReason.QUEUE if abandoned else None,
        )
        for who, path in enumerate(log)
        for place, hour, abandoned in path
    ]


class Walker:
    """One journey, compared with a map by the rules of the docstrings, each visit with its whole past."""

    def __init__(self, journey_map: JourneyMap, path: list[Visit]) -> None:
        steps = journey_map.steps
        names = [step.name for step in steps]
        self.map, self.path = journey_map, path
        self.loops = {(names.index(one), names.index(other)) for one, other in journey_map.loops}
        self.phase = [journey_map.phases.index(step.phase) for step in steps]
        self.past: list[tuple[int, Visit]] = []
        self.repeats: list[int] = []
        self.out_of_order: list[int] = []
        self.turns: list[tuple[int, int, int]] = []  # where from, where to, and which visit of the past turned
        self.off_map = [place for place, _, _ in path if not any(place in step.touchpoint_ids for step in steps)]
        for visit in path:
            candidates = [n for n, step in enumerate(steps) if visit[0] in step.touchpoint_ids]
            if candidates:
                self.come(self.choose(candidates), visit)

    @property
    def done(self) -> set[int]:
        """The steps completed so far."""
        return {n for n, (_, _, abandoned) in self.past if not abandoned}

    def choose(self, candidates: list[int]) -> int:
        """Return which step a visit counts as."""
        here = self.past[-1][0] if self.past else 0
        later = [n for n in candidates if n >= here]
        new = [n for n in later if n not in self.done]
        return new[0] if new else later[0] if later else max(candidates)

    def led_back(self, n: int) -> bool:
        """Return whether a loop leads here, or led back this far and has not returned to its beginning."""
        steps = [place for place, _ in self.past] + [n]
        for m in range(1, len(steps)):
            start = steps[m - 1]
            if (start, steps[m]) in self.loops and (
                m == len(steps) - 1 or (steps[m] <= n <= start and all(place < start for place in steps[m:-1]))
            ):
                return True
        return False

    def come(self, n: int, visit: Visit) -> None:
        """Note a visit to a step, and what deviates about it."""
        stay: list[str] = []
        for place, (touchpoint_id, _, _) in reversed(self.past):
            if place != n:
                break
            stay.append(touchpoint_id)
        is_other_touchpoint = bool(stay) and visit[0] not in stay
        if not self.led_back(n):
            if n in self.done and not is_other_touchpoint:
                self.repeats.append(n)
            if n not in {place for place, _ in self.past} and any(place > n for place in self.done):
                self.out_of_order.append(n)
        if self.past and self.phase[n] < self.phase[self.past[-1][0]]:
            self.turns.append((self.past[-1][0], n, len(self.past)))
        self.past.append((n, visit))

    def costs(self) -> list[tuple[int, int, bool, int]]:
        """Return each backtrack: its start, its end, whether the customer returned, and the hours it took."""
        found: list[tuple[int, int, bool, int]] = []
        for start, end, number in self.turns:
            since = self.past[number - 1][1][1]
            again = [visit[1] for n, visit in self.past[number:] if n >= start]
            found.append((start, end, bool(again), (again[0] if again else self.path[-1][1]) - since))
        return found

    @property
    def skipped(self) -> list[int]:
        """The steps that the journey went past without a visit."""
        came = {n for n, _ in self.past}
        return [
            n
            for n, step in enumerate(self.map.steps)
            if step.touchpoint_ids and n not in came and any(later > n for later in self.done)
        ]

    @property
    def follows(self) -> bool:
        """Whether the journey did only what the map has."""
        return not (
            self.off_map
            or self.repeats
            or self.out_of_order
            or any(abandoned for _, (_, _, abandoned) in self.past)
            or any(not self.map.steps[n].optional for n in self.skipped)
            or any((start, end) not in self.loops for start, end, _ in self.turns)
        )


def count_by_hand(journey_map: JourneyMap, log: list[list[Visit]]) -> dict[str, Any]:
    """All that `compare` counts, counted from the walks one by one."""
    walks = [Walker(journey_map, path) for path in log if path]
    names = [step.name for step in journey_map.steps]
    goal = names.index(str(journey_map.goal_step))
    steps: list[dict[str, int]] = []
    for n in range(len(names)):
        came = [one for one in walks if any(place == n for place, _ in one.past)]
        before = [m for m, step in enumerate(journey_map.steps[:n]) if step.touchpoint_ids and not step.optional]
        as_far = [one for one in walks if any(not before or place >= before[-1] for place, _ in one.past)]
        without = [one for one in as_far if one not in came]
        visits = [visit for one in came for place, visit in one.past if place == n]
        steps.append(
            {
                "visits": len(visits),
                "completed": sum(n in one.done for one in came),
                "failed": sum(n not in one.done for one in came),
                "skipped": sum(n in one.skipped for one in walks),
                "abandoned": sum(abandoned for _, _, abandoned in visits),
                "repeats": sum(one.repeats.count(n) for one in walks),
                "repeated": sum(n in one.repeats for one in walks),
                "out_of_order": sum(n in one.out_of_order for one in walks),
                "left": sum(one.past[-1][0] == n and goal not in one.done for one in came),
                "reached": sum(goal in one.done for one in came),
                "without": len(without),
                "reached_without": sum(goal in one.done for one in without),
            }
        )
    paths = [(number, *cost) for number, one in enumerate(walks) for cost in one.costs()]
    pairs = sorted({(start, end) for _, start, end, _, _ in paths})
    off_map = [Counter(one.off_map) for one in walks]
    return {
        "journeys": len(walks),
        "following": sum(one.follows for one in walks),
        "reached": sum(goal in one.done for one in walks),
        "elsewhere": sum(not one.past for one in walks),
        "steps": steps,
        "off_map": {
            place: (sum(one[place] for one in off_map), sum(place in one for one in off_map))
            for place in set().union(*off_map)
        },
        "backtracks": {
            (names[start], names[end]): (
                len(these := [path for path in paths if path[1:3] == (start, end)]),
                len({path[0] for path in these}),
                sum(path[3] for path in these),
                3600 * sum(path[4] for path in these),
            )
            for start, end in pairs
        },
    }


@st.composite
def followed(draw: st.DrawFn) -> tuple[JourneyMap, list[list[str]]]:
    """A map, and journeys that follow it to its end, with optional steps and declared loops or without."""
    journey_map = draw(maps(apart=True))
    steps = [step for step in journey_map.steps if step.touchpoint_ids]
    names = [step.name for step in steps]
    loops = [pair for pair in journey_map.loops if set(pair) <= set(names)]
    log: list[list[str]] = []
    for _ in range(draw(st.sampled_from([2, 1, 3, 0]))):
        path: list[str] = []
        at, loops_left = 0, 3
        while at < len(steps):
            step = steps[at]
            is_needed = not step.optional or step.name == journey_map.goal_step
            if is_needed or draw(st.booleans()):
                path += map(str, draw(st.permutations(step.touchpoint_ids))[: draw(st.integers(1, 2))])
                backs = [end for start, end in loops if start == step.name]
                if backs and loops_left and draw(st.booleans()):
                    loops_left -= 1
                    at = names.index(draw(st.sampled_from(backs)))
                    path += draw(st.sampled_from([[str(one)] for one in steps[at].touchpoint_ids]))
            at += 1
        log.append(path)
    return journey_map, log


class TestCompare:
    @given(maps(), logs())
    def test_agrees_with_an_independent_walk(self, journey_map: JourneyMap, log: list[list[Visit]]) -> None:
        """All counts of steps, backtracks and off-map visits equal those of an independent walk."""
        found = compare(journey_map, interactions(log))
        names = [*count_by_hand(journey_map, [])["steps"][0]]

        assert count_by_hand(journey_map, log) == {
            **{name: getattr(found, name) for name in ("journeys", "following", "reached", "elsewhere")},
            "steps": [{name: getattr(step, name) for name in names} for step in found.steps],
            "off_map": {place: (one.visits, one.journeys) for place, one in found.off_map.items()},
            "backtracks": {
                pair: (one.count, one.journeys, one.returned, one.seconds) for pair, one in found.backtracks.items()
            },
        }

    @pytest.mark.parametrize(
        "journey_map",
        [
            a_map(("a", "p", "a"), ("b", "q", "b"), ("c", "r", "c"), loops=[("c", "a")]),
            a_map(
                ("a", "p", "a"),
                ("b", "q", "b", "optional"),
                ("c", "r", "c"),
                loops=[("c", "b"), ("b", "a"), ("c", "c")],
            ),
            a_map(
                ("a", "p", "a"), ("b", "q", "bc"), ("c", "q", "ca"), ("d", "r", "a"), loops=[("d", "b")], goal_step="c"
            ),
            a_map(("a", "p", "ab", "optional"), ("b", "p", ""), ("c", "q", "b"), ("d", "r", "c"), loops=[("c", "c")]),
        ],
    )
    def test_agrees_on_every_short_way(self, journey_map: JourneyMap) -> None:
        """All paths of up to five visits to three touchpoints give the same, one by one and together."""
        paths = ["".join(path) for length in range(1, 6) for path in product("abc", repeat=length)]
        walks = [Walker(journey_map, [(place, n, False) for n, place in enumerate(path)]) for path in paths]
        alone = [compare(journey_map, rows_of(path)) for path in paths]

        assert [one.follows for one in walks] == [bool(one.following) for one in alone]
        for walk, one in zip(walks, alone, strict=True):
            repeats = [n for n, step in enumerate(one.steps) for _ in range(step.repeats)]
            assert sorted(walk.repeats) == repeats
            assert sorted(walk.out_of_order) == [n for n, step in enumerate(one.steps) if step.out_of_order]
            assert walk.skipped == [n for n, step in enumerate(one.steps) if step.skipped]
            assert len(walk.turns) == sum(back.count for back in one.backtracks.values())
            assert sum(hours for *_, hours in walk.costs()) * 3600 == sum(
                back.seconds for back in one.backtracks.values()
            )
        assert compare(journey_map, rows_of(*paths)) == Conformance.total(alone)

    @given(maps(), logs(), st.integers(0, 3))
    def test_shards_add_up(self, journey_map: JourneyMap, log: list[list[Visit]], cut: int) -> None:
        """Parts of a log, cut by customer, add up to the whole."""
        met = interactions(log)
        one, other = (
            compare(journey_map, [visit for visit in met if (visit.customer_id in range(cut)) is early])
            for early in (True, False)
        )

        assert compare(journey_map, met) == one + other == other + one

    @given(maps(), logs())
    def test_each_journey_ends_somewhere(self, journey_map: JourneyMap, log: list[list[Visit]]) -> None:
        """Each journey reaches the goal, leaves, or comes to no step; each step divides the journeys into four."""
        found = compare(journey_map, interactions(log))

        assert found.journeys == found.reached + found.dropped + found.elsewhere
        for step in found.steps:
            assert found.journeys == step.completed + step.failed + step.skipped + step.not_reached
            assert step.not_reached >= 0
            assert found.journeys >= step.came + step.without + found.elsewhere
            assert found.reached >= step.reached + step.reached_without
        goal = [step.name for step in journey_map.steps].index(str(journey_map.goal_step))
        for step in found.steps[: goal + 1]:
            assert found.reached == step.reached + step.reached_without

    @given(followed())
    def test_of_those_that_follow_it_finds_nothing(self, both: tuple[JourneyMap, list[list[str]]]) -> None:
        """Journeys that follow the map to its end give no finding."""
        journey_map, log = both
        found = compare(journey_map, rows_of(*log))

        assert () == review(found)
        assert len(log) == found.following == found.reached == found.journeys

    @given(maps(), logs())
    def test_what_deviates_is_found(self, journey_map: JourneyMap, log: list[list[Visit]]) -> None:
        """A single journey gives a finding exactly if it does not follow the map as far as it goes."""
        for path in log:
            found = compare(journey_map, interactions([path]))
            rules = {finding.rule for finding in review(found)}

            assert (found.following == found.journeys) is not bool(rules & DEVIATIONS)
            assert ("customers_leave" in rules) is bool(found.dropped)

    @given(maps(), logs(), st.randoms(use_true_random=False))
    def test_order_of_customers_plays_no_part(
        self, journey_map: JourneyMap, log: list[list[Visit]], chance: Any
    ) -> None:
        """The order of customers changes no count, no finding, and not the order of the backtracks."""
        met = interactions(log)
        turned = sorted(met, key=lambda visit: -int(visit.customer_id or 0))
        one, other = compare(journey_map, met), compare(journey_map, turned)

        assert one == other
        assert review(one) == review(other)
        assert [*one.backtracks] == [*other.backtracks]
        shards = [compare(journey_map, [visit for visit in met if visit.customer_id == who]) for who in range(len(log))]
        chance.shuffle(shards)
        assert review(one) == review(sum(shards, compare(journey_map, [])))

    def test_completed_failed_skipped_not_reached(self) -> None:
        """At each step, each journey completed it, failed, skipped it or did not reach it."""
        paint = a_map(("choose", "p", "a"), ("queue", "p", "b"), ("pay", "p", "c"))
        log: list[list[Visit]] = [
            [("a", 0, False), ("b", 1, False), ("c", 2, False)],
            [("a", 0, False), ("b", 1, True)],
            [("a", 0, False), ("c", 1, False)],
            [("a", 0, False)],
            [("x", 0, False)],
        ]
        found = compare(paint, interactions(log))

        assert [(4, 0, 0, 1), (1, 1, 1, 2), (2, 0, 0, 3)] == [
            (step.completed, step.failed, step.skipped, step.not_reached) for step in found.steps
        ]
        assert (2, 1, 2, 1, 1) == (
            found.following,
            found.elsewhere,
            found.reached,
            found["choose"].left,
            found["queue"].left,
        )
        assert {"x": OffMap(visits=1, journeys=1)} == found.off_map
        assert (2, 5) == (found.dropped, found.journeys)
        assert {
            "journey_map": "map",
            "journeys": 5,
            "following": 2,
            "reached": 2,
            "elsewhere": 1,
            "within": None,
            "as_of": None,
            "open": 0,
            "assigned": 9,
            "unassigned": 0,
            "rate": Decimal("0.4"),
            "following_share": Decimal("0.4"),
            "dropped": 2,
        } == found.row()

    def test_giving_up_and_coming_back(self) -> None:
        """A journey that gives up once and completes the step later has not failed, and has not repeated it."""
        paint = a_map(("choose", "p", "a"), ("pay", "q", "b"))
        found = compare(paint, interactions([[("a", 0, True), ("a", 1, False), ("b", 2, True), ("b", 3, True)]]))

        assert (2, 1, 0, 1, 0) == (
            found["choose"].visits,
            found["choose"].completed,
            found["choose"].failed,
            found["choose"].abandoned,
            found["choose"].repeats,
        )
        assert (2, 0, 1, 2, 1) == (
            found["pay"].visits,
            found["pay"].completed,
            found["pay"].failed,
            found["pay"].abandoned,
            found["pay"].left,
        )
        assert (0, 0) == (found.reached, found.following)

    def test_touchpoint_in_two_steps(self) -> None:
        """A visit is of the next step not done; if all are done, of the nearest ahead, else of the nearest passed."""
        journey_map = a_map(("ask", "p", "a"), ("try", "p", "b"), ("buy", "p", "a"), ("use", "p", "c"), goal_step="buy")

        assert [1, 1, 1, 0] == [step.visits for step in compare(journey_map, rows_of("aba")).steps]
        assert [2, 0, 0, 0] != [step.visits for step in compare(journey_map, rows_of("aa")).steps]
        assert [1, 0, 1, 0] == [step.visits for step in compare(journey_map, rows_of("aa")).steps]
        assert [1, 1, 2, 0] == [step.visits for step in compare(journey_map, rows_of("abaa")).steps]
        assert [1, 1, 2, 1] == [step.visits for step in compare(journey_map, rows_of("abaca")).steps]
        assert [2, 0, 0, 0] == [step.visits for step in compare(a_map(("s", "p", "a")), rows_of("aa")).steps] + [0] * 3

    def test_another_touchpoint_of_a_step_is_no_repeat(self) -> None:
        """Another touchpoint of a step is not a repeat until the customer visits another step of the map."""
        journey_map = a_map(("ask", "p", "ab"), ("buy", "q", "c"))

        assert [0, 0, 1, 1, 1, 1] == [
            compare(journey_map, rows_of(path))["ask"].repeats for path in ("ab", "axb", "aa", "aba", "aca", "acb")
        ]

    def test_loops_excuse(self) -> None:
        """After a declared loop, the steps from its end to its beginning may be done again, once."""
        journey_map = a_map(
            ("choose", "p", "a"),
            ("try", "p", "b"),
            ("pay", "q", "c"),
            ("use", "r", "d"),
            loops=[("pay", "choose")],
            goal_step="pay",
        )

        assert [1, 1, 1, 0, 0, 0] == [
            compare(journey_map, rows_of(path)).following
            for path in ("abc", "abcabcd", "abcac", "abcabcc", "abcabcb", "abcbc")
        ]
        back = compare(journey_map, rows_of("abcabc")).backtracks
        assert {("pay", "choose"): Backtrack(count=1, journeys=1, returned=1, seconds=3 * 3600)} == back
        assert () == review(compare(journey_map, rows_of("abcabc")))

    def test_a_loop_excuses_no_step_before_it(self) -> None:
        """The steps before the end of a loop are not part of it."""
        steps = (("a", "p", "a"), ("b", "p", "b"), ("c", "p", "c"), ("d", "p", "d"))

        for loops in ([], [("c", "b")], [("d", "c")], [("c", "b"), ("d", "c")]):
            found = compare(a_map(*steps, loops=loops), rows_of("abcba", "abcdcba", "bcba"))
            assert (2, 1) == (found["a"].repeats, found["a"].out_of_order)

    def test_a_way_back_within_a_loop_is_declared_or_not(self) -> None:
        """Within a loop, another return to an earlier phase is a backtrack of its own."""
        steps = (("a", "p", "a"), ("b", "q", "b"), ("c", "r", "c"))
        one, other = a_map(*steps, loops=[("c", "b")]), a_map(*steps, loops=[("c", "b"), ("b", "a")])

        assert ["turns_back"] == [finding.rule for finding in review(compare(one, rows_of("abcbabc")))][-1:]
        assert (0, 1) == tuple(compare(journey_map, rows_of("abcbabc")).following for journey_map in (one, other))
        assert () == review(compare(other, rows_of("abcbabc")))

    def test_a_loop_is_known_by_both_its_steps(self) -> None:
        """If one step of a loop is not visible or not visited, the return is not the declared loop."""
        steps = (("a", "p", ""), ("b", "p", "b"), ("c", "q", "c"), ("d", "r", ""))

        for loop in (("c", "a"), ("d", "b")):
            found = compare(a_map(*steps, loops=[loop], goal_step="c"), rows_of("bcbc"))
            assert ["step_repeated", "step_repeated", "turns_back"] == [finding.rule for finding in review(found)]
        assert () == review(compare(a_map(*steps, loops=[("c", "b")], goal_step="c"), rows_of("bcbc")))

    def test_backtracks_cost_time(self) -> None:
        """The time runs from the last visit before the turn to the return to that step or past it, or to the end."""
        journey_map = a_map(("a", "p", "a"), ("b", "q", "b"), ("c", "r", "c"))

        assert {("b", "a"): Backtrack(count=1, journeys=1, returned=1, seconds=2 * 3600)} == compare(
            journey_map, rows_of("abac")
        ).backtracks
        assert {("b", "a"): Backtrack(count=1, journeys=1, seconds=3 * 3600)} == compare(
            journey_map, rows_of("abaxx")
        ).backtracks
        assert {
            ("c", "b"): Backtrack(count=1, journeys=1, returned=1, seconds=3 * 3600),
            ("b", "a"): Backtrack(count=1, journeys=1, returned=1, seconds=2 * 3600),
        } == compare(journey_map, rows_of("abcbac")).backtracks
        assert {("b", "a"): Backtrack(count=3, journeys=2, returned=2, seconds=5 * 3600)} == compare(
            journey_map, rows_of("ababab", "ba")
        ).backtracks

    def test_going_back_within_a_phase_is_no_backtrack(self) -> None:
        """A return within a phase is a repeat, not a backtrack."""
        found = compare(a_map(("a", "p", "a"), ("b", "p", "b")), rows_of("aba"))

        assert (TallyBy(), 1) == (found.backtracks, found["a"].repeats)

    def test_steps_without_touchpoints_are_not_seen(self) -> None:
        """Steps without touchpoints are never reached and never skipped."""
        journey_map = a_map(("think", "p", ""), ("buy", "p", "a"), ("use", "q", ""), goal_step="buy")
        found = compare(journey_map, rows_of("a"))

        assert [(0, 0, 1), (1, 0, 0), (0, 0, 1)] == [
            (step.completed, step.skipped, step.not_reached) for step in found.steps
        ]
        assert () == review(found)

    def test_a_goal_that_nobody_can_be_seen_to_reach(self) -> None:
        """A goal step without a touchpoint is refused."""
        journey_map = a_map(("buy", "p", "a"), ("use", "q", ""), goal_step="use")
        with refused(InvalidValueError, "goal_step_cannot_be_seen: journey_map"):
            compare(journey_map, rows_of("a"))

        assert 1 == compare(attrs.evolve(journey_map, goal_step=None), rows_of("a")).reached

    def test_map_of_one_step(self) -> None:
        """The only step of a map is the goal."""
        found = compare(a_map(("pay", "p", "a")), rows_of("a", "xa", "x", ""))

        assert (3, 2, 1, 1) == (found.journeys, found.reached, found.following, found.elsewhere)

    def test_only_unknown_touchpoints(self) -> None:
        """Journeys with unknown touchpoints only are elsewhere, and their visits are listed."""
        found = compare(a_map(("pay", "p", "a")), rows_of("xx", "y"))

        assert (2, 0, 0) == (found.elsewhere, found.following, found.dropped)
        assert {"x": OffMap(visits=2, journeys=1), "y": OffMap(visits=1, journeys=1)} == found.off_map
        assert Decimal(0) == found.rate

    def test_order_of_off_map_is_the_logs(self) -> None:
        """Off-map touchpoints stand in the order in which the log first names them."""
        log = rows_of([f"x{n}" for n in range(20)])

        assert [f"x{n}" for n in range(20)] == list(compare(a_map(("pay", "p", "a")), log).off_map)

    def test_to_the_microsecond(self) -> None:
        """The time of a backtrack is exact."""
        rows = [
            ("anna", place, instant("2026-03-02") + timedelta(microseconds=n))
            for place, n in (("b", 0), ("a", 1), ("b", 7))
        ]

        assert (
            Decimal("0.000007") == compare(a_map(("a", "p", "a"), ("b", "q", "b")), rows).backtracks["b", "a"].seconds
        )

    def test_of_nobody(self) -> None:
        """Without journeys the rate is None, and there are no findings."""
        found = compare(a_map(("pay", "p", "a")), [])

        assert (
            Conformance(journey_map=a_map(("pay", "p", "a"))) == found == compare(a_map(("pay", "p", "a")), Journeys())
        )
        assert (None, None, None, 0) == (found.rate, found.following_share, found.interval(), found.dropped)
        assert () == review(found)

    def test_takes_a_map(self) -> None:
        """A value that is not a map is refused."""
        with refused(WrongTypeError, "wrong_type: journey_map"):
            compare([], [])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a list is no map


class TestConformance:
    def test_holds_its_steps(self) -> None:
        """Iterating gives the steps, and `in` finds them by name."""
        held = compare(a_map(("a", "p", "a"), ("b", "p", "b")), rows_of("ab"))

        assert held.steps == tuple(held)
        assert "b" in held
        assert "c" not in held

    MAP = a_map(("a", "p", "a"), ("b", "q", "b", "optional"))

    @given(conformances())
    def test_ratios_and_explanations(self, found: Conformance) -> None:
        """Every explanation replays, and the interval contains the rate."""
        replay(found.explain())
        interval = found.interval()

        assert (interval is None) == (found.rate is None) == (found.journeys == 0)
        assert interval is None or found.rate is None or found.rate in interval

    def test_without_steps_they_are_noughts(self) -> None:
        """By default the steps are those of the map, with counts of 0."""
        empty = Conformance(journey_map=self.MAP, journeys=3)

        assert (
            StepConformance(step="a", journeys=3),
            StepConformance(step="b", optional=True, journeys=3),
        ) == empty.steps

    def test_names_that_are_not_there(self) -> None:
        """The error names the steps that exist."""
        with pytest.raises(UnknownNameError, match="no step is named 'c'; there are a, b"):
            Conformance(journey_map=self.MAP)["c"]

    def test_other_maps_do_not_add(self) -> None:
        """Conformances of two maps do not add, even if the maps differ in one text."""
        other = attrs.evolve(self.MAP, steps=[attrs.evolve(self.MAP.steps[0], thought="hm"), self.MAP.steps[1]])
        with pytest.raises(PolicyMismatchError, match="two Conformance records of different journey_map"):
            Conformance(journey_map=self.MAP) + Conformance(journey_map=other)

    @pytest.mark.parametrize(
        ("values", "error", "broken"),
        [
            ({"journey_map": None}, WrongTypeError, "wrong_type: journey_map"),
            ({"journeys": -1}, InvalidValueError, "too_small: journeys"),
            ({"journeys": True}, WrongTypeError, "wrong_number_type: journeys"),
            ({"reached": float("nan")}, WrongTypeError, "wrong_number_type: reached"),
            ({"steps": 5}, WrongTypeError, "one_for_several: steps"),
            ({"steps": [5]}, WrongTypeError, "wrong_type: steps[0]"),
            ({"steps": [StepConformance(step="a")]}, InvalidValueError, "not_the_steps_of_the_map: steps"),
            (
                {"steps": [StepConformance(step="a"), StepConformance(step="b")]},
                InvalidValueError,
                "not_the_steps_of_the_map: steps",
            ),
            (
                {
                    "journeys": 3,
                    "steps": [StepConformance(step="a", journeys=3), StepConformance(step="b", optional=True)],
                },
                InvalidValueError,
                "not_the_steps_of_the_map: steps",
            ),
            (
                {
                    "journeys": 2,
                    "reached": 2,
                    "steps": [
                        StepConformance(step="a", journeys=2, visits=1, completed=1, left=1),
                        StepConformance(step="b", optional=True, journeys=2),
                    ],
                },
                InconsistentCountsError,
                "more_than_all_journeys: journeys",
            ),
            ({"off_map": {}}, WrongTypeError, "wrong_type: off_map"),
            ({"backtracks": []}, WrongTypeError, "wrong_type: backtracks"),
            ({"following": 1}, InconsistentCountsError, "more_than_all_journeys: journeys"),
            (
                {"journeys": 1, "reached": 1, "elsewhere": 1},
                InconsistentCountsError,
                "more_than_all_journeys: journeys",
            ),
        ],
    )
    def test_ready_counts_are_checked(self, values: dict[str, Any], error: type[CrmcoreError], broken: str) -> None:
        """Ready counts obey the same rules as counted ones."""
        usual: dict[str, Any] = {"journey_map": self.MAP}
        with refused(error, broken):
            Conformance(**{**usual, **values})

    @pytest.mark.parametrize(
        ("name", "key", "tally", "error", "broken"),
        [
            ("off_map", "x", Backtrack(), WrongTypeError, "wrong_type: off_map[0]"),
            (
                "off_map",
                "a",
                OffMap(),
                InvalidValueError,
                "off_map_touchpoint_on_the_map: off_map['a']",
            ),
            ("off_map", "", OffMap(), InvalidValueError, "empty_id: off_map[0]"),
            ("off_map", ("x",), OffMap(), WrongTypeError, "not_an_id: off_map[0]"),
            (
                "off_map",
                "x",
                OffMap(visits=3, journeys=3),
                InconsistentCountsError,
                "more_than_all_journeys: journeys",
            ),
            ("backtracks", ("b", "a"), OffMap(), WrongTypeError, "wrong_type: backtracks[0]"),
            (
                "backtracks",
                ("a", "b"),
                Backtrack(),
                InvalidValueError,
                "not_a_backtrack_of_the_map: backtracks[('a', 'b')]",
            ),
            (
                "backtracks",
                ("a", "a"),
                Backtrack(),
                InvalidValueError,
                "not_a_backtrack_of_the_map: backtracks[('a', 'a')]",
            ),
            (
                "backtracks",
                ("b", "c"),
                Backtrack(),
                InvalidValueError,
                "not_a_backtrack_of_the_map: backtracks[('b', 'c')]",
            ),
            ("backtracks", "ba", Backtrack(), InvalidValueError, "not_a_backtrack_of_the_map: backtracks['ba']"),
            ("backtracks", 5, Backtrack(), InvalidValueError, "not_a_backtrack_of_the_map: backtracks[5]"),
            (
                "backtracks",
                ("b", "a"),
                Backtrack(count=3, journeys=3),
                InconsistentCountsError,
                "more_than_all_journeys: journeys",
            ),
        ],
    )
    def test_rows_are_checked(self, name: str, key: Any, tally: Any, error: type[CrmcoreError], broken: str) -> None:
        """Off-map touchpoints are not on the map, and a backtrack leads to an earlier phase."""
        rows: dict[str, Any] = {name: TallyBy[Any, Any]({key: tally})}
        with refused(error, broken):
            Conformance(journey_map=self.MAP, journeys=2, **rows)


class TestStepConformance:
    @given(step_conformances())
    def test_ratios_and_explanations(self, step: StepConformance) -> None:
        """Every explanation replays, and the interval contains the drop-off."""
        replay(step.explain())
        interval, both = step.interval(), step.with_and_without()

        assert (interval is None) == (step.drop_off is None) == (step.came == 0)
        assert interval is None or step.drop_off is None or step.drop_off in interval
        assert (both is None) == (step.came == 0 or step.without == 0)
        if both is not None:
            exact = Fraction(step.reached, step.came) - Fraction(step.reached_without, step.without)
            assert abs(Fraction(both.difference) - exact) < Fraction(1, 10**30)

    def test_row(self) -> None:
        """A row has every count and every ratio."""
        till = StepConformance(
            step="pay", journeys=100, visits=95, completed=80, failed=5, abandoned=7, skipped=3, left=15, without=9
        )

        assert {
            "step": "pay",
            "optional": False,
            "journeys": 100,
            "visits": 95,
            "completed": 80,
            "failed": 5,
            "skipped": 3,
            "abandoned": 7,
            "repeats": 0,
            "repeated": 0,
            "out_of_order": 0,
            "left": 15,
            "reached": 0,
            "without": 9,
            "reached_without": 0,
            "came": 85,
            "not_reached": 12,
            "completion": Decimal("0.8"),
            "drop_off": Decimal("0.1764705882352941176470588235294118"),
            "skip_rate": Decimal("0.03409090909090909090909090909090909"),
        } == till.row()

    def test_left_out_is_nought(self) -> None:
        """Every count defaults to 0."""
        names = [field.name for field in attrs.fields(StepConformance)][2:]

        assert dict.fromkeys(names, 0) == {name: getattr(StepConformance(step="a"), name) for name in names}

    def test_huge_counts(self) -> None:
        """Counts are exact at any size."""
        many = StepConformance(step="a", journeys=10**29, visits=10**29, completed=10**29)

        assert 5 * 10**29 == StepConformance.total([many] * 5).completed

    @pytest.mark.parametrize(
        ("values", "error", "broken"),
        [
            ({"step": ""}, InvalidValueError, "empty_text: step"),
            ({"step": 5}, WrongTypeError, "not_a_text: step"),
            ({"optional": 1}, WrongTypeError, "wrong_type: optional"),
            ({"visits": -1}, InvalidValueError, "too_small: visits"),
            ({"left": True}, WrongTypeError, "wrong_number_type: left"),
            ({"left": float("nan")}, WrongTypeError, "wrong_number_type: left"),
            (
                {"journeys": 1, "completed": 1, "skipped": 1},
                InconsistentCountsError,
                "step_counts_contradict: completed['a']",
            ),
            (
                {"journeys": 1, "without": 2},
                InconsistentCountsError,
                "step_counts_contradict: without['a']",
            ),
            ({"journeys": 1, "skipped": 1}, InconsistentCountsError, "step_counts_contradict: skipped['a']"),
            ({"reached_without": 1}, InconsistentCountsError, "step_counts_contradict: reached_without['a']"),
            (
                {"journeys": 1, "failed": 1, "visits": 1},
                InconsistentCountsError,
                "step_counts_contradict: failed['a']",
            ),
            (
                {"journeys": 1, "completed": 1},
                InconsistentCountsError,
                "step_counts_contradict: abandoned['a']",
            ),
            (
                {"journeys": 1, "completed": 1, "visits": 1, "repeats": 1, "repeated": 1},
                InconsistentCountsError,
                "step_counts_contradict: completed['a']",
            ),
            (
                {"journeys": 2, "completed": 2, "visits": 3, "repeats": 1, "repeated": 2},
                InconsistentCountsError,
                "step_counts_contradict: repeated['a']",
            ),
            (
                {"journeys": 1, "failed": 1, "abandoned": 2, "visits": 2, "repeats": 1, "repeated": 1},
                InconsistentCountsError,
                "step_counts_contradict: repeated['a']",
            ),
            ({"out_of_order": 1}, InconsistentCountsError, "step_counts_contradict: out_of_order['a']"),
            (
                {"journeys": 1, "completed": 1, "visits": 1, "left": 1, "reached": 1},
                InconsistentCountsError,
                "step_counts_contradict: left['a']",
            ),
            ({"visits": 1}, InconsistentCountsError, "step_count_without_cause: visits['a']"),
            (
                {"journeys": 1, "completed": 1, "visits": 2, "repeats": 1},
                InconsistentCountsError,
                "step_count_without_cause: repeats['a']",
            ),
        ],
    )
    def test_ready_counts_are_checked(self, values: dict[str, Any], error: type[CrmcoreError], broken: str) -> None:
        """Ready counts obey the same rules as counted ones."""
        usual: dict[str, Any] = {"step": "a"}
        with refused(error, broken):
            StepConformance(**{**usual, **values})


class TestOffMap:
    @pytest.mark.parametrize(
        ("values", "error", "broken"),
        [
            ({"visits": -1}, InvalidValueError, "too_small: visits"),
            ({"visits": True}, WrongTypeError, "wrong_number_type: visits"),
            (
                {"visits": 1, "journeys": 2},
                InconsistentCountsError,
                "off_map_visits_contradict_journeys: visits",
            ),
            ({"visits": 1}, InconsistentCountsError, "off_map_visits_contradict_journeys: visits"),
        ],
    )
    def test_ready_counts_are_checked(self, values: dict[str, Any], error: type[CrmcoreError], broken: str) -> None:
        """Ready counts obey the same rules as counted ones."""
        with refused(error, broken):
            OffMap(**values)

    def test_row(self) -> None:
        """A row has both counts, and they have an explanation."""
        assert {"visits": 3, "journeys": 2} == OffMap(visits=3, journeys=2).row()
        assert "visits    3\njourneys  2" == str(OffMap(visits=3, journeys=2).explain())


class TestBacktrack:
    @given(backtracks())
    def test_ratios_and_explanations(self, back: Backtrack) -> None:
        """Days are seconds divided by 86 400, and every explanation replays."""
        replay(back.explain())

        assert abs(Fraction(back.days) - Fraction(back.seconds) / 86_400) <= Fraction(back.days) / 10**30
        assert (back.days_each is None) == (back.count == 0)
        assert back.count == back.returned + back.lost

    def test_row(self) -> None:
        """A row has counts, time and ratios."""
        assert {
            "count": 6,
            "journeys": 5,
            "returned": 4,
            "seconds": Decimal(259_200),
            "lost": 2,
            "days": Decimal(3),
            "days_each": Decimal("0.5"),
        } == Backtrack(count=6, journeys=5, returned=4, seconds=259_200).row()

    @pytest.mark.parametrize(
        ("values", "error", "broken"),
        [
            ({"count": -1}, InvalidValueError, "too_small: count"),
            ({"count": True}, WrongTypeError, "wrong_number_type: count"),
            ({"seconds": 0.5}, WrongTypeError, "float_is_inexact: seconds"),
            ({"seconds": "NaN"}, InvalidValueError, "not_finite: seconds"),
            ({"count": 1, "journeys": 1, "seconds": -1}, InvalidValueError, "too_small: seconds"),
            (
                {"seconds": 1},
                InconsistentCountsError,
                "fewer_backtracks_than_journeys: count",
            ),
            ({"count": 1, "journeys": 2}, InconsistentCountsError, "fewer_backtracks_than_journeys: count"),
            ({"count": 1, "returned": 2}, InconsistentCountsError, "fewer_backtracks_than_journeys: count"),
            ({"count": 1}, InconsistentCountsError, "backtracks_without_a_journey: journeys"),
        ],
    )
    def test_ready_counts_are_checked(self, values: dict[str, Any], error: type[CrmcoreError], broken: str) -> None:
        """Ready counts obey the same rules as counted ones."""
        with refused(error, broken):
            Backtrack(**values)
