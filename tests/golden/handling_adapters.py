"""Adapters of the golden cases of handling: from the inputs of a case to the answer, named as in its `expected`.

An adapter turns text into the library's types, and hours into durations and back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from crmcore import (
    Actor,
    CaseState,
    Compliance,
    Feedback,
    FeedbackKind,
    FixEffect,
    IdeaVotes,
    LeakShare,
    Loops,
    OpeningHours,
    Pareto,
    Period,
    ResolutionReading,
    Reviews,
    TimeByParty,
    Vote,
    VoteChoice,
    WaitStart,
    handling,
    instant,
)
from crmcore.voice.handling import PROSERPIO_ZERVAS_2017, ClockState, Wait
from tests.golden.opening_hours_adapters import read_calendar

Inputs = dict[str, Any]

_START: Final = instant("2026-03-02")
_LATER: Final = instant("2100-01-01")
_STATES: Final = {"pending": "waiting_on_customer", "solved": "resolved"}
_AUTHORS: Final = {"agent": "employee"}


def _hours(hours: object) -> timedelta:
    return timedelta(microseconds=int(Fraction(str(hours)) * 3_600_000_000))


def _state(name: str) -> CaseState:
    return CaseState(_STATES.get(name, name))


def _calendar(inputs: Inputs) -> OpeningHours | None:
    return read_calendar(inputs) if "calendar" in inputs else None


def _case(inputs: Inputs) -> Feedback:
    """Return the case with its states and messages; a state that comes with a message comes before it."""
    states = [(_state(state), instant(at), None) for at, state in inputs.get("states", ())]
    messages = [(CaseState.MESSAGE, instant(at), Actor(_AUTHORS.get(by, by))) for at, by in inputs.get("messages", ())]
    received = instant(inputs["received"]) if "received" in inputs else states[0][1]
    history = sorted([*states, *messages], key=lambda entry: entry[1].astimezone(UTC))
    return Feedback(kind=FeedbackKind.PROBLEM, received_at=received, history=history)


def _first_response_at(inputs: Inputs) -> dict[str, Any] | None:
    wait = handling.first_response(
        _case(inputs),
        as_of=_LATER,
        hours=_calendar(inputs),
        count_bots=inputs.get("count_bots", False),
        since=WaitStart(inputs.get("since", "receipt")),
    )
    return None if wait.ended_at is None else {"at": _text(wait.ended_at), "hours": wait.hours}


def _clock(inputs: Inputs) -> dict[str, Any]:
    read = handling.clock(
        _case(inputs),
        as_of=instant(inputs["until"]),
        hours=_calendar(inputs),
        paused_in=map(_state, inputs["paused_in"]),
    )
    return {
        "running_hours": read.running_hours,
        "paused_hours": read.paused_hours,
        "stopped_hours": read.stopped_hours,
        "running": read.state is ClockState.RUNNING,
    }


def _due(inputs: Inputs) -> str | None:
    found = handling.due(
        _case(inputs),
        _hours(inputs["target_hours"]),
        as_of=instant(inputs["until"]),
        hours=_calendar(inputs),
        paused_in=map(_state, inputs["paused_in"]),
    )
    return None if found.at is None else _text(found.at)


def _resolution(inputs: Inputs) -> dict[str, Any]:
    case, until = _case(inputs), instant(inputs["until"])
    waits = {
        reading: handling.resolution(case, reading, as_of=until, hours=_calendar(inputs))
        for reading in ResolutionReading
    }
    return {
        **{f"{reading.value}_hours": wait.hours if wait.ended else None for reading, wait in waits.items()},
        "reopened": handling.reopenings(case, as_of=until),
        "resolved": waits[ResolutionReading.FULL].ended,
    }


def _time_by_party(inputs: Inputs) -> dict[str, Any]:
    time = TimeByParty.of([_case(inputs)], as_of=instant(inputs["until"]), hours=_calendar(inputs))
    return {
        "requester_wait": time.customer_hours,
        "agent_wait": time.company_hours,
        "on_hold": time.on_hold_hours,
        "agent_work": time.work_hours,
        "total": time.hours,
    }


def _waits(hours: list[Any], ages: dict[str, Any]) -> list[Wait]:
    """Return ended waits, and waits of an age without an answer."""
    return [
        Wait(
            started_at=_START,
            length=_hours(ages[str(place)] if length is None else length),
            ended_at=None if length is None else _LATER,
        )
        for place, length in enumerate(hours)
    ]


def _compliance(inputs: Inputs) -> dict[str, Any]:
    found = Compliance.of(_waits(inputs["hours"], inputs.get("ages", {})), target=_hours(inputs["target_hours"]))
    return {
        "met": found.met,
        "missed": found.missed,
        "pending": found.pending,
        "of_due": found.rate,
        "of_answered": found.rate_of_ended,
    }


def _first_response(inputs: Inputs) -> dict[str, Any]:
    waits = _waits(inputs["hours"], inputs.get("as_of_ages", {}))
    found, lengths = Compliance.of(waits, target=_hours(inputs["target_hours"])), handling.summary(waits)
    answer = {"within": found.rate, "median": lengths.median_hours, "mean": lengths.mean_hours}
    if "as_of_ages" not in inputs:
        return answer
    return {**answer, "within_of_all": found.rate, "answered": lengths.ended, "unanswered": lengths.lasting}


def _closing_loop(inputs: Inputs) -> dict[str, Any]:
    received, answered = instant(inputs["received"]), instant(inputs["first_contact"])
    case = Feedback(kind=FeedbackKind.COMPLAINT, received_at=received, answered_at=answered)
    wait = handling.first_response(case, as_of=answered)
    found = Compliance.of([wait], target=_hours(inputs["target_hours"]))
    return {"elapsed_hours": wait.hours, "within": found.met == 1}


def _closing_loop_rate(inputs: Inputs) -> Decimal | None:
    met = inputs["contacted_within_target"]
    return Compliance(met=met, late=inputs["detractors"] - met).rate


def _pareto(inputs: Inputs) -> dict[str, Any]:
    found = Pareto(counts=inputs["counts"], cut=inputs["cut"])
    return {
        "cumulative": [[bar.cause, bar.cumulative_share] for bar in found.bars],
        "vital_few": list(found.vital_few),
    }


def _maybe(moment: str | None) -> datetime | None:
    return None if moment is None else instant(moment)


def _loops(inputs: Inputs) -> dict[str, Any]:
    feedback = [
        Feedback(
            kind=FeedbackKind.IDEA,
            received_at=instant(item["received"]),
            answered_at=_maybe(item["answered"]),
            acted_on_at=_maybe(item["acted_on"]),
            announced_at=_maybe(item["announced"]),
        )
        for item in inputs["items"]
    ]
    found = Loops.of(feedback, as_of=instant(inputs["as_of"]), target=_hours(inputs["target_hours"]))
    return {
        "closed_in_time": found.in_time,
        "late": found.late,
        "overdue": found.silent,
        "pending": found.pending,
        "first_loop": found.rate,
        "acted": found.acted_on,
        "announced": found.announced,
        "second_loop": found.announced_rate,
    }


def _before_after(inputs: Inputs) -> dict[str, Any]:
    signals = [Feedback(kind=FeedbackKind.COMPLAINT, received_at=instant(at)) for at in inputs["signals"]]
    watched = Period(instant(inputs["start"]), instant(inputs["end"]))
    found = FixEffect.of(signals, fixed_at=instant(inputs["fixed_at"]), period=watched)
    return {
        "before": found.before,
        "after": found.after,
        "before_per_30_days": found.before_per_30_days,
        "after_per_30_days": found.after_per_30_days,
        "ratio": found.rate_ratio,
        "p_one_sided": found.p_one_sided,
    }


def _ideas(inputs: Inputs) -> dict[str, list[int]]:
    votes = [
        Vote(at=instant(at), voter_id=voter, idea_id=idea, choice=VoteChoice(vote))
        for at, voter, idea, vote in inputs["votes"]
    ]
    found = IdeaVotes.by_idea(votes, merged=inputs.get("merged", {}), as_of=_maybe(inputs.get("as_of")))
    return {str(idea): [row.votes_for, row.votes_against] for idea, row in found.items()}


def _rank(inputs: Inputs) -> list[list[object]]:
    ideas = {idea: IdeaVotes(votes_for=int(up), votes_against=int(down)) for idea, up, down in inputs["ideas"]}
    found = handling.rank_ideas(ideas, confidence=float(inputs.get("confidence", 0.95)))
    return [[idea.idea_id, idea.lower_bound] for idea in found]


def _response_rate(inputs: Inputs) -> Decimal | None:
    return Reviews(answered=inputs["answered"], unanswered=inputs["reviews"] - inputs["answered"]).rate


def _review_effect(inputs: Inputs) -> dict[str, Any]:
    assert inputs["source"] == "Proserpio & Zervas 2017"
    effect = PROSERPIO_ZERVAS_2017
    return {"rating_change_stars": effect.rating_change, "volume_change": effect.volume_change}


def _leak_share(inputs: Inputs) -> Decimal | None:
    return LeakShare(public=inputs["public_negative"], internal=inputs["internal_complaints"]).rate


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


ADAPTERS: Final[dict[str, Callable[[Any], Any]]] = {
    "causes.pareto": _pareto,
    "feedback.closing_loop": _closing_loop,
    "feedback.closing_loop_rate": _closing_loop_rate,
    "feedback.loops": _loops,
    "fix.before_after": _before_after,
    "ideas.rank": _rank,
    "ideas.tally": _ideas,
    "negativity.leak_share": _leak_share,
    "reviews.effect_reference": _review_effect,
    "reviews.response_rate": _response_rate,
    "sla.clock": _clock,
    "sla.compliance": _compliance,
    "sla.due": _due,
    "sla.first_response": _first_response,
    "sla.first_response_at": _first_response_at,
    "sla.resolution": _resolution,
    "sla.time_by_party": _time_by_party,
}
"""The adapter of each label."""
