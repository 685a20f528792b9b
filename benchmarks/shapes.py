"""What the doubling benchmark counts: records of every kind, of as many shapes as data have in the end.

A maker returns the record of a number. Nearly all of them are of `Shape`, which says who, what and when: an ordinary
spread over customers and time, and the degenerate forms that make an inner walk as long as the outer one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from crmcore import (
    AbandonReason,
    Activity,
    Actor,
    AfterSignal,
    AskLimit,
    AskPurpose,
    AssessmentSource,
    Balance,
    BaseDistribution,
    CaseState,
    CashFlow,
    Checklist,
    ChecklistAnswer,
    ChecklistItem,
    Churn,
    CompensationFund,
    Conformance,
    ContactLimit,
    Cost,
    Customer,
    CusumChart,
    Discount,
    Dissolution,
    DissolutionCause,
    Employee,
    ExperienceTarget,
    ExpiryRule,
    Feedback,
    FeedbackKind,
    Flow,
    FundEntry,
    FundEntryKind,
    Funnel,
    HistoricValue,
    IdeaVotes,
    Incident,
    Initiator,
    Interaction,
    InterviewState,
    Invitation,
    Journey,
    JourneyMap,
    JourneyStep,
    Kano,
    Ledger,
    LevelRule,
    Lifetime,
    LoyaltyLevel,
    MeasureKind,
    MomentOfTruth,
    Money,
    Nps,
    Occasion,
    Outcome,
    Pareto,
    PChart,
    PerceptionGap,
    Period,
    Persona,
    Playbook,
    Policy,
    Programme,
    Purchase,
    Question,
    Reading,
    Recurrence,
    Relationship,
    Response,
    Retention,
    RootCause,
    Scale,
    Segment,
    Signal,
    SignalKind,
    Sipoc,
    StageOrder,
    Standings,
    SubjectKind,
    Subscription,
    Survey,
    Survival,
    TallyBy,
    Task,
    TaskKind,
    TimeUnit,
    Touchpoint,
    Training,
    Valence,
    Validity,
    Verdict,
    Vote,
    VoteChoice,
    attribution,
    instant,
    journey_maps,
    programme,
)
from crmcore.journeys.attribution import Attribution
from crmcore.primitives.control_charts import ChartPoint, CusumPoint
from crmcore.primitives.proportions import Interval
from crmcore.retention.lifecycles import StageDuration
from crmcore.service.programme import Schedule
from crmcore.voice.expectations import TargetResult
from crmcore.voice.handling import Wait
from crmcore.voice.loyalty import Interview

ITEMS: Final = 20
"""The length of a checklist, which does not grow: a form has a line for each item and subject."""

START: Final = instant("2024-01-01")
END: Final = instant("2027-01-01")
SPAN: Final = timedelta(days=1000)
YEAR: Final = Period.year(2025)
ASKED: Final = Question(id="nps", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10)


@dataclass(frozen=True)
class Shape:
    """How n records hang together.

    Attributes:
        name: What the table says.
        customers: How many records there are for each customer; 0 is all of them.
        labels: How many different touchpoints, causes and the like there are; 0 is one for each record.
        at_once: Whether everything happens in one instant.
        open: Whether nothing ends: visits are abandoned, cases unanswered, tasks not done.
        chained: Whether each record refers to the one before.
    """

    name: str
    customers: int = 10
    labels: int = 7
    at_once: bool = False
    open: bool = False
    chained: bool = False

    def who(self, number: int) -> int:
        """Return a customer."""
        return number // self.customers if self.customers else 0

    def what(self, number: int) -> int:
        """Return a touchpoint, an employee or anything else that has an id."""
        return number % self.labels if self.labels else number

    def label(self, number: int) -> str:
        """Return a category, a cause or another text."""
        return f"label {self.what(number)}"

    def at(self, number: int) -> datetime:
        """Return an instant of a thousand days, the same for all if everything happens at once."""
        return START if self.at_once else START + timedelta(minutes=number * 53 % 1_440_000)

    def later(self, number: int) -> datetime | None:
        """Return when something ended."""
        return None if self.open else self.at(number) + timedelta(days=3)

    def before(self, number: int) -> int | None:
        """Return the number of the record before, if each refers to it."""
        return number - 1 if self.chained and number else None


SHAPES: Final = (
    Shape("ordinary"),
    Shape("one customer", customers=0),
    Shape("all different", customers=1, labels=0),
    Shape("one instant", at_once=True),
    Shape("open", customers=0, open=True),
    Shape("two by turns", customers=0, labels=2),
    Shape("chain", customers=1, labels=0, chained=True),
)


def _make_relationship(shape: Shape, number: int) -> Relationship:
    start = shape.at(number)
    stages = StageOrder.EXPLORATION_FIRST.stages[:3]
    history = [(stage, start + timedelta(days=day)) for day, stage in enumerate(stages)]
    relationship = Relationship(customer_id=number, history=history, manager_id=shape.what(number))
    if shape.open:
        return relationship
    return relationship.dissolve(
        Dissolution(
            at=start + timedelta(days=9),
            cause=[*DissolutionCause][number % len(DissolutionCause)],
            initiator=Initiator.CUSTOMER,
        )
    )


def _make_feedback(shape: Shape, number: int) -> Feedback:
    at = shape.at(number)
    answered = None if shape.open else at + timedelta(hours=2)
    return Feedback(
        kind=[*FeedbackKind][number % len(FeedbackKind)],
        received_at=at,
        customer_id=shape.who(number),
        category=shape.label(number),
        cause=shape.label(number),
        valence=[*Valence][number % 3],
        touchpoint_id=shape.what(number),
        employee_id=shape.what(number),
        handler_id=shape.what(number),
        answered_at=answered,
        resolved_at=shape.later(number),
        rating=1 + number % 5,
        scale=Scale.RATING_1_5,
        public=number % 2 == 0,
        id=number,
    )


def _make_task(shape: Shape, number: int) -> Task:
    return Task(
        kind=[*TaskKind][shape.what(number) % len(TaskKind)],
        due=shape.at(number),
        customer_id=shape.who(number),
        employee_id=shape.what(number),
        owner_id=shape.what(number),
        about_id=shape.what(number),
        done_at=shape.later(number),
        id=number,
    )


def _make_reading(shape: Shape, number: int) -> Reading:
    return Reading(
        subject_kind=SubjectKind.CUSTOMER,
        subject_id=shape.who(number),
        kind=MeasureKind.LOYALTY,
        at=shape.at(number),
        level=[*LoyaltyLevel][number % 3],
        source=[*AssessmentSource][number % len(AssessmentSource)],
        customer_id=shape.who(number),
        id=number,
    )


def make_score(shape: Shape, number: int) -> Reading:
    """Return a reading of a number, as the rooms of expectations compare them."""
    return Reading(
        subject_kind=[SubjectKind.COMPANY, SubjectKind.COMPETITOR][number % 2],
        subject_id=[None, shape.what(number)][number % 2],
        kind=MeasureKind.PERCEPTION,
        at=shape.at(number),
        value=number % 10 + 1,
        scale=Scale.RATING_1_10,
        aspect=shape.label(number),
        source=[AssessmentSource.SELF_ASSESSMENT, AssessmentSource.SURVEY][number % 2],
        id=number,
    )


MAKERS: Final[dict[type, Callable[[Shape, int], Any]]] = {
    AskLimit: lambda _, number: AskLimit(at_most=1 + number, within=timedelta(days=30)),
    Balance: lambda shape, number: Balance(good=shape.what(number), bad=1),
    BaseDistribution: lambda _, number: BaseDistribution(counts=(number + 1, 2, 1)),
    CaseState: lambda _, number: [*CaseState][number % len(CaseState)],
    CashFlow: lambda shape, number: CashFlow(shape.at(number).date(), Money(number, "EUR")),
    ChecklistAnswer: lambda shape, number: ChecklistAnswer(
        item_id=number % ITEMS, verdict=[*Verdict][number % 2], subject_id=number // ITEMS, at=shape.at(number)
    ),
    ChecklistItem: lambda shape, number: ChecklistItem(id=number, text="?", group=shape.label(number)),
    Churn: lambda _, number: Churn.from_counts(start=number + 9, lost=1, joined=0, joined_and_lost=0),
    ContactLimit: lambda _, number: ContactLimit(at_most=1 + number, within=timedelta(days=30)),
    Cost: lambda shape, number: Cost(amount=Money(5, "EUR"), at=shape.at(number), customer_id=shape.who(number)),
    Customer: lambda shape, number: Customer(
        id=number,
        segments=[shape.label(number)],
        manager_id=shape.what(number),
        referred_by_id=shape.before(number),
        since=shape.at(number),
        occasions=[Occasion(name="birthday", month=1 + number % 12, day=1)],
    ),
    Dissolution: lambda shape, number: Dissolution(
        at=shape.at(number),
        evidence="a letter",
        cause=[*DissolutionCause][number % len(DissolutionCause)],
        initiator=Initiator.CUSTOMER,
    ),
    Employee: lambda shape, number: Employee(id=number, reports_to_id=shape.before(number), role=shape.label(number)),
    ExperienceTarget: lambda shape, number: ExperienceTarget(
        kind=MeasureKind.PERCEPTION,
        level=7,
        period=YEAR,
        set_at=START,
        aspect=shape.label(number),
        scale=Scale.RATING_1_10,
        id=number,
    ),
    Feedback: _make_feedback,
    HistoricValue: lambda _, number: HistoricValue(revenue=Money(number, "EUR"), cost=Money(1, "EUR")),
    Interaction: lambda shape, number: Interaction(
        touchpoint_id=shape.what(number),
        at=shape.at(number),
        customer_id=shape.who(number),
        employee_id=shape.what(number),
        abandoned=AbandonReason.QUEUE if shape.open else None,
        promise_due=shape.at(number) + timedelta(days=2),
        id=number,
    ),
    Invitation: lambda shape, number: Invitation(
        survey_id=shape.what(number), at=shape.at(number), customer_id=shape.who(number), id=number
    ),
    LevelRule: lambda _, number: LevelRule(
        scale=Scale(f"scale {number}", low=1, high=7, higher_is_better=True), cuts=(6, 4)
    ),
    MomentOfTruth: lambda shape, number: MomentOfTruth(
        valence=[*Valence][number % 3],
        at=shape.at(number),
        customer_id=shape.who(number),
        touchpoint_id=shape.what(number),
        employee_id=shape.what(number),
        id=number,
    ),
    Money: lambda _, number: Money(number, "EUR"),
    Nps: lambda _, number: Nps(promoters=number, passives=2, detractors=1),
    Outcome: lambda _, number: Outcome(conversions=number % 5, nulls=1),
    Period: lambda _, number: Period(START + number * SPAN / 4000, START + (number + 1) * SPAN / 4000),
    Persona: lambda shape, number: Persona(name=f"persona {number}", segment=shape.label(number), values=["calm"]),
    Playbook: lambda shape, number: Playbook(role=f"role {number}", situation=shape.label(number), steps=["listen"]),
    Purchase: lambda shape, number: Purchase(
        customer_id=shape.who(number), at=shape.at(number), amount=Money(9, "EUR"), cost=Money(5, "EUR"), id=number
    ),
    Question: lambda _, number: Question(id=number, text=f"Question {number}?", scale=Scale.RATING_1_5),
    Reading: _make_reading,
    Relationship: _make_relationship,
    Response: lambda shape, number: Response(
        survey_id="q3",
        at=shape.at(number),
        answers=[("nps", number % 5 + 1)],
        customer_id=number if shape.customers else None,
        touchpoint_id=shape.what(number),
        employee_id=shape.what(number),
        segment=shape.label(number),
        id=number,
    ),
    RootCause: lambda shape, number: RootCause(
        id=number, what="full", fixed_at=shape.later(number), category=shape.label(number)
    ),
    Segment: lambda _, number: Segment(name=f"label {number}"),
    Sipoc: lambda shape, number: Sipoc(
        process=f"process {number}", inputs=[("customer", shape.label(number))], outputs=[("paint", "customer")]
    ),
    Subscription: lambda shape, number: Subscription(
        customer_id=shape.who(number),
        price=Money(9, "EUR"),
        every=TimeUnit.MONTH,
        started=shape.at(number),
        ended=shape.later(number),
        id=number,
    ),
    Survey: lambda _, number: Survey(id=number, questions=[ASKED]),
    Task: _make_task,
    Touchpoint: lambda shape, number: Touchpoint(id=number, name=shape.label(number)),
    Training: lambda shape, number: Training(
        employee_id=shape.who(number), topic=shape.label(number), on=shape.at(number).date(), passed=True, id=number
    ),
    Vote: lambda shape, number: Vote(
        idea_id=shape.what(number), voter_id=number, at=shape.at(number), choice=[*VoteChoice][number % len(VoteChoice)]
    ),
    Wait: lambda shape, number: Wait(
        started_at=shape.at(number),
        length=timedelta(hours=number % 99),
        ended_at=None if shape.open else shape.at(number) + timedelta(hours=number % 99),
        feedback_id=number,
    ),
    Journey: lambda shape, number: Journey(
        customer_id=number,
        interactions=[Interaction(touchpoint_id=shape.what(number), at=shape.at(number), customer_id=number)],
        reached=not shape.open,
        goal=shape.label(number),
        id=number,
    ),
    Activity: lambda shape, number: Activity(
        id=number, days=1 + number % 5, after=() if shape.before(number) is None else [shape.before(number)]
    ),
    Attribution: lambda _, size: attribution.linear({("search", "email"): Outcome(conversions=1 + size)}),
    ChartPoint: lambda _, number: PChart(baseline=(60, 601)).add((number % 9, 200)),
    CusumPoint: lambda _, number: CusumChart(target=1, sigma=3, after_signal=AfterSignal.RESTART).add(number % 9),
    IdeaVotes: lambda _, number: IdeaVotes(votes_for=number % 9, votes_against=number % 5),
    Incident: lambda shape, number: Incident(
        id=number, at=shape.at(number), category=shape.label(number), customer_id=shape.who(number), cause_id=number
    ),
    Interval: lambda _, number: Interval(0, 1 / (1 + number)),
    Interview: lambda shape, number: Interview(
        customer_id=number,
        since=shape.at(number),
        state=InterviewState.OPEN,
        signals=[[*SignalKind][number % len(SignalKind)]],
    ),
    Kano: lambda _, number: Kano(attractive=number % 9, must_be=1),
    Policy: lambda shape, number: Policy(category=shape.label(number), harm=Money(20, "EUR"), remedy=Money(5, "EUR")),
    PerceptionGap: lambda _, number: PerceptionGap(
        company_good=number % 9, company_judged=9, customer_good=1, customer_judged=9, threshold=8
    ),
    Signal: lambda shape, number: Signal(
        customer_id=shape.who(number),
        at=shape.at(number),
        kind=[*SignalKind][number % len(SignalKind)],
        about_id=shape.what(number),
    ),
    Lifetime: lambda shape, number: Lifetime(length=number + 1, ended=number % 3 > 0, segment=shape.label(number)),
    Survival: lambda _, number: Survival.of_durations([number + 1, number + 2], [True, False]),
    StageDuration: lambda _, number: StageDuration(
        stage=StageOrder.EXPLORATION_FIRST.stages[0], length=timedelta(days=number), customer_id=number
    ),
    TargetResult: lambda shape, number: TargetResult(
        target=MAKERS[ExperienceTarget](shape, number), total=7, readings=1, as_of=END
    ),
    Validity: lambda _, number: Validity(rule=ExpiryRule.FROM_CHECK, months=1 + number % 12),
    date: lambda shape, number: shape.at(number).date(),
    datetime: Shape.at,
    timedelta: lambda _, number: timedelta(hours=1 + number),
    bool: lambda _, number: number % 2 == 0,
    int: lambda _, number: number % 5 + 1,
    Decimal: lambda _, number: Decimal(number % 5 + 1),
    float: lambda _, number: number % 5 + 1,
    Fraction: lambda _, number: Fraction(number % 5 + 1),
    Retention: lambda _, number: Retention(Decimal(number % 9 + 1) / 10, TimeUnit.YEAR),
    TallyBy: lambda shape, number: TallyBy({shape.what(number): Balance(good=1)}),
}
"""Makes the record of a number of a shape, by its class."""


def _make_map(shape: Shape, size: int) -> JourneyMap:
    """Return a map with a loop from each step: to the step before, to the first one or to itself."""
    names = [f"step {number}" for number in range(size)]
    end = {"ordinary": 0, "one customer": 1, "chain": 1}.get(shape.name, 2)
    return JourneyMap(
        name="paint",
        steps=[
            JourneyStep(name=name, phase=f"phase {number // 2}", touchpoint_ids=[number], emotion=number % 5 - 2)
            for number, name in enumerate(names)
        ],
        loops=[(name, (names[0], names[max(number - 1, 0)], name)[end]) for number, name in enumerate(names)],
    )


def _make_rows(shape: Shape, size: int) -> list[Interaction]:
    return [MAKERS[Interaction](shape, number) for number in range(size)]


def _make_case(shape: Shape, size: int) -> Feedback:
    """Return a case with a long history."""
    turns = [
        (CaseState.WAITING_ON_CUSTOMER, Actor.EMPLOYEE),
        (CaseState.MESSAGE, Actor.CUSTOMER),
        (CaseState.OPEN, Actor.CUSTOMER),
        (CaseState.MESSAGE, Actor.EMPLOYEE),
        (CaseState.RESOLVED, Actor.EMPLOYEE),
    ][: 4 if shape.open else 5]
    history = [
        (state, START + timedelta(hours=0 if shape.at_once else number), actor)
        for number in range(size)
        for state, actor in [turns[number % len(turns)]]
    ]
    return Feedback(kind=FeedbackKind.PROBLEM, received_at=START, customer_id=7, history=history)


def _make_fund(shape: Shape, size: int) -> CompensationFund:
    entries = [
        FundEntry(kind=FundEntryKind.GRANT, amount=Money(1, "EUR"), at=START, case_id=shape.who(number), id=number)
        for number in range(size)
    ]
    return CompensationFund(opening=Money(size, "EUR"), entries=entries)


SIZED: Final[dict[type, Callable[[Shape, int], Any]]] = {
    CompensationFund: _make_fund,
    Conformance: lambda shape, size: journey_maps.compare(_make_map(shape, size), _make_rows(shape, size)),
    Feedback: _make_case,
    Flow: lambda shape, size: Flow.of(_make_rows(shape, size)),
    Funnel: lambda shape, size: Funnel.of(_make_rows(shape, size), [*range(shape.labels or size)]),
    Journey: lambda shape, size: Journey(
        customer_id=0, interactions=[MAKERS[Interaction](replace(shape, customers=0), number) for number in range(size)]
    ),
    JourneyMap: _make_map,
    Ledger: lambda shape, size: Ledger(moments=[MAKERS[MomentOfTruth](shape, number) for number in range(size)]),
    Pareto: lambda _, size: Pareto(counts={f"label {number}": number for number in range(size)}),
    Programme: lambda shape, size: Programme(
        goal="All", horizon=YEAR, activities=[MAKERS[Activity](shape, number) for number in range(size)]
    ),
    Relationship: lambda _, size: Relationship(
        customer_id=7,
        history=[
            (StageOrder.EXPLORATION_FIRST.stages[number % 2], START + timedelta(days=number)) for number in range(size)
        ],
    ),
    Response: lambda _, size: Response(
        survey_id="q3", at=START, answers=[(number, 1 + number % 5) for number in range(size)]
    ),
    Schedule: lambda shape, size: programme.schedule([MAKERS[Activity](shape, number) for number in range(size)]),
    Standings: lambda shape, size: Standings.of([MAKERS[Reading](shape, number) for number in range(size)], as_of=END),
    Survey: lambda _, size: Survey(id=7, questions=[MAKERS[Question](SHAPES[0], number) for number in range(size)]),
}
"""Makes one record that holds many, by its class."""

ARGUMENTS: Final[Mapping[str, Any]] = {
    "about_id": 1,
    "as_of": END,
    "at": END,
    "average_order": Money(30, "EUR"),
    "baseline_periods": 1,
    "checklist": Checklist(id="manners", items=[ChecklistItem(id=number, text="?") for number in range(ITEMS)]),
    "churned_after": timedelta(days=30),
    "customer_id": 7,
    "days": 3,
    "direct": 1,
    "discount": Discount("0.1", TimeUnit.YEAR),
    "excellent_from": 2,
    "fixed_at": instant("2025-06-01"),
    "goal": 1,
    "half_life": timedelta(days=7),
    "high_from": Decimal("0.8"),
    "hour": time(9),
    "meetings": Recurrence(first=date(2024, 3, 4), unit=TimeUnit.WEEK, at="09:00", zone=UTC),
    "neutral_band": 1,
    "orders_per_year": 4,
    "period": YEAR,
    "purpose": AskPurpose.NEEDS,
    "question": ASKED,
    "recurrence": Recurrence(first=date(2024, 3, 4), unit=TimeUnit.WEEK, every=13, at="09:00", zone=UTC),
    "scale": Scale.RATING_1_5,
    "start": Decimal(3),
    "survey_id": "q3",
    "target": timedelta(days=2),
    "threshold": 8,
    "tz": UTC,
    "units": 1,
    "within": timedelta(days=30),
    "years": 3,
}
"""Arguments that do not grow, by their names."""
