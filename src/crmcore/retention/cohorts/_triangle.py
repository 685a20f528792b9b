"""Cohorts below one another."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs

from crmcore.primitives import checks
from crmcore.primitives._results import Result, as_plain
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.findings import Finding
from crmcore.primitives.tally import TallyBy
from crmcore.retention.cohorts._cohort import Cohort, CohortReading

__all__ = ["CohortTriangle"]


@attrs.frozen
class CohortTriangle(Result):
    """Cohorts below one another, with the retention of each at each age.

    Examples:
        >>> from crmcore import Cohort, CohortTriangle, instant
        >>> visits = [("a", "2026-01-05"), ("a", "2026-02-07"), ("b", "2026-01-20"), ("c", "2026-02-01")]
        >>> found = Cohort.by([(who, instant(day)) for who, day in visits], as_of=instant("2026-03-01"), ages=1)
        >>> triangle = CohortTriangle(found)
        >>> for row in triangle.rows():
        ...     print(row)
        {'cohort': '2026-01', 'size': 2, '0': 1.0, '1': 0.5}
        {'cohort': '2026-02', 'size': 1, '0': 1.0, '1': None}
        >>> triangle.whole  # c is not observed at age 1 yet
        (Decimal('1'), Decimal('0.5'))

    Attributes:
        cohorts: The cohorts, as `Cohort.by` returns them.
        reading: Who counts as retained.
        of_revenue: Whether the rates are the shares of the first revenue instead of those of the members.

    A notebook shows it as a table.

    Raises:
        InvalidValueError: The rates are those of the revenue, and that of a cohort is not known.
    """

    ratios = ("size",)

    cohorts: TallyBy[Any, Cohort]
    reading: CohortReading = attrs.field(default=CohortReading.ON, kw_only=True)
    of_revenue: bool = attrs.field(default=False, kw_only=True)

    def _check(self) -> None:
        super()._check()
        for key, cohort in self.cohorts.items():
            self._check_known(checks.as_instance(cohort, Cohort, "cohorts"), "cohorts", key)

    def _check_known(self, cohort: Cohort, name: str, key: object = None) -> None:
        if self.of_revenue and len(cohort.revenue) < len(cohort.ages):
            raise InvalidValueError(
                "no_revenue_known",
                f"{name} must have revenue to show it",
                field=name,
                advice="count them with Cohort.by_purchases",
                record=key,
            )

    def rows(self, *, plain: bool = True) -> list[dict[str, Any]]:
        """Return a row for each cohort: its key, its size and the retention at each age, None if it is unknown.

        Args:
            plain: Whether cells are floats, whole numbers, texts, booleans or None. Otherwise they are exact, and the
                key is what it is.
        """
        checks.as_instance(plain, bool, "plain")
        rows = [
            {"cohort": key, "size": cohort.size, **dict(zip(cohort.names, self.rates_of(cohort), strict=True))}
            for key, cohort in self.cohorts.items()
        ]
        return [{name: as_plain(cell) for name, cell in row.items()} for row in rows] if plain else rows

    def rates_of(self, cohort: Cohort, /) -> tuple[Decimal | None, ...]:
        """Return the retention of a cohort at each age, as the triangle shows it."""
        self._check_known(checks.as_instance(cohort, Cohort, "cohort"), "cohort")
        return cohort.revenue_rates if self.of_revenue else cohort.rates_by(self.reading)

    @property
    def size(self) -> int:
        """The members of all cohorts."""
        return sum(cohort.size for cohort in self.cohorts.values())

    @property
    def whole(self) -> tuple[Decimal | None, ...]:
        """The retention of all cohorts together at each age, computed after the sum."""
        total = self.cohorts.total
        return () if total is None else self.rates_of(total)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """The cautions of the cohorts, and keys that differ in their type alone."""
        return self.cohorts.cautions

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return next((cohort.names for cohort in self.cohorts.values()), ())

    def _list_rows(self) -> Iterable[Mapping[str, object]]:
        return self.rows(plain=False)
