"""Which customers still buy, which are at risk and which are gone, in businesses without contracts.

Such a business does not see a customer leave. It sees only that no purchase follows. The room answers two questions:

- How long is an unusual silence? `purchase_gaps` lists the days between purchases, and `inactivity_threshold` takes a
  percentile of them.
- Who has been silent that long? `status_of` judges each customer at a reference date, and `Inactivity` counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from functools import partial
from itertools import compress, pairwise
from operator import attrgetter
from typing import Annotated, Any, Final, Self, TypeVar, cast

import attrs

from crmcore.model.purchase import OrderRule, Purchase
from crmcore.primitives import _clock, checks
from crmcore.primitives._decimals import EXACT, ONE, ZERO, plain_repr, ratio
from crmcore.primitives._lookalikes import caution_of, count_lookalikes, count_lookalikes_by
from crmcore.primitives._results import Result
from crmcore.primitives.checks import show
from crmcore.primitives.errors import InconsistentCountsError, InvalidValueError
from crmcore.primitives.explanation import Explanation, term, term_in_days
from crmcore.primitives.findings import Finding, Severity
from crmcore.primitives.grouping import KeyGuard, enumerate_once, iterate_once, note_groups
from crmcore.primitives.ids import Id
from crmcore.primitives.periods import by_utc, check_not_after, find_local_day, in_utc
from crmcore.primitives.record import NON_NEGATIVE, SHARE, fraction, maybe_number
from crmcore.primitives.table import Table, as_columns
from crmcore.primitives.tally import POLICY, Tally, TallyBy

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
_PLAIN_GAP: Final = 10**9
_SOURCE: Final = "Hyndman and Fan 1996, Amer. Statistician 50:361-365"


class PercentileMethod(StrEnum):
    """The method by which a percentile is read from numbers; with few gaps the methods differ by days.

    Attributes:
        NEAREST_RANK: The smallest gap that at least the given share of the gaps does not exceed. It is always one of
            the gaps.
        LINEAR: A value between the two nearest gaps, in proportion. Spreadsheets and NumPy do this by default.

    Source: Hyndman and Fan 1996, Sample Quantiles in Statistical Packages, Amer. Statistician 50:361-365 (their types 1
    and 7).
    """

    NEAREST_RANK = "nearest_rank"
    LINEAR = "linear"


def purchase_gaps(
    purchases: Iterable[Purchase], /, *, tz: tzinfo = UTC, order_rule: OrderRule = OrderRule.ONE_A_DAY
) -> dict[Id, tuple[int, ...]]:
    """Return the days between the orders of each customer, in order of time.

    A customer with a single order maps to an empty tuple. Refunds are left out.

    Examples:
        >>> from crmcore import Money, Purchase, instant
        >>> from crmcore.retention.inactivity import purchase_gaps
        >>> purchases = [
        ...     Purchase(customer_id=customer_id, at=instant(day), amount=Money(5, "EUR"))
        ...     for customer_id, day in [
        ...         ("a", "2024-01-01"),
        ...         ("a", "2024-03-01"),
        ...         ("a", "2024-01-31"),
        ...         ("a", "2024-01-31T18:00"),
        ...         ("b", "2024-02-05"),
        ...     ]
        ... ]
        >>> purchase_gaps(purchases)
        {'a': (30, 30), 'b': ()}

    Args:
        purchases: All purchases of the customers, in any order.
        tz: The zone whose calendar defines the days.
        order_rule: Which purchases are one order. By default, those of one day are.

    Raises:
        InvalidValueError: A purchase has no day in the calendar of `tz`, because it lies at the end of the year 9999 or
            the start of the year 1.
    """
    checks.as_zone(tz)
    each = checks.as_member(order_rule, OrderRule, "order_rule") is OrderRule.EACH_PURCHASE
    days: dict[Id, set[int]] = {}
    all_days: dict[Id, list[int]] = {}
    if tz is UTC and (columns := _read_columns(purchases)) is not None:
        purchases = ()
        for customer_id, time, amount in zip(*columns, strict=True):
            if amount < 0:
                continue
            if each:
                all_days.setdefault(customer_id, []).append(time // _clock.MICROSECONDS_A_DAY)
            else:
                days.setdefault(customer_id, set()).add(time // _clock.MICROSECONDS_A_DAY)
    for place, purchase in enumerate_once(purchases, Purchase, "purchases"):
        if purchase.amount.amount < 0:
            continue
        day = find_local_day(purchase.at, tz, "purchases", place)
        if each:
            all_days.setdefault(purchase.customer_id, []).append(day)
        else:
            days.setdefault(purchase.customer_id, set()).add(day)
    return {
        customer_id: tuple(late - early for early, late in pairwise(sorted(ordinals)))
        for customer_id, ordinals in (all_days if each else days).items()
    }


@attrs.frozen(kw_only=True)
class InactivityThreshold(Result):
    """The silence that a given share of the gaps between purchases does not exceed.

    Examples:
        >>> from crmcore.retention.inactivity import inactivity_threshold
        >>> threshold = inactivity_threshold({"a": (30, 30), "b": (), "c": (7,)}, percentile="0.9")
        >>> threshold.value, threshold.silence
        (Decimal('30'), datetime.timedelta(days=30))
        >>> [finding.rule for finding in threshold.cautions]
        ['censored_gaps', 'no_gap_of_their_own']

    Attributes:
        value: Days; None if there are no gaps.
        percentile: The share of the gaps, from 0 to 1.
        method: How the percentile is read.
        gaps: The number of gaps.
        customers: The number of customers; None if the gaps were not given by customer.
        without_gaps: The customers with purchases on a single day; None if the gaps were not given by customer.
        lookalikes: Customers whose id is given as a text and as another type, such as "7" and 7, so that each counts as
            two; `cautions` says so.

    Raises:
        InconsistentCountsError: There is a value without gaps or gaps without a value, `without_gaps` is above
            `customers`, or only one of the two is given.
    """

    ratios = ("silence",)

    value: Annotated[Decimal, NON_NEGATIVE] | None = attrs.field(converter=maybe_number, repr=plain_repr)
    percentile: Annotated[Decimal, SHARE] = attrs.field(converter=fraction, repr=plain_repr)
    method: PercentileMethod = PercentileMethod.NEAREST_RANK
    gaps: int
    customers: int | None = None
    without_gaps: int | None = None
    lookalikes: int = 0

    def _check(self) -> None:
        super()._check()
        if (self.value is None) is not (self.gaps == 0):
            raise InconsistentCountsError(
                "threshold_without_gaps",
                f"value must be given if there are gaps, and only then, got "
                f"{'none' if self.value is None else show(self.value)} of {self.gaps} gaps",
                field="value",
                operands=(self.value, self.gaps),
            )
        if (self.customers is None) is not (self.without_gaps is None):
            raise InconsistentCountsError(
                "customers_without_their_part",
                "customers and without_gaps must be given together or not at all",
                field="without_gaps",
            )
        if self.customers is not None and self.without_gaps is not None and self.without_gaps > self.customers:
            raise InconsistentCountsError(
                "more_without_gaps_than_customers",
                f"without_gaps must be at most customers, got {self.without_gaps} of {self.customers}",
                field="without_gaps",
                operands=(self.without_gaps, self.customers),
            )

    @property
    def silence(self) -> timedelta | None:
        """The value in the form that `Inactivity.of` and `Churn.of_purchases` take, rounded up to a microsecond.

        None if there are no gaps, if the value is zero, or if it is longer than a `timedelta` can be.
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
        """The limits of the value: what the gaps do not show."""
        found: list[Finding] = []
        if self.gaps:
            found.append(
                Finding(
                    rule="censored_gaps",
                    severity=Severity.WARNING,
                    message="silences that have not ended yet are left out, and these tend to be the longest, "
                    "so the value is too low",
                    advice="take it as a lower bound, and check how many customers come back after it",
                    evidence=[("gaps", self.gaps)],
                )
            )
        else:
            found.append(
                Finding(
                    rule="no_gaps",
                    severity=Severity.WARNING,
                    message="no customer bought on two days, so there are no gaps",
                    advice="pool the gaps of more customers, or choose a value and say so",
                )
            )
        if self.customers is not None and self.without_gaps:
            found.append(
                Finding(
                    rule="no_gap_of_their_own",
                    severity=Severity.INFO,
                    message="some customers bought on a single day, so the value is that of the others",
                    advice="judge them separately, or say that the value comes from other customers",
                    evidence=[("customers", self.customers), ("bought on a single day", self.without_gaps)],
                )
            )
        return (*found, *caution_of(self.lookalikes))

    def explain(self) -> Explanation:
        """Return the percentile, the number of gaps and the value, line by line; the gaps themselves are not kept."""
        formula = (
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
                    else [term("place", _find_place(self.percentile, self.gaps, self.method), "th gap", formula)]
                ),
                term("value", self.value, "days"),
            ),
            source=_SOURCE,
            cautions=self.cautions,
        )


def inactivity_threshold(
    gaps: Mapping[Id, Iterable[Decimal | int | str]] | Iterable[Decimal | int | str],
    /,
    *,
    percentile: Decimal | int | str | float,
    method: PercentileMethod = PercentileMethod.NEAREST_RANK,
) -> InactivityThreshold:
    """Return the length of silence that is unusual for a customer without a contract.

    It is a percentile of the gaps between purchases.

    Pass the result of `purchase_gaps` for a value pooled over all customers. Customers who buy often weigh more in it.
    Pass the gaps of one customer for a value of their own. The percentile is a choice, not a fact: tools take 0.8 to
    0.95 for churned, and 0.4 for at risk.

    Examples:
        >>> from crmcore import PercentileMethod
        >>> from crmcore.retention.inactivity import inactivity_threshold
        >>> gaps = [7, 14, 21, 29, 30, 31, 31, 47, 60, 90]
        >>> inactivity_threshold(gaps, percentile="0.4").value, inactivity_threshold(gaps, percentile="0.8").value
        (Decimal('29'), Decimal('47'))
        >>> inactivity_threshold(gaps, percentile="0.8", method=PercentileMethod.LINEAR).value
        Decimal('49.6')

    Args:
        gaps: Days >= 0, by customer or in one list.
        percentile: The share of the gaps that are no longer than the value, from 0 to 1.
        method: How the percentile is read.

    Source: common practice in retail analytics; it has no theoretical basis. For the methods see `PercentileMethod`.
    """
    share = checks.as_share(percentile, "percentile")
    checks.as_member(method, PercentileMethod, "method")
    customers = without_gaps = None
    lookalikes = 0
    if isinstance(gaps, Mapping):
        lookalikes = count_lookalikes(cast("Mapping[Id, object]", gaps).keys())
        lists = cast("Mapping[Id, Iterable[Decimal | int | str]]", gaps).values()
        by_customer = [_read_gaps(days, f"gaps[{place}]") for place, days in enumerate(lists)]
        customers, without_gaps = len(by_customer), by_customer.count([])
        pooled = [gap for days in by_customer for gap in days]
    else:
        pooled = _read_gaps(gaps, "gaps")
    ordered = sorted(pooled)
    return InactivityThreshold(
        value=_find_percentile(ordered, share, method) if ordered else None,
        percentile=share,
        method=method,
        gaps=len(ordered),
        customers=customers,
        without_gaps=without_gaps,
        lookalikes=lookalikes,
    )


def _read_gaps(given: Iterable[Decimal | int | str], name: str) -> list[Decimal | int]:
    walk = checks.end_at_limit(checks.iterate(given, name, "gap"), given, name)
    return [  # an int of at most 10^9 needs no conversion: 11x at 200,000 gaps
        gap if type(gap) is int and 0 <= gap <= _PLAIN_GAP else checks.as_non_negative(gap, f"{name}[{place}]")
        for place, gap in enumerate(walk)
    ]


def _find_place(percentile: Decimal, gaps: int, method: PercentileMethod) -> Decimal:
    """Return where among the sorted gaps the percentile lies; the first gap has the place 1."""
    if method is PercentileMethod.NEAREST_RANK:
        return EXACT.max(ONE, EXACT.multiply(percentile, gaps).to_integral_value(ROUND_CEILING, EXACT))
    return EXACT.add(ONE, EXACT.multiply(percentile, gaps - 1))


def _find_percentile(ordered: Sequence[Decimal | int], percentile: Decimal, method: PercentileMethod) -> Decimal:
    """Return a percentile of the sorted gaps."""
    place = _find_place(percentile, len(ordered), method)
    below = int(place.to_integral_value(ROUND_FLOOR, EXACT))
    part = EXACT.subtract(place, below)
    low = Decimal(ordered[below - 1])
    if not part:
        return low
    return EXACT.add(EXACT.add(low, EXACT.multiply(part, EXACT.subtract(ordered[below], low))), ZERO)


class Activeness(StrEnum):
    """Whether a customer without a contract still buys, judged by the time since the last purchase.

    Attributes:
        ACTIVE: The last purchase is recent.
        AT_RISK: The customer has been silent for longer than an active one.
        CHURNED: The customer has been silent for so long that they count as gone.
    """

    ACTIVE = "active"
    AT_RISK = "at_risk"
    CHURNED = "churned"


def status_of(
    purchases: Iterable[Purchase],
    /,
    *,
    as_of: datetime,
    churned_after: timedelta,
    at_risk_after: timedelta | None = None,
) -> dict[Id, Activeness]:
    """Return the activeness of each customer, judged by their last purchase.

    Both limits are inclusive: a silence of exactly `churned_after` is `CHURNED`. A customer with purchases is judged by
    the last of these. A customer with refunds only is judged by the last refund.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import Money, Purchase, instant
        >>> from crmcore.retention.inactivity import status_of
        >>> purchase = Purchase(customer_id="a", at=instant("2026-01-01"), amount=Money(10, "USD"))
        >>> status_of(
        ...     [purchase],
        ...     as_of=instant("2026-03-01"),
        ...     churned_after=timedelta(days=60),
        ...     at_risk_after=timedelta(days=30),
        ... )
        {'a': <Activeness.AT_RISK: 'at_risk'>}

    Args:
        purchases: All purchases of the customers, in any order.
        as_of: The reference date.
        churned_after: The silence after which a customer counts as gone, > 0.
        at_risk_after: The shorter silence after which a customer counts as at risk, > 0. Without it, no customer is at
            risk.

    Raises:
        InvalidValueError: A purchase is after `as_of`, or `at_risk_after` is not below `churned_after`.
    """
    reference = in_utc(checks.as_instant(as_of, "as_of"))
    gone = checks.as_duration(churned_after, "churned_after")
    risk = gone if at_risk_after is None else checks.as_duration(at_risk_after, "at_risk_after")
    if at_risk_after is not None:
        _check_order(gone, risk)
    judge = partial(_judge, as_of=reference, churned_after=gone, at_risk_after=risk)
    if (columns := _read_columns(purchases)) is None:
        return judge(_find_last_purchases(purchases))
    last = _find_last_rows(*columns)
    if last and max(last.values()) > _clock.since_epoch(reference):
        return judge(_find_last_purchases(purchases))  # it raises the error
    # in whole microseconds, 1.5x at 50,000 customers
    return judge(
        last,
        as_of=_clock.since_epoch(reference),
        churned_after=_clock.microseconds(gone),
        at_risk_after=_clock.microseconds(risk),
    )


def _judge(last: Mapping[Id, Any], *, as_of: Any, churned_after: Any, at_risk_after: Any) -> dict[Id, Activeness]:  # noqa: ANN401 - instants and durations, or both in microseconds
    statuses: dict[Id, Activeness] = {}
    for customer_id, at in last.items():
        silence = as_of - at
        if at > as_of:
            check_not_after(as_of, at, "purchases", customer_id)
        if silence >= churned_after:
            statuses[customer_id] = Activeness.CHURNED
        elif silence >= at_risk_after:
            statuses[customer_id] = Activeness.AT_RISK
        else:
            statuses[customer_id] = Activeness.ACTIVE
    return statuses


def _find_last_purchases(purchases: Iterable[Purchase]) -> dict[Id, datetime]:
    """Return when each customer last bought, or the last refund of a customer with refunds only."""
    bought: dict[Id, datetime | None] = {}
    refunded: dict[Id, datetime] = {}
    for purchase in iterate_once(purchases, Purchase, "purchases"):
        customer_id, at = purchase.customer_id, in_utc(purchase.at)
        last = bought.get(customer_id)
        if purchase.amount.amount < 0:
            bought[customer_id] = last
            refunded[customer_id] = max(at, refunded.get(customer_id, at))
        elif last is None or at > last:
            bought[customer_id] = at
    return {customer_id: refunded[customer_id] if at is None else at for customer_id, at in bought.items()}


def _read_columns(purchases: Iterable[Purchase]) -> tuple[Sequence[Id], Sequence[int], Sequence[Decimal]] | None:
    """Return the customers, the times in microseconds and the numbers of the amounts of a table.

    None if its purchases have to be read one by one.
    """
    table = as_columns(purchases, Purchase)
    if table is None:
        return None
    times: Any = table.microseconds("at")
    amounts: Any = table.numbers("amount")  # none of them is missing, as they are required
    return table.column("customer_id"), times, amounts


def _read_groups(purchases: Iterable[Purchase], key: Callable[[Purchase], _K]) -> dict[Id | None, _K]:
    """Return the group of each customer of a table, or nothing if its purchases have to be read one by one."""
    columns = _read_columns(purchases)
    keys = purchases.keys_by(key) if isinstance(purchases, Table) else None
    if columns is None or keys is None:
        return {}
    groups: dict[Id | None, _K] = dict(zip(columns[0], keys, strict=True))
    KeyGuard().check(dict.fromkeys(keys))
    return groups if [*map(groups.__getitem__, columns[0])] == [*keys] else {}


def _find_last_rows(customer_ids: Sequence[Id], times: Sequence[int], amounts: Sequence[Decimal]) -> dict[Id, int]:
    """Return the same straight from columns, in microseconds."""
    if not amounts or min(amounts) >= 0:
        return _find_latest(zip(customer_ids, times, strict=True))
    refunds = [amount < 0 for amount in amounts]
    bought = [not refund for refund in refunds]
    rows = [*zip(customer_ids, times, strict=True)]
    last = _find_latest(compress(rows, refunds)) | _find_latest(compress(rows, bought))
    return {customer_id: last[customer_id] for customer_id in dict.fromkeys(customer_ids)}


def _find_latest(rows: Iterable[tuple[Id, int]]) -> dict[Id, int]:
    latest: dict[Id, int] = {}
    for customer_id, time in rows:
        if latest.get(customer_id, time) <= time:
            latest[customer_id] = time
    return latest


def _check_order(churned_after: timedelta, at_risk_after: timedelta) -> None:
    if at_risk_after >= churned_after:
        raise InvalidValueError(
            "at_risk_not_before_churned",
            f"at_risk_after must be shorter than churned_after, got {show(at_risk_after)} and {show(churned_after)}",
            field="at_risk_after",
            operands=(at_risk_after, churned_after),
        )


@attrs.frozen(kw_only=True)
class Inactivity(Tally):
    """Number of customers who are active, at risk and gone on one date. Records of disjoint customers can be added.

    Examples:
        >>> from datetime import timedelta
        >>> from crmcore import Inactivity, Money, Purchase, instant
        >>> purchases = [
        ...     Purchase(customer_id=customer_id, at=instant(day), amount=Money(10, "USD"))
        ...     for customer_id, day in [
        ...         ("a", "1997-01-05"),
        ...         ("b", "1998-05-01"),
        ...         ("a", "1997-03-01"),
        ...         ("c", "1997-02-02"),
        ...     ]
        ... ]
        >>> silence = Inactivity.of(purchases, as_of=instant("1998-06-30"), churned_after=timedelta(days=180))
        >>> silence.active, silence.churned, silence.rate
        (1, 2, Decimal('0.6666666666666666666666666666666667'))

    The silence after which a customer counts as gone is a choice, not a fact: report it with the result. Customers who
    bought once and never again are included. Customers who never bought are not, because purchases do not name them. A
    refund is not a purchase: a customer with refunds only is judged by the last refund. Silence is elapsed time to the
    microsecond. To include a whole day, take its end as the reference date: ``Period.day(day, tz=...).end``.

    Attributes:
        active: Customers whose silence is shorter than both limits.
        at_risk: Customers whose silence is at least `at_risk_after` and shorter than `churned_after`.
        churned: Customers whose silence is at least `churned_after`.
        lookalikes: Customers whose id is given as a text and as another type, such as "7" and 7, so that each counts as
            two; `cautions` says so.
        as_of: The reference date.
        churned_after: The silence after which a customer counts as gone.
        at_risk_after: The silence after which a customer counts as at risk.

    Raises:
        InvalidValueError: `at_risk_after` is not below `churned_after`.

    Source: common practice in retail analytics; it has no theoretical basis.
    """

    ratios = ("customers", "rate")

    active: int = 0
    at_risk: int = 0
    churned: int = 0
    lookalikes: int = 0
    as_of: datetime | None = attrs.field(default=None, eq=by_utc, metadata=POLICY)
    churned_after: timedelta | None = attrs.field(default=None, metadata=POLICY)
    at_risk_after: timedelta | None = attrs.field(default=None, metadata=POLICY)

    def _check(self) -> None:
        super()._check()
        if self.churned_after is not None and self.at_risk_after is not None:
            _check_order(self.churned_after, self.at_risk_after)

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
        """Count the customers by the time since their last purchase, in a single pass; the order does not matter.

        Args:
            purchases: All purchases of the customers.
            as_of: The reference date.
            churned_after: The silence after which a customer counts as gone, > 0.
            at_risk_after: The shorter silence after which a customer counts as at risk, > 0. Without it, no customer is
                at risk.

        Raises:
            InvalidValueError: A purchase is after `as_of`, or `at_risk_after` is not below `churned_after`.
        """
        statuses = status_of(purchases, as_of=as_of, churned_after=churned_after, at_risk_after=at_risk_after)
        return _tally(
            cls,
            statuses.values(),
            lookalikes=count_lookalikes(statuses),
            as_of=as_of,
            churned_after=churned_after,
            at_risk_after=at_risk_after,
        )

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
        """Count as `of` does, for each value of a key that is the same for all purchases of a customer.

        Examples:
            >>> from datetime import timedelta
            >>> from crmcore import Inactivity, Money, Purchase, instant
            >>> segment = {"a": "gift", "b": "regular"}
            >>> purchases = [
            ...     Purchase(customer_id=customer_id, at=instant(day), amount=Money(10, "USD"))
            ...     for customer_id, day in [("a", "1997-01-05"), ("b", "1998-05-01")]
            ... ]
            >>> by = Inactivity.by(
            ...     purchases,
            ...     lambda purchase: segment[purchase.customer_id],
            ...     as_of=instant("1998-06-30"),
            ...     churned_after=timedelta(days=180),
            ... )
            >>> {name: silence.rate for name, silence in by.items()}
            {'gift': Decimal('1'), 'regular': Decimal('0')}

        Raises:
            InconsistentCountsError: A customer has purchases under two keys and would count twice.
            InvalidValueError: A purchase is after `as_of`, or `at_risk_after` is not below `churned_after`.
        """
        group_of: dict[Id | None, _K] = _read_groups(purchases, key)
        noted = purchases
        if not group_of:
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
        lookalikes = count_lookalikes_by({customer_id: group_of[customer_id] for customer_id in statuses})
        return TallyBy(
            {
                group: _tally(
                    cls,
                    found,
                    lookalikes=lookalikes[group],
                    as_of=as_of,
                    churned_after=churned_after,
                    at_risk_after=at_risk_after,
                )
                for group, found in members.items()
            }
        )

    @property
    def customers(self) -> int:
        """All customers counted."""
        return self.active + self.at_risk + self.churned

    @property
    def rate(self) -> Decimal | None:
        """The share of customers who are gone, ``churned / customers``; None if there are no customers."""
        return ratio(self.churned, self.customers)

    @property
    def cautions(self) -> tuple[Finding, ...]:
        """A caution if some customers have an id both as a text and as another type."""
        return caution_of(self.lookalikes)

    def explain(self) -> Explanation:
        """Return the limits, the counts and the rate, line by line, each with its formula."""
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
            ),
            cautions=self.cautions,
        )


def _tally(
    cls: type[_I],
    statuses: Iterable[Activeness],
    *,
    lookalikes: int,
    as_of: datetime,
    churned_after: timedelta,
    at_risk_after: timedelta | None,
) -> _I:
    found = list(statuses)
    return cls(
        active=found.count(Activeness.ACTIVE),
        at_risk=found.count(Activeness.AT_RISK),
        churned=found.count(Activeness.CHURNED),
        lookalikes=lookalikes,
        as_of=as_of,
        churned_after=churned_after,
        at_risk_after=at_risk_after,
    )
