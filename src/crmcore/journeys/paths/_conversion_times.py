"""How long journeys take from one step of a funnel to a later one, with those that are not over yet."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Self, cast

import attrs

from crmcore.journeys._names import tidy_unmatched
from crmcore.journeys._open import check_known
from crmcore.journeys._unassigned import warn_of_unassigned
from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.journeys.paths._funnel import (
    Exclude,
    Funnel,
    Steps,
    StepWithin,
    add_windows,
    build_empty,
    build_reader,
    list_funnel_cautions,
)
from crmcore.journeys.paths._steps import Reader, StepOrder
from crmcore.primitives import _clock, checks
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import by_utc, in_utc
from crmcore.primitives.record import WAIT, several

__all__ = ["ConversionTimes"]


@attrs.frozen(kw_only=True)
class ConversionTimes(Result):
    """The time of each journey from one step of a funnel to a later one: exact if it got there, else until now.

    A journey that did not get there is censored: it takes at least as long as it was watched. The two columns are those
    that survival analysis asks for. A mean of the converted journeys alone is too short, because the slow ones are not
    among them yet.

    Examples:
        >>> from crmcore import ConversionTimes, Survival, TimeUnit, instant
        >>> days = {"anna": [1, 2], "ben": [1, 6], "zoe": [4]}
        >>> rows = [
        ...     (customer, place, instant(f"2026-03-0{day}"))
        ...     for customer, visited in days.items()
        ...     for place, day in zip(["cart", "till"], visited)
        ... ]
        >>> times = ConversionTimes.of(rows, ["cart", "till"], as_of=instant("2026-03-07"))
        >>> [length.days for length in times.lengths], times.converted
        ([1, 5, 3], (True, True, False))
        >>> Survival.of_durations(times.lengths, times.converted, unit=TimeUnit.DAY).median
        Decimal('5')

    Attributes:
        start: The name of the step from which the time counts.
        end: The name of the step to which it counts.
        as_of: The instant up to which all visits are known.
        lengths: A time for each journey that reached `start`, in the order of the log.
        converted: For each of them, whether it reached `end`.
        not_started: Journeys that did not reach `start`.
        excluded: Journeys that are left out because of `exclude`; they are in no other count.
        cautions: The cautions of the funnel, such as touchpoints that no visit has, or visits of unknown customers.

    Raises:
        InconsistentCountsError: `lengths` and `converted` have different lengths.
    """

    ratios = ("journeys", "conversions", "censored")

    start: Id
    end: Id
    as_of: datetime = attrs.field(eq=by_utc)
    lengths: tuple[Annotated[timedelta, WAIT], ...] = attrs.field(default=(), converter=several)
    converted: tuple[bool, ...] = attrs.field(default=(), converter=several)
    not_started: int = 0
    excluded: int = 0
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several)

    def _check(self) -> None:
        super()._check()
        if len(self.lengths) != len(self.converted):
            raise InconsistentCountsError(
                "conversion_columns_differ",
                f"lengths and converted must have one entry for each journey, got {len(self.lengths)} and "
                f"{len(self.converted)}",
                field="converted",
                operands=(len(self.lengths), len(self.converted)),
            )

    @classmethod
    def of(
        cls,
        journeys: JourneyRecords,
        steps: Steps,
        /,
        *,
        as_of: datetime,
        between: tuple[Id, Id] | None = None,
        optional: Iterable[Id] = (),
        within: timedelta | None = None,
        step_within: StepWithin = None,
        order: StepOrder = StepOrder.SEQUENTIAL,
        exclude: Exclude = (),
    ) -> Self:
        """Measure the time of each journey from the first step to the last, or between two others.

        The visits that count are those of `Funnel.of`: those that get furthest, and among equals the earliest. So as
        many journeys are converted as such a funnel without `as_of` counts at the step `end`.

        A journey that did not reach `end` is watched until `as_of`, or until the end of its time if that is earlier:
        `within` after the first step, or the windows from `start` to `end` together. If it began again, it is watched
        from the earliest beginning after which it may still be in time, and if there is none, for the whole time. A
        journey whose window for one step has run out is watched on until then: it is known not to convert, and to leave
        it out earlier would treat it as one that may. The time of a journey of one step is zero.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import ConversionTimes, instant
            >>> rows = [
            ...     ("anna", "cart", instant("2026-03-01")),
            ...     ("anna", "till", instant("2026-03-09")),
            ...     ("ben", "cart", instant("2026-03-08")),
            ... ]
            >>> as_of, week = instant("2026-03-10"), timedelta(days=7)
            >>> times = ConversionTimes.of(rows, ["cart", "till"], as_of=as_of, within=week)
            >>> [length.days for length in times.lengths], times.converted
            ([7, 2], (False, False))

        Args:
            journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.
            steps: The steps, as `Funnel.of` takes them.
            as_of: The instant up to which all visits are known.
            between: The names of two steps in order that are not optional; by default the first and the last.
            optional: The names of the optional steps.
            within: How long after the first step a later step still counts.
            step_within: How long after the step before it each step still counts, as `Funnel.of` takes it.
            order: In which order the steps must be visited: `StepOrder.SEQUENTIAL` or `StepOrder.DIRECT`.
            exclude: Touchpoints that leave a journey out, as `Funnel.of` takes them.

        Raises:
            InvalidValueError: `between` does not name two steps in order, the order is free, or a visit is after
                `as_of`; and as `Funnel.of` says.
        """
        until = _clock.since_epoch(in_utc(checks.as_instant(as_of, "as_of")))
        funnel = build_empty(
            Funnel,
            steps,
            optional=optional,
            within=within,
            step_within=step_within,
            as_of=None,
            order=order,
            exclude=exclude,
        )
        if order is StepOrder.ANY:
            raise InvalidValueError(
                "times_in_any_order",
                f"order must be sequential or direct, got {order.value}",
                field="order",
                advice="give the steps in an order, because the time from one to another is counted",
                operands=(order.value,),
            )
        start, end = _find_between(funnel, between)
        log = Journeys.of(journeys)
        check_known(log, until)
        reader, unmatched = build_reader(funnel, log)
        watch = _Watch(funnel, reader, start, end, until)
        lengths: list[timedelta] = []
        converted: list[bool] = []
        not_started = excluded = 0
        for path, times in zip(log.paths, log.times, strict=True):
            positions, stop = reader.find_attempt_that_counts(path, times)
            if reader.is_excluded(path, positions, stop):
                excluded += 1
            elif len(positions) <= start:
                not_started += 1
            else:
                has_converted = len(positions) > end
                length = times[positions[end]] - times[positions[start]] if has_converted else 0
                lengths.append(timedelta(microseconds=length if has_converted else watch.read(path, times, positions)))
                converted.append(has_converted)
        names = [step.name for step in funnel.steps if not step.optional]
        return cls(
            start=names[start],
            end=names[end],
            as_of=as_of,
            lengths=lengths,
            converted=converted,
            not_started=not_started,
            excluded=excluded,
            cautions=[
                *(list_funnel_cautions(funnel.steps, tidy_unmatched(unmatched)) if log.paths else ()),
                *warn_of_unassigned(log.unassigned, log.visits),
            ],
        )

    @property
    def journeys(self) -> int:
        """Journeys that reached `start`, without those that are excluded."""
        return len(self.lengths)

    @property
    def conversions(self) -> int:
        """Journeys that reached `end`."""
        return sum(self.converted)

    @property
    def censored(self) -> int:
        """Journeys that reached `start` and not `end`, whose time is how long they were watched."""
        return self.journeys - self.conversions

    def explain(self) -> Explanation:
        """Explain the numbers of journeys, line by line."""
        return Explanation(
            (
                term("conversions", self.conversions, "journeys"),
                term("censored", self.censored, "journeys"),
                term("journeys", self.journeys, "journeys", "conversions + censored"),
                term("not_started", self.not_started, "journeys"),
                *([term("excluded", self.excluded, "journeys")] if self.excluded else []),
            ),
            cautions=self.cautions,
        )


class _Watch:
    """Knows how long a journey that did not convert was watched, in microseconds."""

    def __init__(self, funnel: Funnel, reader: Reader, start: int, end: int, until: int) -> None:
        windows = [step.within for step in funnel.steps if not step.optional]
        within = funnel.within
        self._reader = reader
        self._start = start
        self._until = until
        self._within = None if within is None else _clock.microseconds(within)
        self._span = _add(windows[start + 1 : end + 1])
        limits = [limit for limit in (self._within, _add(windows[1 : end + 1])) if limit is not None]
        self._longest = min(limits, default=None)

    def read(self, path: str, times: tuple[int, ...], positions: Sequence[int]) -> int:
        """Return how long a journey was watched that reached the start, and not the end, by these visits."""
        for beginning in () if self._longest is None else self._reader.list_attempts(path):
            if times[beginning] > self._until - cast("int", self._longest):
                attempt = self._reader.find_attempt(path, times, beginning)
                if len(attempt) > self._start:
                    positions = attempt
                    break
        begun, stop = times[positions[self._start]], self._until
        if self._within is not None:
            stop = min(stop, times[positions[0]] + self._within)
        if self._span is not None:
            stop = min(stop, begun + self._span)
        return stop - begun


def _add(windows: Sequence[timedelta | None]) -> int | None:
    length = add_windows(windows)
    return None if length is None else _clock.microseconds(length)


def _find_between(funnel: Funnel, between: object) -> tuple[int, int]:
    """Return the numbers of the two steps among those that are not optional."""
    names = [step.name for step in funnel.steps if not step.optional]
    if between is None:
        return 0, len(names) - 1
    pair = cast("tuple[Id, Id]", checks.as_pair(between, "between", "names of steps"))
    if any(name not in names for name in pair) or names.index(pair[0]) >= names.index(pair[1]):
        raise InvalidValueError(
            "between_no_steps",
            f"between must name two steps in order that are not optional, got {show(pair[0])} and {show(pair[1])}",
            field="between",
            advice=f"there are, in order, {', '.join(map(show, names))}",
            operands=pair,
        )
    return names.index(pair[0]), names.index(pair[1])
