"""Readings: what somebody or something was judged to be, at an instant, by a named source."""

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
    """Who or what is judged.

    Attributes:
        CUSTOMER: A customer: his loyalty, satisfaction, trust.
        SEGMENT: A group of customers.
        EMPLOYEE: An employee: his will, empathy, training, knowledge.
        TOUCHPOINT: A place of contact.
        PRODUCT: A product or a service.
        COMPANY: The company itself.
        COMPETITOR: A rival.
        INDUSTRY: A whole trade: what people have come to expect of it.
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
    """How loyal a customer is, in the three simple levels, best first.

    That the level is unknown is a fourth state: then there is no reading. It is never taken for satisfied.

    Attributes:
        LOYAL: He stays and speaks well of the company.
        SATISFIED: He has nothing to complain of, and nothing to keep him.
        AGGRIEVED: He has been hurt or disappointed.
    """

    LOYAL = "loyal"
    SATISFIED = "satisfied"
    AGGRIEVED = "aggrieved"


class AssessmentSource(StrEnum):
    """Where a judgement comes from.

    Attributes:
        NPS_RESEARCH: Research by the Net Promoter Score.
        INTERACTION_SURVEY: A survey right after an interaction.
        SURVEY: Any other survey.
        PERSONAL_TALK: A talk with the customer.
        FEEDBACK: What he said of himself: a complaint, a review, praise.
        BEHAVIOUR: What he did: bought again, came back, left.
        OBSERVATION: What somebody saw, such as a superior at work beside an employee.
        AUDIT: A walk through a checklist.
        TEST: An examination, such as a check of knowledge.
        SELF_ASSESSMENT: What the judged believe of themselves, the company included.
        MARKET_RESEARCH: A study of rivals or of the trade.
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


def _optional_number(value: Decimal | int | str | None) -> Decimal | None:
    return cast("Decimal | None", value)


@attrs.frozen(kw_only=True)
class Reading:
    """What a subject was judged to be at an instant: a number or, of loyalty, a level.

    Examples:
        >>> from crmcore import instant
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

    A state of the customer has him as its subject; what he says of a touchpoint, an employee or a rival has that as
    its subject, and him as `customer_id`. The note stays out of `repr` and of every message.

    Attributes:
        subject_kind: Who or what is judged.
        subject_id: Which one; None is the company itself, or an unknown one.
        kind: What is measured.
        at: When.
        value: The number.
        scale: From which number to which it goes and which end is good; None where no scale of a survey fits.
        level: The level of loyalty, instead of a number.
        aspect: Which side of the subject, such as ``"reliability"``, a contact area or a field of knowledge.
        source: Where the judgement comes from.
        customer_id: Which customer says so, where the subject is another.
        interaction_id: The interaction it is of.
        note: Any remark.
        id: The reading's own id.

    Raises:
        InvalidValueError: Both a number and a level, or neither; a level of something else than loyalty; a number
            outside its scale; a customer who judges another customer; an empty id.
        NaiveInstantError: The instant has no time zone.
        WrongTypeError: A value of the wrong type.
    """

    subject_kind: SubjectKind
    subject_id: Id | None = None
    kind: MeasureKind
    at: datetime = attrs.field(eq=by_utc)
    value: Decimal | None = attrs.field(default=None, converter=_optional_number, repr=plain_repr)
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
        if not (
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
                f"customer_id says who judges the subject, and the subject is a customer himself, got "
                f"{show(self.customer_id)} and {show(self.subject_id)}; leave customer_id out",
                self.customer_id,
                self.subject_id,
            )

    def _check_level(self) -> None:
        if self.level is None:
            raise InvalidValueError("value or level must be given; what is unknown has no reading")
        if self.scale is not None:
            raise InvalidValueError("scale is the value's, and there is only a level; leave scale out", self.scale)
        if self.kind is not MeasureKind.LOYALTY:
            raise InvalidValueError(
                f"level is a level of loyalty, but kind is {self.kind.value}; give a value instead", self.kind
            )

    def _check_value(self) -> None:
        value = checks.as_exact(self.value, "value")
        if self.level is not None:
            raise InvalidValueError("value and level exclude each other; make two readings of it")
        if self.scale is not None:
            check_on_scale(value, self.scale, "value")
        checks.set_field(self, "value", value)
