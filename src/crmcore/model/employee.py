"""The people who serve the customers, and what they may grant."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import attrs

from crmcore.primitives import checks
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id
from crmcore.primitives.money import NON_NEGATIVE, Money, as_non_negative, same_currency
from crmcore.primitives.record import Personal, Record, text

__all__ = ["Authority", "Employee", "GrantDecision"]


class GrantDecision(StrEnum):
    """Whether an employee may grant an amount.

    Attributes:
        WITHIN: They may grant it alone.
        NEEDS_APPROVAL: They may grant it if somebody approves.
        REFUSED: They may not grant it.
    """

    WITHIN = "within"
    NEEDS_APPROVAL = "needs_approval"
    REFUSED = "refused"


@attrs.frozen(kw_only=True)
class Authority(Record):
    """What an employee may grant a customer without approval, and who approves more.

    Examples:
        >>> from crmcore import Authority, Money
        >>> authority = Authority(limit=Money(50, "EUR"), approver_id="lead", approval_limit=Money(200, "EUR"))
        >>> authority.covers(Money(50, "EUR")), authority.covers(Money("50.01", "EUR"))
        (True, False)
        >>> [authority.decide(Money(euro, "EUR")).value for euro in (50, 51, 200, 201)]
        ['within', 'needs_approval', 'needs_approval', 'refused']

    Attributes:
        limit: The largest amount per case, >= 0.
        approver_id: The employee who decides on larger amounts.
        approval_limit: The largest amount per case with approval, >= `limit`. None if `approver_id` may approve any
            amount; without `approver_id` nothing above `limit` may be approved then.
        sale_limit: The largest amount without approval to close a sale, >= 0; None if it is `limit`.

    Raises:
        InvalidValueError: `approval_limit` is below `limit` or `sale_limit`.
        CurrencyMismatchError: The limits have different currencies.
    """

    limit: Annotated[Money, NON_NEGATIVE]
    approver_id: Id | None = None
    approval_limit: Annotated[Money, NON_NEGATIVE] | None = None
    sale_limit: Annotated[Money, NON_NEGATIVE] | None = None

    def _check(self) -> None:
        super()._check()
        most = self.approval_limit
        given = (("limit", self.limit), ("sale_limit", self.sale_limit), ("approval_limit", most))
        limits = [(name, limit) for name, limit in given if limit is not None]
        for name, limit in limits:
            same_currency(self.limit, limit, name)
        for name, limit in limits:
            if most is not None and most < limit:
                raise InvalidValueError(
                    "approval_below_limit",
                    f"approval_limit must be >= {name}, got {most} and {limit}",
                    field="approval_limit",
                    advice="leave approval_limit out if no larger amount is approved",
                    operands=(most.amount, limit.amount),
                )

    def covers(self, amount: Money, /) -> bool:
        """Return whether an amount may be granted without approval; the limit itself may.

        Raises:
            CurrencyMismatchError: Limit and amount have different currencies.
            InvalidValueError: The amount is below 0.
        """
        return as_non_negative(amount, "amount", self.limit) <= self.limit

    def decide(self, amount: Money, /, *, to_sell: bool = False) -> GrantDecision:
        """Return whether an amount may be granted alone, with approval or not at all; a limit itself may.

        Args:
            amount: What the case gets in all, with what it was granted before.
            to_sell: Whether it is to close a sale, under `sale_limit`.

        Raises:
            CurrencyMismatchError: Limit and amount have different currencies.
            InvalidValueError: The amount is below 0.
        """
        checks.as_instance(to_sell, bool, "to_sell")
        wanted = as_non_negative(amount, "amount", self.limit)
        own = self.sale_limit if to_sell and self.sale_limit is not None else self.limit
        if wanted <= own:
            return GrantDecision.WITHIN
        most = self.approval_limit
        may_be_approved = self.approver_id is not None if most is None else wanted <= most
        return GrantDecision.NEEDS_APPROVAL if may_be_approved else GrantDecision.REFUSED


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
        InvalidValueError: The employee reports to themselves, or is to approve what they grant.
    """

    id: Id
    name: Personal | None = None
    role: Personal = attrs.field(default="", converter=text)
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
        if self.authority is not None and self.authority.approver_id == self.id:
            raise InvalidValueError(
                "approves_themselves",
                f"the approver of authority must not be the employee, got {checks.show(self.id)}",
                field="authority",
                advice="name another employee, or raise the limit",
                operands=(self.id,),
            )

    def may_grant(self, amount: Money, /) -> bool:
        """Return whether the employee may grant an amount without approval; if they have no authority, only zero.

        Raises:
            CurrencyMismatchError: The limit of the authority and the amount have different currencies.
            InvalidValueError: The amount is below 0.
        """
        if self.authority is None:
            return not as_non_negative(amount, "amount")
        return self.authority.covers(amount)

    def decide(self, amount: Money, /, *, to_sell: bool = False) -> GrantDecision:
        """Return whether the employee may grant an amount alone, with approval or not at all.

        Without authority they may grant only zero.

        Examples:
            >>> from crmcore import Authority, Employee, Money
            >>> authority = Authority(limit=Money(20, "EUR"), approver_id="olga", sale_limit=Money(40, "EUR"))
            >>> pavel = Employee(id="pavel", authority=authority)
            >>> pavel.decide(Money(30, "EUR")).value, pavel.decide(Money(30, "EUR"), to_sell=True).value
            ('needs_approval', 'within')

        Args:
            amount: What the case gets in all, with what it was granted before.
            to_sell: Whether it is to close a sale.

        Raises:
            CurrencyMismatchError: The limit of the authority and the amount have different currencies.
            InvalidValueError: The amount is below 0.
        """
        checks.as_instance(to_sell, bool, "to_sell")
        if self.authority is None:
            return GrantDecision.WITHIN if self.may_grant(amount) else GrantDecision.REFUSED
        return self.authority.decide(amount, to_sell=to_sell)
