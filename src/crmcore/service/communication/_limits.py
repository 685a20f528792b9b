"""May a customer be contacted again?"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import attrs

from crmcore.model.interaction import Initiative, Interaction, Purpose
from crmcore.primitives import checks
from crmcore.primitives._limits import Decision, Limit, find_blocking
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id, as_id, as_ids
from crmcore.primitives.periods import in_utc
from crmcore.primitives.record import Label, several

__all__ = ["ContactDecision", "ContactLimit", "may_contact", "may_contact_each"]

_SERVICE: Final = (Purpose.SERVE,)


@attrs.frozen(kw_only=True)
class ContactLimit(Limit):
    """A rule against contacting a customer too often: at most so many times within a time.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import ContactLimit, Purpose
        >>> rest = ContactLimit(within=timedelta(days=3))
        >>> few_offers = ContactLimit(at_most=2, within=timedelta(days=30), purpose=Purpose.SELL)

    Attributes:
        at_most: How many of them are allowed within the time, >= 1.
        within: The time, in elapsed hours: a day is 24 hours, also when the clocks change. After exactly this time a
            contact no longer counts.
        purpose: The purpose of the contacts that it counts and forbids; None for all.
    """

    purpose: Label[Purpose] | None = None


@attrs.frozen(kw_only=True)
class ContactDecision(Decision):
    """Whether a customer may be contacted, if not from when, and which limits forbid it.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import ContactLimit, Interaction, communication, instant
        >>> decision = communication.may_contact(
        ...     [Interaction(touchpoint_id="news", at=instant("2026-03-02"), customer_id="anna")],
        ...     customer_id="anna",
        ...     as_of=instant("2026-03-03"),
        ...     limits=[ContactLimit(within=timedelta(days=3))],
        ... )
        >>> decision.allowed, decision.allowed_from.date().isoformat()
        (False, '2026-03-05')

    Attributes:
        as_of: The instant of the question.
        allowed_from: The first instant at which no limit forbids it, if nothing else happens; `as_of` if it is allowed.
        blocked_by: The limits that forbid it now.

    Raises:
        InvalidValueError: It is allowed before `as_of`, or at it although a limit forbids it, or later although none
            does.
    """

    blocked_by: tuple[ContactLimit, ...] = attrs.field(default=(), converter=several)


def may_contact(
    history: Iterable[Interaction],
    /,
    *,
    customer_id: Id,
    as_of: datetime,
    limits: Iterable[ContactLimit],
    purpose: Purpose | str | None = None,
    exempt: Iterable[Purpose | str] = _SERVICE,
) -> ContactDecision:
    """Decide whether the company may contact a customer of its own accord: not too often, not too soon.

    Contacts that the customer began do not count. Those of which it is unknown do.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import ContactLimit, Interaction, Purpose, communication, instant
        >>> offers = ContactLimit(at_most=2, within=timedelta(days=30), purpose=Purpose.SELL)
        >>> sent = [
        ...     Interaction(touchpoint_id="mail", at=instant(at), customer_id="anna", purpose=Purpose.SELL)
        ...     for at in ("2026-03-02", "2026-03-09")
        ... ]
        >>> {
        ...     purpose.value: communication.may_contact(
        ...         sent, customer_id="anna", as_of=instant("2026-03-16"), limits=[offers], purpose=purpose
        ...     ).allowed
        ...     for purpose in (Purpose.SELL, Purpose.INFORM, Purpose.SERVE)
        ... }
        {'sell': False, 'inform': True, 'serve': True}

    Args:
        history: The contacts, of all customers and in any order. What is later than `as_of` has not happened yet.
        customer_id: The customer.
        as_of: The instant of the question.
        limits: The rules; all of them must allow it.
        purpose: What the contact would be for; None if that is not known, so that every limit applies.
        exempt: The purposes of contacts that are always allowed and that no limit counts, by default those that serve
            the customer, such as the news that an order is ready.
    """
    decisions = may_contact_each(history, [customer_id], as_of=as_of, limits=limits, purpose=purpose, exempt=exempt)
    return decisions[as_id(customer_id, "customer_id")]


def may_contact_each(
    history: Iterable[Interaction],
    customer_ids: Iterable[Id],
    /,
    *,
    as_of: datetime,
    limits: Iterable[ContactLimit],
    purpose: Purpose | str | None = None,
    exempt: Iterable[Purpose | str] = _SERVICE,
) -> dict[Id, ContactDecision]:
    """Decide for each of many customers what `may_contact` decides for one, in a single pass over the history.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import ContactLimit, Interaction, communication, instant
        >>> decisions = communication.may_contact_each(
        ...     [Interaction(touchpoint_id="news", at=instant("2026-03-02"), customer_id="anna")],
        ...     ["anna", "ben"],
        ...     as_of=instant("2026-03-03"),
        ...     limits=[ContactLimit(within=timedelta(days=3))],
        ... )
        >>> [name for name, decision in decisions.items() if decision.allowed]
        ['ben']

    Args:
        history: The contacts, of all customers and in any order.
        customer_ids: The customers, in the order of the result.
        as_of: The instant of the question.
        limits: The rules; all of them must allow it.
        purpose: What the contact would be for; None if that is not known, so that every limit applies.
        exempt: The purposes of contacts that are always allowed and that no limit counts.
    """
    rules = checks.as_tuple(limits, ContactLimit, "limits")
    now = in_utc(checks.as_instant(as_of, "as_of"))
    wanted = None if purpose is None else checks.as_label(purpose, Purpose, "purpose")
    free = {
        checks.as_label(one, Purpose, f"exempt[{place}]")
        for place, one in enumerate(checks.iterate(exempt, "exempt", "purpose"))
    }
    events: dict[Id, list[tuple[datetime, Purpose | str | None]]] = {
        one: [] for one in as_ids(customer_ids, "customer_ids")
    }
    for contact in iterate_once(history, Interaction, "history"):
        at = in_utc(contact.at)
        happened = events.get(contact.customer_id) if contact.customer_id is not None else None
        if happened is None or contact.initiative is Initiative.CUSTOMER or contact.purpose in free or at > now:
            continue
        happened.append((at, contact.purpose))
    fitting = [rule for rule in rules if wanted not in free and (wanted is None or rule.purpose in (None, wanted))]
    decisions: dict[Id, ContactDecision] = {}
    for customer, happened in events.items():
        allowed_from, blocking = find_blocking([(rule, _list_counted(rule, happened)) for rule in fitting], now)
        decisions[customer] = ContactDecision(as_of=as_of, allowed_from=allowed_from or as_of, blocked_by=blocking)
    return decisions


def _list_counted(rule: ContactLimit, events: list[tuple[datetime, Purpose | str | None]]) -> list[datetime]:
    """Return when the contacts were that a rule counts; one of an unknown purpose may have had any."""
    return [at for at, purpose in events if rule.purpose is None or purpose is None or purpose == rule.purpose]
