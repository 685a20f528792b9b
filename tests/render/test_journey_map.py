from __future__ import annotations

import re
from itertools import combinations, pairwise
from time import process_time
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import example, given, strategies as st

from crmcore import (
    Channel,
    Conformance,
    Id,
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
from crmcore.render._journey_map import _split_into_rows
from crmcore.render._widths import measure
from tests.support.pictures import HOSTILE, NAME, flat, parsed, paths, said, texts
from tests.support.refusals import refused

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

    from crmcore import Id

labels = texts.filter(lambda text: text.strip())
BOLD = {"title", "strong", "bad", "good"}


def step(name: str, phase: str = "before", **values: Any) -> JourneyStep:
    """Build a step of a map."""
    return JourneyStep(name=name, phase=phase, **values)


def map_of(*steps: JourneyStep, **values: Any) -> JourneyMap:
    """Build a map of some steps."""
    return JourneyMap(name="the map", steps=steps, **values)


@st.composite
def maps(draw: st.DrawFn) -> JourneyMap:
    """Draw maps of one or more rows with hostile texts."""
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
    """Draw maps with the conformance of random journeys, some of them off the map."""
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
    """Return the estimated box of a text: left, top, right, bottom."""
    kind = text.attrib["class"]
    wide = measure(text.text or "", 16 if kind == "title" else 12, bold=kind in BOLD)
    x, y, anchor = float(text.attrib["x"]), float(text.attrib["y"]), text.attrib["text-anchor"]
    if text.get("direction") == "rtl":
        anchor = {"start": "end", "end": "start"}.get(anchor, anchor)
    left = x - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
    return left, y - 9, left + wide, y + 3


def check_picture(root: ET.Element) -> None:
    """Check that texts are within the frame and do not overlap, and that nothing in the picture could run."""
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
    """List every text of a map."""
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
        """The picture of any map is well formed, has every text, and no text is outside or on another."""
        root = parsed(render.journey_map(journey_map, title=title, columns=columns))
        drawn = "".join(map(flat, said(root, "text"))) + "".join(map(flat, said(root, "title")))
        (told,) = said(root, "desc")

        check_picture(root)
        wanted = [flat(words) for words in words_of(journey_map)]
        assert [] == [words for words in wanted[1 if title is not None else 0 :] if words not in drawn]
        assert [] == [words for words in wanted[1:] if words not in flat(told)]

    @given(compared())
    def test_is_a_picture_of_what_journeys_did(self, found: tuple[JourneyMap, Conformance]) -> None:
        """The picture of any conformance is well formed, and drawing it twice gives the same text."""
        journey_map, conformance = found
        picture = render.journey_map(journey_map, conformance)
        root = parsed(picture)

        check_picture(root)
        assert render.journey_map(journey_map, conformance) == picture
        seen = sum(bool(one.touchpoint_ids) for one in journey_map.steps) if conformance.journeys else 0
        assert seen == sum(rect.get("class") == "all" for rect in root.iter(f"{NAME}rect"))

    @given(journey_maps())
    def test_pictures_may_share_a_page(self, journey_map: JourneyMap) -> None:
        """The style applies to crmcore pictures only, and every colour has a light and a dark value."""
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
        """The title is the name of the map unless one is given, and a long title is wrapped, not cut."""
        long = "a title that goes on and on " * 20
        picture = parsed(render.journey_map(map_of(step("pay")), title=long))

        assert ["the map"] == said(parsed(render.journey_map(map_of(step("pay")))), "title")
        assert [long] == said(picture, "title")
        heading = [text.text or "" for text in picture.iter(f"{NAME}text") if text.get("class") == "title"]
        assert long.split() == " ".join(heading).split()

    def test_empty_lanes_are_left_out(self) -> None:
        """A map without texts has no lanes."""
        assert ["the map", "Phase", "before", "Step", "1. pay", "goal reached"] == said(
            parsed(render.journey_map(map_of(step("pay")))), "text"
        )

    def test_lanes(self) -> None:
        """Each field of a step has a lane, in the order of a service blueprint, with sources and channels."""
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
            pains=[Insight(text="unstaffed", source=InsightSource.CUSTOMER, evidence="11 of 40")],
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
        root = parsed(render.journey_map(map_of(full, actor="Vera", loops=[("ask", "ask")]), touchpoints=touchpoints))
        told = said(root, "text")

        assert ["the map", "Actor", "Vera", "Phase", "before", "Step", "1. ask"] == told[:7]
        assert ["optional", "unnecessary", "goal reached", "Loops", "Goal", "paint", "Action", "walks"] == told[7:15]
        assert ["Thought", "where?", "Expectation", "help", "Touchpoint", "Aisle 10", "in person"] == told[15:22]
        assert ["forum", "review site, independent", "7", "Emotion", "-2", "-1", "0", "+1", "+2", "-1"] == told[22:32]
        assert ["Moments", "first moment of truth", "wants to know, to do", "micro-moments"] == told[32:36]
        assert ["Messages", "9.90", "price", "Front stage", "leads", "Line of visibility"] == told[36:42]
        assert ["Back stage", "rota", "Support", "training", "Pains", "unstaffed", "customer, 11 of 40"] == told[42:49]
        assert ["Opportunities", "a bell", "Owner", "3", "Metric", "minutes"] == told[49:]
        assert (
            "A journey map of 1 step in 1 phase. Actor: Vera. 1. ask, in the phase before. "
            "Marks: optional; unnecessary; goal reached. Loops: back to ask. Goal: paint. Action: walks. "
            "Thought: where? Expectation: help. "
            "Touchpoint: Aisle 10 (in person); forum (review site, independent); 7. Emotion: -1 (bad). "
            "Moments: first moment of truth; wants to know, to do (micro-moments). Messages: 9.90 (price). "
            "Front stage: leads. Back stage: rota. Support: training. Pains: unstaffed (customer, 11 of 40). "
            "Opportunities: a bell. Owner: 3. Metric: minutes."
        ) == said(root, "desc")[0]

    def test_line_of_visibility(self) -> None:
        """The line is drawn if a lane is behind it."""
        for one, lines in (
            (step("a", frontstage="x"), 0),
            (step("a", support_process="x"), 1),
            (step("a", owner_id=1), 0),
        ):
            assert lines == len(paths(parsed(render.journey_map(map_of(one))), "sight"))

    def test_the_curve_has_gaps(self) -> None:
        """The curve connects neighbouring emotions, and has a gap at a step without one."""
        emotions = [1, 2, None, 0, -2]
        root = parsed(
            render.journey_map(map_of(*(step(str(place), emotion=one) for place, one in enumerate(emotions))))
        )
        (curve,) = paths(root, "curve")
        kinds = [dot.get("class") for dot in root.iter(f"{NAME}circle")]

        assert ["glad", "glad", "neutral", "sad"] == kinds
        assert 2 == curve.count("M") == curve.count("C")
        places = [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in root.iter(f"{NAME}circle")]
        numbers = [tuple(map(float, part.replace("C", " ").split())) for part in curve.split("M")[1:]]
        assert [places[0:2], places[2:4]] == [[part[:2], part[-2:]] for part in numbers]

    def test_an_emotion_alone_has_no_curve(self) -> None:
        """A single emotion is a dot without a curve, and a diamond at a moment of truth."""
        root = parsed(render.journey_map(map_of(step("a", emotion=0), step("b"))))
        truth = parsed(render.journey_map(map_of(step("a", emotion=1, moment_of_truth=True))))

        assert [] == paths(root, "curve")
        assert ["neutral"] == [dot.get("class") for dot in root.iter(f"{NAME}circle")]
        assert [] == list(truth.iter(f"{NAME}circle"))
        assert ["glad", "truth"] == [mark.get("class") for mark in truth.iter(f"{NAME}polygon")]

    def test_the_curve_goes_on_in_the_next_row(self) -> None:
        """The curve leaves a row and enters the next at the same height, between the two emotions."""
        root = parsed(render.journey_map(map_of(step("a", emotion=2), step("b", emotion=-2)), columns=1))
        first, second = ([float(number) for number in re.findall(r"[\d.]+", path)] for path in paths(root, "curve"))
        zeros = [float(re.findall(r"[\d.]+", path)[1]) for path in paths(root, "zero")]

        assert [0.0, 0.0] == [first[-1] - zeros[0], second[1] - zeros[1]]
        assert 1 == paths(root, "curve")[0].count("M") == paths(root, "curve")[1].count("M")

    def test_loops(self) -> None:
        """A loop is an arrow back; across rows it is two halves with the number of the other step."""
        steps = [step(name) for name in "abcd"]
        one = parsed(render.journey_map(map_of(*steps, loops=[("c", "a"), ("d", "b"), ("b", "b")])))
        two = parsed(render.journey_map(map_of(*steps, loops=[("d", "b"), ("d", "a")]), columns=2))

        assert 3 == len(paths(one, "loop")) == sum(tip.get("class") == "loop_tip" for tip in one.iter(f"{NAME}polygon"))
        assert ["Loop from b to b.", "Loop from c to a.", "Loop from d to b."] == [
            words for words in sorted(said(one, "title")) if words.startswith("Loop")
        ]
        assert ["from 4", "from 4", "to 2", "to 1"] == [
            text.text for text in two.iter(f"{NAME}text") if text.get("class") == "over"
        ]

    def test_a_row_without_a_loop_has_no_lane_for_it(self) -> None:
        """The lane is drawn only in rows where a loop begins or ends."""
        root = parsed(render.journey_map(map_of(*(step(name) for name in "abc"), loops=[("a", "a")]), columns=1))

        assert 1 == said(root, "text").count("Loops")

    def test_journeys(self) -> None:
        """A bar has a part for journeys that went on, one for those that left and one for those that skipped."""
        journey_map = map_of(step("a", touchpoint_ids=["x"]), step("b", touchpoint_ids=["y"]), step("c"))
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
            "left here went on 600 (60%) completed 100 failed 100 skipped 100 visits abandoned "
            "350 left (50% of those who reached it) "
            "350 (35%) completed 2 repeated 5 out of order 1 visit abandoned "
            "no touchpoint, so not visible in journeys 1,000"
        ) in " ".join(told)
        assert 1 == told.count("most exits")
        (desc,) = said(root, "desc")
        assert desc.endswith(
            "1,000 journeys: 0 (0%) reached the goal, 500 (50%) did not deviate from the map, "
            "350 (35%) left before the goal, 100 (10%) reached no step. "
            "Off the map: off 7 (7 journeys), off 6 (6 journeys), off 5 (5 journeys), off 4 (4 journeys), "
            "off 3 (3 journeys) and 2 more."
        )

    def test_no_journeys(self) -> None:
        """Without journeys the picture says so and has no bars."""
        journey_map = map_of(step("a", touchpoint_ids=["x"]))
        root = parsed(render.journey_map(journey_map, compare(journey_map, [])))

        assert "No journeys." == said(root, "text")[-1]
        assert "Journeys" not in said(root, "text")

    def test_backtracks(self) -> None:
        """The eight most frequent backtracks are broken lines with counts, without those that the map has as loops."""
        names = [f"{place}" for place in range(6)]
        journey_map = map_of(*(step(name, name, touchpoint_ids=[name]) for name in names), loops=[("1", "0")])
        backs = [(start, end) for start, end in combinations(reversed(names), 2)]
        found = Conformance(
            journey_map=journey_map,
            journeys=100,
            backtracks=TallyBy({back: Backtrack(count=number, journeys=1) for number, back in enumerate(backs, 1)}),
        )
        root = parsed(render.journey_map(journey_map, found))
        labels = [text.text for text in root.iter(f"{NAME}text") if text.get("class") == "over"]

        assert 8 == len(paths(root, "backtrack")) == len(labels)
        assert {f"{number} back" for number in range(7, 15)} == set(labels)
        assert said(root, "text")[-1].endswith("6 rarer backtracks are not drawn.")
        assert "14 backtracks from 2 to 0, in 1 journey." in said(root, "desc")[0]
        assert "1 backtrack from 5 to 4, in 1 journey." in said(root, "desc")[0]

    def test_one_backtrack_is_not_drawn(self) -> None:
        """A single backtrack that is not drawn is counted in the singular."""
        names = [f"{place}" for place in range(10)]
        journey_map = map_of(*(step(name, name, touchpoint_ids=[name]) for name in names))
        found = Conformance(
            journey_map=journey_map,
            journeys=9,
            backtracks=TallyBy({(one, "0"): Backtrack(count=1, journeys=1) for one in names[1:]}),
        )
        words = " ".join(said(parsed(render.journey_map(journey_map, found)), "text"))

        assert words.endswith("1 rarer backtrack is not drawn.")

    @pytest.mark.parametrize(
        ("number", "rest"), [(20, "."), (21, ". And 1 rarer backtrack."), (28, ". And 8 rarer backtracks.")]
    )
    def test_many_backtracks_are_counted(self, number: int, rest: str) -> None:
        """The description names twenty backtracks and counts the rest."""
        names = [f"{place}" for place in range(8)]
        journey_map = map_of(*(step(name, name, touchpoint_ids=[name]) for name in names))
        backs = {back: Backtrack(count=1, journeys=1) for back in [*combinations(reversed(names), 2)][:number]}
        found = Conformance(journey_map=journey_map, journeys=9, backtracks=TallyBy(backs))
        (told,) = said(parsed(render.journey_map(journey_map, found)), "desc")

        assert 20 == told.count("1 backtrack")
        assert told.endswith(f"in 1 journey{rest}")

    @pytest.mark.parametrize(("number", "rest"), [(5, ""), (6, " and 1 more"), (9, " and 4 more")])
    def test_many_touchpoints_off_the_map_are_counted(self, number: int, rest: str) -> None:
        """The summary names five touchpoints that are not on the map and counts the rest."""
        journey_map = map_of(step("a", touchpoint_ids=["a"]))
        found: dict[Id, OffMap] = {f"off{place}": OffMap(visits=1, journeys=1) for place in range(number)}
        conformance = Conformance(journey_map=journey_map, journeys=9, off_map=TallyBy(found))
        (told,) = said(parsed(render.journey_map(journey_map, conformance)), "desc")

        assert 5 == told.count("off")
        assert f"off4 (1 journey){rest}." in told

    def test_a_label_that_does_not_fit_stands_on_the_other_side(self) -> None:
        """An arrow that enters the last column from the row below has its label before the arrow."""
        names = [f"{place}" for place in range(16)]
        journey_map = map_of(*(step(name, name, touchpoint_ids=[name]) for name in names))
        found = Conformance(
            journey_map=journey_map, journeys=9, backtracks=TallyBy({("15", "7"): Backtrack(count=10**6, journeys=1)})
        )
        root = parsed(render.journey_map(journey_map, found))

        check_picture(root)
        assert ["1,000,000 back, from 16", "1,000,000 back, to 8"] == [
            text.text for text in root.iter(f"{NAME}text") if text.get("class") == "over"
        ]

    def test_right_to_left(self) -> None:
        """Arabic and Hebrew texts are aligned to the right edge of their column in every line."""
        words = (
            "تقرأ الجريدة المحلية مع القهوة في الصباح الباكر كل يوم من أيام الأسبوع وتفكر في السياج القديم أمام البيت"
        )
        root = parsed(render.journey_map(map_of(step("a", action=words), step("b"), step("c"))))
        lines = [text for text in root.iter(f"{NAME}text") if text.get("direction") == "rtl"]

        assert words.split() == " ".join(line.text or "" for line in lines).split()
        assert len(lines) > 1
        assert {("start", lines[0].get("x"))} == {(line.get("text-anchor"), line.get("x")) for line in lines}

    def test_what_is_cut_stands_whole_in_a_title(self) -> None:
        """A text of more than 24 lines ends in an ellipsis."""
        words = "a long story " * 200
        root = parsed(render.journey_map(map_of(*(step(name, action=words) for name in "abcdefgh"))))

        assert [words.strip()] * 8 == said(root, "title")[1:]
        assert 8 == sum(text.endswith("…") for text in said(root, "text"))

    @pytest.mark.parametrize("label", [label for label in HOSTILE if label.strip()])
    def test_labels_are_shown_never_run(self, label: str) -> None:
        """Markup in a label is shown as text."""
        one = JourneyStep(name=label, phase=label, action=label, touchpoint_ids=[label], emotion=1)
        root = parsed(render.journey_map(JourneyMap(name=label, actor=label, steps=[one])))

        check_picture(root)
        assert 6 == "".join(map(flat, said(root, "text"))).count(flat(label))

    def test_refuses_nonsense(self) -> None:
        """A conformance of another map, a repeated touchpoint, and zero columns are refused."""
        here, there = map_of(step("a")), map_of(step("b", touchpoint_ids=[1]))
        with refused(PolicyMismatchError, "conformance_of_another_map: conformance"):
            render.journey_map(here, compare(there, []))
        with refused(InvalidValueError, "not_unique: touchpoints[1]"):
            render.journey_map(here, touchpoints=[Touchpoint(id=7), Touchpoint(id=7, name="x")])
        with refused(InvalidValueError, "too_small: columns"):
            render.journey_map(here, columns=0)
        with refused(WrongTypeError, "wrong_type: journey_map"):
            render.journey_map("here")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "wrong_type: conformance"):
            render.journey_map(here, 5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "not_a_text: title"):
            render.journey_map(here, title=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestRows:
    @given(st.lists(st.integers(0, 30), max_size=400).map(sorted), st.integers(65, 90))
    @example(phases=[0] * 130, most=65)
    def test_long_ones_are_filled(self, phases: list[int], most: int) -> None:
        """Rows of more than 64 steps have every step in order, and end with a phase if one ends in them."""
        rows = list(_split_into_rows([str(phase) for phase in phases], most))
        assert list(range(len(phases))) == [place for row in rows for place in row]
        assert all(0 < len(row) <= most for row in rows)
        for row, after in pairwise(rows):
            end = next((place for place in after if phases[place] != phases[after[0]]), after.stop)
            if phases[row[-1]] != phases[after[0]]:
                assert end - row.start > most  # no room for the next phase
            else:
                assert len({phases[place] for place in row}) == 1
                assert len(row) == most

    def test_time(self) -> None:
        """A map with thousands of steps is split in a moment, however long the rows may be."""
        began = process_time()
        assert [range(5000), range(5000, 10_000)] == list(_split_into_rows(["before"] * 5000 + ["after"] * 5000, 9999))
        assert [range(10_000)] == list(_split_into_rows(["one"] * 10_000, 10**30))
        assert [] == list(_split_into_rows([], 65))
        assert process_time() - began < 1

    @given(st.lists(st.integers(0, 3), min_size=1, max_size=9).map(sorted), st.integers(1, 5))
    def test_are_the_best(self, phases: list[int], most: int) -> None:
        """The rows have every step in order, and no other split has fewer rows and cut phases together."""
        rows = list(_split_into_rows([str(phase) for phase in phases], most))
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

    def test_a_text_has_at_most_24_lines(self) -> None:
        """Of a text of more lines, 24 are drawn."""
        root = parsed(render.journey_map(map_of(step("a", action="word " * 400))))

        assert 24 == sum("word" in text for text in said(root, "text"))

    def test_a_phase_goes_on(self) -> None:
        """A phase that is cut is marked as continued in the next row."""
        root = parsed(render.journey_map(map_of(*(step(str(place)) for place in range(3))), columns=2))

        assert 1 == said(root, "text").count("before (continued)")
