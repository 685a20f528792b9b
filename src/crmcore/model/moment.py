"""Contacts that the customer judged, and moments in which they reached for their phone."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, cast

import attrs

from crmcore.model._history import check_not_before
from crmcore.primitives._decimals import ONE, plain_repr
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id, are_plain
from crmcore.primitives.periods import by_utc
from crmcore.primitives.record import POSITIVE, Label, Personal, Record, number, setters_of, text

__all__ = ["MicroMoment", "MicroMomentKind", "MomentOfTruth", "MomentTiming", "Valence"]


class Valence(StrEnum):
    """How the customer judged a moment.

    Attributes:
        GOOD: The customer was pleased.
        NEUTRAL: The customer was neither pleased nor disappointed.
        BAD: The customer was hurt or disappointed.
    """

    GOOD = "good"
    NEUTRAL = "neutral"
    BAD = "bad"


class MomentTiming(StrEnum):
    """The place of a moment on the customer's path.

    The members are suggestions: a field takes a text of your own too.

    Attributes:
        ZERO: The research before the shop (Google 2011).
        FIRST: The choice at the shelf (Procter & Gamble 2005).
        SECOND: The use at home (Procter & Gamble 2005).
        ULTIMATE: The experience that the customer shares with others (Solis 2013).
        THIRD: Another name for `ULTIMATE`, used by some texts.
    """

    ZERO = "zero"
    FIRST = "first"
    SECOND = "second"
    ULTIMATE = "ultimate"
    THIRD = "ultimate"


_GOOD: Final = Valence.GOOD
_NEUTRAL: Final = Valence.NEUTRAL
_BAD: Final = Valence.BAD


@attrs.frozen(kw_only=True)
class MomentOfTruth(Record):
    """A contact that the customer judged; any contact, however small, may decide what they think of the company.

    Examples:
        >>> from crmcore import MomentOfTruth, Valence, instant
        >>> aisle_10 = MomentOfTruth(
        ...     valence=Valence.GOOD, at=instant("2026-03-02T10:15"), customer_id=7, touchpoint_id="floor"
        ... )
        >>> aisle_10.severity
        Decimal('1')

    Attributes:
        valence: Good, neutral or bad.
        at: When it happened.
        customer_id: The customer; None if they are unknown.
        touchpoint_id: Where it happened.
        employee_id: The employee who served the customer.
        interaction_id: The interaction that is judged.
        severity: The weight of the moment, > 0; an ordinary moment has 1.
        resolved_at: When a bad moment was made good; not before `at`.
        timing: The place of the moment on the customer's path.
        id: The id of the moment.

    Raises:
        InvalidValueError: The moment is resolved but not bad, or resolved before it happened.

    Source: Normann (the metaphor); Carlzon 1987, Moments of Truth (every contact, however small).
    """

    _ruled = frozenset({"resolved_at"})

    valence: Valence
    at: datetime = attrs.field(eq=by_utc)
    customer_id: Id | None = None
    touchpoint_id: Id | None = None
    employee_id: Id | None = None
    interaction_id: Id | None = None
    severity: Annotated[Decimal, POSITIVE] = attrs.field(default=ONE, converter=number, repr=plain_repr)
    resolved_at: datetime | None = attrs.field(default=None, eq=by_utc)
    timing: Label[MomentTiming] | None = None
    id: Id | None = None

    def __init__(
        self,
        *,
        valence: Valence,
        at: datetime,
        customer_id: Id | None = None,
        touchpoint_id: Id | None = None,
        employee_id: Id | None = None,
        interaction_id: Id | None = None,
        severity: Decimal | int | str = ONE,
        resolved_at: datetime | None = None,
        timing: Label[MomentTiming] | None = None,
        id: Id | None = None,
    ) -> None:
        if (  # 1.25x as fast as the __init__ of attrs, 4x as fast as _check: benchmarks/subjects/building.py
            type(self) is MomentOfTruth
            and severity is ONE
            and resolved_at is None
            and timing is None
            and _is_usual(valence, at, (customer_id, touchpoint_id, employee_id, interaction_id, id))
        ):
            _set_valence(self, valence)
            _set_at(self, at)
            _set_customer_id(self, customer_id)
            _set_touchpoint_id(self, touchpoint_id)
            _set_employee_id(self, employee_id)
            _set_interaction_id(self, interaction_id)
            _set_severity(self, severity)
            _set_resolved_at(self, None)
            _set_timing(self, None)
            _set_id(self, id)
            return
        cast("Any", MomentOfTruth).__attrs_init__(
            self,
            valence=valence,
            at=at,
            customer_id=customer_id,
            touchpoint_id=touchpoint_id,
            employee_id=employee_id,
            interaction_id=interaction_id,
            severity=severity,
            resolved_at=resolved_at,
            timing=timing,
            id=id,
        )

    def __attrs_post_init__(self) -> None:
        if not (  # for msgspec, which calls this alone
            type(self) is MomentOfTruth
            and self.severity is ONE
            and self.resolved_at is None
            and self.timing is None
            and _is_usual(
                self.valence,
                self.at,
                (self.customer_id, self.touchpoint_id, self.employee_id, self.interaction_id, self.id),
            )
        ):
            self._check()

    def _check(self) -> None:
        super()._check()
        if self.resolved_at is None:
            return
        if self.valence is not Valence.BAD:
            raise InvalidValueError(
                "resolved_but_not_bad",
                f"resolved_at must be empty unless valence is bad, got {self.valence}",
                field="resolved_at",
                advice="leave resolved_at out",
                operands=(self.valence,),
            )
        check_not_before(self, "resolved_at", "at")

    @property
    def is_resolved(self) -> bool:
        """True if a bad moment was made good."""
        return self.resolved_at is not None


(
    _set_valence,
    _set_at,
    _set_customer_id,
    _set_touchpoint_id,
    _set_employee_id,
    _set_interaction_id,
    _set_severity,
    _set_resolved_at,
    _set_timing,
    _set_id,
) = setters_of(MomentOfTruth)


def _is_usual(valence: object, at: object, ids: tuple[object, ...]) -> bool:
    """Return whether the fields need no check; a forged member of `Valence` is none of the three."""
    return (
        type(at) is datetime
        and at.tzinfo is UTC
        and (valence is _GOOD or valence is _BAD or valence is _NEUTRAL)
        and are_plain(ids)
    )


class MicroMomentKind(StrEnum):
    """What a customer wants when they reach for their phone.

    Attributes:
        KNOW: To know something, such as house prices while in a grocery queue.
        GO: To go somewhere, such as to a shop near by.
        DO: To do something, such as to use a product.
        BUY: To buy something, such as a cream whose reviews they read in the aisle.

    Source: Google 2015.
    """

    KNOW = "know"
    GO = "go"
    DO = "do"
    BUY = "buy"


@attrs.frozen(kw_only=True)
class MicroMoment(Record):
    """A moment in which a customer reached for their phone to know, go, do or buy something.

    Examples:
        >>> from crmcore import MicroMoment, MicroMomentKind, instant
        >>> MicroMoment(kind=MicroMomentKind.BUY, at=instant("2026-03-02T18:40"), need="reviews of a skin cream").need
        'reviews of a skin cream'

    Attributes:
        kind: What the customer wanted: to know, go, do or buy.
        at: When it happened.
        customer_id: The customer; None if they are unknown.
        touchpoint_id: Where the customer met the company, if they did.
        interaction_id: The interaction in which they met.
        need: What the customer looked for, in general words.
        met: Whether the customer found it; None if that is unknown.
        id: The id of the micro-moment.
    """

    kind: MicroMomentKind
    at: datetime = attrs.field(eq=by_utc)
    customer_id: Id | None = None
    touchpoint_id: Id | None = None
    interaction_id: Id | None = None
    need: Personal = attrs.field(default="", converter=text)
    met: bool | None = None
    id: Id | None = None
