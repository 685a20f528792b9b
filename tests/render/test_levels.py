"""The pictures of the levels of loyalty: a base over time, and the moves between levels."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

from crmcore import BaseDistribution, LevelTransitions, Period, render
from crmcore.interop.hypothesis import base_distributions, level_transitions
from crmcore.primitives.errors import InconsistentCountsError, PolicyMismatchError, WrongTypeError
from crmcore.voice import loyalty
from tests.support.pictures import HOSTILE, NAME, parsed, paths, said, texts
from tests.support.refusals import refused

MONTHS = [Period.month(2026, month) for month in range(1, 5)]
UNHAPPY = [(10, 100), (11, 100), (12, 100), (45, 100)]
BASE = {
    month: BaseDistribution(counts=(n - count, 0, count)) for month, (count, n) in zip(MONTHS, UNHAPPY, strict=True)
}
WARNING = loyalty.early_warning(BASE, baseline_periods=2)
MOVED = LevelTransitions(counts=((72, 15, 5), (16, 56, 16), (2, 6, 24)), left=(8, 12, 48))


def boxes(root: Any, kind: str) -> list[Any]:
    """List the rectangles of a class."""
    return [box for box in root.iter(f"{NAME}rect") if box.get("class") == kind]


def diamonds(root: Any) -> int:
    """Count the signs of an alarm: one in the picture, and one beside its name."""
    return sum(1 for one in root.iter(f"{NAME}polygon") if one.get("class") == "alarm")


class TestBaseOverTime:
    @given(st.lists(st.tuples(texts, base_distributions()), max_size=40), texts)
    def test_is_a_picture(self, rows: list[tuple[str, BaseDistribution]], title: str) -> None:
        """The picture of any base under any labels is well formed and within its frame."""
        parsed(render.base_over_time(rows, title=title))

    def test_shares_are_stacked(self) -> None:
        """The worst level stands on zero, the best reaches 100%; a level of no customers is not drawn."""
        rows = {"a": BaseDistribution(counts=(5, 3, 2)), "b": BaseDistribution(counts=(1, 0, 1), unread=3)}
        root = parsed(render.base_over_time(rows))
        highest, even, lowest = (boxes(root, kind) for kind in ("highest", "odd", "lowest"))
        zero = float(lowest[0].get("y")) + float(lowest[0].get("height"))
        whole = zero - float(highest[0].get("y"))

        assert (2 + 1, 1 + 1, 2 + 1) == (len(highest), len(even), len(lowest))  # one each in the legend
        assert [0.2, 0.5] == [float(box.get("height")) / whole for box in lowest[:2]]
        assert float(highest[0].get("y")) == float(highest[1].get("y"))
        a, b = "a: loyal 50.0%, satisfied 30.0%, aggrieved 20.0% of 10.", "b: loyal 50.0%, satisfied 0.0%"
        assert [f"{a} {b}, aggrieved 50.0% of 2, 3 without a level."] == said(root, "desc")

    def test_without_data(self) -> None:
        """A period of which no customer has a level is shaded, and labelled where there is room."""
        few = parsed(render.base_over_time({"a": BaseDistribution(unread=5)}))
        many = parsed(render.base_over_time(enumerate([BaseDistribution()] * 40)))

        assert 1 == len(boxes(few, "missing"))
        assert ["a: no data, 5 without a level."] == said(few, "desc")
        assert "no data" in said(few, "text")
        assert 40 == len(boxes(many, "missing"))
        assert "no data" not in said(many, "text")
        assert ["no rows."] == said(parsed(render.base_over_time({})), "desc")

    def test_alarm(self) -> None:
        """The period of the alarm has a diamond, and says so; the periods of the baseline have a line."""
        root = parsed(render.base_over_time(BASE, warning=WARNING))

        assert 2 == diamonds(root)
        assert 2 == len(paths(root, "baseline"))
        assert {"baseline", "alarm: aggrieved", "2026-04"} <= {*said(root, "text")}
        assert "2026-04: loyal 55.0%, satisfied 0.0%, aggrieved 45.0% of 100, alarm." in said(root, "desc")[0]
        assert "the baseline has 2 periods, fewer than 20" in said(root, "text")

    def test_alarm_is_found_by_its_period(self) -> None:
        """The alarm stands at its period whatever the order of the rows, and by position where periods are unknown."""
        backwards = dict(reversed(BASE.items()))
        pairs = loyalty.early_warning(UNHAPPY, baseline_periods=2)
        named = list(zip("abcd", BASE.values(), strict=True))
        for picture in (
            render.base_over_time(backwards, warning=WARNING),
            render.base_over_time(named, warning=pairs),
        ):
            (alarmed,) = [sentence for sentence in said(parsed(picture), "desc")[0].split(". ") if "alarm" in sentence]
            assert "aggrieved 45.0%" in alarmed

    def test_another_level_may_be_watched(self) -> None:
        """The level of a warning is found by its counts; without an alarm there is no diamond."""
        rest = loyalty.early_warning(BASE, baseline_periods=2, level="loyal")
        root = parsed(render.base_over_time(BASE, warning=rest))

        assert 0 == diamonds(root)
        assert 2 == len(paths(root, "baseline"))

    def test_levels_of_the_caller(self) -> None:
        """Any number of levels is drawn, each under its own name; names without room are left out."""
        levels = [f"{place} {'x' * 30}" for place in range(9)]
        alone = loyalty.early_warning([(1, 9), (9, 9)], baseline_periods=1)
        assert alone is not None
        rows = [
            (0, BaseDistribution(counts=[1] * 9, levels=levels)),
            (1, BaseDistribution(counts=[0] * 8 + [9], levels=levels)),
        ]
        root = parsed(render.base_over_time(rows, warning=alone))

        assert 1 == diamonds(root)  # its name has no room
        assert len([text for text in said(root, "text") if text.endswith("\N{HORIZONTAL ELLIPSIS}")]) < 9
        assert "8 xxx" in said(root, "desc")[0]

    @pytest.mark.parametrize("level", HOSTILE[:5])
    def test_names_are_escaped(self, level: str) -> None:
        """The name of a level is text."""
        parsed(render.base_over_time({"a": BaseDistribution(counts=(1, 1), levels=(level, "x"))}))

    @pytest.mark.parametrize(
        ("rows", "warning", "error", "broken"),
        [
            ([("a", 5)], None, WrongTypeError, "wrong_type: base[0]"),
            (
                [("a", BaseDistribution()), ("b", BaseDistribution(levels=("fan", "foe")))],
                None,
                PolicyMismatchError,
                "columns_of_other_levels: base[1]",
            ),
            (BASE, 5, WrongTypeError, "wrong_type: warning"),
            ({}, WARNING, InconsistentCountsError, "warning_of_another_base: warning"),
            (
                zip("abc", BASE.values(), strict=False),
                WARNING,
                InconsistentCountsError,
                "warning_of_another_base: warning",
            ),
            (
                {month: row + row for month, row in BASE.items()},
                WARNING,
                InconsistentCountsError,
                "warning_of_another_base: warning",
            ),
        ],
    )
    def test_refuses_nonsense(self, rows: Any, warning: Any, error: type[Exception], broken: str) -> None:
        """Only distributions of the same levels are drawn, with a warning of the same counts."""
        with refused(error, broken):
            render.base_over_time(rows, warning=warning)

    def test_other_levels_are_told(self) -> None:
        """The levels that differ are named, the first ones before the others."""
        rows = [(levels, BaseDistribution(levels=levels)) for levels in (("fan", "foe"), ("up", "down"))]
        with refused(PolicyMismatchError, "columns_of_other_levels: base[1]") as caught:
            render.base_over_time(rows)

        first, other = caught.value.operands
        assert (("fan", "foe"), ("up", "down")) == (first, other)
        assert caught.value.message.endswith("got fan, foe and up, down")


class TestLevelTransitions:
    @given(level_transitions(), texts)
    def test_is_a_picture(self, moved: LevelTransitions, title: str) -> None:
        """The picture of any moves is well formed and within its frame."""
        parsed(render.level_transitions(moved, title=title))

    def test_cells(self) -> None:
        """A cell has its share and its count, and the colour of its direction, as strong as the share."""
        root = parsed(render.level_transitions(MOVED))
        shades = {
            kind: [float(box.get("fill-opacity")) for box in boxes(root, kind)] for kind in ("improved", "unmoved")
        }

        assert (3, 3, 6) == tuple(len(boxes(root, kind)) for kind in ("improved", "unmoved", "worsened"))
        assert [0.38, 0.31, 0.19] == shades["unmoved"]
        assert {"72.0%", "72", "60.0%", "48", "left", "before", "after"} <= {*said(root, "text")}
        told = said(root, "desc")[0]
        assert told.startswith("loyal to loyal: 72.0% (72). loyal to satisfied: 15.0% (15).")
        assert told.endswith("aggrieved, left: 60.0% (48).")

    def test_those_in_no_share(self) -> None:
        """Customers who arrived, were not read again or had no level have counts, if there are any."""
        more = attrs.evolve(MOVED, arrived=(5, 9, 1), unread=(3, 0, 4), found=(0, 2, 0), unknown=6)
        root = parsed(render.level_transitions(more))
        told = said(root, "desc")[0]

        for sentence in (
            "loyal, not read again: 3.",
            "arrived, satisfied: 9.",
            "no level before, satisfied: 2.",
            "6 without a level at either time.",
        ):
            assert sentence in told
        assert not {"arrived", "not read again", "no level before"} & {
            *said(parsed(render.level_transitions(MOVED)), "text")
        }

    def test_a_level_without_moves(self) -> None:
        """A row of which no move is known has counts of zero and no shares; its caution stands below."""
        root = parsed(render.level_transitions(LevelTransitions(counts=((7, 1, 2), (0, 0, 0), (1, 1, 1)))))

        assert "satisfied to loyal: 0." in said(root, "desc")[0]
        assert "no move is known from satisfied" in said(root, "text")

    def test_many_levels(self) -> None:
        """Narrow cells keep the count and leave out a share that has no room."""
        levels = [str(place) for place in range(16)]
        root = parsed(render.level_transitions(LevelTransitions(counts=[[3] * 16] * 16, levels=levels)))

        assert "3" in said(root, "text")
        assert "6.2%" not in said(root, "text")
        assert "15 to 15: 6.2% (3)." in said(root, "desc")[0]

    def test_refuses_nonsense(self) -> None:
        """Only moves are drawn."""
        moved: Any = BaseDistribution()
        with refused(WrongTypeError, "wrong_type: moved"):
            render.level_transitions(moved)
