from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from crmcore import Money, RevenueMovements, render
from crmcore.interop.hypothesis import revenue_movements
from crmcore.primitives.errors import WrongTypeError
from tests.support.pictures import parsed, said
from tests.support.refusals import refused

MARCH = RevenueMovements.between(
    {1: Money(100, "EUR"), 2: Money(200, "EUR"), 3: Money(50, "EUR")},
    {1: Money(150, "EUR"), 2: Money(120, "EUR"), 4: Money(80, "EUR"), 5: Money(30, "EUR")},
    paid_before=[5],
)


class TestRevenueBridge:
    @given(revenue_movements(), st.text())
    def test_each_bar_begins_where_the_last_ends(self, movements: RevenueMovements, title: str) -> None:
        """The picture is well-formed, and the bars lead from the start to the end."""
        root = parsed(render.revenue_bridge(movements, title=title))
        boxes = [box.attrib for box in root.iter("{http://www.w3.org/2000/svg}rect")]
        edges = [
            (float(box["x"]), float(box["x"]) + float(box["width"]))
            for box in boxes
            if box["class"] in {"whole", "gain", "loss"}
        ]

        assert len(edges) == 7
        ends = [edges[0][1]]
        for place, (low, high) in enumerate(edges[1:6]):
            before, after = (low, high) if place < 3 else (high, low)
            assert before == pytest.approx(ends[-1], abs=0.3)
            ends.append(after)
        assert edges[6][1] == pytest.approx(ends[-1], abs=0.3)

    def test_says_what_it_shows(self) -> None:
        """The description has each amount with its sign, and the rates."""
        (told,) = said(parsed(render.revenue_bridge(MARCH)), "desc")

        assert told == (
            "Start: 350.00 EUR. New: +80.00 EUR. Reactivation: +30.00 EUR. Expansion: +50.00 EUR. "
            "Contraction: -80.00 EUR. Churn: -50.00 EUR. End: 380.00 EUR. "
            "gross churn 37.1%, net churn 14.3%. of the start, 62.9% is kept, 77.1% with expansion."
        )

    def test_table(self) -> None:
        """The table has the customers of each movement."""
        lines = str(render.revenue_bridge_table(MARCH)).splitlines()

        assert "| Start | 350.00 EUR | 3 |" == lines[2]
        assert "| Churn | \N{MINUS SIGN}50.00 EUR | 1 |" == lines[7]
        assert "| End | 380.00 EUR | 4 |" == lines[8]

    def test_without_revenue(self) -> None:
        """Without revenue at the start, there are no rates."""
        nothing = RevenueMovements.from_amounts(start=Money(0, "EUR"))

        assert ["Start: 0.00 EUR."] == [text[:16] for text in said(parsed(render.revenue_bridge(nothing)), "desc")]
        with refused(WrongTypeError, ": movements"):
            render.revenue_bridge([])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - no movements
