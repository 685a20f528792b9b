from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import assume, given, strategies as st

from crmcore import DayCount, Discount, Retention, TimeUnit
from crmcore.interop.hypothesis import discounts, retentions
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from tests.support.hostile import CONTEXTS
from tests.support.refusals import refused
from tests.support.strategies import DAY_COUNTS, decimals, shares

DAY, WEEK, MONTH, QUARTER, YEAR = TimeUnit
CALENDAR = [MONTH, QUARTER, YEAR]
MONTHS = {MONTH: 1, QUARTER: 3, YEAR: 12}
DAYS_A_YEAR = {
    DayCount.ACTUAL_365: "365",
    DayCount.ACTUAL_360: "360",
    DayCount.ACTUAL_365_25: "365.25",
    DayCount.THIRTY_360: "360",
}

mpmath.mp.dps = 60


def close(expected: Any, actual: Decimal | None, *, digits: int = 30) -> bool:
    """Return whether two numbers are equal to a number of digits, by an independent computation."""
    assert actual is not None
    given, wanted = mpmath.mpf(str(actual)), mpmath.mpf(expected)
    return bool(abs(given - wanted) <= mpmath.mpf(10) ** -digits * max(1, abs(wanted)))


class TestRetention:
    @pytest.mark.parametrize(
        ("share", "expected"),
        [("0.8", "0.8"), (0.1, "0.1"), (1, "1"), (0, "0"), (Decimal("0.95"), "0.95"), (1e-7, "1E-7")],
    )
    def test_a_float_means_its_shortest_repr(self, share: Any, expected: str) -> None:
        """A share may be a float, which means its shortest repr."""
        assert Decimal(expected) == Retention(share, MONTH).share
        assert Decimal(1) - Decimal(expected) == Retention(share, MONTH).churn

    @pytest.mark.parametrize("share", [-0.1, "1.01", 2, float("nan"), float("inf"), "x", Decimal("NaN"), "1e-9999999"])
    def test_a_share_is_a_fraction_of_one(self, share: Any) -> None:
        """A share outside 0 to 1 is refused, and the message says how to write per cent."""
        with refused(InvalidValueError, ": share"):
            Retention(share, MONTH)
        with refused(InvalidValueError, ": share"):
            Retention.from_churn(share, MONTH)

    @given(decimals(0, 50, places=6))
    def test_from_a_hazard(self, rate: Decimal) -> None:
        """A hazard rate gives the share kept after one unit, and its mean lifetime is 1 over the rate."""
        kept = Retention.from_hazard(rate, MONTH)

        assert close(mpmath.exp(-mpmath.mpf(str(rate))), kept.share)
        if rate and kept.share < 1:
            assert close(1 / mpmath.mpf(str(rate)), kept.mean_lifetime_continuous, digits=20)

    @pytest.mark.parametrize(
        ("rate", "error"), [(-1, InvalidValueError), (float("nan"), InvalidValueError), (None, WrongTypeError)]
    )
    def test_a_hazard_is_a_rate(self, rate: Any, error: type[Exception]) -> None:
        """A hazard rate is >= 0 and may exceed 1."""
        with pytest.raises(error, match="rate must be"):
            Retention.from_hazard(rate, MONTH)
        assert Decimal(1) == Retention.from_hazard(0, MONTH).share

    def test_a_hazard_may_be_estimated(self) -> None:
        """A float is taken by its shortest text."""
        assert Retention.from_hazard("0.1", MONTH) == Retention.from_hazard(0.1, MONTH)

    @pytest.mark.parametrize("share", [True, None, [], b"1"])
    def test_a_share_is_a_number(self, share: Any) -> None:
        """Another type is a wrong type."""
        with refused(WrongTypeError, "wrong_number_type: share"):
            Retention(share, MONTH)

    @pytest.mark.parametrize("per", ["month", None, 12])
    def test_a_unit_is_a_member(self, per: Any) -> None:
        """The unit of time is a `TimeUnit`, and the message names the members."""
        with pytest.raises(WrongTypeError, match=r"per must be one of day, week, month, quarter, year"):
            Retention("0.9", per)
        with pytest.raises(WrongTypeError, match="unit must be one of day"):
            Retention("0.9", MONTH).to(per)
        with pytest.raises(WrongTypeError, match="rate|per"):
            Discount("0.1", per)

    def test_the_message_names_the_constructor(self) -> None:
        """The message for the name of a member says how to get the member."""
        with pytest.raises(WrongTypeError, match=r"write TimeUnit\.MONTH, or TimeUnit\('month'\)"):
            Retention("0.9", "month")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    @given(shares())
    def test_churn_and_retention_complement(self, share: Decimal) -> None:
        """Churn is 1 - share."""
        assert Retention(share, YEAR) == Retention.from_churn(Retention(share, YEAR).churn, YEAR)

    def test_half_the_customers_in_three_years(self) -> None:
        """A half-life of three years is a churn of 20.63 per cent a year and 1.907 per cent a month."""
        yearly = Retention.from_half_life(3, YEAR)

        assert Decimal("0.2063") == yearly.churn.quantize(Decimal("0.0001"))
        assert Decimal("0.019070") == yearly.to(MONTH).churn.quantize(Decimal("0.000001"))

    @pytest.mark.parametrize("periods", [0, -1])
    def test_a_half_life_takes_time(self, periods: int) -> None:
        """A half-life of 0 or less is refused."""
        with refused(InvalidValueError, "not_positive: periods"):
            Retention.from_half_life(periods, YEAR)

    def test_per_cent_is_answered_with_a_fraction(self) -> None:
        """The message for a text in per cent says how to write it."""
        with refused(InvalidValueError, "not_a_number: share"):
            Retention.from_churn("4%", MONTH)


class TestConversion:
    @given(shares(), st.sampled_from(CALENDAR), st.sampled_from(CALENDAR))
    def test_agrees_with_mpmath(self, share: Decimal, per: TimeUnit, unit: TimeUnit) -> None:
        """Within a family a conversion is the root or power, to 30 digits."""
        expected = mpmath.power(mpmath.mpf(str(share)), mpmath.mpf(MONTHS[unit]) / MONTHS[per])

        assert close(expected, Retention(share, per).to(unit).share)

    @given(shares(), st.sampled_from(CALENDAR), st.sampled_from(CALENDAR))
    def test_there_and_back(self, share: Decimal, per: TimeUnit, unit: TimeUnit) -> None:
        """Months to years and back, and years to months and back, agree to 30 digits."""
        retention = Retention(share, per)
        rate = Discount(share, per)

        assert close(str(share), retention.to(unit).to(per).share)
        assert close(str(share), rate.to(unit).to(per).rate)

    @given(shares(), DAY_COUNTS, st.sampled_from([DAY, WEEK]), st.sampled_from(CALENDAR))
    def test_families_cross_by_a_day_count(
        self, share: Decimal, count: DayCount, short: TimeUnit, long: TimeUnit
    ) -> None:
        """Between days and months the day-count gives the number of periods."""
        days = mpmath.mpf(DAYS_A_YEAR[count]) * MONTHS[long] / 12 / (7 if short is WEEK else 1)
        there = Retention(share, short).to(long, day_count=count)

        assert close(mpmath.power(mpmath.mpf(str(share)), days), there.share)

    @given(shares(), DAY_COUNTS, st.sampled_from([DAY, WEEK]), st.sampled_from(CALENDAR))
    def test_families_cross_back(self, share: Decimal, count: DayCount, short: TimeUnit, long: TimeUnit) -> None:
        """Days to months and back agree to 28 digits, for shares that leave digits over: those from 0.9 up."""
        high = 1 - share / 10
        there = Retention(high, short).to(long, day_count=count)

        assert close(str(high), there.to(short, day_count=count).share, digits=28)

    def test_days_and_weeks_are_one_family(self) -> None:
        """Seven days are a week, without a day-count."""
        assert Decimal("0.5") ** 7 == Retention("0.5", DAY).to(WEEK).share

    def test_families_do_not_cross_unnamed(self) -> None:
        """A month has no fixed number of days; the message says how to name one."""
        with pytest.raises(InvalidValueError, match=r"a day and a month have no fixed ratio.*DayCount\.ACTUAL_365"):
            Retention("0.9", DAY).to(MONTH)
        with refused(InvalidValueError, "years_differ_in_length: day_count"):
            Discount("0.1", YEAR).to(WEEK, day_count=DayCount.ACTUAL_ACTUAL)
        with pytest.raises(WrongTypeError, match="day_count must be one of actual/365"):
            Retention("0.9", DAY).to(MONTH, day_count=365)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    @given(retentions(), st.sampled_from(TimeUnit))
    def test_never_leaves_its_domain(self, retention: Retention, unit: TimeUnit) -> None:
        """The share stays between 0 and 1 for every unit; twelve times the monthly churn would not."""
        converted = retention.to(unit, day_count=DayCount.ACTUAL_365)

        assert 0 <= converted.share <= 1
        assert unit is converted.per

    def test_to_its_own_unit_is_itself(self) -> None:
        """A conversion to the same unit does not round."""
        retention = Retention("0.123456789012345678901234567890123456789", MONTH)

        assert retention is retention.to(MONTH)
        assert Discount("0.1", MONTH) == Discount("0.1", MONTH).to(MONTH)

    def test_extremes(self) -> None:
        """A share of 1 or 0 stays the same in every unit, and a share below the finest one is 0."""
        assert Decimal(1) == Retention(1, DAY).to(YEAR, day_count=DayCount.ACTUAL_365).share
        assert Decimal(0) == Retention(0, DAY).to(YEAR, day_count=DayCount.ACTUAL_365).share
        assert Decimal(0) == Retention("1E-40", DAY).to(YEAR, day_count=DayCount.ACTUAL_365).share

    def test_beyond_what_digits_can_hold(self) -> None:
        """A share or rate of extreme size is refused, without an error of `decimal`."""
        assert 1 == Retention("1E-1000", MONTH).churn + Decimal("1E-1000")
        assert Decimal("9E+999") == Discount("9E+999", YEAR).rate
        for share in ("1E-1001", "1E-999999"):
            with refused(InvalidValueError, "beyond_figures: share"):
                Retention(share, MONTH)
            with refused(InvalidValueError, "beyond_figures: share"):
                Retention.from_churn(share, MONTH)
        with refused(InvalidValueError, "beyond_figures: rate"):
            Discount("1E+1000", YEAR)
        for rate in ("1E+200", "1E+900"):
            with refused(InvalidValueError, "rate_beyond_writing: unit"):
                Discount(rate, MONTH).to(YEAR)


class TestLifetimes:
    @given(shares())
    def test_agree_with_mpmath(self, share: Decimal) -> None:
        """Half-life and both mean lifetimes equal their formulas."""
        assume(0 < share < 1)
        retention, kept = Retention(share, MONTH), mpmath.mpf(str(share))

        assert close(mpmath.log(mpmath.mpf("0.5")) / mpmath.log(kept), retention.half_life)
        assert close(-1 / mpmath.log(kept), retention.mean_lifetime_continuous)
        assert close(1 / (1 - kept), retention.mean_lifetime)
        assert close(kept / (1 - kept), retention.mean_renewals)

    @given(shares())
    def test_the_discrete_mean_counts_the_period_of_leaving(self, share: Decimal) -> None:
        """The mean lifetime is one more than the mean number of renewals."""
        assume(share < 1)
        retention = Retention(share, MONTH)
        assert retention.mean_lifetime is not None
        assert retention.mean_renewals is not None

        assert abs(retention.mean_lifetime - retention.mean_renewals - 1) <= Decimal("1E-28") * retention.mean_lifetime

    def test_whole_lifetimes_are_written_out(self) -> None:
        """A lifetime of twenty months is written 20, not 2E+1."""
        assert repr(Retention("0.95", MONTH).mean_lifetime) == "Decimal('20')"

    def test_no_customer_leaves(self) -> None:
        """A churn of 0 gives a lifetime of None, not an infinite one."""
        kept = Retention(1, MONTH)

        assert (None, None) == (kept.half_life, kept.mean_lifetime)
        assert (None, None) == (kept.mean_lifetime_continuous, kept.mean_renewals)

    def test_everybody_leaves(self) -> None:
        """With a retention of 0 the continuous lifetime is 0, and the discrete one is 1."""
        lost = Retention(0, MONTH)

        assert (Decimal(0), Decimal(1)) == (lost.half_life, lost.mean_lifetime)
        assert "Decimal('0')" == repr(lost.half_life)
        assert (Decimal(0), Decimal(0)) == (lost.mean_lifetime_continuous, lost.mean_renewals)

    @given(decimals(1, 1000, places=6))
    def test_a_half_life_comes_back(self, periods: Decimal) -> None:
        """From a half-life and back, to 30 digits."""
        assert close(str(periods), Retention.from_half_life(periods, YEAR).half_life, digits=29)

    @given(shares(), st.integers(0, 10**6), st.integers(0, 60), st.integers(0, 60))
    def test_survivors_of_survivors(self, share: Decimal, customers: int, first: int, then: int) -> None:
        """The survivors after two spans are the survivors after their sum."""
        retention = Retention(share, MONTH)
        once = retention.survivors(customers, first + then)

        assert close(
            str(once),
            retention.survivors(retention.survivors(customers, first).quantize(Decimal("1E-15")), then),
            digits=14,
        )
        assert 0 <= once <= customers
        assert Decimal(customers) == retention.survivors(customers, 0)

    @pytest.mark.parametrize(("customers", "periods"), [(-1, 1), (1, -1), (1, "x")])
    def test_survivors_of_nonsense(self, customers: Any, periods: Any) -> None:
        """Negative numbers are refused."""
        with pytest.raises(InvalidValueError, match="customers|periods"):
            Retention("0.9", MONTH).survivors(customers, periods)


class TestDiscount:
    @given(decimals(0, 3, places=12), st.sampled_from(CALENDAR), st.sampled_from(CALENDAR))
    def test_agrees_with_mpmath(self, rate: Decimal, per: TimeUnit, unit: TimeUnit) -> None:
        """A rate converts by compounding."""
        expected = mpmath.power(1 + mpmath.mpf(str(rate)), mpmath.mpf(MONTHS[unit]) / MONTHS[per]) - 1

        assert close(expected, Discount(rate, per).to(unit).rate)

    @given(discounts())
    def test_a_longer_unit_costs_no_less(self, discount: Discount) -> None:
        """A yearly rate is at least as large as the monthly one."""
        monthly, yearly = (discount.to(unit, day_count=DayCount.ACTUAL_360).rate for unit in (MONTH, YEAR))

        assert monthly <= yearly

    @pytest.mark.parametrize("rate", [-1, "-1.5", float("nan")])
    def test_a_rate_is_above_minus_one(self, rate: Any) -> None:
        """A discount rate of -1 or less is refused."""
        with pytest.raises(InvalidValueError, match="rate must be"):
            Discount(rate, YEAR)

    def test_a_rate_may_be_negative_or_a_float(self) -> None:
        """A discount rate may be negative."""
        assert Decimal("-0.01") == Discount(-0.01, YEAR).rate
        assert Fraction(Decimal("0.21")) == Fraction(Discount("0.1", MONTH).to(MONTH).rate * 2 + Decimal("0.01"))


class TestContext:
    @given(shares(), discounts())
    def test_the_callers_context_changes_nothing(self, share: Decimal, discount: Discount) -> None:
        """Rates and their reprs are the same under every decimal context."""

        def everything() -> list[str]:
            kept = Retention(share, MONTH)
            derived = [kept.churn, kept.half_life, kept.mean_lifetime, kept.mean_renewals, kept.survivors(7, 3)]
            results = [
                kept,
                kept.to(YEAR),
                kept.to(DAY, day_count=DayCount.ACTUAL_360),
                discount,
                discount.to(YEAR, day_count=DayCount.ACTUAL_365),
            ]
            return [*map(repr, results), *(f"{number:f}" if number is not None else "-" for number in derived)]

        expected = everything()
        for context in CONTEXTS:
            with localcontext(context):
                assert expected == everything()
