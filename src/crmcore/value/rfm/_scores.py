"""Grades of customers by quantiles."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated, Any

import attrs

from crmcore.primitives import checks
from crmcore.primitives._decimals import sums_by
from crmcore.primitives._results import Result, as_plain_row
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InvalidValueError
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.ids import Id
from crmcore.primitives.money import Money, build_money, same_currency
from crmcore.primitives.record import between, several
from crmcore.primitives.tally import TallyBy
from crmcore.value.lifetime_value import SegmentValue, ValueMix
from crmcore.value.rfm._segments import PUBLISHED_SEGMENTS, SegmentTable
from crmcore.value.rfm._summary import PurchaseSummary

__all__ = ["RfmScore", "RfmScores", "quantile_scores"]

_DIMENSIONS = ("recency", "frequency", "monetary")


def quantile_scores(
    values: Iterable[Decimal | int | str], /, *, quantiles: int = 5, higher_is_better: bool = True
) -> tuple[int, ...]:
    """Return the grade of each value, from 1 for the worst to `quantiles` for the best.

    The grade of a value is ``quantiles * worse // n + 1``, with the number of values that are worse than it and the
    number of all values. Equal values therefore have equal grades, the lowest that one of them could have: five equal
    values are all graded 1. With fewer values than quantiles, or with ties, some grades are not given.

    Examples:
        >>> from crmcore.value.rfm import quantile_scores
        >>> quantile_scores([5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560])
        (1, 1, 2, 2, 3, 3, 4, 4, 5, 5)
        >>> quantile_scores([3, 1, 1, 90], higher_is_better=False)
        (2, 3, 3, 1)

    Args:
        values: The values of the customers.
        quantiles: The number of grades, from 2 to 9.
        higher_is_better: Whether the highest value has the best grade. For the time since the last order, it is False.

    Source: Hughes 1994, Strategic Database Marketing, for quintiles. The rule for ties is a choice.
    """
    number = checks.as_whole(quantiles, "quantiles", 2, 9)
    checks.as_instance(higher_is_better, bool, "higher_is_better")
    read = [
        checks.as_decimal(value, f"values[{place}]")
        for place, value in enumerate(checks.iterate(values, "values", "number"))
    ]
    return grade(read, number, higher_is_better=higher_is_better)


def grade(values: Sequence[Any], quantiles: int, *, higher_is_better: bool) -> tuple[int, ...]:
    """Grade checked values of one type."""
    ordered, number = sorted(values), len(values)
    grades: dict[Any, int] = {}
    for value in values:
        if value not in grades:
            worse = bisect_left(ordered, value) if higher_is_better else number - bisect_right(ordered, value)
            grades[value] = quantiles * worse // number + 1
    return tuple(grades[value] for value in values)


@attrs.frozen(kw_only=True)
class RfmScore(Result):
    """The three grades of a customer, from 1 for the worst.

    Examples:
        >>> from crmcore import Money
        >>> from crmcore.value.rfm import RfmScore
        >>> score = RfmScore(customer_id=7, recency=5, frequency=1, monetary=2, spend=Money(30, "EUR"))
        >>> score.cell
        '512'

    Attributes:
        customer_id: The customer.
        recency: The grade of the time since the last order: the customers who bought last have the highest.
        frequency: The grade of the number of orders.
        monetary: The grade of the spend.
        spend: What the customer's orders brought, less refunds.
    """

    ratios = ("cell",)

    customer_id: Id
    recency: Annotated[int, between(1, 9)]
    frequency: Annotated[int, between(1, 9)]
    monetary: Annotated[int, between(1, 9)]
    spend: Money

    @property
    def cell(self) -> str:
        """The three grades side by side, such as 555."""
        return f"{self.recency}{self.frequency}{self.monetary}"


@attrs.frozen(kw_only=True)
class RfmScores(Result):
    """The grades of all customers, with the segments and the cells that they fall into.

    Examples:
        >>> from crmcore import Money
        >>> from crmcore.value.rfm import RfmScore, RfmScores
        >>> graded = RfmScores(
        ...     scores=[
        ...         RfmScore(customer_id="anna", recency=5, frequency=5, monetary=5, spend=Money(900, "EUR")),
        ...         RfmScore(customer_id="bob", recency=1, frequency=1, monetary=1, spend=Money(30, "EUR")),
        ...         RfmScore(customer_id="carl", recency=5, frequency=5, monetary=5, spend=Money(700, "EUR")),
        ...     ]
        ... )
        >>> {name: (segment.customers, segment.value) for name, segment in graded.segments().segments.items()}
        {'champions': (2, Money('800', 'EUR')), 'lost': (1, Money('30', 'EUR'))}
        >>> graded.segment_of()["bob"]
        'lost'

    Attributes:
        scores: The grades of each customer.
        quantiles: The number of grades, from 2 to 9.
        cautions: What to know about the summaries behind the grades, and about the grades.

    Raises:
        CurrencyMismatchError: The spends are in two currencies.
        InvalidValueError: A customer comes twice, or a grade is above `quantiles`.
    """

    ratios = ("customers",)

    scores: tuple[RfmScore, ...] = attrs.field(default=(), converter=several)
    quantiles: Annotated[int, between(2, 9)] = 5
    cautions: tuple[Finding, ...] = attrs.field(default=(), converter=several, eq=frozenset, repr=False)

    def _check(self) -> None:
        super()._check()
        checks.check_unique([score.customer_id for score in self.scores], "scores", "a customer")
        for place, one in enumerate(self.scores):
            same_currency(self.scores[0].spend, one.spend, "scores", place)
            highest = max(one.recency, one.frequency, one.monetary)
            if highest > self.quantiles:
                raise InvalidValueError(
                    "grade_above_quantiles",
                    f"grades must be at most {self.quantiles}, got {show(highest)}",
                    field="scores",
                    operands=(highest, self.quantiles),
                    record=place,
                )
        empty = self._list_empty()
        if empty and not any(finding.rule == "grades_not_given" for finding in self.cautions):
            checks.set_field(self, "cautions", (*self.cautions, _build_caution(empty)))

    def _list_empty(self) -> list[str]:
        """List the grades that no customer has."""
        if not self.scores:
            return []
        wanted = range(1, self.quantiles + 1)
        return [
            f"{name} {number}"
            for name in _DIMENSIONS
            for given in [{getattr(one, name) for one in self.scores}]
            for number in wanted
            if number not in given
        ]

    def _list_rows(self) -> list[dict[str, Any]]:
        return [score.row() for score in self.scores[:50]]

    @property
    def customers(self) -> int:
        """The number of customers."""
        return len(self.scores)

    def rows(self, *, plain: bool = True) -> list[dict[str, Any]]:
        """Return a row for each customer.

        Args:
            plain: Whether cells are floats, whole numbers, texts, booleans or None, as `Tally.row` says.
        """
        checks.as_instance(plain, bool, "plain")
        return [as_plain_row(row, row.row()) if plain else row.row() for row in self.scores]

    def segment_of(self, table: SegmentTable = PUBLISHED_SEGMENTS, /) -> dict[Id, str]:
        """Return the segment of each customer.

        Args:
            table: The table of segments, by default the published one.

        Raises:
            InvalidValueError: The table is for another number of grades.
        """
        self._check_table(table)
        found: dict[str, str] = {}
        for one in self.scores:
            if one.cell not in found:
                found[one.cell] = table.find(one.recency, one.frequency, one.monetary)
        return {one.customer_id: found[one.cell] for one in self.scores}

    def segments(self, table: SegmentTable = PUBLISHED_SEGMENTS, /) -> ValueMix[str]:
        """Return the customers and their spend by segment, in the order of the table, without empty segments.

        Args:
            table: The table of segments, by default the published one.

        Raises:
            InvalidValueError: The table is for another number of grades.
        """
        names = self.segment_of(table)
        groups = _sum_up([names[one.customer_id] for one in self.scores], self.scores)
        return ValueMix(rows=[(name, groups[name]) for name in table.names if name in groups], cautions=self.cautions)

    def grid(self) -> TallyBy[tuple[int, int], SegmentValue]:
        """Return the customers and their spend by the grades of recency and frequency, the picture's two axes."""
        return TallyBy(_sum_up([(one.recency, one.frequency) for one in self.scores], self.scores))

    def _check_table(self, table: SegmentTable) -> None:
        if checks.as_instance(table, SegmentTable, "table").quantiles != self.quantiles:
            raise InvalidValueError(
                "table_for_other_grades",
                f"table must be for {self.quantiles} grades, got one for {table.quantiles}",
                field="table",
                advice=f"score with quantiles={table.quantiles}",
                operands=(self.quantiles, table.quantiles),
            )


def score(summaries: Sequence[PurchaseSummary], quantiles: int) -> list[RfmScore]:
    """Grade summaries of one unit."""
    columns = (
        grade([row.since_last for row in summaries], quantiles, higher_is_better=False),
        grade([row.orders for row in summaries], quantiles, higher_is_better=True),
        grade([row.spend.amount for row in summaries], quantiles, higher_is_better=True),
    )
    return [
        RfmScore(customer_id=row.customer_id, recency=r, frequency=f, monetary=m, spend=row.spend)
        for row, r, f, m in zip(summaries, *columns, strict=True)
    ]


def _sum_up(keys: list[Any], scores: Sequence[RfmScore]) -> dict[Any, SegmentValue]:
    totals = sums_by(keys, [one.spend.amount for one in scores])
    return {
        key: SegmentValue(customers=number, combined=build_money(totals[key], scores[0].spend.currency))
        for key, number in Counter(keys).items()
    }


def _build_caution(empty: list[str]) -> Finding:
    return Finding(
        rule="grades_not_given",
        severity=Severity.WARNING,
        subject="scores",
        message="some grades are given to no customer, because values are equal or customers are few",
        advice="take fewer quantiles, or read the customers with equal values as one group",
        evidence=[("grades", ", ".join(empty))],
    )
