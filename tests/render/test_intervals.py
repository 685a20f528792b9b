from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from crmcore import Nps, Valence, render
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.proportions import Interval
from crmcore.render._document import WIDTH
from crmcore.render._widths import measure
from tests.support.pictures import NAME, parsed, paths, said, texts
from tests.support.refusals import refused

floats = st.floats(-1e30, 1e30) | st.floats(0, 1)


class TestIntervals:
    @given(
        st.lists(st.tuples(texts, st.tuples(st.none() | floats, st.none() | st.tuples(floats, floats))), max_size=6),
        texts,
        st.dictionaries(texts, floats, max_size=2),
    )
    def test_is_a_picture(self, rows: list[Any], title: str, marks: dict[str, float]) -> None:
        """The picture of any rates under any labels is well formed and within its frame."""
        bounded = [
            (label, (rate, None if bounds is None else Interval(min(bounds), max(bounds))))
            for label, (rate, bounds) in rows
        ]
        root = parsed(render.intervals(bounded, title=title, marks=marks))

        assert 1 + len(rows) == len(said(root, "title"))
        assert sum(rate is not None for _, (rate, _) in bounded) == len(list(root.iter(f"{NAME}circle")))
        assert sum(rate is not None and bounds is not None for _, (rate, bounds) in bounded) == len(paths(root, "line"))
        assert len(marks) == len(paths(root, "mark"))

    def test_neighbouring_marks_do_not_collide(self) -> None:
        """The labels of marks are alternately above and below, and a picture without rows says so."""
        marks = {"last month": 0.10, "target": 0.11, "branch": 0.12}
        root = parsed(render.intervals({"desk": (0.1, None)}, marks=marks))
        places = {element.text: element.get("y") for element in root.iter(f"{NAME}text") if element.text in marks}

        assert ["49", "138", "49"] == [places[label] for label in marks]
        assert "156" == root.attrib["height"]
        assert "no rows" in said(parsed(render.intervals({})), "text")

    def test_rows(self) -> None:
        """A row has a line from bound to bound, a dot at the rate, and the figures."""
        root = parsed(render.intervals({"desk": (Decimal("0.5"), Interval(0.25, 1.0))}, marks={"half": Decimal("0.5")}))

        assert ["M306.5 78H584M306.5 74v8M584 74v8"] == [_rounded(path) for path in paths(root, "line")]
        assert ["M399 54L399 98"] == paths(root, "mark")
        assert ["0%", "20%", "40%", "60%", "80%", "100%", "half", "desk", "50.0% (25.0 to 100.0%)"] == said(
            root, "text"
        )[1:]
        assert ["half: 50.0%. desk: 50.0% (25.0 to 100.0%)."] == said(root, "desc")

    def test_what_is_unknown_is_said(self) -> None:
        """A label of None is shown as unknown, a rate of None as no data, and bounds may be missing."""
        root = parsed(
            render.intervals([(None, (None, None)), ("desk", (1, None)), ((Valence.BAD, 7), (0.0001, Interval(0, 1)))])
        )

        assert ["unknown: no data.", "desk: 100.0%.", "bad, 7: 0.01% (0.0 to 100.0%)."] == said(root, "title")[1:]
        assert ["no rows."] == said(parsed(render.intervals([])), "desc")

    def test_below_zero(self) -> None:
        """A rate may be negative, and is written with a minus sign."""
        picture = render.intervals({Decimal("1E+3"): (-0.1, Interval(-0.15, 0.02))})
        root = parsed(picture)

        assert "1E+3: -10.0% (-15.0 to 2.0%)." == said(root, "title")[1]
        assert "\N{MINUS SIGN}10.0%" in str(picture)

    def test_wide_figures(self) -> None:
        """Figures that are wider than usual end within the picture, and the scale gives way."""
        wide = ("-44.9% (-48.1 to -41.6%)", (-0.449, Interval(-0.481, -0.416)))
        usual, narrow = (parsed(render.intervals(dict([one]))) for one in (("a", (0.5, Interval(0.4, 0.6))), wide))

        def place(root: Any) -> float:
            return float(list(root.iter(f"{NAME}text"))[-1].attrib["x"])

        figures = "\N{MINUS SIGN}44.9% (\N{MINUS SIGN}48.1 to \N{MINUS SIGN}41.6%)"
        assert place(narrow) < place(usual)
        assert place(narrow) + measure(figures) <= WIDTH < place(usual) + measure(figures)

    @pytest.mark.parametrize(
        ("label", "expected"),
        [
            ("x" * 27, "x" * 27),
            ("x" * 28, "x" * 25 + "…"),
            ("i" * 50, "i" * 50),
            ("W" * 16, "W" * 14 + "…"),
            ("漢" * 15, "漢" * 15),
            ("漢" * 16, "漢" * 14 + "…"),
        ],
    )
    def test_long_labels_are_cut(self, label: str, expected: str) -> None:
        """A long label is cut to its room, and the whole label is in the title of the row."""
        root = parsed(render.intervals({label: (0.5, None)}))

        assert expected == said(root, "text")[-2]
        assert f"{label}: 50.0%." == said(root, "title")[1]

    @pytest.mark.parametrize(
        ("rows", "error", "broken"),
        [
            ([5], WrongTypeError, "not_a_pair: rows[0]"),
            ([("a", 0.5)], WrongTypeError, "not_a_pair: rows[0]"),
            ([("a", (0.5, None), 1)], WrongTypeError, "not_a_pair: rows[0]"),
            ({"a": Nps(promoters=1)}, WrongTypeError, "not_a_pair: rows[0]"),
            (5, WrongTypeError, "one_for_several: rows"),
            ({"a": ("0.5", None)}, WrongTypeError, "not_a_rate: rows[0]"),
            ({"a": (True, None)}, WrongTypeError, "not_a_rate: rows[0]"),
            ({"a": (0.5, (0.4, 0.6))}, WrongTypeError, "wrong_type: rows[0]"),
            ({"a": (float("nan"), None)}, InvalidValueError, "figure_too_large: rows[0]"),
            ({"a": (Decimal("NaN"), None)}, InvalidValueError, "figure_too_large: rows[0]"),
            ({"a": (1e31, None)}, InvalidValueError, "figure_too_large: rows[0]"),
            ({"a": (0, Interval(-1e31, 0))}, InvalidValueError, "figure_too_large: rows[0]"),
        ],
    )
    def test_refuses_nonsense(self, rows: Any, error: type[Exception], broken: str) -> None:
        """A row that is no label with a rate and an interval is refused."""
        with refused(error, broken):
            render.intervals(rows)
        with refused(WrongTypeError, "not_a_rate: marks[0]"):
            render.intervals([], marks={"a": "0.5"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]


def _rounded(path: str) -> str:
    return re.sub(r"\d+\.\d+", lambda number: str(round(float(number[0]), 1)), path)
