"""Rates of keeping, losing and discounting, each with the unit of time it holds for.

Units fall into two families: days and weeks, and months, quarters and years. Within a family a conversion is exact
compounding; from one to the other it needs a named day-count, for a month has no fixed number of days.
"""

from __future__ import annotations

from decimal import Decimal, Inexact, Overflow
from enum import StrEnum
from typing import Final, Self

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, HALF, ONE, RATIO, WIDE, ZERO, plain_repr, power, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError

__all__ = ["DayCount", "Discount", "Retention", "TimeUnit"]


class TimeUnit(StrEnum):
    """A unit of time that rates are quoted per.

    Attributes:
        DAY: A day.
        WEEK: Seven days.
        MONTH: A month of the calendar.
        QUARTER: Three months.
        YEAR: Twelve months.
    """

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    def number_of(self, unit: TimeUnit, /, *, day_count: DayCount | None = None) -> Decimal:
        """How many of another unit make up one of this, to 34 digits.

        Examples:
            >>> TimeUnit.YEAR.number_of(TimeUnit.MONTH)
            Decimal('12')
            >>> TimeUnit.YEAR.number_of(TimeUnit.WEEK, day_count=DayCount.ACTUAL_365)
            Decimal('52.14285714285714285714285714285714')

        Raises:
            InvalidValueError: The two units have no fixed ratio and no day-count names one.
        """
        checks.as_member(unit, TimeUnit, "unit")
        return RATIO.plus(_periods_in(self, unit, day_count))


class DayCount(StrEnum):
    """How days make up a year; the names are ISDA's.

    `ACTUAL_365` is the default throughout (365 days are a year, so a leap year is 366/365 of one). `ACTUAL_360` and
    `THIRTY_360` are money-market and bond customs, `ACTUAL_365_25` the Julian year, and `ACTUAL_ACTUAL` divides the
    days that fall in a leap year by 366 and all others by 365.
    """

    ACTUAL_365 = "actual/365"
    ACTUAL_360 = "actual/360"
    ACTUAL_365_25 = "actual/365.25"
    ACTUAL_ACTUAL = "actual/actual"
    THIRTY_360 = "30/360"


_TOTAL_LOSS: Final = Decimal(-1)
_DAYS: Final = {TimeUnit.DAY.value: 1, TimeUnit.WEEK.value: 7}
_MONTHS: Final = {TimeUnit.MONTH.value: 1, TimeUnit.QUARTER.value: 3, TimeUnit.YEAR.value: 12}
_DAYS_A_YEAR: Final = {
    DayCount.ACTUAL_365.value: Decimal(365),
    DayCount.ACTUAL_360.value: Decimal(360),
    DayCount.ACTUAL_365_25.value: Decimal("365.25"),
    DayCount.THIRTY_360.value: Decimal(360),
}


def _periods_in(unit: TimeUnit, of: TimeUnit, day_count: DayCount | None) -> Decimal:
    """How many of one unit's periods make up one of the other's."""
    checks.as_member(unit, TimeUnit, "unit")
    if day_count is not None:
        checks.as_member(day_count, DayCount, "day_count")
    for family in (_DAYS, _MONTHS):
        if unit.value in family and of.value in family:
            return WIDE.divide(family[unit.value], family[of.value])
    if day_count is None:
        raise InvalidValueError(
            f"a {of.value} and a {unit.value} have no fixed ratio; name one with day_count=DayCount.ACTUAL_365",
            of.value,
            unit.value,
        )
    if day_count.value not in _DAYS_A_YEAR:
        raise InvalidValueError(
            f"{day_count.value} years differ in length, so no rate converts by it; take DayCount.ACTUAL_365",
            day_count.value,
        )
    return WIDE.divide(_days(unit, day_count), _days(of, day_count))


def _days(unit: TimeUnit, day_count: DayCount) -> Decimal:
    if unit.value in _DAYS:
        return Decimal(_DAYS[unit.value])
    return WIDE.divide(WIDE.multiply(_DAYS_A_YEAR[day_count.value], _MONTHS[unit.value]), 12)


@attrs.frozen
class Retention:
    """The share of customers kept over one unit of time, the same in every unit to come.

    Examples:
        >>> monthly = Retention("0.95", TimeUnit.MONTH)
        >>> monthly.churn
        Decimal('0.05')
        >>> monthly.to(TimeUnit.YEAR).churn  # not 12 times 5 per cent
        Decimal('0.459639912337363037109375')

        The documents' "the average small business loses half its customers in three years" is a fifth a year:

        >>> Retention.from_half_life(3, TimeUnit.YEAR).churn
        Decimal('0.2062994740159002626241471803638459')

    Attributes:
        share: From 0 to 1; a float means its shortest repr.
        per: The unit of time it holds for.

    Raises:
        InvalidValueError: The share is outside 0 to 1.
        WrongTypeError: The share is no number or `per` no `TimeUnit`.
    """

    share: Decimal = attrs.field(converter=checks.fraction, repr=plain_repr)
    per: TimeUnit

    def __attrs_post_init__(self) -> None:
        checks.set_field(self, "share", checks.as_share(self.share, "share"))
        checks.as_member(self.per, TimeUnit, "per")

    @classmethod
    def from_churn(cls, share: Decimal | int | str | float, per: TimeUnit) -> Self:
        """From the share lost over one unit of time."""
        return cls(EXACT.subtract(ONE, checks.as_share(share, "churn")), per)

    @classmethod
    def from_half_life(cls, periods: Decimal | int | str, per: TimeUnit) -> Self:
        """From the time in which half are lost: the share kept is ``0.5 ** (1 / periods)``."""
        half_life = checks.as_positive(periods, "half-life")
        return cls(power(HALF, WIDE.divide(ONE, half_life)), per)

    @classmethod
    def from_hazard(cls, rate: Decimal | int | str | float, per: TimeUnit) -> Self:
        """From a rate of leaving per customer and unit of time, such as the person-time churn: ``exp(-rate)``.

        Such a rate is no share and may be above one: customers who leave are not there any more to leave.

        Examples:
            >>> Retention.from_hazard("0.5", TimeUnit.MONTH).share
            Decimal('0.6065306597126334236037995349911805')
        """
        hazard = checks.as_decimal(rate, "rate", floats=True)
        if hazard < 0:
            raise InvalidValueError(f"rate must be >= 0, got {show(hazard)}", hazard)
        return cls(RATIO.exp(EXACT.minus(hazard)), per)

    @property
    def churn(self) -> Decimal:
        """The share lost over one unit of time: ``1 - share``, exact unless that needs a thousand digits."""
        try:
            return EXACT.subtract(ONE, self.share)
        except Inexact:
            return RATIO.subtract(ONE, self.share)

    def to(self, unit: TimeUnit, *, day_count: DayCount | None = None) -> Retention:
        """The same keeping quoted per another unit, by compounding: never by multiplying or dividing the churn.

        Args:
            unit: The unit to quote per.
            day_count: How days make up a year; needed only from days or weeks to months, quarters or years, and back.

        Raises:
            InvalidValueError: The two units have no fixed ratio and no day-count names one.
        """
        periods = _periods_in(unit, self.per, day_count)
        return self if unit is self.per else Retention(power(self.share, periods), unit)

    @property
    def half_life(self) -> Decimal | None:
        """Periods until half are lost, ``ln(0.5) / ln(share)``; None where nobody leaves."""
        return self._over_hazard(EXACT.minus(WIDE.ln(HALF)))

    @property
    def mean_lifetime(self) -> Decimal | None:
        """Periods a customer stays on average, the one of leaving counted: ``1 / churn``; None where nobody leaves.

        Take it in the unit in which customers can leave, and convert the result: of customers who leave at the end of
        a month, the mean lifetime in years is that in months over twelve, not that of the yearly rate.
        """
        return ratio(ONE, self.churn)

    @property
    def mean_lifetime_continuous(self) -> Decimal | None:
        """Periods a customer stays on average where he may leave at any moment, ``-1 / ln(share)``; None as above."""
        return self._over_hazard(ONE)

    @property
    def mean_renewals(self) -> Decimal | None:
        """Renewals a customer makes on average: ``share / churn``; None where nobody leaves."""
        return ratio(self.share, self.churn)

    def survivors(self, customers: Decimal | int | str, periods: Decimal | int | str) -> Decimal:
        """How many of so many customers are expected to be left after so many periods of `per`.

        Examples:
            >>> Retention("0.8", TimeUnit.YEAR).survivors(1000, 3)
            Decimal('512.000')
        """
        left = power(self.share, checks.as_non_negative(periods, "periods"))
        return RATIO.multiply(checks.as_non_negative(customers, "customers"), left)

    def _over_hazard(self, numerator: Decimal) -> Decimal | None:
        if self.share == ONE:
            return None
        return RATIO.divide(numerator, EXACT.minus(WIDE.ln(self.share))) if self.share else ZERO


@attrs.frozen
class Discount:
    """What waiting one unit of time costs money: an effective rate.

    Examples:
        >>> Discount("0.01", TimeUnit.MONTH).to(TimeUnit.YEAR).rate  # not 12 per cent
        Decimal('0.126825030131969720661201')

    Attributes:
        rate: Above -1; a float means its shortest repr.
        per: The unit of time it holds for.

    Raises:
        InvalidValueError: The rate is -1 or less.
        WrongTypeError: The rate is no number or `per` no `TimeUnit`.
    """

    rate: Decimal = attrs.field(converter=checks.fraction, repr=plain_repr)
    per: TimeUnit

    def __attrs_post_init__(self) -> None:
        rate = checks.as_decimal(self.rate, "rate", floats=True)
        if rate <= _TOTAL_LOSS:
            raise InvalidValueError(f"rate must be above -1, got {show(rate)}; 10 per cent is '0.1'", rate)
        checks.set_field(self, "rate", rate)
        checks.as_member(self.per, TimeUnit, "per")

    def to(self, unit: TimeUnit, *, day_count: DayCount | None = None) -> Discount:
        """The same rate quoted per another unit, by compounding: a twelfth of a year's rate is not a month's.

        Args:
            unit: The unit to quote per.
            day_count: As for `Retention.to`.

        Raises:
            InvalidValueError: The two units have no fixed ratio and no day-count names one.
        """
        periods = _periods_in(unit, self.per, day_count)
        if unit is self.per:
            return self
        try:
            growth = WIDE.power(WIDE.add(ONE, self.rate), periods)
        except Overflow:
            raise InvalidValueError(f"the rate per {unit.value} is beyond what can be written", self.rate) from None
        return Discount(RATIO.subtract(growth, ONE), unit)
