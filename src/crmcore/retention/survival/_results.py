"""What a survival curve says at a time, and what is read from all of it."""

from decimal import Decimal
from enum import StrEnum
from math import exp, log, sqrt
from typing import Annotated, Final

import attrs

from crmcore.primitives import _bounds, checks
from crmcore.primitives._decimals import EXACT, plain_repr, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.proportions import Interval, find_quantile
from crmcore.primitives.record import NON_NEGATIVE, SHARE, Kind, fraction, maybe_fraction, maybe_number, number, several

__all__ = [
    "LifeTableInterval",
    "MeanOfEnded",
    "RestrictedMean",
    "SurvivalBounds",
    "SurvivalQuantile",
    "SurvivalStep",
    "find_bounds",
]


VARIANCE: Final = Kind(checks.as_estimate, {"minimum": 0, "maximum": _bounds.LARGEST_FLOAT})


class SurvivalBounds(StrEnum):
    """How the bounds of a survival curve follow from Greenwood's variance.

    Attributes:
        LOG_LOG: From bounds of ``ln(-ln(survival))``. They stay between 0 and 1 and are good for few lifetimes too.
        LOG: From bounds of ``ln(survival)``, cut off at 1. The default of R.
        PLAIN: From bounds of the survival itself, cut off at 0 and 1.

    Source: Kalbfleisch and Prentice 2002, The Statistical Analysis of Failure Time Data, section 1.4; Klein and
    Moeschberger 2003, Survival Analysis, section 4.3.
    """

    LOG_LOG = "log_log"
    LOG = "log"
    PLAIN = "plain"


def find_bounds(
    survival: float, variance: float | None, z: float, method: SurvivalBounds
) -> tuple[float, float] | None:
    """Return the bounds of a survival by Greenwood's sum, or None if the variance is not known."""
    if variance is None or survival <= 0:
        return None
    error = z * sqrt(variance)
    if not error or survival >= 1:
        return survival, survival
    if method is SurvivalBounds.PLAIN:
        return max(0.0, survival - survival * error), min(1.0, survival + survival * error)
    if method is SurvivalBounds.LOG:
        return survival * exp(-error), min(1.0, survival * exp(error))
    spread = error / -log(survival)
    if spread > 700:  # e to it is no float
        return 0.0, 1.0
    return survival ** exp(spread), survival ** exp(-spread)


@attrs.frozen(kw_only=True)
class SurvivalStep(Result):
    """What is known at a time: how many were at risk, how many ended, and the share that lasts longer.

    Examples:
        >>> from crmcore import Survival
        >>> step = Survival.of_durations([6, 6, 6, 7, 10], [True, True, False, True, False]).at(6)
        >>> step.at_risk, step.ended, step.survival
        (Decimal('5'), Decimal('2'), Decimal('0.6'))
        >>> round(step.standard_error, 4)
        0.2191
        >>> bounds = step.interval()
        >>> round(bounds.low, 4), round(bounds.high, 4)
        (0.1257, 0.8818)

    Attributes:
        time: The time.
        at_risk: How many were under observation just before the time and had not ended; those who are last seen at the
            time are among them.
        ended: How many ended at the time.
        censored: How many were last seen at the time, without an end.
        survival: The estimated share that lasts longer than the time, by Kaplan and Meier, to 34 digits and at most 40
            decimals; None after the last time, unless it has fallen to 0.
        cumulative_hazard: The estimate of Nelson and Aalen, the sum of ``ended / at_risk``; None in the same case.
        variance_sum: Greenwood's sum of ``ended / (at_risk * (at_risk - ended))``; None if the survival is 0 or None.
        hazard_variance: The variance of the cumulative hazard, the sum of ``ended / at_risk ** 2``.

    Raises:
        InconsistentCountsError: More leave than are at risk.

    Source: Kaplan and Meier 1958, J. Amer. Statist. Assoc. 53:457-481; Greenwood 1926; Nelson 1972, Technometrics
    14:945-966; Aalen 1978, Ann. Statist. 6:701-726.
    """

    ratios = ("hazard", "standard_error", "hazard_standard_error")

    time: Annotated[Decimal, NON_NEGATIVE] = attrs.field(converter=number, repr=plain_repr)
    at_risk: Annotated[Decimal, NON_NEGATIVE] = attrs.field(converter=number, repr=plain_repr)
    ended: Annotated[Decimal, NON_NEGATIVE] = attrs.field(converter=number, repr=plain_repr)
    censored: Annotated[Decimal, NON_NEGATIVE] = attrs.field(converter=number, repr=plain_repr)
    survival: Annotated[Decimal, SHARE] | None = attrs.field(converter=maybe_fraction, repr=plain_repr)
    cumulative_hazard: Annotated[Decimal, NON_NEGATIVE] | None = attrs.field(converter=maybe_number, repr=plain_repr)
    variance_sum: Annotated[float, VARIANCE] | None
    hazard_variance: Annotated[float, VARIANCE] | None

    def _check(self) -> None:
        super()._check()
        if EXACT.add(self.ended, self.censored) > self.at_risk:
            raise InconsistentCountsError(
                "more_leave_than_are_at_risk",
                f"ended and censored must together be at most at_risk, got {show(self.ended)} and "
                f"{show(self.censored)} of {show(self.at_risk)}",
                field="at_risk",
                operands=(self.ended, self.censored, self.at_risk),
            )

    @property
    def hazard(self) -> Decimal | None:
        """The share of those at risk that ended at the time, ``ended / at_risk``; None if none was at risk."""
        return ratio(self.ended, self.at_risk)

    @property
    def standard_error(self) -> float | None:
        """The standard error of the survival, by Greenwood; None if the survival is 0 or None."""
        if self.survival is None or self.variance_sum is None:
            return None
        return float(self.survival) * sqrt(self.variance_sum)

    @property
    def hazard_standard_error(self) -> float | None:
        """The standard error of the cumulative hazard, by Aalen; None if the hazard is None."""
        return None if self.hazard_variance is None else sqrt(self.hazard_variance)

    def interval(self, *, confidence: float = 0.95, method: SurvivalBounds = SurvivalBounds.LOG_LOG) -> Interval | None:
        """Return the interval of the survival at this time; None if it is 0 or None.

        It holds for one time. The curve as a whole leaves its band more often. Before the first end both bounds are 1.

        Args:
            confidence: How often the interval is meant to contain the true share.
            method: How the bounds are found.
        """
        checks.as_member(method, SurvivalBounds, "method")
        z = find_quantile(confidence)
        bounds = None if self.survival is None else find_bounds(float(self.survival), self.variance_sum, z, method)
        return None if bounds is None else Interval(*bounds)


@attrs.frozen(kw_only=True)
class SurvivalQuantile(Result):
    """The first time at which the survival is at most a share, such as the median lifetime, with its bounds.

    Examples:
        >>> from crmcore import Survival
        >>> months = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
        >>> median = Survival.of_durations(months, [True] * 9 + [False] * 12).quantile("0.5")
        >>> median.time, median.low, median.high
        (Decimal('23'), Decimal('13'), None)

    Attributes:
        share: The share that lasts longer, at most; 0.5 for the median.
        time: The first time at which the survival is at most the share; None if it stays above.
        low: The lower bound, the first time at which the lower bound of the survival is at most the share.
        high: The upper bound, found in the same way; None if the data do not bound it.
        confidence: How often the bounds are meant to contain the true time.
        method: How the bounds of the survival were found.

    Raises:
        InconsistentCountsError: The bounds are not in order.

    Source: Brookmeyer and Crowley 1982, Biometrics 38:29-41.
    """

    share: Annotated[Decimal, SHARE] = attrs.field(converter=fraction, repr=plain_repr)
    time: Annotated[Decimal, NON_NEGATIVE] | None = attrs.field(converter=maybe_number, repr=plain_repr)
    low: Annotated[Decimal, NON_NEGATIVE] | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr)
    high: Annotated[Decimal, NON_NEGATIVE] | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr)
    confidence: Annotated[Decimal, SHARE] = attrs.field(default=Decimal("0.95"), converter=fraction, repr=plain_repr)
    method: SurvivalBounds = SurvivalBounds.LOG_LOG

    def _check(self) -> None:
        super()._check()
        known = [time for time in (self.low, self.time, self.high) if time is not None]
        if known != sorted(known):
            raise InconsistentCountsError(
                "quantile_outside_its_bounds",
                f"low, time and high must be in order, got {', '.join(map(show, known))}",
                field="time",
                operands=tuple(known),
            )


@attrs.frozen(kw_only=True)
class RestrictedMean(Result):
    """The mean of the lifetimes up to a time, which is known where the mean of whole lifetimes is not.

    Examples:
        >>> from crmcore import Survival
        >>> mean = Survival.of_durations([2, 4, 4, 6], [True, True, False, False]).restricted_mean(6)
        >>> mean.value, round(mean.standard_error, 4)
        (Decimal('4.5'), 0.8292)
        >>> bounds = mean.interval()
        >>> round(bounds.low, 2), round(bounds.high, 2)
        (2.87, 6.13)

    Attributes:
        until: The time at which every lifetime is cut off.
        value: The area under the survival curve from 0 to `until`, to 34 digits.
        variance: The variance of the value, an estimate; None if it is not known.
        cautions: What to know before you read it.

    Raises:
        InconsistentCountsError: The mean is above `until`.

    Source: Klein and Moeschberger 2003, Survival Analysis, section 4.5.
    """

    ratios = ("standard_error",)

    until: Annotated[Decimal, NON_NEGATIVE] = attrs.field(converter=number, repr=plain_repr)
    value: Annotated[Decimal, NON_NEGATIVE] = attrs.field(converter=number, repr=plain_repr)
    variance: Annotated[float, VARIANCE] | None = None
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several)

    def _check(self) -> None:
        super()._check()
        if self.value > self.until:
            raise InconsistentCountsError(
                "mean_above_its_limit",
                f"value must be at most until, got {show(self.value)} and {show(self.until)}",
                field="value",
                operands=(self.value, self.until),
            )

    @property
    def standard_error(self) -> float | None:
        """The standard error of the value; None if it is not known."""
        return None if self.variance is None else sqrt(self.variance)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the interval of the mean, by the normal distribution; None if its variance is not known.

        Args:
            confidence: How often the interval is meant to contain the true mean.
        """
        z = find_quantile(confidence)
        if self.variance is None:
            return None
        value, margin = float(self.value), z * sqrt(self.variance)
        return Interval(value - margin, value + margin)


@attrs.frozen(kw_only=True)
class MeanOfEnded(Result):
    """The mean of the lifetimes that have ended, which is too short, beside the time for each end.

    Those who stay longest have not ended yet, and this mean leaves them out. Read `time_per_end`, which counts their
    time, or the median of the curve.

    Examples:
        >>> from crmcore import Survival
        >>> months = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
        >>> mean = Survival.of_durations(months, [True] * 9 + [False] * 12).mean_of_ended()
        >>> round(float(mean.value), 1), round(float(mean.time_per_end), 1)
        (12.1, 39.9)
        >>> [finding.rule for finding in mean.cautions]
        ['mean_of_ended_only']

    Attributes:
        ended: How many lifetimes ended.
        censored: How many had not ended when they were last seen.
        time_of_ended: The sum of the lifetimes that ended.
        time_at_risk: The time under observation of all of them.

    Source: Epstein and Sobel 1953, Life Testing, JASA 48:486-502, for the time at risk for each end: it is the mean
    lifetime if the hazard does not depend on the time.
    """

    ratios = ("value", "time_per_end")

    ended: Annotated[Decimal, NON_NEGATIVE] = attrs.field(converter=number, repr=plain_repr)
    censored: Annotated[Decimal, NON_NEGATIVE] = attrs.field(converter=number, repr=plain_repr)
    time_of_ended: Annotated[Decimal, NON_NEGATIVE] = attrs.field(converter=number, repr=plain_repr)
    time_at_risk: Annotated[Decimal, NON_NEGATIVE] = attrs.field(converter=number, repr=plain_repr)

    @property
    def value(self) -> Decimal | None:
        """The mean of those that ended, ``time_of_ended / ended``; None if none did."""
        return ratio(self.time_of_ended, self.ended)

    @property
    def time_per_end(self) -> Decimal | None:
        """The time at risk for each end, ``time_at_risk / ended``; None if none ended."""
        return ratio(self.time_at_risk, self.ended)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """That the mean leaves out those who stay, if there are any."""
        if not self.censored:
            return ()
        return (
            Finding(
                rule="mean_of_ended_only",
                severity=Severity.WARNING,
                subject="value",
                message="the mean of the ended lifetimes leaves out those that still last, often the longest, so "
                "it is too short",
                advice="read time_per_end, or the median of the survival curve",
                evidence=[("ended", self.ended), ("still last", self.censored)],
            ),
        )

    def explain(self) -> Explanation:
        """Return both means, line by line, each with its formula."""
        return Explanation(
            (
                term("ended", self.ended, "lifetimes"),
                term("censored", self.censored, "lifetimes"),
                term("time_of_ended", self.time_of_ended),
                term("time_at_risk", self.time_at_risk),
                term("value", self.value, "", "time_of_ended / ended"),
                term("time_per_end", self.time_per_end, "", "time_at_risk / ended"),
            ),
            source="Epstein and Sobel 1953, Life Testing, JASA 48:486-502",
            cautions=self.cautions,
        )


@attrs.frozen(kw_only=True)
class LifeTableInterval(Result):
    """One row of a life table: those who were there when an interval of time began, and how many ended in it.

    Those who are censored in the interval count as at risk for half of it, as actuaries assume.

    Examples:
        >>> from crmcore.retention.survival import LifeTableInterval
        >>> year = LifeTableInterval(start=0, end=12, at_start=100, ended=10, censored=20)
        >>> year.exposed, year.hazard
        (Decimal('90'), Decimal('0.1111111111111111111111111111111111'))
        >>> year.survival
        Decimal('0.8888888888888888888888888888888889')

    Attributes:
        at_start: How many were at risk when the interval began.
        ended: How many ended in it.
        censored: How many were last seen in it, without an end.
        start: The beginning of the interval, which is part of it; None if it is not known.
        end: The end of the interval, which is not part of it; None if it has none or it is not known.

    Raises:
        InconsistentCountsError: More leave than were there, or the interval ends before it starts.

    Source: Cutler and Ederer 1958, J. Chronic Diseases 8:699-712.
    """

    ratios = ("exposed", "hazard", "survival")

    at_start: Annotated[Decimal, NON_NEGATIVE] = attrs.field(converter=number, repr=plain_repr)
    ended: Annotated[Decimal, NON_NEGATIVE] = attrs.field(converter=number, repr=plain_repr)
    censored: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=Decimal(0), converter=number, repr=plain_repr)
    start: Annotated[Decimal, NON_NEGATIVE] | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr)
    end: Annotated[Decimal, NON_NEGATIVE] | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr)

    def _check(self) -> None:
        super()._check()
        if EXACT.add(self.ended, self.censored) > self.at_start:
            raise InconsistentCountsError(
                "more_leave_than_were_there",
                f"ended and censored must together be at most at_start, got {show(self.ended)} and "
                f"{show(self.censored)} of {show(self.at_start)}",
                field="at_start",
                operands=(self.ended, self.censored, self.at_start),
            )
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise InconsistentCountsError(
                "interval_without_length",
                f"end must be after start, got {show(self.end)} and {show(self.start)}",
                field="end",
                operands=(self.end, self.start),
            )

    @property
    def exposed(self) -> Decimal:
        """How many count as at risk: ``at_start - censored / 2``."""
        return EXACT.subtract(self.at_start, EXACT.divide(self.censored, 2))

    @property
    def hazard(self) -> Decimal | None:
        """The share that ended in the interval, ``ended / exposed``; None if none was exposed."""
        return ratio(self.ended, self.exposed)

    @property
    def survival(self) -> Decimal | None:
        """The share that lasts beyond the interval, ``1 - ended / exposed``; None if none was exposed."""
        return ratio(EXACT.subtract(self.exposed, self.ended), self.exposed)

    def explain(self) -> Explanation:
        """Return the counts and the shares, line by line, each with its formula."""
        return Explanation(
            (
                term("at_start", self.at_start, "lifetimes"),
                term("ended", self.ended, "lifetimes"),
                term("censored", self.censored, "lifetimes"),
                term("exposed", self.exposed, "lifetimes", "at_start - censored / 2"),
                term("hazard", self.hazard, "", "ended / exposed"),
                term("survival", self.survival, "", "1 - ended / exposed"),
            ),
            source="Cutler and Ederer 1958, J. Chronic Diseases 8:699-712",
        )
