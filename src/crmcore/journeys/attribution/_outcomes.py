"""What each way of touchpoints led to."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import repeat
from typing import Final, Self

import attrs

from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.primitives import checks
from crmcore.primitives._decimals import ZERO, ratio
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.money import Money
from crmcore.primitives.tally import Tally, TallyBy, check_counts

__all__ = ["Outcome", "outcomes"]

Way = tuple[Id, ...]
Worth = Money | Callable[[Id | None, datetime], Money]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BREAK: Final = "\n"
"""What stands between words and is no letter of theirs."""

NOTHING: Final = Money(ZERO, "XXX")


def by_size(value: Money) -> Money:
    """Nought is nought in any currency."""
    return value or NOTHING


@attrs.frozen(kw_only=True)
class Outcome(Tally):
    """Adds over disjoint ways: how many led to a conversion, how many to none, and what they brought.

    Examples:
        >>> search = Outcome(conversions=3, nulls=1, value=Money(120, "EUR"))
        >>> search.paths, search.rate
        (4, Decimal('0.75'))
        >>> search + Outcome(nulls=4)
        Outcome(conversions=3, nulls=5, value=Money('120', 'EUR'))

    Attributes:
        conversions: Ways that led to the goal.
        nulls: Ways that led to nothing.
        value: What the conversions brought; nought XXX where nobody said. Nought adds to any currency and equals nought
            in any other.

    Raises:
        CurrencyMismatchError: Two amounts in different currencies were added.
        InconsistentCountsError: Value without a conversion.
        InvalidValueError: A negative number.
        WrongTypeError: A value of the wrong type.
    """

    ratios = ("paths", "rate")

    conversions: int = 0
    nulls: int = 0
    value: Money = attrs.field(default=NOTHING, eq=by_size)

    def __attrs_post_init__(self) -> None:
        check_counts(self, "conversions", "nulls")
        if checks.as_instance(self.value, Money, "value").amount < 0:
            raise InvalidValueError(f"value must be >= 0, got {self.value}", "value", self.value)
        if self.value and not self.conversions:
            raise InconsistentCountsError(
                f"there is no conversion that could have brought {self.value}; count it, or leave the value out",
                self.value,
            )

    def __add__(self, other: Self, /) -> Self:  # pyright: ignore[reportIncompatibleMethodOverride] - Self in both
        if type(other) is not type(self):
            return NotImplemented
        return type(self)(
            conversions=self.conversions + other.conversions,
            nulls=self.nulls + other.nulls,
            value=joined(self.value, other.value),
        )

    @property
    def paths(self) -> int:
        """All of them, whatever they led to."""
        return self.conversions + self.nulls

    @property
    def rate(self) -> Decimal | None:
        """Which share of the ways led to a conversion; None of no ways."""
        return ratio(self.conversions, self.paths)

    def explain(self) -> Explanation:
        """How the rate comes about, line by line."""
        return Explanation(
            (
                term("conversions", self.conversions, "ways"),
                term("nulls", self.nulls, "ways"),
                term("value", self.value),
                term("paths", self.paths, "ways", "conversions + nulls"),
                term("rate", self.rate, "", "conversions / paths"),
            )
        )


def joined(one: Money, other: Money) -> Money:
    """The sum, in which nought takes on the currency of the other."""
    if one.currency != other.currency and not (one and other):
        return one if one or (not other and other.currency == NOTHING.currency) else other
    return one + other


def outcomes(
    journeys: JourneyRecords,
    /,
    goal: Id,
    *,
    channels: Iterable[Id] | None = None,
    first_only: bool = False,
    worth: Worth | None = None,
) -> TallyBy[Way, Outcome]:
    """Count what each way of touchpoints led to.

    A journey is cut at each visit of the goal: the touches since the last one are a way that led to a conversion, and
    what is left at the end is a way that led to none. A conversion with no touch before it stands under the empty way,
    so that nothing is lost.

    Examples:
        >>> from crmcore import instant
        >>> visits = ["search", "email", "purchase", "email", "purchase", "search"]
        >>> log = [("anna", place, instant(f"2026-03-0{day}")) for day, place in enumerate(visits, 1)]
        >>> for way, outcome in outcomes(log, "purchase", worth=Money(40, "EUR")).items():
        ...     print(way, outcome.conversions, outcome.nulls, outcome.value)
        ('search', 'email') 1 0 40 EUR
        ('email',) 1 0 40 EUR
        ('search',) 0 1 0 EUR

    Shards of a log are cut by customer: what is counted of them adds up to what is counted of the whole. Visits of
    unknown customers belong to no journey and do not count.

    Args:
        journeys: What customers did: packed `Journeys`, rows of customer, touchpoint and instant, interactions, or
            journeys.
        goal: The touchpoint whose visit is the conversion.
        channels: The touchpoints that count; all of them where it is left out. The goal stays the goal.
        first_only: Let a journey end with its first conversion, and ignore what comes after it.
        worth: What one conversion brings: an amount for each, or a function of the customer and the instant of the
            conversion, in UTC.

    Raises:
        CurrencyMismatchError: `worth` gives two currencies.
        InvalidValueError: An amount below nought, or an empty id.
        WrongTypeError: A value of the wrong type.
    """
    cut = Cut(journeys, goal, channels=channels, first_only=first_only, worth=worth)
    converted, left = cut.words()
    conversions, nulls = Counter(converted), Counter(left)
    values, each = cut.values(converted)
    alike: dict[tuple[int, int], Outcome] = {}
    ways = [*conversions, *(word for word in nulls if word not in conversions)]
    rows: list[Outcome] = []
    for word in ways:
        key = conversions.get(word, 0), nulls.get(word, 0)
        if word in values:
            outcome = Outcome(conversions=key[0], nulls=key[1], value=values[word])
        elif key in alike:
            outcome = alike[key]
        else:
            alike[key] = outcome = Outcome(conversions=key[0], nulls=key[1], value=each * key[0])
        rows.append(outcome)
    return TallyBy(zip(cut.journeys.decode(ways), rows, strict=True))


class Cut:
    """Journeys to be cut at their goal, and what a conversion is worth."""

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
            _not_negative(worth)
        elif worth is not None:
            checks.check_callable(worth, "worth", "lambda customer_id, at: Money(40, 'EUR'), or an amount of Money")
        self._first_only = checks.as_instance(first_only, bool, "first_only")
        self._worth = worth
        self.journeys = Journeys.of(records)
        letters = self.journeys.letters
        self._goal = letters.pop(goal, _BREAK)
        self._left_out = frozenset[str]() if kept is None else {letters[one] for one in letters.keys() - kept}

    def words(self) -> tuple[list[str], list[str]]:
        """The ways that led to the goal, conversion by conversion, and those that led to nothing."""
        goal, words = self._goal, list(self.journeys.paths)
        if self._left_out and words:
            table = dict.fromkeys(map(ord, self._left_out))
            words = _BREAK.join(words).translate(table).split(_BREAK)
        converted: list[str] = []
        left: list[str] = []
        for word in words:
            if goal not in word:
                left.append(word)
            elif self._first_only:
                converted.append(word.partition(goal)[0])
            else:
                *ways, rest = word.split(goal)
                converted += ways
                left.append(rest)
        return converted, [*filter(None, left)]

    def timed(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """The ways that led to the goal, conversion by conversion, with the time of each letter in microseconds."""
        left_out = self._left_out
        for word, times in zip(self.journeys.paths, self.journeys.times, strict=True):
            start = 0
            for end in self._ends(word):
                way = word[start:end], times[start:end]
                if left_out:
                    kept = [one for one in zip(*way, strict=True) if one[0] not in left_out]
                    way = "".join([letter for letter, _ in kept]), tuple([time for _, time in kept])
                yield way
                start = end + 1

    def values(self, converted: Iterable[str]) -> tuple[dict[str, Money], Money]:
        """What the conversions of each way brought together, and, where that is alike for all, what each brings."""
        if isinstance(self._worth, Money):
            return {}, self._worth
        values: dict[str, Money] = {}
        nothing = NOTHING
        if self._worth is not None:
            for word, money in zip(converted, self._brought(self._worth), strict=True):
                if nothing is NOTHING:
                    nothing = Money.zero(money.currency)
                values[word] = values.get(word, nothing) + money
        return values, nothing

    def worths(self) -> Iterator[Money]:
        """What each conversion brought, conversion by conversion, without end where that is alike for all."""
        if isinstance(self._worth, Money):
            return repeat(self._worth)
        return repeat(NOTHING) if self._worth is None else self._brought(self._worth)

    def _brought(self, worth: Callable[[Id | None, datetime], Money]) -> Iterator[Money]:
        journeys = self.journeys
        for customer_id, word, times in zip(journeys.customer_ids, journeys.paths, journeys.times, strict=True):
            for end in self._ends(word):
                money = worth(customer_id, _EPOCH + timedelta(microseconds=times[end]))
                yield _not_negative(checks.as_instance(money, Money, "what worth gives"))

    def _ends(self, word: str) -> list[int]:
        """Where the goal stands in a journey."""
        ends = [place for place, letter in enumerate(word) if letter == self._goal] if self._goal in word else []
        return ends[:1] if self._first_only else ends


def _not_negative(money: Money) -> Money:
    if money.amount < 0:
        raise InvalidValueError(
            f"a conversion must bring nought or more, got {money}; count what it costs elsewhere", money
        )
    return money
