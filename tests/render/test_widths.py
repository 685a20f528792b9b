from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, strategies as st

from crmcore.render._document import draw_text
from crmcore.render._widths import cut, is_right_to_left, measure, wrap
from tests.support.pictures import texts

rooms = st.floats(0, 300)


class TestWidth:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", 0.0),
            ("il", 7.2),
            ("mW", 24.0),
            ("漢字", 24.0),
            ("한국", 24.0),
            ("e\u0301", 7.92),  # the mark stands above the letter
            ("שלום", 29.76),
            ("سَلام", 31.68),  # and so does a vowel mark
            ("\u200b\u202e\ufeff", 0.0),
        ],
    )
    def test_of_scripts(self, text: str, expected: float) -> None:
        """Narrow letters are narrow, Chinese, Japanese and Korean characters are square, and marks have no width."""
        assert expected == pytest.approx(measure(text))

    @given(texts, texts)
    def test_adds_up(self, one: str, other: str) -> None:
        """The width of two joined texts is the sum of both, bold is wider, and every character has a width."""
        assert measure(one + other) == pytest.approx(measure(one) + measure(other))
        assert measure(one) <= measure(one, bold=True) == pytest.approx(1.14 * measure(one))
        assert measure(one, 24) == pytest.approx(2 * measure(one))


class TestCut:
    @given(texts, rooms)
    def test_fits(self, text: str, room: float) -> None:
        """A text that fits is not changed; any other is a beginning that fits, with an ellipsis."""
        shown = cut(text, room)

        assert shown == text or measure(text) > room
        if shown != text:
            assert shown.endswith("…")
            assert text.startswith(shown[:-1])
            assert measure(shown) <= max(room, 12) + 1e-6

    def test_keeps_marks(self) -> None:
        """A letter stays together with its marks."""
        assert "e\u0301e\u0301…" == cut("e\u0301" * 9, 30)


class TestWrapped:
    @given(texts, rooms, st.booleans())
    def test_loses_nothing(self, text: str, room: float, bold: bool) -> None:
        """All characters except spaces are kept in order, and a line is too long only if one character is."""
        lines = wrap(text, room, bold=bold, most=10_000)

        assert "".join(text.split()) == "".join("".join(lines).split())
        assert all(line and measure(line, bold=bold) <= max(room, 12 * 1.4 * 1.14) + 1e-6 for line in lines)

    @given(texts, rooms, st.integers(1, 4))
    def test_has_so_many_lines(self, text: str, room: float, most: int) -> None:
        """If a text has too many lines, the last one ends in an ellipsis."""
        every, some = wrap(text, room, most=10_000), wrap(text, room, most=most)

        if len(every) <= most:
            assert every == some
        else:
            assert most == len(some)
            assert every[: most - 1] == some[:-1]
            assert some[-1].endswith("…")
            assert measure(some[-1]) <= max(room, 12) + 1e-6

    @pytest.mark.parametrize(
        ("text", "room", "lines"),
        [
            ("a plain sentence of words", 60, ["a plain", "sentence", "of words"]),
            ("  spaces \n and\ttabs  ", 200, ["spaces and tabs"]),
            ("aa bb", 35, ["aa", "bb"]),
            ("aa bb", 36.1, ["aa bb"]),
            ("1. Donaudampfschifffahrt", 80, ["1. Donauda", "mpfschifffa", "hrt"]),
            ("in two lines: Donaudampfschifffahrt", 55, ["in two", "lines:", "Donaud", "ampfsch", "ifffahrt"]),
            ("https://example.com/a/long/path?of=it", 110, ["https://example.", "com/a/long/", "path?of=it"]),
            ("売り場の場所を尋ねる。", 60, ["売り場の場", "所を尋ね", "る。"]),
            ("「呼び出し」を置く", 36, ["「呼び", "出し」", "を置く"]),
            ("漢字 and words 漢字", 50, ["漢字", "and", "words", "漢字"]),
            ("👩\u200d👩\u200d👧👩\u200d👩\u200d👧", 40, ["👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"]),
            ("", 10, []),
            (" \n ", 10, []),
        ],
    )
    def test_breaks(self, text: str, room: float, lines: list[str]) -> None:
        """Lines break at spaces, beside Asian characters but not before closing ones, and within long words.

        They break at the same places if the letters and the room are twice as large.
        """
        assert lines == wrap(text, room) == wrap(text, 2 * room, 24)

    @pytest.mark.parametrize("text", ["x" * 10**6, "x " * 10**6, "e" + "\u0301" * 10**6])
    def test_a_million_characters(self, text: str) -> None:
        """No more of a text is read than could be shown, and its end is marked."""
        began = process_time()
        lines = wrap(text, 300, most=24)
        assert len(lines) <= 24
        assert lines[-1].endswith("…")
        assert process_time() - began < 1


class TestRightToLeft:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("שלום", True),
            ("1. مرحبا", True),
            ("(العربية) first", True),
            ("first العربية", False),
            ("", False),
            ("12 + 3", False),
            ("\u05b0a", False),  # a mark alone is no letter
        ],
    )
    def test_is_the_first_letters(self, text: str, expected: bool) -> None:
        """The first letter decides the direction."""
        assert expected is is_right_to_left(text)

    @pytest.mark.parametrize(("side", "written"), [("start", "end"), ("middle", "middle"), ("end", "start")])
    def test_text_keeps_its_side(self, side: str, written: str) -> None:
        """A right-to-left text stands on the same side of its place as any other, and SVG calls that side the other."""
        assert f'text-anchor="{side}">' in draw_text(7, 9, "soup", "soft", side)
        assert f'text-anchor="{written}" direction="rtl">' in draw_text(7, 9, "מרק", "soft", side)
