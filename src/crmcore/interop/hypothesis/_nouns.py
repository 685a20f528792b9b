"""Strategies for the nouns; each takes the noun's fields as keyword arguments.

Fields without an entry here are drawn as their annotation says, see `fields_of`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from crmcore import (
    Actor,
    AdviceMotive,
    Authority,
    CaseState,
    Checklist,
    ChecklistAnswer,
    ChecklistItem,
    ContactPerson,
    Cost,
    Customer,
    CustomerKind,
    Dissolution,
    DissolutionCause,
    Employee,
    Feedback,
    Id,
    Interaction,
    Invitation,
    Journey,
    LifecycleStage,
    LoyaltyLevel,
    MeasureKind,
    MicroMoment,
    MomentOfTruth,
    Occasion,
    Period,
    Persona,
    Purchase,
    Purpose,
    Question,
    Reading,
    Relationship,
    ReplyPart,
    Response,
    Scale,
    Segment,
    SubjectKind,
    Subscription,
    Survey,
    Task,
    Touchpoint,
    Valence,
    Verdict,
    Vote,
)
from crmcore.interop.hypothesis._values import (
    LATER,
    Fields,
    cached,
    decimals,
    durations,
    fields_from,
    fields_of,
    ids,
    instants,
    later,
    maybe,
    maybe_ids,
    maybe_of,
    monies,
    record,
    text,
    waits,
)


@st.composite
def occasions(draw: st.DrawFn, /, **fields: object) -> Occasion:
    """Days of the year, 29 February among them."""
    day = draw(st.dates(date(2000, 1, 1), date(2000, 12, 31)))  # of a leap year
    return Occasion(
        **fields_from(draw, fields, {**fields_of(Occasion, _occasions), "month": day.month, "day": day.day})
    )


def _occasions() -> Fields:
    return {"month": LATER, "day": LATER}


def segments(**fields: object) -> SearchStrategy[Segment]:
    """Segments."""
    return record(Segment, fields)


def personas(**fields: object) -> SearchStrategy[Persona]:
    """Personas."""
    return record(Persona, fields)


def contact_people(**fields: object) -> SearchStrategy[ContactPerson]:
    """People to talk to at an organisation."""
    return record(ContactPerson, fields)


@st.composite
def customers(draw: st.DrawFn, /, **fields: object) -> Customer:
    """Customers of either kind; only organisations have contact people, and no customer was referred by themselves."""
    drawn = fields_from(draw, fields, fields_of(Customer, _customers))
    if drawn["kind"] is CustomerKind.ORGANIZATION and "contacts" not in fields:
        drawn["contacts"] = draw(_contacts())
    if "referred_by_id" not in fields and drawn["referred_by_id"] == drawn["id"]:
        drawn["referred_by_id"] = None
    return Customer(**drawn)


def _customers() -> Fields:
    return {"contacts": LATER}


@cached
def _contacts() -> SearchStrategy[list[ContactPerson]]:
    return st.lists(contact_people(), max_size=2, unique_by=lambda person: object() if person.id is None else person.id)


@st.composite
def authorities(draw: st.DrawFn, /, **fields: object) -> Authority:
    """What may be granted, in euro unless the limit is given."""
    drawn = fields_from(draw, fields, {"limit": monies(low=0), "approver_id": maybe_ids()})
    currency = drawn["limit"].currency
    if "sale_limit" not in drawn:
        drawn["sale_limit"] = draw(maybe(monies(currency, low=0)))
    if "approval_limit" not in drawn:
        least = max(limit for limit in (drawn["limit"], drawn["sale_limit"]) if limit is not None)
        drawn["approval_limit"] = draw(maybe(monies(currency, low=0).map(lambda more: least + more)))
    return Authority(**drawn)


def employees(**fields: object) -> SearchStrategy[Employee]:
    """Employees, none of whom reports to themselves, or approves what they grant."""
    return record(Employee, fields, _employees)


def _employees() -> Fields:
    others = maybe(st.integers(6, 9))
    return {"id": st.integers(0, 5), "reports_to_id": others, "authority": maybe(authorities(approver_id=others))}


def touchpoints(**fields: object) -> SearchStrategy[Touchpoint]:
    """Touchpoints of every kind."""
    return record(Touchpoint, fields)


@st.composite
def interactions(draw: st.DrawFn, /, **fields: object) -> Interaction:
    """Interactions; a motive of advice only where advice was given, and promises due later."""
    drawn = fields_from(draw, fields, fields_of(Interaction, _interactions))
    if drawn["purpose"] == Purpose.ADVISE and "advice_motive" not in fields:
        drawn["advice_motive"] = draw(maybe_of((*AdviceMotive, "duty")))
    if "promise_due" not in fields and draw(st.booleans()):
        drawn["promise_due"] = later(drawn["at"], draw(durations()))
    return Interaction(**drawn)


def _interactions() -> Fields:
    value = maybe(decimals(-100, 100))
    return {"advice_motive": LATER, "promise_due": LATER, "value_to_customer": value, "value_to_company": value}


@st.composite
def journeys(draw: st.DrawFn, /, **fields: object) -> Journey:
    """Journeys of one customer, known or not."""
    drawn = fields_from(draw, fields, fields_of(Journey, _journeys))
    if "interactions" not in fields:
        drawn["interactions"] = draw(_several_interactions(drawn["customer_id"]))
    return Journey(**drawn)


def _journeys() -> Fields:
    return {"interactions": LATER}


@cached
def _several_interactions(customer_id: Id | None) -> SearchStrategy[list[Interaction]]:
    one = interactions(customer_id=st.sampled_from((customer_id, None)))
    return st.lists(one, max_size=5, unique_by=lambda met: object() if met.id is None else met.id)


@st.composite
def moments(draw: st.DrawFn, /, **fields: object) -> MomentOfTruth:
    """Moments of truth; only bad ones are resolved, and not before they happened."""
    drawn = fields_from(draw, fields, fields_of(MomentOfTruth, _moments))
    if drawn["valence"] is Valence.BAD and "resolved_at" not in fields and draw(st.booleans()):
        drawn["resolved_at"] = later(drawn["at"], draw(durations()))
    return MomentOfTruth(**drawn)


def _moments() -> Fields:
    return {"severity": st.just(Decimal(1)) | decimals(1, 1000, places=6), "resolved_at": LATER}


def micro_moments(**fields: object) -> SearchStrategy[MicroMoment]:
    """Micro-moments of every kind."""
    return record(MicroMoment, fields)


@st.composite
def purchases(draw: st.DrawFn, /, **fields: object) -> Purchase:
    """Purchases and refunds; a cost is in the amount's currency."""
    drawn = fields_from(draw, fields, fields_of(Purchase, _purchases))
    if "cost" not in fields:
        drawn["cost"] = draw(maybe(monies(drawn["amount"].currency)))
    return Purchase(**drawn)


def _purchases() -> Fields:
    return {"cost": LATER}


def costs(**fields: object) -> SearchStrategy[Cost]:
    """Costs of every kind."""
    return record(Cost, fields)


@st.composite
def subscriptions(draw: st.DrawFn, /, **fields: object) -> Subscription:
    """Subscriptions, running or ended, with up to three pauses within them and perhaps an open one after them."""
    drawn = fields_from(draw, fields, fields_of(Subscription, _subscriptions))
    lengths = draw(_lengths())
    cuts = [drawn["started"]]
    for length in lengths:
        cuts.append(later(cuts[-1], length))
    if "pauses" not in fields and "ended" not in fields:
        drawn["pauses"] = [Period(cuts[i], cuts[i + 1]) for i in range(1, len(cuts) - 1, 2)]
    if not {"pauses", "ended", "paused_since"} & fields.keys() and draw(st.booleans()):
        drawn["paused_since"] = cuts[-1]
    if "ended" not in fields and draw(st.booleans()):
        drawn["ended"] = later(cuts[-1], draw(durations()))
    return Subscription(**drawn)


def _subscriptions() -> Fields:
    return {
        "price": monies(low=0),
        "ended": LATER,
        "pauses": LATER,
        "paused_since": LATER,
        "interval": st.integers(1, 12),
    }


@cached
def _lengths() -> SearchStrategy[list[timedelta]]:
    return st.lists(durations(longest=timedelta(days=400)), max_size=7)


@st.composite
def dissolutions(draw: st.DrawFn, /, **fields: object) -> Dissolution:
    """Ends of relationships; fraud comes with its evidence."""
    drawn = fields_from(draw, fields, fields_of(Dissolution, _dissolutions))
    if "evidence" not in fields:
        drawn["evidence"] = draw(st.text("ab", min_size=drawn["cause"] is DissolutionCause.FRAUD, max_size=3))
    return Dissolution(**drawn)


def _dissolutions() -> Fields:
    return {"evidence": LATER}


@st.composite
def relationships(draw: st.DrawFn, /, **fields: object) -> Relationship:
    """Relationships with any allowed history, reopened ones among them."""
    relationship = Relationship(**fields_from(draw, fields, fields_of(Relationship, _relationships)))
    if "managers" not in fields and relationship.manager_id is not None and draw(st.booleans()):
        relationship = relationship.assign(relationship.manager_id, at=draw(instants()))
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


def _relationships() -> Fields:
    return {"history": LATER, "dissolutions": LATER, "managers": LATER}


@cached
def _one_of(stages: frozenset[LifecycleStage]) -> SearchStrategy[LifecycleStage]:
    return st.sampled_from(sorted(stages))


@st.composite
def scales(draw: st.DrawFn, /, **fields: object) -> Scale:
    """Scales: the known ones, and others with a name or without one."""
    if not fields and draw(st.booleans()):
        return draw(_KNOWN_SCALES)
    drawn = fields_from(draw, fields, fields_of(Scale, _scales))
    if drawn["name"] in {scale.name for scale in Scale.KNOWN}:
        return Scale(**{name: drawn[name] for name in fields})
    steps = draw(st.integers(1, 10))
    low = drawn.setdefault("low", drawn["high"] - steps if "high" in drawn else draw(st.integers(-5, 5)))
    drawn.setdefault("high", low + steps)
    return Scale(**drawn)


_KNOWN_SCALES = st.sampled_from(Scale.KNOWN)


def _scales() -> Fields:
    return {"low": LATER, "high": LATER, "name": st.sampled_from(("", "faces", "thumbs"))}


@cached
def _scales_of_numbers() -> SearchStrategy[Scale]:
    return scales().filter(lambda scale: scale != Scale.OPEN)


def questions(**fields: object) -> SearchStrategy[Question]:
    """Questions on every scale."""
    return record(Question, fields)


def surveys(**fields: object) -> SearchStrategy[Survey]:
    """Surveys of up to four questions."""
    return record(Survey, fields, _surveys)


def _surveys() -> Fields:
    return {"questions": st.lists(questions(), max_size=4, unique_by=lambda question: question.id)}


def invitations(**fields: object) -> SearchStrategy[Invitation]:
    """Invitations with every outcome."""
    return record(Invitation, fields)


def responses(**fields: object) -> SearchStrategy[Response]:
    """Answers to some survey: numbers and texts by the id of a question."""
    return record(Response, fields, _responses)


def _responses() -> Fields:
    values: SearchStrategy[int | str] = st.integers(0, 10) | text()
    return {
        "answers": st.lists(st.tuples(ids(), values), max_size=5, unique_by=lambda pair: pair[0]),
        "not_applicable": st.sampled_from(((), (), ("price",), ("delivery", "price"))),  # no answer has these ids
    }


@st.composite
def feedbacks(draw: st.DrawFn, /, **fields: object) -> Feedback:
    """Feedback of every kind; nothing is answered, resolved, acted on or announced before it may be.

    Only what is resolved has won the customer back or not.
    """
    drawn = fields_from(draw, fields, fields_of(Feedback, _feedbacks))
    for name, before in _STEPS_OF_FEEDBACK.items():
        since = drawn.get(before) or drawn["received_at"]
        if name not in fields and draw(st.booleans()):
            drawn[name] = later(since, draw(durations()))
    if drawn.get("answered_at") and "reply" not in fields:
        drawn["reply"] = draw(_reply_parts())
    if "history" not in fields:
        drawn["history"] = _draw_history(draw, drawn["received_at"], is_over=drawn.get("resolved_at") is not None)
    if drawn.get("resolved_at") and "recovered" not in fields:
        drawn["recovered"] = draw(maybe_of((False, True)))
    if not {"rating", "scale"} & set(fields) and draw(st.booleans()):
        drawn["scale"] = draw(_scales_of_numbers())
        drawn["rating"] = draw(_on_scale(drawn["scale"]))
    return Feedback(**drawn)


def votes(**fields: object) -> SearchStrategy[Vote]:
    """Votes of voters, known and unknown, on ideas."""
    return record(Vote, fields)


def _draw_history(draw: st.DrawFn, at: datetime, *, is_over: bool) -> list[tuple[CaseState, datetime, Actor | None]]:
    """Draw a history that begins at an instant or later; it ends with a resolution if the feedback is resolved."""
    history: list[tuple[CaseState, datetime, Actor | None]] = []
    for state, by in draw(_entries()):
        at = later(at, draw(waits()))
        history.append((state, at, Actor.SYSTEM if by is None and state is CaseState.MESSAGE else by))
    if history and is_over:
        history.append((CaseState.RESOLVED, at, None))
    return history


@cached
def _entries() -> SearchStrategy[list[tuple[CaseState, Actor | None]]]:
    return st.lists(st.tuples(st.sampled_from(CaseState), st.none() | st.sampled_from(Actor)), max_size=4)


_STEPS_OF_FEEDBACK = {
    "answered_at": "received_at",
    "resolved_at": "received_at",
    "acted_on_at": "received_at",
    "announced_at": "acted_on_at",
    "told_at": "acted_on_at",
}
"""Which field each of these may not precede."""


def _feedbacks() -> Fields:
    return {
        **dict.fromkeys((*_STEPS_OF_FEEDBACK, "reply", "recovered", "rating", "scale", "history"), LATER),
        "severity": st.just(Decimal(1)) | decimals(1, 1000),
    }


@cached
def _reply_parts() -> SearchStrategy[frozenset[ReplyPart]]:
    return st.frozensets(st.sampled_from(ReplyPart), max_size=3)


def _on_scale(scale: Scale) -> SearchStrategy[Decimal]:
    return decimals(scale.low or 0, scale.high or 0)


@st.composite
def tasks(draw: st.DrawFn, /, **fields: object) -> Task:
    """Tasks of every kind: open, done or cancelled."""
    drawn = fields_from(draw, fields, fields_of(Task, _tasks))
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


def _tasks() -> Fields:
    return {"done_at": LATER, "done_by_id": LATER, "cancelled_at": LATER}


_OPEN_DONE_OR_CANCELLED = st.sampled_from(("open", "done", "cancelled"))


@st.composite
def readings(draw: st.DrawFn, /, **fields: object) -> Reading:
    """Judgements: a level of loyalty, or a number, on a scale or without one."""
    drawn = fields_from(draw, fields, fields_of(Reading, _readings))
    if drawn["subject_kind"] is not SubjectKind.CUSTOMER and "customer_id" not in fields:
        drawn["customer_id"] = draw(maybe_ids())
    if {"kind", "level", "value", "scale"} & set(fields):
        return Reading(**drawn)
    if draw(st.booleans()):
        return Reading(**drawn, kind=MeasureKind.LOYALTY, level=draw(_loyalty_levels()))
    scale = draw(maybe(_scales_of_numbers()))
    numbers = decimals(-100, 100) if scale is None else _on_scale(scale)
    return Reading(**drawn, kind=draw(_measures()), scale=scale, value=draw(numbers))


def _readings() -> Fields:
    return dict.fromkeys(("customer_id", "kind", "level", "scale", "value"), LATER)


@cached
def _loyalty_levels() -> SearchStrategy[LoyaltyLevel]:
    return st.sampled_from(LoyaltyLevel)


@cached
def _measures() -> SearchStrategy[MeasureKind]:
    return st.sampled_from(MeasureKind)


def checklist_items(**fields: object) -> SearchStrategy[ChecklistItem]:
    """Items, in a few groups."""
    return record(ChecklistItem, fields, _checklist_items)


def _checklist_items() -> Fields:
    return {
        "group": st.sampled_from(("", "staff", "premises")),
        "weight": decimals(0, 100),
        "scale": maybe(scales().filter(lambda scale: scale.low is not None)),
    }


def checklists(**fields: object) -> SearchStrategy[Checklist]:
    """Checklists of up to six items."""
    return record(Checklist, fields, _checklists)


def _checklists() -> Fields:
    return {"items": st.lists(checklist_items(), max_size=6, unique_by=lambda item: item.id)}


@st.composite
def checklist_answers(draw: st.DrawFn, /, **fields: object) -> ChecklistAnswer:
    """Answers to some checklist, unanswered items among them; what does not apply has no score."""
    drawn = fields_from(draw, fields, fields_of(ChecklistAnswer))
    if "score" not in fields and drawn["verdict"] is Verdict.NOT_APPLICABLE:
        drawn["score"] = None
    return ChecklistAnswer(**drawn)
