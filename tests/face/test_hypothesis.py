"""The face of `crmcore.interop.hypothesis`, which is an extra and no part of the core's surface."""

from __future__ import annotations

import inspect
from collections import Counter
from enum import Enum

import attrs

from crmcore import LedgerBuilder, Table, Tally
from crmcore.interop import hypothesis as ours
from tests.support.walk import public_classes

FACE = vars(ours)
HELPERS = {"currencies", "days", "decimals", "durations", "ids", "instants", "shares", "zones"}
"""Strategies for what is no class of the library."""


class TestFace:
    def test_every_value_class_has_one_strategy(self) -> None:
        """Each public value class has exactly one strategy: the function whose return annotation names the class."""
        kinds = (BaseException, Enum)
        values = {cls for cls in public_classes() if not issubclass(cls, kinds)} - {Tally, LedgerBuilder, Table}
        strategies = set(ours.__all__) - HELPERS - {"every_type", "register"}
        drawn = Counter(FACE["_drawn_by"](FACE[name]) for name in strategies)

        assert [cls.__name__ for cls in values - set(drawn)] == []
        assert [cls.__name__ for cls, count in drawn.items() if count > 1] == []
        assert values == set(ours.every_type())

    def test_names_are_sorted(self) -> None:
        """Every name that is offered is there, in order."""
        assert sorted(ours.__all__) == ours.__all__
        assert [name for name in ours.__all__ if not callable(FACE.get(name))] == []

    def test_nouns_take_their_fields(self) -> None:
        """The strategy of a noun takes the noun's fields as keyword arguments."""
        nouns = {cls for cls in public_classes() if attrs.has(cls) and cls.__module__.startswith("crmcore.model.")}
        rigid = [
            cls.__name__
            for cls in nouns
            if [one.kind for one in inspect.signature(FACE["STRATEGIES"][cls]).parameters.values()]
            != [inspect.Parameter.VAR_KEYWORD]
        ]

        assert rigid == []
