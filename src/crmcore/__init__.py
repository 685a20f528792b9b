"""Typed models of customers and of what happens to them, and exact calculators.

Import classes from here, and functions from their room: ``from crmcore import Churn, churn``. A room is a module that
answers one question. The rooms are grouped in wings:

- `value`: `lifetime_value`, `rfm`, `cashflow`, `pricing`
- `retention`: `churn`, `revenue`, `cohorts`, `survival`, `inactivity`, `lifecycles`, `relationships`
- `journeys`: `paths`, `journey_maps`, `attribution`, `abandonment`, `micro_moments`
- `voice`: `surveys`, `handling`, `loyalty`, `expectations`
- `service`: `balance`, `audits`, `communication`, `follow_ups`, `programme`, `staff`, `recovery`

`model` contains the nouns, `primitives` the types that all modules use, and `render` pictures and tables as text. A
name is loaded when it is first used, so ``import crmcore`` is fast.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.2.0"

if TYPE_CHECKING:  # for type checkers, which cannot follow the table below; a test compares the two
    from crmcore import (
        interop as interop,
        journeys as journeys,
        model as model,
        primitives as primitives,
        render as render,
        retention as retention,
        service as service,
        value as value,
        voice as voice,
    )
    from crmcore.journeys import (
        abandonment as abandonment,
        attribution as attribution,
        journey_maps as journey_maps,
        micro_moments as micro_moments,
        paths as paths,
    )
    from crmcore.journeys.abandonment import (
        AbandonedContacts as AbandonedContacts,
    )
    from crmcore.journeys.attribution import (
        Outcome as Outcome,
        PathEnd as PathEnd,
    )
    from crmcore.journeys.journey_maps import (
        Conformance as Conformance,
    )
    from crmcore.journeys.log import (
        Journeys as Journeys,
    )
    from crmcore.journeys.paths import (
        ConversionTimes as ConversionTimes,
        DwellTime as DwellTime,
        Flow as Flow,
        Funnel as Funnel,
        GoalRate as GoalRate,
        StepMatrix as StepMatrix,
        StepOrder as StepOrder,
        Visits as Visits,
    )
    from crmcore.model.checklist import (
        Checklist as Checklist,
        ChecklistAnswer as ChecklistAnswer,
        ChecklistItem as ChecklistItem,
        Verdict as Verdict,
    )
    from crmcore.model.customer import (
        AcquisitionSource as AcquisitionSource,
        ContactPerson as ContactPerson,
        Customer as Customer,
        CustomerKind as CustomerKind,
    )
    from crmcore.model.employee import (
        Authority as Authority,
        Employee as Employee,
        GrantDecision as GrantDecision,
    )
    from crmcore.model.feedback import (
        Actor as Actor,
        CaseState as CaseState,
        Feedback as Feedback,
        FeedbackKind as FeedbackKind,
        ReplyPart as ReplyPart,
        Request as Request,
        Vote as Vote,
        VoteChoice as VoteChoice,
    )
    from crmcore.model.interaction import (
        AbandonReason as AbandonReason,
        AdviceMotive as AdviceMotive,
        Initiative as Initiative,
        Interaction as Interaction,
        InteractionKind as InteractionKind,
        Purpose as Purpose,
        Tone as Tone,
        Topic as Topic,
    )
    from crmcore.model.journey import (
        Insight as Insight,
        InsightSource as InsightSource,
        Journey as Journey,
        JourneyMap as JourneyMap,
        JourneyStep as JourneyStep,
        Necessity as Necessity,
        Sipoc as Sipoc,
    )
    from crmcore.model.moment import (
        MicroMoment as MicroMoment,
        MicroMomentKind as MicroMomentKind,
        MomentOfTruth as MomentOfTruth,
        MomentTiming as MomentTiming,
        Valence as Valence,
    )
    from crmcore.model.occasion import (
        LeapRule as LeapRule,
        Occasion as Occasion,
    )
    from crmcore.model.persona import (
        Persona as Persona,
        Segment as Segment,
    )
    from crmcore.model.purchase import (
        Cost as Cost,
        CostKind as CostKind,
        OrderRule as OrderRule,
        Purchase as Purchase,
    )
    from crmcore.model.reading import (
        AssessmentSource as AssessmentSource,
        LoyaltyLevel as LoyaltyLevel,
        Reading as Reading,
        SubjectKind as SubjectKind,
    )
    from crmcore.model.relationship import (
        Dissolution as Dissolution,
        DissolutionCause as DissolutionCause,
        Initiator as Initiator,
        LifecycleStage as LifecycleStage,
        Relationship as Relationship,
        RelationshipType as RelationshipType,
        StageOrder as StageOrder,
    )
    from crmcore.model.subscription import (
        Subscription as Subscription,
    )
    from crmcore.model.survey import (
        Incentive as Incentive,
        Invitation as Invitation,
        InvitationOutcome as InvitationOutcome,
        MeasureKind as MeasureKind,
        Question as Question,
        Response as Response,
        Scale as Scale,
        Survey as Survey,
    )
    from crmcore.model.task import (
        Task as Task,
        TaskKind as TaskKind,
    )
    from crmcore.model.touchpoint import (
        Channel as Channel,
        ContactArea as ContactArea,
        Ownership as Ownership,
        PurchasePhase as PurchasePhase,
        Touchpoint as Touchpoint,
        TouchpointKind as TouchpointKind,
    )
    from crmcore.primitives.control_charts import (
        AfterSignal as AfterSignal,
        ChartSide as ChartSide,
        CusumChart as CusumChart,
        EwmaChart as EwmaChart,
        PChart as PChart,
        ShareCusumChart as ShareCusumChart,
        ShareEwmaChart as ShareEwmaChart,
    )
    from crmcore.primitives.errors import (
        CrmcoreError as CrmcoreError,
        CurrencyMismatchError as CurrencyMismatchError,
        DivergenceError as DivergenceError,
        IllegalTransitionError as IllegalTransitionError,
        InconsistentCountsError as InconsistentCountsError,
        InvalidValueError as InvalidValueError,
        NaiveInstantError as NaiveInstantError,
        PolicyMismatchError as PolicyMismatchError,
        UnknownNameError as UnknownNameError,
        WrongTypeError as WrongTypeError,
    )
    from crmcore.primitives.findings import (
        Finding as Finding,
        Severity as Severity,
    )
    from crmcore.primitives.ids import (
        Id as Id,
    )
    from crmcore.primitives.money import (
        Money as Money,
    )
    from crmcore.primitives.opening_hours import (
        OpeningHours as OpeningHours,
    )
    from crmcore.primitives.periods import (
        UTC as UTC,
        Period as Period,
        elapsed as elapsed,
        instant as instant,
        tenure as tenure,
    )
    from crmcore.primitives.rates import (
        DayCount as DayCount,
        Discount as Discount,
        Retention as Retention,
        TimeUnit as TimeUnit,
    )
    from crmcore.primitives.recurrence import (
        Recurrence as Recurrence,
        Weekday as Weekday,
    )
    from crmcore.primitives.table import (
        Table as Table,
    )
    from crmcore.primitives.tally import (
        Tally as Tally,
        TallyBy as TallyBy,
    )
    from crmcore.retention import (
        churn as churn,
        cohorts as cohorts,
        inactivity as inactivity,
        lifecycles as lifecycles,
        relationships as relationships,
        revenue as revenue,
        survival as survival,
    )
    from crmcore.retention.churn import (
        Churn as Churn,
        ChurnConvention as ChurnConvention,
        HalfLifeBenchmark as HalfLifeBenchmark,
        RevenueChurn as RevenueChurn,
    )
    from crmcore.retention.cohorts import (
        AgeRule as AgeRule,
        Cohort as Cohort,
        CohortReading as CohortReading,
        CohortTriangle as CohortTriangle,
    )
    from crmcore.retention.inactivity import (
        Activeness as Activeness,
        Inactivity as Inactivity,
        PercentileMethod as PercentileMethod,
    )
    from crmcore.retention.lifecycles import (
        Departures as Departures,
        StageTime as StageTime,
        Transitions as Transitions,
    )
    from crmcore.retention.relationships import (
        PracticeShare as PracticeShare,
        Referrals as Referrals,
    )
    from crmcore.retention.revenue import (
        ChangeRule as ChangeRule,
        ChurnMoment as ChurnMoment,
        FreePlanRule as FreePlanRule,
        ReactivationRule as ReactivationRule,
        RevenueDefinition as RevenueDefinition,
        RevenueMovements as RevenueMovements,
        RevenuePolicy as RevenuePolicy,
    )
    from crmcore.retention.survival import (
        Lifetime as Lifetime,
        Survival as Survival,
        SurvivalBounds as SurvivalBounds,
    )
    from crmcore.service import (
        audits as audits,
        balance as balance,
        communication as communication,
        follow_ups as follow_ups,
        programme as programme,
        recovery as recovery,
        staff as staff,
    )
    from crmcore.service.audits import (
        Audit as Audit,
        AuditScore as AuditScore,
        AuditScores as AuditScores,
    )
    from crmcore.service.balance import (
        Balance as Balance,
        BalanceVerdict as BalanceVerdict,
        Deficits as Deficits,
        FailureRate as FailureRate,
        Ledger as Ledger,
        LedgerBuilder as LedgerBuilder,
    )
    from crmcore.service.communication import (
        ContactLimit as ContactLimit,
        Effort as Effort,
        Mix as Mix,
        Spend as Spend,
    )
    from crmcore.service.follow_ups import (
        Promises as Promises,
        Reach as Reach,
        TaskOutcome as TaskOutcome,
        WeekendRule as WeekendRule,
    )
    from crmcore.service.programme import (
        Activity as Activity,
        Deliverable as Deliverable,
        Initiatives as Initiatives,
        KeyResult as KeyResult,
        Objective as Objective,
        Programme as Programme,
        ProgrammePhase as ProgrammePhase,
        UnmeasuredRule as UnmeasuredRule,
    )
    from crmcore.service.recovery import (
        CauseCoverage as CauseCoverage,
        CompensationFund as CompensationFund,
        FundEntry as FundEntry,
        FundEntryKind as FundEntryKind,
        Incident as Incident,
        Policy as Policy,
        RecoveryParadox as RecoveryParadox,
        RecoveryRate as RecoveryRate,
        RemedyKind as RemedyKind,
        RemedyWorth as RemedyWorth,
        RootCause as RootCause,
    )
    from crmcore.service.staff import (
        Bonus as Bonus,
        ExpiryRule as ExpiryRule,
        Playbook as Playbook,
        PlaybookCoverage as PlaybookCoverage,
        Situation as Situation,
        StaffFactors as StaffFactors,
        Training as Training,
        TrainingTopic as TrainingTopic,
        UpdateReach as UpdateReach,
        Validity as Validity,
    )
    from crmcore.value import (
        cashflow as cashflow,
        lifetime_value as lifetime_value,
        pricing as pricing,
        rfm as rfm,
    )
    from crmcore.value.cashflow import (
        CashFlow as CashFlow,
    )
    from crmcore.value.lifetime_value import (
        Buying as Buying,
        CustomerEquity as CustomerEquity,
        FirstMargin as FirstMargin,
        HistoricValue as HistoricValue,
        Payback as Payback,
        ProfitCurve as ProfitCurve,
        RetentionMix as RetentionMix,
        TenureRule as TenureRule,
        ValueMix as ValueMix,
    )
    from crmcore.value.pricing import (
        PriceMatch as PriceMatch,
        PricePosition as PricePosition,
    )
    from crmcore.value.rfm import (
        PUBLISHED_SEGMENTS as PUBLISHED_SEGMENTS,
        RefundRule as RefundRule,
        RfmTable as RfmTable,
        SegmentRule as SegmentRule,
        SegmentTable as SegmentTable,
    )
    from crmcore.voice import (
        expectations as expectations,
        handling as handling,
        loyalty as loyalty,
        surveys as surveys,
    )
    from crmcore.voice.expectations import (
        Consistency as Consistency,
        ConstancyDrift as ConstancyDrift,
        ExperienceGrade as ExperienceGrade,
        ExperienceGrades as ExperienceGrades,
        ExperienceTarget as ExperienceTarget,
        Kano as Kano,
        KanoAnswer as KanoAnswer,
        KanoCategory as KanoCategory,
        KanoDirection as KanoDirection,
        LeadOverTime as LeadOverTime,
        MarketPosition as MarketPosition,
        PerceptionGap as PerceptionGap,
        RelativeAdvantage as RelativeAdvantage,
        ServiceDimension as ServiceDimension,
        ServiceGap as ServiceGap,
        Servqual as Servqual,
        TargetAttainment as TargetAttainment,
        TargetState as TargetState,
    )
    from crmcore.voice.handling import (
        Compliance as Compliance,
        FixEffect as FixEffect,
        IdeaVotes as IdeaVotes,
        LeakShare as LeakShare,
        Loops as Loops,
        Pareto as Pareto,
        RepeatReports as RepeatReports,
        ResolutionReading as ResolutionReading,
        Reviews as Reviews,
        Routing as Routing,
        TimeByParty as TimeByParty,
        WaitStart as WaitStart,
    )
    from crmcore.voice.loyalty import (
        Attitudes as Attitudes,
        BaseDistribution as BaseDistribution,
        Combination as Combination,
        Complacency as Complacency,
        CustomerFigure as CustomerFigure,
        CustomerType as CustomerType,
        ImpressionFactor as ImpressionFactor,
        InterviewCoverage as InterviewCoverage,
        InterviewState as InterviewState,
        LadderStep as LadderStep,
        LevelChange as LevelChange,
        LevelRule as LevelRule,
        LevelTransitions as LevelTransitions,
        LoyaltyReason as LoyaltyReason,
        NoLevel as NoLevel,
        OutcomeRate as OutcomeRate,
        Signal as Signal,
        SignalKind as SignalKind,
        Standings as Standings,
        TieRule as TieRule,
    )
    from crmcore.voice.surveys import (
        AnswerCounts as AnswerCounts,
        AskEvent as AskEvent,
        AskLimit as AskLimit,
        AskPurpose as AskPurpose,
        Csat as Csat,
        CsatConvention as CsatConvention,
        CustomerEffort as CustomerEffort,
        Nps as Nps,
        NpsGroup as NpsGroup,
        NpsMethod as NpsMethod,
        NpsPanel as NpsPanel,
        ResponseRate as ResponseRate,
        ResponseRateConvention as ResponseRateConvention,
        ReturnLikelihood as ReturnLikelihood,
        RoundConvention as RoundConvention,
        ScoreRounding as ScoreRounding,
        SurveyRound as SurveyRound,
    )

_ROOMS = {
    "value": "cashflow lifetime_value pricing rfm",
    "retention": "churn cohorts inactivity lifecycles relationships revenue survival",
    "journeys": "abandonment attribution journey_maps micro_moments paths",
    "voice": "expectations handling loyalty surveys",
    "service": "audits balance communication follow_ups programme recovery staff",
}
_NAMES = {
    "primitives.control_charts": "AfterSignal ChartSide CusumChart EwmaChart PChart ShareCusumChart ShareEwmaChart",
    "primitives.errors": """
        CrmcoreError CurrencyMismatchError DivergenceError IllegalTransitionError InconsistentCountsError
        InvalidValueError NaiveInstantError PolicyMismatchError UnknownNameError WrongTypeError
    """,
    "primitives.findings": "Finding Severity",
    "primitives.ids": "Id",
    "primitives.money": "Money",
    "primitives.opening_hours": "OpeningHours",
    "primitives.periods": "UTC Period elapsed instant tenure",
    "primitives.rates": "DayCount Discount Retention TimeUnit",
    "primitives.recurrence": "Recurrence Weekday",
    "primitives.table": "Table",
    "primitives.tally": "Tally TallyBy",
    "model.checklist": "Checklist ChecklistAnswer ChecklistItem Verdict",
    "model.customer": "AcquisitionSource ContactPerson Customer CustomerKind",
    "model.employee": "Authority Employee GrantDecision",
    "model.feedback": "Actor CaseState Feedback FeedbackKind ReplyPart Request Vote VoteChoice",
    "model.interaction": "AbandonReason AdviceMotive Initiative Interaction InteractionKind Purpose Tone Topic",
    "model.journey": "Insight InsightSource Journey JourneyMap JourneyStep Necessity Sipoc",
    "model.moment": "MicroMoment MicroMomentKind MomentOfTruth MomentTiming Valence",
    "model.occasion": "LeapRule Occasion",
    "model.persona": "Persona Segment",
    "model.purchase": "Cost CostKind OrderRule Purchase",
    "model.reading": "AssessmentSource LoyaltyLevel Reading SubjectKind",
    "model.relationship": """
        Dissolution DissolutionCause Initiator LifecycleStage Relationship RelationshipType StageOrder
    """,
    "model.subscription": "Subscription",
    "model.survey": "Incentive Invitation InvitationOutcome MeasureKind Question Response Scale Survey",
    "model.task": "Task TaskKind",
    "model.touchpoint": "Channel ContactArea Ownership PurchasePhase Touchpoint TouchpointKind",
    "value.cashflow": "CashFlow",
    "value.lifetime_value": """
        Buying CustomerEquity FirstMargin HistoricValue Payback ProfitCurve RetentionMix TenureRule ValueMix
    """,
    "value.pricing": "PriceMatch PricePosition",
    "value.rfm": "PUBLISHED_SEGMENTS RefundRule RfmTable SegmentRule SegmentTable",
    "retention.churn": "Churn ChurnConvention HalfLifeBenchmark RevenueChurn",
    "retention.inactivity": "Activeness Inactivity PercentileMethod",
    "retention.lifecycles": "Departures StageTime Transitions",
    "retention.relationships": "PracticeShare Referrals",
    "retention.survival": "Lifetime Survival SurvivalBounds",
    "retention.cohorts": "AgeRule Cohort CohortReading CohortTriangle",
    "retention.revenue": """
        ChangeRule ChurnMoment FreePlanRule ReactivationRule RevenueDefinition RevenueMovements RevenuePolicy
    """,
    "journeys.abandonment": "AbandonedContacts",
    "journeys.attribution": "Outcome PathEnd",
    "journeys.journey_maps": "Conformance",
    "journeys.log": "Journeys",
    "journeys.paths": "ConversionTimes DwellTime Flow Funnel GoalRate StepMatrix StepOrder Visits",
    "voice.expectations": """
        Consistency ConstancyDrift ExperienceGrade ExperienceGrades ExperienceTarget Kano KanoAnswer
        KanoCategory KanoDirection LeadOverTime MarketPosition PerceptionGap RelativeAdvantage
        ServiceDimension ServiceGap Servqual TargetAttainment TargetState
    """,
    "voice.handling": """
        Compliance FixEffect IdeaVotes LeakShare Loops Pareto RepeatReports ResolutionReading Reviews Routing
        TimeByParty WaitStart
    """,
    "voice.loyalty": """
        Attitudes BaseDistribution Combination Complacency CustomerFigure CustomerType ImpressionFactor
        InterviewCoverage InterviewState LadderStep LevelChange LevelRule LevelTransitions LoyaltyReason
        NoLevel OutcomeRate Signal SignalKind Standings TieRule
    """,
    "voice.surveys": """
        AnswerCounts AskEvent AskLimit AskPurpose Csat CsatConvention CustomerEffort Nps NpsGroup NpsMethod
        NpsPanel ResponseRate ResponseRateConvention ReturnLikelihood RoundConvention ScoreRounding
        SurveyRound
    """,
    "service.audits": "Audit AuditScore AuditScores",
    "service.balance": "Balance BalanceVerdict Deficits FailureRate Ledger LedgerBuilder",
    "service.communication": "ContactLimit Effort Mix Spend",
    "service.follow_ups": "Promises Reach TaskOutcome WeekendRule",
    "service.programme": """
        Activity Deliverable Initiatives KeyResult Objective Programme ProgrammePhase UnmeasuredRule
    """,
    "service.recovery": """
        CauseCoverage CompensationFund FundEntry FundEntryKind Incident Policy RecoveryParadox RecoveryRate
        RemedyKind RemedyWorth RootCause
    """,
    "service.staff": """
        Bonus ExpiryRule Playbook PlaybookCoverage Situation StaffFactors Training TrainingTopic UpdateReach
        Validity
    """,
}
"""Everything that can be had from `crmcore` itself: the rooms by wing, and names by the module in which they live."""

_HOMES = {name: f"crmcore.{module}" for module, names in _NAMES.items() for name in names.split()}
_MODULES = (
    {room: f"crmcore.{wing}.{room}" for wing, rooms in _ROOMS.items() for room in rooms.split()}
    | {wing: f"crmcore.{wing}" for wing in _ROOMS}
    | {floor: f"crmcore.{floor}" for floor in ("interop", "model", "primitives", "render")}
)

if not TYPE_CHECKING:  # hidden from type checkers, which would take any name for granted
    __all__ = list(_HOMES)

    def __getattr__(name: str) -> object:
        if name in _MODULES:
            value = import_module(_MODULES[name])
        elif name in _HOMES:
            value = getattr(import_module(_HOMES[name]), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return [*_HOMES, *_MODULES]

    class _FormerModules:
        """Finds the modules of earlier releases, which pickles name."""

        @staticmethod
        def find_spec(name: str, *_: object) -> object:
            return import_module("crmcore.primitives._moved").find_spec(name) if name.startswith("crmcore.") else None

    sys.meta_path.append(_FormerModules)
