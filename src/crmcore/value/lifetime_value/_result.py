"""The results of this package: a value, its explanation, and what it means for a planned spend."""

from decimal import Decimal

import attrs

from crmcore.primitives import checks, money
from crmcore.primitives._decimals import RATIO, ZERO, plain_repr, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.money import Money, same_currency

__all__ = ["Elasticity", "LifetimeValue", "SpendGuard"]


@attrs.frozen(kw_only=True)
class Elasticity:
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
    input, or is 0.

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

    margin: Decimal | None = attrs.field(default=None, repr=plain_repr)
    retention: Decimal | None = attrs.field(default=None, repr=plain_repr)
    churn: Decimal | None = attrs.field(default=None, repr=plain_repr)
    discount: Decimal | None = attrs.field(default=None, repr=plain_repr)

    def __attrs_post_init__(self) -> None:
        for name in ("margin", "retention", "churn", "discount"):
            if getattr(self, name) is not None:
                checks.set_field(self, name, checks.as_decimal(getattr(self, name), name))


@attrs.frozen(kw_only=True)
class LifetimeValue:
    """The value of one customer over their lifetime, with its explanation and its cautions.

    The functions of this package return it. Use ``LifetimeValue(value=...)`` for a figure computed elsewhere.

    Examples:
        >>> from crmcore import Money, lifetime_value
        >>> worth = lifetime_value.simple(average_order=Money(1000, "RUB"), orders_per_year=6, years=5)
        >>> worth.value
        Money('30000', 'RUB')
        >>> worth.ratio_to(Money(40_000, "RUB"))
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
    """

    value: Money
    years: Decimal | None = attrs.field(default=None, repr=plain_repr)
    acquisition_cost: Money | None = None
    yearly: tuple[Money, ...] = ()
    residual: Money | None = None
    truncated: bool = False
    elasticity: Elasticity | None = attrs.field(default=None, repr=False)
    cautions: tuple[Finding, ...] = attrs.field(default=(), repr=False)
    _explanation: Explanation | None = attrs.field(default=None, repr=False, alias="explanation")

    def __attrs_post_init__(self) -> None:
        checks.as_instance(self.value, Money, "value")
        for name in ("acquisition_cost", "residual"):
            if getattr(self, name) is not None:
                same_currency(self.value, checks.as_instance(getattr(self, name), Money, name))
        if self.years is not None:
            checks.set_field(self, "years", checks.as_non_negative(self.years, "years"))
        checks.set_field(self, "yearly", checks.as_tuple(self.yearly, Money, "yearly"))
        for amount in self.yearly:
            same_currency(self.value, amount)
        checks.as_instance(self.truncated, bool, "truncated")
        if self.elasticity is not None:
            checks.as_instance(self.elasticity, Elasticity, "elasticity")
        checks.set_field(self, "cautions", checks.as_tuple(self.cautions, Finding, "cautions"))
        if self._explanation is not None:
            explained = checks.as_instance(self._explanation, Explanation, "explanation")["value"].value
            if explained != self.value.amount:
                raise InconsistentCountsError(
                    f"the explanation must end in the value, got {show(explained)} for {self.value}; leave it out",
                    explained,
                )

    def explain(self) -> Explanation:
        """Explain the value line by line."""
        return Explanation([term("value", self.value)]) if self._explanation is None else self._explanation

    def guard(self, spend: Money, /) -> "SpendGuard":
        """Compare a planned spend on this customer with their value."""
        return SpendGuard(worth=self, spend=spend)

    def ratio_to(self, acquisition_cost: Money, /) -> Decimal | None:
        """Return the value over the cost of winning the customer (LTV:CAC), to 34 digits. None if that cost is 0.

        A ratio of at least 3 is a rule of thumb (D. Skok), not a law. Both sides must be on the same basis: gross or
        net.
        """
        return self.value.ratio_to(acquisition_cost)

    def change_from(self, before: "LifetimeValue", /) -> Decimal | None:
        """Return the relative change from an earlier value to this one, to 34 digits. None if the earlier one is 0.

        Examples:
            >>> from crmcore import Money
            >>> from crmcore.value.lifetime_value import LifetimeValue
            >>> LifetimeValue(value=Money(275, "EUR")).change_from(LifetimeValue(value=Money(250, "EUR")))
            Decimal('0.1')
        """
        earlier = checks.as_instance(before, LifetimeValue, "before").value
        difference = self.value - earlier
        return ratio(difference.amount, earlier.amount)


@attrs.frozen(kw_only=True)
class SpendGuard:
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

    worth: LifetimeValue
    spend: Money

    def __attrs_post_init__(self) -> None:
        checks.as_instance(self.worth, LifetimeValue, "worth")
        money.as_non_negative(self.spend, "spend", self.worth.value)

    def __bool__(self) -> bool:
        return self.allowed

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
        """The years until the spend is first recovered, to 34 digits.

        None if it is never recovered, because the customer brings too little a year, or if the value has no yearly
        amounts.
        """
        return self._recovery[1]

    @property
    def extra_years_needed(self) -> Decimal | None:
        """The years needed beyond the lifetime that is counted; 0 if that lifetime suffices.

        None if `years_needed` is None. Also None if the spend is recovered within the lifetime, but later years cost
        more than they bring and undo it: a longer stay does not help then.
        """
        needed, counted = self.years_needed, self.worth.years
        if needed is None or counted is None or (needed <= counted and not self.allowed):
            return None
        return RATIO.max(ZERO, RATIO.subtract(needed, counted))

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
        full_years, needed = self._recovery
        if needed is not None:
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
        return Explanation(lines)

    @property
    def _recovery(self) -> tuple[int, Decimal | None]:
        """The scheduled years that pass in full before the recovery, and the years needed or None."""
        owed = self.spend if self.worth.acquisition_cost is None else self.spend + self.worth.acquisition_cost
        if not owed:
            return 0, ZERO
        for number, amount in enumerate(self.worth.yearly):
            last = number == len(self.worth.yearly) - 1
            if amount.amount > 0 and (last or owed <= amount):
                return number, RATIO.add(number, RATIO.divide(owed.amount, amount.amount))
            owed -= amount
        return 0, None
