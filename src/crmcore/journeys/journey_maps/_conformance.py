"""The map held against what customers did: what a comparison counts."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import attrs

from crmcore.model.journey import JourneyMap
from crmcore.primitives import checks, proportions
from crmcore.primitives._decimals import RATIO, ZERO, plain_repr, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, UnknownNameError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.proportions import Interval, TwoProportions
from crmcore.primitives.tally import POLICY, Cell, Tally, TallyBy, check_counts, check_rows, check_sums

__all__ = ["Backtrack", "Conformance", "OffMap", "StepConformance"]

_DAY: Final = 86_400


@attrs.frozen(kw_only=True)
class StepConformance(Tally):
    """Adds over disjoint journeys: what became of one step of the map.

    Examples:
        >>> till = StepConformance(
        ...     step="pay", journeys=100, visits=95, completed=80, failed=5, abandoned=7, skipped=3, left=15, without=9
        ... )
        >>> till.not_reached, till.came, till.drop_off
        (12, 85, Decimal('0.1764705882352941176470588235294118'))

    Each journey completed the step, failed at it, skipped it or did not reach it. A step without a touchpoint cannot be
    seen in journeys: it is never reached and never skipped.

    Attributes:
        step: The step's name.
        optional: Whether it may be left out.
        journeys: All journeys.
        visits: Visits to the step.
        completed: Journeys that came and did not give up.
        failed: Journeys that came and gave up, every time.
        skipped: Journeys that never came, though they completed a later step.
        abandoned: Visits at which the customer gave up.
        repeats: Visits to a step already done, but for those that a loop of the map leads to.
        repeated: Journeys with such visits.
        out_of_order: Journeys that came to it first after they had completed a later step, but for those that a loop
            of the map led there.
        left: Journeys that ended here, as far as the map goes, short of the goal.
        reached: Of those that came, the ones that reached the goal.
        without: Journeys that never came, though they came to the step before it that is not optional, or to a later
            one; of the first such step, all that came to another.
        reached_without: Of those, the ones that reached the goal.

    Raises:
        InconsistentCountsError: Counts that contradict each other.
        InvalidValueError: A negative count or an empty name.
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
                told = " + ".join(f"{name}={getattr(self, name)}" for name in parts)
                raise InconsistentCountsError(
                    f"there cannot be more of {told} than {whole}={getattr(self, whole)}", *parts, whole
                )
        for name, cause in (("visits", "came"), ("repeats", "repeated")):
            if getattr(self, name) and not getattr(self, cause):
                raise InconsistentCountsError(f"{name}={getattr(self, name)} must be of some {cause}", name, cause)

    @property
    def came(self) -> int:
        """Journeys that came to it, whether they completed it or failed."""
        return self.completed + self.failed

    @property
    def not_reached(self) -> int:
        """Journeys that never came and did not get past it."""
        return self.journeys - self.came - self.skipped

    @property
    def completion(self) -> Decimal | None:
        """The share of all journeys that completed it, ``completed / journeys``; None of none."""
        return ratio(self.completed, self.journeys)

    @property
    def drop_off(self) -> Decimal | None:
        """The share of those that came and left short of the goal, ``left / came``; None where nobody came."""
        return ratio(self.left, self.came)

    @property
    def skip_rate(self) -> Decimal | None:
        """The share of those it was due to that never came, ``skipped / (came + skipped)``; None of none."""
        return ratio(self.skipped, self.came + self.skipped)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Bounds of the drop-off by Wilson's score method; None where nobody came."""
        return proportions.wilson(self.left, self.came, confidence=confidence)

    def with_and_without(self) -> TwoProportions | None:
        """How often the goal is reached without coming here, and by those who come; None where either is nobody.

        The difference is the share of those who come less that of the others, who got as far as the step before.
        Where it is nought or below, nobody seems to miss the step. Those who left just before it are among the others,
        and so speak for it.
        """
        return proportions.two_proportions((self.reached_without, self.without), (self.reached, self.came))

    def explain(self) -> Explanation:
        """How the shares come about, line by line."""
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
    """Adds over disjoint journeys: visits to a touchpoint that the map does not have.

    Examples:
        >>> OffMap(visits=9, journeys=4).row()
        {'visits': 9, 'journeys': 4}

    Attributes:
        visits: Visits to it.
        journeys: Journeys that came to it.

    Raises:
        InconsistentCountsError: More journeys than visits, or visits of no journey.
        InvalidValueError: A negative count.
    """

    visits: int = 0
    journeys: int = 0

    def __attrs_post_init__(self) -> None:
        check_counts(self, "visits", "journeys")
        if self.journeys > self.visits or (self.visits and not self.journeys):
            raise InconsistentCountsError(
                f"each journey that came has a visit, and each visit is of one, got journeys={self.journeys} and "
                f"visits={self.visits}",
                self.journeys,
                self.visits,
            )


@attrs.frozen(kw_only=True)
class Backtrack(Tally):
    """Adds over disjoint journeys: ways back from a step to an earlier phase, and the time they cost.

    Examples:
        >>> back = Backtrack(count=6, journeys=5, returned=4, seconds=3 * 86_400)
        >>> back.lost, back.days, back.days_each
        (2, Decimal('3'), Decimal('0.5'))

    The time runs from the last visit before the turn until the customer is again at the step he left, or past it; where
    he never is, until his journey ends. Of ways back from two steps, one may lie within the other: their times overlap.

    Attributes:
        count: How often it happened.
        journeys: Journeys in which it did.
        returned: How often the customer came again to where he had been.
        seconds: The time it cost all together, exactly.

    Raises:
        InconsistentCountsError: More journeys or returns than ways back, time without any, or ways back of no journey.
        InvalidValueError: A negative number.
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
                f"journeys, returns and time need a way back each, got count={self.count}, journeys={self.journeys}, "
                f"returned={self.returned}",
                self.count,
            )
        if self.count and not self.journeys:
            raise InconsistentCountsError(f"count={self.count} ways back must be of some journeys", self.count)

    @property
    def lost(self) -> int:
        """How often the customer did not come again to where he had been."""
        return self.count - self.returned

    @property
    def days(self) -> Decimal:
        """The time in days of 24 hours, to 34 digits."""
        return RATIO.divide(self.seconds, _DAY)

    @property
    def days_each(self) -> Decimal | None:
        """Days for each way back, ``days / count``; None of none."""
        return ratio(self.seconds, _DAY * self.count)

    def explain(self) -> Explanation:
        """How the days come about, line by line."""
        return Explanation(
            (
                term("count", self.count, "ways back"),
                term("journeys", self.journeys, "journeys"),
                term("returned", self.returned, "ways back"),
                term("lost", self.lost, "ways back", "count - returned"),
                term("seconds", self.seconds, "seconds"),
                term("days", self.days, "days", "seconds / 86400"),
                term("days_each", self.days_each, "days", "days / count"),
            )
        )


_NOWHERE: Final[TallyBy[Id, OffMap]] = TallyBy()
_NEVER: Final[TallyBy[tuple[str, str], Backtrack]] = TallyBy()


@attrs.frozen(kw_only=True)
class Conformance(Tally):
    """Adds over disjoint journeys: a map held against what customers did, step by step.

    Examples:
        >>> from crmcore import JourneyStep, instant
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
        following: Journeys that did nothing but what the map has, as far as they went.
        reached: Journeys that completed the goal's step.
        elsewhere: Journeys that came to no step at all.
        steps: What became of each step, in the map's order.
        off_map: Visits to touchpoints that the map does not have, by touchpoint.
        backtracks: Ways back to an earlier phase, by the step they began at and the step they led to.

    Raises:
        InconsistentCountsError: Counts that contradict each other.
        InvalidValueError: A negative count, steps or ways back that are not the map's, or an off_map that is.
        WrongTypeError: A value of the wrong type.
    """

    ratios = ("rate", "following_share", "dropped")

    journey_map: JourneyMap = attrs.field(metadata=POLICY)
    journeys: int = 0
    following: int = 0
    reached: int = 0
    elsewhere: int = 0
    steps: tuple[StepConformance, ...] = ()
    off_map: TallyBy[Id, OffMap] = _NOWHERE
    backtracks: TallyBy[tuple[str, str], Backtrack] = _NEVER

    def __attrs_post_init__(self) -> None:
        steps = checks.as_instance(self.journey_map, JourneyMap, "journey_map").steps
        check_counts(self, "journeys", "following", "reached", "elsewhere")
        given = checks.as_tuple(self.steps, StepConformance, "steps") or tuple(
            StepConformance(step=step.name, optional=step.optional, journeys=self.journeys) for step in steps
        )
        if [(one.step, one.optional, one.journeys) for one in given] != [
            (step.name, step.optional, self.journeys) for step in steps
        ]:
            raise InvalidValueError("steps must be those of the map, in its order, each of all journeys", "steps")
        checks.set_field(self, "steps", given)
        self._check_rows()
        counts = {"following": self.following, "reached + elsewhere + dropped": self._ended}
        for name, most in (("off_map", self.off_map), ("backtracks", self.backtracks)):
            counts[f"journeys of {name}"] = max((one.journeys for one in most.values()), default=0)
        for told, some in counts.items():
            if some > self.journeys:
                raise InconsistentCountsError(f"{told} cannot be {some} of journeys={self.journeys}", some)

    def _check_rows(self) -> None:
        check_rows(self, "off_map", OffMap)
        check_rows(self, "backtracks", Backtrack)
        phases = self.journey_map.phases
        phase_of = {step.name: phases.index(step.phase) for step in self.journey_map.steps}
        on_map = set(self.journey_map.touchpoint_ids)
        for touchpoint_id in self.off_map:
            check_id(touchpoint_id, "every key of off_map", required=True)
            if touchpoint_id in on_map:
                raise InvalidValueError(f"off_map must be of other touchpoints than the map's {show(touchpoint_id)}")
        backs = {(one, other) for one in phase_of for other in phase_of if phase_of[other] < phase_of[one]}
        for pair in self.backtracks:
            if pair not in backs:
                raise InvalidValueError(
                    "every key of backtracks must be a pair of a step of the map and one of an earlier phase",
                    "backtracks",
                )

    def __iter__(self) -> Iterator[StepConformance]:
        return iter(self.steps)

    def __contains__(self, step: object, /) -> bool:
        return any(one.step == step for one in self.steps)

    def __getitem__(self, step: str, /) -> StepConformance:
        for one in self.steps:
            if one.step == step:
                return one
        names = ", ".join(one.step for one in self.steps)
        raise UnknownNameError(f"no step is named {show(step)}; there are {names}", step)

    @property
    def rate(self) -> Decimal | None:
        """The share of journeys that completed the goal's step, ``reached / journeys``; None of none."""
        return ratio(self.reached, self.journeys)

    @property
    def following_share(self) -> Decimal | None:
        """The share of journeys that did nothing but what the map has; None of none."""
        return ratio(self.following, self.journeys)

    @property
    def _ended(self) -> int:
        return self.reached + self.elsewhere + self.dropped

    @property
    def dropped(self) -> int:
        """Journeys that came to a step and ended short of the goal."""
        return sum(step.left for step in self.steps)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Bounds of the rate by Wilson's score method; None of no journeys."""
        return proportions.wilson(self.reached, self.journeys, confidence=confidence)

    def row(self) -> dict[str, Cell]:
        """Counts and ratios as a flat dict, the map by its name; the steps have rows of their own."""
        names = ("journeys", "following", "reached", "elsewhere", *self.ratios)
        return {"journey_map": self.journey_map.name, **{name: getattr(self, name) for name in names}}

    def explain(self) -> Explanation:
        """How the shares come about, line by line."""
        return Explanation(
            (
                *(term(name, getattr(self, name), "journeys") for name in ("journeys", "following", "reached")),
                term("following_share", self.following_share, "", "following / journeys"),
                term("rate", self.rate, "", "reached / journeys"),
            )
        )
