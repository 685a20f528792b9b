"""Payback: when what winning a customer cost has come back."""

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import DEEP, EXACT, FINEST, ONE, RATIO, WIDE, ZERO
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.money import Money, round_money
from crmcore.primitives.rates import Discount, Retention, TimeUnit
from crmcore.value.lifetime_value._inputs import a_cost, in_one_unit

__all__ = ["Payback"]


@attrs.frozen(kw_only=True)
class Payback:
    """How many periods' margins bring back what winning a customer cost.

    Examples:
        >>> simple = Payback(acquisition_cost=Money(1000, "EUR"), margin=Money(80, "EUR"))
        >>> simple.periods, simple.payment_index
        (Decimal('12.5'), 12)
        >>> adjusted = Payback(
        ...     acquisition_cost=Money(1000, "EUR"),
        ...     margin=Money(80, "EUR"),
        ...     retention=Retention("0.9", TimeUnit.MONTH),
        ... )
        >>> adjusted.never, adjusted.limit  # so many leave that 200 never come back
        (True, Money('800', 'EUR'))

    Attributes:
        acquisition_cost: What is to be brought back.
        margin: What a customer who is still there brings in each period of the rates, the first of them now.
        retention: The share of customers kept from one period to the next; None where all are.
        discount: What waiting one period costs; None where it costs nothing.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InvalidValueError: The acquisition cost is below nought, or retention and discount are quoted per different
            units.
        WrongTypeError: A value of the wrong type.

    Source: simple payback is standard, ``CAC / (ARPA * gross margin)``; adjusted for retention it is the finite form of
    `constant_retention`, solved for the periods.
    """

    acquisition_cost: Money
    margin: Money
    retention: Retention | None = None
    discount: Discount | None = None

    def __attrs_post_init__(self) -> None:
        checks.as_instance(self.margin, Money, "margin")
        a_cost(self.acquisition_cost, "acquisition_cost", self.margin)
        if self.retention is not None:
            checks.as_instance(self.retention, Retention, "retention")
        if self.discount is not None:
            checks.as_instance(self.discount, Discount, "discount")
        if self.retention is not None and self.discount is not None:
            in_one_unit(self.retention, self.discount)

    @property
    def per(self) -> TimeUnit | None:
        """The unit of time that the rates are quoted per; None where there are no rates."""
        rate = self.retention or self.discount
        return None if rate is None else rate.per

    @property
    def periods(self) -> Decimal | None:
        """How many periods' margins it takes, the last of them in part, to 34 digits; None where no number does."""
        owed, margin, carried = self.acquisition_cost.amount, self.margin.amount, self._carried
        if not owed:
            return ZERO
        if margin <= 0:
            return None
        margins = DEEP.divide(owed, margin)
        if carried == ONE:
            return EXACT.add(RATIO.plus(margins), ZERO)
        if not carried:
            return EXACT.add(RATIO.plus(margins), ZERO) if margins <= 1 else None
        left = DEEP.subtract(ONE, DEEP.multiply(margins, DEEP.subtract(ONE, carried)))
        if left <= 0:
            return None
        number = WIDE.divide(WIDE.ln(left), WIDE.ln(carried))
        whole = number.to_integral_value(ROUND_HALF_EVEN, WIDE)
        return whole if WIDE.abs(WIDE.subtract(number, whole)) < FINEST else RATIO.plus(number)

    @property
    def payment_index(self) -> int | None:
        """Which margin brings the last of it back, counted from nought; None where it is never paid back."""
        periods = self.periods
        return None if periods is None else max(0, int(periods.to_integral_value(ROUND_CEILING, WIDE)) - 1)

    @property
    def never(self) -> bool:
        """Whether all margins of all eternity fall short, or there are none."""
        return self.periods is None

    @property
    def limit(self) -> Money | None:
        """What the margins of all eternity come to; None where they have no bound."""
        if self._carried >= ONE:
            return None if self.margin else self.margin
        return round_money(DEEP.divide(self.margin.amount, DEEP.subtract(ONE, self._carried)), self.margin.currency)

    def explain(self) -> Explanation:
        """How the answer comes about, line by line."""
        unit = "periods" if self.per is None else f"{self.per.value}s"
        each = "" if self.per is None else f"per {self.per.value}"
        lines = [term("acquisition_cost", self.acquisition_cost), term("margin", self.margin)]
        kept, due = "1", "1"
        if self.retention is not None:
            lines.append(term("retention", self.retention.share, each))
            kept = "retention"
        if self.discount is not None:
            lines.append(term("discount", self.discount.rate, each))
            due = "(1 + discount)"
        carried = kept if due == "1" else f"{kept} / {due}"
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
                Term("payment_index", self.payment_index, "from nought", "max(0, ceil(periods) - 1)"),
            )
        )

    @property
    def _carried(self) -> Decimal:
        """What is left of a margin a period later."""
        kept = ONE if self.retention is None else self.retention.share
        return kept if self.discount is None else DEEP.divide(kept, DEEP.add(ONE, self.discount.rate))
