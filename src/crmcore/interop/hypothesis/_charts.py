"""Strategies for control charts, their points and the tests of trends."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import AfterSignal, ChartSide, CusumChart, EwmaChart, PChart, ShareCusumChart, ShareEwmaChart
from crmcore.interop.hypothesis._values import Fields, cached, cautions, counts, decimals, fields_from, maybe, record
from crmcore.primitives.control_charts import ChartPoint, CusumPoint, FirstAlarms, Homogeneity, Trend

_P = TypeVar("_P", ChartPoint, CusumPoint)


def _pairs(least: int = 0) -> SearchStrategy[tuple[int, int]]:
    """Successes and n."""
    return counts(1000, least=least).flatmap(lambda n: st.tuples(counts(n), st.just(n)))


def _weights() -> SearchStrategy[Decimal]:
    return st.integers(1, 1000).map(lambda number: Decimal(f"{number}E-3"))


def _distances() -> SearchStrategy[Decimal]:
    return st.integers(1, 600).map(lambda number: Decimal(f"{number}E-2"))


def p_charts(**fields: object) -> SearchStrategy[PChart]:
    """Designs with a baseline of up to a thousand."""
    return record(PChart, fields, lambda: {"baseline": _pairs(1), "sigmas": _distances()})


def share_ewma_charts(**fields: object) -> SearchStrategy[ShareEwmaChart]:
    """Designs with a baseline of up to a thousand."""
    return record(ShareEwmaChart, fields, lambda: {"baseline": _pairs(1), "weight": _weights(), "sigmas": _distances()})


def ewma_charts(**fields: object) -> SearchStrategy[EwmaChart]:
    """Designs with limits of up to six standard deviations."""
    return record(EwmaChart, fields, _ewma_charts)


def _ewma_charts() -> Fields:
    return {"target": decimals(-100, 100), "sigma": _distances(), "weight": _weights(), "sigmas": _distances()}


@st.composite
def share_cusum_charts(draw: st.DrawFn, /, **fields: object) -> ShareCusumChart:
    """Designs with a baseline of up to a thousand, some with a head start."""
    return ShareCusumChart(**_with_start(draw, {"baseline": _pairs(1), **fields}))


@st.composite
def cusum_charts(draw: st.DrawFn, /, **fields: object) -> CusumChart:
    """Designs with limits of up to eight standard deviations, some with a head start."""
    return CusumChart(**_with_start(draw, {"target": decimals(-100, 100), "sigma": _distances(), **fields}))


def _with_start(draw: st.DrawFn, fields: Fields) -> Fields:
    """Draw the design of a CUSUM chart, whose head start is at most its limit."""
    usual = {
        "k": decimals(0, 2),
        "h": decimals(1, 8),
        "side": st.sampled_from(ChartSide),
        "after_signal": st.sampled_from(AfterSignal),
    }
    drawn = fields_from(draw, fields, usual)
    return fields_from(draw, drawn, {"start": decimals(0, min(8, int(drawn["h"])))})


@st.composite
def chart_points(draw: st.DrawFn, /, **fields: object) -> ChartPoint:
    """Points of EWMA charts of shares."""
    return _evolve(draw, draw(share_ewma_charts()).run(draw(_runs()))[-1], fields)


@st.composite
def cusum_points(draw: st.DrawFn, /, **fields: object) -> CusumPoint:
    """Points of CUSUM charts of shares."""
    return _evolve(draw, draw(share_cusum_charts()).run(draw(_runs()))[-1], fields)


def _evolve(draw: st.DrawFn, point: _P, fields: Fields) -> _P:
    return attrs.evolve(point, **fields_from(draw, {**fields}, {"cautions": cautions()}))


@cached
def _runs() -> SearchStrategy[list[tuple[int, int]]]:
    return st.lists(_pairs(), min_size=1, max_size=4)


def first_alarms(**fields: object) -> SearchStrategy[FirstAlarms]:
    """First alarms of up to a hundred periods."""
    return record(FirstAlarms, fields, _first_alarms)


def _first_alarms() -> Fields:
    found = dict.fromkeys(("look", "p_chart", "ewma", "cusum"), maybe(counts(100)))
    return {"baseline": _pairs(1), **found, "cautions": cautions()}


def trends(**fields: object) -> SearchStrategy[Trend]:
    """Statistics of tests, some with a variance of 0."""
    return record(Trend, fields, _trends)


def _trends() -> Fields:
    return {"statistic": decimals(-100, 100), "variance": decimals(0, 1000)}


def homogeneities(**fields: object) -> SearchStrategy[Homogeneity]:
    """Statistics of up to ten degrees of freedom."""
    return record(Homogeneity, fields, _homogeneities)


def _homogeneities() -> Fields:
    return {"statistic": decimals(0, 100), "df": st.integers(1, 10), "cautions": cautions()}
