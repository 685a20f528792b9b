"""Tasks that dates bring: occasions, releases and events, meetings, requests for feedback, goods in stock again."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from operator import itemgetter
from typing import Final

import attrs

from crmcore.model.customer import Customer
from crmcore.model.feedback import Feedback
from crmcore.model.interaction import Interaction
from crmcore.model.task import Task, TaskKind
from crmcore.primitives import _clock, checks
from crmcore.primitives._nearest import find_nearest
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, UnknownNameError
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.recurrence import Recurrence
from crmcore.service.follow_ups._after import iterate_happenings, list_instants
from crmcore.service.follow_ups._plan import (
    MOST_DAYS,
    Days,
    Plan,
    Steps,
    WeekendRule,
    as_days,
    as_hour,
    as_optional_id,
    as_steps,
)

__all__ = ["assign", "back_in_stock", "feedback_requests", "meetings", "occasions", "outreach"]

_REACH: Final = 4
_at: Final = itemgetter(0)


def occasions(
    customers: Iterable[Customer],
    period: Period,
    /,
    *,
    hour: str | time,
    tz: tzinfo,
    kind: TaskKind | str = TaskKind.OCCASION,
    relates_to: str = "",
    already: Iterable[Task] = (),
    weekend: WeekendRule = WeekendRule.KEEP,
) -> tuple[Task, ...]:
    """Plan good wishes, or gifts, for the days of the year that matter to customers, each year once.

    Examples:
        >>> from crmcore import UTC, Customer, Occasion, Period, WeekendRule, follow_ups
        >>> anna = Customer(id=7, manager_id="vera", occasions=[Occasion(name="birthday", month=2, day=28)])
        >>> spring = Period.quarter(2026, 1)
        >>> [task] = follow_ups.occasions([anna], spring, hour="09:00", tz=UTC, weekend=WeekendRule.BEFORE)
        >>> task.due.isoformat(), task.owner_id, task.about_id  # 28 February 2026 is a Saturday
        ('2026-02-27T09:00:00+00:00', 'vera', 'birthday 2026')

    A task is about the name of the occasion and its year, and belongs to the customer's own manager. If the customer's
    day is corrected, or weekends move it, what `already` has for that year is not planned again.

    Args:
        customers: The customers, in any order.
        period: When the tasks are due, half-open; it is that of the moved day.
        hour: The time on the clock.
        tz: The zone of the calendar and the clock.
        kind: The kind of the tasks, such as `TaskKind.GIFT`.
        relates_to: What gifts relate to, such as the last purchase.
        already: The tasks that were planned before.
        weekend: What happens to an occasion on a Saturday or Sunday.

    Raises:
        InvalidValueError: A customer has two occasions of one name.

    Source: the source articles, see why.md: cards and gifts need not be costly, if they relate to the company, to the
    customer's business or to the last purchase.
    """
    days, plan, clock = Days.read(tz, weekend), Plan.within(period, already), as_hour(hour)
    label, relation = checks.as_label(kind, TaskKind, "kind"), checks.as_text(relates_to, "relates_to")
    first, last = _find_dates(plan)
    for customer in iterate_once(customers, Customer, "customers"):
        if len({occasion.name for occasion in customer.occasions}) < len(customer.occasions):
            raise InvalidValueError(
                "two_occasions_of_one_name",
                "customers must each have one occasion of a name, got two",
                field="customers",
                advice="name them apart, such as 'birthday of the owner'",
                record=customer.id,
            )
        for occasion in customer.occasions:
            for year in range(first.year, last.year + 1):
                day = occasion.on(year)
                if day is not None and first <= day <= last:
                    plan.add(
                        label,
                        days.find(days.move(day.toordinal()), clock),
                        customer.id,
                        f"{occasion.name} {year}",
                        owner_id=customer.manager_id,
                        relates_to=relation,
                    )
    return plan.finish()


def _find_dates(plan: Plan) -> tuple[date, date]:
    """Return the first and the last date that a period may reach in any zone, weekends included."""
    first = max(plan.start.toordinal() - _REACH, 1)
    return date.fromordinal(first), date.fromordinal(min(plan.end.toordinal() + _REACH, date.max.toordinal()))


def outreach(
    customers: Iterable[Customer],
    steps: Steps,
    /,
    *,
    about_id: Id,
    at: datetime,
    tz: tzinfo,
    segments: Iterable[str] | None = None,
    interests: Iterable[str] | None = None,
    already: Iterable[Task] = (),
    weekend: WeekendRule = WeekendRule.KEEP,
) -> tuple[Task, ...]:
    """Plan tasks around one instant for every customer whom it concerns: a release, an invitation, an article.

    Examples:
        >>> from crmcore import UTC, Customer, TaskKind, follow_ups, instant
        >>> customers = [
        ...     Customer(id=7, segments=["dentists"], manager_id="vera"),
        ...     Customer(id=8, segments=["bakeries"], manager_id="paul"),
        ... ]
        >>> release = follow_ups.outreach(
        ...     customers,
        ...     {TaskKind.NEWS_CALL: 1, TaskKind.FEEDBACK_REQUEST: 14},
        ...     about_id="release 4",
        ...     at=instant("2026-03-02T10:00"),
        ...     tz=UTC,
        ...     segments=["dentists"],
        ... )
        >>> [(task.kind.value, task.customer_id, task.owner_id, task.due.day) for task in release]
        [('news_call', 7, 'vera', 3), ('feedback_request', 7, 'vera', 16)]

    Each customer hears it from their own manager. After a release, call every customer of the industry, and ask for
    feedback later. Invite to an event so many days before it: ``{TaskKind.INVITATION: -14}``. Send an article to those
    with the interest: ``{TaskKind.INFORMATION: 0}, interests=["history"]``; the tasks relate to that interest.

    Args:
        customers: The customers, in any order.
        steps: The kinds of tasks, each with the number of days after `at`, or before it if < 0.
        about_id: The id of the release, the event or the article.
        at: When it happens.
        tz: The zone of the calendar and the clock.
        segments: The groups whom it concerns, such as industries; None for all.
        interests: The interests that it matches; None for all.
        already: The tasks that were planned before.
        weekend: What happens to a due day on a Saturday or Sunday.

    Raises:
        InvalidValueError: There are no steps, or a number of days is not from -36525 to 36525.
        UnknownNameError: None of the customers has one of the segments or interests.

    Source: the source articles, see why.md: call even those who never asked, tell them how it helps in their industry,
    and collect feedback after each update.
    """
    days, plan, wanted = Days.read(tz, weekend), Plan(already), as_steps(steps, least=-MOST_DAYS)
    subject, start = as_id(about_id, "about_id"), checks.as_instant(at, "at")
    groups, likes = _as_names(segments, "segments"), _as_names(interests, "interests")
    given = list(iterate_once(customers, Customer, "customers"))
    if given:
        _check_known(groups, {name for customer in given for name in customer.segments}, "segments")
        _check_known(likes, {name for customer in given for name in customer.interests}, "interests")
    dues = {kind: days.shift(start, wait) for kind, wait in wanted.items()}
    for customer in given:
        matched = [name for name in likes or () if name in customer.interests]
        if (groups is None or not customer.segments.isdisjoint(groups)) and (likes is None or matched):
            for kind, due in dues.items():
                plan.add(kind, due, customer.id, subject, owner_id=customer.manager_id, relates_to=", ".join(matched))
    return plan.finish()


def _as_names(names: Iterable[str] | None, name: str) -> list[str] | None:
    return None if names is None else sorted(checks.as_texts(names, name))


def _check_known(names: list[str] | None, known: set[str], field: str) -> None:
    """Refuse a name that none of the customers has."""
    for name in names or ():
        if name not in known:
            near = find_nearest(name, sorted(known))
            raise UnknownNameError(
                "name_of_no_customer",
                f"{field} must each be those of a customer, got {show(name)}",
                field=field,
                advice=f"did you mean {show(near[0])}?" if near else "",
                operands=(name,),
            )


def back_in_stock(
    requests: Iterable[Feedback | Interaction],
    /,
    *,
    about_id: Id,
    at: datetime,
    units: int,
    days: int,
    tz: tzinfo,
    already: Iterable[Task] = (),
) -> tuple[Task, ...]:
    """Plan to tell customers that a product is available again, and hold a unit for each, as long as there are units.

    Examples:
        >>> from crmcore import UTC, Feedback, FeedbackKind, follow_ups, instant
        >>> asked = [
        ...     Feedback(kind=FeedbackKind.QUESTION, received_at=instant(day), customer_id=name)
        ...     for name, day in [("ben", "2026-03-02"), ("anna", "2026-03-01"), ("cid", "2026-03-03")]
        ... ]
        >>> held = follow_ups.back_in_stock(
        ...     asked, about_id="delivery 12", at=instant("2026-03-09T09:00"), units=2, days=3, tz=UTC
        ... )
        >>> for task in held:
        ...     print(task.due.day, task.kind, task.customer_id)
        9 back_in_stock anna
        9 back_in_stock ben
        12 reservation anna
        12 reservation ben

    Those who asked first come first, each customer once. A reservation in `already` for the same delivery takes a unit,
    whether it is open or done. A cancelled one gives its unit to the next customer.

    Args:
        requests: Who asked for the product and when, in any order. Unknown customers, and requests after `at`, are
            left out.
        about_id: The id of the delivery. Another delivery is another id.
        at: When the product is available; the notice is due then.
        units: The number of units.
        days: For how many days a unit is held, at the same time on the clock.
        tz: The zone of the calendar and the clock.
        already: The tasks that were planned before.

    Source: the source articles, see why.md: anticipate what the customer needs.
    """
    plan, calendar, wait = Plan(already), Days.read(tz, WeekendRule.KEEP), as_days(days)
    subject, start = as_id(about_id, "about_id"), in_utc(checks.as_instant(at, "at"))
    held = [task for task in plan.already if task.kind is TaskKind.RESERVATION and task.about_id == subject]
    free = checks.as_count(units, "units") - sum(task.cancelled_at is None for task in held)
    had = {task.customer_id for task in held}
    waiting = [
        (asked, request.customer_id)
        for request in iterate_happenings(requests, "requests", (Feedback, Interaction))
        for asked in map(in_utc, list_instants(request))
        if request.customer_id is not None and asked <= start
    ]
    for customer_id in dict.fromkeys(name for _, name in sorted(waiting, key=_at)):
        if free > 0 and customer_id not in had:
            free -= 1
            plan.add(TaskKind.BACK_IN_STOCK, start, customer_id, subject)
            plan.add(TaskKind.RESERVATION, calendar.shift(start, wait), customer_id, subject)
    return plan.finish()


def meetings(
    recurrence: Recurrence,
    period: Period,
    /,
    *,
    about_id: Id,
    kind: TaskKind | str = TaskKind.MEETING,
    customer_id: Id | None = None,
    owner_id: Id | None = None,
    already: Iterable[Task] = (),
) -> tuple[Task, ...]:
    """Plan what comes back: meetings with a customer or within the company, newsletters, reports.

    Examples:
        >>> from datetime import date
        >>> from zoneinfo import ZoneInfo
        >>> from crmcore import Period, Recurrence, TimeUnit, follow_ups
        >>> berlin = ZoneInfo("Europe/Berlin")
        >>> every_two_weeks = Recurrence(first=date(2026, 3, 16), unit=TimeUnit.WEEK, every=2, at="10:00", zone=berlin)
        >>> planned = follow_ups.meetings(every_two_weeks, Period.month(2026, 3), about_id="sales", owner_id="vera")
        >>> [(task.about_id, task.due.isoformat()) for task in planned]
        [('sales 2026-03-16', '2026-03-16T09:00:00+00:00'), ('sales 2026-03-30', '2026-03-30T08:00:00+00:00')]

    A task is about the series and the date of the occurrence. A meeting that was moved to another time, but is still
    about that date, is not planned again.

    Args:
        recurrence: When it comes back.
        period: When the tasks are due, half-open.
        about_id: The id of the series.
        kind: The kind of the tasks.
        customer_id: The customer whom it is with; None within the company.
        owner_id: The employee who holds it.
        already: The tasks that were planned before.

    Source: the source articles, see why.md: attend meetings with clients, and meet within the company.
    """
    plan, label = Plan.within(period, already), checks.as_label(kind, TaskKind, "kind")
    series = as_id(about_id, "about_id")
    customer, owner = as_optional_id(customer_id, "customer_id"), as_optional_id(owner_id, "owner_id")
    for due in checks.as_instance(recurrence, Recurrence, "recurrence").within(period):
        day = due.astimezone(recurrence.zone).date()
        plan.add(label, due, customer, f"{series} {day.isoformat()}", owner_id=owner)
    return plan.finish()


def feedback_requests(
    customers: Iterable[Customer],
    interactions: Iterable[Interaction],
    cadences: Mapping[Id, timedelta],
    period: Period,
    /,
    *,
    otherwise: timedelta = timedelta(days=365),
    already: Iterable[Task] = (),
) -> tuple[Task, ...]:
    """Plan to ask each customer for feedback, the more often the more often they meet the company.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import Customer, Interaction, Period, follow_ups, instant, surveys
        >>> visits = [
        ...     Interaction(touchpoint_id="shop", at=instant(day), customer_id=7)
        ...     for day in ("2026-01-01", "2026-01-21")
        ... ]
        >>> cadences = surveys.cadences(visits)
        >>> cadences[7].days
        60
        >>> planned = follow_ups.feedback_requests([Customer(id=7)], visits, cadences, Period.month(2026, 3))
        >>> [(task.customer_id, task.due.isoformat()) for task in planned]
        [(7, '2026-03-22T00:00:00+00:00')]

    A request is due the cadence after the last request in `already`, done or not. Without one, it is due that long
    after the last contact before the period, or else after the customer came (`Customer.since`); if neither is known,
    at the start of the period. What would have been due before the period is due at its start. A customer with an open
    request gets no other one.

    Args:
        customers: The customers to ask, in any order.
        interactions: Their contacts, in any order.
        cadences: How long to wait for each customer, such as `surveys.cadences` returns it.
        period: When the requests are due, half-open.
        otherwise: How long to wait for customers without a cadence.
        already: The tasks that were planned before.

    Source: the source articles, see why.md: how often to ask depends on how often you meet.
    """
    plan, longest = Plan.within(period, already), checks.as_duration(otherwise, "otherwise")
    checks.check_mapping(cadences, "cadences", "customers to durations")
    waits = {as_id(name, "cadences"): checks.as_duration(wait, "cadences") for name, wait in cadences.items()}
    last: dict[Id | None, datetime] = {}
    for contact in iterate_once(interactions, Interaction, "interactions"):
        at = in_utc(contact.at)
        if at < plan.start:
            last[contact.customer_id] = max(last.get(contact.customer_id, at), at)
    asked: dict[Id | None, datetime] = {}
    waiting: set[Id | None] = set()
    for task in plan.already:
        if task.kind is TaskKind.FEEDBACK_REQUEST:
            at = in_utc(task.done_at or task.due)
            asked[task.customer_id] = max(asked.get(task.customer_id, at), at)
            if task.is_open:
                waiting.add(task.customer_id)
    for customer in iterate_once(customers, Customer, "customers"):
        since = asked.get(customer.id) or last.get(customer.id) or customer.since
        if customer.id not in waiting:
            length = waits.get(customer.id, longest)
            due = plan.start if since is None else max(_add(in_utc(since), length), plan.start)
            plan.add(TaskKind.FEEDBACK_REQUEST, due, customer.id, None, owner_id=customer.manager_id)
    return plan.finish()


def _add(at: datetime, length: timedelta) -> datetime:
    """Return a later instant; the last one if the calendar ends first."""
    return at + length if length <= _clock.LATEST - at else _clock.LATEST


def assign(tasks: Iterable[Task], customers: Iterable[Customer], /) -> tuple[Task, ...]:
    """Return the tasks, those without an owner with the customer's own manager as the owner.

    Examples:
        >>> from crmcore import Customer, Task, TaskKind, follow_ups, instant
        >>> thanks = Task(kind=TaskKind.THANK_YOU, due=instant("2026-03-03"), customer_id=7)
        >>> [task.owner_id for task in follow_ups.assign([thanks], [Customer(id=7, manager_id="vera")])]
        ['vera']

    A task of an unknown customer, or of one without a manager, keeps no owner.

    Args:
        tasks: The tasks, in any order, which is kept.
        customers: The customers, with their managers.

    Source: the source articles, see why.md: news reaches customers from their own manager.
    """
    manager_of: dict[Id | None, Id | None] = {
        customer.id: customer.manager_id for customer in iterate_once(customers, Customer, "customers")
    }
    return tuple(
        task
        if task.owner_id is not None or manager_of.get(task.customer_id) is None
        else attrs.evolve(task, owner_id=manager_of[task.customer_id])
        for task in iterate_once(tasks, Task, "tasks")
    )
