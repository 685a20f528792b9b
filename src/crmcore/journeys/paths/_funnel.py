"""Who gets how far, step after step."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final, Self, TypeVar, cast

import attrs

from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.primitives import checks, proportions
from crmcore.primitives._decimals import ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, UnknownNameError, WrongTypeError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.proportions import Interval
from crmcore.primitives.tally import POLICY, Tally, check_counts

__all__ = ["Funnel", "FunnelStep"]

_F = TypeVar("_F", bound="Funnel")

_MICROSECOND: Final = timedelta(microseconds=1)

Steps = Mapping[str, Id | Sequence[Id]] | Iterable[Id | Sequence[Id]]


def _ids(ids: Iterable[Id]) -> tuple[Id, ...]:
    return cast("tuple[Id, ...]", ids)


@attrs.frozen(kw_only=True)
class FunnelStep(Tally):
    """Adds over disjoint journeys: how many reached one step of a funnel.

    Examples:
        >>> cart = FunnelStep(
        ...     name="cart",
        ...     touchpoint_ids=["cart"],
        ...     journeys=1000,
        ...     first_reached=800,
        ...     previous_reached=500,
        ...     reached=200,
        ... )
        >>> cart.share, cart.share_of_first, cart.share_of_previous, cart.lost
        (Decimal('0.2'), Decimal('0.25'), Decimal('0.4'), 300)

    Attributes:
        name: What the step is called: its touchpoint, where it has no other name.
        touchpoint_ids: The touchpoints any one of which is this step.
        optional: Whether the way goes on without it.
        journeys: All journeys.
        first_reached: Journeys that reached the first step that is not optional.
        previous_reached: Journeys that reached the step before, optional ones passed over; of the first, all journeys.
        reached: Journeys that reached this one, after those before it.

    Raises:
        InconsistentCountsError: Counts that rise.
        InvalidValueError: A negative count, or an empty id.
        WrongTypeError: A value of the wrong type.
    """

    ratios = ("lost", "share", "share_of_first", "share_of_previous")

    name: Id = attrs.field(metadata=POLICY)
    touchpoint_ids: tuple[Id, ...] = attrs.field(converter=_ids, metadata=POLICY)
    optional: bool = attrs.field(default=False, metadata=POLICY)
    journeys: int = 0
    first_reached: int = 0
    previous_reached: int = 0
    reached: int = 0

    def __attrs_post_init__(self) -> None:
        check_id(self.name, "name", required=True)
        ids = tuple(checks.iterate(self.touchpoint_ids, "touchpoint_ids", "id"))
        for one in ids:
            check_id(one, "each of touchpoint_ids", required=True)
        if not ids:
            raise InvalidValueError("touchpoint_ids must hold at least one", "touchpoint_ids")
        checks.set_field(self, "touchpoint_ids", ids)
        checks.as_instance(self.optional, bool, "optional")
        check_counts(self, "journeys", "first_reached", "previous_reached", "reached")
        if not self.reached <= self.previous_reached <= self.journeys or self.first_reached > self.journeys:
            raise InconsistentCountsError(
                f"a funnel never widens, got reached={self.reached} of previous_reached={self.previous_reached}, "
                f"first_reached={self.first_reached} and journeys={self.journeys}",
                self.reached,
                self.previous_reached,
                self.journeys,
            )

    @property
    def lost(self) -> int:
        """How many reached the step before and not this one."""
        return self.previous_reached - self.reached

    @property
    def share(self) -> Decimal | None:
        """``reached / journeys``; None of no journeys."""
        return ratio(self.reached, self.journeys)

    @property
    def share_of_first(self) -> Decimal | None:
        """``reached / first_reached``; None where nobody reached the first.

        It is above one where more come to an optional step that stands before the first one that is not.
        """
        return ratio(self.reached, self.first_reached)

    @property
    def share_of_previous(self) -> Decimal | None:
        """``reached / previous_reached``; None where nobody reached the step before."""
        return ratio(self.reached, self.previous_reached)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Bounds of the share of the previous step by Wilson's score method; None where nobody reached that."""
        return proportions.wilson(self.reached, self.previous_reached, confidence=confidence)

    def explain(self) -> Explanation:
        """How the shares come about, line by line."""
        return Explanation(
            (
                *(
                    term(name, getattr(self, name), "journeys")
                    for name in ("journeys", "first_reached", "previous_reached", "reached")
                ),
                term("lost", self.lost, "journeys", "previous_reached - reached"),
                term("share", self.share, "", "reached / journeys"),
                term("share_of_first", self.share_of_first, "", "reached / first_reached"),
                term("share_of_previous", self.share_of_previous, "", "reached / previous_reached"),
            )
        )


def _funnel_steps(steps: Iterable[FunnelStep]) -> tuple[FunnelStep, ...]:
    return cast("tuple[FunnelStep, ...]", steps)


@attrs.frozen(kw_only=True)
class Funnel(Tally):
    """Adds over disjoint journeys: how many get how far, each step after the one before.

    Examples:
        >>> from crmcore import instant
        >>> went = {"anna": ["shelf", "queue", "till"], "ben": ["shelf", "till"], "zoe": ["till", "shelf"]}
        >>> rows = [(who, at, instant(f"2026-03-0{day}")) for who, way in went.items() for day, at in enumerate(way, 1)]
        >>> funnel = Funnel.of(rows, ["shelf", "queue", "till"], optional=["queue"])
        >>> [(step.name, step.reached) for step in funnel.steps], funnel.rate
        ([('shelf', 3), ('queue', 1), ('till', 2)], Decimal('0.6666666666666666666666666666666667'))

    Attributes:
        within: How long after the first step a later one still counts; None sets no limit.
        steps: The steps in order, at least one of them not optional, all of the same journeys.

    Raises:
        InconsistentCountsError: Steps that do not follow one another, or are of different journeys.
        InvalidValueError: No step, only optional ones, or two of one name.
        WrongTypeError: A value of the wrong type.
    """

    ratios = ("journeys", "rate")

    within: timedelta | None = attrs.field(default=None, metadata=POLICY)
    steps: tuple[FunnelStep, ...] = attrs.field(converter=_funnel_steps)

    def __attrs_post_init__(self) -> None:
        if self.within is not None:
            checks.as_duration(self.within, "within")
        steps = checks.as_tuple(self.steps, FunnelStep, "steps")
        if all(step.optional for step in steps):
            raise InvalidValueError("steps must hold at least one that is not optional", "steps")
        names = [step.name for step in steps]
        if len(set(names)) < len(names):
            raise InvalidValueError(
                "steps must each have a name of their own; name them, as in {'first look': 'shelf', 'again': 'shelf'}",
                "steps",
            )
        _check_chain(steps)
        checks.set_field(self, "steps", steps)

    @classmethod
    def of(
        cls,
        journeys: JourneyRecords,
        steps: Steps,
        /,
        *,
        optional: Iterable[Id] = (),
        within: timedelta | None = None,
    ) -> Self:
        """Count who gets how far.

        A journey reaches a step at the first visit to it after it reached the step before. An optional step holds
        nobody up: it is reached by a visit between the steps around it that are not optional, and of several optional
        ones side by side each is, in any order. Where a time is set, a later step counts until so long after the first
        one; of several beginnings the one that leads furthest counts, the earliest among those.

        Examples:
            >>> from crmcore import instant
            >>> rows = [("anna", "site", instant("2026-03-01")), ("anna", "till", instant("2026-03-09"))]
            >>> steps = {"look": ["site", "shop"], "buy": "till"}
            >>> Funnel.of(rows, steps)["buy"].reached, Funnel.of(rows, steps, within=timedelta(days=7))["buy"].reached
            (1, 0)

        Args:
            journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.
            steps: A touchpoint for each step, or several in a list, any one of which will do; or a mapping from names
                to these.
            optional: The names of the steps that may be left out; a step without a name is named by its touchpoint.
            within: How long after the first step a later one still counts.

        Raises:
            InvalidValueError: No step, only optional ones, two of one name, an optional one that is none.
            WrongTypeError: A value of the wrong type.
        """
        named = _named(steps)
        left_out = tuple(checks.iterate(optional, "optional", "name"))
        for name in left_out:
            check_id(name, "each of optional", required=True)
            if name not in named:
                names = ", ".join(map(show, named))
                raise InvalidValueError(f"optional must name steps, {show(name)} is none of {names}", "optional")
        empty = [FunnelStep(name=name, touchpoint_ids=ids, optional=name in left_out) for name, ids in named.items()]
        record = cls(steps=empty, within=within)
        log = Journeys.of(journeys)
        reached = _Reading(record, log.letters).reached(log)
        return _filled(record, reached, len(log))

    def __iter__(self) -> Iterator[FunnelStep]:
        return iter(self.steps)

    def __contains__(self, name: object, /) -> bool:
        return any(step.name == name for step in self.steps)

    def __getitem__(self, name: Id, /) -> FunnelStep:
        for step in self.steps:
            if step.name == name:
                return step
        names = ", ".join(str(step.name) for step in self.steps)
        raise UnknownNameError(f"no step is named {show(name)}; there are {names}", name)

    @property
    def journeys(self) -> int:
        """All journeys, whether they reached the first step or not."""
        return self.steps[0].journeys

    @property
    def rate(self) -> Decimal | None:
        """Of those that reached the first step, the share that reached the last; None where nobody did.

        First and last of those that are not optional.
        """
        return self._last.share_of_first

    @property
    def worst(self) -> FunnelStep:
        """The step before which most are lost, the first of equals; optional ones and the first lose nobody."""
        needed = [step for step in self.steps if not step.optional]
        return max(needed[1:], key=lambda step: step.lost, default=needed[0])

    @property
    def _last(self) -> FunnelStep:
        return [step for step in self.steps if not step.optional][-1]

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Bounds of the rate by Wilson's score method; None where nobody reached the first step."""
        return proportions.wilson(self._last.reached, self._last.first_reached, confidence=confidence)

    def explain(self) -> Explanation:
        """How the rate comes about, line by line."""
        return Explanation(
            (
                term("journeys", self.journeys, "journeys"),
                term("first_reached", self._last.first_reached, "journeys"),
                term("last_reached", self._last.reached, "journeys"),
                term("rate", self.rate, "", "last_reached / first_reached"),
            )
        )


def _named(steps: object) -> dict[Id, tuple[Id, ...]]:
    """The touchpoints of each step by its name."""
    if isinstance(steps, Mapping):
        pairs = [(name, _several(step)) for name, step in cast("Mapping[Id, object]", steps).items()]
    else:
        groups = [_several(step) for step in checks.iterate(cast("Iterable[object]", steps), "steps", "touchpoint")]
        pairs = [(ids[0] if len(ids) == 1 else " or ".join(map(str, ids)), ids) for ids in groups]
    named = dict(pairs)
    if len(named) < len(pairs):
        raise InvalidValueError(
            "steps must each have a name of their own; name them, as in {'first look': 'shelf', 'again': 'shelf'}",
            "steps",
        )
    return named


def _several(step: object) -> tuple[Id, ...]:
    if isinstance(step, str | int):
        return (step,)
    if not _is_in_order(step):
        raise WrongTypeError(
            f"every step must be a touchpoint's id, or several in order, such as a list, got {show(step)}", "steps"
        )
    return tuple(cast("Iterable[Id]", step))


def _is_in_order(step: object) -> bool:
    """Whether it may be several ids; of a set no two processes agree on the order, and so on the step's name."""
    return isinstance(step, Iterable) and not isinstance(step, Mapping | bytes | set | frozenset)


def _check_chain(steps: Iterable[FunnelStep]) -> None:
    """Refuse steps that count from other journeys than the step before left over."""
    needed = [step for step in steps if not step.optional]
    journeys, first = needed[0].journeys, needed[0].reached
    previous = journeys
    for step in steps:
        if (step.journeys, step.first_reached, step.previous_reached) != (journeys, first, previous):
            raise InconsistentCountsError(
                f"steps must follow one another, and {show(step.name)} should be of journeys={journeys}, "
                f"first_reached={first} and previous_reached={previous}",
                "steps",
            )
        if not step.optional:
            previous = step.reached


class _Reading:
    """Reads words step by step."""

    def __init__(self, funnel: Funnel, letter_of: Mapping[Id, str]) -> None:
        signs = [[letter_of[one] for one in step.touchpoint_ids if one in letter_of] for step in funnel.steps]
        self._needed = [place for place, step in enumerate(funnel.steps) if not step.optional]
        self._signs = [signs[place] for place in self._needed]
        self._optional = [
            (place, signs[place], sum(other < place for other in self._needed))
            for place, step in enumerate(funnel.steps)
            if step.optional
        ]
        self._within = None if funnel.within is None else funnel.within // _MICROSECOND
        self._totals = [0] * len(funnel.steps)

    def reached(self, log: Journeys) -> list[int]:
        """How many journeys reached each step."""
        if self._within is None and not self._optional and all(len(signs) == 1 for signs in self._signs):
            words: Sequence[str] = log.paths
            for place, (sign,) in enumerate(self._signs):
                words = [word.split(sign, 1)[1] for word in words if sign in word]
                self._totals[place] = len(words)
        elif self._within is None:
            for word, count in Counter(log.paths).items():
                self._count(word, self._way(word, 0, len(word)), len(word), count)
        else:
            for word, times in zip(log.paths, log.times, strict=True):
                way, end = self._soon(word, times, self._within)
                self._count(word, way, end, 1)
        return self._totals

    def _way(self, word: str, start: int, end: int) -> list[int]:
        """Where a word reaches the steps that are not optional, each at its earliest."""
        found: list[int] = []
        for signs in self._signs:
            start = _first(word, signs, start, end)
            if start < 0:
                break
            found.append(start)
            start += 1
        return found

    def _soon(self, word: str, times: tuple[int, ...], within: int) -> tuple[list[int], int]:
        """The way within the time that leads furthest, and where that time ends."""
        best: list[int] = []
        end = len(word)
        start = _first(word, self._signs[0], 0, len(word))
        while start >= 0 and len(best) < len(self._signs):
            limit = bisect_right(times, times[start] + within)
            way = self._way(word, start, limit)
            if len(way) > len(best):
                best, end = way, limit
            start = _first(word, self._signs[0], start + 1, len(word))
        return best, end

    def _count(self, word: str, way: list[int], end: int, count: int) -> None:
        """Count the steps of a way, and the optional ones that lie between them."""
        for place, _ in zip(self._needed, way, strict=False):
            self._totals[place] += count
        for place, signs, before in self._optional:
            if len(way) >= before:
                start = way[before - 1] + 1 if before else 0
                until = way[before] if len(way) > before else end
                if _first(word, signs, start, until) >= 0:
                    self._totals[place] += count


def _first(word: str, signs: list[str], start: int, end: int) -> int:
    """Where the first of some letters stands; -1 where none does."""
    if len(signs) == 1:
        return word.find(signs[0], start, end)
    return min((found for sign in signs if (found := word.find(sign, start, end)) >= 0), default=-1)


def _filled(record: _F, reached: list[int], journeys: int) -> _F:
    steps: list[FunnelStep] = []
    previous, first = journeys, reached[next(n for n, step in enumerate(record.steps) if not step.optional)]
    for step, count in zip(record.steps, reached, strict=True):
        steps.append(
            attrs.evolve(step, journeys=journeys, first_reached=first, previous_reached=previous, reached=count)
        )
        if not step.optional:
            previous = count
    return attrs.evolve(record, steps=tuple(steps))
