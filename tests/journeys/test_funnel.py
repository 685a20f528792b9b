from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import combinations, permutations
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
    StepOrder,
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
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

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


def furthest_in(order: StepOrder, path: TimedPath, groups: Sequence[tuple[Id, ...]], within: timedelta | None) -> int:
    """Return how many steps a journey reached: the most that some of its visits are, chosen as the order allows."""
    choose: dict[StepOrder, Callable[[TimedPath, int], Iterable[Sequence[tuple[Id, datetime]]]]] = {
        StepOrder.SEQUENTIAL: combinations,
        StepOrder.ANY: permutations,
        StepOrder.DIRECT: lambda visits, count: (visits[n : n + count] for n in range(len(visits) - count + 1)),
    }
    for count in range(len(groups), 0, -1):
        for chosen in choose[order](path, count):
            times = [at for _, at in chosen]
            if all(place in group for (place, _), group in zip(chosen, groups, strict=False)) and (
                within is None or max(times) - min(times) <= within
            ):
                return count
    return 0


def is_left_out(path: TimedPath, groups: Groups, within: timedelta | None, exclude: dict[Id, tuple[str, str]]) -> bool:
    """Return whether a visit between two steps leaves a journey out.

    The attempt that counts has the most steps, and of those with as many the earliest visits.
    """
    names = [*groups]
    for count in range(len(groups), 0, -1):
        attempts = [
            chosen
            for chosen in combinations(range(len(path)), count)
            if all(path[visit][0] in groups[name] for visit, name in zip(chosen, names, strict=False))
            and (within is None or path[chosen[-1]][1] - path[chosen[0]][1] <= within)
        ]
        if attempts:
            attempt = dict(zip(names, min(attempts), strict=False))
            limit = sum(within is None or at - path[attempt[names[0]]][1] <= within for _, at in path)
            return any(
                after in attempt and touchpoint == path[visit][0]
                for touchpoint, (after, before) in exclude.items()
                for visit in range(attempt.get(after, 0) + 1, attempt.get(before, limit))
            )
    return False


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
        assert funnel.excluded == 0 or funnel.exclude

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
            "order": StepOrder.SEQUENTIAL,
            "excluded": 0,
            "assigned": 8,
            "unassigned": 0,
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
            ({"x": [""]}, {}, InvalidValueError, "empty_id: steps[0]"),
            ({"x": [None]}, {}, WrongTypeError, "not_an_id: steps[0]"),
            (["a", ["a"]], {}, InvalidValueError, "not_unique: steps[1]"),
            (["a"], {"optional": ["b"]}, InvalidValueError, "optional_names_no_step: optional[0]"),
            (["a"], {"optional": "a"}, WrongTypeError, "one_for_several: optional"),
            (["a"], {"optional": [["a"]]}, WrongTypeError, "not_an_id: optional[0]"),
            (["a"], {"optional": [None]}, WrongTypeError, "not_an_id: optional[0]"),
            (["a"], {"within": 5}, WrongTypeError, "not_a_duration: within"),
            (["a"], {"within": timedelta(0)}, InvalidValueError, "duration_not_positive: within"),
            (["a"], {"within": -HOUR}, InvalidValueError, "duration_not_positive: within"),
            (["a"], {"order": "any"}, WrongTypeError, "not_a_member: order"),
            (["a"], {"order": None}, WrongTypeError, "not_a_member: order"),
            (["a", "b"], {"order": StepOrder.ANY, "optional": ["a"]}, InvalidValueError, "only_in_sequence: order"),
            (["a", "b"], {"order": StepOrder.DIRECT, "exclude": ["x"]}, InvalidValueError, "only_in_sequence: order"),
            (["a", "b"], {"exclude": "x"}, WrongTypeError, "one_for_several: exclude"),
            (["a", "b"], {"exclude": [None]}, WrongTypeError, "not_an_id: exclude[0]"),
            (["a", "b"], {"exclude": ["x", "x"]}, InvalidValueError, "not_unique: exclude[1]"),
            (["a", "b"], {"exclude": {"x": "ab"}}, WrongTypeError, "not_a_pair: exclude[0]"),
            (["a", "b"], {"exclude": {"x": ("a", "b", "a")}}, WrongTypeError, "not_a_pair: exclude[0]"),
            (["a", "b"], {"exclude": {"x": ("a", None)}}, WrongTypeError, "not_an_id: exclude[0]"),
            (["a", "b"], {"exclude": {"x": ("b", "a")}}, InvalidValueError, "exclude_between_no_steps: exclude[0]"),
            (["a", "b"], {"exclude": {"x": ("a", "c")}}, InvalidValueError, "exclude_between_no_steps: exclude[0]"),
            (
                ["a", "b"],
                {"exclude": {"x": ("a", "b")}, "optional": ["b"]},
                InvalidValueError,
                "exclude_between_no_steps: exclude[0]",
            ),
            (["a"], {"exclude": ["x"]}, InvalidValueError, "exclude_between_no_steps: exclude[0]"),
            ([], {"exclude": ["x"]}, InvalidValueError, "only_optional_steps: steps"),
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

        assert counted == Funnel(steps=iter(attrs.evolve(step) for step in counted.steps), assigned=4)


class TestStepOrder:
    @given(rows(), GROUPS, TIMES, st.sampled_from(StepOrder))
    def test_agrees_with_every_choice_of_visits(
        self, log: list[Row], groups: Groups, within: timedelta | None, order: StepOrder
    ) -> None:
        """A journey reached as many steps as it has visits for, each its own, in the order and in time."""
        reached = [furthest_in(order, path, [*groups.values()], within) for path in by_customer(log).values()]
        funnel = Funnel.of(log, groups, within=within, order=order)

        assert [sum(one > n for one in reached) for n in range(len(groups))] == [step.reached for step in funnel.steps]

    @given(rows(), GROUPS, TIMES)
    def test_a_freer_order_reaches_no_less(self, log: list[Row], groups: Groups, within: timedelta | None) -> None:
        """Any order reaches each step as often as a sequence or more often, and a sequence as a direct order."""
        free, usual, direct = (
            Funnel.of(log, groups, within=within, order=order)
            for order in (StepOrder.ANY, StepOrder.SEQUENTIAL, StepOrder.DIRECT)
        )
        for steps in zip(free.steps, usual.steps, direct.steps, strict=True):
            assert sorted((step.reached for step in steps), reverse=True) == [step.reached for step in steps]
        assert free.steps[0].reached == usual.steps[0].reached == direct.steps[0].reached

    @given(rows(), GROUPS, TIMES, st.randoms(use_true_random=False))
    def test_in_any_order_the_list_has_none(
        self, log: list[Row], groups: Groups, within: timedelta | None, chance: Any
    ) -> None:
        """As many journeys reach all steps, whatever the order in which they are listed."""
        names = [*groups]
        chance.shuffle(names)
        found = Funnel.of(log, groups, within=within, order=StepOrder.ANY)
        other = Funnel.of(log, {name: groups[name] for name in names}, within=within, order=StepOrder.ANY)

        assert found.steps[-1].reached == other.steps[-1].reached

    @given(rows(), GROUPS, TIMES, st.sampled_from(StepOrder))
    def test_shards_add_up(self, log: list[Row], groups: Groups, within: timedelta | None, order: StepOrder) -> None:
        """The funnels of two parts of a log, cut by customer, add up to that of the whole."""
        parts = [[row for row in log if (row[0] == "anna") is first] for first in (True, False)]
        one, other = (Funnel.of(part, groups, within=within, order=order) for part in parts)

        assert Funnel.of(log, groups, within=within, order=order) == one + other

    def test_by_hand(self) -> None:
        """The order says which of four journeys went all the way."""
        log = rows_of("abc", "cba", "axbxc", "aabc")

        assert [4, 3, 3] == [step.reached for step in Funnel.of(log, ["a", "b", "c"]).steps]
        assert [4, 4, 4] == [step.reached for step in Funnel.of(log, ["a", "b", "c"], order=StepOrder.ANY).steps]
        assert [4, 2, 2] == [step.reached for step in Funnel.of(log, ["a", "b", "c"], order=StepOrder.DIRECT).steps]

    def test_in_any_order_the_first_step_is_the_base(self) -> None:
        """A journey without the first step is in no step, and a step needs a visit of its own."""
        assert [1, 1] == [step.reached for step in Funnel.of(rows_of("b", "ba"), ["a", "b"], order=StepOrder.ANY).steps]
        again: dict[str, Any] = {"look": "a", "again": ["a", "b"], "third": "b"}
        funnel = Funnel.of(rows_of("a", "aa", "ab", "bab"), again, order=StepOrder.ANY)

        assert [4, 3, 1] == [step.reached for step in funnel.steps]

    def test_in_any_order_a_visit_goes_to_the_step_that_needs_it(self) -> None:
        """A step that may take either touchpoint leaves the one that another step needs."""
        steps: dict[str, Any] = {"either": ["a", "b"], "first": "a"}
        log = rows_of("ab", "aa", "a", "b")

        assert [4, 2] == [step.reached for step in Funnel.of(log, steps, order=StepOrder.ANY).steps]

    def test_in_any_order_the_window_holds_all_visits(self) -> None:
        """The limit is from the first of the visits to the last, both included, wherever it begins."""
        log = [("anna", place, START + n * HOUR) for place, n in (("c", 0), ("a", 5), ("b", 6), ("c", 7))]
        one, two = (Funnel.of(log, ["a", "b", "c"], within=hours * HOUR, order=StepOrder.ANY) for hours in (1, 2))

        assert ([1, 1, 0], [1, 1, 1]) == ([step.reached for step in one.steps], [step.reached for step in two.steps])

    def test_in_any_order_a_visit_to_any_step_opens_a_journey(self) -> None:
        """A journey that came to a later step alone may get further, so it is open; in a sequence it is not."""
        log = [("anna", "b", START)]
        window: dict[str, Any] = {"within": 5 * HOUR, "as_of": START + HOUR}

        assert (1, 0) == tuple(
            Funnel.of(log, ["a", "b"], order=order, **window).open for order in (StepOrder.ANY, StepOrder.DIRECT)
        )

    def test_directly_means_the_next_visit(self) -> None:
        """A second visit to a step, or to any other touchpoint, breaks the order; ties stay as given."""
        log = rows_of("aab", "axb", "axa")

        assert [3, 1] == [step.reached for step in Funnel.of(log, ["a", "b"], order=StepOrder.DIRECT).steps]
        tied = [("anna", one, START) for one in ("a", "b")]

        assert [1, 1] == [step.reached for step in Funnel.of(tied, ["a", "b"], order=StepOrder.DIRECT).steps]
        assert [1, 0] == [step.reached for step in Funnel.of(tied[::-1], ["a", "b"], order=StepOrder.DIRECT).steps]

    def test_other_orders_do_not_add(self) -> None:
        """Funnels of different orders or exclusions do not add."""
        usual, free = (Funnel.of([], ["a", "b"], order=order) for order in (StepOrder.SEQUENTIAL, StepOrder.ANY))
        with pytest.raises(PolicyMismatchError, match="different order, sequential and any"):
            usual + free
        with pytest.raises(PolicyMismatchError, match="different exclude"):
            usual + Funnel.of([], ["a", "b"], exclude=["x"])


class TestExclude:
    @given(rows(), GROUPS, TIMES, st.data())
    def test_is_a_funnel_of_the_others(
        self, log: list[Row], groups: Groups, within: timedelta | None, data: st.DataObject
    ) -> None:
        """The steps are those of the journeys that are not left out; the others are counted."""
        pairs = [*combinations(groups, 2)]
        exclude: dict[Id, tuple[str, str]] = (
            data.draw(st.dictionaries(st.sampled_from(TOUCHPOINTS), st.sampled_from(pairs))) if pairs else {}
        )
        paths = by_customer(log)
        left_out = {customer for customer, path in paths.items() if is_left_out(path, groups, within, exclude)}
        found = Funnel.of(log, groups, within=within, exclude=exclude)
        others = Funnel.of([row for row in log if row[0] not in left_out], groups, within=within)

        assert others.steps == found.steps
        assert len(left_out) == found.excluded
        assert len(paths) == found.journeys + found.open + found.excluded
        replay(found.explain())

    @given(rows(), TIMES)
    def test_shards_add_up(self, log: list[Row], within: timedelta | None) -> None:
        """The funnels of two parts of a log, cut by customer, add up to that of the whole."""
        parts = [[row for row in log if (row[0] == "anna") is first] for first in (True, False)]
        one, other = (Funnel.of(part, ["shelf", "till"], within=within, exclude=[3]) for part in parts)

        assert Funnel.of(log, ["shelf", "till"], within=within, exclude=[3]) == one + other

    def test_by_hand(self) -> None:
        """What lies before, between and after the steps; those who turned away are treated as those who went on."""
        log = rows_of("axb", "xab", "abx", "ax", "xa", "a", "x")
        funnel = Funnel.of(log, ["a", "b"], exclude=["x"])

        assert [4, 2] == [step.reached for step in funnel.steps]
        assert (5, 2, 2) == (funnel.journeys, funnel.excluded, funnel["b"].lost)
        assert ("excluded", 2) == (funnel.explain().terms[-1].name, funnel.explain()["excluded"].value)

    def test_between_two_of_several_steps(self) -> None:
        """A pair of names says between which steps; in between, the touchpoint may be a step itself."""
        log = rows_of("axbc", "abxc", "abc")

        assert 1 == Funnel.of(log, ["a", "b", "c"], exclude={"x": ("b", "c")}).excluded
        assert 2 == Funnel.of(log, ["a", "b", "c"], exclude={"x": ("a", "c")}).excluded
        assert 2 == Funnel.of(log, ["a", "b", "c"], exclude=["x"]).excluded
        assert 3 == Funnel.of(log, ["a", "b", "c"], exclude={"b": ("a", "c")}).excluded

    def test_the_attempt_that_counts_decides(self) -> None:
        """Of several attempts the one that gets furthest decides, of equals the earliest."""
        log = [("anna", place, START + n * HOUR) for n, place in enumerate(["a", "x", "a", "b", "a", "x"])]

        assert 1 == Funnel.of(log, ["a", "b"], exclude=["x"]).excluded
        assert 0 == Funnel.of(log, ["a", "b"], exclude=["x"], within=HOUR).excluded
        assert 1 == Funnel.of(log, ["a", "b", "c"], exclude=["x"], within=3 * HOUR).excluded

    def test_after_the_window_nothing_is_left_out(self) -> None:
        """A journey that did not go on is left out by a visit within the time, its last instant included."""
        log = [("anna", "a", START), ("anna", "x", START + 2 * HOUR)]
        excluded = [Funnel.of(log, ["a", "b"], exclude=["x"], within=n * HOUR).excluded for n in (1, 2, 3)]

        assert [0, 1, 1] == excluded

    def test_open_comes_first(self) -> None:
        """A journey that is open is not excluded."""
        log = [("anna", place, START + n * HOUR) for n, place in enumerate("axb")]
        found = Funnel.of(log, ["a", "b"], exclude=["x"], within=9 * HOUR, as_of=START + 3 * HOUR)

        assert (0, 1, 0) == (found.journeys, found.open, found.excluded)

    def test_names_are_sorted(self) -> None:
        """The order in which touchpoints are excluded does not matter, and what a funnel says can be given back."""
        names: list[Id] = ["x", 3]
        one, other = (Funnel.of([], ["a", "b"], exclude=given_ones) for given_ones in (names, names[::-1]))

        assert one == other == Funnel.of([], ["a", "b"], exclude=dict(one.exclude))
        assert ((3, ("a", "b")), ("x", ("a", "b"))) == one.exclude

    def test_a_touchpoint_that_no_visit_has(self) -> None:
        """It is a caution with the nearest names; other capitals are an error."""
        log = rows_of(["a", "refund", "b"])
        (caution,) = Funnel.of(log, ["a", "b"], exclude=["refunds"]).cautions

        assert ("exclusion_not_visited", "refunds") == (caution.rule, caution.subject)
        assert ("nearest", "refund") in caution.evidence
        assert () == Funnel.of(log, ["a", "b"], exclude=["refund"]).cautions
        assert () == Funnel.of([], ["a", "b"], exclude=["refunds"]).cautions
        with refused(UnknownNameError, "misspelt_touchpoint: exclude"):
            Funnel.of(log, ["a", "b"], exclude=["Refund"])

    def test_a_log_of_excluded_journeys_has_cautions(self) -> None:
        """Names that no visit has are told although no journey is counted."""
        funnel = Funnel.of(rows_of("ax"), ["a", "bb"], exclude=["x"])

        assert ["step_not_visited"] == [caution.rule for caution in funnel.cautions]

    def test_ready_counts(self) -> None:
        """Excluded journeys need a cause."""
        steps = Funnel.of([], ["a", "b"]).steps
        with refused(InconsistentCountsError, "excluded_without_exclude: excluded"):
            Funnel(steps=steps, excluded=1)

        assert 1 == Funnel(steps=steps, exclude=[("x", ("a", "b"))], excluded=1).excluded


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
            "within": None,
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
