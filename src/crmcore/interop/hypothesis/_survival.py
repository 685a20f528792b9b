"""Strategies for lifetimes and for what is read from their curves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import Lifetime, Survival, SurvivalBounds, TimeUnit
from crmcore.interop.hypothesis._values import cached, decimals, fields_from, ids, maybe_of
from crmcore.retention.survival import (
    LifeTableInterval,
    LogRank,
    MeanOfEnded,
    RestrictedMean,
    SurvivalQuantile,
    SurvivalStep,
    log_rank,
)


@st.composite
def lifetimes(draw: st.DrawFn, /, **fields: object) -> Lifetime:
    """Lifetimes that ended or last, a few of which were watched late."""
    length = fields_from(draw, fields, {"length": decimals(0, 100, places=1)})["length"]
    late = st.just(Decimal(0)) | st.sampled_from([Decimal(1), Decimal("2.5")]).filter(lambda time: time < length)
    usual: dict[str, Any] = {"length": length, "ended": st.booleans(), "entered": late, "weight": st.just(Decimal(1))}
    usual |= {"segment": st.sampled_from(("", "monthly", "yearly")), "customer_id": st.none() | ids()}
    return Lifetime(**{**usual, **fields_from(draw, {**fields, "length": length}, usual)})


@st.composite
def survivals(draw: st.DrawFn, /, **fields: object) -> Survival:
    """Counts of a few lifetimes, or of none."""
    unit = fields_from(draw, fields, {"unit": maybe_of(TimeUnit)})["unit"]
    counted = Survival.of(draw(_several()), unit=unit)
    return attrs.evolve(counted, **fields_from(draw, {**fields, "unit": unit}, {"left_out": st.integers(0, 2)}))


@cached
def _several() -> SearchStrategy[list[Lifetime]]:
    return st.lists(lifetimes(id=None), max_size=6)


@cached
def _some() -> SearchStrategy[Survival]:
    return st.lists(lifetimes(id=None), min_size=1, max_size=6).map(Survival.of)


def survival_steps() -> SearchStrategy[SurvivalStep]:
    """What curves say at a time."""
    return st.builds(Survival.at, _some(), decimals(0, 100, places=1))


def survival_quantiles() -> SearchStrategy[SurvivalQuantile]:
    """Quantiles of curves, with their bounds."""
    return st.builds(
        _read_quantile, _some(), decimals(0, 1), st.sampled_from(SurvivalBounds), st.sampled_from((0.9, 0.95, 0.99))
    )


def _read_quantile(survival: Survival, share: Decimal, method: SurvivalBounds, confidence: float) -> SurvivalQuantile:
    return survival.quantile(share, method=method, confidence=confidence)


def restricted_means() -> SearchStrategy[RestrictedMean]:
    """Means of lifetimes up to a time."""
    return st.builds(Survival.restricted_mean, _some(), decimals(0, 120, places=1))


def means_of_ended() -> SearchStrategy[MeanOfEnded]:
    """Means of the lifetimes that have ended."""
    return _some().map(Survival.mean_of_ended)


@st.composite
def life_table_intervals(draw: st.DrawFn, /, **fields: object) -> LifeTableInterval:
    """Rows of life tables."""
    ended, censored, more = (draw(st.integers(0, 1000)) for _ in range(3))
    usual: dict[str, Any] = {"at_start": ended + censored + more, "ended": ended, "censored": censored}
    start = draw(st.none() | decimals(0, 100, places=1))
    usual |= {"start": start, "end": None if start is None else start + draw(st.integers(1, 12))}
    return LifeTableInterval(**fields_from(draw, fields, usual))


def log_ranks() -> SearchStrategy[LogRank]:
    """Comparisons of two or three curves."""
    return st.lists(_some(), min_size=2, max_size=3).map(lambda segments: log_rank(dict(enumerate(segments))))
