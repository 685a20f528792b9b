"""crmcore: customers, what happens to them, and what follows from it, as typed values and exact calculators.

Classes and the few functions of time are importable from here; every other function stays in the room of its question
(`crmcore.lifetime_value`, `crmcore.cashflow`, `crmcore.churn`, `crmcore.balance`, `crmcore.lifecycles`,
`crmcore.render`). A name is loaded when it is first used, so that ``import crmcore`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmcore import attribution as attribution
    from crmcore import balance as balance
    from crmcore import cashflow as cashflow
    from crmcore import churn as churn
    from crmcore import journey_maps as journey_maps
    from crmcore import lifecycles as lifecycles
    from crmcore import lifetime_value as lifetime_value
    from crmcore import micro_moments as micro_moments
    from crmcore import model as model
    from crmcore import paths as paths
    from crmcore import primitives as primitives
    from crmcore import render as render
    from crmcore.attribution import Attribution as Attribution
    from crmcore.attribution import Outcome as Outcome
    from crmcore.attribution import PathEnd as PathEnd
    from crmcore.balance import Balance as Balance
    from crmcore.balance import Deficits as Deficits
    from crmcore.balance import FailureRate as FailureRate
    from crmcore.balance import Ledger as Ledger
    from crmcore.balance import LedgerEntry as LedgerEntry
    from crmcore.balance import Standing as Standing
    from crmcore.cashflow import CashFlow as CashFlow
    from crmcore.cashflow import PlanComparison as PlanComparison
    from crmcore.cashflow import PresentValue as PresentValue
    from crmcore.churn import Activeness as Activeness
    from crmcore.churn import Churn as Churn
    from crmcore.churn import ChurnConvention as ChurnConvention
    from crmcore.churn import HalfLifeBenchmark as HalfLifeBenchmark
    from crmcore.churn import Inactivity as Inactivity
    from crmcore.churn import InactivityThreshold as InactivityThreshold
    from crmcore.churn import PercentileMethod as PercentileMethod
    from crmcore.churn import RevenueChurn as RevenueChurn
    from crmcore.journey_maps import AbandonedContacts as AbandonedContacts
    from crmcore.journey_maps import Backtrack as Backtrack
    from crmcore.journey_maps import Conformance as Conformance
    from crmcore.journey_maps import OffMap as OffMap
    from crmcore.journey_maps import Stake as Stake
    from crmcore.journey_maps import StepConformance as StepConformance
    from crmcore.lifecycles import Departures as Departures
    from crmcore.lifecycles import StageDuration as StageDuration
    from crmcore.lifecycles import StageTime as StageTime
    from crmcore.lifecycles import Transitions as Transitions
    from crmcore.lifetime_value import Buying as Buying
    from crmcore.lifetime_value import Elasticity as Elasticity
    from crmcore.lifetime_value import FirstMargin as FirstMargin
    from crmcore.lifetime_value import HistoricValue as HistoricValue
    from crmcore.lifetime_value import LifetimeValue as LifetimeValue
    from crmcore.lifetime_value import MixShift as MixShift
    from crmcore.lifetime_value import Payback as Payback
    from crmcore.lifetime_value import RetentionMix as RetentionMix
    from crmcore.lifetime_value import SegmentValue as SegmentValue
    from crmcore.lifetime_value import SpendGuard as SpendGuard
    from crmcore.lifetime_value import TenureRule as TenureRule
    from crmcore.lifetime_value import ValueMix as ValueMix
    from crmcore.micro_moments import PriceMatch as PriceMatch
    from crmcore.micro_moments import PricePosition as PricePosition
    from crmcore.model.checklist import Audit as Audit
    from crmcore.model.checklist import Checklist as Checklist
    from crmcore.model.checklist import ChecklistAnswer as ChecklistAnswer
    from crmcore.model.checklist import ChecklistItem as ChecklistItem
    from crmcore.model.checklist import Verdict as Verdict
    from crmcore.model.customer import AcquisitionSource as AcquisitionSource
    from crmcore.model.customer import ContactPerson as ContactPerson
    from crmcore.model.customer import Customer as Customer
    from crmcore.model.customer import CustomerKind as CustomerKind
    from crmcore.model.customer import Id as Id
    from crmcore.model.employee import Authority as Authority
    from crmcore.model.employee import Employee as Employee
    from crmcore.model.feedback import Feedback as Feedback
    from crmcore.model.feedback import FeedbackKind as FeedbackKind
    from crmcore.model.feedback import ReplyPart as ReplyPart
    from crmcore.model.feedback import Wish as Wish
    from crmcore.model.interaction import AbandonReason as AbandonReason
    from crmcore.model.interaction import AdviceMotive as AdviceMotive
    from crmcore.model.interaction import Initiative as Initiative
    from crmcore.model.interaction import Interaction as Interaction
    from crmcore.model.interaction import InteractionKind as InteractionKind
    from crmcore.model.interaction import Purpose as Purpose
    from crmcore.model.interaction import Tone as Tone
    from crmcore.model.interaction import Topic as Topic
    from crmcore.model.journey import Insight as Insight
    from crmcore.model.journey import InsightSource as InsightSource
    from crmcore.model.journey import Journey as Journey
    from crmcore.model.journey import JourneyMap as JourneyMap
    from crmcore.model.journey import Journeys as Journeys
    from crmcore.model.journey import JourneyStep as JourneyStep
    from crmcore.model.journey import Necessity as Necessity
    from crmcore.model.journey import Sipoc as Sipoc
    from crmcore.model.moment import MicroMoment as MicroMoment
    from crmcore.model.moment import MicroMomentKind as MicroMomentKind
    from crmcore.model.moment import MomentOfTruth as MomentOfTruth
    from crmcore.model.moment import MomentTiming as MomentTiming
    from crmcore.model.moment import Valence as Valence
    from crmcore.model.occasion import LeapRule as LeapRule
    from crmcore.model.occasion import Occasion as Occasion
    from crmcore.model.persona import Persona as Persona
    from crmcore.model.persona import Segment as Segment
    from crmcore.model.purchase import Cost as Cost
    from crmcore.model.purchase import CostKind as CostKind
    from crmcore.model.purchase import Purchase as Purchase
    from crmcore.model.reading import AssessmentSource as AssessmentSource
    from crmcore.model.reading import LoyaltyLevel as LoyaltyLevel
    from crmcore.model.reading import Reading as Reading
    from crmcore.model.reading import SubjectKind as SubjectKind
    from crmcore.model.relationship import Dissolution as Dissolution
    from crmcore.model.relationship import DissolutionCause as DissolutionCause
    from crmcore.model.relationship import Initiator as Initiator
    from crmcore.model.relationship import LifecycleStage as LifecycleStage
    from crmcore.model.relationship import Relationship as Relationship
    from crmcore.model.relationship import RelationshipType as RelationshipType
    from crmcore.model.relationship import StageOrder as StageOrder
    from crmcore.model.subscription import Subscription as Subscription
    from crmcore.model.survey import FeedbackChannel as FeedbackChannel
    from crmcore.model.survey import Incentive as Incentive
    from crmcore.model.survey import Invitation as Invitation
    from crmcore.model.survey import InvitationOutcome as InvitationOutcome
    from crmcore.model.survey import MeasureKind as MeasureKind
    from crmcore.model.survey import Question as Question
    from crmcore.model.survey import Response as Response
    from crmcore.model.survey import Scale as Scale
    from crmcore.model.survey import Survey as Survey
    from crmcore.model.task import Task as Task
    from crmcore.model.task import TaskKind as TaskKind
    from crmcore.model.touchpoint import Channel as Channel
    from crmcore.model.touchpoint import ContactArea as ContactArea
    from crmcore.model.touchpoint import Ownership as Ownership
    from crmcore.model.touchpoint import PurchasePhase as PurchasePhase
    from crmcore.model.touchpoint import Touchpoint as Touchpoint
    from crmcore.model.touchpoint import TouchpointKind as TouchpointKind
    from crmcore.paths import DwellTime as DwellTime
    from crmcore.paths import Flow as Flow
    from crmcore.paths import Funnel as Funnel
    from crmcore.paths import FunnelStep as FunnelStep
    from crmcore.paths import GoalRate as GoalRate
    from crmcore.paths import Passage as Passage
    from crmcore.paths import StepMatrix as StepMatrix
    from crmcore.paths import Visits as Visits
    from crmcore.primitives.errors import CrmcoreError as CrmcoreError
    from crmcore.primitives.errors import CurrencyMismatchError as CurrencyMismatchError
    from crmcore.primitives.errors import DivergenceError as DivergenceError
    from crmcore.primitives.errors import IllegalTransitionError as IllegalTransitionError
    from crmcore.primitives.errors import InconsistentCountsError as InconsistentCountsError
    from crmcore.primitives.errors import InvalidValueError as InvalidValueError
    from crmcore.primitives.errors import NaiveInstantError as NaiveInstantError
    from crmcore.primitives.errors import PolicyMismatchError as PolicyMismatchError
    from crmcore.primitives.errors import UnknownNameError as UnknownNameError
    from crmcore.primitives.errors import WrongTypeError as WrongTypeError
    from crmcore.primitives.explanation import Explanation as Explanation
    from crmcore.primitives.explanation import Term as Term
    from crmcore.primitives.findings import Finding as Finding
    from crmcore.primitives.findings import Severity as Severity
    from crmcore.primitives.money import Money as Money
    from crmcore.primitives.periods import UTC as UTC
    from crmcore.primitives.periods import Period as Period
    from crmcore.primitives.periods import elapsed as elapsed
    from crmcore.primitives.periods import instant as instant
    from crmcore.primitives.periods import tenure as tenure
    from crmcore.primitives.proportions import Interval as Interval
    from crmcore.primitives.proportions import TwoProportions as TwoProportions
    from crmcore.primitives.rates import DayCount as DayCount
    from crmcore.primitives.rates import Discount as Discount
    from crmcore.primitives.rates import Retention as Retention
    from crmcore.primitives.rates import TimeUnit as TimeUnit
    from crmcore.primitives.tally import Tally as Tally
    from crmcore.primitives.tally import TallyBy as TallyBy
    from crmcore.render import Markdown as Markdown
    from crmcore.render import Mermaid as Mermaid
    from crmcore.render import Svg as Svg

__all__ = [
    "UTC",
    "AbandonReason",
    "AbandonedContacts",
    "AcquisitionSource",
    "Activeness",
    "AdviceMotive",
    "AssessmentSource",
    "Attribution",
    "Audit",
    "Authority",
    "Backtrack",
    "Balance",
    "Buying",
    "CashFlow",
    "Channel",
    "Checklist",
    "ChecklistAnswer",
    "ChecklistItem",
    "Churn",
    "ChurnConvention",
    "Conformance",
    "ContactArea",
    "ContactPerson",
    "Cost",
    "CostKind",
    "CrmcoreError",
    "CurrencyMismatchError",
    "Customer",
    "CustomerKind",
    "DayCount",
    "Deficits",
    "Departures",
    "Discount",
    "Dissolution",
    "DissolutionCause",
    "DivergenceError",
    "DwellTime",
    "Elasticity",
    "Employee",
    "Explanation",
    "FailureRate",
    "Feedback",
    "FeedbackChannel",
    "FeedbackKind",
    "Finding",
    "FirstMargin",
    "Flow",
    "Funnel",
    "FunnelStep",
    "GoalRate",
    "HalfLifeBenchmark",
    "HistoricValue",
    "Id",
    "IllegalTransitionError",
    "Inactivity",
    "InactivityThreshold",
    "Incentive",
    "InconsistentCountsError",
    "Initiative",
    "Initiator",
    "Insight",
    "InsightSource",
    "Interaction",
    "InteractionKind",
    "Interval",
    "InvalidValueError",
    "Invitation",
    "InvitationOutcome",
    "Journey",
    "JourneyMap",
    "JourneyStep",
    "Journeys",
    "LeapRule",
    "Ledger",
    "LedgerEntry",
    "LifecycleStage",
    "LifetimeValue",
    "LoyaltyLevel",
    "Markdown",
    "MeasureKind",
    "Mermaid",
    "MicroMoment",
    "MicroMomentKind",
    "MixShift",
    "MomentOfTruth",
    "MomentTiming",
    "Money",
    "NaiveInstantError",
    "Necessity",
    "Occasion",
    "OffMap",
    "Outcome",
    "Ownership",
    "Passage",
    "PathEnd",
    "Payback",
    "PercentileMethod",
    "Period",
    "Persona",
    "PlanComparison",
    "PolicyMismatchError",
    "PresentValue",
    "PriceMatch",
    "PricePosition",
    "Purchase",
    "PurchasePhase",
    "Purpose",
    "Question",
    "Reading",
    "Relationship",
    "RelationshipType",
    "ReplyPart",
    "Response",
    "Retention",
    "RetentionMix",
    "RevenueChurn",
    "Scale",
    "Segment",
    "SegmentValue",
    "Severity",
    "Sipoc",
    "SpendGuard",
    "StageDuration",
    "StageOrder",
    "StageTime",
    "Stake",
    "Standing",
    "StepConformance",
    "StepMatrix",
    "SubjectKind",
    "Subscription",
    "Survey",
    "Svg",
    "Tally",
    "TallyBy",
    "Task",
    "TaskKind",
    "TenureRule",
    "Term",
    "TimeUnit",
    "Tone",
    "Topic",
    "Touchpoint",
    "TouchpointKind",
    "Transitions",
    "TwoProportions",
    "UnknownNameError",
    "Valence",
    "ValueMix",
    "Verdict",
    "Visits",
    "Wish",
    "WrongTypeError",
    "elapsed",
    "instant",
    "tenure",
]

__version__ = "0.1.0"

_HOME = {
    "AbandonReason": "crmcore.model.interaction",
    "AbandonedContacts": "crmcore.journey_maps",
    "AcquisitionSource": "crmcore.model.customer",
    "Activeness": "crmcore.churn",
    "AdviceMotive": "crmcore.model.interaction",
    "AssessmentSource": "crmcore.model.reading",
    "Attribution": "crmcore.attribution",
    "Audit": "crmcore.model.checklist",
    "Authority": "crmcore.model.employee",
    "Backtrack": "crmcore.journey_maps",
    "Balance": "crmcore.balance",
    "Buying": "crmcore.lifetime_value",
    "CashFlow": "crmcore.cashflow",
    "Channel": "crmcore.model.touchpoint",
    "Checklist": "crmcore.model.checklist",
    "ChecklistAnswer": "crmcore.model.checklist",
    "ChecklistItem": "crmcore.model.checklist",
    "Churn": "crmcore.churn",
    "ChurnConvention": "crmcore.churn",
    "Conformance": "crmcore.journey_maps",
    "ContactArea": "crmcore.model.touchpoint",
    "ContactPerson": "crmcore.model.customer",
    "Cost": "crmcore.model.purchase",
    "CostKind": "crmcore.model.purchase",
    "CrmcoreError": "crmcore.primitives.errors",
    "CurrencyMismatchError": "crmcore.primitives.errors",
    "Customer": "crmcore.model.customer",
    "CustomerKind": "crmcore.model.customer",
    "DayCount": "crmcore.primitives.rates",
    "Deficits": "crmcore.balance",
    "Departures": "crmcore.lifecycles",
    "Discount": "crmcore.primitives.rates",
    "Dissolution": "crmcore.model.relationship",
    "DissolutionCause": "crmcore.model.relationship",
    "DivergenceError": "crmcore.primitives.errors",
    "DwellTime": "crmcore.paths",
    "Elasticity": "crmcore.lifetime_value",
    "Employee": "crmcore.model.employee",
    "Explanation": "crmcore.primitives.explanation",
    "FailureRate": "crmcore.balance",
    "Feedback": "crmcore.model.feedback",
    "FeedbackChannel": "crmcore.model.survey",
    "FeedbackKind": "crmcore.model.feedback",
    "Finding": "crmcore.primitives.findings",
    "FirstMargin": "crmcore.lifetime_value",
    "Flow": "crmcore.paths",
    "Funnel": "crmcore.paths",
    "FunnelStep": "crmcore.paths",
    "GoalRate": "crmcore.paths",
    "HalfLifeBenchmark": "crmcore.churn",
    "HistoricValue": "crmcore.lifetime_value",
    "Id": "crmcore.model.customer",
    "IllegalTransitionError": "crmcore.primitives.errors",
    "Inactivity": "crmcore.churn",
    "InactivityThreshold": "crmcore.churn",
    "Incentive": "crmcore.model.survey",
    "InconsistentCountsError": "crmcore.primitives.errors",
    "Initiative": "crmcore.model.interaction",
    "Initiator": "crmcore.model.relationship",
    "Insight": "crmcore.model.journey",
    "InsightSource": "crmcore.model.journey",
    "Interaction": "crmcore.model.interaction",
    "InteractionKind": "crmcore.model.interaction",
    "Interval": "crmcore.primitives.proportions",
    "InvalidValueError": "crmcore.primitives.errors",
    "Invitation": "crmcore.model.survey",
    "InvitationOutcome": "crmcore.model.survey",
    "Journey": "crmcore.model.journey",
    "JourneyMap": "crmcore.model.journey",
    "JourneyStep": "crmcore.model.journey",
    "Journeys": "crmcore.model.journey",
    "LeapRule": "crmcore.model.occasion",
    "Ledger": "crmcore.balance",
    "LedgerEntry": "crmcore.balance",
    "LifecycleStage": "crmcore.model.relationship",
    "LifetimeValue": "crmcore.lifetime_value",
    "LoyaltyLevel": "crmcore.model.reading",
    "Markdown": "crmcore.render",
    "MeasureKind": "crmcore.model.survey",
    "Mermaid": "crmcore.render",
    "MicroMoment": "crmcore.model.moment",
    "MicroMomentKind": "crmcore.model.moment",
    "MixShift": "crmcore.lifetime_value",
    "MomentOfTruth": "crmcore.model.moment",
    "MomentTiming": "crmcore.model.moment",
    "Money": "crmcore.primitives.money",
    "NaiveInstantError": "crmcore.primitives.errors",
    "Necessity": "crmcore.model.journey",
    "Occasion": "crmcore.model.occasion",
    "OffMap": "crmcore.journey_maps",
    "Outcome": "crmcore.attribution",
    "Ownership": "crmcore.model.touchpoint",
    "Passage": "crmcore.paths",
    "PathEnd": "crmcore.attribution",
    "Payback": "crmcore.lifetime_value",
    "PercentileMethod": "crmcore.churn",
    "Period": "crmcore.primitives.periods",
    "Persona": "crmcore.model.persona",
    "PlanComparison": "crmcore.cashflow",
    "PolicyMismatchError": "crmcore.primitives.errors",
    "PresentValue": "crmcore.cashflow",
    "PriceMatch": "crmcore.micro_moments",
    "PricePosition": "crmcore.micro_moments",
    "Purchase": "crmcore.model.purchase",
    "PurchasePhase": "crmcore.model.touchpoint",
    "Purpose": "crmcore.model.interaction",
    "Question": "crmcore.model.survey",
    "Reading": "crmcore.model.reading",
    "Relationship": "crmcore.model.relationship",
    "RelationshipType": "crmcore.model.relationship",
    "ReplyPart": "crmcore.model.feedback",
    "Response": "crmcore.model.survey",
    "Retention": "crmcore.primitives.rates",
    "RetentionMix": "crmcore.lifetime_value",
    "RevenueChurn": "crmcore.churn",
    "Scale": "crmcore.model.survey",
    "Segment": "crmcore.model.persona",
    "SegmentValue": "crmcore.lifetime_value",
    "Severity": "crmcore.primitives.findings",
    "Sipoc": "crmcore.model.journey",
    "SpendGuard": "crmcore.lifetime_value",
    "StageDuration": "crmcore.lifecycles",
    "StageOrder": "crmcore.model.relationship",
    "StageTime": "crmcore.lifecycles",
    "Stake": "crmcore.journey_maps",
    "Standing": "crmcore.balance",
    "StepConformance": "crmcore.journey_maps",
    "StepMatrix": "crmcore.paths",
    "SubjectKind": "crmcore.model.reading",
    "Subscription": "crmcore.model.subscription",
    "Survey": "crmcore.model.survey",
    "Svg": "crmcore.render",
    "Tally": "crmcore.primitives.tally",
    "TallyBy": "crmcore.primitives.tally",
    "Task": "crmcore.model.task",
    "TaskKind": "crmcore.model.task",
    "TenureRule": "crmcore.lifetime_value",
    "Term": "crmcore.primitives.explanation",
    "TimeUnit": "crmcore.primitives.rates",
    "Tone": "crmcore.model.interaction",
    "Topic": "crmcore.model.interaction",
    "Touchpoint": "crmcore.model.touchpoint",
    "TouchpointKind": "crmcore.model.touchpoint",
    "Transitions": "crmcore.lifecycles",
    "TwoProportions": "crmcore.primitives.proportions",
    "UTC": "crmcore.primitives.periods",
    "UnknownNameError": "crmcore.primitives.errors",
    "Valence": "crmcore.model.moment",
    "ValueMix": "crmcore.lifetime_value",
    "Verdict": "crmcore.model.checklist",
    "Visits": "crmcore.paths",
    "Wish": "crmcore.model.feedback",
    "WrongTypeError": "crmcore.primitives.errors",
    "elapsed": "crmcore.primitives.periods",
    "instant": "crmcore.primitives.periods",
    "tenure": "crmcore.primitives.periods",
}

_MODULES = (
    "attribution",
    "balance",
    "cashflow",
    "churn",
    "journey_maps",
    "lifecycles",
    "lifetime_value",
    "micro_moments",
    "model",
    "paths",
    "primitives",
    "render",
)

if not TYPE_CHECKING:  # hidden from type checkers, which would take any name for granted

    def __getattr__(name: str) -> object:
        if name in _MODULES:
            return import_module(f"crmcore.{name}")
        home = _HOME.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(home), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return [*__all__, *_MODULES]
