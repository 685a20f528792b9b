"""Strategies for outcomes of paths, and for their attribution."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import Id, Money, Outcome, attribution
from crmcore.interop.hypothesis._values import cached, cautions, counts, fields_from, ids, monies
from crmcore.journeys.attribution import Attribution


@st.composite
def outcomes(draw: st.DrawFn, /, **fields: object) -> Outcome:
    """Outcomes of paths, and their value in euro, if any; with a reference date, some paths are open."""
    drawn = fields_from(draw, fields, {"conversions": counts()})
    usual = {
        "nulls": counts(),
        "value": _values() if drawn["conversions"] else _nothing(),
        "open": 0 if drawn.get("as_of") is None else counts(),
    }
    return Outcome(**{**fields_from(draw, {}, usual), **drawn})


@cached
def _nothing() -> SearchStrategy[Money]:
    return st.sampled_from([Money(0, "XXX"), Money(0, "EUR")])


@cached
def _values() -> SearchStrategy[Money]:
    return _nothing() | monies(low=0)


@cached
def _paths() -> SearchStrategy[dict[tuple[Id, ...], Outcome]]:
    return st.dictionaries(st.lists(ids(), max_size=4).map(tuple), outcomes(), max_size=4)


@st.composite
def attributions(draw: st.DrawFn, /, **fields: object) -> Attribution:
    """Conversions of a few paths, attributed by several methods."""
    paths = draw(_paths())
    method = draw(_methods())
    return attrs.evolve(method(paths), **fields_from(draw, fields, {"cautions": cautions()}))


@cached
def _methods() -> SearchStrategy[Callable[[Mapping[tuple[Id, ...], Outcome]], Attribution]]:
    return st.sampled_from((attribution.linear, attribution.position, attribution.markov))
