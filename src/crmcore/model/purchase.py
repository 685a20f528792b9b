"""Purchases and what customers cost."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

import attrs

from crmcore.primitives import checks
from crmcore.primitives.errors import CurrencyMismatchError
from crmcore.primitives.ids import ID_TYPES, Id, check_id
from crmcore.primitives.money import Money
from crmcore.primitives.periods import by_utc

__all__ = ["Cost", "CostKind", "Purchase"]


@attrs.frozen(kw_only=True)
class Purchase:
    """A customer bought something; a negative amount is a refund.

    Examples:
        >>> from crmcore import Money, instant
        >>> book = Purchase(customer_id=7, at=instant("2026-03-02"), amount=Money(1000, "RUB"), cost=Money(600, "RUB"))
        >>> book.margin
        Money('400', 'RUB')

    The reason, the customer's own words, stays out of `repr` and of every message.

    Attributes:
        customer_id: Who bought.
        at: When.
        amount: What was paid.
        cost: What the goods cost the company, in the same currency.
        id: The purchase's own id.
        reason: Why, in the customer's own words.

    Raises:
        CurrencyMismatchError: Amount and cost are in two currencies.
        InvalidValueError: An empty id.
        NaiveInstantError: The instant has no time zone.
        WrongTypeError: A value of the wrong type, a number where money is due.
    """

    customer_id: Id
    at: datetime = attrs.field(eq=by_utc)
    amount: Money
    cost: Money | None = None
    id: Id | None = None
    reason: str | None = attrs.field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        at = self.at
        customer_id = self.customer_id
        if not (
            type(at) is datetime
            and at.tzinfo is UTC
            and customer_id is not None
            and type(customer_id) in ID_TYPES
            and type(self.id) in ID_TYPES
            and customer_id != ""
            and self.id != ""
            and type(self.amount) is Money
            and self.cost is None
            and self.reason is None
        ):
            self._check()

    def _check(self) -> None:
        check_id(self.customer_id, "customer_id", required=True)
        checks.as_instant(self.at, "at")
        checks.as_instance(self.amount, Money, "amount")
        if self.cost is not None and checks.as_instance(self.cost, Money, "cost").currency != self.amount.currency:
            raise CurrencyMismatchError(
                f"amount is in {self.amount.currency} but cost in {self.cost.currency}; "
                f"convert one with exchanged(...)",
                self.amount.currency,
                self.cost.currency,
            )
        check_id(self.id, "id")
        if self.reason is not None:
            checks.as_text(self.reason, "reason")

    @property
    def margin(self) -> Money:
        """What was paid less what the goods cost; all of it where no cost is known."""
        return self.amount if self.cost is None else self.amount - self.cost


class CostKind(StrEnum):
    """What money was spent on.

    Attributes:
        ACQUISITION: To win the customer.
        SERVICE: To serve him.
        RETENTION: To keep him.
        COMPENSATION: To make good what went wrong for him.
    """

    ACQUISITION = "acquisition"
    SERVICE = "service"
    RETENTION = "retention"
    COMPENSATION = "compensation"


@attrs.frozen(kw_only=True)
class Cost:
    """Money spent on winning, serving or keeping a customer, beside the cost of goods that a purchase carries.

    Examples:
        >>> from crmcore import Money, instant
        >>> Cost(amount=Money(500, "RUB"), at=instant("2026-01-01"), customer_id=7, kind=CostKind.ACQUISITION).amount
        Money('500', 'RUB')

    Attributes:
        amount: What was spent; negative where some of it came back.
        at: When.
        customer_id: On whom; None where it is not one customer's.
        kind: What for.
        id: The cost's own id.
        note: Any remark; it stays out of `repr` and of every message.

    Raises:
        InvalidValueError: An empty id.
        NaiveInstantError: The instant has no time zone.
        WrongTypeError: A value of the wrong type, a number where money is due.
    """

    amount: Money
    at: datetime = attrs.field(eq=by_utc)
    customer_id: Id | None = None
    kind: CostKind | None = None
    id: Id | None = None
    note: str = attrs.field(default="", repr=False)

    def __attrs_post_init__(self) -> None:
        checks.as_instance(self.amount, Money, "amount")
        checks.as_instant(self.at, "at")
        check_id(self.customer_id, "customer_id")
        if self.kind is not None:
            checks.as_member(self.kind, CostKind, "kind")
        check_id(self.id, "id")
        checks.as_text(self.note, "note")
