"""What happens when a customer meets the company at a touchpoint."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

import attrs

from crmcore.model._history import check_not_before
from crmcore.primitives._decimals import plain_repr
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id, are_plain
from crmcore.primitives.periods import by_utc
from crmcore.primitives.record import Label, Personal, Record, maybe_number, text

__all__ = ["AbandonReason", "AdviceMotive", "Initiative", "Interaction", "InteractionKind", "Purpose", "Tone", "Topic"]


class InteractionKind(StrEnum):
    """The part of the company that the customer met; a relationship connects all four over time.

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        MARKETING: Messages to many customers.
        SALES_SUPPORT: Help with choosing and buying.
        TECHNICAL_HELP: Help with using what was bought.
        SERVICE: Any other service for the customer.
    """

    MARKETING = "marketing"
    SALES_SUPPORT = "sales_support"
    TECHNICAL_HELP = "technical_help"
    SERVICE = "service"


class Initiative(StrEnum):
    """The side that started a contact.

    Attributes:
        CUSTOMER: The customer contacted the company.
        COMPANY: The company contacted the customer.
    """

    CUSTOMER = "customer"
    COMPANY = "company"


class Purpose(StrEnum):
    """The purpose of an interaction.

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        INFORM: To inform the customer.
        RELATE: To keep the relationship alive.
        SELL: To sell.
        SERVE: To serve the customer.
        ADVISE: To advise the customer; `advice_motive` says why.
        TRIAL: The customer tests the company with something small.
    """

    INFORM = "inform"
    RELATE = "relate"
    SELL = "sell"
    SERVE = "serve"
    ADVISE = "advise"
    TRIAL = "trial"


class AbandonReason(StrEnum):
    """Why a customer gave up a contact that they had started.

    Attributes:
        QUEUE: It took too long: a queue or a busy line.
        STOCK_OUT: The product was out of stock.
        WEBSITE: The site or the app failed.
        PHONE: The phone was not answered, or its menu led to no answer.
        PREMISES: The place put the customer off: dirt, disorder.
        OTHER: Another reason, or an unknown one.
    """

    QUEUE = "queue"
    STOCK_OUT = "stock_out"
    WEBSITE = "website"
    PHONE = "phone"
    PREMISES = "premises"
    OTHER = "other"


class AdviceMotive(StrEnum):
    """Why advice was given.

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        HELP: To help the customer.
        SELL: To sell something.
    """

    HELP = "help"
    SELL = "sell"


class Topic(StrEnum):
    """The topic of a conversation.

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        COMPANY: The company itself.
        APPROACH: How the company works.
        PRODUCTS: The products of the company.
        TRANSACTION: A transaction in progress.
        BUSINESS: The customer's own business.
        PROBLEM: The customer's problem.
        INDUSTRY: News of the industry.
        LIFE: Life outside business.
    """

    COMPANY = "company"
    APPROACH = "approach"
    PRODUCTS = "products"
    TRANSACTION = "transaction"
    BUSINESS = "business"
    PROBLEM = "problem"
    INDUSTRY = "industry"
    LIFE = "life"


class Tone(StrEnum):
    """The mood of the customer in an interaction. The last four come from the source articles (see docs/why.md).

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        PLEASED: The customer was pleased.
        CALM: The customer was calm.
        MISTAKEN: The customer had a misconception.
        SCEPTICAL: The customer was sceptical.
        DISAPPOINTED: The customer was disappointed.
        ANGRY: The customer was angry.
    """

    PLEASED = "pleased"
    CALM = "calm"
    MISTAKEN = "mistaken"
    SCEPTICAL = "sceptical"
    DISAPPOINTED = "disappointed"
    ANGRY = "angry"


_NEGATIVE: Final[dict[str, bool]] = {tone.value: tone in {Tone.DISAPPOINTED, Tone.ANGRY} for tone in Tone}


@attrs.frozen(kw_only=True)
class Interaction(Record):
    """A contact of a customer with the company, at a touchpoint and at an instant.

    Examples:
        >>> from crmcore import AdviceMotive, Initiative, Interaction, Purpose, instant
        >>> asked = Interaction(
        ...     touchpoint_id="aisle 10",
        ...     at=instant("2026-03-02T10:15"),
        ...     customer_id=7,
        ...     initiative=Initiative.CUSTOMER,
        ...     purpose=Purpose.ADVISE,
        ...     advice_motive=AdviceMotive.HELP,
        ... )
        >>> asked.purpose
        <Purpose.ADVISE: 'advise'>

    The note may be personal. It is left out of `repr` and of every message.

    Attributes:
        touchpoint_id: Where it happened.
        at: When it happened.
        customer_id: The customer; None if they are unknown.
        id: The id of the interaction; moments, feedback and tasks refer to it.
        initiative: The side that started it.
        purpose: What it was for.
        employee_id: The employee who handled it.
        note: Any remark.
        kind: The part of the company that the customer met.
        advice_motive: Why advice was given; only if the purpose is to advise.
        topic: What was talked about.
        tone: The mood of the customer.
        value_to_customer: What it was worth to the customer, in a unit of the caller's choice; < 0 for a harm.
        value_to_company: What it was worth to the company, in a unit of the caller's choice; < 0 for a harm.
        abandoned: Why the customer gave the contact up; None if they did not.
        promise_due: By when the employee promised to do what the note says; None if they promised nothing; not before
            `at`.

    Raises:
        InvalidValueError: A motive of advice, but the purpose is not to advise; or a promise due before the contact.
    """

    _ruled = frozenset({"advice_motive", "promise_due"})

    touchpoint_id: Id
    at: datetime = attrs.field(eq=by_utc)
    customer_id: Id | None = None
    id: Id | None = None
    initiative: Initiative | None = None
    purpose: Label[Purpose] | None = None
    employee_id: Id | None = None
    note: Personal = attrs.field(default="", converter=text)
    kind: Label[InteractionKind] | None = None
    advice_motive: Label[AdviceMotive] | None = None
    topic: Label[Topic] | None = None
    tone: Label[Tone] | None = None
    value_to_customer: Decimal | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr)
    value_to_company: Decimal | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr)
    abandoned: AbandonReason | None = None
    promise_due: datetime | None = attrs.field(default=None, eq=by_utc)

    def __attrs_post_init__(self) -> None:
        at = self.at
        if not (  # 2.2x as fast as _check: benchmarks/subjects/building.py
            type(self) is Interaction
            and type(at) is datetime
            and at.tzinfo is UTC
            and self.touchpoint_id is not None
            and are_plain((self.touchpoint_id, self.customer_id, self.id, self.employee_id))
            and self.initiative is None
            and self.purpose is None
            and self.note == ""
            and self.kind is None
            and self.advice_motive is None
            and self.topic is None
            and self.tone is None
            and self.value_to_customer is None
            and self.value_to_company is None
            and self.abandoned is None
            and self.promise_due is None
        ):
            self._check()

    def _check(self) -> None:
        super()._check()
        check_not_before(self, "promise_due", "at")
        if self.advice_motive is not None and self.purpose is not Purpose.ADVISE:
            raise InvalidValueError(
                "motive_without_advice",
                "advice_motive must be empty unless purpose is advise",
                field="advice_motive",
                advice="set purpose=Purpose.ADVISE",
            )

    @property
    def is_negative(self) -> bool | None:
        """Whether the customer was disappointed or angry; None if the tone is unknown or a text of your own."""
        return None if self.tone is None else _NEGATIVE.get(self.tone)
