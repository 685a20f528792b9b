"""What one customer bought: the facts behind both readings of recency, frequency and monetary value."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final

import attrs

from crmcore.primitives._decimals import RATIO
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.ids import Id
from crmcore.primitives.money import Money, same_currency
from crmcore.primitives.rates import TimeUnit
from crmcore.primitives.record import at_least

__all__ = ["PurchaseSummary", "RefundRule"]

_MONTHS: Final = {TimeUnit.MONTH.value: 1, TimeUnit.QUARTER.value: 3, TimeUnit.YEAR.value: 12}


class RefundRule(StrEnum):
    """Which order a refund is taken from, as no refund names one.

    Attributes:
        LAST_ORDER: The last order of the customer up to the day of the refund, or their first order if there is none
            before. A refund of the first order does not lower `monetary_value`.
        LEFT_OUT: None: refunds are left out, and amounts are those that were paid.
    """

    LAST_ORDER = "last_order"
    LEFT_OUT = "left_out"


def find_unit_start(day: date, unit: TimeUnit) -> date:
    """Return the first day of the calendar week (from Monday), month, quarter or year of a day."""
    if unit is TimeUnit.WEEK:
        return date.fromordinal(max(1, day.toordinal() - day.weekday()))
    months = _MONTHS[unit.value]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def count_units(start: date, end: date, unit: TimeUnit) -> Decimal:
    """Return the time between two days in a unit, to 34 digits; of months and longer, between their first days."""
    if unit in {TimeUnit.DAY, TimeUnit.WEEK}:
        return RATIO.divide((end - start).days, 7 if unit is TimeUnit.WEEK else 1)
    return RATIO.divide(12 * (end.year - start.year) + end.month - start.month, _MONTHS[unit.value])


@attrs.frozen(kw_only=True)
class PurchaseSummary(Result):
    """How often, when and for how much a customer bought up to a reference date.

    Examples:
        >>> from datetime import date
        >>> from crmcore import Money
        >>> from crmcore.value.rfm import PurchaseSummary
        >>> anna = PurchaseSummary(
        ...     customer_id="anna",
        ...     orders=3,
        ...     first=date(2024, 1, 1),
        ...     last=date(2024, 4, 1),
        ...     end=date(2024, 6, 30),
        ...     spend=Money(200, "EUR"),
        ...     repeat_spend=Money(150, "EUR"),
        ... )
        >>> anna.frequency, anna.recency, anna.T, anna.monetary_value  # as models of purchases read it
        (2, Decimal('91'), Decimal('181'), Money('75', 'EUR'))
        >>> anna.orders, anna.since_last, anna.spend  # as marketing scores read it
        (3, Decimal('90'), Money('200', 'EUR'))

    Attributes:
        customer_id: The customer.
        orders: The number of orders, >= 1.
        first: The day of the first order.
        last: The day of the last order.
        end: The day of the reference date.
        unit: The unit of time of `recency`, `T` and `since_last`. With months, quarters and years, the days must be the
            first ones of these units, because days do not make up a fixed part of a month.
        spend: What all orders brought, less refunds.
        repeat_spend: What the orders after the first brought, less refunds.
        holdout_end: The day on which the holdout ends. None if there is none.
        holdout_orders: The orders after `end` up to `holdout_end`.
        holdout_spend: What these brought, less refunds. None if there is no holdout.

    Raises:
        CurrencyMismatchError: The amounts are in two currencies.
        InconsistentCountsError: A customer with one order has a repeat spend, or part of the holdout is missing.
        InvalidValueError: The days are not in order, or are not the first days of their units.

    Source: Fader, Hardie and Lee 2005, "Counting your customers" the easy way, Marketing Science 24(2):275-284, for the
    first reading; Hughes 1994, Strategic Database Marketing, for the second.
    """

    ratios = ("frequency", "recency", "T", "monetary_value", "since_last", "holdout_monetary_value")

    customer_id: Id
    orders: Annotated[int, at_least(1)]
    first: date
    last: date
    end: date
    unit: TimeUnit = TimeUnit.DAY
    spend: Money
    repeat_spend: Money
    holdout_end: date | None = None
    holdout_orders: int | None = None
    holdout_spend: Money | None = None

    def _check(self) -> None:
        super()._check()
        same_currency(self.spend, self.repeat_spend, "repeat_spend")
        if self.holdout_spend is not None:
            same_currency(self.spend, self.holdout_spend, "holdout_spend")
        days = [self.first, self.last, self.end, *([] if self.holdout_end is None else [self.holdout_end])]
        if days != sorted(days):
            raise InvalidValueError(
                "summary_days_out_of_order",
                f"first, last, end and holdout_end must be in order, got {', '.join(map(show, days))}",
                field="last",
                operands=tuple(days),
            )
        off = [day for day in days if self.unit.value in _MONTHS and find_unit_start(day, self.unit) != day]
        if off:
            raise InvalidValueError(
                "day_within_a_unit",
                f"first, last and end must be first days of a {self.unit.value}, got {show(off[0])}",
                field="unit",
                advice="take days or weeks, or RfmTable.of(..., calendar=True)",
                operands=(off[0],),
            )
        if self.orders == 1 and (self.first != self.last or self.repeat_spend):
            raise InconsistentCountsError(
                "repeat_without_second_order",
                "a customer with one order must have the same first and last day and a repeat_spend of 0, "
                f"got {show(self.first)}, {show(self.last)} and {self.repeat_spend}",
                field="repeat_spend",
                operands=(self.first, self.last, self.repeat_spend),
            )
        given = [part is not None for part in (self.holdout_end, self.holdout_orders, self.holdout_spend)]
        if any(given) and not all(given):
            raise InconsistentCountsError(
                "part_of_holdout_missing",
                "holdout_end, holdout_orders and holdout_spend must be given together or not at all",
                field="holdout_orders",
            )

    @property
    def frequency(self) -> int:
        """The number of repeat orders: `orders` without the first one."""
        return self.orders - 1

    @property
    def recency(self) -> Decimal:
        """The time from the first order to the last, in `unit`; 0 after one order. More is better."""
        return self._count(self.first, self.last)

    @property
    def T(self) -> Decimal:  # noqa: N802 - the literature and its software call it so
        """The time from the first order to the reference date, in `unit`: the age of the customer."""
        return self._count(self.first, self.end)

    @property
    def monetary_value(self) -> Money | None:
        """The average amount of a repeat order, less refunds. None if there is no repeat order."""
        return self.repeat_spend / self.frequency if self.frequency else None

    @property
    def since_last(self) -> Decimal:
        """The time from the last order to the reference date, in `unit`: the recency of marketing. Less is better."""
        return self._count(self.last, self.end)

    @property
    def holdout_duration(self) -> Decimal | None:
        """The length of the holdout, in `unit`. None if there is none."""
        return None if self.holdout_end is None else self._count(self.end, self.holdout_end)

    @property
    def holdout_monetary_value(self) -> Money | None:
        """The average amount of an order in the holdout, less refunds. None if there is no such order."""
        if self.holdout_spend is None or not self.holdout_orders:
            return None
        return self.holdout_spend / self.holdout_orders

    def _count(self, start: date, end: date) -> Decimal:
        return count_units(start, end, self.unit)

    def explain(self) -> Explanation:
        """Explain the figures line by line."""
        average = None if self.monetary_value is None else self.monetary_value.amount
        unit = f"{self.unit.value}s"
        return Explanation(
            (
                term("orders", self.orders, "orders"),
                term("spend", self.spend),
                term("repeat_spend", self.repeat_spend),
                term("frequency", self.frequency, "orders", "orders - 1"),
                term("recency", self.recency, f"{unit} from {self.first.isoformat()} to {self.last.isoformat()}"),
                term("T", self.T, f"{unit} from {self.first.isoformat()} to {self.end.isoformat()}"),
                term("since_last", self.since_last, unit, "T - recency"),
                Term("monetary_value", average, self.spend.currency, "repeat_spend / frequency"),
            )
        )
