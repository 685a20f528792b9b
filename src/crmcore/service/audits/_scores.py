"""How well each review went, by weighted items, and the mean of the reviews."""

from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from typing import Annotated, Final, Self, TypeVar

import attrs

from crmcore.model.checklist import Checklist, ChecklistAnswer, ChecklistItem, Verdict
from crmcore.model.survey import Scale
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ONE, ZERO, plain_repr, ratio
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.ids import Id
from crmcore.primitives.record import SHARE, SUM, maybe_fraction, number, several
from crmcore.primitives.tally import POLICY, Tally, TallyBy
from crmcore.service.audits._audit import group_answers

__all__ = ["AuditScore", "AuditScores"]

_K = TypeVar("_K", bound=Hashable)

_SHARE: Final = Scale("share", low=0, high=1, higher_is_better=True)


@attrs.frozen(kw_only=True)
class AuditScore(Result):
    """Score of one review, from 0 to 1: the weighted mean of the items that were scored.

    Examples:
        >>> from crmcore import AuditScore, Checklist, ChecklistAnswer, ChecklistItem, Scale, Verdict
        >>> calls = Checklist(
        ...     id="calls",
        ...     items=[
        ...         ChecklistItem(id="greeting", text="Greets by name.", weight=50),
        ...         ChecklistItem(id="refund", text="Explains the refund.", weight=30, critical=True),
        ...         ChecklistItem(id="tone", text="Is polite.", weight=20, critical=True, scale=Scale.RATING_1_5),
        ...     ],
        ... )
        >>> answers = [
        ...     ChecklistAnswer(item_id="greeting", verdict=Verdict.MET),
        ...     ChecklistAnswer(item_id="refund", verdict=Verdict.NOT_APPLICABLE),
        ...     ChecklistAnswer(item_id="tone", score=3),
        ... ]
        >>> print(AuditScore.of(calls, answers).explain())
        points                        60.0  points
        weight                          70  points
        critical_failures                0  items
        score              0.8571428571...          = points / weight

    An item that does not apply, and one without an answer, is in neither sum; a caution says how many have no answer. A
    critical item below the line makes the whole review 0; exactly at the line it does not.

    Attributes:
        points: The sum of weight times score, >= 0.
        weight: The sum of the weights of the scored items.
        scored: The number of scored items.
        not_applicable: The number of items that do not apply.
        unanswered: The number of items with neither a verdict nor a score.
        failed: The critical items below the line.
        critical_below: The line, as a share of the scale; None if no item is critical.

    Raises:
        InvalidValueError: Points below 0, or more points than weight.

    Source: the quality score of Zendesk QA.
    """

    ratios = ("critical_failures", "score")

    points: Annotated[Decimal, SUM] = attrs.field(default=ZERO, converter=number, repr=plain_repr)
    weight: Annotated[Decimal, SUM] = attrs.field(default=ZERO, converter=number, repr=plain_repr)
    scored: int = 0
    not_applicable: int = 0
    unanswered: int = 0
    failed: tuple[Id, ...] = attrs.field(default=(), converter=several)
    critical_below: Annotated[Decimal, SHARE] | None = attrs.field(
        default=None, converter=maybe_fraction, repr=plain_repr
    )

    def _check(self) -> None:
        super()._check()
        checks.check_not_below(self.points, 0, "points")
        if self.points > self.weight:
            raise InvalidValueError(
                "points_above_weight",
                f"points must not exceed weight, got {show(self.points)} and {show(self.weight)}",
                field="points",
                operands=(self.points, self.weight),
            )

    @classmethod
    def of(
        cls,
        checklist: Checklist,
        answers: Iterable[ChecklistAnswer],
        /,
        *,
        critical_below: Decimal | int | str | float | None = "0.5",
    ) -> Self:
        """Score the answers of one review.

        The score of an answer counts from the low end of the item's scale to its high end, ``(score - low) / (high -
        low)``, from the other end if a low number is good; an item without a scale takes a share from 0 to 1. An
        answer with only a verdict scores 1 if it is met and 0 if it is not.

        Examples:
            >>> from crmcore import AuditScore, Checklist, ChecklistAnswer, ChecklistItem, Scale
            >>> help = ChecklistItem(id="help", text="Solves the problem.", scale=Scale.RATING_1_5)
            >>> AuditScore.of(Checklist(id=1, items=[help]), [ChecklistAnswer(item_id="help", score=2)]).score
            Decimal('0.25')

        Args:
            checklist: The items.
            answers: The answers about one subject, each item at most once.
            critical_below: The line for critical items, as a share of the scale; None for no line.

        Raises:
            InvalidValueError: Answers about two subjects, or a score that is not on its scale.
        """
        given = [*checks.iterate_records(answers, ChecklistAnswer, "answers")]
        for place, answer in enumerate(given):
            if answer.subject_id != given[0].subject_id:
                raise InvalidValueError(
                    "reviews_of_two_subjects",
                    f"answers must be about one subject, got {show(given[0].subject_id)} and {show(answer.subject_id)}",
                    field="answers",
                    record=place,
                    advice="average several reviews with AuditScores.of",
                    operands=(given[0].subject_id, answer.subject_id),
                )
        line = None if critical_below is None else checks.as_share(critical_below, "critical_below")
        lines = checks.as_instance(checklist, Checklist, "checklist").lines(given)
        items = {item.id: item for item in checklist.items}
        _check_scores(items, given)
        points = weight = ZERO
        scored = 0
        failed: list[Id] = []
        for one in lines:
            item = items[one.item_id]
            parts = _find_parts(one, item)
            if parts is None:
                continue
            scored += 1
            above, width = parts
            share = EXACT.multiply(item.weight, ratio(above, width) or ZERO)
            points, weight = EXACT.add(points, share), EXACT.add(weight, item.weight)
            if item.critical and line is not None and above < EXACT.multiply(line, width):
                failed.append(item.id)
        not_applicable = sum(one.verdict is Verdict.NOT_APPLICABLE for one in lines)
        return cls(
            points=points,
            weight=weight,
            scored=scored,
            not_applicable=not_applicable,
            unanswered=len(lines) - scored - not_applicable,
            failed=failed,
            critical_below=line,
        )

    @property
    def critical_failures(self) -> int:
        """The number of critical items below the line."""
        return len(self.failed)

    @property
    def score(self) -> Decimal | None:
        """The score, ``points / weight``; 0 if a critical item failed, None if no item was scored."""
        return ZERO if self.failed else ratio(self.points, self.weight)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know before you read the score: that items have no answer, critical ones perhaps among them."""
        if not self.unanswered:
            return ()
        items = self.scored + self.not_applicable + self.unanswered
        return (
            Finding(
                rule="items_without_answer",
                severity=Severity.WARNING,
                subject="unanswered",
                message=f"{self.unanswered} of {items} items have no answer, so nothing shows whether they were done",
                advice="look whether a critical one is among them; answer with NOT_APPLICABLE what does not apply",
                evidence=[("unanswered", self.unanswered), ("items", items)],
            ),
        )

    def explain(self) -> Explanation:
        """Return how the score comes about, line by line."""
        return Explanation(
            (
                term("points", self.points, "points"),
                term("weight", self.weight, "points"),
                term("critical_failures", self.critical_failures, "items"),
                term("score", self.score, "", "0" if self.failed else "points / weight"),
            ),
            cautions=self.cautions,
        )


@attrs.frozen(kw_only=True)
class AuditScores(Tally):
    """Number and sum of the scores of reviews. Records of disjoint reviews can be added.

    Examples:
        >>> from crmcore import AuditScores
        >>> print(AuditScores.of_scores(["1", "0.5", None, "0"]).explain())
        scored      3  reviews
        unscored    1  reviews
        points    1.5
        score     0.5           = points / scored

    Attributes:
        scored: The number of reviews with a score.
        unscored: The number of reviews without one, because no item of theirs was scored.
        points: The sum of the scores, >= 0.
        critical_below: The line for critical items; a policy.

    Raises:
        InvalidValueError: Points below 0, or more points than scored reviews.

    Source: Zendesk QA, where the score of several reviews is their plain mean.
    """

    ratios = ("reviews", "score")

    scored: int = 0
    unscored: int = 0
    points: Annotated[Decimal, SUM] = attrs.field(default=ZERO, converter=number, repr=plain_repr)
    critical_below: Annotated[Decimal, SHARE] | None = attrs.field(
        default=Decimal("0.5"), converter=maybe_fraction, repr=plain_repr, metadata=POLICY
    )

    def _check(self) -> None:
        super()._check()
        checks.check_not_below(self.points, 0, "points")
        if self.points > self.scored:
            raise InvalidValueError(
                "points_above_reviews",
                f"points must not exceed scored, as a score is at most 1, got {show(self.points)} and {self.scored}",
                field="points",
                operands=(self.points, self.scored),
            )

    @classmethod
    def of(
        cls,
        checklist: Checklist,
        answers: Iterable[ChecklistAnswer],
        /,
        *,
        critical_below: Decimal | int | str | float | None = "0.5",
    ) -> Self:
        """Score the review of each subject, and add the scores.

        Examples:
            >>> from crmcore import AuditScores, Checklist, ChecklistAnswer, ChecklistItem, Verdict
            >>> manners = Checklist(id="manners", items=[ChecklistItem(id="name", text="Calls the customer by name.")])
            >>> answers = [
            ...     ChecklistAnswer(item_id="name", subject_id=call, verdict=verdict)
            ...     for call, verdict in [(1, Verdict.MET), (2, Verdict.UNMET), (3, Verdict.NOT_APPLICABLE)]
            ... ]
            >>> AuditScores.of(manners, answers).row()
            {'scored': 2, 'unscored': 1, 'points': Decimal('1'), 'critical_below': Decimal('0.5'), 'reviews': 3, \
'score': Decimal('0.5')}

        Args:
            checklist: The items.
            answers: The answers, in any order, each item at most once for each subject. If there are no answers, there
                are no reviews.
            critical_below: The line for critical items, as a share of the scale; None for no line.

        Raises:
            InvalidValueError: A score that is not on its scale.
        """
        by_subject: dict[Id | None, list[ChecklistAnswer]] = {}
        given = [*checks.iterate_records(answers, ChecklistAnswer, "answers")]
        _check_scores({item.id: item for item in checks.as_instance(checklist, Checklist, "checklist").items}, given)
        for answer in given:
            by_subject.setdefault(answer.subject_id, []).append(answer)
        found = [
            AuditScore.of(checklist, theirs, critical_below=critical_below).score for theirs in by_subject.values()
        ]
        return cls.of_scores(found, critical_below=critical_below)

    @classmethod
    def by(
        cls,
        checklist: Checklist,
        answers: Iterable[ChecklistAnswer],
        key: Callable[[ChecklistAnswer], _K],
        /,
        *,
        critical_below: Decimal | int | str | float | None = "0.5",
    ) -> TallyBy[_K, Self]:
        """Score as `of` does, for each value of a key. All answers about one subject must have the same key.

        Examples:
            >>> from crmcore import AuditScores, Checklist, ChecklistAnswer, ChecklistItem, Verdict
            >>> manners = Checklist(id="manners", items=[ChecklistItem(id="name", text="Calls the customer by name.")])
            >>> handled_by = {1: "anna", 2: "bob"}
            >>> answers = [
            ...     ChecklistAnswer(item_id="name", subject_id=call, verdict=verdict)
            ...     for call, verdict in [(1, Verdict.MET), (2, Verdict.UNMET)]
            ... ]
            >>> by = AuditScores.by(manners, answers, lambda answer: handled_by[answer.subject_id])
            >>> {name: str(scores.score) for name, scores in by.items()}
            {'anna': '1', 'bob': '0'}

        Args:
            checklist: The items.
            answers: The answers, in any order, each item at most once for each subject.
            key: Returns the key of an answer, such as the employee whose call its subject is.
            critical_below: The line for critical items, as a share of the scale; None for no line.

        Raises:
            InconsistentCountsError: A subject has answers under two keys.
        """
        by_group = group_answers(answers, key)
        return TallyBy(
            {group: cls.of(checklist, found, critical_below=critical_below) for group, found in by_group.items()}
        )

    @classmethod
    def of_scores(
        cls,
        scores: Iterable[Decimal | int | str | float | None],
        /,
        *,
        critical_below: Decimal | int | str | float | None = "0.5",
    ) -> Self:
        """Count scores that are known already.

        Args:
            scores: The score of each review, from 0 to 1; None for a review without one.
            critical_below: The line that was used.
        """
        walk = checks.end_at_limit(checks.iterate(scores, "scores", "number"), scores, "scores")
        given = [None if one is None else checks.as_share(one, f"scores[{place}]") for place, one in enumerate(walk)]
        known = [one for one in given if one is not None]
        total = ZERO
        for one in known:
            total = EXACT.add(total, one)
        return cls(
            scored=len(known),
            unscored=len(given) - len(known),
            points=total,
            critical_below=None if critical_below is None else checks.as_share(critical_below, "critical_below"),
        )

    @property
    def reviews(self) -> int:
        """The number of reviews."""
        return self.scored + self.unscored

    @property
    def score(self) -> Decimal | None:
        """The mean score, ``points / scored``; None if no review has a score."""
        return ratio(self.points, self.scored)

    def explain(self) -> Explanation:
        """Return how the mean comes about, line by line."""
        return Explanation(
            (
                term("scored", self.scored, "reviews"),
                term("unscored", self.unscored, "reviews"),
                term("points", self.points),
                term("score", self.score, "", "points / scored"),
            )
        )


def _check_scores(items: dict[Id, ChecklistItem], answers: list[ChecklistAnswer]) -> None:
    """Refuse a score that is not on the scale of its item; an item that is unknown is refused later."""
    for place, answer in enumerate(answers):
        item = items.get(answer.item_id)
        if item is None or answer.score is None:
            continue
        low, high = _find_ends(item)
        if not low <= answer.score <= high:
            raise InvalidValueError(
                "score_not_on_its_scale",
                f"the score of {show(item.id)} must be from {low} to {high}, got {show(answer.score)}",
                field="answers",
                record=place,
                operands=(answer.score, item.id),
            )


def _find_ends(item: ChecklistItem) -> tuple[int, int]:
    scale = item.scale or _SHARE
    return scale.low or 0, scale.high or 0  # a scale of words is refused by the item; an end may be 0


def _find_parts(answer: ChecklistAnswer, item: ChecklistItem) -> tuple[Decimal, Decimal] | None:
    """Return how far an answer is above the bad end of its scale, and the width of the scale; None without a score."""
    if answer.score is None:
        verdicts = {Verdict.MET: (ONE, ONE), Verdict.UNMET: (ZERO, ONE)}
        return None if answer.verdict is None else verdicts.get(answer.verdict)
    low, high = _find_ends(item)
    falls = item.scale is not None and item.scale.higher_is_better is False
    above = EXACT.subtract(high, answer.score) if falls else EXACT.subtract(answer.score, low)
    return above, Decimal(high - low)
