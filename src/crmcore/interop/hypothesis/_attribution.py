"""Strategies for what ways led to, and for who earned it."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import Attribution, Id, Money, Outcome, attribution
from crmcore.interop.hypothesis._values import fields_from, ids, monies


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
    share_out = draw(
        st.sampled_from([attribution.first, attribution.linear, attribution.position, attribution.shapley])
        | st.just(attribution.markov)
    )
    return attrs.evolve(share_out(draw(_ways())), **fields_from(draw, fields, {}))
