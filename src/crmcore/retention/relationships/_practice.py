"""How often something is practised: answers by peers, contacts after a purchase, one manager for long."""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Self, TypeVar

import attrs

from crmcore.model.feedback import Actor, CaseState, Feedback
from crmcore.model.interaction import Interaction
from crmcore.model.purchase import Purchase
from crmcore.model.relationship import Relationship
from crmcore.model.task import Task, TaskKind
from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.errors import WrongTypeError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import KeyGuard, is_repeated, iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.proportions import Interval, wilson
from crmcore.primitives.record import Record
from crmcore.primitives.tally import Tally, TallyBy
from crmcore.retention.relationships._rules import normalize

__all__ = [
    "PracticeShare",
    "anticipated",
    "continuity",
    "engaged",
    "manager_tenures",
    "offers_taken",
    "peer_solved",
]

_R = TypeVar("_R", bound=Record)
_K = TypeVar("_K", bound=Hashable)


@attrs.frozen(kw_only=True)
class PracticeShare(Tally):
    """Number of records that meet a test, that do not, and that do not tell. Records of disjoint cases can be added.

    Examples:
        >>> from crmcore import AcquisitionSource, Customer, PracticeShare
        >>> sources = [AcquisitionSource.COMMUNITY, AcquisitionSource.ADVERTISING, None, AcquisitionSource.CAMPAIGN]
        >>> prospects = [Customer(id=number, source=source) for number, source in enumerate(sources)]
        >>> met = {AcquisitionSource.COMMUNITY, AcquisitionSource.CAMPAIGN}
        >>> share = PracticeShare.of(prospects, lambda one: None if one.source is None else one.source in met)
        >>> share.practised, share.unknown, str(share.rate)[:6]
        (2, 1, '0.6666')

    What is unknown is in no share.

    Attributes:
        practised: The cases that meet the test.
        missed: The cases that do not.
        unknown: The cases of which that is unknown.
    """

    ratios = ("known", "rate")

    practised: int = 0
    missed: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, records: Iterable[_R], test: Callable[[_R], bool | None], /) -> Self:
        """Count records of any class by a test, in a single pass; the order does not matter.

        Args:
            records: The records; one that has an id counts once.
            test: Returns whether a record meets the test, or None if that is unknown.
        """
        checks.check_callable(test, "test", _EXAMPLE)
        return cls(**_tally(test(record) for record in _iterate(records)))

    @classmethod
    def by(
        cls, records: Iterable[_R], key: Callable[[_R], _K], test: Callable[[_R], bool | None], /
    ) -> TallyBy[_K, Self]:
        """Count as `of` does, for each value of a key, such as the manager.

        Examples:
            >>> from crmcore import Customer, PracticeShare
            >>> customers = [Customer(id=7, segments=["VIP"], manager_id="eva"), Customer(id=8, segments=["small"])]
            >>> managed = PracticeShare.by(
            ...     customers, lambda one: min(one.segments), lambda one: one.manager_id is not None
            ... )
            >>> {segment: str(share.rate) for segment, share in managed.items()}
            {'VIP': '1', 'small': '0'}

        Args:
            records: The records; one that has an id counts once.
            key: Returns the key of a record.
            test: Returns whether a record meets the test, or None if that is unknown.
        """
        checks.check_callable(key, "key", "lambda customer: customer.manager_id")
        checks.check_callable(test, "test", _EXAMPLE)
        outcomes: dict[_K, list[bool | None]] = {}
        guard = KeyGuard(outcomes)
        for record in _iterate(records):
            group = key(record)
            guard.admit(group)
            outcomes.setdefault(group, []).append(test(record))
        return TallyBy({group: cls(**_tally(found)) for group, found in outcomes.items()})

    @property
    def known(self) -> int:
        """The number of cases of which it is known, ``practised + missed``."""
        return self.practised + self.missed

    @property
    def rate(self) -> Decimal | None:
        """The share of the known cases that meet the test, ``practised / known``; None if there are none."""
        return ratio(self.practised, self.known)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the rate, or None if there are no known cases."""
        return wilson(self.practised, self.known, confidence=confidence)

    def explain(self) -> Explanation:
        """Return how the rate comes about, line by line."""
        return Explanation(
            (
                term("practised", self.practised, "cases"),
                term("missed", self.missed, "cases"),
                term("unknown", self.unknown, "cases"),
                term("known", self.known, "cases", "practised + missed"),
                term("rate", self.rate, "", "practised / known"),
            )
        )


_EXAMPLE: Final = "lambda customer: customer.manager_id is not None"


def _iterate(records: Iterable[_R]) -> Iterator[_R]:
    seen: dict[Id, _R] = {}
    kind: type[Any] = Record
    for place, record in enumerate(checks.iterate(records, "records", "Record")):
        checks.as_instance(record, kind, f"records[{place}]")
        kind = type(record) if kind is Record else kind
        if getattr(record, "id", None) is None or not is_repeated(record, seen, "records"):
            yield record


def _tally(outcomes: Iterable[bool | None]) -> dict[str, int]:
    """Count outcomes by the field of `PracticeShare` in which they belong."""
    counts = {True: 0, False: 0, None: 0}
    for outcome in outcomes:
        if not isinstance(outcome, bool | None):
            raise WrongTypeError(
                "not_an_outcome",
                f"test must return True, False or None, got {checks.describe(outcome)}",
                field="test",
                advice=f"give test={_EXAMPLE}",
            )
        counts[outcome] += 1
    return {"practised": counts[True], "missed": counts[False], "unknown": counts[None]}


def peer_solved(feedback: Iterable[Feedback], /) -> PracticeShare:
    """Count the questions of a community that another customer solved, of those that were solved.

    Examples:
        >>> from crmcore import Actor, CaseState, Feedback, FeedbackKind, instant, relationships
        >>> asked = Feedback(kind=FeedbackKind.QUESTION, received_at=instant("2026-03-02T09:00"), customer_id=7)
        >>> by_peer = asked.entered(CaseState.MESSAGE, instant("2026-03-02T09:20"), by=Actor.PEER)
        >>> by_peer = by_peer.entered(CaseState.RESOLVED, instant("2026-03-02T10:00"), by=Actor.CUSTOMER)
        >>> by_us = asked.entered(CaseState.RESOLVED, instant("2026-03-03T09:00"), by=Actor.EMPLOYEE)
        >>> relationships.peer_solved([by_peer, by_us, asked]).rate
        Decimal('0.5')

    The solver is the actor of the last entry into `CaseState.RESOLVED`. If that is the customer who asked, or a program
    that only notes it, the solver is the last one of the others who wrote before it. Without such an entry, as
    when a question was only put away, the solver is unknown. What is not resolved is left out.

    Args:
        feedback: The questions, in any order; give those of the community only.

    Source: the source articles, see why.md (communities).
    """
    outcomes = (
        None if solver is None else solver is Actor.PEER
        for case in iterate_once(feedback, Feedback, "feedback")
        if (solver := _find_solver(case)) is not _UNSOLVED
    )
    return PracticeShare(**_tally(outcomes))


_UNSOLVED: Final = "unsolved"


def _find_solver(case: Feedback) -> Actor | str | None:
    places = [place for place, entry in enumerate(case.history) if entry[0] is CaseState.RESOLVED]
    if not places:
        return None if case.resolved_at is not None else _UNSOLVED
    ended = places[-1]
    if any(not state.is_over and state is not CaseState.MESSAGE for state, *_ in case.history[ended:]):
        return _UNSOLVED
    own = (None, Actor.CUSTOMER, Actor.SYSTEM)
    by = case.history[ended][2]
    if by not in own:
        return by
    return next((who for _, _, who in reversed(case.history[:ended]) if who not in own), None)


def engaged(
    purchases: Iterable[Purchase],
    interactions: Iterable[Interaction],
    /,
    *,
    within: timedelta,
    as_of: datetime,
) -> PracticeShare:
    """Count the purchases after which customer and company were in contact again.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import Interaction, Money, Purchase, instant, relationships
        >>> bought = [
        ...     Purchase(customer_id=who, at=instant("2026-03-02"), amount=Money(9, "EUR")) for who in ("anna", "ben")
        ... ]
        >>> called = Interaction(touchpoint_id="phone", at=instant("2026-03-09"), customer_id="anna")
        >>> found = relationships.engaged(bought, [called], within=timedelta(days=30), as_of=instant("2026-06-01"))
        >>> found.rate
        Decimal('0.5')

    A contact counts if it is later than the purchase and less than `within` later. A purchase without one is unknown as
    long as so much time has not passed. Refunds, and what is later than `as_of`, are left out.

    Args:
        purchases: The purchases, in any order.
        interactions: The contacts, of either side's initiative, in any order. Leave out those that you do not want to
            count, such as sales pitches.
        within: How soon after the purchase, > 0. The articles give no time, so there is no default.
        as_of: The reference date.

    Source: the source articles, see why.md (keep talking after the purchase).
    """
    starts = [
        (purchase.customer_id, in_utc(purchase.at))
        for purchase in iterate_once(purchases, Purchase, "purchases")
        if purchase.amount.amount >= 0
    ]
    later = ((one.customer_id, in_utc(one.at)) for one in iterate_once(interactions, Interaction, "interactions"))
    return _count_followed(starts, later, within, as_of)


def offers_taken(
    tasks: Iterable[Task], purchases: Iterable[Purchase], /, *, within: timedelta, as_of: datetime
) -> PracticeShare:
    """Count the offers of other products that customers took up: those followed by a purchase.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import Money, Purchase, Task, TaskKind, instant, relationships
        >>> day = instant("2026-03-02")
        >>> offers = [
        ...     Task(kind=TaskKind.OFFER, due=day, done_at=day, customer_id=who, relates_to="history")
        ...     for who in ("anna", "ben")
        ... ]
        >>> bought = Purchase(customer_id="anna", at=instant("2026-03-20"), amount=Money(30, "EUR"))
        >>> relationships.offers_taken(offers, [bought], within=timedelta(days=30), as_of=instant("2026-06-01")).rate
        Decimal('0.5')

    Only offers that were made count (`Task.done_at`). A purchase counts as a contact does in `engaged`. It need not
    be because of the offer, so compare with customers who got none.

    Args:
        tasks: The tasks, in any order; those of another kind than `TaskKind.OFFER` are left out.
        purchases: The purchases, in any order; give those of the products on offer. Refunds are left out.
        within: How soon after the offer, > 0.
        as_of: The reference date.

    Source: the source articles, see why.md (tell customers of other products).
    """
    starts = [
        (task.customer_id, in_utc(task.done_at))
        for task in iterate_once(tasks, Task, "tasks")
        if task.kind == TaskKind.OFFER and task.done_at is not None
    ]
    later = (
        (purchase.customer_id, in_utc(purchase.at))
        for purchase in iterate_once(purchases, Purchase, "purchases")
        if purchase.amount.amount >= 0
    )
    return _count_followed(starts, later, within, as_of)


def _count_followed(
    starts: Iterable[tuple[Id | None, datetime]],
    later: Iterable[tuple[Id | None, datetime]],
    within: timedelta,
    as_of: datetime,
) -> PracticeShare:
    length = checks.as_duration(within, "within")
    moment = in_utc(checks.as_instant(as_of, "as_of"))
    times: dict[Id | None, list[datetime]] = {}
    for who, at in later:
        if at <= moment:
            times.setdefault(who, []).append(at)
    for found in times.values():
        found.sort()
    outcomes = (
        _is_followed(times.get(who, []), at, length, moment) if who is not None else None
        for who, at in starts
        if at <= moment
    )
    return PracticeShare(**_tally(outcomes))


def _is_followed(times: list[datetime], at: datetime, length: timedelta, moment: datetime) -> bool | None:
    place = bisect_right(times, at)
    if place < len(times) and times[place] - at < length:
        return True
    return None if moment - at < length else False


def anticipated(
    tasks: Iterable[Task],
    feedback: Iterable[Feedback],
    /,
    *,
    kinds: Iterable[TaskKind | str] = (TaskKind.INFORMATION, TaskKind.NEWS_CALL, TaskKind.OFFER),
) -> PracticeShare:
    """Count what was done for customers before they asked for it.

    Examples:
        >>> from crmcore import Feedback, FeedbackKind, Task, TaskKind, instant, relationships
        >>> done = instant("2026-03-09")
        >>> told = [
        ...     Task(kind=TaskKind.INFORMATION, due=done, done_at=done, customer_id=who, relates_to="export")
        ...     for who in ("anna", "ben")
        ... ]
        >>> asked = Feedback(
        ...     kind=FeedbackKind.QUESTION, received_at=instant("2026-03-02"), customer_id="ben", category="export"
        ... )
        >>> relationships.anticipated(told, [asked]).rate
        Decimal('0.5')

    A need is anticipated if the customer had given no feedback of the same category up to the task's `done_at`. Names
    are equal if they differ only in capitals and spaces. A task that relates to nothing, or is for an unknown customer,
    is unknown; one that is not done is left out.

    Args:
        tasks: The tasks, in any order.
        feedback: What customers asked for, in any order.
        kinds: The kinds of tasks that meet a need.

    Source: the source articles, see why.md (anticipate expectations).
    """
    wanted = frozenset(
        checks.as_label(kind, TaskKind, "kinds") for kind in checks.iterate(kinds, "kinds", "kind of task")
    )
    asked: dict[tuple[Id | None, str], datetime] = {}
    for case in iterate_once(feedback, Feedback, "feedback"):
        need, at = (case.customer_id, normalize(case.category)), in_utc(case.received_at)
        asked[need] = min(at, asked.get(need, at))
    outcomes: list[bool | None] = []
    for task in iterate_once(tasks, Task, "tasks"):
        if task.kind not in wanted or task.done_at is None:
            continue
        what = normalize(task.relates_to)
        first = asked.get((task.customer_id, what))
        known = what and task.customer_id is not None
        outcomes.append((first is None or first > in_utc(task.done_at)) if known else None)
    return PracticeShare(**_tally(outcomes))


def continuity(relationships: Iterable[Relationship], period: Period, /) -> PracticeShare:
    """Count the relationships that one manager looked after all through a period.

    Examples:
        >>> from crmcore import Period, Relationship, instant, relationships
        >>> anna = Relationship(customer_id="anna").assign("eva", at=instant("2020-05-01"))
        >>> ben = Relationship(customer_id="ben").assign("eva", at=instant("2021-01-01"))
        >>> ben = ben.assign("olga", at=instant("2026-03-01"))
        >>> relationships.continuity([anna, ben], Period.year(2026)).rate
        Decimal('0.5')

    A relationship that got its first manager within the period is judged from then on, and one that got them later is
    left out. A time without a manager breaks continuity. Without `Relationship.managers` it is unknown.

    Args:
        relationships: The relationships, in any order. Give those that lasted through the period.
        period: The period, half-open.

    Source: the source articles, see why.md (one customer, one manager for long).
    """
    start, end = (in_utc(at) for at in (checks.as_instance(period, Period, "period").start, period.end))
    outcomes = (
        len(found) == 1 and found[0] is not None if found else None
        for one in iterate_once(relationships, Relationship, "relationships")
        if (found := find_managers(one, start, end)) or not one.managers
    )
    return PracticeShare(**_tally(outcomes))


def find_managers(relationship: Relationship, start: datetime, end: datetime) -> list[Id | None]:
    """Return who looked after a relationship in a period, each run of one manager once."""
    before: list[Id | None] = []
    found: list[Id | None] = []
    for manager, at in relationship.managers:
        moment = in_utc(at)
        if moment <= start:
            before = [manager]
        elif moment < end:
            found.append(manager)
    runs: list[Id | None] = []
    for manager in (*before, *found):
        if not runs or runs[-1] != manager:
            runs.append(manager)
    return runs


def manager_tenures(relationships: Iterable[Relationship], /, *, as_of: datetime) -> dict[Id, timedelta]:
    """Return for how long the manager of each customer has looked after them, the longest first.

    Examples:
        >>> from crmcore import Relationship, instant, relationships
        >>> anna = Relationship(customer_id="anna").assign("eva", at=instant("2026-01-01"))
        >>> relationships.manager_tenures([anna], as_of=instant("2026-03-02"))["anna"].days
        60

    Customers without a manager, or without `Relationship.managers`, have no entry. A customer with several
    relationships has the longest one.

    Args:
        relationships: The relationships, in any order.
        as_of: The reference date; later changes have not happened yet.

    Source: the source articles, see why.md (one customer, one manager for long).
    """
    moment = in_utc(checks.as_instant(as_of, "as_of"))
    tenures: dict[Id, timedelta] = {}
    for one in iterate_once(relationships, Relationship, "relationships"):
        current: Id | None = None
        since = moment
        for manager, at in one.managers:
            if in_utc(at) <= moment and manager != current:
                current, since = manager, in_utc(at)
        if current is not None:
            tenures[one.customer_id] = max(moment - since, tenures.get(one.customer_id, _clock.NO_TIME))
    return dict(sorted(tenures.items(), key=lambda pair: -pair[1]))
