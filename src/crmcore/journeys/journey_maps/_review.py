"""What a comparison found, in customers' words, and which step to look at first."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import ceil

import attrs

from crmcore.journeys.journey_maps._conformance import Backtrack, Conformance, OffMap, StepConformance
from crmcore.primitives import checks, proportions
from crmcore.primitives._decimals import ratio
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.ids import Id
from crmcore.primitives.money import Money
from crmcore.primitives.proportions import Interval

__all__ = ["ValueAtRisk", "review", "value_at_risk"]


@attrs.frozen(kw_only=True)
class ValueAtRisk:
    """What is at stake at a step: how many leave there short of the goal, and what they would have been worth.

    Examples:
        >>> ValueAtRisk(step="pay", came=85, left=15, worth=Money(200, "EUR")).value
        Money('3000', 'EUR')

    The most there is to win: it takes each of them for one who would otherwise have reached the goal.

    Attributes:
        step: The step's name.
        came: Journeys that came to it.
        left: Those that ended there short of the goal.
        worth: What a customer who reaches the goal is worth.

    Raises:
        InconsistentCountsError: More left than came.
        InvalidValueError: A negative count or worth, or an empty name.
        WrongTypeError: A value of the wrong type.
    """

    step: str
    came: int
    left: int
    worth: Money

    def __attrs_post_init__(self) -> None:
        if not checks.as_text(self.step, "step"):
            raise InvalidValueError("step must not be empty", "step")
        for name in ("came", "left"):
            checks.set_field(self, name, checks.as_count(getattr(self, name), name))
        if self.left > self.came:
            raise InconsistentCountsError(
                f"only who came can leave, got left={self.left} of came={self.came}", self.left, self.came
            )
        _check_worth(self.worth)

    @property
    def value(self) -> Money:
        """``left * worth``."""
        return self.worth * self.left

    @property
    def drop_off(self) -> Decimal | None:
        """The share of those that came and left, ``left / came``; None where nobody came."""
        return ratio(self.left, self.came)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Bounds of the drop-off by Wilson's score method; None where nobody came."""
        return proportions.wilson(self.left, self.came, confidence=confidence)

    def explain(self) -> Explanation:
        """How the value comes about, line by line."""
        return Explanation(
            (
                term("came", self.came, "journeys"),
                term("left", self.left, "journeys"),
                term("drop_off", self.drop_off, "", "left / came"),
                term("worth", self.worth),
                term("value", self.value, "", "left * worth"),
            )
        )


def value_at_risk(conformance: Conformance, /, *, worth: Money) -> tuple[ValueAtRisk, ...]:
    """The steps at which customers leave, the one with the most value at stake first: begin there.

    Examples:
        >>> from crmcore import JourneyMap, JourneyStep, instant, journey_maps
        >>> paint = JourneyMap(
        ...     name="buy a paint",
        ...     steps=[
        ...         JourneyStep(name=name, phase="shop", touchpoint_ids=[name]) for name in ("choose", "queue", "pay")
        ...     ],
        ... )
        >>> went = {"anna": ["choose", "queue", "pay"], "ben": ["choose", "queue"], "zoe": ["choose", "queue"]}
        >>> rows = [(who, at, instant(f"2026-03-0{day}")) for who, way in went.items() for day, at in enumerate(way, 1)]
        >>> first = journey_maps.value_at_risk(journey_maps.compare(paint, rows), worth=Money(40, "EUR"))[0]
        >>> first.step, first.left, first.value
        ('queue', 2, Money('80', 'EUR'))

    Args:
        conformance: What `compare` counted.
        worth: What a customer who reaches the goal is worth, such as `lifetime_value.simple` gives. Where groups differ
            in worth, count them apart (`Journeys.apart`).

    Returns:
        The steps that anybody left at, by value, then as on the map. Empty where nobody left.

    Raises:
        InvalidValueError: A worth below nought.
        WrongTypeError: A value of the wrong type.
    """
    steps = checks.as_instance(conformance, Conformance, "conformance").steps
    _check_worth(worth)
    found = [ValueAtRisk(step=step.step, came=step.came, left=step.left, worth=worth) for step in steps if step.left]
    return tuple(sorted(found, key=lambda stake: -stake.left))


def _check_worth(worth: object) -> None:
    if (money := checks.as_instance(worth, Money, "worth")) < Money.zero(money.currency):
        raise InvalidValueError("worth must be >= 0", "worth")


def review(conformance: Conformance, /, *, at_least: Decimal | int | str | float = 0) -> tuple[Finding, ...]:
    """What a comparison found, as findings with their evidence; of journeys that follow the map to its end, nothing.

    The rules, step by step in the map's order: `customers_leave` (journeys end here short of the goal),
    `contact_abandoned`, `step_skipped` (one that is not optional), `skipped_without_loss` (those who never come reach
    the goal as often as those who do: it may be unnecessary), `step_repeated`, `out_of_order`. Then of the whole:
    `turns_back` (a way back to an earlier phase that is no loop of the map), in the map's order, and `off_map` (a
    touchpoint that the map does not have, and so does not support), the one with most journeys first.

    Examples:
        >>> from crmcore import JourneyMap, JourneyStep, instant, journey_maps
        >>> paint = JourneyMap(
        ...     name="buy a paint",
        ...     steps=[JourneyStep(name=name, phase="shop", touchpoint_ids=[name]) for name in ("choose", "pay")],
        ... )
        >>> found = journey_maps.compare(paint, [("anna", "choose", instant("2026-03-01"))])
        >>> print(journey_maps.review(found)[0])
        warning customers_leave: choose: 1 of 1 who came left short of the goal; ask them why, and mend it first

    Args:
        conformance: What `compare` counted.
        at_least: Of what share of all journeys something must be told, 0 to 1; by default one journey will do, which
            in a large log finds something nearly everywhere.

    Raises:
        InvalidValueError: A share outside 0 to 1.
        WrongTypeError: It is no `Conformance`, or no number.
    """
    journeys = checks.as_instance(conformance, Conformance, "conformance").journeys
    least = max(1, ceil(Fraction(checks.as_share(at_least, "at_least")) * journeys))
    goal = [step.name for step in conformance.journey_map.steps].index(str(conformance.journey_map.goal_step))
    findings: list[Finding] = []
    for place, step in enumerate(conformance.steps):
        findings += _of_step(step, least, before_goal=place < goal)
    loops = set(conformance.journey_map.loops)
    place_of = {step.step: place for place, step in enumerate(conformance.steps)}
    backs = sorted(conformance.backtracks.items(), key=lambda row: [place_of[step] for step in row[0]])
    findings += [_turns_back(*pair, back) for pair, back in backs if back.journeys >= least and pair not in loops]
    strangers = sorted(conformance.off_map.items(), key=lambda row: (-row[1].journeys, -row[1].visits, repr(row[0])))
    findings += [_off_map(touchpoint_id, visits) for touchpoint_id, visits in strangers if visits.journeys >= least]
    return tuple(findings)


def _of_step(step: StepConformance, least: int, *, before_goal: bool) -> Iterator[Finding]:
    if step.left >= least:
        yield _warning(
            "customers_leave",
            step,
            f"{step.left:,} of {step.came:,} who came left short of the goal",
            "ask them why, and mend it first",
            "came",
            "left",
        )
    if step.abandoned >= least:
        yield _warning(
            "contact_abandoned",
            step,
            f"{step.abandoned:,} of {step.visits:,} visits were given up",
            "find what made them give up: a queue, a stock-out, a bad site or phone",
            "visits",
            "abandoned",
        )
    if step.skipped >= least and not step.optional:
        yield _warning(
            "step_skipped",
            step,
            f"{_counted(step.skipped)} went past without it",
            "find the way they took, or mark it optional",
            "came",
            "skipped",
        )
    both = step.with_and_without() if before_goal and step.skipped >= least and not step.optional else None
    if both is not None and both.difference <= 0:
        yield attrs.evolve(
            _warning(
                "skipped_without_loss",
                step,
                f"of those who never came {_percent(both.before)} reached the goal, of those who came "
                f"{_percent(both.after)}",
                "it may be unnecessary: try without it",
                "came",
                "reached",
                "without",
                "reached_without",
            ),
            severity=Severity.INFO,
        )
    if step.repeated >= least:
        yield _warning(
            "step_repeated",
            step,
            f"{_counted(step.repeated)} came again to what was done",
            "find what they did not get the first time",
            "repeats",
            "repeated",
        )
    if step.out_of_order >= least:
        yield _warning(
            "out_of_order",
            step,
            f"{_counted(step.out_of_order)} came to it only after a later step",
            "put it where they look for it",
            "out_of_order",
        )


def _warning(rule: str, step: StepConformance, message: str, advice: str, *evidence: str) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.WARNING,
        subject=step.step,
        message=message,
        advice=advice,
        evidence=[("journeys", step.journeys), *((name, getattr(step, name)) for name in evidence)],
    )


def _turns_back(start: str, end: str, back: Backtrack) -> Finding:
    return Finding(
        rule="turns_back",
        severity=Severity.WARNING,
        subject=f"{start} -> {end}",
        message=f"{_counted(back.journeys)} turned back from {start} to {end}, {back.lost:,} of {back.count:,} times "
        "for good",
        advice="find what they had to go back for, or say that the way leads back with loops",
        evidence=[(name, getattr(back, name)) for name in ("count", "journeys", "returned", "days")],
    )


def _off_map(touchpoint_id: Id, visits: OffMap) -> Finding:
    return Finding(
        rule="off_map",
        severity=Severity.WARNING,
        subject=str(touchpoint_id),
        message=f"{_counted(visits.journeys)} came to a touchpoint that the map does not have",
        advice="put it on the map and say who supports it, or spare customers the way",
        evidence=[("visits", visits.visits), ("journeys", visits.journeys)],
    )


def _counted(journeys: int) -> str:
    return f"{journeys:,} {'journey' if journeys == 1 else 'journeys'}"


def _percent(share: tuple[int, int]) -> str:
    some, whole = share
    return f"{100 * some // whole}%"
