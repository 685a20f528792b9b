"""Rates of retention, churn and discount, each with its unit of time.

There are two families of units: days and weeks, and months, quarters and years. Within a family a rate converts by
compounding. Between the families a conversion also needs a day-count, because months differ in their number of days.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Self

import attrs

from crmcore.primitives import _bounds, checks
from crmcore.primitives._decimals import EXACT, HALF, ONE, RATIO, WIDE, ZERO, plain_repr, power, ratio, round_share
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.record import SHARE, Kind, Record, fraction

__all__ = ["DayCount", "Discount", "Retention", "TimeUnit"]


class TimeUnit(StrEnum):
    """A unit of time, such as the month of a monthly rate.

    Attributes:
        DAY: One day.
        WEEK: Seven days.
        MONTH: A calendar month.
        QUARTER: Three months.
        YEAR: Twelve months.
    """

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    def number_of(self, unit: TimeUnit, /, *, day_count: DayCount | None = None) -> Decimal:
        """Return how many of another unit make up one of this unit, to 34 digits.

        Examples:
            >>> from crmcore import DayCount, TimeUnit
            >>> TimeUnit.YEAR.number_of(TimeUnit.MONTH)
            Decimal('12')
            >>> TimeUnit.YEAR.number_of(TimeUnit.WEEK, day_count=DayCount.ACTUAL_365)
            Decimal('52.14285714285714285714285714285714')

        Raises:
            InvalidValueError: One unit is a day or week and the other is not, and no day-count with years of one length
                is given.
        """
        checks.as_member(unit, TimeUnit, "unit")
        return RATIO.plus(_count_periods(self, unit, day_count))


class DayCount(StrEnum):
    """A convention for the length of a period in years.

    Attributes:
        ACTUAL_365: Actual days / 365, the default of this library. A leap year is 366/365 of a year. ISDA calls it
            "Actual/365 (Fixed)". ISDA's "Actual/365" without "(Fixed)" is another name of "Actual/Actual".
        ACTUAL_360: Actual days / 360, ISDA's "Actual/360", used in money markets.
        ACTUAL_365_25: Actual days / 365.25, the average year of the Julian calendar. It is not an ISDA convention.
        ACTUAL_ACTUAL: Days in leap years / 366 plus all other days / 365, ISDA's "Actual/Actual".
        THIRTY_360: Days / 360 with 30 days in each month, ISDA's "30/360" (bond basis).

    Source: 2006 ISDA Definitions, section 4.16 (day count fractions).
    """

    ACTUAL_365 = "actual/365"
    ACTUAL_360 = "actual/360"
    ACTUAL_365_25 = "actual/365.25"
    ACTUAL_ACTUAL = "actual/actual"
    THIRTY_360 = "30/360"


_TOTAL_LOSS: Final = Decimal(-1)
_DAYS: Final = {TimeUnit.DAY.value: 1, TimeUnit.WEEK.value: 7}
_MONTHS: Final = {TimeUnit.MONTH.value: 1, TimeUnit.QUARTER.value: 3, TimeUnit.YEAR.value: 12}
DAYS_A_YEAR: Final = {
    DayCount.ACTUAL_365.value: Decimal(365),
    DayCount.ACTUAL_360.value: Decimal(360),
    DayCount.ACTUAL_365_25.value: Decimal("365.25"),
    DayCount.THIRTY_360.value: Decimal(360),
}


def _count_periods(unit: TimeUnit, of: TimeUnit, day_count: DayCount | None) -> Decimal:
    """Return how many of `of` make up one `unit`, with the guard digits of `WIDE`."""
    checks.as_member(unit, TimeUnit, "unit")
    if day_count is not None:
        checks.as_member(day_count, DayCount, "day_count")
    for family in (_DAYS, _MONTHS):
        if unit.value in family and of.value in family:
            return WIDE.divide(family[unit.value], family[of.value])
    if day_count is None:
        raise InvalidValueError(
            "units_without_fixed_ratio",
            f"day_count must be given, because a {of.value} and a {unit.value} have no fixed ratio",
            field="day_count",
            advice="name one with day_count=DayCount.ACTUAL_365",
            operands=(of.value, unit.value),
        )
    if day_count.value not in DAYS_A_YEAR:
        raise InvalidValueError(
            "years_differ_in_length",
            f"day_count must have years of one length, got {day_count.value}",
            field="day_count",
            advice="take DayCount.ACTUAL_365",
            operands=(day_count.value,),
        )
    return WIDE.divide(_count_days(unit, day_count), _count_days(of, day_count))


def have_fixed_ratio(one: TimeUnit, other: TimeUnit) -> bool:
    """Return whether two units of time have a ratio without a day-count convention, as a month and a year have."""
    return any(one.value in family and other.value in family for family in (_DAYS, _MONTHS))


def _count_days(unit: TimeUnit, day_count: DayCount) -> Decimal:
    if unit.value in _DAYS:
        return Decimal(_DAYS[unit.value])
    return WIDE.divide(WIDE.multiply(DAYS_A_YEAR[day_count.value], _MONTHS[unit.value]), 12)


@attrs.frozen
class Retention(Record):
    """The share of customers kept over one unit of time, constant from unit to unit.

    Examples:
        >>> from crmcore import Retention, TimeUnit
        >>> monthly = Retention("0.95", TimeUnit.MONTH)
        >>> monthly.churn
        Decimal('0.05')
        >>> monthly.to(TimeUnit.YEAR).churn  # not 12 times 5 per cent
        Decimal('0.459639912337363037109375')

        The source articles (see ``docs/why.md``) say that the average small business loses half its customers in three
        years. That is a fifth a year:

        >>> Retention.from_half_life(3, TimeUnit.YEAR).churn
        Decimal('0.2062994740159002626241471803638459')

    Attributes:
        share: The share, from 0 to 1. A float is read as Python prints it: 0.95 is exactly '0.95'.
        per: The unit of time of the share.
    """

    share: Annotated[Decimal, SHARE] = attrs.field(converter=fraction, repr=plain_repr)
    per: TimeUnit

    @classmethod
    def from_churn(cls, share: Decimal | int | str | float, per: TimeUnit) -> Self:
        """Return the retention for a share lost over one unit of time."""
        return cls(EXACT.subtract(ONE, checks.as_share(share, "share")), per)

    @classmethod
    def from_half_life(cls, periods: Decimal | int | str, per: TimeUnit) -> Self:
        """Return the retention for the time in which half the customers are lost: ``0.5 ** (1 / periods)``."""
        half_life = checks.as_positive(periods, "periods")
        return cls(round_share(power(HALF, WIDE.divide(ONE, half_life))), per)

    @classmethod
    def from_hazard(cls, rate: Decimal | int | str | float, per: TimeUnit) -> Self:
        """Return the retention for a hazard rate, such as the person-time churn: ``exp(-rate)``.

        A hazard rate is the number of departures per customer and unit of time. It is not a share and may exceed 1,
        because customers who left no longer count as present.

        Examples:
            >>> from crmcore import Retention, TimeUnit
            >>> Retention.from_hazard("0.5", TimeUnit.MONTH).share
            Decimal('0.6065306597126334236037995349911805')
        """
        hazard = checks.as_decimal(rate, "rate", floats=True)
        checks.check_not_below(hazard, 0, "rate")
        return cls(round_share(RATIO.exp(EXACT.minus(hazard))), per)

    @property
    def churn(self) -> Decimal:
        """The share lost over one unit of time, ``1 - share``, exact."""
        return EXACT.subtract(ONE, self.share)

    def to(self, unit: TimeUnit, *, day_count: DayCount | None = None) -> Retention:
        """Return the same retention per another unit, by compounding.

        Args:
            unit: The new unit.
            day_count: The length of a year in days. It is needed only from days or weeks to months, quarters or years,
                and back.

        Raises:
            InvalidValueError: One unit is a day or week and the other is not, and no day-count with years of one length
                is given.
        """
        periods = _count_periods(unit, self.per, day_count)
        return self if unit is self.per else Retention(round_share(power(self.share, periods)), unit)

    @property
    def half_life(self) -> Decimal | None:
        """The periods until half the customers are lost, ``ln(0.5) / ln(share)``; None if `share` is 1."""
        return self._divide_by_hazard(EXACT.minus(WIDE.ln(HALF)))

    @property
    def mean_lifetime(self) -> Decimal | None:
        """The mean number of periods that a customer stays, ``1 / churn``; None if `share` is 1.

        The period in which the customer leaves counts. Use the unit in which customers can leave, and convert the
        result. For example, if customers can leave at the end of a month, the mean lifetime in years is the mean
        lifetime in months divided by 12. It is not the mean lifetime of the yearly rate.
        """
        return ratio(ONE, self.churn)

    @property
    def mean_lifetime_continuous(self) -> Decimal | None:
        """The mean number of periods if customers can leave at any moment, ``-1 / ln(share)``; None if `share` is 1."""
        return self._divide_by_hazard(ONE)

    @property
    def mean_renewals(self) -> Decimal | None:
        """The mean number of renewals of a customer, ``share / churn``; None if `share` is 1."""
        return ratio(self.share, self.churn)

    def survivors(self, customers: Decimal | int | str, periods: Decimal | int | str) -> Decimal:
        """Return the expected number of customers who are left after a number of periods.

        Examples:
            >>> from crmcore import Retention, TimeUnit
            >>> Retention("0.8", TimeUnit.YEAR).survivors(1000, 3)
            Decimal('512.000')

        Args:
            customers: The number of customers at the start, >= 0.
            periods: The number of periods of `per`, >= 0.
        """
        left = power(self.share, checks.as_non_negative(periods, "periods"))
        return RATIO.multiply(checks.as_non_negative(customers, "customers"), left)

    def _divide_by_hazard(self, numerator: Decimal) -> Decimal | None:
        if self.share == ONE:
            return None
        return RATIO.divide(numerator, EXACT.minus(WIDE.ln(self.share))) if self.share else ZERO


def _as_rate(value: object, name: str) -> Decimal:
    rate = checks.as_decimal(value, name, floats=True)
    if rate <= _TOTAL_LOSS:
        raise InvalidValueError(
            "rate_of_total_loss",
            f"{name} must be > -1, got {show(rate)}",
            **checks.at_fault(name),
            advice="10 per cent is '0.1'",
            operands=(rate,),
        )
    return rate


RATE: Final = Kind(
    _as_rate,
    {"exclusiveMinimum": -1},
    r"^(\+?(\d{1,30}(\.\d{0,970})?|\.\d{1,1000})|-(0(\.\d{0,1000})?|\.\d{1,1000}))$",
    floats=True,
)
"""An effective rate of interest or discount, > -1."""


@attrs.frozen
class Discount(Record):
    """The effective discount rate of money over one unit of time.

    Examples:
        >>> from crmcore import Discount, TimeUnit
        >>> Discount("0.01", TimeUnit.MONTH).to(TimeUnit.YEAR).rate  # not 12 per cent
        Decimal('0.126825030131969720661201')

    Attributes:
        rate: The rate, > -1. A float is read as Python prints it: 0.08 is exactly '0.08'.
        per: The unit of time of the rate.

    Raises:
        InvalidValueError: The rate is -1 or less.
    """

    rate: Annotated[Decimal, RATE] = attrs.field(converter=fraction, repr=plain_repr)
    per: TimeUnit

    def to(self, unit: TimeUnit, *, day_count: DayCount | None = None) -> Discount:
        """Return the same rate per another unit, by compounding: a monthly rate is not a twelfth of the yearly rate.

        Args:
            unit: The new unit.
            day_count: The length of a year in days. It is needed only from days or weeks to months, quarters or years,
                and back.

        Raises:
            InvalidValueError: One unit is a day or week and the other is not, and no day-count with years of one length
                is given.
        """
        periods = _count_periods(unit, self.per, day_count)
        if unit is self.per:
            return self
        growth = WIDE.power(WIDE.add(ONE, self.rate), periods)  # at most 366,000 digits, so it never overflows
        if growth.adjusted() >= _bounds.MOST_DIGITS:
            raise InvalidValueError(
                "rate_beyond_writing",
                f"the rate per {unit.value} must be below 10^1000, got {show(self.rate)} per {self.per}",
                field="unit",
                operands=(self.rate,),
            )
        return Discount(round_share(RATIO.subtract(growth, ONE)), unit)
