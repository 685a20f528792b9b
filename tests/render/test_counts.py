"""The pictures of counts: funnels, flows, lifecycles and attributions."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, strategies as st

from crmcore import (
    Flow,
    Funnel,
    LifecycleStage,
    Outcome,
    Relationship,
    StageOrder,
    TallyBy,
    Touchpoint,
    Transitions,
    attribution,
    instant,
    render,
)
from crmcore.interop.hypothesis import attributions, flows, funnels, relationships, transitions
from crmcore.journeys.attribution import Attribution
from crmcore.journeys.paths import Edge, FunnelStep
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from tests.support.pictures import NAME, parsed, paths, said, texts
from tests.support.refusals import refused

if TYPE_CHECKING:
    from crmcore import Id

labels = texts.filter(lambda text: text.strip())


def build_flow(counts: dict[tuple[Id | None, Id | None], int]) -> Flow:
    """Build a flow in which each edge has as many journeys as its count."""
    edges = {pair: Edge(count=count, journeys=count) for pair, count in counts.items()}
    return Flow(journeys=max(counts.values(), default=0), edges=TallyBy(edges))


def boxes(root: Any, kind: str) -> list[tuple[float, float, float, float]]:
    """List the boxes of a class, by their left, upper, right and lower edges."""
    found = [box for box in root.iter(f"{NAME}rect") if box.get("class") == kind]
    sides = [[float(box.attrib[side]) for side in ("x", "y", "width", "height")] for box in found]
    return [(x, y, x + wide, y + high) for x, y, wide, high in sides]


class TestFunnel:
    @given(funnels(), texts, labels)
    def test_is_a_picture(self, funnel: Funnel, title: str, name: str) -> None:
        """The picture of any funnel under any labels is well formed and has each step."""
        step = funnel.steps[0]
        named = [Touchpoint(id=step.touchpoint_ids[0], name=name)]
        root = parsed(render.funnel(funnel, title=title, names=named))

        assert len(funnel.steps) + 2 == len(said(root, "title"))

    def test_rows(self) -> None:
        """A row has the journeys that reached the step, those lost, and their share; the largest loss is bold."""
        visited = {"anna": ["ad", "desk", "till"], "ben": ["ad", "till"], "zoe": ["ad"], "eva": []}
        rows = [
            (customer, touchpoint, instant(f"2026-03-0{day}"))
            for customer, path in visited.items()
            for day, touchpoint in enumerate(path or ["door"], 1)
        ]
        funnel = Funnel.of(rows, ["ad", "desk", "till"], optional=["desk"])
        root = parsed(render.funnel(funnel, names=[Touchpoint(id="ad", name="The ad")]))
        bold = [text.text for text in root.iter(f"{NAME}text") if text.get("class") == "bad"]

        assert [
            "all journeys: 4.",
            "The ad: 3 reached, 1 lost, 75.0% of the step before.",
            "desk (optional): 1 reached, 33.3% of the step before.",
            "till: 2 reached, 1 lost, 66.7% of the step before.",
        ] == said(root, "title")[1:]
        assert ["1"] == bold
        assert said(root, "desc") == [" ".join(said(root, "title")[1:])]

    def test_what_is_unknown_is_said(self) -> None:
        """A share of no journeys is unknown, open journeys are counted below, and cautions are shown."""
        rows = [("anna", "ad", instant("2026-03-01")), ("ben", "ad", instant("2026-03-01"))]
        for number in (1, 2):
            late = instant("2026-03-02")
            funnel = Funnel.of(rows[:number], ["ad", "tlil"], within=timedelta(days=7), as_of=late)
            root = parsed(render.funnel(funnel))

            assert "ad: 0 reached, 0 lost, unknown of the step before." == said(root, "title")[2]
            assert any(text.endswith(("is not counted", "are not counted")) for text in said(root, "text"))
            assert f"{number} open journey{'s are' if number > 1 else ' is'} not counted." in said(root, "desc")[0]
            assert all(caution.message in said(root, "desc")[0] for caution in funnel.cautions)
            assert funnel.cautions

    def test_a_step_with_a_name(self) -> None:
        """A step that has a name of its own keeps it."""
        step = FunnelStep(name="buy", touchpoint_ids=["till"])
        root = parsed(render.funnel(Funnel(steps=[step]), names=[Touchpoint(id="buy", name="no")]))

        assert "buy: 0 reached" in said(root, "title")[2]

    def test_of_a_funnel_only(self) -> None:
        """A value that is no funnel is refused."""
        with refused(WrongTypeError, "wrong_type: funnel"):
            render.funnel([])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestFlow:
    @given(flows(), texts, st.integers(0, 30))
    def test_is_a_picture(self, flow: Flow, title: str, most: int) -> None:
        """The picture of any flow has the most frequent edges, and counts the others."""
        root = parsed(render.flow(flow, title=title, most=most))
        drawn = [edge for edge in sorted(flow.edges.values(), key=lambda edge: -edge.count)[:most] if edge.count]

        assert len(drawn) == len(paths(root, "forward")) + len(paths(root, "backward"))
        assert len(drawn) == len(list(root.iter(f"{NAME}polygon")))

    @given(
        st.dictionaries(
            st.tuples(st.none() | st.integers(0, 6), st.none() | st.integers(0, 6)).filter(
                lambda pair: pair != (None, None)
            ),
            st.integers(1, 99),
            max_size=24,
        )
    )
    @example({(0, 0): 1})
    @example({(0, 1): 9, (1, 0): 8, (1, 2): 7, (2, 0): 6, (2, 1): 5})
    def test_boxes_do_not_overlap(self, counts: dict[tuple[Id | None, Id | None], int]) -> None:
        """No box lies on another one, forward edges lead to the right, and all edges are inside of the picture."""
        root = parsed(render.flow(build_flow(counts)))
        placed = boxes(root, "place") + boxes(root, "ends")

        assert len({node for start, end in counts for node in ((start, start is None), (end, False))}) == len(placed)
        for number, one in enumerate(placed):
            for other in placed[:number]:
                assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        for path in paths(root, "forward"):
            start, *_, end = re.findall(r"([\d.]+) [\d.]+", path)
            assert float(start) < float(end)
        width = float(root.attrib["width"])
        for path in paths(root, "backward"):
            across = re.findall(r"(?:H|[MQC ](?=[-\d.]+ ))(-?[\d.]+)", path)
            assert 5 < min(map(float, across)) < max(map(float, across)) < width - 5

    def test_edges(self) -> None:
        """An edge has its count, its journeys if they are fewer, and names; the heavier of a circle leads forward."""
        edges: dict[tuple[Id | None, Id | None], Edge] = {
            (None, 1): Edge(count=9, journeys=9),
            (1, "1"): Edge(count=1234, journeys=7),
            ("1", 1): Edge(count=3, journeys=3),
            ("1", "1"): Edge(count=2, journeys=1),
            ("1", None): Edge(count=9, journeys=9),
        }
        flow = Flow(journeys=9, edges=TallyBy(edges))
        root = parsed(render.flow(flow, names=[Touchpoint(id=1, name="Till")]))

        assert {
            "start to Till: 9.",
            "Till to 1: 1,234 (7).",
            "1 to Till: 3.",
            "1 to 1: 2 (1).",
            "1 to end: 9.",
        } <= {*said(root, "title")}
        assert (3, 2) == (len(paths(root, "forward")), len(paths(root, "backward")))

    def test_a_long_edge_passes_between_boxes(self) -> None:
        """An edge over several layers has a place of its own in each of them."""
        root = parsed(render.flow(build_flow({(1, 2): 9, (2, 3): 9, (3, 4): 9, (1, 4): 5})))
        (long,) = [path for path in paths(root, "forward") if path.count("C") > 1]

        assert (3, 2) == (long.count("C"), long.count("H"))
        for y in map(float, re.findall(r"([\d.]+)H", long)):
            assert not any(top <= y <= low for _, top, _, low in boxes(root, "place")[1:3])

    def test_what_is_left_out_is_counted(self) -> None:
        """Edges beyond the limit are counted, one or several, and a flow without edges says so."""
        flow = build_flow({(1, 2): 9, (2, 3): 5, (3, 4): 4})

        assert "1 rarer edge with a count of 4 is left out." in said(parsed(render.flow(flow, most=2)), "desc")[0]
        assert (
            "2 rarer edges with a total count of 9 are left out." in said(parsed(render.flow(flow, most=1)), "desc")[0]
        )
        assert ["no edges."] == said(parsed(render.flow(Flow())), "desc")

    @pytest.mark.parametrize(
        ("given", "error", "broken"),
        [
            ({"flow": {}}, WrongTypeError, "wrong_type: flow"),
            ({"most": -1}, InvalidValueError, "too_small: most"),
            ({"names": [Touchpoint(id=1)] * 2}, InvalidValueError, "not_unique: names[1]"),
        ],
    )
    def test_refuses_nonsense(self, given: dict[str, Any], error: type[Exception], broken: str) -> None:
        """Bad arguments are refused, and the message names them."""
        with refused(error, broken):
            render.flow(given.pop("flow", Flow()), **given)


class TestLifecycle:
    @given(transitions() | st.sampled_from(StageOrder) | relationships(), texts)
    def test_is_a_picture(self, moves: Transitions | StageOrder | Relationship, title: str) -> None:
        """The picture has a box for each stage and an arrow for each move that the order allows."""
        root = parsed(render.lifecycle(moves, title=title))
        order = moves if isinstance(moves, StageOrder) else moves.order

        assert 5 == len(boxes(root, "stage")) + len(boxes(root, "current"))
        assert sum(len(order.after(stage)) for stage in order.stages) == len(list(root.iter(f"{NAME}polygon")))

    def test_moves(self) -> None:
        """A move has its count and its share, which is unknown if no move began at its stage."""
        root = parsed(render.lifecycle(Transitions(exploration_to_awareness=3, exploration_to_dissolution=1)))
        told = said(root, "title")

        assert "exploration to awareness: 3 (75.0%)." in told
        assert "commitment to expansion: 0 (unknown)." in told
        assert "dissolution to exploration: 0 (unknown)." in told

    def test_of_an_order(self) -> None:
        """The picture of an order has no counts."""
        root = parsed(render.lifecycle(StageOrder.AWARENESS_FIRST))

        assert "awareness to exploration." in said(root, "title")
        assert not any(re.search(r"\d", text) for text in said(root, "text"))

    def test_of_a_relationship(self) -> None:
        """The picture of a relationship has the dates of its stages, its moves, and a frame at the current stage."""
        anna = Relationship(
            customer_id=7,
            history=[
                (LifecycleStage.EXPLORATION, instant("2024-01-01")),
                (LifecycleStage.AWARENESS, instant("2024-02-01")),
            ],
        )
        root = parsed(render.lifecycle(anna))

        assert 1 == len(boxes(root, "current"))
        assert {"since 2024-01-01", "since 2024-02-01"} <= {*said(root, "text")}
        assert said(root, "desc")[0].endswith("awareness since 2024-02-01. current stage: awareness.")
        assert "exploration to awareness: 1." in said(root, "title")
        assert [] == boxes(parsed(render.lifecycle(Relationship(customer_id=7))), "current")

    def test_of_nothing_else(self) -> None:
        """The name of an order is refused."""
        with refused(WrongTypeError, "wrong_type: moves"):
            render.lifecycle("exploration_first")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestAttributions:
    @given(st.dictionaries(texts, attributions(), max_size=7), texts, st.integers(1, 5))
    def test_is_a_picture(self, found: dict[str, Attribution], title: str, most: int) -> None:
        """The picture of any attributions has a row for each touchpoint and a bar for each method in it."""
        root = parsed(render.attributions(found, title=title, most=most))
        rows = {touchpoint_id for one in found.values() for touchpoint_id, _ in one.credits}

        assert 1 + min(most, len(rows)) == len(said(root, "title"))
        assert len(found) * min(most, len(rows)) == len(boxes(root, "credit"))

    def test_rows(self) -> None:
        """The highest share comes first, bars have one scale, and methods are named."""
        outcomes = {("ad", "shop"): Outcome(conversions=3), ("shop",): Outcome(conversions=1)}
        methods = [attribution.first(outcomes), attribution.last(outcomes)]
        root = parsed(render.attributions(methods, names=[Touchpoint(id="ad", name="The ad")]))
        wide = [right - left for left, _, right, _ in boxes(root, "credit")]

        assert ["shop: first 25.0%, last 100.0%.", "The ad: first 75.0%, last 0.0%."] == said(root, "title")[1:]
        assert [round(wide[1] * share) for share in (0.25, 1, 0.75, 0)] == [round(one) for one in wide]

    def test_what_is_unknown_is_said(self) -> None:
        """A share of no conversions is unknown, and rows left out are counted."""
        nothing = Attribution(method="x", credits=[("a", Decimal(0)), ("b", Decimal(0)), ("c", Decimal(0))])

        assert "a: x unknown." == said(parsed(render.attributions([nothing])), "title")[1]
        assert "2 more touchpoints are left out." in said(parsed(render.attributions([nothing], most=1)), "desc")[0]
        assert "1 more touchpoint is left out." in said(parsed(render.attributions([nothing], most=2)), "desc")[0]
        assert ["no touchpoints."] == said(parsed(render.attributions([])), "desc")

    def test_refuses_nonsense(self) -> None:
        """What is no attribution is refused, in a mapping and in a list."""
        with refused(WrongTypeError, "wrong_type: found[0]"):
            render.attributions([5])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "wrong_type: found[0]"):
            render.attributions({"a": 5})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
        with refused(InvalidValueError, "too_small: most"):
            render.attributions([], most=0)
