"""How many members of a cohort were active, by age."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any, Self, TypeVar, overload

import attrs

from crmcore.model.purchase import Purchase
from crmcore.primitives import checks
from crmcore.primitives._decimals import ratio
from crmcore.primitives._lookalikes import caution_of
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, Term, term
from crmcore.primitives.findings import Finding
from crmcore.primitives.ids import Id
from crmcore.primitives.money import Money, build_money
from crmcore.primitives.periods import UTC
from crmcore.primitives.rates import TimeUnit
from crmcore.primitives.record import several
from crmcore.primitives.tally import POLICY, Tally, TallyBy
from crmcore.retention.cohorts._activity import Activity, Spending
from crmcore.retention.cohorts._ages import AgeRule, Ages, Ruler
from crmcore.retention.cohorts._sums import Sums, sum_cohorts

__all__ = ["Cohort", "CohortReading"]

_K = TypeVar("_K", bound=Hashable)
_I = TypeVar("_I", bound=Id)


class CohortReading(StrEnum):
    """Who counts as retained at an age.

    Attributes:
        ON: A member who was active at that age, or within that bracket of ages (classic and bracket retention).
        ON_OR_AFTER: A member who was active at that age or later (rolling or unbounded retention).

    Source: Amplitude, "Retention analysis" (return on, return on or after, return on custom).
    """

    ON = "on"
    ON_OR_AFTER = "on_or_after"


@attrs.frozen(kw_only=True)
class Cohort(Tally):
    """Number of members of a cohort who were active, by age. Records of disjoint members can be added.

    Examples:
        >>> from crmcore import Cohort
        >>> renewed = Cohort.from_counts([1000, 631, 468, 382, 326])
        >>> renewed.rates[:3]
        (Decimal('1'), Decimal('0.631'), Decimal('0.468'))
        >>> [round(float(rate), 4) for rate in renewed.step_rates if rate is not None]
        [0.631, 0.7417, 0.8162, 0.8534]

    Each column is an age, such as month 3, or a bracket of ages, such as days 4 to 7. The age of the acquisition is 0.

    Attributes:
        size: The members.
        observed: For each column, the members for whom it is over: the denominators.
        active: Those of them who were active in the column.
        active_later: Those of them who were active in the column or later, as far as it is known.
        lookalikes: Members whose id is given as a text and as another type, such as "7" and 7, so that each counts as
            two; `cautions` says so.
        revenue: What the observed members spent in the column, less refunds; empty without purchases.
        first_revenue: What the same members spent at age 0; empty without purchases.
        ages: The first and the last age of each column.
        step: The unit of the age.
        age_rule: How the age is counted.

    Raises:
        InconsistentCountsError: The counts contradict one another.
        InvalidValueError: A column ends before it begins.

    Source: the usual cohort analysis. Survival and retention rate of a cohort are those of P. Fader and B. Hardie, "How
    to Project Customer Retention", Journal of Interactive Marketing 21(1), 2007.
    """

    size: int = 0
    observed: tuple[int, ...] = attrs.field(default=(), converter=several)
    active: tuple[int, ...] = attrs.field(default=(), converter=several)
    active_later: tuple[int, ...] = attrs.field(default=(), converter=several)
    lookalikes: int = 0
    revenue: tuple[Money, ...] = attrs.field(default=(), converter=several)
    first_revenue: tuple[Money, ...] = attrs.field(default=(), converter=several)
    ages: tuple[tuple[int, int], ...] = attrs.field(default=(), converter=several, metadata=POLICY)
    step: TimeUnit = attrs.field(default=TimeUnit.MONTH, metadata=POLICY)
    age_rule: AgeRule = attrs.field(default=AgeRule.CALENDAR, metadata=POLICY)

    def _check(self) -> None:
        super()._check()
        for place, (first, last) in enumerate(self.ages):
            if last < first:
                raise InvalidValueError(
                    "bracket_ends_before_it_begins",
                    f"ages must not end before they begin, got {first} to {last}",
                    field="ages",
                    record=place,
                    operands=(first, last),
                )
        columns = len(self.ages)
        for name, least in (
            ("observed", columns),
            ("active", columns),
            ("active_later", columns),
            ("revenue", 0),
            ("first_revenue", len(self.revenue)),
        ):
            if len(getattr(self, name)) not in {columns, least}:
                raise InconsistentCountsError(
                    "columns_of_a_cohort_differ",
                    f"{name} must have a count for each of the ages, got {len(getattr(self, name))} for {columns}",
                    field=name,
                    operands=(len(getattr(self, name)), columns),
                )
        for place, counts in enumerate(zip(self.active, self.active_later, self.observed, strict=True)):
            if not counts[0] <= counts[1] <= counts[2] <= self.size:
                raise InconsistentCountsError(
                    "cohort_counts_contradict",
                    "active must be at most active_later, that at most observed, and that at most size, got "
                    f"{', '.join(map(str, counts))} of {self.size}",
                    field="active",
                    record=place,
                    operands=(*counts, self.size),
                )

    @classmethod
    def from_counts(cls, counts: Iterable[int], /, *, step: TimeUnit = TimeUnit.YEAR) -> Self:
        """Build a cohort whose members never return once they are gone, from the number left at age 0, 1, 2, ...

        Examples:
            >>> from crmcore import Cohort
            >>> Cohort.from_counts([1000, 631, 468]).churn_rates
            (Decimal('0.369'), Decimal('0.2583201267828843106180665610142631'))

        Args:
            counts: The members left, none more than the one before.
            step: The unit of the age.

        Raises:
            InconsistentCountsError: There are more members at an age than before.
        """
        left = [
            checks.as_count(count, f"counts[{age}]") for age, count in enumerate(checks.iterate_items(counts, "counts"))
        ]
        size = left[0] if left else 0
        for age, (before, after) in enumerate(pairwise(left)):
            if after > before:
                raise InconsistentCountsError(
                    "cohort_grows",
                    f"counts must not grow, got {after} after {before}",
                    field="counts",
                    advice="members who return are counted by Cohort.by",
                    record=age + 1,
                    operands=(before, after),
                )
        return cls(
            size=size,
            observed=[size] * len(left),
            active=left,
            active_later=left,
            ages=[(age, age) for age in range(len(left))],
            step=step,
        )

    @overload
    @classmethod
    def by(
        cls,
        activity: Iterable[tuple[Id, datetime]],
        key: None = None,
        /,
        *,
        as_of: datetime,
        acquired: Mapping[_I, datetime] | None = None,
        ages: Ages = 12,
        step: TimeUnit = TimeUnit.MONTH,
        age_rule: AgeRule = AgeRule.CALENDAR,
        tz: tzinfo = UTC,
    ) -> TallyBy[str, Self]: ...
    @overload
    @classmethod
    def by(
        cls,
        activity: Iterable[tuple[Id, datetime]],
        key: Callable[[Id], _K],
        /,
        *,
        as_of: datetime,
        acquired: Mapping[_I, datetime] | None = None,
        ages: Ages = 12,
        step: TimeUnit = TimeUnit.MONTH,
        age_rule: AgeRule = AgeRule.CALENDAR,
        tz: tzinfo = UTC,
    ) -> TallyBy[_K, Self]: ...
    @classmethod
    def by(
        cls,
        activity: Iterable[tuple[Id, datetime]],
        key: Callable[[Id], Any] | None = None,
        /,
        *,
        as_of: datetime,
        acquired: Mapping[_I, datetime] | None = None,
        ages: Ages = 12,
        step: TimeUnit = TimeUnit.MONTH,
        age_rule: AgeRule = AgeRule.CALENDAR,
        tz: tzinfo = UTC,
    ) -> TallyBy[Any, Self]:
        """Count the members of each cohort who were active at each age, in a single pass; the order does not matter.

        Examples:
            >>> from crmcore import Cohort, TimeUnit, instant
            >>> days = {"u1": [0, 1, 2, 7], "u2": [0, 3], "u3": [0, 1, 7, 8], "u4": [0]}
            >>> visits = [(who, instant(f"2026-03-{day + 1:02}")) for who, active in days.items() for day in active]
            >>> march = Cohort.by(visits, as_of=instant("2026-04-01"), ages=[0, 1, 3, (4, 7)], step=TimeUnit.DAY)
            >>> march["2026-03"].rates
            (Decimal('1'), Decimal('0.5'), Decimal('0.25'), Decimal('0.5'))

        Args:
            activity: Customers and the instants at which they were active, in any order and as often as it was.
            key: The cohort of a customer, such as their source or segment; by default the month of the acquisition in
                `tz`, as ``2026-03``.
            as_of: The reference date, up to which all activity is known.
            acquired: When each member was acquired. Without it, the first activity is the acquisition.
            ages: The last age, or the ages, each a number or a bracket of the first and the last.
            step: The unit of the age.
            age_rule: How the age is counted; a month needs the calendar.
            tz: The zone of the calendar.

        Raises:
            InvalidValueError: Activity or an acquisition lies after `as_of`, activity lies before the acquisition or is
                of a customer without one, or there are no windows of 24 hours in the step.
        """
        activity_ = Activity(Ruler.of(as_of, ages, step, age_rule, tz), acquired, "activity")
        activity_.add_pairs(activity)
        return cls._count(activity_, key)

    @overload
    @classmethod
    def by_purchases(
        cls,
        purchases: Iterable[Purchase],
        key: None = None,
        /,
        *,
        as_of: datetime,
        acquired: Mapping[_I, datetime] | None = None,
        ages: Ages = 12,
        step: TimeUnit = TimeUnit.MONTH,
        age_rule: AgeRule = AgeRule.CALENDAR,
        tz: tzinfo = UTC,
    ) -> TallyBy[str, Self]: ...
    @overload
    @classmethod
    def by_purchases(
        cls,
        purchases: Iterable[Purchase],
        key: Callable[[Id], _K],
        /,
        *,
        as_of: datetime,
        acquired: Mapping[_I, datetime] | None = None,
        ages: Ages = 12,
        step: TimeUnit = TimeUnit.MONTH,
        age_rule: AgeRule = AgeRule.CALENDAR,
        tz: tzinfo = UTC,
    ) -> TallyBy[_K, Self]: ...
    @classmethod
    def by_purchases(
        cls,
        purchases: Iterable[Purchase],
        key: Callable[[Id], Any] | None = None,
        /,
        *,
        as_of: datetime,
        acquired: Mapping[_I, datetime] | None = None,
        ages: Ages = 12,
        step: TimeUnit = TimeUnit.MONTH,
        age_rule: AgeRule = AgeRule.CALENDAR,
        tz: tzinfo = UTC,
    ) -> TallyBy[Any, Self]:
        """Count the members who bought at each age as `by` does, and what they spent.

        A refund is no activity, and lowers the revenue of its own age.

        Examples:
            >>> from crmcore import Cohort, Money, Purchase, instant
            >>> bought = [
            ...     Purchase(customer_id=who, at=instant(day), amount=Money(amount, "EUR"))
            ...     for who, day, amount in [("a", "2026-01-05", 40), ("a", "2026-02-07", 30), ("b", "2026-01-20", 10)]
            ... ]
            >>> january = Cohort.by_purchases(bought, as_of=instant("2026-03-01"), ages=1)["2026-01"]
            >>> january.rates[1], january.revenue_rates[1]
            (Decimal('0.5'), Decimal('0.6'))

        Args:
            purchases: The purchases, in one currency.
            key: The cohort of a customer, as in `by`.
            as_of: The reference date, up to which all purchases are known.
            acquired: When each member was acquired. Without it, the first purchase is the acquisition.
            ages: The last age, or the ages, as in `by`.
            step: The unit of the age.
            age_rule: How the age is counted.
            tz: The zone of the calendar.

        Raises:
            CurrencyMismatchError: The purchases are in two currencies.
            InvalidValueError: As in `by`.
        """
        bought = Activity(Ruler.of(as_of, ages, step, age_rule, tz), acquired, "purchases")
        spent = bought.add_purchases(purchases)
        return cls._count(bought, key, spent)

    @classmethod
    def _count(
        cls, activity: Activity, key: Callable[[Id], Any] | None, spent: Spending | None = None
    ) -> TallyBy[Any, Self]:
        """Count the members of each cohort."""
        if key is not None:
            checks.check_callable(key, "key", "lambda customer_id: source_of[customer_id]")
        rows = sum_cohorts(activity, key, spent)
        order = sorted(rows) if key is None else rows
        currency = None if spent is None else spent.currency
        return TallyBy({group: cls._build(activity.ruler, rows[group], currency) for group in order})

    @classmethod
    def _build(cls, ruler: Ruler, sums: Sums, currency: str | None) -> Self:
        revenue, first = (
            () if currency is None else [build_money(amount, currency) for amount in amounts]
            for amounts in (sums.spent, sums.first)
        )
        return cls(
            size=sums.size,
            observed=sums.observed,
            active=sums.active,
            active_later=sums.later,
            lookalikes=sums.lookalikes,
            revenue=revenue,
            first_revenue=first,
            ages=ruler.ages,
            step=ruler.step,
            age_rule=ruler.rule,
        )

    def rates_by(self, reading: CohortReading) -> tuple[Decimal | None, ...]:
        """Return the retention at each age; None for one that no member has reached.

        Without members who are not observed yet, that of `CohortReading.ON_OR_AFTER` never rises; that of
        `CohortReading.ON` may.

        Args:
            reading: Who counts as retained.
        """
        is_on = checks.as_member(reading, CohortReading, "reading") is CohortReading.ON
        return tuple(map(ratio, self.active if is_on else self.active_later, self.observed))

    @property
    def rates(self) -> tuple[Decimal | None, ...]:
        """The share of the observed members who were active in each column, ``active / observed``."""
        return self.rates_by(CohortReading.ON)

    @property
    def revenue_rates(self) -> tuple[Decimal | None, ...]:
        """What the observed members spent in each column, as a share of what they spent at age 0."""
        return tuple(spent.ratio_to(first) for spent, first in zip(self.revenue, self.first_revenue, strict=True))

    @property
    def step_rates(self) -> tuple[Decimal | None, ...]:
        """The share of those active in a column who are so in the next; None if other members are observed there."""
        return tuple(
            ratio(after, before) if old == new else None
            for before, after, old, new in zip(
                self.active, self.active[1:], self.observed, self.observed[1:], strict=False
            )
        )

    @property
    def churn_rates(self) -> tuple[Decimal | None, ...]:
        """The share of those active in a column who are not active in the next, ``1 - step_rates``."""
        return tuple(
            ratio(before - after, before) if old == new else None
            for before, after, old, new in zip(
                self.active, self.active[1:], self.observed, self.observed[1:], strict=False
            )
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each column, such as ``3`` or ``4-7``."""
        return tuple(str(first) if first == last else f"{first}-{last}" for first, last in self.ages)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """A caution if some members have an id both as a text and as another type."""
        return caution_of(self.lookalikes)

    def explain(self) -> Explanation:
        """Return the counts and the rate of each column, line by line, each rate with its formula."""
        lines: list[Term] = [term("size", self.size, "members")]
        for name, active, observed, rate in zip(self.names, self.active, self.observed, self.rates, strict=True):
            place = name.replace("-", "_to_")
            lines += [
                term(f"active_{place}", active, "members"),
                term(f"observed_{place}", observed, "members"),
                term(f"rate_{place}", rate, "", f"active_{place} / observed_{place}"),
            ]
        return Explanation(lines, cautions=self.cautions)
