"""A score that weighs each group by its share of all customers, not by who happened to answer."""

from collections.abc import Hashable, Iterable, Mapping
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
from crmcore.voice.surveys._counting import ends_of
from crmcore.voice.surveys._counts import AnswerCounts
from crmcore.voice.surveys._csat import Csat
from crmcore.voice.surveys._effort import ReturnLikelihood
from crmcore.voice.surveys._nps import ADDED, Nps, adjust

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
        adjusted_score: A weighted Net Promoter Score with three answers more in each group, in the middle of the
            interval, as in that of `Nps`; None for another score.
        adjusted_standard_error: Its standard error; None without an adjusted score.
        lowest: The least score that there is, which the interval does not leave; None if it is not known.
        highest: The greatest one; the same.
        cautions: What to know before you read it: groups with customers whose answers are missing, few or all alike.
    """

    score: Decimal | None = attrs.field(repr=plain_repr)
    standard_error: Annotated[float, ESTIMATE] | None
    customers: int
    adjusted_score: Decimal | None = attrs.field(default=None, repr=plain_repr)
    adjusted_standard_error: Annotated[float, ESTIMATE] | None = None
    lowest: Decimal | None = attrs.field(default=None, repr=plain_repr)
    highest: Decimal | None = attrs.field(default=None, repr=plain_repr)
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several)

    def interval(self, *, confidence: float = 0.95) -> Interval | None:
        """Return the interval of the score, or None if the standard error is unknown. It does not leave the scale.

        That of a weighted Net Promoter Score is the adjusted-Wald interval, whose variances add. For other scores it is
        the normal approximation, which is too narrow if a group has few answers, or if its answers are all alike.
        """
        z = find_quantile(confidence)
        middle, error = self.adjusted_score, self.adjusted_standard_error
        if middle is None or error is None:
            middle, error = self.score, self.standard_error
        if middle is None or error is None:
            return None
        return Interval(self._cut(float(middle) - z * error), self._cut(float(middle) + z * error))

    def _cut(self, bound: float) -> float:
        raised = bound if self.lowest is None else max(bound, float(self.lowest))
        return raised if self.highest is None else min(raised, float(self.highest))


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
    strata = {group: found[group] for group, count in customers.items() if count}
    weights = [Fraction(customers[group], everyone) for group in strata]
    total, error = _weigh(weights, map(_estimate, strata.values()))
    recommended = [score for score in strata.values() if isinstance(score, Nps)]
    adjusted = _weigh(weights, map(_adjust, recommended)) if recommended else (None, None)
    lowest, highest = _find_ends(next(iter(strata.values())))
    return WeightedScore(
        score=total,
        standard_error=error,
        customers=everyone,
        adjusted_score=adjusted[0],
        adjusted_standard_error=adjusted[1],
        lowest=Decimal(lowest),
        highest=Decimal(highest),
        cautions=_warn_of_few(strata),
    )


def _weigh(
    weights: list[Fraction], estimates: Iterable[tuple[Fraction, Fraction | None]]
) -> tuple[Decimal, float | None]:
    """Return the weighted mean of estimates and its standard error, which is None if a variance is."""
    total, variance = Fraction(0), Fraction(0)
    known = True
    for weight, (value, spread) in zip(weights, estimates, strict=True):
        total += weight * value
        known = known and spread is not None
        variance += weight**2 * (spread or 0)
    return as_decimal(total), sqrt(variance) if known else None


def _warn(silent: list[_K]) -> tuple[Finding, ...]:
    if not silent:
        return ()
    return _name_groups(
        silent, "groups_without_answers", "no answers", "ask them, or join them with a group that is like them"
    )


def _warn_of_few(strata: Mapping[_K, Nps | Csat | AnswerCounts]) -> tuple[Finding, ...]:
    """Return cautions about groups whose answers say little about their spread."""
    cautions: tuple[Finding, ...] = ()
    few = [group for group, score in strata.items() if isinstance(score, Nps) and score.cautions]
    if few:
        cautions += _name_groups(
            few,
            "groups_with_few_answers",
            f"at most {ADDED} answers",
            "ask more of them, or join them with another group",
        )
    alike = [group for group, score in strata.items() if not isinstance(score, Nps) and _estimate(score)[1] == 0]
    if alike:
        cautions += _name_groups(
            alike,
            "groups_without_spread",
            "answers that are all alike",
            "do not rely on the interval, which is too narrow; ask more of them",
        )
    return cautions


def _name_groups(groups: list[_K], rule: str, what: str, advice: str) -> tuple[Finding, ...]:
    number = len(groups)
    counted = "1 group with customers has" if number == 1 else f"{number} groups with customers have"
    return (
        Finding(
            rule=rule,
            severity=Severity.WARNING,
            subject="population",
            message=f"{counted} {what}, such as {show(groups[0])}",
            advice=advice,
            evidence=[("groups", number)],
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


def _adjust(score: Nps) -> tuple[Fraction, Fraction]:
    """Return a Net Promoter Score with the answers that its interval adds, and the variance of it, in points."""
    net, variance = adjust(score.promoters, score.detractors, score.answered)
    return 100 * net, 10_000 * variance


def _find_ends(score: Nps | Csat | AnswerCounts) -> tuple[int, int]:
    """Return the least and the greatest score of a kind."""
    if isinstance(score, Nps):
        return -100, 100
    if isinstance(score, AnswerCounts) and not isinstance(score, ReturnLikelihood):
        return ends_of(score.scale)
    return 0, 1


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
