"""The types of relationships with customers, their stages and how they end.

The stages are those of a relationship, not of a sales pipeline: a prospect, a lead or a customer may be at any stage.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Self, cast

import attrs

from crmcore.model import _history
from crmcore.primitives import checks
from crmcore.primitives._decimals import plain_repr
from crmcore.primitives.checks import show
from crmcore.primitives.errors import IllegalTransitionError, InvalidValueError
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import by_utc, in_utc
from crmcore.primitives.record import SHARE, Label, Personal, Record, distinct, maybe_fraction, several, text

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
    """The type of a relationship; one relationship may have several.

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        TRANSACTIONAL: One sale and no further contact, such as at an airport kiosk.
        LONG_TERM: A deep relationship with occasional contact.
        PERSONAL_ASSISTANCE: A person helps during and after the sale: on site, by e-mail, by phone.
        DEDICATED_PERSONAL_ASSISTANCE: One employee looks after one customer for years: a private banker, a key account
            manager.
        SELF_SERVICE: The company provides the means, and the customer serves themselves.
        AUTOMATED_SERVICES: Self-service that recognises the customer: a profile, order updates.
        COMMUNITIES: Customers help one another, and the company listens.
        CO_CREATION: Customers make the product together with the company.

    Source: the source articles (the first seven types, see docs/why.md); Strategyzer's list of customer relationships
    (all eight).
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
    def in_source_articles(self) -> bool:
        """Whether the source articles list the type; only Strategyzer lists co-creation."""
        return self is not RelationshipType.CO_CREATION


class LifecycleStage(StrEnum):
    """The stage of a relationship.

    Attributes:
        EXPLORATION: The customer tries the supplier; a failed trial may end the relationship at once.
        AWARENESS: The customer understands what the supplier offers and believes in.
        EXPANSION: The customer trusts the supplier; the two depend on each other, and business grows.
        COMMITMENT: The supplier adapts to the customer's business.
        DISSOLUTION: The relationship has ended, with a cause and an initiator.
    """

    EXPLORATION = "exploration"
    AWARENESS = "awareness"
    EXPANSION = "expansion"
    COMMITMENT = "commitment"
    DISSOLUTION = "dissolution"


class StageOrder(StrEnum):
    """Which stage comes first. The sources differ, and define the first two stages differently.

    Examples:
        >>> from crmcore import LifecycleStage, StageOrder
        >>> [stage.value for stage in StageOrder.EXPLORATION_FIRST.stages]
        ['exploration', 'awareness', 'expansion', 'commitment', 'dissolution']
        >>> sorted(stage.value for stage in StageOrder.AWARENESS_FIRST.after(LifecycleStage.EXPLORATION))
        ['awareness', 'dissolution', 'expansion']

    Attributes:
        EXPLORATION_FIRST: The customer tries the supplier, then learns what it offers and believes in (the source
            articles).
        AWARENESS_FIRST: Each side knows of the other before anything is tried (Dwyer, Schurr and Oh).

    Source: the source articles (see docs/why.md); Dwyer, Schurr and Oh 1987, Developing Buyer-Seller Relationships,
    J. Marketing 51(2):11-27.
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
        """Return the stages that may follow a stage.

        These are the next stage, the previous one (a relationship may cool) and dissolution. A stage cannot be skipped,
        but it may last for an hour only. A dissolved relationship starts again at exploration, in either order.

        Args:
            stage: The current stage. None means not yet at a stage; any stage may follow, because the relationship may
                have begun long before its first record.
        """
        if stage is None:
            return frozenset(LifecycleStage)
        return _AFTER[self.value][checks.as_member(stage, LifecycleStage, "stage").value]


def _find_next(stages: tuple[LifecycleStage, ...], place: int) -> frozenset[LifecycleStage]:
    """Return the stages that may follow the stage at a place; the last place is dissolution."""
    if place == len(stages) - 1:
        return frozenset({LifecycleStage.EXPLORATION})
    return frozenset({*stages[max(place - 1, 0) : place], stages[place + 1], stages[-1]})


_AFTER: Final = {
    order.value: {stage.value: _find_next(order.stages, place) for place, stage in enumerate(order.stages)}
    for order in StageOrder
}


class DissolutionCause(StrEnum):
    """The cause of the end of a relationship.

    The source articles name the first three as reasons of customers and the next two as reasons of suppliers. The
    initiator is a field of its own: a supplier may leave a customer who is never satisfied, and a customer may leave
    because of fraud.

    Attributes:
        DISSATISFIED: The customer was dissatisfied with the product or the service.
        BETTER_OFFER: The customer moved to a better brand or product.
        NEED_CHANGED: The customer's needs changed, and the supplier cannot meet them.
        NO_GROWTH: The business with the customer did not grow.
        FRAUD: One side deceived the other; it needs evidence.
        EXTERNAL: Neither side caused it: a death, a bankruptcy, a law.
        MUTUAL: Both sides agreed to end it.
        UNKNOWN: The cause is unknown. Ask, or most causes will be unknown.

    Source: the source articles (see docs/why.md); this library adds mutual, external and unknown for completeness.
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
    """The side that ended a relationship.

    Attributes:
        CUSTOMER: The customer left.
        SUPPLIER: The company gave up the customer.
        MUTUAL: Both sides agreed.
        EXTERNAL: Neither side: a death, a court, a law.
        UNKNOWN: The initiator is unknown.

    Source: the source articles (customer and supplier, see docs/why.md).
    """

    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    MUTUAL = "mutual"
    EXTERNAL = "external"
    UNKNOWN = "unknown"


@attrs.frozen(kw_only=True)
class Dissolution(Record):
    """The end of a relationship: when, why and by whom.

    Examples:
        >>> from crmcore import Dissolution, DissolutionCause, Initiator, instant
        >>> end = Dissolution(
        ...     at=instant("2026-05-01"), cause=DissolutionCause.BETTER_OFFER, initiator=Initiator.CUSTOMER
        ... )
        >>> end.cause.value, end.abrupt
        ('better_offer', False)

    Evidence and note may be personal. They are left out of `repr` and of every message.

    Attributes:
        at: When the relationship ended.
        cause: Why it ended.
        initiator: The side that ended it.
        abrupt: Whether it ended without warning, such as after a failed trial.
        evidence: The evidence for the cause; required for fraud.
        note: Any remark.

    Raises:
        InvalidValueError: The cause is fraud, and there is no evidence.

    Source: the source articles (see docs/why.md).
    """

    at: datetime = attrs.field(eq=by_utc)
    cause: DissolutionCause
    initiator: Initiator
    abrupt: bool = False
    evidence: Personal = attrs.field(default="", converter=text)
    note: Personal = attrs.field(default="", converter=text)

    def _check(self) -> None:
        super()._check()
        if self.cause is DissolutionCause.FRAUD and not self.evidence.strip():
            raise InvalidValueError(
                "fraud_without_evidence",
                "evidence must not be empty if cause is fraud",
                field="evidence",
                advice="give evidence='...'",
            )


_History = tuple[tuple[LifecycleStage, datetime], ...]


def _accept_history(history: Iterable[tuple[LifecycleStage, datetime]]) -> _History:
    """Accept pairs; unlike `several`, it lets type checkers refuse stages without an instant."""
    return cast("_History", history)


_Managers = tuple[tuple[Id | None, datetime], ...]


def _accept_managers(managers: Iterable[tuple[Id | None, datetime]]) -> _Managers:
    """Accept pairs, as `_accept_history` does."""
    return cast("_Managers", managers)


@attrs.frozen(kw_only=True)
class Relationship(Record):
    """The relationship between the company and a customer: its types and the stages it has been through.

    Examples:
        >>> from crmcore import (
        ...     Dissolution,
        ...     DissolutionCause,
        ...     Initiator,
        ...     LifecycleStage,
        ...     Relationship,
        ...     RelationshipType,
        ...     instant,
        ... )
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

    A complete history may also be passed to the constructor, with one of `dissolutions` for each dissolution in it.
    Every move in it is checked. Entries with the same instant keep the order in which they are given.

    Attributes:
        customer_id: The customer.
        types: The types of the relationship; empty if they are unknown.
        history: The stages entered, each with its instant, in order of time.
        order: Which stage comes first.
        dissolutions: The record of each dissolution in the history, in the same order.
        manager_id: The employee who looks after the relationship.
        id: The id of the relationship.
        managers: Who looked after it from when on, in order of time; None for no employee.
        stake: The share of the company that the customer owns, 0 to 1; None if that is not known.

    Raises:
        IllegalTransitionError: A stage that may not follow the previous one.
        InvalidValueError: The history or the managers are not in order of time, the dissolutions in the history and
            `dissolutions` do not match, or `manager_id` is not the last of `managers`.

    Source: the source articles (see docs/why.md); Dwyer, Schurr and Oh 1987, J. Marketing 51(2):11-27, for the other
    order. This library's policy: a relationship may cool by one stage, skips no stage and is won back at exploration.
    """

    customer_id: Id
    types: frozenset[Label[RelationshipType]] = attrs.field(
        default=frozenset(), converter=distinct, repr=checks.sorted_repr
    )
    history: tuple[tuple[LifecycleStage, datetime], ...] = attrs.field(
        default=(), converter=_accept_history, eq=_history.convert_to_utc
    )
    order: StageOrder = StageOrder.EXPLORATION_FIRST
    dissolutions: tuple[Dissolution, ...] = attrs.field(default=(), converter=several)
    manager_id: Id | None = None
    id: Id | None = None
    managers: tuple[tuple[Id | None, datetime], ...] = attrs.field(
        default=(), converter=_accept_managers, eq=_history.convert_to_utc
    )
    stake: Annotated[Decimal, SHARE] | None = attrs.field(default=None, converter=maybe_fraction, repr=plain_repr)

    def _check(self) -> None:
        super()._check()
        _history.check_order_of_time(self.history, "history")
        before: LifecycleStage | None = None
        for place, (stage, _) in enumerate(self.history):
            if before is not None and stage not in self.order.after(before):
                raise IllegalTransitionError(
                    "stage_may_not_follow",
                    f"{stage} cannot follow {before}",
                    field="history",
                    record=place,
                    advice=_advise(self.order, before),
                    operands=(before, stage),
                )
            before = stage
        self._check_ends()
        self._check_managers()

    def _check_managers(self) -> None:
        _history.check_order_of_time(self.managers, "managers")
        if self.managers and self.managers[-1][0] != self.manager_id:
            raise InvalidValueError(
                "not_the_last_manager",
                f"manager_id must be the last of managers, got {show(self.manager_id)} for "
                f"{show(self.managers[-1][0])}",
                field="manager_id",
                advice="use assign(...), which sets both",
                operands=(self.manager_id, self.managers[-1][0]),
            )

    def _check_ends(self) -> None:
        ends = [at for stage, at in self.history if stage is LifecycleStage.DISSOLUTION]
        if len(ends) != len(self.dissolutions):
            raise InvalidValueError(
                "dissolutions_do_not_match",
                "dissolutions must have one record for each dissolution in history, got "
                f"{len(self.dissolutions)} for {len(ends)}",
                field="dissolutions",
                advice="give Dissolution(at=..., cause=..., initiator=...)",
                operands=(len(self.dissolutions), len(ends)),
            )
        for place, (at, dissolution) in enumerate(zip(ends, self.dissolutions, strict=True)):
            if in_utc(at) != in_utc(dissolution.at):
                raise InvalidValueError(
                    "dissolution_at_another_time",
                    "dissolutions must each have the instant of their entry in history, got "
                    f"{show(dissolution.at)} for {show(at)}",
                    field="dissolutions",
                    record=place,
                    operands=(dissolution.at, at),
                )

    @property
    def stage(self) -> LifecycleStage | None:
        """The current stage; None if there is no history."""
        return self.history[-1][0] if self.history else None

    @property
    def dissolution(self) -> Dissolution | None:
        """The record of the end; None if the relationship lasts or was won back."""
        return self.dissolutions[-1] if self.stage is LifecycleStage.DISSOLUTION else None

    @property
    def episodes(self) -> tuple[tuple[tuple[LifecycleStage, datetime], ...], ...]:
        """The history split where the relationship starts again; every part but the last ends with a dissolution."""
        episodes: list[list[tuple[LifecycleStage, datetime]]] = []
        before = LifecycleStage.DISSOLUTION
        for entry in self.history:
            if before is LifecycleStage.DISSOLUTION:
                episodes.append([])
            episodes[-1].append(entry)
            before = entry[0]
        return tuple(map(tuple, episodes))

    def allowed(self) -> frozenset[LifecycleStage]:
        """Return the stages that may come next.

        Use `dissolve` for dissolution, `reopen` for exploration after a dissolution, and `enter` for all others.
        """
        return self.order.after(self.stage)

    def enter(self, stage: LifecycleStage, /, *, at: datetime) -> Self:
        """Return the relationship at the next or the previous stage; the first stage may be any but dissolution.

        Each call checks the whole history again. To add many stages, give them to `Relationship` as its `history`.

        Raises:
            IllegalTransitionError: The stage may not follow, it is dissolution (use `dissolve`), or the relationship is
                dissolved (use `reopen`).
        """
        checks.as_member(stage, LifecycleStage, "stage")
        if self.stage is LifecycleStage.DISSOLUTION:
            raise IllegalTransitionError(
                "dissolved_relationship",
                f"a dissolved relationship cannot enter a stage, got {stage}",
                field="stage",
                advice=_advise(self.order, self.stage),
                operands=(self.stage, stage),
            )
        if stage is LifecycleStage.DISSOLUTION:
            raise IllegalTransitionError(
                "dissolution_without_cause",
                "a dissolution must have a cause and an initiator",
                field="stage",
                advice=_advise(self.order, self.stage),
                operands=(self.stage, stage),
            )
        return attrs.evolve(self, history=(*self.history, (stage, checks.as_instant(at, "at"))))

    def dissolve(self, dissolution: Dissolution, /) -> Self:
        """Return the relationship as dissolved, from any stage or from none.

        Raises:
            IllegalTransitionError: The relationship is already dissolved.
        """
        end = checks.as_instance(dissolution, Dissolution, "dissolution")
        return attrs.evolve(
            self,
            history=(*self.history, (LifecycleStage.DISSOLUTION, end.at)),
            dissolutions=(*self.dissolutions, end),
        )

    def assign(self, manager_id: Id | None, /, *, at: datetime) -> Self:
        """Return the relationship with another manager from an instant on.

        Examples:
            >>> from crmcore import Relationship, instant
            >>> anna = Relationship(customer_id=7).assign("eva", at=instant("2024-01-01"))
            >>> anna = anna.assign("olga", at=instant("2026-01-01"))
            >>> anna.manager_id, [manager for manager, _ in anna.managers]
            ('olga', ['eva', 'olga'])

        Args:
            manager_id: The employee; None if no employee looks after it.
            at: When they begin; not before the last manager began.
        """
        entry = (manager_id, checks.as_instant(at, "at"))
        return attrs.evolve(self, managers=(*self.managers, entry), manager_id=manager_id)

    def reopen(self, *, at: datetime) -> Self:
        """Return the relationship won back: a new episode at exploration, in either order.

        Raises:
            IllegalTransitionError: The relationship is not dissolved.
        """
        if self.stage is not LifecycleStage.DISSOLUTION:
            where = "has no stage yet" if self.stage is None else f"is at {self.stage}"
            raise IllegalTransitionError(
                "not_dissolved",
                f"only a dissolved relationship can be reopened, this one {where}",
                advice=_advise(self.order, self.stage),
                operands=(self.stage, LifecycleStage.EXPLORATION),
            )
        return attrs.evolve(self, history=(*self.history, (LifecycleStage.EXPLORATION, checks.as_instant(at, "at"))))


def _advise(order: StageOrder, stage: LifecycleStage | None) -> str:
    """Return the moves that are allowed from a stage, with their methods."""
    if stage is LifecycleStage.DISSOLUTION:
        return "use reopen(at=...) to start again at exploration"
    living = [following.value for following in order.stages[:-1] if following in order.after(stage)]
    return f"use enter(...) for {' or '.join(living)}, dissolve(...) for dissolution"
