"""Texts that may come from data, put into a sentence: on one line, printable and no longer than a paragraph.

A line break in an id would forge a line of an explanation, an escape character would colour a terminal, and a mark of
direction would turn a sentence around. A lone surrogate cannot be written as UTF-8 at all. Each is shown as Python
writes it in a text. What a record holds stays as it is: rows, JSON and pickles have the raw text.
"""

from __future__ import annotations

from typing import Any, Final

__all__: list[str] = []  # for the library alone

LONGEST: Final = 1000
"""The characters of the longest sentence."""

_read_name: Final[Any] = type.__dict__["__name__"].__get__  # what a metaclass says of the name is the caller's code


def as_sentence(text: str, longest: int = LONGEST) -> str:
    """Return a text on one line, with an escape for each character that is not printable; three dots show a cut."""
    if len(text) <= longest and text.isprintable():
        return text
    shown = "".join([_escape(letter) for letter in text[:longest]])
    return shown if max(len(text), len(shown)) <= longest else f"{shown[: longest - 3]}..."


def _escape(letter: str) -> str:
    return letter if letter.isprintable() else repr(letter)[1:-1]


def is_of_library(kind: type) -> bool:
    """Return whether a class is one of this library, or that of a UUID, which may be an id."""
    module = kind.__dict__.get("__module__")
    return type(module) is str and (module == "uuid" or module.startswith("crmcore."))


def name_of(kind: type) -> str:
    """Return the name of a class, also of one whose metaclass raises or lies."""
    return as_sentence(_read_name(kind), 80)
