"""What a calculator of this room answers with: a value, how it comes about, and what it means for a planned spend."""

from decimal import Decimal

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import RATIO, ZERO, plain_repr, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.money import Money, same_currency
from crmcore.value.lifetime_value._inputs import a_cost

__all__ = ["Elasticity", "LifetimeValue", "SpendGuard"]


@attrs.frozen(kw_only=True)
class Elasticity:
    """By how many per cent a value changes when one of its inputs changes by one per cent of itself.

    Examples:
        >>> from crmcore import Discount, FirstMargin, Retention, TimeUnit
        >>> from crmcore.value.lifetime_value import constant_retention
        >>> worth = constant_retention(
        ...     margin=Money(100, "EUR"),
        ...     retention=Retention("0.8", TimeUnit.YEAR),
        ...     discount=Discount("0.12", TimeUnit.YEAR),
        ...     first_margin=FirstMargin.EXCLUDED,
        ... )
        >>> worth.elasticity.retention  # from 80 to 80.8 per cent kept, 3.5 per cent more value
        Decimal('3.5')

    It holds for small changes, of one input at a time. An attribute is None where the value does not rest on that
    input, or is nought.

    Retention and churn are one thing seen from two sides, and their per cents are of very different size: one per cent
    of 96 per cent kept is a quarter of the four per cent lost. Compare the margin with the one you manage by.

    Attributes:
        margin: To the margin; one unless costs beside it are counted.
        retention: To the share kept.
        churn: To the share lost; below nought for a value above it.
        discount: To the rate of discount; below nought for a value above it.

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
    """What one customer is worth over his lifetime, how that comes about, and what it leans on.

    The functions of this room make it; ``LifetimeValue(value=...)`` takes a figure computed elsewhere.

    Examples:
        >>> from crmcore.value.lifetime_value import simple
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
        residual: What lies beyond the horizon, seen from now; nought without a horizon, None where the form of the
            value knows none or what lies beyond has no bounds.
        truncated: Whether a horizon cut the value short: then it is no lifetime value in full.
        elasticity: What would change the value, and how much; None where nothing is known of how it came about.
        cautions: What the figure leans on.
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
        if self.acquisition_cost is not None:
            same_currency(self.value, checks.as_instance(self.acquisition_cost, Money, "acquisition_cost"))
        if self.years is not None:
            checks.set_field(self, "years", checks.as_non_negative(self.years, "years"))
        checks.set_field(self, "yearly", checks.as_tuple(self.yearly, Money, "yearly"))
        for money in self.yearly:
            same_currency(self.value, money)
        if self.residual is not None:
            same_currency(self.value, checks.as_instance(self.residual, Money, "residual"))
        checks.as_instance(self.truncated, bool, "truncated")
        if self.elasticity is not None:
            checks.as_instance(self.elasticity, Elasticity, "elasticity")
        checks.set_field(self, "cautions", checks.as_tuple(self.cautions, Finding, "cautions"))
        if self._explanation is not None:
            told = checks.as_instance(self._explanation, Explanation, "explanation")["value"].value
            if told != self.value.amount:
                raise InconsistentCountsError(
                    f"the explanation must end in the value, got {show(told)} for {self.value}; leave it out", told
                )

    def explain(self) -> Explanation:
        """How the value comes about, line by line."""
        return Explanation([term("value", self.value)]) if self._explanation is None else self._explanation

    def guard(self, spend: Money, /) -> "SpendGuard":
        """Whether so much may be spent on this customer, and what would have to change if not."""
        return SpendGuard(worth=self, spend=spend)

    def ratio_to(self, acquisition_cost: Money, /) -> Decimal | None:
        """How many times what winning the customer costs he is worth (LTV:CAC), to 34 digits; None over nought.

        The custom of asking for three is a rule of thumb, no law. Compare like with like: both net or both gross.
        """
        return self.value.ratio_to(acquisition_cost)

    def change_from(self, before: "LifetimeValue", /) -> Decimal | None:
        """By which share of itself another value changes to become this one, to 34 digits; None from nought.

        Examples:
            >>> LifetimeValue(value=Money(275, "EUR")).change_from(LifetimeValue(value=Money(250, "EUR")))
            Decimal('0.1')
        """
        earlier = checks.as_instance(before, LifetimeValue, "before").value
        difference = self.value - earlier
        return ratio(difference.amount, earlier.amount)


@attrs.frozen(kw_only=True)
class SpendGuard:
    """Whether a planned spend on a customer pays: it may equal his value, not exceed it.

    Examples:
        >>> from crmcore.value.lifetime_value import simple
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
        checks.as_instance(self.worth, LifetimeValue, "worth")
        a_cost(self.spend, "spend", self.worth.value)

    def __bool__(self) -> bool:
        return self.allowed

    @property
    def allowed(self) -> bool:
        """Whether the value covers the spend: the truth of the guard itself, as in ``if worth.guard(spend):``."""
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

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What the answer leans on: what the value leans on, and how close it is."""
        found: list[Finding] = []
        if self.spend == self.worth.value:
            found.append(
                Finding(
                    rule="spend_equals_value",
                    severity=Severity.INFO,
                    subject="spend",
                    message="the spend takes all the value there is and leaves nothing",
                    advice="it is allowed, for it loses nothing; look for what the same money brings elsewhere",
                )
            )
        if self.spend and self.worth.acquisition_cost:
            found.append(
                Finding(
                    rule="acquisition_cost_counted",
                    severity=Severity.INFO,
                    subject="acquisition_cost",
                    message="the value is net of an acquisition cost already",
                    advice="plan here only what is to be spent beside it, or it counts twice",
                )
            )
        return (*found, *self.worth.cautions)

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
