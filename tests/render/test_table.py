from __future__ import annotations

import html
import re

import pytest
from hypothesis import given

from crmcore import Channel, Insight, JourneyMap, JourneyStep, Touchpoint, instant, render
from crmcore.interop.hypothesis import journey_maps, markdowns
from crmcore.journeys.journey_maps import compare
from crmcore.primitives.errors import PolicyMismatchError, WrongTypeError
from crmcore.render import Markdown
from tests.support.pictures import flat, texts
from tests.support.refusals import refused

labels = texts.filter(lambda text: text.strip())


class TestMarkdown:
    @given(markdowns())
    def test_is_its_text(self, table: Markdown) -> None:
        """`str`, the notebook and the field give the same text, and the repr is short."""
        assert table.text == str(table) == table._repr_markdown_()
        assert f"Markdown(text=<{len(table.text)} characters>)" == repr(table)

    def test_of_a_text_only(self) -> None:
        """Bytes are refused."""
        with refused(WrongTypeError, "not_a_text: text"):
            Markdown(b"-")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestJourneyTable:
    @given(journey_maps())
    def test_holds_the_map(self, journey_map: JourneyMap) -> None:
        """Each step has a column, in order, and each row has a cell for each column."""
        told = str(render.journey_table(journey_map))
        tables = [block.splitlines() for block in told.split("\n\n") if block.startswith("|")]
        steps = [cell for rows in tables for cell in rows[0].split("|")[2:-1]]

        assert [flat(f"{n}. {step.name}") for n, step in enumerate(journey_map.steps, 1)] == [
            flat(html.unescape(step)) for step in steps
        ]
        assert all(rows[0].count("|") == row.count("|") for rows in tables for row in rows)
        assert len(journey_map.phases) == len(tables)

    @given(labels)
    def test_words_are_words(self, label: str) -> None:
        """A label stays on its line and in its cell, is shown as it is, and contains no markup."""
        steps = [JourneyStep(name=label, phase=label, pains=[Insight(text=label, evidence=label)])]
        told = str(render.journey_table(JourneyMap(name=label, actor=label, steps=steps)))
        lines = told.splitlines()
        label = re.sub("[\x7f-\x9f]", "\N{REPLACEMENT CHARACTER}", " ".join(label.split()))

        assert 8 == len(lines)
        assert not re.search(r"[<>`\\$\[\]_~]|(?<!\*)\*(?!\*)|://|www\.", told.replace(" --- ", ""), re.IGNORECASE)
        assert flat(f"**{label}**") == flat(html.unescape(lines[0]))
        assert flat(f"| {label} | 1. {label} |") == flat(html.unescape(lines[4]))

    def test_rows(self) -> None:
        """The table has the rows of the picture, and the totals over all journeys below."""
        journey_map = JourneyMap(
            name="buy",
            goal="a fence",
            steps=[
                JourneyStep(name="ask", phase="before", touchpoint_ids=["aisle"], emotion=-1),
                JourneyStep(name="pay", phase="purchase", touchpoint_ids=["till"]),
            ],
        )
        went = {"anna": ["aisle", "till", "aisle"], "ben": ["aisle", "park"]}
        rows = [(who, one, instant(f"2026-03-0{day}")) for who, way in went.items() for day, one in enumerate(way, 1)]
        found = compare(journey_map, rows)
        table = render.journey_table(
            journey_map, found, touchpoints=[Touchpoint(id="aisle", name="Aisle", channel=Channel.IN_PERSON)]
        )

        assert (
            "**buy**\n"
            "\n"
            "- Goal: a fence\n"
            "\n"
            "| before | 1. ask |\n"
            "| --- | --- |\n"
            "| Touchpoint | Aisle (in person) |\n"
            "| Emotion | \N{MINUS SIGN}1 (bad) |\n"
            "| Journeys | 2 (100%) completed · 1 repeated · 1 left (50% of those who reached it) |\n"
            "\n"
            "| purchase | 2. pay |\n"
            "| --- | --- |\n"
            "| Marks | goal reached |\n"
            "| Touchpoint | till |\n"
            "| Journeys | 1 (50%) completed |\n"
            "\n"
            "2 journeys: 1 (50%) reached the goal, 0 (0%) did not deviate from the map, "
            "1 (50%) left before the goal, 0 (0%) reached no step. Off the map: park (1 journey).\n"
            "\n"
            "- 1 backtrack from pay to ask, in 1 journey.\n"
        ) == str(table)

    def test_a_long_phase_has_several_tables(self) -> None:
        """A table has at most six steps."""
        steps = [JourneyStep(name=f"{number}", phase="p") for number in range(8)]
        told = str(render.journey_table(JourneyMap(name="m", steps=steps)))

        assert ["| p | 1. 0 | 2. 1 | 3. 2 | 4. 3 | 5. 4 | 6. 5 |", "| p (continued) | 7. 6 | 8. 7 |"] == [
            line for line in told.splitlines() if line.startswith("| p")
        ]

    @pytest.mark.parametrize(
        ("label", "told"),
        [
            ("a | b", "a &#124; b"),
            ("price: 9.90", "price: 9.90"),
            ("https://www.example.com", "https&#58;//www&#46;example.com"),
            ("www.example.com, not ww.b", "www&#46;example.com, not ww.b"),
            ("a WWW.b", "a WWW&#46;b"),
            (":smile:", "&#58;smile:"),
            ("it's 3 (of 4) - 50%", "it's 3 (of 4) - 50%"),
            ("\u202eback", "&#8238;back"),
        ],
    )
    def test_escapes(self, label: str, told: str) -> None:
        """Characters with a meaning in Markdown are written by number, and plain text stays readable."""
        table = render.journey_table(JourneyMap(name=label, steps=[JourneyStep(name="a", phase="p")]))

        assert f"**{told}**" == str(table).splitlines()[0]

    def test_refuses_nonsense(self) -> None:
        """A conformance of another map is refused, and so is a value that is no map."""
        here, there = (
            JourneyMap(name="m", steps=[JourneyStep(name=name, phase="p", touchpoint_ids=[1])]) for name in "ab"
        )
        with refused(PolicyMismatchError, "conformance_of_another_map: conformance"):
            render.journey_table(here, compare(there, []))
        with refused(WrongTypeError, "wrong_type: journey_map"):
            render.journey_table("here")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
