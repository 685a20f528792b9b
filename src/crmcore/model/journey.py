"""What one customer did, and the plan to compare it with.

A `Journey` is the interactions of one customer, in order. A `JourneyMap` is the plan, step by step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final

import attrs

from crmcore.model.interaction import Interaction
from crmcore.model.moment import MicroMomentKind, MomentTiming
from crmcore.model.touchpoint import PurchasePhase, Touchpoint
from crmcore.primitives import checks
from crmcore.primitives._clock import NO_TIME
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, UnknownNameError
from crmcore.primitives.grouping import is_repeated
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import elapsed, in_utc
from crmcore.primitives.record import (
    Kind,
    Label,
    Name,
    Personal,
    PersonalName,
    Record,
    distinct,
    several,
    text as text_or_none,
)

__all__ = ["Insight", "InsightSource", "Journey", "JourneyMap", "JourneyStep", "Necessity", "Sipoc"]

_WORST: Final = -2
_BEST: Final = 2


def _as_emotion(value: object, name: str) -> int:
    return checks.as_whole(value, name, _WORST, _BEST, advice="if your scale is 1 to 5, subtract 3")


_EMOTION: Final = Kind(_as_emotion, {"minimum": _WORST, "maximum": _BEST})


@attrs.frozen(kw_only=True)
class Journey(Record):
    """What one customer did: their interactions, in order of time.

    The order goes by UTC. Interactions with the same instant keep the order in which they are given.

    Examples:
        >>> from crmcore import Interaction, Journey, instant
        >>> journey = Journey(
        ...     customer_id=7,
        ...     goal="paint the fence",
        ...     interactions=[
        ...         Interaction(touchpoint_id="checkout", at=instant("2026-03-02T10:40"), customer_id=7),
        ...         Interaction(touchpoint_id="aisle 10", at=instant("2026-03-02T10:15"), customer_id=7),
        ...     ],
        ... )
        >>> journey.touchpoint_ids
        ('aisle 10', 'checkout')

    Attributes:
        customer_id: The customer; None if they are unknown.
        interactions: The interactions of this customer or of an unknown one; given in any order, kept in order of time.
            An interaction with an id is kept once, even if it is given twice.
        goal: What the customer wanted.
        reached: Whether the customer reached the goal; None if that is unknown.
        id: The id of the journey.

    Raises:
        InvalidValueError: An interaction belongs to another customer, or two different ones have one id.
    """

    customer_id: Id | None
    interactions: tuple[Interaction, ...] = attrs.field(default=(), converter=several)
    goal: Personal = attrs.field(default="", converter=text_or_none)
    reached: bool | None = None
    id: Id | None = None

    def _check(self) -> None:
        super()._check()
        by_id: dict[Id, Interaction] = {}
        kept: list[Interaction] = []
        for place, interaction in enumerate(self.interactions):
            if interaction.customer_id not in (None, self.customer_id):
                raise InvalidValueError(
                    "interaction_of_another_customer",
                    "interactions must each have this customer or an unknown one",
                    field="interactions",
                    record=place,
                    advice="group them by customer first",
                )
            if interaction.id is None or not is_repeated(interaction, by_id, "interactions", place):
                kept.append(interaction)
        kept.sort(key=lambda interaction: in_utc(interaction.at))
        checks.set_field(self, "interactions", tuple(kept))

    def __len__(self) -> int:
        return len(self.interactions)

    def __iter__(self) -> Iterator[Interaction]:
        return iter(self.interactions)

    @property
    def first(self) -> Interaction | None:
        """The first interaction; None if there are no interactions."""
        return self.interactions[0] if self.interactions else None

    @property
    def last(self) -> Interaction | None:
        """The last interaction; None if there are no interactions."""
        return self.interactions[-1] if self.interactions else None

    @property
    def touchpoint_ids(self) -> tuple[Id, ...]:
        """The touchpoints of the interactions, in order; a repeated visit is repeated."""
        return tuple(interaction.touchpoint_id for interaction in self.interactions)

    @property
    def length(self) -> timedelta:
        """The time from the first interaction to the last; zero if there are fewer than two."""
        if not self.interactions:
            return NO_TIME
        return elapsed(self.interactions[0].at, self.interactions[-1].at)

    def phases(self, touchpoints: Iterable[Touchpoint], /) -> tuple[PurchasePhase | None, ...]:
        """Return the phase of the touchpoint of each interaction, or None if it is unknown or does not have one."""
        phase_of = {
            touchpoint.id: touchpoint.phase for touchpoint in checks.as_tuple(touchpoints, Touchpoint, "touchpoints")
        }
        return tuple(phase_of.get(touchpoint_id) for touchpoint_id in self.touchpoint_ids)

    def then(self, interaction: Interaction, /) -> Journey:
        """Return the journey with one more interaction, inserted by its instant.

        Each call sorts and checks all interactions again. To add many, give them to `Journey` at once.
        """
        return attrs.evolve(self, interactions=(*self.interactions, interaction))


class InsightSource(StrEnum):
    """The source of a pain or an opportunity.

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        CUSTOMER: The customers.
        STAFF: The employees who serve them.
    """

    CUSTOMER = "customer"
    STAFF = "staff"


class Necessity(StrEnum):
    """Why a step exists.

    Attributes:
        WANTED: The step has value for the customer.
        REQUIRED: The step has no value for the customer but is required: by law, for safety, for payment.
        UNNECESSARY: The step is neither; it can be removed.
    """

    WANTED = "wanted"
    REQUIRED = "required"
    UNNECESSARY = "unnecessary"


@attrs.frozen(kw_only=True)
class Insight(Record):
    """A pain or an opportunity at a step, and its source.

    Examples:
        >>> from crmcore import Insight, InsightSource
        >>> Insight(text="The phone is not answered.", source=InsightSource.CUSTOMER, evidence="11 of 40 asked").source
        <InsightSource.CUSTOMER: 'customer'>

    Attributes:
        text: What it is, in general words, not blank; pictures show it.
        source: The source; None if it is unknown.
        evidence: The evidence for it.
    """

    text: PersonalName
    source: Label[InsightSource] | None = None
    evidence: Personal = attrs.field(default="", converter=text_or_none)


@attrs.frozen(kw_only=True)
class JourneyStep(Record):
    """One step of a planned journey, from the customer's point of view, and what the company does for it.

    Examples:
        >>> from crmcore import JourneyStep
        >>> ask = JourneyStep(
        ...     name="ask for the aisle",
        ...     phase="purchase",
        ...     goal="find the paint",
        ...     touchpoint_ids=["assistant"],
        ...     frontstage="shows the aisle",
        ...     emotion=-1,
        ...     moment_of_truth=True,
        ... )
        >>> ask.purchase_phase
        <PurchasePhase.PURCHASE: 'purchase'>

    Attributes:
        name: The name of the step, not blank, unique on its map.
        phase: The phase that the step belongs to, not blank; the phases of a map are in the order of its steps.
        goal: What the customer wants here.
        action: What the customer does.
        thought: What the customer thinks.
        emotion: What the customer feels, from -2 (worst) to 2 (best); None if it is unknown.
        touchpoint_ids: Where the customer meets the company, each once. If empty, no visit counts as this step.
        optional: Whether the customer may skip the step.
        frontstage: What people or systems do in the customer's view.
        backstage: What people or systems do out of the customer's view.
        support_process: What the rest of the company does to support them.
        owner_id: The employee who is responsible for the step.
        necessity: Why the step exists; None if it is unknown.
        pains: What is hard for the customer.
        opportunities: What could be better.
        expectation: What the customer expects.
        metric: The figure that measures the step.
        messages: What the company says to the customer here, as pairs of a topic and a message, neither blank.
        moment_of_truth: Whether the step may decide what the customer thinks of the company.
        timing: The place of that moment on the customer's path; only for a moment of truth.
        micro_moments: What the customer may want from their phone.
        purchase_phase: Where the step is relative to the purchase. By default it follows from `phase`, if that is the
            value of a `PurchasePhase` in upper or lower case; otherwise it is None.

    Raises:
        InvalidValueError: An emotion outside -2 to 2, or a timing without a moment of truth.

    Source: Shostack 1984, Harvard Business Review 62(1):133-139, and Bitner, Ostrom and Morgan 2008, California
    Management Review 50(3):66-94 (front and back stage, support); the scale of emotions is custom.
    """

    name: Name
    phase: Name
    goal: str = attrs.field(default="", converter=text_or_none)
    action: str = attrs.field(default="", converter=text_or_none)
    thought: str = attrs.field(default="", converter=text_or_none)
    emotion: Annotated[int, _EMOTION] | None = None
    touchpoint_ids: tuple[Id, ...] = attrs.field(default=(), converter=several)
    optional: bool = False
    frontstage: str = attrs.field(default="", converter=text_or_none)
    backstage: str = attrs.field(default="", converter=text_or_none)
    support_process: str = attrs.field(default="", converter=text_or_none)
    owner_id: Id | None = None
    necessity: Necessity | None = None
    pains: tuple[Insight, ...] = attrs.field(default=(), converter=several)
    opportunities: tuple[Insight, ...] = attrs.field(default=(), converter=several)
    expectation: str = attrs.field(default="", converter=text_or_none)
    metric: str = attrs.field(default="", converter=text_or_none)
    messages: tuple[tuple[Name, Name], ...] = attrs.field(default=(), converter=several)
    moment_of_truth: bool = False
    timing: Label[MomentTiming] | None = None
    micro_moments: frozenset[MicroMomentKind] = attrs.field(
        default=frozenset(), converter=distinct, repr=checks.sorted_repr
    )
    purchase_phase: PurchasePhase | None = None

    def _check(self) -> None:
        super()._check()
        checks.check_unique(self.touchpoint_ids, "touchpoint_ids", "a touchpoint")
        if self.timing is not None and not self.moment_of_truth:
            raise InvalidValueError(
                "timing_of_no_moment",
                "timing must be empty unless moment_of_truth is true",
                field="timing",
                advice="set moment_of_truth=True",
            )
        if self.purchase_phase is None:
            checks.set_field(self, "purchase_phase", _PHASES.get(self.phase.casefold()))


_PHASES: Final = {phase.value: phase for phase in PurchasePhase}


@attrs.frozen(kw_only=True)
class JourneyMap(Record):
    """The plan of how a customer reaches their goal: steps in order, grouped by phase, from their point of view.

    Examples:
        >>> from crmcore import JourneyMap, JourneyStep
        >>> paint = JourneyMap(
        ...     name="buy a paint",
        ...     actor="Vera",
        ...     goal="paint the fence",
        ...     steps=[
        ...         JourneyStep(name="see the ad", phase="before", touchpoint_ids=["ad"]),
        ...         JourneyStep(name="ask for the aisle", phase="purchase", touchpoint_ids=["assistant"]),
        ...         JourneyStep(name="pay", phase="purchase", touchpoint_ids=["till"]),
        ...         JourneyStep(name="return a can", phase="after", touchpoint_ids=["desk"], optional=True),
        ...     ],
        ...     loops=[("pay", "ask for the aisle")],
        ... )
        >>> paint.phases, paint.goal_step
        (('before', 'purchase', 'after'), 'pay')

    A map may have a single step: start with the one that hurts most.

    Attributes:
        name: The name of the map, not blank.
        steps: The steps, at least one, in the planned order; the steps of one phase are consecutive.
        actor: The name of the persona whose path it is.
        scenario: The situation in which the customer starts.
        goal: What the customer wants in the end.
        loops: The planned returns, as pairs of a step and an earlier step that it leads back to, or of a step and
            itself if it may be repeated.
        goal_step: The step at which the customer has reached the goal. By default it is the last step that is not
            optional and has a touchpoint, so that a visit can reach it; then the last one that is not optional; then
            the last one.
        id: The id of the map.

    Raises:
        InvalidValueError: No steps, two steps with the same name, a phase whose steps are not consecutive, a loop that
            leads forward, or a goal step or loop that does not name a step of the map.
    """

    name: Name
    steps: tuple[JourneyStep, ...] = attrs.field(converter=several)
    actor: str = attrs.field(default="", converter=text_or_none)
    scenario: str = attrs.field(default="", converter=text_or_none)
    goal: str = attrs.field(default="", converter=text_or_none)
    loops: tuple[tuple[Name, Name], ...] = attrs.field(default=(), converter=several)
    goal_step: Name | None = None
    id: Id | None = None

    def _check(self) -> None:
        super()._check()
        if not self.steps:
            raise InvalidValueError("map_without_steps", "steps must not be empty", field="steps")
        names = [step.name for step in self.steps]
        checks.check_unique(names, "steps", "a name")
        _check_phases(self.steps)
        _check_loops(self.loops, names)
        if self.goal_step is None:
            checks.set_field(self, "goal_step", _find_goal_step(self.steps).name)
        elif self.goal_step not in names:
            raise InvalidValueError(
                "goal_step_not_on_the_map",
                f"goal_step must name a step of the map, got {show(self.goal_step)}",
                field="goal_step",
                advice=f"there are {', '.join(names)}",
                operands=(self.goal_step,),
            )

    @property
    def phases(self) -> tuple[str, ...]:
        """The phases, in the order of the steps."""
        return tuple(dict.fromkeys(step.phase for step in self.steps))

    @property
    def touchpoint_ids(self) -> tuple[Id, ...]:
        """The touchpoints of all steps, each once, in the order of the steps."""
        return tuple(dict.fromkeys(touchpoint_id for step in self.steps for touchpoint_id in step.touchpoint_ids))

    def step(self, name: str, /) -> JourneyStep:
        """Return the step with a name.

        Raises:
            UnknownNameError: No step has that name.
            WrongTypeError: Not a text.
        """
        wanted = checks.as_nonempty_text(name, "name")
        for step in self.steps:
            if step.name == wanted:
                return step
        raise UnknownNameError(
            "no_such_step",
            f"no step is named {show(name)}",
            field="name",
            advice=f"there are {', '.join(step.name for step in self.steps)}",
            operands=(name,),
        )


@attrs.frozen(kw_only=True)
class Sipoc(Record):
    """A process from end to end: suppliers, inputs, process, outputs, customers.

    If an input comes from a customer, or an output goes to one, the customer and the company meet.
    `journey_maps.touchpoints_from` finds these places.

    Examples:
        >>> from crmcore import Sipoc
        >>> order = Sipoc(
        ...     process="sell to measure",
        ...     inputs=[("customer", "measurements"), ("paint works", "pigments")],
        ...     outputs=[("mixed paint", "customer"), ("sales figures", "head office")],
        ... )
        >>> order.customers
        ('customer', 'head office')

    Attributes:
        process: The name of the process, not blank.
        inputs: The inputs, as pairs of a supplier and an input, neither blank.
        outputs: The outputs, as pairs of an output and its customer, neither blank; the customer may be internal.
        steps: The steps of the process, in order, none of them blank.

    Source: Six Sigma, the phase Define (suppliers, inputs, process, outputs, customers).
    """

    process: Name
    inputs: tuple[tuple[Name, Name], ...] = attrs.field(default=(), converter=several)
    outputs: tuple[tuple[Name, Name], ...] = attrs.field(default=(), converter=several)
    steps: tuple[Name, ...] = attrs.field(default=(), converter=several)

    @property
    def suppliers(self) -> tuple[str, ...]:
        """The suppliers of the inputs, each once."""
        return tuple(dict.fromkeys(supplier for supplier, _ in self.inputs))

    @property
    def customers(self) -> tuple[str, ...]:
        """The customers of the outputs, each once."""
        return tuple(dict.fromkeys(customer for _, customer in self.outputs))


def _find_goal_step(steps: Sequence[JourneyStep]) -> JourneyStep:
    """Return the default goal step, as `JourneyMap` describes it."""
    required = [step for step in steps if not step.optional]
    visible = [step for step in required if step.touchpoint_ids]
    return (visible or required or steps)[-1]


def _check_phases(steps: Iterable[JourneyStep]) -> None:
    phases: set[str] = set()
    phase = ""
    for place, step in enumerate(steps):
        if step.phase != phase and step.phase in phases:
            raise InvalidValueError(
                "steps_of_a_phase_apart",
                f"steps of one phase must be consecutive, {show(step.phase)} comes again after {show(phase)}",
                field="steps",
                record=place,
                advice="move the step, or add a loop if the path leads back",
                operands=(step.phase, phase),
            )
        phase = step.phase
        phases.add(phase)


def _check_loops(loops: Sequence[tuple[str, str]], names: Sequence[str]) -> None:
    places = {name: place for place, name in enumerate(names)}
    for number, (start, end) in enumerate(loops):
        for name in (start, end):
            if name not in places:
                raise InvalidValueError(
                    "loop_not_on_the_map",
                    f"loops must name steps of the map, got {show(name)}",
                    field="loops",
                    record=number,
                    operands=(name,),
                )
        if places[end] > places[start]:
            raise InvalidValueError(
                "loop_leads_forward",
                f"loops must lead to the same or an earlier step, got {show(start)} to {show(end)}",
                field="loops",
                record=number,
                advice="the order of the steps already leads forward",
                operands=(start, end),
            )
