"""Lifecycles: how long relationships stay at their stages, where they go from there, and why they end."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Self, TypeVar

import attrs

from crmcore.model.customer import Id
from crmcore.model.relationship import (
    Dissolution,
    DissolutionCause,
    Initiator,
    LifecycleStage,
    Relationship,
    StageOrder,
)
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, RATIO, ZERO, plain_repr, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, PolicyMismatchError, WrongTypeError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import group_by
from crmcore.primitives.ids import check_id
from crmcore.primitives.periods import in_utc
from crmcore.primitives.tally import POLICY, Tally, TallyBy, check_counts, check_sums

__all__ = ["Departures", "StageDuration", "StageTime", "Transitions", "durations"]

_E = TypeVar("_E", DissolutionCause, Initiator)
_K = TypeVar("_K", bound=Hashable)

_DAY: Final = 86_400
_MICROSECOND: Final = timedelta(microseconds=1)
_MICROSECONDS: Final = 1_000_000


@attrs.frozen(kw_only=True)
class StageDuration:
    """One stay at a stage: how long it was, and what came after it.

    Examples:
        >>> stay = StageDuration(stage=LifecycleStage.AWARENESS, length=timedelta(days=90, hours=12))
        >>> stay.days, stay.ended
        (Decimal('90.5'), False)

    A stay that has not ended is at least so long: right-censored, as survival analysis says.

    Attributes:
        stage: Where the relationship stood.
        length: The time that passed, through UTC; nought where two entries are of one instant.
        followed_by: The stage it went to; None where it still stands there.
        customer_id: Whose relationship it was; None is an unknown customer.

    Raises:
        InvalidValueError: A negative length, or an empty id.
        WrongTypeError: A value of the wrong type.
    """

    stage: LifecycleStage
    length: timedelta
    followed_by: LifecycleStage | None = None
    customer_id: Id | None = None

    def __attrs_post_init__(self) -> None:
        checks.as_member(self.stage, LifecycleStage, "stage")
        if not isinstance(self.length, timedelta):
            raise WrongTypeError(
                f"length must be a timedelta, got {show(self.length)}; write timedelta(days=...)", "length"
            )
        if self.length < timedelta(0):
            raise InvalidValueError(f"length must be >= 0, got {show(self.length)}", self.length)
        if self.followed_by is not None:
            checks.as_member(self.followed_by, LifecycleStage, "followed_by")
        check_id(self.customer_id, "customer_id")

    @property
    def ended(self) -> bool:
        """Whether another stage followed."""
        return self.followed_by is not None

    @property
    def days(self) -> Decimal:
        """The length in days of 24 hours, to 34 digits."""
        return RATIO.divide(self.length // _MICROSECOND, _DAY * _MICROSECONDS)


def durations(relationships: Iterable[Relationship], /, *, as_of: datetime | None = None) -> tuple[StageDuration, ...]:
    """Every stay at a stage, relationship by relationship, from the first to the last.

    Examples:
        >>> from crmcore import instant
        >>> anna = Relationship(
        ...     customer_id=7,
        ...     history=[
        ...         (LifecycleStage.EXPLORATION, instant("2024-01-01")),
        ...         (LifecycleStage.AWARENESS, instant("2024-02-01")),
        ...     ],
        ... )
        >>> [(stay.stage.value, stay.days, stay.ended) for stay in durations([anna], as_of=instant("2024-05-01"))]
        [('exploration', Decimal('31'), True), ('awareness', Decimal('90'), False)]
        >>> [(stay.stage.value, stay.days, stay.ended) for stay in durations([anna])]
        [('exploration', Decimal('31'), True)]

    The stay that lasts has no length unless `as_of` gives it one, and is left out without. What is left then are the
    short stays, for the long ones last: give `as_of` for every average and every survival curve.

    Dissolution is a stage like the others: a stay there is the time apart, and ends where the customer is won back.

    Args:
        relationships: The relationships.
        as_of: The day of judgement, at which the stays that last are cut off; an entry after it is an error.

    Raises:
        InvalidValueError: An entry lies after `as_of`.
        NaiveInstantError: `as_of` has no time zone.
        WrongTypeError: An item is no `Relationship`.
    """
    day = None if as_of is None else in_utc(checks.as_instant(as_of, "as_of"))
    stays: list[StageDuration] = []
    for relationship in checks.iterate(relationships, "relationships", "Relationship"):
        history = checks.as_instance(relationship, Relationship, "every item").history
        followers: list[tuple[LifecycleStage | None, datetime]] = [*history[1:]]
        if day is not None and history:
            if in_utc(history[-1][1]) > day:
                raise InvalidValueError(
                    f"a relationship has an entry after as_of, {show(history[-1][1])} after {show(day)}; "
                    f"take a later as_of, or leave out what came after it",
                    history[-1][1],
                    day,
                )
            followers.append((None, day))
        stays += [
            StageDuration(
                stage=stage,
                length=in_utc(until) - in_utc(at),
                followed_by=follower,
                customer_id=relationship.customer_id,
            )
            for (stage, at), (follower, until) in zip(history, followers, strict=False)
        ]
    return tuple(stays)


@attrs.frozen(kw_only=True)
class StageTime(Tally):
    """Adds over disjoint stays at stages: how many ended, how many last, and the time they took together.

    Examples:
        >>> trials = StageTime(ended=3, lasting=1, seconds=120 * 86_400)
        >>> trials.days, trials.days_per_end
        (Decimal('120'), Decimal('40'))

    Attributes:
        ended: Stays that ended.
        lasting: Stays that had not ended when they were last looked at.
        seconds: The length of all of them together, exactly.

    Raises:
        InconsistentCountsError: Time without a stay.
        InvalidValueError: A negative number.

    Source: Epstein and Sobel 1953, Life Testing, JASA 48:486-502 (time over endings is the most likely mean stay where
    the chance to leave does not depend on the time already spent; a stay that lasts adds its time and no ending).
    """

    ratios = ("stays", "days", "days_per_end")

    ended: int = 0
    lasting: int = 0
    seconds: Decimal = attrs.field(default=ZERO, converter=checks.number, repr=plain_repr)

    def __attrs_post_init__(self) -> None:
        check_counts(self, "ended", "lasting")
        check_sums(self, "seconds")
        if self.seconds and not self.stays:
            raise InconsistentCountsError(
                f"there is no stay that could have taken {show(self.seconds)} seconds; count it as ended or lasting",
                self.seconds,
            )

    @classmethod
    def of(cls, stays: Iterable[StageDuration], /) -> Self:
        """Add up what `durations` gives, in one pass and any order.

        Raises:
            WrongTypeError: An item is no `StageDuration`.
        """
        ended = lasting = microseconds = 0
        for stay in checks.iterate(stays, "stays", "StageDuration"):
            if checks.as_instance(stay, StageDuration, "every item").ended:
                ended += 1
            else:
                lasting += 1
            microseconds += stay.length // _MICROSECOND
        return cls(ended=ended, lasting=lasting, seconds=EXACT.divide(microseconds, _MICROSECONDS))

    @classmethod
    def by(cls, stays: Iterable[StageDuration], key: Callable[[StageDuration], _K], /) -> TallyBy[_K, Self]:
        """Add up apart by a key, such as the stage.

        Examples:
            >>> stays = [
            ...     StageDuration(stage=LifecycleStage.EXPLORATION, length=timedelta(days=31)),
            ...     StageDuration(stage=LifecycleStage.AWARENESS, length=timedelta(days=90)),
            ...     StageDuration(stage=LifecycleStage.EXPLORATION, length=timedelta(days=9)),
            ... ]
            >>> {stage.value: time.days for stage, time in StageTime.by(stays, lambda stay: stay.stage).items()}
            {'exploration': Decimal('40'), 'awareness': Decimal('90')}

        Raises:
            WrongTypeError: As for `of`.
        """
        groups = group_by(stays, key, StageDuration, "stays", "lambda stay: stay.stage")
        return TallyBy({group: cls.of(found) for group, found in groups.items()})

    @property
    def stays(self) -> int:
        """All of them, ended or not."""
        return self.ended + self.lasting

    @property
    def days(self) -> Decimal:
        """The time in days of 24 hours, to 34 digits."""
        return RATIO.divide(self.seconds, _DAY)

    @property
    def days_per_end(self) -> Decimal | None:
        """Days spent for each stay that ended, ``days / ended``; None where none did."""
        return ratio(self.seconds, _DAY * self.ended)

    def explain(self) -> Explanation:
        """How the days for an end come about, line by line."""
        return Explanation(
            (
                term("ended", self.ended, "stays"),
                term("lasting", self.lasting, "stays"),
                term("stays", self.stays, "stays", "ended + lasting"),
                term("seconds", self.seconds, "seconds"),
                term("days", self.days, "days", "seconds / 86400"),
                term("days_per_end", self.days_per_end, "days", "days / ended"),
            ),
            source="Epstein and Sobel 1953, Life Testing, JASA 48:486-502",
        )


def _moves(order: StageOrder) -> dict[str, tuple[LifecycleStage, LifecycleStage]]:
    """The moves that an order knows, by the names of their counts, in the order of the stages."""
    return {
        f"{start.value}_to_{end.value}": (start, end)
        for start in order.stages
        for end in order.stages
        if end in order.after(start)
    }


def _totals(order: StageOrder) -> dict[str, list[str]]:
    """Which counts make up which total."""
    place = order.stages.index
    moves = _moves(order).items()
    onward = [(name, start, end) for name, (start, end) in moves if end is not LifecycleStage.DISSOLUTION]
    return {
        "moves": [name for name, _ in moves],
        "forward": [name for name, start, end in onward if place(end) == place(start) + 1],
        "back": [name for name, start, end in onward if place(end) == place(start) - 1],
        "ended": [name for name, (_, end) in moves if end is LifecycleStage.DISSOLUTION],
        **{f"left_{one.value}": [name for name, (start, _) in moves if start is one] for one in order.stages},
    }


_MOVES: Final = {order.value: _moves(order) for order in StageOrder}
_TOTALS: Final = {order.value: _totals(order) for order in StageOrder}


@attrs.frozen(kw_only=True)
class Transitions(Tally):
    """Adds over disjoint moves from stage to stage: how many went where, under one order of the stages.

    Examples:
        >>> moves = Transitions(exploration_to_awareness=6, exploration_to_dissolution=2, awareness_to_expansion=3)
        >>> moves.share(LifecycleStage.EXPLORATION, LifecycleStage.AWARENESS)
        Decimal('0.75')
        >>> moves.share(LifecycleStage.COMMITMENT, LifecycleStage.DISSOLUTION) is None  # nobody left commitment
        True
        >>> moves.moves, moves.forward, moves.back, moves.ended
        (11, 9, 0, 2)

    A share is of those that left the stage, however long they stayed; it is no chance for a month or a year. Those that
    stand where they stood are not moves, and first entries are not either.

    Attributes:
        exploration_to_awareness: Forward where exploration comes first, back where awareness does.
        awareness_to_exploration: The other way round.
        awareness_to_expansion: Forward where exploration comes first; no move where awareness does.
        expansion_to_awareness: Back where exploration comes first; no move where awareness does.
        exploration_to_expansion: Forward where awareness comes first; no move where exploration does.
        expansion_to_exploration: Back where awareness comes first; no move where exploration does.
        expansion_to_commitment: Forward.
        commitment_to_expansion: Back.
        exploration_to_dissolution: Ended while the supplier was tried out.
        awareness_to_dissolution: Ended in awareness.
        expansion_to_dissolution: Ended in expansion.
        commitment_to_dissolution: Ended in commitment.
        dissolution_to_exploration: Won back.
        order: Which stage comes first. The first two names mean different things in the two orders.

    Raises:
        InvalidValueError: A negative count, or one of a move that the order does not know.

    Source: Anderson and Goodman 1957, Statistical Inference about Markov Chains, Ann. Math. Statist. 28:89-110 (counts
    by row are the most likely shares).
    """

    ratios = ("moves", "forward", "back", "ended")

    exploration_to_awareness: int = 0
    awareness_to_exploration: int = 0
    awareness_to_expansion: int = 0
    expansion_to_awareness: int = 0
    exploration_to_expansion: int = 0
    expansion_to_exploration: int = 0
    expansion_to_commitment: int = 0
    commitment_to_expansion: int = 0
    exploration_to_dissolution: int = 0
    awareness_to_dissolution: int = 0
    expansion_to_dissolution: int = 0
    commitment_to_dissolution: int = 0
    dissolution_to_exploration: int = 0
    order: StageOrder = attrs.field(default=StageOrder.EXPLORATION_FIRST, metadata=POLICY)

    def __attrs_post_init__(self) -> None:
        checks.as_member(self.order, StageOrder, "order")
        known = _MOVES[self.order.value]
        for field in attrs.fields(Transitions):
            if field.metadata.get("policy"):
                continue
            check_counts(self, field.name)
            count = getattr(self, field.name)
            if count and field.name not in known:
                raise InvalidValueError(
                    f"{field.name} must be nought, for {self.order.value} knows no such move, got {show(count)}; "
                    f"name the order with order=...",
                    field.name,
                    count,
                )

    @classmethod
    def of(cls, relationships: Iterable[Relationship], /, *, order: StageOrder = StageOrder.EXPLORATION_FIRST) -> Self:
        """Count the moves of relationships, in one pass and any order.

        Examples:
            >>> from crmcore import instant
            >>> new = Relationship(customer_id=7).enter(LifecycleStage.EXPLORATION, at=instant("2026-01-01"))
            >>> grown = attrs.evolve(new, customer_id=8).enter(LifecycleStage.AWARENESS, at=instant("2026-02-01"))
            >>> counts = Transitions.of([new, grown]).counts
            >>> [(start.value, end.value, count) for (start, end), count in counts if count]
            [('exploration', 'awareness', 1)]

        Args:
            relationships: The relationships, each once, as it stands last.
            order: Their order; count relationships of the other order apart.

        Raises:
            PolicyMismatchError: A relationship is of another order.
            WrongTypeError: An item is no `Relationship`.
        """
        checks.as_member(order, StageOrder, "order")
        counts = dict.fromkeys(_MOVES[order.value], 0)
        for relationship in checks.iterate(relationships, "relationships", "Relationship"):
            if checks.as_instance(relationship, Relationship, "every item").order is not order:
                raise PolicyMismatchError(
                    f"a relationship is counted under order {order.value} but is of {relationship.order.value}; "
                    f"count each order apart with order=...",
                    "order",
                    order,
                    relationship.order,
                )
            before: LifecycleStage | None = None
            for stage, _ in relationship.history:
                if before is not None:
                    counts[f"{before.value}_to_{stage.value}"] += 1
                before = stage
        return cls(**counts, order=order)

    @classmethod
    def by(
        cls,
        relationships: Iterable[Relationship],
        key: Callable[[Relationship], _K],
        /,
        *,
        order: StageOrder = StageOrder.EXPLORATION_FIRST,
    ) -> TallyBy[_K, Self]:
        """Count as `of` does, apart by a key, such as the manager.

        Examples:
            >>> from crmcore import instant
            >>> new = Relationship(customer_id=7, manager_id="eva").enter(
            ...     LifecycleStage.EXPLORATION, at=instant("2026-01-01")
            ... )
            >>> grown = new.enter(LifecycleStage.AWARENESS, at=instant("2026-02-01"))
            >>> {who: moves.forward for who, moves in Transitions.by([grown], lambda one: one.manager_id).items()}
            {'eva': 1}

        Raises:
            PolicyMismatchError: As for `of`.
            WrongTypeError: As for `of`.
        """
        checks.as_member(order, StageOrder, "order")
        groups = group_by(
            relationships, key, Relationship, "relationships", "lambda relationship: relationship.manager_id"
        )
        return TallyBy({group: cls.of(found, order=order) for group, found in groups.items()})

    @property
    def counts(self) -> tuple[tuple[tuple[LifecycleStage, LifecycleStage], int], ...]:
        """Every move that the order knows, as a pair of stages, with its count; in the order of the stages."""
        return tuple((move, getattr(self, name)) for name, move in _MOVES[self.order.value].items())

    @property
    def moves(self) -> int:
        """All of them."""
        return self._total("moves")

    @property
    def forward(self) -> int:
        """Moves to the next stage, but for dissolution."""
        return self._total("forward")

    @property
    def back(self) -> int:
        """Moves to the stage before: relationships that cooled."""
        return self._total("back")

    @property
    def ended(self) -> int:
        """Moves to dissolution, from whatever stage."""
        return self._total("ended")

    def left(self, stage: LifecycleStage, /) -> int:
        """How many moves began at a stage."""
        return self._total(f"left_{checks.as_member(stage, LifecycleStage, 'stage').value}")

    def share(self, start: LifecycleStage, end: LifecycleStage, /) -> Decimal | None:
        """The share of those that left a stage that went to another; None where nobody left it.

        It is nought for a move that the order does not know.
        """
        left = self.left(checks.as_member(start, LifecycleStage, "start"))
        name = f"{start.value}_to_{checks.as_member(end, LifecycleStage, 'end').value}"
        return ratio(getattr(self, name, 0), left)

    def _total(self, name: str) -> int:
        return sum(getattr(self, count) for count in _TOTALS[self.order.value][name])

    def explain(self) -> Explanation:
        """How totals and shares come about, line by line."""
        moves = _MOVES[self.order.value]
        totals = _TOTALS[self.order.value]
        return Explanation(
            [
                *(term(name, getattr(self, name), "moves") for name in moves),
                *(term(name, self._total(name), "moves", " + ".join(counts)) for name, counts in totals.items()),
                *(
                    term(f"{name}_share", self.share(start, end), "", f"{name} / left_{start.value}")
                    for name, (start, end) in moves.items()
                ),
            ],
            source="Anderson and Goodman 1957, Ann. Math. Statist. 28:89-110",
        )


@attrs.frozen(kw_only=True)
class Departures(Tally):
    """Adds over disjoint dissolutions: why relationships ended, and who ended them.

    Examples:
        >>> year = Departures(
        ...     dissatisfied=2, better_offer=1, no_growth=1, fraud=1, customer_initiated=3, supplier_initiated=2
        ... )
        >>> year.customer_initiated_share
        Decimal('0.6')
        >>> [(cause.value, count) for cause, count in year.by_cause]
        [('dissatisfied', 2), ('better_offer', 1), ('fraud', 1), ('no_growth', 1)]

    Each dissolution has one cause and one initiator, so both add up to the same. A share is of all dissolutions; where
    many initiators are unknown it says little.

    Attributes:
        dissatisfied: Ended because the customer was let down.
        better_offer: Ended for a better brand or product.
        need_changed: Ended because the customer needs something else.
        no_growth: Ended because the business did not grow.
        fraud: Ended for fraud.
        external: Ended for what neither had in hand.
        mutual: Ended because both agreed that it was over.
        unknown: Ended, and nobody knows why.
        customer_initiated: Ended by the customer.
        supplier_initiated: Ended by the company.
        mutual_initiated: Ended by both.
        external_initiated: Ended by neither.
        unknown_initiated: Ended, and nobody knows by whom.
        abrupt: Ended without warning.

    Raises:
        InconsistentCountsError: Causes and initiators do not add up to the same, or more ended abruptly than ended.
        InvalidValueError: A negative count.

    Source: the documents.
    """

    ratios = ("dissolutions", "customer_initiated_share", "supplier_initiated_share", "abrupt_share")

    dissatisfied: int = 0
    better_offer: int = 0
    need_changed: int = 0
    no_growth: int = 0
    fraud: int = 0
    external: int = 0
    mutual: int = 0
    unknown: int = 0
    customer_initiated: int = 0
    supplier_initiated: int = 0
    mutual_initiated: int = 0
    external_initiated: int = 0
    unknown_initiated: int = 0
    abrupt: int = 0

    def __attrs_post_init__(self) -> None:
        check_counts(self, *_CAUSES, *_INITIATORS, "abrupt")
        initiated = sum(getattr(self, name) for name in _INITIATORS)
        if initiated != self.dissolutions:
            raise InconsistentCountsError(
                f"causes add up to {self.dissolutions} dissolutions but initiators to {initiated}; "
                f"count what nobody knows as unknown or unknown_initiated",
                self.dissolutions,
                initiated,
            )
        if self.abrupt > self.dissolutions:
            raise InconsistentCountsError(
                f"abrupt must not be above the {self.dissolutions} dissolutions there are, got {show(self.abrupt)}",
                self.dissolutions,
                self.abrupt,
            )

    @classmethod
    def of(cls, dissolutions: Iterable[Dissolution], /) -> Self:
        """Count dissolutions, in one pass and any order.

        Examples:
            >>> from crmcore import instant
            >>> end = Dissolution(
            ...     at=instant("2026-05-01"),
            ...     cause=DissolutionCause.DISSATISFIED,
            ...     initiator=Initiator.CUSTOMER,
            ...     abrupt=True,
            ... )
            >>> Departures.of([end, end]).abrupt
            2

        Raises:
            WrongTypeError: An item is no `Dissolution`.
        """
        causes = dict.fromkeys(_CAUSES, 0)
        initiators = dict.fromkeys(_INITIATORS, 0)
        abrupt = 0
        for dissolution in checks.iterate(dissolutions, "dissolutions", "Dissolution"):
            causes[checks.as_instance(dissolution, Dissolution, "every item").cause.value] += 1
            initiators[_initiated(dissolution.initiator)] += 1
            abrupt += dissolution.abrupt
        return cls(**causes, **initiators, abrupt=abrupt)

    @classmethod
    def by(cls, dissolutions: Iterable[Dissolution], key: Callable[[Dissolution], _K], /) -> TallyBy[_K, Self]:
        """Count apart by a key, such as the initiator: which causes make customers leave?

        Examples:
            >>> from crmcore import instant
            >>> ends = [
            ...     Dissolution(at=instant("2026-05-01"), cause=cause, initiator=who)
            ...     for cause, who in [
            ...         (DissolutionCause.NO_GROWTH, Initiator.SUPPLIER),
            ...         (DissolutionCause.NEED_CHANGED, Initiator.CUSTOMER),
            ...     ]
            ... ]
            >>> Departures.by(ends, lambda end: end.initiator)[Initiator.CUSTOMER].by_cause
            ((<DissolutionCause.NEED_CHANGED: 'need_changed'>, 1),)

        Raises:
            WrongTypeError: As for `of`.
        """
        groups = group_by(dissolutions, key, Dissolution, "dissolutions", "lambda dissolution: dissolution.initiator")
        return TallyBy({group: cls.of(found) for group, found in groups.items()})

    @property
    def dissolutions(self) -> int:
        """All of them."""
        return sum(getattr(self, name) for name in _CAUSES)

    @property
    def by_cause(self) -> tuple[tuple[DissolutionCause, int], ...]:
        """The causes there were, the most frequent first and equals by name: ready for a Pareto chart."""
        return _most_frequent((cause, getattr(self, cause.value)) for cause in DissolutionCause)

    @property
    def by_initiator(self) -> tuple[tuple[Initiator, int], ...]:
        """The initiators there were, the most frequent first and equals by name."""
        return _most_frequent((initiator, getattr(self, _initiated(initiator))) for initiator in Initiator)

    @property
    def customer_initiated_share(self) -> Decimal | None:
        """The share that the customer ended, of all; None where nothing ended."""
        return ratio(self.customer_initiated, self.dissolutions)

    @property
    def supplier_initiated_share(self) -> Decimal | None:
        """The share that the company ended, of all; None where nothing ended."""
        return ratio(self.supplier_initiated, self.dissolutions)

    @property
    def abrupt_share(self) -> Decimal | None:
        """The share that ended without warning; None where nothing ended."""
        return ratio(self.abrupt, self.dissolutions)

    def explain(self) -> Explanation:
        """How the shares come about, line by line."""
        return Explanation(
            [
                *(term(name, getattr(self, name), "dissolutions") for name in (*_CAUSES, *_INITIATORS, "abrupt")),
                term("dissolutions", self.dissolutions, "dissolutions", " + ".join(_CAUSES)),
                term(
                    "customer_initiated_share", self.customer_initiated_share, "", "customer_initiated / dissolutions"
                ),
                term(
                    "supplier_initiated_share", self.supplier_initiated_share, "", "supplier_initiated / dissolutions"
                ),
                term("abrupt_share", self.abrupt_share, "", "abrupt / dissolutions"),
            ]
        )


def _initiated(initiator: Initiator) -> str:
    return f"{initiator.value}_initiated"


_CAUSES: Final = tuple(cause.value for cause in DissolutionCause)
_INITIATORS: Final = tuple(_initiated(initiator) for initiator in Initiator)


def _most_frequent(counts: Iterable[tuple[_E, int]]) -> tuple[tuple[_E, int], ...]:
    return tuple(sorted(((one, count) for one, count in counts if count), key=lambda pair: (-pair[1], pair[0].value)))
