"""What is wrong with a survey, before it is sent."""

import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Final

import attrs

from crmcore.model.survey import Incentive, MeasureKind, Question, Response, Scale, Survey
from crmcore.model.touchpoint import Channel
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ZERO, plain, plain_repr
from crmcore.primitives._results import Result
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import iterate_once
from crmcore.primitives.record import SUM, number
from crmcore.voice.surveys._words import IDENTITY_WORDS, LEADING_WORDS

__all__ = ["SurveyTime", "lint", "time_needed"]

_OVERALL: Final = {MeasureKind.SATISFACTION, MeasureKind.RECOMMENDATION, MeasureKind.RETURN}
_TALKS: Final = frozenset(
    {
        Channel.IN_PERSON,
        Channel.PHONE,
        Channel.VIDEO_CALL,
        Channel.CHAT,
        Channel.INTERVIEW,
        Channel.FOCUS_GROUP,
        Channel.MEETING,
        Channel.COMMITTEE,
        Channel.FORUM,
    }
)
"""The channels by which customers tell in their own words what they think; the others count."""
_MINUTE: Final = 60


@attrs.frozen(kw_only=True)
class SurveyTime(Result):
    """How long it takes to answer a survey, in seconds.

    Examples:
        >>> from crmcore import Question, Scale, Survey, surveys
        >>> survey = Survey(
        ...     id="q1",
        ...     questions=[
        ...         Question(id="nps", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10),
        ...         Question(id="why", text="Why not?", scale=Scale.OPEN, asked_share="0.2"),
        ...     ],
        ... )
        >>> surveys.time_needed(survey, open_seconds=30)
        SurveyTime(shortest=Decimal('7.5'), expected=Decimal('13.5'), longest=Decimal('37.5'))

    Attributes:
        shortest: The time of a respondent who is asked no conditional question.
        expected: The mean time: each question counts by the share of the respondents who are asked it.
        longest: The time of a respondent who is asked every question.
    """

    shortest: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)
    expected: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)
    longest: Annotated[Decimal, SUM] = attrs.field(converter=number, repr=plain_repr)


def time_needed(
    survey: Survey, /, *, seconds: Decimal | int | str = "7.5", open_seconds: Decimal | int | str | None = None
) -> SurveyTime:
    """Return how long it takes to answer a survey.

    Examples:
        >>> from crmcore import Question, Scale, Survey, surveys
        >>> stars = [Question(id=n, text="How many stars?", scale=Scale.RATING_1_5) for n in range(24)]
        >>> surveys.time_needed(Survey(id="q1", questions=stars)).expected
        Decimal('180.0')

    Args:
        survey: The survey.
        seconds: The time for one question. The default is a custom, not a measurement.
        open_seconds: The time for a question that is answered in words; None for the same time.
    """
    checks.as_instance(survey, Survey, "survey")
    usual = checks.as_non_negative(seconds, "seconds")
    in_words = usual if open_seconds is None else checks.as_non_negative(open_seconds, "open_seconds")
    shortest = expected = longest = ZERO
    for question in survey.questions:
        needed = in_words if question.scale == Scale.OPEN else usual
        longest = EXACT.add(longest, needed)
        expected = EXACT.add(expected, EXACT.multiply(needed, question.asked_share))
        if question.asked_share == 1:
            shortest = EXACT.add(shortest, needed)
    return SurveyTime(shortest=shortest, expected=expected, longest=longest)


def lint(
    survey: Survey,
    /,
    *,
    responses: Iterable[Response] = (),
    channels: Iterable[Channel | str] | None = None,
    minutes: Decimal | int | str = 3,
    seconds: Decimal | int | str = "7.5",
    open_seconds: Decimal | int | str | None = None,
    most_concepts: int = 3,
    leading_words: Iterable[str] = LEADING_WORDS,
    identity_words: Iterable[str] = IDENTITY_WORDS,
) -> tuple[Finding, ...]:
    """Return what is wrong with a survey, with the question at fault as the subject.

    Examples:
        >>> from crmcore import Incentive, Question, Scale, Survey, surveys
        >>> bad = Survey(
        ...     id="spring",
        ...     incentive=Incentive.FOR_PRAISE,
        ...     owner_id="eva",
        ...     questions=[
        ...         Question(id="sat", text="How satisfied are you?", scale=Scale.SATISFACTION_1_5),
        ...         Question(id="food", text="How was our excellent food?", scale=Scale.RATING_1_5, about_id="kitchen"),
        ...     ],
        ... )
        >>> for finding in surveys.lint(bad):
        ...     print(finding.severity, finding.rule, finding.subject)
        warning not_anonymous spring
        warning leading_wording food
        error incentive_for_positive spring
        warning no_free_text spring

    The rules, in the order of the result:

    - ``too_long``: the expected time is above `minutes`. ``too_long_for_some``: only the longest time is.
    - ``not_anonymous``: respondents are not promised that their answers are anonymous.
    - ``identifies_respondent``: they are, and a question or a response still names the respondent.
    - ``leading_wording``: `Question.leading` is true, or the text has one of `leading_words`. If `leading` is false, a
      person has checked it, and the words do not matter.
    - ``one_sided_scale``: the choices favour one side.
    - ``incentive_for_positive``: respondents get something for a good answer.
    - ``too_many_concepts``: the questions name more concepts than `most_concepts`.
    - ``no_overall_measure``: no question asks about the business as a whole how satisfied the customer is, or how
      likely to recommend it or to return.
    - ``no_specific_service``: no question with a scale is about a service, a touchpoint or an employee.
    - ``no_free_text``: no question is answered in the customer's own words.
    - ``used_as_vote``: no employee turns the answers into improvements: the survey is a poll, not a clue.
    - ``one_kind_of_instrument``: all `channels` are talks, or all are counts. Combine the two.

    A rule without its input does not run: concepts that are not filled in, an incentive or choices that are unknown,
    channels that are not given.

    Args:
        survey: The survey.
        responses: Responses, if there are some already: of an anonymous survey, none may name the customer.
        channels: All the channels by which the company asks its customers, this survey included; None if unknown.
        minutes: The longest time that respondents may need.
        seconds: The time for one question.
        open_seconds: The time for a question that is answered in words; None for the same time.
        most_concepts: How many concepts a simple survey has at most.
        leading_words: Words and phrases that suggest an answer; an asterisk at the end of a word stands for any ending.
            The defaults are English, Russian and Latvian: ``[*surveys.LEADING_WORDS, "bestimmt"]`` adds one.
        identity_words: Words and phrases that ask who the respondent is; the same.

    Source: the source articles, see why.md (the rules); the time for a question is a custom.
    """
    checks.as_instance(survey, Survey, "survey")
    case = _Case(
        survey=survey,
        subject=survey.name.strip() or str(survey.id),
        time=time_needed(survey, seconds=seconds, open_seconds=open_seconds),
        limit=EXACT.multiply(checks.as_non_negative(minutes, "minutes"), _MINUTE),
        named=sum(
            response.customer_id is not None or response.interaction_id is not None
            for response in iterate_once(responses, Response, "responses")
            if response.survey_id == survey.id
        ),
        channels=None
        if channels is None
        else [
            checks.as_label(channel, Channel, f"channels[{place}]")
            for place, channel in enumerate(checks.iterate(channels, "channels", "Channel member"))
        ],
        most_concepts=checks.as_count(most_concepts, "most_concepts"),
        leading=_compile(leading_words, "leading_words"),
        identity=_compile(identity_words, "identity_words"),
    )
    return tuple(finding for rule in _RULES for finding in rule(case))


@attrs.frozen(kw_only=True)
class _Case:
    survey: Survey
    subject: str
    time: SurveyTime
    limit: Decimal
    named: int
    channels: list[Channel | str] | None
    most_concepts: int
    leading: re.Pattern[str] | None
    identity: re.Pattern[str] | None

    def find(
        self,
        rule: str,
        message: str,
        advice: str,
        *evidence: tuple[str, Decimal | int | str],
        severity: Severity = Severity.WARNING,
        question: Question | None = None,
    ) -> Finding:
        """Build a finding about a question, or about the survey."""
        subject = self.subject if question is None else str(question.id)
        return Finding(rule=rule, severity=severity, subject=subject, message=message, advice=advice, evidence=evidence)


def _compile(words: Iterable[str], name: str) -> re.Pattern[str] | None:
    """Return a pattern that finds any of the phrases as whole words, or None if there are no phrases."""
    given = checks.iterate(words, name, "text")
    phrases = [
        r"\s+".join(
            re.escape(word[:-1]) + r"\w*" if word.endswith("*") else re.escape(word)
            for word in _simplify(checks.as_nonempty_text(phrase, f"{name}[{place}]")).split()
        )
        for place, phrase in enumerate(given)
    ]
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?!\w)") if phrases else None


def _simplify(text: str) -> str:
    """Return a text in one case, with straight apostrophes."""
    return text.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def _search(pattern: re.Pattern[str] | None, question: Question) -> str:
    """Return the first phrase that is found in the text of a question, or an empty text."""
    found = None if pattern is None else pattern.search(_simplify(question.text))
    return "" if found is None else found[0]


def _check_time(case: _Case) -> Iterator[Finding]:
    expected, longest = case.time.expected, case.time.longest
    evidence = [("expected seconds", expected), ("longest seconds", longest), ("limit", case.limit)]
    if expected > case.limit:
        yield case.find(
            "too_long",
            f"it takes {plain(expected)} seconds to answer, more than {plain(case.limit)}",
            "keep the questions that somebody will act on",
            *evidence,
        )
    elif longest > case.limit:
        yield case.find(
            "too_long_for_some",
            f"it takes {plain(longest)} seconds if every question is asked, more than {plain(case.limit)}",
            "ask fewer questions of those who are asked the most",
            *evidence,
            severity=Severity.INFO,
        )


def _check_anonymity(case: _Case) -> Iterator[Finding]:
    if not case.survey.anonymous:
        yield case.find(
            "not_anonymous",
            "customers are not promised that their answers are anonymous",
            "promise it and keep it: anonymous=True, and Survey.check for every response",
        )
        return
    for question in case.survey.questions:
        words = "" if question.identifies else _search(case.identity, question)
        if question.identifies or words:
            yield case.find(
                "identifies_respondent",
                "the survey promises anonymity, and this question asks who the respondent is",
                "leave it out, or do not promise anonymity",
                *([("words", words)] if words else []),
                severity=Severity.ERROR,
                question=question,
            )
    if case.named:
        yield case.find(
            "identifies_respondent",
            f"the survey promises anonymity, and {case.named} responses name the customer or the contact",
            "delete the ids, and check each response with Survey.check",
            ("responses", case.named),
            severity=Severity.ERROR,
        )


def _check_wording(case: _Case) -> Iterator[Finding]:
    for question in case.survey.questions:
        words = _search(case.leading, question) if question.leading is None else ""
        if question.leading or words:
            yield case.find(
                "leading_wording",
                "the wording suggests an answer",
                "ask neutrally: name both ends, praise and blame nothing",
                *([("words", words)] if words else []),
                question=question,
            )


def _check_choices(case: _Case) -> Iterator[Finding]:
    for question in case.survey.questions:
        if question.one_sided:
            yield case.find(
                "one_sided_scale",
                "the choices favour one side",
                "offer as many bad choices as good ones",
                question=question,
            )


def _check_incentive(case: _Case) -> Iterator[Finding]:
    if case.survey.incentive is Incentive.FOR_PRAISE:
        yield case.find(
            "incentive_for_positive",
            "respondents get something for a good answer, which makes every score worthless",
            "give it for any answer, or give nothing",
            severity=Severity.ERROR,
        )


def _check_concepts(case: _Case) -> Iterator[Finding]:
    names = dict.fromkeys(" ".join(question.concept.split()).casefold() for question in case.survey.questions)
    concepts = [name for name in names if name]
    if len(concepts) > case.most_concepts:
        yield case.find(
            "too_many_concepts",
            f"the questions are about {len(concepts)} concepts, more than {case.most_concepts}",
            "ask about fewer, and about the others another time",
            *(("concept", concept) for concept in concepts),
        )


def _check_overall(case: _Case) -> Iterator[Finding]:
    if not any(question.about_id is None and question.scale.measure in _OVERALL for question in case.survey.questions):
        yield case.find(
            "no_overall_measure",
            "no question rates the business as a whole",
            "ask how satisfied customers are, or how likely to recommend you or to return",
        )


def _check_specific(case: _Case) -> Iterator[Finding]:
    if not any(question.about_id is not None and question.scale != Scale.OPEN for question in case.survey.questions):
        yield case.find(
            "no_specific_service",
            "no question rates a specific service, touchpoint or employee",
            "ask about the service that the customer just had, and fill in about_id",
        )


def _check_free_text(case: _Case) -> Iterator[Finding]:
    if not any(question.scale == Scale.OPEN for question in case.survey.questions):
        yield case.find(
            "no_free_text",
            "no question lets customers say it in their own words",
            "ask why, with Scale.OPEN: a number says how bad it is, words say what to mend",
        )


def _check_owner(case: _Case) -> Iterator[Finding]:
    if case.survey.owner_id is None:
        yield case.find(
            "used_as_vote",
            "no employee turns the answers into improvements, so they are only a vote",
            "name one in owner_id",
        )


def _check_instruments(case: _Case) -> Iterator[Finding]:
    known = [channel for channel in case.channels or () if isinstance(channel, Channel)]
    talks = [channel in _TALKS for channel in known]
    if not known or len(known) < len(case.channels or ()) or any(talks) is not all(talks):
        return
    yield case.find(
        "one_kind_of_instrument",
        "all channels are talks, which do not say how many" if talks[0] else "all channels count, and none tells why",
        "add a survey" if talks[0] else "add talks: interviews, focus groups or a breakfast with customers",
        *(("channel", channel.value) for channel in dict.fromkeys(known)),
        severity=Severity.INFO,
    )


_RULES: Final[tuple[Callable[[_Case], Iterator[Finding]], ...]] = (
    _check_time,
    _check_anonymity,
    _check_wording,
    _check_choices,
    _check_incentive,
    _check_concepts,
    _check_overall,
    _check_specific,
    _check_free_text,
    _check_owner,
    _check_instruments,
)
