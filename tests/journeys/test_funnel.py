from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    CrmcoreError,
    Flow,
    Funnel,
    Id,
    InconsistentCountsError,
    InvalidValueError,
    Journeys,
    PolicyMismatchError,
    StepMatrix,
    TallyBy,
    UnknownNameError,
    WrongTypeError,
)
from crmcore.interop.hypothesis import funnel_steps, funnels
from crmcore.journeys.paths import FunnelStep
from crmcore.primitives._decimals import ratio
from tests.support.logs import HOUR, START, TOUCHPOINTS, Row, TimedPath, by_customer, paths_of, rows, rows_of
from tests.support.refusals import refused
from tests.support.replay import replay

if TYPE_CHECKING:
    from collections.abc import Sequence

Groups = dict[str, tuple[Id, ...]]

GROUPS: Final = st.lists(
    st.lists(st.sampled_from([*TOUCHPOINTS, "nowhere"]), min_size=1, max_size=2, unique=True).map(tuple),
    min_size=1,
    max_size=4,
).map(lambda groups: {f"step {n}": group for n, group in enumerate(groups)})
NO_CELLS: Final = TallyBy[Any, Any]({(1, "a"): Flow()})
TIMES: Final = st.none() | st.integers(1, 5).map(lambda n: n * HOUR)


def furthest(path: TimedPath, groups: Sequence[tuple[Id, ...]], within: timedelta | None) -> int:
    """Return how many steps a journey reached: the most for which some visits stand in order, and in time."""
    for count in range(len(groups), 0, -1):
        for chosen in combinations(path, count):
            if all(visit[0] in group for visit, group in zip(chosen, groups, strict=False)) and (
                within is None or chosen[-1][1] - chosen[0][1] <= within
            ):
                return count
    return 0


def walk(path: TimedPath, groups: Groups, optional: set[str], within: timedelta | None) -> dict[str, bool]:
    """Return which steps a journey reached, trying each start; of those that lead furthest the earliest counts."""
    needed = [name for name in groups if name not in optional]
    best: list[int] = []
    limit = len(path)
    for start, (place, begun) in enumerate(path):
        if place not in groups[needed[0]]:
            continue
        end = sum(within is None or at - begun <= within for _, at in path)
        found, at = [start], start + 1
        for name in needed[1:]:
            while at < end and path[at][0] not in groups[name]:
                at += 1
            if at >= end:
                break
            found.append(at)
            at += 1
        if len(found) > len(best):
            best, limit = found, end
    reached = {name: n < len(best) for n, name in enumerate(needed)}
    for name in optional:
        before = sum(list(groups).index(one) < list(groups).index(name) for one in needed)
        first = best[before - 1] + 1 if 0 < before <= len(best) else 0
        last = best[before] if before < len(best) else limit
        reached[name] = before <= len(best) and any(place in groups[name] for place, _ in path[first:last])
    return reached


class TestFunnel:
    def test_holds_its_steps(self) -> None:
        """Iterating gives the steps, and `in` finds them by name."""
        funnel = Funnel.of(rows_of("ab"), ["a", "b"])

        assert funnel.steps == tuple(funnel)
        assert "b" in funnel
        assert "c" not in funnel

    @given(rows(), GROUPS, TIMES)
    def test_agrees_with_every_choice_of_visits(self, log: list[Row], groups: Groups, within: timedelta | None) -> None:
        """A journey reached a step if visits, one for each step up to it, stand in order and in time."""
        paths = by_customer(log).values()
        reached = [furthest(path, [*groups.values()], within) for path in paths]
        funnel = Funnel.of(log, groups, within=within)

        assert [sum(one > n for one in reached) for n in range(len(groups))] == [step.reached for step in funnel.steps]
        assert len(paths) == funnel.journeys

    @given(rows(), GROUPS, TIMES, st.data())
    def test_agrees_with_a_walk(
        self, log: list[Row], groups: Groups, within: timedelta | None, data: st.DataObject
    ) -> None:
        """Optional steps are reached between their neighbours."""
        needed = data.draw(st.sampled_from([*groups]))
        optional = data.draw(st.sets(st.sampled_from([*groups])).map(lambda names: names - {needed}))
        told = [walk(path, groups, optional, within) for path in by_customer(log).values()]
        funnel = Funnel.of(log, groups, optional=optional, within=within)

        assert {name: sum(one[name] for one in told) for name in groups} == {
            step.name: step.reached for step in funnel.steps
        }
        assert optional == {step.name for step in funnel.steps if step.optional}

    @given(funnels())
    def test_never_widens(self, funnel: Funnel) -> None:
        """Counts never rise from step to step, optional steps aside; those have at most the step before."""
        needed = [step.reached for step in funnel.steps if not step.optional]

        assert sorted(needed, reverse=True) == needed
        assert needed[0] <= funnel.journeys
        assert all(step.reached <= step.previous_reached for step in funnel.steps)
        assert needed[0] == funnel.steps[0].first_reached
        assert funnel.journeys == needed[-1] + sum(step.lost for step in funnel.steps if not step.optional)

    @given(funnels(), rows(), st.sampled_from([HOUR, 3 * HOUR, timedelta(days=99)]))
    def test_time_only_takes_away(self, funnel: Funnel, log: list[Row], within: timedelta) -> None:
        """With a time limit no step gains journeys, and a wide limit changes nothing."""
        groups = {str(n): step.touchpoint_ids for n, step in enumerate(funnel.steps)}
        free, bound = Funnel.of(log, groups), Funnel.of(log, groups, within=within)
        same = all(one.reached == other.reached for one, other in zip(free.steps, bound.steps, strict=True))

        assert all(one.reached >= other.reached for one, other in zip(free.steps, bound.steps, strict=True))
        assert same or within != timedelta(days=99)

    @given(funnels())
    def test_ratios_and_explanations(self, funnel: Funnel) -> None:
        """The rate is of the first step that is not optional, the interval contains it, and explanations replay."""
        first, last = ([step for step in funnel.steps if not step.optional][n] for n in (0, -1))
        interval = funnel.interval()

        assert funnel.rate == last.share_of_first
        assert (interval is None) == (funnel.rate is None) == (first.reached == 0)
        assert interval is None or funnel.rate is None or funnel.rate in interval
        replay(funnel.explain())

    def test_by_hand(self) -> None:
        """A step counts only after the one before it."""
        log = rows_of(["shelf", "queue", "till"], ["shelf", "till"], ["till", "shelf"], ["queue"])
        funnel = Funnel.of(log, ["shelf", "queue", "till"])

        assert [("shelf", 3, 4), ("queue", 1, 3), ("till", 1, 1)] == [
            (step.name, step.reached, step.previous_reached) for step in funnel.steps
        ]
        assert funnel["queue"] == funnel.worst
        assert {
            "within": None,
            "as_of": None,
            "open": 0,
            "journeys": 4,
            "rate": Decimal("0.3333333333333333333333333333333333"),
        } == funnel.row()
        assert "last_reached                 1  journeys" == str(funnel.explain()).splitlines()[2]

    def test_optional_steps(self) -> None:
        """A journey passes an optional step without a visit, and the next step counts from the one before it."""
        log = rows_of(["shelf", "queue", "till"], ["shelf", "till"], ["shelf", "till", "queue"], ["queue", "shelf"])
        funnel = Funnel.of(log, ["shelf", "queue", "till"], optional=["queue"])

        assert [4, 1, 3] == [step.reached for step in funnel.steps]
        assert [4, 4, 4] == [step.previous_reached for step in funnel.steps]
        assert (funnel["till"], Decimal("0.75")) == (funnel.worst, funnel.rate)

    def test_optional_first_step(self) -> None:
        """An optional first step counts before the first other step, or anywhere if that is not reached."""
        log = rows_of(["ad", "shelf"], ["shelf", "ad"], ["ad"], ["ad", "ad"], [])
        funnel = Funnel.of(log, ["ad", "shelf"], optional=["ad"])

        assert [3, 2] == [step.reached for step in funnel.steps]
        assert (4, 4, 2) == (funnel.journeys, funnel["ad"].previous_reached, funnel["ad"].first_reached)
        assert Decimal("1.5") == funnel["ad"].share_of_first
        assert Decimal(1) == funnel.rate
        assert funnel["shelf"] == funnel.worst

    def test_optional_last_step(self) -> None:
        """An optional last step is reached by any visit after the last step that is not optional."""
        funnel = Funnel.of(rows_of(["till", "desk"], ["desk", "till"], ["till"]), ["till", "desk"], optional=["desk"])

        assert [3, 1] == [step.reached for step in funnel.steps]
        assert Decimal(1) == funnel.rate

    def test_optional_steps_side_by_side(self) -> None:
        """Optional steps between the same two steps count in any order."""
        log = rows_of(["shelf", "b", "a", "till"])
        funnel = Funnel.of(log, ["shelf", "a", "b", "till"], optional=["b", "a"])

        assert [1, 1, 1, 1] == [step.reached for step in funnel.steps]

    def test_groups_and_names(self) -> None:
        """Any of several touchpoints is the step; its name is theirs, or that of the mapping."""
        log = rows_of(["site", "till"], ["shop", "till"], ["till"])
        mixed: list[list[Id]] = [["site", 3], [7]]

        assert [("site or shop", 2), ("till", 2)] == [
            (step.name, step.reached) for step in Funnel.of(log, [("site", "shop"), "till"]).steps
        ]
        assert [("look", 2), ("buy", 2)] == [
            (step.name, step.reached) for step in Funnel.of(log, {"look": ["site", "shop"], "buy": "till"}).steps
        ]
        assert [2, 2] == [step.reached for step in Funnel.of(log, [["site", "shop"], ["till", "site"]]).steps]
        assert ["site or 3", 7] == [step.name for step in Funnel.of(log, mixed).steps]

    def test_a_touchpoint_that_comes_again_needs_names(self) -> None:
        """A touchpoint in two steps needs two names, and two visits."""
        log = rows_of(["shelf"], ["shelf", "shelf"], ["shelf", "till", "shelf"])
        with refused(InvalidValueError, "not_unique: steps[1]"):
            Funnel.of(log, ["shelf", "shelf"])

        assert [3, 2] == [step.reached for step in Funnel.of(log, {"look": "shelf", "again": "shelf"}).steps]

    def test_unknown_touchpoints(self) -> None:
        """A step whose touchpoint no journey visits is not reached, and neither are the steps after it."""
        funnel = Funnel.of(rows_of(["shelf", "till"]), ["shelf", "nowhere", "till"])

        assert [1, 0, 0] == [step.reached for step in funnel.steps]
        assert (Decimal(0), None) == (funnel.rate, funnel["till"].share_of_previous)
        assert (0, Decimal(0)) == (funnel["till"].lost, funnel["till"].share)

    def test_window_counts_from_the_first_step(self) -> None:
        """The limit includes its last instant, and counts from any visit to the first step."""
        late = [("anna", place, START + n * HOUR) for place, n in (("shelf", 0), ("shelf", 5), ("till", 7))]

        assert [1, 1] == [step.reached for step in Funnel.of(late, ["shelf", "till"], within=2 * HOUR).steps]
        assert [1, 0] == [
            step.reached
            for step in Funnel.of(late, ["shelf", "till"], within=2 * HOUR - timedelta(microseconds=1)).steps
        ]

    def test_of_several_beginnings_the_earliest_that_leads_furthest(self) -> None:
        """An optional step counts only on the attempt that gets furthest."""
        log = [("anna", place, START + n * HOUR) for n, place in enumerate(["shelf", "till", "shelf", "ad", "till"])]
        funnel = Funnel.of(log, ["shelf", "ad", "till"], optional=["ad"], within=5 * HOUR)

        assert [1, 0, 1] == [step.reached for step in funnel.steps]

    def test_of_beginnings_that_lead_equally_far_the_earliest(self) -> None:
        """Among attempts that get equally far the earliest counts, even short of the last step."""
        log = [("anna", place, START + n * HOUR) for n, place in enumerate(["shelf", "till", "shelf", "ad", "till"])]
        funnel = Funnel.of(log, ["shelf", "ad", "till", "desk"], optional=["ad"], within=5 * HOUR)

        assert [1, 0, 1, 0] == [step.reached for step in funnel.steps]

    def test_window_does_not_bind_what_stands_before_the_first_step(self) -> None:
        """The limit does not bind an optional step before the first step."""
        log = [("anna", "ad", START), ("anna", "shelf", START + timedelta(days=300))]

        assert [1, 1] == [step.reached for step in Funnel.of(log, ["ad", "shelf"], optional=["ad"], within=HOUR).steps]

    def test_one_step(self) -> None:
        """The only step is the first, the last and the worst."""
        funnel = Funnel.of(rows_of(["shelf"], ["till"]), ["till"])

        assert (Decimal(1), funnel["till"], 1) == (funnel.rate, funnel.worst, funnel["till"].lost)

    def test_of_nobody(self) -> None:
        """Without journeys every ratio is None."""
        funnel = Funnel.of([], ["shelf", "till"])

        assert (0, None, None) == (funnel.journeys, funnel.rate, funnel.interval())
        assert [None, None] == [step.share for step in funnel.steps]

    def test_worst_is_the_first_of_equals(self) -> None:
        """The worst step is the first of equals, and never the first step of several."""
        log = rows_of(["a", "b", "c"], ["a", "b"], ["a"], ["z"], ["z"], ["z"])

        assert "b" == Funnel.of(log, ["a", "b", "c"]).worst.name

    def test_equal_instants_stay_as_given(self) -> None:
        """Visits of one instant stand in the order given."""
        assert 1 == Funnel.of([("anna", one, START) for one in ("a", "b")], ["a", "b"])["b"].reached
        assert 0 == Funnel.of([("anna", one, START) for one in ("b", "a")], ["a", "b"])["b"].reached

    @pytest.mark.parametrize(
        ("steps", "rules"),
        [
            (["shelf"], {}),
            (["shelf", "till", "desk"], {}),
            (["till", "shelf"], {}),
            (["shelf", "desk"], {}),
            ({"look": "shelf", "till": "till"}, {}),
            ({"shelf": ["shelf", 3], "till": "till"}, {}),
            (["shelf", "till"], {"within": HOUR}),
            (["shelf", "till"], {"optional": ["till"]}),
        ],
    )
    def test_other_questions_do_not_add(self, steps: Any, rules: dict[str, Any]) -> None:
        """Funnels of other steps, names, limits or optional steps do not add."""
        log = rows_of(["shelf", "till"])
        with pytest.raises(PolicyMismatchError, match="^cannot add two Funnel"):
            Funnel.of(log, ["shelf", "till"]) + Funnel.of(log, steps, **rules)

    def test_total_of_none_needs_steps(self) -> None:
        """The total of no funnels is refused, because its steps are unknown."""
        with refused(InvalidValueError, "total_of_nothing: tallies"):
            Funnel.total([])

    def test_names_that_are_not_there(self) -> None:
        """The error names the steps that exist."""
        with refused(UnknownNameError, "no_such_funnel_step: name"):
            Funnel.of([], ["shelf", 3])["desk"]

    @pytest.mark.parametrize(
        ("steps", "rules", "error", "broken"),
        [
            ([], {}, InvalidValueError, "only_optional_steps: steps"),
            ({}, {}, InvalidValueError, "only_optional_steps: steps"),
            (["a"], {"optional": ["a"]}, InvalidValueError, "only_optional_steps: steps"),
            ("shelf", {}, WrongTypeError, "one_for_several: steps"),
            (5, {}, WrongTypeError, "one_for_several: steps"),
            ([None], {}, WrongTypeError, "not_an_id: steps[0]"),
            ([1.5], {}, WrongTypeError, "not_an_id: steps[0]"),
            ([b"a"], {}, WrongTypeError, "funnel_step_without_order: steps[0]"),
            ([{"a": "b"}], {}, WrongTypeError, "funnel_step_without_order: steps[0]"),
            ([{"a", "b"}], {}, WrongTypeError, "funnel_step_without_order: steps[0]"),
            ({"x": frozenset("ab")}, {}, WrongTypeError, "funnel_step_without_order: steps[0]"),
            ([True], {}, WrongTypeError, "not_an_id: steps[0]"),
            ([""], {}, InvalidValueError, "empty_id: steps[0]"),
            ({"": "a"}, {}, InvalidValueError, "empty_id: name"),
            ({None: "a"}, {}, WrongTypeError, "not_an_id: name"),
            ({"x": []}, {}, InvalidValueError, "funnel_step_without_touchpoint: touchpoint_ids"),
            ({"x": [""]}, {}, InvalidValueError, "empty_id: touchpoint_ids[0]"),
            ({"x": [None]}, {}, WrongTypeError, "not_an_id: touchpoint_ids[0]"),
            (["a", ["a"]], {}, InvalidValueError, "not_unique: steps[1]"),
            (["a"], {"optional": ["b"]}, InvalidValueError, "optional_names_no_step: optional[0]"),
            (["a"], {"optional": "a"}, WrongTypeError, "one_for_several: optional"),
            (["a"], {"optional": [["a"]]}, WrongTypeError, "not_an_id: optional[0]"),
            (["a"], {"optional": [None]}, WrongTypeError, "not_an_id: optional[0]"),
            (["a"], {"within": 5}, WrongTypeError, "not_a_duration: within"),
            (["a"], {"within": timedelta(0)}, InvalidValueError, "duration_not_positive: within"),
            (["a"], {"within": -HOUR}, InvalidValueError, "duration_not_positive: within"),
        ],
    )
    def test_refuses_nonsense(self, steps: Any, rules: dict[str, Any], error: type[CrmcoreError], broken: str) -> None:
        """Wrong arguments are refused, and the message says why."""
        with refused(error, broken):
            Funnel.of([], steps, **rules)

    @pytest.mark.parametrize(
        ("changes", "error", "broken"),
        [
            ([], InvalidValueError, "only_optional_steps: steps"),
            ([{}, 5], WrongTypeError, "wrong_type: steps[1]"),
            ([{}, {"name": "a"}], InvalidValueError, "not_unique: steps[1]"),
            (
                [{"journeys": 9}, {"journeys": 8}],
                InconsistentCountsError,
                ("funnel_steps_do_not_follow: steps[0]"),
            ),
            ([{}, {"journeys": 8}], InconsistentCountsError, "funnel_steps_do_not_follow: steps[1]"),
            (
                [
                    {"journeys": 9, "previous_reached": 9, "reached": 5, "first_reached": 5},
                    {"journeys": 9, "previous_reached": 9, "reached": 3, "first_reached": 5},
                ],
                InconsistentCountsError,
                "funnel_steps_do_not_follow: steps[1]",
            ),
            (
                [
                    {"journeys": 9, "previous_reached": 9, "reached": 5, "first_reached": 5},
                    {"journeys": 9, "previous_reached": 5, "reached": 3, "first_reached": 3},
                ],
                InconsistentCountsError,
                "funnel_steps_do_not_follow: steps[1]",
            ),
        ],
    )
    def test_ready_counts_are_checked(self, changes: list[Any], error: type[CrmcoreError], broken: str) -> None:
        """Ready steps must follow one another."""
        usual: list[dict[str, Any]] = [{"name": name, "touchpoint_ids": ["x"]} for name in "ab"]
        steps: list[Any] = [
            change if change == 5 else FunnelStep(**{**values, **change})
            for values, change in zip(usual, changes, strict=False)
        ]
        with refused(error, broken):
            Funnel(steps=steps)

    def test_ready_counts(self) -> None:
        """A funnel built from counts equals the counted one."""
        log = rows_of(["shelf", "till"], ["shelf"], ["till"])
        counted = Funnel.of(log, ["shelf", "till"])

        assert counted == Funnel(steps=iter(attrs.evolve(step) for step in counted.steps))


class TestFunnelStep:
    @given(funnel_steps())
    def test_ratios(self, step: FunnelStep) -> None:
        """Every explanation replays, and the interval contains the share of the step before."""
        replay(step.explain())
        interval = step.interval()

        assert step.lost == step.previous_reached - step.reached
        assert (interval is None) == (step.share_of_previous is None) == (step.previous_reached == 0)
        assert interval is None or step.share_of_previous is None or step.share_of_previous in interval

    def test_row(self) -> None:
        """A row has all fields except the touchpoints."""
        step = FunnelStep(
            name="cart", touchpoint_ids=["cart", 3], journeys=9, first_reached=8, previous_reached=4, reached=2
        )

        assert {
            "name": "cart",
            "optional": False,
            "journeys": 9,
            "first_reached": 8,
            "previous_reached": 4,
            "reached": 2,
            "lost": 2,
            "share": Decimal("0.2222222222222222222222222222222222"),
            "share_of_first": Decimal("0.25"),
            "share_of_previous": Decimal("0.5"),
        } == step.row()

    @pytest.mark.parametrize(
        ("values", "error", "broken"),
        [
            ({"name": None}, WrongTypeError, "not_an_id: name"),
            ({"touchpoint_ids": "a"}, WrongTypeError, "one_for_several: touchpoint_ids"),
            ({"touchpoint_ids": []}, InvalidValueError, "funnel_step_without_touchpoint: touchpoint_ids"),
            ({"optional": 1}, WrongTypeError, "wrong_type: optional"),
            ({"journeys": -1}, InvalidValueError, "too_small: journeys"),
            ({"reached": True}, WrongTypeError, "wrong_number_type: reached"),
            ({"reached": float("nan")}, WrongTypeError, "wrong_number_type: reached"),
            (
                {"reached": 1},
                InconsistentCountsError,
                "funnel_widens: reached",
            ),
            ({"previous_reached": 1}, InconsistentCountsError, "funnel_widens: reached"),
            ({"first_reached": 1}, InconsistentCountsError, "funnel_widens: reached"),
        ],
    )
    def test_ready_counts_are_checked(self, values: dict[str, Any], error: type[CrmcoreError], broken: str) -> None:
        """Ready counts obey the same rules as counted ones."""
        usual: dict[str, Any] = {"name": "a", "touchpoint_ids": ["a"]}
        with refused(error, broken):
            FunnelStep(**{**usual, **values})


class TestStepMatrix:
    @given(rows(), st.integers(1, 5))
    def test_agrees_with_an_independent_count(self, log: list[Row], steps: int) -> None:
        """Counting each visit, and each end one visit later, gives the same cells."""
        counts: dict[tuple[int, Id | None], int] = {}
        for path in paths_of(log):
            for step in range(1, min(steps, len(path)) + 1):
                counts[step, path[step - 1]] = counts.get((step, path[step - 1]), 0) + 1
            if len(path) < steps:
                counts[len(path) + 1, None] = counts.get((len(path) + 1, None), 0) + 1
        matrix = StepMatrix.of(log, steps=steps)

        assert counts == {cell: one.journeys for cell, one in matrix.cells.items()}
        assert all(one.count == one.journeys for one in matrix.cells.values())

    @given(rows(), st.integers(1, 9))
    def test_every_journey_is_somewhere(self, log: list[Row], steps: int) -> None:
        """At each visit, journeys at a touchpoint and journeys that ended before add up to all journeys."""
        matrix, ended = StepMatrix.of(log, steps=steps), 0
        for step in range(1, steps + 1):
            column = {place: one.journeys for (number, place), one in matrix.cells.items() if number == step}
            ended += column.pop(None, 0)
            assert matrix.journeys == sum(column.values()) + ended == Flow.of(log).journeys
            assert matrix.ended(step) == ratio(ended, matrix.journeys)

    def test_by_hand(self) -> None:
        """Shares are of all journeys, and 0 for an empty cell."""
        matrix = StepMatrix.of(rows_of(["ad", "shop", "till"], ["shop"]), steps=3)

        assert [Decimal("0.5"), Decimal("0.5"), Decimal("0.5"), Decimal(0)] == [
            matrix.share(1, "ad"),
            matrix.share(2, None),
            matrix.share(3, "till"),
            matrix.share(3, "ad"),
        ]
        assert [Decimal(0), Decimal("0.5"), Decimal("0.5")] == [matrix.ended(step) for step in (1, 2, 3)]
        assert {"steps": 3, "journeys": 2} == matrix.row()
        assert "steps     3  visits\njourneys  2  journeys" == str(matrix.explain())

    @pytest.mark.parametrize("step", [0, 4, 9, -1, True, "1"])
    def test_only_what_was_looked_at(self, step: Any) -> None:
        """A visit that was not counted is refused, because 0 would be a wrong answer."""
        matrix = StepMatrix.of(rows_of(["ad", "shop", "till"], ["shop"]), steps=3)

        for ask in (matrix.ended, lambda step: matrix.share(step, "ad")):
            with pytest.raises(CrmcoreError, match="step must be"):
                ask(step)

    def test_usual_and_most_steps(self) -> None:
        """The default is 15 steps, the most are 1000."""
        log = rows_of(["a"] * 1002)

        assert 15 == StepMatrix.of(log).steps == len(StepMatrix.of(log).cells) == StepMatrix().steps
        assert 1000 == len(StepMatrix.of(log, steps=1000).cells)

    def test_other_depths_do_not_add(self) -> None:
        """Matrices of different numbers of steps do not add."""
        with pytest.raises(PolicyMismatchError, match="two StepMatrix records of different steps, 3 and 4"):
            StepMatrix.of([], steps=3) + StepMatrix.of([], steps=4)

    def test_of_nobody(self) -> None:
        """Without journeys every share is None."""
        assert StepMatrix() == StepMatrix.of([]) == StepMatrix.of(Journeys())
        assert StepMatrix().share(1, "ad") is None
        assert StepMatrix().ended(1) is None

    @pytest.mark.parametrize(
        ("steps", "error", "broken"),
        [
            (0, InvalidValueError, "out_of_range: steps"),
            (1001, InvalidValueError, "out_of_range: steps"),
            (-1, InvalidValueError, "out_of_range: steps"),
            (True, WrongTypeError, "wrong_number_type: steps"),
            (2.0, WrongTypeError, "wrong_number_type: steps"),
            (None, WrongTypeError, "wrong_number_type: steps"),
        ],
    )
    def test_refuses_steps_that_are_none(self, steps: Any, error: type[CrmcoreError], broken: str) -> None:
        """A wrong number of steps is refused by `of` and by the constructor."""
        with refused(error, broken):
            StepMatrix.of([], steps=steps)
        with refused(error, broken):
            StepMatrix(steps=steps)

    @pytest.mark.parametrize(
        ("values", "error", "broken"),
        [
            ({"journeys": -1}, InvalidValueError, "too_small: journeys"),
            ({"cells": {}}, WrongTypeError, "wrong_type: cells"),
            ({"cells": NO_CELLS}, WrongTypeError, "wrong_type: cells[0]"),
            ({"cells": "a"}, WrongTypeError, "wrong_type: cells"),
        ],
    )
    def test_ready_counts_are_checked(self, values: dict[str, Any], error: type[CrmcoreError], broken: str) -> None:
        """Ready counts obey the same rules as counted ones."""
        with refused(error, broken):
            StepMatrix(**values)

    @pytest.mark.parametrize(
        ("cells", "error", "broken"),
        [
            (["a"], WrongTypeError, "wrong_number_of_parts: cells[0]"),
            (
                [(1, "a", "b")],
                WrongTypeError,
                "wrong_number_of_parts: cells[0]",
            ),
            ([("a", 1)], WrongTypeError, "wrong_number_type: cells[0]"),
            ([(1, True)], WrongTypeError, "not_an_id: cells[0]"),
            ([(0, "a")], InvalidValueError, "out_of_range: cells[0]"),
            ([(16, "a")], InvalidValueError, "out_of_range: cells[0]"),
            ([(1, None)], InvalidValueError, "out_of_range: cells[0]"),
            (
                [(1, "a"), (1, "b")],
                InconsistentCountsError,
                "more_journeys_at_a_visit: journeys[1]",
            ),
        ],
    )
    def test_cells_are_checked(self, cells: list[Any], error: type[CrmcoreError], broken: str) -> None:
        """A cell must be of a counted visit, and a journey is at one touchpoint at a time."""
        rows_of_one = TallyBy[Any, Any]({cell: Flow.of(rows_of(["a"])).starts["a"] for cell in cells})
        with refused(error, broken):
            StepMatrix(journeys=1, cells=rows_of_one)
