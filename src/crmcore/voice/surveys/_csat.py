"""Customer satisfaction, in its three published readings."""

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Self, TypeVar

import attrs

from crmcore.model.survey import MeasureKind, Question, Response, Scale
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.errors import InvalidValueError, PolicyMismatchError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding
from crmcore.primitives.proportions import Interval, TwoProportions, two_proportions, wilson
from crmcore.primitives.tally import POLICY, Cell, Tally, TallyBy
from crmcore.voice.surveys._counting import (
    Counted,
    best_end_is_high,
    check_boxes,
    count_by,
    count_responses,
    count_scores,
    ends_of,
)
from crmcore.voice.surveys._counts import warn_of_no_answers
from crmcore.voice.surveys._nps import Nps

__all__ = ["Csat", "CsatConvention"]

_K = TypeVar("_K", bound=Hashable)


class CsatConvention(StrEnum):
    """The published readings of customer satisfaction, which differ on the same answers.

    Attributes:
        OF_ALL: The positive answers over all answers. The default.
        OF_OPINIONS: The positive answers over the positive and the negative ones; neutral answers are left out.
        NET: The positive answers less the negative ones, over all answers; from -1 to 1.

    Source: the help pages of Simplesat (of all), Zendesk (good over good and bad) and Crewhu (net).
    """

    OF_ALL = "of_all"
    OF_OPINIONS = "of_opinions"
    NET = "net"


@attrs.frozen(kw_only=True)
class Csat(Tally):
    """Number of positive, neutral and negative answers. Records of disjoint responses can be added.

    Examples:
        >>> from crmcore import Csat, CsatConvention, Scale
        >>> answers = Csat(positive=7, neutral=1, negative=2)
        >>> answers.score
        Decimal('0.7')
        >>> [str(answers.rate_by(convention))[:5] for convention in CsatConvention]
        ['0.7', '0.777', '0.5']
        >>> Csat.of_scores([5, 5, 4, 4, 3, 2, 1], Scale.SATISFACTION_1_5).positive  # the top two boxes
        4

    Means are read from `AnswerCounts`, which keeps the count of every step.

    Attributes:
        positive: The number of positive answers.
        neutral: The number of neutral answers.
        negative: The number of negative answers.
        unanswered: The number of responses that leave the question out.
        not_applicable: The number of responses that mark it as not applicable.
        scale: The scale of the answers; None if only the three counts are known.
        positive_boxes: The number of steps, from the better end, that count as positive; None without a scale.
        negative_boxes: The number of steps, from the worse end, that count as negative; None without a scale.
    """

    ratios = ("answered", "score", "score_of_opinions", "net")

    positive: int = 0
    neutral: int = 0
    negative: int = 0
    unanswered: int = 0
    not_applicable: int = 0
    scale: Scale | None = attrs.field(default=None, metadata=POLICY)
    positive_boxes: int | None = attrs.field(default=None, metadata=POLICY)
    negative_boxes: int | None = attrs.field(default=None, metadata=POLICY)

    @classmethod
    def of(
        cls,
        responses: Iterable[Response],
        question: Question,
        /,
        *,
        positive_boxes: int = 2,
        negative_boxes: int | None = None,
    ) -> Self:
        """Count the answers to a question, in a single pass. A response that has an id counts once.

        Examples:
            >>> from crmcore import Csat, Question, Response, Scale, instant
            >>> asked = Question(id="sat", text="How satisfied are you?", scale=Scale.SATISFACTION_1_5)
            >>> responses = [
            ...     Response(survey_id="q1", at=instant("2026-03-02"), answers=[("sat", n)]) for n in (5, 4, 3, 1)
            ... ]
            >>> Csat.of(responses, asked).score, Csat.of(responses, asked, positive_boxes=1).score
            (Decimal('0.5'), Decimal('0.25'))

        Args:
            responses: The responses, in any order; those without an answer to the question are counted apart.
            question: The question, whose scale must say which end is better, and may not measure anything but
                satisfaction.
            positive_boxes: How many steps from the better end are positive. The default is the usual top two boxes.
            negative_boxes: How many steps from the worse end are negative; None for two, or for what a short scale
                leaves.

        Raises:
            InvalidValueError: The scale measures something else, does not say which end is better, or has fewer steps
                than are asked for; or an answer is not on it.
            WrongTypeError: An answer is a text.
        """
        scale = checks.as_instance(question, Question, "question").scale
        top, bottom = _read_boxes(scale, positive_boxes, negative_boxes)
        return cls._with(count_responses(responses, question), scale, top, bottom)

    @classmethod
    def by(
        cls,
        responses: Iterable[Response],
        key: Callable[[Response], _K],
        question: Question,
        /,
        *,
        positive_boxes: int = 2,
        negative_boxes: int | None = None,
    ) -> TallyBy[_K, Self]:
        """Count the answers to a question for each value of a key, in a single pass.

        Examples:
            >>> from crmcore import Csat, Question, Response, Scale, instant
            >>> asked = Question(id="sat", text="How satisfied are you?", scale=Scale.SATISFACTION_1_5)
            >>> responses = [
            ...     Response(survey_id="q1", at=instant("2026-03-02"), answers=[("sat", n)], employee_id=name)
            ...     for name, n in [("anna", 5), ("bob", 2), ("anna", 4)]
            ... ]
            >>> {name: row.score for name, row in Csat.by(responses, lambda one: one.employee_id, asked).items()}
            {'anna': Decimal('1'), 'bob': Decimal('0')}

        Args:
            responses: The responses, in any order.
            key: Returns the key of a response, such as its employee.
            question: The question, whose scale must say which end is better.
            positive_boxes: How many steps from the better end are positive.
            negative_boxes: How many steps from the worse end are negative; None for two, or for what is left.
        """
        scale = checks.as_instance(question, Question, "question").scale
        top, bottom = _read_boxes(scale, positive_boxes, negative_boxes)
        counted = count_by(responses, key, question)
        return TallyBy({group: cls._with(row, scale, top, bottom) for group, row in counted.items()})

    @classmethod
    def of_scores(
        cls,
        scores: Iterable[int | None],
        scale: Scale,
        /,
        *,
        positive_boxes: int = 2,
        negative_boxes: int | None = None,
    ) -> Self:
        """Count plain numbers on a scale. None is an unanswered question.

        Args:
            scores: The numbers.
            scale: Their scale, which must say which end is better.
            positive_boxes: How many steps from the better end are positive.
            negative_boxes: How many steps from the worse end are negative; None for two, or for what is left.
        """
        top, bottom = _read_boxes(scale, positive_boxes, negative_boxes)
        return cls._with(count_scores(scores, scale), scale, top, bottom)

    @classmethod
    def _with(cls, counted: Counted, scale: Scale, top: int, bottom: int) -> Self:
        steps = counted.steps if best_end_is_high(scale) else counted.steps[::-1]
        negative, positive = sum(steps[:bottom]), sum(steps[len(steps) - top :])
        return cls(
            positive=positive,
            neutral=sum(steps) - positive - negative,
            negative=negative,
            unanswered=counted.unanswered,
            not_applicable=counted.not_applicable,
            scale=scale,
            positive_boxes=top,
            negative_boxes=bottom,
        )

    def _list_cells(self) -> dict[str, Cell]:
        cells = super()._list_cells()
        scale = None if self.scale is None else str(self.scale)
        names = [field.name for field in attrs.fields(type(self))]
        return {name: scale if name == "scale" else cells[name] for name in (*names, *self.ratios)}

    @property
    def answered(self) -> int:
        """The number of answers, ``positive + neutral + negative``."""
        return self.positive + self.neutral + self.negative

    @property
    def score(self) -> Decimal | None:
        """The share of positive answers, ``positive / answered``; None if there are no answers."""
        return ratio(self.positive, self.answered)

    @property
    def score_of_opinions(self) -> Decimal | None:
        """The positive answers over the positive and the negative ones; None if all answers are neutral."""
        return ratio(self.positive, self.positive + self.negative)

    @property
    def net(self) -> Decimal | None:
        """The share of positive answers minus that of negative ones, from -1 to 1; None if there are no answers."""
        return ratio(self.positive - self.negative, self.answered)

    def rate_by(self, convention: CsatConvention, /) -> Decimal | None:
        """Return the score by a convention, or None if its denominator is 0.

        Args:
            convention: The published reading.
        """
        checks.as_member(convention, CsatConvention, "convention")
        if convention is CsatConvention.OF_ALL:
            return self.score
        return self.net if convention is CsatConvention.NET else self.score_of_opinions

    def interval(
        self, *, confidence: float = 0.95, convention: CsatConvention = CsatConvention.OF_ALL
    ) -> Interval | None:
        """Return the interval of the score, or None if the denominator of the convention is 0.

        Args:
            confidence: How often the interval is meant to contain the true score.
            convention: The published reading. The interval is Wilson's for the two shares, and the adjusted-Wald
                interval of a Net Promoter Score for the net score.

        Source: Wilson 1927; see `NpsMethod` for the net score.
        """
        checks.as_member(convention, CsatConvention, "convention")
        if convention is CsatConvention.NET:
            as_nps = Nps(promoters=self.positive, passives=self.neutral, detractors=self.negative)
            return as_nps.net_interval(confidence=confidence)
        of_all = convention is CsatConvention.OF_ALL
        n = self.answered if of_all else self.positive + self.negative
        return wilson(self.positive, n, confidence=confidence)

    def compared_to(self, before: "Csat", /) -> TwoProportions | None:
        """Compare the score with that of another round of other people, or return None if either has no answers.

        Examples:
            >>> from crmcore import Csat
            >>> change = Csat(positive=80, negative=20).compared_to(Csat(positive=60, negative=40))
            >>> change.difference, change.p_two_sided < 0.01
            (Decimal('0.2'), True)

        Args:
            before: The earlier round. The difference is this score minus that one.

        Raises:
            PolicyMismatchError: The two were counted on different scales, or with different boxes.
        """
        checks.as_instance(before, Csat, "before")
        for name in ("scale", "positive_boxes"):
            mine, others = getattr(self, name), getattr(before, name)
            if mine != others:
                raise PolicyMismatchError(
                    "compared_under_two_boxes",
                    f"both must have the same {name} to be compared, got {mine} and {others}",
                    field=name,
                    advice=f"count both under one {name}",
                    operands=(mine, others),
                )
        return two_proportions((before.positive, before.answered), (self.positive, self.answered))

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read the score: that no response answers the question."""
        return warn_of_no_answers(self.answered, self.unanswered, self.not_applicable)

    def explain(self) -> Explanation:
        """Return how the score comes about, line by line."""
        return Explanation(
            (
                term("positive", self.positive, "answers"),
                term("neutral", self.neutral, "answers"),
                term("negative", self.negative, "answers"),
                term("unanswered", self.unanswered, "responses"),
                term("not_applicable", self.not_applicable, "responses"),
                term("answered", self.answered, "answers", "positive + neutral + negative"),
                term("score_of_opinions", self.score_of_opinions, "", "positive / (positive + negative)"),
                term("net", self.net, "", "(positive - negative) / answered"),
                term("score", self.score, "", "positive / answered"),
            ),
            cautions=self.cautions,
        )


def _read_boxes(scale: Scale, positive: int, negative: int | None) -> tuple[int, int]:
    """Return how many steps are positive and negative, which must not overlap."""
    low, high = ends_of(scale)
    best_end_is_high(scale)
    if scale.measure not in {None, MeasureKind.SATISFACTION, MeasureKind.PERCEPTION}:
        raise InvalidValueError(
            "not_a_satisfaction",
            f"scale must measure satisfaction, got one that measures {scale.measure}",
            field="scale",
            advice="Nps, CustomerEffort and ReturnLikelihood count the others",
            operands=(scale.measure,),
        )
    steps = high - low + 1
    top = check_boxes(positive, steps, "positive_boxes")
    if negative is None:
        return top, min(2, steps - top)
    return top, check_boxes(negative, steps - top, "negative_boxes", 0)
