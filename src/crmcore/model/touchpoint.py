"""Touchpoints: the places where a customer and the company meet."""

from __future__ import annotations

from enum import StrEnum

import attrs

from crmcore.primitives import checks
from crmcore.primitives.ids import Id, check_id

__all__ = ["Channel", "ContactArea", "Ownership", "PurchasePhase", "Touchpoint", "TouchpointKind"]


class TouchpointKind(StrEnum):
    """What happens at a touchpoint.

    `ADVERTISEMENT` seen, `SEARCH` for something needed, `WEBSITE` visited, `REVIEW` of others read, `RECOMMENDATION`
    heard, `SOCIAL_NETWORK` met on, `CONTENT` read or watched, `NEWSLETTER` received, `EVENT` attended, `BOOKING` made,
    `PREMISES` entered, `QUEUE` stood in, `ADVICE` given, `TRIAL` of the product, `PURCHASE` made, `PAYMENT`,
    `DELIVERY`, `USE` of what was bought, `SUPPORT` asked for, `COMPLAINT` made, `RETURN` of a purchase, `LOYALTY`
    programme, `FOLLOW_UP` after the sale, `SURVEY` answered, `COMMUNITY` of customers.
    """

    ADVERTISEMENT = "advertisement"
    SEARCH = "search"
    WEBSITE = "website"
    REVIEW = "review"
    RECOMMENDATION = "recommendation"
    SOCIAL_NETWORK = "social_network"
    CONTENT = "content"
    NEWSLETTER = "newsletter"
    EVENT = "event"
    BOOKING = "booking"
    PREMISES = "premises"
    QUEUE = "queue"
    ADVICE = "advice"
    TRIAL = "trial"
    PURCHASE = "purchase"
    PAYMENT = "payment"
    DELIVERY = "delivery"
    USE = "use"
    SUPPORT = "support"
    COMPLAINT = "complaint"
    RETURN = "return"
    LOYALTY = "loyalty"
    FOLLOW_UP = "follow_up"
    SURVEY = "survey"
    COMMUNITY = "community"


class Channel(StrEnum):
    """By what means the two meet; `is_personal` tells where a human answers at once.

    Attributes:
        IN_PERSON: Face to face.
        PHONE: By phone.
        VIDEO_CALL: On a screen, seeing one another.
        CHAT: In writing, at once.
        VOICE_MAIL: A message spoken to a machine.
        EMAIL: By e-mail.
        TEXT_MESSAGE: A short message to the phone.
        LETTER: By post.
        WEBSITE: The company's own site.
        MOBILE_APP: The company's own app.
        SOCIAL_NETWORK: Posts and comments in a social network.
        FORUM: A forum of customers.
        REVIEW_SITE: A site that collects reviews.
        SELF_SERVICE_DEVICE: A machine that the customer works himself, such as a kiosk.
        PRINT: Newspapers, magazines, leaflets.
        BROADCAST: Radio and television.
        OUTDOOR: Posters and signs in the street.
    """

    IN_PERSON = "in_person"
    PHONE = "phone"
    VIDEO_CALL = "video_call"
    CHAT = "chat"
    VOICE_MAIL = "voice_mail"
    EMAIL = "email"
    TEXT_MESSAGE = "text_message"
    LETTER = "letter"
    WEBSITE = "website"
    MOBILE_APP = "mobile_app"
    SOCIAL_NETWORK = "social_network"
    FORUM = "forum"
    REVIEW_SITE = "review_site"
    SELF_SERVICE_DEVICE = "self_service_device"
    PRINT = "print"
    BROADCAST = "broadcast"
    OUTDOOR = "outdoor"

    @property
    def is_personal(self) -> bool:
        """Whether the customer meets a human who answers at once; voice mail and e-mail lose that."""
        return self in _PERSONAL


_PERSONAL = (Channel.IN_PERSON, Channel.PHONE, Channel.VIDEO_CALL, Channel.CHAT)


class PurchasePhase(StrEnum):
    """Where a touchpoint stands towards the purchase.

    Attributes:
        BEFORE: Before the customer buys.
        PURCHASE: While he buys.
        AFTER: After he has bought.
    """

    BEFORE = "before"
    PURCHASE = "purchase"
    AFTER = "after"


class Ownership(StrEnum):
    """Whose a touchpoint is, and so who controls it.

    `OWNED` by the company, which controls it; a `PARTNER`'s, controlled together; the `CUSTOMER`'s own, such as his
    social network; `INDEPENDENT`, such as a review site. The last two nobody in the company controls.

    Source: Lemon and Verhoef 2016, Journal of Marketing 80(6):69-96.
    """

    OWNED = "owned"
    PARTNER = "partner"
    CUSTOMER = "customer"
    INDEPENDENT = "independent"

    @property
    def is_controlled(self) -> bool:
        """Whether the company has a hand in it, alone or with a partner."""
        return self in (Ownership.OWNED, Ownership.PARTNER)


class ContactArea(StrEnum):
    """The seven areas in which customers meet a company, according to the documents.

    `PRODUCTS` carried; `SERVICES`; `PREMISES`, their design and look; `COMMUNICATION` by signs, advertising and
    literature; `STAFF`, their look and behaviour; `QUALITY_AND_PRICES`; `AFTER_SALE`: warranty, the solving of
    complaints and other communication.
    """

    PRODUCTS = "products"
    SERVICES = "services"
    PREMISES = "premises"
    COMMUNICATION = "communication"
    STAFF = "staff"
    QUALITY_AND_PRICES = "quality_and_prices"
    AFTER_SALE = "after_sale"


@attrs.frozen(kw_only=True)
class Touchpoint:
    """A place where a customer and the company meet; what happens there at an instant is an `Interaction`.

    Examples:
        >>> aisle = Touchpoint(
        ...     id="aisle 10", kind=TouchpointKind.ADVICE, channel=Channel.IN_PERSON, phase=PurchasePhase.BEFORE
        ... )
        >>> aisle.channel.is_personal, aisle.ownership.is_controlled
        (True, True)

    Attributes:
        id: What interactions and moments refer to.
        name: What people call it.
        kind: What happens there.
        channel: By what means the two meet.
        phase: Before, at or after the purchase.
        ownership: Whose it is.
        contact_area: Which of the documents' seven areas it belongs to.

    Raises:
        InvalidValueError: An empty id.
        WrongTypeError: A value of the wrong type, a text where a member is due.
    """

    id: Id
    name: str = ""
    kind: TouchpointKind | None = None
    channel: Channel | None = None
    phase: PurchasePhase | None = None
    ownership: Ownership = Ownership.OWNED
    contact_area: ContactArea | None = None

    def __attrs_post_init__(self) -> None:
        check_id(self.id, "id", required=True)
        checks.as_text(self.name, "name")
        checks.as_member(self.ownership, Ownership, "ownership")
        for name, enum in (
            ("kind", TouchpointKind),
            ("channel", Channel),
            ("phase", PurchasePhase),
            ("contact_area", ContactArea),
        ):
            if getattr(self, name) is not None:
                checks.as_member(getattr(self, name), enum, name)
