"""A person or an organisation that buys, and the people to talk to there."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import attrs

from crmcore.model.occasion import Occasion
from crmcore.primitives import checks
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import by_utc
from crmcore.primitives.record import Label, Personal, PersonalName, Record, distinct, several, text

__all__ = ["AcquisitionSource", "ContactPerson", "Customer", "CustomerKind", "Id"]


class CustomerKind(StrEnum):
    """The kind of a customer. Large CRM products call a person a contact and an organisation an account.

    Attributes:
        PERSON: A person.
        ORGANIZATION: A company, a public office or a club; it can have contact people.
    """

    PERSON = "person"
    ORGANIZATION = "organization"


class AcquisitionSource(StrEnum):
    """How a customer was acquired.

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        ADVERTISING: By paid advertising.
        CONTENT: By content that solved a problem of the customer.
        SOCIAL_NETWORK: On a social network.
        SEARCH: By a search engine.
        COMMUNITY: In a community of customers.
        CAMPAIGN: By a campaign in which the company took part.
        REFERRAL: By the recommendation of another customer.
        PARTNER: By a partner company.
        LOYALTY_PROGRAMME: By a loyalty programme.
        EVENT: At an event.
        COLD_CALL: By a call that the customer did not ask for.
        WALK_IN: The customer walked in.
        WIN_BACK: The customer had left and was won back.
    """

    ADVERTISING = "advertising"
    CONTENT = "content"
    SOCIAL_NETWORK = "social_network"
    SEARCH = "search"
    COMMUNITY = "community"
    CAMPAIGN = "campaign"
    REFERRAL = "referral"
    PARTNER = "partner"
    LOYALTY_PROGRAMME = "loyalty_programme"
    EVENT = "event"
    COLD_CALL = "cold_call"
    WALK_IN = "walk_in"
    WIN_BACK = "win_back"


@attrs.frozen(kw_only=True)
class ContactPerson(Record):
    """A person to talk to at an organisation, with their role there.

    Examples:
        >>> from crmcore import ContactPerson
        >>> buyer = ContactPerson(id="k", name="Karlis Ozols", role="head of purchasing", email="karlis@example.com")
        >>> buyer
        ContactPerson(id='k')

    Name, role, e-mail address and phone number are personal. They are left out of `repr` and of every message.

    Attributes:
        name: The name of the person, not empty.
        id: The id of the person.
        role: What the person does or decides there.
        email: The e-mail address.
        phone: The phone number.
    """

    name: PersonalName
    id: Id | None = None
    role: Personal = attrs.field(default="", converter=text)
    email: Personal | None = None
    phone: Personal | None = None


@attrs.frozen(kw_only=True)
class Customer(Record):
    """A person or an organisation that buys, has bought or may buy.

    Examples:
        >>> from crmcore import Customer
        >>> anna = Customer(id=7, name="Anna Kalnina", segments=["book buyers", "Riga"])
        >>> sorted(anna.segments)
        ['Riga', 'book buyers']
        >>> "Anna" in repr(anna)
        False

    The name is personal. It is left out of `repr` and of every message.

    Attributes:
        id: The id of the customer, opaque: a text or a whole number.
        kind: A person or an organisation.
        name: The name of the customer.
        segments: The groups that the customer belongs to.
        since: When the customer was acquired.
        manager_id: The employee who looks after the customer.
        occasions: The days of the year to remember.
        source: How the customer was acquired.
        contacts: The people to talk to; empty for a person.
        interests: What the customer is interested in.
        updated_at: When the data of the customer were last changed or confirmed.
        referred_by_id: The customer who recommended the company to this one.

    Raises:
        InvalidValueError: A person has contact people, or a customer was referred by themselves.
    """

    id: Id
    kind: CustomerKind = CustomerKind.PERSON
    name: Personal | None = None
    segments: frozenset[str] = attrs.field(default=frozenset(), converter=distinct, repr=checks.sorted_repr)
    since: datetime | None = attrs.field(default=None, eq=by_utc)
    manager_id: Id | None = None
    occasions: tuple[Occasion, ...] = attrs.field(default=(), converter=several, repr=False)
    source: Label[AcquisitionSource] | None = None
    contacts: tuple[ContactPerson, ...] = attrs.field(default=(), converter=several)
    interests: frozenset[str] = attrs.field(default=frozenset(), converter=distinct, repr=checks.sorted_repr)
    updated_at: datetime | None = attrs.field(default=None, eq=by_utc)
    referred_by_id: Id | None = None

    def _check(self) -> None:
        super()._check()
        if self.contacts and self.kind is CustomerKind.PERSON:
            raise InvalidValueError(
                "contacts_of_a_person",
                f"contacts must be empty for a person, got {len(self.contacts)}",
                field="contacts",
                advice="set kind=CustomerKind.ORGANIZATION",
                operands=(len(self.contacts),),
            )
        if self.referred_by_id is not None and self.referred_by_id == self.id:
            raise InvalidValueError(
                "referred_by_themselves",
                f"referred_by_id must be another customer, got {checks.show(self.referred_by_id)}",
                field="referred_by_id",
                operands=(self.referred_by_id,),
            )
        ids = [object() if contact.id is None else contact.id for contact in self.contacts]
        checks.check_unique(ids, "contacts", "an id")
