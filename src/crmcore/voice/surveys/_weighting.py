"""A score that weighs each group by its share of all customers, not by who happened to answer."""

from collections.abc import Hashable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import sqrt
from typing import Annotated, TypeVar

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import plain_repr
from crmcore.primitives._results import Result
from crmcore.primitives.checks import describe, show
from crmcore.primitives.errors import UnknownNameError, WrongTypeError
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.proportions import Interval, find_quantile
from crmcore.primitives.record import several
from crmcore.voice.surveys._change import ESTIMATE, as_decimal
from crmcore.voice.surveys._counts import AnswerCounts
from crmcore.voice.surveys._csat import Csat
from crmcore.voice.surveys._effort import ReturnLikelihood
from crmcore.voice.surveys._nps import Nps

__all__ = ["WeightedScore", "post_stratified"]

_K = TypeVar("_K", bound=Hashable)


@attrs.frozen(kw_only=True)
class WeightedScore(Result):
    """A score of all customers, from the scores of groups weighted by their number of customers.

    Examples:
        >>> from crmcore import Nps, surveys
        >>> answers = {
        ...     "occasional": Nps(promoters=10, passives=5, detractors=5),
        ...     "regular": Nps(promoters=40, passives=30, detractors=10),
        ... }
        >>> weighted = surveys.post_stratified(answers, {"occasional": 900, "regular": 100})
        >>> weighted.score, (answers["occasional"] + answers["regular"]).score
        (Decimal('26.25'), Decimal('35'))

    Attributes:
        score: The weighted score, in the unit of the scores; None if a group with customers has no answers.
        standard_error: Its standard error, in the same unit; None if `score` is, or if the variance of a group is
            unknown.
        customers: The number of customers of all groups.
        cautions: What to know before you read it: groups with customers and without answers.
    """

    score: Decimal | None = attrs.field(repr=plain_repr)
    standard_error: Annotated[float, ESTIMATE] | None
    customers: int
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the interval of the score by the normal approximation, or None if the standard error is unknown.

        It is too narrow if a group has few answers, or if its answers are all alike.
        """
        z = find_quantile(confidence)
        if self.score is None or self.standard_error is None:
            return None
        return Interval(float(self.score) - z * self.standard_error, float(self.score) + z * self.standard_error)


def post_stratified(
    scores: Mapping[_K, Nps] | Mapping[_K, Csat] | Mapping[_K, AnswerCounts], population: Mapping[_K, int], /
) -> WeightedScore:
    """Return the score that weighs each group by its number of customers.

    ``sum(customers * score) / sum(customers)``. Groups that answer more often then count for no more than they are.

    Examples:
        >>> from crmcore import Csat, surveys
        >>> shops = {"old town": Csat(positive=9, negative=1), "harbour": Csat(positive=20, negative=20)}
        >>> surveys.post_stratified(shops, {"old town": 500, "harbour": 500}).score
        Decimal('0.7')

    Args:
        scores: The counted answers of each group, such as the result of ``Nps.by(...)``.
        population: The number of customers of each group. A group without answers makes the score unknown, unless it
            has no customers.

    Raises:
        UnknownNameError: A group with answers has no number of customers.
        WrongTypeError: The scores are not all of one class, or not counted answers.

    Source: Holt and Smith 1979, Journal of the Royal Statistical Society A 142:33-46.
    """
    checks.check_mapping(scores, "scores", "groups to counted answers")
    checks.check_mapping(population, "population", "groups to numbers of customers")
    customers = {group: checks.as_count(count, "population") for group, count in population.items()}
    found: dict[_K, Nps | Csat | AnswerCounts] = {**scores}
    if len({type(score) for score in found.values()}) > 1:
        raise WrongTypeError("two_kinds_of_scores", "scores must all be of one class", field="scores")
    for group, score in found.items():
        if _count(score) and group not in customers:
            raise UnknownNameError(
                "group_without_customers",
                f"population must have every group that answered, got none for {show(group)}",
                field="population",
                record=group,
            )
    everyone = sum(customers.values())
    silent = [group for group, count in customers.items() if count and not (group in found and _count(found[group]))]
    if silent or not everyone:
        return WeightedScore(score=None, standard_error=None, customers=everyone, cautions=_warn(silent))
    total, variance = Fraction(0), Fraction(0)
    known = True
    for group, count in customers.items():
        if count:
            value, spread = _estimate(found[group])
            weight = Fraction(count, everyone)
            total += weight * value
            known = known and spread is not None
            variance += weight**2 * (spread or 0)
    return WeightedScore(score=as_decimal(total), standard_error=sqrt(variance) if known else None, customers=everyone)


def _warn(silent: list[_K]) -> tuple[Finding, ...]:
    if not silent:
        return ()
    return (
        Finding(
            rule="groups_without_answers",
            severity=Severity.WARNING,
            subject="population",
            message=f"{len(silent)} groups with customers have no answers, such as {show(silent[0])}",
            advice="ask them, or join them with a group that is like them",
            evidence=[("groups", len(silent))],
        ),
    )


def _count(score: object) -> int:
    if not isinstance(score, Nps | Csat | AnswerCounts):
        raise WrongTypeError(
            "not_counted_answers",
            f"scores must be Nps, Csat or AnswerCounts records, got {describe(score)}",
            field="scores",
        )
    return score.answered


def _estimate(score: Nps | Csat | AnswerCounts) -> tuple[Fraction, Fraction | None]:
    """Return a score exactly, and the variance of it; None for the variance of a single answer."""
    n = score.answered
    if isinstance(score, Nps):
        net = Fraction(score.promoters - score.detractors, n)
        return 100 * net, 10_000 * (Fraction(score.promoters + score.detractors, n) - net**2) / n
    if isinstance(score, AnswerCounts) and not isinstance(score, ReturnLikelihood):
        low = score.scale.low or 0
        squares = sum(step * step * count for step, count in enumerate(score.counts, low))
        mean = Fraction(score.sum, n)
        return mean, Fraction(squares * n - score.sum**2, n * n * (n - 1)) if n > 1 else None
    share = Fraction(score.positive if isinstance(score, Csat) else score.surely, n)
    return share, share * (1 - share) / n
