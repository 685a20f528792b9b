"""The contacts of each customer, in order."""

from collections.abc import Callable, Iterable

from crmcore.model.interaction import Interaction
from crmcore.model.touchpoint import Touchpoint
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import in_utc

__all__ = ["first_contacts", "impersonal_streaks"]


def impersonal_streaks(interactions: Iterable[Interaction], touchpoints: Iterable[Touchpoint], /) -> dict[Id, int]:
    """Return the longest run of impersonal contacts of each customer, in the order of time.

    A personal contact ends a run. A contact of which it is unknown neither ends a run nor lengthens it. Contacts of
    unknown customers are left out. Contacts at one instant keep the order in which they are given.

    Examples:
        >>> from crmcore import Channel, Interaction, Touchpoint, communication, instant
        >>> touchpoints = [
        ...     Touchpoint(id="hotline", channel=Channel.PHONE),
        ...     Touchpoint(id="news", channel=Channel.EMAIL),
        ... ]
        >>> contacts = [
        ...     Interaction(touchpoint_id=where, at=instant(f"2026-03-0{day}"), customer_id="anna")
        ...     for day, where in enumerate(["news", "hotline", "news", "news"], 1)
        ... ]
        >>> communication.impersonal_streaks(contacts, touchpoints)
        {'anna': 2}

    Args:
        interactions: The contacts, in any order.
        touchpoints: The touchpoints of the company.
    """
    is_personal = is_personal_at(touchpoints)
    longest: dict[Id, int] = {}
    for customer, contacts in list_by_customer(interactions).items():
        run = best = 0
        for personal in map(is_personal, contacts):
            if personal is not None:
                run = 0 if personal else run + 1
                best = max(best, run)
        longest[customer] = best
    return longest


def first_contacts(interactions: Iterable[Interaction], /) -> tuple[Interaction, ...]:
    """Return the first contact of each customer; of several at one instant the one that is given first.

    Examples:
        >>> from crmcore import Interaction, Mix, Tone, communication, instant
        >>> contacts = [
        ...     Interaction(touchpoint_id="phone", at=instant(at), customer_id=who, tone=tone)
        ...     for who, at, tone in [
        ...         ("anna", "2026-03-09", Tone.ANGRY),
        ...         ("anna", "2026-03-02", Tone.PLEASED),
        ...         ("ben", "2026-03-05", Tone.SCEPTICAL),
        ...     ]
        ... ]
        >>> Mix.of(communication.first_contacts(contacts), lambda contact: contact.tone).share(Tone.PLEASED)
        Decimal('0.5')

    Contacts of unknown customers are left out.

    Args:
        interactions: The contacts, in any order. They must reach back to the first one of each customer.
    """
    return tuple(contacts[0] for contacts in list_by_customer(interactions).values())


def list_by_customer(interactions: Iterable[Interaction]) -> dict[Id, list[Interaction]]:
    """Return the contacts of each known customer in the order of time."""
    groups: dict[Id, list[Interaction]] = {}
    for contact in iterate_once(interactions, Interaction, "interactions"):
        if contact.customer_id is not None:
            groups.setdefault(contact.customer_id, []).append(contact)
    for contacts in groups.values():
        contacts.sort(key=lambda contact: in_utc(contact.at))
    return groups


def is_personal_at(touchpoints: Iterable[Touchpoint]) -> Callable[[Interaction], bool | None]:
    """Return a function that says whether a person answers the customer at once in a contact, or None if unknown."""
    known = {one.id: one.is_personal for one in iterate_once(touchpoints, Touchpoint, "touchpoints")}
    return lambda interaction: known.get(interaction.touchpoint_id)
