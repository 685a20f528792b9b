"""Strategies for the counts and results of surveys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import (
    AnswerCounts,
    AskEvent,
    AskLimit,
    Csat,
    CustomerEffort,
    Invitation,
    Nps,
    NpsPanel,
    ResponseRate,
    ReturnLikelihood,
    Scale,
    SurveyRound,
    surveys as room,
)
from crmcore.interop.hypothesis._nouns import surveys
from crmcore.interop.hypothesis._values import (
    Fields,
    cached,
    cautions,
    counts,
    decimals,
    fields_from,
    ids,
    instants,
    maybe,
    record,
    shares,
)
from crmcore.voice.surveys import (
    AskDecision,
    ItemScore,
    NonresponseBounds,
    SampleSize,
    ScoreChange,
    SurveyCoverage,
    SurveyTime,
    WeightedScore,
)

_NUMBERED = tuple(scale for scale in Scale.KNOWN if scale not in {Scale.OPEN, Scale.RATING_0_100})


def _steps(scale: Scale) -> SearchStrategy[list[int]]:
    """Counts for each step of a scale."""
    steps = (scale.high or 0) - (scale.low or 0) + 1
    return st.lists(counts(1000), min_size=steps, max_size=steps)


def _with_counts(draw: st.DrawFn, fields: dict[str, Any], scales: tuple[Scale, ...]) -> dict[str, Any]:
    """Draw a scale and the number of answers at each of its steps."""
    scale = fields_from(draw, fields, {"scale": st.sampled_from(scales)})["scale"]
    usual = {"scale": scale, "counts": _steps(scale), "unanswered": counts(1000), "not_applicable": counts(1000)}
    return fields_from(draw, fields, usual)


@st.composite
def answer_counts(draw: st.DrawFn, /, **fields: object) -> AnswerCounts:
    """Answers at each step of a known scale, but for that from 0 to 100."""
    return AnswerCounts(**_with_counts(draw, fields, _NUMBERED))


@st.composite
def customer_efforts(draw: st.DrawFn, /, **fields: object) -> CustomerEffort:
    """Answers about effort, in either version."""
    return CustomerEffort(**_with_counts(draw, fields, (Scale.EFFORT_1_7, Scale.EFFORT_1_5)))


@st.composite
def return_likelihoods(draw: st.DrawFn, /, **fields: object) -> ReturnLikelihood:
    """Answers about returning."""
    return ReturnLikelihood(**_with_counts(draw, fields, (Scale.RETURN_1_5,)))


@st.composite
def survey_rounds(draw: st.DrawFn, /, **fields: object) -> SurveyRound:
    """Rounds whose answers all came in time."""
    drawn = _with_counts(draw, fields, (Scale.RECOMMEND_0_10, Scale.SATISFACTION_1_5))
    in_time = sum(drawn["counts"]) + drawn["unanswered"] + drawn["not_applicable"]
    late, still_open, silent = (draw(counts(1000)) for _ in range(3))
    drawn.setdefault("in_time", in_time)
    drawn.setdefault("late", late)
    drawn.setdefault("open", still_open)
    drawn.setdefault("invited", in_time + late + still_open + silent)
    drawn.setdefault("unmatched", draw(counts(1000)))
    return SurveyRound(**drawn)


def nps_counts(**fields: object) -> SearchStrategy[Nps]:
    """Counts of promoters, passives and detractors."""
    return record(Nps, fields, _nps_counts)


def _nps_counts() -> Fields:
    return dict.fromkeys(("promoters", "passives", "detractors", "unanswered", "not_applicable"), counts())


def csat_counts(**fields: object) -> SearchStrategy[Csat]:
    """Counts of positive, neutral and negative answers, without a scale unless it is given."""
    return record(Csat, fields, _csat_counts)


def _csat_counts() -> Fields:
    named = dict.fromkeys(("positive", "neutral", "negative", "unanswered", "not_applicable"), counts())
    return {**named, "scale": st.none(), "positive_boxes": st.none(), "negative_boxes": st.none()}


def nps_panels(**fields: object) -> SearchStrategy[NpsPanel]:
    """Customers by their groups before and after."""
    return record(NpsPanel, fields, _nps_panels)


def _nps_panels() -> Fields:
    row = st.tuples(counts(1000), counts(1000), counts(1000))
    return dict.fromkeys(("promoters", "passives", "detractors"), row)


def response_rates(**fields: object) -> SearchStrategy[ResponseRate]:
    """Counts of invitations by their outcome."""
    return record(ResponseRate, fields)


def score_changes(**fields: object) -> SearchStrategy[ScoreChange]:
    """Differences in points, some with a standard error of 0."""
    return record(ScoreChange, fields, _score_changes)


def _score_changes() -> Fields:
    return {
        "difference": decimals(-200, 200),
        "standard_error": st.floats(0, 200),
        "adjusted_difference": st.none() | decimals(-200, 200),
        "adjusted_standard_error": st.none() | st.floats(0, 200),
    }


def ask_limits(**fields: object) -> SearchStrategy[AskLimit]:
    """Limits of up to three times within up to a year."""
    return record(AskLimit, fields, _ask_limits)


def _ask_limits() -> Fields:
    days = st.integers(1, 365).map(lambda number: timedelta(days=number))
    return {"at_most": st.integers(1, 3), "within": days, "counts": st.sampled_from(AskEvent)}


@st.composite
def ask_decisions(draw: st.DrawFn, /, **fields: object) -> AskDecision:
    """Decisions after at most one invitation."""
    drawn = fields_from(draw, fields, {"as_of": instants()})
    asked = [Invitation(survey_id=1, at=drawn["as_of"], customer_id=1)] if draw(st.booleans()) else []
    limit = draw(ask_limits(at_most=1, same_survey=False, counts=AskEvent.INVITED))
    decision = room.may_ask(asked, customer_id=1, survey_id=2, as_of=drawn["as_of"], limits=[limit])
    usual: Fields = {"allowed_from": decision.allowed_from, "blocked_by": decision.blocked_by, "cautions": cautions()}
    return AskDecision(**{**usual, **fields_from(draw, drawn, {"cautions": usual["cautions"]})})


@st.composite
def nonresponse_limits(draw: st.DrawFn) -> NonresponseBounds:
    """Bounds of shares."""
    return room.nonresponse_bounds(draw(shares()), response_rate=draw(shares()))


def sample_sizes(**fields: object) -> SearchStrategy[SampleSize]:
    """Sizes of up to a million."""
    return record(SampleSize, fields, _sample_sizes)


def _sample_sizes() -> Fields:
    return {"raw": st.floats(0, 10**6)}


def weighted_scores(**fields: object) -> SearchStrategy[WeightedScore]:
    """Scores in points, known or not."""
    return record(WeightedScore, fields, _weighted_scores)


def _weighted_scores() -> Fields:
    return {
        "score": maybe(decimals(-100, 100)),
        "standard_error": maybe(st.floats(0, 100)),
        "adjusted_score": maybe(decimals(-100, 100)),
        "adjusted_standard_error": maybe(st.floats(0, 100)),
        "lowest": maybe(decimals(-100, -100)),
        "highest": maybe(decimals(100, 100)),
        "cautions": cautions(),
    }


def item_scores(**fields: object) -> SearchStrategy[ItemScore]:
    """Means of up to ten items."""
    return record(ItemScore, fields, _item_scores)


def _item_scores() -> Fields:
    return {"score": decimals(1, 7), "answered": st.integers(1, 10)}


@st.composite
def survey_coverages(draw: st.DrawFn, /, **fields: object) -> SurveyCoverage:
    """Coverages whose parts are no larger than their wholes."""
    missing = draw(st.lists(ids(), max_size=3, unique=True))
    customers, pieces = draw(counts()), draw(counts())
    usual = {
        "processes": st.integers(len(missing), 10),
        "missing_processes": missing,
        "customers": customers,
        **dict.fromkeys(("invited", "answered"), st.integers(0, customers)),
        "feedback": pieces,
        **dict.fromkeys(("with_cause", "acted_on", "announced"), st.integers(0, pieces)),
    }
    return SurveyCoverage(**fields_from(draw, fields, usual))


@cached
def survey_times() -> SearchStrategy[SurveyTime]:
    """Times of surveys, at seven and a half seconds for each question."""
    return surveys().map(room.time_needed)
