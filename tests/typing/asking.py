"""What type checkers see of surveys; nothing here is run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import assert_type

from crmcore import (
    AnswerCounts,
    AskEvent,
    AskLimit,
    AskPurpose,
    Csat,
    CsatConvention,
    CustomerEffort,
    Feedback,
    Finding,
    Id,
    Interaction,
    Invitation,
    Money,
    Nps,
    NpsGroup,
    NpsMethod,
    NpsPanel,
    Period,
    Question,
    Reading,
    Response,
    ResponseRate,
    ResponseRateConvention,
    ReturnLikelihood,
    RoundConvention,
    Scale,
    ScoreRounding,
    Survey,
    SurveyRound,
    TallyBy,
    surveys,
)
from crmcore.primitives.proportions import Interval, TwoProportions
from crmcore.voice.surveys import (
    IDENTITY_WORDS,
    LEADING_WORDS,
    AskDecision,
    ItemScore,
    NonresponseBounds,
    SampleSize,
    ScoreChange,
    SurveyCoverage,
    SurveyTime,
    WeightedScore,
    cadence,
    cadences,
    coverage,
    eligibility,
    item_score,
    krejcie_morgan,
    lint,
    margin_of_error,
    may_ask,
    may_ask_each,
    nonresponse_bias,
    nonresponse_bounds,
    nps_group,
    nps_sample_size,
    paired_change,
    post_stratified,
    sample_size,
    time_needed,
    whom_to_ask,
)


def check(survey: Survey, responses: list[Response]) -> None:
    """A survey is read before it is sent."""
    assert_type(lint(survey, responses=responses, leading_words=[*LEADING_WORDS, "bestimmt"]), tuple[Finding, ...])
    assert_type(IDENTITY_WORDS, tuple[str, ...])
    assert_type(time_needed(survey, seconds="7.5"), SurveyTime)
    lint([survey])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - one survey
    lint(survey, minutes=0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a float is not exact


def scores(responses: list[Response], question: Question) -> None:
    """Every score is counted alike, and has its own readings."""
    nps = Nps.of(responses, question)
    assert_type(nps, Nps)
    assert_type(nps.score, Decimal | None)
    assert_type(nps.interval(method=NpsMethod.SCORE), Interval | None)
    assert_type(nps.displayed(rounding=ScoreRounding.HALF_AWAY), Decimal | None)
    assert_type(nps.compared_to(nps), ScoreChange | None)
    assert_type(nps_group(9), NpsGroup)
    assert_type(Nps.by(responses, lambda response: response.segment, question), TallyBy[str | None, Nps])
    assert_type(NpsPanel.of(responses, responses, question).change, ScoreChange | None)
    assert_type(paired_change(responses, responses, question), ScoreChange | None)
    assert_type(Csat.of_scores([1, None], Scale.SATISFACTION_1_5).rate_by(CsatConvention.NET), Decimal | None)
    assert_type(Csat().compared_to(Csat()), TwoProportions | None)
    assert_type(CustomerEffort.of(responses, question), CustomerEffort)
    assert_type(ReturnLikelihood.from_counts(Scale.RETURN_1_5, {5: 3}).score, Decimal | None)
    assert_type(AnswerCounts.of(responses, question).top_box(2), Decimal | None)
    assert_type(item_score(responses[0], [question]), ItemScore | None)
    assert_type(post_stratified({"a": nps}, {"a": 100}), WeightedScore)
    Nps.of(responses, "nps")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - with its scale
    Nps.of_scores([6.5])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - between the steps
    nps.rate()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] - a score
    _ = Csat() + nps  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownVariableType] - of two kinds
    nps.interval(method="wald")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member


def answering(invitations: list[Invitation], responses: list[Response], question: Question, now: datetime) -> None:
    """Who answered, and what the others may think."""
    rate = ResponseRate.of(invitations)
    assert_type(rate.rate_by(ResponseRateConvention.RR3, e="0.5"), Decimal | None)
    assert_type(eligibility(eligible=3, ineligible=1), Decimal | None)
    assert_type(nonresponse_bounds("0.8", response_rate=0.3), NonresponseBounds)
    assert_type(nonresponse_bias(response_rate=0.3, respondent_mean=8, nonrespondent_mean="6.9"), Decimal)
    assert_type(sample_size(margin=0.05), SampleSize)
    assert_type(nps_sample_size(margin=5, like=Nps()), SampleSize)
    assert_type(krejcie_morgan(220).n, int)
    assert_type(margin_of_error(1, 2), float | None)
    counted = SurveyRound.of_round(
        invitations,
        responses,
        question,
        period=Period.month(2026, 1),
        as_of=now,
        convention=RoundConvention.BY_ANSWER,
    )
    assert_type(counted, SurveyRound)
    assert_type(counted.response_rate, Decimal | None)
    SurveyRound.of_round(invitations, responses, question, period=Period.month(2026, 1))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - as of when?


def asking(
    history: list[Invitation | Response], readings: list[Reading], visits: Iterable[Interaction], now: datetime
) -> None:
    """Whom to ask, and when."""
    limit = AskLimit(within=timedelta(days=30), counts=AskEvent.EITHER)
    decision = may_ask(history, customer_id=7, survey_id="nps", as_of=now, limits=[limit])
    assert_type(decision, AskDecision)
    assert_type(decision.blocked_by, tuple[AskLimit, ...])
    decisions = may_ask_each(history, [7], survey_id="nps", as_of=now, limits=[limit])
    assert_type(decisions, dict[Id, AskDecision])
    assert_type(cadence(None), timedelta)
    assert_type(cadences(visits), dict[Id, timedelta])
    assert_type(whom_to_ask(readings, purpose=AskPurpose.NEEDS, as_of=now, worth={7: Money(5, "EUR")}), tuple[Id, ...])
    assert_type(coverage(), SurveyCoverage)
    assert_type(surveys.coverage(processes=["delivery"], feedback=list[Feedback]()), SurveyCoverage)
    AskLimit(within=30)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - thirty what?
