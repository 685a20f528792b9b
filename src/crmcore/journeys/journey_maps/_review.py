"""What a comparison found, as findings in plain words."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import ceil

import attrs

from crmcore.journeys.journey_maps._conformance import Backtrack, Conformance, OffMap, StepConformance
from crmcore.primitives import checks
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.ids import Id

__all__ = ["review"]


def review(conformance: Conformance, /, *, at_least: Decimal | int | str | float = 0) -> tuple[Finding, ...]:
    """Return what a comparison found, as findings with their evidence.

    Journeys that follow the map to its end lead to no finding. The findings are in the order of what is at stake: first
    those where most journeys are lost, then those that concern most journeys, and equals as the rules and the map have
    them. What is only good to know (`Severity.INFO`) is at the end. Look at ``conformance.cautions`` too: a touchpoint
    that no visit has may be misspelt in the map, and then customers seem to leave before its step.

    The rules for each step:

    - `customers_leave`: journeys end here without the goal.
    - `contact_abandoned`: customers gave up visits here.
    - `step_skipped`: journeys went past this step, which is not optional.
    - `skipped_without_loss`: journeys that never came reach the goal as often as those that came; the step may be
      unnecessary.
    - `step_repeated`: journeys came again after they had completed the step.
    - `out_of_order`: journeys came to the step only after a later one.

    Then the rules for the whole:

    - `turns_back`: journeys return to an earlier phase, and it is not a loop of the map.
    - `off_map`: a touchpoint that the map does not have, and so does not support.

    Examples:
        >>> from crmcore import JourneyMap, JourneyStep, instant, journey_maps
        >>> paint = JourneyMap(
        ...     name="buy a paint",
        ...     steps=[JourneyStep(name=name, phase="shop", touchpoint_ids=[name]) for name in ("choose", "pay")],
        ... )
        >>> found = journey_maps.compare(paint, [("anna", "choose", instant("2026-03-01"))])
        >>> finding = journey_maps.review(found)[0]
        >>> print(finding.rule, finding.subject, finding.message, sep=": ")
        customers_leave: choose: 1 journey came to this step and left here without reaching the goal

    Args:
        conformance: What `compare` counted.
        at_least: The smallest share of all journeys that makes a finding, 0 to 1. By default a single journey does,
            which in a large log gives a finding nearly everywhere.
    """
    journeys = checks.as_instance(conformance, Conformance, "conformance").journeys
    least = max(1, ceil(Fraction(checks.as_share(at_least, "at_least")) * journeys))
    goal = [step.name for step in conformance.journey_map.steps].index(str(conformance.journey_map.goal_step))
    found: list[_Found] = []
    for number, step in enumerate(conformance.steps):
        found += _review_step(step, least, before_goal=number < goal)
    loops = set(conformance.journey_map.loops)
    numbers = {step.step: number for number, step in enumerate(conformance.steps)}
    backtracks = sorted(conformance.backtracks.items(), key=lambda row: [numbers[step] for step in row[0]])
    found += [
        _Found(_build_turns_back(*pair, backtrack), lost=backtrack.lost, journeys=backtrack.journeys)
        for pair, backtrack in backtracks
        if backtrack.journeys >= least and pair not in loops
    ]
    off_map = sorted(conformance.off_map.items(), key=lambda row: (-row[1].journeys, -row[1].visits, repr(row[0])))
    found += [
        _Found(_build_off_map(touchpoint_id, visits), journeys=visits.journeys)
        for touchpoint_id, visits in off_map
        if visits.journeys >= least
    ]
    found.sort(key=lambda one: (one.finding.severity is Severity.INFO, -one.lost, -one.journeys))
    return tuple(one.finding for one in found)


@attrs.frozen
class _Found:
    """A finding, with the journeys that are lost and those that it concerns."""

    finding: Finding
    lost: int = 0
    journeys: int = 0


def _review_step(step: StepConformance, least: int, *, before_goal: bool) -> Iterator[_Found]:
    if step.left >= least:
        finding = _build_warning(
            "customers_leave",
            step,
            _describe_exits(step.came, step.left),
            "ask these customers why",
            "came",
            "left",
        )
        yield _Found(finding, lost=step.left, journeys=step.left)
    if step.abandoned >= least:
        finding = _build_warning(
            "contact_abandoned",
            step,
            f"{step.abandoned:,} of {step.visits:,} visits were abandoned",
            "find what made customers give up: a queue, a stock-out, a bad site or phone",
            "visits",
            "abandoned",
        )
        yield _Found(finding, lost=step.failed, journeys=step.abandoned)
    if step.skipped >= least and not step.optional:
        finding = _build_warning(
            "step_skipped",
            step,
            f"{_count_journeys(step.skipped)} skipped this step and completed a later one",
            "find the path they took, or mark the step as optional",
            "came",
            "skipped",
        )
        yield _Found(finding, journeys=step.skipped)
    comparison = step.with_and_without() if before_goal and step.skipped >= least and not step.optional else None
    if comparison is not None and comparison.difference <= 0:
        finding = attrs.evolve(
            _build_warning(
                "skipped_without_loss",
                step,
                f"{_format_percent(comparison.before)} of those that never came reached the goal, "
                f"{_format_percent(comparison.after)} of those that came",
                "it may be unnecessary: try without it",
                "came",
                "reached",
                "without",
                "reached_without",
            ),
            severity=Severity.INFO,
        )
        yield _Found(finding, journeys=step.without)
    if step.repeated >= least:
        finding = _build_warning(
            "step_repeated",
            step,
            f"{_count_journeys(step.repeated)} came again after they had completed it",
            "find what brought them back: a question left open, or something that did not work",
            "repeats",
            "repeated",
        )
        yield _Found(finding, journeys=step.repeated)
    if step.out_of_order >= least:
        finding = _build_warning(
            "out_of_order",
            step,
            f"{_count_journeys(step.out_of_order)} came to it only after a later step",
            "put it where customers look for it",
            "out_of_order",
        )
        yield _Found(finding, journeys=step.out_of_order)


def _build_warning(rule: str, step: StepConformance, message: str, advice: str, *evidence: str) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.WARNING,
        subject=step.step,
        message=message,
        advice=advice,
        evidence=[("journeys", step.journeys), *((name, getattr(step, name)) for name in evidence)],
    )


def _build_turns_back(start: str, end: str, backtrack: Backtrack) -> Finding:
    return Finding(
        rule="turns_back",
        severity=Severity.WARNING,
        subject=f"{start} -> {end}",
        message=f"{_count_journeys(backtrack.journeys)} turned back from {start} to {end}, "
        f"{backtrack.lost:,} of {backtrack.count:,} times for good",
        advice="find what they had to go back for, or declare it as one of the loops of the map",
        evidence=[(name, getattr(backtrack, name)) for name in ("count", "journeys", "returned", "days")],
    )


def _build_off_map(touchpoint_id: Id, visits: OffMap) -> Finding:
    return Finding(
        rule="off_map",
        severity=Severity.WARNING,
        subject=str(touchpoint_id),
        message=f"{_count_journeys(visits.journeys)} came to a touchpoint that the map does not have",
        advice="put it on the map and say who supports it, or make the visit unnecessary",
        evidence=[("visits", visits.visits), ("journeys", visits.journeys)],
    )


def _describe_exits(came: int, left: int) -> str:
    left_here = " and left" if came == 1 else f", and {left:,} of them left"
    return f"{_count_journeys(came)} came to this step{left_here} here without reaching the goal"


def _count_journeys(journeys: int) -> str:
    return f"{journeys:,} {'journey' if journeys == 1 else 'journeys'}"


def _format_percent(share: tuple[int, int]) -> str:
    some, whole = share
    return f"{100 * some // whole}%"
