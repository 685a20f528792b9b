"""What went wrong, why, and what is done so that it does not happen again."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, Self, TypeVar

import attrs

from crmcore.model.task import Task, TaskKind
from crmcore.primitives import checks
from crmcore.primitives._decimals import ONE, plain_repr, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import group_by, iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.money import NON_NEGATIVE, Money, same_currency
from crmcore.primitives.periods import by_utc, in_utc
from crmcore.primitives.record import POSITIVE, Label, Name, Personal, Record, number, text
from crmcore.primitives.tally import Tally, TallyBy
from crmcore.service.recovery._fund import RemedyKind

__all__ = ["CauseCoverage", "Incident", "Policy", "RootCause"]

_K = TypeVar("_K", bound=Hashable)

CORRECTIVE: Final = (TaskKind.CORRECTIVE_ACTION, TaskKind.PROCESS_CHANGE, TaskKind.PRODUCT_CHANGE)
"""The kinds of tasks that keep a cause from coming back."""


@attrs.frozen(kw_only=True)
class Incident(Record):
    """Something that went wrong, whether a customer complained or not.

    Examples:
        >>> from crmcore import Incident, Money, instant
        >>> outage = Incident(id="i1", at=instant("2026-03-02"), harm=Money(20, "EUR"), cause_id="disk full")
        >>> outage.acknowledged_at is None
        True

    Attributes:
        id: The id of the incident; grants of a fund may name it as their case.
        at: When it happened.
        severity: Its weight, > 0; an ordinary incident has 1.
        category: What it is about, such as ``"delivery"``.
        customer_id: The customer; None if they are unknown, or there are many.
        acknowledged_at: When the company said that it happened; perhaps before, such as for an outage that was planned.
        harm: What it cost the customer; None if that is unknown.
        cause_id: The id of its root cause.
    """

    id: Id
    at: datetime = attrs.field(eq=by_utc)
    severity: Annotated[Decimal, POSITIVE] = attrs.field(default=ONE, converter=number, repr=plain_repr)
    category: Personal = attrs.field(default="", converter=text)
    customer_id: Id | None = None
    acknowledged_at: datetime | None = attrs.field(default=None, eq=by_utc)
    harm: Annotated[Money, NON_NEGATIVE] | None = None
    cause_id: Id | None = None


@attrs.frozen(kw_only=True)
class RootCause(Record):
    """Why something went wrong, how it is solved, and how it is kept from happening again.

    Examples:
        >>> from crmcore import RootCause, instant
        >>> cause = RootCause(id="disk full", what="logs are never deleted", fix="deleted them")
        >>> cause.fixed_at is None, cause.prevention
        (True, '')

    Attributes:
        id: The id of the cause; incidents, and the tasks that correct it, refer to it.
        what: What was wrong.
        fix: How it is solved.
        prevention: How it is kept from happening again.
        no_easy_answer: Whether there is no good prevention that the company knows of.
        fixed_at: When it was solved; None if it is not.
        category: What it is about, such as ``"delivery"``.
    """

    id: Id
    what: Name
    fix: str = attrs.field(default="", converter=text)
    prevention: str = attrs.field(default="", converter=text)
    no_easy_answer: bool = False
    fixed_at: datetime | None = attrs.field(default=None, eq=by_utc)
    category: str = attrs.field(default="", converter=text)


@attrs.frozen(kw_only=True)
class Policy(Record):
    """What a customer gets for one kind of failure, by the rules of the company.

    Examples:
        >>> from crmcore import Money, Policy
        >>> late = Policy(category="late delivery", harm=Money(20, "EUR"), remedy=Money(5, "EUR"))
        >>> late.is_below_harm
        True

    Attributes:
        category: The kind of failure.
        harm: What it usually costs a customer.
        remedy: What the customer gets.
        kind: As what they get it.
        customer_must_prove: Whether the customer has to prove the failure.

    Raises:
        CurrencyMismatchError: Harm and remedy have different currencies.
    """

    category: Name
    harm: Annotated[Money, NON_NEGATIVE]
    remedy: Annotated[Money, NON_NEGATIVE]
    kind: Label[RemedyKind] | None = None
    customer_must_prove: bool = False

    def _check(self) -> None:
        super()._check()
        same_currency(self.harm, self.remedy, "remedy")

    @property
    def is_below_harm(self) -> bool:
        """Whether the customer gets less than the failure cost them."""
        return self.remedy < self.harm


@attrs.frozen(kw_only=True)
class CauseCoverage(Tally):
    """Number of root causes, and what is done about them. Records of disjoint causes can be added.

    Examples:
        >>> from crmcore import CauseCoverage
        >>> coverage = CauseCoverage(causes=4, with_action=3, actions=3, with_prevention=2, fixed=2, recurred=1)
        >>> coverage.rate, coverage.prevention_rate, coverage.recurrence_rate
        (Decimal('0.75'), Decimal('0.5'), Decimal('0.5'))

    Attributes:
        causes: The number of causes.
        with_action: How many have a corrective action that is not cancelled.
        with_prevention: How many say how they are kept from happening again.
        fixed: How many are solved.
        recurred: How many of those that are solved came back.
        actions: The number of corrective actions that are not cancelled.
        done: How many of them are done.
        overdue: How many of them are overdue.
        unowned: How many of them have no owner.

    Raises:
        InconsistentCountsError: A part is larger than its whole, such as `recurred` than `fixed`.
    """

    ratios = ("rate", "prevention_rate", "recurrence_rate")

    causes: int = 0
    with_action: int = 0
    with_prevention: int = 0
    fixed: int = 0
    recurred: int = 0
    actions: int = 0
    done: int = 0
    overdue: int = 0
    unowned: int = 0

    def _check(self) -> None:
        super()._check()
        for part, whole in _AT_MOST:
            some, most = getattr(self, part), getattr(self, whole)
            if some > most:
                raise InconsistentCountsError(
                    "cause_counts_contradict",
                    f"{part} must be at most {whole}, got {show(some)} and {show(most)}",
                    field=part,
                    operands=(some, most),
                )

    @classmethod
    def of(
        cls,
        causes: Iterable[RootCause],
        /,
        *,
        actions: Iterable[Task] = (),
        incidents: Iterable[Incident] = (),
        as_of: datetime,
    ) -> Self:
        """Count causes, what is done about them and whether they came back. A cause counts once.

        Examples:
            >>> from crmcore import CauseCoverage, RootCause, Task, TaskKind, instant
            >>> causes = [RootCause(id=n, what=f"cause {n}") for n in (1, 2)]
            >>> change = Task(kind=TaskKind.PROCESS_CHANGE, about_id=1, owner_id="eva", due=instant("2026-03-31"))
            >>> CauseCoverage.of(causes, actions=[change], as_of=instant("2026-04-01")).row(plain=True)["overdue"]
            1

        Args:
            causes: The causes, in any order.
            actions: Tasks of the kinds `CORRECTIVE_ACTION`, `PROCESS_CHANGE` and `PRODUCT_CHANGE`, each about the id of
                a cause. Other tasks, cancelled ones and those about something else count nowhere.
            incidents: What happened; a cause came back if an incident of it came after `fixed_at`.
            as_of: The reference date; what happened later has not happened yet.
        """
        members = list(iterate_once(causes, RootCause, "causes"))
        return cls._count(members, *_read(actions, incidents, as_of))

    @classmethod
    def by(
        cls,
        causes: Iterable[RootCause],
        key: Callable[[RootCause], _K],
        /,
        *,
        actions: Iterable[Task] = (),
        incidents: Iterable[Incident] = (),
        as_of: datetime,
    ) -> TallyBy[_K, Self]:
        """Count as `of` does, for each value of a key, such as the category.

        Args:
            causes: The causes, in any order.
            key: Returns the key of a cause.
            actions: The corrective actions.
            incidents: What happened.
            as_of: The reference date; what happened later has not happened yet.
        """
        groups = group_by(causes, key, RootCause, "causes", "lambda cause: cause.category")
        read = _read(actions, incidents, as_of)
        return TallyBy({group: cls._count(members, *read) for group, members in groups.items()})

    @classmethod
    def _count(
        cls, causes: list[RootCause], actions: Mapping[Id, list[Task]], last: dict[Id, datetime], reference: datetime
    ) -> Self:
        taken = [task for cause in causes for task in actions.get(cause.id, ())]
        solved = [cause for cause in causes if is_solved(cause, reference)]
        return cls(
            causes=len(causes),
            with_action=sum(cause.id in actions for cause in causes),
            with_prevention=sum(bool(cause.prevention.strip()) for cause in causes),
            fixed=len(solved),
            recurred=sum(came_back(cause, last) for cause in solved),
            actions=len(taken),
            done=sum(task.done_at is not None and in_utc(task.done_at) <= reference for task in taken),
            overdue=sum(task.is_overdue(reference) for task in taken),
            unowned=sum(task.owner_id is None for task in taken),
        )

    @property
    def rate(self) -> Decimal | None:
        """The share of the causes that have a corrective action, to 34 digits; None if there are no causes."""
        return ratio(self.with_action, self.causes)

    @property
    def prevention_rate(self) -> Decimal | None:
        """The share of the causes with a prevention, to 34 digits; None if there are no causes."""
        return ratio(self.with_prevention, self.causes)

    @property
    def recurrence_rate(self) -> Decimal | None:
        """The share of the solved causes that came back, to 34 digits; None if none is solved."""
        return ratio(self.recurred, self.fixed)

    def explain(self) -> Explanation:
        """Return how the rates come about, line by line."""
        return Explanation(
            (
                term("causes", self.causes, "causes"),
                term("with_action", self.with_action, "causes"),
                term("with_prevention", self.with_prevention, "causes"),
                term("fixed", self.fixed, "causes"),
                term("recurred", self.recurred, "causes"),
                term("actions", self.actions, "actions"),
                term("done", self.done, "actions"),
                term("overdue", self.overdue, "actions"),
                term("unowned", self.unowned, "actions"),
                term("prevention_rate", self.prevention_rate, "", "with_prevention / causes"),
                term("recurrence_rate", self.recurrence_rate, "", "recurred / fixed"),
                term("rate", self.rate, "", "with_action / causes"),
            )
        )


_AT_MOST: Final = (
    *(("with_action", "causes"), ("with_prevention", "causes"), ("fixed", "causes"), ("recurred", "fixed")),
    *(("done", "actions"), ("overdue", "actions"), ("unowned", "actions"), ("with_action", "actions")),
)
"""Parts and their wholes; each cause with an action has at least one action."""


def _read(
    actions: Iterable[Task], incidents: Iterable[Incident], as_of: datetime
) -> tuple[dict[Id, list[Task]], dict[Id, datetime], datetime]:
    """Return the corrective actions by their cause, when each cause last led to an incident, and the reference date."""
    reference = in_utc(checks.as_instant(as_of, "as_of"))
    by_cause: dict[Id, list[Task]] = {}
    for task in list_corrective(actions, reference):
        if task.about_id is not None:
            by_cause.setdefault(task.about_id, []).append(task)
    return by_cause, find_last(incidents, reference), reference


def list_corrective(actions: Iterable[Task], as_of: datetime) -> list[Task]:
    """Return the corrective actions that are not cancelled by the reference date."""
    return [
        task
        for task in iterate_once(actions, Task, "actions")
        if task.kind in CORRECTIVE and not (task.cancelled_at is not None and in_utc(task.cancelled_at) <= as_of)
    ]


def find_last(incidents: Iterable[Incident], as_of: datetime) -> dict[Id, datetime]:
    """Return when each cause last led to an incident."""
    last: dict[Id, datetime] = {}
    for incident in iterate_once(incidents, Incident, "incidents"):
        at = in_utc(incident.at)
        if incident.cause_id is not None and at <= as_of:
            last[incident.cause_id] = max(last.get(incident.cause_id, at), at)
    return last


def is_solved(cause: RootCause, as_of: datetime) -> bool:
    """Return whether a cause is solved by the reference date."""
    return cause.fixed_at is not None and in_utc(cause.fixed_at) <= as_of


def came_back(cause: RootCause, last: dict[Id, datetime]) -> bool:
    """Return whether an incident of a cause came after it was solved."""
    at = last.get(cause.id)
    return cause.fixed_at is not None and at is not None and at > in_utc(cause.fixed_at)
