"""Every rule of every record that spans fields, broken once by a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from crmcore import (
    AbandonedContacts,
    Activity,
    AnswerCounts,
    AuditScore,
    AuditScores,
    Authority,
    Balance,
    BaseDistribution,
    Bonus,
    Buying,
    CauseCoverage,
    Checklist,
    ChecklistAnswer,
    ChecklistItem,
    Churn,
    Cohort,
    CohortTriangle,
    CompensationFund,
    Complacency,
    Conformance,
    Consistency,
    ConversionTimes,
    Customer,
    CustomerEffort,
    CustomerEquity,
    CustomerFigure,
    CusumChart,
    Deficits,
    Departures,
    Dissolution,
    DwellTime,
    Effort,
    Employee,
    ExperienceGrades,
    ExperienceTarget,
    Feedback,
    FixEffect,
    Flow,
    FundEntry,
    Funnel,
    HistoricValue,
    IdeaVotes,
    Inactivity,
    Interaction,
    InterviewCoverage,
    Journey,
    JourneyMap,
    Journeys,
    JourneyStep,
    KeyResult,
    LeadOverTime,
    Ledger,
    LevelRule,
    LevelTransitions,
    Lifetime,
    Loops,
    Mix,
    MomentOfTruth,
    Occasion,
    OpeningHours,
    Outcome,
    Pareto,
    Payback,
    PChart,
    PerceptionGap,
    Period,
    PlaybookCoverage,
    Policy,
    PriceMatch,
    PricePosition,
    ProfitCurve,
    Programme,
    Purchase,
    Reading,
    RecoveryRate,
    Recurrence,
    Referrals,
    Relationship,
    RelativeAdvantage,
    RemedyWorth,
    Response,
    RetentionMix,
    ReturnLikelihood,
    RevenueChurn,
    RevenueMovements,
    Reviews,
    RfmTable,
    Scale,
    SegmentRule,
    SegmentTable,
    ServiceGap,
    Servqual,
    ShareCusumChart,
    ShareEwmaChart,
    Spend,
    StageTime,
    Standings,
    StepMatrix,
    Subscription,
    Survey,
    SurveyRound,
    Survival,
    Task,
    Transitions,
    Validity,
    ValueMix,
    Visits,
)
from crmcore.journeys.attribution import Attribution
from crmcore.journeys.journey_maps import Backtrack, OffMap, StepConformance, ValueAtRisk
from crmcore.journeys.paths import Edge, FunnelStep
from crmcore.primitives._bounds import LONGEST_NAME
from crmcore.primitives.control_charts import FirstAlarms
from crmcore.primitives.explanation import Explanation
from crmcore.primitives.proportions import Interval, TwoProportions
from crmcore.retention.inactivity import InactivityThreshold
from crmcore.retention.survival import LifeTableInterval, LogRank, RestrictedMean, SurvivalQuantile, SurvivalStep
from crmcore.service.communication import ContactDecision
from crmcore.value.cashflow import InternalRate, PlanComparison, PresentValue
from crmcore.value.lifetime_value import LifetimeValue, MixShift, SegmentValue, SpendGuard, SurvivalValue
from crmcore.value.rfm import PurchaseSummary, RfmScores
from crmcore.voice.expectations import TargetResult
from crmcore.voice.handling import Wait
from crmcore.voice.loyalty import BaseProjection, EarlyWarning, Interview, Standing
from crmcore.voice.surveys import AskDecision, NonresponseBounds, SurveyCoverage

if TYPE_CHECKING:
    from collections.abc import Mapping


class Broken(NamedTuple):
    """What to change in a valid document of a class, the rule that this breaks, and the place of the error."""

    cls: type
    change: Mapping[str, Any]
    rule: str
    place: tuple[int | str, ...]


def _money(amount: str, currency: str = "EUR") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


EUR: Final = _money("5")
USD: Final = _money("5", "USD")
DEBT: Final = _money("-5")
EARLY, AT, LATE = (f"2026-03-{day:02}T10:15:00+02:00" for day in (1, 2, 3))


def _entry(kind: str, amount: str, *, currency: str = "EUR", at: str = AT, **fields: object) -> dict[str, Any]:
    case = {} if kind == "top_up" else {"case_id": 7}
    return {"kind": kind, "amount": _money(amount, currency), "at": at, **case, **fields}


def _period(start: str, end: str) -> dict[str, str]:
    return {"start": start, "end": end}


def _step(name: str, phase: str = "before", **fields: object) -> dict[str, Any]:
    return {"name": name, "phase": phase, **fields}


def _funnel_step(name: str, *counts: int, optional: bool = False) -> dict[str, Any]:
    counted = dict(zip(("journeys", "first_reached", "previous_reached", "reached"), counts, strict=True))
    return {"name": name, "touchpoint_ids": [name], "optional": optional, **counted}


_UNSEEN: Final = {"size": 1, "observed": [0], "active": [0], "active_later": [0], "revenue": [], "first_revenue": []}
_COHORT: Final = {"customers": 5, "combined": EUR}
_RATE: Final = {"rate": "0.1", "per": "year"}
_GRADES: Final = {"customer_id": 7, "recency": 5, "frequency": 1, "monetary": 3, "spend": EUR}
_RANGES: Final = {"name": "best", "recency": [5, 5], "frequency": [4, 5], "monetary": [1, 5]}


def _bought(**fields: object) -> dict[str, object]:
    """Return the document of a summary of purchases."""
    days = {"first": "2026-01-05", "last": "2026-02-02", "end": "2026-03-02"}
    return {"customer_id": 7, "orders": 2, **days, "spend": EUR, "repeat_spend": EUR, **fields}


def _summed_up(*summaries: dict[str, object]) -> dict[str, object]:
    return {"summaries": [*summaries], "as_of": "2026-03-02T00:00:00Z"}


def _mix(*rows: tuple[str, dict[str, str]]) -> dict[str, Any]:
    return {"rows": [[name, {"customers": 1, "combined": combined}] for name, combined in rows]}


def _plan(**fields: object) -> dict[str, Any]:
    return {"value": EUR, "amounts": [], "periods": [], "discount": {"rate": "0", "per": "year"}, **fields}


_MAP: Final = {
    "name": "map",
    "steps": [_step("a", "before", touchpoint_ids=["a"]), _step("b", "after", touchpoint_ids=["b"])],
}
_CONFORMANCE: Final = {"journey_map": _MAP, "journeys": 1, "steps": [], "following": 0, "reached": 0, "elsewhere": 0}
_FRAUD: Final = {"at": AT, "cause": "fraud", "initiator": "customer", "evidence": "a forged cheque"}
_COSTS: Final = ("goods", "acquisition", "service")
_WITH_OPEN: Final = (Conformance, Funnel, Outcome, Visits)
_NO_STEPS: Final[dict[str, list[object]]] = {"off_map": [], "backtracks": []}
_SAME_ID: Final = [{"valence": valence, "at": AT, "id": 7} for valence in ("good", "bad")]

_COUNTS: Final = (AnswerCounts, CustomerEffort, ReturnLikelihood, SurveyRound)
_ONE_LOOP: Final = {
    **dict.fromkeys(("in_time", "acted_on", "tellable"), 1),
    **dict.fromkeys(("late", "silent", "pending", "resolved", "announced", "told"), 0),
}
_NOTHING_CAUSED: Final = dict.fromkeys(
    (
        *("causes", "with_action", "with_prevention", "fixed", "recurred"),
        *("actions", "done", "overdue", "unowned"),
    ),
    0,
)
_COVERED: Final = ("invited", "answered", "with_cause", "acted_on", "announced")

_ANNA: Final = {"customer_id": "anna", "as_of": AT, "level": "loyal", "missing": None, "at": AT, "source": None}

SPANNING: Final[list[Broken]] = [
    # Where the base is going
    Broken(BaseDistribution, {"counts": [1]}, "counts_of_other_levels", ("counts",)),
    Broken(BaseProjection, {"path": []}, "path_of_other_levels", ("path",)),
    Broken(BaseProjection, {"left": "1E+9"}, "customers_lost_on_the_way", ("left",)),
    Broken(EarlyWarning, {"periods": [Period.year(2026)] * 9}, "one_period_for_each_count", ("periods",)),
    Broken(EarlyWarning, {"look": 99}, "alarm_after_the_last_period", ("look",)),
    Broken(EarlyWarning, {"counts": [[2, 1]]}, "more_successes_than_trials", ()),
    Broken(LevelTransitions, {"left": [1]}, "counts_of_other_levels", ("left",)),
    # Where customers stand
    Broken(Complacency, {"loyal": 2, "known": 1}, "more_loyal_than_known", ("loyal",)),
    Broken(CustomerFigure, {"known": 1, "sum": "2", "squares": "3"}, "squares_too_small", ("squares",)),
    Broken(Interview, {"state": "open", "held_at": LATE}, "interview_held_or_not", ("held_at",)),
    Broken(InterviewCoverage, {"in_time": 0, "late": 0, "by_leaders": 1}, "more_by_leaders_than_held", ("by_leaders",)),
    *(
        Broken(cls, {"levels": levels, **cuts}, rule, place)
        for cls, cuts in (
            (LevelRule, {"cuts": [3]}),
            (Standings, {}),
            (BaseDistribution, {"counts": []}),
            (BaseProjection, {}),
            (LevelTransitions, {"counts": []}),
        )
        for levels, rule, place in (
            (["a"], "too_few_levels", ("levels",)),
            (["a", "a"], "not_unique", ("levels", 1)),
            (["a", "unknown"], "state_as_a_level", ("levels", 1)),
        )
    ),
    Broken(LevelRule, {"scale": "yes_no"}, "scale_without_a_better_end", ("scale",)),
    Broken(LevelRule, {"scale": "rating_1_5", "cuts": [3]}, "cuts_of_other_levels", ("cuts",)),
    Broken(LevelRule, {"scale": "rating_1_5", "cuts": [3, 4]}, "cuts_out_of_order", ("cuts", 1)),
    Broken(LevelRule, {"scale": "rating_1_5", "cuts": [6, 4]}, "cut_off_the_scale", ("cuts", 0)),
    Broken(Standing, {**_ANNA, "missing": "unread"}, "level_and_why_not", ("missing",)),
    Broken(Standing, {**_ANNA, "at": None}, "standing_without_a_reading", ("at",)),
    Broken(Standing, {**_ANNA, "at": LATE}, "after_reference_date", ("at",)),
    Broken(Standings, {"combination": "priority"}, "priority_without_its_rule", ("priority",)),
    Broken(Standings, {"combination": "priority", "priority": ["a", "a"]}, "not_unique", ("priority", 1)),
    Broken(Standings, {"as_of": LATE, "standings": [_ANNA]}, "standing_of_another_count", ("standings", 0)),
    # Expectations
    Broken(
        ExperienceGrades,
        {"neutral_band": "1", "excellent_from": "1"},
        "excellent_within_the_neutral_band",
        ("excellent_from",),
    ),
    Broken(ExperienceGrades, {"max_age": "PT36H"}, "max_age_not_whole_days", ("max_age",)),
    *(
        Broken(ServiceGap, {"complete": 0, **dict.fromkeys(sums, "0"), name: "1"}, "sums_of_no_items", (name,))
        for sums in [("perceived", "expected")]
        for name in sums
    ),
    Broken(Servqual, {"gaps": [[" ", {}]]}, "empty_text", ("gaps",)),
    Broken(Servqual, {"gaps": [[(LONGEST_NAME + 1) * "x", {}]]}, "text_too_long", ("gaps",)),
    # Surveys
    *(Broken(cls, {"counts": [1]}, "counts_of_another_scale", ("counts",)) for cls in _COUNTS),
    *(Broken(cls, {"scale": "open"}, "scale_of_words", ("scale",)) for cls in _COUNTS),
    *(Broken(cls, {"scale": {"low": 0, "high": 1001}}, "too_many_steps", ("scale",)) for cls in _COUNTS),
    Broken(CustomerEffort, {"scale": "rating_1_5", "counts": []}, "not_an_effort_scale", ("scale",)),
    Broken(ReturnLikelihood, {"scale": "yes_no", "counts": []}, "scale_without_a_better_end", ("scale",)),
    Broken(ReturnLikelihood, {"scale": "rating_1_5", "counts": []}, "not_a_return", ("scale",)),
    *(
        Broken(
            AskDecision,
            {"as_of": AT, "allowed_from": at, "blocked_by": limits},
            "allowed_at_another_time",
            ("allowed_from",),
        )
        for at, limits in ((EARLY, []), (LATE, []), (AT, [{"within": "P30D"}]))
    ),
    Broken(NonresponseBounds, {"low": "2", "high": "1"}, "low_above_high", ("low",)),
    Broken(
        SurveyCoverage,
        {"processes": 1, "missing_processes": [1, 2]},
        "more_covered_than_there_is",
        ("missing_processes",),
    ),
    *(
        Broken(SurveyCoverage, {"customers": 1, "feedback": 1, name: 2}, "more_covered_than_there_is", (name,))
        for name in _COVERED
    ),
    # The nouns
    Broken(
        Response,
        {"answers": [[1, 9]], "not_applicable": [2, 1]},
        "answered_and_not_applicable",
        ("not_applicable", 1),
    ),
    Broken(Response, {"answers": [], "not_applicable": [1, 1]}, "not_unique", ("not_applicable", 1)),
    Broken(Checklist, {"items": [{"id": 1, "text": "a"}, {"id": 1, "text": "b"}]}, "not_unique", ("items", 1)),
    Broken(Customer, {"contacts": [{"name": "Ben"}]}, "contacts_of_a_person", ("contacts",)),
    Broken(Customer, {"id": 1, "referred_by_id": 1}, "referred_by_themselves", ("referred_by_id",)),
    Broken(Referrals, {"rewards": _money("1", "USD")}, "two_currencies", ("rewards",)),
    Broken(Referrals, {"customers": 1, "referred": 2}, "more_referred_than_customers", ("referred",)),
    Broken(Relationship, {"managers": [["eva", AT]]}, "not_the_last_manager", ("manager_id",)),
    Broken(
        Relationship,
        {"managers": [["eva", AT], ["olga", EARLY]], "manager_id": "olga"},
        "not_in_order_of_time",
        ("managers", 1),
    ),
    Broken(
        Customer,
        {"kind": "organization", "contacts": [{"name": "Ben", "id": 1}, {"name": "Eve"}, {"name": "Zoe", "id": 1}]},
        "not_unique",
        ("contacts", 2),
    ),
    Broken(Dissolution, {"cause": "fraud", "evidence": " "}, "fraud_without_evidence", ("evidence",)),
    Broken(Employee, {"id": 7, "reports_to_id": 7}, "reports_to_themselves", ("reports_to_id",)),
    Broken(Employee, {"id": 7, "authority": {"limit": EUR, "approver_id": 7}}, "approves_themselves", ("authority",)),
    *(
        Broken(Feedback, {"received_at": AT, name: EARLY}, "too_early", (name,))
        for name in ("answered_at", "resolved_at", "acted_on_at", "announced_at")
    ),
    Broken(Feedback, {"received_at": EARLY, "acted_on_at": LATE, "announced_at": AT}, "too_early", ("announced_at",)),
    Broken(Feedback, {"received_at": AT, "told_at": EARLY}, "too_early", ("told_at",)),
    Broken(Feedback, {"received_at": AT, "history": [["open", EARLY, None]]}, "history_before_receipt", ("history", 0)),
    Broken(
        Feedback,
        {"received_at": EARLY, "history": [["open", LATE, None], ["closed", AT, None]]},
        "not_in_order_of_time",
        ("history", 1),
    ),
    Broken(
        Feedback, {"received_at": EARLY, "history": [["message", AT, None]]}, "message_without_author", ("history", 0)
    ),
    Broken(
        Feedback,
        {"received_at": EARLY, "resolved_at": AT, "history": [["open", AT, None]]},
        "resolved_but_open",
        ("resolved_at",),
    ),
    Broken(Feedback, {"reply": ["thanks"]}, "reply_without_answer", ("reply",)),
    Broken(Feedback, {"recovered": True}, "recovered_but_not_resolved", ("recovered",)),
    Broken(Feedback, {"scale": "rating_1_5"}, "scale_without_number", ("scale",)),
    Broken(Feedback, {"rating": "5"}, "rating_without_scale", ("scale",)),
    Broken(Feedback, {"rating": "5", "scale": "open"}, "number_on_a_scale_of_words", ("scale",)),
    Broken(Feedback, {"rating": "6", "scale": "rating_1_5"}, "not_on_the_scale", ("rating",)),
    Broken(Interaction, {"advice_motive": "help"}, "motive_without_advice", ("advice_motive",)),
    Broken(Interaction, {"at": AT, "promise_due": EARLY}, "too_early", ("promise_due",)),
    Broken(
        Journey,
        {"customer_id": 7, "interactions": [{"touchpoint_id": 1, "at": AT, "customer_id": 8}]},
        "interaction_of_another_customer",
        ("interactions", 0),
    ),
    Broken(
        Journey,
        {"interactions": [{"touchpoint_id": number, "at": AT, "id": 7} for number in (1, 2)]},
        "two_records_of_one_id",
        ("interactions", 1),
    ),
    Broken(JourneyMap, {"steps": []}, "map_without_steps", ("steps",)),
    Broken(JourneyMap, {"steps": [_step("a"), _step("a")]}, "not_unique", ("steps", 1)),
    Broken(
        JourneyMap,
        {"steps": [_step("a"), _step("b", "after"), _step("c")], "goal_step": None, "loops": []},
        "steps_of_a_phase_apart",
        ("steps", 2),
    ),
    Broken(
        JourneyMap, {**_MAP, "goal_step": None, "loops": [["b", "a"], ["b", "x"]]}, "loop_not_on_the_map", ("loops", 1)
    ),
    Broken(JourneyMap, {**_MAP, "goal_step": None, "loops": [["a", "b"]]}, "loop_leads_forward", ("loops", 0)),
    Broken(JourneyMap, {**_MAP, "goal_step": "x", "loops": []}, "goal_step_not_on_the_map", ("goal_step",)),
    Broken(JourneyStep, {"touchpoint_ids": ["a", "b", "a"]}, "not_unique", ("touchpoint_ids", 2)),
    Broken(JourneyStep, {"timing": "first", "moment_of_truth": False}, "timing_of_no_moment", ("timing",)),
    Broken(MomentOfTruth, {"valence": "good", "at": AT, "resolved_at": AT}, "resolved_but_not_bad", ("resolved_at",)),
    Broken(MomentOfTruth, {"valence": "bad", "at": AT, "resolved_at": EARLY}, "too_early", ("resolved_at",)),
    Broken(Occasion, {"month": 2, "day": 30}, "day_of_no_month", ("day",)),
    Broken(Purchase, {"amount": EUR, "cost": USD}, "cost_in_another_currency", ("cost",)),
    Broken(
        Reading,
        {"subject_kind": "customer", "subject_id": 1, "customer_id": 2},
        "customer_judges_another",
        ("customer_id",),
    ),
    Broken(Reading, {"value": None}, "neither_value_nor_level", ("value",)),
    Broken(Reading, {"value": None, "level": "satisfied", "scale": "open"}, "level_with_scale", ("scale",)),
    Broken(Reading, {"kind": "trust", "value": None, "level": "satisfied"}, "level_of_another_kind", ("level",)),
    Broken(Reading, {"value": "5", "level": "satisfied"}, "value_and_level", ("level",)),
    Broken(Reading, {"value": "5", "scale": "open"}, "number_on_a_scale_of_words", ("scale",)),
    Broken(Reading, {"value": "0", "scale": "rating_1_5"}, "not_on_the_scale", ("value",)),
    Broken(
        Relationship, {"history": [["exploration", AT], ["awareness", EARLY]]}, "not_in_order_of_time", ("history", 1)
    ),
    Broken(
        Relationship, {"history": [["exploration", AT], ["commitment", LATE]]}, "stage_may_not_follow", ("history", 1)
    ),
    Broken(Relationship, {"history": [["dissolution", AT]]}, "dissolutions_do_not_match", ("dissolutions",)),
    Broken(
        Relationship,
        {"history": [["dissolution", LATE]], "dissolutions": [_FRAUD]},
        "dissolution_at_another_time",
        ("dissolutions", 0),
    ),
    Broken(Response, {"answers": [[1, 5], [2, 5], [1, 4]]}, "not_unique", ("answers", 2)),
    Broken(Scale, {"name": "rating_1_5", "low": 1, "high": 6}, "name_of_a_known_scale", ("name",)),
    Broken(Scale, {"name": "", "low": None, "high": 6}, "scale_without_an_end", ("low",)),
    Broken(Scale, {"name": "", "low": 1, "high": None}, "scale_without_an_end", ("high",)),
    Broken(Scale, {"name": "", "low": 6, "high": 1}, "low_not_below_high", ("high",)),
    Broken(Scale, {"name": "", "low": None, "high": None}, "scale_without_numbers", ("low",)),
    Broken(Scale, {"name": "x", "low": None, "high": None}, "unknown_scale", ("name",)),
    Broken(Subscription, {"started": AT, "ended": EARLY}, "ended_before_it_started", ("ended",)),
    Broken(
        Subscription,
        {"started": AT, "pauses": [_period(AT, LATE), _period(EARLY, LATE)]},
        "pause_outside_the_subscription",
        ("pauses", 1),
    ),
    Broken(
        Subscription,
        {"started": EARLY, "pauses": [_period(AT, LATE), _period(EARLY, LATE)]},
        "overlapping_pauses",
        ("pauses", 0),
    ),
    *(
        Broken(
            Subscription,
            {"started": AT, "ended": ended, "pauses": pauses, "paused_since": since},
            "open_pause_outside_the_subscription",
            ("paused_since",),
        )
        for ended, pauses, since in ((None, [], EARLY), (LATE, [], LATE), (None, [_period(AT, LATE)], AT))
    ),
    Broken(
        Survey,
        {"questions": [{"id": 1, "text": text, "scale": "yes_no"} for text in "ab"]},
        "not_unique",
        ("questions", 1),
    ),
    Broken(Task, {"done_at": AT, "cancelled_at": AT}, "done_and_cancelled", ("cancelled_at",)),
    Broken(Task, {"done_by_id": 7}, "done_by_somebody_but_not_done", ("done_by_id",)),
    # Values
    Broken(Explanation, {"terms": [{"name": "a", "value": 1}, {"name": "a", "value": 2}]}, "not_unique", ("terms", 1)),
    Broken(Interval, {"low": 2, "high": 1}, "bounds_reversed", ("low",)),
    Broken(
        OpeningHours,
        {"holidays": [], "exceptions": [["2026-03-01", []], ["2026-03-01", []]]},
        "not_unique",
        ("exceptions", 1),
    ),
    Broken(
        OpeningHours,
        {"holidays": ["2026-03-01"], "exceptions": [["2026-03-01", []]]},
        "holiday_with_exception",
        ("exceptions", 0),
    ),
    Broken(Period, {"start": AT, "end": AT}, "period_reversed", ("end",)),
    Broken(Recurrence, {"unit": "month", "weekdays": ["monday"]}, "weekdays_without_weeks", ("weekdays",)),
    Broken(
        Recurrence,
        {"unit": "day", "first": "0001-01-01", "at": "00:00", "zone": "+01:00"},
        "first_beyond_utc",
        ("first",),
    ),
    Broken(
        Recurrence,
        {"unit": "week", "first": "2026-03-01", "weekdays": ["monday"]},
        "first_on_another_weekday",
        ("first",),
    ),
    Broken(TwoProportions, {"after": [2, 1]}, "more_successes_than_trials", ("after",)),
    *(
        Broken(cls, {"baseline": [2, 1]}, "more_successes_than_trials", ("baseline",))
        for cls in (FirstAlarms, PChart, ShareCusumChart, ShareEwmaChart)
    ),
    # Service
    *(
        Broken(
            ContactDecision,
            {"as_of": AT, "allowed_from": at, "blocked_by": limits},
            "allowed_at_another_time",
            ("allowed_from",),
        )
        for at, limits in ((EARLY, []), (LATE, []), (AT, [{"within": "P30D"}]))
    ),
    Broken(Spend, {"service": _money("1", "USD")}, "two_currencies", ("service",)),
    Broken(Effort, {"existing_revenue": _money("1", "USD")}, "two_currencies", ("existing_revenue",)),
    *(
        Broken(FundEntry, change, rule, (place,))
        for change, rule, place in (
            ({"amount": _money("0")}, "entry_of_nothing", "amount"),
            ({"kind": "top_up", "case_id": 7}, "case_of_entry", "case_id"),
            ({"kind": "grant", "case_id": None}, "case_of_entry", "case_id"),
        )
    ),
    *(
        Broken(CompensationFund, {"opening": EUR, "cap_per_case": None, **change}, rule, place)
        for change, rule, place in (
            ({"cap_per_case": _money("1", "USD")}, "two_currencies", ("cap_per_case",)),
            ({"entries": [_entry("grant", "1", currency="USD")]}, "two_currencies", ("entries", 0)),
            ({"entries": [_entry("grant", "1000000")]}, "fund_holds_less", ("entries", 0)),
            ({"entries": [_entry("returned", "1")]}, "more_back_than_granted", ("entries", 0)),
            (
                {"cap_per_case": _money("1"), "entries": [_entry("top_up", "9"), _entry("grant", "2")]},
                "above_cap_per_case",
                ("entries", 1),
            ),
            (
                {"entries": [_entry("top_up", "1", at=LATE), _entry("top_up", "1", at=EARLY)]},
                "fund_out_of_order",
                ("entries", 1),
            ),
            (
                {"entries": [_entry("top_up", "1", id="e"), _entry("top_up", "2", id="e")]},
                "two_records_of_one_id",
                ("entries", 1),
            ),
        )
    ),
    Broken(RemedyWorth, {"value_at_risk": EUR, "cost": _money("1", "USD")}, "two_currencies", ("cost",)),
    Broken(Policy, {"harm": EUR, "remedy": _money("1", "USD")}, "two_currencies", ("remedy",)),
    Broken(RecoveryRate, {"failures": 1, "confirmed": 1, "denied": 1}, "more_asked_than_failures", ("failures",)),
    *(
        Broken(CauseCoverage, {**_NOTHING_CAUSED, **more}, "cause_counts_contradict", (part,))
        for part, more in (
            ("with_action", {"with_action": 1, "actions": 1}),
            ("with_action", {"with_action": 1, "causes": 1}),
            ("with_prevention", {"with_prevention": 1}),
            ("fixed", {"fixed": 1}),
            ("recurred", {"recurred": 1}),
            ("done", {"done": 1}),
            ("overdue", {"overdue": 1}),
            ("unowned", {"unowned": 1}),
        )
    ),
    Broken(
        Authority,
        {"limit": _money("5"), "sale_limit": None, "approval_limit": _money("4")},
        "approval_below_limit",
        ("approval_limit",),
    ),
    Broken(
        Authority,
        {"limit": _money("5"), "sale_limit": _money("7"), "approval_limit": _money("6")},
        "approval_below_limit",
        ("approval_limit",),
    ),
    Broken(Authority, {"limit": EUR, "sale_limit": _money("1", "USD")}, "two_currencies", ("sale_limit",)),
    Broken(
        Authority,
        {"limit": EUR, "sale_limit": None, "approval_limit": _money("1", "USD")},
        "two_currencies",
        ("approval_limit",),
    ),
    Broken(CusumChart, {"h": "4", "start": "4.01"}, "head_start_beyond_limit", ("start",)),
    Broken(ShareCusumChart, {"h": "4", "start": "5"}, "head_start_beyond_limit", ("start",)),
    # Journeys
    Broken(AbandonedContacts, {"contacts": 1, "queue": 2}, "more_abandoned_than_contacts", ("contacts",)),
    Broken(Attribution, {"value": _money("-1")}, "too_small", ("value",)),
    Broken(Attribution, {"credits": [["a", "1"], ["a", "1"]], "conversions": 2}, "not_unique", ("credits", 1)),
    Broken(Attribution, {"credits": [["a", "1"]], "conversions": 2}, "parts_do_not_add_up", ("credits",)),
    Broken(
        Attribution,
        {"credits": [["a", "1"]], "conversions": 1, "value": EUR, "amounts": [["a", "4"]]},
        "parts_do_not_add_up",
        ("amounts",),
    ),
    Broken(
        Attribution,
        {"credits": [["a", "1"]], "conversions": 1, "value": EUR, "amounts": [["b", "5"]]},
        "other_touchpoints_than_credits",
        ("amounts",),
    ),
    Broken(
        Attribution,
        {"credits": [["a", "1"]], "conversions": 1, "removal_effects": [["b", "1"]]},
        "other_touchpoints_than_credits",
        ("removal_effects",),
    ),
    *(Broken(cls, {"as_of": AT}, "as_of_without_within", ("within",)) for cls in _WITH_OPEN),
    *(Broken(cls, {"open": 1}, "open_without_as_of", ("open",)) for cls in _WITH_OPEN),
    *(Broken(cls, {"within": "P1D"}, "within_without_as_of", ("as_of",)) for cls in (Conformance, Visits)),
    Broken(Outcome, {"conversions": 1, "value": DEBT}, "too_small", ("value",)),
    Broken(Outcome, {"conversions": 0, "value": EUR}, "value_without_a_conversion", ("value",)),
    Broken(Outcome, {"channel_within": [["ad", "P1D"], ["ad", "P2D"]]}, "not_unique", ("channel_within", 1)),
    Broken(Backtrack, {"count": 1, "journeys": 2}, "fewer_backtracks_than_journeys", ("count",)),
    Broken(Backtrack, {"count": 1, "journeys": 0}, "backtracks_without_a_journey", ("journeys",)),
    Broken(OffMap, {"visits": 1, "journeys": 2}, "off_map_visits_contradict_journeys", ("visits",)),
    Broken(Conformance, {**_CONFORMANCE, "steps": [{"step": "x"}]}, "not_the_steps_of_the_map", ("steps",)),
    Broken(Conformance, {**_CONFORMANCE, **_NO_STEPS, "following": 2}, "more_than_all_journeys", ("journeys",)),
    Broken(
        Conformance,
        {**_CONFORMANCE, "off_map": [["a", {"visits": 1, "journeys": 1}]], "backtracks": []},
        "off_map_touchpoint_on_the_map",
        ("off_map",),
    ),
    Broken(
        Conformance,
        {**_CONFORMANCE, "off_map": [], "backtracks": [[["a", "b"], {"count": 1, "journeys": 1}]]},
        "not_a_backtrack_of_the_map",
        ("backtracks",),
    ),
    Broken(StepConformance, {"journeys": 1, "completed": 2}, "step_counts_contradict", ("completed",)),
    Broken(StepConformance, {"visits": 1}, "step_count_without_cause", ("visits",)),
    Broken(ValueAtRisk, {"came": 1, "left": 2}, "more_left_than_came", ("left",)),
    Broken(ValueAtRisk, {"came": 1, "left": 1, "worth": DEBT}, "too_small", ("worth",)),
    Broken(Journeys, {"touchpoint_ids": ["a", "a"]}, "not_unique", ("touchpoint_ids", 1)),
    Broken(Journeys, {"touchpoint_ids": ["a"], "paths": ["A", "B"]}, "letter_without_touchpoint", ("paths", 1)),
    Broken(Journeys, {"customer_ids": [1], "paths": [], "times": []}, "parts_of_different_lengths", ("times",)),
    Broken(
        Journeys,
        {"customer_ids": [1, 2], "touchpoint_ids": ["a"], "paths": ["", "A"], "times": [[], []]},
        "not_a_time_for_each_visit",
        ("times", 1),
    ),
    Broken(
        Journeys,
        {"customer_ids": [1], "touchpoint_ids": ["a"], "paths": ["AA"], "times": [[2, 1]]},
        "times_decrease",
        ("times", 0),
    ),
    Broken(
        Journeys,
        {"customer_ids": [1], "touchpoint_ids": ["a"], "paths": ["A"], "times": [[1]], "abandoned": [[0, 0], [0, 1]]},
        "abandoned_visit_missing",
        ("abandoned", 1),
    ),
    Broken(ConversionTimes, {"lengths": ["P1D"], "converted": []}, "conversion_columns_differ", ("converted",)),
    Broken(DwellTime, {"stays": 0, "seconds": "1"}, "time_without_a_stay", ("stays",)),
    Broken(Edge, {"count": 1, "journeys": 2}, "edge_contradicts_journeys", ("count",)),
    Broken(Flow, {"journeys": 1, "edges": [[[None, None], {}]]}, "edge_without_a_touchpoint", ("edges",)),
    Broken(
        Flow,
        {"journeys": 1, "edges": [[["a", "b"], {"count": 2, "journeys": 2}]]},
        "more_journeys_on_an_edge",
        ("journeys",),
    ),
    *(
        Broken(cls, {name: [[key, {}], [key, {}]]}, "key_given_twice", (name,))
        for cls, name, key in (
            (Conformance, "off_map", "x"),
            (Flow, "edges", ["a", "b"]),
            (Mix, "kinds", "sell"),
            (Servqual, "gaps", "staff"),
            (StepMatrix, "cells", [1, "a"]),
        )
    ),
    Broken(Funnel, {"steps": []}, "only_optional_steps", ("steps",)),
    Broken(
        Funnel, {"steps": [_funnel_step("a", 1, 1, 1, 1), _funnel_step("a", 1, 1, 1, 1)]}, "not_unique", ("steps", 1)
    ),
    Broken(
        Funnel,
        {"steps": [_funnel_step("a", 2, 1, 2, 1), _funnel_step("b", 2, 1, 2, 1)]},
        "funnel_steps_do_not_follow",
        ("steps", 1),
    ),
    Broken(
        Funnel, {"steps": [_funnel_step("a", 1, 1, 1, 1)], "excluded": 1}, "excluded_without_exclude", ("excluded",)
    ),
    Broken(
        Funnel,
        {"steps": [_funnel_step("a", 1, 1, 1, 1)], "exclude": [["x", ["a", "a"]]]},
        "exclude_between_no_steps",
        ("exclude", 0),
    ),
    Broken(
        Funnel,
        {"steps": [_funnel_step("a", 1, 1, 1, 1), _funnel_step("b", 1, 1, 1, 1, optional=True)], "order": "any"},
        "only_in_sequence",
        ("order",),
    ),
    Broken(
        Funnel,
        {"steps": [{**_funnel_step("a", 1, 1, 1, 1), "within": "P1D"}]},
        "window_without_step_before",
        ("steps", 0),
    ),
    Broken(FunnelStep, {"touchpoint_ids": []}, "funnel_step_without_touchpoint", ("touchpoint_ids",)),
    Broken(FunnelStep, {"journeys": 1, "previous_reached": 1, "reached": 2}, "funnel_widens", ("reached",)),
    Broken(StepMatrix, {"steps": 1, "cells": [[[2, "a"], {}]]}, "out_of_range", ("cells",)),
    Broken(
        StepMatrix,
        {"steps": 1, "journeys": 1, "cells": [[[1, "a"], {"count": 2, "journeys": 2}]]},
        "more_journeys_at_a_visit",
        ("journeys",),
    ),
    *(
        Broken(Visits, {"visits": 1, "journeys": 1, name: 2}, "more_journeys_than_at_the_touchpoint", (name,))
        for name in ("repeated", "starts", "ends", "left")
    ),
    Broken(Visits, {"visits": 2, "journeys": 1}, "visits_contradict_journeys", ("visits",)),
    Broken(Visits, {"visits": 1, "journeys": 1, "ends": 1, "left": 1, "goal": None}, "left_without_a_goal", ("goal",)),
    # Retention
    Broken(Churn, {"start": 9, "joined_and_lost": 1, "lost": 1}, "churn_counts_contradict", ("joined_and_lost",)),
    Broken(Churn, {"start": 1, "lost": 2}, "churn_counts_contradict", ("lost",)),
    Broken(Churn, {"start": 1, "lost": 2, "lost_and_returned": 1}, "churn_counts_contradict", ("lost_and_returned",)),
    Broken(Churn, {"exposure_seconds": "1", "period": None}, "exposure_without_period", ("exposure_seconds",)),
    Broken(
        Churn,
        {"exposure_seconds": "1", "period": _period(AT, LATE)},
        "exposure_above_all_customers",
        ("exposure_seconds",),
    ),
    Broken(RevenueChurn, {"start": DEBT}, "too_small", ("start",)),
    Broken(RevenueChurn, {"start": EUR, "lost": DEBT}, "too_small", ("lost",)),
    Broken(RevenueChurn, {"start": EUR, "lost": USD}, "two_currencies", ("lost",)),
    Broken(RevenueChurn, {"start": EUR, "lost": _money("6")}, "more_lost_than_at_start", ("lost",)),
    Broken(RevenueChurn, {"customers_lost": 1}, "more_lost_than_at_start", ("customers_lost",)),
    Broken(Cohort, {"observed": [], "ages": [[0, 0]]}, "columns_of_a_cohort_differ", ("observed",)),
    Broken(
        Cohort,
        {
            "size": 1,
            "observed": [2],
            "active": [1],
            "active_later": [1],
            "ages": [[0, 0]],
            "revenue": [],
            "first_revenue": [],
        },
        "cohort_counts_contradict",
        ("active", 0),
    ),
    Broken(Cohort, {"ages": [[1, 0]]}, "bracket_ends_before_it_begins", ("ages", 0)),
    Broken(CohortTriangle, {"cohorts": [["may", {}], ["may", {}]]}, "key_given_twice", ("cohorts",)),
    Broken(
        CohortTriangle,
        {"of_revenue": True, "cohorts": [["may", {**_UNSEEN, "ages": [[0, 0]]}]]},
        "no_revenue_known",
        ("cohorts",),
    ),
    Broken(RevenueMovements, {"new": USD}, "two_currencies", ("new",)),
    Broken(RevenueMovements, {"kept": _money("7")}, "movements_contradict", ("kept",)),
    Broken(
        Inactivity,
        {"churned_after": "P1D", "at_risk_after": "P1D"},
        "at_risk_not_before_churned",
        ("at_risk_after",),
    ),
    Broken(Lifetime, {"length": "2", "entered": "2"}, "entered_after_its_end", ("entered",)),
    Broken(Survival, {"times": ["1"], "ended": []}, "survival_columns_differ", ("times",)),
    Broken(
        Survival,
        {"times": ["2", "2"], "ended": ["1", "1"], "censored": ["0", "0"], "entered": ["0", "0"]},
        "times_do_not_ascend",
        ("times", 1),
    ),
    Broken(
        Survival,
        {"times": ["1", "2"], "ended": ["1", "0"], "censored": ["0", "0"], "entered": ["1", "0"]},
        "more_leave_than_entered",
        ("entered", 0),
    ),
    Broken(SurvivalStep, {"at_risk": "1", "ended": "1", "censored": "1"}, "more_leave_than_are_at_risk", ("at_risk",)),
    Broken(SurvivalQuantile, {"time": "1", "low": "2"}, "quantile_outside_its_bounds", ("time",)),
    Broken(RestrictedMean, {"until": "1", "value": "2"}, "mean_above_its_limit", ("value",)),
    Broken(LifeTableInterval, {"at_start": "1", "ended": "2"}, "more_leave_than_were_there", ("at_start",)),
    Broken(LifeTableInterval, {"start": "2", "end": "2"}, "interval_without_length", ("end",)),
    Broken(LogRank, {"observed": [], "expected": [], "degrees": 1}, "log_rank_of_unequal_segments", ("expected",)),
    Broken(InactivityThreshold, {"value": "1", "gaps": 0}, "threshold_without_gaps", ("value",)),
    Broken(InactivityThreshold, {"customers": 1}, "customers_without_their_part", ("without_gaps",)),
    Broken(
        InactivityThreshold,
        {"customers": 1, "without_gaps": 2},
        "more_without_gaps_than_customers",
        ("without_gaps",),
    ),
    Broken(Departures, {"unknown": 1}, "causes_and_initiators_differ", ("unknown_initiated",)),
    Broken(Departures, {"unknown_initiated": 1}, "causes_and_initiators_differ", ("unknown",)),
    Broken(Departures, {"abrupt": 1}, "more_abrupt_than_dissolutions", ("abrupt",)),
    Broken(Wait, {"started_at": AT, "ended_at": EARLY}, "wait_ends_before_it_begins", ("ended_at",)),
    Broken(
        FixEffect, {"fixed_at": EARLY, "period": {"start": AT, "end": LATE}}, "fix_outside_the_period", ("fixed_at",)
    ),
    Broken(
        FixEffect,
        {"before": 1, "fixed_at": AT, "period": {"start": AT, "end": LATE}},
        "signals_in_no_time",
        ("before",),
    ),
    Broken(IdeaVotes, {"votes_for": 1, "anonymous": 2}, "more_anonymous_than_votes", ("anonymous",)),
    *(
        Broken(Loops, {**_ONE_LOOP, part: 2}, "loop_exceeds_its_whole", (part,))
        for part in ("resolved", "acted_on", "announced", "tellable", "told")
    ),
    Broken(Pareto, {"counts": [["a", 1], ["a", 2]]}, "not_unique", ("counts", 1)),
    Broken(Reviews, {"answered": 1, "unanswered": 0, "rated": 2}, "more_rated_than_reviews", ("rated",)),
    Broken(ChecklistItem, {"id": 1, "text": "a", "scale": "open"}, "score_in_words", ("scale",)),
    Broken(
        ChecklistAnswer,
        {"item_id": 1, "verdict": "not_applicable", "score": "1"},
        "score_of_the_not_applicable",
        ("score",),
    ),
    Broken(AuditScore, {"points": "2", "weight": "1"}, "points_above_weight", ("points",)),
    Broken(AuditScore, {"points": "-1"}, "too_small", ("points",)),
    Broken(AuditScores, {"points": "-1"}, "too_small", ("points",)),
    Broken(AuditScores, {"points": "2", "scored": 1}, "points_above_reviews", ("points",)),
    Broken(Bonus, {"threshold": "5", "target": "5"}, "target_not_above_threshold", ("target",)),
    Broken(Validity, {"rule": "fixed_day", "months": 12}, "validity_without_its_length", ("fixed",)),
    Broken(Validity, {"rule": "from_check", "months": None}, "validity_without_its_length", ("months",)),
    Broken(
        Validity,
        {"rule": "from_check", "months": 1, "fixed": {"name": "season", "month": 9, "day": 1}},
        "validity_of_another_rule",
        ("fixed",),
    ),
    Broken(Validity, {"rule": "from_check", "window_days": 3}, "validity_of_another_rule", ("window_days",)),
    Broken(
        PlaybookCoverage,
        {"roles": ["seller"], "situations": ["question"], "pairs_covered": [["seller", "complaint"]]},
        "playbook_of_an_unknown_name",
        ("situations", 0),
    ),
    Broken(PlaybookCoverage, {"roles": ["seller", "seller"]}, "not_unique", ("roles", 1)),
    Broken(PlaybookCoverage, {"situations": ["question", "question"]}, "not_unique", ("situations", 1)),
    Broken(StageTime, {"seconds": "1"}, "time_without_stays", ("seconds",)),
    Broken(
        Transitions,
        {"order": "exploration_first", "awareness_to_dissolution": 1, "exploration_to_expansion": 1},
        "move_not_in_order",
        ("exploration_to_expansion",),
    ),
    # Service
    Broken(Activity, {"after": ["a", "a"]}, "not_unique", ("after", 1)),
    Broken(KeyResult, {"baseline": "10", "target": "10.0"}, "target_equals_baseline", ("target",)),
    Broken(
        Programme, {"activities": [{"id": "a", "days": "1", "after": ["b"]}]}, "after_no_activity", ("activities", 0)
    ),
    Broken(
        Programme,
        {"activities": [{"id": "a", "days": "1", "after": ["a"]}]},
        "activities_in_a_circle",
        ("activities",),
    ),
    Broken(
        Programme,
        {"activities": [{"id": "a", "days": "1"}, {"id": "a", "days": "2"}]},
        "not_unique",
        ("activities", 1),
    ),
    Broken(Balance, {"window": "P1D"}, "no_date_to_count_back_from", ("as_of",)),
    Broken(Balance, {"as_of": AT, "window": "PT1H"}, "window_not_whole_days", ("window",)),
    Broken(Deficits, {"groups": 1, "count": 2}, "more_deficits_than_groups", ("count",)),
    Broken(Deficits, {"groups": 1, "worst": None, "lowest": "1"}, "worst_without_groups", ("worst",)),
    Broken(Deficits, {"groups": 1, "worst": "a", "lowest": None}, "worst_without_groups", ("lowest",)),
    Broken(Deficits, {"groups": 1, "count": 1, "worst": "a", "lowest": "-2"}, "lowest_against_sum", ("lowest",)),
    Broken(Ledger, {"moments": _SAME_ID}, "two_records_of_one_id", ("moments", 1)),
    # Value
    Broken(PlanComparison, {"first": _plan(value=EUR), "second": _plan(value=USD)}, "two_currencies", ("second",)),
    Broken(
        PlanComparison,
        {"first": _plan(), "second": _plan(as_of="2026-03-02")},
        "plans_valued_differently",
        ("second",),
    ),
    Broken(
        PlanComparison,
        {"first": _plan(), "second": _plan(), "crossings": ["2026-03-02", "2026-03-02"]},
        "crossings_out_of_order",
        ("crossings", 1),
    ),
    Broken(PresentValue, {"value": EUR, "amounts": [EUR], "periods": []}, "amounts_without_periods", ("periods",)),
    Broken(
        PresentValue, {"value": EUR, "amounts": [EUR, USD], "periods": ["1", "2"]}, "two_currencies", ("amounts", 1)
    ),
    *(
        Broken(Buying, {"revenue": EUR, **dict.fromkeys(_COSTS, EUR), name: USD}, "two_currencies", (name,))
        for name in _COSTS
    ),
    Broken(Buying, {"tenure": "first_to_as_of", "as_of": None}, "tenure_without_reference_date", ("as_of",)),
    Broken(Buying, {"tenure": "first_to_last", "as_of": AT}, "tenure_has_no_reference_date", ("as_of",)),
    Broken(Buying, {"customers": 1, "one_time": 2}, "orders_do_not_fit_customers", ("orders",)),
    Broken(Buying, {"orders_with_cost": 1}, "more_costs_than_orders", ("orders_with_cost",)),
    Broken(HistoricValue, {"revenue": EUR, "cost": USD}, "two_currencies", ("cost",)),
    Broken(
        HistoricValue,
        {"revenue": EUR, "cost": EUR, "revenue_without_cost": USD},
        "two_currencies",
        ("revenue_without_cost",),
    ),
    Broken(
        LifetimeValue,
        {"value": EUR, "yearly": [EUR], "acquisition_cost": USD, "explanation": None},
        "two_currencies",
        ("acquisition_cost",),
    ),
    Broken(
        LifetimeValue,
        {"value": EUR, "yearly": [EUR], "residual": USD, "explanation": None},
        "two_currencies",
        ("residual",),
    ),
    Broken(LifetimeValue, {"value": EUR, "yearly": [EUR, USD], "explanation": None}, "two_currencies", ("yearly", 1)),
    *(
        Broken(
            LifetimeValue,
            {"value": EUR, "yearly": [], "explanation": {"terms": [{"name": name, "value": "4"}]}},
            "explained_another_value",
            ("explanation",),
        )
        for name in ("value", "worth")
    ),
    Broken(SegmentValue, {"customers": 0, "combined": EUR}, "value_without_customers", ("combined",)),
    Broken(
        CustomerEquity,
        {"existing": _mix(("a", EUR)), "acquired": [_COHORT], "discount": None},
        "future_without_discount",
        ("discount",),
    ),
    Broken(
        CustomerEquity,
        {"existing": _mix(("a", EUR)), "acquired": [_COHORT, {**_COHORT, "combined": USD}], "discount": _RATE},
        "two_currencies",
        ("acquired", 1),
    ),
    *(
        Broken(
            ProfitCurve,
            {**dict.fromkeys(("start", "growth", "rise"), EUR), "turn": "5", name: USD},
            "two_currencies",
            (name,),
        )
        for name in ("growth", "rise")
    ),
    Broken(
        SurvivalValue,
        {"worth": {"value": EUR}, "constant": {"value": EUR}, "retention": None},
        "constant_value_without_rate",
        ("retention",),
    ),
    Broken(
        SurvivalValue,
        {"worth": {"value": EUR}, "constant": {"value": USD}, "retention": {"share": "0.5", "per": "year"}},
        "two_currencies",
        ("constant",),
    ),
    Broken(InternalRate, {"rates": [_RATE], "sign_changes": 0}, "more_rates_than_sign_changes", ("rates",)),
    Broken(PurchaseSummary, _bought(repeat_spend=USD), "two_currencies", ("repeat_spend",)),
    Broken(
        PurchaseSummary,
        _bought(holdout_end="2026-05-01", holdout_orders=1, holdout_spend=USD),
        "two_currencies",
        ("holdout_spend",),
    ),
    Broken(PurchaseSummary, _bought(last="2026-01-01"), "summary_days_out_of_order", ("last",)),
    Broken(PurchaseSummary, _bought(unit="month"), "day_within_a_unit", ("unit",)),
    Broken(PurchaseSummary, _bought(orders=1), "repeat_without_second_order", ("repeat_spend",)),
    Broken(PurchaseSummary, _bought(holdout_orders=1), "part_of_holdout_missing", ("holdout_orders",)),
    Broken(RfmTable, _summed_up(_bought(), _bought()), "not_unique", ("summaries", 1)),
    Broken(RfmTable, _summed_up(_bought(unit="week")), "summaries_counted_differently", ("summaries", 0)),
    Broken(
        RfmTable,
        _summed_up(_bought(), _bought(customer_id=8, spend=USD, repeat_spend=USD)),
        "two_currencies",
        ("summaries", 1),
    ),
    Broken(RfmScores, {"scores": [_GRADES, _GRADES]}, "not_unique", ("scores", 1)),
    Broken(
        RfmScores, {"scores": [_GRADES, {**_GRADES, "customer_id": 8, "spend": USD}]}, "two_currencies", ("scores", 1)
    ),
    Broken(RfmScores, {"scores": [_GRADES], "quantiles": 4}, "grade_above_quantiles", ("scores", 0)),
    *(
        Broken(SegmentRule, {**_RANGES, name: [3, 2]}, "range_of_grades_reversed", (name,))
        for name in ("recency", "frequency", "monetary")
    ),
    Broken(SegmentTable, {"rules": [_RANGES], "quantiles": 4}, "rule_above_quantiles", ("rules", 0)),
    Broken(SegmentTable, {"rules": [_RANGES], "others": "best"}, "others_named_like_a_rule", ("others",)),
    Broken(ValueMix, _mix(("a", EUR), ("a", EUR)), "not_unique", ("rows", 1)),
    Broken(ValueMix, _mix(("a", EUR), ("b", USD)), "two_currencies", ("rows", 1)),
    Broken(MixShift, {"before": {"rows": []}, "after": _mix(("a", EUR))}, "mix_without_customers", ("before",)),
    Broken(MixShift, {"before": _mix(("a", EUR)), "after": {"rows": []}}, "mix_without_customers", ("after",)),
    Broken(MixShift, {"before": _mix(("a", EUR)), "after": _mix(("a", USD))}, "two_currencies", ("after",)),
    Broken(Payback, {"acquisition_cost": DEBT}, "too_small", ("acquisition_cost",)),
    Broken(Payback, {"acquisition_cost": USD, "margin": EUR}, "two_currencies", ("acquisition_cost",)),
    Broken(
        Payback,
        {"retention": {"share": "0.5", "per": "month"}, "discount": {"rate": "0.1", "per": "year"}},
        "rates_of_two_units",
        ("discount",),
    ),
    Broken(
        Payback,
        {"retention": {"share": "0.5", "per": "month"}, "discount": {"rate": "0.1", "per": "day"}},
        "rates_without_fixed_ratio",
        ("discount",),
    ),
    Broken(RetentionMix, {"groups": []}, "no_group_with_weight", ("groups",)),
    Broken(
        RetentionMix,
        {"groups": [["1", {"share": "0.5", "per": unit}] for unit in ("month", "year")]},
        "groups_of_several_units",
        ("groups",),
    ),
    Broken(SpendGuard, {"spend": DEBT}, "too_small", ("spend",)),
    Broken(SpendGuard, {"spend": USD}, "two_currencies", ("spend",)),
    *(Broken(PriceMatch, {name: DEBT}, "too_small", (name,)) for name in ("own", "asked", "unit_cost")),
    *(Broken(PriceMatch, {name: _money("1", "USD")}, "two_currencies", (name,)) for name in ("asked", "unit_cost")),
    Broken(
        PriceMatch,
        {"unit_cost": _money("1" + 30 * "0"), "margin_floor": "0.5"},
        "result_too_large",
        ("margin_floor",),
    ),
    Broken(PricePosition, {"own": DEBT}, "too_small", ("own",)),
    Broken(PricePosition, {"own": EUR, "rivals": [["a", EUR], ["b", DEBT]]}, "too_small", ("rivals", 1)),
    Broken(PricePosition, {"own": EUR, "rivals": [["a", EUR], ["b", USD]]}, "two_currencies", ("rivals", 1)),
    Broken(PricePosition, {"own": EUR, "rivals": [["a", EUR], ["a", EUR]]}, "not_unique", ("rivals", 1)),
    # Expectations: beliefs, rivals and targets
    *(
        Broken(PerceptionGap, {f"{side}_good": 2, f"{side}_judged": 1}, "more_good_than_judged", (f"{side}_good",))
        for side in ("company", "customer")
    ),
    Broken(RelativeAdvantage, {"rivals": [["a", "5"], ["b", "6"], ["a", "7"]]}, "not_unique", ("rivals", 2)),
    *(
        Broken(LeadOverTime, {"points": [[AT, "1"], [at, "2"]]}, "leads_not_in_order", ("points", 1))
        for at in (EARLY, AT)
    ),
    Broken(Consistency, {"scores": [["a", "5"], ["a", "7"]]}, "not_unique", ("scores", 1)),
    Broken(Consistency, {"expected": ["a", "b", "a"]}, "not_unique", ("expected", 2)),
    Broken(ExperienceTarget, {"level": "6", "scale": "rating_1_5"}, "not_on_the_scale", ("level",)),
    Broken(ExperienceTarget, {"level": "6", "scale": "open"}, "number_on_a_scale_of_words", ("scale",)),
    Broken(TargetResult, {"total": "5", "readings": 0}, "sum_without_readings", ("total",)),
]
"""A document is that of `tests.support.contracts.document` with the change."""
