"""Which paths lead to a goal, and what each path led to."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import repeat
from typing import Final, Self

import attrs

from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.primitives import _clock, checks, money
from crmcore.primitives._decimals import ZERO, ratio
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.money import Money
from crmcore.primitives.tally import Tally, TallyBy, check_counts

__all__ = ["Outcome", "outcomes"]

Path = tuple[Id, ...]
Worth = Money | Callable[[Id | None, datetime], Money]

_BREAK: Final = "\n"
"""A character between paths that is not a letter of any path."""

NO_VALUE: Final = Money(ZERO, "XXX")


def as_comparable(value: Money) -> Money:
    """Return the money by which values compare: zero is equal in all currencies."""
    return value or NO_VALUE


@attrs.frozen(kw_only=True)
class Outcome(Tally):
    """Number of paths with and without a conversion, and their value. Records of disjoint paths can be added.

    Examples:
        >>> from crmcore import Money, Outcome
        >>> search = Outcome(conversions=3, nulls=1, value=Money(120, "EUR"))
        >>> search.paths, search.rate
        (4, Decimal('0.75'))
        >>> search + Outcome(nulls=4)
        Outcome(conversions=3, nulls=5, value=Money('120', 'EUR'))

    Attributes:
        conversions: Paths that led to the goal.
        nulls: Paths that did not.
        value: What the conversions brought, >= 0; 0 XXX if no worth was given. Zero adds to any currency, and is equal
            in all currencies.

    Raises:
        CurrencyMismatchError: Two amounts in different currencies were added.
        InconsistentCountsError: A value without a conversion.
    """

    ratios = ("paths", "rate")

    conversions: int = 0
    nulls: int = 0
    value: Money = attrs.field(default=NO_VALUE, eq=as_comparable)

    def __attrs_post_init__(self) -> None:
        check_counts(self, "conversions", "nulls")
        money.as_non_negative(self.value, "value")
        if self.value and not self.conversions:
            raise InconsistentCountsError(
                f"value must be 0 if there are no conversions, got {self.value}; count them, or leave the value out",
                self.value,
            )

    def __add__(self, other: Self, /) -> Self:  # pyright: ignore[reportIncompatibleMethodOverride] - Self in both
        if type(other) is not type(self):
            return NotImplemented
        return type(self)(
            conversions=self.conversions + other.conversions,
            nulls=self.nulls + other.nulls,
            value=add_value(self.value, other.value),
        )

    @property
    def paths(self) -> int:
        """All paths, whatever they led to."""
        return self.conversions + self.nulls

    @property
    def rate(self) -> Decimal | None:
        """The share of the paths that led to a conversion; None if there are no paths."""
        return ratio(self.conversions, self.paths)

    def explain(self) -> Explanation:
        """Explain the rate, line by line."""
        return Explanation(
            (
                term("conversions", self.conversions, "paths"),
                term("nulls", self.nulls, "paths"),
                term("value", self.value),
                term("paths", self.paths, "paths", "conversions + nulls"),
                term("rate", self.rate, "", "conversions / paths"),
            )
        )


def add_value(one: Money, other: Money) -> Money:
    """Add two amounts, of which one that is zero takes the currency of the other."""
    if one.currency != other.currency and not (one and other):
        return one if one or (not other and other.currency == NO_VALUE.currency) else other
    return one + other


def outcomes(
    journeys: JourneyRecords,
    /,
    goal: Id,
    *,
    channels: Iterable[Id] | None = None,
    first_only: bool = False,
    worth: Worth | None = None,
) -> TallyBy[Path, Outcome]:
    """Count what each path of touchpoints led to.

    A journey is cut at each visit of the goal. The touches since the visit before are a path that led to a conversion;
    the touches after the last visit are a path that did not. A conversion without a touch before it is counted under
    the empty path, so that every conversion is counted.

    Examples:
        >>> from crmcore import Money, attribution, instant
        >>> visits = ["search", "email", "purchase", "email", "purchase", "search"]
        >>> log = [("anna", touchpoint, instant(f"2026-03-0{day}")) for day, touchpoint in enumerate(visits, 1)]
        >>> for path, outcome in attribution.outcomes(log, "purchase", worth=Money(40, "EUR")).items():
        ...     print(path, outcome.conversions, outcome.nulls, outcome.value)
        ('search', 'email') 1 0 40 EUR
        ('email',) 1 0 40 EUR
        ('search',) 0 1 0 EUR

    If you split a log by customer, the counts of the parts add up to the counts of the whole log. Visits of unknown
    customers do not belong to a journey and are not counted.

    Args:
        journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.
        goal: The touchpoint whose visit is the conversion.
        channels: The touchpoints that count; by default all. The goal stays the goal.
        first_only: Whether a journey ends with its first conversion, so that what comes after it is ignored.
        worth: What one conversion brings: an amount for each, or a function of the customer and the instant of the
            conversion, in UTC.

    Raises:
        CurrencyMismatchError: `worth` gives two currencies.
        InvalidValueError: `worth` gives a negative amount.
    """
    cutter = Cutter(journeys, goal, channels=channels, first_only=first_only, worth=worth)
    converted, unconverted = cutter.cut()
    conversions, nulls = Counter(converted), Counter(unconverted)
    values, each = cutter.find_values(converted)
    paths = [*conversions, *(path for path in nulls if path not in conversions)]
    shared: dict[tuple[int, int], Outcome] = {}  # many paths have the same counts, and share one Outcome: 4x
    rows: list[Outcome] = []
    for path in paths:
        counts = conversions.get(path, 0), nulls.get(path, 0)
        if path in values:
            outcome = Outcome(conversions=counts[0], nulls=counts[1], value=values[path])
        elif counts in shared:
            outcome = shared[counts]
        else:
            shared[counts] = outcome = Outcome(conversions=counts[0], nulls=counts[1], value=each * counts[0])
        rows.append(outcome)
    return TallyBy(zip(cutter.journeys.decode(paths), rows, strict=True))


class Cutter:
    """Cuts journeys at their goal, and knows what a conversion is worth."""

    def __init__(
        self,
        records: JourneyRecords,
        goal: Id,
        *,
        channels: Iterable[Id] | None,
        first_only: bool,
        worth: Worth | None,
    ) -> None:
        check_id(goal, "goal", required=True)
        kept = None if channels is None else frozenset(checks.iterate(channels, "channels", "touchpoint"))
        for channel in kept or ():
            check_id(channel, "each of channels", required=True)
        if isinstance(worth, Money):
            _as_worth(worth)
        elif worth is not None:
            checks.check_callable(worth, "worth", "lambda customer_id, at: Money(40, 'EUR'), or an amount of Money")
        self._first_only = checks.as_instance(first_only, bool, "first_only")
        self._worth = worth
        self.journeys = Journeys.of(records)
        letters = self.journeys.letters
        self._goal = letters.pop(goal, _BREAK)
        self._left_out = frozenset[str]() if kept is None else {letters[id_] for id_ in letters.keys() - kept}

    def cut(self) -> tuple[list[str], list[str]]:
        """Return the paths that led to the goal, conversion by conversion, and those that did not."""
        goal, journeys = self._goal, list(self.journeys.paths)
        if self._left_out and journeys:
            table = dict.fromkeys(map(ord, self._left_out))
            journeys = _BREAK.join(journeys).translate(table).split(_BREAK)
        converted: list[str] = []
        unconverted: list[str] = []
        for journey in journeys:
            if goal not in journey:
                unconverted.append(journey)
            elif self._first_only:
                converted.append(journey.partition(goal)[0])
            else:
                *paths, rest = journey.split(goal)
                converted += paths
                unconverted.append(rest)
        return converted, [*filter(None, unconverted)]

    def cut_with_times(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield the paths that led to the goal, conversion by conversion, each with the times of its letters."""
        left_out = self._left_out
        for journey, times in zip(self.journeys.paths, self.journeys.times, strict=True):
            start = 0
            for end in self._find_goals(journey):
                path, path_times = journey[start:end], times[start:end]
                if left_out:
                    kept = [visit for visit in zip(path, path_times, strict=True) if visit[0] not in left_out]
                    path, path_times = "".join([letter for letter, _ in kept]), tuple([time for _, time in kept])
                yield path, path_times
                start = end + 1

    def find_values(self, converted: Iterable[str]) -> tuple[dict[str, Money], Money]:
        """Return what the conversions of each path brought in total, and what each brings if that is the same."""
        if isinstance(self._worth, Money):
            return {}, self._worth
        values: dict[str, Money] = {}
        zero = NO_VALUE
        if self._worth is not None:
            for path, value in zip(converted, self._ask_worth(self._worth), strict=True):
                if zero is NO_VALUE:
                    zero = Money.zero(value.currency)
                values[path] = values.get(path, zero) + value
        return values, zero

    def find_worths(self) -> Iterator[Money]:
        """Yield what each conversion brought; without end if that is the same for all."""
        if isinstance(self._worth, Money):
            return repeat(self._worth)
        return repeat(NO_VALUE) if self._worth is None else self._ask_worth(self._worth)

    def _ask_worth(self, worth: Callable[[Id | None, datetime], Money]) -> Iterator[Money]:
        log = self.journeys
        for customer_id, path, times in zip(log.customer_ids, log.paths, log.times, strict=True):
            for position in self._find_goals(path):
                yield _as_worth(worth(customer_id, _clock.from_epoch(times[position])))

    def _find_goals(self, path: str) -> list[int]:
        """Return the positions of the goal in a journey."""
        if self._goal not in path:
            return []
        positions = [position for position, letter in enumerate(path) if letter == self._goal]
        return positions[:1] if self._first_only else positions


def _as_worth(value: object) -> Money:
    worth = checks.as_instance(value, Money, "what worth gives")
    if worth.amount < 0:
        raise InvalidValueError(
            f"a conversion must bring an amount >= 0, got {worth}; count what it costs elsewhere", worth
        )
    return worth
