"""What customers have brought so far."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from typing import Any, TypeVar, overload

import attrs

from crmcore.lifetime_value._inputs import everything, joined
from crmcore.model.purchase import Cost, Purchase
from crmcore.primitives import _entry
from crmcore.primitives._decimals import EXACT, ZERO
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation
from crmcore.primitives.money import Money, same_currency
from crmcore.primitives.tally import Tally, TallyBy, term

__all__ = ["HistoricValue", "historic"]

_K = TypeVar("_K", bound=Hashable)


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
        same_currency(_entry.of_type(self.revenue, Money, "revenue"), _entry.of_type(self.cost, Money, "cost"))

    @overload
    @staticmethod
    def by(
        purchases: Iterable[Purchase], key: Callable[[Purchase], _K], /, *, currency: str | None = None
    ) -> TallyBy[_K, HistoricValue]: ...
    @overload
    @staticmethod
    def by(
        purchases: Iterable[Purchase],
        key: Callable[[Purchase | Cost], _K],
        /,
        *,
        costs: Iterable[Cost],
        currency: str | None = None,
    ) -> TallyBy[_K, HistoricValue]: ...
    @staticmethod
    def by(
        purchases: Iterable[Purchase],
        key: Callable[[Any], _K],
        /,
        *,
        costs: Iterable[Cost] = (),
        currency: str | None = None,
    ) -> TallyBy[_K, HistoricValue]:
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
        code, rows = _count(purchases, costs, key, currency)
        return TallyBy({group: _value(sums, code) for group, sums in rows.items()} if code else {})

    @property
    def value(self) -> Money:
        """Revenue less cost; it may be below nought."""
        return self.revenue - self.cost

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
    code, rows = _count(purchases, costs, everything, currency)
    if code is None:
        raise InvalidValueError("there are no purchases or costs and so no currency; name it with currency=...")
    return _value(rows.get(None, _Sums()), code)


def _count(
    purchases: Iterable[Purchase], costs: Iterable[Cost], key: Callable[[Purchase | Cost], _K], currency: str | None
) -> tuple[str | None, dict[_K, _Sums]]:
    code = None if currency is None else Money.zero(currency).currency
    rows: dict[_K, _Sums] = {}
    add = EXACT.add
    _entry.function(key, "key", "lambda record: record.customer_id")
    for purchase in _entry.each(purchases, "purchases", "Purchase"):
        amount = _entry.of_type(purchase, Purchase, "every purchase").amount
        if amount.currency != code:
            code = joined(code, amount.currency, purchase)
        group = key(purchase)
        sums = rows.get(group)
        if sums is None:
            sums = rows[group] = _Sums()
        sums.revenue = add(sums.revenue, amount.amount)
        if purchase.cost is not None:
            sums.cost = add(sums.cost, purchase.cost.amount)
    for cost in _entry.each(costs, "costs", "Cost"):
        amount = _entry.of_type(cost, Cost, "every cost").amount
        code = joined(code, amount.currency, cost)
        sums = rows.setdefault(key(cost), _Sums())
        sums.cost = add(sums.cost, amount.amount)
    return code, rows


def _value(sums: _Sums, currency: str) -> HistoricValue:
    return HistoricValue(revenue=Money(sums.revenue, currency), cost=Money(sums.cost, currency))


@attrs.define(eq=False)
class _Sums:
    """What has been counted so far."""

    revenue: Decimal = ZERO
    cost: Decimal = ZERO
