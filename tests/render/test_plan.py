from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from crmcore import Activity, Deliverable, WrongTypeError, instant, render
from crmcore.interop.hypothesis import plans, schedules
from crmcore.service import programme
from crmcore.service.programme import Schedule
from tests.support.pictures import NAME, parsed, paths, said, texts
from tests.support.refusals import refused

START: Final = instant("2026-03-28", tz=ZoneInfo("Europe/Berlin"))


class TestPlan:
    @given(st.lists(texts, max_size=5), st.data())
    def test_is_a_picture(self, labels: list[str], data: st.DataObject) -> None:
        """The picture of any plan under any labels is well formed and within its frame, with one row for each."""
        activities = [
            Activity(
                id=place, days=data.draw(st.integers(0, 9)), name=label, after=range(data.draw(st.integers(0, place)))
            )
            for place, label in enumerate(labels)
        ]
        found = programme.schedule(activities)
        root = parsed(render.plan(found))

        assert 1 + len(found) == len(said(root, "title"))
        boxes = [box.get("class") for box in root.iter(f"{NAME}rect")]
        diamonds = [diamond.get("class") for diamond in root.iter(f"{NAME}polygon")]
        assert len(found.critical) == boxes.count("critical") + diamonds.count("critical")
        assert sum(not activity.days for activity in activities) == len(diamonds)
        assert sum(line.slack > 0 for line in found) == len(paths(root, "slack"))
        assert sum(len(activity.after) for activity in activities) == len(paths(root, "link")) + len(paths(root, "hot"))

    def test_rows(self) -> None:
        """Each row says its days and its slack; the description says it all."""
        found = programme.schedule(
            [
                Activity(id="map", days=20),
                Activity(id="documents", days="1.2599", name="Two documents"),
                Activity(id="survey", days=30, after=["map", "documents"]),
                Activity(id="told", days=1, after=["documents"]),
                Activity(id="late", days=49),
            ]
        )
        root = parsed(render.plan(found, title="Two years"))

        assert [
            "The plan takes 50 days.",
            "map: 0 to 20, critical.",
            "Two documents: 0 to 1.25, slack of 18.74 days.",
            "survey: 20 to 50, critical.",
            "told: 1.25 to 2.25, slack of 47.74 days.",
            "late: 0 to 49, slack of 1 day.",
        ] == re.findall(r"\S.*?\.(?= |$)", said(root, "desc")[0])
        assert 1 == len(paths(root, "hot"))
        assert ["no activities."] == said(parsed(render.plan(Schedule())), "desc")

    @given(plans(), st.integers(0, 28))
    def test_large_and_small_numbers(self, activities: list[Activity], power: int) -> None:
        """Plans of any length can be drawn."""
        scaled = [
            Activity(id=one.id, days=one.days.scaleb(power) if one.days else Decimal(0), after=one.after)
            for one in activities
        ]
        parsed(render.plan(programme.schedule(scaled)))

    def test_refusals(self) -> None:
        """The activities are no schedule."""
        with refused(WrongTypeError, "wrong_type: schedule"):
            render.plan([])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - refused
        with refused(WrongTypeError, "wrong_type: schedule"):
            render.mermaid_gantt([], start=START)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - refused


class TestGantt:
    @given(schedules())
    def test_every_activity_is_in_it(self, found: Schedule) -> None:
        """Each activity has a line with its dates, and the critical ones are marked."""
        lines = re.findall(r"^        [^:]*: (.*)$", str(render.mermaid_gantt(found, start=START)), re.MULTILINE)
        marks = [line.split(", ") for line in lines]

        assert len(found) == len(lines)
        assert len(found.critical) == sum("crit" in mark for mark in marks)
        assert sum(not line.activity.days for line in found) == sum("milestone" in mark for mark in marks)
        assert all(datetime.fromisoformat(mark[-2]) <= datetime.fromisoformat(mark[-1]) for mark in marks)

    def test_phases(self) -> None:
        """The activities of a phase stand together, in the order of the phases; days are those of the calendar."""
        found = programme.schedule(
            [
                Activity(id="pay", days=1),
                Activity(id=2, days="1.5", deliverable=Deliverable.EXTRA_VALUE),
                Activity(id="map", days=2, deliverable=Deliverable.TOUCHPOINTS, name="Map: all"),
            ]
        )

        assert [
            "    section assessment",
            "        Map#58; all: crit, a0, 2026-03-28T00:00, 2026-03-30T00:00",
            "    section extra value",
            "        #50;: a1, 2026-03-28T00:00, 2026-03-29T13:00",
            "    section other activities",
            "        pay: a2, 2026-03-28T00:00, 2026-03-29T00:00",
        ] == str(render.mermaid_gantt(found, start=START)).splitlines()[4:]

    @pytest.mark.parametrize(
        ("label", "told"),
        [
            ("2026-03-02", "#50;026#45;03#45;02"),
            ("Weekend", "#87;eekend"),
            ("title", "#116;itle"),
            ("axisFormat", "#97;xisFormat"),
            ("map", "map"),
        ],
    )
    def test_labels(self, label: str, told: str) -> None:
        """A label is no syntax of a Gantt diagram."""
        text = str(render.mermaid_gantt(programme.schedule([Activity(id=label, days=1)]), start=START, title=label))
        assert (f"    title {told}", f"        {told}: crit") == (
            text.splitlines()[1],
            text.splitlines()[-1].partition(",")[0],
        )

    @pytest.mark.parametrize("number", [1_000, 2_000])
    def test_at_most_50000_characters(self, number: int) -> None:
        """What Mermaid does not draw is counted."""
        many = programme.schedule([Activity(id=place, days=1) for place in range(number)])
        text = str(render.mermaid_gantt(many, start=START))
        drawn = len(re.findall(r": crit", text))
        assert len(text) <= 50_000
        assert f"    section and {number - drawn} more activities" == text.splitlines()[-1] or number == drawn
