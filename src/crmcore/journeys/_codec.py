"""Paths as text: a letter for each touchpoint, so that a million visits are counted by the fast methods of `str`."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

from crmcore.primitives.ids import Id

_FIRST: Final = ord("A")
_SURROGATES: Final = 0xD800, 0x800
"""Where letters begin that no text may hold in UTF-8, and how many there are of them."""

MOST_LETTERS: Final = 0x110000 - _SURROGATES[1] - _FIRST


def letter(number: int) -> str:
    """The letter of a touchpoint, counted from nought: A, B, C and so on through all that Unicode has."""
    code = _FIRST + number
    return chr(code if code < _SURROGATES[0] else code + _SURROGATES[1])


def number(sign: str) -> int:
    """The touchpoint that a letter stands for, counted from nought."""
    code = ord(sign)
    return (code if code < _SURROGATES[0] else code - _SURROGATES[1]) - _FIRST


def decode(paths: Sequence[str], touchpoint_ids: Sequence[Id]) -> list[tuple[Id, ...]]:
    """The touchpoints that paths stand for."""
    table = {letter(n): touchpoint_id for n, touchpoint_id in enumerate(touchpoint_ids)}
    text = tuple(map(table.__getitem__, "".join(paths)))
    ends = list(accumulate(map(len, paths)))
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def letters(touchpoint_ids: Sequence[Id]) -> dict[Id, str]:
    """The letter of each touchpoint."""
    return {touchpoint_id: letter(n) for n, touchpoint_id in enumerate(touchpoint_ids)}


def foreign(paths: Iterable[str], count: int) -> bool:
    """Whether paths hold a letter that stands for none of so many touchpoints."""
    return bool(set[str]().union(*paths) - {letter(n) for n in range(count)})
