"""The historic value: what customers have brought so far."""

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from itertools import repeat
from typing import Annotated, Any, Final, Self, TypeVar, cast, overload

import attrs

from crmcore.model.purchase import Cost, Purchase
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ZERO, sums
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import KeyGuard, enumerate_once, in_one_group, is_repeated
from crmcore.primitives.ids import Id
from crmcore.primitives.money import Money, build_money, build_sum, same_currency
from crmcore.primitives.record import Kind, build_records
from crmcore.primitives.tally import Tally, TallyBy
from crmcore.value.lifetime_value._columns import sum_columns
from crmcore.value.lifetime_value._inputs import as_currency, match_currency, require_currency

__all__ = ["HistoricValue", "historic"]


def _maybe_money(value: Money | None) -> Money:
    """Accept None for no amount; the record makes 0 of it."""
    return cast("Money", value)


def _read_maybe(value: object, name: str) -> Money | None:
    return None if value is None else checks.as_instance(value, Money, name)


_MAYBE: Final = Kind(_read_maybe)

_K = TypeVar("_K", bound=Hashable)
_H = TypeVar("_H", bound="HistoricValue")


@attrs.frozen(kw_only=True)
class HistoricValue(Tally):
    """What customers have paid and cost so far. Records of disjoint purchases and costs can be added.

    Examples:
        >>> from crmcore import HistoricValue, Money
        >>> worth = HistoricValue(revenue=Money(200_000, "RUB"), cost=Money(100_000, "RUB"))
        >>> worth.value
        Money('100000', 'RUB')

    Attributes:
        revenue: What was paid; refunds lower it.
        cost: What the goods and the customers cost, in the same currency, as far as it is known.
        revenue_without_cost: The part of the revenue from purchases whose cost of goods is unknown; by default 0.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.

    Source: the source articles (see why.md): 200,000 in five years at a cost of 100,000, there called the crude value.
    """

    ratios = ("value",)

    revenue: Money
    cost: Money
    revenue_without_cost: Annotated[Money, _MAYBE] = attrs.field(default=None, converter=_maybe_money)

    def _check(self) -> None:
        super()._check()
        if cast("Money | None", self.revenue_without_cost) is None:
            checks.set_field(self, "revenue_without_cost", Money.zero(self.revenue.currency))
        same_currency(self.revenue, self.cost, "cost")
        same_currency(self.revenue, self.revenue_without_cost, "revenue_without_cost")

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
        """Sum up as `historic` does, for each key of purchases and costs.

        Examples:
            >>> from crmcore import HistoricValue, Money, Purchase, instant
            >>> bought = [
            ...     Purchase(customer_id=who, at=instant("2026-03-02"), amount=Money(amount, "EUR"))
            ...     for who, amount in [("a", 30), ("b", 5), ("a", -10)]
            ... ]
            >>> {who: worth.value for who, worth in HistoricValue.by(bought, lambda record: record.customer_id).items()}
            {'a': Money('20', 'EUR'), 'b': Money('5', 'EUR')}

        Raises:
            CurrencyMismatchError: The records are in two currencies.
        """
        code, revenues, spent, bare = _sum_by_key(purchases, costs, key, currency)
        if code is None:
            return TallyBy()
        unknown = [bare.get(group, ZERO) for group in revenues]
        wholes = [*map(EXACT.add, revenues.values(), unknown)] if spent else unknown  # all of it, if no cost is known
        costs_by_group = [spent.get(group, ZERO) for group in revenues]
        return TallyBy(dict(zip(revenues, _build(cls, code, wholes, costs_by_group, unknown), strict=True)))

    @property
    def value(self) -> Money:
        """Revenue less cost; it may be below 0. Revenue without a known cost counts in full, see `known_value`."""
        return self.revenue - self.cost

    @property
    def known_value(self) -> Money:
        """The value without the revenue whose cost is unknown: what was earned for certain, if that revenue is > 0."""
        return self.value - self.revenue_without_cost

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """A caution if the cost of some of the revenue is unknown."""
        if not self.revenue_without_cost:
            return ()
        return (
            Finding(
                rule="cost_unknown",
                severity=Severity.WARNING,
                subject="revenue_without_cost",
                message="the cost of some goods is unknown, and their revenue counts in full, as if they cost nothing",
                advice="give each purchase its cost, or use known_value",
                evidence=(("revenue_without_cost", self.revenue_without_cost.amount),),
            ),
        )

    def _explain_unknown(self) -> list[Term]:
        if not self.revenue_without_cost:
            return []
        return [
            term("revenue_without_cost", self.revenue_without_cost, " of the revenue"),
            term("known_value", self.known_value, "", "revenue - cost - revenue_without_cost"),
        ]

    def explain(self) -> Explanation:
        """Explain the value line by line."""
        return Explanation(
            (
                term("revenue", self.revenue),
                term("cost", self.cost),
                *self._explain_unknown(),
                term("value", self.value, "", "revenue - cost"),
            ),
            cautions=self.cautions,
        )


def historic(
    purchases: Iterable[Purchase], /, costs: Iterable[Cost] = (), *, currency: str | None = None
) -> HistoricValue:
    """Return what customers have brought so far, less the cost of goods and the costs beside it.

    Examples:
        >>> from crmcore import Cost, Money, Purchase, instant, lifetime_value
        >>> day = instant("2026-03-02")
        >>> lifetime_value.historic(
        ...     [Purchase(customer_id=7, at=day, amount=Money(1000, "RUB"), cost=Money(600, "RUB"))],
        ...     costs=[Cost(amount=Money(100, "RUB"), at=day)],
        ... ).value
        Money('300', 'RUB')

    Args:
        purchases: All purchases; a refund is a purchase with a negative amount.
        costs: What was spent beside the cost of goods.
        currency: The currency of all records; needed only if there may be none.

    Raises:
        CurrencyMismatchError: The records are in two currencies; convert with ``Money.exchanged`` first.
        InvalidValueError: There are no records and no currency is given.
    """
    code = as_currency(currency)
    revenue = spent = without = ZERO
    # 1.3x over _sum_by_key with one key: benchmarks/subjects/valuing.py
    begin = 0
    seen: dict[Id, Purchase] = {}
    if (counted := sum_columns(purchases, in_one_group, code)) is not None:
        purchases, code = (), counted[0]
        paid, spent, without = (sum_of.get(None, ZERO) for sum_of in counted[1])
        revenue = EXACT.add(paid, without)
    for chunk in checks.iterate_chunks(purchases, "purchases", "Purchase"):
        if set(map(type, chunk)) != {Purchase}:
            for place, purchase in enumerate(chunk, begin):
                checks.as_instance(purchase, Purchase, f"purchases[{place}]")
        if [purchase for purchase in chunk if purchase.id is not None]:
            chunk = [  # noqa: PLW2901 - without those that are given again
                purchase for purchase in chunk if purchase.id is None or not is_repeated(purchase, seen, "purchases")
            ]
        goods = [purchase.cost.amount for purchase in chunk if purchase.cost is not None]
        bare = [purchase.amount.amount for purchase in chunk if purchase.cost is None]
        amounts = [purchase.amount for purchase in chunk]
        if {amount.currency for amount in amounts} != {code}:
            for place, purchase in enumerate(chunk, begin):
                code = match_currency(code, purchase, place)
        begin += len(chunk)
        paid, cost, unknown = sums(([amount.amount for amount in amounts], goods, bare))
        revenue, spent, without = EXACT.add(revenue, paid), EXACT.add(spent, cost), EXACT.add(without, unknown)
    for place, bill in enumerate_once(costs, Cost, "costs"):
        code = match_currency(code, bill, place)
        spent = EXACT.add(spent, bill.amount.amount)
    return _build(HistoricValue, require_currency(code), [revenue], [spent], [without])[0]


def _sum_by_key(  # noqa: C901 - a call for each branch would cost a third of the time
    purchases: Iterable[Purchase], costs: Iterable[Cost], key: Callable[[Purchase | Cost], _K], currency: str | None
) -> tuple[str | None, dict[_K, Decimal], dict[_K, Decimal], dict[_K, Decimal]]:
    """Return the currency, and by key the revenues with a known cost, the costs, and the revenues without.

    A key that occurs has a revenue, which may be 0.
    """
    code = as_currency(currency)
    revenues: dict[_K, Decimal] = {}
    spent: dict[_K, Decimal] = {}
    bare: dict[_K, Decimal] = {}
    seen: dict[Id, Purchase] = {}
    checks.check_callable(key, "key", "lambda record: record.customer_id")
    if (counted := sum_columns(purchases, key, code)) is not None:
        purchases, code, (revenues, spent, bare) = (), *counted
    guard = KeyGuard(revenues)
    kind: type | None = None
    add = EXACT.add
    # the shortcuts for type, currency and first amount gain 18 to 28 % each: benchmarks/subjects/valuing.py
    number = 0
    for purchase in checks.iterate(purchases, "purchases", "Purchase"):
        number += 1
        if type(purchase) is not Purchase:
            checks.as_instance(purchase, Purchase, f"purchases[{number - 1}]")
        if purchase.id is not None and is_repeated(purchase, seen, "purchases"):
            continue
        cost, amount = purchase.cost, purchase.amount
        if amount.currency != code:
            code = match_currency(code, purchase, number - 1)
        group = key(purchase)
        if type(group) is not kind:
            kind = guard.admit(group)
        if cost is None:
            before = bare.get(group)
            if before is None:
                bare[group] = amount.amount
                revenues.setdefault(group, ZERO)
            else:
                bare[group] = add(before, amount.amount)
        else:
            before = revenues.get(group)
            revenues[group] = amount.amount if before is None else add(before, amount.amount)
            before = spent.get(group)
            spent[group] = cost.amount if before is None else add(before, cost.amount)
    for place, bill in enumerate_once(costs, Cost, "costs"):
        code = match_currency(code, bill, place)
        group = key(bill)
        if type(group) is not kind:
            kind = guard.admit(group)
        revenues.setdefault(group, ZERO)
        spent[group] = add(spent.get(group, ZERO), bill.amount.amount)
    return code, revenues, spent, bare


def _build(
    cls: type[_H], currency: str, revenues: list[Decimal], costs: list[Decimal], without: list[Decimal]
) -> list[_H]:
    """Build records without their checks: the sums come from records that were checked."""
    number = len(revenues)
    paid, spent = _build_monies(revenues, currency), _build_monies(costs, currency)
    columns = paid, spent, paid if without is revenues else _build_monies(without, currency)
    if cls is HistoricValue:  # 1.3x for HistoricValue.by: benchmarks/subjects/valuing.py
        return build_records(cls, number, columns)
    return [cls(revenue=one, cost=two, revenue_without_cost=three) for one, two, three in zip(*columns, strict=True)]


def _build_monies(amounts: list[Decimal], currency: str) -> list[Money]:
    for extreme in (max(amounts, default=ZERO), min(amounts, default=ZERO)):
        build_sum(extreme, currency)
    if not any(amounts):
        return [build_money(ZERO, currency)] * len(amounts)
    return build_records(Money, len(amounts), (amounts, repeat(currency)))
