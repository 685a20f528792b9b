"""Contacts that the customer judged, and moments in which they reached for their phone."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import ONE, plain_repr
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import ID_TYPES, Id, check_id
from crmcore.primitives.periods import by_utc, in_utc

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


@attrs.frozen(kw_only=True)
class MomentOfTruth:
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

    valence: Valence
    at: datetime = attrs.field(eq=by_utc)
    customer_id: Id | None = None
    touchpoint_id: Id | None = None
    employee_id: Id | None = None
    interaction_id: Id | None = None
    severity: Decimal = attrs.field(default=ONE, converter=checks.number, repr=plain_repr)
    resolved_at: datetime | None = attrs.field(default=None, eq=by_utc)
    timing: MomentTiming | None = None
    id: Id | None = None

    def __attrs_post_init__(self) -> None:
        at = self.at
        if not (  # 2.5x as fast as _check: benchmarks/subjects/building.py
            type(at) is datetime
            and at.tzinfo is UTC
            and type(self.valence) is Valence
            and self.severity is ONE
            and self.resolved_at is None
            and self.timing is None
            and type(self.customer_id) in ID_TYPES
            and type(self.touchpoint_id) in ID_TYPES
            and type(self.employee_id) in ID_TYPES
            and type(self.interaction_id) in ID_TYPES
            and type(self.id) in ID_TYPES
            and "" not in (self.customer_id, self.touchpoint_id, self.employee_id, self.interaction_id, self.id)
        ):
            self._check()

    def _check(self) -> None:
        checks.as_member(self.valence, Valence, "valence")
        checks.as_instant(self.at, "at")
        for name in ("customer_id", "touchpoint_id", "employee_id", "interaction_id", "id"):
            check_id(getattr(self, name), name)
        severity = checks.as_positive(self.severity, "severity")
        checks.set_field(self, "severity", ONE if severity == ONE else severity)
        if self.timing is not None:
            checks.as_member(self.timing, MomentTiming, "timing")
        if self.resolved_at is not None:
            checks.as_instant(self.resolved_at, "resolved_at")
            if self.valence is not Valence.BAD:
                raise InvalidValueError(
                    f"resolved_at must be None unless valence is BAD, got valence {self.valence.name}; "
                    f"leave resolved_at out"
                )
            if in_utc(self.resolved_at) < in_utc(self.at):
                raise InvalidValueError(
                    f"resolved_at must not be before at, got {show(self.resolved_at)} and {show(self.at)}",
                    self.resolved_at,
                    self.at,
                )

    @property
    def is_resolved(self) -> bool:
        """True if a bad moment was made good."""
        return self.resolved_at is not None


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
class MicroMoment:
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
    need: str = ""
    met: bool | None = None
    id: Id | None = None

    def __attrs_post_init__(self) -> None:
        checks.as_member(self.kind, MicroMomentKind, "kind")
        checks.as_instant(self.at, "at")
        for name in ("customer_id", "touchpoint_id", "interaction_id", "id"):
            check_id(getattr(self, name), name)
        checks.as_text(self.need, "need")
        if self.met is not None:
            checks.as_instance(self.met, bool, "met")
