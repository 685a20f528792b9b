"""What is wrong with the relationships as they are practised."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

import attrs

from crmcore.model.customer import Customer, CustomerKind
from crmcore.model.feedback import Feedback
from crmcore.model.interaction import Interaction, Purpose
from crmcore.model.persona import Segment
from crmcore.model.reading import Reading
from crmcore.model.relationship import Relationship, RelationshipType
from crmcore.model.task import Task, TaskKind
from crmcore.primitives import checks
from crmcore.primitives._decimals import ONE
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import Period, in_utc
from crmcore.retention.relationships._practice import find_managers
from crmcore.retention.relationships._quality import MEASURES, quality, sum_exactly
from crmcore.retention.relationships._rules import Rule, name_customer, normalize

__all__ = ["review"]

_SINGLE: Final = Rule(
    "single_threaded_account", "relations with key personnel at the customer", "get to know a second person there"
)
_UNMANAGED: Final = Rule(
    "customer_without_manager", "one customer, one manager for long", "name an employee who looks after them"
)
_TWO_MANAGERS: Final = Rule(
    "managers_disagree", "one customer, one manager for long", "decide who looks after the customer"
)
_CHANGING: Final = Rule(
    "managers_change_often", "one customer, one manager for long", "keep the manager, and introduce a new one in person"
)
_OTHERS_NEWS: Final = Rule(
    "news_not_from_manager", "news reaches customers from their manager", "let the customer's own manager call"
)
_BLANK: Final = Rule(
    "profile_missing", "automated services personalise by profile", "ask for interests, or learn them from purchases"
)
_IMPERSONAL: Final = Rule(
    "offer_not_personal", "offers follow the customer's profile", "offer what relates to an interest", Severity.INFO
)
_OVERSOLD: Final = Rule(
    "stakes_exceed_company", "sell customers shares", "correct the stakes: no more than 1 in all", Severity.ERROR
)
_OWNER: Final = Rule(
    "co_owner_without_co_creation", "sell customers shares", "let co-owners take part in the product", Severity.INFO
)
_EMPTY_COMMITTEE: Final = Rule(
    "committee_without_members", "a product committee of customers", "invite customers who know the product"
)
_IDLE_COMMITTEE: Final = Rule(
    "committee_without_decisions", "a product committee of customers", "act on an idea of theirs, and tell them"
)
_STRANGER: Final = Rule(
    "referrer_unknown",
    "make customers ambassadors and reward them",
    "add the customer, or correct the id",
    Severity.INFO,
)
_UNREWARDED: Final = Rule(
    "ambassador_without_reward", "make customers ambassadors and reward them", "thank them with a gift"
)
_WEAK: Final = Rule(
    "relationship_weak", "trust, honesty, shared values and pleasure decide sales", "talk with the customer about it"
)
_EMPTY_GROUP: Final = Rule(
    "segment_without_customers",
    "groups for different types of customers",
    "drop it, or find its customers",
    Severity.INFO,
)
_NO_GROUP: Final = Rule(
    "customers_without_segment", "groups for different types of customers", "assign each to a group", Severity.INFO
)


def review(
    customers: Iterable[Customer],
    /,
    *,
    segments: Iterable[Segment] = (),
    relationships: Iterable[Relationship] = (),
    interactions: Iterable[Interaction] = (),
    tasks: Iterable[Task] | None = None,
    feedback: Iterable[Feedback] = (),
    readings: Iterable[Reading] = (),
    as_of: datetime,
    least_contacts: int = 2,
    period: Period | None = None,
    most_managers: int = 1,
    committee: str | None = None,
    least_quality: Decimal | int | str | float | None = None,
) -> tuple[Finding, ...]:
    """Return what is wrong with the relationships as they are practised.

    Examples:
        >>> from crmcore import ContactPerson, Customer, CustomerKind, instant, relationships
        >>> acme = Customer(id="acme", kind=CustomerKind.ORGANIZATION, contacts=[ContactPerson(name="Karlis Ozols")])
        >>> for finding in relationships.review([acme], as_of=instant("2026-06-01")):
        ...     print(finding)
        warning single_threaded_account: customer acme: 1 person to talk to; get to know a second person there

    Rules about managers and contacts:

    - ``single_threaded_account``: an organisation with fewer than `least_contacts` people to talk to.
    - ``customer_without_manager``: a customer in dedicated personal assistance without a manager. That is so if their
      relationship has this type, or, if it has none, one of their segments.
    - ``managers_disagree``: customer and relationship name different managers.
    - ``managers_change_often`` (`period`): more than `most_managers` managers of one relationship in the period.
    - ``news_not_from_manager``: a contact to inform the customer, handled by another employee than their manager.

    Rules about what customers get:

    - ``profile_missing``: a customer in automated services without interests.
    - ``offer_not_personal``: an offer in `tasks` that relates to no interest of the customer.
    - ``ambassador_without_reward`` (`tasks`): a customer who referred another one, without a gift that is done.
    - ``referrer_unknown``: a customer was referred by somebody who is not among the customers.

    Rules about how customers take part:

    - ``stakes_exceed_company``: the stakes in `relationships` add up to more than 1.
    - ``co_owner_without_co_creation``: a relationship with a stake, whose types are known and lack co-creation.
    - ``committee_without_members``, ``committee_without_decisions`` (`committee`): the segment of that name has no
      customers, or no feedback of its members was acted on.

    Rules about the whole:

    - ``relationship_weak`` (`readings` and `least_quality`): a measure of `quality` is below `least_quality`.
    - ``segment_without_customers``, ``customers_without_segment`` (`segments`): the second one is one finding, with the
      number of customers in no known segment.

    Exactly the threshold is no finding. The evidence names the concept, the source and the threshold of each rule.

    Args:
        customers: The customers.
        segments: The segments, with their types of relationship.
        relationships: The relationships with the customers.
        interactions: The contacts with them.
        tasks: What was done for them; None if that is not known.
        feedback: What they said.
        readings: What they think of the relationship.
        as_of: The reference date. Whatever comes later has not happened yet.
        least_contacts: The least number of people to know at an organisation, >= 1. Two is a custom, not measured.
        period: The period in which managers may change, half-open.
        most_managers: The most managers of one relationship in the period, >= 1.
        committee: The name of the segment that is the product committee.
        least_quality: The least value of each measure of quality, 0 to 1. The articles give none.

    Source: the source articles, see why.md (the rules); the thresholds are yours.
    """
    moment = in_utc(checks.as_instant(as_of, "as_of"))
    case = _Case(
        moment=moment,
        customers={one.id: one for one in iterate_once(customers, Customer, "customers")},
        segments={one.name: one for one in checks.iterate_records(segments, Segment, "segments")},
        relationships=list(iterate_once(relationships, Relationship, "relationships")),
    )
    least = checks.as_count(least_contacts, "least_contacts", least=1)
    most = checks.as_count(most_managers, "most_managers", least=1)
    span = None if period is None else checks.as_instance(period, Period, "period")
    name = None if committee is None else checks.as_nonempty_text(committee, "committee")
    quality_limit = None if least_quality is None else checks.as_share(least_quality, "least_quality")
    met = [one for one in iterate_once(interactions, Interaction, "interactions") if in_utc(one.at) <= moment]
    done = None if tasks is None else [one for one in iterate_once(tasks, Task, "tasks") if case.is_done(one)]
    said = list(iterate_once(feedback, Feedback, "feedback"))
    read = list(iterate_once(readings, Reading, "readings"))
    return (
        *case.check_contacts(least),
        *case.check_managers(),
        *case.check_changes(span, most),
        *case.check_news(met),
        *case.check_profiles(),
        *case.check_offers(done or []),
        *case.check_referrals(done),
        *case.check_owners(),
        *case.check_committee(name, said),
        *case.check_quality(read, quality_limit),
        *case.check_groups(),
    )


@attrs.frozen(kw_only=True)
class _Case:
    """The customers under review, and what is known about the relationships with them."""

    moment: datetime
    customers: dict[Id, Customer]
    segments: dict[str, Segment]
    relationships: list[Relationship]

    def is_done(self, task: Task) -> bool:
        """Return whether a task was done by the reference date."""
        return task.done_at is not None and in_utc(task.done_at) <= self.moment

    def list_types(self) -> dict[Id, frozenset[str]]:
        """Return the known types of relationship of each customer: their own, or those of their segments."""
        own: dict[Id, frozenset[str]] = {}
        for one in self.relationships:
            own[one.customer_id] = own.get(one.customer_id, frozenset()) | one.types
        return {
            customer.id: own.get(customer.id)
            or frozenset[str]().union(
                *(self.segments[name].types for name in customer.segments if name in self.segments)
            )
            for customer in self.customers.values()
        }

    def list_managers(self) -> dict[Id, list[Id]]:
        """Return the managers of each customer, those that the customer and the relationships name."""
        managers: dict[Id, list[Id]] = {}
        for customer_id, manager in (
            *((one.id, one.manager_id) for one in self.customers.values()),
            *((one.customer_id, one.manager_id) for one in self.relationships),
        ):
            known = managers.setdefault(customer_id, [])
            if manager is not None and manager not in known:
                known.append(manager)
        return managers

    def check_contacts(self, least: int) -> Iterator[Finding]:
        """Check how many people are known at each organisation."""
        for customer in self.customers.values():
            number = len(customer.contacts)
            if customer.kind is CustomerKind.ORGANIZATION and number < least:
                yield _SINGLE.find(
                    name_customer(customer.id),
                    "1 person to talk to" if number == 1 else f"{number} people to talk to",
                    ("contacts", number),
                    ("least", least),
                )

    def check_managers(self) -> Iterator[Finding]:
        """Check that each customer has the one manager that they should have."""
        managers = self.list_managers()
        for customer_id, types in self.list_types().items():
            if RelationshipType.DEDICATED_PERSONAL_ASSISTANCE in types and not managers[customer_id]:
                yield _UNMANAGED.find(name_customer(customer_id), "no employee looks after the customer")
        for customer_id, found in managers.items():
            if len(found) > 1:
                yield _TWO_MANAGERS.find(
                    name_customer(customer_id),
                    f"{len(found)} managers are named",
                    ("managers", ", ".join(map(str, found))),
                )

    def check_changes(self, period: Period | None, most: int) -> Iterator[Finding]:
        """Check how often managers changed."""
        if period is None:
            return
        start, end = in_utc(period.start), in_utc(period.end)
        for one in self.relationships:
            number = len({manager for manager in find_managers(one, start, end) if manager is not None})
            if number > most:
                yield _CHANGING.find(
                    name_customer(one.customer_id),
                    f"{number} managers in the period",
                    ("managers", number),
                    ("most", most),
                    ("period", str(period)),
                )

    def check_news(self, contacts: list[Interaction]) -> Iterator[Finding]:
        """Check who told customers the news."""
        managers = self.list_managers()
        counts: dict[Id, int] = {}
        for contact in contacts:
            own, by = contact.customer_id, contact.employee_id
            if own is None or by is None or contact.purpose != Purpose.INFORM:
                continue
            if managers.get(own) and by not in managers[own]:
                counts[own] = counts.get(own, 0) + 1
        for customer_id, number in counts.items():
            yield _OTHERS_NEWS.find(
                name_customer(customer_id), "another employee told the customer news", ("contacts", number)
            )

    def check_profiles(self) -> Iterator[Finding]:
        """Check that automated services know their customers."""
        for customer_id, types in self.list_types().items():
            if RelationshipType.AUTOMATED_SERVICES in types and not self.customers[customer_id].interests:
                yield _BLANK.find(name_customer(customer_id), "the customer has no interests on record")

    def check_offers(self, done: list[Task]) -> Iterator[Finding]:
        """Check that offers relate to what the customer is interested in."""
        for task in done:
            customer = None if task.customer_id is None else self.customers.get(task.customer_id)
            if task.kind != TaskKind.OFFER or customer is None:
                continue
            if normalize(task.relates_to) not in set(map(normalize, customer.interests)):
                yield _IMPERSONAL.find(
                    name_customer(customer.id),
                    "an offer relates to no interest of the customer",
                    *([] if task.id is None else [("task", str(task.id))]),
                )

    def check_referrals(self, done: list[Task] | None) -> Iterator[Finding]:
        """Check that ambassadors are known and rewarded."""
        counts: dict[Id, int] = {}
        for customer in self.customers.values():
            if customer.referred_by_id is not None:
                counts[customer.referred_by_id] = counts.get(customer.referred_by_id, 0) + 1
        rewarded = {task.customer_id for task in done or () if task.kind == TaskKind.GIFT}
        for referrer, number in counts.items():
            if referrer not in self.customers:
                yield _STRANGER.find(name_customer(referrer), "is not among the customers", ("referred", number))
            elif done is not None and referrer not in rewarded:
                yield _UNREWARDED.find(
                    name_customer(referrer),
                    f"referred {number} {'customer' if number == 1 else 'customers'}, and got no gift",
                    ("referred", number),
                )

    def check_owners(self) -> Iterator[Finding]:
        """Check the stakes of customers, and that co-owners take part."""
        owners = [(one.customer_id, one.types, one.stake) for one in self.relationships if one.stake]
        total = sum_exactly(stake for _, _, stake in owners)
        if total > ONE:
            yield _OVERSOLD.find("stakes", f"they add up to {total:f}", ("stakes", total), ("most", 1))
        for customer_id, types, stake in owners:
            if types and RelationshipType.CO_CREATION not in types:
                yield _OWNER.find(
                    name_customer(customer_id), "a co-owner does not take part in the product", ("stake", stake)
                )

    def check_committee(self, name: str | None, feedback: list[Feedback]) -> Iterator[Finding]:
        """Check that the product committee has members, and is listened to."""
        if name is None:
            return
        members = {customer.id for customer in self.customers.values() if name in customer.segments}
        said = [one for one in feedback if one.customer_id in members and in_utc(one.received_at) <= self.moment]
        if not members:
            yield _EMPTY_COMMITTEE.find(name, "the committee has no members")
        elif not any(one.acted_on_at is not None and in_utc(one.acted_on_at) <= self.moment for one in said):
            yield _IDLE_COMMITTEE.find(
                name,
                "no feedback of its members was acted on",
                ("members", len(members)),
                ("feedback", len(said)),
            )

    def check_quality(self, readings: list[Reading], least: Decimal | None) -> Iterator[Finding]:
        """Check the four measures of each relationship."""
        if least is None:
            return
        for customer_id, found in quality(readings, as_of=self.moment).items():
            for name in MEASURES.values():
                value = getattr(found, name)
                if value is not None and value < least:
                    yield _WEAK.find(
                        name_customer(customer_id),
                        f"{name.replace('_', ' ')} is low",
                        (name, value),
                        ("least", least),
                    )

    def check_groups(self) -> Iterator[Finding]:
        """Check that groups have customers, and customers a group."""
        if not self.segments:
            return
        used = frozenset[str]().union(*(customer.segments for customer in self.customers.values()))
        for name in self.segments:
            if name not in used:
                yield _EMPTY_GROUP.find(name, "the segment has no customers")
        number = sum(customer.segments.isdisjoint(self.segments) for customer in self.customers.values())
        if number:
            yield _NO_GROUP.find("customers", f"{number} in no known segment", ("customers", number))
