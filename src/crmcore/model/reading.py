"""A judgement of a subject at an instant, from a named source."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import cast

import attrs

from crmcore.model.survey import MeasureKind, Scale, check_on_scale
from crmcore.primitives import checks
from crmcore.primitives._decimals import plain_repr
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import ID_TYPES, Id, check_id
from crmcore.primitives.periods import by_utc

__all__ = ["AssessmentSource", "LoyaltyLevel", "Reading", "SubjectKind"]


class SubjectKind(StrEnum):
    """The kind of subject that is judged.

    Attributes:
        CUSTOMER: A customer: their loyalty, satisfaction, trust.
        SEGMENT: A group of customers.
        EMPLOYEE: An employee: their willingness, empathy, training, knowledge.
        TOUCHPOINT: A touchpoint.
        PRODUCT: A product or a service.
        COMPANY: The company itself.
        COMPETITOR: A competitor.
        INDUSTRY: A whole industry: what customers have learned to expect of it.
    """

    CUSTOMER = "customer"
    SEGMENT = "segment"
    EMPLOYEE = "employee"
    TOUCHPOINT = "touchpoint"
    PRODUCT = "product"
    COMPANY = "company"
    COMPETITOR = "competitor"
    INDUSTRY = "industry"


class LoyaltyLevel(StrEnum):
    """How loyal a customer is: three levels, best first.

    An unknown level has no reading. It is never counted as satisfied.

    Attributes:
        LOYAL: The customer stays and speaks well of the company.
        SATISFIED: The customer has no complaint, and no reason to stay.
        AGGRIEVED: The customer was hurt or disappointed.
    """

    LOYAL = "loyal"
    SATISFIED = "satisfied"
    AGGRIEVED = "aggrieved"


class AssessmentSource(StrEnum):
    """The source of a judgement.

    Attributes:
        NPS_RESEARCH: Net Promoter Score research.
        INTERACTION_SURVEY: A survey right after an interaction.
        SURVEY: Any other survey.
        PERSONAL_TALK: A talk with the customer.
        FEEDBACK: Feedback that the customer gave unasked: a complaint, a review, praise.
        BEHAVIOUR: What the customer did: bought again, came back, left.
        OBSERVATION: What an observer saw, such as a manager who works beside an employee.
        AUDIT: A completed checklist.
        TEST: A test, such as a knowledge check.
        SELF_ASSESSMENT: What the subject believes of itself, the company included.
        MARKET_RESEARCH: A study of competitors or of the industry.
    """

    NPS_RESEARCH = "nps_research"
    INTERACTION_SURVEY = "interaction_survey"
    SURVEY = "survey"
    PERSONAL_TALK = "personal_talk"
    FEEDBACK = "feedback"
    BEHAVIOUR = "behaviour"
    OBSERVATION = "observation"
    AUDIT = "audit"
    TEST = "test"
    SELF_ASSESSMENT = "self_assessment"
    MARKET_RESEARCH = "market_research"


def _accept_number(number: Decimal | int | str | None) -> Decimal | None:
    return cast("Decimal | None", number)  # for type checkers; __attrs_post_init__ converts


@attrs.frozen(kw_only=True)
class Reading:
    """A judgement of a subject at an instant: a number, or a level of loyalty.

    Examples:
        >>> from crmcore import AssessmentSource, LoyaltyLevel, MeasureKind, Reading, Scale, SubjectKind, instant
        >>> day = instant("2026-03-02")
        >>> Reading(
        ...     subject_kind=SubjectKind.CUSTOMER,
        ...     subject_id=7,
        ...     kind=MeasureKind.LOYALTY,
        ...     level=LoyaltyLevel.AGGRIEVED,
        ...     at=day,
        ...     source=AssessmentSource.PERSONAL_TALK,
        ... ).level
        <LoyaltyLevel.AGGRIEVED: 'aggrieved'>
        >>> Reading(
        ...     subject_kind=SubjectKind.TOUCHPOINT,
        ...     subject_id="desk",
        ...     customer_id=7,
        ...     kind=MeasureKind.PERCEPTION,
        ...     value="7.5",
        ...     scale=Scale.RATING_0_10,
        ...     at=day,
        ... ).value
        Decimal('7.5')

    If the reading is about the customer, the customer is the subject. If a customer judges a touchpoint, an employee or
    a competitor, that is the subject, and the customer is `customer_id`. The note is left out of `repr` and of every
    message.

    Attributes:
        subject_kind: The kind of subject.
        subject_id: The id of the subject; None for the company itself or an unknown subject.
        kind: What is measured.
        at: When it was measured.
        value: The number.
        scale: The scale of the number; None if no survey scale fits.
        level: The level of loyalty, instead of a number.
        aspect: The aspect of the subject, such as ``"reliability"``, a contact area or a field of knowledge.
        source: The source of the judgement.
        customer_id: The customer who judges, if they are not the subject.
        interaction_id: The interaction that the judgement is about.
        note: Any remark.
        id: The id of the reading.

    Raises:
        InvalidValueError: Both a number and a level, or neither; a level of anything but loyalty; a number outside its
            scale; a customer who judges another customer.
    """

    subject_kind: SubjectKind
    subject_id: Id | None = None
    kind: MeasureKind
    at: datetime = attrs.field(eq=by_utc)
    value: Decimal | None = attrs.field(default=None, converter=_accept_number, repr=plain_repr)
    scale: Scale | None = None
    level: LoyaltyLevel | None = None
    aspect: str = ""
    source: AssessmentSource | None = None
    customer_id: Id | None = None
    interaction_id: Id | None = None
    note: str = attrs.field(default="", repr=False)
    id: Id | None = None

    def __attrs_post_init__(self) -> None:
        at = self.at
        if not (  # 1.8x as fast as _check
            type(at) is datetime
            and at.tzinfo is UTC
            and type(self.subject_kind) is SubjectKind
            and type(self.kind) is MeasureKind
            and (self.scale is None or type(self.scale) is Scale)
            and (self.level is None or type(self.level) is LoyaltyLevel)
            and (self.source is None or type(self.source) is AssessmentSource)
            and (self.customer_id is None or self.subject_kind is not SubjectKind.CUSTOMER)
            and type(self.aspect) is str
            and type(self.note) is str
            and type(self.subject_id) in ID_TYPES
            and type(self.customer_id) in ID_TYPES
            and type(self.interaction_id) in ID_TYPES
            and type(self.id) in ID_TYPES
            and "" not in (self.subject_id, self.customer_id, self.interaction_id, self.id)
        ):
            self._check()
        if self.value is None:
            self._check_level()
        else:
            self._check_value()

    def _check(self) -> None:
        checks.as_member(self.subject_kind, SubjectKind, "subject_kind")
        checks.as_member(self.kind, MeasureKind, "kind")
        checks.as_instant(self.at, "at")
        for name in ("subject_id", "customer_id", "interaction_id", "id"):
            check_id(getattr(self, name), name)
        if self.scale is not None:
            checks.as_member(self.scale, Scale, "scale")
        if self.level is not None:
            checks.as_member(self.level, LoyaltyLevel, "level")
        if self.source is not None:
            checks.as_member(self.source, AssessmentSource, "source")
        for name in ("aspect", "note"):
            checks.as_text(getattr(self, name), name)
        if self.subject_kind is SubjectKind.CUSTOMER and self.customer_id not in {None, self.subject_id}:
            raise InvalidValueError(
                f"customer_id must not differ from subject_id if the subject is a customer, got "
                f"{show(self.customer_id)} and {show(self.subject_id)}; leave customer_id out",
                self.customer_id,
                self.subject_id,
            )

    def _check_level(self) -> None:
        if self.level is None:
            raise InvalidValueError("value or level must be given; an unknown value has no reading")
        if self.scale is not None:
            raise InvalidValueError("scale must be None with a level; leave scale out", self.scale)
        if self.kind is not MeasureKind.LOYALTY:
            raise InvalidValueError(
                f"level must be None unless kind is LOYALTY, got kind {self.kind.name}; give a value instead", self.kind
            )

    def _check_value(self) -> None:
        value = checks.as_exact(self.value, "value")
        if self.level is not None:
            raise InvalidValueError("value and level must not both be given; make two readings")
        if self.scale is not None:
            check_on_scale(value, self.scale, "value")
        checks.set_field(self, "value", value)
