"""Asking customers: surveys with their questions and scales, whom one asks, and what comes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, cast

import attrs

from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError, WrongTypeError
from crmcore.primitives.ids import ID_TYPES, Id, check_id
from crmcore.primitives.periods import by_utc

__all__ = [
    "FeedbackChannel",
    "Incentive",
    "Invitation",
    "InvitationOutcome",
    "MeasureKind",
    "Question",
    "Response",
    "Scale",
    "Survey",
]

_LARGEST_PLAIN: Final = 1000
"""An answer up to here needs no second look."""


class FeedbackChannel(StrEnum):
    """By which way feedback is asked for or comes.

    Attributes:
        IN_PERSON: Face to face, such as "how did I do today?" at the end of a service.
        PAPER_FORM: A form filled in by hand, the book of complaints among them.
        LETTER: By post.
        PHONE: By phone, whoever called.
        EMAIL: By e-mail, in the customer's own words.
        ONLINE_SURVEY: A form on the screen, reached by a link, a code or an e-mail.
        MESSENGER: A chat, on the site or in a messenger.
        WEBSITE: The company's own site or app.
        SOCIAL: Posts and comments in a social network.
        REVIEW_SITE: A site that collects reviews, a map or a shop of apps among them.
        FORUM: A forum or community of customers, where wishes gather votes.
        INTERVIEW: A talk with one customer that was arranged for the purpose.
        FOCUS_GROUP: A moderated talk with several customers.
        MEETING: A meeting or a breakfast with customers, in a room or online.
        COMMITTEE: The customers' committee that helps to develop the product.
        RECORDS: What the contact centre, the document flow or the ERP system recorded anyway.
    """

    IN_PERSON = "in_person"
    PAPER_FORM = "paper_form"
    LETTER = "letter"
    PHONE = "phone"
    EMAIL = "email"
    ONLINE_SURVEY = "online_survey"
    MESSENGER = "messenger"
    WEBSITE = "website"
    SOCIAL = "social"
    REVIEW_SITE = "review_site"
    FORUM = "forum"
    INTERVIEW = "interview"
    FOCUS_GROUP = "focus_group"
    MEETING = "meeting"
    COMMITTEE = "committee"
    RECORDS = "records"


class MeasureKind(StrEnum):
    """What is measured: by a question, or by a reading of a customer, an employee, a touchpoint or a rival.

    Attributes:
        SATISFACTION: How satisfied a customer is.
        RECOMMENDATION: How likely he is to recommend.
        RETURN: How likely he is to return.
        EFFORT: How much effort it cost him.
        CONSIDERATION: How far he looks at rivals.
        LOYALTY: How loyal he is.
        TRUST: How far he trusts.
        HONESTY: How honest the two sides are with each other.
        SHARED_VALUES: How much of what matters to them the two sides share.
        PLEASURE: How much pleasure he takes in it.
        EXPECTATION: What he expects to find.
        PERCEPTION: What he found, or what the company believes he finds: the grade given.
        IMPORTANCE: How much it matters to him.
        WILLINGNESS: An employee's will to engage: motivation, commitment, understanding of the role.
        EMPATHY: An employee's feeling for the customer.
        TRAINING: How well an employee is trained.
        EMPOWERMENT: How far an employee knows what he may decide, and may decide it.
        KNOWLEDGE: What a check of an employee's knowledge showed.
    """

    SATISFACTION = "satisfaction"
    RECOMMENDATION = "recommendation"
    RETURN = "return"
    EFFORT = "effort"
    CONSIDERATION = "consideration"
    LOYALTY = "loyalty"
    TRUST = "trust"
    HONESTY = "honesty"
    SHARED_VALUES = "shared_values"
    PLEASURE = "pleasure"
    EXPECTATION = "expectation"
    PERCEPTION = "perception"
    IMPORTANCE = "importance"
    WILLINGNESS = "willingness"
    EMPATHY = "empathy"
    TRAINING = "training"
    EMPOWERMENT = "empowerment"
    KNOWLEDGE = "knowledge"


class Scale(StrEnum):
    """How a question is answered: the numbers from which to which, which end is the better, and what they measure.

    Two scales never mix: the effort score of 2010 is good when low, that of 2013 when high.

    Attributes:
        RECOMMEND_0_10: How likely to recommend, as the Net Promoter Score asks.
        SATISFACTION_1_5: How satisfied, in five steps.
        SATISFACTION_1_7: How satisfied, in seven steps.
        SATISFACTION_1_10: How satisfied, in ten steps.
        RETURN_1_5: How likely to return.
        EFFORT_1_5: How much effort it took, the Customer Effort Score 1.0: low is good.
        EFFORT_1_7: Whether it was made easy, the Customer Effort Score 2.0: high is good.
        AGREEMENT_1_5: How far one agrees with a statement, in five steps.
        AGREEMENT_1_7: How far one agrees with a statement, in seven steps, as SERVQUAL asks.
        RATING_1_5: Stars, one to five.
        RATING_1_10: Points, one to ten.
        RATING_0_10: Points, nought to ten.
        RATING_0_100: Points or per cent, nought to a hundred.
        YES_NO: One for yes, nought for no; which is the better depends on the question.
        OPEN: The customer's own words.

    Source: Reichheld 2003 (recommendation); Dixon, Freeman and Toman 2010 and CEB 2013 (effort, 1.0 and 2.0).
    """

    RECOMMEND_0_10 = "recommend_0_10"
    SATISFACTION_1_5 = "satisfaction_1_5"
    SATISFACTION_1_7 = "satisfaction_1_7"
    SATISFACTION_1_10 = "satisfaction_1_10"
    RETURN_1_5 = "return_1_5"
    EFFORT_1_5 = "effort_1_5"
    EFFORT_1_7 = "effort_1_7"
    AGREEMENT_1_5 = "agreement_1_5"
    AGREEMENT_1_7 = "agreement_1_7"
    RATING_1_5 = "rating_1_5"
    RATING_1_10 = "rating_1_10"
    RATING_0_10 = "rating_0_10"
    RATING_0_100 = "rating_0_100"
    YES_NO = "yes_no"
    OPEN = "open"

    @property
    def low(self) -> int | None:
        """The lowest number; None of the customer's own words."""
        return _NUMBERS[self.value][0]

    @property
    def high(self) -> int | None:
        """The highest number; None of the customer's own words."""
        return _NUMBERS[self.value][1]

    @property
    def higher_is_better(self) -> bool | None:
        """Whether the high end is the good one; None where the question decides that, or there are no numbers."""
        return _NUMBERS[self.value][2]

    @property
    def measure(self) -> MeasureKind | None:
        """What the scale measures; None where the question decides that."""
        return _NUMBERS[self.value][3]


_NUMBERS: Final[dict[str, tuple[int | None, int | None, bool | None, MeasureKind | None]]] = {
    Scale.RECOMMEND_0_10.value: (0, 10, True, MeasureKind.RECOMMENDATION),
    Scale.SATISFACTION_1_5.value: (1, 5, True, MeasureKind.SATISFACTION),
    Scale.SATISFACTION_1_7.value: (1, 7, True, MeasureKind.SATISFACTION),
    Scale.SATISFACTION_1_10.value: (1, 10, True, MeasureKind.SATISFACTION),
    Scale.RETURN_1_5.value: (1, 5, True, MeasureKind.RETURN),
    Scale.EFFORT_1_5.value: (1, 5, False, MeasureKind.EFFORT),
    Scale.EFFORT_1_7.value: (1, 7, True, MeasureKind.EFFORT),
    Scale.AGREEMENT_1_5.value: (1, 5, True, None),
    Scale.AGREEMENT_1_7.value: (1, 7, True, None),
    Scale.RATING_1_5.value: (1, 5, True, MeasureKind.PERCEPTION),
    Scale.RATING_1_10.value: (1, 10, True, MeasureKind.PERCEPTION),
    Scale.RATING_0_10.value: (0, 10, True, MeasureKind.PERCEPTION),
    Scale.RATING_0_100.value: (0, 100, True, MeasureKind.PERCEPTION),
    Scale.YES_NO.value: (0, 1, None, None),
    Scale.OPEN.value: (None, None, None, None),
}


def check_on_scale(value: Decimal | int, scale: Scale, name: str) -> None:
    """Refuse a number that a scale does not have."""
    low, high = scale.low, scale.high
    if low is None or high is None:
        raise InvalidValueError(f"{name} is a number, but the scale {scale.value} has none", scale)
    if not low <= value <= high:
        raise InvalidValueError(
            f"{name} must lie from {low} to {high} on the scale {scale.value}, got {show(value)}", value, scale
        )


@attrs.frozen(kw_only=True)
class Question:
    """A question of a survey.

    Examples:
        >>> Question(id="nps", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10).scale.high
        10

    What nobody has judged yet (`leading`, `one_sided`) is None, and no rule speaks of it.

    Attributes:
        id: What answers refer to, once in a survey.
        text: What is asked.
        scale: How it is answered, and with it what is measured and which end is good.
        about_id: The service, touchpoint or employee it asks about; None asks about the business as a whole.
        concept: The idea it asks about, such as ``"reliability"``; a simple survey has few.
        identifies: Whether the answer tells who the respondent is.
        leading: Whether the wording pushes to one answer.
        one_sided: Whether the choices lean to one side.

    Raises:
        InvalidValueError: An empty id.
        WrongTypeError: A value of the wrong type.
    """

    id: Id
    text: str
    scale: Scale
    about_id: Id | None = None
    concept: str = ""
    identifies: bool = False
    leading: bool | None = None
    one_sided: bool | None = None

    def __attrs_post_init__(self) -> None:
        check_id(self.id, "id", required=True)
        checks.as_text(self.text, "text")
        checks.as_member(self.scale, Scale, "scale")
        check_id(self.about_id, "about_id")
        checks.as_text(self.concept, "concept")
        checks.as_instance(self.identifies, bool, "identifies")
        for name in ("leading", "one_sided"):
            if getattr(self, name) is not None:
                checks.as_instance(getattr(self, name), bool, name)


class Incentive(StrEnum):
    """What is promised to whoever answers.

    Attributes:
        NOTHING: Nothing at all.
        FOR_ANSWERING: Something for any answer.
        FOR_PRAISE: Something for a good answer, which spoils the measurement.
    """

    NOTHING = "nothing"
    FOR_ANSWERING = "for_answering"
    FOR_PRAISE = "for_praise"


def _questions(questions: Iterable[Question]) -> tuple[Question, ...]:
    return cast("tuple[Question, ...]", questions)


@attrs.frozen(kw_only=True)
class Survey:
    """Questions put to customers: short, simple, neutral, and a clue to improvement rather than a vote.

    Examples:
        >>> from crmcore import instant
        >>> survey = Survey(
        ...     id="q3",
        ...     anonymous=True,
        ...     questions=[
        ...         Question(id="nps", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10),
        ...         Question(id="why", text="Why?", scale=Scale.OPEN),
        ...     ],
        ... )
        >>> survey.check(Response(survey_id="q3", at=instant("2026-03-02"), answers=[("nps", 9)])).answer("nps")
        9

    Attributes:
        id: What responses and invitations refer to.
        questions: In the order in which they are asked.
        anonymous: Whether customers are told that nobody learns who answered; `check` holds responses to it.
        name: What to call it.
        incentive: What is promised to whoever answers; None where that is not known.
        owner_id: Who turns the answers into improvements; None where nobody does.

    Raises:
        InvalidValueError: An empty id; two questions of one id.
        WrongTypeError: A value of the wrong type; a single question where several are due.
    """

    id: Id
    questions: tuple[Question, ...] = attrs.field(converter=_questions)
    anonymous: bool = False
    name: str = ""
    incentive: Incentive | None = None
    owner_id: Id | None = None

    def __attrs_post_init__(self) -> None:
        check_id(self.id, "id", required=True)
        checks.set_field(self, "questions", checks.as_tuple(self.questions, Question, "questions"))
        seen: set[Id] = set()
        for question in self.questions:
            if question.id in seen:
                raise InvalidValueError(
                    f"questions must each have an id of their own, {show(question.id)} comes twice", question.id
                )
            seen.add(question.id)
        checks.as_instance(self.anonymous, bool, "anonymous")
        checks.as_text(self.name, "name")
        if self.incentive is not None:
            checks.as_member(self.incentive, Incentive, "incentive")
        check_id(self.owner_id, "owner_id")

    def check(self, response: Response, /) -> Response:
        """Hold a response to this survey, and give it back: a response alone knows neither questions nor promises.

        Raises:
            InvalidValueError: It answers another survey, a question that is not asked, or outside a question's scale;
                or it names the customer or the interaction although the survey is anonymous.
            WrongTypeError: It is no `Response`, or an answer is a text where a number is due, or the reverse.
        """
        checks.as_instance(response, Response, "response")
        if response.survey_id != self.id:
            raise InvalidValueError(
                f"the response answers survey {show(response.survey_id)}, not {show(self.id)}",
                response.survey_id,
                self.id,
            )
        if self.anonymous:
            for name in ("customer_id", "interaction_id"):
                if getattr(response, name) is not None:
                    raise InvalidValueError(
                        f"the survey is anonymous, but the response has a {name}, which tells who answered; "
                        f"leave it out, and give the segment instead",
                        name,
                    )
        scales = {question.id: question.scale for question in self.questions}
        for question_id, value in response.answers:
            if question_id not in scales:
                raise InvalidValueError(f"the survey asks no question {show(question_id)}", question_id)
            _check_answer(value, scales[question_id], f"the answer to question {show(question_id)}")
        return response


def _check_answer(value: int | str, scale: Scale, name: str) -> None:
    """Refuse an answer that the scale does not have; a text is never shown."""
    if scale.low is None:
        if not isinstance(value, str):
            raise WrongTypeError(f"{name} must be a text, got {show(value)}")
    elif isinstance(value, str):
        raise WrongTypeError(
            f"{name} must be a whole number from {scale.low} to {scale.high}, got a text; convert it with int(...)"
        )
    else:
        check_on_scale(value, scale, name)


class InvitationOutcome(StrEnum):
    """What became of an invitation: the categories of the AAPOR's response rates.

    Leave out who should not have been asked. What counts as complete is yours to say beforehand.

    Attributes:
        COMPLETE: Answered (I).
        PARTIAL: Answered in part (P).
        REFUSAL: Declined or broken off (R).
        NON_CONTACT: Never reached, such as a message that bounced (NC).
        OTHER: Reached, but kept from answering by something else, such as illness or language (O).
        UNKNOWN: Nothing came back, and nothing is known (UH, UO).

    Source: AAPOR, Standard Definitions.
    """

    COMPLETE = "complete"
    PARTIAL = "partial"
    REFUSAL = "refusal"
    NON_CONTACT = "non_contact"
    OTHER = "other"
    UNKNOWN = "unknown"


@attrs.frozen(kw_only=True)
class Invitation:
    """A customer was asked to answer a survey: what response rates count, and how often one asks.

    Examples:
        >>> from crmcore import instant
        >>> asked = Invitation(survey_id="q3", at=instant("2026-03-02"), customer_id=7)
        >>> asked.outcome
        <InvitationOutcome.UNKNOWN: 'unknown'>

    It may name the customer although the survey is anonymous: whom one asked is no answer.

    Attributes:
        survey_id: The survey.
        at: When the customer was first asked.
        customer_id: Who was asked; None is an unknown customer.
        channel: By which way.
        outcome: What became of it.
        id: The invitation's own id.

    Raises:
        InvalidValueError: An empty id.
        NaiveInstantError: The instant has no time zone.
        WrongTypeError: A value of the wrong type.
    """

    survey_id: Id
    at: datetime = attrs.field(eq=by_utc)
    customer_id: Id | None = None
    channel: FeedbackChannel | None = None
    outcome: InvitationOutcome = InvitationOutcome.UNKNOWN
    id: Id | None = None

    def __attrs_post_init__(self) -> None:
        check_id(self.survey_id, "survey_id", required=True)
        checks.as_instant(self.at, "at")
        check_id(self.customer_id, "customer_id")
        if self.channel is not None:
            checks.as_member(self.channel, FeedbackChannel, "channel")
        checks.as_member(self.outcome, InvitationOutcome, "outcome")
        check_id(self.id, "id")


_Answers = tuple[tuple[Id, int | str], ...]


def _answers(answers: Iterable[tuple[Id, int | str]]) -> _Answers:
    return cast("_Answers", answers)


def _answers_repr(answers: _Answers) -> str:
    """Question and number; of the customer's own words only that there are some."""
    return repr(tuple((question_id, "..." if isinstance(value, str) else value) for question_id, value in answers))


@attrs.frozen(kw_only=True)
class Response:
    """One customer's answers to a survey.

    Examples:
        >>> from crmcore import instant
        >>> response = Response(survey_id="q3", at=instant("2026-03-02"), answers=[("nps", 9), ("why", "Anna helped")])
        >>> response.answer("nps"), response.answer("price")
        (9, None)
        >>> response.answers[1], "Anna" in repr(response)
        (('why', 'Anna helped'), False)

    A response knows neither the questions nor whether it was promised to be anonymous: `Survey.check` holds it to both.
    Texts among the answers stay out of `repr` and of every message.

    Attributes:
        survey_id: The survey.
        at: When it was answered.
        answers: Pairs of a question's id and the answer, a whole number or a text; what is unanswered is left out.
        customer_id: Who answered; None where that is unknown or nobody's business.
        interaction_id: The interaction it was asked after.
        touchpoint_id: The touchpoint it judges.
        employee_id: Who served the customer.
        segment: The group the customer belongs to, for weighing answers although the customer is unknown.
        channel: By which way it came.
        id: The response's own id.

    Raises:
        InvalidValueError: An empty id or segment; a question answered twice; a negative answer.
        NaiveInstantError: The instant has no time zone.
        WrongTypeError: A value of the wrong type, a truth value where a number is due, a mapping where pairs are.
    """

    survey_id: Id
    at: datetime = attrs.field(eq=by_utc)
    answers: tuple[tuple[Id, int | str], ...] = attrs.field(converter=_answers, repr=_answers_repr)
    customer_id: Id | None = None
    interaction_id: Id | None = None
    touchpoint_id: Id | None = None
    employee_id: Id | None = None
    segment: str | None = None
    channel: FeedbackChannel | None = None
    id: Id | None = None

    def __attrs_post_init__(self) -> None:
        at = self.at
        survey_id = self.survey_id
        if not (
            type(at) is datetime
            and at.tzinfo is UTC
            and survey_id is not None
            and type(survey_id) in ID_TYPES
            and (self.segment is None or (type(self.segment) is str and self.segment))
            and (self.channel is None or type(self.channel) is FeedbackChannel)
            and type(self.customer_id) in ID_TYPES
            and type(self.interaction_id) in ID_TYPES
            and type(self.touchpoint_id) in ID_TYPES
            and type(self.employee_id) in ID_TYPES
            and type(self.id) in ID_TYPES
            and ""
            not in (survey_id, self.customer_id, self.interaction_id, self.touchpoint_id, self.employee_id, self.id)
        ):
            self._check()
        if not _are_plain(self.answers):
            checks.set_field(self, "answers", _checked_answers(self.answers))

    def _check(self) -> None:
        check_id(self.survey_id, "survey_id", required=True)
        checks.as_instant(self.at, "at")
        for name in ("customer_id", "interaction_id", "touchpoint_id", "employee_id", "id"):
            check_id(getattr(self, name), name)
        if self.segment is not None and not checks.as_text(self.segment, "segment"):
            raise InvalidValueError("segment must not be empty; an unknown one is None")
        if self.channel is not None:
            checks.as_member(self.channel, FeedbackChannel, "channel")

    def answer(self, question_id: Id, /) -> int | str | None:
        """The answer to a question; None where it was left unanswered."""
        for answered_id, value in self.answers:
            if answered_id == question_id:
                return value
        return None


def _are_plain(answers: _Answers) -> bool:
    """Whether the answers are as the library keeps them and need no second look."""
    if type(answers) is not tuple:
        return False
    seen: set[Id] = set()
    for pair in answers:
        if type(pair) is not tuple or len(pair) != 2:
            return False
        question_id, value = pair
        if not (
            (type(value) is str or (type(value) is int and 0 <= value <= _LARGEST_PLAIN))
            and (type(question_id) is int or (type(question_id) is str and question_id))
            and question_id not in seen
        ):
            return False
        seen.add(question_id)
    return True


def _checked_answers(answers: object) -> _Answers:
    given = type(answers).__name__
    if isinstance(answers, str | Mapping) or not isinstance(answers, Iterable):
        raise WrongTypeError(
            f"answers must be several pairs of a question's id and its answer, such as a list of tuples, "
            f"got an object of type {given}; of a dict give its items()"
        )
    checked: dict[Id, int | str] = {}
    for pair in cast("Iterable[tuple[Id, int | str]]", answers):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise WrongTypeError("each of answers must be a pair of a question's id and its answer")
        question_id, value = pair
        check_id(question_id, "each question of answers", required=True)
        if question_id in checked:
            raise InvalidValueError(
                f"answers must answer a question once, {show(question_id)} comes twice", question_id
            )
        checked[question_id] = _checked_answer(value)
    return tuple(checked.items())


def _checked_answer(value: object) -> int | str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        raise WrongTypeError(
            f"each of answers must be a whole number or a text, got {value}; write 1 for yes, 0 for no"
        )
    if value is None:
        raise WrongTypeError("each of answers must be a whole number or a text, got None; leave out what is unanswered")
    return checks.as_count(value, "each of answers")
