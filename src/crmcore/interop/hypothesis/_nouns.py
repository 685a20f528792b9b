"""Strategies for the nouns; each takes the noun's fields as keyword arguments."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import (
    AbandonReason,
    AcquisitionSource,
    AdviceMotive,
    AssessmentSource,
    Audit,
    Authority,
    Channel,
    Checklist,
    ChecklistAnswer,
    ChecklistItem,
    ContactArea,
    ContactPerson,
    Cost,
    CostKind,
    Customer,
    CustomerKind,
    Dissolution,
    DissolutionCause,
    Employee,
    Feedback,
    FeedbackChannel,
    FeedbackKind,
    Id,
    Incentive,
    Initiative,
    Initiator,
    Interaction,
    InteractionKind,
    Invitation,
    InvitationOutcome,
    Journey,
    LeapRule,
    LifecycleStage,
    LoyaltyLevel,
    MeasureKind,
    MicroMoment,
    MicroMomentKind,
    MomentOfTruth,
    MomentTiming,
    Occasion,
    Ownership,
    Period,
    Persona,
    Purchase,
    PurchasePhase,
    Purpose,
    Question,
    Reading,
    Relationship,
    RelationshipType,
    ReplyPart,
    Response,
    Scale,
    Segment,
    StageOrder,
    SubjectKind,
    Subscription,
    Survey,
    Task,
    TaskKind,
    TimeUnit,
    Tone,
    Topic,
    Touchpoint,
    TouchpointKind,
    Valence,
    Verdict,
    Wish,
)
from crmcore.interop.hypothesis._values import (
    Fields,
    cached,
    decimals,
    durations,
    fields_from,
    ids,
    instants,
    later,
    maybe,
    maybe_ids,
    maybe_of,
    monies,
    shares,
    texts,
    waits,
)


@st.composite
def occasions(draw: st.DrawFn, /, **fields: object) -> Occasion:
    """Days of the year, 29 February among them."""
    day = draw(st.dates(date(2000, 1, 1), date(2000, 12, 31)))  # of a leap year
    return Occasion(**fields_from(draw, fields, {**_occasions(), "month": day.month, "day": day.day}))


@cached
def _occasions() -> Fields:
    return {"name": st.text(min_size=1, max_size=8), "leap_rule": st.sampled_from(LeapRule)}


@st.composite
def segments(draw: st.DrawFn, /, **fields: object) -> Segment:
    """Segments."""
    return Segment(**fields_from(draw, fields, _segments()))


@cached
def _segments() -> Fields:
    return {
        "name": st.text(min_size=1, max_size=8),
        "leaves_out": texts(),
        "share_of_base": maybe(shares()),
        "share_of_value": maybe(shares()),
        "description": st.text(max_size=8),
    }


@st.composite
def personas(draw: st.DrawFn, /, **fields: object) -> Persona:
    """Portraits."""
    return Persona(**fields_from(draw, fields, _personas()))


@cached
def _personas() -> Fields:
    return {
        "name": st.text(min_size=1, max_size=8),
        "segment": maybe(st.text(max_size=8)),
        "origin": st.text(max_size=8),
        "values": texts(),
        "interests": texts(),
        "motives": texts(),
        "aims": texts(),
    }


@st.composite
def contact_people(draw: st.DrawFn, /, **fields: object) -> ContactPerson:
    """People to talk to at an organisation."""
    return ContactPerson(**fields_from(draw, fields, _contact_people()))


@cached
def _contact_people() -> Fields:
    return {
        "name": st.text(min_size=1, max_size=8),
        "id": maybe_ids(),
        "role": st.text(max_size=8),
        "email": maybe(st.text(max_size=8)),
        "phone": maybe(st.text(max_size=8)),
    }


@st.composite
def customers(draw: st.DrawFn, /, **fields: object) -> Customer:
    """Customers of either kind; only organisations have contact people."""
    drawn = fields_from(draw, fields, _customers())
    if drawn["kind"] is CustomerKind.ORGANIZATION and "contacts" not in fields:
        drawn["contacts"] = draw(_contacts())
    return Customer(**drawn)


@cached
def _contacts() -> SearchStrategy[list[ContactPerson]]:
    return st.lists(contact_people(), max_size=2)


@cached
def _customers() -> Fields:
    return {
        "id": ids(),
        "kind": st.sampled_from(CustomerKind),
        "name": maybe(st.text(max_size=8)),
        "segments": texts(),
        "since": maybe(instants()),
        "manager_id": maybe_ids(),
        "occasions": st.lists(occasions(), max_size=2),
        "source": maybe_of(AcquisitionSource),
    }


@st.composite
def authorities(draw: st.DrawFn, /, **fields: object) -> Authority:
    """What may be granted, in euro unless the limit is given."""
    return Authority(**fields_from(draw, fields, {"limit": monies(low=0), "approver_id": maybe_ids()}))


@st.composite
def employees(draw: st.DrawFn, /, **fields: object) -> Employee:
    """Employees, none of whom reports to himself."""
    return Employee(**fields_from(draw, fields, _employees()))


@cached
def _employees() -> Fields:
    return {
        "id": st.integers(0, 5),
        "name": maybe(st.text(max_size=8)),
        "role": st.text(max_size=8),
        "reports_to_id": maybe(st.integers(6, 9)),
        "authority": maybe(authorities()),
    }


@st.composite
def touchpoints(draw: st.DrawFn, /, **fields: object) -> Touchpoint:
    """Touchpoints of every kind."""
    return Touchpoint(**fields_from(draw, fields, _touchpoints()))


@cached
def _touchpoints() -> Fields:
    return {
        "id": ids(),
        "name": st.text(max_size=8),
        "kind": maybe_of(TouchpointKind),
        "channel": maybe_of(Channel),
        "phase": maybe_of(PurchasePhase),
        "ownership": st.sampled_from(Ownership),
        "contact_area": maybe_of(ContactArea),
    }


@st.composite
def interactions(draw: st.DrawFn, /, **fields: object) -> Interaction:
    """Interactions; a motive of advice only where advice was given."""
    drawn = fields_from(draw, fields, _interactions())
    if drawn["purpose"] is Purpose.ADVISE and "advice_motive" not in fields:
        drawn["advice_motive"] = draw(maybe_of(AdviceMotive))
    return Interaction(**drawn)


@cached
def _interactions() -> Fields:
    return {
        "touchpoint_id": ids(),
        "at": instants(),
        "customer_id": maybe_ids(),
        "id": maybe_ids(),
        "initiative": maybe_of(Initiative),
        "purpose": maybe_of(Purpose),
        "employee_id": maybe_ids(),
        "note": st.text(max_size=8),
        "kind": maybe_of(InteractionKind),
        "topic": maybe_of(Topic),
        "tone": maybe_of(Tone),
        "value_to_customer": maybe(decimals(-100, 100)),
        "value_to_company": maybe(decimals(-100, 100)),
        "abandoned": maybe_of(AbandonReason),
    }


@st.composite
def journeys(draw: st.DrawFn, /, **fields: object) -> Journey:
    """Journeys of one customer, known or not."""
    customer_id = fields_from(draw, fields, _any_customer())["customer_id"]
    usual = {**_journeys(), "interactions": _several_interactions(customer_id)}
    return Journey(**{**fields_from(draw, fields, usual), "customer_id": customer_id})


@cached
def _any_customer() -> Fields:
    return {"customer_id": maybe_ids()}


@cached
def _journeys() -> Fields:
    return {"goal": st.text(max_size=8), "reached": maybe_of((False, True)), "id": maybe_ids()}


@cached
def _several_interactions(customer_id: Id | None) -> SearchStrategy[list[Interaction]]:
    return st.lists(interactions(customer_id=st.sampled_from((customer_id, None))), max_size=5)


@st.composite
def moments(draw: st.DrawFn, /, **fields: object) -> MomentOfTruth:
    """Moments of truth; only bad ones are resolved, and not before they happened."""
    drawn = fields_from(draw, fields, _moments())
    if drawn["valence"] is Valence.BAD and "resolved_at" not in fields and draw(st.booleans()):
        drawn["resolved_at"] = later(drawn["at"], draw(durations()))
    return MomentOfTruth(**drawn)


@cached
def _moments() -> Fields:
    return {
        "valence": st.sampled_from(Valence),
        "at": instants(),
        "customer_id": maybe_ids(),
        "touchpoint_id": maybe_ids(),
        "employee_id": maybe_ids(),
        "interaction_id": maybe_ids(),
        "severity": st.just(Decimal(1)) | decimals(1, 1000, places=6),
        "timing": maybe_of(MomentTiming),
        "id": maybe_ids(),
    }


@st.composite
def micro_moments(draw: st.DrawFn, /, **fields: object) -> MicroMoment:
    """Micro-moments of every kind."""
    return MicroMoment(**fields_from(draw, fields, _micro_moments()))


@cached
def _micro_moments() -> Fields:
    return {
        "kind": st.sampled_from(MicroMomentKind),
        "at": instants(),
        "customer_id": maybe_ids(),
        "touchpoint_id": maybe_ids(),
        "interaction_id": maybe_ids(),
        "need": st.text(max_size=8),
        "met": maybe_of((False, True)),
        "id": maybe_ids(),
    }


@st.composite
def purchases(draw: st.DrawFn, /, **fields: object) -> Purchase:
    """Purchases and refunds; a cost is in the amount's currency."""
    drawn = fields_from(draw, fields, _purchases())
    if "cost" not in fields:
        drawn["cost"] = draw(maybe(monies(drawn["amount"].currency)))
    return Purchase(**drawn)


@cached
def _purchases() -> Fields:
    return {
        "customer_id": ids(),
        "at": instants(),
        "amount": monies(),
        "id": maybe_ids(),
        "reason": maybe(st.text(max_size=8)),
    }


@st.composite
def costs(draw: st.DrawFn, /, **fields: object) -> Cost:
    """Costs of every kind."""
    return Cost(**fields_from(draw, fields, _costs()))


@cached
def _costs() -> Fields:
    return {
        "amount": monies(),
        "at": instants(),
        "customer_id": maybe_ids(),
        "kind": maybe_of(CostKind),
        "id": maybe_ids(),
        "note": st.text(max_size=8),
    }


@st.composite
def subscriptions(draw: st.DrawFn, /, **fields: object) -> Subscription:
    """Subscriptions, running or ended, with up to three pauses within them."""
    drawn = fields_from(draw, fields, _subscriptions())
    lengths = draw(_lengths())
    cuts = [drawn["started"]]
    for length in lengths:
        cuts.append(later(cuts[-1], length))
    if "pauses" not in fields and "ended" not in fields:
        drawn["pauses"] = [Period(cuts[i], cuts[i + 1]) for i in range(1, len(cuts) - 1, 2)]
    if "ended" not in fields and draw(st.booleans()):
        drawn["ended"] = later(cuts[-1], draw(durations()))
    return Subscription(**drawn)


@cached
def _lengths() -> SearchStrategy[list[timedelta]]:
    return st.lists(durations(longest=timedelta(days=400)), max_size=7)


@cached
def _subscriptions() -> Fields:
    return {
        "customer_id": ids(),
        "price": monies(low=0),
        "every": st.sampled_from(TimeUnit),
        "started": instants(),
        "id": maybe_ids(),
    }


@st.composite
def dissolutions(draw: st.DrawFn, /, **fields: object) -> Dissolution:
    """Ends of relationships; fraud comes with its evidence."""
    drawn = fields_from(draw, fields, _dissolutions())
    if "evidence" not in fields:
        drawn["evidence"] = draw(st.text("ab", min_size=drawn["cause"] is DissolutionCause.FRAUD, max_size=3))
    return Dissolution(**drawn)


@cached
def _dissolutions() -> Fields:
    return {
        "at": instants(),
        "cause": st.sampled_from(DissolutionCause),
        "initiator": st.sampled_from(Initiator),
        "abrupt": st.booleans(),
        "note": st.text("ab", max_size=3),
    }


@st.composite
def relationships(draw: st.DrawFn, /, **fields: object) -> Relationship:
    """Relationships that went any legal way, won back ones among them."""
    relationship = Relationship(**fields_from(draw, fields, _relationships()))
    if "history" in fields:
        return relationship
    at = draw(instants())
    for _ in range(draw(st.integers(0, 6))):
        stage = draw(_one_of(relationship.allowed()))
        if stage is LifecycleStage.DISSOLUTION:
            relationship = relationship.dissolve(draw(dissolutions(at=at)))
        elif relationship.stage is LifecycleStage.DISSOLUTION:
            relationship = relationship.reopen(at=at)
        else:
            relationship = relationship.enter(stage, at=at)
        at = later(at, draw(waits()))
    return relationship


@cached
def _one_of(stages: frozenset[LifecycleStage]) -> SearchStrategy[LifecycleStage]:
    return st.sampled_from(sorted(stages))


@cached
def _relationships() -> Fields:
    return {
        "customer_id": ids(),
        "types": st.frozensets(st.sampled_from(RelationshipType)),
        "order": st.sampled_from(StageOrder),
        "manager_id": maybe_ids(),
        "id": maybe_ids(),
    }


@st.composite
def questions(draw: st.DrawFn, /, **fields: object) -> Question:
    """Questions on every scale."""
    return Question(**fields_from(draw, fields, _questions()))


@cached
def _questions() -> Fields:
    return {
        "id": ids(),
        "text": st.text(max_size=8),
        "scale": st.sampled_from(Scale),
        "about_id": maybe_ids(),
        "concept": st.text(max_size=3),
        "identifies": st.booleans(),
        "leading": maybe_of((False, True)),
        "one_sided": maybe_of((False, True)),
    }


@st.composite
def surveys(draw: st.DrawFn, /, **fields: object) -> Survey:
    """Surveys of up to four questions."""
    return Survey(**fields_from(draw, fields, _surveys()))


@cached
def _surveys() -> Fields:
    return {
        "id": ids(),
        "questions": st.lists(questions(), max_size=4, unique_by=lambda question: question.id),
        "anonymous": st.booleans(),
        "name": st.text(max_size=8),
        "incentive": maybe_of(Incentive),
        "owner_id": maybe_ids(),
    }


@st.composite
def invitations(draw: st.DrawFn, /, **fields: object) -> Invitation:
    """Invitations with every outcome."""
    return Invitation(**fields_from(draw, fields, _invitations()))


@cached
def _invitations() -> Fields:
    return {
        "survey_id": ids(),
        "at": instants(),
        "customer_id": maybe_ids(),
        "channel": maybe_of(FeedbackChannel),
        "outcome": st.sampled_from(InvitationOutcome),
        "id": maybe_ids(),
    }


@st.composite
def responses(draw: st.DrawFn, /, **fields: object) -> Response:
    """Answers to some survey: numbers and texts by the id of a question."""
    return Response(**fields_from(draw, fields, _responses()))


@cached
def _responses() -> Fields:
    values: SearchStrategy[int | str] = st.integers(0, 10) | st.text(max_size=3)
    return {
        "survey_id": ids(),
        "at": instants(),
        "answers": st.lists(st.tuples(ids(), values), max_size=5, unique_by=lambda pair: pair[0]),
        "customer_id": maybe_ids(),
        "interaction_id": maybe_ids(),
        "touchpoint_id": maybe_ids(),
        "employee_id": maybe_ids(),
        "segment": maybe(st.text(min_size=1, max_size=3)),
        "channel": maybe_of(FeedbackChannel),
        "id": maybe_ids(),
    }


@st.composite
def feedbacks(draw: st.DrawFn, /, **fields: object) -> Feedback:
    """Feedback of every kind; nothing is answered, resolved, acted on or announced before it may be."""
    drawn = fields_from(draw, fields, _feedbacks())
    for name, before in (
        ("answered_at", "received_at"),
        ("resolved_at", "received_at"),
        ("acted_on_at", "received_at"),
        ("announced_at", "acted_on_at"),
    ):
        since = drawn.get(before) or drawn["received_at"]
        if name not in fields and draw(st.booleans()):
            drawn[name] = later(since, draw(durations()))
    if drawn.get("answered_at") and "reply" not in fields:
        drawn["reply"] = draw(_reply_parts())
    if not {"rating", "scale"} & set(fields) and draw(st.booleans()):
        drawn["scale"] = draw(_scales())
        drawn["rating"] = draw(_on_scale(drawn["scale"]))
    return Feedback(**drawn)


@cached
def _feedbacks() -> Fields:
    return {
        "kind": st.sampled_from(FeedbackKind),
        "received_at": instants(),
        "customer_id": maybe_ids(),
        "channel": maybe_of(FeedbackChannel),
        "public": maybe_of((False, True)),
        "valence": maybe_of(Valence),
        "category": st.text(max_size=3),
        "cause": st.text(max_size=3),
        "severity": st.just(Decimal(1)) | decimals(1, 1000),
        "text": st.text(max_size=8),
        "wish": maybe_of(Wish),
        "votes_for": st.integers(0, 100),
        "votes_against": st.integers(0, 100),
        "touchpoint_id": maybe_ids(),
        "employee_id": maybe_ids(),
        "interaction_id": maybe_ids(),
        "handler_id": maybe_ids(),
        "recovered": maybe_of((False, True)),
        "id": maybe_ids(),
    }


@cached
def _reply_parts() -> SearchStrategy[frozenset[ReplyPart]]:
    return st.frozensets(st.sampled_from(ReplyPart), max_size=3)


@cached
def _scales() -> SearchStrategy[Scale]:
    return st.sampled_from([scale for scale in Scale if scale is not Scale.OPEN])


def _on_scale(scale: Scale) -> SearchStrategy[Decimal]:
    return decimals(scale.low or 0, scale.high or 0)


@st.composite
def tasks(draw: st.DrawFn, /, **fields: object) -> Task:
    """Tasks of every kind: open, done or cancelled."""
    drawn = fields_from(draw, fields, _tasks())
    if not {"done_at", "cancelled_at"} & set(fields):
        match draw(_OPEN_DONE_OR_CANCELLED):
            case "done":
                drawn["done_at"] = draw(instants())
                drawn.setdefault("done_by_id", draw(maybe_ids()))
            case "cancelled":
                drawn["cancelled_at"] = draw(instants())
            case _:
                pass
    return Task(**drawn)


@cached
def _tasks() -> Fields:
    return {
        "kind": st.sampled_from(TaskKind),
        "due": instants(),
        "customer_id": maybe_ids(),
        "employee_id": maybe_ids(),
        "owner_id": maybe_ids(),
        "requested_by_id": maybe_ids(),
        "about_id": maybe_ids(),
        "why": st.text(max_size=8),
        "note": st.text(max_size=8),
        "id": maybe_ids(),
    }


_OPEN_DONE_OR_CANCELLED = st.sampled_from(("open", "done", "cancelled"))


@st.composite
def readings(draw: st.DrawFn, /, **fields: object) -> Reading:
    """Judgements: a level of loyalty, or a number, on a scale or without one."""
    subject_kind = fields_from(draw, fields, _subject_kinds())["subject_kind"]
    usual = {**_readings(), "customer_id": None if subject_kind is SubjectKind.CUSTOMER else maybe_ids()}
    if not {"kind", "level", "value", "scale"} & set(fields):
        if draw(st.booleans()):
            usual |= {"kind": MeasureKind.LOYALTY, "level": _loyalty_levels()}
        else:
            scale = draw(maybe(_scales()))
            numbers = decimals(-100, 100) if scale is None else _on_scale(scale)
            usual |= {"kind": _measures(), "scale": scale, "value": numbers}
    drawn = fields_from(draw, fields, usual)
    drawn["subject_kind"] = subject_kind
    return Reading(**drawn)


@cached
def _subject_kinds() -> Fields:
    return {"subject_kind": st.sampled_from(SubjectKind)}


@cached
def _readings() -> Fields:
    return {
        "subject_id": maybe_ids(),
        "at": instants(),
        "aspect": st.text(max_size=3),
        "source": maybe_of(AssessmentSource),
        "interaction_id": maybe_ids(),
        "note": st.text(max_size=8),
        "id": maybe_ids(),
    }


@cached
def _loyalty_levels() -> SearchStrategy[LoyaltyLevel]:
    return st.sampled_from(LoyaltyLevel)


@cached
def _measures() -> SearchStrategy[MeasureKind]:
    return st.sampled_from(MeasureKind)


@st.composite
def checklist_items(draw: st.DrawFn, /, **fields: object) -> ChecklistItem:
    """Items, in a few groups."""
    return ChecklistItem(**fields_from(draw, fields, _checklist_items()))


@cached
def _checklist_items() -> Fields:
    return {"id": ids(), "text": st.text(max_size=8), "group": st.sampled_from(("", "staff", "premises"))}


@st.composite
def checklists(draw: st.DrawFn, /, **fields: object) -> Checklist:
    """Checklists of up to six items."""
    return Checklist(**fields_from(draw, fields, _checklists()))


@cached
def _checklists() -> Fields:
    return {
        "id": ids(),
        "items": st.lists(checklist_items(), max_size=6, unique_by=lambda item: item.id),
        "name": st.text(max_size=8),
    }


@st.composite
def checklist_answers(draw: st.DrawFn, /, **fields: object) -> ChecklistAnswer:
    """Answers to some checklist, not answered yet among them."""
    return ChecklistAnswer(**fields_from(draw, fields, _checklist_answers()))


@cached
def _checklist_answers() -> Fields:
    return {
        "item_id": ids(),
        "verdict": maybe_of(Verdict),
        "evidence": st.text(max_size=8),
        "subject_id": maybe_ids(),
        "at": maybe(instants()),
        "answered_by_id": maybe_ids(),
    }


@st.composite
def audits(draw: st.DrawFn, /, **fields: object) -> Audit:
    """Counts of answers."""
    counts = st.integers(0, 10**6)
    usual = {"met": counts, "unmet": counts, "not_applicable": counts, "unanswered": counts}
    return Audit(**fields_from(draw, fields, usual))
