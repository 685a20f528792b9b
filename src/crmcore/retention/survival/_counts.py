"""Lifetimes counted by their length, and the curve that follows from the counts."""

from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from itertools import pairwise
from math import fsum
from operator import mul
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, Self, TypeVar, cast

import attrs

from crmcore.model.relationship import Relationship
from crmcore.model.subscription import Subscription
from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import EXACT, HALF, ONE, WIDE, ZERO, plain, round_to_finest
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import KeyGuard, group_by, in_one_group, iterate_once
from crmcore.primitives.proportions import find_quantile
from crmcore.primitives.rates import DayCount, TimeUnit
from crmcore.primitives.record import NON_NEGATIVE, build_records, several
from crmcore.primitives.table import as_columns
from crmcore.primitives.tally import POLICY, Tally, TallyBy
from crmcore.retention import _spells
from crmcore.retention.lifecycles import StageDuration
from crmcore.retention.survival import _columns
from crmcore.retention.survival._columns import Columns, Given, as_decimals, as_time, merge
from crmcore.retention.survival._estimates import Estimate, as_figure, find_area
from crmcore.retention.survival._lifetimes import Lifetime, Spells, read_lifetimes, read_spells
from crmcore.retention.survival._results import (
    LifeTableInterval,
    MeanOfEnded,
    RestrictedMean,
    SurvivalBounds,
    SurvivalQuantile,
    SurvivalStep,
    find_bounds,
)

__all__ = ["Survival"]

_K = TypeVar("_K", bound=Hashable)
_COLUMNS: Final = ("times", "ended", "censored", "entered")
_MOST_INTERVALS: Final = 100_000


class _Computed:
    """The slots of what is computed once from the fields, or from which the fields are made when they are read."""

    __slots__ = ("_columns", "_estimate")
    _columns: Columns
    _estimate: Estimate


@attrs.frozen(kw_only=True)
class Survival(_Computed, Tally):
    """Number of lifetimes that ended or still last, by their length. Records of disjoint lifetimes can be added.

    A lifetime that still lasts is censored: it is at least as long as it is now. It counts as at risk up to then, and
    is not left out, which would make every figure too short. From the counts follow the survival curve of Kaplan and
    Meier, the cumulative hazard of Nelson and Aalen, and what is read from them.

    Examples:
        >>> from crmcore import Survival
        >>> months = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
        >>> survival = Survival.of_durations(months, [True] * 9 + [False] * 12)
        >>> survival.median
        Decimal('23')
        >>> survival.at(12).survival  # the share that lasts longer than a year
        Decimal('0.7529411764705882352941176470588235')
        >>> print(survival.explain())
        total_ended                    9  lifetimes
        total_censored                12  lifetimes
        lifetimes                     21  lifetimes  = total_ended + total_censored
        time_at_risk                 359
        time_per_end    39.8888888888...             = time_at_risk / total_ended
        median                        23
        source: Kaplan and Meier 1958, J. Amer. Statist. Assoc. 53:457-481

    Events come before censoring: a lifetime that was last seen at a time is still at risk at that time. One that came
    under observation at a time is at risk after it.

    Attributes:
        times: Different lengths, ascending.
        ended: The number of lifetimes that ended at each of them, or the sum of their weights.
        censored: The number that were last seen at each of them, without an end.
        entered: The number that came under observation at each of them, having lasted so long before. Lifetimes that
            are watched from their beginning are not among them.
        unit: The unit of the times; None if it was not given.
        left_out: The number that could not be counted, because their beginning is not known.

    Raises:
        InconsistentCountsError: The columns differ in length, the times do not ascend, or more leave than are there.
    """

    ratios = ("lifetimes", "total_ended", "total_censored", "median")

    times: tuple[Annotated[Decimal, NON_NEGATIVE], ...] = attrs.field(default=(), converter=several)
    ended: tuple[Annotated[Decimal, NON_NEGATIVE], ...] = attrs.field(default=(), converter=several)
    censored: tuple[Annotated[Decimal, NON_NEGATIVE], ...] = attrs.field(default=(), converter=several)
    entered: tuple[Annotated[Decimal, NON_NEGATIVE], ...] = attrs.field(default=(), converter=several)
    unit: TimeUnit | None = attrs.field(default=None, metadata=POLICY)
    left_out: int = 0

    if not TYPE_CHECKING:  # a name that does not exist is still refused by type checkers

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - what a slot holds
            """Fill a slot when it is first read: the fields of a count from columns are made when asked for.

            2x at a million continuous durations: benchmarks/subjects/surviving.py
            """
            if name in _COLUMNS:
                value: Any = as_decimals(getattr(self._columns, name))
            elif name == "_columns":
                value = Columns(*[object.__getattribute__(self, column) for column in _COLUMNS])
            elif name == "_estimate":
                value = Estimate(self._columns)
            else:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
            checks.set_field(self, name, value)
            return value

    def _check(self) -> None:
        super()._check()
        lengths = {len(getattr(self, name)) for name in _COLUMNS}
        if len(lengths) > 1:
            shown = ", ".join(f"{len(getattr(self, name))} {name}" for name in _COLUMNS)
            raise InconsistentCountsError(
                "survival_columns_differ",
                f"times, ended, censored and entered must have one length, got {shown}",
                field="times",
                operands=tuple(len(getattr(self, name)) for name in _COLUMNS),
            )
        for place, (one, other) in enumerate(pairwise(self.times), 1):
            if one >= other:
                raise InvalidValueError(
                    "times_do_not_ascend",
                    f"times must ascend, got {show(other)} after {show(one)}",
                    field="times",
                    record=place,
                    operands=(one, other),
                )
        gone = map(EXACT.add, self.ended, self.censored)
        for place, (there, leaving) in enumerate(zip(self.at_risk, gone, strict=True)):
            if leaving > there:
                raise InconsistentCountsError(
                    "more_leave_than_entered",
                    f"ended and censored must together be at most the number at risk, got {show(leaving)} of "
                    f"{show(there)} at {show(self.times[place])}",
                    field="entered",
                    record=place,
                    operands=(leaving, there),
                )

    @classmethod
    def of(cls, lifetimes: Iterable[Lifetime], /, *, unit: TimeUnit | None = None) -> Self:
        """Count lifetimes, in a single pass; the order does not matter. A lifetime that has an id counts once.

        Examples:
            >>> from crmcore import Lifetime, Survival
            >>> members = [Lifetime(length=3), Lifetime(length=8, ended=False), Lifetime(length=9, entered=5)]
            >>> survival = Survival.of(members)
            >>> survival.at_risk  # the last member is not watched before the fifth month
            (Decimal('2'), Decimal('1'), Decimal('2'), Decimal('1'))

        Args:
            lifetimes: The lifetimes; a `Table` of them is counted straight from its columns.
            unit: The unit of their lengths.
        """
        return cls._of_given(_read_records(lifetimes, in_one_group)[0], unit)

    @classmethod
    def by(
        cls, lifetimes: Iterable[Lifetime], key: Callable[[Lifetime], _K], /, *, unit: TimeUnit | None = None
    ) -> TallyBy[_K, Self]:
        """Count lifetimes for each value of a key, in a single pass.

        Examples:
            >>> from crmcore import Lifetime, Survival
            >>> members = [Lifetime(length=3, segment="a"), Lifetime(length=8, segment="b", ended=False)]
            >>> by = Survival.by(members, lambda member: member.segment)
            >>> {plan: survival.median for plan, survival in by.items()}
            {'a': Decimal('3'), 'b': None}

        Args:
            lifetimes: The lifetimes; a `Table` of them is counted straight from its columns if the key is an
                ``operator.attrgetter``.
            key: Returns the key of a lifetime, such as its segment.
            unit: The unit of their lengths.
        """
        checks.check_callable(key, "key", "lambda lifetime: lifetime.segment")
        given, keys = _read_records(lifetimes, key)
        return TallyBy({group: cls._of_given(part, unit) for group, part in given.split(keys).items()})

    @classmethod
    def of_durations(
        cls,
        lengths: Iterable[Decimal | float | str | timedelta],
        ended: Iterable[bool] | None = None,
        /,
        *,
        entered: Iterable[Decimal | float | str | timedelta | None] | None = None,
        weights: Iterable[Decimal | int | str] | None = None,
        unit: TimeUnit | None = None,
        day_count: DayCount | None = None,
    ) -> Self:
        """Count plain columns, with one value in each for a lifetime.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import Survival, TimeUnit
            >>> Survival.of_durations([2.5, 4, 4], [True, True, False]).median
            Decimal('4')
            >>> waits = [timedelta(hours=12), timedelta(days=2)]
            >>> Survival.of_durations(waits, unit=TimeUnit.DAY).times
            (Decimal('0.5'), Decimal('2'))

        Args:
            lengths: The lengths, >= 0. A float means its shortest repr.
            ended: Whether the end of each was seen; all were if it is not given.
            entered: How long each had lasted when you began to watch it; 0 or None if from its beginning.
            weights: How many lifetimes each stands for; one if it is not given.
            unit: The unit of the lengths. Durations are converted to it.
            day_count: The length of a year, if durations are converted to months, quarters or years.

        Raises:
            InconsistentCountsError: The columns differ in length, or a lifetime was over when you began to watch it.
            InvalidValueError: The lengths are durations, and no unit is given.
            WrongTypeError: A value of `ended` is neither true nor false, but missing, for example.
        """
        return cls._of_given(_columns.read(lengths, ended, entered, weights, unit=unit, day_count=day_count), unit)

    @classmethod
    def from_counts(
        cls,
        at_risk: Iterable[Decimal | int | str],
        ended: Iterable[Decimal | int | str],
        /,
        *,
        times: Iterable[Decimal | float | str] | None = None,
        unit: TimeUnit | None = None,
    ) -> Self:
        """Return the record of a table of those at risk and those that ended, such as a cohort counted every month.

        Those who are no longer at risk at the next time, and did not end, were censored; if more are at risk, they came
        under observation in between. Those left after the last time are censored there.

        Examples:
            >>> from crmcore import Survival
            >>> cohort = Survival.from_counts([1000, 631, 468, 382], [369, 163, 86, 56])
            >>> [round(float(step.hazard), 3) for step in cohort.steps()]
            [0.369, 0.258, 0.184, 0.147]
            >>> cohort.at(4).survival  # 326 of 1000
            Decimal('0.326')

        Args:
            at_risk: How many were at risk just before each time.
            ended: How many ended at each time.
            times: The times, ascending; 1, 2, 3 and so on if they are not given.
            unit: The unit of the times.

        Raises:
            InconsistentCountsError: The columns differ in length, or more ended than were at risk.
        """
        there = [
            checks.as_non_negative(count, f"at_risk[{place}]")
            for place, count in enumerate(checks.iterate(at_risk, "at_risk", "count"))
        ]
        ends = [
            checks.as_non_negative(count, f"ended[{place}]")
            for place, count in enumerate(checks.iterate(ended, "ended", "count"))
        ]
        _columns.check_length("ended", ends, len(there))
        if times is None:
            at: list[Decimal] = [*map(Decimal, range(1, len(there) + 1))]
        else:
            at = [as_time(time, f"times[{place}]") for place, time in enumerate(checks.iterate(times, "times", "time"))]
            _columns.check_length("times", at, len(there))
        changes = [
            EXACT.subtract(*pair) for pair in zip(map(EXACT.subtract, there, ends), [*there[1:], ZERO], strict=False)
        ]
        return cls(
            times=at,
            ended=ends,
            censored=[max(change, ZERO) for change in changes],
            entered=[max(EXACT.minus(change), ZERO) for change in changes],
            unit=unit,
        )

    @classmethod
    def of_subscriptions(
        cls,
        subscriptions: Iterable[Subscription],
        /,
        *,
        as_of: datetime,
        since: datetime | None = None,
        paused_is_lost: bool = False,
        gap_tolerance: timedelta | None = None,
        unit: TimeUnit = TimeUnit.DAY,
        day_count: DayCount | None = None,
    ) -> Self:
        """Count how long customers stayed, from their first subscription until they had none, in a single pass.

        A customer counts once, however many subscriptions they have: until they first leave. Those who are there at
        the reference date are censored.

        Examples:
            >>> from crmcore import Money, Subscription, Survival, TimeUnit, instant
            >>> plans = [
            ...     Subscription(
            ...         customer_id=customer_id,
            ...         price=Money(9, "EUR"),
            ...         every=TimeUnit.MONTH,
            ...         started=instant(start),
            ...         ended=end and instant(end),
            ...     )
            ...     for customer_id, start, end in [
            ...         ("a", "2026-01-01", "2026-01-31"),
            ...         ("b", "2026-01-01", None),
            ...         ("c", "2025-11-22", "2026-02-10"),
            ...     ]
            ... ]
            >>> stays = Survival.of_subscriptions(plans, as_of=instant("2026-03-01"))
            >>> list(zip(map(int, stays.times), map(int, stays.ended), map(int, stays.censored)))
            [(30, 1, 0), (59, 0, 1), (80, 1, 0)]

        Args:
            subscriptions: All subscriptions of the customers, in any order.
            as_of: The reference date. Later ends are not known yet.
            since: When the records begin, if customers who left before are not in them. Those who were there already
                come under observation late: without this, the curve is too high.
            paused_is_lost: Whether a customer counts as gone while all their subscriptions are paused.
            gap_tolerance: The longest gap between subscriptions that does not count as an end.
            unit: The unit of the times.
            day_count: The length of a year, if the unit is a month, a quarter or a year.

        Raises:
            InvalidValueError: `since` is not before `as_of`, or the unit needs a day-count.
        """
        customers = _spells.collect_from_subscriptions(subscriptions, in_one_group, paused_is_lost=paused_is_lost)
        return cls._of_spells(customers, _Reading(as_of, since, gap_tolerance, unit, day_count))

    @classmethod
    def by_subscriptions(
        cls,
        subscriptions: Iterable[Subscription],
        key: Callable[[Subscription], _K],
        /,
        *,
        as_of: datetime,
        since: datetime | None = None,
        paused_is_lost: bool = False,
        gap_tolerance: timedelta | None = None,
        unit: TimeUnit = TimeUnit.DAY,
        day_count: DayCount | None = None,
    ) -> TallyBy[_K, Self]:
        """Count how long customers stayed as `of_subscriptions` does, for each value of a key.

        Args:
            subscriptions: All subscriptions of the customers, in any order.
            key: Returns the key of a subscription, which is the same for all those of a customer.
            as_of: The reference date. Later ends are not known yet.
            since: When the records begin, if customers who left before are not in them.
            paused_is_lost: Whether a customer counts as gone while all their subscriptions are paused.
            gap_tolerance: The longest gap between subscriptions that does not count as an end.
            unit: The unit of the times.
            day_count: The length of a year, if the unit is a month, a quarter or a year.

        Raises:
            InconsistentCountsError: The subscriptions of a customer have two keys.
        """
        customers = _spells.collect_from_subscriptions(subscriptions, key, paused_is_lost=paused_is_lost)
        return cls._by_spells(customers, _Reading(as_of, since, gap_tolerance, unit, day_count))

    @classmethod
    def of_relationships(
        cls,
        relationships: Iterable[Relationship],
        /,
        *,
        as_of: datetime,
        since: datetime | None = None,
        unit: TimeUnit = TimeUnit.DAY,
        day_count: DayCount | None = None,
    ) -> Self:
        """Count how long relationships lasted, from their first stage to their first dissolution, in a single pass.

        Examples:
            >>> from crmcore import Dissolution, DissolutionCause, Initiator, LifecycleStage
            >>> from crmcore import Relationship, Survival, instant
            >>> first = Relationship(customer_id=7).enter(LifecycleStage.EXPLORATION, at=instant("2026-01-01"))
            >>> end = Dissolution(
            ...     at=instant("2026-01-11"),
            ...     cause=DissolutionCause.BETTER_OFFER,
            ...     initiator=Initiator.CUSTOMER,
            ... )
            >>> gone = first.dissolve(end)
            >>> Survival.of_relationships([gone], as_of=instant("2026-03-01")).median
            Decimal('10')

        Args:
            relationships: The relationships, each with its whole history. Those whose history begins with a
                dissolution are left out, and `left_out` counts them.
            as_of: The reference date. Later ends are not known yet.
            since: When the records begin, if relationships that were over before are not in them.
            unit: The unit of the times.
            day_count: The length of a year, if the unit is a month, a quarter or a year.

        Raises:
            InvalidValueError: `since` is not before `as_of`, or the unit needs a day-count.
        """
        customers = _spells.collect_from_relationships(relationships, in_one_group)
        return cls._of_spells(customers, _Reading(as_of, since, None, unit, day_count))

    @classmethod
    def by_relationships(
        cls,
        relationships: Iterable[Relationship],
        key: Callable[[Relationship], _K],
        /,
        *,
        as_of: datetime,
        since: datetime | None = None,
        unit: TimeUnit = TimeUnit.DAY,
        day_count: DayCount | None = None,
    ) -> TallyBy[_K, Self]:
        """Count how long relationships lasted as `of_relationships` does, for each value of a key.

        Args:
            relationships: The relationships, each with its whole history.
            key: Returns the key of a relationship, such as its manager.
            as_of: The reference date. Later ends are not known yet.
            since: When the records begin, if relationships that were over before are not in them.
            unit: The unit of the times.
            day_count: The length of a year, if the unit is a month, a quarter or a year.

        Raises:
            InconsistentCountsError: The relationships of a customer have two keys.
        """
        customers = _spells.collect_from_relationships(relationships, key)
        return cls._by_spells(customers, _Reading(as_of, since, None, unit, day_count))

    @classmethod
    def of_stays(cls, stays: Iterable[StageDuration], /, *, unit: TimeUnit = TimeUnit.DAY) -> Self:
        """Count the stays at stages that `lifecycles.durations` returns; a stay that still lasts is censored.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import LifecycleStage, Survival
            >>> from crmcore.retention.lifecycles import StageDuration
            >>> trial, later = LifecycleStage.EXPLORATION, LifecycleStage.AWARENESS
            >>> stays = [
            ...     StageDuration(stage=trial, length=timedelta(days=31), followed_by=later),
            ...     StageDuration(stage=trial, length=timedelta(days=90)),
            ... ]
            >>> Survival.of_stays(stays).median
            Decimal('31')

        Args:
            stays: The stays, counted with `as_of`, so that those that still last are among them.
            unit: The unit of the times, a day or a week.
        """
        return cls._of_stays([*checks.iterate_records(stays, StageDuration, "stays")], unit)

    @classmethod
    def by_stays(
        cls,
        stays: Iterable[StageDuration],
        key: Callable[[StageDuration], _K],
        /,
        *,
        unit: TimeUnit = TimeUnit.DAY,
    ) -> TallyBy[_K, Self]:
        """Count the stays as `of_stays` does, for each value of a key, such as the stage.

        Args:
            stays: The stays.
            key: Returns the key of a stay.
            unit: The unit of the times, a day or a week.
        """
        groups = group_by(stays, key, StageDuration, "stays", "lambda stay: stay.stage")
        return TallyBy({group: cls._of_stays(members, unit) for group, members in groups.items()})

    @classmethod
    def _of_stays(cls, stays: Sequence[StageDuration], unit: TimeUnit) -> Self:
        lengths, ended = [stay.length for stay in stays], [stay.ended for stay in stays]
        return cls.of_durations(lengths, ended, unit=unit)

    @classmethod
    def _of_spells(cls, customers: _spells.SpellsByCustomer, reading: "_Reading") -> Self:
        given, _, unknown = read_spells(customers, reading.check())
        return cls._of_given(given, reading.unit, len(unknown))

    @classmethod
    def _by_spells(cls, customers: _spells.SpellsByCustomer, reading: "_Reading") -> TallyBy[Any, Self]:
        given, groups, unknown = read_spells(customers, reading.check())
        parts = given.split(groups)
        nothing = Given([], [], None, None)
        return TallyBy(
            {
                group: cls._of_given(parts.get(group, nothing), reading.unit, unknown.count(group))
                for group in dict.fromkeys([*groups, *unknown])
            }
        )

    @classmethod
    def _of_given(cls, given: Given, unit: TimeUnit | None, left_out: int = 0) -> Self:
        if unit is not None:
            checks.as_member(unit, TimeUnit, "unit")
        columns = given.add_up()
        if cls is not Survival:
            fields: dict[str, Any] = {name: as_decimals(getattr(columns, name)) for name in _COLUMNS}
            return cls(**fields, unit=unit, left_out=left_out)
        survival = object.__new__(cls)
        for name, value in (("unit", unit), ("left_out", left_out), ("_columns", columns)):
            checks.set_field(survival, name, value)
        return survival

    def _add_field(self, name: str, other: Tally) -> Any:  # noqa: ANN401 - a count of any type
        if name not in _COLUMNS:
            return super()._add_field(name, cast("Self", other))
        parts = (Columns(*[getattr(part, column) for column in _COLUMNS]) for part in (self, other))
        return as_decimals(getattr(merge(parts), name))

    @property
    def at_risk(self) -> tuple[Decimal, ...]:
        """The number at risk at each time: those who had entered before it and were not gone before it."""
        return as_decimals(self._columns.find_at_risk())

    @property
    def lifetimes(self) -> Decimal:
        """The number of lifetimes, ended or not."""
        return EXACT.add(self.total_ended, self.total_censored)

    @property
    def total_ended(self) -> Decimal:
        """The number of lifetimes that ended."""
        return self._add_up("ended")

    @property
    def total_censored(self) -> Decimal:
        """The number of lifetimes that had not ended when they were last seen."""
        return self._add_up("censored")

    def _add_up(self, name: str) -> Decimal:
        with localcontext(EXACT):
            return Decimal(sum(getattr(self._columns, name)))

    @property
    def median(self) -> Decimal | None:
        """The first time at which at most half of the lifetimes last longer; None if more than half always do.

        Where the curve is exactly one half for a while, this is the beginning of that while. R takes its middle.
        """
        place = self._estimate.find_first(HALF)
        return None if place is None else self._find_time(place)

    def _find_time(self, place: int) -> Decimal:
        """Return the time of a step of the curve."""
        return as_decimals([self._columns.times[self._estimate.places[place]]])[0]

    def _as_time(self, time: object, name: str) -> Decimal:
        if isinstance(time, timedelta):
            a_unit = _columns.microseconds_a_unit(self.unit, None)
            return round_to_finest(WIDE.divide(_clock.microseconds(checks.as_wait(time, name)), a_unit))
        return as_time(time, name)

    def _check_not_empty(self) -> None:
        if not self._columns.times:
            raise InvalidValueError(
                "no_lifetimes",
                "there must be at least one lifetime to estimate a curve",
                advice="check the filter that left none; a record of no lifetimes can still be added",
            )

    def at(self, time: Decimal | float | str | timedelta, /) -> SurvivalStep:
        """Return what the curve says at a time.

        Examples:
            >>> from crmcore import Survival
            >>> survival = Survival.of_durations([3, 3], [True, False])
            >>> survival.at(2).survival, survival.at(3).survival, survival.at(4).survival
            (Decimal('1'), Decimal('0.5'), None)

        Args:
            time: The time >= 0, in the unit of the record. A duration is converted, if that is a day or a week.

        Raises:
            InvalidValueError: There are no lifetimes.
        """
        at = self._as_time(time, "time")
        self._check_not_empty()
        columns, found = self._columns, self._estimate
        after = bisect_right(columns.times, at, key=_as_one)
        is_row = after > 0 and _as_one(columns.times[after - 1]) == at
        row = after - 1 if is_row else after
        at_risk = as_decimals([found.all_at_risk[row]])[0] if row < len(columns.times) else ZERO
        ended, censored = as_decimals([columns.ended[row], columns.censored[row]]) if is_row else (ZERO, ZERO)
        place = bisect_right(found.places, after - 1) - 1
        survival, hazard = ONE, ZERO
        variance: float | None = 0.0
        hazard_variance: float | None = 0.0
        if place >= 0:
            survival, hazard = as_figure(found.find_survival(place)), as_figure(found.hazards[place])
            variance, hazard_variance = found.variances[place], found.hazard_variances[place]
        is_known = row < len(columns.times) or not survival
        return SurvivalStep(
            time=at,
            at_risk=at_risk,
            ended=ended,
            censored=censored,
            survival=survival if is_known else None,
            cumulative_hazard=hazard if is_known else None,
            variance_sum=variance if is_known else None,
            hazard_variance=hazard_variance if is_known else None,
        )

    def share_at(self, time: Decimal | float | str | timedelta, /) -> Decimal | None:
        """Return the share that lasts longer than a time, as `at` does, without the rest; None after the last time.

        Examples:
            >>> from crmcore import Survival
            >>> Survival.of_durations([3, 3], [True, False]).share_at(3)
            Decimal('0.5')

        Args:
            time: The time >= 0, in the unit of the record. A duration is converted, if that is a day or a week.

        Raises:
            InvalidValueError: There are no lifetimes.
        """
        at = self._as_time(time, "time")
        self._check_not_empty()
        found = self._estimate
        after = bisect_right(self._columns.times, at, key=_as_one)
        place = bisect_right(found.places, after - 1) - 1
        share = ONE if place < 0 else as_figure(found.find_survival(place))
        is_known = not share or after < len(self._columns.times) or _as_one(self._columns.times[-1]) == at
        return share if is_known else None

    def steps(self, *, every_time: bool = False) -> tuple[SurvivalStep, ...]:
        """Return the curve: a step for each time at which a lifetime ended.

        Examples:
            >>> from crmcore import Survival
            >>> survival = Survival.of_durations([2, 4, 4, 6], [True, True, False, False])
            >>> [(int(step.time), int(step.at_risk), step.survival) for step in survival.steps()]
            [(2, 4, Decimal('0.75')), (4, 3, Decimal('0.5'))]

        Args:
            every_time: Whether to return a step for the times, too, at which none ended.

        Raises:
            InvalidValueError: There are no lifetimes.
        """
        checks.as_instance(every_time, bool, "every_time")
        self._check_not_empty()
        columns, found = self._columns, self._estimate
        survival = [ONE, *map(as_figure, found.survival)]
        hazards = [ZERO, *map(as_figure, found.hazards)]
        variances = [0.0, *found.variances]
        hazard_variances = [0.0, *found.hazard_variances]
        rows: Sequence[int] = range(len(columns.times)) if every_time else found.places
        numbers = _count_up(columns.ended) if every_time else range(1, len(rows) + 1)
        places = [*numbers]
        return tuple(
            build_records(  # 2.5x over the constructor
                SurvivalStep,
                len(rows),
                [
                    as_decimals(map(columns.times.__getitem__, rows)),
                    as_decimals(map(found.all_at_risk.__getitem__, rows)),
                    as_decimals(map(columns.ended.__getitem__, rows)),
                    as_decimals(map(columns.censored.__getitem__, rows)),
                    map(survival.__getitem__, places),
                    map(hazards.__getitem__, places),
                    map(variances.__getitem__, places),
                    map(hazard_variances.__getitem__, places),
                ],
            )
        )

    def quantile(
        self,
        share: Decimal | int | str | float,
        /,
        *,
        confidence: float = 0.95,
        method: SurvivalBounds = SurvivalBounds.LOG_LOG,
    ) -> SurvivalQuantile:
        """Return the first time at which at most a share of the lifetimes last longer, with its bounds.

        Examples:
            >>> from crmcore import Survival
            >>> survival = Survival.of_durations(range(1, 11))
            >>> survival.quantile("0.9").time, survival.quantile("0.5").time  # a tenth, and half, are gone
            (Decimal('1'), Decimal('5'))

        Args:
            share: The share that lasts longer, from 0 to 1: 0.5 for the median.
            confidence: How often the bounds are meant to contain the true time.
            method: How the bounds of the curve are found, from which those of the time are read.

        Raises:
            InvalidValueError: There are no lifetimes.
        """
        wanted = checks.as_share(share, "share")
        z = find_quantile(confidence)
        checks.as_member(method, SurvivalBounds, "method")
        self._check_not_empty()
        found = self._estimate
        place = found.find_first(wanted)
        level = float(wanted)
        low: int | None = None
        high: int | None = None
        steps = zip(found.survival, found.variances, strict=True)
        for step, (survival, variance) in enumerate(steps):
            bounds = find_bounds(float(survival), variance, z, method)
            if bounds is None:
                break
            if low is None and (bounds[0] <= level or step == place):
                low = step
            if bounds[1] <= level and place is not None and step >= place:
                high = step
                break
        if low is None:
            low = place
        return SurvivalQuantile(
            share=wanted,
            time=None if place is None else self._find_time(place),
            low=None if low is None else self._find_time(low),
            high=None if high is None else self._find_time(high),
            confidence=checks.as_decimal(confidence, "confidence", floats=True),
            method=method,
        )

    def restricted_mean(self, until: Decimal | float | str | timedelta | None = None, /) -> RestrictedMean:
        """Return the mean of the lifetimes, each cut off at a time: the area under the curve up to there.

        Examples:
            >>> from crmcore import Survival
            >>> Survival.of_durations([2, 4, 4, 6], [True, True, False, False]).restricted_mean(6).value
            Decimal('4.5')

        Args:
            until: The time; the longest of the lengths if it is not given. Give the same to every segment that you
                compare.

        Raises:
            InvalidValueError: There are no lifetimes.
        """
        self._check_not_empty()
        last = as_decimals([self._columns.times[-1]])[0]
        end = last if until is None else self._as_time(until, "until")
        found = self._estimate
        times = as_decimals(map(self._columns.times.__getitem__, found.places))
        steps = bisect_right(times, end)
        areas = find_area(times[:steps], found.survival[:steps], end)
        variance = fsum(float(area) ** 2 * rate for area, rate in zip(areas[1:], found.rates, strict=False))
        cautions: tuple[Finding, ...] = ()
        if end > last and not found.falls_to_zero():
            cautions = (
                Finding(
                    rule="mean_beyond_last_time",
                    severity=Severity.WARNING,
                    subject="until",
                    message="no lifetime is known up to this time, so the mean takes the share at the last known time "
                    "to stay as it is, and is too long",
                    advice="give a time that is not after the last known one",
                    evidence=[("until", plain(end)), ("last known time", plain(last))],
                ),
            )
        return RestrictedMean(until=end, value=as_figure(areas[0]), variance=variance, cautions=cautions)

    def conditional(self, time: Decimal | float | str | timedelta, /) -> Self:
        """Return the lifetimes that lasted longer than a time, as they come under observation at that time.

        Its curve is the conditional survival: the share of those who lasted longer than `time` that last longer still.

        Examples:
            >>> from crmcore import Survival
            >>> survival = Survival.of_durations([1, 1, 2, 3, 4], [True, True, True, True, False])
            >>> survival.at(3).survival, survival.conditional(1).at(3).survival  # 0.2 / 0.6
            (Decimal('0.2'), Decimal('0.3333333333333333333333333333333333'))

        Args:
            time: The time that they lasted. Times of the new curve count from the beginning as before.

        Raises:
            InvalidValueError: No lifetime is known to have lasted longer.
        """
        at = self._as_time(time, "time")
        times, ended, censored, entered = (getattr(self, name) for name in _COLUMNS)
        first = bisect_right(times, at)
        if first == len(times):
            raise InvalidValueError(
                "none_lasted_so_long",
                f"time must be before the longest known lifetime, got {show(at)}",
                field="time",
                operands=(at,),
            )
        with localcontext(EXACT):
            there = sum(ended[first:], ZERO) + sum(censored[first:], ZERO) - sum(entered[first:], ZERO)
        evolve: Any = attrs.evolve
        return cast(
            "Self",
            evolve(
                self,
                times=(at, *times[first:]),
                ended=(ZERO, *ended[first:]),
                censored=(ZERO, *censored[first:]),
                entered=(there, *entered[first:]),
            ),
        )

    def life_table(self, width: Decimal | int | str, /) -> tuple[LifeTableInterval, ...]:
        """Return the life table: how many were there, ended and were censored in intervals of one width.

        An interval contains its start and not its end. Where the exact times are known, the curve is more exact.

        Examples:
            >>> from crmcore import Survival
            >>> survival = Survival.of_durations([3, 8, 8, 14, 15], [True, True, False, True, False])
            >>> [(int(row.start), int(row.at_start), round(float(row.survival), 3)) for row in survival.life_table(10)]
            [(0, 5, 0.556), (10, 2, 0.333)]

        Args:
            width: The length of an interval, > 0.

        Raises:
            InvalidValueError: There are no lifetimes, some came under observation late, or there would be more than
                100,000 intervals.
        """
        step = checks.as_positive(width, "width")
        self._check_not_empty()
        if any(self.entered):
            raise InvalidValueError(
                "life_table_of_late_entries",
                "a life table must have lifetimes that are all watched from their beginning",
                advice="read the curve, which counts late entries, with steps()",
            )
        intervals = [int(EXACT.divide_int(time, step)) for time in self.times]
        if intervals[-1] >= _MOST_INTERVALS:
            raise InvalidValueError(
                "too_many_intervals",
                f"width must leave at most {_MOST_INTERVALS:,} intervals, got {show(step)}",
                field="width",
                operands=(step,),
            )
        sums = [[ZERO, ZERO] for _ in range(intervals[-1] + 1)]
        for interval, ended, censored in zip(intervals, self.ended, self.censored, strict=True):
            total = sums[interval]
            total[0], total[1] = EXACT.add(total[0], ended), EXACT.add(total[1], censored)
        there = self.lifetimes
        rows: list[LifeTableInterval] = []
        for place, (ended, censored) in enumerate(sums):
            rows.append(
                LifeTableInterval(
                    start=EXACT.multiply(step, place),
                    end=EXACT.multiply(step, place + 1),
                    at_start=there,
                    ended=ended,
                    censored=censored,
                )
            )
            there = EXACT.subtract(there, EXACT.add(ended, censored))
        return tuple(rows)

    def mean_of_ended(self) -> MeanOfEnded:
        """Return the mean of the lifetimes that have ended, with a caution: it is too short if some still last.

        Examples:
            >>> from crmcore import Survival
            >>> mean = Survival.of_durations([2, 4, 60], [True, True, False]).mean_of_ended()
            >>> mean.value, mean.time_per_end
            (Decimal('3'), Decimal('33'))
        """
        with localcontext(EXACT):
            ended = sum(map(mul, self.times, self.ended), ZERO)
            censored = sum(map(mul, self.times, self.censored), ZERO)
            unseen = sum(map(mul, self.times, self.entered), ZERO)
            at_risk = ended + censored - unseen
        return MeanOfEnded(
            ended=self.total_ended, censored=self.total_censored, time_of_ended=ended, time_at_risk=at_risk
        )

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read the curve."""
        found: list[Finding] = []
        if self.left_out:
            found.append(
                Finding(
                    rule="lifetimes_without_beginning",
                    severity=Severity.WARNING,
                    subject="left_out",
                    message=f"{self.left_out} lifetimes are left out, because their beginning is not known",
                    advice="add the first stage to their histories",
                    evidence=[("left out", self.left_out)],
                )
            )
        estimated = self._estimate
        if estimated.falls_to_zero():
            place = estimated.find_first(ZERO)
            if place is not None and estimated.places[place] < len(self._columns.times) - 1:
                found.append(
                    Finding(
                        rule="risk_set_emptied",
                        severity=Severity.WARNING,
                        subject="entered",
                        message="all that were at risk ended before others came under observation, so the curve falls "
                        "to 0 too early",
                        advice="begin where enough are at risk, with conditional(...)",
                        evidence=[("time", self._find_time(place))],
                    )
                )
        columns = self._columns
        if any(
            count != int(count) for column in (columns.ended, columns.censored, columns.entered) for count in column
        ):
            found.append(
                Finding(
                    rule="fractional_weights",
                    severity=Severity.WARNING,
                    subject="weights",
                    message="some weights are not whole numbers, and the bounds take a weight as a number of lifetimes",
                    advice="read the curve without its bounds",
                )
            )
        return tuple(found)

    def explain(self) -> Explanation:
        """Return the counts, the time for each end and the median, line by line."""
        mean = self.mean_of_ended()
        unit = "" if self.unit is None else f"{self.unit.value}s"
        return Explanation(
            (
                term("total_ended", self.total_ended, "lifetimes"),
                term("total_censored", self.total_censored, "lifetimes"),
                term("lifetimes", self.lifetimes, "lifetimes", "total_ended + total_censored"),
                term("time_at_risk", mean.time_at_risk, unit),
                term("time_per_end", mean.time_per_end, unit, "time_at_risk / total_ended"),
                term("median", self.median, unit),
            ),
            source="Kaplan and Meier 1958, J. Amer. Statist. Assoc. 53:457-481",
            cautions=self.cautions,
        )


class _Reading(NamedTuple):
    """The arguments of a count of spells, not checked."""

    as_of: datetime
    since: datetime | None
    gap_tolerance: timedelta | None
    unit: TimeUnit
    day_count: DayCount | None

    def check(self) -> Spells:
        a_unit = _columns.microseconds_a_unit(self.unit, self.day_count)
        return Spells.of(self.as_of, self.since, self.gap_tolerance, a_unit)


def _as_one(time: object) -> Decimal:
    return as_decimals([time])[0]


def _count_up(ended: Sequence[Any]) -> Iterator[int]:
    """Yield the number of times up to each at which a lifetime ended."""
    number = 0
    for count in ended:
        number += bool(count)
        yield number


def _read_records(lifetimes: Iterable[Lifetime], key: Callable[[Lifetime], _K]) -> tuple[Given, Sequence[_K]]:
    """Return lifetimes as columns, and their keys."""
    table = as_columns(lifetimes, Lifetime, checked=["entered"])
    keys = None if table is None else table.keys_by(key)
    if table is not None and keys is not None:
        size = len(table)
        lengths = [*table.column("length")]
        flags = table.column("ended") if "ended" in table.fields else [True] * size
        entered = [*table.column("entered")] if "entered" in table.fields else None
        weights = [*table.column("weight")] if "weight" in table.fields else None
        if entered is None or not any(start and start >= end for start, end in zip(entered, lengths, strict=True)):
            KeyGuard().check(dict.fromkeys(keys))
            return Given(lengths, flags, entered, weights), keys
    chosen: list[Lifetime] = []
    groups: list[_K] = []
    guard = KeyGuard(groups)
    kind: type | None = None
    for lifetime in iterate_once(lifetimes, Lifetime, "lifetimes"):
        group = key(lifetime)
        if type(group) is not kind:
            kind = guard.admit(group)
        chosen.append(lifetime)
        groups.append(group)
    return read_lifetimes(chosen), groups
