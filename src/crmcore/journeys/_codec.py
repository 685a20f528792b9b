"""Paths as text: a letter for each touchpoint, so that the fast methods of `str` count a million visits."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

from crmcore.primitives.ids import Id

_FIRST: Final = ord("A")
_SURROGATES: Final = 0xD800, 0x800
"""The first code point that UTF-8 cannot encode, and how many of them follow one another."""

MOST_LETTERS: Final = 0x110000 - _SURROGATES[1] - _FIRST


def letter(number: int) -> str:
    """Return the letter of a touchpoint, counted from 0: A, B, C and so on through all of Unicode."""
    code = _FIRST + number
    return chr(code if code < _SURROGATES[0] else code + _SURROGATES[1])


def number(letter: str) -> int:
    """Return the number of the touchpoint that a letter means, counted from 0."""
    code = ord(letter)
    return (code if code < _SURROGATES[0] else code - _SURROGATES[1]) - _FIRST


def decode(paths: Sequence[str], touchpoint_ids: Sequence[Id]) -> list[tuple[Id, ...]]:
    """Return the touchpoints that the letters of paths mean."""
    table = {letter(n): touchpoint_id for n, touchpoint_id in enumerate(touchpoint_ids)}
    decoded = tuple(map(table.__getitem__, "".join(paths)))
    ends = list(accumulate(map(len, paths)))
    return [decoded[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def letters(touchpoint_ids: Sequence[Id]) -> dict[Id, str]:
    """Return the letter of each touchpoint."""
    return {touchpoint_id: letter(n) for n, touchpoint_id in enumerate(touchpoint_ids)}


def has_foreign_letter(paths: Iterable[str], count: int) -> bool:
    """Return whether paths contain a letter that does not mean one of the first `count` touchpoints."""
    return bool(set[str]().union(*paths) - {letter(n) for n in range(count)})
