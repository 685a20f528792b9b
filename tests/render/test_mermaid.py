from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Flow,
    JourneyMap,
    JourneyStep,
    LifecycleStage,
    StageOrder,
    TallyBy,
    Touchpoint,
    Transitions,
    instant,
    render,
)
from crmcore.interop.hypothesis import journey_maps, mermaids, transitions
from crmcore.journeys.paths import Edge
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.render import Mermaid
from crmcore.render._mermaid import _count_kept
from tests.support.pictures import HOSTILE, texts
from tests.support.refusals import refused

if TYPE_CHECKING:
    from crmcore import Id

labels = texts.filter(lambda text: text.strip())
ends = st.none() | labels | st.integers(0, 9)
pairs = st.tuples(ends, ends).filter(lambda pair: pair != (None, None))


def shown(label: str) -> str:
    """Replace the characters that are written by number."""
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), label)


def flow(counts: dict[tuple[Id | None, Id | None], int]) -> Flow:
    """Build a flow in which each edge has as many journeys as its count."""
    edges = {pair: Edge(count=count, journeys=count) for pair, count in counts.items()}
    return Flow(journeys=max(counts.values(), default=0), edges=TallyBy(edges))


class TestMermaid:
    @given(mermaids())
    def test_is_its_text(self, diagram: Mermaid) -> None:
        """`str`, the notebook and the field give the same text, and the repr is short."""
        assert diagram.text == str(diagram)
        assert {"text/plain": diagram.text, "text/vnd.mermaid": diagram.text} == diagram._repr_mimebundle_(
            include=None, exclude=None
        )
        assert f"Mermaid(text=<{len(diagram.text)} characters>)" == repr(diagram)

    def test_of_a_text_only(self) -> None:
        """Bytes are refused."""
        with refused(WrongTypeError, "not_a_text: text"):
            Mermaid(b"journey")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestLabels:
    @given(labels)
    def test_can_do_nothing(self, label: str) -> None:
        """A label keeps letters, digits and a few harmless characters; all others are written by number."""
        lines = str(render.mermaid_flow(flow({(label, None): 1}))).splitlines()
        (told,) = re.findall(r'^    n0\["(.*)"\]$', lines[1])

        assert 4 == len(lines)
        assert all(sign.isalnum() or sign in " .()/+-" for sign in re.sub(r"#\d+;", "", told))
        assert not re.search(r"direction|^(style|class|end|title|section|journey|state|note)", told, re.IGNORECASE)

    @pytest.mark.parametrize(
        ("label", "told"),
        [
            ("queue; pay", "queue#59; pay"),
            ("", "#45;"),
            (" \n\t ", "#45;"),
            (" two\nlines ", "two lines"),
            ("a.b (c)/d+e-f", "a.b (c)/d+e-f"),
            ("žluťoučký кот 漢字 १२", "žluťoučký кот 漢字 १२"),
            ("direction LR", "#100;irection LR"),
            ("one Direction", "one #68;irection"),
            ("1. Landing page", "1#46; Landing page"),
            ("12) x (1)", "12#41; x (1)"),
            ("- call", "#45; call"),
            ("+ - x - y", "#43; #45; x - y"),
            ("www.a.b, or WWW.a.b", "www#46;a.b#44; or WWW#46;a.b"),
            ("title of it", "#116;itle of it"),
            ("Section", "#83;ection"),
            ("subtitle", "subtitle"),
            ("end", "#101;nd"),
            ("\ufb02oor", "floor"),
            ("\xb6\xdf", "#182; ß"),
            ("\x00\x85\ud800", "#65533; #65533;"),
            ("😀", "#128512;"),
            ("x" * 200, "x" * 200),
            ("x" * 201, "x" * 199 + "#8230;"),
        ],
    )
    def test_are_written(self, label: str, told: str) -> None:
        """Labels are written so that Mermaid shows them as they are."""
        picture = render.mermaid_journey(JourneyMap(name="a", steps=[JourneyStep(name="b", phase="c")]), title=label)

        assert f"    title {told}" == str(picture).splitlines()[1]


class TestLimit:
    @given(
        st.lists(st.sampled_from([9, 9_999, 19_999, 24_999]), max_size=6),
        st.sampled_from([0, 9, 10]),
        st.sampled_from([9, 10, 10_000]),
    )
    def test_keeps_what_fits(self, sizes: list[int], head: int, ending: int) -> None:
        """All lines are kept if they fit into 50,000 characters, else as many as fit with the longest last line."""
        lengths = [head + 1, *(size + 1 for size in sizes)]
        fitting = [kept for kept in range(len(sizes)) if sum(lengths[: kept + 1]) + ending + 1 <= 50_000]
        kept = _count_kept(["x" * head], ["x" * size for size in sizes], ["", "x" * ending])

        assert kept == (len(sizes) if sum(lengths) <= 50_000 else max(fitting))

    @pytest.mark.parametrize(("last", "kept"), [(9_989, 3), (9_990, 2)])
    def test_is_reached(self, last: int, kept: int) -> None:
        """A text of 50,000 characters is kept as a whole, and one of a character more is not."""
        assert kept == _count_kept(["x" * 9], ["x" * 19_999, "x" * 19_999, "x" * last], ["x" * 9])


class TestJourney:
    @given(journey_maps(), st.none() | texts)
    def test_is_a_journey(self, journey_map: JourneyMap, title: str | None) -> None:
        """The diagram has a section for each phase and a task with a score from 1 to 5 for each step."""
        lines = str(render.mermaid_journey(journey_map, title=title)).splitlines()
        tasks = [line for line in lines if line.startswith("        ")]
        scores = [int(re.findall(r": ([1-5])(?::|$)", task)[0]) for task in tasks]

        assert "journey" == lines[0]
        assert lines[1].startswith("    title ")
        assert len(journey_map.phases) == sum(line.startswith("    section ") for line in lines)
        assert [3 + (step.emotion or 0) for step in journey_map.steps] == scores

    def test_actors(self) -> None:
        """Each step names the actor, or the touchpoints if there is no actor, or nothing."""
        steps = [JourneyStep(name="a", phase="p", touchpoint_ids=["x", 7]), JourneyStep(name="b", phase="p")]

        assert ["        a: 3: x, 7", "        b: 3"] == str(
            render.mermaid_journey(JourneyMap(name="m", steps=steps))
        ).splitlines()[3:]
        assert ["        a: 3: Vera#44; 41", "        b: 3: Vera#44; 41"] == str(
            render.mermaid_journey(JourneyMap(name="m", actor="Vera, 41", steps=steps))
        ).splitlines()[3:]

    def test_a_long_one_is_cut(self) -> None:
        """Steps beyond 50,000 characters are counted in a last step."""
        steps = [JourneyStep(name=f"#{number:03}" * 60, phase="p") for number in range(500)]
        text = str(render.mermaid_journey(JourneyMap(name="m", steps=steps)))
        drawn = text.count("\n") - 4

        assert 45_000 < len(text) <= 50_000
        assert text.endswith(f"\n        and {500 - drawn} more steps: 3\n")

    def test_of_a_map_only(self) -> None:
        """A value that is no map is refused, and so is a title that is no text."""
        with refused(WrongTypeError, "wrong_type: journey_map"):
            render.mermaid_journey("m")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "not_a_text: title"):
            render.mermaid_journey(JourneyMap(name="m", steps=[JourneyStep(name="a", phase="p")]), title=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestFlow:
    @given(st.dictionaries(pairs, st.integers(0, 99), max_size=12), st.none() | st.integers(0, 8))
    def test_is_a_flow(self, counts: dict[tuple[Id | None, Id | None], int], most: int | None) -> None:
        """The most frequent edges are arrows, and the others are counted."""
        text = str(render.mermaid_flow(flow(counts), most=most))
        arrows = [int(count) for count in re.findall(r'-->\|"(\d+)"\|', text)]
        rest = re.findall(r"(\d+) rarer edges? with a (?:total )?count of (\d+) (?:is|are) left out", text)
        kept = sorted(counts.values(), reverse=True)[: len(arrows)]

        assert kept == arrows
        assert len(arrows) == min(len(counts), len(counts) if most is None else most)
        left = [(str(len(counts) - len(kept)), str(sum(counts.values()) - sum(kept)))]
        assert (left if len(kept) < len(counts) else []) == rest

    def test_names_and_counts(self) -> None:
        """Touchpoints have their names, and an edge that is repeated in a journey has both numbers."""
        places: list[Id] = [1, "1", 1, "1"]
        rows = [("a", one, instant(f"2026-03-0{day}")) for day, one in enumerate(places, 1)]
        told = str(render.mermaid_flow(Flow.of(rows), names=[Touchpoint(id=1, name=" Till "), Touchpoint(id="1")]))

        assert ['n0["Till"]', 'n1["1"]', 'n0 -->|"2 (1)"| n1', 'n2(["start"])'] == [
            line.strip() for line in told.splitlines()[1:5]
        ]
        assert told.splitlines()[-2:] == ['    n3(["end"])', '    n1 -->|"1"| n3']

    def test_of_nothing(self) -> None:
        """A flow without edges gives an empty flowchart."""
        assert "flowchart LR\n" == str(render.mermaid_flow(Flow()))

    def test_limits(self) -> None:
        """A flowchart has at most 500 arrows and 50,000 characters, and counts the edges left out."""
        many: dict[tuple[Id | None, Id | None], int] = {(one, other): 1 for one in range(30) for other in range(30)}
        text = str(render.mermaid_flow(flow(many)))
        wide = str(render.mermaid_flow(flow({("#" * 190 + str(one), "\U00020000" * 190): 1 for one in range(300)})))

        assert 500 == text.count("-->")
        assert "400 rarer edges with a total count of 400 are left out" in text
        assert 45_000 < len(wide.encode("utf-16-le")) // 2 <= 50_000
        assert f"{300 - wide.count('-->')} rarer edges" in wide

    @pytest.mark.parametrize(("more", "left"), [(0, 1), (1, 2)])
    def test_line_about_one_edge_has_room(self, more: int, left: int) -> None:
        """The line about the edges left out has room also if that about a single one is longer, as in a translation."""
        alone = "1 rarer edge with a count of {total} is left out"
        words, trillion = {alone: f"{'x' * 99}{{total}}"}, 10**12
        counts: dict[tuple[Id | None, Id | None], int] = {("#" * 196 + str(n), 0): trillion for n in range(10, 70)}
        line = f'    rest["{"x" * 99}{62 * trillion}"]\n'
        filled = len(str(render.mermaid_flow(flow({**counts, ("x", 0): trillion})))) + len(line)
        filler = "x" * (1 + 50_000 - filled + more)
        text = str(render.mermaid_flow(flow({**counts, (filler, 0): trillion, ("y" * 199, 0): trillion}), words=words))

        assert 62 - left == text.count("-->")

    @pytest.mark.parametrize(
        ("given", "error", "broken"),
        [
            ({"flow": {}}, WrongTypeError, "wrong_type: flow"),
            ({"most": -1}, InvalidValueError, "too_small: most"),
            ({"names": [Touchpoint(id=1)] * 2}, InvalidValueError, "not_unique: names[1]"),
            ({"names": [1]}, WrongTypeError, "wrong_type: names[0]"),
        ],
    )
    def test_refuses_nonsense(self, given: dict[str, Any], error: type[Exception], broken: str) -> None:
        """Bad arguments are refused, and the message names them."""
        with refused(error, broken):
            render.mermaid_flow(given.pop("flow", Flow()), **given)


class TestLifecycle:
    @given(st.sampled_from(StageOrder))
    def test_of_an_order(self, order: StageOrder) -> None:
        """The diagram of an order has its stages and the moves that it allows."""
        lines = str(render.mermaid_lifecycle(order)).splitlines()
        names = dict(re.findall(r'state "(\w+)" as (s\d)', "\n".join(lines)))
        moves = {(one, other) for one, other in re.findall(r"(s\d) --> (s\d)$", "\n".join(lines), re.MULTILINE)}

        assert "stateDiagram-v2" == lines[0]
        assert [stage.value for stage in order.stages] == list(names)
        assert {(names[one], names[other]) for one in LifecycleStage for other in order.after(one)} == moves

    @given(transitions())
    def test_of_moves(self, moves: Transitions) -> None:
        """The diagram of moves is that of the order, with a count on each arrow."""
        lines = str(render.mermaid_lifecycle(moves)).splitlines()
        plain = [re.sub(r" : \d+$", "", line) for line in lines]

        assert str(render.mermaid_lifecycle(moves.order)).splitlines() == plain
        assert moves.moves == sum(int(line.partition(" : ")[2]) for line in lines if " : " in line)

    def test_of_nothing_else(self) -> None:
        """The name of an order is refused."""
        with refused(WrongTypeError, "wrong_type: moves"):
            render.mermaid_lifecycle("exploration_first")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("label", HOSTILE)
def test_a_label_is_read_back(label: str) -> None:
    """The characters behind the numbers are those of the label."""
    told = str(render.mermaid_flow(flow({(label or "x", 1): 1}))).splitlines()[1]

    if len(label) <= 200 and label.isprintable():
        assert f'    n0["{label or "x"}"]' == shown(told)
