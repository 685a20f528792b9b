"""A judgement of a subject at an instant, from a named source."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

import attrs

from crmcore.model.survey import MeasureKind, Scale, check_on_scale
from crmcore.primitives import checks
from crmcore.primitives._decimals import plain_repr
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.ids import Id, are_plain
from crmcore.primitives.periods import by_utc
from crmcore.primitives.record import Label, Personal, Record, maybe_number, text

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

    The members are suggestions: a field takes a text of your own too.

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


_SUBJECTS: Final = frozenset(map(id, SubjectKind))
_MEASURES: Final = frozenset(map(id, MeasureKind))
_LEVELS: Final = frozenset(map(id, (None, *LoyaltyLevel)))
_SOURCES: Final = frozenset(map(id, (None, *AssessmentSource)))
"""A forged member, or the text of one, is none of these."""


@attrs.frozen(kw_only=True)
class Reading(Record):
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
    value: Decimal | None = attrs.field(default=None, converter=maybe_number, repr=plain_repr)
    scale: Scale | None = None
    level: LoyaltyLevel | None = None
    aspect: Personal = attrs.field(default="", converter=text)
    source: Label[AssessmentSource] | None = None
    customer_id: Id | None = None
    interaction_id: Id | None = None
    note: Personal = attrs.field(default="", converter=text)
    id: Id | None = None

    def __attrs_post_init__(self) -> None:
        at = self.at
        if not (  # 1.4x as fast as _check
            type(self) is Reading
            and type(at) is datetime
            and at.tzinfo is UTC
            and id(self.subject_kind) in _SUBJECTS
            and id(self.kind) in _MEASURES
            and (self.scale is None or type(self.scale) is Scale)
            and id(self.level) in _LEVELS
            and id(self.source) in _SOURCES
            and (self.customer_id is None or self.subject_kind is not SubjectKind.CUSTOMER)
            and type(self.aspect) is str
            and type(self.note) is str
            and are_plain((self.subject_id, self.customer_id, self.interaction_id, self.id))
        ):
            self._check()
        elif self.value is None:
            self._check_level()
        else:
            checks.set_field(self, "value", checks.as_exact(self.value, "value"))
            self._check_value(self.value)

    def _check(self) -> None:
        super()._check()
        if self.subject_kind is SubjectKind.CUSTOMER and self.customer_id not in {None, self.subject_id}:
            raise InvalidValueError(
                "customer_judges_another",
                "customer_id must not differ from subject_id if the subject is a customer, got "
                f"{show(self.customer_id)} and {show(self.subject_id)}",
                field="customer_id",
                advice="leave customer_id out",
                operands=(self.customer_id, self.subject_id),
            )
        if self.value is None:
            self._check_level()
        else:
            self._check_value(self.value)

    def _check_level(self) -> None:
        if self.level is None:
            raise InvalidValueError(
                "neither_value_nor_level",
                "value or level must be given",
                field="value",
                advice="an unknown value has no reading",
            )
        if self.scale is not None:
            raise InvalidValueError(
                "level_with_scale",
                f"scale must be empty with a level, got {self.scale}",
                field="scale",
                advice="leave scale out",
                operands=(self.scale,),
            )
        if self.kind is not MeasureKind.LOYALTY:
            raise InvalidValueError(
                "level_of_another_kind",
                f"level must be empty unless kind is loyalty, got kind {self.kind}",
                field="level",
                advice="give a value instead",
                operands=(self.kind,),
            )

    def _check_value(self, value: Decimal) -> None:
        if self.level is not None:
            raise InvalidValueError(
                "value_and_level",
                "level must be empty if a value is given",
                field="level",
                advice="make two readings",
            )
        if self.scale is not None:
            check_on_scale(value, self.scale, "value")
