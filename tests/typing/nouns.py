"""What type checkers see of relationships, contacts, journeys and what customers say; nothing here is run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import assert_type

from crmcore import (
    AbandonReason,
    AcquisitionSource,
    Actor,
    AdviceMotive,
    AssessmentSource,
    Audit,
    Authority,
    CaseState,
    Channel,
    Checklist,
    ChecklistAnswer,
    ChecklistItem,
    Compliance,
    ContactPerson,
    Customer,
    CustomerKind,
    Departures,
    Dissolution,
    DissolutionCause,
    Employee,
    Feedback,
    FeedbackKind,
    Finding,
    FixEffect,
    Id,
    IdeaVotes,
    Incentive,
    Initiative,
    Initiator,
    Insight,
    InsightSource,
    Interaction,
    InteractionKind,
    Invitation,
    InvitationOutcome,
    Journey,
    JourneyMap,
    Journeys,
    JourneyStep,
    LeakShare,
    LeapRule,
    LifecycleStage,
    Loops,
    LoyaltyLevel,
    MeasureKind,
    MicroMoment,
    MicroMomentKind,
    Money,
    Necessity,
    Occasion,
    OpeningHours,
    Ownership,
    Pareto,
    Period,
    Persona,
    Purchase,
    PurchasePhase,
    Purpose,
    Question,
    Reading,
    Relationship,
    RelationshipType,
    RepeatReports,
    ReplyPart,
    Request,
    ResolutionReading,
    Response,
    Reviews,
    Routing,
    Scale,
    Segment,
    Sipoc,
    StageOrder,
    StageTime,
    SubjectKind,
    Subscription,
    Survey,
    TallyBy,
    Task,
    TaskKind,
    TimeByParty,
    TimeUnit,
    Tone,
    Topic,
    Touchpoint,
    TouchpointKind,
    Transitions,
    Valence,
    Verdict,
    Vote,
    VoteChoice,
    WaitStart,
    handling,
    lifecycles,
)
from crmcore.retention.lifecycles import StageDuration
from crmcore.voice.handling import (
    PROSERPIO_ZERVAS_2017,
    CaseClock,
    ClockState,
    Due,
    LeakChange,
    NewCauses,
    ParetoBar,
    RankedIdea,
    ReviewEffect,
    Wait,
    WaitSummary,
)


def people(found: Iterator[Occasion], price: Money) -> None:
    """Customers, contact people, employees, segments and personas take several of anything from any iterable."""
    jubilee = Occasion(name="jubilee", month=5, day=1)
    assert_type(jubilee.leap_rule, LeapRule)
    assert_type(jubilee.on(2026), date | None)
    assert_type(jubilee.next(date(2026, 1, 1)), date)
    karlis = ContactPerson(name="Karlis", email=None)
    firm = Customer(id=7, kind=CustomerKind.ORGANIZATION, occasions=found, contacts={karlis})
    assert_type(firm.occasions, tuple[Occasion, ...])
    assert_type(firm.contacts, tuple[ContactPerson, ...])
    assert_type(
        Segment(name="tea", leaves_out=["a"], share_of_base=0.2, share_of_value="0.6").share_of_base, Decimal | None
    )
    assert_type(Persona(name="Vera", values=("calm",), aims=iter(["rest"])).values, frozenset[str])
    pavel = Employee(id="pavel", authority=Authority(limit=price))
    assert_type(pavel.may_grant(price), bool)
    assert_type(pavel.reports_to_id, Id | None)


def labels(firm: Customer, asked: Interaction, said: Feedback, survey: Survey, aisle: Touchpoint) -> None:
    """What only labels a record is a member of its own enum, any other text, or unknown."""
    assert_type(firm.source, AcquisitionSource | str | None)
    assert_type(asked.initiative, Initiative | None)
    assert_type(asked.kind, InteractionKind | str | None)
    assert_type(asked.topic, Topic | str | None)
    assert_type(asked.tone, Tone | str | None)
    assert_type(said.channel, Channel | str | None)
    assert_type(said.request, Request | str | None)
    assert_type(survey.incentive, Incentive | None)
    assert_type(aisle.kind, TouchpointKind | str | None)


def people_refuse(jubilee: Occasion, karlis: ContactPerson, day: datetime, pavel: Employee) -> None:
    """By keyword, by member, several where several are due, and money in a currency."""
    Occasion("jubilee", 5, 1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword
    Occasion(name="x", month=2, day=29, leap_rule="march_1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due
    jubilee.on("2026")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a number is due
    Customer(id=7, occasions=jubilee)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - several are due
    Customer(id=7, contacts=karlis)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - several are due
    Customer(id=7, source=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a text is due
    ContactPerson()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - whom to ask for?
    Persona(name="Vera", values=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - several are due
    Authority(limit=50)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of which currency?
    pavel.may_grant(50)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - the same
    pavel.may_grant(amount=Money(1, "EUR"))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by position
    pavel.role = "boss"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue] - frozen


def contacts(day: datetime, places: Iterable[Touchpoint], met: Iterator[Interaction]) -> None:
    """A journey is an iterable of interactions, and made of any."""
    aisle = Touchpoint(id="aisle", channel=Channel.CHAT, phase=PurchasePhase.BEFORE)
    assert_type(aisle.ownership, Ownership)
    assert_type(aisle.channel, Channel | str | None)
    assert_type(Channel.CHAT.is_personal, bool)
    assert_type(aisle.is_personal, bool | None)
    assert_type(Touchpoint(id="lift", channel="lift advertising", name=None).name, str)
    if isinstance(aisle.channel, Channel):
        assert_type(aisle.channel.is_public, bool)
    assert_type(aisle.ownership.is_controlled, bool)
    asked = Interaction(touchpoint_id="aisle", at=day, purpose=Purpose.ADVISE, value_to_customer="1.5")
    assert_type(asked.value_to_customer, Decimal | None)
    assert_type(asked.advice_motive, AdviceMotive | str | None)
    journey = Journey(customer_id=7, interactions=met)
    assert_type(journey.interactions, tuple[Interaction, ...])
    assert_type(iter(journey), Iterator[Interaction])
    assert_type([step.at for step in journey], list[datetime])
    assert_type(len(journey), int)
    assert_type(journey.first, Interaction | None)
    assert_type(journey.length, timedelta)
    assert_type(journey.touchpoint_ids, tuple[Id, ...])
    assert_type(journey.phases(places), tuple[PurchasePhase | None, ...])
    assert_type(journey.then(asked), Journey)
    assert_type(MicroMoment(kind=MicroMomentKind.GO, at=day).met, bool | None)


def contacts_refuse(day: datetime, asked: Interaction, journey: Journey) -> None:
    """A text is no member, one interaction is not several, and a journey belongs to somebody or to None."""
    Touchpoint("aisle")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword
    Touchpoint(id="aisle", phase="before")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due
    Interaction(touchpoint_id="aisle")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - when?
    Interaction(touchpoint_id=None, at=day)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - where?
    Interaction(touchpoint_id="aisle", at=day, value_to_company=1.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - exact
    Journey(interactions=[asked])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - whose?
    Journey(customer_id=7, interactions=asked)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - several are due
    journey.phases(["aisle"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - touchpoints, not their ids
    _ = journey.first.at  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess] - None
    journey[0]  # type: ignore[index]  # pyright: ignore[reportIndexIssue] - ask its interactions
    MicroMoment(kind="go", at=day)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due


def logs(
    day: datetime,
    rows: Iterator[tuple[str, str, datetime]],
    mixed: list[tuple[int | None, str, datetime] | Interaction | Journey],
    met: list[Interaction],
) -> None:
    """A log is packed from rows of any ids, from interactions, from journeys, from all of them, and from itself."""
    log = Journeys.of(rows, distinct=True)
    assert_type(log, Journeys)
    assert_type(Journeys.of(mixed), Journeys)
    assert_type(Journeys.of(met), Journeys)
    assert_type(Journeys.of([Journey(customer_id=7)]), Journeys)
    assert_type(Journeys.of(log).sessions(timedelta(minutes=30)), Journeys)
    assert_type(log.customer_ids, tuple[Id | None, ...])
    assert_type(log.paths, tuple[str, ...])
    assert_type(log.times, tuple[tuple[int, ...], ...])
    assert_type(next(log.rows()), tuple[Id | None, Id, datetime])
    assert_type(log.apart(lambda customer_id: customer_id is None), dict[bool, Journeys])
    given_up = Interaction(touchpoint_id="line", at=day, abandoned=AbandonReason.QUEUE)
    assert_type(given_up.abandoned, AbandonReason | None)


def maps(steps: Iterator[JourneyStep], pains: set[Insight]) -> None:
    """A map and its steps take several of anything from any iterable."""
    plan = JourneyMap(name="buy a paint", steps=steps, loops=[("pay", "ask")])
    assert_type(plan.steps, tuple[JourneyStep, ...])
    assert_type(plan.goal_step, str | None)
    assert_type(plan.phases, tuple[str, ...])
    assert_type(plan.step("pay"), JourneyStep)
    wait = JourneyStep(name="wait", phase="purchase", pains=pains, touchpoint_ids=iter([7]), messages={("a", "b")})
    assert_type(wait.touchpoint_ids, tuple[Id, ...])
    assert_type(wait.micro_moments, frozenset[MicroMomentKind])
    assert_type(wait.necessity, Necessity | None)
    assert_type(wait.purchase_phase, PurchasePhase | None)
    assert_type(Insight(text="It takes long.").source, InsightSource | str | None)
    assert_type(Sipoc(process="sell", inputs=[("works", "pigments")]).suppliers, tuple[str, ...])


def maps_refuse(day: datetime, log: Journeys, pay: JourneyStep) -> None:
    """A row has three parts, one step is not several, and a feeling is a whole number."""
    Journeys.of([("anna", "till")])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - when?
    Journeys.of([("anna", None, day)])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - where?
    Journeys.of([("anna", "till", "2026-03-02")])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - a text
    log.sessions(30)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of what?
    log.paths = ()  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue] - frozen
    JourneyMap(name="buy a paint")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - a map of none
    JourneyMap(name="buy a paint", steps=pay)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - several are due
    JourneyStep(name="wait", phase="purchase", emotion=0.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a whole number
    JourneyStep(name="wait", phase="purchase", necessity="unnecessary")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due


def subscriptions(day: datetime, price: Money, pauses: Iterable[Period]) -> None:
    """A subscription has a price per unit of time."""
    plan = Subscription(customer_id=7, price=price, every=TimeUnit.MONTH, started=day, pauses=pauses)
    assert_type(plan.pauses, tuple[Period, ...])
    assert_type(plan.is_active(day), bool)
    assert_type(plan.cancelled(day), Subscription)
    Subscription(customer_id=7, price=20, every=TimeUnit.MONTH, started=day)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - of which currency?
    Subscription(customer_id=7, price=price, every="month", started=day)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due
    Subscription(customer_id=7, price=price, every=TimeUnit.MONTH)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - since when?


def relationships(day: datetime, stages: Iterable[tuple[LifecycleStage, datetime]]) -> None:
    """Each step gives a relationship again."""
    anna = Relationship(customer_id=7, types={RelationshipType.LONG_TERM}, history=stages)
    assert_type(anna.types, frozenset[RelationshipType | str])
    assert_type(anna.history, tuple[tuple[LifecycleStage, datetime], ...])
    assert_type(anna.enter(LifecycleStage.EXPLORATION, at=day), Relationship)
    end = Dissolution(at=day, cause=DissolutionCause.MUTUAL, initiator=Initiator.MUTUAL)
    assert_type(anna.dissolve(end).reopen(at=day), Relationship)
    assert_type(anna.stage, LifecycleStage | None)
    assert_type(anna.dissolution, Dissolution | None)
    assert_type(anna.allowed(), frozenset[LifecycleStage])
    assert_type(anna.order.stages, tuple[LifecycleStage, ...])
    assert_type(anna.episodes, tuple[tuple[tuple[LifecycleStage, datetime], ...], ...])


def relationships_refuse(anna: Relationship, day: datetime, end: Dissolution) -> None:
    """A stage is a member and comes with its instant, an end with its cause."""
    anna.enter(LifecycleStage.AWARENESS, day)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword
    anna.enter(LifecycleStage.AWARENESS)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - when?
    anna.enter("awareness", at=day)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due
    anna.dissolve(day)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - why?
    Dissolution(at=day, cause=DissolutionCause.FRAUD)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - who began it?
    Relationship(customer_id=7, dissolutions=end)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - several are due
    Relationship(customer_id=7, history=[LifecycleStage.AWARENESS])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - when?
    _ = anna.dissolution.cause  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess] - None


def lifecycle(found: list[Relationship], ends: Iterable[Dissolution], day: datetime) -> None:
    """Stays, moves and ends are counted, and apart by a key the key's type is kept."""
    stays = lifecycles.durations(found, as_of=day)
    assert_type(stays, tuple[StageDuration, ...])
    assert_type(stays[0].days, Decimal)
    assert_type(StageTime.of(stays).days_per_end, Decimal | None)
    assert_type(StageTime.by(stays, lambda stay: stay.stage), TallyBy[LifecycleStage, StageTime])
    moves = Transitions.of(iter(found), order=StageOrder.AWARENESS_FIRST)
    assert_type(moves.share(LifecycleStage.AWARENESS, LifecycleStage.EXPLORATION), Decimal | None)
    assert_type(Transitions.by(found, lambda one: one.manager_id), TallyBy[Id | None, Transitions])
    counted = Departures.of(ends)
    assert_type(counted.by_cause, tuple[tuple[DissolutionCause, int], ...])
    assert_type(counted.customer_initiated_share, Decimal | None)
    assert_type(Departures.by(ends, lambda end: end.initiator), TallyBy[Initiator, Departures])
    lifecycles.durations(found, day)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword
    lifecycles.durations(ends)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - ends
    StageTime.of(found)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - relationships
    moves.share("awareness", LifecycleStage.EXPANSION)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due
    moves + counted  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnusedExpression] - two classes


def voices(day: datetime, parts: Iterator[ReplyPart], questions: Iterable[Question]) -> None:
    """Feedback, surveys and readings."""
    said = Feedback(kind=FeedbackKind.COMPLAINT, received_at=day, severity="2.5", valence=Valence.BAD)
    assert_type(said.answered(day, reply=parts), Feedback)
    assert_type(said.reply, frozenset[ReplyPart | str])
    assert_type(said.is_public, bool | None)
    assert_type(said.severity, Decimal)
    survey = Survey(id="q3", questions=questions)
    assert_type(survey.questions, tuple[Question, ...])
    response = Response(survey_id="q3", at=day, answers={"nps": 9}.items())
    assert_type(survey.check(response), Response)
    assert_type(response.answer("nps"), int | str | None)
    assert_type(Invitation(survey_id="q3", at=day).outcome, InvitationOutcome)
    assert_type(Scale.OPEN.low, int | None)
    assert_type(Scale("faces", low=1, high=6), Scale)
    assert_type(Scale.KNOWN, tuple[Scale, ...])
    judged = Reading(subject_kind=SubjectKind.COMPANY, kind=MeasureKind.TRUST, at=day, value=7)
    assert_type(judged.value, Decimal | None)
    assert_type(judged.level, LoyaltyLevel | None)
    assert_type(judged.source, AssessmentSource | str | None)


def cases(day: datetime, said: Iterator[Feedback], desk: OpeningHours) -> None:
    """The clocks of feedback."""
    case = Feedback(kind=FeedbackKind.PROBLEM, received_at=day, history=[(CaseState.OPEN, day, Actor.EMPLOYEE)])
    assert_type(case.history, tuple[tuple[CaseState, datetime, Actor | None], ...])
    assert_type(case.state, CaseState | None)
    assert_type(case.timeline, tuple[tuple[CaseState, datetime, Actor | None], ...])
    assert_type(case.entered(CaseState.CLOSED, day), Feedback)
    assert_type(case.acted_on(day).told(day).told_at, datetime | None)
    wait = handling.first_response(case, as_of=day, hours=desk, count_bots=True, since=WaitStart.LAST_REOPENING)
    assert_type(wait, Wait)
    assert_type(wait.ended_at, datetime | None)
    assert_type(wait.measure, str | None)
    waits = handling.next_responses(case, as_of=day, since=WaitStart.LAST_UNANSWERED)
    assert_type(waits, tuple[Wait, ...])
    assert_type(handling.resolution(case, ResolutionReading.NET, as_of=day).hours, Decimal)
    assert_type(handling.reopenings(case, as_of=day), int)
    assert_type(handling.clock(case, as_of=day, paused_in={CaseState.ON_HOLD}), CaseClock)
    assert_type(handling.clock(case, as_of=day).state, ClockState)
    assert_type(handling.due(case, timedelta(hours=4), as_of=day), Due)
    assert_type(handling.due(case, timedelta(hours=4), as_of=day).at, datetime | None)
    assert_type(handling.summary(waits), WaitSummary)
    assert_type(handling.summary(waits).median_hours, Decimal | None)
    assert_type(Compliance.of(iter(waits), target=timedelta(hours=4)).rate, Decimal | None)
    assert_type(
        Compliance.by(waits, lambda one: one.feedback_id, target=timedelta(hours=4)), TallyBy[Id | None, Compliance]
    )
    assert_type(TimeByParty.of(said, as_of=day, hours=desk).hours, Decimal)
    assert_type(TimeByParty.by(said, lambda one: one.category, as_of=day), TallyBy[str, TimeByParty])
    handling.clock(case)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - as of when?
    handling.resolution(case, as_of=day)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by which reading?
    Compliance.of(waits)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - of which target?
    case.entered("closed", day)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due


def handled(day: datetime, said: Iterator[Feedback], bought: Iterator[Purchase], month: Period) -> None:
    """Causes, loops, ideas, reviews and routes."""
    causes = Pareto.of(said, cut=0.8)
    assert_type(causes, Pareto)
    assert_type(Pareto(counts={"price": 3}, cut="0.5").bars, tuple[ParetoBar, ...])
    assert_type(causes.bars[0].share, Decimal | None)
    assert_type(causes.vital_few, tuple[str, ...])
    assert_type(Pareto.by(said, lambda one: one.category), TallyBy[str, Pareto])
    effect = FixEffect.of(said, fixed_at=day, period=month)
    assert_type(effect.p_one_sided, float | None)
    assert_type(FixEffect.by(said, lambda one: one.cause, fixed_at=day, period=month), TallyBy[str, FixEffect])
    assert_type(RepeatReports.of(said).rate, Decimal | None)
    assert_type(Loops.of(said, as_of=day, target=timedelta(days=2)).told_rate, Decimal | None)
    vote = Vote(idea_id=7, at=day, choice=VoteChoice.FOR)
    ideas = IdeaVotes.by_idea([vote], merged={8: 7}, as_of=day)
    assert_type(ideas, TallyBy[Id, IdeaVotes])
    assert_type(IdeaVotes.of(iter([vote])).rate, Decimal | None)
    ranked = handling.rank_ideas(ideas, confidence=0.9)
    assert_type(ranked, tuple[RankedIdea, ...])
    assert_type(ranked[0].lower_bound, float | None)
    assert_type(handling.new_causes(said, [month], known={"login"}), tuple[NewCauses, ...])
    assert_type(Reviews.of(said, as_of=day, scale=Scale.RATING_1_5).mean_rating, Decimal | None)
    assert_type(PROSERPIO_ZERVAS_2017, ReviewEffect)
    change = LeakShare.of(said).compared_to(LeakShare(public=1))
    assert_type(change, LeakChange)
    assert_type(change.difference, Decimal | None)
    assert_type(Routing.by_category(said, {"price": ["anna", 7]}), TallyBy[str, Routing])
    assert_type(handling.unanswered_questions(said, bought, as_of=day), tuple[Wait, ...])
    assert_type(handling.lint_reply(Feedback(kind=FeedbackKind.IDEA, received_at=day)), tuple[Finding, ...])
    Loops.of(said, as_of=day)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - of which target?
    FixEffect.of(said, fixed_at=day)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - watched when?
    Vote(idea_id=7, at=day, choice="for")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due


def voices_refuse(day: datetime, said: Feedback, nps: Question) -> None:
    """By keyword, by member, exact, and several where several are due."""
    Feedback(FeedbackKind.PRAISE, day)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword
    Feedback(kind="praise", received_at=day)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due
    Feedback(kind=FeedbackKind.PRAISE, received_at=day, rating=4.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - exact
    said.answered(day, [ReplyPart.THANKS])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword
    Survey(id="q3", questions=nps)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - several are due
    Survey(id="q3")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - what is asked?
    Response(survey_id="q3", at=day, answers={"nps": 9})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType] - of a dict its items()
    Response(survey_id="q3", at=day, answers=[("nps", 9.5)])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType] - counted
    Reading(subject_kind=SubjectKind.COMPANY, kind=MeasureKind.TRUST, at=day, value=7.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - exact
    Scale("faces", 1, 6)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword
    Question(id=1, text="?", scale="open")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a scale is due
    Reading(subject_kind=SubjectKind.COMPANY, kind="trust", at=day)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due


def work(day: datetime, items: Iterable[ChecklistItem], answers: Iterable[ChecklistAnswer]) -> None:
    """Tasks and checklists."""
    call = Task(kind=TaskKind.CALL, due=day)
    assert_type(call.done(day, by_id="zoe"), Task)
    assert_type(call.is_on_time, bool | None)
    assert_type(call.is_overdue(day), bool)
    manners = Checklist(id="manners", items=items)
    assert_type(manners.items, tuple[ChecklistItem, ...])
    assert_type(manners.gaps(answers), tuple[ChecklistAnswer, ...])
    assert_type(Audit.of(manners, answers).share_met, Decimal | None)
    assert_type(Audit.by(manners, answers, lambda one: one.subject_id), TallyBy[Id | None, Audit])
    assert_type(Audit.by_group(manners, answers), TallyBy[str, Audit])
    assert_type(ChecklistAnswer(item_id="name").verdict, Verdict | None)
    Task(TaskKind.CALL, day)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword
    Task(kind=None, due=day)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - what is to be done?
    call.done(day, "zoe")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - by keyword
    call.is_overdue("2026-03-01")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - an instant is due
    Checklist(id="manners")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue] - of what?
    ChecklistAnswer(item_id="name", verdict="met")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a member is due
    Audit.of(answers)  # type: ignore[call-arg, arg-type]  # pyright: ignore[reportCallIssue] - on which checklist?
