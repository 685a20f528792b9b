from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given

from crmcore import HalfLifeBenchmark, Retention, TimeUnit
from crmcore.interop.hypothesis import decimals, retentions
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from tests.support.refusals import refused


class TestHalfLifeBenchmark:
    @given(retentions(), decimals(1, 100))
    def test_better_is_a_longer_half_life(self, retention: Retention, years: Decimal) -> None:
        """A retention of any unit is compared with the benchmark, and its churn and half-life are those of a year."""
        ours = HalfLifeBenchmark(retention=retention, years=years)

        assert retention == ours.retention
        if ours.half_life is not None and abs(ours.half_life - years) > Decimal("1e-25"):
            assert ours.is_better == (ours.half_life > years)
        assert abs(Fraction(ours.ratio) - Fraction(ours.churn) / Fraction(ours.benchmark_churn)) <= Fraction(1, 10**30)

    def test_half_in_three_years(self) -> None:
        """Half in three years is 20.63 % a year; an equal retention is not better."""
        benchmark = HalfLifeBenchmark(retention=Retention.from_half_life(3, TimeUnit.YEAR))

        assert abs(benchmark.benchmark_churn - Decimal("0.20629947401590026")) < Decimal("1e-16")
        assert (False, Decimal(1)) == (benchmark.is_better, benchmark.ratio)
        assert "45.96 % lost a year, half in 1.13 years; the benchmark: 20.63 % a year, half in 3 years" == str(
            HalfLifeBenchmark(retention=Retention("0.95", TimeUnit.MONTH))
        )
        assert ["folklore_benchmark"] == [finding.rule for finding in benchmark.cautions]

    @pytest.mark.parametrize(
        ("retention", "line"),
        [
            (
                Retention(1, TimeUnit.WEEK),
                "0.00 % lost a year, never half; the benchmark: 50.00 % a year, half in 1 years",
            ),
            (Retention(0, TimeUnit.DAY), "100.00 % lost a year, half in 0.00 years; "),
            (
                Retention(f"0.{'9' * 60}", TimeUnit.YEAR),
                "0.00 % lost a year, half in 6.931471805599453094172321214581766E+59 years; ",
            ),
        ],
    )
    def test_ends_of_the_scale(self, retention: Retention, line: str) -> None:
        """The line has readable numbers if no customer leaves, if all leave, and in between."""
        assert str(HalfLifeBenchmark(retention=retention, years=1)).startswith(line)

    @pytest.mark.parametrize(
        ("values", "error", "message"),
        [
            ({"years": 0}, InvalidValueError, "not_positive: years"),
            ({"years": 1.5}, WrongTypeError, "float_is_inexact: years"),
            ({"retention": "0.9"}, WrongTypeError, "wrong_type: retention"),
        ],
    )
    def test_refuses_nonsense(self, values: dict[str, Any], error: type[Exception], message: str) -> None:
        """Both fields are checked."""
        with refused(error, message):
            HalfLifeBenchmark(**dict[str, Any](retention=Retention("0.9", TimeUnit.YEAR)) | values)
