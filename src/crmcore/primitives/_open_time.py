"""Open time as whole microseconds since 1970 in UTC: what the methods of `OpeningHours` count with.

A week with a holiday, an exception or a change of the clocks is worked out from its windows. All other weeks are the
same. Twenty-seven weeks make a block, with prefix sums, in which an instant is found by bisection. A block is built
when it is first asked for; of the blocks between two instants only the open time is computed.

The calendar repeats every 400 years, which are 773 blocks. Before the first year and from the last year in which a zone
may follow a table and not a rule, blocks without holidays and exceptions repeat too, and are computed once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

import attrs

from crmcore.primitives import _clock, checks
from crmcore.primitives._zones import find_instant, find_offset

Window = tuple[int, int]
"""When a window opens and closes, in seconds of the day on which it opens."""
Span = tuple[int, int]
"""The first instant of a span, and the first one after it."""

DAY: Final = _clock.SECONDS_A_DAY
_WEEK: Final = 7 * _clock.MICROSECONDS_A_DAY
_BLOCK: Final = 27
_CYCLE: Final = 773
"""The blocks of 400 years, which are 20,871 weeks."""
_MOST_BLOCKS: Final = 256
"""More are not kept: at 14 windows a week a block takes 50 kB, and 256 blocks are 132 years."""
_PASSED: Final = [timedelta(days=days) for days in range(7 * (_BLOCK + 1) + 1)]
_LAST: Final = date.max.toordinal() // 7 // _BLOCK
"""The number of the last block."""
_RULED_FROM: Final = date(2100, 1, 1).toordinal() // 7
"""The week from which a zone has no table of changes, but a rule, which does not change the clocks back in a week."""
_RULED_UNTIL: Final = date(1800, 1, 1).toordinal() // 7
"""The week until which a zone has no table of changes: local mean time, or a rule."""
_LATE: Final = _RULED_FROM // _BLOCK + 2
"""The first of 773 blocks that all later ones repeat."""
_EARLY: Final = _RULED_UNTIL // _BLOCK - 1
"""The first block that is none of the 773 ones that all earlier ones repeat."""
_FIRST_DAY: Final = 3
_LAST_DAY: Final = date.max.toordinal() - 2
"""The days from which offsets are read; a zone fails nearer to the ends of the calendar, and has no changes there."""
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_REACH: Final = 3
"""The days on which a window can lie that opens on one of them: it runs over midnight, and a zone may skip a day."""


def _second_of(wall: str) -> int:
    """Return the second of the day of a wall time, such as ``09:30`` or ``24:00``."""
    hours, minutes, *seconds = map(int, wall.split(":"))
    return 3600 * hours + 60 * minutes + sum(seconds)


def read_windows(windows: Iterable[tuple[str, str]]) -> list[Window]:
    """Return windows in seconds. A window that does not close after it opens runs into the next day."""
    pairs = [(_second_of(opens), _second_of(closes)) for opens, closes in windows]
    return [(opens, closes if closes > opens else closes + DAY) for opens, closes in pairs]


def _is_ruled(kind: type) -> bool:
    """Return whether zones of a class are known to have a table or a rule: those of zoneinfo and of dateutil."""
    return checks.follows_pep_495(kind) or kind.__module__.startswith("dateutil.")


def _find_alike(number: int) -> int:
    """Return the number of the block that one repeats, if neither has a holiday or an exception."""
    if _LATE <= number < _LAST:
        return _LATE + (number - _LATE) % _CYCLE
    if 1 < number < _EARLY:
        return _EARLY - 1 - (_EARLY - 1 - number) % _CYCLE
    return number


def _midnight(day: int) -> datetime:
    """Return the midnight of a date; near the ends of the calendar that of the last one with a known offset."""
    return datetime.fromordinal(min(max(day, _FIRST_DAY), _LAST_DAY))


def _unite(spans: Iterable[Span]) -> list[Span]:
    """Return the spans of time that lie in any of the given ones, in order."""
    united: list[Span] = []
    for start, end in sorted(spans):
        if united and start <= united[-1][1]:
            united[-1] = united[-1][0], max(united[-1][1], end)
        else:
            united.append((start, end))
    return united


def _subtract(spans: Iterable[Span], closed: Sequence[Span]) -> Iterator[Span]:
    """Yield what is left of spans in order without the closed ones, which are in order too."""
    for first, end in spans:
        start = first
        for shut, opened in closed:
            if start < (stop := min(shut, end)):
                yield start, stop
            start = max(start, opened)
        if start < end:
            yield start, end


class _Week(NamedTuple):
    """A week of the calendar.

    Attributes:
        number: Its number from the first week of the calendar on.
        first: Its first instant.
        end: The first instant after it.
        is_steady: Whether the clocks change neither in it nor in the week before, whose last windows may reach into
            it.
        is_usual: Whether all its windows are those of any week: it is steady, and no date of it stands apart.
    """

    number: int
    first: int
    end: int
    is_steady: bool
    is_usual: bool


@attrs.frozen(eq=False)
class _Block:
    """The open time of some weeks.

    Attributes:
        number: Its number from the first week of the calendar on.
        first: The first instant of the weeks.
        end: The first instant after them.
        starts: When each span of open time begins.
        ends: When it ends.
        before: The open time of the block before each span, and at last that of the block.
    """

    number: int
    first: int
    end: int
    starts: list[int]
    ends: list[int]
    before: list[int]

    def count_until(self, at: int) -> int:
        """Return the open time from the start of the block until an instant in it."""
        place = bisect_right(self.starts, at)
        if not place:
            return 0
        end = self.ends[place - 1]
        return self.before[place] if at >= end else self.before[place] - (end - at)

    def find_open(self, at: int) -> int | None:
        """Return the first open instant of the block that is not before an instant, or None."""
        place = bisect_right(self.ends, at)
        return max(at, self.starts[place]) if place < len(self.starts) else None

    def find_due(self, needed: int) -> int:
        """Return the first instant by which so much of the open time of the block has passed."""
        place = bisect_left(self.before, needed) - 1
        return self.starts[place] + (needed - self.before[place])


class OpenTime:
    """The open time of a calendar.

    Args:
        zone: The zone of the wall times.
        week: The windows of each day of a week, from Monday on.
        holidays: The days that are closed from midnight to midnight.
        exceptions: The windows of days that have others than their day of the week.
    """

    __slots__ = (
        *("_blocks", "_exceptions", "_follows", "_holidays", "_irregular", "_is_ruled", "_marked"),
        *("_totals", "_usual", "_week", "_zone"),
    )

    def __init__(
        self,
        zone: tzinfo,
        week: Sequence[Sequence[Window]],
        holidays: Iterable[date],
        exceptions: Mapping[date, Sequence[Window]],
    ) -> None:
        self._zone = zone
        self._follows = checks.follows_pep_495(type(zone))
        self._is_ruled = _is_ruled(type(zone))
        self._week = week
        self._holidays = {day.toordinal() for day in holidays}
        self._exceptions = {day.toordinal(): windows for day, windows in exceptions.items()}
        special = self._holidays | self._exceptions.keys()
        self._irregular = {(day + shift - 1) // 7 for day in special for shift in range(_REACH + 1)}
        self._marked = {number // _BLOCK for number in self._irregular}
        self._usual = _unite(self._list_usual())
        # Filled as they are asked for. Two threads that ask at once compute the same.
        self._blocks: dict[int, _Block] = {}
        self._totals: dict[int, int] = {}

    def _list_usual(self) -> Iterator[Span]:
        """Yield the windows of a week without changes, from its start; what runs over its end is at its start."""
        for day, windows in enumerate(self._week):
            for opens, closes in windows:
                start, end = ((day * DAY + second) * _clock.MICROSECONDS_A_SECOND for second in (opens, closes))
                yield start, min(end, _WEEK)
                if end > _WEEK:
                    yield 0, end - _WEEK

    def count(self, start: int, end: int) -> int:
        """Return the open time between two instants, negative if the second is the earlier one."""
        if start > end:
            return -self.count(end, start)
        first = self._find_block(start)
        if end < first.end:
            return first.count_until(end) - first.count_until(start)
        last = self._find_block(end)
        between = sum(map(self._total, range(first.number + 1, last.number)))
        return first.before[-1] - first.count_until(start) + between + last.count_until(end)

    def find_due(self, start: int, amount: int) -> int | None:
        """Return the first instant by which so much open time, > 0, has passed, or None if it never has."""
        block = self._find_block(start)
        needed = block.count_until(start) + amount
        if needed <= block.before[-1]:
            return block.find_due(needed)
        needed -= block.before[-1]
        for number in range(block.number + 1, _LAST + 1):
            total = self._total(number)
            if needed <= total:
                return self._block(number).find_due(needed)
            needed -= total
        return None

    def find_open(self, at: int) -> int | None:
        """Return the first open instant that is not before an instant, or None."""
        block = self._find_block(at)
        found = block.find_open(at)
        if found is not None:
            return found
        later = range(block.number + 1, _LAST + 1)
        number = next((number for number in later if self._total(number)), None)
        return None if number is None else self._block(number).starts[0]

    def is_open(self, at: int) -> bool:
        """Return whether an instant is open."""
        return self._find_block(at).find_open(at) == at

    def _find_block(self, at: int) -> _Block:
        """Return the block of an instant. The division is right for UTC, but a zone may be across a border."""
        number = (at // _clock.MICROSECONDS_A_DAY + _EPOCH_DAY - 1) // (7 * _BLOCK)
        block = self._block(number)
        if at < block.first:
            return self._block(number - 1)
        return block if at < block.end else self._block(number + 1)

    def _block(self, number: int) -> _Block:
        block = self._blocks.get(number)
        if block is None:
            block = self._build(number)
            if len(self._blocks) >= _MOST_BLOCKS:
                self._blocks.clear()
            self._blocks[number] = block
        return block

    def _build(self, number: int) -> _Block:
        weeks = [*self._walk(number)]
        spans = [span for week in weeks for span in self._list_spans(week)]
        before = [0, *accumulate(end - start for start, end in spans)]
        starts, ends = [start for start, _ in spans], [end for _, end in spans]
        return _Block(number, weeks[0].first, weeks[-1].end, starts, ends, before)

    def _total(self, number: int) -> int:
        """Return the open time of a block, without building it."""
        if number not in self._marked:
            if not self._usual:
                return 0
            alike = _find_alike(number)
            number = number if alike in self._marked else alike
        total = self._totals.get(number)
        if total is None:
            weeks = range(number * _BLOCK, (number + 1) * _BLOCK)
            changes = self._list_changes(weeks)
            others = [
                (week, not (changes[place - 1] or changes[place]))
                for place, week in enumerate(weeks, 1)
                if changes[place - 1] or changes[place] or week in self._irregular
            ]
            total = sum(end - start for start, end in self._usual) * (_BLOCK - len(others))
            for week, is_steady in others:
                first = self._start(week)
                end = first + _WEEK if is_steady else self._start(week + 1)
                spans = self._work_out(_Week(week, first, end, is_steady, is_usual=False))
                total += sum(end - start for start, end in spans)
            self._totals[number] = total
        return total

    def _walk(self, number: int) -> Iterator[_Week]:
        """Yield the weeks of a block."""
        weeks = range(number * _BLOCK, (number + 1) * _BLOCK)
        changes = self._list_changes(weeks)
        first = self._start(weeks.start)
        for place, week in enumerate(weeks, 1):
            end = self._start(week + 1) if changes[place] else first + _WEEK
            is_steady = not changes[place - 1] and not changes[place]
            yield _Week(week, first, end, is_steady, is_usual=is_steady and week not in self._irregular)
            first = end

    def _list_changes(self, weeks: range) -> list[bool]:
        """Return of the week before and of each week whether the clocks change in it."""
        if type(self._zone) is timezone:
            return [False] * (len(weeks) + 1)
        days = range(7 * weeks.start - 6, 7 * weeks.stop + 2)  # from the Monday of the week before
        is_far = weeks.start > _RULED_FROM or weeks.stop < _RULED_UNTIL
        if self._is_ruled and is_far and days[0] >= _FIRST_DAY and days[-1] <= _LAST_DAY:
            first = _midnight(days[0]).replace(tzinfo=self._zone)
            offsets = [find_offset(first + passed, "zone") for passed in _PASSED[::7]]
            return [before != after for before, after in pairwise(offsets)]
        offsets = self._list_offsets(days)
        return [offsets[place : place + 8].count(offsets[place]) < 8 for place in range(0, len(offsets) - 1, 7)]

    def _list_offsets(self, days: range) -> list[timedelta | None]:
        """Return how far each midnight is from UTC.

        They tell of every change of the clocks, because no zone changes them and changes them back within a day.
        """
        if days[0] < _FIRST_DAY or days[-1] > _LAST_DAY:
            return [find_offset(_midnight(day).replace(tzinfo=self._zone), "zone") for day in days]
        first = _midnight(days[0]).replace(tzinfo=self._zone)
        if not self._follows:
            return [find_offset(first + passed, "zone") for passed in _PASSED]
        return [(first + passed).utcoffset() for passed in _PASSED]  # 10x as fast: benchmarks/subjects/opening.py

    def _list_spans(self, week: _Week) -> list[Span]:
        """Return the open time of one week."""
        if week.is_usual:
            return [(week.first + opens, week.first + closes) for opens, closes in self._usual]
        return [*self._work_out(week)]

    def _work_out(self, week: _Week) -> Iterator[Span]:
        """Yield the open time of a week with changes, from its windows one by one."""
        monday = 7 * week.number + 1
        days = range(monday - _REACH, monday + 7)

        def count(day: int, second: int) -> int:  # asks the zone nothing: 5x as fast, 48x in a zone of dateutil
            return week.first + ((day - monday) * DAY + second) * _clock.MICROSECONDS_A_SECOND

        find = count if week.is_steady else self._instant
        spans = (
            (max(find(day, opens), week.first), min(find(day, closes), week.end))
            for day in days
            for opens, closes in self._exceptions.get(day, self._week[(day - 1) % 7])
        )
        closed = [(find(day, 0), find(day + 1, 0)) for day in days if day in self._holidays]
        return _subtract(_unite((start, stop) for start, stop in spans if start < stop), closed)

    def _start(self, week: int) -> int:
        return self._instant(7 * week + 1, 0)

    def _instant(self, day: int, second: int) -> int:
        """Return the instant of a wall time, by the rule for skipped and repeated ones.

        Args:
            day: The ordinal of the date.
            second: The second of the day; it may lie on the next day.
        """
        days, second = divmod(second, DAY)
        day += days
        wall = _midnight(day) + timedelta(seconds=second)
        since = (day - _EPOCH_DAY) * _clock.MICROSECONDS_A_DAY + second * _clock.MICROSECONDS_A_SECOND
        return since - self._offset(wall) // _clock.MICROSECOND

    def _offset(self, wall: datetime) -> timedelta:
        """Return how far the wall time lies ahead of its instant in UTC."""
        if self._follows:  # the first offset of PEP 495 is the rule itself: 5x as fast
            return wall.replace(tzinfo=self._zone).utcoffset() or _clock.NO_TIME
        there = find_instant(wall.replace(tzinfo=self._zone), "zone") or wall.replace(tzinfo=UTC)
        return wall.replace(tzinfo=UTC) - there.astimezone(UTC)
