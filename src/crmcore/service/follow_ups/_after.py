"""Tasks that follow from what happened: so many days after a purchase, a contact, a piece of feedback."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Final, TypeVar

from crmcore.model._levels import LevelReader, LevelRule
from crmcore.model.feedback import Feedback, FeedbackKind
from crmcore.model.interaction import Interaction
from crmcore.model.moment import MomentOfTruth, Valence
from crmcore.model.purchase import Purchase, find_first_purchases
from crmcore.model.reading import LoyaltyLevel, Reading, SubjectKind
from crmcore.model.relationship import Relationship
from crmcore.model.subscription import Subscription
from crmcore.model.task import Task, TaskKind
from crmcore.primitives import checks
from crmcore.primitives.checks import describe
from crmcore.primitives.errors import WrongTypeError
from crmcore.primitives.grouping import is_repeated, iterate_once
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.periods import Period, in_utc
from crmcore.service.follow_ups._plan import Days, Plan, Steps, WeekendRule, as_days, as_steps

__all__ = ["after", "after_purchase", "hand_offs", "promised", "replies", "talks"]

Happening = Feedback | Interaction | MomentOfTruth | Purchase | Reading | Relationship | Subscription

_R = TypeVar("_R", bound=Happening)
_HAPPENINGS: Final = (Feedback, Interaction, MomentOfTruth, Purchase, Reading, Relationship, Subscription)


def after(
    records: Iterable[Happening],
    steps: Steps,
    period: Period,
    /,
    *,
    tz: tzinfo,
    already: Iterable[Task] = (),
    weekend: WeekendRule = WeekendRule.KEEP,
) -> tuple[Task, ...]:
    """Plan tasks so many calendar days after each record, at the same time on the clock.

    Examples:
        >>> from zoneinfo import ZoneInfo
        >>> from crmcore import Interaction, Period, TaskKind, follow_ups, instant
        >>> riga = ZoneInfo("Europe/Riga")
        >>> met = Interaction(touchpoint_id="fair", at=instant("2026-03-28T18:00", tz=riga), customer_id=7, id="fair-7")
        >>> march = Period.month(2026, 3, tz=riga)
        >>> planned = follow_ups.after([met], {TaskKind.PERSONAL_NOTE: 2}, march, tz=riga)
        >>> [(task.kind.value, task.about_id, task.due.astimezone(riga).isoformat()) for task in planned]
        [('personal_note', 'fair-7', '2026-03-30T18:00:00+03:00')]
        >>> follow_ups.after([met], {TaskKind.PERSONAL_NOTE: 2}, march, tz=riga, already=planned)
        ()

    `records` is what to follow up, and you choose it: contacts with former customers, a release, all contacts. A task
    is about the record's id. What `already` has, done or not, is not planned again: the same kind for the same customer
    about the same thing, even if it is due on another day now. Tasks about nothing are the same if their due instants
    are.

    A wall time that the zone skips moves forward by the gap, and one that occurs twice means the first.

    Args:
        records: What happened. Feedback counts from its receipt, a subscription from its end, and a relationship from
            each time that it dissolved; one that has not ended is left out.
        steps: The kinds of tasks, each with the number of days from 0.
        period: When the tasks are due, half-open: nothing before its start, and nothing at its end.
        tz: The zone of the calendar and the clock.
        already: The tasks that were planned before.
        weekend: What happens to a due day on a Saturday or Sunday. The period is that of the moved day.

    Raises:
        InvalidValueError: There are no steps, or a number of days is not from 0 to 36525.
        InconsistentCountsError: Two different records of one class have one id.

    Source: the source articles, see why.md: follow-up starts right after the sale.
    """
    days, plan, wanted = Days.read(tz, weekend), Plan.within(period, already), as_steps(steps)
    for record in iterate_happenings(records, "records"):
        for at in list_instants(record):
            _add_steps(plan, days, wanted, record, at)
    return plan.finish()


def after_purchase(
    purchases: Iterable[Purchase],
    steps: Steps,
    period: Period,
    /,
    *,
    tz: tzinfo,
    already: Iterable[Task] = (),
    weekend: WeekendRule = WeekendRule.KEEP,
) -> tuple[Task, ...]:
    """Plan what follows a purchase: thanks, help with the start, a call to ask, a status notice. Refunds are left out.

    Examples:
        >>> from zoneinfo import ZoneInfo
        >>> from crmcore import Money, Period, Purchase, TaskKind, WeekendRule, follow_ups, instant
        >>> berlin = ZoneInfo("Europe/Berlin")
        >>> sale = Purchase(customer_id=7, at=instant("2026-03-27T15:00", tz=berlin), amount=Money(90, "EUR"), id="p1")
        >>> steps = {TaskKind.THANK_YOU: 1, TaskKind.SATISFACTION_CHECK: 14}
        >>> spring = Period.quarter(2026, 2, tz=berlin)
        >>> for task in follow_ups.after_purchase([sale], steps, spring, tz=berlin, weekend=WeekendRule.AFTER):
        ...     print(task.kind, task.due.astimezone(berlin))
        satisfaction_check 2026-04-10 15:00:00+02:00

    The thanks fall on Saturday, 28 March, move to Monday, and so are due before the period begins. Days, hours and what
    was planned before are read as by `after`.

    Args:
        purchases: The purchases, in any order.
        steps: The kinds of tasks, each with the number of days from 0.
        period: When the tasks are due, half-open.
        tz: The zone of the calendar and the clock.
        already: The tasks that were planned before.
        weekend: What happens to a due day on a Saturday or Sunday.

    Raises:
        InvalidValueError: There are no steps, or a number of days is not from 0 to 36525.

    Source: the source articles, see why.md: a call with thanks right after the sale, and whether all is well.
    """
    days, plan, wanted = Days.read(tz, weekend), Plan.within(period, already), as_steps(steps)
    for purchase in iterate_once(purchases, Purchase, "purchases"):
        if purchase.amount.amount >= 0:
            _add_steps(plan, days, wanted, purchase, purchase.at)
    return plan.finish()


def promised(
    interactions: Iterable[Interaction], period: Period, /, *, already: Iterable[Task] = ()
) -> tuple[Task, ...]:
    """Plan what employees promised in their notes: a task for each contact with `promise_due`.

    Examples:
        >>> from crmcore import Interaction, Period, follow_ups, instant
        >>> party = Interaction(
        ...     touchpoint_id="party",
        ...     at=instant("2025-12-19T20:00"),
        ...     customer_id=7,
        ...     employee_id="anna",
        ...     note="Great to see you. I will call in the new year.",
        ...     promise_due=instant("2026-01-09T17:00"),
        ...     id="x1",
        ... )
        >>> [task] = follow_ups.promised([party], Period.month(2026, 1))
        >>> task.kind, task.owner_id, task.about_id, task.why
        (<TaskKind.PROMISE: 'promise'>, 'anna', 'x1', 'Great to see you. I will call in the new year.')

    The employee who promised it owns it, and the note is its reason.

    Args:
        interactions: The contacts, in any order; those without a promise are left out.
        period: When the promises are due, half-open.
        already: The tasks that were planned before.

    Source: the source articles, see why.md: a personal note, and a promise that is kept.
    """
    plan = Plan.within(period, already)
    for contact in iterate_once(interactions, Interaction, "interactions"):
        if contact.promise_due is not None:
            plan.add(
                TaskKind.PROMISE,
                in_utc(contact.promise_due),
                contact.customer_id,
                contact.id,
                owner_id=contact.employee_id,
                requested_by_id=contact.employee_id,
                why=contact.note,
            )
    return plan.finish()


def talks(
    records: Iterable[Happening],
    period: Period,
    /,
    *,
    days: int = 1,
    tz: tzinfo,
    already: Iterable[Task] = (),
    weekend: WeekendRule = WeekendRule.KEEP,
    rules: Iterable[LevelRule] | None = None,
) -> tuple[Task, ...]:
    """Plan an honest talk after every negative signal, and one after every customer who left.

    Examples:
        >>> from crmcore import UTC, Feedback, FeedbackKind, Money, Period, Subscription, TimeUnit, follow_ups, instant
        >>> signals = [
        ...     Feedback(kind=FeedbackKind.COMPLAINT, received_at=instant("2026-03-02T10:00"), customer_id=7, id="f1"),
        ...     Feedback(kind=FeedbackKind.PRAISE, received_at=instant("2026-03-02T11:00"), customer_id=8, id="f2"),
        ...     Subscription(
        ...         customer_id=9,
        ...         price=Money(5, "EUR"),
        ...         every=TimeUnit.MONTH,
        ...         started=instant("2025-03-02"),
        ...         ended=instant("2026-03-05"),
        ...     ),
        ... ]
        >>> [(task.kind.value, task.customer_id) for task in follow_ups.talks(signals, Period.month(2026, 3), tz=UTC)]
        [('conversation', 7), ('exit_interview', 9)]

    Negative are: feedback whose `is_negative` is true, a bad moment of truth, a contact in which the customer was
    disappointed or angry, and a reading that they are aggrieved: a level, or a number that a rule reads as one, such as
    an answer of 2 of 10 on recommending you. A number that no rule reads is no signal; `Standings.cautions` says how
    many these are. Customers left if their subscription ended or their relationship dissolved. Purchases are no signal.

    Args:
        records: What happened, in any order.
        period: When the talks are due, half-open.
        days: After how many days they are due, a custom.
        tz: The zone of the calendar and the clock.
        already: The tasks that were planned before.
        weekend: What happens to a due day on a Saturday or Sunday.
        rules: How numbers are read as the three levels, as in `Standings.of`.

    Source: the source articles, see why.md: talk on every negative signal, and when a customer leaves.
    """
    calendar, plan, wait = Days.read(tz, weekend), Plan.within(period, already), as_days(days)
    levels = LevelReader(rules)
    for record in iterate_happenings(records, "records"):
        left = isinstance(record, Relationship | Subscription)
        if left or _is_negative(record, levels):
            kind = TaskKind.EXIT_INTERVIEW if left else TaskKind.CONVERSATION
            for at in list_instants(record):
                _add_steps(plan, calendar, {kind: wait}, record, at)
    return plan.finish()


def replies(
    feedback: Iterable[Feedback],
    period: Period,
    /,
    *,
    purchases: Iterable[Purchase] | None = None,
    days: int = 1,
    tz: tzinfo,
    already: Iterable[Task] = (),
    weekend: WeekendRule = WeekendRule.KEEP,
) -> tuple[Task, ...]:
    """Plan a reply to every question without an answer, or only to those of people who had not bought when they asked.

    Examples:
        >>> from crmcore import UTC, Feedback, FeedbackKind, Period, follow_ups, instant
        >>> question = Feedback(
        ...     kind=FeedbackKind.QUESTION, received_at=instant("2026-03-02T10:00"), customer_id=7, id="q1"
        ... )
        >>> [task.due.isoformat() for task in follow_ups.replies([question], Period.month(2026, 3), tz=UTC)]
        ['2026-03-03T10:00:00+00:00']

    Args:
        feedback: The feedback, in any order; only open questions count.
        period: When the replies are due, half-open.
        purchases: All purchases, refunds among them; then only the questions of customers count who have no purchase
            with an amount > 0 at the receipt of the question or before it, and those of unknown customers. None for all
            questions.
        days: After how many days they are due, a custom.
        tz: The zone of the calendar and the clock.
        already: The tasks that were planned before.
        weekend: What happens to a due day on a Saturday or Sunday.

    Source: the source articles, see why.md: somebody who keeps asking without buying asks you, and not the rival.
    """
    calendar, plan, wait = Days.read(tz, weekend), Plan.within(period, already), as_days(days)
    bought = find_first_purchases(iterate_once(() if purchases is None else purchases, Purchase, "purchases"))
    for question in iterate_once(feedback, Feedback, "feedback"):
        if question.kind is FeedbackKind.QUESTION and question.answered_at is None and question.resolved_at is None:
            first_purchase = None if question.customer_id is None else bought.get(question.customer_id)
            if first_purchase is None or first_purchase > in_utc(question.received_at):
                _add_steps(plan, calendar, {TaskKind.REPLY: wait}, question, question.received_at)
    return plan.finish()


def hand_offs(
    records: Iterable[Feedback | Interaction],
    routes: Mapping[str, Id],
    period: Period,
    /,
    *,
    kind: TaskKind | str = TaskKind.HAND_OFF,
    days: int = 1,
    tz: tzinfo,
    already: Iterable[Task] = (),
    weekend: WeekendRule = WeekendRule.KEEP,
) -> tuple[Task, ...]:
    """Plan that matters are handed over to those who can resolve them, by the category of each.

    Examples:
        >>> from crmcore import UTC, Feedback, FeedbackKind, Period, TaskKind, follow_ups, instant
        >>> said = [
        ...     Feedback(kind=kind, received_at=instant("2026-03-02T10:00"), category=category, id=category)
        ...     for kind, category in [(FeedbackKind.COMPLAINT, "delivery"), (FeedbackKind.IDEA, "colours")]
        ... ]
        >>> routes = {"delivery": "logistics", "invoice": "accounts"}
        >>> [
        ...     (task.about_id, task.owner_id)
        ...     for task in follow_ups.hand_offs(said, routes, Period.month(2026, 3), tz=UTC)
        ... ]
        [('delivery', 'logistics'), ('colours', None)]
        >>> insights = follow_ups.hand_offs(
        ...     said[1:], {"colours": "product"}, Period.month(2026, 3), tz=UTC, kind=TaskKind.PRODUCT_INSIGHT
        ... )
        >>> [(task.kind.value, task.owner_id) for task in insights]
        [('product_insight', 'product')]

    Every record is handed over. One whose category has no route gets a task without an owner, which `review` finds; so
    give only what is to be handed over. Opportunities for the sales team and insights for the product are other kinds.

    Args:
        records: What is to be handed over, in any order.
        routes: The employee or department for each category of feedback, or for each topic of a contact.
        period: When the tasks are due, half-open.
        kind: The kind of the tasks, such as `TaskKind.OPPORTUNITY` or `TaskKind.PRODUCT_INSIGHT`.
        days: After how many days they are due, a custom.
        tz: The zone of the calendar and the clock.
        already: The tasks that were planned before.
        weekend: What happens to a due day on a Saturday or Sunday.

    Source: the source articles, see why.md: route a specific complaint to those who can resolve it.
    """
    calendar, plan, wait = Days.read(tz, weekend), Plan.within(period, already), as_days(days)
    label = checks.as_label(kind, TaskKind, "kind")
    owners = as_routes(routes)
    for record in iterate_happenings(records, "records", (Feedback, Interaction)):
        at, category, giver = (
            (record.received_at, record.category, record.handler_id)
            if isinstance(record, Feedback)
            else (record.at, record.topic or "", record.employee_id)
        )
        plan.add(
            label,
            calendar.shift(at, wait),
            record.customer_id,
            record.id,
            owner_id=owners.get(category),
            requested_by_id=giver,
        )
    return plan.finish()


def as_routes(routes: Mapping[str, Id]) -> dict[str, Id]:
    """Return who can resolve what."""
    checks.check_mapping(routes, "routes", "categories to owners")
    return {
        checks.as_nonempty_text(category, "routes"): as_id(owner, f"routes[{category}]")
        for category, owner in routes.items()
    }


def iterate_happenings(
    records: Iterable[_R], name: str, kinds: tuple[type[Happening], ...] = _HAPPENINGS
) -> Iterator[_R]:
    """Yield the records, checked, each of a class with one id once."""
    seen: dict[type, dict[Id, object]] = {}
    for place, record in enumerate(checks.iterate(records, name, "record")):
        if not isinstance(record, kinds):
            raise WrongTypeError(
                "not_a_happening",
                f"{name}[{place}] must be a {', a '.join(kind.__name__ for kind in kinds)}, got {describe(record)}",
                field=name,
                record=place,
            )
        own = getattr(record, "id", None)
        if own is None or not is_repeated(record, seen.setdefault(type(record), {}), name):
            yield record


def list_instants(record: Happening) -> tuple[datetime, ...]:
    """Return the instants from which tasks count."""
    if isinstance(record, Feedback):
        return (record.received_at,)
    if isinstance(record, Relationship):
        return tuple(dissolution.at for dissolution in record.dissolutions)
    if isinstance(record, Subscription):
        return () if record.ended is None else (record.ended,)
    return (record.at,)


def find_customer(record: Happening) -> Id | None:
    """Return whom a record is about; of a reading of a customer, that is the subject."""
    if isinstance(record, Reading) and record.subject_kind is SubjectKind.CUSTOMER:
        return record.subject_id
    return record.customer_id


def _find_about(record: Happening) -> Id | None:
    """Return the id that tasks are about; a relationship may dissolve several times, so its tasks are about none."""
    return None if isinstance(record, Relationship) else record.id


def _is_negative(record: Happening, levels: LevelReader) -> bool:
    if isinstance(record, Feedback | Interaction):
        return record.is_negative is True
    if isinstance(record, MomentOfTruth):
        return record.valence is Valence.BAD
    return isinstance(record, Reading) and levels.read(record) is LoyaltyLevel.AGGRIEVED


def _add_steps(plan: Plan, days: Days, steps: Steps, record: Happening, at: datetime) -> None:
    for kind, wait in steps.items():
        if plan.is_near(at, wait):
            plan.add(kind, days.shift(at, wait), find_customer(record), _find_about(record))
