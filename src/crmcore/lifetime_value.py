"""Lifetime value: what a customer is worth to the company, and what may be spent on him."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from typing import Any, TypeVar, cast, overload

import attrs

from crmcore.model.purchase import Cost, Purchase
from crmcore.primitives import _entry
from crmcore.primitives._decimals import EXACT, ONE, RATIO, ZERO, plain_repr
from crmcore.primitives._entry import shown
from crmcore.primitives.errors import CurrencyMismatchError, InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.money import Money
from crmcore.primitives.tally import Tally, TallyBy, term

__all__ = ["HistoricValue", "LifetimeValue", "SpendGuard", "historic", "simple"]

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
        _same_currency(_entry.of_type(self.revenue, Money, "revenue"), _entry.of_type(self.cost, Money, "cost"))

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
    code, rows = _count(purchases, costs, _everything, currency)
    if code is None:
        raise InvalidValueError("there are no purchases or costs and so no currency; name it with currency=...")
    return _value(rows.get(None, _Sums()), code)


@attrs.frozen(kw_only=True)
class LifetimeValue:
    """What one customer is worth over his lifetime, how that comes about, and what it leans on.

    The functions of this module make it; ``LifetimeValue(value=...)`` takes a figure computed elsewhere.

    Examples:
        >>> worth = simple(average_order=Money(1000, "RUB"), orders_per_year=6, years=5)
        >>> worth.value
        Money('30000', 'RUB')
        >>> worth.ratio_to(Money(40_000, "RUB"))
        Decimal('0.75')

    Attributes:
        value: The worth of one customer.
        years: The lifetime it counts.
        acquisition_cost: What winning him cost, already taken off `value`.
        yearly: What he brings net of service in each year of tenure, the last entry in every further year too.
        cautions: What the figure leans on.
    """

    value: Money
    years: Decimal | None = attrs.field(default=None, repr=plain_repr)
    acquisition_cost: Money | None = None
    yearly: tuple[Money, ...] = ()
    cautions: tuple[Finding, ...] = attrs.field(default=(), repr=False)
    _explanation: Explanation | None = attrs.field(default=None, repr=False, alias="explanation")

    def __attrs_post_init__(self) -> None:
        _entry.of_type(self.value, Money, "value")
        if self.acquisition_cost is not None:
            _same_currency(self.value, _entry.of_type(self.acquisition_cost, Money, "acquisition_cost"))
        if self.years is not None:
            _entry.replace(self, "years", _entry.non_negative(self.years, "years"))
        _entry.replace(self, "yearly", _entry.several(self.yearly, Money, "yearly"))
        for money in self.yearly:
            _same_currency(self.value, money)
        _entry.replace(self, "cautions", _entry.several(self.cautions, Finding, "cautions"))
        if self._explanation is not None:
            told = _entry.of_type(self._explanation, Explanation, "explanation")["value"].value
            if told != self.value.amount:
                raise InconsistentCountsError(
                    f"the explanation must end in the value, got {shown(told)} for {self.value}; leave it out", told
                )

    def explain(self) -> Explanation:
        """How the value comes about, line by line."""
        return Explanation([term("value", self.value)]) if self._explanation is None else self._explanation

    def guard(self, spend: Money, /) -> SpendGuard:
        """Whether so much may be spent on this customer, and what would have to change if not."""
        return SpendGuard(worth=self, spend=spend)

    def ratio_to(self, acquisition_cost: Money, /) -> Decimal | None:
        """How many times what winning the customer costs he is worth (LTV:CAC), to 34 digits; None over nought.

        The custom of asking for three is a rule of thumb, no law. Compare like with like: both net or both gross.
        """
        return self.value.ratio_to(acquisition_cost)


@attrs.frozen(kw_only=True)
class SpendGuard:
    """Whether a planned spend on a customer pays: it may equal his value, not exceed it.

    Examples:
        >>> guard = simple(average_order=Money(1000, "RUB"), orders_per_year=6, years=5).guard(Money(40_000, "RUB"))
        >>> guard.allowed, guard.excess
        (False, Money('10000', 'RUB'))
        >>> guard.years_needed  # 20/3
        Decimal('6.666666666666666666666666666666667')

    Attributes:
        worth: The customer's value, with how it comes about.
        spend: What is planned beside an acquisition cost that the value already counts; nought or more.

    Raises:
        CurrencyMismatchError: Value and spend are in two currencies.
        InvalidValueError: The spend is below nought.

    Source: the documents ("40 000 on such a client is a loss").
    """

    worth: LifetimeValue
    spend: Money

    def __attrs_post_init__(self) -> None:
        _entry.of_type(self.worth, LifetimeValue, "worth")
        _same_currency(self.worth.value, _entry.of_type(self.spend, Money, "spend"))
        if self.spend.amount < 0:
            raise InvalidValueError(f"spend must be nought or more, got {self.spend}", self.spend)

    @property
    def allowed(self) -> bool:
        """Whether the value covers the spend."""
        return self.spend <= self.worth.value

    @property
    def headroom(self) -> Money:
        """What might be spent on top; nought where the spend is not allowed."""
        return max(Money.zero(self.spend.currency), self.worth.value - self.spend)

    @property
    def excess(self) -> Money:
        """What is too much; nought where the spend is allowed."""
        return max(Money.zero(self.spend.currency), self.spend - self.worth.value)

    @property
    def years_needed(self) -> Decimal | None:
        """How many years the customer must stay until it is first paid for, to 34 digits.

        None where he never does, for he brings too little a year, or where the value says nothing of years.
        """
        return self._reckoned[1]

    @property
    def extra_years_needed(self) -> Decimal | None:
        """How much longer than the lifetime counted; nought where that suffices.

        None as for `years_needed`, and where it would have been paid for within the lifetime but later years, which
        cost more than they bring, eat it again: no longer stay would help.
        """
        needed, counted = self.years_needed, self.worth.years
        if needed is None or counted is None or (needed <= counted and not self.allowed):
            return None
        return RATIO.max(ZERO, RATIO.subtract(needed, counted))

    def explain(self) -> Explanation:
        """How the answer comes about, line by line."""
        lines = [
            term("value", self.worth.value),
            term("spend", self.spend),
            term("headroom", self.headroom, "", "max(0, value - spend)"),
            term("excess", self.excess, "", "max(0, spend - value)"),
        ]
        full_years, needed = self._reckoned
        if needed is not None:
            years = [f"year_{number}" for number in range(1, full_years + 2)]
            lines += [term(name, money) for name, money in zip(years, self.worth.yearly, strict=False)]
            owed = "spend"
            if self.worth.acquisition_cost is not None:
                lines.append(term("acquisition_cost", self.worth.acquisition_cost))
                owed += " + acquisition_cost"
            still = " - ".join([owed, *years[:-1]])
            rest = f"({still}) / {years[-1]}" if " " in still else f"{still} / {years[-1]}"
            formula = f"{full_years} + {rest}" if full_years else rest
            lines.append(term("years_needed", needed, "years", formula if needed else ""))
        return Explanation(lines)

    @property
    def _reckoned(self) -> tuple[int, Decimal | None]:
        """The scheduled years that pass in full, and the years needed."""
        owed = self.spend if self.worth.acquisition_cost is None else self.spend + self.worth.acquisition_cost
        if not owed:
            return 0, ZERO
        for number, money in enumerate(self.worth.yearly):
            last = number == len(self.worth.yearly) - 1
            if money.amount > 0 and (last or owed <= money):
                return number, RATIO.add(number, RATIO.divide(owed.amount, money.amount))
            owed -= money
        return 0, None


def simple(
    *,
    average_order: Money,
    orders_per_year: Decimal | int | str,
    years: Decimal | int | str,
    gross_margin: Decimal | int | str | float = 1,
    acquisition_cost: Money | None = None,
    service_cost: Money | Iterable[Money] | None = None,
) -> LifetimeValue:
    """The simple lifetime value: average order times orders a year times years, net of what is named.

    ``average_order * orders_per_year * years * gross_margin - acquisition_cost - service_cost * years``

    Examples:
        >>> rub = lambda amount: Money(amount, "RUB")
        >>> print(simple(average_order=rub(1000), orders_per_year=6, years=5, gross_margin="0.4").explain())
        average_order       1000  RUB
        orders_per_year        6  per year
        years                  5  years
        gross_margin         0.4
        annual_value        6000  RUB/year  = average_order * orders_per_year
        value            12000.0  RUB       = annual_value * years * gross_margin
        >>> simple(
        ...     average_order=rub(1000),
        ...     orders_per_year=6,
        ...     years=5,
        ...     gross_margin="0.4",
        ...     acquisition_cost=rub(3000),
        ...     service_cost=rub(500),
        ... ).value.quantized(0)
        Money('6500', 'RUB')

    Without a gross margin the value is revenue, not profit; `cautions` says so. One who bought once has no orders a
    year and no years: his value is that one order, and `historic` counts it.

    Args:
        average_order: The average amount of an order.
        orders_per_year: Orders a year, nought or more.
        years: The lifetime in years, nought or more.
        gross_margin: The share of an order that is left after the cost of goods, at most 1, below nought for a loss.
        acquisition_cost: What winning the customer costs, once.
        service_cost: What serving him costs a year; several amounts are those of his first, second, third ... year, the
            last of them holding in every further year too.

    Raises:
        CurrencyMismatchError: The amounts are in several currencies.
        InvalidValueError: A number outside its domain.
        WrongTypeError: A number where money is due, or a float where an exact number is due.

    Source: the documents (the book buyer: 1000 times 6 times 5 is 30 000) and the standard form net of costs.
    """
    _entry.of_type(average_order, Money, "average_order")
    orders = _entry.non_negative(orders_per_year, "orders_per_year")
    lifetime = _entry.non_negative(years, "years")
    margin = _gross_margin(gross_margin)
    schedule = _schedule(service_cost, average_order)
    annual = average_order * orders
    value = annual * lifetime * margin
    lines = [
        term("average_order", average_order),
        term("orders_per_year", orders, "per year"),
        term("years", lifetime, "years"),
        term("gross_margin", margin),
        term("annual_value", annual, "/year", "average_order * orders_per_year"),
    ]
    formula = "annual_value * years * gross_margin"
    if acquisition_cost is not None:
        _a_cost(acquisition_cost, "acquisition_cost", average_order)
        lines.append(term("acquisition_cost", acquisition_cost))
        formula += " - acquisition_cost"
        value -= acquisition_cost
    for number, (yearly, lasts) in enumerate(zip(schedule, _years_served(lifetime, len(schedule)), strict=True), 1):
        name = "service_cost" if len(schedule) == 1 else f"service_cost_{number}"
        lines += [term(name, yearly, "/year"), term(f"{name}_years", lasts, "years")]
        formula += f" - {name} * {name}_years"
        value -= yearly * lasts
    lines.append(term("value", value, "", formula))
    return LifetimeValue(
        value=value,
        years=lifetime,
        acquisition_cost=acquisition_cost,
        yearly=tuple(annual * margin - yearly for yearly in schedule or (average_order * 0,)),
        cautions=_cautions(margin, schedule),
        explanation=Explanation(lines),
    )


def _gross_margin(value: object) -> Decimal:
    margin = _entry.exact_decimal(_entry.finite_decimal(value, "gross_margin", floats=True), "gross_margin")
    if margin > ONE:
        raise InvalidValueError(f"gross_margin must be at most 1, got {shown(margin)}; 40 per cent is '0.4'", margin)
    return margin


def _schedule(service_cost: object, average_order: Money) -> tuple[Money, ...]:
    if service_cost is None:
        return ()
    if isinstance(service_cost, Iterable):
        schedule = tuple(cast("Iterable[object]", service_cost))
        if not schedule:
            raise InvalidValueError("service_cost must name one year or more; leave it out where there is none")
    else:
        schedule = (service_cost,)
    return tuple(_a_cost(money, "service_cost", average_order) for money in schedule)


def _a_cost(value: object, name: str, beside: Money) -> Money:
    money = _entry.of_type(value, Money, name)
    _same_currency(beside, money)
    if money.amount < 0:
        raise InvalidValueError(f"{name} must be nought or more, got {money}", money)
    return money


def _years_served(years: Decimal, entries: int) -> list[Decimal]:
    """How much of a lifetime each entry of a schedule covers; the last covers all that is left."""
    covered = [min(ONE, max(ZERO, EXACT.subtract(years, number))) for number in range(entries - 1)]
    return [*covered, max(ZERO, EXACT.subtract(years, entries - 1))] if entries else []


def _cautions(gross_margin: Decimal, schedule: tuple[Money, ...]) -> tuple[Finding, ...]:
    cautions: list[Finding] = []
    if gross_margin == ONE:
        cautions.append(
            Finding(
                rule="revenue_not_profit",
                severity=Severity.WARNING,
                subject="gross_margin",
                message="every order counts in full, as if the goods cost nothing",
                advice="name the gross margin before you compare the value with money to be spent",
            )
        )
    if not schedule:
        cautions.append(
            Finding(
                rule="service_cost_left_out",
                severity=Severity.INFO,
                subject="service_cost",
                message="serving the customer is counted as free",
                advice="name what serving him costs a year, as one amount or one for each year of tenure",
            )
        )
    return tuple(cautions)


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
            code = _joined(code, amount.currency, purchase)
        group = key(purchase)
        sums = rows.get(group)
        if sums is None:
            sums = rows[group] = _Sums()
        sums.revenue = add(sums.revenue, amount.amount)
        if purchase.cost is not None:
            sums.cost = add(sums.cost, purchase.cost.amount)
    for cost in _entry.each(costs, "costs", "Cost"):
        amount = _entry.of_type(cost, Cost, "every cost").amount
        code = _joined(code, amount.currency, cost)
        sums = rows.setdefault(key(cost), _Sums())
        sums.cost = add(sums.cost, amount.amount)
    return code, rows


def _value(sums: _Sums, currency: str) -> HistoricValue:
    return HistoricValue(revenue=Money(sums.revenue, currency), cost=Money(sums.cost, currency))


def _everything(_: Purchase | Cost) -> None:
    """The key that parts nothing."""


def _joined(code: str | None, other: str, record: Purchase | Cost | None = None) -> str:
    if code not in (None, other):
        where = "" if record is None else f" in the {type(record).__name__.lower()} at {shown(record.at)}"
        raise CurrencyMismatchError(
            f"cannot join {code} and {other}{where}; convert one with exchanged(...)", code, other
        )
    return other


def _same_currency(one: Money, other: Money) -> None:
    _joined(one.currency, other.currency)


@attrs.define(eq=False)
class _Sums:
    """What has been counted so far."""

    revenue: Decimal = ZERO
    cost: Decimal = ZERO
