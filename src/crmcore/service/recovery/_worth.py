"""Whether a remedy is worth what it costs, and what a fund must hold."""

from decimal import Decimal
from typing import Annotated

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ZERO, plain_repr
from crmcore.primitives._results import Result
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.money import NON_NEGATIVE, Money, round_money, same_currency
from crmcore.primitives.record import SHARE, fraction

__all__ = ["RemedyWorth", "fund_size", "rescued_value"]


@attrs.frozen(kw_only=True)
class RemedyWorth(Result):
    """Whether a remedy is worth its cost: the lifetime value that it is expected to save, less what it costs.

    Examples:
        >>> from crmcore import Money, RemedyWorth
        >>> voucher = RemedyWorth(
        ...     value_at_risk=Money(300, "EUR"), churn_without="0.4", churn_with="0.1", cost=Money(50, "EUR")
        ... )
        >>> voucher.saved, voucher.value, voucher.is_worth_it
        (Money('90.0', 'EUR'), Money('40.0', 'EUR'), True)

    It says nothing of fairness: a customer of little value was harmed as much. `lint` compares remedies to the harm.

    Attributes:
        value_at_risk: The lifetime value of the customer, >= 0.
        churn_without: The probability that the customer leaves without the remedy.
        churn_with: The probability that they leave although they get it.
        cost: What the remedy costs the company, >= 0.

    Raises:
        CurrencyMismatchError: The amounts have different currencies.
    """

    ratios = ("saved", "value", "is_worth_it", "break_even")

    value_at_risk: Annotated[Money, NON_NEGATIVE]
    churn_without: Annotated[Decimal, SHARE] = attrs.field(converter=fraction, repr=plain_repr)
    churn_with: Annotated[Decimal, SHARE] = attrs.field(converter=fraction, repr=plain_repr)
    cost: Annotated[Money, NON_NEGATIVE]

    def _check(self) -> None:
        super()._check()
        same_currency(self.value_at_risk, self.cost, "cost")

    @property
    def _exact(self) -> Decimal:
        kept = EXACT.subtract(self.churn_without, self.churn_with)
        return EXACT.multiply(self.value_at_risk.amount, kept)

    @property
    def saved(self) -> Money:
        """The expected value that the remedy saves; < 0 if more customers leave with it."""
        return round_money(self._exact, self.cost.currency)

    @property
    def value(self) -> Money:
        """What is saved less the cost."""
        return round_money(EXACT.subtract(self._exact, self.cost.amount), self.cost.currency)

    @property
    def is_worth_it(self) -> bool:
        """Whether it saves more than it costs, compared exactly; at a tie it does not."""
        return self._exact > self.cost.amount

    @property
    def break_even(self) -> Money:
        """The cost from which on the remedy is not worth it; 0 if it saves nothing."""
        return round_money(EXACT.max(self._exact, ZERO), self.cost.currency)

    def explain(self) -> Explanation:
        """Return how the net value comes about, line by line."""
        return Explanation(
            (
                term("value_at_risk", self.value_at_risk),
                term("churn_without", self.churn_without),
                term("churn_with", self.churn_with),
                term("cost", self.cost),
                term("saved", self.saved, "", "value_at_risk * (churn_without - churn_with)"),
                term("break_even", self.break_even, "", "max(saved, 0)"),
                term("value", self.value, "", "saved - cost"),
            ),
            cautions=self.cautions,
        )

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read it: that more customers leave with the remedy than without it."""
        if self.churn_with <= self.churn_without:
            return ()
        return (
            Finding(
                rule="more_leave_with_the_remedy",
                severity=Severity.WARNING,
                subject="churn_with",
                message="more customers leave with the remedy than without it, so that it saves less than nothing",
                advice="look whether the two probabilities are exchanged, or the remedy went to the angriest customers",
                evidence=[("churn_without", self.churn_without), ("churn_with", self.churn_with)],
            ),
        )


def fund_size(*, failures: Decimal | int | str, share: Decimal | int | str | float, average: Money) -> Money:
    """Return what a fund must hold: ``failures * share * average``.

    It is an expectation: about every second time, more is needed.

    Examples:
        >>> from crmcore import Money, recovery
        >>> recovery.fund_size(failures=120, share="0.6", average=Money(25, "EUR"))
        Money('1800.0', 'EUR')

    Args:
        failures: How many failures are expected, >= 0.
        share: The share of them that are compensated.
        average: What a compensation costs on average, >= 0.
    """
    number = checks.as_non_negative(failures, "failures")
    part = checks.as_share(share, "share")
    return _multiply(number, part, average, "average")


def rescued_value(*, detractors: int, rescue_rate: Decimal | int | str | float, value: Money) -> Money:
    """Return the value of the detractors who are won back: ``detractors * rescue_rate * value``.

    It is an expectation, before what the rescue costs.

    Examples:
        >>> from crmcore import Money, recovery
        >>> recovery.rescued_value(detractors=500, rescue_rate="0.25", value=Money(1100, "USD"))
        Money('137500.00', 'USD')

    Args:
        detractors: How many customers would not recommend the company.
        rescue_rate: The share of them who are won back.
        value: What a customer who stays is worth, >= 0.

    Source: the SurveyGauge glossary, "close the loop".
    """
    number = checks.as_count(detractors, "detractors")
    return _multiply(Decimal(number), checks.as_share(rescue_rate, "rescue_rate"), value, "value")


def _multiply(number: Decimal, share: Decimal, amount: object, name: str) -> Money:
    money = checks.as_instance(amount, Money, name)
    checks.check_not_below(money.amount, 0, name)
    return round_money(EXACT.multiply(EXACT.multiply(number, share), money.amount), money.currency, name)
