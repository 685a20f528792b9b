from __future__ import annotations

import re
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import (
    Channel,
    Conformance,
    Insight,
    InsightSource,
    JourneyMap,
    JourneyStep,
    MicroMomentKind,
    MomentTiming,
    Necessity,
    Ownership,
    TallyBy,
    Touchpoint,
    instant,
    render,
)
from crmcore.interop.hypothesis import journey_maps, journey_steps
from crmcore.journeys.journey_maps import Backtrack, OffMap, StepConformance, compare
from crmcore.primitives.errors import InvalidValueError, PolicyMismatchError, WrongTypeError
from crmcore.render._journey_map import _rows
from crmcore.render._widths import width
from tests.pictures import HOSTILE, NAME, flat, parsed, paths, said, texts

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

    from crmcore import Id

labels = texts.filter(lambda text: text.strip())
BOLD = {"title", "strong", "bad", "good"}


def step(name: str, phase: str = "before", **values: Any) -> JourneyStep:
    """A step of a map."""
    return JourneyStep(name=name, phase=phase, **values)


def way(*steps: JourneyStep, **values: Any) -> JourneyMap:
    """A map of some steps."""
    return JourneyMap(name="the way", steps=steps, **values)


@st.composite
def maps(draw: st.DrawFn) -> JourneyMap:
    """Maps whose every text may be nasty, of one step and of several rows."""
    names = draw(st.lists(labels, min_size=1, max_size=7, unique=True))
    phases = sorted(draw(st.lists(st.integers(0, 3), min_size=len(names), max_size=len(names))))
    called = draw(st.lists(labels, min_size=4, max_size=4, unique=True))
    steps = [
        draw(
            journey_steps(
                name=st.just(name),
                phase=st.just(called[phase]),
                goal=texts,
                thought=texts,
                backstage=texts,
                touchpoint_ids=st.lists(labels | st.integers(), max_size=2, unique=True),
                owner_id=st.none() | labels,
                pains=st.lists(st.builds(Insight, text=labels, evidence=texts), max_size=2),
                messages=st.lists(st.tuples(labels, labels), max_size=1),
                purchase_phase=st.none(),
            )
        )
        for name, phase in zip(names, phases, strict=True)
    ]
    backs = [(start, end) for place, start in enumerate(names) for end in names[: place + 1]]
    loops = draw(st.lists(st.sampled_from(backs), max_size=4))
    return JourneyMap(
        name=draw(labels), actor=draw(texts), scenario=draw(texts), goal=draw(texts), steps=steps, loops=loops
    )


@st.composite
def compared(draw: st.DrawFn) -> tuple[JourneyMap, Conformance]:
    """Maps, held against journeys from anywhere to anywhere, also off the map."""
    drawn = draw(maps())
    reached = drawn.steps[-1] if drawn.touchpoint_ids else attrs.evolve(drawn.steps[-1], touchpoint_ids=["goal"])
    steps = (*drawn.steps[:-1], reached)
    seen = [one.name for one in steps if one.touchpoint_ids]
    journey_map = attrs.evolve(drawn, steps=steps, goal_step=draw(st.sampled_from(seen)))
    places = [*journey_map.touchpoint_ids, "off the map"]
    went = draw(st.lists(st.lists(st.sampled_from(places), max_size=12), max_size=4))
    rows = [
        (who, place, instant(f"2026-03-{day:02}")) for who, way in enumerate(went) for day, place in enumerate(way, 1)
    ]
    return journey_map, compare(journey_map, rows)


def box(text: ET.Element) -> tuple[float, float, float, float]:
    """Where a text stands, as far as its width can be told: left, top, right, bottom."""
    kind = text.attrib["class"]
    wide = width(text.text or "", 16 if kind == "title" else 12, bold=kind in BOLD)
    x, y, anchor = float(text.attrib["x"]), float(text.attrib["y"]), text.attrib["text-anchor"]
    if text.get("direction") == "rtl":
        anchor = {"start": "end", "end": "start"}.get(anchor, anchor)
    left = x - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
    return left, y - 9, left + wide, y + 3


def is_a_picture(root: ET.Element) -> None:
    """No text leaves the frame, none lies on another, and nothing in it could run."""
    boxes = [box(text) for text in root.iter(f"{NAME}text")]
    wide, high = float(root.attrib["width"]), float(root.attrib["height"])
    assert all(left >= 0 and top >= 0 and right <= wide and bottom <= high for left, top, right, bottom in boxes)
    boxes.sort(key=lambda place: place[1])
    for number, (left, _, right, bottom) in enumerate(boxes):
        for begins, top, ends, _ in boxes[number + 1 :]:
            if top >= bottom:
                break
            assert right <= begins + 0.2 or ends <= left + 0.2
    kinds = {element.tag.removeprefix(NAME) for element in root.iter()}
    assert kinds <= {"svg", "title", "desc", "style", "rect", "text", "path", "circle", "polygon", "g"}
    names = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in names if name == "id" or name.startswith("on") or "href" in name}


def words_of(journey_map: JourneyMap) -> list[str]:
    """Every text of a map."""
    found = [journey_map.name, journey_map.actor, journey_map.scenario, journey_map.goal, *journey_map.phases]
    for one in journey_map.steps:
        found += [one.name, one.goal, one.action, one.thought, one.frontstage, one.backstage, one.support_process]
        found += [one.expectation, one.metric, *map(str, one.touchpoint_ids), str(one.owner_id or "")]
        found += [words for note in (*one.pains, *one.opportunities) for words in (note.text, note.evidence)]
        found += [words for pair in one.messages for words in pair]
    return found


class TestJourneyMap:
    @given(maps(), st.none() | texts, st.integers(1, 8))
    def test_is_a_picture(self, journey_map: JourneyMap, title: str | None, columns: int) -> None:
        """Of any map it is well formed, says every text, and no text lies outside or on another."""
        root = parsed(render.journey_map(journey_map, title=title, columns=columns))
        drawn = "".join(map(flat, said(root, "text"))) + "".join(map(flat, said(root, "title")))
        (told,) = said(root, "desc")

        is_a_picture(root)
        wanted = [flat(words) for words in words_of(journey_map)]
        assert [] == [words for words in wanted[1 if title is not None else 0 :] if words not in drawn]
        assert [] == [words for words in wanted[1:] if words not in flat(told)]

    @given(compared())
    def test_is_a_picture_of_what_journeys_did(self, found: tuple[JourneyMap, Conformance]) -> None:
        """The same with journeys held against it; drawn twice it is the same."""
        journey_map, conformance = found
        picture = render.journey_map(journey_map, conformance)
        root = parsed(picture)

        is_a_picture(root)
        assert render.journey_map(journey_map, conformance) == picture
        seen = sum(bool(one.touchpoint_ids) for one in journey_map.steps) if conformance.journeys else 0
        assert seen == sum(rect.get("class") == "all" for rect in root.iter(f"{NAME}rect"))

    @given(journey_maps())
    def test_pictures_may_share_a_page(self, journey_map: JourneyMap) -> None:
        """Its style speaks of pictures only, and every colour has a value by day and one by night."""
        root = parsed(render.journey_map(journey_map))
        (style,) = said(root, "style")
        rules = [line for line in style.splitlines() if line]
        values = re.findall(r"(  )?\.crmcore \{([^}]*)\}", style)
        day, night = (
            {*re.findall(r"--\w+", " ".join(value for dark, value in values if dark == to))} for to in ("", "  ")
        )

        assert all(line.startswith((".crmcore ", "@media", "  .crmcore ", "}")) for line in rules)
        assert {*re.findall(r"var\((--\w+)\)", style)} == day == night

    def test_title(self) -> None:
        """The map's name stands above it, unless another title is given; a long one is broken, not cut."""
        long = "a title that goes on and on " * 20
        picture = parsed(render.journey_map(way(step("pay")), title=long))

        assert ["the way"] == said(parsed(render.journey_map(way(step("pay")))), "title")
        assert [long] == said(picture, "title")
        heading = [text.text or "" for text in picture.iter(f"{NAME}text") if text.get("class") == "title"]
        assert long.split() == " ".join(heading).split()

    def test_empty_lanes_are_left_out(self) -> None:
        """A lane stands for what the map says, and for nothing else."""
        assert ["the way", "Phase", "before", "Step", "1. pay", "goal reached"] == said(
            parsed(render.journey_map(way(step("pay")))), "text"
        )

    def test_lanes(self) -> None:
        """Every field has its lane, in the order of a blueprint, with who says so and by what channel."""
        full = step(
            "ask",
            goal="paint",
            action="walks",
            thought="where?",
            expectation="help",
            touchpoint_ids=["aisle", "forum", 7],
            emotion=-1,
            moment_of_truth=True,
            timing=MomentTiming.FIRST,
            micro_moments=[MicroMomentKind.DO, MicroMomentKind.KNOW],
            messages=[("price", "9.90")],
            frontstage="leads",
            backstage="rota",
            support_process="training",
            pains=[Insight(text="nobody", source=InsightSource.CUSTOMER, evidence="11 of 40")],
            opportunities=[Insight(text="a bell")],
            owner_id=3,
            metric="minutes",
            optional=True,
            necessity=Necessity.UNNECESSARY,
        )
        touchpoints = [
            Touchpoint(id="aisle", name="Aisle 10", channel=Channel.IN_PERSON),
            Touchpoint(id="forum", channel=Channel.REVIEW_SITE, ownership=Ownership.INDEPENDENT),
        ]
        root = parsed(render.journey_map(way(full, actor="Vera", loops=[("ask", "ask")]), touchpoints=touchpoints))
        told = said(root, "text")

        assert ["the way", "Actor", "Vera", "Phase", "before", "Step", "1. ask"] == told[:7]
        assert ["optional", "unnecessary", "goal reached", "Ways back", "Goal", "paint", "Action", "walks"] == told[
            7:15
        ]
        assert ["Thought", "where?", "Expectation", "help", "Touchpoint", "Aisle 10", "in person"] == told[15:22]
        assert ["forum", "review site, independent", "7", "Emotion", "-2", "-1", "0", "+1", "+2", "-1"] == told[22:32]
        assert ["Moments", "first moment of truth", "wants to know, to do", "micro-moments"] == told[32:36]
        assert ["Told", "9.90", "price", "Front stage", "leads", "Line of visibility"] == told[36:42]
        assert ["Back stage", "rota", "Support", "training", "Pains", "nobody", "customer, 11 of 40"] == told[42:49]
        assert ["Opportunities", "a bell", "Owner", "3", "Metric", "minutes"] == told[49:]
        assert (
            "A journey map of 1 step in 1 phase. Actor: Vera. 1. ask, in the phase before. "
            "Marks: optional; unnecessary; goal reached. Ways back: back to ask. Goal: paint. Action: walks. "
            "Thought: where? Expectation: help. "
            "Touchpoint: Aisle 10 (in person); forum (review site, independent); 7. Emotion: -1 (bad). "
            "Moments: first moment of truth; wants to know, to do (micro-moments). Told: 9.90 (price). "
            "Front stage: leads. Back stage: rota. Support: training. Pains: nobody (customer, 11 of 40). "
            "Opportunities: a bell. Owner: 3. Metric: minutes."
        ) == said(root, "desc")[0]

    def test_line_of_visibility(self) -> None:
        """It stands where something lies behind it."""
        for one, lines in (
            (step("a", frontstage="x"), 0),
            (step("a", support_process="x"), 1),
            (step("a", owner_id=1), 0),
        ):
            assert lines == len(paths(parsed(render.journey_map(way(one))), "sight"))

    def test_the_curve_has_gaps(self) -> None:
        """It leads from one emotion to the next, and not over a step where nobody asked."""
        emotions = [1, 2, None, 0, -2]
        root = parsed(render.journey_map(way(*(step(str(place), emotion=one) for place, one in enumerate(emotions)))))
        (curve,) = paths(root, "curve")
        kinds = [dot.get("class") for dot in root.iter(f"{NAME}circle")]

        assert ["glad", "glad", "so", "sad"] == kinds
        assert 2 == curve.count("M") == curve.count("C")
        places = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in root.iter(f"{NAME}circle")]
        numbers = [tuple(map(float, part.replace("C", " ").split())) for part in curve.split("M")[1:]]
        assert [places[0:2], places[2:4]] == [[part[:2], part[-2:]] for part in numbers]

    def test_an_emotion_alone_has_no_curve(self) -> None:
        """A dot is enough; a moment of truth has a diamond."""
        root = parsed(render.journey_map(way(step("a", emotion=0), step("b"))))
        truth = parsed(render.journey_map(way(step("a", emotion=1, moment_of_truth=True))))

        assert [] == paths(root, "curve")
        assert ["so"] == [dot.get("class") for dot in root.iter(f"{NAME}circle")]
        assert [] == list(truth.iter(f"{NAME}circle"))
        assert ["glad", "truth"] == [mark.get("class") for mark in truth.iter(f"{NAME}polygon")]

    def test_the_curve_goes_on_in_the_next_row(self) -> None:
        """It leaves one row and enters the next at the same height, halfway between the two emotions."""
        root = parsed(render.journey_map(way(step("a", emotion=2), step("b", emotion=-2)), columns=1))
        first, second = ([float(number) for number in re.findall(r"[\d.]+", path)] for path in paths(root, "curve"))
        zeros = [float(re.findall(r"[\d.]+", path)[1]) for path in paths(root, "zero")]

        assert [0.0, 0.0] == [first[-1] - zeros[0], second[1] - zeros[1]]
        assert 1 == paths(root, "curve")[0].count("M") == paths(root, "curve")[1].count("M")

    def test_ways_back(self) -> None:
        """A loop is an arrow back; across rows it is two halves that name each other."""
        steps = [step(name) for name in "abcd"]
        one = parsed(render.journey_map(way(*steps, loops=[("c", "a"), ("d", "b"), ("b", "b")])))
        two = parsed(render.journey_map(way(*steps, loops=[("d", "b"), ("d", "a")]), columns=2))

        assert 3 == len(paths(one, "way")) == sum(tip.get("class") == "tip" for tip in one.iter(f"{NAME}polygon"))
        assert [
            "The map leads back from b to b.",
            "The map leads back from c to a.",
            "The map leads back from d to b.",
        ] == [words for words in sorted(said(one, "title")) if words.startswith("The map")]
        assert ["from 4", "from 4", "to 2", "to 1"] == [
            text.text for text in two.iter(f"{NAME}text") if text.get("class") == "over"
        ]

    def test_a_row_without_a_way_back_has_no_room_for_it(self) -> None:
        """Nothing is drawn in rows that the way passes by."""
        root = parsed(render.journey_map(way(*(step(name) for name in "abc"), loops=[("a", "a")]), columns=1))

        assert 1 == said(root, "text").count("Ways back")

    def test_journeys(self) -> None:
        """A bar has a part for those who went on, one for those who left and one for those who skipped."""
        journey_map = way(step("a", touchpoint_ids=["x"]), step("b", touchpoint_ids=["y"]), step("c"))
        off_map: dict[Id, OffMap] = {f"off {number}": OffMap(visits=number, journeys=number) for number in range(1, 8)}
        found = Conformance(
            journey_map=journey_map,
            journeys=1000,
            following=500,
            reached=0,
            elsewhere=100,
            steps=(
                StepConformance(
                    step="a",
                    journeys=1000,
                    visits=900,
                    completed=600,
                    failed=100,
                    skipped=100,
                    left=350,
                    without=100,
                    abandoned=100,
                ),
                StepConformance(
                    step="b",
                    journeys=1000,
                    visits=400,
                    completed=350,
                    abandoned=1,
                    repeats=4,
                    repeated=2,
                    out_of_order=5,
                ),
                StepConformance(step="c", journeys=1000),
            ),
            off_map=TallyBy(off_map),
        )
        root = parsed(render.journey_map(journey_map, found))
        bars = [
            (rect.get("class"), rect.get("height")) for rect in root.iter(f"{NAME}rect") if rect.get("width") != "10"
        ]
        told = said(root, "text")

        assert [
            ("all", "72"),
            ("went", "25.2"),
            ("left", "25.2"),
            ("skipped", "7.2"),
            ("all", "72"),
            ("went", "25.2"),
        ] == [bar for bar in bars if bar[0] in {"all", "went", "left", "skipped"}]
        assert ["worst", "step", "step"] == [kind for kind, _ in bars if kind in {"worst", "step"}]
        assert (
            "left here went on 600 (60%) completed 100 failed 100 skipped 100 visits given up "
            "350 left (50% of those who came) "
            "350 (35%) completed 2 repeated 5 out of order 1 visit given up "
            "no touchpoint, so not seen in journeys 1,000"
        ) in " ".join(told)
        assert 1 == told.count("most leave here")
        (desc,) = said(root, "desc")
        assert desc.endswith(
            "1,000 journeys: 0 (0%) reached the goal, 500 (50%) did nothing but what the map has, "
            "350 (35%) came and left short of the goal, 100 (10%) came to no step. "
            "Off the map: off 7 (7 journeys), off 6 (6 journeys), off 5 (5 journeys), off 4 (4 journeys), "
            "off 3 (3 journeys) and 2 more."
        )

    def test_no_journeys(self) -> None:
        """Where nobody set out, that is said, and no bar is drawn."""
        journey_map = way(step("a", touchpoint_ids=["x"]))
        root = parsed(render.journey_map(journey_map, compare(journey_map, [])))

        assert "No journeys." == said(root, "text")[-1]
        assert "Journeys" not in said(root, "text")

    def test_ways_back_that_the_map_has_not(self) -> None:
        """Broken lines with counts, the eight most frequent; those the map declares are not among them."""
        names = [f"{place}" for place in range(6)]
        journey_map = way(*(step(name, name, touchpoint_ids=[name]) for name in names), loops=[("1", "0")])
        backs = [(start, end) for start, end in combinations(reversed(names), 2)]
        found = Conformance(
            journey_map=journey_map,
            journeys=100,
            backtracks=TallyBy({back: Backtrack(count=number, journeys=1) for number, back in enumerate(backs, 1)}),
        )
        root = parsed(render.journey_map(journey_map, found))
        labels = [text.text for text in root.iter(f"{NAME}text") if text.get("class") == "over"]

        assert 8 == len(paths(root, "turn")) == len(labels)
        assert {f"{number} back" for number in range(7, 15)} == set(labels)
        assert said(root, "text")[-1].endswith("6 rarer ways back are not drawn.")
        assert "14 ways back from 2 to 0, in 1 journey." in said(root, "desc")[0]
        assert "1 way back from 5 to 4, in 1 journey." in said(root, "desc")[0]

    def test_one_way_back_is_not_drawn(self) -> None:
        """It is said in the singular."""
        names = [f"{place}" for place in range(10)]
        journey_map = way(*(step(name, name, touchpoint_ids=[name]) for name in names))
        found = Conformance(
            journey_map=journey_map,
            journeys=9,
            backtracks=TallyBy({(one, "0"): Backtrack(count=1, journeys=1) for one in names[1:]}),
        )
        words = " ".join(said(parsed(render.journey_map(journey_map, found)), "text"))

        assert words.endswith("1 rarer way back is not drawn.")

    def test_many_ways_back_are_counted(self) -> None:
        """The description names twenty of them."""
        names = [f"{place}" for place in range(8)]
        journey_map = way(*(step(name, name, touchpoint_ids=[name]) for name in names))
        backs = {back: Backtrack(count=1, journeys=1) for back in combinations(reversed(names), 2)}
        found = Conformance(journey_map=journey_map, journeys=9, backtracks=TallyBy(backs))
        (told,) = said(parsed(render.journey_map(journey_map, found)), "desc")

        assert 20 == told.count("1 way back")
        assert told.endswith("And 8 rarer ways back.")

    def test_a_label_that_does_not_fit_stands_on_the_other_side(self) -> None:
        """A way that enters the last column from the row below has its label before the arrow."""
        names = [f"{place}" for place in range(16)]
        journey_map = way(*(step(name, name, touchpoint_ids=[name]) for name in names))
        found = Conformance(
            journey_map=journey_map, journeys=9, backtracks=TallyBy({("15", "7"): Backtrack(count=10**6, journeys=1)})
        )
        root = parsed(render.journey_map(journey_map, found))

        is_a_picture(root)
        assert ["1,000,000 back, from 16", "1,000,000 back, to 8"] == [
            text.text for text in root.iter(f"{NAME}text") if text.get("class") == "over"
        ]

    def test_right_to_left(self) -> None:
        """Arabic and Hebrew begin at the right edge of their column, in every line."""
        words = (
            "تقرأ الجريدة المحلية مع القهوة في الصباح الباكر كل يوم من أيام الأسبوع وتفكر في السياج القديم أمام البيت"
        )
        root = parsed(render.journey_map(way(step("a", action=words), step("b"), step("c"))))
        lines = [text for text in root.iter(f"{NAME}text") if text.get("direction") == "rtl"]

        assert words.split() == " ".join(line.text or "" for line in lines).split()
        assert len(lines) > 1
        assert {("start", lines[0].get("x"))} == {(line.get("text-anchor"), line.get("x")) for line in lines}

    def test_what_is_cut_stands_whole_in_a_title(self) -> None:
        """A text of more than 24 lines ends in an ellipsis."""
        words = "a long story " * 200
        root = parsed(render.journey_map(way(*(step(name, action=words) for name in "abcdefgh"))))

        assert [words.strip()] * 8 == said(root, "title")[1:]
        assert 8 == sum(text.endswith("…") for text in said(root, "text"))

    @pytest.mark.parametrize("label", [label for label in HOSTILE if label.strip()])
    def test_labels_are_shown_never_run(self, label: str) -> None:
        """Markup in a label is text."""
        one = JourneyStep(name=label, phase=label, action=label, touchpoint_ids=[label], emotion=1)
        root = parsed(render.journey_map(JourneyMap(name=label, actor=label, steps=[one])))

        is_a_picture(root)
        assert 6 == "".join(map(flat, said(root, "text"))).count(flat(label))

    def test_refuses_nonsense(self) -> None:
        """The comparison is of this map, touchpoints are known once, and there is room for a step."""
        here, there = way(step("a")), way(step("b", touchpoint_ids=[1]))
        with pytest.raises(PolicyMismatchError, match="conformance is of another map"):
            render.journey_map(here, compare(there, []))
        with pytest.raises(InvalidValueError, match="touchpoints must each have an id of their own, 7 comes twice"):
            render.journey_map(here, touchpoints=[Touchpoint(id=7), Touchpoint(id=7, name="x")])
        with pytest.raises(InvalidValueError, match="columns must be one or more, got 0"):
            render.journey_map(here, columns=0)
        with pytest.raises(WrongTypeError, match="journey_map must be a JourneyMap"):
            render.journey_map("here")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(WrongTypeError, match="conformance must be a Conformance"):
            render.journey_map(here, 5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(WrongTypeError, match="title must be a str"):
            render.journey_map(here, title=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestRows:
    @given(st.lists(st.integers(0, 3), min_size=1, max_size=9).map(sorted), st.integers(1, 5))
    def test_are_the_best(self, phases: list[int], most: int) -> None:
        """They hold every step in order; no other cut has fewer rows and parted phases together."""
        rows = list(_rows([str(phase) for phase in phases], most))
        every = [
            [0, *cuts, len(phases)]
            for count in range(len(phases))
            for cuts in combinations(range(1, len(phases)), count)
        ]
        costs = {
            (len(cuts) - 1) + sum(phases[cut] == phases[cut - 1] for cut in cuts[1:-1])
            for cuts in every
            if all(end - start <= most for start, end in pairwise(cuts))
        }

        assert list(range(len(phases))) == [place for row in rows for place in row]
        assert max(map(len, rows)) <= most
        parted = sum(phases[row.start] == phases[row.start - 1] for row in rows[1:])
        assert min(costs) == len(rows) + parted

    def test_a_phase_goes_on(self) -> None:
        """A phase that is parted says so in the next row."""
        root = parsed(render.journey_map(way(*(step(str(place)) for place in range(3))), columns=2))

        assert 1 == said(root, "text").count("before (continued)")
