"""How long customers are silent between two purchases, and from where on a silence is unusual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, timedelta, tzinfo
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final, cast

import attrs

from crmcore.model.customer import Id
from crmcore.model.purchase import Purchase
from crmcore.primitives import _entry
from crmcore.primitives._decimals import EXACT, ONE, ZERO, plain_repr
from crmcore.primitives._entry import shown
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError, WrongTypeError
from crmcore.primitives.explanation import Explanation
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.tally import term

__all__ = ["InactivityThreshold", "PercentileMethod", "inactivity_threshold", "purchase_gaps"]

_LONG: Final = 10**9
_MICROSECONDS_A_DAY: Final = 86_400_000_000


class PercentileMethod(StrEnum):
    """How a percentile of a few numbers is read; on few gaps the methods differ by days.

    Attributes:
        NEAREST_RANK: The smallest gap that at least so many of them do not exceed: always a gap that occurred.
        LINEAR: Between the two gaps beside it, in proportion: what spreadsheets and NumPy do by default.

    Source: Hyndman and Fan 1996, Sample Quantiles in Statistical Packages, Amer. Statistician 50:361-365 (their types 1
    and 7).
    """

    NEAREST_RANK = "nearest_rank"
    LINEAR = "linear"


def purchase_gaps(purchases: Iterable[Purchase], /, *, tz: tzinfo = UTC) -> dict[Id, tuple[int, ...]]:
    """The days between each customer's purchases, in order of time; several on one day are one.

    Who bought on one day only has no gap, and stands there with none. Refunds are passed over.

    Examples:
        >>> from crmcore import Money, instant
        >>> bought = [
        ...     Purchase(customer_id=who, at=instant(day), amount=Money(5, "EUR"))
        ...     for who, day in [
        ...         ("a", "2024-01-01"),
        ...         ("a", "2024-03-01"),
        ...         ("a", "2024-01-31"),
        ...         ("a", "2024-01-31T18:00"),
        ...         ("b", "2024-02-05"),
        ...     ]
        ... ]
        >>> purchase_gaps(bought)
        {'a': (30, 30), 'b': ()}

    Args:
        purchases: All purchases of the customers in question, in any order.
        tz: The zone whose calendar says what a day is.

    Raises:
        InvalidValueError: The calendar of the zone ends before a purchase can be placed in it.
        WrongTypeError: An item is no `Purchase`, or `tz` no tzinfo.
    """
    if not isinstance(tz, tzinfo):
        raise WrongTypeError(f"tz must be a tzinfo such as zoneinfo.ZoneInfo('Europe/Riga'), got {shown(tz)}", "tz")
    days: dict[Id, set[int]] = {}
    for purchase in _entry.each(purchases, "purchases", "Purchase"):
        if _entry.of_type(purchase, Purchase, "every item").amount.amount < 0:
            continue
        at = purchase.at
        if at.tzinfo is not tz:
            try:
                at = at.astimezone(UTC).astimezone(tz)
            except OverflowError:
                raise InvalidValueError(f"the calendar of tz has no day for {shown(at)}", at) from None
        days.setdefault(purchase.customer_id, set()).add(at.toordinal())
    return {who: tuple(late - early for early, late in pairwise(sorted(on))) for who, on in days.items()}


@attrs.frozen(kw_only=True)
class InactivityThreshold:
    """The silence that so large a share of the gaps between purchases do not exceed.

    Examples:
        >>> threshold = inactivity_threshold({"a": (30, 30), "b": (), "c": (7,)}, percentile="0.9")
        >>> threshold.value, threshold.silence
        (Decimal('30'), datetime.timedelta(days=30))
        >>> [finding.rule for finding in threshold.cautions]
        ['censored_gaps', 'no_gap_of_their_own']

    Attributes:
        value: Days; None where there are no gaps.
        percentile: The share, 0 to 1.
        method: How the percentile is read.
        gaps: How many gaps there are.
        customers: How many customers; None where only gaps were given.
        without_gaps: How many of them bought on one day only; None where only gaps were given.

    Raises:
        InconsistentCountsError: More customers without gaps than customers, or a value without gaps.
        InvalidValueError: A number outside its domain.
    """

    value: Decimal | None = attrs.field(repr=plain_repr)
    percentile: Decimal = attrs.field(converter=_entry.fraction, repr=plain_repr)
    method: PercentileMethod = PercentileMethod.NEAREST_RANK
    gaps: int
    customers: int | None = None
    without_gaps: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.value is not None:
            _entry.replace(self, "value", _entry.non_negative(self.value, "value"))
        _entry.replace(self, "percentile", _entry.share(self.percentile, "percentile"))
        _entry.member(self.method, PercentileMethod, "method")
        _entry.replace(self, "gaps", _entry.count(self.gaps, "gaps"))
        if (self.value is None) is not (self.gaps == 0):
            raise InconsistentCountsError(f"a value needs gaps, and gaps make one; got {self.gaps} gaps", self.gaps)
        for name in ("customers", "without_gaps"):
            if getattr(self, name) is not None:
                _entry.replace(self, name, _entry.count(getattr(self, name), name))
        if (self.customers is None) is not (self.without_gaps is None):
            raise InconsistentCountsError("customers and without_gaps are known together or not at all")
        if self.customers is not None and self.without_gaps is not None and self.without_gaps > self.customers:
            raise InconsistentCountsError(
                f"without_gaps must be at most customers, got {self.without_gaps} of {self.customers}",
                self.without_gaps,
                self.customers,
            )

    @property
    def silence(self) -> timedelta | None:
        """The value as `Inactivity.of` and `Churn.of_purchases` take it, rounded up to a microsecond.

        None where there are no gaps, and where the value is nought: no silence is shorter.
        """
        if not self.value:
            return None
        microseconds = EXACT.multiply(self.value, _MICROSECONDS_A_DAY).to_integral_value(ROUND_CEILING, EXACT)
        try:
            return timedelta(microseconds=int(microseconds))
        except OverflowError:
            return None

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """What the value leans on."""
        found: list[Finding] = []
        if self.gaps:
            found.append(
                Finding(
                    rule="censored_gaps",
                    severity=Severity.WARNING,
                    message="the silences that still last are no gaps yet, and they are the longest: the value is low",
                    advice="take it as a lower bound, and see how many come back after it",
                    evidence=[("gaps", self.gaps)],
                )
            )
        else:
            found.append(
                Finding(
                    rule="no_gaps",
                    severity=Severity.WARNING,
                    message="nobody bought on two days, so that no silence is known to be usual",
                    advice="take a value pooled over more customers, and say so, or state one of your own",
                )
            )
        if self.customers is not None and self.without_gaps:
            found.append(
                Finding(
                    rule="no_gap_of_their_own",
                    severity=Severity.INFO,
                    message="some customers bought on one day only: the value is that of the others",
                    advice="judge them apart, or say that they are judged by others' habits",
                    evidence=[("customers", self.customers), ("bought on one day only", self.without_gaps)],
                )
            )
        return tuple(found)

    def explain(self) -> Explanation:
        """How the value comes about, line by line; the gaps themselves are not kept."""
        place = (
            "max(1, ceil(percentile * gaps))"
            if self.method is PercentileMethod.NEAREST_RANK
            else "1 + percentile * (gaps - 1)"
        )
        return Explanation(
            (
                term("percentile", self.percentile),
                term("gaps", self.gaps, "gaps"),
                *(
                    []
                    if self.value is None
                    else [term("place", _place(self.percentile, self.gaps, self.method), "th gap", place)]
                ),
                term("value", self.value, "days"),
            ),
            source="Hyndman and Fan 1996, Amer. Statistician 50:361-365",
        )


def inactivity_threshold(
    gaps: Mapping[Id, Iterable[Decimal | int | str]] | Iterable[Decimal | int | str],
    /,
    *,
    percentile: Decimal | int | str | float,
    method: PercentileMethod = PercentileMethod.NEAREST_RANK,
) -> InactivityThreshold:
    """The silence from which a customer without a contract is unusual: a percentile of the gaps between purchases.

    Take what `purchase_gaps` returns for a value pooled over all customers, in which those who buy often weigh more,
    or one customer's gaps for a value of his own. Which percentile is a choice, never a fact: tools take from 0.8 to
    0.95 for gone, and 0.4 for at risk.

    Examples:
        >>> gaps = [7, 14, 21, 29, 30, 31, 31, 47, 60, 90]
        >>> inactivity_threshold(gaps, percentile="0.4").value, inactivity_threshold(gaps, percentile="0.8").value
        (Decimal('29'), Decimal('47'))
        >>> inactivity_threshold(gaps, percentile="0.8", method=PercentileMethod.LINEAR).value
        Decimal('49.6')

    Args:
        gaps: Days, by customer or all together.
        percentile: Which share of the gaps is not to exceed the value, 0 to 1.
        method: How the percentile is read.

    Raises:
        InvalidValueError: The percentile is outside 0 to 1, or a gap below nought.
        WrongTypeError: A gap is no number, or a value has the wrong type.

    Source: a custom of retail analytics, no theorem. The method is Hyndman and Fan's, see `PercentileMethod`.
    """
    share = _entry.share(percentile, "percentile")
    _entry.member(method, PercentileMethod, "method")
    customers = without_gaps = None
    if isinstance(gaps, Mapping):
        lists = cast("Mapping[Id, Iterable[Decimal | int | str]]", gaps).values()
        by_customer = [list(_entry.each(one, "the gaps of each customer", "gap")) for one in lists]
        customers, without_gaps = len(by_customer), by_customer.count([])
        pooled = [gap for one in by_customer for gap in one]
    else:
        pooled = list(_entry.each(gaps, "gaps", "gap"))
    days = sorted(
        gap if type(gap) is int and 0 <= gap < _LONG else _entry.non_negative(gap, "each of gaps") for gap in pooled
    )
    return InactivityThreshold(
        value=_percentile(days, share, method) if days else None,
        percentile=share,
        method=method,
        gaps=len(days),
        customers=customers,
        without_gaps=without_gaps,
    )


def _place(percentile: Decimal, gaps: int, method: PercentileMethod) -> Decimal:
    """Where in the sorted gaps the percentile lies, the first being 1."""
    if method is PercentileMethod.NEAREST_RANK:
        return EXACT.max(ONE, EXACT.multiply(percentile, gaps).to_integral_value(ROUND_CEILING, EXACT))
    return EXACT.add(ONE, EXACT.multiply(percentile, gaps - 1))


def _percentile(days: Sequence[Decimal | int], percentile: Decimal, method: PercentileMethod) -> Decimal:
    place = _place(percentile, len(days), method)
    below = int(place.to_integral_value(ROUND_FLOOR, EXACT))
    part = EXACT.subtract(place, below)
    low = Decimal(days[below - 1])
    if not part:
        return low
    return EXACT.add(EXACT.add(low, EXACT.multiply(part, EXACT.subtract(days[below], low))), ZERO)
