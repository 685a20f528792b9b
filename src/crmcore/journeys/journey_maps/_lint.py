"""What is wrong with a journey map, before anybody has gone the way."""

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

_Evidence = tuple[tuple[str, Decimal | int | str], ...]


def lint(
    journey_map: JourneyMap,
    /,
    *,
    touchpoints: Iterable[Touchpoint] = (),
    reviewed: Iterable[ContactArea] | None = None,
) -> tuple[Finding, ...]:
    """What the plan lacks, step by step in the order of the map, then what the whole of it lacks.

    Examples:
        >>> paint = JourneyMap(
        ...     name="buy a paint",
        ...     steps=[
        ...         JourneyStep(
        ...             name="ask for the aisle",
        ...             phase="purchase",
        ...             goal="find the paint",
        ...             touchpoint_ids=["assistant"],
        ...             frontstage="leads him there",
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
        >>> for finding in lint(paint):
        ...     print(finding.rule, finding.subject, sep=": ")
        no_customer_goal: fill in the form
        unnecessary_step: fill in the form
        nothing_after_purchase: buy a paint

    The rules of a step:

    - ``no_customer_goal``: nobody says what the customer wants there. It may be the company's step and not his.
    - ``unnecessary_step``: it gives him nothing, and nothing demands it.
    - ``unsupported_step``: it has no touchpoint, or nobody and nothing serves there: no front or back stage, no process
      and no owner.
    - ``unknown_touchpoint``: it names a touchpoint that is not among those given.
    - ``no_metric``: nothing shows how well it goes.
    - ``contradicting_messages``: an earlier step says something else about the same topic.
    - ``obstacles_differ``: customers and staff name different pains.

    The rules of the whole, for which one step is too few:

    - ``uncontrolled_share``: steps at whose touchpoints nobody in the company has a hand in it.
    - ``nothing_after_purchase``: the map ends where the customer has paid.
    - ``area_not_reviewed``: one of the seven contact areas is neither among those reviewed nor on the map.

    A rule whose input is missing does not run: without touchpoints nothing is said of who controls them, without phases
    nothing of what comes after the purchase, without areas nothing of the areas, and obstacles are compared where both
    sides were heard. Topics, messages and pains are the same where only capitals and spaces differ.

    Args:
        journey_map: The plan.
        touchpoints: What its touchpoints are, in any order; others among them do not mind.
        reviewed: The contact areas that somebody looked after; None where nobody says.

    Raises:
        WrongTypeError: A value of the wrong type.

    Source: the documents (the rules); Bitner, Ostrom and Morgan 2008, California Management Review 50(3):66-94
    (support); Lemon and Verhoef 2016, Journal of Marketing 80(6):69-96 (who controls a touchpoint).
    """
    plan = _plan(journey_map, touchpoints)
    if reviewed is not None:
        areas = checks.iterate(reviewed, "reviewed", "ContactArea")
        plan = attrs.evolve(
            plan, reviewed=frozenset(checks.as_member(one, ContactArea, "each of reviewed") for one in areas)
        )
    found = [finding for step in journey_map.steps for rule in _OF_A_STEP for finding in rule(plan, step)]
    if len(journey_map.steps) > 1:
        found += [finding for rule in _OF_THE_WHOLE for finding in rule(plan)]
    return tuple(found)


def controlled_share(journey_map: JourneyMap, touchpoints: Iterable[Touchpoint], /) -> Decimal | None:
    """The share of steps at which the company has a hand in a touchpoint; None where no step can be judged.

    Examples:
        >>> from crmcore import Ownership
        >>> trip = JourneyMap(
        ...     name="book a trip",
        ...     steps=[
        ...         JourneyStep(name="read what others say", phase="before", touchpoint_ids=["reviews"]),
        ...         JourneyStep(name="book", phase="purchase", touchpoint_ids=["site"]),
        ...     ],
        ... )
        >>> places = [Touchpoint(id="reviews", ownership=Ownership.INDEPENDENT), Touchpoint(id="site")]
        >>> controlled_share(trip, places)
        Decimal('0.5')

    A step counts as controlled where at least one of its touchpoints is, by the company or a partner. One without
    touchpoints, or with some that nobody knows and none that is controlled, cannot be judged and is left out.

    Raises:
        WrongTypeError: A value of the wrong type.

    Source: Lemon and Verhoef 2016, Journal of Marketing 80(6):69-96.
    """
    judged = _plan(journey_map, touchpoints).controlled()
    return ratio(sum(judged.values()), len(judged))


def obstacle_agreement(journey_map: JourneyMap, /) -> Decimal | None:
    """How far customers and staff name the same pains: those that both name, of all that either names.

    Examples:
        >>> from crmcore import Insight
        >>> wait = JourneyStep(
        ...     name="wait",
        ...     phase="purchase",
        ...     pains=[
        ...         Insight(text="One till of four is open.", source=InsightSource.CUSTOMER),
        ...         Insight(text="One till of four is open.", source=InsightSource.STAFF),
        ...         Insight(text="Nobody says how long.", source=InsightSource.CUSTOMER),
        ...     ],
        ... )
        >>> obstacle_agreement(JourneyMap(name="pay", steps=[wait]))
        Decimal('0.5')

    None where either side named none at all. Pains are the same where they stand at one step in the same words, but for
    capitals and spaces; so give one pain one text.

    Raises:
        WrongTypeError: It is no `JourneyMap`.

    Source: Jaccard 1912, New Phytologist 11(2):37-50.
    """
    steps = checks.as_instance(journey_map, JourneyMap, "journey_map").steps
    customers, staff = (
        {(step.name, _plain(pain)) for step in steps for pain in _named(step, source)}
        for source in (InsightSource.CUSTOMER, InsightSource.STAFF)
    )
    return ratio(len(customers & staff), len(customers | staff)) if customers and staff else None


@attrs.frozen(kw_only=True)
class _Plan:
    """A map and what is known around it."""

    map: JourneyMap
    places: dict[Id, Touchpoint]
    reviewed: frozenset[ContactArea] | None = None

    def of(self, step: JourneyStep) -> list[Touchpoint]:
        """The touchpoints of a step that are known."""
        return [self.places[one] for one in step.touchpoint_ids if one in self.places]

    def controlled(self) -> dict[str, bool]:
        """Whether the company has a hand in it, for each step of which that can be told."""
        judged: dict[str, bool] = {}
        for step in self.map.steps:
            places = self.of(step)
            controlled = any(place.ownership.is_controlled for place in places)
            if controlled or (places and len(places) == len(step.touchpoint_ids)):
                judged[step.name] = controlled
        return judged


def _plan(journey_map: JourneyMap, touchpoints: Iterable[Touchpoint]) -> _Plan:
    checks.as_instance(journey_map, JourneyMap, "journey_map")
    places = checks.as_tuple(touchpoints, Touchpoint, "touchpoints")
    return _Plan(map=journey_map, places={place.id: place for place in places})


def _warning(rule: str, subject: str, message: str, advice: str, evidence: Iterable[tuple[str, str]] = ()) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.WARNING,
        subject=subject,
        message=message,
        advice=advice,
        evidence=tuple(evidence),
    )


def _no_customer_goal(_: _Plan, step: JourneyStep) -> Iterator[Finding]:
    if not step.goal.strip():
        yield _warning(
            "no_customer_goal",
            step.name,
            "nobody says what the customer wants here",
            "ask what he wants; if nothing, the step is the company's and not his",
        )


def _unnecessary_step(_: _Plan, step: JourneyStep) -> Iterator[Finding]:
    if step.necessity is Necessity.UNNECESSARY:
        yield _warning(
            "unnecessary_step",
            step.name,
            "it gives the customer nothing, and nothing demands it",
            "take it out, or into the back stage",
        )


def _unsupported_step(_: _Plan, step: JourneyStep) -> Iterator[Finding]:
    texts = (step.frontstage, step.backstage, step.support_process)
    served = step.owner_id is not None or any(text.strip() for text in texts)
    lacks = [
        *([] if step.touchpoint_ids else ["a touchpoint"]),
        *([] if served else ["anybody or anything that serves"]),
    ]
    if lacks:
        yield _warning(
            "unsupported_step",
            step.name,
            f"it lacks {' and '.join(lacks)}",
            "name the place where the customer finds help, and who gives it",
            [("lacks", lack) for lack in lacks],
        )


def _unknown_touchpoint(plan: _Plan, step: JourneyStep) -> Iterator[Finding]:
    unknown = [one for one in step.touchpoint_ids if one not in plan.places]
    if plan.places and unknown:
        yield _warning(
            "unknown_touchpoint",
            step.name,
            f"it names {', '.join(map(show, unknown))}, which is not among the touchpoints given",
            "add the touchpoint, or mend its id",
            [("touchpoint", str(one)) for one in unknown],
        )


def _no_metric(_: _Plan, step: JourneyStep) -> Iterator[Finding]:
    if not step.metric.strip():
        yield Finding(
            rule="no_metric",
            severity=Severity.INFO,
            subject=step.name,
            message="nothing shows how well it goes",
            advice="name a figure, such as the minutes that it takes",
        )


def _contradicting_messages(plan: _Plan, step: JourneyStep) -> Iterator[Finding]:
    for topic, said in step.messages:
        for earlier in plan.map.steps[: plan.map.steps.index(step)]:
            told = [text for subject, text in earlier.messages if _same(subject, topic)]
            if told:
                if not any(_same(text, said) for text in told):
                    yield _warning(
                        "contradicting_messages",
                        step.name,
                        f"of {show(topic)} it says something else than {show(earlier.name)}",
                        "let the whole company give one message",
                        [("topic", topic), (earlier.name, told[0]), (step.name, said)],
                    )
                break


def _obstacles_differ(plan: _Plan, step: JourneyStep) -> Iterator[Finding]:
    heard = {pain.source for one in plan.map.steps for pain in one.pains}
    if not heard.issuperset((InsightSource.CUSTOMER, InsightSource.STAFF)):
        return
    customers, staff = _named(step, InsightSource.CUSTOMER), _named(step, InsightSource.STAFF)
    unseen = [pain for pain in customers if not any(_same(pain, other) for other in staff)]
    supposed = [pain for pain in staff if not any(_same(pain, other) for other in customers)]
    if unseen or supposed:
        counts = [f"{len(of)} by {who}" for of, who in ((unseen, "customers"), (supposed, "staff")) if of]
        yield Finding(
            rule="obstacles_differ",
            severity=Severity.WARNING if unseen else Severity.INFO,
            subject=step.name,
            message=f"pains that one side alone names: {', '.join(counts)}",
            advice="talk to both about what the others say",
            evidence=[*(("customers", pain) for pain in unseen), *(("staff", pain) for pain in supposed)],
        )


_OF_A_STEP: Final[tuple[Callable[[_Plan, JourneyStep], Iterator[Finding]], ...]] = (
    _no_customer_goal,
    _unnecessary_step,
    _unsupported_step,
    _unknown_touchpoint,
    _no_metric,
    _contradicting_messages,
    _obstacles_differ,
)


def _uncontrolled_share(plan: _Plan) -> Iterator[Finding]:
    judged = plan.controlled()
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
            message=f"nobody in the company has a hand in {len(uncontrolled)} of {len(judged)} steps",
            advice="watch what is said there, and answer it",
            evidence=evidence,
        )


def _nothing_after_purchase(plan: _Plan) -> Iterator[Finding]:
    phases = {step.purchase_phase for step in plan.map.steps}
    phases |= {place.phase for step in plan.map.steps for place in plan.of(step)}
    if phases - {None} and PurchasePhase.AFTER not in phases:
        yield _warning(
            "nothing_after_purchase",
            plan.map.name,
            "the map ends where the customer has paid",
            "say how he uses what he bought, asks for help, gives it back, comes again",
        )


def _area_not_reviewed(plan: _Plan) -> Iterator[Finding]:
    on_the_map = {place.contact_area for step in plan.map.steps for place in plan.of(step)} - {None}
    if plan.reviewed is None and not on_the_map:
        return
    for area in ContactArea:
        if area not in on_the_map and area not in (plan.reviewed or ()):
            yield _warning(
                "area_not_reviewed",
                area.value,
                "nobody has looked after this contact area",
                "review every point of contact in it: one bad detail ruins the rest",
            )


_OF_THE_WHOLE: Final[tuple[Callable[[_Plan], Iterator[Finding]], ...]] = (
    _uncontrolled_share,
    _nothing_after_purchase,
    _area_not_reviewed,
)


def _named(step: JourneyStep, source: InsightSource) -> list[str]:
    """The pains of a step that one side names."""
    return [pain.text for pain in step.pains if pain.source is source]


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _same(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)
