"""The people who serve the customers, and what they may grant."""

from __future__ import annotations

from typing import Annotated

import attrs

from crmcore.primitives import checks
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id
from crmcore.primitives.money import NON_NEGATIVE, Money
from crmcore.primitives.record import Record, text

__all__ = ["Authority", "Employee"]


@attrs.frozen(kw_only=True)
class Authority(Record):
    """What an employee may grant a customer without approval, and who approves more.

    Examples:
        >>> from crmcore import Authority, Money
        >>> authority = Authority(limit=Money(50, "EUR"), approver_id="lead")
        >>> authority.covers(Money(50, "EUR")), authority.covers(Money("50.01", "EUR"))
        (True, False)

    Attributes:
        limit: The largest amount per case, >= 0.
        approver_id: The employee who decides on larger amounts.
    """

    limit: Annotated[Money, NON_NEGATIVE]
    approver_id: Id | None = None

    def covers(self, amount: Money, /) -> bool:
        """Return whether an amount may be granted without approval; the limit itself may.

        Raises:
            CurrencyMismatchError: Limit and amount have different currencies.
        """
        return checks.as_instance(amount, Money, "amount") <= self.limit


@attrs.frozen(kw_only=True)
class Employee(Record):
    """A person who works for the company; for many customers their only contact with it.

    Examples:
        >>> from crmcore import Authority, Employee, Money
        >>> pavel = Employee(
        ...     id="pavel", role="shop assistant", reports_to_id="olga", authority=Authority(limit=Money(20, "EUR"))
        ... )
        >>> pavel.may_grant(Money(15, "EUR"))
        True

    The name is personal. It is left out of `repr` and of every message.

    Attributes:
        id: The id of the employee, opaque: a text or a whole number.
        name: The name of the employee.
        role: What the employee does, such as ``"key account manager"``.
        reports_to_id: The manager of the employee; None for the head of the company.
        authority: What the employee may grant; None if they may grant nothing.

    Raises:
        InvalidValueError: The employee reports to themselves.
    """

    id: Id
    name: str | None = attrs.field(default=None, repr=False)
    role: str = attrs.field(default="", converter=text)
    reports_to_id: Id | None = None
    authority: Authority | None = None

    def _check(self) -> None:
        super()._check()
        if self.reports_to_id == self.id:
            raise InvalidValueError(
                "reports_to_themselves",
                f"reports_to_id must not be the employee's own id, got {checks.show(self.id)}",
                field="reports_to_id",
                advice="it is None for the head of the company",
                operands=(self.id,),
            )

    def may_grant(self, amount: Money, /) -> bool:
        """Return whether the employee may grant an amount without approval; if they have no authority, only zero."""
        if self.authority is None:
            return checks.as_instance(amount, Money, "amount").amount <= 0
        return self.authority.covers(amount)
