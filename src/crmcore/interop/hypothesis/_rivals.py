"""Strategies for experience compared with beliefs, rivals and targets."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import (
    Consistency,
    ConstancyDrift,
    ExperienceTarget,
    Id,
    LeadOverTime,
    PerceptionGap,
    RelativeAdvantage,
    Scale,
    TargetAttainment,
)
from crmcore.interop.hypothesis._values import (
    LATER,
    Fields,
    cached,
    counts,
    decimals,
    durations,
    fields_from,
    fields_of,
    ids,
    instants,
    later,
    maybe,
    maybe_of,
    record,
)
from crmcore.voice.expectations import TargetResult


@cached
def _scores() -> SearchStrategy[list[tuple[Id, object]]]:
    """Scores of different ids, equal ones among them."""
    pairs = st.tuples(ids(), decimals(0, 3, places=0) | decimals(0, 10))
    return st.lists(pairs, max_size=4, unique_by=lambda pair: pair[0])


@st.composite
def perception_gaps(draw: st.DrawFn, /, **fields: object) -> PerceptionGap:
    """Judgements of both sides, of a threshold or from ready counts; no more are good than there are."""
    drawn = fields_from(draw, fields, fields_of(PerceptionGap, _perception_gaps))
    for side in ("company", "customer"):
        if f"{side}_judged" not in fields:
            drawn[f"{side}_judged"] = drawn[f"{side}_good"] + draw(counts())
    return PerceptionGap(**drawn)


def _perception_gaps() -> Fields:
    good = dict.fromkeys(("company_good", "customer_good"), counts())
    return {**good, "company_judged": LATER, "customer_judged": LATER}


def relative_advantages(**fields: object) -> SearchStrategy[RelativeAdvantage]:
    """Scores of one's own and of up to four rivals, equal ones among them."""
    return record(RelativeAdvantage, fields, _relative_advantages)


def _relative_advantages() -> Fields:
    return {"own": maybe(decimals(0, 3, places=0) | decimals(0, 10)), "rivals": _scores()}


@st.composite
def leads_over_time(draw: st.DrawFn, /, **fields: object) -> LeadOverTime:
    """Leads at up to four instants, some of them unknown."""
    at = draw(instants())
    points: list[object] = []
    for lead, length in draw(_leads()):
        at = later(at, length)
        points.append((at, lead))
    return LeadOverTime(**fields_from(draw, fields, {"points": points, "outside": counts(1000)}))


@cached
def _leads() -> SearchStrategy[list[tuple[object, timedelta]]]:
    return st.lists(st.tuples(maybe(decimals(-10, 10)), durations()), max_size=4)


def consistencies(**fields: object) -> SearchStrategy[Consistency]:
    """Scores of up to four ids, and which are expected."""
    return record(Consistency, fields, _consistencies)


def _consistencies() -> Fields:
    return {"scores": _scores(), "expected": st.lists(ids(), max_size=3, unique=True), "unassigned": counts(1000)}


def experience_targets(**fields: object) -> SearchStrategy[ExperienceTarget]:
    """Targets set before or after their period, some of them on a scale."""
    return record(ExperienceTarget, fields, _experience_targets)


def _experience_targets() -> Fields:
    return {"scale": maybe_of((Scale.RATING_0_10, Scale.RATING_1_10)), "level": decimals(1, 10)}


@st.composite
def target_results(draw: st.DrawFn, /, **fields: object) -> TargetResult:
    """Targets with up to a hundred readings, as of any day."""
    drawn = fields_from(draw, fields, fields_of(TargetResult))
    if "readings" not in fields and drawn["total"]:
        drawn["readings"] += 1
    return TargetResult(**drawn)


def target_attainments(**fields: object) -> SearchStrategy[TargetAttainment]:
    """Targets by what became of them."""
    return record(TargetAttainment, fields)


def constancy_drifts(**fields: object) -> SearchStrategy[ConstancyDrift]:
    """Items by what became of them between two audits."""
    return record(ConstancyDrift, fields)
