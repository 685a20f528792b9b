"""Adapters of the golden cases of surveys: from the inputs of a case to the answer, named as in its `expected`.

An adapter turns text into the library's types and picks fields of the answer. It computes only units: points of a Net
Promoter Score as shares, days as durations, and the counts behind shares that a case gives as fractions.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from math import lcm
from typing import Any, Final

from crmcore import (
    AnswerCounts,
    AskEvent,
    AskLimit,
    Csat,
    CsatConvention,
    CustomerEffort,
    Incentive,
    Invitation,
    MeasureKind,
    Nps,
    NpsMethod,
    NpsPanel,
    Period,
    Question,
    Response,
    ResponseRate,
    ResponseRateConvention,
    ReturnLikelihood,
    RoundConvention,
    Scale,
    ScoreRounding,
    Survey,
    SurveyRound,
    instant,
    surveys,
)
from crmcore.voice.surveys import SampleSize, ScoreChange

Inputs = dict[str, Any]

_DAY: Final = timedelta(days=1)
_EXACT: Final = Context(60, ROUND_HALF_EVEN, Emin=-999, Emax=999, capitals=1, clamp=0, flags=[], traps=[])
"""The same whatever the context of the thread is."""
_START: Final = instant("2026-03-02")
_VERSIONS: Final = {"1.0": Scale.EFFORT_1_5, "2.0": Scale.EFFORT_1_7}
_EVENTS: Final = {event.value: event for event in AskEvent}
_MEASURES: Final = {
    "satisfaction": MeasureKind.SATISFACTION,
    "recommendation": MeasureKind.RECOMMENDATION,
    "recommend": MeasureKind.RECOMMENDATION,
    "likelihood_to_recommend": MeasureKind.RECOMMENDATION,
    "return": MeasureKind.RETURN,
    "likelihood_to_return": MeasureKind.RETURN,
}
_RULES_OF: Final = {
    "questions": {"too_long"},
    "anonymous_notice": {"not_anonymous"},
    "identity_questions": {"identifies_respondent"},
    "leading": {"leading_wording"},
    "measures": {"no_overall_measure"},
    "specific": {"no_specific_service"},
    "specific_services": {"no_specific_service"},
    "concepts": {"too_many_concepts"},
    "incentive": {"incentive_for_positive"},
    "incentive_for_positive": {"incentive_for_positive"},
    "one_sided": {"one_sided_scale"},
    "one_sided_scale": {"one_sided_scale"},
    "free_text": {"no_free_text"},
    "owner": {"used_as_vote"},
    "improvement_owner": {"used_as_vote"},
}
"""Which rules the inputs of a case decide; those of other inputs do not run."""


def _count(value: Any) -> Any:
    """Return a whole number that may be written as text."""
    return int(value) if isinstance(value, str) else value


def _nps(inputs: Inputs) -> Nps:
    return Nps(**{name: _count(inputs[name]) for name in ("promoters", "passives", "detractors")})


def _nps_of_shares(shares: Any) -> Nps:
    """Return the counts behind shares."""
    parts = [Fraction(share) for share in shares]
    whole = lcm(*(part.denominator for part in parts))
    promoters, passives, detractors = (int(part * whole) for part in parts)
    return Nps(promoters=promoters, passives=passives, detractors=detractors)


def _nps_of_row(row: Any) -> Nps:
    promoters, passives, detractors = map(_count, row)
    return Nps(promoters=promoters, passives=passives, detractors=detractors)


def _as_share(points: float | Decimal | None) -> Decimal | None:
    if points is None:
        return None
    return _EXACT.scaleb(points if isinstance(points, Decimal) else Decimal(repr(points)), -2)


def _variance(inputs: Inputs) -> dict[str, Any]:
    nps = _nps_of_shares([inputs[name] for name in ("promoters", "passives", "detractors")])
    return {"nps": nps.net, "variance": nps.variance}


def _interval(inputs: Inputs, method: NpsMethod) -> dict[str, Any] | None:
    nps = _nps(inputs)
    bounds = nps.net_interval(confidence=inputs.get("confidence", 0.95), method=method)
    if bounds is None:
        return None
    found: dict[str, Any] = {"low": bounds.low, "high": bounds.high}
    if method is NpsMethod.WALD:
        return {**found, "nps": nps.net, "se": _as_share(nps.standard_error)}
    return {**found, "nps_adjusted": _as_share(nps.adjusted_score), "se": _as_share(nps.adjusted_standard_error)}


def _change(change: ScoreChange | None) -> dict[str, Any] | None:
    if change is None:
        return None
    return {
        "difference": _as_share(change.difference),
        "standard_error": _as_share(change.standard_error),
        "z": change.z,
        "p_value": change.p_two_sided,
    }


def _paired(inputs: Inputs) -> dict[str, Any] | None:
    promoters, passives, detractors = (tuple(map(_count, row)) for row in inputs["table"])
    return _change(NpsPanel(promoters=promoters, passives=passives, detractors=detractors).change)


def _displayed(inputs: Inputs) -> Decimal | None:
    rounding = ScoreRounding(inputs.get("rounding", "half_even"))
    return _nps(inputs).displayed(digits=_count(inputs.get("digits", 0)), rounding=rounding)


def _scale(inputs: Inputs, measure: MeasureKind | None = None) -> Scale:
    return Scale(low=1, high=_count(inputs["scale"]), higher_is_better=True, measure=measure)


def _rated(inputs: Inputs) -> AnswerCounts:
    return AnswerCounts.of_scores(map(_count, inputs["scores"]), _scale(inputs))


def _effort(inputs: Inputs) -> CustomerEffort:
    scale = _VERSIONS[inputs.get("version", "2.0")]
    if "scores" in inputs:
        return CustomerEffort.of_scores(map(_count, inputs["scores"]), scale)
    return CustomerEffort.from_counts(scale, {int(step): _count(n) for step, n in inputs["counts"].items()})


def _returning(inputs: Inputs) -> Decimal | None:
    likely = ReturnLikelihood.of_scores(map(_count, inputs["scores"]), _scale(inputs, MeasureKind.RETURN))
    return likely.top_box(_count(inputs.get("boxes", 1)))


def _csat(inputs: Inputs) -> Decimal | None:
    counts = {name: _count(inputs[name]) for name in ("positive", "neutral", "negative")}
    return Csat(**counts).rate_by(CsatConvention(inputs["convention"]))


def _response_rate(inputs: Inputs, convention: ResponseRateConvention) -> Decimal | None:
    names = ("complete", "partial", "refusal", "non_contact", "other", "unknown")
    counted = ResponseRate(**{name: _count(inputs[name]) for name in names if name in inputs})
    return counted.rate_by(convention, **({"e": inputs["e"]} if "e" in inputs else {}))


def _size(size: SampleSize) -> dict[str, Any]:
    return {"raw": size.raw, "n": size.n}


def _cochran(inputs: Inputs) -> dict[str, Any]:
    return _size(
        surveys.sample_size(
            margin=inputs["margin"],
            confidence=inputs.get("confidence", 0.95),
            share=inputs.get("p", "0.5"),
            population=_count(inputs.get("population")),
        )
    )


def _krejcie_morgan(inputs: Inputs) -> int:
    return surveys.krejcie_morgan(
        _count(inputs["population"]),
        margin=inputs.get("margin", "0.05"),
        share=inputs.get("p", "0.5"),
        chi_square=inputs.get("chi2", "3.841"),
    ).n


def _nps_sample(inputs: Inputs) -> dict[str, Any]:
    shares = inputs.get("shares")
    return _size(
        surveys.nps_sample_size(
            margin=_EXACT.scaleb(Decimal(inputs["margin"]), 2),
            confidence=inputs.get("confidence", 0.95),
            like=None if shares is None else _nps_of_shares(shares),
        )
    )


def _margin(inputs: Inputs) -> float | None:
    return surveys.margin_of_error(
        _count(inputs["successes"]),
        _count(inputs["n"]),
        confidence=inputs.get("confidence", 0.95),
        population=_count(inputs.get("population")),
    )


def _bounds(inputs: Inputs) -> dict[str, Any]:
    bounds = surveys.nonresponse_bounds(inputs["respondent_share"], response_rate=inputs["response_rate"])
    return {"low": bounds.low, "high": bounds.high}


def _weighted(inputs: Inputs) -> Decimal | None:
    strata = dict(enumerate(inputs["strata"]))
    return surveys.post_stratified(
        {number: _nps(one) for number, one in strata.items()},
        {number: _count(one["population"]) for number, one in strata.items()},
    ).score


def _cadence(inputs: Inputs) -> Any:
    mean = inputs.get("mean_days_between_interactions")
    wait = surveys.cadence(
        None if mean is None else timedelta(days=float(mean)),
        multiple=Decimal(str(inputs.get("multiple", 3))),
        shortest=timedelta(days=float(inputs.get("min_days", 30))),
        longest=timedelta(days=float(inputs.get("max_days", 365))),
    )
    return wait / _DAY


def _lint(inputs: Inputs) -> list[str]:
    """Build a survey as the case describes it, and keep the rules that the case gives an input for."""
    measures = [_MEASURES[measure] for measure in inputs.get("measures", [])]
    identity = _count(inputs.get("identity_questions", 0))
    concepts = _count(inputs.get("concepts", 0))
    positive = inputs.get("incentive_for_positive") or inputs.get("incentive") in ("for_praise", "for_positive")
    questions = [
        Question(
            id=number,
            text="",
            scale=Scale(low=1, high=5, higher_is_better=True, measure=measures[number])
            if number < len(measures)
            else Scale.AGREEMENT_1_5,
            identifies=number < identity,
            leading=number == 0 and bool(inputs.get("leading", False)),
            one_sided=number == 0 and bool(inputs.get("one_sided", inputs.get("one_sided_scale", False))),
            concept=f"concept {number}" if number < concepts else "",
            about_id="service" if inputs.get("specific", inputs.get("specific_services")) and number else None,
        )
        for number in range(_count(inputs["questions"]))
    ]
    if inputs.get("free_text"):
        questions[-1] = Question(id="words", text="", scale=Scale.OPEN)
    survey = Survey(
        id="survey",
        questions=questions,
        anonymous=bool(inputs.get("anonymous_notice", inputs.get("anonymous", False))),
        incentive=Incentive.FOR_PRAISE if positive else None,
        owner_id="owner" if inputs.get("owner") or inputs.get("improvement_owner") else None,
    )
    found = surveys.lint(
        survey, minutes=inputs.get("max_minutes", "3"), seconds=inputs.get("seconds_per_question", "7.5")
    )
    asked = {rule for name in inputs for rule in _RULES_OF.get(name, ())}
    return list(dict.fromkeys(finding.rule for finding in found if finding.rule in asked))


def _limit(rule: Inputs) -> AskLimit:
    name = "within_days" if "within_days" in rule else "days"
    event = rule["after"] if "after" in rule else rule.get("what", "invited")
    return AskLimit(
        at_most=_count(rule.get("at_most", 1)),
        within=timedelta(days=float(rule[name])),
        counts=_EVENTS[event],
        same_survey=rule.get("scope", "any") == "same",
    )


def _may_ask(inputs: Inputs) -> dict[str, Any]:
    history: list[Invitation | Response] = []
    for at, what, survey in inputs["history"]:
        if what == "invited":
            history.append(Invitation(survey_id=survey, at=instant(at), customer_id=1))
        elif what == "answered":
            history.append(Response(survey_id=survey, at=instant(at), answers=[], customer_id=1))
    limits = [_limit(rule) for rule in inputs["rules"]]
    decision = surveys.may_ask(
        history, customer_id=1, survey_id=inputs["survey"], as_of=instant(inputs["as_of"]), limits=limits
    )
    return {
        "allowed": decision.allowed,
        "allowed_from": decision.allowed_from.isoformat(),
        "blocked_by": [place for place, limit in enumerate(limits) if limit in decision.blocked_by],
    }


def _scale_score(inputs: Inputs) -> dict[str, Any] | None:
    low, high = map(_count, inputs["scale"])
    items = [
        Question(id=number, text="", scale=Scale(low=low, high=high, higher_is_better=not item["reversed"]))
        for number, item in enumerate(inputs["items"])
    ]
    given = [
        (number, _count(item["answer"])) for number, item in enumerate(inputs["items"]) if item["answer"] is not None
    ]
    response = Response(survey_id=1, at=_START, answers=given)
    score = surveys.item_score(response, items, at_least=_count(inputs["at_least"]))
    return None if score is None else {"mean": score.score, "answered": score.answered}


def _round(inputs: Inputs) -> dict[str, Any]:
    asked = Question(id="nps", text="", scale=Scale.RECOMMEND_0_10)
    rows = list(enumerate(inputs["invitations"]))
    days = inputs.get("open_days")
    counted = SurveyRound.of_round(
        [Invitation(survey_id=1, at=instant(row["invited"]), customer_id=number) for number, row in rows],
        [
            Response(
                survey_id=1,
                at=instant(row["answered"]),
                answers=[] if row["score"] is None else [("nps", _count(row["score"]))],
                customer_id=number,
            )
            for number, row in rows
            if row["answered"] is not None
        ],
        asked,
        period=Period(instant(inputs["start"]), instant(inputs["end"])),
        as_of=instant(inputs["as_of"]),
        open_for=None if days is None else timedelta(days=float(days)),
        convention=RoundConvention(f"by_{inputs['by']}"),
    )
    nps = Nps.of_counts(counted)
    return {
        "invited": counted.invited,
        "in_time": counted.in_time,
        "late": counted.late,
        "open": counted.open,
        "response_rate": counted.response_rate,
        "promoters": nps.promoters,
        "passives": nps.passives,
        "detractors": nps.detractors,
    }


ADAPTERS: Final[dict[str, Callable[[Any], Any]]] = {
    "ces.index": lambda inputs: _effort(inputs).index(),
    "ces.mean": lambda inputs: _effort(inputs).score,
    "ces.percent_agree": lambda inputs: _effort(inputs).agree_share(),
    "csat.by_convention": _csat,
    "csat.mean": lambda inputs: _rated(inputs).score,
    "csat.mean_percent": lambda inputs: _rated(inputs).mean_share,
    "csat.top_two_box": lambda inputs: Csat.of_scores(map(_count, inputs["scores"]), _scale(inputs)).score,
    "feedback.cadence_days": _cadence,
    "margin.proportion": _margin,
    "margin.proportion_fpc": _margin,
    "nps.classify": lambda inputs: [surveys.nps_group(_count(score)).value for score in inputs["scores"]],
    "nps.difference": lambda inputs: _change(_nps_of_row(inputs["after"]).compared_to(_nps_of_row(inputs["before"]))),
    "nps.difference_paired": _paired,
    "nps.displayed": _displayed,
    "nps.interval_adjusted_wald": lambda inputs: _interval(inputs, NpsMethod.ADJUSTED_WALD),
    "nps.interval_wald": lambda inputs: _interval(inputs, NpsMethod.WALD),
    "nps.score": lambda inputs: _nps(inputs).score,
    "nps.standard_error": lambda inputs: _as_share(_nps(inputs).standard_error),
    "nps.variance": _variance,
    "return_likelihood.top_box": _returning,
    "sample.cochran": _cochran,
    "sample.cochran_fpc": _cochran,
    "sample.krejcie_morgan": _krejcie_morgan,
    "sample.nps": _nps_sample,
    "survey.eligibility": lambda inputs: surveys.eligibility(
        eligible=_count(inputs["eligible"]), ineligible=_count(inputs["ineligible"])
    ),
    "survey.lint": _lint,
    "survey.may_ask": _may_ask,
    "survey.nonresponse_bias": lambda inputs: surveys.nonresponse_bias(**inputs),
    "survey.nonresponse_bounds": _bounds,
    "survey.response_rate": lambda inputs: _response_rate(inputs, ResponseRateConvention.RR1),
    "survey.response_rate_rr2": lambda inputs: _response_rate(inputs, ResponseRateConvention.RR2),
    "survey.response_rate_rr3": lambda inputs: _response_rate(inputs, ResponseRateConvention.RR3),
    "survey.response_rate_rr4": lambda inputs: _response_rate(inputs, ResponseRateConvention.RR4),
    "survey.response_rate_rr5": lambda inputs: _response_rate(inputs, ResponseRateConvention.RR5),
    "survey.response_rate_rr6": lambda inputs: _response_rate(inputs, ResponseRateConvention.RR6),
    "survey.round": _round,
    "survey.scale_score": _scale_score,
    "survey.weighted_nps": _weighted,
}
"""The adapter of each label."""
