"""Strategies for the waits, clocks and counts of handled feedback."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import (
    Compliance,
    FixEffect,
    IdeaVotes,
    LeakShare,
    Loops,
    Pareto,
    Period,
    RepeatReports,
    Reviews,
    Routing,
    TimeByParty,
    handling,
)
from crmcore.interop.hypothesis._values import (
    LATER,
    Fields,
    cached,
    counts,
    decimals,
    fields_from,
    fields_of,
    from_annotation,
    later,
    record,
    waits,
)
from crmcore.primitives.record import Name
from crmcore.voice.handling import (
    CaseClock,
    Due,
    LeakChange,
    NewCauses,
    ParetoBar,
    RankedIdea,
    ReviewEffect,
    Wait,
    WaitSummary,
)


@st.composite
def case_waits(draw: st.DrawFn, /, **fields: object) -> Wait:
    """Waits that ended or still last."""
    drawn = fields_from(draw, fields, fields_of(Wait, _case_waits))
    if "ended_at" not in fields and draw(st.booleans()):
        drawn["ended_at"] = later(drawn["started_at"], drawn["length"])
    return Wait(**drawn)


def _case_waits() -> Fields:
    return {"length": waits(), "ended_at": None}


def case_clocks(**fields: object) -> SearchStrategy[CaseClock]:
    """Clocks that run, pause or are stopped."""
    return record(CaseClock, fields, _case_clocks)


def _case_clocks() -> Fields:
    return dict.fromkeys(("running", "paused", "stopped"), waits())


def dues(**fields: object) -> SearchStrategy[Due]:
    """Targets that are due at an instant, and clocks that stand still."""
    return record(Due, fields, _dues)


def _dues() -> Fields:
    return {"used": waits(), "target": waits()}


def times_by_party(**fields: object) -> SearchStrategy[TimeByParty]:
    """Times in each open state."""
    return record(TimeByParty, fields, _times_by_party)


def _times_by_party() -> Fields:
    names = ("new_seconds", "open_seconds", "waiting_seconds", "on_hold_seconds")
    return dict.fromkeys(names, decimals(0, 10**9, places=6))


def compliances(**fields: object) -> SearchStrategy[Compliance]:
    """Counts of waits, of a target of a day unless another one is given."""
    return record(Compliance, fields, _compliances)


def _compliances() -> Fields:
    return {**dict.fromkeys(("met", "late", "overdue", "pending"), counts()), "target": timedelta(days=1)}


@st.composite
def wait_summaries(draw: st.DrawFn, /, **fields: object) -> WaitSummary:
    """Summaries of up to five waits."""
    return attrs.evolve(handling.summary(draw(_several_waits())), **fields_from(draw, fields, {}))


@cached
def _several_waits() -> SearchStrategy[list[Wait]]:
    return st.lists(case_waits(), max_size=5, unique_by=lambda wait: wait.feedback_id)  # two of one may contradict


def paretos(**fields: object) -> SearchStrategy[Pareto]:
    """Up to three causes, with a cut of 0.8 unless another one is given."""
    return record(Pareto, fields, _paretos)


def _paretos() -> Fields:
    return {
        "counts": st.dictionaries(from_annotation(Name, "counts"), counts(), max_size=3),
        "cut": Decimal("0.8"),
        "unknown": counts(),
    }


def pareto_bars(**fields: object) -> SearchStrategy[ParetoBar]:
    """Causes with any shares."""
    return record(ParetoBar, fields)


def fix_effects(**fields: object) -> SearchStrategy[FixEffect]:
    """Signals before and after a fix on 1 February 2026, watched from January to March, unless others are given."""
    return record(FixEffect, fields, _fix_effects)


def _fix_effects() -> Fields:
    watched = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    return {
        **dict.fromkeys(("before", "after", "outside"), counts(10**4)),
        "fixed_at": datetime(2026, 2, 1, tzinfo=UTC),
        "period": watched,
    }


def repeat_reports(**fields: object) -> SearchStrategy[RepeatReports]:
    """Reports that are the first or not."""
    return record(RepeatReports, fields, lambda: _count("first", "repeated", "returned", "unknown"))


@st.composite
def loops(draw: st.DrawFn, /, **fields: object) -> Loops:
    """Loops of a target of a day unless another one is given; no part is larger than its whole."""
    drawn = fields_from(draw, fields, fields_of(Loops, _loops))
    due = drawn["in_time"] + drawn["late"] + drawn["silent"]
    for name, whole in (("resolved", due), ("acted_on", due + drawn["pending"])):
        _draw_part(draw, drawn, name, whole)
    for name in ("announced", "tellable"):
        _draw_part(draw, drawn, name, drawn["acted_on"])
    _draw_part(draw, drawn, "told", drawn["tellable"])
    return Loops(**drawn)


def _loops() -> Fields:
    parts = dict.fromkeys(("resolved", "acted_on", "announced", "tellable", "told"), LATER)
    return {**_count("in_time", "late", "silent", "pending"), **parts, "target": timedelta(days=1)}


def _draw_part(draw: st.DrawFn, drawn: dict[str, Any], name: str, whole: int) -> None:
    """Draw a count that is at most another one, unless it is given."""
    drawn.setdefault(name, draw(st.integers(0, whole)))


def _count(*names: str) -> Fields:
    return dict.fromkeys(names, counts())


@st.composite
def idea_votes(draw: st.DrawFn, /, **fields: object) -> IdeaVotes:
    """Votes for and against, some of them anonymous."""
    drawn = fields_from(draw, fields, fields_of(IdeaVotes, _idea_votes))
    _draw_part(draw, drawn, "anonymous", drawn["votes_for"] + drawn["votes_against"])
    return IdeaVotes(**drawn)


def _idea_votes() -> Fields:
    return {**_count("votes_for", "votes_against"), "anonymous": LATER}


def ranked_ideas(**fields: object) -> SearchStrategy[RankedIdea]:
    """Ideas at any rank."""
    return record(RankedIdea, fields)


def new_causes(**fields: object) -> SearchStrategy[NewCauses]:
    """Up to three new causes of a period."""
    return record(NewCauses, fields)


@st.composite
def review_counts(draw: st.DrawFn, /, **fields: object) -> Reviews:
    """Counts of reviews, with ratings on no scale unless one is given."""
    drawn = fields_from(draw, fields, fields_of(Reviews, _review_counts))
    _draw_part(draw, drawn, "rated", drawn["answered"] + drawn["unanswered"])
    return Reviews(**drawn)


def _review_counts() -> Fields:
    return {
        **_count("answered", "unanswered"),
        "answer_seconds": decimals(0, 10**9, places=6),
        "rated": LATER,
        "rating_sum": decimals(0, 10**6),
        "scale": None,
    }


def review_effects(**fields: object) -> SearchStrategy[ReviewEffect]:
    """Effects of any size."""
    return record(ReviewEffect, fields)


def leak_shares(**fields: object) -> SearchStrategy[LeakShare]:
    """Negative feedback in public and to the company alone."""
    return record(LeakShare, fields, lambda: _count("public", "internal", "unknown", "unjudged"))


def leak_changes(**fields: object) -> SearchStrategy[LeakChange]:
    """The counts of two periods."""
    return record(LeakChange, fields)


def routings(**fields: object) -> SearchStrategy[Routing]:
    """Feedback with and without a route or a handler."""
    return record(Routing, fields, lambda: _count("routed", "misrouted", "unassigned", "unrouted"))
