"""The results of this package: a value, its explanation, and what it means for a planned spend."""

from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from math import floor
from typing import Annotated

import attrs

from crmcore.primitives import checks, money
from crmcore.primitives._decimals import EXACT as EXACTLY, ZERO, plain_repr, ratio
from crmcore.primitives._results import Cell, Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.money import Money, same_currency
from crmcore.primitives.record import FIGURE, NON_NEGATIVE, SUM, maybe_number, several
from crmcore.value.lifetime_value._least import covers, find_least

__all__ = ["Elasticity", "LifetimeValue", "SpendGuard", "ValueRatio"]


@attrs.frozen(kw_only=True)
class Elasticity(Result):
    """The per cent by which a value changes when one of its inputs changes by one per cent of itself.

    Examples:
        >>> from crmcore import Discount, FirstMargin, Money, Retention, TimeUnit, lifetime_value
        >>> worth = lifetime_value.constant_retention(
        ...     margin=Money(100, "EUR"),
        ...     retention=Retention("0.8", TimeUnit.YEAR),
        ...     discount=Discount("0.12", TimeUnit.YEAR),
        ...     first_margin=FirstMargin.EXCLUDED,
        ... )
        >>> worth.elasticity.retention  # from 80 to 80.8 per cent kept, 3.5 per cent more value
        Decimal('3.5')

    It is valid for small changes, of one input at a time. An attribute is None if the value does not depend on that
    input. If the value is 0, all are None, because nothing is a per cent of 0; but if it is 0 because no customer is
    kept, `retention` is its limit, 1.

    Retention and churn are two sides of one thing, but their per cents differ in size: with a retention of 96 per cent,
    one per cent of the retention is 0.96 points, and one per cent of the churn is 0.04 points. Compare the margin with
    the one you manage by.

    Attributes:
        margin: Elasticity to the margin; 1 unless other costs are counted.
        retention: Elasticity to the share kept.
        churn: Elasticity to the share lost; below 0 if the value is above 0.
        discount: Elasticity to the rate of discount; below 0 if the value is above 0.

    Source: Pfeifer and Farris 2004, The elasticity of customer value to retention; Gupta, Lehmann and Stuart 2004,
    Valuing customers (one per cent more retention, about five per cent more value).
    """

    margin: Annotated[Decimal, FIGURE] | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr)
    retention: Annotated[Decimal, FIGURE] | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr)
    churn: Annotated[Decimal, FIGURE] | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr)
    discount: Annotated[Decimal, FIGURE] | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr)


@attrs.frozen(kw_only=True)
class LifetimeValue(Result):
    """The value of one customer over their lifetime, with its explanation and its cautions.

    The functions of this package return it. Use ``LifetimeValue(value=...)`` for a figure computed elsewhere.

    Examples:
        >>> from crmcore import Money, lifetime_value
        >>> worth = lifetime_value.simple(average_order=Money(1000, "RUB"), orders_per_year=6, years=5)
        >>> worth.value
        Money('30000', 'RUB')
        >>> worth.ratio_to(Money(40_000, "RUB")).value
        Decimal('0.75')

    Attributes:
        value: The value of one customer.
        years: The lifetime that is counted.
        acquisition_cost: What winning the customer cost, already subtracted from `value`.
        yearly: What the customer brings, net of service, in each year of tenure. The last amount is also that of every
            later year.
        residual: The value beyond the horizon, discounted to now; 0 if there is no horizon. None if the form of the
            value does not have a residual, or if the sum beyond the horizon is not finite.
        truncated: Whether a horizon cuts the value, which is then not the full lifetime value.
        elasticity: How much a change of each input changes the value. None if it is not known how the value was
            computed.
        cautions: What the value assumes or leaves out.
        explanation: How the value comes about, line by line; `explain` returns it.
    """

    value: Money
    years: Annotated[Decimal, NON_NEGATIVE] | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr)
    acquisition_cost: Money | None = None
    yearly: tuple[Money, ...] = attrs.field(default=(), converter=several)
    residual: Money | None = None
    truncated: bool = False
    elasticity: Elasticity | None = attrs.field(default=None, repr=False)
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several, repr=False)
    _explanation: Explanation | None = attrs.field(default=None, repr=False, alias="explanation")

    def _check(self) -> None:
        super()._check()
        for name, amount in (("acquisition_cost", self.acquisition_cost), ("residual", self.residual)):
            if amount is not None:
                same_currency(self.value, amount, name)
        for place, amount in enumerate(self.yearly):
            same_currency(self.value, amount, "yearly", place)
        if self._explanation is not None:
            explained = next((line.value for line in self._explanation if line.name == "value"), None)
            if explained != self.value.amount:
                raise InconsistentCountsError(
                    "explained_another_value",
                    f"explanation must end in the value, {self.value}, "
                    f"got {'none' if explained is None else show(explained)}",
                    field="explanation",
                    advice="leave it out",
                    operands=(explained,),
                )

    def explain(self) -> Explanation:
        """Explain the value line by line."""
        explained = Explanation([term("value", self.value)]) if self._explanation is None else self._explanation
        return attrs.evolve(explained, cautions=self.cautions) if self.cautions else explained

    def guard(self, spend: Money, /) -> "SpendGuard":
        """Compare a planned spend on this customer with their value."""
        return SpendGuard(worth=self, spend=spend)

    def ratio_to(self, acquisition_cost: Money, /) -> "ValueRatio":
        """Return the value over the cost of winning the customer (LTV:CAC), with the cautions of the value.

        It is the value before the acquisition cost: one that is already subtracted from `value` is added again, because
        it would count on both sides. A ratio of at least 3 is a rule of thumb (D. Skok), not a law.

        Examples:
            >>> from crmcore import Money, lifetime_value
            >>> cost = Money(100, "EUR")
            >>> worth = lifetime_value.one_time(order=Money(300, "EUR"), acquisition_cost=cost)
            >>> worth.value, worth.ratio_to(cost).value
            (Money('200', 'EUR'), Decimal('3'))
        """
        cost = checks.as_instance(acquisition_cost, Money, "acquisition_cost")
        same_currency(self.value, cost, "acquisition_cost")
        gross = self.value if self.acquisition_cost is None else self.value + self.acquisition_cost
        return ValueRatio(value=gross.ratio_to(cost), cautions=self.cautions)

    def change_from(self, before: "LifetimeValue", /) -> "ValueRatio":
        """Return the relative change from an earlier value to this one, with the cautions of both.

        Examples:
            >>> from crmcore import Money
            >>> from crmcore.value.lifetime_value import LifetimeValue
            >>> LifetimeValue(value=Money(275, "EUR")).change_from(LifetimeValue(value=Money(250, "EUR"))).value
            Decimal('0.1')
        """
        earlier = checks.as_instance(before, LifetimeValue, "before")
        same_currency(self.value, earlier.value, "before")
        difference = self.value - earlier.value
        return ValueRatio(
            value=ratio(difference.amount, earlier.value.amount),
            cautions=[*dict.fromkeys((*earlier.cautions, *self.cautions))],
        )


@attrs.frozen(kw_only=True)
class ValueRatio(Result):
    """A number that compares a lifetime value, with what to know before you quote it.

    Examples:
        >>> from crmcore import Money, lifetime_value
        >>> worth = lifetime_value.simple(average_order=Money(40, "EUR"), orders_per_year=6, years=5)
        >>> ratio = worth.ratio_to(Money(300, "EUR"))
        >>> ratio.value, [caution.rule for caution in ratio.cautions]
        (Decimal('4'), ['revenue_not_profit', 'service_cost_left_out'])

    Attributes:
        value: The number, to 34 digits. None if it would be a division by 0.
        cautions: The cautions of the values that are compared.
    """

    value: Annotated[Decimal, SUM] | None = attrs.field(default=None, converter=maybe_number)
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several)


@attrs.frozen(kw_only=True)
class SpendGuard(Result):
    """The comparison of a planned spend with a customer's value; a spend equal to the value is allowed.

    Examples:
        >>> from crmcore import Money, lifetime_value
        >>> worth = lifetime_value.simple(average_order=Money(1000, "RUB"), orders_per_year=6, years=5)
        >>> guard = worth.guard(Money(40_000, "RUB"))
        >>> guard.allowed, guard.excess
        (False, Money('10000', 'RUB'))
        >>> guard.years_needed  # 20/3
        Decimal('6.666666666666666666666666666666667')

    Attributes:
        worth: The customer's value.
        spend: The planned spend, >= 0. An acquisition cost that the value already counts is not part of it.

    Raises:
        CurrencyMismatchError: Value and spend are in two currencies.
        InvalidValueError: The spend is below 0.

    Source: the source articles (see why.md): spending 40,000 on a customer worth 30,000 is a loss.
    """

    ratios = ("allowed", "headroom", "excess", "years_needed", "extra_years_needed")

    worth: LifetimeValue
    spend: Money

    def _check(self) -> None:
        super()._check()
        money.as_non_negative(self.spend, "spend", self.worth.value)

    def __bool__(self) -> bool:
        return self.allowed

    def _list_cells(self) -> dict[str, Cell]:
        return {"value": self.worth.value, **super()._list_cells()}

    @property
    def allowed(self) -> bool:
        """Whether the value covers the spend. It is also the truth value of the guard: ``if worth.guard(spend):``."""
        return self.spend <= self.worth.value

    @property
    def headroom(self) -> Money:
        """How much more may be spent; 0 if the spend is not allowed."""
        return max(Money.zero(self.spend.currency), self.worth.value - self.spend)

    @property
    def excess(self) -> Money:
        """How much the spend exceeds the value; 0 if the spend is allowed."""
        return max(Money.zero(self.spend.currency), self.spend - self.worth.value)

    @property
    def years_needed(self) -> Decimal | None:
        """The years until the spend is first recovered, to 34 digits, rounded up.

        None if it is never recovered, because the customer brings too little a year, or if the value has no yearly
        amounts.
        """
        cost = self.worth.acquisition_cost
        return self._find_years(0, -Fraction(ZERO if cost is None else cost.amount))

    @property
    def extra_years_needed(self) -> Decimal | None:
        """The years beyond the lifetime that is counted until the value covers the spend, to 34 digits, rounded up.

        0 if the value covers the spend already. It may be needed although the spend was recovered before: later years
        that cost more than they bring undo it. None if the value never covers the spend, or if it has no lifetime or no
        yearly amounts.
        """
        if self.allowed:
            return ZERO
        if self.worth.years is None:
            return None
        return self._find_years(self.worth.years, Fraction(self.worth.value.amount))

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """The cautions of the comparison, followed by those of the value."""
        found: list[Finding] = []
        if self.spend == self.worth.value:
            found.append(
                Finding(
                    rule="spend_equals_value",
                    severity=Severity.INFO,
                    subject="spend",
                    message="the spend takes the whole value and leaves nothing",
                    advice="it is allowed, because nothing is lost; compare what the same money would earn elsewhere",
                )
            )
        if self.spend and self.worth.acquisition_cost:
            found.append(
                Finding(
                    rule="acquisition_cost_counted",
                    severity=Severity.INFO,
                    subject="acquisition_cost",
                    message="the value is already net of an acquisition cost",
                    advice="leave that cost out of the spend, or it counts twice",
                )
            )
        return (*found, *self.worth.cautions)

    def explain(self) -> Explanation:
        """Explain the comparison line by line."""
        lines = [
            term("value", self.worth.value),
            term("spend", self.spend),
            term("headroom", self.headroom, "", "max(0, value - spend)"),
            term("excess", self.excess, "", "max(0, spend - value)"),
        ]
        needed = self.years_needed
        if needed is not None:
            started = int(needed.to_integral_value(ROUND_CEILING, EXACTLY))
            full_years = max(0, min(started, len(self.worth.yearly)) - 1)
            years = [f"year_{number}" for number in range(1, full_years + 2)]
            lines += [term(name, amount) for name, amount in zip(years, self.worth.yearly, strict=False)]
            owed = "spend"
            if self.worth.acquisition_cost is not None:
                lines.append(term("acquisition_cost", self.worth.acquisition_cost))
                owed += " + acquisition_cost"
            still = " - ".join([owed, *years[:-1]])
            rest = f"({still}) / {years[-1]}" if " " in still else f"{still} / {years[-1]}"
            formula = f"{full_years} + {rest}" if full_years else rest
            lines.append(term("years_needed", needed, "years", formula if needed else ""))
        return Explanation(lines, cautions=self.cautions)

    def _find_years(self, start: Decimal | int, value: Fraction) -> Decimal | None:
        """Return the years from an instant of the tenure, at which there is a value, until it covers the spend."""
        yearly = [Fraction(amount.amount) for amount in self.worth.yearly]
        begin = at = Fraction(start)
        spend, year = Fraction(self.spend.amount), floor(at)
        while value < spend:
            last = year >= len(yearly) - 1
            if not yearly or (last and yearly[-1] <= 0):
                return None
            brings, left = yearly[-1] if last else yearly[year], year + 1 - at
            if brings > 0 and (last or spend - value <= brings * left):
                return _find_crossing(value - brings * (at - begin), brings, spend)
            value, at, year = value + brings * left, Fraction(year + 1), year + 1
        return ZERO


def _find_crossing(value: Fraction, brings: Fraction, bound: Fraction) -> Decimal:
    """Return the years until a value, which rises by the same amount in each of them, reaches a bound."""
    return find_least((bound - value) / brings, lambda years: covers(value + brings * years, bound))
