"""Where the base is going if customers go on moving as they did."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Final

import attrs

from crmcore.model.reading import LoyaltyLevel
from crmcore.primitives import checks
from crmcore.primitives._decimals import EXACT, RATIO, WIDE, ZERO
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError
from crmcore.primitives.explanation import Explanation, term
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.record import SUM, Label, number, several
from crmcore.voice.loyalty._distribution import BaseDistribution, check_same_levels
from crmcore.voice.loyalty._levels import LEVELS, as_levels
from crmcore.voice.loyalty._transitions import LevelTransitions

__all__ = ["BaseProjection", "project"]

_MOST_PERIODS: Final = 10_000
_ROUNDING: Final = Decimal("1E-30")  # of the whole: each figure is rounded to 34 digits


@attrs.frozen(kw_only=True)
class BaseProjection(Result):
    """Where customers are after some periods, if they go on moving as they did. No customer is lost on the way.

    ``customers = start + arrived - left``, up to the rounding of each figure to 34 digits.

    Examples:
        >>> from crmcore import LevelTransitions
        >>> from crmcore.voice import loyalty
        >>> moved = LevelTransitions(counts=((72, 15, 5), (16, 56, 16), (2, 6, 24)), left=(8, 12, 48))
        >>> ahead = loyalty.project(moved, [60, 30, 10], periods=1, arrivals=[5, 10, 0])
        >>> [str(number) for number in ahead.counts], str(ahead.left)
        (['53.25', '36.55', '10.8'], '14.4')
        >>> print(ahead.explain())
        start        100  customers
        arrived       15  customers
        left        14.4  customers
        customers  100.6  customers  = start + arrived - left

    Attributes:
        path: The expected customers at each level, at the start and after each period; best level first.
        left: The expected number of customers who left in all periods.
        arrived: The number of customers who arrived in all periods.
        unprojected: The number of customers at the start who have no level. They are not part of the projection.
        levels: The levels, best first.

    Raises:
        InconsistentCountsError: There is no start, or not one number for each level; or customers are lost on the way.
    """

    ratios = ("periods", "start", "customers")

    path: tuple[tuple[Annotated[Decimal, SUM], ...], ...] = attrs.field(converter=several)
    left: Annotated[Decimal, SUM] = attrs.field(default=ZERO, converter=number)
    arrived: Annotated[Decimal, SUM] = attrs.field(default=ZERO, converter=number)
    unprojected: int = 0
    levels: tuple[Label[LoyaltyLevel], ...] = attrs.field(default=LEVELS, converter=several)

    def _check(self) -> None:
        super()._check()
        checks.set_field(self, "levels", as_levels(self.levels))
        if not self.path or any(len(row) != len(self.levels) for row in self.path):
            raise InconsistentCountsError(
                "path_of_other_levels",
                f"path must have a start, and {len(self.levels)} numbers in each row, one for each level",
                field="path",
            )
        whole = WIDE.add(self.start, self.arrived)
        missing = WIDE.subtract(whole, WIDE.add(self.customers, self.left))
        if WIDE.abs(missing) > WIDE.multiply(whole, _ROUNDING):
            raise InconsistentCountsError(
                "customers_lost_on_the_way",
                f"start + arrived must be customers + left, got {show(whole)} and"
                f" {show(WIDE.add(self.customers, self.left))}",
                field="left",
                operands=(self.start, self.arrived, self.customers, self.left),
            )

    @property
    def periods(self) -> int:
        """The number of periods ahead."""
        return len(self.path) - 1

    @property
    def counts(self) -> tuple[Decimal, ...]:
        """The expected customers at each level after all periods; best level first."""
        return self.path[-1]

    @property
    def start(self) -> Decimal:
        """The customers with a level at the start."""
        return _add(self.path[0])

    @property
    def customers(self) -> Decimal:
        """The expected customers after all periods."""
        return _add(self.counts)

    @property
    def shares(self) -> tuple[Decimal, ...] | None:
        """The expected share of each level after all periods; None if there are no customers left."""
        whole = self.customers
        return tuple(_tidy(RATIO.divide(size, whole)) for size in self.counts) if whole else None

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What to know: that some customers have no level and are left out."""
        if not self.unprojected:
            return ()
        return (
            Finding(
                rule="customers_not_projected",
                severity=Severity.INFO,
                subject="customers",
                message=f"{self.unprojected} customers have no level, and are not part of the projection",
                advice="read them, or say how many are expected at each level",
                evidence=[("customers", self.unprojected)],
            ),
        )

    def rows(self, *, plain: bool = True) -> list[dict[str, object]]:
        """Return a row for the start and for each period: ``period`` and the customers at each level.

        Args:
            plain: Whether numbers are floats, and not Decimals.
        """
        checks.as_instance(plain, bool, "plain")
        names = [f"at_{level}" for level in self.levels]
        return [
            {"period": place, **dict(zip(names, map(float, row) if plain else row, strict=True))}
            for place, row in enumerate(self.path)
        ]

    def _list_rows(self) -> list[dict[str, object]]:
        return self.rows(plain=False)

    def explain(self) -> Explanation:
        """Return how the number of customers comes about, line by line."""
        return Explanation(
            (
                term("start", self.start, "customers"),
                term("arrived", self.arrived, "customers"),
                term("left", self.left, "customers"),
                term("customers", self.customers, "customers", "start + arrived - left"),
            ),
            cautions=self.cautions,
        )


def project(
    transitions: LevelTransitions,
    customers: BaseDistribution | Iterable[Decimal | int | str],
    /,
    *,
    periods: int,
    arrivals: Iterable[Decimal | int | str] = (),
) -> BaseProjection | None:
    """Return where customers are expected to be after some periods if they go on moving as they did.

    In each period the customers at a level move, stay or leave by the shares of `LevelTransitions.open_matrix`. Then
    the arrivals of the period join; they move from the next period on.

    Examples:
        >>> from crmcore import LevelTransitions
        >>> from crmcore.voice import loyalty
        >>> moved = LevelTransitions(counts=((80, 15, 5), (20, 60, 20), (2, 8, 30)))
        >>> ahead = loyalty.project(moved, ["0.6", "0.3", "0.1"], periods=1)
        >>> [str(share) for share in ahead.counts]
        ['0.545', '0.29', '0.165']

    Args:
        transitions: The moves. Their shares are taken as known and unchanging; `LevelTransitions.share_interval` says
            how sure they are.
        customers: The customers at each level now, best level first, or their shares; or a distribution, whose
            customers without a level are left out and counted.
        periods: The number of periods, at most 10,000.
        arrivals: The customers who arrive at each level in each period, such as `LevelTransitions.arrived` of one
            period. By default none.

    Returns:
        The projection, or None if customers come to a level from which no move is known.

    Raises:
        InconsistentCountsError: There is not one number for each level.
        PolicyMismatchError: The distribution has other levels.

    Note:
        Numbers carry 90 digits on the way, and no step subtracts, so that the 34 digits of the result are exact but for
        the last one.
    """
    checks.as_instance(transitions, LevelTransitions, "transitions")
    levels = transitions.levels
    steps = checks.as_whole(periods, "periods", 0, _MOST_PERIODS)
    unprojected = 0
    sizes: list[Decimal]
    if isinstance(customers, BaseDistribution):
        check_same_levels(levels, customers.levels)
        sizes, unprojected = list(map(Decimal, customers.counts)), customers.customers - customers.known
    else:
        sizes = _read_sizes(customers, levels, "customers")
    joining = _read_sizes(arrivals, levels, "arrivals") or [ZERO] * len(levels)
    rows = [(*row, left) for row, left in zip(transitions.counts, transitions.left, strict=True)]
    wholes = list(map(sum, rows))
    path, gone = [sizes], ZERO
    for _ in range(steps):
        ends = [*joining, gone]
        for size, row, whole in zip(path[-1], rows, wholes, strict=True):
            if not size:
                continue
            if not whole:
                return None
            part = WIDE.divide(size, whole)
            ends = [WIDE.add(end, WIDE.multiply(part, count)) for end, count in zip(ends, row, strict=True)]
        gone = ends.pop()
        path.append(ends)
    return BaseProjection(
        path=[list(map(_tidy, row)) for row in path],
        left=_tidy(gone),
        arrived=_tidy(EXACT.multiply(_add(joining), steps)),
        unprojected=unprojected,
        levels=levels,
    )


def _read_sizes(sizes: Iterable[Decimal | int | str], levels: Sequence[str], name: str) -> list[Decimal]:
    found = [
        checks.as_non_negative(size, f"{name}[{place}]")
        for place, size in enumerate(checks.iterate(sizes, name, "number"))
    ]
    if len(found) != len(levels) and (found or name != "arrivals"):
        raise InconsistentCountsError(
            "sizes_of_other_levels",
            f"{name} must be {len(levels)}, one for each level, got {len(found)}",
            field=name,
            operands=(len(levels), len(found)),
        )
    return found


def _add(sizes: Iterable[Decimal]) -> Decimal:
    total = ZERO
    for size in sizes:
        total = WIDE.add(total, size)
    return _tidy(total)


def _tidy(size: Decimal) -> Decimal:
    """Return a number to 34 digits, without zeros at its end."""
    return EXACT.add(EXACT.normalize(RATIO.plus(size)), ZERO)
