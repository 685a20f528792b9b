"""How numbers are rounded and cut."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from crmcore.primitives._decimals import divide_up, shorten

TAIL = 34 * "123"


class TestShorten:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("0.5", "0.5"),
            (f"1.{TAIL}", "1.123123123..."),
            (f"-12345678.{TAIL}", "-12345678.12..."),
            (f"123456789.{TAIL}", "123456789.1..."),
            (f"1234567890.{TAIL}", "1234567890.1..."),
            (f"12345678901.{TAIL}", "12345678901.1..."),
            (f"0.000{TAIL}", "0.0001231231231..."),
            (f"1.{TAIL}E+7", "1.123123123...E+7"),
        ],
    )
    def test_ten_digits_remain(self, text: str, shown: str) -> None:
        """Zeros in front do not count as digits, and one decimal always remains."""
        assert shown == shorten(text)


class TestDivideUp:
    @given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 45))
    def test_is_the_least_that_is_enough(self, numerator: int, denominator: int, decimals: int) -> None:
        """The quotient has at most 40 decimals; it is exact if it fits, and otherwise the next larger number."""
        number = Decimal(numerator).scaleb(-decimals)
        found, exact = divide_up(number, Decimal(denominator)), Fraction(number) / denominator
        step = Fraction(1, 10**40)

        assert 0 <= Fraction(found) - exact < step
        assert Fraction(found) % step == 0
