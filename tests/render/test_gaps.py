from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import PerceptionGap, WrongTypeError, render
from crmcore.interop.hypothesis import perception_gaps
from tests.support.pictures import NAME, parsed, said, texts
from tests.support.refusals import refused

STAFF = PerceptionGap(company_good=80, company_judged=100, customer_good=8, customer_judged=100)


def boxes(root: Any, kind: str) -> list[str]:
    """List the widths of the bars of a side, without the box of the legend."""
    return [box.attrib["width"] for box in root.iter(f"{NAME}rect") if box.get("class") == kind][1:]


class TestGaps:
    @given(st.lists(st.tuples(texts, perception_gaps()), max_size=5), texts)
    def test_is_a_picture(self, rows: list[Any], title: str) -> None:
        """The picture of any gaps under any labels is well formed and within its frame."""
        root = parsed(render.gaps(rows, title=title))

        assert 1 + len(rows) == len(said(root, "title"))
        assert sum(gap.company_judged > 0 for _, gap in rows) == len(boxes(root, "company"))
        assert sum(gap.customer_judged > 0 for _, gap in rows) == len(boxes(root, "customer"))

    def test_row(self) -> None:
        """A row has a bar for each side, their shares, and the gap with its bounds."""
        root = parsed(render.gaps({"staff": STAFF}))

        assert (["259.2"], ["25.9"]) == (boxes(root, "company"), boxes(root, "customer"))
        assert ["staff: company 80.0%, customers 8.0%, 72.0 points (60.7 to 79.7)."] == said(root, "desc")
        assert ["staff", "80.0%", "8.0%", "72.0 points", "60.7 to 79.7"] == said(root, "text")[-5:]

    @pytest.mark.parametrize(("good", "kind"), [(80, "bad"), (12, "strong"), (0, "strong")])
    def test_a_gap_that_is_sure_is_marked(self, good: int, kind: str) -> None:
        """A gap is marked if its lower bound is above zero."""
        gap = PerceptionGap(company_good=good, company_judged=100, customer_good=8, customer_judged=100)
        root = parsed(render.gaps({"staff": gap}))

        assert [kind] == [text.get("class") for text in root.iter(f"{NAME}text") if "points" in (text.text or "")]

    def test_what_is_unknown_is_said(self) -> None:
        """A side without judgements has no bar; the cautions stand below."""
        half = PerceptionGap(company_good=1, company_judged=2, unknown_source=3)
        root = parsed(render.gaps([(None, half)]))

        assert ([], "unknown: company 50.0%, customers no data, no data.") == (
            boxes(root, "customer"),
            said(root, "title")[1],
        )
        assert "there is no judgement of the customer, so there is no gap" in said(root, "text")
        assert ["no rows."] == said(parsed(render.gaps({})), "desc")

    def test_refusals(self) -> None:
        """A row is a label with a gap."""
        with refused(WrongTypeError, "wrong_type: rows[0]"):
            render.gaps({"staff": 0.72})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - no gap
        with refused(WrongTypeError, "not_a_pair: rows[1]"):
            render.gaps([("staff", STAFF), STAFF])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - no label
