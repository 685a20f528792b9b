"""The fixed words of the pictures, and their translation."""

import re
from collections.abc import Mapping
from typing import Final

from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, UnknownNameError, WrongTypeError

WORDS: Final[tuple[str, ...]] = (
    "1 more touchpoint is left out",
    "1 open journey is not counted",
    "1 rarer edge with a count of {total} is left out",
    "after",
    "all customers",
    "all journeys",
    "average after",
    "average before",
    "average value",
    "awareness",
    "before",
    "commitment",
    "{count} lost",
    "{count} more touchpoints are left out",
    "{count} open journeys are not counted",
    "{count} rarer edges with a total count of {total} are left out",
    "{count} reached",
    "covers the spend",
    "current stage",
    "dissolution",
    "does not cover the spend",
    "end",
    "expansion",
    "exploration",
    "from the mix",
    "from the values",
    "lost",
    "{low} to {high}",
    "no data",
    "no edges",
    "no rows",
    "no touchpoints",
    "of the step before",
    "optional",
    "planned spend {amount}",
    "reached",
    "retention",
    "retention per day",
    "retention per month",
    "retention per quarter",
    "retention per week",
    "retention per year",
    "share of customers",
    "share {before} to {after}",
    "{share} of the step before",
    "since {date}",
    "start",
    "{start} to {end}",
    "unknown",
    "value {before} to {after}",
)
"""Every fixed word of the pictures, the keys of `words`. A part in braces is filled in and must stay."""

_PART: Final = re.compile(r"\{(\w+)\}")
_PARTS: Final = {word: frozenset(_PART.findall(word)) for word in WORDS}


class Words:
    """The fixed words in the language of the caller; one that is not translated is English."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def __call__(self, word: str, **parts: object) -> str:
        """Return a word with its parts filled in."""
        assert parts.keys() == _PARTS[word]  # noqa: S101 - a word that is not in the list cannot be translated
        return _PART.sub(lambda part: str(parts.get(part[1], part[0])), self._given.get(word, word))


def as_words(given: Mapping[str, str] | None) -> Words:
    """Check a translation: known words only, each with its parts."""
    if given is None:
        return Words({})
    checks.check_mapping(given, "words", "word to translation")
    return Words({word: _check_word(word, text) for word, text in given.items()})


def _check_word(word: object, text: object) -> str:
    parts = _PARTS.get(word) if isinstance(word, str) else None
    if parts is None:
        raise UnknownNameError(
            "no_such_word",
            f"words must translate words of the pictures, got {show(word)}",
            field="words",
            record=word,
            advice=_name_nearest(word),
            operands=(word,),
        )
    if not isinstance(text, str):
        raise WrongTypeError(
            "translation_not_a_text",
            f"words must have a text for each word, got {show(text)} for {show(word)}",
            field="words",
            record=word,
        )
    given = frozenset(_PART.findall(text))
    if given != parts:
        wanted = " and ".join(f"{{{part}}}" for part in sorted(parts)) or "no part in braces"
        raise InvalidValueError(
            "translation_without_part",
            f"the translation of {show(word)} must have {wanted}, got {show(text)}",
            field="words",
            record=word,
            operands=(text,),
        )
    return text


def _name_nearest(word: object) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only a word that is not known needs it

    near = get_close_matches(str(word), WORDS)
    return f"the nearest are {', '.join(map(show, near))}" if near else "render.WORDS lists all"
