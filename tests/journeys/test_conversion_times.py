"""How long journeys take from one step to a later one."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations, pairwise
from typing import Any, Final

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    ConversionTimes,
    Funnel,
    InconsistentCountsError,
    InvalidValueError,
    StepOrder,
    Survival,
    TimeUnit,
)
from crmcore.interop.hypothesis import conversion_times
from tests.journeys.test_funnel_windows import GROUPS, MOMENT, TIMES, WINDOWS, Groups, Windows, fitting, log_of
from tests.support.logs import HOUR, START, Row, TimedPath, by_customer, rows
from tests.support.refusals import refused
from tests.support.replay import replay

NEVER: Final = timedelta(days=9999)


def list_attempts(
    path: TimedPath, groups: Groups, windows: Windows, within: timedelta | None, *, directly: bool
) -> list[tuple[int, ...]]:
    """Return every choice of visits that is an attempt, of however many steps."""
    names = [*groups]
    return [
        chosen
        for count in range(1, len(groups) + 1)
        for chosen in combinations(range(len(path)), count)
        if all(path[visit][0] in groups[name] for visit, name in zip(chosen, names, strict=False))
        and (within is None or path[chosen[-1]][1] - path[chosen[0]][1] <= within)
        and all(
            path[later][1] - path[earlier][1] <= windows.get(name, NEVER) and (not directly or later == earlier + 1)
            for (earlier, later), name in zip(pairwise(chosen), names[1:], strict=False)
        )
    ]


def measure(
    attempts: list[tuple[int, ...]], path: TimedPath, between: tuple[int, int], limits: tuple[Any, ...], as_of: Any
) -> tuple[timedelta, bool] | None:
    """Return how long a journey took or was watched; None if it did not reach the first of two steps."""
    start, end = between
    longest, within, span = limits
    if not attempts:
        return None
    furthest = max(map(len, attempts))
    best = min(attempt for attempt in attempts if len(attempt) == furthest)
    if furthest <= start:
        return None
    if furthest > end:
        return path[best[end]][1] - path[best[start]][1], True
    for beginning in sorted({attempt[0] for attempt in attempts}):
        from_here = [attempt for attempt in attempts if attempt[0] == beginning]
        most = max(map(len, from_here))
        if path[beginning][1] + longest > as_of and longest < NEVER and most > start:
            best = min(attempt for attempt in from_here if len(attempt) == most)
            break
    begun = path[best[start]][1]
    return min(as_of, path[best[0]][1] + within, begun + span) - begun, False


def lengths_of(log: list[Row], steps: Any, hours: float, **given: Any) -> list[tuple[float, bool]]:
    """Return the times in hours, and whether each converted."""
    times = ConversionTimes.of(log, steps, as_of=START + hours * HOUR, **given)
    return [(length / HOUR, converted) for length, converted in zip(times.lengths, times.converted, strict=True)]


class TestConversionTimes:
    @given(rows(), GROUPS, WINDOWS, TIMES, st.booleans(), st.data())
    def test_agree_with_every_choice_of_visits(
        self,
        log: list[Row],
        groups: Groups,
        windows: Windows,
        within: timedelta | None,
        directly: bool,
        data: st.DataObject,
    ) -> None:
        """Converted or not, each time is that of the definition."""
        windows = fitting(groups, windows)
        names = [*groups]
        start = data.draw(st.integers(0, max(len(names) - 2, 0)))
        end = data.draw(st.integers(min(start + 1, len(names) - 1), len(names) - 1))
        as_of = max((at for _, _, at in log), default=START) + data.draw(st.integers(0, 4)) * HOUR

        def add(first: int) -> timedelta:
            given_windows = [windows.get(name, NEVER) for name in names[first + 1 : end + 1]]
            return sum(given_windows, timedelta(0)) if given_windows and NEVER not in given_windows else NEVER

        limits = min(within or NEVER, add(0)), within or NEVER, add(start)
        paths = by_customer(log).values()
        expected = [
            measure(list_attempts(path, groups, windows, within, directly=directly), path, (start, end), limits, as_of)
            for path in paths
        ]
        order = StepOrder.DIRECT if directly else StepOrder.SEQUENTIAL
        between = None if len(names) == 1 else (names[start], names[end])
        policies: dict[str, Any] = {"within": within, "step_within": windows, "order": order}
        times = ConversionTimes.of(log, groups, as_of=as_of, between=between, **policies)
        funnel = Funnel.of(log, groups, **policies)

        assert [pair for pair in expected if pair] == [*zip(times.lengths, times.converted, strict=True)]
        assert expected.count(None) == times.not_started
        assert funnel[names[end]].reached == times.conversions
        assert funnel[names[start]].reached == times.journeys == times.conversions + times.censored
        assert all(length <= limits[1] for length in times.lengths)

    @given(conversion_times())
    def test_explain(self, times: ConversionTimes) -> None:
        """Explanations replay."""
        replay(times.explain())

    def test_without_a_window(self) -> None:
        """Without a window the time counts from the first visit, until the reference date."""
        assert [(7, True)] == lengths_of(log_of(("a", 0), ("a", 5), ("b", 7)), ["a", "b"], 9)
        assert [(9, False)] == lengths_of(log_of(("a", 0), ("a", 5)), ["a", "b"], 9)

    def test_with_a_window(self) -> None:
        """With a window it ends with the window, and a new beginning that may still convert is watched anew."""
        again = log_of(("a", 0), ("a", 5))

        assert [(2, True)] == lengths_of([*again, *log_of(("b", 7))], ["a", "b"], 9, within=2 * HOUR)
        assert [(2, False)] == lengths_of(again, ["a", "b"], 9, within=2 * HOUR)
        assert [(2, False)] == lengths_of(again, ["a", "b"], 7, within=2 * HOUR)
        assert [(1, False)] == lengths_of(again, ["a", "b"], 6, within=2 * HOUR)
        assert [(6, False)] == lengths_of(again, ["a", "b"], 6, within=7 * HOUR)

    def test_of_beginnings_that_may_be_in_time_the_first_that_came_to_the_step(self) -> None:
        """A new beginning that has not come to the first of the two steps does not count yet."""
        log = log_of(("a", 0), ("b", 1), ("a", 8))

        assert [(3, False)] == lengths_of(log, ["a", "b", "c"], 9, within=4 * HOUR, between=("b", "c"))
        direct = {"order": StepOrder.DIRECT, "step_within": 2 * HOUR}
        assert [(1, False)] == lengths_of([*log[::2]], ["a", "b"], 9, **direct)

    def test_of_a_step_in_the_middle(self) -> None:
        """From a step in the middle, what is left of the window of the funnel counts."""
        log = log_of(("a", 0), ("b", 3))
        steps = ["a", "b", "c"]

        assert [(1, False)] == lengths_of(log, steps, 9, within=4 * HOUR, between=("b", "c"))
        assert [(2, False)] == lengths_of(log, steps, 9, step_within={"c": 2 * HOUR}, between=("b", "c"))
        assert [(3, True)] == lengths_of(log, steps, 9, within=4 * HOUR, between=("a", "b"))
        assert [(0, False)] == lengths_of(log, steps, 9, within=3 * HOUR, between=("b", "c"))

    def test_a_journey_whose_step_is_too_late_is_watched_on(self) -> None:
        """A journey that cannot convert any more is not censored before the others that began with it."""
        windows = {"b": HOUR, "c": 5 * HOUR}

        assert [(4, False)] == lengths_of(log_of(("a", 0)), ["a", "b", "c"], 4, step_within=windows)
        assert [(6, False)] == lengths_of(log_of(("a", 0)), ["a", "b", "c"], 9, step_within=windows)

    def test_edges(self) -> None:
        """Ties of instants, one step, no step reached, excluded journeys."""
        assert [(0, True)] == lengths_of(log_of(("a", 0), ("b", 0)), ["a", "b"], 0)
        assert [(0, False)] == lengths_of(log_of(("b", 0), ("a", 0)), ["a", "b"], 0)
        assert [(0, True)] == lengths_of(log_of(("a", 0)), ["a"], 3)
        assert [] == lengths_of(log_of(("b", 0)), ["a", "b"], 3)
        left_out = ConversionTimes.of(log_of(("a", 0), ("x", 1)), ["a", "b"], as_of=START + HOUR, exclude=["x"])
        assert (0, 0, 1) == (left_out.journeys, left_out.not_started, left_out.excluded)
        assert "excluded" in str(left_out.explain())

    def test_optional_steps_are_passed_by(self) -> None:
        """Optional steps do not change the time."""
        log = log_of(("a", 0), ("x", 1), ("b", 2))

        assert [(2, True)] == lengths_of(log, ["a", "x", "b"], 3, optional=["x"])
        with refused(InvalidValueError, "between_no_steps: between"):
            lengths_of(log, ["a", "x", "b"], 3, optional=["x"], between=("a", "x"))

    def test_median_with_bounds(self) -> None:
        """The columns are what survival analysis asks for: without censoring, the median of the times."""
        log = [(n, place, START + hour * HOUR) for n in range(1, 6) for place, hour in (("a", 0), ("b", n))]
        times = ConversionTimes.of(log, ["a", "b"], as_of=START + 9 * HOUR)
        survival = Survival.of_durations(times.lengths, times.converted, unit=TimeUnit.DAY)

        assert survival.median is not None
        assert round(survival.median * 24, 9) == 3

    @pytest.mark.parametrize("between", [("b", "a"), ("a", "a"), ("a", "z")])
    def test_between_two_steps_in_order(self, between: tuple[str, str]) -> None:
        """The two steps must be of the funnel, and in order."""
        with refused(InvalidValueError, "between_no_steps: between"):
            lengths_of([], ["a", "b"], 3, between=between)

    def test_refusals(self) -> None:
        """A free order, visits after the reference date, and columns that do not match."""
        with refused(InvalidValueError, "times_in_any_order: order"):
            lengths_of([], ["a", "b"], 3, order=StepOrder.ANY)
        with refused(InvalidValueError, "after_reference_date: journeys['anna']"):
            lengths_of(log_of(("a", 4)), ["a", "b"], 3)
        with refused(InconsistentCountsError, "conversion_columns_differ: converted"):
            ConversionTimes(start="a", end="b", as_of=START, converted=[True])

    def test_cautions(self) -> None:
        """A touchpoint that no visit has is reported, and nothing is if there are no visits."""
        times = ConversionTimes.of(log_of(("a", 0)), ["a", "b"], as_of=START + MOMENT, exclude=["x"])

        assert ["step_not_visited", "exclusion_not_visited"] == [finding.rule for finding in times.cautions]
        assert () == ConversionTimes.of([], ["a", "b"], as_of=START).cautions
