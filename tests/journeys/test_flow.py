from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given

from crmcore import (
    Balance,
    CrmcoreError,
    Flow,
    Id,
    InconsistentCountsError,
    InvalidValueError,
    Journeys,
    TallyBy,
    WrongTypeError,
)
from crmcore.interop.hypothesis import flows
from crmcore.journeys.paths import Edge, variants, visits
from tests.support.logs import Row, by_customer, paths_of, rows, rows_of
from tests.support.refusals import refused

WENT = rows_of(["ad", "shop", "till"], ["ad", "shop", "ad", "shop"], ["shop"], ["shop", "shop"])


def edges(*ends: Any, count: int = 1, journeys: int = 1) -> TallyBy[Any, Edge]:
    """Return one edge by its two ends, or by any other key."""
    return TallyBy({ends if len(ends) != 1 else ends[0]: Edge(count=count, journeys=journeys)})


class TestFlow:
    @given(rows())
    def test_agrees_with_an_independent_count(self, log: list[Row]) -> None:
        """Edges equal the pairs of each journey, from its beginning to its end, counted one by one."""
        counts, journeys = Counter[tuple[Id | None, Id | None]](), Counter[tuple[Id | None, Id | None]]()
        for path in paths_of(log):
            stops = [None, *path, None]
            pairs = [(stops[n], stops[n + 1]) for n in range(len(stops) - 1)]
            counts.update(pairs)
            journeys.update(set(pairs))
        flow = Flow.of(log)

        assert {pair: Edge(count=n, journeys=journeys[pair]) for pair, n in counts.items()} == flow.edges
        assert len(by_customer(log)) == flow.journeys
        assert sum(n for (start, end), n in counts.items() if start is not None and end is not None) == flow.moves

    @given(rows())
    def test_what_begins_ends(self, log: list[Row]) -> None:
        """Each journey begins once and ends once, and has one move fewer than visits."""
        flow, journeys = Flow.of(log), Journeys.of(log)
        starts, ends = (sum(one.count for one in by.values()) for by in (flow.starts, flow.ends))

        assert flow.journeys == len(journeys) == starts == ends
        assert journeys.visits - len(journeys) == flow.moves
        for place, one in visits(log).items():
            into = sum(edge.count for (_, end), edge in flow.edges.items() if end == place)
            assert one.visits == into == sum(edge.count for edge in flow.onward(place).values())
            assert one.self_loops == getattr(flow.edges.get((place, place)), "count", 0)
            assert one.starts == getattr(flow.starts.get(place), "count", 0)
            assert one.ends == getattr(flow.ends.get(place), "journeys", 0)

    @given(flows())
    def test_shares_of_what_goes_on_are_one(self, flow: Flow) -> None:
        """The shares from each touchpoint add up to 1, ends included."""
        for start in {start for start, _ in flow.edges}:
            shares = [Fraction(flow.share(start, end) or 0) for end in flow.onward(start)]
            assert abs(sum(shares, Fraction(-1))) < Fraction(1, 10**30)

    def test_by_hand(self) -> None:
        """Edges have the counts and journeys of a small log."""
        flow = Flow.of(WENT)

        assert {
            (None, "ad"): Edge(count=2, journeys=2),
            (None, "shop"): Edge(count=2, journeys=2),
            ("ad", "shop"): Edge(count=3, journeys=2),
            ("shop", "till"): Edge(count=1, journeys=1),
            ("shop", "ad"): Edge(count=1, journeys=1),
            ("shop", "shop"): Edge(count=1, journeys=1),
            ("till", None): Edge(count=1, journeys=1),
            ("shop", None): Edge(count=3, journeys=3),
        } == flow.edges
        assert {"journeys": 4, "moves": 6} == flow.row()
        assert {"ad": Edge(count=2, journeys=2), "shop": Edge(count=2, journeys=2)} == flow.starts
        assert {"till": Edge(count=1, journeys=1), "shop": Edge(count=3, journeys=3)} == flow.ends
        assert flow.starts == flow.onward(None)
        assert {"shop", "ad", "till", None} == set(flow.onward("shop"))
        assert "journeys  4  journeys\nmoves     6  moves" == str(flow.explain())

    def test_shares(self) -> None:
        """A share is of all that left a touchpoint; 0 if none took the edge, None without visits."""
        flow = Flow.of(WENT)

        assert Decimal("0.5") == flow.share("shop", None)
        assert Decimal(1) == flow.share("ad", "shop")
        assert Decimal("0.5") == flow.share(None, "ad")
        assert Decimal(0) == flow.share("ad", "till") == flow.share("ad", "nowhere")
        assert flow.share("nowhere", "ad") is None
        assert TallyBy() == flow.onward("nowhere")

    def test_one_visit(self) -> None:
        """A journey of one visit begins and ends there, without a move."""
        flow = Flow.of(rows_of(["shop"]))

        assert (1, 0, {(None, "shop"), ("shop", None)}) == (flow.journeys, flow.moves, set(flow.edges))

    def test_ids_of_two_kinds_stay_apart(self) -> None:
        """The number 1 and the text 1 are two touchpoints."""
        assert {(None, 1), (1, "1"), ("1", None)} == set(Flow.of(rows_of([1, "1"])).edges)

    def test_huge_counts(self) -> None:
        """Counts are exact at any size."""
        many = Flow(journeys=10**29, edges=edges(None, "shop", count=10**29, journeys=10**29))

        assert 5 * 10**29 == Flow.total([many] * 5).starts["shop"].count

    @pytest.mark.parametrize(
        ("values", "error", "broken"),
        [
            ({"journeys": -1}, InvalidValueError, "too_small: journeys"),
            ({"journeys": True}, WrongTypeError, "wrong_number_type: journeys"),
            ({"journeys": float("nan")}, WrongTypeError, "wrong_number_type: journeys"),
            ({"edges": {}}, WrongTypeError, "wrong_type: edges"),
            (
                {"edges": TallyBy[Any, Any]({("a", "b"): Balance()})},
                WrongTypeError,
                "wrong_type: edges[0]",
            ),
            ({"edges": edges("ab")}, WrongTypeError, "wrong_number_of_parts: edges[0]"),
            ({"edges": edges("a", "b", "c")}, WrongTypeError, "wrong_number_of_parts: edges[0]"),
            ({"edges": edges(None, None)}, InvalidValueError, "edge_without_a_touchpoint: edges[0]"),
            ({"edges": edges(True, "a")}, WrongTypeError, "not_an_id: edges[0]"),
            ({"edges": edges("a", "")}, InvalidValueError, "empty_id: edges[0]"),
            (
                {"edges": edges("a", "b")},
                InconsistentCountsError,
                "more_journeys_on_an_edge: journeys[('a', 'b')]",
            ),
        ],
    )
    def test_ready_counts_are_checked(self, values: dict[str, Any], error: type[CrmcoreError], broken: str) -> None:
        """Ready counts obey the same rules as counted ones."""
        with refused(error, broken):
            Flow(**values)

    def test_changes_by_evolving(self) -> None:
        """A flow changed and changed back equals the first one."""
        assert Flow.of(WENT) == attrs.evolve(attrs.evolve(Flow.of(WENT), journeys=9), journeys=4)


class TestEdge:
    @pytest.mark.parametrize(
        ("values", "error", "broken"),
        [
            ({"count": -1}, InvalidValueError, "too_small: count"),
            ({"count": 1.5}, WrongTypeError, "wrong_number_type: count"),
            ({"count": 1, "journeys": True}, WrongTypeError, "wrong_number_type: journeys"),
            (
                {"count": 1, "journeys": 2},
                InconsistentCountsError,
                "edge_contradicts_journeys: count",
            ),
            ({"count": 1}, InconsistentCountsError, "edge_contradicts_journeys: count"),
        ],
    )
    def test_ready_counts_are_checked(self, values: dict[str, Any], error: type[CrmcoreError], broken: str) -> None:
        """Each journey passes the edge at least once, and each pass belongs to a journey."""
        with refused(error, broken):
            Edge(**values)

    def test_row(self) -> None:
        """A row has both counts."""
        assert {"count": 3, "journeys": 2} == Edge(count=3, journeys=2).row()
        assert {"count": 0, "journeys": 0} == Edge().row()


class TestVariants:
    @given(rows())
    def test_agrees_with_an_independent_count(self, log: list[Row]) -> None:
        """Whole paths have their counts, the most common first, equals in the order first seen."""
        went = [tuple(path) for path in paths_of(log)]
        found = variants(log)

        assert {path: Edge(count=went.count(path), journeys=went.count(path)) for path in went} == found
        assert sorted(dict.fromkeys(went), key=lambda path: -went.count(path)) == list(found)

    def test_by_hand(self) -> None:
        """Two of four journeys have the same path."""
        found = variants(rows_of(["shop"], ["ad", "shop"], ["shop", "ad"], ["ad", "shop"]))

        assert [(("ad", "shop"), 2), (("shop",), 1), (("shop", "ad"), 1)] == [
            (path, one.journeys) for path, one in found.items()
        ]
        assert Edge(count=4, journeys=4) == found.total
        assert TallyBy() == variants([])
