"""Strategies for the nouns; each takes the noun's fields as keyword arguments."""

from __future__ import annotations

from datetime import datetime, timedelta
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
    Request,
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
)
from crmcore.interop.hypothesis._values import (
    decimals,
    durations,
    fields_from,
    ids,
    instants,
    later,
    maybe,
    monies,
    shares,
    texts,
)


@st.composite
def occasions(draw: st.DrawFn, /, **fields: object) -> Occasion:
    """Days of the year, 29 February among them."""
    day = draw(st.dates(datetime(2000, 1, 1).date(), datetime(2000, 12, 31).date()))  # noqa: DTZ001 - days of a leap year
    usual = {
        "name": st.text(min_size=1, max_size=8),
        "month": st.just(day.month),
        "day": st.just(day.day),
        "leap_rule": st.sampled_from(LeapRule),
    }
    return Occasion(**fields_from(draw, fields, usual))


@st.composite
def segments(draw: st.DrawFn, /, **fields: object) -> Segment:
    """Segments."""
    usual = {
        "name": st.text(min_size=1, max_size=8),
        "leaves_out": texts(),
        "share_of_base": maybe(shares()),
        "share_of_value": maybe(shares()),
        "description": st.text(max_size=8),
    }
    return Segment(**fields_from(draw, fields, usual))


@st.composite
def personas(draw: st.DrawFn, /, **fields: object) -> Persona:
    """Portraits."""
    usual = {
        "name": st.text(min_size=1, max_size=8),
        "segment": maybe(st.text(max_size=8)),
        "origin": st.text(max_size=8),
        "values": texts(),
        "interests": texts(),
        "motives": texts(),
        "aims": texts(),
    }
    return Persona(**fields_from(draw, fields, usual))


@st.composite
def contact_people(draw: st.DrawFn, /, **fields: object) -> ContactPerson:
    """People to talk to at an organisation."""
    usual = {
        "name": st.text(min_size=1, max_size=8),
        "id": maybe(ids()),
        "role": st.text(max_size=8),
        "email": maybe(st.text(max_size=8)),
        "phone": maybe(st.text(max_size=8)),
    }
    return ContactPerson(**fields_from(draw, fields, usual))


@st.composite
def customers(draw: st.DrawFn, /, **fields: object) -> Customer:
    """Customers of either kind; only organisations have contact people."""
    kind = draw(st.sampled_from(CustomerKind))
    usual = {
        "id": ids(),
        "kind": st.just(kind),
        "name": maybe(st.text(max_size=8)),
        "segments": texts(),
        "since": maybe(instants()),
        "manager_id": maybe(ids()),
        "occasions": st.lists(occasions(), max_size=2),
        "source": maybe(st.sampled_from(AcquisitionSource)),
    }
    drawn = fields_from(draw, fields, usual)
    if drawn["kind"] is CustomerKind.ORGANIZATION and "contacts" not in fields:
        drawn["contacts"] = draw(st.lists(contact_people(), max_size=2))
    return Customer(**drawn)


@st.composite
def authorities(draw: st.DrawFn, /, **fields: object) -> Authority:
    """What may be granted, in euro unless the limit is given."""
    return Authority(**fields_from(draw, fields, {"limit": monies(low=0), "approver_id": maybe(ids())}))


@st.composite
def employees(draw: st.DrawFn, /, **fields: object) -> Employee:
    """Employees, none of whom reports to himself."""
    usual = {
        "id": st.integers(0, 5),
        "name": maybe(st.text(max_size=8)),
        "role": st.text(max_size=8),
        "reports_to_id": maybe(st.integers(6, 9)),
        "authority": maybe(authorities()),
    }
    return Employee(**fields_from(draw, fields, usual))


@st.composite
def touchpoints(draw: st.DrawFn, /, **fields: object) -> Touchpoint:
    """Touchpoints of every kind."""
    usual = {
        "id": ids(),
        "name": st.text(max_size=8),
        "kind": maybe(st.sampled_from(TouchpointKind)),
        "channel": maybe(st.sampled_from(Channel)),
        "phase": maybe(st.sampled_from(PurchasePhase)),
        "ownership": st.sampled_from(Ownership),
        "contact_area": maybe(st.sampled_from(ContactArea)),
    }
    return Touchpoint(**fields_from(draw, fields, usual))


@st.composite
def interactions(draw: st.DrawFn, /, **fields: object) -> Interaction:
    """Interactions; a motive of advice only where advice was given."""
    usual = {
        "touchpoint_id": ids(),
        "at": instants(),
        "customer_id": maybe(ids()),
        "id": maybe(ids()),
        "initiative": maybe(st.sampled_from(Initiative)),
        "purpose": maybe(st.sampled_from(Purpose)),
        "employee_id": maybe(ids()),
        "note": st.text(max_size=8),
        "kind": maybe(st.sampled_from(InteractionKind)),
        "topic": maybe(st.sampled_from(Topic)),
        "tone": maybe(st.sampled_from(Tone)),
        "value_to_customer": maybe(decimals(-100, 100)),
        "value_to_company": maybe(decimals(-100, 100)),
        "abandoned": maybe(st.sampled_from(AbandonReason)),
    }
    drawn = fields_from(draw, fields, usual)
    if drawn["purpose"] is Purpose.ADVISE and "advice_motive" not in fields:
        drawn["advice_motive"] = draw(maybe(st.sampled_from(AdviceMotive)))
    return Interaction(**drawn)


@st.composite
def journeys(draw: st.DrawFn, /, **fields: object) -> Journey:
    """Journeys of one customer, known or not."""
    customer_id = fields_from(draw, fields, {"customer_id": maybe(ids())})["customer_id"]
    usual = {
        "interactions": st.lists(interactions(customer_id=st.sampled_from((customer_id, None))), max_size=5),
        "goal": st.text(max_size=8),
        "reached": maybe(st.booleans()),
        "id": maybe(ids()),
    }
    drawn = fields_from(draw, fields, usual)
    drawn["customer_id"] = customer_id
    return Journey(**drawn)


@st.composite
def moments(draw: st.DrawFn, /, **fields: object) -> MomentOfTruth:
    """Moments of truth; only bad ones are resolved, and not before they happened."""
    usual = {
        "valence": st.sampled_from(Valence),
        "at": instants(),
        "customer_id": maybe(ids()),
        "touchpoint_id": maybe(ids()),
        "employee_id": maybe(ids()),
        "interaction_id": maybe(ids()),
        "severity": st.just(Decimal(1)) | decimals(1, 1000, places=6),
        "timing": maybe(st.sampled_from(MomentTiming)),
        "id": maybe(ids()),
    }
    drawn = fields_from(draw, fields, usual)
    if drawn["valence"] is Valence.BAD and "resolved_at" not in fields and draw(st.booleans()):
        drawn["resolved_at"] = later(drawn["at"], draw(durations()))
    return MomentOfTruth(**drawn)


@st.composite
def micro_moments(draw: st.DrawFn, /, **fields: object) -> MicroMoment:
    """Micro-moments of every kind."""
    usual = {
        "kind": st.sampled_from(MicroMomentKind),
        "at": instants(),
        "customer_id": maybe(ids()),
        "touchpoint_id": maybe(ids()),
        "interaction_id": maybe(ids()),
        "need": st.text(max_size=8),
        "met": maybe(st.booleans()),
        "id": maybe(ids()),
    }
    return MicroMoment(**fields_from(draw, fields, usual))


@st.composite
def purchases(draw: st.DrawFn, /, **fields: object) -> Purchase:
    """Purchases and refunds; a cost is in the amount's currency."""
    usual = {
        "customer_id": ids(),
        "at": instants(),
        "amount": monies(),
        "id": maybe(ids()),
        "reason": maybe(st.text(max_size=8)),
    }
    drawn = fields_from(draw, fields, usual)
    if "cost" not in fields:
        drawn["cost"] = draw(maybe(monies(drawn["amount"].currency)))
    return Purchase(**drawn)


@st.composite
def costs(draw: st.DrawFn, /, **fields: object) -> Cost:
    """Costs of every kind."""
    usual = {
        "amount": monies(),
        "at": instants(),
        "customer_id": maybe(ids()),
        "kind": maybe(st.sampled_from(CostKind)),
        "id": maybe(ids()),
        "note": st.text(max_size=8),
    }
    return Cost(**fields_from(draw, fields, usual))


@st.composite
def subscriptions(draw: st.DrawFn, /, **fields: object) -> Subscription:
    """Subscriptions, running or ended, with up to three pauses within them."""
    usual = {
        "customer_id": ids(),
        "price": monies(low=0),
        "every": st.sampled_from(TimeUnit),
        "started": instants(),
        "id": maybe(ids()),
    }
    drawn = fields_from(draw, fields, usual)
    lengths = draw(st.lists(durations(longest=timedelta(days=400)), max_size=7))
    cuts = [drawn["started"]]
    for length in lengths:
        cuts.append(later(cuts[-1], length))
    if "pauses" not in fields and "ended" not in fields:
        drawn["pauses"] = [Period(cuts[i], cuts[i + 1]) for i in range(1, len(cuts) - 1, 2)]
    if "ended" not in fields and draw(st.booleans()):
        drawn["ended"] = later(cuts[-1], draw(durations()))
    return Subscription(**drawn)


@st.composite
def dissolutions(draw: st.DrawFn, /, **fields: object) -> Dissolution:
    """Ends of relationships; fraud comes with its evidence."""
    usual = {
        "at": instants(),
        "cause": st.sampled_from(DissolutionCause),
        "initiator": st.sampled_from(Initiator),
        "abrupt": st.booleans(),
        "note": st.text("ab", max_size=3),
    }
    drawn = fields_from(draw, fields, usual)
    if "evidence" not in fields:
        drawn["evidence"] = draw(st.text("ab", min_size=drawn["cause"] is DissolutionCause.FRAUD, max_size=3))
    return Dissolution(**drawn)


@st.composite
def relationships(draw: st.DrawFn, /, **fields: object) -> Relationship:
    """Relationships that went any legal way, won back ones among them."""
    usual = {
        "customer_id": ids(),
        "types": st.frozensets(st.sampled_from(RelationshipType)),
        "order": st.sampled_from(StageOrder),
        "manager_id": maybe(ids()),
        "id": maybe(ids()),
    }
    relationship = Relationship(**fields_from(draw, fields, usual))
    if "history" in fields:
        return relationship
    at = draw(instants())
    for _ in range(draw(st.integers(0, 6))):
        stage = draw(st.sampled_from(sorted(relationship.allowed())))
        if stage is LifecycleStage.DISSOLUTION:
            relationship = relationship.dissolve(draw(dissolutions(at=at)))
        elif relationship.stage is LifecycleStage.DISSOLUTION:
            relationship = relationship.reopen(at=at)
        else:
            relationship = relationship.enter(stage, at=at)
        at = later(at, draw(st.just(timedelta(0)) | durations()))
    return relationship


@st.composite
def questions(draw: st.DrawFn, /, **fields: object) -> Question:
    """Questions on every scale."""
    usual = {
        "id": ids(),
        "text": st.text(max_size=8),
        "scale": st.sampled_from(Scale),
        "about_id": maybe(ids()),
        "concept": st.text(max_size=3),
        "identifies": st.booleans(),
        "leading": maybe(st.booleans()),
        "one_sided": maybe(st.booleans()),
    }
    return Question(**fields_from(draw, fields, usual))


@st.composite
def surveys(draw: st.DrawFn, /, **fields: object) -> Survey:
    """Surveys of up to four questions."""
    usual = {
        "id": ids(),
        "questions": st.lists(questions(), max_size=4, unique_by=lambda question: question.id),
        "anonymous": st.booleans(),
        "name": st.text(max_size=8),
        "incentive": maybe(st.sampled_from(Incentive)),
        "owner_id": maybe(ids()),
    }
    return Survey(**fields_from(draw, fields, usual))


@st.composite
def invitations(draw: st.DrawFn, /, **fields: object) -> Invitation:
    """Invitations with every outcome."""
    usual = {
        "survey_id": ids(),
        "at": instants(),
        "customer_id": maybe(ids()),
        "channel": maybe(st.sampled_from(FeedbackChannel)),
        "outcome": st.sampled_from(InvitationOutcome),
        "id": maybe(ids()),
    }
    return Invitation(**fields_from(draw, fields, usual))


@st.composite
def responses(draw: st.DrawFn, /, **fields: object) -> Response:
    """Answers to some survey: numbers and texts by the id of a question."""
    values: SearchStrategy[int | str] = st.integers(0, 10) | st.text(max_size=3)
    usual = {
        "survey_id": ids(),
        "at": instants(),
        "answers": st.lists(st.tuples(ids(), values), max_size=5, unique_by=lambda pair: pair[0]),
        "customer_id": maybe(ids()),
        "interaction_id": maybe(ids()),
        "touchpoint_id": maybe(ids()),
        "employee_id": maybe(ids()),
        "segment": maybe(st.text(min_size=1, max_size=3)),
        "channel": maybe(st.sampled_from(FeedbackChannel)),
        "id": maybe(ids()),
    }
    return Response(**fields_from(draw, fields, usual))


@st.composite
def feedbacks(draw: st.DrawFn, /, **fields: object) -> Feedback:
    """Feedback of every kind; nothing is answered, resolved, acted on or announced before it may be."""
    usual = {
        "kind": st.sampled_from(FeedbackKind),
        "received_at": instants(),
        "customer_id": maybe(ids()),
        "channel": maybe(st.sampled_from(FeedbackChannel)),
        "public": maybe(st.booleans()),
        "valence": maybe(st.sampled_from(Valence)),
        "category": st.text(max_size=3),
        "cause": st.text(max_size=3),
        "severity": st.just(Decimal(1)) | decimals(1, 1000),
        "text": st.text(max_size=8),
        "request": maybe(st.sampled_from(Request)),
        "votes_for": st.integers(0, 100),
        "votes_against": st.integers(0, 100),
        "touchpoint_id": maybe(ids()),
        "employee_id": maybe(ids()),
        "interaction_id": maybe(ids()),
        "handler_id": maybe(ids()),
        "recovered": maybe(st.booleans()),
        "id": maybe(ids()),
    }
    drawn = fields_from(draw, fields, usual)
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
        drawn["reply"] = draw(st.frozensets(st.sampled_from(ReplyPart), max_size=3))
    if not {"rating", "scale"} & set(fields) and draw(st.booleans()):
        drawn["scale"] = draw(st.sampled_from(_NUMBERED))
        drawn["rating"] = draw(_on_scale(drawn["scale"]))
    return Feedback(**drawn)


_NUMBERED = [scale for scale in Scale if scale is not Scale.OPEN]


def _on_scale(scale: Scale) -> SearchStrategy[Decimal]:
    return decimals(scale.low or 0, scale.high or 0)


@st.composite
def tasks(draw: st.DrawFn, /, **fields: object) -> Task:
    """Tasks of every kind: open, done or cancelled."""
    usual = {
        "kind": st.sampled_from(TaskKind),
        "due": instants(),
        "customer_id": maybe(ids()),
        "employee_id": maybe(ids()),
        "owner_id": maybe(ids()),
        "requested_by_id": maybe(ids()),
        "about_id": maybe(ids()),
        "why": st.text(max_size=8),
        "note": st.text(max_size=8),
        "id": maybe(ids()),
    }
    drawn = fields_from(draw, fields, usual)
    if not {"done_at", "cancelled_at"} & set(fields):
        match draw(st.sampled_from(("open", "done", "cancelled"))):
            case "done":
                drawn["done_at"] = draw(instants())
                drawn.setdefault("done_by_id", draw(maybe(ids())))
            case "cancelled":
                drawn["cancelled_at"] = draw(instants())
            case _:
                pass
    return Task(**drawn)


@st.composite
def readings(draw: st.DrawFn, /, **fields: object) -> Reading:
    """Judgements: a level of loyalty, or a number, on a scale or without one."""
    subject_kind = fields_from(draw, fields, {"subject_kind": st.sampled_from(SubjectKind)})["subject_kind"]
    usual = {
        "subject_kind": st.just(subject_kind),
        "subject_id": maybe(ids()),
        "at": instants(),
        "aspect": st.text(max_size=3),
        "source": maybe(st.sampled_from(AssessmentSource)),
        "customer_id": st.none() if subject_kind is SubjectKind.CUSTOMER else maybe(ids()),
        "interaction_id": maybe(ids()),
        "note": st.text(max_size=8),
        "id": maybe(ids()),
    }
    if not {"kind", "level", "value", "scale"} & set(fields):
        if draw(st.booleans()):
            usual |= {"kind": st.just(MeasureKind.LOYALTY), "level": st.sampled_from(LoyaltyLevel)}
        else:
            scale = draw(maybe(st.sampled_from(_NUMBERED)))
            numbers = decimals(-100, 100) if scale is None else _on_scale(scale)
            usual |= {"kind": st.sampled_from(MeasureKind), "scale": st.just(scale), "value": numbers}
    drawn = fields_from(draw, fields, usual)
    drawn["subject_kind"] = subject_kind
    return Reading(**drawn)


@st.composite
def checklist_items(draw: st.DrawFn, /, **fields: object) -> ChecklistItem:
    """Items, in a few groups."""
    usual = {"id": ids(), "text": st.text(max_size=8), "group": st.sampled_from(("", "staff", "premises"))}
    return ChecklistItem(**fields_from(draw, fields, usual))


@st.composite
def checklists(draw: st.DrawFn, /, **fields: object) -> Checklist:
    """Checklists of up to six items."""
    usual = {
        "id": ids(),
        "items": st.lists(checklist_items(), max_size=6, unique_by=lambda item: item.id),
        "name": st.text(max_size=8),
    }
    return Checklist(**fields_from(draw, fields, usual))


@st.composite
def checklist_answers(draw: st.DrawFn, /, **fields: object) -> ChecklistAnswer:
    """Answers to some checklist, not answered yet among them."""
    usual = {
        "item_id": ids(),
        "verdict": maybe(st.sampled_from(Verdict)),
        "evidence": st.text(max_size=8),
        "subject_id": maybe(ids()),
        "at": maybe(instants()),
        "answered_by_id": maybe(ids()),
    }
    return ChecklistAnswer(**fields_from(draw, fields, usual))


@st.composite
def audits(draw: st.DrawFn, /, **fields: object) -> Audit:
    """Counts of answers."""
    counts: SearchStrategy[int] = st.integers(0, 10**6)
    usual = {"met": counts, "unmet": counts, "not_applicable": counts, "unanswered": counts}
    return Audit(**fields_from(draw, fields, usual))
