"""Strategies for levels of loyalty, standings and interviews."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import (
    AssessmentSource,
    Attitudes,
    Combination,
    Complacency,
    CustomerFigure,
    InterviewCoverage,
    LevelChange,
    LevelRule,
    LoyaltyLevel,
    OutcomeRate,
    Scale,
    Signal,
    Standings,
    SubjectKind,
    TieRule,
)
from crmcore.interop.hypothesis._nouns import readings
from crmcore.interop.hypothesis._values import (
    Fields,
    counts,
    decimals,
    durations,
    fields_from,
    ids,
    instants,
    later,
    maybe,
    maybe_ids,
    record,
    shares,
)
from crmcore.voice.loyalty import LEVELS, Interview, InterviewState, NoLevel, SignalKind, Standing

_LEVELS = (LEVELS, ("glad", "neutral", "angry"))
_SCALES = tuple(scale for scale in Scale.KNOWN if scale.higher_is_better is not None)


def three_levels() -> SearchStrategy[tuple[str, ...]]:
    """The usual levels, or others."""
    return st.sampled_from(_LEVELS)


@st.composite
def level_rules(draw: st.DrawFn, /, **fields: object) -> LevelRule:
    """Rules of three levels on a known scale."""
    scale = fields_from(draw, fields, {"scale": st.sampled_from(_SCALES)})["scale"]
    cuts = draw(st.lists(st.integers(scale.low, scale.high), min_size=2, max_size=2, unique=True))
    usual: Fields = {"scale": scale, "cuts": sorted(cuts, reverse=scale.higher_is_better), "levels": three_levels()}
    return LevelRule(**fields_from(draw, fields, usual))


@st.composite
def standings(draw: st.DrawFn, /, **fields: object) -> Standing:
    """Standings with a level, with stale readings only, or without a reading."""
    drawn = fields_from(draw, fields, {"customer_id": ids(), "as_of": instants()})
    missing = draw(st.sampled_from((None, *NoLevel)))
    drawn.setdefault("missing", missing)
    if missing is None:
        drawn.setdefault("level", draw(st.sampled_from(LoyaltyLevel)))
    if missing is not NoLevel.UNKNOWN:
        drawn.setdefault("at", later(drawn["as_of"], -draw(durations())))
        drawn.setdefault("source", draw(st.none() | st.just("survey")))
    return Standing(**drawn)


@st.composite
def standings_of_all(draw: st.DrawFn) -> Standings:
    """Standings of the customers of up to five readings."""
    given = draw(st.lists(readings(subject_kind=SubjectKind.CUSTOMER), max_size=5))
    combination = draw(st.sampled_from(Combination))
    sources = st.lists(st.sampled_from(AssessmentSource), min_size=1, max_size=3, unique=True)
    return Standings.of(
        given,
        as_of=draw(instants()),
        window=draw(maybe(durations())),
        combination=combination,
        tie=draw(st.sampled_from(TieRule)),
        priority=draw(sources) if combination is Combination.PRIORITY else (),
        customers=draw(st.none() | st.lists(ids())),
        levels=draw(three_levels()),
    )


def attitudes(**fields: object) -> SearchStrategy[Attitudes]:
    """Customers by their type."""
    return record(Attitudes, fields)


def outcome_rates(**fields: object) -> SearchStrategy[OutcomeRate]:
    """Customers with an outcome, without it, and unknown ones."""
    return record(OutcomeRate, fields)


@st.composite
def customer_figures(draw: st.DrawFn, /, **fields: object) -> CustomerFigure:
    """Figures of up to five customers in euros."""
    unit = fields_from(draw, fields, {"unit": "EUR"})["unit"]
    figures = draw(st.lists(st.none() | decimals(-1000, 1000), max_size=5))
    summed = CustomerFigure.of(dict(enumerate(figures)), unit=unit)
    usual: Fields = {
        "unit": unit,
        "known": summed.known,
        "unknown": summed.unknown,
        "sum": summed.sum,
        "squares": summed.squares,
    }
    return CustomerFigure(**fields_from(draw, fields, usual))


def level_changes(**fields: object) -> SearchStrategy[LevelChange]:
    """Customers whose level improved, stayed, became worse, or was not read again."""
    return record(LevelChange, fields)


def signals(**fields: object) -> SearchStrategy[Signal]:
    """Signs that a customer is disappointed or gone."""
    return record(Signal, fields)


@st.composite
def interviews(draw: st.DrawFn, /, **fields: object) -> Interview:
    """Interviews that are owed, missed or held."""
    usual: Fields = {
        "customer_id": ids(),
        "since": instants(),
        "state": st.sampled_from(InterviewState),
        "signals": st.lists(st.sampled_from(SignalKind), max_size=3),
        "level": st.sampled_from((None, *LoyaltyLevel)),
    }
    drawn = fields_from(draw, fields, usual)
    if drawn["state"] in {InterviewState.IN_TIME, InterviewState.LATE}:
        held: Fields = {"held_at": later(drawn["since"], draw(durations())), "held_by_id": draw(maybe_ids())}
        held["by_leader"] = draw(st.booleans())
        drawn = held | drawn
    return Interview(**drawn)


@st.composite
def interview_coverages(draw: st.DrawFn, /, **fields: object) -> InterviewCoverage:
    """Interviews by what became of them."""
    drawn = fields_from(draw, fields, dict.fromkeys(("in_time", "late", "missed", "open"), counts(1000)))
    drawn.setdefault("by_leaders", draw(st.integers(0, drawn["in_time"] + drawn["late"])))
    return InterviewCoverage(**drawn)


@st.composite
def complacencies(draw: st.DrawFn, /, **fields: object) -> Complacency:
    """Shares of loyal customers, and when these were last asked, answered and heeded."""
    known = fields_from(draw, fields, {"known": counts(1000)})["known"]
    usual: Fields = {
        "known": known,
        "loyal": st.integers(0, known),
        "as_of": instants(),
        "high_from": shares(),
        "quiet_after": durations(),
        **dict.fromkeys(("asked_at", "answered_at", "acted_at"), maybe(instants())),
    }
    return Complacency(**fields_from(draw, fields, usual))
