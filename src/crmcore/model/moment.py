"""Moments of truth: contacts that were judged."""

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
from crmcore.primitives.periods import by_utc, elapsed

__all__ = ["MicroMoment", "MicroMomentKind", "MomentOfTruth", "MomentTiming", "Valence"]


class Valence(StrEnum):
    """How the customer took a moment.

    Attributes:
        GOOD: It pleased him.
        NEUTRAL: It neither pleased nor hurt him.
        BAD: It hurt or disappointed him.
    """

    GOOD = "good"
    NEUTRAL = "neutral"
    BAD = "bad"


class MomentTiming(StrEnum):
    """Where in the customer's way a moment stands.

    `ZERO` is the research before the shop (Google 2011), `FIRST` the choice at the shelf and `SECOND` the use at home
    (Procter & Gamble 2005), `ULTIMATE` the experience told to others (Solis 2013), which some texts call the third
    (`THIRD` is the same member).
    """

    ZERO = "zero"
    FIRST = "first"
    SECOND = "second"
    ULTIMATE = "ultimate"
    THIRD = "ultimate"


@attrs.frozen(kw_only=True)
class MomentOfTruth:
    """A contact that the customer judged: any contact, however small, may settle what he thinks of the company.

    Examples:
        >>> from crmcore import instant
        >>> aisle_10 = MomentOfTruth(
        ...     valence=Valence.GOOD, at=instant("2026-03-02T10:15"), customer_id=7, touchpoint_id="floor"
        ... )
        >>> aisle_10.severity
        Decimal('1')

    Attributes:
        valence: Good, neutral or bad.
        at: When it was.
        customer_id: Whose moment it was; None is an unknown customer.
        touchpoint_id: Where it was.
        employee_id: Who served.
        interaction_id: The interaction it judges.
        severity: How much it weighs beside an ordinary moment, above nought.
        resolved_at: When a bad moment was made good, not before it happened.
        timing: Where in the customer's way it stands.
        id: The moment's own id.

    Raises:
        InvalidValueError: A severity of nought or less; resolved before it happened, or resolved without being bad.
        NaiveInstantError: An instant without a time zone.
        WrongTypeError: A value of the wrong type.

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
        if not (
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
                    f"only a bad moment is resolved, this one is {self.valence.value}; leave resolved_at out"
                )
            if elapsed(self.at, self.resolved_at).days < 0:
                raise InvalidValueError(
                    f"resolved_at must not lie before at, got {show(self.resolved_at)} and {show(self.at)}",
                    self.resolved_at,
                    self.at,
                )

    @property
    def is_resolved(self) -> bool:
        """Whether a bad moment was made good."""
        return self.resolved_at is not None


class MicroMomentKind(StrEnum):
    """What a customer reaches for his phone for.

    He wants to `KNOW` (house prices, in the grocery queue), to `GO` (a shop near by), to `DO` (how to use it), or to
    `BUY` (reviews of a cream, in the aisle where it stands; the rival's price, in the shop).

    Source: Google 2015.
    """

    KNOW = "know"
    GO = "go"
    DO = "do"
    BUY = "buy"


@attrs.frozen(kw_only=True)
class MicroMoment:
    """A customer wanted something to know, go, do or buy, on his phone, wherever he was.

    Examples:
        >>> from crmcore import instant
        >>> MicroMoment(kind=MicroMomentKind.BUY, at=instant("2026-03-02T18:40"), need="reviews of a skin cream").need
        'reviews of a skin cream'

    Attributes:
        kind: What he reached for his phone for.
        at: When.
        customer_id: Who; None is an unknown customer.
        touchpoint_id: Where he met the company, if he did.
        interaction_id: The interaction in which he did.
        need: What he wanted, in general words.
        met: Whether he found it; None where nobody knows.
        id: The micro-moment's own id.

    Raises:
        InvalidValueError: An empty id.
        NaiveInstantError: The instant has no time zone.
        WrongTypeError: A value of the wrong type.
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
