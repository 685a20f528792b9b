"""Which customers got something, and which heard nothing."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final, Self, TypeVar

import attrs

from crmcore.model.customer import Customer
from crmcore.model.interaction import Interaction
from crmcore.model.task import Task, TaskKind
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives._results import Result
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import group_by, iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import Period, by_utc, in_utc
from crmcore.primitives.proportions import Interval, wilson
from crmcore.primitives.record import Label, distinct
from crmcore.primitives.tally import POLICY, Tally, TallyBy

__all__ = ["Neglect", "Reach", "neglected"]

_K = TypeVar("_K", bound=Hashable)

CONTACTS: Final = frozenset(
    {
        TaskKind.THANK_YOU,
        TaskKind.ONBOARDING,
        TaskKind.SATISFACTION_CHECK,
        TaskKind.SERVICE_NOTICE,
        TaskKind.STATUS_NOTICE,
        TaskKind.PROMISE,
        TaskKind.OCCASION,
        TaskKind.GIFT,
        TaskKind.PERSONAL_NOTE,
        TaskKind.INFORMATION,
        TaskKind.NEWS_CALL,
        TaskKind.OFFER,
        TaskKind.INVITATION,
        TaskKind.CALL,
        TaskKind.VISIT,
        TaskKind.MEETING,
        TaskKind.BACK_IN_STOCK,
        TaskKind.FEEDBACK_REQUEST,
        TaskKind.REPLY,
        TaskKind.CONVERSATION,
        TaskKind.EXIT_INTERVIEW,
        TaskKind.ANNOUNCEMENT,
    }
)
"""The kinds of tasks in which a customer hears from the company, once they are done."""


def find_contact(task: Task, moment: datetime) -> datetime | None:
    """Return when a task brought the customer a contact; None if it had not by an instant in UTC."""
    if task.done_at is None or task.kind not in CONTACTS:
        return None
    done = in_utc(task.done_at)
    return done if done <= moment else None


@attrs.frozen(kw_only=True)
class Neglect(Result):
    """A customer who has not met or heard from the company for long.

    Examples:
        >>> from crmcore import Customer, follow_ups, instant
        >>> anna = Customer(id=7, since=instant("2025-06-01"))
        >>> follow_ups.neglected([anna], [], as_of=instant("2026-03-02"), days=60)
        (Neglect(customer_id=7, days=274, last_contact_at=None),)

    Attributes:
        customer_id: The customer.
        days: The whole days since the last contact, or since the customer came.
        last_contact_at: When the last contact was; None if there never was one.
    """

    ratios = ("never",)

    customer_id: Id
    days: int
    last_contact_at: datetime | None = attrs.field(default=None, eq=by_utc)

    @property
    def never(self) -> bool:
        """Whether there never was a contact."""
        return self.last_contact_at is None


def neglected(
    customers: Iterable[Customer],
    interactions: Iterable[Interaction],
    /,
    *,
    as_of: datetime,
    days: int,
    tasks: Iterable[Task] = (),
) -> tuple[Neglect, ...]:
    """Return the customers without a contact for so many days, however small they are, the longest silence first.

    Examples:
        >>> from crmcore import Customer, Interaction, follow_ups, instant
        >>> visit = Interaction(touchpoint_id="shop", at=instant("2026-01-01"), customer_id=7)
        >>> customers = [Customer(id=7), Customer(id=8, since=instant("2026-02-25"))]
        >>> [row.days for row in follow_ups.neglected(customers, [visit], as_of=instant("2026-03-02"), days=60)]
        [60]

    Exactly so many whole days is neglect. A customer without any contact counts from `Customer.since`. One of whom
    neither is known is left out, because their silence has no length; `review` finds them.

    Args:
        customers: The customers, in any order; equal silences keep it.
        interactions: Their contacts, in any order.
        as_of: The reference date. What comes later has not happened yet, and customers who came later are left out.
        days: How many whole days without a contact are too long.
        tasks: Tasks; those that were done and in which the customer hears from the company are contacts too.

    Source: the source articles, see why.md: attend to existing customers, however small they are.
    """
    moment = in_utc(checks.as_instant(as_of, "as_of"))
    limit = checks.as_count(days, "days")
    last = find_last_contacts(interactions, tasks, moment)
    return rank_silences(list(iterate_once(customers, Customer, "customers")), last, moment, limit)


def find_last_contacts(
    interactions: Iterable[Interaction], tasks: Iterable[Task], moment: datetime
) -> dict[Id | None, datetime]:
    """Return the last contact of each customer up to an instant in UTC."""
    last: dict[Id | None, datetime] = {}
    for contact in iterate_once(interactions, Interaction, "interactions"):
        at = in_utc(contact.at)
        if at <= moment and last.get(contact.customer_id, at) <= at:
            last[contact.customer_id] = at
    for task in iterate_once(tasks, Task, "tasks"):
        done = find_contact(task, moment)
        if done is not None and last.get(task.customer_id, done) <= done:
            last[task.customer_id] = done
    return last


def rank_silences(
    customers: Iterable[Customer], last: dict[Id | None, datetime], moment: datetime, limit: int
) -> tuple[Neglect, ...]:
    """Return the silences of at least so many days, the longest first."""
    found: list[Neglect] = []
    for customer in customers:
        contact = last.get(customer.id)
        begin = contact if contact is not None else customer.since
        if begin is not None and in_utc(begin) <= moment:
            silence = (moment - in_utc(begin)).days
            if silence >= limit:
                found.append(Neglect(customer_id=customer.id, days=silence, last_contact_at=contact))
    return tuple(sorted(found, key=_count_back))


def _count_back(row: Neglect) -> int:
    return -row.days


@attrs.frozen(kw_only=True)
class Reach(Tally):
    """Number of customers for whom something was done in a period. Records of disjoint customers can be added.

    Examples:
        >>> from crmcore import Customer, Period, Reach, Task, TaskKind, instant
        >>> told = Task(
        ...     kind=TaskKind.SERVICE_NOTICE, due=instant("2026-03-10"), customer_id=7, done_at=instant("2026-03-09")
        ... )
        >>> found = Reach.of(
        ...     [Customer(id=7), Customer(id=8)], [told], kinds=[TaskKind.SERVICE_NOTICE], period=Period.month(2026, 3)
        ... )
        >>> found.missed, found.rate
        (1, Decimal('0.5'))

    Attributes:
        reached: The customers with at least one such task done in the period.
        missed: The customers without one.
        period: The period; None if it is not known.
        kinds: The kinds of tasks that count.
    """

    ratios = ("customers", "rate")
    common = ("period", "kinds")

    reached: int = 0
    missed: int = 0
    period: Period | None = attrs.field(default=None, metadata=POLICY)
    kinds: frozenset[Label[TaskKind]] = attrs.field(
        default=frozenset(), converter=distinct, metadata=POLICY, repr=checks.sorted_repr
    )

    @classmethod
    def of(
        cls, customers: Iterable[Customer], tasks: Iterable[Task], /, *, kinds: Iterable[TaskKind | str], period: Period
    ) -> Self:
        """Count customers, in a single pass over the tasks; the order does not matter.

        Args:
            customers: The customers who should get something.
            tasks: The tasks; those of other customers are left out.
            kinds: The kinds of tasks that count, such as a service notice and a status notice, or the onboarding.
            period: When they were done, half-open.
        """
        wanted = _as_kinds(kinds)
        reached = _find_reached(tasks, wanted, checks.as_instance(period, Period, "period"))
        return cls._count(list(iterate_once(customers, Customer, "customers")), reached, wanted, period)

    @classmethod
    def by(
        cls,
        customers: Iterable[Customer],
        tasks: Iterable[Task],
        key: Callable[[Customer], _K],
        /,
        *,
        kinds: Iterable[TaskKind | str],
        period: Period,
    ) -> TallyBy[_K, Self]:
        """Count customers for each value of a key, such as their manager.

        Examples:
            >>> from crmcore import Customer, Period, Reach, TaskKind
            >>> customers = [Customer(id=7, manager_id="vera"), Customer(id=8, manager_id="paul")]
            >>> found = Reach.by(
            ...     customers, [], lambda customer: customer.manager_id, kinds=["tour"], period=Period.year(2026)
            ... )
            >>> {manager: row.missed for manager, row in found.items()}
            {'vera': 1, 'paul': 1}

        Args:
            customers: The customers who should get something.
            tasks: The tasks; those of other customers are left out.
            key: Returns the key of a customer.
            kinds: The kinds of tasks that count.
            period: When they were done, half-open.
        """
        wanted = _as_kinds(kinds)
        reached = _find_reached(tasks, wanted, checks.as_instance(period, Period, "period"))
        groups = group_by(customers, key, Customer, "customers", "lambda customer: customer.manager_id")
        return TallyBy({group: cls._count(members, reached, wanted, period) for group, members in groups.items()})

    @classmethod
    def _count(
        cls,
        customers: list[Customer],
        reached: set[Id | None],
        kinds: frozenset[Label[TaskKind]],
        period: Period,
    ) -> Self:
        number = sum(customer.id in reached for customer in customers)
        return cls(reached=number, missed=len(customers) - number, period=period, kinds=kinds)

    @property
    def customers(self) -> int:
        """The number of customers, ``reached + missed``."""
        return self.reached + self.missed

    @property
    def rate(self) -> Decimal | None:
        """The share of the customers who were reached, ``reached / customers``; None if there are no customers."""
        return ratio(self.reached, self.customers)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the rate, or None if there are no customers."""
        return wilson(self.reached, self.customers, confidence=confidence)

    def explain(self) -> Explanation:
        """Return how the rate comes about, line by line."""
        return Explanation(
            (
                term("reached", self.reached, "customers"),
                term("missed", self.missed, "customers"),
                term("customers", self.customers, "customers", "reached + missed"),
                term("rate", self.rate, "", "reached / customers"),
            )
        )


def _as_kinds(kinds: Iterable[TaskKind | str]) -> frozenset[Label[TaskKind]]:
    return frozenset(
        checks.as_label(kind, TaskKind, f"kinds[{place}]")
        for place, kind in enumerate(checks.iterate(kinds, "kinds", "TaskKind member"))
    )


def _find_reached(tasks: Iterable[Task], kinds: frozenset[Label[TaskKind]], period: Period) -> set[Id | None]:
    start, end = in_utc(period.start), in_utc(period.end)
    return {
        task.customer_id
        for task in iterate_once(tasks, Task, "tasks")
        if task.done_at is not None and task.kind in kinds and start <= in_utc(task.done_at) < end
    }
