"""Strategies for a base by level, its moves, and where it is going."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import BaseDistribution, LevelTransitions
from crmcore.interop.hypothesis._standings import three_levels
from crmcore.interop.hypothesis._values import (
    Fields,
    cached,
    cautions,
    counts,
    decimals,
    fields_from,
    maybe,
    periods,
    record,
)
from crmcore.primitives.proportions import PairedProportions
from crmcore.voice.loyalty import LEVELS, BaseProjection, EarlyWarning


def _for_each_level(each: SearchStrategy[object]) -> SearchStrategy[list[object]]:
    return st.lists(each, min_size=len(LEVELS), max_size=len(LEVELS))


def base_distributions(**fields: object) -> SearchStrategy[BaseDistribution]:
    """Customers at three levels, and those without one."""
    return record(BaseDistribution, fields, _base_distributions)


def _base_distributions() -> Fields:
    named = dict.fromkeys(("unknown", "unread"), counts(1000))
    return {"counts": _for_each_level(counts(1000)), **named, "levels": st.just(LEVELS), "period": maybe(periods())}


def level_transitions(**fields: object) -> SearchStrategy[LevelTransitions]:
    """Moves among three levels, with many zeros."""
    return record(LevelTransitions, fields, _level_transitions)


def _level_transitions() -> Fields:
    few = _for_each_level(counts(5))
    named: Fields = dict.fromkeys(("arrived", "left", "unread", "found"), few)
    named |= dict.fromkeys(("unknown", "arrived_unknown", "left_unknown", "passed"), counts(5))
    return {"counts": _for_each_level(few), **named, "levels": st.just(LEVELS)}


@st.composite
def base_projections(draw: st.DrawFn, /, **fields: object) -> BaseProjection:
    """Projections of up to three periods, in which no customer is lost."""
    sizes = _for_each_level(decimals(0, 1000, places=2))
    drawn = fields_from(draw, fields, {"path": st.lists(sizes, min_size=1, max_size=4)})
    grown = sum(drawn["path"][-1]) - sum(drawn["path"][0])
    drawn = fields_from(draw, drawn, {"arrived": decimals(0, 1000, places=2).map(lambda more: more + max(grown, 0))})
    usual: Fields = {"left": drawn["arrived"] - grown, "unprojected": counts(1000), "levels": three_levels()}
    return BaseProjection(**fields_from(draw, drawn, usual))


@st.composite
def early_warnings(draw: st.DrawFn, /, **fields: object) -> EarlyWarning:
    """Warnings of up to six periods."""
    drawn = fields_from(draw, fields, {"counts": st.lists(_pairs(), min_size=1, max_size=6)})
    places = maybe(st.integers(0, len(drawn["counts"]) - 1))
    estimates = maybe(st.floats(0, 10**9, allow_subnormal=False))
    usual: Fields = dict.fromkeys(("look", "p_chart", "ewma", "cusum"), places)
    usual |= dict.fromkeys(("strength", "p_chart_interval", "ewma_interval", "cusum_interval"), estimates)
    usual |= {"baseline_periods": counts(20, least=1), "size": counts(1000), "cautions": cautions()}
    size = len(drawn["counts"])
    usual["periods"] = st.just(()) | st.lists(periods(), min_size=size, max_size=size)
    return EarlyWarning(**fields_from(draw, drawn, usual))


@cached
def _pairs() -> SearchStrategy[tuple[int, int]]:
    return st.tuples(counts(500), counts(500)).map(lambda pair: (min(pair), max(pair)))


def paired_proportions(**fields: object) -> SearchStrategy[PairedProportions]:
    """Shares of the same people before and after."""
    return record(PairedProportions, fields)
