from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hypothesis import given

from crmcore import Ledger, MomentOfTruth, Valence, instant, render
from crmcore.interop.hypothesis import ledgers
from crmcore.primitives.errors import WrongTypeError
from tests.support.pictures import NAME, course, parsed, paths, said, texts
from tests.support.refusals import refused

BAD = Valence.BAD
START = instant("2026-03-01")
HOUR = timedelta(hours=1)


class TestLedger:
    @given(ledgers(), texts)
    def test_is_a_picture(self, book: Ledger, title: str) -> None:
        """The picture of any ledger under any title is well formed and within its frame."""
        root = parsed(render.ledger(book, title=title))

        assert (1 if book.entries else 0) == len(paths(root, "line"))
        assert (1 if (book.lowest or 0) < 0 else 0) == sum(
            dot.get("class") == "deep" for dot in root.iter(f"{NAME}circle")
        )

    def test_steps(self) -> None:
        """The line steps up and down at each moment, and the area below zero is filled."""
        root = parsed(render.ledger(course("gbg")))

        # the ticks go from -15 to 5 on 238 dots from 296 up to 58
        assert ["M72 117.5H72V105.6H378V248.4H684V236.5"] == paths(root, "line")
        assert ["M72 117.5H72V117.5H378V248.4H684V236.5V117.5z"] == paths(root, "below")
        assert ["M72 117.5L684 117.5"] == paths(root, "zero")
        assert [("378", "248.4")] == [
            (dot.attrib["cx"], dot.attrib["cy"]) for dot in root.iter(f"{NAME}circle") if dot.get("class") == "deep"
        ]

    def test_says_what_it_shows(self) -> None:
        """The description is in sentences."""
        cases = {
            "": "no moments.",
            "ggn": "3 moments from 2026-03-01 to 2026-03-01. The balance ends at 2; its lowest was 1 on 2026-03-01. "
            "It was never in deficit.",
            "gb": "2 moments from 2026-03-01 to 2026-03-01. The balance ends at -11; its lowest was -11 on 2026-03-01. "
            "It is in deficit at the end.",
            "b" + "g" * 30: "31 moments from 2026-03-01 to 2026-03-02. The balance ends at 18; its lowest was -12 on "
            "2026-03-01. The last deficit was repaid on 2026-03-01.",
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
        """Dates are days, or hours if the time is short; the lowest and the last balance have labels."""
        told = said(parsed(render.ledger(course(text))), "text")
        others = [label for label in told[1:] if not re.fullmatch(r"-?[\d,.]+", label) or label == told[-1]]

        assert len(labels) == len(others)
        assert all(other.startswith(label) for other, label in zip(others, labels, strict=True))

    def test_decimals_are_cut(self) -> None:
        """A label shows at most two decimals."""
        book = Ledger(moments=[MomentOfTruth(valence=BAD, at=START, severity="0.0123456")])

        assert "-0.14 on 2026-03-01" in said(parsed(render.ledger(book)), "text")

    def test_a_long_one_is_not_long(self) -> None:
        """Of many moments at the same x, only the extremes are drawn."""
        text = ("g" * 5 + "b" + "g" * 9) * 2000

        assert len(str(render.ledger(course(text)))) < 70_000

    def test_of_a_ledger_only(self) -> None:
        """A value that is no ledger is refused."""
        with refused(WrongTypeError, "wrong_type: book"):
            render.ledger([])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        with refused(WrongTypeError, "not_a_text: title"):
            render.ledger(course("g"), title=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
