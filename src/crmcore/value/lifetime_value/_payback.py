"""When an acquisition cost is recovered."""

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

import attrs

from crmcore.primitives import checks, money
from crmcore.primitives._decimals import DEEP, FINEST, ONE, RATIO, WIDE, ZERO, ratio
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.money import Money, round_money
from crmcore.primitives.rates import Discount, Retention, TimeUnit
from crmcore.value.lifetime_value._inputs import check_same_unit

__all__ = ["Payback"]


@attrs.frozen(kw_only=True)
class Payback:
    """The number of periods whose margins recover an acquisition cost.

    The first margin comes now, as in `FirstMargin.INCLUDED`: the margin with index 3 comes three periods from now.

    Examples:
        >>> from crmcore import Discount, Money, Payback, Retention, TimeUnit
        >>> simple = Payback(acquisition_cost=Money(1000, "EUR"), margin=Money(80, "EUR"))
        >>> simple.periods, simple.payment_index
        (Decimal('12.5'), 12)
        >>> adjusted = Payback(
        ...     acquisition_cost=Money(250, "EUR"),
        ...     margin=Money(100, "EUR"),
        ...     retention=Retention("0.8", TimeUnit.YEAR),
        ...     discount=Discount("0.1", TimeUnit.YEAR),
        ... )
        >>> adjusted.payment_index, adjusted.limit.quantized()
        (3, Money('366.67', 'EUR'))

        With a retention of 0.9, the sum of all margins is 800. A cost of 1000 is never recovered:

        >>> leaving = Payback(
        ...     acquisition_cost=Money(1000, "EUR"),
        ...     margin=Money(80, "EUR"),
        ...     retention=Retention("0.9", TimeUnit.MONTH),
        ... )
        >>> leaving.never, leaving.limit
        (True, Money('800', 'EUR'))

    Without retention and discount this is the simple payback. It assumes that no customer leaves, so it is shorter than
    the real one. With a retention, it is the payback of all customers who were won together, those who leave included.

    Attributes:
        acquisition_cost: What winning one customer cost, >= 0.
        margin: What a customer who is still there brings in each period, net of the cost of serving them. The period is
            that of the rates: a margin per month needs rates per month.
        retention: The share of customers kept from one period to the next. None if all are kept.
        discount: The rate of discount per period, in the same unit of time. None if money keeps its value.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InvalidValueError: The acquisition cost is below 0, or retention and discount are per different units of time.

    Source: simple payback is standard, ``CAC / (ARPA * gross margin)``. Adjusted for retention, it is the finite form
    of `constant_retention`, solved for the number of periods.
    """

    acquisition_cost: Money
    margin: Money
    retention: Retention | None = None
    discount: Discount | None = None

    def __attrs_post_init__(self) -> None:
        checks.as_instance(self.margin, Money, "margin")
        money.as_non_negative(self.acquisition_cost, "acquisition_cost", self.margin)
        if self.retention is not None:
            checks.as_instance(self.retention, Retention, "retention")
        if self.discount is not None:
            checks.as_instance(self.discount, Discount, "discount")
        if self.retention is not None and self.discount is not None:
            check_same_unit(self.retention, self.discount)

    @property
    def per(self) -> TimeUnit | None:
        """The unit of time of the rates, or None if there are no rates."""
        rate = self.retention or self.discount
        return None if rate is None else rate.per

    @property
    def periods(self) -> Decimal | None:
        """The number of margins it takes, the last one in part, to 34 digits. None if the cost is never recovered."""
        owed, margin, carried = self.acquisition_cost.amount, self.margin.amount, self._carried
        if not owed:
            return ZERO
        if margin <= 0:
            return None
        margins = DEEP.divide(owed, margin)
        if carried == ONE or not carried:
            return ratio(margins, 1) if carried or margins <= 1 else None
        left = DEEP.subtract(ONE, DEEP.multiply(margins, DEEP.subtract(ONE, carried)))
        if left <= 0:
            return None
        number = WIDE.divide(WIDE.ln(left), WIDE.ln(carried))
        whole = number.to_integral_value(ROUND_HALF_EVEN, WIDE)
        return whole if WIDE.abs(WIDE.subtract(number, whole)) < FINEST else RATIO.plus(number)

    @property
    def payment_index(self) -> int | None:
        """The index of the margin that completes the recovery, counted from 0. None if the cost is never recovered."""
        periods = self.periods
        return None if periods is None else max(0, int(periods.to_integral_value(ROUND_CEILING, WIDE)) - 1)

    @property
    def never(self) -> bool:
        """Whether the cost is never recovered: the sum of all margins is less, or only approaches it."""
        return self.periods is None

    @property
    def limit(self) -> Money | None:
        """The sum of all margins to come, or None if it is not finite."""
        if self._carried >= ONE:
            return None if self.margin else self.margin
        return round_money(DEEP.divide(self.margin.amount, DEEP.subtract(ONE, self._carried)), self.margin.currency)

    def explain(self) -> Explanation:
        """Explain the number of periods line by line."""
        unit = "periods" if self.per is None else f"{self.per.value}s"
        each = "" if self.per is None else f"per {self.per.value}"
        lines = [term("acquisition_cost", self.acquisition_cost), term("margin", self.margin)]
        carried = "1"
        if self.retention is not None:
            lines.append(term("retention", self.retention.share, each))
            carried = "retention"
        if self.discount is not None:
            lines.append(term("discount", self.discount.rate, each))
            carried += " / (1 + discount)"
        if self.limit is not None:
            lines.append(term("limit", self.limit, "", f"margin / (1 - {carried})" if self.limit else ""))
        if self.never:
            return Explanation([*lines, Term("periods", None, unit)])
        if not self.acquisition_cost:
            formula = ""
        elif self._carried == ONE or not self._carried:
            formula = "acquisition_cost / margin"
        else:
            formula = f"ln(1 - acquisition_cost / margin * (1 - {carried})) / ln({carried})"
        return Explanation(
            (
                *lines,
                Term("periods", self.periods, unit, formula),
                Term("payment_index", self.payment_index, "counted from 0", "max(0, ceil(periods) - 1)"),
            )
        )

    @property
    def _carried(self) -> Decimal:
        """The expected, discounted margin of a period as a share of the margin of the period before."""
        kept = ONE if self.retention is None else self.retention.share
        return kept if self.discount is None else DEEP.divide(kept, DEEP.add(ONE, self.discount.rate))
