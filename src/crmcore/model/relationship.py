"""Relationships: of what types they are, and through which stages they go to what end.

The stages are a relationship's, not a sales pipeline's: a prospect, a lead and a customer may stand at any of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final, Self, cast

import attrs

from crmcore.model import _history
from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import IllegalTransitionError, InvalidValueError, WrongTypeError
from crmcore.primitives.ids import Id, check_id
from crmcore.primitives.periods import by_utc, in_utc

__all__ = [
    "Dissolution",
    "DissolutionCause",
    "Initiator",
    "LifecycleStage",
    "Relationship",
    "RelationshipType",
    "StageOrder",
]


class RelationshipType(StrEnum):
    """What ties a company and a customer; several types may hold side by side.

    Attributes:
        TRANSACTIONAL: A sale, and no tie beyond it: the kiosk at the airport.
        LONG_TERM: A deep tie, with contact from time to time.
        PERSONAL_ASSISTANCE: A person helps during the sale and after it: on the spot, by e-mail, by phone.
        DEDICATED_PERSONAL_ASSISTANCE: One person for one customer, over years: the private banker, the key account
            manager.
        SELF_SERVICE: The means are there, and the customer uses them alone.
        AUTOMATED_SERVICES: Self-service that recognises the customer: a profile, news of orders.
        COMMUNITIES: Customers help one another, and the company listens.
        CO_CREATION: Customers make the product with the company; Strategyzer's eighth, beyond the documents' seven.

    Source: the documents (seven types); Strategyzer's list of customer relationships (the same, and co-creation).
    """

    TRANSACTIONAL = "transactional"
    LONG_TERM = "long_term"
    PERSONAL_ASSISTANCE = "personal_assistance"
    DEDICATED_PERSONAL_ASSISTANCE = "dedicated_personal_assistance"
    SELF_SERVICE = "self_service"
    AUTOMATED_SERVICES = "automated_services"
    COMMUNITIES = "communities"
    CO_CREATION = "co_creation"

    @property
    def in_documents(self) -> bool:
        """Whether the documents list it; co-creation is on Strategyzer's list alone."""
        return self is not RelationshipType.CO_CREATION


class LifecycleStage(StrEnum):
    """How far a relationship has come.

    Attributes:
        EXPLORATION: The customer tries the supplier out; a failed trial may end it all at once.
        AWARENESS: The customer understands what the supplier stands for.
        EXPANSION: The supplier has won trust; the two depend on one another, and business grows.
        COMMITMENT: The supplier adapts to the customer's business.
        DISSOLUTION: The end, with a cause and with one who began it.
    """

    EXPLORATION = "exploration"
    AWARENESS = "awareness"
    EXPANSION = "expansion"
    COMMITMENT = "commitment"
    DISSOLUTION = "dissolution"


class StageOrder(StrEnum):
    """Which stage comes first: the sources differ, and mean different things by the first two names.

    Examples:
        >>> [stage.value for stage in StageOrder.EXPLORATION_FIRST.stages]
        ['exploration', 'awareness', 'expansion', 'commitment', 'dissolution']
        >>> sorted(stage.value for stage in StageOrder.AWARENESS_FIRST.after(LifecycleStage.EXPLORATION))
        ['awareness', 'dissolution', 'expansion']

    Attributes:
        EXPLORATION_FIRST: The documents' order: the customer tries the supplier out, then learns what it stands for.
        AWARENESS_FIRST: Dwyer, Schurr and Oh's: a party is known as a possible partner before anything is tried.

    Source: the documents; Dwyer, Schurr and Oh 1987, Developing Buyer-Seller Relationships, J. Marketing 51(2):11-27.
    """

    EXPLORATION_FIRST = "exploration_first"
    AWARENESS_FIRST = "awareness_first"

    @property
    def stages(self) -> tuple[LifecycleStage, ...]:
        """The five stages, from the first to the last."""
        first, second = LifecycleStage.EXPLORATION, LifecycleStage.AWARENESS
        if self is StageOrder.AWARENESS_FIRST:
            first, second = second, first
        return first, second, LifecycleStage.EXPANSION, LifecycleStage.COMMITMENT, LifecycleStage.DISSOLUTION

    def after(self, stage: LifecycleStage | None, /) -> frozenset[LifecycleStage]:
        """What may follow a stage.

        The next stage, the one before (a relationship may cool) and, from anywhere, dissolution. No stage is skipped:
        one that was passed in an hour was passed. A dissolved relationship begins anew at exploration, in either order.
        After None, which is no stage yet, comes any: what is first recorded may have begun long ago.
        """
        if stage is None:
            return frozenset(LifecycleStage)
        return _AFTER[self.value][checks.as_member(stage, LifecycleStage, "stage").value]


def _after(stages: tuple[LifecycleStage, ...], place: int) -> frozenset[LifecycleStage]:
    """What may follow the stage at a place, of which the last is dissolution."""
    if place == len(stages) - 1:
        return frozenset({LifecycleStage.EXPLORATION})
    return frozenset({*stages[max(place - 1, 0) : place], stages[place + 1], stages[-1]})


_AFTER: Final = {
    order.value: {stage.value: _after(order.stages, place) for place, stage in enumerate(order.stages)}
    for order in StageOrder
}


class DissolutionCause(StrEnum):
    """Why a relationship ended.

    The documents name the first three as customers' reasons and the next two as suppliers'. Who gave up is recorded
    apart, as the initiator: a supplier may leave a customer whom nothing satisfies, and a customer may find the fraud.

    Attributes:
        DISSATISFIED: The customer was let down by product or service.
        BETTER_OFFER: The customer went over to a better brand or product.
        NEED_CHANGED: What the customer asks for has changed, and the supplier has it not.
        NO_GROWTH: The business with the customer did not grow.
        FRAUD: One deceived the other; a dissolution for fraud needs evidence.
        EXTERNAL: Neither had it in hand: a death, a bankruptcy, a law.
        MUTUAL: Both agreed that it was over.
        UNKNOWN: Nobody knows; ask, or it will be most of them.

    Source: the documents; mutual, external and unknown are added, that every end may be told truly.
    """

    DISSATISFIED = "dissatisfied"
    BETTER_OFFER = "better_offer"
    NEED_CHANGED = "need_changed"
    NO_GROWTH = "no_growth"
    FRAUD = "fraud"
    EXTERNAL = "external"
    MUTUAL = "mutual"
    UNKNOWN = "unknown"


class Initiator(StrEnum):
    """Who began the end of a relationship.

    Attributes:
        CUSTOMER: The customer left.
        SUPPLIER: The company gave the customer up.
        MUTUAL: Both agreed.
        EXTERNAL: Neither did: a death, a court, a law.
        UNKNOWN: Nobody knows.

    Source: the documents (customer and supplier).
    """

    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    MUTUAL = "mutual"
    EXTERNAL = "external"
    UNKNOWN = "unknown"


@attrs.frozen(kw_only=True)
class Dissolution:
    """The end of a relationship: when, why and by whom.

    Examples:
        >>> from crmcore import instant
        >>> end = Dissolution(
        ...     at=instant("2026-05-01"), cause=DissolutionCause.BETTER_OFFER, initiator=Initiator.CUSTOMER
        ... )
        >>> end.cause.value, end.abrupt
        ('better_offer', False)

    Evidence and note stay out of `repr` and of every message, for they are personal.

    Attributes:
        at: When it ended.
        cause: Why.
        initiator: Who began it.
        abrupt: Whether it came without warning, as after a failed trial.
        evidence: What proves the cause; fraud needs it.
        note: Any remark.

    Raises:
        InvalidValueError: Fraud without evidence.
        NaiveInstantError: The instant has no time zone.
        WrongTypeError: A value of the wrong type.

    Source: the documents.
    """

    at: datetime = attrs.field(eq=by_utc)
    cause: DissolutionCause
    initiator: Initiator
    abrupt: bool = False
    evidence: str = attrs.field(default="", repr=False)
    note: str = attrs.field(default="", repr=False)

    def __attrs_post_init__(self) -> None:
        checks.as_instant(self.at, "at")
        checks.as_member(self.cause, DissolutionCause, "cause")
        checks.as_member(self.initiator, Initiator, "initiator")
        checks.as_instance(self.abrupt, bool, "abrupt")
        evidence = checks.as_text(self.evidence, "evidence")
        checks.as_text(self.note, "note")
        if self.cause is DissolutionCause.FRAUD and not evidence.strip():
            raise InvalidValueError("a dissolution for fraud needs evidence; give it with evidence='...'")


def _types(types: Iterable[RelationshipType]) -> frozenset[RelationshipType]:
    return cast("frozenset[RelationshipType]", types)


def _entries(history: Iterable[tuple[LifecycleStage, datetime]]) -> tuple[tuple[LifecycleStage, datetime], ...]:
    return cast("tuple[tuple[LifecycleStage, datetime], ...]", history)


def _dissolutions(dissolutions: Iterable[Dissolution]) -> tuple[Dissolution, ...]:
    return cast("tuple[Dissolution, ...]", dissolutions)


@attrs.frozen(kw_only=True)
class Relationship:
    """The tie between the company and a customer: its types, and the stages it went through.

    Examples:
        >>> from crmcore import instant
        >>> anna = Relationship(customer_id=7, types=[RelationshipType.LONG_TERM, RelationshipType.SELF_SERVICE])
        >>> anna = anna.enter(LifecycleStage.EXPLORATION, at=instant("2026-01-01"))
        >>> anna = anna.enter(LifecycleStage.AWARENESS, at=instant("2026-02-01"))
        >>> anna.stage, sorted(stage.value for stage in anna.allowed())
        (<LifecycleStage.AWARENESS: 'awareness'>, ['dissolution', 'expansion', 'exploration'])
        >>> left = anna.dissolve(
        ...     Dissolution(at=instant("2026-05-01"), cause=DissolutionCause.NEED_CHANGED, initiator=Initiator.CUSTOMER)
        ... )
        >>> won_back = left.reopen(at=instant("2026-09-01"))
        >>> won_back.stage.value, len(won_back.episodes)
        ('exploration', 2)

    A history may also be given ready; it is checked move by move, and each dissolution in it has its record among
    `dissolutions`. Entries stand in order of time, and entries of one instant in the order given.

    Attributes:
        customer_id: Whose relationship it is.
        types: Of which types it is; none while nobody has said.
        history: The stages entered, each with its instant, from the first to the last.
        order: Which stage comes first.
        dissolutions: The record of each dissolution in the history, in the same order.
        manager_id: Who looks after it.
        id: The relationship's own id.

    Raises:
        IllegalTransitionError: A stage that may not follow the one before.
        InvalidValueError: A history out of order; a dissolution in it without its record, or a record of another
            instant; an empty id.
        NaiveInstantError: An instant without a time zone.
        WrongTypeError: A value of the wrong type; a lone type where several are due.

    Source: the documents; Dwyer, Schurr and Oh 1987, J. Marketing 51(2):11-27, for the other order. That a relationship
    may cool by one stage, skips none and is won back at exploration is this library's policy.
    """

    customer_id: Id
    types: frozenset[RelationshipType] = attrs.field(default=frozenset(), converter=_types, repr=checks.sorted_repr)
    history: tuple[tuple[LifecycleStage, datetime], ...] = attrs.field(
        default=(), converter=_entries, eq=_history.comparable
    )
    order: StageOrder = StageOrder.EXPLORATION_FIRST
    dissolutions: tuple[Dissolution, ...] = attrs.field(default=(), converter=_dissolutions)
    manager_id: Id | None = None
    id: Id | None = None

    def __attrs_post_init__(self) -> None:
        check_id(self.customer_id, "customer_id", required=True)
        checks.set_field(self, "types", _settled_types(self.types))
        checks.set_field(self, "history", _history.settled(self.history, LifecycleStage, "history"))
        checks.as_member(self.order, StageOrder, "order")
        checks.set_field(self, "dissolutions", checks.as_tuple(self.dissolutions, Dissolution, "dissolutions"))
        check_id(self.manager_id, "manager_id")
        check_id(self.id, "id")
        before: LifecycleStage | None = None
        for stage, _ in self.history:
            if before is not None and stage not in self.order.after(before):
                raise IllegalTransitionError(
                    f"{stage.value} cannot follow {before.value}; {_ways_on(self.order, before)}", before, stage
                )
            before = stage
        self._check_ends()

    def _check_ends(self) -> None:
        ends = [at for stage, at in self.history if stage is LifecycleStage.DISSOLUTION]
        if len(ends) != len(self.dissolutions):
            raise InvalidValueError(
                f"history has {len(ends)} dissolutions but dissolutions has {len(self.dissolutions)}; "
                f"each has a cause and an initiator: give its Dissolution(at=..., cause=..., initiator=...)"
            )
        for at, dissolution in zip(ends, self.dissolutions, strict=True):
            if in_utc(at) != in_utc(dissolution.at):
                raise InvalidValueError(
                    f"each of dissolutions must be of the instant that history gives, "
                    f"got {show(dissolution.at)} for {show(at)}",
                    dissolution.at,
                    at,
                )

    @property
    def stage(self) -> LifecycleStage | None:
        """The stage it is at; None while there is no history."""
        return self.history[-1][0] if self.history else None

    @property
    def dissolution(self) -> Dissolution | None:
        """How it ended; None while it lasts, also where it was won back."""
        return self.dissolutions[-1] if self.stage is LifecycleStage.DISSOLUTION else None

    @property
    def episodes(self) -> tuple[tuple[tuple[LifecycleStage, datetime], ...], ...]:
        """The history cut where the relationship began anew: each piece but the last ends with a dissolution."""
        episodes: list[list[tuple[LifecycleStage, datetime]]] = []
        before = LifecycleStage.DISSOLUTION
        for entry in self.history:
            if before is LifecycleStage.DISSOLUTION:
                episodes.append([])
            episodes[-1].append(entry)
            before = entry[0]
        return tuple(map(tuple, episodes))

    def allowed(self) -> frozenset[LifecycleStage]:
        """The stages that may come next.

        They come through `enter`, but for dissolution, which comes through `dissolve`, and for what follows a
        dissolution, which comes through `reopen`.
        """
        return self.order.after(self.stage)

    def enter(self, stage: LifecycleStage, /, *, at: datetime) -> Self:
        """Go on to the next stage, or back to the one before; of a new relationship, to any but dissolution.

        Raises:
            IllegalTransitionError: Another stage; dissolution, which `dissolve` takes; a dissolved relationship, which
                `reopen` takes.
            InvalidValueError: The instant lies before the last entry.
        """
        checks.as_member(stage, LifecycleStage, "stage")
        if self.stage is LifecycleStage.DISSOLUTION:
            raise IllegalTransitionError(
                f"what is dissolved enters no stage; {_ways_on(self.order, self.stage)}", self.stage, stage
            )
        if stage is LifecycleStage.DISSOLUTION:
            raise IllegalTransitionError(
                f"dissolution is not entered, for it has a cause and an initiator; {_ways_on(self.order, self.stage)}",
                self.stage,
                stage,
            )
        return attrs.evolve(self, history=(*self.history, (stage, checks.as_instant(at, "at"))))

    def dissolve(self, dissolution: Dissolution, /) -> Self:
        """End it, from whatever stage; where nothing but the end is known, also without one.

        Raises:
            IllegalTransitionError: It is dissolved already.
            InvalidValueError: The dissolution lies before the last entry.
            WrongTypeError: No `Dissolution`.
        """
        end = checks.as_instance(dissolution, Dissolution, "dissolution")
        return attrs.evolve(
            self,
            history=(*self.history, (LifecycleStage.DISSOLUTION, end.at)),
            dissolutions=(*self.dissolutions, end),
        )

    def reopen(self, *, at: datetime) -> Self:
        """Win the customer back: a new episode at exploration, whatever the order and however far the last one came.

        Raises:
            IllegalTransitionError: It is not dissolved.
            InvalidValueError: The instant lies before the dissolution.
        """
        if self.stage is not LifecycleStage.DISSOLUTION:
            where = "has no stage yet" if self.stage is None else f"is at {self.stage.value}"
            raise IllegalTransitionError(
                f"only what is dissolved is reopened, and this {where}; {_ways_on(self.order, self.stage)}",
                self.stage,
                LifecycleStage.EXPLORATION,
            )
        return attrs.evolve(self, history=(*self.history, (LifecycleStage.EXPLORATION, checks.as_instant(at, "at"))))


def _settled_types(types: object) -> frozenset[RelationshipType]:
    if isinstance(types, str) or not isinstance(types, Iterable):
        raise WrongTypeError(
            f"types must be several members of RelationshipType, such as a list, got {show(types)}; "
            f"put a single one into a list",
            "types",
        )
    return frozenset(
        checks.as_member(one, RelationshipType, "each of types") for one in cast("Iterable[object]", types)
    )


def _ways_on(order: StageOrder, stage: LifecycleStage | None) -> str:
    """What is legal from here, and by which method."""
    if stage is LifecycleStage.DISSOLUTION:
        return "legal is exploration through reopen(at=...), as a new episode"
    living = [one.value for one in order.stages[:-1] if one in order.after(stage)]
    return f"legal are {' or '.join(living)} through enter(...), dissolution through dissolve(...)"
