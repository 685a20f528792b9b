"""The places where customers and the company meet."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import attrs

from crmcore.primitives.ids import Id
from crmcore.primitives.record import Label, Record, text

__all__ = ["Channel", "ContactArea", "Ownership", "PurchasePhase", "Touchpoint", "TouchpointKind"]


class TouchpointKind(StrEnum):
    """What happens at a touchpoint.

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        ADVERTISEMENT: The customer sees an advertisement.
        SEARCH: The customer searches for something they need.
        WEBSITE: The customer visits the website.
        REVIEW: The customer reads a review.
        RECOMMENDATION: The customer hears a recommendation.
        SOCIAL_NETWORK: The customer meets the company on a social network.
        CONTENT: The customer reads or watches content.
        NEWSLETTER: The customer receives a newsletter.
        EVENT: The customer attends an event.
        BOOKING: The customer makes a booking.
        PREMISES: The customer enters the premises.
        QUEUE: The customer waits in a queue.
        ADVICE: The customer receives advice.
        TRIAL: The customer tries the product.
        PURCHASE: The customer makes a purchase.
        PAYMENT: The customer pays.
        DELIVERY: The customer receives a delivery.
        USE: The customer uses what they bought.
        SUPPORT: The customer asks for support.
        COMPLAINT: The customer makes a complaint.
        RETURN: The customer returns a purchase.
        LOYALTY: The customer uses a loyalty programme.
        FOLLOW_UP: The company follows up after the sale.
        SURVEY: The customer answers a survey.
        COMMUNITY: The customer takes part in a community of customers.
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
    """The channel by which customer and company meet, and by which feedback is requested or received.

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        IN_PERSON: Face to face, such as "how did I do today?" at the end of a service.
        PHONE: By phone, whether the customer or the company called.
        VIDEO_CALL: By video call.
        CHAT: In a chat, on the website or in a messenger.
        VOICE_MAIL: By voice mail.
        EMAIL: By e-mail.
        TEXT_MESSAGE: By text message to the phone.
        LETTER: By post.
        WEBSITE: On the company's own website.
        MOBILE_APP: In the company's own app.
        SOCIAL_NETWORK: By posts and comments on a social network.
        FORUM: In a forum or community of customers, where ideas collect votes.
        REVIEW_SITE: On a site that collects reviews, such as a map or an app store.
        SELF_SERVICE_DEVICE: At a machine that the customer operates, such as a kiosk.
        PRINT: In newspapers, magazines or leaflets.
        BROADCAST: By radio or television.
        OUTDOOR: By posters and signs in the street.
        PAPER_FORM: On a paper form, such as a complaints book.
        ONLINE_SURVEY: On an online form, reached by a link, a code or an e-mail.
        INTERVIEW: In an arranged talk with one customer.
        FOCUS_GROUP: In a moderated talk with several customers.
        MEETING: At a meeting or a breakfast with customers, on site or online.
        COMMITTEE: In a committee of customers that helps to develop the product.
        RECORDS: From existing records: the contact centre, the document flow or the ERP system.
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
    PAPER_FORM = "paper_form"
    ONLINE_SURVEY = "online_survey"
    INTERVIEW = "interview"
    FOCUS_GROUP = "focus_group"
    MEETING = "meeting"
    COMMITTEE = "committee"
    RECORDS = "records"

    @classmethod
    def _missing_(cls, value: object) -> Channel | None:
        """Return the member of a text that 0.1.0 wrote for a channel of feedback."""
        return _FORMER.get(value) if isinstance(value, str) else None

    @property
    def is_personal(self) -> bool:
        """Whether a person answers the customer at once: face to face, by phone, by video call or by chat.

        Interviews, focus groups, meetings and committees are face to face.
        """
        return self in _PERSONAL

    @property
    def is_public(self) -> bool:
        """Whether others can read what a customer says there: on a social network, in a forum or on a review site."""
        return self in _PUBLIC


_FORMER: Final = {"call": Channel.PHONE, "messenger": Channel.CHAT, "social": Channel.SOCIAL_NETWORK}


class _FormerChannels:
    """Stands for the enum `FeedbackChannel` of 0.1.0, whose members pickles name by their text or by their name."""

    def __call__(self, value: str) -> Channel:
        return Channel(value)

    def __getattr__(self, name: str) -> Channel:
        return _FORMER.get(name.lower()) or getattr(Channel, name)


FORMER_CHANNELS: Final = _FormerChannels()
_PERSONAL: Final = frozenset(
    {
        Channel.IN_PERSON,
        Channel.PHONE,
        Channel.VIDEO_CALL,
        Channel.CHAT,
        Channel.INTERVIEW,
        Channel.FOCUS_GROUP,
        Channel.MEETING,
        Channel.COMMITTEE,
    }
)
_PUBLIC: Final = frozenset({Channel.SOCIAL_NETWORK, Channel.FORUM, Channel.REVIEW_SITE})


class PurchasePhase(StrEnum):
    """The time of a touchpoint relative to the purchase.

    Attributes:
        BEFORE: Before the customer buys.
        PURCHASE: While the customer buys.
        AFTER: After the customer has bought.
    """

    BEFORE = "before"
    PURCHASE = "purchase"
    AFTER = "after"


class Ownership(StrEnum):
    """The owner of a touchpoint, who controls it.

    Attributes:
        OWNED: The company owns and controls it.
        PARTNER: A partner owns it; company and partner control it together.
        CUSTOMER: The customer owns it, such as their social network; the company does not control it.
        INDEPENDENT: A third party owns it, such as a review site; the company does not control it.

    Source: Lemon and Verhoef 2016, Journal of Marketing 80(6):69-96.
    """

    OWNED = "owned"
    PARTNER = "partner"
    CUSTOMER = "customer"
    INDEPENDENT = "independent"

    @property
    def is_controlled(self) -> bool:
        """Whether the company controls the touchpoint, alone or with a partner."""
        return self in (Ownership.OWNED, Ownership.PARTNER)


class ContactArea(StrEnum):
    """The seven areas in which customers meet a company.

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        PRODUCTS: The range of products.
        SERVICES: The services.
        PREMISES: The premises, their design and look.
        COMMUNICATION: Signs, advertising and printed matter.
        STAFF: The look and behaviour of the employees.
        QUALITY_AND_PRICES: Quality and prices.
        AFTER_SALE: Warranty, the handling of complaints, and other communication after the sale.

    Source: the source articles (see docs/why.md).
    """

    PRODUCTS = "products"
    SERVICES = "services"
    PREMISES = "premises"
    COMMUNICATION = "communication"
    STAFF = "staff"
    QUALITY_AND_PRICES = "quality_and_prices"
    AFTER_SALE = "after_sale"


@attrs.frozen(kw_only=True)
class Touchpoint(Record):
    """A place where customers and the company meet; one contact there is an `Interaction`.

    Examples:
        >>> from crmcore import Channel, PurchasePhase, Touchpoint, TouchpointKind
        >>> aisle = Touchpoint(
        ...     id="aisle 10", kind=TouchpointKind.ADVICE, channel=Channel.IN_PERSON, phase=PurchasePhase.BEFORE
        ... )
        >>> aisle.is_personal, aisle.ownership.is_controlled
        (True, True)

    Kind, channel and contact area may also be texts of your own:

        >>> Touchpoint(id="lift", channel="lift advertising").channel
        'lift advertising'
        >>> Touchpoint(id="shop", channel="in_person").channel
        <Channel.IN_PERSON: 'in_person'>

    Attributes:
        id: The id of the touchpoint; interactions and moments refer to it.
        name: The name of the touchpoint.
        kind: What happens there.
        channel: The channel by which customer and company meet.
        phase: Before, during or after the purchase.
        ownership: The owner of the touchpoint.
        contact_area: The area it belongs to.
    """

    id: Id
    name: str = attrs.field(default="", converter=text)
    kind: Label[TouchpointKind] | None = None
    channel: Label[Channel] | None = None
    phase: PurchasePhase | None = None
    ownership: Ownership = Ownership.OWNED
    contact_area: Label[ContactArea] | None = None

    @property
    def is_personal(self) -> bool | None:
        """Whether a person answers the customer at once; None if the channel is unknown or a text of your own."""
        return self.channel.is_personal if isinstance(self.channel, Channel) else None
