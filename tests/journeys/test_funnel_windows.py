"""Funnels in which each step has a window after the step before it."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, strategies as st

from crmcore import Funnel, Id, InvalidValueError, StepOrder
from tests.support.logs import HOUR, START, TOUCHPOINTS, Row, TimedPath, by_customer, rows
from tests.support.refusals import refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

Groups = dict[str, tuple[Id, ...]]
Windows = dict[str, timedelta]

GROUPS: Final = st.lists(
    st.lists(st.sampled_from([*TOUCHPOINTS, "nowhere"]), min_size=1, max_size=2, unique=True).map(tuple),
    min_size=1,
    max_size=4,
).map(lambda groups: {f"step {n}": group for n, group in enumerate(groups)})
TIMES: Final = st.none() | st.integers(1, 5).map(lambda n: n * HOUR)
WINDOWS: Final = st.lists(TIMES, min_size=3, max_size=3).map(
    lambda windows: {f"step {n}": window for n, window in enumerate(windows, 1) if window is not None}
)
MOMENT: Final = timedelta(microseconds=1)


def attempts(
    path: TimedPath,
    groups: Groups,
    windows: Mapping[str, timedelta],
    within: timedelta | None,
    *,
    directly: bool = False,
    last_start: datetime | None = None,
) -> list[tuple[int, ...]]:
    """Return every choice of visits that reaches the most steps, each in time, and the first not after `last_start`."""
    names = [*groups]
    for count in range(len(groups), 0, -1):
        found = [
            chosen
            for chosen in combinations(range(len(path)), count)
            if all(path[visit][0] in groups[name] for visit, name in zip(chosen, names, strict=False))
            and (within is None or path[chosen[-1]][1] - path[chosen[0]][1] <= within)
            and (last_start is None or path[chosen[0]][1] <= last_start)
            and all(
                path[later][1] - path[earlier][1] <= windows.get(name, timedelta.max)
                and (not directly or later == earlier + 1)
                for (earlier, later), name in zip(pairwise(chosen), names[1:], strict=False)
            )
        ]
        if found:
            return found
    return []


def fitting(groups: Groups, windows: Windows) -> Windows:
    """Leave out the windows of steps that there are not."""
    return {name: window for name, window in windows.items() if name in groups}


def log_of(*visits: tuple[str, float]) -> list[Row]:
    """Rows of one customer, from touchpoints and hours."""
    return [("anna", place, START + hour * HOUR) for place, hour in visits]


def reached(funnel: Funnel) -> list[int]:
    """Return how many journeys reached each step."""
    return [step.reached for step in funnel.steps]


class TestWindowsOfSteps:
    @given(rows(), GROUPS, WINDOWS, TIMES, st.booleans())
    def test_agree_with_every_choice_of_visits(
        self, log: list[Row], groups: Groups, windows: Windows, within: timedelta | None, directly: bool
    ) -> None:
        """A step is reached if some visits, in order and in time, reach it."""
        windows = fitting(groups, windows)
        order = StepOrder.DIRECT if directly else StepOrder.SEQUENTIAL
        funnel = Funnel.of(log, groups, within=within, step_within=windows, order=order)
        lengths = [
            len(next(iter(attempts(path, groups, windows, within, directly=directly)), ()))
            for path in by_customer(log).values()
        ]

        assert [sum(length > n for length in lengths) for n in range(len(groups))] == reached(funnel)

    @given(rows(), GROUPS, WINDOWS, TIMES, st.sets(st.integers(0, 3), min_size=1, max_size=2), st.data())
    def test_exclude_in_the_earliest_attempt(
        self,
        log: list[Row],
        groups: Groups,
        windows: Windows,
        within: timedelta | None,
        chosen: set[int],
        data: st.DataObject,
    ) -> None:
        """A visit between two steps of the earliest attempt leaves a journey out, until the next step is too late."""
        windows = fitting(groups, windows)
        if len(groups) == 1:
            return
        after, before = sorted(data.draw(st.permutations([*groups]))[:2])
        exclude = {TOUCHPOINTS[n % len(TOUCHPOINTS)]: (after, before) for n in chosen}
        expected = 0
        for path in by_customer(log).values():
            attempt = dict(zip(groups, min(attempts(path, groups, windows, within), default=()), strict=False))
            if after not in attempt:
                continue
            if before in attempt:
                until = attempt[before]
            else:
                waits = [*groups][len(attempt)]
                chosen_visits = [*attempt.values()]
                last, first = path[chosen_visits[-1]][1], path[chosen_visits[0]][1]
                until = sum(
                    at - last <= windows.get(waits, timedelta.max) and (within is None or at - first <= within)
                    for _, at in path
                )
            expected += any(path[visit][0] in exclude for visit in range(attempt[after] + 1, until))

        assert expected == Funnel.of(log, groups, within=within, step_within=windows, exclude=exclude).excluded

    @given(rows(), GROUPS, WINDOWS, TIMES, TIMES, st.data())
    def test_optional_steps(
        self,
        log: list[Row],
        groups: Groups,
        windows: Windows,
        within: timedelta | None,
        own: timedelta | None,
        data: st.DataObject,
    ) -> None:
        """An optional step is reached within its own window after the step before, of the earliest attempt."""
        windows = fitting(groups, windows)
        place = data.draw(st.integers(1, len(groups)))
        steps = [*groups.items()]
        steps[place:place] = [("extra", (TOUCHPOINTS[0],))]
        given_windows = windows if own is None else {**windows, "extra": own}
        expected = 0
        for path in by_customer(log).values():
            attempt: tuple[int, ...] = min(attempts(path, groups, windows, within), default=())
            if len(attempt) < place:
                continue
            before = path[attempt[place - 1]][1]
            waits = windows.get(f"step {place}", timedelta.max)
            expected += any(
                touchpoint == TOUCHPOINTS[0]
                and (place == len(attempt) or visit < attempt[place])
                and (own is None or at - before <= own)
                and (within is None or at - path[attempt[0]][1] <= within)  # pyright: ignore[reportGeneralTypeIssues] - an attempt has a first visit
                and (place < len(attempt) or len(attempt) == len(groups) or at - before <= waits)
                for visit, (touchpoint, at) in enumerate(path)
                if visit > attempt[place - 1]
            )
        funnel = Funnel.of(log, dict(steps), optional=["extra"], within=within, step_within=given_windows)

        assert expected == funnel["extra"].reached

    def test_the_window_includes_its_last_instant(self) -> None:
        """A visit exactly at the end of the window is in time, a microsecond later it is not."""
        log = log_of(("a", 0), ("b", 2))

        assert [1, 1] == reached(Funnel.of(log, ["a", "b"], step_within=2 * HOUR))
        assert [1, 0] == reached(Funnel.of(log, ["a", "b"], step_within=2 * HOUR - MOMENT))

    def test_a_later_visit_to_the_step_before_counts_too(self) -> None:
        """The window of the last step begins at the second visit to the step before it."""
        log = log_of(("a", 0), ("b", 1), ("b", 5), ("c", 6))

        assert [1, 1, 1] == reached(Funnel.of(log, ["a", "b", "c"], step_within={"c": HOUR}))
        assert [1, 1, 0] == reached(Funnel.of(log, ["a", "b", "c"], step_within={"b": HOUR, "c": HOUR}))

    def test_combine_with_the_window_of_the_funnel(self) -> None:
        """Each step must be in time after the one before, and all after the first."""
        log = log_of(("a", 0), ("b", 2), ("c", 4))

        assert [1, 1, 1] == reached(Funnel.of(log, ["a", "b", "c"], step_within=2 * HOUR, within=4 * HOUR))
        assert [1, 1, 0] == reached(Funnel.of(log, ["a", "b", "c"], step_within=2 * HOUR, within=4 * HOUR - MOMENT))

    def test_one_touchpoint_in_two_steps_and_visits_of_one_instant(self) -> None:
        """Each step needs a visit of its own, at the same instant too, in the order given."""
        again = {"look": "a", "again": "a"}

        assert [1, 0] == reached(Funnel.of(log_of(("a", 0)), again, step_within=HOUR))
        assert [1, 1] == reached(Funnel.of(log_of(("a", 0), ("a", 0)), again, step_within=MOMENT))
        assert [1, 1] == reached(Funnel.of(log_of(("a", 0), ("b", 0)), ["a", "b"], step_within=MOMENT))
        assert [1, 0] == reached(Funnel.of(log_of(("b", 0), ("a", 0)), ["a", "b"], step_within=MOMENT))

    def test_directly_and_in_time(self) -> None:
        """In direct order each step is the next visit, and in time; a new beginning may reach it."""
        log = log_of(("a", 0), ("b", 2), ("a", 5), ("b", 6))
        direct = StepOrder.DIRECT

        assert [1, 1] == reached(Funnel.of(log, ["a", "b"], step_within=HOUR, order=direct))
        assert [1, 0] == reached(Funnel.of(log[:2], ["a", "b"], step_within=HOUR, order=direct))

    def test_window_of_an_optional_step(self) -> None:
        """It counts from the step before that is not optional."""
        log = log_of(("a", 0), ("x", 2), ("b", 3))

        assert [
            [1, 1, 1],
            [1, 0, 1],
        ] == [
            reached(Funnel.of(log, ["a", "x", "b"], optional=["x"], step_within={"x": hours * HOUR}))
            for hours in (2, 1)
        ]

    def test_exclusion_at_the_end_of_the_window(self) -> None:
        """A visit leaves out a journey that turned away until its step's window is over."""
        late = log_of(("a", 0), ("x", 2))

        assert 1 == Funnel.of(late, ["a", "b"], step_within=2 * HOUR, exclude=["x"]).excluded
        assert 0 == Funnel.of(late, ["a", "b"], step_within=2 * HOUR - MOMENT, exclude=["x"]).excluded

    def test_open_journeys(self) -> None:
        """A journey is open for as long as the windows of its steps together; `within` may be shorter."""
        steps, windows = ["a", "b", "c"], {"b": 2 * HOUR, "c": 3 * HOUR}

        def opened(hours: int, within: timedelta | None = None) -> int:
            log = log_of(("a", 0), ("b", 1))
            as_of = START + hours * HOUR
            return Funnel.of(log, steps, step_within=windows, within=within, as_of=as_of).open

        assert [1, 0] == [opened(4), opened(5)]
        assert [1, 0] == [opened(3, 4 * HOUR), opened(4, 4 * HOUR)]
        assert 5 * HOUR == Funnel.of([], steps, step_within=windows, within=9 * HOUR).longest
        assert 4 * HOUR == Funnel.of([], steps, step_within=windows, within=4 * HOUR).longest

    @given(rows(), GROUPS, WINDOWS, st.integers(1, 5), st.booleans(), st.integers(6, 12))
    def test_only_attempts_that_are_over_count(
        self, log: list[Row], groups: Groups, windows: Windows, hours: int, directly: bool, known: int
    ) -> None:
        """A journey is open if all its attempts may go on, and is else counted by the best of those that may not."""
        as_of, within = START + known * HOUR, hours * HOUR
        windows = fitting(groups, windows)
        policies: dict[str, Any] = {
            "step_within": windows,
            "within": within,
            "order": StepOrder.DIRECT if directly else StepOrder.SEQUENTIAL,
        }
        longest = Funnel.of([], groups, **policies).longest
        assert longest is not None
        last_start = as_of - longest
        expected, still_open = [0] * len(groups), 0
        for path in by_customer(log).values():
            begun = [at for place, at in path if place in groups["step 0"]]
            if begun and min(begun) > last_start:
                still_open += 1
                continue
            best = attempts(path, groups, windows, within, directly=directly, last_start=last_start)
            for step in range(len(best[0]) if best else 0):
                expected[step] += 1
        funnel = Funnel.of(log, groups, as_of=as_of, **policies)

        assert (expected, still_open) == (reached(funnel), funnel.open)

    @given(rows(), st.integers(1, 5), st.integers(6, 12))
    def test_only_attempts_that_are_over_count_in_any_order(self, log: list[Row], hours: int, known: int) -> None:
        """In any order an attempt begins at a visit to any step, and reaches the steps visited within its time."""
        as_of, within = START + known * HOUR, hours * HOUR
        expected, still_open = [0] * len(TOUCHPOINTS), 0
        for path in by_customer(log).values():
            begun = [at for _, at in path]
            over = [at for at in begun if at <= as_of - within]
            still_open += bool(begun) and not over
            visited = [{place for place, at in path if start <= at <= start + within} for start in over]
            for step in range(len(TOUCHPOINTS)):
                expected[step] += any({*TOUCHPOINTS[: step + 1]} <= places for places in visited)
        funnel = Funnel.of(log, TOUCHPOINTS, within=within, as_of=as_of, order=StepOrder.ANY)

        assert (expected, still_open) == (reached(funnel), funnel.open)

    def test_begun_again(self) -> None:
        """A late second attempt counts once its time is over, whether it was quick or not; the first is not lost."""
        log = log_of(("a", 0), ("a", 9), ("b", 10))

        def count(hours: int) -> tuple[list[int], int]:
            funnel = Funnel.of(log, ["a", "b"], within=5 * HOUR, as_of=START + hours * HOUR)
            return reached(funnel), funnel.open

        assert ([1, 0], 0) == count(13)
        assert ([1, 1], 0) == count(14)

    @pytest.mark.parametrize("order", StepOrder)
    def test_more_visits_change_no_attempt_that_is_over(self, order: StepOrder) -> None:
        """What is counted at one instant does not change by what comes after it, in every order of steps."""
        early = log_of(("a", 0), ("b", 4.5), ("a", 5), ("b", 6))
        funnels = [
            Funnel.of(log, ["a", "b"], within=3 * HOUR, as_of=START + 7 * HOUR, order=order)
            for log in (early, early[:2], early[:3])
        ]

        assert [reached(funnel) for funnel in funnels] == [[1, 0]] * 3

    def test_no_limit_if_a_step_has_none(self) -> None:
        """Without a window for each step it is not known how long a journey may take."""
        assert Funnel.of([], ["a", "b", "c"], step_within={"b": HOUR}).longest is None
        assert Funnel.of([], ["a"], step_within=HOUR).longest is None
        assert timedelta.max == Funnel.of([], ["a", "b", "c"], step_within=timedelta.max).longest
        with refused(InvalidValueError, "as_of_without_within: within"):
            Funnel.of([], ["a", "b", "c"], step_within={"b": HOUR}, as_of=START)
        with refused(InvalidValueError, "as_of_without_within: within"):
            Funnel.of([], ["a"], step_within=HOUR, as_of=START)

    def test_one_window_for_all_is_that_of_each_after_the_first(self) -> None:
        """Steps up to the first that is not optional have no step before them; None is no window."""
        funnel = Funnel.of([], ["ad", "a", "help", "b"], optional=["ad", "help"], step_within=HOUR)

        assert [None, None, HOUR, HOUR] == [step.within for step in funnel.steps]
        assert [None, None] == [step.within for step in Funnel.of([], ["a", "b"], step_within={"b": None}).steps]

    @pytest.mark.parametrize("order", [StepOrder.SEQUENTIAL, StepOrder.ANY])
    def test_needs_a_step_before(self, order: StepOrder) -> None:
        """The first step has no window, and in any order no step has."""
        with refused(InvalidValueError, "window_without_step_before: steps[0]"):
            Funnel.of([], ["a", "b"], step_within={"a": HOUR}, order=order)
        with refused(InvalidValueError, "window_without_step_before: steps[1]"):
            Funnel.of([], ["a", "b"], step_within=HOUR, order=StepOrder.ANY)

    def test_names_no_step(self) -> None:
        """A window of a step that there is not is refused."""
        with refused(InvalidValueError, "window_of_no_step: step_within[0]"):
            Funnel.of([], ["a", "b"], step_within={"c": HOUR})
        with refused(InvalidValueError, "only_optional_steps: steps"):
            Funnel.of([], ["a"], optional=["a"], step_within=HOUR)

    def test_windows_are_added_only_to_their_like(self) -> None:
        """Funnels add if their steps have the same windows."""
        funnel = Funnel.of(log_of(("a", 0), ("b", 2)), ["a", "b"], step_within=2 * HOUR)

        assert [2, 2] == reached(funnel + funnel)
