"""What customers have brought so far."""

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from typing import Any, Final, Self, TypeVar, overload

import attrs

from crmcore.model.purchase import Cost, Purchase
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ZERO, sums
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.money import Money, build_money, same_currency
from crmcore.primitives.tally import Tally, TallyBy
from crmcore.value.lifetime_value._inputs import joined

__all__ = ["HistoricValue", "historic"]

_K = TypeVar("_K", bound=Hashable)
_H = TypeVar("_H", bound="HistoricValue")
_new: Final = object.__new__
_set: Final = object.__setattr__


@attrs.frozen(kw_only=True)
class HistoricValue(Tally):
    """Adds over disjoint purchases and costs: what customers have brought so far, less what they have cost.

    Examples:
        >>> worth = HistoricValue(revenue=Money(200_000, "RUB"), cost=Money(100_000, "RUB"))
        >>> worth.value
        Money('100000', 'RUB')

    Attributes:
        revenue: What was paid; refunds lower it.
        cost: What the goods and the customers cost, in the same currency.

    Raises:
        CurrencyMismatchError: Revenue and cost are in two currencies.

    Source: the documents ("200 000 in five years, cost 100 000"), there called the crude value.
    """

    ratios = ("value",)

    revenue: Money
    cost: Money

    def __attrs_post_init__(self) -> None:
        same_currency(checks.as_instance(self.revenue, Money, "revenue"), checks.as_instance(self.cost, Money, "cost"))

    @overload
    @classmethod
    def by(
        cls, purchases: Iterable[Purchase], key: Callable[[Purchase], _K], /, *, currency: str | None = None
    ) -> TallyBy[_K, Self]: ...
    @overload
    @classmethod
    def by(
        cls,
        purchases: Iterable[Purchase],
        key: Callable[[Purchase | Cost], _K],
        /,
        *,
        costs: Iterable[Cost],
        currency: str | None = None,
    ) -> TallyBy[_K, Self]: ...
    @classmethod
    def by(
        cls,
        purchases: Iterable[Purchase],
        key: Callable[[Any], _K],
        /,
        *,
        costs: Iterable[Cost] = (),
        currency: str | None = None,
    ) -> TallyBy[_K, Self]:
        """Count as `historic` does, apart by a key of purchases and costs alike.

        Examples:
            >>> from crmcore import instant
            >>> bought = [
            ...     Purchase(customer_id=who, at=instant("2026-03-02"), amount=Money(amount, "EUR"))
            ...     for who, amount in [("a", 30), ("b", 5), ("a", -10)]
            ... ]
            >>> {who: worth.value for who, worth in HistoricValue.by(bought, lambda record: record.customer_id).items()}
            {'a': Money('20', 'EUR'), 'b': Money('5', 'EUR')}

        Raises:
            CurrencyMismatchError: Two currencies met.
            WrongTypeError: An item is no `Purchase` or no `Cost`.
        """
        code, revenues, spent = _count(purchases, costs, key, currency)
        if code is None:
            return TallyBy()
        cost = spent.get
        return TallyBy({group: _value(cls, revenue, cost(group, ZERO), code) for group, revenue in revenues.items()})

    @property
    def value(self) -> Money:
        """Revenue less cost; it may be below nought."""
        return build_money(EXACT.subtract(self.revenue.amount, self.cost.amount), self.revenue.currency)

    def explain(self) -> Explanation:
        """How the value comes about, line by line."""
        return Explanation(
            (
                term("revenue", self.revenue),
                term("cost", self.cost),
                term("value", self.value, "", "revenue - cost"),
            )
        )


def historic(
    purchases: Iterable[Purchase], /, costs: Iterable[Cost] = (), *, currency: str | None = None
) -> HistoricValue:
    """What customers have brought so far, less what they have cost: the purchases' own cost and the costs beside them.

    Examples:
        >>> from crmcore import Cost, instant
        >>> day = instant("2026-03-02")
        >>> historic(
        ...     [Purchase(customer_id=7, at=day, amount=Money(1000, "RUB"), cost=Money(600, "RUB"))],
        ...     costs=[Cost(amount=Money(100, "RUB"), at=day)],
        ... ).value
        Money('300', 'RUB')

    Args:
        purchases: All purchases, refunds among them as negative amounts.
        costs: What was spent beside the cost of goods.
        currency: The currency all must have; needed only where there may be no records.

    Raises:
        CurrencyMismatchError: Two currencies met; convert with ``Money.exchanged`` first.
        InvalidValueError: There are no records and no currency was given.
        WrongTypeError: An item is no `Purchase` or no `Cost`.
    """
    code = None if currency is None else Money.zero(currency).currency
    revenue = spent = ZERO
    for chunk in checks.iterate_chunks(purchases, "purchases", "Purchase"):
        if set(map(type, chunk)) != {Purchase}:
            for purchase in chunk:
                checks.as_instance(purchase, Purchase, "every purchase")
        goods = [purchase.cost.amount for purchase in chunk if purchase.cost is not None]
        amounts = [purchase.amount for purchase in chunk]
        if {amount.currency for amount in amounts} != {code}:
            for purchase in chunk:
                code = joined(code, purchase.amount.currency, purchase)
        paid, cost = sums(([amount.amount for amount in amounts], goods))
        revenue, spent = EXACT.add(revenue, paid), EXACT.add(spent, cost)
    for bill in checks.iterate(costs, "costs", "Cost"):
        amount = checks.as_instance(bill, Cost, "every cost").amount
        code = joined(code, amount.currency, bill)
        spent = EXACT.add(spent, amount.amount)
    if code is None:
        raise InvalidValueError("there are no purchases or costs and so no currency; name it with currency=...")
    return _value(HistoricValue, revenue, spent, code)


def _count(
    purchases: Iterable[Purchase], costs: Iterable[Cost], key: Callable[[Purchase | Cost], _K], currency: str | None
) -> tuple[str | None, dict[_K, Decimal], dict[_K, Decimal]]:
    """Currency, revenues and costs by group; a group that only cost something has a revenue of nought."""
    code = None if currency is None else Money.zero(currency).currency
    revenues: dict[_K, Decimal] = {}
    spent: dict[_K, Decimal] = {}
    checks.check_callable(key, "key", "lambda record: record.customer_id")
    add = EXACT.add
    for purchase in checks.iterate(purchases, "purchases", "Purchase"):
        if type(purchase) is not Purchase:
            checks.as_instance(purchase, Purchase, "every purchase")
        cost, amount = purchase.cost, purchase.amount
        if amount.currency != code:
            code = joined(code, amount.currency, purchase)
        group = key(purchase)
        before = revenues.get(group)
        revenues[group] = amount.amount if before is None else add(before, amount.amount)
        if cost is not None:
            before = spent.get(group)
            spent[group] = cost.amount if before is None else add(before, cost.amount)
    for bill in checks.iterate(costs, "costs", "Cost"):
        amount = checks.as_instance(bill, Cost, "every cost").amount
        code = joined(code, amount.currency, bill)
        group = key(bill)
        revenues.setdefault(group, ZERO)
        spent[group] = add(spent.get(group, ZERO), amount.amount)
    return code, revenues, spent


def _value(cls: type[_H], revenue: Decimal, cost: Decimal, currency: str) -> _H:
    """The record of what was counted from records that were checked when they were built."""
    worth = _new(cls)
    _set(worth, "revenue", build_money(revenue, currency))
    _set(worth, "cost", build_money(cost, currency))
    return worth
