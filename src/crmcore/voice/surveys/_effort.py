"""The Customer Effort Score in its two versions, and the likelihood to return."""

from decimal import Decimal
from fractions import Fraction

import attrs

from crmcore.model.survey import MeasureKind, Scale
from crmcore.primitives._decimals import ratio
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.proportions import Interval
from crmcore.voice.surveys._counting import best_end_is_high
from crmcore.voice.surveys._counts import AnswerCounts

__all__ = ["CustomerEffort", "ReturnLikelihood"]


@attrs.frozen(kw_only=True)
class CustomerEffort(AnswerCounts):
    """Number of answers about effort at each step. Records of disjoint responses in one version can be added.

    Version 1.0 of 2010 asks how much effort it took, from 1 to 5: a low score is good. Version 2.0 of 2013 asks whether
    the company made it easy, from 1 to 7: a high score is good. The scale is the version, and the two never mix.

    Examples:
        >>> from crmcore import CustomerEffort, Scale
        >>> easy = CustomerEffort.from_counts(Scale.EFFORT_1_7, {1: 80, 2: 210, 3: 140, 4: 110, 5: 160, 6: 180, 7: 120})
        >>> easy.version, easy.score, easy.agree_share(), easy.index()
        ('2.0', Decimal('4.08'), Decimal('0.46'), Decimal('-13'))

    Attributes:
        scale: `Scale.EFFORT_1_5` for version 1.0, or `Scale.EFFORT_1_7` for version 2.0.
        counts: The number of answers at each step, from the lowest to the highest; empty for no answers.
        unanswered: The number of responses that leave the question out.
        not_applicable: The number of responses that mark it as not applicable.

    Raises:
        InvalidValueError: The scale is that of neither version.

    Source: Dixon, Freeman and Toman 2010, Harvard Business Review 88(7/8):116-122 (1.0); CEB 2013 (2.0).
    """

    def _check(self) -> None:
        super()._check()
        if self.scale not in {Scale.EFFORT_1_5, Scale.EFFORT_1_7}:
            raise InvalidValueError(
                "not_an_effort_scale",
                f"scale must be that of the Customer Effort Score 1.0 or 2.0, got {self.scale}",
                field="scale",
                advice="use Scale.EFFORT_1_5 or Scale.EFFORT_1_7",
                operands=(self.scale,),
            )

    @property
    def version(self) -> str:
        """The version of the score, ``"1.0"`` or ``"2.0"``."""
        return "2.0" if self.scale == Scale.EFFORT_1_7 else "1.0"

    def agree_share(self) -> Decimal | None:
        """Return the share of answers from 5 to 7, "somewhat agree" and up, or None if there are no answers.

        Raises:
            InvalidValueError: The version is 1.0, which has no statement to agree with.
        """
        self._check_has_a_statement()
        return self.top_box(3)

    def index(self) -> Decimal | None:
        """Return the share of 6 and 7 minus that of 1 to 3, from -100 to 100, or None if there are no answers.

        Raises:
            InvalidValueError: The version is 1.0, which has no statement to agree with.
        """
        self._check_has_a_statement()
        return ratio(100 * (self._count_boxes(2, best=True) - self._count_boxes(3, best=False)), self.answered)

    def _check_has_a_statement(self) -> None:
        if self.version == "1.0":
            raise InvalidValueError(
                "effort_without_statement",
                "version must be 2.0 for a share of customers who agree, got 1.0",
                field="version",
                advice="read score or bottom_box(...)",
            )


@attrs.frozen(kw_only=True)
class ReturnLikelihood(AnswerCounts):
    """Number of answers about returning at each step. Records of disjoint responses on one scale can be added.

    Examples:
        >>> from crmcore import ReturnLikelihood, Scale
        >>> likely = ReturnLikelihood.of_scores([5, 4, 4, 2, 5], Scale.RETURN_1_5)
        >>> likely.score, likely.top_box(2)
        (Decimal('0.4'), Decimal('0.8'))
        >>> print(likely.explain())
        surely            2  answers
        answered          5  answers
        unanswered        0  responses
        not_applicable    0  responses
        score           0.4             = surely / answered

    Attributes:
        scale: The scale of the answers, which says which end is better.
        counts: The number of answers at each step, from the lowest to the highest; empty for no answers.
        unanswered: The number of responses that leave the question out.
        not_applicable: The number of responses that mark it as not applicable.

    Raises:
        InvalidValueError: The scale measures something else, or does not say which end is better.

    Source: the source articles, see why.md.
    """

    def _check(self) -> None:
        super()._check()
        best_end_is_high(self.scale)
        if self.scale.measure not in {None, MeasureKind.RETURN}:
            raise InvalidValueError(
                "not_a_return",
                f"scale must measure the likelihood to return, got one that measures {self.scale.measure}",
                field="scale",
                advice="use Scale.RETURN_1_5",
                operands=(self.scale.measure,),
            )

    @property
    def score(self) -> Decimal | None:
        """The share of the customers who answer with the best step; None if there are no answers."""
        return self.top_box(1)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the score, or None if there are no answers.

        Source: Wilson 1927.
        """
        return self.top_box_interval(1, confidence=confidence)

    def _estimate(self) -> tuple[Fraction, Fraction] | None:
        if not self.answered:
            return None
        share = Fraction(self.surely, self.answered)
        return share, share * (1 - share) / self.answered

    @property
    def surely(self) -> int:
        """The number of answers at the best step."""
        return self._count_boxes(1, best=True)

    def explain(self) -> Explanation:
        """Return how the score comes about, line by line."""
        return Explanation(
            (
                term("surely", self.surely, "answers"),
                term("answered", self.answered, "answers"),
                term("unanswered", self.unanswered, "responses"),
                term("not_applicable", self.not_applicable, "responses"),
                term("score", self.score, "", "surely / answered"),
            ),
            cautions=self.cautions,
        )
