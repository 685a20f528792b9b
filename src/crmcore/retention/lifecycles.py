"""How long relationships stay at a stage, where they move from there, and why they end."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final, Self, TypeVar

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
from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import RATIO, ZERO, plain_repr, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, PolicyMismatchError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import enumerate_once, group_by
from crmcore.primitives.periods import check_not_after, in_utc
from crmcore.primitives.record import NON_NEGATIVE, Kind, number
from crmcore.primitives.tally import POLICY, Tally, TallyBy

__all__ = ["Departures", "StageDuration", "StageTime", "Transitions", "durations"]

_E = TypeVar("_E", DissolutionCause, Initiator)
_K = TypeVar("_K", bound=Hashable)


def _as_length(value: object, name: str) -> timedelta:
    length = checks.as_instance(value, timedelta, name)
    if length < _clock.NO_TIME:
        raise InvalidValueError(
            "length_below_zero", f"{name} must be >= 0, got {show(length)}", field=name, operands=(length,)
        )
    return length


_LENGTH: Final = Kind(_as_length, {"pattern": r"^[^-]"})


@attrs.frozen(kw_only=True)
class StageDuration(Result):
    """One stay at a stage: its length, and the stage that followed.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import LifecycleStage
        >>> from crmcore.retention.lifecycles import StageDuration
        >>> stay = StageDuration(stage=LifecycleStage.AWARENESS, length=timedelta(days=90, hours=12))
        >>> stay.days, stay.ended
        (Decimal('90.5'), False)

    A stay that has not ended is at least this long. Survival analysis calls it right-censored.

    Attributes:
        stage: The stage.
        length: The elapsed time, >= 0. It is zero if two entries have the same instant.
        followed_by: The next stage, or None if the stay has not ended.
        customer_id: The customer, or None if they are unknown.

    Raises:
        InvalidValueError: The length is negative.
    """

    ratios = ("ended", "days")

    stage: LifecycleStage
    length: Annotated[timedelta, _LENGTH]
    followed_by: LifecycleStage | None = None
    customer_id: Id | None = None

    @property
    def ended(self) -> bool:
        """Whether another stage followed."""
        return self.followed_by is not None

    @property
    def days(self) -> Decimal:
        """The length in days of 24 hours, to 34 digits."""
        return _clock.days(_clock.microseconds(self.length))


def durations(relationships: Iterable[Relationship], /, *, as_of: datetime | None = None) -> tuple[StageDuration, ...]:
    """Return every stay at a stage, relationship by relationship, from the first stay to the last.

    Examples:
        >>> from crmcore import LifecycleStage, Relationship, instant
        >>> from crmcore.retention.lifecycles import durations
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

    A stay that still lasts has a length only if `as_of` is given. Without `as_of` it is left out. What remains is too
    short on average, because the long stays are those that still last. So give `as_of` for every mean and every
    survival curve.

    Dissolution is a stage like the others. A stay there ends if the customer is won back.

    Args:
        relationships: The relationships.
        as_of: The reference date, at which stays that still last are cut off.

    Raises:
        InvalidValueError: An entry is after `as_of`.
    """
    reference = None if as_of is None else in_utc(checks.as_instant(as_of, "as_of"))
    stays: list[StageDuration] = []
    for place, relationship in enumerate_once(relationships, Relationship, "relationships"):
        history = relationship.history
        followers: list[tuple[LifecycleStage | None, datetime]] = [*history[1:]]
        if reference is not None and history:
            if in_utc(history[-1][1]) > reference:
                check_not_after(reference, history[-1][1], "relationships", place)
            followers.append((None, reference))
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
    """Number of stays at stages that ended or still last, and their total time. Records of disjoint stays can be added.

    Examples:
        >>> from crmcore import StageTime
        >>> trials = StageTime(ended=3, lasting=1, seconds=120 * 86_400)
        >>> trials.days, trials.days_per_end
        (Decimal('120'), Decimal('40'))

    Attributes:
        ended: Stays that ended.
        lasting: Stays that had not ended at the reference date.
        seconds: The total length of all stays, exactly.

    Raises:
        InconsistentCountsError: There is time without a stay.

    Source: Epstein and Sobel 1953, Life Testing, JASA 48:486-502. If the chance to leave does not depend on the time
    already spent, the total time divided by the endings is the maximum likelihood estimate of the mean stay. A stay
    that still lasts adds only its time.
    """

    ratios = ("stays", "days", "days_per_end")

    ended: int = 0
    lasting: int = 0
    seconds: Annotated[Decimal, NON_NEGATIVE] = attrs.field(default=ZERO, converter=number, repr=plain_repr)

    def _check(self) -> None:
        super()._check()
        if self.seconds and not self.stays:
            raise InconsistentCountsError(
                "time_without_stays",
                f"seconds must be 0 without stays, got {show(self.seconds)}",
                field="seconds",
                advice="count the stay as ended or lasting",
                operands=(self.seconds,),
            )

    @classmethod
    def of(cls, stays: Iterable[StageDuration], /) -> Self:
        """Add up the stays that `durations` returns, in a single pass; the order does not matter."""
        ended = lasting = microseconds = 0
        for stay in checks.iterate_records(stays, StageDuration, "stays"):
            if stay.ended:
                ended += 1
            else:
                lasting += 1
            microseconds += _clock.microseconds(stay.length)
        return cls(ended=ended, lasting=lasting, seconds=_clock.seconds(microseconds))

    @classmethod
    def by(cls, stays: Iterable[StageDuration], key: Callable[[StageDuration], _K], /) -> TallyBy[_K, Self]:
        """Add up the stays for each value of a key, such as the stage.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import LifecycleStage, StageTime
            >>> from crmcore.retention.lifecycles import StageDuration
            >>> stays = [
            ...     StageDuration(stage=LifecycleStage.EXPLORATION, length=timedelta(days=31)),
            ...     StageDuration(stage=LifecycleStage.AWARENESS, length=timedelta(days=90)),
            ...     StageDuration(stage=LifecycleStage.EXPLORATION, length=timedelta(days=9)),
            ... ]
            >>> {stage.value: time.days for stage, time in StageTime.by(stays, lambda stay: stay.stage).items()}
            {'exploration': Decimal('40'), 'awareness': Decimal('90')}
        """
        groups = group_by(stays, key, StageDuration, "stays", "lambda stay: stay.stage")
        return TallyBy({group: cls.of(members) for group, members in groups.items()})

    @property
    def stays(self) -> int:
        """All stays, ended or not."""
        return self.ended + self.lasting

    @property
    def days(self) -> Decimal:
        """The time in days of 24 hours, to 34 digits."""
        return RATIO.divide(self.seconds, _clock.SECONDS_A_DAY)

    @property
    def days_per_end(self) -> Decimal | None:
        """Days spent for each stay that ended, ``days / ended``; None if no stay ended."""
        return ratio(self.seconds, _clock.SECONDS_A_DAY * self.ended)

    def explain(self) -> Explanation:
        """Return the counts, the time and the days for each end, line by line, each with its formula."""
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


def _list_moves(order: StageOrder) -> dict[str, tuple[LifecycleStage, LifecycleStage]]:
    """Return the moves that an order of the stages allows, by the names of their counts."""
    return {
        f"{start.value}_to_{end.value}": (start, end)
        for start in order.stages
        for end in order.stages
        if end in order.after(start)
    }


def _list_totals(order: StageOrder) -> dict[str, list[str]]:
    """Return the names of the counts that make up each total."""
    place = order.stages.index
    moves = _list_moves(order).items()
    onward = [(name, start, end) for name, (start, end) in moves if end is not LifecycleStage.DISSOLUTION]
    return {
        "moves": [name for name, _ in moves],
        "forward": [name for name, start, end in onward if place(end) == place(start) + 1],
        "back": [name for name, start, end in onward if place(end) == place(start) - 1],
        "ended": [name for name, (_, end) in moves if end is LifecycleStage.DISSOLUTION],
        **{f"left_{stage.value}": [name for name, (start, _) in moves if start is stage] for stage in order.stages},
    }


_MOVES: Final = {order.value: _list_moves(order) for order in StageOrder}
_ALL_MOVES: Final = frozenset(name for moves in _MOVES.values() for name in moves)
_TOTALS: Final = {order.value: _list_totals(order) for order in StageOrder}


@attrs.frozen(kw_only=True)
class Transitions(Tally):
    """Number of moves from stage to stage, under one order of the stages. Records of disjoint moves can be added.

    Examples:
        >>> from crmcore import LifecycleStage, Transitions
        >>> moves = Transitions(exploration_to_awareness=6, exploration_to_dissolution=2, awareness_to_expansion=3)
        >>> moves.share(LifecycleStage.EXPLORATION, LifecycleStage.AWARENESS)
        Decimal('0.75')
        >>> moves.share(LifecycleStage.COMMITMENT, LifecycleStage.DISSOLUTION) is None  # no move from there
        True
        >>> moves.moves, moves.forward, moves.back, moves.ended
        (11, 9, 0, 2)

    A share is divided by all moves that began at the stage; the length of the stays does not matter. It is not a
    probability per month or year. The first entry of a relationship is not a move.

    Attributes:
        exploration_to_awareness: Forward if exploration comes first, back if awareness does.
        awareness_to_exploration: Back if exploration comes first, forward if awareness does.
        awareness_to_expansion: Forward if exploration comes first; zero if awareness does.
        expansion_to_awareness: Back if exploration comes first; zero if awareness does.
        exploration_to_expansion: Forward if awareness comes first; zero if exploration does.
        expansion_to_exploration: Back if awareness comes first; zero if exploration does.
        expansion_to_commitment: Forward.
        commitment_to_expansion: Back.
        exploration_to_dissolution: Ended in exploration, while the customer tried the supplier out.
        awareness_to_dissolution: Ended in awareness.
        expansion_to_dissolution: Ended in expansion.
        commitment_to_dissolution: Ended in commitment.
        dissolution_to_exploration: Won back.
        order: The order of the stages, which says which of the first two moves is forward.

    Raises:
        InvalidValueError: A move that the order does not allow has a count.

    Source: Anderson and Goodman 1957, Statistical Inference about Markov Chains, Ann. Math. Statist. 28:89-110 (the
    shares of each row are maximum likelihood estimates).
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

    def _check(self) -> None:
        super()._check()
        for name in _ALL_MOVES - _MOVES[self.order.value].keys():
            count = getattr(self, name)
            if count:
                raise InvalidValueError(
                    "move_not_in_order",
                    f"{name} must be 0 under {self.order.value}, which does not allow this move, got {show(count)}",
                    field=name,
                    advice="give the order with order=...",
                    operands=(count, self.order),
                )

    @classmethod
    def of(cls, relationships: Iterable[Relationship], /, *, order: StageOrder = StageOrder.EXPLORATION_FIRST) -> Self:
        """Count the moves of relationships, in a single pass; the order does not matter.

        Examples:
            >>> import attrs
            >>> from crmcore import LifecycleStage, Relationship, Transitions, instant
            >>> new = Relationship(customer_id=7).enter(LifecycleStage.EXPLORATION, at=instant("2026-01-01"))
            >>> grown = attrs.evolve(new, customer_id=8).enter(LifecycleStage.AWARENESS, at=instant("2026-02-01"))
            >>> counts = Transitions.of([new, grown]).counts
            >>> [(start.value, end.value, count) for (start, end), count in counts if count]
            [('exploration', 'awareness', 1)]

        Args:
            relationships: The relationships, each with its whole history. One with an id counts once.
            order: The order of their stages. Count relationships of another order separately.

        Raises:
            PolicyMismatchError: A relationship has another order.
        """
        checks.as_member(order, StageOrder, "order")
        counts = dict.fromkeys(_MOVES[order.value], 0)
        for place, relationship in enumerate_once(relationships, Relationship, "relationships"):
            if relationship.order is not order:
                raise PolicyMismatchError(
                    "relationship_of_another_order",
                    f"relationships must have the order {order.value}, got {relationship.order.value}",
                    field="relationships",
                    record=place,
                    advice="count each order separately with order=...",
                    operands=(order, relationship.order),
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
        """Count as `of` does, for each value of a key, such as the manager.

        Examples:
            >>> from crmcore import LifecycleStage, Relationship, Transitions, instant
            >>> new = Relationship(customer_id=7, manager_id="eva").enter(
            ...     LifecycleStage.EXPLORATION, at=instant("2026-01-01")
            ... )
            >>> grown = new.enter(LifecycleStage.AWARENESS, at=instant("2026-02-01"))
            >>> by = Transitions.by([grown], lambda relationship: relationship.manager_id)
            >>> {manager: moves.forward for manager, moves in by.items()}
            {'eva': 1}

        Raises:
            PolicyMismatchError: A relationship has another order.
        """
        checks.as_member(order, StageOrder, "order")
        groups = group_by(
            relationships, key, Relationship, "relationships", "lambda relationship: relationship.manager_id"
        )
        return TallyBy({group: cls.of(members, order=order) for group, members in groups.items()})

    @property
    def counts(self) -> tuple[tuple[tuple[LifecycleStage, LifecycleStage], int], ...]:
        """Every move that the order allows, as a pair of stages, with its count; in the order of the stages."""
        return tuple((move, getattr(self, name)) for name, move in _MOVES[self.order.value].items())

    @property
    def moves(self) -> int:
        """All moves."""
        return self._add_up("moves")

    @property
    def forward(self) -> int:
        """Moves to the next stage, without those to dissolution."""
        return self._add_up("forward")

    @property
    def back(self) -> int:
        """Moves to the stage before: relationships that cooled down."""
        return self._add_up("back")

    @property
    def ended(self) -> int:
        """Moves to dissolution, from any stage."""
        return self._add_up("ended")

    def left(self, stage: LifecycleStage, /) -> int:
        """Return how many moves began at a stage."""
        return self._add_up(f"left_{checks.as_member(stage, LifecycleStage, 'stage').value}")

    def share(self, start: LifecycleStage, end: LifecycleStage, /) -> Decimal | None:
        """Return the share of the moves from one stage that went to another, or None if no move began there.

        It is zero for a move that the order does not allow.
        """
        left = self.left(checks.as_member(start, LifecycleStage, "start"))
        name = f"{start.value}_to_{checks.as_member(end, LifecycleStage, 'end').value}"
        return ratio(getattr(self, name, 0), left)

    def _add_up(self, name: str) -> int:
        return sum(getattr(self, count) for count in _TOTALS[self.order.value][name])

    def explain(self) -> Explanation:
        """Return the counts, the totals and the shares, line by line, each with its formula."""
        moves = _MOVES[self.order.value]
        totals = _TOTALS[self.order.value]
        return Explanation(
            [
                *(term(name, getattr(self, name), "moves") for name in moves),
                *(term(name, self._add_up(name), "moves", " + ".join(counts)) for name, counts in totals.items()),
                *(
                    term(f"{name}_share", self.share(start, end), "", f"{name} / left_{start.value}")
                    for name, (start, end) in moves.items()
                ),
            ],
            source="Anderson and Goodman 1957, Ann. Math. Statist. 28:89-110",
        )


@attrs.frozen(kw_only=True)
class Departures(Tally):
    """Number of relationships that ended, by cause and by initiator. Records of disjoint dissolutions can be added.

    Examples:
        >>> from crmcore import Departures
        >>> year = Departures(
        ...     dissatisfied=2, better_offer=1, no_growth=1, fraud=1, customer_initiated=3, supplier_initiated=2
        ... )
        >>> year.customer_initiated_share
        Decimal('0.6')
        >>> [(cause.value, count) for cause, count in year.by_cause]
        [('dissatisfied', 2), ('better_offer', 1), ('fraud', 1), ('no_growth', 1)]

    Each dissolution has one cause and one initiator, so causes and initiators have the same sum. A share is divided by
    all dissolutions. If many initiators are unknown, it says little.

    Attributes:
        dissatisfied: Ended because the customer was disappointed.
        better_offer: Ended because the customer found a better brand or product.
        need_changed: Ended because the customer needs something else.
        no_growth: Ended because the business did not grow.
        fraud: Ended because of fraud.
        external: Ended because of something that neither side controls.
        mutual: Ended because both sides agreed to end it.
        unknown: Ended for an unknown cause.
        customer_initiated: Ended by the customer.
        supplier_initiated: Ended by the company.
        mutual_initiated: Ended by both.
        external_initiated: Ended by neither.
        unknown_initiated: Ended by an unknown side.
        abrupt: Ended without warning.

    Raises:
        InconsistentCountsError: Causes and initiators have different sums, or `abrupt` is above the dissolutions.

    Source: the source articles (see why.md) list the causes.
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

    def _check(self) -> None:
        super()._check()
        initiated = sum(getattr(self, name) for name in _INITIATORS)
        if initiated != self.dissolutions:
            raise InconsistentCountsError(
                "causes_and_initiators_differ",
                f"causes and initiators must have the same sum, got {self.dissolutions} and {initiated}",
                field="unknown_initiated" if initiated < self.dissolutions else "unknown",
                advice="count what is not known as unknown or unknown_initiated",
                operands=(self.dissolutions, initiated),
            )
        if self.abrupt > self.dissolutions:
            raise InconsistentCountsError(
                "more_abrupt_than_dissolutions",
                f"abrupt must be at most the number of dissolutions, {self.dissolutions}, got {show(self.abrupt)}",
                field="abrupt",
                operands=(self.dissolutions, self.abrupt),
            )

    @classmethod
    def of(cls, dissolutions: Iterable[Dissolution], /) -> Self:
        """Count dissolutions, in a single pass; the order does not matter.

        Examples:
            >>> from crmcore import Departures, Dissolution, DissolutionCause, Initiator, instant
            >>> end = Dissolution(
            ...     at=instant("2026-05-01"),
            ...     cause=DissolutionCause.DISSATISFIED,
            ...     initiator=Initiator.CUSTOMER,
            ...     abrupt=True,
            ... )
            >>> Departures.of([end, end]).abrupt
            2
        """
        causes = dict.fromkeys(_CAUSES, 0)
        initiators = dict.fromkeys(_INITIATORS, 0)
        abrupt = 0
        for dissolution in checks.iterate_records(dissolutions, Dissolution, "dissolutions"):
            causes[dissolution.cause.value] += 1
            initiators[_name_count(dissolution.initiator)] += 1
            abrupt += dissolution.abrupt
        return cls(**causes, **initiators, abrupt=abrupt)

    @classmethod
    def by(cls, dissolutions: Iterable[Dissolution], key: Callable[[Dissolution], _K], /) -> TallyBy[_K, Self]:
        """Count as `of` does, for each value of a key, such as the initiator: which causes make customers leave?

        Examples:
            >>> from crmcore import Departures, Dissolution, DissolutionCause, Initiator, instant
            >>> ends = [
            ...     Dissolution(at=instant("2026-05-01"), cause=cause, initiator=initiator)
            ...     for cause, initiator in [
            ...         (DissolutionCause.NO_GROWTH, Initiator.SUPPLIER),
            ...         (DissolutionCause.NEED_CHANGED, Initiator.CUSTOMER),
            ...     ]
            ... ]
            >>> Departures.by(ends, lambda end: end.initiator)[Initiator.CUSTOMER].by_cause
            ((<DissolutionCause.NEED_CHANGED: 'need_changed'>, 1),)
        """
        groups = group_by(dissolutions, key, Dissolution, "dissolutions", "lambda dissolution: dissolution.initiator")
        return TallyBy({group: cls.of(members) for group, members in groups.items()})

    @property
    def dissolutions(self) -> int:
        """All dissolutions."""
        return sum(getattr(self, name) for name in _CAUSES)

    @property
    def by_cause(self) -> tuple[tuple[DissolutionCause, int], ...]:
        """The causes that occurred, the most frequent first and equal counts by name: ready for a Pareto chart."""
        return _sort_by_count((cause, getattr(self, cause.value)) for cause in DissolutionCause)

    @property
    def by_initiator(self) -> tuple[tuple[Initiator, int], ...]:
        """The initiators that occurred, the most frequent first and equal counts by name."""
        return _sort_by_count((initiator, getattr(self, _name_count(initiator))) for initiator in Initiator)

    @property
    def customer_initiated_share(self) -> Decimal | None:
        """The share of all dissolutions that the customer initiated; None if there are no dissolutions."""
        return ratio(self.customer_initiated, self.dissolutions)

    @property
    def supplier_initiated_share(self) -> Decimal | None:
        """The share of all dissolutions that the company initiated; None if there are no dissolutions."""
        return ratio(self.supplier_initiated, self.dissolutions)

    @property
    def abrupt_share(self) -> Decimal | None:
        """The share of all dissolutions that came without warning; None if there are no dissolutions."""
        return ratio(self.abrupt, self.dissolutions)

    def explain(self) -> Explanation:
        """Return the counts and the shares, line by line, each share with its formula."""
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


def _name_count(initiator: Initiator) -> str:
    return f"{initiator.value}_initiated"


_CAUSES: Final = tuple(cause.value for cause in DissolutionCause)
_INITIATORS: Final = tuple(map(_name_count, Initiator))


def _sort_by_count(counts: Iterable[tuple[_E, int]]) -> tuple[tuple[_E, int], ...]:
    occurred = [(member, count) for member, count in counts if count]
    return tuple(sorted(occurred, key=lambda pair: (-pair[1], pair[0].value)))
