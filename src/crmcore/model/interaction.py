"""Interactions: a customer met the company at a touchpoint at an instant."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import plain_repr
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import ID_TYPES, Id, check_id
from crmcore.primitives.periods import by_utc

__all__ = ["AbandonReason", "AdviceMotive", "Initiative", "Interaction", "InteractionKind", "Purpose", "Tone", "Topic"]


class InteractionKind(StrEnum):
    """Which part of the company the customer met; a relationship is the ongoing connection of all four.

    Attributes:
        MARKETING: What is told to many.
        SALES_SUPPORT: Help to choose and to buy.
        TECHNICAL_HELP: Help to use what was bought.
        SERVICE: Whatever else is done for him.
    """

    MARKETING = "marketing"
    SALES_SUPPORT = "sales_support"
    TECHNICAL_HELP = "technical_help"
    SERVICE = "service"


class Initiative(StrEnum):
    """Who began: the `COMPANY` went towards the customer, or the `CUSTOMER` came and the company was ready for him."""

    CUSTOMER = "customer"
    COMPANY = "company"


class Purpose(StrEnum):
    """What an interaction was for.

    To `INFORM`, to `RELATE` (keep the relationship alive), to `SELL`, to `SERVE`, to `ADVISE` (the motive is a field),
    or a `TRIAL`: the customer tests the company in a small matter.
    """

    INFORM = "inform"
    RELATE = "relate"
    SELL = "sell"
    SERVE = "serve"
    ADVISE = "advise"
    TRIAL = "trial"


class AbandonReason(StrEnum):
    """What made a customer give up a contact that he had begun, and perhaps never try again.

    Attributes:
        QUEUE: It took too long: a queue, a line that was busy.
        STOCK_OUT: What he wanted was not there.
        WEBSITE: The site or the app let him down.
        PHONE: Nobody answered, or the menu led nowhere.
        PREMISES: The place itself put him off: dirt, disorder.
        OTHER: Something else, or nobody knows.
    """

    QUEUE = "queue"
    STOCK_OUT = "stock_out"
    WEBSITE = "website"
    PHONE = "phone"
    PREMISES = "premises"
    OTHER = "other"


class AdviceMotive(StrEnum):
    """Why advice was given: to `HELP`, or to `SELL`."""

    HELP = "help"
    SELL = "sell"


class Topic(StrEnum):
    """What was talked about.

    The `COMPANY` itself, its `APPROACH`, its `PRODUCTS`, a `TRANSACTION` under way, the customer's own `BUSINESS`, his
    `PROBLEM`, `INDUSTRY` news, or `LIFE` beside business.
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
    """What coloured an interaction, on the customer's side.

    `PLEASED`, `CALM`, or one of the documents' four: `MISTAKEN` (a misconception), `SCEPTICAL`, `DISAPPOINTED`,
    `ANGRY`.
    """

    PLEASED = "pleased"
    CALM = "calm"
    MISTAKEN = "mistaken"
    SCEPTICAL = "sceptical"
    DISAPPOINTED = "disappointed"
    ANGRY = "angry"


def _worth(worth: Decimal | int | str | None) -> Decimal | None:
    return cast("Decimal | None", worth)


@attrs.frozen(kw_only=True)
class Interaction:
    """A customer met the company at a touchpoint at an instant.

    Examples:
        >>> from crmcore import instant
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

    The note stays out of `repr` and of every message, for it may be personal.

    Attributes:
        touchpoint_id: Where.
        at: When.
        customer_id: Who; None is an unknown customer.
        id: The interaction's own id, to which moments, feedback and tasks refer.
        initiative: Who began.
        purpose: What for.
        employee_id: Who handled it.
        note: Any remark.
        kind: Which part of the company he met.
        advice_motive: Why advice was given; only of an interaction to advise.
        topic: What was talked about.
        tone: What coloured it, on the customer's side.
        value_to_customer: What it was worth to him, in a unit of the caller's choice, below nought for a harm.
        value_to_company: What it was worth to the company, likewise.
        abandoned: Why the customer gave it up; None where he did not.

    Raises:
        InvalidValueError: An empty id, or a motive of advice where none was given.
        NaiveInstantError: The instant has no time zone.
        WrongTypeError: A value of the wrong type.
    """

    touchpoint_id: Id
    at: datetime = attrs.field(eq=by_utc)
    customer_id: Id | None = None
    id: Id | None = None
    initiative: Initiative | None = None
    purpose: Purpose | None = None
    employee_id: Id | None = None
    note: str = attrs.field(default="", repr=False)
    kind: InteractionKind | None = None
    advice_motive: AdviceMotive | None = None
    topic: Topic | None = None
    tone: Tone | None = None
    value_to_customer: Decimal | None = attrs.field(default=None, converter=_worth, repr=plain_repr)
    value_to_company: Decimal | None = attrs.field(default=None, converter=_worth, repr=plain_repr)
    abandoned: AbandonReason | None = None

    def __attrs_post_init__(self) -> None:
        at = self.at
        if not (
            type(at) is datetime
            and at.tzinfo is UTC
            and self.touchpoint_id is not None
            and type(self.touchpoint_id) in ID_TYPES
            and type(self.customer_id) in ID_TYPES
            and type(self.id) in ID_TYPES
            and type(self.employee_id) in ID_TYPES
            and "" not in (self.touchpoint_id, self.customer_id, self.id, self.employee_id)
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
        ):
            self._check()

    def _check(self) -> None:
        check_id(self.touchpoint_id, "touchpoint_id", required=True)
        checks.as_instant(self.at, "at")
        for name in ("customer_id", "id", "employee_id"):
            check_id(getattr(self, name), name)
        for name, enum in _ENUMS:
            if getattr(self, name) is not None:
                checks.as_member(getattr(self, name), enum, name)
        checks.as_text(self.note, "note")
        if self.advice_motive is not None and self.purpose is not Purpose.ADVISE:
            raise InvalidValueError("advice_motive belongs to an interaction to advise; set purpose=Purpose.ADVISE")
        for name in ("value_to_customer", "value_to_company"):
            if getattr(self, name) is not None:
                checks.set_field(self, name, checks.as_exact(getattr(self, name), name))


_ENUMS: tuple[tuple[str, type[StrEnum]], ...] = (
    ("initiative", Initiative),
    ("purpose", Purpose),
    ("kind", InteractionKind),
    ("advice_motive", AdviceMotive),
    ("topic", Topic),
    ("tone", Tone),
    ("abandoned", AbandonReason),
)
