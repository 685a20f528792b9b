"""Whether a fix helped, and which customers report the same cause again."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Self, TypeVar

import attrs

from crmcore.model.feedback import Feedback
from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, term, term_in_days
from crmcore.primitives.grouping import group_by, iterate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import Period, by_utc, in_utc
from crmcore.primitives.proportions import Interval, clopper_pearson, find_probability, wilson
from crmcore.primitives.tally import POLICY, Tally, TallyBy
from crmcore.voice.handling._cases import list_spans

__all__ = ["FixEffect", "RepeatReports"]

_K = TypeVar("_K", bound=Hashable)
_THIRTY_DAYS: Final = 30 * 24 * 3_600 * _clock.MICROSECONDS_A_SECOND


@attrs.frozen(kw_only=True)
class FixEffect(Tally):
    """Number of signals of a cause before and after its fix. Records of disjoint signals can be added.

    Examples:
        >>> from crmcore import FixEffect, Period, instant
        >>> watched = Period(instant("2026-01-01"), instant("2026-03-02"))
        >>> effect = FixEffect(before=10, after=2, fixed_at=instant("2026-01-31"), period=watched)
        >>> effect.before_per_30_days, effect.after_per_30_days, effect.rate_ratio
        (Decimal('10'), Decimal('2'), Decimal('0.2'))
        >>> round(effect.p_one_sided, 9)
        0.019287109

    The rates take account of how long each side was watched. Watch both sides in like seasons, and choose the period
    before you see the counts: a fix after an unusually bad week looks good in any case.

    Attributes:
        before: Signals before the fix.
        after: Signals from the fix on.
        outside: Signals outside the period, which count nowhere.
        fixed_at: When the cause was fixed; None if it is not known.
        period: The period that was watched; None if it is not known.

    Raises:
        InvalidValueError: The fix lies outside the period.
        InconsistentCountsError: Signals on a side of the fix that was not watched.

    Source: Przyborowski and Wilenski 1940, Biometrika 31:313-323: given the sum of two Poisson counts, one of them is
    binomial.
    """

    ratios = ("total_signals", "before_per_30_days", "after_per_30_days", "rate_ratio", "p_one_sided")

    before: int = 0
    after: int = 0
    outside: int = 0
    fixed_at: datetime | None = attrs.field(default=None, eq=by_utc, metadata=POLICY)
    period: Period | None = attrs.field(default=None, metadata=POLICY)

    def _check(self) -> None:
        super()._check()
        if self.fixed_at is not None and self.period is not None:
            _check_inside(self.fixed_at, self.period)
            for name, length in zip(("before", "after"), self._lengths, strict=True):
                if getattr(self, name) and not length:
                    raise InconsistentCountsError(
                        "signals_in_no_time",
                        f"{name} must be 0 if no time was watched {name} the fix, got {getattr(self, name)}",
                        field=name,
                        advice="choose a period that begins before the fix and ends after it",
                        operands=(getattr(self, name),),
                    )

    @classmethod
    def of(cls, feedback: Iterable[Feedback], /, *, fixed_at: datetime, period: Period) -> Self:
        """Count the signals of a cause before and after its fix, in a single pass. Feedback with an id counts once.

        Examples:
            >>> from crmcore import Feedback, FeedbackKind, FixEffect, Period, instant
            >>> signals = [
            ...     Feedback(kind=FeedbackKind.COMPLAINT, cause="delivery", received_at=instant(f"2026-03-{day}"))
            ...     for day in ("02", "05", "09", "20")
            ... ]
            >>> effect = FixEffect.of(signals, fixed_at=instant("2026-03-16"), period=Period.month(2026, 3))
            >>> effect.before, effect.after
            (3, 1)

        Args:
            feedback: The signals of one cause, in any order. Count the causes apart with `by`.
            fixed_at: When the cause was fixed; a signal at this instant came after it.
            period: The period that was watched, which contains the fix.
        """
        fix, watched = in_utc(checks.as_instant(fixed_at, "fixed_at")), checks.as_instance(period, Period, "period")
        _check_inside(fix, watched)
        before = after = outside = 0
        for case in iterate_once(feedback, Feedback, "feedback"):
            if case.received_at not in watched:
                outside += 1
            elif in_utc(case.received_at) < fix:
                before += 1
            else:
                after += 1
        return cls(before=before, after=after, outside=outside, fixed_at=fixed_at, period=watched)

    @classmethod
    def by(
        cls,
        feedback: Iterable[Feedback],
        key: Callable[[Feedback], _K],
        /,
        *,
        fixed_at: datetime,
        period: Period,
    ) -> TallyBy[_K, Self]:
        """Count the signals before and after a fix for each value of a key, such as the cause.

        Causes that were not fixed show what happened anyway.

        Examples:
            >>> from crmcore import Feedback, FeedbackKind, FixEffect, Period, instant
            >>> signals = [
            ...     Feedback(kind=FeedbackKind.COMPLAINT, cause=cause, received_at=instant(f"2026-03-{day}"))
            ...     for day, cause in [("02", "delivery"), ("05", "price"), ("20", "price")]
            ... ]
            >>> found = FixEffect.by(
            ...     signals, lambda signal: signal.cause, fixed_at=instant("2026-03-16"), period=Period.month(2026, 3)
            ... )
            >>> {cause: (effect.before, effect.after) for cause, effect in found.items()}
            {'delivery': (1, 0), 'price': (1, 1)}

        Args:
            feedback: The signals, in any order.
            key: Returns the key of a signal.
            fixed_at: When the cause was fixed; a signal at this instant came after it.
            period: The period that was watched, which contains the fix.
        """
        groups = group_by(feedback, key, Feedback, "feedback", "lambda feedback: feedback.cause")
        return TallyBy({group: cls.of(members, fixed_at=fixed_at, period=period) for group, members in groups.items()})

    @property
    def total_signals(self) -> int:
        """The signals in the period, ``before + after``."""
        return self.before + self.after

    @property
    def before_per_30_days(self) -> Decimal | None:
        """The signals in 30 days of exactly 24 hours before the fix, to 34 digits; None if nothing was watched then."""
        return ratio(self.before * _THIRTY_DAYS, self._lengths[0])

    @property
    def after_per_30_days(self) -> Decimal | None:
        """The signals in 30 days of exactly 24 hours after the fix, to 34 digits; None if nothing was watched then."""
        return ratio(self.after * _THIRTY_DAYS, self._lengths[1])

    @property
    def rate_ratio(self) -> Decimal | None:
        """The rate after the fix over the rate before it, to 34 digits; None if nothing came or was watched before.

        Below 1, the signals have become rarer.
        """
        watched_before, watched_after = self._lengths
        return ratio(self.after * watched_before, self.before * watched_after)

    @property
    def p_one_sided(self) -> float | None:
        """The probability that so few or fewer of all signals come after the fix, if it changed nothing.

        Given their sum, the number of signals after the fix is binomial, with the share of the time that lies after it.
        The test is exact. None if the fix or the period is not known, or if only one side of the fix was watched.
        """
        watched_before, watched_after = self._lengths
        if not watched_before or not watched_after:
            return None
        return find_probability(self.after, self.total_signals, watched_after, watched_before)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the exact interval of the rate ratio; None if `rate_ratio` is None.

        It contains the true ratio at least as often as `confidence` says.

        Source: the Clopper-Pearson interval of the share of the signals that come after the fix, as odds.
        """
        watched_before, watched_after = self._lengths
        after = clopper_pearson(self.after, self.total_signals, confidence=confidence)
        before = clopper_pearson(self.before, self.total_signals, confidence=confidence)
        if after is None or before is None or not (self.before and watched_before and watched_after):
            return None
        odds = watched_before / watched_after
        return Interval(after.low / before.high * odds, after.high / before.low * odds)

    @property
    def _lengths(self) -> tuple[int, int]:
        """Return how long was watched before and after the fix, in microseconds; zero if that is not known."""
        if self.fixed_at is None or self.period is None:
            return 0, 0
        fix = in_utc(self.fixed_at)
        sides = (fix - in_utc(self.period.start), in_utc(self.period.end) - fix)
        return _clock.microseconds(sides[0]), _clock.microseconds(sides[1])

    def explain(self) -> Explanation:
        """Return how the rates come about, line by line."""
        one, other = (timedelta(microseconds=length) for length in self._lengths)
        return Explanation(
            (
                term("before", self.before, "signals"),
                term("after", self.after, "signals"),
                term("outside", self.outside, "signals"),
                term_in_days("watched_before", one, None),
                term_in_days("watched_after", other, None),
                term("total_signals", self.total_signals, "signals", "before + after"),
                term("before_per_30_days", self.before_per_30_days, "signals", "before * 30 / watched_before"),
                term("after_per_30_days", self.after_per_30_days, "signals", "after * 30 / watched_after"),
                term(
                    "rate_ratio",
                    self.rate_ratio,
                    "",
                    "after * watched_before / (before * watched_after)",
                ),
            )
        )


def _check_inside(fixed_at: datetime, period: Period) -> None:
    """Refuse a fix outside the period; the end of the period is allowed, and then nothing was watched after it."""
    if not in_utc(period.start) <= in_utc(fixed_at) <= in_utc(period.end):
        raise InvalidValueError(
            "fix_outside_the_period",
            f"fixed_at must lie in the period, got {show(fixed_at)} and {period}",
            field="fixed_at",
            advice="choose a period that begins before the fix and ends after it",
            operands=(fixed_at, period.start, period.end),
        )


@attrs.frozen(kw_only=True)
class RepeatReports(Tally):
    """Number of first and repeated reports of a cause. Records of disjoint customers can be added.

    Examples:
        >>> from crmcore import RepeatReports
        >>> reports = RepeatReports(first=6, repeated=1, returned=1)
        >>> reports.rate, reports.return_rate
        (Decimal('0.25'), Decimal('0.125'))

    Attributes:
        first: First reports of a cause by a customer.
        repeated: Reports of a cause while the customer's report before it was not resolved.
        returned: Reports of a cause after the customer's report before it was resolved: the solution did not last.
        unknown: Reports of unknown customers, or without a cause, which are in no rate.
    """

    ratios = ("known", "rate", "return_rate")

    first: int = 0
    repeated: int = 0
    returned: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, feedback: Iterable[Feedback], /) -> Self:
        """Count which customers report the same cause again. Feedback that has an id counts once.

        Examples:
            >>> from crmcore import Feedback, FeedbackKind, RepeatReports, instant
            >>> reports = [
            ...     Feedback(
            ...         kind=FeedbackKind.PROBLEM, customer_id=7, cause="login", received_at=instant("2026-03-02")
            ...     ),
            ...     Feedback(
            ...         kind=FeedbackKind.PROBLEM, customer_id=7, cause="login", received_at=instant("2026-03-09")
            ...     ),
            ... ]
            >>> RepeatReports.of([reports[0].resolved(instant("2026-03-03")), reports[1]])
            RepeatReports(first=1, repeated=0, returned=1, unknown=0)

        Args:
            feedback: All the reports of the customers, in any order. Of two reports at one instant, the one that is
                given first came first. Each is compared with the one before it as that one stood when it came in, so
                there is no reference date: leave out the reports that are too late for you.
        """
        reports: dict[tuple[Id, str], list[Feedback]] = {}
        unknown = 0
        for case in iterate_once(feedback, Feedback, "feedback"):
            if case.customer_id is None or not case.cause.strip():
                unknown += 1
            else:
                reports.setdefault((case.customer_id, case.cause), []).append(case)
        repeated = returned = 0
        for cases in reports.values():
            cases.sort(key=lambda case: in_utc(case.received_at))
            for case, before in zip(cases[1:], cases, strict=False):
                if list_spans(before, in_utc(case.received_at))[-1].state.is_over:
                    returned += 1
                else:
                    repeated += 1
        return cls(first=len(reports), repeated=repeated, returned=returned, unknown=unknown)

    @classmethod
    def by(cls, feedback: Iterable[Feedback], key: Callable[[Feedback], _K], /) -> TallyBy[_K, Self]:
        """Count as `of` does, for each value of a key, such as the cause.

        Examples:
            >>> from crmcore import Feedback, FeedbackKind, RepeatReports, instant
            >>> reports = [
            ...     Feedback(
            ...         kind=FeedbackKind.PROBLEM, customer_id=7, cause=cause, received_at=instant(f"2026-03-{day}")
            ...     )
            ...     for day, cause in [("02", "login"), ("04", "price"), ("09", "login")]
            ... ]
            >>> found = RepeatReports.by(reports, lambda report: report.cause)
            >>> {cause: row.rate for cause, row in found.items()}
            {'login': Decimal('0.5'), 'price': Decimal('0')}

        Args:
            feedback: All the reports of the customers, in any order.
            key: Returns the key of a report. Reports under different keys are not compared with one another.
        """
        groups = group_by(feedback, key, Feedback, "feedback", "lambda feedback: feedback.cause")
        return TallyBy({group: cls.of(members) for group, members in groups.items()})

    @property
    def known(self) -> int:
        """The reports of known customers with a cause, ``first + repeated + returned``."""
        return self.first + self.repeated + self.returned

    @property
    def rate(self) -> Decimal | None:
        """The share of the known reports that were not the first, to 34 digits; None if there are none."""
        return ratio(self.repeated + self.returned, self.known)

    @property
    def return_rate(self) -> Decimal | None:
        """The share of the known reports that came after a solution, to 34 digits; None if there are none."""
        return ratio(self.returned, self.known)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the rate, or None if there are no known reports.

        It takes the reports for independent of one another; if a few customers report very often, it is too narrow.
        """
        return wilson(self.repeated + self.returned, self.known, confidence=confidence)

    def explain(self) -> Explanation:
        """Return how the rates come about, line by line."""
        return Explanation(
            (
                term("first", self.first, "reports"),
                term("repeated", self.repeated, "reports"),
                term("returned", self.returned, "reports"),
                term("unknown", self.unknown, "reports"),
                term("known", self.known, "reports", "first + repeated + returned"),
                term("rate", self.rate, "", "(repeated + returned) / known"),
                term("return_rate", self.return_rate, "", "returned / known"),
            )
        )
