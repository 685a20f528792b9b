from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given

from crmcore import CompensationFund, Money, instant, render
from crmcore.interop.hypothesis import compensation_funds
from crmcore.primitives.errors import WrongTypeError
from tests.support.pictures import NAME, parsed, paths, said, spent, texts
from tests.support.refusals import refused

START = instant("2026-03-01")


class TestFund:
    @given(compensation_funds(), texts)
    def test_is_a_picture(self, book: CompensationFund, title: str) -> None:
        """The picture of any fund under any title is well formed and within its frame."""
        root = parsed(render.fund(book, title=title))

        assert bool(book.entries) == len(paths(root, "line"))
        assert bool(book.entries) == sum(dot.get("class") == "dot" for dot in root.iter(f"{NAME}circle"))

    def test_steps(self) -> None:
        """The line starts at the opening, and steps down and up at each entry."""
        book = CompensationFund(opening=Money(100, "EUR")).grant("c", Money(50, "EUR"), at=START)
        root = parsed(render.fund(book.top_up(Money(50, "EUR"), at=START + timedelta(days=1))))

        # the ticks go from 0 to 100 on 238 dots from 296 up to 58
        assert ["M72 58H96V177H652V58"] == paths(root, "line")

    @pytest.mark.parametrize(
        ("book", "description", "labels"),
        [
            (CompensationFund(opening=Money(9, "EUR")), "no entries.", ["no entries"]),
            (
                spent(),
                (
                    "5 entries from 2026-03-01 to 2026-03-30. "
                    "The fund ends at 132.50 EUR; its lowest was 10.00 EUR on 2026-03-10."
                ),
                ["132.50 EUR", "10.00 EUR on 2026-03-10"],
            ),
            (
                CompensationFund(opening=Money(9, "JPY")).grant("c", Money(9, "JPY"), at=START),
                "1 entry from 2026-03-01 to 2026-03-01. The fund ends at 0 JPY; its lowest was 0 JPY on 2026-03-01.",
                ["0 JPY"],
            ),
            (
                CompensationFund(opening=Money("9.5", "XXX")).top_up(Money(1000, "XXX"), at=START),
                (
                    "1 entry from 2026-03-01 to 2026-03-01. "
                    "The fund ends at 1,009.5 XXX; its lowest was 1,009.5 XXX on 2026-03-01."
                ),
                ["1,009.5 XXX"],
            ),
        ],
    )
    def test_says_what_it_shows(self, book: CompensationFund, description: str, labels: list[str]) -> None:
        """The description is in sentences; the last balance and the lowest one have labels."""
        root = parsed(render.fund(book))

        assert [description] == said(root, "desc")
        assert labels == [text for text in said(root, "text") if text in labels]

    def test_label_of_a_late_low_is_on_the_left(self) -> None:
        """A label stands on the side that has room."""
        book = CompensationFund(opening=Money(9, "EUR")).grant("c", Money(1, "EUR"), at=START)
        book = book.grant("c", Money(7, "EUR"), at=START + timedelta(days=8))
        root = parsed(render.fund(book.take_back("c", Money(1, "EUR"), at=START + timedelta(days=9))))

        assert ["end"] == [text.get("text-anchor") for text in root.iter(f"{NAME}text") if text.get("class") == "bad"]

    def test_of_a_fund_only(self) -> None:
        """A value that is no fund is refused."""
        with refused(WrongTypeError, ": book"):
            render.fund([])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
