"""How fast half the customers are gone, beside the documents' benchmark."""

from decimal import Decimal
from typing import Final

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import RATIO, WIDE, plain, plain_repr
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.rates import DayCount, Retention, TimeUnit

__all__ = ["HalfLifeBenchmark"]

_CENT: Final = Decimal("0.01")
_LONG: Final = 30


@attrs.frozen(kw_only=True)
class HalfLifeBenchmark:
    """Our retention beside a benchmark that half the customers are lost in so many years.

    Examples:
        >>> print(HalfLifeBenchmark(retention=Retention("0.75", TimeUnit.YEAR)))
        25.00 % lost a year, half in 2.41 years; the benchmark: 20.63 % a year, half in 3 years

    Attributes:
        retention: Ours, per year; given per another unit, it is converted by `actual/365`.
        years: The benchmark: the years in which half the customers are lost.

    Raises:
        InvalidValueError: The years are nought or less.
        WrongTypeError: A value of the wrong type.

    Source: the documents ("the average small business loses half its customers in three years"); no study is known.
    """

    retention: Retention
    years: Decimal = attrs.field(default=Decimal(3), converter=checks.number, repr=plain_repr)

    def __attrs_post_init__(self) -> None:
        yearly = checks.as_instance(self.retention, Retention, "retention").to(
            TimeUnit.YEAR, day_count=DayCount.ACTUAL_365
        )
        checks.set_field(self, "retention", yearly)
        checks.set_field(self, "years", checks.as_positive(self.years, "years"))

    @property
    def benchmark(self) -> Retention:
        """The benchmark as a retention per year."""
        return Retention.from_half_life(self.years, TimeUnit.YEAR)

    @property
    def churn(self) -> Decimal:
        """The share we lose a year."""
        return self.retention.churn

    @property
    def benchmark_churn(self) -> Decimal:
        """The share lost a year by the benchmark."""
        return self.benchmark.churn

    @property
    def half_life(self) -> Decimal | None:
        """Years until half of ours are lost; None where nobody leaves."""
        return self.retention.half_life

    @property
    def ratio(self) -> Decimal:
        """How many times the benchmark's yearly churn ours is."""
        return RATIO.divide(self.churn, self.benchmark_churn)

    @property
    def is_better(self) -> bool:
        """Whether we keep more than the benchmark; as much is no better."""
        return self.retention.share > self.benchmark.share

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What the benchmark is worth."""
        return (
            Finding(
                rule="folklore_benchmark",
                severity=Severity.INFO,
                message="the documents give the benchmark without a source, and no study is known",
                advice="compare with your own earlier periods as well, by Churn.compared_to",
            ),
        )

    def __str__(self) -> str:
        ours = "never half" if self.half_life is None else f"half in {_short(self.half_life)} years"
        return (
            f"{_percent(self.churn)} lost a year, {ours}; "
            f"the benchmark: {_percent(self.benchmark_churn)} a year, half in {plain(self.years)} years"
        )

    def explain(self) -> Explanation:
        """How the comparison comes about, line by line."""
        kept = self.retention.share
        return Explanation(
            (
                term("years", self.years, "years"),
                term("benchmark_churn", self.benchmark_churn, "per year", "1 - 0.5 ** (1 / years)"),
                term("kept", kept, "per year"),
                term("churn", self.churn, "per year", "1 - kept"),
                term("half_life", self.half_life, "years", "ln(0.5) / ln(kept)" if kept else ""),
                term("ratio", self.ratio, "", "churn / benchmark_churn"),
            ),
            source="the documents",
        )


def _percent(share: Decimal) -> str:
    return f"{_short(RATIO.multiply(share, 100))} %"


def _short(number: Decimal) -> str:
    return plain(RATIO.plus(number) if number.adjusted() > _LONG else WIDE.quantize(number, _CENT))
