"""Employees: who meets the customers, and what they may grant."""

from __future__ import annotations

import attrs

from crmcore.primitives import checks
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.money import Money

__all__ = ["Authority", "Employee"]


@attrs.frozen(kw_only=True)
class Authority:
    """What an employee may grant a customer without asking, and whom to ask for more.

    Examples:
        >>> authority = Authority(limit=Money(50, "EUR"), approver_id="lead")
        >>> authority.covers(Money(50, "EUR")), authority.covers(Money("50.01", "EUR"))
        (True, False)

    Attributes:
        limit: The most he may grant in one case; nought or more.
        approver_id: Who decides beyond that.

    Raises:
        InvalidValueError: A limit below nought, or an empty id.
        WrongTypeError: A number where money is due.
    """

    limit: Money
    approver_id: Id | None = None

    def __attrs_post_init__(self) -> None:
        if checks.as_instance(self.limit, Money, "limit").amount < 0:
            raise InvalidValueError(f"limit must be >= 0, got {self.limit}", self.limit)
        check_id(self.approver_id, "approver_id")

    def covers(self, amount: Money, /) -> bool:
        """Whether so much may be granted without asking; the limit itself may.

        Raises:
            CurrencyMismatchError: Limit and amount are in two currencies.
        """
        return checks.as_instance(amount, Money, "amount") <= self.limit


@attrs.frozen(kw_only=True)
class Employee:
    """Somebody of the company: for many customers the first and only contact with it.

    Examples:
        >>> pavel = Employee(
        ...     id="pavel", role="shop assistant", reports_to_id="olga", authority=Authority(limit=Money(20, "EUR"))
        ... )
        >>> pavel.may_grant(Money(15, "EUR"))
        True

    The name stays out of `repr` and of every message, for it is personal.

    Attributes:
        id: Opaque, a text or a whole number.
        name: What to call him.
        role: What he does, such as key account manager.
        reports_to_id: His superior; None at the top.
        authority: What he may grant; None where nothing.

    Raises:
        InvalidValueError: An empty id, or an employee who reports to himself.
        WrongTypeError: A value of the wrong type.
    """

    id: Id
    name: str | None = attrs.field(default=None, repr=False)
    role: str = ""
    reports_to_id: Id | None = None
    authority: Authority | None = None

    def __attrs_post_init__(self) -> None:
        check_id(self.id, "id", required=True)
        if self.name is not None:
            checks.as_text(self.name, "name")
        checks.as_text(self.role, "role")
        check_id(self.reports_to_id, "reports_to_id")
        if self.reports_to_id == self.id:
            raise InvalidValueError("reports_to_id must be somebody else's; at the top it is None", self.id)
        if self.authority is not None:
            checks.as_instance(self.authority, Authority, "authority")

    def may_grant(self, amount: Money, /) -> bool:
        """Whether he may grant so much without asking; without authority nothing but nought.

        Raises:
            CurrencyMismatchError: His limit and the amount are in two currencies.
        """
        if self.authority is None:
            return checks.as_instance(amount, Money, "amount").amount <= 0
        return self.authority.covers(amount)
