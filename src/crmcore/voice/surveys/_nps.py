"""The Net Promoter Score, with its bounds."""

from collections.abc import Callable, Hashable, Iterable
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor, sqrt
from typing import Final, Self, TypeVar

import attrs

from crmcore.model.survey import Question, Response, Scale
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, WIDE, ZERO, ratio
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.proportions import Interval, find_quantile
from crmcore.primitives.tally import Tally, TallyBy
from crmcore.voice.surveys._change import ScoreChange, as_decimal
from crmcore.voice.surveys._counting import Counted, count_by, count_responses, count_scores
from crmcore.voice.surveys._counts import AnswerCounts, warn_of_no_answers
from crmcore.voice.surveys._nps_groups import NpsMethod, ScoreRounding, check_is_recommendation

__all__ = ["ADDED", "Nps", "adjust"]

_K = TypeVar("_K", bound=Hashable)
_DETRACTORS: Final = slice(7)
_PASSIVES: Final = slice(7, 9)
_PROMOTERS: Final = slice(9, None)
ADDED: Final = 3
"""The answers that the adjusted-Wald interval adds, a quarter of them promoters and a quarter detractors."""


def adjust(promoters: int, detractors: int, answered: int) -> tuple[Fraction, Fraction]:
    """Return a net share with three answers more, as `NpsMethod.ADJUSTED_WALD` has them, and its variance."""
    n, more = answered + ADDED, Fraction(ADDED, 4)
    net = Fraction(promoters - detractors, n)
    return net, ((promoters + detractors + 2 * more) / n - net**2) / n


@attrs.frozen(kw_only=True)
class Nps(Tally):
    """Number of promoters, passives and detractors. Records of disjoint responses can be added.

    Scores and bounds are in points, from -100 to 100. `net` and `net_interval` are the same as a share, from -1 to 1.

    Examples:
        >>> from crmcore import Nps
        >>> spring = Nps(promoters=50, passives=30, detractors=20)
        >>> spring.score
        Decimal('30')
        >>> bounds = spring.interval()
        >>> round(bounds.low, 1), round(bounds.high, 1)
        (14.1, 44.2)
        >>> print(spring.explain())
        promoters        50  answers
        passives         30  answers
        detractors       20  answers
        answered        100  answers    = promoters + passives + detractors
        unanswered        0  responses
        not_applicable    0  responses
        net             0.3             = (promoters - detractors) / answered
        score            30  points     = 100 * (promoters - detractors) / answered

    Attributes:
        promoters: The number of answers of 9 and 10.
        passives: The number of answers of 7 and 8.
        detractors: The number of answers from 0 to 6.
        unanswered: The number of responses that leave the question out. They are not passives.
        not_applicable: The number of responses that mark it as not applicable.

    Source: Reichheld 2003, Harvard Business Review 81(12):46-54.
    """

    ratios = ("answered", "score", "net")

    promoters: int = 0
    passives: int = 0
    detractors: int = 0
    unanswered: int = 0
    not_applicable: int = 0

    @classmethod
    def of(cls, responses: Iterable[Response], question: Question, /) -> Self:
        """Count the answers to a question, in a single pass. A response that has an id counts once.

        Examples:
            >>> from crmcore import Nps, Question, Response, Scale, instant
            >>> friend = Question(id="nps", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10)
            >>> responses = [
            ...     Response(survey_id="q1", at=instant("2026-03-02"), answers=[("nps", n)]) for n in (10, 9, 8, 3)
            ... ]
            >>> Nps.of(responses, friend).score
            Decimal('25')

        Args:
            responses: The responses, in any order; those without an answer to the question are counted apart.
            question: The question, which must have a scale for recommendations from 0 to 10.

        Raises:
            InvalidValueError: The question does not ask for a recommendation from 0 to 10, or an answer is not on its
                scale.
            WrongTypeError: An answer is a text.
        """
        check_is_recommendation(question)
        return cls._with(count_responses(responses, question))

    @classmethod
    def by(
        cls, responses: Iterable[Response], key: Callable[[Response], _K], question: Question, /
    ) -> TallyBy[_K, Self]:
        """Count the answers to a question for each value of a key, in a single pass.

        Examples:
            >>> from crmcore import Nps, Question, Response, Scale, instant
            >>> friend = Question(id="nps", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10)
            >>> responses = [
            ...     Response(survey_id="q1", at=instant("2026-03-02"), answers=[("nps", n)], segment=segment)
            ...     for segment, n in [("new", 6), ("old", 10), ("new", 9)]
            ... ]
            >>> {key: nps.score for key, nps in Nps.by(responses, lambda one: one.segment, friend).items()}
            {'new': Decimal('0'), 'old': Decimal('100')}

        Args:
            responses: The responses, in any order; those without an answer to the question are counted apart.
            key: Returns the key of a response, such as its segment.
            question: The question, which must have a scale for recommendations from 0 to 10.
        """
        check_is_recommendation(question)
        return TallyBy({group: cls._with(counted) for group, counted in count_by(responses, key, question).items()})

    @classmethod
    def of_scores(cls, scores: Iterable[int | None], /) -> Self:
        """Count plain numbers from 0 to 10. None or a missing cell of a data frame is an unanswered question.

        Raises:
            InvalidValueError: A score is not from 0 to 10.
            WrongTypeError: A score is not a whole number.
        """
        return cls._with(count_scores(scores, Scale.RECOMMEND_0_10))

    @classmethod
    def of_counts(cls, counts: AnswerCounts, /) -> Self:
        """Read the score from answers that were counted by their step, such as those of a `SurveyRound`.

        Raises:
            InvalidValueError: The answers are no recommendations from 0 to 10.
        """
        checks.as_instance(counts, AnswerCounts, "counts")
        check_is_recommendation(Question(id="counts", text="", scale=counts.scale))
        return cls._with(Counted(counts.counts, counts.unanswered, counts.not_applicable))

    @classmethod
    def _with(cls, counted: Counted) -> Self:
        return cls(
            promoters=sum(counted.steps[_PROMOTERS]),
            passives=sum(counted.steps[_PASSIVES]),
            detractors=sum(counted.steps[_DETRACTORS]),
            unanswered=counted.unanswered,
            not_applicable=counted.not_applicable,
        )

    @property
    def answered(self) -> int:
        """The number of answers, ``promoters + passives + detractors``."""
        return self.promoters + self.passives + self.detractors

    @property
    def score(self) -> Decimal | None:
        """The score in points, from -100 to 100; None if there are no answers."""
        return ratio(100 * (self.promoters - self.detractors), self.answered)

    @property
    def net(self) -> Decimal | None:
        """The score as a share, from -1 to 1; None if there are no answers."""
        return ratio(self.promoters - self.detractors, self.answered)

    @property
    def variance(self) -> Decimal | None:
        """The variance of an answer that is worth 1, 0 or -1, as `net` is; None if there are no answers.

        Source: W. Huber on stats.stackexchange.com (the variance of all answers, with n and not n - 1).
        """
        return as_decimal(self._variance) if self.answered else None

    @property
    def _net(self) -> Fraction:
        return Fraction(self.promoters - self.detractors, self.answered)

    @property
    def _variance(self) -> Fraction:
        return Fraction(self.promoters + self.detractors, self.answered) - self._net**2

    @property
    def standard_error(self) -> float | None:
        """The standard error of the score, in points; None if there are no answers."""
        return 100 * sqrt(self._variance / self.answered) if self.answered else None

    @property
    def adjusted_score(self) -> float | None:
        """The score in points with three answers added, in the middle of the adjusted-Wald interval."""
        return 100 * (self.promoters - self.detractors) / (self.answered + ADDED) if self.answered else None

    @property
    def adjusted_standard_error(self) -> float | None:
        """The standard error of `adjusted_score`, in points; None if there are no answers."""
        return 100 * sqrt(self._adjust()[1]) if self.answered else None

    def displayed(self, *, digits: int = 0, rounding: ScoreRounding = ScoreRounding.HALF_EVEN) -> Decimal | None:
        """Return the score as it is shown, rounded once, or None if there are no answers.

        Do not subtract shares that were rounded before: 67 promoters and 33 detractors of 200 are 17, not 34 - 16.

        Examples:
            >>> from crmcore import Nps
            >>> from crmcore.voice.surveys import ScoreRounding
            >>> half = Nps(promoters=15, passives=5, detractors=20)
            >>> [str(half.displayed(rounding=rounding)) for rounding in ScoreRounding]
            ['-12', '-13', '-12']

        Args:
            digits: The number of decimals, at most 30.
            rounding: What becomes of a half.
        """
        digits = checks.as_whole(digits, "digits", 0, 30)
        checks.as_member(rounding, ScoreRounding, "rounding")
        if not self.answered:
            return None
        if rounding is ScoreRounding.HALF_UP:
            units = floor(100 * self._net * 10**digits + Fraction(1, 2))
            return EXACT.scaleb(units, -digits)
        exact = WIDE.divide(100 * (self.promoters - self.detractors), self.answered)
        mode = ROUND_HALF_EVEN if rounding is ScoreRounding.HALF_EVEN else ROUND_HALF_UP
        shown = exact.quantize(EXACT.scaleb(1, -digits), mode, WIDE)
        return EXACT.add(shown, ZERO)  # no minus zero

    def interval(self, *, confidence: float = 0.95, method: NpsMethod = NpsMethod.ADJUSTED_WALD) -> Interval | None:
        """Return the interval of the score in points, or None if there are no answers.

        Examples:
            >>> from crmcore import Nps
            >>> from crmcore.voice.surveys import NpsMethod
            >>> few = Nps(promoters=10)
            >>> round(few.interval().low), round(few.interval(method=NpsMethod.WALD).low)
            (48, 100)

        Args:
            confidence: How often the interval is meant to contain the true score.
            method: The method. All of them take the respondents for a random sample; see `nonresponse_bounds`.

        Source: see `NpsMethod`.
        """
        share = self.net_interval(confidence=confidence, method=method)
        return None if share is None else Interval(100 * share.low, 100 * share.high)

    def net_interval(self, *, confidence: float = 0.95, method: NpsMethod = NpsMethod.ADJUSTED_WALD) -> Interval | None:
        """Return the interval of `net`, from -1 to 1, as pictures of rates need it; None if there are no answers.

        Args:
            confidence: How often the interval is meant to contain the true score.
            method: The method.
        """
        checks.as_member(method, NpsMethod, "method")
        z = find_quantile(confidence)
        if not self.answered:
            return None
        if method is NpsMethod.SCORE:
            return Interval(self._find_bound(z, -1), self._find_bound(z, 1))
        if method is NpsMethod.WALD:
            middle, error = float(self._net), (self.standard_error or 0) / 100
        else:
            middle, error = (self.adjusted_score or 0) / 100, (self.adjusted_standard_error or 0) / 100
        return Interval(max(-1.0, middle - z * error), min(1.0, middle + z * error))

    def _find_bound(self, z: float, side: int) -> float:
        """Return the net share, above or below the observed one, that the score test just rejects; by bisection."""
        inside, outside = float(self._net), float(side)
        if abs(self._score_test(outside)) <= z:
            return outside
        while True:
            middle = (inside + outside) / 2
            if middle in {inside, outside}:
                return inside
            if abs(self._score_test(middle)) <= z:
                inside = middle
            else:
                outside = middle

    def _score_test(self, net: float) -> float:
        """Return the observed net share less `net`, in the standard errors that hold if `net` is true.

        The shares of promoters and detractors are the likeliest ones whose difference is `net`.
        """
        n, up, down = self.answered, self.promoters, self.detractors
        b = (2 * n - up + down) * net - up - down
        c = -down * net * (1 - net)
        share_down = (sqrt(max(0.0, b * b - 8 * n * c)) - b) / (4 * n)
        variance = max(0.0, 2 * share_down + net * (1 - net)) * n
        gap = up - down - n * net
        if not variance:
            return float("inf") if gap else 0.0
        return gap / sqrt(variance)

    def compared_to(self, before: "Nps", /) -> ScoreChange | None:
        """Compare the score with that of another round of other people, or return None if either has no answers.

        The same people asked twice are counted by `NpsPanel`.

        Args:
            before: The earlier round. The difference is this score minus that one, in points.

        Examples:
            >>> from crmcore import Nps
            >>> change = Nps(promoters=10).compared_to(Nps(passives=10))
            >>> change.difference, round(change.interval().low), change.p_two_sided, change.cautions[0].rule
            (Decimal('100'), 42, None, 'change_without_spread')

        Source: the difference of two independent means, each with the variance of all its answers, for the p-value. The
        interval is that of the two rounds by `NpsMethod.ADJUSTED_WALD`, whose variances add. With few answers the two
        can disagree, which a caution says.
        """
        checks.as_instance(before, Nps, "before")
        if not self.answered or not before.answered:
            return None
        variance = before._variance / before.answered + self._variance / self.answered  # noqa: SLF001 - of the same class
        (middle, error), (earlier, its_error) = self._adjust(), before._adjust()  # noqa: SLF001 - the same
        return ScoreChange.of(
            100 * (self._net - before._net),  # noqa: SLF001 - the same
            10_000 * variance,
            (100 * (middle - earlier), 10_000 * (error + its_error)),
        )

    def _adjust(self) -> tuple[Fraction, Fraction]:
        return adjust(self.promoters, self.detractors, self.answered)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read the score: that no response answers the question, or that very few do.

        The interval adds three answers; if there are no more than these, the score can lie outside its own interval.
        """
        if not 0 < self.answered <= ADDED:
            return warn_of_no_answers(self.answered, self.unanswered, self.not_applicable)
        counted = "is 1 answer" if self.answered == 1 else f"are {self.answered} answers"
        return (
            Finding(
                rule="few_answers",
                severity=Severity.WARNING,
                subject="answered",
                message=f"there {counted}, and the interval adds {ADDED}",
                advice="do not read the score without its interval, which may leave it out; ask more people",
                evidence=[("answered", self.answered)],
            ),
        )

    def explain(self) -> Explanation:
        """Return how the score comes about, line by line."""
        return Explanation(
            (
                term("promoters", self.promoters, "answers"),
                term("passives", self.passives, "answers"),
                term("detractors", self.detractors, "answers"),
                term("answered", self.answered, "answers", "promoters + passives + detractors"),
                term("unanswered", self.unanswered, "responses"),
                term("not_applicable", self.not_applicable, "responses"),
                term("net", self.net, "", "(promoters - detractors) / answered"),
                term("score", self.score, "points", "100 * (promoters - detractors) / answered"),
            ),
            cautions=self.cautions,
        )
