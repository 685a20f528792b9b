"""Whether the curves of segments differ by more than chance."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, TypeVar

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, ZERO
from crmcore.primitives._results import Result
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, PolicyMismatchError
from crmcore.primitives.proportions import chi_squared_tail
from crmcore.primitives.record import NON_NEGATIVE, at_least, several
from crmcore.retention.survival._counts import Survival
from crmcore.retention.survival._results import VARIANCE

__all__ = ["LogRank", "log_rank"]

_K = TypeVar("_K")


@attrs.frozen(kw_only=True)
class LogRank(Result):
    """Whether the lifetimes of segments differ by more than chance, over the whole of their curves.

    Examples:
        >>> from crmcore import Survival
        >>> from crmcore.retention.survival import log_rank
        >>> drug = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
        >>> placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
        >>> test = log_rank(
        ...     {
        ...         "drug": Survival.of_durations(drug, [True] * 9 + [False] * 12),
        ...         "placebo": Survival.of_durations(placebo),
        ...     }
        ... )
        >>> round(test.statistic, 2), test.degrees, test.p_value < 0.001
        (16.79, 1, True)
        >>> test.observed, [round(number, 2) for number in test.expected]
        ((Decimal('9'), Decimal('21')), [19.25, 10.75])

    Attributes:
        observed: The number that ended in each segment, in the order in which they were given.
        expected: The number to expect in each if the segments did not differ, an estimate.
        degrees: The degrees of freedom, the number of segments less one.
        statistic: The sum of the squared differences in units of their variance; None if it is not known, because no
            lifetime ended while two segments were at risk.

    Raises:
        InconsistentCountsError: There are not as many expected numbers as observed ones.

    Source: Mantel 1966, Cancer Chemotherapy Reports 50:163-170; Peto and Peto 1972, J. Roy. Statist. Soc. A
    135:185-207.
    """

    ratios = ("p_value",)

    observed: tuple[Annotated[Decimal, NON_NEGATIVE], ...] = attrs.field(converter=several)
    expected: tuple[Annotated[float, VARIANCE], ...] = attrs.field(converter=several)
    degrees: Annotated[int, at_least(1)]
    statistic: Annotated[float, VARIANCE] | None

    def _check(self) -> None:
        super()._check()
        if not len(self.observed) == len(self.expected) == self.degrees + 1:
            raise InconsistentCountsError(
                "log_rank_of_unequal_segments",
                f"observed and expected must have {self.degrees + 1} numbers, one more than degrees, got "
                f"{len(self.observed)} and {len(self.expected)}",
                field="expected",
                operands=(len(self.observed), len(self.expected), self.degrees),
            )

    @property
    def p_value(self) -> float | None:
        """The probability of a statistic at least as large if the segments do not differ; None if it is not known."""
        return None if self.statistic is None else chi_squared_tail(self.statistic, self.degrees)


def log_rank(segments: Mapping[_K, Survival], /) -> LogRank:
    """Compare the curves of two or more segments over their whole length.

    The test finds a hazard that is always higher in one segment. Where the curves cross it finds little: look at them.
    It says whether there is a difference, and not how large it is: compare the medians or the restricted means.

    Examples:
        >>> from operator import attrgetter
        >>> from crmcore import Lifetime, Survival
        >>> from crmcore.retention.survival import log_rank
        >>> members = [Lifetime(length=n, segment="a" if n % 2 else "b") for n in range(1, 21)]
        >>> round(log_rank(Survival.by(members, attrgetter("segment"))).p_value, 2)
        0.62

    Args:
        segments: The segments by their names, such as `Survival.by` returns. They have no lifetime in common.

    Raises:
        InvalidValueError: There are fewer than two segments, one has no lifetimes, or a weight is not a whole number.
        PolicyMismatchError: Two segments have different units of time.

    Source: Mantel 1966, Cancer Chemotherapy Reports 50:163-170.
    """
    groups = _as_groups(segments)
    tables = [_list_rows(group) for group in groups]
    size = len(groups)
    observed = [ZERO] * size
    expected = [0.0] * size
    variance = [[0.0] * size for _ in range(size)]
    ahead = [0] * size
    for time in sorted({row[0] for table in tables for row in table if row[2]}):
        at_risk: list[int] = []
        ended: list[int] = []
        for place, table in enumerate(tables):
            while ahead[place] < len(table) and table[ahead[place]][0] < time:
                ahead[place] += 1
            row = table[ahead[place]] if ahead[place] < len(table) else None
            at_risk.append(0 if row is None else row[1])
            ended.append(row[2] if row is not None and row[0] == time else 0)
        there, gone = sum(at_risk), sum(ended)
        spread = gone * (there - gone) / (there - 1) if there > 1 else 0.0
        shares = [number / there for number in at_risk]
        for place, share in enumerate(shares):
            observed[place] = EXACT.add(observed[place], ended[place])
            expected[place] += gone * share
            for other in range(size):
                variance[place][other] += spread * share * ((place == other) - shares[other])
    differences = [float(one) - other for one, other in zip(observed, expected, strict=True)]
    return LogRank(
        observed=observed,
        expected=expected,
        degrees=size - 1,
        statistic=_find_statistic(differences[:-1], [row[:-1] for row in variance[:-1]]),
    )


def _as_groups(segments: Mapping[Any, Survival]) -> list[Survival]:
    checks.check_mapping(segments, "segments", "names to counts, such as Survival.by(...) returns")
    groups: list[Survival] = []
    for place, group in enumerate(segments.values()):
        checks.as_instance(group, Survival, f"segments[{place}]")
        if not group.times:
            raise InvalidValueError(
                "segment_without_lifetimes",
                "segments must each have at least one lifetime",
                field="segments",
                record=place,
                advice="leave the empty one out",
            )
        if any(count != int(count) for column in (group.ended, group.censored, group.entered) for count in column):
            raise InvalidValueError(
                "log_rank_of_fractional_weights",
                "segments must have weights that are whole numbers, because the test counts lifetimes",
                field="segments",
                record=place,
                advice="count the lifetimes without weights",
            )
        if groups and group.unit is not groups[0].unit:
            raise PolicyMismatchError(
                "segments_of_two_units",
                "segments must have one unit of time",
                field="segments",
                record=place,
                operands=(groups[0].unit, group.unit),
            )
        groups.append(group)
    if len(groups) < 2:
        raise InvalidValueError(
            "fewer_than_two_segments",
            f"segments must be at least two to be compared, got {len(groups)}",
            field="segments",
            operands=(len(groups),),
        )
    return groups


def _list_rows(group: Survival) -> list[tuple[Decimal, int, int]]:
    """Return time, number at risk and number ended."""
    return [*zip(group.times, map(int, group.at_risk), map(int, group.ended), strict=True)]


def _find_statistic(differences: Sequence[float], variance: Sequence[Sequence[float]]) -> float | None:
    """Return the quadratic form of the differences in the inverse of their variance, by Gaussian elimination.

    A segment that is never at risk together with others has no variance, and leaves the form.
    """
    rows = [[*row, difference] for row, difference in zip(variance, differences, strict=True)]
    total, size = 0.0, len(rows)
    known = 0
    for pivot in range(size):
        scale = variance[pivot][pivot]
        if rows[pivot][pivot] <= 1e-12 * scale or not scale:
            continue
        known += 1
        total += rows[pivot][-1] ** 2 / rows[pivot][pivot]
        for row in rows[pivot + 1 :]:
            factor = row[pivot] / rows[pivot][pivot]
            for place in range(pivot, size + 1):
                row[place] -= factor * rows[pivot][place]
    return total if known == size else None
