"""The same people asked twice."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Final, Self

import attrs

from crmcore.model.survey import Question, Response
from crmcore.primitives import checks
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.grouping import enumerate_once
from crmcore.primitives.ids import Id
from crmcore.primitives.tally import Tally
from crmcore.voice.surveys._change import ScoreChange
from crmcore.voice.surveys._counting import count_responses
from crmcore.voice.surveys._nps import Nps
from crmcore.voice.surveys._nps_groups import NpsGroup, check_is_recommendation, nps_group

__all__ = ["NpsPanel", "paired_change"]

_Row = tuple[int, int, int]
_GROUPS: Final = tuple(NpsGroup)
_NONE: Final[_Row] = (0, 0, 0)


@attrs.frozen(kw_only=True)
class NpsPanel(Tally):
    """Number of customers by their group before and after. Records of disjoint customers can be added.

    Examples:
        >>> from crmcore import NpsPanel
        >>> panel = NpsPanel(promoters=(45, 4, 1), passives=(12, 16, 2), detractors=(3, 5, 12))
        >>> panel.before.score, panel.after.score
        (Decimal('30'), Decimal('45'))
        >>> change = panel.change
        >>> change.difference, round(change.p_two_sided, 3)
        (Decimal('15'), 0.013)
        >>> panel.after.compared_to(panel.before).p_two_sided > 0.1  # as if they were other people
        True

    Attributes:
        promoters: Of those who were promoters before: how many are promoters, passives and detractors now.
        passives: The same of those who were passives before.
        detractors: The same of those who were detractors before.
        only_before: The number of customers who answered only before.
        only_after: The number of customers who answered only after.
        unidentified: The number of answers without a customer, of both rounds; they cannot be paired.
    """

    ratios = ("paired", "score_before", "score_after", "difference")

    promoters: _Row = _NONE
    passives: _Row = _NONE
    detractors: _Row = _NONE
    only_before: int = 0
    only_after: int = 0
    unidentified: int = 0

    @classmethod
    def of(cls, before: Iterable[Response], after: Iterable[Response], question: Question, /) -> Self:
        """Pair the answers of two rounds by customer. A response that has an id counts once.

        Examples:
            >>> from crmcore import NpsPanel, Question, Response, Scale, instant
            >>> friend = Question(id="nps", text="Would you recommend us?", scale=Scale.RECOMMEND_0_10)
            >>> def answers(day, scores):
            ...     return [
            ...         Response(survey_id="q1", at=instant(day), answers=[("nps", score)], customer_id=name)
            ...         for name, score in scores
            ...     ]
            >>> panel = NpsPanel.of(
            ...     answers("2026-03-02", [("anna", 6), ("ben", 9)]),
            ...     answers("2026-09-02", [("anna", 8), ("ben", 10), ("zoe", 3)]),
            ...     friend,
            ... )
            >>> panel.change.difference, panel.only_after
            (Decimal('50'), 1)

        Args:
            before: The responses of the earlier round; those without an answer to the question are left out.
            after: The responses of the later round; the same.
            question: The question, which must have a scale for recommendations from 0 to 10.

        Raises:
            InconsistentCountsError: A customer answers twice in one round.
            InvalidValueError: The question does not ask for a recommendation, or an answer is not on its scale.
        """
        check_is_recommendation(question)
        (earlier, unknown_before), (later, unknown_after) = (
            _read_round(before, question, "before"),
            _read_round(after, question, "after"),
        )
        table = {group: dict.fromkeys(_GROUPS, 0) for group in _GROUPS}
        for customer_id, value in earlier.items():
            if customer_id in later:
                table[nps_group(value)][nps_group(later[customer_id])] += 1
        rows: list[_Row] = [
            (row[NpsGroup.PROMOTER], row[NpsGroup.PASSIVE], row[NpsGroup.DETRACTOR]) for row in table.values()
        ]
        return cls(
            promoters=rows[0],
            passives=rows[1],
            detractors=rows[2],
            only_before=len(earlier.keys() - later.keys()),
            only_after=len(later.keys() - earlier.keys()),
            unidentified=unknown_before + unknown_after,
        )

    @property
    def paired(self) -> int:
        """The number of customers who answered both times."""
        return sum(map(sum, self._table))

    @property
    def before(self) -> Nps:
        """The score before, of the customers who answered both times."""
        promoters, passives, detractors = map(sum, self._table)
        return Nps(promoters=promoters, passives=passives, detractors=detractors)

    @property
    def after(self) -> Nps:
        """The score after, of the same customers."""
        promoters, passives, detractors = map(sum, zip(*self._table, strict=True))
        return Nps(promoters=promoters, passives=passives, detractors=detractors)

    @property
    def change(self) -> ScoreChange | None:
        """The change of the score in points, tested as pairs; None if no customer answered both times.

        Each customer's change is from -2 (a promoter becomes a detractor) to 2. The standard error is that of the mean
        of these changes, with the variance of all of them.

        Source: the paired z-test. The interval has two customers more, one who rises by a group and one who falls by
        one, as Bonett and Price 2012, Journal of Educational and Behavioral Statistics 37:479-488, do for two shares.
        """
        n = self.paired
        if not n:
            return None
        changes = [
            (was - now, count) for was, row in enumerate(self._table) for now, count in enumerate(row)
        ]  # a group's place is the worse the higher
        total = sum(change * count for change, count in changes)
        squares = sum(change * change * count for change, count in changes)
        (mean, variance), adjusted = _find_mean(total, squares, n), _find_mean(total, squares + 2, n + 2)
        return ScoreChange.of(100 * mean, 10_000 * variance, (100 * adjusted[0], 10_000 * adjusted[1]))

    @property
    def difference(self) -> Decimal | None:
        """The change of the score in points; None if no customer answered both times."""
        return None if self.change is None else self.change.difference

    @property
    def score_before(self) -> Decimal | None:
        """The score before in points; None if no customer answered both times."""
        return self.before.score

    @property
    def score_after(self) -> Decimal | None:
        """The score after in points; None if no customer answered both times."""
        return self.after.score

    @property
    def _table(self) -> tuple[_Row, _Row, _Row]:
        return self.promoters, self.passives, self.detractors

    def explain(self) -> Explanation:
        """Return how the change comes about, line by line."""
        before, after = self.before, self.after
        return Explanation(
            (
                term("promoters_before", before.promoters, "customers"),
                term("detractors_before", before.detractors, "customers"),
                term("promoters_after", after.promoters, "customers"),
                term("detractors_after", after.detractors, "customers"),
                term("paired", self.paired, "customers"),
                term("score_before", before.score, "points", "100 * (promoters_before - detractors_before) / paired"),
                term("score_after", after.score, "points", "100 * (promoters_after - detractors_after) / paired"),
                term(
                    "difference",
                    self.difference,
                    "points",
                    "100 * (promoters_after - detractors_after - promoters_before + detractors_before) / paired",
                ),
            )
        )


def _find_mean(total: int, squares: int, n: int) -> tuple[Fraction, Fraction]:
    """Return the mean and its variance."""
    mean = Fraction(total, n)
    return mean, (Fraction(squares, n) - mean**2) / n


def paired_change(before: Iterable[Response], after: Iterable[Response], question: Question, /) -> ScoreChange | None:
    """Return the change of the mean answer of the customers who answered both times, tested as pairs.

    A share of yes and no, on a scale from 0 to 1, is such a mean. For recommendations use `NpsPanel`.

    Examples:
        >>> from crmcore import Question, Response, Scale, instant, surveys
        >>> stars = Question(id="stars", text="How many stars?", scale=Scale.RATING_1_5)
        >>> def answers(day, scores):
        ...     return [
        ...         Response(survey_id="q1", at=instant(day), answers=[("stars", score)], customer_id=number)
        ...         for number, score in enumerate(scores)
        ...     ]
        >>> change = surveys.paired_change(
        ...     answers("2026-03-02", [2, 3, 4, 1]), answers("2026-09-02", [3, 4, 4, 3]), stars
        ... )
        >>> change.difference, round(change.standard_error, 3)
        (Decimal('1'), 0.408)

    Args:
        before: The responses of the earlier round; those without an answer to the question, or without a customer, are
            left out.
        after: The responses of the later round; the same.
        question: The question, with its scale.

    Returns:
        The change in the unit of the scale, or None if fewer than two customers answered both times.

    Raises:
        InconsistentCountsError: A customer answers twice in one round.
        InvalidValueError: An answer is not on the scale of the question.

    Source: the paired z-test; the variance is that of the sample of changes, with n - 1.
    """
    checks.as_instance(question, Question, "question")
    (earlier, _), (later, _) = _read_round(before, question, "before"), _read_round(after, question, "after")
    changes = [later[customer_id] - value for customer_id, value in earlier.items() if customer_id in later]
    n, total = len(changes), sum(changes)
    if n < 2:
        return None
    variance = Fraction(sum(change * change for change in changes) * n - total**2, n * (n - 1))
    return ScoreChange.of(Fraction(total, n), variance / n)


def _read_round(responses: Iterable[Response], question: Question, name: str) -> tuple[dict[Id, int], int]:
    """Return the answer of each customer of a round, and the number of answers without a customer."""
    answers: dict[Id, int] = {}
    unknown = 0
    for place, response in enumerate_once(responses, Response, name):
        value = response.answer(question.id)
        if value is None:
            continue
        count_responses([response], question)  # which refuses an answer that is not on the scale
        if response.customer_id is None:
            unknown += 1
            continue
        if response.customer_id in answers:
            raise InconsistentCountsError(
                "answered_twice_in_a_round",
                f"{name} must have one answer of each customer, got two of {show(response.customer_id)}",
                field=name,
                advice="keep one of them, such as the last",
                operands=(response.customer_id,),
                record=place,
            )
        answers[response.customer_id] = int(value)
    return answers, unknown
