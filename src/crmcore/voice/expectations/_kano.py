"""Features that delight, and features that must be there: the model of Kano."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Final, Self, TypeVar

import attrs

from crmcore.model.survey import Question, Response
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives._results import Result
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import enumerate_once
from crmcore.primitives.proportions import Interval, wilson
from crmcore.primitives.record import several
from crmcore.primitives.tally import Cell, Tally, TallyBy
from crmcore.voice.expectations._answers import place_by, read_answer, read_ends

__all__ = ["Kano", "KanoAnswer", "KanoCategory", "KanoDirection", "KanoDrift", "kano_category", "kano_drift"]

_K = TypeVar("_K", bound=Hashable)


class KanoAnswer(StrEnum):
    """The answers to both questions of the Kano questionnaire, in the usual order.

    Attributes:
        LIKE: "I like it that way."
        EXPECT: "It must be that way."
        NEUTRAL: "I am neutral."
        LIVE_WITH: "I can live with it that way."
        DISLIKE: "I dislike it that way."
    """

    LIKE = "like"
    EXPECT = "expect"
    NEUTRAL = "neutral"
    LIVE_WITH = "live_with"
    DISLIKE = "dislike"


class KanoCategory(StrEnum):
    """What a feature is to customers. At a tie the first of these counts.

    Attributes:
        MUST_BE: Its absence annoys, its presence is taken for granted (M).
        ONE_DIMENSIONAL: The more the better: its presence pleases, its absence annoys (O).
        ATTRACTIVE: It delights, and its absence annoys no customer (A).
        INDIFFERENT: Customers do not care (I).
        REVERSE: Customers want the opposite (R).
        QUESTIONABLE: The two answers contradict each other (Q).

    Source: Kano et al. 1984; the letters and the order at a tie are those of Berger et al. 1993.
    """

    MUST_BE = "must_be"
    ONE_DIMENSIONAL = "one_dimensional"
    ATTRACTIVE = "attractive"
    INDIFFERENT = "indifferent"
    REVERSE = "reverse"
    QUESTIONABLE = "questionable"


_STEPS: Final = tuple(KanoAnswer)
_TIES: Final = tuple(KanoCategory)
_LADDER: Final = (KanoCategory.ATTRACTIVE, KanoCategory.ONE_DIMENSIONAL, KanoCategory.MUST_BE)
"""From what delights to what is taken for granted."""


def kano_category(functional: KanoAnswer, dysfunctional: KanoAnswer) -> KanoCategory:
    """Return the category of a feature for one customer, from the two answers to the Kano questionnaire.

    Examples:
        >>> from crmcore import KanoAnswer, expectations
        >>> expectations.kano_category(KanoAnswer.LIKE, KanoAnswer.DISLIKE).value
        'one_dimensional'
        >>> expectations.kano_category(KanoAnswer.EXPECT, KanoAnswer.DISLIKE).value
        'must_be'

    Args:
        functional: How the customer feels if the feature is there.
        dysfunctional: How the customer feels if it is not.

    Source: the evaluation table of Berger et al. 1993, Center for Quality of Management Journal 2(4).
    """
    present = checks.as_member(functional, KanoAnswer, "functional")
    absent = checks.as_member(dysfunctional, KanoAnswer, "dysfunctional")
    if present is absent and present in {KanoAnswer.LIKE, KanoAnswer.DISLIKE}:
        return KanoCategory.QUESTIONABLE
    if present is KanoAnswer.DISLIKE or absent is KanoAnswer.LIKE:
        return KanoCategory.REVERSE
    if present is KanoAnswer.LIKE:
        return KanoCategory.ONE_DIMENSIONAL if absent is KanoAnswer.DISLIKE else KanoCategory.ATTRACTIVE
    return KanoCategory.MUST_BE if absent is KanoAnswer.DISLIKE else KanoCategory.INDIFFERENT


@attrs.frozen(kw_only=True)
class Kano(Tally):
    """Number of customers by what a feature is to them. Records of disjoint responses can be added.

    Examples:
        >>> from crmcore import Kano
        >>> pool = Kano(attractive=30, one_dimensional=20, must_be=40, indifferent=10)
        >>> pool.category.value, pool.category_strength, pool.total_strength
        ('must_be', Decimal('0.1'), Decimal('0.9'))
        >>> pool.better, pool.worse
        (Decimal('0.5'), Decimal('-0.6'))

    Attributes:
        attractive: The number of customers whom it delights.
        one_dimensional: The number of customers who want as much of it as possible.
        must_be: The number of customers who take it for granted.
        indifferent: The number of customers who do not care.
        reverse: The number of customers who want the opposite.
        questionable: The number of customers whose answers contradict each other.
        incomplete: The number of responses without both answers.

    Source: Berger et al. 1993 (better and worse are by Timko there); Lee and Newcomb 1997 (the two strengths).
    """

    ratios = ("answered", "category", "category_strength", "total_strength", "better", "worse")

    attractive: int = 0
    one_dimensional: int = 0
    must_be: int = 0
    indifferent: int = 0
    reverse: int = 0
    questionable: int = 0
    incomplete: int = 0

    @classmethod
    def of(cls, responses: Iterable[Response], functional: Question, dysfunctional: Question, /) -> Self:
        """Count customers by their answers to the two questions about a feature. A response with an id counts once.

        Examples:
            >>> from crmcore import Kano, Question, Response, Scale, instant
            >>> feel = Scale("kano", low=1, high=5, higher_is_better=False)  # 1 is "I like it that way"
            >>> there = Question(id="pool", text="How do you feel if there is a pool?", scale=feel)
            >>> gone = Question(id="no pool", text="How do you feel if there is none?", scale=feel)
            >>> responses = [
            ...     Response(survey_id="q1", at=instant("2026-03-02"), answers=[("pool", one), ("no pool", other)])
            ...     for one, other in [(1, 3), (1, 4), (1, 5), (3, 3)]
            ... ]
            >>> counted = Kano.of(responses, there, gone)
            >>> counted.attractive, counted.one_dimensional, counted.indifferent, counted.category.value
            (2, 1, 1, 'attractive')

        Args:
            responses: The responses, in any order; those without both answers are counted apart.
            functional: The question how customers feel if the feature is there, with five steps. The better end of its
                scale is `KanoAnswer.LIKE`, the other steps follow in order.
            dysfunctional: The question how they feel if it is not, answered in the same way.

        Raises:
            InvalidValueError: A scale has not five steps, or does not say which end is better; or an answer is not on
                it.
            WrongTypeError: An answer is a text.
        """
        ends = _read_questions(functional, dysfunctional)
        placed = enumerate_once(responses, Response, "responses")
        return cls._count(placed, functional, dysfunctional, ends)

    @classmethod
    def by(
        cls,
        responses: Iterable[Response],
        key: Callable[[Response], _K],
        functional: Question,
        dysfunctional: Question,
        /,
    ) -> TallyBy[_K, Self]:
        """Count customers by their answers to the two questions about a feature, for each value of a key.

        Examples:
            >>> from crmcore import Kano, Question, Response, Scale, instant
            >>> feel = Scale("kano", low=1, high=5, higher_is_better=False)
            >>> there, gone = (Question(id=name, text=name, scale=feel) for name in ("pool", "no pool"))
            >>> responses = [
            ...     Response(
            ...         survey_id="q1",
            ...         at=instant("2026-03-02"),
            ...         answers=[("pool", one), ("no pool", 5)],
            ...         segment=segment,
            ...     )
            ...     for segment, one in [("family", 1), ("business", 2)]
            ... ]
            >>> counted = Kano.by(responses, lambda response: response.segment, there, gone)
            >>> {segment: row.category.value for segment, row in counted.items()}
            {'family': 'one_dimensional', 'business': 'must_be'}

        Args:
            responses: The responses, in any order; those without both answers are counted apart.
            key: Returns the key of a response, such as its segment.
            functional: The question how customers feel if the feature is there.
            dysfunctional: The question how they feel if it is not.
        """
        ends = _read_questions(functional, dysfunctional)
        groups = place_by(responses, key)
        return TallyBy({group: cls._count(row, functional, dysfunctional, ends) for group, row in groups.items()})

    @classmethod
    def of_answers(cls, answers: Iterable[tuple[KanoAnswer | None, KanoAnswer | None]], /) -> Self:
        """Count customers by pairs of answers, to the functional and to the dysfunctional question.

        Examples:
            >>> from crmcore import Kano, KanoAnswer
            >>> Kano.of_answers([(KanoAnswer.LIKE, KanoAnswer.NEUTRAL), (KanoAnswer.LIKE, None)])
            Kano(attractive=1, one_dimensional=0, must_be=0, indifferent=0, reverse=0, questionable=0, incomplete=1)

        Args:
            answers: The pairs; None is an unanswered question.
        """
        counts: Counter[str] = Counter()
        for place, entry in enumerate(checks.iterate(answers, "answers", "pair of answers")):
            pair = checks.as_pair(entry, f"answers[{place}]", "two answers")
            one, other = (
                None if answer is None else checks.as_member(answer, KanoAnswer, f"answers[{place}]") for answer in pair
            )
            counts["incomplete" if one is None or other is None else kano_category(one, other).value] += 1
        return cls(**counts)

    @classmethod
    def _count(
        cls,
        placed: Iterable[tuple[int, Response]],
        functional: Question,
        dysfunctional: Question,
        ends: tuple[tuple[int, int, bool], tuple[int, int, bool]],
    ) -> Self:
        counts: Counter[str] = Counter()
        for place, response in placed:
            one = read_answer(response, functional, ends[0], place)
            other = read_answer(response, dysfunctional, ends[1], place)
            if one is None or other is None:
                counts["incomplete"] += 1
            else:  # a high number is good, so the best is the first of the answers
                counts[kano_category(_STEPS[ends[0][1] - one], _STEPS[ends[1][1] - other]).value] += 1
        return cls(**counts)

    def _list_cells(self) -> dict[str, Cell]:
        cells = super()._list_cells()
        return {**cells, "category": None if self.category is None else self.category.value}

    @property
    def answered(self) -> int:
        """The number of customers who answered both questions."""
        return self._meant + self.reverse + self.questionable

    @property
    def _meant(self) -> int:
        """The number of customers in the four categories of the coefficients."""
        return self.attractive + self.one_dimensional + self.must_be + self.indifferent

    @property
    def category(self) -> KanoCategory | None:
        """The most frequent category; at a tie what must be comes first; None without answers.

        The order at a tie is must-be, one-dimensional, attractive, indifferent, reverse, questionable.
        """
        return max(_TIES, key=self._get_count) if self.answered else None  # the first of the largest

    @property
    def category_strength(self) -> Decimal | None:
        """The share of the most frequent category less that of the second, of all answers; None without answers.

        Lee and Newcomb take a difference below 6 per cent as a category of its own, a mixed one.
        """
        second, first = sorted(map(self._get_count, KanoCategory))[-2:]
        return ratio(first - second, self.answered)

    @property
    def total_strength(self) -> Decimal | None:
        """The share to whom the feature matters: attractive, one-dimensional, must-be; None without answers."""
        return ratio(self.attractive + self.one_dimensional + self.must_be, self.answered)

    @property
    def better(self) -> Decimal | None:
        """How much the feature pleases, from 0 to 1: ``(A + O) / (A + O + M + I)``; None if that is 0 / 0.

        Reverse and questionable answers are left out.
        """
        return ratio(self.attractive + self.one_dimensional, self._meant)

    @property
    def worse(self) -> Decimal | None:
        """How much its absence annoys, from -1 to 0: ``-(O + M) / (A + O + M + I)``; None if that is 0 / 0.

        Reverse and questionable answers are left out.
        """
        return ratio(-(self.one_dimensional + self.must_be), self._meant)

    def share(self, category: KanoCategory, /) -> Decimal | None:
        """Return the share of a category among all answers, or None without answers."""
        return ratio(self._get_count(category), self.answered)

    def interval(self, category: KanoCategory, /, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of the share of a category, or None without answers.

        Source: Wilson 1927.
        """
        return wilson(self._get_count(category), self.answered, confidence=confidence)

    def better_interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of `better`, or None if it is None."""
        return wilson(self.attractive + self.one_dimensional, self._meant, confidence=confidence)

    def worse_interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the Wilson score interval of `worse`, or None if it is None."""
        bounds = wilson(self.one_dimensional + self.must_be, self._meant, confidence=confidence)
        return None if bounds is None else Interval(0 - bounds.high, 0 - bounds.low)

    def _get_count(self, category: KanoCategory) -> int:
        counted: int = getattr(self, checks.as_member(category, KanoCategory, "category").value)
        return counted

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read it: a tie of categories, and no complete answers."""
        found: list[Finding] = []
        if self.answered and not self.category_strength:
            tied = [one for one in KanoCategory if self._get_count(one) == max(map(self._get_count, KanoCategory))]
            found.append(
                Finding(
                    rule="kano_categories_tied",
                    severity=Severity.INFO,
                    subject="category",
                    message=f"{', '.join(one.value for one in tied)} are equally frequent; the first one counts",
                    advice="read better and worse, or ask more customers",
                    evidence=[(one.value, self._get_count(one)) for one in tied],
                )
            )
        if self.incomplete and not self.answered:
            found.append(
                Finding(
                    rule="kano_without_answers",
                    severity=Severity.WARNING,
                    subject="responses",
                    message=f"none of {self.incomplete} responses answers both questions",
                    advice="compare the ids of the questions with those in the responses",
                    evidence=[("incomplete", self.incomplete)],
                )
            )
        return tuple(found)

    def explain(self) -> Explanation:
        """Return how the coefficients come about, line by line."""
        names = ("attractive", "one_dimensional", "must_be", "indifferent", "reverse", "questionable")
        first_four = " + ".join(names[:4])
        return Explanation(
            (
                *(term(name, getattr(self, name), "customers") for name in names),
                term("incomplete", self.incomplete, "responses"),
                term("answered", self.answered, "customers", " + ".join(names)),
                term(
                    "total_strength",
                    self.total_strength,
                    "",
                    "(attractive + one_dimensional + must_be) / answered",
                ),
                term("better", self.better, "", f"(attractive + one_dimensional) / ({first_four})"),
                term("worse", self.worse, "", f"-(one_dimensional + must_be) / ({first_four})"),
            ),
            source="Berger et al. 1993",
            cautions=self.cautions,
        )


def _read_questions(
    functional: Question, dysfunctional: Question
) -> tuple[tuple[int, int, bool], tuple[int, int, bool]]:
    ends = read_ends(functional, "functional"), read_ends(dysfunctional, "dysfunctional")
    for name, (low, high, _) in zip(("functional", "dysfunctional"), ends, strict=True):
        if high - low + 1 != len(_STEPS):
            raise InvalidValueError(
                "kano_scale_not_of_five_steps",
                f"{name} must have a scale of {len(_STEPS)} steps, got one from {low} to {high}",
                field=name,
                advice='build it as Scale("kano", low=1, high=5, higher_is_better=False)',
                operands=(low, high),
            )
    return ends


class KanoDirection(StrEnum):
    """Where a feature moves on the way from attractive over one-dimensional to must-be.

    Attributes:
        DECAY: Towards must-be: what delighted is taken for granted.
        STEADY: It ends where it began.
        RENEWAL: Towards attractive.
    """

    DECAY = "decay"
    STEADY = "steady"
    RENEWAL = "renewal"


@attrs.frozen(kw_only=True)
class KanoDrift(Result):
    """How the category of a feature changes over time.

    Examples:
        >>> from crmcore import Kano, KanoCategory, expectations
        >>> waves = [Kano(attractive=6, must_be=1), Kano(one_dimensional=4, must_be=3), Kano(must_be=7)]
        >>> drift = expectations.kano_drift(wave.category for wave in waves)
        >>> drift.direction.value, drift.is_one_way, drift.ended.value
        ('decay', True, 'must_be')

    Attributes:
        history: The categories, oldest first; None for no answers.
    """

    ratios = ("began", "ended", "direction", "is_one_way", "off_the_way")

    history: tuple[KanoCategory | None, ...] = attrs.field(default=(), converter=several)

    @property
    def began(self) -> KanoCategory | None:
        """The first category that is known; None if none is."""
        return next((category for category in self.history if category is not None), None)

    @property
    def ended(self) -> KanoCategory | None:
        """The last category that is known; None if none is."""
        return next((category for category in reversed(self.history) if category is not None), None)

    @property
    def _places(self) -> list[int]:
        """The places on the way from attractive to must-be."""
        return [_LADDER.index(category) for category in self.history if category in _LADDER]

    @property
    def direction(self) -> KanoDirection | None:
        """Where the feature moves; None if fewer than two of its categories lie on the way."""
        places = self._places
        if len(places) <= 1:
            return None
        if places[0] == places[-1]:
            return KanoDirection.STEADY
        return KanoDirection.DECAY if places[0] < places[-1] else KanoDirection.RENEWAL

    @property
    def is_one_way(self) -> bool:
        """Whether the feature never moves back on the way."""
        places = self._places
        return places in (sorted(places), sorted(places, reverse=True))

    @property
    def off_the_way(self) -> int:
        """The number of categories that are not on the way: indifferent, reverse, questionable."""
        return sum(category is not None and category not in _LADDER for category in self.history)


def kano_drift(history: Iterable[KanoCategory | None]) -> KanoDrift:
    """Return how the category of a feature drifts: from what delights to what must be, or back.

    The way is attractive, one-dimensional, must-be. Other categories do not lie on it; the direction is that of those
    that do.

    Examples:
        >>> from crmcore import KanoCategory, expectations
        >>> drift = expectations.kano_drift([KanoCategory.MUST_BE, KanoCategory.INDIFFERENT, KanoCategory.ATTRACTIVE])
        >>> drift.direction.value, drift.off_the_way
        ('renewal', 1)

    Args:
        history: The categories, oldest first, such as `Kano.category` of each year; None for no answers.

    Source: Kano 2001, Life cycle and creation of attractive quality.
    """
    return KanoDrift(history=history)
