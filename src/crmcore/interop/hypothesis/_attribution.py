"""Strategies for what ways led to, and for who earned it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import Id, Money, Outcome, attribution
from crmcore.interop.hypothesis._values import fields_from, ids, monies
from crmcore.journeys.attribution import Attribution


@st.composite
def outcomes(draw: st.DrawFn, /, **fields: object) -> Outcome:
    """What ways led to, and what it brought in euro, if anything."""
    converted = draw(st.integers(0, 10**6))
    nothing = st.sampled_from([Money(0, "XXX"), Money(0, "EUR")])
    usual: dict[str, SearchStrategy[Any]] = {
        "conversions": st.just(converted),
        "nulls": st.integers(0, 10**6),
        "value": (nothing | monies(low=0)) if converted else nothing,
    }
    return Outcome(**fields_from(draw, fields, usual))


def _ways() -> SearchStrategy[dict[tuple[Id, ...], Outcome]]:
    return st.dictionaries(st.lists(ids(), max_size=4).map(tuple), outcomes(), max_size=4)


@st.composite
def attributions(draw: st.DrawFn, /, **fields: object) -> Attribution:
    """Conversions of a few ways, shared out by one method or another."""
    ways = draw(_ways())
    methods: tuple[Callable[[], Attribution], ...] = (
        lambda: attribution.linear(ways),
        lambda: attribution.position(ways),
        lambda: attribution.markov(ways),
    )
    return attrs.evolve(draw(st.sampled_from(methods))(), **fields_from(draw, fields, {}))
