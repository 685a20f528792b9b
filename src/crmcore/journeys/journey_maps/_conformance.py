"""What a comparison of a journey map with journeys counts."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import attrs

from crmcore.model.journey import JourneyMap
from crmcore.primitives import _clock, checks, proportions
from crmcore.primitives._decimals import RATIO, ZERO, plain_repr, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, UnknownNameError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.proportions import Interval, TwoProportions
from crmcore.primitives.tally import POLICY, Cell, Tally, TallyBy, check_counts, check_rows, check_sums

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

    step: str = attrs.field(metadata=POLICY)
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

    def __attrs_post_init__(self) -> None:
        if not checks.as_text(self.step, "step"):
            raise InvalidValueError("step must not be empty", "step")
        checks.as_instance(self.optional, bool, "optional")
        check_counts(self, *_COUNTS)
        for parts, whole in _WITHIN:
            if sum(getattr(self, name) for name in parts) > getattr(self, whole):
                sum_of_parts = " + ".join(f"{name}={getattr(self, name)}" for name in parts)
                raise InconsistentCountsError(
                    f"{whole} must be at least {sum_of_parts}, got {getattr(self, whole)}", *parts, whole
                )
        for name, cause in (("visits", "came"), ("repeats", "repeated")):
            if getattr(self, name) and not getattr(self, cause):
                raise InconsistentCountsError(
                    f"{name} must be 0 if {cause} is 0, got {getattr(self, name)}", name, cause
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


_COUNTS: Final = (
    "journeys",
    "visits",
    "completed",
    "failed",
    "skipped",
    "abandoned",
    "repeats",
    "repeated",
    "out_of_order",
    "left",
    "reached",
    "without",
    "reached_without",
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
    (("came", "without"), "journeys"),
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

    def __attrs_post_init__(self) -> None:
        check_counts(self, "visits", "journeys")
        if self.journeys > self.visits or (self.visits and not self.journeys):
            raise InconsistentCountsError(
                f"visits must be >= journeys, and 0 only together with it, got visits={self.visits} and "
                f"journeys={self.journeys}",
                self.journeys,
                self.visits,
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
    seconds: Decimal = attrs.field(default=ZERO, converter=checks.number, repr=plain_repr)

    def __attrs_post_init__(self) -> None:
        check_counts(self, "count", "journeys", "returned")
        check_sums(self, "seconds")
        if max(self.journeys, self.returned) > self.count or (self.seconds and not self.count):
            raise InconsistentCountsError(
                f"count must be >= journeys and returned, and > 0 if seconds is, got count={self.count}, "
                f"journeys={self.journeys} and returned={self.returned}",
                self.count,
            )
        if self.count and not self.journeys:
            raise InconsistentCountsError(f"count must be 0 if journeys is 0, got {self.count}", self.count)

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
    steps: tuple[StepConformance, ...] = ()
    off_map: TallyBy[Id, OffMap] = _NO_OFF_MAP
    backtracks: TallyBy[tuple[str, str], Backtrack] = _NO_BACKTRACKS

    def __attrs_post_init__(self) -> None:
        steps = checks.as_instance(self.journey_map, JourneyMap, "journey_map").steps
        check_counts(self, "journeys", "following", "reached", "elsewhere")
        given = checks.as_tuple(self.steps, StepConformance, "steps") or tuple(
            StepConformance(step=step.name, optional=step.optional, journeys=self.journeys) for step in steps
        )
        if [(step.step, step.optional, step.journeys) for step in given] != [
            (step.name, step.optional, self.journeys) for step in steps
        ]:
            raise InvalidValueError("steps must be those of the map, in its order, each of all journeys", "steps")
        checks.set_field(self, "steps", given)
        self._check_rows()
        counts = {"following": self.following, "reached + elsewhere + dropped": self._ended}
        for name, rows in (("off_map", self.off_map), ("backtracks", self.backtracks)):
            counts[f"journeys of {name}"] = max((row.journeys for row in rows.values()), default=0)
        for name, count in counts.items():
            if count > self.journeys:
                raise InconsistentCountsError(f"{name} must be at most journeys={self.journeys}, got {count}", count)

    def _check_rows(self) -> None:
        check_rows(self, "off_map", OffMap)
        check_rows(self, "backtracks", Backtrack)
        phases = self.journey_map.phases
        phase_of = {step.name: phases.index(step.phase) for step in self.journey_map.steps}
        on_map = set(self.journey_map.touchpoint_ids)
        for touchpoint_id in self.off_map:
            check_id(touchpoint_id, "every key of off_map", required=True)
            if touchpoint_id in on_map:
                raise InvalidValueError(
                    f"off_map must name touchpoints that the map does not have, got {show(touchpoint_id)}", "off_map"
                )
        backtracks = {(start, end) for start in phase_of for end in phase_of if phase_of[end] < phase_of[start]}
        for pair in self.backtracks:
            if pair not in backtracks:
                raise InvalidValueError(
                    "every key of backtracks must be a pair of a step of the map and one of an earlier phase",
                    "backtracks",
                )

    def __iter__(self) -> Iterator[StepConformance]:
        return iter(self.steps)

    def __contains__(self, step: object, /) -> bool:
        return any(conformance.step == step for conformance in self.steps)

    def __getitem__(self, step: str, /) -> StepConformance:
        for conformance in self.steps:
            if conformance.step == step:
                return conformance
        names = ", ".join(conformance.step for conformance in self.steps)
        raise UnknownNameError(f"no step is named {show(step)}; there are {names}", step)

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

    def row(self) -> dict[str, Cell]:
        """Return counts and ratios as a flat dict, the map by its name; each step has its own row."""
        names = ("journeys", "following", "reached", "elsewhere", *self.ratios)
        return {"journey_map": self.journey_map.name, **{name: getattr(self, name) for name in names}}

    def explain(self) -> Explanation:
        """Explain the shares, line by line."""
        return Explanation(
            (
                *(term(name, getattr(self, name), "journeys") for name in ("journeys", "following", "reached")),
                term("following_share", self.following_share, "", "following / journeys"),
                term("rate", self.rate, "", "reached / journeys"),
            )
        )
