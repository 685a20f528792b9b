"""How many customers get how far, step after step."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, Final, Self, TypeVar, cast

import attrs

from crmcore.journeys._names import (
    build_caution,
    check_spelling,
    is_among,
    join_unmatched,
    list_cautions,
    list_unmatched,
    tidy_unmatched,
)
from crmcore.journeys._open import check_open, read_window, split_open
from crmcore.journeys._unassigned import warn_of_unassigned
from crmcore.journeys.log import JourneyRecords, Journeys
from crmcore.journeys.paths._steps import Reader, StepOrder
from crmcore.primitives import _clock, checks, proportions
from crmcore.primitives._bounds import MOST_MADE
from crmcore.primitives._decimals import ratio
from crmcore.primitives._nearest import sort_key
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, UnknownNameError, WrongTypeError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding
from crmcore.primitives.ids import Id, as_id, as_ids
from crmcore.primitives.periods import by_utc
from crmcore.primitives.proportions import Interval
from crmcore.primitives.record import several
from crmcore.primitives.tally import POLICY, Tally

__all__ = ["Funnel", "FunnelStep"]

_F = TypeVar("_F", bound="Funnel")

_NAMING: Final = "name them, as in {'first look': 'shelf', 'again': 'shelf'}"

Steps = Mapping[str, Id | Sequence[Id]] | Iterable[Id | Sequence[Id]]
Exclude = Mapping[Any, tuple[Id, Id]] | Iterable[Id]
StepWithin = timedelta | Mapping[Any, timedelta | None] | None


@attrs.frozen(kw_only=True)
class FunnelStep(Tally):
    """Number of journeys that reached one step of a funnel. Records of disjoint journeys can be added.

    Examples:
        >>> from crmcore.journeys.paths import FunnelStep
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
        name: The name of the step; by default its touchpoint.
        touchpoint_ids: The touchpoints of the step; a visit to any of them counts.
        optional: Whether a journey can reach later steps without it.
        within: How long after the previous step that is not optional this step still counts; None sets no limit.
        journeys: All journeys.
        first_reached: Journeys that reached the first step that is not optional.
        previous_reached: Journeys that reached the previous step that is not optional; for the first step, all
            journeys.
        reached: Journeys that reached this step and those before it, in the order of the funnel.

    Raises:
        InconsistentCountsError: `reached` above `previous_reached`, or either above `journeys`.
        InvalidValueError: No touchpoint.
    """

    ratios = ("lost", "share", "share_of_first", "share_of_previous")

    name: Id = attrs.field(metadata=POLICY)
    touchpoint_ids: tuple[Id, ...] = attrs.field(converter=several, metadata=POLICY)
    optional: bool = attrs.field(default=False, metadata=POLICY)
    within: timedelta | None = attrs.field(default=None, metadata=POLICY)
    journeys: int = 0
    first_reached: int = 0
    previous_reached: int = 0
    reached: int = 0

    def _check(self) -> None:
        super()._check()
        if not self.touchpoint_ids:
            raise InvalidValueError(
                "funnel_step_without_touchpoint",
                f"touchpoint_ids must not be empty, the step {show(self.name)} has none",
                field="touchpoint_ids",
            )
        if not self.reached <= self.previous_reached <= self.journeys or self.first_reached > self.journeys:
            raise InconsistentCountsError(
                "funnel_widens",
                f"a funnel must not widen, got reached={self.reached} of "
                f"previous_reached={self.previous_reached}, first_reached={self.first_reached} and "
                f"journeys={self.journeys}",
                field="reached",
                operands=(self.reached, self.previous_reached, self.journeys),
            )

    @property
    def lost(self) -> int:
        """Journeys that reached the step before and not this one."""
        return self.previous_reached - self.reached

    @property
    def share(self) -> Decimal | None:
        """The share of all journeys, ``reached / journeys``; None if there are no journeys."""
        return ratio(self.reached, self.journeys)

    @property
    def share_of_first(self) -> Decimal | None:
        """The share of those that reached the first step, ``reached / first_reached``; None if no journey reached it.

        It can be above 1 for an optional step before the first step that is not optional.
        """
        return ratio(self.reached, self.first_reached)

    @property
    def share_of_previous(self) -> Decimal | None:
        """The share of those that reached the step before, ``reached / previous_reached``; None if there are none."""
        return ratio(self.reached, self.previous_reached)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of `share_of_previous`, or None if no journey reached the step before."""
        return proportions.wilson(self.reached, self.previous_reached, confidence=confidence)

    def explain(self) -> Explanation:
        """Explain the shares, line by line."""
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


@attrs.frozen(kw_only=True)
class Funnel(Tally):
    """Number of journeys that reached each of several steps. Records of disjoint journeys can be added.

    Examples:
        >>> from crmcore import Funnel, instant
        >>> visited = {"anna": ["shelf", "queue", "till"], "ben": ["shelf", "till"], "zoe": ["till", "shelf"]}
        >>> rows = [
        ...     (customer, touchpoint, instant(f"2026-03-0{day}"))
        ...     for customer, path in visited.items()
        ...     for day, touchpoint in enumerate(path, 1)
        ... ]
        >>> funnel = Funnel.of(rows, ["shelf", "queue", "till"], optional=["queue"])
        >>> [(step.name, step.reached) for step in funnel.steps], funnel.rate
        ([('shelf', 3), ('queue', 1), ('till', 2)], Decimal('0.6666666666666666666666666666666667'))

    Attributes:
        within: How long after the first step a later step still counts; None sets no limit.
        as_of: The instant up to which all visits are known; None if no journey counts as open.
        open: Journeys that came to the first step, or to any step if the order is free, for the first time less than
            `longest` before `as_of`. They are in no other count.
        order: In which order the steps must be visited.
        exclude: Touchpoints that leave a journey out, each with the names of the two steps between which they do.
        excluded: Journeys that are left out because of `exclude`. They are in no other count, so they are not lost:
            ``journeys + open + excluded`` are all journeys of the log.
        steps: The steps, all counted from the same journeys. At least one of them is not optional.
        unmatched: The touchpoints of steps and of `exclude` that no visit has, each with the nearest that visits have,
            by their texts; none without journeys. Of two funnels that are added, those that the visits of neither have.
        assigned: Visits in journeys, those of the journeys that are open or excluded among them.
        unassigned: Visits of unknown customers, which are in no journey and in no other count.

    Raises:
        InconsistentCountsError: Steps that do not follow one another, or count different journeys.
        InvalidValueError: No step, only optional steps, two steps with one name, or a pair in `exclude` that does not
            name two steps in order. Optional steps or `exclude` with an order other than sequential. A window of a
            step before which no step lies that is not optional, or in any order.
    """

    ratios = ("journeys", "rate")

    within: timedelta | None = attrs.field(default=None, metadata=POLICY)
    as_of: datetime | None = attrs.field(default=None, eq=by_utc, metadata=POLICY)
    open: int = 0
    order: StepOrder = attrs.field(default=StepOrder.SEQUENTIAL, metadata=POLICY)
    exclude: tuple[tuple[Id, tuple[Id, Id]], ...] = attrs.field(default=(), converter=several, metadata=POLICY)
    excluded: int = 0
    steps: tuple[FunnelStep, ...] = attrs.field(converter=several)
    unmatched: tuple[tuple[Id, tuple[Id, ...]], ...] = attrs.field(default=(), converter=several, repr=False)
    assigned: int = attrs.field(default=0, repr=False)
    unassigned: int = attrs.field(default=0, repr=False)

    def _check(self) -> None:
        super()._check()
        if all(step.optional for step in self.steps):
            raise InvalidValueError("only_optional_steps", "at least one of steps must not be optional", field="steps")
        checks.check_unique([step.name for step in self.steps], "steps", "a name", _NAMING)
        _check_chain(self.steps)
        _check_windows(self)
        _, until = read_window(self.longest, self.as_of, alone=True)
        check_open(self.open, until)
        _check_order(self)
        _check_exclude(self)
        checks.set_field(self, "exclude", tuple(sorted(self.exclude, key=lambda pair: sort_key(pair[0]))))
        checks.set_field(self, "unmatched", tidy_unmatched(self.unmatched) if self._total else ())

    def _add_field(self, name: str, other: Self) -> Any:  # noqa: ANN401 # pyright: ignore[reportIncompatibleMethodOverride] - Self in both
        if name == "unmatched":
            return join_unmatched(part.unmatched for part in (self, other) if part._total)  # noqa: SLF001 - its own class
        return super()._add_field(name, other)

    @property
    def _total(self) -> int:
        return self.journeys + self.open + self.excluded

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read it: touchpoints that no visit has, and visits of unknown customers.

        A touchpoint of a step or of `exclude` that no visit has reaches or excludes nothing.
        """
        return (
            *list_funnel_cautions(self.steps, self.unmatched),
            *warn_of_unassigned(self.unassigned, self.assigned),
        )

    @classmethod
    def of(
        cls,
        journeys: JourneyRecords,
        steps: Steps,
        /,
        *,
        optional: Iterable[Id] = (),
        within: timedelta | None = None,
        step_within: StepWithin = None,
        as_of: datetime | None = None,
        order: StepOrder = StepOrder.SEQUENTIAL,
        exclude: Exclude = (),
    ) -> Self:
        """Count how many journeys get how far.

        A journey reaches a step at the first visit to it after it reached the step before. A journey can go on
        without an optional step: it is reached by a visit between its neighbours that are not optional. Several
        optional steps in a row may be reached in any order.

        With `within`, a later step counts only that long after the first step. If a journey visits the first step
        several times, the visit from which it gets furthest counts, and among equals the earliest.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import Funnel, instant
            >>> rows = [("anna", "site", instant("2026-03-01")), ("anna", "till", instant("2026-03-09"))]
            >>> steps = {"look": ["site", "shop"], "buy": "till"}
            >>> Funnel.of(rows, steps)["buy"].reached, Funnel.of(rows, steps, within=timedelta(days=7))["buy"].reached
            (1, 0)

        With `step_within`, a step counts only that long after the step before it, counted from the visit that reached
        that step; a later visit to the step before may do so too. A journey reaches a step if there are visits to the
        steps up to it, in order, each within its window after the one before, and all `within` the first. Of the visits
        that get furthest, the earliest count.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import Funnel, instant
            >>> days = {"site": [1], "cart": [2, 8], "till": [9]}
            >>> rows = [("anna", place, instant(f"2026-03-0{day}")) for place in days for day in days[place]]
            >>> week, day = timedelta(days=7), timedelta(days=1)
            >>> funnel = Funnel.of(rows, ["site", "cart", "till"], step_within={"cart": week, "till": day})
            >>> [step.reached for step in funnel.steps], funnel.longest  # from the second visit to the cart
            ([1, 1, 1], datetime.timedelta(days=8))

        With `StepOrder.ANY`, a step is reached if it and the steps listed before it are visited, in whatever order, and
        `within` is the longest time from the first of these visits to the last. With `StepOrder.DIRECT`, each step must
        be the visit directly after the step before. Visits of one instant follow one another as they are given.

        `exclude` leaves out whole journeys, by the attempt that counts: a journey is left out if a visit to the
        touchpoint lies after its visit to the one step and before its visit to the other. If it did not reach the other
        step, any such visit until the end of `within`, of the window of the step it did not reach, or of the journey,
        leaves it out: those who turned away are treated as those who went on. Such journeys are `excluded`, not lost.

        Examples:
            >>> from crmcore import Funnel, instant
            >>> visited = {"anna": ["view", "refund", "buy"], "ben": ["view", "buy", "refund"], "zoe": ["view"]}
            >>> rows = [
            ...     (customer, touchpoint, instant(f"2026-03-0{day}"))
            ...     for customer, path in visited.items()
            ...     for day, touchpoint in enumerate(path, 1)
            ... ]
            >>> funnel = Funnel.of(rows, ["view", "buy"], exclude={"refund": ("view", "buy")})
            >>> [step.reached for step in funnel.steps], funnel.excluded
            ([2, 1], 1)

        A journey that first came to the first step less than `within` before `as_of` may yet get further, so it is
        open, not lost. Open journeys are left out of all steps, whether they have reached the last step or not, because
        those who are quick would be counted and those who are slow would not. Their number is `open`. For the same
        reason a journey that came to the first step earlier and again lately counts by its earlier attempts alone, each
        of which has had its whole time; the late attempt counts once it has had its own. If the windows of the steps
        together are shorter than `within`, or given instead of it, then they say how long. `ConversionTimes` makes use
        of the open journeys.

        A touchpoint that no visit has is a caution of the funnel, because a quiet day may not have it. Visits of
        unknown customers are in no journey; another caution says how many there are.

        Args:
            journeys: Packed `Journeys`, rows of customer, touchpoint and instant, interactions, or journeys.
            steps: A touchpoint for each step, or a list of touchpoints of which any counts; or a mapping from names to
                these.
            optional: The names of the optional steps; a step without a name is named by its touchpoint.
            within: How long after the first step a later step still counts.
            step_within: How long after the step before it each step still counts; or a mapping from names of steps to
                that. The step before is the nearest that is not optional.
            as_of: The instant up to which all visits are known. It needs `within`, or a window for each step after the
                first that is not optional.
            order: In which order the steps must be visited. Optional steps and `exclude` need `StepOrder.SEQUENTIAL`,
                because otherwise nothing lies between two steps.
            exclude: Touchpoints that leave a journey out between the first step and the last; or a mapping from each to
                the names of the two steps between which it does. These steps are not optional.

        Raises:
            InvalidValueError: No step, only optional steps, two steps with one name, a name in `optional` that no step
                has, `as_of` without `within`, or a visit after it. A pair in `exclude` that does not name two steps in
                order. Optional steps or `exclude` with another order. In `step_within`, a name that no step
                has, or that of a step before which none lies; any window in any order.
            UnknownNameError: The visits have a touchpoint only in other capitals, with other spaces or of another type.
            WrongTypeError: A step that is neither a touchpoint nor several touchpoints in order.
        """
        empty = build_empty(
            cls,
            steps,
            optional=optional,
            within=within,
            step_within=step_within,
            as_of=as_of,
            order=order,
            exclude=exclude,
        )
        log = Journeys.of(journeys)
        reader, unmatched = build_reader(empty, log)
        length, until = read_window(empty.longest, as_of, alone=True)
        starts = reader.list_starts(log) if as_of is not None else []
        assigned, unassigned = log.visits, log.unassigned
        log, open_paths = split_open(log, starts, length, until)
        reached, excluded = reader.count(log, None if length is None or until is None else until - length)
        filled = _fill(empty, reached, len(log) - excluded)
        return attrs.evolve(
            filled,
            open=len(open_paths),
            excluded=excluded,
            unmatched=unmatched,
            assigned=assigned,
            unassigned=unassigned,
        )

    def __iter__(self) -> Iterator[FunnelStep]:
        return iter(self.steps)

    def __contains__(self, name: object, /) -> bool:
        return is_among(name, [step.name for step in self.steps])

    def __getitem__(self, name: Id, /) -> FunnelStep:
        wanted = as_id(name, "name")
        for step in self.steps:
            if step.name == wanted:
                return step
        raise UnknownNameError(
            "no_such_funnel_step",
            f"no step is named {show(name)}",
            field="name",
            advice=f"there are {', '.join(show(step.name) for step in self.steps)}",
            operands=(wanted,),
        )

    @property
    def journeys(self) -> int:
        """All journeys, whether they reached the first step or not, without those that are open or excluded."""
        return self.steps[0].journeys

    @property
    def longest(self) -> timedelta | None:
        """The longest time from the first step to the last: `within`, or the windows of the steps together if shorter.

        None if there is no limit.
        """
        windows = [step.within for step in self.steps if not step.optional][1:]
        length = add_windows(windows)
        if length is None or (self.within is not None and self.within <= length):
            return self.within
        return length

    @property
    def rate(self) -> Decimal | None:
        """The share of the journeys that reached the first step that also reached the last; None if no journey did.

        The first and the last step are those that are not optional. In any order, too, a journey that did not visit the
        first step is not in the rate.
        """
        return self._last.share_of_first

    @property
    def worst(self) -> FunnelStep:
        """The step before which most journeys are lost, the first of equals.

        Optional steps are left out, and so is the first step, unless it is the only one.
        """
        needed = [step for step in self.steps if not step.optional]
        return max(needed[1:], key=lambda step: step.lost, default=needed[0])

    @property
    def _last(self) -> FunnelStep:
        return [step for step in self.steps if not step.optional][-1]

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the rate, or None if no journey reached the first step."""
        return proportions.wilson(self._last.reached, self._last.first_reached, confidence=confidence)

    def rows(self, *, plain: bool = True) -> list[dict[str, Any]]:
        """Return a row for each step, as `FunnelStep.row` returns it.

        Args:
            plain: Whether cells are plain, as `Tally.row` says. Otherwise they are exact.
        """
        checks.as_instance(plain, bool, "plain")
        return [step.row(plain=True) if plain else step.row() for step in self.steps]

    def _list_rows(self) -> list[dict[str, Any]]:
        return self.rows(plain=False)

    def explain(self) -> Explanation:
        """Explain the rate, line by line."""
        return Explanation(
            (
                term("journeys", self.journeys, "journeys"),
                term("first_reached", self._last.first_reached, "journeys"),
                term("last_reached", self._last.reached, "journeys"),
                term("rate", self.rate, "", "last_reached / first_reached"),
                *([] if self.as_of is None else [term("open", self.open, "journeys")]),
                *([term("excluded", self.excluded, "journeys")] if self.exclude else []),
            ),
            cautions=self.cautions,
        )


def _as_steps(steps: object) -> dict[Id, tuple[Id, ...]]:
    """Return the touchpoints of each step by its name."""
    if isinstance(steps, Mapping):
        named = cast("Mapping[Id, object]", steps).items()
        pairs = [(name, _as_ids(step, f"steps[{place}]")) for place, (name, step) in enumerate(named)]
    else:
        given = [*islice(checks.iterate(cast("Iterable[object]", steps), "steps", "touchpoint"), MOST_MADE + 1)]
        checks.check_size(len(given), "steps")  # it may be endless
        groups = [_as_ids(step, f"steps[{place}]") for place, step in enumerate(given)]
        pairs = [(ids[0] if len(ids) == 1 else " or ".join(map(str, ids)), ids) for ids in groups]
    checks.check_unique([name for name, _ in pairs], "steps", "a name", _NAMING)
    return dict(pairs)


def _as_ids(step: object, name: str) -> tuple[Id, ...]:
    if isinstance(step, str) or not isinstance(step, Iterable):
        return (as_id(step, name),)
    if isinstance(step, Mapping | bytes | set | frozenset):  # a set has another order, and so another name, each time
        raise WrongTypeError(
            "funnel_step_without_order",
            f"{name} must be a touchpoint, or several in order, such as a list, got {show(step)}",  # pyright: ignore[reportUnknownArgumentType] - of anything
            **checks.at_fault(name),
        )
    return tuple(as_ids(cast("Iterable[Id]", step), name))


def _as_exclude(exclude: object, needed: Sequence[Id]) -> list[tuple[Id, tuple[Id, Id]]]:
    """Return each touchpoint of `exclude` with its two steps, by default the first and the last."""
    if not isinstance(exclude, Mapping):
        given = as_ids(cast("Iterable[Id]", exclude), "exclude")
        return [(id_, (needed[0], needed[-1])) for id_ in given] if needed else []
    pairs = cast("Mapping[Id, object]", exclude).items()
    return [
        (id_, cast("tuple[Id, Id]", checks.as_pair(names, f"exclude[{place}]", "names of steps")))
        for place, (id_, names) in enumerate(pairs)
    ]


def list_funnel_cautions(
    steps: Iterable[FunnelStep], unmatched: Iterable[tuple[Id, tuple[Id, ...]]]
) -> tuple[Finding, ...]:
    """List a caution for each touchpoint of a step or of `exclude` that no visit has."""
    unmatched = tuple(unmatched)
    of_steps = {id_ for step in steps for id_ in step.touchpoint_ids}
    return (
        *list_cautions(tuple(row for row in unmatched if row[0] in of_steps), "a step"),
        *(
            build_caution("exclusion_not_visited", name, "no visit has this touchpoint of exclude", near)
            for name, near in unmatched
            if name not in of_steps
        ),
    )


def build_empty(
    cls: type[_F],
    steps: Steps,
    *,
    optional: Iterable[Id],
    within: timedelta | None,
    step_within: StepWithin,
    as_of: datetime | None,
    order: StepOrder,
    exclude: Exclude,
) -> _F:
    """Build a funnel without counts from what the caller gave."""
    ids_by_name = _as_steps(steps)
    optional_names = as_ids(optional, "optional")
    for place, name in enumerate(optional_names):
        if name not in ids_by_name:
            raise InvalidValueError(
                "optional_names_no_step",
                f"optional must name steps, {show(name)} is none",
                field="optional",
                record=place,
                advice=f"there are {', '.join(map(show, ids_by_name))}",
                operands=(name,),
            )
    needed = [name for name in ids_by_name if name not in optional_names]
    windows = _as_windows(step_within, ids_by_name, needed)
    return cls(
        steps=[
            FunnelStep(name=name, touchpoint_ids=ids, optional=name in optional_names, within=windows.get(name))
            for name, ids in ids_by_name.items()
        ],
        within=within,
        as_of=as_of,
        order=order,
        exclude=_as_exclude(exclude, needed),
    )


def build_reader(funnel: Funnel, log: Journeys) -> tuple[Reader, tuple[tuple[Id, tuple[Id, ...]], ...]]:
    """Build what reads the paths of a log, and return it with the touchpoints that no visit has."""
    letters = log.letters
    touchpoint_ids = [id_ for step in funnel.steps for id_ in step.touchpoint_ids]
    check_spelling(touchpoint_ids, letters, "steps")
    excluding = [id_ for id_, _ in funnel.exclude]
    check_spelling(excluding, letters, "exclude")
    numbers = {step.name: number for number, step in enumerate(funnel.steps)}
    reader = Reader(
        [(step.touchpoint_ids, step.optional) for step in funnel.steps],
        funnel.order,
        None if funnel.within is None else _clock.microseconds(funnel.within),
        [(id_, numbers[after], numbers[before]) for id_, (after, before) in funnel.exclude],
        letters,
        windows=[None if step.within is None else _clock.microseconds(step.within) for step in funnel.steps],
    )
    return reader, list_unmatched([*touchpoint_ids, *excluding], letters, log.paths)


def add_windows(windows: Sequence[timedelta | None]) -> timedelta | None:
    """Add windows that follow one another; None if there are none, or one is without end."""
    given = [_clock.microseconds(window) for window in windows if window is not None]
    if not windows or len(given) < len(windows):
        return None
    return timedelta(microseconds=min(sum(given), _clock.microseconds(timedelta.max)))


def _as_windows(step_within: object, names: Iterable[Id], needed: Sequence[Id]) -> dict[Id, timedelta]:
    """Return the window of each step that has one, by its name."""
    if step_within is None:
        return {}
    names = [*names]
    if not isinstance(step_within, Mapping):
        length = checks.as_duration(step_within, "step_within")
        return dict.fromkeys(names[names.index(needed[0]) + 1 :], length) if needed else {}
    windows: dict[Id, timedelta] = {}
    for place, (name, window) in enumerate(cast("Mapping[Id, object]", step_within).items()):
        if as_id(name, f"step_within[{place}]") not in names:
            raise InvalidValueError(
                "window_of_no_step",
                f"step_within must name steps, {show(name)} is none",
                field="step_within",
                record=place,
                advice=f"there are {', '.join(map(show, names))}",
                operands=(name,),
            )
        if window is not None:
            windows[name] = checks.as_duration(window, f"step_within[{place}]")
    return windows


def _check_windows(funnel: Funnel) -> None:
    """Refuse the window of a step before which no step lies, or of any step if the order is free."""
    first = next(place for place, step in enumerate(funnel.steps) if not step.optional)
    for place, step in enumerate(funnel.steps):
        if step.within is not None and (place <= first or funnel.order is StepOrder.ANY):
            raise InvalidValueError(
                "window_without_step_before",
                f"the step {show(step.name)} must have no window, because no step comes before it",
                field="steps",
                record=place,
                advice="limit the time from the first step with the window of the funnel, its field within",
                operands=(step.name,),
            )


def _check_order(funnel: "Funnel") -> None:
    """Refuse optional steps and exclusions where nothing lies between two steps."""
    if funnel.order is StepOrder.SEQUENTIAL:
        return
    if funnel.exclude or any(step.optional for step in funnel.steps):
        raise InvalidValueError(
            "only_in_sequence",
            f"order must be sequential for optional steps and for exclude, got {funnel.order.value}",
            field="order",
            advice="count without them, because in another order nothing lies between two steps",
            operands=(funnel.order.value,),
        )


def _check_exclude(funnel: "Funnel") -> None:
    """Check that each pair of `exclude` names two steps in order, and that excluded journeys have a cause."""
    names = [step.name for step in funnel.steps if not step.optional]
    checks.check_unique([id_ for id_, _ in funnel.exclude], "exclude", "a touchpoint")
    for place, (_, pair) in enumerate(funnel.exclude):
        if any(name not in names for name in pair) or names.index(pair[0]) >= names.index(pair[1]):
            raise InvalidValueError(
                "exclude_between_no_steps",
                f"exclude must name two steps in order that are not optional, got {show(pair[0])} and {show(pair[1])}",
                field="exclude",
                record=place,
                advice=f"there are, in order, {', '.join(map(show, names))}",
                operands=pair,
            )
    if funnel.excluded and not funnel.exclude:
        raise InconsistentCountsError(
            "excluded_without_exclude",
            f"excluded must be 0 without exclude, got {funnel.excluded}",
            field="excluded",
            operands=(funnel.excluded,),
        )


def _check_chain(steps: Iterable[FunnelStep]) -> None:
    """Check that each step counts from the journeys that the step before left over."""
    needed = [step for step in steps if not step.optional]
    journeys, first = needed[0].journeys, needed[0].reached
    previous = journeys
    for place, step in enumerate(steps):
        if (step.journeys, step.first_reached, step.previous_reached) != (journeys, first, previous):
            raise InconsistentCountsError(
                "funnel_steps_do_not_follow",
                f"steps must follow one another, and {show(step.name)} must have journeys={journeys}, "
                f"first_reached={first} and previous_reached={previous}",
                field="steps",
                record=place,
            )
        if not step.optional:
            previous = step.reached


def _fill(funnel: _F, reached: list[int], journeys: int) -> _F:
    """Return a funnel with its counts in place."""
    steps: list[FunnelStep] = []
    previous, first = journeys, reached[next(n for n, step in enumerate(funnel.steps) if not step.optional)]
    for step, count in zip(funnel.steps, reached, strict=True):
        steps.append(
            attrs.evolve(step, journeys=journeys, first_reached=first, previous_reached=previous, reached=count)
        )
        if not step.optional:
            previous = count
    return attrs.evolve(funnel, steps=tuple(steps))
