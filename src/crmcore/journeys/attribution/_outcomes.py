"""Which paths lead to a goal, and what each path led to."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain, repeat
from typing import Any, Final, cast

import attrs

from crmcore.journeys._names import build_caution, check_spelling
from crmcore.journeys._open import check_known, check_open, read_window
from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.primitives import _clock, checks, money
from crmcore.primitives._decimals import ZERO, ratio
from crmcore.primitives._nearest import find_nearest, sort_key
from crmcore.primitives.checks import describe
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding
from crmcore.primitives.ids import Id, as_id, as_ids
from crmcore.primitives.money import Money, same_currency
from crmcore.primitives.periods import by_utc
from crmcore.primitives.record import several
from crmcore.primitives.tally import POLICY, Tally, TallyBy

__all__ = ["Outcome", "outcomes"]

Path = tuple[Id, ...]
Worth = Money | Callable[[Id | None, datetime], Money]

_BREAK: Final = "\n"
"""A character between paths that is not a letter of any path."""

NO_VALUE: Final = Money(ZERO, "XXX")
_set: Final = object.__setattr__


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
        goal: The touchpoint whose visit is the conversion; None if it is not said.
        channels: The touchpoints that count; None for all.
        first_only: Whether a journey ends with its first conversion.
        within: How long before the conversion a touch still counts; None sets no limit.
        channel_within: The touchpoints that have a window of their own instead of `within`, each with it.
        as_of: The instant up to which all visits are known; None if no path counts as open.
        open: Paths without a conversion that have a touch less than its window before `as_of`: a conversion may yet
            follow of which it would be part.

    Raises:
        CurrencyMismatchError: Two amounts in different currencies were added.
        InconsistentCountsError: A value without a conversion.
        InvalidValueError: A touchpoint that has two windows.
        PolicyMismatchError: Two outcomes of different goals, channels, windows or `first_only` were added.
    """

    ratios = ("paths", "rate")
    common = ("goal", "channels", "first_only", "within", "channel_within", "as_of")

    conversions: int = 0
    nulls: int = 0
    value: Money = attrs.field(default=NO_VALUE, eq=as_comparable)
    goal: Id | None = attrs.field(default=None, metadata=POLICY, repr=False)
    channels: frozenset[Id] | None = attrs.field(default=None, metadata=POLICY, repr=False)
    first_only: bool = attrs.field(default=False, metadata=POLICY, repr=False)
    within: timedelta | None = attrs.field(default=None, metadata=POLICY, repr=False)
    channel_within: tuple[tuple[Id, timedelta], ...] = attrs.field(
        default=(), converter=several, metadata=POLICY, repr=False
    )
    as_of: datetime | None = attrs.field(default=None, eq=by_utc, metadata=POLICY, repr=False)
    open: int = attrs.field(default=0, repr=False)

    def _check(self) -> None:
        super()._check()
        if self.as_of is not None or self.open:
            check_open(self.open, read_window(self.within, self.as_of, alone=True)[1])
        checks.check_unique([id_ for id_, _ in self.channel_within], "channel_within", "a touchpoint")
        checks.set_field(self, "channel_within", tuple(sorted(self.channel_within, key=lambda pair: sort_key(pair[0]))))
        money.as_non_negative(self.value, "value")
        if self.value and not self.conversions:
            raise InconsistentCountsError(
                "value_without_a_conversion",
                f"value must be 0 if there are no conversions, got {self.value}",
                field="value",
                advice="count them, or leave the value out",
                operands=(self.value,),
            )

    @classmethod
    def _add_values(cls, name: str, one: Any, other: Any) -> Any:  # noqa: ANN401 - a count of any type
        return add_value(one, other) if name == "value" else super()._add_values(name, one, other)

    @classmethod
    def _list_cautions(cls, rows: Mapping[Any, Any]) -> tuple[Finding, ...]:
        first = next(iter(rows.values()))
        touchpoints = frozenset[Id](chain.from_iterable(rows))
        converted = any(outcome.conversions for outcome in rows.values())
        return build_cautions(first, touchpoints, touchpoints, converted=converted)

    @property
    def paths(self) -> int:
        """All paths, whatever they led to, but those that are open."""
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
                *([] if self.as_of is None else [term("open", self.open, "paths")]),
            )
        )


def build_cautions(
    policies: Outcome, touched: Collection[Id], known: Collection[Id], *, converted: bool
) -> tuple[Finding, ...]:
    """Build the cautions about names that nothing matches.

    Args:
        policies: An outcome with the goal, the channels and the windows.
        touched: The touchpoints of the paths.
        known: The touchpoints among which to look for the nearest.
        converted: Whether a path led to the goal.
    """
    goal, channels = policies.goal, policies.channels
    named = {*(channels or ())} - {goal} | {channel for channel, _ in policies.channel_within}
    cautions: list[Finding] = []
    if goal is not None and not converted:
        message = "no visit has this goal, so no path led to it"
        cautions.append(build_caution("goal_not_visited", goal, message, find_nearest(goal, known)))
    others = [touchpoint_id for touchpoint_id in known if touchpoint_id not in named]
    for channel in sorted(named.difference(touched), key=str):
        near = find_nearest(channel, others)
        cautions.append(build_caution("channel_not_visited", channel, "no path has this channel", near))
    return tuple(cautions)


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
    within: timedelta | None = None,
    channel_within: Mapping[Any, timedelta] | None = None,
    as_of: datetime | None = None,
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

    With `within`, only touches at most that long before a conversion belong to its path; a touch exactly that long
    before it does. `channel_within` gives a touchpoint a window of its own, longer or shorter, instead of `within`. A
    touch that is outside its window is in no path, because the conversion ends the path it was in.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import attribution, instant
        >>> days = {"mail": 1, "ad": 20, "purchase": 31}
        >>> log = [("anna", place, instant("2026-03-01") + timedelta(days=day)) for place, day in days.items()]
        >>> month, week = timedelta(days=30), timedelta(days=7)
        >>> [*attribution.outcomes(log, "purchase", within=month)]
        [('mail', 'ad')]
        >>> [*attribution.outcomes(log, "purchase", within=month, channel_within={"ad": week})]
        [('mail',)]

    A path without a conversion keeps all its touches, because no conversion says from when to look back. If it has a
    touch less than its window before `as_of`, then a conversion may yet follow of which that touch would be part. Such
    a path is `open`, not a null, however long ago it began. Conversions always count, so that none is without credit.
    So the rate of a recent part of a log is too high: those who are quick have converted, and those who are slow are
    open.

    A goal or a channel that no visit has is a caution of the result, ``outcomes(...).cautions``: a quiet day may
    not have it. The cautions travel into every `Attribution` of these outcomes.

    Args:
        journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.
        goal: The touchpoint whose visit is the conversion.
        channels: The touchpoints that count; by default all. The goal stays the goal.
        first_only: Whether a journey ends with its first conversion, so that what comes after it is ignored.
        worth: What one conversion brings: an amount for each, or a function of the customer and the instant of the
            conversion, in UTC.
        within: How long before the conversion a touch still counts: the look-back window.
        channel_within: The look-back windows of touchpoints for which `within` does not hold.
        as_of: The instant up to which all visits are known. It needs `within`.

    Raises:
        CurrencyMismatchError: `worth` gives two currencies.
        InvalidValueError: `worth` gives a negative amount, `as_of` without `within`, or a visit after `as_of`.
        UnknownNameError: The visits have the goal or a channel only in other capitals, with other spaces or of
            another type.
    """
    cutter = Cutter(
        journeys,
        goal,
        channels=channels,
        first_only=first_only,
        worth=worth,
        within=within,
        channel_within=channel_within,
        as_of=as_of,
    )
    converted, unconverted, still_open = cutter.cut()
    conversions, nulls, opened = Counter(converted), Counter(unconverted), Counter(still_open)
    values, each = cutter.find_values(converted)
    paths = dict.fromkeys((*conversions, *nulls, *opened))
    shared: dict[tuple[int, int, int], Outcome] = {}  # many paths have the same counts, and share one Outcome: 4x
    rows: list[Outcome] = []
    for path in paths:
        counts = conversions.get(path, 0), nulls.get(path, 0), opened.get(path, 0)
        if path in values:
            outcome = cutter.build_outcome(counts, values[path])
        elif counts in shared:
            outcome = shared[counts]
        else:
            shared[counts] = outcome = cutter.build_outcome(counts, each * counts[0])
        rows.append(outcome)
    return TallyBy(zip(cutter.journeys.decode([*paths]), rows, strict=True))


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
        within: timedelta | None,
        channel_within: Mapping[Any, timedelta] | None,
        as_of: datetime | None = None,
    ) -> None:
        goal = as_id(goal, "goal")
        kept = None
        if channels is not None:
            kept = frozenset(as_ids(channels, "channels"))
        if isinstance(worth, Money):
            _as_worth(worth, None)
        elif worth is not None:
            checks.check_callable(worth, "worth", "lambda customer_id, at: Money(40, 'EUR'), or an amount of Money")
        self._first_only = checks.as_instance(first_only, bool, "first_only")
        self._worth = worth
        own = _as_windows(channel_within)
        self._within, self._as_of = read_window(within, as_of, alone=True)
        template = self._template = Outcome(
            goal=goal,
            channels=kept,
            first_only=self._first_only,
            within=within,
            channel_within=[*own.items()],
            as_of=as_of,
        )
        self._policies_of_outcomes = [(name, getattr(template, name)) for name in Outcome.common]
        self.journeys = Journeys.of(records)
        if self._as_of is not None:
            check_known(self.journeys, self._as_of)
        letters = self.journeys.letters
        check_spelling([goal], letters, "goal")
        check_spelling(kept or (), letters, "channels")
        check_spelling(own, letters, "channel_within")
        self._goal = letters.pop(goal, _BREAK)
        self._left_out = frozenset[str]() if kept is None else {letters[id_] for id_ in letters.keys() - kept}
        self._windows = {letters[id_]: _clock.microseconds(window) for id_, window in own.items() if id_ in letters}
        self._longest = None if self._within is None else max(self._within, *self._windows.values(), 0)

    def build_outcome(self, counts: tuple[int, int, int], value: Money) -> Outcome:
        """Build the outcome of a path from its conversions, its paths without one, those still open, and the value.

        The constructor would check again what is known: see the gain in benchmarks/subjects/attributing.py.
        """
        outcome = object.__new__(Outcome)
        for name, part in (
            *self._policies_of_outcomes,
            ("conversions", counts[0]),
            ("nulls", counts[1]),
            ("open", counts[2]),
            ("value", value),
        ):
            _set(outcome, name, part)
        return outcome

    def list_cautions(self, converted: Sequence[str], unconverted: Sequence[str]) -> tuple[Finding, ...]:
        """List the cautions of the paths that led to the goal and of those that did not."""
        letters = self.journeys.letters
        used = {*"".join(converted), *"".join(unconverted)}
        touched = [touchpoint_id for touchpoint_id, letter in letters.items() if letter in used]
        known = letters if touched or converted else ()
        return build_cautions(self._template, touched, known, converted=bool(converted)) if known else ()

    def cut(self) -> tuple[list[str], list[str], list[str]]:
        """Return the paths that led to the goal, conversion by conversion, those that did not, and those still open."""
        if self._within is not None or self._windows:
            return self._cut_within()
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
        return converted, [*filter(None, unconverted)], []

    def _cut_within(self) -> tuple[list[str], list[str], list[str]]:
        """Cut the journeys, and cut off what was too long before a conversion."""
        converted = [path for path, _ in self.cut_with_times()]
        unconverted: list[str] = []
        still_open: list[str] = []
        for journey, times in zip(self.journeys.paths, self.journeys.times, strict=True):
            goals = self._find_goals(journey)
            if goals and self._first_only:
                continue
            start = goals[-1] + 1 if goals else 0
            path, path_times = self._keep_channels(journey[start:], times[start:])
            if path:
                (still_open if self._is_open(path, path_times) else unconverted).append(path)
        return converted, unconverted, still_open

    def _is_open(self, path: str, times: tuple[int, ...]) -> bool:
        """Return whether a conversion after the reference date may have a touch of a path in its window."""
        as_of, within = self._as_of, self._within
        if as_of is None or within is None:
            return False
        if not self._windows:
            return times[-1] > as_of - within
        windows = self._windows
        return any(time > as_of - windows.get(letter, within) for letter, time in zip(path, times, strict=True))

    def _keep_channels(self, path: str, times: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
        """Return a path and its times without the touchpoints that do not count."""
        if not self._left_out:
            return path, times
        kept = [visit for visit in zip(path, times, strict=True) if visit[0] not in self._left_out]
        return "".join([letter for letter, _ in kept]), tuple([time for _, time in kept])

    def _keep_in_window(self, path: str, times: tuple[int, ...], until: int) -> tuple[str, tuple[int, ...]]:
        """Return a path and its times without the touches of channels whose own window before `until` is shorter."""
        windows = self._windows
        if not windows or not path:
            return path, times
        usual = until - times[0] if self._within is None else self._within
        kept = [
            (letter, time)
            for letter, time in zip(path, times, strict=True)
            if until - time <= windows.get(letter, usual)
        ]
        return "".join([letter for letter, _ in kept]), tuple([time for _, time in kept])

    def cut_with_times(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield the paths that led to the goal, conversion by conversion, each with the times of its letters."""
        longest = self._longest
        for journey, times in zip(self.journeys.paths, self.journeys.times, strict=True):
            start = 0
            for end in self._find_goals(journey):
                until = times[end]
                if longest is not None:
                    start = bisect_left(times, until - longest, start, end)
                path, path_times = self._keep_channels(journey[start:end], times[start:end])
                yield self._keep_in_window(path, path_times, until)
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
                same_currency(zero, value, "worth")
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
                yield _as_worth(worth(customer_id, _clock.from_epoch(times[position])), customer_id)

    def _find_goals(self, path: str) -> list[int]:
        """Return the positions of the goal in a journey."""
        if self._goal not in path:
            return []
        positions = [position for position, letter in enumerate(path) if letter == self._goal]
        return positions[:1] if self._first_only else positions


def _as_windows(channel_within: object) -> dict[Id, timedelta]:
    """Return the window of each touchpoint that has one of its own."""
    if channel_within is None:
        return {}
    if not isinstance(channel_within, Mapping):
        raise WrongTypeError(
            "channel_windows_not_a_mapping",
            f"channel_within must be a mapping of touchpoints to a window each, got {describe(channel_within)}",
            field="channel_within",
            advice="write {'ad': timedelta(days=7)}; the window of all touchpoints is within",
        )
    pairs = cast("Mapping[Id, object]", channel_within).items()
    return {
        as_id(id_, f"channel_within[{place}]"): checks.as_duration(window, f"channel_within[{place}]")
        for place, (id_, window) in enumerate(pairs)
    }


def _as_worth(value: object, customer_id: Id | None) -> Money:
    worth = checks.as_instance(value, Money, "worth")
    if worth.amount < 0:
        raise InvalidValueError(
            "conversion_worth_negative",
            f"worth must be >= 0, got {worth}",
            field="worth",
            record=customer_id,
            advice="count what it costs elsewhere",
            operands=(worth,),
        )
    return worth
