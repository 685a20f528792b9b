from __future__ import annotations

import re
from html import unescape
from inspect import isfunction
from typing import Any

import pytest

from crmcore import CrmcoreError, render
from crmcore.primitives.errors import InvalidValueError, UnknownNameError, WrongTypeError
from crmcore.primitives.proportions import Interval
from crmcore.render import Markdown, Mermaid, Svg
from tests.support.gallery import PICTURES
from tests.support.pictures import check_texts, parsed, said
from tests.support.refusals import refused
from tests.support.worded import CUT, WORDED, list_cut

# each word becomes one letter of its own, which is in no label, with the parts of the word
SIGNS = {word: f"{chr(0x4E00 + place)}" for place, word in enumerate(render.WORDS)}
ALL = {word: "".join([SIGNS[word], *re.findall(r"\{\w+\}", word)]) for word in render.WORDS}
SYNTAX = re.compile(
    r"^(?:journey|flowchart LR|stateDiagram-v2|gantt)$|^ +(?:title|section|state) |\b[ns]\d+\b|\brest\b|\bas (?=s\d)"
    r"|^ +(?:dateFormat|axisFormat) .*|: (?:crit, )?a\d+, .*",
    re.MULTILINE,
)
CURRENCY = "EUR"


def read(picture: Svg | Mermaid | Markdown) -> str:
    """Return all that a picture shows and says, without the syntax of its format and without cautions."""
    if isinstance(picture, Svg):
        root = parsed(picture)
        return "\n".join(text for kind in ("title", "desc", "text") for text in said(root, kind))
    if isinstance(picture, Markdown):
        return re.sub(f"(?<=- {SIGNS['Caution']}): .*", "", unescape(picture.text))
    return re.sub(r"#(\d+);", lambda code: chr(int(code[1])), SYNTAX.sub("", picture.text))


class TestWords:
    def test_list_is_sorted(self) -> None:
        """Each word is in the list once, sorted without its braces and without regard to capitals."""
        words = [re.sub(r"[{}]", "", word).casefold() for word in render.WORDS]

        assert sorted(words) == words
        assert len(set(render.WORDS)) == len(render.WORDS)

    def test_every_picture_is_translated(self) -> None:
        """Each function of the package that draws or writes takes a translation."""
        made = {name for name in render.__all__ if isfunction(getattr(render, name))}

        assert made == set(WORDED)

    @pytest.mark.parametrize("name", WORDED, ids=WORDED)
    def test_no_english_is_left(self, name: str) -> None:
        """A picture with all words translated has no Latin letters but those of the caller."""
        told = "\n".join(map(read, WORDED[name](ALL)))

        assert set(re.findall(r"[A-Za-z]+", told)) <= {CURRENCY}
        assert "\N{HORIZONTAL ELLIPSIS}" not in told

    @pytest.mark.parametrize("name", [name for name in WORDED if name != "kano_plane"])
    @pytest.mark.parametrize("more", [" m" * 20, "il" * 30], ids=["many words", "one long word"])
    def test_long_words_have_room(self, name: str, more: str) -> None:
        """Words that are too long are cut, so that no text leaves the picture or stands over another.

        On a Kano plane the number of a dot may stand over the name of a quarter.
        """
        for picture in WORDED[name]({word: f"{word}{more}" for word in render.WORDS}):
            if isinstance(picture, Svg):
                check_texts(parsed(picture))

    @pytest.mark.parametrize("name", PICTURES)
    def test_long_words_are_cut_where_they_were(self, name: str) -> None:
        """A text that is too long is cut at the same letter as when we looked at it.

        Where a change is meant, ``python -m tests.support.worded`` writes the texts anew.
        """
        lines = CUT.read_text(encoding="utf-8").splitlines()

        assert [line for line in lines if line.startswith(f"{name}: ")] == list_cut(name)

    def test_every_word_is_used(self) -> None:
        """Each word of the list is in a picture."""
        told = {sign for draw in WORDED.values() for picture in draw(ALL) for sign in read(picture)}

        assert [] == [word for word, sign in SIGNS.items() if sign not in told]

    def test_parts_are_filled_in_once(self) -> None:
        """A part in braces is filled in, also twice, and braces in a label are only text."""
        words = {"{low} to {high}": "{high} {}} {low}-{high}"}
        (told,) = said(parsed(render.trend({"{low}": (0.1, Interval(0.05, 0.2))}, words=words)), "desc")

        assert "{low}: 10.0% (20.0% {}} 5.0-20.0%)." == told

    @pytest.mark.parametrize(
        ("words", "error", "broken"),
        [
            ({"no date": "x"}, UnknownNameError, "no_such_word: words['no date']"),
            ({"qqqqq": "x"}, UnknownNameError, "no_such_word: words['qqqqq']"),
            ({5: "x"}, UnknownNameError, "no_such_word: words[5]"),
            ({"no data": 5}, WrongTypeError, "translation_not_a_text: words['no data']"),
            ({"{count} reached": "reached"}, InvalidValueError, "translation_without_part: words['{count} reached']"),
            ({"no data": "none of {count}"}, InvalidValueError, "translation_without_part: words['no data']"),
            ([("no data", "x")], WrongTypeError, "not_a_mapping: words"),
        ],
    )
    def test_refuses_nonsense(self, words: Any, error: type[Exception], broken: str) -> None:
        """A word that pictures do not have, and a translation without its parts, are refused."""
        with refused(error, broken):
            render.intervals([], words=words)

    @pytest.mark.parametrize(
        ("word", "text", "message"),
        [
            ("no date", "x", "words must translate words of the pictures, got 'no date'"),
            ("no data", 5, "words must have a text for each word, got 5 for 'no data'"),
            ("{count} reached", "x", "the translation of '{count} reached' must have {count}, got 'x'"),
            (
                "{shares} of {count}",
                "x",
                "the translation of '{shares} of {count}' must have {count} and {shares}, got 'x'",
            ),
            ("no data", "{x}", "the translation of 'no data' must have no part in braces, got '{x}'"),
        ],
    )
    def test_a_refusal_names_word_and_parts(self, word: str, text: Any, message: str) -> None:
        """The message has the word and what was given for it, and the parts that its translation needs."""
        with pytest.raises(CrmcoreError) as caught:
            render.intervals([], words={word: text})

        assert message == caught.value.message

    def test_names_the_nearest(self) -> None:
        """The advice names the nearest words, or where all are listed."""
        with pytest.raises(UnknownNameError) as near:
            render.intervals([], words={"no date": "x"})
        with pytest.raises(UnknownNameError) as far:
            render.intervals([], words={"qqqqq": "x"})

        assert "the nearest are 'no data'" in near.value.advice
        assert "render.WORDS lists all" == far.value.advice
