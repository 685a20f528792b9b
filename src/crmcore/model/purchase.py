"""Purchases, and the costs of customers beside the cost of goods."""

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
    """A purchase of a customer; a refund has a negative amount.

    Examples:
        >>> from crmcore import Money, Purchase, instant
        >>> book = Purchase(customer_id=7, at=instant("2026-03-02"), amount=Money(1000, "RUB"), cost=Money(600, "RUB"))
        >>> book.margin
        Money('400', 'RUB')

    The reason is in the customer's own words. It is left out of `repr` and of every message.

    Attributes:
        customer_id: The customer who bought.
        at: When they bought.
        amount: What the customer paid.
        cost: What the goods cost the company, in the same currency; None if it is unknown.
        id: The id of the purchase.
        reason: Why the customer bought, in their own words.

    Raises:
        CurrencyMismatchError: Amount and cost have different currencies.
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
        if not (  # 2.3x as fast as _check: benchmarks/subjects/building.py
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
        """The amount minus the cost of the goods; the whole amount if the cost is unknown."""
        return self.amount if self.cost is None else self.amount - self.cost


class CostKind(StrEnum):
    """What money was spent on.

    Attributes:
        ACQUISITION: Acquiring the customer.
        SERVICE: Serving the customer.
        RETENTION: Keeping the customer.
        COMPENSATION: Compensating the customer for what went wrong.
    """

    ACQUISITION = "acquisition"
    SERVICE = "service"
    RETENTION = "retention"
    COMPENSATION = "compensation"


@attrs.frozen(kw_only=True)
class Cost:
    """Money spent on acquiring, serving or keeping a customer; the cost of goods belongs to the purchase.

    Examples:
        >>> from crmcore import Cost, CostKind, Money, instant
        >>> Cost(amount=Money(500, "RUB"), at=instant("2026-01-01"), customer_id=7, kind=CostKind.ACQUISITION).amount
        Money('500', 'RUB')

    Attributes:
        amount: What was spent; negative if some of it was returned.
        at: When it was spent.
        customer_id: The customer it was spent on; None if it was not spent on a single known customer.
        kind: What it was spent on.
        id: The id of the cost.
        note: Any remark; it is left out of `repr` and of every message.
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
