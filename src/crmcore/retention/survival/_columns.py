"""Columns of lifetimes: times in order, and what happened at each of them.

The columns hold whole numbers and floats as they were given, because they sort several times as fast as Decimals.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, localcontext
from itertools import accumulate, compress, islice, repeat
from operator import add, eq, not_, sub
from typing import Any, Final, NamedTuple, cast

from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import EXACT, WIDE, ZERO, round_to_finest
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.primitives.rates import DayCount, TimeUnit

__all__: list[str] = []  # for this package alone

_FINE: Final = 1e-15
_LARGE: Final = 1e15
_LARGE_INT: Final = 10**30


class Columns(NamedTuple):
    """What happened at each time, in order of time. All have the same length.

    Attributes:
        times: Different times, ascending: all int, all float, or all Decimal.
        ended: How many ended at each time.
        censored: How many were last seen at each time, without an end.
        entered: How many came under observation at each time, having lasted so long before.
        differ: Whether it is known that one lifetime ended or was last seen at each time, and none came late.
    """

    times: Sequence[Any]
    ended: Sequence[Any]
    censored: Sequence[Any]
    entered: Sequence[Any]
    differ: bool = False

    def find_at_risk(self) -> Sequence[Any]:
        """Return how many are at risk at each time: those that entered before it and are not gone before it."""
        if self.differ:
            return range(len(self.times), 0, -1)
        with localcontext(EXACT):
            left = [*map(add, self.ended, self.censored)]
            if not any(self.entered):
                return [*accumulate(left, sub, initial=sum(left))][:-1]
            changes = map(sub, self.entered, left)
            return [*accumulate(changes, initial=sum(left) - sum(self.entered))][:-1]


EMPTY: Final = Columns((), (), (), ())


def as_time(value: object, name: str) -> Decimal:
    """Return a time >= 0 as an exact number; a float means its shortest repr, to 40 decimals."""
    result = checks.as_decimal(value, name, floats=True)
    if isinstance(value, float):
        result = round_to_finest(result)
    return checks.as_non_negative(result, name)


def as_decimals(numbers: Iterable[Any]) -> tuple[Decimal, ...]:
    """Return the times or counts of a column as Decimals."""
    given = [*numbers]
    kinds = {*map(type, given)}
    if kinds == {int}:
        if len(known := {*given}) * 2 < len(given):
            table = {number: Decimal(number) for number in known}
            return tuple(map(table.__getitem__, given))
        return tuple(map(Decimal, given))
    return tuple([_as_decimal(number) for number in given])


def _as_decimal(number: Decimal | float) -> Decimal:
    if isinstance(number, float):
        return Decimal(int(number)) if number.is_integer() else Decimal(float.__repr__(number))
    return Decimal(number)


def _as_list(values: Iterable[Any], name: str, kind: str) -> list[Any]:
    """Return the values of a column; a list as it is, because it is only read."""
    return values if type(values) is list else _collect(values, name, kind)  # pyright: ignore[reportUnknownVariableType] - of anything


def _collect(values: Iterable[Any], name: str, kind: str) -> list[Any]:
    return [*checks.end_at_limit(checks.iterate(values, name, kind), values, name)]


def _read_lengths(
    given: list[Any], kinds: set[type], name: str, unit: TimeUnit | None, day_count: DayCount | None
) -> list[Any]:
    """Return the lengths, which have these types, all of one type that can be compared: int, float or Decimal."""
    if kinds == {int} and min(given) >= 0 and max(given) <= _LARGE_INT:
        return given
    if kinds == {float}:
        floats = cast("list[float]", given)
        low = min(floats) or min(filter(None, floats), default=1.0)
        # NaN is not above anything, but min and max may pass over it; a sum does not
        if low >= _FINE and max(floats) <= _LARGE and not math.isnan(sum(floats)):
            return floats
    if kinds and all(issubclass(kind, timedelta) for kind in kinds):
        a_unit = microseconds_a_unit(unit, day_count)
        return [
            round_to_finest(WIDE.divide(_clock.microseconds(checks.as_wait(length, f"{name}[{place}]")), a_unit))
            for place, length in enumerate(given)
        ]
    return [as_time(length, f"{name}[{place}]") for place, length in enumerate(given)]


def microseconds_a_unit(unit: TimeUnit | None, day_count: DayCount | None) -> Decimal:
    """Return the length of a unit of time."""
    if unit is None:
        raise InvalidValueError(
            "durations_without_unit",
            "unit must be given, because a duration has no unit of its own",
            field="unit",
            advice="give unit=TimeUnit.DAY",
        )
    days = checks.as_member(unit, TimeUnit, "unit").number_of(TimeUnit.DAY, day_count=day_count)
    return EXACT.multiply(days, _clock.MICROSECONDS_A_DAY)


def _read_ended(ended: Iterable[object] | None, number: int) -> Sequence[Any]:
    if ended is None:
        return [True] * number
    given = _as_list(ended, "ended", "value")
    check_length("ended", given, number)
    try:
        if {*given} <= {0, 1}:  # 9x over one by one
            return given
    except TypeError:  # a value that cannot be hashed is no flag
        pass
    return [_read_flag(value, place) for place, value in enumerate(given)]


def _read_flag(value: object, place: int) -> bool:
    plain = getattr(value, "item", lambda: value)() if type(value).__name__.startswith("bool") else value
    if not isinstance(plain, bool | int) or plain not in {0, 1}:
        raise WrongTypeError(
            "not_a_flag",
            f"ended must be true or false, got {show(plain)}",
            field="ended",
            record=place,
            advice="give True for an end that was seen, and False for a lifetime that still lasts",
        )
    return bool(plain)


def check_length(name: str, given: Sequence[object], number: int) -> None:
    """Refuse a column that has not as many values as the first."""
    if len(given) != number:
        raise InconsistentCountsError(
            "columns_of_unequal_length",
            f"{name} must have one value for each length, got {len(given):,} for {number:,}",
            field=name,
            operands=(len(given), number),
        )


class Given(NamedTuple):
    """Lifetimes in columns, checked. `entered` and `weights` are None if there are none.

    `counts` has the number of each length, if it is already known.
    """

    lengths: list[Any]
    ended: Sequence[Any]
    entered: list[Any] | None
    weights: list[Any] | None
    counts: Counter[Any] | None = None

    def split(self, keys: Sequence[Any]) -> dict[Any, Given]:
        """Return the lifetimes of each key."""
        places: dict[Any, list[int]] = {}
        for place, key in enumerate(keys):
            places.setdefault(key, []).append(place)
        return {key: self._take(chosen) for key, chosen in places.items()}

    def _take(self, places: list[int]) -> Given:
        lengths, ended, entered, weights, _ = self
        return Given(
            [*map(lengths.__getitem__, places)],
            [*map(ended.__getitem__, places)],
            None if entered is None else [*map(entered.__getitem__, places)],
            None if weights is None else [*map(weights.__getitem__, places)],
        )

    def add_up(self) -> Columns:
        """Count what happened at each time."""
        if self.entered is None and self.weights is None:
            return _count_plain(self.lengths, self.ended, self.counts)
        ended: dict[Any, Any] = {}
        censored: dict[Any, Any] = {}
        entered: dict[Any, Any] = {}
        weights = repeat(1) if self.weights is None else self.weights
        starts = repeat(0) if self.entered is None else self.entered
        with localcontext(EXACT):
            for length, end, start, weight in zip(self.lengths, self.ended, starts, weights, strict=False):
                counts = ended if end else censored
                counts[length] = counts.get(length, 0) + weight
                if start:
                    entered[start] = entered.get(start, 0) + weight
        return _combine(ended, censored, entered)


def read(
    lengths: Iterable[object],
    ended: Iterable[object] | None,
    entered: Iterable[object] | None,
    weights: Iterable[object] | None,
    *,
    unit: TimeUnit | None,
    day_count: DayCount | None,
) -> Given:
    """Check the columns of lifetimes."""
    if day_count is not None:
        checks.as_member(day_count, DayCount, "day_count")
    times = _as_list(lengths, "lengths", "length")
    kinds = {*map(type, times)}
    counts: Counter[Any] | None = None
    if entered is None and weights is None and kinds == {int}:
        counts = Counter(times)  # 1.2x at a million whole days: their bounds are those of the few that differ
    if counts is None or min(counts) < 0 or max(counts) > _LARGE_INT:
        times = _read_lengths(times, kinds, "lengths", unit, day_count)
    flags = _read_ended(ended, len(times))
    starts = heavy = None
    if entered is not None:
        given = _collect(entered, "entered", "time")
        beginning = timedelta(0) if any(isinstance(value, timedelta) for value in given) else 0
        starts = [beginning if value is None else value for value in given]
        check_length("entered", starts, len(times))
        starts = _read_lengths(starts, {*map(type, starts)}, "entered", unit, day_count)
        if {*map(type, starts)} != {*map(type, times)}:
            times, starts = [*as_decimals(times)], [*as_decimals(starts)]
        for place, (start, time) in enumerate(zip(starts, times, strict=True)):
            if start and start >= time:
                raise too_late(start, time, place)
    if weights is not None:
        heavy = _collect(weights, "weights", "weight")
        check_length("weights", heavy, len(times))
        if {*map(type, heavy)} != {int} or min(heavy) < 0 or max(heavy) > _LARGE_INT:
            heavy = [checks.as_non_negative(weight, f"weights[{place}]") for place, weight in enumerate(heavy)]
    return Given(times, flags, starts, heavy, counts)


def too_late(start: object, time: object, place: int | None) -> InconsistentCountsError:
    """Return the error for a lifetime that came under observation when it was over."""
    return InconsistentCountsError(
        "entered_after_its_end",
        f"entered must be before the end of the lifetime, got {show(start)} and {show(time)}",
        field="entered",
        record=place,
        advice="leave out lifetimes that were over before the observation began",
        operands=(start, time),
    )


def _count_plain(lengths: list[Any], flags: Sequence[Any], counts: Mapping[Any, int] | None) -> Columns:
    """Count lifetimes without late entries and weights."""
    if lengths and type(lengths[0]) is not int:
        # Sorted floats need no dict if no two are equal: 1.9x at a million, benchmarks/subjects/surviving.py
        times = sorted(lengths)
        if not any(map(eq, times, islice(times, 1, None))):
            return _mark(times, lengths, flags)
    ended = Counter(compress(lengths, flags))
    censored = Counter(lengths if counts is None else counts)
    censored.subtract(ended)
    return _combine(ended, censored, {})


def _mark(times: list[Any], lengths: list[Any], flags: Sequence[Any]) -> Columns:
    """Return the columns of times that all differ, by where the fewer of those that ended and that did not stand."""
    few_ended = 2 * sum(flags) < len(times)
    few = sorted(compress(lengths, flags if few_ended else map(not_, flags)))
    is_few = bytearray(len(times))
    for place in map(bisect_left, repeat(times), few):  # 4x over a set, because what is looked up is in order
        is_few[place] = 1
    is_many = is_few.translate(bytes([1, 0]).ljust(256))
    ended, censored = (is_few, is_many) if few_ended else (is_many, is_few)
    return Columns(times, ended, censored, bytes(len(times)), differ=True)


def _combine(ended: Mapping[Any, Any], censored: Mapping[Any, Any], entered: Mapping[Any, Any]) -> Columns:
    times = sorted({*ended, *censored, *entered})
    none = repeat(0)
    ends, others, entries = ([*map(counts.get, times, none)] for counts in (ended, censored, entered))
    return Columns(times, ends, others, entries)


def merge(parts: Iterable[Columns]) -> Columns:
    """Add up the columns of disjoint lifetimes. Their times are Decimals."""
    sums: tuple[dict[Any, Any], ...] = ({}, {}, {})
    with localcontext(EXACT):
        for part in parts:
            for total, column in zip(sums, (part.ended, part.censored, part.entered), strict=True):
                for time, count in zip(part.times, column, strict=True):
                    total[time] = total.get(time, ZERO) + count
    return _combine(*sums)
