"""The age of members, and the columns of a table of cohorts."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from operator import add, sub
from typing import Final, Self

import attrs

from crmcore.primitives import checks
from crmcore.primitives._clock import DAY, MICROSECOND
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.periods import UTC, find_local_day, in_utc
from crmcore.primitives.rates import TimeUnit

__all__ = ["AgeRule", "Ages", "Ruler"]

Ages = int | Iterable[int | tuple[int, int]]

_DAYS: Final = {TimeUnit.DAY.value: 1, TimeUnit.WEEK.value: 7}
_MONTHS: Final = {TimeUnit.MONTH.value: 1, TimeUnit.QUARTER.value: 3, TimeUnit.YEAR.value: 12}
_MOST_AGES: Final = 10_000


class AgeRule(StrEnum):
    """How the age of a member at an instant is counted.

    Attributes:
        CALENDAR: By the calendar of a zone: the next date, week from the first date, month, quarter or year.
        ELAPSED: By windows of 24 hours, or of 7 times 24 hours, from the instant of the acquisition on.
    """

    CALENDAR = "calendar"
    ELAPSED = "elapsed"


class _Months(dict[int, int]):
    """The month of each day, both numbered, computed once."""

    def __missing__(self, ordinal: int) -> int:
        day = date.fromordinal(ordinal)
        month = self[ordinal] = day.year * 12 + day.month - 1
        return month


@attrs.frozen
class Ruler:
    """Numbers the days, months or microseconds of a calendar, of which ages are differences.

    The number of an instant is its place. It says the month too, so that quarters and years are counted in months.
    """

    as_of: datetime
    ages: tuple[tuple[int, int], ...]
    step: TimeUnit
    rule: AgeRule
    tz: tzinfo
    months: int
    """The months of a step; 1 if places are not months."""
    length: int
    """The places of a step; 1 if places are months."""
    last: int
    """The first age beyond all columns, which stands for all later ones."""
    _month_of: _Months = attrs.field(factory=_Months, init=False)

    @classmethod
    def of(cls, as_of: datetime, ages: Ages, step: TimeUnit, rule: AgeRule, tz: tzinfo) -> Self:
        """Build it of what the caller gave."""
        unit, how = checks.as_member(step, TimeUnit, "step"), checks.as_member(rule, AgeRule, "age_rule")
        if how is AgeRule.ELAPSED and unit.value not in _DAYS:
            raise InvalidValueError(
                "step_without_fixed_length",
                f"step must be a day or a week if the age is elapsed time, got {unit.value}",
                field="step",
                advice="take AgeRule.CALENDAR",
                operands=(unit.value,),
            )
        columns, days = _read_ages(ages), _DAYS.get(unit.value, 1)
        return cls(
            in_utc(checks.as_instant(as_of, "as_of")),
            columns,
            unit,
            how,
            checks.as_zone(tz),
            months=_MONTHS.get(unit.value, 1),
            length=days * (DAY // MICROSECOND) if how is AgeRule.ELAPSED else days,
            last=max((last for _, last in columns), default=0) + 1,
        )

    @property
    def counts_days(self) -> bool:
        """Whether places are days of the calendar."""
        return self.rule is AgeRule.CALENDAR and self.step.value in _DAYS

    @property
    def is_even(self) -> bool:
        """Whether an age is one place, so that ages are differences of places."""
        return self.rule is AgeRule.CALENDAR and self.months == self.length == 1

    def find_places(self, instants: Sequence[datetime], owners: Iterable[object], name: str) -> list[int]:
        """Return the place of each instant in UTC."""
        if self.rule is AgeRule.ELAPSED:
            return [(at - self.as_of) // MICROSECOND for at in instants]
        if self.tz is not UTC:
            days = [find_local_day(at, self.tz, name, who) for at, who in zip(instants, owners, strict=False)]
            return self.find_places_of_days(days)
        return self.find_places_of_days(map(datetime.toordinal, instants))

    def find_places_of_days(self, days: Iterable[int]) -> list[int]:
        """Return the place of each day of the calendar, given as its ordinal."""
        return [*days] if self.counts_days else [*map(self._month_of.__getitem__, days)]

    def find_place(self, at: datetime, who: object, name: str) -> int:
        """Return the place of an instant in UTC."""
        return self.find_places([at], [who], name)[0]

    def name_month(self, place: int) -> str:
        """Return the month of a place, such as ``2026-03``."""
        if self.rule is AgeRule.ELAPSED:
            at = self.as_of + timedelta(microseconds=place)
            place = find_local_day(at, self.tz, "activity", None)
        month = self._month_of[place] if self.step.value in _DAYS else place
        return f"{month // 12:04}-{month % 12 + 1:02}"

    def age_between(self, begin: int, place: int) -> int:
        """Return the age of a member at a place."""
        return (place // self.months - begin // self.months) // self.length

    def align(
        self, begins: Sequence[int], members: Sequence[int], places: Sequence[int]
    ) -> tuple[list[int], list[int]]:
        """Move the elapsed time of each member so that their ages begin with those of others; no age changes.

        Args:
            begins: The place of the acquisition of each member.
            members: The member of each row.
            places: The place of each row.

        Returns:
            The places that the acquisitions have then, and those of the rows, each where its age begins.
        """
        length = self.length
        starts = [-(-begin // length * length) for begin in begins]
        shifts = [*map(sub, starts, begins)]
        moved = map(add, places, map(shifts.__getitem__, members))
        return starts, [place // length * length for place in moved]

    def mask_ages(self, begin: int, places: Iterable[int]) -> int:
        """Return the ages at which a member was active, a bit for each."""
        mask, length, last, beyond = 0, self.length, self.last, 1 << self.last
        if self.months > 1:
            begin, places = begin // self.months, [place // self.months for place in places]
        for place in places:
            age = (place - begin) // length
            mask |= 1 << age if age < last else beyond
        return mask


def _read_ages(ages: Ages) -> tuple[tuple[int, int], ...]:
    """Return the first and the last age of each column."""
    if isinstance(ages, int):
        return tuple((age, age) for age in range(checks.as_whole(ages, "ages", 0, _MOST_AGES) + 1))
    columns: list[tuple[int, int]] = []
    for place, column in enumerate(checks.iterate_items(ages, "ages")):
        name = f"ages[{place}]"
        bounds = (column, column) if isinstance(column, int) else checks.as_pair(column, name, "two ages")
        first, last = (checks.as_whole(bound, name, 0, _MOST_AGES) for bound in bounds)
        columns.append((first, last))
    return tuple(columns)
