"""Inactivity: who still buys, who is at risk and who has stopped, in businesses without contracts.

`Inactivity` counts customers by the time since their last purchase. `purchase_gaps` and `inactivity_threshold` derive
from past purchases how long an ordinary gap is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from itertools import pairwise
from operator import attrgetter
from typing import Final, Self, TypeVar, cast

import attrs

from crmcore.model.purchase import Purchase
from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import EXACT, ONE, ZERO, plain_repr, ratio
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, term, term_in_days
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import note_groups
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import by_utc, in_utc
from crmcore.primitives.tally import POLICY, Tally, TallyBy, check_counts

__all__ = [
    "Activeness",
    "Inactivity",
    "InactivityThreshold",
    "PercentileMethod",
    "inactivity_threshold",
    "purchase_gaps",
    "status_of",
]

_K = TypeVar("_K", bound=Hashable)
_I = TypeVar("_I", bound="Inactivity")

_customer: Final = attrgetter("customer_id")
_LONG: Final = 10**9


class Activeness(StrEnum):
    """Whether a customer without a contract still buys, judged by his silence.

    Attributes:
        ACTIVE: He bought a short while ago.
        AT_RISK: He has been silent for longer than active customers are.
        CHURNED: He has been silent for so long that he counts as gone.
    """

    ACTIVE = "active"
    AT_RISK = "at_risk"
    CHURNED = "churned"


@attrs.frozen(kw_only=True)
class Inactivity(Tally):
    """Adds over disjoint customers judged on one day: who still buys, who is at risk, who has fallen silent.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import Money, instant
        >>> purchases = [
        ...     Purchase(customer_id=who, at=instant(day), amount=Money(10, "USD"))
        ...     for who, day in [("a", "1997-01-05"), ("b", "1998-05-01"), ("a", "1997-03-01"), ("c", "1997-02-02")]
        ... ]
        >>> silence = Inactivity.of(purchases, as_of=instant("1998-06-30"), churned_after=timedelta(days=180))
        >>> silence.active, silence.churned, silence.rate
        (1, 2, Decimal('0.6666666666666666666666666666666667'))

    The silence that counts as gone is a choice, never a fact: state it with the result. Those who bought once and never
    again are among the silent. A refund is no sign of life: one whose records hold purchases is judged by those, one
    known by refunds alone by the last of them. Whoever never bought is in no purchase and so in no count. Silence is
    elapsed time, to the second; a day counts whole when judged at its end, ``Period.day(day, tz=...).end``.

    Attributes:
        active: Customers whose silence is shorter than both limits.
        at_risk: Customers silent for `at_risk_after` or longer, not yet for `churned_after`.
        churned: Customers silent for `churned_after` or longer.
        as_of: The day of judgement.
        churned_after: The silence from which a customer counts as gone.
        at_risk_after: The silence from which a customer counts as at risk.

    Source: a custom of retail analytics, no theorem; both limits hold from equality on.
    """

    ratios = ("customers", "rate")

    active: int = 0
    at_risk: int = 0
    churned: int = 0
    as_of: datetime | None = attrs.field(default=None, eq=by_utc, metadata=POLICY)
    churned_after: timedelta | None = attrs.field(default=None, metadata=POLICY)
    at_risk_after: timedelta | None = attrs.field(default=None, metadata=POLICY)

    def __attrs_post_init__(self) -> None:
        check_counts(self, "active", "at_risk", "churned")
        if self.as_of is not None:
            checks.as_instant(self.as_of, "as_of")
        for name in ("churned_after", "at_risk_after"):
            if getattr(self, name) is not None:
                checks.as_duration(getattr(self, name), name)
        if self.churned_after is not None and self.at_risk_after is not None:
            _in_order(self.churned_after, self.at_risk_after)

    @classmethod
    def of(
        cls,
        purchases: Iterable[Purchase],
        /,
        *,
        as_of: datetime,
        churned_after: timedelta,
        at_risk_after: timedelta | None = None,
    ) -> Self:
        """Judge every customer by his last purchase, in one pass and any order.

        Args:
            purchases: All purchases of the customers in question.
            as_of: The day of judgement; a purchase after it is an error.
            churned_after: The silence from which a customer counts as gone.
            at_risk_after: The shorter silence from which he counts as at risk; without it nobody does.

        Raises:
            InvalidValueError: A purchase lies after `as_of`, or `at_risk_after` is not below `churned_after`.
            NaiveInstantError: `as_of` has no time zone.
            WrongTypeError: An item is no `Purchase`, or a value has the wrong type.
        """
        statuses = status_of(purchases, as_of=as_of, churned_after=churned_after, at_risk_after=at_risk_after)
        return _tallied(cls, statuses.values(), as_of, churned_after, at_risk_after)

    @classmethod
    def by(
        cls,
        purchases: Iterable[Purchase],
        key: Callable[[Purchase], _K],
        /,
        *,
        as_of: datetime,
        churned_after: timedelta,
        at_risk_after: timedelta | None = None,
    ) -> TallyBy[_K, Self]:
        """Judge as `of` does, apart by a key that is the same for all purchases of a customer.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import Money, instant
            >>> segment = {"a": "gift", "b": "regular"}
            >>> purchases = [
            ...     Purchase(customer_id=who, at=instant(day), amount=Money(10, "USD"))
            ...     for who, day in [("a", "1997-01-05"), ("b", "1998-05-01")]
            ... ]
            >>> by = Inactivity.by(
            ...     purchases,
            ...     lambda p: segment[p.customer_id],
            ...     as_of=instant("1998-06-30"),
            ...     churned_after=timedelta(days=180),
            ... )
            >>> {name: silence.rate for name, silence in by.items()}
            {'gift': Decimal('1'), 'regular': Decimal('0')}

        Raises:
            InconsistentCountsError: A customer has purchases under two keys and would count twice.
            InvalidValueError: As for `of`.
            WrongTypeError: As for `of`.
        """
        group_of: dict[Id | None, _K] = {}
        noted = note_groups(
            purchases,
            key,
            Purchase,
            "purchases",
            "lambda purchase: segment_of[purchase.customer_id]",
            groups=group_of,
            owner=_customer,
        )
        statuses = status_of(noted, as_of=as_of, churned_after=churned_after, at_risk_after=at_risk_after)
        members: dict[_K, list[Activeness]] = {}
        for customer_id, status in statuses.items():
            members.setdefault(group_of[customer_id], []).append(status)
        return TallyBy(
            {group: _tallied(cls, found, as_of, churned_after, at_risk_after) for group, found in members.items()}
        )

    @property
    def customers(self) -> int:
        """Everybody judged."""
        return self.active + self.at_risk + self.churned

    @property
    def rate(self) -> Decimal | None:
        """The share of customers gone silent, ``churned / customers``; None of nobody."""
        return ratio(self.churned, self.customers)

    def explain(self) -> Explanation:
        """How the rate comes about, line by line."""
        limits = [
            term_in_days(name, getattr(self, name), self.as_of)
            for name in ("at_risk_after", "churned_after")
            if getattr(self, name) is not None
        ]
        return Explanation(
            (
                *limits,
                term("active", self.active, "customers"),
                term("at_risk", self.at_risk, "customers"),
                term("churned", self.churned, "customers"),
                term("customers", self.customers, "customers", "active + at_risk + churned"),
                term("rate", self.rate, "", "churned / customers"),
            )
        )


def status_of(
    purchases: Iterable[Purchase],
    /,
    *,
    as_of: datetime,
    churned_after: timedelta,
    at_risk_after: timedelta | None = None,
) -> dict[Id, Activeness]:
    """Each customer's activeness, judged by his last purchase; arguments and errors as for `Inactivity.of`.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import Money, instant
        >>> bought = Purchase(customer_id="a", at=instant("2026-01-01"), amount=Money(10, "USD"))
        >>> status_of(
        ...     [bought],
        ...     as_of=instant("2026-03-01"),
        ...     churned_after=timedelta(days=60),
        ...     at_risk_after=timedelta(days=30),
        ... )
        {'a': <Activeness.AT_RISK: 'at_risk'>}
    """
    day = in_utc(checks.as_instant(as_of, "as_of"))
    gone = checks.as_duration(churned_after, "churned_after")
    risk = gone if at_risk_after is None else checks.as_duration(at_risk_after, "at_risk_after")
    if at_risk_after is not None:
        _in_order(gone, risk)
    statuses: dict[Id, Activeness] = {}
    for customer_id, last in _last_purchases(purchases).items():
        silence = day - last
        if silence < timedelta(0):
            raise InvalidValueError(
                f"a purchase lies after as_of, {show(last)} after {show(day)}; "
                f"leave it out, or judge at the end of the day with Period.day(day, tz=...).end",
                last,
                day,
            )
        if silence >= gone:
            statuses[customer_id] = Activeness.CHURNED
        elif silence >= risk:
            statuses[customer_id] = Activeness.AT_RISK
        else:
            statuses[customer_id] = Activeness.ACTIVE
    return statuses


def _last_purchases(purchases: Iterable[Purchase]) -> dict[Id, datetime]:
    """When each customer last bought, or, known by refunds alone, was last paid back."""
    bought: dict[Id, datetime] = {}
    refunded: dict[Id, datetime] = {}
    for purchase in checks.iterate(purchases, "purchases", "Purchase"):
        if not isinstance(purchase, Purchase):
            checks.as_instance(purchase, Purchase, "every item")
        who, at = purchase.customer_id, in_utc(purchase.at)
        if purchase.amount.amount < 0:
            bought.setdefault(who, _clock.EARLIEST)
            refunded[who] = max(at, refunded.get(who, at))
        elif at > bought.get(who, _clock.EARLIEST):
            bought[who] = at
    return {who: refunded[who] if at is _clock.EARLIEST else at for who, at in bought.items()}


def _tallied(
    cls: type[_I],
    statuses: Iterable[Activeness],
    as_of: datetime,
    churned_after: timedelta,
    at_risk_after: timedelta | None,
) -> _I:
    found = list(statuses)
    return cls(
        active=found.count(Activeness.ACTIVE),
        at_risk=found.count(Activeness.AT_RISK),
        churned=found.count(Activeness.CHURNED),
        as_of=as_of,
        churned_after=churned_after,
        at_risk_after=at_risk_after,
    )


def _in_order(churned_after: timedelta, at_risk_after: timedelta) -> None:
    if at_risk_after >= churned_after:
        raise InvalidValueError(
            f"at_risk_after must be shorter than churned_after, got {show(at_risk_after)} and {show(churned_after)}",
            at_risk_after,
            churned_after,
        )


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
    checks.as_zone(tz)
    days: dict[Id, set[int]] = {}
    for purchase in checks.iterate(purchases, "purchases", "Purchase"):
        if checks.as_instance(purchase, Purchase, "every item").amount.amount < 0:
            continue
        at = purchase.at
        if at.tzinfo is not tz:
            try:
                at = at.astimezone(UTC).astimezone(tz)
            except OverflowError:
                raise InvalidValueError(f"the calendar of tz has no day for {show(at)}", at) from None
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
    percentile: Decimal = attrs.field(converter=checks.fraction, repr=plain_repr)
    method: PercentileMethod = PercentileMethod.NEAREST_RANK
    gaps: int
    customers: int | None = None
    without_gaps: int | None = None

    def __attrs_post_init__(self) -> None:
        if self.value is not None:
            checks.set_field(self, "value", checks.as_non_negative(self.value, "value"))
        checks.set_field(self, "percentile", checks.as_share(self.percentile, "percentile"))
        checks.as_member(self.method, PercentileMethod, "method")
        checks.set_field(self, "gaps", checks.as_count(self.gaps, "gaps"))
        if (self.value is None) is not (self.gaps == 0):
            raise InconsistentCountsError(f"a value needs gaps, and gaps make one; got {self.gaps} gaps", self.gaps)
        for name in ("customers", "without_gaps"):
            if getattr(self, name) is not None:
                checks.set_field(self, name, checks.as_count(getattr(self, name), name))
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
        microseconds = EXACT.multiply(self.value, _clock.MICROSECONDS_A_DAY).to_integral_value(ROUND_CEILING, EXACT)
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
    share = checks.as_share(percentile, "percentile")
    checks.as_member(method, PercentileMethod, "method")
    customers = without_gaps = None
    if isinstance(gaps, Mapping):
        lists = cast("Mapping[Id, Iterable[Decimal | int | str]]", gaps).values()
        by_customer = [list(checks.iterate(one, "the gaps of each customer", "gap")) for one in lists]
        customers, without_gaps = len(by_customer), by_customer.count([])
        pooled = [gap for one in by_customer for gap in one]
    else:
        pooled = list(checks.iterate(gaps, "gaps", "gap"))
    days = sorted(
        gap if type(gap) is int and 0 <= gap < _LONG else checks.as_non_negative(gap, "each of gaps") for gap in pooled
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
