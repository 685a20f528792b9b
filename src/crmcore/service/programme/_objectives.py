"""Objectives and key results: how far each figure has come from its baseline to its target."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Annotated

import attrs

from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import EXACT, ONE, RATIO, ZERO, plain_repr
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import Period, in_utc
from crmcore.primitives.record import EXACT as EXACT_NUMBER, NON_NEGATIVE, Name, maybe_number, number, several

__all__ = ["KeyResult", "Objective", "UnmeasuredRule", "share_of_time"]


class UnmeasuredRule(StrEnum):
    """What a key result that is not measured yet counts for.

    Attributes:
        LEAVE_OUT: Nothing: it is in neither sum.
        ZERO: No progress: its weight stays in the denominator.
    """

    LEAVE_OUT = "leave_out"
    ZERO = "zero"


@attrs.frozen(kw_only=True)
class KeyResult(Result):
    """A figure that says whether an objective is reached: where it was, where it shall be, and where it is.

    Examples:
        >>> from crmcore import KeyResult
        >>> complaints = KeyResult(name="complaints a month", baseline=15, target=10, current=12)
        >>> complaints.progress
        Decimal('0.6')
        >>> worse = KeyResult(name="complaints a month", baseline=15, target=10, current=17)
        >>> worse.raw_progress, worse.progress
        (Decimal('-0.4'), Decimal('0'))

    The target may be below the baseline. ``current / target`` would praise what was there before.

    Attributes:
        name: What the figure measures, not blank.
        baseline: The figure at the start.
        target: The figure to reach; it differs from the baseline.
        current: The figure now; None if it is not measured yet.
        weight: What it counts for in the objective, >= 0.
        owner_id: The employee who is responsible for it.

    Raises:
        InvalidValueError: The target equals the baseline.

    Source: Doerr 2018, Measure What Matters (the method); the formula is that of linear interpolation.
    """

    ratios = ("raw_progress", "progress")

    name: Name
    baseline: Annotated[Decimal, EXACT_NUMBER] = attrs.field(converter=number, repr=plain_repr)
    target: Annotated[Decimal, EXACT_NUMBER] = attrs.field(converter=number, repr=plain_repr)
    current: Annotated[Decimal, EXACT_NUMBER] | None = attrs.field(
        default=None, converter=maybe_number, repr=plain_repr
    )
    weight: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=ONE, converter=number, repr=plain_repr)
    owner_id: Id | None = None

    def _check(self) -> None:
        super()._check()
        if self.target == self.baseline:
            raise InvalidValueError(
                "target_equals_baseline",
                f"target must differ from baseline, got {show(self.target)} for both",
                field="target",
                advice="to keep a figure where it is, check it with a rule instead",
                operands=(self.target, self.baseline),
            )

    @property
    def is_measured(self) -> bool:
        """Whether the current figure is known."""
        return self.current is not None

    @property
    def raw_progress(self) -> Decimal | None:
        """The share of the way from the baseline to the target, negative below the baseline; None if not measured.

        ``(current - baseline) / (target - baseline)``; above 1 if the figure is beyond its target.
        """
        return None if self.current is None else _as_decimal(_find_share(self, self.current))

    @property
    def progress(self) -> Decimal | None:
        """The same, kept between 0 and 1."""
        return None if self.current is None else _as_decimal(_keep_within(_find_share(self, self.current)))

    def expected(self, period: Period, /, *, as_of: datetime) -> Decimal:
        """Return the figure that is due at a date, on a straight line from the baseline to the target.

        Examples:
            >>> from crmcore import KeyResult, Period, instant
            >>> complaints = KeyResult(name="complaints a month", baseline=15, target=10)
            >>> complaints.expected(Period.quarter(2026, 1), as_of=instant("2026-02-15"))
            Decimal('12.5')

        Args:
            period: The time for the way, half-open. Before it the baseline is due, and after it the target.
            as_of: The reference date.
        """
        way = Fraction(self.target) - Fraction(self.baseline)
        return _as_decimal(Fraction(self.baseline) + way * _find_share_of_time(period, as_of))

    def is_behind(self, period: Period, /, *, as_of: datetime) -> bool | None:
        """Return whether the figure is short of what is due at a date; None if it is not measured.

        Examples:
            >>> from crmcore import KeyResult, Period, instant
            >>> complaints = KeyResult(name="complaints a month", baseline=15, target=10, current="12.5")
            >>> first = Period.quarter(2026, 1)
            >>> [complaints.is_behind(first, as_of=instant(day)) for day in ("2026-02-15", "2026-02-16")]
            [False, True]

        Args:
            period: The time for the way, half-open.
            as_of: The reference date.
        """
        due = _find_share_of_time(period, as_of)
        return None if self.current is None else _find_share(self, self.current) < due

    def explain(self) -> Explanation:
        """Return how the progress comes about, line by line; without formulas if the figure is not measured."""
        raw, kept = "(current - baseline) / (target - baseline)", "max(0, min(1, raw_progress))"
        if not self.is_measured:
            raw = kept = ""
        return Explanation(
            (
                term("baseline", self.baseline),
                term("target", self.target),
                term("current", self.current),
                term("raw_progress", self.raw_progress, "", raw),
                term("progress", self.progress, "", kept),
            )
        )


@attrs.frozen(kw_only=True)
class Objective(Result):
    """What the company wants to reach, and the key results that show it.

    Examples:
        >>> from crmcore import KeyResult, Objective, UnmeasuredRule
        >>> objective = Objective(
        ...     name="customers recommend us",
        ...     key_results=[
        ...         KeyResult(name="NPS", baseline=20, target=40, current=25),
        ...         KeyResult(name="complaints a month", baseline=15, target=10),
        ...     ],
        ... )
        >>> [objective.progress_by(rule) for rule in UnmeasuredRule]
        [Decimal('0.25'), Decimal('0.125')]
        >>> [key_result.name for key_result in objective.unmeasured]
        ['complaints a month']

    Attributes:
        name: The objective, in words, not blank.
        key_results: The key results.
        period: The time in which they are to be reached; None if it is not set.
        owner_id: The employee who is responsible for it.
    """

    name: Name
    key_results: tuple[KeyResult, ...] = attrs.field(default=(), converter=several)
    period: Period | None = None
    owner_id: Id | None = None

    def _list_rows(self) -> Iterable[Mapping[str, object]]:
        return [key_result.row() for key_result in self.key_results]

    @property
    def unmeasured(self) -> tuple[KeyResult, ...]:
        """The key results that are not measured yet."""
        return tuple(key_result for key_result in self.key_results if not key_result.is_measured)

    def progress_by(self, rule: UnmeasuredRule, /) -> Decimal | None:
        """Return the mean progress of the key results by their weights; None if nothing counts.

        Each key result counts between 0 and 1, so that one beyond its target does not hide another one.

        Args:
            rule: What a key result counts for that is not measured yet. Published tools differ, so there is no default.
        """
        leave_out = checks.as_member(rule, UnmeasuredRule, "rule") is UnmeasuredRule.LEAVE_OUT
        weights = reached = Fraction(0)
        for one in self.key_results:
            if one.current is not None:
                reached += Fraction(one.weight) * _keep_within(_find_share(one, one.current))
            elif leave_out:
                continue
            weights += Fraction(one.weight)
        return _as_decimal(reached / weights) if weights else None


def share_of_time(period: Period, /, *, as_of: datetime) -> Decimal:
    """Return the share of a period that has passed at a date, between 0 and 1.

    Examples:
        >>> from crmcore import Period, instant, programme
        >>> programme.share_of_time(Period.quarter(2026, 1), as_of=instant("2026-02-15"))
        Decimal('0.5')

    Args:
        period: The period, half-open.
        as_of: The reference date.
    """
    return _as_decimal(_find_share_of_time(period, as_of))


def _find_share_of_time(period: Period, as_of: datetime) -> Fraction:
    checks.as_instance(period, Period, "period")
    passed = in_utc(checks.as_instant(as_of, "as_of")) - in_utc(period.start)
    return _keep_within(Fraction(_clock.microseconds(passed), _clock.microseconds(period.length)))


def _find_share(key_result: KeyResult, current: Decimal) -> Fraction:
    way = EXACT.subtract(key_result.target, key_result.baseline)
    return Fraction(EXACT.subtract(current, key_result.baseline)) / Fraction(way)


def _keep_within(share: Fraction) -> Fraction:
    return max(Fraction(0), min(share, Fraction(1)))


def _as_decimal(share: Fraction) -> Decimal:
    return EXACT.add(RATIO.divide(share.numerator, share.denominator), ZERO)
