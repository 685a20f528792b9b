"""Journeys: what one customer did, and the plan that it is compared with.

A `Journey` is one customer's interactions in order. A `JourneyMap` is the plan, step by step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeVar, cast

import attrs

from crmcore.model.interaction import Interaction
from crmcore.model.moment import MicroMomentKind, MomentTiming
from crmcore.model.touchpoint import PurchasePhase, Touchpoint
from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, UnknownNameError, WrongTypeError
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.periods import elapsed, in_utc

__all__ = ["Insight", "InsightSource", "Journey", "JourneyMap", "JourneyStep", "Necessity", "Sipoc"]

_T = TypeVar("_T")

_SADDEST: Final = -2
_HAPPIEST: Final = 2


def _interactions(interactions: Iterable[Interaction]) -> tuple[Interaction, ...]:
    return cast("tuple[Interaction, ...]", interactions)


@attrs.frozen(kw_only=True)
class Journey:
    """What one customer really did: his interactions in order of UTC, those of one instant in the order given.

    Examples:
        >>> from crmcore import instant
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
        customer_id: Whose it is; None is an unknown customer.
        interactions: What he did, in any order; none may be another customer's.
        goal: What he himself wanted.
        reached: Whether he reached it; None where nobody knows.
        id: The journey's own id.

    Raises:
        InvalidValueError: An interaction of another customer.
        WrongTypeError: A value of the wrong type.
    """

    customer_id: Id | None
    interactions: tuple[Interaction, ...] = attrs.field(default=(), converter=_interactions)
    goal: str = ""
    reached: bool | None = None
    id: Id | None = None

    def __attrs_post_init__(self) -> None:
        check_id(self.customer_id, "customer_id")
        check_id(self.id, "id")
        checks.as_text(self.goal, "goal")
        if self.reached is not None:
            checks.as_instance(self.reached, bool, "reached")
        interactions = checks.as_tuple(self.interactions, Interaction, "interactions")
        if any(interaction.customer_id not in (None, self.customer_id) for interaction in interactions):
            raise InvalidValueError(
                "every interaction must be this customer's or an unknown one's; cut by customer first"
            )
        checks.set_field(self, "interactions", tuple(sorted(interactions, key=lambda one: in_utc(one.at))))

    def __len__(self) -> int:
        return len(self.interactions)

    def __iter__(self) -> Iterator[Interaction]:
        return iter(self.interactions)

    @property
    def first(self) -> Interaction | None:
        """The first interaction; None of none."""
        return self.interactions[0] if self.interactions else None

    @property
    def last(self) -> Interaction | None:
        """The last interaction; None of none."""
        return self.interactions[-1] if self.interactions else None

    @property
    def touchpoint_ids(self) -> tuple[Id, ...]:
        """Where he was, in order, each visit counted."""
        return tuple(interaction.touchpoint_id for interaction in self.interactions)

    @property
    def length(self) -> timedelta:
        """The time from the first interaction to the last; nought of none and of one."""
        if not self.interactions:
            return timedelta(0)
        return elapsed(self.interactions[0].at, self.interactions[-1].at)

    def phases(self, touchpoints: Iterable[Touchpoint], /) -> tuple[PurchasePhase | None, ...]:
        """The phase of each interaction, read off its touchpoint; None where that is unknown or has none."""
        phase_of = {
            touchpoint.id: touchpoint.phase for touchpoint in checks.as_tuple(touchpoints, Touchpoint, "touchpoints")
        }
        return tuple(phase_of.get(touchpoint_id) for touchpoint_id in self.touchpoint_ids)

    def then(self, interaction: Interaction, /) -> Journey:
        """The same journey and one interaction more, put where its instant belongs."""
        return attrs.evolve(self, interactions=(*self.interactions, interaction))


class InsightSource(StrEnum):
    """Who told of a pain or an opportunity.

    Attributes:
        CUSTOMER: Those who go the way.
        STAFF: Those who serve on it.
    """

    CUSTOMER = "customer"
    STAFF = "staff"


class Necessity(StrEnum):
    """Why a step is there.

    Attributes:
        WANTED: It gives the customer something.
        REQUIRED: It gives him nothing, but nothing goes without it: the law, safety, payment.
        UNNECESSARY: Neither; it may go.
    """

    WANTED = "wanted"
    REQUIRED = "required"
    UNNECESSARY = "unnecessary"


@attrs.frozen(kw_only=True)
class Insight:
    """What is hard at a step, or could be better, and who says so.

    Examples:
        >>> Insight(text="Nobody answers the phone.", source=InsightSource.CUSTOMER, evidence="11 of 40 asked").source
        <InsightSource.CUSTOMER: 'customer'>

    Attributes:
        text: What it is, in general words: it is shown in pictures.
        source: Who told of it; None where that is not known.
        evidence: What it rests on.

    Raises:
        InvalidValueError: An empty text.
        WrongTypeError: A value of the wrong type.
    """

    text: str
    source: InsightSource | None = None
    evidence: str = ""

    def __attrs_post_init__(self) -> None:
        if not checks.as_text(self.text, "text").strip():
            raise InvalidValueError("text must not be empty", "text")
        if self.source is not None:
            checks.as_member(self.source, InsightSource, "source")
        checks.as_text(self.evidence, "evidence")


def _given(values: Iterable[_T]) -> tuple[_T, ...]:
    return cast("tuple[_T, ...]", values)


def _ids(ids: Iterable[Id]) -> tuple[Id, ...]:
    return _given(ids)


def _insights(insights: Iterable[Insight]) -> tuple[Insight, ...]:
    return _given(insights)


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return _given(texts)


def _text_pairs(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return _given(pairs)


def _kinds(kinds: Iterable[MicroMomentKind]) -> frozenset[MicroMomentKind]:
    return cast("frozenset[MicroMomentKind]", kinds)


_NO_KINDS: Final[frozenset[MicroMomentKind]] = frozenset()


@attrs.frozen(kw_only=True)
class JourneyStep:
    """One step of a planned journey, seen from the customer: what he wants, does, thinks and feels, and who helps him.

    Examples:
        >>> ask = JourneyStep(
        ...     name="ask for the aisle",
        ...     phase="purchase",
        ...     goal="find the paint",
        ...     touchpoint_ids=["assistant"],
        ...     frontstage="leads him there",
        ...     emotion=-1,
        ...     moment_of_truth=True,
        ... )
        >>> ask.purchase_phase
        <PurchasePhase.PURCHASE: 'purchase'>

    Attributes:
        name: What the step is called, once on a map.
        phase: The phase it belongs to; a map's phases stand in the order of its steps.
        goal: What the customer wants here.
        action: What he does.
        thought: What he thinks.
        emotion: How he feels, from -2, worst, to 2, best; None where nobody asked.
        touchpoint_ids: Where he meets the company. Without any, no visit can be counted as this step.
        optional: Whether it may be left out.
        frontstage: What people or systems do where he sees it.
        backstage: What they do where he does not.
        support_process: What the rest of the company does that those depend on.
        owner_id: Who answers for the step.
        necessity: Why it is there; None where nobody asked.
        pains: What is hard.
        opportunities: What could be better.
        expectation: What he expects.
        metric: What shows how well it goes.
        messages: What he is told here, as pairs of a topic and what is said about it.
        moment_of_truth: Whether it may settle what he thinks of the company.
        timing: Where that moment stands in his way; only of a moment of truth.
        micro_moments: What he may reach for his phone for.
        purchase_phase: Where the step stands towards the purchase; left out, it is read off a phase of that name,
            in large or small letters.

    Raises:
        InvalidValueError: An empty name or phase, an emotion beyond -2 to 2, a touchpoint twice, a timing without a
            moment of truth.
        WrongTypeError: A value of the wrong type.

    Source: Shostack 1984, Harvard Business Review 62(1):133-139, and Bitner, Ostrom and Morgan 2008, California
    Management Review 50(3):66-94 (front and back stage, support); the scale of emotions is custom.
    """

    name: str
    phase: str
    goal: str = ""
    action: str = ""
    thought: str = ""
    emotion: int | None = None
    touchpoint_ids: tuple[Id, ...] = attrs.field(default=(), converter=_ids)
    optional: bool = False
    frontstage: str = ""
    backstage: str = ""
    support_process: str = ""
    owner_id: Id | None = None
    necessity: Necessity | None = None
    pains: tuple[Insight, ...] = attrs.field(default=(), converter=_insights)
    opportunities: tuple[Insight, ...] = attrs.field(default=(), converter=_insights)
    expectation: str = ""
    metric: str = ""
    messages: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_text_pairs)
    moment_of_truth: bool = False
    timing: MomentTiming | None = None
    micro_moments: frozenset[MicroMomentKind] = attrs.field(
        default=_NO_KINDS, converter=_kinds, repr=checks.sorted_repr
    )
    purchase_phase: PurchasePhase | None = None

    def __attrs_post_init__(self) -> None:
        _filled(self.name, "name")
        _filled(self.phase, "phase")
        for name in _TEXTS:
            checks.as_text(getattr(self, name), name)
        for name in ("optional", "moment_of_truth"):
            checks.as_instance(getattr(self, name), bool, name)
        if self.emotion is not None:
            checks.set_field(self, "emotion", _emotion(self.emotion))
        checks.set_field(self, "touchpoint_ids", _touchpoints(self.touchpoint_ids))
        check_id(self.owner_id, "owner_id")
        for name in ("pains", "opportunities"):
            checks.set_field(self, name, checks.as_tuple(getattr(self, name), Insight, name))
        checks.set_field(self, "messages", _pairs(self.messages, "messages", "a topic and what is said"))
        for name, enum in (
            ("necessity", Necessity),
            ("timing", MomentTiming),
            ("purchase_phase", PurchasePhase),
        ):
            if getattr(self, name) is not None:
                checks.as_member(getattr(self, name), enum, name)
        kinds = checks.iterate(self.micro_moments, "micro_moments", "MicroMomentKind")
        members = frozenset(checks.as_member(kind, MicroMomentKind, "each of micro_moments") for kind in kinds)
        checks.set_field(self, "micro_moments", members or _NO_KINDS)
        if self.timing is not None and not self.moment_of_truth:
            raise InvalidValueError("timing belongs to a moment of truth; set moment_of_truth=True", "timing")
        if self.purchase_phase is None:
            checks.set_field(self, "purchase_phase", _PHASES.get(self.phase.casefold()))


_TEXTS: Final = (
    "goal",
    "action",
    "thought",
    "frontstage",
    "backstage",
    "support_process",
    "expectation",
    "metric",
)
_PHASES: Final = {phase.value: phase for phase in PurchasePhase}


def _steps(steps: Iterable[JourneyStep]) -> tuple[JourneyStep, ...]:
    return _given(steps)


@attrs.frozen(kw_only=True)
class JourneyMap:
    """How a customer is meant to reach his goal: the steps in order, by phases, from his own point of view.

    Examples:
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

    A map may cover one step only: begin with the one that hurts.

    Attributes:
        name: What the map is called.
        steps: The steps in the order in which they are meant to be gone, those of one phase side by side.
        actor: Whose way it is: a persona, by name.
        scenario: In what situation he sets out.
        goal: What he wants in the end.
        loops: The ways back that are part of the plan, as pairs of a step and the earlier one it leads back to, or the
            step itself where it may be done again and again.
        goal_step: The step at which he has what he wants; left out, the last one that is not optional and has a
            touchpoint, so that a journey can be seen to reach it.
        id: The map's own id.

    Raises:
        InvalidValueError: No step, two of one name, a phase that comes again after another, a loop that leads forward,
            a goal step or loop that names no step.
        WrongTypeError: A value of the wrong type.
    """

    name: str
    steps: tuple[JourneyStep, ...] = attrs.field(converter=_steps)
    actor: str = ""
    scenario: str = ""
    goal: str = ""
    loops: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_text_pairs)
    goal_step: str | None = None
    id: Id | None = None

    def __attrs_post_init__(self) -> None:
        _filled(self.name, "name")
        steps = checks.as_tuple(self.steps, JourneyStep, "steps")
        checks.set_field(self, "steps", steps)
        for name in ("actor", "scenario", "goal"):
            checks.as_text(getattr(self, name), name)
        check_id(self.id, "id")
        if not steps:
            raise InvalidValueError("steps must hold at least one: a map may be of one step, not of none", "steps")
        places = _places(steps)
        _check_phases(steps)
        checks.set_field(self, "loops", _loops(self.loops, places))
        if self.goal_step is None:
            checks.set_field(self, "goal_step", _last(steps).name)
        elif checks.as_text(self.goal_step, "goal_step") not in places:
            raise InvalidValueError(
                f"goal_step must name a step of the map, {show(self.goal_step)} is none", "goal_step"
            )

    @property
    def phases(self) -> tuple[str, ...]:
        """The phases, in the order of the steps."""
        return tuple(dict.fromkeys(step.phase for step in self.steps))

    @property
    def touchpoint_ids(self) -> tuple[Id, ...]:
        """The touchpoints of all steps, each once, in the order of the steps."""
        return tuple(dict.fromkeys(one for step in self.steps for one in step.touchpoint_ids))

    def step(self, name: str, /) -> JourneyStep:
        """The step of a name.

        Raises:
            UnknownNameError: There is none.
        """
        for step in self.steps:
            if step.name == name:
                return step
        raise UnknownNameError(
            f"no step is named {show(name)}; there are {', '.join(s.name for s in self.steps)}", name
        )


@attrs.frozen(kw_only=True)
class Sipoc:
    """A process from end to end: suppliers, inputs, process, outputs, customers.

    Where an input comes from a customer, or an output goes to one, he and the company meet:
    `journey_maps.touchpoints_from` finds these places.

    Examples:
        >>> order = Sipoc(
        ...     process="sell to measure",
        ...     inputs=[("customer", "measurements"), ("paint works", "pigments")],
        ...     outputs=[("mixed paint", "customer"), ("sales figures", "head office")],
        ... )
        >>> order.customers
        ('customer', 'head office')

    Attributes:
        process: What the process is called.
        inputs: What goes in, as pairs of the supplier and the input.
        outputs: What comes out, as pairs of the output and its customer, who may be within the company.
        steps: What is done in between, in order.

    Raises:
        InvalidValueError: An empty name.
        WrongTypeError: A value of the wrong type.

    Source: Six Sigma, the phase Define (suppliers, inputs, process, outputs, customers).
    """

    process: str
    inputs: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_text_pairs)
    outputs: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_text_pairs)
    steps: tuple[str, ...] = attrs.field(default=(), converter=_texts)

    def __attrs_post_init__(self) -> None:
        _filled(self.process, "process")
        checks.set_field(self, "inputs", _pairs(self.inputs, "inputs", "a supplier and an input"))
        checks.set_field(self, "outputs", _pairs(self.outputs, "outputs", "an output and its customer"))
        steps = tuple(checks.as_text(step, "each of steps") for step in checks.iterate(self.steps, "steps", "text"))
        checks.set_field(self, "steps", steps)

    @property
    def suppliers(self) -> tuple[str, ...]:
        """Who supplies, each once."""
        return tuple(dict.fromkeys(supplier for supplier, _ in self.inputs))

    @property
    def customers(self) -> tuple[str, ...]:
        """Who is supplied, each once."""
        return tuple(dict.fromkeys(customer for _, customer in self.outputs))


def _places(steps: Iterable[JourneyStep]) -> dict[str, int]:
    """The place of each step by its name."""
    places: dict[str, int] = {}
    for place, step in enumerate(steps):
        if step.name in places:
            raise InvalidValueError(f"steps must each have a name of their own, {show(step.name)} comes twice")
        places[step.name] = place
    return places


def _last(steps: Sequence[JourneyStep]) -> JourneyStep:
    """The step that the way leads to, as far as one can tell."""
    needed = [step for step in steps if not step.optional]
    seen = [step for step in needed if step.touchpoint_ids]
    return (seen or needed or steps)[-1]


def _check_phases(steps: Iterable[JourneyStep]) -> None:
    phases: list[str] = []
    for step in steps:
        if step.phase in phases[:-1]:
            raise InvalidValueError(
                f"steps of a phase must stand side by side, {show(step.phase)} comes again after "
                f"{show(phases[-1])}; put the step there, or say with loops that the way leads back"
            )
        if step.phase not in phases:
            phases.append(step.phase)


def _loops(pairs: object, places: dict[str, int]) -> tuple[tuple[str, str], ...]:
    loops = _pairs(pairs, "loops", "a step and the earlier one it leads back to")
    for start, end in loops:
        for name in (start, end):
            if name not in places:
                raise InvalidValueError(f"loops must name steps of the map, {show(name)} is none", "loops")
        if places[end] > places[start]:
            raise InvalidValueError(
                f"loops must lead back, {show(end)} comes after {show(start)}; leave out what leads on", "loops"
            )
    return loops


def _filled(text: object, name: str) -> str:
    if not checks.as_text(text, name).strip():
        raise InvalidValueError(f"{name} must not be empty", name)
    return cast("str", text)


def _emotion(emotion: object) -> int:
    if isinstance(emotion, bool) or not isinstance(emotion, int):
        raise WrongTypeError(f"emotion must be a whole number from -2 to 2, got {show(emotion)}", "emotion")
    if not _SADDEST <= emotion <= _HAPPIEST:
        raise InvalidValueError(
            f"emotion must be from -2, worst, to 2, best, got {show(emotion)}; of a scale of 1 to 5 take 3 off",
            "emotion",
            emotion,
        )
    return emotion


def _touchpoints(ids: object) -> tuple[Id, ...]:
    result = tuple(checks.iterate(cast("Iterable[Id]", ids), "touchpoint_ids", "id"))
    for one in result:
        check_id(one, "each of touchpoint_ids", required=True)
    if len(set(result)) < len(result):
        raise InvalidValueError("each of touchpoint_ids must come once", "touchpoint_ids")
    return result


def _pairs(pairs: object, name: str, meaning: str) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for pair in checks.iterate(cast("Iterable[object]", pairs), name, "pair"):
        if not isinstance(pair, tuple | list) or len(cast("tuple[object, ...]", pair)) != 2:
            raise WrongTypeError(f"each of {name} must be a pair of texts: {meaning}", name)
        one, other = cast("tuple[object, object]", pair)
        found.append((_filled(one, f"each of {name}"), _filled(other, f"each of {name}")))
    return tuple(found)
