from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import crmcore
from crmcore import render
from crmcore.primitives.errors import InvalidValueError, UnknownNameError, WrongTypeError
from crmcore.primitives.proportions import Interval
from tests.support.gallery import TRANSLATED
from tests.support.pictures import parsed, said
from tests.support.refusals import refused

SOURCES = Path(crmcore.__file__).parent / "render"
ALL = {word: "§".join(["", *re.findall(r"\{\w+\}", word), ""]) for word in render.WORDS}


class TestWords:
    def test_list_is_complete(self) -> None:
        """Every word of the list is used, each is there once, and they are sorted without their braces."""
        code = " ".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py") if path.name != "_words.py")
        made = {f"retention per {unit}" for unit in ("day", "week", "month", "quarter", "year")}
        stages = {"exploration", "awareness", "expansion", "commitment", "dissolution"}

        assert [*dict.fromkeys(render.WORDS)] == [*render.WORDS]
        assert [] == [
            word
            for word in render.WORDS
            if f'"{word}"' not in code and f"'{word}'" not in code and word not in made | stages
        ]

    @pytest.mark.parametrize("name", TRANSLATED, ids=TRANSLATED)
    def test_every_word_is_translated(self, name: str) -> None:
        """A picture with all words translated has none of them in English, drawn or described."""
        english, other = (said(parsed(TRANSLATED[name](words)), "desc")[0] for words in (None, ALL))

        assert english != other
        assert "§" not in english
        drawn = said(parsed(TRANSLATED[name](ALL)), "text")
        assert not [text for text in drawn if text in render.WORDS]

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

    def test_names_the_nearest(self) -> None:
        """The advice names the nearest words, or where all are listed."""
        with pytest.raises(UnknownNameError) as near:
            render.intervals([], words={"no date": "x"})
        with pytest.raises(UnknownNameError) as far:
            render.intervals([], words={"qqqqq": "x"})

        assert "the nearest are 'no data'" in near.value.advice
        assert "render.WORDS lists all" == far.value.advice
