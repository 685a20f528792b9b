from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    CrmcoreError,
    DwellTime,
    Flow,
    Id,
    InconsistentCountsError,
    InvalidValueError,
    Journeys,
    PolicyMismatchError,
    TallyBy,
    Visits,
    WrongTypeError,
    instant,
)
from crmcore.interop.hypothesis import visit_counts
from crmcore.journeys.paths import dwell_times, visits
from tests.support.logs import TOUCHPOINTS, Row, by_customer, paths_of, rows, rows_of
from tests.support.refusals import refused
from tests.support.replay import replay


def counted(log: list[Row], goal: Id | None) -> dict[Id, dict[str, Any]]:
    """Count what happened at each touchpoint, visit by visit."""
    found: dict[Id, dict[str, Any]] = {}
    names = ("visits", "journeys", "self_loops", "repeated", "starts", "ends", "left")
    for path in paths_of(log):
        for place in dict.fromkeys(path):
            one = found.setdefault(place, dict.fromkeys(names, 0))
            one["visits"] += path.count(place)
            one["journeys"] += 1
            one["repeated"] += path.count(place) > 1
            one["self_loops"] += sum(path[n] == path[n + 1] == place for n in range(len(path) - 1))
            one["starts"] += path[0] == place
            one["ends"] += path[-1] == place
            one["left"] += path[-1] == place and goal is not None and goal not in path
    return found


class TestVisits:
    @given(rows(), st.none() | st.sampled_from([*TOUCHPOINTS, "nowhere"]))
    def test_agrees_with_an_independent_count(self, log: list[Row], goal: Id | None) -> None:
        """Counting visit by visit gives the same, without a goal, with one, and with one that no journey visits."""
        assert {place: Visits(goal=goal, **one) for place, one in counted(log, goal).items()} == visits(log, goal=goal)

    @given(rows())
    def test_first_visits_loops_and_returns_are_all(self, log: list[Row]) -> None:
        """Each visit is the first of its journey, a self-loop, or a return."""
        for one in visits(log).values():
            assert one.visits == one.journeys + one.self_loops + one.returns
            assert 0 <= one.returns

    @given(rows(), st.sampled_from([*TOUCHPOINTS, "nowhere"]))
    def test_everybody_arrives_or_leaves_somewhere(self, log: list[Row], goal: Id) -> None:
        """Journeys that reached the goal and journeys that left add up to all journeys."""
        found = visits(log, goal=goal)
        came = found[goal].journeys if goal in found else 0

        assert Flow.of(log).journeys == came + sum(one.left for one in found.values())
        assert came == 0 or found[goal].left == 0

    def test_more_journeys_than_are_taken_at_once(self) -> None:
        """All of five thousand journeys are counted."""
        log = rows_of(*([["shelf", "till", "shelf"]] * 4097 + [["till"]] * 1000))
        found = visits(log)

        assert (4097, 8194, 4097) == (found["shelf"].journeys, found["shelf"].visits, found["shelf"].repeated)
        assert (5097, 5097, 0) == (found["till"].journeys, found["till"].visits, found["till"].repeated)

    def test_by_hand(self) -> None:
        """Self-loops and returns are apart; a journey that visited the goal has not left, wherever it ended."""
        log = rows_of(["shelf", "shelf", "till"], ["shelf", "desk", "shelf"], ["till", "shelf"], ["desk"])
        found = visits(log, goal="till")

        assert (
            Visits(visits=5, journeys=3, self_loops=1, repeated=2, starts=2, ends=2, left=1, goal="till")
            == found["shelf"]
        )
        assert Visits(visits=2, journeys=2, starts=1, ends=1, left=1, goal="till") == found["desk"]
        assert Visits(visits=2, journeys=2, starts=1, ends=1, goal="till") == found["till"]
        assert (1, Decimal("0.3333333333333333333333333333333333")) == (found["shelf"].returns, found["shelf"].drop_off)
        assert Decimal("0.6666666666666666666666666666666667") == found["shelf"].rework

    def test_goal_nobody_visits(self) -> None:
        """If no journey visits the goal, each journey has left where it ended."""
        found = visits(rows_of(["shelf"], ["shelf", "desk"]), goal="till")

        assert {"shelf": 1, "desk": 1} == {place: one.left for place, one in found.items()}
        assert "till" not in found

    def test_goal_that_the_log_knows_but_the_shard_does_not_visit(self) -> None:
        """For a part of a log only its own visits count."""
        log = Journeys.of(rows_of(["shelf"], ["till"])).apart(lambda customer_id: customer_id)

        assert ["shelf"] == list(visits(log[0], goal="till"))
        assert 1 == visits(log[0], goal="till")["shelf"].left

    def test_without_a_goal_nobody_knows_who_left(self) -> None:
        """Without a goal the drop-off is None and not explained."""
        one = visits(rows_of(["shelf"]))["shelf"]

        assert (0, None, None) == (one.left, one.drop_off, one.interval())
        assert "drop_off" not in str(one.explain())

    def test_row_and_explanation(self) -> None:
        """A row has every count, the goal and the ratios."""
        cart = Visits(visits=260, journeys=200, self_loops=20, repeated=35, starts=10, ends=60, left=50, goal="buy")

        assert {
            "visits": 260,
            "journeys": 200,
            "self_loops": 20,
            "repeated": 35,
            "starts": 10,
            "ends": 60,
            "left": 50,
            "goal": "buy",
            "within": None,
            "as_of": None,
            "open": 0,
            "returns": 40,
            "rework": Decimal("0.175"),
            "drop_off": Decimal("0.25"),
        } == cart.row()
        assert "drop_off     0.25            = left / journeys" in str(cart.explain())

    @given(visit_counts())
    def test_ratios(self, one: Visits) -> None:
        """Every explanation replays, and the interval contains the drop-off."""
        replay(one.explain())
        interval = one.interval()

        assert (one.drop_off is None) == (interval is None) == (one.goal is None or not one.journeys)
        assert interval is None or one.drop_off is None or one.drop_off in interval

    def test_goals_do_not_mix(self) -> None:
        """Records of two goals do not add."""
        log = rows_of(["shelf"])
        with pytest.raises(PolicyMismatchError, match="two Visits records of different goal, till and None"):
            visits(log, goal="till") + visits(log)

    def test_left_out_is_nought(self) -> None:
        """Every count defaults to 0, and then there is no ratio."""
        names = ("visits", "journeys", "self_loops", "repeated", "starts", "ends", "left", "returns", "open")

        nothing = dict.fromkeys(("goal", "within", "as_of", "rework", "drop_off"))

        assert {**dict.fromkeys(names, 0), **nothing} == Visits().row()

    def test_of_nothing(self) -> None:
        """An empty log has no touchpoint."""
        assert TallyBy() == visits([]) == visits([], goal="till")

    @pytest.mark.parametrize(
        ("values", "error", "broken"),
        [
            ({"visits": -1}, InvalidValueError, "too_small: visits"),
            ({"visits": True}, WrongTypeError, "wrong_number_type: visits"),
            ({"visits": float("nan")}, WrongTypeError, "wrong_number_type: visits"),
            ({"visits": 10**31, "journeys": 1}, InvalidValueError, "int_too_large: visits"),
            ({"goal": ""}, InvalidValueError, "empty_id: goal"),
            ({"goal": 1.5}, WrongTypeError, "not_an_id: goal"),
            ({"journeys": 1, "repeated": 2}, InconsistentCountsError, "more_journeys_than_at_the_touchpoint: repeated"),
            ({"journeys": 1, "starts": 2}, InconsistentCountsError, "more_journeys_than_at_the_touchpoint: starts"),
            ({"journeys": 1, "ends": 2}, InconsistentCountsError, "more_journeys_than_at_the_touchpoint: ends"),
            ({"goal": "g", "left": 1}, InconsistentCountsError, "more_journeys_than_at_the_touchpoint: left"),
            (
                {"visits": 1, "journeys": 2},
                InconsistentCountsError,
                ("visits_contradict_journeys: visits"),
            ),
            (
                {"visits": 2, "journeys": 2, "repeated": 1},
                InconsistentCountsError,
                "visits_contradict_journeys: visits",
            ),
            (
                {"visits": 3, "journeys": 2, "self_loops": 2, "repeated": 1},
                InconsistentCountsError,
                "visits_contradict_journeys: visits",
            ),
            (
                {"visits": 3, "journeys": 2},
                InconsistentCountsError,
                "visits_contradict_journeys: visits",
            ),
            ({"visits": 3}, InconsistentCountsError, "visits_contradict_journeys: visits"),
            (
                {"visits": 1, "journeys": 1, "ends": 1, "left": 1},
                InconsistentCountsError,
                "left_without_a_goal: goal",
            ),
        ],
    )
    def test_ready_counts_are_checked(self, values: dict[str, Any], error: type[CrmcoreError], broken: str) -> None:
        """Ready counts obey the same rules as counted ones."""
        with refused(error, broken):
            Visits(**values)

    @pytest.mark.parametrize(
        ("goal", "error"), [("", InvalidValueError), (True, WrongTypeError), (["till"], WrongTypeError)]
    )
    def test_refuses_a_goal_that_is_none(self, goal: Any, error: type[CrmcoreError]) -> None:
        """A goal must be the id of one touchpoint."""
        with pytest.raises(error, match="goal must"):
            visits(rows_of(["shelf"]), goal=goal)


class TestDwellTimes:
    @given(rows())
    def test_agrees_with_an_independent_count(self, log: list[Row]) -> None:
        """Adding fractions of a second from each visit to the next gives the same."""
        stays, seconds = defaultdict[Id, int](int), defaultdict[Id, Fraction](Fraction)
        for path in by_customer(log).values():
            for n, (place, at) in enumerate(path):
                stays[place] += n + 1 < len(path)
                if n + 1 < len(path):
                    seconds[place] += Fraction((path[n + 1][1] - at).total_seconds())
        found = dwell_times(log)

        assert dict(stays) == {place: one.stays for place, one in found.items()}
        assert {place: seconds[place] for place in stays} == {
            place: Fraction(one.seconds) for place, one in found.items()
        }

    def test_to_the_microsecond(self) -> None:
        """Time is exact, also across a change to summer time."""
        found = dwell_times(
            [
                ("anna", "shelf", instant("2026-03-29T00:00:00.000001+02:00")),
                ("anna", "till", instant("2026-03-30T00:00:00+03:00")),
            ]
        )

        assert DwellTime(stays=1, seconds="82799.999999") == found["shelf"]
        assert DwellTime() == found["till"]

    def test_last_visits_have_no_next(self) -> None:
        """A touchpoint at which all journeys end has no stay and no mean."""
        found = dwell_times(rows_of(["shelf", "shelf", "till"], ["till"]))

        assert (2, Decimal(7200), Decimal(3600)) == (
            found["shelf"].stays,
            found["shelf"].seconds,
            found["shelf"].seconds_each,
        )
        assert (0, Decimal(0), None) == (found["till"].stays, found["till"].seconds, found["till"].seconds_each)

    def test_visits_at_once_take_no_time(self) -> None:
        """Two visits at one instant are a stay of 0 seconds."""
        noon = instant("2026-03-02T12:00")
        found = dwell_times([("anna", "shelf", noon), ("anna", "till", noon)])

        assert (1, Decimal(0)) == (found["shelf"].stays, found["shelf"].seconds_each)

    def test_row_and_explanation(self) -> None:
        """A row has both sums and the mean."""
        time = DwellTime(stays=4, seconds=120)

        assert {"stays": 4, "seconds": Decimal(120), "seconds_each": Decimal(30)} == time.row()
        replay(time.explain())
        replay(DwellTime().explain())
        assert "seconds_each   30  seconds  = seconds / stays" == str(time.explain()).splitlines()[-1]

    @pytest.mark.parametrize(
        ("values", "error", "broken"),
        [
            ({"stays": -1}, InvalidValueError, "too_small: stays"),
            ({"stays": True}, WrongTypeError, "wrong_number_type: stays"),
            ({"stays": 1, "seconds": -1}, InvalidValueError, "too_small: seconds"),
            ({"stays": 1, "seconds": 0.5}, WrongTypeError, "float_is_inexact: seconds"),
            ({"stays": 1, "seconds": "NaN"}, InvalidValueError, "not_finite: seconds"),
            ({"stays": 1, "seconds": True}, WrongTypeError, "wrong_number_type: seconds"),
            ({"seconds": 1}, InconsistentCountsError, "time_without_a_stay: stays"),
        ],
    )
    def test_ready_counts_are_checked(self, values: dict[str, Any], error: type[CrmcoreError], broken: str) -> None:
        """Ready counts obey the same rules as counted ones."""
        with refused(error, broken):
            DwellTime(**values)
