from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, strategies as st
from mpmath import floor, log, mp, mpf, nstr

from crmcore import Discount, FirstMargin, Money, Payback, Retention, TimeUnit
from crmcore.interop.hypothesis import paybacks
from crmcore.primitives.errors import CurrencyMismatchError, DivergenceError, InvalidValueError, WrongTypeError
from crmcore.value.lifetime_value import constant_retention
from crmcore.value.lifetime_value._least import find_least
from tests.support.refusals import refused
from tests.support.strategies import decimals

PAYMENTS = 300


def euro(amount: int | str) -> Money:
    """Make euros."""
    return Money(amount, "EUR")


def kept(share: str | Decimal) -> Retention:
    """Make a retention per month."""
    return Retention(share, TimeUnit.MONTH)


def waiting(rate: str | Decimal) -> Discount:
    """Make a discount per month."""
    return Discount(rate, TimeUnit.MONTH)


def carried(payback: Payback) -> Fraction:
    """Return the expected, discounted margin as a share of that of the month before."""
    share = Fraction(payback.retention.share) if payback.retention else Fraction(1)
    return share / (1 + Fraction(payback.discount.rate)) if payback.discount else share


class TestPayback:
    @given(paybacks())
    @example(Payback(acquisition_cost=euro(180), margin=euro(100), retention=kept("0.8")))
    @example(Payback(acquisition_cost=euro(11 + 8), margin=euro(11), retention=kept("0.8"), discount=waiting("0.1")))
    def test_agrees_with_brute_force(self, payback: Payback) -> None:
        """The index is that of the first payment whose running sum, in exact fractions, covers the cost."""
        left, total, found = carried(payback), Fraction(0), None
        for index in range(PAYMENTS):
            total += Fraction(payback.margin.amount) * left**index
            if total >= Fraction(payback.acquisition_cost.amount):
                found = index
                break
        if not payback.acquisition_cost:
            assert (Decimal(0), 0) == (payback.periods, payback.payment_index)
        elif found is None:
            assert payback.payment_index is None or payback.payment_index >= PAYMENTS
        else:
            assert found == payback.payment_index

    @given(paybacks())
    def test_never_is_what_the_limit_says(self, payback: Payback) -> None:
        """The cost is never recovered exactly if the sum of all margins is less, or only approaches it."""
        limit, cost = payback.limit, payback.acquisition_cost
        if limit is None:
            assert payback.never is (payback.margin.amount <= 0 < cost.amount)
        elif cost:
            reached = limit > cost or (limit == cost and not carried(payback))
            assert payback.never is not (reached and payback.margin.amount > 0)
        else:
            assert Decimal(0) == payback.periods
        assert payback.never is (payback.payment_index is None)

    @given(paybacks(retention=st.none(), discount=st.none()))
    def test_without_rates_it_is_simple(self, payback: Payback) -> None:
        """Without rates the periods are the cost over the margin."""
        if payback.margin.amount > 0:
            periods = payback.periods
            assert periods is not None
            owed, margin = Fraction(payback.acquisition_cost.amount), Fraction(payback.margin.amount)
            assert 0 <= Fraction(periods) * margin - owed < Fraction(1, 10**30) * (owed + margin)
            assert payback.limit is None
        assert payback.per is None

    @given(decimals(1, 1000), decimals(1, 100), decimals(0, 1, places=3), decimals(0, 1, places=3))
    def test_limit_is_the_value(self, cost: Decimal, margin: Decimal, r: Decimal, d: Decimal) -> None:
        """The limit is the lifetime value with the first margin included."""
        payback = Payback(
            acquisition_cost=Money(cost, "EUR"), margin=Money(margin, "EUR"), retention=kept(r), discount=waiting(d)
        )
        if payback.limit is None:
            assert (Decimal(1), Decimal(0)) == (r, d)
        else:
            value = constant_retention(
                margin=payback.margin, retention=kept(r), discount=waiting(d), first_margin=FirstMargin.INCLUDED
            ).value
            assert abs(Fraction(value.amount) - Fraction(payback.limit.amount)) < Fraction(1, 10**30)

    def test_a_part_of_a_payment(self) -> None:
        """The number of periods may have a fraction, and is a whole number if the sums are exact."""
        simple = Payback(acquisition_cost=euro(1000), margin=euro(80))
        assert Decimal("12.5") == simple.periods
        assert "acquisition_cost / margin" == simple.explain()["periods"].formula
        assert "" == Payback(acquisition_cost=euro(0), margin=euro(80)).explain()["periods"].formula
        exact = Payback(acquisition_cost=euro(180), margin=euro(100), retention=kept("0.8"))
        assert (Decimal(2), 1) == (exact.periods, exact.payment_index)
        assert (
            "payment_index + (acquisition_cost - recovered) / (margin * retention ** payment_index)"
            == exact.explain()["periods"].formula
        )
        assert TimeUnit.MONTH is exact.per
        at_once = Payback(acquisition_cost=euro(80), margin=euro(100), retention=kept("0"))
        assert (Decimal("0.8"), 0, False) == (at_once.periods, at_once.payment_index, at_once.never)

    def test_a_simple_payback_that_is_none(self) -> None:
        """The simple payback is six months, but with retention the cost is never recovered."""
        simple = Payback(acquisition_cost=euro(600), margin=euro(100))
        adjusted = Payback(acquisition_cost=euro(600), margin=euro(100), retention=kept("0.8"))
        at_the_limit = Payback(acquisition_cost=euro(500), margin=euro(100), retention=kept("0.8"))

        assert (Decimal(6), False) == (simple.periods, simple.never)
        assert (None, True, euro(500)) == (adjusted.periods, adjusted.never, adjusted.limit)
        assert at_the_limit.never

    def test_close_to_the_limit(self) -> None:
        """A cost just below the limit takes many periods, but a finite number."""
        close = Payback(
            acquisition_cost=euro("499.9999999999999999999999999999999999999999"),
            margin=euro(100),
            retention=kept("0.8"),
        )
        slow = Payback(acquisition_cost=euro(10**20), margin=euro(1), retention=kept("1"), discount=waiting("1E-21"))

        assert close.payment_index is not None
        assert 400 < close.payment_index < 450
        assert slow.payment_index is not None
        assert 10**20 < slow.payment_index < 2 * 10**20

    def test_negative_discount(self) -> None:
        """With a negative discount the limit is not finite and the payback is sooner."""
        growing = Payback(acquisition_cost=euro(300), margin=euro(100), discount=waiting("-0.5"))

        assert (None, 1) == (growing.limit, growing.payment_index)
        assert euro(0) == Payback(acquisition_cost=euro(300), margin=euro(0), discount=waiting("-0.5")).limit

    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            ({"acquisition_cost": euro(-1)}, InvalidValueError, ""),
            ({"acquisition_cost": 5}, WrongTypeError, "wrong_type: acquisition_cost"),
            ({"acquisition_cost": Money(1, "USD")}, CurrencyMismatchError, ""),
            ({"margin": 5}, WrongTypeError, "wrong_type: margin"),
            ({"retention": "0.8"}, WrongTypeError, "wrong_type: retention"),
            ({"discount": "0.1"}, WrongTypeError, "wrong_type: discount"),
            (
                {"retention": kept("0.8"), "discount": Discount("0.1", TimeUnit.YEAR)},
                InvalidValueError,
                "rates_of_two_units: discount",
            ),
        ],
    )
    def test_refuses_nonsense(self, changes: dict[str, Any], error: type[Exception], message: str) -> None:
        """The message names the argument and says what to do."""
        with refused(error, message):
            Payback(**dict[str, Any]({"acquisition_cost": euro(1), "margin": euro(1), **changes}))

    def test_divergence_is_no_payback_matter(self) -> None:
        """A series without a finite sum still has a payback."""
        with pytest.raises(DivergenceError):
            constant_retention(
                margin=euro(1), retention=kept("1"), discount=waiting("0"), first_margin=FirstMargin.INCLUDED
            )
        assert (
            9
            == Payback(
                acquisition_cost=euro(10), margin=euro(1), retention=kept("1"), discount=waiting("0")
            ).payment_index
        )


class TestFarAndNear:
    """Where exact fractions would be too long, and where a logarithm cannot decide."""

    def test_a_payback_after_centuries(self) -> None:
        """The number of periods is as a computation with 400 digits finds it."""
        payback = Payback(
            acquisition_cost=Money(90_000, "EUR"),
            margin=Money(1, "EUR"),
            retention=Retention("0.99999", TimeUnit.MONTH),
        )
        with mp.workdps(400):
            kept = mpf("0.99999")
            index = int(floor(log(1 - 90_000 * (1 - kept)) / log(kept)))
            part = (90_000 - (1 - kept**index) / (1 - kept)) / kept**index
            expected = Decimal(nstr(index + part, 60))

        assert index == payback.payment_index
        assert payback.periods is not None
        assert 0 <= payback.periods - expected < Decimal("1E-27")

    @pytest.mark.parametrize(("margins", "expected"), [("2.5", 2), (3, 3), ("3.5", 3)])
    def test_a_retention_that_is_nearly_one(self, margins: str | int, expected: int) -> None:
        """Three margins that shrink, however little, do not add up to three."""
        nearly = Decimal(f"0.{'9' * 450}")
        payback = Payback(
            acquisition_cost=Money(10, "EUR") * margins,
            margin=Money(10, "EUR"),
            retention=Retention(nearly, TimeUnit.MONTH),
        )

        assert expected == payback.payment_index

    @pytest.mark.parametrize("guess", [Fraction(33, 100), Fraction(1, 3), Fraction(34, 100)])
    def test_a_guess_near_by_leads_to_the_least_number(self, guess: Fraction) -> None:
        """The least number above a third is found from below and from above, to 34 digits."""
        assert Decimal(f"0.{'3' * 33}4") == find_least(guess, lambda number: number >= Fraction(1, 3))

    @pytest.mark.parametrize(("more", "expected"), [(0, 2), (-1, 2), (1, 3)])
    def test_one_unit_beside_a_tie(self, more: int, expected: int) -> None:
        """A cost of the margins up to one of them is recovered by it, and the smallest amount more by the next one."""
        margin = Money(10**29, "EUR")
        cost = Money("1.75", "EUR") * 10**29 + Money(f"{more}E-40", "EUR")

        assert (
            expected
            == Payback(acquisition_cost=cost, margin=margin, retention=Retention("0.5", TimeUnit.MONTH)).payment_index
        )
