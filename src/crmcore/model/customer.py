"""The customer: a person or an organisation."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, cast

import attrs

from crmcore.model.occasion import Occasion
from crmcore.primitives import checks
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.periods import by_utc

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["AcquisitionSource", "ContactPerson", "Customer", "CustomerKind", "Id"]


class CustomerKind(StrEnum):
    """What a customer is: the big CRM products call the one a contact, the other an account.

    Attributes:
        PERSON: A human being.
        ORGANIZATION: A company, an office, a club: whoever has contact people.
    """

    PERSON = "person"
    ORGANIZATION = "organization"


class AcquisitionSource(StrEnum):
    """How a customer was won.

    By `ADVERTISING` paid for, `CONTENT` that solved a problem, a `SOCIAL_NETWORK`, `SEARCH`, a customers' `COMMUNITY`,
    a `REFERRAL` by another customer, a `PARTNER`, a `LOYALTY_PROGRAMME`, an `EVENT`, `COLD_CALL`, by walking in
    (`WALK_IN`), or `WIN_BACK` of one who had left.
    """

    ADVERTISING = "advertising"
    CONTENT = "content"
    SOCIAL_NETWORK = "social_network"
    SEARCH = "search"
    COMMUNITY = "community"
    REFERRAL = "referral"
    PARTNER = "partner"
    LOYALTY_PROGRAMME = "loyalty_programme"
    EVENT = "event"
    COLD_CALL = "cold_call"
    WALK_IN = "walk_in"
    WIN_BACK = "win_back"


@attrs.frozen(kw_only=True)
class ContactPerson:
    """A person to talk to at an organisation, and what he decides there.

    Examples:
        >>> buyer = ContactPerson(id="k", name="Karlis Ozols", role="head of purchasing", email="karlis@example.com")
        >>> buyer
        ContactPerson(id='k', role='head of purchasing')

    Name, address and number stay out of `repr` and of every message, for they are personal.

    Attributes:
        name: What to call him.
        id: His own id.
        role: What he does there.
        email: Where to write.
        phone: Where to call.

    Raises:
        InvalidValueError: An empty id or name.
        WrongTypeError: A value of the wrong type.
    """

    name: str = attrs.field(repr=False)
    id: Id | None = None
    role: str = ""
    email: str | None = attrs.field(default=None, repr=False)
    phone: str | None = attrs.field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        if not checks.as_text(self.name, "name"):
            raise InvalidValueError("name must not be empty")
        check_id(self.id, "id")
        checks.as_text(self.role, "role")
        for name in ("email", "phone"):
            if getattr(self, name) is not None:
                checks.as_text(getattr(self, name), name)


def _occasions(occasions: Iterable[Occasion]) -> tuple[Occasion, ...]:
    return cast("tuple[Occasion, ...]", occasions)


def _contacts(contacts: Iterable[ContactPerson]) -> tuple[ContactPerson, ...]:
    return cast("tuple[ContactPerson, ...]", contacts)


def _names(names: Iterable[str]) -> frozenset[str]:
    return cast("frozenset[str]", names)


@attrs.frozen(kw_only=True)
class Customer:
    """Somebody who buys, bought or may buy.

    Examples:
        >>> anna = Customer(id=7, name="Anna Kalnina", segments=["book buyers", "Riga"])
        >>> sorted(anna.segments)
        ['Riga', 'book buyers']
        >>> "Anna" in repr(anna)
        False

    The name stays out of `repr` and of every message, for it is personal.

    Attributes:
        id: Opaque, a text or a whole number.
        kind: A person or an organisation.
        name: What to call the customer.
        segments: The groups the customer belongs to.
        since: When the customer was won.
        manager_id: Who looks after the customer.
        occasions: The days to remember.
        source: How the customer was won.
        contacts: Whom to talk to; only an organisation has contact people.

    Raises:
        InvalidValueError: An empty id or segment, or contact people of a person.
        NaiveInstantError: `since` has no time zone.
        WrongTypeError: A value of the wrong type; a lone text where several segments are due.
    """

    id: Id
    kind: CustomerKind = CustomerKind.PERSON
    name: str | None = attrs.field(default=None, repr=False)
    segments: frozenset[str] = attrs.field(default=frozenset(), converter=_names, repr=checks.sorted_repr)
    since: datetime | None = attrs.field(default=None, eq=by_utc)
    manager_id: Id | None = None
    occasions: tuple[Occasion, ...] = attrs.field(default=(), converter=_occasions)
    source: AcquisitionSource | None = None
    contacts: tuple[ContactPerson, ...] = attrs.field(default=(), converter=_contacts)

    def __attrs_post_init__(self) -> None:
        check_id(self.id, "id", required=True)
        checks.as_member(self.kind, CustomerKind, "kind")
        if self.name is not None:
            checks.as_text(self.name, "name")
        checks.set_field(self, "segments", checks.as_texts(self.segments, "segments"))
        if self.since is not None:
            checks.as_instant(self.since, "since")
        check_id(self.manager_id, "manager_id")
        checks.set_field(self, "occasions", checks.as_tuple(self.occasions, Occasion, "occasions"))
        if self.source is not None:
            checks.as_member(self.source, AcquisitionSource, "source")
        checks.set_field(self, "contacts", checks.as_tuple(self.contacts, ContactPerson, "contacts"))
        if self.contacts and self.kind is CustomerKind.PERSON:
            raise InvalidValueError("a person has no contact people; set kind=CustomerKind.ORGANIZATION")
