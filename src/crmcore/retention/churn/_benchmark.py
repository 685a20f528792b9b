"""A retention compared with the benchmark that half the customers are lost in three years."""

from decimal import Decimal
from typing import Annotated, Final

import attrs

from crmcore.primitives._decimals import HALF, ONE, RATIO, WIDE, plain, plain_repr, power
from crmcore.primitives._results import Result
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.rates import DayCount, Retention, TimeUnit
from crmcore.primitives.record import POSITIVE, number

__all__ = ["HalfLifeBenchmark"]

_CENT: Final = Decimal("0.01")
_LARGE: Final = 30  # a number with more digits before the point is written with an exponent


@attrs.frozen(kw_only=True)
class HalfLifeBenchmark(Result):
    """Your retention, compared with a benchmark: half the customers are lost in a given number of years.

    Examples:
        >>> from crmcore import HalfLifeBenchmark, Retention, TimeUnit
        >>> print(HalfLifeBenchmark(retention=Retention("0.75", TimeUnit.YEAR)))
        25.00 % lost a year, half in 2.41 years; the benchmark: 20.63 % a year, half in 3 years

    Attributes:
        retention: Your retention, per any unit of time. Rates per year are converted with `DayCount.ACTUAL_365`.
        years: The benchmark: the number of years in which half the customers are lost, > 0.

    Source: the source articles (see why.md) say that the average small business loses half its customers in three
    years. No study is known.
    """

    ratios = ("churn", "benchmark_churn", "half_life", "ratio", "is_better")

    retention: Retention
    years: Annotated[Decimal, POSITIVE] = attrs.field(default=Decimal(3), converter=number, repr=plain_repr)

    @property
    def benchmark(self) -> Retention:
        """The benchmark as a retention per year."""
        return Retention.from_half_life(self.years, TimeUnit.YEAR)

    @property
    def churn(self) -> Decimal:
        """The share of customers that you lose a year."""
        return self._yearly.churn

    @property
    def benchmark_churn(self) -> Decimal:
        """The share of customers that the benchmark loses a year."""
        return self.benchmark.churn

    @property
    def half_life(self) -> Decimal | None:
        """Years until half of your customers are lost; None if no customer leaves."""
        return self._yearly.half_life

    @property
    def ratio(self) -> Decimal:
        """Your yearly churn divided by that of the benchmark."""
        return RATIO.divide(self.churn, self.benchmark_churn)

    @property
    def is_better(self) -> bool:
        """Whether you keep more customers than the benchmark; False if you keep the same share.

        The two shares are compared in the unit of your retention, so that neither is rounded by a conversion.
        """
        unit = self.retention.per
        periods = WIDE.multiply(self.years, TimeUnit.YEAR.number_of(unit, day_count=DayCount.ACTUAL_365))
        return self.retention.share > power(HALF, WIDE.divide(ONE, periods))

    @property
    def _yearly(self) -> Retention:
        return self.retention.to(TimeUnit.YEAR, day_count=DayCount.ACTUAL_365)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """The finding that no study of the benchmark is known."""
        return (
            Finding(
                rule="folklore_benchmark",
                severity=Severity.INFO,
                message="the source articles give the benchmark without a source, and no study is known",
                advice="compare with your own earlier periods as well, with Churn.compared_to",
            ),
        )

    def __str__(self) -> str:
        half = "never half" if self.half_life is None else f"half in {_shorten(self.half_life)} years"
        return (
            f"{_write_percent(self.churn)} lost a year, {half}; "
            f"the benchmark: {_write_percent(self.benchmark_churn)} a year, half in {plain(self.years)} years"
        )

    def explain(self) -> Explanation:
        """Return both churn rates, the half-life and their ratio, line by line, each with its formula."""
        kept = self._yearly.share
        return Explanation(
            (
                term("years", self.years, "years"),
                term("benchmark_churn", self.benchmark_churn, "per year", "1 - 0.5 ** (1 / years)"),
                term("kept", kept, "per year"),
                term("churn", self.churn, "per year", "1 - kept"),
                term("half_life", self.half_life, "years", "ln(0.5) / ln(kept)" if kept else ""),
                term("ratio", self.ratio, "", "churn / benchmark_churn"),
            ),
            source="the source articles",
            cautions=self.cautions,
        )


def _write_percent(share: Decimal) -> str:
    return f"{_shorten(RATIO.multiply(share, 100))} %"


def _shorten(number: Decimal) -> str:
    return plain(RATIO.plus(number) if number.adjusted() > _LARGE else WIDE.quantize(number, _CENT))
