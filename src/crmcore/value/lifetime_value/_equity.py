"""The value of all customers, those there are and those to come; and what a customer costs by tenure."""

from collections.abc import Hashable, Iterable
from typing import Any, Generic, TypeVar, cast

import attrs

from crmcore.primitives import checks, money
from crmcore.primitives._decimals import DEEP, EXACT, ONE, ZERO
from crmcore.primitives._results import Result
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.findings import Finding
from crmcore.primitives.money import Money, round_money, same_currency
from crmcore.primitives.rates import Discount
from crmcore.primitives.record import several
from crmcore.value.lifetime_value._inputs import as_cost_schedule
from crmcore.value.lifetime_value._mix import SegmentValue, ValueMix
from crmcore.value.lifetime_value._result import LifetimeValue

__all__ = ["CustomerEquity", "cost_by_tenure"]

_K = TypeVar("_K", bound=Hashable)
_G = TypeVar("_G", bound=Hashable)


@attrs.frozen(kw_only=True)
class CustomerEquity(Result, Generic[_K]):
    """What all customers are worth together: the residual value of those there are, and the value of those to come.

    Examples:
        >>> from crmcore import Discount, Money, TimeUnit, ValueMix
        >>> from crmcore.value.lifetime_value import CustomerEquity
        >>> base = ValueMix.of({"small": (100, Money(120, "EUR")), "large": (50, Money(400, "EUR"))})
        >>> equity = CustomerEquity.of(
        ...     base, acquired=[(200, Money(150, "EUR"))] * 3, discount=Discount("0.1", TimeUnit.YEAR)
        ... )
        >>> equity.existing_value, equity.future_value.quantized(), equity.value.quantized()
        (Money('32000', 'EUR'), Money('74605.56', 'EUR'), Money('106605.56', 'EUR'))

    Take residual values for existing customers: what they will bring from now on, not what they brought. Segments with
    a value below 0 lower the equity; ``existing.losing`` names them.

    Attributes:
        existing: The customers there are, with their residual values by segment.
        acquired: The customers who will be won in each coming period, and their combined value, net of what winning
            them costs. The first ones come at the end of the first period.
        discount: The rate of discount per period. None if no customers are to come.

    Raises:
        CurrencyMismatchError: The values are in two currencies.
        InvalidValueError: Customers are to come, but there is no discount.

    Source: Rust, Lemon and Zeithaml 2004, Return on marketing, Journal of Marketing 68(1):109-127; Drèze and Bonfrer
    2009, Moving from customer lifetime value to customer equity, Quantitative Marketing and Economics 7:289-320.
    """

    ratios = ("existing_value", "future_value", "value")

    existing: ValueMix[_K]
    acquired: tuple[SegmentValue, ...] = attrs.field(default=(), converter=several)
    discount: Discount | None = None

    def _check(self) -> None:
        super()._check()
        given = self.existing.combined
        for place, cohort in enumerate(self.acquired):
            same_currency(self.acquired[0].combined if given is None else given, cohort.combined, "acquired", place)
        if self.acquired and self.discount is None:
            raise InvalidValueError(
                "future_without_discount",
                "discount must be given if customers are to come",
                field="discount",
                advice="take Discount(0, TimeUnit.YEAR) to count later values in full",
            )

    @classmethod
    def of(
        cls,
        existing: ValueMix[_G],
        /,
        *,
        acquired: Iterable[tuple[int, Money | LifetimeValue]] = (),
        discount: Discount | None = None,
    ) -> "CustomerEquity[_G]":
        """Build the equity from a mix and from pairs of the customers won in a period and the value of one of them.

        Args:
            existing: The customers there are, with their residual values.
            acquired: For each coming period, a pair of the number of customers won and the value of one of them, net of
                the cost of winning them.
            discount: The rate of discount per period.

        Raises:
            CurrencyMismatchError: The values are in two currencies.
            InvalidValueError: Customers are to come, but there is no discount.
        """
        walk = checks.iterate(acquired, "acquired", "pair")
        cohorts: Any = ValueMix.of(dict(enumerate(checks.end_at_limit(walk, acquired, "acquired"))))
        won = tuple(cohort for _, cohort in cohorts.rows)
        return cast("type[CustomerEquity[_G]]", cls)(existing=existing, acquired=won, discount=discount)

    @property
    def existing_value(self) -> Money | None:
        """The value of the customers there are. None if there are no segments and none to come."""
        if self.existing.combined is None and self.acquired:
            return Money.zero(self.acquired[0].combined.currency)
        return self.existing.combined

    @property
    def future_value(self) -> Money | None:
        """The discounted value of the customers to come. None if there are no segments and none to come."""
        given = self.existing_value
        if given is None:
            return None
        total = ZERO
        due = ONE if self.discount is None else DEEP.add(ONE, self.discount.rate)
        for cohort in reversed(self.acquired):
            total = DEEP.divide(DEEP.add(cohort.combined.amount, total), due)
        return round_money(total, given.currency)

    @property
    def value(self) -> Money | None:
        """The value of all customers. None if there are no segments and none to come."""
        if self.existing_value is None or self.future_value is None:
            return None
        return self.existing_value + self.future_value

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What the values of the existing customers assume or leave out."""
        return self.existing.cautions

    def explain(self) -> Explanation:
        """Explain the equity period by period."""
        if self.existing_value is None:
            return Explanation([Term("value", None)], cautions=self.cautions)
        lines = [term("existing_value", self.existing_value)]
        formula = ""
        if self.discount is not None:
            lines.append(term("discount", self.discount.rate, f"per {self.discount.per.value}"))
        for number, cohort in reversed([*enumerate(self.acquired, 1)]):
            lines.append(term(f"acquired_{number}", cohort.combined))
            coming = f"(acquired_{number} + {formula})" if formula else f"acquired_{number}"
            formula = f"{coming} / (1 + discount)"
        return Explanation(
            (
                *lines,
                term("future_value", self.future_value, "", formula),
                term("value", self.value, "", "existing_value + future_value"),
            ),
            cautions=self.cautions,
        )


def cost_by_tenure(*, acquisition_cost: Money, service_cost: Money | Iterable[Money], years: int) -> tuple[Money, ...]:
    """Return what a customer has cost a year on average after each year of tenure.

    The cost of winning a customer is spread over their tenure, so the average falls as long as the cost of serving them
    does not rise above it: attracting is dearer than keeping.

    Examples:
        >>> from crmcore import Money, lifetime_value
        >>> costs = lifetime_value.cost_by_tenure(
        ...     acquisition_cost=Money(300, "EUR"), service_cost=[Money(100, "EUR"), Money(50, "EUR")], years=3
        ... )
        >>> [str(cost.quantized()) for cost in costs]
        ['400.00 EUR', '225.00 EUR', '166.67 EUR']

    Args:
        acquisition_cost: What winning the customer cost.
        service_cost: What serving them costs a year, or the costs of the first year, the second and so on. The last one
            is also that of every later year.
        years: The number of years.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InvalidValueError: An amount is below 0.

    Source: the source articles (see why.md): the cost of a client falls with time.
    """
    won = money.as_non_negative(acquisition_cost, "acquisition_cost")
    schedule = as_cost_schedule(service_cost, "service_cost", won) or (
        money.as_non_negative(service_cost, "service_cost"),  # None, which is refused
    )
    total = won.amount
    costs: list[Money] = []
    for year in range(checks.as_size(years, "years")):
        total = EXACT.add(total, schedule[min(year, len(schedule) - 1)].amount)
        costs.append(round_money(DEEP.divide(total, year + 1), won.currency))
    return tuple(costs)
