"""What type checkers see of where customers stand; nothing here is run."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_type

from crmcore import (
    Attitudes,
    Combination,
    Complacency,
    CustomerFigure,
    CustomerType,
    Feedback,
    Id,
    ImpressionFactor,
    Interaction,
    InterviewCoverage,
    InterviewState,
    LadderStep,
    LevelChange,
    LevelRule,
    LoyaltyReason,
    Money,
    NoLevel,
    OutcomeRate,
    Question,
    Reading,
    Response,
    Scale,
    Signal,
    SignalKind,
    Standings,
    TallyBy,
    Task,
    TieRule,
)
from crmcore.primitives.proportions import Interval, TwoProportions
from crmcore.voice.loyalty import (
    LEVELS,
    Interview,
    Standing,
    change_after_reply,
    customer_type,
    interviews,
    ladder_step,
    rates_by_factor,
    readings_of,
    signals_of,
)


def levels(readings: list[Reading], responses: list[Response], question: Question, now: datetime) -> None:
    """Levels of any vocabulary, from readings of any source."""
    assert_type(LEVELS, tuple[str, ...])
    assert_type(LevelRule.NPS.level("9"), str)
    assert_type(LevelRule.top_box(Scale.SATISFACTION_1_7), LevelRule)
    assert_type(readings_of(responses, question), tuple[Reading, ...])
    stand = Standings.of(readings, as_of=now, combination=Combination.WORST, tie=TieRule.BEST, levels=["fan", "foe"])
    assert_type(stand, Standings)
    assert_type(stand.standings, tuple[Standing, ...])
    assert_type(stand.standings[0].missing, NoLevel | None)
    assert_type(stand.states, dict[Id, str])
    assert_type(stand.unknown_share, Decimal | None)
    LevelRule.NPS.level(9.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a float is not exact
    Standings.of(readings)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - as of when?
    Standings.of(readings, as_of=now, window=30)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - thirty what?


def attitudes(answers: dict[Id, bool | None], level: dict[Id, str], revenue: dict[Id, Money]) -> None:
    """What customers feel, what they do, and what they are worth."""
    counted = Attitudes.of(satisfied=answers, loyal=answers)
    assert_type(counted.interval(), Interval | None)
    assert_type(customer_type(satisfied=True, loyal=None), CustomerType | None)
    assert_type(ladder_step(3, client_from=2), LadderStep)
    reasons: dict[Id, list[str]] = {7: [LoyaltyReason.HABIT, ImpressionFactor.STAFF, "parking"]}
    assert_type(rates_by_factor(reasons, answers), TallyBy[str | None, OutcomeRate])
    assert_type(OutcomeRate.by(answers, level.get), TallyBy[str | None, OutcomeRate])
    assert_type(OutcomeRate.of(answers).compared_to(OutcomeRate()), TwoProportions | None)
    assert_type(CustomerFigure.by(revenue, level.get, unit="EUR"), TallyBy[str | None, CustomerFigure])
    CustomerFigure.of(revenue)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - in which unit?
    ladder_step(3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - what makes a client is a policy


def attention(feedback: list[Feedback], readings: list[Reading], tasks: list[Task], now: datetime) -> None:
    """Whom to talk to, and what became of it."""
    contacts = [Interaction(touchpoint_id="desk", at=now)]
    assert_type(contacts[0].is_negative, bool | None)
    signals = signals_of(feedback, readings=readings, interactions=contacts, departures={7: now})
    assert_type(signals, tuple[Signal, ...])
    assert_type(signals[0].kind, SignalKind)
    owed = interviews(signals, tasks, as_of=now, within=timedelta(days=7))
    assert_type(owed, tuple[Interview, ...])
    assert_type(owed[0].state, InterviewState)
    assert_type(InterviewCoverage.by(owed, lambda one: one.is_exit), TallyBy[bool, InterviewCoverage])
    assert_type(change_after_reply(feedback, readings, as_of=now), TallyBy[bool, LevelChange])
    rest = Complacency.of(Standings.of(readings, as_of=now), high_from="0.7", quiet_after=timedelta(days=90))
    assert_type(rest.is_complacent, bool | None)
    interviews(signals, tasks, as_of=now)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - within what time?
