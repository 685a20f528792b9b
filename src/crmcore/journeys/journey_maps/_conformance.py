"""What a comparison of a journey map with journeys counts."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Self, cast

import attrs

from crmcore.journeys._names import is_among, join_unmatched, list_cautions, tidy_unmatched
from crmcore.journeys._open import check_open, read_window
from crmcore.journeys._unassigned import warn_of_unassigned
from crmcore.model.journey import JourneyMap
from crmcore.primitives import _clock, checks, proportions
from crmcore.primitives._decimals import RATIO, ZERO, plain_repr, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding
from crmcore.primitives.ids import Id, as_id
from crmcore.primitives.periods import by_utc
from crmcore.primitives.proportions import Interval, TwoProportions
from crmcore.primitives.record import NON_NEGATIVE, Name, number, several
from crmcore.primitives.tally import POLICY, Cell, Tally, TallyBy

__all__ = ["Backtrack", "Conformance", "OffMap", "StepConformance"]


@attrs.frozen(kw_only=True)
class StepConformance(Tally):
    """Number of journeys that completed, failed at or skipped one step. Records of disjoint journeys can be added.

    Examples:
        >>> from crmcore.journeys.journey_maps import StepConformance
        >>> till = StepConformance(
        ...     step="pay", journeys=100, visits=95, completed=80, failed=5, abandoned=7, skipped=3, left=15, without=9
        ... )
        >>> till.not_reached, till.came, till.drop_off
        (12, 85, Decimal('0.1764705882352941176470588235294118'))

    Each journey completed the step, failed at it, skipped it or did not reach it. A step without a touchpoint cannot be
    seen in journeys: it is never reached and never skipped.

    Attributes:
        step: The name of the step.
        optional: Whether the step may be left out.
        journeys: All journeys.
        visits: Visits to the step.
        completed: Journeys that came and did not give up every time.
        failed: Journeys that came and gave up every time.
        skipped: Journeys that never came, but completed a later step.
        abandoned: Visits at which the customer gave up.
        repeats: Visits to the step after it was done, except those that a loop of the map leads to.
        repeated: Journeys with such visits.
        out_of_order: Journeys that first came after they had completed a later step, except if a loop of the map led
            them there.
        left: Journeys that ended here without the goal; visits off the map are ignored.
        reached: Journeys that came and reached the goal.
        without: Journeys that never came, but came to the step before that is not optional, or to a later step. For the
            first such step: all journeys that came to another step.
        reached_without: Journeys among `without` that reached the goal.

    Raises:
        InconsistentCountsError: Counts that contradict each other.
        InvalidValueError: An empty name.
    """

    ratios = ("came", "not_reached", "completion", "drop_off", "skip_rate")

    step: Name = attrs.field(metadata=POLICY)
    optional: bool = attrs.field(default=False, metadata=POLICY)
    journeys: int = 0
    visits: int = 0
    completed: int = 0
    failed: int = 0
    skipped: int = 0
    abandoned: int = 0
    repeats: int = 0
    repeated: int = 0
    out_of_order: int = 0
    left: int = 0
    reached: int = 0
    without: int = 0
    reached_without: int = 0

    def _check(self) -> None:
        super()._check()
        for parts, whole in _WITHIN:
            if sum(getattr(self, name) for name in parts) > getattr(self, whole):
                sum_of_parts = " + ".join(f"{name}={getattr(self, name)}" for name in parts)
                raise InconsistentCountsError(
                    "step_counts_contradict",
                    f"{whole} must be at least {sum_of_parts}, got {getattr(self, whole)}",
                    field=parts[0],
                    record=self.step,
                    operands=(*(getattr(self, name) for name in parts), getattr(self, whole)),
                )
        for name, cause in (("visits", "came"), ("repeats", "repeated")):
            if getattr(self, name) and not getattr(self, cause):
                raise InconsistentCountsError(
                    "step_count_without_cause",
                    f"{name} must be 0 if {cause} is 0, got {getattr(self, name)}",
                    field=name,
                    record=self.step,
                    operands=(getattr(self, name),),
                )

    @property
    def came(self) -> int:
        """Journeys that came to the step, ``completed + failed``."""
        return self.completed + self.failed

    @property
    def not_reached(self) -> int:
        """Journeys that never came and did not get past the step, ``journeys - came - skipped``."""
        return self.journeys - self.came - self.skipped

    @property
    def completion(self) -> Decimal | None:
        """The share of journeys that completed the step, ``completed / journeys``; None if there are no journeys."""
        return ratio(self.completed, self.journeys)

    @property
    def drop_off(self) -> Decimal | None:
        """The share of the journeys that came and left without the goal, ``left / came``; None if none came."""
        return ratio(self.left, self.came)

    @property
    def skip_rate(self) -> Decimal | None:
        """The share that skipped of those that came or skipped, ``skipped / (came + skipped)``; None if none did."""
        return ratio(self.skipped, self.came + self.skipped)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the drop-off, or None if no journey came."""
        return proportions.wilson(self.left, self.came, confidence=confidence)

    def with_and_without(self) -> TwoProportions | None:
        """Compare how often the goal is reached with and without this step; None if either group is empty.

        The difference is the share among the journeys that came minus the share among those in `without`. If it is
        <= 0, the step does not seem to be missed. Journeys that left just before the step are in `without`, and so make
        the step look more useful than it is.
        """
        return proportions.two_proportions((self.reached_without, self.without), (self.reached, self.came))

    def explain(self) -> Explanation:
        """Explain the shares, line by line."""
        return Explanation(
            (
                *(
                    term(name, getattr(self, name), "journeys")
                    for name in ("journeys", "completed", "failed", "skipped")
                ),
                term("left", self.left, "journeys"),
                term("came", self.came, "journeys", "completed + failed"),
                term("not_reached", self.not_reached, "journeys", "journeys - came - skipped"),
                term("completion", self.completion, "", "completed / journeys"),
                term("skip_rate", self.skip_rate, "", "skipped / (came + skipped)"),
                term("drop_off", self.drop_off, "", "left / came"),
            )
        )


_WITHIN: Final = (
    (("completed", "failed", "skipped"), "journeys"),
    (("failed",), "abandoned"),
    (("abandoned", "completed"), "visits"),
    (("completed", "failed", "repeats"), "visits"),
    (("repeated",), "repeats"),
    (("repeated",), "completed"),
    (("out_of_order",), "came"),
    (("left", "reached"), "came"),
    (("without", "came"), "journeys"),
    (("skipped",), "without"),
    (("reached_without",), "without"),
)


@attrs.frozen(kw_only=True)
class OffMap(Tally):
    """Number of visits to a touchpoint that the map does not have. Records of disjoint journeys can be added.

    Examples:
        >>> from crmcore.journeys.journey_maps import OffMap
        >>> OffMap(visits=9, journeys=4).row()
        {'visits': 9, 'journeys': 4}

    Attributes:
        visits: Visits to the touchpoint.
        journeys: Journeys that came to it.

    Raises:
        InconsistentCountsError: More journeys than visits, or visits without a journey.
    """

    visits: int = 0
    journeys: int = 0

    def _check(self) -> None:
        super()._check()
        if self.journeys > self.visits or (self.visits and not self.journeys):
            raise InconsistentCountsError(
                "off_map_visits_contradict_journeys",
                f"visits must be >= journeys, and 0 only together with it, got visits={self.visits} and "
                f"journeys={self.journeys}",
                field="visits",
                operands=(self.visits, self.journeys),
            )


@attrs.frozen(kw_only=True)
class Backtrack(Tally):
    """Number of backtracks from a step to an earlier phase, and their time. Records of disjoint journeys can be added.

    Examples:
        >>> from crmcore.journeys.journey_maps import Backtrack
        >>> backtrack = Backtrack(count=6, journeys=5, returned=4, seconds=3 * 86_400)
        >>> backtrack.lost, backtrack.days, backtrack.days_each
        (2, Decimal('3'), Decimal('0.5'))

    The time runs from the last visit before the turn until the customer is back at the step they left, or past it. If
    they never get back, it runs to the end of the journey. Backtracks from two steps may lie within each other; then
    their times overlap.

    Attributes:
        count: How often it happened.
        journeys: Journeys in which it happened.
        returned: How often the customer came back to the step they left, or past it.
        seconds: The time it cost in total, exact.

    Raises:
        InconsistentCountsError: More journeys or returns than backtracks, time without a backtrack, or backtracks
            without a journey.
    """

    ratios = ("lost", "days", "days_each")

    count: int = 0
    journeys: int = 0
    returned: int = 0
    seconds: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=ZERO, converter=number, repr=plain_repr)

    def _check(self) -> None:
        super()._check()
        if max(self.journeys, self.returned) > self.count or (self.seconds and not self.count):
            raise InconsistentCountsError(
                "fewer_backtracks_than_journeys",
                f"count must be >= journeys and returned, and > 0 if seconds is, got count={self.count}, "
                f"journeys={self.journeys} and returned={self.returned}",
                field="count",
                operands=(self.count, self.journeys, self.returned),
            )
        if self.count and not self.journeys:
            raise InconsistentCountsError(
                "backtracks_without_a_journey",
                f"journeys must be > 0 if count is, got 0 and {self.count}",
                field="journeys",
                operands=(self.count,),
            )

    @property
    def lost(self) -> int:
        """How often the customer did not come back, ``count - returned``."""
        return self.count - self.returned

    @property
    def days(self) -> Decimal:
        """The time in days of 24 hours, to 34 digits."""
        return RATIO.divide(self.seconds, _clock.SECONDS_A_DAY)

    @property
    def days_each(self) -> Decimal | None:
        """The mean days of a backtrack, ``days / count``; None if `count` is 0."""
        return ratio(self.seconds, _clock.SECONDS_A_DAY * self.count)

    def explain(self) -> Explanation:
        """Explain the days, line by line."""
        return Explanation(
            (
                term("count", self.count, "backtracks"),
                term("journeys", self.journeys, "journeys"),
                term("returned", self.returned, "backtracks"),
                term("lost", self.lost, "backtracks", "count - returned"),
                term("seconds", self.seconds, "seconds"),
                term("days", self.days, "days", "seconds / 86400"),
                term("days_each", self.days_each, "days", "days / count"),
            )
        )


_NO_OFF_MAP: Final[TallyBy[Id, OffMap]] = TallyBy()
_NO_BACKTRACKS: Final[TallyBy[tuple[str, str], Backtrack]] = TallyBy()


@attrs.frozen(kw_only=True)
class Conformance(Tally):
    """What customers did, compared with a map step by step. Records of disjoint journeys can be added.

    Examples:
        >>> from crmcore import JourneyMap, JourneyStep, instant
        >>> from crmcore.journeys.journey_maps import compare
        >>> paint = JourneyMap(
        ...     name="buy a paint",
        ...     steps=[
        ...         JourneyStep(name="choose", phase="before", touchpoint_ids=["shelf"]),
        ...         JourneyStep(name="pay", phase="purchase", touchpoint_ids=["till"]),
        ...     ],
        ... )
        >>> rows = [
        ...     ("anna", "shelf", instant("2026-03-02T10:00")),
        ...     ("anna", "till", instant("2026-03-02T10:20")),
        ...     ("ben", "shelf", instant("2026-03-02T11:00")),
        ...     ("ben", "car park", instant("2026-03-02T11:05")),
        ... ]
        >>> found = compare(paint, rows)
        >>> found.journeys, found.following, found.rate, found["choose"].left
        (2, 1, Decimal('0.5'), 1)
        >>> found.off_map["car park"].journeys
        1

    Attributes:
        journey_map: The map.
        journeys: All journeys.
        following: Journeys that did only what the map has, as far as they went.
        reached: Journeys that completed the goal step.
        elsewhere: Journeys that did not come to any step.
        steps: What happened at each step, in the order of the map.
        off_map: Visits to touchpoints that the map does not have, by touchpoint.
        backtracks: Backtracks to an earlier phase, by the step they began at and the step they led to.
        within: How long a journey may take, for `as_of`.
        as_of: The instant up to which all visits are known; None if no journey counts as open.
        open: Journeys that began less than `within` before `as_of`. They are in no other count.
        unmatched: The touchpoints of the map that no visit has, each with the nearest that visits have, by their texts;
            none without journeys. Of two records that are added, those that the visits of neither have.
        assigned: Visits in journeys, those of the journeys that are open among them.
        unassigned: Visits of unknown customers, which are in no journey and in no other count.

    Raises:
        InconsistentCountsError: Counts that contradict each other.
        InvalidValueError: Steps or backtracks that are not those of the map, or an off-map touchpoint that is on it.
    """

    ratios = ("rate", "following_share", "dropped")

    journey_map: JourneyMap = attrs.field(metadata=POLICY)
    journeys: int = 0
    following: int = 0
    reached: int = 0
    elsewhere: int = 0
    steps: tuple[StepConformance, ...] = attrs.field(default=(), converter=several)
    off_map: TallyBy[Id, OffMap] = _NO_OFF_MAP
    backtracks: TallyBy[tuple[str, str], Backtrack] = _NO_BACKTRACKS
    within: timedelta | None = attrs.field(default=None, metadata=POLICY)
    as_of: datetime | None = attrs.field(default=None, eq=by_utc, metadata=POLICY)
    open: int = 0
    unmatched: tuple[tuple[Id, tuple[Id, ...]], ...] = attrs.field(default=(), converter=several, repr=False)
    assigned: int = attrs.field(default=0, repr=False)
    unassigned: int = attrs.field(default=0, repr=False)

    def _check(self) -> None:
        super()._check()
        steps = self.journey_map.steps
        given = self.steps or tuple(
            StepConformance(step=step.name, optional=step.optional, journeys=self.journeys) for step in steps
        )
        if [(step.step, step.optional, step.journeys) for step in given] != [
            (step.name, step.optional, self.journeys) for step in steps
        ]:
            raise InvalidValueError(
                "not_the_steps_of_the_map",
                "steps must be those of the map, in its order, each of all journeys",
                field="steps",
            )
        checks.set_field(self, "steps", given)
        _, until = read_window(self.within, self.as_of, alone=False)
        check_open(self.open, until)
        checks.set_field(self, "unmatched", tidy_unmatched(self.unmatched) if self.journeys or self.open else ())
        self._check_rows()
        counts = {"following": self.following, "reached + elsewhere + dropped": self._ended}
        for name, rows in (("off_map", self.off_map), ("backtracks", self.backtracks)):
            counts[f"journeys of {name}"] = max((row.journeys for row in rows.values()), default=0)
        for name, count in counts.items():
            if count > self.journeys:
                raise InconsistentCountsError(
                    "more_than_all_journeys",
                    f"journeys must be >= {name}, got {self.journeys} and {count}",
                    field="journeys",
                    operands=(self.journeys, count),
                )

    def _check_rows(self) -> None:
        number_of = {phase: number for number, phase in enumerate(self.journey_map.phases)}
        phase_of = {step.name: number_of[step.phase] for step in self.journey_map.steps}
        on_map = set(self.journey_map.touchpoint_ids)
        for place, touchpoint_id in enumerate(self.off_map):
            if as_id(touchpoint_id, f"off_map[{place}]") in on_map:
                raise InvalidValueError(
                    "off_map_touchpoint_on_the_map",
                    f"off_map must name touchpoints that the map does not have, got {show(touchpoint_id)}",
                    field="off_map",
                    record=touchpoint_id,
                    operands=(touchpoint_id,),
                )
        for pair in self.backtracks:
            if not _leads_back(pair, phase_of):
                raise InvalidValueError(
                    "not_a_backtrack_of_the_map",
                    "backtracks must lead from a step of the map to one of an earlier phase",
                    field="backtracks",
                    record=pair,
                )

    def _add_field(self, name: str, other: Self) -> Any:  # noqa: ANN401 # pyright: ignore[reportIncompatibleMethodOverride] - Self in both
        if name == "unmatched":
            return join_unmatched(part.unmatched for part in (self, other) if part.journeys or part.open)
        return super()._add_field(name, other)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read it: touchpoints of the map that no visit has, and visits of unknown customers.

        Nothing shows that a step is reached at a touchpoint that no visit has.
        """
        return (*list_cautions(self.unmatched, "the map"), *warn_of_unassigned(self.unassigned, self.assigned))

    def __iter__(self) -> Iterator[StepConformance]:
        return iter(self.steps)

    def __contains__(self, step: object, /) -> bool:
        return is_among(step, [conformance.step for conformance in self.steps])

    def __getitem__(self, step: str, /) -> StepConformance:
        return self.steps[self.journey_map.steps.index(self.journey_map.step(step))]

    @property
    def rate(self) -> Decimal | None:
        """The share of journeys that completed the goal step, ``reached / journeys``; None if there are no journeys."""
        return ratio(self.reached, self.journeys)

    @property
    def following_share(self) -> Decimal | None:
        """The share of journeys that did only what the map has; None if there are no journeys."""
        return ratio(self.following, self.journeys)

    @property
    def _ended(self) -> int:
        return self.reached + self.elsewhere + self.dropped

    @property
    def dropped(self) -> int:
        """Journeys that came to a step and ended without the goal."""
        return sum(step.left for step in self.steps)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the rate, or None if there are no journeys."""
        return proportions.wilson(self.reached, self.journeys, confidence=confidence)

    def _list_cells(self) -> dict[str, Cell]:
        """Return counts and ratios, the map by its name; each step has its own row."""
        return {"journey_map": self.journey_map.name, **super()._list_cells()}

    def rows(self, *, plain: bool = True) -> list[dict[str, Any]]:
        """Return a row for each step of the map, as `StepConformance.row` returns it.

        Args:
            plain: Whether cells are plain, as `Tally.row` says. Otherwise they are exact.
        """
        checks.as_instance(plain, bool, "plain")
        return [step.row(plain=True) if plain else step.row() for step in self.steps]

    def _list_rows(self) -> list[dict[str, Any]]:
        return self.rows(plain=False)

    def explain(self) -> Explanation:
        """Explain the shares, line by line."""
        return Explanation(
            (
                *(term(name, getattr(self, name), "journeys") for name in ("journeys", "following", "reached")),
                term("following_share", self.following_share, "", "following / journeys"),
                term("rate", self.rate, "", "reached / journeys"),
                *([] if self.as_of is None else [term("open", self.open, "journeys")]),
            ),
            cautions=self.cautions,
        )


def _leads_back(pair: tuple[object, ...], phase_of: Mapping[str, int]) -> bool:
    """Return whether a key names a step of the map and one of an earlier phase."""
    if not isinstance(pair, tuple) or len(pair) != len(("start", "end")):  # a key may be anything
        return False
    start, end = (phase_of.get(cast("str", step)) for step in pair)
    return start is not None and end is not None and end < start
