"""How many customers gave which answer, and what can be read from that."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from typing import ClassVar, Self, TypeVar

import attrs

from crmcore.model.survey import Question, Response, Scale
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.proportions import Interval, find_quantile, wilson
from crmcore.primitives.record import several
from crmcore.primitives.tally import POLICY, Cell, Tally, TallyBy
from crmcore.voice.surveys._change import ScoreChange, check_one_scale
from crmcore.voice.surveys._counting import (
    Counted,
    best_end_is_high,
    check_boxes,
    count_by,
    count_responses,
    count_scores,
    ends_of,
)

__all__ = ["AnswerCounts", "warn_of_no_answers"]

_K = TypeVar("_K", bound=Hashable)


def warn_of_no_answers(answered: int, unanswered: int, not_applicable: int) -> tuple[Finding, ...]:
    """Return a caution if there are responses and not one of them answers the question."""
    without = unanswered + not_applicable
    if answered or not without:
        return ()
    return (
        Finding(
            rule="question_never_answered",
            severity=Severity.WARNING,
            subject="responses",
            message=f"none of {without} responses answers the question",
            advice="compare the id of the question with those in the responses",
            evidence=[("responses", without)],
        ),
    )


@attrs.frozen(kw_only=True)
class AnswerCounts(Tally):
    """Number of answers at each step of a scale. Records of disjoint responses can be added.

    Answers on different scales do not add: in the effort score of 2010 low is good, in that of 2013 high is good.

    Examples:
        >>> from crmcore import AnswerCounts, Scale
        >>> rated = AnswerCounts.of_scores([5, 5, 4, 4, 3, 2, 1, None], Scale.SATISFACTION_1_5)
        >>> rated.counts, rated.answered, rated.unanswered
        ((1, 1, 1, 2, 2), 7, 1)
        >>> rated.top_box(2), rated.bottom_box(2)
        (Decimal('0.5714285714285714285714285714285714'), Decimal('0.2857142857142857142857142857142857'))
        >>> print(rated.explain())
        sum                          24
        answered                      7  answers
        unanswered                    1  responses
        not_applicable                0  responses
        score           3.4285714285...             = sum / answered

    Attributes:
        scale: The scale of the answers, with numbers.
        counts: The number of answers at each step, from the lowest to the highest; empty for no answers.
        unanswered: The number of responses that leave the question out.
        not_applicable: The number of responses that mark it as not applicable.

    Raises:
        InconsistentCountsError: There are not as many counts as the scale has steps.
        InvalidValueError: The scale is one of words, or has more than 1001 steps.
    """

    ratios: ClassVar[tuple[str, ...]] = ("answered", "score", "mean_share")

    scale: Scale = attrs.field(metadata=POLICY)
    counts: tuple[int, ...] = attrs.field(default=(), converter=several)
    unanswered: int = 0
    not_applicable: int = 0

    def _check(self) -> None:
        super()._check()
        low, high = ends_of(self.scale)
        steps = high - low + 1
        if not self.counts:
            checks.set_field(self, "counts", (0,) * steps)
        elif len(self.counts) != steps:
            raise InconsistentCountsError(
                "counts_of_another_scale",
                f"counts must be {steps}, one for each step of the scale, got {len(self.counts)}",
                field="counts",
                advice="from_counts(...) takes the counts by their step",
                operands=(steps, len(self.counts)),
            )

    @classmethod
    def of(cls, responses: Iterable[Response], question: Question, /) -> Self:
        """Count the answers to a question, in a single pass. A response that has an id counts once.

        Examples:
            >>> from crmcore import AnswerCounts, Question, Response, Scale, instant
            >>> easy = Question(id="easy", text="We made it easy.", scale=Scale.EFFORT_1_7)
            >>> day = instant("2026-03-02")
            >>> responses = [
            ...     Response(survey_id="q1", at=day, answers=[("easy", 6)]),
            ...     Response(survey_id="q1", at=day, answers=[], not_applicable=["easy"]),
            ... ]
            >>> counted = AnswerCounts.of(responses, easy)
            >>> counted.score, counted.not_applicable
            (Decimal('6'), 1)

        Args:
            responses: The responses, in any order; those without an answer to the question are counted apart.
            question: The question, with its scale.

        Raises:
            InvalidValueError: An answer is not on the scale of the question.
            WrongTypeError: An answer is a text.
        """
        counted = count_responses(responses, question)
        return cls._with(question.scale, counted)

    @classmethod
    def by(
        cls, responses: Iterable[Response], key: Callable[[Response], _K], question: Question, /
    ) -> TallyBy[_K, Self]:
        """Count the answers to a question for each value of a key, in a single pass.

        Examples:
            >>> from crmcore import AnswerCounts, Question, Response, Scale, instant
            >>> stars = Question(id="stars", text="How many stars?", scale=Scale.RATING_1_5)
            >>> responses = [
            ...     Response(survey_id="q1", at=instant("2026-03-02"), answers=[("stars", n)], segment=segment)
            ...     for segment, n in [("new", 2), ("old", 5), ("new", 3)]
            ... ]
            >>> counted = AnswerCounts.by(responses, lambda response: response.segment, stars)
            >>> {segment: row.score for segment, row in counted.items()}
            {'new': Decimal('2.5'), 'old': Decimal('5')}

        Args:
            responses: The responses, in any order; those without an answer to the question are counted apart.
            key: Returns the key of a response, such as its segment.
            question: The question, with its scale.
        """
        counted = count_by(responses, key, question)
        return TallyBy({group: cls._with(question.scale, row) for group, row in counted.items()})

    @classmethod
    def of_scores(cls, scores: Iterable[int | None], scale: Scale, /) -> Self:
        """Count plain numbers on a scale. None or a missing cell of a data frame is an unanswered question."""
        return cls._with(scale, count_scores(scores, scale))

    @classmethod
    def from_counts(
        cls, scale: Scale, counts: Mapping[int, int], /, *, unanswered: int = 0, not_applicable: int = 0
    ) -> Self:
        """Take ready counts by their step; a step that is left out has no answers.

        Examples:
            >>> from crmcore import AnswerCounts, Scale
            >>> AnswerCounts.from_counts(Scale.RATING_1_5, {5: 30, 1: 10}).score
            Decimal('4')

        Raises:
            InvalidValueError: A step is not on the scale.
        """
        low, high = ends_of(scale)
        checks.check_mapping(counts, "counts", "steps to numbers")
        found = {checks.as_whole(step, "counts", low, high): number for step, number in counts.items()}
        return cls(
            scale=scale,
            counts=[found.get(step, 0) for step in range(low, high + 1)],
            unanswered=unanswered,
            not_applicable=not_applicable,
        )

    @classmethod
    def _with(cls, scale: Scale, counted: Counted) -> Self:
        return cls(
            scale=scale,
            counts=counted.steps,
            unanswered=counted.unanswered,
            not_applicable=counted.not_applicable,
        )

    def _list_cells(self) -> dict[str, Cell]:
        return {"scale": str(self.scale), **super()._list_cells()}

    @property
    def answered(self) -> int:
        """The number of answers."""
        return sum(self.counts)

    @property
    def sum(self) -> int:
        """The sum of the answers."""
        return sum(step * count for step, count in enumerate(self.counts, self._ends[0]))

    @property
    def score(self) -> Decimal | None:
        """The mean of the answers, on the scale; None if there are no answers."""
        return self.mean

    @property
    def mean(self) -> Decimal | None:
        """The mean of the answers, on the scale; None if there are no answers."""
        return ratio(self.sum, self.answered)

    @property
    def mean_share(self) -> Decimal | None:
        """The mean from 0 (the lowest step) to 1 (the highest), ``(mean - low) / (high - low)``; None without answers.

        It makes means on scales of different lengths comparable, as far as anything does.
        """
        low, high = self._ends
        return ratio(self.sum - low * self.answered, (high - low) * self.answered)

    @property
    def _ends(self) -> tuple[int, int]:
        return ends_of(self.scale)

    @property
    def _variance(self) -> Fraction | None:
        """The variance of the answers in the sample, with n - 1; None if there are fewer than two answers."""
        n = self.answered
        squares = sum(step * step * count for step, count in enumerate(self.counts, self._ends[0]))
        return Fraction(squares * n - self.sum**2, n * (n - 1)) if n > 1 else None

    def top_box(self, boxes: int, /) -> Decimal | None:
        """Return the share of the answers on the best steps, such as the best two, or None if there are no answers.

        Args:
            boxes: The number of steps, counted from the better end of the scale.

        Raises:
            InvalidValueError: The scale does not say which end is better.
        """
        return ratio(self._count_boxes(boxes, best=True), self.answered)

    def bottom_box(self, boxes: int, /) -> Decimal | None:
        """Return the share of the answers on the worst steps, or None if there are no answers.

        Args:
            boxes: The number of steps, counted from the worse end of the scale.

        Raises:
            InvalidValueError: The scale does not say which end is better.
        """
        return ratio(self._count_boxes(boxes, best=False), self.answered)

    def top_box_interval(self, boxes: int, /, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of `top_box`, or None if there are no answers.

        Source: Wilson 1927.
        """
        return wilson(self._count_boxes(boxes, best=True), self.answered, confidence=confidence)

    def _count_boxes(self, boxes: int, *, best: bool) -> int:
        boxes = check_boxes(boxes, len(self.counts))
        from_high = best_end_is_high(self.scale) is best
        return sum(self.counts[-boxes:] if from_high else self.counts[:boxes])

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the interval of the mean by the normal approximation, or None if there are fewer than two answers.

        It suits thirty answers or more. If all answers are alike its width is 0, which is no evidence that all
        customers are alike: read `top_box_interval` then. It never leaves the scale.

        Source: the central limit theorem; the variance is that of the sample, with n - 1.
        """
        z = find_quantile(confidence)
        mean, variance = self.mean, self._variance
        if mean is None or variance is None:
            return None
        margin, (low, high) = z * sqrt(variance / self.answered), self._ends
        return Interval(max(float(low), float(mean) - margin), min(float(high), float(mean) + margin))

    def compared_to(self, before: Self, /) -> ScoreChange | None:
        """Compare the score with that of another round of other people, or return None if too few answered.

        A mean needs two answers of each round. A share, as the score of a `ReturnLikelihood`, needs one.

        Examples:
            >>> from crmcore import AnswerCounts, Scale
            >>> spring, autumn = (
            ...     AnswerCounts.from_counts(Scale.RATING_1_5, counts) for counts in ({4: 30, 2: 30}, {4: 40, 2: 20})
            ... )
            >>> change = autumn.compared_to(spring)
            >>> change.difference, change.p_two_sided > 0.05
            (Decimal('0.3333333333333333333333333333333333'), True)

        Args:
            before: The earlier round. The difference is this score minus that one.

        Raises:
            PolicyMismatchError: The two have different scales.

        Source: Welch 1947, Biometrika 34:28-35, with the normal distribution for large samples.
        """
        checks.as_instance(before, type(self), "before")
        check_one_scale(self.scale, before.scale)
        one, other = before._estimate(), self._estimate()
        return None if one is None or other is None else ScoreChange.of(other[0] - one[0], one[1] + other[1])

    def _estimate(self) -> tuple[Fraction, Fraction] | None:
        """Return the score exactly and its variance, or None if there are too few answers for that."""
        variance = self._variance
        return None if variance is None else (Fraction(self.sum, self.answered), variance / self.answered)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read the score: that no response answers the question."""
        return warn_of_no_answers(self.answered, self.unanswered, self.not_applicable)

    def explain(self) -> Explanation:
        """Return how the score comes about, line by line."""
        return Explanation(
            (
                term("sum", self.sum),
                term("answered", self.answered, "answers"),
                term("unanswered", self.unanswered, "responses"),
                term("not_applicable", self.not_applicable, "responses"),
                term("score", self.mean, "", "sum / answered"),
            ),
            cautions=self.cautions,
        )
