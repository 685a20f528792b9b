from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcore import Interval, Ledger, MomentOfTruth, Svg, Valence, balance, instant, render
from crmcore.interop.hypothesis import ledgers
from crmcore.primitives.errors import InvalidValueError, WrongTypeError

if TYPE_CHECKING:
    from collections.abc import Iterator

GOOD, NEUTRAL, BAD = Valence
START = instant("2026-03-01")
HOUR = timedelta(hours=1)
NAME = "{http://www.w3.org/2000/svg}"

HOSTILE = [
    "<script>alert(1)</script>",
    "</title></svg>",
    "a & b &amp; c",
    "\"'>",
    "]]>",
    "\x00\x08\x1b\ufffe\uffff",
    "\ud800",
    "line\nbreak\ttab",
    "\u202eright to left",
    "漢字" * 40,
    "x" * 500,
    "",
]
texts = st.text(max_size=60) | st.sampled_from(HOSTILE)
floats = st.floats(-1e30, 1e30) | st.floats(0, 1)


def parsed(picture: Svg) -> ET.Element:
    """A picture as the document it is; it must be well formed in UTF-8, and nothing may lie far outside of it."""
    root = ET.fromstring(str(picture).encode())
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for element in root.iter():
        places = [(element.get("x"), element.get("y")), (element.get("cx"), element.get("cy"))]
        for x, y in places:
            if x is not None and y is not None:
                assert 0 <= float(x) <= width
                assert 0 <= float(y) <= height
    return root


def said(root: ET.Element, kind: str) -> list[str]:
    """The text of every element of a kind, with the minus of a keyboard."""
    return [(element.text or "").replace("\N{MINUS SIGN}", "-") for element in root.iter(f"{NAME}{kind}")]


def paths(root: ET.Element, kind: str) -> list[str]:
    """The paths of a class."""
    return [path.attrib["d"] for path in root.iter(f"{NAME}path") if path.get("class") == kind]


def course(text: str) -> Ledger:
    """A moment an hour: ``g``, ``n`` and ``b``."""
    valences = {"g": GOOD, "n": NEUTRAL, "b": BAD}
    return balance.ledger(
        MomentOfTruth(valence=valences[letter], at=START + number * HOUR) for number, letter in enumerate(text)
    )


class TestSvg:
    def test_is_its_text(self) -> None:
        """As a string, to a notebook and as a field; its repr is short."""
        picture = render.ledger(course("gb"))

        assert picture.text == str(picture) == picture._repr_svg_()
        assert f"Svg(text=<{len(picture.text)} characters>)" == repr(picture)
        with pytest.raises(WrongTypeError, match="text must be a str"):
            Svg(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    @pytest.mark.parametrize("title", HOSTILE)
    def test_titles_are_escaped(self, title: str) -> None:
        """Whatever the text, the picture is one, with the text in its title."""
        for picture in (render.ledger(course("gb"), title=title), render.intervals([], title=title)):
            root = parsed(picture)
            told = re.sub("[\x00-\x08\x1b\ud800\ufffe\uffff]", "\N{REPLACEMENT CHARACTER}", title)

            assert [told.replace("\r", "\n")] == said(root, "title")
            assert ["title", "desc", "style"] == [child.tag.removeprefix(NAME) for child in root][:3]
            assert "img" == root.get("role")
            assert not list(root.iter(f"{NAME}script"))

    def test_pictures_may_share_a_page(self) -> None:
        """Nothing in one is named so that another on the same page could take it for its own."""
        text = str(render.ledger(course("gbg")))

        assert " id=" not in text
        assert all(line.startswith((".crmcore ", "@media", "  .crmcore ", "}")) for line in _rules(text))

    def test_knows_the_dark(self) -> None:
        """Every colour is a variable, with one value by day and one by night."""
        root = parsed(render.ledger(course("gbg")))
        (style,) = said(root, "style")
        used = set(re.findall(r"var\((--\w+)\)", style))
        day, night = re.findall(r"\.crmcore \{([^}]*)\}", style)

        assert used == set(re.findall(r"--\w+", day)) == set(re.findall(r"--\w+", night))
        assert {"none"} == set(re.findall(r"(?:fill|stroke): (?!var)(\S+)", style))


def _rules(text: str) -> Iterator[str]:
    yield from text.partition("<style>\n")[2].partition("</style>")[0].splitlines()


class TestLedger:
    @given(ledgers(), texts)
    def test_is_a_picture(self, book: Ledger, title: str) -> None:
        """Of any ledger, under any title, it is well formed and within its frame."""
        root = parsed(render.ledger(book, title=title))

        assert (1 if book.entries else 0) == len(paths(root, "line"))
        assert (1 if (book.lowest or 0) < 0 else 0) == sum(
            dot.get("class") == "deep" for dot in root.iter(f"{NAME}circle")
        )

    def test_steps(self) -> None:
        """Up and down at each moment, from left to right, with what lies below nought."""
        root = parsed(render.ledger(course("gbg")))

        # the ticks go from -15 to 5 on 238 dots from 296 up to 58
        assert ["M72 117.5H72V105.6H378V248.4H684V236.5"] == paths(root, "line")
        assert ["M72 117.5H72V117.5H378V248.4H684V236.5V117.5z"] == paths(root, "below")
        assert ["M72 117.5L684 117.5"] == paths(root, "zero")
        assert [("378", "248.4")] == [
            (dot.attrib["cx"], dot.attrib["cy"]) for dot in root.iter(f"{NAME}circle") if dot.get("class") == "deep"
        ]

    def test_says_what_it_shows(self) -> None:
        """The description tells the course in words."""
        cases = {
            "": "No moments.",
            "ggn": "3 moments from 2026-03-01 to 2026-03-01. The balance ends at 2; its lowest was 1 on 2026-03-01. "
            "It was never in deficit.",
            "gb": "2 moments from 2026-03-01 to 2026-03-01. The balance ends at -11; its lowest was -11 on 2026-03-01. "
            "A deficit is left.",
            "b" + "g" * 30: "31 moments from 2026-03-01 to 2026-03-02. The balance ends at 18; its lowest was -12 on "
            "2026-03-01. The last deficit was made good on 2026-03-01.",
        }
        for text, expected in cases.items():
            assert [expected] == said(parsed(render.ledger(course(text))), "desc")

    @pytest.mark.parametrize(
        ("text", "labels"),
        [
            ("", ["no moments"]),
            ("b", ["2026-03-01", "-12 on 2026-03-01"]),
            ("g", ["2026-03-01", "1"]),
            (
                "gb" + "g" * 3,
                ["03-01 00:00", "03-01 01:00", "03-01 02:00", "03-01 03:00", "03-01 04:00", "-11 on", "-8"],
            ),
            ("g" * 193, ["2026-03-01", "2026-03-03", "2026-03-05", "2026-03-07", "2026-03-09", "193"]),
        ],
    )
    def test_labels(self, text: str, labels: list[str]) -> None:
        """Below stand days, or hours where it is short; lowest and last balance are written beside their dots."""
        told = said(parsed(render.ledger(course(text))), "text")
        others = [label for label in told[1:] if not re.fullmatch(r"-?[\d,.]+", label) or label == told[-1]]

        assert len(labels) == len(others)
        assert all(other.startswith(label) for other, label in zip(others, labels, strict=True))

    def test_decimals_are_cut(self) -> None:
        """A balance of many decimals shows two of them."""
        book = balance.ledger([MomentOfTruth(valence=BAD, at=START, severity="0.0123456")])

        assert "-0.14 on 2026-03-01" in said(parsed(render.ledger(book)), "text")

    def test_a_long_one_is_not_long(self) -> None:
        """Many moments on one spot are drawn as far as they reach."""
        text = ("g" * 5 + "b" + "g" * 9) * 2000

        assert len(str(render.ledger(course(text)))) < 70_000

    def test_of_a_ledger_only(self) -> None:
        """Moments are no ledger."""
        with pytest.raises(WrongTypeError, match="book must be a Ledger"):
            render.ledger([])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with pytest.raises(WrongTypeError, match="title must be a str"):
            render.ledger(course("g"), title=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


class TestIntervals:
    @given(
        st.lists(st.tuples(texts, st.tuples(st.none() | floats, st.none() | st.tuples(floats, floats))), max_size=6),
        texts,
        st.dictionaries(texts, floats, max_size=2),
    )
    def test_is_a_picture(self, rows: list[Any], title: str, marks: dict[str, float]) -> None:
        """Of any rates under any labels it is well formed, and within its frame."""
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
        """Their labels stand above and below by turns; of no rows the picture says so."""
        marks = {"last month": 0.10, "target": 0.11, "branch": 0.12}
        root = parsed(render.intervals({"desk": (0.1, None)}, marks=marks))
        places = {element.text: element.get("y") for element in root.iter(f"{NAME}text") if element.text in marks}

        assert ["49", "138", "49"] == [places[label] for label in marks]
        assert "156" == root.attrib["height"]
        assert "no rows" in said(parsed(render.intervals({})), "text")

    def test_rows(self) -> None:
        """A line from bound to bound, a dot at the rate, the figures beside."""
        root = parsed(render.intervals({"desk": (Decimal("0.5"), Interval(0.25, 1.0))}, marks={"half": Decimal("0.5")}))

        assert ["M306.5 78H584M306.5 74v8M584 74v8"] == [_rounded(path) for path in paths(root, "line")]
        assert ["M399 54L399 98"] == paths(root, "mark")
        assert ["0%", "20%", "40%", "60%", "80%", "100%", "half", "desk", "50.0% (25.0 to 100.0%)"] == said(
            root, "text"
        )[1:]
        assert ["half: 50.0%. desk: 50.0% (25.0 to 100.0%)."] == said(root, "desc")

    def test_what_is_unknown_is_said(self) -> None:
        """A label of None is unknown, a rate of None has no data, bounds may be missing."""
        root = parsed(
            render.intervals([(None, (None, None)), ("desk", (1, None)), ((BAD, 7), (0.0001, Interval(0, 1)))])
        )

        assert ["unknown: no data.", "desk: 100.0%.", "bad, 7: 0.01% (0.0 to 100.0%)."] == said(root, "title")[1:]
        assert ["No rows."] == said(parsed(render.intervals([])), "desc")

    def test_below_nought(self) -> None:
        """A difference may be negative; its sign is a minus."""
        picture = render.intervals({Decimal("1E+3"): (-0.1, Interval(-0.15, 0.02))})
        root = parsed(picture)

        assert "1E+3: -10.0% (-15.0 to 2.0%)." == said(root, "title")[1]
        assert "\N{MINUS SIGN}10.0%" in str(picture)

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
        """To what there is room for; the whole stands in the row's title."""
        root = parsed(render.intervals({label: (0.5, None)}))

        assert expected == said(root, "text")[-2]
        assert f"{label}: 50.0%." == said(root, "title")[1]

    @pytest.mark.parametrize(
        ("rows", "error", "message"),
        [
            ([5], WrongTypeError, "every row must be a label with a rate and its bounds, .* got 5"),
            ([("a", 0.5)], WrongTypeError, "every row must be a label with a rate and its bounds, .* got 0.5"),
            ([("a", (0.5, None), 1)], WrongTypeError, "every row must be a label"),
            (5, WrongTypeError, "rows must be several rows"),
            ({"a": ("0.5", None)}, WrongTypeError, "every rate must be a Decimal or a float, got '0.5'"),
            ({"a": (True, None)}, WrongTypeError, "every rate must be a Decimal or a float, got True"),
            ({"a": (0.5, (0.4, 0.6))}, WrongTypeError, "the bounds of every row must be an Interval"),
            ({"a": (float("nan"), None)}, InvalidValueError, "every rate must be a number of at most 10.30, got nan"),
            ({"a": (Decimal("NaN"), None)}, InvalidValueError, "every rate must be a number of at most 10.30"),
            ({"a": (1e31, None)}, InvalidValueError, "every rate must be a number of at most 10.30"),
            ({"a": (0, Interval(-1e31, 0))}, InvalidValueError, "every bound must be a number of at most 10.30"),
        ],
    )
    def test_refuses_nonsense(self, rows: Any, error: type[Exception], message: str) -> None:
        """A row is a label, a rate and bounds."""
        with pytest.raises(error, match=message):
            render.intervals(rows)
        with pytest.raises(WrongTypeError, match="every mark must be a Decimal or a float"):
            render.intervals([], marks={"a": "0.5"})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]


def _rounded(path: str) -> str:
    return re.sub(r"\d+\.\d+", lambda number: str(round(float(number[0]), 1)), path)
