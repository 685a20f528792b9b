"""The age of members at an instant, and the sums of one cohort."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final, Self, TypeVar

import attrs

from crmcore.primitives import checks
from crmcore.primitives._clock import DAY
from crmcore.primitives._decimals import EXACT, ZERO
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.periods import UTC, check_not_after, find_local_day, in_utc
from crmcore.primitives.rates import TimeUnit

__all__ = ["AgeRule", "Ages", "Ruler", "Sums", "are_plain", "read_pairs"]

_I = TypeVar("_I", bound=Id)

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


_PAIRS: Final = "write (purchase.customer_id, purchase.at), or take Cohort.by_purchases for what they spend"


@attrs.frozen
class Ruler:
    """Counts the age of members, and the members of each age."""

    as_of: datetime
    ages: tuple[tuple[int, int], ...]
    step: TimeUnit
    rule: AgeRule
    tz: tzinfo

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
        return cls(in_utc(checks.as_instant(as_of, "as_of")), _read_ages(ages), unit, how, checks.as_zone(tz))

    @property
    def last(self) -> int:
        """The first age beyond all columns, which stands for all later ones."""
        return max((last for _, last in self.ages), default=0) + 1

    def place(self, at: datetime, who: object, name: str) -> int:
        """Return the place of an instant in the calendar, of which ages are differences."""
        if self.rule is AgeRule.ELAPSED:
            return (at - self.as_of) // timedelta.resolution
        if self.step.value in _DAYS:
            return find_local_day(at, self.tz, name, who)
        local = at if at.tzinfo is self.tz else date.fromordinal(find_local_day(at, self.tz, name, who))
        return (local.year * 12 + local.month - 1) // _MONTHS[self.step.value]

    @property
    def length(self) -> int:
        """The length of an age in the places of the calendar."""
        days = _DAYS.get(self.step.value, 1)
        return days * (DAY // timedelta.resolution) if self.rule is AgeRule.ELAPSED else days

    def find_members(
        self, seen: Mapping[Id, Sequence[datetime]], acquired: Mapping[_I, datetime] | None, name: str
    ) -> dict[Id, datetime]:
        """Return when each member was acquired."""
        for who, instants in seen.items():
            check_not_after(self.as_of, max(instants), name, who)
        if acquired is None:
            return {who: min(instants) for who, instants in seen.items()}
        checks.check_mapping(acquired, "acquired", "customers to the instants of their acquisition")
        members: dict[Id, datetime] = {}
        for who, at in acquired.items():
            members[as_id(who, "acquired")] = moment = in_utc(checks.as_instant(at, f"acquired[{show(who)}]"))
            check_not_after(self.as_of, moment, "acquired", who)
        for who in seen:
            if who not in members:
                raise InvalidValueError(
                    "active_but_never_acquired",
                    f"{name} must be of customers in acquired, got {show(who)}",
                    field=name,
                    advice="leave others out, or leave acquired out to take the first activity",
                    operands=(who,),
                    record=who,
                )
        return members

    def mask(self, acquired: datetime, instants: Sequence[datetime], who: object, name: str = "activity") -> int:
        """Return the ages at which a member was active, a bit for each."""
        begin, length, last = self.place(acquired, who, name), self.length, self.last
        mask = 0
        for place in set(self.list_places(instants, who, name)):
            age = (place - begin) // length
            if age < 0:
                raise InvalidValueError(
                    "active_before_acquired",
                    f"{name} must not lie before the acquisition, got {show(min(instants))} and {show(acquired)}",
                    field=name,
                    record=who,
                    operands=(min(instants), acquired),
                )
            mask |= 1 << min(age, last)
        return mask

    def list_places(self, instants: Iterable[datetime], who: object, name: str) -> Iterable[int]:
        """Return the place of each instant."""
        if self.tz is UTC and self.rule is AgeRule.CALENDAR and self.step.value in _MONTHS:
            months = _MONTHS[self.step.value]
            return [(at.year * 12 + at.month - 1) // months for at in instants]  # 3x: benchmarks/subjects/returning.py
        return [self.place(at, who, name) for at in instants]

    def name_month(self, at: datetime) -> str:
        """Return the month of an instant, such as ``2026-03``."""
        local = at.astimezone(self.tz)
        return f"{local.year:04}-{local.month:02}"

    def pay(self, begin: int, bought: Iterable[tuple[datetime, Decimal]], who: object) -> dict[int, Decimal]:
        """Return what a member spent at each age; a refund from before the acquisition counts at age 0."""
        paid: dict[int, Decimal] = {}
        for at, amount in bought:
            age = max((self.place(at, who, "purchases") - begin) // self.length, 0)
            paid[age] = EXACT.add(paid.get(age, ZERO), amount)
        return paid


def are_plain(chunk: list[Any]) -> bool:
    """Return whether all pairs are of a whole number and an instant in UTC: 4x as fast as to read each."""
    if set(map(type, chunk)) != {tuple} or set(map(len, chunk)) != {2}:
        return False
    customer_ids, instants = zip(*chunk, strict=True)
    return (
        set(map(type, customer_ids)) == {int}
        and set(map(type, instants)) == {datetime}
        and set(map(id, map(attrgetter("tzinfo"), instants))) == {id(UTC)}  # a zone of dateutil cannot be hashed
    )


def read_pairs(chunk: list[Any], before: int) -> Iterator[tuple[Id, datetime]]:
    """Yield the pairs of a chunk, each checked; an error counts from the first pair of all."""
    for place, pair in enumerate(chunk, before):
        name = f"activity[{place}]"
        customer_id, at = checks.as_pair(pair, name, "a customer and an instant", advice=_PAIRS)
        yield as_id(customer_id, name), in_utc(checks.as_instant(at, name))


class Sums:
    """The counts of one cohort so far."""

    def __init__(self, columns: int) -> None:
        self.size = 0
        self.observed, self.active, self.later = ([0] * columns for _ in range(3))
        self.spent, self.first = ([ZERO] * columns for _ in range(2))

    def add(self, ages: tuple[tuple[int, int], ...], over: int, mask: int) -> None:
        """Add a member of whose ages so many are over, with the ages at which they were active."""
        self.size += 1
        for column, (first, last) in enumerate(ages):
            if last < over:
                self.observed[column] += 1
                later = mask >> first
                if later:
                    self.later[column] += 1
                    if later & ((2 << (last - first)) - 1):
                        self.active[column] += 1

    def add_revenue(self, ages: tuple[tuple[int, int], ...], over: int, paid: Mapping[int, Decimal]) -> None:
        """Add what such a member spent at each age."""
        for column, (first, last) in enumerate(ages):
            if last < over:
                self.first[column] = EXACT.add(self.first[column], paid.get(0, ZERO))
                for age, amount in paid.items():
                    if first <= age <= last:
                        self.spent[column] = EXACT.add(self.spent[column], amount)


def _read_ages(ages: Ages) -> tuple[tuple[int, int], ...]:
    """Return the first and the last age of each column."""
    if isinstance(ages, int):
        return tuple((age, age) for age in range(checks.as_whole(ages, "ages", 0, _MOST_AGES) + 1))
    columns: list[tuple[int, int]] = []
    for place, column in enumerate(checks.iterate(ages, "ages", "age")):
        name = f"ages[{place}]"
        bounds = (column, column) if isinstance(column, int) else checks.as_pair(column, name, "two ages")
        first, last = (checks.as_whole(bound, name, 0, _MOST_AGES) for bound in bounds)
        columns.append((first, last))
    return tuple(columns)
