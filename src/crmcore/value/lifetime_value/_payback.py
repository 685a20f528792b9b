"""When an acquisition cost is recovered."""

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from math import ceil
from typing import Final

import attrs

from crmcore.primitives import money
from crmcore.primitives._decimals import DEEP, ONE, ZERO
from crmcore.primitives._results import Result
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.money import Money, round_money
from crmcore.primitives.rates import Discount, Retention, TimeUnit
from crmcore.value.lifetime_value._inputs import check_same_unit
from crmcore.value.lifetime_value._least import find_least

__all__ = ["Payback"]

_FIRST_DIGITS: Final = 100
_NEAR_ONE: Final = Fraction(1, 10**400)
"""A base so near 1 that a power of it differs from a straight line by less than any two quotients of amounts do."""
_MOST_BITS: Final = 50_000
_LEAST_PART: Final = Fraction(1, 10**40)


@attrs.frozen(kw_only=True)
class Payback(Result):
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

    Source: simple payback is standard, ``CAC / (ARPA * gross margin)``. Adjusted for retention, it is the first margin
    at which the finite form of `constant_retention` covers the cost.
    """

    ratios = ("periods", "per", "limit", "payment_index", "never")

    acquisition_cost: Money
    margin: Money
    retention: Retention | None = None
    discount: Discount | None = None

    def _check(self) -> None:
        super()._check()
        money.as_non_negative(self.acquisition_cost, "acquisition_cost", self.margin)
        if self.retention is not None and self.discount is not None:
            check_same_unit(self.retention, self.discount)

    @property
    def per(self) -> TimeUnit | None:
        """The unit of time of the rates, or None if there are no rates."""
        rate = self.retention or self.discount
        return None if rate is None else rate.per

    @property
    def periods(self) -> Decimal | None:
        """The number of margins it takes, the last one in part, to 34 digits, rounded up.

        The last margin counts by the part of it that is still needed: if half of the margin that is due now recovers
        the cost, it takes half a period, whatever the retention. None if the cost is never recovered.
        """
        index = self.payment_index
        if index is None:
            return None
        if not self.acquisition_cost:
            return ZERO
        number = index + self._find_part(index)[0]
        return find_least(number, number.__le__)

    @property
    def payment_index(self) -> int | None:
        """The index of the margin that completes the recovery, counted from 0. None if the cost is never recovered.

        It is exact, also if the margins up to one of them add up to the cost exactly.
        """
        owed, margin, carried = self._owed, Fraction(self.margin.amount), self._exact_carried
        if not owed:
            return 0
        if margin <= 0:
            return None
        margins = owed / margin
        if carried == 1:
            return ceil(margins) - 1
        if not carried:
            return 0 if margins <= 1 else None
        left = 1 - margins * (1 - carried)
        return _find_power(carried, left, margins) - 1 if left > 0 else None

    @property
    def never(self) -> bool:
        """Whether the cost is never recovered: the sum of all margins is less, or only approaches it."""
        return self.payment_index is None

    @property
    def limit(self) -> Money | None:
        """The sum of all margins to come, or None if it is not finite."""
        if self._carried >= ONE:
            return None if self.margin else self.margin
        return round_money(DEEP.divide(self.margin.amount, DEEP.subtract(ONE, self._carried)), self.margin.currency)

    def explain(self) -> Explanation:
        """Explain the number of periods line by line."""
        unit = "periods" if self.per is None else f"{self.per.value}s"
        lines = [term("acquisition_cost", self.acquisition_cost), term("margin", self.margin)]
        carried = "1"
        if self.retention is not None:
            lines.append(term("retention", self.retention.share, f"per {self.retention.per.value}"))
            carried = "retention"
        if self.discount is not None:
            lines.append(term("discount", self.discount.rate, f"per {self.discount.per.value}"))
            carried += " / (1 + discount)"
        if self.limit is not None:
            lines.append(term("limit", self.limit, "", f"margin / (1 - {carried})" if self.limit else ""))
        index = self.payment_index
        if index is None:
            return Explanation([*lines, Term("periods", None, unit)])
        lines.append(Term("payment_index", index, "counted from 0"))
        formula = "acquisition_cost / margin" if self.acquisition_cost else ""
        if index and self._exact_carried != 1:
            recovered, base = self._find_part(index)[1], f"({carried})" if " " in carried else carried
            formula = f"margin * (1 - {base} ** payment_index) / (1 - {carried})"
            lines.append(Term("recovered", recovered, f"{self.margin.currency} before it", formula))
            formula = f"payment_index + (acquisition_cost - recovered) / (margin * {base} ** payment_index)"
        return Explanation((*lines, Term("periods", self.periods, unit, formula)))

    def _find_part(self, index: int) -> tuple[Fraction, Decimal]:
        """Return the part of a margin that completes the recovery, and the sum of the margins before it."""
        margin, carried = Fraction(self.margin.amount), self._exact_carried
        if carried == 1:
            before = margin * index
            return (self._owed - before) / margin, DEEP.divide(before.numerator, before.denominator)
        if index * carried.denominator.bit_length() < _MOST_BITS:
            survived: Fraction = carried**index
            before = margin * (1 - survived) / (1 - carried)
            return (self._owed - before) / (margin * survived), DEEP.divide(before.numerator, before.denominator)
        context = _build_context(carried, Fraction(0))
        factor = context.divide(carried.numerator, carried.denominator)
        power = context.power(factor, index)
        each = context.divide(margin.numerator, margin.denominator)
        lost = context.subtract(ONE, power)
        sum_before = context.divide(context.multiply(each, lost), context.subtract(ONE, factor))
        still = context.subtract(self.acquisition_cost.amount, sum_before)
        part = Fraction(context.divide(still, context.multiply(each, power)))
        return min(max(part, _LEAST_PART), Fraction(1)), sum_before

    @property
    def _owed(self) -> Fraction:
        return Fraction(self.acquisition_cost.amount)

    @property
    def _exact_carried(self) -> Fraction:
        """The expected, discounted margin of a period as a share of the margin of the period before, exactly."""
        kept = Fraction(1 if self.retention is None else self.retention.share)
        return kept if self.discount is None else kept / (1 + Fraction(self.discount.rate))

    @property
    def _carried(self) -> Decimal:
        return DEEP.divide(self._exact_carried.numerator, self._exact_carried.denominator)


def _find_power(base: Fraction, goal: Fraction, margins: Fraction) -> int:
    """Return the least exponent >= 1 with which a power is at or beyond a goal, seen from 1.

    A logarithm finds the exponent. If it is so near to a whole number that it may be one, exact integers decide.

    Args:
        base: The base, which is not 1.
        goal: The goal, on the same side of 1 as the base.
        margins: ``(1 - goal) / (1 - base)``, which the exponent approaches as the base approaches 1.
    """
    if abs(1 - base) < _NEAR_ONE:
        return ceil(margins) + (base < 1 < margins == ceil(margins))
    digits = _FIRST_DIGITS
    while True:
        context = _build_context(base, goal, digits)
        exponent = context.divide(
            *(context.ln(context.divide(number.numerator, number.denominator)) for number in (goal, base))
        )
        whole = exponent.to_integral_value(ROUND_HALF_EVEN, context)
        if context.abs(context.subtract(exponent, whole)) > Decimal((0, (1,), -digits // 2)):
            return int(exponent.to_integral_value(ROUND_CEILING, context))
        if _is_power(base, int(whole), goal):
            return int(whole)
        digits *= 4


def _is_power(base: Fraction, exponent: int, goal: Fraction) -> bool:
    """Return whether a power equals a goal; both are in lowest terms, so the parts must be equal."""
    bits = exponent * (max(base.numerator, base.denominator).bit_length() - 1)
    return bits <= max(goal.numerator, goal.denominator).bit_length() and base**exponent == goal


def _build_context(base: Fraction, goal: Fraction, digits: int = 120) -> Context:
    """Return a context with this many digits beside those that cancel if base or goal are near 1."""
    context = DEEP.copy()
    near = (abs(1 - number) for number in (base, goal))
    context.prec = (
        digits + 100 + sum(max(0, (gap.denominator.bit_length() - gap.numerator.bit_length()) // 3) for gap in near)
    )
    return context
