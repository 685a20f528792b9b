from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from crmcore import Discount, FirstMargin, Money, Payback, Retention, TimeUnit
from crmcore.interop.hypothesis import paybacks
from crmcore.primitives.errors import CurrencyMismatchError, DivergenceError, InvalidValueError, WrongTypeError
from crmcore.value.lifetime_value import constant_retention
from tests.strategies import decimals

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


def carried(one: Payback) -> Fraction:
    """Give what is left of a margin a month later."""
    share = Fraction(one.retention.share) if one.retention else Fraction(1)
    return share / (1 + Fraction(one.discount.rate)) if one.discount else share


class TestPayback:
    @given(paybacks())
    @example(Payback(acquisition_cost=euro(180), margin=euro(100), retention=kept("0.8")))
    @example(Payback(acquisition_cost=euro(11 + 8), margin=euro(11), retention=kept("0.8"), discount=waiting("0.1")))
    def test_agrees_with_brute_force(self, one: Payback) -> None:
        """The index is that of the first payment whose running sum, in exact fractions, covers the cost."""
        left, sum_, found = carried(one), Fraction(0), None
        for index in range(PAYMENTS):
            sum_ += Fraction(one.margin.amount) * left**index
            if sum_ >= Fraction(one.acquisition_cost.amount):
                found = index
                break
        if not one.acquisition_cost:
            assert (Decimal(0), 0) == (one.periods, one.payment_index)
        elif found is None:
            assert one.payment_index is None or one.payment_index >= PAYMENTS
        else:
            assert found == one.payment_index

    @given(paybacks())
    def test_never_is_what_the_limit_says(self, one: Payback) -> None:
        """It is never paid back just where all margins together fall short, or only come near."""
        limit, cost = one.limit, one.acquisition_cost
        if limit is None:
            assert one.never is (one.margin.amount <= 0 < cost.amount)
        elif cost:
            reached = limit > cost or (limit == cost and not carried(one))
            assert one.never is not (reached and one.margin.amount > 0)
        else:
            assert Decimal(0) == one.periods
        assert one.never is (one.payment_index is None)

    @given(paybacks(retention=st.none(), discount=st.none()))
    def test_without_rates_it_is_simple(self, one: Payback) -> None:
        """The cost over the margin; the index of the payment that completes it."""
        if one.margin.amount > 0:
            assert one.acquisition_cost.ratio_to(one.margin) == one.periods
            assert one.limit is None
        assert one.per is None

    @given(decimals(1, 1000), decimals(1, 100), decimals(0, 1, places=3), decimals(0, 1, places=3))
    def test_limit_is_the_value(self, cost: Decimal, margin: Decimal, r: Decimal, d: Decimal) -> None:
        """What the margins come to is the lifetime value with the first margin included."""
        one = Payback(
            acquisition_cost=Money(cost, "EUR"), margin=Money(margin, "EUR"), retention=kept(r), discount=waiting(d)
        )
        if one.limit is None:
            assert (Decimal(1), Decimal(0)) == (r, d)
        else:
            value = constant_retention(
                margin=one.margin, retention=kept(r), discount=waiting(d), first_margin=FirstMargin.INCLUDED
            ).value
            assert abs(Fraction(value.amount) - Fraction(one.limit.amount)) < Fraction(1, 10**30)

    def test_a_part_of_a_payment(self) -> None:
        """Periods may end within a payment; the whole ones are whole."""
        assert Decimal("12.5") == Payback(acquisition_cost=euro(1000), margin=euro(80)).periods
        exact = Payback(acquisition_cost=euro(180), margin=euro(100), retention=kept("0.8"))
        assert (Decimal(2), 1) == (exact.periods, exact.payment_index)
        assert TimeUnit.MONTH is exact.per
        at_once = Payback(acquisition_cost=euro(80), margin=euro(100), retention=kept("0"))
        assert (Decimal("0.8"), 0, False) == (at_once.periods, at_once.payment_index, at_once.never)

    def test_a_simple_payback_that_is_none(self) -> None:
        """Six months, says the simple form; so many leave that it is never."""
        simple = Payback(acquisition_cost=euro(600), margin=euro(100))
        adjusted = Payback(acquisition_cost=euro(600), margin=euro(100), retention=kept("0.8"))
        at_the_limit = Payback(acquisition_cost=euro(500), margin=euro(100), retention=kept("0.8"))

        assert (Decimal(6), False) == (simple.periods, simple.never)
        assert (None, True, euro(500)) == (adjusted.periods, adjusted.never, adjusted.limit)
        assert at_the_limit.never

    def test_close_to_the_limit(self) -> None:
        """Where the rest is next to nothing, the answer is far away and still finite."""
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
        """Margins that gain by waiting have no bound and pay back sooner."""
        growing = Payback(acquisition_cost=euro(300), margin=euro(100), discount=waiting("-0.5"))

        assert (None, 1) == (growing.limit, growing.payment_index)
        assert euro(0) == Payback(acquisition_cost=euro(300), margin=euro(0), discount=waiting("-0.5")).limit

    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            ({"acquisition_cost": euro(-1)}, InvalidValueError, "acquisition_cost must be >= 0"),
            ({"acquisition_cost": 5}, WrongTypeError, "acquisition_cost must be a Money"),
            ({"acquisition_cost": Money(1, "USD")}, CurrencyMismatchError, "cannot join"),
            ({"margin": 5}, WrongTypeError, "margin must be a Money"),
            ({"retention": "0.8"}, WrongTypeError, "retention must be a Retention"),
            ({"discount": "0.1"}, WrongTypeError, "discount must be a Discount"),
            (
                {"retention": kept("0.8"), "discount": Discount("0.1", TimeUnit.YEAR)},
                InvalidValueError,
                "retention is per month but discount per year",
            ),
        ],
    )
    def test_refuses_nonsense(self, changes: dict[str, Any], error: type[Exception], message: str) -> None:
        """Every argument by name, with what to do."""
        with pytest.raises(error, match=message):
            Payback(**dict[str, Any]({"acquisition_cost": euro(1), "margin": euro(1), **changes}))

    def test_divergence_is_no_payback_matter(self) -> None:
        """What has no sum for a value pays back all the same."""
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
