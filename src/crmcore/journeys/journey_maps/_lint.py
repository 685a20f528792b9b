"""What a journey map lacks, before any customer has followed it."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Final

import attrs

from crmcore.model.journey import InsightSource, JourneyMap, JourneyStep, Necessity
from crmcore.model.touchpoint import ContactArea, PurchasePhase, Touchpoint
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.checks import show
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.ids import Id

__all__ = ["controlled_share", "lint", "obstacle_agreement"]


def lint(
    journey_map: JourneyMap,
    /,
    *,
    touchpoints: Iterable[Touchpoint] = (),
    reviewed: Iterable[ContactArea | str] | None = None,
) -> tuple[Finding, ...]:
    """Return what the plan lacks: first step by step in the order of the map, then as a whole.

    Examples:
        >>> from crmcore import JourneyMap, JourneyStep, Necessity, journey_maps
        >>> paint = JourneyMap(
        ...     name="buy a paint",
        ...     steps=[
        ...         JourneyStep(
        ...             name="ask for the aisle",
        ...             phase="purchase",
        ...             goal="find the paint",
        ...             touchpoint_ids=["assistant"],
        ...             frontstage="leads the customer there",
        ...             metric="asked twice",
        ...         ),
        ...         JourneyStep(
        ...             name="fill in the form",
        ...             phase="purchase",
        ...             touchpoint_ids=["till"],
        ...             owner_id="zoe",
        ...             metric="minutes",
        ...             necessity=Necessity.UNNECESSARY,
        ...         ),
        ...     ],
        ... )
        >>> for finding in journey_maps.lint(paint):
        ...     print(finding.rule, finding.subject, sep=": ")
        no_customer_goal: fill in the form
        unnecessary_step: fill in the form
        nothing_after_purchase: buy a paint

    The rules for a step:

    - ``no_customer_goal``: the step does not say what the customer wants there. Perhaps only the company needs it.
    - ``unnecessary_step``: the customer gets nothing from it, and nothing requires it.
    - ``unsupported_step``: it has no touchpoint, or no support: neither front or back stage, nor process, nor owner.
    - ``unknown_touchpoint``: it names a touchpoint that is not among those given.
    - ``no_metric``: nothing measures how well it works.
    - ``contradicting_messages``: an earlier step says something else about the same topic.
    - ``obstacles_differ``: customers and staff name different pains.

    The rules for the whole, which need more than one step:

    - ``uncontrolled_share``: steps whose touchpoints the company does not control.
    - ``nothing_after_purchase``: the map ends with the purchase.
    - ``area_not_reviewed``: one of the seven contact areas is neither reviewed nor on the map.

    A rule without its input does not run: control needs touchpoints, the rule about the time after the purchase needs
    phases, the rule about areas needs areas, and obstacles need pains of both sides. Topics, messages and pains are
    equal if they differ only in capitals and spaces.

    Args:
        journey_map: The plan.
        touchpoints: The touchpoints of the map, in any order; other touchpoints among them are ignored.
        reviewed: The contact areas that were reviewed; None if that is not known.

    Source: the source articles, see why.md (the rules); Bitner, Ostrom and Morgan 2008, California Management Review
    50(3):66-94 (support); Lemon and Verhoef 2016, Journal of Marketing 80(6):69-96 (who controls a touchpoint).
    """
    plan = _build_plan(journey_map, touchpoints)
    if reviewed is not None:
        plan = attrs.evolve(plan, reviewed=_as_areas(reviewed))
    findings = [finding for step in journey_map.steps for rule in _STEP_RULES for finding in rule(plan, step)]
    if len(journey_map.steps) > 1:
        findings += [finding for rule in _MAP_RULES for finding in rule(plan)]
    return tuple(findings)


def controlled_share(journey_map: JourneyMap, touchpoints: Iterable[Touchpoint], /) -> Decimal | None:
    """Return the share of steps at which the company controls a touchpoint, or None if no step can be judged.

    Examples:
        >>> from crmcore import JourneyMap, JourneyStep, Ownership, Touchpoint, journey_maps
        >>> trip = JourneyMap(
        ...     name="book a trip",
        ...     steps=[
        ...         JourneyStep(name="read reviews", phase="before", touchpoint_ids=["reviews"]),
        ...         JourneyStep(name="book", phase="purchase", touchpoint_ids=["site"]),
        ...     ],
        ... )
        >>> touchpoints = [Touchpoint(id="reviews", ownership=Ownership.INDEPENDENT), Touchpoint(id="site")]
        >>> journey_maps.controlled_share(trip, touchpoints)
        Decimal('0.5')

    A step is controlled if at least one of its touchpoints is, by the company or a partner. A step cannot be judged and
    is left out if it has no touchpoints, or if some are unknown and no known one is controlled.

    Source: Lemon and Verhoef 2016, Journal of Marketing 80(6):69-96.
    """
    judged = _build_plan(journey_map, touchpoints).judge_control()
    return ratio(sum(judged.values()), len(judged))


def obstacle_agreement(journey_map: JourneyMap, /) -> Decimal | None:
    """Return how far customers and staff name the same pains: those that both name over those that either names.

    Examples:
        >>> from crmcore import Insight, InsightSource, JourneyMap, JourneyStep, journey_maps
        >>> wait = JourneyStep(
        ...     name="wait",
        ...     phase="purchase",
        ...     pains=[
        ...         Insight(text="One till of four is open.", source=InsightSource.CUSTOMER),
        ...         Insight(text="One till of four is open.", source=InsightSource.STAFF),
        ...         Insight(text="The wait has no stated length.", source=InsightSource.CUSTOMER),
        ...     ],
        ... )
        >>> journey_maps.obstacle_agreement(JourneyMap(name="pay", steps=[wait]))
        Decimal('0.5')

    None if either side names no pain. Pains are equal if they belong to one step and their texts differ only in
    capitals and spaces, so write the same pain in the same words.

    Source: Jaccard 1912, New Phytologist 11(2):37-50.
    """
    steps = checks.as_instance(journey_map, JourneyMap, "journey_map").steps
    customers, staff = (
        {(step.name, _normalize(pain)) for step in steps for pain in _list_pains(step, source)}
        for source in (InsightSource.CUSTOMER, InsightSource.STAFF)
    )
    return ratio(len(customers & staff), len(customers | staff)) if customers and staff else None


@attrs.frozen(kw_only=True)
class _Plan:
    """A map, and what is known about its touchpoints."""

    map: JourneyMap
    touchpoints: dict[Id, Touchpoint]
    reviewed: frozenset[ContactArea | str] | None = None
    said: dict[str, tuple[JourneyStep, list[str]]]
    hear_both: bool

    def find_touchpoints(self, step: JourneyStep) -> list[Touchpoint]:
        """Return the known touchpoints of a step."""
        return [self.touchpoints[id_] for id_ in step.touchpoint_ids if id_ in self.touchpoints]

    def judge_control(self) -> dict[str, bool]:
        """Return whether the company controls a touchpoint, for each step that can be judged."""
        judged: dict[str, bool] = {}
        for step in self.map.steps:
            touchpoints = self.find_touchpoints(step)
            controlled = any(touchpoint.ownership.is_controlled for touchpoint in touchpoints)
            if controlled or (touchpoints and len(touchpoints) == len(step.touchpoint_ids)):
                judged[step.name] = controlled
        return judged


def _build_plan(journey_map: JourneyMap, touchpoints: Iterable[Touchpoint]) -> _Plan:
    checks.as_instance(journey_map, JourneyMap, "journey_map")
    several = checks.as_tuple(touchpoints, Touchpoint, "touchpoints")
    said: dict[str, tuple[JourneyStep, list[str]]] = {}  # by topic, what the first step with it says
    for step in journey_map.steps:
        for topic, text in step.messages:
            first, texts = said.setdefault(_normalize(topic), (step, []))
            if first is step:
                texts.append(text)
    heard = {pain.source for step in journey_map.steps for pain in step.pains}
    return _Plan(
        map=journey_map,
        touchpoints={touchpoint.id: touchpoint for touchpoint in several},
        said=said,
        hear_both=heard.issuperset((InsightSource.CUSTOMER, InsightSource.STAFF)),
    )


def _build_warning(
    rule: str, subject: str, message: str, advice: str, evidence: Iterable[tuple[str, str]] = ()
) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.WARNING,
        subject=subject,
        message=message,
        advice=advice,
        evidence=tuple(evidence),
    )


def _check_no_customer_goal(_: _Plan, step: JourneyStep) -> Iterator[Finding]:
    if not step.goal.strip():
        yield _build_warning(
            "no_customer_goal",
            step.name,
            "the step does not say what the customer wants here",
            "ask customers. If they want nothing, only the company needs this step",
        )


def _check_unnecessary_step(_: _Plan, step: JourneyStep) -> Iterator[Finding]:
    if step.necessity is Necessity.UNNECESSARY:
        yield _build_warning(
            "unnecessary_step",
            step.name,
            "the customer gets nothing from this step, and nothing requires it",
            "remove it, or move it into the back stage",
        )


_MISSING: Final = {
    (True, False): (
        "nothing is named that supports the customer here",
        "fill in frontstage, backstage, support_process or owner_id",
    ),
    (False, True): ("no touchpoint is named here", "fill in touchpoint_ids"),
    (False, False): (
        "no touchpoint is named here, and nothing that supports the customer",
        "fill in touchpoint_ids, and frontstage, backstage, support_process or owner_id",
    ),
}
"""The message and the advice for a step, by whether it has touchpoints and whether it has support."""


def _check_unsupported_step(_: _Plan, step: JourneyStep) -> Iterator[Finding]:
    texts = (step.frontstage, step.backstage, step.support_process)
    served = step.owner_id is not None or any(text.strip() for text in texts)
    lacks = [
        *([] if step.touchpoint_ids else ["a touchpoint"]),
        *([] if served else ["any support"]),
    ]
    if lacks:
        yield _build_warning(
            "unsupported_step",
            step.name,
            _MISSING[bool(step.touchpoint_ids), served][0],
            _MISSING[bool(step.touchpoint_ids), served][1],
            [("lacks", lack) for lack in lacks],
        )


def _check_unknown_touchpoint(plan: _Plan, step: JourneyStep) -> Iterator[Finding]:
    unknown = [id_ for id_ in step.touchpoint_ids if id_ not in plan.touchpoints]
    if plan.touchpoints and unknown:
        yield _build_warning(
            "unknown_touchpoint",
            step.name,
            f"it names {', '.join(map(show, unknown))}, which is not among the touchpoints given",
            "add the touchpoint, or correct its id",
            [("touchpoint", str(id_)) for id_ in unknown],
        )


def _check_no_metric(_: _Plan, step: JourneyStep) -> Iterator[Finding]:
    if not step.metric.strip():
        yield Finding(
            rule="no_metric",
            severity=Severity.INFO,
            subject=step.name,
            message="nothing measures how well this step works",
            advice="fill in metric, such as the minutes it takes",
        )


def _check_contradicting_messages(plan: _Plan, step: JourneyStep) -> Iterator[Finding]:
    for topic, said in step.messages:
        first, texts = plan.said[_normalize(topic)]
        if first is not step and not any(_equal(text, said) for text in texts):
            yield _build_warning(
                "contradicting_messages",
                step.name,
                f"about {show(topic)} it says something else than {show(first.name)}",
                "give one message throughout the company",
                [("topic", topic), (first.name, texts[0]), (step.name, said)],
            )


def _check_obstacles_differ(plan: _Plan, step: JourneyStep) -> Iterator[Finding]:
    if not plan.hear_both:
        return
    customers, staff = _list_pains(step, InsightSource.CUSTOMER), _list_pains(step, InsightSource.STAFF)
    by_customers = [pain for pain in customers if not any(_equal(pain, other) for other in staff)]
    by_staff = [pain for pain in staff if not any(_equal(pain, other) for other in customers)]
    if by_customers or by_staff:
        sides = (("customers", by_customers), ("staff", by_staff))
        counts = [f"{len(pains)} by {side}" for side, pains in sides if pains]
        yield Finding(
            rule="obstacles_differ",
            severity=Severity.WARNING if by_customers else Severity.INFO,
            subject=step.name,
            message=f"pains that only one side names: {', '.join(counts)}",
            advice="tell each side what the other says, and ask about it",
            evidence=[(side, pain) for side, pains in sides for pain in pains],
        )


_STEP_RULES: Final[tuple[Callable[[_Plan, JourneyStep], Iterator[Finding]], ...]] = (
    _check_no_customer_goal,
    _check_unnecessary_step,
    _check_unsupported_step,
    _check_unknown_touchpoint,
    _check_no_metric,
    _check_contradicting_messages,
    _check_obstacles_differ,
)


def _check_uncontrolled_share(plan: _Plan) -> Iterator[Finding]:
    judged = plan.judge_control()
    uncontrolled = [name for name, controlled in judged.items() if not controlled]
    if uncontrolled:
        evidence: list[tuple[str, Decimal | int | str]] = [
            ("share", ratio(len(uncontrolled), len(judged)) or 0),
            ("steps", len(judged)),
            *(("step", name) for name in uncontrolled),
        ]
        yield Finding(
            rule="uncontrolled_share",
            severity=Severity.INFO,
            subject=plan.map.name,
            message=f"the company controls no touchpoint of {len(uncontrolled)} of {len(judged)} steps",
            advice="read what is said there, and answer it",
            evidence=evidence,
        )


def _check_nothing_after_purchase(plan: _Plan) -> Iterator[Finding]:
    phases = {step.purchase_phase for step in plan.map.steps}
    phases |= {touchpoint.phase for step in plan.map.steps for touchpoint in plan.find_touchpoints(step)}
    if phases - {None} and PurchasePhase.AFTER not in phases:
        yield _build_warning(
            "nothing_after_purchase",
            plan.map.name,
            "the map ends with the purchase",
            "add how customers use what they bought, ask for help, return it, and come again",
        )


def _as_areas(areas: Iterable[ContactArea | str]) -> frozenset[ContactArea | str]:
    given = checks.iterate(areas, "reviewed", "ContactArea member")
    return frozenset(checks.as_label(area, ContactArea, f"reviewed[{place}]") for place, area in enumerate(given))


def _check_area_not_reviewed(plan: _Plan) -> Iterator[Finding]:
    on_the_map = {touchpoint.contact_area for step in plan.map.steps for touchpoint in plan.find_touchpoints(step)} - {
        None
    }
    if plan.reviewed is None and not on_the_map:
        return
    for area in ContactArea:
        if area not in on_the_map and area not in (plan.reviewed or ()):
            yield _build_warning(
                "area_not_reviewed",
                area.value,
                "this contact area was not reviewed",
                "review every touchpoint in it: one bad detail spoils the rest",
            )


_MAP_RULES: Final[tuple[Callable[[_Plan], Iterator[Finding]], ...]] = (
    _check_uncontrolled_share,
    _check_nothing_after_purchase,
    _check_area_not_reviewed,
)


def _list_pains(step: JourneyStep, source: InsightSource) -> list[str]:
    """Return the pains of a step that one side names."""
    return [pain.text for pain in step.pains if pain.source is source]


def _normalize(text: str) -> str:
    return " ".join(text.casefold().split())


def _equal(one: str, other: str) -> bool:
    return _normalize(one) == _normalize(other)
